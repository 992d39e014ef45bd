#include "21_vision.hpp"

#include "grader/check.hpp"
#include "grader/read_twice.hpp"
#include "grader/variations.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace checks_21 {

using Tensors = std::vector<Tensor>;
using Variables = std::vector<Variable>;
using List = std::vector<int>;
using Numbers = std::vector<double>;

// Numbers for parameters that are the same in every program: small, and none of them special.
static void fill(const Parameters& parameters) {
    Random random(21);
    for (const Variable& p : parameters) {
        Tensor value = p.value();
        for (float& number : value.data) number = random.uniform(-0.6f, 0.6f);
        p.set_value(value);
    }
}

// ## 21.1 By hand

Tensor written_down(int) { return patches_by_hand(); }
CALLED(written_down, "patches_by_hand()");

static void expect_patch(int which, const std::vector<float>& wanted,
                         const std::string& otherwise) {
    const Tensor rows = ASK_UNRECORDED(written_down, 0);
    expect(rows.shape == Shape({4, 4}), "four rows of four pixels are asked for");
    for (int k = 0; k < 4; ++k) expect(rows.data[which * 4 + k] == wanted[k], otherwise);
}

CHECK("21.1", "the first patch has two pixels of the first row, and then two of the second") {
    expect_patch(0, {1, 2, 3, 4}, "the first row is not the square at the upper left");
}

CHECK("21.1", "the second patch stands right of the first") {
    expect_patch(1, {5, 6, 7, 8}, "the second row is not the square at the upper right");
}

CHECK("21.1", "the other two stand below") {
    expect_patch(2, {9, 8, 7, 6}, "the third row is not the square at the lower left");
    expect_patch(3, {5, 4, 3, 2}, "the fourth row is not the square at the lower right");
}

// ## 21.2 Patches

Tensor cut_up(const Tensor& pictures, int P) { return patches_of(pictures, P); }
CALLED(cut_up, "patches_of");

Tensor put_together(const Tensor& patches, int R, int C, int P) {
    return pictures_of(patches, R, C, P);
}
CALLED(put_together, "pictures_of");

static Tensor exact_patches(const Tensor& x, int P) {
    const int B = x.shape[0], R = x.shape[1], C = x.shape[2];
    Tensor exact({B, R / P * (C / P), P * P});
    int k = 0;
    for (int b = 0; b < B; ++b)
        for (int top = 0; top < R; top += P)
            for (int left = 0; left < C; left += P)
                for (int u = 0; u < P; ++u)
                    for (int v = 0; v < P; ++v)
                        exact.data[k++] = x.data[(b * R + top + u) * C + left + v];
    return exact;
}

// B, R, C and P.
static const std::vector<Shape>& many_sizes() {
    static const std::vector<Shape> all = {{1, 1, 1, 1}, {1, 2, 2, 1},  {2, 3, 1, 1}, {3, 1, 4, 1},
                                           {2, 2, 6, 2}, {2, 6, 2, 2},  {1, 6, 9, 3}, {3, 9, 6, 3},
                                           {2, 4, 8, 4}, {5, 10, 5, 5}, {1, 7, 7, 7},
                                           {2, 8, 12, 2}};
    return all;
}

CHECK("21.2", "[1 2 3 4; 5 6 7 8] in squares of 2: [1 2 5 6] and [3 4 7 8]") {
    const Tensor x({1, 2, 4}, {1, 2, 3, 4, 5, 6, 7, 8});
    expect_near(ASK(cut_up, x, 2), Tensor({1, 2, 4}, {1, 2, 5, 6, 3, 4, 7, 8}), 0);
}

CHECK("21.2", "one below the other, [1 2; 3 4; 5 6; 7 8]: [1 2 3 4] and [5 6 7 8]") {
    const Tensor x({1, 4, 2}, {1, 2, 3, 4, 5, 6, 7, 8});
    expect_near(ASK(cut_up, x, 2), Tensor({1, 2, 4}, {1, 2, 3, 4, 5, 6, 7, 8}), 0);
}

CHECK("21.2", "pictures that are wide, high and of one pixel, and squares of 1, 2, 3, 4, 5 and 7") {
    for (const Shape& size : many_sizes()) {
        const Tensor x = random_tensor({size[0], size[1], size[2]});
        expect_near(ASK(cut_up, x, size[3]), exact_patches(x, size[3]), 0);
    }
}

CHECK("21.2", "a square as large as the picture is the picture; one of 1 is each pixel alone") {
    const Tensor x = random_tensor({2, 3, 3});
    expect_near(ASK(cut_up, x, 3), Tensor({2, 1, 9}, x.data), 0);
    expect_near(ASK(cut_up, x, 1), Tensor({2, 9, 1}, x.data), 0);
}

CHECK("21.2", "no pictures, and greys that are NaN, infinite or below 0") {
    expect(ASK(cut_up, Tensor({0, 4, 6}), 2).shape == Shape{0, 6, 4}, "it must be [0, 6, 4]");
    const Tensor x({1, 2, 2}, {NAN, INFINITY, -3, 0});
    ASK(cut_up, x, 1);
    ASK(cut_up, x, 2);
}

CHECK("21.2", "a square that does not fit into rows or columns is refused, and one below 1") {
    ASK_REFUSAL(cut_up, Tensor({1, 4, 3}), 2);
    ASK_REFUSAL(cut_up, Tensor({1, 3, 4}), 2);
    ASK_REFUSAL(cut_up, Tensor({1, 4, 4}), 0);
    ASK_REFUSAL(cut_up, Tensor({1, 4, 4}), -2);
    ASK_REFUSAL(cut_up, Tensor({4, 4}), 2);
}

CHECK("21.2", "[1 2 5 6] and [3 4 7 8] are [1 2 3 4; 5 6 7 8] again, if it is 2 high") {
    const Tensor patches({1, 2, 4}, {1, 2, 5, 6, 3, 4, 7, 8});
    expect_near(ASK(put_together, patches, 2, 4, 2), Tensor({1, 2, 4}, {1, 2, 3, 4, 5, 6, 7, 8}),
                0);
    expect_near(ASK(put_together, patches, 4, 2, 2), Tensor({1, 4, 2}, {1, 2, 5, 6, 3, 4, 7, 8}),
                0);
}

CHECK("21.2", "and back, for all sizes") {
    for (const Shape& size : many_sizes()) {
        const Tensor x = random_tensor({size[0], size[1], size[2]});
        expect_near(ASK(put_together, exact_patches(x, size[3]), size[1], size[2], size[3]), x, 0);
    }
    expect(ASK(put_together, Tensor({0, 6, 4}), 4, 6, 2).shape == Shape{0, 4, 6},
           "no patches make no pictures");
}

