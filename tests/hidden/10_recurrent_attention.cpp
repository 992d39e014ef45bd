#include "10_recurrent_attention.hpp"

#include "grader/check.hpp"

#include <algorithm>

namespace hidden_10 {

using Tensors = std::vector<Tensor>;
using Lengths = std::vector<int>;

Tensor scores_of(const Tensor& s, const Tensor& states, const Tensor& W_U, const Tensor& v) {
    const int H = s.shape[1], A = v.shape[0];
    const Tensor W({H, A}, {W_U.data.begin(), W_U.data.begin() + H * A});
    const Tensor U({H, A}, {W_U.data.begin() + H * A, W_U.data.end()});
    return additive_scores(s, keys_of(states, U), W, v).value();
}

CHECK("10.2", "states that change places change the places of their scores, and no more") {
    const Tensor s = random_tensor({1, 2});
    Tensor states = random_tensor({1, 3, 2});
    const Tensor W_U = random_tensor({2, 2, 3});
    const Tensor v = random_tensor({3, 1});
    const Tensor before = ASK(scores_of, s, states, W_U, v);
    std::rotate(states.data.begin(), states.data.begin() + 2, states.data.end());
    Tensor after = ASK(scores_of, s, states, W_U, v);
    std::rotate(after.data.begin(), after.data.begin() + 2, after.data.end());
    expect_near(after, before, 1e-6);
}

Tensor weights_for(const Tensor& scores, const Lengths& lengths) {
    return weights_of(scores, lengths).value();
}

CHECK("10.3", "what is added to all scores changes no weight") {
    const Tensor scores = random_tensor({2, 4});
    Tensor more = scores;
    for (float& score : more.data) score += 3;
    const Tensor before = ASK(weights_for, scores, Lengths{3, 4});
    expect_near(ASK(weights_for, more, Lengths{3, 4}), before, 1e-5);
}

static EncoderDecoder net_of(const Tensors& numbers, int looking) {
    const int V = numbers.at(0).shape[0], H = numbers.at(1).shape[0];
    Random random(1);
    EncoderDecoder net(V, H, 2, static_cast<Looking>(looking), random);
    const Parameters all = net.parameters();
    for (int i = 0; i < size_of(all) && i < size_of(numbers); ++i) all[i].set_value(numbers[i]);
    return net;
}

static Tensors random_net(int V, int H) {
    Tensors numbers;
    for (const Shape& shape :
         {Shape{V, 4 * H}, Shape{H, 4 * H}, Shape{4 * H}, Shape{V + H, 4 * H}, Shape{H, 4 * H},
          Shape{4 * H}, Shape{2 * H, V}, Shape{V}, Shape{H, 2}, Shape{H, 2}, Shape{2, 1}})
        numbers.push_back(random_tensor(shape));
    return numbers;
}

double loss_of(const Tensors& numbers, const Sequences& words, const Sequences& targets,
               int looking) {
    const Variable loss = net_of(numbers, looking).loss(words, targets, 0, 1);
    return static_cast<double>(loss.value().data.at(0));
}

CHECK("10.4", "words that change places, with their targets, have the same loss") {
    const Tensors numbers = random_net(4, 2);
    const Sequences words = {{1, 2, 3}, {0}, {3, 3}}, targets = {{3}, {2, 1, 0, 2}, {}};
    const Sequences others = {words[2], words[0], words[1]};
    const Sequences theirs = {targets[2], targets[0], targets[1]};
    for (int looking : {0, 1}) {
        allow_roundings(256);
        const double before = ASK(loss_of, numbers, words, targets, looking);
        allow_roundings(256);
        expect_near(ASK(loss_of, numbers, others, theirs, looking), before, 1e-5);
    }
}

Tensor asked_by_dot(const Tensor& s, const Tensor& states) {
    const int B = states.shape[0], S = states.shape[1], H = states.shape[2];
    Random random(1);
    const RecurrentDecoder writer(2, H, 1, Looking::dot, random);
    const Memory memory =
        writer.memory_of(states, Tensor({B, 2 * H}), std::vector<int>(B, S));
    return writer.scores(s, memory).value();
}

CHECK("10.5", "the writer can ask by dot products: twice the question has twice the scores") {
    Tensor s = random_tensor({3, 2});
    const Tensor states = random_tensor({3, 4, 2});
    Tensor once = ASK(asked_by_dot, s, states);
    for (float& number : s.data) number *= 2;
    for (float& score : once.data) score *= 2;
    expect_near(ASK(asked_by_dot, s, states), once, 1e-5);
}

}  // namespace hidden_10
