#include "03_autodiff.hpp"

#include "grader/check.hpp"
#include "grader/variations.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <stdexcept>
#include <sys/resource.h>
#include <thread>

namespace checks_03 {

// The loss Σ weights ∘ y, in which every element of y counts in its own way.
static Variable weighted(const Variable& y, const Tensor& weights) {
    double loss = 0;
    for (int i = 0; i < weights.size(); ++i)
        loss += double{y.value().data.at(i)} * weights.data[i];
    return record("weighted sum", Tensor({}, {static_cast<float>(loss)}), {y},
                  [weights](const Tensor&, const Tensor& dy) {
                      return Gradients(scale(weights, dy.data[0]));
                  });
}

using Tensors = std::vector<Tensor>;
using Variables = std::vector<Variable>;

// ## 3.1 By hand

Tensor written_down(int) { return gradients_by_hand(); }
CALLED(written_down, "gradients_by_hand()");

static void expect_gradient(int which, double gradient, const std::string& otherwise) {
    const Tensor gradients = ASK_UNRECORDED(written_down, 0);
    expect(gradients.shape == Shape{5}, "five numbers are asked for, row({…, …, …, …, …})");
    expect(std::fabs(gradients.data[which] - gradient) < 0.0051, otherwise);
}

CHECK("3.1", "b moves L by the slope of tanh, which is 1 − L²") {
    expect_gradient(4, 1 - 0.6 * 0.6, "the last number, ∂L/∂b, is not the slope of the tanh");
}

CHECK("3.1", "x₁ moves its product by w₁ times as much, and w₁ by x₁ times as much") {
    expect_gradient(0, 0.64 * 2, "the first, ∂L/∂x₁, is not what arrives at x₁ w₁, times w₁");
    expect_gradient(1, 0.64 * 3, "the second, ∂L/∂w₁, is not what arrives at x₁ w₁, times x₁");
}

CHECK("3.1", "the other product, where one number is negative") {
    expect_gradient(2, 0.64 * 5, "the third, ∂L/∂x₂, is not what arrives at x₂ w₂, times w₂");
    expect_gradient(3, 0.64 * -1, "the fourth, ∂L/∂w₂, is not what arrives at x₂ w₂, times x₂");
}

// ## 3.2 Gradients add up

Tensor after_arrivals(const Tensor& value, const std::vector<Tensor>& arriving) {
    const Variable x = parameter(value);
    for (const Tensor& gradient : arriving) x.add_gradient(gradient);
    return x.gradient();
}

Tensor constant_after_arrival(const Tensor& value, const Tensor& arriving) {
    const Variable x = value;
    x.add_gradient(arriving);
    return x.gradient();
}

Tensor after_clearing(const Tensor& value, const Tensor& before, const Tensor& then) {
    const Variable x = parameter(value);
    x.add_gradient(before);
    x.clear_gradient();
    x.add_gradient(then);
    return x.gradient();
}

CHECK("3.2", "1 2 3 and then 10 20 30 arrive: the gradient is 11 22 33") {
    const Tensor x = row({0, 0, 0});
    const std::vector<Tensor> arriving = {row({1, 2, 3}), row({10, 20, 30})};
    expect_near(ASK(after_arrivals, x, arriving), row({11, 22, 33}), 0);
}

CHECK("3.2", "a row that was used for two rows gets the sum of what comes from both") {
    const Tensor x = row({0, 0, 0});
    const std::vector<Tensor> arriving = {matrix({{1, 2, 3}, {10, 20, 30}})};
    expect_near(ASK(after_arrivals, x, arriving), row({11, 22, 33}), 0);
}

CHECK("3.2", "a matrix used for a whole stack, a number used everywhere") {
    const Tensor x = Tensor({2, 3}), number = Tensor();
    std::vector<Tensor> arriving = {random_tensor({4, 2, 3}), random_tensor({2, 3})};
    for (Tensor& gradient : arriving)  // where terms cancel, rounding is most of what is left
        for (float& value : gradient.data) value = std::fabs(value);
    ASK(after_arrivals, x, arriving);
    ASK(after_arrivals, number, arriving);
}

// (3.2): the sum of all blocks, in double.
static void expect_gathered(const Shape& own, const Tensors& arriving, double tolerance) {
    Tensor expected(own);
    for (int i = 0; i < expected.size(); ++i) {
        double total = 0;
        for (const Tensor& each : arriving)
            total += exact_sum(each, i, each.size() / expected.size(), expected.size());
        expected.data[i] = static_cast<float>(total);
    }
    expect_near(ASK_UNRECORDED(after_arrivals, Tensor(own), arriving), expected, tolerance);
}

CHECK("3.2", "of any sizes: as many rows as columns, nine blocks, one number, long rows") {
    for (const Shape& size : {Shape{3, 3}, Shape{9, 2}, Shape{17, 1}, Shape{5, 33}}) {
        const Tensor arriving = random_tensor(size);
        Tensor expected({size[1]});
        for (int i = 0; i < arriving.size(); ++i) expected.data[i % size[1]] += arriving.data[i];
        const std::vector<Tensor> all = {arriving};
        expect_near(ASK_UNRECORDED(after_arrivals, Tensor({size[1]}), all), expected, 1e-5);
    }
    for (int n : awkward_lengths(300))
        for (const Shape& size : {Shape{n, 2}, Shape{3, n}, Shape{n}})
            expect_gathered({size.back()}, {random_tensor(size), random_tensor(size)}, 1e-4);
}

CHECK("3.2", "whole stacks and single ones may arrive in any order, of whatever axes") {
    for (const Shape& own : {Shape{}, Shape{2}, Shape{1}, Shape{3, 3}, Shape{2, 1, 3}}) {
        Tensors arriving;
        for (const Shape& stack : {Shape{4}, Shape{}, Shape{2, 3}, Shape{}, Shape{1}}) {
            Shape shape = stack;
            shape.insert(shape.end(), own.begin(), own.end());
            arriving.push_back(random_tensor(shape));
        }
        expect_gathered(own, arriving, 1e-5);
        std::reverse(arriving.begin(), arriving.end());
        expect_gathered(own, arriving, 1e-5);
    }
}

CHECK("3.2", "NaN and ∞ are added like all others, and so are tiny numbers") {
    for (float number : {NAN, INFINITY, 1e30f, 1e-30f})
        for (int at : {0, 1, 2}) {
            Tensors arriving = {random_tensor({2}), random_tensor({2}), Tensor({3, 2})};
            arriving[at].data[1] = number;
            expect_gathered({2}, arriving, 1e-6);
        }
    const Tensors small = {scaled_copy(random_tensor({4, 3}), tiny),
                           scaled_copy(random_tensor({3}), tiny)};
    expect_gathered({3}, small, 1e-12);
}

CHECK("3.2", "nothing arrives at a constant; after clearing, the sum begins anew") {
    const Tensor x = row({1, 2}), before = row({5, 5}), then = row({1, 0});
    expect_near(ASK(constant_after_arrival, x, before), row({0, 0}), 0);
    expect_near(ASK(after_clearing, x, before, then), row({1, 0}), 0);
}

CHECK("3.2", "a gradient that does not fit is refused; one without elements changes nothing") {
    const std::vector<Tensor> wrong = {row({1, 2})}, none = {Tensor({0, 3})};
    expect_mentions(ASK_REFUSAL(after_arrivals, Tensor({3}), wrong), {"[2]", "[3]"});
    expect_near(ASK(after_arrivals, Tensor({3}), none), row({0, 0, 0}), 0);
}

CHECK("3.2", "a parameter without elements gets a gradient without elements") {
    const Tensor x = Tensor({0, 3});
    const std::vector<Tensor> arriving = {Tensor({0, 3}), Tensor({2, 0, 3})};
    expect_near(ASK(after_arrivals, x, arriving), x, 0);
}

// ## 3.3 Reading the tape backwards

RESTS_ON("3.3", "1.3", "3.2");

// 3 x + y
std::pair<Tensor, Tensor> gradients_of_a_sum(const Tensor& at_x, const Tensor& at_y) {
    const Variable x = parameter(at_x), y = parameter(at_y);
    backward(3.0f * x + y);
    return {x.gradient(), y.gradient()};
}
PARTS(gradients_of_a_sum, "the gradient of x", "the gradient of y");

// y = 3 x, z = y + 2 y
Tensor gradient_of_a_diamond(const Tensor& at) {
    const Variable x = parameter(at), y = 3.0f * x;
    backward(y + 2.0f * y);
    return x.gradient();
}

// x meets a long way of so many steps, each of which also uses x: u ← 2 u + x
Tensor gradient_of_two_ways(const Tensor& at, int steps) {
    const Variable x = parameter(at);
    Variable u = x;
    for (int step = 0; step < steps; ++step) u = x + 2.0f * u;
    backward(u);
    return x.gradient();
}

Tensor gradient_of_many_uses(const Tensor& at, int uses) {
    const Variable x = parameter(at);
    Variable total = x;
    for (int use = 1; use < uses; ++use) total = total + x;
    backward(total);
    return x.gradient();
}

Tensor gradient_after_losses(const Tensor& at, int losses) {
    const Variable x = parameter(at);
    for (int loss = 0; loss < losses; ++loss) backward(5.0f * x);
    return x.gradient();
}

// What is left of y = 3 x, z = y + y: the gradients of y and x, and whether z can be read again.
std::tuple<Tensor, Tensor, std::string> after_reading(const Tensor& at, bool keep) {
    const Variable x = parameter(at), y = 3.0f * x, z = y + y;
    backward(z, keep ? Graph::kept : Graph::used_up);
    const Tensor dy = y.gradient(), dx = x.gradient();
    try {
        backward(z);
    } catch (const std::logic_error& error) {
        return {dy, dx, "refused"};
    }
    return {dy, dx, "read again"};
}
PARTS(after_reading, "the gradient of y", "the gradient of x", "the second reading");

// Whether a second reading of the loss 2 x is refused, when the first has used it up.
std::string read_twice(const Tensor& at) {
    const Variable loss = 2.0f * parameter(at);
    backward(loss);
    try {
        backward(loss);
    } catch (const std::logic_error& error) {
        return "refused";
    }
    return "read again";
}

// a b + c, where c is made after a b.
std::tuple<Tensor, Tensor, Tensor> gradients_with_a_late_parameter(const Tensor& at_a,
                                                                   const Tensor& at_b,
                                                                   const Tensor& at_c) {
    const Variable a = parameter(at_a), b = parameter(at_b);
    const Variable product = record("product", multiply(at_a, at_b), {a, b},
                                    [=](const Tensor&, const Tensor& dy) {
                                        return Gradients(multiply(dy, at_b), multiply(dy, at_a));
                                    });
    const Variable c = parameter(at_c);
    backward(product + c);
    return {a.gradient(), b.gradient(), c.gradient()};
}
PARTS(gradients_with_a_late_parameter, "the gradient of a", "of b", "of c");

// The gradient of x for the loss 0 x, and whether it has arrived.
std::pair<Tensor, bool> gradient_of_no_slope(const Tensor& at) {
    const Variable x = parameter(at);
    backward(record("no slope", at, {x},
                    [](const Tensor&, const Tensor& dy) { return Gradients(scale(dy, 0)); }));
    return {x.gradient(), x.node()->has_gradient};
}
PARTS(gradient_of_no_slope, "the gradient of x", "whether it has arrived");

// Whether a node of the graph is gone by the time that an older one passes its gradient on.
bool younger_node_is_gone(const Tensor& at) {
    std::weak_ptr<Node> younger;
    bool gone = false;
    const Variable x = parameter(at);
    Variable loss = record("older", at, {x}, [&](const Tensor&, const Tensor& dy) {
        gone = younger.expired();
        return Gradients(dy);
    });
    loss = 2.0f * loss;
    younger = loss.node();
    for (int step = 0; step < 2; ++step) loss = 2.0f * loss;
    backward(loss);
    return gone;
}

// What x has gathered when z = y + y with y = 3 x was kept, and read twice.
Tensor gradient_of_two_readings(const Tensor& at) {
    const Variable x = parameter(at), y = 3.0f * x, z = y + y;
    backward(z, Graph::kept);
    backward(z);
    return x.gradient();
}

// A second loss that is made from y, after the first loss has used y up.
std::string loss_of_what_is_used_up(const Tensor& at) {
    const Variable x = parameter(at), y = 3.0f * x;
    backward(2.0f * y);
    try {
        backward(y * y);
    } catch (const std::logic_error& error) {
        return "refused";
    }
    return "read";
}

// An operation that moves its first input by 2 dy, its second by 3 dy and its third by 5 dy; its
// graph is read so many times.
std::tuple<Tensor, Tensor, Tensor> gradients_of_three(const Tensor& at, int times) {
    const Variable x = parameter(at), y = parameter(at), z = parameter(at);
    const Variable loss = record("three", at, {x, y, z}, [](const Tensor&, const Tensor& dy) {
        return Gradients(scale(dy, 2), scale(dy, 3), scale(dy, 5));
    });
    for (int time = 1; time < times; ++time) backward(loss, Graph::kept);
    backward(loss);
    return {x.gradient(), y.gradient(), z.gradient()};
}
PARTS(gradients_of_three, "the gradient of the first input", "of the second", "of the third");

// Whether a gradient of 0 goes on, through a second operation.
bool reached_by_zero(int) {
    const Variable w = parameter(Tensor({}, {2}));
    const auto times = [](float factor) {
        return [=](const Tensor&, const Tensor& dy) { return Gradients{scale(dy, factor)}; };
    };
    const Variable y = record("twice", w.value(), {w}, times(2));
    backward(record("nothing of", y.value(), {y}, times(0)));
    return w.node()->has_gradient;
}

// An operation of so many inputs, which moves the first by 1 dy, the second by 2 dy, and so on.
std::vector<Tensor> gradients_of_many(const Tensor& at, int count, float factor) {
    std::vector<Variable> inputs;
    for (int i = 0; i < count; ++i) inputs.push_back(parameter(at));
    const auto slopes = [=](const Tensor&, const Tensor& dy) {
        std::vector<Tensor> all;
        for (int i = 1; i <= count; ++i) all.push_back(scale(dy, factor * i));
        return Gradients(all);
    };
    backward(record("many", at, inputs, slopes));
    std::vector<Tensor> found;
    for (const Variable& input : inputs) found.push_back(input.gradient());
    return found;
}

// As three inputs of one operation, the same variable three times.
Tensor gradient_of_three_roles(const Tensor& at) {
    const Variable x = parameter(at);
    backward(record("three", at, {x, x, x}, [](const Tensor&, const Tensor& dy) {
        return Gradients(scale(dy, 2), scale(dy, 3), scale(dy, 5));
    }));
    return x.gradient();
}

// A graph: variable i is factor[i] times variable left[i], plus variable right[i]. Before the first
// of them come four numbers; number i of these is a constant where bit i of `constants` is set. The
// loss is the last variable plus `more` others, and is read so many times.
using Numbers = std::vector<int>;
Tensor gradients_of_a_graph(const Tensor& factors, const Numbers& left, const Numbers& right,
                            int constants, int times) {
    std::vector<Variable> all;
    for (int i = 0; i < 4; ++i) all.push_back(Variable(Tensor({}, {1}), (constants >> i & 1) == 0));
    for (int i = 0; i < factors.size(); ++i)
        all.push_back(factors.data[i] * all.at(left.at(i)) + all.at(right.at(i)));
    for (int time = 1; time < times; ++time) backward(all.back(), Graph::kept);
    backward(all.back());
    Tensor found({4});
    for (int i = 0; i < 4; ++i) found.data[i] = all[i].gradient().data.at(0);
    return found;
}

// x gets 3 from a loss that is read inside a backward function of another loss, which gives it 2.
Tensor gradient_of_a_loss_in_a_loss(const Tensor& at) {
    const Variable x = parameter(at);
    const Variable y = record("outer", at, {x}, [x](const Tensor&, const Tensor& dy) {
        backward(3.0f * x);
        return scale(dy, 2);
    });
    backward(1.0f * y);
    return x.gradient();
}

// Two threads, each with a parameter and losses of its own, and what both parameters got.
Tensor gradients_on_two_threads(int losses) {
    const Variable x = parameter(Tensor()), y = parameter(Tensor());
    const auto learn = [losses](const Variable& p) {
        for (int i = 0; i < losses; ++i) backward(2.0f * (p + p) + p);
    };
    std::thread other(learn, std::cref(x));
    learn(y);
    other.join();
    return row({x.gradient().data.at(0), y.gradient().data.at(0)});
}

Tensor read_backwards(const Tensor& at, bool wants_gradient) {
    const Variable x = wants_gradient ? parameter(at) : Variable(at);
    backward(2.0f * x);
    return x.gradient();
}

// By how many KiB the memory grows while graphs are built, read backwards or only dropped.
double growth_over_graphs(int graphs, bool read) {
    struct rusage before, after;
    const Variable x = parameter(Tensor({1000}));
    getrusage(RUSAGE_SELF, &before);
    for (int graph = 0; graph < graphs; ++graph) {
        const Variable loss = sum(2.0f * (x + x));
        if (read) backward(loss);
    }
    getrusage(RUSAGE_SELF, &after);
    return static_cast<double>(after.ru_maxrss - before.ru_maxrss);
}

// u ← f u + x for each factor f.
Tensor gradient_of_factors(const Tensor& at, const Tensor& factors) {
    const Variable x = parameter(at);
    Variable u = x;
    for (float factor : factors.data) u = factor * u + x;
    backward(u);
    return x.gradient();
}

// The operation of `gradients_of_three`, with constants among its inputs.
Tensors three_with_constants(const Tensors& at, const Tensor& dy, int wanted) {
    const auto three = [](const Variables& x) {
        return record("three", x[0].value(), x, [](const Tensor&, const Tensor& dz) {
            return Gradients(scale(dz, 2), scale(dz, 3), scale(dz, 5));
        });
    };
    return with_constants<Variable>(three, at, dy, wanted);
}
PARTS(three_with_constants, "the value", "the gradient of input #1");

// The loss is a parameter itself, and is read so many times.
Tensor gradient_of_itself(const Tensor& at, int times) {
    const Variable loss = parameter(at);
    for (int time = 0; time < times; ++time) backward(loss);
    return loss.gradient();
}

CHECK("3.3", "the gradients of 3 x + y are 3 and 1") {
    const Tensor x = Tensor({}, {5}), y = Tensor({}, {7});
    const auto [dx, dy] = ASK(gradients_of_a_sum, x, y);
    expect_near(dx, Tensor({}, {3}), 0);
    expect_near(dy, Tensor({}, {1}), 0);
}

CHECK("3.3", "each input gets its own gradient: the first of three 2, the second 3, the third 5") {
    const auto [dx, dy, dz] = ASK(gradients_of_three, Tensor({}, {1}), 1);
    expect_near(dx, Tensor({}, {2}), 0);
    expect_near(dy, Tensor({}, {3}), 0);
    expect_near(dz, Tensor({}, {5}), 0);
}

CHECK("3.3", "with y = 3 x and z = y + 2 y, the gradient of x is 9: y waits for both ways") {
    const Tensor x = Tensor({}, {1});
    expect_near(ASK(gradient_of_a_diamond, x), Tensor({}, {9}), 0);
}

CHECK("3.3", "short ways wait for long ones: three times u ← x + 2 u gives 1 + 2 + 4 + 8 = 15") {
    const Tensor x = Tensor({}, {1});
    expect_near(ASK(gradient_of_two_ways, x, 3), Tensor({}, {15}), 0);
}

CHECK("3.3", "what is used a hundred times gets a hundred gradients; two losses add up") {
    const Tensor x = Tensor({}, {1});
    expect_near(ASK(gradient_of_many_uses, x, 100), Tensor({}, {100}), 0);
    expect_near(ASK(gradient_after_losses, x, 2), Tensor({}, {10}), 0);
}

CHECK("3.3", "a graph 100,000 operations deep") {
    const Tensor x = Tensor({}, {1});
    expect_near(ASK(gradient_of_many_uses, x, 100000), Tensor({}, {100000}), 0);
}

CHECK("3.3", "a kept graph keeps its inner gradients and can be read again; a used one cannot") {
    const Tensor x = Tensor({}, {1});
    const auto [kept_dy, kept_dx, kept] = ASK(after_reading, x, true);
    expect_near(kept_dy, Tensor({}, {2}), 0);
    expect(kept == "read again", "a kept graph must be readable again");
    const auto [used_dy, used_dx, used] = ASK(after_reading, x, false);
    expect_near(used_dx, Tensor({}, {6}), 0);
    expect(used == "refused", "a graph that was used up must not be read again");
}

CHECK("3.3",
      "a graph that is read twice gives x its 6 twice; what was used up serves no other loss") {
    const Tensor x = Tensor({}, {1});
    expect_near(ASK(gradient_of_two_readings, x), Tensor({}, {12}), 0);
    expect(ASK(loss_of_what_is_used_up, x) == "refused", "y has no backward function any more");
    const auto [dx, dy, dz] = ASK(gradients_of_three, x, 2);
    expect_near(dx, Tensor({}, {4}), 0);
    expect_near(dy, Tensor({}, {6}), 0);
    expect_near(dz, Tensor({}, {10}), 0);
}

CHECK("3.3", "in a b + c, c is made last, and a and b still get their gradients") {
    const auto [da, db, dc] =
        ASK(gradients_with_a_late_parameter, Tensor({}, {2}), Tensor({}, {3}), Tensor({}, {7}));
    expect_near(da, Tensor({}, {3}), 0);
    expect_near(db, Tensor({}, {2}), 0);
    expect_near(dc, Tensor({}, {1}), 0);
}

CHECK("3.3", "the loss itself is used up as well, and not read a second time") {
    expect(ASK(read_twice, Tensor({}, {5})) == "refused", "the loss 2 x was read twice");
}

CHECK("3.3", "a gradient of 0 arrives as well") {
    const auto [dx, arrived] = ASK(gradient_of_no_slope, Tensor({}, {5}));
    expect_near(dx, Tensor({}, {0}), 0);
    expect(arrived, "x has no gradient, though the loss was made from it");
}

CHECK("3.3", "what has passed its gradient on is gone before the next node takes its turn") {
    expect(ASK_UNRECORDED(younger_node_is_gone, Tensor({}, {5})),
           "a node that is used up still holds its memory: free it, and take it off the list");
}

CHECK("3.3", "10,000 graphs, read or only dropped, leave no memory behind") {
    for (bool read : {true, false})
        expect(ASK_UNRECORDED(growth_over_graphs, 10000, read) < 20e3,
               "the memory grows with every graph");
}

CHECK("3.3", "whatever the factors: u ← f u + x for each gives x the sum of their products") {
    const Tensor x = random_tensor({}), factors = random_tensor({6});
    double expected = 1;
    for (float factor : factors.data) expected = factor * expected + 1;
    allow_roundings(64);
    expect_near(ASK(gradient_of_factors, x, factors).data.at(0), expected, 1e-5);
}

CHECK("3.3",
      "an operation may have any number of inputs, and one variable may be several of them") {
    for (int count : {1, 2, 4, 5, 8, 9, 17, 33}) {
        const Tensors found = ASK_UNRECORDED(gradients_of_many, Tensor(), count, 1.0f);
        for (int i = 0; i < count; ++i) expect_near(found.at(i).data.at(0), i + 1, 0);
    }
    expect_near(ASK_UNRECORDED(gradient_of_three_roles, Tensor()), Tensor({}, {10}), 0);
}

CHECK("3.3", "a slope that is NaN, infinite, tiny or 0 is passed on like any other") {
    expect(ASK_UNRECORDED(reached_by_zero, 0),
           "a parameter whose slope is 0 has a gradient, of zeros: zeros are passed on too");
    for (float factor : {NAN, INFINITY, 1e-20f, -1e20f})
        for (int count : {1, 2}) {
            const Tensors found = ASK_UNRECORDED(gradients_of_many, Tensor(), count, factor);
            for (int i = 0; i < count; ++i)
                expect_near(found.at(i), Tensor({}, {factor * (i + 1)}), 0);
        }
}

CHECK("3.3",
      "in any graph, with constants or without, each parameter gets what all its ways give") {
    for (int graph = 0; graph < 12; ++graph) {
        const int count = 3 + 3 * graph, constants = graph % 3 == 0 ? 0 : 1 << graph % 4;
        const int times = 1 + graph % 2;
        Tensor factors({count});
        Numbers left, right;
        for (int i = 0; i < count; ++i) {
            factors.data[i] = 0.5f * static_cast<float>(1 + random_numbers().below(2));
            if (random_numbers().below(3) == 0) factors.data[i] *= -1;
            left.push_back(random_numbers().below(4 + i));
            right.push_back(i < 4 ? i : 3 + i);
        }
        std::vector<double> slopes(4 + count), reached(4);
        slopes.back() = 1;
        for (int i = count - 1; i >= 0; --i) {
            slopes[left[i]] += static_cast<double>(factors.data[i]) * slopes[4 + i];
            slopes[right[i]] += slopes[4 + i];
        }
        double largest = 1;
        for (double slope : slopes) largest = std::max(largest, std::fabs(slope));
        Tensor expected({4});
        for (int i = 0; i < 4; ++i)
            if ((constants >> i & 1) == 0) expected.data[i] = static_cast<float>(times * slopes[i]);
        const Tensor found =
            ASK_UNRECORDED(gradients_of_a_graph, factors, left, right, constants, times);
        expect_near(found, expected, 1e-5 * largest);
    }
}

CHECK("3.3", "a loss may be read while another is, inside a backward function or on a thread") {
    expect_near(ASK_UNRECORDED(gradient_of_a_loss_in_a_loss, Tensor()), Tensor({}, {5}), 0);
    expect_near(ASK_UNRECORDED(gradients_on_two_threads, 300), row({1500, 1500}), 0);
}

CHECK("3.3", "with constants among three inputs, each parameter still gets its own gradient") {
    const Tensors at = {random_tensor({2}), random_tensor({2}), random_tensor({2})};
    const Tensor dy = random_tensor({2});
    for (int wanted = 1; wanted < 8; ++wanted) ASK(three_with_constants, at, dy, wanted);
}

CHECK("3.3", "a loss of shape [1, 1] is a single number; one that is a parameter stays one") {
    expect_near(ASK(read_backwards, Tensor({1, 1}, {3}), true), Tensor({1, 1}, {2}), 0);
    expect_near(ASK(gradient_of_itself, Tensor({}, {5}), 1), Tensor({}, {1}), 0);
    expect_near(ASK(gradient_of_itself, Tensor({}, {5}), 2), Tensor({}, {2}), 0);
}

CHECK("3.3", "a loss that is not a single number, or made of constants only, is refused") {
    expect_mentions(ASK_REFUSAL(read_backwards, row({1, 2}), true), {"backward", "[2]"});
    expect_mentions(ASK_REFUSAL(read_backwards, Tensor({}, {1}), false), {"backward", "constants"});
}

// ## 3.4 Backward, for products

RESTS_ON("3.4", "1.3", "1.5", "2.2", "2.3", "2.4", "2.5", "3.2", "3.3");

std::tuple<Tensor, Tensor, Tensor> through_multiply(const Tensor& at_a, const Tensor& at_b,
                                                    const Tensor& weights) {
    const Variable a = parameter(at_a), b = parameter(at_b), y = a * b;
    backward(weighted(y, weights));
    return {y.value(), a.gradient(), b.gradient()};
}
PARTS(through_multiply, "the value of a ∘ b", "the gradient dA", "the gradient dB");

std::tuple<Tensor, Tensor, Tensor> through_matmul(const Tensor& at_a, const Tensor& at_b,
                                                  const Tensor& weights) {
    const Variable a = parameter(at_a), b = parameter(at_b), c = matmul(a, b);
    backward(weighted(c, weights));
    return {c.value(), a.gradient(), b.gradient()};
}
PARTS(through_matmul, "the value of A B", "the gradient dA", "the gradient dB");

// x x, where both inputs are the same variable.
Tensor gradient_of_square(const Tensor& at) {
    const Variable x = parameter(at);
    backward(sum(x * x));
    return x.gradient();
}

CHECK("3.4", "in 1 2 × 10 20 each is the other's slope") {
    const Tensor a = row({1, 2}), b = row({10, 20}), dy = row({1, 1});
    const auto [y, da, db] = ASK(through_multiply, a, b, dy);
    expect_near(da, row({10, 20}), 0);
    expect_near(db, row({1, 2}), 0);
}

CHECK("3.4", "what flows in is multiplied, not replaced; a broadcast row gets a sum") {
    const Tensor a = random_tensor({2, 3}), b = random_tensor({3}), dy = random_tensor({2, 3});
    ASK(through_multiply, a, b, dy);
    const Tensor x = row({3, -4});
    expect_near(ASK(gradient_of_square, x), row({6, -8}), 0);
}

CHECK("3.4", "[1 2; 3 4] × [5 6; 7 8], all of dC 1: dA = [11 15; 11 15], dB = [4 4; 6 6]") {
    const Tensor a = matrix({{1, 2}, {3, 4}}), b = matrix({{5, 6}, {7, 8}});
    const Tensor dc = matrix({{1, 1}, {1, 1}});
    const auto [c, da, db] = ASK(through_matmul, a, b, dc);
    expect_near(c, matrix({{19, 22}, {43, 50}}), 0);
    expect_near(da, matrix({{11, 15}, {11, 15}}), 0);
    expect_near(db, matrix({{4, 4}, {6, 6}}), 0);
}

CHECK("3.4", "matrices of different sizes, and a dC of its own") {
    const Tensor a = random_tensor({2, 3}), b = random_tensor({3, 4}), dc = random_tensor({2, 4});
    ASK(through_matmul, a, b, dc);
}

// dA = dC Bᵀ and dB = Aᵀ dC.
static void expect_matmul(const Tensor& a, const Tensor& b, const Tensor& dc, double tolerance) {
    const auto [c, da, db] = ASK_UNRECORDED(through_matmul, a, b, dc);
    expect_near(da, exact_product(dc, transposed_copy(b)), tolerance);
    expect_near(db, exact_product(transposed_copy(a), dc), tolerance);
}

CHECK("3.4", "of any sizes: one row, one column, one term") {
    for (const Shape& size : {Shape{1, 3, 4}, Shape{4, 3, 1}, Shape{3, 1, 4}, Shape{1, 1, 1},
                              Shape{5, 5, 5}, Shape{2, 33, 17}}) {
        const Tensor a = random_tensor({size[0], size[1]}), b = random_tensor({size[1], size[2]});
        const Tensor dc = random_tensor({size[0], size[2]});
        const auto [c, da, db] = ASK_UNRECORDED(through_matmul, a, b, dc);
        expect_near(da, exact_product(dc, transposed_copy(b)), 1e-5);
        expect_near(db, exact_product(transposed_copy(a), dc), 1e-5);
    }
    std::vector<Shape> sizes = awkward_products(131);
    sizes.push_back({70, 131, 67});
    for (const Shape& size : sizes) {
        const Tensor dc = random_tensor({size[0], size[2]});
        const Tensor b = random_tensor({size[1], size[2]}), a = random_tensor({size[0], size[1]});
        expect_matmul(a, b, dc, 1e-4);
    }
}

// dA and dB of a ∘ b, where b may have fewer axes than a.
static void expect_multiply(const Tensor& a, const Tensor& b, const Tensor& dy, double tolerance) {
    Tensor da = dy, db = b;
    for (int i = 0; i < a.size(); ++i) da.data[i] *= b.data[i % b.size()];
    Tensor products = dy;
    for (int i = 0; i < a.size(); ++i) products.data[i] *= a.data[i];
    for (int j = 0; j < b.size(); ++j)
        db.data[j] = static_cast<float>(exact_sum(products, j, a.size() / b.size(), b.size()));
    const auto [y, found_da, found_db] = ASK_UNRECORDED(through_multiply, a, b, dy);
    expect_near(found_da, da, tolerance);
    expect_near(found_db, db, tolerance);
}

CHECK("3.4", "element by element, b may be a number, a row, or have any of a's last axes") {
    for (const Shape& shape : {Shape{2, 3}, Shape{3, 3}, Shape{4, 1}, Shape{1}, Shape{2, 3, 2, 2}})
        for (int left_out = 0; left_out <= size_of(shape); ++left_out) {
            const Tensor a = random_tensor(shape), dy = random_tensor(shape);
            const Tensor b = random_tensor(Shape(shape.begin() + left_out, shape.end()));
            expect_multiply(a, b, dy, 2e-6);
        }
    for (int n : awkward_lengths(131)) {
        const Tensor dy = random_tensor({n}), b = random_tensor({n}), a = random_tensor({n});
        expect_multiply(a, b, dy, 1e-6);
        const Tensor d_rows = random_tensor({n, 2}), two = random_tensor({2});
        const Tensor rows = random_tensor({n, 2});
        expect_multiply(rows, two, d_rows, 1e-4);
    }
}

// The products of x with itself: element by element, and as a matrix.
Tensors gradients_of_both_squares(const Tensor& at, const Tensor& dy) {
    const Variable x = parameter(at), z = parameter(at);
    backward(weighted(x * x, dy));
    backward(weighted(matmul(z, z), dy));
    return {x.gradient(), z.gradient()};
}

CHECK("3.4", "one variable may be both factors, and NaN and tiny numbers count like all others") {
    for (int n : {1, 2, 3, 9}) {
        const Tensor x = random_tensor({n, n}), dy = random_tensor({n, n});
        const Tensors found = ASK_UNRECORDED(gradients_of_both_squares, x, dy);
        Tensor element_by_element = x, matrices = exact_product(dy, transposed_copy(x));
        const Tensor right = exact_product(transposed_copy(x), dy);
        for (int i = 0; i < x.size(); ++i) {
            element_by_element.data[i] *= 2 * dy.data[i];
            matrices.data[i] += right.data[i];
        }
        expect_near(found.at(0), element_by_element, 1e-6);
        expect_near(found.at(1), matrices, 1e-5);
    }
    Tensor a = random_tensor({3, 3}), b = random_tensor({3, 3});
    Tensor dy = scaled_copy(random_tensor({3, 3}), tiny);
    expect_multiply(a, b, dy, 1e-12);
    expect_matmul(a, b, dy, 1e-11);
    a.data[1] = dy.data[3] = 0;
    b.data[5] = NAN;
    expect_multiply(a, b, dy, 1e-12);
    expect_matmul(a, b, dy, 1e-11);
    dy.data[3] = NAN;
    expect_multiply(a, b, dy, 1e-12);
    expect_matmul(a, b, dy, 1e-11);
    for (const auto& [left, right] : zeros_and_nans()) {
        Tensor dc({left.shape[0], right.shape[1]});
        expect_matmul(left, right, dc, 0);
        std::fill(dc.data.begin(), dc.data.end(), 1.0f);
        expect_matmul(left, right, dc, 0);
        if (left.shape == right.shape) expect_multiply(left, right, left, 0);
        if (left.shape == right.shape) expect_multiply(left, left, right, 0);
    }
}

CHECK("3.4", "one matrix serves a whole stack: its gradient is the sum over the stack") {
    const Tensor a = random_tensor({2, 3, 4}), b = random_tensor({4, 2});
    const Tensor dc = random_tensor({2, 3, 2});
    ASK(through_matmul, a, b, dc);
}

CHECK("3.4", "a stack times a stack is a product for each pair") {
    const Tensor a = random_tensor({2, 3, 2, 4}), b = random_tensor({2, 3, 4, 3});
    const Tensor dc = random_tensor({2, 3, 2, 3});
    ASK(through_matmul, a, b, dc);
}

Tensors product_with_constants(const Tensors& at, const Tensor& dy, int wanted) {
    const auto product = [](const Variables& x) { return x[0] * x[1]; };
    return with_constants<Variable>(product, at, dy, wanted);
}
PARTS(product_with_constants, "the value of a ∘ b", "the gradient dA", "the gradient dB");

Tensors matmul_with_constants(const Tensors& at, const Tensor& dy, int wanted) {
    const auto product = [](const Variables& x) { return matmul(x[0], x[1]); };
    return with_constants<Variable>(product, at, dy, wanted);
}
PARTS(matmul_with_constants, "the value of A B", "the gradient dA", "the gradient dB");

CHECK("3.4", "when one of the two is a constant, the other still gets its gradient") {
    const Tensors rows = {random_tensor({2, 3}), random_tensor({3})};
    const Tensors matrices = {random_tensor({2, 3}), random_tensor({3, 4})};
    const Tensor dy = random_tensor({2, 3}), dc = random_tensor({2, 4});
    for (int wanted : {1, 2}) {
        ASK(product_with_constants, rows, dy, wanted);
        ASK(matmul_with_constants, matrices, dc, wanted);
    }
}

CHECK("3.4", "where a factor is 0, the other factor has no slope, and it has one itself") {
    const Tensor a = row({0, 3, 0}), b = row({10, 0, 0}), dy = random_tensor({3});
    ASK(through_multiply, a, b, dy);
}

CHECK("3.4", "shapes that do not fit are refused, and the message names both") {
    expect_mentions(ASK_REFUSAL(through_matmul, Tensor({2, 3}), Tensor({4, 5}), Tensor()),
                    {"matmul", "[2, 3]", "[4, 5]", "K, N]"});
    expect_mentions(ASK_REFUSAL(through_matmul, Tensor({2, 2, 3}), Tensor({3, 3, 1}), Tensor()),
                    {"matmul", "[2, 2, 3]", "[3, 3, 1]"});
    ASK_REFUSAL(through_matmul, Tensor({3}), Tensor({3, 1}), Tensor());
}

// ## 3.5 Slopes

RESTS_ON("3.5", "1.3", "3.2", "3.3");

static std::pair<Tensor, Tensor> through(Variable (*function)(const Variable&), const Tensor& at,
                                         const Tensor& weights) {
    const Variable x = parameter(at), y = function(x);
    backward(weighted(y, weights));
    return {y.value(), x.gradient()};
}

std::pair<Tensor, Tensor> through_sigmoid(const Tensor& x, const Tensor& dy) {
    return through(sigmoid, x, dy);
}
PARTS(through_sigmoid, "the value y", "the gradient dx");
std::pair<Tensor, Tensor> through_relu(const Tensor& x, const Tensor& dy) {
    return through(relu, x, dy);
}
PARTS(through_relu, "the value y", "the gradient dx");
std::pair<Tensor, Tensor> through_gelu(const Tensor& x, const Tensor& dy) {
    return through(gelu, x, dy);
}
PARTS(through_gelu, "the value y", "the gradient dx");

CHECK("3.5", "at 0 the sigmoid has the slope 1/4; far out it is flat") {
    const Tensor x = row({0, 30, -30}), dy = row({1, 1, 1});
    expect_near(ASK(through_sigmoid, x, dy).second, row({0.25f, 0, 0}), 1e-7);
}

CHECK("3.5", "ReLU has the slope 1 above 0, and 0 at and below it") {
    const Tensor x = row({2, -1, 0, 0.5f}), dy = row({1, 1, 1, 1});
    expect_near(ASK(through_relu, x, dy).second, row({1, 0, 0, 1}), 0);
}

CHECK("3.5", "GELU: slope Φ(0) = 0.5 at 0, and Φ(1) + 1 · φ(1) = 1.0833 at 1") {
    const Tensor x = row({0, 1, -1}), dy = row({1, 1, 1});
    expect_near(ASK(through_gelu, x, dy).second, row({0.5f, 1.083316f, -0.083316f}), 1e-5);
}

CHECK("3.5", "what flows in is multiplied by the slope, for any shape") {
    const Tensor x = random_tensor({2, 2, 3}), dy = random_tensor({2, 2, 3});
    ASK(through_sigmoid, x, dy);
    ASK(through_relu, x, dy);
    ASK(through_gelu, x, dy);
}

CHECK("3.5", "GELU: slope −.1275 at −1.5 and 1.1227 at 1.6; from −4 to 4 no slope is cut off") {
    const Tensor two = row({-1.5f, 1.6f});
    expect_near(ASK(through_gelu, two, row({1, 1})).second, row({-0.127471f, 1.122674f}), 1e-5);
    Tensor x({41}), sigmoids({41}), gelus({41});
    const Tensor dy({41}, std::vector<float>(41, 1.0f));
    for (int i = 0; i < 41; ++i) {
        x.data[i] = 0.2f * static_cast<float>(i - 20);
        const double p = static_cast<double>(x.data[i]), share = 1 / (1 + std::exp(-p));
        const double below = 0.5 * std::erfc(-p * std::sqrt(0.5));
        const double density = std::exp(-0.5 * p * p) / std::sqrt(8 * std::atan(1.0));
        sigmoids.data[i] = static_cast<float>(share * (1 - share));
        gelus.data[i] = static_cast<float>(below + p * density);
    }
    expect_near(ASK_UNRECORDED(through_sigmoid, x, dy).second, sigmoids, 1e-5);
    expect_near(ASK_UNRECORDED(through_gelu, x, dy).second, gelus, 1e-5);
}

CHECK("3.5", "far out, where exp overflows, all slopes are still numbers: 0, or 1 of a ramp") {
    const Tensor x = row({-100, 100, -1000, 1000}), dy = random_tensor({4});
    const Tensor flat = Tensor({4}), ramp = row({0, dy.data[1], 0, dy.data[3]});
    expect_near(ASK(through_sigmoid, x, dy).second, flat, 1e-7);
    expect_near(ASK(through_relu, x, dy).second, ramp, 0);
    expect_near(ASK(through_gelu, x, dy).second, ramp, 1e-6);
}

// The three slopes at one number, as a row: of the sigmoid, of ReLU and of GELU, in double.
static std::vector<double> exact_slopes(double p) {
    const double share = 1 / (1 + std::exp(-p)), below = 0.5 * std::erfc(-p * std::sqrt(0.5));
    const double density = std::exp(-0.5 * p * p) / std::sqrt(8 * std::atan(1.0));
    return {share / (1 + std::exp(p)), p > 0 ? 1.0 : 0.0, below + p * density};
}

// Holds the slopes against the exact ones, which may be so far off, and by such a part of them.
static void expect_slopes(const Tensor& x, int function, double tolerance, double part) {
    const Tensor dy(x.shape, std::vector<float>(x.data.size(), 1.0f));
    const Tensor dx = (function == 0   ? ASK_UNRECORDED(through_sigmoid, x, dy)
                       : function == 1 ? ASK_UNRECORDED(through_relu, x, dy)
                                       : ASK_UNRECORDED(through_gelu, x, dy))
                          .second;
    expect(dx.shape == x.shape, "the gradient must have the shape of x");
    for (int i = 0; i < x.size(); ++i) {
        const double slope = exact_slopes(static_cast<double>(x.data[i])).at(function);
        expect(std::fabs(dx.data[i] - slope) <= tolerance + part * std::fabs(slope),
               "at " + std::to_string(x.data[i]) + " the slope is " + std::to_string(dx.data[i]) +
                   "; it must be " + std::to_string(slope));
    }
}

CHECK("3.5", "the sigmoid: slopes small and large, at each of 400 places from −20 to 20") {
    Tensor below({200}), above({200});
    for (int i = 0; i < 200; ++i) {
        below.data[i] = -0.1f * static_cast<float>(i);
        above.data[i] = 0.1f * static_cast<float>(i);
    }
    expect_slopes(below, 0, 0, 1e-4);
    expect_slopes(above, 0, 4e-7, 1e-5);
}

CHECK("3.5",
      "ReLU: the slope is 1 for the smallest and the largest positive numbers, and 0 below") {
    Tensor x({0});
    for (float size = 1e-37f; size < 1e37f; size *= 5) {
        x.data.push_back(size);
        x.data.push_back(-size);
    }
    for (int i = -40; i <= 40; ++i) x.data.push_back(0.25f * static_cast<float>(i));
    x.shape = {x.size()};
    expect_slopes(x, 1, 0, 0);
}

CHECK("3.5", "GELU: at each of 300 places from −7 to 8, and near 0") {
    Tensor x({0});
    for (int i = -140; i <= 160; ++i) x.data.push_back(0.05f * static_cast<float>(i));
    for (float size = 1e-9f; size < 0.1f; size *= 5) {
        x.data.push_back(size);
        x.data.push_back(-size);
    }
    x.shape = {x.size()};
    expect_slopes(x, 2, 2e-6, 1e-6);
    const Tensor far = row({-4, -4.5f, -5, -5.5f, -6});
    expect_slopes(far, 2, 6e-7, 1e-3);
}

CHECK("3.5", "what flows in is multiplied, may it be tiny, huge or NaN; x of any number of axes") {
    for (const Shape& shape : {Shape{}, Shape{1}, Shape{67}, Shape{2, 3, 2, 2}, Shape{0, 3}})
        for (float size : {tiny, 1.0f, 1048576.0f, NAN})
            for (int function : {0, 1, 2}) {
                const Tensor x = random_tensor(shape);
                const Tensor dy = scaled_copy(random_tensor(shape), size);
                const Tensor dx = (function == 0   ? ASK_UNRECORDED(through_sigmoid, x, dy)
                                   : function == 1 ? ASK_UNRECORDED(through_relu, x, dy)
                                                   : ASK_UNRECORDED(through_gelu, x, dy))
                                      .second;
                Tensor expected = dy;
                for (int i = 0; i < x.size(); ++i)
                    expected.data[i] *= static_cast<float>(
                        exact_slopes(static_cast<double>(x.data[i])).at(function));
                expect_near(dx, expected, std::isnan(size) ? 0 : 2e-6 * size);
            }
}

// ## 3.6 Softmax, backwards

RESTS_ON("3.6", "1.3", "1.6", "3.2", "3.3");

std::pair<Tensor, Tensor> through_softmax(const Tensor& x, const Tensor& dy) {
    return through(softmax, x, dy);
}
PARTS(through_softmax, "the value y", "the gradient dx");

CHECK("3.6",
      "for two equal scores, a gradient of 1 on the first probability is +1/4 and −1/4 on them") {
    const Tensor x = row({0, 0}), dy = row({1, 0});
    expect_near(ASK(through_softmax, x, dy).second, row({0.25f, -0.25f}), 1e-7);
}

CHECK("3.6", "each row has an average of its own") {
    const Tensor x = matrix({{0, 1}, {2, 0}}), dy = matrix({{1, 0}, {3, -1}});
    ASK(through_softmax, x, dy);
}

CHECK("3.6", "in every row dx sums to 0, because adding the same to all scores changes nothing") {
    const Tensor x = random_tensor({2, 3, 4}), dy = random_tensor({2, 3, 4});
    const auto [y, dx] = ASK(through_softmax, x, dy);
    for (int r = 0; r < 6; ++r) {
        double total = 0, size = 0;
        for (int i = 0; i < 4; ++i) {
            total += static_cast<double>(dx.data[r * 4 + i]);
            size += std::fabs(static_cast<double>(dx.data[r * 4 + i]));
        }
        expect(std::fabs(total) < 1e-6, "row " + std::to_string(r) + " does not sum to 0");
        expect(size > 1e-3, "row " + std::to_string(r) + " is all zeros");
    }
}

// Σ_j dy_j y_j of row r, in double.
static double exact_average(const Tensor& y, const Tensor& dy, int r) {
    double average = 0;
    for (int j = 0; j < y.columns(); ++j)
        average += static_cast<double>(y.row(r)[j]) * static_cast<double>(dy.row(r)[j]);
    return average;
}

// Positive numbers of which each row sums to 1.
static Tensor random_shares(const Shape& shape) {
    Tensor y(shape);
    for (int r = 0; r < y.rows(); ++r) {
        float total = 0;
        for (int i = 0; i < y.columns(); ++i)
            total += y.row(r)[i] = static_cast<float>(1 + random_numbers().below(9));
        for (int i = 0; i < y.columns(); ++i) y.row(r)[i] /= total;
    }
    return y;
}

// dx_i = y_i (dy_i − Σ_j dy_j y_j), row by row.
static void expect_backward(const Tensor& y, const Tensor& dy) {
    const Tensor dx = ASK_UNRECORDED(softmax_backward, y, dy);
    expect(dx.shape == y.shape, "the gradient must have the shape of y");
    for (int r = 0; r < y.rows(); ++r) {
        const double average = exact_average(y, dy, r);
        Tensor expected({y.columns()}), found({y.columns()});
        double largest = 0;
        for (int i = 0; i < y.columns(); ++i) {
            expected.data[i] = static_cast<float>(y.row(r)[i] * (dy.row(r)[i] - average));
            found.data[i] = dx.row(r)[i];
            largest = std::max(largest, std::fabs(static_cast<double>(dy.row(r)[i])));
        }
        expect_near(found, expected, 1e-6 * largest);
    }
}

CHECK("3.6", "of any sizes: one number, whose slope is 0; none; 9 to 65") {
    expect(ASK(softmax_backward, Tensor({2, 0}), Tensor({2, 0})).shape == Shape{2, 0},
           "the shape must be [2, 0]");
    for (int n : {1, 9, 17, 33, 65}) {
        Tensor y({2, n}), dy = random_tensor({2, n}), dx({2, n});
        for (int r : {0, 1}) {
            double total = 0, average = 0;
            for (int i = 0; i < n; ++i) total += y.row(r)[i] = 1 + random_numbers().below(9);
            for (int i = 0; i < n; ++i) {
                y.row(r)[i] /= static_cast<float>(total);
                average += static_cast<double>(y.row(r)[i]) * dy.row(r)[i];
            }
            for (int i = 0; i < n; ++i)
                dx.row(r)[i] = y.row(r)[i] * (dy.row(r)[i] - static_cast<float>(average));
        }
        expect_near(ASK_UNRECORDED(softmax_backward, y, dy), dx, 1e-6);
    }
    for (int n : awkward_lengths(1001))
        for (const Shape& shape : {Shape{n}, Shape{3, n}, Shape{n, 3}, Shape{n, 1, 2}}) {
            const Tensor y = random_shares(shape);
            expect_backward(y, random_tensor(shape));
            expect_backward(y, Tensor(shape, std::vector<float>(y.data.size(), 1.0f)));
        }
}

CHECK("3.6", "a sure row has small slopes, and small probabilities have theirs") {
    for (float share : {0.5f, 0.1f, 1e-2f, 1e-3f, 1e-5f, 1e-10f, 0.0f})
        for (const Tensor& dy : {row({1, 0, 0}), row({0, 1, 0}), row({2, -1, 3})}) {
            const Tensor y = row({1 - 2 * share, share, share});
            expect_backward(y, dy);
            const Tensor dx = ASK_UNRECORDED(softmax_backward, y, dy);
            const double average = exact_average(y, dy, 0);
            const double slope = share * (static_cast<double>(dy.data[1]) - average);
            if (std::fabs(dy.data[1] - average) > 0.1)
                expect(std::fabs(dx.data.at(1) - slope) <= 1e-5 * std::fabs(slope),
                       "the slope of a probability of " + std::to_string(share) + " is " +
                           std::to_string(dx.data[1]) + "; it must be " + std::to_string(slope));
        }
}

CHECK("3.6", "what flows in may be tiny, huge or NaN, and disturbs no other row") {
    const Tensor y = random_shares({3, 5});
    for (float size : {tiny, 1048576.0f})
        expect_backward(y, scaled_copy(random_tensor({3, 5}), size));
    for (int place : {0, 2, 4})
        for (float number : {NAN, 1e30f}) {
            Tensor dy = random_tensor({3, 5});
            dy.row(1)[place] = number;
            expect_backward(y, dy);
        }
}

CHECK("3.6", "a probability of exactly 1 cannot grow: all its slopes are 0") {
    const Tensor x = row({500, 0, 0}), dy = row({1, 2, 3});
    expect_near(ASK(through_softmax, x, dy).second, row({0, 0, 0}), 0);
}

Tensor softmax_backward_again(const Tensors& first, const Tensors& then) {
    return in_the_same_place([](const Tensors& x) { return softmax_backward(x[0], x[1]); }, first,
                             then);
}

CHECK("3.6", "nothing is left over from the last call: other sizes, other numbers in one place") {
    const Tensors small = {random_tensor({3, 2}), random_tensor({3, 2})};
    const Tensors large = {random_tensor({2, 5}), random_tensor({2, 5})};
    ASK(softmax_backward, small[0], small[1]);
    ASK(softmax_backward, large[0], large[1]);
    const Tensors first = {random_tensor({3, 4}), random_tensor({3, 4})};
    const Tensors then = {random_tensor({3, 4}), random_tensor({3, 4})};
    ASK(softmax_backward_again, first, then);
    for (int changed : {0, 1}) {
        Tensors now = first;
        now[changed] = one_changed(first[changed]);
        Tensor expected = now[0];
        for (int r = 0; r < 3; ++r)
            for (int i = 0; i < 4; ++i)
                expected.row(r)[i] *=
                    static_cast<float>(now[1].row(r)[i] - exact_average(now[0], now[1], r));
        expect_near(ASK_UNRECORDED(softmax_backward_again, first, now), expected, 2e-6);
    }
}

}  // namespace checks_03
