// # 11. Attention
//
// How does a network translate a sentence? The networks of 2014 read it word by word and kept one
// row of numbers, which every word changed a little. At the end this row had to hold everything, a
// few hundred numbers for "the cat sat on the mat" and as many for a whole page. That is a
// *bottleneck*: all that comes later sees the sentence only through it. Bahdanau, Cho and Bengio
// ("Neural machine translation by jointly learning to align and translate", 2014) kept the rows of
// all words instead, and let the network look back at any of them whenever it wrote a word. This
// looking is *attention*. Vaswani and others ("Attention is all you need", 2017) then left out the
// reading word by word: in their network, the *transformer*, words look at each other directly.
//
// In "the cat sat on the mat", `sat` would like to know who sat, and where. At the end of this
// chapter you see where it looks, in percent:
//
//             the cat sat  on the mat
//        sat    1  78   1   1   1  18
//
// Attention is the one layer that moves information between positions, from any to any, in one
// step. Everything else in a transformer works on one position at a time. This chapter is the
// transformer.
//
// Needs: chapters 1 and 3.
// Check: `make check CHAPTER=11`.
// Letters: T queries, S keys and values, d features of a query and of a key, e of a value.
// Minutes: about 70.

#include "11_attention.hpp"

#include "02_fast_matmul.hpp"
#include "demos/11_scores/scores.hpp"
#include "kit/chapter.hpp"
#include "kit/figure.hpp"
#include "kit/vector_math.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <stdexcept>

// ## Asking and answering
//
// Think of a library. You come with a *query*: what you want to know. Each book has a *key*, the
// words on its spine, and a *value*, what is written inside. You compare your query with every key,
// and read most in the books that match best.
//
// In a network all three are rows of numbers, and each of these numbers is a *feature*. Every word
// of a sentence asks, and every word is a book as well: it sends out a query, and it offers a key
// and a value. Why three rows for one word? `sat` looks for a noun and is a verb, so its query
// cannot be its key. Where do they come from? From the word's own row of numbers, by three matrices
// W^Q, W^K and W^V that training finds. Chapter 12 has them; here Q, K and V are given, with a word
// in each row. The match of query i and key j is their dot product, a sum over all features:
//
//     scores = Q Kᵀ,   score_(i j) = q_i · k_j                                           (11.1)
//
// Softmax turns the scores of each query into probabilities, the *attention weights*: none is
// negative, and they sum to 1. What the query brings home is the average of all values, each with
// its weight:
//
//     output = softmax(Q Kᵀ) V                                                           (11.2)
//
// Nothing in it is new: a product, a softmax, a product. It is an average, so whatever comes out
// lies between the values that went in. This is how a word gets its meaning from other words:
// `bank` takes it from `river`, or from `money`. And no position is nearer than another, a matter
// to which chapter 13 returns.
//
// > You read every book in the library for every question. It works because the library is small;
// > chapter 26 is about large ones.
//
// Why not simply read the book that matches best? A choice has no slope. Change a key a little, and
// the same book is still the best: the output stays as it was, the gradient is 0, and nothing can
// be learnt. Softmax is a choice made soft. A small change of a key changes all weights a little,
// and a gradient can tell in which direction they should change.
//
// The smallest example that shows something: five positions with one feature each, x = [1, 0, 0, 0,
// 1], and Q = K = V = x. The first position finds two keys like itself, the first and the last. A
// position with x = 0 has the score 0 with every key: none matches better than another.
//
// ## Exercise 11.1 — By hand
// *About 12 lines · difficulty 1 of 3 · 15 minutes*
//
// Take paper. What is the 5 × 5 matrix of scores, and what are the weights, each row a softmax?
// Return both as numbers; three decimals are enough. (The only exponentials in it are exp(0) = 1
// and exp(1) = 2.718.) `matrix({{…}, {…}})` makes a matrix of its rows.
Tensor scores_by_hand() {
    //> 11.1: five rows of five
    return matrix(
        {{1, 0, 0, 0, 1}, {0, 0, 0, 0, 0}, {0, 0, 0, 0, 0}, {0, 0, 0, 0, 0}, {1, 0, 0, 0, 1}});
    //<
}

