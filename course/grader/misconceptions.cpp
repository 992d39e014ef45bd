#include "grader/misconceptions.hpp"

#include "grader/difference.hpp"
#include "kit/whole_file.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>

// One file per exercise, tests/recorded/misconceptions/11.2.txt. For each misconception:
//
//     misconception unscaled
//     of 2837561 4711                      the print of what it was made from
//     says These are the scores Q Kᵀ: …
//     check the keys are the rows of K     one that it does not pass, and below it the answers:
//       right                              that of the solution, or a refusal where one is due
//       answer x 2 1 2 1 3                 another one; see course/grader/value.cpp
//       threw no begin mark in front       none, but a message
//       returned, crash, timeout           none
//       unmet 3                            the check's third expectation did not hold

namespace {

struct Known {
    Misconception misconception;
    std::map<std::string, std::vector<std::string>> checks;  // rule → answers
};

}  // namespace

// ## Long answers are told apart by a few of their numbers

static const int longest = 24;
static const int num_kept = 10;

// Of a long tensor the shape, some of its numbers, spread over it, and the largest.
static Value thinned(const Tensor& x) {
    std::vector<float> sample;
    Random random(static_cast<std::uint64_t>(x.size()));
    for (int i = 0; i < num_kept; ++i)
        sample.push_back(x.data[static_cast<std::size_t>(random.below(x.size()))]);
    sample.push_back(static_cast<float>(largest(x)));
    Value value;
    value.list = {to_value(to_string(x.shape)), to_value(Tensor({num_kept + 1}, sample))};
    return value;
}

Value thinned(const Value& value) {
    if (value.kind == Value::Kind::tensor && value.tensor.size() > longest)
        return thinned(value.tensor);
    Value result = value;
    if (value.kind != Value::Kind::list) return result;
    if (result.list.size() > longest) {
        result.list.resize(longest);
        result.list.push_back(to_value(value.list.size()));
    }
    for (Value& item : result.list) item = thinned(item);
    return result;
}

// ## Reading

static std::string file_of(const std::string& exercise, const std::string& folder) {
    return folder + "/" + exercise + ".txt";
}

static std::string after(const std::string& line, const char* word) {
    const std::string begin = word;
    return line.compare(0, begin.size(), begin) == 0 ? line.substr(begin.size()) : "";
}

static std::vector<Known> read(const std::string& exercise, const std::string& folder) {
    std::vector<Known> all;
    std::ifstream file(file_of(exercise, folder));
    std::vector<std::string>* check = nullptr;
    for (std::string line; std::getline(file, line);) {
        const std::string name = after(line, "misconception "), rule = after(line, "check ");
        if (!name.empty()) all.push_back({{name, ""}, {}});
        if (all.empty()) continue;
        const std::string sentence = after(line, "says "), answer = after(line, "  ");
        if (!sentence.empty()) all.back().misconception.sentence = sentence;
        if (!rule.empty()) check = &all.back().checks[rule];
        if (!answer.empty() && check) check->push_back(answer);
    }
    return all;
}

static std::string line_of(const Heard& heard) {
    if (heard.right) return "right";
    if (heard.how == "threw") return "threw " + encode(heard.answer);
    return heard.how == "answer" ? "answer " + encode(heard.answer) : heard.how;
}

// ## Looking up

// A wrong answer may grow the roundings that a right one keeps small, and two that are wrong in
// different ways are farther apart than that.
static const double leeway = 4;

// Of what was thrown only that it was: a student has words of his own.
static bool agree(const Heard& yours, const std::string& theirs) {
    const std::string answer = after(theirs, "answer ");
    if (!yours.right && yours.how == "threw") return !after(theirs, "threw ").empty();
    if (answer.empty()) return theirs == line_of(yours);
    if (yours.right || yours.how != "answer") return false;
    const double roundings = leeway * yours.roundings;
    return difference(yours.answer, decode(answer), roundings).text.empty();
}

static bool agree(const std::vector<Heard>& yours, const std::vector<std::string>& theirs) {
    return std::equal(yours.begin(), yours.end(), theirs.begin(), theirs.end(),
                      [](const Heard& mine, const std::string& line) { return agree(mine, line); });
}

// A check that comes to a part which is still to do speaks for no misconception and against none.
static bool is_open(const Finding& finding) {
    return std::any_of(finding.heard.begin(), finding.heard.end(),
                       [](const Heard& heard) { return heard.how == "todo"; });
}

static bool agree(const std::vector<Finding>& checks, const Known& known) {
    return std::all_of(checks.begin(), checks.end(), [&](const Finding& finding) {
        if (is_open(finding)) return true;
        const auto missed = known.checks.find(finding.rule);
        if (finding.verdict == Verdict::pass) return missed == known.checks.end();
        return missed != known.checks.end() && agree(finding.heard, missed->second);
    });
}

