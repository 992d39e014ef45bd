// Chapter 1, Tensors: what it promises to the chapters that build on it.
// The prose, the reasons and the exercises are in 01_tensors.cpp.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

using Shape = std::vector<int>;  // [2, 3] means 2 rows of 3 columns; [] is a single number
using Index = std::vector<int>;  // one entry per axis, counted from 0

// Numbers in a shape. Tensors are values: a copy is a new tensor that shares nothing.
struct Tensor {
    Shape shape;
    std::vector<float> data;  // row-major: the last index runs fastest

    Tensor() : data(1, 0.0f) {}                           // the number 0, of shape []
    explicit Tensor(const Shape& shape);                  // zeros
    Tensor(const Shape& shape, std::vector<float> data);  // throws unless the data fill the shape

    int size() const { return static_cast<int>(data.size()); }
    int rank() const { return static_cast<int>(shape.size()); }
};

// Every function below throws std::invalid_argument when a shape does not fit; the message names
// the function, the shapes it got and what it needs.

Tensor row(std::initializer_list<float> values);                          // [n]
Tensor matrix(std::initializer_list<std::initializer_list<float>> rows);  // [rows, columns]
int element_count(const Shape& shape);                                    // [2, 3] → 6; < 2³¹
std::string to_string(const Shape& shape);                                // "[2, 3]"

int offset(const Shape& shape, const Index& index);   // position of x[index] in x.data
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
// Over the last axis: every row sums to 1, but is NaN if it has a +∞ or nothing but −∞.
Tensor softmax(const Tensor& x);
