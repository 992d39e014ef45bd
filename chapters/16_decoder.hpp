// Chapter 16, Decoder: what it promises to the chapters that build on it.
// The prose, the reasons and the exercises are in 16_decoder.cpp.
#pragma once

#include "15_encoder.hpp"
#include "kit/tokens.hpp"

#include <vector>

// Letters: B sentences, T words of the target and S of the source, D = d_model features. What does
// not fit throws std::invalid_argument, with the name of the function that found it.

// One layer: masked self-attention, attention to the encoder's output, a feed-forward network, each
// a sublayer with a norm of its own. Vaswani et al., "Attention is all you need" (2017), section
// 3.1.
struct DecoderLayer {
    MultiHeadAttention self_attention, cross_attention;
    FeedForward feed_forward;
    LayerNorm self_norm, cross_norm, feed_forward_norm;
    NormPlace norm_place;

    DecoderLayer(const StackSettings& settings, Random& random);
    Variable operator()(const Variable& x,          // [B, T, D]
                        const Variable& memory,     // [B, S, D], normalised
                        const Tensor& self_mask,    // [T, T] or [B, T, T]
                        const Tensor& memory_mask,  // [T, S] or [B, T, S], or no_mask
                        const Dropout& dropout = Dropout()) const;  // → [B, T, D]
    Parameters parameters() const;
};

// Layers one above the other. With the norms before the sublayers, one more follows at the end.
struct Decoder {
    std::vector<DecoderLayer> layers;
    LayerNorm final_norm;
    NormPlace norm_place;

    Decoder(const StackSettings& settings, Random& random);
    Variable operator()(const Variable& x, const Variable& memory, const Tensor& self_mask,
                        const Tensor& memory_mask = no_mask,
                        const Dropout& dropout = Dropout()) const;

    // Where the last layer's heads look in the memory, on average: [B, T, S]. Needs a layer.
    Tensor cross_weights(const Variable& x, const Variable& memory, const Tensor& self_mask,
                         const Tensor& memory_mask = no_mask) const;
    Parameters parameters() const;  // the final norm's only where it is used
};

// Teacher forcing: from targets y_1 … y_n what the decoder reads, begin y_1 … y_n, and what it must
// say, y_1 … y_n end, each filled up with `padding` to the longest of the batch.
struct ShiftedTargets {
    Sequences read, output;
    std::vector<int> lengths;  // n + 1 each
};
ShiftedTargets shift_targets(const Sequences& targets, int begin, int end, int padding);
