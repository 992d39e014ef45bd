#include "18_gpt.hpp"

#include "grader/check.hpp"
#include "grader/read_twice.hpp"
#include "grader/variations.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <set>

namespace checks_18 {

using Tensors = std::vector<Tensor>;
using Variables = std::vector<Variable>;
using List = std::vector<int>;

// Numbers for parameters that are the same in every program: small, and none of them special.
static void fill(const Parameters& parameters, int seed = 18) {
    Random random(seed);
    for (const Variable& p : parameters) {
        Tensor value = p.value();
        for (float& number : value.data) number = random.uniform(-0.6f, 0.6f);
        p.set_value(value);
    }
}

// All that has to be known of a model: V, the context, D, H and L, and whether places are rotary.
static GptSettings settings_of(const List& sizes, bool rotary) {
    return {sizes.at(0), sizes.at(1), sizes.at(2), sizes.at(3), sizes.at(4), rotary};
}

struct Small {
    Random random{1};
    Gpt net;
    explicit Small(const List& sizes, bool rotary, int seed = 18)
        : net(settings_of(sizes, rotary), random) {
        fill(net.parameters(), seed);
    }
};

// One number of a matrix, or of the rows of a larger tensor.
static float at(const Tensor& x, int row, int column) {
    return x.data.at(row * x.shape.back() + column);
}

static const List small_sizes = {7, 6, 8, 2, 2};

static Sequence random_tokens(int count, int V) {
    Sequence tokens;
    for (int i = 0; i < count; ++i) tokens.push_back(random_numbers().below(V));
    return tokens;
}

static Sequences random_batch(int B, int T, int V) {
    Sequences batch;
    for (int b = 0; b < B; ++b) batch.push_back(random_tokens(T, V));
    return batch;
}

// ## 18.1 By hand

Tensor written_down(int) { return by_hand_18(); }
CALLED(written_down, "by_hand_18()");

static void expect_number(int which, double wanted, double tolerance,
                          const std::string& otherwise) {
    const Tensor numbers = ASK_UNRECORDED(written_down, 0);
    expect(numbers.shape == Shape{5}, "five numbers are asked for, row({…, …, …, …, …})");
    expect(std::fabs(numbers.data[which] - wanted) < tolerance, otherwise);
}

CHECK("18.1", "with p = 0.8, as many words stay as have 0.8 together: the crossing one too") {
    expect_number(0, 3, 1e-4, "the first number is not how many words stay");
}

CHECK("18.1", "what stays is divided by its sum: the probability of star among those words") {
    expect_number(1, 0.40 / 0.85, 0.0011, "the second number is not 0.40 divided by what stays");
}

CHECK("18.1", "with k = 2 two words stay: the probability of star among them") {
    expect_number(2, 0.40 / 0.65, 0.0011, "the third number is not 0.40 divided by what stays");
}

CHECK("18.1", "bits are logarithms to base 2: how many per token") {
    expect_number(3, 3, 1e-4, "the fourth number is not the mean of −log₂ p of the four tokens");
}

CHECK("18.1", "bits per character: all bits of the text, over its characters") {
    expect_number(4, 0.75, 1e-4, "the fifth number is not all bits, divided by 16 characters");
}

// ## 18.2 The model

RESTS_ON("18.2", "17.3", "13.4", "13.5", "14.2", "14.5");

std::pair<Tensor, Tensor> through_gelu(const Tensor& at, const Tensor& dy) {
    const Variable x = parameter(at);
    const Variable y = gelu_tanh(x);
    backward(sum(y * dy));
    return {y.value(), x.gradient()};
}
CALLED(through_gelu, "gelu_tanh");
PARTS(through_gelu, "the value y", "the gradient dx");

// The slope of (18.5), with tanh and in double.
static double exact_slope(double x) {
    const double c = std::sqrt(2 / 3.14159265358979), u = c * (x + 0.044715 * x * x * x);
    const double t = std::tanh(u), du = c * (1 + 3 * 0.044715 * x * x);
    return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * du;
}

CHECK("18.2", "the slope of GELU is ½ at 0, 1.0830 at 1 and −0.0830 at −1") {
    const Tensor x = row({0, 1, -1}), dy = row({1, 1, 1});
    expect_near(ASK(through_gelu, x, dy).second, row({0.5f, 1.0829641f, -0.0829641f}), 1e-5);
}

CHECK("18.2", "GELU's slopes far from 0 are 0 and 1, and in between those of (18.5), times dy") {
    Tensor x({61}), dy({61}), expected({61});
    for (int i = 0; i < 61; ++i) {
        x.data[i] = 0.2f * (i - 30);
        dy.data[i] = i % 3 - 1.5f;
        expected.data[i] = dy.data[i] * exact_slope(x.data[i]);
    }
    expect_near(ASK_UNRECORDED(through_gelu, x, dy).second, expected, 1e-5);
    const Tensor far = row({-100, 100, -20, 20}), ones = row({1, 1, 1, 1});
    expect_near(ASK_UNRECORDED(through_gelu, far, ones).second, row({0, 1, 0, 1}), 1e-6);
}

Tensors gelu_with_constants(const Tensors& at, const Tensor& dy, int wanted) {
    return with_constants<Variable>([](const Variables& x) { return gelu_tanh(x[0]); }, at, dy,
                                    wanted);
}
CALLED(gelu_with_constants, "gelu_tanh");
PARTS(gelu_with_constants, "y", "the gradient dx");

Tensors gelu_read_twice(const Tensor& at, const Tensor& dy) {
    const Variable x = parameter(at);
    return read_twice(sum(gelu_tanh(x) * dy), Graph::kept, {x});
}
CALLED(gelu_read_twice, "gelu_tanh, read twice");
PARTS(gelu_read_twice, "the gradient dx", "the gradient dx, read twice");

CHECK("18.2", "GELU of any shape, of a constant, of nothing, and read twice") {
    for (const Shape& shape : std::vector<Shape>{{1}, {2, 3}, {3, 1, 2}, {0, 4}}) {
        const Tensor x = random_tensor(shape);
        const Tensor dy = random_tensor(shape);
        for (int wanted : {0, 1}) {
            allow_roundings(1024);  // near −0.75 the slope is the difference of two larger numbers
            ASK(gelu_with_constants, Tensors{x}, dy, wanted);
        }
    }
    const Tensor x = random_tensor({5});
    const Tensor dy = random_tensor({5});
    allow_roundings(1024);
    expect_doubled(ASK(gelu_read_twice, x, dy));
}

// In the order of `parameters()`: what a parameter is. W matrices, R those that end a sublayer, b
// biases, g gains.
static std::string kinds_of(int layers, bool rotary) {
    std::string kinds = rotary ? "W" : "WW";
    for (int i = 0; i < layers; ++i) kinds += "gbWbWbWbRbgbWbRb";
    return kinds + "gb";
}

// The places, in parameters(), of those that decay.
List places_that_decay(const List& sizes, bool rotary) {
    const Small small(sizes, rotary);
    const Parameters all = small.net.parameters();
    List places;
    for (const Variable& p : small.net.decaying()) {
        int place = -1;
        for (int i = 0; i < size_of(all); ++i)
            if (all[i].node() == p.node()) place = i;
        places.push_back(place);
    }
    std::sort(places.begin(), places.end());
    return places;
}
CALLED(places_that_decay, "decaying(), as places in parameters()");
PARTS(places_that_decay, "parameter #0 of decaying()");

CHECK("18.2", "matrices decay, gains and biases do not; each is listed once") {
    for (int layers : {0, 1, 3})
        for (bool rotary : {false, true}) {
            const std::string kinds = kinds_of(layers, rotary);
            List expected;
            for (int i = 0; i < size_of(kinds); ++i)
                if (kinds[i] == 'W' || kinds[i] == 'R') expected.push_back(i);
            for (const List& sizes : std::vector<List>{{5, 4, 2, 1, layers}, {1, 1, 1, 1, layers}})
                if (!rotary || sizes[2] == 2)
                    expect(ASK(places_that_decay, sizes, rotary) == expected,
                           "what decays must be the matrices among the parameters");
        }
}

// How many parameters decay when the model's have the names that a file gives them.
int decaying_of_a_file(const List& sizes) {
    const Small small(sizes, false);
    for (const Variable& p : small.net.parameters()) p.node()->name = "h.0.mlp.c_fc";
    return size_of(small.net.decaying());
}
CALLED(decaying_of_a_file, "decaying(), when parameters are called as in a file,");

CHECK("18.2", "a matrix is one by its two axes, whatever it is called") {
    expect(ASK(decaying_of_a_file, small_sizes) == 2 + 2 * 6, "two tables and 12 matrices decay");
}

// The places, in parameters(), of those that initialise() changes.
List changed_by_initialise(const List& sizes) {
    const Small small(sizes, false);
    const Parameters all = small.net.parameters();
    Tensors before;
    for (const Variable& p : all) before.push_back(p.value());
    Random random(3);
    Gpt net = small.net;
    net.initialise(random);
    List places;
    for (int i = 0; i < size_of(all); ++i)
        if (all[i].value().data != before[i].data) places.push_back(i);
    return places;
}
CALLED(changed_by_initialise, "what initialise changes, as places in parameters()");
PARTS(changed_by_initialise, "place ##0");

CHECK("18.2", "only the matrices get first weights: norms and biases stay as they are") {
    const std::string kinds = kinds_of(2, false);
    List expected;
    for (int i = 0; i < size_of(kinds); ++i)
        if (kinds[i] == 'W' || kinds[i] == 'R') expected.push_back(i);
    expect(ASK_UNRECORDED(changed_by_initialise, small_sizes) == expected,
           "gains and biases that are not 1 and 0 are to stay, and matrices to change");
}

// What a model begins with: for each parameter the mean of its squares, the largest of them, and
// how many of its numbers differ from the next one; the axes in front.
Tensor first_weights(const List& sizes, bool rotary) {
    Random random(5);
    const Gpt net(settings_of(sizes, rotary), random);
    std::vector<float> all;
    for (const Variable& p : net.parameters()) {
        const std::vector<float>& w = p.value().data;
        double squares = 0, sum = 0;
        int changes = 0;
        for (int i = 0; i < size_of(w); ++i) {
            squares += double{w[i]} * w[i];
            sum += w[i];
            changes += i > 0 && w[i] != w[i - 1];
        }
        for (double number : {1.0 * p.value().rank(), std::sqrt(squares / w.size()),
                              sum / w.size(), 1.0 * changes / w.size()})
            all.push_back(number);
    }
    return Tensor({size_of(all) / 4, 4}, all);
}
CALLED(first_weights, "initialise");

static void expect_first_weights(const List& sizes, bool rotary) {
    const Tensor found = ASK_UNRECORDED(first_weights, sizes, rotary);
    const std::string kinds = kinds_of(sizes[4], rotary);
    expect(found.rows() == size_of(kinds), "the model has other parameters than it should");
    for (int i = 0; i < found.rows(); ++i) {
        const double deviation = at(found, i, 1), mean = at(found, i, 2), changes = at(found, i, 3);
        const double smaller = 0.02 / std::sqrt(2.0 * sizes[4]);
        const std::string which = "parameter " + std::to_string(i) + " of parameters(), ";
        if (kinds[i] == 'b') expect(deviation == 0, which + "a bias, must begin as zeros");
        if (kinds[i] == 'g')
            expect(mean == 1 && changes == 0, which + "a gain, must begin as ones");
        if (kinds[i] == 'W') {
            expect(std::fabs(deviation / 0.02 - 1) < 0.15, which + "must have a deviation of 0.02");
            expect(std::fabs(mean) < 0.004, which + "must have the mean 0");
        }
        if (kinds[i] == 'R')
            expect(std::fabs(deviation / smaller - 1) < 0.15,
                   which + "ends a sublayer: its deviation must be 0.02/√(2L)");
        if (kinds[i] == 'W' || kinds[i] == 'R')
            expect(changes > 0.9, which + "is not random, number by number");
    }
}

CHECK("18.2", "matrices begin with a deviation of 0.02, norms as 1 and 0, biases as 0") {
    expect_first_weights({40, 24, 24, 3, 0}, false);
    expect_first_weights({40, 24, 24, 3, 0}, true);
}

CHECK("18.2", "matrices that end a sublayer begin smaller by 1/√(2L), for any number L of layers") {
    for (int layers : {1, 2, 5}) expect_first_weights({40, 24, 24, 3, layers}, layers == 2);
}

// The deviations of both tables, of the queries, keys, values and outputs, of `up` and `down`, over
// all layers; then the mean of the gains, and the largest of the biases.
Tensor first_deviations(const List& sizes) {
    Random random(6);
    const Gpt net(settings_of(sizes, false), random);
    std::vector<Variables> groups(8);
    groups[0] = {net.tokens}, groups[1] = {net.positions};
    double gains = 0, biases = 0;
    for (const GptLayer& layer : net.layers) {
        const MultiHeadAttention& a = layer.attention;
        const Linear* parts[] = {&a.query, &a.key, &a.value, &a.output, &layer.up, &layer.down};
        for (int i = 0; i < 6; ++i) {
            groups[2 + i].push_back(parts[i]->W);
            const std::vector<float>& b = parts[i]->b.value().data;
            for (float number : b) biases = std::max(biases, std::fabs(double{number}));
        }
        gains += double{layer.attention_norm.gain.value().data[0]} / size_of(net.layers);
    }
    std::vector<float> found;
    for (const Variables& group : groups) {
        double squares = 0, count = 0;
        for (const Variable& p : group)
            for (float w : p.value().data) squares += double{w} * w, ++count;
        found.push_back(std::sqrt(squares / count));
    }
    found.push_back(gains);
    found.push_back(biases);
    return {{10}, found};
}
CALLED(first_deviations, "the deviations of E, P, query, key, value, output, up and down");

CHECK("18.2", "of a model of 3 layers: 0.02, and 0.02/√6 = 0.0082 for what ends a sublayer") {
    Tensor found = ASK_UNRECORDED(first_deviations, List{160, 160, 64, 4, 3});
    expect(found.data.at(8) == 1 && found.data[9] == 0, "gains begin as 1, biases as 0");
    for (int i : {5, 7}) found.data[i] *= std::sqrt(6.0f);
    const float d = 0.02f;
    expect_near(found, row({d, d, d, d, d, d, d, d, 1, 0}), 0.0005);
}

// Of the first weights of a table of 200 by 64, the shares that are beyond ±0.02 and ±0.04.
Tensor shares_beyond(int seed) {
    Random random(seed);
    const Gpt net({200, 1, 64, 1, 0}, random);
    float one = 0, two = 0;
    for (float w : net.tokens.value().data) {
        one += std::fabs(w) > 0.02f;
        two += std::fabs(w) > 0.04f;
    }
    return row({one / 12800, two / 12800});
}
CALLED(shares_beyond, "the shares of first weights beyond 0.02 and 0.04");

CHECK("18.2", "first weights are normal: 31.7 % are beyond the deviation, and 4.6 % beyond two") {
    expect_near(ASK_UNRECORDED(shares_beyond, 7), row({0.3173f, 0.0455f}), 0.02);
}

// Of two models that one generator makes, one behind the other: the quotient of the first two
// numbers of each matrix.
Tensor first_quotients(const List& sizes) {
    Random random(5);
    std::vector<float> quotients;
    for (int i = 0; i < 2; ++i)
        for (const Variable& p : Gpt(settings_of(sizes, false), random).decaying())
            quotients.push_back(p.value().data.at(1) / p.value().data.at(0));
    return {{size_of(quotients)}, quotients};
}
CALLED(first_quotients, "the second number of each matrix, over its first");

CHECK("18.2", "each matrix begins with numbers of its own, and so does the next model") {
    for (int layers : {0, 2}) {
        std::vector<float> all = ASK_UNRECORDED(first_quotients, List{9, 9, 4, 2, layers}).data;
        std::sort(all.begin(), all.end());
        for (int i = 1; i < size_of(all); ++i)
            expect(std::fabs(all[i] - all[i - 1]) > 1e-5 * std::fabs(all[i]),
                   "two matrices begin with the same numbers");
    }
}

Tensor logits_of(const Sequences& batch, const List& sizes, bool rotary) {
    return Small(sizes, rotary).net(batch).value();
}
CALLED(logits_of, "the logits");

// A model of whose layers nothing is left: without layers, or with zeros where they end.
Tensor logits_without_layers(const Tensor& E, const Tensor& P, const Sequences& batch) {
    Random random(1);
    const Gpt net({E.shape[0], P.shape[0], E.shape[1], 1, 0}, random);
    net.tokens.set_value(E);
    net.positions.set_value(P);
    return net(batch).value();
}
CALLED(logits_without_layers, "a Gpt of no layers");

CHECK("18.2", "without layers, [1 0] at the place [2 1] has the logits norm([3 1]) Eᵀ") {
    const Tensor E = matrix({{1, 0}, {0, 1}, {2, 5}});
    const Tensor P = matrix({{2, 1}, {0, 0}});
    expect_near(ASK(logits_without_layers, E, P, Sequences{{0}}), Tensor({1, 1, 3}, {1, -1, -3}),
                2e-5);
}

CHECK("18.2", "each sequence of a batch has its places from 0 on, and nothing of its neighbour") {
    const Tensor E = random_tensor({5, 4});
    const Tensor P = random_tensor({3, 4});
    const Sequences batch = random_batch(3, 3, 5);
    const Tensor all = ASK(logits_without_layers, E, P, batch);
    const Tensor one = ASK(logits_without_layers, E, P, Sequences{batch[1]});
    for (int i = 0; i < 15; ++i)
        expect(std::fabs(all.data[15 + i] - one.data[i]) < 1e-4f,
               "a sequence has other logits in a batch than alone");
}

CHECK("18.2", "one token through layers: with itself alone to look at") {
    for (bool rotary : {false, true}) {
        allow_roundings(1024);
        ASK(logits_of, Sequences{{3}}, small_sizes, rotary);
    }
}

CHECK("18.2", "no logit depends on a later token, and each on the earlier ones") {
    for (bool rotary : {false, true}) {
        const Sequence tokens = random_tokens(6, 7);
        allow_roundings(1024);
        const Tensor z = ASK(logits_of, Sequences{tokens}, small_sizes, rotary);
        for (int place = 0; place < 6; ++place) {
            Sequence other = tokens;
            other[place] = (other[place] + 1) % 7;
            const Tensor now = ASK_UNRECORDED(logits_of, Sequences{other}, small_sizes, rotary);
            for (int t = 0; t < 6; ++t) {
                bool same = true;
                for (int w = 0; w < 7; ++w) same = same && at(z, t, w) == at(now, t, w);
                expect(same || t >= place, "a logit depends on a later token");
                expect(!same || t < place, "a logit does not depend on an earlier token");
            }
        }
    }
}

CHECK("18.2", "the order of what was read matters: with a table of places, and with rotary ones") {
    for (bool rotary : {false, true}) {
        allow_roundings(1024);
        const Tensor one = ASK(logits_of, Sequences{{1, 2, 3}}, small_sizes, rotary);
        allow_roundings(1024);
        const Tensor two = ASK(logits_of, Sequences{{2, 1, 3}}, small_sizes, rotary);
        double largest = 0;
        for (int w = 0; w < 7; ++w)
            largest = std::max(largest, std::fabs(double{at(one, 2, w)} - at(two, 2, w)));
        expect(largest > 1e-3, "a bag of tokens: the order does not matter");
    }
}

CHECK("18.2", "batches of any size and length, models of any size, with both kinds of places") {
    for (bool rotary : {false, true})
        for (const List& sizes : std::vector<List>{
                 {7, 6, 8, 2, 2}, {1, 1, 2, 1, 1}, {3, 9, 6, 1, 3}, {11, 4, 12, 6, 1}}) {
            const int T = std::min(4, sizes[1]);
            const Sequences batch = random_batch(3, T, sizes[0]);
            allow_roundings(1024);
            ASK(logits_of, batch, sizes, rotary);
        }
}

// Of the tables, of each layer, and of the last norm: all gradients of a part as one row.
static Tensor gradients_in_a_row(const Parameters& parameters) {
    std::vector<float> all;
    for (const Variable& p : parameters)
        all.insert(all.end(), p.gradient().data.begin(), p.gradient().data.end());
    return {{size_of(all)}, all};
}

Tensors gradients_of(const Sequences& batch, const Tensor& dy, bool rotary) {
    const Small small(small_sizes, rotary);
    backward(sum(small.net(batch) * dy));
    Tensors all = {small.net.tokens.gradient()};
    if (!rotary) all.push_back(small.net.positions.gradient());
    for (const GptLayer& layer : small.net.layers)
        all.push_back(gradients_in_a_row(layer.parameters()));
    all.push_back(gradients_in_a_row(small.net.final_norm.parameters()));
    return all;
}
PARTS(gradients_of, "the gradients of part ##0 (tables, layers, last norm)");

CHECK("18.2", "gradients reach every parameter: the tied table's come from both of its ends") {
    for (bool rotary : {false, true}) {
        const Sequences batch = random_batch(2, 3, 7);
        const Tensor dy = random_tensor({2, 3, 7});
        allow_roundings(2048);
        for (const Tensor& gradient : ASK(gradients_of, batch, dy, rotary))
            expect(std::any_of(gradient.data.begin(), gradient.data.end(),
                               [](float g) { return g != 0; }),
                   "a part of the model gets no gradient");
    }
}

// Under a dropout of nearly all, the sum of (18.2) is 0, and so is what each sublayer adds: only
// the last norm's bias speaks. And how many random numbers were drawn.
std::tuple<int, int> silenced(const Sequences& batch, bool training) {
    const Small small(small_sizes, false);
    Random random(1);
    const auto begun = random.state();
    Dropout most(0.999999, random);
    most.training = training;
    const Tensor z = small.net(batch, most).value();
    const Tensor mute = matmul(small.net.final_norm(Tensor({1, 1, 8})),
                               transpose(small.net.tokens)).value();
    bool silent = true;
    for (int i = 0; i < z.size(); ++i)
        silent = silent && std::fabs(z.data[i] - mute.data[i % 7]) < 1e-5f;
    const int draws = static_cast<int>((random.state() - begun) / 0x9e3779b97f4a7c15u);
    return {silent, draws};
}

std::pair<Tensor, double> logits_and_dropout(const Sequences& batch, double rate, int seed) {
    const Small small(small_sizes, false);
    Random random(seed);
    const Tensor z = small.net(batch, Dropout(rate, random)).value();
    return {z, random.uniform()};
}
PARTS(logits_and_dropout, "the logits", "the next random number");

CHECK("18.2", "dropout acts on the sum of the tables, and in every layer on what is added") {
    const Sequences batch = {{1, 2, 3}};
    expect(std::get<0>(ASK(silenced, batch, true)) == 1,
           "where all is dropped, something still gets through");
    expect(std::get<0>(ASK(silenced, batch, false)) == 0, "without training nothing is dropped");
    allow_roundings(2048);
    ASK(logits_and_dropout, Sequences{{1, 2, 3}, {4, 5, 6}}, 0.3, 7);
}

CHECK("18.2", "refused: no sequence, none equally long, more than the context, no such token") {
    for (const Sequences& batch :
         std::vector<Sequences>{{}, {{}}, {{1, 2}, {1}}, {{1, 2, 3, 4, 5, 6, 0}}, {{7}}, {{-1}}})
        for (bool rotary : {false, true}) ASK_REFUSAL(logits_of, batch, small_sizes, rotary);
}

Tensors logits_twice(const Sequences& first, const Sequences& then) {
    const Small small(small_sizes, false);
    Tensors all = {small.net(first).value()};
    fill(small.net.parameters(), 3);
    all.push_back(small.net(then).value());
    return all;
}
PARTS(logits_twice, "the logits of batch ##1");

CHECK("18.2", "nothing is left over from the last call: other tokens, other weights") {
    allow_roundings(1024);
    const Tensors found = ASK(logits_twice, Sequences{{1, 2, 3}}, Sequences{{4, 2}, {1, 1}});
    expect(found.at(1).shape == Shape{2, 2, 7}, "the logits must be [B, T, V]");
}

// ## 18.3 What may come next

Tensor probabilities(const Tensor& logits, double temperature, int top_k, double top_p) {
    return next_probabilities(logits, {temperature, top_k, top_p});
}
CALLED(probabilities, "next_probabilities");

static Tensor logs_of(const std::vector<float>& p) {
    Tensor z({size_of(p)});
    for (int i = 0; i < z.size(); ++i) z.data[i] = std::log(p[i]);
    return z;
}

// What must come out, by rank: the likelier first and, of equals, the lower.
static Tensor exact_probabilities(const Tensor& z, double temperature, int top_k, double top_p) {
    const int V = z.size();
    List order(V);
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(),
                     [&](int a, int b) { return z.data[a] > z.data[b]; });
    const int k = temperature == 0 ? 1 : top_k == 0 ? V : std::min(top_k, V);
    std::vector<double> e(V);
    double total = 0, before = 0, kept = 0;
    for (int i = 0; i < k; ++i) {
        const double above = double{z.data[order[i]]} - z.data[order[0]];
        total += e[i] = i == 0 ? 1 : std::exp(above / temperature);
    }
    int count = 0;
    for (; count < k && (top_p == 1 || before < top_p * total); ++count) before += e[count];
    for (int i = 0; i < count; ++i) kept += e[i];
    Tensor result({V});
    for (int i = 0; i < count; ++i) result.data[order[i]] = e[i] / kept;
    return result;
}

