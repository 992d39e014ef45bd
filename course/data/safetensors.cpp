#include "data/safetensors.hpp"

#include "kit/half.hpp"
#include "kit/whole_file.hpp"

#include <algorithm>
#include <climits>
#include <cstdio>
#include <filesystem>
#include <set>

namespace safetensors {

static constexpr std::uint64_t longest_header = 100000000;  // as in the format's own reader

// A name as it may stand in a message: it comes from a file, and may be anything.
static std::string quoted(const std::string& name) {
    std::string text = name.substr(0, 80);
    for (char& c : text)
        if (static_cast<unsigned char>(c) < 32 || c == 127) c = '?';
    return "'" + text + (name.size() > 80 ? "…'" : "'");
}

[[noreturn]] static void refuse(const std::string& path, const std::string& reason) {
    throw std::runtime_error(path + ": " + reason);
}

[[noreturn]] static void refuse(const std::string& path, const std::string& name,
                                const std::string& reason) {
    refuse(path, "tensor " + quoted(name) + " " + reason);
}

// ## JSON, as much of it as a header has

namespace {

class Json {
public:
    Json(const std::string& text, const std::string& path) : text_(text), path_(path) {}

    [[noreturn]] void refuse(const std::string& reason) const {
        safetensors::refuse(path_, "header, byte " + std::to_string(at_) + ": " + reason);
    }

    char peek() {  // the next character that is no blank
        while (at_ < text_.size() && std::string(" \t\r\n").find(text_[at_]) != std::string::npos)
            ++at_;
        return at_ < text_.size() ? text_[at_] : '\0';
    }

    bool taken(char wanted) {
        if (peek() != wanted || at_ == text_.size()) return false;
        ++at_;
        return true;
    }

    void take(char wanted) {
        if (!taken(wanted)) refuse(std::string("'") + wanted + "' is needed");
    }

    bool at_end() { return peek() == '\0' && at_ == text_.size(); }

    // Calls each(key) before each value of an object; a key that comes twice is refused.
    template <class Each>
    void object(const Each& each) {
        take('{');
        std::set<std::string> keys;
        if (taken('}')) return;
        do {
            const std::string key = string();
            if (!keys.insert(key).second) refuse(quoted(key) + " is there twice");
            take(':');
            each(key);
        } while (taken(','));
        take('}');
    }

    template <class Each>
    void list(const Each& each) {
        take('[');
        if (taken(']')) return;
        do each();
        while (taken(','));
        take(']');
    }

    std::string string() {
        take('"');
        std::string text;
        for (; at_ < text_.size() && text_[at_] != '"'; ++at_) {
            if (static_cast<unsigned char>(text_[at_]) < 32) refuse("a string has a line end");
            if (text_[at_] == '\\') escape(text);
            else text += text_[at_];
        }
        if (at_ == text_.size()) refuse("a string has no end");
        ++at_;
        return text;
    }

    // A whole number from 0 on that fits 64 bits; nothing else is a size or a place.
    std::uint64_t number() {
        const auto is_digit = [&] {
            return at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9';
        };
        peek();
        if (!is_digit()) refuse("a whole number from 0 on is needed");
        std::uint64_t value = 0;
        const bool zero = text_[at_] == '0';
        for (; is_digit(); ++at_) {
            const std::uint64_t digit = text_[at_] - '0';
            if (value > (UINT64_MAX - digit) / 10) refuse("a number is too large");
            value = 10 * value + digit;
        }
        if (at_ < text_.size() && std::string(".eE").find(text_[at_]) != std::string::npos)
            refuse("a whole number is needed");
        if (zero && value != 0) refuse("a number begins with 0");
        return value;
    }

