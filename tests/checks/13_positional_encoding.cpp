#include "13_positional_encoding.hpp"

#include "grader/check.hpp"
#include "grader/exact_attention.hpp"
#include "grader/read_twice.hpp"
#include "grader/variations.hpp"

#include <algorithm>
#include <cmath>

namespace checks_13 {

using Tensors = std::vector<Tensor>;
using Variables = std::vector<Variable>;

// (13.1) and (13.2) once more, in double and with the other form of the power: feature c of PE(n).
double wave(double n, int c, int D) {
    const double angle = n * std::exp(-(c - c % 2) * std::log(10000.0) / D);
    return c % 2 == 0 ? std::sin(angle) : std::cos(angle);
}

Tensor waves(const Times& times, int D) {
    const int T = size_of(times);
    Tensor table({T, D});
    for (int i = 0; i < T * D; ++i) table.data[i] = wave(times[i / D], i % D, D);
    return table;
}

Tensor as_row(const Times& times) { return Tensor({size_of(times)}, {times.begin(), times.end()}); }

const double right_angle = std::acos(0.0);

// Half an hour into day 59,000. A float takes it for two minutes earlier.
const double half_past = 59000 + 0.5 / 24;

// ## 13.1 By hand

Tensor written_down(int) { return hand_by_hand(); }
CALLED(written_down, "hand_by_hand()");

static void expect_number(int which, double exact, double within, const std::string& otherwise) {
    const Tensor numbers = ASK_UNRECORDED(written_down, 0);
    expect(numbers.shape == Shape{4}, "four numbers are asked for, row({…, …, …, …})");
    expect(std::fabs(numbers.data[which] - exact) < within, otherwise);
}

CHECK("13.1", "the angle of hand 2 at position 50 is (13.1), with i = 2 and D = 8") {
    expect_number(0, 0.5, 0.0011, "the first number is not n divided by 10000 to the power 2i/D");
}

CHECK("13.1", "the sine of that angle comes first, then its cosine") {
    expect_number(1, std::sin(0.5), 0.0011, "the second number is not the sine of the angle");
    expect_number(2, std::cos(0.5), 0.0011, "the third number is not the cosine of the angle");
}

CHECK("13.1", "in so many positions the hand turns by 2π") {
    expect_number(3, 4 * right_angle * 100, 0.6,
                  "after the fourth number of positions the hand is not where it was");
}

// ## 13.2 The table

CHECK("13.2", "D = 4: at position 1 hand 0 stands at the angle 1, and hand 1 at 1/100") {
    expect_near(ASK(position_angle, 1.0, 0, 4), 1, 1e-6);
    expect_near(ASK(position_angle, 1.0, 1, 4), 0.01, 1e-8);
}

CHECK("13.2", "D = 8: the hands of position 1000 stand at 1000, 100, 10 and 1") {
    for (int i = 0; i < 4; ++i)
        expect_near(ASK(position_angle, 1000.0, i, 8), std::pow(10.0, 3 - i), 1e-3);
}

CHECK("13.2", "the positions of a sentence of three words are 0, 1 and 2, and none has none") {
    expect_near(as_row(ASK(positions, 3)), row({0, 1, 2}), 0);
    expect(ASK(positions, 0).empty(), "a sentence of no words has no positions");
    const Times many = ASK_UNRECORDED(positions, 600);
    expect(size_of(many) == 600, "600 words have 600 positions");
    for (int n = 0; n < 600; ++n)
        expect(many[n] == n, "position " + std::to_string(n) + " is " + std::to_string(many[n]));
}

CHECK("13.2", "position 1 is [sin 1, cos 1, sin 1/100, cos 1/100], and position 0 is [0 1 0 1]") {
    const Times times = {1, 0};
    const Tensor expected = matrix({{0.84147f, 0.54030f, 0.01000f, 0.99995f}, {0, 1, 0, 1}});
    expect_near(ASK(sinusoid_at, times, 4), expected, 6e-6);
}

CHECK("13.2", "the table is that of the paper, for other T and D") {
    allow_roundings(128);
    expect_near(ASK(sinusoid, 20, 6),
                waves({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19}, 6),
                2e-5);
    ASK(sinusoid, 7, 32);
}

CHECK("13.2", "with an odd D the last hand has a sine and no cosine") {
    const Times times = {3, 2, 5, 1};
    allow_roundings(64);
    for (int D : {1, 3, 5}) expect_near(ASK(sinusoid_at, times, D), waves(times, D), 1e-5);
    // Two rows of 3, 5 or 31 floats fill a piece of glibc's memory to its last byte, so that a
    // cosine written behind them does not pass unnoticed.
    const Times two = {1, 2};
    for (int D : {3, 5, 31}) expect_near(ASK(sinusoid_at, two, D), waves(two, D), 1e-5);
}

CHECK("13.2", "times need not be whole, nor positive, nor in order") {
    const Times times = {0.5, -2.25, 11.75, 3};
    allow_roundings(64);
    expect_near(ASK(sinusoid_at, times, 10), waves(times, 10), 1e-5);
    expect_near(ASK(sinusoid_at, Times{5}, 4), waves({5}, 4), 1e-5);
}

CHECK("13.2", "half an hour counts after 59,000 days, too: what a double holds is not lost") {
    expect_near(ASK_UNRECORDED(position_angle, half_past, 0, 6), half_past, 1e-6);
    expect_near(ASK_UNRECORDED(position_angle, half_past, 1, 6),
                half_past * std::exp(-std::log(10000.0) / 3), 1e-6);
    const Times times = {half_past, 59000};
    expect_near(ASK_UNRECORDED(sinusoid_at, times, 6), waves(times, 6), 1e-5);
}

Tensor sinusoid_again(const Times& first, const Times& then, int D) {
    sinusoid_at(first, D);
    return sinusoid_at(then, D);
}

CHECK("13.2", "nothing is left over from the last call: other times in a table of one shape") {
    const Times first = {0, 1}, then = {2, 3};
    expect_near(ASK(sinusoid_again, first, then, 4), waves(then, 4), 1e-5);
}

CHECK("13.2", "no positions make an empty table; D = 0, T = −1 and infinite times are refused") {
    expect(ASK(sinusoid, 0, 4).shape == Shape{0, 4}, "the table must be [0, 4]");
    expect_mentions(ASK_REFUSAL(sinusoid_at, Times{1}, 0), {"0"});
    expect_mentions(ASK_REFUSAL(sinusoid, -1, 4), {"-1"});
    ASK_REFUSAL(sinusoid_at, Times{1, INFINITY}, 4);
}

Tensor encoded(const Tensor& x) { return with_sinusoid(x).value(); }

CHECK("13.2", "the same table is added to each sentence of a batch") {
    const Tensor x = random_tensor({2, 3, 4}), table = waves({0, 1, 2}, 4);
    Tensor expected = x;
    for (int i = 0; i < 24; ++i) expected.data[i] += table.data[i % 12];
    expect_near(ASK(encoded, x), expected, 1e-5);
}

CHECK("13.2", "1, 2, 3, 9, 17, 33 and 65 positions and features, near 0 and far from it") {
    for (int T : {1, 2, 3, 9, 17, 33, 65}) {
        const Times all = ASK_UNRECORDED(positions, T);
        expect(size_of(all) == T && all.front() == 0 && all.back() == T - 1,
               "the positions must be 0 … " + std::to_string(T - 1));
    }
    for (int D : {1, 2, 3, 4, 8, 9, 16, 17, 33, 64, 65, 130}) {
        const Times times = {0, 1, -1, 0.001, 1000, -70000.25, 5e6};
        expect_near(ASK_UNRECORDED(sinusoid_at, times, D), waves(times, D), 1e-5);
        for (int i = 0; 2 * i < D; ++i)
            for (double n : {1.0, -2.5, 5e6}) {
                const double angle = n * std::exp(-2 * i * std::log(10000.0) / D);
                expect_near(ASK_UNRECORDED(position_angle, n, i, D), angle,
                            std::fabs(angle) * 1e-9);
            }
    }
    for (int T : {1, 9, 65}) {
        Times times(T);
        for (int n = 0; n < T; ++n) times[n] = n;
        for (int D : {1, 2, 6}) expect_near(ASK_UNRECORDED(sinusoid, T, D), waves(times, D), 1e-5);
    }
}

// ## 13.3 A step is a turn

RESTS_ON("13.3", "13.2");

Tensor turned(const Tensor& x, const Times& times) { return rotate(x, times); }

CHECK("13.3", "a quarter turn, counterclockwise, makes [0 2] of [2 0], and [−3 0] of [0 3]") {
    const Tensor x = matrix({{2, 0}, {0, 3}});
    const Times times = {right_angle, right_angle};
    expect_near(ASK(turned, x, times), matrix({{0, 2}, {-3, 0}}), 1e-6);
    expect_near(ASK(turned, matrix({{2, 0}}), Times{right_angle}), matrix({{0, 2}}), 1e-6);
}

CHECK("13.3", "pairs are neighbours, each turned by its own hand; position 0 turns nothing") {
    const Tensor x = matrix({{1, 2, 3, 4}, {1, 0, 1, 0}});
    const Times times = {0, 100};
    const float s = std::sin(100.0), c = std::cos(100.0);
    expect_near(ASK(turned, x, times), matrix({{1, 2, 3, 4}, {c, s, 0.540302f, 0.841471f}}), 2e-5);
}

CHECK("13.3", "PE(n + k) is made of PE(n) by (13.3), at every n and for k before and after") {
    const Tensor encoding = waves({0, 1, 4.5, 9}, 6);
    allow_roundings(64);
    expect_near(ASK(shift_encoding, encoding, 3.0), waves({3, 4, 7.5, 12}, 6), 1e-5);
    expect_near(ASK(shift_encoding, encoding, -2.0), waves({-2, -1, 2.5, 7}, 6), 1e-5);
    expect_near(ASK(shift_encoding, encoding, 50.0), waves({50, 51, 54.5, 59}, 6), 1e-5);
}

CHECK("13.3", "half an hour counts after 59,000 days, too, for a turn and for k") {
    const Tensor x = matrix({{1, 0, 1, 0}});
    const float s0 = wave(half_past, 0, 4), c0 = wave(half_past, 1, 4);
    const float s1 = wave(half_past, 2, 4), c1 = wave(half_past, 3, 4);
    expect_near(ASK_UNRECORDED(turned, x, Times{half_past}), matrix({{c0, s0, c1, s1}}), 1e-5);
    expect_near(ASK_UNRECORDED(shift_encoding, waves({0, 1}, 4), half_past),
                waves({half_past, half_past + 1}, 4), 1e-5);
}

CHECK("13.3", "k need not be whole") {
    const double k = 0.01 * (1 + random_numbers().below(98));
    allow_roundings(64);
    expect_near(ASK(shift_encoding, waves({0, 1, 5}, 4), k), waves({k, 1 + k, 5 + k}, 4), 1e-5);
}

CHECK("13.3", "a turn keeps the length of each pair") {
    const Tensor x = random_tensor({3, 8});
    const Times times = {1, -7, 20.5};
    allow_roundings(128);
    const Tensor y = ASK(turned, x, times);
    for (int i = 0; i < 24; i += 2)
        expect_near(std::hypot(y.data[i], y.data[i + 1]), std::hypot(x.data[i], x.data[i + 1]),
                    1e-5);
}

CHECK("13.3", "every matrix of a stack is turned like a matrix of its own") {
    const Tensor x = random_tensor({2, 2, 3, 4});
    const Times times = {2, 0, 5};
    allow_roundings(64);
    const Tensor y = ASK(turned, x, times);
    for (int begin = 0; begin < 48; begin += 12) {
        Tensor part({3, 4}), expected({3, 4});
        std::copy_n(x.data.begin() + begin, 12, part.data.begin());
        std::copy_n(y.data.begin() + begin, 12, expected.data.begin());
        expect_near(ASK_UNRECORDED(turned, part, times), expected, 1e-5);
    }
}

// What a turn must be, in double, for rows of any stack.
static Tensor exact_turn(const Tensor& x, const Times& times) {
    const int d = x.shape.back(), T = size_of(times);
    Tensor y(x.shape);
    for (int i = 0; i < x.size(); ++i) {
        const int pair = i - i % 2, n = i / d % T;
        const double s = wave(times[n], pair % d, d), c = wave(times[n], pair % d + 1, d);
        y.data[i] = i == pair ? x.data[pair] * c - x.data[pair + 1] * s
                              : x.data[pair] * s + x.data[pair + 1] * c;
    }
    return y;
}

CHECK("13.3", "1, 2, 3, 9 and 17 rows of 2 to 66 features, single, in stacks, small and large") {
    for (const Shape& shape : std::vector<Shape>{{1, 2},
                                                 {2, 2},
                                                 {4, 4},
                                                 {9, 6},
                                                 {17, 16},
                                                 {3, 34},
                                                 {2, 66},
                                                 {2, 130},
                                                 {1, 1, 2},
                                                 {1, 3, 4},
                                                 {2, 1, 8},
                                                 {3, 2, 2},
                                                 {2, 2, 2, 2},
                                                 {1, 2, 3, 6},
                                                 {2, 1, 1, 4}})
        for (float unit : {1.0f, 1e-4f, 1000.0f}) {
            Tensor x = random_tensor(shape);
            for (float& number : x.data) number *= unit;
            Times times;
            for (int n = 0; n < shape[shape.size() - 2]; ++n)
                times.push_back(random_numbers().uniform(-20, 20) * (n % 3 == 2 ? 5000 : 1));
            expect_near(ASK_UNRECORDED(turned, x, times), exact_turn(x, times), 3e-6 * unit);
        }
    for (int T : {1, 2, 9})
        for (int D : {2, 4, 16, 66})
            for (double k : {0.0, 1.0, -4.0, 0.25, 700.0}) {
                Times times, later;
                for (int n = 0; n < T; ++n) times.push_back(n + 0.5), later.push_back(n + 0.5 + k);
                expect_near(ASK_UNRECORDED(shift_encoding, waves(times, D), k), waves(later, D),
                            3e-6);
            }
}

Tensor turned_again(const Tensors& first, const Tensors& then) {
    return in_the_same_place(
        [](const Tensors& x) { return rotate(x[0], Times(x[1].data.begin(), x[1].data.end())); },
        first, then);
}

CHECK("13.3", "nothing is left over from the last call: other sizes, other numbers in one place") {
    allow_roundings(64);
    ASK(turned, random_tensor({2, 2}), Times{3, 1});
    ASK(turned, random_tensor({3, 6}), Times{0, 2, 4});
    const Tensors first = {random_tensor({2, 4}), row({1, 2})};
    const Tensors then = {random_tensor({2, 4}), row({5, 3})};
    ASK(turned_again, first, then);
}

CHECK("13.3", "an odd number of features is refused, and times that do not fit the rows") {
    expect_mentions(ASK_REFUSAL(turned, Tensor({2, 3}), Times{0, 1}), {"[2, 3]"});
    expect_mentions(ASK_REFUSAL(turned, Tensor({2, 4}), Times{0, 1, 2}), {"[2, 4]", "3"});
    ASK_REFUSAL(shift_encoding, Tensor({2, 3}), 1.0);
}

// ## 13.4 The first T rows

RESTS_ON("13.4", "3.3");

Tensor first_rows(const Tensor& table, int T) { return learned_positions(table, T).value(); }

Tensor first_rows_gradient(const Tensor& at, int T, const Tensor& dy) {
    const Variable table = parameter(at);
    backward(sum(learned_positions(table, T) * dy));
    return table.gradient();
}

CHECK("13.4", "two positions of a table of three are its first two rows") {
    const Tensor table = matrix({{1, 2}, {3, 4}, {5, 6}});
    expect_near(ASK(first_rows, table, 2), matrix({{1, 2}, {3, 4}}), 0);
}

CHECK("13.4", "dy flows into the two rows that were used, and nothing into the third") {
    const Tensor table = matrix({{1, 2}, {3, 4}, {5, 6}}), dy = matrix({{10, 20}, {30, 40}});
    expect_near(ASK(first_rows_gradient, table, 2, dy), matrix({{10, 20}, {30, 40}, {0, 0}}), 0);
}

CHECK("13.4", "all rows, and none") {
    const Tensor table = random_tensor({3, 5});
    expect_near(ASK(first_rows, table, 3), table, 0);
    ASK(first_rows, table, 0);
    const Tensor dy({0, 5}), dy_of_all = random_tensor({3, 5});
    expect_near(ASK(first_rows_gradient, table, 3, dy_of_all), dy_of_all, 0);
    expect_near(ASK(first_rows_gradient, table, 0, dy), Tensor({3, 5}), 0);
}

Tensor batch_gradient(const Tensor& embedded, const Tensor& at, const Tensor& dy) {
    const Variable table = parameter(at);
    backward(sum((Variable(embedded) + learned_positions(table, embedded.shape[1])) * dy));
    return table.gradient();
}

CHECK("13.4", "added to a batch, a row learns from its position in every sentence") {
    const Tensor x = random_tensor({2, 2, 3}), table = random_tensor({4, 3});
    const Tensor dy = random_tensor({2, 2, 3});
    Tensor expected({4, 3});
    for (int i = 0; i < 12; ++i) expected.data[i % 6] += dy.data[i];
    expect_near(ASK(batch_gradient, x, table, dy), expected, 1e-6);
}

Tensor twice_gradient(const Tensor& at, const Tensor& dy) {
    const Variable table = parameter(at);
    const Variable both = learned_positions(table, 2) + learned_positions(table, 2);
    backward(sum(both * dy));
    return table.gradient();
}

CHECK("13.4", "a table that is used twice learns twice") {
    const Tensor table = matrix({{1}, {2}, {3}}), dy = matrix({{1}, {5}});
    expect_near(ASK(twice_gradient, table, dy), matrix({{2}, {10}, {0}}), 0);
}

Tensor rows_again(const Tensors& first, const Tensors& then) {
    const auto look_up = [](const Variables& x) { return learned_positions(x[0], 2); };
    return after_a_step<Variable>(look_up, first, then);
}

CHECK("13.4", "nothing is left over from the last call: other sizes, other numbers in one place") {
    ASK(first_rows, random_tensor({4, 2}), 3);
    ASK(first_rows, random_tensor({5, 3}), 4);
    const Tensors first = {random_tensor({3, 4})}, then = {random_tensor({3, 4})};
    ASK(rows_again, first, then);
}

CHECK("13.4", "1, 2, 3, 9 and 17 rows and features, of which some are used, and small numbers") {
    for (const Shape& shape : std::vector<Shape>{
             {1, 1}, {2, 2}, {3, 1}, {1, 3}, {9, 4}, {4, 9}, {17, 2}, {2, 17}, {33, 65}})
        for (int T : {1, (shape[0] + 1) / 2, shape[0]}) {
            Tensor table = random_tensor(shape), rows({T, shape[1]}), expected(shape);
            for (float& number : table.data) number *= 1e-3f;
            std::copy_n(table.data.begin(), rows.size(), rows.data.begin());
            expect_near(ASK_UNRECORDED(first_rows, table, T), rows, 0);
            std::copy_n(rows.data.begin(), rows.size(), expected.data.begin());
            expect_near(ASK_UNRECORDED(first_rows_gradient, Tensor(shape), T, rows), expected, 0);
        }
}

// Two tables of one size, one of them used twice with other lengths, and each graph read twice.
Tensors tables_read_twice(const Tensors& at, const Tensors& dy) {
    const Variable one = parameter(at[0]), two = parameter(at[1]);
    const auto part = [&](const Variable& table, const Tensor& d) {
        return sum(learned_positions(table, d.shape[0]) * d);
    };
    const Variable loss = part(one, dy[0]) + part(one, dy[1]) + part(two, dy[2]);
    return read_twice(loss, Graph::kept, {one, two});
}
PARTS(tables_read_twice, "the gradient of the first table", "the gradient of the second table",
      "the gradient of the first table, read twice",
      "the gradient of the second table, read twice");

CHECK("13.4", "two tables of one size; a graph that is kept can be read again, and gives as much") {
    const Tensors at = {matrix({{1}, {2}, {3}}), matrix({{4}, {5}, {6}})};
    const Tensors dy = {matrix({{1}, {5}}), matrix({{100}}), matrix({{7}, {9}})};
    const Tensors found = ASK(tables_read_twice, at, dy);
    expect_near(found.at(0), matrix({{101}, {5}, {0}}), 0);
    expect_near(found.at(1), matrix({{7}, {9}, {0}}), 0);
    expect_doubled(found);
}

CHECK("13.4", "more positions than the table has are refused") {
    expect_mentions(ASK_REFUSAL(first_rows, Tensor({3, 2}), 4), {"4", "[3, 2]"});
    ASK_REFUSAL(first_rows, Tensor({3, 2}), -1);
}

// ## 13.5 Rotary attention

RESTS_ON("13.5", "11.2", "11.4", "13.2", "13.3");

using Two = std::pair<Tensor, Tensor>;
using Four = std::tuple<Tensor, Tensor, Tensor, Tensor>;

// The result of the operation, and the gradient of x.
Two recorded_turn(const Tensor& at, const Times& times, const Tensor& dy) {
    const Variable x = parameter(at);
    const Variable y = rotate(x, times);
    backward(sum(y * dy));
    return {y.value(), x.gradient()};
}
PARTS(recorded_turn, "what is turned", "the gradient of x");

CHECK("13.5", "a quarter turn makes [0 1] of [1 0], and on the way back [1 0] of dy = [0 1]") {
    const Tensor x = matrix({{1, 0}}), dy = matrix({{0, 1}});
    const auto [y, dx] = ASK(recorded_turn, x, Times{right_angle}, dy);
    expect_near(y, matrix({{0, 1}}), 1e-6);
    expect_near(dx, matrix({{1, 0}}), 1e-6);
}

CHECK("13.5", "on the way back every pair is turned by its own angle, the other way round") {
    const Tensor x = random_tensor({2, 3, 4}), dy = random_tensor({2, 3, 4});
    allow_roundings(64);
    for (const Times& times : {Times{0, 2, 7.5}, Times{59000, half_past, 59001}}) {
        const Tensor dx = ASK(recorded_turn, x, times, dy).second;
        Tensor expected(x.shape);
        for (int i = 0; i < x.size(); ++i) {
            const int pair = i - i % 2, n = i / 4 % 3;
            const double s = wave(times[n], pair % 4, 4), c = wave(times[n], pair % 4 + 1, 4);
            const double a = dy.data[pair], b = dy.data[pair + 1];
            expected.data[i] = i == pair ? a * c + b * s : b * c - a * s;
        }
        expect_near(dx, expected, 1e-5);
    }
}

Four attended(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& mask,
              const Tensor& dy) {
    const Variable vq = parameter(q), vk = parameter(k), vv = parameter(v);
    const Variable y = rotary_attention(vq, vk, vv, mask);
    backward(sum(y * dy));
    return {y.value(), vq.gradient(), vk.gradient(), vv.gradient()};
}
PARTS(attended, "y", "the gradient of the queries", "the gradient of the keys",
      "the gradient of the values");

CHECK("13.5", "values are not turned: a query that sees only the second key gets its value as is") {
    const Tensor q = matrix({{1, 0}}), k = matrix({{1, 2}, {3, 4}}), v = matrix({{5, 6}, {7, 8}});
    const Tensor mask = matrix({{0, 1}}), dy = matrix({{1, 1}});
    const Tensor y = std::get<0>(ASK(attended, q, k, v, mask, dy));
    expect_near(y, matrix({{7, 8}}), 1e-6);
}

// With one feature pair, equal keys and a query like them, the score at distance k is cos k.
CHECK("13.5", "queries and keys are both turned: scores of equal words are cos(n − m)/√2") {
    const Tensor x = matrix({{1, 0}, {1, 0}, {1, 0}});
    const Tensor one_hot = matrix({{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}), dy({3, 3});
    Tensor expected({3, 3});
    for (int m = 0; m < 3; ++m) {
        double total = 0;
        for (int n = 0; n < 3; ++n) total += std::exp(std::cos(n - m) / std::sqrt(2.0));
        for (int n = 0; n < 3; ++n)
            expected.data[m * 3 + n] = std::exp(std::cos(n - m) / std::sqrt(2.0)) / total;
    }
    expect_near(std::get<0>(ASK(attended, x, x, one_hot, no_mask, dy)), expected, 1e-5);
}

CHECK("13.5", "attention with fewer queries than keys, and its gradients") {
    const Tensor q = random_tensor({2, 2, 3, 4}), k = random_tensor({2, 2, 5, 4});
    const Tensor v = random_tensor({2, 2, 5, 3}), dy = random_tensor({2, 2, 3, 3});
    allow_roundings(128);
    ASK(attended, q, k, v, no_mask, dy);
    const Tensor one = random_tensor({1, 4}), three = random_tensor({3, 4});
    ASK(attended, one, three, three, no_mask, random_tensor({1, 4}));
}

// The result, and the gradient of x, when x asks itself.
Two attended_by_itself(const Tensor& at, const Tensor& dy) {
    const Variable x = parameter(at);
    const Variable y = rotary_attention(x, x, x);
    backward(sum(y * dy));
    return {y.value(), x.gradient()};
}
PARTS(attended_by_itself, "y", "the gradient of x");

CHECK("13.5", "a sentence that asks itself has values that are not turned, either") {
    const Tensor x = random_tensor({3, 4}), dy = random_tensor({3, 4});
    allow_roundings(128);
    const auto [y, dx] = ASK(attended_by_itself, x, dy);
    const auto [apart, dq, dk, dv] = ASK_UNRECORDED(attended, x, x, x, no_mask, dy);
    expect_near(y, apart, 1e-5);
    Tensor expected = dq;
    for (int i = 0; i < 12; ++i) expected.data[i] += dk.data.at(i) + dv.data.at(i);
    expect_near(dx, expected, 1e-5);
}

CHECK("13.5", "under a causal mask, with several sentences of the same words") {
    const Tensor q = random_tensor({2, 4, 6}), k = random_tensor({2, 4, 6});
    const Tensor v = random_tensor({2, 4, 2}), dy = random_tensor({2, 4, 2});
    const Tensor mask = matrix({{1, 0, 0, 0}, {1, 1, 0, 0}, {1, 1, 1, 0}, {1, 1, 1, 1}});
    allow_roundings(128);
    ASK(attended, q, k, v, mask, dy);
}

// The weights of three words that stand at shift, shift + 1 and shift + 4.
Tensor shifted_weights(const Tensor& q, const Tensor& k, double shift) {
    Times times = {shift, shift + 1, shift + 4};
    return attention_weights(rotate(Variable(q), times), rotate(Variable(k), times)).value();
}

CHECK("13.5", "the weights depend on distances only: five positions later they are the same") {
    const Tensor q = random_tensor({3, 4}), k = random_tensor({3, 4});
    allow_roundings(64);
    const Tensor here = ASK(shifted_weights, q, k, 0.0);
    expect_near(ASK(shifted_weights, q, k, 5.0), here, 1e-5);
}

Tensors attended_with_constants(const Tensors& at, const Tensor& dy, int wanted) {
    const auto attend = [](const Variables& x) { return rotary_attention(x[0], x[1], x[2]); };
    return with_constants<Variable>(attend, at, dy, wanted);
}
PARTS(attended_with_constants, "y", "the gradient of the queries", "the gradient of the keys",
      "the gradient of the values");

CHECK("13.5",
      "with constants among queries, keys and values, the others still get their gradients") {
    const Tensors at = {random_tensor({3, 4}), random_tensor({2, 4}), random_tensor({2, 3})};
    const Tensor dy = random_tensor({3, 3});
    for (int wanted = 1; wanted < 7; ++wanted) {
        allow_roundings(128);
        ASK(attended_with_constants, at, dy, wanted);
    }
}

static Times counted(int T) {
    Times times;
    for (int n = 0; n < T; ++n) times.push_back(n);
    return times;
}

CHECK("13.5",
      "single matrices, batches and heads, one query or key and many, under every form of mask") {
    for (const Shape& before : std::vector<Shape>{{}, {1}, {2}, {1, 2}, {2, 1}, {2, 3}})
        for (const Shape& TS : std::vector<Shape>{{1, 1}, {1, 3}, {3, 1}, {2, 3}, {3, 2}, {3, 3}}) {
            const auto of = [&](int rows, int columns) {
                Shape shape = before;
                shape.insert(shape.end(), {rows, columns});
                return random_tensor(shape);
            };
            const int T = TS[0], S = TS[1], B = before.empty() ? 1 : before[0];
            const Tensor q = of(T, 4), k = of(S, 4), v = of(S, 2), dy = of(T, 2);
            for (const Tensor& mask : masks_of_every_form(B, T, S)) {
                if (mask.rank() == 3 && before.empty()) continue;
                const Tensor weights =
                    exact_weights(exact_turn(q, counted(T)), exact_turn(k, counted(S)), mask);
                expect_near(std::get<0>(ASK_UNRECORDED(attended, q, k, v, mask, dy)),
                            exact_average(weights, v), 1e-5);
            }
        }
}

CHECK("13.5", "under a mask gradients flow where there is something to see, in batches too") {
    const std::vector<Shape> all = {{}, {1}, {2}, {2, 2}};
    for (const Shape& before : all)
        for (int T : {1, 2}) {
            const auto of = [&](int rows, int columns) {
                Shape shape = before;
                shape.insert(shape.end(), {rows, columns});
                return random_tensor(shape);
            };
            const int B = before.empty() ? 1 : before[0];
            const Tensor q = of(T, 4), k = of(3, 4), v = of(3, 2), dy = of(T, 2);
            const Tensor mask =
                random_mask(T == 1 || before.empty() ? Shape{T, 3} : Shape{B, T, 3});
            allow_roundings(256);
            ASK(attended, q, k, v, mask, dy);
        }
}

Tensors turned_read_twice(const Tensors& at, const Times& times, const Tensor& dy) {
    const Variable x = parameter(at[0]), k = parameter(at[1]);
    const Variable loss = sum(rotate(x, times) * dy) + sum(rotary_attention(x, k, k) * dy);
    return read_twice(loss, Graph::kept, {x, k});
}
PARTS(turned_read_twice, "the gradient of the queries", "the gradient of the keys",
      "the gradient of the queries, read twice", "the gradient of the keys, read twice");

CHECK("13.5", "a graph that is kept can be read again, and gives as much") {
    const Tensors at = {random_tensor({2, 4}), random_tensor({3, 4})};
    expect_doubled(ASK_UNRECORDED(turned_read_twice, at, Times{1, 2.5}, random_tensor({2, 4})));
}

CHECK("13.5", "queries with an odd number of features are refused") {
    ASK_REFUSAL(attended, Tensor({2, 3}), Tensor({2, 3}), Tensor({2, 3}), no_mask, Tensor({2, 3}));
}

}  // namespace checks_13
