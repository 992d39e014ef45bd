// Files of parameters in the safetensors format, in which GPT-2 and most later models are handed
// around: 8 bytes with the length of a header, the header, which is JSON, and then the numbers,
// little-endian, tensor behind tensor. The header says of each its type, its shape, and where it
// lies. (https://huggingface.co/docs/safetensors)
//
// A file is not trusted: whatever is in it, it is read or refused. Every function throws
// std::runtime_error with the path, the tensor's name where there is one, and what is wrong.
#pragma once

#include "kit/checkpoint.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace safetensors {

struct Entry {
    std::string name, type;  // the type as the file has it: "F32", "F16", "BF16", "I64" …
    std::vector<int> shape;
    std::uint64_t begin = 0, end = 0;  // its bytes, counted from the end of the header
};

class File {
public:
    // Reads the header alone, and makes sure that the tensors lie one behind the other and fill the
    // file.
    explicit File(const std::string& path);

    const std::string& path() const { return path_; }
    const std::vector<Entry>& entries() const { return entries_; }  // as they lie in the file
    bool has(const std::string& name) const;

    // The numbers of one tensor: those of F32, F16 and BF16 as floats. Another type, and a name
    // that is not there, are refused.
    Array read(const std::string& name) const;

private:
    const std::string path_;
    std::vector<Entry> entries_;
    std::uint64_t data_at_ = 0;
};

}  // namespace safetensors
