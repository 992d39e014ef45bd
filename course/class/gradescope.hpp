// One submission for Gradescope: its folder in, that service's results.json out.
#pragma once

#include "course/class/grading.hpp"

// Always writes `file`: when the grader itself fails, with 0 points and the reason. Returns an exit
// status: 0, or 3 then.
int grade_for_gradescope(const ClassGrading& all, const std::string& submission,
                         const std::string& file);
