#include "23_light_curves.hpp"

#include "grader/check.hpp"

#include <cmath>

namespace hidden_23 {

using Doubles = std::vector<double>;

// Of many steps from x, the mean and the variance of where they lead.
Doubles after_a_gap(double x, double gap, int seed) {
    Random random(seed);
    double mean = 0, square = 0;
    for (int n = 0; n < 20000; ++n) {
        const double then = walk_step(x, gap, {0.4, 12}, random.normal());
        mean += then / 20000, square += then * then / 20000;
    }
    return {mean, square - mean * mean};
}
CALLED(after_a_gap, "walk_step");
PARTS(after_a_gap, "the mean", "the variance");

CHECK("23.2", "after half a year a walk has forgotten where it was, and its variance is σ²") {
    const Doubles found = ASK(after_a_gap, 3.0, 180.0, 7);
    expect(std::fabs(found.at(0)) < 0.02, "the mean must be 0");
    expect(std::fabs(found.at(1) - 0.16) < 0.01, "the variance must be σ²");
}

Doubles flare_at(const Times& times, double height, double start, double decay) {
    return flare(times, {height, start, decay});
}
CALLED(flare_at, "flare");
PARTS(flare_at, "flux #0");

CHECK("23.2", "a short flare on day 59000, seconds before and behind its start") {
    const double second = 1.0 / 86400;
    const Doubles found =
        ASK(flare_at, Times{59000 - second, 59000, 59000 + second}, 5.0, 59000.0, 0.001);
    expect(found.at(0) == 0 && found.at(1) == 5, "it begins at its start");
    expect(std::fabs(found.at(2) - 5 * std::exp(-1000.0 / 86400)) < 1e-4, "and fades from there");
}

Tensor time_numbers(const Times& times, int W) {
    return time_features(times, {TimeCode::position, 1, W});
}
CALLED(time_numbers, "time_features");

CHECK("23.3", "a thousand points, of which each is some minutes behind the one before") {
    Times times;
    for (int i = 0; i < 1000; ++i) times.push_back(60000 + i / 256.0);
    const Tensor found = ASK(time_numbers, times, 2);
    for (int i : {1, 500, 999})
        expect(std::fabs(found.data.at(2 * i) - std::sin(i / 256.0)) < 1e-5, "sin t is wrong");
}

// What a net says of a curve with missing points, and when these are left out.
std::vector<Tensor> with_and_without(const Times& times, const Flux& flux, int code) {
    Random random(5);
    CurveNetSettings settings;
    settings.stack = {8, 2, 12, 2};
    settings.clock = {static_cast<TimeCode>(code), 2, 6};
    const CurveNet net(settings, random);
    Curve all, some;
    all.times = times, all.flux = flux, all.errors = Doubles(times.size(), 0.1);
    for (int i = 0; i < size_of(times); ++i) {
        if (!all.seen(i)) continue;
        some.times.push_back(times[i]);
        some.flux.push_back(flux[i]);
        some.errors.push_back(0.1);
    }
    Tensor one = net(batch_of({all}, settings.clock)).value();
    return {one, net(batch_of({some}, settings.clock)).value()};
}
CALLED(with_and_without, "net(batch_of(…))");
PARTS(with_and_without, "what it says with the missing points", "what it says without");

CHECK("23.4", "a point that is missing is as if it were left out, but for the gaps") {
    const Times times = {100, 101, 105, 105.5, 130, 170};
    const Flux flux = {1, NAN, 2.5, NAN, -1, NAN};
    for (int code = 0; code < 4; ++code) {
        allow_roundings(512);
        const std::vector<Tensor> both = ASK(with_and_without, times, flux, code);
        expect_near(both.at(0), both.at(1), 1e-5);
    }
}

CHECK("23.5", "a matrix of 30 kinds, in which the last two are confused most") {
    Tensor counts({30, 30});
    for (int i = 0; i < 900; ++i) counts.data[i] = static_cast<float>(i % 7);
    counts.data[29 * 30 + 28] = 13;
    expect(ASK(most_confused, counts) == std::pair(28, 29), "they are 28 and 29");
}

}  // namespace hidden_23
