// # 5. Recurrent networks
//
// The networks of chapter 4 take a fixed number of inputs. A sentence has any number of words, and
// what a word means hangs on the words before it. How would you read it with little memory? Word by
// word, with a note in your hand: you look at the word and at your note, write a new note, and
// forget the rest. A *recurrent network* does this. Its note is a row of numbers, the *hidden
// state*, and what makes a new one is the same small layer at every step.
//
// In this chapter it reads sequences like `B b X d … a Y c E` and says which of X and Y came, and in
// which order. The others are noise. Between the two symbols and the end lie up to a hundred steps,
// and here is what two kinds of network still know then, by the length of the sequences:
//
//        length            7–8   30–40   60–80  100–110
//        plain cell        …
//        LSTM              …
//
// Needs: chapters 1, 3 and 4.
// Check: `make check CHAPTER=05`.
// Letters: B sequences, T steps, D features of an input, H of a hidden state, S of a whole state; t
// a step; x inputs, h the hidden state, c the cell; z what goes into tanh and sigmoid σ.
// Minutes: about 70.

#include "05_recurrent.hpp"

#include "02_fast_matmul.hpp"
#include "demos/05_order/order.hpp"
#include "kit/chapter.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <stdexcept>

// ## A note that is written again and again
//
// With one number for the input and one for the state, the plainest cell is
//
//     h_t = tanh(x_t w + h_(t−1) u + b),   h_0 = 0                                        (5.1)
//
// w, u and b are the same at every step. So the network has no more parameters for a sequence of a
// hundred than for one of two, and what it has learnt about a word it knows at every place.
//
// How long does a note last? Leave the tanh out for a moment, and let nothing come in: then h is
// multiplied by u at each step, and after n steps by uⁿ. It is hard to believe what this does. You
// can find it on paper: 0.9² = 0.81, its square is 0.9⁴, and so on, and 50 = 32 + 16 + 2.
//
// ## Exercise 5.1 — By hand
// *About 1 line · difficulty 1 of 3 · 10 minutes*
//
// Return five numbers, to three digits: 0.9⁵⁰, 1.1⁵⁰, and then h_1, h_2 and h_3 of the cell (5.1)
// with w = 1, u = 0.5 and b = 0, which reads x = 1, 0, 0. You need tanh(1) = 0.762, tanh(0.381) =
// 0.364 and tanh(0.182) = 0.180.
Tensor recurrent_by_hand() {
    //> 5.1: a row of five
    return row({0.00515f, 117.4f, 0.762f, 0.363f, 0.180f});
    //<
}

// Fifty steps make two hundredths of an inch of a yard, or a street of it. And that is a factor
// that differs from 1 by a tenth.

// ## A batch of sequences
//
// A cell works step by step, so we keep a batch as a list of steps: `xs[t]` is what all B sequences
// read at step t, [B, D]. A symbol becomes a row with a 1 at its own place, as `one_hot` of
// course/kit/tokens.hpp makes it. The sequences of a batch have different lengths, and the short
// ones are filled up with padding. Where? At the end we want to read the answer from the state
// after the last step, for all sequences alike. So the padding stands in *front*:
//
//        step        0  1  2  3  4
//        BXbYE       B  X  b  Y  E
//        BYE         ·  ·  B  Y  E
//
// A step over padding must leave no trace. A row of zeros for x is not enough: tanh(0 + h U + b)
// is not 0 as soon as b is not, and after three such steps a sequence would begin with a note about
// nothing. It would mean something else in another batch. So the state of a sequence is held at 0
// until its first real symbol comes. `real_rows` makes the mask for that.

// A 1 in all S columns for a sequence that has so many real steps or more, and else a 0.
static Tensor real_rows(const std::vector<int>& lengths, int steps_left, int S) {
    Tensor real({size_of(lengths), S});
    for (int i = 0; i < real.size(); ++i) real.data[i] = steps_left <= lengths[i / S];
    return real;
}

