// Numbers that the environment may set, for tests and for experiments.
#pragma once

#include <cstdlib>

inline double from_environment(const char* name, double otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : std::atof(text);
}