CHECK("21.2", "patches that do not make such a picture are refused") {
    ASK_REFUSAL(put_together, Tensor({1, 4, 4}), 4, 6, 2);
    ASK_REFUSAL(put_together, Tensor({1, 6, 4}), 4, 4, 2);
    ASK_REFUSAL(put_together, Tensor({1, 4, 3}), 4, 4, 2);
    ASK_REFUSAL(put_together, Tensor({1, 4, 4}), 4, 4, 0);
    ASK_REFUSAL(put_together, Tensor({4, 4}), 4, 4, 2);
}

Tensor cut_up_again(const Tensor& first, const Tensor& then, int P) {
    return in_the_same_place([&](const Tensors& x) { return patches_of(x[0], P); }, {first},
                             {then});
}
CALLED(cut_up_again, "patches_of, when other greys stand in the same place");

CHECK("21.2", "nothing is left over from the last call") {
    const Tensor first = random_tensor({2, 4, 6}), then = random_tensor({2, 4, 6});
    expect_near(ASK(cut_up_again, first, then, 2), exact_patches(then, 2), 0);
}

Tensor put_together_again(const Tensor& first, const Tensor& then, int R, int C, int P) {
    return in_the_same_place([&](const Tensors& x) { return pictures_of(x[0], R, C, P); }, {first},
                             {then});
}
CALLED(put_together_again, "pictures_of, when other greys stand in the same place");

CHECK("21.2", "and nothing on the way back") {
    const Tensor first = random_tensor({2, 4, 6}), then = random_tensor({2, 4, 6});
    expect_near(ASK(put_together_again, exact_patches(first, 2), exact_patches(then, 2), 4, 6, 2),
                then, 0);
}

// ## 21.3 What the encoder reads, and what is read of it

RESTS_ON("21.3", "4.2", "15.3", "21.2");

Tensor put_in_front(const Tensor& c, const Tensor& x) { return in_front(c, x).value(); }
CALLED(put_in_front, "in_front");

Tensors in_front_with(const Tensor& c, const Tensor& x, const Tensor& dy, int wanted) {
    return with_constants<Variable>([](const Variables& v) { return in_front(v[0], v[1]); },
                                    {c, x}, dy, wanted);
}
CALLED(in_front_with, "in_front and its gradients");
PARTS(in_front_with, "the rows", "the gradient of c", "the gradient of x");

Tensors in_front_read_twice(const Tensor& c_at, const Tensor& x_at, const Tensor& dy) {
    const Variable c = parameter(c_at), x = parameter(x_at);
    return read_twice(sum(in_front(c, x) * dy), Graph::kept, Variables{c, x});
}
PARTS(in_front_read_twice, "gradient #1 of c and x, read once and twice");

Tensor in_front_again(const Tensors& first, const Tensors& then) {
    return after_a_step<Variable>([](const Variables& v) { return in_front(v[0], v[1]); }, first,
                                  then);
}
CALLED(in_front_again, "in_front, after its inputs have changed");

CHECK("21.3", "c = [9 8] in front of [1 2; 3 4]: [9 8; 1 2; 3 4]") {
    const Tensor x({1, 2, 2}, {1, 2, 3, 4});
    expect_near(ASK(put_in_front, row({9, 8}), x), Tensor({1, 3, 2}, {9, 8, 1, 2, 3, 4}), 0);
}

CHECK("21.3", "the gradient of c is the sum of what arrives in front of every picture") {
    const Tensor x({2, 1, 2}, {1, 2, 3, 4}), dy({2, 2, 2}, {1, 10, 5, 6, 2, 20, 7, 8});
    const Tensors found = ASK(in_front_with, row({0, 0}), x, dy, 3);
    expect_near(found.at(1), row({3, 30}), 1e-5);
    expect_near(found.at(2), Tensor({2, 1, 2}, {5, 6, 7, 8}), 0);
}

CHECK("21.3", "any batch, number of rows and width, with constants among the inputs") {
    for (const Shape& size : std::vector<Shape>{{1, 1, 1}, {2, 3, 4}, {5, 1, 3}, {3, 4, 1},
                                                {2, 0, 3}, {0, 2, 3}, {17, 9, 5}}) {
        const int B = size[0], N = size[1], D = size[2];
        const Tensor c = random_tensor({D}), x = random_tensor({B, N, D});
        const Tensor dy = random_tensor({B, N + 1, D});
        for (int wanted = 0; wanted < 4; ++wanted) {
            allow_roundings(64);
            const Tensors found = ASK(in_front_with, c, x, dy, wanted);
            for (int b = 0; b < B; ++b)
                for (int k = 0; k < D; ++k)
                    expect(found.at(0).data.at(b * (N + 1) * D + k) == c.data[k],
                           "c must stand in front of every picture");
        }
    }
}

CHECK("21.3", "shapes that do not fit are refused; a kept graph gives as much again") {
    ASK_REFUSAL(put_in_front, row({1, 2, 3}), Tensor({1, 2, 2}));
    ASK_REFUSAL(put_in_front, Tensor({1, 2}), Tensor({1, 2, 2}));
    ASK_REFUSAL(put_in_front, row({1, 2}), Tensor({2, 2}));
    const Tensor c = random_tensor({3}), x = random_tensor({2, 2, 3});
    const Tensor dy = random_tensor({2, 3, 3}), other = random_tensor({2, 2, 3});
    expect_doubled(ASK_UNRECORDED(in_front_read_twice, c, x, dy));
    ASK(in_front_again, Tensors{c, x}, Tensors{row({7, 8, 9}), other});
}

// Pictures of R × C in squares of P, D features, K kinds, so many layers; the norm in front or
// behind, and the mean in place of the class token, if asked.
static VisionSettings settings_of(const List& numbers) {
    VisionSettings settings;
    settings.rows = numbers.at(0), settings.columns = numbers.at(1), settings.patch = numbers.at(2);
    settings.stack = {numbers.at(3), 1, 5, numbers.at(5),
                      numbers.at(6) == 1 ? NormPlace::before : NormPlace::after};
    settings.kinds = numbers.at(4);
    settings.summary = numbers.at(7) == 1 ? Summary::mean : Summary::class_token;
    return settings;
}

static VisionTransformer net_of(const List& numbers) {
    Random random(1);
    VisionTransformer net(settings_of(numbers), random);
    fill(net.parameters());
    return net;
}

// What is read, with these in place of the parameters: c, S, E and e.
Tensor embedded(const Tensor& pictures, int P, const Tensors& at) {
    const List numbers = {pictures.shape[1], pictures.shape[2], P, at[0].size(), 2, 1, 1, 0};
    const VisionTransformer net = net_of(numbers);
    net.class_token.set_value(at[0]);
    net.positions.set_value(at[1]);
    net.embedding.W.set_value(at[2]);
    net.embedding.b.set_value(at[3]);
    return net.embed(pictures).value();
}
CALLED(embedded, "embed");

static Tensors random_tables(int N, int P, int D) {
    Tensors all = {random_tensor({D})};
    all.push_back(random_tensor({N + 1, D}));
    all.push_back(random_tensor({P * P, D}));
    all.push_back(random_tensor({D}));
    return all;
}

