#define COMPILED_HERE
#include "templates/templates.hpp"
