// Which line crashed, or wrote outside its memory without crashing? The chapter is built once more
// with sanitizers, the check is run again, and the sanitizers' report is cut down to one line of
// the student's own code.
#pragma once

#include "grader/grader.hpp"

#include <string>

struct CrashTools {
    std::string build;   // where the programs lie; the work is done in its folder crash/
    std::string others;  // the objects of the other chapters: "own", "solved" or "stubs"
    std::uint64_t seed = 0;
};

// Finds the first check of this exercise that crashed, or else the first that fails, and fills in
// its `where`: the place, what happened there and the line itself; of a crash also, in a few words,
// why it could not be found. It stays empty where nothing is to be seen.
void look_closer(const CrashTools& tools, const std::string& chapter_file, ExerciseResult& result);
