#include "kit/pieces.hpp"

#include "kit/unicode.hpp"

// How many bytes a short form takes that begins here, or 0.
static std::size_t short_form(const std::string& text, std::size_t at) {
    for (const char* end : {"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"})
        if (text.compare(at, std::string(end).size(), end) == 0) return std::string(end).size();
    return 0;
}

static CharacterKind kind_at(const std::string& text, std::size_t at) {
    return kind_of(character_at(text, at).code);
}

// Where the characters of one kind end that begin here; `last` becomes the place of the last of
// them.
static std::size_t end_of_kind(const std::string& text, std::size_t at, std::size_t& last) {
    const CharacterKind kind = kind_at(text, at);
    while (at < text.size()) {
        const Character character = character_at(text, at);
        if (kind_of(character.code) != kind) break;
        last = at;
        at += character.bytes;
    }
    return at;
}

static std::size_t end_of_piece(const std::string& text, std::size_t begin) {
    if (text[begin] == '\'')
        if (const std::size_t length = short_form(text, begin)) return begin + length;
    const bool space = text[begin] == ' ' && begin + 1 < text.size() &&
                       kind_at(text, begin + 1) != CharacterKind::blank;
    std::size_t last = begin;
    const std::size_t end = end_of_kind(text, begin + space, last);
    const bool blanks = !space && kind_at(text, begin) == CharacterKind::blank;
    return blanks && end < text.size() && last > begin ? last : end;
}

std::vector<std::string> pieces_of(const std::string& text) {
    std::vector<std::string> pieces;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = end_of_piece(text, begin);
        pieces.push_back(text.substr(begin, end - begin));
        begin = end;
    }
    return pieces;
}
