// Chapter 26, Attention at scale. The prose, the reasons and the exercises are in 26_scale.cpp.
#pragma once

#include "12_multi_head_attention.hpp"
#include "kit/view.hpp"

#include <cmath>
#include <cstdint>
#include <vector>

// Letters: B sentences, T queries, S keys and values, D = d_model features, H heads of d = D/H
// features, R rows and C columns. Every function throws std::invalid_argument, with its name, when
// something does not fit.

// ## By hand: after the first tile the sum and the output; the factor, the sum and the output of
// the second; what comes out, and the row's log-sum-exp, [7].
Tensor by_hand_26();

// ## Softmax in tiles: Milakov and Gimelshein, "Online normalizer calculation for softmax" (2018).

// What is known of some queries after the first tiles of their scores.
struct RunningSoftmax {
    std::vector<float> largest;  // m of each query; −∞ before the first tile
    std::vector<float> sum;      // l, of e^(z − m)
    Tensor output;               // o, of e^(z − m) v, one row for each query: not divided yet

    RunningSoftmax(int queries, int features)
        : largest(queries, -INFINITY), sum(queries), output({queries, features}) {}
};

// Takes in one more tile: the scores of these queries, [queries, keys], and the keys' values
// [keys, features]. A hidden score is −∞; a tile, or all tiles, may be wholly hidden for a query.
// What stands in `scores` is lost. Its columns are side by side, its rows `scores.row_step` apart.
void take_in(RunningSoftmax& so_far, MutableView scores, View values);

// ## Attention in tiles: Dao et al., "FlashAttention" (2022), algorithms 1 and 4.

struct Tiles {
    bool causal = false;            // the last query sees all keys, each earlier one a key less
    int queries = 128, keys = 128;  // rows and columns of a tile, 1 or more; the last may be short
};

struct TiledAttention {
    Tensor y;         // [B, T, D]; a query that sees nothing has zeros
    Tensor log_sums;  // [B, H, T], log Σ e^z of each row of scores; −∞ when it sees nothing
};

// Every head attends by itself, as in chapter 12's attend_in_heads, with q [B, T, D] and k and v
// [B, S, D]. Beside its result it needs room for a tile of each thread, whatever T and S are.
TiledAttention attend_in_tiles(const Tensor& q, const Tensor& k, const Tensor& v, int H,
                               const Tiles& tiles = {});

// Its gradients, for dy [B, T, D], with as little room.
AttentionGradients tiles_backward(const Tensor& q, const Tensor& k, const Tensor& v,
                                  const TiledAttention& forward, const Tensor& dy, int H,
                                  const Tiles& tiles = {});

// Both on the tape.
Variable attend_in_tiles(const Variable& q, const Variable& k, const Variable& v, int H,
                         const Tiles& tiles = {});

// What a tile's queries see of its keys. Query i of the tile stands at place + i among the keys,
// and sees the keys up to its own place; `place` may be negative. The tile begins at key `key`, and
// has one query and one key or more.
enum class Seen { nothing, part, all };
Seen seen(int place, int queries, int key, int keys);

// The same tile: hidden scores are −∞. Columns are side by side, rows `scores.row_step` apart.
void hide_future(MutableView scores, int place, int key);

// ## Weights of 8 bits: Dettmers et al., "LLM.int8()" (2022), without its mixed part.

// Row r of a matrix is about scales[r] times whole numbers from −127 to 127.
struct ByteMatrix {
    int rows = 0, columns = 0;
    std::vector<std::int8_t> numbers;  // row after row
    std::vector<float> scales;         // of each row: its largest size, over 127
};

ByteMatrix in_bytes(const Tensor& W);  // [R, C], finite; each number rounded to the nearest
Tensor in_floats(const ByteMatrix& W);
Tensor matmul(const Tensor& x, const ByteMatrix& W);  // [n, R] × [R, C] → [n, C]

// ## Scaling laws: Kaplan et al., "Scaling laws for neural language models" (2020), and Hoffmann et
// al., "Training compute-optimal large language models" (2022).

struct PowerLaw {  // y = factor · x^exponent
    double factor, exponent;

    double at(double x) const { return factor * std::pow(x, exponent); }
};

// The straight line of least squares through log y over log x. Throws unless there are as many y as
// x, all above 0, and two different x.
PowerLaw fit_power_law(const std::vector<double>& x, const std::vector<double>& y);

// Where the parabola through the lowest loss and its two neighbours, over the logarithm of the
// size, has its lowest point; the size itself when the lowest loss is the first or the last. Sizes
// rise; of equal losses the first counts. Throws for no sizes, for sizes that are not above 0 or do
// not rise, and for losses that are not as many.
double best_size(const std::vector<double>& sizes, const std::vector<double>& losses);
