// Which line crashed? The chapter is built once more with sanitizers, the check that crashed is run
// again, and the sanitizers' report is cut down to one line of the student's own code.
#pragma once

#include "course/grader/grader.hpp"

#include <string>

struct CrashTools {
    std::string build;   // where the programs lie; the work is done in its folder crash/
    std::string others;  // the objects of the other chapters: "own", "solved" or "stubs"
    std::uint64_t seed = 0;
};

// Finds the first check of this exercise that crashed, and fills in its `where`: the place, what
// happened there and the line itself, or in a few words why it could not be found.
void explain_crash(const CrashTools& tools, const std::string& chapter_file,
                   ExerciseResult& result);
