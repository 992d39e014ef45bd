// What the network says, and whether it knows how sure it may be.

#include "demos/23_shining/shining.hpp"
#include "kit/figure.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <functional>
#include <utility>

namespace shining {

static const int C = 4;

Tensor logits_of(const CurveNet& net, const Curves& curves) {
    const NoTape no_tape;
    const int N = size_of(curves), outputs = net.settings.outputs;
    Tensor all({N, outputs});
    for (int first = 0; first < N; first += 100) {
        const Curves part(curves.begin() + first, curves.begin() + std::min(first + 100, N));
        const Tensor z = net(batch_of(part, net.settings.clock)).value();
        std::copy(z.data.begin(), z.data.end(), all.data.begin() + first * outputs);
    }
    return all;
}

static std::vector<int> kinds_of(const Curves& curves) {
    std::vector<int> kinds;
    for (const Curve& curve : curves) kinds.push_back(curve.kind);
    return kinds;
}

// ## Whether the walks are right

void print_walks() {
    const Times times = {59000, 59000.5, 59003, 59013, 59043, 59143};
    const Walk walk{0.5, 20};
    const int T = size_of(times), N = 20000;
    Tensor square({T}), product({T});
    Random random(23);
    for (int n = 0; n < N; ++n) {
        const Flux x = random_walk(times, walk, random);
        for (int i = 0; i < T; ++i) square.data[i] += static_cast<float>(x[i] * x[i] / N);
        for (int i = 1; i < T; ++i) product.data[i] += static_cast<float>(x[i] * x[i - 1] / N);
    }
    std::printf("%d walks of σ = 0.5 and τ = 20 days, and what Euler's step makes\n\n", N);
    std::printf("  %6s %12s %8s %12s %8s %8s\n", "gap", "variance", "Euler's", "correlation",
                "exact", "Euler's");
    double euler = 0.25;
    std::printf("  %6s %12.3f %8.3f\n", "-", square.data[0], euler);
    for (int i = 1; i < T; ++i) {
        const double gap = times[i] - times[i - 1], a = 1 - gap / walk.tau;
        euler = a * a * euler + 2 * 0.25 * gap / walk.tau;
        std::printf("  %6.1f %12.3f %8.3f %12.3f %8.3f %8.3f\n", gap, square.data[i], euler,
                    product.data[i] / 0.25, std::exp(-gap / walk.tau), a);
    }
    std::printf("\n");
}

// ## Pictures of curves

static figure::Series dots_of(const Curve& curve, const std::string& name, double raised) {
    figure::Series series{name, {}, {}, true};
    const int T = size_of(curve.times);
    for (int i = 0; i < T; ++i) {
        series.x.push_back(curve.times[i] - curve.times[0]);
        series.y.push_back(curve.flux[i] + raised);  // NaN leaves a gap
    }
    return series;
}

void draw_kinds(const Curves& curves) {
    std::vector<figure::Series> one;
    for (int kind = 0; kind < C; ++kind) {
        std::vector<figure::Series> three;
        for (const Curve& curve : curves) {
            if (curve.kind != kind || size_of(three) == 3) continue;
            three.push_back(dots_of(curve, "curve " + std::to_string(1 + three.size()),
                                    -2.0 * static_cast<double>(three.size())));
        }
        if (three.empty()) continue;
        one.push_back(three[0]);
        one.back().name = curve_kinds[kind];
        for (double& y : one.back().y) y -= 2 * kind;
        const std::string svg = figure::lines(
            {std::string("Three curves: ") + curve_kinds[kind], "days", "flux, each moved down"},
            three);
        std::printf("picture: %s\n",
                    figure::save("23_kind_" + std::to_string(kind), svg).c_str());
    }
    const std::string svg =
        figure::lines({"One curve of each kind", "days", "flux, each moved down by 2"}, one);
    std::printf("picture: %s\n\n", figure::save("23_kinds", svg).c_str());
}

// ## A baseline: four numbers of a curve, and the five training curves nearest to them

namespace {

// How lopsided its fluxes are, how far the highest and the lowest lie out, and how much neighbours
// differ.
using Numbers = std::array<double, 4>;

}  // namespace

static Numbers numbers_of(const Curve& curve) {
    const Tensor f = flux_features(curve);
    double last = NAN, cubes = 0, steps = 0, high = 0, low = 0, count = 0;
    for (int i = 0; i < f.rows(); ++i) {
        if (!curve.seen(i)) continue;
        const double x = f(i, 0);
        ++count;
        cubes += x * x * x;
        high = std::max(high, x);
        low = std::min(low, x);
        if (last == last) steps += (x - last) * (x - last);
        last = x;
    }
    count = std::max(count, 1.0);
    return {cubes / count, high, low, 2 * steps / count};
}

static double share_of_neighbours(const Dataset<Curves>& data) {
    std::vector<Numbers> known;
    for (const Curve& curve : data.training) known.push_back(numbers_of(curve));
    double right = 0;
    for (const Curve& curve : data.held_out) {
        const Numbers at = numbers_of(curve);
        std::vector<std::pair<double, int>> near;
        for (int i = 0; i < size_of(known); ++i) {
            double distance = 0;
            for (int k = 0; k < 4; ++k) distance += std::pow(known[i][k] - at[k], 2);
            near.emplace_back(distance, data.training[i].kind);
        }
        std::partial_sort(near.begin(), near.begin() + 5, near.end());
        std::array<int, C> votes{};
        for (int i = 0; i < 5; ++i) ++votes[near[i].second];
        right += std::max_element(votes.begin(), votes.end()) - votes.begin() == curve.kind;
    }
    return right / size_of(data.held_out);
}

// ## What it says

static void print_confusion(const Tensor& counts) {
    const Tensor shares = recalls(counts);
    std::printf("  %-12s %12s %9s %6s %11s %9s\n", "is \\ said", curve_kinds[0], curve_kinds[1],
                curve_kinds[2], curve_kinds[3], "recall");
    for (int i = 0; i < C; ++i)
        std::printf("  %-12s %12.0f %9.0f %6.0f %11.0f %7.1f %%\n", curve_kinds[i], counts(i, 0),
                    counts(i, 1), counts(i, 2), counts(i, 3), 100 * shares.data[i]);
    const auto [a, b] = most_confused(counts);
    std::printf("\nConfused most: %s and %s, %.0f times\n", curve_kinds[a], curve_kinds[b],
                counts(a, b) + counts(b, a));
}

static void draw_confused(const Curves& curves, const std::vector<int>& said, int a, int b) {
    std::vector<figure::Series> wrong;
    for (const auto& [is, taken] : {std::pair(a, b), std::pair(b, a)})
        for (int i = 0; i < size_of(curves); ++i) {
            if (curves[i].kind != is || said[i] != taken) continue;
            wrong.push_back(dots_of(curves[i], std::string("is a ") + curve_kinds[is],
                                    -2.0 * static_cast<double>(wrong.size())));
            break;
        }
    if (wrong.empty()) return;
    const std::string svg = figure::lines(
        {"Taken for each other", "days", "flux, the second moved down by 2"}, wrong);
    std::printf("picture: %s\n", figure::save("23_confused", svg).c_str());
}

static void draw_calibration(const Tensor& table) {
    figure::Series found{"the network", {}}, wanted{"as it should be", {0.25, 1}, {0.25, 1}};
    for (int b = 0; b < table.rows(); ++b) {
        if (table(b, 0) < 5) continue;
        found.x.push_back(table(b, 1));
        found.y.push_back(table(b, 2));
    }
    if (found.x.empty()) return;
    const std::string svg = figure::lines(
        {"Does it know how sure it may be?", "confidence", "share that is right"}, {found, wanted});
    std::printf("picture: %s\n\n", figure::save("23_calibration", svg).c_str());
}

void show_answers(const CurveNet& net, const Dataset<Curves>& data) {
    const Tensor z = logits_of(net, data.held_out);
    const std::vector<int> kinds = kinds_of(data.held_out), said = argmax(z);
    std::printf("Right of %d held-out curves: %.1f %%; by chance 25 %%,\n", size_of(kinds),
                100 * accuracy(z, kinds));
    std::printf("by the nearest five of four numbers of a curve %.1f %%\n\n",
                100 * share_of_neighbours(data));
    const Tensor counts = confusion(kinds, said, C), table = calibration(z, kinds, 10);
    print_confusion(counts);
    std::printf("\n  confidence   answers   right\n");
    for (int b = 0; b < table.rows(); ++b)
        if (table(b, 0) > 0)
            std::printf("  %7.1f %% %10.0f %5.1f %%\n", 100 * table(b, 1), table(b, 0),
                        100 * table(b, 2));
    std::printf("\nCalibration error: %.3f\n\n", calibration_error(table));
    const auto [a, b] = most_confused(counts);
    draw_confused(data.held_out, said, a, b);
    draw_calibration(table);
}

// ## What is damaged

static void print_damage(const char* name, const CurveNet& net, const Curves& curves) {
    const Tensor z = logits_of(net, curves), p = softmax(z);
    const std::vector<int> said = argmax(z), kinds = kinds_of(curves);
    double sure = 0;
    for (int i = 0; i < size_of(said); ++i) sure += p(i, said[i]) / size_of(said);
    const Tensor shares = recalls(confusion(kinds, said, C));
    std::printf("  %-32s %6.1f %6.1f  ", name, 100 * accuracy(z, kinds), 100 * sure);
    for (float share : shares.data) std::printf(" %5.0f", 100 * share);
    std::printf("\n");
}

// The same curves, each changed by `change`, which may draw random numbers.
using Change = std::function<void(Curve& curve, Random& random)>;
static Curves changed(Curves curves, const Change& change) {
    Random random(230);
    for (Curve& curve : curves) change(curve, random);
    return curves;
}

static void cut(Curve& curve, int T) {
    for (light_curves::Numbers* all : {&curve.times, &curve.flux, &curve.errors}) all->resize(T);
}

void show_damage(const CurveNet& net, const Curves& held_out) {
    std::printf("  %-32s %6s %6s   %s\n", "held-out curves", "right", "sure",
                "recall of the kinds 0 to 3");
    print_damage("as they are", net, held_out);
    print_damage("half of the points missing", net, changed(held_out, [](Curve& c, Random& r) {
                     for (double& f : c.flux)
                         if (r.uniform() < 0.5) f = NAN;
                 }));
    print_damage("the first half alone", net, changed(held_out, [](Curve& c, Random&) {
                     cut(c, size_of(c.times) / 2);
                 }));
    print_damage("the season in the middle missing", net, changed(held_out, [](Curve& c, Random&) {
                     for (int i = 0; i < size_of(c.times); ++i)
                         if (c.times[i] > 59070 && c.times[i] < 59150) c.flux[i] = NAN;
                 }));
    print_damage("one point 30 errors off", net, changed(held_out, [](Curve& c, Random& r) {
                     const int i = r.below(size_of(c.times));
                     c.flux[i] += (r.uniform() < 0.5 ? -30 : 30) * c.errors[i];
                 }));
    print_damage("errors told five times too large", net, changed(held_out, [](Curve& c, Random&) {
                     for (double& e : c.errors) e *= 5;
                 }));
    std::printf("\n");
}

// ## The reader's own

void show_own(const CurveNet& net, const std::string& path) {
    const Curves curves = light_curves::read(path);
    const Tensor p = softmax(logits_of(net, curves));
    std::printf("Your curves, in percent:\n\n  %-24s", "");
    for (const char* kind : curve_kinds) std::printf(" %11s", kind);
    std::printf("\n");
    for (int i = 0; i < size_of(curves); ++i) {
        std::printf("  %-24.24s", curves[i].name.c_str());
        for (int kind = 0; kind < C; ++kind) std::printf(" %11.1f", 100 * p(i, kind));
        std::printf("\n");
    }
    std::printf("\nThe network knows four kinds and nothing else; it has to say one of them.\n");
}

}  // namespace shining