CHECK("18.3", "with nothing cut off, temperature 1 is the softmax") {
    expect_near(ASK(probabilities, logs_of({0.1f, 0.6f, 0.3f}), 1.0, 0, 1.0),
                row({0.1f, 0.6f, 0.3f}), 1e-6);
    ASK(probabilities, random_tensor({9}), 1.0, 0, 1.0);
}

CHECK("18.3", "a temperature of ½ squares probabilities, before they are divided by their sum") {
    expect_near(ASK(probabilities, logs_of({0.6f, 0.3f, 0.1f}), 0.5, 0, 1.0),
                row({36.0f / 46, 9.0f / 46, 1.0f / 46}), 1e-6);
    expect_near(ASK(probabilities, logs_of({0.64f, 0.16f, 0.04f}), 2.0, 0, 1.0),
                row({8.0f / 14, 4.0f / 14, 2.0f / 14}), 1e-6);
}

CHECK("18.3", "top-k keeps the k likeliest, which have all together; of equals, the lower token") {
    expect_near(ASK(probabilities, logs_of({0.1f, 0.5f, 0.1f, 0.3f}), 1.0, 2, 1.0),
                row({0, 0.625f, 0, 0.375f}), 1e-6);
    expect_near(ASK(probabilities, logs_of({0.1f, 0.5f, 0.1f, 0.3f}), 1.0, 3, 1.0),
                row({1.0f / 9, 5.0f / 9, 0, 3.0f / 9}), 1e-6);
    ASK(probabilities, random_tensor({5}), 1.0, 9, 1.0);
}

