// A transformer that learns from pairs, a source and its target each: from the dictionary of
// chapter 17, or from phrases in two languages. Each batch goes through the net on two cores.
#pragma once

#include "17_transformer.hpp"
#include "training/trainer.hpp"

#include <functional>
#include <vector>

namespace training {

struct Pairs {  // source i and target i belong together
    Sequences sources, targets;
};

struct PairSettings {
    TrainingSettings rate;  // times a factor that falls evenly to 0
    double smoothing = 0, dropout = 0;
};

using Epoch = std::function<std::vector<Batch>(Random& random)>;

// Trains to the end of the plan, by teacher forcing. A look is told how many steps are done.
Outcome learn_pairs(const Transformer& net, const Plan& plan, const PairSettings& settings,
                    const Pairs& pairs, const Epoch& epoch,
                    const std::function<Look(int steps)>& look, Random& random);

// The mean loss of the tokens of these pairs, in one batch, with the smoothing that it learns with.
double loss_of(const Transformer& net, const Pairs& pairs, double smoothing);

// The net as a function from beginnings to the logarithms of probabilities of what comes next. The
// sources are encoded once; beginning i belongs to source i, or all of them to the only one.
NextToken next_token(const Transformer& net, const Sequences& sources);

}  // namespace training
