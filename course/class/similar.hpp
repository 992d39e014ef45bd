// Which submissions share more than chance, the stub and the solution explain? A report for a
// person to read side by side, never a verdict.
//
// A chapter becomes a row of tokens in which every name is the same token and comments and layout
// are gone, so renamed variables change nothing. Every `window` tokens in a row make a fingerprint,
// of which the smallest in each neighbourhood is kept (winnowing, after Schleimer, Wilkerson and
// Aiken, 2003), wherever in the file it stands, so moved functions are found. What the stub or the
// solution has too is taken out, and so is what many submissions share.
#pragma once

#include "course/class/submission.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

struct Token {
    std::string text;  // "x" for every name, "0" for every number
    int line = 0;
};

std::vector<Token> tokens_of(const std::string& source);

// Fingerprint → the first and the last line of where it stands first.
using Fingerprints = std::map<std::uint64_t, std::pair<int, int>>;

// With `all`, every fingerprint is kept: for what is taken out.
Fingerprints fingerprints_of(const std::vector<Token>& tokens, bool all);

// Prints the pairs that share most, with the lines, most similar first. Returns an exit status.
int show_similar(const std::string& root, const std::string& build, const std::string& submissions,
                 const std::vector<Chapter>& catalogue);
