// Random numbers that are the same on every platform. (The generators of the standard library are;
// its distributions are not, so the transforms are written here.)
#pragma once

#include <cmath>
#include <cstdint>

// The splitmix64 generator of Steele, Lea and Flood (2014): a counter, well stirred.
class Random {
public:
    explicit Random(std::uint64_t seed) : state_(seed) {}

    std::uint64_t bits() {
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        return z ^ (z >> 31);
    }

    // In [0, 1): the 24 bits that a float holds exactly.
    float uniform() { return static_cast<float>(bits() >> 40) / 16777216.0f; }

    float uniform(float low, float high) { return low + (high - low) * uniform(); }

    // In 0 … n − 1, for n ≥ 1. The bias for small n is below 1 in 10¹⁸.
    int below(int n) { return static_cast<int>(bits() % static_cast<std::uint64_t>(n)); }

    // Mean 0, variance 1: Box and Muller's transform of two uniform numbers.
    float normal() {
        const double u = (static_cast<double>(bits() >> 11) + 0.5) / 9007199254740992.0;
        const double v = static_cast<double>(bits() >> 11) / 9007199254740992.0;
        return static_cast<float>(std::sqrt(-2.0 * std::log(u)) * std::cos(6.283185307179586 * v));
    }

    // Random(state()) goes on where this one stands.
    std::uint64_t state() const { return state_; }

private:
    std::uint64_t state_;
};
