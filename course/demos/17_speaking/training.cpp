// Training on the dictionary.

#include "demos/17_speaking/speaking.hpp"
#include "training/pairs.hpp"

#include <cstdio>

namespace speaking {

static training::Pairs pairs_from(const cmudict::Pairs& all) {
    training::Pairs pairs;
    for (const cmudict::Pair& pair : all) {
        pairs.sources.push_back(pair.letters);
        pairs.targets.push_back(pair.sounds);
    }
    return pairs;
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
    std::printf("%d parameters, %zu words to learn from, %zu held out\n",
                parameter_count(net.parameters()), words.training.size(), words.held_out.size());
    std::fflush(stdout);

    const cmudict::Pairs pairs = cmudict::pairs_of(words.training);
    const auto epoch = [&](Random& any) { return cmudict::batches(pairs, settings.batch, any); };
    const training::Pairs unseen = pairs_from(some_of(words.held_out));
    const auto look = [&](int) {
        return training::Look{training::loss_of(net, unseen, settings.smoothing)};
    };
    const training::Outcome run =
        training::learn_pairs(net, plan, {settings.rate, settings.smoothing, settings.dropout},
                              pairs_from(pairs), epoch, look, random);
    if (!run.complete) return run;
    std::printf("%d steps, %.1f times through the dictionary, %.0f s; loss per sound %.3f\n",
                run.steps, 1.0 * settings.batch * run.steps / size_of(pairs), run.seconds,
                run.loss);
    training::draw_losses("17_training", {run});
    return run;
}

}  // namespace speaking
