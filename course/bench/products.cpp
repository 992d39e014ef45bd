// The machine, and the products of chapter 2 on it.

#include "bench/parts.hpp"

#include "02_fast_matmul.hpp"
#include "kit/peak.hpp"
#include "kit/random.hpp"

#include <algorithm>
#include <cstdio>
#include <stdexcept>

std::string machine_part() {
    const double peak = measured_peak(), bandwidth = measured_bandwidth();
    std::printf("One core makes at most %.0f GFLOP/s and reads %.1f GB/s from memory.\n", peak,
                bandwidth);
    return formatted("\"peak\": %.2f, \"bandwidth\": %.2f", peak, bandwidth);
}

static Tensor random_matrix(Random& random, int rows, int columns) {
    Tensor x({rows, columns});
    for (float& value : x.data) value = random.uniform(-1, 1);
    return x;
}

using Product = Tensor (*)(const Tensor&, const Tensor&);

static double gflops(Product product, int M, int K, int N) {
    Random random(1);
    const Tensor a = random_matrix(random, M, K), b = random_matrix(random, K, N);
    return 2.0 * M * K * N / median_seconds([&] { product(a, b); }) / 1e9;
}

void bench_matmul(int M, int K, int N, int threads) {
    if (M < 1 || K < 1 || N < 1)
        throw std::invalid_argument("bench matmul: M, K and N must be 1 or more");
    set_threads(threads);
    std::printf("{\"M\": %d, \"K\": %d, \"N\": %d, \"threads\": %d, \"gflops\": %.2f}\n", M, K, N,
                num_threads(), gflops(matmul, M, K, N));
}

// The rung between the order of the loops and the whole of chapter 2: tiles, but neither blocks nor
// packing. Each tile copies the columns of B that it needs as it goes.
static Tensor matmul_in_bare_tiles(const Tensor& a, const Tensor& b) {
    const int M = a.shape[0], K = a.shape[1], N = b.shape[1];
    const int rows = tile_shape()[0], columns = tile_shape()[1];
    Tensor c({M, N});
    std::vector<float> strip(K * columns), tile(rows * columns), high(rows * K);
    for (int i = 0; i < M; i += rows)
        for (int j = 0; j < N; j += columns) {
            const int height = std::min(rows, M - i), width = std::min(columns, N - j);
            std::copy_n(a.row(i), height * K, high.data());
            for (int p = 0; p < K; ++p)
                std::copy_n(b.row(p) + j, width, strip.data() + p * columns);
            std::fill(tile.begin(), tile.end(), 0.0f);
            multiply_tile({high.data(), rows, K, K, 1}, strip.data(),
                          {tile.data(), rows, columns, columns, 1});
            for (int r = 0; r < height; ++r)
                std::copy_n(tile.data() + r * columns, width, c.row(i + r) + j);
        }
    return c;
}

struct Ladder {
    int n;
    double naive, reordered, tile, tiled, threaded;
};

static Ladder climb(int n) {
    Ladder rungs = {n, 0, 0, 0, 0, 0};
    if (n <= 512) rungs.naive = gflops(matmul_naive, n, n, n);
    rungs.reordered = gflops(matmul_reordered, n, n, n);
    rungs.tile = gflops(matmul_in_bare_tiles, n, n, n);
    rungs.tiled = gflops(matmul_tiled, n, n, n);
    rungs.threaded = gflops(matmul, n, n, n);
    return rungs;
}

std::string products_part() {
    set_threads(0);
    std::printf(
        "\nProducts of n × n matrices, in GFLOP/s\n\n"
        "     n    naive  loop order  one tile    tiled   %2d threads\n",
        num_threads());
    std::string rows;
    std::vector<int> sizes = {64, 128, 256, 512, 1024};
    if (bench_quickly()) sizes.resize(2);
    for (const int n : sizes) {
        const Ladder r = climb(n);
        std::printf("  %4d %8s %11.1f %9.1f %8.1f %12.1f\n", n,
                    r.naive > 0 ? formatted("%.1f", r.naive).c_str() : "-", r.reordered, r.tile,
                    r.tiled, r.threaded);
        std::fflush(stdout);
        rows += formatted(
            "%s\n  {\"n\": %d, \"naive\": %.2f, \"reordered\": %.2f, "
            "\"tile\": %.2f, \"tiled\": %.2f, \"threaded\": %.2f}",
            rows.empty() ? "" : ",", n, r.naive, r.reordered, r.tile, r.tiled, r.threaded);
    }
    const int n = sizes.back();
    set_threads(2);
    const double speed_up = gflops(matmul, n, n, n) / gflops(matmul_tiled, n, n, n);
    set_threads(0);
    std::printf("\n  2 threads are %.2f times as fast as one at n = %d\n", speed_up, n);
    return "\"products\": [" + rows + formatted("],\n\"speed_up_on_2_threads\": %.2f", speed_up);
}
