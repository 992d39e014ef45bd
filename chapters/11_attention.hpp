// Chapter 11, Attention. The prose, the reasons and the exercises are in 11_attention.cpp.
#pragma once

#include "03_autodiff.hpp"

// Letters: T queries, S keys and values, d features of a query and a key, e of a value. The axes
// before these may be a batch, or a batch and its heads. Every function throws
// std::invalid_argument, with its name, when shapes do not fit.

// ## Masks
//
// 1 where a query may look at a key, 0 where not. A mask is [T, S], for all batches alike, or
// [B, T, S], and then serves all heads of a batch. What two masks allow is their product, and
// multiply(first, second) wants the one with more axes first.

inline const Tensor no_mask({}, {1.0f});  // of shape []: all may be seen
Tensor causal_mask(int T);                // [T, T]: no one looks ahead
// [B, T, S]: in sentence b, only the first lengths[b] keys, from 0 to S, may be seen.
Tensor padding_mask(const std::vector<int>& lengths, int T, int S);

// The mask's S entries for one row of the scores [..., T, S], or null when there is no mask.
const float* mask_row(const Tensor& mask, const Tensor& scores, int row);
void require_mask(const Tensor& scores, const Tensor& mask);  // throws unless the mask fits

// The softmax of each row over the keys that may be seen; 0 for the others, and a row of zeros when
// none may be seen. Throws unless the mask is as above and fits scores [..., T, S].
Tensor masked_softmax(const Tensor& scores, const Tensor& mask);
Variable masked_softmax(const Variable& scores, const Tensor& mask);

// ## Scaled dot-product attention: Vaswani et al., "Attention is all you need" (2017), equation 1.

Variable attention_scores(const Variable& q,   // [..., T, d]
                          const Variable& k);  // [..., S, d] → [..., T, S]
Variable attention_weights(const Variable& q, const Variable& k, const Tensor& mask = no_mask);
Variable attention(const Variable& q, const Variable& k, const Variable& v,  // [..., S, e]
                   const Tensor& mask = no_mask);                            // → [..., T, e]

// The gradients of attention without a tape, for single matrices and dy [T, e].
struct AttentionGradients {
    Tensor dq, dk, dv;
};
AttentionGradients attention_backward(const Tensor& q, const Tensor& k, const Tensor& v,
                                      const Tensor& mask, const Tensor& dy);

// ## By hand: what exercise 11.1 asks for, [5, 5] each.
Tensor scores_by_hand();
Tensor weights_by_hand();