Tensor weights_by_hand() {
    //> 11.1: five rows of five, to three decimals
    return matrix({{0.322f, 0.119f, 0.119f, 0.119f, 0.322f},
                   {0.2f, 0.2f, 0.2f, 0.2f, 0.2f},
                   {0.2f, 0.2f, 0.2f, 0.2f, 0.2f},
                   {0.2f, 0.2f, 0.2f, 0.2f, 0.2f},
                   {0.322f, 0.119f, 0.119f, 0.119f, 0.322f}});
    //<
}

// ## When scores grow
//
// With many features dot products grow. Let the d entries of q and k be independent, with mean 0
// and variance 1. Then each of the d products has mean 0 and variance 1, and their sum has variance
// d. At d = 64 a typical score is 8 or −8. Softmax then gives one key nearly everything: of 16
// weights the largest is 0.85, as the demo measures. A softmax that has made up its mind has no
// slope, for by (3.5) its gradient is almost 0, and it cannot learn.
//
// So the scores must be divided by some number c. That divides their variance by c². Scores of
// variance 1 are what we want, whatever d is. Which c gives them?
//
// ## Exercise 11.2 — Scores of one size
// *About 1 line · difficulty 1 of 3 · 5 minutes*
//
// Find c, and write Q Kᵀ divided by c with the operations of chapter 3. d is the last axis of q. A
// batch of sentences, [B, T, d], needs nothing special: `matmul` and `transpose` treat each matrix
// of a stack by itself.
Variable attention_scores(const Variable& q,    // [..., T, d]
                          const Variable& k) {  // [..., S, d]
    require_shapes("attention_scores", {{q.shape(), "... T d"}, {k.shape(), "... S d"}});
    const float d = q.shape().back();
    if (d == 0) throw std::invalid_argument("attention_scores: queries and keys of no features");
    //> 11.2: 1 line; scores [..., T, S]
    return matmul(q, transpose(k)) / std::sqrt(d);
    //<
}

// With this c, attention is the formula that everybody knows who knows one formula of this field:
//
//     Attention(Q, K, V) = softmax((Q Kᵀ)/√d) V                                          (11.3)
//
// ## What may be seen
//
// Not every query may look at every key. Two reasons occur again and again.
//
// - A word must not look *ahead* when the model learns to predict the next word, or predicting
//   would be copying. Query i may see the keys 0 … i: this is the *causal* mask.
// - The sentences of a batch have different lengths. The short ones are filled up with *padding*,
//   which means nothing, and nobody must look at it.
//
// A *mask* has a 1 where a query may look and a 0 where it may not. What both allow is their
// product, number by number: `multiply(padding, causal)`, the one with more axes first. For three
// words, of which the last is padding:
//
//        causal      padding      both
//        1 · ·        1 1 ·       1 · ·
//        1 1 ·        1 1 ·       1 1 ·
//        1 1 1        1 1 ·       1 1 ·
//
// A mask hides keys, never queries. The padding asks too, as the last row shows. What it brings
// home is nonsense, and nobody reads it.
//
// ## Exercise 11.3 — Masks
// *About 7 lines · difficulty 1 of 3 · 10 minutes*
//
// Fill in the ones. `lengths[b]` says how many keys of sentence b are real; they stand at the
// front. `mask.row(r)` points to the first number of row r. In the second mask, which row is that
// of query t in sentence b? Use (1.1) for the shape [B, T], which is without the last axis.
Tensor causal_mask(int T) {
    Tensor mask({T, T});
    //> 11.3: about 3 lines
    for (int query = 0; query < T; ++query)
        for (int key = 0; key <= query; ++key) mask.row(query)[key] = 1.0f;
    return mask;
    //<
}

Tensor padding_mask(const std::vector<int>& lengths, int T, int S) {
    const int B = size_of(lengths);
    for (int length : lengths)
        if (length < 0 || length > S)
            throw std::invalid_argument("padding_mask: length " + std::to_string(length) +
                                        " of at most " + std::to_string(S));
    Tensor mask({B, T, S});
    //> 11.3: about 4 lines
    for (int b = 0; b < B; ++b)
        for (int t = 0; t < T; ++t)
            for (int s = 0; s < lengths[b]; ++s) mask.row(b * T + t)[s] = 1.0f;
    return mask;
    //<
}