// One loop serves all cells. What a cell must be able to do stands in 05_recurrent.hpp, as `Cell`:
// make the next state [B, S] of an input [B, D] and of the state before. For the plain cell the
// state is h, and (5.1) becomes, with a sequence in each row,
//
//     h_t = tanh(x_t W + h_(t−1) U + b)                                                   (5.2)
RnnCell::RnnCell(int D, int H, Random& random)
    : W(parameter(xavier_weights(D, H, random), "W")),
      U(parameter(xavier_weights(H, H, random), "U")),
      b(parameter(Tensor({H}), "b")) {}

static void require_tokens(const Sequences& sequences, int V) {
    for (const Sequence& sequence : sequences)
        for (int token : sequence)
            if (token < 0 || token >= V)
                throw std::invalid_argument("steps_of: token " + std::to_string(token) +
                                            " is none of " + std::to_string(V));
}

static void require_steps(const Cell& cell, const Steps& xs, const std::vector<int>& lengths) {
    const int T = size_of(xs), B = size_of(lengths);
    if (T == 0) throw std::invalid_argument("unroll: a sequence of no steps");
    for (const Variable& x : xs)
        if (x.value().rank() != 2 || x.shape()[0] != B)
            throw std::invalid_argument("unroll: a step " + to_string(x.shape()) + " for " +
                                        std::to_string(B) + " lengths");
    for (int length : lengths)
        if (length < 0 || length > T)
            throw std::invalid_argument("unroll: length " + std::to_string(length) + " of " +
                                        std::to_string(T));
}

// ## Exercise 5.2 — A cell and its loop
// *About 14 lines · difficulty 2 of 3 · 25 minutes*
//
// Write three things. `steps_of` makes the list of steps, with the padding in front. `step` is
// (5.2). `unroll` begins with a state of zeros, goes through the steps, and keeps every state; for
// the padding it needs `real_rows`. How many real steps must a sequence have for step t, of T, to be
// one of them?
Steps steps_of(const Sequences& sequences, int V) {
    require_tokens(sequences, V);
    const std::vector<int> lengths = lengths_of(sequences);
    const int B = size_of(sequences);
    const int T = B == 0 ? 0 : *std::max_element(lengths.begin(), lengths.end());
    Steps steps;
    //> 5.2: about 6 lines
    for (int t = 0; t < T; ++t) {
        std::vector<int> tokens;
        for (const Sequence& s : sequences) {
            const int place = t - (T - size_of(s));
            tokens.push_back(place < 0 ? -1 : s[place]);
        }
        steps.push_back(Tensor({B, V}, one_hot(tokens, V)));
    }
    return steps;
    //<
}

Variable RnnCell::step(const Variable& x, const Variable& h) const {
    require_shapes("RnnCell", {{x.shape(), "B D"}, {W.shape(), "D H"}, {h.shape(), "B H"}});
    //> 5.2: 1 line
    return tanh(linear(x, W, b) + matmul(h, U));
    //<
}

Steps unroll(const Cell& cell, const Steps& xs, const std::vector<int>& lengths) {
    require_steps(cell, xs, lengths);
    const int T = size_of(xs), B = size_of(lengths), S = cell.state_size();
    Steps states;
    //> 5.2: about 7 lines
    const int shortest = *std::min_element(lengths.begin(), lengths.end());
    Variable state = Tensor({B, S});
    for (int t = 0; t < T; ++t) {
        state = cell.step(xs[t], state);
        if (T - t > shortest) state = state * real_rows(lengths, T - t, S);
        states.push_back(state);
    }
    return states;
    //<
}

// A network that reads a whole sequence and then says one thing is called *many to one*. The last
// state goes through a linear layer and becomes logits:
Variable Classifier::operator()(const Sequences& sequences, int V) const {
    const Steps states = unroll(cell, steps_of(sequences, V), lengths_of(sequences));
    return answer(cell.hidden(states.back()));
}

Parameters Classifier::parameters() const {
    Parameters all = cell.parameters();
    append(all, answer.parameters());
    return all;
}

