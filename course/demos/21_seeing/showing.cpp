// What is printed and drawn.

#include "demos/06_pictures/pictures.hpp"
#include "demos/21_seeing/seeing.hpp"
#include "kit/figure.hpp"
#include "training/training_state.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace seeing {

// ## Motions

void compare_motions(const VisionSettings& net, const Contest& contest, int steps) {
    struct Way {
        const char* name;
        DrawMotion draw;
    };
    const Way ways[] = {
        {"as they are", nullptr}, {"whole pixels", whole_pixels}, {"small turns", small_turns}};
    const Examples learning = contest.learning(), validation = contest.validation();
    std::printf(
        "Of %zu known %s, %zu are the validation part, which is not learnt from.\n"
        "How much of it is right when the others are moved, in percent, and the loss?\n\n",
        contest.known.kinds.size(), contest.what.c_str(), validation.kinds.size());
    std::vector<training::Outcome> runs;
    for (const Way& way : ways) {
        Random weights(2), random(21);
        Settings settings{{way.name, steps, std::max(1, steps / 10)}};
        settings.draw = way.draw;
        settings.dropout = 0;
        const Pupil pupil = pupil_of(way.name, VisionTransformer(net, weights));
        runs.push_back(learn(pupil, settings, learning, validation, random));
        const auto& last = runs.back().curve.back();
        std::printf("  %-20s %6.1f %8.3f\n", way.name, 100 * last.right, last.held_out);
        std::fflush(stdout);
    }
    training::draw_right("21_motions", runs);
}

// ## The contest

static void print_line(const std::string& name, const std::string& parameters, int wrong,
                       int count) {
    std::string padded = name;
    int letters = 0;
    for (unsigned char c : name) letters += (c & 0xc0) != 0x80;  // in UTF-8
    padded.resize(name.size() + std::max(0, 32 - letters), ' ');
    std::printf("  %s %10s %8d %9.1f\n", padded.c_str(), parameters.c_str(), wrong,
                100.0 * (count - wrong) / count);
    std::fflush(stdout);
}

double print_result(const Pupil& pupil, const Contest& contest) {
    const Examples& asked = contest.held_out;
    const int count = size_of(asked.kinds);
    const double right = measure(pupil.own, asked.x, asked.kinds, 250).right;
    print_line(pupil.name, std::to_string(parameter_count(pupil.parameters)),
               static_cast<int>(std::lround((1 - right) * count)), count);
    return 100 * right;
}

void print_nearest(const Contest& contest) {
    const Examples &known = contest.known, &asked = contest.held_out;
    const int pixels = contest.side * contest.side, count = size_of(asked.kinds);
    const std::vector<int> places =
        pictures::nearest(reshape(known.x, {known.x.shape[0], pixels}),
                          reshape(asked.x, {asked.x.shape[0], pixels}));
    int wrong = 0;
    for (int i = 0; i < count; ++i) wrong += known.kinds[places[i]] != asked.kinds[i];
    std::printf("\nWhat is held out, %d %s:\n\n  %-32s %10s %8s %9s\n", count,
                contest.what.c_str(), "", "parameters", "wrong", "% right");
    print_line("the nearest known picture", "none", wrong, count);
}

void show_others(const VisionSettings& net, const Contest& contest, int steps) {
    Random weights(2);
    const Pupil reader = pupil_of("", VisionTransformer(net, weights));
    const Pupil others[] = {plain_network(contest, 64),
                            shuffled(plain_network(contest, 64), contest, net.patch),
                            convolution(contest, 16),
                            shuffled(convolution(contest, 16), contest, net.patch),
                            shuffled(reader, contest, net.patch)};
    for (const Pupil& pupil : others) {
        Random random(21);
        Settings settings{{pupil.name, steps}};
        settings.draw = small_turns;
        learn(pupil, settings, contest.known, contest.held_out, random);
        print_result(pupil, contest);
    }
}

// ## Looking

static Examples some_of(const Examples& all, const std::vector<int>& rows) {
    return {gather_rows(all.x, rows), gather_rows(all.kinds, rows)};
}

// The probabilities of the kinds, [B, K].
static Tensor probabilities(const VisionTransformer& net, const Tensor& pictures) {
    const NoTape no_tape;
    return softmax(net(pictures).value());
}

// The first of each kind that is read rightly.
static std::vector<int> one_of_each(const VisionTransformer& net, const Contest& contest) {
    const std::vector<int> said = argmax(probabilities(net, contest.held_out.x));
    std::vector<int> places;
    for (int kind = 0; kind < size_of(contest.kinds); ++kind)
        for (int i = 0; i < size_of(said); ++i)
            if (contest.held_out.kinds[i] == kind && said[i] == kind) {
                places.push_back(i);
                break;
            }
    return places;
}