static Tensor exactly_embedded(const Tensor& pictures, int P, const Tensors& at) {
    const Tensor p = exact_patches(pictures, P);
    const int B = p.shape[0], N = p.shape[1], D = at[0].size();
    Tensor x({B, N + 1, D});
    for (int b = 0; b < B; ++b)
        for (int t = 0; t <= N; ++t)
            for (int k = 0; k < D; ++k) {
                double sum = double{at[1].data[t * D + k]} + (t == 0 ? at[0] : at[3]).data[k];
                for (int j = 0; t > 0 && j < P * P; ++j)
                    sum += double{p.data[(b * N + t - 1) * P * P + j]} * at[2].data[j * D + k];
                x.data[(b * (N + 1) + t) * D + k] = static_cast<float>(sum);
            }
    return x;
}

CHECK("21.3", "a pixel of 3, E = 2, e = 10, c = 100, S = [0.5; 0.25]: [100.5; 16.25]") {
    const Tensors at = {row({100}), matrix({{0.5f}, {0.25f}}), matrix({{2}}), row({10})};
    expect_near(ASK(embedded, Tensor({1, 1, 1}, {3}), 1, at), Tensor({1, 2, 1}, {100.5f, 16.25f}),
                1e-5);
}

CHECK("21.3", "each row of S goes to its token, the first of them to the class token") {
    Tensors at = {row({0, 0}), Tensor({5, 2}), Tensor({4, 2}), row({0, 0})};
    for (int t = 0; t < 5; ++t) at[1].data[2 * t] = 1.0f + t;
    const Tensor x = ASK(embedded, random_tensor({2, 4, 4}), 2, at);
    for (int b = 0; b < 2; ++b)
        for (int t = 0; t < 5; ++t)
            expect(x.data.at((b * 5 + t) * 2) == 1.0f + t, "a token has the row of another");
}

CHECK("21.3", "pictures of all sizes, high, wide and of one pixel") {
    for (const Shape& size : many_sizes()) {
        const int N = size[1] / size[3] * (size[2] / size[3]);
        const Tensor pictures = random_tensor({size[0], size[1], size[2]});
        const Tensors at = random_tables(N, size[3], 3);
        allow_roundings(128);
        expect_near(ASK(embedded, pictures, size[3], at), exactly_embedded(pictures, size[3], at),
                    2e-5);
    }
}

Tensor embedded_by_settings(const Tensor& pictures, const List& numbers) {
    return net_of(numbers).embed(pictures).value();
}
CALLED(embedded_by_settings, "embed");

CHECK("21.3", "pictures of another size than that of the settings are refused") {
    ASK_REFUSAL(embedded_by_settings, Tensor({1, 4, 4}), List{4, 6, 2, 3, 2, 1, 1, 0});
    ASK_REFUSAL(embedded_by_settings, Tensor({1, 6, 4}), List{4, 6, 2, 3, 2, 1, 1, 0});
    ASK_REFUSAL(embedded_by_settings, Tensor({4, 6}), List{4, 6, 2, 3, 2, 1, 1, 0});
}

// What is read under dropout, and the random number that is drawn next.
std::pair<Tensor, double> embedded_with_dropout(const Tensor& pictures, double rate, int seed) {
    const VisionTransformer net = net_of({4, 6, 2, 3, 2, 1, 1, 0});
    Random random(seed);
    const Tensor x = net.embed(pictures, Dropout(rate, random)).value();
    return {x, random.uniform()};
}
CALLED(embedded_with_dropout, "embed");
PARTS(embedded_with_dropout, "the rows", "the next random number");

CHECK("21.3", "dropout comes behind the sum, once for each number, the class token's among them") {
    const Tensor pictures = random_tensor({2, 4, 6});
    const int seed = random_seed();
    Random random(seed);
    for (int i = 0; i < 2 * 7 * 3; ++i) random.uniform();
    allow_roundings(128);
    const auto [x, next] = ASK(embedded_with_dropout, pictures, 0.5, seed);
    expect_near(next, random.uniform(), 0);
    allow_roundings(128);
    const Tensor plain = ASK(embedded_by_settings, pictures, List{4, 6, 2, 3, 2, 1, 1, 0});
    for (int i = 0; i < plain.size(); ++i)
        expect(x.data.at(i) == 0 || std::fabs(x.data[i] - 2 * plain.data[i]) < 1e-4f,
               "each number is dropped, or twice what it is without dropout");
}

Tensor logits(const Tensor& pictures, const List& numbers) {
    return net_of(numbers)(pictures).value();
}
CALLED(logits, "the logits of a VisionTransformer");

// Without layers, and without a norm, the rows that come out are those that went in.
Tensor logits_without_layers(const Tensor& pictures, int P, const Tensors& at, bool mean,
                             const Tensor& W, const Tensor& b) {
    const VisionTransformer net = net_of({pictures.shape[1], pictures.shape[2], P, at[0].size(),
                                          b.size(), 0, 0, mean ? 1 : 0});
    net.class_token.set_value(at[0]);
    net.positions.set_value(at[1]);
    net.embedding.W.set_value(at[2]);
    net.embedding.b.set_value(at[3]);
    net.head.W.set_value(W);
    net.head.b.set_value(b);
    return net(pictures).value();
}
CALLED(logits_without_layers, "the logits, without a layer");

CHECK("21.3", "the head reads the row of the class token, or the mean of all the others") {
    for (bool mean : {false, true})
        for (const Shape& size : std::vector<Shape>{{1, 1, 1, 1}, {3, 4, 6, 2}, {2, 6, 3, 3}}) {
            const int B = size[0], N = size[1] / size[3] * (size[2] / size[3]), D = 3, K = 4;
            const Tensor pictures = random_tensor({B, size[1], size[2]});
            const Tensors at = random_tables(N, size[3], D);
            const Tensor W = random_tensor({D, K}), b = random_tensor({K});
            const Tensor x = exactly_embedded(pictures, size[3], at);
            Tensor rows({B, D});
            for (int i = 0; i < B; ++i)
                for (int t = mean ? 1 : 0; t <= (mean ? N : 0); ++t)
                    for (int k = 0; k < D; ++k)
                        rows.data[i * D + k] +=
                            x.data[(i * (N + 1) + t) * D + k] / (mean ? N : 1);
            Tensor z = exact_product(rows, W);
            for (int i = 0; i < z.size(); ++i) z.data[i] += b.data[i % K];
            allow_roundings(128);
            expect_near(ASK(logits_without_layers, pictures, size[3], at, mean, W, b), z, 5e-5);
        }
}

