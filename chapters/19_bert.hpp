// Chapter 19, BERT. The prose, the reasons and the exercises are in 19_bert.cpp.
#pragma once

#include "17_transformer.hpp"

#include <algorithm>
#include <functional>
#include <stdexcept>
#include <vector>

// Letters: B sequences of at most T tokens, D = d_model features, V tokens in the vocabulary, M
// places at which a token is asked for, C kinds, r the rank of a change. Every function throws
// std::invalid_argument, with its name, when something does not fit.

// ## The model: Devlin, Chang, Lee and Toutanova, "BERT: pre-training of deep bidirectional
// transformers for language understanding" (2019).

struct BertSettings {
    StackSettings stack;
    int vocabulary = 0;  // V, the marks among them
    int marks = 5;       // tokens below this are marks, and no words
    int longest = 32;    // so many tokens have positions
    int padding = 0, mask = 2, classification = 3, separator = 4;
};

// ## By hand: what goes in for ten tokens, and what is asked for, [2, 10].
Tensor masked_by_hand();

// ## What goes in

// Tokens, and for each the segment that it stands in, 0 or 1: so they are equally many.
struct Inputs {
    Sequences tokens, segments;
};

inline void require_segments(const Inputs& inputs) {
    if (lengths_of(inputs.tokens) != lengths_of(inputs.segments))
        throw std::invalid_argument("embed: tokens and segments are not equally many");
}

// [class] first [separator], and, unless `second` is empty, second [separator]. All behind the
// first separator is segment 1. What is too long for `longest` is cut: word by word, the longer of
// the two loses its last; of two that are equally long, the second.
struct Input {
    Sequence tokens, segments;
};
Input input_of(const Sequence& first, const Sequence& second, const BertSettings& settings);

inline Inputs inputs_of(const Sequences& firsts, const Sequences& seconds,
                        const BertSettings& settings) {
    Inputs inputs;
    for (int i = 0; i < size_of(firsts); ++i) {
        Input input = input_of(firsts[i], seconds.at(i), settings);
        inputs.tokens.push_back(std::move(input.tokens));
        inputs.segments.push_back(std::move(input.segments));
    }
    return inputs;
}

// Pairs of which about half belong together. For each, in order, one uniform(): below ½ it keeps
// its own second, and `follows` is 1; otherwise it gets the second of another pair, which one more
// below(n − 1) draws, n the number of pairs, and `follows` is 0. Throws for a single pair.
struct Pairs {
    Sequences firsts, seconds;
    std::vector<int> follows;
};
Pairs next_sentences(const Sequences& firsts, const Sequences& seconds, Random& random);

// ## Masking

inline constexpr int not_asked = -1;

// `read` goes in. `asked` is the token that stood there, or `not_asked`. For each token, in order,
// that is no mark: one uniform(), and below `rate` it is asked for. Then one more: below 0.8 the
// mask stands in its place, below 0.9 a word that below(V − marks) draws, of all that are no marks,
// and otherwise it stays. A mark takes no random number.
struct Masked {
    Sequences read, asked;
};
Masked mask_tokens(const Sequences& tokens, const BertSettings& settings, double rate,
                   Random& random);

// The mean cross-entropy at the places that are asked for; 0 when none is. The logits are h Eᵀ + b;
// where nothing is asked, none are needed. The longest sequence of `asked` has T tokens.
Variable masked_loss(const Variable& h,  // [B, T, D]
                     const Variable& E,  // [V, D]
                     const Variable& b,  // [V]
                     const Sequences& asked);

inline void require_masked_rows(const Variable& h, const Variable& E, const Variable& b,
                                const Sequences& asked) {
    const int B = size_of(asked), T = size_of(padded(asked, not_asked)) / std::max(1, B);
    require_shapes("masked_loss",
                   {{h.shape(), "B T D"}, {E.shape(), "V D"}, {b.shape(), "V"}, {{B, T}, "B T"}});
}

// ## The encoder with its tables, and the two heads that pre-training needs

struct Bert {
    BertSettings settings;
    Variable words, segments, positions;  // [V, D], [2, D] and [longest, D]
    LayerNorm norm;                       // of their sum
    Encoder encoder;
    Variable word_bias;  // [V]
    Linear next;         // [D, 2]

