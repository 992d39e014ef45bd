// One submission for Gradescope: its folder in, that service's results.json out.
#pragma once

#include "class/grading.hpp"

// Writes `file`. Returns an exit status: 0, or 3 when the grader failed on an exercise.
int grade_for_gradescope(const ClassGrading& all, const std::string& submission,
                         const std::string& file);

// Writes `file` when nothing could be graded: 0 points, and why that is not the student's fault.
void tell_gradescope(const std::string& file, const std::string& fault);
