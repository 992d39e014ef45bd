// What is left over; and what the network says of what it has never met.

#include "demos/25_measuring/measuring.hpp"
#include "kit/fits.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <numeric>

namespace measuring {

using figure::Values;

// ## Pictures of a curve, its flare and what is left

static Values days_of(const Curve& curve) {
    return figure::values(shift_and_scale(curve.times, curve.times[0], 1));
}

// Where F is in 16 and in 84 of 100 cases, when each z is normal around its mean.
static void add_band(figure::Fit& fit, const Tensor& out, int n) {
    const int M = size_of(fit.model_x), tries = 200;
    Random random(251);
    Tensor z({tries, 3});
    for (int i = 0; i < tries; ++i)
        for (int k = 0; k < 3; ++k)
            z(i, k) = out(n, k) + std::exp(out(n, 3 + k) / 2) * random.normal();
    const Tensor p = bounded(z, flare_bounds).value();
    std::vector<Flux> curves;
    for (int i = 0; i < tries; ++i) curves.push_back(flare(fit.model_x, flare_of(p, i)));
    for (int i = 0; i < M; ++i) {
        Values at;
        for (const Flux& curve : curves) at.push_back(curve[i]);
        std::sort(at.begin(), at.end());
        fit.low.push_back(at[tries * 16 / 100]);
        fit.high.push_back(at[tries * 84 / 100]);
    }
}

static figure::Fit fit_of(const Curve& curve, const Tensor& out, int n, double chi) {
    figure::Fit fit;
    const Tensor p = parameters_at(out);
    char title[120];
    std::snprintf(title, sizeof title, "A %.2f, start %.1f, decay %.1f days; χ²/degree %.1f",
                  p(n, 0), p(n, 1), p(n, 2), chi);
    fit.title = title;
    fit.x = days_of(curve);
    fit.y = curve.flux;
    fit.errors = curve.errors;
    fit.left = residuals(curve, flare_of(p, n));
    for (int i = 0; i <= 400; ++i) fit.model_x.push_back(0.25 * i);
    fit.model = flare(fit.model_x, flare_of(p, n));
    add_band(fit, out, n);
    return fit;
}

static void draw(const char* name, const char* title, const Curves& curves, const Tensor& out,
                 const std::vector<double>& chi, const std::vector<int>& which) {
    std::vector<figure::Fit> panels;
    for (int n : which) panels.push_back(fit_of(curves[n], out, n, chi[n]));
    const std::string svg = figure::fits({title, "days"}, panels);
    std::printf("picture: %s\n", figure::save(name, svg).c_str());
}

void show_residuals(const CurveNet& net, const flares::Measured& held_out) {
    const Tensor out = asked(net, held_out.curves), said = parameters_at(out);
    const Tensor truth = truth_of(held_out);
    const std::vector<double> chi = chi_squares(held_out.curves, said);
    std::vector<int> order(chi.size());
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [&](int a, int b) { return chi[a] < chi[b]; });
    double count[2] = {}, squares[2] = {};
    for (int n : order) {
        const int refused = chi[n] > 1.5;
        ++count[refused];
        squares[refused] += std::pow(said(n, 1) - truth(n, 1), 2);
    }
    std::printf("Chi-square for each degree of freedom, without looking at the truth\n\n");
    std::printf("  %-14s %8s %24s\n", "", "flares", "error of t0, days");
    const char* const rows[] = {"up to 1.5", "above 1.5"};
    for (int refused : {0, 1})
        std::printf("  %-14s %8.0f %24.2f\n", rows[refused], count[refused],
                    std::sqrt(squares[refused] / std::max(count[refused], 1.0)));
    std::printf("\n");
    const int N = size_of(order);
    draw("25_flares", "Two held-out flares", held_out.curves, out, chi,
         {order[N / 4], order[N / 2]});
    draw("25_worst", "The five with the largest chi-square", held_out.curves, out, chi,
         {order.end() - 5, order.end()});
    std::printf("\n");
}

