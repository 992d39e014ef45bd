// The chapters' demos, by chapter.
#pragma once

#include <string>

// Runs a chapter's demo; false when it has none. What the demo throws goes to the caller.
bool run_demo(const std::string& chapter);
