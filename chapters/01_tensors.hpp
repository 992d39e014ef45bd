// Chapter 1, Tensors. The prose, the reasons and the exercises are in 01_tensors.cpp.
#pragma once

#include "kit/shapes.hpp"

#include <initializer_list>
#include <vector>

using Index = std::vector<int>;  // one entry per axis, counted from 0

int element_count(const Shape& shape);               // [2, 3] → 6; < 2³¹
int offset(const Shape& shape, const Index& index);  // position of x[index] in x.data

// Numbers in a shape. Tensors are values: a copy is a new tensor that shares nothing.
struct Tensor {
    Shape shape;
    std::vector<float> data;  // row-major: the last index runs fastest

    Tensor() : data(1, 0.0f) {}                           // the number 0, of shape []
    explicit Tensor(const Shape& shape);                  // zeros
    Tensor(const Shape& shape, std::vector<float> data);  // throws unless the data fill the shape

    int size() const { return static_cast<int>(data.size()); }
    int rank() const { return static_cast<int>(shape.size()); }

    // x(i, j), x(b, t, i): one element, to read and to write, found by `offset`. Every index is
    // checked, which takes longer than most arithmetic: inner loops go along a row.
    template <class... Indices>
    float& operator()(Indices... index) {
        return data[offset(shape, {static_cast<int>(index)...})];
    }
    template <class... Indices>
    float operator()(Indices... index) const {
        return data[offset(shape, {static_cast<int>(index)...})];
    }

    // As rows along the last axis, whatever the axes before it: [B, T, n] is B · T rows of n.
    int columns() const { return shape.empty() ? 1 : shape.back(); }
    int rows() const { return data.empty() ? 0 : size() / columns(); }
    float* row(int r) { return data.data() + r * columns(); }
    const float* row(int r) const { return data.data() + r * columns(); }
};

// Every function below throws std::invalid_argument when a shape does not fit. The message names
// the function, the shapes that it got and what it needs (what yours says is not graded). A result
// of a NaN is NaN: 0 · NaN too.

Tensor places_by_hand();  // [4]: a place, and an index of three

Tensor row(std::initializer_list<float> values);                          // [n]
Tensor matrix(std::initializer_list<std::initializer_list<float>> rows);  // [rows, columns]

Tensor reshape(const Tensor& x, const Shape& shape);  // the same data in another shape
Tensor transpose(const Tensor& x);                    // [..., R, C] → [..., C, R]

// b has a's shape, or the shape of a's last axes and is then used again for each of a's rows.
Tensor add(const Tensor& a, const Tensor& b);
Tensor subtract(const Tensor& a, const Tensor& b);
Tensor multiply(const Tensor& a, const Tensor& b);  // element by element
Tensor scale(const Tensor& x, float factor);

Tensor sum(const Tensor& x, int axis);   // [2, 3] over axis 0 → [3]
Tensor mean(const Tensor& x, int axis);  // throws when the axis has no elements

Tensor matmul_naive(const Tensor& a, const Tensor& b);  // [M, K] × [K, N] → [M, N]
// Over the last axis: every row sums to 1, but is NaN if it has a NaN, a +∞ or nothing but −∞.
Tensor softmax(const Tensor& x);

// How long a list is, in the one type that sizes have here.
template <class List>
int size_of(const List& list) {
    return static_cast<int>(list.size());
}
