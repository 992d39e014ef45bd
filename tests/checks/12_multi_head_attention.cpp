#include "12_multi_head_attention.hpp"

#include "grader/check.hpp"
#include "grader/exact_attention.hpp"
#include "grader/read_twice.hpp"
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

// What it must be, for any sizes.
static Tensor exact_swap(const Tensor& x) {
    const int P = x.shape[1], Q = x.shape[2], d = x.shape[3];
    Tensor y({x.shape[0], Q, P, d});
    for (int i = 0; i < x.size(); ++i) {
        const int b = i / (P * Q * d), p = i / (Q * d) % P, q = i / d % Q;
        y.data[((b * Q + q) * P + p) * d + i % d] = x.data[i];
    }
    return y;
}

CHECK("12.2", "1, 2, 3, 9 and 17 of everything: what is exchanged, and the gradient") {
    for (const Shape& shape : std::vector<Shape>{{1, 1, 1, 1},
                                                 {2, 1, 1, 3},
                                                 {1, 2, 2, 4},
                                                 {3, 2, 2, 2},
                                                 {4, 4, 4, 4},
                                                 {1, 9, 2, 1},
                                                 {2, 3, 9, 8},
                                                 {1, 17, 3, 17},
                                                 {17, 1, 2, 5},
                                                 {2, 2, 17, 64},
                                                 {1, 33, 1, 2}}) {
        const Tensor x = random_tensor(shape), expected = exact_swap(x);
        expect_near(ASK_UNRECORDED(swapped, x), expected, 0);
        expect_near(ASK_UNRECORDED(gradient_through_swap, Tensor(expected.shape), x), expected, 0);
    }
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

CHECK("12.3", "one word, one head, one feature, one sentence, and many: split and merged") {
    for (int B : {1, 2})
        for (int T : {1, 2, 9})
            for (int H : {1, 2, 4})
                for (int d : {1, 2, 5}) {
                    const Tensor x = random_tensor({B, T, H * d});
                    const Tensor expected = exact_swap(Tensor({B, T, H, d}, x.data));
                    expect_near(ASK_UNRECORDED(split, x, H), expected, 0);
                    expect_near(ASK_UNRECORDED(merged, expected), x, 0);
                }
}

Tensors split_and_merged_read_twice(const Tensor& at, const Tensor& dy, int num_heads) {
    const Variable x = parameter(at);
    const Variable y = merge_heads(tanh(split_heads(x, num_heads)));
    return read_twice(sum(y * dy), Graph::kept, {x});
}
CALLED(split_and_merged_read_twice, "merge_heads(tanh(split_heads(x, …))), read once and twice,");
PARTS(split_and_merged_read_twice, "the gradient of x", "the gradient of x, read twice");

CHECK("12.3", "a graph that is kept can be read again, and gives as much") {
    for (int num_heads : {1, 2}) {
        const Tensor x = random_tensor({2, 3, 4}), dy = random_tensor({2, 3, 4});
        expect_doubled(ASK_UNRECORDED(split_and_merged_read_twice, x, dy, num_heads));
    }
}

CHECK("12.3", "four features cannot be shared by three heads") {
    expect_mentions(ASK_REFUSAL(split, Tensor({1, 2, 4}), 3),
                    {"split_heads", "4 features", "3 heads"});
    ASK_REFUSAL(split, Tensor({1, 2, 4}), 0);
}

CHECK("12.3", "what has no axis of heads cannot be merged") {
    ASK_REFUSAL(merged, Tensor({1, 2, 4}));
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

// What the layer must be, part by part, in double: x times W, plus b; each head by itself.
static Tensor exact_linear(const Tensor& x, const Tensor& W, const Tensor& b) {
    const int D = W.shape[0];
    Tensor y = exact_product(Tensor({x.size() / D, D}, x.data), W);
    for (int i = 0; i < y.size(); ++i) y.data[i] += b.data[i % D];
    return Tensor(x.shape, y.data);
}

static Tensor of_one_head(const Tensor& x, int num_heads, int h) {  // [B, T, D] → [B, T, d]
    const int D = x.shape[2], d = D / num_heads;
    Tensor part({x.shape[0], x.shape[1], d});
    for (int i = 0; i < part.size(); ++i) part.data[i] = x.data[i / d * D + h * d + i % d];
    return part;
}

// [B, H, T, S]
static Tensor exact_looks(const Tensor& q, const Tensor& k, int H, const Tensor& mask) {
    const int B = q.shape[0], T = q.shape[1], S = k.shape[1];
    Tensor all({B, H, T, S});
    for (int h = 0; h < H; ++h) {
        const Tensor one = exact_weights(of_one_head(q, H, h), of_one_head(k, H, h), mask);
        for (int i = 0; i < one.size(); ++i)
            all.data[(i / (T * S) * H + h) * T * S + i % (T * S)] = one.data[i];
    }
    return all;
}

// Side by side, [B, T, D]; where one head is asked for, the others are zeros.
static Tensor exact_heads(const Tensor& q, const Tensor& k, const Tensor& v, int H,
                          const Tensor& mask, int only = -1) {
    const int D = q.shape[2], d = D / H;
    Tensor all(q.shape);
    for (int h = 0; h < H; ++h) {
        if (only >= 0 && h != only) continue;
        const Tensor weights = exact_weights(of_one_head(q, H, h), of_one_head(k, H, h), mask);
        const Tensor one = exact_average(weights, of_one_head(v, H, h));
        for (int i = 0; i < one.size(); ++i) all.data[i / d * D + h * d + i % d] = one.data[i];
    }
    return all;
}

// One sentence or two, one head, two or four, queries and keys of every number, and every mask; of
// 4 features, or some of more.
struct Asked {
    int num_heads;
    Tensor x, memory, mask;
};

static std::vector<Asked> of_every_kind(int D) {
    std::vector<Asked> all;
    if (D != 4) {
        for (int H : {3, 9})
            for (const Tensor& mask : masks_of_every_form(2, 2, 5))
                all.push_back({H, random_tensor({2, 2, D}), random_tensor({2, 5, D}), mask});
        return all;
    }
    for (const Shape& TS : std::vector<Shape>{{1, 1}, {1, 3}, {3, 1}, {2, 3}, {3, 2}, {3, 3}})
        for (const Shape& BH : std::vector<Shape>{{1, 1}, {2, 1}, {1, 2}, {2, 4}})
            for (const Tensor& mask : masks_of_every_form(BH[0], TS[0], TS[1]))
                all.push_back({BH[1], random_tensor({BH[0], TS[0], 4}),
                               random_tensor({BH[0], TS[1], 4}), mask});
    return all;
}

CHECK("12.4", "one sentence, one head, one query, one key, and more of each, under every mask") {
    for (int D : {4, 36}) {
        const Tensors p = random_layer(D);
        for (const auto& [H, x, memory, mask] : of_every_kind(D)) {
            const Tensor q = exact_linear(x, p[0], p[1]), k = exact_linear(memory, p[2], p[3]);
            const Tensor v = exact_linear(memory, p[4], p[5]);
            expect_near(ASK_UNRECORDED(side_by_side, x, memory, memory, H, mask),
                        exact_heads(x, memory, memory, H, mask), 1e-5);
            expect_near(ASK_UNRECORDED(attended, p, H, x, memory, mask),
                        exact_linear(exact_heads(q, k, v, H, mask), p[6], p[7]), 2e-5 * D);
            expect_near(ASK_UNRECORDED(looks, p, H, x, memory, mask), exact_looks(q, k, H, mask),
                        1e-4);
        }
    }
}

// Two layers ask one memory; then it has other numbers, and then the layer has. What is said, and
// the gradients of the memory and of both layers.
Tensors of_one_memory(const Tensors& first, const Tensors& second, const Tensors& at,
                      const Tensor& then, const Tensor& dy) {
    const MultiHeadAttention one = layer_of(first, 2), two = layer_of(second, 2);
    const Variable memory = parameter(at[1]);
    Tensors all = {one(at[0], memory).value(), two(at[0], memory).value()};
    backward(sum((one(at[0], memory) + two(at[0], memory)) * dy));
    backward(sum(one.weights(at[0], memory)) + sum(two.weights(at[0], memory)));
    all.push_back(memory.gradient());
    for (const MultiHeadAttention* layer : {&one, &two})
        for (const Variable& W : {layer->key.W, layer->value.W}) all.push_back(W.gradient());
    memory.set_value(then);
    all.push_back(one(at[0], memory).value());
    for (int i = 0; i < 8; ++i) one.parameters()[i].set_value(second[i]);
    all.push_back(one(at[0], memory).value());
    all.push_back(one.weights(at[0], memory).value());
    return all;
}
PARTS(of_one_memory, "what the first layer says", "what the second layer says",
      "the gradient of the memory", "the gradient of the first layer's key.W",
      "the gradient of the first layer's value.W", "the gradient of the second layer's key.W",
      "the gradient of the second layer's value.W", "what is said of another memory",
      "what another layer says of it", "where that one looks");

CHECK("12.4", "two layers ask one memory, and then it changes, and then the layer does") {
    const Tensors first = random_layer(4), second = random_layer(4);
    const Tensors at = {random_tensor({1, 2, 4}), random_tensor({1, 3, 4})};
    const Tensor then = random_tensor({1, 3, 4}), dy = random_tensor({1, 2, 4});
    allow_roundings(512);
    ASK(of_one_memory, first, second, at, then, dy);
}

// As `gradients`, under a mask.
Tensors masked_gradients(const Tensors& numbers, int num_heads, const Tensors& at,
                         const Tensor& mask, const Tensor& dy) {
    const MultiHeadAttention layer = layer_of(numbers, num_heads);
    const Variable x = parameter(at[0]), memory = parameter(at[1]);
    const Variable looks = layer.weights(x, memory, mask);
    backward(sum(layer(x, memory, mask) * dy) + sum(looks * looks));
    Tensors all = {x.gradient(), memory.gradient()};
    for (const Variable& p : layer.parameters()) all.push_back(p.gradient());
    return all;
}
CALLED(masked_gradients, "the gradients of Σ y dy and of the squares of the weights");
PARTS(masked_gradients, "the gradient of x", "the gradient of the memory",
      "the gradient of parameters()[#0]");

CHECK("12.4", "under a mask gradients flow where there is something to see: one head and two") {
    const Tensors numbers = random_layer(4);
    for (int num_heads : {1, 2})
        for (int T : {1, 2}) {
            const Tensors at = {random_tensor({1, T, 4}), random_tensor({1, 3, 4})};
            const Tensor mask =
                T == 1 ? matrix({{1, 0, 1}}) : Tensor({1, 2, 3}, {1, 1, 0, 0, 1, 1});
            const Tensor dy = random_tensor({1, T, 4});
            allow_roundings(256);
            ASK(masked_gradients, numbers, num_heads, at, mask, dy);
        }
}

Tensors layer_read_twice(const Tensors& numbers, const Tensors& at, const Tensor& mask,
                         const Tensor& dy) {
    const MultiHeadAttention layer = layer_of(numbers, 2);
    const Variable x = parameter(at[0]), memory = parameter(at[1]);
    const Variable moved = split_attend_merge(x, memory, memory, 2, mask);
    const Variable y = (layer(x, memory, mask) + moved) * dy;
    Variables all = {x, memory};
    append(all, layer.parameters());
    return read_twice(sum(y) + sum(layer.weights(x, memory, mask)), Graph::kept, all);
}
PARTS(layer_read_twice, "gradient #0 of x, the memory and parameters(), read once and twice");

CHECK("12.4", "a graph that is kept can be read again, and gives as much") {
    const Tensors numbers = random_layer(4);
    const Tensors at = {random_tensor({1, 2, 4}), random_tensor({1, 3, 4})};
    const Tensor mask = matrix({{1, 1, 0}, {0, 1, 1}}), dy = random_tensor({1, 2, 4});
    expect_doubled(ASK_UNRECORDED(layer_read_twice, numbers, at, mask, dy));
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

CHECK("12.5", "one sentence, one head, one query, one key, and more of each, under every mask") {
    for (int D : {4, 36}) {
        const Tensors p = random_layer(D);
        for (const auto& [H, x, memory, mask] : of_every_kind(D)) {
            const Tensor q = exact_linear(x, p[0], p[1]), k = exact_linear(memory, p[2], p[3]);
            const Tensor v = exact_linear(memory, p[4], p[5]);
            for (int h = 0; h < H; ++h)
                expect_near(ASK_UNRECORDED(contribution_masked, p, H, h, x, memory, mask),
                            exact_linear(exact_heads(q, k, v, H, mask, h), p[6], Tensor({D})),
                            2e-5 * D);
        }
    }
}

// Two layers add what they find in one memory; then it has other numbers.
Tensors contribution_of_one_memory(const Tensors& first, const Tensors& second, const Tensors& at,
                                   const Tensor& then) {
    const MultiHeadAttention one = layer_of(first, 2), two = layer_of(second, 2);
    const Variable memory = parameter(at[1]);
    Tensors all;
    for (int h : {0, 1})
        for (const MultiHeadAttention* layer : {&one, &two})
            all.push_back(contribution_of_head(*layer, h, at[0], memory).value());
    memory.set_value(then);
    all.push_back(contribution_of_head(one, 0, at[0], memory).value());
    for (int i = 0; i < 8; ++i) one.parameters()[i].set_value(second[i]);
    all.push_back(contribution_of_head(one, 0, at[0], memory).value());
    return all;
}
PARTS(contribution_of_one_memory, "what the first layer's head 0 adds",
      "what the second layer's head 0 adds", "what the first layer's head 1 adds",
      "what the second layer's head 1 adds", "what is added of another memory",
      "what another layer adds of it");

CHECK("12.5", "two layers ask one memory, and then it changes, and then the layer does") {
    const Tensors first = random_layer(4), second = random_layer(4);
    const Tensors at = {random_tensor({1, 2, 4}), random_tensor({1, 3, 4})};
    const Tensor then = random_tensor({1, 3, 4});
    allow_roundings(256);
    ASK(contribution_of_one_memory, first, second, at, then);
}

Tensors contribution_read_twice(const Tensors& numbers, int num_heads, int h, const Tensors& at,
                                const Tensor& mask, const Tensor& dy) {
    const MultiHeadAttention layer = layer_of(numbers, num_heads);
    const Variable x = parameter(at[0]), memory = parameter(at[1]);
    Variables all = {x, memory};
    append(all, layer.parameters());
    return read_twice(sum(contribution_of_head(layer, h, x, memory, mask) * dy), Graph::kept, all);
}
PARTS(contribution_read_twice,
      "gradient #0 of x, the memory and parameters(), read once and twice");

CHECK("12.5", "under a mask gradients flow where there is something to see, at every reading") {
    const Tensors numbers = random_layer(4);
    const Tensors at = {random_tensor({1, 2, 4}), random_tensor({1, 3, 4})};
    const Tensor mask = matrix({{1, 1, 0}, {0, 1, 1}}), dy = random_tensor({1, 2, 4});
    for (int num_heads : {1, 2})
        for (int h = 0; h < num_heads; ++h) {
            allow_roundings(256);
            expect_doubled(ASK(contribution_read_twice, numbers, num_heads, h, at, mask, dy));
        }
}

CHECK("12.5", "a head that does not exist is refused") {
    const Tensor x({1, 2, 2});
    ASK_REFUSAL(contribution, plain_layer(2), 2, 2, x, x);
}

}  // namespace checks_12
