// What students hand in: a folder, a .zip, a .tar.gz, .tgz or .tar with chapters somewhere inside.
// Only files with the name of a chapter are taken from it, one folder of them, and nothing is ever
// written by the names that an archive proposes.
#pragma once

#include "grader/catalogue.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

struct Submission {
    std::string student;         // the name of the folder or archive, without its ending
    std::filesystem::path path;  // of the folder or archive
};

// In the order of their names. What is no submission is named in `others`. Throws
// std::runtime_error when there is no such folder.
std::vector<Submission> find_submissions(const std::filesystem::path& folder,
                                         std::vector<std::string>& others);

struct Taken {
    std::map<std::string, std::string> chapters;  // "01_tensors" → its text
    std::vector<std::string> notes;               // what was refused, and why
};

// Never throws on account of what a student handed in; GraderFault when this machine cannot read
// it.
Taken take_chapters(const Submission& submission, const std::vector<Chapter>& catalogue);
