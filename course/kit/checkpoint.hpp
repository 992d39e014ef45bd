// A checkpoint: numbers and arrays in a file, from which training goes on another day. The file is
// complete or it is not there: it is written under another name and then renamed. It begins with a
// magic line and ends with a checksum, so a truncated, damaged or foreign file is recognised.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

struct Array {
    std::vector<int> shape;
    std::vector<float> data;  // as many as the product of the shape
};

struct Checkpoint {
    std::vector<std::uint64_t> numbers;
    std::vector<Array> arrays;
};

// Halves, of 16 bits, are enough to say again what was learnt, though not to go on learning.
enum class Width { floats, halves };

// Throws std::runtime_error, with the path and the reason; a file that was there stays as it was.
void save_checkpoint(const std::string& path, const Checkpoint& checkpoint,
                     Width width = Width::floats);

// The same bits again, or the halves. Throws std::runtime_error, with the path and what is wrong
// with the file.
Checkpoint load_checkpoint(const std::string& path);
