// # 3. Automatic differentiation
//
// A network learns by asking of each of its numbers: if you were a little larger, would the loss be
// larger or smaller, and by how much? The answers are the *gradient*. For a network of a million
// numbers nobody derives them by hand. Instead, every operation writes down on a *tape* what it
// did; when the loss is known, the tape is read backwards, and each operation passes the question
// on to its inputs. At the end of this chapter you can draw what happened:
//
//        w −3 ───┐
//        ∂ 1.3   ×  −6 ──┐
//        x  2 ───┘       +  0.7 ──── tanh  0.604
//        ∂ −1.9  b 6.7 ──┘  ∂ 0.63         ∂ 1
//
// Needs: chapters 1 and 2.
// Check: `make check CHAPTER=03`.
// Letters: y = f(x) an operation; dy short for ∂loss/∂y, in the shape of y; likewise dx, da, db.

#include "03_autodiff.hpp"

#include "02_fast_matmul.hpp"
#include "kit/chapter.hpp"
#include "kit/figure.hpp"
#include "kit/profile.hpp"
#include "kit/vector_math.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <map>
#include <unordered_set>

// ## The judge
//
// Before we build what computes gradients, we want something that tells whether they are right, and
// is so simple that nobody doubts it: nudge one number up, nudge it down, see how far f moved.
//
//     ∂f/∂x_i ≈ (f(x + h e_i) − f(x − h e_i))/(2 h)                                       (3.1)
//
// where e_i is 1 at place i and 0 elsewhere. With a step on both sides the error shrinks with h²
// instead of h. Yet h must not be tiny: f comes in float, with an error of one part in ten million,
// and the division by 2h makes that error large. A hundredth is a good compromise.
//
// ## Exercise 3.1 — Central differences
// *About 8 lines · difficulty 1 of 3 · 15 minutes*
//
// Write (3.1) for every element of x. Divide by the distance that the two floats really have, which
// is not exactly 2h after rounding.
Tensor numeric_gradient(const std::function<double(const Tensor&)>& f, const Tensor& x,
                        double step) {
    Tensor gradient(x.shape);
    // TODO 3.1: about 8 lines
    todo("3.1");
}

// ## The tape
//
// A `Variable` is a handle to a *node* (see 03_autodiff.hpp): a value, room for its gradient, the
// nodes it was made from, and a *backward function*, which says what gradients they get. Parameters
// and constants have none; the tape begins with them. `birth` numbers the nodes as they are made.
static std::atomic<long> births{0};

Node::Node(Tensor number, bool needs)
    : value(std::move(number)), needs_gradient(needs), birth(++births) {}

Variable parameter(const Tensor& value, const std::string& name) {
    const Variable result(value, true);
    result.node()->name = name;
    return result;
}

// An operation computes its value as always and hands it to `record`, together with its inputs and
// its backward function. When nobody asks for a gradient, because all inputs are constants or a
// `NoTape` is alive, the function is dropped on the spot and the result is a constant too:
// evaluating a trained network keeps nothing.
Variable record(const std::string& name, Tensor value, const std::vector<Variable>& inputs,
                Backward backward) {
    bool needed = false;
    for (const Variable& input : inputs) needed = needed || input.needs_gradient();
    if (NoTape::alive > 0 || !needed) return Variable(std::move(value), false);
    const Variable result(std::move(value), true);
    result.node()->name = name;
    result.node()->backward = profiled(name, std::move(backward));  // as it is, but in `make bench`
    for (const Variable& input : inputs) result.node()->inputs.push_back(input.node());
    return result;
}

// A chain of a million nodes would be destroyed by a million nested destructors, and the stack is
// not that deep. So the destructor walks the chain in a loop and frees what nobody else holds.
Node::~Node() {
    std::vector<std::shared_ptr<Node>> left = std::move(inputs);
    backward = nullptr;
    while (!left.empty()) {
        const std::shared_ptr<Node> node = std::move(left.back());
        left.pop_back();
        if (node.use_count() > 1) continue;
        left.insert(left.end(), node->inputs.begin(), node->inputs.end());
        node->inputs.clear();
        node->backward = nullptr;
    }
}

