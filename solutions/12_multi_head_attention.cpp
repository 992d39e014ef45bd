// # 12. Multi-head attention
//
// An attention layer has one set of weights per query: it can look for *one* kind of thing. But a
// word wants to know several at once: which word stands before it, what it is the subject of, what
// it has in common with others. Multi-head attention lets several small attentions, its *heads*,
// look at the same sentence side by side, each through glasses of its own, and puts together what
// they found. At the end of this chapter you see two heads at work on one sentence:
//
//           head 1, the word before     head 2, what belongs together
//           the  cat  sat               the  cat  sat
//      the   ·    ·    ·                 ·    ▓    ·
//      cat   ▓    ·    ·                 ·    ·    ▓
//      sat   ·    ▓    ·                 ·    ▓    ·
//
// Needs: chapters 4 and 11.
// Check: `make check CHAPTER=12`.
// Letters: B sentences, T queries, S keys, D = d_model features, H heads of d = D/H features.

#include "12_multi_head_attention.hpp"

#include "02_fast_matmul.hpp"
#include "kit/chapter.hpp"
#include "kit/figure.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <stdexcept>

// ## Heads
//
// Each head h has matrices of its own that turn the D features of a word into a query, a key and a
// value of only d = D/H features. It attends with them, as in chapter 11, and the results of all
// heads are set side by side and mixed by one more matrix:
//
//     head_h = Attention(X W_h^Q, M W_h^K, M W_h^V)                                      (12.1)
//     MultiHead(X, M) = [head_1 … head_H] W^O                                            (12.2)
//
// X are those who ask and M, the *memory*, those who answer: the same sentence in *self-attention*,
// another one in *cross-attention*. The small matrices W_h^Q stand side by side in one D × D
// matrix, so that one product makes the queries of all heads. What is left to do is a matter of
// axes.
//
// ## The axes of heads
//
// After the product a word has D features, the first d of which belong to head 1, the next d to
// head 2, and so on. Reading `[B, T, D]` as `[B, T, H, d]` is a reshape: nothing moves. But
// attention wants one matrix per head, with a row per word: `[B, H, T, d]`. That is *not* a
// reshape. The word's axis and the head's must change places, and almost every number moves, as in
// the transpose of 1.2:
//
//        T = 2 words, H = 2 heads, d = 2         what attention wants
//        word 1:  a a | b b                      head a:  a a    word 1
//        word 2:  A A | B B                               A A    word 2
//                                                head b:  b b    word 1
//                                                         B B    word 2
//
// ## Exercise 12.1 — Two axes change places
// *About 5 lines · difficulty 2 of 3 · 15 minutes*
//
// Element (b, p, q, i) of x goes to (b, q, p, i) of the result, for the d features i together. They
// are a row: by (1.1), that of (b, p, q) in a [B, P, Q, d] tensor is row (b · P + p) · Q + q, and
// x.row(r) points to row r.
Tensor swap_middle_axes(const Tensor& x) {
    require_shapes("swap_middle_axes", {{x.shape, "B P Q d"}});
    const int B = x.shape[0], P = x.shape[1], Q = x.shape[2], d = x.shape[3];
    Tensor result({B, Q, P, d});
    //> 12.1: about 5 lines
    for (int b = 0; b < B; ++b)
        for (int p = 0; p < P; ++p)
            for (int q = 0; q < Q; ++q)
                std::copy_n(x.row((b * P + p) * Q + q), d, result.row((b * Q + q) * P + p));
    return result;
    //<
}

// Swapping twice undoes the swap, so going back is the swap itself.
Variable swap_middle_axes(const Variable& x) {
    return record("swap axes", swap_middle_axes(x.value()), {x},
                  [](const Tensor&, const Tensor& dy) { return swap_middle_axes(dy); });
}

// The heads share the features evenly, or there is an error.
static int whole_heads(const std::string& function, int D, int num_heads) {
    if (D < 1 || num_heads < 1 || D % num_heads != 0)
        throw std::invalid_argument(function + ": " + std::to_string(D) +
                                    " features cannot be shared by " + std::to_string(num_heads) +
                                    " heads");
    return num_heads;
}

