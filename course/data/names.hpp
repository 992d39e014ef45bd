// English first names, in data/names.txt: one a line, in small letters.
#pragma once

#include "data/dataset.hpp"
#include "kit/tokens.hpp"

#include <string>
#include <vector>

namespace names {

using Names = std::vector<std::string>;

Dataset<Names> read();

// Tokens of a model that writes names: one mark, which stands before a name and behind it, and a to
// z.
const Vocabulary& vocabulary();

// The mark, the letters, the mark. Throws std::invalid_argument for what is no letter.
Sequence tokens_of(const std::string& name);

// The letters, without marks.
std::string text_of(const Sequence& tokens);

}  // namespace names
