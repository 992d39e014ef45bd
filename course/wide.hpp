// Arithmetic in a form that the compiler can do for many numbers at once.
//
// A core has registers of 8 or 16 numbers and adds or multiplies them in one go, but a compiler uses
// them only where that changes no result. A call of std::exp stands in the way, and so does a sum in
// order, in which each addition waits for the one before.
#pragma once

#include <cstdint>
#include <cstring>

// e^x, within 1e-7 of it: e^x = 2^n e^r, where n = x/ln 2 to the nearest whole number and r is what
// is left, at most half of ln 2, for which seven terms of the series are enough. Below −87 it is 0,
// above 88 it stays as it is there.
inline float exponential(float x) {
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

// term(0) + … + term(count − 1), in sixteen sums side by side that are added at the end.
template <class Term>
auto sum_of(int count, Term term) {
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
