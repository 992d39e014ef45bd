// What a process may see and do. Where the operating system can (Linux 5.13 and later, with
// Landlock), a program is confined to the files that it is given: it cannot read, write or start
// anything else.
#pragma once

#include <string>
#include <vector>

struct Allowed {
    std::vector<std::string> read;   // files and folders; programs in them may be started
    std::vector<std::string> write;  // the same, and files may be made, changed and removed
};

// The system's programs, libraries and headers, and what else a program needs in order to start.
std::vector<std::string> system_and(const std::vector<std::string>& more);

// Confines this process and all that it will start, for good. False where that cannot be done.
bool confine(const Allowed& allowed);

// Passwords may stand in the environment, and paths that lead out of what is allowed. A small one
// has nothing more than what finds programs and their libraries, and the variables of these names.
class SmallEnvironment {
public:
    explicit SmallEnvironment(std::vector<std::string> kept);
    char* const* variables() const { return variables_.data(); }  // as execve takes them

private:
    std::vector<std::string> texts_;
    std::vector<char*> variables_;
};

// From now on this process is by itself, with its threads: it starts no other, sends signals to
// none, changes nobody's limits or priority and no file's owner or mode, opens no connection, has
// no more rights as the superuser than as anybody, and leaves nothing behind in the kernel when it
// ends. Does nothing where that cannot be done (it is Linux that can).
void be_alone();
