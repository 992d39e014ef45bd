#include "24_reading_attention.hpp"

#include "grader/check.hpp"
#include "grader/variations.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <tuple>

namespace checks_24 {

using Tensors = std::vector<Tensor>;
using Doubles = std::vector<double>;
using List = std::vector<int>;

// Numbers for parameters that are the same in every program: small, and none of them special.
static void fill(const Parameters& parameters, int seed = 24) {
    Random random(seed);
    for (const Variable& p : parameters) {
        Tensor value = p.value();
        for (float& number : value.data) number = random.uniform(-0.6f, 0.6f);
        p.set_value(value);
    }
}

// Rows of weights, each of sum 1: [B, H, R, R].
static Tensor random_weights(int B, int H, int R) {
    Tensor A({B, H, R, R});
    for (int row = 0; row < B * H * R; ++row) {
        double sum = 0;
        for (int j = 0; j < R; ++j) {
            A.data[row * R + j] = 0.1f + random_numbers().below(20);
            sum += A.data[row * R + j];
        }
        for (int j = 0; j < R; ++j) A.data[row * R + j] /= static_cast<float>(sum);
    }
    return A;
}

// ## 24.1 By hand

Tensor written_down(int) { return arrived_by_hand(); }
CALLED(written_down, "arrived_by_hand()");

static void expect_number(int place, double wanted, const std::string& otherwise) {
    const Tensor all = ASK_UNRECORDED(written_down, 0);
    expect(all.shape == Shape{5}, "five numbers are asked for");
    expect(std::fabs(all.data[place] - wanted) < 0.0006, otherwise);
}

CHECK("24.1", "what the class token has from itself: half of what it had, half of what a took") {
    expect_number(0, 0.375, "the first is not what row c of R has for c");
}

CHECK("24.1", "what it has from a, of both layers") {
    expect_number(1, 0.5, "the second is not what row c of R has for a");
}

CHECK("24.1", "and from b, at which it never looked") {
    expect_number(2, 0.125, "the third is not what row c of R has for b");
}

CHECK("24.1", "of the points alone, a has four parts in five") {
    expect_number(3, 0.8, "the share of a is what c has from a, divided by a and b together");
    expect_number(4, 0.2, "the share of b is what c has from b, divided by a and b together");
}

// ## 24.2 Weights of all heads

RESTS_ON("24.2", "11.3", "12.4", "14.2", "15.3");

static Encoder encoder_of(int D, int heads, int layers, bool before) {
    Random random(1);
    const StackSettings settings{D, heads, 5, layers,
                                 before ? NormPlace::before : NormPlace::after};
    const Encoder encoder(settings, random);
    fill(encoder.parameters());
    return encoder;
}

// The weights of all layers, and whether a tape runs behind it.
std::pair<Tensors, bool> looked(const Tensor& x, const Tensor& mask, int heads, int layers,
                                bool before) {
    const Encoder encoder = encoder_of(x.shape.back(), heads, layers, before);
    Tensors all = weights_of_layers(encoder, Variable(x, true), mask);
    const bool tape = scale(parameter(Tensor({1})), 2).needs_gradient();
    return {all, tape};
}
CALLED(looked, "weights_of_layers");
PARTS(looked, "layer #1", "whether a tape runs behind it");

CHECK("24.2", "a matrix for each layer, curve and head; each row has the sum 1") {
    for (bool before : {true, false})
        for (int heads : {1, 2, 4}) {
            const Tensor x = random_tensor({2, 3, 4});
            allow_roundings(1024);
            const auto [found, tape] = ASK(looked, x, no_mask, heads, 3, before);
            expect(size_of(found) == 3, "three layers have three");
            for (const Tensor& A : found) {
                expect(A.shape == Shape({2, heads, 3, 3}), "each is [B, H, R, R]");
                for (int row = 0; row < 6 * heads; ++row)
                    expect_near(exact_sum(A, 3 * row, 3), 1, 1e-5);
            }
            expect(tape, "behind it no tape runs any more");
        }
}

CHECK("24.2", "what the mask hides has no weight, in no layer, and the others have all of it") {
    const Tensor mask({2, 3, 3}, {1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0, 1, 1, 0, 1, 1, 0, 1});
    for (bool before : {true, false}) {
        const Tensor x = random_tensor({2, 3, 4});
        allow_roundings(1024);
        const auto [found, tape] = ASK(looked, x, mask, 2, 2, before);
        for (const Tensor& A : found)
            for (int row = 0; row < 12; ++row) {
                expect(A.data.at(3 * row + (row < 6 ? 2 : 1)) == 0, "a hidden row has a weight");
                expect_near(exact_sum(A, 3 * row, 3), 1, 1e-5);
            }
    }
}

CHECK("24.2", "each layer is asked what it asks itself, with the norm in front or behind") {
    const Tensor mask({4, 4}, {1, 1, 0, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 0, 1, 1});
    for (bool before : {true, false}) {
        Tensor x = random_tensor({1, 4, 4});
        for (float& number : x.data) number *= 6;
        allow_roundings(4096);
        ASK(looked, x, mask, 2, 3, before);
    }
}

CHECK("24.2", "what stands in a hidden row changes no weight of the others, in any layer") {
    const Tensor mask({1, 3, 3}, {1, 0, 1, 1, 0, 1, 1, 0, 1});
    Tensor x = random_tensor({1, 3, 4});
    allow_roundings(1024);
    const auto [first, tape] = ASK(looked, x, mask, 2, 3, true);
    for (int k = 4; k < 8; ++k) x.data[k] += 0.25f * k;
    const auto [second, still] = ASK(looked, x, mask, 2, 3, true);
    for (int l = 0; l < 3; ++l)
        for (int h = 0; h < 2; ++h)
            for (int j : {0, 1, 2})
                for (int i : {0, 2})
                    expect(first.at(l).data.at((h * 3 + i) * 3 + j) ==
                               second.at(l).data.at((h * 3 + i) * 3 + j),
                           "a hidden row is read in some layer");
}

CHECK("24.2", "a single row looks at itself; no layers have no weights; what is no x is refused") {
    for (const Tensor& A : ASK(looked, random_tensor({2, 1, 2}), no_mask, 1, 2, true).first)
        expect_near(A, Tensor({2, 1, 1, 1}, {1, 1}), 1e-6);
    expect(ASK(looked, random_tensor({2, 2, 2}), no_mask, 1, 0, true).first.empty(),
           "there are none");
    ASK_REFUSAL(looked, Tensor({3, 4}), no_mask, 2, 1, true);
}

Tensor points_alone(const Tensor& rows) { return shares_of_points(rows); }
CALLED(points_alone, "shares_of_points");

CHECK("24.2", "of [0.6 0.1 0.3], without its own 0.6: [0.25 0.75]") {
    expect_near(ASK(points_alone, matrix({{0.6f, 0.1f, 0.3f}})), matrix({{0.25f, 0.75f}}), 1e-6);
}

CHECK("24.2", "a row that has nothing but its own has no shares: zeros, and no NaN") {
    expect_near(ASK(points_alone, matrix({{1, 0, 0}, {0.5f, 0.5f, 0}, {0, 0, 0}})),
                matrix({{0, 0}, {1, 0}, {0, 0}}), 1e-6);
}

CHECK("24.2", "rows of any number and length; of small weights too") {
    for (const Shape& size : std::vector<Shape>{{1, 2}, {3, 2}, {2, 5}, {5, 17}}) {
        const int N = size[0], R = size[1];
        for (float factor : {1.0f, tiny, 1e-30f}) {
            const Tensor weights = scaled_copy(random_weights(1, N, R), factor);
            const Tensor rows({N * R, R}, weights.data);
            const Tensor found = ASK(points_alone, rows);
            expect(found.shape == Shape({N * R, R - 1}), "it must be [N, R − 1]");
            for (int n = 0; n < N * R; ++n)
                for (int i = 1; i < R; ++i)
                    expect_near(found.data.at(n * (R - 1) + i - 1),
                                rows.data[n * R + i] / exact_sum(rows, n * R + 1, R - 1), 1e-6);
        }
    }
}

CHECK("24.2", "no rows, and class tokens without points, have shapes; no class token is refused") {
    expect(ASK(points_alone, Tensor({0, 4})).shape == Shape({0, 3}), "it must be [0, 3]");
    const Tensor alone({3, 1}, {1, 1, 1});
    expect(ASK(points_alone, alone).shape == Shape({3, 0}), "it must be [3, 0]");
    ASK_REFUSAL(points_alone, Tensor({3, 0}));
    ASK_REFUSAL(points_alone, Tensor({2, 2, 2}));
}

Tensor class_looks(const Tensor& weights) { return looks_of_class(weights); }
CALLED(class_looks, "looks_of_class");

CHECK("24.2", "the class token is row 0, and asks: [0.5 0.1 0.4; …] is [0.2 0.8]") {
    const Tensor A({1, 1, 3, 3}, {0.5f, 0.1f, 0.4f, 0.3f, 0.6f, 0.1f, 0.2f, 0.1f, 0.7f});
    expect_near(ASK(class_looks, A), Tensor({1, 1, 2}, {0.2f, 0.8f}), 1e-6);
}

CHECK("24.2", "shares for each curve and each head, of any sizes") {
    for (const Shape& size : std::vector<Shape>{{1, 1, 2}, {3, 2, 4}, {2, 3, 2}, {2, 4, 9}}) {
        const int B = size[0], H = size[1], R = size[2];
        const Tensor A = random_weights(B, H, R), found = ASK(class_looks, A);
        expect(found.shape == Shape({B, H, R - 1}), "it must be [B, H, R − 1]");
        for (int n = 0; n < B * H; ++n)
            for (int i = 1; i < R; ++i)
                expect_near(found.data.at(n * (R - 1) + i - 1),
                            A.data[n * R * R + i] / exact_sum(A, n * R * R + 1, R - 1), 1e-6);
    }
    expect(ASK(class_looks, Tensor({2, 3, 1, 1}, std::vector<float>(6, 1))).shape ==
               Shape({2, 3, 0}),
           "without points it is [B, H, 0]");
}

CHECK("24.2", "a class token that sees no point has zeros, and no NaN") {
    const Tensor A({1, 2, 2, 2}, {1, 0, 1, 0, 0.5f, 0.5f, 0, 1});
    expect_near(ASK(class_looks, A), Tensor({1, 2, 1}, {0, 1}), 1e-6);
}

CHECK("24.2", "weights that are not square, or of one head alone, are refused") {
    ASK_REFUSAL(class_looks, Tensor({1, 1, 2, 3}));
    ASK_REFUSAL(class_looks, Tensor({1, 2, 2}));
    ASK_REFUSAL(class_looks, Tensor({1, 1, 0, 0}));
}

Tensor behind(const Tensor& weights, int back, int first) {
    return weight_behind(weights, back, first);
}
CALLED(behind, "weight_behind");

CHECK("24.2", "one row back, of a matrix of nine: (0.4 + 0.2)/2; two back, 0.1; none: 2.3/3") {
    const Tensor A({1, 1, 3, 3}, {1, 0, 0, 0.4f, 0.6f, 0, 0.1f, 0.2f, 0.7f});
    expect_near(ASK(behind, A, 1, 1), row({0.3f}), 1e-6);
    expect_near(ASK(behind, A, 2, 2), row({0.1f}), 1e-6);
    expect_near(ASK(behind, A, 0, 0), row({(1 + 0.6f + 0.7f) / 3}), 1e-6);
}

CHECK("24.2", "rows before `first` do not count: from 2 on, one back, 0.2 is left") {
    const Tensor A({1, 1, 3, 3}, {1, 0, 0, 0.4f, 0.6f, 0, 0.1f, 0.2f, 0.7f});
    expect_near(ASK(behind, A, 1, 2), row({0.2f}), 1e-6);
    expect_near(ASK(behind, A, 0, 1), row({0.65f}), 1e-6);
}

CHECK("24.2", "a number for each head, the mean over all sentences, of any sizes and distances") {
    for (const Shape& size : std::vector<Shape>{{1, 1, 1}, {3, 2, 4}, {2, 3, 7}, {1, 4, 12}}) {
        const int B = size[0], H = size[1], R = size[2];
        const Tensor A = random_weights(B, H, R);
        for (int back = 0; back < R; back += 2)
            for (int first = back; first < R; first += 3) {
                const Tensor found = ASK(behind, A, back, first);
                expect(found.shape == Shape{H}, "there is one for each head");
                for (int h = 0; h < H; ++h) {
                    double sum = 0;
                    for (int b = 0; b < B; ++b)
                        for (int i = first; i < R; ++i)
                            sum += A.data[((b * H + h) * R + i) * R + i - back];
                    expect_near(found.data.at(h), sum / (B * (R - first)), 1e-6);
                }
            }
    }
}

CHECK("24.2", "a distance below 0 or beyond `first`, no rows, and no sentences are refused") {
    const Tensor A = random_weights(1, 2, 3);
    ASK_REFUSAL(behind, A, -1, 1);
    ASK_REFUSAL(behind, A, 2, 1);
    ASK_REFUSAL(behind, A, 1, 3);
    ASK_REFUSAL(behind, Tensor({0, 2, 3, 3}), 1, 1);
    ASK_REFUSAL(behind, Tensor({1, 2, 3, 4}), 1, 1);
}

// ## 24.3 Rollout of one row

RESTS_ON("24.3", "24.2");

Tensor arrived(const Tensors& weights, double own) { return arrived_at_class(weights, own); }
CALLED(arrived, "arrived_at_class");

static Tensor exact_arrived(const Tensors& weights, double own) {
    const int B = weights[0].shape[0], H = weights[0].shape[1], R = weights[0].shape[2];
    Tensor shares({B, R - 1});
    for (int b = 0; b < B; ++b) {
        Doubles r(R);
        r[0] = 1;
        for (int l = size_of(weights) - 1; l >= 0; --l) {
            Doubles next(R);
            for (int i = 0; i < R; ++i) {
                next[i] += own * r[i];
                for (int h = 0; h < H; ++h)
                    for (int j = 0; j < R; ++j)
                        next[j] += (1 - own) * r[i] / H *
                                   weights[l].data[((b * H + h) * R + i) * R + j];
            }
            r = next;
        }
        const double points = std::accumulate(r.begin() + 1, r.end(), 0.0);
        for (int i = 1; i < R; ++i)
            shares.data[b * (R - 1) + i - 1] =
                points > 0 ? static_cast<float>(r[i] / points) : 0.0f;
    }
    return shares;
}

static Tensors layers_by_hand() {
    return {Tensor({1, 1, 3, 3}, {0.5f, 0.5f, 0, 0, 0.5f, 0.5f, 0, 0, 1}),
            Tensor({1, 1, 3, 3}, {0, 1, 0, 1, 0, 0, 0, 0, 1})};
}

CHECK("24.3", "the two layers of 24.1: four parts of a and one of b") {
    expect_near(ASK(arrived, layers_by_hand(), 0.5), matrix({{0.8f, 0.2f}}), 1e-6);
}

CHECK("24.3", "the same with nothing of its own: half and half, as row a of the first layer") {
    expect_near(ASK(arrived, layers_by_hand(), 0.0), matrix({{0.5f, 0.5f}}), 1e-6);
}

CHECK("24.3", "the same with three quarters of its own") {
    const Tensors A = layers_by_hand();
    expect_near(ASK(arrived, A, 0.75), exact_arrived(A, 0.75), 1e-6);
}

CHECK("24.3", "when all is its own, nothing arrives: zeros, and no NaN") {
    expect_near(ASK(arrived, Tensors{random_weights(2, 2, 3)}, 1.0), Tensor({2, 2}), 0);
}

CHECK("24.3", "one layer: the class token's row, whatever its own share is, in the mean of heads") {
    const Tensor A({1, 2, 3, 3},
                   {0.2f, 0.8f, 0, 0, 1, 0, 0, 0, 1, 0.6f, 0, 0.4f, 1, 0, 0, 1, 0, 0});
    for (double own : {0.0, 0.25, 0.5, 0.9})
        expect_near(ASK(arrived, Tensors{A}, own), matrix({{0.8f / 1.2f, 0.4f / 1.2f}}), 1e-6);
}

CHECK("24.3", "any number of layers, heads, rows and curves, and any own share") {
    for (const Shape& size : std::vector<Shape>{{1, 1, 1, 2}, {1, 2, 3, 3}, {3, 1, 2, 4},
                                                {2, 4, 2, 5}, {5, 3, 1, 2}, {1, 6, 4, 17}})
        for (double own : {0.0, 0.3, 0.5, 0.8}) {
            Tensors A;
            for (int l = 0; l < size[1]; ++l)
                A.push_back(random_weights(size[0], size[2], size[3]));
            allow_roundings(256);
            const Tensor found = ASK(arrived, A, own);
            expect(found.shape == Shape({size[0], size[3] - 1}), "it must be [B, R − 1]");
            expect_near(found, exact_arrived(A, own), 1e-5);
        }
}

CHECK("24.3", "at a point that nobody may look at, nothing arrives from it") {
    Tensor A = random_weights(2, 2, 4);
    for (int row = 0; row < 16; ++row) A.data[4 * row + 2] = 0;
    const Tensor found = ASK(arrived, Tensors{A, A}, 0.5);
    for (int b : {0, 1}) expect(found.data.at(3 * b + 1) == 0, "something arrives from it");
}

CHECK("24.3", "a class token without points has no shares") {
    expect(ASK(arrived, Tensors{Tensor({2, 1, 1, 1}, {1, 1})}, 0.5).shape == Shape({2, 0}),
           "it must be [B, 0]");
}

CHECK("24.3", "no layers, other sizes, and shares below 0 or above 1 are refused") {
    const Tensor A = random_weights(1, 2, 3);
    ASK_REFUSAL(arrived, Tensors{}, 0.5);
    ASK_REFUSAL(arrived, (Tensors{A, random_weights(1, 2, 4)}), 0.5);
    ASK_REFUSAL(arrived, (Tensors{A, random_weights(2, 2, 3)}), 0.5);
    ASK_REFUSAL(arrived, Tensors{Tensor({1, 2, 2})}, 0.5);
    ASK_REFUSAL(arrived, Tensors{A}, -0.1);
    ASK_REFUSAL(arrived, Tensors{A}, 1.1);
    ASK_REFUSAL(arrived, Tensors{A}, double{NAN});
}

// ## 24.4 Occlusion

RESTS_ON("24.4", "15.3", "23.4");

Tensor odds(const Tensor& logits, const List& answers) { return log_odds(logits, answers); }
CALLED(odds, "log_odds");

static double exact_odds(const Tensor& z, int b, int k) {
    double largest = -INFINITY, sum = 0;
    const int C = z.shape[1];
    for (int j = 0; j < C; ++j)
        if (j != k) largest = std::max(largest, double{z.data[b * C + j]});
    for (int j = 0; j < C; ++j)
        if (j != k) sum += std::exp(z.data[b * C + j] - largest);
    return z.data[b * C + k] - largest - std::log(sum);
}

CHECK("24.4", "of two kinds it is the difference of the logits; of three equal ones −log 2") {
    expect_near(ASK(odds, matrix({{3, 1}, {3, 1}}), List{0, 1}), row({2, -2}), 1e-6);
    expect_near(ASK(odds, matrix({{5, 5, 5}}), List{1}), row({-0.6931472f}), 1e-6);
}

CHECK("24.4", "it is log(p/(1 − p)) of the answer's probability") {
    const Tensor z = random_tensor({4, 5}), p = ASK(odds, z, List{0, 4, 2, 1});
    const List k = {0, 4, 2, 1};
    for (int b = 0; b < 4; ++b) {
        double sum = 0;
        for (int j = 0; j < 5; ++j) sum += std::exp(double{z.data[b * 5 + j]});
        const double own = std::exp(double{z.data[b * 5 + k[b]]}) / sum;
        expect_near(p.data.at(b), std::log(own / (1 - own)), 1e-5);
    }
}

CHECK("24.4", "logits of thousands, for the answer or against it, give numbers that are right") {
    const Tensor z = matrix({{1000, 0, 2}, {-1000, 0, 2}, {0, -800, 900}, {3000, 3001, -5000},
                             {0, -2000, -2001}, {-4000, -4001, -9000}});
    const List k = {0, 0, 1, 0, 0, 1};
    const Tensor found = ASK(odds, z, k);
    for (int b = 0; b < 6; ++b) expect_near(found.data.at(b), exact_odds(z, b, k[b]), 1e-3);
}

CHECK("24.4", "one curve, no curve, two kinds, and thirty") {
    for (const Shape& size : {Shape{1, 2}, Shape{0, 3}, Shape{2, 30}}) {
        const Tensor z = random_tensor(size);
        List k;
        for (int b = 0; b < size[0]; ++b) k.push_back(random_numbers().below(size[1]));
        const Tensor found = ASK(odds, z, k);
        expect(found.shape == Shape{size[0]}, "there is one for each curve");
        for (int b = 0; b < size[0]; ++b)
            expect_near(found.data.at(b), exact_odds(z, b, k[b]), 1e-5);
    }
}

CHECK("24.4", "kinds that there are not, too few answers, and a single kind are refused") {
    ASK_REFUSAL(odds, matrix({{1, 2}}), List{2});
    ASK_REFUSAL(odds, matrix({{1, 2}}), List{-1});
    ASK_REFUSAL(odds, matrix({{1, 2}}), List{});
    ASK_REFUSAL(odds, matrix({{1}}), List{0});
    ASK_REFUSAL(odds, row({1, 2}), List{0});
}

// A reader whose logits are sums over the rows that are seen: of feature k of each, for kind k.
// Its answers depend on what is hidden, and on nothing else.
static Variable sums_of_seen(const CurveBatch& batch) {
    const int B = batch.seen.shape[0], R = batch.seen.shape[1], C = batch.points.shape[2];
    Tensor z({B, C});
    for (int row = 0; row < B * R; ++row)
        for (int k = 0; k < C; ++k)
            z.data[row / R * C + k] += batch.seen.data[row] * batch.points.data[row * C + k];
    return z;
}

Tensor hidden_in_sums(const Tensor& points, const Tensor& seen, const List& kinds) {
    return occlusion(sums_of_seen, {points, seen, kinds});
}
CALLED(hidden_in_sums, "occlusion");

static Tensor exact_occlusion(const Tensor& points, const Tensor& seen) {
    const int B = seen.shape[0], R = seen.shape[1], C = points.shape[2];
    const Tensor all = sums_of_seen({points, seen, {}}).value();
    Tensor changes({B, R - 1});
    for (int b = 0; b < B; ++b) {
        const auto first = all.data.begin() + b * C;
        const int k = static_cast<int>(std::max_element(first, first + C) - first);
        for (int i = 1; i < R; ++i) {
            Tensor less = seen;
            less.data[b * R + i] = 0;
            const Tensor z = sums_of_seen({points, less, {}}).value();
            changes.data[b * (R - 1) + i - 1] =
                static_cast<float>(exact_odds(all, b, k) - exact_odds(z, b, k));
        }
    }
    return changes;
}

CHECK("24.4", "kind 0 has 1 + 2 − 1 and kind 1 nothing: the points are worth 2 and −1") {
    const Tensor points({1, 3, 2}, {1, 0, 2, 0, -1, 0});
    expect_near(ASK(hidden_in_sums, points, matrix({{1, 1, 1}}), List{0}), matrix({{2, -1}}), 1e-6);
}

CHECK("24.4", "what is explained is what the network answers, and not what is true") {
    const Tensor points({1, 3, 2}, {1, 0, 2, 0, -1, 0});
    expect_near(ASK(hidden_in_sums, points, matrix({{1, 1, 1}}), List{1}), matrix({{2, -1}}), 1e-6);
    expect_near(ASK(hidden_in_sums, points, matrix({{1, 1, 1}}), List{}), matrix({{2, -1}}), 1e-6);
}

CHECK("24.4", "it is one and the same answer, even if without a point another would be given") {
    const Tensor points({1, 3, 2}, {0, 1, 5, 0, -1, 0});
    expect_near(ASK(hidden_in_sums, points, matrix({{1, 1, 1}}), List{0}), matrix({{5, -1}}), 1e-6);
}

CHECK("24.4", "of equal logits the first is the answer") {
    const Tensor points({1, 3, 3}, {0, 0, 0, 1, 1, 0, 1, 1, 2});
    const Tensor seen = matrix({{1, 1, 1}});
    expect_near(ASK(hidden_in_sums, points, seen, List{2}), exact_occlusion(points, seen), 1e-6);
}

CHECK("24.4", "a point that is not seen has the effect 0, and the others are not touched by it") {
    const Tensor points({1, 4, 2}, {1, 0, 2, 0, 9, 4, -1, 0});
    expect_near(ASK(hidden_in_sums, points, matrix({{1, 1, 0, 1}}), List{0}),
                matrix({{2, 0, -1}}), 1e-6);
}

static Tensor seen_of(int B, int R) {
    Tensor seen({B, R});
    for (int i = 0; i < B * R; ++i)
        seen.data[i] = i % R == 0 || random_numbers().below(4) > 0 ? 1.0f : 0.0f;
    return seen;
}

CHECK("24.4", "curves of any number, points and kinds, each with its own answer") {
    for (const Shape& size :
         std::vector<Shape>{{1, 2, 2}, {3, 4, 2}, {4, 3, 4}, {2, 9, 3}, {7, 6, 5}}) {
        const Tensor points = random_tensor(size), seen = seen_of(size[0], size[1]);
        const Tensor found = ASK(hidden_in_sums, points, seen, List(size[0], 0));
        expect(found.shape == Shape({size[0], size[1] - 1}), "it must be [B, T]");
        expect_near(found, exact_occlusion(points, seen), 1e-5);
    }
}

CHECK("24.4", "points that are worth thousands, and points that are worth a thousandth") {
    for (float factor : {3000.0f, 0.001f}) {
        const Tensor points = scaled_copy(random_tensor({2, 5, 3}), factor);
        const Tensor seen = seen_of(2, 5);
        expect_near(ASK(hidden_in_sums, points, seen, List{0, 0}), exact_occlusion(points, seen),
                    1e-5 * std::max(factor, 0.1f));
    }
}

CHECK("24.4", "a curve without points has no effects") {
    const Tensor alone = random_tensor({2, 1, 3}), seen({2, 1}, {1, 1});
    expect(ASK(hidden_in_sums, alone, seen, List{0, 0}).shape == Shape({2, 0}),
           "it must be [B, 0]");
    ASK_REFUSAL(hidden_in_sums, random_tensor({2, 3, 3}), Tensor({2, 2}), List{0, 0});
    ASK_REFUSAL(hidden_in_sums, Tensor({2, 0, 3}), Tensor({2, 0}), List{0, 0});
}

// What the reader is given: how many of the rows of any curve have other numbers than they had, are
// seen that were not, or are class tokens that are hidden; whether it was ever asked with a tape;
// and whether a tape runs behind it.
List what_is_asked(const Tensor& points, const Tensor& seen) {
    int changed = 0, appeared = 0, no_class = 0, taped = 0;
    const int R = seen.shape[1], F = points.shape[2];
    const auto known = [&](const float* row) {
        for (int n = 0; n < points.rows(); ++n)
            if (std::equal(row, row + F, points.row(n))) return true;
        return false;
    };
    const auto reader = [&](const CurveBatch& batch) {
        if (NoTape::alive == 0) ++taped;
        for (int n = 0; n < batch.points.rows(); ++n) changed += !known(batch.points.row(n));
        for (int n = 0; n < batch.seen.size(); ++n) {
            no_class += n % R == 0 && batch.seen.data[n] != 1;
            appeared += batch.seen.data[n] != 0 && batch.seen.data[n] != 1;
        }
        return sums_of_seen(batch);
    };
    occlusion(reader, {points, seen, List(seen.shape[0], 0)});
    return {changed, appeared, no_class, taped > 0, NoTape::alive};
}
CALLED(what_is_asked, "occlusion");
PARTS(what_is_asked, "rows with other numbers", "marks that are neither 0 nor 1",
      "class tokens that are hidden", "whether it was asked with a tape",
      "tapes that stand still behind it");

CHECK("24.4", "the points stay as they are, the class token is never hidden, and no tape runs") {
    const Tensor points = random_tensor({2, 4, 3}), seen = seen_of(2, 4);
    const List found = ASK(what_is_asked, points, seen);
    expect(found.at(0) == 0, "the numbers of a point were changed");
    expect(found.at(1) == 0, "a mark is neither 0 nor 1");
    expect(found.at(2) == 0, "a class token was hidden");
    expect(found.at(3) == 0, "the network was asked with a tape");
    expect(found.at(4) == 0, "behind it no tape runs any more");
}

Tensor hidden_in_a_net(const Tensor& points, const Tensor& seen, bool before) {
    Random random(1);
    CurveNetSettings settings;
    settings.stack = {4, 2, 6, 2, before ? NormPlace::before : NormPlace::after};
    settings.clock.W = points.shape.at(2) - 3;
    settings.outputs = 3;
    CurveNet net(settings, random);
    fill(net.parameters());
    return occlusion([&](const CurveBatch& batch) { return net(batch); }, {points, seen, {}});
}
CALLED(hidden_in_a_net, "occlusion");

CHECK("24.4", "in the network of chapter 23: what is not seen has no effect at all") {
    for (bool before : {true, false}) {
        const Tensor points = random_tensor({2, 5, 6}), seen = seen_of(2, 5);
        allow_roundings(8192);
        const Tensor found = ASK(hidden_in_a_net, points, seen, before);
        for (int b = 0; b < 2; ++b)
            for (int i = 1; i < 5; ++i)
                if (seen.data[b * 5 + i] == 0)
                    expect_near(found.data.at(b * 4 + i - 1), 0, 1e-5);
    }
}

// ## 24.5 Ranks

Doubles ranked(const Doubles& values) { return ranks_of(values); }
CALLED(ranked, "ranks_of");
PARTS(ranked, "the rank of value #0");

static Doubles exact_ranks(const Doubles& values) {
    Doubles ranks;
    for (double v : values) {
        double below = 0, equal = 0;
        for (double w : values) below += w < v, equal += w == v;
        ranks.push_back(below + (equal + 1) / 2);
    }
    return ranks;
}

static void expect_list(const Doubles& found, const Doubles& wanted, double tolerance) {
    expect(found.size() == wanted.size(), "there must be a number for each");
    for (std::size_t i = 0; i < wanted.size(); ++i) expect_near(found[i], wanted[i], tolerance);
}

CHECK("24.5", "of 30, 10 and 20: 3, 1 and 2") {
    expect_list(ASK(ranked, Doubles{30, 10, 20}), {3, 1, 2}, 0);
}

CHECK("24.5", "equal values share the mean of their places: 5, 7, 5, 9, 5 are 2, 4, 2, 5, 2") {
    expect_list(ASK(ranked, Doubles{5, 7, 5, 9, 5}), {2, 4, 2, 5, 2}, 0);
    expect_list(ASK(ranked, Doubles{1, 0, 0, 1}), {3.5, 1.5, 1.5, 3.5}, 0);
}

CHECK("24.5", "negative values, values that hardly differ, one value, and none") {
    expect_list(ASK(ranked, Doubles{-1, -3, 0, -2}), {3, 1, 4, 2}, 0);
    expect_list(ASK(ranked, Doubles{1, 1 + 1e-12, 1 - 1e-12}), {2, 3, 1}, 0);
    expect_list(ASK(ranked, Doubles{1e300, -1e300, 1e-300}), {3, 1, 2}, 0);
    expect_list(ASK(ranked, Doubles{7}), {1}, 0);
    expect_list(ASK(ranked, Doubles{}), {}, 0);
}

static Doubles random_list(int count, int kinds) {
    Doubles values;
    for (int i = 0; i < count; ++i)
        values.push_back((random_numbers().below(kinds) - kinds / 3) / 4.0);
    return values;
}

CHECK("24.5", "ranks of any lists, with many that are equal and few") {
    for (int count : {2, 3, 5, 8, 21})
        for (int kinds : {2, 5, 1000}) {
            const Doubles values = random_list(count, kinds);
            expect_list(ASK(ranked, values), exact_ranks(values), 1e-12);
        }
}

double correlated(const Doubles& x, const Doubles& y) { return rank_correlation(x, y); }
CALLED(correlated, "rank_correlation");

static double exact_correlation(const Doubles& x, const Doubles& y) {
    const Doubles a = exact_ranks(x), b = exact_ranks(y);
    const double m = (static_cast<double>(a.size()) + 1) / 2;
    double ab = 0, aa = 0, bb = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        ab += (a[i] - m) * (b[i] - m);
        aa += (a[i] - m) * (a[i] - m);
        bb += (b[i] - m) * (b[i] - m);
    }
    return aa > 0 && bb > 0 ? ab / std::sqrt(aa * bb) : 0;
}

