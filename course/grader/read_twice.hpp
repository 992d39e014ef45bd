// What every operation on the tape is asked: is its backward function the same when it is called
// again? A graph that is kept may be read as often as one likes, and each reading adds as much.
#pragma once

#include "01_tensors.hpp"
#include "grader/check.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

// The gradients of the parameters after the first reading, and then those after the second. `kept`
// is Graph::kept, which the chapters before the third do not know.
template <class Variable, class Graph>
std::vector<Tensor> read_twice(const Variable& loss, Graph kept,
                               const std::vector<Variable>& parameters) {
    std::vector<Tensor> found;
    for (int reading = 0; reading < 2; ++reading) {
        backward(loss, kept);
        for (const Variable& p : parameters) found.push_back(p.gradient());
    }
    return found;
}

// The second half must be twice the first.
inline void expect_doubled(const std::vector<Tensor>& found) {
    const int count = size_of(found) / 2;
    double largest = 0;
    for (int i = 0; i < count; ++i)
        for (float g : found[i].data) largest = std::max(largest, std::fabs(double{g}));
    for (int i = 0; i < count; ++i) {
        Tensor twice = found[i];
        for (float& g : twice.data) g *= 2;
        expect_near(found.at(count + i), twice, 1e-5 * largest);
    }
}
