// # 26. Attention at scale
//
// Everything that you have built works at any size, if you can pay. This chapter is about the bill.
// The weights of attention are a number for each pair of places: at a length of 4,096, eight heads
// have 134 million of them, half a gigabyte, and the tape keeps them. In the first half you compute
// the same attention without ever having the weights: tile by tile, three times as fast, in room
// that grows with the length and not with its square. Then you store weights in 8 bits. In the
// second half you train twenty small models in a minute, and say how good a larger one will be
// before it is trained. This is the room that one head needs, forwards and backwards, in MiB:
//
//        length        512   1,024   2,048   4,096
//        chapter 11      8      27      91     338
//        in tiles        2       3       5       9
//
// Needs: chapters 2, 11, 12 and 18.
// Check: `make check CHAPTER=26`.
// Letters: B sentences, T queries, S keys, H heads of d = D/H features, tiles of queries and keys,
// R rows and C columns of a matrix, N parameters, n tokens.
// Minutes: about 140.

#include "26_scale.hpp"

#include "02_fast_matmul.hpp"
#include "demos/26_growing/growing.hpp"
#include "kit/chapter.hpp"
#include "kit/vector_math.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

static void require(bool holds, const char* otherwise) {
    if (!holds) throw std::invalid_argument(otherwise);
}

// ## What a long text costs
//
// Attention over n places is 2 n² D multiplications, for Q Kᵀ and for A V. All else in a layer is
// 12 n D². With D = 512 both are equal at n = 3,072; beyond, attention is what you pay for. But the
// multiplications are what a machine does best. The n² weights of each head are written to memory
// and read again: by the division, the softmax, the product, and by all that comes back. And a core
// makes dozens of multiplications in the time in which one number arrives from memory.
//
// A GPU is the same, only more so. Beside each of its hundred cores it has a small memory, of some
// hundred kilobytes, and a large one for all, ten times as slow. Its *memory hierarchy* decides
// what is fast: not how much is computed counts, but how often the large memory is asked. Dao and
// others ("FlashAttention", 2022) computed *more* than everybody else, and were three times as
// fast, because the weights never left the small memory. On your machine that is the cache.
//
// ## A softmax that has not seen all
//
// To have a tile of the weights at a time, some queries by some keys, and then forget it, softmax
// must work without the whole row. It needs the row's largest score, and the sum of all
// exponentials. Milakov and Gimelshein (2018) saw that both can be corrected later. For one query,
// let m be the largest score so far, l the sum of e^(z − m), and o the sum of e^(z − m) v. A new
// tile brings scores z_j with values v_j. They may hold a larger score M; then what was summed up
// has the wrong factor, and it is the same for all of it:
//
//     M = max(m, z_1, z_2, …),   f = e^(m − M)                                           (26.1)
//     l ← f l + Σ_j e^(z_j − M)                                                          (26.2)
//     o ← f o + Σ_j e^(z_j − M) v_j                                                      (26.3)
//
// Then M takes the place of m. At the end there is one division. And a single number L remembers
// the row: its *log-sum-exp*, with which each weight can be computed again, whenever it is needed.
//
//     y = o/l,   L = m + log l,   A_j = e^(z_j − L)                                      (26.4)
//
// ## Exercise 26.1 — By hand
// *About 1 line · difficulty 1 of 3 · 10 minutes*
//
// Take paper. A query has four scores, log 2, log 4, log 8 and log 2, so that the exponentials are
// 2, 4, 8 and 2; the values are 6, 3, 1 and 4. The first two keys are one tile, the others the
// next. What are l and o after the first? Which factor f does the second bring, and what are l and
// o then? What are y and L? Return the seven, to three decimals. Then compute y by (11.2) as well.
Tensor by_hand_26() {
    // TODO 26.1: a row of seven
    todo("26.1");
}

// ## Exercise 26.2 — Attention in tiles
// *About 25 lines · difficulty 2 of 3 · 30 minutes*
//
// Write (26.1) to (26.3) for some queries and one tile. Row i of the scores begins at `&scores(i,
// 0)`; what stands there may be overwritten. The sum of (26.3) is not yours to write: it is a
// product, and chapter 2 has `multiply_add`. `lane_max`, `lane_sum` and `fast_exp` of
// course/kit/vector_math.hpp are those of chapter 11's "Faster". One thing is to be thought of. A
// hidden score is −∞, and a row may be hidden as a whole, in this tile and in all before it. What
// is m then, and what is −∞ − (−∞)?
void take_in(RunningSoftmax& so_far, MutableView scores, View values) {
    require(size_of(so_far.sum) == scores.rows && scores.columns == values.rows &&
                values.columns == so_far.output.columns() && scores.column_step == 1,
            "take_in: scores [queries, keys] and values [keys, features] are needed");
    // TODO 26.2: about 14 lines
    todo("26.2");
}

