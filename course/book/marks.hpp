// What can be pointed at in a chapter: sections, exercises and formulas. Private to this folder.
#pragma once

#include "book/pieces.hpp"

namespace book {

std::string slug(const std::string& title);  // "Why it is so" → "why-it-is-so"

struct ExerciseHeading {
    std::string number, title, length;
    int difficulty = 0, minutes = 0;
};

// "## Exercise 1.2 — Title" and "*About 8 lines · difficulty 2 of 3 · 15 minutes*"; without a
// number when it is not written so.
ExerciseHeading heading_of(const Piece& piece);

// A line of a group of formulas: "y = x W   (4.1)" is cut into formula and number.
bool cut_number(const std::string& line, std::string& formula, std::string& number);

// The sections and exercises of a chapter, as links.
std::string contents_html(const std::vector<Piece>& pieces);

}  // namespace book
