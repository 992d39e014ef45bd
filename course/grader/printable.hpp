// What a student's code, or a compiler of it, says is shown on terminals and in pages: anything but
// printable UTF-8 becomes a question mark, and so does what is not seen, or turns the writing
// beside it around.
#pragma once

#include <cstdint>
#include <string>

// Zero-width characters, marks of direction, variations and tags.
inline bool is_invisible(std::uint32_t letter) {
    return letter == 0xad || letter == 0x61c || letter == 0x180e || letter == 0xfeff ||
           (letter >= 0x200b && letter <= 0x200f) || (letter >= 0x2028 && letter <= 0x202e) ||
           (letter >= 0x2060 && letter <= 0x206f) || (letter >= 0xe0000 && letter <= 0xe0fff);
}

inline std::string printable(const std::string& text) {
    std::string result;
    for (std::size_t i = 0; i < text.size();) {
        const unsigned char first = static_cast<unsigned char>(text[i]);
        const std::size_t length = first < 0x80                    ? 1
                                   : first >= 0xc2 && first < 0xe0 ? 2
                                   : first >= 0xe0 && first < 0xf0 ? 3
                                   : first >= 0xf0 && first < 0xf5 ? 4
                                                                   : 0;
        bool fine = length > 0 && i + length <= text.size() && first != 0x7f &&
                    (first >= 0x20 || first == '\n' || first == '\t');
        for (std::size_t k = 1; fine && k < length; ++k)
            fine = (static_cast<unsigned char>(text[i + k]) & 0xc0) == 0x80;
        // Not too long a form, no half of a pair, none beyond the last, none that controls.
        const unsigned char second =
            fine && length > 1 ? static_cast<unsigned char>(text[i + 1]) : 0;
        if (fine && length > 1)
            fine = !(first == 0xc2 && second < 0xa0) && !(first == 0xe0 && second < 0xa0) &&
                   !(first == 0xed && second > 0x9f) && !(first == 0xf0 && second < 0x90) &&
                   !(first == 0xf4 && second > 0x8f);
        std::uint32_t letter = length > 1 ? first & (0xffu >> (length + 1)) : first;
        for (std::size_t k = 1; fine && k < length; ++k)
            letter = letter << 6 | (static_cast<unsigned char>(text[i + k]) & 0x3f);
        fine = fine && !is_invisible(letter);
        result += fine ? text.substr(i, length) : "?";
        i += fine ? length : 1;
    }
    return result;
}
