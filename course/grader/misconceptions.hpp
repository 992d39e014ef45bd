// Known wrong answers. Each misconception of tests/misconceptions/ was asked all that the checks
// of its exercise ask, and what it answered lies in tests/recorded/misconceptions/. A wrong answer
// of a student is looked up among them.
#pragma once

#include "grader/run.hpp"

#include <string>
#include <vector>

struct Misconception {
    std::string name;      // "unscaled"; empty: none is known that answers like this
    std::string sentence;  // to the student
};

// What is kept of an answer to tell it from others: of a long one a few numbers.
Value thinned(const Value& answer);

// The misconception that passes what passed here and answers as was answered everywhere else; of
// several that throw, the one that throws the same words. None when there are several with other
// sentences, or too little to go by: crashes and time-outs look alike, whatever their cause.
// `folder` holds the recorded answers.
Misconception look_up(const std::string& exercise, const std::vector<Finding>& checks,
                      const std::string& folder);

// One misconception's part of the file of its exercise: its name, sentence and answers to the
// checks that it does not pass. `print` tells whether it has changed since.
std::string recorded_misconception(const Misconception& misconception, const std::string& print,
                                   const std::vector<Finding>& checks);

// The part that was recorded, if it was made from the same; or nothing.
std::string recorded_part(const std::string& exercise, const std::string& name,
                          const std::string& print, const std::string& folder);

// The file of an exercise, of the parts of its misconceptions.
void write_misconceptions(const std::string& exercise, const std::string& parts,
                          const std::string& folder);