CHECK("18.3", "top-p keeps the token that crosses p, and none behind it") {
    const Tensor z = logs_of({0.05f, 0.4f, 0.25f, 0.2f, 0.1f});
    expect_near(ASK(probabilities, z, 1.0, 0, 0.8),
                row({0, 0.4f / 0.85f, 0.25f / 0.85f, 0.2f / 0.85f, 0}), 1e-6);
    expect_near(ASK(probabilities, z, 1.0, 0, 0.3), row({0, 1, 0, 0, 0}), 1e-6);
    expect_near(ASK(probabilities, z, 1.0, 0, 0.97),
                row({0.05f, 0.4f, 0.25f, 0.2f, 0.1f}), 1e-6);
}

CHECK("18.3", "p is a share of what the k likeliest have together, and after the temperature") {
    const Tensor z = logs_of({0.4f, 0.3f, 0.2f, 0.1f});
    expect_near(ASK(probabilities, z, 1.0, 2, 0.5), row({1, 0, 0, 0}), 1e-6);
    expect_near(ASK(probabilities, z, 0.5, 0, 0.5), row({1, 0, 0, 0}), 1e-6);
    ASK(probabilities, z, 2.0, 3, 0.6);
}

CHECK("18.3", "of equally likely tokens the lower ones come first, and no more than p needs") {
    const Tensor z = Tensor({8});
    expect_near(ASK(probabilities, z, 1.0, 0, 0.5),
                row({0.25f, 0.25f, 0.25f, 0.25f, 0, 0, 0, 0}), 1e-6);
    expect_near(ASK(probabilities, z, 1.0, 0, 0.3),
                row({1.0f / 3, 1.0f / 3, 1.0f / 3, 0, 0, 0, 0, 0}), 1e-6);
    expect_near(ASK(probabilities, z, 1.0, 5, 1.0), row({0.2f, 0.2f, 0.2f, 0.2f, 0.2f, 0, 0, 0}),
                1e-6);
    const Tensor two = row({1, 3, 3, 1, 1});
    ASK(probabilities, two, 1.0, 4, 1.0);
    ASK(probabilities, two, 1.0, 0, 0.9);
}

