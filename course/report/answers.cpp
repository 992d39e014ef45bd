#include "report/answers.hpp"

#include "grader/difference.hpp"
#include "kit/text.hpp"
#include "report/words.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <set>
#include <tuple>
#include <vector>

static const int most_rows = 6;
static const int most_columns = 6;

static std::string format(double number) {
    if (std::isnan(number)) return "NaN";
    char buffer[40];
    const bool whole = std::fabs(number) < 1e6 && number == std::floor(number);
    const bool plain = std::fabs(number) >= 1e-3 && std::fabs(number) < 1e5;
    std::snprintf(buffer, sizeof buffer, whole ? "%.0f" : plain ? "%.5g" : "%.4g", number);
    return buffer;
}

static bool is_small(const Tensor& x) {
    const int columns = x.rank() == 0 ? 1 : x.shape.back();
    return columns <= most_columns && x.size() <= most_rows * columns;
}

// Whether a person would calculate with these numbers.
static bool is_handy(const Tensor& x) {
    const bool whole = std::all_of(x.data.begin(), x.data.end(),
                                   [](float number) { return number == std::floor(number); });
    return is_small(x) && x.size() > 0 && x.size() <= (whole ? 16 : 8);
}

// A value in one line: "[1 2; 3 4]" for a small matrix, its shape for a large one.
static std::string inline_text(const Value& value) {
    switch (value.kind) {
    case Value::Kind::number: return format(value.number);
    case Value::Kind::text: return '"' + cut_to(value.text, 200) + '"';
    case Value::Kind::tensor: {
        const Tensor& x = value.tensor;
        if (x.rank() == 0) return format(x.data[0]);
        if (!is_handy(x)) return "a tensor " + to_string(x.shape);
        std::string text = "[";
        for (int i = 0; i < x.size(); ++i) {
            if (i > 0) text += i % x.shape.back() == 0 ? "; " : " ";
            text += format(x.data[i]);
        }
        return text + "]" + (x.rank() > 2 ? ", of shape " + to_string(x.shape) : "");
    }
    case Value::Kind::list: {
        double largest = 0;
        for (const Value& item : value.list) largest = std::max(largest, std::fabs(item.number));
        std::string text = "{";
        for (const Value& item : value.list) {
            if (text.size() > 200)
                return text + ", …}, " + std::to_string(value.list.size()) + " in all";
            const bool rounding = item.kind == Value::Kind::number && item.number != 0 &&
                                  std::fabs(item.number) < 1e-14 * largest;  // 4e-16 beside 3 is 0
            text += (text.size() > 1 ? ", " : "") + (rounding ? "0" : inline_text(item));
        }
        return text + "}";
    }
    }
    return "";
}

// What stands between the commas outside brackets.
static std::vector<std::string> split_arguments(const std::string& text) {
    std::vector<std::string> names(1);
    int depth = 0;
    for (char letter : text) {
        if (letter == '(' || letter == '{') ++depth;
        if (letter == ')' || letter == '}') --depth;
        if (letter == ',' && depth == 0) names.emplace_back();
        else if (letter != ' ' || !names.back().empty()) names.back() += letter;
    }
    return names;
}

// The same, or what kind of value it is when it does not fit into a line.
static std::string short_text(const Value& value) {
    const std::string text = inline_text(value);
    if (width(text) <= 60) return text;
    return (value.kind == Value::Kind::tensor ? "a tensor " : "") + describe(value);
}

// "x = [1 2; 3 4]", "x of shape [3, 20]".
static std::string with_name(const std::string& name, const std::string& value) {
    const std::string large = "a tensor ";
    return begins_with(value, large) ? name + " of shape " + value.substr(large.size())
                                     : name + " = " + value;
}

// The names of a call's arguments: in the student's words, where these are a call such as
// "settle(W, cue)" with as many of them; or as the check wrote them.
static std::vector<std::string> argument_names(const Call& call) {
    const std::size_t open = call.function.find('('), close = call.function.find(')');
    if (open != std::string::npos && close == call.function.size() - 1) {
        std::vector<std::string> names =
            split_arguments(call.function.substr(open + 1, close - open - 1));
        if (names.size() == call.arguments.size()) return names;
    }
    return split_arguments(call.names);
}

void print_call(const Call& call, const std::string& message) {
    const std::vector<std::string> names = argument_names(call);
    std::set<std::string> told = {"no_mask", "true", "false"};  // these need no explanation
    std::string title, details;
    int column = 0;
    for (std::size_t i = 0; i < call.arguments.size(); ++i) {
        const bool is_name = i < names.size() &&
                             names[i].find_first_of("(){}\"") == std::string::npos &&
                             std::isalpha(static_cast<unsigned char>(names[i][0]));
        const std::string value = short_text(call.arguments[i]);
        title += (i > 0 ? ", " : "") + (is_name ? names[i] : value);
        if (!is_name || !told.insert(names[i]).second) continue;
        const std::string detail = with_name(names[i], value);
        const bool fits = column > 0 && 10 + column + 3 + width(detail) <= columns();
        details += (fits ? "   " : column > 0 ? "\n" : "") + detail;
        column = (fits ? column + 3 : 0) + width(detail);
    }
    const bool whole = call.function.find('(') != std::string::npos;
    print_wrapped("for " + call.function + (whole ? "" : "(" + title + ")") + ": " + message, 6);
    print_wrapped(details, 10);
}

