// The demo of chapter 8: three letters, many random patterns, and handwritten digits, and what two
// memories make of them.
#pragma once

#include "08_hopfield.hpp"

namespace remembering {

// A T with so many wrong pixels among 25, and how it settles, change by change.
void show_recall(int flips);

// What becomes of a thousand such T: a line that counts them. Returns the percentage that are the T
// again.
double show_returns(int flips);

// Where a thousand random states end, and what is drawn in the text.
void show_valleys();

// How many of the stored patterns come back, by their number: both memories, a table and a picture.
void show_capacity();

// Digits of which the lower half is hidden: what comes back, and how much of it is wrong, by β.
void show_digits();

}  // namespace remembering
