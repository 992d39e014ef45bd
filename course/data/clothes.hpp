// Clothes in 14×14 greys, ten kinds of them: the pictures in data/clothes.txt.
#pragma once

#include "data/pictures.hpp"

#include <string>
#include <vector>

namespace clothes {

constexpr int side = 14;

const std::vector<std::string>& kinds();  // the name of each label

// The first 8,000 lines are for training, the others are held out.
Dataset<Pictures> read();

}  // namespace clothes
