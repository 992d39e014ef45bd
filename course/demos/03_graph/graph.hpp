// The demo of chapter 3: an expression as a graph, each node with its value and its gradient.
#pragma once

#include "03_autodiff.hpp"

#include <functional>
#include <vector>

namespace graph {

using Expression = std::function<Variable(const std::vector<Variable>& leaves)>;

// A table of the gradients that the leaves have, beside central differences of the expression.
void check(const Expression& expression, const std::vector<Variable>& leaves);

// Draws what the loss was made from.
void draw(const Variable& loss);

}  // namespace graph