// ## Hidden before the softmax
//
// How is a key hidden? To set its weight to 0 *after* the softmax is too late. The sum that (1.4)
// divides by has the hidden score in it: the better a hidden word matches, the smaller are the
// weights of the visible ones. So the visible weights depend on the future. This is a *leak*, and
// training finds leaks: the model learns to use what it will not have later. You could divide each
// row by its new sum, and on paper all is well. But in float, beside a hidden score of 110, the
// exponentials of small visible scores have become 0, and 0/0 is not a number.
//
// So it must be hidden *before*. On paper one sets the score to −∞, and exp(−∞) is exactly 0. To
// set it to 0 would not do: exp(0) is 1. Nor −10: e⁻¹⁰ is small, but it is not nothing, and what
// leaks is the future.
//
// A row in which *nothing* may be seen has no largest score, and a sum of 0 to divide by. This
// happens in an empty sentence: all its keys are padding. It gets zeros, not NaN.

// A mask [T, S] serves every matrix of the scores, and [B, T, S] those of its sentence. Here is its
// row for a row of the scores, or null when there is no mask and everything is visible.
const float* mask_row(const Tensor& mask, const Tensor& scores, int row) {
    if (mask.rank() == 0) return nullptr;
    const int T = scores.shape[scores.rank() - 2], sentences = mask.rows() / T;
    const int sentence = row / (scores.rows() / sentences);
    return mask.row(sentence * T + row % T);
}

void require_mask(const Tensor& scores, const Tensor& mask) {
    require_shapes("masked_softmax", {{scores.shape, "... T S"}});
    Shape needed(scores.shape.end() - 2, scores.shape.end());
    if (mask.rank() == 3 && scores.rank() >= 3) needed.insert(needed.begin(), scores.shape[0]);
    if (mask.rank() != 0 && mask.shape != needed)
        throw std::invalid_argument("masked_softmax: scores " + to_string(scores.shape) +
                                    " with mask " + to_string(mask.shape) +
                                    ": the mask must be [T, S] or [B, T, S]");
}

// ## Exercise 11.4 — The softmax of what may be seen
// *About 13 lines · difficulty 2 of 3 · 20 minutes*
//
// Write (1.5) for each row of scores, over the keys that may be seen; the hidden keys get 0.
// `mask_row(mask, scores, row)` points to the S mask entries of a row of the scores. It is null
// when there is no mask, and then all keys are visible.
Tensor masked_softmax(const Tensor& scores, const Tensor& mask) {
    require_mask(scores, mask);
    const int S = scores.columns();
    Tensor weights(scores.shape);  // zeros
    //> 11.4: about 13 lines
    for (int row = 0; row < scores.rows(); ++row) {
        const float* visible = mask_row(mask, scores, row);
        const float* score = scores.row(row);
        float* weight = weights.row(row);
        const auto may_see = [&](int s) { return visible == nullptr || visible[s] != 0.0f; };

        float largest = -INFINITY, total = 0.0f;
        for (int s = 0; s < S; ++s)
            if (may_see(s)) largest = std::max(largest, score[s]);
        for (int s = 0; s < S; ++s)
            if (may_see(s)) weight[s] = std::exp(score[s] - largest);
        for (int s = 0; s < S; ++s) total += weight[s];
        for (int s = 0; s < S && total > 0.0f; ++s) weight[s] /= total;
    }
    return weights;
    //<
}

// It goes back like every softmax, by (3.5). A hidden key has the weight 0, so nothing flows to it,
// and a row of zeros stops everything.
Variable masked_softmax(const Variable& scores, const Tensor& mask) {
    return record("masked softmax", masked_softmax(scores.value(), mask), {scores},
                  [](const Tensor& y, const Tensor& dy) { return softmax_backward(y, dy); });
}

// And here is all of attention, in the two parts that later chapters ask for.
Variable attention_weights(const Variable& q, const Variable& k, const Tensor& mask) {
    return masked_softmax(attention_scores(q, k), mask);
}

Variable attention(const Variable& q, const Variable& k, const Variable& v, const Tensor& mask) {
    return matmul(attention_weights(q, k, mask), v);
}

