// # 3. Automatic differentiation
//
// A network has numbers in it that nobody has chosen: its *parameters*. To learn is to ask each of
// them one question: if you were a little larger, what would become of the *loss*, the one number
// that says how wrong the network is? Each operation can say how its result moves with its inputs.
// The rest is bookkeeping, and you write it here. The demo draws each answer, behind its ∂:
//
//        w₁ −3.000 ──┐
//        ∂   1.269   ×  −6.000 ──┐
//        x₁  2.000 ──┘  ∂ 0.635  +  0.700 ──── tanh  0.604
//        ∂  −1.904   b   6.700 ──┘  ∂ 0.635          ∂ 1.000
//                    ∂   0.635
//
// Needs: chapter 1.
// Check: `make check CHAPTER=03`.
// Letters: L the loss; y = f(x) an operation; dy short for ∂L/∂y, likewise dx, da, db.
// Minutes: about 70.

#include "03_autodiff.hpp"

#include "02_fast_matmul.hpp"
#include "demos/03_graph/graph.hpp"
#include "kit/chapter.hpp"
#include "kit/profile.hpp"
#include "kit/vector_math.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <unordered_set>

// ## One slope after the other
//
// Move x by a small h, and y moves by some multiple of h. This multiple is the *slope* of y. The
// slope of 3 x is 3. That of x² is 2 x, for (x + h)² = x² + 2 x h + h², and h² is nothing beside h.
// The slope of y = tanh(x), a curve like an S between −1 and 1, is 1 − y². If y has several inputs,
// move one and hold the others: ∂y/∂x is the slope along x alone. So y = a b has ∂y/∂a = b, and for
// y = a + b it is 1. All slopes of the loss, one for each parameter, are its *gradient*.
//
// Put operations in a row. In the drawing p = x₁ w₁, z = p + b and L = tanh(z). If z moves by h, L
// moves by (1 − 0.604²) h = 0.635 h. If p moves by h, z does, and L again moves by 0.635 h. If w₁
// moves by h, p moves by x₁ h = 2 h, and L by 2 · 0.6347 h = 1.269 h. In a row, slopes multiply:
// this is the *chain rule*. Read it from the end, with dy for ∂L/∂y and dL = 1. Then each operation
// y = f(x) needs what arrives, dy, and its own slope, and nothing else:
//
//     dx = dy · ∂y/∂x                                                                     (3.1)
//
// So the table below can be filled in, first down its left side, then up its right:
//
//        forwards                  backwards
//                                  dx₁ = dp w₁ = −1.904
//        p = x₁ w₁   = −6.000      dw₁ = dp x₁ = 1.269
//        z = p + b   =  0.700      dp = db = dz · 1 = 0.635
//        L = tanh(z) =  0.604      dz = dL (1 − L²) = 0.635, dL = 1
//
// To go back through all operations by (3.1) is *backpropagation*. The *backward function* of an
// operation makes dx of dy. When x and y are whole tensors, (3.1) is a sum over all elements of y,
// and its other name is *vector-Jacobian product*.
//
// ## Exercise 3.1 — By hand
// *About 1 line · difficulty 1 of 3 · 10 minutes*
//
// Take paper. Let L = tanh(x₁ w₁ + x₂ w₂ + b) with x₁ = 3, w₁ = 2, x₂ = −1, w₂ = 5 and b = −0.307.
// The tanh of 0.693 is 0.600. Return ∂L/∂x₁, ∂L/∂w₁, ∂L/∂x₂, ∂L/∂w₂ and ∂L/∂b, to two decimals.
Tensor gradients_by_hand() {
    //> 3.1: a row of five
    return row({1.28f, 1.92f, 3.2f, -0.64f, 0.64f});
    //<
}

// ## The judge
//
// Before a computer goes backwards, we want something that tells whether it is right, and is so
// simple that nobody doubts it. Nudge one number up by a step, nudge it down, and divide how far f
// moved by how far the number moved. These are *central differences*, and to compare a gradient
// with them is a *gradient check*. It calls f twice for each number, so nobody trains with it.
//
// With a nudge to one side only, the bend of the curve spoils the slope: with a step of 0.01, that
// of x³ at 1 comes out as 3.03, from both sides as 3.0001. Yet the step must not be tiny: f comes
// in float, rounded at the seventh digit, and a tiny divisor makes that error large.
Tensor numeric_gradient(const std::function<double(const Tensor&)>& f, const Tensor& x,
                        double step) {
    Tensor gradient(x.shape);
    for (int i = 0; i < x.size(); ++i) {
        Tensor up = x, down = x;
        up.data[i] += step;
        down.data[i] -= step;
        const double distance = double{up.data[i]} - down.data[i];
        gradient.data[i] = (f(up) - f(down)) / distance;
    }
    return gradient;
}

