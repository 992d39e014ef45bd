// Every data set has one form: what is learnt from, and what is held out. `read` reads it from its
// file in data/; `draw` makes it up.
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

// Hands on the lines of data/NAME, or of a file anywhere, one after the other. Throws
// std::runtime_error with the path when there is no such file, and with path and line when `take`
// throws std::invalid_argument.
using TakeLine = std::function<void(const std::string& line)>;
void read_lines(const std::string& name, const TakeLine& take);
void read_lines_of(const std::string& path, const TakeLine& take);
