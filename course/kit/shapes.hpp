// The shape of a tensor, and how a function says which shapes it needs.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

using Shape = std::vector<int>;  // [2, 3] means 2 rows of 3 columns; [] is a single number

std::string to_string(const Shape& shape);  // "[2, 3]"

// Throws unless each shape has the axes that its words name. A word stands for a length, the same
// wherever it occurs in one call; a number for itself; "..." in front for any axes, again the same.
//
//     require_shapes("linear", {{x.shape, "... in"}, {W.shape, "in out"}, {b.shape, "out"}});
struct Required {
    const Shape& shape;
    const char* needed;
};
void require_shapes(const char* function, std::initializer_list<Required> all);
