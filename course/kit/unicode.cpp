#include "kit/unicode.hpp"

#include <cstdlib>
#include <stdexcept>
#include <vector>

static constexpr int characters = 0x110000;
static const int first_of_length[] = {0, 0, 0x80, 0x800, 0x10000};  // what is shorter is refused

static bool is_a_character(int code) {
    return code >= 0 && code < characters && (code < 0xd800 || code > 0xdfff);
}

Character character_at(const std::string& text, std::size_t at) {
    const auto byte = [&](std::size_t place) { return static_cast<unsigned char>(text[place]); };
    const int first = byte(at);
    if (first < 0x80) return {first, 1};
    const int bytes = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc0 || first >= 0xf8 || at + bytes > text.size()) return {-1, 1};
    int code = first & (0x7f >> bytes);
    for (int i = 1; i < bytes; ++i) {
        if ((byte(at + i) & 0xc0) != 0x80) return {-1, 1};
        code = code << 6 | (byte(at + i) & 0x3f);
    }
    if (code < first_of_length[bytes] || !is_a_character(code)) return {-1, 1};
    return {code, bytes};
}

// A kind for each number, of the runs in unicode_kinds.inc.
static std::vector<CharacterKind> all_kinds() {
    static const char runs[] =
#include "kit/unicode_kinds.inc"
        ;
    std::vector<CharacterKind> kinds(characters);
    for (const char* at = runs; *at != '\0';) {
        char* letter;
        const long begin = std::strtol(at, &letter, 16);
        at = letter + 1;
        const long end = *at == '\0' ? characters : std::strtol(at, nullptr, 16);
        const CharacterKind kind = *letter == 'L'   ? CharacterKind::letter
                                   : *letter == 'N' ? CharacterKind::digit
                                   : *letter == 'W' ? CharacterKind::blank
                                                    : CharacterKind::other;
        for (long code = begin; code < end; ++code) kinds[code] = kind;
    }
    return kinds;
}

CharacterKind kind_of(int code) {
    static const std::vector<CharacterKind> kinds = all_kinds();
    return code < 0 || code >= characters ? CharacterKind::other : kinds[code];
}

std::string utf8_of(int code) {
    if (!is_a_character(code))
        throw std::invalid_argument("utf8_of: " + std::to_string(code) + " is no character");
    const int bytes = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    std::string text(bytes, static_cast<char>(code));
    if (bytes == 1) return text;
    for (int i = bytes - 1; i > 0; --i, code >>= 6)
        text[i] = static_cast<char>(0x80 | (code & 0x3f));
    text[0] = static_cast<char>((0xff00 >> bytes & 0xff) | code);
    return text;
}

void require_utf8(const std::string& text) {
    for (std::size_t at = 0; at < text.size();) {
        const Character character = character_at(text, at);
        if (character.code < 0)
            throw std::invalid_argument("byte " + std::to_string(at + 1) + " is no UTF-8");
        at += character.bytes;
    }
}
