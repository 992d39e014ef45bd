// Chapter 3, Automatic differentiation. The prose, the reasons and the exercises are in
// 03_autodiff.cpp.
#pragma once

#include "01_tensors.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

// The gradients of an operation's inputs, in the order of the inputs. For an input that wants none
// any tensor will do.
struct Gradients {
    std::vector<Tensor> of_inputs;

    Gradients(std::vector<Tensor> all) : of_inputs(std::move(all)) {}
    template <class... Tensors>
    Gradients(Tensor first, Tensors... others) {
        of_inputs.push_back(std::move(first));
        (of_inputs.push_back(std::move(others)), ...);
    }
};

// The backward function of an operation: given its result y and dy, which is ∂loss/∂y, the
// gradients of its inputs.
using Backward = std::function<Gradients(const Tensor& y, const Tensor& dy)>;

// What the graph holds of one variable.
struct Node {
    std::string name;  // of an operation, "×" or "tanh"; of a parameter, as its maker likes
    Tensor value;
    Tensor gradient;  // meaningful when has_gradient
    bool has_gradient = false;
    bool needs_gradient = false;
    bool used_up = false;   // a part of a graph that was read backwards and not kept
    long birth = ++births;  // counts up: inputs are older than what is made of them
    std::vector<std::shared_ptr<Node>> inputs;
    Backward backward;  // none for parameters and constants

    Node(Tensor number, bool needs) : value(std::move(number)), needs_gradient(needs) {}
    ~Node();

    // Adds what arrives: a gradient of the value's shape, or blocks of that shape, whose sum
    // counts. To a constant nothing happens. Throws std::invalid_argument when the shape does not
    // fit.
    void add_gradient(Tensor arriving);

    // For when its gradient has been passed on: a node inside the graph has done its work. A
    // parameter, which has no backward function, keeps its gradient.
    void free() {
        if (!backward) return;
        backward = nullptr;
        inputs.clear();
        gradient = Tensor();
        has_gradient = false;
        used_up = true;
    }

    static inline std::atomic<long> births{0};
};

// A tensor that remembers how it was made, so that gradients can flow back through it. It is a
// pointer to its node: copies are the same variable, and a const one may still be given a gradient,
// as what a `T* const` points to may change.
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
    // inside a graph that is used up. It stays at its place until something arrives.
    const Tensor& gradient() const {
        if (node_->has_gradient) return node_->gradient;
        Tensor& zeros = node_->gradient;
        if (zeros.shape != shape()) zeros = Tensor(shape());
        std::fill(zeros.data.begin(), zeros.data.end(), 0.0f);
        return zeros;
    }
    void add_gradient(Tensor arriving) const { node_->add_gradient(std::move(arriving)); }
    void scale_gradient(float factor) const {
        for (float& g : node_->gradient.data) g *= factor;
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

// Where the graph begins: a value that wants a gradient.
inline Variable parameter(const Tensor& value, const std::string& name = "") {
    const Variable result(value, true);
    result.node()->name = name;
    return result;
}

// Makes the result of an operation. Nothing is recorded when no input needs a gradient.
Variable record(const std::string& name, Tensor value, const std::vector<Variable>& inputs,
                Backward backward);

// While one of these is alive, its thread records nothing: evaluating costs no memory.
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
// std::logic_error when a part of its graph is used up, or a backward function returns gradients
// that are not its inputs'.
enum class Graph { used_up, kept };
void backward(const Variable& loss, Graph graph = Graph::used_up);

// ## By hand: the gradients of x₁, w₁, x₂, w₂ and b in tanh(x₁ w₁ + x₂ w₂ + b), [5].
Tensor gradients_by_hand();

// ∂f/∂x by central differences: the judge of every backward function. f is called twice for each
// element. The step has to be large enough to change each of them.
Tensor numeric_gradient(const std::function<double(const Tensor&)>& f, const Tensor& x,
                        double step = 1e-2);

// ## Operations. Shapes are as in chapter 1. One that does not fit throws std::invalid_argument.

Variable add(const Variable& a, const Variable& b);  // b may be the last axes of a
Variable multiply(const Variable& a, const Variable& b);  // element by element
Variable scale(const Variable& x, float factor);
inline Variable subtract(const Variable& a, const Variable& b) { return add(a, scale(b, -1.0f)); }

// [..., M, K] × [K, N] → [..., M, N], and for stacks of equal size [..., M, K] × [..., K, N].
Variable matmul(const Variable& a, const Variable& b);

Variable tanh(const Variable& x);
Variable sigmoid(const Variable& x);
Variable relu(const Variable& x);
Variable gelu(const Variable& x);     // x Φ(x), with the normal distribution Φ
Variable softmax(const Variable& x);  // over the last axis
Tensor softmax_backward(const Tensor& y, const Tensor& dy);  // its backward function: → dx

// ## Operations that only move numbers move gradients back.

inline Variable transpose(const Variable& x) {  // the last two axes
    return record("transpose", transpose(x.value()), {x},
                  [](const Tensor&, const Tensor& dy) { return transpose(dy); });
}

inline Variable reshape(const Variable& x, const Shape& shape) {
    return record("reshape", reshape(x.value(), shape), {x},
                  [x](const Tensor&, const Tensor& dy) { return reshape(dy, x.shape()); });
}

// A sum gives each of its terms the whole of dy.
inline Variable sum(const Variable& x, int axis) {
    const auto backward = [shape = x.shape(), axis](const Tensor&, const Tensor& dy) {
        const int after = element_count(Shape(shape.begin() + axis + 1, shape.end()));
        const int block = shape[axis] * after;  // from one value of the earlier axes to the next
        Tensor dx(shape);
        for (int i = 0; i < dx.size(); ++i) dx.data[i] = dy.data[i / block * after + i % after];
        return dx;
    };
    return record("sum", sum(x.value(), axis), {x}, backward);
}

inline Variable sum(const Variable& x) {  // of all elements: shape []
    return sum(reshape(x, {x.value().size()}), 0);
}

inline Variable mean(const Variable& x, int axis) {
    mean(x.value(), axis);  // refuses an axis that does not exist or is empty
    return scale(sum(x, axis), 1.0f / x.shape()[axis]);
}

inline Variable operator+(const Variable& a, const Variable& b) { return add(a, b); }
inline Variable operator-(const Variable& a, const Variable& b) { return subtract(a, b); }
inline Variable operator*(const Variable& a, const Variable& b) { return multiply(a, b); }
inline Variable operator*(const Variable& x, float factor) { return scale(x, factor); }
inline Variable operator*(float factor, const Variable& x) { return scale(x, factor); }
inline Variable operator/(const Variable& x, float divisor) { return scale(x, 1.0f / divisor); }