CHECK("18.3", "a temperature of 0 leaves the likeliest, the lower one of two") {
    expect_near(ASK(probabilities, row({1, 3, 2, 3}), 0.0, 0, 1.0), row({0, 1, 0, 0}), 0);
    expect_near(ASK(probabilities, row({-5, -9}), 0.0, 2, 0.5), row({1, 0}), 0);
}

CHECK("18.3", "logits may be large, temperatures small and vocabularies long") {
    for (float size : {1.0f, 300.0f, 30000.0f, 1e30f}) {
        const Tensor z = scaled_copy(row({0.5f, -1, 1, 0.25f, 0.75f}), size);
        ASK(probabilities, z, 1.0, 0, 1.0);
        ASK(probabilities, z, 0.01, 3, 0.9);
    }
    ASK(probabilities, row({-200, -210, -205}), 1.0, 0, 1.0);
    expect_near(ASK(probabilities, row({-2e38f, -3e38f, -2e38f}), 1.0, 0, 1.0),
                row({0.5f, 0, 0.5f}), 1e-6);
    expect_near(ASK(probabilities, row({1, 1, 0}), 1e-60, 0, 1.0), row({0.5f, 0.5f, 0}), 1e-6);
    expect_near(ASK(probabilities, row({1, 1, 0}), 1e-6, 0, 1.0), row({0.5f, 0.5f, 0}), 1e-6);
    const Tensor close = row({1000, 1000.0123f, 999.9931f, 1000.0047f});
    expect_near(ASK_UNRECORDED(probabilities, close, 0.01, 0, 1.0),
                exact_probabilities(close, 0.01, 0, 1.0), 1e-5);
    Tensor flat({50257});
    flat.data[50256] = 1e-3f;
    const Tensor p = ASK_UNRECORDED(probabilities, flat, 1.0, 0, 1.0);
    expect_near(exact_sum(p, 0, p.size()), 1, 1e-5);
    const Tensor half = ASK_UNRECORDED(probabilities, flat, 1.0, 0, 0.50001);
    expect(half.data[50256] > 0 && half.data[25127] > 0 && half.data[25130] == 0,
           "of 50,257 almost equal tokens, about half must stay");
}

CHECK("18.3", "at a temperature of 10⁸ all are as good as equal, and the likeliest still stays") {
    const Tensor z = row({0.1f, 0.3f, 0.2f});
    expect_near(ASK(probabilities, z, 1e8, 1, 1.0), row({0, 1, 0}), 1e-6);
    expect_near(ASK(probabilities, z, 1e8, 2, 1.0), row({0, 0.5f, 0.5f}), 1e-6);
}

CHECK("18.3", "at a temperature of 10⁸, logits of 10⁸ differ as those of 1 do at 1") {
    expect_near(ASK(probabilities, row({1e8f, -1e8f, 0}), 1e8, 0, 1.0),
                row({0.665241f, 0.0900306f, 0.244728f}), 1e-5);
}

CHECK("18.3", "one of two has half: for 2 in 100,000,000 more, both must stay") {
    expect_near(ASK(probabilities, Tensor({2}), 1.0, 0, 0.5), row({1, 0}), 0);
    expect_near(ASK(probabilities, Tensor({2}), 1.0, 0, 0.50000002), row({0.5f, 0.5f}), 1e-6);
}

CHECK("18.3", "any temperature, k and p together, for 1, 2, 5 and 40 tokens") {
    for (int V : {1, 2, 5, 40})
        for (double temperature : {0.3, 1.0, 1.7})
            for (int top_k : {0, 1, 3, 40})
                for (double top_p : {0.2137, 0.7319, 1.0}) {
                    Tensor z = random_tensor({V});
                    for (int i = 0; i < V; ++i) z.data[i] = 3 * z.data[i] + 0.0001f * i;
                    expect_near(ASK_UNRECORDED(probabilities, z, temperature, top_k, top_p),
                                exact_probabilities(z, temperature, top_k, top_p), 2e-6);
                }
}

CHECK("18.3", "refused: no logits, a matrix, a setting that is out of range") {
    ASK_REFUSAL(probabilities, Tensor({0}), 1.0, 0, 1.0);
    ASK_REFUSAL(probabilities, Tensor({2, 2}), 1.0, 0, 1.0);
    ASK_REFUSAL(probabilities, Tensor({2}), -1.0, 0, 1.0);
    ASK_REFUSAL(probabilities, Tensor({2}), 1.0, -1, 1.0);
    for (double p : {0.0, -0.5, 1.5}) ASK_REFUSAL(probabilities, Tensor({2}), 1.0, 0, p);
}

