// What the cases of every part share: see compare.cpp.
#pragma once

#include "03_autodiff.hpp"
#include "grader/value.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

using Values = std::vector<Value>;
using Answer = std::function<Values(const Values& in)>;
using Answers = std::map<std::string, Answer>;  // by the name of the case

Answers answers_of_part_one();
Answers answers_of_part_two();
Answers answers_of_words();  // chapter 7
Answers answers_of_part_three();
Answers answers_of_gpt();  // chapter 18
Answers answers_of_bert();  // chapter 19
Answers answers_of_vision();  // chapter 21
Answers answers_of_folding();  // chapter 22
Answers answers_of_light_curves();  // chapter 23
Answers answers_of_reading();  // chapter 24
Answers answers_of_physical_model();  // chapter 25
Answers answers_of_scale();  // chapter 26

// The result of a function of variables, and the gradients of Σ y ∘ dy, where dy comes last.
inline Answer gradients(std::function<Variable(const std::vector<Variable>&)> function) {
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