CHECK("21.3", "the rows go through the encoder, with the norm in front or behind") {
    for (int before : {1, 0})
        for (int mean : {0, 1})
            for (int layers : {1, 3}) {
                const Tensor pictures = random_tensor({3, 4, 6});
                allow_roundings(1024);
                const Tensor z =
                    ASK(logits, pictures, List{4, 6, 2, 4, 5, layers, before, mean});
                expect(z.shape == Shape({3, 5}), "a row of logits for each picture");
            }
}

CHECK("21.3", "each picture is read for itself: what stands beside it in the batch is the same") {
    const Tensor three = random_tensor({3, 4, 4});
    const List numbers = {4, 4, 2, 4, 3, 2, 1, 0};
    allow_roundings(1024);
    const Tensor together = ASK(logits, three, numbers);
    for (int b = 0; b < 3; ++b) {
        const auto begin = three.data.begin() + 16 * b;
        const Tensor one({1, 4, 4}, {begin, begin + 16});
        allow_roundings(1024);
        const Tensor alone = ASK(logits, one, numbers);
        for (int k = 0; k < 3; ++k)
            expect(std::fabs(alone.data.at(k) - together.data.at(3 * b + k)) < 1e-4f,
                   "a picture has other logits when others are in the batch");
    }
}

// The gradients of all parameters of Σ z dz.
Tensors all_gradients(const Tensor& pictures, const Tensor& dz, const List& numbers) {
    const VisionTransformer net = net_of(numbers);
    backward(sum(net(pictures) * dz));
    Tensors all;
    for (const Variable& p : net.parameters()) all.push_back(p.gradient());
    return all;
}
PARTS(all_gradients, "the gradient of E", "the gradient of e", "the gradient of c",
      "the gradient of S", "gradient #5 of all parameters");

CHECK("21.3", "everything learns: patches, class token, positions, encoder and head") {
    for (int mean : {0, 1}) {
        const Tensor pictures = random_tensor({2, 4, 6}), dz = random_tensor({2, 5});
        allow_roundings(4096);
        const Tensors found = ASK(all_gradients, pictures, dz, List{4, 6, 2, 4, 5, 1, 0, mean});
        for (int i = 0; i < 4; ++i) {
            double size = 0;
            for (float g : found.at(i).data) size += std::fabs(double{g});
            expect(size > 0, "E, e, c and S must all learn");
        }
    }
}

// The logits under dropout, and the random number that is drawn next.
std::pair<Tensor, double> logits_with_dropout(const Tensor& pictures, double rate, int seed) {
    const VisionTransformer net = net_of({4, 4, 2, 4, 3, 2, 1, 0});
    Random random(seed);
    const Tensor z = net(pictures, Dropout(rate, random)).value();
    return {z, random.uniform()};
}
CALLED(logits_with_dropout, "the logits under dropout");
PARTS(logits_with_dropout, "the logits", "the next random number");

CHECK("21.3", "dropout acts on what is read and in every layer, and nowhere else") {
    const int seed = random_seed();
    Random random(seed);
    for (int i = 0; i < 5 * 2 * 5 * 4; ++i) random.uniform();
    allow_roundings(4096);
    const auto [z, next] = ASK(logits_with_dropout, random_tensor({2, 4, 4}), 0.5, seed);
    expect_near(next, random.uniform(), 0);
}

// ## 21.4 Motions

double grey(const Tensor& picture, double y, double x) {
    return grey_at(picture, static_cast<float>(y), static_cast<float>(x));
}
CALLED(grey, "grey_at");

static double exact_grey(const Tensor& picture, double y, double x) {
    const int R = picture.shape[0], C = picture.shape[1];
    double sum = 0;
    for (int i = 0; i < R; ++i)
        for (int j = 0; j < C; ++j)
            sum += std::max(0.0, 1 - std::fabs(y - i)) * std::max(0.0, 1 - std::fabs(x - j)) *
                   picture.data[i * C + j];
    return sum;
}

CHECK("21.4", "in [0 4; 8 16], at (0.5, 0.25): the mean of 1 and 10, which is 5.5") {
    expect_near(ASK(grey, matrix({{0, 4}, {8, 16}}), 0.5, 0.25), 5.5, 1e-5);
}

CHECK("21.4", "on a pixel it is the pixel, the last row and the last column among them") {
    const Tensor picture = matrix({{1, 2, 3}, {4, 5, 6}});
    for (int r = 0; r < 2; ++r)
        for (int c = 0; c < 3; ++c)
            expect_near(ASK(grey, picture, 1.0 * r, 1.0 * c), picture.data[r * 3 + c], 0);
}

CHECK("21.4", "rows are not columns: in [0 0; 8 8], at (0.25, 0.75), it is 2") {
    expect_near(ASK(grey, matrix({{0, 0}, {8, 8}}), 0.25, 0.75), 2, 1e-5);
}

CHECK("21.4", "half a pixel beyond each edge it is half as bright, and from one on dark") {
    const Tensor white = Tensor({2, 3}, std::vector<float>(6, 1.0f));
    for (double y : {-0.5, 1.5}) expect_near(ASK(grey, white, y, 1.0), 0.5, 1e-6);
    for (double x : {-0.5, 2.5}) expect_near(ASK(grey, white, 1.0, x), 0.5, 1e-6);
    expect_near(ASK(grey, white, -0.5, 2.5), 0.25, 1e-6);
    for (double far : {-1.0, -1.5, -7.0, 2.0, 2.5, 9.0})
        expect_near(ASK(grey, white, far, 1.0), 0, 0);
    for (double far : {-1.0, -1.5, -7.0, 3.0, 3.5, 9.0})
        expect_near(ASK(grey, white, 1.0, far), 0, 0);
}

CHECK("21.4", "far outside, farther than any whole number, it is dark") {
    const Tensor white({1, 1}, {1});
    for (double far : {-1e30, 1e30, -3e9, 3e9, static_cast<double>(INFINITY),
                       -static_cast<double>(INFINITY)}) {
        expect_near(ASK(grey, white, far, 0.0), 0, 0);
        expect_near(ASK(grey, white, 0.0, far), 0, 0);
    }
}

CHECK("21.4", "any place in and around pictures that are wide, high and of one pixel") {
    for (const Shape& size : std::vector<Shape>{{1, 1}, {1, 5}, {5, 1}, {3, 4}, {8, 8}, {14, 9}}) {
        const Tensor picture = random_tensor(size);
        for (int i = 0; i < 12; ++i) {
            const float y = random_numbers().uniform(-1.5f, size[0] + 0.5f);
            const float x = random_numbers().uniform(-1.5f, size[1] + 0.5f);
            expect_near(ASK_UNRECORDED(grey, picture, 1.0 * y, 1.0 * x), exact_grey(picture, y, x),
                        2e-5);
        }
    }
    ASK_REFUSAL(grey, Tensor({1, 2, 2}), 0.0, 0.0);
}

static Motion motion_of(const std::vector<float>& n) {
    Motion motion;
    motion.yy = n.at(0), motion.yx = n.at(1), motion.xy = n.at(2), motion.xx = n.at(3);
    motion.down = n.at(4), motion.right = n.at(5);
    return motion;
}

