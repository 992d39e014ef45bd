// # 8. Hopfield networks
//
// A computer finds a thing by its address. You find a song by three of its notes, and a face by
// half of it: by a part of the thing itself. A memory that does this is called an *associative
// memory*. In 1982 the physicist John Hopfield showed how to make one of nothing but neurons that
// listen to each other. The network is shown a pattern with mistakes. Each neuron asks the others
// what it should be, and when nothing changes any more, the pattern is there:
//
//        ■ ■ · ■ ■    ■ ■ ■ ■ ■    ■ ■ ■ ■ ■    ■ ■ ■ ■ ■
//        · · ■ · ·    · · ■ · ·    · · ■ · ·    · · ■ · ·
//        · ■ ■ ■ ·    · · ■ ■ ·    · · ■ · ·    · · ■ · ·
//        · · ■ ■ ·    · · ■ ■ ·    · · ■ ■ ·    · · ■ · ·
//        · · · · ·    · · · · ·    · · · · ·    · · ■ · ·
//
// In this chapter you build this memory and measure how much it holds: 200 neurons hold some 27
// patterns. Then you change its formula in one place, and with 10,000 patterns each one that we ask
// for comes back. The new formula has another name as well. It is *attention*.
//
// Needs: chapter 1.
// Check: `make check CHAPTER=08`.
// Letters: N neurons, M patterns, T states; i and j are neurons, m is a pattern; x a pattern, s a
// state, y what comes after it; w a weight, h a field, E an energy, z standard deviations, Φ a
// share of the normal variable, p a share, β a sharpness.
// Minutes: about 85.

#include "08_hopfield.hpp"

#include "demos/08_remembering/remembering.hpp"
#include "kit/chapter.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <string>
#include <utility>

// ## Neurons that listen to each other
//
// A neuron here is 1 or −1, like a pixel that is black or white. The *state* s of a network is the
// row of its N neurons. Between any two neurons i and j there is a weight w_ij, the same in both
// directions. Above 0 it says that the two want to be equal, below 0 that they want to differ. What
// neuron i hears from all others is its *field*:
//
//     h_i = Σ_j w_(i j) s_j                                                               (8.1)
//
// A neuron follows its field: it becomes 1 where the field is above 0, and −1 where it is below. A
// field of 0 says nothing, and then the neuron stays as it is.
//
// Which weights keep a pattern x? Two neurons that are equal in x should want to be equal, so let
// w_ij be x_i x_j. Then in the state x each of the N − 1 others tells neuron i the same, x_i. To
// store more patterns, add up what each of them wants:
//
//     w_(i j) = Σ_m x_(m i) x_(m j) for i ≠ j,   w_(i i) = 0                              (8.2)
//
// This is *Hebb's rule*. The psychologist Donald Hebb thought in 1949 that connections grow between
// cells which are active together. All that it knows of a pattern, it learns at one look. No neuron
// listens to itself, for it would only be told to stay as it is.
//
// How content is a state? Every pair of neurons adds w_ij s_i s_j: something positive, if the two
// are as they want to be. The *energy* is this with a minus sign, so that content is low:
//
//     E = −1/2 Σ_i Σ_j w_(i j) s_i s_j                                                    (8.3)
//
// The sums meet each pair twice, as i j and as j i; that is what the half is for.
//
// > The energy comes from physics. There a neuron is a little magnet that points up or down, and
// > follows the field of all others.
//
// ## Exercise 8.1 — By hand
// *About 1 line · difficulty 1 of 3 · 10 minutes*
//
// Store the one pattern x = [1, −1, 1, 1]. Then look at the state s = [1, 1, 1, 1], in which the
// second neuron is wrong. Return eight numbers in a row: the four weights of the second neuron,
// w_21 to w_24 (counted from 1 here); the energy of x and that of s; the field of the second neuron
// in the state s; and what this neuron becomes.
Tensor recall_by_hand() {
    //> 8.1: a row of eight
    return row({-1, 0, -1, -1, -6, 0, -3, -1});
    //<
}

// The wrong neuron hears three others, and all say the same. By how much does the energy fall when
// it turns over, and how is that related to its field? You need this soon.
//
// Here is what is refused. The functions stand at the end of the file.
static void require_signs(const char* function, const Tensor& patterns);
static void require_network(const char* function, const Tensor& W);
static void require_cue(const char* function, const Tensor& W, const Tensor& cue);

