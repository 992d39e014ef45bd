#include "kit/demo.hpp"

#include "kit/chapter.hpp"

#include <map>

static std::map<std::string, void (*)()>& demos() {
    static std::map<std::string, void (*)()> all;
    return all;
}

Demo::Demo(const char* chapter, void (*run)()) { demos()[chapter] = run; }

bool run_demo(const std::string& chapter) {
    const auto found = demos().find(chapter);
    if (found == demos().end()) return false;
    found->second();
    return true;
}
