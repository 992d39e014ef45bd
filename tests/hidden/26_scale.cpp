#include "26_scale.hpp"

#include "02_fast_matmul.hpp"
#include "grader/check.hpp"
#include "grader/variations.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace hidden_26 {

using Tensors = std::vector<Tensor>;
using Numbers = std::vector<double>;

// The largest difference between l and o of all keys at once and in tiles of so many keys; infinite
// when an m differs.
double difference_in_tiles(const Tensor& all, const Tensor& values, int keys) {
    const int rows = all.shape[0], S = all.shape[1], e = values.shape[1];
    const auto after = [&](int width) {
        RunningSoftmax so_far(rows, e);
        for (int first = 0; first < S; first += width) {
            const int count = std::min(width, S - first);
            Tensor z({rows, count});
            for (int i = 0; i < z.size(); ++i)
                z.data[i] = all.data[i / count * S + first + i % count];
            take_in(so_far, view(z), part(view(values), first, 0, count, e));
        }
        return so_far;
    };
    const RunningSoftmax once = after(S), tiled = after(keys);
    double largest = 0;
    for (int i = 0; i < rows; ++i) {
        if (once.largest[i] != tiled.largest[i]) return INFINITY;
        largest = std::max(largest, std::fabs(double{once.sum[i]} - tiled.sum[i]));
        for (int c = 0; c < e; ++c)
            largest = std::max(largest, std::fabs(double{once.output.data[i * e + c]} -
                                                  tiled.output.data[i * e + c]));
    }
    return largest;
}
CALLED(difference_in_tiles, "all keys at once and tile by tile differ by");

CHECK("26.2", "eleven keys, a third of them hidden: at once as in tiles of 1, 2, 3, 5 and 10") {
    Tensor scores = scaled_copy(random_tensor({6, 11}), 20);
    const Tensor values = random_tensor({11, 3});
    for (float& score : scores.data)
        if (random_numbers().below(3) == 0) score = -INFINITY;
    for (int i = 0; i < 11; ++i) scores.data[i] = -INFINITY;
    for (int keys : {1, 2, 3, 5, 10})
        expect(ASK_UNRECORDED(difference_in_tiles, scores, values, keys) < 2e-5,
               "what comes out depends on how the keys are cut");
}

// A gradient of Σ y dy by central differences, and the largest difference from that in tiles.
double difference_of_slopes(const Tensors& x, int H, bool causal) {
    const Tiles tiles{causal, 2, 3};
    const AttentionGradients d = tiles_backward(
        x.at(0), x.at(1), x.at(2), attend_in_tiles(x[0], x[1], x[2], H, tiles), x.at(3), H, tiles);
    const Tensor* const found[] = {&d.dq, &d.dk, &d.dv};
    double largest = 0;
    for (int part = 0; part < 3; ++part)
        for (int i = 0; i < x[part].size(); ++i) {
            double ends[2];
            for (int end : {0, 1}) {
                Tensors moved(x.begin(), x.begin() + 3);
                moved[part].data[i] += end == 0 ? -0.02f : 0.02f;
                const Tensor y = attend_in_tiles(moved[0], moved[1], moved[2], H, tiles).y;
                ends[end] = 0;
                for (int j = 0; j < y.size(); ++j) ends[end] += double{y.data[j]} * x[3].data[j];
            }
            largest = std::max(largest,
                               std::fabs((ends[1] - ends[0]) / 0.04 - found[part]->data[i]));
        }
    return largest;
}
CALLED(difference_of_slopes, "the gradients and central differences differ by");

CHECK("26.3", "the gradients are the slopes of what attend_in_tiles computes") {
    Tensors x;
    for (int length : {3, 5, 5, 3}) x.push_back(random_tensor({1, length, 4}));
    expect(ASK_UNRECORDED(difference_of_slopes, x, 2, false) < 2e-3,
           "a gradient is not the slope of the loss");
}

CHECK("26.4", "the same under a causal mask") {
    Tensors x;
    for (int length : {4, 6, 6, 4}) x.push_back(random_tensor({1, length, 4}));
    expect(ASK_UNRECORDED(difference_of_slopes, x, 1, true) < 2e-3,
           "a gradient is not the slope of the loss");
}

// How far (the matrix in bytes) times x is from W times x, beside the largest that rounding allows.
double share_of_allowed_error(const Tensor& x, const Tensor& W) {
    const Tensor y = matmul(x, in_bytes(W));
    double worst = 0;
    for (int i = 0; i < y.size(); ++i) {
        const int n = i / W.shape[1], c = i % W.shape[1];
        double exact = 0, allowed = 1e-6;
        for (int r = 0; r < W.shape[0]; ++r) {
            double largest = 0;
            for (int j = 0; j < W.shape[1]; ++j)
                largest = std::max(largest, std::fabs(double{W.data[r * W.shape[1] + j]}));
            const double at = x.data[n * W.shape[0] + r];
            exact += at * W.data[r * W.shape[1] + c];
            allowed += std::fabs(at) * largest / 254;
        }
        worst = std::max(worst, std::fabs(y.data[i] - exact) / allowed);
    }
    return worst;
}
CALLED(share_of_allowed_error, "the error of x W in bytes, over what rounding allows, is");

CHECK("26.5", "x W in bytes is off by no more than half a scale of each weight allows") {
    for (int size : {1, 5, 30}) {
        Tensor W = random_tensor({size, 7});
        const Tensor x = random_tensor({2, size});
        for (int r = 0; r < size; ++r)
            for (int c = 0; c < 7; ++c) W.data[r * 7 + c] *= std::pow(10.0f, r % 5 - 2);
        expect(ASK_UNRECORDED(share_of_allowed_error, x, W) < 1.01,
               "the error is larger than rounding allows");
    }
}

std::pair<double, double> law_of(const Numbers& x, const Numbers& y) {
    const PowerLaw found = fit_power_law(x, y);
    return {found.at(7), found.exponent};
}
CALLED(law_of, "fit_power_law, at 7");

CHECK("26.6", "other units of x and y change the factor as they should, and not the exponent") {
    const Numbers x = {1, 3, 8, 20}, y = {5, 4, 2, 1.5};
    Numbers far, high;
    for (double each : x) far.push_back(1e6 * each);
    for (double each : y) high.push_back(1e-3 * each);
    const auto here = ASK_UNRECORDED(law_of, x, y), there = ASK_UNRECORDED(law_of, far, high);
    expect(std::fabs(here.second - there.second) < 1e-6, "the exponent depends on the units");
    const double wanted = 1e-3 * std::pow(1e-6, here.second) * here.first;
    expect(std::fabs(there.first / wanted - 1) < 1e-5, "the factor does not follow the units");
}

}  // namespace hidden_26
