// The real contest: clothes, which look alike.

#include "demos/21_seeing/seeing.hpp"
#include "training/training_state.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

namespace seeing {

static VisionTransformer new_net(Random& random) {
    VisionSettings settings;
    settings.stack = {48, 4, 96, 3, NormPlace::before, Activation::gelu};
    settings.rows = settings.columns = 14;
    return VisionTransformer(settings, random);
}

// Which two kinds are taken for each other most often.
static void print_confused(const VisionTransformer& net, const Contest& contest) {
    const NoTape no_tape;
    const int K = size_of(contest.kinds);
    const std::vector<int> said = argmax(net(contest.held_out.x).value());
    std::vector<int> times(K * K);
    for (int i = 0; i < size_of(said); ++i) {
        const auto [low, high] = std::minmax(said[i], contest.held_out.kinds[i]);
        if (low != high) ++times[low * K + high];
    }
    std::printf("\nwhich are taken for each other, and how often:\n");
    for (int i = 0; i < 3; ++i) {
        const auto most = std::max_element(times.begin(), times.end());
        const int pair = static_cast<int>(most - times.begin());
        std::printf("  %s and %s: %d\n", contest.kinds[pair / K].c_str(),
                    contest.kinds[pair % K].c_str(), *most);
        *most = 0;
    }
}

// Clothes were laid straight before they were photographed: smaller motions than those of digits.
static Motion smaller_turns(Random& random) {
    return turned(random, 0.12f, 0.07f, 0.07f, 0.4f);
}

static training::Outcome taught(const Pupil& pupil, const training::Plan& plan,
                                const Contest& contest) {
    Random random(21);
    return learn(pupil, {plan, smaller_turns}, contest.known, contest.held_out, random);
}

// Those that learn in seconds.
static void show_quick(const Contest& contest) {
    for (const Pupil& pupil : {plain_network(contest, 64), convolution(contest, 16),
                               shuffled(convolution(contest, 16), contest, 2)}) {
        taught(pupil, {pupil.name, 2500}, contest);
        print_result(pupil, contest);
    }
}

void show_clothes(bool briefly, bool full) {
    const Contest contest = clothes();
    Random weights(2);
    const VisionTransformer net = new_net(weights);
    const Pupil reader = pupil_of("a vision transformer, for long", net);
    if (full) {
        const training::Outcome run = taught(reader, {"clothes", 10000, 500, "seeing"}, contest);
        if (!run.complete) return;
        training::draw_losses("21_training", {run});
    } else {
        training::read_trained("seeing", net.parameters());
    }
    print_nearest(contest);
    if (briefly) show_quick(contest);
    print_result(reader, contest);
    print_confused(net, contest);
    if (briefly) return;
    show_looks(net, contest);
    show_misread(net, contest);
}

}  // namespace seeing
