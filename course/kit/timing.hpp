// How fast is it? Small clocks for demos and benchmarks. They are here in full, and not compiled
// apart, so that they are built with the flags of whoever asks.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

// Seconds of each call, in rising order; another one is made while more(seconds, calls so far).
template <class Function, class More>
std::vector<double> timed_calls(Function function, More more) {
    using Steady = std::chrono::steady_clock;
    std::vector<double> times;
    for (double total = 0; more(total, times.size()); total += times.back()) {
        const auto start = Steady::now();
        function();
        times.push_back(std::chrono::duration<double>(Steady::now() - start).count());
    }
    std::sort(times.begin(), times.end());
    return times;
}

// The same for calls that together take about so long, but at least 5. One more call, before them,
// warms up.
template <class Function>
std::vector<double> seconds_of_calls(Function function, double together) {
    function();
    const auto more = [&](double total, std::size_t calls) {
        return total < together || calls < 5;
    };
    return timed_calls(function, more);
}

template <class Function>
double median_seconds(Function function, double together = 0.3) {
    const std::vector<double> times = seconds_of_calls(function, together);
    return times[times.size() / 2];
}

// Waits until it holds, without sleeping, but for so long at most.
template <class Condition>
void spin_until(Condition holds, std::chrono::microseconds at_most) {
    const auto end = std::chrono::steady_clock::now() + at_most;
    while (!holds() && std::chrono::steady_clock::now() < end) continue;
}

// The most multiplications and additions that one core makes in a second, in billions:
// as many independent chains of them as fill its registers.
inline double measured_peak() {
#if defined(__AVX512F__)
    constexpr int chains = 192;  // 12 registers of 16 numbers
#else
    constexpr int chains = 96;  // 12 registers of 8
#endif
    constexpr int steps = 100000;
    const double seconds = median_seconds(
        [] {
            float x[chains] = {};
            for (int step = 0; step < steps; ++step)
                for (int i = 0; i < chains; ++i) x[i] = x[i] * 0.5f + 1.0f;
            volatile float total = 0;  // uses every chain, or the compiler would drop the work
            for (const float value : x) total = total + value;
        },
        0.1);
    return 2.0 * chains * steps / seconds / 1e9;
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
