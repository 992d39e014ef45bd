// # 7. Words as vectors
//
// A network computes with numbers, and a text has none. You could number the words, but word 7 is
// not more than word 3. So each word gets a row of numbers, its *vector*, and the vectors are
// learnt like weights. Which two words should have vectors that are alike? "You shall know a word
// by the company it keeps", wrote Firth in 1957: those that stand beside the same words. In this
// chapter your own code reads a dictionary with that in mind. Nobody tells it what bread is. These
// are the words whose vectors are nearest in the end:
//
//        bread    cake cheese dough flour sliced
//        doctor   dentist doctor's surgeon medicine dental
//        war      battle ii fought wars armies
//
// Needs: chapters 1, 3 and 4.
// Check: `make check CHAPTER=07`.
// Letters: V words in a vocabulary, D numbers in a vector, B texts, n words in a text, C classes; w
// a word and c_w its count, v and u vectors of words, E a table of vectors, σ the sigmoid.
// Minutes: about 145.

#include "07_words.hpp"

#include "02_fast_matmul.hpp"
#include "demos/07_meaning/meaning.hpp"
#include "kit/chapter.hpp"
#include "kit/vector_math.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <functional>
#include <map>
#include <stdexcept>

// ## From a text to ids
//
// A text is cut into words, and each word gets a number, its *id*. From there on a network knows
// nothing else of it. The list of all words with their ids is a *vocabulary*. Which id a word has
// means nothing, but it is a custom that the most frequent word has the lowest. Then one drops the
// rare words by cutting the list.
//
// Two entries in front are no words, but marks. *Padding*, id 0, fills a short text up to the
// length of a longer one. The *unknown* mark, id 1, stands for every word that is not in the list,
// and there will be some: of the different words of a large text, about half occur only once.
// Suppose this is all the text that we have:
//
//        The cat sat on the mat. The dog sat on the cat.
//
// Capitals do not count, and a full stop is a word of its own. Among equally frequent words the
// order of the ASCII table decides; in it the full stop comes before all letters.
//
// ## Exercise 7.1 — By hand
// *About 1 line · difficulty 1 of 3 · 10 minutes*
//
// Count the words, sort them, and number them from 2 on. Return seven numbers: how many entries the
// vocabulary has, the marks included, and then the ids of "The dog saw a cat."
Tensor ids_by_hand() {
    // TODO 7.1: a row of seven
    todo("7.1");
}

// ## Cutting a text
//
// A word ends at a blank. It also ends before a comma, which is then a word itself; but not at the
// apostrophe of "don't", which has letters on both sides. The two quotation marks around a
// 'quotation' are words of their own.
static bool is_letter(unsigned char byte) {  // or a digit, or a byte that is not ASCII
    return byte >= 0x80 || std::isalnum(byte) != 0;
}

// The class `Vocabulary` of course/kit/tokens.hpp is made of its marks and then its names. It goes
// from names to ids, which it calls tokens, with `tokens(names)`, and back with `name(id)`. What it
// does not know gets the unknown mark. Which names it holds, and in which order, you must tell it.
//
// Then there is the length. If a batch is filled up to its longest text, one long text in a
// thousand makes all the others long. So one chooses a length into which 95 % of the texts fit, and
// cuts the rest. A number such that a given share of all lies at or below it is a *percentile*. In
// chapter 5 the padding stood in front, because the answer was read at the end. Here no place is
// better than another, and it stands behind.
//
// ## Exercise 7.2 — A vocabulary
// *About 25 lines · difficulty 2 of 3 · 30 minutes*
//
// Write the five that are open; the header says what each one does. What must `words_in` remember
// from character to character? In `length_for`, which of the sorted lengths is it?
Words words_in(const std::string& text) {
    Words words;
    // TODO 7.2: about 9 lines
    todo("7.2");
}

Vocabulary vocabulary_of(const std::vector<std::string>& texts, int most) {
    if (most < 0)
        throw std::invalid_argument("vocabulary_of: at most " + std::to_string(most) + " words");
    // TODO 7.2: about 9 lines
    todo("7.2");
}