CHECK("24.5", "the same order is 1 and the opposite −1, whatever the distances are") {
    expect_near(ASK(correlated, Doubles{1, 2, 3, 4}, Doubles{0, 10, 11, 1000}), 1, 1e-9);
    expect_near(ASK(correlated, Doubles{1, 2, 3, 4}, Doubles{9, 8, -3, -400}), -1, 1e-9);
    expect_near(ASK(correlated, Doubles{2, 1}, Doubles{5, 6}), -1, 1e-9);
}

CHECK("24.5", "one neighbour exchanged of four: 0.8; with two equal ones: √0.9") {
    expect_near(ASK(correlated, Doubles{1, 2, 3, 4}, Doubles{1, 3, 2, 4}), 0.8, 1e-9);
    expect_near(ASK(correlated, Doubles{1, 2, 3, 4}, Doubles{1, 2, 2, 3}), std::sqrt(0.9), 1e-9);
}

CHECK("24.5", "a list of equal values has no order: 0, and no NaN; so have one value and none") {
    const Doubles equal = {7, 7, 7}, tenths = {0.1, 0.1, 0.1}, up = {1, 2, 3};
    expect_near(ASK_UNRECORDED(correlated, up, equal), 0, 1e-9);
    expect_near(ASK_UNRECORDED(correlated, tenths, up), 0, 1e-9);
    expect_near(ASK_UNRECORDED(correlated, Doubles{2, 2}, Doubles{3, 3}), 0, 1e-9);
    expect_near(ASK_UNRECORDED(correlated, Doubles{5}, Doubles{6}), 0, 1e-9);
    expect_near(ASK_UNRECORDED(correlated, Doubles{}, Doubles{}), 0, 1e-9);
}

