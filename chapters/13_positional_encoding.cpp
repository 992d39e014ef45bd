// # 13. Positional encoding
//
// "The dog bit the man" and "the man bit the dog" have the same words. To attention they are the
// same sentence: it compares every query with every key, and nowhere in (11.3) is there a place
// for *where* a key stands. Shuffle the rows that go in, and the rows that come out are shuffled
// in the same way, and otherwise the same. The first thing that the demo of this chapter does is
// to show this.
//
// So order has to be put into the numbers themselves. In this chapter you write three ways
// to do it: waves, a learned table, and rotation. The waves look like this, for D = 4:
//
//        position    sin n   cos n    sin n/100   cos n/100
//           0         0.00    1.00         0.00        1.00
//           1         0.84    0.54         0.01        1.00
//           2         0.91   -0.42         0.02        1.00
//           3         0.14   -0.99         0.03        1.00
//
// Needs: chapters 3 and 11.
// Check: `make check CHAPTER=13`.
// Letters: T positions, n one of them, k a distance; D features of an embedding, d of a query and
// of a key; i a pair of features, φ an angle, t a time.

#include "13_positional_encoding.hpp"

#include "02_fast_matmul.hpp"
#include "kit/chapter.hpp"
#include "kit/figure.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <stdexcept>

// ## A clock with many hands
//
// How would you write a position as D numbers, to be added to the *embedding*, the vector that
// stands for the word? As the number n itself: it grows without limit, and drowns what it is added
// to. Divided by the length of the sentence: then a step has another size in every sentence. A
// clock does better. Its second hand tells neighbouring moments apart, its hour hand the parts of
// the day, and no hand ever leaves its circle.
//
// The encoding PE(n) is a clock of D/2 hands. The tip of a hand at the angle φ has the coordinates
// (sin φ, cos φ), so each hand takes a *pair* of features, 2i and 2i + 1. Hand 0 moves on by an
// angle of 1 with each position, and every later hand is slower by the same factor:
//
//     φ_i(n) = n/10000^(2i/D)                                                            (13.1)
//     PE_(n,2i) = sin φ_i(n),   PE_(n,2i+1) = cos φ_i(n)                                 (13.2)
//
//     picture: 13_table
//
// The exponent 2i/D is the share of the features that stand before the pair. It runs from 0 to
// almost 1, and the time that a hand needs to go round from 2π, six positions, to almost 2π times
// 10000. You will also meet (13.1) as n · exp(−2i/D · ln 10000), which is the same number.
//
// ## Exercise 13.1 — The table
// *About 12 lines · difficulty 1 of 3 · 25 minutes*
//
// Write (13.1); the positions 0 … T − 1, counted from 0 like everything in this course; and
// (13.2), with one row for each of `times`. Nothing in the formulas asks for whole numbers, so
// times may be any. When D is odd, the last hand has a sine and no room for its cosine. And mind
// that 2i/D is a fraction, but `2 * i / D` of three ints is not.
double position_angle(double n, int i, int D) {
    // TODO 13.1: 1 line
    todo("13.1");
}

Times positions(int T) {
    if (T < 0) throw std::invalid_argument("positions: T is " + std::to_string(T) + ", below 0");
    // TODO 13.1: about 3 lines
    todo("13.1");
}

Tensor sinusoid_at(const Times& times, int D) {
    if (D < 1)
        throw std::invalid_argument("sinusoid_at: D is " + std::to_string(D) + ", not 1 or more");
    for (double time : times)
        if (!std::isfinite(time))
            throw std::invalid_argument("sinusoid_at: a time is " + std::to_string(time));
    const int T = size_of(times);
    Tensor table({T, D});
    // TODO 13.1: about 8 lines
    todo("13.1");
}

// The table is added to the embeddings. The addition of chapter 3 repeats a [T, D] table for each
// sentence of a [B, T, D] batch, and sends the embeddings their gradient. The table is a constant
// and wants none.
Tensor sinusoid(int T, int D) { return sinusoid_at(positions(T), D); }

Variable with_sinusoid(const Variable& embedded) {  // [..., T, D]
    const Tensor& x = embedded.value();
    require_shapes("with_sinusoid", {{x.shape, "... T D"}});
    return embedded + sinusoid(x.shape[x.rank() - 2], x.columns());
}

