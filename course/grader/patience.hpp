// How long a worker may take. The time that counts is its own: that in which it computes, sleeps or
// waits for itself, but not that in which it waits for a processor, so that a right answer is not
// lost on a busy machine. Ten times as long by the clock on the wall is the end in any case.
#pragma once

#include <functional>
#include <sys/types.h>

class Patience {
public:
    Patience(pid_t process, double seconds);

    // To be asked often: what happens in between is told by how the process is found.
    bool is_over();

    double spent() const;  // of the time that counts, in seconds

private:
    pid_t process_;
    double seconds_, begin_, looked_, used_;
    double waited_ = 0;  // for a processor
};

// A new process, as fork() makes it; when there is no room for one, waits until there is. Throws
// std::runtime_error after half a minute.
pid_t fork_patiently();

// A new process that at once becomes another program, as `become` does, which never returns. The
// memory is not copied for it (where vfork is to be had), so that `become` changes none of it.
pid_t start_patiently(const std::function<void()>& become);
