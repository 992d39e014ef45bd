#include "05_recurrent.hpp"

#include "grader/check.hpp"

#include <algorithm>

namespace hidden_05 {

using Tensors = std::vector<Tensor>;
using Lengths = std::vector<int>;

static Tensors random_numbers_of(int D, int H, int gates) {
    const Tensor W = random_tensor({D, gates * H});
    const Tensor U = random_tensor({H, gates * H});
    return {W, U, random_tensor({gates * H})};
}

Tensors lstm_states(const Tensors& W_U_b, const Tensors& xs, const Lengths& lengths) {
    const LstmCell cell(W_U_b.at(0), W_U_b.at(1), W_U_b.at(2));
    Tensors states;
    for (const Variable& state : unroll(cell, Steps(xs.begin(), xs.end()), lengths))
        states.push_back(state.value());
    return states;
}
PARTS(lstm_states, "the state after step #0");

CHECK("5.2", "the loop holds the whole state of an LSTM at 0 before the first symbol, h and c") {
    const Tensors W_U_b = random_numbers_of(2, 3, 4);
    Tensors xs;
    for (int t = 0; t < 4; ++t) xs.push_back(random_tensor({3, 2}));
    allow_roundings(256);
    const Tensors states = ASK(lstm_states, W_U_b, xs, Lengths{1, 0, 3});
    for (float number : states.at(0).data)
        expect(number == 0, "a state is not 0 in front of the first symbol");
}

Tensors sums_over_a_batch(const Tensors& W_U_b, const Tensors& xs, const Tensors& hs,
                          const Tensor& dlast) {
    Random random(1);
    RnnCell cell(W_U_b.at(0).shape[0], W_U_b.at(1).shape[0], random);
    cell.W.set_value(W_U_b.at(0)), cell.U.set_value(W_U_b.at(1)), cell.b.set_value(W_U_b.at(2));
    const RnnGradients d = rnn_backward(cell, xs, hs, dlast);
    return {d.dW, d.dU, d.db};
}
PARTS(sums_over_a_batch, "dW", "dU", "db");

static Tensors row_of_each(const Tensors& all, int r) {
    Tensors rows;
    for (const Tensor& x : all) {
        const int n = x.shape[1];
        rows.push_back(Tensor({1, n}, {x.data.begin() + r * n, x.data.begin() + (r + 1) * n}));
    }
    return rows;
}

CHECK("5.3", "the gradients of a batch are the sums of those of its sequences") {
    const Tensors W_U_b = random_numbers_of(3, 2, 1);
    Tensors xs, hs;
    for (int t = 0; t < 3; ++t) xs.push_back(random_tensor({2, 3}));
    for (int t = 0; t < 3; ++t) hs.push_back(random_tensor({2, 2}));
    const Tensor dlast = random_tensor({2, 2});
    allow_roundings(256);
    const Tensors both = ASK(sums_over_a_batch, W_U_b, xs, hs, dlast);
    Tensors total;
    for (int r = 0; r < 2; ++r) {
        allow_roundings(256);
        const Tensors one = ASK(sums_over_a_batch, W_U_b, row_of_each(xs, r), row_of_each(hs, r),
                                row_of_each({dlast}, r)[0]);
        if (r == 0) total = one;
        else
            for (int i = 0; i < 3; ++i)
                for (int k = 0; k < total[i].size(); ++k) total[i].data[k] += one[i].data.at(k);
    }
    for (int i = 0; i < 3; ++i) expect_near(both.at(i), total[i], 1e-4);
}

Tensor step_of_lstm(const Tensors& W_U_b, const Tensor& x, const Tensor& state) {
    return LstmCell(W_U_b.at(0), W_U_b.at(1), W_U_b.at(2)).step(x, state).value();
}

CHECK("5.4", "two sequences that change places change the places of their states, and no more") {
    const Tensors W_U_b = random_numbers_of(3, 2, 4);
    Tensor x = random_tensor({2, 3}), state = random_tensor({2, 4});
    allow_roundings(256);
    const Tensor before = ASK(step_of_lstm, W_U_b, x, state);
    std::rotate(x.data.begin(), x.data.begin() + 3, x.data.end());
    std::rotate(state.data.begin(), state.data.begin() + 4, state.data.end());
    allow_roundings(256);
    Tensor after = ASK(step_of_lstm, W_U_b, x, state);
    std::rotate(after.data.begin(), after.data.begin() + 4, after.data.end());
    expect_near(after, before, 1e-6);
}

}  // namespace hidden_05
