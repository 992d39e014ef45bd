// How things stand, told without grading: `make list` and `make next`.
#pragma once

#include "student/verdicts.hpp"

// The course map, from the stubs and the last verdicts. "changed": not graded since it was edited.
void print_list(const std::vector<Chapter>& chapters, const std::string& folder,
                const Verdicts& verdicts);

// Where to go on, and the commands that help there.
void print_next(const std::vector<Chapter>& chapters, const std::string& folder,
                const Verdicts& verdicts);

bool newly_passed(const Verdicts& before, const ExerciseResult& result);
