// # 5. Recurrent networks
//
// The networks of chapter 4 take a fixed number of inputs. A sentence has any number of words, and
// what a word means depends on the words before it. How would you read it with little memory? Word
// by word, with a note in your hand: you look at the word and at your note, write a new note, and
// throw the old one away. A *recurrent network* does this. Its note is a row of numbers, the
// *hidden state*, and the same small layer writes it at every step.
//
// In this chapter it reads sequences like `B b X d … a Y c E`, from B to E. At two places stands an
// X or a Y, and all else is noise. It says which of XX, XY, YX and YY it was. Between the second of
// the two and the end lie up to 60 symbols. This is what is right of new sequences, in percent, by
// their length (chance is 25, and who only counts the X gets the first row):
//
//                                   7–8  30–40  60–80 100–110
//        counting the X              71     77     77      76
//        plain cell                 100     45     22      25
//        LSTM, as many begin        100    100    100      21
//        LSTM, one number changed   100    100    100     100
//
// Needs: chapters 1, 3 and 4.
// Check: `make check CHAPTER=05`.
// Letters: B sequences, T steps, V kinds of symbols, C classes, D features of an input, H of a
// hidden state, S of a whole state; t a step; x inputs, h the hidden state, c the cell; z what goes
// into tanh and the sigmoid σ.
// Minutes: about 85.

#include "05_recurrent.hpp"

#include "02_fast_matmul.hpp"
#include "demos/05_order/order.hpp"
#include "kit/chapter.hpp"
#include "kit/environment.hpp"

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
// hundred than for one of two. What it learns about a symbol at one place, it knows everywhere.
//
// How long does a note last? Leave the tanh out for a moment, and let x and b be 0. Then h is
// multiplied by u at each step, and after n steps by uⁿ. What becomes of h = 1 in fifty steps, if u
// is a little less than 1, and if it is a little more? Do not guess: square 0.9, square what comes
// out, and so on; 50 is 32 + 16 + 2.
//
// ## Exercise 5.1 — By hand
// *About 1 line · difficulty 1 of 3 · 10 minutes*
//
// Return five numbers, to three digits behind their leading zeros: 0.9⁵⁰, 1.1⁵⁰, and then h_1, h_2
// and h_3 of the cell (5.1) with w = 1, u = 0.5 and b = 0, which reads x = 1, 0, 0. You need
// tanh(1) = 0.762, tanh(0.381) = 0.364 and tanh(0.182) = 0.180.
Tensor recurrent_by_hand() {
    // TODO 5.1: a row of five
    todo("5.1");
}

// A tenth more or less, and after fifty steps the one is 20,000 times the other. All of this
// chapter is about these two numbers.
//
// ## A batch of sequences
//
// A cell works step by step, so we keep a batch as a list of steps: `xs[t]` is what all B sequences
// read at step t, [B, D]. A symbol becomes a row with a 1 at its own place: `one_hot(tokens, V)` of
// course/kit/tokens.hpp makes the numbers of [B, V], and of the token −1 a row of zeros. The
// sequences of a batch have different lengths, and the short ones are filled up with *padding*,
// which means nothing. Where? At the end we want to read the answer from the state after the last
// step, for all sequences alike. So the padding stands in *front*:
//
//        step        0  1  2  3  4
//        BXbYE       B  X  b  Y  E
//        BYE         ·  ·  B  Y  E
//
// A step over padding must leave no trace. A row of zeros for x is not enough: as soon as b is not
// 0, neither is tanh(0 + h U + b). After two such steps BYE would begin with a note about nothing,
// and it would mean something else in another batch. So the state of a sequence is held at 0 until
// its first real symbol comes. Multiply each state by a mask of zeros and ones, and a gradient
// stops there as well:

// Row i is 1 if sequence i has at least so many real steps, and else 0, in all S columns.
static Tensor real_rows(const std::vector<int>& lengths, int steps, int S) {
    Tensor real({size_of(lengths), S});
    for (int i = 0; i < real.size(); ++i) real.data[i] = steps <= lengths[i / S];
    return real;
}

