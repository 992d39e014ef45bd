// Flares of which all is known: how bright each was at its best, when it began, how fast it faded.
// A telescope that looks at random times saw them, with errors that are told.
#pragma once

#include "data/light_curves.hpp"
#include "kit/random.hpp"

#include <vector>

namespace flares {

struct Span {  // drawn from least to largest, evenly, or evenly in the logarithm
    double least, largest;
    bool by_factors = false;
};

// What there is, and how it is looked at. A curve's first time is day 59000, and its start is
// counted in days from there.
struct Sky {
    Span height = {0.5, 2};
    Span start = {10, 60};       // days
    Span decay = {3, 30, true};  // days
    Span error = {0.02, 0.08};   // of each point
    int points = 40;             // the first on day 0, the others at any time
    double days = 100;
    double missing = 0;  // the share that is lost to clouds
};

struct Measured {
    light_curves::Curves curves;
    std::vector<std::vector<double>> truth;  // of each: height, start and decay
};

// One curve for each number: the number is the seed that it is made from, so the same number gives
// the same curve, in every program.
Measured draw(const std::vector<int>& numbers, const Sky& sky = Sky());

// So many numbers, to learn from or to hold out: a hash of the number says which it is.
std::vector<int> numbers(int count, bool held_out, Random& random);

}  // namespace flares
