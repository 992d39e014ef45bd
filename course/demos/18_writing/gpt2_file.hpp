// A file of GPT-2's weights as chapter 18 wants it.
#pragma once

#include "18_gpt.hpp"
#include "data/safetensors.hpp"

namespace writing {

// Its tensors, named as in chapter 18. The file must live as long as they do. Throws
// std::runtime_error when a head that the file has is not the table of tokens.
NamedTensors weights_of(const safetensors::File& file);

}  // namespace writing
