// What the course consists of, read from the chapters themselves: their headings are the only place
// where an exercise's title, difficulty and minutes are written.
#pragma once

#include <string>
#include <vector>

inline std::string two_digits(int chapter) {  // 1 → "01"
    return (chapter < 10 ? "0" : "") + std::to_string(chapter);
}

struct Exercise {
    int chapter = 0;     // 1
    int number = 0;      // 2
    std::string title;   // "Rows become columns"
    int difficulty = 0;  // 1 to 3
    int minutes = 0;
    int max_points = 0;  // two for each step of difficulty

    std::string id() const { return std::to_string(chapter) + "." + std::to_string(number); }
};

struct Chapter {
    int number = 0;
    std::string stem;   // "01_tensors"
    std::string title;  // "Tensors"
    std::string needs;  // "nothing but C++", "chapter 1"
    std::vector<Exercise> exercises;

    std::string id() const { return two_digits(number); }
};

// Reads the headings of every NN_topic.cpp in a folder, in order. Throws std::runtime_error with
// file and line when a heading cannot be read.
std::vector<Chapter> read_catalogue(const std::string& folder);

// "Part I: foundations": the part to which a chapter belongs.
std::string part_title(int chapter);

// Whether an exercise's stub stands in a student's file, so that it is not done.
bool has_stub(const std::string& file, const std::string& id);

// The line on which an exercise begins in a student's file: its TODO while there is one, else its
// heading; 0 when the file has neither.
int find_exercise(const std::string& file, const std::string& id);

// The line of its heading, whatever is still to do; 0 when the file has none.
int find_heading(const std::string& file, const std::string& id);

// An exercise's text in a student's file: from its heading to the next one, or nothing.
std::string exercise_text(const std::string& file, const std::string& id);
