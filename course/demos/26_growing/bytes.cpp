// Weights of 8 bits: what they cost a model, and what they bring where memory sets the limit.

#include "demos/26_growing/growing.hpp"

#include "26_scale.hpp"
#include "demos/18_writing/one_row.hpp"
#include "kit/timing.hpp"

#include <cstdio>
#include <vector>

namespace growing {

// The matrix with one scale for all of its rows: as if it were a single long one.
static Tensor rounded_as_one(const Tensor& W) {
    return reshape(in_floats(in_bytes(reshape(W, {1, W.size()}))), W.shape);
}

static Tensor rounded_by_rows(const Tensor& W) { return in_floats(in_bytes(W)); }

static double bits_when_rounded(const Gpt& net, Tensor (*rounded)(const Tensor&)) {
    std::vector<Tensor> before;
    for (const Variable& W : net.decaying()) {
        before.push_back(W.value());
        W.set_value(rounded(W.value()));
    }
    const double bits = bits_of_names(net);
    for (int i = 0; i < size_of(before); ++i) net.decaying()[i].set_value(before[i]);
    return bits;
}

// Of one row times each of some matrices, all of them together larger than a cache: the mean time
// of one, in the fastest round.
template <class Matrix, class Multiply>
static double microseconds_of(const std::vector<Matrix>& all, const Multiply& multiply) {
    const auto round = [&] {
        for (const Matrix& W : all) multiply(W);
    };
    const auto more = [](double, std::size_t calls) { return calls < 3; };
    return 1e6 * timed_calls(round, more).front() / all.size();
}

static void show_speed() {
    constexpr int size = 1024, count = 64;  // 256 MiB of floats
    Random random(8);
    Tensor x({1, size});
    for (float& number : x.data) number = random.normal();
    std::vector<Tensor> floats(count, Tensor({size, size}));
    std::vector<ByteMatrix> bytes;
    for (Tensor& W : floats) {
        for (float& weight : W.data) weight = random.uniform(-1, 1);
        bytes.push_back(in_bytes(W));
    }
    volatile float used = 0;
    const double slow = microseconds_of(floats, [&](const Tensor& W) {
        Tensor y({1, size});
        one_row::multiply_one_thread(x.data.data(), view(W), y.data.data());
        used = used + y.data[0];
    });
    const double fast = microseconds_of(bytes, [&](const ByteMatrix& W) {
        used = used + matmul(x, W).data[0];
    });
    std::printf("\nA row times %d matrices of %d × %d, on one thread, for each:\n\n"
                "  %-18s %6.0f microseconds\n  %-18s %6.0f microseconds, %.1f times as fast\n",
                count, size, size, "floats", slow, "8 bits", fast, slow / fast);
}

void show_bytes(const Trained& model) {
    const double as_one = bits_when_rounded(model.net, rounded_as_one);
    const double by_rows = bits_when_rounded(model.net, rounded_by_rows);
    std::printf("\nThe last model in 8 bits, in bits per letter held out:\n\n"
                "  %-28s %.4f\n  %-28s %.4f\n  %-28s %.4f\n",
                "floats", model.bits, "one scale for each matrix", as_one,
                "a scale for each row", by_rows);
    show_speed();
}

}  // namespace growing
