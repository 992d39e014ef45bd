#include "12_multi_head_attention.hpp"

#include "grader/check.hpp"
#include "grader/variations.hpp"

#include <cmath>

namespace checks_12 {

using Tensors = std::vector<Tensor>;
using Variables = std::vector<Variable>;

// ## 12.1 By hand

Tensor written_down(int) { return heads_by_hand(); }
CALLED(written_down, "heads_by_hand()");

static void expect_head(int h, const std::string& otherwise) {
    const Tensor heads = ASK_UNRECORDED(written_down, 0);
    expect(heads.shape == Shape{2, 6}, "two rows of six numbers are asked for");
    for (int i = 0; i < 6; ++i) {
        const int word = i / 2, feature = h * 2 + i % 2;
        expect(heads.data[h * 6 + i] == word * 4 + feature, otherwise);
    }
}

CHECK("12.1", "head 0 has the first two features of each word, word by word") {
    expect_head(0, "the first row is not what head 0 has of words 0, 1 and 2");
}

CHECK("12.1", "head 1 has the last two features of each word, word by word") {
    expect_head(1, "the second row is not what head 1 has of words 0, 1 and 2");
}

// ## 12.2 Two axes change places

RESTS_ON("12.2", "3.3");

Tensor swapped(const Tensor& x) { return swap_middle_axes(x); }

Tensor gradient_through_swap(const Tensor& at, const Tensor& dy) {
    const Variable x = parameter(at);
    backward(sum(swap_middle_axes(x) * dy));
    return x.gradient();
}

// A [1, 2, 2, 2] tensor as in the picture of the chapter: 1 1 2 2 for one word, 3 3 4 4 for the
// other.
static Tensor two_words() { return Tensor({1, 2, 2, 2}, {1, 1, 2, 2, 3, 3, 4, 4}); }

CHECK("12.2", "a a | b b and A A | B B become a a, A A for one head and b b, B B for the other") {
    const Tensor x = two_words();
    expect_near(ASK(swapped, x), Tensor({1, 2, 2, 2}, {1, 1, 3, 3, 2, 2, 4, 4}), 0);
}

CHECK("12.2", "every element (b, p, q, i) goes to (b, q, p, i)") {
    const Tensor x = random_tensor({2, 3, 2, 4});
    const Tensor y = ASK(swapped, x);
    expect(y.shape == Shape{2, 2, 3, 4}, "the shape must be [2, 2, 3, 4]");
    for (int i = 0; i < x.size(); ++i) {
        const int b = i / 24, p = i / 8 % 3, q = i / 4 % 2, rest = i % 4;
        expect(y.data[((b * 2 + q) * 3 + p) * 4 + rest] == x.data[i], "an element is misplaced");
    }
    // Two words for one: of 33 features each.
    const Tensor wide = random_tensor({1, 1, 2, 33});
    expect_near(ASK_UNRECORDED(swapped, wide), Tensor({1, 2, 1, 33}, wide.data), 0);
}

CHECK("12.2", "exchanging twice changes nothing, and gradients go back the way they came") {
    const Tensor x = random_tensor({1, 3, 2, 2});
    expect_near(ASK(swapped, ASK(swapped, x)), x, 0);
    const Tensor dy = random_tensor({1, 2, 3, 2});
    const Tensor there = ASK(swapped, dy);
    expect_near(ASK(gradient_through_swap, x, dy), there, 0);
}

Tensor swapped_again(const Tensors& first, const Tensors& then) {
    return in_the_same_place([](const Tensors& x) { return swap_middle_axes(x[0]); }, first, then);
}

CHECK("12.2", "nothing is left over from the last call: other sizes, other numbers in one place") {
    ASK(swapped, random_tensor({1, 2, 3, 2}));
    ASK(swapped, random_tensor({2, 4, 1, 3}));
    const Tensors first = {random_tensor({1, 3, 2, 2})}, then = {random_tensor({1, 3, 2, 2})};
    ASK(swapped_again, first, then);
}

CHECK("12.2", "no sentence, no elements; three axes are refused") {
    expect(ASK(swapped, Tensor({0, 3, 2, 4})).shape == Shape{0, 2, 3, 4},
           "the shape must be [0, 2, 3, 4]");
    expect_mentions(ASK_REFUSAL(swapped, Tensor({2, 3, 4})), {"[2, 3, 4]"});
}

// ## 12.3 Split and merge

RESTS_ON("12.3", "12.2");

Tensor split(const Tensor& x, int num_heads) { return split_heads(x, num_heads).value(); }
Tensor merged(const Tensor& x) { return merge_heads(x).value(); }

CHECK("12.3", "two words of four features split into two heads of two words of two features") {
    const Tensor x({1, 2, 4}, {1, 1, 2, 2, 3, 3, 4, 4});
    expect_near(ASK(split, x, 2), Tensor({1, 2, 2, 2}, {1, 1, 3, 3, 2, 2, 4, 4}), 0);
}

CHECK("12.3", "merging sets the heads of each word side by side") {
    const Tensor x({1, 2, 2, 2}, {1, 1, 3, 3, 2, 2, 4, 4});
    expect_near(ASK(merged, x), Tensor({1, 2, 4}, {1, 1, 2, 2, 3, 3, 4, 4}), 0);
    expect_near(ASK(merged, Tensor({1, 2, 1, 2}, {1, 2, 3, 4})), Tensor({1, 1, 4}, {1, 2, 3, 4}),
                0);
}

CHECK("12.3", "what was split and merged is as before") {
    const Tensor x = random_tensor({2, 3, 6});
    for (int num_heads : {1, 2, 3, 6}) expect_near(ASK(merged, ASK(split, x, num_heads)), x, 0);
}

Tensors split_with_gradient(const Tensors& at, const Tensor& dy, int num_heads) {
    const auto apart = [&](const Variables& x) { return split_heads(x[0], num_heads); };
    return with_constants<Variable>(apart, at, dy, 1);
}
PARTS(split_with_gradient, "the heads", "the gradient of x");

Tensors merged_with_gradient(const Tensors& at, const Tensor& dy) {
    const auto together = [](const Variables& x) { return merge_heads(x[0]); };
    return with_constants<Variable>(together, at, dy, 1);
}
PARTS(merged_with_gradient, "what is merged", "the gradient of x");

CHECK("12.3", "gradients go back through the split and through the merge") {
    const Tensors words = {random_tensor({2, 3, 6})}, heads = {random_tensor({2, 2, 3, 3})};
    ASK(split_with_gradient, words, heads[0], 2);
    ASK(merged_with_gradient, heads, words[0]);
}

CHECK("12.3", "four features cannot be shared by three heads") {
    expect_mentions(ASK_REFUSAL(split, Tensor({1, 2, 4}), 3),
                    {"split_heads", "4 features", "3 heads"});
    ASK_REFUSAL(split, Tensor({1, 2, 4}), 0);
}

// ## 12.4 Multi-head attention

RESTS_ON("12.4", "4.2", "11.2", "11.4", "12.2", "12.3");

// A layer with these eight tensors as its parameters, in the order of `parameters()`.
static MultiHeadAttention layer_of(const std::vector<Tensor>& numbers, int num_heads) {
    Random random(1);
    const MultiHeadAttention layer(numbers.at(0).shape.at(0), num_heads, random);
    const Parameters parameters = layer.parameters();
    for (int i = 0; i < size_of(parameters); ++i) parameters[i].set_value(numbers.at(i));
    return layer;
}

Tensor attended(const std::vector<Tensor>& numbers, int num_heads, const Tensor& x,
                const Tensor& memory, const Tensor& mask) {
    return layer_of(numbers, num_heads)(x, memory, mask).value();
}

std::vector<Tensor> gradients(const std::vector<Tensor>& numbers, int num_heads, const Tensor& at,
                              const Tensor& memory_at, const Tensor& dy) {
    const MultiHeadAttention layer = layer_of(numbers, num_heads);
    const Variable x = parameter(at), memory = parameter(memory_at);
    backward(sum(layer(x, memory) * dy));
    std::vector<Tensor> all = {x.gradient(), memory.gradient()};
    for (const Variable& p : layer.parameters()) all.push_back(p.gradient());
    return all;
}
PARTS(gradients, "the gradient of x", "the gradient of the memory",
      "the gradient of parameters()[#0]");

static std::vector<Tensor> random_layer(int d_model) {
    std::vector<Tensor> numbers;
    for (int i = 0; i < 4; ++i) {
        numbers.push_back(random_tensor({d_model, d_model}));
        numbers.push_back(random_tensor({d_model}));
    }
    return numbers;
}

// Weights that change nothing: every linear layer is the identity.
static std::vector<Tensor> plain_layer(int d_model) {
    std::vector<Tensor> numbers;
    for (int i = 0; i < 4; ++i) {
        Tensor identity({d_model, d_model});
        for (int k = 0; k < d_model; ++k) identity.data[k * d_model + k] = 1.0f;
        numbers.push_back(identity);
        numbers.push_back(Tensor({d_model}));
    }
    return numbers;
}

Tensor side_by_side(const Tensor& q, const Tensor& k, const Tensor& v, int num_heads,
                    const Tensor& mask) {
    return split_attend_merge(q, k, v, num_heads, mask).value();
}

CHECK("12.4", "two heads of one feature: each attends by itself, and they come side by side") {
    // One half of x is [1; 0], the other [0; 1].
    const Tensor x({1, 2, 2}, {1, 0, 0, 1});
    const float match = std::exp(1.0) / (std::exp(1.0) + 1);
    expect_near(ASK(side_by_side, x, x, x, 2, no_mask),
                Tensor({1, 2, 2}, {match, 0.5f, 0.5f, match}), 1e-6);
}

CHECK("12.4", "with weights that change nothing, each half of the features attends by itself") {
    // One half of x is [1; 0], the other [0; 1]: what chapter 11 makes of each, side by side.
    const Tensor x({1, 2, 2}, {1, 0, 0, 1});
    const float match = std::exp(1.0) / (std::exp(1.0) + 1);
    const Tensor expected({1, 2, 2}, {match, 0.5f, 0.5f, match});
    expect_near(ASK(attended, plain_layer(2), 2, x, x, no_mask), expected, 1e-6);
}

CHECK("12.4",
      "one head of four features: [2 0 0 0] has the scores 4/√4 with itself and 0 with zeros") {
    const Tensor x({1, 2, 4}, {2, 0, 0, 0, 0, 0, 0, 0});
    const Tensor expected({1, 2, 4}, {1.761594f, 0, 0, 0, 1, 0, 0, 0});
    expect_near(ASK(side_by_side, x, x, x, 1, no_mask), expected, 1e-5);
    expect_near(ASK(attended, plain_layer(4), 1, x, x, no_mask), expected, 1e-5);
}

CHECK("12.4", "queries come from x, keys and values from the memory: T is 2, S is 3 or 2") {
    const Tensor x = random_tensor({1, 2, 4}), memory = random_tensor({1, 3, 4});
    const std::vector<Tensor> parameters = random_layer(4);
    const int num_heads = 2;
    allow_roundings(64);
    ASK(attended, parameters, num_heads, x, memory, no_mask);
    const Tensor as_long = random_tensor({1, 2, 4});
    ASK(attended, parameters, num_heads, x, as_long, no_mask);
}

CHECK("12.4", "the scale is √d of one head, not √d_model: one head against four") {
    const Tensor x = random_tensor({2, 3, 8});
    const std::vector<Tensor> numbers = random_layer(8);
    allow_roundings(64);
    ASK(attended, numbers, 4, x, x, no_mask);
    ASK(attended, numbers, 1, x, x, no_mask);
}

CHECK("12.4", "what stands in the padding of the memory changes nothing") {
    const Tensor x = random_tensor({2, 2, 4}), memory = random_tensor({2, 3, 4});
    const Tensor mask({2, 2, 3}, {1, 1, 0, 1, 1, 0, 1, 1, 1, 1, 1, 1});
    Tensor other = memory;
    for (int i = 8; i < 12; ++i) other.data[i] += 5;  // the third word of the first sentence
    const std::vector<Tensor> numbers = random_layer(4);
    allow_roundings(64);
    const Tensor before = ASK(attended, numbers, 2, x, memory, mask);
    const Tensor after = ASK(attended, numbers, 2, x, other, mask);
    expect_same_bits(after, before, "the output depends on padding");
}

CHECK("12.4", "gradients reach x, the memory and all eight parameters") {
    const Tensor x = random_tensor({1, 2, 4}), memory = random_tensor({1, 3, 4});
    const Tensor dy = random_tensor({1, 2, 4});
    allow_roundings(256);
    expect(ASK(gradients, random_layer(4), 2, x, memory, dy).size() == 10, "ten gradients are due");
}

// Where each head looks: [B, H, T, S].
Tensor looks(const std::vector<Tensor>& numbers, int num_heads, const Tensor& x,
             const Tensor& memory, const Tensor& mask) {
    return layer_of(numbers, num_heads).weights(x, memory, mask).value();
}

CHECK("12.4", "the weights of each head: of [1 0] in two words, each finds itself in its half") {
    const Tensor x({1, 2, 2}, {1, 0, 0, 1});
    const float match = std::exp(1.0) / (std::exp(1.0) + 1), other = 1 - match;
    expect_near(ASK(looks, plain_layer(2), 2, x, x, no_mask),
                Tensor({1, 2, 2, 2}, {match, other, 0.5f, 0.5f, 0.5f, 0.5f, other, match}), 1e-6);
}

CHECK("12.4", "the weights are those of x over the memory, and 0 for what is hidden") {
    const Tensor x = random_tensor({2, 2, 4}), memory = random_tensor({2, 3, 4});
    const Tensor mask({2, 2, 3}, {1, 1, 0, 1, 1, 0, 1, 1, 1, 1, 1, 1});
    allow_roundings(64);
    const Tensor weights = ASK(looks, random_layer(4), 2, x, memory, mask);
    expect(weights.shape == Shape{2, 2, 2, 3}, "the shape must be [B, H, T, S] = [2, 2, 2, 3]");
    for (int row = 0; row < 4; ++row)
        expect(weights.row(row)[2] == 0, "the third word of the first sentence is hidden");
}

// The weights under the second mask, when the same layer has been asked under the first.
Tensor looks_again(const Tensors& numbers, const Tensor& x, const Tensor& first,
                   const Tensor& then) {
    const MultiHeadAttention layer = layer_of(numbers, 2);
    layer.weights(x, x, first);
    return layer.weights(x, x, then).value();
}

CHECK("12.4", "the weights obey the mask of this call, not that of the last") {
    const Tensor x({1, 2, 2}, {1, 0, 0, 1}), first = matrix({{0, 1}, {0, 1}});
    const Tensor then = matrix({{1, 0}, {1, 0}});
    expect_near(ASK(looks_again, plain_layer(2), x, first, then),
                Tensor({1, 2, 2, 2}, {1, 0, 1, 0, 1, 0, 1, 0}), 1e-6);
}

CHECK("12.4", "under a causal mask the first of three words keeps to itself") {
    const Tensor x({1, 3, 2}, {1, 2, 3, 4, 5, 6});
    const Tensor mask = matrix({{1, 0, 0}, {1, 1, 0}, {1, 1, 1}});
    const auto first = [](const Tensor& y) { return row({y.data.at(0), y.data.at(1)}); };
    expect_near(first(ASK(side_by_side, x, x, x, 2, mask)), row({1, 2}), 1e-6);
    expect_near(first(ASK(attended, plain_layer(2), 2, x, x, mask)), row({1, 2}), 1e-6);
}

CHECK("12.4", "a single key obeys its mask, and so does a single query") {
    const Tensor two({1, 2, 2}, {1, 2, 3, 4}), one({1, 1, 2}, {5, 6});
    const Tensor hidden_from_the_first = matrix({{0}, {1}});
    expect_near(ASK(side_by_side, two, one, one, 2, hidden_from_the_first),
                Tensor({1, 2, 2}, {0, 0, 5, 6}), 1e-6);
    expect_near(ASK(attended, plain_layer(2), 2, two, one, hidden_from_the_first),
                Tensor({1, 2, 2}, {0, 0, 5, 6}), 1e-6);
    expect_near(ASK(looks, plain_layer(2), 2, two, one, hidden_from_the_first),
                Tensor({1, 2, 2, 1}, {0, 1, 0, 1}), 1e-6);
    const Tensor sees_the_first = matrix({{1, 0}});
    expect_near(ASK(side_by_side, one, two, two, 2, sees_the_first), Tensor({1, 1, 2}, {1, 2}),
                1e-6);
    expect_near(ASK(attended, plain_layer(2), 2, one, two, sees_the_first),
                Tensor({1, 1, 2}, {1, 2}), 1e-6);
    expect_near(ASK(looks, plain_layer(2), 2, one, two, sees_the_first),
                Tensor({1, 2, 1, 2}, {1, 0, 1, 0}), 1e-6);
}

// The gradient of x when it is its own memory.
Tensor self_gradient(const Tensors& numbers, int num_heads, const Tensor& at, const Tensor& dy) {
    const MultiHeadAttention layer = layer_of(numbers, num_heads);
    const Variable x = parameter(at);
    backward(sum(layer(x, x) * dy));
    return x.gradient();
}

CHECK("12.4", "a sentence that asks itself learns as x and as memory") {
    const Tensor x = random_tensor({1, 3, 4}), dy = random_tensor({1, 3, 4});
    const Tensors numbers = random_layer(4);
    allow_roundings(256);
    const Tensor both = ASK(self_gradient, numbers, 2, x, dy);
    const Tensors apart = ASK_UNRECORDED(gradients, numbers, 2, x, x, dy);
    Tensor expected = apart.at(0);
    for (int i = 0; i < expected.size(); ++i) expected.data[i] += apart.at(1).data.at(i);
    expect_near(both, expected, 1e-4);
}

// The gradients of Σ weights · dy.
Tensors gradients_of_looks(const Tensors& numbers, int num_heads, const Tensor& at,
                           const Tensor& memory_at, const Tensor& dy) {
    const MultiHeadAttention layer = layer_of(numbers, num_heads);
    const Variable x = parameter(at), memory = parameter(memory_at);
    backward(sum(layer.weights(x, memory) * dy));
    return {x.gradient(), memory.gradient(), layer.query.W.gradient(), layer.key.W.gradient()};
}
PARTS(gradients_of_looks, "the gradient of x", "the gradient of the memory",
      "the gradient of the queries' W", "the gradient of the keys' W");

CHECK("12.4", "gradients go back through the weights as well") {
    const Tensor x = random_tensor({1, 2, 4}), memory = random_tensor({1, 3, 4});
    allow_roundings(256);
    const Tensors numbers = random_layer(4);
    ASK(gradients_of_looks, numbers, 2, x, memory, random_tensor({1, 2, 2, 3}));
}

// y and the gradients of x and the memory, which may be constants, and of all eight parameters.
template <class Operation>
Tensors with_parameters(const MultiHeadAttention& layer, const Operation& operation,
                        const Tensors& at, const Tensor& dy, int wanted) {
    Tensors all = with_constants<Variable>(operation, at, dy, wanted);
    for (const Variable& p : layer.parameters()) all.push_back(p.gradient());
    return all;
}

Tensors layer_with_constants(const Tensors& numbers, const Tensors& at, const Tensor& dy,
                             int wanted) {
    const MultiHeadAttention layer = layer_of(numbers, 2);
    const auto attend = [&](const Variables& x) { return layer(x[0], x[1]); };
    return with_parameters(layer, attend, at, dy, wanted);
}
PARTS(layer_with_constants, "y", "the gradient of x", "the gradient of the memory",
      "the gradient of parameters()[#0]");

CHECK("12.4", "when x or the memory is a constant, or both are, everything else still learns") {
    const Tensors numbers = random_layer(4),
                  at = {random_tensor({1, 2, 4}), random_tensor({1, 3, 4})};
    const Tensor dy = random_tensor({1, 2, 4});
    for (int wanted = 0; wanted < 3; ++wanted) {
        allow_roundings(256);
        ASK(layer_with_constants, numbers, at, dy, wanted);
    }
}

using Four = std::tuple<Tensor, Tensor, Tensor, Tensor>;

// The result, and the gradients of q, k and v, of one of the two ways.
static Four in_heads(bool in_place, const Tensor& at_q, const Tensor& at_k, const Tensor& at_v,
                     const Tensor& mask, const Tensor& dy) {
    const Variable q = parameter(at_q), k = parameter(at_k), v = parameter(at_v);
    const Variable y =
        in_place ? attend_in_heads(q, k, v, 3, mask) : split_attend_merge(q, k, v, 3, mask);
    backward(sum(y * dy));
    return {y.value(), q.gradient(), k.gradient(), v.gradient()};
}

Four moved(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& mask,
           const Tensor& dy) {
    return in_heads(false, q, k, v, mask, dy);
}
PARTS(moved, "y", "dQ", "dK", "dV");

Four in_place(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& mask,
              const Tensor& dy) {
    return in_heads(true, q, k, v, mask, dy);
}

CHECK("12.4", "attend_in_heads is the same as split_attend_merge, and so are its gradients") {
    const Tensor q = random_tensor({2, 3, 6}), k = random_tensor({2, 4, 6});
    const Tensor v = random_tensor({2, 4, 6}), dy = random_tensor({2, 3, 6});
    const Tensor mask({2, 3, 4}, {1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0,  //
                                  1, 1, 1, 0, 1, 0, 1, 1, 0, 0, 0, 0});
    allow_roundings(256);
    const auto [y, dq, dk, dv] = ASK(moved, q, k, v, mask, dy);
    const auto [y_here, dq_here, dk_here, dv_here] = ASK_UNRECORDED(in_place, q, k, v, mask, dy);
    expect_near(y_here, y, 1e-5);
    expect_near(dq_here, dq, 1e-5);
    expect_near(dk_here, dk, 1e-5);
    expect_near(dv_here, dv, 1e-5);
}

CHECK("12.4", "ten features cannot be shared by four heads") {
    expect_mentions(
        ASK_REFUSAL(looks, random_layer(10), 4, Tensor({1, 1, 10}), Tensor({1, 1, 10}), no_mask),
        {"10", "4"});
}

// ## 12.5 What one head adds

RESTS_ON("12.5", "11.4", "12.2", "12.3", "12.4");

Tensor contribution(const std::vector<Tensor>& numbers, int num_heads, int h, const Tensor& x,
                    const Tensor& memory) {
    return contribution_of_head(layer_of(numbers, num_heads), h, x, memory).value();
}
CALLED(contribution, "contribution_of_head");

CHECK("12.5",
      "with weights that change nothing, head 0 of 2 fills the first half, and leaves the other") {
    const Tensor x({1, 2, 2}, {1, 0, 0, 1});
    const float match = std::exp(1.0) / (std::exp(1.0) + 1);
    const Tensors layer = plain_layer(2);
    const int num_heads = 2;
    for (int h : {0, 1}) {
        const Tensor first({1, 2, 2}, {match, 0, 0.5f, 0}), second({1, 2, 2}, {0, 0.5f, 0, match});
        expect_near(ASK(contribution, layer, num_heads, h, x, x), h == 0 ? first : second, 1e-6);
    }
}

CHECK("12.5", "what all heads add, and the output's bias, is the layer") {
    const Tensor x = random_tensor({2, 4, 6}), memory = random_tensor({2, 2, 6});
    const Tensors layer = random_layer(6);
    allow_roundings(64);
    for (int num_heads : {3, 1}) {
        Tensor total({2, 4, 6});
        for (int i = 0; i < total.size(); ++i) total.data[i] = layer[7].data[i % 6];
        for (int h = 0; h < num_heads; ++h) {
            const Tensor one = ASK(contribution, layer, num_heads, h, x, memory);
            for (int i = 0; i < total.size(); ++i) total.data[i] += one.data[i];
        }
        expect_near(ASK(attended, layer, num_heads, x, memory, no_mask), total, 2e-5);
    }
}

Tensor contribution_masked(const std::vector<Tensor>& numbers, int num_heads, int h,
                           const Tensor& x, const Tensor& memory, const Tensor& mask) {
    return contribution_of_head(layer_of(numbers, num_heads), h, x, memory, mask).value();
}
CALLED(contribution_masked, "contribution_of_head");

CHECK("12.5", "a hidden word adds nothing through any head") {
    const Tensor x = random_tensor({2, 2, 4}), memory = random_tensor({2, 3, 4});
    const Tensor mask({2, 2, 3}, {1, 1, 0, 1, 1, 0, 1, 1, 1, 1, 1, 1});
    Tensor other = memory;
    for (int i = 8; i < 12; ++i) other.data[i] += 5;  // the third word of the first sentence
    const Tensors layer = random_layer(4);
    const int num_heads = 2;
    allow_roundings(64);
    for (int h : {0, 1}) {
        const Tensor before = ASK(contribution_masked, layer, num_heads, h, x, memory, mask);
        const Tensor after = ASK(contribution_masked, layer, num_heads, h, x, other, mask);
        expect_same_bits(after, before, "a head adds something of a hidden word");
    }
}

// Gradients of x, the memory and all parameters, for what one head adds.
std::vector<Tensor> contribution_gradients(const std::vector<Tensor>& numbers, int num_heads, int h,
                                           const Tensor& at, const Tensor& memory_at,
                                           const Tensor& dy) {
    const MultiHeadAttention layer = layer_of(numbers, num_heads);
    const Variable x = parameter(at), memory = parameter(memory_at);
    backward(sum(contribution_of_head(layer, h, x, memory) * dy));
    std::vector<Tensor> all = {x.gradient(), memory.gradient()};
    for (const Variable& p : layer.parameters()) all.push_back(p.gradient());
    return all;
}
PARTS(contribution_gradients, "the gradient of x", "the gradient of the memory",
      "the gradient of parameters()[#0]");

CHECK("12.5", "gradients flow through one head to x, the memory and the parameters") {
    const Tensor x = random_tensor({1, 2, 4}), memory = random_tensor({1, 3, 4});
    const Tensor dy = random_tensor({1, 2, 4});
    allow_roundings(256);
    ASK(contribution_gradients, random_layer(4), 2, 1, x, memory, dy);
}

Tensors contribution_with_constants(const Tensors& numbers, const Tensors& at, const Tensor& dy,
                                    int wanted) {
    const MultiHeadAttention layer = layer_of(numbers, 2);
    const auto add = [&](const Variables& x) { return contribution_of_head(layer, 1, x[0], x[1]); };
    return with_parameters(layer, add, at, dy, wanted);
}
PARTS(contribution_with_constants, "y", "the gradient of x", "the gradient of the memory",
      "the gradient of parameters()[#0]");

CHECK("12.5", "when x or the memory is a constant, or both are, everything else still learns") {
    const Tensors numbers = random_layer(4),
                  at = {random_tensor({2, 2, 4}), random_tensor({2, 3, 4})};
    const Tensor dy = random_tensor({2, 2, 4});
    for (int wanted = 0; wanted < 3; ++wanted) {
        allow_roundings(256);
        ASK(contribution_with_constants, numbers, at, dy, wanted);
    }
}

CHECK("12.5", "a head that does not exist is refused") {
    const Tensor x({1, 2, 2});
    ASK_REFUSAL(contribution, plain_layer(2), 2, 2, x, x);
}

}  // namespace checks_12
