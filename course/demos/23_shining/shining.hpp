// The demo of chapter 23: whether the walks are right, what a network says of curves that it has
// not seen, what it makes of damaged ones, and four ways to say when.
#pragma once

#include "23_light_curves.hpp"

#include <string>

namespace shining {

// Variance and correlation of the reader's walks at irregular times, beside what they must be.
void print_walks();

// Three curves of each kind, before anything is learnt.
void draw_kinds(const Curves& curves);

// The logits of all curves, a hundred at a time, without a tape: [N, C].
Tensor logits_of(const CurveNet& net, const Curves& curves);

// What is right, the confusion matrix, the pair that is confused most, and whether the network
// knows how sure it may be; beside it the five nearest training curves, by four numbers of each.
void show_answers(const CurveNet& net, const Dataset<Curves>& data);

// Points missing, half of a curve, outliers, a season without a look, wrong errors.
void show_damage(const CurveNet& net, const Curves& held_out);

// Nothing, raw times, PE(t), PE(log(1 + t)) and PE(Δt), each with the same steps from three seeds,
// for the four kinds and for two periods. `unit` is that of PE(t). Returns the mean percentage of
// PE(t) for two periods.
double compare_codes(const Dataset<Curves>& four_kinds, double unit);

// What the network says of the curves in a file, each in a line.
void show_own(const CurveNet& net, const std::string& path);

}  // namespace shining