// ## Backwards through time
//
// Unrolled, a recurrent network is a deep one: T layers, one above the other, which happen to share
// their parameters. The tape goes back through it as through anything else. To see *what* it does,
// go back once without it. This is *backpropagation through time*.
//
// Write z_t for what goes into the tanh of step t. What arrives at h_t is dh_t. The tanh has the
// slope 1 − h_t², so dz_t is dh_t times that, number by number, which the small circle means. And
// z_t is a sum of two products and a bias, to which (3.3) applies:
//
//     dz_t = dh_t ∘ (1 − h_t²),   dh_(t−1) = dz_t Uᵀ                                      (5.3)
//
// W, U and b are used at *every* step. By (3.2) each gets the sum of what all steps say.
//
// ## Exercise 5.3 — Backwards through time
// *About 12 lines · difficulty 3 of 3 · 30 minutes*
//
// Go back from the last step to the first, with the tensor functions of chapters 1 and 2. The loss
// looks at the last state alone: what arrives there is `dlast`. Keep every dh_t and dx_t, and add
// up dW, dU and db. What stands in front of U at the first step? No Variable may take part but the
// parameters of the cell; the checks hold your gradients against those of the tape.
RnnGradients rnn_backward(const RnnCell& cell, const std::vector<Tensor>& xs,
                          const std::vector<Tensor>& hs, const Tensor& dlast) {
    const Tensor &W = cell.W.value(), &U = cell.U.value();
    const int T = size_of(xs);
    if (T == 0 || size_of(hs) != T)
        throw std::invalid_argument("rnn_backward: " + std::to_string(T) + " inputs, " +
                                    std::to_string(hs.size()) + " states");
    for (int t = 0; t < T; ++t)
        require_shapes("rnn_backward", {{xs[t].shape, "B D"},
                                        {hs[t].shape, "B H"},
                                        {dlast.shape, "B H"},
                                        {W.shape, "D H"},
                                        {U.shape, "H H"}});
    RnnGradients d{std::vector<Tensor>(T), std::vector<Tensor>(T), Tensor(W.shape),
                   Tensor(U.shape), Tensor(cell.b.shape())};
    //> 5.3: about 12 lines
    d.dh[T - 1] = dlast;
    for (int t = T - 1; t >= 0; --t) {
        const Tensor dz = subtract(d.dh[t], multiply(d.dh[t], multiply(hs[t], hs[t])));
        d.dx[t] = matmul(dz, transpose(W));
        d.dW = add(d.dW, matmul(transpose(xs[t]), dz));
        d.db = add(d.db, sum(dz, 0));
        if (t == 0) break;  // in front of the first step stands a state of zeros
        d.dU = add(d.dU, matmul(transpose(hs[t - 1]), dz));
        d.dh[t - 1] = matmul(dz, transpose(U));
    }
    return d;
    //<
}

