// What a person reads: the course map, a failed check, the next step; and the same for scripts.
#pragma once

#include "course/grader/grader.hpp"

#include <string>
#include <vector>

struct ChapterResult {
    Chapter chapter;
    std::string file;  // of the student, "chapters/01_tensors.cpp"
    std::vector<ExerciseResult> exercises;
};

// Colours are used when standard output is a terminal and NO_COLOR is not set.
bool colours();

// "1.3 One row for many", what does not hold and why, in about 15 lines.
void print_findings(const ChapterResult& chapter, const ExerciseResult& result);

// What the compiler said of a chapter that is graded as no-compile.
void print_no_compile(const ChapterResult& chapter, const std::string& compiler);

// Parts, chapters, verdicts, points and a progress bar. Every exercise of the chapter in hand has a
// line of its own; with `whole`, every exercise has.
void print_map(const std::vector<ChapterResult>& chapters, bool whole);

// One line: where to go on, in what was graded or behind it.
void print_next_step(const std::vector<ChapterResult>& chapters, const std::vector<Chapter>& all);

// Why an exercise does not pass, in a line; empty when it passes or is not begun.
std::string message_of(const ExerciseResult& result);

// A text as JSON has it, in quotation marks.
std::string quoted(const std::string& text);

// {"student": …, "seed": …, "total": …, "max": …, "exercises": […]}: the contract's results.json.
// Throws std::runtime_error when the file cannot be written; then an older file stays as it was.
void write_json(const std::string& path, const std::string& student, std::uint64_t seed,
                const std::vector<ChapterResult>& chapters);
