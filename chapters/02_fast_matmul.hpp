// Chapter 2, Fast matrix products. The prose, the reasons and the exercises are in
// 02_fast_matmul.cpp.
#pragma once

#include "01_tensors.hpp"
#include "kit/view.hpp"

#include <functional>

// [M, K] × [K, N] → [M, N]. Each throws std::invalid_argument, with both shapes, unless a and b are
// matrices whose inner dimensions agree. Every term counts: 0 · NaN is NaN.
Tensor matmul_reordered(const Tensor& a, const Tensor& b);  // the loops in a better order
Tensor matmul_tiled(const Tensor& a, const Tensor& b);      // in tiles and blocks, on one thread
Tensor matmul(const Tensor& a, const Tensor& b);            // the same on all threads, bit for bit

Tensor steps_by_hand();  // [3, 3]: along i, j and p, in A, B and C

// ## Views (course/kit/view.hpp says what they are)

// A tensor [..., n] as one tall matrix, all its rows one below the other.
inline View view(const Tensor& x) {
    const int rows = x.size() > 0 || x.rank() == 0
                         ? x.rows()
                         : element_count(Shape(x.shape.begin(), x.shape.end() - 1));
    return {x.data.data(), rows, x.columns(), x.columns(), 1};
}
inline MutableView view(Tensor& x) {
    const View all = view(static_cast<const Tensor&>(x));
    return {x.data.data(), all.rows, all.columns, all.row_step, all.column_step};
}

// C += A B, on all threads: the work horse behind matmul. A and B are any views; in C, neighbours
// in a row are neighbours in memory. Throws std::invalid_argument unless the sizes agree.
void multiply_add(View A, View B, MutableView C);

// The same, by the thread that calls it.
void multiply_add_one_thread(View A, View B, MutableView C);

// One tile: C += A B, with A [tile_rows, depth] read in place, B packed as [depth, tile_columns],
// and C [tile_rows, tile_columns], for the rows and columns that tile_shape() gives on this
// machine.
void multiply_tile(View A, const float* b, MutableView C);
Shape tile_shape();

// ## Threads

// Calls body(0) … body(count − 1), in any order, on all threads, and returns when all are done. The
// first exception that leaves a body is thrown to the caller, as it is, and no further number is
// given out. A call inside a body that shares its work runs on the thread that makes it.
void parallel_for(int count, const std::function<void(int)>& body);

void set_threads(int count);  // up to 1024; 0: as many as the machine has
int num_threads();
long shared_jobs();  // calls of parallel_for so far that were shared among threads

// How many of `length` rows or columns a thread gets: whole tiles, at least one.
int band_length(int length, int tile, int threads);

// `multiply_add` and `parallel_for` work before this chapter is done: as the product of chapter 1,
// on one thread. These are behind them, and throw Todo until they are done.
namespace fast {

void multiply_add(View A, View B, MutableView C);
void parallel_for(int count, const std::function<void(int)>& body);

}  // namespace fast
