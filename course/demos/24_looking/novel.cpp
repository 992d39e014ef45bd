// A model of a novel: which of its heads look one back, and whether it can copy.

#include "demos/09_pieces/quick.hpp"
#include "demos/09_pieces/showing.hpp"
#include "demos/24_looking/looking.hpp"
#include "training/training_state.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace looking {

std::vector<Tensor> weights_of(const Gpt& net, const Sequences& batch) {
    const NoTape no_tape;
    const int B = size_of(batch), T = size_of(batch.at(0)), D = net.settings.d_model;
    const Tensor mask = causal_mask(T);
    Sequence tokens;
    for (const Sequence& each : batch) tokens.insert(tokens.end(), each.begin(), each.end());
    Tensor x = reshape(gather_rows(net.tokens.value(), tokens), {B, T, D});
    for (int n = 0; n < B * T; ++n)
        for (int k = 0; k < D; ++k) x.row(n)[k] += net.positions.value().row(n % T)[k];
    Variable h = x;
    std::vector<Tensor> all;
    for (const GptLayer& layer : net.layers)
        h = layer(h, [&](const Variable& z) {
            const MultiHeadAttention& heads = layer.attention;
            const Variable looked = heads.weights(z, z, mask);
            all.push_back(looked.value());
            return heads(z, z, mask);
        });
    return all;
}

void print_tables(const std::string& left, const Tensor& a, const std::string& right,
                  const Tensor& b) {
    std::printf("  %-10s %-32s %s\n  %-10s", "", left.c_str(), right.c_str(), "head");
    for (const Tensor* x : {&a, &b}) {
        for (int h = 0; h < x->columns(); ++h) std::printf("%7d", h);
        std::printf("     ");
    }
    std::printf("\n");
    for (int l = 0; l < a.rows(); ++l) {
        std::printf("  layer %-4d", l + 1);
        for (const Tensor* x : {&a, &b}) {
            for (int h = 0; h < x->columns(); ++h) std::printf("%7.2f", x->row(l)[h]);
            std::printf("     ");
        }
        std::printf("\n");
    }
    std::printf("\n");
}

static Tensor all_behind(const std::vector<Tensor>& weights, int back, int first) {
    Tensor table({size_of(weights), weights[0].shape[1]});
    for (int l = 0; l < table.rows(); ++l) {
        const Tensor row = weight_behind(weights[l], back, first);
        std::copy(row.data.begin(), row.data.end(), table.row(l));
    }
    return table;
}

static float largest_of(const Tensor& x) { return *std::max_element(x.data.begin(), x.data.end()); }

// The mean nats of the tokens from place `from` up to `to`, each told by those before it.
static double nats_between(const Gpt& net, const Sequences& batch, int from, int to) {
    const NoTape no_tape;
    Sequences read;
    std::vector<int> targets;
    for (const Sequence& each : batch) {
        read.emplace_back(each.begin(), each.end() - 1);
        for (int t = 1; t < size_of(each); ++t)
            targets.push_back(t >= from && t < to ? each[t] : -1);
    }
    return cross_entropy_loss(net(read).value(), targets);
}

static Sequences stretches_of(const Sequence& text, int count, int length) {
    Sequences all;
    for (int i = 0; i < count; ++i) {
        const auto first = text.begin() + (size_of(text) - length) / count * i;
        all.emplace_back(first, first + length);
    }
    return all;
}

static Sequences repeated_at_random(int count, int period, int vocabulary) {
    Random random(18);
    Sequences all(count);
    for (Sequence& each : all) {
        for (int i = 0; i < period; ++i) each.push_back(random.below(vocabulary));
        for (int i = 0; i < period; ++i) each.push_back(each[i]);
    }
    return all;
}

void show_novel() {
    constexpr int V = 1024, context = 128, period = 32;
    const cutting::Novel novel = cutting::read_novel();
    const BytePairs pairs(quick::learn_merges(counted_pieces(novel.training), V - 256));
    Random random(18);
    Gpt net({V, context, 128, 4, 4}, random);
    training::read_trained("writing", net.parameters());
    const Sequences text = stretches_of(quick::Encoder(pairs).encode(novel.held_out), 8, context);
    std::vector<MultiHeadAttention*> layers;
    for (GptLayer& layer : net.layers) layers.push_back(&layer.attention);
    const auto loss = [&] { return nats_between(net, text, 1, context); };
    std::printf("Chapter 18's model of a novel, on held-out text: the weight on the token before,\n"
                "and by how many nats a token the loss, %.2f, rises without the head\n\n",
                loss());
    print_tables("weight on the token before", all_behind(weights_of(net, text), 1, 1),
                 "the loss rises by", worth_of_heads(layers, loss));
    const Sequences twice = repeated_at_random(16, period, V);
    std::printf("Random tokens, the same ones again: %.2f nats, then %.2f; by chance %.2f. The\n"
                "largest weight on what came next the last time is %.2f; a fair share is 0.02.\n\n",
                nats_between(net, twice, 1, period), nats_between(net, twice, period, 2 * period),
                std::log(1.0 * V),
                largest_of(all_behind(weights_of(net, twice), period - 1, period)));
}

}  // namespace looking
