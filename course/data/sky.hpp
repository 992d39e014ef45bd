// What some hundred plain sentences say of the sky, in data/sky.txt: the spectral sequence, the
// planets, 21 stars. And comparisons that follow from them: of any two planets, which is nearer to
// the Sun, and of two stars, which is hotter.
#pragma once

#include "data/dataset.hpp"
#include "kit/tokens.hpp"

#include <string>
#include <vector>

namespace sky {

using Sentences = std::vector<Sequence>;

// The sentences of the file are learnt from, and most comparisons. One pair in five, by a hash of
// its two names, is held out, in whichever order it stands and whatever is asked of it.
struct Sky {
    Vocabulary vocabulary;         // an end mark, and all words and full stops
    Dataset<Sentences> sentences;  // the mark, the words, a full stop
};
Sky read();

}  // namespace sky
