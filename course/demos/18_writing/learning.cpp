// Training: batches in two halves on two cores, decay for matrices, a rate that rises and falls.

#include "data/dataset.hpp"
#include "demos/18_writing/writing.hpp"
#include "training/data_parallel.hpp"

#include "02_fast_matmul.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <stdexcept>

namespace writing {

// ## What is learnt from

Corpus of_sequences(const Dataset<Sequences>& sequences, int batch) {
    const Sequences known = sequences.training;
    const auto epoch = [=](Random& random) {
        std::vector<int> order = shuffled_batches(size_of(known), size_of(known), random).at(0);
        std::stable_sort(order.begin(), order.end(),
                         [&](int a, int b) { return known[a].size() < known[b].size(); });
        std::vector<training::Batch> batches;
        for (int i = 0; i < size_of(order); i += batch)
            batches.emplace_back(order.begin() + i,
                                 order.begin() + std::min(i + batch, size_of(order)));
        const int count = size_of(batches);
        return gather_rows(batches, shuffled_batches(count, count, random).at(0));
    };
    return {epoch, [=](const training::Batch& some) { return gather_rows(known, some); },
            sequences.held_out};
}

static Sequence stretch(const Sequence& text, int first, int tokens) {
    const int last = std::min(first + tokens, size_of(text));
    return Sequence(text.begin() + first, text.begin() + last);
}

// Stretches of context + 1 tokens, of which the last is only asked for. They begin elsewhere in
// each epoch, so that every token stands at every place.
Corpus of_text(const Dataset<Sequence>& text, int context, int batch) {
    const Sequence known = text.training;
    if (size_of(known) < (batch + 1) * context + 1)
        throw std::invalid_argument("of_text: a text of " + std::to_string(known.size()) +
                                    " tokens is too short");
    const auto epoch = [=](Random& random) {
        std::vector<int> places;
        for (int i = random.below(context); i + context < size_of(known); i += context)
            places.push_back(i);
        std::vector<training::Batch> batches;
        for (const training::Batch& some : shuffled_batches(size_of(places), batch, random))
            if (size_of(some) == batch) batches.push_back(gather_rows(places, some));
        return batches;
    };
    const auto sequences = [=](const training::Batch& some) {
        Sequences all;
        for (int first : some) all.push_back(stretch(known, first, context + 1));
        return all;
    };
    Sequences held_out;
    for (int i = 0; i + 1 < size_of(text.held_out); i += context)
        held_out.push_back(stretch(text.held_out, i, context + 1));
    return {epoch, sequences, held_out};
}

// ## The loss

static int asked_of(const Sequences& sequences) {
    int tokens = 0;
    for (const Sequence& each : sequences) tokens += size_of(each) - 1;
    return tokens;
}

// The mean loss of all tokens but the first of each. What fills the shorter ones up is not asked
// for, and the causal mask hides it from what is.
static Variable loss_of(const Gpt& net, const Sequences& sequences, const Dropout& dropout) {
    std::size_t longest = 0;
    for (const Sequence& each : sequences) longest = std::max(longest, each.size() - 1);
    Sequences read;
    std::vector<int> targets;
    for (const Sequence& each : sequences) {
        read.emplace_back(each.begin(), each.end() - 1);
        read.back().resize(longest, 0);
        targets.insert(targets.end(), each.begin() + 1, each.end());
        targets.resize(read.size() * longest, -1);
    }
    return cross_entropy(net(read, dropout), targets);
}

// Without dropout and without a tape, 32 sequences at a time.
static double mean_loss(const Gpt& net, const Sequences& sequences) {
    constexpr int together = 32;
    std::vector<double> sums((sequences.size() + together - 1) / together);
    parallel_for(size_of(sums), [&](int i) {
        const NoTape no_tape;
        const auto first = sequences.begin() + i * together;
        const Sequences some(first, first + std::min<std::ptrdiff_t>(together,
                                                                     sequences.end() - first));
        sums[i] = double{loss_of(net, some, Dropout()).value().data[0]} * asked_of(some);
    });
    return std::accumulate(sums.begin(), sums.end(), 0.0) / asked_of(sequences);
}

// ## Steps

namespace {

// Two copies of the net, for two threads: at every step they get the values of the net itself.
struct Copies {
    std::vector<Gpt> nets;
    std::vector<Parameters> parameters;

    explicit Copies(const Gpt& net) {
        for (int k = 0; k < 2; ++k) {
            Random any(1);
            nets.emplace_back(net.settings, any);
        }
        for (const Gpt& copy : nets) parameters.push_back(copy.parameters());
    }
};

}  // namespace

// The random numbers of its dropout are a microbatch's own, for it has a thread of its own.
static Microbatch microbatch(const Gpt& net, const Sequences& sequences, double dropout,
                             std::uint64_t seed) {
    return {asked_of(sequences), [=, &net] {
                Random random(seed);
                return loss_of(net, sequences, Dropout(dropout, random));
            }};
}

static std::vector<Microbatch> cut(const Copies& copies, const Sequences& batch,
                                   const Settings& settings, Random& random) {
    std::vector<Microbatch> parts;
    const int n = size_of(batch), M = settings.microbatches;
    for (int m = 0; m < M; ++m) {
        const Sequences some(batch.begin() + n * m / M, batch.begin() + n * (m + 1) / M);
        const Gpt& copy = copies.nets[m % copies.nets.size()];
        parts.push_back(microbatch(copy, some, settings.dropout, random.bits()));
    }
    return parts;
}

// Accumulated gradients, clipped; decay for matrices; and one step.
static double step(const Gpt& net, Adam& adam, const Variable& loss, double decay) {
    const double value = loss.value().data[0];
    if (!std::isfinite(value))
        throw std::runtime_error("the loss is " + std::to_string(value) + " at step " +
                                 std::to_string(adam.state.steps + 1));
    backward(loss);
    clip_gradients(adam.parameters(), 1.0);
    decay_weights(net.decaying(), adam.rate * decay);
    adam.step();
    return value;
}

training::Outcome learn(const Gpt& net, const training::Plan& plan, const Settings& settings,
                        const Corpus& corpus, Random& random) {
    const Parameters parameters = net.parameters();
    Adam adam(parameters, 0.0, {0.9, 0.99, 1e-8});
    const Copies copies(net);
    const auto take_step = [&](const training::Batch& batch, double done) {
        const int now = 1 + static_cast<int>(done * plan.steps);
        adam.rate = cosine_rate(now, settings.warm_up, plan.steps, settings.highest,
                                settings.highest / 100);
        adam.clear_gradients();
        const auto parts = cut(copies, corpus.sequences(batch), settings, random);
        return step(net, adam, parallel_loss(parameters, copies.parameters, parts),
                    settings.decay);
    };
    const auto look = [&] { return training::Look{mean_loss(net, corpus.held_out)}; };
    return training::train(plan, {adam, random, corpus.epoch, take_step, look});
}

}  // namespace writing
