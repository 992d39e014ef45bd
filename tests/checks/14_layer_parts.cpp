#include "14_layer_parts.hpp"

#include "grader/check.hpp"
#include "grader/read_twice.hpp"
#include "grader/variations.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace checks_14 {

using Tensors = std::vector<Tensor>;
using Variables = std::vector<Variable>;
using Doubles = std::vector<double>;

// ## 14.1 By hand

Tensor written_down(int) { return factors_by_hand(); }
CALLED(written_down, "factors_by_hand()");

static void expect_factor(int which, double factor, const std::string& otherwise) {
    const Tensor factors = ASK_UNRECORDED(written_down, 0);
    expect(factors.shape == Shape{3}, "three numbers are asked for, row({…, …, …})");
    expect(std::fabs(factors.data[which] - factor) < 0.0011, otherwise);
}

CHECK("14.1", "the first is (14.1), from 64 numbers to 448 and back") {
    expect_factor(0, 64 * 2.0 / 512 / 2 * 448 * 2.0 / 512,
                  "the first number is not the product of its three factors: the layer in front, "
                  "ReLU, and the layer behind");
}

CHECK("14.1", "with a path, the mean squares of x and of f(x) add up") {
    expect_factor(1, 1 + 64 * 2.0 / 512 / 2 * 448 * 2.0 / 512,
                  "the second number is not what x has and what f(x) has, together, of x's");
}

CHECK("14.1", "with the variances of He, what ReLU halves has been doubled before") {
    expect_factor(2, 1, "the third number is not in · 2/in, halved, times in · 1/in");
}

// What layer normalisation must be, in double, of rows of n numbers.
static Doubles exact_norm(const Doubles& x, const Doubles& gain, const Doubles& bias) {
    const int n = size_of(gain);
    Doubles y(x.size());
    for (int begin = 0; begin < size_of(x); begin += n) {
        double mean = 0, variance = 0;
        for (int j = 0; j < n; ++j) mean += x[begin + j] / n;
        for (int j = 0; j < n; ++j) variance += (x[begin + j] - mean) * (x[begin + j] - mean) / n;
        for (int j = 0; j < n; ++j)
            y[begin + j] = (x[begin + j] - mean) / std::sqrt(variance + 1e-5) * gain[j] + bias[j];
    }
    return y;
}

static Doubles doubles(const Tensor& x) { return Doubles(x.data.begin(), x.data.end()); }

static Tensor tensor(const Shape& shape, const Doubles& numbers) {
    return Tensor(shape, std::vector<float>(numbers.begin(), numbers.end()));
}

static Tensor exact_norm(const Tensor& x, const Tensor& gain, const Tensor& bias) {
    return tensor(x.shape, exact_norm(doubles(x), doubles(gain), doubles(bias)));
}

static Tensor filled(const Shape& shape, float value) {
    return Tensor(shape, std::vector<float>(element_count(shape), value));
}

// The checks have an arithmetic of their own: a x + b y and x y, for tensors of one shape.
static Tensor combined(double a, const Tensor& x, double b, const Tensor& y) {
    Tensor result(x.shape);
    for (int i = 0; i < x.size(); ++i) result.data[i] = a * x.data[i] + b * y.data[i];
    return result;
}

static Tensor product(const Tensor& x, const Tensor& y) {
    Tensor result(x.shape);
    for (int i = 0; i < x.size(); ++i) result.data[i] = x.data[i] * y.data[i];
    return result;
}

// ## 14.2 Layer normalisation

Tensor normed(const Tensor& x, const Tensor& gain, const Tensor& bias) {
    return layer_norm(x, gain, bias).value();
}

// As a fresh LayerNorm has it: gain 1, bias 0.
Tensor fresh_norm(const Tensor& x) { return LayerNorm(x.shape.back())(x).value(); }

std::pair<Tensor, Tensor> standardised(const Tensor& x) {
    const Standardised z = standardise(x);
    return {z.x_hat, z.s};
}
PARTS(standardised, "x̂", "s");

CHECK("14.2", "1 and 5 have the mean 3 and stray by 2 from it: −1 and 1") {
    const Tensor x = matrix({{1, 5}});
    const auto [x_hat, s] = ASK_UNRECORDED(standardised, x);
    expect_near(x_hat, matrix({{-1, 1}}), 2e-5);
    expect_near(s, row({2}), 2e-5);
}

CHECK("14.2", "with the gain [10, 100] and the bias [3, 4], 1 and 5 become −7 and 104") {
    const Tensor x = matrix({{1, 5}}), gain = row({10, 100}), bias = row({3, 4});
    expect_near(ASK_UNRECORDED(normed, x, gain, bias), matrix({{-7, 104}}), 2e-3);
}

CHECK("14.2", ".2 .1 .3 becomes 0 −1.2238 1.2238") {
    expect_near(ASK(fresh_norm, matrix({{0.2f, 0.1f, 0.3f}})), matrix({{0, -1.2238f, 1.2238f}}),
                6e-5);
}

CHECK("14.2", "each row by itself: 1 2 3 and 10 20 30 become nearly the same") {
    const Tensor x = matrix({{1, 2, 3}, {10, 20, 30}});
    const Tensor ones = filled({3}, 1), zeros = Tensor({3});
    expect_near(ASK(fresh_norm, x), exact_norm(x, ones, zeros), 1e-5);
    const auto [x_hat, s] = ASK(standardised, x);
    expect_near(s, row({0.816503f, 8.164966f}), 1e-5);
}

