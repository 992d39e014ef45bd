// How far is it? One line for a training run: a bar, the loss, the accuracy, the time left. On a
// terminal the line is drawn over itself; elsewhere a plain line is written at each tenth of the
// way. Everything goes to standard error, so that what a demo says can be kept apart.
#pragma once

#include <chrono>
#include <cmath>
#include <string>

class Progress {
public:
    // `total` is how many steps, batches or epochs there will be; `already` how many were done on
    // another day, and say nothing about the time left.
    Progress(const std::string& title, int total, int already = 0);
    ~Progress();  // ends the line, also when training was stopped by an error
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    // Say how many are done. A loss, and an accuracy between 0 and 1, are shown when they are
    // numbers; so may a note be, such as a speed.
    void show(int done, double loss, double accuracy = NAN, const std::string& note = "");

private:
    using Clock = std::chrono::steady_clock;

    std::string line(int done, double loss, double accuracy, const std::string& note) const;

    std::string title_;
    int total_, already_;
    bool terminal_;
    bool drawn_ = false;  // is there a line on the terminal that has not ended?
    int tenths_ = 0;      // plain lines written so far
    Clock::time_point start_ = Clock::now(), last_ = {};
};

// The words of the line, for example "12 s", "3 min 20 s" or "2 h 5 min".
std::string duration_text(double seconds);
