#include "25_physical_model.hpp"

#include "grader/check.hpp"
#include "grader/read_twice.hpp"
#include "grader/variations.hpp"

#include <algorithm>
#include <cmath>

namespace checks_25 {

using Doubles = std::vector<double>;
using List = std::vector<int>;
using Tensors = std::vector<Tensor>;

// Rounded to sixteenths, so that a float holds them and a person can read them.
static float random_sixteenth(double least, double most) {
    return static_cast<float>(std::round(16 * random_between(least, most)) / 16);
}

static Tensor random_filled(const Shape& shape, double least, double most) {
    Tensor all(shape);
    for (float& one : all.data) one = random_sixteenth(least, most);
    return all;
}

static double largest_of(const Tensor& x) {
    double largest = 0;
    for (float one : x.data) largest = std::max(largest, std::fabs(double{one}));
    return largest;
}

// ## 25.1 By hand

Tensor written_down(int) { return flare_by_hand(); }
CALLED(written_down, "flare_by_hand()");

static void expect_number(int place, double wanted, double slack, const std::string& otherwise) {
    const Tensor all = ASK_UNRECORDED(written_down, 0);
    expect(all.shape == Shape{4}, "four numbers are asked for");
    expect(std::fabs(all.data[place] - wanted) < slack, otherwise);
}

CHECK("25.1", "on day 8 the flare has not begun") {
    expect_number(0, 0, 1e-6, "before t₀ there is no light at all");
}

CHECK("25.1", "on day 10 it begins, and is as bright as it can be") {
    expect_number(1, 2, 1e-6, "at t₀ nothing has faded yet");
}

CHECK("25.1", "on day 20 it has faded for twice its decay") {
    expect_number(2, 2 * std::exp(-2.0), 0.0006, "the third number is not (25.1)");
}

CHECK("25.1", "the sum of the squares of three residuals, in units of the error") {
    const double last = (0.5 - 2 * std::exp(-2.0)) / 0.1;
    expect_number(3, 1 + 1 + last * last, 0.06, "the last number is not χ²");
}

// ## 25.2 The model on the tape

Tensor model_of(const Tensor& parameters, const Tensor& days) {
    return flare_model(parameters, days).value();
}
CALLED(model_of, "flare_model");

Tensor model_gradient(const Tensor& parameters, const Tensor& days, const Tensor& dF) {
    const Variable of = parameter(parameters);
    backward(sum(flare_model(of, days) * dF));
    return of.gradient();
}
CALLED(model_gradient, "the gradient of flare_model");

static Tensor exact_model(const Tensor& parameters, const Tensor& days) {
    const int B = days.shape[0], T = days.shape[1];
    Tensor F({B, T});
    for (int i = 0; i < B * T; ++i) {
        const float* of = &parameters.data[i / T * 3];
        const double since = double{days.data[i]} - of[1];
        if (since >= 0) F.data[i] = static_cast<float>(of[0] * std::exp(-since / of[2]));
    }
    return F;
}

static Tensor exact_gradient(const Tensor& parameters, const Tensor& days, const Tensor& dF) {
    const int B = days.shape[0], T = days.shape[1];
    Tensor d({B, 3});
    for (int b = 0; b < B; ++b) {
        const float* of = &parameters.data[b * 3];
        double all[3] = {};
        for (int i = b * T; i < (b + 1) * T; ++i) {
            const double since = double{days.data[i]} - of[1], tau = of[2];
            if (since < 0) continue;
            const double left = dF.data[i] * std::exp(-since / tau);
            all[0] += left;
            all[1] += of[0] * left / tau;
            all[2] += of[0] * left * since / (tau * tau);
        }
        for (int k = 0; k < 3; ++k) d.data[b * 3 + k] = static_cast<float>(all[k]);
    }
    return d;
}

static void expect_model(const Tensor& parameters, const Tensor& days) {
    const Tensor wanted = exact_model(parameters, days);
    allow_roundings(64);
    expect_near(ASK(model_of, parameters, days), wanted, 1e-6 * std::max(1.0, largest_of(wanted)));
}

static void expect_gradient(const Tensor& parameters, const Tensor& days, const Tensor& dF) {
    const Tensor wanted = exact_gradient(parameters, days, dF);
    allow_roundings(256);
    expect_near(ASK(model_gradient, parameters, days, dF), wanted,
                3e-6 * std::max(1e-3, largest_of(wanted)));
}

static Tensor random_flares(int B) {
    Tensor parameters({B, 3});
    for (int b = 0; b < B; ++b) {
        parameters.data[3 * b] = random_sixteenth(-2, 2);
        parameters.data[3 * b + 1] = random_sixteenth(5, 60);
        parameters.data[3 * b + 2] = random_sixteenth(2, 30);
    }
    return parameters;
}

CHECK("25.2", "the flare of 25.1, and half a day before and behind its start") {
    expect_model(matrix({{2, 10, 5}}), matrix({{8, 10, 20, 9.5f, 10.5f}}));
}

CHECK("25.2", "each row has a flare and days of its own, and the days stand in any order") {
    expect_model(matrix({{2, 10, 5}, {1, 30, 20}}), matrix({{20, 8, 10}, {50, 30, 29}}));
    const Tensor parameters = random_flares(3);
    expect_model(parameters, random_filled({3, 7}, 0, 100));
}

CHECK("25.2", "any flares, bright ones and dips, on any days, and days before the first") {
    for (int B : {1, 2, 5}) {
        const Tensor parameters = random_flares(B);
        expect_model(parameters, random_filled({B, 4}, -20, 100));
        expect_model(parameters, random_filled({B, 1}, 30, 100));
    }
}

CHECK("25.2", "a minute before its start all is dark, and a minute behind it nearly all is there") {
    const float minute = 1.0f / 1024;
    const Tensor parameters = matrix({{2, 10, 5}});
    const Tensor days = matrix({{10 - minute, 10, 10 + minute}});
    expect_model(parameters, days);
    expect_gradient(parameters, days, matrix({{1, 0, 0}}));
    expect_gradient(parameters, days, matrix({{0, 0, 1}}));
}

CHECK("25.2", "thousands of days before its start a short flare is 0, and so are its slopes") {
    const Tensor parameters = matrix({{2, 5000, 1.5f}}), days = matrix({{0, 4999, 5000}});
    expect_model(parameters, days);
    expect_gradient(parameters, days, matrix({{1, 1, 1}}));
    expect_gradient(parameters, days, matrix({{1, 1, 0}}));
}

CHECK("25.2", "and a million days behind it nothing is left, of the slopes either") {
    const Tensor parameters = matrix({{2, 10, 2}}), days = matrix({{1e6f, 4000}});
    expect_model(parameters, days);
    expect_gradient(parameters, days, matrix({{1, 1}}));
}

CHECK("25.2", "at its start: the slope in A is 1, that in t₀ is A/τ, and that in τ is 0") {
    const Tensor found =
        ASK(model_gradient, matrix({{3, 10, 4}}), matrix({{10}}), matrix({{1}}));
    expect_near(found, matrix({{1, 0.75f, 0}}), 1e-6);
}

CHECK("25.2", "one decay behind its start: 1/e, A/(τ e) and again A/(τ e)") {
    const float e = static_cast<float>(std::exp(1.0));
    const Tensor found =
        ASK(model_gradient, matrix({{3, 10, 4}}), matrix({{14}}), matrix({{1}}));
    expect_near(found, matrix({{1 / e, 0.75f / e, 0.75f / e}}), 1e-6);
}

CHECK("25.2", "a day before the start nothing has a slope") {
    const Tensor found =
        ASK(model_gradient, matrix({{3, 10, 4}}), matrix({{9}}), matrix({{1}}));
    expect_near(found, Tensor({1, 3}), 0);
}

CHECK("25.2", "each slope alone, a little behind the start and far behind it") {
    for (float since : {0.5f, 3.0f, 40.0f}) {
        const Tensor parameters = matrix({{1.5f, 20, 8}}), days = matrix({{20 + since}});
        const Tensor dF = matrix({{since > 1 ? -2.0f : 1.0f}});
        const Tensor wanted = exact_gradient(parameters, days, dF);
        const Tensor found = ASK(model_gradient, parameters, days, dF);
        for (int k = 0; k < 3; ++k)
            expect_near(found.data[k], wanted.data[k], 1e-5 * std::fabs(wanted.data[k]));
    }
}

CHECK("25.2", "a flare of height 0 is dark, and has a slope in A") {
    const Tensor parameters = matrix({{0, 10, 5}}), days = matrix({{8, 12, 15}});
    expect_model(parameters, days);
    expect_gradient(parameters, days, matrix({{1, 1, 1}}));
}

CHECK("25.2", "the gradient adds up the days of a row, each as often as dF says") {
    for (int B : {1, 2, 4})
        for (int T : {1, 3, 12}) {
            const Tensor parameters = random_flares(B);
            const Tensor days = random_filled({B, T}, 0, 100);
            expect_gradient(parameters, days, random_filled({B, T}, 0.25, 1));
        }
}

CHECK("25.2", "of four hundred days") {
    const Tensor parameters = random_flares(1), days = random_filled({1, 400}, 0, 100);
    expect_gradient(parameters, days, random_filled({1, 400}, 0.25, 1));
}

CHECK("25.2", "differences of your own curve, half a hundredth to both sides, are its slopes") {
    const Tensor parameters = random_flares(1);
    const float after = parameters.data[1];
    const Tensor days = matrix({{after + 1, after + 4, after + 17}});
    for (int k = 0; k < 3; ++k)
        for (int i = 0; i < 3; ++i) {
            Tensor more = parameters, less = parameters, one({1, 3});
            more.data[k] += 0.0078125f;
            less.data[k] -= 0.0078125f;
            one.data[i] = 1;
            const Tensor up = ASK(model_of, more, days), down = ASK(model_of, less, days);
            const Tensor slopes = ASK(model_gradient, parameters, days, one);
            const double slope = (double{up.data.at(i)} - down.data.at(i)) / 0.015625;
            expect_near(slopes.data.at(k), slope, 2e-4);
        }
}

CHECK("25.2", "the slope in t₀ is that in A, times A/τ") {
    const Tensor parameters = random_flares(1), days = random_filled({1, 6}, 60, 100);
    const Tensor found = ASK(model_gradient, parameters, days, random_filled({1, 6}, 0, 1));
    const double ratio = double{parameters.data[0]} / parameters.data[2];
    expect_near(found.data.at(1), ratio * found.data.at(0), 1e-5);
}

CHECK("25.2", "no flare, and no day: nothing, and gradients of 0") {
    expect(ASK(model_of, Tensor({0, 3}), Tensor({0, 4})).shape == Shape{0, 4}, "no row is wanted");
    expect(ASK(model_of, matrix({{1, 2, 3}}), Tensor({1, 0})).shape == Shape{1, 0},
           "a row without days is wanted");
    expect_near(ASK(model_gradient, matrix({{1, 2, 3}}), Tensor({1, 0}), Tensor({1, 0})),
                Tensor({1, 3}), 0);
}

CHECK("25.2", "a flare of 20,000 counts, and one of a millionth") {
    for (float A : {20000.0f, tiny}) {
        const Tensor parameters = matrix({{A, 12, 9}}), days = matrix({{10, 13, 40}});
        const Tensor wanted = exact_model(parameters, days);
        expect_near(ASK(model_of, parameters, days), wanted, 1e-6 * A);
        const Tensor dF = matrix({{1, 1, 1}}), slopes = exact_gradient(parameters, days, dF);
        const Tensor found = ASK(model_gradient, parameters, days, dF);
        for (int k = 0; k < 3; ++k)
            expect_near(found.data.at(k), slopes.data[k], 1e-5 * std::fabs(slopes.data[k]));
    }
}

Tensors model_with_constants(const Tensor& parameters, const Tensor& days, const Tensor& dF,
                             int wanted) {
    const auto model = [&](const std::vector<Variable>& v) { return flare_model(v[0], days); };
    return with_constants<Variable>(model, {parameters}, dF, wanted);
}
CALLED(model_with_constants, "flare_model");
PARTS(model_with_constants, "F", "the gradient of the parameters");

CHECK("25.2", "with constant parameters it is a curve, and nothing flows") {
    const Tensor parameters = random_flares(2), days = random_filled({2, 3}, 0, 100);
    for (int wanted : {0, 1}) {
        allow_roundings(256);
        ASK(model_with_constants, parameters, days, random_filled({2, 3}, 0.25, 1), wanted);
    }
}

Tensors model_twice(const Tensor& parameters, const Tensor& days, const Tensor& dF) {
    const Variable of = parameter(parameters);
    return read_twice(sum(flare_model(of, days) * dF), Graph::kept, {of});
}
CALLED(model_twice, "flare_model");
PARTS(model_twice, "gradient #0 of both readings");

Tensor model_in_place(const Tensors& first, const Tensors& then, const Tensor& days) {
    const auto model = [&](const std::vector<Variable>& v) { return flare_model(v[0], days); };
    return after_a_step<Variable>(model, first, then);
}
CALLED(model_in_place, "flare_model");

CHECK("25.2", "a graph that is kept may be read twice; of other parameters nothing is left over") {
    const Tensor first = random_flares(2), then = random_flares(2);
    const Tensor days = random_filled({2, 5}, 0, 100), dF = random_filled({2, 5}, 0.25, 1);
    allow_roundings(256);
    expect_doubled(ASK(model_twice, first, days, dF));
    expect_near(ASK(model_in_place, Tensors{first}, Tensors{then}, days), exact_model(then, days),
                1e-5);
}

CHECK("25.2", "what does not fit is refused, with what was got") {
    expect_mentions(ASK_REFUSAL(model_of, Tensor({2, 2}), Tensor({2, 4})),
                    {"flare_model", "[2, 2]"});
    expect_mentions(ASK_REFUSAL(model_of, Tensor({2, 3}), Tensor({3, 4})),
                    {"flare_model", "[3, 4]"});
    expect_mentions(ASK_REFUSAL(model_of, matrix({{1, 2, 0}}), Tensor({1, 4})), {"flare_model"});
    expect_mentions(ASK_REFUSAL(model_of, matrix({{1, 2, 3}, {1, 2, -3}}), Tensor({2, 4})),
                    {"flare_model", "-3"});
}

// ## 25.3 Inside bounds

static Bounds bounds_of(const Doubles& least, const Doubles& most, const List& factors) {
    Bounds bounds;
    for (std::size_t k = 0; k < least.size(); ++k)
        bounds.push_back({least[k], most[k], factors[k] == 1});
    return bounds;
}

Tensor bounded_of(const Tensor& z, const Doubles& least, const Doubles& most, const List& factors) {
    return bounded(z, bounds_of(least, most, factors)).value();
}
CALLED(bounded_of, "bounded");

Tensor bounded_gradient(const Tensor& z, const Doubles& least, const Doubles& most,
                        const List& factors, const Tensor& dp) {
    const Variable at = parameter(z);
    backward(sum(bounded(at, bounds_of(least, most, factors)) * dp));
    return at.gradient();
}
CALLED(bounded_gradient, "the gradient of bounded");

Tensor unbounded_of(const Tensor& p, const Doubles& least, const Doubles& most,
                    const List& factors) {
    return unbounded(p, bounds_of(least, most, factors));
}
CALLED(unbounded_of, "unbounded");

static Tensor exact_bounded(const Tensor& z, const Bounds& bounds) {
    Tensor p(z.shape);
    for (int i = 0; i < z.size(); ++i) {
        const Bound& of = bounds[i % bounds.size()];
        const double up = 1 / (1 + std::exp(-double{z.data[i]}));
        p.data[i] = static_cast<float>(of.factor ? std::pow(of.least, 1 - up) *
                                                       std::pow(of.most, up)
                                                 : of.least * (1 - up) + of.most * up);
    }
    return p;
}

static Tensor exact_slope(const Tensor& z, const Bounds& bounds, const Tensor& dp) {
    Tensor d(z.shape);
    for (int i = 0; i < z.size(); ++i) {
        const Bound& of = bounds[i % bounds.size()];
        const double x = z.data[i], turn = 1 / (1 + std::exp(-x)) / (1 + std::exp(x));
        const double up = 1 / (1 + std::exp(-x)), ratio = of.most / of.least;
        const double slope =
            of.factor ? of.least * std::pow(ratio, up) * std::log(ratio) : of.most - of.least;
        d.data[i] = static_cast<float>(dp.data[i] * slope * turn);
    }
    return d;
}

// Three bounds: a factor, days, and numbers below 0.
static const Doubles least3 = {0.25, 0, -5}, most3 = {4, 70, -1};
static const List factors3 = {1, 0, 0};

static void expect_near_each(const Tensor& found, const Tensor& wanted, double share) {
    expect(found.shape == wanted.shape, "the shape is another");
    for (int i = 0; i < wanted.size(); ++i)
        expect_near(found.data[i], wanted.data[i],
                    share * std::max(1e-30, std::fabs(double{wanted.data[i]})));
}

CHECK("25.3", "z = 0 is half way: 35 of 0 to 70 days, and 1 of the factors from 0.25 to 4") {
    const Tensor found = ASK(bounded_of, matrix({{0, 0}}), Doubles{0, 0.25}, Doubles{70, 4},
                             List{0, 1});
    expect_near(found, matrix({{35, 1}}), 1e-5);
}

CHECK("25.3", "z = log 3 is three quarters of the way: 52.5 days, and a factor of 2") {
    const float z = static_cast<float>(std::log(3.0));
    const Tensor found = ASK(bounded_of, matrix({{z, z}, {-z, -z}}), Doubles{0, 0.25},
                             Doubles{70, 4}, List{0, 1});
    expect_near(found, matrix({{52.5f, 2}, {17.5f, 0.5f}}), 2e-5);
}

CHECK("25.3", "any z, each column between bounds of its own, in rows, alone, and in blocks") {
    const Bounds bounds = bounds_of(least3, most3, factors3);
    for (const Shape& shape : {Shape{3}, Shape{1, 3}, Shape{5, 3}, Shape{2, 4, 3}, Shape{0, 3}}) {
        const Tensor z = random_filled(shape, -4, 4), dp = random_filled(shape, -1, 1);
        allow_roundings(64);
        expect_near_each(ASK(bounded_of, z, least3, most3, factors3), exact_bounded(z, bounds),
                         2e-6);
        allow_roundings(64);
        expect_near_each(ASK(bounded_gradient, z, least3, most3, factors3, dp),
                         exact_slope(z, bounds, dp), 5e-6);
    }
}

CHECK("25.3", "one parameter, a factor or not, and two factors far apart") {
    for (int factor : {0, 1}) {
        const Tensor z = random_filled({4, 1}, -3, 3), dp = random_filled({4, 1}, 0, 1);
        const Doubles least = {3}, most = {30};
        const Bounds bounds = bounds_of(least, most, {factor});
        expect_near_each(ASK(bounded_of, z, least, most, List{factor}), exact_bounded(z, bounds),
                         2e-6);
        expect_near_each(ASK(bounded_gradient, z, least, most, List{factor}, dp),
                         exact_slope(z, bounds, dp), 5e-6);
    }
    const Doubles least = {1e-6, 100}, most = {1e6, 101};
    const Bounds bounds = bounds_of(least, most, {1, 1});
    const Tensor z = random_filled({3, 2}, -2, 2);
    expect_near_each(ASK(bounded_of, z, least, most, List{1, 1}), exact_bounded(z, bounds), 1e-5);
}

CHECK("25.3", "whatever z is, the parameter does not leave its bounds, and nothing is NaN") {
    for (float z : {-1000.0f, -90.0f, -20.0f, 20.0f, 90.0f, 1000.0f}) {
        const Tensor at = row({z, z, z});
        const Tensor found = ASK(bounded_of, at, least3, most3, factors3);
        expect_near_each(found, exact_bounded(at, bounds_of(least3, most3, factors3)), 2e-6);
        for (int k = 0; k < 3; ++k)
            expect(found.data.at(k) >= least3[k] && found.data.at(k) <= most3[k],
                   "it has left its bounds");
        const Tensor flat =
            ASK_UNRECORDED(bounded_gradient, at, least3, most3, factors3, row({1, 1, 1}));
        for (float slope : flat.data) expect(std::fabs(slope) < 1e-6, "the curve is flat there");
    }
}

CHECK("25.3", "at z = ±20 the slope is small and not 0, and still right") {
    for (float z : {-20.0f, -12.0f, 12.0f, 20.0f})
        for (int factor : {0, 1}) {
            const Tensor at = row({z}), one = row({1});
            const Tensor found = ASK(bounded_gradient, at, Doubles{1.5}, Doubles{60}, List{factor},
                                     one);
            expect_near_each(found, exact_slope(at, bounds_of({1.5}, {60}, {factor}), one), 1e-5);
        }
}

CHECK("25.3", "differences of your own parameters are their slopes") {
    const Tensor z = random_filled({1, 3}, -2, 2);
    for (int k = 0; k < 3; ++k) {
        Tensor more = z, less = z, one({1, 3});
        more.data[k] += 0.03125f;
        less.data[k] -= 0.03125f;
        one.data[k] = 1;
        const Tensor up = ASK(bounded_of, more, least3, most3, factors3);
        const Tensor down = ASK(bounded_of, less, least3, most3, factors3);
        const double slope = (double{up.data.at(k)} - down.data.at(k)) / 0.0625;
        const Tensor found = ASK(bounded_gradient, z, least3, most3, factors3, one);
        expect_near(found.data.at(k), slope, 1e-3 * std::max(1.0, std::fabs(slope)));
        expect_near(found.data.at((k + 1) % 3), 0, 0);
    }
}

Tensors bounded_with_constants(const Tensor& z, const Doubles& least, const Doubles& most,
                               const List& factors, const Tensor& dp, int wanted) {
    const Bounds bounds = bounds_of(least, most, factors);
    const auto inside = [&](const std::vector<Variable>& v) { return bounded(v[0], bounds); };
    Tensors all = with_constants<Variable>(inside, {z}, dp, wanted);
    const Variable at = parameter(z);
    for (const Tensor& one : read_twice(sum(bounded(at, bounds) * dp), Graph::kept, {at}))
        all.push_back(one);
    all.push_back(after_a_step<Variable>(inside, {dp}, {z}));
    return all;
}
CALLED(bounded_with_constants, "bounded");
PARTS(bounded_with_constants, "p", "the gradient of z", "the gradient after one reading",
      "the gradient after two", "p behind another z");

CHECK("25.3", "constants, a graph that is read twice, and what was there before") {
    const Tensor z = random_filled({3, 3}, -2, 2), dp = random_tensor({3, 3});
    for (int wanted : {0, 1}) {
        allow_roundings(64);
        const Tensors all =
            ASK(bounded_with_constants, z, least3, most3, factors3, dp, wanted);
        expect_doubled({all.at(2), all.at(3)});
        expect_near(all.at(4), all.at(0), 0);
    }
}

CHECK("25.3", "back: 35 of 70 days is z = 0, 17.5 is −log 3; a factor of 2 up to 4 is log 3") {
    const float z = static_cast<float>(std::log(3.0));
    const Tensor found = ASK(unbounded_of, matrix({{35, 1}, {17.5f, 2}, {52.5f, 0.5f}}),
                             Doubles{0, 0.25}, Doubles{70, 4}, List{0, 1});
    expect_near(found, matrix({{0, 0}, {-z, z}, {z, -z}}), 1e-5);
}

CHECK("25.3", "there and back is the same z, for any bounds and shapes") {
    for (const Shape& shape : {Shape{3}, Shape{4, 3}, Shape{2, 2, 3}, Shape{0, 3}}) {
        const Tensor z = random_filled(shape, -4, 4);
        const Tensor p = exact_bounded(z, bounds_of(least3, most3, factors3));
        allow_roundings(512);
        expect_near(ASK(unbounded_of, p, least3, most3, factors3), z, 1e-4);
    }
    for (int factor : {0, 1}) {
        const Tensor z = random_filled({5, 1}, -3, 3);
        const Tensor p = exact_bounded(z, bounds_of({2}, {50}, {factor}));
        allow_roundings(512);
        expect_near(ASK(unbounded_of, p, Doubles{2}, Doubles{50}, List{factor}), z, 1e-4);
    }
}

CHECK("25.3", "on a bound, and beyond it, the share is `edge` or 1 − `edge`, and z is ±9.2102") {
    const float z = static_cast<float>(std::log(9999.0));
    for (int factor : {0, 1}) {
        const Doubles least = {3}, most = {30};
        const List factors = {factor};
        allow_roundings(64);
        expect_near(ASK(unbounded_of, Tensor({3, 1}, {3, 2, -500}), least, most, factors),
                    Tensor({3, 1}, {-z, -z, -z}), 1e-3);
        allow_roundings(64);
        expect_near(ASK(unbounded_of, Tensor({3, 1}, {30, 31, 500}), least, most, factors),
                    Tensor({3, 1}, {z, z, z}), 1e-3);
        allow_roundings(64);
        expect_near(ASK(unbounded_of, Tensor({1, 1}, {0}), least, most, factors),
                    Tensor({1, 1}, {-z}), 1e-3);
    }
}

CHECK("25.3", "a share of twice `edge` is kept, and one of half of it is not") {
    const auto z_of = [](double share) {
        return static_cast<float>(std::log(share / (1 - share)));
    };
    allow_roundings(512);
    expect_near(ASK(unbounded_of, matrix({{0.2f}, {0.05f}, {999.8f}, {999.95f}}), Doubles{0},
                    Doubles{1000}, List{0}),
                matrix({{z_of(2e-4)}, {z_of(1e-4)}, {z_of(1 - 2e-4)}, {z_of(1 - 1e-4)}}), 1e-3);
}

CHECK("25.3", "what does not fit is refused, with what was got") {
    const Tensor z({2, 3});
    expect_mentions(ASK_REFUSAL(bounded_of, z, Doubles{0}, Doubles{1}, List{0}),
                    {"bounded", "[2, 3]"});
    expect_mentions(ASK_REFUSAL(bounded_of, z, Doubles{}, Doubles{}, List{}), {"bounded"});
    expect_mentions(ASK_REFUSAL(bounded_of, Tensor({2, 1}), Doubles{5}, Doubles{5}, List{0}),
                    {"bounded", "5"});
    expect_mentions(ASK_REFUSAL(bounded_of, Tensor({2, 1}), Doubles{0}, Doubles{5}, List{1}),
                    {"bounded", "0"});
    expect_mentions(ASK_REFUSAL(unbounded_of, z, Doubles{0}, Doubles{1}, List{0}),
                    {"unbounded", "[2, 3]"});
    expect_mentions(ASK_REFUSAL(unbounded_of, Tensor({2, 1}), Doubles{-2}, Doubles{5}, List{1}),
                    {"unbounded", "-2"});
}

// ## 25.4 A mean and a variance

double loss_of(const Tensor& out, const Tensor& wanted) {
    const Tensor loss = gaussian_loss(out, wanted).value();
    if (!loss.shape.empty())
        throw std::runtime_error("the loss has the shape " + to_string(loss.shape));
    return loss.data[0];
}
CALLED(loss_of, "gaussian_loss");

Tensor loss_gradient(const Tensor& out, const Tensor& wanted, double dy) {
    const Variable at = parameter(out);
    backward(gaussian_loss(at, wanted) * static_cast<float>(dy));
    return at.gradient();
}
CALLED(loss_gradient, "the gradient of gaussian_loss");

static const double log_turn = std::log(6.283185307179586);

static double exact_loss(const Tensor& out, const Tensor& wanted) {
    const int N = wanted.shape[0], P = wanted.shape[1];
    double total = 0;
    for (int i = 0; i < N * P; ++i) {
        const int at = i / P * 2 * P + i % P;
        const double s = out.data[at + P], off = double{wanted.data[i]} - out.data[at];
        total += 0.5 * (log_turn + s + off * off * std::exp(-s));
    }
    return N * P > 0 ? total / (N * P) : 0;
}

static Tensor exact_loss_gradient(const Tensor& out, const Tensor& wanted, double dy) {
    const int N = wanted.shape[0], P = wanted.shape[1];
    Tensor d(out.shape);
    for (int i = 0; i < N * P; ++i) {
        const int at = i / P * 2 * P + i % P;
        const double s = out.data[at + P], off = double{wanted.data[i]} - out.data[at];
        d.data[at] = static_cast<float>(-off * std::exp(-s) * dy / (N * P));
        d.data[at + P] = static_cast<float>(0.5 * (1 - off * off * std::exp(-s)) * dy / (N * P));
    }
    return d;
}

static void expect_loss(const Tensor& out, const Tensor& wanted, double dy = 1) {
    const double loss = exact_loss(out, wanted);
    allow_roundings(64);
    expect_near(ASK(loss_of, out, wanted), loss, 2e-6 * std::max(1.0, std::fabs(loss)));
    const Tensor gradient = exact_loss_gradient(out, wanted, dy);
    allow_roundings(64);
    expect_near(ASK(loss_gradient, out, wanted, dy), gradient,
                3e-6 * std::max(1e-3, largest_of(gradient)));
}

CHECK("25.4", "m = 1, σ² = 1, and 1 is wanted: ½ log 2π, 0.9189; and ½ more when 2 is wanted") {
    expect_near(ASK(loss_of, matrix({{1, 0}}), matrix({{1}})), 0.9189385, 1e-5);
    expect_near(ASK(loss_of, matrix({{1, 0}}), matrix({{2}})), 1.4189385, 1e-5);
    expect_near(ASK(loss_of, matrix({{1, 0}}), matrix({{-1}})), 2.9189385, 1e-5);
}

CHECK("25.4", "with σ² = 4 the loss is log 2 more, and being off by 2 costs ½") {
    const float s = static_cast<float>(std::log(4.0));
    expect_near(ASK(loss_of, matrix({{0, s}}), matrix({{0}})), 0.9189385 + std::log(2.0), 1e-5);
    expect_near(ASK(loss_of, matrix({{0, s}}), matrix({{2}})), 1.4189385 + std::log(2.0), 1e-5);
    expect_near(ASK(loss_of, matrix({{0, -s}}), matrix({{0.5f}})), 1.4189385 - std::log(2.0),
                1e-5);
}

CHECK("25.4", "a row has all its means first, and then all its s") {
    expect_loss(matrix({{1, -2, 0.5f, 3}}), matrix({{1.5f, 0}}));
    expect_loss(matrix({{0, 1, 2, -1, 0.25f, 1}, {1, 0, 2, 1, -0.5f, 0}}),
                matrix({{2, 1, 0}, {0, -1, 2}}));
}

CHECK("25.4", "any means, variances and truths, of any number of examples and parameters") {
    for (int N : {1, 2, 7})
        for (int P : {1, 2, 3, 5}) {
            const Tensor out = random_filled({N, 2 * P}, -2, 2);
            expect_loss(out, random_filled({N, P}, -2, 2));
        }
}

CHECK("25.4", "the mean over examples and parameters: twice the examples, half of each gradient") {
    const Tensor out = random_filled({300, 4}, -2, 2);
    expect_loss(out, random_filled({300, 2}, -2, 2));
}

CHECK("25.4", "what arrives at the loss goes into its gradients, if it is 1 or not") {
    const Tensor out = random_filled({2, 6}, -2, 2), wanted = random_filled({2, 3}, -2, 2);
    for (double dy : {1.0, -0.5, 3.0}) expect_loss(out, wanted, dy);
}

CHECK("25.4", "where σ² is the squared error, s has no slope: it is the best one") {
    const float s = static_cast<float>(2 * std::log(1.5));
    const Tensor found = ASK(loss_gradient, matrix({{0.5f, s}}), matrix({{2}}), 1.0);
    expect_near(found.data.at(1), 0, 1e-6);
    expect_near(found.data.at(0), -1.5 / 2.25, 1e-5);
}

CHECK("25.4", "a variance is above 0 whatever s is: very sure, and not sure at all") {
    expect_loss(matrix({{1, 30}}), matrix({{-4}}));
    expect_loss(matrix({{1, -12}}), matrix({{1.0078125f}}));
    for (float s : {-95.0f, 95.0f}) {
        const Tensor out = matrix({{1, s}}), wanted = matrix({{1}});
        expect_near(ASK(loss_of, out, wanted), exact_loss(out, wanted), 1e-4);
        expect_near(ASK(loss_gradient, out, wanted, 1.0), matrix({{0, 0.5f}}), 1e-6);
    }
}

CHECK("25.4", "differences of your own loss are its slopes") {
    const Tensor out = random_filled({1, 4}, -1, 1), wanted = random_filled({1, 2}, -2, 2);
    const Tensor found = ASK(loss_gradient, out, wanted, 1.0);
    for (int i = 0; i < 4; ++i) {
        Tensor more = out, less = out;
        more.data[i] += 0.0625f;
        less.data[i] -= 0.0625f;
        const double up = ASK(loss_of, more, wanted);
        const double down = ASK(loss_of, less, wanted);
        const double slope = (up - down) / 0.125;
        expect_near(found.data.at(i), slope, 0.01 * std::max(1.0, std::fabs(slope)));
    }
}

CHECK("25.4", "without examples the loss is 0, and so is its gradient") {
    expect_near(ASK(loss_of, Tensor({0, 6}), Tensor({0, 3})), 0, 0);
    expect(ASK(loss_gradient, Tensor({0, 4}), Tensor({0, 2}), 1.0).shape == Shape{0, 4},
           "the gradient has the shape of what came out");
}

Tensors loss_with_constants(const Tensor& out, const Tensor& wanted, int needs) {
    const auto loss = [&](const std::vector<Variable>& v) { return gaussian_loss(v[0], wanted); };
    Tensors all = with_constants<Variable>(loss, {out}, Tensor(), needs);
    const Variable at = parameter(out);
    for (const Tensor& one : read_twice(gaussian_loss(at, wanted), Graph::kept, {at}))
        all.push_back(one);
    all.push_back(after_a_step<Variable>(loss, {Tensor(out.shape)}, {out}));
    return all;
}
CALLED(loss_with_constants, "gaussian_loss");
PARTS(loss_with_constants, "the loss", "the gradient, of a loss times 0",
      "the gradient after one reading", "the gradient after two", "the loss behind another");

CHECK("25.4", "constants, a graph that is read twice, and what was there before") {
    const Tensor out = random_filled({3, 4}, -2, 2), wanted = random_filled({3, 2}, -2, 2);
    for (int needs : {0, 1}) {
        allow_roundings(64);
        const Tensors all = ASK(loss_with_constants, out, wanted, needs);
        expect_doubled({all.at(2), all.at(3)});
        expect_near(all.at(4), all.at(0), 0);
    }
}

CHECK("25.4", "what does not fit is refused, with what was got") {
    expect_mentions(ASK_REFUSAL(loss_of, Tensor({2, 3}), Tensor({2, 2})),
                    {"gaussian_loss", "[2, 3]", "[2, 2]"});
    expect_mentions(ASK_REFUSAL(loss_of, Tensor({2, 4}), Tensor({3, 2})),
                    {"gaussian_loss", "[2, 4]", "[3, 2]"});
}

// ## 25.5 Is it as sure as it says?

RESTS_ON("25.5", "25.3");

Tensor intervals_of(const Tensor& out, const Doubles& least, const Doubles& most,
                    const List& factors, double k) {
    return intervals(out, bounds_of(least, most, factors), k);
}
CALLED(intervals_of, "intervals");

static Tensor exact_intervals(const Tensor& out, const Bounds& bounds, double k) {
    const int N = out.shape[0], P = size_of(bounds);
    Tensor ends({N, P, 2}), z({N, P});
    for (int side = 0; side < 2; ++side) {
        for (int i = 0; i < N * P; ++i) {
            const int at = i / P * 2 * P + i % P;
            const double wide = k * std::sqrt(std::exp(double{out.data[at + P]}));
            z.data[i] = static_cast<float>(side == 0 ? out.data[at] - wide : out.data[at] + wide);
        }
        const Tensor p = exact_bounded(z, bounds);
        for (int i = 0; i < N * P; ++i) ends.data[2 * i + side] = p.data[i];
    }
    return ends;
}

CHECK("25.5", "m = 0 and σ = log 3: from a quarter of the way to three quarters, lower end first") {
    const float s = static_cast<float>(2 * std::log(std::log(3.0)));
    const Tensor found = ASK(intervals_of, matrix({{0, 0, s, s}}), Doubles{0, 0.25}, Doubles{70, 4},
                             List{0, 1}, 1.0);
    expect_near(found, Tensor({1, 2, 2}, {17.5f, 52.5f, 0.5f, 2}), 1e-4);
}

CHECK("25.5", "k σ to both sides, for k of ½, 1, 2 and 3; for 0 both ends are the parameter") {
    const Tensor out = random_filled({2, 6}, -1.5, 1.5);
    const Bounds bounds = bounds_of(least3, most3, factors3);
    for (double k : {0.0, 0.5, 1.0, 2.0, 3.0}) {
        allow_roundings(64);
        expect_near_each(ASK(intervals_of, out, least3, most3, factors3, k),
                         exact_intervals(out, bounds, k), 5e-6);
    }
}

CHECK("25.5", "intervals of any outputs, of one parameter and of none of the examples") {
    for (int N : {1, 3, 8}) {
        const Tensor out = random_filled({N, 2}, -2, 2);
        allow_roundings(64);
        expect_near_each(ASK(intervals_of, out, Doubles{3}, Doubles{30}, List{1}, 1.0),
                         exact_intervals(out, bounds_of({3}, {30}, {1}), 1), 5e-6);
    }
    expect(ASK(intervals_of, Tensor({0, 6}), least3, most3, factors3, 1.0).shape == Shape{0, 3, 2},
           "there are no rows");
}

CHECK("25.5", "who knows nothing says all that the bounds allow, and no more") {
    const Tensor out = matrix({{0.5f, 12}});
    const Tensor found = ASK(intervals_of, out, Doubles{3}, Doubles{30}, List{0}, 1.0);
    expect_near(found, Tensor({1, 1, 2}, {3, 30}), 1e-4);
}

CHECK("25.5", "of four truths, one below its interval and one above it: a half") {
    const Tensor ends({4, 1, 2}, {1, 2, 1, 2, 1, 2, 1, 2});
    expect_near(ASK(coverage, ends, Tensor({4, 1}, {0.5f, 1.5f, 1.25f, 2.5f})), row({0.5f}), 1e-6);
}

CHECK("25.5", "a truth on either end is in the interval") {
    const Tensor ends({2, 2, 2}, {1, 2, 5, 6, 1, 2, 5, 6});
    expect_near(ASK(coverage, ends, matrix({{1, 6}, {0, 7}})), row({0.5f, 0.5f}), 1e-6);
    expect_near(ASK(coverage, ends, matrix({{2, 5}, {2, 9}})), row({1, 0.5f}), 1e-6);
}

CHECK("25.5", "the shares of any truths, each parameter by itself; without examples, 0") {
    for (int N : {1, 3, 40})
        for (int P : {1, 2, 4}) {
            Tensor ends({N, P, 2}), truth({N, P}), wanted({P});
            for (int i = 0; i < N * P; ++i) {
                ends.data[2 * i] = random_sixteenth(0, 2);
                ends.data[2 * i + 1] = ends.data[2 * i] + random_sixteenth(0, 3);
                truth.data[i] = random_sixteenth(0, 4);
                if (ends.data[2 * i] <= truth.data[i] && truth.data[i] <= ends.data[2 * i + 1])
                    wanted.data[i % P] += 1;
            }
            for (float& share : wanted.data) share /= static_cast<float>(N);
            expect_near(ASK(coverage, ends, truth), wanted, 1e-6);
        }
    expect_near(ASK(coverage, Tensor({0, 3, 2}), Tensor({0, 3})), Tensor({3}), 0);
}

CHECK("25.5", "what does not fit is refused, with what was got") {
    expect_mentions(ASK_REFUSAL(intervals_of, Tensor({2, 4}), least3, most3, factors3, 1.0),
                    {"intervals", "[2, 4]"});
    expect_mentions(ASK_REFUSAL(coverage, Tensor({2, 3, 2}), Tensor({2, 2})),
                    {"coverage", "[2, 3, 2]", "[2, 2]"});
    expect_mentions(ASK_REFUSAL(coverage, Tensor({2, 3, 3}), Tensor({2, 3})),
                    {"coverage", "[2, 3, 3]"});
}

// ## 25.6 What is left over

RESTS_ON("25.6", "13.2", "23.2");

static Tensor exact_explained(const Tensor& said, const Tensor& truth) {
    const int N = truth.shape[0], P = truth.shape[1];
    Tensor shares({P});
    for (int k = 0; k < P; ++k) {
        double mean = 0, left = 0, all = 0;
        for (int n = 0; n < N; ++n) mean += truth.data[n * P + k];
        for (int n = 0; n < N; ++n) {
            const double w = truth.data[n * P + k], p = said.data[n * P + k];
            left += (p - w) * (p - w);
            all += (w - mean / N) * (w - mean / N);
        }
        if (all > 0) shares.data[k] = static_cast<float>(1 - left / all);
    }
    return shares;
}

CHECK("25.6", "truths 1, 2 and 3, of which the last was said to be 4: a half is explained") {
    expect_near(ASK(explained, Tensor({3, 1}, {1, 2, 4}), Tensor({3, 1}, {1, 2, 3})), row({0.5f}),
                1e-6);
}

CHECK("25.6", "all right is 1, the mean is 0, and who does worse is below 0") {
    const Tensor truth = matrix({{1, 10}, {2, 40}, {6, 10}});
    expect_near(ASK(explained, truth, truth), row({1, 1}), 1e-6);
    expect_near(ASK(explained, matrix({{3, 10}, {3, 40}, {3, 10}}), truth), row({0, 1}), 1e-6);
    expect_near(ASK(explained, matrix({{1, 20}, {2, 20}, {6, 20}}), truth), row({1, 0}), 1e-6);
    expect_near(ASK(explained, matrix({{6, 40}, {2, 10}, {1, 10}}), truth), row({-2.5714286f, -2}),
                1e-5);
}

CHECK("25.6", "of any truths, each parameter by itself") {
    for (int N : {2, 3, 30})
        for (int P : {1, 2, 3}) {
            const Tensor truth = random_filled({N, P}, 0, 9);
            const Tensor said = random_filled({N, P}, 0, 9);
            allow_roundings(64);
            const Tensor wanted = exact_explained(said, truth);
            const double slack = 3e-6 * std::max(1.0, largest_of(wanted));
            expect_near(ASK(explained, said, truth), wanted, slack);
        }
}

CHECK("25.6", "days of a calendar, 59000 and more, are not rounded away") {
    Tensor said({20, 1}), truth({20, 1});
    for (int n = 0; n < 20; ++n) {
        truth.data[n] = 59000 + random_sixteenth(0, 2);
        said.data[n] = truth.data[n] + random_sixteenth(-0.25, 0.25);
    }
    allow_roundings(64);
    expect_near(ASK(explained, said, truth), exact_explained(said, truth), 1e-5);
}

CHECK("25.6", "0 where the truth does not vary, for one example, and for none") {
    expect_near(ASK(explained, matrix({{1, 1}, {2, 2}, {3, 3}, {3, 4}}),
                    matrix({{2, 1}, {2, 2}, {2, 3}, {2, 4}})),
                row({0, 1}), 1e-6);
    expect_near(ASK(explained, matrix({{1, 2}}), matrix({{1, 3}})), row({0, 0}), 0);
    expect_near(ASK(explained, Tensor({0, 2}), Tensor({0, 2})), row({0, 0}), 0);
}

Doubles residuals_of(const Times& times, const Flux& flux, const Doubles& errors, double height,
                     double start, double decay) {
    Curve curve;
    curve.times = times;
    curve.flux = flux;
    curve.errors = errors;
    return residuals(curve, {height, start, decay});
}
CALLED(residuals_of, "residuals");
PARTS(residuals_of, "residual #0");

static void expect_residuals(const Times& times, const Flux& flux, const Doubles& errors,
                             double height, double start, double decay) {
    const Doubles found = ASK_UNRECORDED(residuals_of, times, flux, errors, height, start, decay);
    expect(found.size() == times.size(), "there must be a residual for each point");
    for (std::size_t i = 0; i < times.size(); ++i) {
        if (std::isnan(flux[i])) {
            expect(std::isnan(found[i]), "a point that is missing has no residual");
            continue;
        }
        const double since = times[i] - times[0] - start;
        const double F = since < 0 ? 0 : height * std::exp(-since / decay);
        const double r = (flux[i] - F) / errors[i];
        expect_near(found[i], r, 1e-6 * std::max(1.0, std::fabs(r)));
    }
}

CHECK("25.6", "the points of 25.1, and one on day 0: 0, 1, −1 and 2.293 errors above the flare") {
    const Doubles found =
        ASK(residuals_of, Times{0, 8, 10, 20}, Flux{0, 0.1, 1.9, 0.5},
            Doubles{0.1, 0.1, 0.1, 0.1}, 2.0, 10.0, 5.0);
    expect(found.size() == 4, "there must be a residual for each point");
    for (int i = 0; i < 4; ++i)
        expect_near(found[i], Doubles{0, 1, -1, 5 - 20 * std::exp(-2.0)}[i], 1e-5);
}

CHECK("25.6", "each point in units of its own error") {
    expect_residuals({0, 4, 9, 30}, {0.1, -0.2, 1.5, 0.5}, {0.1, 0.4, 0.5, 0.02}, 1.5, 5, 12);
}

CHECK("25.6", "the start is counted from the first time, whatever the calendar") {
    const Flux flux = {0.1, 0.9, 0.7, 0.1};
    const Doubles errors = {0.1, 0.2, 0.1, 0.05};
    expect_residuals({59000.25, 59004, 59009, 59030}, flux, errors, 1.5, 3.75, 12);
    expect_residuals({-20, -16.25, -11.25, 9.75}, flux, errors, 1.5, 3.75, 12);
}

CHECK("25.6", "a missing point has a NaN; the first time counts if it is missing or not") {
    expect_residuals({100, 104, 109, 130}, {NAN, 0.9, NAN, 0.1}, {0.1, 0.2, 0.1, 0.05}, 1.5, 3, 12);
    expect_residuals({100}, {NAN}, {0.1}, 1.5, 3, 12);
}

CHECK("25.6", "residuals of any curves, of one point, and of none") {
    for (int T : {1, 2, 9}) {
        Times times;
        Flux flux;
        Doubles errors;
        for (int i = 0; i < T; ++i) {
            times.push_back(59000 + 5 * i + random_between(0, 4));
            flux.push_back(random_between(-1, 3));
            errors.push_back(random_between(0.02, 0.5));
        }
        const double height = random_between(0.5, 2), start = random_between(0, 20);
        expect_residuals(times, flux, errors, height, start, random_between(3, 30));
    }
    expect_residuals({}, {}, {}, 1, 2, 3);
}

CHECK("25.6", "some seconds of day 59000 are not rounded away") {
    expect_residuals({59000, 59000.0001, 59000.0002, 59000.001}, {0, 3, 1, 0.5},
                     {0.001, 0.001, 0.001, 0.001}, 3, 0.0001, 0.0003);
}

CHECK("25.6", "residuals 1, −1 and 2: χ² is 6, or 2 a degree; with one parameter fitted, 3") {
    expect_near(ASK(reduced_chi_square, Doubles{1, -1, 2}, 0), 2, 1e-6);
    expect_near(ASK(reduced_chi_square, Doubles{1, -1, 2}, 1), 3, 1e-6);
    expect_near(ASK(reduced_chi_square, Doubles{1, -1, 2}, 2), 6, 1e-6);
}

CHECK("25.6", "points that are missing are no degrees of freedom") {
    expect_near(ASK(reduced_chi_square, Doubles{NAN, 1, -1, NAN, 2}, 1), 3, 1e-6);
}

CHECK("25.6", "of any residuals, large ones too") {
    for (int N : {4, 10, 60}) {
        Doubles r;
        double total = 0;
        for (int i = 0; i < N; ++i) {
            r.push_back(random_between(-3, 3) * (i == 2 ? 1000 : 1));
            total += r.back() * r.back();
        }
        for (int fitted : {0, 3})
            expect_near(ASK(reduced_chi_square, r, fitted), total / (N - fitted),
                        1e-6 * total / (N - fitted));
    }
}

CHECK("25.6", "what does not fit is refused, with what was got") {
    expect_mentions(ASK_REFUSAL(explained, Tensor({2, 3}), Tensor({2, 2})),
                    {"explained", "[2, 3]", "[2, 2]"});
    expect_mentions(ASK_REFUSAL(residuals_of, Times{1, 2}, Flux{1}, Doubles{1, 1}, 1.0, 0.0, 1.0),
                    {"residuals", "2", "1"});
    expect_mentions(ASK_REFUSAL(residuals_of, Times{1}, Flux{1}, Doubles{1}, 1.0, 0.0, -4.0),
                    {"flare", "-4"});
    expect_mentions(ASK_REFUSAL(reduced_chi_square, Doubles{1, 2, 3}, 3), {"reduced_chi_square"});
    expect_mentions(ASK_REFUSAL(reduced_chi_square, Doubles{1, NAN, NAN, 3}, 3),
                    {"reduced_chi_square"});
    expect_mentions(ASK_REFUSAL(reduced_chi_square, Doubles{}, 0), {"reduced_chi_square"});
    expect_mentions(ASK_REFUSAL(reduced_chi_square, Doubles{NAN, NAN}, 0), {"reduced_chi_square"});
}

}  // namespace checks_25
