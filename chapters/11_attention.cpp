// # 11. Attention
//
// Until now each position of a sentence has been processed alone, or in line behind the others. In
// "the cat sat on the mat" nothing could tell `sat` directly who sat, or where. Attention is the
// one layer that moves information between positions, from any to any, in one step. By the end of
// this chapter you see where each word looks:
//
//               the  cat  sat  on   the  mat
//          sat   ·    ▓    ·    ·    ·    ▒
//
// Everything else in a transformer works on one position at a time. This chapter is the
// transformer.
//
// Needs: chapters 1 to 3.
// Check: `make check CHAPTER=11`.
// Letters: T queries, S keys and values, d features of a query and of a key, e of a value.

#include "11_attention.hpp"

#include "02_fast_matmul.hpp"
#include "kit/chapter.hpp"
#include "kit/figure.hpp"
#include "kit/random.hpp"
#include "kit/vector_math.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <stdexcept>

// ## Asking and answering
//
// Think of a library. You come with a *query*: what you want to know. Each book has a *key*, the
// words on its spine, and a *value*, what is written inside. You compare your query with every key,
// and read most in the books that match best. In a network all three are rows of numbers, and the
// match of query i and key j is their dot product, the sum of q_i times k_j over all features:
//
//     scores = Q Kᵀ,   score_(i j) = q_i · k_j                                           (11.1)
//
// Softmax turns each query's row of scores into shares of 1, the *attention weights*. What the
// query brings home is the average of all values, each with its weight:
//
//     output = softmax(Q Kᵀ) V                                                           (11.2)
//
// Nothing in it is new: a product, a softmax, a product. It is an average, so whatever comes out
// lies between the values that went in; and no position is nearer than another, a matter to which
// chapter 13 returns.
//
// The smallest example that shows something: five positions with one feature each,
// x = [1, 0, 0, 0, 1], and Q = K = V = x. Position 1 finds the keys 1 and 5 like itself. A position
// with x = 0 matches nothing, and nothing more than anything else.
//
// ## Exercise 11.1 — By hand
// *About 12 lines · difficulty 1 of 3 · 15 minutes*
//
// Take paper. What is the 5 × 5 matrix of scores, and what are the weights, each row a softmax?
// Return both as numbers; three decimals are enough. (The only exponentials in it are exp(0) = 1
// and exp(1) = 2.718.) matrix({{…}, {…}}) makes a matrix of its rows.
Tensor scores_by_hand() {
    // TODO 11.1: five rows of five
    todo("11.1");
}

Tensor weights_by_hand() {
    // TODO 11.1: five rows of five, to three decimals
    todo("11.1");
}

// ## Why √d
//
// With many features dot products grow. If the d entries of q and k are independent, with mean 0
// and variance 1, each of the d products has mean 0 and variance 1, and their sum has variance d.
// At d = 64 a typical score is ±8, the softmax gives one key nearly everything, and a softmax that
// has made up its mind has no slope: by (3.5) its gradient is all but 0, and it cannot learn.
// Divide the scores by √d and their variance is 1, whatever d is:
//
//     Attention(Q, K, V) = softmax((Q Kᵀ)/√d) V                                          (11.3)
//
// ## Exercise 11.2 — Scaled scores
// *About 1 line · difficulty 1 of 3 · 10 minutes*
//
// Write (Q Kᵀ)/√d with the operations of chapter 3. d is the last axis of q. A batch of queries
// [B, T, d] needs nothing special: `matmul` and `transpose` treat each matrix of a stack by itself.
Variable attention_scores(const Variable& q,    // [..., T, d]
                          const Variable& k) {  // [..., S, d]
    require_shapes("attention_scores", {{q.shape(), "... T d"}, {k.shape(), "... S d"}});
    const float d = q.shape().back();
    if (d == 0) throw std::invalid_argument("attention_scores: queries and keys of no features");
    // TODO 11.2: 1 line; scores [..., T, S]
    todo("11.2");
}

// ## What may be seen
//
// Not every query may look at every key. Two reasons occur again and again.
//
// - A word must not look *ahead* when the model learns to predict the next word, or predicting
//   would be copying. Query i may see the keys 0 … i: the mask is *causal*.
// - The sentences of a batch have different lengths. The short ones are filled up with *padding*,
//   which means nothing and must not be looked at by anyone.
//
// A mask has a 1 where a query may look and a 0 where it may not. What both allow is their product,
// number by number: multiply(padding, causal), the one with more axes first.
//
// ## Exercise 11.3 — Masks
// *About 7 lines · difficulty 1 of 3 · 15 minutes*
//
// Fill in the ones. lengths[b] says how many keys of sentence b are real; they stand at the front.
// mask.row(r) points to the first number of row r; by (1.1), that of query t in sentence b is row
// b · T + t.
Tensor causal_mask(int T) {
    Tensor mask({T, T});
    // TODO 11.3: about 3 lines
    todo("11.3");
}

