#include "data/trna.hpp"

#include <algorithm>
#include <sstream>
#include <stdexcept>

namespace trna {

// Each closing bracket belongs to the last one that is still open.
static std::vector<std::pair<int, int>> pairs_of(const std::string& brackets) {
    std::vector<std::pair<int, int>> pairs;
    std::vector<int> open;
    for (std::size_t i = 0; i < brackets.size(); ++i) {
        const int place = static_cast<int>(i);
        if (brackets[i] == '(') open.push_back(place);
        if (brackets[i] != ')') continue;
        if (open.empty()) throw std::invalid_argument("a bracket is closed that was not open");
        pairs.emplace_back(open.back(), place);
        open.pop_back();
    }
    if (!open.empty()) throw std::invalid_argument("a bracket is open, and never closed");
    std::sort(pairs.begin(), pairs.end());
    return pairs;
}

static Molecule molecule_of(const std::string& line) {
    std::istringstream columns(line);
    std::string family, bases, brackets, more;
    columns >> family >> bases >> brackets;
    if (family.size() != 1 || brackets.empty() || columns >> more)
        throw std::invalid_argument("a letter, bases and brackets are needed, with blanks between");
    if (family[0] < 'A' || family[0] > 'Z')
        throw std::invalid_argument("'" + family + "' stands for no amino acid");
    if (bases.find_first_not_of("ACGU") != std::string::npos)
        throw std::invalid_argument("'" + bases + "' has other letters than A, C, G and U");
    if (brackets.find_first_not_of("(.)") != std::string::npos)
        throw std::invalid_argument("'" + brackets + "' has other characters than ( . )");
    if (bases.size() != brackets.size())
        throw std::invalid_argument(std::to_string(bases.size()) + " bases and " +
                                    std::to_string(brackets.size()) + " brackets and dots");
    return {family[0], bases, pairs_of(brackets)};
}

Dataset<Molecules> read() {
    Dataset<Molecules> all;
    read_lines(
        "trna.txt",
        [&](const std::string& line) {
            Molecule molecule = molecule_of(line);
            const bool out = std::string("FHWD").find(molecule.family) != std::string::npos;
            (out ? all.held_out : all.training).push_back(std::move(molecule));
        },
        1269);
    return all;
}

}  // namespace trna