// ## The tape
//
// The computer keeps the table in *nodes* (see 03_autodiff.hpp): a value, room for its gradient,
// the nodes that it was made from, and a backward function. `birth` numbers the nodes as they are
// made. Nodes that point to each other are a *graph*; we speak of a *tape*, on which every
// operation writes down what it did, and which is then read backwards. That is our picture for a
// graph in the right order. A `Variable` is a handle to a node. Parameters and constants have no
// backward function: with them the tape begins.
//
// An operation computes its value as always and hands it to `record`, together with its inputs and
// its backward function. When nobody asks for a gradient, because all inputs are constants or a
// `NoTape` is alive, the function is dropped and the result is a constant too: a network that is
// only used keeps nothing.
Variable record(const std::string& name, Tensor value, const std::vector<Variable>& inputs,
                Backward backward) {
    bool needed = false;
    for (const Variable& input : inputs) needed = needed || input.needs_gradient();
    if (NoTape::alive > 0 || !needed) return Variable(std::move(value), false);
    const Variable result(std::move(value), true);
    result.node()->name = name;
    result.node()->backward = std::move(backward);
    for (const Variable& input : inputs) result.node()->inputs.push_back(input.node());
    charge_time(name);  // for `make bench`; otherwise it does nothing
    return result;
}

// ## Gradients add up
//
// What if x is used in two places? Think of each use as of a copy, x₁, x₂ and so on. A nudge of x
// nudges all its copies, each moves the loss on its own way, and the effects add:
//
//     ∂L/∂x = Σ_k ∂L/∂x_k                                                                 (3.2)
//
// In y = x x, for example, each copy has the other as its slope, and x + x = 2 x. So a gradient is
// never *set*; what arrives is *added*. A row that was broadcast over many rows was used in each of
// them, and gets the sum of what comes from all. In memory this is 1.3 read backwards: what arrives
// consists of one or more blocks, each as long as x, and all are added into the one gradient.
//
// ## Exercise 3.2 — Gradients add up
// *About 3 lines · difficulty 1 of 3 · 10 minutes*
//
// The shapes are checked, a constant has been turned away, and `gradient` is there: zeros, or what
// has arrived before. (A first one in x's shape is taken before.) Add every block of it.
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
    //> 3.2: about 3 lines
    const int block = gradient.size();
    for (int begin = 0; begin < arriving.size(); begin += block)
        for (int i = 0; i < block; ++i) gradient.data[i] += arriving.data[begin + i];
    //<
}

// With that, the first operations. In a sum both inputs have the slope 1, so both get dy as it is,
// and `add_gradient` takes care of a row that was broadcast.
Variable add(const Variable& a, const Variable& b) {
    return record("+", add(a.value(), b.value()), {a, b},
                  [](const Tensor&, const Tensor& dy) { return Gradients(dy, dy); });
}

Variable scale(const Variable& x, float factor) {
    return record("scale", scale(x.value(), factor), {x},
                  [factor](const Tensor&, const Tensor& dy) { return scale(dy, factor); });
}

// ## Reading the tape backwards
//
// The gradient of the loss with respect to itself is 1. From there every backward function passes
// gradients on to its inputs. But it may run only when *all* that arrives at its node has arrived,
// or it passes on too little. Look at z = y + 2 y with y = 3 x: y must wait for both ways. An order
// in which every node comes after all that were made from it is called *topological*. What in a
// node could give you such an order for nothing? These are all nodes, in no useful order:
static std::vector<std::shared_ptr<Node>> ancestors(const std::shared_ptr<Node>& loss) {
    std::vector<std::shared_ptr<Node>> found = {loss};
    std::unordered_set<const Node*> known = {loss.get()};
    for (int next = 0; next < size_of(found); ++next)
        for (const auto& input : found[next]->inputs)
            if (input->needs_gradient && known.insert(input.get()).second) found.push_back(input);
    return found;
}

