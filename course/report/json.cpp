// The same for scripts.

#include "grader/printable.hpp"
#include "report/report.hpp"
#include "kit/whole_file.hpp"

std::string quoted(const std::string& text) {
    std::string result = "\"";
    for (char letter : printable(text)) {
        if (letter == '"' || letter == '\\') (result += '\\') += letter;
        else if (letter == '\n') result += "\\n";
        else if (letter == '\t') result += "\\u0009";
        else result += letter;
    }
    return result + "\"";
}

static std::string name_of(const Misconception& misconception) {
    return misconception.name.empty() ? "null" : quoted(misconception.name);
}

std::string message_of(const ExerciseResult& result) {
    if (result.verdict == Verdict::no_compile) return "the chapter does not compile";
    if (!result.first_miss() || result.verdict == Verdict::todo) return "";
    const Finding& miss = *result.first_miss();
    const bool ended = miss.verdict == Verdict::crash || miss.verdict == Verdict::timeout;
    return miss.rule + (miss.hidden && !ended ? "" : ": " + miss.message);
}

void write_json(const std::string& path, const std::string& student, std::uint64_t seed,
                const std::vector<ChapterResult>& chapters) {
    int total = 0, max = 0;
    std::string exercises;
    for (const ChapterResult& chapter : chapters)
        for (const ExerciseResult& result : chapter.exercises) {
            total += result.points, max += result.exercise.max_points;
            exercises += std::string(exercises.empty() ? "" : ",") +
                         "\n  {\"exercise\": " + quoted(result.exercise.id()) +
                         ", \"title\": " + quoted(result.exercise.title) +
                         ", \"verdict\": " + quoted(word(result.verdict)) +
                         ", \"points\": " + std::to_string(result.points) +
                         ", \"max_points\": " + std::to_string(result.exercise.max_points) +
                         ",\n   \"misconception\": " + name_of(result.misconception) +
                         ", \"message\": " + quoted(message_of(result)) + ", \"own_chapters\": " +
                         quoted(word(result.own_chapters.value_or(result.verdict))) + "}";
        }
    write_file(path, "{\"student\": " + quoted(student) + ", \"seed\": " + std::to_string(seed) +
                         ", \"total\": " + std::to_string(total) + ", \"max\": " +
                         std::to_string(max) + ", \"exercises\": [" + exercises + "\n]}\n");
}
