// What is left over; and what the network says of what it has never met.

#include "demos/25_measuring/measuring.hpp"
#include "kit/figure.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <numeric>

namespace measuring {

void show_residuals(const CurveNet& net, const flares::Measured& held_out) {
    const Tensor said = parameters_at(asked(net, held_out.curves));
    const std::vector<double> chi = chi_squares(held_out.curves, said);
    (void)chi;
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

void show_outside(const CurveNet& net) {
    Random random(250);
    const std::vector<int> numbers = flares::numbers(200, true, random);
    flares::Sky sky;
    std::printf("Percent in the 68 %% intervals, and with chi-square above 1.5 times its degrees\n\n");
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
    std::printf("\n");
}

void show_own(const CurveNet& net, const std::string& path) {
    const Curves curves = light_curves::read(path);
    const Tensor out = asked(net, curves), ends = intervals(out, flare_bounds, 1);
    const Tensor said = parameters_at(out);
    std::printf("Your flares, each with its 68 %% interval; t0 in days from the first point\n\n");
    std::printf("  %-16s %20s %20s %20s\n", "", "A", "t0", "tau");
    for (int n = 0; n < size_of(curves); ++n) {
        std::printf("  %-16.16s", curves[n].name.c_str());
        for (int k = 0; k < 3; ++k)
            std::printf(" %6.2f [%5.2f,%5.2f]", said(n, k), ends(n, k, 0), ends(n, k, 1));
        std::printf("\n");
    }
}

}  // namespace measuring