static std::vector<Tensor> gradients_of_inputs(const Node& node);  // calls its backward function

// ## Exercise 3.3 — Reading the tape backwards
// *About 10 lines · difficulty 2 of 3 · 15 minutes*
//
// Put `nodes` in order: `std::sort` takes a comparison of two. Give the loss its gradient with
// `add_gradient`: a 1, in the loss's own shape. Then take one node after the other. If it has a
// backward function, add each of its `gradients_of_inputs` to the input with the same number. When
// the graph is not kept, `free()` the node and take it off the list: that is memory for what comes.
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
    //> 3.3: about 10 lines
    std::sort(nodes.begin(), nodes.end(),
              [](const auto& older, const auto& younger) { return older->birth < younger->birth; });
    loss.add_gradient(Tensor(loss.shape(), {1.0f}));
    while (!nodes.empty()) {
        Node& node = *nodes.back();
        if (node.backward) {
            std::vector<Tensor> gradients = gradients_of_inputs(node);
            for (int i = 0; i < size_of(gradients); ++i)
                node.inputs[i]->add_gradient(std::move(gradients[i]));
        }
        if (graph == Graph::used_up) node.free();
        nodes.pop_back();
    }
    //<
}

// ## Products
//
// In y = a b, element by element, the slopes are b and a. In a product of matrices C = A B the
// element C_(i j) is the sum of A_(i p) B_(p j) over p. Where is A_(i p) used? In row i of C, in
// every column j, and there its slope is B_(p j). By (3.1) and (3.2) it gets
//
//     dA_(i p) = Σ_j dC_(i j) B_(p j)                                                     (3.3)
//
// which is row i of dC times row p of B. A product of matrices multiplies rows with *columns*. So
// what must be done to B to write (3.3) as one product? And what does B_(p j) get, which is used in
// every row i of C?
//
// ## Exercise 3.4 — Backward, for products
// *About 3 lines · difficulty 2 of 3 · 10 minutes*
//
// Write three backward functions. In `multiply`, return both gradients, with the functions of
// chapter 1. The other two are for one product of matrices, and dA and dB begin as zeros.
// `multiply_add(X, Y, Z)` of chapter 2 adds X Y to Z, and `transposed(X)` is a view of Xᵀ.
Variable multiply(const Variable& a, const Variable& b) {
    const auto backward = [a, b](const Tensor&, const Tensor& dy) -> Gradients {
        //> 3.4: 1 line
        return Gradients(multiply(dy, b.value()), multiply(dy, a.value()));
        //<
    };
    return record("×", multiply(a.value(), b.value()), {a, b}, backward);
}

static void add_left_gradient(View dC, View B, MutableView dA) {
    //> 3.4: 1 line
    multiply_add(dC, transposed(B), dA);
    //<
}

static void add_right_gradient(View dC, View A, MutableView dB) {
    //> 3.4: 1 line
    multiply_add(transposed(A), dC, dB);
    //<
}

// ## Functions of one number
//
// These work on each element alone, so going back is one multiplication: dx = dy f′(x), with f′ for
// the slope. Often y tells the slope, as that of tanh is 1 − y², and nothing is computed twice.
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
        "tanh", x, [](float p) { return fast_tanh(p); },
        [](float, float y) { return 1.0f - y * y; });
}

// Three more will be needed. The *sigmoid* turns any number into a probability between 0 and 1.
// *ReLU*, short for rectified linear unit, lets the positive pass and stops the rest. *GELU* is its
// smooth sister: x times the probability Φ(x) that a normal variable is below x.
//
//     sigmoid(x) = 1/(1 + exp(−x)),   relu(x) = max(0, x),   gelu(x) = x Φ(x)             (3.4)
//
// Four slopes from school are enough: exp(x) has the slope exp(x), 1/u has −1/u², a product u v has
// u′ v + u v′, and Φ has φ, the density of the normal distribution.
//
// ## Exercise 3.5 — Slopes
// *About 3 lines · difficulty 2 of 3 · 10 minutes*
//
// Find the slope of each, from x (here called p) or from y = f(x). At 0, where ReLU has none, take
// 0. φ(x) is `normal_density(x)`, and Φ(x) is `normal_probability(x)`.
Variable sigmoid(const Variable& x) {
    return elementwise(
        "sigmoid", x, [](float p) { return 1.0f / (1.0f + fast_exp(-p)); },
        [](float, float y) -> float {
            //> 3.5: the slope of the sigmoid, from y
            return y * (1.0f - y);
            //<
        });
}