// The same form for all numbers of a table: whole, or with four decimals, or with an exponent.
static const char* common_format(const Tensor& a, const Tensor& b) {
    bool whole = true;
    double largest = 0;
    for (const Tensor* x : {&a, &b})
        for (double number : x->data) {
            if (!std::isfinite(number)) continue;
            whole = whole && number == std::floor(number);
            largest = std::max(largest, std::fabs(number));
        }
    if (whole && largest < 1e6) return "%9.0f";
    return largest >= 0.01 && largest < 1e4 ? "%9.4f" : "%11.3e";
}

static std::vector<std::string> table_rows(const Tensor& x, const char* form) {
    const int columns = x.rank() == 0 ? 1 : x.shape.back();
    std::vector<std::string> rows;
    for (int i = 0; i < x.size(); ++i) {
        char buffer[40];
        std::snprintf(buffer, sizeof buffer, form, x.data[i]);
        if (std::isnan(x.data[i])) std::snprintf(buffer, sizeof buffer, "%9s", "NaN");
        if (i % columns == 0) rows.emplace_back();
        rows.back() += buffer;
    }
    return rows;
}

// Which rows have a number that counts as another.
static std::vector<bool> wrong_rows(const Tensor& expected, const Tensor& yours, double within) {
    const int columns = expected.rank() == 0 ? 1 : expected.shape.back();
    std::vector<bool> wrong(static_cast<std::size_t>(expected.size() / columns));
    for (int i = 0; i < expected.size(); ++i)
        if (!close(yours.data[i], expected.data[i], within)) wrong[i / columns] = true;
    return wrong;
}

static void print_side_by_side(const std::vector<std::string>& left,
                               const std::vector<std::string>& right,
                               const std::vector<bool>& wrong) {
    const int room = std::max(9, width(left[0]));
    std::printf("      %s  yours\n", padded("expected", room).c_str());
    for (std::size_t r = 0; r < left.size(); ++r)
        std::printf("      %s  %s%s\n", padded(left[r], room).c_str(), right[r].c_str(),
                    wrong[r] ? "   <-" : "");
}

// Wide rows stand one below the other: the first that is wrong, and is seen to be.
static void print_one_below_the_other(const std::vector<std::string>& left,
                                      const std::vector<std::string>& right,
                                      const std::vector<bool>& wrong) {
    std::size_t r = 0;
    while (!wrong[r] || left[r] == right[r]) ++r;
    const std::string row = left.size() > 1 ? "row " + std::to_string(r) + ": " : "";
    std::printf("      %sexpected %s\n", row.c_str(), left[r].c_str());
    std::printf("      %syours    %s\n", padded("", width(row)).c_str(), right[r].c_str());
}

// Returns whether any difference can be seen.
static bool print_tensors(const Tensor& expected, const Tensor& yours, double within) {
    const char* form = common_format(expected, yours);
    const std::vector<std::string> left = table_rows(expected, form),
                                   right = table_rows(yours, form);
    const std::vector<bool> wrong = wrong_rows(expected, yours, within);
    bool seen = false;
    for (std::size_t r = 0; r < left.size(); ++r) seen = seen || (wrong[r] && left[r] != right[r]);
    if (!seen) return false;
    if (2 * width(left[0]) < columns() - 16) print_side_by_side(left, right, wrong);
    else print_one_below_the_other(left, right, wrong);
    return true;
}

static std::string precise(double number, int digits) {
    char buffer[40];
    std::snprintf(buffer, sizeof buffer, "%.*g", digits, number);
    return std::isnan(number) ? "NaN" : buffer;
}

// As few digits as show that the two differ.
static std::pair<std::string, std::string> precise(double expected, double yours) {
    int digits = 4;
    while (digits < 17 && precise(expected, digits) == precise(yours, digits)) ++digits;
    return {precise(expected, digits), precise(yours, digits)};
}

// The element that is farthest off, with its index.
static void print_worst(const Tensor& expected, const Tensor& yours) {
    int worst = -1;
    double distance = -1;
    for (int i = 0; i < expected.size(); ++i) {
        const double d = std::fabs(double{yours.data[i]} - double{expected.data[i]});
        if (std::isnan(d) || d > distance) {
            worst = i;
            distance = std::isnan(d) ? HUGE_VAL : d;
        }
    }
    if (worst < 0) return;
    Shape index(expected.shape.size());
    for (int rest = worst, axis = expected.rank() - 1; axis >= 0; --axis) {
        index[axis] = rest % expected.shape[axis];
        rest /= expected.shape[axis];
    }
    const auto [right, wrong] = precise(expected.data[worst], yours.data[worst]);
    std::printf("      farthest off, at %s of %s: expected %s, yours %s\n",
                to_string(index).c_str(), to_string(expected.shape).c_str(), right.c_str(),
                wrong.c_str());
}

void print_answers(const Value& expected, const Value& yours, double within) {
    using Kind = Value::Kind;
    const bool same_shape = expected.kind == Kind::tensor && yours.kind == Kind::tensor &&
                            expected.tensor.shape == yours.tensor.shape;
    if (same_shape && expected.tensor.size() > 1) {
        if (!is_small(expected.tensor) || !print_tensors(expected.tensor, yours.tensor, within))
            print_worst(expected.tensor, yours.tensor);
        return;
    }
    auto [right, wrong] = std::make_pair(inline_text(expected), inline_text(yours));
    if (same_shape && right == wrong)
        std::tie(right, wrong) = precise(expected.tensor.data[0], yours.tensor.data[0]);
    if (expected.kind == Kind::number && right == wrong)
        std::tie(right, wrong) = precise(expected.number, yours.number);
    const bool short_enough = width(right) + width(wrong) < 50;
    print_wrapped("expected " + right + (short_enough ? ", yours " : "\nyours    ") + wrong, 6);
}
