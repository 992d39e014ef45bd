#include "16_decoder.hpp"

#include "grader/check.hpp"

#include <cmath>

namespace checks_16 {

static StackSettings settings_of(int d_model, int num_layers, bool before) {
    return {d_model, 2, 5, num_layers, before ? NormPlace::before : NormPlace::after};
}

// Numbers for parameters that are the same in every program: small, and none of them special.
static void fill(const Parameters& parameters) {
    Random random(16);
    for (const Variable& p : parameters) {
        Tensor value = p.value();
        for (float& number : value.data) number = random.uniform(-0.6f, 0.6f);
        p.set_value(value);
    }
}

// ## 16.1 A decoder layer

Tensor through_layer(const Tensor& x, const Tensor& memory, const Tensor& self_mask,
                     const Tensor& memory_mask, bool before) {
    Random random(1);
    const DecoderLayer layer(settings_of(x.shape.back(), 1, before), random);
    fill(layer.parameters());
    return layer(x, memory, self_mask, memory_mask).value();
}

// A layer in which only one of the three sublayers says anything: 1, 2 or 3; with 0, none.
Tensor through_partly_silent_layer(const Tensor& x, const Tensor& memory, int speaking) {
    Random random(1);
    const DecoderLayer layer(settings_of(x.shape.back(), 1, true), random);
    fill(layer.parameters());
    const Linear* outputs[] = {&layer.self_attention.output, &layer.cross_attention.output,
                               &layer.feed_forward.second};
    for (int i = 0; i < 3; ++i) {
        if (i + 1 == speaking) continue;
        outputs[i]->W.set_value(Tensor(outputs[i]->W.shape()));
        outputs[i]->b.set_value(Tensor(outputs[i]->b.shape()));
    }
    return layer(x, memory, no_mask, no_mask).value();
}

// A layer in which a dropout of nearly all takes away what the three sublayers say.
Tensor through_dropping_layer(const Tensor& x, const Tensor& memory) {
    Random random(1);
    const DecoderLayer layer(settings_of(x.shape.back(), 1, true), random);
    return layer(x, memory, no_mask, no_mask, Dropout(0.999999, random)).value();
}

std::vector<Tensor> gradients_of_layer(const Tensor& at, const Tensor& memory_at, const Tensor& dy,
                                       bool before) {
    Random random(1);
    const DecoderLayer layer(settings_of(at.shape.back(), 1, before), random);
    fill(layer.parameters());
    const Variable x = parameter(at), memory = parameter(memory_at);
    backward(sum(layer(x, memory, causal_mask(at.shape[1]), no_mask) * dy));
    std::vector<Tensor> all = {x.gradient(), memory.gradient()};
    for (const Variable& p : layer.parameters()) all.push_back(p.gradient());
    return all;
}

CHECK("16.1", "where no sublayer says anything, x comes out as it was") {
    const Tensor x({1, 2, 2}, {1, 2, 3, 5}), memory = random_tensor({1, 3, 2});
    expect_near(ASK(through_partly_silent_layer, x, memory, 0), x, 0);
}

CHECK("16.1", "self-attention adds what it found in x, and nothing of the memory") {
    const Tensor x = random_tensor({1, 3, 4}), memory = random_tensor({1, 2, 4});
    const Tensor other = random_tensor({1, 2, 4});
    allow_roundings(128);
    const Tensor one = ASK(through_partly_silent_layer, x, memory, 1);
    expect_near(ASK(through_partly_silent_layer, x, other, 1), one, 0);
}

CHECK("16.1", "cross-attention asks the memory, of another length, as it is") {
    const Tensor x = random_tensor({1, 3, 4}), memory = random_tensor({1, 2, 4});
    Tensor longer = memory;
    for (float& number : longer.data) number *= 3;
    allow_roundings(128);
    const Tensor one = ASK(through_partly_silent_layer, x, memory, 2);
    const Tensor two = ASK(through_partly_silent_layer, x, longer, 2);
    expect(one.data != two.data, "a memory three times as large must make a difference");
}

CHECK("16.1", "the feed-forward network comes last, with a norm of its own") {
    const Tensor x = random_tensor({1, 3, 4}), memory = random_tensor({1, 2, 4});
    allow_roundings(128);
    ASK(through_partly_silent_layer, x, memory, 3);
}

CHECK("16.1", "all three together, with the norm before and after") {
    const Tensor x = random_tensor({2, 3, 4}), memory = random_tensor({2, 5, 4});
    for (bool before : {true, false}) {
        allow_roundings(256);
        ASK(through_layer, x, memory, no_mask, no_mask, before);
    }
}

CHECK("16.1", "under the causal mask, no output depends on a later word of the target") {
    const Tensor x = random_tensor({1, 3, 4}), memory = random_tensor({1, 2, 4});
    const Tensor mask = matrix({{1, 0, 0}, {1, 1, 0}, {1, 1, 1}});
    Tensor other = x;
    for (int i = 8; i < 12; ++i) other.data[i] += 1;
    for (bool before : {true, false}) {
        allow_roundings(256);
        const Tensor one = ASK(through_layer, x, memory, mask, no_mask, before);
        const Tensor two = ASK(through_layer, other, memory, mask, no_mask, before);
        for (int i = 0; i < 8; ++i)
            expect(one.data[i] == two.data[i], "an output depends on a later word");
    }
}

CHECK("16.1", "every word of the target sees the whole source, except its padding") {
    const Tensor x = random_tensor({1, 2, 4}), memory = random_tensor({1, 3, 4});
    const Tensor causal = matrix({{1, 0}, {1, 1}}), mask({1, 2, 3}, {1, 1, 0, 1, 1, 0});
    Tensor second = memory, third = memory;
    for (int i = 4; i < 8; ++i) second.data[i] += 1;
    for (int i = 8; i < 12; ++i) third.data[i] += 1;
    allow_roundings(256);
    const Tensor one = ASK(through_layer, x, memory, causal, mask, true);
    expect(one.data[0] != ASK(through_layer, x, second, causal, mask, true).data[0],
           "the first word must see the second word of the source");
    expect_same_bits(ASK(through_layer, x, third, causal, mask, true), one,
                     "the output depends on the padding of the source");
}

CHECK("16.1", "a dropout of nearly all leaves x as it is") {
    const Tensor x({1, 2, 2}, {1, 2, 3, 5}), memory = random_tensor({1, 3, 2});
    expect_near(ASK(through_dropping_layer, x, memory), x, 0);
}

CHECK("16.1", "gradients reach x, the memory and every parameter") {
    const Tensor x = random_tensor({1, 3, 4}), memory = random_tensor({1, 2, 4});
    const Tensor dy = random_tensor({1, 3, 4});
    for (bool before : {true, false}) {
        allow_roundings(2048);
        for (const Tensor& gradient : ASK(gradients_of_layer, x, memory, dy, before))
            for (float number : gradient.data)
                expect(std::isfinite(number), "a gradient is not finite");
    }
}

// ## 16.2 The stack

Tensor through_stack(const Tensor& x, const Tensor& memory, int num_layers, bool before) {
    Random random(1);
    const Decoder decoder(settings_of(x.shape.back(), num_layers, before), random);
    fill(decoder.parameters());
    return decoder(x, memory, causal_mask(x.shape[1])).value();
}

Tensor through_masked_stack(const Tensor& x, const Tensor& memory, const Tensor& self_mask,
                            const Tensor& memory_mask) {
    Random random(1);
    const Decoder decoder(settings_of(x.shape.back(), 2, true), random);
    fill(decoder.parameters());
    return decoder(x, memory, self_mask, memory_mask).value();
}

Tensor through_dropping_stack(const Tensor& x, const Tensor& memory) {
    Random random(1);
    const Decoder decoder(settings_of(x.shape.back(), 2, true), random);
    return decoder(x, memory, no_mask, no_mask, Dropout(0.999999, random)).value();
}

// What reaches each number of x when only the first word of the output counts.
Tensor gradient_of_first_word(const Tensor& at, const Tensor& memory) {
    Random random(1);
    const int T = at.shape[1], D = at.shape[2];
    const Decoder decoder(settings_of(D, 2, true), random);
    fill(decoder.parameters());
    const Variable x = parameter(at);
    Tensor counts({1, T, D});
    for (int i = 0; i < D; ++i) counts.data[i] = 1 + i;
    backward(sum(decoder(x, memory, causal_mask(T)) * counts));
    return x.gradient();
}

CHECK("16.2", "no layers at all: pre-norm still normalises at the end, post-norm does nothing") {
    const Tensor x({1, 1, 2}, {1, 3}), memory = random_tensor({1, 1, 2});
    expect_near(ASK(through_stack, x, memory, 0, false), x, 0);
    expect(ASK(through_stack, x, memory, 0, true).data[0] != 1,
           "with pre-norm, a norm must follow the last layer");
}

CHECK("16.2", "three layers, one after the other, all of which ask the same memory") {
    const Tensor x = random_tensor({2, 3, 4}), memory = random_tensor({2, 2, 4});
    for (bool before : {true, false}) {
        allow_roundings(1024);
        ASK(through_stack, x, memory, 1, before);
        ASK(through_stack, x, memory, 3, before);
    }
}

CHECK("16.2", "both masks reach every layer") {
    const Tensor x = random_tensor({1, 3, 4}), memory = random_tensor({1, 2, 4});
    const Tensor causal = matrix({{1, 0, 0}, {1, 1, 0}, {1, 1, 1}});
    const Tensor mask({1, 3, 2}, {1, 0, 1, 0, 1, 0});
    Tensor later = x, padding = memory;
    for (int i = 8; i < 12; ++i) later.data[i] += 1;
    for (int i = 4; i < 8; ++i) padding.data[i] += 1;
    allow_roundings(1024);
    const Tensor one = ASK(through_masked_stack, x, memory, causal, mask);
    const Tensor two = ASK(through_masked_stack, later, memory, causal, mask);
    for (int i = 0; i < 8; ++i)
        expect(one.data[i] == two.data[i], "an output depends on a later word");
    expect_same_bits(ASK(through_masked_stack, x, padding, causal, mask), one,
                     "the output depends on the padding of the source");
}

CHECK("16.2",
      "with a dropout of nearly all in every layer, x is only normalised: 1 2 becomes −1 1") {
    const Tensor x({1, 2, 2}, {1, 2, 3, 5}), memory = random_tensor({1, 3, 2});
    expect_near(ASK(through_dropping_stack, x, memory), Tensor({1, 2, 2}, {-1, 1, -1, 1}), 1e-4);
}

CHECK("16.2", "backwards too: nothing flows from the first word to later ones") {
    const Tensor x = random_tensor({1, 3, 4}), memory = random_tensor({1, 2, 4});
    allow_roundings(4096);
    const Tensor dx = ASK(gradient_of_first_word, x, memory);
    for (int i = 4; i < 12; ++i) expect(dx.data[i] == 0, "a gradient reached a later word");
    expect(dx.data[0] != 0, "the first word must get a gradient");
}

// ## 16.3 Shifted targets

std::tuple<Sequences, Sequences, std::vector<int>> shifted(const Sequences& targets, int begin,
                                                           int end, int padding) {
    const ShiftedTargets all = shift_targets(targets, begin, end, padding);
    return {all.read, all.output, all.lengths};
}

CHECK("16.3", "of 5 6 7 it reads 1 5 6 7 and says 5 6 7 2, for begin 1 and end 2") {
    const Sequences targets = {{5, 6, 7}};
    const auto [read, output, lengths] = ASK(shifted, targets, 1, 2, 0);
    expect(read == Sequences{{1, 5, 6, 7}}, "it must read 1 5 6 7");
    expect(output == Sequences{{5, 6, 7, 2}}, "it must say 5 6 7 2");
    expect(lengths == std::vector<int>{4}, "these are four words");
}

CHECK("16.3", "short targets are filled up with padding, behind the end") {
    const Sequences targets = {{5}, {6, 7, 8}, {}};
    const auto [read, output, lengths] = ASK(shifted, targets, 1, 2, 0);
    expect(read == Sequences{{1, 5, 0, 0}, {1, 6, 7, 8}, {1, 0, 0, 0}},
           "what is read is not right");
    expect(output == Sequences{{5, 2, 0, 0}, {6, 7, 8, 2}, {2, 0, 0, 0}},
           "what is said is not right");
    expect(lengths == std::vector<int>{2, 4, 1}, "the lengths count the end, not the padding");
}

CHECK("16.3", "no targets, no rows") {
    const auto [read, output, lengths] = ASK(shifted, Sequences{}, 1, 2, 0);
    expect(read.empty() && output.empty() && lengths.empty(), "there is nothing to shift");
}

}  // namespace checks_16
