// Where the course lies on this machine, and what it is compiled with. CMake writes the answers
// (CMakeLists.txt); nothing else in a program depends on its place.
#pragma once

namespace places {

extern const char* const root;           // the folder of the course
extern const char* const build;          // where its programs lie
extern const char* const compiler;       // its name and version
extern const char* const compiler_file;  // the program

}  // namespace places
