// What was asked, what was expected and what came back, as a person compares them.
#pragma once

#include "grader/run.hpp"

#include <string>

// "for softmax(x): 4 of 6 numbers differ." and, below it, each argument with its value.
void print_call(const Call& call, const std::string& message);

// Small tensors side by side; of large ones the number that is farthest off. What is `within` this
// of what was expected counts as equal.
void print_answers(const Value& expected, const Value& yours, double within);