// The numbers of the motion: yy, yx, xy, xx, down, right.
Tensor moved_by(const Tensor& picture, const Tensor& numbers) {
    return moved(picture, motion_of(numbers.data));
}
CALLED(moved_by, "moved");

static Tensor exactly_moved(const Tensor& picture, const Tensor& motion) {
    const int R = picture.shape[0], C = picture.shape[1];
    const double my = (R - 1) / 2.0, mx = (C - 1) / 2.0;
    const std::vector<float>& n = motion.data;
    Tensor result({R, C});
    for (int r = 0; r < R; ++r)
        for (int c = 0; c < C; ++c) {
            const double down = r - my - n[4], right = c - mx - n[5];
            result.data[r * C + c] = static_cast<float>(exact_grey(
                picture, my + n[0] * down + n[1] * right, mx + n[2] * down + n[3] * right));
        }
    return result;
}

CHECK("21.4", "who is not moved stays as it was") {
    for (const Shape& size : std::vector<Shape>{{1, 1}, {2, 3}, {5, 4}}) {
        const Tensor picture = random_tensor(size);
        expect_near(ASK(moved_by, picture, row({1, 0, 0, 1, 0, 0})), picture, 1e-6);
    }
}

CHECK("21.4", "down by 1, [1 2; 3 4] becomes [0 0; 1 2]; right by 1, [0 1; 0 3]") {
    const Tensor picture = matrix({{1, 2}, {3, 4}});
    expect_near(ASK(moved_by, picture, row({1, 0, 0, 1, 1, 0})), matrix({{0, 0}, {1, 2}}), 1e-6);
    expect_near(ASK(moved_by, picture, row({1, 0, 0, 1, 0, 1})), matrix({{0, 1}, {0, 3}}), 1e-6);
}

CHECK("21.4", "it turns around the middle: a quarter of a turn leaves the middle where it is") {
    const Tensor odd = matrix({{1, 2, 3}, {4, 5, 6}, {7, 8, 9}});
    const Tensor even = matrix({{1, 2}, {3, 4}});
    const Tensor quarter = row({0, 1, -1, 0, 0, 0});
    expect_near(ASK(moved_by, odd, quarter), matrix({{3, 6, 9}, {2, 5, 8}, {1, 4, 7}}), 1e-5);
    expect_near(ASK(moved_by, even, quarter), matrix({{2, 4}, {1, 3}}), 1e-5);
}

CHECK("21.4", "first the shift is taken away, then it is turned") {
    const Tensor picture = random_tensor({4, 4}), motion = row({0, 1, -1, 0, 1, 0});
    expect_near(ASK(moved_by, picture, motion), exactly_moved(picture, motion), 1e-5);
}

CHECK("21.4", "a G of 0.5 makes it twice as large, in rows or in columns") {
    const Tensor picture = matrix({{0, 1, 0}, {2, 3, 4}, {0, 5, 0}});
    const Tensor high = row({0.5f, 0, 0, 1, 0, 0}), wide = row({1, 0, 0, 0.5f, 0, 0});
    expect_near(ASK(moved_by, picture, high), matrix({{1, 2, 2}, {2, 3, 4}, {1, 4, 2}}), 1e-5);
    expect_near(ASK(moved_by, picture, wide),
                matrix({{0.5f, 1, 0.5f}, {2.5f, 3, 3.5f}, {2.5f, 5, 2.5f}}), 1e-5);
}

CHECK("21.4", "a slant alone: [1 2 3; 4 5 6; 7 8 9], with a yx or an xy of 1") {
    const Tensor picture = matrix({{1, 2, 3}, {4, 5, 6}, {7, 8, 9}});
    const Tensor yx = row({1, 1, 0, 1, 0, 0}), xy = row({1, 0, 1, 1, 0, 0});
    expect_near(ASK(moved_by, picture, yx), matrix({{0, 2, 6}, {1, 5, 9}, {4, 8, 0}}), 1e-5);
    expect_near(ASK(moved_by, picture, xy), matrix({{0, 1, 2}, {4, 5, 6}, {8, 9, 0}}), 1e-5);
}

CHECK("21.4", "down by half a pixel, or right by a quarter, each pixel is a mean of two") {
    const Tensor picture = matrix({{1, 2}, {3, 4}});
    expect_near(ASK(moved_by, picture, row({1, 0, 0, 1, 0.5f, 0})), matrix({{0.5f, 1}, {2, 3}}),
                1e-6);
    expect_near(ASK(moved_by, picture, row({1, 0, 0, 1, 0, 0.25f})),
                matrix({{0.75f, 1.75f}, {2.25f, 3.75f}}), 1e-6);
}

CHECK("21.4", "a shift of three pixels of three: with a G of 0.5, some of the picture is left") {
    const Tensor picture = matrix({{1, 2, 3}, {4, 5, 6}, {7, 8, 9}});
    const Tensor down = row({0.5f, 0, 0, 1, 3, 0}), left = row({1, 0, 0, 0.5f, 0, -3});
    expect_near(ASK(moved_by, picture, down), matrix({{0, 0, 0}, {0.5f, 1, 1.5f}, {1, 2, 3}}),
                1e-5);
    expect_near(ASK(moved_by, picture, left), matrix({{3, 1.5f, 0}, {6, 3, 0}, {9, 4.5f, 0}}),
                1e-5);
}

CHECK("21.4", "pictures of all sizes under all motions") {
    for (const Shape& size : std::vector<Shape>{{1, 1}, {1, 4}, {4, 1}, {3, 5}, {6, 2}, {8, 8}})
        for (int i = 0; i < 3; ++i) {
            const Tensor picture = random_tensor(size), motion = random_tensor({6});
            expect_near(ASK_UNRECORDED(moved_by, picture, motion), exactly_moved(picture, motion),
                        5e-5);
        }
    ASK_REFUSAL(moved_by, Tensor({1, 2, 2}), row({1, 0, 0, 1, 0, 0}));
}

CHECK("21.4", "a motion that leads far outside makes it dark") {
    const Tensor white({3, 3}, std::vector<float>(9, 1.0f));
    for (float far : {100.0f, -100.0f, 1e12f})
        expect_near(ASK(moved_by, white, row({1, 0, 0, 1, far, 0})), Tensor({3, 3}), 0);
}

// Each motion is a stretch and a shift to the right, drawn in this order.
static Motion drawn_in_check(Random& random) {
    Motion motion;
    motion.yy = random.uniform(0.5f, 1.5f);
    motion.right = random.uniform(-1.0f, 1.0f);
    return motion;
}

// The pictures, the next random number, and how often a motion was drawn.
std::tuple<Tensor, double, int> all_moved(const Tensor& pictures, int seed) {
    Random random(seed);
    int times = 0;
    const Tensor found = moved_each(
        pictures,
        [&](Random& any) {
            ++times;
            return drawn_in_check(any);
        },
        random);
    return {found, random.uniform(), times};
}
CALLED(all_moved, "moved_each");
PARTS(all_moved, "the pictures", "the next random number", "how many motions were drawn");

