// The words of a formula: numbers, letters, names, brackets, signs. Private to this folder.
#pragma once

#include "book/unicode.hpp"

#include <vector>

namespace book {

enum class Is {
    number,
    variable,
    name,
    open,
    close,
    bar,
    script,
    raised,
    lowered,
    root,
    sum,
    slash,
    partial,
    sign,
    comma,
    end
};

struct Token {
    Is is = Is::end;
    Points text = {};
    bool spaced = false;  // is there a space before it?
};

// The last one is `end`. Throws std::invalid_argument when a character has no meaning.
std::vector<Token> words_of(const Points& text);

// Takes the letters that belong, from this place on.
Points run_of(const Points& text, std::size_t& at, bool (*belongs)(char32_t));

// How many there are, accents not counted.
int letters_in(const Points& word);

}  // namespace book
