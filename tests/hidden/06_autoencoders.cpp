#include "06_autoencoders.hpp"

#include "grader/check.hpp"

#include <algorithm>
#include <cmath>

namespace hidden_06 {

using Tensors = std::vector<Tensor>;

// A network of one layer, and what it makes of x.
Tensor one_layer(const Tensor& W, const Tensor& down, const Tensor& up, const Tensor& x) {
    Random random(1);
    const Autoencoder net({W.shape[0], W.shape[1]}, random);
    net.W[0].set_value(W), net.down[0].set_value(down), net.up[0].set_value(up);
    return net(x).value();
}

CHECK("6.2", "neurons that change places, with their weights and biases, change nothing") {
    const Tensor W = random_tensor({3, 2}), down = random_tensor({2}), up = random_tensor({3});
    const Tensor x = random_tensor({2, 3});
    const Tensor turned =
        matrix({{W.data[1], W.data[0]}, {W.data[3], W.data[2]}, {W.data[5], W.data[4]}});
    allow_roundings(64);
    const Tensor before = ASK(one_layer, W, down, up, x);
    allow_roundings(64);
    const Tensor after = ASK(one_layer, turned, row({down.data[1], down.data[0]}), up, x);
    expect_near(after, before, 1e-5);
}

// The loss of y, of y once more below itself, and the gradients of both.
std::tuple<double, double, Tensor, Tensor> batch_and_twice(const Tensor& y, const Tensor& target) {
    const auto twice = [](const Tensor& x) {
        Tensor both({2 * x.shape[0], x.shape[1]});
        std::copy(x.data.begin(), x.data.end(), both.data.begin());
        std::copy(x.data.begin(), x.data.end(), both.data.begin() + x.size());
        return both;
    };
    return {mean_square_loss(y, target), mean_square_loss(twice(y), twice(target)),
            mean_square_gradient(y, target), mean_square_gradient(twice(y), twice(target))};
}
PARTS(batch_and_twice, "the loss", "the loss of the same batch twice", "the gradient",
      "the gradient of the same batch twice");

CHECK("6.2", "the same batch twice has the same loss, and half of the gradient for each picture") {
    const Tensor y = random_tensor({3, 4}), target = random_tensor({3, 4});
    const auto [once, twice, d_once, d_twice] = ASK(batch_and_twice, y, target);
    expect_near(twice, once, 1e-6);
    for (int i = 0; i < d_once.size(); ++i)
        expect_near(d_twice.data.at(i), d_once.data[i] / 2, 1e-6);
}

Tensor holes_of(const Tensor& x, double share, int seed) {
    Random random(seed);
    return with_holes(x, static_cast<float>(share), random);
}

CHECK("6.3", "a larger share hides what a smaller one hides, and more") {
    Tensor ones({5, 6});
    std::fill(ones.data.begin(), ones.data.end(), 1.0f);
    const int seed = 1 + random_numbers().below(1000);
    const Tensor few = ASK(holes_of, ones, 0.25, seed);
    const Tensor many = ASK(holes_of, ones, 0.75, seed);
    for (int i = 0; i < ones.size(); ++i)
        expect(many.data.at(i) <= few.data.at(i), "a number is hidden by the smaller share only");
}

double area_of(const Tensor& usual, const Tensor& unusual) {
    return area_under_curve(usual, unusual);
}

CHECK("6.4", "the area is the share of pairs, counted one by one") {
    Tensor usual({17}), unusual({12});
    for (float& score : usual.data) score = 0.25f * static_cast<float>(random_numbers().below(9));
    for (float& score : unusual.data)
        score = 0.25f * static_cast<float>(random_numbers().below(12));
    double won = 0;
    for (float a : usual.data)
        for (float b : unusual.data) won += b > a ? 1.0 : b == a ? 0.5 : 0.0;
    expect_near(ASK(area_of, usual, unusual), won / (17 * 12), 1e-9);
}

Tensor smooth_of(const Tensor& x, const Tensor& known) { return diffused(x, known); }

static Tensor random_picture(const Shape& shape) {
    Tensor x = random_tensor(shape);
    for (float& pixel : x.data) pixel = std::fabs(pixel);
    return x;
}

CHECK("6.5", "a hole lies between the darkest and the brightest pixel of its rim") {
    const Tensor x = random_picture({5, 5});
    Tensor known({5, 5});
    for (int i = 0; i < 25; ++i) {
        const int r = i / 5, c = i % 5;
        known.data[i] = r == 0 || r == 4 || c == 0 || c == 4 ? 1.0f : 0.0f;
    }
    const Tensor y = ASK_UNRECORDED(smooth_of, x, known);
    expect(y.shape == x.shape, "the picture has changed its shape");
    float least = 1, most = -1;
    for (int i = 0; i < 25; ++i)
        if (known.data[i] != 0)
            least = std::min(least, x.data[i]), most = std::max(most, x.data[i]);
    for (float pixel : y.data)
        expect(pixel >= least - 1e-5f && pixel <= most + 1e-5f, "a pixel lies outside");
}

CHECK("6.5", "a picture that is turned by its diagonal is filled like the first one, turned") {
    const Tensor x = random_picture({3, 4});
    const Tensor known = matrix({{1, 0, 0, 1}, {0, 0, 1, 1}, {1, 0, 0, 0}});
    const auto turned = [](const Tensor& a) {
        Tensor b({a.shape[1], a.shape[0]});
        for (int r = 0; r < a.shape[0]; ++r)
            for (int c = 0; c < a.shape[1]; ++c)
                b.data[c * a.shape[0] + r] = a.data.at(r * a.shape[1] + c);
        return b;
    };
    const Tensor y = ASK_UNRECORDED(smooth_of, x, known);
    expect(y.shape == x.shape, "the picture has changed its shape");
    expect_near(ASK_UNRECORDED(smooth_of, turned(x), turned(known)), turned(y), 2e-4);
}

}  // namespace hidden_06
