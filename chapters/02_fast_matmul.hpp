// Chapter 2, Fast matrix products: what it promises to the chapters that build on it.
// The prose, the reasons and the exercises are in 02_fast_matmul.cpp.
#pragma once

#include "01_tensors.hpp"

#include <functional>

// [M, K] × [K, N] → [M, N]. Each throws std::invalid_argument, with both shapes, unless a and b are
// matrices whose inner dimensions agree.
Tensor matmul_reordered(const Tensor& a, const Tensor& b);  // the loops in a better order
Tensor matmul_tiled(const Tensor& a, const Tensor& b);      // in tiles and blocks, on one thread
Tensor matmul(const Tensor& a, const Tensor& b);            // the same on all threads, bit for bit

// A matrix read in place: element (row, column) is data[row · row_step + column · column_step].
struct View {
    const float* data;
    int row_step;
    int column_step;
};

// The first matrix of x, which has an axis or more; any matrix, with rows and columns exchanged.
inline View view(const Tensor& x) { return {x.data.data(), x.shape.back(), 1}; }
inline View transposed(View v) { return {v.data, v.column_step, v.row_step}; }

// C[M, N] += A[M, K] B[K, N], on all threads. Rows of C are c_step numbers apart. The work horse
// behind matmul: A and B may be transposed, or parts of larger matrices.
void multiply_add(int M, int N, int K, View A, View B, float* C, int c_step);

// One tile: C += A B with A [rows, depth] read in place, and B packed as [depth, columns], for the
// rows and columns that tile_shape() gives on this machine.
void multiply_tile(int depth, View A, const float* b, float* C, int c_step);
Shape tile_shape();

// Calls body(0) … body(count − 1), in any order, on all threads, and returns when all are done. The
// first exception that leaves a body is thrown to the caller, and no further number is given out. A
// call inside a body that shares its work runs on the thread that makes it.
void parallel_for(int count, const std::function<void(int)>& body);

void set_threads(int count);  // up to 1024; 0: as many as the machine has
int num_threads();
long shared_jobs();  // calls of parallel_for so far that were shared among threads