CHECK("18.3", "of [0.25 0.5 0.25], u = 0.1 picks token 0, 0.25 and 0.6 token 1, 0.75 token 2") {
    const Tensor p = row({0.25f, 0.5f, 0.25f});
    expect(ASK(pick, p, 0.1) == 0, "0.1 is in the share of token 0");
    expect(ASK(pick, p, 0.25) == 1, "the share of token 1 begins at 0.25");
    expect(ASK(pick, p, 0.6) == 1, "0.6 is in the share of token 1");
    expect(ASK(pick, p, 0.75) == 2, "the share of token 2 begins at 0.75");
}

CHECK("18.3", "what has no probability is never picked: not at 0, not in between, not at the end") {
    expect(ASK(pick, row({0, 0, 1, 0}), 0.0) == 2, "only token 2 can come");
    expect(ASK(pick, row({0.5f, 0, 0.5f}), 0.5) == 2, "token 1 cannot come");
    expect(ASK(pick, row({0.3f, 0.6f, 0}), 0.95) == 1, "behind the last share the last one stays");
    expect(ASK(pick, row({0, 0, 1, 0}), 0.99999997) == 2, "only token 2 can come");
    ASK_REFUSAL(pick, row({0, 0}), 0.5);
    ASK_REFUSAL(pick, Tensor({0}), 0.5);
}

CHECK("18.3", "the smallest share is one, and just in front of 0.5 the first half goes on") {
    expect(ASK(pick, row({0, 1e-9f, 1}), 0.0) == 1, "0 is in the share of token 1");
    expect(ASK(pick, row({0.5f, 0.5f}), 0.499999999) == 0, "that is in the share of token 0");
}

CHECK("18.3", "of 50,000 equally likely tokens, u = 0.90001 picks number 45,000") {
    const Tensor p({50000}, std::vector<float>(50000, 2e-5f));
    expect(ASK_UNRECORDED(pick, p, 0.90001) == 45000, "the shares are not summed in double");
}

CHECK("18.3", "over many draws, tokens come as often as they are probable") {
    const Tensor p = row({0.1f, 0.2f, 0, 0.4f, 0.3f});
    List counts(5);
    for (int i = 0; i < 200; ++i) ++counts.at(ASK_UNRECORDED(pick, p, (i + 0.5) / 200));
    expect(counts == List({20, 40, 0, 80, 60}), "some tokens come more often than they should");
}

// ## 18.4 The cache

RESTS_ON("18.4", "18.2");

// The logits of a text that is read in parts, and how long the cache is at the end.
std::pair<Tensor, int> read_in_parts(const Sequence& tokens, const List& parts, const List& sizes,
                                     bool rotary) {
    const Small small(sizes, rotary);
    KeyValueCache cache;
    std::vector<float> all;
    int first = 0;
    for (int part : parts) {
        const Sequence next(tokens.begin() + first, tokens.begin() + first + part);
        const Tensor z = small.net.read_on(next, cache);
        if (z.shape != Shape{part, sizes[0]}) return {z, cache.length};
        all.insert(all.end(), z.data.begin(), z.data.end());
        first += part;
    }
    return {Tensor({size_of(all) / sizes[0], sizes[0]}, all), cache.length};
}
CALLED(read_in_parts, "read_on in parts");
PARTS(read_in_parts, "the logits", "the length of the cache");

// What the full pass says of it.
Tensor read_at_once(const Sequence& tokens, const List& sizes, bool rotary) {
    const Tensor z = Small(sizes, rotary).net({tokens}).value();
    return reshape(z, {size_of(tokens), sizes[0]});
}
CALLED(read_at_once, "the full pass");

static List all_ones(int n) { return List(n, 1); }

CHECK("18.4", "read in one go, a text has the logits of the full pass") {
    for (bool rotary : {false, true}) {
        const Sequence tokens = random_tokens(5, 7);
        allow_roundings(1024);
        const Tensor z = ASK(read_in_parts, tokens, List{5}, small_sizes, rotary).first;
        expect_near(z, ASK_UNRECORDED(read_at_once, tokens, small_sizes, rotary), 2e-4);
    }
}

CHECK("18.4", "token by token, each stands at its own place and sees all before it") {
    const Sequence tokens = {3, 1, 4, 1, 5};
    allow_roundings(1024);
    const auto [z, length] = ASK(read_in_parts, tokens, all_ones(5), small_sizes, false);
    expect_near(z, ASK_UNRECORDED(read_at_once, tokens, small_sizes, false), 2e-4);
    expect(length == 5, "the cache must have read 5 tokens");
}

CHECK("18.4", "rotary keys are turned once, by their own place, and kept so") {
    const Sequence tokens = {3, 1, 4, 1, 5};
    allow_roundings(1024);
    const Tensor z = ASK(read_in_parts, tokens, all_ones(5), small_sizes, true).first;
    expect_near(z, ASK_UNRECORDED(read_at_once, tokens, small_sizes, true), 2e-4);
}

CHECK("18.4", "for every way to split a prompt of 5, the logits are the same") {
    for (bool rotary : {false, true}) {
        const Sequence tokens = random_tokens(5, 7);
        const Tensor expected = ASK_UNRECORDED(read_at_once, tokens, small_sizes, rotary);
        for (int cuts = 0; cuts < 16; ++cuts) {
            List parts = {1};
            for (int place = 0; place < 4; ++place)
                if (cuts >> place & 1) parts.push_back(1);
                else ++parts.back();
            const auto [z, length] =
                ASK_UNRECORDED(read_in_parts, tokens, parts, small_sizes, rotary);
            expect_near(z, expected, 2e-4);
            expect(length == 5, "the cache must have read 5 tokens");
        }
    }
}

CHECK("18.4", "a later token of the same part changes no earlier logit, and every later one") {
    const List parts = {2, 4};
    for (bool rotary : {false, true}) {
        const Sequence tokens = random_tokens(6, 7);
        const Tensor z = ASK_UNRECORDED(read_in_parts, tokens, parts, small_sizes, rotary).first;
        for (int place = 0; place < 6; ++place) {
            Sequence other = tokens;
            other[place] = (other[place] + 3) % 7;
            const Tensor now =
                ASK_UNRECORDED(read_in_parts, other, parts, small_sizes, rotary).first;
            expect(now.shape == Shape({6, 7}), "there must be 6 rows of 7 logits");
            for (int t = 0; t < 6; ++t) {
                bool same = true;
                for (int w = 0; w < 7; ++w) same = same && at(z, t, w) == at(now, t, w);
                expect(same || t >= place, "a logit depends on a later token");
                expect(!same || t < place, "a logit does not depend on an earlier token");
            }
        }
    }
}

CHECK("18.4", "texts up to the end of the context, models of any size, parts of any length") {
    for (bool rotary : {false, true})
        for (const List& sizes : std::vector<List>{
                 {7, 6, 8, 2, 2}, {1, 1, 2, 1, 1}, {3, 9, 6, 1, 3}, {11, 4, 12, 6, 1}}) {
            const Sequence tokens = random_tokens(sizes[1], sizes[0]);
            const Tensor expected = ASK_UNRECORDED(read_at_once, tokens, sizes, rotary);
            List parts = {1};
            while (std::accumulate(parts.begin(), parts.end(), 0) < sizes[1])
                parts.push_back(std::min(
                    1 + random_numbers().below(3),
                    sizes[1] - std::accumulate(parts.begin(), parts.end(), 0)));
            const auto [z, length] = ASK_UNRECORDED(read_in_parts, tokens, parts, sizes, rotary);
            expect_near(z, expected, 4e-4);
            expect(length == sizes[1], "the cache must have read as many tokens as the context");
        }
}

CHECK("18.4", "in a text of 200 tokens each sees all before it, in parts of 90, 90 and 20 too") {
    const List sizes = {7, 200, 8, 2, 2}, parts = {90, 90, 20};
    for (bool rotary : {false, true}) {
        const Sequence tokens = random_tokens(200, 7);
        const Tensor expected = ASK_UNRECORDED(read_at_once, tokens, sizes, rotary);
        expect_near(ASK_UNRECORDED(read_in_parts, tokens, parts, sizes, rotary).first, expected,
                    4e-4);
    }
}

std::pair<Tensor, int> read_without_layers(const Sequence& tokens, const List& parts) {
    return read_in_parts(tokens, parts, {7, 6, 8, 2, 0}, false);
}
CALLED(read_without_layers, "read_on without layers");
PARTS(read_without_layers, "the logits", "the length of the cache");

