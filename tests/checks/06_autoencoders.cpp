#include "06_autoencoders.hpp"

#include "grader/check.hpp"
#include "grader/variations.hpp"

#include <algorithm>
#include <cmath>

namespace checks_06 {

using Tensors = std::vector<Tensor>;
using Variables = std::vector<Variable>;

// ## 6.1 By hand

Tensor written_down(int) { return autoencoder_by_hand(); }
CALLED(written_down, "autoencoder_by_hand()");

// One number in the row of five.
static void expect_written(int place, double expected, const std::string& otherwise) {
    const Tensor yours = ASK_UNRECORDED(written_down, 0);
    expect(yours.shape == Shape{5}, "five numbers are asked for, in a row");
    const double number = static_cast<double>(yours.data[place]);
    expect(std::fabs(number - expected) <= 0.0005, "number " + std::to_string(place + 1) + " is " +
                                                       std::to_string(number) + ": " + otherwise);
}

CHECK("6.1", "the code is a sum: each pixel times its weight") {
    expect_written(0, 1.1, "x₁ w₁ is 0.5 · 0.6, and x₂ w₂ is 1 · 0.8");
}

CHECK("6.1", "the picture is the code times each weight") {
    expect_written(1, 0.66, "y₁ is h w₁, with w₁ = 0.6");
    expect_written(2, 0.88, "y₂ is h w₂, with w₂ = 0.8");
}

CHECK("6.1", "the errors 0.16 and −0.12 are squared, and then their mean is taken") {
    expect_written(3, 0.02, "0.16² is 0.0256 and 0.12² is 0.0144; their mean is half of their sum");
}

CHECK("6.1", "the picture that comes back as it was lies on the line through (0.6, 0.8)") {
    expect_written(4, 0.4, "0.3 is half of 0.6, so the second pixel is half of 0.8");
}

// ## 6.2 Down, up, and how far off

RESTS_ON("6.2", "3.3", "3.4", "4.2");

// Of each layer the weights, the biases down and the biases up, layer after layer.
static Autoencoder net_of(const Tensors& numbers) {
    std::vector<int> sizes = {numbers.at(0).shape[0]};
    for (int k = 0; k < size_of(numbers); k += 3) sizes.push_back(numbers[k].shape[1]);
    Random random(1);
    Autoencoder net(sizes, random);
    for (int k = 0; k < size_of(numbers); ++k) {
        const Variables& kind = k % 3 == 0 ? net.W : k % 3 == 1 ? net.down : net.up;
        kind[k / 3].set_value(numbers[k]);
    }
    return net;
}

static Tensors random_net(const std::vector<int>& sizes) {
    Tensors numbers;
    for (int k = 0; k + 1 < size_of(sizes); ++k) {
        numbers.push_back(random_tensor({sizes[k], sizes[k + 1]}));
        numbers.push_back(random_tensor({sizes[k + 1]}));
        numbers.push_back(random_tensor({sizes[k]}));
    }
    return numbers;
}

Tensor encoded(const Tensors& W_down_up, const Tensor& x) {
    return net_of(W_down_up).encode(x).value();
}
CALLED(encoded, "encode(x)");

Tensor decoded(const Tensors& W_down_up, const Tensor& code) {
    return net_of(W_down_up).decode(code).value();
}
CALLED(decoded, "decode(code)");

CHECK("6.2", "one layer down, 1 · (−2) + 3 · 0.25 + 0.5: the code −0.75 has no ReLU") {
    const Tensors one = {matrix({{-2}, {0.25f}}), row({0.5f}), row({9, 9})};
    expect_near(ASK(encoded, one, matrix({{1, 3}})), matrix({{-0.75f}}), 1e-6);
}

CHECK("6.2", "two layers down: −1 and 2 become 0 and 2, and only then the code −6 + 1") {
    const Tensors two = {matrix({{-1, 2}}),   row({0, 0}), row({9}),
                         matrix({{5}, {-3}}), row({1}),    row({9, 9})};
    expect_near(ASK(encoded, two, matrix({{1}})), matrix({{-5}}), 1e-6);
}

CHECK("6.2", "one layer up: the code 1 with the weights 2 and −1 becomes σ(2) and σ(−1)") {
    const Tensors one = {matrix({{2}, {-1}}), row({9}), row({0, 0})};
    expect_near(ASK(decoded, one, matrix({{1}})), matrix({{0.880797f, 0.268941f}}), 1e-6);
}

CHECK("6.2", "two layers up: 5 and −3 become 5 and 0, and only then σ(5 · 0.4 − 1)") {
    const Tensors two = {matrix({{0.4f, 2}}), row({9, 9}), row({-1}),
                         matrix({{5}, {-3}}), row({9}),    row({0, 0})};
    expect_near(ASK(decoded, two, matrix({{1}})), matrix({{0.731059f}}), 1e-6);
}

// Narrow and wide, one layer and three, and sizes that are all the same.
static const std::vector<std::vector<int>> sizes = {{4, 3, 2},    {3, 3, 3, 3}, {1, 1},
                                                    {2, 5, 3, 4}, {5, 1},       {1, 4, 1}};

CHECK("6.2", "the encoder, with layers of any sizes and a picture in each row") {
    for (int i = 0; i < size_of(sizes); ++i) {
        const Tensors numbers = random_net(sizes[i]);
        allow_roundings(64);
        ASK(encoded, numbers, random_tensor({1 + i % 3, sizes[i].front()}));
    }
}

CHECK("6.2", "the decoder, with layers of any sizes and a code in each row") {
    for (int i = 0; i < size_of(sizes); ++i) {
        const Tensors numbers = random_net(sizes[i]);
        allow_roundings(64);
        ASK(decoded, numbers, random_tensor({1 + i % 3, sizes[i].back()}));
    }
}

// A network with these variables.
static Autoencoder net_with(const Variables& W_down_up, int count) {
    Tensors numbers;
    for (int k = 0; k < count; ++k) numbers.push_back(W_down_up[k].value());
    Autoencoder net = net_of(numbers);
    for (int k = 0; k < count; ++k)
        (k % 3 == 0 ? net.W : k % 3 == 1 ? net.down : net.up)[k / 3] = W_down_up[k];
    return net;
}

static Variable there_and_back(const Variables& v) { return net_with(v, size_of(v) - 1)(v.back()); }

Tensors net_with_constants(const Tensors& at, const Tensor& dy, int wanted) {
    return with_constants<Variable>(there_and_back, at, dy, wanted);
}
PARTS(net_with_constants, "the picture", "the gradient of W[0]", "the gradient of down[0]",
      "the gradient of up[0]", "the gradient of W[1]", "the gradient of down[1]",
      "the gradient of up[1]", "the gradient of x");

CHECK("6.2", "gradients reach every W on both of its ways, the biases and x, beside constants") {
    Tensors at = random_net({4, 6, 2});
    for (int bias : {1, 5})  // so that most neurons speak
        for (float& b : at[bias].data) b = 0.5f + std::fabs(b);
    at.push_back(random_tensor({3, 4}));
    const Tensor dy = random_tensor({3, 4});
    for (int wanted : {1, 2, 4, 8, 16, 32, 64, 127, 0}) {
        allow_roundings(64);
        ASK(net_with_constants, at, dy, wanted);
    }
}

Tensor net_again(const Tensors& first, const Tensors& then) {
    return after_a_step<Variable>(there_and_back, first, then);
}

CHECK("6.2", "nothing is left over from the last call: other numbers in one place") {
    Tensors first = random_net({3, 2, 2}), then = random_net({3, 2, 2});
    for (Tensors* all : {&first, &then}) all->push_back(random_tensor({2, 3}));
    allow_roundings(64);
    ASK(net_again, first, then);
}

double loss_of(const Tensor& y, const Tensor& target) { return mean_square_loss(y, target); }
CALLED(loss_of, "mean_square_loss(y, target)");

Tensor gradient_of(const Tensor& y, const Tensor& target) {
    return mean_square_gradient(y, target);
}
CALLED(gradient_of, "mean_square_gradient(y, target)");

CHECK("6.2", "two pictures of three pixels, one of them off by 0.6: 0.36 over six pixels is 0.06") {
    const Tensor y = matrix({{0, 1, 0.5f}, {0.9f, 0, 1}}),
                 target = matrix({{0, 1, 0.5f}, {0.3f, 0, 1}});
    expect_near(ASK(loss_of, y, target), 0.06, 1e-7);
    expect_near(ASK(gradient_of, y, target), matrix({{0, 0, 0}, {0.2f, 0, 0}}), 1e-7);
}

CHECK("6.2", "the loss and its gradient, for tensors of any shape") {
    for (const Shape& shape :
         {Shape{3, 4}, Shape{1, 1}, Shape{5}, Shape{2, 3, 2}, Shape{}, Shape{1, 7}, Shape{6, 1}}) {
        const Tensor y = random_tensor(shape), target = random_tensor(shape);
        ASK(loss_of, y, target);
        ASK(gradient_of, y, target);
    }
    expect_near(ASK(gradient_of, row({3, -40}), row({0, 0})), row({3, -40}), 1e-5);
}

CHECK("6.2", "small errors of large numbers are not lost") {
    const Tensor y = row({1000.1f, -999.8f}), target = row({1000, -1000});
    expect_near(ASK(loss_of, y, target), 0.024997, 1e-5);
    ASK(gradient_of, y, target);
}

CHECK("6.2", "one large error and four hundred small ones: the sum is in double") {
    for (int times : {1, 16}) {  // sixteen of them, one after the other, fill every lane
        Tensor y({401 * times});
        std::fill(y.data.begin(), y.data.end(), 0.0625f);
        std::fill(y.data.begin(), y.data.begin() + times, 4096.0f);
        expect_near(ASK(loss_of, y, Tensor(y.shape)), 41838.4477, 1e-3);
    }
}

// The loss on the tape, and the gradient of three times the loss.
Tensors on_the_tape(const Tensor& y, const Tensor& target) {
    const Variable v = parameter(y), loss = mean_square_error(v, target);
    backward(scale(loss, 3));
    return {loss.value(), v.gradient()};
}
PARTS(on_the_tape, "the loss", "the gradient of 3 · the loss");

CHECK("6.2", "on the tape they are one operation") {
    const Tensor y = random_tensor({2, 3}), target = random_tensor({2, 3});
    ASK(on_the_tape, y, target);
}

double loss_again(const Tensor& y, const Tensor& target, const Tensor& then) {
    Tensor at = y;
    const double before = mean_square_loss(at, target);
    mean_square_gradient(at, target);
    std::copy(then.data.begin(), then.data.end(), at.data.begin());
    return mean_square_loss(at, target) - before + 10 * mean_square_gradient(at, target).data[0];
}
CALLED(loss_again, "a second loss and a second gradient, of other numbers in the same place,");

CHECK("6.2", "a second loss and gradient, of other numbers in the same place") {
    const Tensor y = random_tensor({2, 2}), target = random_tensor({2, 2});
    ASK(loss_again, y, target, random_tensor({2, 2}));
}

CHECK("6.2", "a NaN is in the loss, and in the gradient at its place") {
    ASK(loss_of, row({NAN, 1}), row({0, 0}));
    ASK(gradient_of, row({NAN, 1}), row({0, 0}));
}

CHECK("6.2", "what does not fit is refused, with what was got") {
    expect_mentions(ASK_REFUSAL(loss_of, Tensor({2, 3}), Tensor({3, 2})),
                    {"mean_square_loss", "[2, 3]", "[3, 2]"});
    ASK_REFUSAL(loss_of, Tensor({0, 3}), Tensor({0, 3}));
    ASK_REFUSAL(gradient_of, Tensor({3}), Tensor({1, 3}));
    const Tensors numbers = {Tensor({3, 2}), Tensor({2}), Tensor({3})};
    expect_mentions(ASK_REFUSAL(encoded, numbers, Tensor({1, 2})), {"encode", "[1, 2]"});
    expect_mentions(ASK_REFUSAL(decoded, numbers, Tensor({1, 3})), {"decode", "[1, 3]"});
}

// ## 6.3 Holes, made and filled

RESTS_ON("6.3", "6.2");

Tensor holes(const Tensor& x, double share, int seed) {
    Random random(seed);
    return with_holes(x, static_cast<float>(share), random);
}
CALLED(holes, "with_holes(x, share, random)");

CHECK("6.3", "with a share of 0 nothing is hidden, and with 1 everything") {
    const Tensor x = random_tensor({3, 4});
    expect_same_bits(ASK(holes, x, 0.0, 5), x, "a number has changed");
    expect_near(ASK(holes, x, 1.0, 5), Tensor({3, 4}), 0);
}

CHECK("6.3", "a number is 0 where random.uniform() is below the share, one drawn for each") {
    for (const Shape& shape : {Shape{4, 5}, Shape{9}, Shape{2, 3, 3}, Shape{1, 12}, Shape{}}) {
        Tensor x = random_tensor(shape);
        x.data[x.size() / 3] = 0;
        const double share = 0.1 + 0.2 * random_numbers().below(5);
        const Tensor seen = ASK(holes, x, share, 1 + random_numbers().below(1000));
        for (int i = 0; i < x.size(); ++i)
            expect(seen.data.at(i) == 0 || seen.data.at(i) == x.data[i],
                   "what is not hidden stays as it is");
    }
}

CHECK("6.3", "a number that is drawn and equals the share is not below it") {
    const int seed = 1 + random_numbers().below(1000);
    Random random(seed);
    const float share = random.uniform();
    expect_near(ASK(holes, row({0.5f}), static_cast<double>(share), seed), row({0.5f}), 0);
    const double more = static_cast<double>(std::nextafter(share, 2.0f));
    expect_near(ASK(holes, row({0.5f}), more, seed), row({0}), 0);
}

std::pair<Tensor, Tensor> holes_twice(const Tensor& x, double share, int seed) {
    Random random(seed);
    const Tensor first = with_holes(x, static_cast<float>(share), random);
    return {first, with_holes(x, static_cast<float>(share), random)};
}
PARTS(holes_twice, "the first time", "the second time, from the same random");

CHECK("6.3", "the holes are others each time: the numbers of `random` go on") {
    Tensor ones({4, 6});
    std::fill(ones.data.begin(), ones.data.end(), 1.0f);
    const auto [first, second] = ASK(holes_twice, ones, 0.5, 1 + random_numbers().below(1000));
    expect(first.data != second.data, "the same numbers are hidden twice");
}

CHECK("6.3", "half of many numbers are hidden, some in every row and in every column") {
    Tensor ones({40, 30});
    std::fill(ones.data.begin(), ones.data.end(), 1.0f);
    const Tensor seen = ASK(holes, ones, 0.5, 1 + random_numbers().below(1000));
    float left = 0;
    for (float number : seen.data) left += number;
    expect(left > 480 && left < 720, "of 1200 numbers about 600 should be left");
}

// The loss, and its gradient for each parameter.
Tensors denoised(const Tensors& W_down_up, const Tensor& x, double share, int seed) {
    const Autoencoder net = net_of(W_down_up);
    Random random(seed);
    const Variable loss = denoising_loss(net, x, static_cast<float>(share), random);
    backward(loss);
    Tensors all = {loss.value()};
    for (int k = 0; k < size_of(W_down_up); ++k)
        all.push_back((k % 3 == 0 ? net.W : k % 3 == 1 ? net.down : net.up)[k / 3].gradient());
    return all;
}
CALLED(denoised, "denoising_loss(net, x, share, random)");
PARTS(denoised, "the loss", "the gradient of W[0]", "the gradient of down[0]",
      "the gradient of up[0]", "the gradient of W[1]", "the gradient of down[1]",
      "the gradient of up[1]");

CHECK("6.3", "when all is hidden, the network sees zeros and is still asked for the picture") {
    const Tensors halves = {matrix({{4}, {2}}), row({0}), row({0, 0})};
    const Tensors found = ASK(denoised, halves, matrix({{1, 0.5f}, {0.5f, 0}}), 1.0, 3);
    expect_near(found.at(0), Tensor({}, {0.125f}), 1e-6);
}

CHECK("6.3", "the target has no holes: a network that says 1/2 is off by 1/2 from ones") {
    const Tensors halves = {matrix({{0}, {0}, {0}}), row({0}), row({0, 0, 0})};
    const Tensor ones = matrix({{1, 1, 1}, {1, 1, 1}});
    const Tensors found = ASK(denoised, halves, ones, 0.5, 1 + random_numbers().below(100));
    expect_near(found.at(0), Tensor({}, {0.25f}), 1e-6);
}

CHECK("6.3", "any share, and any network of one layer or two") {
    for (int call = 0; call < 4; ++call) {
        const Tensors numbers =
            random_net(call % 2 == 0 ? std::vector<int>{5, 3} : std::vector<int>{4, 6, 2});
        const Tensor x = random_tensor({1 + call, call % 2 == 0 ? 5 : 4});
        const double share = 0.2 + 0.2 * call;
        const int seed = 1 + random_numbers().below(1000);
        allow_roundings(64);
        ASK(denoised, numbers, x, share, seed);
    }
}

std::pair<double, double> denoised_twice(const Tensors& W_down_up, const Tensor& x, int seed) {
    const Autoencoder net = net_of(W_down_up);
    Random random(seed);
    const double first = static_cast<double>(denoising_loss(net, x, 0.5f, random).value().data[0]);
    return {first, static_cast<double>(denoising_loss(net, x, 0.5f, random).value().data[0])};
}
PARTS(denoised_twice, "the loss", "the loss of the same pictures, with other holes");

double drawn_after_loss(const Tensors& W_down_up, const Tensor& x, double share, int seed) {
    Random random(seed);
    denoising_loss(net_of(W_down_up), x, static_cast<float>(share), random);
    return static_cast<double>(random.uniform());
}
CALLED(drawn_after_loss, "random.uniform(), after denoising_loss(net, x, share, random),");

CHECK("6.3", "a second loss of the same pictures has other holes") {
    const Tensors numbers = random_net({6, 3});
    const Tensor x = random_tensor({2, 6});
    allow_roundings(64);
    ASK(denoised_twice, numbers, x, 1 + random_numbers().below(1000));
    ASK(drawn_after_loss, numbers, x, 0.0, 1 + random_numbers().below(1000));
}

Tensor filled(const Tensors& W_down_up, const Tensor& x, const Tensor& known, int passes) {
    return filled_in(net_of(W_down_up), x, known, passes);
}
CALLED(filled, "filled_in(net, x, known, passes)");

static Tensor random_mask(const Shape& shape) {
    Tensor mask(shape);
    for (float& number : mask.data) number = static_cast<float>(random_numbers().below(2));
    return mask;
}

// A picture as digits are: from 0 to 1, and dark at every second pixel or so.
static Tensor random_picture(const Shape& shape) {
    Tensor x = random_tensor(shape);
    for (float& pixel : x.data) pixel = random_numbers().below(2) == 0 ? 0 : std::fabs(pixel);
    return x;
}

CHECK("6.3",
      "one pass: the network sees 1 and 0, and what it says of the second pixel is put there") {
    const Tensors net = {matrix({{2}, {1}}), row({0}), row({0, 0})};
    const Tensor y = ASK(filled, net, matrix({{1, 0.7f}}), matrix({{1, 0}}), 1);
    expect_near(y, matrix({{1, 0.880797f}}), 1e-6);
}

CHECK("6.3", "a second pass: now it sees 1 and 0.88, and says σ(2.88) = 0.947") {
    const Tensors net = {matrix({{2}, {1}}), row({0}), row({0, 0})};
    const Tensor y = ASK(filled, net, matrix({{1, 0.7f}}), matrix({{1, 0}}), 2);
    expect_near(y, matrix({{1, 0.946889f}}), 1e-6);
}

CHECK("6.3", "what is known stays bit for bit, whatever number says that it is known") {
    const Tensors numbers = random_net({4, 3});
    const Tensor x = matrix({{0.3f, 0.4f, 0.7f, 0}, {0, 0.9f, 0, 1}});
    const Tensor known = matrix({{0.5f, 0, -1, 2}, {1, 1, 0, 1}});
    const Tensor y = ASK(filled, numbers, x, known, 2);
    for (int i = 0; i < x.size(); ++i)
        if (known.data[i] != 0)
            expect(y.data.at(i) == x.data[i], "a number that is known has changed");
    Tensor all({2, 4});
    std::fill(all.data.begin(), all.data.end(), 1.0f);
    expect_same_bits(ASK(filled, numbers, x, all, 3), x, "all is known, and something has changed");
}

CHECK("6.3", "what x has in a hole has no say, not even NaN") {
    const Tensors numbers = random_net({4, 3});
    Tensor x = random_picture({1, 4});
    const Tensor known = matrix({{1, 0, 1, 0}});
    const Tensor before = ASK(filled, numbers, x, known, 1);
    for (const auto& [one, other] : {std::pair(NAN, 1e30f), std::pair(INFINITY, -INFINITY)}) {
        x.data[1] = one, x.data[3] = other;
        expect_same_bits(ASK(filled, numbers, x, known, 1), before, "it came to something else");
    }
}

CHECK("6.3", "any holes, any number of pictures, any number of passes") {
    for (int call = 0; call < 5; ++call) {
        const Tensors numbers =
            random_net(call % 2 == 0 ? std::vector<int>{5, 3} : std::vector<int>{5, 4, 2});
        const Tensor x = random_picture({1 + call, 5});
        const Tensor known = random_mask({1 + call, 5});
        allow_roundings(64);
        ASK(filled, numbers, x, known, 1 + call);
    }
    const Tensors numbers = random_net({2, 1});
    ASK(filled, numbers, matrix({{1, 1}}), Tensor({1, 2}), 3);
    const Tensor known = matrix({{1, 1}, {0, 1}, {1, 1}, {0, 0}});
    ASK(filled, numbers, random_picture({4, 2}), known, 1);
}

std::pair<Tensor, Tensor> filled_twice(const Tensors& W_down_up, const Tensor& x,
                                       const Tensor& then, const Tensor& known) {
    const Autoencoder net = net_of(W_down_up);
    Tensor at = x;
    const Tensor first = filled_in(net, at, known, 2);
    std::copy(then.data.begin(), then.data.end(), at.data.begin());
    return {first, filled_in(net, at, known, 2)};
}
PARTS(filled_twice, "the first answer", "the answer to other numbers in the same place");

CHECK("6.3", "nothing is left over from the last call") {
    const Tensors numbers = random_net({3, 2});
    const Tensor x = random_picture({2, 3}), then = random_picture({2, 3});
    const Tensor known = matrix({{1, 0, 1}, {0, 1, 1}});
    allow_roundings(64);
    ASK(filled_twice, numbers, x, then, known);
}

CHECK("6.3", "as many passes as are asked for, though a pixel comes ever more slowly to rest") {
    const Tensors net = {matrix({{0}, {2}}), row({0}), row({0, -2})};  // y becomes σ(4 y − 2)
    for (int passes : {11, 100}) ASK(filled, net, matrix({{1, 0}}), matrix({{1, 0}}), passes);
}

double drawn_after_holes(const Tensor& x, double share, int seed) {
    Random random(seed);
    with_holes(x, static_cast<float>(share), random);
    return static_cast<double>(random.uniform());
}
CALLED(drawn_after_holes, "random.uniform(), after with_holes(x, share, random),");

CHECK("6.3", "one is drawn for each number, whatever the share: `random` goes on from there") {
    for (double share : {0.0, 0.5, 1.0})
        ASK(drawn_after_holes, matrix({{1, 0.5f, 1}, {0.25f, 1, 1}}), share,
            1 + random_numbers().below(1000));
}

CHECK("6.3", "what does not fit is refused, with what was got") {
    expect_mentions(ASK_REFUSAL(holes, Tensor({2}), 1.5, 1), {"with_holes", "1.5"});
    ASK_REFUSAL(holes, Tensor({2}), -0.5, 1);
    const Tensors net = {Tensor({3, 1}), Tensor({1}), Tensor({3})};
    expect_mentions(ASK_REFUSAL(filled, net, Tensor({1, 3}), Tensor({3, 1}), 1),
                    {"filled_in", "[1, 3]", "[3, 1]"});
    expect_mentions(ASK_REFUSAL(filled, net, Tensor({1, 3}), Tensor({1, 3}), 0),
                    {"filled_in", "0"});
    ASK_REFUSAL(denoised, net, Tensor({1, 2}), 0.5, 1);
}

// ## 6.4 How unusual?

RESTS_ON("6.4", "1.3", "1.4");

Tensor errors_of(const Tensor& y, const Tensor& x) { return picture_errors(y, x); }
CALLED(errors_of, "picture_errors(y, x)");

double area(const Tensor& usual, const Tensor& unusual) { return area_under_curve(usual, unusual); }
CALLED(area, "area_under_curve(usual, unusual)");

CHECK("6.4", "two pictures of two pixels: (0.6² + 0)/2 is 0.18, and (0.2² + 0.4²)/2 is 0.1") {
    const Tensor y = matrix({{0.6f, 1}, {0.3f, 0.9f}}), x = matrix({{0, 1}, {0.5f, 0.5f}});
    expect_near(ASK(errors_of, y, x), row({0.18f, 0.1f}), 1e-6);
}

CHECK("6.4", "the errors of any number of pictures of any number of pixels") {
    for (const Shape& shape : {Shape{3, 5}, Shape{1, 4}, Shape{4, 1}, Shape{5, 3}, Shape{3, 3}}) {
        const Tensor y = random_tensor(shape), x = random_tensor(shape);
        ASK(errors_of, y, x);
    }
    ASK(errors_of, matrix({{1000.5f, -1000}}), matrix({{1000, -1000}}));
}

CHECK("6.4", "all unusual scores above all usual ones: 1; all below: 0") {
    expect_near(ASK(area, row({0.1f, 0.2f, 0.3f}), row({0.4f, 0.5f})), 1, 1e-9);
    expect_near(ASK(area, row({0.4f, 0.5f, 0.6f}), row({0.2f, 0.3f})), 0, 1e-9);
}

CHECK("6.4", "usual 1 and 3, unusual 2 and 4: in three of four pairs the unusual one is larger") {
    expect_near(ASK(area, row({3, 1}), row({2, 4})), 0.75, 1e-9);
}

CHECK("6.4", "a draw counts half: usual 1 and 2, unusual 2 and 3 are 3.5 of 4; all equal is 1/2") {
    expect_near(ASK(area, row({1, 2}), row({2, 3})), 0.875, 1e-9);
    expect_near(ASK(area, row({7, 7, 7}), row({7, 7})), 0.5, 1e-9);
}

// So many whole numbers below a bound, as scores.
static Tensor random_scores(int count, int below) {
    Tensor scores({count});
    for (float& score : scores.data) score = static_cast<float>(random_numbers().below(below));
    return scores;
}

CHECK("6.4", "any scores, with and without draws, and lists of any lengths") {
    for (int call = 0; call < 8; ++call) {
        const int N = 1 + random_numbers().below(20), M = 1 + random_numbers().below(20);
        const Tensor usual = random_scores(N, call % 2 == 0 ? 5 : 1000);
        ASK(area, usual, random_scores(M, call % 2 == 0 ? 5 : 1000));
    }
    ASK(area, row({0.5f}), row({0.25f}));
    ASK(area, row({0.5f}), row({0.5f}));
}

CHECK("6.4", "only the order of the scores counts, not how large they are or how near") {
    const Tensor near = row({1, 1.0000001f, -3}), far = row({1, 1.0000002f, 5e-20f});
    const double first = ASK(area, near, far);
    expect_near(first, 5.5 / 9, 1e-9);
    const Tensor large = row({2, 3e37f, -INFINITY}), larger = row({2, INFINITY, -7});
    expect_near(ASK(area, large, larger), first, 1e-9);
}

CHECK("6.4", "with the lists exchanged, the area is what is missing to 1") {
    const Tensor a = random_scores(15, 8), b = random_scores(6, 8);
    const double one = ASK(area, a, b);
    expect_near(ASK(area, b, a), 1 - one, 1e-9);
}

CHECK("6.4", "hundreds of scores") {
    const Tensor usual = random_scores(300, 50);
    ASK(area, usual, random_scores(200, 60));
}

Tensor errors_again(const Tensors& first, const Tensors& then) {
    return in_the_same_place([](const Tensors& v) { return picture_errors(v[0], v[1]); }, first,
                             then);
}
CALLED(errors_again, "picture_errors(y, x), asked once more");

double area_again(const Tensor& usual, const Tensor& first, const Tensor& then) {
    Tensor unusual = first;
    area_under_curve(usual, unusual);
    std::copy(then.data.begin(), then.data.end(), unusual.data.begin());
    return area_under_curve(usual, unusual);
}
CALLED(area_again, "area_under_curve(usual, unusual), asked once more");

CHECK("6.4", "nothing is left over from the last call") {
    ASK(area_again, row({1, 3, 5}), row({4, 6}), row({0, 2}));
    Tensors first, then;
    for (Tensors* two : {&first, &then})
        for (int i = 0; i < 2; ++i) two->push_back(random_tensor({2, 3}));
    ASK(errors_again, first, then);
}

CHECK("6.4", "each picture has an error of its own: a NaN stays with its picture") {
    const Tensor y = matrix({{0.1f, 0.2f}, {NAN, 1}, {0.6f, 1}}),
                 x = matrix({{0, 0}, {0, 1}, {0, 1}});
    ASK(errors_of, y, x);
}

CHECK("6.4", "equal scores are a draw, whatever they are: two infinities, 0 and −0, −1") {
    for (float score : {0.0f, -1.0f, 1.0f, INFINITY, -INFINITY})
        expect_near(ASK(area, row({score}), row({score, score})), 0.5, 1e-9);
    expect_near(ASK(area, row({0}), row({-0.0f})), 0.5, 1e-9);
    expect_near(ASK(area, row({-0.0f}), row({0})), 0.5, 1e-9);
}

// All usual scores are 0, and so are the last unusual ones; the others are 1.
double area_of_many(int num_usual, int num_unusual, int draws) {
    Tensor unusual({num_unusual});
    std::fill(unusual.data.begin(), unusual.data.end() - draws, 1.0f);
    return area_under_curve(Tensor({num_usual}), unusual);
}
CALLED(area_of_many, "area_under_curve(usual zeros, unusual ones and zeros)");

CHECK("6.4", "thousands of scores: the pairs do not outgrow what counts them") {
    expect_near(ASK_UNRECORDED(area_of_many, 3500, 3500, 500), 0.9285714, 1e-3);
}

CHECK("6.4", "no scores, or scores that are no numbers, are refused") {
    expect_mentions(ASK_REFUSAL(area, Tensor(Shape{0}), row({1})), {"area_under_curve", "[0]"});
    ASK_REFUSAL(area, row({1}), Tensor(Shape{0}));
    ASK_REFUSAL(area, row({1, NAN}), row({1}));
    ASK_REFUSAL(area, matrix({{1, 2}}), row({1}));
    ASK_REFUSAL(errors_of, Tensor({2, 3}), Tensor({3, 2}));
}

// ## 6.5 Diffusion

Tensor smooth(const Tensor& x, const Tensor& known) { return diffused(x, known); }
CALLED(smooth, "diffused(x, known)");

// Each pixel in a hole must be the mean of its neighbours, and all others as they were.
static void expect_smooth(const Tensor& y, const Tensor& x, const Tensor& known) {
    expect(y.shape == x.shape, "the picture has changed its shape");
    const int R = x.shape[0], C = x.shape[1];
    for (int r = 0; r < R; ++r)
        for (int c = 0; c < C; ++c) {
            const std::string where =
                "pixel (" + std::to_string(r) + ", " + std::to_string(c) + ")";
            const float here = y.data.at(r * C + c);
            if (known.data[r * C + c] != 0) {
                expect(here == x.data[r * C + c], where + " is known, and has changed");
                continue;
            }
            double total = 0;
            int count = 0;
            const auto add = [&](int row, int column) {
                if (row < 0 || row >= R || column < 0 || column >= C) return;
                total += static_cast<double>(y.data[row * C + column]);
                ++count;
            };
            add(r - 1, c), add(r + 1, c), add(r, c - 1), add(r, c + 1);
            expect(std::fabs(total / count - static_cast<double>(here)) <= 1.1e-5,
                   where + " is " + std::to_string(here) + ", and the mean of its " +
                       std::to_string(count) + " neighbours is " + std::to_string(total / count));
        }
}

// Asks, and expects that.
static Tensor smoothed(const Tensor& x, const Tensor& known) {
    const Tensor y = ASK_UNRECORDED(smooth, x, known);
    expect_smooth(y, x, known);
    return y;
}

CHECK("6.5", "a row 0 ? ? 0.9 becomes 0 0.3 0.6 0.9") {
    const Tensor y = smoothed(matrix({{0, 5, 5, 0.9f}}), matrix({{1, 0, 0, 1}}));
    expect_near(y, matrix({{0, 0.3f, 0.6f, 0.9f}}), 1e-4);
}

CHECK("6.5", "in a corner the mean is over two neighbours, at the rim over three") {
    const Tensor corner = smoothed(matrix({{0, 0.2f}, {0.6f, 1}}), matrix({{0, 1}, {1, 1}}));
    expect_near(corner, matrix({{0.4f, 0.2f}, {0.6f, 1}}), 1e-4);
    const Tensor rim =
        smoothed(matrix({{0.3f, 0, 0.6f}, {1, 0.9f, 1}}), matrix({{1, 0, 1}, {1, 1, 1}}));
    expect_near(rim, matrix({{0.3f, 0.6f, 0.6f}, {1, 0.9f, 1}}), 1e-4);
    const Tensor last = smoothed(matrix({{0.3f, 0.8f, 0, 0}}), matrix({{1, 1, 0, 0}}));
    expect_near(last, matrix({{0.3f, 0.8f, 0.8f, 0.8f}}), 1e-4);
}

CHECK("6.5", "a pixel in the middle is the mean of four, of which none lies across a corner") {
    const Tensor x = matrix({{1, 0.1f, 1}, {0.2f, 0, 0.4f}, {1, 0.9f, 1}});
    const Tensor known = matrix({{1, 1, 1}, {1, 0, 1}, {1, 1, 1}});
    expect_near(smoothed(x, known), matrix({{1, 0.1f, 1}, {0.2f, 0.4f, 0.4f}, {1, 0.9f, 1}}), 1e-4);
}

CHECK("6.5", "a slope goes on through a hole as it was") {
    Tensor x({5, 6}), known({5, 6});
    for (int i = 0; i < 30; ++i) {
        const int r = i / 6, c = i % 6;
        const bool hole = r > 0 && r < 4 && c > 0 && c < 5;
        x.data[i] = 0.3f + 0.1f * r - 0.05f * c, known.data[i] = hole ? 0 : 1;
    }
    expect_near(smoothed(x, known), x, 2e-4);
}

CHECK("6.5", "any holes in pictures of any size") {
    for (const Shape& shape : {Shape{4, 5}, Shape{5, 3}, Shape{1, 6}, Shape{6, 1}, Shape{4, 4}}) {
        const Tensor x = random_picture(shape);
        Tensor known = random_mask(shape);
        known.data[random_numbers().below(x.size())] = 1;
        smoothed(x, known);
    }
}

CHECK("6.5", "from one known pixel everything becomes that pixel") {
    Tensor x({3, 4}), known({3, 4});
    const int place = random_numbers().below(12);
    x.data[place] = 0.25f, known.data[place] = 2;
    Tensor all({3, 4});
    std::fill(all.data.begin(), all.data.end(), 0.25f);
    expect_near(smoothed(x, known), all, 2e-3);
}

CHECK("6.5", "a long hole needs more passes than a short one: from 0 to 1 over 28 pixels") {
    Tensor x({1, 30}), known({1, 30}), ramp({1, 30});
    x.data[29] = 1, known.data[0] = known.data[29] = 1;
    for (int i = 0; i < 30; ++i) ramp.data[i] = static_cast<float>(i) / 29;
    expect_near(smoothed(x, known), ramp, 2e-3);
    known.data[0] = 0;  // open at one end, it needs still more
    smoothed(x, known);
}

CHECK("6.5", "what x has in a hole has no say, not even NaN") {
    Tensor x = random_picture({3, 4});
    const Tensor known = matrix({{1, 0, 1, 1}, {0, 0, 1, 0}, {1, 1, 0, 1}});
    const Tensor before = smoothed(x, known);
    for (float there : {NAN, INFINITY}) {
        for (int i = 0; i < 12; ++i)
            if (known.data[i] == 0) x.data[i] = there;
        expect_near(smoothed(x, known), before, 1e-4);
    }
}

CHECK("6.5", "where all is known, nothing changes") {
    const Tensor x = random_picture({3, 2});
    Tensor all({3, 2});
    std::fill(all.data.begin(), all.data.end(), 1.0f);
    smoothed(x, all);
    smoothed(matrix({{0.3f}}), matrix({{1}}));
    const Tensor chequered = matrix({{0, 1}, {1, 0}, {0, 1}});
    smoothed(chequered, matrix({{1, 0.25f}, {-1, 2}, {0.75f, -0.25f}}));
}

std::pair<Tensor, Tensor> smooth_twice(const Tensor& x, const Tensor& then, const Tensor& known) {
    Tensor at = x;
    const Tensor first = diffused(at, known);
    std::copy(then.data.begin(), then.data.end(), at.data.begin());
    return {first, diffused(at, known)};
}
CALLED(smooth_twice, "diffused(x, known), and again with other numbers in the same place,");

CHECK("6.5", "nothing is left over from the last call") {
    const Tensor x = random_picture({3, 3}), then = random_picture({3, 3});
    const Tensor known = matrix({{1, 0, 1}, {1, 0, 0}, {1, 1, 1}});
    const auto [first, second] = ASK_UNRECORDED(smooth_twice, x, then, known);
    expect_smooth(first, x, known);
    expect_smooth(second, then, known);
}

CHECK("6.5", "a picture of which nothing is known is refused, and so is what does not fit") {
    expect_mentions(ASK_REFUSAL(smooth, Tensor({2, 3}), Tensor({2, 3})), {"diffused", "[2, 3]"});
    expect_mentions(ASK_REFUSAL(smooth, Tensor({2, 3}), Tensor({3, 2})), {"diffused", "[3, 2]"});
    ASK_REFUSAL(smooth, Tensor({4}), Tensor({4}));
}

}  // namespace checks_06