// ## Exercise 8.2 — Weights and energy
// *About 7 lines · difficulty 1 of 3 · 10 minutes*
//
// The patterns stand in the rows of a matrix, [M, N]. The sums of (8.2), for all pairs of neurons
// at once, are one product of two matrices. Which? Write it with the functions of chapter 1, and
// then see to the diagonal. What stood there before? Then write (8.3).
Tensor hebbian_weights(const Tensor& patterns) {
    require_signs("hebbian_weights", patterns);
    //> 8.2: about 3 lines
    Tensor W = matmul_naive(transpose(patterns), patterns);
    for (int i = 0; i < W.rows(); ++i) W(i, i) = 0.0f;
    return W;
    //<
}

double energy(const Tensor& W, const Tensor& state) {
    require_network("energy", W);
    require_shapes("energy", {{W.shape, "N N"}, {state.shape, "N"}});
    const int N = state.size();
    //> 8.2: about 4 lines
    double total = 0.0;
    for (int i = 0; i < N; ++i)
        for (int j = 0; j < N; ++j) total += W.row(i)[j] * state.data[i] * state.data[j];
    return -total / 2;
    //<
}

// ## One after the other
//
// When does a neuron look at its field? Suppose that all look at the same time. Two neurons want to
// be equal, and are 1 and −1. Each sees the other and takes its sign: now they are −1 and 1. They
// will change places for ever. So they must look *one after the other*, and each must see what
// those before it have become.
//
// Then it must come to an end, and the energy is the reason. Let neuron i change, and all others
// stay as they are. Only those terms of (8.3) change in which i occurs, once as the first of the
// two and once as the second. Collect them. What is left is a product of two numbers, one of which
// is h_i, and because the neuron follows its field, the energy falls at every change. There are
// only so many states, and none is met twice. So it ends in a *valley*: in a state from which every
// change of a single neuron leads up, or at least not down.
//
// A neuron of which nothing is known can be given as 0. It tells the others nothing, and it takes
// the sign of its field as soon as it has one. So half of a pattern is enough to ask with.
//
// ## Exercise 8.3 — Into a valley
// *About 14 lines · difficulty 2 of 3 · 20 minutes*
//
// Let the neurons look, from the first to the last, again and again, until a whole round has
// changed nothing. After each change note the energy. Do not compute (8.3) again for that: find by
// how much it falls, as said above. Is your formula right for a neuron that was 0?
Settled settle(const Tensor& W, const Tensor& cue) {
    require_cue("settle", W, cue);
    const int N = cue.size();
    Settled settled{cue, {energy(W, cue)}};
    //> 8.3: about 14 lines
    std::vector<float>& s = settled.state.data;
    bool changed = true;
    while (changed) {
        changed = false;
        for (int i = 0; i < N; ++i) {
            double h = 0.0;
            for (int j = 0; j < N; ++j) h += W.row(i)[j] * s[j];
            const float next = h > 0 ? 1.0f : h < 0 ? -1.0f : s[i];
            if (next == s[i]) continue;
            settled.energies.push_back(settled.energies.back() - (next - s[i]) * h);
            s[i] = next;
            changed = true;
        }
    }
    return settled;
    //<
}

// ## Valleys that nobody dug
//
// Let a network of 25 neurons store the letters `T`, `U` and `X`. Ask it with a thousand random
// states, and more than half of them do not end in a letter. Where do they end?
//
// The *negative* of a letter is as good as the letter: turn over all neurons, and each product in
// (8.3) stays the same. And there are mixtures, such as the sign of the sum of all three letters,
// which is like each of them in most pixels. Valleys that nobody has stored are called *spurious
// states*. The negatives are as wide as the letters, but far from them; the mixtures are narrow. A
// cue that is nearly a letter seldom meets either.
//
//     picture: 08_letters
//
// ## How much fits?
//
// Let the numbers of all patterns be tossed like coins, and let the state be the first pattern. Put
// (8.2) into (8.1), and multiply h_i by x_i. Neuron i is *stable* unless the outcome is below 0. It
// is a sum with a term for each other neuron and each pattern. The terms of the first pattern
// itself are all 1: they are the *signal*. Those of the other patterns are 1 or −1 by chance, and
// they are the *noise*.
//
// A number that is 1 or −1 by chance has the mean 0 and the variance 1. When many such numbers are
// added, their variances are added, and the sum is nearly a *normal variable*, whose values lie in
// a bell around its mean. The root of its variance is its *standard deviation*. How often does a
// normal variable lie below its mean plus z standard deviations? This is Φ(z), and the library has
// it in another form:
//
//     Φ(z) = 1/2 erfc(−z/√2)                                                              (8.4)
//
// ## Exercise 8.4 — Signal and noise
// *About 12 lines · difficulty 3 of 3 · 25 minutes*
//
// Write what an experiment needs. `with_flips` turns over `flips` of the neurons. Each choice of
// them must be equally likely, and none may be turned over twice; `random.below(n)` draws a number
// from 0 to n − 1. `stable_share` counts the stable ones. Since W is symmetric, a single product
// makes the fields of all neurons in all patterns. Then predict it: how large is the signal, what
// is the standard deviation of the noise, and so what is z? And for a single pattern?
// (`std::erfc(x)` is erfc.)
Tensor with_flips(const Tensor& pattern, int flips, Random& random) {
    require_shapes("with_flips", {{pattern.shape, "N"}});
    const int N = pattern.size();
    if (flips < 0 || flips > N)
        throw std::invalid_argument("with_flips: " + std::to_string(flips) + " of " +
                                    std::to_string(N) + " neurons");
    //> 8.4: about 7 lines
    Tensor flipped = pattern;
    std::vector<int> neurons(N);
    std::iota(neurons.begin(), neurons.end(), 0);
    for (int k = 0; k < flips; ++k) {
        std::swap(neurons[k], neurons[k + random.below(N - k)]);
        flipped.data[neurons[k]] = -pattern.data[neurons[k]];
    }
    return flipped;
    //<
}

