// Measurements for people and for scripts. Everything else that is fast is measured here.
#pragma once

#include "kit/environment.hpp"

#include <string>
#include <vector>

// `course bench matmul M K N`: the median GFLOP/s of the product that the chapters use, allocation
// of the result included, as one line of JSON. Throws std::invalid_argument for sizes that are
// none.
void bench_matmul(int M, int K, int N, int threads);

// With BENCH_QUICK=1 in the environment only the smallest of everything is measured: for tests.
inline bool bench_quickly() { return from_environment("BENCH_QUICK", 0) > 0; }

struct StepSettings {
    std::string model;  // a, b or c, encoder-decoders of growing size, or gpt, a decoder alone
    int threads = 0;    // 0: as many as the machine has
    // Where not 0, in the place of the model's own.
    int length = 0, width = 0, layers = 0, batch = 0;
    int steps = 0;  // 0: as many as take so many seconds
    double seconds = 3;
};

// `course bench step MODEL`: the median time of one training step, and the most memory that the
// process had, as a line of JSON. With a number of steps there are exactly so many, none of them
// before to warm up. Throws std::invalid_argument for another model and for impossible sizes, such
// as a batch that its parts for threads do not divide.
void bench_step(const StepSettings& settings);

// `course bench chapter NN`: the median time of the dearest training step in a chapter's demo, the
// parameters of what learns by it, and the most memory that the process had, as a line of JSON.
// Throws std::invalid_argument when the demo trains nothing.
void bench_chapter(const std::string& chapter, bool solved, int threads);

// `course bench profile MODEL …`: where the time of a step goes, on one thread, as a table.
void bench_profile(const std::vector<std::string>& models);

// `course bench growth`: how time and memory of a step grow with length, width, layers and batch,
// beside the exponent that the number of multiplications lets expect, as a table and as the picture
// bench_growth.svg. Runs `program bench step`, because memory is measured for a whole process.
void bench_growth(const std::string& program);

// `course bench`: the machine, the ladder of chapter 2, the steps of four models and of the demos,
// where their time goes, how it grows, how fast a model of GPT-2's size writes, and attention in
// tiles beside that of chapters 11 and 12, as tables; and all of it in `file` as JSON.
void bench_all(const std::string& program, const std::string& file);