// ## Gradients add up
//
// If x is used in two places, a nudge of x moves the loss along both ways, and the two effects add.
// So a gradient is never *set*; what arrives is *added*. A row that was broadcast over many rows
// was used in each of them, and gets the sum of what comes from all:
//
//     ∂loss/∂x = Σ_uses ∂loss/∂use                                                        (3.2)
//
// In memory this is the picture of 1.3 read backwards: what arrives consists of one or more blocks,
// each as long as x, and all of them are added into the one gradient.
//
// ## Exercise 3.2 — Gradients add up
// *About 4 lines · difficulty 1 of 3 · 15 minutes*
//
// The shapes are checked, a constant has been turned away, and `gradient` is there: zeros, or what
// has arrived before (the first of its shape is taken as it is). Add every block of `arriving`.
void Node::add_gradient(Tensor arriving) {
    if (!needs_gradient) return;
    const Shape &own = value.shape, &all = arriving.shape;
    if (all.size() < own.size() || !std::equal(own.rbegin(), own.rend(), all.rbegin()))
        throw std::invalid_argument("add_gradient: " + to_string(all) +
                                    " arrives at a variable of " + to_string(own));
    const bool takes_over = !has_gradient && all == own;
    if (!has_gradient) gradient = takes_over ? std::move(arriving) : Tensor(own);
    has_gradient = true;
    if (takes_over) return;
    // TODO 3.2: about 4 lines
    todo("3.2");
}

// With that, the first operations. In a sum each input moves the result as much as it moves itself,
// so both get dy unchanged, and `add_gradient` takes care of the broadcast row.
Variable add(const Variable& a, const Variable& b) {
    return record("+", add(a.value(), b.value()), {a, b},
                  [](const Tensor&, const Tensor& dy) { return Gradients(dy, dy); });
}

Variable scale(const Variable& x, float factor) {
    return record("scale", scale(x.value(), factor), {x},
                  [factor](const Tensor&, const Tensor& dy) { return scale(dy, factor); });
}

Variable subtract(const Variable& a, const Variable& b) { return add(a, scale(b, -1.0f)); }

// ## Reading the tape backwards
//
// The gradient of the loss with respect to itself is 1. From there every backward function passes
// gradients on to its inputs; but it may run only when *all* that arrives at its node has arrived,
// or it passes on too little. Look at z = y + 2 y with y = 3 x: y must wait for both ways. An order
// in which every node comes after all that were made from it is called *topological*. We have one
// for free: a node is younger than its inputs, so from the youngest to the oldest will do.
static std::vector<std::shared_ptr<Node>> ancestors(const std::shared_ptr<Node>& loss) {
    std::vector<std::shared_ptr<Node>> found = {loss};
    std::unordered_set<const Node*> known = {loss.get()};
    for (int next = 0; next < size_of(found); ++next)
        for (const auto& input : found[next]->inputs)
            if (input->needs_gradient && known.insert(input.get()).second) found.push_back(input);
    return found;
}

static std::vector<Tensor> gradients_of_inputs(const Node& node) {
    std::vector<Tensor> all = node.backward(node.value, node.gradient).of_inputs;
    if (all.size() == node.inputs.size()) return all;
    throw std::logic_error("backward: " + node.name + " must return a gradient for each input");
}

// When its gradient has been passed on, a node inside the graph has done its work.
static void free_node(Node& node) {
    if (!node.backward) return;  // a parameter keeps its gradient
    node.backward = nullptr;
    node.inputs.clear();
    node.gradient = Tensor();
    node.has_gradient = false;
    node.used_up = true;
}

