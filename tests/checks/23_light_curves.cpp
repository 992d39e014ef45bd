#include "23_light_curves.hpp"

#include "grader/check.hpp"
#include "grader/read_twice.hpp"
#include "grader/variations.hpp"

#include <algorithm>
#include <cmath>

namespace checks_23 {

using Doubles = std::vector<double>;
using List = std::vector<int>;
using Tensors = std::vector<Tensor>;

// Times in days, not far apart and far apart, counted from a day long ago; quarters are exact.
static Times random_times(int T, double first = 59000) {
    Times times;
    double now = first;
    for (int i = 0; i < T; ++i) {
        times.push_back(now);
        now += (1 + random_numbers().below(40)) / 4.0;
    }
    return times;
}

// ## 23.1 By hand

Tensor written_down(int) { return step_by_hand(); }
CALLED(written_down, "step_by_hand()");

static void expect_number(int place, double wanted, const std::string& otherwise) {
    const Tensor all = ASK_UNRECORDED(written_down, 0);
    expect(all.shape == Shape{4}, "four numbers are asked for");
    expect(std::fabs(all.data[place] - wanted) < 0.0006, otherwise);
}

CHECK("23.1", "after 10 of 20 days, the share of x that is left") {
    expect_number(0, std::exp(-0.5), "a is not what the first half of (23.2) asks for");
}

CHECK("23.1", "with what comes anew, the variance is what it was") {
    expect_number(1, 0.2 * std::sqrt(1 - std::exp(-1.0)),
                  "with this b, the variance of x′ is not σ²");
}

CHECK("23.1", "from 0.3, with z of −0.5") {
    expect_number(2, 0.3 * std::exp(-0.5) - 0.1 * std::sqrt(1 - std::exp(-1.0)),
                  "x′ is not a x + b z");
}

CHECK("23.1", "after 200 days nothing is left of x, and b is as large as it can become") {
    expect_number(3, 0.2, "the last number is not b for a gap of ten times τ");
}

// ## 23.2 What shines

RESTS_ON("23.2", "13.2");

double step_of(double x, double gap, double sigma, double tau, double z) {
    return walk_step(x, gap, {sigma, tau}, z);
}
CALLED(step_of, "walk_step");

static double exact_step(double x, double gap, double sigma, double tau, double z) {
    const double a = std::exp(-gap / tau);
    return a * x + sigma * std::sqrt(1 - a * a) * z;
}

CHECK("23.2", "the step of 23.1: from 0.3, in 10 days of τ = 20, with z = −0.5") {
    const double found = ASK(step_of, 0.3, 10.0, 0.2, 20.0, -0.5);
    expect_near(found, 0.3 * std::exp(-0.5) - 0.1 * std::sqrt(1 - std::exp(-1.0)), 1e-6);
}

CHECK("23.2", "without z, a gap of τ leaves 37 % of x, and two gaps leave the product") {
    expect_near(ASK(step_of, 2.0, 7.0, 1.0, 7.0, 0.0), 2 * std::exp(-1.0), 1e-6);
    const double once = ASK(step_of, 1.0, 3.0, 1.0, 8.0, 0.0);
    const double then = ASK(step_of, once, 5.0, 1.0, 8.0, 0.0);
    expect_near(then, std::exp(-1.0), 1e-6);
}

CHECK("23.2", "no gap, no step: x stays, whatever z is") {
    for (double z : {-3.0, 0.0, 2.0})
        expect_near(ASK(step_of, 0.7, 0.0, 0.5, 20.0, z), 0.7, 1e-7);
}

CHECK("23.2", "after a gap of many τ nothing is left of x, and the deviation is σ") {
    for (double gap : {1e3, 1e6}) {
        expect_near(ASK(step_of, 5.0, gap, 0.5, 8.0, 2.0), 1.0, 1e-6);
        expect_near(ASK(step_of, -5.0, gap, 0.5, 8.0, 2.0), 1.0, 1e-6);
    }
}

CHECK("23.2", "over the same gap, a walk with a shorter τ keeps less of x") {
    for (double tau : {20.0, 5.0, 80.0})
        expect_near(ASK(step_of, 2.0, 10.0, 0.5, tau, 1.0), exact_step(2, 10, 0.5, tau, 1), 1e-6);
}

CHECK("23.2", "a walk that forgets within a minute has not forgotten after a second") {
    const double second = 1.0 / 86400;
    for (double gap : {second, 10 * second})
        expect_near(ASK(step_of, 2.0, gap, 0.5, 60 * second, 1.0),
                    exact_step(2, gap, 0.5, 60 * second, 1), 1e-6);
}

CHECK("23.2", "a second after it was at 0, a walk of τ = 20 days has moved, if by little") {
    const double second = 1.0 / 86400;
    for (double gap : {second, second / 1000}) {
        const double deviation = std::sqrt(-std::expm1(-gap / 10));
        expect_near(ASK(step_of, 0.0, gap, 1.0, 20.0, 2.0), 2 * deviation, 1e-6);
    }
}

CHECK("23.2", "any steps, short ones and long ones, of any σ and τ") {
    for (int i = 0; i < 40; ++i) {
        const double x = random_between(-3, 3), tau = random_between(1, 50);
        const double sigma = random_between(0, 2), z = random_between(-2, 2);
        const double gap = tau * std::pow(10, random_between(-3, 1));
        const double found = ASK_UNRECORDED(step_of, x, gap, sigma, tau, z);
        expect_near(found, exact_step(x, gap, sigma, tau, z), 1e-6);
    }
}

// The walk, and the random number that is drawn next.
std::pair<Flux, double> walk_of(const Times& times, double sigma, double tau, int seed) {
    Random random(seed);
    const Flux x = random_walk(times, {sigma, tau}, random);
    return {x, random.uniform()};
}
CALLED(walk_of, "random_walk");
PARTS(walk_of, "the walk", "the next random number");

static std::pair<Doubles, double> exact_walk(const Times& times, double sigma, double tau,
                                             int seed) {
    Random random(seed);
    Doubles x;
    for (std::size_t i = 0; i < times.size(); ++i) {
        const double z = random.normal();
        x.push_back(i == 0 ? sigma * z
                           : exact_step(x[i - 1], times[i] - times[i - 1], sigma, tau, z));
    }
    return {x, random.uniform()};
}

static void expect_flux(const Doubles& found, const Doubles& wanted) {
    expect(found.size() == wanted.size(), "there must be a number for each time");
    for (std::size_t i = 0; i < wanted.size(); ++i) expect_near(found[i], wanted[i], 1e-6);
}

static void expect_walk(const Times& times, double sigma, double tau, int seed) {
    const auto [found, next] = ASK(walk_of, times, sigma, tau, seed);
    const auto [wanted, wanted_next] = exact_walk(times, sigma, tau, seed);
    expect_flux(found, wanted);
    expect_near(next, wanted_next, 0);
}

CHECK("23.2", "a walk of three looks: σ z first, and then steps over gaps of 4 and 16 days") {
    expect_walk({59000, 59004, 59020}, 0.5, 8, 23);
}

CHECK("23.2", "a walk at one time, at no time, and twice at the same") {
    expect_walk({100}, 0.5, 8, 1);
    expect_walk({}, 0.5, 8, 2);
    expect_walk({5, 5, 6}, 0.5, 8, 3);
}

CHECK("23.2", "walks at any times, and from any place in the row of random numbers") {
    for (int i = 0; i < 5; ++i) {
        const Times times = random_times(2 + random_numbers().below(12));
        const double sigma = random_between(0.1, 2), tau = random_between(2, 60);
        expect_walk(times, sigma, tau, random_seed());
    }
}

CHECK("23.2", "a walk of many counts, with σ = 20,000, is not rounded to float") {
    expect_walk({59000, 59003, 59004, 59011, 59012.5}, 20000, 8, random_seed());
}

// Of many walks: the mean squares at each time, and the mean products of neighbours.
std::pair<Doubles, Doubles> moments_of(const Times& times, double sigma, double tau, int count,
                                       int seed) {
    Random random(seed);
    Doubles squares(times.size()), products(times.size());
    for (int n = 0; n < count; ++n) {
        const Flux x = random_walk(times, {sigma, tau}, random);
        for (std::size_t i = 0; i < times.size(); ++i) squares.at(i) += x.at(i) * x.at(i) / count;
        for (std::size_t i = 1; i < times.size(); ++i)
            products.at(i) += x.at(i) * x.at(i - 1) / count;
    }
    return {squares, products};
}
CALLED(moments_of, "random_walk");
PARTS(moments_of, "the mean of the squares", "the mean of the products of neighbours");

CHECK("23.2", "of 20,000 walks the variance is σ² at each time, and the correlation e^(−Δ/τ)") {
    const Times times = {59000, 59001, 59011, 59012.5, 59100, 59103};
    const auto [squares, products] =
        ASK_UNRECORDED(moments_of, times, 0.5, 20.0, 20000, random_seed());
    for (std::size_t i = 0; i < times.size(); ++i)
        expect_near(squares.at(i), 0.25, 0.013);
    for (std::size_t i = 1; i < times.size(); ++i)
        expect_near(products.at(i), 0.25 * std::exp((times[i - 1] - times[i]) / 20), 0.013);
}

Flux wave_of(const Times& times, double height, double period, double phase) {
    return wave(times, {height, period, phase});
}
CALLED(wave_of, "wave");
PARTS(wave_of, "flux #0");

static void expect_wave(const Times& times, double height, double period, double phase) {
    Doubles wanted;
    for (double t : times)
        wanted.push_back(height * std::sin(6.283185307179586 *
                                           (std::fmod(t, period) / period + phase)));
    expect_flux(ASK(wave_of, times, height, period, phase), wanted);
}

CHECK("23.2", "a wave of height 3 and period 8, at each quarter of it; and half a phase later") {
    expect_flux(ASK(wave_of, Times{0, 2, 4, 6, 8}, 3.0, 8.0, 0.0), {0, 3, 0, -3, 0});
    expect_flux(ASK(wave_of, Times{0, 2, 4, 6, 8}, 3.0, 8.0, 0.5), {0, -3, 0, 3, 0});
    expect_flux(ASK(wave_of, Times{0, 2, 4, 6, 8}, 3.0, 8.0, 0.25), {3, 0, -3, 0, 3});
    expect_flux(ASK(wave_of, Times{0, 2, 4, 6, 8}, 3.0, 8.0, -0.25), {-3, 0, 3, 0, -3});
}

CHECK("23.2", "waves of any heights, periods and phases, before the day 0 too, and at no time") {
    for (int i = 0; i < 5; ++i) {
        const Times times = random_times(6, -20);
        const double height = random_between(0.1, 2), period = random_between(2, 60);
        expect_wave(times, height, period, random_between(0, 1));
    }
    expect_wave({}, 1, 10, 0);
}

CHECK("23.2", "on day 59000 a wave of a quarter of a day is not blurred") {
    expect_flux(ASK(wave_of, Times{59000, 59000.0625, 59000.15625}, 1.0, 0.25, 0.0),
                {0, 1, std::sin(0.625 * 6.283185307179586)});
}

Flux flare_of(const Times& times, double height, double start, double decay) {
    return flare(times, {height, start, decay});
}
CALLED(flare_of, "flare");
PARTS(flare_of, "flux #0");

static Doubles exact_flare(const Times& times, double height, double start, double decay) {
    Doubles f;
    for (double t : times) f.push_back(t < start ? 0 : height * std::exp(-(t - start) / decay));
    return f;
}

CHECK("23.2", "a flare of 2 on day 10: 0 on day 9, 2 on day 10, 2/e after its decay") {
    expect_flux(ASK(flare_of, Times{9, 10, 15, 20}, 2.0, 10.0, 5.0),
                {0, 2, 2 * std::exp(-1.0), 2 * std::exp(-2.0)});
}

CHECK("23.2", "long before its start a flare is 0, long behind it nearly; a dip is negative") {
    const Times times = {50000, 58000, 59000, 59001, 68000};
    expect_flux(ASK(flare_of, times, -1.0, 59000.0, 2.0), exact_flare(times, -1, 59000, 2));
}

CHECK("23.2", "of flares and waves the times may stand in any order") {
    const Times times = {59020, 59000, 59010, 58000, 59005};
    expect_flux(ASK(flare_of, times, 2.0, 59002.0, 8.0), exact_flare(times, 2, 59002, 8));
    expect_wave(times, 2, 7, 0.1);
}

CHECK("23.2", "flares of any heights, starts and decays, and at no time") {
    for (int i = 0; i < 5; ++i) {
        const Times times = random_times(8);
        const double height = random_between(-2, 2), start = 59000 + random_between(-5, 40);
        const double decay = random_between(0.5, 30);
        expect_flux(ASK(flare_of, times, height, start, decay),
                    exact_flare(times, height, start, decay));
    }
    expect_flux(ASK(flare_of, Times{}, 1.0, 0.0, 1.0), {});
}

CHECK("23.2", "what does not fit is refused, with what was got") {
    expect_mentions(ASK_REFUSAL(step_of, 1.0, -2.0, 1.0, 5.0, 0.5), {"walk_step", "-2"});
    expect_mentions(ASK_REFUSAL(step_of, 1.0, 2.0, 1.0, 0.0, 0.5), {"walk_step", "0"});
    expect_mentions(ASK_REFUSAL(walk_of, Times{2, 1}, 1.0, 5.0, 1), {"gaps"});
    expect_mentions(ASK_REFUSAL(walk_of, Times{}, 1.0, 0.0, 1), {"random_walk", "0"});
    expect_mentions(ASK_REFUSAL(walk_of, Times{5}, -3.0, 5.0, 1), {"random_walk", "-3"});
    expect_mentions(ASK_REFUSAL(wave_of, Times{1}, 1.0, 0.0, 0.0), {"wave", "0"});
    expect_mentions(ASK_REFUSAL(flare_of, Times{1}, 1.0, 0.0, -3.0), {"flare", "-3"});
}

// ## 23.3 Times and fluxes as numbers

RESTS_ON("23.3", "13.2");

static const TimeCode all_codes[] = {TimeCode::none, TimeCode::raw, TimeCode::position,
                                     TimeCode::logarithm, TimeCode::gap};

Tensor time_features_of(const Times& times, int code, double unit, int W) {
    return time_features(times, {all_codes[code], unit, W});
}
CALLED(time_features_of, "time_features");

static Tensor exact_time_features(const Times& times, int code, double unit, int W) {
    const int T = size_of(times);
    Tensor numbers({T, W});
    for (int i = 0; i < T; ++i) {
        const double t = (times[i] - times[0]) / unit;
        const double gap = i == 0 ? 0 : (times[i] - times[i - 1]) / unit;
        if (code == 1) numbers.data[i * W] = static_cast<float>(t);
        if (code < 2) continue;
        const double n = code == 2 ? t : code == 3 ? std::log1p(t) : gap;
        for (int w = 0; w < W; ++w) {
            const double angle = n / std::pow(10000, 2.0 * (w / 2) / W);
            numbers.data[i * W + w] =
                static_cast<float>(w % 2 == 0 ? std::sin(angle) : std::cos(angle));
        }
    }
    return numbers;
}

static void expect_time_features(const Times& times, int code, double unit, int W) {
    const Tensor found = ASK(time_features_of, times, code, unit, W);
    expect_near(found, exact_time_features(times, code, unit, W), 2e-6);
}

CHECK("23.3", "nothing that says when is zeros") {
    expect_near(ASK(time_features_of, Times{59000, 59010}, 0, 1.0, 3), Tensor({2, 3}), 0);
}

CHECK("23.3", "raw: of 59000, 59010 and 59050 in units of ten days, 0, 1 and 5, and zeros beside") {
    const Tensor found = ASK(time_features_of, Times{59000, 59010, 59050}, 1, 10.0, 3);
    expect_near(found, matrix({{0, 0, 0}, {1, 0, 0}, {5, 0, 0}}), 1e-6);
}

CHECK("23.3", "PE(t): a day behind the first the fastest hand has turned by 1; in units of 2, ½") {
    for (double unit : {1.0, 2.0})
        expect_time_features({59000, 59001, 59004}, 2, unit, 4);
}

CHECK("23.3", "PE(log(1 + t)): log of 1 plus the time since the first, in units") {
    for (double unit : {1.0, 3.0})
        expect_time_features({59000, 59003, 59009}, 3, unit, 4);
}

CHECK("23.3", "PE(Δt): of the gap before each point, in units; the first gap is 0") {
    for (double unit : {1.0, 2.0})
        expect_time_features({59000, 59004, 59005}, 4, unit, 4);
}

CHECK("23.3", "half an hour after midnight is not midnight, on day 59000 as on day 0") {
    for (int code = 1; code < 5; ++code) {
        const double half = 0.0208333;
        const Tensor found = ASK(time_features_of, Times{59000, 59000 + half}, code, 1.0, 2);
        expect_near(found, exact_time_features({0, half}, code, 1, 2), 1e-7);
    }
}

CHECK("23.3", "after ten thousands of units, the fastest hand still shows the right hour") {
    for (int code = 2; code < 5; ++code)
        expect_time_features({59000, 59020.73, 62000.37, 67000.42}, code, 0.1, 4);
}

CHECK("23.3", "with another calendar the numbers are the same") {
    const Times times = random_times(7), other = [&] {
        Times moved = times;
        for (double& t : moved) t -= 59000;
        return moved;
    }();
    for (int code = 0; code < 5; ++code) {
        const Tensor one = ASK(time_features_of, times, code, 2.0, 6);
        expect_near(ASK(time_features_of, other, code, 2.0, 6), one, 0);
    }
}

CHECK("23.3", "any times, units and numbers, also an odd number of them, in all codes") {
    for (int code = 0; code < 5; ++code)
        for (int W : {1, 2, 5, 16}) {
            const Times times = random_times(1 + random_numbers().below(9));
            expect_time_features(times, code, random_between(0.5, 20), W);
        }
}

CHECK("23.3", "one point, and none") {
    for (int code = 0; code < 5; ++code) {
        expect_time_features({59000.5}, code, 7, 4);
        expect(ASK(time_features_of, Times{}, code, 1.0, 4).shape == Shape{0, 4},
               "no points have no rows, of W numbers each");
    }
}

static Curve curve_of(const Times& times, const Flux& flux, const Doubles& errors) {
    Curve curve;
    curve.times = times;
    curve.flux = flux;
    curve.errors = errors;
    return curve;
}

// Of points whose times say nothing.
Tensor flux_features_of(const Flux& flux, const Doubles& errors) {
    return flux_features(curve_of(Times(flux.size()), flux, errors));
}
CALLED(flux_features_of, "flux_features");

static Tensor exact_flux_features(const Flux& flux, const Doubles& errors) {
    const int T = size_of(flux);
    Tensor numbers({T, 2});
    double count = 0, mean = 0, square = 0;
    for (double f : flux)
        if (!std::isnan(f)) ++count, mean += f;
    mean /= count;
    for (int i = 0; i < T; ++i)
        if (!std::isnan(flux[i]))
            square += (flux[i] - mean) * (flux[i] - mean) + errors[i] * errors[i];
    for (int i = 0; i < T; ++i) {
        if (std::isnan(flux[i])) continue;
        numbers.data[2 * i] = static_cast<float>((flux[i] - mean) / std::sqrt(square / count));
        numbers.data[2 * i + 1] = static_cast<float>(errors[i] / std::sqrt(square / count));
    }
    return numbers;
}

static void expect_flux_features(const Flux& flux, const Doubles& errors) {
    expect_near(ASK(flux_features_of, flux, errors), exact_flux_features(flux, errors), 2e-6);
}

CHECK("23.3", "fluxes 1 and 7, errors of 4: mean 4 and s 5, so −0.6 and 0.6, and errors of 0.8") {
    const Tensor found = ASK(flux_features_of, Flux{1, 7}, Doubles{4, 4});
    expect_near(found, matrix({{-0.6f, 0.8f}, {0.6f, 0.8f}}), 1e-6);
}

CHECK("23.3", "a missing point has zeros, and enters neither mean nor s, nor does its error") {
    const Tensor found = ASK(flux_features_of, Flux{NAN, 1, NAN, 7}, Doubles{9, 4, NAN, 4});
    expect_near(found, matrix({{0, 0}, {-0.6f, 0.8f}, {0, 0}, {0.6f, 0.8f}}), 1e-6);
}

CHECK("23.3", "a flux of 0, or below it, is a flux, and is not missing") {
    expect_near(ASK(flux_features_of, Flux{0, 6}, Doubles{4, 4}),
                matrix({{-0.6f, 0.8f}, {0.6f, 0.8f}}), 1e-6);
    expect_near(ASK(flux_features_of, Flux{-6, 0}, Doubles{4, 4}),
                matrix({{-0.6f, 0.8f}, {0.6f, 0.8f}}), 1e-6);
}

CHECK("23.3", "a bright light, of 100 million counts, that flickers by one") {
    const Tensor found = ASK(flux_features_of, Flux{1e8 + 1, 1e8 - 1, 1e8 - 1, 1e8 + 1},
                             Doubles{0.75, 0.75, 0.75, 0.75});
    expect_near(found, matrix({{0.8f, 0.6f}, {-0.8f, 0.6f}, {-0.8f, 0.6f}, {0.8f, 0.6f}}), 1e-6);
}

CHECK("23.3", "a light that does not change has zeros, and errors of 1") {
    for (double light : {0.1, 15000.3})
        expect_near(ASK(flux_features_of, Flux{light, light, light}, Doubles{0.5, 0.5, 0.5}),
                    matrix({{0, 1}, {0, 1}, {0, 1}}), 1e-6);
}

CHECK("23.3", "with 15000 counts more the numbers are the same, and in another unit too") {
    Flux flux, more, other;
    Doubles errors, other_errors;
    for (int i = 0; i < 8; ++i) {
        flux.push_back(random_between(-1, 1));
        errors.push_back(random_between(0.02, 0.5));
        more.push_back(flux[i] + 15000);
        other.push_back(flux[i] * 40);
        other_errors.push_back(errors[i] * 40);
    }
    const Tensor wanted = exact_flux_features(flux, errors);
    expect_near(ASK(flux_features_of, flux, errors), wanted, 2e-6);
    expect_near(ASK(flux_features_of, more, errors), wanted, 2e-6);
    expect_near(ASK(flux_features_of, other, other_errors), wanted, 2e-6);
}

CHECK("23.3", "a unit of 10^(−26), of watts, metres and hertz, is as good; 10^25 too") {
    const Flux flux = {1, 7, 3};
    const Doubles errors = {4, 4, 2};
    const Tensor wanted = exact_flux_features(flux, errors);
    for (double unit : {1e-26, 1e25}) {
        Flux other;
        Doubles other_errors;
        for (int i = 0; i < 3; ++i) {
            other.push_back(flux[i] * unit);
            other_errors.push_back(errors[i] * unit);
        }
        expect_near(ASK(flux_features_of, other, other_errors), wanted, 2e-6);
    }
}

// The flux of one bright point among so many that are dark, behind them.
double height_of_one(int dark) {
    Flux flux(dark + 1, 0.0);
    flux.back() = 1000;
    return flux_features_of(flux, Doubles(dark + 1, 0.01)).data.at(2 * dark);
}
CALLED(height_of_one, "flux_features, the flux of one bright point behind so many dark ones,");

CHECK("23.3", "one bright point among n dark ones stands √n deviations high: 50 of 2,500") {
    for (int dark : {4, 100, 2500})
        expect_near(ASK(height_of_one, dark), std::sqrt(dark), 1e-5 * std::sqrt(dark));
}

CHECK("23.3", "any fluxes with errors that differ, and some missing") {
    for (int i = 0; i < 6; ++i) {
        const int T = 2 + random_numbers().below(10);
        Flux flux;
        Doubles errors;
        for (int j = 0; j < T; ++j) {
            const double f = random_between(-2, 5);
            flux.push_back(j > 0 && random_numbers().below(4) == 0 ? NAN : f);
            errors.push_back(random_between(0.02, 2));
        }
        expect_flux_features(flux, errors);
    }
}

CHECK("23.3", "one point, none at all, and none that is seen") {
    expect_near(ASK(flux_features_of, Flux{3}, Doubles{0.5}), matrix({{0, 1}}), 1e-6);
    expect(ASK(flux_features_of, Flux{}, Doubles{}).shape == Shape{0, 2}, "no points, no rows");
    expect_near(ASK(flux_features_of, Flux{NAN, NAN}, Doubles{1, 2}), Tensor({2, 2}), 0);
}

CHECK("23.3", "what does not fit is refused, with what was got") {
    expect_mentions(ASK_REFUSAL(time_features_of, Times{1, 2}, 2, 0.0, 4), {"time_features", "0"});
    expect_mentions(ASK_REFUSAL(time_features_of, Times{1, 2}, 1, 1.0, 0), {"time_features", "0"});
    expect_mentions(ASK_REFUSAL(flux_features_of, Flux{1, 2, 3}, Doubles{1, 2}),
                    {"flux_features", "3", "2"});
}

// ## 23.4 Batches, masks and the network

RESTS_ON("23.4", "4.2", "11.3", "12.4", "14.2", "14.3", "14.5", "15.2", "15.3", "15.4", "23.3");

// Curves as lists: of times, fluxes and errors.
using Lists = std::vector<Doubles>;

static Curves curves_of(const Lists& times, const Lists& flux, const Lists& errors,
                        const List& kinds) {
    Curves curves;
    for (std::size_t b = 0; b < times.size(); ++b) {
        curves.push_back(curve_of(times[b], flux.at(b), errors.at(b)));
        curves.back().kind = kinds.at(b);
    }
    return curves;
}

std::tuple<Tensor, Tensor, List> batched(const Lists& times, const Lists& flux,
                                         const Lists& errors, const List& kinds, int code, int W) {
    const CurveBatch batch =
        batch_of(curves_of(times, flux, errors, kinds), {all_codes[code], 1, W});
    return {batch.points, batch.seen, batch.kinds};
}
CALLED(batched, "batch_of");
PARTS(batched, "points", "seen", "kinds");

namespace {

struct Sample {
    Lists times, flux, errors;
    List kinds;
};

}  // namespace

// Curves of these lengths, in which a point is missing now and then.
static Sample sample_of(const List& lengths) {
    Sample sample;
    for (int T : lengths) {
        sample.times.push_back(random_times(T));
        sample.kinds.push_back(random_numbers().below(4));
        Doubles flux, errors;
        for (int i = 0; i < T; ++i) {
            const double f = random_between(-2, 5);
            flux.push_back(random_numbers().below(4) == 0 ? NAN : f);
            errors.push_back(random_between(0.05, 1));
        }
        sample.flux.push_back(flux);
        sample.errors.push_back(errors);
    }
    return sample;
}

static void expect_batch(const Sample& sample, int code, int W) {
    const auto [points, seen, kinds] = ASK(batched, sample.times, sample.flux, sample.errors,
                                           sample.kinds, code, W);
    const int B = size_of(sample.kinds), F = 3 + W;
    int R = 1;
    for (const Doubles& times : sample.times) R = std::max(R, 1 + size_of(times));
    Tensor wanted({B, R, F}), wanted_seen({B, R});
    for (int b = 0; b < B; ++b) {
        const Tensor pairs = exact_flux_features(sample.flux[b], sample.errors[b]);
        const Tensor when = exact_time_features(sample.times[b], code, 1, W);
        wanted.data[b * R * F] = 1;
        wanted_seen.data[b * R] = 1;
        for (int i = 0; i < size_of(sample.times[b]); ++i) {
            float* point = &wanted.data[(b * R + 1 + i) * F];
            std::copy_n(&pairs.data[2 * i], 2, point + 1);
            std::copy_n(&when.data[i * W], W, point + 3);
            wanted_seen.data[b * R + 1 + i] = std::isnan(sample.flux[b][i]) ? 0.0f : 1.0f;
        }
    }
    expect_near(points, wanted, 2e-6);
    expect_near(seen, wanted_seen, 0);
    expect(kinds == sample.kinds, "the kinds are those of the curves");
}

CHECK("23.4", "a curve of two points: the class token's row, and a row for each") {
    const auto [points, seen, kinds] =
        ASK(batched, Lists{{59000, 59002}}, Lists{{1, 7}}, Lists{{4, 4}}, List{2}, 1, 1);
    expect_near(points, Tensor({1, 3, 4}, {1, 0, 0, 0, 0, -0.6f, 0.8f, 0, 0, 0.6f, 0.8f, 2}), 1e-6);
    expect_near(seen, Tensor({1, 3}, {1, 1, 1}), 0);
    expect(kinds == List{2}, "the kind is 2");
}

CHECK("23.4", "a shorter curve is filled up with zeros, which nobody has seen") {
    const auto [points, seen, kinds] = ASK(batched, Lists{{3}, {59000, 59002}}, Lists{{8}, {1, 7}},
                                           Lists{{1}, {4, 4}}, List{0, 3}, 1, 1);
    expect_near(points, Tensor({2, 3, 4}, {1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0,
                                           1, 0, 0, 0, 0, -0.6f, 0.8f, 0, 0, 0.6f, 0.8f, 2}),
                1e-6);
    expect_near(seen, matrix({{1, 1, 0}, {1, 1, 1}}), 0);
}

CHECK("23.4", "a point that is missing is not seen, and its time stands in its row all the same") {
    const auto [points, seen, kinds] = ASK(batched, Lists{{59000, 59001, 59003}},
                                           Lists{{1, NAN, 7}}, Lists{{4, 1, 4}}, List{1}, 1, 1);
    expect_near(points, Tensor({1, 4, 4}, {1, 0, 0, 0, 0, -0.6f, 0.8f, 0,
                                           0, 0, 0, 1, 0, 0.6f, 0.8f, 3}),
                1e-6);
    expect_near(seen, Tensor({1, 4}, {1, 1, 0, 1}), 0);
}

CHECK("23.4", "batches of any lengths, in all codes") {
    for (int code = 0; code < 5; ++code) {
        const int W = 1 + random_numbers().below(6);
        expect_batch(sample_of({3, 6, 1, 4}), code, W);
        expect_batch(sample_of({5}), code, W);
    }
    expect_batch(sample_of({2, 3}), 2, 33);
}

CHECK("23.4", "kinds are handed on as they are, and so is −1, the kind that nobody knows") {
    const auto [points, seen, kinds] =
        ASK(batched, Lists{{0}, {1}, {2}}, Lists{{1}, {2}, {3}}, Lists{{1}, {1}, {1}},
            List{-1, 9, 0}, 0, 1);
    expect(kinds == List{-1, 9, 0}, "the kinds are those of the curves");
}

CHECK("23.4", "a curve without points has its class token; equal lengths need no filling") {
    expect_batch(sample_of({0}), 2, 4);
    expect_batch(sample_of({0, 3, 0}), 4, 3);
    expect_batch(sample_of({4, 4}), 3, 2);
}

CHECK("23.4", "the mask hides what is not seen, whoever asks") {
    const Tensor found = ASK(seen_mask, matrix({{1, 0, 1}, {1, 1, 0}}));
    const Tensor wanted({2, 3, 3}, {1, 0, 1, 1, 0, 1, 1, 0, 1, 1, 1, 0, 1, 1, 0, 1, 1, 0});
    expect_near(found, wanted, 0);
}

CHECK("23.4", "masks of any sizes; of no curves too") {
    for (const Shape& shape : {Shape{1, 1}, Shape{3, 5}, Shape{4, 2}, Shape{0, 3}}) {
        Tensor seen(shape);
        for (float& one : seen.data) one = static_cast<float>(random_numbers().below(2));
        const int B = shape[0], R = shape[1];
        Tensor wanted({B, R, R});
        for (int i = 0; i < wanted.size(); ++i)
            wanted.data[i] = seen.data[i / (R * R) * R + i % R];
        expect_near(ASK(seen_mask, seen), wanted, 0);
    }
}

// Numbers for parameters that are the same in every program: small, and none of them special.
static void fill(const Parameters& parameters) {
    Random random(23);
    for (const Variable& p : parameters) {
        Tensor value = p.value();
        for (float& number : value.data) number = random.uniform(-0.6f, 0.6f);
        p.set_value(value);
    }
}

static CurveNet net_of(const Tensor& points, int layers, bool before) {
    Random random(1);
    CurveNetSettings settings;
    settings.stack = {4, 2, 6, layers, before ? NormPlace::before : NormPlace::after};
    settings.clock.W = points.shape.at(2) - 3;
    settings.outputs = 3;
    CurveNet net(settings, random);
    fill(net.parameters());
    return net;
}

Tensor outputs_of(const Tensor& points, const Tensor& seen, int layers, bool before) {
    return net_of(points, layers, before)({points, seen, {}}).value();
}
CALLED(outputs_of, "net");

// The outputs under dropout, and the random number that is drawn next.
std::pair<Tensor, double> outputs_and_dropout(const Tensor& points, const Tensor& seen, int seed) {
    Random drops(seed);
    const Tensor z =
        net_of(points, 1, true)({points, seen, {}}, Dropout(0.5, drops)).value();
    return {z, drops.uniform()};
}
CALLED(outputs_and_dropout, "net");
PARTS(outputs_and_dropout, "the outputs", "the next random number");

Tensors gradients_of_net(const Tensor& points, const Tensor& seen, const Tensor& dy, bool before) {
    const CurveNet net = net_of(points, 2, before);
    const Variable z = net({points, seen, {}});
    backward(sum(z * dy));
    Tensors all = {z.value()};
    for (const Variable& p : net.parameters()) all.push_back(p.gradient());
    return all;
}
CALLED(gradients_of_net, "net");
PARTS(gradients_of_net, "the outputs", "the gradient of parameters()[#0]");

static Tensor points_of(int B, int R, int F) {
    Tensor points = random_tensor({B, R, F});
    for (int i = 0; i < B * R; ++i) points.data[i * F] = i % R == 0 ? 1.0f : 0.0f;
    return points;
}

// Every third point is hidden.
static Tensor seen_of(int B, int R) {
    Tensor seen({B, R}, std::vector<float>(B * R, 1));
    for (int i = 0; i < B * R; ++i)
        if (i % R % 3 == 2) seen.data[i] = 0;
    return seen;
}

CHECK("23.4", "outputs for each curve, of the class token's row, with the norm before and after") {
    for (bool before : {true, false}) {
        const Tensor points = points_of(2, 5, 7), seen = seen_of(2, 5);
        for (int layers : {0, 1, 2}) {
            allow_roundings(512);
            expect(ASK(outputs_of, points, seen, layers, before).shape == Shape{2, 3},
                   "there are three outputs for each of two curves");
        }
    }
}

CHECK("23.4", "what stands in a hidden row changes no bit of the outputs") {
    const Tensor points = points_of(2, 6, 5), seen = seen_of(2, 6);
    Tensor other = points;
    for (int row = 0; row < 12; ++row)
        if (seen.data[row] == 0)
            for (int f = 0; f < 5; ++f) other.data[row * 5 + f] += 3;
    for (int layers : {1, 2}) {
        allow_roundings(512);
        const Tensor one = ASK(outputs_of, points, seen, layers, true);
        expect_same_bits(ASK(outputs_of, other, seen, layers, true), one,
                         "something looks at a row that is hidden");
    }
}

CHECK("23.4", "the last point that is seen counts, and so does the first") {
    const Tensor points = points_of(1, 4, 5), seen({1, 4}, {1, 1, 0, 1});
    allow_roundings(512);
    const Tensor one = ASK(outputs_of, points, seen, 1, true);
    for (int row : {1, 3}) {
        Tensor other = points;
        for (int f = 1; f < 5; ++f) other.data[row * 5 + f] += f % 2 == 0 ? 1.0f : -0.5f;
        const Tensor then = ASK(outputs_of, other, seen, 1, true);
        expect(then.data != one.data, "a point that is seen makes no difference");
    }
}

CHECK("23.4", "a curve says the same alone, and beside a longer one") {
    const Tensor longer = points_of(2, 6, 5), seen({2, 6}, {1, 1, 1, 0, 0, 0, 1, 1, 1, 1, 1, 1});
    const Tensor alone({1, 3, 5}, {longer.data.begin(), longer.data.begin() + 15});
    allow_roundings(512);
    const Tensor both = ASK(outputs_of, longer, seen, 2, true);
    const Tensor one = ASK(outputs_of, alone, Tensor({1, 3}, {1, 1, 1}), 2, true);
    expect_near(one, Tensor({1, 3}, {both.data.begin(), both.data.begin() + 3}), 1e-5);
}

CHECK("23.4", "the order of the points is no input: their times must say it") {
    const Tensor points = points_of(1, 4, 5), seen({1, 4}, {1, 1, 1, 1});
    Tensor other = points;
    std::swap_ranges(&other.data[5], &other.data[10], &other.data[15]);
    allow_roundings(512);
    const Tensor one = ASK(outputs_of, points, seen, 2, true);
    expect_near(ASK(outputs_of, other, seen, 2, true), one, 1e-5);
}

CHECK("23.4", "a class token that is alone, and a batch of one, and of many curves") {
    for (int B : {1, 7}) {
        allow_roundings(512);
        ASK(outputs_of, points_of(B, 1, 4), Tensor({B, 1}, std::vector<float>(B, 1)), 1, true);
        ASK(outputs_of, points_of(B, 9, 20), seen_of(B, 9), 1, false);
    }
}

CHECK("23.4", "dropout acts in the encoder, and as often as it has sublayers and rows") {
    const Tensor points = points_of(2, 4, 5), seen = seen_of(2, 4);
    const int seed = random_seed();
    Random random(seed);
    for (int i = 0; i < 2 * 2 * 4 * 4; ++i) random.uniform();
    allow_roundings(512);
    const auto [z, next] = ASK(outputs_and_dropout, points, seen, seed);
    expect_near(next, random.uniform(), 0);
}

CHECK("23.4", "gradients reach every parameter, the class token's row of the matrix too") {
    const Tensor points = points_of(2, 5, 6), seen = seen_of(2, 5), dy = random_tensor({2, 3});
    for (bool before : {true, false}) {
        allow_roundings(4096);
        const Tensors all = ASK(gradients_of_net, points, seen, dy, before);
        bool learns = false;
        for (int d = 0; d < 4; ++d) learns = learns || all.at(1).data[d] != 0;
        expect(learns, "the class token does not learn");
    }
}

Tensors net_twice(const Tensor& points, const Tensor& seen, const Tensor& dy) {
    const CurveNet net = net_of(points, 1, true);
    return read_twice(sum(net({points, seen, {}}) * dy), Graph::kept, net.parameters());
}
CALLED(net_twice, "net");
PARTS(net_twice, "gradient #0 of both readings");

CHECK("23.4", "a graph that is kept may be read twice, and gives the gradients twice") {
    const Tensor points = points_of(2, 4, 5), seen = seen_of(2, 4), dy = random_tensor({2, 3});
    allow_roundings(4096);
    expect_doubled(ASK(net_twice, points, seen, dy));
}

// Three batches, one behind the other, in the same net: the last answer. Of the second all is seen.
Tensor after_others(const Tensor& first, const Tensor& first_seen, const Tensor& points,
                    const Tensor& seen) {
    const CurveNet net = net_of(points, 1, true);
    net({first, first_seen, {}});
    net({points, Tensor(seen.shape, std::vector<float>(seen.data.size(), 1)), {}});
    return net({points, seen, {}}).value();
}
CALLED(after_others, "net");

CHECK("23.4", "what a net has read before makes no difference") {
    const Tensor first = points_of(3, 5, 5), points = points_of(2, 4, 5), seen = seen_of(2, 4);
    allow_roundings(512);
    const Tensor alone = ASK(outputs_of, points, seen, 1, true);
    expect_same_bits(ASK(after_others, first, seen_of(3, 5), points, seen), alone,
                     "something is left over from the batch before");
}

CHECK("23.4", "what does not fit is refused, with what was got") {
    expect_mentions(ASK_REFUSAL(batched, Lists{}, Lists{}, Lists{}, List{}, 2, 4), {"batch_of"});
    expect_mentions(ASK_REFUSAL(seen_mask, row({1, 0})), {"seen_mask", "[2]"});
    expect_mentions(ASK_REFUSAL(outputs_of, points_of(2, 3, 5), seen_of(2, 4), 1, true),
                    {"CurveNet", "[2, 3, 5]", "[2, 4]"});
}

// ## 23.5 Confusion and confidence

RESTS_ON("23.5", "1.6", "4.3");

CHECK("23.5", "what is 0 and was said to be 1 stands in row 0, column 1") {
    const Tensor counts = ASK(confusion, List{0, 0, 1, 2, 2, 2}, List{0, 1, 1, 2, 0, 2}, 3);
    expect_near(counts, matrix({{1, 1, 0}, {0, 1, 0}, {1, 0, 2}}), 0);
}

CHECK("23.5", "counts of any answers, of one kind alone, and of no answers") {
    for (int C : {1, 2, 5, 11}) {
        List kinds, said;
        Tensor wanted({C, C});
        for (int i = 0; i < 40; ++i) {
            kinds.push_back(random_numbers().below(C));
            said.push_back(random_numbers().below(C));
            ++wanted.data[kinds[i] * C + said[i]];
        }
        expect_near(ASK(confusion, kinds, said, C), wanted, 0);
        expect_near(ASK(confusion, List{}, List{}, C), Tensor({C, C}), 0);
    }
}

// Of so many curves of kind 1, all of which were said to be 0.
Tensor confusion_of_many(int count) { return confusion(List(count, 1), List(count, 0), 2); }
CALLED(confusion_of_many, "confusion, of so many curves of kind 1, said to be 0,");

CHECK("23.5", "300 curves are 300, and 70,000 are 70,000") {
    for (int count : {300, 70000})
        expect_near(ASK(confusion_of_many, count), matrix({{0, 0}, {1.0f * count, 0}}), 0);
}

CHECK("23.5", "recall: of 10 of which 8 were recognised, 0.8; of a kind that is not there, 0") {
    const Tensor shares = ASK(recalls, matrix({{8, 1, 1}, {0, 0, 0}, {3, 0, 1}}));
    expect_near(shares, row({0.8f, 0, 0.25f}), 1e-6);
    expect_near(ASK(recalls, matrix({{1, 0}, {1, 0}})), row({1, 0}), 1e-6);
}

CHECK("23.5", "recalls of any counts, of one kind alone, of none") {
    for (int C : {1, 2, 6, 0}) {
        Tensor counts({C, C}), wanted({C});
        for (float& count : counts.data) count = static_cast<float>(random_numbers().below(9));
        for (int i = 0; i < C; ++i) {
            const double all = exact_sum(counts, i * C, C);
            if (all > 0) wanted.data[i] = static_cast<float>(counts.data[i * C + i] / all);
        }
        expect_near(ASK(recalls, counts), wanted, 1e-6);
    }
}

CHECK("23.5", "5 of A for C and 4 of C for A are more than 6 of A for B; what is right is none") {
    const auto pair = ASK(most_confused, matrix({{90, 6, 5}, {0, 80, 2}, {4, 1, 99}}));
    expect(pair == std::pair(0, 2), "they are 0 and 2");
}

CHECK("23.5", "the smaller number first; of equal pairs the first; two kinds are a pair") {
    expect(ASK(most_confused, matrix({{5, 0, 0}, {0, 5, 1}, {0, 3, 5}})) == std::pair(1, 2),
           "they are 1 and 2");
    expect(ASK(most_confused, matrix({{1, 2, 3}, {1, 1, 1}, {0, 2, 1}})) == std::pair(0, 1),
           "all pairs are equal, so it is the first");
    expect(ASK(most_confused, matrix({{1, 0}, {0, 1}})) == std::pair(0, 1), "there are only two");
    expect(ASK(most_confused, matrix({{0, 0, 0, 0}, {0, 0, 0, 4}, {4, 0, 0, 0}, {0, 0, 0, 0}})) ==
               std::pair(0, 2),
           "0 and 2 stand before 1 and 3");
    expect(ASK(most_confused, matrix({{9, 0, 0, 4}, {0, 9, 1, 0}, {0, 3, 9, 0}, {0, 0, 0, 9}})) ==
               std::pair(0, 3),
           "0 and 3 stand before 1 and 2");
}

CHECK("23.5", "the pair that is confused most, of any counts") {
    for (int C : {3, 4, 7}) {
        Tensor counts({C, C});
        for (float& count : counts.data) count = static_cast<float>(random_numbers().below(50));
        std::pair<int, int> wanted{0, 1};
        double most = -1;
        for (int i = 0; i < C; ++i)
            for (int j = i + 1; j < C; ++j) {
                const double both = counts.data[i * C + j] + counts.data[j * C + i];
                if (both > most) most = both, wanted = {i, j};
            }
        expect(ASK(most_confused, counts) == wanted, "it is another pair");
    }
}

static Tensor exact_calibration(const Tensor& logits, const List& kinds, int bins) {
    const int C = logits.shape.back();
    std::vector<double> count(bins), sure(bins), right(bins);
    for (std::size_t n = 0; n < kinds.size(); ++n) {
        const float* z = &logits.data[n * C];
        const int best = static_cast<int>(std::max_element(z, z + C) - z);
        double sum = 0;
        for (int c = 0; c < C; ++c) sum += std::exp(double{z[c]} - z[best]);
        const int bin = std::min(bins - 1, static_cast<int>(bins / sum));
        ++count[bin];
        sure[bin] += 1 / sum;
        right[bin] += kinds[n] == best;
    }
    Tensor table({bins, 3});
    for (int b = 0; b < bins; ++b) {
        if (count[b] == 0) continue;
        table.data[3 * b] = static_cast<float>(count[b]);
        table.data[3 * b + 1] = static_cast<float>(sure[b] / count[b]);
        table.data[3 * b + 2] = static_cast<float>(right[b] / count[b]);
    }
    return table;
}

// Logits of which no confidence lies within a rounding of the border of a bin.
static Tensor logits_between_borders(int N, int C, int bins) {
    Tensor logits({N, C});
    for (int n = 0; n < N; ++n)
        for (bool near = true; near;) {
            double largest = -9, sum = 0;
            for (int c = 0; c < C; ++c) {
                const float z = 2 * random_tensor({1}).data[0];
                logits.data[n * C + c] = z;
                largest = std::max(largest, double{z});
            }
            for (int c = 0; c < C; ++c) sum += std::exp(logits.data[n * C + c] - largest);
            const double place = bins / sum;
            near = std::fabs(place - std::round(place)) < 1e-4;
        }
    return logits;
}

static const float log_3 = 1.0986123f;  // beside 0, a probability of 3/4

CHECK("23.5", "three answers of 75 %, two of them right, and one of 50 %, in one bin and in 3") {
    const Tensor logits =
        matrix({{log_3, 0}, {0, log_3}, {log_3, 0}, {0, 0}}), quarters = matrix({{-0.1f, 0}});
    for (int bins : {1, 3})
        expect_near(ASK(calibration, logits, List{0, 1, 1, 1}, bins),
                    exact_calibration(logits, {0, 1, 1, 1}, bins), 1e-6);
    expect_near(ASK(calibration, quarters, List{1}, 5),
                matrix({{0, 0, 0}, {0, 0, 0}, {1, 0.524979f, 1}, {0, 0, 0}, {0, 0, 0}}), 1e-6);
}

CHECK("23.5", "a confidence of exactly ½ is in the upper of two bins, and of 1 in the last") {
    expect_near(ASK(calibration, matrix({{2, 2}}), List{0}, 2), matrix({{0, 0, 0}, {1, 0.5f, 1}}),
                1e-6);
    expect_near(ASK(calibration, matrix({{900, 0, 0}, {0, 900, 0}}), List{0, 0}, 4),
                matrix({{0, 0, 0}, {0, 0, 0}, {0, 0, 0}, {2, 1, 0.5f}}), 1e-6);
}

CHECK("23.5", "of any logits and kinds, in any number of bins") {
    for (int bins : {1, 2, 7, 10})
        for (int C : {2, 4}) {
            const Tensor logits = logits_between_borders(30, C, bins);
            List kinds;
            for (int i = 0; i < 30; ++i) kinds.push_back(random_numbers().below(C));
            expect_near(ASK(calibration, logits, kinds, bins),
                        exact_calibration(logits, kinds, bins), 3e-6);
        }
}

CHECK("23.5", "one kind alone is sure; without answers all is 0") {
    expect_near(ASK(calibration, Tensor({2, 1}, {3, -1}), List{0, 0}, 3),
                matrix({{0, 0, 0}, {0, 0, 0}, {2, 1, 1}}), 1e-6);
    expect_near(ASK(calibration, Tensor({0, 4}), List{}, 3), Tensor({3, 3}), 0);
}

CHECK("23.5", "3 answers off by 0.2 and 1 off by 0.4 are off by 0.25; the sign does not count") {
    const double error = ASK(calibration_error, matrix({{3, 0.7f, 0.5f}, {0, 0, 0}, {1, 0.6f, 1}}));
    expect_near(error, 0.25, 1e-6);
    expect_near(ASK(calibration_error, matrix({{1, 0.7f, 1}})), 0.3, 1e-6);
}

CHECK("23.5", "errors of any tables; of none, 0") {
    for (int bins : {1, 4, 10}) {
        Tensor table({bins, 3});
        double all = 0, error = 0;
        for (int b = 0; b < bins; ++b) {
            const int n = random_numbers().below(5);
            if (n == 0) continue;
            const double sure = random_between(0.3, 1), right = random_between(0, 1);
            table.data[3 * b] = static_cast<float>(n);
            table.data[3 * b + 1] = static_cast<float>(sure);
            table.data[3 * b + 2] = static_cast<float>(right);
            all += n;
            error += n * std::fabs(sure - right);
        }
        expect_near(ASK(calibration_error, table), all > 0 ? error / all : 0, 1e-6);
    }
    expect_near(ASK(calibration_error, Tensor({3, 3})), 0, 0);
}

CHECK("23.5", "what does not fit is refused, with what was got") {
    expect_mentions(ASK_REFUSAL(confusion, List{0, 1}, List{0}, 3), {"confusion", "2", "1"});
    expect_mentions(ASK_REFUSAL(confusion, List{0, 3}, List{0, 1}, 3), {"confusion", "3"});
    expect_mentions(ASK_REFUSAL(recalls, Tensor({2, 3})), {"recalls", "[2, 3]"});
    expect_mentions(ASK_REFUSAL(most_confused, Tensor({1, 1})), {"most_confused", "[1, 1]"});
    expect_mentions(ASK_REFUSAL(calibration, Tensor({2, 3}), List{0}, 4),
                    {"calibration", "[2, 3]"});
    expect_mentions(ASK_REFUSAL(calibration, Tensor({1, 3}), List{0}, 0), {"calibration", "0"});
    expect_mentions(ASK_REFUSAL(calibration_error, Tensor({2, 2})),
                    {"calibration_error", "[2, 2]"});
}

}  // namespace checks_23