CHECK("21.4", "each picture of a batch has a motion of its own, drawn in their order") {
    for (const Shape& shape : std::vector<Shape>{{1, 2, 2}, {3, 4, 4}, {5, 2, 6}, {4, 7, 3}}) {
        const Tensor pictures = random_tensor(shape);
        const int seed = random_seed(), R = shape[1], C = shape[2];
        allow_roundings(256);
        const auto [found, next, times] = ASK(all_moved, pictures, seed);
        Random random(seed);
        for (int b = 0; b < shape[0]; ++b) {
            const auto begin = pictures.data.begin() + b * R * C;
            const Motion m = drawn_in_check(random);
            const Tensor wanted = exactly_moved(Tensor({R, C}, {begin, begin + R * C}),
                                                row({m.yy, m.yx, m.xy, m.xx, m.down, m.right}));
            const auto mine = found.data.begin() + b * R * C;
            expect_near(Tensor({R, C}, {mine, mine + R * C}), wanted, 5e-5);
        }
        expect(times == shape[0], "one motion is to be drawn for each picture");
        expect_near(next, random.uniform(), 0);
    }
}

CHECK("21.4", "for a picture that is dark throughout a motion is drawn too") {
    Tensor pictures = random_tensor({3, 3, 3});
    for (int i = 0; i < 9; ++i) pictures.data[i] = 0;
    allow_roundings(256);
    expect(std::get<2>(ASK(all_moved, pictures, random_seed())) == 3, "there are three pictures");
}

CHECK("21.4", "no pictures draw nothing; other shapes are refused") {
    expect(std::get<2>(ASK(all_moved, Tensor({0, 2, 3}), 1)) == 0, "nothing is to be drawn");
    ASK_REFUSAL(all_moved, Tensor({2, 3}), 1);
}

// The same pictures, moved twice by one generator.
Tensors moved_twice(const Tensor& pictures, int seed) {
    Random random(seed);
    Tensors found;
    for (int i = 0; i < 2; ++i) found.push_back(moved_each(pictures, drawn_in_check, random));
    return found;
}
CALLED(moved_twice, "moved_each, twice, with one generator");
PARTS(moved_twice, "the pictures, time #1");

CHECK("21.4", "each time a picture comes along, it is moved in another way") {
    allow_roundings(256);
    const Tensor pictures = random_tensor({2, 4, 4});
    const Tensors found = ASK(moved_twice, pictures, random_seed());
    expect(found.at(0).data != found.at(1).data, "the same motions are drawn again");
}

// ## 21.5 Measuring

RESTS_ON("21.5", "4.3", "4.4");

// Logits of pictures: their pixels, times these weights.
static Variable logits_by(const Tensor& W, const Tensor& pictures) {
    const int B = pictures.shape[0];
    const Tensor rows({B, B == 0 ? W.shape[0] : pictures.size() / B}, pictures.data);
    return exact_product(rows, W);
}

// The loss, and the share that is right.
Numbers measured(const Tensor& pictures, const List& labels, const Tensor& W, int batch) {
    const Measured found = measure([&](const Tensor& some) { return logits_by(W, some); }, pictures,
                                   labels, batch);
    return {found.loss, found.right};
}
CALLED(measured, "measure");
PARTS(measured, "the loss", "the share that is right");

// How many pictures were asked for each time; all of them, as they came; and how often a tape ran.
std::tuple<List, Tensor, int> asked_for_what(const Tensor& pictures, const List& labels,
                                             const Tensor& W, int batch) {
    List sizes;
    std::vector<float> pixels;
    int with_tape = 0;
    const auto net = [&](const Tensor& some) {
        sizes.push_back(some.shape.at(0));
        pixels.insert(pixels.end(), some.data.begin(), some.data.end());
        with_tape += NoTape::alive == 0;
        return logits_by(W, some);
    };
    measure(net, pictures, labels, batch);
    return {sizes, Tensor({size_of(pixels)}, pixels), with_tape};
}
CALLED(asked_for_what, "measure: what it asks");
PARTS(asked_for_what, "how many pictures each time", "all pictures, in order",
      "how often a tape was running");

static Numbers exactly_measured(const Tensor& pictures, const List& labels, const Tensor& W) {
    const int N = size_of(labels), K = W.shape[1], n = W.shape[0];
    Numbers exact = {0, 0};
    for (int i = 0; i < N; ++i) {
        Numbers z(K);
        for (int k = 0; k < K; ++k)
            for (int j = 0; j < n; ++j)
                z[k] += double{pictures.data[i * n + j]} * W.data[j * K + k];
        double sum = 0;
        for (double each : z) sum += std::exp(each);
        exact[0] += (std::log(sum) - z[labels[i]]) / N;
        exact[1] += 1.0 * (std::max_element(z.begin(), z.end()) - z.begin() == labels[i]) / N;
    }
    return exact;
}

static List random_labels(int count, int K) {
    List labels;
    for (int i = 0; i < count; ++i) labels.push_back(random_numbers().below(K));
    return labels;
}

CHECK("21.5", "three pictures of a pixel, 2, 2 and −2, two at a time: two of three are right") {
    const Tensor pictures({3, 1, 1}, {2, 2, -2}), W = matrix({{1, 0}});
    const Numbers found = ASK(measured, pictures, List{0, 0, 0}, W, 2);
    expect_near(found.at(1), 2.0 / 3, 1e-6);
    expect_near(found.at(0), (2 * 0.126928 + 2.126928) / 3, 1e-5);
}

CHECK("21.5", "however many are asked at once, it is the mean of all pictures") {
    const Tensor pictures = random_tensor({13, 2, 3}), W = random_tensor({6, 4});
    const List labels = random_labels(13, 4);
    const Numbers exact = exactly_measured(pictures, labels, W);
    for (int batch : {1, 2, 3, 5, 12, 13, 14, 1000}) {
        allow_roundings(64);
        const Numbers found = ASK(measured, pictures, labels, W, batch);
        expect_near(found.at(0), exact[0], 1e-5);
        expect_near(found.at(1), exact[1], 1e-6);
    }
}

CHECK("21.5", "the pictures are asked as they are, in order, each of them once") {
    const Tensor pictures = random_tensor({7, 3, 2}), W = random_tensor({6, 3});
    const List labels = random_labels(7, 3);
    for (int batch : {1, 3, 7, 9}) {
        const auto [sizes, pixels, with_tape] =
            ASK(asked_for_what, pictures, labels, W, batch);
        expect(pixels.data == pictures.data, "other pictures are asked, or in another order");
    }
}

