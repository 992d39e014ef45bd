// Measurements for people and for scripts. Everything else that is fast is measured here.
#pragma once

#include <string>
#include <vector>

// `course bench matmul M K N`: the median GFLOP/s of the product that the chapters use, allocation
// of the result included, as one line of JSON. Throws std::invalid_argument for sizes that are
// none.
void bench_matmul(int M, int K, int N, int threads);

// `course bench step CONFIG`: the median time of one training step of a, b or c, encoder-decoders
// of growing size, or gpt, a decoder alone; and the most memory that the process had, as a line of
// JSON. Throws std::invalid_argument for another name.
void bench_step(const std::string& name, int threads);

// `course bench`: the ladder of chapter 2 for several sizes, on one thread and on all, as a table
// and in `file` as JSON, with the compiler and the number of cores.
void bench_all(const std::string& file);