// One loop serves all cells. What a cell must be able to do stands in 05_recurrent.hpp, as `Cell`:
// make the next state [B, S] of an input [B, D] and of the state before. The plain cell's state is
// h, and with a sequence in each row (5.1) becomes
//
//     h_t = tanh(x_t W + h_(t−1) U + b)                                                   (5.2)
RnnCell::RnnCell(int D, int H, Random& random)
    : W(parameter(xavier_weights(D, H, random), "W")),
      U(parameter(xavier_weights(H, H, random), "U")),
      b(parameter(Tensor({H}), "b")) {}

// What does not fit is refused by these, which stand at the end of the file.
static void require_tokens(const Sequences& sequences, int V);
static void require_steps(const Steps& xs, const std::vector<int>& lengths);
static void require_states(const RnnCell& cell, const std::vector<Tensor>& xs,
                           const std::vector<Tensor>& hs, const Tensor& dlast);

// ## Exercise 5.2 — A cell and its loop
// *About 14 lines · difficulty 2 of 3 · 20 minutes*
//
// Write three things. `steps_of` makes the list of steps, with the padding in front; there are T of
// them. `step` is (5.2). `unroll` begins with a state of zeros, goes through the steps, and keeps
// every state. For the padding it needs `real_rows`: how many real steps must a sequence have for
// step t to be one of them?
Steps steps_of(const Sequences& sequences, int V) {
    require_tokens(sequences, V);
    const std::vector<int> lengths = lengths_of(sequences);
    const int B = size_of(sequences);
    const int T = B == 0 ? 0 : *std::max_element(lengths.begin(), lengths.end());
    Steps steps;
    // TODO 5.2: about 6 lines
    todo("5.2");
}

Variable RnnCell::step(const Variable& x, const Variable& h) const {
    require_shapes("RnnCell", {{x.shape(), "B D"}, {W.shape(), "D H"}, {h.shape(), "B H"}});
    // TODO 5.2: 1 line
    todo("5.2");
}

Steps unroll(const Cell& cell, const Steps& xs, const std::vector<int>& lengths) {
    require_steps(xs, lengths);
    const int T = size_of(xs), B = size_of(lengths), S = cell.state_size();
    Steps states;
    // TODO 5.2: about 7 lines
    todo("5.2");
}

// A network that reads a whole sequence and then says one thing is called *many to one*. Its last
// state goes through a linear layer and becomes logits. That is all of it:
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
// their parameters. The tape goes back through it as through anything else. To see what happens
// there, go back once without it. This is *backpropagation through time*.
//
// Write z_t for what goes into the tanh of step t, and dh_t for what arrives at h_t. The slope of
// tanh is 1 − h_t², for each number by itself. And z_t is made of products of matrices, to which
// (3.3) applies, and what you found there for the second factor:
//
//     dz_t = dh_t · (1 − h_t²),   dh_(t−1) = dz_t Uᵀ                                      (5.3)
//
// The dot multiplies number by number.
//
// W, U and b are used at *every* step. By (3.2) each gets the sum of what all steps say.
//
// ## Exercise 5.3 — Backwards through time
// *About 12 lines · difficulty 3 of 3 · 25 minutes*
//
// Go back from the last step to the first, with tensors only. The loss looks at the last state
// alone: what arrives there is `dlast`. Keep every dh_t and dx_t, and add up dW, dU and db. What
// does U multiply at the first step? The checks hold your gradients against those of the tape.
RnnGradients rnn_backward(const RnnCell& cell, const std::vector<Tensor>& xs,
                          const std::vector<Tensor>& hs, const Tensor& dlast) {
    require_states(cell, xs, hs, dlast);
    const Tensor &W = cell.W.value(), &U = cell.U.value();
    const int T = size_of(xs);
    RnnGradients d{std::vector<Tensor>(T), std::vector<Tensor>(T), Tensor(W.shape), Tensor(U.shape),
                   Tensor(cell.b.shape())};  // dx, dh, dW, dU, db
    // TODO 5.3: about 12 lines
    todo("5.3");
}

