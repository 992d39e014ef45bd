// Holds the solutions against PyTorch: every case of numbers.txt is computed here too, and each
// number of the answer may differ by 1e-5 of the largest in its tensor. Links with the solutions;
// needs no Python.
//
//   pytorch tests/pytorch/numbers.txt

#include "12_multi_head_attention.hpp"

#include "course/grader/value.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <map>
#include <stdexcept>

using Values = std::vector<Value>;
using Answer = std::function<Values(const Values&)>;

// The result of a function of variables, and the gradients of Σ y ∘ dy, where dy comes last.
static Answer gradients(std::function<Variable(const std::vector<Variable>&)> function) {
    return [function](const Values& in) {
        std::vector<Variable> inputs;
        for (std::size_t i = 0; i + 1 < in.size(); ++i) inputs.push_back(parameter(in[i].tensor));
        const Variable y = function(inputs);
        backward(sum(y * in.back().tensor));
        Values out = {to_value(y.value())};
        for (const Variable& input : inputs) out.push_back(to_value(input.gradient()));
        return out;
    };
}

// A loss and its gradient. In: logits, targets, the target to ignore.
static Values cross_entropy_of(const Values& in) {
    const Variable logits = parameter(in[0].tensor);
    const Variable loss =
        cross_entropy(logits, FromValue<std::vector<int>>::get(in[1]), FromValue<int>::get(in[2]));
    backward(loss);
    return {to_value(loss.value()), to_value(logits.gradient())};
}

// The weights after each step. In: weights, gradients step by step, settings.
template <class Make>
static Answer steps_of(Make make) {
    return [make](const Values& in) {
        Parameters parameters;
        for (const Value& w : in[0].list) parameters.push_back(parameter(w.tensor));
        auto optimiser = make(parameters, FromValue<std::vector<double>>::get(in[2]));
        Values after;
        for (std::size_t next = 0; next < in[1].list.size();) {
            optimiser.clear_gradients();
            for (const Variable& p : parameters) p.add_gradient(in[1].list[next++].tensor);
            optimiser.step();
            for (const Variable& p : parameters) after.push_back(to_value(p.value()));
        }
        return after;
    };
}

// A layer of three heads whose parameters are v[2] and the seven that follow.
static Variable multi_head(const std::vector<Variable>& v, const Tensor& mask) {
    Random random(1);
    MultiHeadAttention layer(12, 3, random);
    std::size_t next = 2;
    for (Linear* part : {&layer.query, &layer.key, &layer.value, &layer.output}) {
        part->W = v[next++];
        part->b = v[next++];
    }
    return layer(v[0], v[1], mask);
}

static const std::map<std::string, Answer> answers = {
    {"add", gradients([](const auto& v) { return add(v[0], v[1]); })},
    {"subtract", gradients([](const auto& v) { return subtract(v[0], v[1]); })},
    {"multiply", gradients([](const auto& v) { return multiply(v[0], v[1]); })},
    {"matmul", gradients([](const auto& v) { return matmul(v[0], v[1]); })},
    {"transpose", gradients([](const auto& v) { return transpose(v[0]); })},
    {"sum 0", gradients([](const auto& v) { return sum(v[0], 0); })},
    {"sum 1", gradients([](const auto& v) { return sum(v[0], 1); })},
    {"mean 2", gradients([](const auto& v) { return mean(v[0], 2); })},
    {"tanh", gradients([](const auto& v) { return tanh(v[0]); })},
    {"sigmoid", gradients([](const auto& v) { return sigmoid(v[0]); })},
    {"relu", gradients([](const auto& v) { return relu(v[0]); })},
    {"gelu", gradients([](const auto& v) { return gelu(v[0]); })},
    {"softmax", gradients([](const auto& v) { return softmax(v[0]); })},
    {"attention", gradients([](const auto& v) { return attention(v[0], v[1], v[2]); })},
    {"attention causal",
     gradients([](const auto& v) { return attention(v[0], v[1], v[2], causal_mask(5)); })},
    {"linear", gradients([](const auto& v) { return linear(v[0], v[1], v[2]); })},
    {"cross_entropy", cross_entropy_of},
    {"SGD", steps_of([](const auto& p, const auto& s) { return SGD(p, s[0], s[1], s[2]); })},
    {"RMSprop",
     steps_of([](const auto& p, const auto& s) { return RMSprop(p, s[0], s[1], s[2]); })},
    {"Adam", steps_of([](const auto& p, const auto& s) {
         return Adam(p, s[0], {s[1], s[2], s[3]});
     })},
    {"AdamW", steps_of([](const auto& p, const auto& s) {
         return AdamW(p, s[0], s[4], {s[1], s[2], s[3]});
     })},
    {"multi-head", gradients([](const auto& v) { return multi_head(v, no_mask); })},
    {"multi-head padded", gradients([](const auto& v) {
         return multi_head(v, padding_mask({5, 3}, 3, 5));
     })},
    {"attention padded", gradients([](const auto& v) {
         return attention(v[0], v[1], v[2], padding_mask({3, 4}, 3, 4));
     })},
};

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

static double worst_difference(const Case& example) {
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
    int failures = cases.empty();
    std::map<std::string, int> used;
    for (const Case& example : cases) {
        const double worst = worst_difference(example);
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
