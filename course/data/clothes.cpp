#include "data/clothes.hpp"

namespace clothes {

const std::vector<std::string>& kinds() {
    static const std::vector<std::string> names = {"T-shirt", "trousers",  "pullover", "dress",
                                                   "coat",    "sandal",    "shirt",    "trainer",
                                                   "bag",     "ankle boot"};
    return names;
}

Dataset<Pictures> read() {
    Dataset<Pictures> all;
    read_lines("clothes.txt", [&](const std::string& line) {
        const bool out = all.training.labels.size() == 8000;
        add_picture(line, side * side, 15, out ? all.held_out : all.training);
    });
    return all;
}

}  // namespace clothes
