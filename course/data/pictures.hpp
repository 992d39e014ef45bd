// Pictures in grey, each with a label: what data/digits.txt and data/clothes.txt have in common.
#pragma once

#include "data/dataset.hpp"

#include <string>
#include <vector>

struct Pictures {
    std::vector<float> pixels;  // picture after picture, each row by row: 0 dark to 1 bright
    std::vector<int> labels;    // 0 to 9
};

// Adds the picture of one line: its label, a space, and one character a pixel, 0 to 9 and then a,
// b, … up to `brightest`. Throws std::invalid_argument when the line has another form.
void add_picture(const std::string& line, int pixels, int brightest, Pictures& pictures);
