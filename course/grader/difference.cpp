#include "grader/difference.hpp"

#include <algorithm>
#include <cmath>

bool close(double yours, double expected, double tolerance) {
    if (std::isnan(expected) || std::isnan(yours)) return std::isnan(expected) && std::isnan(yours);
    if (std::isinf(expected) || std::isinf(yours)) return expected == yours;
    return std::fabs(yours - expected) <= tolerance;
}

double largest(const Tensor& x) {
    double result = 0;
    for (float value : x.data)
        if (std::isfinite(value)) result = std::max(result, std::fabs(static_cast<double>(value)));
    return result;
}

static const double unit = 1.0 / 8388608.0;  // 2⁻²³: the gap between 1 and the next float

std::string difference(const Tensor& yours, const Tensor& expected, double tolerance) {
    if (yours.shape != expected.shape)
        return "the shape is " + to_string(yours.shape) + "; it must be " +
               to_string(expected.shape);
    int wrong = 0;
    for (int i = 0; i < expected.size(); ++i)
        wrong += !close(yours.data[i], expected.data[i], tolerance);
    if (wrong == 0) return "";
    if (expected.size() == 1) return "the number differs";
    return std::to_string(wrong) + " of " + std::to_string(expected.size()) + " numbers differ" +
           (wrong == 1 ? "s" : "");
}

// The largest number of an answer, whatever it consists of.
static double largest(const Value& value) {
    double result = value.kind == Value::Kind::number ? std::fabs(value.number) : 0;
    if (value.kind == Value::Kind::tensor) result = largest(value.tensor);
    for (const Value& item : value.list) result = std::max(result, largest(item));
    return result;
}

// A few whole numbers, such as the words of a sentence, which a person compares at one glance.
static bool is_short_row(const Value& value) {
    return value.list.size() <= 8 &&
           std::all_of(value.list.begin(), value.list.end(), [](const Value& item) {
               return item.kind == Value::Kind::number && item.number == std::floor(item.number);
           });
}

Difference difference(const Value& yours, const Value& expected, double roundings, double floor) {
    std::string text;
    if (yours.kind != expected.kind) {
        text = "the answer is " + describe(yours) + "; it must be " + describe(expected);
    } else if (expected.kind == Value::Kind::number) {
        const double size = std::max(floor, std::fabs(expected.number));
        if (!close(yours.number, expected.number, roundings * unit * size))
            text = "the number differs";
    } else if (expected.kind == Value::Kind::text) {
        if (yours.text != expected.text) text = "the text differs";
    } else if (expected.kind == Value::Kind::tensor) {
        const double size = std::max(floor, largest(expected.tensor));
        text = difference(yours.tensor, expected.tensor, roundings * unit * size);
    } else if (yours.list.size() != expected.list.size()) {
        text = "the list has " + std::to_string(yours.list.size()) + " items; it must have " +
               std::to_string(expected.list.size());
    } else {
        floor = std::max(floor, 0.05 * largest(expected));
        for (std::size_t i = 0; i < expected.list.size(); ++i) {
            Difference inside = difference(yours.list[i], expected.list[i], roundings, floor);
            if (inside.text.empty()) continue;
            if (is_short_row(yours) && is_short_row(expected))
                return {"these numbers differ", yours, expected};
            const bool deeper = inside.text.compare(0, 5, "part ") == 0;  // "part 2.1 of …"
            inside.text = "part " + std::to_string(i + 1) +
                          (deeper ? "." + inside.text.substr(5) : " of the answer: " + inside.text);
            return inside;
        }
    }
    return {text, yours, expected};
}
