// Words on a terminal: how wide they are, in which colour, and where a line ends.
#pragma once

#include "grader/run.hpp"

#include <string>

// A terminal on which lines can be written over and painted; on which they are painted, unless
// NO_COLOR is set.
bool can_paint(int file);
bool colours();

// How wide lines may be: as wide as the terminal, from 30 to 80; in a job, as it was in its parent.
int columns();

// How many columns a UTF-8 text takes, all its characters being one wide.
int width(const std::string& text);

// A text with spaces behind it; the beginning of one that is too wide.
std::string padded(const std::string& text, int columns);
std::string cut_to(const std::string& text, int columns);

// In a colour, given as the terminal's number for it, or in that of a verdict.
std::string painted(const std::string& text, const char* colour);
const char* colour_of(const std::string& verdict);
const char* colour_of(Verdict verdict);

// Breaks a text into lines of that width, each indented; long words stay whole. The first
// margin is left out when the cursor stands behind one already.
void print_wrapped(const std::string& text, int indent, bool behind_margin = false);
