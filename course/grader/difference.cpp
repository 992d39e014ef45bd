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

// ## Slips that can be seen

// The factor that takes one tensor to the other, or NaN where none does.
static double factor_between(const Tensor& yours, const Tensor& expected, double tolerance) {
    int largest = 0, significant = 0;
    for (int i = 0; i < expected.size(); ++i) {
        if (!std::isfinite(yours.data[i]) || !std::isfinite(expected.data[i])) return NAN;
        if (std::fabs(expected.data[i]) > std::fabs(expected.data[largest])) largest = i;
        significant += std::fabs(expected.data[i]) > 100 * tolerance;
    }
    if (significant < 2) return NAN;
    const double factor = double{yours.data[largest]} / expected.data[largest];
    const double within = 4 * tolerance * (1 + std::fabs(factor));
    for (int i = 0; i < expected.size(); ++i)
        if (!close(yours.data[i], factor * expected.data[i], within)) return NAN;
    return factor;
}

// "n" if the number is whole, at least 2 and at most this.
static std::string whole(double number, int most) {
    const double n = std::round(number);
    const bool is = n >= 2 && n <= most && std::fabs(number - n) < 1e-3 * n;
    return is ? std::to_string(static_cast<int>(n)) : "";
}

// "each is twice as large as it must be": only for factors that somebody forgets.
static std::string told_factor(double factor) {
    const std::string times = " times as large as it must be", of = " of what it must be";
    const std::string n = whole(factor, 16), part = whole(1 / factor, 16);
    const std::string square = whole(factor * factor, 64);
    const std::string of_square = whole(1 / (factor * factor), 64);
    if (std::fabs(factor) < 1e-6) return "yours are all 0";
    if (std::fabs(factor + 1) < 1e-3) return "each has the other sign";
    if (n == "2") return "each is twice as large as it must be";
    if (part == "2") return "each is half of what it must be";
    if (!n.empty()) return "each is " + n + times;
    if (!part.empty()) return "each is 1/" + part + of;
    if (factor > 0 && !square.empty()) return "each is √" + square + times;
    if (factor > 0 && !of_square.empty()) return "each is 1/√" + of_square + of;
    return "";
}

// Which of the equal pieces, one behind the other, are right.
static std::vector<bool> right_pieces(const Tensor& yours, const Tensor& expected, int count,
                                      double tolerance) {
    std::vector<bool> right(static_cast<std::size_t>(count), true);
    const int length = expected.size() / count;
    for (int i = 0; i < expected.size(); ++i)
        if (!close(yours.data[i], expected.data[i], tolerance)) right[i / length] = false;
    return right;
}

// "all rows but the last are right", and the like.
static std::string wrong_pieces(const Tensor& yours, const Tensor& expected, double tolerance) {
    const int batch = expected.rank() > 2 ? expected.shape[0] : 1;
    if (batch > 1) {
        const std::vector<bool> right = right_pieces(yours, expected, batch, tolerance);
        if (right[0] && std::count(right.begin(), right.end(), true) == 1)
            return "the first of the batch is right, and no other";
    }
    const int rows = expected.rank() > 1 ? expected.rows() : 1;
    if (rows < 3) return "";
    const std::vector<bool> right = right_pieces(yours, expected, rows, tolerance);
    const auto wrong = std::count(right.begin(), right.end(), false);
    if (wrong == 1 && !right.front()) return "all rows but the first are right";
    if (wrong == 1 && !right.back()) return "all rows but the last are right";
    if (wrong == rows - 1 && right.front()) return "the first row is right, and no other";
    if (wrong == rows - 1 && right.back()) return "the last row is right, and no other";
    return "";
}

// "each row is off by the same numbers": what is added to all rows, such as a bias, is wrong.
static bool all_rows_off_alike(const Tensor& yours, const Tensor& expected, double tolerance) {
    const int columns = expected.rank() > 1 ? expected.shape.back() : 0;
    if (columns < 2 || expected.size() < 3 * columns) return false;
    for (int i = columns; i < expected.size(); ++i) {
        const double first = double{yours.data[i % columns]} - expected.data[i % columns];
        if (!close(double{yours.data[i]} - expected.data[i], first, 4 * tolerance)) return false;
    }
    return true;
}

