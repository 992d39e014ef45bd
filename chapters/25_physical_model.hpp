// Chapter 25, A physical model inside. The prose, the reasons and the exercises are in
// 25_physical_model.cpp.
#pragma once

#include "03_autodiff.hpp"
#include "23_light_curves.hpp"

#include <vector>

// Letters: B curves of T times, N examples, P parameters of each; a height A, a start t₀ and a
// decay τ. Times are in days, counted from a curve's first. Every function throws
// std::invalid_argument, with its name, when something does not fit. What is said of a Variable's
// gradient is said for every part of it, and no number is infinite or NaN unless one went in.

// ## By hand: F of a flare at three times, and χ² of what was measured there, [4].
Tensor flare_by_hand();

// ## The model, on the tape

// Row b of the parameters is A, t₀ and τ of one flare, τ > 0; row b of the days are the times at
// which it is wanted, in any order: A e^(−(t − t₀)/τ) for t ≥ t₀, and 0 before, however long.
// Gradients flow to all three parameters, to A also where A is 0. To t₀ flows what (25.1) says for
// t ≥ t₀; the jump at the start counts for nothing. [B, 3] and [B, T] → [B, T]; B and T may be 0.
Variable flare_model(const Variable& parameters, const Tensor& days);

// ## Bounds

// A parameter lies between two bounds, least < most. One that is a factor has 0 < least, and half
// way from 0.1 to 10 is 1 for it.
struct Bound {
    double least, most;
    bool factor = false;
};
using Bounds = std::vector<Bound>;  // P of them, 1 or more

// Any finite number z becomes a parameter between its bounds, or on one: the share σ(z) of the way
// from the least to the most, or of the way from the one's logarithm to the other's. Computed in
// double, so that the slope is right also where it is small, up to z = ±20.
Variable bounded(const Variable& z, const Bounds& bounds);  // [..., P] → [..., P]

// And back: the z of a parameter. A share below `edge` counts as `edge`, one above 1 − `edge` as 1
// − `edge`; so what lies on a bound, or beyond, has a z as well. [..., P] → [..., P]
inline constexpr double edge = 1e-4;
Tensor unbounded(const Tensor& parameters, const Bounds& bounds);

// Height, start and decay. They reach further than the flares that are drawn (course/data/flares).
inline const Bounds flare_bounds = {{0.25, 4, true}, {0, 70}, {1.5, 60, true}};

// ## A mean, and how sure it is

// The batch of chapter 23, with flux and error of each point that is seen in their own unit.
CurveBatch in_own_units(const Curves& curves, const Clock& clock);

// For each example a row [m_1 … m_P, s_1 … s_P] comes out of a network: means, and logarithms of
// variances, −80 or more. The mean over all N P numbers of −log of the normal density of what is
// wanted, as in (25.6), of shape []. Without examples it is 0. [N, 2P] and [N, P] → []
Variable gaussian_loss(const Variable& out, const Tensor& wanted);

// m − k σ and m + k σ of each, taken between the bounds: [N, 2P] → [N, P, 2], the lower end first;
// k ≥ 0.
Tensor intervals(const Tensor& out, const Bounds& bounds, double k);

// Of each parameter, the share of examples whose truth lies in its interval, or on an end of it; 0
// without examples. [N, P, 2] and [N, P] → [P]
Tensor coverage(const Tensor& intervals, const Tensor& truth);

// ## What is left over

// 1 − Σ (said − truth)²/Σ (truth − its mean)², R², of each parameter; 0 where the truth does not
// vary, or where there is none. Both are [N, P] → [P]
Tensor explained(const Tensor& said, const Tensor& truth);

// (flux − F)/error of each point, with F from `flare`, for a flare that begins `of.start` days
// after the curve's first time. NaN where a point is missing. Empty for an empty curve.
std::vector<double> residuals(const Curve& curve, const Flare& of);

// Σ r² over the residuals that are no NaN, for each degree of freedom: their number minus that of
// the parameters that were fitted, which must leave 1 or more.
double reduced_chi_square(const std::vector<double>& residuals, int fitted);
