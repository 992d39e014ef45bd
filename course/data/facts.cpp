#include "data/facts.hpp"

#include "kit/unicode.hpp"

#include <sstream>
#include <stdexcept>

namespace facts {

static bool is_relation(const std::string& text) {
    for (const char* known :
         {"capital", "continent", "language", "German name", "state capital", "symbol",
          "atomic number", "constellation", "magnitude", "colour class"})
        if (text == known) return true;
    return false;
}

static Fact fact_of(const std::string& line) {
    std::istringstream columns(line);
    Fact fact;
    std::getline(columns, fact.subject, '\t');
    std::getline(columns, fact.relation, '\t');
    std::getline(columns, fact.object);
    if (fact.subject.empty() || fact.object.empty() ||
        fact.object.find('\t') != std::string::npos)
        throw std::invalid_argument(
            "a subject, a relation and an object are needed, with tabs between");
    if (!is_relation(fact.relation))
        throw std::invalid_argument("'" + fact.relation + "' is no relation");
    return fact;
}

Dataset<Facts> read() {
    Dataset<Facts> all;
    read_lines(
        "facts.txt",
        [&](const std::string& line) {
            require_utf8(line);
            const Fact fact = fact_of(line);
            (is_held_out(fact.subject, 5) ? all.held_out : all.training).push_back(fact);
        },
        2737);
    return all;
}

}  // namespace facts