double stable_share(const Tensor& W, const Tensor& patterns) {
    require_network("stable_share", W);
    require_signs("stable_share", patterns);
    require_shapes("stable_share", {{W.shape, "N N"}, {patterns.shape, "M N"}});
    if (patterns.size() == 0) throw std::invalid_argument("stable_share: no patterns");
    //> 8.4: about 4 lines
    const Tensor agreement = multiply(patterns, matmul_naive(patterns, W));
    int stable = 0;
    for (float each : agreement.data) stable += each >= 0;
    return 1.0 * stable / patterns.size();
    //<
}

double expected_stable_share(int N, int M) {
    if (N < 2 || M < 1)
        throw std::invalid_argument("expected_stable_share: " + std::to_string(M) +
                                    " patterns of " + std::to_string(N) + " neurons");
    //> 8.4: 1 line
    return std::erfc(-std::sqrt((N - 1.0) / (M - 1.0) / 2)) / 2;
    //<
}

// For 200 neurons and 28 patterns it is 0.997: one neuron in 300 is wrong at the first look. This
// seems little. But each that turns over is a wrong voice for the others, and with a few
// more patterns the mistakes breed. Amit, Gutfreund and Sompolinsky (1985) computed where: up to
// 0.138 N patterns, a network remembers each with one or two percent of mistakes; beyond, it
// remembers nothing. So a network of 200 neurons has 19,900 weights, and holds 27 patterns. (In a
// small network like this the end comes less suddenly, as the demo shows.)
//
// ## A sharper memory
//
// Where does the noise come from? With (8.2), the field of (8.1) can be written in another order:
// first a dot product of the state with each whole pattern, and then a sum of patterns,
//
//     h = Σ_m (x_m · s) x_m − M s                                                         (8.5)
//
// where the last term takes out the diagonal. So the old network compares the state with every
// pattern and adds the patterns up, each times its *score*. The right one has a score near N. The
// wrong ones have small scores, but there are many of them.
//
// What can be done? A score twice as large must count for far more than twice as much. Krotov and
// Hopfield took a power of it (2016), Demircigil and others the exponential (2017). And Ramsauer
// and others (2020) left out the signs, so that states and patterns are any numbers, and let the
// shares sum to 1. What comes after the state s is then y:
//
//     y = Σ_m p_m x_m,   p = softmax(β x_1 · s, …, β x_M · s)                            (8.6)
//
// β says how sharp the choice is. At β = 0 all patterns have the same share, and out comes the
// mean of all; at a large β the best one has nearly all of it. There is an energy again, which no
// update raises:
//
//     E = 1/2 s · s − 1/β log Σ_m exp(β x_m · s)                                          (8.7)
//
// And how sharp must the choice be? Let the score of one pattern be larger by a gap than those of
// all others, which are alike. Put this into the softmax, and divide above and below by the largest
// exponential: what remains is 1 over 1 plus M − 1 small terms. Which β makes it 0.99? When you
// have solved for β you find M under a logarithm. So with the same β, the gap for a million
// patterns must be only 1.6 times that for a thousand. And the gap grows in proportion to N: the
// right score is N, the others near √N. That is why this memory holds exponentially many.
//
// ## Exercise 8.5 — The modern network
// *About 11 lines · difficulty 2 of 3 · 20 minutes*
//
// Write (8.6) for T states at once, which are the rows of a matrix. No loop is needed: the scores
// are a product, and so is the sum. Over which axis is the softmax? Then write (8.7) for one state
// so that no exponential overflows, however large β is: take the largest of the β x_m · s out of
// the logarithm. And find the least β for a share; β is never below 0.
Tensor modern_update(const Tensor& patterns, const Tensor& states, float beta) {
    require_shapes("modern_update", {{patterns.shape, "M N"}, {states.shape, "T N"}});
    if (patterns.size() == 0) throw std::invalid_argument("modern_update: no patterns");
    //> 8.5: about 2 lines
    const Tensor scores = matmul_naive(states, transpose(patterns));
    return matmul_naive(softmax(scale(scores, beta)), patterns);
    //<
}

