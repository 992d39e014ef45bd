#include "demos/14_depth/stack.hpp"

#include "kit/figure.hpp"

#include <cmath>
#include <cstdio>

namespace depth {

// First weights of variance 2/(in + out), stretched to another variance.
static void stretch(const Linear& layer, double variance) {
    const int in = layer.W.shape()[0], out = layer.W.shape()[1];
    layer.W.set_value(scale(layer.W.value(), std::sqrt(variance * (in + out) / 2.0)));
}

Stack::Stack(Kind kind, int depth, int d_model, int d_ff) : kind_(kind) {
    Random random(14);
    for (int i = 0; i < depth; ++i) {
        blocks_.push_back({LayerNorm(d_model), FeedForward(d_model, d_ff, random)});
        if (kind.he) stretch(blocks_.back().f.first, 2.0 / d_model);
        if (kind.he) stretch(blocks_.back().f.second, 1.0 / d_ff);
    }
}

Variable Stack::operator()(Variable x, int blocks) const {
    for (int i = 0; i < blocks; ++i) {
        const auto& [norm, f] = blocks_[i];
        if (kind_.norm && kind_.residual) x = sublayer(x, norm, NormPlace::before, f);
        else if (kind_.norm) x = f(norm(x));
        else if (kind_.residual) x = x + f(x);
        else x = f(x);
    }
    return x;
}

Parameters Stack::parameters() const {
    Parameters all;
    for (const Block& block : blocks_) {
        append(all, block.norm.parameters());
        append(all, block.f.parameters());
    }
    return all;
}

static double dot(const float* a, const float* b, int n) {
    double total = 0.0;
    for (int j = 0; j < n; ++j) total += double{a[j]} * b[j];
    return total;
}

static double length(const Tensor& x) {
    return std::sqrt(dot(x.data.data(), x.data.data(), x.size()));
}

static double mean_cosine(const Tensor& y) {  // of rows 0 and 1, of rows 1 and 2, and so on
    const int n = y.columns(), pairs = y.rows() - 1;
    double total = 0.0;
    for (int i = 0; i < pairs; ++i) {
        const float *a = y.row(i), *b = y.row(i + 1);
        total += dot(a, b, n) / std::sqrt(dot(a, a, n) * dot(b, b, n));
    }
    return total / pairs;
}

double show_gradients(int d_ff) {
    Random random(1);
    const Tensor input = normal_weights({16, 64}, 1.0f, random);
    const Tensor dy = normal_weights({16, 64}, 1.0f, random);
    std::vector<figure::Series> curves;
    std::printf(
        "The gradient below so many blocks, and in brackets the cosine of two outputs:\n\n");
    std::printf("  %-13s%15d%15d%15d\n", "", 4, 16, 64);
    for (const Kind& kind : kinds) {
        const Stack stack(kind, 64, 64, d_ff);
        figure::Series curve{kind.name, {}};
        std::printf("  %-13s", kind.name);
        for (int blocks : {1, 2, 4, 8, 16, 24, 32, 40, 48, 56, 64}) {
            const Variable x = parameter(input), y = stack(x, blocks);
            backward(sum(y * dy));
            curve.x.push_back(blocks);
            curve.y.push_back(length(x.gradient()) / length(dy));
            if (blocks == 4 || blocks == 16 || blocks == 64)
                std::printf(" %7.1e (%4.2f)", curve.y.back(), mean_cosine(y.value()));
        }
        std::printf("\n");
        curves.push_back(curve);
    }
    const std::string picture = figure::lines(
        {"The gradient below a stack of blocks", "blocks", "length, in units of what set out"},
        curves, figure::Scale::log_y);
    std::printf("\npicture: %s\n", figure::save("14_depth", picture).c_str());
    return curves.front().y.back();
}

}  // namespace depth
