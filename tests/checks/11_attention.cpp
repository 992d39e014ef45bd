#include "11_attention.hpp"

#include "grader/check.hpp"
#include "grader/exact_attention.hpp"
#include "grader/read_twice.hpp"
#include "grader/variations.hpp"

#include <cmath>

namespace checks_11 {

using Tensors = std::vector<Tensor>;
using Variables = std::vector<Variable>;

// ## 11.1 By hand

Tensor scores_written(int) { return scores_by_hand(); }
Tensor weights_written(int) { return weights_by_hand(); }
CALLED(scores_written, "scores_by_hand()");
CALLED(weights_written, "weights_by_hand()");

CHECK("11.1", "the scores of x = [1, 0, 0, 0, 1] are the products of all pairs") {
    Tensor expected({5, 5});
    const Tensor x = row({1, 0, 0, 0, 1});
    for (int i = 0; i < 25; ++i) expected.data[i] = x.data[i / 5] * x.data[i % 5];
    expect_near(ASK_UNRECORDED(scores_written, 0), expected, 1e-6);
}

CHECK("11.1", "every row of the weights sums to 1") {
    const Tensor weights = ASK_UNRECORDED(weights_written, 0);
    expect(weights.shape == Shape{5, 5}, "the weights are a 5 × 5 matrix");
    for (int i = 0; i < 5; ++i) {
        double total = 0;
        for (int j = 0; j < 5; ++j) total += weights.data[i * 5 + j];
        expect(std::fabs(total - 1) < 0.006,
               "row " + std::to_string(i) + " sums to " + std::to_string(total));
    }
}

CHECK("11.1", "the weights are the softmax of the scores, row by row, to three decimals") {
    const double like = std::exp(1.0) / (2 * std::exp(1.0) + 3),
                 unlike = 1 / (2 * std::exp(1.0) + 3);
    Tensor expected({5, 5});
    for (int i = 0; i < 25; ++i) {
        const bool end = i / 5 == 0 || i / 5 == 4, match = i % 5 == 0 || i % 5 == 4;
        expected.data[i] = !end ? 0.2 : match ? like : unlike;
    }
    expect_near(ASK_UNRECORDED(weights_written, 0), expected, 0.0011);
}

// ## 11.2 Scaled scores

RESTS_ON("11.2", "1.2", "3.3", "3.4");

Tensor scores(const Tensor& q, const Tensor& k) { return attention_scores(q, k).value(); }
Tensor weights(const Tensor& q, const Tensor& k, const Tensor& mask) {
    return attention_weights(q, k, mask).value();
}

CHECK("11.2", "q = [2 0 0 0] and k = [3 9 9 9]: the score is 3") {
    const Tensor q = matrix({{2, 0, 0, 0}}), k = matrix({{3, 9, 9, 9}});
    expect_near(ASK(scores, q, k), matrix({{3}}), 1e-6);
}

CHECK("11.2", "there is a row for each query and a column for each key") {
    const Tensor q = matrix({{1, 0}, {0, 1}, {1, 1}}), k = matrix({{1, 0}, {0, 2}});
    ASK(scores, q, k);
}

CHECK("11.2", "the keys are the rows of K, even when K is square") {
    const Tensor q = matrix({{1, 0}}), k = matrix({{1, 2}, {3, 4}});
    expect_near(ASK(scores, q, k), matrix({{0.707107f, 2.121320f}}), 1e-5);
    expect_near(ASK(scores, matrix({{1, 0}, {0, 1}}), k),
                matrix({{0.707107f, 2.121320f}, {1.414214f, 2.828427f}}), 1e-5);
}

CHECK("11.2", "√d grows with d: 128 ones with 128 ones have the score 128/√128 = 11.314") {
    const Tensor ones({1, 128}, std::vector<float>(128, 1.0f));
    expect_near(ASK(scores, ones, ones), matrix({{11.313708f}}), 1e-4);
}

CHECK("11.2", "each matrix of a batch by itself, and of a batch of heads") {
    const Tensor q = random_tensor({2, 3, 4}), k = random_tensor({2, 5, 4});
    ASK(scores, q, k);
    const Tensor heads_q = random_tensor({2, 2, 3, 9}), heads_k = random_tensor({2, 2, 2, 9});
    ASK(scores, heads_q, heads_k);
    const Tensor one_q = random_tensor({1, 2, 4}), one_k = random_tensor({1, 3, 4});
    ASK(scores, one_q, one_k);
}

Tensors scores_with_constants(const Tensors& at, const Tensor& dy, int wanted) {
    const auto compare = [](const Variables& x) { return attention_scores(x[0], x[1]); };
    return with_constants<Variable>(compare, at, dy, wanted);
}
PARTS(scores_with_constants, "the scores", "the gradient of the queries",
      "the gradient of the keys");

CHECK("11.2", "gradients reach queries and keys, also when the others are constants") {
    const Tensors at = {random_tensor({3, 4}), random_tensor({2, 4})};
    const Tensor dy = random_tensor({3, 2});
    for (int wanted = 1; wanted < 4; ++wanted) ASK(scores_with_constants, at, dy, wanted);
}

Tensor self_scores_gradient(const Tensor& at, const Tensor& dy) {
    const Variable x = parameter(at);
    backward(sum(attention_scores(x, x) * dy));
    return x.gradient();
}

CHECK("11.2", "a sentence that asks itself learns as query and as key") {
    // x₀ asks x₁: both learn from the score x₀·x₁.
    const Tensor x = matrix({{3}, {5}}), dy = matrix({{0, 1}, {0, 0}});
    expect_near(ASK(self_scores_gradient, x, dy), matrix({{5}, {3}}), 1e-5);
}

Tensor scores_again(const Tensors& first, const Tensors& then) {
    const auto compare = [](const Variables& x) { return attention_scores(x[0], x[1]); };
    return after_a_step<Variable>(compare, first, then);
}

CHECK("11.2", "nothing is left over from the last call: other sizes, other numbers in one place") {
    const Tensors small = {random_tensor({2, 9}), random_tensor({3, 9})};
    const Tensors large = {random_tensor({3, 4}), random_tensor({5, 4})};
    ASK(scores, small[0], small[1]);
    ASK(scores, large[0], large[1]);
    const Tensors first = {random_tensor({3, 2}), random_tensor({4, 2})};
    const Tensors then = {random_tensor({3, 2}), random_tensor({4, 2})};
    ASK(scores_again, first, then);
}

CHECK("11.2", "queries and keys with different numbers of features are refused") {
    expect_mentions(ASK_REFUSAL(scores, Tensor({2, 3}), Tensor({2, 4})), {"[2, 3]", "[2, 4]"});
    ASK_REFUSAL(scores, Tensor({2, 0}), Tensor({3, 0}));
}

CHECK("11.2", "one query, one key, one feature, or 9, 17, 33 and 65 of them, and small numbers") {
    const std::vector<Shape> sizes = {{1, 1, 1},  {1, 5, 9},   {5, 1, 17},  {9, 9, 33}, {2, 3, 65},
                                      {33, 2, 2}, {3, 17, 64}, {2, 2, 300}, {4, 4, 4}};
    for (const Shape& size : sizes)
        for (float unit : {1.0f, 1e-3f}) {
            Tensor q = random_tensor({size[0], size[2]}), k = random_tensor({size[1], size[2]});
            for (float& number : q.data) number *= unit;
            Tensor expected = exact_product(q, transposed_copy(k));
            for (float& score : expected.data) score /= std::sqrt(size[2]);
            expect_near(ASK_UNRECORDED(scores, q, k), expected, 1e-5 * unit);
            const Tensor one_q({1, size[0], size[2]}, q.data), one_k({1, size[1], size[2]}, k.data);
            expect_near(ASK_UNRECORDED(scores, one_q, one_k),
                        Tensor({1, size[0], size[1]}, expected.data), 1e-5 * unit);
        }
}

Tensors scores_read_twice(const Tensors& at, const Tensor& dy) {
    const Variable q = parameter(at[0]), k = parameter(at[1]);
    return read_twice(sum(attention_scores(q, k) * dy), Graph::kept, {q, k});
}
PARTS(scores_read_twice, "the gradient of the queries", "the gradient of the keys",
      "the gradient of the queries, read twice", "the gradient of the keys, read twice");

CHECK("11.2", "a graph that is kept can be read again, and gives as much") {
    const Tensors at = {random_tensor({3, 4}), random_tensor({2, 4})};
    expect_doubled(ASK_UNRECORDED(scores_read_twice, at, random_tensor({3, 2})));
}

// ## 11.3 Masks

CHECK("11.3", "of three positions, the first sees itself, the second two, the third all") {
    expect_near(ASK(causal_mask, 3), matrix({{1, 0, 0}, {1, 1, 0}, {1, 1, 1}}), 0);
}

CHECK("11.3", "two sentences of 2 and 3 real words, and one query each") {
    const std::vector<int> lengths = {2, 3};
    expect_near(ASK(padding_mask, lengths, 1, 3), Tensor({2, 1, 3}, {1, 1, 0, 1, 1, 1}), 0);
}

Tensor both_masks(const std::vector<int>& lengths, int T) {
    Tensor both = padding_mask(lengths, T, T);
    const Tensor ahead = causal_mask(T);
    for (int i = 0; i < both.size(); ++i) both.data[i] *= ahead.data[i % ahead.size()];
    return both;
}

CHECK("11.3", "of two real words among three, both masks leave 1 0 0, 1 1 0 and 1 1 0") {
    const std::vector<int> lengths = {2};
    expect_near(ASK(both_masks, lengths, 3), Tensor({1, 3, 3}, {1, 0, 0, 1, 1, 0, 1, 1, 0}), 0);
}

CHECK("11.3", "all queries of a sentence see the same keys; a sentence may be empty") {
    const std::vector<int> lengths = {1, 4, 0};
    ASK(padding_mask, lengths, 2, 4);
}

static Tensor exact_causal_mask(int T) {
    Tensor ahead({T, T});
    for (int i = 0; i < ahead.size(); ++i) ahead.data[i] = i % T <= i / T;
    return ahead;
}

static Tensor exact_padding_mask(const std::vector<int>& lengths, int T, int S) {
    Tensor real({size_of(lengths), T, S});
    for (int i = 0; i < real.size(); ++i) real.data[i] = i % S < lengths[i / (T * S)];
    return real;
}

CHECK("11.3", "any number of positions, and any lengths, one after the other") {
    for (int call = 0; call < 3; ++call) {
        const int T = 2 + random_numbers().below(5), S = 2 + random_numbers().below(5);
        const int B = 1 + random_numbers().below(3);
        std::vector<int> lengths;
        for (int b = 0; b < B; ++b) lengths.push_back(random_numbers().below(S + 1));
        expect_near(ASK(causal_mask, T), exact_causal_mask(T), 0);
        expect_near(ASK(padding_mask, lengths, T, S), exact_padding_mask(lengths, T, S), 0);
    }
    const std::vector<int> lengths = {2, 0, 3};
    expect_near(ASK_UNRECORDED(padding_mask, lengths, 7, 3), exact_padding_mask(lengths, 7, 3), 0);
    for (int T : {17, 65}) expect_near(ASK_UNRECORDED(causal_mask, T), exact_causal_mask(T), 0);
    for (int T : {2, 4, 8, 9, 16, 33, 100, 130, 257})
        expect_near(ASK_UNRECORDED(causal_mask, T), exact_causal_mask(T), 0);
    for (int B : {1, 2, 9})
        for (int T : {1, 3, 9})
            for (int S : {1, 3, 9, 130}) {
                std::vector<int> some;
                for (int b = 0; b < B; ++b) some.push_back(random_numbers().below(S + 1));
                for (const std::vector<int>& all : {some, std::vector<int>(B, S)})
                    expect_near(ASK_UNRECORDED(padding_mask, all, T, S),
                                exact_padding_mask(all, T, S), 0);
            }
}

CHECK("11.3", "one position sees itself; a sentence longer than the batch is refused") {
    expect_near(ASK(causal_mask, 1), matrix({{1}}), 0);
    ASK_REFUSAL(padding_mask, std::vector<int>{5}, 1, 4);
}

// ## 11.4 The softmax of what may be seen

RESTS_ON("11.4", "3.6", "11.2", "11.3");

Tensor masked(const Tensor& scores, const Tensor& mask) { return masked_softmax(scores, mask); }

Tensor masked_gradient(const Tensor& at, const Tensor& mask, const Tensor& dy) {
    const Variable x = parameter(at);
    backward(sum(masked_softmax(x, mask) * dy));
    return x.gradient();
}

CHECK("11.4", "of two equal scores and a hidden one, each of the two gets half") {
    const Tensor scores = matrix({{1, 1, 7}}), mask = matrix({{1, 1, 0}});
    expect_near(ASK(masked, scores, mask), matrix({{0.5f, 0.5f, 0}}), 1e-7);
}

CHECK("11.4", "without a mask it is the softmax of chapter 1") {
    const Tensor scores = matrix({{2, 5, 1}});
    expect_near(ASK(masked, scores, no_mask), matrix({{0.0466f, 0.9362f, 0.0171f}}), 6e-5);
    expect_near(ASK(masked, matrix({{0, 200, 201}}), no_mask), matrix({{0, 0.268941f, 0.731059f}}),
                1e-5);
    expect_near(ASK(masked, matrix({{0, 10}}), no_mask), matrix({{0.0000454f, 0.9999546f}}), 1e-6);
    for (int highest : {0, 1, 2}) {  // far above all others, wherever it stands
        Tensor high({1, 3}), share({1, 3});
        high.data[highest] = 200;
        share.data[highest] = 1;
        expect_near(ASK_UNRECORDED(masked, high, no_mask), share, 1e-6);
    }
    const Tensor shares({1, 65}, std::vector<float>(65, 1.0f / 65));
    expect_near(ASK_UNRECORDED(masked, Tensor({1, 65}), no_mask), shares, 1e-6);
}

CHECK("11.4", "a hidden score has no say, however large it is") {
    const Tensor mask = matrix({{1, 1, 0}, {0, 1, 1}});
    const Tensor scores = matrix({{0, 1, 90}, {90, -2, -1}});
    const Tensor weights = ASK(masked, scores, mask);
    expect(weights.data[2] == 0 && weights.data[3] == 0, "a hidden key must get exactly 0");
}

CHECK("11.4", "low scores are not hidden: −110 and −111 share the whole of the attention") {
    const Tensor scores = matrix({{-110, -111, 0}, {-110, -111, -300}});
    const Tensor mask = matrix({{1, 1, 0}, {1, 1, 1}});
    expect_near(ASK(masked, scores, mask),
                matrix({{0.731059f, 0.268941f, 0}, {0.731059f, 0.268941f, 0}}), 1e-5);
}

CHECK("11.4",
      "what is hidden is left out, not lowered: beside it may stand −3·10⁸; it may be +∞ or no "
      "number") {
    const Tensor mask = matrix({{1, 1, 0}, {1, 1, 0}, {1, 1, 0}});
    const Tensor scores = matrix({{-3e8f, -3e8f, 0}, {1, 1, INFINITY}, {1, 1, NAN}});
    const Tensor half = matrix({{0.5f, 0.5f, 0}, {0.5f, 0.5f, 0}, {0.5f, 0.5f, 0}});
    expect_near(ASK(masked, scores, mask), half, 1e-6);
}

CHECK("11.4", "a row that sees nothing gets zeros, and finite gradients") {
    const Tensor scores = matrix({{1, 2}, {3, 4}}), mask = matrix({{0, 0}, {1, 1}});
    const Tensor weights = ASK(masked, scores, mask);
    expect(weights.data[0] == 0 && weights.data[1] == 0, "the first row must be zeros");
    const Tensor dy = matrix({{1, 2}, {3, 5}});
    const Tensor dx = ASK(masked_gradient, scores, mask, dy);
    expect(dx.data[0] == 0 && dx.data[1] == 0, "nothing may flow to a row that sees nothing");
    expect_near(ASK(masked, matrix({{3}, {3}}), matrix({{0}, {1}})), matrix({{0}, {1}}), 0);
}

CHECK("11.4", "a mask for each sentence serves all of its heads") {
    const Tensor scores = random_tensor({2, 2, 2, 3});
    const Tensor mask({2, 2, 3}, {1, 0, 0, 1, 1, 0, 1, 1, 1, 0, 1, 1});
    ASK(masked, scores, mask);
    ASK(masked, random_tensor({2, 2, 3}), mask);
    const Tensor whole_and_short({2, 1, 3}, {1, 1, 1, 1, 0, 0}), two = random_tensor({2, 1, 3});
    const Tensor weights = ASK(masked, two, whole_and_short);
    expect(weights.data[4] == 0, "the first sentence is seen whole, and the second is not");
    const Tensor one({1, 1, 3}, {1, 1, 7}), its_mask({1, 1, 3}, {1, 1, 0});
    expect_near(ASK(masked, one, its_mask), Tensor({1, 1, 3}, {0.5f, 0.5f, 0}), 1e-7);
}

CHECK("11.4", "a mask that does not fit is refused") {
    expect_mentions(ASK_REFUSAL(masked, Tensor({2, 3}), Tensor({3, 3})), {"[2, 3]", "[3, 3]"});
    ASK_REFUSAL(masked, Tensor({2, 2, 3}), Tensor({1, 2, 3}));
}

CHECK("11.4", "q = [1, 1], K = [1 0; 0 1; 1 1]: the weights are .248 .248 .503") {
    const Tensor q = matrix({{1, 1}}), k = matrix({{1, 0}, {0, 1}, {1, 1}});
    expect_near(ASK(weights, q, k, no_mask), matrix({{0.24826f, 0.24826f, 0.50349f}}), 1e-5);
}

Tensor attended(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& mask) {
    return attention(q, k, v, mask).value();
}

CHECK("11.4",
      "three queries, four keys: the weights .259 .427 .157 .157, with the third key hidden "
      ".307 .507 0 .186") {
    const Tensor q = matrix({{1, 0, 1, 1}, {0, 1, 1, 1}, {1, 0, 0, 1}});
    const Tensor k = matrix({{1, 1, 0, 1}, {1, 0, 1, 1}, {0, 1, 1, 0}, {0, 0, 0, 1}});
    const Tensor v = matrix({{0, 0}, {1, 0}, {1, 0}, {1, 1}});
    const Tensor free = ASK(weights, q, k, no_mask);
    expect_near(row({free.data[0], free.data[1], free.data[2], free.data[3]}),
                row({0.2589f, 0.4269f, 0.1571f, 0.1571f}), 6e-5);
    const Tensor out = ASK(attended, q, k, v, no_mask);
    expect_near(row({out.data[0], out.data[1]}), row({0.7411f, 0.1571f}), 6e-5);
    const Tensor mask = matrix({{1, 1, 0, 1}, {1, 1, 0, 1}, {1, 1, 0, 1}});
    const Tensor hidden = ASK(weights, q, k, mask);
    expect_near(row({hidden.data[0], hidden.data[1], hidden.data[2], hidden.data[3]}),
                row({0.3072f, 0.5065f, 0, 0.1863f}), 6e-5);
}

// What changes in the output for query 0 … T − 1 when the last key and value change.
CHECK("11.4", "under the causal mask, no output depends on a later input") {
    const Tensor q = random_tensor({4, 3}), k = random_tensor({4, 3}), v = random_tensor({4, 2});
    const Tensor mask = ASK(causal_mask, 4);
    const Tensor before = ASK(attended, q, k, v, mask);
    Tensor other_k = k, other_v = v;
    for (int i = 9; i < 12; ++i) other_k.data[i] += 1;
    for (int i = 6; i < 8; ++i) other_v.data[i] -= 1;
    const Tensor after = ASK(attended, q, other_k, other_v, mask);
    for (int i = 0; i < 6; ++i)
        expect(before.data[i] == after.data[i],
               "the output for an earlier query changed with the last key and value");
    expect(before.data[6] != after.data[6], "the last query must see the last key");
}

Tensor masked_again(const Tensors& first, const Tensors& then) {
    return in_the_same_place([](const Tensors& x) { return masked_softmax(x[0], x[1]); }, first,
                             then);
}

CHECK("11.4", "nothing is left over from the last call: other sizes, other numbers in one place") {
    ASK(masked, random_tensor({2, 2}), matrix({{1, 0}, {1, 1}}));
    ASK(masked, random_tensor({2, 5}), no_mask);
    const Tensors first = {random_tensor({2, 3}), matrix({{1, 0, 1}, {0, 1, 1}})};
    const Tensors then = {random_tensor({2, 3}), matrix({{0, 1, 1}, {1, 1, 1}})};
    ASK(masked_again, first, then);
}

CHECK("11.4",
      "each row by itself, of any size, under every form of mask, for high scores and low") {
    for (int S : {1, 2, 9, 17, 33, 65, 130, 300})
        for (const Shape& before :
             std::vector<Shape>{{3}, {1}, {1, 2}, {2, 1}, {2, 1, 2}, {2, 3, 1}, {1, 2, 3}, {70}}) {
            Shape shape = before;
            shape.push_back(S);
            const int T = before.back(), B = before.size() > 1 ? before[0] : 1;
            for (const Tensor& mask : masks_of_every_form(B, T, S)) {
                if (mask.rank() == 3 && before.size() == 1) continue;
                if (S > 65 && (mask.rank() == 2 || T == 70)) continue;
                Tensor x = random_tensor(shape);
                for (int i = 0; i < x.size(); ++i)
                    x.data[i] = x.data[i] * (1 + i % 7) + (i / S % 2 == 0 ? 200 : -50);
                const Tensor expected =
                    exact_softmax(shape, mask, [&](int row, int s) { return x.data[row * S + s]; });
                expect_near(ASK_UNRECORDED(masked, x, mask), expected, 1e-5);
            }
        }
}

CHECK("11.4", "a small share is a share: 0 beside 14 gets 8.315·10⁻⁷, and beside 30 9.358·10⁻¹⁴") {
    expect_near(ASK_UNRECORDED(masked, matrix({{0, 14, 99}}), matrix({{1, 1, 0}})).data.at(0),
                8.31528e-7, 1e-11);
    expect_near(ASK_UNRECORDED(masked, matrix({{30, 0}}), no_mask).data.at(1), 9.35762e-14, 2e-18);
}

// ## 11.5 Backwards, by hand

RESTS_ON("11.5", "1.2", "3.6", "11.2", "11.4");

using Three = std::tuple<Tensor, Tensor, Tensor>;

Three by_hand(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& mask,
              const Tensor& dy) {
    const AttentionGradients g = attention_backward(q, k, v, mask, dy);
    return {g.dq, g.dk, g.dv};
}
PARTS(by_hand, "dQ", "dK", "dV");

Three by_tape(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& mask,
              const Tensor& dy) {
    const Variable vq = parameter(q), vk = parameter(k), vv = parameter(v);
    backward(sum(attention(vq, vk, vv, mask) * dy));
    return {vq.gradient(), vk.gradient(), vv.gradient()};
}

CHECK("11.5",
      "two equal scores share dy: each value gets half of it, and the query learns from the "
      "difference of the values") {
    const Tensor q = matrix({{0}}), k = matrix({{1}, {-1}}), v = matrix({{3}, {1}});
    const Tensor dy = matrix({{1}});
    const auto [dq, dk, dv] = ASK(by_hand, q, k, v, no_mask, dy);
    expect_near(dv, matrix({{0.5f}, {0.5f}}), 1e-6);
    expect_near(dq, matrix({{1}}), 1e-6);
    expect_near(dk, matrix({{0}, {0}}), 1e-6);
}

CHECK("11.5", "the gradients are those of the tape, for T = 3 queries and S = 2 or 3 keys") {
    for (int S : {2, 3}) {
        const Tensor q = random_tensor({3, 4}), k = random_tensor({S, 4});
        const Tensor v = random_tensor({S, 5}), dy = random_tensor({3, 5});
        allow_roundings(64);
        const auto [dq, dk, dv] = ASK(by_hand, q, k, v, no_mask, dy);
        const auto [tape_dq, tape_dk, tape_dv] = ASK_UNRECORDED(by_tape, q, k, v, no_mask, dy);
        expect_near(dq, tape_dq, 2e-6);
        expect_near(dk, tape_dk, 2e-6);
        expect_near(dv, tape_dv, 2e-6);
    }
}

Three by_hand_alone(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& mask,
                    const Tensor& dy) {
    const NoTape nothing_is_recorded;
    return by_hand(q, k, v, mask, dy);
}
CALLED(by_hand_alone, "attention_backward, while a NoTape is alive,");
PARTS(by_hand_alone, "dQ", "dK", "dV");

CHECK("11.5",
      "and with a causal mask, under which the last value gets nothing from earlier queries") {
    const Tensor q = random_tensor({4, 3}), k = random_tensor({4, 3}), v = random_tensor({4, 2});
    Tensor dy = random_tensor({4, 2});
    dy.data[6] = dy.data[7] = 0;
    allow_roundings(64);
    const auto [dq, dk, dv] = ASK(by_hand, q, k, v, ASK(causal_mask, 4), dy);
    expect(dv.data[6] == 0 && dv.data[7] == 0, "a gradient reached a value that nobody could see");
}

CHECK("11.5", "a query that sees nothing has no gradient, and nothing is NaN") {
    const Tensor q = random_tensor({2, 3}), k = random_tensor({2, 3}), v = random_tensor({2, 2});
    const Tensor dy = random_tensor({2, 2}), mask = matrix({{0, 0}, {1, 1}});
    allow_roundings(64);
    const auto [dq, dk, dv] = ASK(by_hand, q, k, v, mask, dy);
    expect_near(row({dq.data[0], dq.data[1], dq.data[2]}), row({0, 0, 0}), 0);
    ASK_REFUSAL(by_hand, Tensor(), k, v, no_mask, dy);
}

CHECK("11.5", "a mask that does not fit is refused") {
    const Tensor q({3, 4}), k({2, 4}), v({2, 5}), dy({3, 5});
    ASK_REFUSAL(by_hand, q, k, v, Tensor({2, 3}), dy);
}

CHECK("11.5", "the tape is not asked: where nothing is recorded the gradients are there, too") {
    const Tensor q = matrix({{0}}), k = matrix({{1}, {-1}}), v = matrix({{3}, {1}});
    expect_near(std::get<0>(ASK(by_hand_alone, q, k, v, no_mask, matrix({{1}}))), matrix({{1}}),
                1e-6);
}

Tensors by_hand_again(const Tensors& first, const Tensors& then) {
    return in_the_same_place(
        [](const Tensors& x) -> Tensors {
            const AttentionGradients g = attention_backward(x[0], x[1], x[2], x[3], x[4]);
            return {g.dq, g.dk, g.dv};
        },
        first, then);
}
PARTS(by_hand_again, "dQ", "dK", "dV");

CHECK("11.5", "nothing is left over from the last call: another mask, other numbers in one place") {
    const auto inputs = [](const Tensor& mask) -> Tensors {
        return {random_tensor({2, 3}), random_tensor({2, 3}), random_tensor({2, 4}), mask,
                random_tensor({2, 4})};
    };
    const Tensors first = inputs(matrix({{1, 0}, {1, 1}}));
    const Tensors then = inputs(matrix({{1, 1}, {0, 1}}));
    allow_roundings(64);
    ASK(by_hand_again, first, then);
}

// (11.4), (11.5) and (3.3) in double.
static Tensors exact_gradients(const Tensor& q, const Tensor& k, const Tensor& v,
                               const Tensor& mask, const Tensor& dy) {
    const int T = q.shape[0], S = k.shape[0], d = q.shape[1];
    const Tensor A = exact_weights(q, k, mask), dA = exact_product(dy, transposed_copy(v));
    Tensor dz({T, S});
    for (int i = 0; i < T; ++i) {
        double average = 0;
        for (int s = 0; s < S; ++s) average += double{A.row(i)[s]} * dA.row(i)[s];
        for (int s = 0; s < S; ++s)
            dz.row(i)[s] = A.row(i)[s] * (dA.row(i)[s] - average) / std::sqrt(d);
    }
    return {exact_product(dz, k), exact_product(transposed_copy(dz), q),
            exact_product(transposed_copy(A), dy)};
}

CHECK("11.5", "one query or many, more keys or fewer, one feature or many, under every mask") {
    const std::vector<Shape> sizes = {{1, 1, 1, 1},  {1, 3, 2, 2},  {2, 3, 4, 4},   {3, 2, 1, 5},
                                      {4, 1, 3, 1},  {3, 3, 3, 3},  {5, 4, 2, 9},   {2, 6, 9, 1},
                                      {9, 17, 2, 3}, {17, 9, 3, 2}, {2, 2, 33, 33}, {1, 65, 2, 2}};
    for (int T : {1, 2}) {
        const Tensor q = random_tensor({T, 2}), k = random_tensor({3, 2}),
                     v = random_tensor({3, 2});
        const Tensor mask = T == 1 ? matrix({{1, 0, 1}}) : matrix({{1, 0, 1}, {0, 1, 1}});
        allow_roundings(64);
        ASK(by_hand, q, k, v, mask, random_tensor({T, 2}));
    }
    for (const Shape& size : sizes) {
        const int T = size[0], S = size[1];
        Tensor padding({T, S});
        for (int i = 0; i < T * S; ++i) padding.data[i] = i % S < (S + 1) / 2;
        for (const Tensor& mask : {no_mask, random_mask({T, S}), padding})
            for (float unit : {1.0f, 1e-3f}) {
                Tensor q = random_tensor({T, size[2]}), k = random_tensor({S, size[2]});
                const Tensor v = random_tensor({S, size[3]});
                Tensor dy = random_tensor({T, size[3]});
                for (float& number : q.data) number *= unit < 1 ? 8 : 1;
                for (float& number : dy.data) number *= unit;
                const Tensors expected = exact_gradients(q, k, v, mask, dy);
                const auto [dq, dk, dv] = ASK_UNRECORDED(by_hand, q, k, v, mask, dy);
                expect_near(dq, expected[0], 5e-5 * unit);
                expect_near(dk, expected[1], 5e-5 * unit);
                expect_near(dv, expected[2], 5e-5 * unit);
            }
    }
}

}  // namespace checks_11
