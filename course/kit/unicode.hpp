// The characters of a text in UTF-8: where each ends, which one it is, and of what kind.
#pragma once

#include <cstddef>
#include <string>

enum class CharacterKind { other, blank, letter, digit };

struct Character {
    int code;   // its number in Unicode, or −1 for a byte that belongs to no character
    int bytes;  // how many it takes, from 1 to 4
};

// The character that begins at this place, which is in front of the end.
Character character_at(const std::string& text, std::size_t at);

// What is no character is of the kind `other`.
CharacterKind kind_of(int code);

// The character with this number, in UTF-8. Throws std::invalid_argument when there is none.
std::string utf8_of(int code);

// Throws std::invalid_argument, with the place of the first byte that belongs to no character.
void require_utf8(const std::string& text);
