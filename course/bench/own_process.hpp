// A training step measured in a process of its own: the most memory that was used is known only
// for a whole process, and what ran before leaves no trace.
#pragma once

#include "bench/bench.hpp"

struct StepTimes {
    double milliseconds, fastest, tokens_per_second, mebibytes;
    std::string json;  // the line that `program bench step` printed
};

// Throws std::runtime_error when the process cannot be started, fails, or is killed.
StepTimes step_in_own_process(const std::string& program, const StepSettings& settings);
