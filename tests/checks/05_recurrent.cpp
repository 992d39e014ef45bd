#include "05_recurrent.hpp"

#include "grader/check.hpp"
#include "grader/variations.hpp"

#include <algorithm>
#include <cmath>

namespace checks_05 {

using Tensors = std::vector<Tensor>;
using Variables = std::vector<Variable>;
using Lengths = std::vector<int>;

// ## 5.1 By hand

Tensor written_down(int) { return recurrent_by_hand(); }
CALLED(written_down, "recurrent_by_hand()");

// One number in the row of five, to three digits.
static void expect_written(int place, double expected, const std::string& otherwise) {
    const Tensor yours = ASK_UNRECORDED(written_down, 0);
    expect(yours.shape == Shape{5}, "five numbers are asked for, in a row");
    const double number = static_cast<double>(yours.data[place]);
    expect(std::fabs(number - expected) <= 0.0045 * expected,
           "number " + std::to_string(place + 1) + " is not right to three digits: " + otherwise);
}

CHECK("5.1", "0.9 fifty times: the squares 0.81, 0.6561 … lead to the 2nd, 16th and 32nd power") {
    expect_written(0, std::pow(0.9, 50), "0.9³² is 0.0343, 0.9¹⁶ is 0.185 and 0.9² is 0.81");
}

CHECK("5.1", "1.1 fifty times, in the same way") {
    expect_written(1, std::pow(1.1, 50), "1.1³² is 21.11, 1.1¹⁶ is 4.595 and 1.1² is 1.21");
}

CHECK("5.1", "the first state is the tanh of the first input") {
    expect_written(2, std::tanh(1.0), "x = 1 comes in, and the state before is 0");
}

CHECK("5.1", "afterwards nothing comes in, and each state is the tanh of half of the one before") {
    const double h1 = std::tanh(1.0), h2 = std::tanh(h1 / 2);
    expect_written(3, h2, "u h_1 goes into the tanh, and nothing else");
    expect_written(4, std::tanh(h2 / 2), "u h_2 goes into the tanh, and nothing else");
}

// ## 5.2 A cell and its loop

RESTS_ON("5.2", "3.3", "3.4");

Tensors listed(const Sequences& sequences, int V) {
    Tensors all;
    for (const Variable& x : steps_of(sequences, V)) all.push_back(x.value());
    return all;
}
CALLED(listed, "steps_of(sequences, V)");
PARTS(listed, "step #0");

static RnnCell cell_of(const Tensors& numbers) {
    Random random(1);
    RnnCell cell(numbers.at(0).shape[0], numbers.at(1).shape[0], random);
    cell.W.set_value(numbers[0]), cell.U.set_value(numbers[1]), cell.b.set_value(numbers[2]);
    return cell;
}

static Tensors random_cell(int D, int H) {
    const Tensor W = random_tensor({D, H});
    const Tensor U = random_tensor({H, H});
    return {W, U, random_tensor({H})};
}

Tensor one_step(const Tensors& W_U_b, const Tensor& x, const Tensor& h) {
    return cell_of(W_U_b).step(x, h).value();
}
CALLED(one_step, "RnnCell::step(x, h)");

static Tensors values_of(const Steps& steps) {
    Tensors all;
    for (const Variable& step : steps) all.push_back(step.value());
    return all;
}

static Steps constants(const Tensors& xs) { return Steps(xs.begin(), xs.end()); }

Tensors all_states(const Tensors& W_U_b, const Tensors& xs, const Lengths& lengths) {
    const RnnCell cell = cell_of(W_U_b);
    return values_of(unroll(cell, constants(xs), lengths));
}
CALLED(all_states, "unroll(cell, xs, lengths)");
PARTS(all_states, "the states after step #0");

// A cell that is none of the chapter's: it adds up what it reads, in two columns, and the second
// counts its steps.
struct AddingCell : Cell {
    Variable step(const Variable& x, const Variable& state) const override { return state + x; }
    int state_size() const override { return 2; }
    Variable hidden(const Variable& state) const override { return state; }
    Parameters parameters() const override { return {}; }
};

Tensors added_up(const Tensors& xs, const Lengths& lengths) {
    return values_of(unroll(AddingCell(), constants(xs), lengths));
}
CALLED(added_up, "unroll(a cell that adds x to its state, xs, lengths)");
PARTS(added_up, "the states after step #0");

CHECK("5.2", "of the tokens 2 0 1, step 0 is the row 0 0 1") {
    const Sequences sequences = {{2, 0, 1}};
    const Tensors steps = ASK(listed, sequences, 3);
    expect(steps.size() == 3, "there must be a step for each token");
    expect_near(steps.at(0), matrix({{0, 0, 1}}), 0);
    expect_near(steps.at(1), matrix({{1, 0, 0}}), 0);
}

CHECK("5.2", "a shorter sequence has its rows of zeros in front") {
    const Sequences sequences = {{0, 1, 1}, {1}};
    const Tensors steps = ASK(listed, sequences, 2);
    expect(steps.size() == 3, "there must be as many steps as the longest has tokens");
    expect_near(steps.at(0), matrix({{1, 0}, {0, 0}}), 0);
    expect_near(steps.at(2), matrix({{0, 1}, {0, 1}}), 0);
}

CHECK("5.2", "any batch: a step has a row for each sequence, and V columns") {
    for (int call = 0; call < 3; ++call) {
        const int V = 2 + random_numbers().below(5), B = 1 + random_numbers().below(4);
        Sequences sequences(B);
        for (Sequence& sequence : sequences) {
            sequence.resize(random_numbers().below(5));
            for (int& token : sequence) token = random_numbers().below(V);
        }
        ASK(listed, sequences, V);
    }
    ASK(listed, Sequences{{}, {0}, {}}, 1);
    expect(ASK(listed, Sequences{{}, {}}, 2).empty(), "of empty sequences there are no steps");
    expect(ASK(listed, Sequences{}, 2).empty(), "of no sequences there are no steps");
}

CHECK("5.2", "tanh(1 · 0.5 + 0.5 · 2 − 1) = tanh(0.5) = 0.462") {
    const Tensors W_U_b = {matrix({{0.5f}}), matrix({{2}}), row({-1})};
    expect_near(ASK(one_step, W_U_b, matrix({{1}}), matrix({{0.5f}})), matrix({{0.462117f}}), 1e-6);
}

CHECK("5.2", "a step of any size, with a sequence in each row") {
    for (const Shape& size : {Shape{3, 4, 2}, Shape{1, 1, 3}, Shape{2, 3, 3}, Shape{4, 2, 1}}) {
        const Tensors W_U_b = random_cell(size[1], size[2]);
        const Tensor x = random_tensor({size[0], size[1]});
        const Tensor h = random_tensor({size[0], size[2]});
        ASK(one_step, W_U_b, x, h);
    }
    const Tensors one = {matrix({{1}}), matrix({{2}}), row({0})};
    expect_near(ASK(one_step, one, matrix({{50}, {-50}}), matrix({{0.5f}, {0.5f}})),
                matrix({{1}, {-1}}), 1e-6);
}

CHECK("5.2", "a cell that adds what it reads: after 1, 2 and 3 the states are 1, 3 and 6") {
    const Tensors xs = {matrix({{1, 1}}), matrix({{2, 1}}), matrix({{3, 1}})};
    const Tensors states = ASK(added_up, xs, Lengths{3});
    expect(states.size() == 3, "there must be a state for each step");
    expect_near(states.at(0), matrix({{1, 1}}), 0);
    expect_near(states.at(1), matrix({{3, 2}}), 0);
    expect_near(states.at(2), matrix({{6, 3}}), 0);
}

CHECK("5.2", "padding leaves no trace: of 7, 2 and 3 with the length 2, the last state is 5") {
    const Tensors xs = {matrix({{7, 1}}), matrix({{2, 1}}), matrix({{3, 1}})};
    const Tensors states = ASK(added_up, xs, Lengths{2});
    expect_near(states.at(0), matrix({{0, 0}}), 0);
    expect_near(states.at(2), matrix({{5, 2}}), 0);
}

CHECK("5.2", "each sequence of a batch has its own length, from none to all") {
    Tensors xs;
    for (int t = 0; t < 4; ++t) xs.push_back(random_tensor({4, 2}));
    ASK(added_up, xs, Lengths{4, 1, 0, 3});
    ASK(added_up, xs, Lengths{2, 2, 1, 2});
    const Tensors W_U_b = random_cell(2, 3);
    ASK(all_states, W_U_b, xs, Lengths{1, 4, 2, 0});
    ASK(added_up, Tensors{xs[0]}, Lengths{0, 1, 0, 1});
    ASK(added_up, Tensors{xs[0], xs[1]}, Lengths{0, 0, 0, 0});
}

CHECK("5.2", "a short sequence says the same alone and beside a long one") {
    const Tensors W_U_b = random_cell(3, 2);
    Tensors alone, together;
    for (int t = 0; t < 5; ++t) {
        const Tensor x = random_tensor({1, 3}), other = random_tensor({1, 3});
        Tensor both({2, 3});
        std::copy(other.data.begin(), other.data.end(), both.data.begin());
        if (t >= 3) std::copy(x.data.begin(), x.data.end(), both.data.begin() + 3);
        if (t >= 3) alone.push_back(x);
        together.push_back(both);
    }
    const Tensor one = ASK(all_states, W_U_b, alone, Lengths{2}).back();
    const Tensor two = ASK(all_states, W_U_b, together, Lengths{5, 2}).back();
    expect_near(row({two.data[2], two.data[3]}), row({one.data[0], one.data[1]}), 1e-6);
}

// The gradients of Σ states ∘ dys, with respect to the inputs, W, U and b.
Tensors unrolled_with_constants(const Tensors& at, const Tensors& dys, const Lengths& lengths,
                                int wanted) {
    Variables all;
    for (int i = 0; i < size_of(at); ++i) all.push_back(Variable(at[i], (wanted >> i & 1) == 1));
    Random random(1);
    RnnCell cell(at.at(0).shape[0], at.at(1).shape[0], random);
    cell.W = all[0], cell.U = all[1], cell.b = all[2];
    const Steps states = unroll(cell, Steps(all.begin() + 3, all.end()), lengths);
    Variable total = sum(states.at(0) * dys.at(0));
    for (int t = 1; t < size_of(states); ++t) total = total + sum(states[t] * dys.at(t));
    if (total.needs_gradient()) backward(total);
    Tensors found = values_of(states);
    for (const Variable& v : all) found.push_back(v.gradient());
    return found;
}
PARTS(unrolled_with_constants, "the states after step 0", "the states after step 1",
      "the gradient of W", "the gradient of U", "the gradient of b",
      "the gradient of x at step #0");

CHECK("5.2", "gradients reach W, U, b and every input, also when others are constants") {
    Tensors at = random_cell(3, 2), dys;
    for (int t = 0; t < 2; ++t) at.push_back(random_tensor({2, 3}));
    for (int t = 0; t < 2; ++t) dys.push_back(random_tensor({2, 2}));
    allow_roundings(128);
    for (int wanted : {1, 2, 4, 7, 8, 16, 25, 31})
        ASK(unrolled_with_constants, at, dys, Lengths{2, 1}, wanted);
}

// The last states for some inputs, and those for the same inputs once more.
std::pair<Tensor, Tensor> read_twice(const Tensors& W_U_b, const Tensors& first,
                                     const Tensors& then) {
    const RnnCell cell = cell_of(W_U_b);
    const Lengths lengths(first.at(0).shape[0], size_of(first));
    unroll(cell, constants(first), lengths);
    const Tensor once = unroll(cell, constants(then), lengths).back().value();
    return {once, unroll(cell, constants(then), lengths).back().value()};
}
PARTS(read_twice, "the last state", "the last state when the same is read again");

CHECK("5.2", "every sequence begins with a state of zeros, whatever was read before") {
    const Tensors W_U_b = random_cell(2, 3);
    Tensors first, then;
    for (int t = 0; t < 3; ++t) first.push_back(random_tensor({2, 2}));
    for (int t = 0; t < 3; ++t) then.push_back(random_tensor({2, 2}));
    const auto [once, again] = ASK(read_twice, W_U_b, first, then);
    expect_same_bits(again, once, "the same sequences give another state when they are read again");
}

static Variable step_of(const Variables& v) {  // W, U, b, x and h
    Random random(1);
    RnnCell cell(v[0].shape()[0], v[1].shape()[0], random);
    cell.W = v[0], cell.U = v[1], cell.b = v[2];
    return cell.step(v[3], v[4]);
}

Tensor step_again(const Tensors& first, const Tensors& then) {
    return after_a_step<Variable>(step_of, first, then);
}

CHECK("5.2", "nothing is left over from the last call: other numbers in one place") {
    Tensors first = random_cell(2, 3), then = random_cell(2, 3);
    for (Tensors* all : {&first, &then}) {
        all->push_back(random_tensor({2, 2}));
        all->push_back(random_tensor({2, 3}));
    }
    ASK(step_again, first, then);
}

CHECK("5.2", "what does not fit is refused, with what was got") {
    expect_mentions(ASK_REFUSAL(listed, Sequences{{0, 3}}, 3), {"steps_of", "3"});
    ASK_REFUSAL(listed, Sequences{{0, -1}}, 3);
    const Tensors W_U_b = {Tensor({2, 3}), Tensor({3, 3}), Tensor({3})};
    expect_mentions(ASK_REFUSAL(one_step, W_U_b, Tensor({1, 4}), Tensor({1, 3})), {"[1, 4]"});
    const Tensors xs = {Tensor({1, 2}), Tensor({1, 2})};
    expect_mentions(ASK_REFUSAL(all_states, W_U_b, xs, Lengths{3}), {"unroll", "3", "2"});
    ASK_REFUSAL(all_states, W_U_b, xs, Lengths{1, 1});
    ASK_REFUSAL(all_states, W_U_b, Tensors(), Lengths());
    ASK_REFUSAL(all_states, W_U_b, Tensors{Tensor({0, 2})}, Lengths());
}

Tensors step_with_gradients(const Tensors& at, const Tensor& dy) {
    return with_constants<Variable>(step_of, at, dy, 31);
}
PARTS(step_with_gradients, "the state", "the gradient of W", "the gradient of U",
      "the gradient of b", "the gradient of x", "the gradient of the state before");

CHECK("5.2", "zeros are numbers like others: an x or h of zeros is read, and gets a gradient") {
    Tensors at = random_cell(3, 2);
    at.push_back(random_tensor({2, 3}));
    at.push_back(random_tensor({2, 2}));
    const Tensor dy = random_tensor({2, 2});
    for (int zeros : {3, 4}) {
        Tensors some = at;
        some[zeros] = Tensor(at[zeros].shape);
        ASK(step_with_gradients, some, dy);
    }
}

// ## 5.3 Backwards through time

RESTS_ON("5.3", "1.2", "3.3", "3.4");

// dx, dh, dW, dU and db by the chapter's function, from the states of the chapter's loop.
using Found = std::tuple<Tensors, Tensors, Tensor, Tensor, Tensor>;

Found through_time(const Tensors& W_U_b, const Tensors& xs, const Tensors& hs,
                   const Tensor& dlast) {
    const RnnGradients d = rnn_backward(cell_of(W_U_b), xs, hs, dlast);
    return {d.dx, d.dh, d.dW, d.dU, d.db};
}
CALLED(through_time, "rnn_backward(cell, xs, hs, dlast)");
PARTS(through_time, "∂loss/∂x at step ##0", "∂loss/∂h after step ##0", "dW", "dU", "db");

// What the states must be, in double: of the checks, so that a wrong loop is not a wrong gradient.
static Tensors exact_states(const Tensors& W_U_b, const Tensors& xs) {
    const Tensor &W = W_U_b.at(0), &U = W_U_b.at(1), &b = W_U_b.at(2);
    const int B = xs.at(0).shape[0], D = W.shape[0], H = U.shape[0];
    std::vector<double> h(B * H), next(B * H);
    Tensors states;
    for (const Tensor& x : xs) {
        for (int r = 0; r < B; ++r)
            for (int j = 0; j < H; ++j) {
                double z = static_cast<double>(b.data[j]);
                for (int i = 0; i < D; ++i)
                    z += static_cast<double>(x.data[r * D + i]) * W.data[i * H + j];
                for (int i = 0; i < H; ++i) z += h[r * H + i] * U.data[i * H + j];
                next[r * H + j] = std::tanh(z);
            }
        h = next;
        Tensor state({B, H});
        for (int i = 0; i < B * H; ++i) state.data[i] = static_cast<float>(h[i]);
        states.push_back(state);
    }
    return states;
}

static Tensors random_inputs(int T, const Shape& shape) {
    Tensors xs;
    for (int t = 0; t < T; ++t) xs.push_back(random_tensor(shape));
    return xs;
}

CHECK("5.3", "one step, h = 0.6: the slope is 1 − 0.36 = 0.64, dW is 1.28 for x = 2, and dU is 0") {
    const Tensors W_U_b = {matrix({{3}}), matrix({{5}}), row({0})};
    const auto [dx, dh, dW, dU, db] =
        ASK(through_time, W_U_b, Tensors{matrix({{2}})}, Tensors{matrix({{0.6f}})}, matrix({{1}}));
    expect_near(db, row({0.64f}), 1e-6);
    expect_near(dW, matrix({{1.28f}}), 1e-6);
    expect_near(dx.at(0), matrix({{1.92f}}), 1e-6);
    expect_near(dU, matrix({{0}}), 0);
}

CHECK("5.3", "two steps, h = 0 and 0.6, with u = 5: the first state gets 0.64 · 5 = 3.2") {
    const Tensors W_U_b = {matrix({{3}}), matrix({{5}}), row({0})};
    const Tensors xs = {matrix({{0}}), matrix({{2}})}, hs = {matrix({{0}}), matrix({{0.6f}})};
    const auto [dx, dh, dW, dU, db] = ASK(through_time, W_U_b, xs, hs, matrix({{1}}));
    expect_near(dh.at(1), matrix({{1}}), 0);
    expect_near(dh.at(0), matrix({{3.2f}}), 1e-5);
    expect_near(db, row({3.84f}), 1e-5);
}

CHECK("5.3", "any number of steps, sequences and features") {
    for (const Shape& size : {Shape{3, 2, 3, 4}, Shape{6, 1, 2, 2}, Shape{2, 4, 1, 3},
                              Shape{4, 3, 5, 1}, Shape{1, 2, 2, 3}}) {
        const Tensors W_U_b = random_cell(size[2], size[3]);
        const Tensors xs = random_inputs(size[0], {size[1], size[2]});
        const Tensor dlast = random_tensor({size[1], size[3]});
        allow_roundings(256);
        ASK(through_time, W_U_b, xs, exact_states(W_U_b, xs), dlast);
    }
}

// The same by the tape, for the loss Σ h_T dlast, through a loop of its own.
Found by_tape(const Tensors& W_U_b, const Tensors& xs, const Tensor& dlast) {
    const RnnCell cell = cell_of(W_U_b);
    Steps inputs;
    for (const Tensor& x : xs) inputs.push_back(parameter(x));
    Variable state = Tensor({xs.at(0).shape[0], cell.U.shape()[0]});
    Steps states;
    for (const Variable& x : inputs) {
        state = tanh(linear(x, cell.W, cell.b) + matmul(state, cell.U));
        states.push_back(state);
    }
    backward(sum(states.back() * dlast), Graph::kept);
    Found found;
    for (const Variable& x : inputs) std::get<0>(found).push_back(x.gradient());
    for (const Variable& h : states) std::get<1>(found).push_back(h.gradient());
    std::get<2>(found) = cell.W.gradient();
    std::get<3>(found) = cell.U.gradient();
    std::get<4>(found) = cell.b.gradient();
    return found;
}
PARTS(by_tape, "∂loss/∂x at step ##0", "∂loss/∂h after step ##0", "dW", "dU", "db");

CHECK("5.3", "your gradients are those of the tape") {
    const Tensors W_U_b = random_cell(3, 2), xs = random_inputs(4, {2, 3});
    const Tensor dlast = random_tensor({2, 2});
    allow_roundings(256);
    const auto [dx, dh, dW, dU, db] = ASK(through_time, W_U_b, xs, exact_states(W_U_b, xs), dlast);
    const auto [tx, th, tW, tU, tb] = ASK_UNRECORDED(by_tape, W_U_b, xs, dlast);
    for (int t = 0; t < 4; ++t) expect_near(dx.at(t), tx.at(t), 2e-5);
    for (int t = 0; t < 4; ++t) expect_near(dh.at(t), th.at(t), 2e-5);
    expect_near(dW, tW, 2e-5);
    expect_near(dU, tU, 2e-5);
    expect_near(db, tb, 2e-5);
}

CHECK("5.3", "over forty steps of a cell that keeps half, nearly nothing is left: 0.5⁴⁰ or less") {
    const Tensors W_U_b = {matrix({{1}}), matrix({{0.5f}}), row({0})};
    const Tensors xs = random_inputs(41, {1, 1});
    allow_roundings(256);
    const auto [dx, dh, dW, dU, db] =
        ASK(through_time, W_U_b, xs, exact_states(W_U_b, xs), matrix({{1}}));
    expect(dh.size() == 41, "there must be a gradient for each of 41 states");
    expect(std::fabs(dh[0].data.at(0)) < 1e-12f, "the gradient 40 steps back is too large");
}

CHECK("5.3", "where dlast is 0, every gradient is 0; it is linear in dlast") {
    const Tensors W_U_b = random_cell(2, 3), xs = random_inputs(3, {2, 2});
    const Tensors hs = exact_states(W_U_b, xs);
    const Tensor dlast = random_tensor({2, 3});
    Tensor twice = dlast;
    for (float& number : twice.data) number *= 2;
    allow_roundings(256);
    const Tensor once = std::get<2>(ASK(through_time, W_U_b, xs, hs, dlast));
    const Tensor doubled = std::get<2>(ASK(through_time, W_U_b, xs, hs, twice));
    for (int i = 0; i < once.size(); ++i) expect_near(doubled.data.at(i), 2 * once.data[i], 1e-4);
    ASK(through_time, W_U_b, xs, hs, Tensor({2, 3}));
}

Found through_time_again(const Tensors& other, const Tensors& W_U_b, const Tensors& first,
                         const Tensors& then, const Tensor& dlast) {
    const RnnCell cell = cell_of(other);
    Tensors xs = first;
    rnn_backward(cell, xs, first, dlast);
    cell.W.set_value(W_U_b.at(0)), cell.U.set_value(W_U_b.at(1)), cell.b.set_value(W_U_b.at(2));
    for (int t = 0; t < size_of(xs); ++t) xs[t].data = then[t].data;
    const RnnGradients d = rnn_backward(cell, xs, then, dlast);
    return {d.dx, d.dh, d.dW, d.dU, d.db};
}
PARTS(through_time_again, "∂loss/∂x at step ##0", "∂loss/∂h after step ##0", "dW", "dU", "db");

CHECK("5.3", "nothing is left over from the last call") {
    const Tensors W_U_b = random_cell(2, 2), first = random_inputs(3, {2, 2}),
                  then = random_inputs(3, {2, 2});
    const Tensor dlast = random_tensor({2, 2});
    const Tensors other = random_cell(2, 2);
    allow_roundings(256);
    ASK(through_time_again, other, W_U_b, first, then, dlast);
}

CHECK("5.3", "states that are too few, or of another shape, are refused") {
    const Tensors W_U_b = {Tensor({2, 3}), Tensor({3, 3}), Tensor({3})};
    const Tensors xs = {Tensor({1, 2}), Tensor({1, 2})}, hs = {Tensor({1, 3}), Tensor({1, 3})};
    expect_mentions(ASK_REFUSAL(through_time, W_U_b, xs, Tensors{hs[0]}, hs[0]),
                    {"rnn_backward", "2", "1"});
    ASK_REFUSAL(through_time, W_U_b, xs, hs, Tensor({1, 2}));
    ASK_REFUSAL(through_time, W_U_b, Tensors(), Tensors(), hs[0]);
}

CHECK("5.3", "where all states are 0, forty steps back multiply a gradient by u⁴⁰, no more") {
    const Tensors zeros(41, Tensor({1, 1}));
    const Tensors kept = {matrix({{3}}), matrix({{1}}), row({0})};
    const auto [dx, dh, dW, dU, db] = ASK(through_time, kept, zeros, zeros, matrix({{10}}));
    expect_near(dx.at(0), matrix({{30}}), 1e-4);
    expect_near(db, row({410}), 1e-3);
    const Tensors halved = {matrix({{3}}), matrix({{0.5f}}), row({0})};
    const Tensors less = std::get<1>(ASK(through_time, halved, zeros, zeros, matrix({{1}})));
    expect_near(less.at(0), matrix({{9.094947e-13f}}), 1e-17);
}

CHECK("5.3", "a state of 1 or −1 lets nothing through, however much arrives") {
    const Tensors W_U_b = {matrix({{1, 1, 1}}), Tensor({3, 3}), row({9, -9, 0})};
    const auto [dx, dh, dW, dU, db] =
        ASK(through_time, W_U_b, Tensors{matrix({{0.5f}})}, Tensors{matrix({{1, -1, 0.6f}})},
            matrix({{1000, 1000, 1000}}));
    expect_near(db, row({0, 0, 640}), 0.01);
}

// The gradients that lie in the cell after the call, where ones lay before it.
Tensors left_in_the_cell(const Tensors& W_U_b, const Tensors& xs, const Tensors& hs,
                         const Tensor& dlast) {
    const RnnCell cell = cell_of(W_U_b);
    for (const Variable& v : cell.parameters())
        v.add_gradient(Tensor(v.shape(), std::vector<float>(v.value().size(), 1.0f)));
    rnn_backward(cell, xs, hs, dlast);
    Tensors found;
    for (const Variable& v : cell.parameters()) found.push_back(v.gradient());
    return found;
}
PARTS(left_in_the_cell, "what lies in the gradient of cell.W", "that of cell.U", "that of cell.b");

CHECK("5.3", "the gradients that lie in the cell stay as they are: a 1 is still a 1") {
    const Tensors W_U_b = random_cell(2, 3), xs = random_inputs(2, {2, 2});
    ASK(left_in_the_cell, W_U_b, xs, exact_states(W_U_b, xs), random_tensor({2, 3}));
}

// ## 5.4 The LSTM

RESTS_ON("5.4", "3.3", "3.4", "3.5");

Tensor lstm_step(const Tensors& W_U_b, const Tensor& x, const Tensor& state) {
    return LstmCell(W_U_b.at(0), W_U_b.at(1), W_U_b.at(2)).step(x, state).value();
}
CALLED(lstm_step, "LstmCell::step(x, state)");

// A cell of one number that reads nothing: x, W and U are 0, and b is what its gates say.
static Tensor told_gates(const Tensor& i_f_g_o, double h, double c) {
    const Tensors W_U_b = {Tensor({1, 4}), Tensor({1, 4}), i_f_g_o};
    const Tensor state = matrix({{static_cast<float>(h), static_cast<float>(c)}});
    return ASK(lstm_step, W_U_b, Tensor({1, 1}), state);
}

CHECK("5.4", "when only the forget gate is open, c stays as it is, and h is 0") {
    expect_near(told_gates(row({-50, 50, 1, -50}), 0.3, 0.7), matrix({{0, 0.7f}}), 1e-6);
}

CHECK("5.4", "when the output gate is open as well, h is tanh(0.7) = 0.604") {
    expect_near(told_gates(row({-50, 50, 1, 50}), 0.3, 0.7), matrix({{0.604368f, 0.7f}}), 1e-6);
}

CHECK("5.4", "when the forget gate is closed and the others open, c is the candidate tanh(1)") {
    expect_near(told_gates(row({50, -50, 1, 50}), 0.3, 0.7), matrix({{0.642015f, 0.761594f}}),
                1e-6);
}

CHECK("5.4", "with all at 0, half of c is kept: 0.6 becomes 0.3, and h is half of tanh(0.3)") {
    expect_near(told_gates(row({0, 0, 0, 0}), 0.9, 0.6), matrix({{0.145656f, 0.3f}}), 1e-6);
}

CHECK("5.4", "the old cell and the candidate are added up, and c may go beyond 1") {
    expect_near(told_gates(row({50, 50, 1, 50}), 0, 5), matrix({{0.999980f, 5.761594f}}), 1e-5);
    expect_near(told_gates(row({100, 7, 1, 100}), 0, 1000), matrix({{1, 999.850543f}}), 1e-3);
    expect_near(told_gates(row({-100, 100, 1, -100}), 0.3, 50), matrix({{0, 50}}), 1e-4);
}

static Tensors random_lstm(int D, int H) {
    const Tensor W = random_tensor({D, 4 * H});
    const Tensor U = random_tensor({H, 4 * H});
    return {W, U, random_tensor({4 * H})};
}

CHECK("5.4", "a step of any size, with a sequence in each row") {
    for (const Shape& size : {Shape{3, 4, 2}, Shape{1, 1, 1}, Shape{2, 3, 3}, Shape{4, 2, 1}}) {
        const Tensors W_U_b = random_lstm(size[1], size[2]);
        const Tensor x = random_tensor({size[0], size[1]});
        const Tensor state = random_tensor({size[0], 2 * size[2]});
        allow_roundings(256);
        ASK(lstm_step, W_U_b, x, state);
    }
}

Tensors lstm_with_constants(const Tensors& at, const Tensor& dy, int wanted) {
    const auto step = [](const Variables& v) {
        LstmCell cell(v[0].value(), v[1].value(), v[2].value());
        cell.W = v[0], cell.U = v[1], cell.b = v[2];
        return cell.step(v[3], v[4]);
    };
    return with_constants<Variable>(step, at, dy, wanted);
}
PARTS(lstm_with_constants, "the state [h, c]", "the gradient of W", "the gradient of U",
      "the gradient of b", "the gradient of x", "the gradient of the state before");

CHECK("5.4", "gradients reach W, U, b, x and the state before, also when others are constants") {
    Tensors at = random_lstm(3, 2);
    at.push_back(random_tensor({2, 3}));
    at.push_back(random_tensor({2, 4}));
    const Tensor dy = random_tensor({2, 4});
    for (int wanted : {1, 2, 4, 8, 16, 7, 23, 31}) {
        allow_roundings(64);
        ASK(lstm_with_constants, at, dy, wanted);
    }
    at[3] = Tensor({2, 3});
    for (float* c : {at[4].row(0), at[4].row(1)}) c[0] = c[1] = 0;  // x and h are zeros
    allow_roundings(64);
    ASK(lstm_with_constants, at, dy, 31);
}

// The states of an LSTM after each step, and ∂(Σ the last h)/∂c_1, the first cell.
std::pair<Tensors, Tensor> unrolled_lstm(const Tensors& W_U_b, const Tensors& xs) {
    const LstmCell cell(W_U_b.at(0), W_U_b.at(1), W_U_b.at(2));
    Variable state = Tensor({xs.at(0).shape[0], cell.state_size()});
    Steps states;
    for (const Tensor& x : xs) {
        state = cell.step(x, state);
        states.push_back(state);
    }
    backward(sum(cell.hidden(states.back())), Graph::kept);
    return {values_of(states),
            columns(states[0].gradient(), cell.U.shape()[0], cell.U.shape()[0]).value()};
}
PARTS(unrolled_lstm, "the state after step ##0", "what arrives at c_1");

CHECK("5.4", "an open forget gate carries the gradient through twenty steps as through one") {
    const Tensors W_U_b = {Tensor({1, 4}), Tensor({1, 4}), row({-50, 50, 0, 50})};
    const Tensors xs = random_inputs(20, {1, 1});
    const auto [states, at_first] = ASK(unrolled_lstm, W_U_b, xs);
    expect_near(at_first, matrix({{1}}), 1e-5);
    allow_roundings(256);
    const Tensors more = random_lstm(2, 3), inputs = random_inputs(3, {2, 2});
    ASK(unrolled_lstm, more, inputs);
}

Tensor lstm_again(const Tensors& first, const Tensors& then) {
    const auto step = [](const Variables& v) {
        LstmCell cell(v[0].value(), v[1].value(), v[2].value());
        cell.W = v[0], cell.U = v[1], cell.b = v[2];
        return cell.step(v[3], v[4]);
    };
    return after_a_step<Variable>(step, first, then);
}

CHECK("5.4", "nothing is left over from the last call: other numbers in one place") {
    Tensors first = random_lstm(2, 2), then = random_lstm(2, 2);
    for (Tensors* all : {&first, &then}) {
        all->push_back(random_tensor({3, 2}));
        all->push_back(random_tensor({3, 4}));
    }
    ASK(lstm_again, first, then);
}

double bias_for(int steps) { return static_cast<double>(forget_bias_for(steps)); }
CALLED(bias_for, "forget_bias_for(steps)");

CHECK("5.4", "to keep half over one step, the bias is 0; over two it is 0.881") {
    expect_near(ASK_UNRECORDED(bias_for, 1), 0, 1e-6);  // or a rounding beside it
    expect_near(ASK(bias_for, 2), 0.881374, 1e-5);
}

CHECK("5.4", "for any number of steps n, σ(b)ⁿ is one half") {
    for (int call = 0; call < 4; ++call) {
        const int steps = 3 + random_numbers().below(400);
        const double b = ASK(bias_for, steps);
        expect_near(std::pow(1 / (1 + std::exp(-b)), steps), 0.5, 1e-5);
    }
    expect_near(ASK(bias_for, 100000000), 18.78719, 1e-4);
    expect_near(ASK(bias_for, 2147483647), 21.85408, 1e-4);
}

CHECK("5.4", "what does not fit is refused, with what was got") {
    const Tensors W_U_b = {Tensor({2, 4}), Tensor({1, 4}), Tensor({4})};
    expect_mentions(ASK_REFUSAL(lstm_step, W_U_b, Tensor({1, 3}), Tensor({1, 2})),
                    {"LstmCell", "[1, 3]"});
    expect_mentions(ASK_REFUSAL(lstm_step, W_U_b, Tensor({1, 2}), Tensor({1, 3})), {"[1, 3]"});
    expect_mentions(ASK_REFUSAL(bias_for, 0), {"forget_bias_for", "0"});
}

// ## 5.5 What is learnt, counted

Tensors merged(const Tensor& weight_ih, const Tensor& weight_hh, const Tensor& bias_ih,
               const Tensor& bias_hh) {
    const LstmCell cell = lstm_of_two_biases(weight_ih, weight_hh, bias_ih, bias_hh);
    return {cell.W.value(), cell.U.value(), cell.b.value()};
}
CALLED(merged, "lstm_of_two_biases(weight_ih, weight_hh, bias_ih, bias_hh)");
PARTS(merged, "W", "U", "b");

CHECK("5.5", "a row of PyTorch's for each neuron is a column here, and the two biases are added") {
    const Tensor weight_ih = matrix({{1, 5}, {2, 6}, {3, 7}, {4, 8}});
    const Tensor weight_hh = matrix({{9}, {10}, {11}, {12}});
    const Tensors cell = ASK(merged, weight_ih, weight_hh, row({1, 2, 3, 4}), row({0, 0, 0, 10}));
    expect_near(cell.at(0), matrix({{1, 2, 3, 4}, {5, 6, 7, 8}}), 0);
    expect_near(cell.at(1), matrix({{9, 10, 11, 12}}), 0);
    expect_near(cell.at(2), row({1, 2, 3, 14}), 0);
}

CHECK("5.5", "any sizes, also where a matrix is square") {
    for (const Shape& size : {Shape{3, 2}, Shape{8, 2}, Shape{1, 1}, Shape{4, 1}}) {
        const int D = size[0], H = size[1];
        const Tensor weight_ih = random_tensor({4 * H, D});
        const Tensor weight_hh = random_tensor({4 * H, H});
        const Tensor bias_ih = random_tensor({4 * H});
        ASK(merged, weight_ih, weight_hh, bias_ih, random_tensor({4 * H}));
    }
}

int counted(int D, int H, int C, int gates, int biases) {
    return classifier_parameters(D, H, C, gates, biases);
}
CALLED(counted, "classifier_parameters(D, H, C, gates, biases)");

CHECK("5.5", "8 symbols, H = 4 and 4 classes: a plain cell has 72, with two biases 76") {
    expect_near(ASK(counted, 8, 4, 4, 1, 1), 72, 0);
    expect_near(ASK(counted, 8, 4, 4, 1, 2), 76, 0);
}

CHECK("5.5", "and an LSTM 228, with two biases 244") {
    expect_near(ASK(counted, 8, 4, 4, 4, 1), 228, 0);
    expect_near(ASK(counted, 8, 4, 4, 4, 2), 244, 0);
}

CHECK("5.5", "any sizes") {
    for (int call = 0; call < 4; ++call) {
        const int D = 1 + random_numbers().below(50), H = 1 + random_numbers().below(50);
        const int C = 1 + random_numbers().below(50), gates = 1 + random_numbers().below(4);
        ASK(counted, D, H, C, gates, random_numbers().below(3));
    }
    ASK(counted, 300, 1000, 7, 4, 1);
    expect_near(ASK(counted, 8, 4, 4, 1, 0), 68, 0);
    expect_near(ASK(counted, 8, 4, 2, 1, 1), 62, 0);
    expect_near(ASK(counted, 2000, 2000, 3, 4, 1), 32014003, 0);
}

CHECK("5.5", "tensors that do not belong to one cell are refused") {
    ASK_REFUSAL(merged, Tensor({4, 2}), Tensor({8, 2}), Tensor({4}), Tensor({4}));
    ASK_REFUSAL(merged, Tensor({4, 2}), Tensor({4, 1}), Tensor({4}), Tensor({3}));
    ASK_REFUSAL(merged, Tensor({3, 2}), Tensor({3, 1}), Tensor({3}), Tensor({3}));
    ASK_REFUSAL(merged, Tensor({5, 2}), Tensor({5, 1}), Tensor({5}), Tensor({5}));
}

static LstmCell cell_of_four(const Tensors& four) {
    return lstm_of_two_biases(four.at(0), four.at(1), four.at(2), four.at(3));
}

std::vector<std::string> made_as(const Tensors& four) {
    std::vector<std::string> kinds;
    for (const Variable& v : cell_of_four(four).parameters())
        kinds.push_back(!v.needs_gradient()  ? "a constant"
                        : v.node()->backward ? "the result of an operation"
                                             : "a parameter");
    return kinds;
}
PARTS(made_as, "W", "U", "b");

Tensors first_of_two(const Tensors& first, const Tensors& second) {
    const LstmCell cell = cell_of_four(first), other = cell_of_four(second);
    return {cell.W.value(), cell.U.value(), cell.b.value()};
}
PARTS(first_of_two, "W of the first", "U of the first", "b of the first");

CHECK("5.5", "W, U and b are parameters, and each cell has its own") {
    Tensors first, second;
    for (const Shape& shape : {Shape{8, 3}, Shape{8, 2}, Shape{8}, Shape{8}}) {
        first.push_back(random_tensor(shape));
        second.push_back(random_tensor(shape));
    }
    ASK(made_as, first);
    ASK(first_of_two, first, second);
}

}  // namespace checks_05
