#include "24_reading_attention.hpp"

#include "grader/check.hpp"

#include <cmath>

namespace hidden_24 {

using Tensors = std::vector<Tensor>;
using Doubles = std::vector<double>;

// Rows of weights, each of sum 1; of the rows that are hidden, nobody takes.
static Tensor weights_of(int B, int H, int R, int hidden) {
    Tensor A({B, H, R, R});
    for (int row = 0; row < B * H * R; ++row) {
        double sum = 0;
        for (int j = 0; j < R; ++j) {
            A.data[row * R + j] =
                j == hidden ? 0.0f : 0.05f + static_cast<float>(random_numbers().below(40));
            sum += A.data[row * R + j];
        }
        for (int j = 0; j < R; ++j) A.data[row * R + j] /= static_cast<float>(sum);
    }
    return A;
}

Tensor arrived(const Tensors& weights, double own) { return arrived_at_class(weights, own); }
CALLED(arrived, "arrived_at_class");

CHECK("24.3", "eight layers of five heads, in which one row is hidden: the shares sum to 1") {
    Tensors A;
    for (int l = 0; l < 8; ++l) A.push_back(weights_of(3, 5, 11, 4));
    allow_roundings(512);
    const Tensor found = ASK(arrived, A, 0.6);
    for (int b = 0; b < 3; ++b) {
        double sum = 0;
        for (int i = 0; i < 10; ++i) sum += found.data.at(b * 10 + i);
        expect_near(sum, 1, 1e-5);
        expect(found.data.at(b * 10 + 3) == 0, "what is hidden arrives");
    }
}

Tensor diagonal(const Tensor& weights, int back, int first) {
    return weight_behind(weights, back, first);
}
CALLED(diagonal, "weight_behind");

CHECK("24.2", "five back, from row 7 on, of three sentences and two heads") {
    const Tensor A = weights_of(3, 2, 13, -1), found = ASK(diagonal, A, 5, 7);
    for (int h = 0; h < 2; ++h) {
        double sum = 0;
        for (int b = 0; b < 3; ++b)
            for (int i = 7; i < 13; ++i) sum += A.data[((b * 2 + h) * 13 + i) * 13 + i - 5];
        expect_near(found.data.at(h), sum / 18, 1e-6);
    }
}

double correlated(const Doubles& x, const Doubles& y) { return rank_correlation(x, y); }
CALLED(correlated, "rank_correlation");

CHECK("24.5", "ranks see no difference between a number and its cube") {
    Doubles x, y, cubes;
    for (int i = 0; i < 40; ++i) {
        x.push_back(random_numbers().below(25) - 12);
        y.push_back(random_numbers().below(1000));
        cubes.push_back(x.back() * x.back() * x.back());
    }
    const double one = ASK_UNRECORDED(correlated, x, y);
    const double other = ASK_UNRECORDED(correlated, cubes, y);
    expect_near(one, other, 1e-9);
}

// A network that counts what is seen of each curve, and says the more of kind 0.
static Variable counts(const CurveBatch& batch) {
    const int B = batch.seen.shape[0], R = batch.seen.shape[1];
    Tensor z({B, 2});
    for (int i = 0; i < B * R; ++i) z.data[i / R * 2] += batch.seen.data[i];
    return z;
}

Tensor hidden_of_counts(const Tensor& seen) {
    return occlusion(counts, {Tensor({seen.shape[0], seen.shape[1], 3}), seen, {}});
}
CALLED(hidden_of_counts, "occlusion");

CHECK("24.4", "where only the number of points counts, each that is seen is worth 1") {
    Tensor seen({3, 6}, std::vector<float>(18, 1));
    for (int i : {2, 5, 9, 13, 14, 15, 16, 17}) seen.data[i] = 0;
    const Tensor found = ASK(hidden_of_counts, seen);
    for (int b = 0; b < 3; ++b)
        for (int i = 1; i < 6; ++i)
            expect_near(found.data.at(b * 5 + i - 1), seen.data[b * 6 + i], 1e-6);
}

}  // namespace hidden_24
