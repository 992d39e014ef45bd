// Puts a file in place whole or not at all: it is written under another name and then renamed.
#pragma once

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

// Throws std::runtime_error when it cannot be written; a file that was there stays as it was.
inline void write_file(const std::string& path, const std::string& text) {
    std::ofstream file(path + ".new", std::ios::binary);
    file << text;
    file.close();
    std::error_code error;
    if (file) std::filesystem::rename(path + ".new", path, error);
    if (!file || error) throw std::runtime_error("cannot write " + path);
}
