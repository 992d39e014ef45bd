#define COMPILED_HERE
#include "watch/templates.hpp"
