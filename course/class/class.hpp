// A whole class: many submissions at once, each in a process of its own, so that none can stop
// another; what was graded before is not graded again.
#pragma once

#include "class/grading.hpp"

// Grades all submissions of a folder into all.out, `jobs` at a time (0: as many as there are
// processors), and writes grades.csv and class.html. Returns an exit status: 0, or 3 when the
// grader failed on a submission.
int grade_class(ClassGrading all, const std::string& submissions, int jobs);