CHECK("21.5", "so many at once as it says, and what is left over at last") {
    const Tensor pictures = random_tensor({7, 1, 2}), W = random_tensor({2, 3});
    const List labels = random_labels(7, 3);
    expect(std::get<0>(ASK(asked_for_what, pictures, labels, W, 3)) == List{3, 3, 1},
           "of seven, three at a time: 3, 3 and 1");
    expect(std::get<0>(ASK(asked_for_what, pictures, labels, W, 7)) == List{7}, "seven at once");
    expect(std::get<0>(ASK(asked_for_what, pictures, labels, W, 20)) == List{7}, "seven at once");
}

CHECK("21.5", "no tape is running while it asks") {
    const Tensor pictures = random_tensor({5, 1, 2}), W = random_tensor({2, 3});
    expect(std::get<2>(ASK(asked_for_what, pictures, random_labels(5, 3), W, 2)) == 0,
           "a tape was running");
}

// Whether a tape runs behind it.
int tape_behind(const Tensor& pictures, const List& labels, const Tensor& W) {
    measure([&](const Tensor& some) { return logits_by(W, some); }, pictures, labels, 2);
    return NoTape::alive == 0;
}
CALLED(tape_behind, "whether a tape is running behind measure");

CHECK("21.5", "and behind it, one is running again") {
    const Tensor pictures = random_tensor({3, 1, 2}), W = random_tensor({2, 2});
    expect(ASK(tape_behind, pictures, List{0, 1, 0}, W) == 1, "the tape is left switched off");
}

// Whether a tape runs behind it, when the network throws at its second batch.
int tape_behind_a_throw(const Tensor& pictures, const List& labels, const Tensor& W) {
    int times = 0;
    try {
        measure(
            [&](const Tensor& some) {
                if (++times == 2) throw std::runtime_error("no answer");
                return logits_by(W, some);
            },
            pictures, labels, 2);
    } catch (const std::runtime_error&) {
    }
    return NoTape::alive == 0;
}
CALLED(tape_behind_a_throw, "whether a tape is running when the network has thrown");

CHECK("21.5", "even when the network throws") {
    const Tensor pictures = random_tensor({3, 1, 2}), W = random_tensor({2, 2});
    expect(ASK(tape_behind_a_throw, pictures, List{0, 1, 0}, W) == 1,
           "the tape is left switched off");
}

// How often no tape runs for somebody who has one NoTape alive: 1, before and behind.
int others_behind(const Tensor& pictures, const List& labels, const Tensor& W) {
    const int before = NoTape::alive;
    NoTape::alive = 1;
    measure([&](const Tensor& some) { return logits_by(W, some); }, pictures, labels, 2);
    const int behind = NoTape::alive;
    NoTape::alive = before;
    return behind;
}
CALLED(others_behind, "how many NoTapes are alive behind measure, of one before");

CHECK("21.5", "who measures without a tape has none behind it either") {
    const Tensor pictures = random_tensor({3, 1, 2}), W = random_tensor({2, 2});
    expect(ASK(others_behind, pictures, List{0, 1, 0}, W) == 1, "a tape was switched on");
}

// Of pictures [B, 1, K] whose greys are the logits.
Numbers measured_logits(const Tensor& z, const List& labels, int batch) {
    const int B = z.shape[0], K = z.shape[1];
    const auto net = [K](const Tensor& some) {
        return Variable(Tensor({some.shape.at(0), K}, some.data));
    };
    const Measured found = measure(net, Tensor({B, 1, K}, z.data), labels, batch);
    return {found.loss, found.right};
}
CALLED(measured_logits, "measure");
PARTS(measured_logits, "the loss", "the share that is right");

CHECK("21.5", "with equal logits one kind is said, and not all of them") {
    const Tensor z = matrix({{2, 2}, {2, 2}});
    expect_near(ASK(measured_logits, z, List{0, 1}, 2).at(1), 0.5, 1e-6);
}

CHECK("21.5", "of 49 pictures one is right, and of the next 49 another one") {
    List labels(98, 0);
    labels[7] = labels[60] = 1;
    Tensor z({98, 2});
    for (int i = 0; i < 98; ++i) z.data[2 * i + 1] = 3;
    for (int batch : {49, 98}) {
        allow_roundings(64);
        expect_near(ASK(measured_logits, z, labels, batch).at(1), 2.0 / 98, 1e-6);
    }
}

CHECK("21.5", "what was held impossible, and is the label, makes the loss infinite") {
    const Tensor z = matrix({{0, 0}, {0, -INFINITY}});
    for (int batch : {1, 2})
        expect(ASK(measured_logits, z, List{0, 1}, batch).at(0) == INFINITY, "it is infinite");
}

CHECK("21.5", "a batch of 2,147,483,647 is all pictures at once") {
    const Tensor pictures = random_tensor({3, 1, 2}), W = random_tensor({2, 3});
    const int batch = std::numeric_limits<int>::max();
    expect(std::get<0>(ASK(asked_for_what, pictures, List{0, 2, 1}, W, batch)) == List{3},
           "three pictures are asked at once");
}

CHECK("21.5", "a very large loss does not swallow 300 small ones") {
    Tensor pictures({301, 1, 1});
    pictures.data[0] = 1e8f;
    const double loss = (1e8 + 300 * std::log(2.0)) / 301;
    const List labels(301, 1);
    expect_near(ASK_UNRECORDED(measured, pictures, labels, matrix({{1, 0}}), 1).at(0), loss, 0.1);
}

CHECK("21.5", "no picture, no batch, and labels of other pictures are refused") {
    const Tensor W = random_tensor({2, 3});
    ASK_REFUSAL(measured, Tensor({0, 1, 2}), List{}, W, 2);
    ASK_REFUSAL(measured, Tensor({2, 1, 2}), List{0, 1}, W, 0);
    ASK_REFUSAL(measured, Tensor({2, 1, 2}), List{0}, W, 2);
    ASK_REFUSAL(measured, Tensor({2, 2}), List{0, 1}, W, 2);
}

// ## 21.6 Rollout

RESTS_ON("21.6", "12.4", "14.2", "15.3");

static Encoder encoder_of(int D, int heads, int layers, bool before) {
    Random random(1);
    const StackSettings settings{D, heads, 5, layers,
                                 before ? NormPlace::before : NormPlace::after};
    const Encoder encoder(settings, random);
    fill(encoder.parameters());
    return encoder;
}

Tensors looked_at(const Tensor& x, int heads, int layers, bool before) {
    return attention_of_layers(encoder_of(x.shape.back(), heads, layers, before), x);
}
CALLED(looked_at, "attention_of_layers");
PARTS(looked_at, "layer #1");

CHECK("21.6", "a matrix for each layer and picture, the mean of the heads, each row of sum 1") {
    for (bool before : {true, false})
        for (int heads : {1, 2, 4}) {
            const Tensor x = random_tensor({2, 3, 4});
            allow_roundings(1024);
            const Tensors found = ASK(looked_at, x, heads, 3, before);
            expect(size_of(found) == 3, "three layers have three");
            for (const Tensor& A : found) {
                expect(A.shape == Shape({2, 3, 3}), "each is [B, T, T]");
                for (int row = 0; row < 6; ++row)
                    expect_near(exact_sum(A, 3 * row, 3), 1, 1e-5);
            }
        }
}

