#include "16_decoder.hpp"

#include "grader/check.hpp"
#include "grader/exact_attention.hpp"
#include "grader/read_twice.hpp"
#include "grader/variations.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

namespace checks_16 {

using Tensors = std::vector<Tensor>;
using Variables = std::vector<Variable>;

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

// ## 16.1 By hand

Tensor written_down(int) { return shifted_by_hand(); }
CALLED(written_down, "shifted_by_hand()");

static void expect_row(int which, const std::vector<float>& wanted, const std::string& otherwise) {
    const Tensor rows = ASK_UNRECORDED(written_down, 0);
    expect(rows.shape == Shape({4, 4}), "four rows of four tokens are asked for");
    for (int t = 0; t < 4; ++t) expect(rows.data[which * 4 + t] == wanted[t], otherwise);
}

CHECK("16.1", "what goes in is the target, and what stands in front of it") {
    expect_row(0, {1, 7, 3, 6}, "the first row is not a mark and the three sounds of thought");
}

CHECK("16.1", "what is asked for is the target, and what stands behind it") {
    expect_row(1, {7, 3, 6, 2}, "the second row is not the three sounds of thought and a mark");
}

CHECK("16.1", "a shorter target is filled up, behind everything else") {
    expect_row(2, {1, 4, 5, 0},
               "the third row is not a mark, the two sounds of though, and what fills up");
    expect_row(3, {4, 5, 2, 0},
               "the fourth row is not the two sounds of though, a mark, and what fills up");
}

// ## 16.2 Shifted targets

std::tuple<Sequences, Sequences, std::vector<int>> shifted(const Sequences& targets, int begin,
                                                           int end, int padding) {
    const ShiftedTargets all = shift_targets(targets, begin, end, padding);
    return {all.read, all.output, all.lengths};
}
CALLED(shifted, "shift_targets");
PARTS(shifted, "row ##0 of read", "row ##0 of output", "lengths");

CHECK("16.2", "of 5 6 7 it reads 1 5 6 7 and says 5 6 7 2, for begin 1 and end 2") {
    const Sequences targets = {{5, 6, 7}};
    const auto [read, output, lengths] = ASK(shifted, targets, 1, 2, 0);
    expect(read == Sequences{{1, 5, 6, 7}}, "it must read 1 5 6 7");
    expect(output == Sequences{{5, 6, 7, 2}}, "it must say 5 6 7 2");
    expect(lengths == std::vector<int>{4}, "these are four tokens");
}

CHECK("16.2", "short targets are filled up with padding, behind the end") {
    const Sequences targets = {{5}, {6, 7, 8}, {}};
    const auto [read, output, lengths] = ASK(shifted, targets, 1, 2, 0);
    expect(read == Sequences{{1, 5, 0, 0}, {1, 6, 7, 8}, {1, 0, 0, 0}},
           "what is read is not right");
    expect(output == Sequences{{5, 2, 0, 0}, {6, 7, 8, 2}, {2, 0, 0, 0}},
           "what is said is not right");
    expect(lengths == std::vector<int>{2, 4, 1}, "the lengths count the end, not the padding");
}

CHECK("16.2", "a token of the target counts, also one that is the padding: 3 0 4 stays 3 0 4") {
    const Sequences targets = {{3, 0, 4}, {0}};
    const auto [read, output, lengths] = ASK(shifted, targets, 1, 2, 0);
    expect(read == Sequences{{1, 3, 0, 4}, {1, 0, 0, 0}}, "what is read is not right");
    expect(output == Sequences{{3, 0, 4, 2}, {0, 2, 0, 0}}, "what is said is not right");
    expect(lengths == std::vector<int>{4, 2}, "these are three tokens and one, and their ends");
}

CHECK("16.2", "any targets, and marks that are other numbers") {
    const int begin = 100 + random_numbers().below(9), end = begin + 10, padding = begin + 20;
    Sequences targets(3), read, output;
    std::size_t longest = 0;
    for (Sequence& target : targets) {
        target.resize(static_cast<std::size_t>(1 + random_numbers().below(4)));
        for (int& token : target) token = random_numbers().below(50);
        longest = std::max(longest, target.size() + 1);
    }
    for (const Sequence& target : targets) {
        read.push_back({begin});
        read.back().insert(read.back().end(), target.begin(), target.end());
        read.back().resize(longest, padding);
        output.push_back(target);
        output.back().push_back(end);
        output.back().resize(longest, padding);
    }
    const auto [found_read, found_output, lengths] = ASK(shifted, targets, begin, end, padding);
    expect(found_read == read, "what is read is not right");
    expect(found_output == output, "what is said is not right");
}

CHECK("16.2", "targets that are alike, one alone or many, short and long; marks that are alike") {
    const std::vector<Sequences> all = {{{5}, {5}},
                                        {{5, 6}, {5, 6}, {7}, {5, 6}},
                                        {{}},
                                        {{}, {}},
                                        {{4, 4, 4, 4}, {4}, {4, 4}},
                                        {{1, 2, 0}, {2, 1}},
                                        {Sequence(70, 3), {3}, Sequence(9, 8), Sequence(33, 6)}};
    for (const Sequences& targets : all)
        for (const Sequence& marks : Sequences{{1, 2, 0}, {2, 0, 1}, {9, 9, 0}, {0, 1, 1}}) {
            Sequences read, output;
            std::vector<int> wanted;
            std::size_t longest = 0;
            for (const Sequence& target : targets) longest = std::max(longest, target.size() + 1);
            for (const Sequence& target : targets) {
                read.push_back(joined({marks[0]}, target));
                output.push_back(joined(target, {marks[1]}));
                wanted.push_back(size_of(target) + 1);
                read.back().resize(longest, marks[2]);
                output.back().resize(longest, marks[2]);
            }
            const auto [found_read, found_output, lengths] =
                ASK_UNRECORDED(shifted, targets, marks[0], marks[1], marks[2]);
            expect(found_read == read, "what is read is not right");
            expect(found_output == output, "what is said is not right");
            expect(lengths == wanted, "the lengths are not right");
        }
}

CHECK("16.2", "no targets, no rows") {
    const auto [read, output, lengths] = ASK(shifted, Sequences{}, 1, 2, 0);
    expect(read.empty() && output.empty() && lengths.empty(), "there is nothing to shift");
}

// ## 16.3 A decoder layer, and where it looks

RESTS_ON("16.3", "4.2", "11.3", "12.4", "14.2", "14.3", "14.4", "14.5");

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

// What a layer says under dropout, and the random number that is drawn next.
std::pair<Tensor, double> through_layer_and_dropout(const Tensor& x, const Tensor& memory,
                                                    bool before, double rate, int seed) {
    Random random(1), drops(seed);
    const DecoderLayer layer(settings_of(x.shape.back(), 1, before), random);
    fill(layer.parameters());
    const Tensor y = layer(x, memory, no_mask, no_mask, Dropout(rate, drops)).value();
    return {y, drops.uniform()};
}
PARTS(through_layer_and_dropout, "y", "the next random number");

Tensor through_layer_of_gelu(const Tensor& x, const Tensor& memory) {
    Random random(1);
    const DecoderLayer layer({x.shape.back(), 2, 5, 1, NormPlace::before, Activation::gelu},
                             random);
    fill(layer.parameters());
    return layer(x, memory, no_mask, no_mask).value();
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
PARTS(gradients_of_layer, "the gradient of x", "the gradient of the memory",
      "the gradient of parameters()[#0]");

// Where the heads of a layer look, for a memory whose tokens are all real or not.
Tensor looks_of_layer(const Tensor& x, const Tensor& memory, const Tensor& self_mask,
                      const Tensor& memory_mask, bool before) {
    Random random(1);
    const DecoderLayer layer(settings_of(x.shape.back(), 1, before), random);
    fill(layer.parameters());
    return layer.weights(x, memory, self_mask, memory_mask);
}

CHECK("16.3", "where no sublayer says anything, x comes out as it was") {
    const Tensor x({1, 2, 2}, {1, 2, 3, 5}), memory = random_tensor({1, 3, 2});
    expect_near(ASK(through_partly_silent_layer, x, memory, 0), x, 0);
}

CHECK("16.3", "self-attention adds what it found in x, and nothing of the memory") {
    const Tensor x = random_tensor({1, 3, 4}), memory = random_tensor({1, 2, 4});
    const Tensor other = random_tensor({1, 2, 4});
    allow_roundings(128);
    const Tensor one = ASK(through_partly_silent_layer, x, memory, 1);
    expect_near(ASK(through_partly_silent_layer, x, other, 1), one, 0);
}

CHECK("16.3", "cross-attention asks the memory, of another length, as it is") {
    const Tensor x = random_tensor({1, 3, 4}), memory = random_tensor({1, 2, 4});
    Tensor longer = memory;
    for (float& number : longer.data) number *= 3;
    allow_roundings(128);
    const Tensor one = ASK(through_partly_silent_layer, x, memory, 2);
    const Tensor two = ASK(through_partly_silent_layer, x, longer, 2);
    expect(one.data != two.data, "a memory three times as large must make a difference");
}

CHECK("16.3", "the feed-forward network comes last, with a norm of its own") {
    const Tensor x = random_tensor({1, 3, 4}), memory = random_tensor({1, 2, 4});
    allow_roundings(128);
    ASK(through_partly_silent_layer, x, memory, 3);
}

CHECK("16.3", "all three together, with the norm before and after, for one token as for three") {
    const Tensor x = random_tensor({2, 3, 4}), memory = random_tensor({2, 5, 4});
    const Tensor one = random_tensor({2, 1, 4});
    for (bool before : {true, false}) {
        allow_roundings(256);
        ASK(through_layer, x, memory, no_mask, no_mask, before);
        ASK(through_layer, one, memory, no_mask, no_mask, before);
    }
}

CHECK("16.3", "under the causal mask, no output depends on a later token of the target") {
    const Tensor x = random_tensor({1, 3, 4}), memory = random_tensor({1, 2, 4});
    const Tensor mask = matrix({{1, 0, 0}, {1, 1, 0}, {1, 1, 1}});
    Tensor other = x;
    for (int i = 8; i < 12; ++i) other.data[i] += 1;
    for (bool before : {true, false}) {
        allow_roundings(256);
        const Tensor one = ASK(through_layer, x, memory, mask, no_mask, before);
        const Tensor two = ASK(through_layer, other, memory, mask, no_mask, before);
        for (int i = 0; i < 8; ++i)
            expect(one.data[i] == two.data[i], "an output depends on a later token");
    }
}

CHECK("16.3", "every token of the target sees the whole source, except its padding") {
    const Tensor x = random_tensor({1, 2, 4}), memory = random_tensor({1, 3, 4});
    const Tensor causal = matrix({{1, 0}, {1, 1}}), mask({1, 2, 3}, {1, 1, 0, 1, 1, 0});
    Tensor second = memory, third = memory;
    for (int i = 4; i < 8; ++i) second.data[i] += 1;
    for (int i = 8; i < 12; ++i) third.data[i] += 1;
    allow_roundings(256);
    const Tensor one = ASK(through_layer, x, memory, causal, mask, true);
    expect(one.data[0] != ASK(through_layer, x, second, causal, mask, true).data[0],
           "the first token must see the second one of the source");
    expect_same_bits(ASK(through_layer, x, third, causal, mask, true), one,
                     "the output depends on the padding of the source");
}

CHECK("16.3", "a dropout of nearly all leaves x as it is") {
    const Tensor x = random_tensor({1, 2, 4}), memory = random_tensor({1, 3, 4});
    expect_near(ASK(through_dropping_layer, x, memory), x, 0);
    const Tensor one({1, 1, 4}, {1, 2, 3, 6});
    expect_near(ASK(through_dropping_layer, one, memory), one, 0);
}

CHECK("16.3", "dropout acts on what each of the three says, once, and on nothing in them") {
    const Tensor x = random_tensor({2, 3, 4}), memory = random_tensor({2, 2, 4});
    const int seed = 1 + random_numbers().below(1000000);
    Random random(seed);
    for (int i = 0; i < 3 * x.size(); ++i) random.uniform();
    const double expected = random.uniform();
    for (bool before : {true, false}) {
        allow_roundings(256);
        const auto [y, next] = ASK(through_layer_and_dropout, x, memory, before, 0.5, seed);
        expect_near(next, expected, 0);
    }
}

CHECK("16.3", "the feed-forward network has the activation of the settings, GELU too") {
    const Tensor x = random_tensor({2, 3, 4}), memory = random_tensor({2, 2, 4});
    allow_roundings(256);
    ASK(through_layer_of_gelu, x, memory);
}

CHECK("16.3", "gradients reach x, the memory and every parameter") {
    const Tensor x = random_tensor({1, 3, 4}), memory = random_tensor({1, 2, 4});
    const Tensor dy = random_tensor({1, 3, 4});
    for (bool before : {true, false}) {
        allow_roundings(2048);
        for (const Tensor& gradient : ASK(gradients_of_layer, x, memory, dy, before))
            for (float number : gradient.data)
                expect(std::isfinite(number), "a gradient is not finite");
    }
}

// x and the memory, of which one may be a constant; the gradients of all parameters are one row.
Tensors layer_with_constants(const Tensors& at, const Tensor& dy, int wanted) {
    Random random(1);
    const DecoderLayer layer(settings_of(at[0].shape.back(), 1, true), random);
    fill(layer.parameters());
    const auto through = [&](const Variables& x) { return layer(x[0], x[1], no_mask, no_mask); };
    Tensors all = with_constants<Variable>(through, at, dy, wanted);
    std::vector<float> gradients;
    for (const Variable& p : layer.parameters())
        gradients.insert(gradients.end(), p.gradient().data.begin(), p.gradient().data.end());
    all.push_back(Tensor({size_of(gradients)}, gradients));
    return all;
}
PARTS(layer_with_constants, "y", "the gradient of x", "the gradient of the memory",
      "the gradients of all parameters");

CHECK("16.3", "when x or the memory is a constant, or both are, everything else still learns") {
    const Tensors at = {random_tensor({1, 2, 4}), random_tensor({1, 3, 4})};
    const Tensor dy = random_tensor({1, 2, 4});
    for (int wanted = 0; wanted < 3; ++wanted) {
        allow_roundings(2048);
        ASK(layer_with_constants, at, dy, wanted);
    }
}

CHECK("16.3", "each sentence may have masks of its own, [B, T, T] and [B, T, S]") {
    const Tensor x = random_tensor({2, 2, 4}), memory = random_tensor({2, 3, 4});
    const Tensor self_mask({2, 2, 2}, {1, 0, 1, 1, 1, 1, 0, 1});
    const Tensor memory_mask({2, 2, 3}, {1, 1, 0, 1, 1, 0, 0, 1, 1, 0, 1, 1});
    allow_roundings(256);
    ASK(through_layer, x, memory, self_mask, memory_mask, true);
    allow_roundings(256);
    ASK(looks_of_layer, x, memory, self_mask, memory_mask, true);
    const Tensor of_x_shape = random_tensor({2, 2, 4});
    const Tensor other_mask({2, 2, 2}, {0, 1, 1, 0, 1, 0, 1, 1});
    allow_roundings(256);
    ASK(through_layer, x, of_x_shape, self_mask, other_mask, true);
    allow_roundings(256);
    ASK(looks_of_layer, x, of_x_shape, self_mask, other_mask, true);
}

CHECK("16.3", "it looks with what it has written: [B, H, T, S] weights, rows that sum to 1") {
    const Tensor x = random_tensor({2, 3, 4}), memory = random_tensor({2, 5, 4});
    const Tensor causal = matrix({{1, 0, 0}, {1, 1, 0}, {1, 1, 1}});
    for (bool before : {true, false}) {
        allow_roundings(256);
        const Tensor w = ASK(looks_of_layer, x, memory, causal, no_mask, before);
        expect(w.shape == Shape({2, 2, 3, 5}), "two sequences, two heads, three tokens, five keys");
        for (int i = 0; i < w.rows(); ++i) {
            float total = 0;
            for (int j = 0; j < 5; ++j) total += w.row(i)[j];
            expect(std::fabs(total - 1) < 1e-5f, "a row of the weights does not sum to 1");
        }
    }
}

CHECK("16.3", "nothing of it is in the padding of the source, or depends on a later token") {
    const Tensor x = random_tensor({1, 2, 4}), memory = random_tensor({1, 3, 4});
    const Tensor causal = matrix({{1, 0}, {1, 1}}), mask({1, 2, 3}, {1, 1, 0, 1, 1, 0});
    Tensor other = x;
    for (int i = 4; i < 8; ++i) other.data[i] += 1;
    allow_roundings(256);
    const Tensor one = ASK(looks_of_layer, x, memory, causal, mask, true);
    const Tensor two = ASK_UNRECORDED(looks_of_layer, other, memory, causal, mask, true);
    for (int h = 0; h < 2; ++h)
        for (int j = 0; j < 3; ++j)
            expect(one.data[h * 6 + j] == two.data[h * 6 + j],
                   "where it looks depends on a later token");
    for (int i = 0; i < one.rows(); ++i)
        expect(one.row(i)[2] == 0, "there is weight on the padding of the source");
}

// What a layer says with a dropout that evaluates.
Tensor through_evaluating_layer(const Tensor& x, const Tensor& memory, const Tensor& self_mask,
                                const Tensor& memory_mask, bool before) {
    Random random(1), drops(2);
    const DecoderLayer layer(settings_of(x.shape.back(), 1, before), random);
    fill(layer.parameters());
    Dropout dropout(0.5, drops);
    dropout.training = false;
    return layer(x, memory, self_mask, memory_mask, dropout).value();
}
CALLED(through_evaluating_layer, "a layer, with a dropout that evaluates,");

CHECK("16.3",
      "one sentence, one token, a source of one, and more of each, under every pair of masks; a "
      "dropout that evaluates drops nothing") {
    for (const Shape& BTS : std::vector<Shape>{
             {1, 1, 1}, {1, 1, 3}, {1, 3, 1}, {1, 3, 2}, {2, 2, 2}, {2, 2, 3}, {2, 1, 2}})
        for (int pair = 0; pair < 9; ++pair) {
            const int B = BTS[0], T = BTS[1], S = BTS[2];
            const Tensor x = random_tensor({B, T, 4}), memory = random_tensor({B, S, 4});
            const Tensor self_mask = masks_of_every_form(B, T, T)[pair % 3];
            const Tensor memory_mask = masks_of_every_form(B, T, S)[pair / 3];
            const bool before = random_numbers().below(3) != 0;
            allow_roundings(512);
            const Tensor y = ASK(through_layer, x, memory, self_mask, memory_mask, before);
            allow_roundings(512);
            ASK(looks_of_layer, x, memory, self_mask, memory_mask, before);
            expect_near(
                ASK_UNRECORDED(through_evaluating_layer, x, memory, self_mask, memory_mask, before),
                y, 1e-4);
        }
}

// Of another number of heads, under masks and a dropout that trains, GELU inside: what a layer
// says, and where it looks.
std::pair<Tensor, Tensor> through_masked_layer_and_dropout(const Tensors& at, const Tensors& masks,
                                                           int num_heads, bool before, int seed) {
    Random random(1), drops(seed);
    const DecoderLayer layer(
        {4, num_heads, 7, 1, before ? NormPlace::before : NormPlace::after, Activation::gelu},
        random);
    fill(layer.parameters());
    const Tensor y = layer(at[0], at[1], masks[0], masks[1], Dropout(0.5, drops)).value();
    return {y, layer.weights(at[0], at[1], masks[0], masks[1])};
}
PARTS(through_masked_layer_and_dropout, "y", "the weights");

CHECK("16.3",
      "one head or four, masks, dropout and GELU together, with the norm before and after") {
    for (int num_heads : {1, 4})
        for (int form = 0; form < 3; ++form)
            for (bool before : {true, false}) {
                const Tensors at = {random_tensor({2, 2, 4}), random_tensor({2, 3, 4})};
                const Tensors masks = {masks_of_every_form(2, 2, 2)[form],
                                       masks_of_every_form(2, 2, 3)[form]};
                allow_roundings(512);
                ASK(through_masked_layer_and_dropout, at, masks, num_heads, before,
                    1 + random_numbers().below(1000000));
            }
}

// All gradients under masks and dropout, read twice, and then x and the memory.
Tensors layer_read_twice(const Tensors& at, const Tensors& masks, const Tensor& dy, bool before) {
    Random random(1), drops(2);
    const DecoderLayer layer(settings_of(dy.shape.back(), 1, before), random);
    fill(layer.parameters());
    const Variable x = parameter(at[0]), memory = parameter(at[1]);
    Variables all = {x, memory};
    append(all, layer.parameters());
    const Variable y = layer(x, memory, masks[0], masks[1], Dropout(0.25, drops));
    layer.weights(x, memory, masks[0], masks[1]);
    Tensors found = read_twice(sum(y * dy), Graph::kept, all);
    found.push_back(x.value());
    found.push_back(memory.value());
    return found;
}
PARTS(layer_read_twice, "gradient #0 of x, the memory and parameters(), read once and twice");

CHECK("16.3", "under masks and dropout gradients arrive, again when the graph is kept; x stays") {
    const Tensors at = {random_tensor({2, 2, 4}), random_tensor({2, 3, 4})};
    const Tensors masks = {matrix({{1, 0}, {1, 1}}), matrix({{1, 1, 0}, {0, 1, 1}})};
    for (bool before : {true, false}) {
        Tensors found =
            ASK_UNRECORDED(layer_read_twice, at, masks, random_tensor({2, 2, 4}), before);
        expect_near(found.back(), at[1], 0);
        found.pop_back();
        expect_near(found.back(), at[0], 0);
        found.pop_back();
        expect_doubled(found);
    }
}

// Two layers ask one memory; then it has other numbers. What is said, where it looks, and the
// gradients of the second layer's parameters for the memory.
Tensors of_one_memory(const Tensor& x, const Tensor& memory_at, const Tensor& then) {
    Random random(1);
    const DecoderLayer one(settings_of(4, 1, true), random), two(settings_of(4, 1, true), random);
    fill(two.parameters());
    const Variable memory = parameter(memory_at);
    const Variable y = two(one(x, memory, no_mask, no_mask), memory, no_mask, no_mask);
    Tensors all = {y.value(), one.weights(x, memory, no_mask), two.weights(x, memory, no_mask)};
    backward(sum(y * y));
    for (const DecoderLayer* layer : {&one, &two})
        all.push_back(layer->cross_attention.value.W.gradient());
    all.push_back(memory.gradient());
    memory.set_value(then);
    all.push_back(two(x, memory, no_mask, no_mask).value());
    all.push_back(two.weights(x, memory, no_mask));
    return all;
}
PARTS(of_one_memory, "what two layers say", "where the first looks", "where the second looks",
      "the gradient of the first layer's cross_attention.value.W",
      "the gradient of the second layer's cross_attention.value.W", "the gradient of the memory",
      "what is said of another memory", "where the second looks then");

CHECK("16.3", "two layers ask one memory, and then it changes") {
    const Tensor x = random_tensor({1, 2, 4}), memory = random_tensor({1, 3, 4});
    allow_roundings(4096);
    ASK(of_one_memory, x, memory, random_tensor({1, 3, 4}));
}

// ## 16.4 Greedy search, in languages of a few tokens that are written down as tables

// A square table forgets: row w holds the probabilities of what follows the token w. One with more
// rows remembers: its row is the sum of all tokens so far. It also counts what is asked.
struct Language {
    Tensor table;
    int begin = 0, asked = 0;

    Tensor operator()(const Sequences& beginnings) {
        if (beginnings.empty()) throw std::runtime_error("asked how no beginning goes on");
        const int V = table.shape[1];
        Tensor log_p({size_of(beginnings), V});
        for (int i = 0; i < size_of(beginnings); ++i, ++asked) {
            const Sequence& b = beginnings[i];
            if (b.empty() || b.front() != begin) throw std::runtime_error("no begin mark in front");
            if (b.size() != beginnings[0].size())
                throw std::runtime_error("the beginnings are not of one length");
            const int all = std::accumulate(b.begin(), b.end(), 0);
            const int row = table.shape[0] == V ? b.back() : all % table.shape[0];
            for (int w = 0; w < V; ++w) log_p(i, w) = std::log(table(row, w));
        }
        return log_p;
    }
};

// Sequence i begins as if its first token had been i + 1: as if each had a source of its own.
Sequences greedily(const Tensor& table, int count, int end, int longest) {
    Language language{table};
    const NextToken next = [&](const Sequences& beginnings) {
        if (size_of(beginnings) != count)
            throw std::runtime_error("asked for " + std::to_string(beginnings.size()) + " of " +
                                     std::to_string(count) + " beginnings");
        Sequences moved = beginnings;
        for (int i = 0; i < size_of(moved); ++i)
            if (moved[i].size() == 1) moved[i].push_back(i + 1);
        return language(moved);
    };
    return greedy_search(next, count, 0, end, longest);
}
PARTS(greedily, "sequence #0");

Sequences greedily_alone(const Tensor& table, int begin, int end, int longest) {
    Language language{table, begin};
    return greedy_search([&](const Sequences& b) { return language(b); }, 1, begin, end, longest);
}
PARTS(greedily_alone, "what is written");

int times_asked_greedily(const Tensor& table, int end, int longest) {
    Language language{table};
    greedy_search([&](const Sequences& b) { return language(b); }, 1, 0, end, longest);
    return language.asked;
}

CHECK("16.4", "greedy: after begin comes 2, after 2 comes 3, after 3 the end: 2 3") {
    const Tensor table =
        matrix({{0, .1f, .6f, .3f}, {0, 1, 0, 0}, {0, .2f, .2f, .6f}, {0, 1, 0, 0}});
    const Sequences expected = {{2, 3}};
    expect(ASK(greedily_alone, table, 0, 1, 10) == expected,
           "it must be 2 3, without the end mark");
}

CHECK("16.4", "it stops at the longest, when no end comes") {
    const Tensor table = matrix({{0, 0.1f, 0.9f}, {0, 1, 0}, {0, 0.4f, 0.6f}});
    expect(ASK(greedily_alone, table, 0, 1, 4) == Sequences{{2, 2, 2, 2}}, "it must be 2 2 2 2");
    expect(ASK(greedily_alone, table, 0, 1, 0) == Sequences{{}}, "of no tokens at most, none");
    expect(ASK(times_asked_greedily, table, 1, 4) == 4, "four tokens, four questions");
}

CHECK("16.4", "only the end ends: from 2 on, 0 and the begin mark itself are written like others") {
    const Tensor table = matrix({{0, 0, .9f, .1f}, {0, 0, 0, 1}, {.7f, .1f, 0, .2f}, {0, 0, 0, 1}});
    const Sequences expected = {{0, 2, 0, 2, 0}};
    expect(ASK(greedily_alone, table, 2, 3, 5) == expected, "it must be 0 2 0 2 0");
}

CHECK("16.4", "side by side, one that has ended says nothing more while others go on") {
    const Tensor table = matrix({{0, 0, 1, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}, {0, 1, 0, 0}});
    const Sequences expected = {{2, 3}, {3}, {}};
    expect(ASK(greedily, table, 3, 1, 6) == expected, "they must be 2 3, then 3, then nothing");
    const Tensor other = matrix({{0, 0, 1, 0}, {0, 0, 0, 1}, {0, 1, 0, 0}, {0, 0, 1, 0}});
    const Sequences first_ends_first = {{}, {1}, {2, 1}};
    expect(ASK(greedily, other, 3, 3, 6) == first_ends_first, "nothing, then 1, then 2 1");
}

CHECK("16.4", "when all have ended, nothing is asked any more") {
    const Tensor table = matrix({{0, 0.1f, 0.9f}, {0, 1, 0}, {0, 0.8f, 0.2f}});
    expect(ASK(times_asked_greedily, table, 1, 50) == 2, "two tokens, two questions");
}

// What is written when sequence i says script[i], token by token, whatever stands in front; and how
// often `next` is called. The tokens' logits are far from 0 and from 1.
std::tuple<Sequences, int> greedily_by_script(const Sequences& script, int V, int end,
                                              int longest) {
    int calls = 0;
    const NextToken next = [&](const Sequences& beginnings) {
        ++calls;
        if (beginnings.size() != script.size())
            throw std::runtime_error("asked for " + std::to_string(beginnings.size()) + " of " +
                                     std::to_string(script.size()) + " beginnings");
        Tensor logits({size_of(script), V});
        for (int i = 0; i < size_of(script); ++i) {
            const int step = size_of(beginnings[i]) - 1;
            for (int w = 0; w < V; ++w) logits(i, w) = -40 - (7 * w + step) % V;
            logits(i, script[i].at(step)) = step % 2 == 0 ? -39.5f : 20;
        }
        return logits;
    };
    const Sequences written = greedy_search(next, size_of(script), 0, end, longest);
    return {written, calls};
}
CALLED(greedily_by_script, "greedy_search");
PARTS(greedily_by_script, "sequence ##0", "the number of calls of next");

// What must be written, and after how many calls.
static void expect_written(const Sequences& script, int V, int end, int longest) {
    Sequences expected;
    int calls = 0;
    for (const Sequence& says : script) {
        const auto at_most = says.begin() + longest, place = std::find(says.begin(), at_most, end);
        expected.emplace_back(says.begin(), place);
        calls = std::max<int>(calls, place == at_most ? longest : place - says.begin() + 1);
    }
    const auto [written, called] = ASK_UNRECORDED(greedily_by_script, script, V, end, longest);
    expect(written == expected, "each must write what it says before its own end mark");
    expect(called == calls,
           "next must be called until all have ended, or as often as the longest "
           "allows: " +
               std::to_string(calls) + " times, not " + std::to_string(called));
}

CHECK("16.4", "ends may be far apart, and an end mark may come again; the calls are counted") {
    const std::vector<Sequences> scripts = {
        {{1, 1, 1, 1, 1, 1, 1}, {2, 3, 2, 3, 1, 1, 1}},
        {{2, 1, 2, 2, 2, 2, 2}, {3, 3, 3, 3, 3, 1, 3}},
        {{2, 1, 2, 2, 2, 2, 2}, {3, 1, 3, 3, 3, 3, 3}, {2, 2, 3, 2, 2, 1, 2}},
        {{2, 2, 2, 2, 2, 1, 1}, {1, 2, 1, 2, 1, 2, 1}, {1, 1, 2, 2, 3, 3, 3}},
        {{2, 2, 1, 1, 1, 1, 1}, {3, 3, 3, 3, 3, 3, 3}}};
    for (const Sequences& script : scripts) ASK(greedily_by_script, script, 4, 1, 7);
    for (const Sequences& script : scripts) expect_written(script, 4, 1, 7);
    for (int count : {1, 2, 3, 4, 7})
        for (int V : {3, 9, 40})
            for (int longest : {0, 1, 2, 5, 12}) {
                const int end = random_numbers().below(V);
                Sequences script(count);
                for (int i = 0; i < count; ++i)
                    for (int t = 0; t < 13; ++t)
                        script[i].push_back(random_numbers().below(4) == 0 && t > 3 * (i % 4)
                                                ? end
                                                : random_numbers().below(V));
                expect_written(script, V, end, longest);
            }
}

// The begin mark is never said, and the end mark late.
static Tensor random_language(int rows, int V) {
    Tensor table({rows, V});
    for (float& p : table.data) p = 0.05f + random_numbers().uniform();
    for (int i = 0; i < rows; ++i) table.data[i * V] = 0.001f, table.data[i * V + 1] = 0.01f;
    return table;
}

CHECK("16.4", "any language, also one in which what comes next depends on all that was written") {
    for (int rows : {4, 11})
        for (int count : {1, 3}) ASK(greedily, random_language(rows, 4), count, 1, 8);
}

}  // namespace checks_16