// One head of one sentence, its rows where they lie.
struct Head {
    View q, k, v;  // [T, d], [S, d] and [S, d]
    Tiles tiles;

    int place(int query) const { return k.rows - q.rows + query; }  // where it stands among keys
};

// The queries of some rows, divided by √d: then their products with the keys are scores.
static Tensor divided_queries(const Head& h, int first, int rows) {
    const float shrink = 1.0f / std::sqrt(1.0f * h.q.columns);
    Tensor q({rows, h.q.columns});
    for (int i = 0; i < rows; ++i)
        for (int c = 0; c < h.q.columns; ++c) q.row(i)[c] = shrink * h.q(first + i, c);
    return q;
}

// The scores of the queries from `first` on with the keys from `key` on, for a tile as large as Z;
// what is hidden is −∞. False, and nothing computed, when all is hidden. (`seen` and `hide_future`
// are 26.4.)
static bool scores_of_tile(const Head& h, const Tensor& q, int first, int key, MutableView Z) {
    const int place = h.place(first);
    const Seen what = h.tiles.causal ? seen(place, Z.rows, key, Z.columns) : Seen::all;
    if (what == Seen::nothing) return false;
    for (int i = 0; i < Z.rows; ++i) std::fill_n(Z.data + i * Z.row_step, Z.columns, 0.0f);
    multiply_add(view(q), transposed(part(h.k, key, 0, Z.columns, h.k.columns)), Z);
    if (what == Seen::part) hide_future(Z, place, key);
    return true;
}

// Now attention for the rows from `first` on, as many as a tile has at most. Go over the keys, tile
// by tile: `scores_of_tile` fills a part of `room`, and `take_in` takes it in. Then y, and L of
// each row, by (26.4). How long is the last tile? What has a query that sees nothing?
static void attend_block(const Head& h, int first, MutableView y, float* log_sums) {
    const int rows = y.rows, d = h.v.columns, S = h.k.rows;
    const Tensor q = divided_queries(h, first, rows);
    Tensor room({rows, std::min(h.tiles.keys, S)});
    RunningSoftmax so_far(rows, d);
    // TODO 26.2: about 11 lines
    todo("26.2");
}

// The rest is to find the heads. `head` is chapter 12's: T rows of d numbers, D apart. Each block
// of queries is a job for some thread.
template <class SomeTensor>
static auto head(SomeTensor& x, int i, int H) {  // head i % H of sentence i / H
    const int T = x.shape[1], d = x.shape[2] / H;
    return part(view(x), i / H * T, i % H * d, T, d);
}

static void require_tiles(const char* function, const Tensor& q, const Tensor& k, const Tensor& v,
                          int H, const Tiles& tiles) {
    require_shapes(function, {{q.shape, "B T D"}, {k.shape, "B S D"}, {v.shape, "B S D"}});
    require(H >= 1 && q.shape[2] >= 1 && q.shape[2] % H == 0, "tiles: heads that do not divide D");
    require(tiles.queries >= 1 && tiles.keys >= 1, "tiles: of no queries or no keys");
}

TiledAttention attend_in_tiles(const Tensor& q, const Tensor& k, const Tensor& v, int H,
                               const Tiles& tiles) {
    require_tiles("attend_in_tiles", q, k, v, H, tiles);
    const int B = q.shape[0], T = q.shape[1], blocks = (T + tiles.queries - 1) / tiles.queries;
    TiledAttention result{Tensor(q.shape), Tensor({B, H, T})};
    parallel_for(B * H * blocks, [&](int job) {
        const int i = job / blocks, first = job % blocks * tiles.queries;
        const int rows = std::min(tiles.queries, T - first), d = q.shape[2] / H;
        attend_block({head(q, i, H), head(k, i, H), head(v, i, H), tiles}, first,
                     part(head(result.y, i, H), first, 0, rows, d), result.log_sums.row(i) + first);
    });
    return result;
}

