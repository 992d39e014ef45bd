// What a person reads: the course map, a failed check, the next step; and the same for scripts.
#pragma once

#include "grader/grader.hpp"
#include "student/verdicts.hpp"

#include <string>
#include <vector>

struct ChapterResult {
    Chapter chapter;
    std::string file;  // of the student, "chapters/01_tensors.cpp"
    std::vector<ExerciseResult> exercises;
};

// "1.3 One row for many", and its verdict.
void print_verdict(const ExerciseResult& result);

// "1.3 One row for many", what does not hold and why, in about 15 lines. Where an exercise that it
// rests on is wrong, that one is named, and its place.
void print_findings(const ChapterResult& chapter, const ExerciseResult& result,
                    const Culprit& culprit = {});

// The place where it crashed or went wrong, if that was looked for and found, after all else.
void print_late_place(const ExerciseResult& result);

// Of an exercise that is not done although there is code in it: what is left to do.
void print_still_todo(const ChapterResult& chapter, const ExerciseResult& result);

// Code that was given and is no longer there, where that may be why something does not pass.
void print_changed_line(const ChapterResult& chapter, const std::string& stub);

// The first error that the compiler found in a chapter, which is graded as no-compile.
void print_no_compile(const ChapterResult& chapter, const std::string& compiler);

// Parts, chapters, verdicts, points and a progress bar. Every exercise of the chapter in hand has a
// line of its own; with `whole`, every exercise has.
void print_map(const std::vector<ChapterResult>& chapters, bool whole);

// The parts of a map: "Part I: …"; a chapter with its points; "1.1 pass  1.2 todo" in few lines.
struct Standing {
    std::string exercise, word;
};
void print_part(const std::string& title);
void print_short_way();  // which chapters lead to attention soonest
void print_chapter_line(const Chapter& chapter, int points);
void print_standings(const std::vector<Standing>& standings);
void print_standings(const std::vector<ExerciseResult>& results);

// "chapters/01_tensors.cpp:103": what is still to do, or the heading of what is wrong; and "next:"
// with it and the exercise, "about 10 minutes".
std::string place(const std::string& file, const Exercise& exercise,
                  Verdict verdict = Verdict::todo);
void print_place(const std::string& file, const Exercise& exercise,
                 Verdict verdict = Verdict::todo);

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