    Bert(const BertSettings& of, Random& random)
        : settings(of),
          words(small_rows(of.vocabulary, of.stack.d_model, random)),
          segments(small_rows(2, of.stack.d_model, random)),
          positions(small_rows(of.longest, of.stack.d_model, random)),
          norm(of.stack.d_model),
          encoder(of.stack, random),
          word_bias(parameter(Tensor({of.vocabulary}), "b")),
          next(of.stack.d_model, 2, random) {}

    Variable embed(const Inputs& inputs, const Dropout& dropout = Dropout()) const;  // [B, T, D]
    Variable operator()(const Inputs& inputs, const Dropout& dropout = Dropout()) const {
        const Variable x = embed(inputs, dropout);
        const int T = x.shape()[1];
        return encoder(x, padding_mask(lengths_of(inputs.tokens), T, T), dropout);
    }

    Parameters parameters() const {
        Parameters all = {words, segments, positions, norm.gain, norm.bias};
        append(all, encoder.parameters());
        append(all, {word_bias, next.W, next.b});
        return all;
    }

    static Variable small_rows(int N, int D, Random& random) {
        return parameter(normal_weights({N, D}, 0.02f, random), "E");
    }
};

// The row of each sequence's first token, [B, T, D] → [B, D]; T is 1 or more.
Variable class_rows(const Variable& h);

// The loss at the masked places plus that of "does the second follow the first?". It draws the
// pairs, then the masks, then what the dropout drops.
Variable pretraining_loss(const Bert& net, const Sequences& firsts, const Sequences& seconds,
                          double rate, Random& random, const Dropout& dropout = Dropout());

// ## Fine-tuning

// A net with the same numbers, and parameters of its own, which learn though the net be frozen.
Bert copy_of(const Bert& net);

// From now on they are constants: they want no gradient.
inline void freeze(const Parameters& parameters) {
    for (const Variable& p : parameters) p.node()->needs_gradient = false;
}

struct FineTuning {
    bool frozen;  // only the head learns
    double body_rate, head_rate;
};

// What the body makes of a batch, [B, D]: class_rows(net(inputs, dropout)), for example.
using Features = std::function<Variable(const Dropout& dropout)>;

// One step, in which the features are asked once. Returns the loss; when it is NaN or infinite it
// throws as train_step does. Frozen, the body is evaluated: nothing is dropped, nothing of it
// changes, and no gradient reaches it.
double fine_tune_step(const Features& features, const Linear& head, const std::vector<int>& kinds,
                      Optimiser& of_body, Optimiser& of_head, const FineTuning& how,
                      const Dropout& dropout = Dropout());

// ## Answers that are spans

struct Span {
    int first, last;  // both belong to it
};

// 1 where an answer may begin and end: at the words of segment 1. [B, T]
inline Tensor answer_places(const Inputs& inputs, const BertSettings& settings) {
    const Sequence w = padded(inputs.tokens, settings.padding), s = padded(inputs.segments, 0);
    const int B = size_of(inputs.tokens);
    Tensor places({B, B == 0 ? 0 : size_of(w) / B});
    for (int i = 0; i < size_of(w); ++i) places.data[i] = s[i] == 1 && w[i] != settings.separator;
    return places;
}

// The mean of the cross-entropies of the first tokens and of the last ones, over the places.
Variable span_loss(const Variable& z,       // [B, T, 2]: logits of the first and of the last token
                   const Tensor& places,    // [B, T]
                   const std::vector<Span>& answers);

// The pair of places, first ≤ last, whose logits have the largest sum; of equals, the one that ends
// first, and then the one that begins first. Throws when there is no place.
Span best_span(const Tensor& z,        // [T, 2]
               const Tensor& places);  // [T]

// ## Low-rank changes: Hu and others, "LoRA: low-rank adaptation of large language models" (2022).

struct LowRank {
    Variable A, B;  // [in, r] and [r, out]
    float scale;    // α/r

    // A is normal with the deviation 1/√in, and B zeros. Throws unless r ≥ 1.
    LowRank(int in, int out, int r, double alpha, Random& random);
    Parameters parameters() const { return {A, B}; }
};

// x W + b + α/r x A B, of which only A and B learn. The layer itself is not changed.
Linear adapted(const Linear& layer, const LowRank& change);

// A plain layer, with parameters of its own, that does the same.
Linear merged(const Linear& layer, const LowRank& change);
