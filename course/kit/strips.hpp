// A curve, and under it, at the same places, what some methods make of each of its points.
#pragma once

#include "kit/figure.hpp"

#include <string>
#include <vector>

namespace figure {

struct Strip {  // a bar for each point; each strip is as high as its largest number
    std::string name;
    Values bars;  // NaN: none
};

// The curve as dots, and the strips below it from top to bottom. Each strip has as many numbers as
// the curve has points; a point whose y is NaN is not there. What is below zero has a colour of its
// own.
std::string strips(const Caption& caption, const Series& curve, const std::vector<Strip>& below);

}  // namespace figure
