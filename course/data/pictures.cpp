#include "data/pictures.hpp"

#include <stdexcept>

// 0 to 9 and then a, b, …; −1 for anything else.
static int grey_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'a' && c <= 'z' ? c - 'a' + 10 : -1;
}

void add_picture(const std::string& line, int pixels, int brightest, Pictures& pictures) {
    if (static_cast<int>(line.size()) != pixels + 2 || line[1] != ' ' || line[0] < '0' ||
        line[0] > '9')
        throw std::invalid_argument("a digit, a space and " + std::to_string(pixels) +
                                    " pixels are needed");
    std::vector<float> greys;
    for (char c : line.substr(2)) {
        const int grey = grey_of(c);
        if (grey < 0 || grey > brightest)
            throw std::invalid_argument("'" + std::string(1, c) + "' is no pixel from 0 to " +
                                        std::to_string(brightest));
        greys.push_back(static_cast<float>(grey) / brightest);
    }
    pictures.labels.push_back(line[0] - '0');
    pictures.pixels.insert(pictures.pixels.end(), greys.begin(), greys.end());
}