// ## Why it forgets
//
// Put (5.3) into itself. Over n steps back, a gradient is multiplied n times by a slope 1 − h²,
// which is never above 1, and n times by Uᵀ. This is 5.1 again, with a matrix in the place of a
// number. Let ‖ ‖ be the length of a row. If s is the largest factor by which Uᵀ can stretch one,
// then
//
//     ‖dh_(T−n)‖ ≤ sⁿ ‖dh_T‖                                                              (5.4)
//
// If s is below 1, the gradient must *vanish*. The loss then says nothing about what was read n
// steps ago, and a network cannot learn what it is not told. If s is above 1, the gradient may
// *explode*, and one step of training throws the parameters far away. A gradient that is too long
// can be cut, as Pascanu, Mikolov and Bengio do (2013): this is *clipping*, and chapter 17 has it.
// One that is nothing cannot be made longer.
//
// Why not choose U so that s = 1? Because of the other factor. The slope 1 − h² is 1 only where h
// is 0 and says nothing. A state that says something is near 1 or −1, and there the slope is near
// 0: what a plain cell writes down clearly, it can hardly change any more. In the demo, a few
// millionths of the gradient are left after a hundred steps, before anything is learnt. After 500
// steps, in which it learnt nothing at this length, it is the lowest line of the picture:
//
//     picture: 05_gradient
//
// ## A cell that keeps
//
// The product of slopes comes from *writing the whole note anew* at each step. Now take a note on
// which a number stays as it is unless something is done to it. Hochreiter and Schmidhuber (1997)
// gave the network such a row, the *cell* c. What is done to it is decided by gates. A *gate* is a
// row of numbers between 0 and 1, by which another row is multiplied: 0 is closed, and 1 is open.
// There are three gates and a candidate. Each is a small layer of its own that sees x_t and
// h_(t−1):
//
// - the *input gate* i says how much of the candidate is added to the cell;
// - the *forget gate* f says how much of the old cell is kept (1 keeps all, whatever its name);
// - the *candidate* g is what could be added, between −1 and 1;
// - the *output gate* o says how much the others see of tanh(c), the new cell, squashed. What they
//   see is h_t.
//
// This is the *LSTM*, short for long short-term memory. Its four layers are one product, whose
// columns stand side by side, H for each layer, in the order i, f, g, o:
//
//     z_t = x_t W + h_(t−1) U + b = [z_i  z_f  z_g  z_o]                                  (5.5)
//
// On the straight way back from c_t to c_(t−1) there is one factor, the forget gate: no matrix, and
// no tanh. Where it is open, a gradient goes through a hundred steps as through one.
//
// ## How open is open?
//
// Before anything is learnt, z_f is near its bias, so f is near σ of the bias. With a bias of 0
// half of a cell is gone after a single step, and after forty steps a millionth of a millionth is
// left. The LSTM then forgets like a plain cell. So its forget gates must *begin* open. Many begin
// with a bias of 1, as Jozefowicz, Zaremba and Sutskever advise (2015). That is σ(1) = 0.731. Is it
// open enough for sequences of a hundred, where 40 to 60 steps lie behind even the second symbol?
// Compute 0.731⁴⁰.
//
// ## Exercise 5.4 — The LSTM
// *About 9 lines · difficulty 2 of 3 · 20 minutes*
//
// Write a step. The four lines of the list say what c_t and h_t are, and also which function makes
// a gate, and which the candidate. The whole state is h and c side by side, [h, c]. `columns(z,
// first, count)` takes columns out of a matrix, and `beside` puts two matrices side by side.
//
// Then find the bias b with which half of a cell is left after n steps: σ(b)ⁿ = 1/2.
// (`std::expm1(y)` is e^y − 1, exact where y is tiny.)
Variable LstmCell::step(const Variable& x, const Variable& state) const {
    require_step(x, state);
    const int H = U.shape()[0];
    const Variable h = columns(state, 0, H), c = columns(state, H, H);
    const Variable z = linear(x, W, b) + matmul(h, U);  // [B, 4 H]
    // TODO 5.4: about 7 lines
    todo("5.4");
}

float forget_bias_for(int steps) {
    if (steps < 1)
        throw std::invalid_argument("forget_bias_for: " + std::to_string(steps) + " steps");
    // TODO 5.4: 1 line
    todo("5.4");
}

