// Chapter 6, Autoencoders. The prose, the reasons and the exercises are in 06_autoencoders.cpp.
#pragma once

#include "04_neural_networks.hpp"

#include <vector>

// Letters: N pictures, P pixels of a picture, H numbers of a code; R rows and C columns of one
// picture. A pixel lies between 0, dark, and 1, bright. Every function throws
// std::invalid_argument, with its name and what it got, when shapes or numbers do not fit.

// ## By hand: a code, the two pixels that are made of it, the mean of their two squared errors, and
// a pixel that comes back as it was, [5].
Tensor autoencoder_by_hand();

// ## How far from a target: the mean of (y − target)² over all elements, of which there is at least
// one. y and target have the same shape, whatever it is.

double mean_square_loss(const Tensor& y, const Tensor& target);
Tensor mean_square_gradient(const Tensor& y, const Tensor& target);   // ∂loss/∂y
Variable mean_square_error(const Variable& y, const Tensor& target);  // both, on the tape: []

// ## Down to a few numbers, and up again

// Layers of the sizes P, …, H and back to P. The way up has the weights of the way down,
// transposed, and biases of its own.
struct Autoencoder {
    std::vector<Variable> W;         // of each layer down [sizes[k], sizes[k + 1]]
    std::vector<Variable> down, up;  // its biases down [sizes[k + 1]], and up [sizes[k]]

    // Xavier weights and zeros. There are at least two sizes, each of them 1 or more.
    Autoencoder(const std::vector<int>& sizes, Random& random);

    // Between two layers there is a ReLU. The code is what the last layer down says, as it is; the
    // picture is what the last layer up says, through a sigmoid.
    Variable encode(const Variable& x) const;     // pictures [N, P] → codes [N, H]
    Variable decode(const Variable& code) const;  // codes [N, H] → pictures [N, P]
    Variable operator()(const Variable& x) const { return decode(encode(x)); }
    Parameters parameters() const;
};

// ## Holes

// A copy in which each number is 0 with the probability `share`, from 0 to 1: where the next
// random.uniform() lies below it. One is drawn for each number, in the order of memory, whatever
// the share.
Tensor with_holes(const Tensor& x, float share, Random& random);

// How far the network is from x [N, P] when it sees what with_holes makes of x.
Variable denoising_loss(const Autoencoder& net, const Tensor& x, float share, Random& random);

// What stands in the holes by the network: x [N, P], where `known` [N, P] is not 0, and the
// network's picture where it is 0. In the first pass it sees zeros there, whatever x has, and in
// each later pass what the pass before has put there. Throws for less than one pass.
Tensor filled_in(const Autoencoder& net, const Tensor& x, const Tensor& known, int passes);

// The same without a network, for one picture [R, C]: each pixel whose `known` [R, C] is 0 becomes
// the mean of its neighbours above, below, left and right, as many as it has; what stands there in
// the end differs from that mean by 10⁻⁵ at most. What x has there does not count. Throws when
// nothing is known.
Tensor diffused(const Tensor& x, const Tensor& known);

// ## What is unusual

// The mean square error of each picture by itself: [N, P], [N, P] → [N].
Tensor picture_errors(const Tensor& y, const Tensor& x);

// The share of all pairs of a usual and an unusual score, [N] and [M], in which the unusual one is
// larger; equal ones count half. Throws when there is no pair, and for NaN.
double area_under_curve(const Tensor& usual, const Tensor& unusual);
