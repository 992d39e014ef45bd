#include "04_neural_networks.hpp"

#include "02_fast_matmul.hpp"
#include "grader/check.hpp"
#include "grader/variations.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
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

Tensors plain_layer(const Tensors& in, const Tensor& dy) {
    return through_layer(plain_linear, in, dy);
}

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

// y and the gradients of x, W and b, for x [N, in] or a stack of such, in double.
static void expect_layer(const Tensor& x, const Tensor& W, const Tensor& b, double size) {
    const int in = W.shape[0], out = W.shape[1];
    Shape shape = x.shape;
    shape.back() = out;
    const Tensor rows({x.rows(), in}, x.data), dy = random_tensor(shape);
    const Tensor d_rows({x.rows(), out}, dy.data);
    const double tolerance = 1e-6 * (4 + in + x.rows()) * size;
    const Tensors sources = {x, W, b}, found = ASK_UNRECORDED(plain_layer, sources, dy);
    expect(found.size() == 4 && found[0].shape == shape, "the shape must be " + to_string(shape));
    expect_near(found.at(0), reshape(exact_layer(rows, W, b), shape), tolerance);
    expect_near(found.at(1), reshape(exact_product(d_rows, transposed_copy(W)), x.shape),
                tolerance);
    expect_near(found.at(2), exact_product(transposed_copy(rows), d_rows), tolerance);
    const Tensor ones({1, x.rows()}, std::vector<float>(x.rows(), 1.0f));
    expect_near(found.at(3), reshape(exact_product(ones, d_rows), {out}), tolerance);
}

CHECK("4.2", "of any sizes: one example or many, one input, one neuron, whatever axes come first") {
    for (const Shape& size : awkward_products(100)) {
        const Tensor b = random_tensor({size[2]}), W = random_tensor({size[1], size[2]});
        const Tensor x = random_tensor({size[0], size[1]});
        expect_layer(x, W, b, 1);
    }
    for (const Shape& stack : {Shape{2, 3}, Shape{1, 1, 2}, Shape{2, 2, 2, 3}, Shape{3, 3}}) {
        Shape shape = stack;
        shape.push_back(3);
        const Tensor b = random_tensor({3}), W = random_tensor({3, 3}), x = random_tensor(shape);
        expect_layer(x, W, b, 1);
    }
}

// x as its own W.
Tensors layer_with_itself(const Tensor& at, const Tensor& at_b) {
    const Variable x = parameter(at), b = parameter(at_b), y = plain_linear(x, x, b);
    backward(sum(y));
    return {y.value(), x.gradient()};
}

