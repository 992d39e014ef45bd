// What authors ask of the grader: whether every wrong answer is caught and every right one passes,
// and what there is to record.
#pragma once

#include "grader/grader.hpp"

#include <string>
#include <vector>

// One answer to an exercise, right or wrong. A worker may hold many: the number chooses
// (tests/variants/fold.awk).
struct Variant {
    Exercise exercise;
    std::string file;  // the chapter's source
    std::string name, number, worker;
};

std::vector<ExerciseResult> grade_under_seeds(const Variant& variant, int seeds, Grading grading);

struct Alternative {
    Variant variant;
    std::string miss{};  // the first check that it does not pass: its verdict, seed, rule and why
};

// Asks them all that the checks of their exercises ask, under so many seeds from 0 on, or until a
// check has asked ten times as many questions. One that draws no random numbers asks the same under
// every seed, and is run once; the solutions are asked once for all alternatives. Throws
// std::runtime_error when it is the solution that does not pass.
void ask_alternatives(std::vector<Alternative>& alternatives, int seeds, const Grading& grading);

// A misconception, with the print of all that its answers follow from.
struct Mistake {
    Variant variant;
    std::string print, sentence;
};

// Writes down what misconceptions answer, a file for each exercise; they are all that it has. What
// was made from the same is kept. Returns complaints about those that no check catches.
std::vector<std::string> record_misconceptions(const std::vector<Mistake>& mistakes,
                                               const Grading& grading);

// Asks the worker, which must be the solutions', all that the checks of a chapter ask, and writes
// its answers to `recorded`. Returns the findings of the checks that it does not pass; when there
// are any, nothing is written.
std::vector<Finding> record(const Chapter& chapter, const Grading& grading);

// Mistakes of the authors, in words: exercises without a check, checks without an exercise,
// recorded answers that no check asks for any more.
std::vector<std::string> audit(const std::vector<Chapter>& chapters, const Grading& grading);