CHECK("21.6", "each layer is asked what it asks itself, with the norm in front or behind") {
    for (bool before : {true, false}) {
        Tensor x = random_tensor({1, 4, 4});
        for (float& number : x.data) number *= 6;
        allow_roundings(2048);
        ASK(looked_at, x, 2, 2, before);
    }
}

CHECK("21.6", "a single token looks at itself, and no layers have no weights") {
    for (const Tensor& A : ASK(looked_at, random_tensor({2, 1, 2}), 1, 2, true))
        expect_near(A, Tensor({2, 1, 1}, {1, 1}), 1e-6);
    expect(ASK(looked_at, random_tensor({2, 2, 2}), 1, 0, true).empty(), "there are none");
    ASK_REFUSAL(looked_at, Tensor({3, 4}), 2, 1, true);
}

Tensor rolled_out(const Tensors& A) { return rollout(A); }
CALLED(rolled_out, "rollout");

static Tensor exact_rollout(const Tensors& A) {
    const int B = A[0].shape[0], T = A[0].shape[1];
    Tensor R(A[0].shape);
    for (int b = 0; b < B; ++b) {
        Numbers all(T * T);
        for (int t = 0; t < T; ++t) all[t * T + t] = 1;
        for (const Tensor& layer : A) {
            Numbers next(T * T);
            for (int i = 0; i < T; ++i)
                for (int k = 0; k < T; ++k) {
                    const double half = 0.5 * layer.data[(b * T + i) * T + k] + (i == k ? 0.5 : 0);
                    for (int j = 0; j < T; ++j) next[i * T + j] += half * all[k * T + j];
                }
            all = next;
        }
        for (int i = 0; i < T * T; ++i) R.data[b * T * T + i] = static_cast<float>(all[i]);
    }
    return R;
}

// Rows of weights, each of sum 1.
static Tensor random_weights(int B, int T) {
    Tensor A({B, T, T});
    for (int row = 0; row < B * T; ++row) {
        double sum = 0;
        for (int t = 0; t < T; ++t) {
            A.data[row * T + t] = 0.1f + random_numbers().below(20);
            sum += A.data[row * T + t];
        }
        for (int t = 0; t < T; ++t) A.data[row * T + t] /= static_cast<float>(sum);
    }
    return A;
}

CHECK("21.6", "one layer, [0 1; 1 0]: half of each row is its own, [0.5 0.5; 0.5 0.5]") {
    const Tensors A = {Tensor({1, 2, 2}, {0, 1, 1, 0})};
    expect_near(ASK(rolled_out, A), Tensor({1, 2, 2}, {0.5f, 0.5f, 0.5f, 0.5f}), 1e-6);
}

CHECK("21.6", "[1 0; 1 0], then [0 1; 0 1]: [0.75 0.25; 0.5 0.5], the first layer at the right") {
    const Tensors A = {Tensor({1, 2, 2}, {1, 0, 1, 0}), Tensor({1, 2, 2}, {0, 1, 0, 1})};
    expect_near(ASK(rolled_out, A), Tensor({1, 2, 2}, {0.75f, 0.25f, 0.5f, 0.5f}), 1e-6);
}

CHECK("21.6", "any number of layers, tokens and pictures; rows sum to 1") {
    for (const Shape& size : std::vector<Shape>{{1, 1, 1}, {1, 2, 3}, {3, 1, 4}, {2, 4, 5},
                                                {5, 3, 2}, {1, 6, 17}}) {
        Tensors A;
        for (int i = 0; i < size[1]; ++i) A.push_back(random_weights(size[0], size[2]));
        allow_roundings(256);
        const Tensor R = ASK(rolled_out, A);
        expect_near(R, exact_rollout(A), 1e-5);
        for (int row = 0; row < size[0] * size[2]; ++row)
            expect_near(exact_sum(R, row * size[2], size[2]), 1, 1e-5);
    }
}

CHECK("21.6", "no layers, layers of different sizes, and what is not square are refused") {
    ASK_REFUSAL(rolled_out, Tensors{});
    ASK_REFUSAL(rolled_out, Tensors{Tensor({1, 2, 2}), Tensor({1, 3, 3})});
    ASK_REFUSAL(rolled_out, Tensors{Tensor({1, 2, 2}), Tensor({2, 2, 2})});
    ASK_REFUSAL(rolled_out, Tensors{Tensor({1, 2, 3})});
    ASK_REFUSAL(rolled_out, Tensors{Tensor({2, 2})});
}

Tensor seen(const Tensor& R) { return seen_by_class(R); }
CALLED(seen, "seen_by_class");

CHECK("21.6", "of the first row [0.6 0.1 0.3], without its own 0.6: [0.25 0.75]") {
    const Tensor R({1, 3, 3}, {0.6f, 0.1f, 0.3f, 0.2f, 0.5f, 0.3f, 0.1f, 0.1f, 0.8f});
    expect_near(ASK(seen, R), matrix({{0.25f, 0.75f}}), 1e-6);
}

CHECK("21.6", "a row for each picture, of sum 1, the first patch first") {
    for (const Shape& size : std::vector<Shape>{{1, 2}, {3, 2}, {2, 5}, {4, 17}}) {
        const Tensor R = random_weights(size[0], size[1]);
        const Tensor found = ASK(seen, R);
        expect(found.shape == Shape({size[0], size[1] - 1}), "it must be [B, T − 1]");
        for (int b = 0; b < size[0]; ++b) {
            const int T = size[1];
            const double others = exact_sum(R, b * T * T + 1, T - 1);
            for (int t = 1; t < T; ++t)
                expect_near(found.data.at(b * (T - 1) + t - 1), R.data[b * T * T + t] / others,
                            1e-6);
        }
    }
}

CHECK("21.6", "it is the row over its sum, however small that is; also of numbers below 0") {
    const Tensor small({1, 3, 3}, {0, 1e-8f, 3e-8f, 0, 0, 0, 0, 0, 0});
    expect_near(ASK(seen, small), matrix({{0.25f, 0.75f}}), 1e-6);
    const Tensor below({1, 3, 3}, {0.5f, -1, 3, 0, 0, 0, 0, 0, 0});
    expect_near(ASK(seen, below), matrix({{-0.5f, 1.5f}}), 1e-6);
}

CHECK("21.6", "a class token without patches, and what is not square, are refused") {
    ASK_REFUSAL(seen, Tensor({2, 1, 1}));
    ASK_REFUSAL(seen, Tensor({2, 2, 3}));
    ASK_REFUSAL(seen, Tensor({2, 2}));
}

}  // namespace checks_21