Tensor padding_mask(const std::vector<int>& lengths, int T, int S) {
    const int B = size_of(lengths);
    for (int length : lengths)
        if (length < 0 || length > S)
            throw std::invalid_argument("padding_mask: length " + std::to_string(length) +
                                        " of at most " + std::to_string(S));
    Tensor mask({B, T, S});
    // TODO 11.3: about 4 lines
    todo("11.3");
}

// ## Hidden before the softmax
//
// To hide a key *after* the softmax, by setting its weight to 0, leaves rows that no longer sum to
// 1, and worse: the hidden score has already had its say in the division. It must be hidden
// *before*. On paper one sets the score to −∞, and exp(−∞) is exactly 0. Setting it to 0 would not
// do: exp(0) is 1. Nor to −10: e⁻¹⁰ is small, but it is not nothing, and what leaks is the future.
//
// A row in which *nothing* may be seen has no largest score, and a sum of 0 to divide by. Every
// query of an empty sentence meets that, for all its keys are padding. It gets zeros, not NaN.

// A mask [T, S] serves every matrix of the scores, and [B, T, S] those of its sentence. Here is its
// row for a row of the scores, or null when there is no mask and everything is visible.
static const float* mask_row(const Tensor& mask, const Tensor& scores, int row) {
    if (mask.rank() == 0) return nullptr;
    const int T = scores.shape[scores.rank() - 2], sentences = mask.rows() / T;
    const int sentence = row / (scores.rows() / sentences);
    return mask.row(sentence * T + row % T);
}

static void require_mask(const Tensor& scores, const Tensor& mask) {
    require_shapes("masked_softmax", {{scores.shape, "... T S"}});
    Shape needed(scores.shape.end() - 2, scores.shape.end());
    if (mask.rank() == 3 && scores.rank() >= 3) needed.insert(needed.begin(), scores.shape[0]);
    if (mask.rank() != 0 && mask.shape != needed)
        throw std::invalid_argument("masked_softmax: scores " + to_string(scores.shape) +
                                    " with mask " + to_string(mask.shape) +
                                    ": the mask must be [T, S] or [B, T, S]");
}

// ## Exercise 11.4 — The softmax of what may be seen
// *About 13 lines · difficulty 2 of 3 · 25 minutes*
//
// For each row of scores: the largest of the visible ones, their exponentials and sum, the
// division, and 0 for the hidden. `mask_row(mask, scores, row)` points to the S mask entries of a
// row, or is null. (`fast_exp`, `lane_max` and `lane_sum` of course/kit/vector_math.hpp do for many
// s at once what std::exp and loops do one by one.)
Tensor masked_softmax(const Tensor& scores, const Tensor& mask) {
    require_mask(scores, mask);
    const int S = scores.columns();
    Tensor weights(scores.shape);  // zeros
    // TODO 11.4: about 13 lines
    todo("11.4");
}

// It goes back like every softmax, by (3.5). A hidden key has the weight 0, so nothing flows to it,
// and a row of zeros stops everything.
Variable masked_softmax(const Variable& scores, const Tensor& mask) {
    return record("masked softmax", masked_softmax(scores.value(), mask), {scores},
                  [](const Tensor& y, const Tensor& dy) { return softmax_backward(y, dy); });
}

// And here is the whole layer.
Variable attention_weights(const Variable& q, const Variable& k, const Tensor& mask) {
    return masked_softmax(attention_scores(q, k), mask);
}

Variable attention(const Variable& q, const Variable& k, const Variable& v, const Tensor& mask) {
    return matmul(attention_weights(q, k, mask), v);
}

// ## Backwards, once, by hand
//
// The tape knows how gradients flow through attention. Once in your life you should know it too.
// With A the weights and Y = A V, three steps that you have already follow one another, (3.3),
// (3.5) and (3.3) again:
//
//     dV = Aᵀ dY,   dA = dY Vᵀ                                                           (11.4)
//     dZ_ij = A_ij (dA_ij − Σ_(s=1)^S dA_is A_is)                                        (11.5)
//     dQ = dZ K/√d,   dK = dZᵀ Q/√d                                                      (11.6)
//
// where Z is what goes into the softmax, the scores divided by √d. Read (11.5) as a sentence: dA_ij
// says by how much the loss rises with more of value j, so a step *against* the gradient raises the
// scores of those keys whose values served better than what the query got on average.
//
// ## Exercise 11.5 — Backwards, by hand
// *About 8 lines · difficulty 3 of 3 · 30 minutes*
//
// Write (11.4) to (11.6) for single matrices, with the tensor functions of chapters 1 and 2:
// matmul, transpose, scale. `softmax_backward(A, dA)` is (11.5). No Variable may occur; the checks
// hold your gradients against those of the tape.
AttentionGradients attention_backward(const Tensor& q,     // [T, d]
                                      const Tensor& k,     // [S, d]
                                      const Tensor& v,     // [S, e]
                                      const Tensor& mask,  // [T, S], or no_mask
                                      const Tensor& dy) {  // [T, e]
    require_shapes("attention_backward",
                   {{q.shape, "T d"}, {k.shape, "S d"}, {v.shape, "S e"}, {dy.shape, "T e"}});
    if (q.columns() == 0) throw std::invalid_argument("attention_backward: q of no features");
    // TODO 11.5: about 8 lines
    todo("11.5");
}