Sequence ids_of(const std::string& text, const Vocabulary& vocabulary) {
    return vocabulary.tokens(words_in(text));
}

std::string text_of(const Sequence& ids, const Vocabulary& vocabulary) {
    const int padding = vocabulary.token(Mark::padding), unknown = vocabulary.token(Mark::unknown);
    std::string text;
    // TODO 7.2: about 4 lines
    todo("7.2");
    return text;
}

int length_for(const std::vector<int>& lengths, double share) {
    if (lengths.empty() || !(share > 0 && share <= 1))
        throw std::invalid_argument("length_for: a share " + std::to_string(share) + " of " +
                                    std::to_string(lengths.size()) + " lengths");
    // TODO 7.2: about 3 lines
    todo("7.2");
}

Sequence cut_or_filled(const Sequence& ids, int length, int padding) {
    if (length < 0) throw std::invalid_argument("cut_or_filled: length " + std::to_string(length));
    Sequence fitted = ids;
    // TODO 7.2: 1 line
    todo("7.2");
    return fitted;
}

// ## A row for each word
//
// The plainest way from an id to numbers is a row of V numbers with a 1 at its own place, as in
// chapter 5. With 6,000 words nearly all of them are zeros, and every word is equally far from
// every other. But see what a linear layer makes of it: such a row times a matrix E [V, D] is a row
// of E, that of the word. So one looks the row up. It is the *embedding* of the word.
//
// And a whole text? The simplest row for it is the mean of its words' rows. For text b, with the n
// words w_1 … w_n,
//
//     x_b = 1/n Σ_(i=1)^n E_(w_i)                                                         (7.1)
//
// It forgets the order of the words, as if they were in a bag, and so it is called a *bag of
// words*. Backwards, the row of each word gets its part of what arrives at the mean. A row may be
// used several times, in one text or in many, and by (3.2) it gets the sum. To carry each gradient
// to its row, and to add it there, is a *scatter-add*.
static void require_row(const char* function, const Tensor& table, int row);

// ## Exercise 7.3 — A bag of words
// *About 10 lines · difficulty 2 of 3 · 15 minutes*
//
// Write (7.1) and its backward function. Padding is no word: it is neither in the sum nor in n. A
// text without a word, empty or all padding, has the mean 0. `E.row(w)` points to row w.
Variable average_of_words(const Variable& table, const Sequences& texts, int padding) {
    require_shapes("average_of_words", {{table.shape(), "V D"}});
    for (const Sequence& text : texts)
        for (int id : text) require_row("average_of_words", table.value(), id);
    const int B = size_of(texts), D = table.shape()[1];
    const Tensor& E = table.value();
    Tensor x({B, D});
    std::vector<int> n(B);  // words in each text
    // TODO 7.3: about 6 lines
    todo("7.3");
    const auto backward = [=](const Tensor&, const Tensor& dx) {
        Tensor dE(table.shape());
        // TODO 7.3: about 4 lines
        todo("7.3");
        return dE;
    };
    return record("average of words", std::move(x), {table}, backward);
}

// With a linear layer behind it (`BagOfWords`, in the header) it can learn what kind of thing a
// definition of the dictionary defines: an animal, a plant, a tool. But somebody must have said so
// for thousands of them.
//
// ## Vectors from neighbours
//
// To learn which words are alike, text alone is enough. Take a word w, and another that stands near
// it, at most five words away. Can you tell that other word from one that was drawn at random, from
// *noise*? This is *skip-gram with negative sampling* (Mikolov and others, 2013). Each word has
// *two* vectors: v, a row of the table `words`, for when it is the one in the middle, and u, a row
// of `contexts`, for when it is asked about. How well two words fit is their *dot product* u · v,
// the sum of all u_i v_i: one number. With the neighbour as number 0, and k words of noise,
//
//     score_j = u_j · v                                                                   (7.2)
//     loss = −log σ(score_0) − Σ_(j=1)^k log σ(−score_j)                                  (7.3)
//
// σ(score) is the probability that the answer is yes, a neighbour, and σ(−score) = 1 − σ(score)
// that it is no. So the loss is small if the neighbour has a large score, and noise a score far
// below 0. Words with the same neighbours are pulled to the same place. With y the right answer, 1
// for the neighbour and 0 for noise, the slope is like the one that you found in exercise 4.4:
//
//     ∂loss/∂score_j = σ(score_j) − y_j                                                   (7.4)
//
// The rest is the chain rule. Two things are easy to miss. v and the u_j all move in the *same*
// step, and each gradient needs the old numbers of the others. And a word may be drawn as noise
// twice: then it stands in (7.3) twice.
//
// How is noise drawn? If words came in proportion to their counts c_w, much of it would be `the`.
// If all words were equally likely, `the` would hardly ever be noise, and pass for a neighbour that
// says something. Between the two stands a power that was found by trying:
//
//     P(w) = c_w^(3/4) / Σ_j c_j^(3/4)                                                    (7.5)
//
// The marks have the count 0. And the neighbour must not be drawn: it would be yes and no at once.
static void require_step(const Tensor& words, const Tensor& contexts, int word,
                         const Sequence& others);
