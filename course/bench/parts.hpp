// The parts of `course bench`. Each prints what it measured as a table and returns it as JSON,
// without the braces around: "peak": 274.1, "bandwidth": 11.2
#pragma once

#include "bench/bench.hpp"

std::string machine_part();
std::string products_part();
std::string steps_part(const std::string& program);
std::string profile_part(const std::vector<std::string>& models);
std::string growth_part(const std::string& program);

// std::snprintf into a string.
#if defined(__GNUC__)
__attribute__((format(printf, 1, 2)))
#endif
std::string
formatted(const char* format, ...);
