// From which size on is a product worth sharing among threads? Another on each machine.
#pragma once

#include "kit/timing.hpp"
#include "kit/view.hpp"

#include <atomic>
#include <cmath>
#include <vector>

// Where this was tried, threads cost more than they bring below half a million multiplications, and
// less above eight million. The first product in between finds out, within some milliseconds, from
// which size on they pay here: it makes products of growing size alone and shared.
class WorthSharing {
public:
    using Product = void (*)(View, View, MutableView);

    // Above 0, it is the least number of multiplications to share, and nothing is tried: for checks
    // that need to know.
    static inline std::atomic<double> given{0};

    // `product` must ask this object, too, whether to share.
    bool operator()(double multiplications, Product product) {
        if (given > 0) return multiplications >= given;
        const bool doubtful = smallest <= multiplications && multiplications < largest;
        if (doubtful && !tried_.exchange(true)) least_ = found(product);
        return multiplications >= least_;
    }

private:
    static constexpr double smallest = 0.5e6, largest = 8e6;

    double found(Product product) {
        const auto faster = [&](int n) {
            const double alone = seconds(product, n, largest);
            return seconds(product, n, smallest) < 0.9 * alone;
        };
        for (int n = 80; n < 200; n += 8)
            if (faster(n) && faster(n)) return std::pow(n, 3);  // once may have been luck
        return largest;
    }

    // The median of some products of n × n matrices, when so many multiplications are shared.
    double seconds(Product product, int n, double least) {
        least_ = least;
        std::vector<float> a(n * n, 1.0f), c(n * n);
        const View A{a.data(), n, n, n, 1};
        const auto once = [&] { product(A, A, {c.data(), n, n, n, 1}); };
        return timed_calls(once, [](double, std::size_t calls) { return calls < 21; })[10];
    }

    std::atomic<bool> tried_{false};
    std::atomic<double> least_{2e6};
};
