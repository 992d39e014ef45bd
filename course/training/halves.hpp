// What a long run has learnt, as it is shipped: in half precision, 16 bits a number. A network that
// is asked, or learns on, does not notice.
#pragma once

#include "04_neural_networks.hpp"

#include <string>

namespace training {

// A checkpoint whose numbers are the shapes, and then four halves each.
void save_halves(const std::string& path, const Parameters& parameters);

// Gives the parameters what data/NAME.trained holds. Throws std::runtime_error, and changes
// nothing, when that is of another model.
void read_halves(const std::string& name, const Parameters& parameters);

}  // namespace training
