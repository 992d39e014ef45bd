// Random patterns, more and more of them.
#include "demos/08_remembering/patterns.hpp"
#include "demos/08_remembering/remembering.hpp"
#include "kit/figure.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>

namespace remembering {

static const int N = 200;   // neurons
static const int few = 60;  // patterns; of more, Hebb's weights hold none, and some are asked for

static Tensor random_patterns(int M, Random& random) {
    Tensor patterns({M, N});
    for (float& number : patterns.data) number = random.below(2) == 0 ? -1 : 1;
    return patterns;
}

// A cue for each of the first patterns: the pattern, with a tenth of its neurons turned over.
static Tensor cues_of(const Tensor& patterns, int cues, Random& random) {
    Tensor all({cues, N});
    for (int m = 0; m < cues; ++m) {
        const Tensor cue = with_flips(row_of(patterns, m), N / 10, random);
        std::copy(cue.data.begin(), cue.data.end(), all.row(m));
    }
    return all;
}

// The share of the cues from which a pattern comes back, with at most one mistake in forty neurons.
static double share_of(const Tensor& found, const Tensor& patterns) {
    int right = 0;
    for (int m = 0; m < found.rows(); ++m) {
        int same = 0;
        for (int i = 0; i < N; ++i) same += (found.row(m)[i] > 0) == (patterns.row(m)[i] > 0);
        right += 40 * same >= 39 * N;
    }
    return 1.0 * right / found.rows();
}

// What comes back, as shares, and how many neurons are stable at first; NaN if not tried.
struct Tried {
    double old = 0, stable = 0, modern = 0;
};

// The mean of several networks with M patterns, so that each row rests on about as many cues.
static Tried tried(int M) {
    Random random(1982);
    Tried mean;
    const bool all = M <= few;
    const int networks = all ? std::max(1, 80 / M) : 1;
    for (int network = 0; network < networks; ++network) {
        const Tensor patterns = random_patterns(M, random);
        const Tensor cues = cues_of(patterns, all ? M : 20, random);
        const Tensor W = all ? hebbian_weights(patterns) : Tensor();
        mean.old += all ? share_of(all_settled(W, cues), patterns) / networks : NAN;
        mean.stable += all ? stable_share(W, patterns) / networks : NAN;
        const double beta = sharpness_for(M, 80, 0.99);
        mean.modern += share_of(modern_update(patterns, cues, beta), patterns) / networks;
    }
    return mean;
}

void show_capacity() {
    std::printf(
        "\n%d neurons, and of each pattern a tenth is wrong. Percent that come back (of\n"
        "more than %d patterns, 20 are asked for), and the share that is stable at the\n"
        "first look, counted and predicted:\n\n"
        "  patterns   per neuron   softmax   Hebb   counted   predicted\n",
        N, few);
    figure::Values at, old_ones, modern_ones;
    for (int M : {4, 10, 16, 20, 24, 28, 32, 40, 60, 200, 2000, 10000}) {
        const Tried share = tried(M);
        std::printf("  %8d   %10.2f   %7.0f", M, 1.0 * M / N, 100 * share.modern);
        if (!std::isnan(share.old))
            std::printf("   %4.0f    %.4f      %.4f", 100 * share.old, share.stable,
                        expected_stable_share(N, M));
        std::printf("\n");
        at.push_back(1.0 * M / N);
        old_ones.push_back(share.old);
        modern_ones.push_back(share.modern);
    }
    const std::string picture = figure::lines(
        {"What comes back of patterns with a tenth of mistakes", "patterns per neuron", "share"},
        {{"Hebb's weights", old_ones, at}, {"softmax, one update", modern_ones, at}},
        figure::Scale::log_x);
    std::printf("\npicture: %s\n", figure::save("08_capacity", picture).c_str());
}

}  // namespace remembering
