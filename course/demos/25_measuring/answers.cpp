// What the network says, and whether it knows how sure it may be.

#include "demos/25_measuring/measuring.hpp"
#include "kit/figure.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <utility>

namespace measuring {

static const char* const names[] = {"A", "t0", "tau"};

Tensor truth_of(const flares::Measured& some) {
    Tensor truth({size_of(some.truth), 3});
    for (int n = 0; n < truth.shape[0]; ++n)
        for (int k = 0; k < 3; ++k) truth(n, k) = static_cast<float>(some.truth[n][k]);
    return truth;
}

Tensor asked(const CurveNet& net, const Curves& curves) {
    const NoTape no_tape;
    const int N = size_of(curves);
    Tensor all({N, 6});
    for (int first = 0; first < N; first += 100) {
        const Curves part(curves.begin() + first, curves.begin() + std::min(first + 100, N));
        const Tensor out = net(in_own_units(part, net.settings.clock)).value();
        std::copy(out.data.begin(), out.data.end(), all.row(first));
    }
    return all;
}

static Tensor means_of(const Tensor& out) {
    Tensor m({out.shape[0], 3});
    for (int n = 0; n < m.shape[0]; ++n) std::copy_n(out.row(n), 3, m.row(n));
    return m;
}

Tensor parameters_at(const Tensor& out) { return bounded(means_of(out), flare_bounds).value(); }

Flare flare_of(const Tensor& parameters, int n) {
    return {parameters(n, 0), parameters(n, 1), parameters(n, 2)};
}

Variable mean_of_s(const Variable& out) {
    Tensor which(out.shape());
    for (int n = 0; n < which.shape[0]; ++n) std::fill_n(which.row(n) + 3, 3, 1.0f);
    return sum(out * which) / (3.0f * static_cast<float>(which.shape[0]));
}

// ## Errors, beside the mean and a fit

// The height as it is, days, and the decay's logarithm.
static Tensor in_logarithms(Tensor parameters) {
    for (int n = 0; n < parameters.shape[0]; ++n) parameters(n, 2) = std::log(parameters(n, 2));
    return parameters;
}

static double error_of(const Tensor& said, const Tensor& truth, int k) {
    double squares = 0;
    for (int n = 0; n < said.shape[0]; ++n) squares += std::pow(said(n, k) - truth(n, k), 2);
    return std::sqrt(squares / said.shape[0]);
}

static double median(std::vector<double> all) {
    std::nth_element(all.begin(), all.begin() + all.size() / 2, all.end());
    return all[all.size() / 2];
}

static void print_errors(const char* who, const Tensor& said, const flares::Measured& held_out) {
    const Tensor p = in_logarithms(said), truth = in_logarithms(truth_of(held_out));
    const Tensor shares = explained(p, truth);
    std::printf("  %-26s", who);
    for (int k = 0; k < 3; ++k)
        std::printf(" %6.2f %6.3f", error_of(p, truth, k), shares.data[k]);
    std::printf(" %7.2f\n", median(chi_squares(held_out.curves, said)));
}

static void draw_predicted(const Tensor& said, const Tensor& truth, int k, const char* what) {
    figure::Series dots{"a held-out flare", {}, {}, true}, equal{"as it was", {}};
    for (int n = 0; n < std::min(said.shape[0], 300); ++n) {
        dots.x.push_back(truth(n, k));
        dots.y.push_back(said(n, k));
    }
    const auto [lo, hi] = std::minmax_element(dots.x.begin(), dots.x.end());
    equal.x = equal.y = {*lo, *hi};
    const std::string svg = figure::lines({what, "true", "said"}, {dots, equal},
                                          k == 1 ? figure::Scale::linear : figure::Scale::log_log);
    std::printf("picture: %s\n",
                figure::save(std::string("25_said_") + names[k], svg).c_str());
}

void show_errors(const CurveNet& net, const flares::Measured& held_out) {
    const Tensor truth = truth_of(held_out), said = parameters_at(asked(net, held_out.curves));
    const int N = truth.shape[0];
    Tensor guess(truth.shape), middle(truth.shape);
    for (int k = 0; k < 3; ++k) {
        double mean = 0;
        for (int n = 0; n < N; ++n) mean += (k == 2 ? std::log(truth(n, k)) : truth(n, k)) / N;
        const float at_mean = static_cast<float>(k == 2 ? std::exp(mean) : mean);
        const float half = bounded(Tensor({1, 3}), flare_bounds).value()(0, k);
        for (int n = 0; n < N; ++n) guess(n, k) = at_mean, middle(n, k) = half;
    }
    std::printf("The errors of %d held-out flares, R², and the median of chi-square for each\n", N);
    std::printf("degree of freedom\n\n");
    std::printf("  %-26s %13s %13s %13s %7s\n", "", "A", "t0, days", "log tau", "chi²");
    print_errors("the mean of all", guess, held_out);
    print_errors("the network", said, held_out);
    print_errors("a fit from the network's", fit(held_out.curves, said), held_out);
    print_errors("a fit from the truth", fit(held_out.curves, truth), held_out);
    print_errors("a fit from the middle", fit(held_out.curves, middle), held_out);
    std::printf("\n");
    draw_predicted(said, truth, 0, "The height A");
    draw_predicted(said, truth, 1, "The start, in days");
    draw_predicted(said, truth, 2, "The decay, in days");
    std::printf("\n");
}

// ## Intervals

double show_coverage(const CurveNet& net, const flares::Measured& held_out) {
    const Tensor out = asked(net, held_out.curves), truth = truth_of(held_out);
    std::printf("How many intervals contain the truth, in percent\n\n");
    std::printf("  %-14s %7s %7s %7s %7s\n", "interval", "A", "t0", "tau", "should");
    double share = 0;
    for (const auto& [k, should] : {std::pair(1, 68.3), std::pair(2, 95.4)}) {
        const Tensor shares = coverage(intervals(out, flare_bounds, k), truth);
        std::printf("  m ± %d sigma   ", k);
        for (float one : shares.data) std::printf(" %7.1f", 100 * one);
        std::printf(" %7.1f\n", should);
        if (k == 1) share = 100 * std::accumulate(shares.data.begin(), shares.data.end(), 0.0) / 3;
    }
    // Sort by what it says of itself; a quarter each.
    std::printf("\n  Flares by how sure it says it is of the start; errors in days\n\n");
    std::printf("  %-14s %10s %10s\n", "", "said", "is");
    const Tensor ends = intervals(out, flare_bounds, 1), said = parameters_at(out);
    std::vector<int> order(truth.shape[0]);
    std::iota(order.begin(), order.end(), 0);
    const auto wide = [&](int n) { return (ends(n, 1, 1) - ends(n, 1, 0)) / 2; };
    std::sort(order.begin(), order.end(), [&](int a, int b) { return wide(a) < wide(b); });
    for (int quarter = 0; quarter < 4; ++quarter) {
        double told = 0, is = 0;
        const int from = quarter * size_of(order) / 4, to = (quarter + 1) * size_of(order) / 4;
        for (int i = from; i < to; ++i) {
            told += std::pow(wide(order[i]), 2) / (to - from);
            is += std::pow(said(order[i], 1) - truth(order[i], 1), 2) / (to - from);
        }
        std::printf("  quarter %-6d %10.2f %10.2f\n", quarter + 1, std::sqrt(told), std::sqrt(is));
    }
    std::printf("\n");
    return share;
}

}  // namespace measuring
