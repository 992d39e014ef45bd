#include "05_recurrent.hpp"
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

Answers answers_of_part_two() {
    return {{"RNN", gradients(rnn)}, {"RNN by hand", rnn_by_hand}, {"LSTM", gradients(lstm)}};
}