CHECK("14.2", "every row has mean 0 and mean square 1, and the last axis is the row") {
    const Tensor x = random_tensor({2, 3, 8});
    const Tensor y = ASK(fresh_norm, x);
    expect(y.shape == x.shape, "the shape must be " + to_string(x.shape));
    for (int i = 0; i < 6; ++i) {
        double total = 0, squares = 0;
        for (int j = 0; j < 8; ++j) {
            const double number = y.data[i * 8 + j];
            total += number / 8;
            squares += number * number / 8;
        }
        const std::string which = "row " + std::to_string(i) + " has the mean ";
        expect(std::fabs(total) < 1e-5, which + std::to_string(total));
        expect(std::fabs(squares - 1) < 1e-2, which + "square " + std::to_string(squares));
    }
}

CHECK("14.2", "it is (14.4) of random rows, gains and biases") {
    const Tensor x = random_tensor({4, 6}), gain = random_tensor({6}), bias = random_tensor({6});
    expect_near(ASK(normed, x, gain, bias), exact_norm(x, gain, bias), 5e-6);
}

CHECK("14.2", "ε stands under the root: .001 −.001 becomes .3015 −.3015") {
    const Tensor x = matrix({{0.001f, -0.001f}});
    expect_near(ASK(fresh_norm, x), matrix({{0.301511f, -0.301511f}}), 1e-5);
}

CHECK("14.2",
      "and ε is a part of s, by which the way back divides: .0033166 for .001 −.001, .0031623 for "
      "2 2") {
    const auto [x_hat, s] = ASK(standardised, matrix({{0.001f, -0.001f}, {2, 2}}));
    expect_near(s, row({0.0033166f, 0.0031623f}), 1e-7);
}

CHECK("14.2", "every number of a row counts, in rows of 1, 2, 9, 17, 33, 65 and 100") {
    for (int n : {1, 2, 9, 17, 33, 65, 100}) {
        const Tensor x = random_tensor({2, n}), gain = random_tensor({n}),
                     bias = random_tensor({n});
        expect_near(ASK_UNRECORDED(normed, x, gain, bias), exact_norm(x, gain, bias), 1e-4);
    }
}

Tensors standardised_again(const Tensors& first, const Tensors& then) {
    return in_the_same_place(
        [](const Tensors& x) -> Tensors {
            const Standardised z = standardise(x[0]);
            return {z.x_hat, z.s};
        },
        first, then);
}
PARTS(standardised_again, "x̂", "s");

CHECK("14.2", "nothing is left over from the last call: other sizes, other numbers in one place") {
    ASK(fresh_norm, random_tensor({2, 3}));
    ASK(fresh_norm, random_tensor({3, 7}));
    const Tensors first = {random_tensor({2, 4})}, then = {random_tensor({2, 4})};
    ASK(standardised_again, first, then);
    const Tensors one_row = {random_tensor({1, 4})}, another = {random_tensor({1, 4})};
    ASK(standardised_again, one_row, another);
}

CHECK("14.2", "of a row of equal numbers, and of a row of one number, the bias is left") {
    const Tensor gain = row({2, 2, 2, 2}), bias = row({1, 2, 3, 4});
    expect_near(ASK(normed, filled({1, 4}, 5), gain, bias), matrix({{1, 2, 3, 4}}), 1e-5);
    expect_near(ASK(normed, matrix({{7}, {-9}}), row({3}), row({1})), matrix({{1}, {1}}), 1e-5);
}

CHECK("14.2", "a large mean is taken away first: 4096 4097 4098 becomes −1.2247 0 1.2247") {
    const Tensor x = matrix({{4096, 4097, 4098}});
    expect_near(ASK(fresh_norm, x), matrix({{-1.224736f, 0, 1.224736f}}), 1e-4);
}

CHECK("14.2", "a single row needs no second axis, and no rows at all make no rows") {
    ASK(fresh_norm, row({1, 5, 0}));
    expect(ASK(fresh_norm, Tensor({0, 3})).shape == Shape{0, 3}, "the shape must be [0, 3]");
}

CHECK("14.2", "gains and biases that do not fit are refused, and so are rows without numbers") {
    const Tensor x = Tensor({2, 3}), good = row({1, 1, 1}), bad = row({1, 1});
    expect_mentions(ASK_REFUSAL(normed, x, bad, good), {"layer_norm", "[2, 3]", "[2]"});
    expect_mentions(ASK_REFUSAL(normed, x, good, bad), {"layer_norm", "[2, 3]", "[2]"});
    expect_mentions(ASK_REFUSAL(normed, Tensor({2, 0}), Tensor({0}), Tensor({0})), {"[2, 0]"});
    ASK_REFUSAL(normed, Tensor(), row({1}), row({1}));
}

// Rows of 1, 2, 3, 9, 17, 33 and 65 numbers: one, several, and stacks of them.
static std::vector<Shape> shapes_of_rows() {
    std::vector<Shape> all;
    for (int n : {1, 2, 3, 9, 17, 33, 65})
        for (const Shape& before :
             std::vector<Shape>{{}, {1}, {2}, {5}, {1, 3}, {2, 3}, {2, 1, 2}}) {
            all.push_back(before);
            all.back().push_back(n);
        }
    return all;
}

static Tensor times(const Tensor& x, float factor) { return combined(factor, x, 0, x); }

CHECK("14.2", "single rows, matrices and stacks, of large numbers and small, with gain and bias") {
    for (const Shape& shape : shapes_of_rows())
        for (float unit : {1.0f, 0.002f, 300.0f}) {
            const int n = shape.back();
            const Tensor x = times(random_tensor(shape), unit);
            const Tensor gain = random_tensor({n}), bias = random_tensor({n});
            expect_near(ASK_UNRECORDED(normed, x, gain, bias), exact_norm(x, gain, bias), 1e-4);
            const auto [x_hat, s] = ASK_UNRECORDED(standardised, x);
            expect_near(x_hat, exact_norm(x, filled({n}, 1), Tensor({n})), 1e-4);
            Tensor exact_s({x.size() / n});
            for (int row = 0; row < exact_s.size(); ++row) {
                double mean = 0, variance = 0;
                for (int j = 0; j < n; ++j) mean += double{x.data[row * n + j]} / n;
                for (int j = 0; j < n; ++j) variance += std::pow(x.data[row * n + j] - mean, 2) / n;
                exact_s.data[row] = std::sqrt(variance + 1e-5);
            }
            expect_near(s, exact_s, 1e-5 * std::max(unit, 0.003f));
        }
}

