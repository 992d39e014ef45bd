// A picture of measurements, of a model that is laid over them, and of what is left when the model
// is taken away.
#pragma once

#include "kit/figure.hpp"

namespace figure {

struct Fit {
    std::string title;
    Values x, y, errors;               // what was measured: a dot and its error; NaN is missing
    Values model_x, model, low, high;  // the model, and the band that it lies in
    Values left;                       // of each measurement, (y − model)/error
};

// One below the other, over one axis of x. Above the data with the model and its band, below what
// is left, in units of the error, with the band from −1 to 1.
std::string fits(const Caption&, const std::vector<Fit>& panels);

}  // namespace figure
