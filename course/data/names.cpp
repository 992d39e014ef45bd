#include "data/names.hpp"

#include <stdexcept>

namespace names {

Dataset<Names> read() {
    Dataset<Names> all;
    std::string before;
    read_lines(
        "names.txt",
        [&](const std::string& line) {
            const std::string letters = "abcdefghijklmnopqrstuvwxyz";
            if (line.size() < 2 || line.find_first_not_of(letters) != std::string::npos)
                throw std::invalid_argument("a name of two letters or more, a to z, is needed");
            if (line <= before) throw std::invalid_argument("the names are not in order");
            before = line;
            (is_held_out(line) ? all.held_out : all.training).push_back(line);
        },
        8403);
    return all;
}

const Vocabulary& vocabulary() {
    static const Vocabulary all({Mark::end}, characters_of("abcdefghijklmnopqrstuvwxyz"));
    return all;
}

Sequence tokens_of(const std::string& name) {
    const Sequence end = {vocabulary().token(Mark::end)};
    return joined(joined(end, vocabulary().tokens(characters_of(name))), end);
}

std::string text_of(const Sequence& tokens) {
    std::string text;
    for (int token : tokens)
        if (token != vocabulary().token(Mark::end)) text += vocabulary().name(token);
    return text;
}

}  // namespace names
