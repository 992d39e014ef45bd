#include "21_vision.hpp"

#include "grader/check.hpp"

#include <cmath>
#include <utility>

namespace hidden_21 {

Tensor cut(const Tensor& pictures, int P) { return patches_of(pictures, P); }
CALLED(cut, "patches_of");

Tensor cut_and_put_together(const Tensor& pictures, int P) {
    return pictures_of(patches_of(pictures, P), pictures.shape[1], pictures.shape[2], P);
}
CALLED(cut_and_put_together, "pictures_of(patches_of(…))");

CHECK("21.2", "a long strip, upright and lying, in squares of 3") {
    for (const Shape& shape : std::vector<Shape>{{2, 33, 3}, {2, 3, 33}}) {
        const Tensor x = random_tensor(shape), found = ASK(cut, x, 3);
        expect(found.shape == Shape({2, 11, 9}), "it has eleven patches");
        for (int n = 0; n < 11; ++n) {
            const float corner =
                shape[1] == 33 ? x.data[99 + 3 * n * 3] : x.data[99 + 3 * n];
            expect(found.data.at((11 + n) * 9) == corner, "a patch begins with another pixel");
        }
        expect_near(ASK(cut_and_put_together, x, 3), x, 0);
    }
}

static VisionTransformer small_net(int layers, Summary summary) {
    VisionSettings settings;
    settings.stack = {4, 2, 6, layers};
    settings.rows = 2, settings.columns = 6, settings.patch = 2, settings.kinds = 3;
    settings.summary = summary;
    Random random(7);
    return VisionTransformer(settings, random);
}

// The logits of a picture, and those when its patches and their positions have changed places.
std::vector<Tensor> exchanged(const Tensor& picture, bool mean) {
    const auto net = small_net(2, mean ? Summary::mean : Summary::class_token);
    const Tensor first = net(picture).value();
    Tensor other = picture, S = net.positions.value();
    for (int r = 0; r < 2; ++r)
        for (int c = 0; c < 2; ++c) std::swap(other.data[r * 6 + c], other.data[r * 6 + 4 + c]);
    for (int k = 0; k < 4; ++k) std::swap(S.data[4 + k], S.data[12 + k]);
    net.positions.set_value(S);
    return {first, net(other).value()};
}
CALLED(exchanged, "the logits, before and after");
PARTS(exchanged, "before", "after");

CHECK("21.3", "patches that change places together with their positions change nothing") {
    for (bool mean : {false, true}) {
        const Tensor picture = random_tensor({1, 2, 6});
        allow_roundings(1024);
        const auto found = ASK(exchanged, picture, mean);
        for (int k = 0; k < 3; ++k)
            expect(std::fabs(found.at(0).data.at(k) - found.at(1).data.at(k)) < 1e-4f,
                   "the logits have changed");
    }
}

// What a network with 17 × 19 pixels has: E, e, c, S, and the logits' shape.
std::vector<int> sizes_of(int rows, int columns, int P) {
    VisionSettings settings;
    settings.stack = {4, 1, 2, 1};
    settings.rows = rows, settings.columns = columns, settings.patch = P, settings.kinds = 2;
    Random random(1);
    const VisionTransformer net(settings, random);
    const Shape x = net.embed(Tensor({3, rows, columns})).shape();
    const Shape z = net(Tensor({3, rows, columns})).shape();
    return {x[0], x[1], x[2], z[0], z[1]};
}
CALLED(sizes_of, "the shapes of what embed and the network return");

CHECK("21.3", "a picture of one patch, and one of many") {
    expect(ASK(sizes_of, 5, 5, 5) == std::vector<int>{3, 2, 4, 3, 2}, "two tokens are read");
    expect(ASK(sizes_of, 17, 19, 1) == std::vector<int>{3, 324, 4, 3, 2}, "324 tokens are read");
}

double grey(const Tensor& picture, double y, double x) {
    return grey_at(picture, static_cast<float>(y), static_cast<float>(x));
}
CALLED(grey, "grey_at");

CHECK("21.4", "in a picture of one colour every place inside has it") {
    const Tensor white({5, 4}, std::vector<float>(20, 0.75f));
    for (int i = 0; i < 20; ++i) {
        const float y = random_numbers().uniform(0, 4), x = random_numbers().uniform(0, 3);
        expect_near(ASK_UNRECORDED(grey, white, 1.0 * y, 1.0 * x), 0.75, 1e-6);
    }
}

CHECK("21.4", "just above the first row and just behind the last column it fades evenly") {
    const Tensor white({2, 2}, {1, 1, 1, 1});
    for (double far : {0.125, 0.25, 0.875}) {
        expect_near(ASK(grey, white, -far, 0.5), 1 - far, 1e-6);
        expect_near(ASK(grey, white, 0.5, 1 + far), 1 - far, 1e-6);
    }
}

// Two motions, one behind the other, beside the one that is both.
std::vector<Tensor> there_and_back(const Tensor& picture) {
    Motion quarter, back;
    quarter.yy = 0, quarter.yx = 1, quarter.xy = -1, quarter.xx = 0;
    back.yy = 0, back.yx = -1, back.xy = 1, back.xx = 0;
    return {moved(moved(picture, quarter), back), moved(moved(picture, back), quarter)};
}
CALLED(there_and_back, "a quarter of a turn, and back");
PARTS(there_and_back, "one way first", "the other way first");

CHECK("21.4", "a quarter of a turn and back is nothing at all") {
    const Tensor picture = random_tensor({5, 5});
    for (const Tensor& found : ASK(there_and_back, picture)) expect_near(found, picture, 1e-5);
}

// The mean of many batches, by a network that knows one kind only.
double share_of_kind(const std::vector<int>& labels, int batch) {
    const auto net = [](const Tensor& some) {
        Tensor z({some.shape[0], 2});
        for (int i = 0; i < some.shape[0]; ++i) z.data[2 * i] = 1;
        return Variable(z);
    };
    return measure(net, Tensor({size_of(labels), 1, 1}), labels, batch).right;
}
CALLED(share_of_kind, "measure, the share that is right");

CHECK("21.5", "who always says 0 is right for the share of zeros, whatever stands last") {
    std::vector<int> labels(101, 0);
    labels.back() = 1;
    expect_near(ASK(share_of_kind, labels, 10), 100.0 / 101, 1e-6);
    labels[0] = 1;
    expect_near(ASK(share_of_kind, labels, 100), 99.0 / 101, 1e-6);
}

Tensor rolled(const std::vector<Tensor>& A) { return rollout(A); }
CALLED(rolled, "rollout");

CHECK("21.6", "in twenty layers that look at nothing but themselves, all stays where it is") {
    Tensor I({1, 3, 3});
    for (int t = 0; t < 3; ++t) I.data[4 * t] = 1;
    expect_near(ASK(rolled, std::vector<Tensor>(20, I)), I, 1e-5);
}

CHECK("21.6", "in many layers that look everywhere, everything is everywhere") {
    const Tensor even({2, 4, 4}, std::vector<float>(32, 0.25f));
    expect_near(ASK(rolled, std::vector<Tensor>(40, even)), even, 1e-5);
}

}  // namespace hidden_21