CHECK("4.2", "zeros, NaN and tiny numbers count, and x may be its own W") {
    const Tensor x = random_tensor({3, 3}), b = random_tensor({3});
    expect_layer(x, scaled_copy(x, tiny), scaled_copy(b, tiny), 1);
    expect_layer(x, x, Tensor({3}), 1);
    expect_layer(x, Tensor({3, 3}), b, 1);
    expect_near(ASK_UNRECORDED(layer, scaled_copy(x, tiny), x, Tensor({3})),
                exact_product(scaled_copy(x, tiny), x), 1e-12);
    expect_near(ASK_UNRECORDED(layer, Tensor({2, 3}), x, b), exact_layer(Tensor({2, 3}), x, b), 0);
    Tensor W = x, zeros({2, 3});
    W.data[4] = NAN;
    expect_near(ASK_UNRECORDED(layer, zeros, W, b), exact_layer(zeros, W, b), 0);
    const Tensors found = ASK_UNRECORDED(layer_with_itself, x, b);
    const Tensor ones({3, 3}, std::vector<float>(9, 1.0f));
    Tensor expected = exact_product(ones, transposed_copy(x));
    const Tensor right = exact_product(transposed_copy(x), ones);
    for (int i = 0; i < 9; ++i) expected.data[i] += right.data[i];
    expect_near(found.at(0), exact_layer(x, x, b), 2e-6);
    expect_near(found.at(1), expected, 4e-6);
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
    for (const Shape& size : {Shape{1, 1}, Shape{1, 70}, Shape{70, 1}, Shape{33, 17}, Shape{3, 300},
                              Shape{300, 3}, Shape{40, 40}, Shape{0, 3}}) {
        const auto [one, two] = ASK_UNRECORDED(two_first_weights, size[0], size[1], seed);
        const double a = std::sqrt(6.0 / (size[0] + size[1]));
        Random random(static_cast<std::uint64_t>(seed));
        for (const Tensor* W : {&one, &two}) {
            Tensor expected(size);
            for (float& weight : expected.data)
                weight = random.uniform(-static_cast<float>(a), static_cast<float>(a));
            expect_near(*W, expected, 1e-6 * a);
        }
    }
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

// Targets that go through all classes, with every fifth ignored.
static Targets many_targets(int count, int classes, int ignore) {
    Targets targets;
    for (int i = 0; i < count; ++i)
        targets.push_back(i % 5 == 4 ? ignore : (i * 7 + classes - 1) % classes);
    return targets;
}

CHECK("4.3", "of any number of classes and of rows: with a single class the loss is 0") {
    for (int n : awkward_lengths(1001))
        for (const Shape& shape : {Shape{3, n}, Shape{n, 3}, Shape{n, 1}}) {
            const Tensor logits = scaled_copy(random_tensor(shape), 4);
            for (int ignore : {-1, -100}) {
                const Targets targets = many_targets(shape[0], shape[1], ignore);
                expect_near(ASK_UNRECORDED(loss_of, logits, targets, ignore),
                            exact_loss(logits, targets, ignore), 3e-6);
            }
        }
    const Tensor logits = random_tensor({8, 5});
    for (int ignore : {0, 2, 4, 5, 1000}) {
        const Targets targets = {0, 2, ignore, 4, 3, 1, ignore, 4};
        expect_near(ASK_UNRECORDED(loss_of, logits, targets, ignore),
                    exact_loss(logits, targets, ignore), 2e-6);
    }
}

CHECK("4.3", "a small loss is not 0: .0067 for the first of 0 −5, .00005 for the first of 0 −10") {
    for (float z : {-1.0f, -3.0f, -5.0f, -7.0f, -9.0f, -10.0f, -11.0f, -12.0f})
        for (const Tensor& logits :
             {matrix({{0, z}}), matrix({{1, 1 + z, z}}), matrix({{-7, z - 7}})})
            expect_near(ASK_UNRECORDED(loss_of, logits, Targets{0}, -1),
                        exact_loss(logits, Targets{0}, -1), 4e-7);
}

// Rows of which each is far from the one before it, up and down.
static Tensor rows_far_apart() {
    return matrix({{200, 0, 1}, {0, 0, 1}, {-300, -301, -299}, {500, 499, 200}, {1, 2, 0}});
}

CHECK("4.3", "each row has a largest logit of its own, far from those of its neighbours") {
    for (const Targets& targets : {Targets{0, 0, 0, 0, 0}, Targets{0, 1, 2, 1, 0}})
        expect_near(ASK_UNRECORDED(loss_of, rows_far_apart(), targets, -1),
                    exact_loss(rows_far_apart(), targets, -1), 1e-4);
}

CHECK("4.3", "a NaN makes the loss NaN, but not in a row that is ignored") {
    for (int place : {0, 1, 4}) {
        Tensor logits = random_tensor({2, 5});
        logits.row(1)[place] = NAN;
        for (int target : {0, 1, 3})
            expect_near(ASK_UNRECORDED(loss_of, logits, Targets{2, target}, -1),
                        static_cast<double>(NAN), 0);
        const Targets ignored = {2, -1};
        expect_near(ASK_UNRECORDED(loss_of, logits, ignored, -1), exact_loss(logits, ignored, -1),
                    1e-6);
    }
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

// Of the same logits: for two lists of targets, and for the second with the class 2 ignored.
std::vector<double> losses_in_turn(const Tensor& logits) {
    return {cross_entropy_loss(logits, {0, 3, 1}), cross_entropy_loss(logits, {0, 2, 1}),
            cross_entropy_loss(logits, {0, 2, 1}, 2)};
}

CHECK("4.3", "nothing is left over from the last call: other sizes, other numbers in one place") {
    ASK(loss_of, random_tensor({2, 3}), Targets{2, 0}, -1);
    ASK(loss_of, random_tensor({3, 5}), Targets{4, 0, 1}, -1);
    const Tensors first = {random_tensor({3, 4})}, then = {random_tensor({3, 4})};
    ASK(loss_again, first, then, Targets{0, 3, 1});
    const Targets targets = {0, 3, 1};
    const Tensors now = {one_changed(first[0])};
    expect_near(ASK_UNRECORDED(loss_again, first, now, targets), exact_loss(now[0], targets, -1),
                2e-6);
    const std::vector<double> found = ASK_UNRECORDED(losses_in_turn, then[0]);
    expect_near(found.at(0), exact_loss(then[0], {0, 3, 1}, -1), 2e-6);
    expect_near(found.at(1), exact_loss(then[0], {0, 2, 1}, -1), 2e-6);
    expect_near(found.at(2), exact_loss(then[0], {0, 2, 1}, 2), 2e-6);
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

// (softmax − δ)/n for each row that counts, in double, and 0 for the others.
static Tensor exact_gradient(const Tensor& logits, const Targets& targets, int ignore) {
    const int C = logits.columns();
    const auto n =
        std::count_if(targets.begin(), targets.end(), [&](int t) { return t != ignore; });
    Tensor d(logits.shape);
    for (int i = 0; i < size_of(targets); ++i) {
        if (targets[i] == ignore) continue;
        const float* z = logits.row(i);
        const double m = static_cast<double>(*std::max_element(z, z + C));
        double others = 0;  // beside the target
        for (int j = 0; j < C; ++j)
            if (j != targets[i]) others += std::exp(z[j] - m);
        const double sum = others + std::exp(z[targets[i]] - m);
        for (int j = 0; j < C; ++j)
            d.row(i)[j] = static_cast<float>((j == targets[i] ? -others : std::exp(z[j] - m)) /
                                             sum / static_cast<double>(n));
    }
    return d;
}

CHECK("4.4", "of any number of classes and of rows: a single class has the slope 0") {
    for (int n : awkward_lengths(1001))
        for (const Shape& shape : {Shape{3, n}, Shape{n, 3}, Shape{n, 1}}) {
            const Tensor logits = scaled_copy(random_tensor(shape), 4);
            for (int ignore : {-1, -100}) {
                const Targets targets = many_targets(shape[0], shape[1], ignore);
                expect_near(ASK_UNRECORDED(dlogits_of, logits, targets, ignore),
                            exact_gradient(logits, targets, ignore), 1e-6 / (shape[0] > 9 ? 8 : 1));
            }
        }
    const Tensor logits = random_tensor({8, 5});
    for (int ignore : {0, 2, 4, 5, 1000}) {
        const Targets targets = {0, 2, ignore, 4, 3, 1, ignore, 4};
        expect_near(ASK_UNRECORDED(dlogits_of, logits, targets, ignore),
                    exact_gradient(logits, targets, ignore), 1e-6);
    }
}

CHECK("4.4",
      "small slopes are not 0: ∓.0067 for the first of 0 −5, and e⁻²⁰ of a class far below") {
    for (float z : {-1.0f, -3.0f, -5.0f, -7.0f, -9.0f, -11.0f}) {
        const Tensor logits = matrix({{0, z}, {z, 0}});
        for (const Targets& targets : {Targets{0, 0}, Targets{0, 1}, Targets{1, 1}, Targets{0, -1}})
            expect_near(ASK_UNRECORDED(dlogits_of, logits, targets, -1),
                        exact_gradient(logits, targets, -1), 3e-7);
    }
    const Tensor logits = matrix({{0, -5, -8, -12, -20, -40}});
    const Tensor exact = exact_gradient(logits, {0}, -1);
    const Tensor found = ASK_UNRECORDED(dlogits_of, logits, Targets{0}, -1);
    expect_near(found, exact, 1e-6);
    Tensor ratios({5}), ones({5}, std::vector<float>(5, 1.0f));
    for (int j = 0; j < 5; ++j) ratios.data[j] = found.data[j + 1] / exact.data[j + 1];
    expect_near(ratios, ones, 1e-4);
}

CHECK("4.4", "only differences count, and a NaN stays in its own row") {
    for (const Targets& targets : {Targets{0, 0, 0, 0, 0}, Targets{0, 1, 2, 1, 0}})
        expect_near(ASK_UNRECORDED(dlogits_of, rows_far_apart(), targets, -1),
                    exact_gradient(rows_far_apart(), targets, -1), 1e-6);
    for (float z : {1e3f, 1e6f, 1e8f, -1e3f, -1e6f, -1e8f})
        expect_near(ASK_UNRECORDED(dlogits_of, matrix({{z, z}}), Targets{1}, -1),
                    matrix({{0.5f, -0.5f}}), 1e-6);
    for (int place : {0, 1, 4}) {
        Tensor logits = random_tensor({3, 5});
        const Targets targets = {2, 1, 4};
        Tensor expected = exact_gradient(logits, targets, -1);
        logits.row(1)[place] = NAN;
        std::fill(expected.row(1), expected.row(1) + 5, NAN);
        expect_near(ASK_UNRECORDED(dlogits_of, logits, targets, -1), expected, 1e-6);
    }
}

// Of the same logits: for two lists of targets, and for the second with the class 2 ignored.
Tensors slopes_in_turn(const Tensor& logits) {
    return {cross_entropy_gradient(logits, {0, 3, 1}), cross_entropy_gradient(logits, {0, 2, 1}),
            cross_entropy_gradient(logits, {0, 2, 1}, 2)};
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
    const Targets targets = {0, 3, 1};
    const Tensors now = {one_changed(first[0])};
    expect_near(ASK_UNRECORDED(slopes_again, first, now, targets),
                exact_gradient(now[0], targets, -1), 1e-6);
    const Tensors found = ASK_UNRECORDED(slopes_in_turn, then[0]);
    expect_near(found.at(0), exact_gradient(then[0], {0, 3, 1}, -1), 1e-6);
    expect_near(found.at(1), exact_gradient(then[0], {0, 2, 1}, -1), 1e-6);
    expect_near(found.at(2), exact_gradient(then[0], {0, 2, 1}, 2), 1e-6);
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

CHECK("4.5", "parameters of any size, and any number of parameters") {
    const Settings settings = {0.01, 0.9, 0.999, 1e-8, 0.1};
    Tensors weights;
    std::vector<Shape> shapes;
    for (int n : awkward_lengths(1001)) {
        shapes.push_back({n});
        weights.push_back(random_tensor({n}));
    }
    const Tensors gradients = rounds(2, shapes);
    expect_all_near(ASK_UNRECORDED(adamw, weights, gradients, settings),
                    exact_adam(weights, gradients, settings), ten_steps);
    const Tensors square = {random_tensor({3, 3}), random_tensor({}), random_tensor({2, 2, 2})};
    const Tensors many = rounds(4, {{3, 3}, {}, {2, 2, 2}});
    expect_all_near(ASK_UNRECORDED(adamw, square, many, settings),
                    exact_adam(square, many, settings), ten_steps);
}

CHECK("4.5", "tiny and huge gradients make steps as long as others; NaN stays in its own weight") {
    for (double epsilon : {0.0, 1e-8})
        for (float size : {1e-12f, 1e-9f, 1e-7f, 1e-5f, 1e-3f, 1e4f, 1e9f}) {
            const Tensors weights = {row({0, 0, 0})};
            const Tensors gradients = {row({size, -size, 2 * size}), row({size, size, -size})};
            const Settings settings = {0.1, 0.9, 0.999, epsilon, 0};
            expect_all_near(ASK_UNRECORDED(adam, weights, gradients, settings),
                            exact_adam(weights, gradients, settings), 2e-5);
        }
    const Tensors weights = {row({1, 2, 3})}, gradients = {row({1, NAN, 1}), row({1, 1, 0})};
    const Settings settings = {0.1, 0.9, 0.999, 1e-8, 0.1};
    expect_all_near(ASK_UNRECORDED(adamw, weights, gradients, settings),
                    exact_adam(weights, gradients, settings), ten_steps);
}

CHECK("4.5", "with other settings: β of 0 and near 1, large rates, large ε, large decays") {
    const Tensors weights = {random_tensor({3})};
    Tensors gradients = rounds(4, {{3}});
    for (Tensor& gradient : gradients)  // a step divides by each of them when β₂ is 0
        for (float& g : gradient.data) g += g < 0 ? -0.5f : 0.5f;
    for (const Settings& settings :
         {Settings{0.01, 0, 0.999, 1e-8, 0}, Settings{0.01, 0.9, 0, 1e-8, 0},
          Settings{0.01, 0.5, 0.5, 10, 0.5}, Settings{1, 0.9, 0.99, 1e-3, 0.9},
          Settings{0.01, 0.99, 0.9, 1e-8, 3}, Settings{0, 0.9, 0.999, 1e-8, 0.5}})
        expect_all_near(ASK_UNRECORDED(adamw, weights, gradients, settings),
                        exact_adam(weights, gradients, settings), 2e-5);
}

// Two optimisers with settings of their own, which make their steps in turn.
Tensors adams_with_settings(const Tensor& weights, const Tensors& gradients, const Settings& one,
                            const Settings& other) {
    const Parameters all = {parameter(weights), parameter(weights)};
    Adam first({all[0]}, one.at(0), {one.at(1), one.at(2), one.at(3)});
    Adam second({all[1]}, other.at(0), {other.at(1), other.at(2), other.at(3)});
    for (const Tensor& gradient : gradients)
        for (int which : {0, 1}) {
            all[which].clear_gradient();
            all[which].add_gradient(gradient);
            which == 0 ? first.step() : second.step();
        }
    return {all[0].value(), all[1].value()};
}

CHECK("4.5", "two optimisers that make their steps in turn have each their own settings") {
    const Tensor weights = random_tensor({2});
    const Tensors gradients = rounds(3, {{2}});
    const Settings one = {0.01, 0.9, 0.999, 1e-8, 0}, other = {0.02, 0.5, 0.9, 1e-6, 0};
    const Tensors found = ASK_UNRECORDED(adams_with_settings, weights, gradients, one, other);
    expect(found.size() == 2, "two parameters are asked for");
    expect_near(found[0], exact_adam({weights}, gradients, one).back(), 2e-5);
    expect_near(found[1], exact_adam({weights}, gradients, other).back(), 2e-5);
}

// The weights after a step with the rate 0 and one with the rate 0.1.
Tensor after_a_rest(const Tensor& weights, const Tensors& gradients) {
    const Variable w = parameter(weights);
    Adam optimiser({w}, 0);
    for (const Tensor& gradient : gradients) {
        w.clear_gradient();
        w.add_gradient(gradient);
        optimiser.step();
        optimiser.rate = 0.1;
    }
    return w.value();
}

CHECK("4.5", "a step with the rate 0 moves nothing, and its gradient is averaged like any other") {
    const double m_hat = 0.9 * 0.1 * 3 / (1 - 0.9 * 0.9);
    const double v_hat = 0.999 * 0.001 * 9 / (1 - 0.999 * 0.999);
    const float left = static_cast<float>(5 - 0.1 * m_hat / (std::sqrt(v_hat) + 1e-8));
    expect_near(ASK_UNRECORDED(after_a_rest, row({5}), Tensors{row({3}), row({0})}), row({left}),
                2e-5);
}

// The weights after a step which is counted as so many steps later than the first.
Tensor a_late_step(const Tensor& weights, const Tensor& gradient, int steps) {
    const Variable w = parameter(weights);
    Adam optimiser({w}, 0.1);
    optimiser.state.steps = steps;
    w.add_gradient(gradient);
    optimiser.step();
    return w.value();
}

CHECK("4.5", "the averages are corrected at step 20, 150, 1500 and 9000 as well") {
    for (int steps : {1, 19, 149, 999, 1499, 8999, 99999}) {
        const double m = 0.1 * 3 / (1 - std::pow(0.9, steps + 1));
        const double v = 0.001 * 9 / (1 - std::pow(0.999, steps + 1));
        expect_near(ASK_UNRECORDED(a_late_step, row({5}), row({3}), steps),
                    row({static_cast<float>(5 - 0.1 * m / (std::sqrt(v) + 1e-8))}), 2e-5);
    }
}

// One parameter gets gradients from the first step on, the other from step `late` on: the weights
// of both after each step.
Tensors a_late_parameter(const Tensors& gradients, int late) {
    const Variable a = parameter(row({1, 2})), b = parameter(row({1, 2, 3}));
    AdamW optimiser({a, b}, 0.1, 0.1);
    Tensors after;
    for (int step = 0; step < size_of(gradients); ++step) {
        optimiser.clear_gradients();
        a.add_gradient(gradients[step]);
        const std::vector<float>& g = gradients[step].data;
        if (step >= late) b.add_gradient(row({g.at(0), g.at(1), 1}));
        optimiser.step();
        after.push_back(a.value());
        after.push_back(b.value());
    }
    return after;
}

CHECK("4.5", "steps are counted once for all, also for a parameter that gets gradients later") {
    const Tensors gradients = rounds(6, {{2}});
    const Tensors found = ASK_UNRECORDED(a_late_parameter, gradients, 3);
    expect(found.size() == 12, "two parameters after six steps");
    for (int p : {0, 1})
        for (int k : {0, 1}) {
            double w = 1 + k, m = 0, v = 0;
            for (int t = 1; t <= 6; ++t) {
                if (p == 0 || t > 3) {
                    const double g = static_cast<double>(gradients[t - 1].data[k]);
                    m = 0.9 * m + 0.1 * g;
                    v = 0.999 * v + 0.001 * g * g;
                    const double m_hat = m / (1 - std::pow(0.9, t));
                    const double v_hat = v / (1 - std::pow(0.999, t));
                    w -= 0.1 * (m_hat / (std::sqrt(v_hat) + 1e-8) + 0.1 * w);
                }
                expect_near(found[2 * (t - 1) + p].data.at(k), w, 1e-4);
            }
        }
}

// Steps with one optimiser, and then with another that is given the weights and the state.
Tensor gone_on_another_day(const Tensors& gradients, int change) {
    Variable w = parameter(row({1, 2}));
    auto optimiser = std::make_unique<Adam>(Parameters{w}, 0.1);
    for (int step = 0; step < size_of(gradients); ++step) {
        if (step == change) {
            w = parameter(w.value());
            auto next = std::make_unique<Adam>(Parameters{w}, 0.1);
            next->state = optimiser->state;
            optimiser = std::move(next);
        }
        w.clear_gradient();
        w.add_gradient(gradients[step]);
        optimiser->step();
    }
    return w.value();
}

CHECK("4.5", "with its state, another optimiser goes on where the first one stopped") {
    const Tensors gradients = rounds(5, {{2}});
    const Tensor through = exact_adam({row({1, 2})}, gradients, {0.1, 0.9, 0.999, 1e-8, 0}).back();
    for (int change : {1, 3, 4})
        expect_near(ASK_UNRECORDED(gone_on_another_day, gradients, change), through, 1e-4);
}

// Whether six large parameters, each of another size, have the same bits after some steps, on four
// threads and on one.
bool same_on_all_threads(int size, int steps) {
    const auto weights_on = [&](int threads) {
        set_threads(threads);
        Parameters all;
        for (int i = 0; i < 6; ++i) all.push_back(parameter(Tensor({size + i})));
        AdamW optimiser(all, 0.1, 0.1);
        for (int step = 0; step < steps; ++step) {
            optimiser.clear_gradients();
            for (int i = 0; i < 6; ++i)
                all[i].add_gradient(
                    Tensor({size + i}, std::vector<float>(size + i, i - 2.5f + step)));
            optimiser.step();
        }
        std::vector<float> weights;
        for (const Variable& p : all)
            weights.insert(weights.end(), p.value().data.begin(), p.value().data.end());
        return weights;
    };
    return weights_on(4) == weights_on(1);
}

CHECK("4.5", "parameters that are changed on several threads at once do not meet") {
    expect(ASK_UNRECORDED(same_on_all_threads, 20000, 4),
           "on four threads the weights are others than on one");
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

static void expect_batches(int count, int size) {
    const Batches batches = ASK_UNRECORDED(batches_of, count, size, count + size);
    expect(size_of(batches) == (count + size - 1) / size,
           "the number of batches is " + std::to_string(batches.size()));
    for (int i = 0; i + 1 < size_of(batches); ++i)
        expect(size_of(batches[i]) == size, "only the last may be shorter");
    expect_each_once(batches, count);
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
        expect(std::abs(count - 5000) < 310,
               "each should come about 5000 times in 30000 epochs, and they came" + found);
}

// How often examples i and j come in one batch, in so many epochs, and how often example i comes at
// place j.
std::pair<Tensor, Tensor> company_and_places(int count, int size, int epochs) {
    Random random(7);
    Tensor company({count, count}), places({count, count});
    for (int epoch = 0; epoch < epochs; ++epoch) {
        int place = 0;
        for (const std::vector<int>& batch : shuffled_batches(count, size, random))
            for (int i : batch) {
                for (int j : batch) company.data.at(i * count + j) += 1;
                places.data.at(i * count + place++) += 1;
            }
    }
    return {company, places};
}

CHECK("4.6", "each example may come at any place, and with any others in its batch") {
    for (const Shape& s :
         {Shape{4, 2}, Shape{12, 4}, Shape{51, 17}, Shape{60, 6}, Shape{64, 64}, Shape{130, 65}}) {
        const int count = s[0], size = s[1], epochs = count > 12 ? 1000 : 5000;
        const auto [company, places] = ASK_UNRECORDED(company_and_places, count, size, epochs);
        const double at_place = epochs / static_cast<double>(count);
        const double together = epochs * (size - 1.0) / (count - 1);
        const auto near = [&](float times, double expected) {
            return std::fabs(times - expected) <= 7 * std::sqrt(expected) + 7;
        };
        for (int i = 0; i < count * count; ++i) {
            const std::string one = std::to_string(i / count), other = std::to_string(i % count);
            expect(near(places.data.at(i), at_place),
                   "of " + std::to_string(count) + " examples, number " + one + " is at place " +
                       other + " in " + std::to_string(static_cast<int>(places.data[i])) + " of " +
                       std::to_string(epochs) + " epochs");
            expect(i / count == i % count || near(company.data.at(i), together),
                   "of " + std::to_string(count) + " examples, numbers " + one + " and " + other +
                       " come in one batch in " +
                       std::to_string(static_cast<int>(company.data[i])) + " of " +
                       std::to_string(epochs) + " epochs");
        }
    }
}

// How often the first examples, and the last, come at their own places, in so many epochs.
std::vector<int> times_at_home(int count, int epochs) {
    Random random(9);
    std::vector<int> times(20);
    for (int epoch = 0; epoch < epochs; ++epoch) {
        std::vector<int> order;
        for (const std::vector<int>& batch : shuffled_batches(count, 100, random))
            order.insert(order.end(), batch.begin(), batch.end());
        for (int i = 0; i < 10; ++i) {
            times[i] += order.at(i) == i;
            times[10 + i] += order.at(count - 1 - i) == count - 1 - i;
        }
    }
    return times;
}

CHECK("4.6", "of thousands of examples, the first and the last move like the others") {
    for (int count : {300, 1001, 5000})
        for (int times : ASK_UNRECORDED(times_at_home, count, 12))
            expect(times <= 4, "one of the first or last ten of " + std::to_string(count) +
                                   " examples keeps its place");
}

CHECK("4.6", "any count up to 12 in batches of any size, and awkward ones") {
    for (int count = 1; count <= 12; ++count)
        for (int size = 1; size <= count; ++size) expect_batches(count, size);
    for (int count : awkward_lengths(1001))
        for (int size : {1, 2, 8, 16, 33, 64, count})
            if (size <= count) expect_batches(count, size);
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
        expect_same_bits(after, before, "the parameters have changed");
        expect_mentions(message, {"step 3"});
        expect(steps == 2, "two steps are completed, and state.steps is " + std::to_string(steps));
    }
}

CHECK("4.6", "a loss of 0, one below 0 and one of millions are numbers like any other") {
    for (double factor : {0.0, -1.0, 1e7}) {
        const std::string message = std::get<0>(ASK_UNRECORDED(third_step, factor));
        expect(message == "nothing was thrown", "training stopped and said: " + message);
    }
}

// What is left of two parameters after steps with SGD and momentum, whose loss is Σ w² times each
// of the factors; the second has no part in it. An old gradient of NaN stands in both at first.
std::tuple<Tensors, std::vector<double>, int> steps_with_factors(const Tensor& factors) {
    const Variable w = parameter(row({1, 2})), idle = parameter(row({3, 4}));
    w.add_gradient(row({NAN, 1}));
    idle.add_gradient(row({1, NAN}));
    SGD optimiser({w, idle}, 0.1, 0.5, 0.1);
    Tensors after;
    std::vector<double> losses;
    for (float factor : factors.data) {
        losses.push_back(train_step(optimiser, [&] { return factor * sum(w * w); }));
        after.push_back(w.value());
        after.push_back(idle.value());
    }
    return {after, losses, optimiser.state.steps};
}

CHECK("4.6",
      "a loss of 0 makes a step like any other; what has no part in the loss stays as it is") {
    const Tensor factors = row({1, 0, 0, 2, -1, 1e-9f});
    const auto [after, losses, steps] = ASK_UNRECORDED(steps_with_factors, factors);
    expect(after.size() == 12 && losses.size() == 6, "two parameters and a loss after each step");
    expect(steps == 6, "six steps are completed, and state.steps is " + std::to_string(steps));
    for (int k : {0, 1}) {
        double w = 1 + k, v = 0;
        for (int step = 0; step < 6; ++step) {
            v = 0.5 * v + 2 * static_cast<double>(factors.data[step]) * w + 0.1 * w;
            w -= 0.1 * v;
            expect_near(after[2 * step].data.at(k), w, 1e-5);
            expect_near(after[2 * step + 1].data.at(k), 3 + k, 0);
        }
    }
    expect_near(losses[0], 5, 0);
    expect_near(losses[1], 0, 0);
}

// As before, with Adam and its decay: two steps in which only w has a part, and the second of which
// is the first for b. The weights of both after each.
Tensors steps_with_adam(int) {
    const Variable w = parameter(row({1, 2})), b = parameter(row({3, 4}));
    AdamW optimiser({w, b}, 0.1, 0.5);
    Tensors after;
    for (int step = 0; step < 3; ++step) {
        train_step(optimiser, [&] { return step == 1 ? sum(w * b) : sum(w * w); });
        after.push_back(w.value());
        after.push_back(b.value());
    }
    return after;
}

CHECK("4.6", "AdamW leaves alone what has no part in a step's loss, decay and all") {
    const Tensors after = ASK_UNRECORDED(steps_with_adam, 0);
    expect(after.size() == 6, "two parameters after three steps");
    expect_near(after[0], row({0.85f, 1.8f}), 1e-6);  // the rate, and a twentieth of the weight
    expect_near(after[1], row({3, 4}), 0);
    expect(after[3].data != after[1].data, "in the second step b takes part, and must move");
    expect_near(after[5], after[3], 0);
    for (int step : {1, 2})
        expect(after[2 * step].data != after[2 * step - 2].data, "w takes part in every step");
}

// A first step whose loss is bad, or whose forward throws: what is said, w, the steps, and how
// often the loss was asked for.
std::tuple<std::string, Tensor, int, int> bad_first_step(double factor, bool throws) {
    const Variable w = parameter(row({1, 2}));
    Adam optimiser({w}, 0.1);
    int calls = 0;
    std::string message = "nothing was thrown";
    try {
        train_step(optimiser, [&] {
            ++calls;
            if (throws) throw std::runtime_error("no data");
            return scale(sum(w * w), static_cast<float>(factor));
        });
    } catch (const std::runtime_error& error) {
        message = error.what();
    }
    return {message, w.value(), optimiser.state.steps, calls};
}

CHECK("4.6", "the very first step stops as well, is step 1, and asks for its loss once") {
    for (double bad : {static_cast<double>(NAN), static_cast<double>(INFINITY)}) {
        const auto [message, w, steps, calls] = ASK_UNRECORDED(bad_first_step, bad, false);
        expect_mentions(message, {"step 1"});
        expect_near(w, row({1, 2}), 0);
        expect(steps == 0, "no step is completed, and state.steps is " + std::to_string(steps));
        expect(calls == 1, "the loss was asked for " + std::to_string(calls) + " times");
    }
    const auto [message, w, steps, calls] = ASK_UNRECORDED(bad_first_step, 1, true);
    expect(message == "no data" && calls == 1 && steps == 0,
           "what forward throws must arrive, after one call: " + message);
    for (double factor : {1e37, 1e-37, -1e37}) {
        const auto [said, after, done, asked] = ASK_UNRECORDED(bad_first_step, factor, false);
        expect(said == "nothing was thrown" && done == 1 && asked == 1,
               "a loss of " + std::to_string(5 * factor) + " is a number: " + said);
    }
}

CHECK("4.6", "a step asks for its loss once") {
    const auto [losses, after] = ASK(another_loss_each_time, row({1}), 0.1, 2);
    expect_all_near(after, {row({0.8f}), row({0.48f})}, 1e-6);
    expect_near(losses.at(1), 1.28, 1e-6);
}

}  // namespace checks_04
