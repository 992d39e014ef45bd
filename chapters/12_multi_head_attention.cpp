// # 12. Multi-head attention
//
// An attention layer has one row of weights for each query, so it can look for *one* kind of thing.
// But a word wants to know several things at once. In "the cat sat on the mat", `on` wants to know
// which word stands before it, and which place it speaks of. *Multi-head attention* lets several
// small attentions, its *heads*, look at the same sentence side by side, each through glasses of
// its own, and puts together what they found. In the demo a layer has two heads, and this is where
// `on` looks, in percent:
//
//                 the cat sat  on the mat
//        head 0     1   1  96   1   1   1   which word is before me?
//        head 1     1   1   1   1   1  96   what I want: a place
//
// Needs: chapters 4 and 11.
// Check: `make check CHAPTER=12`.
// Letters: B sentences, T queries, S keys, D = `d_model` features, H heads of d = D/H features.
// Minutes: about 65.

#include "12_multi_head_attention.hpp"

#include "02_fast_matmul.hpp"
#include "demos/12_heads/heads.hpp"
#include "kit/chapter.hpp"
#include "kit/vector_math.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <stdexcept>

// ## Heads
//
// Each head h has matrices of its own. They turn the D features of a word into a query, a key and a
// value of only d = D/H features, and the head attends with them as in chapter 11. The results of
// all heads are set side by side, and one more matrix mixes them. Heads are counted from 0:
//
//     head_h = Attention(X W_h^Q, M W_h^K, M W_h^V)                                      (12.1)
//     MultiHead(X, M) = [head_0 … head_(H − 1)] W^O                                      (12.2)
//
// These are the matrices that make queries, keys and values of words. Nobody fills them in. They
// are parameters, and training finds out what is worth asking. X are the words that ask and M, the
// *memory*, those that answer: the same sentence in *self-attention*, another one in
// *cross-attention*.
//
// The small matrices W_h^Q stand side by side in one D × D matrix, so one product makes the queries
// of all heads. What is left to do is a matter of axes.
//
// ## The axes of heads
//
// After the product a word has D features. The first d of them belong to head 0, the next d to head
// 1, and so on. To read `[B, T, D]` as `[B, T, H, d]` is a reshape: nothing moves. But attention
// wants one matrix for each head, with a row for each word: `[B, H, T, d]`. That is *not* a
// reshape. The axis of the words and the axis of the heads must change places, and almost every
// number moves, as in the transpose of 1.2. With capital letters for the second word:
//
//        T = 2 words, H = 2 heads, d = 2    what attention wants
//        word 0:  a a | b b                 head 0:  a a   word 0
//        word 1:  A A | B B                          A A   word 1
//                                           head 1:  b b   word 0
//                                                    B B   word 1
//
// ## Exercise 12.1 — By hand
// *About 2 lines · difficulty 1 of 3 · 10 minutes*
//
// Three words have four features each. They lie in memory as the numbers 0 to 11: word 0 has 0, 1,
// 2, 3, word 1 begins with 4. Two heads share the features. Which numbers does head 0 get, and
// which does head 1, in the order in which they must lie in memory? Return two rows of six.
Tensor heads_by_hand() {
    // TODO 12.1: two rows of six
    todo("12.1");
}