CHECK("18.4", "the places go on behind the cache, in a model without layers too") {
    const Sequence tokens = {2, 2, 2, 2};
    allow_roundings(1024);
    const Tensor z = ASK(read_without_layers, tokens, List{2, 1, 1}).first;
    expect(std::fabs(at(z, 0, 0) - at(z, 2, 0)) > 1e-4,
           "the same token at another place says the same");
}

// Reads one part, tries another that may not fit, and then reads the last.
std::tuple<int, int, Tensor> read_past_the_end(const Sequence& first, const Sequence& tried,
                                               const Sequence& last, bool rotary) {
    const Small small(small_sizes, rotary);
    KeyValueCache cache;
    small.net.read_on(first, cache);
    int refused = 0;
    try {
        small.net.read_on(tried, cache);
    } catch (const std::invalid_argument&) { refused = 1; }
    const int length = cache.length;
    return {refused, length, small.net.read_on(last, cache)};
}
CALLED(read_past_the_end, "read_on, refused and asked again");
PARTS(read_past_the_end, "refused", "the length of the cache", "the logits that follow");

CHECK("18.4", "past the end of the context it refuses, and the cache is as it was") {
    const Sequence four = {1, 2, 3, 4}, three = {5, 6, 0}, none = {}, wrong = {1, 7}, two = {5, 6};
    for (bool rotary : {false, true}) {
        const Tensor expected =
            ASK_UNRECORDED(read_in_parts, joined(four, two), List{4, 2}, small_sizes, rotary).first;
        for (const Sequence& tried : {three, none, wrong}) {
            const auto [refused, length, z] =
                ASK_UNRECORDED(read_past_the_end, four, tried, two, rotary);
            expect(refused == 1, "these tokens must be refused");
            expect(length == 4, "after a refusal, the cache has another length");
            for (int i = 0; i < 14; ++i)
                expect(std::fabs(z.data.at(i) - expected.data[28 + i]) < 2e-4f,
                       "after a refusal, the logits are others");
        }
    }
}

// Two texts are read at the same time, each with its cache, in turns; then one is read alone.
Tensors read_side_by_side(const Sequence& a, const Sequence& b) {
    const Small small(small_sizes, false);
    KeyValueCache cache_a, cache_b;
    Tensors rows;
    for (int i = 0; i < size_of(a); ++i) {
        rows.push_back(small.net.read_on({a[i]}, cache_a));
        rows.push_back(small.net.read_on({b[i]}, cache_b));
    }
    KeyValueCache copy = cache_a;
    rows.push_back(small.net.read_on({1}, copy));
    rows.push_back(small.net.read_on({2}, cache_a));
    return rows;
}
PARTS(read_side_by_side, "the logits of step ##1");

CHECK("18.4", "two caches have nothing to do with each other, nor has a copy of one") {
    const Sequence a = {1, 2, 3}, b = {6, 5, 4};
    allow_roundings(1024);
    const Tensors rows = ASK(read_side_by_side, a, b);
    const Tensor expected =
        ASK_UNRECORDED(read_in_parts, joined(a, {2}), List{4}, small_sizes, false).first;
    for (int w = 0; w < 7; ++w)
        expect(std::fabs(rows.at(7).data.at(w) - at(expected, 3, w)) < 2e-4f,
               "what a copy of the cache has read is in the cache itself");
}

// What the cache holds after a text.
std::tuple<List, List, int> held_by_cache(const Sequence& tokens, bool rotary) {
    const Small small(small_sizes, rotary);
    KeyValueCache cache;
    small.net.read_on(tokens, cache);
    List keys, values;
    for (const Tensor& k : cache.keys) keys.insert(keys.end(), k.shape.begin(), k.shape.end());
    for (const Tensor& v : cache.values)
        values.insert(values.end(), v.shape.begin(), v.shape.end());
    return {keys, values, cache.length};
}
CALLED(held_by_cache, "what the cache holds after read_on");
PARTS(held_by_cache, "the shapes of the keys", "the shapes of the values", "its length");

CHECK("18.4", "the cache holds keys and values [1, S, D] of each layer, of the real tokens only") {
    for (bool rotary : {false, true}) {
        const auto [keys, values, length] = ASK(held_by_cache, Sequence{1, 2, 3}, rotary);
        expect(keys == List({1, 3, 8, 1, 3, 8}) && values == keys && length == 3,
               "there must be keys and values of [1, 3, 8] for each of two layers");
    }
}

// The keys and the values of the first layer.
Tensors kept_in_cache(const Sequence& tokens, bool rotary) {
    const Small small(small_sizes, rotary);
    KeyValueCache cache;
    small.net.read_on(tokens, cache);
    return {cache.keys.at(0), cache.values.at(0)};
}
CALLED(kept_in_cache, "what the cache holds of the first layer");
PARTS(kept_in_cache, "keys or values, number #0");

CHECK("18.4", "keys are kept as keys, turned if they are rotary, and values as values") {
    for (bool rotary : {false, true}) {
        allow_roundings(1024);
        ASK(kept_in_cache, Sequence{1, 2, 3}, rotary);
    }
}

// A text that is read in one go, by a model that has read it before, with other weights.
Tensor read_after_learning(const Sequence& tokens, bool rotary) {
    const Small small(small_sizes, rotary, 3);
    KeyValueCache before, now;
    small.net.read_on(tokens, before);
    fill(small.net.parameters());
    return small.net.read_on(tokens, now);
}
CALLED(read_after_learning, "read_on, when the model was asked before and has learnt since");

CHECK("18.4", "nothing is left over from the last call when the model has learnt since") {
    for (bool rotary : {false, true}) {
        const Sequence tokens = random_tokens(4, 7);
        allow_roundings(1024);
        const Tensor z = ASK(read_after_learning, tokens, rotary);
        expect_near(z, ASK_UNRECORDED(read_at_once, tokens, small_sizes, rotary), 2e-4);
    }
}

// ## 18.5 Bits per character

// A language that is a table: the logits behind token w at place i of the window are row (w + i) of
// it.
struct Language {
    Tensor table;

    Tensor operator()(const Sequence& tokens) const {
        if (tokens.empty()) throw std::runtime_error("asked what follows nothing");
        const int V = table.shape[1];
        Tensor z({size_of(tokens), V});
        for (int i = 0; i < size_of(tokens); ++i)
            for (int w = 0; w < V; ++w)
                z.data[i * V + w] = table.data[(tokens[i] + i) % table.shape[0] * V + w];
        return z;
    }
};

double nats_in_language(const Tensor& table, const Sequence& tokens, int given, int context,
                        int stride) {
    const Language language{table};
    return nats_of([&](const Sequence& t) { return language(t); }, tokens, given, context, stride);
}
CALLED(nats_in_language, "nats_of");

// The tokens of every window, one behind the other, with −1 behind each.
List windows_of(int N, int given, int context, int stride) {
    List all;
    Sequence tokens(N);
    std::iota(tokens.begin(), tokens.end(), 0);
    nats_of(
        [&](const Sequence& window) {
            all.insert(all.end(), window.begin(), window.end());
            all.push_back(-1);
            return Tensor({size_of(window), N});
        },
        tokens, given, context, stride);
    return all;
}
CALLED(windows_of, "the windows of nats_of");
PARTS(windows_of, "number #0 of all windows");

static double log_of_softmax(const Tensor& table, int row, int token) {
    const int V = table.shape[1];
    double sum = 0;
    for (int w = 0; w < V; ++w) sum += std::exp(double{table.data[row * V + w]});
    return table.data[row * V + token] - std::log(sum);
}

static double exact_nats(const Tensor& table, const Sequence& tokens, int given, int context,
                         int stride) {
    const int N = size_of(tokens);
    double nats = 0;
    for (int asked = given; asked < N;) {
        const int end = std::min(N, std::max(context + 1, asked + stride));
        const int first = std::max(0, end - 1 - context);
        for (; asked < end; ++asked) {
            const int place = asked - 1 - first;
            nats -= log_of_softmax(table, (tokens[asked - 1] + place) % table.shape[0],
                                   tokens[asked]);
        }
    }
    return nats;
}

CHECK("18.5", "a model that knows nothing of 4 tokens needs log 4 = 1.3863 nats for each") {
    const Sequence tokens = {0, 1, 2, 3, 1};
    expect_near(ASK(nats_in_language, Tensor({4, 4}), tokens, 1, 8, 8), 4 * std::log(4.0), 1e-6);
    expect_near(ASK(nats_in_language, Tensor({4, 4}), tokens, 3, 8, 8), 2 * std::log(4.0), 1e-6);
}