// ## 14.3 Layer normalisation, backwards

RESTS_ON("14.3", "14.2");

using Three = std::tuple<Tensor, Tensor, Tensor>;

// Gradients of x, gain and bias.
Three by_hand(const Tensor& x_hat, const Tensor& s, const Tensor& gain, const Tensor& dy) {
    const LayerNormGradients d = layer_norm_backward({x_hat, s}, gain, dy);
    return {d.dx, d.dgain, d.dbias};
}
PARTS(by_hand, "dx", "the gradient of gain", "the gradient of bias");

Tensor dx_by_hand(const Tensor& x_hat, const Tensor& s, const Tensor& gain, const Tensor& dy) {
    return layer_norm_backward({x_hat, s}, gain, dy).dx;
}

Three by_tape(const Tensor& at, const Tensor& gains, const Tensor& biases, const Tensor& dy) {
    const Variable x = parameter(at), gain = parameter(gains), bias = parameter(biases);
    backward(sum(layer_norm(x, gain, bias) * dy));
    return {x.gradient(), gain.gradient(), bias.gradient()};
}
PARTS(by_tape, "dx", "the gradient of gain", "the gradient of bias");

// The slopes of Σ y dy by central differences in double, for x, gain or bias (0, 1 or 2).
static Tensor exact_slopes(const Tensors& inputs, const Tensor& dy, int which) {
    const double h = 1e-5;
    std::vector<Doubles> at;
    for (const Tensor& input : inputs) at.push_back(doubles(input));
    const auto loss = [&] {
        const Doubles y = exact_norm(at[0], at[1], at[2]), weights = doubles(dy);
        double total = 0;
        for (int i = 0; i < size_of(y); ++i) total += y[i] * weights[i];
        return total;
    };
    Doubles slopes;
    for (double& number : at[which]) {
        const double before = number;
        number = before + h;
        const double up = loss();
        number = before - h;
        slopes.push_back((up - loss()) / (2 * h));
        number = before;
    }
    return tensor(inputs[which].shape, slopes);
}

CHECK("14.3",
      "x̂ = −1 −1 1 1, s = 2, dx̂ = 8 0 0 0: the mean term is 2, the correlation −2, and dx is "
      "2 −2 0 0") {
    const Tensor x_hat = matrix({{-1, -1, 1, 1}}), s = row({2}), gain = row({1, 1, 1, 1});
    const Tensor dy = matrix({{8, 0, 0, 0}});
    const auto [dx, dgain, dbias] = ASK(by_hand, x_hat, s, gain, dy);
    expect_near(dx, matrix({{2, -2, 0, 0}}), 1e-6);
    expect_near(dgain, row({-8, 0, 0, 0}), 1e-6);
    expect_near(dbias, row({8, 0, 0, 0}), 1e-6);
}

CHECK("14.3", "what arrives at x̂ is γ dy: with the gain [2, 1, 1, 1], dx is twice as large") {
    const Tensor x_hat = matrix({{-1, -1, 1, 1}}), s = row({2}), gain = row({2, 1, 1, 1});
    const Tensor dy = matrix({{8, 0, 0, 0}});
    const auto [dx, dgain, dbias] = ASK(by_hand, x_hat, s, gain, dy);
    expect_near(dx, matrix({{4, -4, 0, 0}}), 1e-6);
    expect_near(dgain, row({-8, 0, 0, 0}), 1e-6);
}

CHECK("14.3",
      "each row by itself: a mean term and a correlation of its own, divided by its own s") {
    const Tensor x_hat = matrix({{-1, -1, 1, 1}, {-1, -1, 1, 1}}), s = row({2, 4});
    const Tensor dy = matrix({{8, 0, 0, 0}, {8, 0, 0, 0}});
    const Tensor gain = row({1, 1, 1, 1});
    expect_near(ASK(dx_by_hand, x_hat, s, gain, dy), matrix({{2, -2, 0, 0}, {1, -1, 0, 0}}), 1e-6);
}

CHECK("14.3", "gain and bias serve all rows, and get the sum over all rows") {
    const Tensor x_hat = matrix({{-1, 1}, {1, -1}, {-1, 1}}), s = row({1, 1, 1});
    const Tensor dy = matrix({{1, 10}, {2, 20}, {4, 40}});
    const auto [dx, dgain, dbias] = ASK(by_hand, x_hat, s, row({1, 1}), dy);
    expect_near(dgain, row({-3, 30}), 1e-5);
    expect_near(dbias, row({7, 70}), 1e-5);
}

CHECK("14.3", "on the tape: the gradients are those of (14.4), by central differences in double") {
    const Tensor x = random_tensor({3, 5}), gain = random_tensor({5}), bias = random_tensor({5});
    const Tensor dy = random_tensor({3, 5});
    allow_roundings(64);
    const auto [dx, dgain, dbias] = ASK(by_tape, x, gain, bias, dy);
    expect_near(dx, exact_slopes({x, gain, bias}, dy, 0), 2e-5);
    expect_near(dgain, exact_slopes({x, gain, bias}, dy, 1), 1e-5);
    expect_near(dbias, exact_slopes({x, gain, bias}, dy, 2), 1e-5);
}