// ## Exercise 12.2 — Two axes change places
// *About 5 lines · difficulty 2 of 3 · 10 minutes*
//
// Element (b, p, q, i) of x goes to (b, q, p, i) of the result. The d features i stay together:
// they are a row, and `x.row(r)` points to row r. Which row is that of (b, p, q) in a tensor [B, P,
// Q, d]? (1.1) says it, when you leave its last index out. And which row is it in the result?
Tensor swap_middle_axes(const Tensor& x) {
    require_shapes("swap_middle_axes", {{x.shape, "B P Q d"}});
    const int B = x.shape[0], P = x.shape[1], Q = x.shape[2], d = x.shape[3];
    Tensor result({B, Q, P, d});
    // TODO 12.2: about 5 lines
    todo("12.2");
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

// ## Exercise 12.3 — Split and merge
// *About 4 lines · difficulty 2 of 3 · 10 minutes*
//
// Write both with `reshape` and `swap_middle_axes`. To split is to read D as H times d, and then to
// swap. To merge is to undo both. In which order?
Variable split_heads(const Variable& x, int num_heads) {  // [B, T, D] → [B, H, T, d]
    require_shapes("split_heads", {{x.shape(), "B T D"}});
    const int B = x.shape()[0], T = x.shape()[1];
    const int d = x.shape()[2] / whole_heads("split_heads", x.shape()[2], num_heads);
    // TODO 12.3: 1 line
    todo("12.3");
}

Variable merge_heads(const Variable& x) {  // [B, H, T, d] → [B, T, D]
    // TODO 12.3: about 3 lines
    todo("12.3");
}

// ## The layer
//
// A layer is four linear layers, and (12.1) and (12.2) between them. The number of features must be
// a multiple of the number of heads. The base model of Vaswani and others ("Attention is all you
// need", 2017) has 512 features and 8 heads of 64.
MultiHeadAttention::MultiHeadAttention(int d_model, int heads, Random& random)
    : num_heads(whole_heads("MultiHeadAttention", d_model, heads)),
      query(d_model, d_model, random),
      key(d_model, d_model, random),
      value(d_model, d_model, random),
      output(d_model, d_model, random) {}

Parameters MultiHeadAttention::parameters() const {
    return {query.W, query.b, key.W, key.b, value.W, value.b, output.W, output.b};
}

// ## Exercise 12.4 — Multi-head attention
// *About 7 lines · difficulty 2 of 3 · 15 minutes*
//
// Three functions. `split_attend_merge` gets the queries, keys and values of all heads; `attention`
// works on the split heads as they are. The layer itself calls it: `query(x)` is x W^Q + b, and so
// on. `weights` says where each head looks. Who asks, and who answers? What would the scores be
// divided by if you attended before you split, and what are they divided by now?
Variable split_attend_merge(const Variable& q, const Variable& k, const Variable& v, int H,
                            const Tensor& mask) {
    // TODO 12.4: about 3 lines
    todo("12.4");
}

Variable MultiHeadAttention::operator()(const Variable& x, const Variable& memory,
                                        const Tensor& mask) const {
    // TODO 12.4: about 2 lines
    todo("12.4");
}

Variable MultiHeadAttention::weights(const Variable& x, const Variable& memory,
                                     const Tensor& mask) const {
    // TODO 12.4: about 2 lines; [B, H, T, S]
    todo("12.4");
}

// Here are the shapes once more, on the way through the layer:
//
//        x                 [B, T, D]
//        queries           [B, T, D]     keys and values: [B, S, D]
//        split             [B, H, T, d]  [B, H, S, d]
//        weights           [B, H, T, S]  a matrix for each head
//        what heads found  [B, H, T, d]
//        merged            [B, T, D]
//        output            [B, T, D]     as x
//
// When your function passes, you may write `attend_in_heads` in the place of `split_attend_merge`.
// It stands under "Faster" and gives the same numbers.
//
// ## A sum over heads
//
// (12.2) sets the heads side by side and multiplies by W^O. But the rows of W^O come in H groups of
// d, and a product with such a matrix is a sum of H products, one for each group:
//
//     [head_0 … head_(H − 1)] W^O = Σ_(h=0)^(H − 1) head_h W_h^O                         (12.3)
//
// where W_h^O are the d rows of W^O that belong to head h. So the heads do not meet at all: each
// *adds* something of its own to the output. This is the better picture to keep, because it says
// what a single head does, and what would be missing without it.
//
// > A head that was trained cannot be asked what it does. But it can be switched off, and then you
// > see who complains. Chapter 24 does it.
//
// ## Exercise 12.5 — What one head adds
// *About 8 lines · difficulty 3 of 3 · 20 minutes*
//
// Compute the term of head h in (12.3), without the output's bias, and so that gradients flow
// through it. Several ways lead there: silence the other heads before they are merged, let head h
// attend alone, or take only its rows of W^O. Choose one. A constant tensor of ones and zeros may
// help: `multiply` uses a constant [H, T, d] for every sentence of [B, H, T, d].
Variable contribution_of_head(const MultiHeadAttention& layer, int h, const Variable& x,
                              const Variable& memory, const Tensor& mask) {
    if (h < 0 || h >= layer.num_heads)
        throw std::invalid_argument("contribution_of_head: head " + std::to_string(h) + " of " +
                                    std::to_string(layer.num_heads));
    // TODO 12.5: about 8 lines
    todo("12.5");
}

// Here is what the two heads of the demo add to the row of `on`, times 100:
//
//                   what it is   what it wants   where it stands
//        before      0   0   0     0   0 100    0  0  0 100  0  0
//        head 0 adds 1  96   1    97   1   1    0  0  0   0  0  0
//        head 1 adds 0   0   0     0   0   0    1  1  1   1  1 96
//
// Head 0 has brought what stands before `on`: a deed that wants a thing (97 and not 96, for the
// first `the` wants one too). Head 1 has brought where the place stands that `on` speaks of: at 5,
// the last.
//
// ## See it
//
// The demo builds a layer of two heads with weights made by hand. Every word has 12 features: 3 say
// what it is, 3 what it wants, and 6 where it stands. Head 0 compares places, and asks for its own
// place minus one. Head 1 compares what a word wants with what the others are. Values and output
// change nothing, so the rows above can be read. Before you run `make demo
// CHAPTER=12`: what does the first word find when it asks head 0 for the word before it?
//
// ## Experiment
//
// A query of head 0 matches one key with the score `sharp`/√6, for d is 6, and the other five with
// 0. Set `sharp` to 6. Which weight does the word before get then? Write it down as `predicted`,
// and run the demo.
static const float sharp = 12;
static const double predicted = NAN;  // your number, such as 0.96

// "the cat sat on the mat", with the features 0–2 what a word is (thing, deed, place), 3–5 what it
// wants, 6–11 where it stands.
static Tensor sentence() {
    Tensor x({1, 6, 12});
    const int is[] = {-1, 0, 1, -1, -1, 2}, wants[] = {0, 1, 0, 2, 2, 1};
    for (int t = 0; t < 6; ++t) {
        if (is[t] >= 0) x(0, t, is[t]) = 1;
        x(0, t, 3 + wants[t]) = x(0, t, 6 + t) = 1;
    }
    return x;
}

static MultiHeadAttention hand_made_layer() {
    Random random(12);
    const MultiHeadAttention layer(12, 2, random);
    Tensor query({12, 12}), key({12, 12}), same({12, 12});
    for (int t = 0; t < 6; ++t) {
        if (t > 0) query(6 + t, t - 1) = sharp;  // head 0: my place asks for the last one
        key(6 + t, t) = 1;                       //         a place answers as itself
    }
    for (int kind = 0; kind < 3; ++kind) {
        query(3 + kind, 6 + kind) = sharp;  // head 1: what I want
        key(kind, 6 + kind) = 1;            //         what I am
    }
    for (int i = 0; i < 12; ++i) same(i, i) = 1;
    layer.query.W.set_value(query);
    layer.key.W.set_value(key);
    layer.value.W.set_value(same);
    layer.output.W.set_value(same);
    return layer;
}

static void show_on(const char* what, const Tensor& x) {
    std::printf("%-12s", what);
    for (int i = 0; i < 12; ++i) std::printf(" %3.0f", 100 * x(0, 3, i));
    std::printf("\n");
}

static const Demo demo("12", [] {
    const MultiHeadAttention layer = hand_made_layer();
    const Tensor x = sentence(), weights = layer.weights(x, x).value();
    std::printf("The row of `on`, times 100: what it is, what it wants, where it stands\n\n");
    show_on("before", x);
    show_on("head 0 adds", contribution_of_head(layer, 0, x, x).value());
    show_on("head 1 adds", contribution_of_head(layer, 1, x, x).value());
    compare("The weight of the word before", predicted, weights(0, 0, 3, 2));
    heads::show_heads(weights);
});

// ## Questions
//
// 1. A sentence of N = 100 words of D = 512 features is 51,200 numbers. How many weights has one
//    linear layer that makes 51,200 new numbers of them? How many parameters has multi-head
//    attention, and how does their number depend on N and on H?
// 2. What breaks if you leave out W^O, so that the layer returns the heads side by side? Think of
//    (12.3), and of where in the output a head can then say something.
// 3. Look at the demo's picture. In head 1 the rows come in pairs that are the same, in head 0 no
//    two are. Why?
// 4. Could two heads be exchanged without changing the layer? What would have to be exchanged with
//    them? Then what does "head 3 looks for the subject" mean for a model that is trained again?
//
// ## Faster
//
// Splitting three tensors and merging one copies every number, on the way up and again on the way
// back. Nothing has to move. A `View` (chapter 2) can read a head where it lies: T rows of d
// numbers, D apart. Its scores are matrix i of a [B, H, T, S] tensor. So all heads can attend in
// one operation, in place.
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

// The function below calls `body(i)` for every head; the threads share the heads when there is
// enough to do.
static void each_head(const Tensor& scores, int d, const std::function<void(int)>& body) {
    const int heads = scores.shape[0] * scores.shape[1];
    if (1.0 * scores.size() * d > 1e6) parallel_for(heads, body);
    else
        for (int i = 0; i < heads; ++i) body(i);
}

// The softmax is your 11.4 once more, without a branch and in place: hidden scores become −∞, and
// three loops work on many numbers at once.
static void softmax_in_lanes(Tensor& scores, float factor, const Tensor& mask) {
    require_mask(scores, mask);
    const int S = scores.columns();
    for (int row = 0; row < scores.rows(); ++row) {
        const float* visible = mask_row(mask, scores, row);
        float* weight = scores.row(row);
        for (int s = 0; s < S; ++s)
            weight[s] = !visible || visible[s] != 0.0f ? factor * weight[s] : -INFINITY;
        const float largest = lane_max(weight, S);
        const float shift = largest == -INFINITY ? 0.0f : largest;  // nothing is visible: all are 0
        for (int s = 0; s < S; ++s) weight[s] = fast_exp(weight[s] - shift);
        const float total = lane_sum(S, [&](int s) { return weight[s]; });
        for (int s = 0; s < S && total > 0.0f; ++s) weight[s] /= total;
    }
}

// The products of the way back are those of exercise 11.5, and so is their order.
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
    Tensor A({B, H, T, S}), y(q.shape());
    each_head(A, d, [&](int i) {
        multiply_add(head(q.value(), i, H), transposed(head(k.value(), i, H)), matrix_of(A, i));
    });
    softmax_in_lanes(A, 1.0f / std::sqrt(1.0f * d), mask);
    each_head(A, d,
              [&](int i) { multiply_add(matrix_of(A, i), head(v.value(), i, H), head(y, i, H)); });
    return record("attention", std::move(y), {q, k, v},
                  [=, A = std::move(A)](const Tensor&, const Tensor& dy) {
                      return backward_in_heads(q.value(), k.value(), v.value(), A, dy);
                  });
}

// The checks of 12.4 hold it against your `split_attend_merge`, with its gradients.
//
// ## Where it comes from
//
// - Vaswani and others (2017): heads, and self-attention beside cross-attention.
// - Voita and others, "Analyzing multi-head self-attention" (2019), and Michel, Levy and Neubig,
//   "Are sixteen heads really better than one?" (2019): most heads of a trained model can be
//   switched off.
// - Elhage and others, "A mathematical framework for transformer circuits" (2021): the sum over
//   heads as the way to read a model.
//
// ## What you have now
//
// The layer that all transformers are made of: self-attention and cross-attention in one function.
// It still does not know in which order the words stand. That is chapter 13.
