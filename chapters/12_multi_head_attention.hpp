// Chapter 12, Multi-head attention. The prose, the reasons and the exercises are in
// 12_multi_head_attention.cpp.
#pragma once

#include "04_neural_networks.hpp"
#include "11_attention.hpp"

// Letters: B sentences, T queries, S keys and values, D = d_model features, H heads of d = D/H.
// Every function throws std::invalid_argument, with its name, when shapes do not fit.

// [B, P, Q, d] → [B, Q, P, d]: exchanges the two axes in the middle, also for gradients.
Tensor swap_middle_axes(const Tensor& x);
Variable swap_middle_axes(const Variable& x);

Variable split_heads(const Variable& x, int num_heads);  // [B, T, D] → [B, H, T, d]; H divides D
Variable merge_heads(const Variable& x);                 // [B, H, T, d] → [B, T, D]

// merge_heads of the attention of the split heads, with q [B, T, D], k and v [B, S, D] → [B, T, D].
Variable split_attend_merge(const Variable& q, const Variable& k, const Variable& v, int H,
                            const Tensor& mask);
// The same as one operation, without moving anything.
Variable attend_in_heads(const Variable& q, const Variable& k, const Variable& v, int H,
                         const Tensor& mask);

// Multi-head attention: Vaswani et al., "Attention is all you need" (2017), section 3.2.2, with a
// bias in each of its four linear layers, as in PyTorch.
struct MultiHeadAttention {
    int num_heads;
    Linear query, key, value, output;  // [D, D] each

    // Throws std::invalid_argument unless num_heads divides d_model.
    MultiHeadAttention(int d_model, int heads, Random& random);

    // Self-attention when memory is x; cross-attention when it is another sentence's.
    Variable operator()(const Variable& x,                    // [B, T, D]: who asks
                        const Variable& memory,               // [B, S, D]: who answers
                        const Tensor& mask = no_mask) const;  // → [B, T, D]

    // Where each head looks: [B, H, T, S].
    Variable weights(const Variable& x, const Variable& memory, const Tensor& mask = no_mask) const;

    Parameters parameters() const;
};

// What head number h, from 0 on, adds to the layer's output, without the output's bias: [B, T, D].
Variable contribution_of_head(const MultiHeadAttention& layer, int h, const Variable& x,
                              const Variable& memory, const Tensor& mask = no_mask);

// ## By hand: what exercise 12.1 asks for, [2, 6].
Tensor heads_by_hand();
