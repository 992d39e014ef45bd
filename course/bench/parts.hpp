// The parts of `course bench`. Each prints what it measured as a table and returns it as JSON,
// without the braces around: "peak": 274.1, "bandwidth": 11.2
#pragma once

#include "bench/bench.hpp"

std::string machine_part();
std::string products_part();
std::string steps_part(const std::string& program);
std::string chapters_part(const std::string& program);
std::string profile_part(const std::vector<std::string>& models);
std::string growth_part(const std::string& program);
std::string writing_part();
std::string attention_part();

// A training step measured in a process of its own: the most memory that was used is known only
// for a whole process, and what ran before leaves no trace.
struct StepTimes {
    double milliseconds, fastest, tokens_per_second, mebibytes;
    std::string json;  // the line that `program bench step` printed
};

// Throws std::runtime_error when the process cannot be started, fails, or is killed.
StepTimes step_in_own_process(const std::string& program, const StepSettings& settings);

// The dearest step of a chapter's demo, likewise.
struct ChapterTimes {
    double milliseconds, parameters, mebibytes;
    std::string json;
};

ChapterTimes chapter_in_own_process(const std::string& program, const std::string& chapter,
                                    int threads);

// The most that this process had in memory.
double peak_mebibytes();

// std::snprintf into a string.
#if defined(__GNUC__)
__attribute__((format(printf, 1, 2)))
#endif
std::string
formatted(const char* format, ...);
