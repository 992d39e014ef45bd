#include "05_recurrent.hpp"
#include "06_autoencoders.hpp"
#include "08_hopfield.hpp"
#include "10_recurrent_attention.hpp"
#include "compare.hpp"

// ## Chapter 5. In: x step by step, W, U, and PyTorch's two biases.

using Variables = std::vector<Variable>;

static Steps inputs_of(const Variables& v) { return Steps(v.begin(), v.end() - 4); }

template <class SomeCell>
static SomeCell with_numbers(SomeCell cell, const Variables& v) {
    const std::size_t n = v.size();
    cell.W = v[n - 4], cell.U = v[n - 3], cell.b = v[n - 2] + v[n - 1];
    return cell;
}

static Variable last_state(const Cell& cell, const Variables& v) {
    const Steps xs = inputs_of(v);
    return unroll(cell, xs, std::vector<int>(xs[0].shape()[0], size_of(xs))).back();
}

static Variable rnn(const Variables& v) {
    Random random(1);
    return last_state(with_numbers(RnnCell(1, 1, random), v), v);
}

static Variable lstm(const Variables& v) {
    Random random(1);
    return last_state(with_numbers(LstmCell(1, 1, random), v), v);
}

static Values rnn_by_hand(const Values& in) {
    Variables v;
    for (std::size_t i = 0; i + 1 < in.size(); ++i) v.push_back(in[i].tensor);
    Random random(1);
    const RnnCell cell = with_numbers(RnnCell(1, 1, random), v);
    const Steps xs = inputs_of(v);
    std::vector<Tensor> inputs, states;
    for (const Variable& x : xs) inputs.push_back(x.value());
    for (const Variable& h : unroll(cell, xs, std::vector<int>(xs[0].shape()[0], size_of(xs))))
        states.push_back(h.value());
    const RnnGradients d = rnn_backward(cell, inputs, states, in.back().tensor);
    Values out = {to_value(states.back())};
    for (const Tensor& dx : d.dx) out.push_back(to_value(dx));
    for (const Tensor& each : {d.dW, d.dU, d.db, d.db}) out.push_back(to_value(each));
    return out;
}

// ## Chapter 6. In: x, and of each layer W, the biases down and up.

static Variable autoencoder(const Variables& v) {
    std::vector<int> sizes = {v[0].shape()[1]};
    for (std::size_t k = 1; k < v.size(); k += 3) sizes.push_back(v[k].shape()[1]);
    Random random(1);
    Autoencoder net(sizes, random);
    for (std::size_t k = 1; k < v.size(); k += 3) {
        const std::size_t layer = k / 3;
        net.W[layer] = v[k], net.down[layer] = v[k + 1], net.up[layer] = v[k + 2];
    }
    return net(v[0]);
}

static Values square_error(const Values& in) {
    const Variable y = parameter(in[0].tensor), loss = mean_square_error(y, in[1].tensor);
    backward(loss);
    return {to_value(loss.value()), to_value(y.gradient())};
}

static Values diffusion(const Values& in) {
    return {to_value(diffused(in[0].tensor, in[1].tensor))};
}

static Values area(const Values& in) {
    return {to_value(area_under_curve(in[0].tensor, in[1].tensor))};
}

// ## Chapter 8. In: patterns and, for the modern network, states and β.

// Out: the weights, and the energy of the first pattern.
static Values hopfield(const Values& in) {
    const Tensor W = hebbian_weights(in[0].tensor);
    const Tensor first({W.shape[0]}, {in[0].tensor.row(0), in[0].tensor.row(0) + W.shape[0]});
    return {to_value(W), to_value(energy(W, first)), to_value(stable_share(W, in[0].tensor))};
}

// Out: the next states, and the energy of the first state. PyTorch's energy has its gradient, and the
// state less this gradient is the next state once more.
static Values modern(const Values& in) {
    const Tensor &patterns = in[0].tensor, &states = in[1].tensor;
    const Tensor next = modern_update(patterns, states, static_cast<float>(in[2].number));
    const Tensor first({states.shape[1]}, {states.row(0), states.row(0) + states.shape[1]});
    return {to_value(next), to_value(next), to_value(modern_energy(patterns, first, in[2].number))};
}

static Values stable_expected(const Values& in) {
    const int N = static_cast<int>(in[0].number), M = static_cast<int>(in[1].number);
    return {to_value(expected_stable_share(N, M))};
}

// ## Chapter 10. Word b of a batch is b symbols shorter than the first.

// Out: weights and context, side by side.
static Variable looked(const Variable& scores, const Variable& states) {
    std::vector<int> lengths;
    for (int b = 0; b < states.shape()[0]; ++b) lengths.push_back(states.shape()[1] - b);
    const Variable weights = weights_of(scores, lengths);
    return beside(weights, context_of(weights, states));
}

static Variable additive_attention(const Variables& v) {  // s, the states, W, U, v
    return looked(additive_scores(v[0], keys_of(v[1], v[3]), v[2], v[4]), v[1]);
}

static Variable dot_attention(const Variables& v) { return looked(dot_scores(v[0], v[1]), v[1]); }

// In: W, U and b of the reader, the same of the writer's cell, W and b of the last layer, and W, U
// and v of the scores. Out: the loss of three words of 1, 2 and 3 symbols and targets of 3, 2 and 1.
static Variable writing(const Variables& v) {
    const int V = v[0].shape()[0], H = v[1].shape()[0], A = v[8].shape()[1];
    Random random(1);
    EncoderDecoder net(V, H, A, Looking::additive, random);
    net.encoder.W = v[0], net.encoder.U = v[1], net.encoder.b = v[2];
    RecurrentDecoder& decoder = net.decoder;
    decoder.cell.W = v[3], decoder.cell.U = v[4], decoder.cell.b = v[5];
    decoder.answer.W = v[6], decoder.answer.b = v[7];
    decoder.W = v[8], decoder.U = v[9], decoder.v = v[10];
    Sequences words(3), targets(3);
    for (int b = 0; b < 3; ++b) {
        for (int i = 0; i <= b; ++i) words[b].push_back((b + 2 * i) % V);
        for (int i = 0; i < 3 - b; ++i) targets[b].push_back((2 * b + 3 * i) % V);
    }
    return net.loss(words, targets, 0, 1);
}

Answers answers_of_part_two() {
    return {{"RNN", gradients(rnn)},
            {"RNN by hand", rnn_by_hand},
            {"LSTM", gradients(lstm)},
            {"autoencoder", gradients(autoencoder)},
            {"mean square error", square_error},
            {"diffusion", diffusion},
            {"area", area},
            {"Hopfield", hopfield},
            {"modern Hopfield", modern},
            {"stable share", stable_expected},
            {"additive attention", gradients(additive_attention)},
            {"dot attention", gradients(dot_attention)},
            {"writing", gradients(writing)}};
}
