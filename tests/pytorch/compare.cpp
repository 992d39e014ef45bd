// Holds the solutions against PyTorch: every case of numbers.txt is computed here too, and each
// number of the answer may differ by 1e-5 of the largest in its tensor. Links with the solutions;
// needs no Python.
//
//   pytorch tests/pytorch/numbers.txt

#include "compare.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>

static double largest(const Value& value) {
    double result = std::fabs(value.number);
    for (float number : value.tensor.data)
        result = std::max(result, std::fabs(static_cast<double>(number)));
    return result;
}

// The largest difference between two values, as a part of the largest number expected.
static double distance(const Value& yours, const Value& expected, double floor) {
    if (yours.kind != expected.kind || yours.tensor.shape != expected.tensor.shape) return INFINITY;
    double difference = std::fabs(yours.number - expected.number);
    for (int i = 0; i < expected.tensor.size(); ++i) {
        const double y = static_cast<double>(yours.tensor.data[i]);
        const double e = static_cast<double>(expected.tensor.data[i]);
        difference = std::isfinite(y) ? std::max(difference, std::fabs(y - e)) : INFINITY;
    }
    return difference / std::max({largest(expected), floor, 1e-30});
}

struct Case {
    std::string name;
    Values in, out;
};

static std::vector<Case> read_cases(const char* path) {
    std::ifstream file(path);
    std::vector<Case> cases;
    for (std::string line; std::getline(file, line);) {
        if (line.compare(0, 5, "case ") == 0) cases.push_back({line.substr(5), {}, {}});
        else if (line.compare(0, 3, "in ") == 0) cases.back().in.push_back(decode(line.substr(3)));
        else if (line.compare(0, 4, "out ") == 0)
            cases.back().out.push_back(decode(line.substr(4)));
    }
    return cases;
}

static double worst_difference(const Case& example, const Answers& answers) {
    const auto found = answers.find(example.name);
    if (found == answers.end()) return INFINITY;
    const Values yours = found->second(example.in);
    if (yours.size() != example.out.size() || yours.empty()) return INFINITY;
    // A gradient that is 0 but for rounding is held against the others of its case.
    double floor = 0, worst = 0;
    for (const Value& expected : example.out) floor = std::max(floor, 0.05 * largest(expected));
    for (std::size_t i = 0; i < yours.size(); ++i)
        worst = std::max(worst, distance(yours[i], example.out[i], floor));
    return worst;
}

int main(int argc, char** argv) {
    const std::vector<Case> cases = read_cases(argc > 1 ? argv[1] : "tests/pytorch/numbers.txt");
    Answers answers = answers_of_part_one();
    answers.merge(answers_of_part_two());
    answers.merge(answers_of_words());
    answers.merge(answers_of_part_three());
    answers.merge(answers_of_gpt());
    answers.merge(answers_of_bert());
    answers.merge(answers_of_vision());
    answers.merge(answers_of_folding());
    answers.merge(answers_of_light_curves());
    answers.merge(answers_of_reading());
    answers.merge(answers_of_physical_model());
    answers.merge(answers_of_scale());
    int failures = cases.empty();
    std::map<std::string, int> used;
    for (const Case& example : cases) {
        const double worst = worst_difference(example, answers);
        const bool same = worst <= 1e-5;
        std::printf("%-24s %8.1e%s\n", example.name.c_str(), worst, same ? "" : "  <- differs");
        ++used[example.name];
        failures += !same;
    }
    for (const auto& answer : answers)
        if (used[answer.first] == 0) {
            std::printf("%-24s has no numbers\n", answer.first.c_str());
            ++failures;
        }
    std::printf("%zu cases, %d failures\n", cases.size(), failures);
    return failures > 0;
}
