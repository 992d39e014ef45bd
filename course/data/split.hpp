// What is learnt from and what is held out: one item in ten, by a hash of its text, so that it is the
// same tenth in every program and on every machine, in whatever order the items are read.
#pragma once

#include "kit/hash.hpp"

#include <string>

inline bool is_held_out(const std::string& text) { return fnv1a(text) % 10 == 0; }
