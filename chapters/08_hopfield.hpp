// Chapter 8, Hopfield networks. The prose, the reasons and the exercises are in 08_hopfield.cpp.
#pragma once

#include "01_tensors.hpp"
#include "kit/random.hpp"

#include <vector>

// Letters: N neurons, M patterns, T states. Each number of a pattern is 1 or −1; in a state, 0
// means that nothing is known of a neuron. Every function throws std::invalid_argument, with its
// name and what it got, when shapes or numbers do not fit.

// ## By hand: a row of four weights, two energies, a field, and what becomes of a neuron, [8].
Tensor recall_by_hand();

// ## The network of 1982. Its weights W are [N, N], symmetric, with zeros on the diagonal.

// Hebb's rule: for each pair of neurons, the sum over all patterns of the product of the two. Of no
// patterns, zeros.
Tensor hebbian_weights(const Tensor& patterns);  // [M, N] → [N, N]

double energy(const Tensor& W, const Tensor& state);  // [N, N], [N]

// Where a network comes to rest, and how its energy fell.
struct Settled {
    Tensor state;                  // [N]
    std::vector<double> energies;  // that of the cue, and then one after each change
};

// From the first neuron to the last, again and again: each becomes the sign of its field, and stays
// as it is where the field is 0. Ends after a round in which nothing has changed. Of the cue, each
// number is 1, −1 or 0.
Settled settle(const Tensor& W, const Tensor& cue);  // [N, N], [N]

// ## How much it holds

// The pattern with `flips` of its neurons turned over, 0 to N, all different. Each choice of them
// is equally likely.
Tensor with_flips(const Tensor& pattern, int flips, Random& random);  // [N] → [N]

// Of all neurons of all patterns, the share that the network leaves as they are when it looks at
// each for the first time, in a state that is one of the patterns. Throws when there is none.
double stable_share(const Tensor& W, const Tensor& patterns);  // [N, N], [M, N]

// What that share is on average for Hebb's weights and M random patterns, M ≥ 1, when the sum of
// all that disturbs a neuron is taken as a normal variable; N ≥ 2.
double expected_stable_share(int N, int M);

// ## The network of 2020. It keeps its patterns, at least one, as they are: any numbers.

// What comes after each state: the mean of all patterns, weighted by the softmax of β ≥ 0 times
// their dot products with the state.
Tensor modern_update(const Tensor& patterns, const Tensor& states,
                     float beta);  // [M, N], [T, N] → [T, N]

// The energy that an update never raises, for β > 0; summed in double.
double modern_energy(const Tensor& patterns, const Tensor& state, double beta);  // [M, N], [N]

// The least β ≥ 0 with which a pattern has this share, if its dot product with the state is larger
// by `gap` than that of all the others. M ≥ 1, gap > 0, 0 < share < 1.
double sharpness_for(int M, double gap, double share);