    // Passes over a value that nobody needs, of any kind. One inside another, a thousand deep,
    // would use up the stack.
    void skip(int depth = 0) {
        if (depth > 32) refuse("values stand inside each other more than 32 deep");
        const char first = peek();
        if (first == '{') return object([&](const std::string&) { skip(depth + 1); });
        if (first == '[') return list([&] { skip(depth + 1); });
        if (first == '"') return void(string());
        const std::size_t begin = at_;
        while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 ||
                                      std::string("+-.").find(text_[at_]) != std::string::npos))
            ++at_;
        if (at_ == begin) refuse("a value is needed");
    }

private:
    // at_ stands on the backslash, and then on the last character that belongs to it.
    void escape(std::string& text) {
        const char letter = ++at_ < text_.size() ? text_[at_] : '\0';
        const std::string letters = "\"\\/bfnrt", meant = "\"\\/\b\f\n\r\t";
        const std::size_t place = letters.find(letter);
        if (letter == 'u') add_utf8(text, unit());
        else if (letter != '\0' && place != std::string::npos) text += meant[place];
        else refuse("what stands behind \\ is not known");
    }

    std::uint32_t unit() {  // the four digits behind \u
        std::uint32_t value = 0;
        for (int i = 0; i < 4; ++i) {
            const std::string digits = "0123456789abcdef";
            const char c = ++at_ < text_.size() ? text_[at_] : '\0';
            const std::size_t digit =
                digits.find(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
            if (c == '\0' || digit == std::string::npos) refuse("\\u needs four digits");
            value = 16 * value + static_cast<std::uint32_t>(digit);
        }
        return value;
    }

    // Beyond 65535 a character is written as two units.
    void add_utf8(std::string& text, std::uint32_t c) {
        if (c >= 0xd800 && c < 0xdc00 && text_.compare(at_ + 1, 2, "\\u") == 0) {
            at_ += 2;
            const std::uint32_t low = unit();
            if (low < 0xdc00 || low > 0xdfff) refuse("half of a character stands alone");
            c = 0x10000 + ((c - 0xd800) << 10 | (low - 0xdc00));
        } else if (c >= 0xd800 && c <= 0xdfff) {
            refuse("half of a character stands alone");
        }
        const int more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
        const unsigned first[] = {0, 0xc0, 0xe0, 0xf0};
        text += static_cast<char>(first[more] | c >> 6 * more);
        for (int i = more - 1; i >= 0; --i) text += static_cast<char>(0x80 | (c >> 6 * i & 0x3f));
    }

    const std::string& text_;
    const std::string& path_;
    std::size_t at_ = 0;
};

}  // namespace

// ## The header

static int bytes_of_type(const std::string& type) {  // 0: not known
    for (const char* name : {"BOOL", "U8", "I8", "F8_E4M3", "F8_E5M2"})
        if (type == name) return 1;
    for (const char* name : {"F16", "BF16", "I16", "U16"})
        if (type == name) return 2;
    for (const char* name : {"F32", "I32", "U32"})
        if (type == name) return 4;
    for (const char* name : {"F64", "I64", "U64"})
        if (type == name) return 8;
    return 0;
}

static Entry entry_of(Json& json, const std::string& name, const std::string& path) {
    Entry entry;
    entry.name = name;
    std::vector<std::uint64_t> shape, places;
    std::set<std::string> found;
    json.object([&](const std::string& key) {
        found.insert(key);
        if (key == "dtype") entry.type = json.string();
        else if (key == "shape") json.list([&] { shape.push_back(json.number()); });
        else if (key == "data_offsets") json.list([&] { places.push_back(json.number()); });
        else json.skip();
    });
    for (const char* key : {"dtype", "shape", "data_offsets"})
        if (found.count(key) == 0) refuse(path, name, std::string("has no ") + key);
    if (places.size() != 2) refuse(path, name, "needs two data_offsets");
    entry.begin = places[0], entry.end = places[1];
    if (entry.begin > entry.end) refuse(path, name, "ends before it begins");

    std::uint64_t count = 1;
    for (std::uint64_t axis : shape) {
        if (axis > INT_MAX || (count *= axis) > INT_MAX)
            refuse(path, name, "has more than 2147483647 numbers");
        entry.shape.push_back(static_cast<int>(axis));
    }
    const std::uint64_t each = bytes_of_type(entry.type), room = entry.end - entry.begin;
    if (each != 0 && count * each != room)
        refuse(path, name, "has " + std::to_string(room) + " bytes; its shape and " + entry.type +
                               " need " + std::to_string(count * each));
    return entry;
}

