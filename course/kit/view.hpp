// A matrix read in place: a tensor, a part of it, or its transpose, without a copy.
#pragma once

#include "kit/shapes.hpp"

#include <stdexcept>

// v(i, j) is data[i · row_step + j · column_step]. A view must not outlive its tensor.
template <class Number>
struct BasicView {
    Number* data;
    int rows, columns;
    int row_step, column_step;

    Number& operator()(int i, int j) const { return data[i * row_step + j * column_step]; }
    operator BasicView<const Number>() const {
        return {data, rows, columns, row_step, column_step};
    }
};
using View = BasicView<const float>;   // to read
using MutableView = BasicView<float>;  // to read and to write

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

// Throws unless C += A B has sizes that agree, and the neighbours in a row of C are neighbours in
// memory.
inline void require_product(const char* function, View A, View B, View C) {
    if (A.rows == C.rows && A.columns == B.rows && B.columns == C.columns && C.column_step == 1)
        return;
    const auto size = [](View v) { return to_string(Shape{v.rows, v.columns}); };
    throw std::invalid_argument(std::string(function) + ": " + size(C) + " += " + size(A) + " × " +
                                size(B) + ": the sizes do not agree, or C is transposed");
}
