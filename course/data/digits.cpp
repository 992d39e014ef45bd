#include "data/digits.hpp"

namespace digits {

Dataset<Pictures> read() {
    Dataset<Pictures> all;
    read_lines("digits.txt", [&](const std::string& line) {
        add_picture(line, side * side, 16, is_held_out(line, 5) ? all.held_out : all.training);
    });
    return all;
}

}  // namespace digits
