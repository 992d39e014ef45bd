// Other programs at work for the grader: the build script, tar and unzip. Each gets a clock, no
// terminal and no input, and is killed with all that it started when it takes too long.
#pragma once

#include "grader/confine.hpp"

#include <stdexcept>
#include <string>
#include <vector>

// What the grader cannot do on this machine, whatever was handed in.
struct GraderFault : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct Command {
    std::vector<std::string> words;
    double seconds = 60;
    std::size_t largest_output = 1u << 20;  // more than this ends it
    const Allowed* allowed = nullptr;       // null: it is not confined
};

struct Outcome {
    int status = -1;  // the exit status; −1 when it was killed or could not be started
    bool too_long = false, too_much = false;
    std::string output;  // what it printed; its errors are not kept
};

// Throws GraderFault when no process can be made.
Outcome run(const Command& command);

// Kills the command that is running, if any. Safe to call from a signal handler.
void kill_running_command();
