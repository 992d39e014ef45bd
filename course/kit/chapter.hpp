// What every chapter may use besides the standard library: a way to say "not done yet", and a way
// to offer a demo.
#pragma once

#include <stdexcept>
#include <string>

// Thrown by an exercise that is not done. what() is its number, such as "1.2".
struct Todo : std::logic_error {
    using std::logic_error::logic_error;
};

[[noreturn]] inline void todo(const char* exercise) { throw Todo(exercise); }

// `const Demo demo("01", [] { … });` at the end of a chapter is what `make demo CHAPTER=01` runs.
struct Demo {
    Demo(const char* chapter, void (*run)());
};

// Prints what a reader predicted, NAN for nothing, beside what a demo measured.
void compare(const char* what, double predicted, double measured);
