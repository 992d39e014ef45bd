// What students hand in: a folder, an archive, an archive in a folder or files alone, with chapters
// somewhere inside. Only files whose names are those of chapters, or resemble them as names do that
// browsers and learning platforms make up, are taken.
#pragma once

#include "grader/catalogue.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

struct Submission {
    std::string student;               // the name of the folder or archive, without its ending
    std::filesystem::path path;        // of the folder or archive
    std::vector<std::string> files{};  // if not empty: these of the folder, and no others
};

// In the order of their names. What is no submission is named in `others`. Throws
// std::runtime_error when there is no such folder.
std::vector<Submission> find_submissions(const std::filesystem::path& folder,
                                         const std::vector<Chapter>& catalogue,
                                         std::vector<std::string>& others);

struct Taken {
    std::map<std::string, std::string> chapters;  // "01_tensors" → its text
    std::vector<std::string> notes;               // what was refused, and why
};

// Never throws on account of what a student handed in; GraderFault when this machine cannot read
// it.
Taken take_chapters(const Submission& submission, const std::vector<Chapter>& catalogue);
