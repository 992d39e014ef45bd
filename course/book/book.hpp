// The book: every chapter as a page that a browser shows without a script, a font or a request of
// its own. See course/book/ for its parts.
#pragma once

#include <string>

enum class Edition { student, instructor };  // the student's pages hold no line of an answer

struct BookOrder {
    std::string root, build;  // the folder of the course, and where its programs lie
    Edition edition = Edition::student;
};

// Weaves the chapters into BUILD/book/index.html and the pages beside it, with what the demos of
// BUILD/course-solved print and draw. When something in a source is wrong, says so with file and
// line, leaves an older book as it was, and returns 1; else 0. Throws std::runtime_error when a
// file cannot be read or written, or a demo does not run.
int write_book(const BookOrder& order);
