// Chapter 16, Decoder. The prose, the reasons and the exercises are in 16_decoder.cpp.
#pragma once

#include "15_encoder.hpp"
#include "kit/tokens.hpp"

#include <functional>
#include <vector>

// Letters: B sequences, T tokens of the target and S of the source, D = d_model features. Every
// function throws std::invalid_argument, with its name, when shapes do not fit.

// One layer: masked self-attention, attention to the encoder's output, a feed-forward network, each
// a sublayer with a norm of its own. Vaswani et al., "Attention is all you need" (2017), section
// 3.1.
struct DecoderLayer {
    StackSettings settings;
    MultiHeadAttention self_attention, cross_attention;
    FeedForward feed_forward;
    LayerNorm self_norm, cross_norm, feed_forward_norm;

    DecoderLayer(const StackSettings& settings_, Random& random);
    Variable operator()(const Variable& x,          // [B, T, D]
                        const Variable& memory,     // [B, S, D], normalised
                        const Tensor& self_mask,    // [T, T] or [B, T, T]
                        const Tensor& memory_mask,  // [T, S] or [B, T, S], or no_mask
                        const Dropout& dropout = Dropout()) const;  // → [B, T, D]

    // Where its heads look in the memory, without dropout and without a tape: [B, H, T, S].
    Tensor weights(const Variable& x, const Variable& memory, const Tensor& self_mask,
                   const Tensor& memory_mask = no_mask) const;
    Parameters parameters() const;
};

// Layers one above the other. With the norms before the sublayers, one more follows at the end.
struct Decoder {
    StackSettings settings;
    std::vector<DecoderLayer> layers;
    LayerNorm final_norm;

    Decoder(const StackSettings& settings_, Random& random);
    Variable operator()(const Variable& x, const Variable& memory, const Tensor& self_mask,
                        const Tensor& memory_mask = no_mask,
                        const Dropout& dropout = Dropout()) const;

    // Where the last layer's heads look in the memory, on average: [B, T, S]. Needs a layer.
    Tensor cross_weights(const Variable& x, const Variable& memory, const Tensor& self_mask,
                         const Tensor& memory_mask = no_mask) const;
    Parameters parameters() const;  // the final norm's only where it is used
};

// ## Teacher forcing: from targets y_0 … y_(n−1) what the decoder reads, begin y_0 … y_(n−1), and
// what it must say, y_0 … y_(n−1) end, each filled up with `padding` to the longest of the batch.
struct ShiftedTargets {
    Sequences read, output;
    std::vector<int> lengths;  // n + 1 each
};
ShiftedTargets shift_targets(const Sequences& targets, int begin, int end, int padding);

// By hand: the rows read and output of one target, then of another, [4, 4].
Tensor shifted_by_hand();

// ## Writing

// Given N beginnings of one length, each from the begin mark on, how well each token would go on,
// [N, V]: logits, or, for a beam search, logarithms of probabilities.
using NextToken = std::function<Tensor(const Sequences& beginnings)>;

// Always the likeliest token, for `count` sequences side by side, of which beginning i is the ith;
// without the end mark. Only that ends one; any other token is written, `begin` too.
Sequences greedy_search(const NextToken& next, int count, int begin, int end, int longest);
