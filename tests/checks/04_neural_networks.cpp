#include "04_neural_networks.hpp"

#include "grader/check.hpp"
#include "grader/variations.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <stdexcept>

namespace checks_04 {

using Targets = std::vector<int>;

using Tensors = std::vector<Tensor>;

// ## 4.1 By hand: exactly one

Tensors written_down(int) { return exactly_one_by_hand(); }
CALLED(written_down, "exactly_one_by_hand()");

// What the network answers to two inputs.
static double answer(const Tensors& network, double x1, double x2) {
    const std::vector<Shape> shapes = {{2, 2}, {2}, {2, 1}, {1}};
    expect(network.size() == 4, "four tensors are asked for: W₁, b₁, W₂ and b₂");
    for (int i = 0; i < 4; ++i)
        expect(network[i].shape == shapes[i], "tensor " + std::to_string(i) + " of the four is " +
                                                  to_string(network[i].shape) + "; it must be " +
                                                  to_string(shapes[i]));
    double y = network[3].data[0];
    for (int j = 0; j < 2; ++j) {
        const double sum =
            x1 * network[0].data[j] + x2 * network[0].data[2 + j] + network[1].data[j];
        y += std::max(0.0, sum) * network[2].data[j];
    }
    return y;
}

static void expect_answer(double x1, double x2, bool yes) {
    const double y = answer(ASK_UNRECORDED(written_down, 0), x1, x2);
    expect(yes ? y > 1e-6 : y < -1e-6, "for the inputs " + std::to_string(static_cast<int>(x1)) +
                                           " and " + std::to_string(static_cast<int>(x2)) +
                                           " your y is " + std::to_string(y) + "; it must be " +
                                           (yes ? "above 0" : "below 0"));
}

CHECK("4.1", "0 and 0: no, so y is below 0") { expect_answer(0, 0, false); }

CHECK("4.1", "0 and 1, 1 and 0: yes, so y is above 0") {
    expect_answer(0, 1, true);
    expect_answer(1, 0, true);
}

CHECK("4.1", "1 and 1: no again, although each input alone says yes") {
    expect_answer(1, 1, false);
}

// ## 4.2 A layer and its first weights

RESTS_ON("4.2", "3.3", "3.4");

Tensor layer(const Tensor& x, const Tensor& W, const Tensor& b) {
    return plain_linear(x, W, b).value();
}

Tensor two_layers(const Tensor& x, const Tensor& W1, const Tensor& b1, const Tensor& W2,
                  const Tensor& b2) {
    return plain_linear(plain_linear(x, W1, b1), W2, b2).value();
}

// The gradients of W and b, and of x, for the loss Σ y. All three come out of an operation: one
// that has no place among the sources of y does not pass its gradient on.
Tensors layer_gradients(const Tensor& x, const Tensor& W, const Tensor& b) {
    const std::vector<Variable> v = {parameter(x), parameter(W), parameter(b)};
    backward(sum(plain_linear(1.0f * v[0], 1.0f * v[1], 1.0f * v[2])));
    return {v[0].gradient(), v[1].gradient(), v[2].gradient()};
}
PARTS(layer_gradients, "the gradient of x", "the gradient of W", "the gradient of b");

// y and the gradients of Σ y dy, by the plain layer, and by the one of "Faster".
static Tensors through_layer(Variable (*apply)(const Variable&, const Variable&, const Variable&),
                             const Tensors& in, const Tensor& dy) {
    const Variable x = parameter(in.at(0)), W = parameter(in.at(1)), b = parameter(in.at(2));
    const Variable y = apply(x, W, b);
    backward(sum(y * dy));
    return {y.value(), x.gradient(), W.gradient(), b.gradient()};
}

std::pair<Tensors, Tensors> both_layers(const Tensors& in, const Tensor& dy) {
    return {through_layer(plain_linear, in, dy), through_layer(linear, in, dy)};
}
PARTS(both_layers, "by the plain layer, number ##1 of y, dx, dW, db",
      "by the fast layer, number ##1 of y, dx, dW, db");

Tensor first_weights(int in, int out, int seed) {
    Random random(static_cast<std::uint64_t>(seed));
    return xavier_weights(in, out, random);
}

// a b + c, in double: what a layer must be.
static Tensor exact_layer(const Tensor& a, const Tensor& b, const Tensor& c) {
    const int N = a.shape[0], K = a.shape[1], M = b.shape[1];
    Tensor y({N, M});
    for (int i = 0; i < N; ++i)
        for (int j = 0; j < M; ++j) {
            double total = static_cast<double>(c.data[j]);
            for (int p = 0; p < K; ++p)
                total += static_cast<double>(a.data[i * K + p]) * b.data[p * M + j];
            y.data[i * M + j] = static_cast<float>(total);
        }
    return y;
}

CHECK("4.2", "[1 2] times [1 0 2; 0 1 3], plus the bias [10 20 30], is [11 22 38]") {
    const Tensor x = matrix({{1, 2}}), W = matrix({{1, 0, 2}, {0, 1, 3}}), b = row({10, 20, 30});
    expect_near(ASK(layer, x, W, b), matrix({{11, 22, 38}}), 0);
}

CHECK("4.2", "every row of x is an example of its own, whatever the axes before it") {
    const Tensor x = random_tensor({5, 3}), W = random_tensor({3, 4}), b = random_tensor({4});
    expect_near(ASK(layer, x, W, b), exact_layer(x, W, b), 1e-6);
    const Tensor stack = random_tensor({2, 3, 3});
    ASK(layer, stack, W, b);
    expect(ASK(layer, Tensor({0, 3}), W, b).shape == Shape{0, 4}, "the shape must be [0, 4]");
}

CHECK("4.2", "two layers with nothing between them are one: x (W₁ W₂) + (b₁ W₂ + b₂)") {
    const Tensor x = random_tensor({4, 3}), W1 = random_tensor({3, 5}), b1 = random_tensor({5});
    const Tensor W2 = random_tensor({5, 2}), b2 = random_tensor({2});
    const Tensor W = exact_layer(W1, W2, Tensor({2}));
    const Tensor b = reshape(exact_layer(reshape(b1, {1, 5}), W2, b2), {2});
    expect_near(ASK(two_layers, x, W1, b1, W2, b2), exact_layer(x, W, b), 3e-6);
}

CHECK("4.2", "gradients reach x, W and b") {
    const Tensor x = random_tensor({4, 3}), W = random_tensor({3, 2}), b = random_tensor({2});
    ASK(layer_gradients, x, W, b);
}

CHECK("4.2", "the layer of the section Faster says what the plain one says, backwards too") {
    const Tensors in = {random_tensor({4, 3}), random_tensor({3, 2}), random_tensor({2})};
    const auto [plain, fast] = ASK(both_layers, in, random_tensor({4, 2}));
    for (int i = 0; i < 4; ++i) expect_near(plain.at(i), fast.at(i), 4e-6);
}

CHECK("4.2", "Xavier: for 22 inputs and 2 outputs, one draw from −1/2 to 1/2 for each, in order") {
    const Tensor W = ASK_UNRECORDED(first_weights, 22, 2, 1);
    Random random(1);
    Tensor expected({22, 2});
    for (float& weight : expected.data) weight = random.uniform(-0.5f, 0.5f);
    expect_near(W, expected, 1e-6);
}

CHECK("4.2", "Xavier: the mean is 0 and the variance 2/(in + out)") {
    for (const Shape& size : {Shape{100, 100}, Shape{300, 20}, Shape{7, 500}}) {
        const Tensor W = ASK_UNRECORDED(first_weights, size[0], size[1], 3);
        expect(W.shape == size, "the shape must be " + to_string(size));
        double total = 0, squares = 0, n = W.size();
        for (float weight : W.data) {
            total += static_cast<double>(weight);
            squares += static_cast<double>(weight) * weight;
        }
        const double variance = 2.0 / (size[0] + size[1]);
        expect(std::fabs(total / n) < 5 * std::sqrt(variance / n),
               "the mean is " + std::to_string(total / n));
        expect(std::fabs(squares / n / variance - 1) < 5 / std::sqrt(n),
               "the variance is " + std::to_string(squares / n) + "; it must be near " +
                   std::to_string(variance));
    }
}

using Variables = std::vector<Variable>;

Tensors layer_with_constants(const Tensors& at, const Tensor& dy, int wanted) {
    const auto layer = [](const Variables& v) { return plain_linear(v[0], v[1], v[2]); };
    return with_constants<Variable>(layer, at, dy, wanted);
}
PARTS(layer_with_constants, "y", "the gradient of x", "the gradient of W", "the gradient of b");

CHECK("4.2",
      "with constants among x, W and b, the others still learn: a first layer has data for x") {
    const Tensors at = {random_tensor({4, 3}), random_tensor({3, 2}), random_tensor({2})};
    const Tensor dy = random_tensor({4, 2});
    for (int wanted = 1; wanted < 7; ++wanted) ASK(layer_with_constants, at, dy, wanted);
}

// The first weights of two layers, from one generator.
std::pair<Tensor, Tensor> two_first_weights(int in, int out, int seed) {
    Random random(static_cast<std::uint64_t>(seed));
    const Tensor first = xavier_weights(in, out, random);
    return {first, xavier_weights(in, out, random)};
}
PARTS(two_first_weights, "the weights of the first layer", "the weights of the second layer");

CHECK("4.2", "Xavier: the second layer goes on drawing where the first one stopped") {
    const int seed = random_numbers().below(1000000);
    const auto [first, second] = ASK(two_first_weights, 4, 3, seed);
    expect(first.data != second.data, "both layers have the same weights");
}

CHECK("4.2", "shapes that do not fit are refused, and the message names all three") {
    const Tensor x = Tensor({5, 3}), W = Tensor({3, 4}), b = Tensor({4});
    expect_mentions(ASK_REFUSAL(layer, x, Tensor({4, 3}), b), {"linear", "[5, 3]", "[4, 3]"});
    expect_mentions(ASK_REFUSAL(layer, x, W, Tensor({3})), {"linear", "[3, 4]", "[3]"});
    ASK_REFUSAL(layer, Tensor({3}), W, b);
}

// ## 4.3 Cross-entropy

double loss_of(const Tensor& logits, const Targets& targets, int ignore) {
    return cross_entropy_loss(logits, targets, ignore);
}

// The mean of −log softmax over the rows that count, and its slopes, in double.
static double exact_loss(const Tensor& logits, const Targets& targets, int ignore) {
    const int C = logits.shape.back();
    double total = 0;
    int counted = 0;
    for (std::size_t i = 0; i < targets.size(); ++i) {
        if (targets[i] == ignore) continue;
        const float* z = logits.data.data() + i * C;
        const double m = static_cast<double>(*std::max_element(z, z + C));
        double sum = 0;
        for (int j = 0; j < C; ++j) sum += std::exp(z[j] - m);
        total += m - z[targets[i]] + std::log(sum);
        ++counted;
    }
    return counted == 0 ? 0 : total / counted;
}

CHECK("4.3",
      "with two equal logits the loss is log 2 = .6931; for 2 5 1, .0659 if the 5 is right") {
    expect_near(ASK(loss_of, matrix({{0, 0}}), Targets{0}, -1), 0.693147, 2e-6);
    const Tensor logits = matrix({{2, 5, 1}});
    expect_near(ASK_UNRECORDED(loss_of, logits, Targets{1}, -1), 0.065884, 2e-6);
    expect_near(ASK_UNRECORDED(loss_of, logits, Targets{0}, -1), 3.065884, 2e-6);
    expect_near(ASK_UNRECORDED(loss_of, logits, Targets{2}, -1), 4.065884, 2e-6);
}

CHECK("4.3", "the loss of several rows is their mean, not their sum") {
    const Tensor logits = matrix({{0, 0}, {0, 0}, {0, 0}});
    expect_near(ASK_UNRECORDED(loss_of, logits, Targets{0, 1, 0}, -1), 0.693147, 2e-6);
    const Tensor x = random_tensor({7, 5});
    const Targets targets = {4, 0, 2, 2, 1, 3, 0};
    expect_near(ASK(loss_of, x, targets, -1), exact_loss(x, targets, -1), 2e-6);
}

CHECK("4.3", "ignored rows do not count: neither in the sum nor in what it is divided by") {
    const Tensor logits = matrix({{0, 0}, {9, -3}, {0, 0}, {7, 7}});
    expect_near(ASK_UNRECORDED(loss_of, logits, Targets{0, -1, 1, -1}, -1), 0.693147, 2e-6);
    const Tensor x = random_tensor({6, 3});
    const Targets targets = {0, 2, 0, 1, 1, 0};
    expect_near(ASK(loss_of, x, targets, 0), exact_loss(x, targets, 0), 2e-6);
    ASK(loss_of, x, Targets{2, -100, 1, -100, 0, 0}, -100);
}

CHECK("4.3", "a probability that rounds to 0 has a finite loss: 200 for the first of 0 200") {
    expect_near(ASK(loss_of, matrix({{0, 200}}), Targets{0}, -1), 200, 1e-4);
    expect_near(ASK(loss_of, matrix({{-1000, 1000, 0}}), Targets{2}, -1), 1000, 1e-3);
    const Tensor low = matrix({{-1000, -1000}});
    expect_near(ASK_UNRECORDED(loss_of, low, Targets{1}, -1), 0.693147, 1e-4);
    expect_near(ASK(loss_of, matrix({{-INFINITY, 0, 0}}), Targets{1}, -1), 0.693147, 2e-6);
    expect_near(ASK(loss_of, matrix({{0, 0}, {1000, 0}}), Targets{0, 0}, -1), 0.346574, 2e-6);
    expect_near(ASK(loss_of, matrix({{0, 2000}}), Targets{0}, -1), 2000, 1e-3);
}

CHECK("4.3", "when all targets are ignored, or there are none, the loss is 0") {
    expect_near(ASK(loss_of, matrix({{1, 2}, {3, 4}}), Targets{-1, -1}, -1), 0, 0);
    expect_near(ASK(loss_of, Tensor({0, 3}), Targets{}, -1), 0, 0);
}

CHECK("4.3", "the axes before the last are all rows: [2, 3, 4] has six, and [2] is one") {
    ASK(loss_of, random_tensor({2, 3, 4}), Targets{0, 3, 1, 2, -1, 3}, -1);
    expect_near(ASK(loss_of, row({0, 0}), Targets{0}, -1), 0.693147, 2e-6);
}

double loss_again(const Tensors& first, const Tensors& then, const Targets& targets) {
    return in_the_same_place(
        [&](const Tensors& x) { return cross_entropy_loss(x[0], targets, -1); }, first, then);
}

CHECK("4.3", "nothing is left over from the last call: other sizes, other numbers in one place") {
    ASK(loss_of, random_tensor({2, 3}), Targets{2, 0}, -1);
    ASK(loss_of, random_tensor({3, 5}), Targets{4, 0, 1}, -1);
    const Tensors first = {random_tensor({3, 4})}, then = {random_tensor({3, 4})};
    ASK(loss_again, first, then, Targets{0, 3, 1});
}

CHECK("4.3", "a target that is no class is refused, with its position, itself and the classes") {
    const Tensor logits = Tensor({3, 4});
    expect_mentions(ASK_REFUSAL(loss_of, logits, Targets{0, 3, 4}, -1),
                    {"cross_entropy", "target 4", "position 2", "4 classes"});
    expect_mentions(ASK_REFUSAL(loss_of, logits, Targets{0, -1, 2}, 0),
                    {"target -1", "position 1"});
    expect_mentions(ASK_REFUSAL(loss_of, logits, Targets{0, 1}, -1), {"[3, 4]", "2 targets"});
    ASK_REFUSAL(loss_of, Tensor(), Targets{0}, -1);
}

// ## 4.4 The gradient of cross-entropy

RESTS_ON("4.4", "1.6", "3.3");

Tensor dlogits_of(const Tensor& logits, const Targets& targets, int ignore) {
    return cross_entropy_gradient(logits, targets, ignore);
}

// `factor` times the loss, and ∂/∂logits, by the tape.
std::pair<double, Tensor> on_the_tape(const Tensor& logits, const Targets& targets, double factor) {
    const Variable z = parameter(logits);
    const Variable loss = scale(cross_entropy(z, targets), static_cast<float>(factor));
    backward(loss);
    return {static_cast<double>(loss.value().data[0]), z.gradient()};
}
PARTS(on_the_tape, "the loss", "the gradient of the logits");

static Tensor exact_slopes(const Tensor& logits, const Targets& targets, int ignore) {
    const double h = 1.0 / 128;  // with logits of a few units, z ± h is exact in float
    Tensor slopes(logits.shape);
    for (int i = 0; i < logits.size(); ++i) {
        Tensor up = logits, down = logits;
        up.data[i] += static_cast<float>(h);
        down.data[i] -= static_cast<float>(h);
        slopes.data[i] = static_cast<float>(
            (exact_loss(up, targets, ignore) - exact_loss(down, targets, ignore)) /
            (static_cast<double>(up.data[i]) - static_cast<double>(down.data[i])));
    }
    return slopes;
}

CHECK("4.4", "two equal logits, the first right: −.5 .5") {
    const Tensor logits = matrix({{0, 0}});
    expect_near(ASK(dlogits_of, logits, Targets{0}, -1), matrix({{-0.5f, 0.5f}}), 1e-6);
}

CHECK("4.4", "for 2 5 1 the slopes are .0466 −.0638 .0171 if the 5 is right, and sum to 0") {
    const Tensor logits = matrix({{2, 5, 1}});
    const Tensor d = ASK(dlogits_of, logits, Targets{1}, -1);
    expect_near(d, matrix({{0.0466f, -0.0638f, 0.0171f}}), 6e-5);
    ASK(dlogits_of, logits, Targets{2}, -1);
}

CHECK("4.4", "a row that is ignored has no slopes") {
    const Tensor d = ASK_UNRECORDED(dlogits_of, matrix({{0, 0}, {5, 1}}), Targets{0, -1}, -1);
    expect(d.data.at(2) == 0 && d.data.at(3) == 0,
           "the second row is ignored, and its slopes are " + std::to_string(d.data[2]) + " and " +
               std::to_string(d.data[3]));
}

CHECK("4.4", "the slopes are divided by the number of rows that count") {
    const Tensor logits = matrix({{0, 0}, {0, 0}, {5, 1}, {0, 0}});
    const Tensor expected = matrix({{-0.25f, 0.25f}, {0.25f, -0.25f}, {0, 0}, {0, 0}});
    expect_near(ASK(dlogits_of, logits, Targets{0, 1, -1, -1}, -1), expected, 1e-6);
}

CHECK("4.4", "the slopes are those of the loss, by central differences in double") {
    const Tensor logits = random_tensor({4, 5});
    const Targets targets = {3, 0, 0, 4};
    expect_near(ASK(dlogits_of, logits, targets, -1), exact_slopes(logits, targets, -1), 2e-5);
    expect_near(ASK(dlogits_of, logits, targets, 0), exact_slopes(logits, targets, 0), 2e-5);
    ASK(dlogits_of, random_tensor({2, 2, 3}), Targets{2, 1, 0, -7}, -7);
    expect_near(ASK(dlogits_of, row({0, 0}), Targets{0}, -1), row({-0.5f, 0.5f}), 1e-6);
}

CHECK("4.4", "an ignored row gets exactly 0, whatever stands in it") {
    const Tensor logits = matrix({{1, 2}, {NAN, INFINITY}, {3, 3}});
    const Tensor d = ASK(dlogits_of, logits, Targets{-1, -1, 1}, -1);
    expect_near(d, matrix({{0, 0}, {0, 0}, {0.5f, -0.5f}}), 1e-6);
    expect_near(ASK(dlogits_of, logits, Targets{-1, -1, -1}, -1), Tensor({3, 2}), 0);
    expect(ASK(dlogits_of, Tensor({0, 3}), Targets{}, -1).shape == Shape{0, 3},
           "the shape must be [0, 3]");
}

CHECK("4.4", "huge logits have finite slopes: −1 1 for 0 200 when the first is right") {
    const Tensor logits = matrix({{0, 200}});
    expect_near(ASK(dlogits_of, logits, Targets{0}, -1), matrix({{-1, 1}}), 1e-6);
}

CHECK("4.4",
      "on the tape the gradient takes part in the chain rule: 3 times the loss, 3 times it") {
    const Tensor logits = matrix({{0, 0}});
    const auto [loss, gradient] = ASK(on_the_tape, logits, Targets{0}, 3.0);
    expect_near(loss, 3 * 0.693147, 1e-5);
    expect_near(gradient, matrix({{-1.5f, 1.5f}}), 1e-5);
    ASK(on_the_tape, random_tensor({2, 2, 3}), Targets{1, -1, 2, 0}, 1.0);
}

Tensor slopes_again(const Tensors& first, const Tensors& then, const Targets& targets) {
    return in_the_same_place(
        [&](const Tensors& x) { return cross_entropy_gradient(x[0], targets, -1); }, first, then);
}

CHECK("4.4", "nothing is left over from the last call: other sizes, other numbers in one place") {
    ASK(dlogits_of, random_tensor({2, 3}), Targets{2, 0}, -1);
    ASK(dlogits_of, random_tensor({3, 5}), Targets{4, 0, 1}, -1);
    const Tensors first = {random_tensor({3, 4})}, then = {random_tensor({3, 4})};
    ASK(slopes_again, first, then, Targets{0, 3, 1});
}

// ## 4.5 Adam

using Settings = std::vector<double>;

// Lets the optimiser take a step for each round of gradients (one for each of the weights), and
// returns the weights after every step. Gradients are put in place without chapter 3.
template <class Kind, class... More>
static Tensors steps_of(const Tensors& weights, const Tensors& gradients, const More&... more) {
    Parameters parameters;
    for (const Tensor& w : weights) parameters.push_back(parameter(w));
    Kind optimiser(parameters, more...);
    Tensors after;
    for (std::size_t next = 0; next < gradients.size();) {
        for (const Variable& p : parameters) {
            p.node()->gradient = gradients.at(next++);
            p.node()->has_gradient = true;
        }
        optimiser.step();
        for (const Variable& p : parameters) after.push_back(p.value());
    }
    return after;
}

// What the optimisers do to each weight, in double. `rule` gives the new weight, from the old one,
// its gradient, two remembered numbers and the number of the step.
template <class Rule>
static Tensors exact_steps(const Tensors& weights, const Tensors& gradients, Rule rule) {
    Tensors after = gradients;
    for (std::size_t i = 0; i < weights.size(); ++i)
        for (int k = 0; k < weights[i].size(); ++k) {
            double w = static_cast<double>(weights[i].data[k]), first = 0, second = 0;
            int step = 0;
            for (std::size_t g = i; g < gradients.size(); g += weights.size()) {
                w = rule(w, static_cast<double>(gradients[g].data[k]), first, second, ++step);
                after[g].data[k] = static_cast<float>(w);
            }
        }
    return after;
}

static void expect_all_near(const Tensors& yours, const Tensors& expected, double tolerance) {
    expect(yours.size() == expected.size(), "there must be weights after every step");
    for (std::size_t i = 0; i < yours.size(); ++i) expect_near(yours[i], expected[i], tolerance);
}

static Tensors rounds(int count, const std::vector<Shape>& shapes) {
    Tensors gradients;
    for (int i = 0; i < count; ++i)
        for (const Shape& shape : shapes) gradients.push_back(random_tensor(shape));
    return gradients;
}

// Settings: the rate, β₁, β₂, epsilon and, for AdamW, the decay.
Tensors adam(const Tensors& weights, const Tensors& gradients, const Settings& s) {
    return steps_of<Adam>(weights, gradients, s.at(0), AdamSettings{s.at(1), s.at(2), s.at(3)});
}
PARTS(adam, "entry #1 of the weights after each step");

Tensors adamw(const Tensors& weights, const Tensors& gradients, const Settings& s) {
    const AdamSettings settings = {s.at(1), s.at(2), s.at(3)};
    return steps_of<AdamW>(weights, gradients, s.at(0), s.at(4), settings);
}
PARTS(adamw, "entry #1 of the weights after each step");

// All settings but the rate as they are when nothing is said.
Tensors usual_adamw(const Tensors& weights, const Tensors& gradients, double rate) {
    return steps_of<AdamW>(weights, gradients, rate);
}
PARTS(usual_adamw, "the weights after step #1");

// When everything is computed in float, 1 − 0.999ᵗ is known to a few parts in 100,000, and so is
// the length of a step: ten steps of 0.02 are right to 6e-6.
static const double ten_steps = 8e-6;

static Tensors exact_adam(const Tensors& weights, const Tensors& gradients, const Settings& s) {
    return exact_steps(weights, gradients, [&](double w, double g, double& m, double& v, int t) {
        m = s[1] * m + (1 - s[1]) * g;
        v = s[2] * v + (1 - s[2]) * g * g;
        const double m_hat = m / (1 - std::pow(s[1], t)), v_hat = v / (1 - std::pow(s[2], t));
        return w - s[0] * (m_hat / (std::sqrt(v_hat) + s[3]) + s[4] * w);
    });
}

CHECK("4.5",
      "the first step is g/(|g| + ε) times the rate: for g = 4, ε = 1 and rate .5 it is .4") {
    const Tensors weights = {row({1})}, gradients = {row({4})};
    const Settings rate_betas_epsilon_decay = {0.5, 0.9, 0.999, 1, 0};
    expect_all_near(ASK(adam, weights, gradients, rate_betas_epsilon_decay), {row({0.6f})}, 1e-6);
}

CHECK("4.5", "with equal gradients all steps are equal: the averages are corrected at each step") {
    const Tensors weights = {row({0})};
    const Tensors gradients(5, row({-3}));
    const Settings rate_betas_epsilon_decay = {0.1, 0.9, 0.99, 0, 0};
    expect_all_near(ASK(adam, weights, gradients, rate_betas_epsilon_decay),
                    {row({0.1f}), row({0.2f}), row({0.3f}), row({0.4f}), row({0.5f})}, 2e-6);
}

CHECK("4.5", "gradients that change, over ten steps, for every parameter on its own") {
    const Tensors weights = {random_tensor({2, 3}), random_tensor({4})};
    const Tensors gradients = rounds(10, {{2, 3}, {4}});
    allow_roundings(64);
    for (const Settings& rate_betas_epsilon_decay :
         {Settings{0.01, 0.9, 0.999, 1e-8, 0}, Settings{0.02, 0.5, 0.9, 0.1, 0}})
        expect_all_near(ASK(adam, weights, gradients, rate_betas_epsilon_decay),
                        exact_adam(weights, gradients, rate_betas_epsilon_decay), ten_steps);
    // Two of one size, one of nine weights, and more steps.
    const Tensors more = {random_tensor({3}), random_tensor({3}), random_tensor({9})};
    const Tensors many = rounds(12, {{3}, {3}, {9}});
    const Settings usual = {0.01, 0.9, 0.999, 1e-8, 0};
    expect_all_near(ASK(adam, more, many, usual), exact_adam(more, many, usual), ten_steps);
}

CHECK("4.5", "ε stands outside the root: gradients of 1e-6 with ε = 1e-6 make half a step") {
    const Tensors weights = {row({0})}, gradients = {row({1e-6f})};
    const Settings rate_betas_epsilon_decay = {1, 0.9, 0.999, 1e-6, 0};
    expect_all_near(ASK(adam, weights, gradients, rate_betas_epsilon_decay), {row({-0.5f})}, 2e-6);
}

CHECK("4.5", "AdamW: without a gradient, only the decay acts: rate .1 and decay .5 make 2 to 1.9") {
    const Tensors weights = {row({2})}, gradients = {row({0}), row({0})};
    const Settings rate_betas_epsilon_decay = {0.1, 0.9, 0.999, 1e-8, 0.5};
    expect_all_near(ASK(adamw, weights, gradients, rate_betas_epsilon_decay),
                    {row({1.9f}), row({1.805f})}, 2e-6);
}

CHECK("4.5", "AdamW: the decay does not depend on how large the gradients are") {
    const Tensors weights = {row({1, 1})}, gradients = {row({0.01f, 100})};
    const Settings rate_betas_epsilon_decay = {0.1, 0.9, 0.999, 0, 0.5};
    expect_all_near(ASK(adamw, weights, gradients, rate_betas_epsilon_decay), {row({0.85f, 0.85f})},
                    2e-6);
    const Tensors more = {random_tensor({3})}, many = rounds(10, {{3}});
    const Settings more_rate_betas_epsilon_decay = {0.01, 0.9, 0.999, 1e-8, 0.1};
    allow_roundings(64);
    expect_all_near(ASK(adamw, more, many, more_rate_betas_epsilon_decay),
                    exact_adam(more, many, more_rate_betas_epsilon_decay), ten_steps);
    expect_all_near(ASK(usual_adamw, more, many, 0.02),
                    exact_adam(more, many, {0.02, 0.9, 0.999, 1e-8, 0.01}), ten_steps);
}

CHECK("4.5", "a weight whose gradients are all 0 stays where it is") {
    const Tensors weights = {row({3, 3})}, gradients = {row({0, 1}), row({0, 1})};
    const Settings rate_betas_epsilon_decay = {0.1, 0.9, 0.999, 1e-8, 0};
    ASK(adam, weights, gradients, rate_betas_epsilon_decay);
}

// Two optimisers take turns, each with weights of its own and another rate at every step; the
// weights of both after every step.
Tensors adams_in_turn(const Tensors& weights, const Tensors& gradients, const Settings& rates) {
    const Variable a = parameter(weights.at(0)), b = parameter(weights.at(1));
    Adam first({a}, 1.0), second({b}, 1.0);
    Tensors after;
    for (int step = 0; step < size_of(gradients); ++step) {
        const bool odd = step % 2 == 1;
        const Variable& p = odd ? b : a;
        Adam& optimiser = odd ? second : first;
        p.clear_gradient();
        p.add_gradient(gradients[step]);
        optimiser.rate = rates.at(step);
        optimiser.step();
        after.push_back(p.value());
    }
    return after;
}
PARTS(adams_in_turn, "the weights after step #1");

CHECK("4.5",
      "the rate may be another at each step, and two optimisers know nothing of each other") {
    const Tensors weights = {random_tensor({3}), random_tensor({3})};
    const Tensors gradients = rounds(6, {{3}});
    const Settings rates = {0.1, 0.2, 0.3, 0.1, 0.05, 0.4};
    allow_roundings(1024);
    ASK(adams_in_turn, weights, gradients, rates);
}

// ## 4.6 Batches and steps

RESTS_ON("4.6", "3.3", "3.4");

using Batches = std::vector<std::vector<int>>;

Batches batches_of(int count, int size, int seed) {
    Random random(static_cast<std::uint64_t>(seed));
    return shuffled_batches(count, size, random);
}

// The batches of one epoch, and those of the next.
std::pair<Batches, Batches> two_epochs(int count, int size, int seed) {
    Random random(static_cast<std::uint64_t>(seed));
    const Batches first = shuffled_batches(count, size, random);
    return {first, shuffled_batches(count, size, random)};
}

// How often each order of three examples comes out, in so many epochs; 0 1 2 first.
std::vector<int> orders_of_three(int epochs) {
    Random random(5);
    std::map<std::vector<int>, int> times = {{{0, 1, 2}, 0}, {{0, 2, 1}, 0}, {{1, 0, 2}, 0},
                                             {{1, 2, 0}, 0}, {{2, 0, 1}, 0}, {{2, 1, 0}, 0}};
    for (int i = 0; i < epochs; ++i) ++times[shuffled_batches(3, 3, random).at(0)];
    std::vector<int> counts;
    for (const auto& [order, count] : times) counts.push_back(count);
    return counts;
}

// Trains w with SGD on the loss Σ w². Some gradient of an earlier day still stands in w.
std::pair<std::vector<double>, Tensors> squares(const Tensor& start, double rate, int steps) {
    const Variable w = parameter(start);
    w.node()->gradient = start;
    w.node()->has_gradient = true;
    SGD optimiser({w}, rate);
    std::vector<double> losses;
    Tensors after;
    for (int i = 0; i < steps; ++i) {
        losses.push_back(train_step(optimiser, [&] { return sum(w * w); }));
        after.push_back(w.value());
    }
    return {losses, after};
}
PARTS(squares, "the loss of step ##1", "w after step ##1");

// After two good steps the loss is multiplied by `factor`: what training says, w before and after,
// and how many steps are counted.
std::tuple<std::string, Tensor, Tensor, int> third_step(double factor) {
    const Variable w = parameter(row({1, 2}));
    Adam optimiser({w}, 0.1);
    for (int i = 0; i < 2; ++i) train_step(optimiser, [&] { return sum(w * w); });
    const Tensor before = w.value();
    std::string message = "nothing was thrown";
    try {
        train_step(optimiser, [&] { return scale(sum(w * w), static_cast<float>(factor)); });
    } catch (const std::runtime_error& error) {
        message = error.what();
    }
    return {message, before, w.value(), optimiser.state.steps};
}

// Trains w with SGD on a loss that is another at each call of forward: Σ w², 2 Σ w², 3 Σ w² …
std::pair<std::vector<double>, Tensors> another_loss_each_time(const Tensor& start, double rate,
                                                               int steps) {
    const Variable w = parameter(start);
    SGD optimiser({w}, rate);
    int calls = 0;
    std::vector<double> losses;
    Tensors after;
    for (int i = 0; i < steps; ++i) {
        const auto forward = [&] { return scale(sum(w * w), static_cast<float>(++calls)); };
        losses.push_back(train_step(optimiser, forward));
        after.push_back(w.value());
    }
    return {losses, after};
}
PARTS(another_loss_each_time, "the loss of step ##1", "w after step ##1");

static void expect_each_once(const Batches& batches, int count) {
    std::vector<int> times(static_cast<std::size_t>(count));
    for (const auto& batch : batches)
        for (int i : batch) {
            expect(i >= 0 && i < count, std::to_string(i) + " is none of the examples");
            ++times[i];
        }
    for (int i = 0; i < count; ++i)
        expect(times[i] == 1, "example " + std::to_string(i) + " comes " +
                                  std::to_string(times[i]) + " times in one epoch");
}

CHECK("4.6", "7 examples in batches of 3: two of 3 and one of 1, each example exactly once") {
    const Batches batches = ASK_UNRECORDED(batches_of, 7, 3, 1);
    expect(batches.size() == 3, "there must be 3 batches, not " + std::to_string(batches.size()));
    expect(batches[0].size() == 3 && batches[1].size() == 3 && batches[2].size() == 1,
           "the sizes must be 3, 3 and 1, not " + std::to_string(batches[0].size()) + ", " +
               std::to_string(batches[1].size()) + " and " + std::to_string(batches[2].size()));
    expect_each_once(batches, 7);
}

CHECK("4.6", "each example exactly once, for many counts and sizes; no batch is empty") {
    for (const Shape& s :
         {Shape{1, 1}, Shape{2, 1}, Shape{6, 3}, Shape{10, 10}, Shape{100, 7}, Shape{1000, 64}}) {
        const Batches batches = ASK_UNRECORDED(batches_of, s[0], s[1], 2);
        expect(static_cast<int>(batches.size()) == (s[0] + s[1] - 1) / s[1],
               "the number of batches is " + std::to_string(batches.size()));
        for (std::size_t i = 0; i + 1 < batches.size(); ++i)
            expect(static_cast<int>(batches[i].size()) == s[1], "only the last may be shorter");
        expect_each_once(batches, s[0]);
    }
}

CHECK("4.6", "the order is random, is another in the next epoch, and the same for the same seed") {
    const auto [first, second] = ASK_UNRECORDED(two_epochs, 50, 50, 3);
    expect_each_once(second, 50);
    std::vector<int> sorted = first.at(0);
    std::sort(sorted.begin(), sorted.end());
    expect(first.at(0) != sorted, "the examples come in the order in which they were given");
    expect(first != second, "both epochs have the same order");
    expect(ASK_UNRECORDED(two_epochs, 50, 50, 3).first == first,
           "the same seed must give the same order");
    const Batches batches = ASK_UNRECORDED(batches_of, 50, 5, 3);
    expect(batches.empty() || batches.back() != std::vector<int>{45, 46, 47, 48, 49},
           "only the first batch is in a random order");
    const std::vector<int> many = ASK_UNRECORDED(batches_of, 1000, 1000, 4).at(0);
    const auto half = [](int from) {
        return [from](int i) { return i >= from && i < from + 500; };
    };
    expect(size_of(many) == 1000 && std::any_of(many.end() - 100, many.end(), half(0)) &&
               std::any_of(many.begin(), many.begin() + 100, half(500)),
           "of 1000 examples none of the first half comes late, or none of the second half early");
}

CHECK("4.6", "all six orders of three examples are equally likely") {
    const std::vector<int> times = ASK_UNRECORDED(orders_of_three, 30000);
    expect(times.size() == 6, "there are six orders of three examples");
    std::string found;
    for (int count : times) found += " " + std::to_string(count);
    for (int count : times)
        expect(std::abs(count - 5000) < 310, "in 30000 epochs they came so often:" + found);
}

CHECK("4.6", "a batch that is larger than the data, or smaller than 1, is refused") {
    expect_mentions(ASK_REFUSAL(batches_of, 5, 6, 1), {"shuffled_batches", "6", "5"});
    ASK_REFUSAL(batches_of, 5, 0, 1);
    ASK_REFUSAL(batches_of, 5, -1, 1);
    ASK_REFUSAL(batches_of, 0, 1, 1);
}

CHECK("4.6", "on the loss w², with rate .1, w goes from 1 to .8 to .64: gradients do not pile up") {
    const auto [losses, after] = ASK(squares, row({1}), 0.1, 3);
    expect_all_near(after, {row({0.8f}), row({0.64f}), row({0.512f})}, 1e-6);
    expect_near(losses.at(0), 1, 1e-6);
    expect_near(losses.at(1), 0.64, 1e-6);
    ASK(squares, row({1, -2, 0.5f}), 0.3, 4);
}

CHECK("4.6", "any number of examples, in batches of any size, in another order for another seed") {
    const int size = 2 + random_numbers().below(9), count = size + 20 + random_numbers().below(60);
    const int seed = random_numbers().below(1000000);
    const Batches batches = ASK_UNRECORDED(batches_of, count, size, seed);
    expect(static_cast<int>(batches.size()) == (count + size - 1) / size,
           "the number of batches is " + std::to_string(batches.size()));
    expect_each_once(batches, count);
    expect(ASK_UNRECORDED(batches_of, count, size, seed + 1) != batches,
           "two seeds give the same order");
}

// As `squares`, but the loss is of shape [1, 1], and another optimiser has trained before.
std::pair<std::vector<double>, Tensors> squares_of_a_matrix(const Tensor& start, double rate) {
    const Variable other = parameter(start), w = parameter(start);
    SGD before({other}, 2 * rate), optimiser({w}, rate);
    train_step(before, [&] { return sum(other * other); });
    std::vector<double> losses;
    Tensors after;
    for (int i = 0; i < 3; ++i) {
        losses.push_back(train_step(optimiser, [&] { return matmul(w, transpose(w)); }));
        after.push_back(w.value());
    }
    return {losses, after};
}
PARTS(squares_of_a_matrix, "the loss of step ##1", "w after step ##1");

CHECK("4.6", "a loss of shape [1, 1] is a number as well, whatever was trained before") {
    ASK(squares_of_a_matrix, random_tensor({1, 3}), 0.1);
}

CHECK("4.6", "a loss that is NaN or infinite stops training at its step, and changes nothing") {
    const double infinity = static_cast<double>(INFINITY);
    for (double bad : {static_cast<double>(NAN), infinity, -infinity}) {
        const auto [message, before, after, steps] = ASK_UNRECORDED(third_step, bad);
        expect(message != "nothing was thrown",
               "a loss of " + std::to_string(bad) + " must throw std::runtime_error");
        expect_mentions(message, {"step 3"});
        expect_same_bits(after, before, "the parameters have changed");
        expect(steps == 2, "two steps are completed, and state.steps is " + std::to_string(steps));
    }
}

CHECK("4.6", "a loss of 0, one below 0 and one of millions are numbers like any other") {
    for (double factor : {0.0, -1.0, 1e7}) {
        const std::string message = std::get<0>(ASK_UNRECORDED(third_step, factor));
        expect(message == "nothing was thrown", "training stopped and said: " + message);
    }
}

CHECK("4.6", "a step asks for its loss once") {
    const auto [losses, after] = ASK(another_loss_each_time, row({1}), 0.1, 2);
    expect_all_near(after, {row({0.8f}), row({0.48f})}, 1e-6);
    expect_near(losses.at(1), 1.28, 1e-6);
}

}  // namespace checks_04
