// Long work that can be stopped: while one of these is alive, Ctrl-C (SIGINT), SIGTERM and the end
// of the terminal (SIGHUP) do not end the program; they only make `asked()` true, and the work
// saves what it has and returns.
#pragma once

class Interruption {
public:
    Interruption();
    ~Interruption();  // the signals mean again what they meant before
    Interruption(const Interruption&) = delete;
    Interruption& operator=(const Interruption&) = delete;

    static bool asked();
};