// ## A step is a turn
//
// Why two numbers for one hand? Because of what happens from one position to another. k positions
// later every hand has moved on by the angle φ_i(k), wherever it was. With the addition theorems
// of school,
//
//     sin(a + b) = sin a cos b + cos a sin b,   cos(a + b) = cos a cos b − sin a sin b   (13.3)
//
// the new pair is made of the old one by four products whose factors depend on k alone. So "three
// words back" is one fixed matrix, the same at every n, and a layer can learn it. With sines alone
// this is lost: at n = 0 all sines are 0, every matrix makes 0 of them, and sin(0 + k) is not 0.
//
//     picture: 13_curves
//
// To turn a pair (a, b) by the angle φ, counterclockwise, is to make of it
//
//     (a, b) → (a cos φ − b sin φ, a sin φ + b cos φ)                                    (13.4)
//
// The length of the pair stays: the new squares have the sum a² + b² too. Turning by −φ undoes it.
//
// ## Exercise 13.2 — A step is a turn
// *About 12 lines · difficulty 2 of 3 · 25 minutes*
//
// First `rotate`: in every [T, d] matrix of a stack, turn pair i of row n by φ_i(times[n]), with
// d in the place of D. The features of a pair are neighbours, 2i and 2i + 1. All the sines and
// cosines that you need are in sinusoid_at(times, d).
//
// Then `shift_encoding`: one call of `rotate` that makes PE(n + k) of PE(n) without knowing n.
// Compare (13.3) with (13.4): in our pairs the sine stands first. Which way do the hands of this
// clock go round?
Tensor rotate(const Tensor& x, const Times& times) {
    const int T = size_of(times), d = x.columns();
    require_shapes("rotate", {{x.shape, "... T d"}, {{T}, "T"}});
    if (d % 2 != 0)
        throw std::invalid_argument("rotate: " + to_string(x.shape) +
                                    " has no pairs: d must be even");
    Tensor y(x.shape);
    // TODO 13.2: about 11 lines
    todo("13.2");
}

Tensor shift_encoding(const Tensor& encoding, double k) {  // [T, D] → [T, D]
    require_shapes("shift_encoding", {{encoding.shape, "T D"}});
    const int T = encoding.shape[0];
    // TODO 13.2: 1 line
    todo("13.2");
}

// Two things follow, for even D. The dot product of two encodings, which is how attention compares
// them, does not depend on where they are but only on how far apart:
//
//     PE(n) · PE(n + k) = Σ_i cos φ_i(k)                                                 (13.5)
//
//     picture: 13_products
//
// It is D/2 for k = 0 and falls off alike to both sides, in waves. And if a turn can say
// everything about distance, one may as well turn the queries and keys themselves; the last
// section does.

// ## Real times
//
// A telescope does not look once a day. There are clouds, and half of the year the star stands
// behind the sun. "The 37th observation" then says little; what counts is *when*, and (13.2) takes
// any real number. But which? Four are in use, and chapter 23 lets them compete:
//
// - the index n, as if observations were words, blind to every gap;
// - the time itself, (t − shift)/unit, counted from the start in a unit that suits the hands:
//   hand 0 goes round in 2π units, so a unit far below the typical spacing makes noise of it, and
//   a unit far above it makes all hands stand still;
// - log(1 + t), for things that happen fast at first and slowly later, such as the fading of an
//   explosion; the 1 is there because log 0 is −∞ and the first time is 0;
// - the gap before each observation, Δt_n = t_n − t_(n−1), which forgets when and keeps how long.
//
// ## Exercise 13.3 — Times, logarithms, gaps
// *About 6 lines · difficulty 1 of 3 · 15 minutes*
//
// The error checks are given. The first observation has no gap before it: give it 0. Stay
// with double: day 59000 and a half hour, rounded to a float, is day 59000 and 0.0195, not 0.0208.
Times shift_and_scale(const Times& times, double shift, double unit) {
    if (!(unit > 0))
        throw std::invalid_argument("shift_and_scale: a unit of " + std::to_string(unit));
    Times scaled = times;
    // TODO 13.3: about 2 lines
    todo("13.3");
}

Times log_times(const Times& times) {
    for (double t : times)
        if (!(t >= 0)) throw std::invalid_argument("log_times: time " + std::to_string(t));
    Times logs = times;
    // TODO 13.3: about 2 lines
    todo("13.3");
}

Times gaps(const Times& times) {
    for (double t : times)
        if (!std::isfinite(t)) throw std::invalid_argument("gaps: time " + std::to_string(t));
    if (!std::is_sorted(times.begin(), times.end()))
        throw std::invalid_argument("gaps: the times must not go back");
    Times result(times.size());
    // TODO 13.3: about 2 lines
    todo("13.3");
}

// ## A table that learns
//
// Why design a clock at all? Give the model a table of parameters, one row for each position, and
// let gradient descent fill it in: so do BERT and GPT-2. The price is that the table ends. At
// max_T it has nothing to say, and rows that training seldom reached say little. It begins with
// small random numbers.
Variable position_table(int max_T, int D, Random& random) {
    Tensor table({max_T, D});
    for (float& number : table.data) number = 0.02f * random.normal();
    return parameter(table, "positions");
}

