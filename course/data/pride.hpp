// Jane Austen, "Pride and Prejudice" (1813), in data/pride.txt: a paragraph a line.
#pragma once

#include "data/dataset.hpp"

#include <string>
#include <vector>

namespace pride {

using Paragraphs = std::vector<std::string>;

Dataset<Paragraphs> read();

}  // namespace pride