CHECK("18.5", "each token but the given ones is asked for once, whatever the windows") {
    const Sequence tokens = random_tokens(23, 5);
    for (int context : {1, 2, 4, 7, 22, 23, 40})
        for (int stride : {1, 2, 3, 7})
            for (int given : {1, 2, 9, 23})
                if (stride <= context)
                    expect_near(ASK_UNRECORDED(nats_in_language, Tensor({1, 5}), tokens, given,
                                               context, stride),
                                (23 - given) * std::log(5.0), 1e-4);
}

CHECK("18.5", "a text of 10 tokens, context 4, stride 2: what the four windows read") {
    expect(ASK(windows_of, 10, 1, 4, 2) ==
               List({0, 1, 2, 3, -1, 2, 3, 4, 5, -1, 4, 5, 6, 7, -1, 5, 6, 7, 8, -1}),
           "the windows must be 0 1 2 3, then 2 3 4 5, then 4 5 6 7, then 5 6 7 8");
}

CHECK("18.5", "a prompt is read and not asked for; a long one is read from where it fits") {
    const Tensor table = random_tensor({5, 5});
    const Sequence tokens = random_tokens(12, 5);
    ASK(nats_in_language, table, tokens, 4, 20, 20);
    ASK(nats_in_language, table, tokens, 9, 4, 2);
    ASK(windows_of, 10, 8, 4, 1);
    ASK(windows_of, 6, 5, 9, 3);
    const int most = std::numeric_limits<int>::max();
    for (int stride : {2, most}) ASK(windows_of, 6, 3, most, stride);
}

CHECK("18.5", "any text, prompt, context and stride: the sum, and no more windows than needed") {
    for (int N : {1, 2, 5, 16, 17, 33})
        for (int context : {1, 3, 4, 16, 50})
            for (int stride : {1, 2, context}) {
                if (stride > context) continue;
                const int given = 1 + random_numbers().below(N);
                const Tensor table = random_tensor({7, 4});
                const Sequence tokens = random_tokens(N, 4);
                expect_near(
                    ASK_UNRECORDED(nats_in_language, table, tokens, given, context, stride),
                    exact_nats(table, tokens, given, context, stride), 1e-4);
            }
}

CHECK("18.5", "nothing left to ask for is 0 nats, and the model is not asked") {
    const Sequence tokens = {2, 0, 1};
    expect_near(ASK(nats_in_language, random_tensor({3, 3}), tokens, 3, 4, 4), 0, 0);
    expect(ASK(windows_of, 3, 3, 4, 2).empty(), "no window is needed");
    ASK_REFUSAL(nats_in_language, Tensor({3, 3}), tokens, 0, 4, 4);
    ASK_REFUSAL(nats_in_language, Tensor({3, 3}), tokens, 4, 4, 4);
    ASK_REFUSAL(nats_in_language, Tensor({3, 3}), tokens, 1, 4, 5);
    ASK_REFUSAL(nats_in_language, Tensor({3, 3}), tokens, 1, 4, 0);
}

CHECK("18.5", "what a prompt holds may be as good as impossible, and costs nothing") {
    Tensor table = random_tensor({6, 3});
    table.data[0] = table.data[3] = -1e30f;  // token 0, behind the first and the second
    const Sequence tokens(6);
    expect_near(ASK_UNRECORDED(nats_in_language, table, tokens, 3, 9, 9),
                exact_nats(table, tokens, 3, 9, 9), 1e-4);
}

// The nats of a text of N tokens of which each is as likely as any other, by the table's only row.
double nats_of_a_long_text(const Tensor& table, int N) {
    const Language language{table};
    return nats_of([&](const Sequence& t) { return language(t); }, Sequence(N), 1, 1, 1);
}
CALLED(nats_of_a_long_text, "nats_of of N tokens, all of them 0");

CHECK("18.5", "of a long text the sum is kept in double: 4,000 windows") {
    const Tensor table = row({0.3f, 0, 0});
    const double nats = -3999 * log_of_softmax(reshape(table, {1, 3}), 0, 0);
    expect_near(ASK_UNRECORDED(nats_of_a_long_text, reshape(table, {1, 3}), 4000), nats, 0.003);
}

CHECK("18.5", "6.9315 nats are 10 bits, and over 4 characters 2.5 per character") {
    expect_near(ASK(bits_per_character, 6.931471805599453, 4.0), 2.5, 1e-9);
    expect_near(ASK(bits_per_character, 6.931471805599453, 1.0), 10, 1e-9);
    expect_near(ASK(bits_per_character, 1000.0, 777.0), 1000 / std::log(2.0) / 777, 1e-9);
    expect_near(ASK(bits_per_character, 0.0, 5.0), 0, 0);
    expect_near(ASK(bits_per_character, 6.931471805599453, 2.5), 4, 1e-9);
    ASK_REFUSAL(bits_per_character, 1.0, 0.0);
}

// ## 18.6 Reading GPT-2

RESTS_ON("18.6", "18.2");

// A file of L layers with one head, in which every number says where it stands: number i of tensor
// t is 20,000 t + i, in the order of the alphabet.
using Shapes = std::map<std::string, Shape>;

static Shapes gpt2_shapes(int V, int context, int layers, int D = 64) {
    Shapes shapes = {{"wte.weight", {V, D}},
                     {"wpe.weight", {context, D}},
                     {"ln_f.weight", {D}},
                     {"ln_f.bias", {D}}};
    for (int l = 0; l < layers; ++l) {
        const std::string h = "h." + std::to_string(l) + ".";
        for (const char* norm : {"ln_1", "ln_2"})
            shapes[h + norm + ".weight"] = shapes[h + norm + ".bias"] = {D};
        shapes[h + "attn.c_attn.weight"] = {D, 3 * D};
        shapes[h + "attn.c_attn.bias"] = {3 * D};
        shapes[h + "attn.c_proj.weight"] = {D, D};
        shapes[h + "attn.c_proj.bias"] = {D};
        shapes[h + "mlp.c_fc.weight"] = {D, 4 * D};
        shapes[h + "mlp.c_fc.bias"] = {4 * D};
        shapes[h + "mlp.c_proj.weight"] = {4 * D, D};
        shapes[h + "mlp.c_proj.bias"] = {D};
    }
    return shapes;
}

struct File {
    Shapes shapes;
    std::vector<std::string> reads;

    NamedTensors tensors(bool random) {
        std::map<std::string, int> numbers;
        for (const auto& [name, shape] : shapes) numbers.emplace(name, numbers.size());
        return {shapes, [this, numbers, random](const std::string& name) {
                    reads.push_back(name);
                    std::vector<float> data(element_count(shapes.at(name)));
                    Random random_numbers(numbers.at(name));
                    for (int i = 0; i < size_of(data); ++i)
                        data[i] = random ? random_numbers.uniform(-0.3f, 0.3f)
                                         : 20000.0f * numbers.at(name) + i;
                    return data;
                }};
    }
};

// Of each parameter of the model, in its order: the first number, the second, the first of the
// second row, the last, and the number of all.
Tensor corners_of(int V, int context, int layers, int D) {
    File file{gpt2_shapes(V, context, layers, D), {}};
    const Gpt net = gpt2_of(file.tensors(false));
    std::vector<float> all;
    for (const Variable& p : net.parameters()) {
        const Tensor& x = p.value();
        for (int i : {0, 1 % x.size(), x.columns() % x.size(), x.size() - 1})
            all.push_back(x.data[i]);
        all.push_back(x.size());
    }
    return {{size_of(all) / 5, 5}, all};
}
CALLED(corners_of, "the corners of all parameters of gpt2_of");

// In which order `parameters()` has what: for each the name in the file, and of which column on.
struct Place {
    std::string name;
    int first, rows, columns, step;
};

static std::vector<Place> places_of(int V, int context, int layers, int D) {
    std::vector<Place> all = {{"wte.weight", 0, V, D, D}, {"wpe.weight", 0, context, D, D}};
    const auto row = [&](const std::string& name, int n, int first = 0) {
        all.push_back({name, first, 1, n, n});
    };
    for (int l = 0; l < layers; ++l) {
        const std::string h = "h." + std::to_string(l) + ".";
        row(h + "ln_1.weight", D);
        row(h + "ln_1.bias", D);
        for (int i = 0; i < 3; ++i) {
            all.push_back({h + "attn.c_attn.weight", i * D, D, D, 3 * D});
            row(h + "attn.c_attn.bias", D, i * D);
        }
        all.push_back({h + "attn.c_proj.weight", 0, D, D, D});
        row(h + "attn.c_proj.bias", D);
        row(h + "ln_2.weight", D);
        row(h + "ln_2.bias", D);
        all.push_back({h + "mlp.c_fc.weight", 0, D, 4 * D, 4 * D});
        row(h + "mlp.c_fc.bias", 4 * D);
        all.push_back({h + "mlp.c_proj.weight", 0, 4 * D, D, D});
        row(h + "mlp.c_proj.bias", D);
    }
    row("ln_f.weight", D);
    row("ln_f.bias", D);
    return all;
}

