#include "course/bench.hpp"

#include "02_fast_matmul.hpp"
#include "course/measure.hpp"
#include "course/random.hpp"

#include <cstdio>
#include <ctime>
#include <fstream>
#include <stdexcept>
#include <thread>

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

static std::string date() {
    char text[32];
    const std::time_t now = std::time(nullptr);
    std::strftime(text, sizeof text, "%Y-%m-%d", std::gmtime(&now));
    return text;
}

void bench_all(const std::string& file) {
    set_threads(0);
    const int all = num_threads();
    const double peak = measured_peak();
    std::printf("Products of n × n matrices, in GFLOP/s; one core can do at most %.0f\n\n", peak);
    std::printf("     n    naive  loop order    tiled   %2d threads\n", all);
    std::string rows;
    for (int n : {64, 128, 256, 512, 1024}) {
        const double naive = n <= 512 ? gflops(matmul_naive, n, n, n) : 0;
        const double reordered = gflops(matmul_reordered, n, n, n);
        const double tiled = gflops(matmul_tiled, n, n, n), threaded = gflops(matmul, n, n, n);
        if (naive > 0) std::printf("  %4d %8.1f", n, naive);
        else std::printf("  %4d        -", n);
        std::printf(" %11.1f %8.1f %12.1f\n", reordered, tiled, threaded);
        std::fflush(stdout);
        char row[160];
        std::snprintf(row, sizeof row,
                      "%s\n  {\"n\": %d, \"naive\": %.2f, \"reordered\": %.2f, \"tiled\": %.2f, "
                      "\"threaded\": %.2f}",
                      rows.empty() ? "" : ",", n, naive, reordered, tiled, threaded);
        rows += row;
    }
    std::ofstream out(file);
    out << "{\"date\": \"" << date() << "\", \"compiler\": \"" << COURSE_COMPILER
        << "\", \"cores\": " << std::thread::hardware_concurrency() << ", \"peak\": " << peak
        << ", \"products\": [" << rows << "\n]}\n";
    out.close();
    if (!out) throw std::runtime_error("cannot write " + file);
    std::printf("\nwritten to %s\n", file.c_str());
}