// For forty steps it is 4.05. This is the one number that was changed in the table at the top. With
// it, an LSTM learns from sequences of a hundred, where the others stay at chance. (Not always as
// fast: of ten seeds, six got beyond 90 % in these 500 steps. With a bias of 1, none did.) Here are
// the cells of one that learnt from 30 to 40 symbols. It reads two sequences that differ only in
// the first of the two symbols, at 1; the second is at 2:
//
//     picture: 05_cells
//
// ## Two biases, and one too many
//
// PyTorch has this cell too. It keeps W and U as [4 H, D] and [4 H, H], with a row for each neuron
// where ours have a column, in the same order of gates. And it has two biases, one for x and one
// for h:
//
//     z_t = x_t W_(ih)ᵀ + b_(ih) + h_(t−1) W_(hh)ᵀ + b_(hh)                               (5.6)
//
// ## Exercise 5.5 — What is learnt, counted
// *About 4 lines · difficulty 1 of 3 · 10 minutes*
//
// Build one of our cells from PyTorch's four tensors, so that both say the same. Then count all the
// numbers that are learnt by a cell of so many `gates` and the linear layer behind it, from its
// hidden state to C classes. A gate, here, is one small layer with `biases` biases for each of its
// H numbers. The candidate counts as one, so an LSTM has four; the plain cell is one.
LstmCell lstm_of_two_biases(const Tensor& weight_ih, const Tensor& weight_hh, const Tensor& bias_ih,
                            const Tensor& bias_hh) {
    require_shapes("lstm_of_two_biases", {{weight_ih.shape, "n D"},
                                          {weight_hh.shape, "n H"},
                                          {bias_ih.shape, "n"},
                                          {bias_hh.shape, "n"}});
    // TODO 5.5: 1 line
    todo("5.5");
}

int classifier_parameters(int D, int H, int C, int gates, int biases) {
    // TODO 5.5: about 2 lines
    todo("5.5");
}

// ## What no gate can mend
//
// Two things remain. The steps must *wait for each other*: a thousand cores cannot read a sentence
// faster than one, for step 7 needs the state of step 6. And the last state is a *bottleneck*: H
// numbers hold all that will ever be known of the sequence, be it short or long. Chapter 10 lets
// the network look back at all its states. Chapter 11 then asks whether the reading step by step is
// needed at all.
//
// ## See it
//
// The task is that of Hochreiter and Schmidhuber (1997, experiment 6a): two symbols that are X or
// Y, far from the end, and four answers. Three networks with a hidden state of 8 learn it at four
// lengths, in 500 steps each. Who only counts the X is right in three of four cases; who guesses,
// in one. The lines only join what was measured at the four lengths:
//
//     picture: 05_length
//
// Before you run `make demo CHAPTER=05` (about 15 seconds): which of XX, XY, YX and YY will the
// plain cell confuse at 30–40, where it is right in 45 of 100 cases? And where, in the picture of
// the cells, do you expect their colours to change? (What prints and draws is in
// course/demos/05_order/.)
//
// And longer ones? In 1,500 steps at 300–500, no LSTM of ours has learnt anything. With FULL=1 the
// best one goes on from 100–110 by stages of 500 steps, in about a minute. How far it gets hangs on
// the last digits of its numbers, which compilers round differently: as g++ made it, it came to
// 100 % at 200–220 and lost the thread at 250–270, and as clang++ made it, to 97 % at 300–500.
//
// ## Experiment
//
// At first, half of a cell is left after `half_life` steps. Set it to 5, so that 4 thousandths are
// left after forty: what percentage will be right at 100–110? Write it down, and run the demo. Then
// try 400, and 2. Is more open always better?
static const int half_life = 40;
static const double predicted = NAN;  // your percentage, such as 50

static const Demo demo("05", [] {
    const std::vector<order::Kind> kinds = {
        order::plain_cell(), order::lstm("LSTM, bias 1", 1.0f),
        order::lstm("LSTM, its own bias", forget_bias_for(half_life))};
    const std::vector<order::Row> rows = order::learn_all(kinds);
    order::show_answers(*rows[1][0], *rows[1][2]);
    order::show_longer(*rows[3][2]);
    compare("Percent right at 100–110", predicted, 100 * rows[3][2]->right());
    order::show_gradients(kinds, rows[3]);
    order::draw_cells(*rows[1][2]);
    if (asked_for("FULL")) order::show_stages(*rows[3][2]);
    order::show_end(rows[3]);
});

