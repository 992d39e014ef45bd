// Attention as the checks know it: each sum in double, for stacks of any size, under every form of
// mask that chapter 11 has.
#pragma once

#include "01_tensors.hpp"
#include "grader/check.hpp"

#include <algorithm>
#include <cmath>

// The softmax over the visible keys of rows [..., T, S], where score(row, key) is a double.
template <class Score>
Tensor exact_softmax(const Shape& shape, const Tensor& mask, const Score& score) {
    const int S = shape.back(), T = shape[shape.size() - 2];
    Tensor weights(shape);
    const int sentences = mask.shape.empty() ? 1 : mask.size() / (T * S);
    const int rows_of_one = weights.size() / S / sentences;
    for (int row = 0; row < weights.size() / S; ++row) {
        const int place = (row / rows_of_one * T + row % T) * S;
        const auto visible = [&](int s) { return mask.shape.empty() || mask.data[place + s] != 0; };
        double largest = -INFINITY, total = 0;
        for (int s = 0; s < S; ++s)
            if (visible(s)) largest = std::max<double>(largest, score(row, s));
        for (int s = 0; s < S; ++s)
            if (visible(s)) total += std::exp(score(row, s) - largest);
        for (int s = 0; s < S; ++s)
            if (visible(s)) weights.data[row * S + s] = std::exp(score(row, s) - largest) / total;
    }
    return weights;
}

// Of q [..., T, d] over k [..., S, d].
inline Tensor exact_weights(const Tensor& q, const Tensor& k, const Tensor& mask) {
    const int d = q.shape.back(), T = q.shape[q.shape.size() - 2], S = k.shape[k.shape.size() - 2];
    Shape shape = q.shape;
    shape.back() = S;
    return exact_softmax(shape, mask, [&](int row, int s) {
        const float *query = &q.data[row * d], *key = &k.data[(row / T * S + s) * d];
        double total = 0;
        for (int i = 0; i < d; ++i) total += double{query[i]} * key[i];
        return total / std::sqrt(d);
    });
}

// weights [..., T, S] times v [..., S, e].
inline Tensor exact_average(const Tensor& weights, const Tensor& v) {
    const int S = weights.shape.back(), T = weights.shape[weights.shape.size() - 2];
    const int e = v.shape.back();
    Shape shape = weights.shape;
    shape.back() = e;
    Tensor y(shape);
    for (int i = 0; i < y.size(); ++i) {
        const int row = i / e;
        double total = 0;
        for (int s = 0; s < S; ++s)
            total += double{weights.data[row * S + s]} * v.data[(row / T * S + s) * e + i % e];
        y.data[i] = total;
    }
    return y;
}

// Zeros and ones, as they fall.
inline Tensor random_mask(const Shape& shape) {
    Tensor mask(shape);
    for (float& m : mask.data) m = random_numbers().below(2);
    return mask;
}

// Every form of mask for scores of B sentences: none, [T, S] and [B, T, S].
inline std::vector<Tensor> masks_of_every_form(int B, int T, int S) {
    return {Tensor({}, {1.0f}), random_mask({T, S}), random_mask({B, T, S})};
}
