// Chapter 22.

#include "22_folding.hpp"
#include "compare.hpp"

static Variable scores(const std::vector<Variable>& in) {
    Random random(1);
    PairScores pairs(in[1].shape()[0], in[1].shape()[1], random);
    pairs.query.W = in[1];
    pairs.query.b = in[2];
    pairs.key.W = in[3];
    pairs.key.b = in[4];
    return pairs(in[0]);
}

static Values loss(const Values& in) {
    const Variable s = parameter(in[0].tensor);
    const Variable y = pair_loss(s, in[1].tensor, in[2].tensor);
    backward(y * 3.0f);
    return {to_value(y.value()), to_value(s.gradient())};
}

Answers answers_of_folding() { return {{"pair scores", gradients(scores)}, {"pair loss", loss}}; }
