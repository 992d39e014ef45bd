// A worker: a process of its own in which a student's code runs, with a clock and limits around it.
// What it does wrong ends it, and nothing else.
#pragma once

#include "grader/confine.hpp"

#include <string>
#include <sys/types.h>

class Patience;

// How a call ended. A refusal is a std::invalid_argument, an error any other exception; unknown is
// a function that the worker does not have.
struct Reply {
    enum class Kind { value, todo, refusal, error, unknown, crash, timeout };
    Kind kind;
    std::string text;  // value: its encoding; todo: the exercise; else: what happened, in words
};

class Worker {
public:
    // Starts `program worker`. Throws std::runtime_error when it cannot be started.
    explicit Worker(const std::string& program);
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    // Sends one call and waits for its answer, so many seconds of the worker's own time. After a
    // crash or a time-out the worker is dead and further calls say the same again.
    Reply call(const std::string& function, const std::string& arguments, double seconds);

    // The last lines that the code printed, a few kilobytes at most.
    const std::string& output() const { return output_; }

private:
    Reply answer_to(const std::string& function, const std::string& arguments, double seconds,
                    Patience& patience);
    Reply end(Reply::Kind kind, const std::string& what);
    Reply died();
    Reply waited(double seconds);
    bool send(const std::string& message, Patience& patience);
    bool read_output();

    pid_t process_ = -1;
    int requests_ = -1, replies_ = -1, prints_ = -1;
    std::size_t printed_ = 0;
    std::string received_, output_;
    Reply last_words_{Reply::Kind::value, ""};
};

// Whether workers that are started from now on are limited and confined, as they should be.
void limit_workers(bool yes);

// From now on all answers together may take workers so many seconds of their own time; what is
// asked after that is a time-out. Returns what was left until now; at first there is no end to it.
double allot_time(double seconds);

// From now on workers are confined to these files and to their own program, if `probe`, a worker
// that nobody but the course has a hand in, answers like that. False when it does not.
bool confine_workers(const Allowed& allowed, const std::string& probe);

// Kills the worker that is running, if any. Safe to call from a signal handler.
void kill_running_worker();

// The worker's side: answers calls until the grader closes the channel. Returns an exit status.
int run_worker();

// What a worker can be asked for. `answer` decodes the arguments, calls and encodes the result.
// A worker does not start when two functions want the same name.
bool register_function(const char* name, std::string (*answer)(const std::string& arguments));