CHECK("24.5", "any two lists, and the other way round the same") {
    for (int count : {3, 6, 11, 30})
        for (int kinds : {3, 6, 1000}) {
            const Doubles x = random_list(count, kinds);
            const Doubles y = random_list(count, 1000);
            expect_near(ASK_UNRECORDED(correlated, x, y), exact_correlation(x, y), 1e-9);
            expect_near(ASK_UNRECORDED(correlated, y, x), exact_correlation(x, y), 1e-9);
        }
}

CHECK("24.5", "lists of different lengths are refused") {
    ASK_REFUSAL(correlated, Doubles{1, 2}, Doubles{1, 2, 3});
    ASK_REFUSAL(correlated, Doubles{1, 2}, Doubles{});
}

Doubles agreed(const Tensor& x, const Tensor& y, const Tensor& seen) {
    return agreement(x, y, seen);
}
CALLED(agreed, "agreement");
PARTS(agreed, "curve #0");

CHECK("24.5", "points that are not seen do not count, however well they agree") {
    const Tensor x = matrix({{1, 0, 2, 0, 3, 0}}), y = matrix({{3, 0, 2, 0, 1, 0}});
    expect_list(ASK(agreed, x, y, matrix({{1, 1, 0, 1, 0, 1, 0}})), {-1}, 1e-6);
    const Tensor far = matrix({{1, 90, 2, 91, 3, 92}});
    expect_list(ASK(agreed, far, far, matrix({{1, 1, 1, 1, 1, 1, 1}})), {1}, 1e-6);
}

