#include "data/wordnet.hpp"

#include <algorithm>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace wordnet {

// `a round vessel; "a bowl of soup"`: examples stand between double quotes, and what is left of the
// first one is the definition.
static void take_meaning(const std::string& meaning, Entry& entry) {
    std::istringstream pieces(meaning);
    std::getline(pieces, entry.definition, '"');
    entry.definition.erase(entry.definition.find_last_not_of(" ;:,") + 1);
    for (std::string example, between; std::getline(pieces, example, '"');) {
        entry.examples.push_back(example);
        std::getline(pieces, between, '"');
    }
}

static bool is_category(const std::string& text) {
    const std::string part = text.substr(0, text.find('.') + 1);
    return part == "noun." || part == "verb." || part == "adj." || part == "adv.";
}

static Entry entry_of(const std::string& line) {
    std::istringstream columns(line);
    Entry entry;
    std::string meaning;
    std::getline(columns, entry.word, '\t');
    std::getline(columns, entry.category, '\t');
    std::getline(columns, entry.kind, '\t');
    std::getline(columns, meaning, '\t');
    take_meaning(meaning, entry);
    if (entry.word.empty() || entry.definition.empty() || columns.rdbuf()->in_avail() > 0)
        throw std::invalid_argument(
            "a word, its category, its kind and its meaning are needed, "
            "with tabs between");
    if (!is_category(entry.category))
        throw std::invalid_argument("'" + entry.category + "' is no category");
    return entry;
}

static void keep(Entry entry, Dataset<Entries>& entries) {
    const bool out = is_held_out(entry.definition);
    (out ? entries.held_out : entries.training).push_back(std::move(entry));
}

const std::vector<std::string>& common_categories() {
    static const std::vector<std::string> all = {
        "artifact", "act",   "communication", "person",    "plant",
        "group",    "animal", "location",      "cognition", "food"};
    return all;
}

int common_category(const Entry& entry) {
    for (std::size_t i = 0; i < common_categories().size(); ++i)
        if (entry.category == "noun." + common_categories()[i]) return static_cast<int>(i);
    return -1;
}

Dataset<Entries> read() {
    Dataset<Entries> entries;
    read_lines("wordnet.txt", [&](const std::string& line) { keep(entry_of(line), entries); });
    return entries;
}

// ## All of WordNet

// `00001740 03 n 01 entity 0 003 … | that which is …`: place, category, part of speech, how many
// words in hexadecimal, the words, each with a number, and the meaning behind the bar. The licence
// at the top is indented.
static Entry entry_of_all(const std::string& line) {
    const std::size_t bar = line.find(" | ");
    std::istringstream fields(line.substr(0, bar));
    std::string place, category, part, word, number;
    int count = 0;
    Entry entry;
    fields >> place >> category >> part >> std::hex >> count;
    while (count-- > 0 && fields >> word >> number) {
        std::replace(word.begin(), word.end(), '_', ' ');
        entry.word += (entry.word.empty() ? "" : ", ") + word;
    }
    if (bar != std::string::npos) take_meaning(line.substr(bar + 3), entry);
    if (!fields || entry.word.empty() || entry.definition.empty())
        throw std::invalid_argument("a place, words and a meaning are needed");
    return entry;
}

Dataset<Entries> read_all(const std::string& folder) {
    Dataset<Entries> entries;
    for (const char* part : {"noun", "verb", "adj", "adv"})
        read_lines_of(folder + "/data." + part, [&](const std::string& line) {
            if (line.compare(0, 2, "  ") != 0) keep(entry_of_all(line), entries);
        });
    return entries;
}

}  // namespace wordnet
