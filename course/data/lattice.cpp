#include "data/lattice.hpp"

#include <sstream>
#include <stdexcept>

namespace lattice {

static Chain chain_of(const std::string& line) {
    std::istringstream columns(line);
    Chain chain;
    std::string more;
    if (!(columns >> chain.sequence >> chain.turns >> chain.energy) || columns >> more)
        throw std::invalid_argument("a chain, turns and an energy are needed, with blanks between");
    if (chain.sequence.size() != beads || chain.turns.size() != beads - 2)
        throw std::invalid_argument("'" + chain.sequence + "' and '" + chain.turns + "' are not " +
                                    std::to_string(beads) + " beads and their turns");
    if (chain.sequence.find_first_not_of("HP") != std::string::npos ||
        chain.turns.find_first_not_of("SLR") != std::string::npos)
        throw std::invalid_argument("beads are H and P, turns S, L and R");
    return chain;
}

Dataset<Chains> read() {
    Dataset<Chains> all;
    read_lines(
        "lattice.txt",
        [&](const std::string& line) {
            const Chain chain = chain_of(line);
            (is_held_out(chain.turns, 5) ? all.held_out : all.training).push_back(chain);
        },
        3189);
    return all;
}

}  // namespace lattice
