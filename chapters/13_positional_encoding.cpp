// # 13. Positional encoding
//
// "The cat sat on the mat" and "the mat sat on the cat" have the same words. To attention they are
// the same sentence: it compares every query with every key, and nowhere in (11.3) is there a place
// for *where* a key stands. Shuffle the rows that go in, and the rows that come out are shuffled in
// the same way, and otherwise the same. The demo of this chapter shows it.
//
// So order has to be put into the numbers themselves. In this chapter you write three ways to do
// it: waves, a learned table, and rotation. Here are the waves as the demo prints them, for four
// numbers at each position:
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
// Minutes: about 70.

#include "13_positional_encoding.hpp"

#include "02_fast_matmul.hpp"
#include "demos/13_waves/waves.hpp"
#include "kit/chapter.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <stdexcept>

// ## A clock with many hands
//
// How would you write a position as D numbers, to be added to the *embedding*, the row of numbers
// that stands for the word? As the number n itself: it grows without limit, and drowns what it is
// added to. Divided by the length of the sentence: then a step has another size in every sentence.
// A clock does better. Its second hand tells neighbouring moments apart, its hour hand the parts of
// the day, and no hand ever leaves its circle. (A binary counter has the same idea: its last digit
// changes at every step, the one before at every second, the next at every fourth.)
//
// The *positional encoding* PE(n) is a clock of D/2 hands. An angle is measured here as the length
// of its arc on a circle of radius 1, in *radians*: a whole turn is 2π = 6.28, a right angle 1.57.
// A clock's hand starts at twelve and not at three, so its tip at the angle φ has the coordinates
// (sin φ, cos φ), and each hand takes a *pair* of features, 2i and 2i + 1. Features, pairs and
// positions count from 0. Hand 0 moves on by an angle of 1 with each position, and every later hand
// is slower by the same factor:
//
//     φ_i(n) = n/10000^(2i/D)                                                            (13.1)
//     PE_(n,2i) = sin φ_i(n),   PE_(n,2i+1) = cos φ_i(n)                                 (13.2)
//
//     picture: 13_table
//
// The exponent 2i/D is the part of the features that stand before the pair. It begins at 0 and,
// with many features, ends at almost 1. So the first hand goes round in 2π, about six positions,
// and the last in almost 2π times 10000. You will also meet (13.1) as n · exp(−2i/D · ln 10000),
// which is the same number.
//
// > Why 10000? The authors do not say. It is round, and longer than any sentence of 2017.
//
// ## Exercise 13.1 — By hand
// *About 1 line · difficulty 1 of 3 · 10 minutes*
//
// Take D = 8. At which angle stands hand 2 at position 50? Which two numbers does the encoding have
// for it? And how many positions does this hand need for a whole turn? Return the four numbers, the
// first three to three decimals, the fourth to one. (A calculator must be told that the angle is in
// radians.)
Tensor hand_by_hand() {
    // TODO 13.1: a row of four
    todo("13.1");
}

// ## Exercise 13.2 — The table
// *About 12 lines · difficulty 1 of 3 · 10 minutes*
//
// Three functions: the angle of (13.1); the positions 0 … T − 1; and the table of (13.2), with a
// row for each of `times`. Nothing in the formulas asks for whole numbers, so times may be any. D
// may be odd: which columns has the last hand then? And be careful with 2i/D, which is a fraction.
double position_angle(double n, int i, int D) {
    // TODO 13.2: 1 line
    todo("13.2");
}

Times positions(int T) {
    if (T < 0) throw std::invalid_argument("positions: T is " + std::to_string(T) + ", below 0");
    // TODO 13.2: about 3 lines
    todo("13.2");
}

Tensor sinusoid_at(const Times& times, int D) {
    if (D < 1)
        throw std::invalid_argument("sinusoid_at: D is " + std::to_string(D) + ", not 1 or more");
    for (double time : times)
        if (!std::isfinite(time))
            throw std::invalid_argument("sinusoid_at: a time is " + std::to_string(time));
    const int T = size_of(times);
    Tensor table({T, D});
    // TODO 13.2: about 8 lines
    todo("13.2");
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
// later every hand has moved on by the angle φ_i(k), wherever it was. With the addition theorems of
// school,
//
//     sin(a + b) = sin a cos b + cos a sin b,   cos(a + b) = cos a cos b − sin a sin b   (13.3)
//
// the new pair is made of the old one by four products whose factors depend on k alone. So "three
// words back" is one fixed matrix, the same at every n, and a layer can learn it. With sines alone
// this is lost: at n = 0 all sines are 0, every matrix makes 0 of them, and sin(0 + k) is not 0.
//
//     picture: 13_curves
//
// To turn a pair (a, b) by the angle φ, counterclockwise, is to make of it (a′, b′), with
//
//     a′ = a cos φ − b sin φ,   b′ = a sin φ + b cos φ                                   (13.4)
//
// The length of the pair stays: the new squares have the sum a² + b² too. Turning by −φ undoes it.
//
// ## Exercise 13.3 — A step is a turn
// *About 12 lines · difficulty 2 of 3 · 20 minutes*
//
// First `rotate`: in every [T, d] matrix of a stack, turn pair i of row n by φ_i(times[n]), with d
// in the place of D. The features of a pair are neighbours, 2i and 2i + 1. All the sines and
// cosines that you need are in `sinusoid_at(times, d)`.
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
    // TODO 13.3: about 11 lines
    todo("13.3");
}