// What does attention do to a word? In the demo the value of each word is a 1 at its own place, so
// the output shows whose values are in it. Here is the row of `sat`, before and after:
//
//                 the  cat  sat   on  the  mat
//        before  0.00 0.00 1.00 0.00 0.00 0.00
//        after   0.01 0.78 0.01 0.01 0.01 0.18
//
// It knows now who sat, and where. It has also nearly forgotten that it is `sat`. Chapter 14 mends
// that in one line: it adds the old row to the new one.
//
//     picture: 11_words
//
// ## Backwards, once, by hand
//
// The tape knows how gradients flow through attention. Once in your life you should know it too.
// With A the weights and Y = A V, the last step on the way up is the first one on the way back, and
// (3.3) has it:
//
//     dV = Aᵀ dY,   dA = dY Vᵀ                                                           (11.4)
//
// Then comes the softmax of each row. Z is what goes into it, the scores divided by √d, and (3.5)
// gives
//
//     dZ_ij = A_ij (dA_ij − Σ_s dA_is A_is)                                              (11.5)
//
// Read this as a sentence. dA_ij says by how much the loss rises with more of value j. The sum is
// the average of that over all keys, by the weights. So a step *against* the gradient raises the
// scores of those keys whose values served better than what the query got on average.
//
// ## Exercise 11.5 — Backwards, by hand
// *About 8 lines · difficulty 3 of 3 · 20 minutes*
//
// Go back through all of attention, for single matrices, with the tensor functions of chapters 1
// and 2: matmul, transpose, scale. You need A again. `softmax_backward(A, dA)` is (11.5). The last
// step stands nowhere: Z is a product too, with a factor. Find dQ and dK by (3.3). No Variable may
// occur; the checks hold your gradients against those of the tape.
AttentionGradients attention_backward(const Tensor& q,     // [T, d]
                                      const Tensor& k,     // [S, d]
                                      const Tensor& v,     // [S, e]
                                      const Tensor& mask,  // [T, S], or no_mask
                                      const Tensor& dy) {  // [T, e]
    require_shapes("attention_backward",
                   {{q.shape, "T d"}, {k.shape, "S d"}, {v.shape, "S e"}, {dy.shape, "T e"}});
    if (q.columns() == 0) throw std::invalid_argument("attention_backward: q of no features");
    //> 11.5: about 8 lines
    const float shrink = 1.0f / std::sqrt(1.0f * q.columns());
    const Tensor A = masked_softmax(scale(matmul(q, transpose(k)), shrink), mask);

    const Tensor dv = matmul(transpose(A), dy);
    const Tensor dA = matmul(dy, transpose(v));
    const Tensor dz = scale(softmax_backward(A, dA), shrink);
    return {matmul(dz, k), matmul(transpose(dz), q), dv};
    //<
}

// ## See it
//
// The demo weighs three keys with and without the √d, and measures the variance of q · k for random
// vectors. Then it gives our six words queries and keys that were made by hand, and draws where
// each word looks, freely and with a causal mask. With keys nine times as large, `sat` copies a
// word. (What prints the first two tables is in course/demos/11_scores/.)
//
// Before you run `make demo CHAPTER=11`: under the causal mask, which row must be 1 0 0 0 0 0,
// whatever the numbers are? And at d = 256, how large is the largest of 16 weights without the √d?
//
// ## Experiment
//
// The random features have a *standard deviation* of 1: it is the root of the variance. Set
// `deviation` to 2. What is the variance of q · k then, at d = 4? Write it down as `predicted`, and
// run the demo. And what do you think of √d now?
static const double deviation = 1.0;
static const double predicted = NAN;  // your number, such as 4

static const figure::Names words = {"the", "cat", "sat", "on", "the", "mat"};

// Features: thing, deed, place, little word. `sat` asks for things and places; `on` for places.
static const Tensor queries =
    matrix({{3, 0, 1, 0}, {0, 3, 0, 0}, {3, 0, 1, 0}, {0, 1, 4, 0}, {1, 0, 3, 0}, {0, 1, 0, 2}});
static const Tensor keys =
    matrix({{0, 0, 0, 1}, {3, 0, 0, 0}, {0, 3, 0, 0}, {0, 0, 1, 2}, {0, 0, 0, 1}, {1, 0, 3, 0}});

static void show_sat(const char* when, const Tensor& rows) {
    std::printf("  %-16s", when);
    for (int i = 0; i < 6; ++i) std::printf(" %.2f", rows(2, i));
    std::printf("\n");
}