double modern_energy(const Tensor& patterns, const Tensor& state, double beta) {
    require_shapes("modern_energy", {{patterns.shape, "M N"}, {state.shape, "N"}});
    if (patterns.size() == 0 || !(beta > 0))
        throw std::invalid_argument("modern_energy: patterns " + to_string(patterns.shape) +
                                    ", β = " + std::to_string(beta));
    //> 8.5: about 8 lines
    const auto dot = [&](const float* a) {
        return std::inner_product(a, a + state.size(), state.data.begin(), 0.0);
    };
    double largest = -INFINITY, total = 0.0;
    for (int m = 0; m < patterns.rows(); ++m)
        largest = std::max(largest, beta * dot(patterns.row(m)));
    for (int m = 0; m < patterns.rows(); ++m)
        total += std::exp(beta * dot(patterns.row(m)) - largest);
    return dot(state.row(0)) / 2 - (largest + std::log(total)) / beta;
    //<
}

double sharpness_for(int M, double gap, double share) {
    if (M < 1 || !(gap > 0) || !(share > 0 && share < 1))
        throw std::invalid_argument("sharpness_for: " + std::to_string(M) + " patterns, gap " +
                                    std::to_string(gap) + ", share " + std::to_string(share));
    //> 8.5: 1 line
    return std::max(0.0, std::log((M - 1) * share / (1 - share)) / gap);
    //<
}

// Look at what you have written. With the states in the rows of S, the patterns in those of X and
// the answers in those of Y, it is
//
//     Y = softmax(β S Xᵀ) X                                                               (8.8)
//
// Chapter 11 calls S the queries and X the keys, and lets the values be other rows than the keys.
// Its β is 1/√N. So *attention is one step of a memory*: the words of a sentence are stored as they
// are read, and each word asks this memory with its own row. Where the choice is
// sharp, one step is enough: the second would end in the same place. Where it is not, one step is a
// mean of what fits, and that is what attention wants.
//
// ## See it
//
// The demo takes a second. A pattern counts as come back when at most one neuron in forty is wrong.
// It shows how the T at the top of this page came back, what becomes of a
// thousand others, and where random states end. Then it measures. Each random pattern has 200
// neurons, of which a tenth is wrong at first:
//
//     picture: 08_capacity
//
// Real patterns are not tossed like coins. Of the 64 pixels of two handwritten digits, black or
// white, most are equal. So their noise does not cancel, and when ten of them are stored with
// Hebb's rule, not one is at rest. The modern network keeps all 1,425 digits of
// course/data/digits.hpp. It is asked with 200 others, of which it sees the upper half, and must
// say what the lower half is:
//
//     picture: 08_digits
//
// There are two simple answers to beat. The mean of all digits, the same for every cue, has 21.7 %
// of the hidden pixels wrong. The nearest neighbour, the stored digit that fits the upper half
// best, has 16.2 %. Before you run `make demo CHAPTER=08`: to which of the two is the network
// similar when β is very small, and to which when β is very large? Can it be better than both?
//
//     picture: 08_sharpness
//
// ## Experiment
//
// Of the 25 pixels of each T, `flips` are wrong at first. With 5 of them, 981 of a thousand T come
// back. Set it to 20. What percentage will be a T again? Write it down, and run the demo. What have
// they become, and what becomes of them with 12?
static const int flips = 5;
static const double predicted = NAN;  // your percentage, such as 50

static const Demo demo("08", [] {
    remembering::show_recall(flips);
    compare("Percent of them that are a T again", predicted, remembering::show_returns(flips));
    remembering::show_valleys();
    remembering::show_capacity();
    remembering::show_digits();
});

