// Numbers of 16 bits, as files of parameters have them, where each takes half the room of a float.
#pragma once

#include <cstdint>
#include <cstring>

inline std::uint32_t bits_of_float(float number) {
    std::uint32_t bits;
    std::memcpy(&bits, &number, sizeof bits);
    return bits;
}

inline float float_of_bits(std::uint32_t bits) {
    float number;
    std::memcpy(&number, &bits, sizeof number);
    return number;
}

// *Half precision*, IEEE 754's binary16: a sign, 5 bits of exponent, 10 of fraction. The product
// with a power of two moves the exponent to its place, also for the small ones without a leading 1.
inline float float_of_half(std::uint16_t half) {
    const std::uint32_t sign = (half & 0x8000u) << 16, rest = half & 0x7fffu;
    if (rest >= 0x7c00u) return float_of_bits(sign | 0x7f800000u | (rest & 0x3ffu) << 13);
    const float size = float_of_bits(rest << 13) * float_of_bits(0x77800000u);  // · 2¹¹²
    return float_of_bits(sign | bits_of_float(size));
}

// The nearest half, and of two that are equally near, the even one. Above 65504 it is infinity.
inline std::uint16_t half_of_float(float number) {
    const std::uint32_t bits = bits_of_float(number), size = bits & 0x7fffffffu;
    const std::uint32_t sign = bits >> 16 & 0x8000u;
    if (size > 0x7f800000u) return static_cast<std::uint16_t>(sign | 0x7e00u);  // not a number
    if (size >= 0x477ff000u) return static_cast<std::uint16_t>(sign | 0x7c00u);
    if (size < 0x38800000u) {  // below 2⁻¹⁴: steps of 2⁻²⁴, to which adding ½ rounds
        const std::uint32_t steps = bits_of_float(float_of_bits(size) + 0.5f) - 0x3f000000u;
        return static_cast<std::uint16_t>(sign | steps);
    }
    const std::uint32_t even = size >> 13 & 1u;
    return static_cast<std::uint16_t>(sign | (size - 0x38000000u + 0xfffu + even) >> 13);
}

// Google's bfloat16: the upper half of a float.
inline float float_of_bfloat(std::uint16_t upper) {
    return float_of_bits(static_cast<std::uint32_t>(upper) << 16);
}
