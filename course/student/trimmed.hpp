#pragma once

#include <string>

// A line without the space around it.
inline std::string trimmed(const std::string& line) {
    const std::size_t begin = line.find_first_not_of(" \t\r");
    return begin == std::string::npos
               ? ""
               : line.substr(begin, line.find_last_not_of(" \t\r") + 1 - begin);
}
