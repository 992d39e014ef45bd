// Chapter 2, Fast matrix products. The prose, the reasons and the exercises are in
// 02_fast_matmul.cpp.
#pragma once

#include "01_tensors.hpp"

#include <functional>

// [M, K] × [K, N] → [M, N]. Each throws std::invalid_argument, with both shapes, unless a and b are
// matrices whose inner dimensions agree.
Tensor matmul_reordered(const Tensor& a, const Tensor& b);  // the loops in a better order
Tensor matmul_tiled(const Tensor& a, const Tensor& b);      // in tiles and blocks, on one thread
Tensor matmul(const Tensor& a, const Tensor& b);            // the same on all threads, bit for bit

// ## Views: a tensor, a part of it or its transpose as a matrix, without a copy
//
// Element (i, j) is data[i · row_step + j · column_step]. A view must not outlive its tensor.
template <class Number>
struct BasicView {
    Number* data;
    int rows, columns;
    int row_step, column_step;

    operator BasicView<const Number>() const {
        return {data, rows, columns, row_step, column_step};
    }
};
using View = BasicView<const float>;   // to read
using MutableView = BasicView<float>;  // to read and to write

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

template <class Number>
BasicView<Number> transposed(BasicView<Number> v) {
    return {v.data, v.columns, v.rows, v.column_step, v.row_step};
}

// The rows × columns of v that begin at (row, column).
template <class Number>
BasicView<Number> part(BasicView<Number> v, int row, int column, int rows, int columns) {
    return {v.data + row * v.row_step + column * v.column_step, rows, columns, v.row_step,
            v.column_step};
}

// C += A B, on all threads: the work horse behind matmul. A and B are any views; in C, neighbours
// in a row are neighbours in memory. Throws std::invalid_argument unless the sizes agree.
void multiply_add(View A, View B, MutableView C);

// One tile: C += A B, with A [tile_rows, depth] read in place, B packed as [depth, tile_columns],
// and C [tile_rows, tile_columns], for the rows and columns that tile_shape() gives on this
// machine.
void multiply_tile(View A, const float* b, MutableView C);
Shape tile_shape();

// ## Threads

// Calls body(0) … body(count − 1), in any order, on all threads, and returns when all are done. The
// first exception that leaves a body is thrown to the caller, and no further number is given out. A
// call inside a body that shares its work runs on the thread that makes it.
void parallel_for(int count, const std::function<void(int)>& body);

void set_threads(int count);  // up to 1024; 0: as many as the machine has
int num_threads();
long shared_jobs();  // calls of parallel_for so far that were shared among threads