// ## Questions
//
// 1. How many multiplications does one step of an LSTM take for one sequence? How many parameters
//    have the plain cell and the LSTM of the demo, with their last layers, and how many more in
//    PyTorch?
// 2. What breaks if the forget gate is always 1, as in the cell of 1997, and a text of a million
//    words is read in one go?
// 3. Look at the picture of the cells. Which of them know what the first symbol was, and from where
//    on? Which steps change hardly anything?
// 4. The plain cell writes its state anew, the LSTM adds to it. Where else in this course would you
//    rather add than write anew?
//
// ## Where it comes from
//
// - Elman, "Finding structure in time" (1990): the plain cell. Werbos, "Backpropagation through
//   time: what it does and how to do it" (1990).
// - Hochreiter (1991, his diploma thesis), and Bengio, Simard and Frasconi, "Learning long-term
//   dependencies with gradient descent is difficult" (1994): why it forgets.
// - Hochreiter and Schmidhuber, "Long short-term memory" (1997); Gers, Schmidhuber and Cummins,
//   "Learning to forget: continual prediction with LSTM" (2000): the forget gate.
// - Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks" (2013).
//   Jozefowicz, Zaremba and Sutskever, "An empirical exploration of recurrent network
//   architectures" (2015): the bias of 1.
//
// ## What you have now
//
// Two cells that read a sequence of any length, and the reason why one of them forgets. Chapter 10
// reads and writes with them, and lets them look back.
//
// ## What is left: first numbers, and what does not fit
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
                                    to_string(U_.shape) + ": four gates are needed");
}

// The others see h alone.
Variable LstmCell::hidden(const Variable& state) const { return columns(state, 0, U.shape()[0]); }

void LstmCell::require_step(const Variable& x, const Variable& state) const {
    require_shapes("LstmCell", {{x.shape(), "B D"}, {W.shape(), "D n"}, {state.shape(), "B S"}});
    if (state.shape()[1] != state_size())
        throw std::invalid_argument("LstmCell: a state " + to_string(state.shape()) +
                                    " for H = " + std::to_string(U.shape()[0]));
}

static void require_tokens(const Sequences& sequences, int V) {
    for (const Sequence& sequence : sequences)
        for (int token : sequence)
            if (token < 0 || token >= V)
                throw std::invalid_argument("steps_of: token " + std::to_string(token) +
                                            " is none of " + std::to_string(V));
}

static void require_steps(const Steps& xs, const std::vector<int>& lengths) {
    const int T = size_of(xs), B = size_of(lengths);
    if (T == 0 || B == 0)
        throw std::invalid_argument("unroll: " + std::to_string(T) + " steps of " +
                                    std::to_string(B) + " sequences");
    for (const Variable& x : xs)
        if (x.value().rank() != 2 || x.shape()[0] != B)
            throw std::invalid_argument("unroll: a step " + to_string(x.shape()) + " for " +
                                        std::to_string(B) + " lengths");
    for (int length : lengths)
        if (length < 0 || length > T)
            throw std::invalid_argument("unroll: length " + std::to_string(length) + " of " +
                                        std::to_string(T));
}

static void require_states(const RnnCell& cell, const std::vector<Tensor>& xs,
                           const std::vector<Tensor>& hs, const Tensor& dlast) {
    if (xs.empty() || hs.size() != xs.size())
        throw std::invalid_argument("rnn_backward: " + std::to_string(xs.size()) + " inputs, " +
                                    std::to_string(hs.size()) + " states");
    for (int t = 0; t < size_of(xs); ++t)
        require_shapes("rnn_backward", {{xs[t].shape, "B D"},
                                        {hs[t].shape, "B H"},
                                        {dlast.shape, "B H"},
                                        {cell.W.shape(), "D H"},
                                        {cell.U.shape(), "H H"}});
}
