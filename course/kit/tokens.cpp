#include "kit/tokens.hpp"

#include <algorithm>
#include <sstream>
#include <stdexcept>

std::vector<int> lengths_of(const Sequences& sequences) {
    std::vector<int> lengths;
    for (const Sequence& s : sequences) lengths.push_back(static_cast<int>(s.size()));
    return lengths;
}

Sequence joined(Sequence first, const Sequence& second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

std::vector<int> padded(const Sequences& sequences, int padding) {
    std::size_t longest = 0;
    for (const Sequence& each : sequences) longest = std::max(longest, each.size());
    std::vector<int> all;
    for (const Sequence& each : sequences) {
        all.insert(all.end(), each.begin(), each.end());
        all.insert(all.end(), longest - each.size(), padding);
    }
    return all;
}

std::vector<float> one_hot(const std::vector<int>& tokens, int V) {
    std::vector<float> all(tokens.size() * V);
    for (std::size_t i = 0; i < tokens.size(); ++i)
        if (tokens[i] >= 0 && tokens[i] < V) all[i * V + tokens[i]] = 1;
    return all;
}

std::vector<std::string> characters_of(const std::string& text) {
    std::vector<std::string> all;
    for (char byte : text) {
        const bool goes_on = (static_cast<unsigned char>(byte) & 0xc0) == 0x80;
        if (!goes_on || all.empty()) all.emplace_back();
        all.back() += byte;
    }
    return all;
}

std::vector<std::string> words_of(const std::string& text) {
    std::vector<std::string> all;
    std::istringstream stream(text);
    for (std::string word; stream >> word;) all.push_back(word);
    return all;
}

static std::string name_of(Mark mark) {
    static const char* const names[] = {"padding", "begin", "end",
                                        "unknown", "mask",  "classification"};
    return names[static_cast<int>(mark)];
}

Vocabulary::Vocabulary(const std::vector<Mark>& marks, const std::vector<std::string>& names)
    : marks_(marks) {
    for (Mark mark : marks) {
        if (std::count(marks.begin(), marks.end(), mark) > 1)
            throw std::invalid_argument("Vocabulary: two marks " + name_of(mark));
        names_.push_back(name_of(mark));
    }
    for (const std::string& name : names) {
        if (!tokens_.emplace(name, size()).second)
            throw std::invalid_argument("Vocabulary: '" + name + "' is there twice");
        names_.push_back(name);
    }
}

int Vocabulary::token(Mark mark) const {
    const auto found = std::find(marks_.begin(), marks_.end(), mark);
    if (found == marks_.end())
        throw std::invalid_argument("Vocabulary: there is no mark " + name_of(mark));
    return static_cast<int>(found - marks_.begin());
}

int Vocabulary::token(const std::string& name) const {
    const auto found = tokens_.find(name);
    if (found != tokens_.end()) return found->second;
    if (std::count(marks_.begin(), marks_.end(), Mark::unknown) > 0) return token(Mark::unknown);
    throw std::invalid_argument("'" + name + "' is not in this vocabulary");
}

Sequence Vocabulary::tokens(const std::vector<std::string>& names) const {
    Sequence all;
    for (const std::string& name : names) all.push_back(token(name));
    return all;
}

const std::string& Vocabulary::name(int token) const {
    if (token < 0 || token >= size())
        throw std::invalid_argument("Vocabulary: token " + std::to_string(token) + " of " +
                                    std::to_string(size()));
    return names_[token];
}

std::string Vocabulary::text(const Sequence& tokens, const std::string& between) const {
    std::string all;
    for (int token : tokens) all += between + name(token);
    return all.empty() ? all : all.substr(between.size());
}
