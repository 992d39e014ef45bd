// What the parts of this demo share: patterns and states as the rows of a matrix.
#pragma once

#include "08_hopfield.hpp"

#include <algorithm>

namespace remembering {

inline Tensor row_of(const Tensor& patterns, int m) {
    const float* row = patterns.row(m);
    return Tensor({patterns.columns()}, {row, row + patterns.columns()});
}

// 1 where two are equal, −1 where one is the negative of the other.
inline double overlap(const float* a, const float* b, int n) {
    double sum = 0;
    for (int i = 0; i < n; ++i) sum += double{a[i]} * b[i];
    return sum / n;
}

// Where each of the cues comes to rest.
inline Tensor all_settled(const Tensor& W, Tensor cues) {
    for (int m = 0; m < cues.rows(); ++m) {
        const Tensor end = settle(W, row_of(cues, m)).state;
        std::copy(end.data.begin(), end.data.end(), cues.row(m));
    }
    return cues;
}

}  // namespace remembering
