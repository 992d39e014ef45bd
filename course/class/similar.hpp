// Which submissions share more than chance, the stub and the solution explain? A report for a
// person to read side by side, never a verdict.
//
// A chapter becomes a row of tokens in which every name is the same token and comments and layout
// are gone, so renamed variables change nothing. Every `window` tokens in a row make a fingerprint,
// of which the smallest in each neighbourhood is kept (winnowing, after Schleimer, Wilkerson and
// Aiken, 2003), wherever in the file it stands, so moved functions are found. What the stub or the
// solution has too is taken out, and so is what many submissions share.
#pragma once

#include "class/submission.hpp"

#include <string>
#include <vector>

// Prints the pairs that share most, with the lines, most similar first. Returns an exit status.
int show_similar(const std::string& root, const std::string& build, const std::string& submissions,
                 const std::vector<Chapter>& catalogue);
