// # 7. Words as vectors
//
// A network computes with numbers, and a text has none. You could number all words, but word 7 is
// not more than word 3. So each word gets a row of numbers instead, its *vector*, and learns it like
// a weight. What would make two rows alike? "You shall know a word by the company it keeps", wrote
// Firth in 1957: words with the same neighbours mean similar things. In this chapter your own code
// reads a dictionary and finds such rows. Nobody tells it what a king is, and yet:
//
// TABLE
//
// Needs: chapters 1, 3 and 4.
// Check: `make check CHAPTER=07`.
// Letters: V words in a vocabulary, D numbers in a vector, B texts, N rows, C classes; w and c words,
// v and u their vectors, E a table of vectors.
// Minutes: about 90.

#include "07_words.hpp"

#include "02_fast_matmul.hpp"
#include "demos/07_meaning/meaning.hpp"
#include "kit/chapter.hpp"
#include "kit/environment.hpp"
#include "kit/vector_math.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <functional>
#include <map>
#include <stdexcept>

// ## From a text to ids
//
// First a text is cut into words. Then each word gets a number, its *id*, and from there on the
// network knows nothing else of it. The list of all words with their ids is a *vocabulary*. Which
// number a word gets means nothing; but it is a custom to sort by frequency, so that the most
// frequent word has the lowest id. Then one can drop the rare words by cutting the list.
//
// Two entries in front of all words are no words, but marks. The mark *padding*, id 0, fills a short
// text up to the length of a longer one. The mark *unknown*, id 1, stands for every word that is
// not in the list. There will always be some: about half of the words in any text occur in it only
// once.
//
// Here is all the text that we have:
//
//        The cat sat on the mat. The dog sat on the cat.
//
// Upper and lower case do not count, and a full stop is a word of its own. Where two words are
// equally frequent, the one that comes first in the ASCII table comes first here; the full stop comes
// before all letters.
//
// ## Exercise 7.1 — By hand
// *About 1 line · difficulty 1 of 3 · 10 minutes*
//
// Count, sort, and number the words from 2 on. Return seven numbers: how many entries the vocabulary
// has, with its two marks; then the ids of "The dog saw a cat."
Tensor ids_by_hand() {
    // TODO 7.1: a row of seven
    todo("7.1");
}

// ## Cutting
//
// Where does a word end? At a blank, and at a comma, which is then a word itself. But not at the
// apostrophe in "don't", which has letters on both sides. The apostrophes of a 'quotation' are marks
// of their own again. `course/kit/tokens.hpp` has a class `Vocabulary` that goes from names to ids
// and back, `vocabulary.tokens(names)` and `vocabulary.name(id)`; it gives the id of the unknown
// mark to what it does not know. Which names it is to hold, and in which order, you must tell it.
static bool is_letter(char c) {  // or a digit; of what is not ASCII, every byte is taken for one
    const unsigned char byte = static_cast<unsigned char>(c);
    return byte >= 0x80 || std::isalnum(byte) != 0;
}

static char small(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 'a' - 'A') : c; }

// Texts differ in length, and a batch has one. To fill all up to the longest costs a lot where one
// in a thousand is very long. So you choose a length into which 95 % of them fit, and cut the rest.
// Such a number, below which a given share lies, is a *percentile*. In chapter 5 the padding stood
// in front, for the answer was read at the end. Here no place is better than another, and it stands
// behind.
//
// ## Exercise 7.2 — A vocabulary
// *About 25 lines · difficulty 2 of 3 · 30 minutes*
//
// Write all five. `words_in` cuts; the header says exactly how. `vocabulary_of` counts, sorts and
// cuts the list. `text_of` goes from ids back to words. `length_for` finds the smallest length into
// which at least the given share of the texts fits; which of the sorted lengths is that?
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
// The plainest way from an id to numbers is a row of V zeros with a 1 at its own place, as in chapter
// 5. With 6,000 words that is a lot of zeros, and each word is equally far from every other. But look
// at what a linear layer does with such a row. The product of a 1 at place w and a matrix E [V, D] is
// row w of E, and nothing else. So nobody multiplies: one looks the row up. It is the *embedding* of
// the word, and E is the table of all of them.
//
// How does one get from the vectors of its words to a row for a whole text? The simplest way is their
// mean. For text b, with its n words w_1 … w_n,
//
//     x_b = 1/n Σ_(i=1)^n E_(w_i)                                                         (7.1)
//
// It forgets the order of the words, as if they had been put into a bag: this is a *bag of words*. And
// backwards? Each word had the part 1/n in the mean, so its row gets dx_b/n. A row may be used many
// times, in one text or in several, and by (3.2) it gets the sum of all that. To carry each gradient
// to the row it belongs to, and add it there, is a *scatter-add*.
static void require_ids(const Tensor& table, const Sequences& texts);