// ## Exercise 13.4 — The first T rows
// *About 6 lines · difficulty 2 of 3 · 20 minutes*
//
// Make an operation of the tape. Forward, the first T rows; in memory they are the first T · D
// numbers. Backward, a gradient in the shape of the whole table: dy in the rows that were used, and
// 0 in the others. `record` of chapter 3 takes a name, the value, the inputs and the backward
// function: record("rows", rows, {table}, [table](const Tensor&, const Tensor& dy) { … }).
Variable learned_positions(const Variable& table, int T) {  // [max_T, D] → [T, D]
    require_shapes("learned_positions", {{table.shape(), "max_T D"}});
    if (T < 0 || T > table.shape()[0])
        throw std::invalid_argument("learned_positions: " + std::to_string(T) +
                                    " positions of a table " + to_string(table.shape()));
    Tensor rows({T, table.shape()[1]});
    // TODO 13.4: about 6 lines
    todo("13.4");
}

// `embedded + learned_positions(table, T)` then works as with the sinusoid, and what flows back
// from all sentences of the batch is summed into each row.

// ## Rotary positions
//
// Both tables are *added*, and the model must sort out later what is word and what is place. Su
// and others (2021) leave the embeddings alone. They turn each query and each key by the hands of
// its own position, and the scores do the rest. Write R_n for "turn every pair i by φ_i(n)". A
// dot product does not change when both sides are turned alike, so for a query q at m and a key k
// at n we may turn both back by R_m:
//
//     (R_m q) · (R_n k) = q · (R_(n−m) k)                                                (13.6)
//
// The score depends on what the two words are and on how far they are apart, and on nothing else.
// Nothing is added and nothing needs to be learned. The *values* are not turned: they are what is
// brought home, and a value should be the same value wherever it was found.
//
// How does a turn go back? When x moves by a small δ, y moves by R_n δ and the loss by
// dy · (R_n δ). Turn both sides back, and that is (R_(−n) dy) · δ. So the gradient is turned as
// well, by the *opposite* angle:
//
//     y = R_n x,   dx = R_(−n) dy                                                        (13.7)
//
// ## Exercise 13.5 — Rotary attention
// *About 8 lines · difficulty 2 of 3 · 25 minutes*
//
// Make `rotate` an operation of the tape, by (13.7), with the tensor function of 13.2 in both
// directions. Then call `attention` of chapter 11 with the queries and the keys turned, each by
// its own positions from 0. There may be fewer queries than keys, or more.
Variable rotate(const Variable& x, const Times& times) {
    // TODO 13.5: about 5 lines
    todo("13.5");
}

Variable rotary_attention(const Variable& q, const Variable& k, const Variable& v,
                          const Tensor& mask) {
    require_shapes("rotary_attention", {{q.shape(), "... T d"}, {k.shape(), "... S d"}});
    // TODO 13.5: about 3 lines
    todo("13.5");
}

// ## See it
//
// The demo turns a sentence round, shows where its two `the` look, draws the table, its curves and
// its dot products, and observes a star in three seasons of ten weeks. For the star it draws which
// observations attention could tell apart if it saw nothing but their encodings.
//
// Before you run `make demo CHAPTER=13`, write down: without positions, how do the attention
// weights of the first `the` differ from those of the second? And in which of index, t, log(1 +
// t) and Δt can the empty months between two seasons be seen? In which of them does only one
// observation of a season know about it?
static const figure::Names words = {"the", "cat", "sat", "on", "the", "mat"};

static Tensor embeddings(int D) {  // a row for each word, and the same row for both `the`
    Random random(13);
    Tensor x({6, D});
    for (float& number : x.data) number = random.normal();
    std::copy_n(x.row(0), D, x.row(4));
    return x;
}

static Tensor reversed(const Tensor& x) {  // the rows, last first
    Tensor y(x.shape);
    for (int r = 0; r < x.rows(); ++r) std::copy_n(x.row(r), x.columns(), y.row(x.rows() - 1 - r));
    return y;
}

static float largest(const Tensor& x) {
    float result = 0;
    for (float number : x.data) result = std::max(result, std::fabs(number));
    return result;
}

