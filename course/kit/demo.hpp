// The chapters' demos, by chapter.
#pragma once

#include <string>

// Runs a chapter's demo, of the student's code or solved; false when it has none. What the demo
// throws goes to the caller.
bool run_demo(const std::string& chapter, bool solved);

// The command that makes what the demo shows: "FULL=1 make demo CHAPTER=17 SOLVED=1".
const std::string& demo_command();