// ## Why it forgets
//
// Put (5.3) into itself, n times: from the end to n steps before it, a gradient is multiplied by n
// slopes 1 − h², none above 1, and n times by Uᵀ. This is 5.1 again, with a matrix for the number.
// Let the largest factor by which U can stretch a row be s. Then
//
//     ‖dh_(T−n)‖ ≤ sⁿ ‖dh_T‖                                                              (5.4)
//
// Is s below 1, the gradient *vanishes*. The loss then says nothing to what was read n steps ago,
// and a network cannot learn what it is not told. Is s above 1, it may *explode*, and one step of
// training throws the parameters far away. One can cut a gradient that is too long, as Pascanu,
// Mikolov and Bengio do (2013): *clipping*, which chapter 17 has. But one cannot lengthen one that
// is nothing.
//
// The two are not equally likely. The slope of tanh is 1 only at h = 0, where the state says
// nothing. A state that says something clearly is near 1 or −1, and there the slope is near 0. So
// whatever the plain cell holds fast, it can no longer learn about.
//
//     picture: 05_gradient
//
// ## A cell that keeps
//
// Where does the product of slopes come from? From *writing the whole note anew* at each step. Now
// take a note on which a number stays as it is unless something is done to it. Hochreiter and
// Schmidhuber (1997) gave the network such a row, the *cell* c, and Gers, Schmidhuber and Cummins
// (2000) gave it its last part, the forget gate. A *gate* is a row of numbers between 0 and 1, by
// which another row is multiplied: 0 is closed, and 1 is open. There are three gates and a
// *candidate*, and each is a small layer of its own, which sees x_t and h_(t−1):
//
// - the *input gate* i: how much of the candidate is added to the cell;
// - the *forget gate* f: how much of the old cell is kept. (It should be called the gate of
//   remembering: 1 keeps all.)
// - the candidate g: what could be written, between −1 and 1;
// - the *output gate* o: how much the others see of the cell, after it has been squashed by a tanh
//   into −1 … 1. What they see is h_t.
//
// This is the *LSTM*, short for long short-term memory. Its four layers are computed as one product
// whose columns stand side by side, H each, in the order i, f, g, o:
//
//     z_t = x_t W + h_(t−1) U + b,   z_t = [z^i  z^f  z^g  z^o]                           (5.5)
//
// On the way back from c_t to c_(t−1) there is one factor, the forget gate: no matrix, and no tanh.
// Where it is open, a gradient goes through a hundred steps as through one.
//
// The whole state of this cell is h and c, and we keep both in one row [h, c]. `columns` takes some
// columns out of a matrix, and `beside` puts two matrices side by side. They only move numbers, so
// their backward functions move them back.
Variable columns(const Variable& x, int first, int count) {
    require_shapes("columns", {{x.shape(), "B n"}});
    const int rows = x.shape()[0], n = x.shape()[1];
    if (first < 0 || count < 0 || first + count > n)
        throw std::invalid_argument("columns: " + std::to_string(count) + " from " +
                                    std::to_string(first) + " of " + to_string(x.shape()));
    const auto copy = [=](const Tensor& from, int at, Tensor to, int there) {
        for (int r = 0; r < rows; ++r) std::copy_n(from.row(r) + at, count, to.row(r) + there);
        return to;
    };
    return record("columns", copy(x.value(), first, Tensor({rows, count}), 0), {x},
                  [=](const Tensor&, const Tensor& dy) {
                      return copy(dy, 0, Tensor({rows, n}), first);
                  });
}

// ## How long is long?
//
// At first a network knows nothing, so z^f is near its bias, and f near σ of that. With a bias of
// 0, half of a cell is gone after a single step, and after forty steps a billionth of a thousandth
// is left: the LSTM forgets like the plain cell, and its gradient vanishes in the same way. So the
// forget gate must *begin* open. Many libraries have 1 as the first bias, as Gers and others had
// it, and σ(1) = 0.731. Is that open enough for your sequences?
//
// ## Exercise 5.4 — The LSTM
// *About 9 lines · difficulty 2 of 3 · 25 minutes*
//
// Write a step: the two lines for c_t and h_t stand nowhere but in the four sentences above, and
// which function makes a gate, and which a candidate, too. Then find the bias with which half of a
// cell is left after n steps: for which b is σ(b)ⁿ = 1/2? (`std::expm1(y)` is e^y − 1, and exact
// where y is tiny.)
Variable LstmCell::step(const Variable& x, const Variable& state) const {
    require_shapes("LstmCell", {{x.shape(), "B D"}, {W.shape(), "D n"}, {U.shape(), "H n"}});
    require_shapes("LstmCell", {{x.shape(), "B D"}, {state.shape(), "B S"}});
    const int H = U.shape()[0];
    if (state.shape()[1] != 2 * H)
        throw std::invalid_argument("LstmCell: a state " + to_string(state.shape()) + " for H = " +
                                    std::to_string(H));
    const Variable h = columns(state, 0, H), c = columns(state, H, H);
    const Variable z = linear(x, W, b) + matmul(h, U);  // [B, 4 H]
    //> 5.4: about 7 lines
    const Variable i = sigmoid(columns(z, 0, H));
    const Variable f = sigmoid(columns(z, H, H));
    const Variable g = tanh(columns(z, 2 * H, H));
    const Variable o = sigmoid(columns(z, 3 * H, H));
    const Variable kept = f * c + i * g;
    return beside(o * tanh(kept), kept);
    //<
}

