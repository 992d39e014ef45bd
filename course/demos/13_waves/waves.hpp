// The demo of chapter 13: the encoding as numbers and pictures, and a star seen at irregular times.
#pragma once

#include "13_positional_encoding.hpp"
#include "kit/figure.hpp"

namespace waves {

void print_table();  // of four features, at positions 0 to 3

// The attention weights of six words, without positions and with them: of the two `the`, and all.
void show_words(const figure::Names& words, const Tensor& without, const Tensor& with);

void draw_table();     // as a map, and the sines of four hands
void draw_products();  // of the encodings of two places, by their distance

// A star in three seasons: how alike its observations are, by index, t, log(1 + t) and gaps.
void show_gap();

}  // namespace waves