// ## Outside

static void print_outside(const char* name, const CurveNet& net, const flares::Measured& some) {
    const Tensor truth = truth_of(some), out = asked(net, some.curves), said = parameters_at(out);
    const Tensor shares = coverage(intervals(out, flare_bounds, 1), truth);
    const std::vector<double> chi = chi_squares(some.curves, said);
    double refused = 0;
    for (double one : chi) refused += 100.0 * (one > 1.5) / size_of(chi);
    std::printf("  %-30s", name);
    for (float share : shares.data) std::printf(" %5.0f", 100 * share);
    std::printf(" %9.0f\n", refused);
}

// What is no flare at all has no parameters that could be right.
static void print_waves(const char* name, const CurveNet& net, flares::Measured some) {
    Random random(252);
    for (Curve& curve : some.curves) {
        curve.flux = wave(curve.times, {0.7, random.uniform(15, 60), random.uniform()});
        for (int i = 0; i < size_of(curve.flux); ++i)
            curve.flux[i] += curve.errors[i] * random.normal();
    }
    const Tensor said = parameters_at(asked(net, some.curves));
    const std::vector<double> chi = chi_squares(some.curves, said);
    double refused = 0;
    for (double one : chi) refused += 100.0 * (one > 1.5) / size_of(chi);
    std::printf("  %-30s %5s %5s %5s %9.0f\n", name, "-", "-", "-", refused);
}

void show_outside(const CurveNet& net) {
    Random random(250);
    const std::vector<int> numbers = flares::numbers(200, true, random);
    flares::Sky sky;
    std::printf("How many truths lie in the 68 %% intervals, and how many flares are refused,\n");
    std::printf("for a chi-square above 1.5 for each degree of freedom; in percent\n\n");
    std::printf("  %-30s %5s %5s %5s %9s\n", "", "A", "t0", "tau", "refused");
    print_outside("as learnt", net, flares::draw(numbers, sky));
    const auto other = [&](const char* name, const std::function<void(flares::Sky&)>& change) {
        flares::Sky changed = sky;
        change(changed);
        print_outside(name, net, flares::draw(numbers, changed));
    };
    other("half of the points missing", [](flares::Sky& s) { s.missing = 0.5; });
    other("brighter, A 2.5 to 3.5", [](flares::Sky& s) { s.height = {2.5, 3.5}; });
    other("later, t0 from 62 to 68", [](flares::Sky& s) { s.start = {62, 68}; });
    other("slower, tau 35 to 55", [](flares::Sky& s) { s.decay = {35, 55}; });
    other("errors of 0.15 to 0.25", [](flares::Sky& s) { s.error = {0.15, 0.25}; });
    print_waves("no flares, but waves", net, flares::draw(numbers, sky));
    std::printf("\n");
}

void show_own(const CurveNet& net, const std::string& path) {
    const Curves curves = light_curves::read(path);
    const Tensor out = asked(net, curves), ends = intervals(out, flare_bounds, 1);
    const Tensor said = parameters_at(out);
    std::printf("Your flares, with 68 %% intervals; t0 in days from the first point, and\n");
    std::printf("chi-square for each degree of freedom, if there are more than three points\n\n");
    std::printf("  %-9s %20s %20s %20s %5s\n", "", "A", "t0", "tau", "chi²");
    for (int n = 0; n < size_of(curves); ++n) {
        std::printf("  %-9.9s", curves[n].name.c_str());
        for (int k = 0; k < 3; ++k)
            std::printf(" %6.2f [%5.2f,%5.2f]", said(n, k), ends(n, k, 0), ends(n, k, 1));
        const std::vector<double> r = residuals(curves[n], flare_of(said, n));
        const auto seen = std::count_if(r.begin(), r.end(), [](double x) { return x == x; });
        if (seen > 3) std::printf(" %5.1f", reduced_chi_square(r, 3));
        std::printf("\n");
    }
}

}  // namespace measuring
