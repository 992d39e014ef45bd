// One register of the processor: several floats side by side, which it adds or multiplies in one
// go.
#pragma once

#include <cstring>

#if defined(__AVX512F__)
constexpr int register_size = 16;  // floats
#elif defined(__AVX__)
constexpr int register_size = 8;
#else
constexpr int register_size = 4;
#endif

#if defined(__GNUC__)  // g++ and clang++ have a type for it, with +, · and the like
typedef float Register __attribute__((vector_size(register_size * sizeof(float))));
#else
struct Register {
    float x[register_size];
};

inline Register operator+(Register a, const Register& b) {
    for (int i = 0; i < register_size; ++i) a.x[i] += b.x[i];
    return a;
}
inline Register operator*(float factor, Register b) {
    for (float& each : b.x) each *= factor;
    return b;
}
inline Register& operator+=(Register& a, const Register& b) { return a = a + b; }
#endif

// `register_size` neighbours, wherever in memory they stand.
static inline Register load(const float* from) {
    Register numbers;
    std::memcpy(&numbers, from, sizeof numbers);
    return numbers;
}

static inline void store(const Register& numbers, float* to) {
    std::memcpy(to, &numbers, sizeof numbers);
}
