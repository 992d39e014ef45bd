#include "report/hints.hpp"

#include "report/words.hpp"
#include "kit/places.hpp"
#include "kit/text.hpp"
#include "kit/whole_file.hpp"

#include <cstdio>
#include <filesystem>
#include <map>
#include <stdexcept>

Hints hints_of(const std::string& folder, const Chapter& chapter, const Exercise& exercise) {
    Hints hints;
    std::vector<std::string> paragraphs;
    bool inside = false, between = true;
    for (const std::string& line : lines_of(file_text(folder + "/" + chapter.stem + ".txt"))) {
        if (begins_with(line, "## ")) inside = line == "## " + exercise.id();
        else if (inside && line.empty()) between = true;
        else if (inside) {
            if (between) paragraphs.push_back(line);
            else paragraphs.back() += " " + line;
            between = false;
        }
    }
    const std::string after = "After: ";
    for (const std::string& paragraph : paragraphs)
        if (begins_with(paragraph, after)) hints.insight = paragraph.substr(after.size());
        else hints.steps.push_back(paragraph);
    return hints;
}

// ## How many have been shown: a line "11.2 1" for each exercise

static std::map<std::string, int> read_shown(const std::string& path) {
    std::map<std::string, int> shown;
    std::ifstream file(path);
    std::string id;
    for (int count; file >> id >> count;) shown[id] = count;
    return shown;
}

static void write_shown(const std::string& path, const std::map<std::string, int>& shown) {
    std::ofstream file(path);
    for (const auto& [id, count] : shown) file << id << ' ' << count << '\n';
}

void show_next_hint(const std::string& folder, const std::string& shown_path,
                    const Chapter& chapter, const Exercise& exercise, HintIn where) {
    const Hints hints = hints_of(folder, chapter, exercise);
    const std::string id = exercise.id();
    const int count = static_cast<int>(hints.steps.size());
    if (count == 0)
        throw std::runtime_error("no hints for exercise " + id + " in " + folder + "/" +
                                 chapter.stem + ".txt");
    std::map<std::string, int> shown = read_shown(shown_path);
    int& here = shown[id];
    if (here < 0 || here >= count) here = 0;  // all were shown: from the first again
    std::printf("\n %s  %s: hint %d of %d\n", id.c_str(), exercise.title.c_str(), here + 1, count);
    print_wrapped(hints.steps[here], 3);
    ++here;
    write_shown(shown_path, shown);
    const char* const next = here < count ? "next hint" : "from the first hint again";
    if (where == HintIn::watch) {
        std::printf(" %s: the key h; try: save\n", next);
        return;
    }
    std::printf(" %s: make hint EXERCISE=%s\n", next, id.c_str());
    std::printf(" try: make check EXERCISE=%s\n", id.c_str());
}

void print_insight(const std::string& folder, const Chapter& chapter, const Exercise& exercise) {
    const Hints hints = hints_of(folder, chapter, exercise);
    if (hints.insight.empty()) return;
    print_wrapped(hints.insight, 3);
    if (std::filesystem::exists(std::string(places::root) + "/solutions"))
        std::printf("   compare with the solution: make diff CHAPTER=%s\n", chapter.id().c_str());
}
