#include "demos/06_pictures/pictures.hpp"
#include "kit/figure.hpp"
#include "kit/tokens.hpp"

#include <algorithm>
#include <cstdio>
#include <numeric>

namespace pictures {

// A score for each picture: how far it is from what comes back of it.
using Scores = std::function<Tensor(const Tensor& x)>;

static Scores by_network(const Autoencoder& net) {
    return [&net](const Tensor& x) {
        const NoTape no_tape;
        return picture_errors(net(x).value(), x);
    };
}

static Scores by_components(const Components& components) {
    return [&components](const Tensor& x) { return picture_errors(components(x), x); };
}

static Scores by_nearest(const Tensor& known) {
    return [&known](const Tensor& x) {
        return picture_errors(gather_rows(known, nearest(known, x)), x);
    };
}

// Each pixel of y is that of x at another place of the same picture.
static Tensor moved(const Tensor& x, const std::vector<int>& places) {
    Tensor y(x.shape);
    const int P = x.shape[1];
    for (int i = 0; i < y.size(); ++i) y.data[i] = x.row(i / P)[places[i % P]];
    return y;
}

static Tensor turned(const Tensor& x, int side) {
    std::vector<int> places;
    for (int i = 0; i < side * side; ++i) places.push_back(i % side * side + side - 1 - i / side);
    return moved(x, places);
}

static Tensor shuffled(const Tensor& x) {
    std::vector<int> places(x.shape[1]);
    std::iota(places.begin(), places.end(), 0);
    Random random(6);
    for (int i = size_of(places); i > 1; --i) std::swap(places[i - 1], places[random.below(i)]);
    return moved(x, places);
}

// Clothes of as many pixels as the digits have: every pixel is the one that lies nearest.
static Tensor small_clothes(int side) {
    const Data all = clothes();
    Tensor y({all.held_out.x.shape[0], side * side});
    for (int n = 0; n < y.shape[0]; ++n)
        for (int i = 0; i < side * side; ++i) {
            const int r = (2 * (i / side) + 1) * all.side / (2 * side);
            const int c = (2 * (i % side) + 1) * all.side / (2 * side);
            y.row(n)[i] = all.held_out.x.row(n)[r * all.side + c];
        }
    return y;
}

static void print_areas(const std::string& what, const Tensor& usual, const Tensor& unusual,
                        const std::vector<Scores>& ways) {
    std::printf("  %s%*s", what.c_str(), 28 - size_of(characters_of(what)), "");
    for (const Scores& score : ways)
        std::printf(" %10.3f", area_under_curve(score(usual), score(unusual)));
    std::printf("\n");
}

// What is found over the false alarms, for every limit.
static figure::Series curve(const std::string& name, const Tensor& usual, const Tensor& unusual) {
    std::vector<float> limits = usual.data, found = unusual.data;
    std::sort(limits.rbegin(), limits.rend());
    std::sort(found.rbegin(), found.rend());
    figure::Series series{name, {0}, {0}};
    for (int i = 0, j = 0; i < size_of(limits); ++i) {
        while (j < size_of(found) && found[j] >= limits[i]) ++j;
        series.x.push_back((i + 1.0) / limits.size());
        series.y.push_back(static_cast<double>(j) / found.size());
    }
    return series;
}

void show_unusual(const Data& data, const Autoencoder& net) {
    const Components components(data.known.x, net.W.back().shape()[1]);
    const Tensor& usual = data.held_out.x;
    const std::vector<Scores> ways = {by_network(net), by_components(components),
                                      by_nearest(data.known.x)};
    std::printf(
        "\nThe area under the curve, when digits are usual, by the error of what comes\n"
        "back of a network, of components, and of the nearest known digit:\n\n");
    std::printf("  %-28s %10s %10s %10s\n", "", "network", "components", "nearest");
    print_areas("digits turned by 90°", usual, turned(usual, data.side), ways);
    print_areas("digits with pixels shuffled", usual, shuffled(usual), ways);
    print_areas("clothes", usual, small_clothes(data.side), ways);

    std::vector<figure::Series> curves;
    for (int left_out : {0, 4, 8, 1}) {
        const auto others = [=](int label) { return label != left_out; };
        const Data some = {only(data.known, others), only(data.held_out, others), data.side};
        const Tensor never = only(data.held_out, [=](int label) { return label == left_out; }).x;
        const std::string name = "the " + std::to_string(left_out) + ", never seen";
        const Learnt learnt =
            learn("without the " + std::to_string(left_out), {64, 64, 8}, 0, 2000, some);
        const Components fewer(some.known.x, 8);
        const Scores score = by_network(learnt.net);
        print_areas(name, some.held_out.x, never,
                    {score, by_components(fewer), by_nearest(some.known.x)});
        curves.push_back(curve(name, score(some.held_out.x), score(never)));
    }
    const std::string svg = figure::lines(
        {"A digit that was never seen", "false alarms, share", "found, share"}, curves);
    std::printf("\npicture: %s\n", figure::save("06_curve", svg).c_str());
}

}  // namespace pictures
