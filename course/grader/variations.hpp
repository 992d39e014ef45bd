// What every chapter asks of its operations: other sizes, numbers far smaller than 1, NaN, which
// gradients arrive when some of the inputs are constants, and what is left over from the last call.
#pragma once

#include "01_tensors.hpp"

#include "grader/check.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

inline Tensor transposed_copy(const Tensor& x) {  // of a matrix, whatever the chapter's does
    Tensor result({x.shape[1], x.shape[0]});
    for (int i = 0; i < x.size(); ++i)
        result.data[i % x.shape[1] * x.shape[0] + i / x.shape[1]] = x.data[i];
    return result;
}

// All short lengths, and longer ones with which a loop in steps of 4, 8, 16 or 32 comes out even,
// or has something left over.
inline std::vector<int> awkward_lengths(int longest) {
    std::vector<int> lengths;
    for (int n = 1; n <= 20; ++n) lengths.push_back(n);
    for (int n : {31, 32, 33, 47, 63, 64, 65, 67, 100, 127, 128, 129, 131, 255, 257, 300, 1001})
        if (n <= longest) lengths.push_back(n);
    return lengths;
}

// The sizes M, K and N of products: each in turn is one of these lengths.
inline std::vector<Shape> awkward_products(int longest) {
    std::vector<Shape> sizes;
    for (int n : awkward_lengths(longest))
        for (const Shape& size : {Shape{n, 2, 3}, Shape{2, n, 3}, Shape{3, 2, n}})
            sizes.push_back(size);
    return sizes;
}

// Factors in which a number, a row, a column or all of a matrix are 0, and the other has a NaN
// there.
inline std::vector<std::pair<Tensor, Tensor>> zeros_and_nans() {
    const Tensor zero({1, 1}), nan({1, 1}, {NAN});
    return {{matrix({{0, 1}, {2, 3}}), matrix({{NAN, 0}, {1, INFINITY}})},
            {matrix({{0, 0}, {1, 2}}), matrix({{NAN, 1}, {1, 1}})},
            {matrix({{0, 1}, {0, 2}}), matrix({{NAN, 1}, {1, 1}})},
            {matrix({{NAN, 1}, {1, 1}}), matrix({{0, 0}, {1, 2}})},
            {matrix({{NAN, 1}, {1, 1}}), matrix({{0, 1}, {0, 2}})},
            {Tensor({2, 3}), Tensor({3, 2}, std::vector<float>(6, NAN))},
            {Tensor({2, 3}, std::vector<float>(6, NAN)), Tensor({3, 2})},
            {zero, nan},
            {nan, zero}};
}

// Products in which one matrix or another has more than 65,536 places.
inline std::vector<Shape> large_products() {
    return {{1, 70000, 1}, {280, 1, 280}, {280, 280, 1}, {1, 280, 280}};
}

// Of two matrices with a single number each, 3 in the last place of a and 5 in the last of b: the
// last number of the product, and how many others are not 0.
template <class Multiply>
std::pair<double, int> last_of_a_product(const Multiply& multiply, int M, int K, int N) {
    Tensor a({M, K}), b({K, N});
    a.data.back() = 3;
    b.data.back() = 5;
    const Tensor c = multiply(a, b);
    const int zeros = static_cast<int>(std::count(c.data.begin(), c.data.end(), 0.0f));
    return {static_cast<double>(c.data.back()), c.size() - 1 - zeros};
}

// Σ x, in double, over the places that begin at `first`.
inline double exact_sum(const Tensor& x, int first, int count, int step = 1) {
    double total = 0;
    for (int i = 0; i < count; ++i) total += static_cast<double>(x.data[first + i * step]);
    return total;
}

// A power of two changes no digit of a number. Beside numbers of this size, 0.001 is huge.
constexpr float tiny = 1.0f / 1048576;

inline Tensor scaled_copy(Tensor x, float factor) {
    for (float& value : x.data) value *= factor;
    return x;
}

// The same, but for one number in the middle.
inline Tensor one_changed(Tensor x) {
    x.data[x.size() / 2] += 1;
    return x;
}

// Input i is a parameter if bit i of `wanted` is set, and a constant otherwise. Returns y and the
// gradients of Σ y dy, which are 0 for constants. `operation` makes y of a vector of variables.
template <class Variable, class Operation>
std::vector<Tensor> with_constants(const Operation& operation, const std::vector<Tensor>& inputs,
                                   const Tensor& dy, int wanted) {
    std::vector<Variable> variables;
    for (int i = 0; i < size_of(inputs); ++i)
        variables.push_back(Variable(inputs[i], (wanted >> i & 1) == 1));
    const Variable y = operation(variables);
    if (y.needs_gradient()) backward(sum(y * dy));
    std::vector<Tensor> found = {y.value()};
    for (const Variable& v : variables) found.push_back(v.gradient());
    return found;
}

// The second answer of the operation, when the numbers of `then`, of the same shapes, stand where
// those of `first` stood.
template <class Operation>
auto in_the_same_place(const Operation& operation, std::vector<Tensor> first,
                       const std::vector<Tensor>& then) {
    operation(first);
    for (int i = 0; i < size_of(first); ++i)
        std::copy(then[i].data.begin(), then[i].data.end(), first[i].data.begin());
    return operation(first);
}

// The same for variables, as a step of training does it.
template <class Variable, class Operation>
Tensor after_a_step(const Operation& operation, const std::vector<Tensor>& first,
                    const std::vector<Tensor>& then) {
    std::vector<Variable> variables;
    for (const Tensor& input : first) variables.push_back(Variable(input, true));
    operation(variables);
    for (int i = 0; i < size_of(then); ++i) variables[i].set_value(then[i]);
    return operation(variables).value();
}
