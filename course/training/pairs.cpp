#include "training/pairs.hpp"

#include "training/data_parallel.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace training {

static constexpr int num_microbatches = 2;  // of a batch, on any machine

namespace {

// Copies of the net, one for each microbatch: at every step they get the values of the net itself.
struct Copies {
    std::vector<Transformer> nets;
    std::vector<Parameters> parameters;

    explicit Copies(const Transformer& net) {
        for (int k = 0; k < num_microbatches; ++k) {
            Random any(1);
            nets.emplace_back(net.settings, any);
        }
        for (const Transformer& copy : nets) parameters.push_back(copy.parameters());
    }
};

}  // namespace

// ## Training

// The random numbers of its dropout are a microbatch's own, for it has a thread of its own.
static Microbatch microbatch(const Transformer& net, const Pairs& pairs, double smoothing,
                             double dropout, std::uint64_t seed) {
    int tokens = 0;
    for (const Sequence& target : pairs.targets) tokens += size_of(target) + 1;  // and the end
    return {tokens, [=, &net] {
                Random random(seed);
                return teacher_forcing_loss(net, pairs.sources, pairs.targets, smoothing,
                                            Dropout(dropout, random));
            }};
}

double loss_of(const Transformer& net, const Pairs& pairs, double smoothing) {
    const NoTape no_tape_here;
    return teacher_forcing_loss(net, pairs.sources, pairs.targets, smoothing).value().data[0];
}

Outcome learn_pairs(const Transformer& net, const Plan& plan, const PairSettings& settings,
                    const Pairs& pairs, const Epoch& epoch,
                    const std::function<Look(int steps)>& look, Random& random) {
    const Parameters parameters = net.parameters();
    Adam adam(parameters, 0.0, {0.9, 0.98, 1e-9});
    const Copies copies(net);
    const auto step = [&](const Batch& batch, double done) {
        std::vector<Microbatch> parts;
        int tokens = 0;
        for (int k = 0; k < num_microbatches; ++k) {
            const int first = size_of(batch) * k / num_microbatches,
                      last = size_of(batch) * (k + 1) / num_microbatches;
            const Batch part(batch.begin() + first, batch.begin() + last);
            const Pairs some = {gather_rows(pairs.sources, part), gather_rows(pairs.targets, part)};
            parts.push_back(microbatch(copies.nets[k], some, settings.smoothing, settings.dropout,
                                       random.bits()));
            tokens += parts.back().tokens;
        }
        TrainingSettings rate = settings.rate;
        rate.factor *= 1.0 - done;
        const auto loss = [&] { return parallel_loss(parameters, copies.parameters, parts); };
        return accumulate_and_step(adam, parameters, {{tokens, loss}}, rate);
    };
    const auto look_now = [&] { return look(adam.state.steps); };
    return train(plan, {adam, random, epoch, step, look_now});
}

// ## The transformer as a function from beginnings to what may come next

static Tensor log_softmax(const Tensor& z) {  // [N, V]
    Tensor log_p = z;
    for (int i = 0; i < z.rows(); ++i) {
        float *from = log_p.row(i), *to = from + z.columns();
        const float m = *std::max_element(from, to);
        double sum = 0.0;
        for (const float* w = from; w < to; ++w) sum += std::exp(double{*w - m});
        const float shift = m + static_cast<float>(std::log(sum));
        for (float* w = from; w < to; ++w) *w -= shift;
    }
    return log_p;
}

// It answers at every position, and only the last one is new. All beginnings are of one length.
NextToken next_token(const Transformer& net, const Sequences& sources) {
    const NoTape no_tape_here;
    const Tensor memory = net.encode(sources).value();
    const std::vector<int> lengths = lengths_of(sources);
    return [&net, memory, lengths](const Sequences& beginnings) {
        const NoTape no_tape;
        const int N = size_of(beginnings), V = net.settings.vocabulary;
        std::vector<int> rows(N), last;
        if (size_of(lengths) > 1) std::iota(rows.begin(), rows.end(), 0);  // else 0, 0, 0, …
        const Tensor z =
            net.decode(beginnings, gather_rows(memory, rows), gather_rows(lengths, rows)).value();
        const int T = z.shape[1];
        for (int i = 0; i < N; ++i) last.push_back(i * T + T - 1);
        return log_softmax(gather_rows(reshape(z, {N * T, V}), last));
    };
}

}  // namespace training
