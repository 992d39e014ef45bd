// Light curves: what is looked at, and what counts.

#include "demos/24_looking/looking.hpp"

#include "kit/strips.hpp"
#include "training/training_state.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <utility>

namespace looking {

static Tensor answers_of(const CurveNet& net, const CurveBatch& batch) {
    const NoTape no_tape;
    return net(batch).value();
}

CurveNet trained_net() {
    Random random(23);
    const CurveNet net({{32, 4, 64, 2}, {TimeCode::position, 1, 16}, 4}, random);
    training::read_trained("shining", net.parameters());
    return net;
}

static std::vector<Tensor> weights_of(const CurveNet& net, const CurveBatch& batch) {
    const NoTape no_tape;
    return weights_of_layers(net.encoder, net.input(batch.points), seen_mask(batch.seen));
}

Looked look(const CurveNet& net, const Curves& curves) {
    const CurveBatch batch = batch_of(curves, net.settings.clock);
    const auto read = [&](const CurveBatch& some) { return net(some); };
    return {curves, batch, weights_of(net, batch), occlusion(read, batch)};
}

// ## Orders of the points

namespace {

struct Order {
    std::string name;
    Tensor values;  // [B, T]
};

}  // namespace

static Tensor sizes_of(Tensor x) {
    for (float& value : x.data) value = std::fabs(value);
    return x;
}

static Tensor column_of_points(const Tensor& points, int feature) {
    Tensor column({points.shape[0], points.shape[1] - 1});
    for (int b = 0; b < column.shape[0]; ++b)
        for (int i = 0; i < column.shape[1]; ++i) column(b, i) = points(b, 1 + i, feature);
    return column;
}

static Tensor look_of_layer(const Tensor& weights) { return mean(looks_of_class(weights), 1); }

static Tensor look_of_head(const Tensor& weights, int h) {
    const Tensor all = looks_of_class(weights);
    Tensor one({all.shape[0], all.shape[2]});
    for (int b = 0; b < all.shape[0]; ++b)
        std::copy_n(all.row(b * all.shape[1] + h), all.shape[2], one.row(b));
    return one;
}

static Tensor by_chance(const Shape& shape) {
    Random random(240);
    Tensor x(shape);
    for (float& value : x.data) value = static_cast<float>(random.uniform());
    return x;
}

static std::vector<Order> orders_of(const Looked& looked) {
    std::vector<Order> all;
    const auto& weights = looked.weights;
    for (int l = 0; l < size_of(weights); ++l)
        for (int h = 0; h < weights[l].shape[1]; ++h)
            all.push_back({"layer " + std::to_string(l + 1) + ", head " + std::to_string(h),
                           look_of_head(weights[l], h)});
    for (int l = 0; l < size_of(weights); ++l)
        all.push_back({"layer " + std::to_string(l + 1) + ", mean of its heads",
                       look_of_layer(weights[l])});
    all.push_back({"rollout, all from the heads", arrived_at_class(weights, 0)});
    all.push_back({"rollout, half its own", arrived_at_class(weights)});
    all.push_back({"far from the mean flux", sizes_of(column_of_points(looked.batch.points, 1))});
    all.push_back({"by chance", by_chance(looked.effect.shape)});
    return all;
}

// ## Do they agree?

static double mean_of(const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / size_of(values);
}

// The seen points of a curve, those of the largest values first.
static std::vector<int> first_of(const Tensor& values, const Tensor& seen, int b, int count) {
    std::vector<int> points;
    for (int i = 0; i < values.shape[1]; ++i)
        if (seen(b, 1 + i) != 0) points.push_back(i);
    std::stable_sort(points.begin(), points.end(),
                     [&](int i, int j) { return values(b, i) > values(b, j); });
    points.resize(std::min(count, size_of(points)));
    return points;
}

static CurveBatch without_first(const CurveBatch& batch, const Tensor& values, int count) {
    CurveBatch less = batch;
    for (int b = 0; b < less.seen.shape[0]; ++b)
        for (int i : first_of(values, batch.seen, b, count)) less.seen(b, 1 + i) = 0;
    return less;
}

// The percentage of the answers that are others when the first five points are hidden.
static double changed_without(const CurveNet& net, const Looked& looked, const Tensor& values,
                              const std::vector<int>& before) {
    const CurveBatch less = without_first(looked.batch, values, 5);
    return 100 - 100 * accuracy(answers_of(net, less), before);
}

static void print_order(const char* name, const std::vector<double>& rho,
                        const std::vector<int>& kinds, double changed) {
    std::printf("  %-28s %5.2f ", name, mean_of(rho));
    for (int kind = 0; kind < 4; ++kind) {
        std::vector<double> some;
        for (int b = 0; b < size_of(kinds); ++b)
            if (kinds[b] == kind) some.push_back(rho[b]);
        std::printf(" %5.2f", mean_of(some));
    }
    std::printf(" %9.1f %%\n", changed);
}

double compare_orders(const CurveNet& net, const Looked& looked) {
    const CurveBatch& batch = looked.batch;
    const int count = size_of(batch.kinds);
    const Tensor z = answers_of(net, batch);
    const std::vector<int> before = argmax(z);
    const double right = accuracy(z, batch.kinds);
    std::printf("%d held-out curves, %.1f %% right. Each seen point was hidden, and the network\n"
                "asked again. Do those points count that are looked at? Rank correlation with the\n"
                "size of the effect, for the kinds 0 to 3 too; and the share of the answers that\n"
                "change when the first five points of each order are hidden\n\n",
                count, 100 * right);
    std::printf("  %-28s %5s  %5s %5s %5s %5s %11s\n", "order", "all", "walk", "wave", "flare",
                "dip", "change");
    const Tensor size = sizes_of(looked.effect);
    double last = 0;
    for (const Order& order : orders_of(looked)) {
        const std::vector<double> rho = agreement(order.values, size, batch.seen);
        if (order.name == "layer 2, mean of its heads") last = mean_of(rho);
        print_order(order.name.c_str(), rho, batch.kinds,
                    changed_without(net, looked, order.values, before));
    }
    print_order("occlusion itself", agreement(looked.effect, size, batch.seen), batch.kinds,
                changed_without(net, looked, looked.effect, before));
    std::printf("\n");
    return last;
}

// ## A curve

static figure::Values seen_values(const Tensor& x, const Curve& curve, int b) {
    figure::Values values;
    for (int i = 0; i < size_of(curve.times); ++i)
        values.push_back(curve.seen(i) ? double{x(b, i)} : NAN);
    return values;
}

void draw_curve(const Looked& looked, int number, const std::string& picture) {
    const Curve& curve = looked.curves[number];
    figure::Series dots{"", curve.flux, {}, true};
    for (double time : curve.times) dots.x.push_back(time - curve.times[0]);
    std::vector<figure::Strip> below;
    for (const Order& order : orders_of(looked)) {
        std::string name = order.name;
        if (name == "rollout, half its own") name = "rollout";
        else if (name.find(", head ") == std::string::npos) continue;
        below.push_back({name, seen_values(order.values, curve, number)});
    }
    below.push_back({"occlusion", seen_values(looked.effect, curve, number)});
    const figure::Caption caption = {
        std::string("Looked at, and what counts: ") + curve_kinds[curve.kind], "days", "flux"};
    const std::string svg = figure::strips(caption, dots, below);
    std::printf("picture: %s\n", figure::save(picture, svg).c_str());
}

// ## A point that is far off

namespace {

struct Planted {
    Curves curves;
    std::vector<int> at;
};

}  // namespace

static Planted planted(const Curves& curves, int errors) {
    Random random(2400);
    Planted all{curves, {}};
    for (Curve& curve : all.curves) {
        int at = random.below(size_of(curve.times));
        while (!curve.seen(at)) at = (at + 1) % size_of(curve.times);
        curve.flux[at] += (random.uniform() < 0.5 ? -errors : errors) * curve.errors[at];
        all.at.push_back(at);
    }
    return all;
}

// Of these shares or sizes: the mean at the planted points as a multiple of the mean of all seen
// points, and the percentage of the curves in which no point has more.
static std::pair<double, double> standing(const Tensor& values, const CurveBatch& batch,
                                          const std::vector<int>& at) {
    double times = 0, first = 0;
    for (int b = 0; b < size_of(at); ++b) {
        double sum = 0, count = 0, own = values(b, at[b]), most = 0;
        for (int i = 0; i < values.shape[1]; ++i) {
            if (batch.seen(b, 1 + i) == 0) continue;
            sum += values(b, i);
            most = std::max(most, double{values(b, i)});
            ++count;
        }
        times += own * count / std::max(sum, 1e-30) / size_of(at);
        first += 100.0 * (own >= most) / size_of(at);
    }
    return {times, first};
}

static void print_standing(const char* name, const Tensor& before, const Tensor& after,
                           const Looked& looked, const std::vector<int>& at) {
    const auto [was, was_first] = standing(before, looked.batch, at);
    const auto [is, is_first] = standing(after, looked.batch, at);
    std::printf("  %-28s %6.2f %10.0f %% %10.2f %10.0f %%\n", name, was, was_first, is, is_first);
}

static void print_right(const char* name, const CurveNet& net, const CurveBatch& batch) {
    std::printf("  %-52s %5.1f\n", name, 100 * accuracy(answers_of(net, batch), batch.kinds));
}

static void print_repairs(const CurveNet& net, const Looked& was, const Looked& is,
                          const Planted& all) {
    CurveBatch hidden = is.batch;
    Curves taken_out = all.curves;
    for (int b = 0; b < size_of(all.at); ++b) {
        hidden.seen(b, 1 + all.at[b]) = 0;
        taken_out[b].flux[all.at[b]] = NAN;
    }
    std::printf("\n  %-52s %5s\n", "curves", "right");
    print_right("as they are", net, was.batch);
    print_right("with the planted point", net, is.batch);
    print_right("it is hidden by the mask", net, hidden);
    print_right("it is taken out before the features are made", net,
                batch_of(taken_out, net.settings.clock));
    print_right("the point of the largest effect is hidden", net,
                without_first(is.batch, sizes_of(is.effect), 1));
    print_right("the point of the largest rollout is hidden", net,
                without_first(is.batch, arrived_at_class(is.weights), 1));
    print_right("nothing planted, that of the largest effect hidden", net,
                without_first(was.batch, sizes_of(was.effect), 1));
    std::printf("\n");
}

double plant(const CurveNet& net, const Looked& was, int errors) {
    const Curves& curves = was.curves;
    const Planted all = planted(curves, errors);
    const Looked is = look(net, all.curves);
    std::printf("One point of each curve is moved by %d of its errors. Its share, as a multiple\n"
                "of a fair one, and in how many curves no point has more:\n\n",
                errors);
    std::printf("  %-28s %6s %12s %10s %12s\n", "", "before", "the most", "behind", "the most");
    for (int l = 0; l < size_of(is.weights); ++l)
        print_standing(("layer " + std::to_string(l + 1) + ", mean of its heads").c_str(),
                       look_of_layer(was.weights[l]), look_of_layer(is.weights[l]), is, all.at);
    print_standing("rollout", arrived_at_class(was.weights), arrived_at_class(is.weights), is,
                   all.at);
    print_standing("size of the effect", sizes_of(was.effect), sizes_of(is.effect), is, all.at);
    print_repairs(net, was, is, all);
    for (int b = 0; b < size_of(curves); ++b) {
        if (argmax(answers_of(net, is.batch))[b] == curves[b].kind || curves[b].kind != 1) continue;
        draw_curve(is, b, "24_planted");
        break;
    }
    return standing(look_of_layer(is.weights.back()), is.batch, all.at).first;
}

// ## Heads

void switch_off(CurveNet net, const CurveBatch& batch) {
    std::vector<MultiHeadAttention*> layers;
    for (EncoderLayer& layer : net.encoder.layers) layers.push_back(&layer.attention);
    const auto loss = [&] {
        return double{cross_entropy_loss(answers_of(net, batch), batch.kinds)};
    };
    const auto wrong = [&] { return 100 - 100 * accuracy(answers_of(net, batch), batch.kinds); };
    std::printf("Without one head of the network:\n\n");
    print_tables("the loss rises by", worth_of_heads(layers, loss), "wrong answers, % more",
                 worth_of_heads(layers, wrong));
    const double before = wrong();
    for (MultiHeadAttention* layer : layers) {
        const MultiHeadAttention whole = *layer;
        for (int h = 0; h < layer->num_heads; ++h) *layer = without_head(*layer, h);
        std::printf("  without all heads of layer %d: wrong answers, %% more: %.1f\n",
                    static_cast<int>(std::find(layers.begin(), layers.end(), layer) -
                                     layers.begin()) + 1,
                    wrong() - before);
        *layer = whole;
    }
    std::printf("\n");
}

}  // namespace looking
