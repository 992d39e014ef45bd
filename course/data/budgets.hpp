// What models of many sizes came to that learnt names on many budgets, in data/budgets.txt.
#pragma once

#include "data/dataset.hpp"

#include <vector>

namespace budgets {

struct Run {
    double budget, parameters, bits;  // multiplications and additions; bits per letter held out
};

// In rising order; `held_out` has the one that no law was fitted to.
Dataset<std::vector<Run>> read();

}  // namespace budgets