Variable relu(const Variable& x) {
    return elementwise(
        "relu", x, [](float p) { return std::max(p, 0.0f); },
        [](float p, float) -> float {
            //> 3.5: the slope of ReLU, from p
            return p > 0.0f ? 1.0f : 0.0f;
            //<
        });
}

Variable gelu(const Variable& x) {
    return elementwise(
        "gelu", x, [](float p) { return p * normal_probability(p); },
        [](float p, float) -> float {
            //> 3.5: the slope of GELU, from p
            return normal_probability(p) + p * normal_density(p);
            //<
        });
}

// ## Softmax, once more
//
// In a softmax every score x_i moves every probability y_j of its row. Raise x_i by h. Its own
// exponential grows, which raises y_i by y_i h. But the sum of all exponentials grows too, and that
// lowers every y_j by y_i y_j h. With δ_(i j) = 1 if i = j and else 0, the n² slopes of a row, and
// what x_i gets by (3.1), are
//
//     ∂y_j/∂x_i = y_j (δ_(i j) − y_i),   dx_i = Σ_j dy_j ∂y_j/∂x_i                        (3.5)
//
// The table of all slopes is the *Jacobian*. For a row of 1000 scores it has a million entries, and
// you never need it: only its product with dy.
//
// ## Exercise 3.6 — Softmax, backwards
// *About 7 lines · difficulty 2 of 3 · 15 minutes*
//
// Put the first half of (3.5) into the second, on paper. What can stand in front of the sum, and
// which sum is the same for all i? Write what is left. y and dy have the shape of x, with rows of n
// numbers; go along a row twice, not n times.
Tensor softmax_backward(const Tensor& y, const Tensor& dy) {
    require_shapes("softmax_backward", {{y.shape, "... n"}, {dy.shape, "... n"}});
    const int n = y.columns();
    Tensor dx(y.shape);
    //> 3.6: about 7 lines
    for (int begin = 0; begin < y.size(); begin += n) {
        const float average =
            lane_sum(n, [&](int j) { return dy.data[begin + j] * y.data[begin + j]; });
        for (int i = begin; i < begin + n; ++i) dx.data[i] = y.data[i] * (dy.data[i] - average);
    }
    return dx;
    //<
}

// The sum in it is the average of dy, weighted with the probabilities. It makes dx sum to 0 in each
// row. So it must be, for adding the same to all scores changes nothing.
Variable softmax(const Variable& x) {
    return record("softmax", softmax(x.value()), {x},
                  [](const Tensor& y, const Tensor& dy) { return softmax_backward(y, dy); });
}

// ## See it
//
// The demo goes back through L = tanh(x₁ w₁ + x₂ w₂ + b), asks the judge, and draws the graph.
// Before you run `make demo CHAPTER=03`: x₂ is 0. What is the gradient of w₂?
//
// ## Experiment
//
// Set the `bias` b to 6. Work out the gradient of w₁, write it down as `predicted`, and run the
// demo. Then try 16: what can a tanh learn that is so far out?
static const float bias = 6.7f;
static const double predicted = NAN;  // your number, such as 1.27

static const Demo demo("03", [] {
    const std::vector<Variable> leaves = {
        parameter(Tensor({}, {2.0f}), "x₁"), parameter(Tensor({}, {-3.0f}), "w₁"),
        parameter(Tensor({}, {0.0f}), "x₂"), parameter(Tensor({}, {1.0f}), "w₂"),
        parameter(Tensor({}, {bias}), "b ")};
    const auto expression = [](const std::vector<Variable>& v) {
        return tanh(v[0] * v[1] + v[2] * v[3] + v[4]);
    };
    const Variable loss = expression(leaves);
    backward(loss, Graph::kept);
    std::printf("L = tanh(x₁ w₁ + x₂ w₂ + b) = %.6f\n\n", loss.value()());
    graph::check(expression, leaves);
    compare("The gradient of w₁", predicted, leaves[1].gradient()());
    graph::draw(loss);
});

