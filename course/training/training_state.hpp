// Hours of training must survive a power cut. What has to be kept is more than the parameters:
// Adam's running averages, the number of steps, on which a schedule depends, and where the random
// numbers stand. With all of it, an interrupted run ends with the same bits as one that was not.
#pragma once

#include "04_neural_networks.hpp"
#include "kit/checkpoint.hpp"

namespace training {

// The numbers are the steps and the random state; the arrays are the parameters, then what the
// optimiser keeps of each.
Checkpoint checkpoint_of(const Optimiser& optimiser, const Random& random);

// Goes back there. A checkpoint whose arrays have other shapes throws std::runtime_error and
// changes nothing.
void restore(const Checkpoint& from, Optimiser& optimiser, Random& random);

// What was learnt, without what only learning needs: the parameters alone, in a file, as halves.
void save_trained(const std::string& path, const Parameters& parameters);

// The same in memory. To set them from a checkpoint of another model throws std::runtime_error,
// with the path that it is from, and changes nothing.
Checkpoint trained_of(const Parameters& parameters);
void set_trained(const Parameters& parameters, const Checkpoint& from, const std::string& path);

// Gives the parameters what data/NAME.trained holds. Throws std::runtime_error, and changes
// nothing, when that is of another model.
void read_trained(const std::string& name, const Parameters& parameters);

}  // namespace training
