// What is read in a browser: a student's report, and the page of the class.
#pragma once

#include "class/summary.hpp"

#include <utility>

// The same words that `make check` shows, for everything that was attempted and does not pass.
std::string findings_text(const Graded& graded);

void write_report(const std::string& path, const std::string& student, std::uint64_t seed,
                  const Graded& graded);

using ClassRow = std::pair<std::string, Summary>;  // student, and what is kept of the submission

void write_class_page(const std::string& path, const std::vector<Chapter>& catalogue,
                      std::uint64_t seed, const std::vector<ClassRow>& rows,
                      const std::vector<std::string>& others);

// student,total,max, a column per exercise and a note. Commas and quotation marks in names are
// quoted; where nothing was graded, the cells are empty.
void write_table(const std::string& path, const std::vector<Chapter>& catalogue,
                 const std::vector<ClassRow>& rows);
