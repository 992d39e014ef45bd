// The demo of chapter 4: two networks learn the spiral, one learns 60 points of it by heart, and of
// seven trainings six go wrong.
#pragma once

#include "04_neural_networks.hpp"

namespace curves {

// Trains the network with and without a ReLU, draws how they divide the plane and how they learn,
// and returns what percentage of the held-out points the one with a ReLU has right.
double show_spiral(int neurons);

// Trains on 60 points, for so long that they are learnt by heart.
void show_overfitting();

// A step of training, as `train_step` is one.
using Step = double (*)(Optimiser& optimiser, const std::function<Variable()>& forward);

// Seven trainings, six of which have a fault; one of these takes the faulty step of exercise 4.6.
void show_faults(Step faulty);

}  // namespace curves