// "the columns 0 to 95 are right, those behind are not".
static std::string wrong_columns(const Tensor& yours, const Tensor& expected, double tolerance) {
    const int columns = expected.rank() > 1 ? expected.shape.back() : 0;
    if (columns < 3) return "";
    std::vector<bool> right(static_cast<std::size_t>(columns), true);
    for (int i = 0; i < expected.size(); ++i)
        if (!close(yours.data[i], expected.data[i], tolerance)) right[i % columns] = false;
    const auto first_wrong = std::find(right.begin(), right.end(), false);
    const auto count = first_wrong - right.begin();
    if (count == 0 || std::find(first_wrong, right.end(), true) != right.end()) return "";
    if (count == columns - 1) return "all columns but the last are right";
    const std::string which =
        count == 1 ? "column 0 is" : "the columns 0 to " + std::to_string(count - 1) + " are";
    return which + " right, those behind are not";
}

// "they agree to 4 digits, and must to more": numbers that were rounded on the way. Each of them is
// near its own value; a small one that is lost beside a large one is not meant.
static std::string nearly_right(const Tensor& yours, const Tensor& expected, double tolerance) {
    double farthest = 0;  // as a part of the number itself
    for (int i = 0; i < expected.size(); ++i) {
        if (close(yours.data[i], expected.data[i], tolerance)) continue;
        const double off = double{yours.data[i]} - expected.data[i];
        if (!(std::fabs(off) < 1e-3 * std::fabs(expected.data[i]))) return "";
        farthest = std::max(farthest, std::fabs(off / expected.data[i]));
    }
    const int digits = static_cast<int>(-std::log10(farthest));
    return "they agree to " + std::to_string(digits) + " digits, and must to more";
}

// What all the differences have in common, if it can be said in few words.
static std::string common_slip(const Tensor& yours, const Tensor& expected, double tolerance) {
    const std::string factor = told_factor(factor_between(yours, expected, tolerance));
    if (!factor.empty()) return factor;
    if (all_rows_off_alike(yours, expected, tolerance))
        return "each row is off by the same numbers";
    for (const auto& slip : {wrong_pieces, wrong_columns, nearly_right}) {
        const std::string told = slip(yours, expected, tolerance);
        if (!told.empty()) return told;
    }
    return "";
}

std::string difference(const Tensor& yours, const Tensor& expected, double tolerance) {
    if (yours.shape != expected.shape)
        return "the shape is " + to_string(yours.shape) + "; it must be " +
               to_string(expected.shape);
    int wrong = 0;
    for (int i = 0; i < expected.size(); ++i)
        wrong += !close(yours.data[i], expected.data[i], tolerance);
    if (wrong == 0) return "";
    if (expected.size() == 1) return "the number differs";
    const std::string slip = common_slip(yours, expected, tolerance);
    return std::to_string(wrong) + " of " + std::to_string(expected.size()) + " numbers differ" +
           (wrong == 1 ? "s" : "") + (slip.empty() ? "" : "; " + slip);
}

// The largest number of an answer, whatever it consists of.
static double largest(const Value& value) {
    double result = value.kind == Value::Kind::number ? std::fabs(value.number) : 0;
    if (value.kind == Value::Kind::tensor) result = largest(value.tensor);
    for (const Value& item : value.list) result = std::max(result, largest(item));
    return result;
}

bool is_short_row(const Value& value) {
    return value.list.size() <= 8 &&
           std::all_of(value.list.begin(), value.list.end(), [](const Value& item) {
               return item.kind == Value::Kind::number && item.number == std::floor(item.number);
           });
}

Difference difference(const Value& yours, const Value& expected, double roundings, double floor) {
    std::string text;
    double within = 0;
    if (yours.kind != expected.kind) {
        text = "the answer is " + describe(yours) + "; it must be " + describe(expected);
    } else if (expected.kind == Value::Kind::number) {
        const double size = std::max(floor, std::fabs(expected.number));
        within = roundings * unit * size;
        if (!close(yours.number, expected.number, within)) text = "the number differs";
    } else if (expected.kind == Value::Kind::text) {
        if (yours.text != expected.text) text = "the text differs";
    } else if (expected.kind == Value::Kind::tensor) {
        const double size = std::max(floor, largest(expected.tensor));
        within = roundings * unit * size;
        text = difference(yours.tensor, expected.tensor, within);
    } else if (yours.list.size() != expected.list.size()) {
        text = "the list has " + std::to_string(yours.list.size()) + " items; it must have " +
               std::to_string(expected.list.size());
    } else {
        floor = std::max(floor, 0.05 * largest(expected));
        for (std::size_t i = 0; i < expected.list.size(); ++i) {
            Difference inside = difference(yours.list[i], expected.list[i], roundings, floor);
            if (inside.text.empty()) continue;
            if (is_short_row(yours) && is_short_row(expected))
                return {"these numbers differ", yours, expected, 0, {}};
            inside.place.insert(inside.place.begin(), static_cast<int>(i));
            return inside;
        }
    }
    return {text, yours, expected, within, {}};
}