// ## Exercise 3.3 — Reading the tape backwards
// *About 12 lines · difficulty 2 of 3 · 25 minutes*
//
// `nodes` are all nodes that the loss was made from, itself included, in no useful order. Sort them
// by birth (std::sort with a comparison). Give the loss the gradient 1. Then take the nodes from
// the youngest to the oldest. Where there is a backward function, `gradients_of_inputs` calls it;
// add each of the gradients to the input of its number. When the graph is not kept, `free_node`
// after that, and take the node off the list, so that its memory is free for the older ones.
void backward(const Variable& loss, Graph graph) {
    if (loss.value().size() != 1)
        throw std::invalid_argument("backward: the loss must be a single number, not of shape " +
                                    to_string(loss.shape()));
    if (!loss.needs_gradient())
        throw std::invalid_argument("backward: the loss was made of constants only");
    std::vector<std::shared_ptr<Node>> nodes = ancestors(loss.node());
    for (const auto& node : nodes) {
        if (node->used_up)
            throw std::logic_error("backward: this graph was used up; keep it with Graph::kept");
        if (node->backward) node->has_gradient = false;  // only a parameter's adds up over losses
    }
    // TODO 3.3: about 12 lines
    todo("3.3");
}

// ## Products
//
// In y = a b, element by element, a nudge of a moves y by b, and the other way round: da = dy b and
// db = dy a. In a matrix product each element of A meets a row of B. Write out one element and sum
// over all the places where it is used, as (3.2) demands, and two matrix products come out:
//
//     C = A B,   dA = dC Bᵀ,   dB = Aᵀ dC                                                 (3.3)
//
// The shapes leave no choice: dA must be M × K, and dC is M × N, B is K × N. `matmul` works on
// stacks of matrices, one product for each; when b is a single matrix it serves for all rows of a,
// whatever axes they stand in, and the stack is one tall matrix.
static int products_in(const Tensor& a, const Tensor& b) {
    const bool one = b.rank() == 2;
    require_shapes("matmul", {{a.shape, "... M K"}, {b.shape, one ? "K N" : "... K N"}});
    return one ? 1 : element_count(Shape(a.shape.begin(), a.shape.end() - 2));
}

// Matrix s of `count` that are stacked in x; with count 1, all rows of x.
template <class SomeTensor>
static auto matrix_of(SomeTensor& x, int s, int count) {
    const auto all = view(x);
    return part(all, s * (all.rows / count), 0, all.rows / count, all.columns);
}

// Calls body(s) for each matrix; on all threads, if there are many multiplications to do.
static void each_matrix(int count, double work, const std::function<void(int)>& body) {
    if (work > 2e6) return parallel_for(count, body);
    for (int s = 0; s < count; ++s) body(s);
}

// ## Exercise 3.4 — Backward, for products
// *About 6 lines · difficulty 3 of 3 · 30 minutes*
//
// Write the backward functions of `multiply` and of `matmul`. The functions of chapter 1 work on
// tensors as before: multiply(dy, b.value()) is dy b, and Gradients(da, db) is what you return. For
// (3.3) all is laid out: A, B and dC are views of matrix s, and dA and dB of zeros that will be
// returned. `multiply_add` of chapter 2 adds a product; transposed(A) is a view of Aᵀ.
Variable multiply(const Variable& a, const Variable& b) {
    const auto backward = [a, b](const Tensor&, const Tensor& dy) -> Gradients {
        // TODO 3.4: 1 line
        todo("3.4");
    };
    return record("×", multiply(a.value(), b.value()), {a, b}, backward);
}

Variable matmul(const Variable& a, const Variable& b) {
    const int count = products_in(a.value(), b.value());
    Shape shape = a.shape();
    shape.back() = b.value().columns();
    Tensor c(shape);
    const double work = 1.0 * a.value().size() * b.value().columns();
    each_matrix(count, work, [&](int s) {
        multiply_add(matrix_of(a.value(), s, count), matrix_of(b.value(), s, count),
                     matrix_of(c, s, count));
    });
    const auto backward = [=](const Tensor&, const Tensor& dc) {
        Tensor da(a.shape()), db(b.shape());
        each_matrix(count, work, [&](int s) {
            const View A = matrix_of(a.value(), s, count), B = matrix_of(b.value(), s, count);
            const View dC = matrix_of(dc, s, count);
            const MutableView dA = matrix_of(da, s, count), dB = matrix_of(db, s, count);
            // TODO 3.4: 2 lines
            todo("3.4");
        });
        return Gradients(std::move(da), std::move(db));
    };
    return record("matmul", std::move(c), {a, b}, backward);
}

