// Reviews that say the same words in another order: "the soup was good , not bad" is praise, and
// "the soup was bad , not good" is not. They come in pairs, and no bag of words can tell one of a
// pair from the other.
#pragma once

#include "data/dataset.hpp"
#include "kit/random.hpp"

#include <string>
#include <vector>

namespace reviews {

struct Examples {
    std::vector<std::string> texts;
    std::vector<int> kinds;  // 1 for praise, 0 for blame
};

// So many pairs of each, drawn without end; both of a pair stand on the same side, and none that is
// held out is learnt from.
Dataset<Examples> draw(int training_pairs, int held_out_pairs, Random& random);

}  // namespace reviews
