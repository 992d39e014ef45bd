// Four ways to say when, and none, side by side.

#include "02_fast_matmul.hpp"
#include "demos/23_shining/shining.hpp"
#include "kit/environment.hpp"
#include "kit/figure.hpp"
#include "kit/progress.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <mutex>

namespace shining {

static constexpr int num_codes = 5, num_tries = 3, num_tasks = 2;
static const char* const code_names[num_codes] = {"nothing", "t", "PE(t)", "PE(log(1 + t))",
                                                  "PE(gap)"};

namespace {

struct Shares {
    double of[num_tasks][num_codes][num_tries];

    double mean(int task, int code) const {
        double sum = 0;
        for (double one : of[task][code]) sum += one;
        return sum / num_tries;
    }
    double deviation(int task, int code) const {
        double squares = 0;
        for (double one : of[task][code]) squares += std::pow(one - mean(task, code), 2);
        return std::sqrt(squares / (num_tries - 1));
    }
};

}  // namespace

// One network, from its first weights to what is right of the held-out curves, in percent.
static double learnt(const Dataset<Curves>& data, const Clock& clock, int outputs, int steps,
                     int seed) {
    Random random(static_cast<std::uint64_t>(seed));
    const CurveNet net({{32, 4, 64, 2}, clock, outputs}, random);
    Adam adam(net.parameters(), 0);
    std::vector<std::vector<int>> batches;
    for (int step = 0; step < steps; ++step) {
        if (batches.empty()) batches = shuffled_batches(size_of(data.training), 16, random);
        const CurveBatch batch = batch_of(gather_rows(data.training, batches.back()), clock);
        batches.pop_back();
        const double done = 1.0 * step / steps;
        adam.rate = 0.004 * std::min({1.0, (step + 1) / 30.0, 2 * (1 - done)});
        train_step(adam, [&] { return cross_entropy(net(batch), batch.kinds); });
    }
    std::vector<int> kinds;
    for (const Curve& curve : data.held_out) kinds.push_back(curve.kind);
    return 100 * accuracy(logits_of(net, data.held_out), kinds);
}

static void draw(const Shares& shares) {
    std::vector<figure::BarPanel> panels;
    for (int task = 0; task < num_tasks; ++task) {
        figure::BarPanel panel{task == 0 ? "four kinds" : "two periods", {}, {}, {0, 100}};
        figure::Series bars{"", {}};
        for (int code = 0; code < num_codes; ++code) {
            panel.labels.push_back(code_names[code]);
            bars.y.push_back(shares.mean(task, code));
        }
        panel.series = {bars};
        panels.push_back(panel);
    }
    const std::string svg = figure::bars({"What says when: percent right"}, panels);
    std::printf("picture: %s\n", figure::save("23_codes", svg).c_str());
}

double compare_codes(const Dataset<Curves>& four_kinds, double unit) {
    Random random(232);
    const Dataset<Curves> periods = light_curves::draw_periods(6000, 400, random);
    const Clock clocks[num_codes] = {{TimeCode::none, 1, 16},
                                     {TimeCode::raw, 100, 16},
                                     {TimeCode::position, unit, 16},
                                     {TimeCode::logarithm, 1, 16},
                                     {TimeCode::gap, 1, 16}};
    const int steps = static_cast<int>(std::min(400.0, from_environment("DEMO_STEPS", 400)));
    Shares shares{};
    Progress progress("ways to say when", num_tasks * num_codes * num_tries, 0);
    std::mutex one_at_a_time;
    int done = 0;
    parallel_for(num_tasks * num_codes * num_tries, [&](int job) {
        const int task = job / (num_codes * num_tries), seed = job % num_tries;
        const int code = job / num_tries % num_codes;
        shares.of[task][code][seed] = learnt(task == 0 ? four_kinds : periods, clocks[code],
                                             task == 0 ? 4 : 2, steps, 1 + seed);
        const std::lock_guard<std::mutex> lock(one_at_a_time);
        progress.show(++done, NAN, NAN);
    });
    std::printf("Percent right after %d steps of 16 curves, from %d seeds:\n\n", steps, num_tries);
    std::printf("  %-16s %14s %14s\n", "what says when", "four kinds", "two periods");
    for (int code = 0; code < num_codes; ++code)
        std::printf("  %-16s %8.1f ± %3.1f %8.1f ± %3.1f\n", code_names[code],
                    shares.mean(0, code), shares.deviation(0, code), shares.mean(1, code),
                    shares.deviation(1, code));
    std::printf("\n");
    draw(shares);
    return shares.mean(1, static_cast<int>(TimeCode::position));
}

}  // namespace shining
