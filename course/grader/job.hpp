// Work in a process of its own, with everything that it starts, so that it can be called off.
#pragma once

#include <functional>
#include <string>
#include <sys/types.h>
#include <vector>

class ForkedJob {
public:
    // Runs `work` in a new process and process group. What it prints comes through `output`; its
    // exit status is what `work` returns.
    explicit ForkedJob(const std::function<int()>& work);
    ~ForkedJob();  // calls it off
    ForkedJob(const ForkedJob&) = delete;
    ForkedJob& operator=(const ForkedJob&) = delete;

    int channel() const { return output_; }  // to wait at, with poll

    // Adds what has been printed to `text`. False once the work has ended and all is read.
    bool read(std::string& text);

    int status() const { return status_; }  // after the end; 128 + signal after a crash

private:
    void wait_for_end();

    pid_t process_ = -1;
    int output_ = -1;
    int status_ = 0;
};

// Runs a program, found in PATH, and returns its exit status; 127 when it cannot be started.
int run_program(const std::vector<std::string>& words);
