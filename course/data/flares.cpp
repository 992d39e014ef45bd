#include "data/flares.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>

namespace flares {

static double drawn(const Span& span, Random& random) {
    const double share = random.uniform();
    if (span.by_factors) return span.least * std::pow(span.largest / span.least, share);
    return span.least + (span.largest - span.least) * share;
}

Measured draw(const std::vector<int>& numbers, const Sky& sky) {
    Measured all;
    for (const int number : numbers) {
        Random random(static_cast<std::uint64_t>(number));
        const double height = drawn(sky.height, random), start = drawn(sky.start, random);
        const double decay = drawn(sky.decay, random);
        std::vector<double> days = {0};
        for (int i = 1; i < sky.points; ++i) days.push_back(sky.days * random.uniform());
        std::sort(days.begin(), days.end());
        light_curves::Curve curve;
        for (const double day : days) {
            const double error = drawn(sky.error, random), since = day - start;
            const double light = since < 0 ? 0 : height * std::exp(-since / decay);
            const double noise = error * random.normal();
            const bool lost = random.uniform() < sky.missing;
            curve.times.push_back(59000 + day);
            curve.flux.push_back(lost ? NAN : light + noise);
            curve.errors.push_back(error);
        }
        all.curves.push_back(curve);
        all.truth.push_back({height, start, decay});
    }
    return all;
}

std::vector<int> numbers(int count, bool held_out, Random& random) {
    std::vector<int> all;
    while (static_cast<int>(all.size()) < count) {
        const int number = random.below(1 << 30);
        if (is_held_out(std::to_string(number), 4) == held_out) all.push_back(number);
    }
    return all;
}

}  // namespace flares
