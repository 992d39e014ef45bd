// Chapter 3, Automatic differentiation: what it promises to the chapters that build on it.
// The prose, the reasons and the exercises are in 03_autodiff.cpp.
#pragma once

#include "01_tensors.hpp"

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

// How a gradient gets from an operation's result y to its inputs, given dy, which is ∂loss/∂y.
using Rule = std::function<void(const Tensor& y, const Tensor& dy)>;

// What the tape holds of one variable.
struct Node {
    std::string name;  // of an operation, "×" or "tanh"; of a parameter, as its maker likes
    Tensor value;
    Tensor gradient;  // meaningful when has_gradient
    bool has_gradient = false;
    bool needs_gradient = false;
    bool used_up = false;  // a graph that was read backwards and not kept
    long birth = 0;        // counts up: inputs are older than what is made of them
    std::vector<std::shared_ptr<Node>> inputs;
    Rule rule;  // none for parameters and constants

    Node(Tensor number, bool needs);
    ~Node();
};

// A tensor that remembers how it was made, so that gradients can flow back through it. Copies are
// the same variable: they share value and gradient.
class Variable {
public:
    Variable() : Variable(Tensor()) {}
    Variable(const Tensor& value) : Variable(value, false) {}  // a constant: it wants no gradient
    Variable(Tensor value, bool needs_gradient)
        : node_(std::make_shared<Node>(std::move(value), needs_gradient)) {}

    const Tensor& value() const { return node_->value; }
    const Shape& shape() const { return node_->value.shape; }
    bool needs_gradient() const { return node_->needs_gradient; }
    const std::shared_ptr<Node>& node() const { return node_; }

    // ∂loss/∂this, in the shape of the value; zeros before anything has arrived, and for what is
    // inside a graph that is used up.
    const Tensor& gradient() const {
        if (!node_->has_gradient) node_->gradient = Tensor(shape());
        return node_->gradient;
    }
    void add_gradient(const Tensor& arriving) const;  // to a constant, nothing happens
    void add_gradient(Tensor&& arriving) const {      // the first of its shape need not be copied
        if (!needs_gradient() || node_->has_gradient || arriving.shape != shape())
            return add_gradient(static_cast<const Tensor&>(arriving));
        node_->gradient = std::move(arriving);
        node_->has_gradient = true;
    }
    void clear_gradient() const {
        node_->has_gradient = false;
        node_->gradient = Tensor();
    }

    // For optimisers: another value for a parameter. Throws when the shape would change.
    void set_value(const Tensor& value) const {
        if (value.shape != shape())
            throw std::invalid_argument("set_value: " + to_string(value.shape) +
                                        " for a variable of " + to_string(shape()));
        node_->value = value;
    }

private:
    std::shared_ptr<Node> node_;
};

// Where the tape begins: a value that wants a gradient.
Variable parameter(const Tensor& value, const std::string& name = "");

// Makes the result of an operation. Nothing is recorded when no input needs a gradient.
Variable record(const std::string& name, Tensor value, const std::vector<Variable>& inputs,
                Rule rule);

// While one of these is alive, its thread records nothing: evaluating costs no tape.
class NoTape {
public:
    NoTape() { ++alive; }
    ~NoTape() { --alive; }
    NoTape(const NoTape&) = delete;
    NoTape& operator=(const NoTape&) = delete;

    static inline thread_local int alive = 0;
};

// Adds ∂loss/∂v to the gradient of every parameter v that the loss, a single number, was made from.
// The graph is used up, and its memory free again, unless it is to be kept. Throws
// std::invalid_argument unless the loss is one number and made from a parameter, and
// std::logic_error when a part of its graph is used up.
enum class Graph { used_up, kept };
void backward(const Variable& loss, Graph graph = Graph::used_up);

// ∂f/∂x by central differences: the judge of every rule. f is called twice for each element. The
// step has to be large enough to change each of them.
Tensor numeric_gradient(const std::function<double(const Tensor&)>& f, const Tensor& x,
                        double step = 1e-2);

// ## Operations. Shapes as in chapter 1; what does not fit throws std::invalid_argument.

Variable add(const Variable& a, const Variable& b);  // b may be the last axes of a
Variable subtract(const Variable& a, const Variable& b);
Variable multiply(const Variable& a, const Variable& b);  // element by element
Variable scale(const Variable& x, float factor);

// [..., M, K] × [K, N] → [..., M, N], and for stacks of equal size [..., M, K] × [..., K, N].
Variable matmul(const Variable& a, const Variable& b);
Variable transpose(const Variable& x);  // the last two axes
Variable reshape(const Variable& x, const Shape& shape);
Variable sum(const Variable& x, int axis);
Variable mean(const Variable& x, int axis);
Variable sum(const Variable& x);  // of all elements: shape []

Variable tanh(const Variable& x);
Variable sigmoid(const Variable& x);
Variable relu(const Variable& x);
Variable gelu(const Variable& x);     // x Φ(x), with the normal distribution Φ
Variable softmax(const Variable& x);  // over the last axis
Tensor softmax_backward(const Tensor& y, const Tensor& dy);  // its rule: y and dy to dx

inline Variable operator+(const Variable& a, const Variable& b) { return add(a, b); }
inline Variable operator-(const Variable& a, const Variable& b) { return subtract(a, b); }
inline Variable operator*(const Variable& a, const Variable& b) { return multiply(a, b); }
inline Variable operator*(const Variable& x, float factor) { return scale(x, factor); }
inline Variable operator*(float factor, const Variable& x) { return scale(x, factor); }
inline Variable operator/(const Variable& x, float divisor) { return scale(x, 1.0f / divisor); }
