#include "watch/changes.hpp"

#include <fstream>
#include <map>

// One line for an exercise, "pass 11.2", and one for each of its checks, "pass 11.2 the rule".
using Passing = std::map<std::string, bool>;

static Passing read_passing(const std::string& path) {
    Passing passing;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);)
        if (line.size() > 5) passing[line.substr(5)] = line.compare(0, 5, "pass ") == 0;
    return passing;
}

// Whether it changed to passing (+1), away from it (−1), or not at all.
static int change(const Passing& before, const std::string& name, bool passes) {
    const auto found = before.find(name);
    return found == before.end() || found->second == passes ? 0 : passes ? 1 : -1;
}

std::vector<std::string> changes_since(const std::string& path,
                                       const std::vector<ExerciseResult>& results) {
    const Passing before = read_passing(path);
    Passing now = before;
    std::vector<std::string> lines;
    for (const ExerciseResult& result : results) {
        const std::string id = result.exercise.id();
        const bool passes = now[id] = result.verdict == Verdict::pass;
        const int whole = change(before, id, passes);
        if (whole != 0)
            lines.push_back((whole > 0 ? "+ " : "- ") + id + " " + result.exercise.title +
                            (whole > 0 ? " now passes" : " no longer passes"));
        for (const Finding& check : result.checks) {
            const std::string name = id + " " + check.rule;
            const int part = change(before, name, check.verdict == Verdict::pass);
            now[name] = check.verdict == Verdict::pass;
            if (whole == 0 && part != 0)
                lines.push_back((part > 0 ? "+ " : "- ") + name +
                                (part > 0 ? ": now holds" : ": no longer holds"));
        }
    }
    std::ofstream file(path);
    for (const auto& [name, passes] : now) file << (passes ? "pass " : "miss ") << name << '\n';
    return lines;
}
