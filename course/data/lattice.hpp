// Chains of eighteen beads, H or P, that have a single best fold on the square lattice, and that
// fold; the file data/lattice.txt.
#pragma once

#include "data/dataset.hpp"

#include <string>
#include <vector>

namespace lattice {

struct Chain {
    std::string sequence;  // of H and P
    std::string turns;     // of its best fold, as chapter 22 writes them
    int energy;
};
using Chains = std::vector<Chain>;

constexpr int beads = 18;

// all 3,189 there are, if a chain that is read from its other end is the same. Held out is one fold
// in five, by a hash of its turns, with all chains that fold like this.
Dataset<Chains> read();

}  // namespace lattice
