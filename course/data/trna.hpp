// Transfer RNA: what each molecule is made of, and which of its bases pair; the file data/trna.txt.
#pragma once

#include "data/dataset.hpp"

#include <string>
#include <utility>
#include <vector>

namespace trna {

struct Molecule {
    char family;                             // the amino acid that it carries, a letter
    std::string bases;                       // A, C, G and U
    std::vector<std::pair<int, int>> pairs;  // bases i < j, counted from 0, by i
};
using Molecules = std::vector<Molecule>;

// Held out are whole families, those of F, H, W and D: nothing of them is learnt from.
Dataset<Molecules> read();

}  // namespace trna