// ## Questions
//
// 1. How many different weights does a network of 200 neurons have? How many numbers does the
//    modern network keep for 27 patterns, and how many for 10,000?
// 2. What breaks if the diagonal of (8.2) is kept? Think of 10,000 patterns in 200 neurons. How
//    large is what a neuron hears from itself, how large is the noise, and what would
//    `stable_share` say, if it did not refuse such weights?
// 3. Look at the curve over β. What does the network do at its left end, and what at its right end?
//    Where on it would attention stand, which has β = 1/√N?
// 4. The modern network keeps all patterns as they are and compares a cue with each of them. Is
//    this still a memory, or a list that is searched? What can it do that a list cannot?
//> answers
//
// Answers.
//
// Predictions. See it: at a small β it is similar to the mean, with 19.8 % wrong at 0.05, and at a
// large one to the nearest neighbour, with 14.4 %. In the middle, at 0.75, 13.6 % are wrong: that
// is better than both. Experiment: with 20, none is a T again, and 973 of a thousand are the
// negative of T, for a T with 20 wrong pixels is a negative with 5. With 12, which is nearly half,
// most end in U, in X or in their negatives: a cue that says nothing of T finds any valley.
//
// 1. 200 · 199/2 = 19,900 weights, however many patterns are stored. The modern network keeps 200
//    for each pattern: 5,400 for 27, and 2,000,000 for 10,000. It holds more because it keeps more.
// 2. On the diagonal stands M = 10,000, and the noise is near √(M N) = 1,400. So every neuron is
//    told by itself to stay as it is, whatever it is. `stable_share` says 1, as if all patterns
//    were remembered. But every other state is stable, too: what keeps all that it is shown recalls
//    nothing.
// 3. At the left it answers with the mean of all digits, at the right with those that fit best.
//    (When several fit equally well, it takes their mean, and that is why it is better than the
//    nearest one.) In the middle it lets a few similar digits vote, and they make different
//    mistakes. 1/√64 is 0.125: there the choice is too soft. But the matrices of chapter 11 can
//    make the scores larger.
// 4. It is a list that is searched softly. So it has a slope: a gradient can go to the cue and to
//    every pattern, and can say what should have been stored, or asked. And it can answer with
//    something that is not in the list, such as the mean of three digits.
//<
//
// ## Where it comes from
//
// - Hebb, "The organization of behavior" (1949). Amari (1972) and Little (1974) had networks of
//   this kind. Hopfield, "Neural networks and physical systems with emergent collective
//   computational abilities" (1982), had the energy. In 2024 he shared the Nobel Prize in physics.
// - Amit, Gutfreund and Sompolinsky, "Storing infinite numbers of patterns in a spin-glass model of
//   neural networks" (1985): 0.138 N.
// - Memories that are asked by their content and learn: Graves, Wayne and Danihelka, "Neural Turing
//   machines" (2014); Bahdanau, Cho and Bengio (2014), which is chapter 10; Weston, Chopra and
//   Bordes, "Memory networks" (2014); Vaswani and others (2017), which is part III.
// - Krotov and Hopfield, "Dense associative memory for pattern recognition" (2016); Demircigil and
//   others, "On a model of associative memory with huge storage capacity" (2017); Ramsauer and
//   others, "Hopfield networks is all you need" (2020): one update is attention.
//
// ## What you have now
//
// Two memories that are asked with a part of what they hold. The second is the formula of chapter
// 11, and you know from here what it does: it compares, chooses softly, and answers with a mean.
//
// ## What is left: what is refused
static void require_signs(const char* function, const Tensor& patterns) {
    require_shapes(function, {{patterns.shape, "M N"}});
    for (float number : patterns.data)
        if (number != 1.0f && number != -1.0f)
            throw std::invalid_argument(std::string(function) + ": patterns " +
                                        to_string(patterns.shape) + " with a " +
                                        std::to_string(number) + ": each must be 1 or -1");
}

static void require_network(const char* function, const Tensor& W) {
    require_shapes(function, {{W.shape, "N N"}});
    for (int i = 0; i < W.shape[0]; ++i)
        for (int j = 0; j <= i; ++j)
            if (W.row(i)[j] != W.row(j)[i] || W.row(i)[i] != 0.0f)
                throw std::invalid_argument(std::string(function) + ": weights " +
                                            to_string(W.shape) + " must be symmetric, with zeros " +
                                            "on the diagonal; see neuron " + std::to_string(i));
}

static void require_cue(const char* function, const Tensor& W, const Tensor& cue) {
    require_network(function, W);
    require_shapes(function, {{W.shape, "N N"}, {cue.shape, "N"}});
    for (float number : cue.data)
        if (number != 1.0f && number != -1.0f && number != 0.0f)
            throw std::invalid_argument(std::string(function) + ": a neuron of " +
                                        std::to_string(number) + ": each must be 1, -1 or 0");
}
