// A least-squares fit with the tape: the curves are fitted side by side, each from its start.

#include "demos/25_measuring/measuring.hpp"

#include "04_neural_networks.hpp"

#include <algorithm>
#include <cmath>

namespace measuring {

namespace {

struct Table {
    Tensor days, flux, weight;  // [B, T] each; the weight is 1/error, or 0 where nothing was seen
};

}  // namespace

static Table table_of(const Curves& curves) {
    int T = 0;
    for (const Curve& curve : curves) T = std::max(T, size_of(curve.times));
    const Shape shape = {size_of(curves), T};
    Table table{Tensor(shape), Tensor(shape), Tensor(shape)};
    for (int b = 0; b < size_of(curves); ++b)
        for (int i = 0; i < size_of(curves[b].times); ++i) {
            const Curve& curve = curves[b];
            table.days(b, i) = static_cast<float>(curve.times[i] - curve.times[0]);
            if (!curve.seen(i)) continue;
            table.flux(b, i) = static_cast<float>(curve.flux[i]);
            table.weight(b, i) = static_cast<float>(1 / curve.errors[i]);
        }
    return table;
}

Tensor fit(const Curves& curves, const Tensor& start, int steps) {
    const Table table = table_of(curves);
    const int B = start.shape[0], T = table.days.shape[1];
    const Variable z = parameter(unbounded(start, flare_bounds));
    Adam adam({z}, 0);
    Tensor best = start;
    std::vector<double> least(B, INFINITY);
    for (int step = 0; step <= steps; ++step) {
        adam.rate = 0.05 * (1 - step / (steps + 1.0));
        train_step(adam, [&] {
            const Variable p = bounded(z, flare_bounds);
            const Variable r = (flare_model(p, table.days) - table.flux) * table.weight;
            for (int b = 0; b < B; ++b) {
                double chi = 0;
                for (int i = 0; i < T; ++i) chi += std::pow(r.value()(b, i), 2);
                if (chi >= least[b]) continue;
                least[b] = chi;
                std::copy_n(p.value().row(b), 3, best.row(b));
            }
            return sum(r * r) / 2;
        });
    }
    return best;
}

std::vector<double> chi_squares(const Curves& curves, const Tensor& parameters) {
    std::vector<double> all;
    for (int n = 0; n < size_of(curves); ++n)
        all.push_back(reduced_chi_square(residuals(curves[n], flare_of(parameters, n)), 3));
    return all;
}

}  // namespace measuring