// ## Exercise 12.2 — Split and merge
// *About 4 lines · difficulty 2 of 3 · 15 minutes*
//
// Write both with `reshape` and `swap_middle_axes`. Splitting reads D as H times d, then exchanges;
// merging undoes both, in the other order.
Variable split_heads(const Variable& x, int num_heads) {  // [B, T, D] → [B, H, T, d]
    require_shapes("split_heads", {{x.shape(), "B T D"}});
    const int B = x.shape()[0], T = x.shape()[1];
    const int d = x.shape()[2] / whole_heads("split_heads", x.shape()[2], num_heads);
    //> 12.2: 1 line
    return swap_middle_axes(reshape(x, {B, T, num_heads, d}));
    //<
}

Variable merge_heads(const Variable& x) {  // [B, H, T, d] → [B, T, D]
    //> 12.2: about 3 lines
    const Variable by_word = swap_middle_axes(x);  // [B, T, H, d]
    const Shape& shape = by_word.shape();
    return reshape(by_word, {shape[0], shape[1], shape[2] * shape[3]});
    //<
}

// ## Nothing need move
//
// Splitting and merging copy every number four times, forwards and backwards, and for what? A
// `View` (chapter 2) can read a head where it lies: T rows of d numbers, D apart. Its scores are
// matrix i of a [B, H, T, S] tensor. So all heads can attend in one operation, in place.
template <class SomeTensor>
static auto head(SomeTensor& x, int i, int H) {  // head i % H of sentence i / H
    const int T = x.shape[1], d = x.shape[2] / H;
    return part(view(x), i / H * T, i % H * d, T, d);
}

template <class SomeTensor>
static auto matrix_of(SomeTensor& stack, int i) {  // matrix i of [B, H, T, S]
    const int T = stack.shape[2], S = stack.shape[3];
    return part(view(stack), i * T, 0, T, S);
}

// Calls body(i) for every head; the threads share the heads when there is enough to do.
static void each_head(const Tensor& scores, int d, const std::function<void(int)>& body) {
    const int heads = scores.shape[0] * scores.shape[1];
    if (1.0 * scores.size() * d > 1e6) parallel_for(heads, body);
    else
        for (int i = 0; i < heads; ++i) body(i);
}

// The products are those of exercise 11.5, and so is their order.
static Gradients backward_in_heads(const Tensor& q, const Tensor& k, const Tensor& v,
                                   const Tensor& A, const Tensor& dy) {
    const int H = A.shape[1], d = q.shape[2] / H;
    Tensor dA(A.shape), dq(q.shape), dk(k.shape), dv(v.shape);
    each_head(A, d, [&](int i) {
        multiply_add(transposed(matrix_of(A, i)), head(dy, i, H), head(dv, i, H));
        multiply_add(head(dy, i, H), transposed(head(v, i, H)), matrix_of(dA, i));
    });
    const Tensor dz = scale(softmax_backward(A, dA), 1.0f / std::sqrt(1.0f * d));
    each_head(A, d, [&](int i) {
        multiply_add(matrix_of(dz, i), head(k, i, H), head(dq, i, H));
        multiply_add(transposed(matrix_of(dz, i)), head(q, i, H), head(dk, i, H));
    });
    return Gradients(std::move(dq), std::move(dk), std::move(dv));
}

Variable attend_in_heads(const Variable& q, const Variable& k, const Variable& v, int H,
                         const Tensor& mask) {
    require_shapes("attend_in_heads",
                   {{q.shape(), "B T D"}, {k.shape(), "B S D"}, {v.shape(), "B S D"}});
    const int B = q.shape()[0], T = q.shape()[1], S = k.shape()[1];
    const int d = q.shape()[2] / whole_heads("attend_in_heads", q.shape()[2], H);
    Tensor scores({B, H, T, S}), y(q.shape());
    each_head(scores, d, [&](int i) {
        multiply_add(head(q.value(), i, H), transposed(head(k.value(), i, H)),
                     matrix_of(scores, i));
    });
    Tensor A = masked_softmax(scale(scores, 1.0f / std::sqrt(1.0f * d)), mask);
    each_head(scores, d,
              [&](int i) { multiply_add(matrix_of(A, i), head(v.value(), i, H), head(y, i, H)); });
    return record("attention", std::move(y), {q, k, v},
                  [=, A = std::move(A)](const Tensor&, const Tensor& dy) {
                      return backward_in_heads(q.value(), k.value(), v.value(), A, dy);
                  });
}

