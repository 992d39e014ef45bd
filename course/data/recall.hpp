// What came after it the first time? Eight letters in some order, then one of them once more, but
// not the eighth: the answer is the letter that followed it before.
#pragma once

#include "data/dataset.hpp"
#include "kit/random.hpp"
#include "kit/tokens.hpp"

#include <vector>

namespace recall {

const Vocabulary& letters();  // a to h

struct Examples {
    Sequences sequences;  // of nine letters each
    std::vector<int> answers;
};

// So many of each; none that is held out is learnt from.
Dataset<Examples> draw(int training, int held_out, Random& random);

}  // namespace recall