Tensor shift_encoding(const Tensor& encoding, double k) {  // [T, D] → [T, D]
    require_shapes("shift_encoding", {{encoding.shape, "T D"}});
    const int T = encoding.shape[0];
    // TODO 13.3: 1 line
    todo("13.3");
}

// Two things follow, for even D. First, the dot product of two encodings says how far apart they
// are and not where they stand:
//
//     PE(n) · PE(n + k) = Σ_i cos φ_i(k)                                                 (13.5)
//
//     picture: 13_products
//
// It is D/2 for k = 0 and falls off alike to both sides, in waves. Attention compares with dot
// products, but it compares queries and keys, not encodings: between them stand the learned
// matrices W^Q and W^K, and (13.5) holds only before them. It is where learning begins. Second, a
// turn says everything about a distance. So one may as well turn the queries and keys themselves,
// behind the matrices; rotary positions do, below.
//
// ## Real times
//
// A telescope does not look once a day. There are clouds, and half of the year the star stands
// behind the sun. "The 37th observation" then says little; what counts is *when*, and (13.2) takes
// any real number. But which? Four are in use, and chapter 23 lets them compete. The first is the
// index n, as if observations were words: it is blind to every gap. The second is the time itself,
// counted from some moment in a unit that suits the hands. Hand 0 goes round in 2π units. If the
// unit is far below the typical spacing, that hand is noise; if it is far above, all hands stand
// still. Times stay double: half an hour after midnight of day 59000, as a float, is 0.0195 of a
// day and not 0.0208.
Times shift_and_scale(const Times& times, double shift, double unit) {
    if (!(unit > 0))
        throw std::invalid_argument("shift_and_scale: a unit of " + std::to_string(unit));
    Times scaled = times;
    for (double& t : scaled) t = (t - shift) / unit;
    return scaled;
}

// The third is log(1 + t), for things that happen fast at first and slowly later, such as the
// fading of an explosion. The 1 is there because log 0 is −∞ and the first time is 0. It also makes
// the unit matter: where t is small against 1, the logarithm is nearly t itself.
Times log_times(const Times& times) {
    for (double t : times)
        if (!(t >= 0)) throw std::invalid_argument("log_times: time " + std::to_string(t));
    Times logs = times;
    for (double& t : logs) t = std::log1p(t);
    return logs;
}

// The fourth is the gap before each observation, which forgets when and keeps how long. Nothing
// comes before the first, so its gap is 0.
Times gaps(const Times& times) {
    for (double t : times)
        if (!std::isfinite(t)) throw std::invalid_argument("gaps: time " + std::to_string(t));
    if (!std::is_sorted(times.begin(), times.end()))
        throw std::invalid_argument("gaps: the times must not go back");
    Times result(times.size());
    for (int n = 1; n < size_of(times); ++n) result[n] = times[n] - times[n - 1];
    return result;
}

// ## A table that learns
//
// Why design a clock at all? Give the model a table of parameters, one row for each position, and
// let gradient descent fill it in: so do BERT and GPT-2. The price is that the table ends. At
// `max_T` it has nothing to say, and rows that training seldom reached say little. It begins with
// small random numbers.
Variable position_table(int max_T, int D, Random& random) {
    Tensor table({max_T, D});
    for (float& number : table.data) number = 0.02f * random.normal();
    return parameter(table, "positions");
}

