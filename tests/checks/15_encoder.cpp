#include "15_encoder.hpp"

#include "grader/check.hpp"
#include "grader/exact_attention.hpp"
#include "grader/read_twice.hpp"
#include "grader/variations.hpp"

#include <algorithm>
#include <cmath>

namespace checks_15 {

using Tensors = std::vector<Tensor>;

static StackSettings settings_of(int d_model, int num_heads, int d_ff, int num_layers,
                                 bool before) {
    return {d_model, num_heads, d_ff, num_layers, before ? NormPlace::before : NormPlace::after};
}

// Numbers for parameters that are the same in every program: small, and none of them special.
static void fill(const Parameters& parameters) {
    Random random(15);
    for (const Variable& p : parameters) {
        Tensor value = p.value();
        for (float& number : value.data) number = random.uniform(-0.6f, 0.6f);
        p.set_value(value);
    }
}

// ## 15.1 By hand

Tensor written_down(int) { return taken_by_hand(); }
CALLED(written_down, "taken_by_hand()");

static void expect_taken(const std::vector<int>& places, const std::vector<float>& wanted,
                         const std::string& otherwise) {
    const Tensor taken = ASK_UNRECORDED(written_down, 0);
    expect(taken.shape == Shape{6}, "six numbers are asked for, row({…, …, …, …, …, …})");
    for (int i = 0; i < size_of(places); ++i)
        expect(std::fabs(taken.data[places[i]] - wanted[i]) < 1e-5f, otherwise);
}

CHECK("15.1", "a word that stands there once takes the one that stands behind it") {
    expect_taken({1, 2, 4}, {1, 2, 2},
                 "look at the words 5, 1 and 7: in front of which position does each stand?");
}

CHECK("15.1", "when several notes are like a word, it takes the mean of what it finds") {
    expect_taken({3}, {6}, "look at the second word 2: whose note is a 2? What is their mean?");
}

CHECK("15.1", "nothing is masked, and words that are alike take the same") {
    expect_taken({0, 5}, {6, 6},
                 "the first and the last word are 2 as well: they look at the same notes");
}

// ## 15.2 An encoder layer

RESTS_ON("15.2", "4.2", "12.4", "14.2", "14.3", "14.4", "14.5");

Tensor through_layer(const Tensor& x, const Tensor& mask, bool before) {
    Random random(1);
    const EncoderLayer layer(settings_of(x.shape.back(), 2, 5, 1, before), random);
    fill(layer.parameters());
    return layer(x, mask).value();
}

// A layer whose attention and feed-forward network add nothing.
Tensor through_silent_layer(const Tensor& x, bool before) {
    Random random(1);
    const EncoderLayer layer(settings_of(x.shape.back(), 2, 5, 1, before), random);
    for (const Variable& p : {layer.attention.output.W, layer.attention.output.b,
                              layer.feed_forward.second.W, layer.feed_forward.second.b})
        p.set_value(Tensor(p.shape()));
    return layer(x, no_mask).value();
}

// A layer in which a dropout of nearly all takes away what attention and feed-forward say.
Tensor through_dropping_layer(const Tensor& x, bool before) {
    Random random(1);
    const EncoderLayer layer(settings_of(x.shape.back(), 2, 5, 1, before), random);
    return layer(x, no_mask, Dropout(0.999999, random)).value();
}

// What a layer says under dropout, and the random number that is drawn next.
std::pair<Tensor, double> through_layer_and_dropout(const Tensor& x, bool before, double rate,
                                                    int seed) {
    Random random(1), drops(seed);
    const EncoderLayer layer(settings_of(x.shape.back(), 2, 5, 1, before), random);
    fill(layer.parameters());
    const Tensor y = layer(x, no_mask, Dropout(rate, drops)).value();
    return {y, drops.uniform()};
}
PARTS(through_layer_and_dropout, "y", "the next random number");

Tensor through_layer_of_gelu(const Tensor& x) {
    Random random(1);
    const EncoderLayer layer({x.shape.back(), 2, 5, 1, NormPlace::before, Activation::gelu},
                             random);
    fill(layer.parameters());
    return layer(x, no_mask).value();
}

// The gradients of a layer's parameters, one after the other.
std::vector<Tensor> gradients_of_layer(const Tensor& at, const Tensor& dy, bool before) {
    Random random(1);
    const EncoderLayer layer(settings_of(at.shape.back(), 2, 5, 1, before), random);
    fill(layer.parameters());
    const Variable x = parameter(at);
    backward(sum(layer(x, no_mask) * dy));
    std::vector<Tensor> all = {x.gradient()};
    for (const Variable& p : layer.parameters()) all.push_back(p.gradient());
    return all;
}
PARTS(gradients_of_layer, "the gradient of x", "the gradient of parameters()[#0]");

CHECK("15.2", "where attention and feed-forward add nothing, pre-norm leaves x as it is") {
    const Tensor x({1, 2, 2}, {1, 2, 3, 5});
    expect_near(ASK(through_silent_layer, x, true), x, 0);
}

CHECK("15.2", "there, post-norm gives the normalised x: 1 2 becomes −1 1") {
    const Tensor x({1, 2, 2}, {1, 2, 3, 5});
    expect_near(ASK(through_silent_layer, x, false), Tensor({1, 2, 2}, {-1, 1, -1, 1}), 1e-4);
}

CHECK("15.2", "x + MultiHead(norm₁(x)), then + FeedForward(norm₂(…)), each with its own norm") {
    const Tensor x = random_tensor({2, 3, 4});
    allow_roundings(128);
    ASK(through_layer, x, no_mask, true);
    ASK(through_layer, x, no_mask, false);
}

CHECK("15.2", "a dropout of nearly all leaves x as it is, or with post-norm normalised") {
    const Tensor wide = random_tensor({1, 2, 4});
    expect_near(ASK(through_dropping_layer, wide, true), wide, 0);
    ASK(through_dropping_layer, wide, false);
    const Tensor x({1, 1, 4}, {1, 2, 3, 6});
    const Tensor normalised({1, 1, 4}, {-1.06904f, -0.53452f, 0, 1.60357f});
    expect_near(ASK(through_dropping_layer, x, true), x, 0);
    expect_near(ASK(through_dropping_layer, x, false), normalised, 1e-4);
}

CHECK("15.2", "dropout acts on what each of the two says, once, and on nothing in them") {
    const Tensor x = random_tensor({2, 3, 4});
    const int seed = 1 + random_numbers().below(1000000);
    Random random(seed);
    for (int i = 0; i < 2 * x.size(); ++i) random.uniform();
    const double expected = random.uniform();
    for (bool before : {true, false}) {
        allow_roundings(128);
        const auto [y, next] = ASK(through_layer_and_dropout, x, before, 0.5, seed);
        expect_near(next, expected, 0);
    }
}

CHECK("15.2", "the feed-forward network has the activation of the settings, GELU too") {
    allow_roundings(128);
    ASK(through_layer_of_gelu, random_tensor({2, 3, 4}));
}

CHECK("15.2",
      "the mask reaches the attention: under a causal mask the first token sees itself only") {
    const Tensor x = random_tensor({1, 3, 4});
    const Tensor mask = matrix({{1, 0, 0}, {1, 1, 0}, {1, 1, 1}});
    Tensor other = x;
    for (int i = 4; i < 12; ++i) other.data[i] += 1;
    for (bool before : {true, false}) {
        allow_roundings(128);
        const Tensor one = ASK(through_layer, x, mask, before);
        const Tensor two = ASK(through_layer, other, mask, before);
        for (int i = 0; i < 4; ++i)
            expect(one.data[i] == two.data[i], "the first token's output depends on later ones");
        expect(one.data[4] != two.data[4], "the second token must see itself");
    }
}

CHECK("15.2", "each sentence may have a mask of its own, [B, T, T]") {
    const Tensor x = random_tensor({2, 3, 4});
    const Tensor mask({2, 3, 3}, {1, 0, 0, 1, 1, 0, 1, 1, 0, 1, 1, 1, 0, 1, 1, 0, 0, 1});
    for (bool before : {true, false}) {
        allow_roundings(128);
        ASK(through_layer, x, mask, before);
    }
}

// The gradients of a layer's parameters when x is data.
Tensors gradients_for_data(const Tensor& x, const Tensor& dy, bool before) {
    Random random(1);
    const EncoderLayer layer(settings_of(x.shape.back(), 2, 5, 1, before), random);
    fill(layer.parameters());
    backward(sum(layer(x, no_mask) * dy));
    Tensors all;
    for (const Variable& p : layer.parameters()) all.push_back(p.gradient());
    return all;
}
PARTS(gradients_for_data, "the gradient of parameters()[#0]");

CHECK("15.2", "when x is a constant, every parameter still gets its gradient") {
    const Tensor x = random_tensor({1, 2, 4}), dy = random_tensor({1, 2, 4});
    for (bool before : {true, false}) {
        allow_roundings(1024);
        ASK(gradients_for_data, x, dy, before);
    }
}

CHECK("15.2", "gradients reach x and every parameter, with both places of the norm") {
    const Tensor x = random_tensor({1, 2, 4}), dy = random_tensor({1, 2, 4});
    for (bool before : {true, false}) {
        allow_roundings(1024);
        for (const Tensor& gradient : ASK(gradients_of_layer, x, dy, before))
            for (float number : gradient.data)
                expect(std::isfinite(number), "a gradient is not finite");
    }
}

// A layer of another number of heads, with a dropout that evaluates.
Tensor through_evaluating_layer(const Tensor& x, const Tensor& mask, int num_heads, bool before) {
    Random random(1), drops(2);
    const EncoderLayer layer(settings_of(x.shape.back(), num_heads, 5, 1, before), random);
    fill(layer.parameters());
    Dropout dropout(0.5, drops);
    dropout.training = false;
    return layer(x, mask, dropout).value();
}
CALLED(through_evaluating_layer, "a layer, with a dropout that evaluates,");

Tensor through_plain_layer(const Tensor& x, const Tensor& mask, int num_heads, bool before) {
    Random random(1);
    const EncoderLayer layer(settings_of(x.shape.back(), num_heads, 5, 1, before), random);
    fill(layer.parameters());
    return layer(x, mask).value();
}

CHECK("15.2",
      "one sentence, one token, one head, and more of each, under every mask; a dropout that "
      "evaluates drops nothing") {
    for (int B : {1, 2})
        for (int T : {1, 2, 3})
            for (const Tensor& mask : masks_of_every_form(B, T, T)) {
                const Tensor x = random_tensor({B, T, 4});
                const int num_heads = T == 2 ? 1 : 2;
                for (bool before : {true, false}) {
                    allow_roundings(256);
                    const Tensor y = ASK(through_plain_layer, x, mask, num_heads, before);
                    expect_near(
                        ASK_UNRECORDED(through_evaluating_layer, x, mask, num_heads, before), y,
                        1e-5);
                }
            }
}

// Under a mask and a dropout that trains, GELU inside.
Tensor through_masked_layer_and_dropout(const Tensor& x, const Tensor& mask, bool before,
                                        int seed) {
    Random random(1), drops(seed);
    StackSettings settings = settings_of(x.shape.back(), 4, 7, 1, before);
    settings.activation = Activation::gelu;
    const EncoderLayer layer(settings, random);
    fill(layer.parameters());
    return layer(x, mask, Dropout(0.5, drops)).value();
}

CHECK("15.2", "mask, dropout and GELU together, with the norm before and after") {
    for (const Tensor& mask : masks_of_every_form(2, 3, 3))
        for (bool before : {true, false}) {
            allow_roundings(256);
            const Tensor x = random_tensor({2, 3, 4});
            const int seed = 1 + random_numbers().below(1000000);
            ASK(through_masked_layer_and_dropout, x, mask, before, seed);
        }
}

// All gradients under a mask and under dropout, read twice, and then x.
Tensors layer_read_twice(const Tensor& at, const Tensor& mask, const Tensor& dy, bool before) {
    Random random(1), drops(2);
    const EncoderLayer layer(settings_of(at.shape.back(), 2, 5, 1, before), random);
    fill(layer.parameters());
    const Variable x = parameter(at);
    std::vector<Variable> all = {x};
    append(all, layer.parameters());
    const Variable y = layer(x, mask, Dropout(0.25, drops));
    Tensors found = read_twice(sum(y * dy), Graph::kept, all);
    found.push_back(x.value());
    return found;
}
PARTS(layer_read_twice, "gradient #0 of x and parameters(), read once and twice");

CHECK("15.2", "under a mask and dropout gradients arrive, again when the graph is kept; x stays") {
    const Tensor x = random_tensor({2, 3, 4}), dy = random_tensor({2, 3, 4});
    const Tensor mask({2, 3, 3}, {1, 0, 0, 1, 1, 0, 1, 1, 0, 1, 1, 1, 0, 1, 1, 0, 0, 1});
    for (bool before : {true, false}) {
        Tensors found = ASK_UNRECORDED(layer_read_twice, x, mask, dy, before);
        expect_near(found.back(), x, 0);
        found.pop_back();
        expect_doubled(found);
    }
}

// ## 15.3 The stack

RESTS_ON("15.3", "14.2", "14.4", "14.5", "15.2");

Tensor through_stack(const Tensor& x, int num_layers, bool before) {
    Random random(1);
    const Encoder encoder(settings_of(x.shape.back(), 2, 5, num_layers, before), random);
    fill(encoder.parameters());
    return encoder(x).value();
}

Tensor through_masked_stack(const Tensor& x, const Tensor& mask) {
    Random random(1);
    const Encoder encoder(settings_of(x.shape.back(), 2, 5, 2, true), random);
    fill(encoder.parameters());
    return encoder(x, mask).value();
}

Tensor through_dropping_stack(const Tensor& x) {
    Random random(1);
    const Encoder encoder(settings_of(x.shape.back(), 2, 5, 2, true), random);
    return encoder(x, no_mask, Dropout(0.999999, random)).value();
}

Tensor through_dropping_stack_without_tape(const Tensor& x) {
    const NoTape no_tape_here;
    return through_dropping_stack(x);
}

// What reaches each number of x when only the first `real` tokens of the output count.
Tensor gradient_of_real_tokens(const Tensor& at, const Tensor& mask, int real) {
    Random random(1);
    const int T = at.shape[1], D = at.shape[2];
    const Encoder encoder(settings_of(D, 2, 5, 2, true), random);
    fill(encoder.parameters());
    const Variable x = parameter(at);
    Tensor counts({1, T, D});
    for (int i = 0; i < real * D; ++i) counts.data[i] = 1 + i;
    backward(sum(encoder(x, mask) * counts));
    return x.gradient();
}

CHECK("15.3", "no layers at all: pre-norm still normalises at the end, post-norm does nothing") {
    Random random(1);
    const Tensor x({1, 1, 2}, {1, 3});
    expect_near(ASK(through_stack, x, 0, false), x, 0);
    const Tensor normalised = ASK(through_stack, x, 0, true);
    expect(normalised.data[0] != 1, "with pre-norm, a norm must follow the last layer");
}

CHECK("15.3", "three layers, one after the other") {
    const Tensor x = random_tensor({2, 3, 4});
    for (bool before : {true, false}) {
        allow_roundings(512);
        ASK(through_stack, x, 1, before);
        ASK(through_stack, x, 3, before);
    }
}

CHECK("15.3",
      "with a dropout of nearly all in every layer, x is only normalised: 1 2 3 6 becomes "
      "−1.069 −.535 0 1.604") {
    const Tensor x({1, 1, 4}, {1, 2, 3, 6});
    const Tensor normalised({1, 1, 4}, {-1.06904f, -0.53452f, 0, 1.60357f});
    expect_near(ASK(through_dropping_stack, x), normalised, 1e-4);
    expect_near(ASK(through_dropping_stack_without_tape, x), normalised, 1e-4);
}

CHECK("15.3", "what stands in the padding changes not one bit of the real tokens") {
    const Tensor x = random_tensor({1, 4, 4});
    const Tensor mask({1, 4, 4}, {1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0});
    Tensor other = x;
    for (int i = 8; i < 16; ++i) other.data[i] = 100.0f - other.data[i];
    allow_roundings(512);
    const Tensor one = ASK(through_masked_stack, x, mask);
    const Tensor two = ASK_UNRECORDED(through_masked_stack, other, mask);
    for (int i = 0; i < 8; ++i)
        expect(two.shape == one.shape && one.data[i] == two.data[i],
               "a real token's output depends on the padding");
}

CHECK("15.3", "and no gradient reaches the padding") {
    const Tensor x = random_tensor({1, 4, 4});
    const Tensor mask({1, 4, 4}, {1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0});
    allow_roundings(4096);
    const Tensor dx = ASK(gradient_of_real_tokens, x, mask, 2);
    for (int i = 8; i < 16; ++i) expect(dx.data[i] == 0, "a gradient reached the padding");
}

CHECK("15.3", "a sequence of nothing but padding gives finite numbers") {
    const Tensor x = random_tensor({1, 2, 4});
    allow_roundings(512);
    for (float number : ASK(through_masked_stack, x, Tensor({1, 2, 2})).data)
        expect(std::isfinite(number), "not a finite number");
}

// The gradients of a stack's parameters when x is data, layer by layer.
Tensors gradients_of_stack(const Tensor& x, const Tensor& dy) {
    Random random(1);
    const Encoder encoder(settings_of(x.shape.back(), 2, 5, 2, true), random);
    fill(encoder.parameters());
    backward(sum(encoder(x) * dy));
    Tensors all;
    for (const EncoderLayer& layer : encoder.layers) {
        std::vector<float> gradients;
        for (const Variable& p : layer.parameters())
            gradients.insert(gradients.end(), p.gradient().data.begin(), p.gradient().data.end());
        all.push_back(Tensor({size_of(gradients)}, gradients));
    }
    return all;
}
PARTS(gradients_of_stack, "the gradients of layer #0");

CHECK("15.3", "when x is a constant, every layer still learns, the first one too") {
    const Tensor x = random_tensor({1, 3, 4}), dy = random_tensor({1, 3, 4});
    allow_roundings(4096);
    ASK(gradients_of_stack, x, dy);
}

CHECK("15.3", "each sentence may have a mask of its own, [B, T, T], in every layer") {
    const Tensor x = random_tensor({2, 2, 4});
    const Tensor mask({2, 2, 2}, {1, 0, 1, 1, 1, 1, 0, 1});
    allow_roundings(512);
    ASK(through_masked_stack, x, mask);
}

// What a stack says under a dropout, and the random number that is drawn next.
std::pair<Tensor, double> through_stack_and_dropout(const Tensor& x, const Tensor& mask,
                                                    const std::vector<int>& heads_and_layers,
                                                    bool before, bool training) {
    Random random(1), drops(2);
    const Encoder encoder(
        settings_of(x.shape.back(), heads_and_layers[0], 5, heads_and_layers[1], before), random);
    fill(encoder.parameters());
    Dropout dropout(0.5, drops);
    dropout.training = training;
    const Tensor y = encoder(x, mask, dropout).value();
    return {y, drops.uniform()};
}
PARTS(through_stack_and_dropout, "y", "the next random number");

Tensor through_any_stack(const Tensor& x, const Tensor& mask,
                         const std::vector<int>& heads_and_layers, bool before) {
    Random random(1);
    const Encoder encoder(
        settings_of(x.shape.back(), heads_and_layers[0], 5, heads_and_layers[1], before), random);
    fill(encoder.parameters());
    return encoder(x, mask).value();
}

CHECK("15.3",
      "stacks of 1 to 5 layers, of one sentence, one token, one head, and more, under every mask; "
      "a dropout that evaluates drops nothing") {
    for (int layers : {1, 2, 3, 5})
        for (const Shape& BT : std::vector<Shape>{{1, 1}, {1, 3}, {2, 1}, {2, 3}})
            for (const Tensor& mask : masks_of_every_form(BT[0], BT[1], BT[1])) {
                const Tensor x = random_tensor({BT[0], BT[1], 4});
                const std::vector<int> heads_and_layers = {BT[1] == 1 ? 1 : 2, layers};
                const bool before = random_numbers().below(2) == 0;
                allow_roundings(1024);
                const Tensor y = ASK(through_any_stack, x, mask, heads_and_layers, before);
                expect_near(ASK_UNRECORDED(through_stack_and_dropout, x, mask, heads_and_layers,
                                           before, false)
                                .first,
                            y, 1e-4);
            }
}

CHECK("15.3", "dropout acts in every layer, on what each of the two says, once") {
    for (int layers : {1, 2, 4})
        for (bool before : {true, false}) {
            const Tensor x = random_tensor({2, 2, 4});
            Random random(2);
            for (int i = 0; i < 2 * layers * x.size(); ++i) random.uniform();
            const std::vector<int> heads_and_layers = {2, layers};
            const Tensor mask = masks_of_every_form(2, 2, 2)[layers % 3];
            allow_roundings(1024);
            expect_near(
                ASK(through_stack_and_dropout, x, mask, heads_and_layers, before, true).second,
                random.uniform(), 0);
        }
}

// All gradients of x, and those of each layer and of the norm at the end as one row each.
Tensors gradients_of_deep_stack(const Tensor& at, const Tensor& mask, const Tensor& dy,
                                bool before) {
    Random random(1);
    const Encoder encoder(settings_of(at.shape.back(), 2, 5, 3, before), random);
    fill(encoder.parameters());
    const Variable x = parameter(at);
    backward(sum(encoder(x, mask) * dy));
    Tensors all = {x.gradient()};
    const auto add = [&](const Parameters& parameters) {
        std::vector<float> numbers;
        for (const Variable& p : parameters)
            numbers.insert(numbers.end(), p.gradient().data.begin(), p.gradient().data.end());
        all.push_back(Tensor({size_of(numbers)}, numbers));
    };
    add(encoder.final_norm.parameters());
    for (const EncoderLayer& layer : encoder.layers) add(layer.parameters());
    return all;
}
PARTS(gradients_of_deep_stack, "the gradient of x", "the gradients of the last norm",
      "the gradients of layer #0");

CHECK("15.3", "gradients reach x, three layers and the last norm, each under its mask") {
    const Tensor x = random_tensor({2, 2, 4}), dy = random_tensor({2, 2, 4});
    const Tensor mask({2, 2, 2}, {1, 0, 1, 1, 1, 1, 0, 1});
    for (bool before : {true, false}) {
        allow_roundings(8192);
        ASK(gradients_of_deep_stack, x, mask, dy, before);
    }
}

Tensors stack_read_twice(const Tensor& at, const Tensor& dy) {
    Random random(1), drops(2);
    const Encoder encoder(settings_of(at.shape.back(), 2, 5, 3, true), random);
    fill(encoder.parameters());
    const Variable x = parameter(at);
    std::vector<Variable> all = {x};
    append(all, encoder.parameters());
    return read_twice(sum(encoder(x, no_mask, Dropout(0.25, drops)) * dy), Graph::kept, all);
}
PARTS(stack_read_twice, "gradient #0 of x and parameters(), read once and twice");

CHECK("15.3", "a graph that is kept can be read again, and gives as much") {
    const Tensor x = random_tensor({1, 3, 4}), dy = random_tensor({1, 3, 4});
    expect_doubled(ASK_UNRECORDED(stack_read_twice, x, dy));
}

// ## 15.4 The average of the real tokens

RESTS_ON("15.4", "1.5", "3.4");

Tensor averaged(const Tensor& x, const std::vector<int>& lengths) {
    return mean_of_tokens(x, lengths).value();
}

Tensor gradient_of_average(const Tensor& at, const std::vector<int>& lengths, const Tensor& dy) {
    const Variable x = parameter(at);
    backward(sum(mean_of_tokens(x, lengths) * dy));
    return x.gradient();
}

CHECK("15.4", "of the tokens 1 2, 3 4 and padding, the average is 2 3") {
    const Tensor x({1, 3, 2}, {1, 2, 3, 4, 50, 60});
    const std::vector<int> lengths = {2};
    expect_near(ASK(averaged, x, lengths), matrix({{2, 3}}), 1e-6);
}

CHECK("15.4", "each sequence has its own length") {
    const Tensor x = random_tensor({3, 4, 2});
    const std::vector<int> lengths = {1, 4, 3};
    ASK(averaged, x, lengths);
    const Tensor of_one_feature = random_tensor({3, 4, 1});
    ASK(averaged, of_one_feature, lengths);
}

CHECK("15.4", "each real token gets its part of the gradient, the padding nothing") {
    const Tensor x({1, 3, 1}, {1, 2, 3}), dy = matrix({{6}});
    const std::vector<int> lengths = {2};
    expect_near(ASK(gradient_of_average, x, lengths, dy), Tensor({1, 3, 1}, {3, 3, 0}), 1e-6);
}

CHECK("15.4", "what stands in the padding does not matter, however large it is") {
    Tensor x = random_tensor({2, 3, 2});
    x.data[4] = 3e7f, x.data[5] = -2e8f, x.data[8] = 1e9f, x.data[11] = 1e9f;
    const std::vector<int> lengths = {2, 1};
    const Tensor expected = matrix(
        {{(x.data[0] + x.data[2]) / 2, (x.data[1] + x.data[3]) / 2}, {x.data[6], x.data[7]}});
    expect_near(ASK(averaged, x, lengths), expected, 1e-6);
}

Tensor averaged_again(const Tensors& first, const Tensors& then, const std::vector<int>& lengths) {
    const auto average = [&](const std::vector<Variable>& x) {
        return mean_of_tokens(x[0], lengths);
    };
    return after_a_step<Variable>(average, first, then);
}

CHECK("15.4",
      "nothing is left over from the last call: other lengths, other numbers in one place") {
    const Tensors first = {random_tensor({2, 3, 2})}, then = {random_tensor({2, 3, 2})};
    ASK(averaged, first[0], std::vector<int>{1, 3});
    ASK(averaged, first[0], std::vector<int>{3, 2});
    ASK(averaged_again, first, then, std::vector<int>{2, 1});
}

CHECK("15.4", "equal lengths and others, one sentence, one token, one feature, and more of each") {
    for (int B : {1, 2, 5})
        for (int T : {1, 2, 4, 17})
            for (int D : {1, 2, 4, 9})
                for (int way = 0; way < 3; ++way) {  // all alike, all whole, or as it comes
                    const int alike = 1 + random_numbers().below(T);
                    std::vector<int> lengths;
                    for (int b = 0; b < B; ++b)
                        lengths.push_back(way == 0   ? alike
                                          : way == 1 ? T
                                                     : 1 + random_numbers().below(T));
                    const Tensor x = random_tensor({B, T, D}), dy = random_tensor({B, D});
                    Tensor y({B, D}), dx({B, T, D});
                    for (int i = 0; i < y.size(); ++i) {
                        const int b = i / D;
                        double total = 0;
                        for (int t = 0; t < lengths[b]; ++t) {
                            total += x.data[(b * T + t) * D + i % D];
                            dx.data[(b * T + t) * D + i % D] = dy.data[i] / lengths[b];
                        }
                        y.data[i] = total / lengths[b];
                    }
                    expect_near(ASK_UNRECORDED(averaged, x, lengths), y, 1e-5);
                    expect_near(ASK_UNRECORDED(gradient_of_average, x, lengths, dy), dx, 1e-5);
                }
}

Tensors average_read_twice(const Tensor& at, const std::vector<int>& lengths, const Tensor& dy) {
    const Variable x = parameter(at);
    return read_twice(sum(mean_of_tokens(x, lengths) * dy), Graph::kept, {x});
}
PARTS(average_read_twice, "the gradient of x", "the gradient of x, read twice");

CHECK("15.4", "a graph that is kept can be read again, and gives as much") {
    const Tensor x = random_tensor({2, 3, 2}), dy = random_tensor({2, 2});
    expect_doubled(ASK_UNRECORDED(average_read_twice, x, std::vector<int>{2, 3}, dy));
}

CHECK("15.4", "a sequence without tokens, or longer than the batch, is refused") {
    ASK_REFUSAL(averaged, Tensor({1, 2, 2}), std::vector<int>{0});
    ASK_REFUSAL(averaged, Tensor({1, 2, 2}), std::vector<int>{3});
    ASK_REFUSAL(averaged, Tensor({1, 2, 2}), std::vector<int>{1, 1});
}

}  // namespace checks_15
