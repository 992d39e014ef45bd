#include "data/wordnet.hpp"

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

Dataset<Entries> read() {
    Dataset<Entries> entries;
    read_lines("wordnet.txt", [&](const std::string& line) {
        Entry entry = entry_of(line);
        const bool out = is_held_out(entry.definition);
        (out ? entries.held_out : entries.training).push_back(std::move(entry));
    });
    return entries;
}

}  // namespace wordnet
