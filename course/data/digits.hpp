// Digits that people wrote, in 8×8 greys: the pictures in data/digits.txt.
#pragma once

#include "data/pictures.hpp"

namespace digits {

constexpr int side = 8;

// One picture in five is held out, by a hash of its line.
Dataset<Pictures> read();

}  // namespace digits
