// How fast is it? Small clocks for demos and benchmarks. They are here in full, and not compiled
// apart, so that they are built with the flags of whoever asks.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
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
