// What is known about places, elements and stars: the facts in data/facts.txt.
#pragma once

#include "data/dataset.hpp"

#include <string>
#include <vector>

namespace facts {

// "Austria", "capital", "Vienna". Relations are capital, continent, language and German name, of
// countries; state capital, of states; symbol and atomic number, of elements; constellation,
// magnitude and colour class, of stars.
struct Fact {
    std::string subject, relation, object;
};
using Facts = std::vector<Fact>;

// Held out by their subject, one in five: what is known of it stands on one side.
Dataset<Facts> read();

}  // namespace facts