// What the class token saw of each picture: 1 where it took as much as of any patch.
static Tensor seen_in(const VisionTransformer& net, const Tensor& pictures) {
    const NoTape no_tape;
    const Tensor seen =
        seen_by_class(rollout(attention_of_layers(net.encoder, net.embed(pictures))));
    return scale(seen, static_cast<float>(seen.columns()));
}

static figure::Values pixels_of(const Examples& examples, int i) {
    const int pixels = examples.x.size() / std::max(1, size_of(examples.kinds));
    const auto begin = examples.x.data.begin() + i * pixels;
    return figure::Values(begin, begin + pixels);
}

static void save_panels(const std::string& name, const figure::Caption& caption, int side,
                        const std::vector<figure::HeatPanel>& panels, figure::Range range) {
    if (panels.empty()) return;
    const figure::Names none(side);
    const std::string svg = figure::heatmaps(caption, none, none, panels, range);
    std::printf("picture: %s\n", figure::save(name, svg).c_str());
}

static const char* shade_of(double share) {
    static const char* const shades[] = {"·", "░", "▒", "▓", "█"};
    return shades[std::clamp(static_cast<int>(share * 5), 0, 4)];
}

// A picture, and beside it what was seen of it, patch for patch.
static void print_look(const Examples& one, const Tensor& seen, int P) {
    const int R = one.x.shape[1], C = one.x.shape[2], across = C / P;
    const float largest = *std::max_element(seen.data.begin(), seen.data.end());
    for (int r = 0; r < R; ++r) {
        std::printf("   ");
        for (int c = 0; c < C; ++c) std::printf(" %s", shade_of(one.x.data[r * C + c]));
        if (r < R / P) std::printf("       ");
        for (int k = 0; r < R / P && k < across; ++k) {
            const char* shade = shade_of(seen.data[r * across + k] / largest);
            std::printf(" %s%s", shade, shade);
        }
        std::printf("\n");
    }
}

void show_looks(const VisionTransformer& net, const Contest& contest) {
    const Examples some = some_of(contest.held_out, one_of_each(net, contest));
    const int P = net.settings.patch, side = contest.side, across = side / P;
    const Tensor seen = seen_in(net, some.x);
    std::vector<figure::HeatPanel> panels;
    double ink = 0, on_ink = 0;
    const Tensor patches = patches_of(some.x, P);
    for (int i = 0; i < size_of(some.kinds); ++i) {
        figure::Values map, over = pixels_of(some, i);
        for (int k = 0; k < side * side; ++k) {
            const int n = k / side / P * across + k % side / P;
            map.push_back(std::clamp(seen.row(i)[n] - 1.0, -1.0, 1.0));
            over[k] *= map[k];
        }
        for (int n = 0; n < patches.shape[1]; ++n) {
            const float* patch = patches.row(i * patches.shape[1] + n);
            const bool written = *std::max_element(patch, patch + P * P) > 0.5f;
            ink += written, on_ink += written ? seen.row(i)[n] : 0;
        }
        if (i % 2 != 0) continue;
        panels.push_back({contest.kinds[some.kinds[i]], pixels_of(some, i)});
        panels.push_back({"what was seen", map});
        if (side <= 8) panels.push_back({"drawn over it", over});  // three beside each other
    }
    std::printf(
        "\nWhat the class token took from a patch on which something stands: %.2f times as\n"
        "much as from all on the mean. Of the %s:\n\n",
        on_ink / std::max(1.0, ink), contest.kinds[4].c_str());
    print_look(some_of(some, {4}), gather_rows(seen, {4}), P);
    std::printf("\n");
    save_panels("21_seen_" + contest.what,
                {"What the class token looked at: more than at others, or less", "", "",
                 "Pictures, and beside each how much of it was seen"},
                side, panels, {-1, 1});
}

void show_misread(const VisionTransformer& net, const Contest& contest) {
    const Examples& all = contest.held_out;
    const Tensor p = probabilities(net, all.x);
    const std::vector<int> said = argmax(p);
    std::vector<figure::HeatPanel> panels;
    std::string words;
    for (int i = 0; i < size_of(said) && size_of(panels) < 12; ++i) {
        if (said[i] == all.kinds[i]) continue;
        const std::string &is = contest.kinds[all.kinds[i]], &was = contest.kinds[said[i]];
        panels.push_back({is + " as " + was, pixels_of(all, i)});
        char line[80];
        std::snprintf(line, sizeof line, "  %s as %s, %.0f %%\n", is.c_str(), was.c_str(),
                      100 * p.row(i)[said[i]]);
        words += line;
    }
    std::printf("read wrongly, and how sure it was:\n%s\n", words.c_str());
    save_panels("21_misread_" + contest.what, {"What it was, and as what it was read"},
                contest.side, panels, {0, 1});
}

}  // namespace seeing
