#include "class/summary.hpp"

#include "kit/text.hpp"
#include "kit/whole_file.hpp"

#include <filesystem>
#include <sstream>

std::string summary_file(const std::string& folder) { return folder + "/graded.txt"; }

static std::string taken_file(const std::string& folder) { return folder + "/taken.txt"; }

// The line that names an error, or else the first. The linker's last word names none.
static std::string first_line(const std::string& text) {
    const std::vector<std::string> lines = lines_of(text);
    for (const std::string& line : lines)
        if (line.find("error") != std::string::npos &&
            line.find("ld returned") == std::string::npos)
            return line;
    return lines.empty() ? "" : lines[0];
}

static std::string one_line(std::string text) {
    for (char& letter : text)
        if (static_cast<unsigned char>(letter) < 0x20) letter = '?';
    return text;
}

static std::string misconception_of(const ExerciseResult& result) {
    return result.misconception.name.empty() ? "-" : result.misconception.name;
}

void forget(const std::string& folder) {
    std::error_code none;
    for (const std::string& file : {taken_file(folder), summary_file(folder),
                                    folder + "/results.json", folder + "/report.html"})
        std::filesystem::remove(file, none);
}

void write_fault(const std::string& folder, const std::string& why) {
    forget(folder);
    std::filesystem::create_directories(folder);
    write_file(summary_file(folder), "key\nnote could not be graded: " + one_line(why) + "\n");
}

static std::string note_lines(const std::vector<std::string>& notes) {
    std::string text;
    for (const std::string& note : notes) text += "note " + one_line(note) + "\n";
    return text;
}

void write_taken(const std::string& folder, const std::string& key, const Taken& taken) {
    write_file(taken_file(folder), "key " + key + "\ntaken " +
                                       std::to_string(taken.chapters.size()) + "\n" +
                                       note_lines(taken.notes));
}

void write_summary(const std::string& folder, const std::string& key, const Graded& graded) {
    std::string text;
    for (const ChapterResult& chapter : graded.chapters)
        for (const ExerciseResult& result : chapter.exercises)
            text += "exercise " + result.exercise.id() + " " + word(result.verdict) + " " +
                    std::to_string(result.points) + " " +
                    std::to_string(result.exercise.max_points) + " " +
                    word(result.own_chapters.value_or(result.verdict)) + " " +
                    misconception_of(result) + "\n";
    for (const auto& [chapter, complaint] : graded.no_compile)
        text += "no-compile " + two_digits(chapter) + " " + one_line(first_line(complaint)) + "\n";
    write_file(summary_file(folder), "key " + key + "\ntaken " + std::to_string(graded.taken) +
                                         "\n" + text + note_lines(graded.notes));
    std::error_code none;
    std::filesystem::remove(taken_file(folder), none);
}

static Summary read_from(const std::string& path) {
    Summary summary;
    for (const std::string& line : lines_of(file_text(path))) {
        std::istringstream words(line);
        std::string kind;
        words >> kind;
        if (kind == "key") words >> summary.key;
        if (kind == "taken") words >> summary.taken;
        if (kind == "no-compile") summary.no_compile.push_back(line.substr(11));
        if (kind == "note") summary.notes.push_back(line.substr(5));
        if (kind != "exercise") continue;
        SummaryLine read;
        words >> read.exercise >> read.verdict >> read.points >> read.max_points >>
            read.own_chapters >> read.misconception;
        summary.total += read.points;
        summary.max += read.max_points;
        summary.exercises.push_back(read);
    }
    return summary;
}

Summary read_summary(const std::string& folder) { return read_from(summary_file(folder)); }

Summary read_taken(const std::string& folder) { return read_from(taken_file(folder)); }