CHECK("14.3",
      "dx sums to 0 in each row, and has nothing along x: shifts and stretches change "
      "nothing") {
    const Tensor x = random_tensor({2, 2, 16}), dy = random_tensor({2, 2, 16});
    allow_roundings(64);
    const auto [dx, dgain, dbias] = ASK(by_tape, x, filled({16}, 1), Tensor({16}), dy);
    for (int i = 0; i < 4; ++i) {
        double total = 0, along = 0;
        for (int j = i * 16; j < i * 16 + 16; ++j) {
            total += dx.data[j];
            along += double{dx.data[j]} * x.data[j];
        }
        expect(std::fabs(total) < 2e-5, "a row of dx sums to " + std::to_string(total));
        expect(std::fabs(along) < 1e-3,
               "the dot product of a row of dx with its row of x is " + std::to_string(along));
    }
}

CHECK("14.3", "rows of equal numbers, and of one number, have finite gradients") {
    const Tensor dy = random_tensor({2, 4}), gain = filled({4}, 1), bias = Tensor({4});
    allow_roundings(64);
    ASK(by_tape, filled({2, 4}, 3), gain, bias, dy);
    const auto [dx, dgain, dbias] =
        ASK(by_tape, matrix({{5}, {6}}), row({2}), row({1}), matrix({{1}, {10}}));
    expect_near(dx, matrix({{0}, {0}}), 1e-5);
    expect_near(dbias, row({11}), 1e-5);
}

Tensors norm_with_constants(const Tensors& at, const Tensor& dy, int wanted) {
    const auto norm = [](const Variables& v) { return layer_norm(v[0], v[1], v[2]); };
    return with_constants<Variable>(norm, at, dy, wanted);
}
PARTS(norm_with_constants, "y", "dx", "the gradient of gain", "the gradient of bias");

CHECK("14.3", "with constants among x, gain and bias, the others still get their gradients") {
    const Tensors at = {random_tensor({3, 5}), random_tensor({5}), random_tensor({5})};
    const Tensor dy = random_tensor({3, 5});
    for (int wanted = 1; wanted < 7; ++wanted) {
        allow_roundings(64);
        ASK(norm_with_constants, at, dy, wanted);
    }
}

Tensors by_hand_again(const Tensors& first, const Tensors& then) {
    return in_the_same_place(
        [](const Tensors& x) -> Tensors {
            const LayerNormGradients d = layer_norm_backward({x[0], x[1]}, x[2], x[3]);
            return {d.dx, d.dgain, d.dbias};
        },
        first, then);
}
PARTS(by_hand_again, "dx", "the gradient of gain", "the gradient of bias");

CHECK("14.3", "nothing is left over from the last call: other numbers in the same place") {
    const auto inputs = [](const Tensor& x_hat) -> Tensors {
        return {x_hat, row({0.5f, 2}), random_tensor({4}), random_tensor({2, 4})};
    };
    const Tensors first = inputs(matrix({{-1, -1, 1, 1}, {1, -1, 1, -1}}));
    const Tensors then = inputs(matrix({{1, -1, -1, 1}, {-1, 1, 1, -1}}));
    allow_roundings(64);
    ASK(by_hand_again, first, then);
}

// The gradients of x, gain and bias, in double.
static Tensors exact_backward(const Tensor& x_hat, const Tensor& s, const Tensor& gain,
                              const Tensor& dy) {
    const int n = gain.size(), rows = s.size();
    Tensor dx(dy.shape);
    Doubles dgain(n), dbias(n);
    for (int row = 0; row < rows; ++row) {
        double mean = 0, correlation = 0;
        for (int i = row * n; i < row * n + n; ++i) {
            const double d = double{dy.data[i]} * gain.data[i % n];
            mean += d / n;
            correlation += d * x_hat.data[i] / n;
            dgain[i % n] += double{dy.data[i]} * x_hat.data[i];
            dbias[i % n] += dy.data[i];
        }
        for (int i = row * n; i < row * n + n; ++i)
            dx.data[i] =
                (double{dy.data[i]} * gain.data[i % n] - mean - x_hat.data[i] * correlation) /
                s.data[row];
    }
    return {dx, tensor({n}, dgain), tensor({n}, dbias)};
}

CHECK("14.3", "single rows, matrices and stacks, of large numbers and small") {
    for (const Shape& shape : shapes_of_rows())
        for (float unit : {1.0f, 0.002f, 300.0f}) {
            const int n = shape.back(), rows = element_count(shape) / n;
            const Tensor x = times(random_tensor(shape), unit), gain = random_tensor({n});
            const Tensor dy = random_tensor(shape);
            const Tensor x_hat = exact_norm(x, filled({n}, 1), Tensor({n}));
            Tensor s({rows});  // small where x is
            for (float& number : s.data) number = unit * (1 + random_numbers().below(4));
            const auto [dx, dgain, dbias] = ASK_UNRECORDED(by_hand, x_hat, s, gain, dy);
            const Tensors expected = exact_backward(x_hat, s, gain, dy);
            expect_near(dx, expected[0], 2e-5 / unit);
            expect_near(dgain, expected[1], 5e-5);
            expect_near(dbias, expected[2], 5e-5);
        }
}

CHECK("14.3", "with ε two numbers that are nearly equal have slopes, too: 0 and .002") {
    const Tensor x = matrix({{0, 0.002f}}), gain = row({1, 2}), bias = row({3, 4});
    const Tensor dy = matrix({{1, 10}});
    const Tensor dx = std::get<0>(ASK_UNRECORDED(by_tape, x, gain, bias, dy));
    expect_near(dx, exact_slopes({x, gain, bias}, dy, 0), 0.1);  // about 2700 in size
}