// ## The layer
//
// Four linear layers, and (12.1) and (12.2) between them. The number of features must be a multiple
// of the number of heads; 512 features make 8 heads of 64 in the paper's base model.
MultiHeadAttention::MultiHeadAttention(int d_model, int heads, Random& random)
    : num_heads(whole_heads("MultiHeadAttention", d_model, heads)),
      query(d_model, d_model, random),
      key(d_model, d_model, random),
      value(d_model, d_model, random),
      output(d_model, d_model, random) {}

Parameters MultiHeadAttention::parameters() const {
    return {query.W, query.b, key.W, key.b, value.W, value.b, output.W, output.b};
}

Variable MultiHeadAttention::weights(const Variable& x, const Variable& memory,
                                     const Tensor& mask) const {
    return attention_weights(split_heads(query(x), num_heads), split_heads(key(memory), num_heads),
                             mask);
}

// ## Exercise 12.3 — Multi-head attention
// *About 5 lines · difficulty 2 of 3 · 15 minutes*
//
// Write the layer: `query(x)` is x W^Q + b, and so on; `attention` works on the split heads as they
// are. Who asks, and who answers? The scores are divided by √d, the features of *one head*; if you
// split before you attend, `attention` sees to that. When it passes, put `attend_in_heads` in the
// place of splitting, attending and merging: the same numbers, sooner.
Variable MultiHeadAttention::operator()(const Variable& x, const Variable& memory,
                                        const Tensor& mask) const {
    //> 12.3: about 5 lines
    const Variable q = query(x), k = key(memory), v = value(memory);
    return output(attend_in_heads(q, k, v, num_heads, mask));
    //<
}

// ## A sum over heads
//
// (12.2) sets the heads side by side and multiplies by W^O. But a product with a matrix whose rows
// come in H groups of d is a sum of H products, one for each group:
//
//     [head_1 … head_H] W^O = Σ_(h=1)^H head_h W_h^O                                     (12.3)
//
// where W_h^O are the d rows of W^O that belong to head h. So the heads do not meet at all: each
// *adds* something of its own to the output. This is the better picture to keep, because it says
// what a single head does, and what would be missing without it.
//
// ## Exercise 12.4 — What one head adds
// *About 8 lines · difficulty 3 of 3 · 25 minutes*
//
// Compute the term of one head in (12.3), without the output's bias; the argument h counts from 0,
// so 0 is head 1. Here is a way: let all heads attend as in 12.3, but before merging, multiply by a
// constant [H, T, d] tensor that is 1 for this head and 0 for the others (`multiply` uses it for
// every sentence). Then merge, and multiply by output.W.
Variable contribution_of_head(const MultiHeadAttention& layer, int h, const Variable& x,
                              const Variable& memory, const Tensor& mask) {
    if (h < 0 || h >= layer.num_heads)
        throw std::invalid_argument("contribution_of_head: head " + std::to_string(h) + " of " +
                                    std::to_string(layer.num_heads));
    //> 12.4: about 8 lines
    const Variable v = split_heads(layer.value(memory), layer.num_heads);
    const Variable heads = matmul(layer.weights(x, memory, mask), v);  // [B, H, T, d]
    const int T = heads.shape()[2], d = heads.shape()[3];
    Tensor only({layer.num_heads, T, d});
    std::fill_n(only.row(h * T), T * d, 1.0f);
    return matmul(merge_heads(heads * only), layer.output.W);
    //<
}