// ## Back, without what was thrown away
//
// The way back needs the weights, in (11.4) and (11.5). Chapter 11's tape kept them. You have
// thrown them away, and compute them *again*, tile by tile, from the scores and L by (26.4). This
// *recomputing* is one product more than before, five in the place of four, and still faster.
//
// One thing is missing. Σ_s dA_is A_is in (11.5) goes over a whole row, and you have a tile of it.
// Put dA = dY Vᵀ in, and the sum over s meets the values:
//
//     D_i = Σ_s A_is dA_is = Σ_s A_is (dY_i · V_s) = dY_i · Y_i                          (26.5)
//     dZ_ij = A_ij (dA_ij − D_i)                                                         (26.6)
//
// So D_i is known before the first tile: a dot product of two rows that everybody has.
//
// ## Exercise 26.3 — Backwards in tiles
// *About 22 lines · difficulty 3 of 3 · 40 minutes*
//
// For a block of queries: D_i for each row, then over the tiles of keys. Each adds to the `dv` and
// `dk` of its own keys, and to the `dq` of the block. All three begin as zeros. The products are
// those of (11.4), and those that you found in 11.5: dZ K and dZᵀ Q. Here q is divided by √d
// already. Which of dq and dk has its 1/√d by that, and when does the other one get it? Think again
// of a row that sees nothing.
struct WayBack {
    View y, dy;             // [T, d]
    const float* log_sums;  // L of each row, [T]
    MutableView dq, dk, dv;
};

static void block_backward(const Head& h, int first, int rows, const WayBack& way) {
    const int d = h.q.columns, S = h.k.rows, width = std::min(h.tiles.keys, S);
    const Tensor q = divided_queries(h, first, rows);
    const View dy = part(way.dy, first, 0, rows, d);
    const MutableView dq = part(way.dq, first, 0, rows, d);
    Tensor weights({rows, width}), slopes({rows, width});  // room for A, and for dA and dZ
    // TODO 26.3: about 22 lines
    todo("26.3");
}

// All blocks of a head add to the same dk and dv. So here a job is a whole head.
AttentionGradients tiles_backward(const Tensor& q, const Tensor& k, const Tensor& v,
                                  const TiledAttention& forward, const Tensor& dy, int H,
                                  const Tiles& tiles) {
    require_tiles("tiles_backward", q, k, v, H, tiles);
    const int B = q.shape[0], T = q.shape[1];
    require(forward.y.shape == q.shape && dy.shape == q.shape &&
                forward.log_sums.shape == Shape{B, H, T},
            "tiles_backward: y, dy or the log-sum-exps are of another shape");
    AttentionGradients d{Tensor(q.shape), Tensor(k.shape), Tensor(v.shape)};
    parallel_for(B * H, [&](int i) {
        const WayBack way{head(forward.y, i, H),      head(dy, i, H),   forward.log_sums.row(i),
                          head(d.dq, i, H), head(d.dk, i, H), head(d.dv, i, H)};
        for (int first = 0; first < T; first += tiles.queries)
            block_backward({head(q, i, H), head(k, i, H), head(v, i, H), tiles}, first,
                           std::min(tiles.queries, T - first), way);
    });
    return d;
}

Variable attend_in_tiles(const Variable& q, const Variable& k, const Variable& v, int H,
                         const Tiles& tiles) {
    const auto forward = std::make_shared<TiledAttention>(
        attend_in_tiles(q.value(), k.value(), v.value(), H, tiles));
    return record("attention", forward->y, {q, k, v}, [=](const Tensor&, const Tensor& dy) {
        AttentionGradients d = tiles_backward(q.value(), k.value(), v.value(), *forward, dy, H,
                                              tiles);
        return Gradients(std::move(d.dq), std::move(d.dk), std::move(d.dv));
    });
}

// ## Half of it need not be done
//
// Under a causal mask nearly half of the tiles are hidden from beginning to end, and the weights in
// them are 0. Chapter 11 computed them all the same. Of the others, only those on the diagonal need
// a look at each number; below it all is seen:
//
//        ▓ · · ·     ▓ a part is seen
//        █ ▓ · ·     █ all is seen
//        █ █ ▓ ·     · nothing: never computed
//        █ █ █ ▓
//
// That is the picture for square tiles, and for as many queries as keys. But tiles have other
// sizes, and a text may be read in parts. Then the queries are the last T of S places, as with
// chapter 18's cache, and query i stands at place S − T + i.
//
// ## Exercise 26.4 — Tiles that are skipped
// *About 8 lines · difficulty 2 of 3 · 15 minutes*
//
// Here is a draft of `seen`. The tile's first query stands at `place`, and sees the keys up to its
// own place; each later one sees a key more.
//
//        if (key > place) return Seen::nothing;
//        if (key + keys < place) return Seen::all;
//        return Seen::part;
//
// It has two faults. The first makes it wrong: whom does it forget? The second makes it slow: some
// tiles of which all is seen are called `part`, and looked through for nothing. Write it without
// both. Then hide what is hidden in a tile of which a part is seen.
Seen seen(int place, int queries, int key, int keys) {
    // TODO 26.4: about 3 lines
    todo("26.4");
}

