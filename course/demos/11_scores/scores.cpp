#include "demos/11_scores/scores.hpp"

#include "02_fast_matmul.hpp"
#include "kit/random.hpp"

#include <algorithm>
#include <cstdio>

namespace scores {

void show_scale() {
    const Tensor q = matrix({{1, 1}}), k = matrix({{1, 0}, {0, 1}, {1, 1}});
    const Tensor with = attention_weights(q, k).value();
    const Tensor without = softmax(matmul(q, transpose(k)));
    std::printf("q = [1, 1] and the keys [1, 0], [0, 1], [1, 1]:\n");
    std::printf("  with √d     %.3f %.3f %.3f\n", with(0, 0), with(0, 1), with(0, 2));
    std::printf("  without     %.3f %.3f %.3f\n", without(0, 0), without(0, 1), without(0, 2));
}

static Tensor random_rows(int rows, int d, double deviation, Random& random) {
    Tensor x({rows, d});
    for (float& number : x.data) number = deviation * random.normal();
    return x;
}

static double largest(const Tensor& x) { return *std::max_element(x.data.begin(), x.data.end()); }

double show_variance(double deviation) {
    Random random(11);
    double variance_at_4 = 0;
    const int trials = 400;
    std::printf(
        "\n                            largest of 16 weights\n"
        "      d   variance of q·k   without √d    with √d\n");
    for (int d : {1, 4, 16, 64, 256}) {
        double squares = 0, without = 0, with = 0;
        for (int trial = 0; trial < trials; ++trial) {
            const Tensor q = random_rows(1, d, deviation, random);
            const Tensor k = random_rows(16, d, deviation, random);
            const Tensor scores = matmul(q, transpose(k));
            for (float score : scores.data) squares += score * score;
            without += largest(softmax(scores));
            with += largest(attention_weights(q, k).value());
        }
        const double variance = squares / trials / 16;
        std::printf("  %5d   %15.1f   %10.2f   %8.2f\n", d, variance, without / trials,
                    with / trials);
        if (d == 4) variance_at_4 = variance;
    }
    return variance_at_4;
}

}  // namespace scores