// ## See it
//
// The demo gives six words hand-made queries and keys and draws where each word looks, freely and
// with a causal mask. It weighs three keys with and without the √d. It looks words up: with one-hot
// values, a 1 at the word's own place, the output *is* the weights, so you can read off what was
// copied. And it measures the variance of q · k for random vectors.
//
// Before you run `make demo CHAPTER=11`: under the causal mask, which row must be 1 0 0 0 0 0,
// whatever the numbers are? And at d = 256, how large is the largest of 16 weights without the √d?
static const figure::Names words = {"the", "cat", "sat", "on", "the", "mat"};

// Features: thing, deed, place, little word. `sat` asks for things and places; `on` for places.
static const Tensor queries =
    matrix({{3, 0, 1, 0}, {0, 3, 0, 0}, {3, 0, 1, 0}, {0, 1, 4, 0}, {1, 0, 3, 0}, {0, 1, 0, 2}});
static const Tensor keys =
    matrix({{0, 0, 0, 1}, {3, 0, 0, 0}, {0, 3, 0, 0}, {0, 0, 1, 2}, {0, 0, 0, 1}, {1, 0, 3, 0}});

static void show_words() {
    const Tensor free = attention_weights(queries, keys).value();
    const Tensor causal = attention_weights(queries, keys, causal_mask(6)).value();
    std::printf(
        "Where each word looks, in percent:\n%s\n",
        figure::text_heatmap(words, words, figure::values(free.data), {0, 1}, true).c_str());
    for (int i = 0; i < 6; ++i) {
        const float* row = free.row(i);
        std::printf("  %-4s looks most at %s\n", words[i].c_str(),
                    words[std::max_element(row, row + 6) - row].c_str());
    }
    const std::string picture = figure::heatmaps(
        {"Where each word looks", "key", "query"}, words, words,
        {{"freely", figure::values(free.data)}, {"not ahead", figure::values(causal.data)}});
    std::printf("\npicture: %s\n", figure::save("11_words", picture).c_str());
}

static void show_scale() {
    const Tensor q = matrix({{1, 1}}), k = matrix({{1, 0}, {0, 1}, {1, 1}});
    const Tensor with = attention_weights(q, k).value();
    const Tensor without = softmax(matmul(q, transpose(k)));
    std::printf("\nq = [1, 1] and the keys [1, 0], [0, 1], [1, 1]:\n");
    std::printf("  with √d     %.3f %.3f %.3f\n", with.data[0], with.data[1], with.data[2]);
    std::printf("  without     %.3f %.3f %.3f\n", without.data[0], without.data[1],
                without.data[2]);
}

static void show_variance() {
    Random random(11);
    std::printf("\n      d   variance of q·k   largest of 16 weights: without √d   with √d\n");
    for (int d : {1, 4, 16, 64, 256}) {
        double squares = 0, without = 0, with = 0;
        const int trials = 400;
        for (int trial = 0; trial < trials; ++trial) {
            Tensor q({1, d}), k({16, d});
            for (float& number : q.data) number = random.normal();
            for (float& number : k.data) number = random.normal();
            const Tensor scores = matmul(q, transpose(k));
            for (float score : scores.data) squares += score * score;
            const Tensor one = softmax(scores), other = attention_weights(q, k).value();
            without += *std::max_element(one.data.begin(), one.data.end());
            with += *std::max_element(other.data.begin(), other.data.end());
        }
        std::printf("  %5d   %15.1f   %33.2f   %7.2f\n", d, squares / trials / 16, without / trials,
                    with / trials);
    }
}

static const Demo demo("11", [] {
    show_words();
    show_scale();
    const Tensor copied = attention(queries, scale(keys, 9),
                                    matrix({{1, 0, 0, 0, 0, 0},
                                            {0, 1, 0, 0, 0, 0},
                                            {0, 0, 1, 0, 0, 0},
                                            {0, 0, 0, 1, 0, 0},
                                            {0, 0, 0, 0, 1, 0},
                                            {0, 0, 0, 0, 0, 1}}))
                              .value();
    std::printf("\nWith sharp keys and one-hot values, `sat` copies: ");
    for (int i = 0; i < 6; ++i) std::printf(" %s %.2f", words[i].c_str(), copied(2, i));
    std::printf("\n");
    show_variance();
});

// ## Questions
//
// 1. Shuffle the words of a sentence, and the rows of Q, K and V with them. What happens to the
//    output? What does attention know about the order of words?
// 2. How many multiplications does (11.3) need, in terms of T, S, d and e? What happens to it when
//    the text becomes twice as long?
// 3. Two keys are equal. What can you say about their weights? Can a query tell the two apart?