// ## Exercise 13.4 — The first T rows
// *About 6 lines · difficulty 2 of 3 · 15 minutes*
//
// Make an operation of the tape. Forward, it gives the first T rows; in memory they are the first T
// · D numbers. Backward, it gets dy for these rows and has to return the gradient of the whole
// table. What do the rows get that were not used? `record` of chapter 3 takes a name, the value,
// the inputs and the backward function:
//
//        record("rows", rows, {table},
//               [table](const Tensor&, const Tensor& dy) { … })
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
// Both tables are *added*, and the model must learn to tell word and place apart. Su and others
// ("RoFormer: enhanced transformer with rotary position embedding", 2021) leave the embeddings
// alone. They turn each query and each key by the hands of its own position, and the scores do the
// rest. Write R_n for "turn every pair i by φ_i(n)". A dot product does not change when both sides
// are turned alike, so for a query q at m and a key k at n we may turn both by −φ_i(m):
//
//     (R_m q) · (R_n k) = q · (R_(n−m) k)                                                (13.6)
//
// The score depends on what the two words are and on how far they are apart, and on nothing else.
// Nothing is added and no position has to be learnt. These are *rotary positions*, and most models
// since 2022 have them. The *values* are not turned: they are what is brought home, and a value
// should be the same value wherever it was found.
//
// How does a gradient get back through y = R_n x? When x moves by a small δ, y moves by R_n δ. The
// loss then moves by dy · (R_n δ), and the gradient of x is defined by the same number:
//
//     dx · δ = dy · (R_n δ)   for every δ                                                (13.7)
//
// ## Exercise 13.5 — Rotary attention
// *About 8 lines · difficulty 2 of 3 · 15 minutes*
//
// Find dx from (13.7): turn both sides of the dot product until δ stands alone. Make `rotate` an
// operation of the tape, with the tensor function of 13.3 in both directions. Then call `attention`
// of chapter 11 with the queries and the keys turned, each by its own positions from 0. There may
// be fewer queries than keys, or more.
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
// The demo prints the table above. It lets `cat` and `mat` change places, with and without
// positions, and shows where the two `the` look. Then it observes a star in three seasons of ten
// weeks, and draws which observations attention could tell apart if it saw nothing but their
// encodings. (What draws is in course/demos/13_waves/.)
//
// Before you run `make demo CHAPTER=13`, write down: without positions, how do the attention
// weights of the first `the` differ from those of the second? And in which of index, t, log(1 + t)
// and Δt can the empty months between two seasons be seen? In which of them does only one
// observation of a season know about it?
//
// ## Experiment
//
// A clock of two hands, D = 4, has PE(n) · PE(n + 3) = cos 3 + cos 0.03 = 0.01 at every n. Set
// `distance` to 6. What is the dot product then, and what does that say about so few hands? Write
// your number down as `predicted`, and run the demo.
static const double distance = 3;
static const double predicted = NAN;  // your number, such as 0.01

static const figure::Names words = {"the", "cat", "sat", "on", "the", "mat"};

static Tensor embeddings(int D) {  // a row for each word, and the same row for both `the`
    Random random(13);
    Tensor x({6, D});
    for (float& number : x.data) number = random.normal();
    std::copy_n(x.row(0), D, x.row(4));
    return x;
}

static Tensor exchanged(Tensor x) {  // `cat` and `mat` change places
    std::swap_ranges(x.row(1), x.row(1) + x.columns(), x.row(5));
    return x;
}

// How much the outputs change when `cat` and `mat` change places and the outputs change back.
static double change(const Tensor& before, const Tensor& after) {
    const Tensor a = attention(before, before, before).value();
    const Tensor b = exchanged(attention(after, after, after).value());
    double largest = 0;
    for (int i = 0; i < a.size(); ++i)
        largest = std::max(largest, std::fabs(double{a.data[i]} - b.data[i]));
    return largest;
}

static void show_words() {
    const Tensor x = embeddings(16), other = exchanged(x), table = sinusoid(6, 16);
    std::printf("\nWith `cat` and `mat` exchanged, the output of a word changes by at most\n");
    std::printf("  %.6f without positions, %.6f with them\n\n", change(x, other),
                change(add(x, table), add(other, table)));
    const Tensor y = add(x, table);
    waves::show_words(words, attention_weights(x, x).value(), attention_weights(y, y).value());
}

static const Demo demo("13", [] {
    waves::print_table();
    const Tensor two = sinusoid_at({50, 50 + distance}, 4);
    compare("PE(n) · PE(n + distance) of two hands", predicted, matmul(two, transpose(two))(0, 1));
    show_words();
    waves::draw_table();
    waves::draw_products();
    waves::show_gap();
});

// ## Questions
//
// 1. A model has D = 512. How many hands has its clock, and how many positions do the fastest and
//    the slowest of them need to go round?
// 2. What breaks if a model that was trained on at most 512 words gets a sentence of 600? Say it
//    for the sinusoid, for a learned table, and for rotary positions.
// 3. Look at the picture of the dot products, under (13.5). Why do the dots of n = 50 lie on the
//    line of n = 0, and why not with sines alone?
// 4. The encoding is added to the embedding, though it could stand beside it, as D more features.
//    What would that cost, and what would it spare the model?
//
// ## Where it comes from
//
// - Gehring and others, "Convolutional sequence to sequence learning" (2017): a learned table.
// - Vaswani and others, "Attention is all you need" (2017): the sinusoid. It did as well as a
//   table.
// - Shaw, Uszkoreit and Vaswani, "Self-attention with relative position representations" (2018):
//   only the distance counts. Su and others (2021) reached it by turning.
//
// ## What you have now
//
// Three ways to tell attention where a word stands, and one of them for real times. Chapter 14 has
// what stands around attention in a layer; chapter 15 puts all of it together.
