// Training on the dictionary, each batch on two cores.

#include "demos/17_speaking/speaking.hpp"
#include "training/data_parallel.hpp"

#include <cstdio>

namespace speaking {

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

// The random numbers of its dropout are a microbatch's own, for it has a thread of its own.
static Microbatch microbatch(const Transformer& net, const cmudict::Pairs& pairs, double smoothing,
                             double dropout, std::uint64_t seed) {
    Sequences letters, sounds;
    int tokens = 0;
    for (const cmudict::Pair& pair : pairs) {
        letters.push_back(pair.letters);
        sounds.push_back(pair.sounds);
        tokens += size_of(pair.sounds) + 1;  // and the end
    }
    return {tokens, [=, &net] {
                Random random(seed);
                return teacher_forcing_loss(net, letters, sounds, smoothing,
                                            Dropout(dropout, random));
            }};
}

// Every so many held-out words, to be asked at each look.
static cmudict::Pairs some_of(const Entries& held_out) {
    const cmudict::Pairs all = cmudict::pairs_of(held_out);
    cmudict::Pairs some;
    for (int i = 0; i < size_of(all); i += 41) some.push_back(all[i]);
    return some;
}

training::Outcome learn(const Transformer& net, const training::Plan& plan,
                        const Settings& settings, const Dataset<Entries>& words, Random& random) {
    const Parameters parameters = net.parameters();
    std::printf("%d parameters, %zu words to learn from, %zu held out\n",
                parameter_count(parameters), words.training.size(), words.held_out.size());
    std::fflush(stdout);

    Adam adam(parameters, 0.0, {0.9, 0.98, 1e-9});
    const cmudict::Pairs pairs = cmudict::pairs_of(words.training);
    const auto epoch = [&](Random& any) { return cmudict::batches(pairs, settings.batch, any); };
    const Copies copies(net);
    const auto step = [&](const training::Batch& batch, double done) {
        std::vector<Microbatch> parts;
        int tokens = 0;
        for (int k = 0; k < num_microbatches; ++k) {
            const int first = size_of(batch) * k / num_microbatches,
                      last = size_of(batch) * (k + 1) / num_microbatches;
            const training::Batch part(batch.begin() + first, batch.begin() + last);
            parts.push_back(microbatch(copies.nets[k], gather_rows(pairs, part), settings.smoothing,
                                       settings.dropout, random.bits()));
            tokens += parts.back().tokens;
        }
        TrainingSettings rate = settings.rate;
        rate.factor *= 1.0 - done;
        const auto loss = [&] { return parallel_loss(parameters, copies.parameters, parts); };
        return accumulate_and_step(adam, parameters, {{tokens, loss}}, rate);
    };
    const Microbatch unseen = microbatch(net, some_of(words.held_out), settings.smoothing, 0, 0);
    const auto look = [&] { return training::Look{unseen.loss().value().data[0]}; };

    const training::Outcome run = training::train(plan, {adam, random, epoch, step, look});
    if (!run.complete) return run;
    std::printf("%d steps, %.1f times through the dictionary, %.0f s; loss per sound %.3f\n",
                run.steps, 1.0 * settings.batch * run.steps / size_of(pairs), run.seconds,
                run.loss);
    training::draw_losses("17_training", {run});
    return run;
}

}  // namespace speaking
