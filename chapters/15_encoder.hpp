// Chapter 15, Encoder. The prose, the reasons and the exercises are in 15_encoder.cpp.
#pragma once

#include "12_multi_head_attention.hpp"
#include "14_layer_parts.hpp"

#include <vector>

// Letters: B sequences of at most T tokens, D = d_model features. Every function throws
// std::invalid_argument, with its name, when shapes do not fit.

// ## By hand: what each of six tokens takes from the row whose note it is, [6].
Tensor taken_by_hand();

// ## Layers, and what a stack of them is made like

struct StackSettings {
    int d_model = 64;
    int num_heads = 4;
    int d_ff = 256;
    int num_layers = 2;
    NormPlace norm_place = NormPlace::before;
    Activation activation = Activation::relu;
};

// One layer: self-attention and a feed-forward network, each a sublayer with a norm of its own.
// Vaswani et al., "Attention is all you need" (2017), section 3.1.
struct EncoderLayer {
    StackSettings settings;
    MultiHeadAttention attention;
    FeedForward feed_forward;
    LayerNorm attention_norm, feed_forward_norm;

    EncoderLayer(const StackSettings& settings_, Random& random);
    Variable operator()(const Variable& x,                          // [B, T, D]
                        const Tensor& mask,                         // [T, T], [B, T, T] or no_mask
                        const Dropout& dropout = Dropout()) const;  // → [B, T, D]
    Parameters parameters() const;
};

// Layers one above the other. With the norms before the sublayers, one more follows at the end.
struct Encoder {
    StackSettings settings;
    std::vector<EncoderLayer> layers;
    LayerNorm final_norm;

    Encoder(const StackSettings& settings_, Random& random);
    Variable operator()(const Variable& x, const Tensor& mask = no_mask,
                        const Dropout& dropout = Dropout()) const;
    Parameters parameters() const;  // the final norm's only where it is used
};

// The average over the real tokens of each sequence: x [B, T, D], lengths from 1 to T → [B, D].
Variable mean_of_tokens(const Variable& x, const std::vector<int>& lengths);
