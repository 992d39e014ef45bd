// Hints stand outside the chapters, in course/hints/NN_topic.txt: a heading `## 11.2`, three
// paragraphs, each a hint that says more than the one before, and one that begins with `After:`,
// the insight to take along once the exercise passes.
#pragma once

#include "grader/catalogue.hpp"

#include <string>
#include <vector>

struct Hints {
    std::vector<std::string> steps;
    std::string insight;
};

// Empty where the file has nothing for this exercise.
Hints hints_of(const std::string& folder, const Chapter& chapter, const Exercise& exercise);

// Shows the next hint of three and counts it in the file `shown`. Throws std::runtime_error when
// there is none. In a watch the next one is a key, and a save is the next try.
enum class HintIn { command, watch };
void show_next_hint(const std::string& folder, const std::string& shown, const Chapter& chapter,
                    const Exercise& exercise, HintIn where);

// One line or two after a pass; nothing where no insight is written.
void print_insight(const std::string& folder, const Chapter& chapter, const Exercise& exercise);
