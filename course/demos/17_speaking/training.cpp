// Training on the dictionary, each batch on two cores.

#include "demos/17_speaking/speaking.hpp"
#include "training/data_parallel.hpp"

#include <cstdio>

namespace speaking {

using namespace pronunciation;

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

// Part k of a batch. The random numbers of its dropout are its own, for it has a thread of its own.
static Microbatch microbatch(const Transformer& net, const std::vector<Pair>& pairs,
                             const training::Batch& batch, int k, const Settings& settings,
                             std::uint64_t seed) {
    const int size = size_of(batch);
    Sequences letters, sounds;
    int tokens = 0;
    for (int i = size * k / num_microbatches; i < size * (k + 1) / num_microbatches; ++i) {
        const Pair& pair = pairs[batch[i]];
        letters.push_back(pair.letters);
        sounds.push_back(pair.sounds);
        tokens += size_of(pair.sounds) + 1;  // and the end
    }
    return {tokens, [=, &net] {
                Random random(seed);
                const Dropout dropout(settings.dropout, random);
                return teacher_forcing_loss(net, letters, sounds, settings.smoothing, dropout);
            }};
}

bool learn(const Transformer& net, const training::Plan& plan, const Settings& settings,
           const Dictionary& dictionary, Random& random) {
    const Parameters parameters = net.parameters();
    const Copies copies(net);
    const std::vector<Pair> pairs = pairs_of(dictionary.training);
    std::printf("%d parameters, %zu words to learn from, %zu held out\n",
                parameter_count(parameters), dictionary.training.size(),
                dictionary.held_out.size());
    std::fflush(stdout);

    Adam adam(parameters, 0.0, {0.9, 0.98, 1e-9});
    training::Batches batches(
        [&](Random& any) { return batches_of_like_length(pairs, settings.batch, any); }, random);
    const auto step = [&](const training::Batch& batch, double done) {
        std::vector<Microbatch> parts;
        int tokens = 0;
        for (int k = 0; k < num_microbatches; ++k) {
            parts.push_back(microbatch(copies.nets[k], pairs, batch, k, settings, random.bits()));
            tokens += parts.back().tokens;
        }
        TrainingSettings rate = settings.rate;
        rate.factor *= 1.0 - done;
        const auto loss = [&] { return parallel_loss(parameters, copies.parameters, parts); };
        return accumulate_and_step(adam, parameters, {{tokens, loss}}, rate);
    };
    const training::Outcome outcome = training::train(plan, adam, batches, step);
    if (!outcome.complete) return false;
    std::printf("%d steps, %.1f times through the dictionary, %.0f s; loss per sound %.3f\n\n",
                outcome.steps, 1.0 * settings.batch * outcome.steps / size_of(pairs),
                outcome.seconds, outcome.loss);
    return true;
}

}  // namespace speaking
