// Chapter 24, Reading attention. The prose, the reasons and the exercises are in
// 24_reading_attention.cpp.
#pragma once

#include "15_encoder.hpp"
#include "23_light_curves.hpp"

#include <functional>
#include <vector>

// Letters: B curves or sentences of R rows, of which row 0 is a class token and the T = R − 1
// others are points; L layers of H heads with d features each, D = H d; C kinds. Weights are those
// of attention, [B, H, R, R]: row i of a matrix is that of the row which asks. Every function
// throws std::invalid_argument, with its name, when something does not fit.

// ## By hand: what arrives at the class token from itself, from a and from b, and the shares of a
// and b among the points, [5].
Tensor arrived_by_hand();

// ## Who looks where

// What each head of each layer looks at when encoder(x, mask) runs, the first layer first: for x
// [B, R, D], L times [B, H, R, R]. No tape.
std::vector<Tensor> weights_of_layers(const Encoder& encoder, const Variable& x,
                                      const Tensor& mask = no_mask);

// Each row of weights ≥ 0 without its first number, divided by the sum of what is left; zeros where
// that is 0. [N, R] → [N, R − 1]; R ≥ 1
Tensor shares_of_points(const Tensor& rows);

// The class token's row of each head, as shares of points: [B, H, R, R] → [B, H, R − 1].
Tensor looks_of_class(const Tensor& weights);

// For each head, the mean weight on the row that stands `back` ≥ 0 rows before the one that asks.
// Over all B sentences, and all rows from `first` on, back ≤ first < R. [B, H, R, R] → [H]
Tensor weight_behind(const Tensor& weights, int back, int first);

// ## What arrives: Abnar and Zuidema, "Quantifying attention flow in transformers" (2020).

// The class token's row of the rollout through all layers, the first one first, as shares of
// points. In each layer, the share `own`, from 0 to 1, of a row is what it was, and the rest comes
// from where its heads look, in the mean. [B, H, R, R] each, of one layer or more → [B, R − 1]
Tensor arrived_at_class(const std::vector<Tensor>& weights, double own = 0.5);

// ## What counts

using CurveReader = std::function<Variable(const CurveBatch& batch)>;  // → logits [B, C]

// How far kind k = answers[b] is ahead: z_k − log Σ_(j≠k) e^(z_j), which is log(p/(1 − p)) of its
// probability p. Logits may be thousands, and C is 2 or more: [B, C] → [B]
Tensor log_odds(const Tensor& logits, const std::vector<int>& answers);

// For each point, the log odds of what is answered when all points may be seen, the first of the
// largest logits, minus the log odds of this same answer when this one point may not be seen. The
// points themselves stay as they are. 0 for what is not seen anyway. No tape. → [B, T]
Tensor occlusion(const CurveReader& net, const CurveBatch& batch);

// The place of each value when they are sorted, from 1 on; of equal values, each has the mean of
// their places.
std::vector<double> ranks_of(const std::vector<double>& values);

// Spearman's: how the ranks of two lists go together, from −1 to 1; 0 when all of one list are
// equal, or there are none. Spearman, "The proof and measurement of association between two things"
// (1904).
double rank_correlation(const std::vector<double>& x, const std::vector<double>& y);

// For each curve, the rank correlation of x and y [B, T] over the points that are seen; seen is
// [B, 1 + T], as in a CurveBatch.
std::vector<double> agreement(const Tensor& x, const Tensor& y, const Tensor& seen);

// ## What a head is worth

// The layer as it would be if head h, from 0 on, added nothing; all else is the same. The layer
// itself stays as it is.
MultiHeadAttention without_head(const MultiHeadAttention& layer, int h);

// How much larger the loss is when head h of layers[l] adds nothing, alone of all, (l, h). Then the
// layers are as before, with their own parameters. For one layer or more, all of H heads → [L, H]
Tensor worth_of_heads(const std::vector<MultiHeadAttention*>& layers,
                      const std::function<double()>& loss);
