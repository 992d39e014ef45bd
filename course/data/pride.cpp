#include "data/pride.hpp"

#include "kit/unicode.hpp"

#include <stdexcept>

namespace pride {

Dataset<Paragraphs> read() {
    Dataset<Paragraphs> all;
    read_lines(
        "pride.txt",
        [&](const std::string& line) {
            if (line.empty()) throw std::invalid_argument("a paragraph is needed");
            require_utf8(line);
            (is_held_out(line) ? all.held_out : all.training).push_back(line);
        },
        2126);
    return all;
}

}  // namespace pride