Tensors norm_read_twice(const Tensors& at, const Tensor& dy) {
    const Variable x = parameter(at[0]), gain = parameter(at[1]), bias = parameter(at[2]);
    return read_twice(sum(layer_norm(x, gain, bias) * dy), Graph::kept, {x, gain, bias});
}
PARTS(norm_read_twice, "dx", "the gradient of gain", "the gradient of bias", "dx, read twice",
      "the gradient of gain, read twice", "the gradient of bias, read twice");

CHECK("14.3", "a graph that is kept can be read again, and gives as much") {
    const Tensors at = {random_tensor({3, 4}), random_tensor({4}), random_tensor({4})};
    expect_doubled(ASK_UNRECORDED(norm_read_twice, at, random_tensor({3, 4})));
}

CHECK("14.3", "rows, gains and gradients that do not fit each other are refused") {
    const Tensor x_hat = Tensor({2, 3}), s = row({1, 1}), gain = row({1, 1, 1});
    expect_mentions(ASK_REFUSAL(by_hand, x_hat, s, gain, Tensor({2, 2})),
                    {"layer_norm_backward", "[2, 3]", "[3]", "[2, 2]"});
    ASK_REFUSAL(by_hand, x_hat, s, row({1, 1}), x_hat);
    ASK_REFUSAL(by_hand, x_hat, s, matrix({{1, 1, 1}}), x_hat);
    ASK_REFUSAL(by_hand, x_hat, row({1}), gain, x_hat);
}

// ## 14.4 Dropout

RESTS_ON("14.4", "3.4");

// What comes out of dropout with random numbers from this seed.
Tensor dropped(const Tensor& x, double rate, int seed, bool training) {
    Random random(seed);
    Dropout dropout(rate, random);
    dropout.training = training;
    return dropout(x).value();
}

Tensor dropped_by_nothing(const Tensor& x) { return Dropout()(x).value(); }

// The same dropout twice.
std::pair<Tensor, Tensor> dropped_twice(const Tensor& x, double rate, int seed) {
    Random random(seed);
    const Dropout dropout(rate, random);
    const Tensor first = dropout(x).value();
    return {first, dropout(x).value()};
}
PARTS(dropped_twice, "the first call", "the second call");

// What comes out without a tape.
Tensor dropped_without_tape(const Tensor& x, double rate, int seed) {
    const NoTape no_tape_here;
    return dropped(x, rate, seed, true);
}

// What comes out, and the gradient of x for the loss Σ y dy.
std::pair<Tensor, Tensor> dropped_gradient(const Tensor& at, double rate, int seed,
                                           const Tensor& dy) {
    Random random(seed);
    const Dropout dropout(rate, random);
    const Variable x = parameter(at), y = dropout(x);
    backward(sum(y * dy));
    return {y.value(), x.gradient()};
}
PARTS(dropped_gradient, "y", "dx");

Tensors evaluated(const Tensor& at, double rate, const Tensor& dy) {
    Random random(1);
    Dropout dropout(rate, random);
    dropout.training = false;
    const auto drop = [&](const Variables& x) { return dropout(x[0]); };
    return with_constants<Variable>(drop, {at}, dy, 1);
}
PARTS(evaluated, "y", "dx");

// Drops nothing, since it evaluates or its rate is 0, and then draws a number.
double next_number(double rate, int seed, bool training) {
    Random random(seed);
    Dropout dropout(rate, random);
    dropout.training = training;
    dropout(row({1, 2, 3}));
    return random.uniform();
}

static Tensor exact_mask(const Shape& shape, double rate, int seed) {
    Random random(seed);
    Tensor mask(shape);
    for (float& m : mask.data) m = random.uniform() < rate ? 0 : 1 / (1 - rate);
    return mask;
}

// A seed under which some of n are dropped and some are not.
static int mixed_seed(int n, double rate) {
    for (;;) {
        const int seed = random_numbers().below(1000000);
        const std::vector<float> mask = exact_mask({n}, rate, seed).data;
        const auto gone = std::count(mask.begin(), mask.end(), 0.0f);
        if (gone > 1 && gone < n - 1) return seed;
    }
}

CHECK("14.4",
      "at rate ½, eight ones become zeros and twos: dropped if the random number is below "
      "½") {
    const int seed = mixed_seed(8, 0.5);
    expect_near(ASK(dropped, filled({8}, 1), 0.5, seed, true), exact_mask({8}, 0.5, seed), 1e-6);
    const int first_is_half = 26849042;  // and ½ is not below ½
    expect_near(ASK(dropped, row({1}), 0.5, first_is_half, true), row({2}), 1e-6);
}

CHECK("14.4", "a number is dropped with probability p, and the others are divided by 1 − p") {
    for (double rate : {0.1, 0.75}) {
        Tensor x = random_tensor({3, 4, 5});
        x.data[0] = 0;
        const int seed = mixed_seed(60, rate);
        const Tensor expected = product(x, exact_mask({3, 4, 5}, rate, seed));
        expect_near(ASK(dropped, x, rate, seed, true), expected, 1e-6);
    }
    const Shape many = {40, 50};
    expect_near(ASK_UNRECORDED(dropped, filled(many, 1), 0.125, 5, true),
                exact_mask(many, 0.125, 5), 1e-6);
    int seed = 1;
    while (exact_mask({1}, 0.9, seed).data[0] != 0) ++seed;
    expect_near(ASK(dropped, row({3}), 0.9, seed, true), row({0}), 0);
}