static void require_noise(const std::vector<double>& up_to, int count, int not_this);

// ## Exercise 7.4 — Skip-gram
// *About 26 lines · difficulty 3 of 3 · 45 minutes*
//
// Write the sums of (7.5) up to each word. They cut the line from 0 to 1 into V pieces. A random
// number falls into one of them; find which. (`std::upper_bound` does it in log V steps.) Then take
// one step down the gradient. A neighbour with the score −200 costs 200, not infinity; formula
// (4.4) had the same trouble. The demo takes millions of these steps, and `lane_sum(D, [&](int k) {
// return u[k] * v[k]; })` is a dot product that the compiler makes fast.
std::vector<double> noise_up_to(const std::vector<int>& counts) {
    for (int count : counts)
        if (count < 0) throw std::invalid_argument("noise_up_to: count " + std::to_string(count));
    if (std::count(counts.begin(), counts.end(), 0) == size_of(counts))
        throw std::invalid_argument("noise_up_to: no word has a count above 0");
    // TODO 7.4: about 6 lines
    todo("7.4");
}

Sequence draw_noise(const std::vector<double>& up_to, int count, int not_this, Random& random) {
    require_noise(up_to, count, not_this);
    Sequence noise;
    // TODO 7.4: about 5 lines
    todo("7.4");
}

double skip_gram_step(Tensor& words, Tensor& contexts, int word, const Sequence& others,
                      float rate) {
    require_step(words, contexts, word, others);
    const int D = words.columns(), count = size_of(others);
    double loss = 0;
    // TODO 7.4: about 16 lines
    todo("7.4");
    return loss;
}

// All that is left is to go through the text and take such a step for each word and each of its
// neighbours. (That loop is in course/demos/07_meaning/. Of the most frequent words it leaves out
// some, by chance: they stand beside everything.)
//
// ## Near and far
//
// When are two words alike? Not when their dot product is large, for it grows with the lengths of
// the vectors. What counts is the direction. With ‖a‖ as the length of a, which is the root of a ·
// a, the *cosine* is the dot product of the two vectors, each divided by its length:
//
//     cos(a, b) = a · b/(‖a‖ ‖b‖)                                                         (7.6)
//
// It is 1 for the same direction, 0 for a right angle, −1 for opposite ones. With directions one
// can even compute. If the step from man to king is the same as that from woman to queen, then
//
//     queen ≈ king − man + woman                                                          (7.7)
//
// Take each of the three at length 1, and look for the word that is nearest to the right side. The
// three words themselves do not count.
// Mostly the nearest of all is `king`, and many a famous example owes its fame to this small print.
static float dot(const float* a, const float* b, int n) {
    return lane_sum(n, [&](int k) { return a[k] * b[k]; });
}

// ## Exercise 7.5 — Neighbours and analogies
// *About 17 lines · difficulty 2 of 3 · 25 minutes*
//
// Write all four. `nearest` sorts the rows of a table by their cosine with a direction; does the
// length of that direction matter? What do the other two look for, and what must they leave out?
Tensor unit_rows(const Tensor& rows) {
    require_shapes("unit_rows", {{rows.shape, "N D"}});
    const int D = rows.columns();
    Tensor units = rows;
    // TODO 7.5: about 4 lines
    todo("7.5");
    return units;
}

