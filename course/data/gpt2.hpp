// GPT-2's own table of merges, in data/gpt2_merges.txt, and what it makes of some texts, in
// data/gpt2_fixtures.txt.
#pragma once

#include "kit/tokens.hpp"

#include <string>
#include <utility>
#include <vector>

namespace gpt2 {

// The two tokens of each merge, in the order of their ranks, in GPT-2's own letters for bytes.
using Merges = std::vector<std::pair<std::string, std::string>>;
Merges read_merges();

struct Fixture {
    std::string text;
    Sequence tokens;
};
std::vector<Fixture> read_fixtures();

}  // namespace gpt2