// ## Exercise 7.3 — A bag of words
// *About 12 lines · difficulty 2 of 3 · 15 minutes*
//
// Write (7.1) and its backward function. Padding is no word: it has no part in the sum, and n does
// not count it. A text without a word, be it empty or all padding, has the mean 0. `E.row(w)` points
// to row w.
Variable average_of_words(const Variable& table, const Sequences& texts, int padding) {
    require_shapes("average_of_words", {{table.shape(), "V D"}});
    require_ids(table.value(), texts);
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

// With a linear layer behind it, it says which kind of thing a definition of the dictionary defines:
// an animal, a plant, a tool. That is `BagOfWords`, in the header. The demo holds it against counting:
// *naive Bayes* counts how often each word stands in the definitions of each kind, and multiplies the
// shares as if words knew nothing of each other.
//
// Which of the two is better? And what can *no* bag of words tell apart, however well it is trained?
//
// ## Vectors from neighbours
//
// For such a task somebody has to say what is what. But to learn which words are alike, text is
// enough. Take a word w and guess a word c that stands near it, at most five words away. Give each
// word *two* vectors: v_w for when it is the one in the middle, and u_c for when it is the neighbour.
// How well they fit is u_c · v_w. To make a probability of it one would need a softmax over all
// words, 6,000 products for a single guess. Mikolov and others (2013) ask for less. The network must
// only tell real neighbours from *noise*: from a few words drawn at random. For each it says yes or
// no, by a sigmoid σ. This is *skip-gram with negative sampling*:
//
//     score_j = u_j · v_w                                                                 (7.2)
//     loss = −log σ(score_0) − Σ_(j=1)^k log σ(−score_j)                                  (7.3)
//
// Word 0 is the neighbour, and 1 … k are noise. The loss is small if the score of the neighbour is far
// above 0 and the others are far below. σ(−s) is 1 − σ(s), the probability of a no. By the way, words
// that have the same neighbours are pulled to the same place: that is why it works.
//
// How does it change? With y the right answer, 1 for the neighbour and 0 for noise, you get from (7.3),
// as in chapter 4,
//
//     ∂loss/∂score_j = σ(score_j) − y_j                                                   (7.4)
//
// The rest is the product rule. Two things are easy to miss. v_w and the u_j move in the *same* step, so
// each gradient needs the other's old numbers. And noise is drawn with replacement: if a word is drawn
// twice, it is in the sum (7.3) twice.
//
// How is noise drawn? By frequency, `the` would come all the time, and the rare words never. If all
// were equally likely, `the` would come too seldom to be told from a neighbour that means something.
// Between the two stands a power that was found by trying. With n_w the count of word w,
//
//     P(w) = n_w^¾ / Σ_(j=1)^V n_j^¾                                                      (7.5)
//
// and whatever `the` is counted, the marks have the count 0. And the neighbour itself must not be drawn
// as noise: it would be a yes and a no at once.
static void require_step(const Tensor& words, const Tensor& contexts, int word,
                         const Sequence& others);
static void require_noise(const std::vector<double>& up_to, int count, int not_this);

// ## Exercise 7.4 — Skip-gram
// *About 26 lines · difficulty 3 of 3 · 40 minutes*
//
// Write the sums of (7.5) up to each word, then the drawing: a number between 0 and 1 falls into one of
// V pieces, and you must find which. `std::upper_bound` finds it in log V steps. Then write one step. A
// score of −200 makes the loss 200, not infinity; (4.4) had the same trouble. In the demo this function
// is called five million times. `lane_sum(D, [&](int k) { return u[k] * v[k]; })` is a dot product that
// the compiler makes fast.
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

// All that is left is to go through the text, and to take such a step for each word and each of its
// neighbours. One more trick of the paper: of the most frequent words only some are taken, by chance.
// They stand next to everything and tell nothing. (The loop is in course/demos/07_meaning/.)
//
// ## Near and far
//
// When are two words alike? Not when their dot product is large: it grows with the lengths of both
// vectors, and frequent words tend to have long ones. What counts is the direction. The *cosine* is the
// dot product of two vectors of length 1:
//
//     cos(a, b) = a · b / (‖a‖ ‖b‖)                                                       (7.6)
//
// It is 1 for the same direction, 0 for a right angle, and −1 for opposite ones. With it one can also
// compute. If the step from man to woman is the same as that from king to queen, then
//
//     queen ≈ king − man + woman                                                          (7.7)
//
// and one looks for the word whose vector is nearest to the right side. The three words are left out:
// mostly the nearest of all is king itself, and many an example owes its fame to this small print.
static float dot(const float* a, const float* b, int n) {
    return lane_sum(n, [&](int k) { return a[k] * b[k]; });
}
static void require_row(const char* function, const Tensor& table, int row);

// ## Exercise 7.5 — Neighbours and analogies
// *About 17 lines · difficulty 2 of 3 · 20 minutes*
//
// Write the four. `nearest` sorts the rows of a table by their cosine with a direction; do you need the
// length of that direction? What does each of the other two look for, and what must it leave out?
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
// A vector of 48 numbers is a point in a space that nobody can see. To draw it, one must look at it from
// somewhere, so that all is flattened onto a page. From where does one see most? From where the points
// lie furthest apart. Subtract the mean of all rows first; write X for what is left. The direction v, of
// length 1, along which the rows differ most is the *first principal component*: for it ‖X v‖ is largest.
// The second is the best of those at a right angle to it.
//
// There is a simple way to find it. Multiply any vector by the matrix S = Xᵀ X, again and again. Each time,
// what lies along the direction of the largest spread grows most, and soon nothing else is left. This is
// *power iteration*:
//
//     v ← S v,   v ← v/‖v‖                                                                (7.8)
//
// For the second, the same, but at each round what lies along the first is taken out again:
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
// Write (7.8) and (7.9) for `count` directions, with `rounds` rounds for each. Then find the places of
// the rows along them; from where are those measured? `matmul`, `transpose`, `mean(x, 0)` and
// `unit_rows` are yours already. S is its own transpose, so `matmul(v, S)` serves a v that is a row.
Tensor principal_components(const Tensor& rows, int count) {
    require_shapes("principal_components", {{rows.shape, "N D"}});
    const int D = rows.columns(), rounds = 1000;
    if (rows.shape[0] == 0 || count < 1 || count > D)
        throw std::invalid_argument("principal_components: " + std::to_string(count) + " of rows " +
                                    to_string(rows.shape));
    Tensor found({count, D});
    Random random(7);
    for (int c = 0; c < count; ++c) {
        Tensor v = unit_rows(normal_weights({1, D}, 1.0f, random));
        // TODO 7.6: about 9 lines
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
// TEXT
//
// ## Experiment
//
// TEXT
static const int numbers_of_a_word = 32;
static const double predicted = NAN;  // your percentage, such as 50

static const Demo demo("07", [] {
    if (asked_for("FULL")) return meaning::learn_all_of_wordnet();
    const meaning::Vectors shipped = meaning::read_vectors();
    if (!asked_for("TRAINED")) {
        Random random(7);
        const std::vector<std::string> texts = meaning::dictionary_texts();
        const meaning::Vectors here =
            meaning::learn(texts, vocabulary_of(texts, 6000), meaning::Plan(), random);
        const meaning::Named both = {{"learnt here", &here}, {"of all WordNet", &shipped}};
        meaning::show_neighbours(both);
        meaning::show_analogies(both);
        const double right = meaning::show_kinds(here, shipped, numbers_of_a_word);
        meaning::show_reviews();
        compare("Percent right, learnt with the task", predicted, right);
    }
    meaning::show_map(shipped);
    meaning::export_tsv(shipped, 2000);
    meaning::prompt(shipped);
});
//
// ## What is left: what does not fit
static void require_ids(const Tensor& table, const Sequences& texts) {
    for (const Sequence& text : texts)
        for (int id : text) require_row("average_of_words", table, id);
}

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