// Operations that only move numbers move gradients back. A sum gives each of its terms the whole of
// dy; a mean is a scaled sum.
Variable transpose(const Variable& x) {
    return record("transpose", transpose(x.value()), {x},
                  [](const Tensor&, const Tensor& dy) { return transpose(dy); });
}

Variable reshape(const Variable& x, const Shape& shape) {
    return record("reshape", reshape(x.value(), shape), {x},
                  [x](const Tensor&, const Tensor& dy) { return reshape(dy, x.shape()); });
}

Variable sum(const Variable& x, int axis) {
    const auto backward = [shape = x.shape(), axis](const Tensor&, const Tensor& dy) {
        const int after = element_count(Shape(shape.begin() + axis + 1, shape.end()));
        const int block = shape[axis] * after;  // from one value of the earlier axes to the next
        Tensor dx(shape);
        for (int i = 0; i < dx.size(); ++i) dx.data[i] = dy.data[i / block * after + i % after];
        return dx;
    };
    return record("sum", sum(x.value(), axis), {x}, backward);
}

Variable sum(const Variable& x) { return sum(reshape(x, {x.value().size()}), 0); }

Variable mean(const Variable& x, int axis) {
    mean(x.value(), axis);  // refuses an axis that does not exist or is empty
    return scale(sum(x, axis), 1.0f / x.shape()[axis]);
}

// ## Functions of one number
//
// These work on each element alone, so going back is one multiplication: dx = dy f′(x). Often the
// result tells the slope: for y = tanh(x) it is 1 − y², and nothing is computed twice.
template <class Function, class Slope>
static Variable elementwise(const char* name, const Variable& x, Function function, Slope slope) {
    Tensor result(x.shape());
    std::transform(x.value().data.begin(), x.value().data.end(), result.data.begin(), function);
    return record(name, std::move(result), {x}, [x, slope](const Tensor& y, const Tensor& dy) {
        Tensor dx(y.shape);
        for (int i = 0; i < y.size(); ++i)
            dx.data[i] = dy.data[i] * slope(x.value().data[i], y.data[i]);
        return dx;
    });
}

Variable tanh(const Variable& x) {
    return elementwise(
        "tanh", x, [](float p) { return std::tanh(p); },
        [](float, float y) { return 1.0f - y * y; });
}

// Three more functions will be needed. The *sigmoid* turns any number into a share between 0 and 1.
// *ReLU* lets the positive pass and stops the rest. *GELU* is its smooth sister: x times the
// probability that a normal variable is below x, with Φ the normal distribution and φ its density.
//
//     sigmoid(x) = 1/(1 + exp(−x)),   relu(x) = max(0, x),   gelu(x) = x Φ(x)             (3.4)
//
// ## Exercise 3.5 — Slopes
// *About 3 lines · difficulty 2 of 3 · 20 minutes*
//
// Give the slope of each, as a function of x and of y = f(x). At 0, where ReLU has none, take 0.
// φ(x) is `normal_density(x)`, and Φ(x) is `normal_probability(x)`. They and `fast_exp` are in
// course/kit/vector_math.hpp: the standard functions, in a form that a core computes for many
// numbers at once.
Variable sigmoid(const Variable& x) {
    return elementwise(
        "sigmoid", x, [](float p) { return 1.0f / (1.0f + fast_exp(-p)); },
        [](float, float y) -> float {
            // TODO 3.5: the slope of the sigmoid, from y
            todo("3.5");
        });
}

Variable relu(const Variable& x) {
    return elementwise(
        "relu", x, [](float p) { return std::max(p, 0.0f); },
        [](float p, float) -> float {
            // TODO 3.5: the slope of ReLU, from p
            todo("3.5");
        });
}

Variable gelu(const Variable& x) {
    return elementwise(
        "gelu", x, [](float p) { return p * normal_probability(p); },
        [](float p, float) -> float {
            // TODO 3.5: the slope of GELU, from p
            todo("3.5");
        });
}

