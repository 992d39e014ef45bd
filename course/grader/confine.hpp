// What a process may see of the disk. Where the operating system can (Linux 5.13 and later, with
// Landlock), a program is confined to the files that it is given: it cannot read, write or start
// anything else, nor, from Linux 6.12 on, send signals to its grader.
#pragma once

#include <string>
#include <vector>

struct Allowed {
    std::vector<std::string> read;   // files and folders; programs in them may be started
    std::vector<std::string> write;  // the same, and files may be made, changed and removed
};

// Confines this process and all that it will start, for good. False where that cannot be done.
bool confine(const Allowed& allowed);