CHECK("24.5", "point i is told by row 1 + i of what is seen") {
    const Tensor x = matrix({{1, 2, 3, 9}}), y = matrix({{1, 2, 3, 0}});
    expect_list(ASK(agreed, x, y, matrix({{1, 1, 1, 1, 0}})), {1}, 1e-6);
    const Tensor a = matrix({{9, 1, 2, 3}}), b = matrix({{0, 1, 2, 3}});
    expect_list(ASK(agreed, a, b, matrix({{1, 0, 1, 1, 1}})), {1}, 1e-6);
}

CHECK("24.5", "a number for each curve, in order; of curves without points 0") {
    for (const Shape& size : std::vector<Shape>{{1, 3}, {4, 6}, {3, 17}, {2, 1}, {2, 0}, {0, 3}}) {
        const Tensor x = random_tensor(size), y = random_tensor(size);
        const Tensor seen = seen_of(size[0], size[1] + 1);
        Doubles wanted;
        for (int b = 0; b < size[0]; ++b) {
            Doubles xs, ys;
            for (int i = 0; i < size[1]; ++i)
                if (seen.data[b * (size[1] + 1) + 1 + i] != 0) {
                    xs.push_back(x.data[b * size[1] + i]);
                    ys.push_back(y.data[b * size[1] + i]);
                }
            wanted.push_back(exact_correlation(xs, ys));
        }
        expect_list(ASK_UNRECORDED(agreed, x, y, seen), wanted, 1e-9);
    }
}

