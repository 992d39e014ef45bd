#include "student/given.hpp"

#include "grader/catalogue.hpp"
#include "kit/text.hpp"
#include "kit/whole_file.hpp"

#include <algorithm>
#include <vector>

// Without the space around it; empty for a comment that is no heading of an exercise.
static std::string bare(const std::string& line) {
    const std::string text = trimmed(line);
    return begins_with(text, "//") && !begins_with(line, "// ## Exercise ") ? "" : text;
}

static std::vector<std::string> bare_lines(const std::string& text) {
    std::vector<std::string> lines = lines_of(text);
    for (std::string& line : lines) line = bare(line);
    return lines;
}

static std::string code_of(const std::string& text) {
    std::string code;
    for (const std::string& line : bare_lines(text))
        if (!line.empty()) code += line + "\n";
    return code;
}

bool is_begun(const std::string& stub, const std::string& file, const std::string& id) {
    const std::string own = exercise_text(file, id);
    return !own.empty() && code_of(own) != code_of(exercise_text(stub, id));
}

// An answer takes the place of a TODO; all other lines follow each other as they did, but for those
// that hold a brace only: of them the compiler says more. An experiment changes two lines: what is
// predicted, and the number above it.
GivenLine changed_line(const std::string& stub, const std::string& file) {
    const std::vector<std::string> given = bare_lines(file_text(stub)),
                                   own = bare_lines(file_text(file));
    if (std::all_of(own.begin(), own.end(), [](const std::string& line) { return line.empty(); }))
        return {};  // there is nothing at all
    const auto predicts = [&](std::size_t i) {
        return i < given.size() && begins_with(given[i], "static const double predicted");
    };
    auto place = own.begin();
    for (std::size_t i = 0; i < given.size(); ++i) {
        if (given[i].size() < 4 || begins_with(given[i], "todo(\"")) continue;
        if (predicts(i) || predicts(i + 1)) continue;
        place = std::find(place, own.end(), given[i]);
        if (place == own.end()) return {static_cast<int>(i) + 1, given[i]};
        ++place;
    }
    return {};
}
