// How English words sound: the dictionary in data/cmudict.txt, with letters and sounds as numbers;
// and how to count mistakes.
#pragma once

#include "data/dataset.hpp"
#include "kit/random.hpp"
#include "kit/tokens.hpp"

#include <string>
#include <vector>

namespace cmudict {

// One vocabulary for letters and sounds: three marks, a to z and ', and 39 sounds.
const Vocabulary& vocabulary();

// Throws std::invalid_argument, with the word, for anything but letters and apostrophes.
Sequence letters_of(const std::string& word);

// ## The dictionary

struct Entry {
    std::string word;
    Sequence letters;
    Sequences sounds;  // one or several pronunciations
};
using Entries = std::vector<Entry>;

Dataset<Entries> read();

// ## Examples: a spelling and one of its pronunciations

struct Pair {
    Sequence letters, sounds;
};
using Pairs = std::vector<Pair>;
Pairs pairs_of(const Entries& entries);

// All pairs in random order, in batches of `size` whose spellings, and then sounds, are of like
// length, so that little padding is computed. One of them may be smaller.
std::vector<std::vector<int>> batches(const Pairs& pairs, int size, Random& random);

// ## Mistakes

// How many sounds must be inserted, left out or replaced: Levenshtein (1966).
int edit_distance(const Sequence& a, const Sequence& b);

struct ErrorRates {
    double words = 0;   // the share without an exact match among the listed pronunciations
    double sounds = 0;  // edit distances to the nearest pronunciation over their lengths, all words
};
ErrorRates error_rates(const Entries& entries, const Sequences& said);

}  // namespace cmudict