CHECK("24.5", "other numbers of curves or points are refused") {
    const Tensor x({2, 3}), seen({2, 4});
    ASK_REFUSAL(agreed, x, Tensor({2, 4}), seen);
    ASK_REFUSAL(agreed, x, Tensor({3, 3}), seen);
    ASK_REFUSAL(agreed, x, x, Tensor({2, 3}));
    ASK_REFUSAL(agreed, x, x, Tensor({1, 4}));
}

// ## 24.6 A head switched off

RESTS_ON("24.6", "11.3", "12.4");

static MultiHeadAttention layer_of(int D, int heads, int seed = 24) {
    Random random(1);
    const MultiHeadAttention layer(D, heads, random);
    fill(layer.parameters(), seed);
    return layer;
}

// What the layer gives without head h, where its heads look then, and what the layer itself gives
// behind it, and gave before.
Tensors without(int heads, int h, const Tensor& x, const Tensor& memory, const Tensor& mask) {
    const MultiHeadAttention layer = layer_of(x.shape.back(), heads);
    const Tensor before = layer(x, memory, mask).value();
    const MultiHeadAttention rest = without_head(layer, h);
    return {rest(x, memory, mask).value(), rest.weights(x, memory, mask).value(),
            layer(x, memory, mask).value(), before};
}
CALLED(without, "without_head");
PARTS(without, "what the layer without the head gives", "where its heads look",
      "what the layer itself gives behind it", "what it gave before");

