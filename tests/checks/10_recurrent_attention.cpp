#include "10_recurrent_attention.hpp"

#include "grader/check.hpp"
#include "grader/variations.hpp"

#include <algorithm>
#include <cmath>

namespace checks_10 {

using Tensors = std::vector<Tensor>;
using Variables = std::vector<Variable>;
using Lengths = std::vector<int>;

// ## 10.1 By hand

Tensor written_down(int) { return context_by_hand(); }
CALLED(written_down, "context_by_hand()");

// One number in the row of six, to three digits.
static void expect_written(int place, double expected, const std::string& otherwise) {
    const Tensor yours = ASK_UNRECORDED(written_down, 0);
    expect(yours.shape == Shape{6}, "six numbers are asked for, in a row");
    const double number = static_cast<double>(yours.data[place]);
    expect(std::fabs(number - expected) <= 0.005 * expected,
           "number " + std::to_string(place + 1) + " is not right to three digits: " + otherwise);
}

static const double e1 = std::exp(1.0), e2 = std::exp(2.0), shared = e1 + 1 + e2;

CHECK("10.1", "the padding has the weight 0, whatever its score is") {
    expect_written(0, 0, "nothing was read there");
}

CHECK("10.1", "the others have their share of e + 1 + e² = 11.107") {
    expect_written(1, e1 / shared, "e¹ is 2.718, and the padding has no part in the sum");
    expect_written(2, 1 / shared, "e⁰ is 1, and the padding has no part in the sum");
    expect_written(3, e2 / shared, "e² is 7.389, and the padding has no part in the sum");
}

CHECK("10.1", "the context is the sum of the states, each times its weight") {
    expect_written(4, (2 * e1 + e2) / shared, "the first numbers of the states are 0, 2, 0 and 1");
    expect_written(5, (4 + e2) / shared, "the second numbers of the states are 0, 0, 4 and 1");
}

// ## 10.2 Additive scores

RESTS_ON("10.2", "3.3", "3.4");

Tensor made_keys(const Tensor& states, const Tensor& U) { return keys_of(states, U).value(); }
CALLED(made_keys, "keys_of(states, U)");

Tensor compared(const Tensor& s, const Tensor& keys, const Tensor& W, const Tensor& v) {
    return additive_scores(s, keys, W, v).value();
}
CALLED(compared, "additive_scores(s, keys, W, v)");

CHECK("10.2", "states of 1, 2 and 3 have with U = 10 the keys 10, 20 and 30") {
    expect_near(ASK(made_keys, Tensor({1, 3, 1}, {1, 2, 3}), matrix({{10}})),
                Tensor({1, 3, 1}, {10, 20, 30}), 0);
}

CHECK("10.2", "s = 2, W = 0.5, v = 3: the key −1 scores 0, the key 0 scores 3 tanh(1) = 2.285") {
    expect_near(ASK(compared, matrix({{2}}), Tensor({1, 2, 1}, {-1, 0}), matrix({{0.5f}}),
                    matrix({{3}})),
                matrix({{0, 2.284782f}}), 1e-6);
}

CHECK("10.2", "the tanh is taken of each of the A numbers, and v adds them up") {
    const Tensor keys({1, 1, 2}, {1, -1});
    expect_near(ASK(compared, matrix({{0}}), keys, Tensor({1, 2}), matrix({{1}, {1}})),
                matrix({{0}}), 1e-6);
    expect_near(ASK(compared, matrix({{0}}), keys, Tensor({1, 2}), matrix({{2}, {1}})),
                matrix({{0.761594f}}), 1e-6);
}

static Tensors random_question(int B, int S, int H, int A) {
    const Tensor s = random_tensor({B, H});
    const Tensor keys = random_tensor({B, S, A});
    const Tensor W = random_tensor({H, A});
    return {s, keys, W, random_tensor({A, 1})};
}

CHECK("10.2", "any number of words, states and features, one of each too") {
    for (const Shape& size :
         {Shape{3, 4, 2, 5}, Shape{1, 1, 1, 1}, Shape{1, 5, 3, 2}, Shape{4, 1, 2, 2},
          Shape{2, 2, 2, 2}, Shape{2, 3, 5, 1}, Shape{3, 3, 1, 3}, Shape{2, 17, 3, 9},
          Shape{9, 2, 7, 3}}) {
        const Tensors q = random_question(size[0], size[1], size[2], size[3]);
        ASK(compared, q[0], q[1], q[2], q[3]);
        const Tensor states = random_tensor({size[0], size[1], size[2]});
        const Tensor U = random_tensor({size[2], size[3]});
        ASK(made_keys, states, U);
    }
}

CHECK("10.2", "each word is compared with its own question: alone it has the same scores") {
    const Tensors q = random_question(2, 3, 2, 4);
    const Tensor both = ASK(compared, q[0], q[1], q[2], q[3]);
    for (int b = 0; b < 2; ++b) {
        const Tensor s({1, 2}, {q[0].row(b), q[0].row(b) + 2});
        const Tensor keys({1, 3, 4}, {q[1].row(3 * b), q[1].row(3 * b) + 12});
        const Tensor alone = ASK(compared, s, keys, q[2], q[3]);
        expect_near(alone, Tensor({1, 3}, {both.row(b), both.row(b) + 3}), 1e-6);
    }
}

Tensors scores_with_constants(const Tensors& s_keys_W_v, const Tensor& dy, int wanted) {
    const auto scores = [](const Variables& v) { return additive_scores(v[0], v[1], v[2], v[3]); };
    return with_constants<Variable>(scores, s_keys_W_v, dy, wanted);
}
PARTS(scores_with_constants, "the scores", "the gradient of s", "the gradient of the keys",
      "the gradient of W", "the gradient of v");

Tensors keys_with_constants(const Tensors& states_U, const Tensor& dy, int wanted) {
    const auto keys = [](const Variables& v) { return keys_of(v[0], v[1]); };
    return with_constants<Variable>(keys, states_U, dy, wanted);
}
PARTS(keys_with_constants, "the keys", "the gradient of the states", "the gradient of U");

CHECK("10.2", "gradients reach s, the keys, W and v, and the states and U, also one by one") {
    const Tensors q = random_question(2, 3, 2, 4);
    const Tensor dy = random_tensor({2, 3});
    for (int wanted : {1, 2, 4, 8, 7, 13, 15}) ASK(scores_with_constants, q, dy, wanted);
    const Tensor states = random_tensor({2, 3, 2});
    const Tensor U = random_tensor({2, 4});
    const Tensor dkeys = random_tensor({2, 3, 4});
    for (int wanted : {1, 2, 3}) ASK(keys_with_constants, Tensors{states, U}, dkeys, wanted);
}

Tensor scores_again(const Tensors& first, const Tensors& then) {
    const auto scores = [](const Variables& v) { return additive_scores(v[0], v[1], v[2], v[3]); };
    return after_a_step<Variable>(scores, first, then);
}

Tensor keys_again(const Tensors& first, const Tensors& then) {
    const auto keys = [](const Variables& v) { return keys_of(v[0], v[1]); };
    return after_a_step<Variable>(keys, first, then);
}

CHECK("10.2", "nothing is left over from the last call: other numbers in one place") {
    const Tensors first = random_question(2, 3, 2, 4), then = random_question(2, 3, 2, 4);
    ASK(scores_again, first, then);
    const Tensors some = {then[1], random_tensor({4, 2})};
    const Tensors others = {first[1], random_tensor({4, 2})};
    ASK(keys_again, some, others);
}

CHECK("10.2", "what does not fit is refused, with what was got") {
    expect_mentions(ASK_REFUSAL(made_keys, Tensor({1, 2, 3}), Tensor({2, 3})),
                    {"keys_of", "[1, 2, 3]"});
    expect_mentions(ASK_REFUSAL(compared, Tensor({2, 3}), Tensor({1, 4, 2}), Tensor({3, 2}),
                                Tensor({2, 1})),
                    {"additive_scores", "[2, 3]"});
    ASK_REFUSAL(compared, Tensor({1, 3}), Tensor({1, 4, 2}), Tensor({3, 2}), Tensor({2, 2}));
}

// ## 10.3 A step that looks back

RESTS_ON("10.3", "3.3", "3.4", "3.5", "3.6", "4.2", "5.4", "10.2");

Tensor weighed(const Tensor& scores, const Lengths& lengths) {
    return weights_of(scores, lengths).value();
}
CALLED(weighed, "weights_of(scores, lengths)");

Tensor looked_up(const Tensor& weights, const Tensor& states) {
    return context_of(weights, states).value();
}
CALLED(looked_up, "context_of(weights, states)");

CHECK("10.3", "scores of 3, 1, 0 and 2, the first of padding, have the weights of 10.1") {
    expect_near(ASK(weighed, matrix({{3, 1, 0, 2}}), Lengths{3}),
                matrix({{0, 0.244728f, 0.090031f, 0.665241f}}), 1e-6);
}

CHECK("10.3", "each word has its own padding, in front, and weights that sum to 1") {
    const Tensor scores = random_tensor({4, 5});
    const Tensor weights = ASK(weighed, scores, Lengths{5, 1, 3, 4});
    for (int b = 0; b < 4; ++b) {
        const int padding = 5 - Lengths{5, 1, 3, 4}[b];
        for (int i = 0; i < padding; ++i)
            expect(weights.row(b)[i] == 0, "padding has a weight that is not 0");
        expect_near(exact_sum(weights, 5 * b, 5), 1, 1e-6);
    }
    ASK(weighed, scores, Lengths{2, 5, 4, 1});
}

CHECK("10.3", "any number of words and states, one of each too") {
    ASK(weighed, matrix({{0.5f}}), Lengths{1});
    ASK(weighed, random_tensor({1, 6}), Lengths{4});
    ASK(weighed, random_tensor({2, 33}), Lengths{33, 18});
    ASK(weighed, random_tensor({3, 3}), Lengths{2, 3, 1});
    ASK(weighed, random_tensor({3, 1}), Lengths{1, 1, 1});
    for (int call = 0; call < 2; ++call) {
        const int B = 2 + random_numbers().below(3), S = 2 + random_numbers().below(5);
        Lengths lengths(B);
        for (int& length : lengths) length = 1 + random_numbers().below(S);
        ASK(weighed, random_tensor({B, S}), lengths);
    }
}

CHECK("10.3", "a large score of padding takes nothing away, and large scores do no harm") {
    const Tensor expected = matrix({{0, 0.731059f, 0.268941f}});
    expect_near(ASK(weighed, matrix({{1000, 100, 99}}), Lengths{2}), expected, 1e-6);
    expect_near(ASK(weighed, matrix({{1000000, 100, 99}}), Lengths{2}), expected, 1e-6);
    expect_near(ASK(weighed, matrix({{0, -1000, -1001}}), Lengths{2}), expected, 1e-6);
    expect_near(ASK(weighed, matrix({{-5, 1001, 1000}}), Lengths{2}), expected, 1e-6);
}

CHECK("10.3", "weights of 1/4 and 3/4 make of the states (4, 0) and (0, 8) the context (1, 6)") {
    expect_near(ASK(looked_up, matrix({{0.25f, 0.75f}}), Tensor({1, 2, 2}, {4, 0, 0, 8})),
                matrix({{1, 6}}), 1e-6);
}

CHECK("10.3", "a context of each word's own states, of any size") {
    for (const Shape& size : {Shape{3, 4, 2}, Shape{1, 1, 1}, Shape{2, 2, 2}, Shape{1, 5, 3},
                              Shape{4, 1, 3}, Shape{3, 3, 1}, Shape{2, 17, 9}}) {
        const Tensor weights = random_tensor({size[0], size[1]});
        const Tensor states = random_tensor(size);
        ASK(looked_up, weights, states);
    }
}

Tensors weights_with_gradient(const Tensor& scores, const Lengths& lengths, const Tensor& dy) {
    const Variable asked = parameter(scores), weights = weights_of(asked, lengths);
    backward(sum(weights * dy));
    return {weights.value(), asked.gradient()};
}
PARTS(weights_with_gradient, "the weights", "the gradient of the scores");

Tensors context_with_constants(const Tensors& weights_states, const Tensor& dy, int wanted) {
    const auto context = [](const Variables& v) { return context_of(v[0], v[1]); };
    return with_constants<Variable>(context, weights_states, dy, wanted);
}
PARTS(context_with_constants, "the context", "the gradient of the weights",
      "the gradient of the states");

CHECK("10.3", "gradients reach the scores, but not those of padding, the weights and the states") {
    const Tensor scores = random_tensor({2, 4});
    const Tensor dweights = random_tensor({2, 4});
    const Tensors found = ASK(weights_with_gradient, scores, Lengths{2, 4}, dweights);
    for (int i = 0; i < 2; ++i)
        expect(found.at(1).data.at(i) == 0, "the score of padding has a gradient");
    const Tensor weights = random_tensor({2, 4});
    const Tensor states = random_tensor({2, 4, 3});
    const Tensor dy = random_tensor({2, 3});
    for (int wanted : {1, 2, 3}) ASK(context_with_constants, Tensors{weights, states}, dy, wanted);
    const Tensors one_is_0 = {matrix({{0, 1}}), Tensor({1, 2, 1}, {5, 7})};
    ASK(context_with_constants, one_is_0, matrix({{1}}), 3);
}

// The numbers of a writer: of its cell W, U and b, of its last layer W and b, of its scores W, U
// and v.
static Tensors random_writer(int V, int H, int A) {
    Tensors numbers;
    for (const Shape& shape : {Shape{V + H, 4 * H}, Shape{H, 4 * H}, Shape{4 * H}, Shape{2 * H, V},
                               Shape{V}, Shape{H, A}, Shape{H, A}, Shape{A, 1}})
        numbers.push_back(random_tensor(shape));
    return numbers;
}

static RecurrentDecoder writer_of(const Variables& v, int looking) {
    const int H = v.at(1).shape()[0], V = v.at(4).shape()[0], A = v.at(5).shape()[1];
    Random random(1);
    RecurrentDecoder writer(V, H, A, static_cast<Looking>(looking), random);
    writer.cell.W = v[0], writer.cell.U = v[1], writer.cell.b = v[2];
    writer.answer.W = v[3], writer.answer.b = v[4];
    writer.W = v[5], writer.U = v[6], writer.v = v[7];
    return writer;
}

static Variables constants(const Tensors& numbers) { return {numbers.begin(), numbers.end()}; }

using Step = std::tuple<Tensor, Tensor, Tensor>;

Step one_step(const Tensors& numbers, const Lengths& tokens, const Tensor& state,
              const Tensor& states, const Lengths& lengths, int looking) {
    const RecurrentDecoder writer = writer_of(constants(numbers), looking);
    const Memory memory = writer.memory_of(states, Tensor(state.shape), lengths);
    const WrittenStep now = writer.step(tokens, state, memory);
    return {now.state.value(), now.logits.value(), now.weights.value()};
}
CALLED(one_step, "RecurrentDecoder::step(tokens, state, memory)");
PARTS(one_step, "the next state", "the logits", "the weights");

constexpr int at_the_last = 0, additive = 1;

CHECK("10.3", "who looks at the last state alone has the weights 0 0 1, and any size") {
    for (const Shape& size : {Shape{2, 3, 3, 2, 4}, Shape{1, 1, 1, 1, 1}, Shape{3, 2, 4, 3, 2}}) {
        const int B = size[0], S = size[1], V = size[2], H = size[3];
        const Tensors numbers = random_writer(V, H, size[4]);
        const Tensor state = random_tensor({B, 2 * H});
        const Tensor states = random_tensor({B, S, H});
        Lengths tokens(B);
        for (int& token : tokens) token = random_numbers().below(V);
        allow_roundings(256);
        const Step step =
            ASK(one_step, numbers, tokens, state, states, Lengths(B, S), at_the_last);
        for (int b = 0; b < B; ++b)
            expect_near(std::get<2>(step).data.at(b * S + S - 1), 1, 1e-6);
    }
}

CHECK("10.3", "a step that looks by additive scores, of any size") {
    for (const Shape& size : {Shape{2, 3, 3, 2, 4}, Shape{1, 1, 2, 1, 1}, Shape{3, 4, 4, 4, 4}}) {
        const int B = size[0], S = size[1], V = size[2], H = size[3];
        const Tensors numbers = random_writer(V, H, size[4]);
        const Tensor state = random_tensor({B, 2 * H});
        const Tensor states = random_tensor({B, S, H});
        Lengths tokens(B), lengths(B);
        for (int& token : tokens) token = random_numbers().below(V + 1) - 1;
        for (int& length : lengths) length = 1 + random_numbers().below(S);
        allow_roundings(256);
        ASK(one_step, numbers, tokens, state, states, lengths, additive);
    }
}

CHECK("10.3", "the last layer sees the context: with (0, I) as its weights, it says the context") {
    Tensors numbers = random_writer(2, 2, 3);
    numbers[3] = matrix({{0, 0}, {0, 0}, {1, 0}, {0, 1}});
    numbers[4] = row({0, 0});
    const Tensor state = random_tensor({1, 4});
    const Tensor states = random_tensor({1, 3, 2});
    allow_roundings(256);
    const Step step = ASK(one_step, numbers, Lengths{1}, state, states, Lengths{3}, at_the_last);
    expect_near(std::get<1>(step), Tensor({1, 2}, {states.row(2), states.row(2) + 2}), 1e-6);
}

CHECK("10.3", "and the state that the cell has now: with (I, 0), it says what the cell shows") {
    Tensors numbers = random_writer(2, 2, 3);
    numbers[3] = matrix({{1, 0}, {0, 1}, {0, 0}, {0, 0}});
    numbers[4] = row({0, 0});
    const Tensor state = random_tensor({1, 4});
    const Tensor states = random_tensor({1, 3, 2});
    allow_roundings(256);
    const Step step = ASK(one_step, numbers, Lengths{1}, state, states, Lengths{3}, at_the_last);
    const float* next = std::get<0>(step).row(0);
    expect_near(std::get<1>(step), Tensor({1, 2}, {next, next + 2}), 1e-6);
}

CHECK("10.3", "the scores ask with the state before the step: another cell looks at the same") {
    const Tensors numbers = random_writer(3, 2, 4);
    Tensors other = numbers;
    for (int i : {0, 1, 2}) other[i] = random_tensor(numbers[i].shape);
    const Tensor state = random_tensor({2, 4});
    const Tensor states = random_tensor({2, 3, 2});
    allow_roundings(256);
    const Step once = ASK(one_step, numbers, Lengths{0, 2}, state, states, Lengths{3, 2}, additive);
    allow_roundings(256);
    const Step then = ASK(one_step, other, Lengths{0, 2}, state, states, Lengths{3, 2}, additive);
    expect_near(std::get<2>(then), std::get<2>(once), 1e-6);
}

// The gradients of Σ state dstate + Σ logits dlogits for the numbers, the state and the states.
Tensors step_with_constants(const Tensors& at, const Lengths& tokens, const Lengths& lengths,
                            const Tensors& dys, int wanted) {
    Variables all;
    for (int i = 0; i < size_of(at); ++i) all.push_back(Variable(at[i], (wanted >> i & 1) == 1));
    const RecurrentDecoder writer = writer_of(all, additive);
    const Variable &state = all.at(8), &states = all.at(9);
    const Memory memory = writer.memory_of(states, Tensor(state.shape()), lengths);
    const WrittenStep now = writer.step(tokens, state, memory);
    const Variable total = sum(now.state * dys.at(0)) + sum(now.logits * dys.at(1));
    if (total.needs_gradient()) backward(total);
    Tensors found = {now.state.value(), now.logits.value()};
    for (const Variable& v : all) found.push_back(v.gradient());
    return found;
}
PARTS(step_with_constants, "the next state", "the logits", "the gradient of the cell's W",
      "the gradient of the cell's U", "the gradient of the cell's b",
      "the gradient of the last layer's W", "the gradient of the last layer's b",
      "the gradient of the scores' W", "the gradient of the scores' U",
      "the gradient of the scores' v", "the gradient of the state", "the gradient of the states");

CHECK("10.3", "gradients reach all parameters, the state and the states, also one by one") {
    Tensors at = random_writer(3, 2, 2);
    at.push_back(random_tensor({2, 4}));
    at.push_back(random_tensor({2, 3, 2}));
    const Tensor dstate = random_tensor({2, 4});
    const Tensor dlogits = random_tensor({2, 3});
    for (int wanted : {1023, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512}) {
        allow_roundings(256);
        ASK(step_with_constants, at, Lengths{2, 0}, Lengths{2, 3}, Tensors{dstate, dlogits},
            wanted);
    }
}

// A step of one network, and then one with other numbers, at the same place.
Step step_again(const Tensors& numbers, const Tensors& first, const Tensors& then,
                const Lengths& lengths) {
    const RecurrentDecoder writer = writer_of(constants(numbers), additive);
    const Variable state = first.at(0), states = first.at(1);
    const Lengths tokens(lengths.size(), 0);
    const Tensor last(then.at(0).shape);
    writer.step(tokens, state, writer.memory_of(states, last, lengths));
    state.set_value(then.at(0)), states.set_value(then.at(1));
    const WrittenStep now = writer.step(tokens, state, writer.memory_of(states, last, lengths));
    return {now.state.value(), now.logits.value(), now.weights.value()};
}
CALLED(step_again, "RecurrentDecoder::step, for the second time");
PARTS(step_again, "the next state", "the logits", "the weights");

CHECK("10.3", "nothing is left over from the last call: other numbers in one place") {
    const Tensors numbers = random_writer(3, 2, 3);
    Tensors first, then;
    for (Tensors* some : {&first, &then}) {
        some->push_back(random_tensor({2, 4}));
        some->push_back(random_tensor({2, 4, 2}));
    }
    allow_roundings(256);
    ASK(step_again, numbers, first, then, Lengths{4, 2});
}

CHECK("10.3", "what does not fit is refused, with what was got") {
    expect_mentions(ASK_REFUSAL(weighed, Tensor({2, 3}), Lengths{3}), {"weights_of", "1", "2"});
    expect_mentions(ASK_REFUSAL(weighed, Tensor({1, 3}), Lengths{4}), {"weights_of", "4", "3"});
    ASK_REFUSAL(weighed, Tensor({1, 3}), Lengths{0});
    expect_mentions(ASK_REFUSAL(looked_up, Tensor({1, 3}), Tensor({1, 2, 3})),
                    {"context_of", "[1, 2, 3]"});
    const Tensors numbers = random_writer(2, 1, 1);
    expect_mentions(ASK_REFUSAL(one_step, numbers, Lengths{2}, Tensor({1, 2}), Tensor({1, 2, 1}),
                                Lengths{2}, at_the_last),
                    {"step", "2"});
}

// ## 10.4 Read, and be told

RESTS_ON("10.4", "4.3", "4.4", "5.2", "5.4", "10.2", "10.3");

// Three numbers of the reader in front of those of the writer.
static Tensors random_net(int V, int H, int A) {
    Tensors numbers;
    for (const Shape& shape : {Shape{V, 4 * H}, Shape{H, 4 * H}, Shape{4 * H}})
        numbers.push_back(random_tensor(shape));
    for (const Tensor& x : random_writer(V, H, A)) numbers.push_back(x);
    return numbers;
}

static EncoderDecoder net_of(const Variables& v, int looking) {
    const int V = v.at(0).shape()[0], H = v.at(1).shape()[0], A = v.at(8).shape()[1];
    Random random(1);
    EncoderDecoder net(V, H, A, static_cast<Looking>(looking), random);
    net.encoder.W = v[0], net.encoder.U = v[1], net.encoder.b = v[2];
    net.decoder = writer_of(Variables(v.begin() + 3, v.end()), looking);
    return net;
}

std::tuple<Tensor, Tensor, Lengths> remembered(const Tensors& numbers, const Sequences& words) {
    const Memory memory = net_of(constants(numbers), at_the_last).read(words);
    return {memory.states.value(), memory.last.value(), memory.lengths};
}
CALLED(remembered, "EncoderDecoder::read(words)");
PARTS(remembered, "the states", "the last state", "the lengths");

CHECK("10.4", "what was read has a row for each symbol, and ends in the whole last state") {
    for (const Shape& size : {Shape{3, 2, 1}, Shape{2, 1, 2}, Shape{4, 3, 3}}) {
        const Tensors numbers = random_net(size[0], size[1], size[2]);
        Sequences words(1 + random_numbers().below(3));
        for (Sequence& word : words) {
            word.resize(1 + random_numbers().below(4));
            for (int& token : word) token = random_numbers().below(size[0]);
        }
        allow_roundings(256);
        ASK(remembered, numbers, words);
    }
    const Tensors numbers = random_net(3, 2, 2);
    allow_roundings(256);
    ASK(remembered, numbers, Sequences{{2}});
}

CHECK("10.4", "a short word says the same alone and beside a long one: padding is not counted") {
    const Tensors numbers = random_net(4, 2, 2);
    allow_roundings(256);
    const Tensor alone = std::get<1>(ASK(remembered, numbers, Sequences{{1, 3}}));
    allow_roundings(256);
    const auto [states, last, lengths] =
        ASK(remembered, numbers, Sequences{{0, 2, 1, 3, 3, 0}, {1, 3}});
    expect_near(Tensor({1, 4}, {last.row(1), last.row(1) + 4}), alone, 1e-6);
    for (int i = 6; i < 10; ++i)
        for (int k : {0, 1})
            expect(states.row(i)[k] == 0, "the state over padding is not 0");
}

std::pair<Sequences, Sequences> told(const Sequences& targets, int begin, int end) {
    const ForcedSteps steps = forced_steps(targets, begin, end);
    return {steps.read, steps.wanted};
}
CALLED(told, "forced_steps(targets, begin, end)");
PARTS(told, "what is read at each step", "what is wanted at each step");

CHECK("10.4", "of the target 5 6, with 1 and 2 as begin and end: reads 1 5 6, and wants 5 6 2") {
    const auto [read, wanted] = ASK(told, Sequences{{5, 6}}, 1, 2);
    expect(read == Sequences{{1}, {5}, {6}}, "what is read is not 1, 5, 6");
    expect(wanted == Sequences{{5}, {6}, {2}}, "what is wanted is not 5, 6, 2");
}

CHECK("10.4", "behind its end a short target reads nothing and is asked for nothing: −1") {
    const auto [read, wanted] = ASK(told, Sequences{{5}, {6, 7, 8}}, 1, 2);
    expect(read == Sequences{{1, 1}, {5, 6}, {-1, 7}, {-1, 8}}, "what is read is another thing");
    expect(wanted == Sequences{{5, 6}, {2, 7}, {-1, 8}, {-1, 2}},
           "what is wanted is another thing");
}

CHECK("10.4", "any targets, also empty ones or none, and any begin and end") {
    for (int call = 0; call < 4; ++call) {
        Sequences targets(1 + random_numbers().below(4));
        for (Sequence& target : targets) {
            target.resize(random_numbers().below(5));
            for (int& token : target) token = random_numbers().below(9);
        }
        const int begin = random_numbers().below(9), end = random_numbers().below(9);
        ASK(told, targets, begin, end);
    }
    ASK(told, Sequences{{}}, 0, 1);
    ASK(told, Sequences{{}, {3, 0}}, 0, 0);
    expect(ASK(told, Sequences{}, 0, 1).first.empty(), "of no targets there are no steps");
}

double loss_of(const Tensors& numbers, const Sequences& words, const Sequences& targets,
               const Lengths& begin_end_looking) {
    const EncoderDecoder net = net_of(constants(numbers), begin_end_looking.at(2));
    const Variable loss =
        net.loss(words, targets, begin_end_looking.at(0), begin_end_looking.at(1));
    return static_cast<double>(loss.value().data.at(0));
}
CALLED(loss_of, "EncoderDecoder::loss");

CHECK("10.4", "who knows nothing of five symbols has a loss of ln 5 = 1.609") {
    Tensors zeros;
    for (const Tensor& x : random_net(5, 2, 2)) zeros.push_back(Tensor(x.shape));
    expect_near(ASK(loss_of, zeros, Sequences{{3, 4, 2}}, Sequences{{2, 4}},
                    Lengths{0, 1, at_the_last}),
                std::log(5.0), 1e-5);
}

static Sequences random_words(int count, int shortest, int longest, int V) {
    Sequences words(count);
    for (Sequence& word : words) {
        word.resize(shortest + random_numbers().below(longest - shortest + 1));
        for (int& token : word) token = random_numbers().below(V);
    }
    return words;
}

CHECK("10.4", "any words and targets, of lengths that have nothing to do with each other") {
    for (int looking : {at_the_last, additive})
        for (const Shape& size : {Shape{5, 2, 3}, Shape{3, 1, 1}, Shape{4, 3, 2}}) {
            const Tensors numbers = random_net(size[0], size[1], size[2]);
            const int count = 1 + random_numbers().below(4);
            const Sequences words = random_words(count, 1, 4, size[0]);
            const Sequences targets = random_words(count, 0, 4, size[0]);
            allow_roundings(256);
            ASK(loss_of, numbers, words, targets, Lengths{1, 2, looking});
        }
    const Tensors numbers = random_net(4, 2, 3);
    const Sequences words = random_words(2, 1, 11, 4), targets = random_words(2, 9, 12, 4);
    allow_roundings(256);
    ASK(loss_of, numbers, words, targets, Lengths{3, 0, additive});
}

CHECK("10.4", "every symbol that is asked for counts as one, in a long word as in a short one") {
    Tensors numbers = random_net(5, 3, 2);
    for (float& x : numbers[6].data) x *= 3;
    const Sequences words = {{0, 3, 2, 4}, {1}, {2, 2}}, targets = {{4, 2, 3, 0}, {1}, {3, 4}};
    allow_roundings(256);
    const double together = ASK(loss_of, numbers, words, targets, Lengths{0, 1, additive});
    double sum = 0;
    for (int i = 0; i < 3; ++i) {
        allow_roundings(256);
        const double alone = ASK(loss_of, numbers, Sequences{words[i]}, Sequences{targets[i]},
                                 Lengths{0, 1, additive});
        sum += alone * (targets[i].size() + 1.0);
    }
    expect_near(together, sum / 10, 1e-5);
}

// The loss, and its gradients for the eleven tensors of the network.
Tensors loss_with_constants(const Tensors& at, const Sequences& words, const Sequences& targets,
                            int wanted) {
    Variables all;
    for (int i = 0; i < size_of(at); ++i) all.push_back(Variable(at[i], (wanted >> i & 1) == 1));
    const Variable loss = net_of(all, additive).loss(words, targets, 0, 1);
    if (loss.needs_gradient()) backward(loss);
    Tensors found = {loss.value()};
    for (const Variable& v : all) found.push_back(v.gradient());
    return found;
}
PARTS(loss_with_constants, "the loss", "the gradient of the reader's W",
      "the gradient of the reader's U", "the gradient of the reader's b",
      "the gradient of the writer's W", "the gradient of the writer's U",
      "the gradient of the writer's b", "the gradient of the last layer's W",
      "the gradient of the last layer's b", "the gradient of the scores' W",
      "the gradient of the scores' U", "the gradient of the scores' v");

CHECK("10.4", "gradients reach all that is learnt, in the reader and in the writer") {
    const Tensors at = random_net(4, 2, 2);
    const Sequences words = random_words(2, 1, 3, 4), targets = random_words(2, 1, 3, 4);
    for (int wanted : {2047, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024}) {
        allow_roundings(512);
        ASK(loss_with_constants, at, words, targets, wanted);
    }
}

// The loss of one batch after another, with one network.
std::pair<double, double> one_after_the_other(const Tensors& numbers, const Sequences& first,
                                              const Sequences& then) {
    const EncoderDecoder net = net_of(constants(numbers), additive);
    const auto loss = [&](const Sequences& words) {
        return static_cast<double>(net.loss(words, words, 0, 1).value().data.at(0));
    };
    const double once = loss(first);
    return {once, loss(then)};
}
CALLED(one_after_the_other, "EncoderDecoder::loss, of one batch and then of another");
PARTS(one_after_the_other, "the loss of the first", "the loss of the second");

CHECK("10.4", "nothing is left over from the batch before") {
    const Tensors numbers = random_net(4, 2, 3);
    const Sequences first = random_words(2, 3, 3, 4), then = random_words(2, 3, 3, 4);
    allow_roundings(256);
    ASK(one_after_the_other, numbers, first, then);
}

CHECK("10.4", "an empty word is refused, and words and targets of different numbers") {
    const Tensors numbers = random_net(3, 1, 1);
    expect_mentions(ASK_REFUSAL(remembered, numbers, Sequences{{1}, {}}), {"read", "0"});
    expect_mentions(ASK_REFUSAL(loss_of, numbers, Sequences{{1}}, Sequences{{1}, {2}},
                                Lengths{0, 1, at_the_last}),
                    {"loss", "1", "2"});
    ASK_REFUSAL(loss_of, numbers, Sequences{}, Sequences{}, Lengths{0, 1, at_the_last});
}

// ## 10.5 What comparing costs

RESTS_ON("10.5", "3.4");

Tensor dotted(const Tensor& s, const Tensor& keys) { return dot_scores(s, keys).value(); }
CALLED(dotted, "dot_scores(s, keys)");

CHECK("10.5", "s = (1, 2) with the keys (3, 4) and (5, −1): the scores are 11 and 3") {
    expect_near(ASK(dotted, matrix({{1, 2}}), Tensor({1, 2, 2}, {3, 4, 5, -1})), matrix({{11, 3}}),
                1e-6);
}

CHECK("10.5", "any sizes, each word with its own question") {
    for (const Shape& size : {Shape{3, 4, 2}, Shape{1, 1, 1}, Shape{2, 2, 2}, Shape{1, 5, 3},
                              Shape{4, 1, 3}, Shape{3, 3, 1}, Shape{3, 3, 3}, Shape{2, 17, 9}}) {
        const Tensor s = random_tensor({size[0], size[2]});
        const Tensor keys = random_tensor(size);
        ASK(dotted, s, keys);
    }
}

Tensors dot_with_constants(const Tensors& s_keys, const Tensor& dy, int wanted) {
    const auto scores = [](const Variables& v) { return dot_scores(v[0], v[1]); };
    return with_constants<Variable>(scores, s_keys, dy, wanted);
}
PARTS(dot_with_constants, "the scores", "the gradient of s", "the gradient of the keys");

CHECK("10.5", "gradients reach s and the keys, also one by one") {
    const Tensor s = random_tensor({2, 4});
    const Tensor keys = random_tensor({2, 3, 4});
    const Tensor dy = random_tensor({2, 3});
    for (int wanted : {1, 2, 3}) ASK(dot_with_constants, Tensors{s, keys}, dy, wanted);
}

Tensor dot_again(const Tensors& first, const Tensors& then) {
    const auto scores = [](const Variables& v) { return dot_scores(v[0], v[1]); };
    return after_a_step<Variable>(scores, first, then);
}

CHECK("10.5", "nothing is left over from the last call: other numbers in one place") {
    Tensors first, then;
    for (Tensors* some : {&first, &then}) {
        some->push_back(random_tensor({2, 3}));
        some->push_back(random_tensor({2, 4, 3}));
    }
    ASK(dot_again, first, then);
}

std::pair<double, double> additive_counted(int S, int T, int H, int A) {
    const ScoreCost cost = additive_cost(S, T, H, A);
    return {static_cast<double>(cost.products), static_cast<double>(cost.tanhs)};
}
CALLED(additive_counted, "additive_cost(S, T, H, A)");
PARTS(additive_counted, "the products", "the tanhs");

std::pair<double, double> dot_counted(int S, int T, int H) {
    const ScoreCost cost = dot_cost(S, T, H);
    return {static_cast<double>(cost.products), static_cast<double>(cost.tanhs)};
}
CALLED(dot_counted, "dot_cost(S, T, H)");
PARTS(dot_counted, "the products", "the tanhs");

CHECK("10.5", "S = T = 12 and H = A = 32: 29,184 products and 4,608 tanhs, or 4,608 and none") {
    const auto [products, tanhs] = ASK(additive_counted, 12, 12, 32, 32);
    expect_near(products, 29184, 0);
    expect_near(tanhs, 4608, 0);
    const auto [dots, none] = ASK(dot_counted, 12, 12, 32);
    expect_near(dots, 4608, 0);
    expect_near(none, 0, 0);
}

CHECK("10.5", "any sizes, and counts beyond 2³¹") {
    for (int call = 0; call < 4; ++call) {
        const int S = 1 + random_numbers().below(50), T = 1 + random_numbers().below(50);
        const int H = 1 + random_numbers().below(50), A = 1 + random_numbers().below(50);
        ASK(additive_counted, S, T, H, A);
        ASK(dot_counted, S, T, H);
    }
    const auto [products, tanhs] = ASK(additive_counted, 3001, 2999, 1001, 999);
    expect_near(products, 6000.0 * 1001 * 999 + 3001.0 * 2999 * 999, 0);
    expect_near(tanhs, 3001.0 * 2999 * 999, 0);
    ASK(additive_counted, 3, 5000, 2000, 1000);
    ASK(additive_counted, 5000, 3, 2000, 1000);
    expect_near(ASK(dot_counted, 3001, 2999, 1001).first, 3001.0 * 2999 * 1001, 0);
    ASK(dot_counted, 70000, 70000, 1);
}

CHECK("10.5", "questions and states of different lengths are refused") {
    expect_mentions(ASK_REFUSAL(dotted, Tensor({1, 2}), Tensor({1, 3, 4})),
                    {"dot_scores", "[1, 2]"});
}

}  // namespace checks_10
