#define COMPILED_HERE
#include "course/templates.hpp"
