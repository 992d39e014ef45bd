// What the compiler said of a chapter: its first error, told as a place in the student's own file.
#pragma once

#include "grader/catalogue.hpp"

#include <map>
#include <string>
#include <vector>

struct Complaint {
    int line = 0;         // in the student's file; 0 when the compiler names none
    std::string message;  // "error: 'totl' was not declared in this scope"
    std::string excerpt;  // the lines of code that the compiler shows below it
    std::string advice;   // what to look for, where the message alone does not say it
    int others = 0;       // how many more errors there are
};

// The first error in a chapter's file, chapters/01_tensors.cpp. An error in a header that the
// chapter uses is told at the chapter's line that led there. Without an error, the message is the
// first line.
Complaint first_error(const std::string& said, const std::string& file);

// The first warning, or an empty message.
Complaint first_warning(const std::string& said, const std::string& file);

// Chapters that do not compile, and what the compiler said of each: FOLDER/NN_topic.txt.
std::map<int, std::string> compiler_complaints(const std::vector<Chapter>& chapters,
                                               const std::string& folder);