CHECK("24.6", "without a head its own part of the output is missing, and nothing else") {
    for (int heads : {1, 2, 4})
        for (int h = 0; h < heads; ++h) {
            const Tensor x = random_tensor({2, 3, 4}), memory = random_tensor({2, 2, 4});
            allow_roundings(256);
            ASK(without, heads, h, x, memory, no_mask);
        }
}

CHECK("24.6", "of a single head, the output's bias is left") {
    const Tensor x = random_tensor({1, 3, 4});
    const Tensor left = ASK(without, 1, 0, x, x, no_mask).at(0);
    for (int i = 4; i < 12; ++i) expect_near(left.data.at(i), left.data.at(i - 4), 1e-6);
}

CHECK("24.6", "the layer itself stays as it is") {
    for (int h : {0, 1}) {
        const Tensor x = random_tensor({1, 3, 4});
        allow_roundings(256);
        const Tensors all = ASK(without, 2, h, x, x, no_mask);
        expect_near(all.at(2), all.at(3), 0);
    }
}

CHECK("24.6", "heads of one feature, and of many, under a mask") {
    for (const Shape& size : {Shape{3, 3}, Shape{12, 3}, Shape{36, 2}}) {
        const Tensor x = random_tensor({1, 3, size[0]});
        const Tensor mask({3, 3}, {1, 0, 0, 1, 1, 0, 1, 1, 1});
        for (int h = 0; h < size[1]; ++h) {
            allow_roundings(512);
            ASK(without, size[1], h, x, x, mask);
        }
    }
}

