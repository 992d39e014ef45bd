// The demo of chapter 25: what a network says of flares that it has not seen, whether its errors
// are true, what is left when its flare is taken away, and what it says of what it has never met.
#pragma once

#include "25_physical_model.hpp"
#include "data/flares.hpp"

#include <string>
#include <vector>

namespace measuring {

Tensor truth_of(const flares::Measured& some);  // [N, 3]

// What comes out of the network for all curves, a hundred at a time, without a tape: [N, 6].
Tensor asked(const CurveNet& net, const Curves& curves);

// A, t₀ and τ at the means: [N, 3].
Tensor parameters_at(const Tensor& out);

Flare flare_of(const Tensor& parameters, int n);

// The mean of the logarithms of variances, [N, 6] → [], for the experiment.
Variable mean_of_s(const Variable& out);

// The parameters for which χ² of each curve is smallest, by gradients, from a start [N, 3].
Tensor fit(const Curves& curves, const Tensor& start, int steps = 250);

// χ² for each degree of freedom of each curve.
std::vector<double> chi_squares(const Curves& curves, const Tensor& parameters);

// The error of each parameter, and R², by network, mean and fits.
void show_errors(const CurveNet& net, const flares::Measured& held_out);

// How many intervals contain the truth. Returns the percentage of the 68 % intervals, of all three
// parameters together.
double show_coverage(const CurveNet& net, const flares::Measured& held_out);

// Chi-square, and the five worst curves with their flare and what is left over.
void show_residuals(const CurveNet& net, const flares::Measured& held_out);

// Flares outside the range that was learnt, and what is no flare.
void show_outside(const CurveNet& net);

// The flares of a file.
void show_own(const CurveNet& net, const std::string& path);

}  // namespace measuring
