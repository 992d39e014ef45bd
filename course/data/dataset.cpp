#include "data/dataset.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <stdexcept>

void read_lines(const std::string& name, const TakeLine& take) {
    read_lines_of(std::string(COURSE_ROOT) + "/data/" + name, take);
}

void read_lines_of(const std::string& path, const TakeLine& take) {
    std::ifstream file(path);
    if (!file) throw std::runtime_error("cannot read " + path + ": " + std::strerror(errno));
    int number = 0;
    for (std::string line; std::getline(file, line);) {
        ++number;
        if (!line.empty() && line.back() == '\r') line.pop_back();
        try {
            take(line);
        } catch (const std::invalid_argument& error) {
            throw std::runtime_error(path + ":" + std::to_string(number) + ": " + error.what());
        }
    }
}