static void show_words() {
    Tensor values({6, 6});  // one-hot: a 1 at the word's own place
    for (int i = 0; i < 6; ++i) values(i, i) = 1.0f;
    const Tensor free = attention_weights(queries, keys).value();
    const Tensor causal = attention_weights(queries, keys, causal_mask(6)).value();
    std::printf(
        "\nWhere each word looks, in percent:\n%s\n",
        figure::text_heatmap(words, words, figure::values(free.data), {0, 1}, true).c_str());
    for (int i = 0; i < 6; ++i) {
        const float* row = free.row(i);
        std::printf("  %-4s looks most at %s\n", words[i].c_str(),
                    words[std::max_element(row, row + 6) - row].c_str());
    }
    std::printf("\nThe row of `sat`, with a 1 for each word at its own place:\n\n");
    show_sat("before", values);
    show_sat("after", attention(queries, keys, values).value());
    show_sat("with sharp keys", attention(queries, scale(keys, 9), values).value());
    const std::string picture = figure::heatmaps(
        {"Where each word looks", "key", "query"}, words, words,
        {{"freely", figure::values(free.data)}, {"not ahead", figure::values(causal.data)}});
    std::printf("\npicture: %s\n", figure::save("11_words", picture).c_str());
}

static const Demo demo("11", [] {
    scores::show_scale();
    compare("The variance of q·k at d = 4", predicted, scores::show_variance(deviation));
    show_words();
});

// ## Questions
//
// 1. How many multiplications does (11.3) need, in terms of T, S, d and e? What happens to this
//    number when a text looks at itself and becomes twice as long?
// 2. What breaks if a word's row serves as its query, its key and its value? Take ten words whose
//    rows are orthogonal (all dot products are 0), first of length 1, then of squared length 10.
//    Leave the √d out.
// 3. Look at the demo's picture. Which words lose what they looked for under the causal mask, and
//    where do they look instead?
// 4. Shuffle the words of a sentence, and the rows of Q, K and V with them. What happens to the
//    output? What does attention know about the order of words, and is that a fault?
//> answers
//
// Answers.
//
// Predictions. The first row: the first word sees only itself, and a softmax of one score is 1.
// Without the √d the largest of 16 weights is 0.92 at d = 256. In the experiment every product of
// two features has 4 · 4 times its variance, so q · k has 16 · 4 = 64. The √d takes care of the
// number of features, not of their size. That is what chapter 14's norm is for.
//
// 1. T S d for the scores and T S e for the average. Twice the text is twice T and twice S: four
//    times the work. Attention grows with the square of the length.
// 2. A word matches itself best: its weight is e/(e + 9) = 0.232 at length 1, and e¹⁰/(e¹⁰ + 9) =
//    0.9996 at squared length 10. Nothing new is found. And with q = k the scores are the same in
//    both directions: `cat` would have to look for `sat` as much as `sat` for `cat`.
// 3. Three words looked for something that stands later: `cat` for the deed, `on` and the second
//    `the` for the place. `cat` now gives `the` and itself the same, and `on` looks at itself.
// 4. The rows of the output are shuffled in the same way, and nothing else changes. It knows
//    nothing about order. For a set that is right; for a sentence, chapter 13 has to tell it.
//<
//
// ## Faster
//
// Your 11.4 calls `std::exp` for one number after the other. A core can work on 8 or 16 numbers
// with one instruction (*SIMD*: single instruction, multiple data). The compiler uses such
// instructions only in loops without calls and without branches, and only where the order of a sum
// does not matter. `fast_exp`, `lane_sum` and `lane_max` of course/kit/vector_math.hpp are of that
// kind, and this file includes them. Chapter 12 has a masked softmax made of them, and your plain
// code is its reference.
//
// ## Where it comes from
//
// - Bahdanau, Cho and Bengio (2014) compared query and key with a small network. Graves, Wayne and
//   Danihelka, "Neural Turing machines" (2014), looked things up in a memory by their content.
// - Luong, Pham and Manning, "Effective approaches to attention-based neural machine translation"
//   (2015): the dot product does as well, and is only a matrix product.
// - Vaswani and others (2017): the √d, and words of one sentence that look at each other.
//
// ## What you have now
//
// Attention, forwards and backwards, with masks: each query gets an average of all values that it
// may see. Chapter 12 makes Q, K and V, and lets several attentions work side by side.
