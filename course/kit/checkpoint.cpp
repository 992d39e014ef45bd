#include "kit/checkpoint.hpp"

#include "kit/half.hpp"
#include "kit/hash.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <unistd.h>

namespace fs = std::filesystem;

static const std::string magic = "transformer by hand, checkpoint 1\n",
                         magic_of_halves = "transformer by hand, checkpoint ½\n";

// ## Writing. Everything is little-endian, whatever the machine.

static void put(std::string& bytes, std::uint64_t number, int count) {
    for (int i = 0; i < count; ++i) bytes += static_cast<char>(number >> 8 * i & 0xff);
}

static std::string bytes_of(const Checkpoint& checkpoint, Width width) {
    std::string bytes = width == Width::floats ? magic : magic_of_halves;
    put(bytes, checkpoint.numbers.size(), 8);
    for (std::uint64_t number : checkpoint.numbers) put(bytes, number, 8);
    put(bytes, checkpoint.arrays.size(), 8);
    for (const Array& array : checkpoint.arrays) {
        put(bytes, array.shape.size(), 4);
        for (int axis : array.shape) put(bytes, static_cast<std::uint64_t>(axis), 4);
        for (float number : array.data)
            if (width == Width::floats) put(bytes, bits_of_float(number), 4);
            else put(bytes, half_of_float(number), 2);
    }
    put(bytes, fnv1a(bytes), 8);
    return bytes;
}

[[noreturn]] static void cannot_save(const std::string& path) {
    throw std::runtime_error("save_checkpoint: cannot write " + path + ": " + std::strerror(errno));
}

void save_checkpoint(const std::string& path, const Checkpoint& checkpoint, Width width) {
    const std::string bytes = bytes_of(checkpoint, width), unfinished = path + ".new";
    std::error_code ignored;
    if (fs::path(path).has_parent_path())
        fs::create_directories(fs::path(path).parent_path(), ignored);
    std::FILE* file = std::fopen(unfinished.c_str(), "wb");
    if (file == nullptr) cannot_save(unfinished);
    bool written = std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size() &&
                   std::fflush(file) == 0 && fsync(fileno(file)) == 0;
    int reason = errno;
    if (std::fclose(file) != 0 && written) written = false, reason = errno;
    if (!written) {
        std::remove(unfinished.c_str());
        errno = reason;
        cannot_save(unfinished);
    }
    if (std::rename(unfinished.c_str(), path.c_str()) != 0) cannot_save(path);
}

// ## Reading. The checksum is compared first; after that only a file that someone made on purpose
// can be wrong, and even that is refused without a crash.

namespace {

class Reader {
public:
    Reader(const std::string& bytes, const std::string& path) : bytes_(bytes), path_(path) {}

    [[noreturn]] void refuse(const std::string& reason) const {
        throw std::runtime_error("load_checkpoint: " + path_ + " " + reason);
    }

    void check_whole() {
        const bool halves = bytes_.compare(0, magic_of_halves.size(), magic_of_halves) == 0;
        const std::string& first = halves ? magic_of_halves : magic;
        if (bytes_.compare(0, first.size(), first) != 0)
            refuse(magic.compare(0, bytes_.size(), bytes_) == 0 ? "is truncated"
                                                                : "is not a checkpoint");
        if (bytes_.size() < first.size() + 24) refuse("is truncated");
        bytes_of_number_ = halves ? 2 : 4;
        end_ = bytes_.size();
        at_ = end_ - 8;
        const std::uint64_t checksum = number(8);
        end_ -= 8;
        if (checksum != fnv1a(bytes_.substr(0, end_)))
            refuse("is truncated or damaged: its checksum does not fit");
        at_ = first.size();
    }

    std::uint64_t number(int count) {
        if (end_ - at_ < static_cast<std::size_t>(count)) refuse("ends too early");
        std::uint64_t value = 0;
        for (int i = 0; i < count; ++i)
            value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes_[at_++])) << 8 * i;
        return value;
    }

    // A count of things that take `each` bytes or more, so no more than fit into the file.
    std::size_t count(int bytes, std::size_t each) {
        const std::uint64_t value = number(bytes);
        if (value > (end_ - at_) / each) refuse("ends too early");
        return static_cast<std::size_t>(value);
    }

    Array array() {
        Array result;
        result.shape.resize(count(4, 4));
        std::uint64_t size = 1;
        for (int& axis : result.shape) {
            const std::uint64_t length = number(4);
            if (length > bytes_.size() || (size *= length) > bytes_.size())
                refuse("ends too early");
            axis = static_cast<int>(length);
        }
        if (size > (end_ - at_) / bytes_of_number_) refuse("ends too early");
        result.data.resize(size);
        for (float& value : result.data) {
            const std::uint64_t bits = number(bytes_of_number_);
            value = bytes_of_number_ == 2 ? float_of_half(static_cast<std::uint16_t>(bits))
                                          : float_of_bits(static_cast<std::uint32_t>(bits));
        }
        return result;
    }

    bool at_end() const { return at_ == end_; }

private:
    const std::string& bytes_;
    const std::string& path_;
    std::size_t at_ = 0, end_ = 0;
    int bytes_of_number_ = 4;
};

}  // namespace

Checkpoint load_checkpoint(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file)
        throw std::runtime_error("load_checkpoint: cannot read " + path + ": " +
                                 std::strerror(errno));
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    Reader reader(bytes, path);
    reader.check_whole();
    Checkpoint checkpoint;
    checkpoint.numbers.resize(reader.count(8, 8));
    for (std::uint64_t& number : checkpoint.numbers) number = reader.number(8);
    checkpoint.arrays.resize(reader.count(8, 4));
    for (Array& array : checkpoint.arrays) array = reader.array();
    if (!reader.at_end()) reader.refuse("has something behind its end");
    return checkpoint;
}
