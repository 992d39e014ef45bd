#include "25_physical_model.hpp"

#include "grader/check.hpp"

#include <cmath>

namespace hidden_25 {

using Doubles = std::vector<double>;
using Tensors = std::vector<Tensor>;

static float between(double least, double most) {
    const double share = random_numbers().below(1001) / 1000.0;
    return static_cast<float>(least + (most - least) * share);
}

// F of a dip, and its gradient, when it stands in a longer formula: F².
Tensors squared_model(const Tensor& parameters, const Tensor& days) {
    const Variable of = parameter(parameters);
    const Variable F = flare_model(of, days);
    backward(sum(F * F));
    return {F.value(), of.gradient()};
}
CALLED(squared_model, "flare_model");
PARTS(squared_model, "F", "the gradient of F²");

CHECK("25.2", "dips and flares of any size, with days on both sides of their start") {
    for (int B : {1, 3}) {
        Tensor parameters({B, 3}), days({B, 6});
        for (int b = 0; b < B; ++b) {
            parameters.data[3 * b] = between(-3, 3);
            parameters.data[3 * b + 1] = between(10, 50);
            parameters.data[3 * b + 2] = between(0.5, 40);
        }
        for (float& day : days.data) day = between(0, 100);
        const Tensors found = ASK_UNRECORDED(squared_model, parameters, days);
        expect(found.size() == 2 && found[0].shape == days.shape, "a row of the days is wanted");
        Doubles slopes(3 * B);
        for (int i = 0; i < 6 * B; ++i) {
            const float* of = &parameters.data[i / 6 * 3];
            const double since = double{days.data[i]} - of[1], tau = of[2];
            const double left = since < 0 ? 0 : std::exp(-since / tau);
            expect(std::fabs(found[0].data[i] - of[0] * left) < 1e-5, "F is wrong");
            const double twice = 2 * of[0] * left;
            slopes[i / 6 * 3] += twice * left;
            slopes[i / 6 * 3 + 1] += twice * of[0] * left / tau;
            slopes[i / 6 * 3 + 2] += twice * of[0] * left * since / (tau * tau);
        }
        for (int i = 0; i < 3 * B; ++i)
            expect(std::fabs(found[1].data.at(i) - slopes[i]) < 1e-4 * (1 + std::fabs(slopes[i])),
                   "the gradient is wrong");
    }
}

Tensors bounds_there_and_back(const Tensor& z, const Doubles& ends, int factor) {
    const Bounds bounds = {{ends[0], ends[1], factor == 1}};
    const Variable at = parameter(z);
    const Variable p = bounded(at, bounds);
    backward(sum(p));
    return {p.value(), at.gradient(), unbounded(p.value(), bounds)};
}
CALLED(bounds_there_and_back, "bounded");
PARTS(bounds_there_and_back, "p", "the gradient of z", "z again");

CHECK("25.3", "any bounds, there, back, and the slope on the way") {
    for (int factor : {0, 1}) {
        const double least = between(0.1, 5), most = least + between(1, 100);
        Tensor z({4, 1});
        for (float& one : z.data) one = between(-4, 4);
        const Tensors found =
            ASK_UNRECORDED(bounds_there_and_back, z, Doubles{least, most}, factor);
        for (int i = 0; i < 4; ++i) {
            const double u = 1 / (1 + std::exp(-double{z.data[i]})), ratio = most / least;
            const double p = factor ? least * std::pow(ratio, u) : least + (most - least) * u;
            const double slope = (factor ? p * std::log(ratio) : most - least) * u * (1 - u);
            expect(std::fabs(found.at(0).data.at(i) / p - 1) < 1e-5, "the parameter is wrong");
            expect(std::fabs(found.at(1).data.at(i) / slope - 1) < 1e-4, "the slope is wrong");
            expect(std::fabs(found.at(2).data.at(i) - z.data[i]) < 1e-3, "the way back is wrong");
        }
    }
}

// The s that a loss prefers, found by going down its gradient: log of the mean square of errors.
double best_variance(const Doubles& errors) {
    const int N = size_of(errors);
    Tensor wanted({N, 1});
    for (int i = 0; i < N; ++i) wanted.data[i] = static_cast<float>(errors[i]);
    double s = 0;
    for (int step = 0; step < 200; ++step) {
        Tensor out({N, 2});
        for (int i = 0; i < N; ++i) out.data[2 * i + 1] = static_cast<float>(s);
        const Variable at = parameter(out);
        backward(gaussian_loss(at, wanted));
        for (int i = 0; i < N; ++i) s -= at.gradient().data[2 * i + 1];
    }
    return s;
}
CALLED(best_variance, "gaussian_loss");

CHECK("25.4", "who goes down the gradient of s arrives at the mean square of the errors") {
    Doubles errors;
    double square = 0;
    for (int i = 0; i < 12; ++i) {
        errors.push_back(between(-1.5, 1.5));
        square += errors.back() * errors.back() / 12;
    }
    const double found = ASK_UNRECORDED(best_variance, errors);
    expect(std::fabs(found - std::log(square)) < 1e-3, "it is another variance");
}

// Of normal truths around their means, the shares within k σ.
Tensor shares_of_normals(double sigma, double k, int seed) {
    Random random(static_cast<std::uint64_t>(seed));
    const int N = 4000;
    const Bounds bounds = {{1, 9, true}, {-4, 12}};
    Tensor out({N, 4}), z({N, 2});
    for (int i = 0; i < 2 * N; ++i) {
        const int at = i / 2 * 4 + i % 2;
        out.data[at] = random.uniform(-1, 1);
        out.data[at + 2] = static_cast<float>(2 * std::log(sigma));
        z.data[i] = out.data[at] + static_cast<float>(sigma) * random.normal();
    }
    return coverage(intervals(out, bounds, k), bounded(z, bounds).value());
}
CALLED(shares_of_normals, "coverage");

CHECK("25.5", "of normal truths, 68.3 % lie within σ and 95.4 % within 2σ, whatever the bounds") {
    for (int k : {1, 2}) {
        const double sigma = between(0.2, 1);
        const Tensor found = ASK_UNRECORDED(shares_of_normals, sigma, 1.0 * k, random_seed());
        for (float share : found.data)
            expect(std::fabs(share - (k == 1 ? 0.683 : 0.954)) < 0.03, "it is another share");
    }
}

double chi_of(const Times& times, const Flux& flux, const Doubles& errors, const Doubles& of) {
    Curve curve;
    curve.times = times;
    curve.flux = flux;
    curve.errors = errors;
    return reduced_chi_square(residuals(curve, {of[0], of[1], of[2]}), 3);
}
CALLED(chi_of, "reduced_chi_square");

CHECK("25.6", "with the true parameters it is χ² of the noise; with a start far off, much more") {
    const Doubles of = {1.5, between(10, 20), between(5, 20)};
    Times times;
    Flux flux;
    Doubles errors;
    double chi = 0;
    for (int i = 0; i < 40; ++i) {
        const double noise = between(-2, 2), since = 2.0 * i - of[1];
        times.push_back(59500.5 + 2 * i);
        errors.push_back(between(0.02, 0.1));
        flux.push_back((since < 0 ? 0 : of[0] * std::exp(-since / of[2])) + noise * errors[i]);
        if (i % 7 == 3) flux[i] = NAN;
        else chi += noise * noise;
    }
    expect(std::fabs(ASK(chi_of, times, flux, errors, of) - chi / 31) < 1e-3, "it is another χ²");
    expect(ASK(chi_of, times, flux, errors, Doubles{of[0], of[1] + 40, of[2]}) > 5,
           "a flare that is elsewhere must be seen");
}

}  // namespace hidden_25
