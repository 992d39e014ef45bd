// Grades at each save: the exercise in hand first, then the rest of its chapter.
#pragma once

#include "grader/grader.hpp"

#include <string>
#include <vector>

struct Watching {
    std::vector<Chapter> all;     // the course
    std::vector<Chapter> wanted;  // where the first exercise in hand is looked for
    std::string exercise;         // "11.2", the one to begin with, or empty
    std::string root, build;      // the folder of the course, and where its programs lie
    std::string chapters;         // the folder of the student's files
    std::string folder;           // for what is built while watching
    std::string others;           // the objects of the chapters not changed: own, solved or stubs
    Grading grading;              // with the worker that was built last
    std::string verdicts;         // the file of what was graded
    std::string complaints;       // the folder of what the compiler said at the last whole build
    std::vector<std::string> command;  // that starts the same watch, but for the exercise
};

// Until `q`, Ctrl-C or SIGTERM. Returns an exit status.
int watch(const Watching& plan);
