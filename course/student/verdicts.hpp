// What the last grading said, so that `list`, `next` and `hint` need not grade again. It is a
// convenience: nothing is graded by it, and what it does not know is told as changed.
#pragma once

#include "grader/grader.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

struct Remembered {
    std::string verdict;  // the word of the contract
    int points = 0;
    std::uint64_t text = 0;  // hash of its text, and of those that it rests on, when it was graded
};

using Verdicts = std::map<std::string, Remembered>;  // "11.2" → …

// One line an exercise: "11.2 pass 2 9f3c…". A file that is missing or odd is an empty memory.
Verdicts read_verdicts(const std::string& path);

// Writes down what was graded, beside what was there.
void remember(const std::string& path, const std::string& chapter_file,
              const std::vector<ExerciseResult>& results);

// The same, in memory alone.
Verdicts with(Verdicts verdicts, const std::string& chapter_file,
              const std::vector<ExerciseResult>& results);

// How an exercise stands without grading it: its last verdict while its text is the same, and that
// of the exercises that it rests on, else "todo" while its stub is there, else "changed".
std::string standing(const Exercise& exercise, const std::string& chapter_file,
                     const Verdicts& verdicts);

// The first exercise that this one rests on and that is wrong itself, and where it stands.
struct Culprit {
    std::string exercise;  // empty: there is none
    std::string place;
};
Culprit wrong_foundation(const Exercise& exercise, const std::vector<Chapter>& chapters,
                         const std::string& folder, const Verdicts& verdicts);

// Where to go on: what was begun and does not pass, else the first that is not begun; the last
// exercise of all when everything passes (then `all_pass` is set).
struct Open {
    Chapter chapter;
    Exercise exercise;
    bool all_pass = false;
};
Open next_open(const std::vector<Chapter>& chapters, const std::string& folder,
               const Verdicts& verdicts);
