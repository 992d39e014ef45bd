#include "08_hopfield.hpp"

#include "grader/check.hpp"
#include "grader/variations.hpp"

#include <algorithm>
#include <cmath>

namespace checks_08 {

using Numbers = std::vector<double>;

// ## 8.1 By hand

Tensor written_down(int) { return recall_by_hand(); }
CALLED(written_down, "recall_by_hand()");

static void expect_written(int place, float expected, const std::string& otherwise) {
    const Tensor yours = ASK_UNRECORDED(written_down, 0);
    expect(yours.shape == Shape{8}, "eight numbers are asked for, in a row");
    const float number = yours.data[place];
    expect(std::fabs(number - expected) < 1e-3f, "number " + std::to_string(place + 1) + " is " +
                                                     std::to_string(number) + ": " + otherwise);
}

CHECK("8.1", "the second neuron differs from all others in x, and does not listen to itself") {
    const float weights[] = {-1, 0, -1, -1};
    for (int j = 0; j < 4; ++j)
        expect_written(j, weights[j], "a weight is x_2 x_j, and 0 between a neuron and itself");
}

CHECK("8.1", "in x all six pairs are as they want to be") {
    expect_written(4, -6, "the energy counts each pair once, with a minus sign");
}

CHECK("8.1", "in s three pairs are as they want to be, and three are not") {
    expect_written(5, 0,
                   "in the energy of s the pairs with the second neuron are on the wrong side");
}

CHECK("8.1", "the field of the second neuron comes from three others, and it follows") {
    expect_written(6, -3, "the field is the sum of w_2j s_j");
    expect_written(7, -1, "a neuron becomes the sign of its field");
}

// ## 8.2 Weights and energy

RESTS_ON("8.2", "1.2", "1.5");

static Tensor random_signs(const Shape& shape) {
    Tensor signs(shape);
    for (float& number : signs.data) number = random_numbers().below(2) == 0 ? -1 : 1;
    return signs;
}

// 1, −1, and 0 for what is not known.
static Tensor random_cue(int N) {
    Tensor cue({N});
    for (float& number : cue.data) number = random_numbers().below(3) - 1;
    return cue;
}

// Whole numbers from −5 to 5, so that nothing is rounded and a field may be 0.
static Tensor random_network(int N) {
    Tensor W({N, N});
    for (int i = 0; i < N; ++i)
        for (int j = 0; j < i; ++j)
            W.data[i * N + j] = W.data[j * N + i] = random_numbers().below(11) - 5;
    return W;
}

// From −1 to 1: sums of products of them are not rounded.
static Tensor random_64ths(const Shape& shape) {
    Tensor x(shape);
    for (float& number : x.data) number = (random_numbers().below(129) - 64) / 64.0f;
    return x;
}

// The same in a network, times a factor.
static Tensor random_real_network(int N, float factor = 1) {
    const Tensor all = random_64ths({N, N});
    Tensor W({N, N});
    for (int i = 0; i < N; ++i)
        for (int j = 0; j < i; ++j)
            W.data[i * N + j] = W.data[j * N + i] = factor * all.data[i * N + j];
    return W;
}

static double exact_energy(const Tensor& W, const Tensor& s) {
    double total = 0;
    for (int i = 0; i < s.size(); ++i)
        for (int j = 0; j < i; ++j) total -= double{W.row(i)[j]} * s.data[i] * s.data[j];
    return total;
}

Tensor weights_of(const Tensor& patterns) { return hebbian_weights(patterns); }
CALLED(weights_of, "hebbian_weights(patterns)");

double energy_of(const Tensor& W, const Tensor& state) { return energy(W, state); }
CALLED(energy_of, "energy(W, state)");

CHECK("8.2", "the pattern 1 −1 1: the outer neurons want to be equal, and differ from the middle") {
    expect_near(ASK(weights_of, matrix({{1, -1, 1}})),
                matrix({{0, -1, 1}, {-1, 0, -1}, {1, -1, 0}}), 0);
}

CHECK("8.2", "two patterns: what they agree on counts twice, and the rest cancels") {
    expect_near(ASK(weights_of, matrix({{1, 1, 1}, {1, 1, -1}})),
                matrix({{0, 2, 0}, {2, 0, 0}, {0, 0, 0}}), 0);
}

CHECK("8.2", "any number of patterns and neurons") {
    for (const Shape& size : {Shape{3, 5}, Shape{1, 1}, Shape{5, 2}, Shape{4, 4}, Shape{9, 7},
                              Shape{200, 3}, Shape{5, 30}})
        ASK(weights_of, random_signs(size));
}

CHECK("8.2", "a pattern that is stored twice counts twice, and its negative like itself") {
    const Tensor x = random_signs({1, 5});
    Tensor all({3, 5});
    for (int i = 0; i < 15; ++i) all.data[i] = i < 10 ? x.data[i % 5] : -x.data[i % 5];
    const Tensor once = ASK(weights_of, x), all_at_once = ASK(weights_of, all);
    expect_near(all_at_once, scale(once, 3), 0);
    Tensor often({300, 5});
    for (int i = 0; i < often.size(); ++i) often.data[i] = x.data[i % 5];
    ASK(weights_of, often);
}

CHECK("8.2", "no patterns, no weights") {
    expect_near(ASK(weights_of, Tensor({0, 3})), Tensor({3, 3}), 0);
}

CHECK("8.2", "two neurons that want to be equal: −1 if they are, 1 if not, 0 if one is unknown") {
    const Tensor W = matrix({{0, 1}, {1, 0}});
    expect_near(ASK(energy_of, W, row({-1, -1})), -1, 0);
    expect_near(ASK(energy_of, W, row({1, -1})), 1, 0);
    expect_near(ASK(energy_of, W, row({0, -1})), 0, 0);
}

CHECK("8.2", "the energy of any state in any network") {
    for (int N : {1, 2, 3, 6, 11}) {
        const Tensor W = random_network(N), signs = random_signs({N});
        ASK(energy_of, W, signs);
        ASK(energy_of, W, random_cue(N));
    }
    const Tensor W = random_real_network(5);
    ASK(energy_of, W, random_64ths({5}));
}

CHECK("8.2", "turning over all neurons changes no energy") {
    const Tensor W = random_network(6), state = random_signs({6});
    Tensor negative = state;
    for (float& number : negative.data) number = -number;
    const double energy = ASK(energy_of, W, state);
    expect_near(ASK(energy_of, W, negative), energy, 0);
}

CHECK("8.2", "of 129 neurons, the one behind all blocks of 64 or 128 counts like the others") {
    const Tensor patterns = random_signs({3, 129});
    Tensor W = exact_product(transposed_copy(patterns), patterns);
    for (int i = 0; i < 129; ++i) W.data[i * 129 + i] = 0;
    const Tensor first({129}, {patterns.data.begin(), patterns.data.begin() + 129});
    ASK(energy_of, W, first);
    expect_near(ASK_UNRECORDED(weights_of, patterns), W, 0);
}

Tensor weights_again(const Tensor& first, const Tensor& then) {
    const auto weights = [](const std::vector<Tensor>& in) { return hebbian_weights(in[0]); };
    return in_the_same_place(weights, {first}, {then});
}

double energy_again(const std::vector<Tensor>& first, const std::vector<Tensor>& then) {
    return in_the_same_place([](const auto& in) { return energy(in[0], in[1]); }, first, then);
}

CHECK("8.2", "nothing is left over from the last call: other numbers in one place") {
    const Tensor patterns = random_signs({3, 4});
    ASK(weights_again, patterns, random_signs({3, 4}));
    const Tensor W = random_real_network(4), V = random_real_network(4), s = random_signs({4});
    ASK(energy_again, std::vector<Tensor>{W, s}, std::vector<Tensor>{V, random_signs({4})});
}

CHECK("8.2", "what does not fit is refused, with what was got") {
    expect_mentions(ASK_REFUSAL(weights_of, matrix({{1, 2}})), {"hebbian_weights", "2.0"});
    ASK_REFUSAL(weights_of, row({1, 1}));
    expect_mentions(ASK_REFUSAL(energy_of, Tensor({2, 3}), Tensor({2})), {"energy", "[2, 3]"});
    ASK_REFUSAL(energy_of, Tensor({2, 2}), Tensor({3}));
    ASK_REFUSAL(energy_of, matrix({{0, 1}, {2, 0}}), Tensor({2}));
    ASK_REFUSAL(energy_of, matrix({{1, 0}, {0, 1}}), Tensor({2}));
}

// ## 8.3 Into a valley

RESTS_ON("8.3", "8.2");

std::pair<Tensor, Numbers> settled(const Tensor& W, const Tensor& cue) {
    const Settled end = settle(W, cue);
    return {end.state, end.energies};
}
CALLED(settled, "settle(W, cue)");
PARTS(settled, "the state", "the energies");

static void expect_energies(const Numbers& yours, const Numbers& expected) {
    expect(yours.size() == expected.size(),
           "the energy of the cue is asked for, and one after each change: " +
               std::to_string(expected.size()) + " numbers");
    for (int k = 0; k < size_of(expected); ++k) expect_near(yours.at(k), expected[k], 1e-5);
}

CHECK("8.3", "where 1 and 2, and 2 and 3, want to differ, the first turns, and all are content") {
    const Tensor W = matrix({{0, -1, 0, 0}, {-1, 0, -1, 0}, {0, -1, 0, 1}, {0, 0, 1, 0}});
    const auto [state, energies] = ASK(settled, W, row({1, 1, 1, 1}));
    expect_near(state, row({-1, 1, 1, 1}), 0);
    expect_energies(energies, {1, -1});
}

CHECK("8.3", "two neurons that want to be equal: the first follows, the second then agrees") {
    const auto [state, energies] = ASK(settled, matrix({{0, 1}, {1, 0}}), row({1, -1}));
    expect_near(state, row({-1, -1}), 0);
    expect_energies(energies, {1, -1});
}

CHECK("8.3", "each sees what those before it have become, and after a change all look again") {
    const Tensor W = matrix({{0, 1, 0}, {1, 0, 2}, {0, 2, 0}});
    const auto [state, energies] = ASK(settled, W, row({1, -1, 1}));
    expect_near(state, row({1, 1, 1}), 0);
    expect_energies(energies, {3, 1, -1, -3});
}

CHECK("8.3", "where the field is 0, a neuron stays as it is") {
    const auto [state, energies] = ASK(settled, Tensor({3, 3}), row({1, -1, 0}));
    expect_near(state, row({1, -1, 0}), 0);
    expect_energies(energies, {0});
    const Tensor W = matrix({{0, 1, -1}, {1, 0, 0}, {-1, 0, 0}});
    ASK(settled, W, row({-1, 1, 1}));
    ASK(settled, W, row({1, 1, 1}));
}

CHECK("8.3", "a neuron that was 0 follows its field, and the energy falls by half as much") {
    const auto [state, energies] = ASK(settled, matrix({{0, 2}, {2, 0}}), row({-1, 0}));
    expect_near(state, row({-1, -1}), 0);
    expect_energies(energies, {0, -2});
}

CHECK("8.3", "any network and any cue") {
    for (int N : {1, 2, 3, 5, 8, 12}) {
        const Tensor W = random_network(N), signs = random_signs({N});
        ASK(settled, W, signs);
        ASK(settled, W, random_cue(N));
    }
    for (float factor : {1.0f, 1.0f / 65536, 65536.0f}) {
        const Tensor W = random_real_network(7, factor);
        ASK(settled, W, random_signs({7}));
    }
}

CHECK("8.3", "the energy falls at each change, down to that of the last state, which is at rest") {
    const Tensor W = random_network(9), cue = random_signs({9});
    const auto [state, energies] = ASK(settled, W, cue);
    expect(!energies.empty(), "the energy of the cue is missing");
    for (int k = 1; k < size_of(energies); ++k)
        expect(energies[k] < energies[k - 1], "the energy does not fall at every change");
    expect_near(energies.at(0), exact_energy(W, cue), 1e-5);
    expect_near(energies.back(), exact_energy(W, state), 1e-5);
    const auto [again, energies_again] = ASK(settled, W, state);
    expect_near(again, state, 0);
    expect(energies_again.size() == 1, "from a state that is at rest nothing changes");
}

CHECK("8.3", "it may take many rounds: in a chain, the news goes back by one neuron in each") {
    const int N = 130;
    Tensor W({N, N}), cue({N});
    for (int i = 0; i + 1 < N; ++i) W.data[i * N + i + 1] = W.data[(i + 1) * N + i] = i + 1;
    for (int i = 0; i < N; ++i) cue.data[i] = i + 1 < N ? -1 : 1;
    const auto [state, energies] = ASK(settled, W, cue);
    for (float neuron : state.data) expect(neuron == 1, "some neurons have not heard the news");
    expect(energies.size() == 130, "each of 129 neurons changes once");
    ASK(settled, scale(W, 1.0f / 65536), cue);
}

CHECK("8.3", "and more rounds than neurons: of these five, one or another changes in six of them") {
    const Tensor W = matrix({{0, 237, -57, -84, 207},
                             {237, 0, 327, 66, -114},
                             {-57, 327, 0, -368, 69},
                             {-84, 66, -368, 0, 365},
                             {207, -114, 69, 365, 0}});
    ASK(settled, W, row({-1, 1, -1, -1, 1}));
}

CHECK("8.3", "one pattern is stored: it comes back from less than half of mistakes") {
    const int N = 11;
    const Tensor x = random_signs({N});
    Tensor W({N, N}), cue = x;
    for (int i = 0; i < N; ++i)
        for (int j = 0; j < N; ++j) W.data[i * N + j] = i == j ? 0 : x.data[i] * x.data[j];
    const int begin = random_numbers().below(N);
    for (int k = 0; k < 5; ++k) cue.data[(begin + 2 * k) % N] *= -1;
    const auto [state, energies] = ASK(settled, W, cue);
    expect_near(state, x, 0);
    expect_near(energies.back(), -N * (N - 1) / 2.0, 1e-5);
}

CHECK("8.3", "a neuron that stays 0 is asked again, and when it takes a sign all others are") {
    const Tensor W = matrix({{0, 1, 0}, {1, 0, 1}, {0, 1, 0}});
    const auto [state, energies] = ASK(settled, W, row({0, 0, 1}));
    expect_near(state, row({1, 1, 1}), 0);
    expect_energies(energies, {0, -1, -2});
    Tensor chain({4, 4});
    for (int i = 0; i < 3; ++i) chain.data[5 * i + 1] = chain.data[5 * i + 4] = 1;
    ASK(settled, chain, row({0, 0, 1, -1}));
}

CHECK("8.3", "however small a field is, it has a sign") {
    const Tensor W = scaled_copy(matrix({{0, 1}, {1, 0}}), 1e-20f);
    const auto [state, energies] = ASK(settled, W, row({1, -1}));
    expect_near(state, row({-1, -1}), 0);
    expect_energies(energies, {1e-20, -1e-20});
}

std::pair<Tensor, Numbers> settled_again(const std::vector<Tensor>& first,
                                         const std::vector<Tensor>& then) {
    const auto settled_in = [](const auto& in) { return settle(in[0], in[1]); };
    const Settled end = in_the_same_place(settled_in, first, then);
    return {end.state, end.energies};
}
PARTS(settled_again, "the state", "the energies");

CHECK("8.3", "nothing is left over from the last call: other numbers in one place") {
    const Tensor W = random_network(6), V = random_network(6), s = random_signs({6});
    ASK(settled_again, std::vector<Tensor>{W, s}, std::vector<Tensor>{V, random_signs({6})});
}

CHECK("8.3", "what does not fit is refused, with what was got") {
    expect_mentions(ASK_REFUSAL(settled, Tensor({2, 2}), row({1, 3})), {"settle", "3.0"});
    ASK_REFUSAL(settled, Tensor({2, 2}), row({1, 1, 1}));
    ASK_REFUSAL(settled, matrix({{0, 1}, {-1, 0}}), row({1, 1}));
    ASK_REFUSAL(settled, matrix({{1, 0}, {0, 0}}), row({1, 1}));
}

// ## 8.4 How much fits

RESTS_ON("8.4", "1.3", "1.5");

// As many flipped patterns as there are flips, all from one generator.
std::vector<Tensor> flipped(const Tensor& pattern, const std::vector<int>& flips, int seed) {
    Random random(seed);
    std::vector<Tensor> all;
    for (int count : flips) all.push_back(with_flips(pattern, count, random));
    return all;
}
CALLED(flipped, "with_flips(pattern, flips, random)");
PARTS(flipped, "call #1");

static int differences(const Tensor& a, const Tensor& b) {
    int count = 0;
    for (int i = 0; i < a.size(); ++i) count += a.data[i] != b.data[i];
    return count;
}

CHECK("8.4", "exactly so many neurons are turned over, and the others stay") {
    const std::vector<int> flips = {2, 0, 5, 7, 1, 4, 6, 3};
    for (int call = 0; call < 3; ++call) {
        const Tensor pattern = random_signs({7});
        const std::vector<Tensor> all =
            ASK_UNRECORDED(flipped, pattern, flips, random_numbers().below(1000));
        for (int k = 0; k < size_of(flips); ++k) {
            expect(all.at(k).shape == Shape{7}, "a pattern of seven neurons must come out");
            for (float number : all[k].data)
                expect(number == 1 || number == -1, "a neuron is neither 1 nor -1");
            const int found = differences(all[k], pattern);
            expect(found == flips[k], std::to_string(flips[k]) +
                                          " of 7 neurons are asked for, and " +
                                          std::to_string(found) + " are turned over");
        }
    }
}

CHECK("8.4", "of one neuron, none or the one is turned over") {
    const std::vector<Tensor> all = ASK(flipped, row({-1}), std::vector<int>{0, 1, 1}, 3);
    expect_near(all.at(0), row({-1}), 0);
    expect_near(all.at(1), row({1}), 0);
}

// How often, in so many calls, two neurons are turned over together; on the diagonal, one of them.
Tensor together(const Tensor& pattern, int flips, int calls, int seed) {
    Random random(seed);
    const int N = pattern.size();
    Tensor counts({N, N});
    for (int call = 0; call < calls; ++call) {
        const Tensor found = with_flips(pattern, flips, random);
        for (int i = 0; i < N; ++i)
            for (int j = 0; j < N; ++j)
                counts.data[i * N + j] +=
                    found.data.at(i) != pattern.data[i] && found.data.at(j) != pattern.data[j];
    }
    return counts;
}
CALLED(together, "many calls of with_flips(pattern, flips, random)");

CHECK("8.4", "each choice of neurons is equally likely") {
    const int calls = 8000, seed = random_numbers().below(1000);
    const Tensor pattern = random_signs({5});
    for (int flips : {1, 2, 3}) {
        const Tensor counts = ASK_UNRECORDED(together, pattern, flips, calls, seed);
        expect(counts.shape == Shape{5, 5}, "a pattern of five neurons must come out");
        for (int i = 0; i < 25; ++i) {
            const double share = i % 6 == 0 ? flips / 5.0 : flips * (flips - 1) / 20.0;
            const double spread = std::sqrt(calls * share * (1 - share));
            expect(std::fabs(counts.data[i] - calls * share) <= 5.5 * spread,
                   i % 6 == 0 ? "some neurons are turned over more often than others"
                              : "some neurons are turned over together more often than others");
        }
    }
    const Tensor many = ASK_UNRECORDED(together, random_signs({70}), 35, 120, seed);
    expect(std::count(many.data.begin(), many.data.end(), 0.0f) == 0,
           "of 70 neurons, some two are never turned over together");
}

CHECK("8.4", "the choice comes from `random`: another seed, or the next call, makes another") {
    const Tensor pattern = random_signs({30});
    const std::vector<int> twice = {10, 10};
    const std::vector<Tensor> one = ASK_UNRECORDED(flipped, pattern, twice, 1);
    const std::vector<Tensor> same = ASK_UNRECORDED(flipped, pattern, twice, 1);
    const std::vector<Tensor> other = ASK_UNRECORDED(flipped, pattern, twice, 2);
    for (const Tensor& each : one)
        expect(differences(each, pattern) == 10, "ten of thirty neurons must be turned over");
    expect(one.at(0).data == same.at(0).data, "one seed makes two different choices");
    expect(one.at(0).data != one.at(1).data, "two calls turn over the same neurons");
    expect(one.at(0).data != other.at(0).data, "two seeds turn over the same neurons");
}

double stable(const Tensor& W, const Tensor& patterns) { return stable_share(W, patterns); }
CALLED(stable, "stable_share(W, patterns)");

CHECK("8.4", "three neurons: two that are at odds with each other are not stable, the third is") {
    const Tensor W = matrix({{0, 1, 0}, {1, 0, 0}, {0, 0, 0}});
    expect_near(ASK(stable, W, matrix({{1, -1, 1}})), 1 / 3.0, 1e-6);
    expect_near(ASK(stable, W, matrix({{1, -1, 1}, {-1, -1, -1}})), 4 / 6.0, 1e-6);
    expect_near(ASK(stable, scaled_copy(W, 1e-20f), matrix({{1, -1, 1}})), 1 / 3.0, 1e-6);
}

CHECK("8.4", "the share of the stable neurons, for any network and any patterns") {
    for (const Shape& size : {Shape{3, 5}, Shape{1, 1}, Shape{4, 2}, Shape{4, 4}, Shape{20, 9}}) {
        const Tensor W = random_network(size[1]), V = random_real_network(size[1], 1.0f / 1024);
        ASK(stable, W, random_signs(size));
        ASK(stable, V, random_signs(size));
    }
    // In the last of many patterns, the last of many neurons is at odds with the first.
    Tensor W({65, 65}), patterns({129, 65}, std::vector<float>(129 * 65, 1));
    W.data[64] = W.data[64 * 65] = 1;
    patterns.data.back() = -1;
    expect_near(ASK(stable, W, patterns), 1 - 2 / (129 * 65.0), 1e-6);
}

double expected_share(int N, int M) { return expected_stable_share(N, M); }
CALLED(expected_share, "expected_stable_share(N, M)");

CHECK("8.4", "one pattern is alone and stable; with signal and noise alike, it is Φ(1) = 0.841") {
    expect_near(ASK(expected_share, 5, 1), 1, 0);
    expect_near(ASK(expected_share, 2, 2), 0.841345, 1e-5);
    expect_near(ASK(expected_share, 10, 10), 0.841345, 1e-5);
}

CHECK("8.4", "200 neurons: of 28 patterns 0.9967 are stable, of 60 patterns 0.9669") {
    expect_near(ASK(expected_share, 200, 28), 0.996687, 1e-5);
    expect_near(ASK(expected_share, 200, 60), 0.966856, 1e-5);
}

CHECK("8.4", "any number of neurons and patterns") {
    for (int call = 0; call < 4; ++call) {
        const int N = 2 + random_numbers().below(60), M = 2 + random_numbers().below(60);
        ASK(expected_share, N, M);
    }
    ASK(expected_share, 1000, 1000000);
    ASK(expected_share, 200, 15);
    ASK(expected_share, 100000, 100000);
}

double stable_again(const std::vector<Tensor>& first, const std::vector<Tensor>& then) {
    return in_the_same_place([](const auto& in) { return stable_share(in[0], in[1]); }, first,
                             then);
}

CHECK("8.4", "nothing is left over from the last call: other numbers in one place") {
    const Tensor all_stable({5, 5}), W = random_network(5), x = random_signs({4, 5});
    ASK(stable_again, std::vector<Tensor>{all_stable, x},
        std::vector<Tensor>{W, random_signs({4, 5})});
}

CHECK("8.4", "what does not fit is refused, with what was got") {
    const std::vector<int> none = {-1}, four = {4};
    ASK_REFUSAL(flipped, row({1, 1, 1}), none, 1);
    expect_mentions(ASK_REFUSAL(flipped, row({1, 1, 1}), four, 1), {"with_flips", "4", "3"});
    ASK_REFUSAL(stable, Tensor({3, 3}), Tensor({0, 3}));
    ASK_REFUSAL(stable, Tensor({3, 3}), matrix({{1, 1}}));
    ASK_REFUSAL(expected_share, 1, 3);
    expect_mentions(ASK_REFUSAL(expected_share, 9, 0), {"expected_stable_share", "9", "0"});
}

// ## 8.5 The modern network

RESTS_ON("8.5", "1.2", "1.5", "1.6");

Tensor updated(const Tensor& patterns, const Tensor& states, double beta) {
    return modern_update(patterns, states, static_cast<float>(beta));
}
CALLED(updated, "modern_update(patterns, states, beta)");

double modern_energy_of(const Tensor& patterns, const Tensor& state, double beta) {
    return modern_energy(patterns, state, beta);
}
CALLED(modern_energy_of, "modern_energy(patterns, state, beta)");

double sharpness(int M, double gap, double share) { return sharpness_for(M, gap, share); }
CALLED(sharpness, "sharpness_for(M, gap, share)");

CHECK("8.5", "scores of 1 and 0 with β = log 3: the first pattern counts 3/4, the second 1/4") {
    const Tensor patterns = matrix({{1, 0}, {0, 1}});
    expect_near(ASK(updated, patterns, matrix({{1, 0}}), 1.0986123), matrix({{0.75f, 0.25f}}),
                1e-6);
}

CHECK("8.5", "at β = 0 it is the mean of all patterns; at β = 1000 the one with the best score") {
    const Tensor patterns = matrix({{1, 5}, {3, -1}, {2, 2}}), state = matrix({{1, 0}});
    expect_near(ASK(updated, patterns, state, 0.0), matrix({{2, 2}}), 1e-6);
    expect_near(ASK(updated, patterns, state, 1000.0), matrix({{3, -1}}), 1e-6);
}

CHECK("8.5", "any number of patterns, neurons and states") {
    for (const Shape& size : {Shape{3, 4, 2}, Shape{1, 3, 2}, Shape{5, 1, 1}, Shape{4, 4, 4},
                              Shape{2, 6, 1}, Shape{7, 2, 3}, Shape{40, 5, 6}}) {
        const Tensor patterns = random_tensor({size[0], size[1]});
        const Tensor states = random_tensor({size[2], size[1]});
        allow_roundings(256);
        ASK(updated, patterns, states, 0.2 + 0.01 * random_numbers().below(300));
    }
}

CHECK("8.5", "each state by itself; of no states nothing comes") {
    const Tensor patterns = random_tensor({5, 3}), states = random_tensor({2, 3});
    const Tensor both = ASK(updated, patterns, states, 1.5);
    const Tensor second({1, 3}, {states.data.begin() + 3, states.data.end()});
    const Tensor alone = ASK(updated, patterns, second, 1.5);
    expect_near(Tensor({1, 3}, {both.data.begin() + 3, both.data.end()}), alone, 1e-6);
    expect_near(ASK(updated, patterns, Tensor({0, 3}), 1.5), Tensor({0, 3}), 0);
}

CHECK("8.5", "one pattern: whatever β is, the energy is s·s/2 − x·s") {
    const Tensor pattern = matrix({{1, 2}}), state = row({3, 1});
    for (double beta : {0.5, 1.0, 4.0})
        expect_near(ASK(modern_energy_of, pattern, state, beta), 5 - 5, 1e-6);
    expect_near(ASK(modern_energy_of, pattern, row({1, 2}), 2.0), 2.5 - 5, 1e-6);
}

CHECK("8.5", "four patterns that are alike lower the energy by log 4, divided by β") {
    const Tensor patterns = matrix({{1}, {1}, {1}, {1}});
    expect_near(ASK(modern_energy_of, patterns, row({1}), 2.0), 0.5 - 1 - std::log(4.0) / 2, 1e-6);
}

CHECK("8.5", "no exponential overflows, however large β or the patterns are") {
    const Tensor patterns = matrix({{30, 40}, {-50, 0}});
    expect_near(ASK(modern_energy_of, patterns, row({30, 40}), 100.0), 1250 - 2500, 1e-3);
    expect_near(ASK(modern_energy_of, patterns, row({-1, -1}), 100.0), 1 - 50, 1e-3);
    expect_near(ASK(modern_energy_of, matrix({{-30, -40}}), row({30, 40}), 100.0), 1250 + 2500,
                1e-3);
}

CHECK("8.5", "nor do all exponentials become 0, however small β is") {
    const Tensor patterns = matrix({{300, 400}, {-500, 0}});
    expect_near(ASK(modern_energy_of, patterns, row({3, 4}), 0.01), 12.5 - 2500, 1e-3);
}

// Of each state, which are the rows.
Tensor modern_energies(const Tensor& patterns, const Tensor& states, double beta) {
    const int T = states.shape[0], N = states.shape[1];
    Tensor energies({T});
    for (int t = 0; t < T; ++t) {
        const Tensor state({N}, {states.row(t), states.row(t) + N});
        energies.data[t] = static_cast<float>(modern_energy(patterns, state, beta));
    }
    return energies;
}
CALLED(modern_energies, "modern_energy(patterns, a row of states, beta)");

CHECK("8.5", "the energy of any state") {
    for (const Shape& size : {Shape{3, 4}, Shape{1, 3}, Shape{5, 1}, Shape{4, 4}, Shape{40, 6}}) {
        const Tensor patterns = random_64ths(size), states = random_64ths({4, size[1]});
        allow_roundings(64);
        ASK(modern_energies, patterns, states, 0.2 + 0.01 * random_numbers().below(300));
    }
}

CHECK("8.5", "an update never raises the energy") {
    const Tensor patterns = random_tensor({4, 3});
    Tensor states = random_tensor({1, 3});
    double before = INFINITY;
    for (int step = 0; step < 3; ++step) {
        const Tensor state({3}, states.data);
        const double now = ASK_UNRECORDED(modern_energy_of, patterns, state, 3.0);
        expect(now <= before + 1e-6, "the energy is higher after the update");
        before = now;
        states = ASK(updated, patterns, states, 3.0);
    }
}

CHECK("8.5", "three quarters of the weight, against one other: β times the gap is log 3") {
    expect_near(ASK(sharpness, 2, 1.0, 0.75), std::log(3.0), 1e-6);
    expect_near(ASK(sharpness, 2, 4.0, 0.75), std::log(3.0) / 4, 1e-6);
}

CHECK("8.5", "with this β the pattern has its share, against any number of others") {
    for (int call = 0; call < 4; ++call) {
        const int M = 2 + random_numbers().below(3000);
        const double gap = 0.5 + random_numbers().below(100);
        const double share = 0.51 + 0.01 * random_numbers().below(48);
        const double beta = ASK(sharpness, M, gap, share);
        expect_near(1 / (1 + (M - 1) * std::exp(-beta * gap)), share, 1e-6);
    }
    ASK(sharpness, 1000000, 60.0, 0.99);
    ASK(sharpness, 40, 0.01, 0.9);
    ASK(sharpness, 10, 1.0, 0.3);
    ASK(sharpness, 10, 1e-7, 0.99);
    ASK(sharpness, 10, 1.0, 1 - 1e-9);
}

CHECK("8.5", "a pattern that is alone, or has its share without any sharpness, needs β = 0") {
    expect_near(ASK(sharpness, 1, 3.0, 0.9), 0, 0);
    expect_near(ASK(sharpness, 2, 3.0, 0.1), 0, 0);
    expect_near(ASK_UNRECORDED(sharpness, 4, 3.0, 0.25), 0, 1e-9);
}

CHECK("8.5", "no scores are too large or too far below 0, also side by side in one call") {
    const Tensor patterns = matrix({{1, 0}, {0, 1}});
    const Tensor states = matrix({{1000, 0}, {0, 1}, {-1000, -1001}, {-1000, 1}});
    const float low = 0.2689414f, high = 1 - low;
    expect_near(ASK(updated, patterns, states, 1.0),
                matrix({{1, 0}, {low, high}, {high, low}, {0, 1}}), 1e-6);
}

CHECK("8.5", "patterns with the same score have the same share, also at β = 100") {
    const Tensor patterns = matrix({{1, 0}, {1, 2}, {0, 7}}), state = matrix({{1, 0}});
    expect_near(ASK(updated, patterns, state, 100.0), matrix({{1, 1}}), 1e-6);
}

CHECK("8.5", "a thousand small shares count together as much as a large one") {
    Tensor patterns({1025, 1}, std::vector<float>(1025, 1));
    patterns.data.back() = 8;
    allow_roundings(1024);
    const double share = 1 / (1 + 1024 * std::exp(-7.0));
    const Tensor next = ASK(updated, patterns, matrix({{1}}), 1.0);
    expect_near(double{next.data.at(0)}, 1 + 7 * share, 1e-3);
}

CHECK("8.5", "beside 4096² the squares of 999 ones still count: the energy is summed in double") {
    Tensor state({1000}, std::vector<float>(1000, 1));
    state.data[0] = 4096;
    const Tensor pattern({1, 1000}, state.data);
    expect_near(ASK(modern_energy_of, pattern, state, 1.0), -(4096.0 * 4096 + 999) / 2, 0.01);
    const double beta = 1e-7, total = 1 + std::exp(-beta) + std::exp(-2 * beta);
    expect_near(ASK(modern_energy_of, matrix({{1, 0}, {0, 1}, {1, 1}}), row({1, 2}), beta),
                2.5 - 3 - std::log(total) / beta, 1e-4);
}

Tensor updated_again(const std::vector<Tensor>& first, const std::vector<Tensor>& then) {
    return in_the_same_place([](const auto& in) { return modern_update(in[0], in[1], 1.0f); },
                             first, then);
}

double modern_energy_again(const std::vector<Tensor>& first, const std::vector<Tensor>& then) {
    return in_the_same_place([](const auto& in) { return modern_energy(in[0], in[1], 2.0); }, first,
                             then);
}

CHECK("8.5", "nothing is left over from the last call: other numbers in one place") {
    const Tensor x = random_tensor({3, 2}), y = random_tensor({3, 2}), s = random_tensor({2, 2});
    ASK(updated_again, std::vector<Tensor>{x, s}, std::vector<Tensor>{y, random_tensor({2, 2})});
    ASK(modern_energy_again, std::vector<Tensor>{x, row({2, 3})},
        std::vector<Tensor>{y, row({30, 20})});
}

CHECK("8.5", "what does not fit is refused, with what was got") {
    expect_mentions(ASK_REFUSAL(updated, Tensor({2, 3}), Tensor({1, 4}), 1.0),
                    {"modern_update", "[1, 4]"});
    ASK_REFUSAL(updated, Tensor({0, 3}), Tensor({1, 3}), 1.0);
    ASK_REFUSAL(modern_energy_of, Tensor({2, 3}), Tensor({2}), 1.0);
    expect_mentions(ASK_REFUSAL(modern_energy_of, Tensor({2, 3}), Tensor({3}), 0.0),
                    {"modern_energy", "0.0"});
    ASK_REFUSAL(sharpness, 0, 1.0, 0.5);
    ASK_REFUSAL(sharpness, 3, 0.0, 0.5);
    ASK_REFUSAL(sharpness, 3, 1.0, 1.0);
}

}  // namespace checks_08