CHECK("14.4", "the mean stays: of 40000 ones at rate .1, a tenth is gone and the mean is 1") {
    const Tensor y = ASK_UNRECORDED(dropped, filled({200, 200}, 1), 0.1, 5, true);
    double total = 0, gone = 0;
    for (float number : y.data) {
        total += double{number} / y.size();
        gone += number == 0.0f;
    }
    expect(std::fabs(gone / y.size() - 0.1) < 0.0075,
           "the share that is gone is " + std::to_string(gone / y.size()));
    expect(std::fabs(total - 1) < 0.009, "the mean is " + std::to_string(total));
}

CHECK("14.4", "it is off when evaluating, at rate 0, and in a Dropout() of nothing") {
    const Tensor x = random_tensor({4, 5});
    expect_near(ASK(dropped, x, 0.5, 1, false), x, 0);
    expect_near(ASK(dropped, x, 0.0, 1, true), x, 0);
    expect_near(ASK(dropped_by_nothing, x), x, 0);
}

CHECK("14.4", "evaluating draws no random number, so training goes on as if it had not been") {
    Random random(9);
    const double next = random.uniform();
    expect_near(ASK(next_number, 0.5, 9, false), next, 0);
    expect_near(ASK(next_number, 0.0, 9, true), next, 0);
}

CHECK("14.4", "each call has a new mask") {
    const auto [first, second] = ASK(dropped_twice, filled({30}, 1), 0.5, 2);
    expect(first.data != second.data, "two calls have dropped the same 30 numbers");
}

CHECK("14.4",
      "gradients pass through the same mask: nothing where it dropped, dy/(1 − p) elsewhere") {
    const Tensor x = filled({2, 10}, 1), dy = random_tensor({2, 10});
    const int seed = mixed_seed(20, 0.5);
    const auto [y, dx] = ASK(dropped_gradient, x, 0.5, seed, dy);
    expect_near(dx, product(y, dy), 1e-6);
    const auto [zeros, d_zeros] = ASK(dropped_gradient, Tensor({2, 10}), 0.5, seed, dy);
    expect_near(d_zeros, product(exact_mask({2, 10}, 0.5, seed), dy), 1e-6);
}

CHECK("14.4", "with a tape or without, `training` decides, and evaluating lets gradients pass") {
    const Tensor x = random_tensor({2, 10}), dy = random_tensor({2, 10});
    const int seed = mixed_seed(20, 0.5);
    expect_near(ASK(dropped_without_tape, x, 0.5, seed), product(x, exact_mask({2, 10}, 0.5, seed)),
                1e-6);
    const Tensors both = ASK(evaluated, x, 0.5, dy);
    expect_near(both.at(0), x, 0);
    expect_near(both.at(1), dy, 0);
}

CHECK("14.4", "rates of half a percent and of nearly all; any shape; a parameter or a constant") {
    for (double rate : {0.0005, 0.005, 0.25, 0.9, 0.99})
        for (const Shape& shape :
             std::vector<Shape>{{}, {1}, {3}, {1, 2}, {4, 4}, {2, 1, 3}, {2, 3, 1, 5}, {10000}}) {
            const int seed = 1 + random_numbers().below(1000000);
            const Tensor x = filled(shape, -2.5f), mask = exact_mask(shape, rate, seed);
            const double within = 1e-6 * 2.5 / (1 - rate);
            expect_near(ASK_UNRECORDED(dropped, x, rate, seed, true), product(x, mask), within);
            expect_near(ASK_UNRECORDED(dropped, x, rate, seed, false), x, 0);
            const auto [y, dx] = ASK_UNRECORDED(dropped_gradient, x, rate, seed, x);
            expect_near(y, product(x, mask), within);
            expect_near(dx, product(x, mask), within);
        }
}

// Is x what it was? Its graph is read twice.
Tensors dropped_and_read_twice(const Tensor& at, int seed, const Tensor& dy) {
    Random random(seed);
    const Variable x = parameter(at);
    const Variable y = Dropout(0.5, random)(x);
    Tensors all = read_twice(sum(y * dy), Graph::kept, {x});
    all.insert(all.begin(), x.value());
    return all;
}
PARTS(dropped_and_read_twice, "x afterwards", "dx", "dx, read twice");

CHECK("14.4", "x stays as it is; a graph that is kept can be read again, by the same mask") {
    const Tensor x = random_tensor({2, 10}), dy = random_tensor({2, 10});
    const int seed = mixed_seed(20, 0.5);
    const Tensor dx = product(exact_mask({2, 10}, 0.5, seed), dy);
    const Tensors all = ASK_UNRECORDED(dropped_and_read_twice, x, seed, dy);
    expect_near(all.at(0), x, 0);
    expect_near(all.at(1), dx, 1e-6);
    expect_near(all.at(2), combined(2, dx, 0, dx), 1e-6);
}

// Training, evaluating and training again with one dropout, on one variable.
Tensors dropped_now_and_then(const Tensor& at, int seed) {
    Random random(seed);
    Dropout dropout(0.5, random);
    const Variable x = parameter(at);
    Tensors all;
    for (bool training : {true, false, true, false}) {
        dropout.training = training;
        all.push_back(dropout(x).value());
    }
    return all;
}
PARTS(dropped_now_and_then, "training", "evaluating", "training again", "evaluating again");

CHECK("14.4", "one dropout trains, evaluates and trains again, and its numbers go on") {
    const Tensor x = filled({20}, 1);
    const int seed = mixed_seed(20, 0.5);
    const Tensor both = exact_mask({40}, 0.5, seed);
    const std::vector<float>& drawn = both.data;
    const Tensors all = ASK_UNRECORDED(dropped_now_and_then, x, seed);
    expect_near(all.at(0), Tensor({20}, {drawn.begin(), drawn.begin() + 20}), 1e-6);
    expect_near(all.at(1), x, 0);
    expect_near(all.at(2), Tensor({20}, {drawn.begin() + 20, drawn.end()}), 1e-6);
    expect_near(all.at(3), x, 0);
}