void hide_future(MutableView scores, int place, int key) {
    // TODO 26.4: about 4 lines
    todo("26.4");
}

// ## Less than everything
//
// Tiles make the n² cheaper, and leave it n². In *sparse attention* a query sees a few keys only: a
// window of neighbours, and some chosen places (Child and others, 2019). That is a mask, of which
// whole tiles are skipped. In *linear attention* (Katharopoulos and others, 2020) e^(q · k) becomes
// φ(q) · φ(k), for some function φ of one row. Then the sum over the keys can be done first, Σ_j
// φ(k_j) v_jᵀ: a d × d matrix, whatever n is, to which each new key adds a term. It is a recurrent
// network, with a state of one size, and with the bottleneck of chapter 11.
//
// ## Weights of 8 bits
//
// Who writes token by token reads every weight for each token (chapter 18), and is as fast as the
// memory. Weights of a quarter of the size come four times as fast. *Quantisation* to 8 bits leaves
// the whole numbers from −127 to 127, and a scale says what 1 means. One scale for the whole matrix
// would be ruled by its largest number; so each row gets its own, from its largest size g_r:
//
//     s_r = g_r/127,   W_rc ≈ s_r w_rc                                                   (26.7)
//
// The error of a weight is at most s_r/2, and in a sum of many products such errors mostly cancel.
//
// ## Exercise 26.5 — A quarter of the bytes
// *About 14 lines · difficulty 2 of 3 · 20 minutes*
//
// First the rounding: W/s to the nearest, `std::lround`. What of a row of zeros? Then x W, with the
// bytes. Its point is to read each byte once, in the order in which they lie, and never to make
// floats of the whole matrix. Where does the scale go, so that it is not multiplied C times?
ByteMatrix in_bytes(const Tensor& W) {
    require_shapes("in_bytes", {{W.shape, "R C"}});
    for (float w : W.data) require(std::isfinite(w), "in_bytes: a weight is not finite");
    const int R = W.shape[0], C = W.shape[1];
    ByteMatrix bytes{R, C, std::vector<std::int8_t>(W.size()), std::vector<float>(R)};
    // TODO 26.5: about 7 lines
    todo("26.5");
    return bytes;
}

Tensor in_floats(const ByteMatrix& W) {
    Tensor floats({W.rows, W.columns});
    for (int i = 0; i < floats.size(); ++i)
        floats.data[i] = W.scales[i / W.columns] * W.numbers[i];
    return floats;
}

Tensor matmul(const Tensor& x, const ByteMatrix& W) {
    require_shapes("matmul", {{x.shape, "n R"}});
    require(x.shape[1] == W.rows, "matmul: x has not as many columns as W has rows");
    const int n = x.shape[0], R = W.rows, C = W.columns;
    Tensor y({n, C});
    // TODO 26.5: about 7 lines
    todo("26.5");
    return y;
}

// ## How large, and on how much?
//
// A larger model is better, and so is more text. Which should you pay for? In multiplications and
// additions, a token meets each of N parameters once on the way up and twice on the way back. To
// learn n tokens costs
//
//     C = 6 N n                                                                          (26.8)
//
// For a given budget C, a larger model sees less text. Somewhere between one that is too small to
// learn and one that has no time to is the best size. Kaplan and others (2020) drew the loss over
// the budget, on logarithmic axes, and saw a straight line over seven decades. That is a *power
// law*, and the *scaling laws* are nothing else:
//
//     y = a x^b,   log y = log a + b log x                                               (26.9)
//
// Ten times the budget takes the same *share* of the loss away, each time. Hoffmann and others
// (2022) looked for the best size with a parabola through the losses of each budget. They found
// that it grows as C^0.5, so the text must grow as the model does, about 20 tokens for each
// parameter. The large models of the day had seen a tenth of that. Their *Chinchilla* was four
// times smaller than Gopher, was trained on four times the text, and beat it.
//
// > A straight line through three decades is a discovery. Through two points it is a ruler.
//
// ## Exercise 26.6 — A law of your own
// *About 18 lines · difficulty 2 of 3 · 25 minutes*
//
// Fit (26.9) by least squares of the *logarithms*. With u and w the differences of log x and of log
// y from their means, the slope is b = Σ u w / Σ u². In linear space a few large losses would rule,
// and the small ones, which you want to know, would count for nothing.
PowerLaw fit_power_law(const std::vector<double>& x, const std::vector<double>& y) {
    require(x.size() == y.size(), "fit_power_law: not as many y as x");
    for (std::size_t i = 0; i < x.size(); ++i)
        require(x[i] > 0 && y[i] > 0, "fit_power_law: a number is not above 0");
    // TODO 26.6: about 10 lines
    todo("26.6");
}