// A right answer or a wrong number says more of a program than a crash; so does what the given code
// threw, to the letter.
static bool says_something(const Finding& finding, const Known& known) {
    if (is_open(finding)) return false;
    if (finding.verdict == Verdict::pass) return true;
    const std::vector<std::string>& theirs = known.checks.at(finding.rule);
    for (std::size_t i = 0; i < finding.heard.size(); ++i) {
        const Heard& heard = finding.heard[i];
        if (heard.right || heard.how == "answer") return true;
        if (heard.how == "threw" && line_of(heard) == theirs[i]) return true;
    }
    return false;
}

static bool says_something(const std::vector<Finding>& checks, const Known& known) {
    return std::any_of(checks.begin(), checks.end(),
                       [&](const Finding& finding) { return says_something(finding, known); });
}

// Whether what was thrown is what this one throws, to the letter.
static bool throws_the_same(const std::vector<Finding>& checks, const Known& known) {
    for (const Finding& finding : checks) {
        const auto missed = known.checks.find(finding.rule);
        if (missed == known.checks.end() || is_open(finding)) continue;
        const std::vector<std::string>& theirs = missed->second;
        for (std::size_t i = 0; i < theirs.size(); ++i)
            if (finding.heard[i].how == "threw" && line_of(finding.heard[i]) != theirs[i])
                return false;
    }
    return true;
}

// On a slow machine a clock runs out that elsewhere does not. Whether it did, for one of the two;
// if so, both are cut off there.
static bool was_late(std::vector<Finding>& checks, Known& known) {
    for (std::size_t c = 0; c < checks.size(); ++c) {
        const auto missed = known.checks.find(checks[c].rule);
        if (missed == known.checks.end() || is_open(checks[c])) continue;
        std::vector<Heard>& yours = checks[c].heard;
        std::vector<std::string>& theirs = missed->second;
        std::size_t i = 0;
        while (i < yours.size() && i < theirs.size() && agree(yours[i], theirs[i])) ++i;
        const bool you = i < yours.size() && yours[i].how == "timeout";
        if (!you && (i == theirs.size() || theirs[i] != "timeout")) continue;
        yours.resize(i);
        theirs.resize(i);
        checks.resize(c + 1);
        return true;
    }
    return false;
}

// Of two that took different times, only numbers tell that they are the same.
static bool has_wrong_number(const std::vector<Finding>& checks) {
    const auto is_wrong = [](const Heard& heard) { return !heard.right && heard.how == "answer"; };
    return std::any_of(checks.begin(), checks.end(), [&](const Finding& finding) {
        return std::any_of(finding.heard.begin(), finding.heard.end(), is_wrong);
    });
}

static bool are_alike(std::vector<Finding> checks, Known& known) {
    const bool late = was_late(checks, known);
    return agree(checks, known) &&
           (late ? has_wrong_number(checks) : says_something(checks, known));
}

// What these say with one voice.
static Misconception common(const std::vector<Known>& all) {
    Misconception found;
    for (const Known& known : all) {
        if (found.name.empty()) found = known.misconception;
        if (found.sentence != known.misconception.sentence) return {};
    }
    return found;
}

Misconception look_up(const std::string& exercise, const std::vector<Finding>& checks,
                      const std::string& folder) {
    std::vector<Known> alike;
    for (Known& known : read(exercise, folder))
        if (are_alike(checks, known)) alike.push_back(known);
    const Misconception found = common(alike);
    if (!found.name.empty()) return found;
    alike.erase(std::remove_if(alike.begin(), alike.end(),
                               [&](const Known& known) { return !throws_the_same(checks, known); }),
                alike.end());
    return common(alike);
}

// ## Recording

std::string recorded_part(const std::string& exercise, const std::string& name,
                          const std::string& print, const std::string& folder) {
    std::ifstream file(file_of(exercise, folder));
    std::string part;
    bool here = false;
    for (std::string line; std::getline(file, line);) {
        if (!after(line, "misconception ").empty()) here = after(line, "misconception ") == name;
        if (here && !after(line, "of ").empty() && after(line, "of ") != print) return "";
        if (here) part += line + "\n";
    }
    return part;
}

void write_misconceptions(const std::string& exercise, const std::string& parts,
                          const std::string& folder) {
    std::filesystem::create_directories(folder);
    write_file(file_of(exercise, folder),
               "# What the misconceptions of exercise " + exercise +
                   " answer to its checks.\n# Written by `make record`; see "
                   "course/grader/misconceptions.cpp for the form.\n" +
                   parts);
}

std::string recorded_misconception(const Misconception& misconception, const std::string& print,
                                   const std::vector<Finding>& checks) {
    std::string text = "misconception " + misconception.name + "\nof " + print + "\nsays " +
                       misconception.sentence + "\n";
    for (const Finding& finding : checks) {
        if (finding.verdict == Verdict::pass) continue;
        text += "check " + finding.rule + "\n";
        for (const Heard& heard : finding.heard) text += "  " + line_of(heard) + "\n";
    }
    return text;
}