Sequence nearest(const Tensor& table, const Tensor& direction, int count, const Sequence& without) {
    require_shapes("nearest", {{table.shape, "V D"}, {direction.shape, "D"}});
    if (count < 0) throw std::invalid_argument("nearest: " + std::to_string(count) + " rows");
    const Tensor units = unit_rows(table);
    const int V = table.shape[0], D = table.shape[1];
    // TODO 7.5: about 8 lines
    todo("7.5");
}

// Row w of a table, as a tensor [D].
static Tensor row_of(const Tensor& table, int w) {
    return Tensor({table.columns()}, {table.row(w), table.row(w) + table.columns()});
}

Sequence neighbours(const Tensor& table, int word, int count) {
    require_row("neighbours", table, word);
    // TODO 7.5: 1 line
    todo("7.5");
}

Sequence analogy(const Tensor& table, int a, int b, int c, int count) {
    for (int word : {a, b, c}) require_row("analogy", table, word);
    // TODO 7.5: about 3 lines
    todo("7.5");
}

// ## A map
//
// A vector of 64 numbers is a point in a space that nobody can see. To draw many of them they must
// be flattened onto a page. From where does one see most? From where they lie furthest apart.
// Subtract the mean of all rows, and call what is left X. The direction v of length 1 for which
// ‖X v‖ is largest is the *first principal component*. The second is the best at a right angle.
//
// To find the first, take any v and multiply it by S = Xᵀ X, again and again. What lies along the
// largest spread grows most each time, and soon there is nothing else: *power iteration*.
//
//     v ← S v,   v ← v/‖v‖                                                                (7.8)
//
// For the second do the same, but in each round, before you divide, take out what lies along the
// first, p; a third takes out both:
//
//     v ← v − (v · p) p                                                                   (7.9)

// Both p and −p are right. We take the one whose largest number is positive.
static void point_up(float* p, int n) {
    const float* most =
        std::max_element(p, p + n, [](float a, float b) { return std::fabs(a) < std::fabs(b); });
    if (*most < 0) std::transform(p, p + n, p, std::negate<float>());
}

// ## Exercise 7.6 — Principal components
// *About 11 lines · difficulty 2 of 3 · 20 minutes*
//
// Write (7.8) and (7.9), with `rounds` rounds for each of `count` directions. Then find the places
// of the rows along them; from which point are those measured? S is its own transpose, so
// `matmul(v, S)` serves a v that is a row [1, D].
Tensor principal_components(const Tensor& rows, int count) {
    require_shapes("principal_components", {{rows.shape, "N D"}});
    const int D = rows.columns(), rounds = 1000;
    if (rows.shape[0] == 0 || count < 1 || count > D)
        throw std::invalid_argument("principal_components: " + std::to_string(count) + " of rows " +
                                    to_string(rows.shape));
    Tensor found({count, D});
    // TODO 7.6: 1 line
    todo("7.6");
    Random random(7);
    for (int c = 0; c < count; ++c) {
        Tensor v = unit_rows(normal_weights({1, D}, 1.0f, random));
        // TODO 7.6: about 8 lines
        todo("7.6");
        point_up(v.row(0), D);
        std::copy_n(v.row(0), D, found.row(c));
    }
    return found;
}

Tensor places_along(const Tensor& rows, const Tensor& directions) {
    require_shapes("places_along", {{rows.shape, "N D"}, {directions.shape, "count D"}});
    // TODO 7.6: 1 line
    todo("7.6");
}

