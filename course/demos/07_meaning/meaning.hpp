// The demo of chapter 7: vectors of words that are learnt from what stands beside what, their
// neighbours, analogies and a map; and what a bag of words can tell of a text, and what it cannot.
#pragma once

#include "07_words.hpp"
#include "data/dataset.hpp"
#include "training/trainer.hpp"

#include <string>
#include <vector>

namespace meaning {

// All of it. Returns the percentage of definitions that is right with vectors of D numbers that are
// learnt with the task; NaN when they are not learnt, because FULL or TRAINED is asked for.
double show_all(int D);

// ## Vectors of words

struct Vectors {
    Vocabulary vocabulary;
    Tensor table;  // [V, D]

    int id(const std::string& word) const { return vocabulary.token(word); }
    bool knows(const std::string& word) const { return vocabulary.has(word); }
};

struct Plan {
    int D = 48, window = 5, noise = 5, passes = 4;
    float rate = 0.05f;      // at first; it falls evenly to nothing
    double frequent = 1e-3;  // of words with a larger share than this, some are left out by chance
};

// Skip-gram on these texts, for the words of this vocabulary.
Vectors learn(const std::vector<std::string>& texts, const Vocabulary& vocabulary, const Plan& plan,
              Random& random);

// What the demo learns from: the dictionary's training part, a text for each definition, with its
// word in front, and for each example. And the same for all of WordNet, when it is on this machine.
std::vector<std::string> dictionary_texts();
std::vector<std::string> all_of_wordnet();

// The long run: two minutes over all of WordNet, for the words of our dictionary that are frequent
// there. It says what they show and saves them as build/checkpoints/words.trained.
void learn_all_of_wordnet();

// In a file: eight bits for each number, and the length of a row is lost. `read_vectors` gets those
// that are shipped. Throws std::runtime_error when the file is not one of these.
void save_vectors(const std::string& path, const Vectors& vectors);
Vectors read_vectors();

// Two files that any projector of vectors on the web reads: numbers, and names, with tabs.
void export_tsv(const Vectors& vectors, int most);

// ## What they show

using Named = std::vector<std::pair<std::string, const Vectors*>>;

void show_neighbours(const Named& sets);
void show_analogies(const Named& sets);  // over whole lists of pairs, and the famous one's rank
void show_map(const Vectors& vectors);   // of some words of five groups
void prompt(const Vectors& vectors);     // at a terminal: a word, or three of them

// ## What a bag of words can tell

// Definitions and the ten commonest kinds of things that they define. Returns the percentage that
// vectors of D numbers, learnt with the task, get right.
double show_kinds(const Vectors& here, const Vectors& shipped, int D);
void show_reviews(const Vectors& shipped);

}  // namespace meaning