// ## What it costs
//
// ## Exercise 12.5 — Counting
// *About 1 line · difficulty 1 of 3 · 5 minutes*
//
// Four linear layers of D × D, each with a bias of D. How many numbers does the layer learn, and
// how does that depend on the number of heads? Write the formula.
int count_multi_head_parameters(int d_model, int num_heads) {
    //> 12.5: 1 line
    return 4 * (d_model * d_model + d_model);
    //<
}

// ## See it
//
// The demo builds a layer of two heads with weights made by hand. Every word has 12 features: 6 say
// what it is and what it wants, 6 say where it stands. Head 1 compares places, and asks for its own
// place minus one. Head 2 compares meanings. Before you run `make demo CHAPTER=12`: what does the
// first word find when it asks head 1 for the word before it?
static const figure::Names words = {"the", "cat", "sat", "on", "the", "mat"};

// Features 0–2 what a word is (thing, deed, place), 3–5 what it wants, 6–11 its position.
static Tensor sentence() {
    Tensor x({1, 6, 12});
    const int is[] = {-1, 0, 1, -1, -1, 2}, wants[] = {0, 1, 0, 2, 2, 1};
    for (int t = 0; t < 6; ++t) {
        if (is[t] >= 0) x(0, t, is[t]) = 1.0f;
        x(0, t, 3 + wants[t]) = 1.0f;
        x(0, t, 6 + t) = 1.0f;
    }
    return x;
}

static MultiHeadAttention hand_made_layer() {
    Random random(12);
    const MultiHeadAttention layer(12, 2, random);
    Tensor query({12, 12}), key({12, 12});
    const float sharp = 12.0f;
    for (int t = 0; t < 6; ++t) {
        if (t > 0) query(6 + t, t - 1) = sharp;  // head 1: my position asks for the last
        key(6 + t, t) = 1.0f;                    //         a position answers as itself
    }
    for (int kind = 0; kind < 3; ++kind) {
        query(3 + kind, 6 + kind) = sharp;  // head 2: what I want
        key(kind, 6 + kind) = 1.0f;         //         what I am
    }
    layer.query.W.set_value(query);
    layer.key.W.set_value(key);
    return layer;
}

static const Demo demo("12", [] {
    const MultiHeadAttention layer = hand_made_layer();
    const Tensor weights = layer.weights(sentence(), sentence()).value();
    std::vector<figure::HeatPanel> panels;
    for (int h = 0; h < 2; ++h) {
        const figure::Values cells(weights.row(6 * h), weights.row(6 * h) + 36);
        const std::string title = h == 0 ? "head 1: the word before" : "head 2: what I want";
        panels.push_back({title, cells});
        std::printf("%s, in percent\n%s\n", title.c_str(),
                    figure::text_heatmap(words, words, cells, {0, 1}, true).c_str());
    }
    std::printf("numbers learnt by a layer of 512 features: %d with 8 heads, %d with 1\n",
                count_multi_head_parameters(512, 8), count_multi_head_parameters(512, 1));
    const std::string picture =
        figure::heatmaps({"Two heads, one sentence", "key", "query"}, words, words, panels);
    std::printf("\npicture: %s\n", figure::save("12_heads", picture).c_str());
});

// ## Questions
//
// 1. With H heads, each works in d = D/H features. How many multiplications do all the scores take
//    together, compared with one head of D features? So what do heads cost?
// 2. Could two heads be exchanged without changing the layer? What would have to be exchanged with
//    them?
// 3. In cross-attention x has T words and the memory S. Which of the layer's shapes depend on T,
//    which on S, and which on neither?
//> answers
//
// Answers.
//
// 1. H times T S d, which is T S D: the same. Heads cost only their softmaxes, of H times as many
//    scores; and each has fewer features to tell things apart by.
// 2. Yes: the columns of W^Q, W^K, W^V that belong to the two, the same entries of their biases,
//    and the rows of W^O. (12.3) is a sum, and a sum does not care about order.
// 3. The weights are [B, H, T, S]; queries and output depend on T, keys and values on S. The
//    parameters depend on neither, so the layer works for sentences of any length.
//<
