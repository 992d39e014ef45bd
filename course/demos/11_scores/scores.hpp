// The demo of chapter 11: how large scores are, and what a softmax makes of them.
#pragma once

#include "11_attention.hpp"

namespace scores {

// The weights of three keys, with the √d and without.
void show_scale();

// For random queries and keys whose features have this standard deviation: the variance of q · k,
// and the largest of 16 weights, for several d. Returns the variance at d = 4.
double show_variance(double deviation);

}  // namespace scores
