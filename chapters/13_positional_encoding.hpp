// Chapter 13, Positional encoding. The prose, the reasons and the exercises are in
// 13_positional_encoding.cpp.
#pragma once

#include "11_attention.hpp"
#include "kit/random.hpp"

// Letters: T positions, D features of an embedding, d of a query or key. Every function throws
// std::invalid_argument, with its name, when shapes or times do not fit.

// Where rows stand: whole numbers, or real times in any unit. Double, because the times of a day
// in a calendar that began long ago do not fit a float.
using Times = std::vector<double>;

Times positions(int T);  // 0, 1, …, T − 1

// ## The sinusoid: Vaswani et al., "Attention is all you need" (2017), section 3.5.

// Of pair i at position n: n/10000^(2i/D), D ≥ 1. Double, too, and so is the angle of each sine.
double position_angle(double n, int i, int D);
Tensor sinusoid_at(const Times& times, int D);  // [T, D] for finite times; D ≥ 1 may be odd
Tensor sinusoid(int T, int D);                  // at the positions 0 … T − 1
Tensor shift_encoding(const Tensor& encoding, double k);  // [T, D]: PE(n) → PE(n + k); D even
Variable with_sinusoid(const Variable& embedded);  // [..., T, D]: the table is added to each [T, D]

// ## What to encode, when observations come at irregular times

Times shift_and_scale(const Times& times, double shift, double unit);  // (t − shift)/unit, unit > 0
Times log_times(const Times& times);                                   // log(1 + t), for t ≥ 0
Times gaps(const Times& times);  // time since the row before; the first is 0; no time goes back

// ## Learned positions

Variable position_table(int max_T, int D, Random& random);  // [max_T, D], a parameter
Variable learned_positions(const Variable& table, int T);   // its first T rows, T ≤ max_T

// ## Rotary positions: Su et al., "RoFormer" (2021). Pair i of row n, the features 2i and 2i + 1,
// is turned by position_angle(times[n], i, d). x is [..., T, d] with d = 2, 4, … and T times.

Tensor rotate(const Tensor& x, const Times& times);
Variable rotate(const Variable& x, const Times& times);

// Attention with turned queries and keys, both counted from 0. The values stay as they are.
Variable rotary_attention(const Variable& q, const Variable& k, const Variable& v,
                          const Tensor& mask = no_mask);

// ## By hand: what exercise 13.1 asks for, [4].
Tensor hand_by_hand();
