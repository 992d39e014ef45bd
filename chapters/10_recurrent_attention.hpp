// Chapter 10, Attention in recurrent networks. The prose, the reasons and the exercises are in
// 10_recurrent_attention.cpp.
#pragma once

#include "05_recurrent.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

// Letters: B words, S symbols that are read and T that are written, V kinds of symbols, H of a
// hidden state, A of a comparison. In front of short words stands padding, as in chapter 5. Every
// function throws std::invalid_argument, with its name and what it got, when shapes or numbers do
// not fit.

// ## By hand: four weights, of which the first is of padding, and the two numbers of the context,
// [6].
Tensor context_by_hand();

// ## Two operations that only copy numbers.

// Step by step becomes word by word: n matrices [B, F] → [B, n, F].
inline Variable stacked(const Steps& steps) {
    if (steps.empty()) throw std::invalid_argument("stacked: a list of no steps");
    for (const Variable& step : steps)
        require_shapes("stacked", {{step.shape(), "B F"}, {steps[0].shape(), "B F"}});
    const int n = size_of(steps), B = steps[0].shape()[0], F = steps[0].shape()[1];
    Tensor y({B, n, F});
    for (int i = 0; i < n; ++i)
        for (int b = 0; b < B; ++b)
            std::copy_n(steps[i].value().row(b), F, y.row(b * n + i));
    return record("stacked", std::move(y), steps, [=](const Tensor&, const Tensor& dy) {
        std::vector<Tensor> each(n, Tensor({B, F}));
        for (int i = 0; i < n; ++i)
            for (int b = 0; b < B; ++b) std::copy_n(dy.row(b * n + i), F, each[i].row(b));
        return Gradients(std::move(each));
    });
}

// Each row so many times: [B, F] → [B, count, F].
inline Variable repeated(const Variable& x, int count) {
    require_shapes("repeated", {{x.shape(), "B F"}});
    if (count < 0) throw std::invalid_argument("repeated: " + std::to_string(count) + " times");
    const int B = x.shape()[0], F = x.shape()[1];
    Tensor y({B, count, F});
    for (int r = 0; r < B * count; ++r) std::copy_n(x.value().row(r / count), F, y.row(r));
    return record("repeated", std::move(y), {x},
                  [](const Tensor&, const Tensor& dy) { return sum(dy, 1); });
}

// ## Scores: how well each state fits what is asked.

// What each state is compared by. It is made once a word, however often is asked.
Variable keys_of(const Variable& states,  // [B, S, H]
                 const Variable& U);      // [H, A] → [B, S, A]

// tanh(s W + key) v, for every key: Bahdanau, Cho and Bengio, "Neural machine translation by
// jointly learning to align and translate" (2014).
Variable additive_scores(const Variable& s,     // [B, H]
                         const Variable& keys,  // [B, S, A]
                         const Variable& W,     // [H, A]
                         const Variable& v);    // [A, 1] → [B, S]

// s · key, for every key: Luong, Pham and Manning, "Effective approaches to attention-based neural
// machine translation" (2015).
Variable dot_scores(const Variable& s,      // [B, H]
                    const Variable& keys);  // [B, S, H] → [B, S]

// What the scores of one word cost, of which S states are read and T symbols written: products of
// two numbers, and tanhs of one. That of the dot product compares with the states themselves.
struct ScoreCost {
    long long products, tanhs;
};
ScoreCost additive_cost(int S, int T, int H, int A);
ScoreCost dot_cost(int S, int T, int H);

// ## Weights and context

// The softmax of each row over the last lengths[b] of its S scores; exactly 0 for the padding in
// front of them. A length is from 1 to S.
Variable weights_of(const Variable& scores,            // [B, S]
                    const std::vector<int>& lengths);  // B → [B, S]

// The weighted sum of the states of each word.
Variable context_of(const Variable& weights,  // [B, S]
                    const Variable& states);  // [B, S, H] → [B, H]

// ## The network that writes

// All that is known of a batch of words, after they were read.
struct Memory {
    Variable states;           // [B, S, H], what the cell showed after each symbol
    Variable keys;             // [B, S, A]
    Variable last;             // [B, 2 H], the whole state after the last symbol
    std::vector<int> lengths;  // of the words
};

// Where a writer looks: at the last state alone, or wherever its scores say.
enum class Looking { at_the_last, additive, dot };

struct WrittenStep {
    Variable state;    // [B, 2 H], after this step
    Variable logits;   // [B, V], of the symbol to be written
    Variable weights;  // [B, S], where it looked
};

struct RecurrentDecoder {
    LstmCell cell;     // reads the symbol before, as V numbers, and then the context: V + H
    Linear answer;     // reads its new hidden state, and then the context: 2 H → V
    Variable W, U, v;  // of the additive scores: [H, A], [H, A], [A, 1]
    Looking looking;

    RecurrentDecoder(int V, int H, int A, Looking where, Random& random);

    // The state is one of those that this returned before, or memory.last. A token of −1 is none,
    // and is read as zeros. The scores compare with the hidden state as it was before this step.
    WrittenStep step(const std::vector<int>& tokens,  // B
                     const Variable& state,           // [B, 2 H]
                     const Memory& memory) const;

    Memory memory_of(const Variable& states, const Variable& last,
                     const std::vector<int>& lengths) const;
    Variable scores(const Variable& s, const Memory& memory) const;  // [B, H] → [B, S]
    Parameters parameters() const;
};

// ## Teacher forcing. The writer is told the symbol before, whatever it would have written itself.

// T lists of B tokens each: what the writer reads at a step, and what it is asked for. A target of
// n symbols takes n + 1 steps, the first of which reads `begin`, and the last is asked for `end`.
// For the steps behind that, both are −1. Where there are no targets, there are no steps.
struct ForcedSteps {
    std::vector<std::vector<int>> read, wanted;
};
ForcedSteps forced_steps(const Sequences& targets, int begin, int end);

// ## The whole: one network reads, another writes.

struct EncoderDecoder {
    LstmCell encoder;
    RecurrentDecoder decoder;

    EncoderDecoder(int V, int H, int A, Looking where, Random& random);

    Memory read(const Sequences& words) const;  // of one symbol or more each

    // The mean cross-entropy over all symbols that are asked for, end marks too, whichever word and
    // step they belong to.
    Variable loss(const Sequences& words, const Sequences& targets, int begin, int end) const;
    Parameters parameters() const;
};
