// Every data set has one form: what is learnt from, and what is held out. A file in data/ is read,
// by `read`; what is made up is drawn, by `draw`.
#pragma once

#include "kit/hash.hpp"

#include <functional>
#include <string>

template <class Examples>
struct Dataset {
    Examples training, held_out;
};

// One item in ten, by a hash of its text: the same tenth in every program and on every machine, in
// whatever order the items come.
inline bool is_held_out(const std::string& text) { return fnv1a(text) % 10 == 0; }

// Hands on the lines of data/NAME, one after the other. Throws std::runtime_error, with the path,
// when there is none, and with the number of the line that is an std::invalid_argument to `take`.
void read_lines(const std::string& name, const std::function<void(const std::string& line)>& take);
