// A batch on several cores. Nearly all operations of a small network are too small to be shared
// among threads, so the batch is: each microbatch goes through a copy of the network, each copy
// works on a thread of its own, and their gradients are added in proportion to their tokens, as in
// (17.8). How many microbatches and copies there are does not depend on the machine, so neither do
// the numbers.
#pragma once

#include "17_transformer.hpp"

#include <vector>

// The mean loss of all tokens. The loss of microbatch m must be computed with the network whose
// parameters are copies[m % copies.size()]; they first get the values of `own`, and going back
// brings their gradients to `own`.
Variable parallel_loss(const Parameters& own, const std::vector<Parameters>& copies,
                       const std::vector<Microbatch>& microbatches);
