// Arithmetic in a form that the compiler can do for many numbers at once.
//
// A core has registers of 8 or 16 numbers and adds or multiplies them in one go, but a compiler
// uses them only where that changes no result. A call of std::exp stands in the way, and so does a
// sum in order, in which each addition waits for the one before.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <initializer_list>

// e^x, to 1.1e-7 of it: e^x = 2^n e^r, where n = x/ln 2 to the nearest whole number and r is what
// is left, at most half of ln 2, for which eight terms of the series are enough. Below −87 it is 0,
// above 88 it stays as it is there.
inline float fast_exp(float x) {
    const float inside = x < -87.0f ? -87.0f : x > 88.0f ? 88.0f : x;
    const float rounder = 12582912.0f;  // 1.5 · 2²³: beside it there is room for whole numbers only
    const float shifted = inside * 1.44269504f + rounder;
    const float n = shifted - rounder;
    const float r = (inside - n * 0.693359375f) + n * 2.12194440e-4f;  // ln 2 in two parts

    float series = 1.0f / 5040;
    for (const float term : {1.0f / 720, 1.0f / 120, 1.0f / 24, 1.0f / 6, 0.5f, 1.0f, 1.0f})
        series = series * r + term;

    // The last bits of `shifted` are n. Moved into the exponent of 1.0, they make it 2^n.
    std::uint32_t bits;
    std::memcpy(&bits, &shifted, sizeof bits);
    bits = (bits << 23) + 0x3f800000u;
    float power;
    std::memcpy(&power, &bits, sizeof power);
    return x < -87.0f ? 0.0f : series * power;
}

// tanh x = (1 − e^(−2|x|))/(1 + e^(−2|x|)) with the sign of x, to 2e-7 of it. Near 0 this takes a
// number from one that is almost equal, so five terms of the series do it there.
inline float fast_tanh(float x) {
    const float e = fast_exp(-2.0f * std::fabs(x)), square = x * x;
    const float far = std::copysign((1.0f - e) / (1.0f + e), x);
    float series = 62.0f / 2835;
    for (const float term : {-17.0f / 315, 2.0f / 15, -1.0f / 3, 1.0f})
        series = series * square + term;
    return square < 0.09f ? x * series : far;
}

// The normal distribution's density φ, and the probability Φ of being below x, within 3e-7:
// Abramowitz and Stegun, "Handbook of mathematical functions" (1964), 26.2.17.
inline float normal_density(float x) { return 0.3989422804f * fast_exp(-0.5f * x * x); }

inline float normal_probability(float x) {
    const float t = 1.0f / (1.0f + 0.2316419f * std::fabs(x));
    const float series =
        t * (0.319381530f +
             t * (-0.356563782f + t * (1.781477937f + t * (-1.821255978f + t * 1.330274429f))));
    const float beyond = normal_density(x) * series;  // the probability of being beyond |x|
    return x < 0.0f ? beyond : 1.0f - beyond;
}

// term(0) + … + term(count − 1), in sixteen sums side by side that are added at the end.
template <class Term>
auto lane_sum(int count, Term term) {
    using Number = decltype(term(0));
    constexpr int lanes = 16;
    Number sums[lanes] = {};
    int i = 0;
    for (; i + lanes <= count; i += lanes)
        for (int lane = 0; lane < lanes; ++lane) sums[lane] += term(i + lane);
    Number total = 0;
    for (; i < count; ++i) total += term(i);
    for (const Number sum : sums) total += sum;
    return total;
}

// The largest of x[0] … x[count − 1], in the same way; −∞ when there are none.
inline float lane_max(const float* x, int count) {
    constexpr int lanes = 16;
    float largest[lanes];
    for (float& value : largest) value = -INFINITY;
    int i = 0;
    for (; i + lanes <= count; i += lanes)
        for (int lane = 0; lane < lanes; ++lane)
            largest[lane] = x[i + lane] > largest[lane] ? x[i + lane] : largest[lane];
    for (; i < count; ++i) largest[0] = x[i] > largest[0] ? x[i] : largest[0];
    for (const float value : largest) largest[0] = value > largest[0] ? value : largest[0];
    return largest[0];
}
