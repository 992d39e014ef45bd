// Tokens: what a network reads and writes. A token is a word, a letter, a sound or a mark, and
// stands in a sequence as a number; a vocabulary knows which number is which.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

using Sequence = std::vector<int>;  // tokens from 0 to V − 1
using Sequences = std::vector<Sequence>;

std::vector<int> lengths_of(const Sequences& sequences);

Sequence joined(Sequence first, const Sequence& second);  // one behind the other

// The sequences one behind the other, each filled up to the longest: [B, T], row by row.
std::vector<int> padded(const Sequences& sequences, int padding);

// Each token as V numbers, a 1 at its own place among zeros: [N, V], row by row. What is no token,
// such as −1, is all zeros.
std::vector<float> one_hot(const std::vector<int>& tokens, int V);

// A text in pieces, to be looked up: its characters (in UTF-8), or what stands between blanks.
std::vector<std::string> characters_of(const std::string& text);
std::vector<std::string> words_of(const std::string& text);

// Tokens that no text contains: what fills a sequence up, stands before it and behind it, stands
// for words that are not known, for one that is hidden, and for the sequence as a whole.
enum class Mark { padding, begin, end, unknown, mask, classification };

// Numbers and names of V tokens: first the marks, then the names, in the order in which they are
// given.
class Vocabulary {
public:
    // Throws std::invalid_argument when something is listed twice.
    Vocabulary(const std::vector<Mark>& marks, const std::vector<std::string>& names);

    int size() const { return static_cast<int>(names_.size()); }  // V

    // From a name to its token. A name that is not there is the unknown mark; without that mark,
    // and for a mark that is not there, it throws std::invalid_argument with the name.
    int token(Mark mark) const;
    int token(const std::string& name) const;
    Sequence tokens(const std::vector<std::string>& names) const;
    bool has(const std::string& name) const { return tokens_.count(name) > 0; }

    // From a token to its name, "cat" or "end". Throws std::invalid_argument for another number.
    const std::string& name(int token) const;
    std::string text(const Sequence& tokens, const std::string& between = "") const;

private:
    std::vector<Mark> marks_;
    std::vector<std::string> names_;               // those of the marks too,
    std::unordered_map<std::string, int> tokens_;  // but a text that says "end" means the word
};
