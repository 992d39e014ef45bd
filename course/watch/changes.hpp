// What is different from the last grading: "+ 11.2 Scaled scores now passes".
#pragma once

#include "grader/grader.hpp"

#include <string>
#include <vector>

// Compares with what stands in the file, then puts these results there. The exercises that are not
// among them keep their place. What was never graded is no change.
std::vector<std::string> changes_since(const std::string& path,
                                       const std::vector<ExerciseResult>& results);
