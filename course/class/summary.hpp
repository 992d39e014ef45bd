// What is kept of a graded submission so that it need not be graded again: OUT/STUDENT/graded.txt,
// from which the table and the page of the whole class are made.
#pragma once

#include "class/grading.hpp"

struct SummaryLine {
    std::string exercise, verdict, misconception;  // "-" when none is named
    int points = 0, max_points = 0;
    std::string own_chapters;
};

struct Summary {
    std::string key;  // of chapters, seed and course; empty: the grader failed, there is no mark
    std::string taken_as;   // the key that it will have when it is graded
    std::size_t taken = 0;  // chapters; if none, nothing was graded
    int total = 0, max = 0;
    std::vector<SummaryLine> exercises;
    std::vector<std::string> no_compile;  // "01 error: …"
    std::vector<std::string> notes;

    bool has_mark() const { return !key.empty() && taken > 0; }
};

std::string summary_file(const std::string& folder);
// Takes away what was said of an older submission.
void forget(const std::string& folder);

// Why the grader failed on it; there is no mark then.
void write_fault(const std::string& folder, const std::string& why);

// What was taken and is still to be graded: OUT/STUDENT/taken.txt, with the key that the summary
// will have. It goes when the summary is written.
void write_taken(const std::string& folder, const std::string& key, const Taken& taken);
Summary read_taken(const std::string& folder);

void write_summary(const std::string& folder, const std::string& key, const Graded& graded);
Summary read_summary(const std::string& folder);
