#include "data/budgets.hpp"

#include <cstdio>
#include <stdexcept>

namespace budgets {

Dataset<std::vector<Run>> read() {
    Dataset<std::vector<Run>> all;
    const auto take = [&](const std::string& line) {
        Run run{};
        const int found =
            std::sscanf(line.c_str(), "%lf %lf %lf", &run.budget, &run.parameters, &run.bits);
        if (found != 3 || !(run.budget > 0 && run.parameters > 0 && run.bits > 0))
            throw std::invalid_argument("a budget, parameters and bits above 0 are needed");
        all.training.push_back(run);
    };
    read_lines("budgets.txt", take, 21);
    all.held_out.push_back(all.training.back());
    all.training.pop_back();
    return all;
}

}  // namespace budgets
