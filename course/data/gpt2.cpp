#include "data/gpt2.hpp"

#include "data/dataset.hpp"
#include "kit/text.hpp"

#include <sstream>
#include <stdexcept>

namespace gpt2 {

Merges read_merges() {
    Merges merges;
    bool first = true;
    read_lines(
        "gpt2_merges.txt",
        [&](const std::string& line) {
            if (first && !begins_with(line, "#version"))
                throw std::invalid_argument(
                    "the first line of a table of merges begins with #version");
            const std::vector<std::string> parts = words_of(line);
            if (!first && parts.size() != 2)
                throw std::invalid_argument("two tokens are needed, with a blank between");
            if (!first) merges.emplace_back(parts[0], parts[1]);
            first = false;
        },
        50001);
    return merges;
}

// What stands between the quotes of a JSON string. Characters beyond ASCII stand there themselves.
static std::string text_of_json(const std::string& quoted) {
    if (quoted.size() < 2 || quoted.front() != '"' || quoted.back() != '"')
        throw std::invalid_argument("a text in double quotes is needed");
    std::string text;
    for (std::size_t i = 1; i + 1 < quoted.size(); ++i) {
        if (quoted[i] != '\\') {
            text += quoted[i];
            continue;
        }
        const char letter = quoted[++i];
        if (letter == 'n') text += '\n';
        else if (letter == 't') text += '\t';
        else if (letter == '"' || letter == '\\') text += letter;
        else throw std::invalid_argument(std::string("\\") + letter + " is not known");
    }
    return text;
}

std::vector<Fixture> read_fixtures() {
    std::vector<Fixture> fixtures;
    read_lines(
        "gpt2_fixtures.txt",
        [&](const std::string& line) {
            const std::size_t tab = line.find('\t');
            if (tab == std::string::npos)
                throw std::invalid_argument("a text, a tab and its tokens are needed");
            Fixture fixture = {text_of_json(line.substr(0, tab)), {}};
            std::istringstream numbers(line.substr(tab));
            for (int token; numbers >> token;) fixture.tokens.push_back(token);
            if (fixture.tokens.empty() || !numbers.eof())
                throw std::invalid_argument("numbers are needed behind the tab");
            fixtures.push_back(fixture);
        },
        24);
    return fixtures;
}

}  // namespace gpt2
