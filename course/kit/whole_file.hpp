// Files that are read and written as a whole.
#pragma once

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <unistd.h>

// Empty when there is no such file.
inline std::string file_text(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Puts a file in place whole or not at all: it is written under a name that no other process takes,
// and then renamed. Throws std::runtime_error, with the reason, when it cannot be written; a file
// that was there stays as it was.
inline void write_file(const std::string& path, const std::string& text) {
    const std::string draft = path + "." + std::to_string(getpid()) + ".new";
    errno = 0;
    std::ofstream file(draft, std::ios::binary);
    file << text;
    file.close();
    if (file && std::rename(draft.c_str(), path.c_str()) == 0) return;
    const std::string reason = errno != 0 ? std::strerror(errno) : "is the disk full?";
    std::remove(draft.c_str());
    throw std::runtime_error("cannot write " + path + ": " + reason);
}
