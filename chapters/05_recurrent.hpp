// Chapter 5, Recurrent networks. The prose, the reasons and the exercises are in 05_recurrent.cpp.
#pragma once

#include "04_neural_networks.hpp"
#include "kit/tokens.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

// Letters: B sequences, T steps, D features of an input, H of a hidden state, S of a whole state,
// V kinds of tokens, C classes. Every function throws std::invalid_argument, with its name and
// what it got, when shapes or numbers do not fit.

// ## By hand: 0.9⁵⁰, 1.1⁵⁰, and the three states of a small cell, [5].
Tensor recurrent_by_hand();

// ## Sequences, step by step: T matrices [B, n], one for each step.

using Steps = std::vector<Variable>;

// Each token as V numbers, a 1 at its own place among zeros. T is the longest length; a shorter
// sequence has rows of zeros in front. Throws for a token that is none of 0 … V − 1.
Steps steps_of(const Sequences& sequences, int V);

// ## Two operations that only move numbers move gradients back.

inline Variable columns(const Variable& x, int first, int count) {  // [B, n] → [B, count]
    require_shapes("columns", {{x.shape(), "B n"}});
    const int rows = x.shape()[0], n = x.shape()[1];
    if (first < 0 || count < 0 || first + count > n)
        throw std::invalid_argument("columns: " + std::to_string(count) + " from " +
                                    std::to_string(first) + " of " + to_string(x.shape()));
    const auto copied = [=](const Tensor& from, int at, Tensor to, int there) {
        for (int r = 0; r < rows; ++r) std::copy_n(from.row(r) + at, count, to.row(r) + there);
        return to;
    };
    return record("columns", copied(x.value(), first, Tensor({rows, count}), 0), {x},
                  [=](const Tensor&, const Tensor& dy) {
                      return copied(dy, 0, Tensor({rows, n}), first);
                  });
}

inline Variable beside(const Variable& a, const Variable& b) {  // [B, n], [B, m] → [B, n + m]
    require_shapes("beside", {{a.shape(), "B n"}, {b.shape(), "B m"}});
    const int rows = a.shape()[0], n = a.shape()[1], m = b.shape()[1];
    Tensor y({rows, n + m});
    for (int r = 0; r < rows; ++r) {
        std::copy_n(a.value().row(r), n, y.row(r));
        std::copy_n(b.value().row(r), m, y.row(r) + n);
    }
    return record("beside", std::move(y), {a, b}, [=](const Tensor&, const Tensor& dy) {
        Tensor da({rows, n}), db({rows, m});
        for (int r = 0; r < rows; ++r) {
            std::copy_n(dy.row(r), n, da.row(r));
            std::copy_n(dy.row(r) + n, m, db.row(r));
        }
        return Gradients(std::move(da), std::move(db));
    });
}

// ## Cells. A cell makes the next state of an input and of the state before.

struct Cell {
    virtual ~Cell() = default;
    virtual Variable step(const Variable& x,                   // [B, D]
                          const Variable& state) const = 0;    // [B, S] → [B, S]
    virtual int state_size() const = 0;                        // S
    virtual Variable hidden(const Variable& state) const = 0;  // [B, S] → [B, H], what others see
    virtual Parameters parameters() const = 0;
};

// The states after each step, T of [B, S]. The state in front of the first step is zeros. Of
// sequence b, only the last lengths[b] steps are real, from 0 to T; in front of them its state is
// and stays zeros. Throws when there are no steps, or no sequences.
Steps unroll(const Cell& cell, const Steps& xs, const std::vector<int>& lengths);

// tanh(x W + h U + b): Elman, "Finding structure in time" (1990). The state is h, and S is H.
struct RnnCell : Cell {
    Variable W, U, b;  // [D, H], [H, H], [H]

    RnnCell(int D, int H, Random& random);
    Variable step(const Variable& x, const Variable& h) const override;
    int state_size() const override { return U.shape()[0]; }
    Variable hidden(const Variable& h) const override { return h; }
    Parameters parameters() const override { return {W, U, b}; }
};

// Its gradients without a tape, through T real steps, from dlast = ∂loss/∂h_T [B, H]. xs are the T
// inputs [B, D], hs the T states [B, H]. What lies in the gradients of the cell stays as it is.
struct RnnGradients {
    std::vector<Tensor> dx, dh;  // ∂loss/∂x_t and ∂loss/∂h_t, for each step
    Tensor dW, dU, db;
};
RnnGradients rnn_backward(const RnnCell& cell, const std::vector<Tensor>& xs,
                          const std::vector<Tensor>& hs, const Tensor& dlast);

// Hochreiter and Schmidhuber, "Long short-term memory" (1997), with the forget gate of Gers,
// Schmidhuber and Cummins, "Learning to forget" (2000). The state is h and c side by side, S = 2 H.
// The gates stand side by side in the order i, f, g, o, as in PyTorch: input, forget, candidate,
// output.
struct LstmCell : Cell {
    Variable W, U, b;  // [D, 4 H], [H, 4 H], [4 H]

    // Xavier weights; b is zeros, but for the forget gate.
    LstmCell(int D, int H, Random& random, float forget_bias = 1.0f);
    LstmCell(const Tensor& W_, const Tensor& U_, const Tensor& b_);
    Variable step(const Variable& x, const Variable& state) const override;
    int state_size() const override { return 2 * U.shape()[0]; }
    Variable hidden(const Variable& state) const override;
    Parameters parameters() const override { return {W, U, b}; }

private:
    void require_step(const Variable& x, const Variable& state) const;
};

// The bias of a forget gate that, with nothing else said, keeps half of a cell over so many steps,
// from 1.
float forget_bias_for(int steps);

// The cell with the numbers of a torch.nn.LSTMCell: weight_ih [4 H, D], weight_hh [4 H, H], bias_ih
// and bias_hh [4 H]. Its W, U and b are parameters of its own.
LstmCell lstm_of_two_biases(const Tensor& weight_ih, const Tensor& weight_hh, const Tensor& bias_ih,
                            const Tensor& bias_hh);

// How many numbers are learnt by a cell of so many gates, each with so many rows of biases, and by
// the linear layer from its hidden state to C classes. A plain cell is one gate.
int classifier_parameters(int D, int H, int C, int gates, int biases);

// ## Many to one: a sequence is read, and its last state gives a row of logits.

struct Classifier {
    const Cell& cell;
    Linear answer;  // [H, C]

    Classifier(const Cell& cell_, int H, int C, Random& random)
        : cell(cell_), answer(H, C, random) {}
    Variable operator()(const Sequences& sequences, int V) const;  // logits [B, C]
    Parameters parameters() const;
};
