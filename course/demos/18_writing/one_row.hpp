// Products of one row with a matrix, for a model that writes token by token. Each weight is read
// once, in the order in which it lies in memory; the product of chapter 2 copies them into another
// order first, which pays only when many rows use the copy.
//
// All of it stands in this header, so that it is compiled as the chapter is: for this machine.
#pragma once

#include "02_fast_matmul.hpp"
#include "12_multi_head_attention.hpp"
#include "kit/vector_math.hpp"

#include <algorithm>
#include <cmath>

namespace one_row {

// c[j] += Σ a[p] B(p, j), for a B in which the neighbours in a row, or those in a column, are
// neighbours in memory.
inline void multiply_one_thread(const float* a, View B, float* c) {
    if (B.column_step != 1) {
        for (int j = 0; j < B.columns; ++j) {
            const float* b = B.data + j * B.column_step;
            c[j] += lane_sum(B.rows, [&](int p) { return a[p] * b[p]; });
        }
        return;
    }
    int p = 0;
    for (; p + 4 <= B.rows; p += 4) {  // four rows at a time: c is read and written once for them
        const float* b[4];
        for (int i = 0; i < 4; ++i) b[i] = B.data + (p + i) * B.row_step;
        for (int j = 0; j < B.columns; ++j)
            c[j] += a[p] * b[0][j] + a[p + 1] * b[1][j] + a[p + 2] * b[2][j] + a[p + 3] * b[3][j];
    }
    for (; p < B.rows; ++p)
        for (int j = 0; j < B.columns; ++j) c[j] += a[p] * B.data[p * B.row_step + j];
}

// y += x W, for one row x; each thread has some columns of W.
inline void multiply_add(const Tensor& x, View W, Tensor& y) {
    const int shares = 1.0 * W.rows * W.columns > 1e5 ? num_threads() : 1;
    const int band = std::max(1, (W.columns + shares - 1) / shares);
    parallel_for((W.columns + band - 1) / band, [&](int i) {
        const int first = i * band, columns = std::min(band, W.columns - first);
        multiply_one_thread(x.data.data(), part(W, 0, first, W.rows, columns),
                            y.data.data() + first);
    });
}

// What `layer(x)` is. Only without a tape, and for a single row, it goes the way above.
inline Variable through(const Linear& layer, const Variable& x) {
    if (x.value().rows() != 1 || NoTape::alive == 0) return layer(x);
    require_shapes("through", {{x.shape(), "... in"}, {layer.W.shape(), "in out"}});
    Shape shape = x.shape();
    shape.back() = layer.b.shape()[0];
    Tensor y(shape, layer.b.value().data);
    multiply_add(x.value(), view(layer.W.value()), y);
    return y;
}

// What `attend_in_heads` is, for q [1, n, D] and keys and values [1, S, D] that are tensors. Only
// without a tape, and for a single row, they are not even copied: each is read once, where it lies.
inline Variable attend(const Variable& q, const Tensor& keys, const Tensor& values, int H,
                       const Tensor& mask) {
    if (q.value().rows() != 1 || NoTape::alive == 0)
        return attend_in_heads(q, keys, values, H, mask);
    require_shapes("attend",
                   {{q.shape(), "1 n D"}, {keys.shape, "1 S D"}, {values.shape, "1 S D"}});
    const int S = keys.shape[1], D = keys.shape[2], d = D / H;
    Tensor scores({1, H, 1, S}), y(q.shape());
    const float* ask = q.value().row(0);
    const float factor = 1.0f / std::sqrt(1.0f * d);
    for (int s = 0; s < S; ++s)
        for (int h = 0; h < H; ++h) {
            const float *a = ask + h * d, *k = keys.row(s) + h * d;
            scores.data[h * S + s] = factor * lane_sum(d, [&](int i) { return a[i] * k[i]; });
        }
    const Tensor weights = masked_softmax(scores, mask);
    for (int s = 0; s < S; ++s)
        for (int h = 0; h < H; ++h) {
            const float weight = weights.data[h * S + s], *v = values.row(s) + h * d;
            for (int i = 0; i < d; ++i) y.data[h * d + i] += weight * v[i];
        }
    return y;
}

// h Eᵀ, for n rows [..., D] and a table E [V, D]: [n, V].
inline Tensor logits(const Tensor& h, const Tensor& E) {
    const int n = h.rows();
    Tensor z({n, E.shape[0]});
    if (n == 1) multiply_add(h, transposed(view(E)), z);
    else ::multiply_add(view(h), transposed(view(E)), view(z));
    return z;
}

}  // namespace one_row
