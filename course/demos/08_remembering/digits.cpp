// Handwritten digits, of which the lower half is hidden.
#include "data/digits.hpp"
#include "demos/08_remembering/patterns.hpp"
#include "demos/08_remembering/remembering.hpp"
#include "kit/figure.hpp"

#include <algorithm>
#include <cstdio>
#include <string>

namespace remembering {

static const int side = digits::side, pixels = side * side, shown_pixels = pixels / 2;

// Black and white, as 1 and −1, of the first so many.
static Tensor signs_of(const Pictures& pictures, int count) {
    Tensor signs({count, pixels});
    for (int i = 0; i < signs.size(); ++i) signs.data[i] = pictures.pixels[i] >= 0.5f ? 1 : -1;
    return signs;
}

static Tensor lower_half_hidden(Tensor pictures) {
    for (int m = 0; m < pictures.rows(); ++m)
        std::fill(pictures.row(m) + shown_pixels, pictures.row(m) + pixels, 0.0f);
    return pictures;
}

// The percentage of the hidden pixels that are wrong.
static double wrong(const Tensor& found, const Tensor& right) {
    int count = 0;
    for (int m = 0; m < right.rows(); ++m)
        for (int i = shown_pixels; i < pixels; ++i)
            count += (found.row(m)[i] > 0) != (right.row(m)[i] > 0);
    return 100.0 * count / (right.rows() * (pixels - shown_pixels));
}

static Tensor nearest(const Tensor& stored, const Tensor& cues) {
    Tensor found(cues.shape);
    for (int m = 0; m < cues.rows(); ++m) {
        int best = 0;
        for (int k = 1; k < stored.rows(); ++k)
            if (overlap(stored.row(k), cues.row(m), pixels) >
                overlap(stored.row(best), cues.row(m), pixels))
                best = k;
        std::copy_n(stored.row(best), pixels, found.row(m));
    }
    return found;
}

// The first of each class.
static Tensor one_of_each(const Pictures& pictures, const Tensor& stored) {
    Tensor ten({10, pixels});
    for (int label = 0; label < 10; ++label) {
        const auto first = std::find(pictures.labels.begin(), pictures.labels.end(), label);
        std::copy_n(stored.row(static_cast<int>(first - pictures.labels.begin())), pixels,
                    ten.row(label));
    }
    return ten;
}

// What is asked, and what the old network and two simple answers say.
struct Answers {
    Tensor asked, cues, mean, hebb, nearest;
};

static Answers simple_answers(const Dataset<Pictures>& data, const Tensor& stored) {
    const Tensor asked = signs_of(data.held_out, 200), cues = lower_half_hidden(asked);
    const Tensor ten = one_of_each(data.training, stored), W = hebbian_weights(ten);
    const Tensor ends = all_settled(W, ten);
    int at_rest = 0;
    for (int m = 0; m < 10; ++m) at_rest += overlap(ends.row(m), ten.row(m), pixels) == 1;
    std::printf(
        "\nOf ten digits that are stored with Hebb's rule, %d are at rest; of their\n"
        "pixels, %.1f %% are stable. Of 200 others the lower half is hidden. Percent of\n"
        "the hidden pixels that are wrong:\n\n",
        at_rest, 100 * stable_share(W, ten));
    const Tensor mean_of_all = add(Tensor(asked.shape), mean(stored, 0));
    return {asked, cues, mean_of_all, all_settled(W, cues), nearest(stored, cues)};
}

static void draw_digits(const std::vector<std::pair<std::string, Tensor>>& all) {
    std::vector<figure::HeatPanel> panels;
    for (const auto& [title, pictures] : all)
        panels.push_back({title, figure::values(row_of(pictures, 3).data)});
    const std::string picture =
        figure::heatmaps({"What comes back of half a digit"}, figure::numbered(side),
                         figure::numbered(side), panels, {-1, 1});
    std::printf("\npicture: %s\n", figure::save("08_digits", picture).c_str());
}

void show_digits() {
    const Dataset<Pictures> data = digits::read();
    const Tensor stored = signs_of(data.training, size_of(data.training.labels));
    const Answers simple = simple_answers(data, stored);
    const figure::Values betas = {0.05, 0.125, 0.25, 0.5, 0.75, 1, 2, 4};
    std::vector<figure::Series> curves;
    const auto level = [&](const std::string& name, const Tensor& found) {
        const double percent = wrong(found, simple.asked);
        std::printf("  %-28s %5.1f\n", name.c_str(), percent);
        curves.push_back({name, figure::Values(betas.size(), percent), betas});
    };
    level("the mean of all", simple.mean);
    level("Hebb's weights, ten digits", simple.hebb);
    level("the nearest neighbour", simple.nearest);
    figure::Series updates = {"one update", {}, betas};
    std::vector<std::pair<std::string, Tensor>> drawn = {
        {"a digit", simple.asked}, {"the cue", simple.cues}, {"Hebb's weights", simple.hebb}};
    for (double beta : betas) {
        const Tensor found = modern_update(stored, simple.cues, beta);
        updates.y.push_back(wrong(found, simple.asked));
        std::printf("  one update, β = %-13.3g%5.1f\n", beta, updates.y.back());
        if (beta == 0.05) drawn.push_back({"β = 0.05", found});
        if (beta == 0.75) drawn.push_back({"β = 0.75", found});
        if (beta == 4) drawn.push_back({"β = 4", found});
    }
    draw_digits(drawn);
    curves.insert(curves.begin(), updates);
    const std::string picture = figure::lines(
        {"How much of the hidden half is wrong", "β", "percent"}, curves, figure::Scale::log_x);
    std::printf("picture: %s\n", figure::save("08_sharpness", picture).c_str());
}

}  // namespace remembering