static void show_words() {
    const Tensor x = embeddings(16), back = reversed(x), table = sinusoid(6, 16);
    const auto change = [](const Tensor& a, const Tensor& b) {
        return largest(subtract(attention(a, a, a).value(), reversed(attention(b, b, b).value())));
    };
    std::printf("A sentence backwards, and its outputs put in order again, differ by at most\n");
    std::printf("  %.6f without positions, %.6f with them\n\n", change(x, back),
                change(add(x, table), add(back, table)));

    const Tensor y = add(x, table);
    const Tensor without = attention_weights(x, x).value(), with = attention_weights(y, y).value();
    for (int row : {0, 4})
        for (const auto& [name, w] : {std::pair("without", without), std::pair("with", with)}) {
            std::printf("  `the` in place %d, %-7s ", row, name);
            for (int j = 0; j < 6; ++j) std::printf("  %s %.2f", words[j].c_str(), w(row, j));
            std::printf("\n");
        }
    const std::string picture = figure::heatmaps(
        {"Where each word looks", "key", "query"}, words, words,
        {{"no positions", figure::values(without.data)}, {"sinusoid", figure::values(with.data)}},
        {0, 1}, true);
    std::printf("\npicture: %s\n", figure::save("13_words", picture).c_str());
}

static void show_table() {
    const int T = 48, D = 32;
    const Tensor table = sinusoid(T, D);
    const std::string map =
        figure::heatmaps({"The table of 13.1", "feature", "position"}, figure::numbered(T),
                         figure::numbered(D), {{"", figure::values(table.data)}}, {-1, 1});
    std::printf("picture: %s\n", figure::save("13_table", map).c_str());

    std::vector<figure::Series> curves;
    for (int column : {0, 4, 8, 12}) {
        curves.push_back({"feature " + std::to_string(column), {}});
        for (int n = 0; n < T; ++n) curves.back().y.push_back(table(n, column));
    }
    const std::string picture = figure::lines({"The sines of four hands", "position"}, curves);
    std::printf("picture: %s\n", figure::save("13_curves", picture).c_str());
}

// The dot products of row n with the rows n … n + 39: of all columns, or of the sines alone.
static figure::Series products(const char* name, int n, int step) {  // a step of 2: sines alone
    const int D = 64;
    const Tensor table = sinusoid(100, D);
    figure::Series series{name, {}, {}, n > 0};  // dots for the later row, over the line of row 0
    for (int k = 0; k < 40; ++k) {
        double sum = 0;
        for (int c = 0; c < D; c += step) sum += table(n, c) * table(n + k, c);
        series.y.push_back(sum);
    }
    return series;
}

static void show_products() {
    const std::string picture = figure::lines(
        {"PE(n) · PE(n + k)", "distance k"},
        {products("n = 0", 0, 1), products("n = 50", 50, 1), products("n = 0, sines alone", 0, 2),
         products("n = 50, sines alone", 50, 2)});
    std::printf("picture: %s\n", figure::save("13_products", picture).c_str());
}

// Three seasons with four observations each, some three weeks apart, and nothing for ten months
// between them.
static void show_gap() {
    Random random(13);
    Times days;
    for (int season = 0; season < 3; ++season)
        for (int j = 0; j < 4; ++j) days.push_back(365 * season + 20 * j + random.uniform(0, 12));
    const Times t = shift_and_scale(days, days[0], 20);
    std::printf("\nHow alike two observations are, by their times alone (16 is: the same):\n");
    std::printf("  %-10s  neighbours  over gap  over gap  seasons 1 and 3\n", "");
    std::vector<figure::HeatPanel> panels;
    for (const auto& [name, times] :
         {std::pair("index", positions(12)), std::pair("t", t),
          std::pair("log(1 + t)", log_times(t)), std::pair("gaps", gaps(t))}) {
        const Tensor table = sinusoid_at(times, 32);
        const Tensor alike = matmul(table, transpose(table));
        std::printf("  %-10s  %10.1f  %8.1f  %8.1f  %15.1f\n", name, alike(2, 3), alike(3, 4),
                    alike(7, 8), alike(1, 9));
        panels.push_back({name, figure::values(alike.data)});
    }
    const figure::Names labels = figure::numbered(12);
    const std::string picture =
        figure::heatmaps({"Dot products of 12 encoded observations", "observation", "observation"},
                         labels, labels, panels, {});
    std::printf("picture: %s\n", figure::save("13_gap", picture).c_str());
}

static const Demo demo("13", [] {
    show_words();
    show_table();
    show_products();
    show_gap();
});

// ## Questions
//
// 1. The encoding is added to the embedding, where it could stand beside it, as D more features.
//    What would that cost, and what does it spare the model?
// 2. A sentence has 600 words and the model was trained on at most 512. What happens with the
//    sinusoid, with a learned table, with rotary positions?
// 3. Somebody turns the values as well. What does (13.6) become for them?
// 4. log(1 + t) of times in seconds and of the same times in days: is one a shift of the other?
