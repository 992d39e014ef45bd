// Phrases in English and German: numbers in words, dates, units, times, lists of names; the file
// data/phrases.txt.
#pragma once

#include "data/dataset.hpp"
#include "kit/tokens.hpp"

#include <string>
#include <vector>

namespace phrases {

using Words = std::vector<std::string>;

// A text in words, each with its capitals; digits, brackets, commas and full stops stand alone. A
// word that goes on keeps its seam: "eighty-three" is `eighty-` and `three`, "drei|und|achtzig" is
// `drei|`, `und|` and `achtzig`.
Words words_of_text(const std::string& text);

// And back, as one writes it: "eighty-three", "dreiundachtzig", "9. Mai 2026".
std::string text_of(const Words& words);

struct Phrase {
    Words english, german;
    std::string kind;  // of what is held out, "hours ago"; empty in training
};
using Phrases = std::vector<Phrase>;

// What is held out is so by its kind, and no training phrase is of that kind:
//
//   numbers     with 37, 46, 83 or 91 in words, anywhere; 38, 47 and 33 are learnt
//   hours ago   an hour or hours are learnt, and days ago
//   S           a language in a country with S, such as "Welsh (Spain)"; both are learnt apart
//   lists       of four names; lists of two and three are learnt. Put together from two of two
//
// and one phrase in twenty, by its hash, of all that is left: `alike`.
Dataset<Phrases> read();

// The five kinds, in this order.
const std::vector<std::string>& kinds();

// One vocabulary for both languages, in the order in which the words come: three marks, then what
// is learnt.
Vocabulary vocabulary_of(const Phrases& training);

}  // namespace phrases
