// How English words sound: the dictionary in data/cmudict.txt, cut into words to learn from and
// words to be tested on, with letters and sounds as numbers; and how to count mistakes.
#pragma once

#include "kit/random.hpp"
#include "kit/tokens.hpp"

#include <string>
#include <utility>
#include <vector>

namespace pronunciation {

// ## One vocabulary for letters and sounds: three marks, a to z and ', and 39 sounds.

const Vocabulary& vocabulary();

// Throws std::invalid_argument, with the word, for anything but letters and apostrophes.
Sequence letters_of(const std::string& word);

// Throws std::invalid_argument for a sound that ARPAbet does not have.
Sequence sounds_of(const std::string& text);  // "K AE T"

// ## The dictionary

struct Entry {
    std::string word;
    Sequence letters;
    Sequences sounds;  // one or several pronunciations
};

struct Dictionary {
    std::vector<Entry> training, held_out;
};

// Throws std::runtime_error with the path, and the line that cannot be read.
Dictionary read_dictionary(const std::string& path);
std::string dictionary_path();  // that of the course

// ## Examples: a spelling and one of its pronunciations.

struct Pair {
    Sequence letters, sounds;
};
std::vector<Pair> pairs_of(const std::vector<Entry>& entries);

// All pairs in random order, in batches of `size` whose spellings, and then sounds, are of like
// length, so that little padding is computed. One of them may be smaller.
std::vector<std::vector<int>> batches_of_like_length(const std::vector<Pair>& pairs, int size,
                                                     Random& random);

// ## Mistakes

// How many sounds must be inserted, left out or replaced: Levenshtein (1966).
int edit_distance(const Sequence& a, const Sequence& b);

struct ErrorRates {
    double words = 0;   // the share without an exact match among the listed pronunciations
    double sounds = 0;  // edit distances to the nearest pronunciation over their lengths, all words
};
ErrorRates error_rates(const std::vector<Entry>& entries, const Sequences& said);

}  // namespace pronunciation
