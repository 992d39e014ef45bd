// What a student's chapter is held against: the stub, as it was handed out.
#pragma once

#include <string>

// Whether there is code of the student's in an exercise; comments do not count.
bool is_begun(const std::string& stub, const std::string& file, const std::string& id);

// The first line of code, or heading of an exercise, that was given and is changed or gone.
struct GivenLine {
    int number = 0;  // in the stub; 0: all of them are there
    std::string text;
    bool is_heading() const { return text.compare(0, 2, "//") == 0; }
};
GivenLine changed_line(const std::string& stub, const std::string& file);
