#include "grader/value.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

// A value is a letter and what belongs to it, separated by spaces:
//   n 0.5              a number
//   t 5 hello          a text and its length in bytes; a line break in it is written as \n
//   x 2 2 3 1 2 3 4 5 6    a tensor: number of axes, their lengths, the elements
//   b 1 2 3f800000c0000000    a tensor, with the bits of its elements in hexadecimal
//   l 2 n 1 n 2        a list: number of items, the items

static void append(std::string& text, const char* format, double number) {
    char buffer[40];
    text.append(buffer,
                static_cast<std::size_t>(std::snprintf(buffer, sizeof buffer, format, number)));
}

static void append_bits(std::string& text, float element) {
    std::uint32_t bits;
    std::memcpy(&bits, &element, sizeof bits);
    char digits[8];
    for (int i = 8; i-- > 0; bits >>= 4) digits[i] = "0123456789abcdef"[bits & 15];
    text.append(digits, sizeof digits);
}

// An encoded value stands on one line, so a text must not break it.
static std::string escaped(const std::string& text) {
    std::string result;
    for (char letter : text) {
        if (letter == '\n') result += "\\n";
        else if (letter == '\\') result += "\\\\";
        else result += letter;
    }
    return result;
}

static std::string unescaped(const std::string& text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool escape = text[i] == '\\' && i + 1 < text.size();
        if (escape) ++i;
        result += escape && text[i] == 'n' ? '\n' : text[i];
    }
    return result;
}

static void append(std::string& text, const Value& value, Form form) {
    switch (value.kind) {
    case Value::Kind::number: append(text, "n %.17g", value.number); break;
    case Value::Kind::text:
        append(text, "t %.0f ", static_cast<double>(escaped(value.text).size()));
        text += escaped(value.text);
        break;
    case Value::Kind::tensor:
        append(text, form == Form::bits ? "b %.0f" : "x %.0f",
               static_cast<double>(value.tensor.shape.size()));
        for (int length : value.tensor.shape) append(text, " %.0f", length);
        if (form == Form::bits) text += ' ';
        for (float element : value.tensor.data)
            if (form == Form::bits) append_bits(text, element);
            else append(text, " %.9g", static_cast<double>(element));
        break;
    case Value::Kind::list:
        append(text, "l %.0f", static_cast<double>(value.list.size()));
        for (const Value& item : value.list) {
            text += ' ';
            append(text, item, form);
        }
        break;
    }
}

std::string encode(const Value& value, Form form) {
    std::string text;
    append(text, value, form);
    return text;
}

// Reads from the front of a text that may be anything: a worker runs code that nobody has seen.
namespace {
class Reader {
public:
    explicit Reader(const std::string& text) : at_(text.c_str()), end_(at_ + text.size()) {}

    Value value(int depth = 0) {
        if (depth > 32) fail();
        Value result;
        switch (letter()) {
        case 'n': result = to_value(number()); break;
        case 't': {
            const std::size_t length = count();
            skip_space();
            if (length > left()) fail();
            result = to_value(unescaped(std::string(at_, length)));
            at_ += length;
            break;
        }
        case 'x': result = to_value(tensor(&Reader::decimal)); break;
        case 'b': result = to_value(tensor(&Reader::bits)); break;
        case 'l':
            for (std::size_t items = count(); items > 0; --items)
                result.list.push_back(value(depth + 1));
            break;
        default: fail();
        }
        return result;
    }

    void end() {
        if (left() > 0) fail();
    }

private:
    [[noreturn]] static void fail() { throw std::runtime_error("not the encoding of a value"); }

    std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }

    void skip_space() {
        if (left() > 0 && *at_ == ' ') ++at_;
    }

    char letter() {
        skip_space();
        if (left() == 0) fail();
        return *at_++;
    }

    // Fifteen digits are exact in a double, and so are these powers of ten: their quotient is
    // rounded once, as strtod rounds it, and is found sooner. The rest is left to strtod.
    double number() {
        static const double powers[] = {1,   1e1, 1e2,  1e3,  1e4,  1e5,  1e6, 1e7,
                                        1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14};
        skip_space();
        const bool negative = *at_ == '-';
        const char *digit = at_ + negative, *point = nullptr, *first = digit;
        double digits = 0;
        for (; (*digit >= '0' && *digit <= '9') || (*digit == '.' && !point); ++digit)
            if (*digit == '.') point = digit;
            else digits = 10 * digits + (*digit - '0');
        const long length = digit - first;
        if (length > (point ? 1 : 0) && length < 16 && (*digit == ' ' || digit == end_)) {
            at_ = digit;
            const double result = digits / powers[point ? digit - point - 1 : 0];
            return negative ? -result : result;
        }
        char* after = nullptr;
        const double result = std::strtod(at_, &after);
        if (after == at_) fail();
        at_ = after;
        return result;
    }

    // A count is never larger than the text that is left, so a lie cannot ask for much memory.
    std::size_t count() { return whole(static_cast<double>(left())); }

    std::size_t whole(double largest) {
        const double result = number();
        if (!(result >= 0 && result <= largest)) fail();
        return static_cast<std::size_t>(result);
    }

    float decimal() { return static_cast<float>(number()); }

    float bits() {
        if (left() < 8) fail();
        std::uint32_t all = 0, largest = 0;
        for (int i = 0; i < 8; ++i) {
            const unsigned letter = static_cast<unsigned char>(*at_++);
            const std::uint32_t digit = letter < 'a' ? letter - '0' : letter - 'a' + 10;
            all = all << 4 | digit;
            largest = std::max(largest, digit);
        }
        if (largest > 15) fail();
        float element;
        std::memcpy(&element, &all, sizeof element);
        return element;
    }

    Tensor tensor(float (Reader::*next)()) {
        Shape shape(count());
        double elements = 1;
        double product = 1;  // of the lengths that are not 0, so that no order of them overflows
        for (int& length : shape) {
            length = static_cast<int>(whole(1e9));
            elements *= length;
            product *= length > 0 ? length : 1;
        }
        if (elements > static_cast<double>(left()) || product > 1e9) fail();
        std::vector<float> data(static_cast<std::size_t>(elements));
        if (next == &Reader::bits) skip_space();
        for (float& element : data) element = (this->*next)();
        return Tensor(shape, std::move(data));
    }

    const char* at_;
    const char* end_;
};
}  // namespace

Value decode(const std::string& text) {
    Reader reader(text);
    Value value = reader.value();
    reader.end();
    return value;
}

std::string describe(const Value& value) {
    switch (value.kind) {
    case Value::Kind::number: return "a number";
    case Value::Kind::text: return "a text";
    case Value::Kind::tensor: return to_string(value.tensor.shape);
    case Value::Kind::list: {
        const auto is_tensor = [](const Value& item) { return item.kind == Value::Kind::tensor; };
        const bool tensors = std::all_of(value.list.begin(), value.list.end(), is_tensor);
        return "a list of " + std::to_string(value.list.size()) +
               (tensors && value.list.size() > 1 ? " tensors" : "");
    }
    }
    return "";
}

void require_kind(const Value& value, Value::Kind kind) {
    if (value.kind != kind) throw std::runtime_error("unexpected " + describe(value));
}