CHECK("14.4", "rates below 0, of 1 and above are refused") {
    expect_mentions(ASK_REFUSAL(dropped, row({1}), 1.0, 1, true), {"Dropout", "1.0"});
    expect_mentions(ASK_REFUSAL(dropped, row({1}), -0.1, 1, true), {"Dropout", "-0.1"});
    ASK_REFUSAL(dropped, row({1}), 1.5, 1, false);
    ASK_REFUSAL(dropped, row({1}), std::numeric_limits<double>::quiet_NaN(), 1, true);
}

// ## 14.5 The layer around f

RESTS_ON("14.5", "14.2", "14.3", "14.4");

static NormPlace place_of(const std::string& word) {
    return word == "before" ? NormPlace::before : NormPlace::after;
}

// A layer around f(z) = a z + b, whose norm has this gain and bias.
static Variable around(const Variable& x, const std::string& place, const Tensors& gain_and_bias,
                       double a, double b, const Dropout& dropout) {
    LayerNorm norm(x.shape().back());
    norm.gain.set_value(gain_and_bias.at(0));
    norm.bias.set_value(gain_and_bias.at(1));
    const auto f = [&](const Variable& z) { return scale(z, a) + filled(z.shape(), b); };
    return sublayer(x, norm, place_of(place), f, dropout);
}

// With f(z) = factor z.
Tensor layer_around(const Tensor& x, const std::string& place, const Tensors& gain_and_bias,
                    double factor) {
    return around(x, place, gain_and_bias, factor, 0, Dropout()).value();
}

// With f(z) = 2 z + 1.
Tensor layer_with_dropout(const Tensor& x, const std::string& place, const Tensors& gain_and_bias,
                          double rate, int seed, bool training) {
    Random random(seed);
    Dropout dropout(rate, random);
    dropout.training = training;
    return around(x, place, gain_and_bias, 2, 1, dropout).value();
}

int times_asked(const Tensor& x, const std::string& place) {
    int times = 0;
    const auto f = [&](const Variable& z) { return ++times, z; };
    sublayer(x, LayerNorm(x.shape.back()), place_of(place), f);
    return times;
}
CALLED(times_asked, "the calls of f");

// The gradients of x, gain and bias.
Tensors layer_gradients(const Tensor& at, const std::string& place, double factor,
                        const Tensor& dy) {
    const Variable x = parameter(at);
    const LayerNorm norm(at.shape.back());
    const auto f = [&](const Variable& z) { return scale(tanh(z), factor); };
    backward(sum(sublayer(x, norm, place_of(place), f) * dy));
    return {x.gradient(), norm.gain.gradient(), norm.bias.gradient()};
}
PARTS(layer_gradients, "dx", "the gradient of gain", "the gradient of bias");

// f takes the mean over the last axis: a shape of its own.
Tensor layer_that_shrinks(const Tensor& x, const std::string& place) {
    const auto f = [](const Variable& z) { return mean(z, 0); };
    return sublayer(x, LayerNorm(x.shape.back()), place_of(place), f).value();
}

static Tensors fresh(int n) { return {filled({n}, 1), Tensor({n})}; }

CHECK("14.5", "f(z) = 10 z, norm before: 1 5 is normed to −1 1, and the result is 1 − 10, 5 + 10") {
    expect_near(ASK(layer_around, matrix({{1, 5}}), "before", fresh(2), 10.0), matrix({{-9, 15}}),
                1e-4);
}

CHECK("14.5", "f(z) = 10 z, norm after: 1 5 becomes 11 55, and the result is normed: −1 1") {
    expect_near(ASK(layer_around, matrix({{1, 5}}), "after", fresh(2), 10.0), matrix({{-1, 1}}),
                1e-5);
}

CHECK("14.5",
      "when f gives zeros, x passes unchanged with norm before, and normed with norm after") {
    const Tensor x = random_tensor({2, 3, 4}), gain = random_tensor({4}), bias = random_tensor({4});
    const Tensors norm = {gain, bias};
    expect_near(ASK(layer_around, x, "before", norm, 0.0), x, 0);
    expect_near(ASK(layer_around, x, "after", norm, 0.0), exact_norm(x, gain, bias), 5e-6);
}

CHECK("14.5", "both are (14.9), with gains and biases in the norm") {
    const Tensor x = random_tensor({3, 4}), gain = random_tensor({4}), bias = random_tensor({4});
    const Tensors norm = {gain, bias};
    expect_near(ASK(layer_around, x, "before", norm, -3.0),
                combined(1, x, -3, exact_norm(x, gain, bias)), 1e-5);
    expect_near(ASK(layer_around, x, "after", norm, -3.0),
                exact_norm(combined(1, x, -3, x), gain, bias), 1e-5);
}

CHECK("14.5", "f(z) = 2 z + 1: dropout acts on what f gives, x itself is never dropped") {
    const Tensor x = random_tensor({2, 8}), gain = random_tensor({8}), bias = random_tensor({8});
    const Tensors norm = {gain, bias};
    const int seed = mixed_seed(16, 0.5);
    const Tensor mask = exact_mask({2, 8}, 0.5, seed);
    const Tensor ones = filled({2, 8}, 1);
    const Tensor branch = product(combined(2, exact_norm(x, gain, bias), 1, ones), mask);
    expect_near(ASK(layer_with_dropout, x, "before", norm, 0.5, seed, true),
                combined(1, x, 1, branch), 1e-5);
    const Tensor inside = combined(1, x, 1, product(combined(2, x, 1, ones), mask));
    expect_near(ASK(layer_with_dropout, x, "after", norm, 0.5, seed, true),
                exact_norm(inside, gain, bias), 2e-5);
}