// Two heads are switched off, one behind the other, and then the first alone.
Tensors without_two(const Tensor& x, int first, int second) {
    const MultiHeadAttention layer = layer_of(x.shape.back(), 3);
    const MultiHeadAttention one = without_head(layer, first), two = without_head(one, second);
    return {two(x, x).value(), one(x, x).value()};
}
CALLED(without_two, "without_head");
PARTS(without_two, "without two heads", "without the first of them");

CHECK("24.6", "two heads can be switched off, one behind the other") {
    const Tensor x = random_tensor({1, 2, 6});
    for (const auto& [first, second] : {std::pair(0, 2), std::pair(1, 0), std::pair(1, 1)}) {
        allow_roundings(256);
        ASK(without_two, x, first, second);
    }
}

CHECK("24.6", "heads that there are not are refused") {
    const Tensor x = random_tensor({1, 2, 4});
    expect_mentions(ASK_REFUSAL(without, 2, 2, x, x, no_mask), {"without_head", "2"});
    expect_mentions(ASK_REFUSAL(without, 2, -1, x, x, no_mask), {"without_head", "-1"});
}

// Whether gradients arrive at the matrix that is new.
bool new_matrix_learns(const Tensor& x, int h) {
    const MultiHeadAttention rest = without_head(layer_of(x.shape.back(), 2), h);
    backward(sum(rest(x, x)));
    return rest.output.W.node()->has_gradient;
}
CALLED(new_matrix_learns, "without_head");

