// How the cost of a training step grows with length, width, layers and batch. Where time is
// proportional to size^e, doubling the size takes 2^e times as long, and on logarithmic axes the
// curve is a line that rises by e. What does not grow, such as the parameters when the length does,
// makes the line flatter at its beginning; so does what is no multiplication.

#include "bench/parts.hpp"
#include "bench/workloads.hpp"
#include "kit/figure.hpp"

#include <cmath>
#include <cstdio>

namespace {

struct Growth {
    const char* what;
    int StepSettings::*size;
    std::vector<int> sizes;
    int bound;  // attention compares all with all, and a matrix has width² numbers
    figure::Values seconds = {}, mebibytes = {}, multiplications = {};
};

}  // namespace

static const char* const grown = "gpt";

// Of a forward pass: in the layers' matrices, of scores and means, and of the last product. The way
// back takes twice as many.
static double multiplications(const Sizes& sizes) {
    const StackSettings& stack = sizes.stack;
    const double D = stack.d_model, L = stack.num_layers, T = sizes.length;
    const double layer = 4 * D * D + 2 * D * stack.d_ff + 2 * T * D;  // for a token
    return sizes.batch * T * (L * layer + D * sizes.vocabulary);
}

// The slope of the straight line that comes nearest to log y over log x, in least squares.
static double exponent(const std::vector<int>& x, const figure::Values& y) {
    double n = 0, sum_x = 0, sum_y = 0, sum_xx = 0, sum_xy = 0;
    for (std::size_t run = 0; run < x.size(); ++run) {
        const double u = std::log(x[run]), v = std::log(y[run]);
        n += 1, sum_x += u, sum_y += v, sum_xx += u * u, sum_xy += u * v;
    }
    return (n * sum_xy - sum_x * sum_y) / (n * sum_xx - sum_x * sum_x);
}

static void measure(const std::string& program, Growth& growth) {
    for (const int size : growth.sizes) {
        StepSettings settings;
        settings.model = grown;
        settings.threads = 1;
        settings.seconds = bench_quickly() ? 0.01 : 0.5;
        settings.*growth.size = size;
        const StepTimes times = step_in_own_process(program, settings);
        growth.multiplications.push_back(multiplications(sizes_of(settings)));
        growth.seconds.push_back(times.fastest / 1e3);
        growth.mebibytes.push_back(times.mebibytes);
    }
}

static void print(const Growth& growth) {
    std::printf("\n  %-9s", growth.what);
    for (const int size : growth.sizes) std::printf(" %8d", size);
    std::printf("\n  ms       ");
    for (const double seconds : growth.seconds) std::printf(" %8.2f", 1e3 * seconds);
    std::printf("\n  MiB      ");
    for (const double mebibytes : growth.mebibytes) std::printf(" %8.1f", mebibytes);
    std::printf(
        "\n  exponents by %s: of multiplications %.2f, of time %.2f, of memory %.2f; at most %d\n",
        growth.what, exponent(growth.sizes, growth.multiplications),
        exponent(growth.sizes, growth.seconds), exponent(growth.sizes, growth.mebibytes),
        growth.bound);
    std::fflush(stdout);
}

// Everything as times what it was at the smallest size, so that all curves begin in one corner.
static figure::Series curve(const std::string& name, const Growth& growth,
                            const figure::Values& y) {
    figure::Series series = {name, {}};
    for (std::size_t i = 0; i < y.size(); ++i) {
        series.x.push_back(1.0 * growth.sizes[i] / growth.sizes[0]);
        series.y.push_back(y[i] / y[0]);
    }
    return series;
}

static std::string picture(const std::vector<Growth>& growths) {
    std::vector<figure::Series> curves;
    std::string start;
    for (const Growth& growth : growths) {
        curves.push_back(curve(std::string("time, by ") + growth.what, growth, growth.seconds));
        start += (start.empty() ? "" : ", ") + formatted("%s %d", growth.what, growth.sizes[0]);
    }
    curves.push_back(curve("memory, by length", growths[0], growths[0].mebibytes));
    return figure::lines({"A training step as the work grows", "times the smallest: " + start,
                          "times what the smallest costs"},
                         curves, figure::Scale::log_log);
}

static std::string listing(const figure::Values& values) {
    std::string text;
    for (const double value : values) text += formatted("%s%.3f", text.empty() ? "" : ", ", value);
    return "[" + text + "]";
}

static std::string json_of(const Growth& growth) {
    const figure::Values sizes = figure::values(growth.sizes);
    return formatted(
               "\n  {\"by\": \"%s\", \"expected\": %.3f, \"exponent\": %.3f, "
               "\"memory_exponent\": %.3f, \"at_most\": %d, ",
               growth.what, exponent(growth.sizes, growth.multiplications),
               exponent(growth.sizes, growth.seconds), exponent(growth.sizes, growth.mebibytes),
               growth.bound) +
           "\"sizes\": " + listing(sizes) + ", \"seconds\": " + listing(growth.seconds) +
           ", \"mib\": " + listing(growth.mebibytes) + "}";
}

std::string growth_part(const std::string& program) {
    std::vector<Growth> growths = {
        {"length", &StepSettings::length, {16, 32, 64, 128, 256, 512}, 2},
        {"width", &StepSettings::width, {32, 64, 128, 256, 512}, 2},
        {"layers", &StepSettings::layers, {1, 2, 4, 8, 16}, 1},
        {"batch", &StepSettings::batch, {4, 8, 16, 32, 64}, 1}};
    std::printf("\nHow the cost of a step of %s grows, on one thread, in its fastest steps\n",
                grown);
    std::string json;
    for (Growth& growth : growths) {
        if (bench_quickly()) growth.sizes.resize(2);
        measure(program, growth);
        print(growth);
        json += (json.empty() ? "" : ",") + json_of(growth);
    }
    std::printf("\npicture: %s\n", figure::save("bench_growth", picture(growths)).c_str());
    return "\"growth\": [" + json + "]";
}

void bench_growth(const std::string& program) { growth_part(program); }
