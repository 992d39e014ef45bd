// Which came first? A sequence begins with B and ends with E. Between them are the distractors a,
// b, c and d, and two symbols that are X or Y: which, and in which order? Hochreiter and
// Schmidhuber, "Long short-term memory" (1997), experiment 6a, in a shorter form and other letters.
#pragma once

#include "data/dataset.hpp"
#include "kit/random.hpp"
#include "kit/tokens.hpp"

#include <vector>

namespace temporal_order {

const Vocabulary& symbols();  // B, E, X, Y, a, b, c, d

struct Examples {
    Sequences sequences;
    std::vector<int> kinds;  // 0 XX, 1 XY, 2 YX, 3 YY
};

// So many of each, of `shortest` to `longest` symbols, 4 or more; none that is held out is learnt
// from.
Dataset<Examples> draw(int training, int held_out, int shortest, int longest, Random& random);

// The same with the two symbols far from the end, as in the paper: each stands at one of the places
// from its first number to its last.
struct Level {
    int shortest, longest;
    int first[2], second[2];
};
Dataset<Examples> draw(int training, int held_out, const Level& level, Random& random);

}  // namespace temporal_order
