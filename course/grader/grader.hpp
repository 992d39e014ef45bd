// The grader: all checks of an exercise, and the verdict that follows from them.
#pragma once

#include "grader/catalogue.hpp"
#include "grader/misconceptions.hpp"
#include "grader/run.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

struct ExerciseResult {
    Exercise exercise;
    Verdict verdict = Verdict::grader_error;
    int points = 0;
    std::vector<Finding> checks;            // in order, as far as they were run
    int before_first_miss = 0;              // how many of them passed before one did not
    std::optional<Verdict> own_chapters{};  // on the student's own chapters alone, when asked for
    Misconception misconception{};          // that answers like this, if one is known

    const Finding* first_miss() const {
        const std::size_t place = static_cast<std::size_t>(before_first_miss);
        return place < checks.size() ? &checks[place] : nullptr;
    }
};

struct Grading {
    std::string worker;                     // the program that runs the chapters
    std::string recorded;                   // the folder of the solution's recorded answers
    std::string hidden_recorded;            // the same for the hidden checks
    std::string stubs;                      // the folder of the chapters as they are handed out
    std::map<int, std::string> no_compile;  // chapter → the beginning of what the compiler said
    std::uint64_t seed = 0;                 // of the random inputs; the recorded answers go with 0
    std::string solutions;                  // with any other seed, this program answers first
    bool first_miss_only = false;           // enough to know that it is wrong, and not how
    bool one_worker = false;                // answers all checks; without it each has a new one
};

// One check, asked of `program` under the seed of the grading: of a fresh worker, or of the one
// that answers all of them.
Finding run_check(const CheckDefinition& check, const std::string& program, const Grading& grading,
                  Recording recording, std::vector<std::string>& answers);

// `file` is the chapter's source. Never throws on account of a student's code. Points are shared
// evenly over an exercise's checks and count up to the first that does not pass, rounded down, so
// that a lucky answer earns nothing. Where the program has no checks of a chapter, because it was
// not begun when it was built, its exercises are todo as long as the file is the stub.
ExerciseResult grade(const Exercise& exercise, const std::string& file, const Grading& grading);

// The same under the seeds 0, 1, … A check that draws no random numbers asks the same under every
// seed, and is run once; of the others what is behind the first miss is not asked again.
std::vector<ExerciseResult> grade_under_seeds(const Exercise& exercise, const std::string& file,
                                              Grading grading, int seeds);

// The same by the checks that students have, and without a look at what is known of misconceptions.
ExerciseResult grade_visible(const Exercise& exercise, const std::string& file,
                             const Grading& grading);

bool is_wrong(Verdict verdict);  // there is an answer, and not the right one

// With a new seed: asks the solutions all that the checks of these chapters ask, and keeps the
// answers, so that they are there for every grading that follows in this process and in those that
// it forks. An exercise that draws no inputs carries no points then: its answers may be known.
// Returns complaints about checks that the solutions do not pass under this seed.
std::vector<std::string> ask_solutions(std::vector<Chapter>& chapters, const Grading& grading);
