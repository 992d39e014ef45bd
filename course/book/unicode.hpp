// Text as code points, so that a letter is a letter whatever its bytes are. Private to this folder.
#pragma once

#include <stdexcept>
#include <string>

namespace book {

using Points = std::u32string;

inline Points points(const std::string& text) {
    Points result;
    for (std::size_t i = 0; i < text.size();) {
        const unsigned char first = static_cast<unsigned char>(text[i++]);
        const int more = first < 0x80 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
        char32_t point = more == 0 ? first : first & (0x3f >> more);
        for (int k = 0; k < more; ++k, ++i) {
            if (i >= text.size() || (text[i] & 0xc0) != 0x80)
                throw std::invalid_argument("a character is not UTF-8");
            point = point << 6 | (text[i] & 0x3f);
        }
        result += point;
    }
    return result;
}

inline std::string bytes(const Points& text) {
    std::string result;
    for (const char32_t point : text) {
        const auto put = [&](char32_t byte) { result += static_cast<char>(byte); };
        if (point < 0x80) put(point);
        else if (point < 0x800) put(0xc0 | point >> 6), put(0x80 | (point & 0x3f));
        else {
            if (point < 0x10000) put(0xe0 | point >> 12);
            else put(0xf0 | point >> 18), put(0x80 | (point >> 12 & 0x3f));
            put(0x80 | (point >> 6 & 0x3f)), put(0x80 | (point & 0x3f));
        }
    }
    return result;
}

inline std::string bytes(char32_t point) { return bytes(Points(1, point)); }

inline bool is_digit(char32_t c) { return c >= U'0' && c <= U'9'; }
inline bool is_accent(char32_t c) { return c >= 0x300 && c <= 0x36f; }  // as over x̂
inline bool is_letter(char32_t c) {
    return (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z') || (c >= 0x391 && c <= 0x3d6) ||
           (c >= 0xc0 && c <= 0x24f && c != U'×' && c != U'÷');
}

}  // namespace book
