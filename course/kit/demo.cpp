#include "kit/demo.hpp"

#include "kit/chapter.hpp"
#include "kit/environment.hpp"

#include <cmath>
#include <cstdio>
#include <map>

static std::map<std::string, void (*)()>& demos() {
    static std::map<std::string, void (*)()> all;
    return all;
}

static std::string command;

Demo::Demo(const char* chapter, void (*run)()) { demos()[chapter] = run; }

bool run_demo(const std::string& chapter, bool solved) {
    const auto found = demos().find(chapter);
    if (found == demos().end()) return false;
    command = typed_environment() + "make demo CHAPTER=" + chapter + (solved ? " SOLVED=1" : "");
    found->second();
    return true;
}

const std::string& demo_command() { return command; }

void compare(const char* what, double predicted, double measured) {
    std::printf("\n%s: %.3g.\n", what, measured);
    if (std::isnan(predicted)) std::printf("You wrote down no prediction.\n");
    else std::printf("You said %.3g.\n", predicted);
}