CHECK("24.6", "what is left of the layer can learn: its new matrix is a parameter") {
    for (int h : {0, 1}) {
        const Tensor x = random_tensor({1, 2, 4});
        expect(ASK(new_matrix_learns, x, h), "no gradient reaches the matrix of the output");
    }
}

// A network of layers, one above the other, each beside a residual path; its loss is the mean of
// the squares, times a factor, and a number more.
static double loss_of(const std::vector<MultiHeadAttention*>& layers, const Tensor& x,
                      double factor, double more) {
    Variable h = x;
    for (const MultiHeadAttention* layer : layers) h = h + (*layer)(h, h);
    double sum = 0;
    for (float number : h.value().data) sum += double{number} * number;
    return factor * sum / h.value().size() + more;
}

// The worth of all heads, and the loss before and behind.
std::tuple<Tensor, double, double> worth(const Tensor& x, const List& heads, double factor,
                                         double more) {
    std::vector<MultiHeadAttention> layers;
    for (int l = 0; l < size_of(heads); ++l)
        layers.push_back(layer_of(x.shape.back(), heads[l], 25 + l));
    std::vector<MultiHeadAttention*> places;
    for (MultiHeadAttention& layer : layers) places.push_back(&layer);
    const auto loss = [&] { return loss_of(places, x, factor, more); };
    const double before = loss();
    const Tensor found = worth_of_heads(places, loss);
    return {found, before, loss()};
}
CALLED(worth, "worth_of_heads");
PARTS(worth, "the worth", "the loss before", "the loss behind");

CHECK("24.6", "the worth of each head of each layer: how much the loss rises without it alone") {
    for (const List& heads : {List{1}, List{2}, List{2, 2}, List{4, 4, 4}, List{1, 1}}) {
        const Tensor x = random_tensor({2, 3, 4});
        allow_roundings(4096);
        const auto [found, before, behind] = ASK(worth, x, heads, 1.0, 0.0);
        expect(found.shape == Shape({size_of(heads), heads[0]}), "it must be [L, H]");
        expect_near(behind, before, 1e-9);
    }
}

CHECK("24.6", "a head without which the loss falls has a worth below 0") {
    const Tensor x = random_tensor({1, 3, 4});
    allow_roundings(4096);
    const Tensor up = std::get<0>(ASK(worth, x, List{2, 2}, 1.0, 0.0));
    allow_roundings(4096);
    const Tensor down = std::get<0>(ASK(worth, x, List{2, 2}, -1.0, 0.0));
    for (int i = 0; i < 4; ++i) expect_near(down.data.at(i), -up.data.at(i), 1e-5);
}

CHECK("24.6", "beside a loss of a million the digits of the difference are kept") {
    const Tensor x = random_tensor({1, 3, 4});
    allow_roundings(4096);
    const Tensor alone = std::get<0>(ASK(worth, x, List{2, 2}, 1.0, 0.0));
    allow_roundings(4096);
    const Tensor beside = std::get<0>(ASK(worth, x, List{2, 2}, 1.0, 1048576.0));
    expect_near(beside, alone, 1e-5);
}

// Whether the layers have the parameters that they had, and not only such values.
bool the_same_afterwards(const Tensor& x, int L) {
    std::vector<MultiHeadAttention> layers(L, layer_of(x.shape.back(), 2));
    std::vector<MultiHeadAttention*> places;
    for (MultiHeadAttention& layer : layers) places.push_back(&layer);
    const std::vector<MultiHeadAttention> before = layers;
    worth_of_heads(places, [&] { return loss_of(places, x, 1, 0); });
    bool same = true;
    for (int l = 0; l < L; ++l)
        same = same && layers[l].output.W.node() == before[l].output.W.node();
    return same;
}
CALLED(the_same_afterwards, "worth_of_heads");

CHECK("24.6", "afterwards the layers have their own parameters again, not copies") {
    for (int L : {1, 3}) {
        const Tensor x = random_tensor({1, 2, 4});
        expect(ASK(the_same_afterwards, x, L), "an optimiser would still hold the old matrix");
    }
}

CHECK("24.6", "no layers, and layers with different heads, are refused") {
    const Tensor x = random_tensor({1, 3, 4});
    ASK_REFUSAL(worth, x, List{}, 1.0, 0.0);
    ASK_REFUSAL(worth, x, (List{2, 4}), 1.0, 0.0);
}

}  // namespace checks_24
