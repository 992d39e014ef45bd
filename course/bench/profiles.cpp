// Where the time of a training step goes, on one thread.

#include "bench/parts.hpp"
#include "bench/workloads.hpp"

#include "02_fast_matmul.hpp"
#include "kit/profile.hpp"

#include <algorithm>
#include <cstdio>
#include <numeric>

// The rows of the table, and which names on the tape belong to each. What is in none of them is
// shown as `other`: give a new operation its row.
using Group = std::pair<const char*, std::vector<std::string>>;

static const std::vector<Group>& groups() {
    static const std::vector<Group> all = {
        {"product", {"linear", "matmul"}},
        {"attention", {"attention"}},
        {"softmax", {"softmax", "masked softmax"}},
        {"layer norm", {"layer norm"}},
        {"element-wise",
         {"+", "×", "scale", "relu", "gelu", "tanh", "sigmoid", "sum", "transpose", "reshape",
          "swap axes", "rotate"}},
        {"table and loss", {"lookup", "rows", "cross-entropy", "smoothed"}},
        {"copies of the net", {"microbatches"}},
        {"optimiser", {"optimiser"}},
        {"tape and memory", {graph_work}},
        {"other", {}},
    };
    return all;
}

static std::size_t group_of(const std::string& name) {
    std::size_t group = 0;
    for (; group + 1 < groups().size(); ++group) {
        const std::vector<std::string>& names = groups()[group].second;
        if (std::find(names.begin(), names.end(), name) != names.end()) break;
    }
    return group;
}

// train_step, with the clock read between its parts.
static void profiled_step(Adam& adam, const Microbatch& batch) {
    adam.clear_gradients();
    charge_time(graph_work);
    backward(batch.loss());
    charge_time(graph_work);
    adam.step();
    charge_time("optimiser");
}

// Milliseconds of a step, one number for each group.
static std::vector<double> profiled(const std::string& model) {
    StepSettings settings;
    settings.model = model;
    const Workload work = workload(settings);
    Adam adam(work.parameters, 1e-4);
    train_step(adam, work.batch.loss);
    std::vector<double> parts(groups().size());
    int steps = 0;
    for (double total = 0; total < (bench_quickly() ? 0.01 : 1); ++steps) {
        const Profile profile;
        profiled_step(adam, work.batch);
        for (const auto& [name, seconds] : profile.seconds()) {
            parts[group_of(name)] += 1e3 * seconds;
            total += seconds;
        }
    }
    for (double& part : parts) part /= steps;
    return parts;
}

static double total(const std::vector<double>& parts) {
    return std::accumulate(parts.begin(), parts.end(), 0.0);
}

static void print_row(const char* name, const std::vector<std::vector<double>>& columns,
                      std::size_t first, std::size_t count) {
    std::printf("  %-17s", name);
    for (const std::vector<double>& parts : columns) {
        double part = 0;
        for (std::size_t i = first; i < first + count; ++i) part += parts[i];
        std::printf(" %8.2f %3.0f %%", part, 100 * part / total(parts));
    }
    std::printf("\n");
}

static std::string json_of(const std::string& model, const std::vector<double>& parts) {
    std::string text =
        formatted("\n  {\"config\": \"%s\", \"ms_per_step\": %.3f", model.c_str(), total(parts));
    for (std::size_t i = 0; i < parts.size(); ++i)
        text += formatted(", \"%s\": %.3f", groups()[i].first, parts[i]);
    return text + "}";
}

std::string profile_part(const std::vector<std::string>& models) {
    set_threads(1);
    std::vector<std::vector<double>> columns;
    std::string json;
    for (const std::string& model : models) {
        columns.push_back(profiled(model));
        json += (json.empty() ? "" : ",") + json_of(model, columns.back());
    }
    set_threads(0);

    std::printf(
        "\nWhere the time of a step goes, on one thread, in ms and percent; attention is the\n"
        "products and the softmax of all heads\n\n%19s",
        "");
    for (const std::string& model : models) std::printf(" %11s  ", model.c_str());
    std::printf("\n");
    for (std::size_t i = 0; i < groups().size(); ++i) {
        const auto has_time = [i](const std::vector<double>& parts) { return parts[i] > 0; };
        if (std::any_of(columns.begin(), columns.end(), has_time))
            print_row(groups()[i].first, columns, i, 1);
    }
    print_row("the whole step", columns, 0, groups().size());
    return "\"profile\": [" + json + "]";
}

void bench_profile(const std::vector<std::string>& models) { profile_part(models); }
