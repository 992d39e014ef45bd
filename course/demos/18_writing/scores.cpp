// How good is it? Bits per token of what is held out, beside n-grams.

#include "demos/18_writing/writing.hpp"

#include "02_fast_matmul.hpp"
#include "kit/figure.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>

namespace writing {

double Score::bits() const { return bits_per_character(nats, tokens); }

// Each sequence by itself, and whole: `nats_of` with a window that is never full.
Score score_of(const LanguageModel& model, const Sequences& sequences) {
    std::vector<double> nats(sequences.size());
    parallel_for(size_of(sequences), [&](int i) {
        const int n = size_of(sequences[i]);
        nats[i] = nats_of(model, sequences[i], 1, n, n);
    });
    Score score{std::accumulate(nats.begin(), nats.end(), 0.0), 0};
    for (const Sequence& sequence : sequences) score.tokens += size_of(sequence) - 1;
    return score;
}

LanguageModel model_of(const Gpt& net) {
    return [&net](const Sequence& tokens) {
        const NoTape no_tape;
        const Tensor z = net({tokens}).value();
        return reshape(z, {size_of(tokens), net.settings.vocabulary});
    };
}

static figure::Series curve(const Curves& curves, const std::string& what,
                            double training::Outcome::Point::*y) {
    figure::Series series{curves.name + what, {}};
    for (const training::Outcome::Point& point : curves.run.curve) {
        if (std::isnan(point.*y)) continue;
        series.x.push_back(point.step);
        series.y.push_back(bits_per_character(point.*y, curves.characters));
    }
    return series;
}

void draw_bits(const std::string& picture, const std::vector<Curves>& runs,
               const std::vector<Level>& levels) {
    std::vector<figure::Series> lines;
    double last = 1;
    for (const Curves& each : runs) {
        lines.push_back(curve(each, ", training", &training::Outcome::Point::training));
        lines.push_back(curve(each, ", held out", &training::Outcome::Point::held_out));
        last = std::max(last, each.run.curve.back().step);
    }
    for (const Level& level : levels)
        lines.push_back({level.name + ", held out", {level.bits, level.bits}, {0, last}});
    const std::string svg = figure::lines(
        {"Bits per character, in training and held out", "step", "bits"}, lines);
    std::printf("\npicture: %s\n", figure::save(picture, svg).c_str());
}

void compare_with_ngrams(const Gpt& net, const training::Outcome& run,
                         const Dataset<Sequences>& sequences, const std::string& picture) {
    const int V = net.settings.vocabulary;
    std::vector<Level> levels;
    std::printf("\nBits per character, the end of a name being one:\n\n  %-12s %10s %10s\n", "",
                "training", "held out");
    const auto row = [&](const std::string& name, const LanguageModel& model) {
        const double known = score_of(model, sequences.training).bits();
        levels.push_back({name, score_of(model, sequences.held_out).bits()});
        std::printf("  %-12s %10.3f %10.3f\n", name.c_str(), known, levels.back().bits);
    };
    for (int n = 0; n <= 5; ++n)
        row(n == 0 ? "uniform" : std::to_string(n) + "-gram", NGrams(n, V, sequences.training));
    row("GPT", model_of(net));
    levels.pop_back();
    draw_bits(picture, {{"GPT", run}}, {levels.begin() + 2, levels.end()});
}

}  // namespace writing