float forget_bias_for(int steps) {
    if (steps < 1)
        throw std::invalid_argument("forget_bias_for: " + std::to_string(steps) + " steps");
    //> 5.4: about 1 line
    return std::log(1 / std::expm1(std::log(2.0) / steps));
    //<
}

// ## Two biases, and one too many
//
// PyTorch has an LSTM too, and its numbers are the checks' judge. It keeps its weights [4 H, D] and
// [4 H, H], a row for each neuron where ours has a column, in the same order of gates. And it has
// two biases, one for x and one for h:
//
//     z_t = x_t W_(ih)ᵀ + b_(ih) + h_(t−1) W_(hh)ᵀ + b_(hh)                               (5.6)
//
// ## Exercise 5.5 — What is learnt, counted
// *About 5 lines · difficulty 1 of 3 · 10 minutes*
//
// Make one of our cells of PyTorch's four tensors, which does the same. Then count the numbers that
// are learnt by a cell of so many `gates` and a linear layer behind it, from H to C classes. A gate
// is one small layer, and has `biases` rows of biases; the plain cell is one gate, the LSTM four.
LstmCell lstm_of_two_biases(const Tensor& weight_ih, const Tensor& weight_hh,
                            const Tensor& bias_ih, const Tensor& bias_hh) {
    require_shapes("lstm_of_two_biases", {{weight_ih.shape, "n D"},
                                          {weight_hh.shape, "n H"},
                                          {bias_ih.shape, "n"},
                                          {bias_hh.shape, "n"}});
    //> 5.5: about 2 lines
    return LstmCell(transpose(weight_ih), transpose(weight_hh), add(bias_ih, bias_hh));
    //<
}

int classifier_parameters(int D, int H, int C, int gates, int biases) {
    //> 5.5: about 2 lines
    const int gate = D * H + H * H + biases * H;
    return gates * gate + H * C + C;
    //<
}

static const Demo demo("05", [] { order::show(); });

LstmCell::LstmCell(int D, int H, Random& random, float forget_bias)
    : LstmCell(xavier_weights(D, 4 * H, random), xavier_weights(H, 4 * H, random),
               Tensor({4 * H})) {
    Tensor first({4 * H});
    std::fill(first.row(0) + H, first.row(0) + 2 * H, forget_bias);
    b.set_value(first);
}

LstmCell::LstmCell(const Tensor& W_, const Tensor& U_, const Tensor& b_)
    : W(parameter(W_, "W")), U(parameter(U_, "U")), b(parameter(b_, "b")) {
    require_shapes("LstmCell", {{W_.shape, "D n"}, {U_.shape, "H n"}, {b_.shape, "n"}});
    if (W_.shape[1] != 4 * U_.shape[0])
        throw std::invalid_argument("LstmCell: W " + to_string(W_.shape) + " and U " +
                                    to_string(U_.shape) + ": it needs four gates");
}

Variable LstmCell::hidden(const Variable& state) const {
    return columns(state, 0, U.shape()[0]);
}

Variable beside(const Variable& a, const Variable& b) {
    require_shapes("beside", {{a.shape(), "B n"}, {b.shape(), "B m"}});
    const int B = a.shape()[0], n = a.shape()[1], m = b.shape()[1];
    Tensor y({B, n + m});
    for (int r = 0; r < B; ++r) {
        std::copy_n(a.value().row(r), n, y.row(r));
        std::copy_n(b.value().row(r), m, y.row(r) + n);
    }
    return record("beside", std::move(y), {a, b}, [=](const Tensor&, const Tensor& dy) {
        Tensor da({B, n}), db({B, m});
        for (int r = 0; r < B; ++r) {
            std::copy_n(dy.row(r), n, da.row(r));
            std::copy_n(dy.row(r) + n, m, db.row(r));
        }
        return Gradients(std::move(da), std::move(db));
    });
}
