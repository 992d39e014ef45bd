// Words that mean nothing, to be written backwards.
#pragma once

#include "data/dataset.hpp"
#include "kit/random.hpp"
#include "kit/tokens.hpp"

namespace reversed_words {

// The marks padding, begin and end, then twelve letters, those of `thought` among them.
const Vocabulary& letters();

// So many words of each, of `shortest` to `longest` letters; none that is held out is learnt from.
Dataset<Sequences> draw(int training, int held_out, Random& random, int shortest = 3,
                        int longest = 8);

Sequences reversed(Sequences words);

}  // namespace reversed_words
