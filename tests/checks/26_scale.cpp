#include "26_scale.hpp"

#include "02_fast_matmul.hpp"
#include "grader/check.hpp"
#include "grader/read_twice.hpp"
#include "grader/variations.hpp"

#include <algorithm>
#include <cmath>
#include <sys/resource.h>

namespace checks_26 {

using Tensors = std::vector<Tensor>;
using Variables = std::vector<Variable>;
using Numbers = std::vector<double>;
using List = std::vector<int>;

// ## 26.1 By hand

Tensor written_down(int) { return by_hand_26(); }
CALLED(written_down, "by_hand_26()");

static void expect_number(int which, double wanted, const std::string& otherwise) {
    const Tensor numbers = ASK_UNRECORDED(written_down, 0);
    expect(numbers.shape == Shape{7}, "seven numbers are asked for, row({…, …, …, …, …, …, …})");
    expect(std::fabs(numbers.data[which] - wanted) < 0.0011, otherwise);
}

CHECK("26.1", "after the first tile, l is e^(log 2 − m) + e^(log 4 − m), with this tile's m") {
    expect_number(0, 1.5, "the first number is not 2/4 + 4/4");
}

CHECK("26.1", "after the first tile, o has each value times its exponential, and is not divided") {
    expect_number(1, 6, "the second number is not 6 · 2/4 + 3 · 4/4");
}

CHECK("26.1", "the second tile brings a larger score: the factor is e^(old m − new m)") {
    expect_number(2, 0.5, "the third number is not e^(log 4 − log 8)");
}

CHECK("26.1", "the sum, and the output, after both tiles: what was there gets the factor") {
    expect_number(3, 2, "the fourth number is not 0.5 · l + 8/8 + 2/8");
    expect_number(4, 5, "the fifth number is not 0.5 · o + 1 · 8/8 + 4 · 2/8");
}

CHECK("26.1", "y is o/l, and L is m + log l, the logarithm of 2 + 4 + 8 + 2") {
    expect_number(5, 2.5, "the sixth number is not o/l of both tiles");
    expect_number(6, std::log(16.0), "the seventh number is not the logarithm of 16");
}

// ## 26.2 Attention in tiles

RESTS_ON("26.2", "2.2", "2.3", "2.5");

static Tensor in_a_row(const std::vector<float>& numbers) {
    return Tensor({size_of(numbers)}, numbers);
}

Tensors after_tiles(const Tensors& scores, const Tensors& values) {
    RunningSoftmax so_far(scores.at(0).shape[0], values.at(0).shape[1]);
    for (int i = 0; i < size_of(scores); ++i) {
        Tensor z = scores[i];
        take_in(so_far, view(z), view(values[i]));
    }
    return {in_a_row(so_far.largest), in_a_row(so_far.sum), so_far.output};
}
CALLED(after_tiles, "take_in, tile after tile");
PARTS(after_tiles, "the largest scores m", "the sums l", "the outputs o");

// What m, l and o must be, of scores [queries, keys] and values [keys, features].
static Tensors exact_softmax(const Tensor& scores, const Tensor& values) {
    const int rows = scores.shape[0], S = scores.shape[1], e = values.shape[1];
    Tensor m({rows}), l({rows}), o({rows, e});
    for (int i = 0; i < rows; ++i) {
        double largest = -INFINITY, sum = 0;
        for (int s = 0; s < S; ++s) largest = std::max<double>(largest, scores.data[i * S + s]);
        std::vector<double> total(e);
        for (int s = 0; s < S && largest > -INFINITY; ++s) {
            const double a = std::exp(scores.data[i * S + s] - largest);
            sum += a;
            for (int c = 0; c < e; ++c) total[c] += a * values.data[s * e + c];
        }
        m.data[i] = largest, l.data[i] = sum;
        for (int c = 0; c < e; ++c) o.data[i * e + c] = total[c];
    }
    return {m, l, o};
}

static Tensor columns_of(const Tensor& x, int first, int count) {
    Tensor some({x.shape[0], count});
    for (int i = 0; i < x.shape[0]; ++i)
        std::copy_n(x.data.data() + i * x.shape[1] + first, count, some.data.data() + i * count);
    return some;
}

static Tensor rows_of(const Tensor& x, int first, int count) {
    const int n = x.shape[1];
    return Tensor({count, n}, {x.data.begin() + first * n, x.data.begin() + (first + count) * n});
}

// Scores and values cut into tiles of these many keys.
static std::pair<Tensors, Tensors> cut(const Tensor& scores, const Tensor& values,
                                       const List& keys) {
    std::pair<Tensors, Tensors> tiles;
    int first = 0;
    for (int count : keys) {
        tiles.first.push_back(columns_of(scores, first, count));
        tiles.second.push_back(rows_of(values, first, count));
        first += count;
    }
    return tiles;
}

static void expect_softmax(const Tensors& found, const Tensor& scores, const Tensor& values) {
    const Tensors exact = exact_softmax(scores, values);
    for (int part = 0; part < 3; ++part) {
        double largest = 1e-30;
        for (float x : exact[part].data)
            if (std::isfinite(x)) largest = std::max(largest, std::fabs(double{x}));
        const int n = scores.shape[1];
        expect_near(found.at(part), exact[part], (4e-7 + 1.2e-7 * std::sqrt(n)) * largest);
    }
}

static void expect_tiles(const Tensor& scores, const Tensor& values, const List& keys) {
    const auto tiles = cut(scores, values, keys);
    allow_roundings(64);
    expect_softmax(ASK(after_tiles, tiles.first, tiles.second), scores, values);
}

static const float log_2 = std::log(2.0f), hidden = -INFINITY;

CHECK("26.2", "one tile, scores log 2 and log 4 with the values 6 and 3: l is 1.5, and o is 6") {
    expect_tiles(matrix({{log_2, 2 * log_2}}), matrix({{6}, {3}}), {2});
}

CHECK("26.2", "a second tile with a larger score: what was summed up gets the factor ½") {
    expect_tiles(matrix({{log_2, 2 * log_2, 3 * log_2, log_2}}), matrix({{6}, {3}, {1}, {4}}),
                 {2, 2});
}

CHECK("26.2", "a second tile with smaller scores: m stays, and the new terms are small") {
    expect_tiles(matrix({{3 * log_2, log_2, log_2, 2 * log_2}}), matrix({{1}, {4}, {6}, {3}}),
                 {2, 2});
}

CHECK("26.2", "three queries whose largest scores stand in other tiles") {
    expect_tiles(matrix({{5, 1, 0, 2, 1, 0}, {0, 1, 5, 2, 1, 1}, {1, 0, 1, 2, 3, 4}}),
                 matrix({{1, 0}, {0, 1}, {2, 3}, {-1, 1}, {4, 0}, {1, 1}}), {2, 2, 2});
}

CHECK("26.2", "m, l and o do not depend on how the keys are cut into tiles") {
    const Tensor scores = scaled_copy(random_tensor({4, 9}), 8);
    const Tensor values = random_tensor({9, 5});
    for (const List& keys : std::vector<List>{{9}, {1, 8}, {8, 1}, {4, 5}, {3, 3, 3},
                                              {1, 1, 1, 1, 1, 1, 1, 1, 1}})
        expect_tiles(scores, values, keys);
}

CHECK("26.2", "hidden scores are −∞: some of a tile, and a whole tile after one that is seen") {
    expect_tiles(matrix({{1, hidden, hidden, hidden, 2, hidden}}),
                 matrix({{1}, {7}, {7}, {7}, {3}, {7}}), {2, 2, 2});
}

CHECK("26.2", "a first tile that is wholly hidden for a query leaves zeros; what comes counts") {
    expect_tiles(matrix({{hidden, hidden, 1, 2}, {1, 2, hidden, hidden}}),
                 matrix({{5, 1}, {6, 2}, {1, 3}, {2, 4}}), {2, 2});
}

CHECK("26.2", "all tiles hidden for a query: m is −∞, l and o are 0, and nothing is NaN") {
    expect_tiles(matrix({{hidden, hidden, hidden}, {1, 2, 3}}), matrix({{5}, {6}, {7}}), {2, 1});
    expect_tiles(matrix({{hidden}}), matrix({{5}}), {1});
}

CHECK("26.2", "scores of a thousand, up and down: nothing overflows") {
    expect_tiles(matrix({{1000, 999, -1000, 1000.5f}}), matrix({{1}, {2}, {3}, {4}}), {2, 2});
    expect_tiles(matrix({{-1000, -1001, -999, -1000}}), matrix({{1}, {2}, {3}, {4}}), {2, 2});
    expect_tiles(matrix({{-1000, 1000}, {1000, -1000}}), matrix({{1}, {2}}), {1, 1});
}

CHECK("26.2", "tiny values keep their digits") {
    const Tensor scores = random_tensor({2, 6});
    const Tensor values = random_tensor({6, 3});
    expect_tiles(scores, scaled_copy(values, tiny), {4, 2});
}

CHECK("26.2", "1, 16, 17 and 33 keys, queries and features in a tile") {
    for (const Shape& size : std::vector<Shape>{{1, 1, 1}, {2, 16, 3}, {3, 17, 16}, {17, 33, 1},
                                                {1, 5, 33}, {33, 2, 17}}) {
        const Tensor scores = scaled_copy(random_tensor({size[0], size[1]}), 4);
        const Tensor values = random_tensor({size[1], size[2]});
        expect_tiles(scores, values, {size[1]});
    }
}

// Both are parts of something wider, in which all else is 77. How many of these 77 are others
// afterwards, and m, l and o.
std::pair<int, Tensors> in_the_middle(const Tensor& scores, const Tensor& values) {
    const int rows = scores.shape[0], S = scores.shape[1], e = values.shape[1];
    Tensor room({rows + 2, S + 3}), wide({S + 2, e + 5});
    for (Tensor* each : {&room, &wide}) std::fill(each->data.begin(), each->data.end(), 77.0f);
    const MutableView z = part(view(room), 1, 2, rows, S), v = part(view(wide), 1, 3, S, e);
    for (int i = 0; i < rows; ++i)
        for (int s = 0; s < S; ++s) z(i, s) = scores.data[i * S + s];
    for (int s = 0; s < S; ++s)
        for (int c = 0; c < e; ++c) v(s, c) = values.data[s * e + c];
    RunningSoftmax so_far(rows, e);
    take_in(so_far, z, v);
    int changed = 0;
    for (int i = 0; i < room.size(); ++i) {
        const int r = i / (S + 3), s = i % (S + 3);
        const bool inside = r >= 1 && r <= rows && s >= 2 && s < S + 2;
        changed += !inside && room.data[i] != 77.0f;
    }
    return {changed, {in_a_row(so_far.largest), in_a_row(so_far.sum), so_far.output}};
}
CALLED(in_the_middle, "take_in, of a tile inside a wider matrix");
PARTS(in_the_middle, "numbers changed beside the tile", "m", "l", "o");

CHECK("26.2", "a tile may be a part of a wider matrix: its rows are `row_step` apart") {
    const Tensor scores = random_tensor({3, 4});
    const Tensor values = random_tensor({4, 2});
    const auto found = ASK_UNRECORDED(in_the_middle, scores, values);
    expect_softmax(found.second, scores, values);
    expect(found.first == 0, "numbers beside the tile were overwritten");
}

// Values whose rows are the columns of a matrix, [features, keys].
Tensors with_columns(const Tensor& scores, const Tensor& values) {
    RunningSoftmax so_far(scores.shape[0], values.shape[0]);
    Tensor z = scores;
    take_in(so_far, view(z), transposed(view(values)));
    return {in_a_row(so_far.largest), in_a_row(so_far.sum), so_far.output};
}
CALLED(with_columns, "take_in, of the columns of a matrix of values");
PARTS(with_columns, "m", "l", "o");

CHECK("26.2", "the values are a view: that their columns are side by side, nobody says") {
    const Tensor found = ASK(with_columns, matrix({{0, 0, 0}}), matrix({{1, 2, 4}, {10, 20, 40}}))
                             .at(2);
    expect_near(found, matrix({{7, 70}}), 1e-4);
}

bool refuses_tile(int queries, const Shape& scores, const Shape& values) {
    RunningSoftmax so_far(queries, 2);
    Tensor z(scores);
    const Tensor v(values);
    take_in(so_far, view(z), view(v));
    return false;
}
CALLED(refuses_tile, "take_in");

CHECK("26.2", "take_in refuses scores of other queries, and values of other keys or features") {
    ASK_REFUSAL(refuses_tile, 3, Shape{2, 4}, Shape{4, 2});
    ASK_REFUSAL(refuses_tile, 2, Shape{2, 4}, Shape{3, 2});
    ASK_REFUSAL(refuses_tile, 2, Shape{2, 4}, Shape{4, 3});
}

Tensors attended(const Tensor& q, const Tensor& k, const Tensor& v, int H, int queries, int keys) {
    const TiledAttention found = attend_in_tiles(q, k, v, H, {false, queries, keys});
    return {found.y, found.log_sums};
}
CALLED(attended, "attend_in_tiles");
PARTS(attended, "y", "the log-sum-exps L");

// ## What attention must be, each sum in double

namespace {

struct Exact {
    Tensor y, log_sums, dq, dk, dv;
};

}  // namespace

static Exact exact_heads(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& dy,
                         int H, bool causal) {
    const int B = q.shape[0], T = q.shape[1], S = k.shape[1], D = q.shape[2], d = D / H;
    const double shrink = 1 / std::sqrt(1.0 * d);
    Exact exact{Tensor(q.shape), Tensor({B, H, T}), Tensor(q.shape), Tensor(k.shape),
                Tensor(v.shape)};
    std::vector<double> dq(q.size()), dk(k.size()), dv(k.size());
    for (int i = 0; i < B * H * T; ++i) {
        const int b = i / (H * T), h = i / T % H, t = i % T;
        const int row = (b * T + t) * D + h * d, sees = causal ? S - T + t + 1 : S;
        const auto key = [&](int s) { return (b * S + s) * D + h * d; };
        std::vector<double> a(std::max(0, sees));
        double largest = -INFINITY, sum = 0, D_i = 0;
        for (int s = 0; s < sees; ++s) {
            for (int c = 0; c < d; ++c)
                a[s] += shrink * q.data[row + c] * k.data[key(s) + c];
            largest = std::max(largest, a[s]);
        }
        for (double& each : a) sum += each = std::exp(each - largest);
        for (double& each : a) each /= sum;
        exact.log_sums.data[i] = largest + std::log(sum);
        for (int c = 0; c < d; ++c) {
            double y = 0;
            for (int s = 0; s < sees; ++s) y += a[s] * v.data[key(s) + c];
            exact.y.data[row + c] = y;
            D_i += y * dy.data[row + c];
        }
        for (int s = 0; s < sees; ++s) {
            double dA = 0;
            for (int c = 0; c < d; ++c) {
                dA += double{dy.data[row + c]} * v.data[key(s) + c];
                dv[key(s) + c] += a[s] * dy.data[row + c];
            }
            const double dz = shrink * a[s] * (dA - D_i);
            for (int c = 0; c < d; ++c) {
                dq[row + c] += dz * k.data[key(s) + c];
                dk[key(s) + c] += dz * q.data[row + c];
            }
        }
    }
    std::copy(dq.begin(), dq.end(), exact.dq.data.begin());
    std::copy(dk.begin(), dk.end(), exact.dk.data.begin());
    std::copy(dv.begin(), dv.end(), exact.dv.data.begin());
    return exact;
}

namespace {

struct Some {
    Tensor q, k, v, dy;
};

}  // namespace

static Some random_heads(int B, int T, int S, int D) {
    Some some;
    some.q = scaled_copy(random_tensor({B, T, D}), 2);
    some.k = scaled_copy(random_tensor({B, S, D}), 2);
    some.v = random_tensor({B, S, D});
    some.dy = random_tensor({B, T, D});
    return some;
}

static const double close = 3e-6;  // beside numbers of about 1

static void expect_attended(const Some& x, int H, int queries, int keys) {
    const Exact exact = exact_heads(x.q, x.k, x.v, x.dy, H, false);
    const Tensors found = ASK_UNRECORDED(attended, x.q, x.k, x.v, H, queries, keys);
    expect_near(found.at(0), exact.y, close);
    expect_near(found.at(1), exact.log_sums, close);
}

CHECK("26.2", "chapter 11's x = [1, 0, 0, 0, 1], in tiles of 2 by 2: the first row has 0.644") {
    const Tensor x({1, 5, 1}, {1, 0, 0, 0, 1});
    const Tensors found = ASK(attended, x, x, x, 1, 2, 2);
    expect_near(found.at(0), Tensor({1, 5, 1}, {0.6444f, 0.4f, 0.4f, 0.4f, 0.6444f}), 1e-4);
    const float end = std::log(2 * std::exp(1.0f) + 3), middle = std::log(5.0f);
    expect_near(found.at(1), Tensor({1, 1, 5}, {end, middle, middle, middle, end}), 1e-5);
}

CHECK("26.2", "tiles of every size give the same numbers, also when the last one is short") {
    const Some x = random_heads(1, 5, 7, 4);
    for (int queries : {1, 2, 3, 5, 9})
        for (int keys : {1, 2, 3, 4, 6, 7, 100}) expect_attended(x, 2, queries, keys);
}

CHECK("26.2", "several sentences and heads, each by itself; L for each head and query") {
    expect_attended(random_heads(3, 4, 6, 6), 3, 2, 4);
    expect_attended(random_heads(2, 6, 3, 8), 1, 4, 2);
    expect_attended(random_heads(2, 3, 5, 4), 4, 3, 5);
}

CHECK("26.2", "in the tiles that are used: 1, 127, 128, 129 and 300 queries and keys") {
    for (const Shape& size : std::vector<Shape>{{1, 300}, {129, 127}, {128, 128}, {300, 129}})
        expect_attended(random_heads(1, size[0], size[1], 4), 2, 128, 128);
}

CHECK("26.2", "scores of thousands, up and down, and values of a millionth") {
    Some x = random_heads(1, 4, 6, 2);
    x.q = scaled_copy(x.q, 64);
    x.k = scaled_copy(x.k, 64);
    const Exact exact = exact_heads(x.q, x.k, x.v, x.dy, 1, false);
    const Tensors found = ASK_UNRECORDED(attended, x.q, x.k, x.v, 1, 2, 2);
    expect_near(found.at(0), exact.y, 3e-3);  // a score of 8,000 is known to 0.0005
    expect_near(found.at(1), exact.log_sums, 3e-3);
    const Some y = random_heads(1, 3, 5, 2);
    const Tensor v = scaled_copy(y.v, tiny);
    const Exact small = exact_heads(y.q, y.k, v, y.dy, 1, false);
    expect_near(ASK_UNRECORDED(attended, y.q, y.k, v, 1, 2, 2).at(0), small.y, close * tiny);
}

CHECK("26.2", "no keys: y is zeros and L is −∞; no queries, no sentences: nothing") {
    const Tensors found = ASK(attended, Tensor({1, 2, 2}), Tensor({1, 0, 2}), Tensor({1, 0, 2}), 1,
                              2, 2);
    expect_near(found.at(0), Tensor({1, 2, 2}), 0);
    for (float L : found.at(1).data) expect(L == -INFINITY, "L of no keys is log 0, −∞");
    ASK(attended, Tensor({1, 0, 2}), Tensor({1, 3, 2}), Tensor({1, 3, 2}), 1, 2, 2);
    ASK(attended, Tensor({0, 4, 2}), Tensor({0, 3, 2}), Tensor({0, 3, 2}), 2, 2, 2);
}

Tensors attended_twice(const Tensors& first, const Tensors& then) {
    return in_the_same_place(
        [](const Tensors& x) { return attended(x[0], x[1], x[2], 2, 2, 3); }, first, then);
}
PARTS(attended_twice, "y", "the log-sum-exps L");

CHECK("26.2", "nothing is left over from the last call: other sizes, other numbers in one place") {
    const Some x = random_heads(1, 3, 4, 2), y = random_heads(1, 3, 4, 2);
    const Exact exact = exact_heads(y.q, y.k, y.v, y.dy, 2, false);
    const Tensors found = ASK_UNRECORDED(attended_twice, Tensors{x.q, x.k, x.v},
                                         Tensors{y.q, y.k, y.v});
    expect_near(found.at(0), exact.y, close);
    expect_near(found.at(1), exact.log_sums, close);
}

// Does the most that this process ever had grow by less than 24 MiB? Of a head of 4,096 places, all
// weights are 64 MiB.
bool has_room(int length, bool back) {
    const auto most = [] {
        rusage usage{};
        getrusage(RUSAGE_SELF, &usage);
        return usage.ru_maxrss / 1024.0;
    };
    const Tensor x({1, length, 2}, std::vector<float>(2 * length, 0.5f));
    const double before = most();
    if (back) tiles_backward(x, x, x, {x, Tensor({1, 1, length})}, x, 1);
    else attend_in_tiles(x, x, x, 1);
    return most() - before < 24;
}
CALLED(has_room, "24 MiB are enough for length");

CHECK("26.2", "the room does not grow with the square of the length: 4,096 places in a few MiB") {
    expect(ASK(has_room, 4096, false), "more than some tiles is kept");
}

CHECK("26.2", "refused: other features, heads that do not divide them, tiles of nothing") {
    const Tensor x({1, 3, 4}), y({1, 3, 6}), z({2, 3, 4});
    ASK_REFUSAL(attended, x, y, y, 1, 2, 2);
    ASK_REFUSAL(attended, x, x, z, 1, 2, 2);
    ASK_REFUSAL(attended, x, x, x, 3, 2, 2);
    ASK_REFUSAL(attended, x, x, x, 0, 2, 2);
    ASK_REFUSAL(attended, x, x, x, 1, 0, 2);
    ASK_REFUSAL(attended, x, x, x, 1, 2, 0);
}

// ## 26.3 Backwards in tiles

RESTS_ON("26.3", "2.2", "2.3", "2.5", "26.2");

Tensors gradients(const Tensors& qkv, const Tensors& forward, const Tensor& dy, int H, int queries,
                  int keys) {
    const AttentionGradients found = tiles_backward(qkv.at(0), qkv.at(1), qkv.at(2),
                                                    {forward.at(0), forward.at(1)}, dy, H,
                                                    {false, queries, keys});
    return {found.dq, found.dk, found.dv};
}
CALLED(gradients, "tiles_backward");
PARTS(gradients, "dq", "dk", "dv");

static void expect_gradients(const Some& x, int H, int queries, int keys) {
    const Exact exact = exact_heads(x.q, x.k, x.v, x.dy, H, false);
    const Tensors found = ASK_UNRECORDED(gradients, Tensors{x.q, x.k, x.v},
                                         Tensors{exact.y, exact.log_sums}, x.dy, H, queries, keys);
    const double roundings = 1 + std::sqrt(1.0 * std::max(x.q.shape[1], x.k.shape[1])) / 4;
    expect_near(found.at(0), exact.dq, 2 * close * roundings);
    expect_near(found.at(1), exact.dk, 2 * close * roundings);
    expect_near(found.at(2), exact.dv, 2 * close * roundings);
}

CHECK("26.3", "weights ¼ and ¾, values 1 and 5, dy = 2: dv = 0.5 1.5, dk = −1.5 1.5, dq = 1.648") {
    const Tensor q({1, 1, 1}, {1}), k({1, 2, 1}, {0, 1.0986123f}), v({1, 2, 1}, {1, 5});
    const Tensor y({1, 1, 1}, {4}), L({1, 1, 1}, {1.3862944f}), dy({1, 1, 1}, {2});
    const Tensors found = ASK(gradients, Tensors{q, k, v}, Tensors{y, L}, dy, 1, 2, 2);
    expect_near(found.at(2), Tensor({1, 2, 1}, {0.5f, 1.5f}), 1e-5);
    expect_near(found.at(1), Tensor({1, 2, 1}, {-1.5f, 1.5f}), 1e-5);
    expect_near(found.at(0), Tensor({1, 1, 1}, {1.6479184f}), 1e-5);
}

CHECK("26.3", "the same with a tile for each key: D is that of the whole row") {
    const Tensor q({1, 1, 1}, {1}), k({1, 2, 1}, {0, 1.0986123f}), v({1, 2, 1}, {1, 5});
    const Tensor y({1, 1, 1}, {4}), L({1, 1, 1}, {1.3862944f}), dy({1, 1, 1}, {2});
    const Tensors found = ASK(gradients, Tensors{q, k, v}, Tensors{y, L}, dy, 1, 1, 1);
    expect_near(found.at(2), Tensor({1, 2, 1}, {0.5f, 1.5f}), 1e-5);
    expect_near(found.at(1), Tensor({1, 2, 1}, {-1.5f, 1.5f}), 1e-5);
    expect_near(found.at(0), Tensor({1, 1, 1}, {1.6479184f}), 1e-5);
}

CHECK("26.3", "four features: dq and dk have the factor 1/√d once each, and dv has none") {
    expect_gradients(random_heads(1, 3, 3, 4), 1, 8, 8);
}

CHECK("26.3", "tiles of every size give the same gradients, also when the last one is short") {
    const Some x = random_heads(1, 5, 7, 4);
    for (int queries : {1, 2, 3, 5, 9})
        for (int keys : {1, 2, 3, 4, 6, 7, 100}) expect_gradients(x, 2, queries, keys);
}

CHECK("26.3", "several sentences and heads, each by itself; more queries than keys, and fewer") {
    expect_gradients(random_heads(3, 4, 6, 6), 3, 2, 4);
    expect_gradients(random_heads(2, 6, 3, 8), 1, 4, 2);
    expect_gradients(random_heads(2, 3, 5, 4), 4, 3, 5);
    expect_gradients(random_heads(1, 1, 1, 1), 1, 1, 1);
}

CHECK("26.3", "in the tiles that are used: 127, 128, 129 and 300 queries and keys") {
    for (const Shape& size : std::vector<Shape>{{129, 127}, {128, 128}, {300, 129}})
        expect_gradients(random_heads(1, size[0], size[1], 4), 2, 128, 128);
}

CHECK("26.3", "scores of a thousand: the weights come from L, and nothing overflows") {
    Some x = random_heads(1, 3, 4, 2);
    x.q = scaled_copy(x.q, 16);
    x.k = scaled_copy(x.k, 32);
    const Exact exact = exact_heads(x.q, x.k, x.v, x.dy, 1, false);
    const Tensors found = ASK_UNRECORDED(gradients, Tensors{x.q, x.k, x.v},
                                         Tensors{exact.y, exact.log_sums}, x.dy, 1, 2, 2);
    expect_near(found.at(0), exact.dq, 0.03);  // a weight is known to 0.0002, and k is up to 64
    expect_near(found.at(1), exact.dk, 0.03);
    expect_near(found.at(2), exact.dv, 0.001);
}

CHECK("26.3", "small gradients keep their digits") {
    Some x = random_heads(1, 3, 4, 2);
    x.dy = scaled_copy(x.dy, tiny);
    const Exact exact = exact_heads(x.q, x.k, x.v, x.dy, 1, false);
    const Tensors found = ASK_UNRECORDED(gradients, Tensors{x.q, x.k, x.v},
                                         Tensors{exact.y, exact.log_sums}, x.dy, 1, 2, 2);
    expect_near(found.at(0), exact.dq, 2 * close * tiny);
    expect_near(found.at(1), exact.dk, 2 * close * tiny);
    expect_near(found.at(2), exact.dv, 2 * close * tiny);
}

CHECK("26.3", "a first query with scores of −∞ alone sees nothing; the second counts as ever") {
    const float small = 1e-15f;  // its scores are −1 and −2, those of the first −∞ in float
    const Tensor q({1, 2, 1}, {1e25f, small}), k({1, 2, 1}, {-1 / small, -2 / small});
    const Tensor v({1, 2, 1}, {1, 5}), dy({1, 2, 1}, {1, 2});
    const double a = 1 / (1 + std::exp(-1.0)), y = a + 5 * (1 - a), dz = 2 * a * (1 - y);
    const Tensor L({1, 1, 2}, {-INFINITY, static_cast<float>(-1 - std::log(a))});
    const Tensors found = ASK(gradients, Tensors{q, k, v},
                              Tensors{Tensor({1, 2, 1}, {0, static_cast<float>(y)}), L}, dy, 1, 2,
                              2);
    const auto pair = [](double first, double second) {
        return Tensor({1, 2, 1}, {static_cast<float>(first), static_cast<float>(second)});
    };
    expect_near(found.at(2), pair(2 * a, 2 - 2 * a), 1e-5);
    expect_near(found.at(1), pair(dz * small, -dz * small), 1e-5 * small);
    expect_near(found.at(0), pair(0, dz / small), 1e-5 / small);
}

CHECK("26.3", "no keys, no queries: gradients of zeros") {
    const Tensor nothing({1, 0, 2}), some({1, 2, 2}), L({1, 1, 2}, {-INFINITY, -INFINITY});
    const Tensors found = ASK(gradients, Tensors{some, nothing, nothing}, Tensors{some, L}, some, 1,
                              2, 2);
    expect_near(found.at(0), some, 0);
    ASK(gradients, Tensors{nothing, some, some}, Tensors{nothing, Tensor({1, 1, 0})}, nothing, 1, 2,
        2);
}

CHECK("26.3", "the room does not grow with the square of the length: 4,096 places in a few MiB") {
    expect(ASK(has_room, 4096, true), "more than some tiles is kept");
}

Tensors on_the_tape(const Tensors& qkv, const Tensor& dy, int wanted) {
    return with_constants<Variable>(
        [](const Variables& x) { return attend_in_tiles(x[0], x[1], x[2], 2, {false, 2, 3}); }, qkv,
        dy, wanted);
}
CALLED(on_the_tape, "attend_in_tiles, on the tape");
PARTS(on_the_tape, "y", "dq", "dk", "dv");

Tensors tape_read_twice(const Tensors& qkv, const Tensor& dy) {
    const Variable q = parameter(qkv.at(0)), k = parameter(qkv.at(1)), v = parameter(qkv.at(2));
    const Variable y = attend_in_tiles(q, k, v, 1, {false, 2, 2});
    return read_twice(sum(y * dy), Graph::kept, {q, k, v});
}
CALLED(tape_read_twice, "attend_in_tiles, read twice");
PARTS(tape_read_twice, "dq", "dk", "dv", "dq, read twice", "dk, read twice", "dv, read twice");

CHECK("26.3", "on the tape, for whichever of q, k and v a gradient is wanted, and read twice") {
    const Some x = random_heads(2, 3, 4, 4);
    const Exact exact = exact_heads(x.q, x.k, x.v, x.dy, 2, false);
    const Tensor zeros_q(x.q.shape), zeros_k(x.k.shape);
    for (int wanted = 0; wanted < 8; ++wanted) {
        const Tensors found = ASK_UNRECORDED(on_the_tape, Tensors{x.q, x.k, x.v}, x.dy, wanted);
        expect_near(found.at(0), exact.y, close);
        expect_near(found.at(1), wanted & 1 ? exact.dq : zeros_q, 2 * close);
        expect_near(found.at(2), wanted & 2 ? exact.dk : zeros_k, 2 * close);
        expect_near(found.at(3), wanted & 4 ? exact.dv : zeros_k, 2 * close);
    }
    expect_doubled(ASK_UNRECORDED(tape_read_twice, Tensors{x.q, x.k, x.v}, x.dy));
}

CHECK("26.3", "refused: y, dy or L of another shape") {
    const Tensor x({1, 3, 4}), y({1, 2, 4}), L({1, 2, 3});
    ASK_REFUSAL(gradients, Tensors{x, x, x}, Tensors{y, L}, x, 2, 2, 2);
    ASK_REFUSAL(gradients, Tensors{x, x, x}, Tensors{x, L}, y, 2, 2, 2);
    ASK_REFUSAL(gradients, Tensors{x, x, x}, Tensors{x, L}, x, 1, 2, 2);
}

// ## 26.4 Tiles that are skipped

RESTS_ON("26.4", "26.2", "26.3");

// 0 nothing, 1 a part, 2 all: of the tiles of so many keys that begin at key 0, 1, … 11.
List seen_from_each(int place, int queries, int keys) {
    List found;
    for (int key = 0; key < 12; ++key) {
        const Seen what = seen(place, queries, key, keys);
        found.push_back(what == Seen::nothing ? 0 : what == Seen::part ? 1 : 2);
    }
    return found;
}
CALLED(seen_from_each, "seen (0 nothing, 1 part, 2 all), for key = 0, 1, … 11,");
PARTS(seen_from_each, "with key = #0");

static List counted(int place, int queries, int keys) {
    List found;
    for (int key = 0; key < 12; ++key) {
        int sees = 0;
        for (int i = 0; i < queries; ++i)
            for (int j = 0; j < keys; ++j) sees += key + j <= place + i;
        found.push_back(sees == 0 ? 0 : sees == queries * keys ? 2 : 1);
    }
    return found;
}

CHECK("26.4", "one query and one key: all is seen up to the query's place, and nothing behind") {
    for (int place : {0, 5})
        expect(ASK(seen_from_each, place, 1, 1) == counted(place, 1, 1),
               "the key at the query's own place is seen, and the next one is not");
}

CHECK("26.4", "a tile is hidden only if its last query sees nothing of it") {
    for (int queries : {2, 4})
        expect(ASK(seen_from_each, 3, queries, 1) == counted(3, queries, 1),
               "some query of the tile sees more than the first one, or less than you think");
}

CHECK("26.4", "all of a tile is seen only if its first query sees the last key") {
    for (int keys : {2, 3})
        expect(ASK(seen_from_each, 4, 1, keys) == counted(4, 1, keys),
               "which tiles are seen as a whole is not right");
}

CHECK("26.4", "tiles of all sizes, wherever they stand; also in front of the first key") {
    for (int place = -4; place <= 9; ++place)
        for (int queries : {1, 2, 3, 5})
            for (int keys : {1, 2, 4})
                expect(ASK(seen_from_each, place, queries, keys) == counted(place, queries, keys),
                       "what is seen of some tile is not right");
}

Tensor hidden_in(Tensor scores, int place, int key) {
    hide_future(view(scores), place, key);
    return scores;
}
CALLED(hidden_in, "hide_future");

CHECK("26.4", "hide_future: a key behind the query's own place is −∞, and all else stays") {
    for (const Shape& size : std::vector<Shape>{{1, 1}, {3, 3}, {2, 5}, {4, 2}})
        for (int place : {-2, 0, 2, 7})
            for (int key : {0, 1, 4}) {
                const Tensor scores = random_tensor(size);
                Tensor expected = scores;
                for (int i = 0; i < scores.size(); ++i)
                    if (key + i % size[1] > place + i / size[1]) expected.data[i] = hidden;
                expect_near(ASK(hidden_in, scores, place, key), expected, 0);
            }
}

CHECK("26.4", "hide_future: what is hidden is −∞, whatever stood there, ∞ and NaN too") {
    const Tensor found = ASK(hidden_in, matrix({{1, INFINITY, NAN, -2}}), 0, 0);
    expect_near(found, matrix({{1, hidden, hidden, hidden}}), 0);
}

int changed_beside(int place, int key) {
    Tensor room({5, 6}, std::vector<float>(30, 77.0f));
    hide_future(part(view(room), 1, 2, 3, 2), place, key);
    int changed = 0;
    for (int i = 0; i < 30; ++i) {
        const int r = i / 6, s = i % 6;
        changed += !(r >= 1 && r <= 3 && s >= 2 && s <= 3) && room.data[i] != 77.0f;
    }
    return changed;
}
CALLED(changed_beside, "numbers that hide_future changed beside its tile");

CHECK("26.4", "hide_future touches nothing beside its tile, whose rows are `row_step` apart") {
    expect(ASK(changed_beside, 0, 4) == 0, "numbers beside the tile were overwritten");
    expect(ASK(changed_beside, 1, 1) == 0, "numbers beside the tile were overwritten");
}

Tensors causal_heads(const Tensors& all, int H, int queries, int keys) {
    const Tiles tiles{true, queries, keys};
    const TiledAttention forward = attend_in_tiles(all.at(0), all.at(1), all.at(2), H, tiles);
    const AttentionGradients d = tiles_backward(all[0], all[1], all[2], forward, all.at(3), H,
                                                tiles);
    return {forward.y, forward.log_sums, d.dq, d.dk, d.dv};
}
CALLED(causal_heads, "attend_in_tiles and tiles_backward, causal");
PARTS(causal_heads, "y", "the log-sum-exps L", "dq", "dk", "dv");

static void expect_causal(const Some& x, int H, int queries, int keys) {
    const Exact exact = exact_heads(x.q, x.k, x.v, x.dy, H, true);
    const Tensors found = ASK_UNRECORDED(causal_heads, Tensors{x.q, x.k, x.v, x.dy}, H, queries,
                                         keys);
    const double roundings = 1 + std::sqrt(1.0 * std::max(x.q.shape[1], x.k.shape[1])) / 4;
    expect_near(found.at(0), exact.y, close);
    expect_near(found.at(1), exact.log_sums, close);
    expect_near(found.at(2), exact.dq, 2 * close * roundings);
    expect_near(found.at(3), exact.dk, 2 * close * roundings);
    expect_near(found.at(4), exact.dv, 2 * close * roundings);
}

CHECK("26.4", "causal attention in tiles is that under chapter 11's mask, with its gradients") {
    const Some x = random_heads(1, 7, 7, 4);
    for (int queries : {1, 2, 3, 8})
        for (int keys : {1, 2, 3, 8}) expect_causal(x, 2, queries, keys);
    expect_causal(random_heads(1, 150, 150, 2), 1, 128, 128);
}

CHECK("26.4", "fewer queries than keys: they are the last ones, as behind a cache") {
    for (int keys : {1, 2, 4, 9}) expect_causal(random_heads(2, 3, 8, 4), 2, 2, keys);
}

CHECK("26.4", "more queries than keys: the first see nothing, have zeros, and send none back") {
    for (int keys : {1, 2, 4}) expect_causal(random_heads(1, 6, 3, 4), 2, 4, keys);
}

// With NaN in all keys and values from `first` on.
Tensor with_unknown_future(const Tensors& qkv, int first, int size) {
    Tensors x = qkv;
    for (int part : {1, 2})
        for (int i = first * 2; i < x[part].size(); ++i) x[part].data[i] = NAN;
    return attend_in_tiles(x[0], x[1], x[2], 1, {true, size, size}).y;
}
CALLED(with_unknown_future, "attend_in_tiles, causal, with NaN in the later tiles");

CHECK("26.4", "tiles that are wholly hidden are not computed: NaN in them reaches nobody before") {
    const Some x = random_heads(1, 8, 8, 2);
    const Tensor y = ASK_UNRECORDED(with_unknown_future, Tensors{x.q, x.k, x.v}, 4, 4);
    const Exact exact = exact_heads(x.q, x.k, x.v, x.dy, 1, true);
    expect_near(Tensor({4, 2}, {y.data.begin(), y.data.begin() + 8}),
                Tensor({4, 2}, {exact.y.data.begin(), exact.y.data.begin() + 8}), close);
}

// ## 26.5 8 bits

using Bytes = std::tuple<List, Tensor>;

Bytes bytes_of(const Tensor& W) {
    const ByteMatrix bytes = in_bytes(W);
    return {List(bytes.numbers.begin(), bytes.numbers.end()), in_a_row(bytes.scales)};
}
CALLED(bytes_of, "in_bytes");
PARTS(bytes_of, "the whole numbers", "the scales");

CHECK("26.5", "the row −2.54 1 0.06 has the scale 0.02, and is −127 50 3") {
    const Bytes found = ASK(bytes_of, matrix({{-2.54f, 1, 0.06f}}));
    expect_near(std::get<1>(found), row({0.02f}), 1e-8);
    expect(std::get<0>(found) == List{-127, 50, 3}, "the whole numbers must be −127, 50 and 3");
}

CHECK("26.5", "each row has its own scale: its largest size, over 127") {
    const Bytes found = ASK(bytes_of, matrix({{127, -13}, {0.0127f, 0.0031f}, {-1270, 250}}));
    expect_near(std::get<1>(found), row({1, 0.0001f, 10}), 1e-6);
    expect(std::get<0>(found) == List{127, -13, 127, 31, -127, 25}, "the whole numbers are wrong");
}

CHECK("26.5", "rounded to the nearest: 2.4 is 2, 2.6 is 3, −2.4 is −2, −2.6 is −3") {
    const Bytes found = ASK(bytes_of, matrix({{127, 2.4f, 2.6f, -2.4f, -2.6f, 0.4f, -0.4f}}));
    expect(std::get<0>(found) == List{127, 2, 3, -2, -3, 0, 0}, "the rounding is not right");
}

static void expect_bytes(const Tensor& W) {
    const Bytes found = ASK_UNRECORDED(bytes_of, W);
    const int R = W.shape[0], C = W.shape[1];
    const List& numbers = std::get<0>(found);
    const Tensor& scales = std::get<1>(found);
    expect(size_of(numbers) == R * C && scales.shape == Shape{R},
           "a number for each weight and a scale for each row are needed");
    for (int r = 0; r < R; ++r) {
        double largest = 0;
        for (int c = 0; c < C; ++c)
            largest = std::max(largest, std::fabs(double{W.data[r * C + c]}));
        const double scale = scales.data[r];
        expect(std::fabs(scale - largest / 127) <= 1e-6 * scale,
               "the scale of a row is not its largest size over 127");
        for (int c = 0; c < C; ++c) {
            const double error = W.data[r * C + c] - scale * numbers[r * C + c];
            expect(std::abs(numbers[r * C + c]) <= 127, "a number is beyond 127");
            expect(std::fabs(error) <= 0.5001 * scale, "a weight is off by more than half a scale");
        }
    }
}

CHECK("26.5", "no weight is off by more than half of its row's scale, for any size") {
    for (const Shape& size : std::vector<Shape>{{1, 1}, {2, 3}, {5, 17}, {16, 4}, {3, 300}})
        expect_bytes(random_tensor(size));
    expect_bytes(scaled_copy(random_tensor({3, 8}), 1e-30f));
    expect_bytes(scaled_copy(random_tensor({3, 8}), 1e30f));
}

CHECK("26.5", "a row of zeros, or of nothing, stays zeros, and no scale is NaN") {
    const Bytes found = ASK(bytes_of, matrix({{0, 0}, {1, -1}}));
    expect(std::get<0>(found) == List{0, 0, 127, -127}, "zeros must stay zeros");
    expect(std::get<1>(found).data.at(0) == 0, "the scale of zeros is 0/127");
    ASK(bytes_of, Tensor({2, 0}));
    ASK(bytes_of, Tensor({0, 3}));
}

List whole_numbers(const Tensor& W) { return std::get<0>(bytes_of(W)); }
CALLED(whole_numbers, "in_bytes, the whole numbers,");

CHECK("26.5", "rows of 3 · 10^38 and of 3 · 10^−37: nothing overflows on the way") {
    const List wanted = {127, -42, 8};
    expect(ASK(whole_numbers, matrix({{3e38f, -1e38f, 2e37f}})) == wanted,
           "3, −1 and 0.2 are 127, −42 and 8 times 3/127, in any unit");
    expect(ASK(whole_numbers, matrix({{3e-37f, -1e-37f, 2e-38f}})) == wanted,
           "3, −1 and 0.2 are 127, −42 and 8 times 3/127, in any unit");
}

static ByteMatrix matrix_of(const List& numbers, const Tensor& scales) {
    const int R = scales.size();
    return {R, R == 0 ? 0 : size_of(numbers) / R, {numbers.begin(), numbers.end()}, scales.data};
}

Tensor times_bytes(const Tensor& x, const List& numbers, const Tensor& scales) {
    return matmul(x, matrix_of(numbers, scales));
}
CALLED(times_bytes, "matmul, of x, numbers and scales");

CHECK("26.5", "[1 2] times the rows 0.5 · [3 −4] and 0.1 · [10 20] is [3.5 2]") {
    const Tensor y = ASK(times_bytes, matrix({{1, 2}}), List{3, -4, 10, 20}, row({0.5f, 0.1f}));
    expect_near(y, matrix({{3.5f, 2}}), 1e-5);
}

static List random_bytes(int count) {
    List numbers;
    for (int i = 0; i < count; ++i) numbers.push_back(random_numbers().below(255) - 127);
    return numbers;
}

CHECK("26.5", "x W for any sizes: each term is x times the row's scale times a byte") {
    for (const Shape& size : std::vector<Shape>{{1, 1, 1}, {1, 3, 5}, {2, 5, 3}, {4, 17, 33},
                                                {3, 2, 16}, {1, 40, 1}, {0, 2, 3}}) {
        const int n = size[0], R = size[1], C = size[2];
        const Tensor x = random_tensor({n, R});
        const List numbers = random_bytes(R * C);
        const Tensor scales = scaled_copy(random_tensor({R}), 0.01f);
        Tensor W({R, C});
        for (int i = 0; i < R * C; ++i) W.data[i] = scales.data[i / C] * numbers[i];
        expect_near(ASK_UNRECORDED(times_bytes, x, numbers, scales), exact_product(x, W),
                    1e-6 * std::sqrt(R));
    }
}

Tensor times_other_bytes(const Tensor& x, const List& first, const List& then,
                         const Tensors& scales) {
    ByteMatrix W = matrix_of(first, scales.at(0));
    matmul(x, W);
    std::copy(then.begin(), then.end(), W.numbers.begin());
    std::copy_n(scales.at(1).data.begin(), W.rows, W.scales.begin());
    return matmul(x, W);
}
CALLED(times_other_bytes, "matmul, with other numbers and scales in the same place,");

CHECK("26.5", "nothing is left over from the last call: other numbers and scales in one place") {
    const Tensors scales = {row({0.5f, 0.1f}), row({0.25f, 0.5f})};
    const Tensor y = ASK(times_other_bytes, matrix({{1, 2}}), List{3, -4, 10, 20},
                         List{8, 4, -2, 6}, scales);
    expect_near(y, matrix({{0, 7}}), 1e-5);
}

CHECK("26.5", "refused: a weight that is not finite, no matrix; x of other columns than W's rows") {
    ASK_REFUSAL(bytes_of, matrix({{1, NAN}}));
    ASK_REFUSAL(bytes_of, matrix({{1, INFINITY}}));
    ASK_REFUSAL(bytes_of, row({1, 2}));
    ASK_REFUSAL(times_bytes, matrix({{1, 2, 3}}), List{1, 2, 3, 4}, row({1, 1}));
}

// ## 26.6 A law

std::pair<double, double> law(const Numbers& x, const Numbers& y) {
    const PowerLaw found = fit_power_law(x, y);
    return {found.factor, found.exponent};
}
CALLED(law, "fit_power_law");
PARTS(law, "the factor a", "the exponent b");

static void expect_law(const Numbers& x, const Numbers& y, double factor, double exponent) {
    const auto found = ASK(law, x, y);
    expect(std::fabs(found.second - exponent) < 1e-6, "the exponent is not right");
    expect(std::fabs(found.first / factor - 1) < 1e-5, "the factor is not right");
}

CHECK("26.6", "1, 10 and 100 with 6, 0.6 and 0.06: y = 6 x^(−1)") {
    expect_law({1, 10, 100}, {6, 0.6, 0.06}, 6, -1);
}

CHECK("26.6", "points of a law give the law, in any order and unit, from two points on") {
    expect_law({4, 9}, {6, 9}, 3, 0.5);
    Numbers x, y;
    for (double at : {3e8, 2e11, 5e9, 1e10}) {
        x.push_back(at);
        y.push_back(7.5 * std::pow(at, -0.04));
    }
    expect_law(x, y, 7.5, -0.04);
    expect_law({1, 2, 5}, {4, 4, 4}, 4, 0);
}

CHECK("26.6", "two different x are enough: among equal ones, or a millionth apart") {
    expect_law({4, 9, 4}, {6, 9, 6}, 3, 0.5);
    expect_law({1, 1.000001}, {2, 2 * std::pow(1.000001, 3)}, 2, 3);
}

CHECK("26.6", "twenty x from 10^18 on: their product is larger than any double") {
    Numbers x, y;
    for (int i = 0; i < 20; ++i) {
        x.push_back(1e18 * std::pow(2, i));
        y.push_back(3 * std::pow(x[i], 0.9));
    }
    expect_law(x, y, 3, 0.9);
}

CHECK("26.6", "least squares of the logarithms: each point counts by its ratio, large or small") {
    expect_law({1, 10, 100}, {1, 2, 1}, std::pow(2, 1 / 3.0), 0);
    const double b = std::log(4 / 100.0) / (2 * std::log(10.0));
    expect_law({1, 10, 100}, {100, 10, 4}, std::pow(4000.0, 1 / 3.0) * std::pow(10.0, -b), b);
}

CHECK("26.6", "points beside a law, at random") {
    for (int count : {2, 3, 8}) {
        Numbers x, y;
        double mx = 0, my = 0, xy = 0, xx = 0;
        for (int i = 0; i < count; ++i) {
            x.push_back(std::exp(2.0 * i + random_numbers().uniform(0, 1)));
            y.push_back(std::exp(random_numbers().uniform(-2, 2)));
            mx += std::log(x[i]) / count, my += std::log(y[i]) / count;
        }
        for (int i = 0; i < count; ++i) {
            xy += (std::log(x[i]) - mx) * (std::log(y[i]) - my);
            xx += (std::log(x[i]) - mx) * (std::log(x[i]) - mx);
        }
        const auto found = ASK_UNRECORDED(law, x, y);
        expect(std::fabs(found.second - xy / xx) < 1e-6, "the exponent is not right");
        expect(std::fabs(std::log(found.first) - my + xy / xx * mx) < 1e-5,
               "the factor is not right");
    }
}

CHECK("26.6", "refused: one x alone, the same x twice, nothing above 0, not as many") {
    ASK_REFUSAL(law, Numbers{3}, Numbers{4});
    ASK_REFUSAL(law, Numbers{3, 3}, Numbers{4, 5});
    ASK_REFUSAL(law, Numbers(7, 5.0), Numbers(7, 2.0));  // a logarithm and the mean of all
    ASK_REFUSAL(law, Numbers(6, 10.0), Numbers(6, 2.0));  // differ by a rounding
    ASK_REFUSAL(law, Numbers{}, Numbers{});
    ASK_REFUSAL(law, Numbers{1, 2}, Numbers{0, 1});
    ASK_REFUSAL(law, Numbers{-1, 2}, Numbers{1, 1});
    ASK_REFUSAL(law, Numbers{1, 2, 3}, Numbers{1, 1});
}

double lowest(const Numbers& sizes, const Numbers& losses) { return best_size(sizes, losses); }
CALLED(lowest, "best_size");

static void expect_best(const Numbers& sizes, const Numbers& losses, double wanted) {
    expect(std::fabs(ASK(lowest, sizes, losses) / wanted - 1) < 1e-6, "the best size is not right");
}

CHECK("26.6", "losses 3, 1, 3 at the sizes 10, 100, 1,000: the best size is 100") {
    expect_best({10, 100, 1000}, {3, 1, 3}, 100);
}

CHECK("26.6", "losses 3, 1, 2: the lowest point is nearer to the lower neighbour, 100 · 10^(1/6)") {
    expect_best({10, 100, 1000}, {3, 1, 2}, 100 * std::pow(10.0, 1 / 6.0));
    expect_best({10, 100, 1000}, {2, 1, 3}, 100 * std::pow(10.0, -1 / 6.0));
}

CHECK("26.6", "a parabola over the logarithm of the size: its own lowest point, at any spacing") {
    for (const Numbers& sizes : std::vector<Numbers>{{2, 3, 30}, {2, 20, 30}, {1, 2, 3, 5, 8, 100}})
        for (double at : {2.9, 6.5}) {
            Numbers losses;
            for (double size : sizes)
                losses.push_back(2 + 0.3 * std::pow(std::log(size / at), 2));
            const double found = ASK(lowest, sizes, losses);
            const int i = static_cast<int>(std::min_element(losses.begin(), losses.end()) -
                                           losses.begin());
            const bool end = i == 0 || i == size_of(losses) - 1;
            expect(std::fabs(found / (end ? sizes[i] : at) - 1) < 1e-5,
                   "the best size is not right");
        }
}

CHECK("26.6", "only the lowest loss and its neighbours count: the others change nothing") {
    const double near = std::pow(10.0, 1 / 6.0);
    expect_best({1, 10, 100, 1000, 1e4}, {9, 3, 1, 2, 2.5}, 100 * near);
    expect_best({1, 10, 100, 1000, 1e4}, {4, 3, 1, 2, 70}, 100 * near);
    expect_best({1, 10, 100, 1000, 1e4}, {3, 2, 2.5, 1, 2}, 1000 * std::pow(10.0, 0.1));
}

CHECK("26.6", "losses that differ in the ninth digit are not equal") {
    expect_best({10, 100, 1000}, {2 + 3e-8, 2 + 1e-8, 2 + 2e-8}, 100 * std::pow(10.0, 1 / 6.0));
}

CHECK("26.6", "sizes of thousand millions, losses that differ in the fifth digit: all in double") {
    const double wanted = 2e9 * std::pow(2.0, 1 / 6.0);
    expect_best({1e9, 2e9, 4e9}, {2.0003, 2.0001, 2.0002}, wanted);
    expect(std::fabs(ASK(lowest, Numbers{1e9, 2e9, 4e9}, Numbers{3, 1, 2}) / wanted - 1) < 1e-8,
           "the best size is not right");
}

CHECK("26.6", "when the first or the last is the lowest, it is the best; a single one too") {
    expect_best({10, 100, 1000}, {1, 2, 3}, 10);
    expect_best({10, 100, 1000}, {3, 2, 1}, 1000);
    expect_best({10, 20}, {2, 1}, 20);
    expect_best({42}, {1}, 42);
}

CHECK("26.6", "of equal losses the first counts") {
    expect_best({10, 100, 1000}, {1, 1, 3}, 10);
    expect_best({10, 100, 1000, 10000}, {3, 1, 1, 3}, 100 * std::sqrt(10.0));
}

CHECK("26.6", "refused: no sizes, sizes that do not rise or are not above 0, not as many losses") {
    ASK_REFUSAL(lowest, Numbers{}, Numbers{});
    ASK_REFUSAL(lowest, Numbers{2, 1}, Numbers{1, 2});
    ASK_REFUSAL(lowest, Numbers{1, 1}, Numbers{1, 2});
    ASK_REFUSAL(lowest, Numbers{0, 1}, Numbers{1, 2});
    ASK_REFUSAL(lowest, Numbers{1, 2}, Numbers{1});
}

}  // namespace checks_26