CHECK("14.5", "when the dropout evaluates, nothing is dropped here either") {
    const Tensor x = random_tensor({2, 8}), gain = filled({8}, 1), bias = random_tensor({8});
    const Tensor ones = filled({2, 8}, 1);
    expect_near(ASK(layer_with_dropout, x, "before", Tensors{gain, bias}, 0.5, 3, false),
                combined(1, x, 1, combined(2, exact_norm(x, gain, bias), 1, ones)), 2e-5);
    expect_near(ASK(layer_with_dropout, x, "after", Tensors{gain, bias}, 0.5, 3, false),
                exact_norm(combined(3, x, 1, ones), gain, bias), 2e-5);
}

CHECK("14.5", "f is asked once") {
    for (const char* place : {"before", "after"})
        expect(ASK(times_asked, row({1, 5}), std::string(place)) == 1, "f must be asked once");
}

CHECK("14.5", "when f passes no gradient on, dy arrives at x unchanged with norm before") {
    const Tensor x = random_tensor({3, 4}), dy = random_tensor({3, 4});
    allow_roundings(64);
    const Tensors d = ASK(layer_gradients, x, "before", 0.0, dy);
    expect_near(d.at(0), dy, 0);
}

CHECK("14.5", "gradients reach x, gain and bias in both places") {
    const Tensor x = random_tensor({2, 3, 4}), dy = random_tensor({2, 3, 4});
    allow_roundings(128);
    ASK(layer_gradients, x, "before", 1.5, dy);
    ASK(layer_gradients, x, "after", 1.5, dy);
}

// As `layer_gradients`, but x is a constant, as in the first layer of a network.
Tensors gradients_around_data(const Tensor& x, const std::string& place, const Tensor& dy) {
    const LayerNorm norm(x.shape.back());
    const Variable factor = parameter(filled({x.shape.back()}, 1.5f));
    const auto f = [&](const Variable& z) { return tanh(z) * factor; };
    backward(sum(sublayer(x, norm, place_of(place), f) * dy));
    return {factor.gradient(), norm.gain.gradient(), norm.bias.gradient()};
}
PARTS(gradients_around_data, "the gradient of the factor in f", "the gradient of gain",
      "the gradient of bias");

CHECK("14.5", "when x is a constant, the norm and f still learn") {
    const Tensor x = random_tensor({3, 4}), dy = random_tensor({3, 4});
    for (const char* place : {"before", "after"}) {
        allow_roundings(128);
        ASK(gradients_around_data, x, std::string(place), dy);
    }
}

CHECK("14.5", "single rows, matrices and stacks, with dropout and without, in both places") {
    for (const Shape& shape :
         std::vector<Shape>{{4}, {1, 4}, {3, 2}, {1, 1, 3}, {2, 3, 4}, {2, 1, 2, 9}, {1, 17}})
        for (bool training : {true, false}) {
            const int n = shape.back(), seed = 1 + random_numbers().below(1000000);
            const Tensor x = random_tensor(shape), ones = filled(shape, 1);
            const Tensor gain = random_tensor({n}), bias = random_tensor({n});
            const Tensors norm = {gain, bias};
            const Tensor mask = training ? exact_mask(shape, 0.5, seed) : ones;
            const Tensor said = combined(2, exact_norm(x, gain, bias), 1, ones);
            expect_near(ASK_UNRECORDED(layer_with_dropout, x, "before", norm, 0.5, seed, training),
                        combined(1, x, 1, product(said, mask)), 1e-3);
            const Tensor inside = combined(1, x, 1, product(combined(2, x, 1, ones), mask));
            expect_near(ASK_UNRECORDED(layer_with_dropout, x, "after", norm, 0.5, seed, training),
                        exact_norm(inside, gain, bias), 1e-3);
        }
}

// The gradients under dropout, read twice, and x afterwards, which f has also seen.
Tensors layer_read_twice(const Tensor& at, const std::string& place, int seed, const Tensor& dy) {
    Random random(seed);
    const Variable x = parameter(at), factor = parameter(filled({at.shape.back()}, 1.5f));
    const LayerNorm norm(at.shape.back());
    norm.gain.set_value(filled(norm.gain.shape(), 0.5f));
    const auto f = [&](const Variable& z) { return tanh(z) * factor; };
    const Variable y = sublayer(x, norm, place_of(place), f, Dropout(0.5, random));
    Tensors all = read_twice(sum(y * dy), Graph::kept, {x, factor, norm.gain, norm.bias});
    all.push_back(x.value());
    return all;
}
PARTS(layer_read_twice, "dx", "the gradient of the factor in f", "the gradient of gain",
      "the gradient of bias", "dx, read twice", "the gradient of the factor in f, read twice",
      "the gradient of gain, read twice", "the gradient of bias, read twice", "x afterwards");

CHECK("14.5", "x stays as it is; under dropout gradients arrive, again when the graph is kept") {
    const Tensor x = random_tensor({2, 8}), dy = random_tensor({2, 8});
    for (const char* place : {"before", "after"}) {
        allow_roundings(256);
        Tensors all = ASK(layer_read_twice, x, std::string(place), mixed_seed(16, 0.5), dy);
        expect_near(all.at(8), x, 0);
        all.pop_back();
        expect_doubled(all);
    }
}

CHECK("14.5", "an f that changes the shape is refused, and the message names both shapes") {
    const Tensor x = Tensor({3, 4});
    expect_mentions(ASK_REFUSAL(layer_that_shrinks, x, "before"), {"sublayer", "[3, 4]", "[4]"});
    ASK_REFUSAL(layer_that_shrinks, x, "after");
}

}  // namespace checks_14
