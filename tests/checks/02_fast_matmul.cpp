#include "02_fast_matmul.hpp"

#include "grader/check.hpp"
#include "grader/variations.hpp"
#include "kit/sharing.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <ctime>
#include <functional>
#include <stdexcept>
#include <thread>
#include <utility>

namespace checks_02 {

// Twice the float32 rounding of a sum of K terms of size 1 at most.
static double rounding(int K) {
    return 2.0 * K * std::ldexp(1.0, -24) * std::max(1.0, std::sqrt(static_cast<double>(K)));
}

// ## 2.1 The same loops in another order

CHECK("2.1", "[1 2; 3 4] × [5 6; 7 8] = [19 22; 43 50]") {
    const Tensor a = matrix({{1, 2}, {3, 4}}), b = matrix({{5, 6}, {7, 8}});
    expect_near(ASK(matmul_reordered, a, b), matrix({{19, 22}, {43, 50}}), 0);
}

CHECK("2.1", "sizes that are all different, and long sums") {
    const Tensor a = random_tensor({2, 3}), b = random_tensor({3, 5});
    ASK(matmul_reordered, a, b);
    const Tensor wide = random_tensor({3, 150}), tall = random_tensor({150, 2});
    expect_near(ASK(matmul_reordered, wide, tall), exact_product(wide, tall), rounding(150));
}

CHECK("2.1", "of any sizes: a row times a column, more columns than 16 or 32") {
    for (const Shape& size : {Shape{1, 3, 1}, Shape{4, 2, 1}, Shape{2, 5, 17}, Shape{3, 2, 33},
                              Shape{9, 9, 9}, Shape{1, 17, 65}}) {
        const Tensor a = random_tensor({size[0], size[1]}), b = random_tensor({size[1], size[2]});
        expect_near(ASK_UNRECORDED(matmul_reordered, a, b), exact_product(a, b), rounding(size[1]));
    }
    for (const Shape& size : awkward_products(300)) {
        const Tensor a = random_tensor({size[0], size[1]}), b = random_tensor({size[1], size[2]});
        expect_near(ASK_UNRECORDED(matmul_reordered, a, b), exact_product(a, b), rounding(size[1]));
    }
}

// x x, where the same tensor stands on both sides.
Tensor reordered_square(const Tensor& x) { return matmul_reordered(x, x); }

CHECK("2.1", "0 times NaN is NaN, tiny numbers count, and a matrix may be multiplied by itself") {
    for (const auto& [a, b] : zeros_and_nans())
        expect_near(ASK_UNRECORDED(matmul_reordered, a, b), exact_product(a, b), 0);
    const Tensor x = random_tensor({3, 3});
    expect_near(ASK_UNRECORDED(reordered_square, x), exact_product(x, x), 1e-6);
    const Tensor small = scaled_copy(x, tiny);
    expect_near(ASK_UNRECORDED(matmul_reordered, small, x), exact_product(small, x), 1e-12);
    expect_near(ASK_UNRECORDED(matmul_reordered, x, small), exact_product(x, small), 1e-12);
}

std::pair<double, int> last_of_a_large_product(int M, int K, int N) {
    return last_of_a_product(matmul_reordered, M, K, N);
}

CHECK("2.1", "places above 65,536 are found in all three matrices") {
    for (const Shape& size : large_products()) {
        const auto [last, others] =
            ASK_UNRECORDED(last_of_a_large_product, size[0], size[1], size[2]);
        expect_near(last, 15, 0);
        expect_near(others, 0, 0);
    }
}

CHECK("2.1", "a matrix without elements; K = 0 gives zeros; shapes that do not fit are refused") {
    expect_near(ASK(matmul_reordered, Tensor({2, 0}), Tensor({0, 3})), Tensor({2, 3}), 0);
    expect(ASK(matmul_reordered, Tensor({0, 2}), Tensor({2, 3})).shape == Shape{0, 3},
           "the shape must be [0, 3]");
    expect_mentions(ASK_REFUSAL(matmul_reordered, Tensor({2, 3}), Tensor({4, 5})),
                    {"[2, 3]", "[4, 5]"});
}

using Tensors = std::vector<Tensor>;

Tensor reordered_again(const Tensors& first, const Tensors& then) {
    return in_the_same_place([](const Tensors& x) { return matmul_reordered(x[0], x[1]); }, first,
                             then);
}

CHECK("2.1", "nothing is left over from the last call: other sizes, other numbers in one place") {
    const Tensors small = {random_tensor({2, 2}), random_tensor({2, 3})};
    const Tensors large = {random_tensor({3, 5}), random_tensor({5, 2})};
    ASK(matmul_reordered, small[0], small[1]);
    ASK(matmul_reordered, large[0], large[1]);
    const Tensors first = {random_tensor({3, 4}), random_tensor({4, 2})};
    const Tensors then = {random_tensor({3, 4}), random_tensor({4, 2})};
    ASK(reordered_again, first, then);
    for (int changed : {0, 1}) {
        Tensors now = first;
        now[changed] = one_changed(first[changed]);
        expect_near(ASK_UNRECORDED(reordered_again, first, now), exact_product(now[0], now[1]),
                    1e-6);
    }
}

Tensor written_down(int) { return steps_by_hand(); }
CALLED(written_down, "steps_by_hand()");

// The steps along one index, which are a row of the table.
static void expect_steps(int index, const Tensor& steps, const std::string& otherwise) {
    const Tensor found = ASK_UNRECORDED(written_down, 0);
    expect(found.shape == Shape{3, 3}, "a 3 × 3 matrix is asked for, matrix({{…}, {…}, {…}})");
    for (int j = 0; j < 3; ++j) expect(found.data[index * 3 + j] == steps.data[j], otherwise);
}

CHECK("2.1", "on paper: i is the row of A and of C, and does not occur in B") {
    expect_steps(0, row({100 * 3, 0, 100 * 5}), "when i grows, these are not the steps");
}

CHECK("2.1", "on paper: j is the column of B and of C, and does not occur in A") {
    expect_steps(1, row({0, 1, 1}), "when j grows, these are not the steps");
}

CHECK("2.1", "on paper: p is the column of A and the row of B, and does not occur in C") {
    expect_steps(2, row({1, 100 * 5, 0}), "when p grows, these are not the steps");
}

// ## 2.2 One tile of C

// Tiles are not equally large on all machines, nor are registers. What is wrong should be wrong
// with the same numbers everywhere, so numbers are handed in of the first three rows and four
// columns only, and of the others, whether they are right.

// c + aᵀ b, computed in the first or the last corner of a tile whose other rows and columns are
// zeros. In the first, A lies column by column; in the last, row by row with gaps between the rows.
static Tensor in_a_corner(const Tensor& a, const Tensor& b, const Tensor& c, bool last) {
    const int depth = a.shape[0], rows = tile_shape()[0], columns = tile_shape()[1];
    const int down = last ? rows - a.shape[1] : 0, right = last ? columns - b.shape[1] : 0;
    const int c_step = 2 * columns;
    std::vector<float> A(rows * (depth + 3)), packed_b(depth * columns), C((rows + 1) * c_step);
    const View view{A.data(), rows, depth, last ? depth + 3 : 1, last ? 1 : rows};
    for (int p = 0; p < depth; ++p) {
        for (int i = 0; i < a.shape[1]; ++i)
            A[(down + i) * view.row_step + p * view.column_step] = a.data[p * a.shape[1] + i];
        for (int j = 0; j < b.shape[1]; ++j)
            packed_b[p * columns + right + j] = b.data[p * b.shape[1] + j];
    }
    Tensor result = c;
    const int width = c.shape[1];
    const auto place = [&](int i) { return (down + i / width) * c_step + right + i % width; };
    for (int i = 0; i < c.size(); ++i) C[place(i)] = c.data[i];
    multiply_tile(view, packed_b.data(), {C.data(), rows, columns, c_step, 1});
    for (int i = 0; i < (rows + 1) * c_step; ++i)
        if ((i / c_step >= rows || i % c_step >= columns) && C[i] != 0.0f)
            throw std::logic_error("multiply_tile has written outside of its tile of C");
    for (int i = 0; i < c.size(); ++i) result.data[i] = C[place(i)];
    return result;
}

Tensor first_corner_of_a_tile(const Tensor& a, const Tensor& b, const Tensor& c) {
    return in_a_corner(a, b, c, false);
}

static bool is_near(const Tensor& found, const Tensor& product, const Tensor& c, double tolerance) {
    for (int i = 0; i < c.size(); ++i)
        if (!(std::fabs(found.data[i] - (c.data[i] + double{product.data[i]})) <= tolerance))
            return false;
    return true;
}

bool last_corner_of_a_tile(const Tensor& a, const Tensor& b, const Tensor& c) {
    return is_near(in_a_corner(a, b, c, true), exact_product(transposed_copy(a), b), c,
                   1e-6 + rounding(9));
}

bool right_long_sums(const Tensor& a, const Tensor& b, const Tensor& c) {
    return is_near(in_a_corner(a, b, c, false), exact_product(transposed_copy(a), b), c,
                   1e-6 + rounding(70));
}

CHECK("2.2",
      "[1 2; 3 4] × [5 6; 7 8] = [19 22; 43 50], where a holds the columns of the first matrix") {
    const Tensor a = matrix({{1, 3}, {2, 4}}), b = matrix({{5, 6}, {7, 8}});
    const Tensor zeros = Tensor({2, 2});
    expect_near(ASK(first_corner_of_a_tile, a, b, zeros), matrix({{19, 22}, {43, 50}}), 0);
}

CHECK("2.2", "what stands in C is kept, and the tile is added to it") {
    const Tensor a = random_tensor({3, 3}), b = random_tensor({3, 4}), c = random_tensor({3, 4});
    ASK(first_corner_of_a_tile, a, b, c);
}

CHECK("2.2", "the last row and column of the tile count as much as the first") {
    const Tensor a = random_tensor({9, 3}), b = random_tensor({9, 4}), c = random_tensor({3, 4});
    expect(ASK_UNRECORDED(last_corner_of_a_tile, a, b, c),
           "in the last three rows and four columns, a number is wrong");
}

CHECK("2.2", "long sums lose nothing, and with depth 0 nothing is added") {
    const Tensor a = random_tensor({70, 3}), b = random_tensor({70, 4}), c = random_tensor({3, 4});
    expect(ASK_UNRECORDED(right_long_sums, a, b, c), "of a tile with depth 70, a number is wrong");
    const Tensor none = Tensor({0, 2}), as_it_was = matrix({{1, 2}, {3, 4}});
    expect_near(ASK(first_corner_of_a_tile, none, none, as_it_was), as_it_was, 0);
    const Tensor deep = random_tensor({600, 2}), zeros = Tensor({2, 2});
    expect_near(ASK_UNRECORDED(first_corner_of_a_tile, deep, deep, zeros),
                exact_product(transposed_copy(deep), deep), rounding(600));
}

// Is c + aᵀ b right for a whole tile, cut out of an a, b and c that are larger, and does the rest
// of c stay? A and C are parts of wider matrices.
bool whole_tile(const Tensor& a, const Tensor& b, const Tensor& c, double tolerance) {
    const int depth = a.shape[0], rows = tile_shape()[0], columns = tile_shape()[1];
    std::vector<float> packed_b(depth * columns);
    for (int i = 0; i < depth * columns; ++i)
        packed_b[i] = b.data[i / columns * b.shape[1] + i % columns];
    Tensor result = c;
    multiply_tile(part(transposed(view(a)), 0, 0, rows, depth), packed_b.data(),
                  part(view(result), 0, 0, rows, columns));
    Tensor product = exact_product(transposed_copy(a), b);
    for (int i = 0; i < c.size(); ++i)
        if (i / c.shape[1] >= rows || i % c.shape[1] >= columns) product.data[i] = 0;
    return is_near(result, product, c, tolerance);
}

CHECK("2.2", "every number of a whole tile, for depths from 0 to 40, and for tiny numbers") {
    for (int depth = 0; depth <= 40; ++depth) {
        Tensor a = random_tensor({depth, 16}), b = random_tensor({depth, 64});
        Tensor c = random_tensor({16, 64});
        if (depth % 2 == 1) c = scaled_copy(c, tiny), a = scaled_copy(a, tiny);
        const double tolerance = (depth % 2 == 1 ? tiny : 1) * (1e-6 + rounding(depth));
        expect(ASK_UNRECORDED(whole_tile, a, b, c, tolerance),
               "of a tile with depth " + std::to_string(depth) +
                   ", a number is wrong, or one beside the tile has changed");
    }
}

// Is every number of a tile NaN, when each of a is the one and each of b the other?
bool tile_of_nan(double each_of_a, double each_of_b) {
    const int depth = 2, rows = tile_shape()[0], columns = tile_shape()[1];
    const std::vector<float> a(rows * depth, static_cast<float>(each_of_a));
    const std::vector<float> b(depth * columns, static_cast<float>(each_of_b));
    Tensor c({rows, columns});
    multiply_tile({a.data(), rows, depth, depth, 1}, b.data(), view(c));
    return std::all_of(c.data.begin(), c.data.end(), [](float x) { return std::isnan(x); });
}

CHECK("2.2", "0 times NaN is NaN, in its place of the tile and in no other") {
    const Tensor a = matrix({{0, 1}, {2, 3}}), b = matrix({{NAN, 0, 1}, {1, 2, INFINITY}});
    expect_near(ASK_UNRECORDED(first_corner_of_a_tile, a, b, Tensor({2, 3})),
                exact_product(transposed_copy(a), b), 0);
    const int rows = 3, columns = 4;
    const Tensor nothing({2, rows}), no_number({2, columns}, std::vector<float>(2 * columns, NAN));
    const Tensor zeros({2, columns}), unknown({2, rows}, std::vector<float>(2 * rows, NAN));
    const Tensor all({rows, columns}, std::vector<float>(rows * columns, NAN));
    expect_near(ASK_UNRECORDED(first_corner_of_a_tile, nothing, no_number, Tensor(all.shape)), all,
                0);
    expect_near(ASK_UNRECORDED(first_corner_of_a_tile, unknown, zeros, Tensor(all.shape)), all, 0);
    for (const auto& [x, y] : {std::pair{0.0, double{NAN}}, std::pair{double{NAN}, 0.0}})
        expect(ASK_UNRECORDED(tile_of_nan, x, y), "in the whole tile, 0 times NaN is NaN");
}

static double processor_seconds(clockid_t clock) {
    timespec used;
    clock_gettime(clock, &used);
    return static_cast<double>(used.tv_sec) + 1e-9 * static_cast<double>(used.tv_nsec);
}

// Whether all is right that two threads compute at the same time: the one calls what `prepare(1)`
// returns again and again, the other what `prepare(2)` does, until each has used 20 milliseconds of
// a processor. Where both have to share one, it takes turns between them.
static bool right_on_two_threads(const std::function<std::function<bool()>(float)>& prepare) {
    std::atomic<int> begun{0};
    std::atomic<bool> right{true};
    const auto work = [&](float each) {
        const std::function<bool()> is_right = prepare(each);
        ++begun;
        while (begun < 2) std::this_thread::yield();
        const double end = processor_seconds(CLOCK_THREAD_CPUTIME_ID) + 0.02;
        while (right && processor_seconds(CLOCK_THREAD_CPUTIME_ID) < end)
            if (!is_right()) right = false;
    };
    std::thread other(work, 2.0f);
    work(1.0f);
    other.join();
    return right;
}

bool tiles_on_two_threads(int depth) {
    const int rows = tile_shape()[0], columns = tile_shape()[1];
    return right_on_two_threads([=](float each) {
        const Tensor a({rows, depth}, std::vector<float>(rows * depth, each));
        const Tensor b({depth, columns}, std::vector<float>(depth * columns, 1.0f));
        return [=] {
            Tensor c({rows, columns});
            multiply_tile(view(a), b.data.data(), view(c));
            return c.data == std::vector<float>(rows * columns, each * depth);
        };
    });
}

CHECK("2.2", "two threads, each with a tile of its own, do not disturb each other") {
    expect(ASK_UNRECORDED(tiles_on_two_threads, 500),
           "a tile is wrong when another thread computes one too");
}

// ## 2.3 Blocks, and what is left over

RESTS_ON("2.3", "2.2");

CHECK("2.3", "a product that fits into one block: [1 2; 3 4] × [5 6; 7 8] = [19 22; 43 50]") {
    const Tensor a = matrix({{1, 2}, {3, 4}}), b = matrix({{5, 6}, {7, 8}});
    expect_near(ASK(matmul_tiled, a, b), matrix({{19, 22}, {43, 50}}), 0);
}

CHECK("2.3", "all sizes from 1 to 9, and K = 0") {
    for (int M = 1; M < 10; M += 2)
        for (int N = 1; N < 10; N += 3)
            for (int K = 0; K < 8; K += 3) {
                const Tensor a = random_tensor({M, K}), b = random_tensor({K, N});
                expect_near(ASK_UNRECORDED(matmul_tiled, a, b), exact_product(a, b), rounding(K));
            }
}

CHECK("2.3", "one row, one column or one term more than whole blocks") {
    for (const Shape& size : {Shape{769, 3, 2}, Shape{2, 3, 769}, Shape{2, 1025, 3}}) {
        const Tensor a = random_tensor({size[0], size[1]}), b = random_tensor({size[1], size[2]});
        expect_near(ASK_UNRECORDED(matmul_tiled, a, b), exact_product(a, b), rounding(size[1]));
    }
}

CHECK("2.3", "whole blocks with nothing left over, and more than two of them in a direction") {
    for (int blocks : {1, 2, 3, 4})
        for (int more : {0, 1, 7})
            for (const Shape& size :
                 {Shape{48 * blocks + more, 3, 2}, Shape{2, 3, 768 * blocks + more},
                  Shape{2, 512 * blocks + more, 3}}) {
                const Tensor a = random_tensor({size[0], size[1]});
                const Tensor b = random_tensor({size[1], size[2]});
                expect_near(ASK_UNRECORDED(matmul_tiled, a, b), exact_product(a, b),
                            rounding(size[1]));
            }
}

// x x, where the same tensor stands on both sides.
Tensor tiled_square(const Tensor& x) { return matmul_tiled(x, x); }

CHECK("2.3", "of any sizes, with tiny numbers and NaN, and of a matrix with itself") {
    for (const Shape& size : awkward_products(300)) {
        const Tensor a = random_tensor({size[0], size[1]}), b = random_tensor({size[1], size[2]});
        expect_near(ASK_UNRECORDED(matmul_tiled, a, b), exact_product(a, b), rounding(size[1]));
    }
    for (int n : {3, 50}) {
        const Tensor x = random_tensor({n, n}), small = scaled_copy(x, tiny);
        expect_near(ASK_UNRECORDED(tiled_square, x), exact_product(x, x), rounding(n));
        expect_near(ASK_UNRECORDED(matmul_tiled, small, x), exact_product(small, x),
                    tiny * rounding(n));
    }
    for (const auto& [a, b] : zeros_and_nans())
        expect_near(ASK_UNRECORDED(matmul_tiled, a, b), exact_product(a, b), 0);
}

// As varied as random numbers, and the same under every seed: so large a product is asked once.
static Tensor varied(const Shape& shape) {
    Tensor x(shape);
    for (int i = 0; i < x.size(); ++i) x.data[i] = static_cast<float>(i * 37LL % 101 - 50) / 50;
    return x;
}

// The first 16 columns and the last 12, which stand in the first tile of a block where tiles are 16
// or 32 wide.
static Tensor outer_columns(const Tensor& x) {
    Tensor outer({x.shape[0], 28});
    for (int i = 0; i < x.shape[0]; ++i) {
        std::copy_n(x.row(i), 16, outer.row(i));
        std::copy_n(x.row(i) + x.shape[1] - 12, 12, outer.row(i) + 16);
    }
    return outer;
}

Tensor ends_of_a_tiled_product(const Tensor& a, const Tensor& b) {
    return outer_columns(matmul_tiled(a, b));
}

CHECK("2.3", "two blocks in every direction: [60, 530] × [530, 780]") {
    const Tensor a = varied({60, 530}), b = varied({530, 780});
    expect_near(ASK_UNRECORDED(ends_of_a_tiled_product, a, b), outer_columns(exact_product(a, b)),
                rounding(530));
}

// c + Aᵀ Bᵀ, inside a c that is wider than the product.
Tensor add_in_a_wide_matrix(const Tensor& a, const Tensor& b, const Tensor& c) {
    Tensor result = c;
    multiply_add_one_thread(transposed(view(a)), transposed(view(b)),
                            part(view(result), 0, 0, c.shape[0], b.shape[0]));
    return result;
}

CHECK("2.3", "the product may be added to a part of a C that is wider than it") {
    const Tensor a = random_tensor({5, 3}), b = random_tensor({4, 5}), c = random_tensor({3, 6});
    ASK(add_in_a_wide_matrix, a, b, c);
}

// x in the middle of zeros, which are two rows and nine columns more.
static Tensor in_the_middle(const Tensor& x) {
    const int M = x.shape[0], N = x.shape[1];
    Tensor wide({M + 2, N + 9});
    for (int i = 0; i < x.size(); ++i) wide.data[(i / N + 1) * (N + 9) + 4 + i % N] = x.data[i];
    return wide;
}

// On so many threads, which share products of two million multiplications and more.
static void use_threads(int count) {
    WorthSharing::given = 2e6;
    set_threads(count);
}

// c + a b, where all three are parts of wider matrices, in which a and b may lie transposed; and
// what is around the part of C.
Tensor add_parts(const Tensor& a, const Tensor& b, const Tensor& c, int threads, bool turned) {
    use_threads(threads);
    const int M = c.shape[0], K = a.shape[1], N = c.shape[1];
    const Tensor wide_a = in_the_middle(turned ? transposed_copy(a) : a);
    const Tensor wide_b = in_the_middle(turned ? transposed_copy(b) : b);
    Tensor wide_c = in_the_middle(c);
    const auto inside = [&](const Tensor& wide, int rows, int columns) {
        return turned ? transposed(part(view(wide), 1, 4, columns, rows))
                      : part(view(wide), 1, 4, rows, columns);
    };
    (threads == 0 ? multiply_add_one_thread : fast::multiply_add)(
        inside(wide_a, M, K), inside(wide_b, K, N), part(view(wide_c), 1, 4, M, N));
    return wide_c;
}

static void expect_parts(const Shape& size, int threads) {
    const int M = size[0], K = size[1], N = size[2];
    const Tensor a = random_tensor({M, K}), b = random_tensor({K, N}), c = random_tensor({M, N});
    Tensor expected = exact_product(a, b);
    for (int i = 0; i < c.size(); ++i) expected.data[i] += c.data[i];
    for (bool turned : {false, true})
        expect_near(ASK_UNRECORDED(add_parts, a, b, c, threads, turned), in_the_middle(expected),
                    1e-6 + rounding(K));
}

CHECK("2.3", "A, B and C may be parts of wider matrices, of one block and of several") {
    for (const Shape& size : {Shape{5, 4, 7}, Shape{50, 3, 3}, Shape{3, 513, 5}, Shape{3, 4, 770},
                              Shape{97, 520, 15}, Shape{1, 4, 7}, Shape{5, 1, 7}, Shape{5, 4, 1},
                              Shape{1, 1, 7}, Shape{1, 4, 1}, Shape{5, 1, 1}, Shape{1, 1, 1}})
        expect_parts(size, 0);
}

// How many jobs are shared when one thread is to multiply.
int jobs_of_one_thread(int M, int K, int N) {
    use_threads(2);
    const Tensor a({M, K}), b({K, N});
    const long before = shared_jobs();
    matmul_tiled(a, b);
    return static_cast<int>(shared_jobs() - before);
}
CALLED(jobs_of_one_thread, "matmul_tiled, on one of two threads");

CHECK("2.3", "all is done by the thread that calls, however many there are") {
    for (const Shape& size : {Shape{200, 60, 60}, Shape{3, 1100, 3}, Shape{3, 3, 1600}})
        expect_near(ASK_UNRECORDED(jobs_of_one_thread, size[0], size[1], size[2]), 0, 0);
}

// c + a b, where b is what the first rows of this very c hold at the beginning, from the last of
// them to the first. B goes on with zeros for `more` rows, and so does A for as many columns.
Tensor add_product_of_itself(const Tensor& a, const Tensor& c, int more) {
    const int M = c.shape[0], N = c.shape[1], K = a.shape[1];
    Tensor longer({M, K + more}), all({more + M, N});
    for (int i = 0; i < a.size(); ++i) longer.data[i / K * (K + more) + i % K] = a.data[i];
    std::copy(c.data.begin(), c.data.end(), all.data.begin() + more * N);
    const View B{all.row(more + K - 1), K + more, N, -N, 1};
    multiply_add_one_thread(view(longer), B, part(view(all), more, 0, M, N));
    return Tensor(c.shape, std::vector<float>(all.data.begin() + more * N, all.data.end()));
}

CHECK("2.3", "a block of B is packed once, however many blocks of A it serves") {
    const Tensor a = random_tensor({150, 20}), c = random_tensor({150, 15});
    Tensor b({20, 15});
    for (int p = 0; p < 20; ++p) std::copy_n(c.row(19 - p), 15, b.row(p));
    const Tensor product = exact_product(a, b);
    for (int more : {0, 600}) {  // rows of B, which make it two blocks deep
        const Tensor found = ASK_UNRECORDED(add_product_of_itself, a, c, more);
        for (int i = 0; i < c.size(); ++i)
            expect(std::fabs(found.data[i] - c.data[i] - product.data[i]) < 1e-4,
                   "a block of B was packed a second time: this B lies in C, and C had changed by "
                   "then");
    }
}

bool products_on_two_threads(int depth) {
    return right_on_two_threads([=](float each) {
        const Tensor a({8, depth}, std::vector<float>(8 * depth, 1.0f));
        const Tensor b({depth, 64}, std::vector<float>(depth * 64, each));
        return [=] {
            Tensor c({8, 64});
            multiply_add_one_thread(view(a), view(b), view(c));
            return c.data == std::vector<float>(8 * 64, each * depth);
        };
    });
}
CALLED(products_on_two_threads, "multiply_add_one_thread, on two threads at once");

CHECK("2.3", "two threads, each with a product of its own, do not disturb each other") {
    expect(ASK_UNRECORDED(products_on_two_threads, 256),
           "a product is wrong when another thread computes one too");
}

Tensor tiled_again(const Tensors& first, const Tensors& then) {
    return in_the_same_place([](const Tensors& x) { return matmul_tiled(x[0], x[1]); }, first,
                             then);
}

CHECK("2.3", "nothing is left over from the last call: other numbers in the same place") {
    const Tensors first = {random_tensor({7, 40}), random_tensor({40, 30})};
    const Tensors then = {random_tensor({7, 40}), random_tensor({40, 30})};
    expect_near(ASK_UNRECORDED(tiled_again, first, then), exact_product(then[0], then[1]),
                rounding(40));
    for (int changed : {0, 1}) {
        Tensors now = first;
        now[changed] = one_changed(first[changed]);
        expect_near(ASK_UNRECORDED(tiled_again, first, now), exact_product(now[0], now[1]),
                    rounding(40));
    }
}

// ## 2.4 A race to find

// How often each number was given to the body, over `jobs` jobs of so many numbers.
std::vector<int> visits(int count, int threads, int jobs) {
    set_threads(threads);
    std::vector<std::atomic<int>> times(static_cast<std::size_t>(count));
    for (int job = 0; job < jobs; ++job) fast::parallel_for(count, [&](int i) { ++times[i]; });
    return std::vector<int>(times.begin(), times.end());
}

// Two bodies that each wait, at most two seconds, until the other has begun.
static bool two_bodies_meet_now() {
    std::atomic<int> begun{0};
    std::atomic<bool> met{false}, seen{false};
    fast::parallel_for(2, [&](int) {
        const bool first = ++begun == 1;
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(2);
        while (!(first ? begun == 2 : seen.load()) && std::chrono::steady_clock::now() < end)
            std::this_thread::yield();
        if (first) met = begun == 2, seen = true;
    });
    return met;
}

bool two_bodies_meet(int threads) {
    set_threads(threads);
    return two_bodies_meet_now();
}

// Whether two bodies still meet some time after a job has ended, or has failed.
bool two_bodies_meet_later(bool failed) {
    set_threads(2);
    try {
        fast::parallel_for(2, [failed](int) {
            if (failed) throw std::runtime_error("a job that failed");
        });
    } catch (const std::runtime_error&) {}
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return two_bodies_meet_now();
}

// Of 300 bodies, how many run when the caller's throws as soon as a helper is inside one. Each of
// the helper's takes a millisecond, and the first of them waits for the throw.
int bodies_after_the_caller_threw(int) {
    set_threads(2);
    const auto caller = std::this_thread::get_id();
    std::atomic<int> helped{0};
    std::atomic<bool> throws{false};
    try {
        fast::parallel_for(300, [&](int) {
            const bool helper = std::this_thread::get_id() != caller;
            if (helper) ++helped;
            for (int time = 0; time < 2000 && (helper ? time < 1 || !throws : helped == 0); ++time)
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
            if (helper) return;
            throws = true;
            throw std::runtime_error("the caller's body");
        });
    } catch (const std::runtime_error&) {}
    return helped + 1;
}

// The helpers' bodies take longer than the caller's, so that a caller that does not wait is caught.
bool all_ended_on_return(int count) {
    set_threads(4);
    const auto caller = std::this_thread::get_id();
    std::atomic<int> ended{0};
    fast::parallel_for(count, [&](int) {
        const bool helper = std::this_thread::get_id() != caller;
        std::this_thread::sleep_for(std::chrono::milliseconds(helper ? 100 : 2));
        ++ended;
    });
    return ended == count;
}

// Whether a job whose caller waits 150 milliseconds for a helper costs hardly any processor time.
bool waits_asleep(int) {
    set_threads(2);
    const auto caller = std::this_thread::get_id();
    std::atomic<bool> helped{false};
    const std::clock_t begin = std::clock();
    fast::parallel_for(2, [&](int) {
        if (std::this_thread::get_id() != caller) {
            helped = true;
            std::this_thread::sleep_for(std::chrono::milliseconds(150));
        }
        for (int time = 0; time < 100 && !helped; ++time)
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
    });
    return std::clock() - begin < CLOCKS_PER_SEC / 32;
}

// What reaches the caller when body number `bad` throws, and whether the pool still works after.
std::pair<std::string, int> after_an_exception(int bad, int threads) {
    set_threads(threads);
    std::string message = "nothing was thrown";
    try {
        fast::parallel_for(50, [&](int i) {
            if (i == bad) throw std::runtime_error("body " + std::to_string(i));
        });
    } catch (const std::runtime_error& error) {
        message = error.what();
    }
    std::atomic<int> calls{0};
    fast::parallel_for(10, [&](int) { ++calls; });
    return {message, calls};
}

// A job of two bodies. Once a helper is inside its own the caller throws, or only leaves; the
// helper stays for another 100 milliseconds and then throws, if the caller did not. Returns what
// reached the caller, and whether the helper had ended by then. (A caller that is alone throws.)
std::pair<std::string, bool> while_a_helper_is_inside(bool caller_throws) {
    static std::atomic<bool> inside, ended;  // a helper that is not waited for finds them still
    inside = ended = false;
    set_threads(2);
    const auto caller = std::this_thread::get_id();
    try {
        fast::parallel_for(2, [caller, caller_throws](int) {
            const bool helper = std::this_thread::get_id() != caller;
            if (helper) inside = true;
            for (int time = 0; time < (helper ? 10 : 200) && (helper || !inside); ++time)
                std::this_thread::sleep_for(std::chrono::milliseconds(10));
            if (helper) ended = true;
            if (helper != caller_throws || !inside) throw std::out_of_range("thrown");
        });
    } catch (const std::out_of_range& error) {
        return {error.what(), ended || !inside};
    } catch (const std::exception&) {
        return {"an exception of another kind", ended || !inside};
    }
    return {"nothing", ended || !inside};
}
PARTS(while_a_helper_is_inside, "what reached the caller", "whether the helper had ended");

int nested_calls(int threads) {
    set_threads(threads);
    std::atomic<int> calls{0};
    fast::parallel_for(6, [&](int) { fast::parallel_for(5, [&](int) { ++calls; }); });
    return calls;
}

static bool all_are(const std::vector<int>& times, int expected) {
    for (int time : times)
        if (time != expected) return false;
    return true;
}

CHECK("2.4", "each number from 0 to 9 is given to exactly one body, with 1, 2, 3 and 8 threads") {
    for (int threads : {1, 2, 3, 8})
        expect(all_are(ASK_UNRECORDED(visits, 10, threads, 1), 1),
               "some number was left out or repeated");
}

Tensor twice(const Tensor& x, int threads) {
    set_threads(threads);
    Tensor y(x.shape);
    fast::parallel_for(x.size(), [&](int i) { y.data[i] = 2 * x.data[i]; });
    return y;
}

CHECK("2.4", "what the bodies compute is there, of however many") {
    const Tensor x = random_tensor({2 + random_numbers().below(50)});
    for (int threads : {1, 2, 5}) ASK(twice, x, threads);
}

CHECK("2.4", "two bodies run at the same time") {
    expect(ASK_UNRECORDED(two_bodies_meet, 2), "with two threads, two bodies never run at once");
}

CHECK("2.4", "the threads are there for the next job, whatever became of the last one") {
    for (bool failed : {false, true})
        expect(ASK_UNRECORDED(two_bodies_meet_later, failed),
               std::string("ten milliseconds after a job that ") +
                   (failed ? "failed" : "went well") + ", two bodies never run at once");
}

CHECK("2.4", "parallel_for returns when the last body has ended, not before") {
    expect(ASK_UNRECORDED(all_ended_on_return, 8),
           "parallel_for returned before the last of 8 bodies had ended");
    const auto [thrown, ended] = ASK_UNRECORDED(while_a_helper_is_inside, true);
    expect(ended, "the caller threw, and parallel_for was over before the helper had ended");
}

CHECK("2.4", "a caller that waits for the others sleeps, and costs no processor time") {
    expect(ASK_UNRECORDED(waits_asleep, 0),
           "the caller works while it waits: it asks all the time whether the others have left");
}

CHECK("2.4", "3000 short jobs in a row all end: no wake-up is lost") {
    for (int threads : {2, 8})
        expect(all_are(ASK_UNRECORDED(visits, 4, threads, 3000), 3000), "some body did not run");
}

CHECK("2.4", "an exception in a body reaches the caller, and the pool works on") {
    const auto [thrown, ended] = ASK_UNRECORDED(while_a_helper_is_inside, false);
    expect(
        thrown == "thrown",
        "a helper threw std::out_of_range, and the caller must throw it on; you throw " + thrown);
    for (int threads : {1, 2, 8}) {
        const auto [message, calls] = ASK_UNRECORDED(after_an_exception, 0, threads);
        expect(message == "body 0", "the caller must see the exception of body 0, not: " + message);
        expect_near(calls, 10, 0);
    }
}

CHECK("2.4", "when the caller's own body throws, no further number is given out") {
    expect(ASK_UNRECORDED(bodies_after_the_caller_threw, 0) < 300,
           "the caller threw, and the helper went through all of 300 numbers");
}

CHECK("2.4", "a job inside a job ends, and a job of no numbers does nothing") {
    for (int threads : {2, 8}) expect_near(ASK_UNRECORDED(nested_calls, threads), 30, 0);
    expect(ASK_UNRECORDED(visits, 0, 2, 1).empty(), "there is no number to visit");
}

// ## 2.5 The parallel product

RESTS_ON("2.5", "2.2", "2.3", "2.4");

// As `matmul`, but never by the plain way of chapter 1.
Tensor product(const Tensor& a, const Tensor& b) {
    Tensor c({a.shape[0], b.shape[1]});
    fast::multiply_add(view(a), view(b), view(c));
    return c;
}

Tensor product_again(const Tensors& first, const Tensors& then) {
    use_threads(2);
    return in_the_same_place([](const Tensors& x) { return product(x[0], x[1]); }, first, then);
}

std::vector<Tensor> products_on(const std::vector<int>& numbers, const Tensor& a, const Tensor& b) {
    std::vector<Tensor> products;
    for (int threads : numbers) {
        use_threads(threads);
        products.push_back(product(a, b));
    }
    return products;
}

// Whether the threads share a product of these sizes.
bool is_shared(int M, int K, int N) {
    use_threads(2);
    const long before = shared_jobs();
    product(Tensor({M, K}), Tensor({K, N}));
    return shared_jobs() > before;
}

// Whether threads that are not the caller do a fourth of the work. Who comes first may take all of
// a product, so there are many; and a thread that looks out for work takes a little time, too.
bool another_thread_works(int size) {
    use_threads(2);
    const Tensor x({size, size});
    double own = 0, all = 0;
    for (int products = 0; products < 50; ++products) {
        own -= processor_seconds(CLOCK_THREAD_CPUTIME_ID);
        all -= processor_seconds(CLOCK_PROCESS_CPUTIME_ID);
        product(x, x);
        own += processor_seconds(CLOCK_THREAD_CPUTIME_ID);
        all += processor_seconds(CLOCK_PROCESS_CPUTIME_ID);
        if (all - own > std::max(0.005, 0.25 * all)) return true;
    }
    return false;
}

// c + Aᵀ Bᵀ, inside a c that is wider than the product.
Tensor add_transposed_product(const Tensor& a, const Tensor& b, const Tensor& c, int threads) {
    use_threads(threads);
    Tensor result = c;
    fast::multiply_add(transposed(view(a)), transposed(view(b)),
                       part(view(result), 0, 0, c.shape[0], b.shape[0]));
    return result;
}

CHECK("2.5", "100 rows in tiles of 4 make bands of 52 on two threads, of 36 on three") {
    expect_near(ASK(band_length, 100, 4, 2), 52, 0);
    expect_near(ASK(band_length, 100, 4, 3), 36, 0);
}

CHECK("2.5", "bands are whole tiles, at least one; no more than threads; and as short as can be") {
    const int tile = 24;
    for (int length : {0, 1, 24, 25, 47, 96, 97, 1000})
        for (int threads : {1, 2, 3, 8}) {
            const int band = ASK(band_length, length, tile, threads);
            expect(band % tile == 0 && band >= tile, "a band must be whole tiles, at least one");
            expect(band * threads >= length, "some rows belong to no thread");
            expect(band == tile || (band - tile) * threads < length, "shorter bands would do");
        }
}

// The bands of lengths from 0 to 130, in tiles of so many, for so many threads.
std::vector<int> bands(int tile, int threads) {
    std::vector<int> all;
    for (int length = 0; length <= 130; ++length) all.push_back(band_length(length, tile, threads));
    return all;
}

CHECK("2.5", "for every length, tile and number of threads there is one right band") {
    expect_near(ASK_UNRECORDED(band_length, 16777217, 1, 1), 16777217, 0);
    for (int tile : {1, 2, 3, 4, 5, 6, 7, 24, 32, 48})
        for (int threads : {1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 13, 16, 24, 31, 64, 1000}) {
            const std::vector<int> found = ASK_UNRECORDED(bands, tile, threads);
            expect(found.size() == 131, "a band for each length is asked for");
            for (int length = 0; length <= 130; ++length) {
                int band = tile;
                while (band * threads < length) band += tile;
                expect(found[length] == band,
                       std::to_string(length) + " rows in tiles of " + std::to_string(tile) +
                           " on " + std::to_string(threads) + " threads make bands of " +
                           std::to_string(band) + ", not of " + std::to_string(found[length]));
            }
        }
}

CHECK("2.5", "[1 2; 3 4] × [5 6; 7 8] = [19 22; 43 50]") {
    const Tensor a = matrix({{1, 2}, {3, 4}}), b = matrix({{5, 6}, {7, 8}});
    expect_near(ASK(product, a, b), matrix({{19, 22}, {43, 50}}), 0);
}

// The sizes below are cut into the same bands by tiles of 6 × 16 and of 8 × 32, so that a wrong
// answer is the same, and is recognised, on both kinds of machine.

CHECK("2.5", "1, 2, 4 and 8 threads give the same bits, and the right ones") {
    const std::vector<int> threads = {1, 2, 4, 8};
    for (const Shape& size : {Shape{190, 167, 113}, Shape{10, 281, 745}, Shape{379, 111, 61},
                              Shape{185, 801, 20}}) {  // a row is left over among 8
        const Tensor a = random_tensor({size[0], size[1]}), b = random_tensor({size[1], size[2]});
        const auto products = ASK_UNRECORDED(products_on, threads, a, b);
        expect_near(products[0], exact_product(a, b), rounding(size[1]));
        for (int i : {1, 2, 3})
            expect_same_bits(products[i], products[0],
                             std::to_string(threads[i]) + " threads give other bits than one");
    }
}

// Whether the product has the same bits with each of these numbers of threads as with one.
bool same_bits_on_up_to_31(const Tensor& a, const Tensor& b) {
    use_threads(1);
    const Tensor alone = product(a, b);
    for (int threads : {2, 3, 4, 5, 6, 7, 9, 16, 31}) {
        use_threads(threads);
        if (product(a, b).data != alone.data) return false;
    }
    return true;
}

CHECK("2.5", "a large product is shared among the threads, a small one is not") {
    expect(ASK_UNRECORDED(is_shared, 202, 200, 200), "the threads must share 202 × 200 × 200");
    expect(!ASK_UNRECORDED(is_shared, 16, 16, 16), "16 × 16 × 16 is faster on one thread");
}

CHECK("2.5", "of a shared product, another thread computes a part") {
    expect(ASK_UNRECORDED(another_thread_works, 500),
           "50 products of [500, 500], and the caller computed nearly all of each");
}

CHECK("2.5", "a wide product is shared by its columns, a tall one by its rows") {
    expect(ASK_UNRECORDED(is_shared, 4, 900, 1000), "the threads must share 4 × 900 × 1000");
    expect(ASK_UNRECORDED(is_shared, 1000, 900, 4), "the threads must share 1000 × 900 × 4");
}

CHECK("2.5", "both matrices may be transposed, and the product is added to a part of C") {
    const Tensor a = random_tensor({5, 3}), b = random_tensor({4, 5}), c = random_tensor({3, 6});
    ASK(add_transposed_product, a, b, c, 1);
}

CHECK("2.5", "every band finds its rows, or columns, in a C that is wider than the product") {
    for (const Shape& size : {Shape{286, 20}, Shape{20, 382}}) {
        const Tensor a = random_tensor({400, size[0]}), b = random_tensor({size[1], 400});
        const Tensor c({size[0], size[1] + 5});
        const Tensor exact = exact_product(transposed_copy(a), transposed_copy(b));
        const Tensor found = ASK_UNRECORDED(add_transposed_product, a, b, c, 4);
        Tensor expected = c;
        for (int i = 0; i < exact.size(); ++i)
            expected.data[i / size[1] * c.shape[1] + i % size[1]] = exact.data[i];
        expect_near(found, expected, rounding(400));
    }
}

CHECK("2.5", "any number of threads gives the bits of one: 3 to 7, 9, 16 and 31") {
    for (const Shape& size : {Shape{151, 150, 130}, Shape{30, 200, 401}, Shape{403, 200, 30}}) {
        const Tensor a = random_tensor({size[0], size[1]}), b = random_tensor({size[1], size[2]});
        expect(ASK_UNRECORDED(same_bits_on_up_to_31, a, b),
               "one thread, and 2 to 7, 9, 16 or 31 of them, give other bits");
    }
}

CHECK("2.5", "A, B and C may be parts of wider matrices, and C need not be zeros") {
    for (const Shape& size : {Shape{190, 128, 128}, Shape{12, 200, 541}, Shape{9, 5, 7}})
        for (int threads : {1, 2, 4}) expect_parts(size, threads);
}

CHECK("2.5", "of any sizes, with tiny numbers and NaN, whatever was multiplied before") {
    for (const Shape& size : awkward_products(131)) {
        const Tensor a = random_tensor({size[0], size[1]}), b = random_tensor({size[1], size[2]});
        expect_near(ASK_UNRECORDED(product, a, b), exact_product(a, b), rounding(size[1]));
    }
    const Tensor x = random_tensor({9, 9}), small = scaled_copy(x, tiny);
    expect_near(ASK_UNRECORDED(product, small, x), exact_product(small, x), tiny * rounding(9));
    for (const auto& [a, b] : zeros_and_nans())
        expect_near(ASK_UNRECORDED(product, a, b), exact_product(a, b), 0);
    const Tensors first = {random_tensor({141, 130}), random_tensor({130, 130})};
    for (int changed : {0, 1}) {
        Tensors now = first;
        now[changed] = one_changed(first[changed]);
        expect_near(ASK_UNRECORDED(product_again, first, now), exact_product(now[0], now[1]),
                    rounding(130));
    }
}

CHECK("2.5", "matrices without elements; shapes that do not fit are refused") {
    expect_near(ASK(product, Tensor({2, 0}), Tensor({0, 3})), Tensor({2, 3}), 0);
    expect(ASK(product, Tensor({0, 2}), Tensor({2, 3})).shape == Shape{0, 3},
           "the shape must be [0, 3]");
    expect(ASK(product, Tensor({3, 2}), Tensor({2, 0})).shape == Shape{3, 0},
           "the shape must be [3, 0]");
    expect_mentions(ASK_REFUSAL(matmul, Tensor({2, 3}), Tensor({4, 5})),
                    {"matmul", "[2, 3]", "[4, 5]", "[M, K] and [K, N]"});
}

}  // namespace checks_02
