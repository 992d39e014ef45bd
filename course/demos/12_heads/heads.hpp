// The demo of chapter 12: where two heads look, as percents and as a picture.
#pragma once

#include "12_multi_head_attention.hpp"

namespace heads {

// Of weights [1, 2, 6, 6], for "the cat sat on the mat".
void show_heads(const Tensor& weights);

}  // namespace heads
