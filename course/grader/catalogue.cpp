#include "grader/catalogue.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <stdexcept>

std::string part_title(int chapter) {
    if (chapter <= 4) return "Part I: foundations";
    if (chapter <= 10) return "Part II: the road to attention";
    if (chapter <= 17) return "Part III: the transformer";
    return "Part IV: what it is for";
}

static bool starts_with(const std::string& text, const std::string& start) {
    return text.compare(0, start.size(), start) == 0;
}

// The whole number in front of a word: 15 in "difficulty 2 of 3 · 15 minutes" for " minutes".
static int number_before(const std::string& text, const std::string& word) {
    std::size_t end = text.find(word);
    if (end == std::string::npos) return 0;
    std::size_t begin = end;
    while (begin > 0 && text[begin - 1] >= '0' && text[begin - 1] <= '9') --begin;
    return begin == end ? 0 : std::stoi(text.substr(begin, end - begin));
}

// "// ## Exercise 1.2 — Rows become columns" and, on the next line,
// "// *About 8 lines · difficulty 2 of 3 · 15 minutes*".
static bool read_exercise(const std::string& heading, const std::string& details,
                          Exercise& exercise) {
    int used = 0;
    if (std::sscanf(heading.c_str(), "// ## Exercise %d.%d — %n", &exercise.chapter,
                    &exercise.number, &used) < 2 ||
        used == 0)
        return false;
    exercise.title = heading.substr(static_cast<std::size_t>(used));
    exercise.difficulty = number_before(details, " of 3");
    exercise.minutes = number_before(details, " minutes");
    exercise.max_points = 2 * exercise.difficulty;
    return exercise.difficulty >= 1 && exercise.difficulty <= 3 && exercise.minutes > 0;
}

static Chapter read_chapter(const std::filesystem::path& path) {
    Chapter chapter;
    chapter.stem = path.stem().string();
    std::ifstream file(path);
    std::string line, next;
    std::getline(file, line);
    for (int number = 1; file; line = next, ++number) {
        std::getline(file, next);
        int used = 0;
        if (std::sscanf(line.c_str(), "// # %d. %n", &chapter.number, &used) == 1 && used > 0)
            chapter.title = line.substr(static_cast<std::size_t>(used));
        if (starts_with(line, "// Needs: "))
            chapter.needs = line.substr(10, line.find_last_not_of('.') - 9);
        if (!starts_with(line, "// ## Exercise ")) continue;

        Exercise exercise;
        const int expected = static_cast<int>(chapter.exercises.size()) + 1;
        if (!read_exercise(line, next, exercise) || exercise.chapter != chapter.number ||
            exercise.number != expected)
            throw std::runtime_error(
                path.string() + ":" + std::to_string(number) + ": not the heading of exercise " +
                std::to_string(chapter.number) + "." + std::to_string(expected));
        chapter.exercises.push_back(exercise);
    }
    if (chapter.title.empty() || chapter.exercises.empty())
        throw std::runtime_error(path.string() + ": no title or no exercises");
    return chapter;
}

std::vector<Chapter> read_catalogue(const std::string& folder) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        if (entry.path().extension() == ".cpp") files.push_back(entry.path());
    std::sort(files.begin(), files.end());

    std::vector<Chapter> chapters;
    for (const auto& file : files) chapters.push_back(read_chapter(file));
    return chapters;
}

// A call of todo("1.2") that is not commented out.
static bool calls_todo(const std::string& line, const std::string& id) {
    const std::size_t call = line.find("todo(\"" + id + "\");");
    return call != std::string::npos && line.rfind("//", call) == std::string::npos;
}

bool has_stub(const std::string& path, const std::string& id) {
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);)
        if (calls_todo(line, id)) return true;
    return false;
}

int find_exercise(const std::string& path, const std::string& id) {
    std::ifstream file(path);
    std::string line;
    int call = 0;
    for (int number = 1; std::getline(file, line); ++number) {
        if (line.find("// TODO " + id + ":") != std::string::npos) return number;
        if (calls_todo(line, id)) call = number;
    }
    return call > 0 ? call : find_heading(path, id);
}

int find_heading(const std::string& path, const std::string& id) {
    std::ifstream file(path);
    std::string line;
    for (int number = 1; std::getline(file, line); ++number)
        if (starts_with(line, "// ## Exercise " + id + " ")) return number;
    return 0;
}

std::string exercise_text(const std::string& path, const std::string& id) {
    std::ifstream file(path);
    std::string text;
    bool inside = false;
    for (std::string line; std::getline(file, line);) {
        if (!line.empty() && line.back() == '\r') line.pop_back();  // some editors write it
        if (starts_with(line, "// ## ")) inside = starts_with(line, "// ## Exercise " + id + " ");
        if (inside) text += line + "\n";
    }
    return text;
}