static void expect_corners(int V, int context, int layers, int D,
                           const std::function<bool(const std::string&)>& asked) {
    const Tensor found = ASK_UNRECORDED(corners_of, V, context, layers, D);
    const std::vector<Place> places = places_of(V, context, layers, D);
    const Shapes shapes = gpt2_shapes(V, context, layers, D);
    expect(found.rows() == size_of(places), "the model has not as many parameters as it should");
    for (int i = 0; i < size_of(places); ++i) {
        const Place& p = places[i];
        if (!asked(p.name)) continue;
        const int number = static_cast<int>(std::distance(shapes.begin(), shapes.find(p.name)));
        const float start = 20000.0f * number + p.first;
        const float second_row = p.rows > 1 ? start + p.step : start;
        const float last = start + (p.rows - 1) * p.step + p.columns - 1;
        expect(at(found, i, 4) == p.rows * p.columns,
               "what was made of " + p.name + " has not the size it should have");
        const float second = p.columns > 1 ? start + 1 : second_row;
        expect(at(found, i, 0) == start && at(found, i, 1) == second &&
                   at(found, i, 2) == second_row && at(found, i, 3) == last,
               "where " + p.name + " belongs, there are other numbers");
    }
}

static bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

CHECK("18.6", "norms: ln_1 is in front of the attention, ln_2 in front of the network") {
    expect_corners(5, 3, 2, 64, [](const std::string& name) { return contains(name, ".ln_"); });
}

CHECK("18.6", "c_attn is cut by columns, in the order of queries, keys and values, biases too") {
    expect_corners(5, 3, 2, 64, [](const std::string& name) { return contains(name, "c_attn"); });
}

CHECK("18.6", "the other matrices and biases, as they are: [in, out] is our order too") {
    expect_corners(5, 3, 2, 64, [](const std::string& name) {
        return contains(name, "c_proj") || contains(name, "c_fc");
    });
}

CHECK("18.6", "the whole file, of several sizes") {
    const int V = 1 + random_numbers().below(20);
    const int context = 1 + random_numbers().below(20);
    const auto all = [](const std::string&) { return true; };
    expect_corners(V, context, 2, 64, all);
    expect_corners(1, 1, 1, 64, all);
    expect_corners(9, 4, 3, 128, all);
    expect_corners(9, 4, 0, 64, all);
}

// The model's own settings, and the logits of some tokens.
std::pair<Tensor, List> logits_from_file(const Sequence& tokens, int layers, int D) {
    File file{gpt2_shapes(6, 4, layers, D), {}};
    const Gpt net = gpt2_of(file.tensors(true));
    const GptSettings& s = net.settings;
    return {net({tokens}).value(), {s.vocabulary, s.context, s.d_model, s.num_heads, s.num_layers,
                                    s.rotary, size_of(net.layers), net.layers.empty() ? s.num_heads
                                            : net.layers[0].attention.num_heads}};
}
CALLED(logits_from_file, "the model of gpt2_of");
PARTS(logits_from_file, "its logits", "its settings");

CHECK("18.6", "the model of a file has heads of 64 features and all its layers, and it runs") {
    const Sequence tokens = random_tokens(3, 6);
    allow_roundings(4096);
    ASK(logits_from_file, tokens, 2, 128);
}

// The places, in parameters(), of what a training would not change.
List constants_of(int layers) {
    File file{gpt2_shapes(3, 2, layers), {}};
    List places;
    const Parameters all = gpt2_of(file.tensors(true)).parameters();
    for (int i = 0; i < size_of(all); ++i)
        if (!all[i].needs_gradient()) places.push_back(i);
    return places;
}
CALLED(constants_of, "constants among the parameters of gpt2_of");
PARTS(constants_of, "place #0");

CHECK("18.6", "what was read can learn on: all of it is a parameter") {
    expect(ASK(constants_of, 2).empty(), "some of the weights are constants");
}

// How many variables the parameters are, of a file in which all numbers are 0.
int own_parameters(int layers) {
    const Shapes shapes = gpt2_shapes(3, 2, layers);
    const Gpt net = gpt2_of({shapes, [&](const std::string& name) {
                                 return std::vector<float>(element_count(shapes.at(name)));
                             }});
    std::set<const void*> nodes;
    for (const Variable& p : net.parameters()) nodes.insert(&*p.node());
    return size_of(nodes);
}
CALLED(own_parameters, "different parameters of gpt2_of, of a file of zeros,");

CHECK("18.6", "each is a parameter of its own, though the numbers of another be the same") {
    expect(ASK(own_parameters, 2) == 2 + 2 * 16 + 2, "two of the parameters are the same one");
}

// What is said of a file of one layer in which a name is renamed, dropped or has another shape.
std::vector<std::string> read_names(const std::string& more, const Shape& shape) {
    File file{gpt2_shapes(3, 2, 2), {}};
    if (!more.empty()) file.shapes[more] = shape;
    gpt2_of(file.tensors(false));
    std::sort(file.reads.begin(), file.reads.end());
    return file.reads;
}
CALLED(read_names, "gpt2_of with one tensor more");
PARTS(read_names, "tensor #1");

int read_without(const std::string& name) {
    File file{gpt2_shapes(3, 2, 2), {}};
    file.shapes.erase(name);
    return size_of(gpt2_of(file.tensors(false)).parameters());
}
CALLED(read_without, "gpt2_of without");

int read_with_shape(const std::string& name, const Shape& shape) {
    File file{gpt2_shapes(3, 2, 2), {}};
    file.shapes[name] = shape;
    return size_of(gpt2_of(file.tensors(false)).parameters());
}
CALLED(read_with_shape, "gpt2_of with another shape");

CHECK("18.6", "masks are left in the file: h.1.attn.bias and h.0.attn.masked_bias are not read") {
    const std::vector<std::string> plain = ASK(read_names, std::string(), Shape{});
    const Shape mask = {1, 1, 2, 2};
    for (const std::string name : {"h.1.attn.bias", "h.0.attn.masked_bias", "h.10.attn.bias"})
        expect(ASK_UNRECORDED(read_names, name, mask) == plain, "a mask was read, or refused");
}

CHECK("18.6", "a name that belongs to no GPT-2 is refused: another part, another bias, a head") {
    const Shape one = {64};
    for (const std::string name :
         {"lm_head.weight", "h.0.attn.q_attn.bias", "attn.bias.more", "h.0.ln_3.weight",
          "h.2.mlp.c_fc.bias", "h.0.attn.unmasked_bias", "x", "h.0.crossattn.bias",
          "h.0.attn.bias.weight", "encoder.h.0.attn.bias", "h.x.attn.masked_bias",
          "h..attn.bias", "x.0.attn.bias", "h.0", "h.-1.attn.bias", "h. 1.attn.bias",
          "h_0.attn.bias", "h.0_attn.bias", "h.0.attn_bias"})
        expect_mentions(ASK_REFUSAL(read_names, name, one), {name});
}

CHECK("18.6", "a tensor that is missing is named, whichever it is") {
    for (const auto& [name, shape] : gpt2_shapes(3, 2, 2)) {
        if (name == "h.0.ln_1.weight" || name == "h.1.ln_1.weight") continue;
        expect_mentions(ASK_REFUSAL(read_without, name), {name});
    }
}

CHECK("18.6", "a tensor of another shape is named, with both shapes") {
    for (const auto& [name, shape] : gpt2_shapes(3, 2, 2)) {
        if (name == "wte.weight" || name == "wpe.weight") continue;
        Shape other = shape;
        ++other.back();
        expect_mentions(ASK_REFUSAL(read_with_shape, name, other), {name});
        const Shape turned(shape.rbegin(), shape.rend());
        if (turned != shape) expect_mentions(ASK_REFUSAL(read_with_shape, name, turned), {name});
    }
    for (const Shape& shape : std::vector<Shape>{{3}, {3, 65}, {0, 64}, {3, 32}, {3, 64, 1}})
        ASK_REFUSAL(read_with_shape, std::string("wte.weight"), shape);
}

}  // namespace checks_18