// ## Softmax, once more
//
// In a softmax every score moves every share of its row: raise one, and the others must fall. The
// table of all these slopes, the *Jacobian* ∂y_i/∂x_j = y_i (δ_ij − y_j), has n² entries, where
// δ_ij is 1 if i = j and else 0. But going back never needs the table, only its product with dy,
// which collapses to
//
//     dx_i = y_i (dy_i − Σ_(j=1)^n dy_j y_j)                                              (3.5)
//
// The sum is the coupling: it is what the whole row agrees on, and it makes dx sum to 0, as it
// must, because adding the same to all scores changes nothing.
//
// ## Exercise 3.6 — Softmax, backwards
// *About 7 lines · difficulty 2 of 3 · 20 minutes*
//
// Write (3.5) for each row. y and dy have the shape of x; a row has n numbers.
Tensor softmax_backward(const Tensor& y, const Tensor& dy) {
    require_shapes("softmax_backward", {{y.shape, "... n"}, {dy.shape, "... n"}});
    const int n = y.columns();
    Tensor dx(y.shape);
    // TODO 3.6: about 7 lines
    todo("3.6");
}

Variable softmax(const Variable& x) {
    return record("softmax", softmax(x.value()), {x},
                  [](const Tensor& y, const Tensor& dy) { return softmax_backward(y, dy); });
}

// ## See it
//
// The demo computes L = tanh(x₁ w₁ + x₂ w₂ + b), runs the tape backwards and draws the graph, each
// node with its value and its gradient. Before you run `make demo CHAPTER=03`: x₂ is 0. What will
// the gradient of w₂ be? And which is larger in size, that of x₁ or that of w₁?
static Variable expression(const std::vector<Variable>& v) {
    return tanh(v[0] * v[1] + v[2] * v[3] + v[4]);
}

static double number(const Tensor& x) { return x.data[0]; }

static std::string drawn(const Variable& loss) {
    const auto nodes = ancestors(loss.node());
    std::vector<figure::Node> boxes;
    std::vector<figure::Edge> arrows;
    std::map<const Node*, std::size_t> places;
    for (const auto& node : nodes) {
        const std::string value = std::to_string(number(node->value)).substr(0, 6);
        const std::string gradient = std::to_string(number(node->gradient)).substr(0, 6);
        places[node.get()] = boxes.size();
        boxes.push_back({node->name, {value, "∂ " + gradient}});
    }
    for (const auto& node : nodes)
        for (const auto& input : node->inputs)
            arrows.push_back({places[input.get()], places[node.get()]});
    return figure::graph({"L = tanh(x₁ w₁ + x₂ w₂ + b), with gradients ∂"}, boxes, arrows);
}

static const Demo demo("03", [] {
    const std::vector<Variable> leaves = {
        parameter(Tensor({}, {2.0f}), "x₁"), parameter(Tensor({}, {-3.0f}), "w₁"),
        parameter(Tensor({}, {0.0f}), "x₂"), parameter(Tensor({}, {1.0f}), "w₂"),
        parameter(Tensor({}, {6.7f}), "b ")};
    const Variable loss = expression(leaves);
    backward(loss, Graph::kept);

    std::printf("L = tanh(x₁ w₁ + x₂ w₂ + b) = %.6f\n\n", number(loss.value()));
    std::printf("      value    exact ∂L   numeric ∂L   difference\n");
    for (std::size_t i = 0; i < leaves.size(); ++i) {
        const auto moved = [&](const Tensor& value) {
            std::vector<Variable> others = leaves;
            others[i] = value;
            return number(expression(others).value());
        };
        const double exact = number(leaves[i].gradient());
        const double numeric = number(numeric_gradient(moved, leaves[i].value()));
        std::printf("  %s  %6.2f  %10.6f   %10.6f   %10.1e\n", leaves[i].node()->name.c_str(),
                    number(leaves[i].value()), exact, numeric, exact - numeric);
    }
    std::printf("\npicture: %s\n", figure::save("03_graph", drawn(loss)).c_str());
});

// ## Questions
//
// 1. A network has a million parameters and one loss. How many calls of f do central differences
//    need for the gradient, and how often does the tape read the network's operations?
// 2. ReLU has slope 0 for all negative numbers. What does that mean for the weights of an input to
//    it that is negative for every example?
