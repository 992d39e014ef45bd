#include "12_multi_head_attention.hpp"

#include "grader/check.hpp"

#include <cmath>

namespace checks_12 {

// ## 12.1 Two axes change places

Tensor swapped(const Tensor& x) { return swap_middle_axes(x); }

Tensor gradient_through_swap(const Tensor& at, const Tensor& dy) {
    const Variable x = parameter(at);
    backward(sum(swap_middle_axes(x) * dy));
    return x.gradient();
}

// A [1, 2, 2, 2] tensor as in the picture of the chapter: 1 1 2 2 for one word, 3 3 4 4 for the
// other.
static Tensor two_words() { return Tensor({1, 2, 2, 2}, {1, 1, 2, 2, 3, 3, 4, 4}); }

CHECK("12.1", "a a | b b and A A | B B become a a, A A for one head and b b, B B for the other") {
    const Tensor x = two_words();
    expect_near(ASK(swapped, x), Tensor({1, 2, 2, 2}, {1, 1, 3, 3, 2, 2, 4, 4}), 0);
}

CHECK("12.1", "every element (b, p, q, i) goes to (b, q, p, i)") {
    const Tensor x = random_tensor({2, 3, 2, 4});
    const Tensor y = ASK(swapped, x);
    expect(y.shape == Shape{2, 2, 3, 4}, "the shape must be [2, 2, 3, 4]");
    for (int i = 0; i < x.size(); ++i) {
        const int b = i / 24, p = i / 8 % 3, q = i / 4 % 2, rest = i % 4;
        expect(y.data[((b * 2 + q) * 3 + p) * 4 + rest] == x.data[i], "an element is misplaced");
    }
}

CHECK("12.1", "exchanging twice changes nothing, and gradients go back the way they came") {
    const Tensor x = random_tensor({1, 3, 2, 2});
    expect_near(ASK(swapped, ASK(swapped, x)), x, 0);
    const Tensor dy = random_tensor({1, 2, 3, 2});
    const Tensor there = ASK(swapped, dy);
    expect_near(ASK(gradient_through_swap, x, dy), there, 0);
}

CHECK("12.1", "no sentence, no elements; three axes are refused") {
    expect(ASK(swapped, Tensor({0, 3, 2, 4})).shape == Shape{0, 2, 3, 4},
           "the shape must be [0, 2, 3, 4]");
    expect_mentions(ASK_REFUSAL(swapped, Tensor({2, 3, 4})), {"[2, 3, 4]"});
}

// ## 12.2 Split and merge

Tensor split(const Tensor& x, int num_heads) { return split_heads(x, num_heads).value(); }
Tensor merged(const Tensor& x) { return merge_heads(x).value(); }

CHECK("12.2", "two words of four features split into two heads of two words of two features") {
    const Tensor x({1, 2, 4}, {1, 1, 2, 2, 3, 3, 4, 4});
    expect_near(ASK(split, x, 2), Tensor({1, 2, 2, 2}, {1, 1, 3, 3, 2, 2, 4, 4}), 0);
}

CHECK("12.2", "merging sets the heads of each word side by side") {
    const Tensor x({1, 2, 2, 2}, {1, 1, 3, 3, 2, 2, 4, 4});
    expect_near(ASK(merged, x), Tensor({1, 2, 4}, {1, 1, 2, 2, 3, 3, 4, 4}), 0);
}

CHECK("12.2", "what was split and merged is as before") {
    const Tensor x = random_tensor({2, 3, 6});
    for (int num_heads : {1, 2, 3, 6}) expect_near(ASK(merged, ASK(split, x, num_heads)), x, 0);
}

CHECK("12.2", "four features cannot be shared by three heads") {
    expect_mentions(ASK_REFUSAL(split, Tensor({1, 2, 4}), 3),
                    {"split_heads", "4 features", "3 heads"});
    ASK_REFUSAL(split, Tensor({1, 2, 4}), 0);
}

// ## 12.3 Multi-head attention

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

CHECK("12.3", "with weights that change nothing, each half of the features attends by itself") {
    // One half of x is [1; 0], the other [0; 1]: what chapter 11 makes of each, side by side.
    const Tensor x({1, 2, 2}, {1, 0, 0, 1});
    const float match = std::exp(1.0) / (std::exp(1.0) + 1);
    const Tensor expected({1, 2, 2}, {match, 0.5f, 0.5f, match});
    expect_near(ASK(attended, plain_layer(2), 2, x, x, no_mask), expected, 1e-6);
}

CHECK("12.3", "queries come from x, keys and values from the memory: T is 2, S is 3") {
    const Tensor x = random_tensor({1, 2, 4}), memory = random_tensor({1, 3, 4});
    const std::vector<Tensor> parameters = random_layer(4);
    const int num_heads = 2;
    allow_roundings(64);
    ASK(attended, parameters, num_heads, x, memory, no_mask);
}

CHECK("12.3", "the scale is √d of one head, not √d_model: one head against four") {
    const Tensor x = random_tensor({2, 3, 8});
    const std::vector<Tensor> numbers = random_layer(8);
    allow_roundings(64);
    ASK(attended, numbers, 4, x, x, no_mask);
    ASK(attended, numbers, 1, x, x, no_mask);
}

CHECK("12.3", "what stands in the padding of the memory changes nothing") {
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

CHECK("12.3", "gradients reach x, the memory and all eight parameters") {
    const Tensor x = random_tensor({1, 2, 4}), memory = random_tensor({1, 3, 4});
    const Tensor dy = random_tensor({1, 2, 4});
    allow_roundings(256);
    expect(ASK(gradients, random_layer(4), 2, x, memory, dy).size() == 10, "ten gradients are due");
}

// ## 12.4 What one head adds

Tensor contribution(const std::vector<Tensor>& numbers, int num_heads, int h, const Tensor& x,
                    const Tensor& memory) {
    return contribution_of_head(layer_of(numbers, num_heads), h, x, memory).value();
}

CHECK("12.4",
      "with weights that change nothing, head 1 of 2 fills the first half, and leaves the other") {
    const Tensor x({1, 2, 2}, {1, 0, 0, 1});
    const float match = std::exp(1.0) / (std::exp(1.0) + 1);
    expect_near(ASK(contribution, plain_layer(2), 2, 0, x, x),
                Tensor({1, 2, 2}, {match, 0, 0.5f, 0}), 1e-6);
    expect_near(ASK(contribution, plain_layer(2), 2, 1, x, x),
                Tensor({1, 2, 2}, {0, 0.5f, 0, match}), 1e-6);
}

CHECK("12.4", "what all heads add, and the output's bias, is the layer") {
    const Tensor x = random_tensor({2, 4, 6}), memory = random_tensor({2, 2, 6});
    const std::vector<Tensor> numbers = random_layer(6);
    allow_roundings(64);
    Tensor total({2, 4, 6});
    for (int i = 0; i < total.size(); ++i) total.data[i] = numbers[7].data[i % 6];
    for (int h = 0; h < 3; ++h) {
        const Tensor one = ASK(contribution, numbers, 3, h, x, memory);
        for (int i = 0; i < total.size(); ++i) total.data[i] += one.data[i];
    }
    expect_near(ASK(attended, numbers, 3, x, memory, no_mask), total, 2e-5);
}

CHECK("12.4", "a head that does not exist is refused") {
    const Tensor x({1, 2, 2});
    ASK_REFUSAL(contribution, plain_layer(2), 2, 2, x, x);
}

// ## 12.5 Counting

// What a layer of this size holds.
int numbers_in_a_layer(int d_model, int num_heads) {
    Random random(1);
    return parameter_count(MultiHeadAttention(d_model, num_heads, random).parameters());
}

CHECK("12.5", "two features: four matrices of 4 and four biases of 2 are 24 numbers") {
    expect_near(ASK(count_multi_head_parameters, 2, 1), 24, 0);
}

CHECK("12.5", "the formula counts what the layer holds, for any number of heads") {
    for (int num_heads : {1, 3, 6}) {
        const int held = ASK(numbers_in_a_layer, 12, num_heads);
        expect_near(ASK(count_multi_head_parameters, 12, num_heads), held, 0);
    }
    expect_near(ASK(count_multi_head_parameters, 512, 8), 1050624, 0);
}

CHECK("12.5", "ten features cannot be shared by four heads") {
    expect_mentions(ASK_REFUSAL(numbers_in_a_layer, 10, 4), {"10", "4"});
}

}  // namespace checks_12
