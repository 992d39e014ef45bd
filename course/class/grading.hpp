// One submission: built, graded, and told to the student and to scripts.
#pragma once

#include "class/submission.hpp"
#include "report/report.hpp"

#include <cstdint>
#include <string>
#include <vector>

// Where everything lies, and what is asked of all submissions.
struct ClassGrading {
    std::string root, build;   // of the course
    std::string out;           // the folder of results
    std::uint64_t seed = 0;    // of the random inputs
    int share = 1, shares = 1;  // of the submissions; several machines have them between them
    bool confined = true;      // can programs be kept to the files that they are given?
    std::string course_build;  // a fingerprint of the course: grades of another one do not count
    std::vector<Chapter> catalogue;
    std::vector<Chapter> due;  // those of them that are graded

    Grading grading() const;  // for checks; the worker is still to be named
};

// Where a process of this machine works on a submission, and what the paths of all these begin
// with. Several machines may have one build folder.
std::string work_folder(const ClassGrading& all, int process);
std::string works_of_this_machine(const ClassGrading& all);

// A number that changes with every byte of a text, for telling versions apart.
std::string fingerprint(const std::string& text);
std::string fingerprint_of_course(const std::string& root, const std::string& build);

struct Graded {
    std::vector<ChapterResult> chapters;
    std::vector<std::string> notes;         // what was not taken, and why
    std::map<int, std::string> no_compile;  // chapter → what the compiler said
    std::size_t taken = 0;                  // chapters
};

// Builds the chapters in `folder`/chapters in a work folder that is removed again, and grades those
// that are due: each with the solutions of those before it, and once more all of them together.
Graded grade_chapters(const ClassGrading& all, const std::string& folder);

// Was there an exercise on which the grader itself failed?
bool grader_failed(const Graded& graded);

// Writes what was taken into an empty folder.
void keep_chapters(const Taken& taken, const std::string& folder);

// Tries whether programs can be built and run under confinement here, and warns when they cannot.
// Throws std::runtime_error when they cannot be built at all.
bool confinement_works(ClassGrading all);

// Takes the chapters of a submission into its folder of results, from which they are graded. What
// was said of other chapters, another seed or course, or by a grader that failed, is taken away.
void take_submission(const ClassGrading& all, const Submission& submission);

// Of those that were taken and not graded yet, the ones that handed in the same: they get the same.
std::vector<std::vector<std::string>> students_to_grade(const ClassGrading& all,
                                                        const std::vector<Submission>& submissions);

// Grades the chapters of the first, and writes results.json, report.html and at last graded.txt for
// each.
void grade_students(const ClassGrading& all, const std::vector<std::string>& students);
