// Who learns, and how.

#include "17_transformer.hpp"
#include "data/clothes.hpp"
#include "data/digits.hpp"
#include "demos/21_seeing/seeing.hpp"
#include "training/data_parallel.hpp"

#include <algorithm>
#include <numeric>

namespace seeing {

// ## What is seen

static Examples examples_of(const Pictures& pictures, int side) {
    return {Tensor({size_of(pictures.labels), side, side}, pictures.pixels), pictures.labels};
}

Contest digits() {
    const Dataset<Pictures> all = ::digits::read();
    const int side = ::digits::side;
    return {"digits",
            {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"},
            examples_of(all.training, side),
            examples_of(all.held_out, side),
            side};
}

Contest clothes() {
    const Dataset<Pictures> all = ::clothes::read();
    const int side = ::clothes::side;
    return {"clothes", ::clothes::kinds(), examples_of(all.training, side),
            examples_of(all.held_out, side), side};
}

Examples Contest::part(bool fifth) const {
    std::vector<int> rows;
    for (int i = 0; i < size_of(known.kinds); ++i)
        if ((i % 5 == 4) == fifth) rows.push_back(i);
    return {gather_rows(known.x, rows), gather_rows(known.kinds, rows)};
}

// ## Networks

// A network of chapter 4, which knows nothing of rows and columns.
namespace {

struct Plain {
    Linear hidden, output;

    Plain(int pixels, int neurons, int K, Random& random)
        : hidden(pixels, neurons, random), output(neurons, K, random) {}
    Variable operator()(const Tensor& pictures, const Dropout&) const {
        const int B = pictures.shape[0], pixels = hidden.W.shape()[0];
        return output(relu(hidden(reshape(pictures, {B, pixels}))));
    }
    Parameters parameters() const {
        return {hidden.W, hidden.b, output.W, output.b};
    }
};

// The same weights at every pixel, for it and the eight around it; then a linear layer.
struct Convolution {
    int side;
    Linear around, output;

    Convolution(int side_, int features, int K, Random& random)
        : side(side_), around(9, features, random), output(side * side * features, K, random) {}

    static Tensor surroundings(const Tensor& x) {  // [B, R, C] → [B, R C, 9]
        const int B = x.shape[0], R = x.shape[1], C = x.shape[2];
        Tensor all({B, R * C, 9});
        for (int place = 0; place < all.rows(); ++place)
            for (int k = 0; k < 9; ++k) {
                const int b = place / (R * C);
                const int r = place / C % R + k / 3 - 1, c = place % C + k % 3 - 1;
                if (r >= 0 && r < R && c >= 0 && c < C) all.row(place)[k] = x.row(b * R + r)[c];
            }
        return all;
    }
    Variable operator()(const Tensor& pictures, const Dropout&) const {
        const Variable found = relu(around(surroundings(pictures)));
        return output(reshape(found, {pictures.shape[0], output.W.shape()[0]}));
    }
    Parameters parameters() const {
        return {around.W, around.b, output.W, output.b};
    }
};

}  // namespace

template <class Net>
static Pupil pupil(const std::string& name, const Net& net, const std::vector<Net>& twins) {
    Pupil result;
    result.name = name;
    result.parameters = net.parameters();
    result.own = [net](const Tensor& pictures) { return net(pictures, Dropout()); };
    for (const Net& twin : twins) result.of_twins.push_back(twin.parameters());
    result.twin = [twins](int i, const Tensor& pictures, const Dropout& dropout) {
        return twins.at(i)(pictures, dropout);
    };
    return result;
}

template <class Make>
static Pupil made(const std::string& name, const Make& make) {
    Random random(2), any(1);
    return pupil(name, make(random), {make(any), make(any)});
}

Pupil plain_network(const Contest& contest, int hidden) {
    const int side = contest.side, K = size_of(contest.kinds);
    return made("a network of chapter 4",
                [&](Random& random) { return Plain(side * side, hidden, K, random); });
}

Pupil convolution(const Contest& contest, int features) {
    const int K = size_of(contest.kinds);
    return made("a convolution, 3 × 3",
                [&](Random& random) { return Convolution(contest.side, features, K, random); });
}

// Positions that are and stay 0 are none.
static void without_positions(const VisionTransformer& net, Parameters& parameters) {
    net.positions.set_value(Tensor(net.positions.shape()));
    const auto is_table = [&](const Variable& p) { return p.node() == net.positions.node(); };
    parameters.erase(std::remove_if(parameters.begin(), parameters.end(), is_table),
                     parameters.end());
}

Pupil pupil_of(const std::string& name, const VisionTransformer& net, bool with_positions) {
    Random any(1);
    std::vector<VisionTransformer> twins;
    for (int i = 0; i < 2; ++i) twins.emplace_back(net.settings, any);
    Pupil result = pupil(name, net, twins);
    if (with_positions) return result;
    without_positions(net, result.parameters);
    for (int i = 0; i < 2; ++i) without_positions(twins[i], result.of_twins[i]);
    return result;
}

// ## Another order

static Tensor in_order(const Tensor& pictures, const std::vector<int>& order, int P) {
    const Tensor patches = patches_of(pictures, P);
    Tensor other(patches.shape);
    const int N = patches.shape[1], n = patches.shape[2];
    for (int b = 0; b < patches.shape[0]; ++b)
        for (int i = 0; i < N; ++i)
            std::copy_n(patches.row(b * N + order[i]), n, other.row(b * N + i));
    return pictures_of(other, pictures.shape[1], pictures.shape[2], P);
}

Pupil shuffled(Pupil pupil, const Contest& contest, int P) {
    const int N = contest.side / P * (contest.side / P);
    Random random(3);
    const std::vector<int> order = shuffled_batches(N, N, random).at(0);
    pupil.name = "  the same, patches shuffled";
    pupil.own = [own = pupil.own, order, P](const Tensor& pictures) {
        return own(in_order(pictures, order, P));
    };
    pupil.twin = [twin = pupil.twin, order, P](int i, const Tensor& pictures,
                                               const Dropout& dropout) {
        return twin(i, in_order(pictures, order, P), dropout);
    };
    return pupil;
}

// ## Learning

// Up in the first twentieth, and at the end down to nothing.
static double share_of_rate(double done) {
    return std::min({1.0, 0.01 + 20 * done, 1.25 * (1 - done)});
}

static Microbatch half_of(const Pupil& pupil, int half, const Examples& batch, double smoothing,
                          const Dropout& dropout) {
    const int count = size_of(batch.kinds), middle = count / 2;
    std::vector<int> rows(half == 0 ? middle : count - middle);
    std::iota(rows.begin(), rows.end(), half == 0 ? 0 : middle);
    const auto loss = [=] {
        return smoothed_cross_entropy(
            pupil.twin(half, gather_rows(batch.x, rows), dropout), gather_rows(batch.kinds, rows),
            smoothing, -1);
    };
    return {size_of(rows), loss};
}

training::Outcome learn(const Pupil& pupil, const Settings& settings, const Examples& from,
                        const Examples& looked_at, Random& random) {
    AdamW adam(pupil.parameters, settings.rate);
    const auto epoch = [&](Random& any) { return shuffled_batches(size_of(from.kinds), 32, any); };
    const auto step = [&](const training::Batch& batch, double done) {
        Examples some{gather_rows(from.x, batch), gather_rows(from.kinds, batch)};
        if (settings.draw) some.x = moved_each(some.x, settings.draw, random);
        Random drops[] = {Random(random.bits()), Random(random.bits())};
        std::vector<Microbatch> halves;
        for (int i = 0; i < 2; ++i)
            halves.push_back(half_of(pupil, i, some, settings.smoothing,
                                     settings.dropout > 0 ? Dropout(settings.dropout, drops[i])
                                                          : Dropout()));
        adam.rate = settings.rate * share_of_rate(done);
        return train_step(
            adam, [&] { return parallel_loss(pupil.parameters, pupil.of_twins, halves); });
    };
    const auto look = [&] {
        const Measured now = measure(pupil.own, looked_at.x, looked_at.kinds, 250);
        return training::Look{now.loss, now.right};
    };
    return training::train(settings.plan, {adam, random, epoch, step, look});
}

}  // namespace seeing