// Then the best size for one budget, when some sizes have been tried. With u the logarithm of a
// size, the parabola through three points 0, 1 and 2 has its lowest point at c,
//
//     c = u_1 + 1/2 (q² s − p² t)/(q s + p t)                                         (26.10)
//
// with the steps p = u_1 − u_0 and q = u_2 − u_1, and the rises s = y_0 − y_1 and t = y_2 − y_1.
// Which three points? And when there is no neighbour?
double best_size(const std::vector<double>& sizes, const std::vector<double>& losses) {
    require(!sizes.empty() && sizes.size() == losses.size(), "best_size: not as many losses");
    for (std::size_t i = 0; i < sizes.size(); ++i)
        require(sizes[i] > (i == 0 ? 0 : sizes[i - 1]), "best_size: sizes must rise");
    // TODO 26.6: about 8 lines
    todo("26.6");
}

// ## See it
//
// The demo measures one head, forwards and backwards, over lengths up to 4,096: the time, and the
// room that a process needed for it. Then twenty models learn names, four sizes on each of five
// budgets. Your laws are fitted to them, and say which size is best for ten times the largest
// budget, and how good it will be. That model is trained, and rounded to 8 bits. All this takes
// about a minute on two cores. `FULL=1 make demo CHAPTER=26` has longer texts and larger budgets.
//
//     picture: 26_law — The line was fitted to five budgets. The sixth was not known to it.
//
// Before you run `make demo CHAPTER=26`: the length doubles. By which factor grows the room of
// chapter 11, that of the tiles, and the time of both?
//
// ## Experiment
//
// Ten times the budget brings one step of your law. Set `times` to 3, and say from the picture how
// good that model will be, in bits per letter. Write it down as `predicted`, and run.
static const double times = 10;
static const double predicted = NAN;  // bits per letter, such as 3.5

static const Demo demo("26", [] {
    growing::show_lengths();
    if (growing::show_trained_laws()) return;  // TRAINED=1
    const growing::Trained next = growing::show_laws(times);
    compare("bits per letter", predicted, next.bits);
    growing::show_bytes(next);
});

// ## Transfer
//
// Who can pay only for the left end of such a line may still have what is at the right end. A large
// model that has learnt from everything is given a task with a few hundred examples: all of it is
// trained on, or a small part, or nothing, and the examples stand in the prompt. This is
// *transfer*, and a model that is made once for many uses is a *foundation model* (Bommasani and
// others, 2021). The price is that all who build on it share what it has wrong.
//
// ## Questions
//
// 1. A causal text of 4,096 tokens, in tiles of 128 by 128: how many tiles are there, how many are
//    computed, and how many of these need a look at each number?
// 2. What breaks if you divide o by l after each tile, and go on with that? And if two threads take
//    two blocks of queries of the same head, on the way back?
// 3. Look at the picture of the sizes. Why does each curve rise to the left, and why to the right?
//    Where does the lowest point move?
// 4. By your law, what does it cost to make the names better by a tenth? Should one?
//
// ## Faster
//
// A tile of 128 by 128 is 64 KiB: with its rows of q, k and v it fits a core's second cache.
// Smaller ones spend more time on packing, larger ones leave the cache. `make bench` measures eight
// heads of 64 features at a length of 4,096: tiles are three times as fast as chapter 11 forwards,
// and twice as fast or more forwards and backwards.
//
// ## Where it comes from
//
// - Milakov and Gimelshein, "Online normalizer calculation for softmax" (2018): (26.1) and (26.2).
// - Rabe and Staats, "Self-attention does not need O(n²) memory" (2021): with (26.3), and
//   backwards.
// - Dao and others, "FlashAttention: fast and memory-efficient exact attention with IO-awareness"
//   (2022): in tiles for the memory of a GPU, with (26.5).
// - Dettmers and others, "LLM.int8()" (2022). Kaplan and others, "Scaling laws for neural language
//   models" (2020). Hoffmann and others, "Training compute-optimal large language models" (2022).
//
// ## What you have now
//
// Attention whose room grows with the text and not with its square, weights of a quarter of the
// size, and a way to say what a larger model will bring before anybody pays for it.
