// What the solutions answer to the checks: recorded, or asked for when the seed is new.
#pragma once

#include "grader/check.hpp"
#include "grader/grader.hpp"

#include <map>
#include <string>
#include <vector>

// "1.2 the rule": what is recorded is found by it.
std::string name_of(const CheckDefinition& check);

// In the order in which they stand in their files.
std::vector<CheckDefinition> checks_of(const std::string& exercise);

// The record of a chapter, and the folder of a check's: hidden checks have theirs apart from the
// others, where it is not handed out.
std::string record_file(const std::string& folder, int chapter);
const std::string& folder_of(const CheckDefinition& check, const Grading& grading);

using Answers = std::map<std::string, std::vector<std::string>>;  // name of a check → answers
const Answers& answers_of(const std::string& folder, int chapter);

// What the solution answers to this check, from the record or from memory. With a new seed it is
// asked, once. Throws std::runtime_error when there is no record, or the solution does not pass.
const std::vector<std::string>& right_answers(const CheckDefinition& check, const Grading& grading,
                                              int chapter);

// Whether this check draws random numbers, once it was asked with the new seed of the grading.
bool asks_anew(const CheckDefinition& check, const Grading& grading);
