// When are two answers the same? When nothing but the rounding of float32 stands between them.
#pragma once

#include "grader/value.hpp"

#include <string>
#include <vector>

// NaN is like NaN and ∞ like ∞.
bool close(double yours, double expected, double tolerance);

// Says in words how two tensors differ, or nothing when they do not.
std::string difference(const Tensor& yours, const Tensor& expected, double tolerance);

struct Difference {
    std::string text;  // empty when the two are the same but for rounding
    Value yours, expected;
    double within = 0;         // numbers that are closer to each other count as one
    std::vector<int> place{};  // in a list: the item that differs, then that inside it
};

// The same for any answer, to so many units of 2⁻²³ of its largest number. In a list, the first
// item that differs. A gradient that is 0 but for rounding cannot be held against its own size;
// `floor`, a twentieth of the largest number in the whole answer, is the least that counts as one.
Difference difference(const Value& yours, const Value& expected, double roundings,
                      double floor = 0);

// A few whole numbers, such as the words of a sentence, which a person compares at one glance.
bool is_short_row(const Value& value);

// The largest finite number of an answer, without its sign.
double largest(const Tensor& x);
