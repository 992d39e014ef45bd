// The terminal of a program that waits for single keys. Where there is none, there are no keys.
#pragma once

#include <string>

class Terminal {
public:
    Terminal();              // from now on each key arrives at once, and is not shown
    ~Terminal();             // the terminal is as it was found,
    void give_back() const;  // or before
    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;

    bool present() const { return present_; }

    // Waits for a key or for something on `channel` (−1: none), at most so long. Returns the key;
    // 0 when there is none, 4 (Ctrl-D) when the terminal is gone.
    char wait(int channel, int milliseconds) const;

    // An empty page, where the terminal can do that.
    void clear() const;

    // A line that is written over by the next one, where the terminal can do that.
    void status(const std::string& text) const;

private:
    bool present_ = false;
};
