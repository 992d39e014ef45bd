#include "02_fast_matmul.hpp"
#include "demos/06_pictures/pictures.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace pictures {

// Turns the plane of directions p and q so that they have nothing to do with each other, in the
// covariance C and in the directions D: Jacobi (1846).
static void rotate(std::vector<double>& C, std::vector<double>& D, int P, int p, int q) {
    if (std::fabs(C[p * P + q]) < 1e-14) return;
    const double angle = 0.5 * std::atan2(2 * C[p * P + q], C[q * P + q] - C[p * P + p]);
    const double cosine = std::cos(angle), sine = std::sin(angle);
    const auto turn = [=](double& a, double& b) {
        const double was = a;
        a = cosine * was - sine * b;
        b = sine * was + cosine * b;
    };
    for (int i = 0; i < P; ++i) turn(C[i * P + p], C[i * P + q]);
    for (int i = 0; i < P; ++i) turn(C[p * P + i], C[q * P + i]);
    for (int i = 0; i < P; ++i) turn(D[i * P + p], D[i * P + q]);
}

Components::Components(const Tensor& x, int count) : mean_(mean(x, 0)) {
    const int P = x.shape[1];
    const Tensor centred = subtract(x, mean_);
    const Tensor products = matmul(transpose(centred), centred);
    std::vector<double> C(products.data.begin(), products.data.end()), D(P * P);
    for (int i = 0; i < P; ++i) D[i * P + i] = 1;
    for (int sweep = 0; sweep < 8; ++sweep)
        for (int p = 0; p < P; ++p)
            for (int q = p + 1; q < P; ++q) rotate(C, D, P, p, q);
    std::vector<int> order(P);
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(),
              [&](int a, int b) { return C[a * P + a] > C[b * P + b]; });
    directions_ = Tensor({P, count});
    for (int i = 0; i < P; ++i)
        for (int k = 0; k < count; ++k) directions_(i, k) = static_cast<float>(D[i * P + order[k]]);
}

Tensor Components::codes(const Tensor& x) const { return matmul(subtract(x, mean_), directions_); }

Tensor Components::pictures(const Tensor& codes) const {
    return add(matmul(codes, transpose(directions_)), mean_);
}

std::vector<int> nearest(const Tensor& known, const Tensor& x) {
    std::vector<int> places(x.shape[0]);
    parallel_for(x.shape[0], [&](int i) {
        float least = INFINITY;
        for (int j = 0; j < known.shape[0]; ++j) {
            float distance = 0;
            for (int k = 0; k < x.shape[1]; ++k) {
                const float error = x.row(i)[k] - known.row(j)[k];
                distance += error * error;
            }
            if (distance < least) least = distance, places[i] = j;
        }
    });
    return places;
}

}  // namespace pictures
