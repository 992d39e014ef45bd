// What one core can do at most.
#pragma once

#include "kit/register.hpp"
#include "kit/timing.hpp"

#include <cstdint>
#include <numeric>
#include <vector>

// The most multiplications and additions that one core makes in a second, in billions:
// as many independent chains of them as fill its registers.
inline double measured_peak() {
    constexpr int chains = 12, steps = 100000;
    const double seconds = median_seconds(
        [] {
            // Each begins with numbers of its own, or the compiler would see that two are one.
            std::vector<float> numbers(chains + register_size);
            std::iota(numbers.begin(), numbers.end(), 1.0f);
            const Register some = load(numbers.data());
            Register x[chains];
            for (int i = 0; i < chains; ++i) x[i] = load(numbers.data() + i);
            for (int step = 0; step < steps; ++step)
                for (Register& each : x) each = 0.5f * each + some;
            Register sum = {};
            for (const Register& each : x) sum += each;
            std::vector<float> total(register_size);
            store(sum, total.data());
            volatile float used = total[0];  // or the compiler would drop the work
            static_cast<void>(used);
        },
        0.1);
    return 2.0 * chains * register_size * steps / seconds / 1e9;
}

// How much one core reads from memory in a second, in GB (billion bytes): a sum over more
// numbers than its caches hold.
inline double measured_bandwidth() {
    const std::vector<std::uint64_t> numbers(std::size_t{1} << 25, 1);  // 256 MiB
    const double seconds = median_seconds(
        [&] {
            // Whole numbers may be added in any order, so many at once.
            volatile std::uint64_t total = 0;
            total = total + std::accumulate(numbers.begin(), numbers.end(), std::uint64_t{0});
        },
        0.1);
    return static_cast<double>(numbers.size() * sizeof numbers[0]) / seconds / 1e9;
}
