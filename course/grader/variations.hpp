// What every chapter asks of its operations: which gradients arrive when some of the inputs are
// constants, and what is left over from the last call.
#pragma once

#include "01_tensors.hpp"

#include <algorithm>
#include <vector>

inline Tensor transposed_copy(const Tensor& x) {  // of a matrix, whatever the chapter's does
    Tensor result({x.shape[1], x.shape[0]});
    for (int i = 0; i < x.size(); ++i)
        result.data[i % x.shape[1] * x.shape[0] + i / x.shape[1]] = x.data[i];
    return result;
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
