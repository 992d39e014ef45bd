// The commands of the course. Each is a function of what was typed and returns the exit status;
// what cannot be done is a UsageError. A program has the commands whose files it is linked with:
// `judge` those that grade, `course` the demos, `course-solved` the book and the measurements as
// well.
#pragma once

#include "bench/bench.hpp"
#include "grader/grader.hpp"
#include "kit/places.hpp"

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace commands {

inline const std::string root = places::root;    // the folder of the course
inline const std::string build = places::build;  // where its programs lie
inline const std::string hints = root + "/course/hints";

// Something that the user typed cannot be done; what() says why and what can.
struct UsageError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct Arguments {
    std::string program, verb;
    std::vector<std::string> words;
    std::string json, chapters = root + "/chapters", recorded = root + "/tests/recorded";
    std::string worker = build + "/course", complaints = build + "/no-compile";
    std::string figures = build + "/figures", edition = "student", course = root;
    std::string verdicts;  // what was graded last; empty: nothing is remembered
    std::uint64_t seed = 0;
    StepSettings step;  // for bench, and its threads
    bool strict = false, first_miss_only = false, one_worker = false;
    std::string others;  // the objects beside a chapter that is built again: own, solved, stubs
};

// `const Command check_command("check", check);` is what `judge check` runs.
struct Command {
    using Function = int (*)(const Arguments&);
    Command(const char* verb, Function run);
};

// What stands on the command line: a verb, words, and options with their values.
Arguments parse(int argc, char** argv);

std::string first_word(const Arguments& arguments);  // or ""

// Only the student's own chapters are remembered; what others hand in is their business.
bool is_own(const Arguments& arguments);

// A whole number of at most six digits; −1 for anything else.
int whole_number(const std::string& text);

// All chapters as they are handed out.
std::vector<Chapter> catalogue();

// Keeps what a word names: "" everything, "11" or "11.2". Throws UsageError when there is no such.
std::vector<Chapter> select(const std::vector<Chapter>& all, const std::string& word);

// How to grade what the arguments name. Where the system can, workers are confined as they are in
// class: what is right at home is right there, and an answer does not come from the recorded ones.
Grading grading_for(const Arguments& arguments, const std::vector<Chapter>& all);

// On the last line of a terminal, until the next one; "" takes it away.
void show_progress(const std::string& text);

}  // namespace commands
