// The models whose training steps are measured, on random words, without dropout.
#pragma once

#include "bench/bench.hpp"
#include "training/data_parallel.hpp"

struct Sizes {
    StackSettings stack;
    int batch, length, vocabulary;
    int microbatches = 1;  // small models share the batch among threads, large ones each operation
};

// Those of the settings. Throws std::invalid_argument when there is no such model, and for a batch
// that its microbatches do not divide.
Sizes sizes_of(const StepSettings& settings);

// The parameters of a new network, and the loss of what it is given of the batch.
struct Workload {
    Parameters parameters;
    Microbatch batch;
};

// The model of the settings, in their sizes. Throws as `sizes_of` does.
Workload workload(const StepSettings& settings);
