// A batch on several cores. Nearly all operations of a small network are too small to be shared
// among threads, so the batch is shared: each share goes through a copy of the network, each copy
// works on a thread of its own, and their gradients are added in proportion to the words of the
// shares, as in (17.8). How many shares and copies there are does not depend on the machine, so
// neither do the numbers.
#pragma once

#include "17_transformer.hpp"

#include <vector>

// The mean loss of all words. The loss of share s must be computed with the network whose
// parameters are copies[s % copies.size()]; they first get the values of `own`, and the result's
// rule brings their gradients to `own`.
Variable loss_in_shares(const Parameters& own, const std::vector<Parameters>& copies,
                        const std::vector<Share>& shares);