// In the order in which they lie in the file, each where the one before it ends.
static void check_places(const std::vector<Entry>& entries, std::uint64_t room,
                         const std::string& path) {
    std::uint64_t end = 0;
    for (const Entry& entry : entries) {
        if (entry.end > room)
            refuse(path, entry.name, "ends " + std::to_string(entry.end - room) +
                                         " bytes behind the end of the file, which may be cut");
        if (entry.begin < end) refuse(path, entry.name, "overlaps with the one before it");
        if (entry.begin > end) refuse(path, entry.name, "leaves a hole in front of it");
        end = entry.end;
    }
    if (end < room) refuse(path, "there is something behind the last tensor");
}

static std::FILE* opened(const std::string& path) {
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) refuse(path, "this is a folder");
    std::FILE* file = std::fopen(path.c_str(), "rb");
    if (file == nullptr)
        throw std::runtime_error("cannot read " + path + ": " + std::strerror(errno));
    return file;
}

namespace {

struct Opened {  // closes the file, whatever happens
    std::FILE* file;
    explicit Opened(const std::string& path) : file(opened(path)) {}
    ~Opened() { std::fclose(file); }
    Opened(const Opened&) = delete;
    Opened& operator=(const Opened&) = delete;
};

}  // namespace

static std::string bytes_at(std::FILE* file, std::uint64_t place, std::uint64_t count,
                            const std::string& path) {
    std::string bytes(count, '\0');
    if (fseeko(file, static_cast<off_t>(place), SEEK_SET) != 0 ||
        std::fread(&bytes[0], 1, count, file) != count)
        refuse(path, "it ends too early, or cannot be read");
    return bytes;
}

static std::uint64_t little_endian(const char* bytes, int count) {
    std::uint64_t value = 0;
    for (int i = 0; i < count; ++i)
        value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << 8 * i;
    return value;
}

File::File(const std::string& path) : path_(path) {
    const Opened opened_file(path);
    fseeko(opened_file.file, 0, SEEK_END);
    const off_t last = ftello(opened_file.file);
    const std::uint64_t size = last < 0 ? 0 : static_cast<std::uint64_t>(last);
    if (size < 8) refuse(path, "this is no safetensors file: it has less than 8 bytes");
    const std::uint64_t length =
        little_endian(bytes_at(opened_file.file, 0, 8, path).data(), 8);
    if (length > size - 8)
        refuse(path, "its header would be longer than the file: it is cut, or no safetensors file");
    if (length > longest_header) refuse(path, "its header is longer than 100 MB");
    data_at_ = 8 + length;

    const std::string header = bytes_at(opened_file.file, 8, length, path);
    Json json(header, path);
    json.object([&](const std::string& name) {
        if (name == "__metadata__") json.skip();
        else entries_.push_back(entry_of(json, name, path));
    });
    if (!json.at_end()) json.refuse("something stands behind the header's last brace");
    std::stable_sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
        return std::make_pair(a.begin, a.end) < std::make_pair(b.begin, b.end);
    });
    check_places(entries_, size - data_at_, path);
}

// ## Tensors

bool File::has(const std::string& name) const {
    return std::any_of(entries_.begin(), entries_.end(),
                       [&](const Entry& entry) { return entry.name == name; });
}

Array File::read(const std::string& name) const {
    const auto found = std::find_if(entries_.begin(), entries_.end(),
                                    [&](const Entry& entry) { return entry.name == name; });
    if (found == entries_.end()) refuse(path_, name, "is not there");
    const std::string& type = found->type;
    if (type != "F32" && type != "F16" && type != "BF16")
        refuse(path_, name, "is of type " + quoted(type) + "; F32, F16 and BF16 can be read");
    const Opened opened_file(path_);
    const std::string bytes =
        bytes_at(opened_file.file, data_at_ + found->begin, found->end - found->begin, path_);
    const int each = bytes_of_type(type);
    Array array{found->shape, std::vector<float>(bytes.size() / each)};
    for (std::size_t i = 0; i < array.data.size(); ++i) {
        const auto bits = static_cast<std::uint32_t>(little_endian(&bytes[i * each], each));
        if (type == "F32") array.data[i] = float_of_bits(bits);
        else if (type == "F16") array.data[i] = float_of_half(static_cast<std::uint16_t>(bits));
        else array.data[i] = float_of_bfloat(static_cast<std::uint16_t>(bits));
    }
    return array;
}

}  // namespace safetensors