// ## Questions
//
// 1. A network has a million parameters and one loss. How many calls of f do central differences
//    need for the gradient, and how often does the tape go through the network's operations?
// 2. ReLU has the slope 0 for all negative numbers. What breaks if an input to it is negative for
//    every example?
// 3. Look at the graph of the demo. Two leaves have a gradient of 0.635 although they have
//    different values. Which leaf learns nothing, and why does the other one at its × learn?
// 4. The values of all operations have to wait in memory until the tape has been read back to them.
//    When does that hurt, and what would you give up to need less?
//> answers
//
// Answers.
//
// Prediction. w₂ gets dz x₂ = 0. With b = 6 the sum is 0 and the slope of tanh is 1, so w₁ gets
// x₁ = 2. With b = 16 it gets 0, to all digits: far out tanh has no slope, and nothing learns.
//
// 1. Two million, against once forwards and once backwards. That is why everyone uses the tape.
// 2. Nothing flows back to the weights in front of it, so the loss no longer changes them. This is
//    a dead neuron.
// 3. ∂L/∂x₂ = dz w₂ and ∂L/∂b = dz, and w₂ is 1. w₂ learns nothing: it is multiplied by x₂ = 0, so
//    nothing depends on it. x₂ has the slope w₂ = 1.
// 4. It hurts with long sequences, deep networks and large batches. One can give up time (compute
//    values a second time when they are needed) or take small batches and add their gradients up.
//<
//
// ## Where it comes from
//
// - Linnainmaa (1970): the way backwards, in his master's thesis, for the rounding errors of a sum.
// - Rumelhart, Hinton and Williams, "Learning representations by back-propagating errors" (1986).
// - Nair and Hinton, "Rectified linear units improve restricted Boltzmann machines" (2010), and
//   Hendrycks and Gimpel, "Gaussian error linear units (GELUs)" (2016).
//
// ## What you have now
//
// What you compute with these operations has a gradient. Chapter 4 makes networks of it.
//
// ## What a long graph needs
//
// A backward function returns one gradient for each input. `make bench` asks how long it took.
static std::vector<Tensor> gradients_of_inputs(const Node& node) {
    charge_time(graph_work);
    std::vector<Tensor> all = node.backward(node.value, node.gradient).of_inputs;
    charge_time(node.name);
    if (all.size() == node.inputs.size()) return all;
    throw std::logic_error("backward: " + node.name + " must return a gradient for each input");
}

// A chain of a million nodes would be destroyed by a million destructors, each inside the one
// before, and the stack is not that deep. So the destructor walks the chain in a loop and frees
// what nobody else holds.
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

// ## Stacks of matrices
//
// `matmul` works on stacks, one product for each. A single matrix b serves all rows of a, whatever
// axes they stand in: the stack is one tall matrix then. (`transpose`, `reshape`, `sum` and `mean`
// stand in 03_autodiff.hpp.) This is matrix s of a stack of `count`:
template <class SomeTensor>
static auto matrix_of(SomeTensor& x, int s, int count) {
    const auto all = view(x);
    return part(all, s * (all.rows / count), 0, all.rows / count, all.columns);
}

Variable matmul(const Variable& a, const Variable& b) {
    const bool one = b.value().rank() == 2;
    require_shapes("matmul", {{a.shape(), "... M K"}, {b.shape(), one ? "K N" : "... K N"}});
    Shape shape = a.shape();
    const int count = one ? 1 : element_count(Shape(shape.begin(), shape.end() - 2));
    shape.back() = b.value().columns();
    Tensor c(shape);
    const double work = 1.0 * a.value().size() * b.value().columns();
    const auto each_matrix = [=](const std::function<void(int)>& body) {
        if (work > 2e6) return parallel_for(count, body);  // worth all threads
        for (int s = 0; s < count; ++s) body(s);
    };
    each_matrix([&](int s) {
        multiply_add(matrix_of(a.value(), s, count), matrix_of(b.value(), s, count),
                     matrix_of(c, s, count));
    });
    const auto backward = [=](const Tensor&, const Tensor& dc) {
        Tensor da(a.shape()), db(b.shape());
        each_matrix([&](int s) {
            const View A = matrix_of(a.value(), s, count), B = matrix_of(b.value(), s, count),
                       dC = matrix_of(dc, s, count);
            if (a.needs_gradient()) add_left_gradient(dC, B, matrix_of(da, s, count));
            if (b.needs_gradient()) add_right_gradient(dC, A, matrix_of(db, s, count));
        });
        return Gradients(std::move(da), std::move(db));
    };
    return record("matmul", std::move(c), {a, b}, backward);
}
