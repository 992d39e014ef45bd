// What words mean: the dictionary in data/wordnet.txt.
#pragma once

#include "data/dataset.hpp"

#include <string>
#include <vector>

namespace wordnet {

// One sense of a word; a word that has several senses has several entries.
struct Entry {
    std::string word;                   // "bread", "blood group"
    std::string category;               // one of 45, such as noun.food, verb.motion, adj.all
    std::string kind;                   // what it is a kind of, "baked goods"; empty for adjectives
    std::string definition;             // without its examples
    std::vector<std::string> examples;  // sentences and phrases that use it; often none
};
using Entries = std::vector<Entry>;

// Held out by their definition: entries that say the same stand on the same side.
Dataset<Entries> read();

// The ten commonest of what nouns are, "artifact", "act", …, and which of them an entry is: its
// number, or -1 if it is none.
const std::vector<std::string>& common_categories();
int common_category(const Entry& entry);

// All of WordNet, from a folder with its files data.noun, data.verb, data.adj and data.adv, as the
// Debian package wordnet-base puts them into /usr/share/wordnet. An entry has all words of its
// sense, with commas between; category and kind stay empty. Throws std::runtime_error, with file
// and line, for what does not fit.
Dataset<Entries> read_all(const std::string& folder = "/usr/share/wordnet");

}  // namespace wordnet