// ## See it
//
// The demo learns vectors from a dictionary of 29,000 definitions, a quarter of WordNet's text.
// Beside them stand some that this chapter's code has learnt from all of WordNet, in
// data/words.trained; `FULL=1 make demo CHAPTER=07` makes them in two minutes, where Debian's
// package wordnet-base is installed. You see neighbours, and then analogies. For the vectors of all
// WordNet, `queen` is only the fifth; but of all questions that a list of men and women makes, 64 %
// are answered right. One example proves nothing; the list does. Forty words on a map:
//
//     picture: 07_map
//
// Then each definition is put into one of ten kinds: animal, plant, food and so on. The baselines
// are the commonest kind, and *naive Bayes*: it counts how often each word stands in the
// definitions of a kind, and multiplies the shares as if the words knew nothing of each other.
// Against them stand a bag whose vectors are learnt with the task, and two whose vectors are
// *frozen*: they were learnt from text alone, and only the linear layer behind them learns. A last
// one is no bag: in a *convolution*, one small layer looks at each word between its two neighbours.
//
//     picture: 07_right
//
// Last come the reviews. "The soup was good, not bad" and "the soup was bad, not good" are one bag.
//
// Before you run `make demo CHAPTER=07` (about 10 seconds): is naive Bayes best, or which of the
// three bags, when only 100 definitions come with their kind, and when 13,221 do? And what
// percentage of the reviews will a bag get right? (`TRAINED=1` shows the map at once, and answers
// at a prompt.)
//
// ## Experiment
//
// A word has 32 numbers when vectors are learnt with the task. Give it 2. What percentage of the
// held-out definitions will be right, when all others come with their kind? Write it down, and run.
static const int numbers_of_a_word = 32;
static const double predicted = NAN;  // your percentage, such as 50

static const Demo demo("07", [] {
    const double right = meaning::show_all(numbers_of_a_word);
    if (right > 0) compare("Percent right, learnt with the task", predicted, right);
});

// ## Questions
//
// 1. How many numbers does the bag of the demo learn, with 6,002 entries, D = 32 and ten kinds? How
//    many does one step of skip-gram change, with five words of noise and D = 48?
// 2. What breaks if both tables of skip-gram begin with zeros? In the demo one of them does. Why is
//    that enough?
// 3. Look at the map. Which words stand apart from their group? Are their vectors far from those of
//    the group?
// 4. `bank` has one vector. Is it near `river`, or near `money`? What should happen to it in a
//    sentence?
//
// ## Where it comes from
//
// - Firth, "A synopsis of linguistic theory" (1957), and Harris, "Distributional structure" (1954).
//   Miller, "WordNet: a lexical database for English" (1995).
// - Bengio and others, "A neural probabilistic language model" (2003): a table of vectors that
//   learns. Mikolov and others, "Distributed representations of words and phrases and their
//   compositionality" and "Linguistic regularities in continuous space word representations"
//   (2013): negative sampling; analogies. Pennington, Socher and Manning, "GloVe" (2014).
// - Pearson, "On lines and planes of closest fit to systems of points in space" (1901).
//
// ## What you have now
//
// A way from any text to rows of numbers that mean something. They mean the same in every sentence,
// and a bag does not know who did what to whom. Attention is what changes both.
//
// ## What is left: what does not fit
static void require_row(const char* function, const Tensor& table, int row) {
    if (table.rank() != 2 || row < 0 || row >= table.shape[0])
        throw std::invalid_argument(std::string(function) + ": row " + std::to_string(row) +
                                    " of a table " + to_string(table.shape));
}

static void require_noise(const std::vector<double>& up_to, int count, int not_this) {
    const int V = size_of(up_to), w = not_this;
    double others = V == 0 ? 0 : up_to.back();  // the probability that something else is drawn
    if (w >= 0 && w < V) others -= up_to[w] - (w == 0 ? 0 : up_to[w - 1]);
    if (count < 0 || !(others > 0))
        throw std::invalid_argument("draw_noise: " + std::to_string(count) + " of " +
                                    std::to_string(V) + " words, but not " + std::to_string(w));
}

static void require_step(const Tensor& words, const Tensor& contexts, int word,
                         const Sequence& others) {
    if (words.rank() != 2 || contexts.rank() != 2 || words.shape[1] != contexts.shape[1])
        require_shapes("skip_gram_step", {{words.shape, "N D"}, {contexts.shape, "V D"}});
    if (others.empty()) throw std::invalid_argument("skip_gram_step: no others");
    if (&words == &contexts)
        throw std::invalid_argument("skip_gram_step: one table, where two are needed");
    require_row("skip_gram_step", words, word);
    for (int other : others) require_row("skip_gram_step", contexts, other);
}
