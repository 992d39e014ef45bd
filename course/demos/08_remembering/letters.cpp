// Three letters.
#include "demos/08_remembering/patterns.hpp"
#include "demos/08_remembering/remembering.hpp"
#include "kit/figure.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <string>

namespace remembering {

static const char* const letters[] = {
    "#####"
    "..#.."
    "..#.."
    "..#.."
    "..#..",
    "#...#"
    "#...#"
    "#...#"
    "#...#"
    ".###.",
    "#...#"
    ".#.#."
    "..#.."
    ".#.#."
    "#...#"};
static const char* const names[] = {"T", "U", "X"};

static Tensor three_letters() {
    Tensor patterns({3, 25});
    for (int m = 0; m < 3; ++m)
        for (int i = 0; i < 25; ++i) patterns(m, i) = letters[m][i] == '#' ? 1 : -1;
    return patterns;
}

static void print_side_by_side(const std::vector<Tensor>& states) {
    for (int y = 0; y < 5; ++y) {
        std::printf("  ");
        for (const Tensor& state : states) {
            for (int x = 0; x < 5; ++x) std::printf("%s ", state.data[5 * y + x] > 0 ? "■" : "·");
            std::printf("   ");
        }
        std::printf("\n");
    }
}

static void print_energies(const Tensor& W, const std::vector<Tensor>& states) {
    std::printf("  ");
    for (const Tensor& state : states) std::printf("E = %-9.0f", energy(W, state));
    std::printf("\n\n");
}

// The states on the way, of which the chapter's function returns only the last: each change turns
// the next neuron in its turn whose field is against it.
static std::vector<Tensor> states_on_the_way(const Tensor& W, const Tensor& cue,
                                             const Settled& settled) {
    std::vector<Tensor> states = {cue};
    const int changes = size_of(settled.energies) - 1;
    for (int look = 0; size_of(states) <= changes && look < 100 * cue.size(); ++look) {
        Tensor next = states.back();
        float& neuron = next.data[look % cue.size()];
        neuron = -neuron;
        if (energy(W, next) < energy(W, states.back())) states.push_back(next);
    }
    return states;
}

void show_recall(int flips) {
    const Tensor patterns = three_letters(), W = hebbian_weights(patterns);
    Random random(8);
    const Tensor cue = with_flips(row_of(patterns, 0), flips, random);
    const Settled settled = settle(W, cue);
    const std::vector<Tensor> states = states_on_the_way(W, cue, settled);
    std::printf("T, U and X are stored. A T with %d wrong pixels, change by change:\n\n", flips);
    for (int begin = 0; begin < size_of(states); begin += 6) {
        const int end = std::min(begin + 6, size_of(states));
        const std::vector<Tensor> shown(states.begin() + begin, states.begin() + end);
        print_side_by_side(shown);
        print_energies(W, shown);
    }
}

// The letter that this state is, "T", or whose negative it is, "T, negative", or "another".
static std::string name_of(const Tensor& state) {
    const Tensor patterns = three_letters();
    for (int m = 0; m < 3; ++m) {
        const double same = overlap(state.data.data(), patterns.row(m), 25);
        if (std::fabs(same) == 1) return names[m] + std::string(same < 0 ? ", negative" : "");
    }
    return "another";
}

double show_returns(int flips) {
    const Tensor patterns = three_letters(), W = hebbian_weights(patterns);
    Random random(8);
    std::map<std::string, int> ends;
    for (int trial = 0; trial < 1000; ++trial)
        ++ends[name_of(settle(W, with_flips(row_of(patterns, 0), flips, random)).state)];
    std::printf("Of a thousand T with %d wrong pixels come back as", flips);
    for (const auto& end : ends) std::printf("   %s %d", end.first.c_str(), end.second);
    std::printf("\n");
    return ends["T"] / 10.0;
}

// The letters, the negative of the first, and a state that is none of these.
static void draw_valleys(const Tensor& W, const Tensor& other) {
    const Tensor patterns = three_letters();
    std::vector<Tensor> states;
    for (int m = 0; m < 3; ++m) states.push_back(row_of(patterns, m));
    states.push_back(scale(states[0], -1));
    states.push_back(other);
    print_side_by_side(states);
    print_energies(W, states);
    std::vector<figure::HeatPanel> panels;
    for (const char* title : {"T", "U", "X", "T, negative", "a mixture"})
        panels.push_back({title, figure::values(states[panels.size()].data)});
    const std::string picture =
        figure::heatmaps({"Five valleys, of which three were stored"}, figure::numbered(5),
                         figure::numbered(5), panels, {-1, 1});
    std::printf("picture: %s\n", figure::save("08_letters", picture).c_str());
}

void show_valleys() {
    const Tensor W = hebbian_weights(three_letters());
    Random random(8);
    std::map<std::string, int> ends;
    std::map<std::vector<float>, int> others;
    for (int trial = 0; trial < 1000; ++trial) {
        Tensor cue({25});
        for (float& neuron : cue.data) neuron = random.below(2) == 0 ? -1 : 1;
        const Tensor end = settle(W, cue).state;
        const std::string name = name_of(end);
        ++ends[name];
        if (name == "another") ++others[end.data];
    }
    std::printf("\nA thousand random states end in\n");
    for (const auto& end : ends) std::printf("  %-12s %4d\n", end.first.c_str(), end.second);
    if (others.empty()) return;
    const auto rarer = [](const auto& a, const auto& b) { return a.second < b.second; };
    const auto most = std::max_element(others.begin(), others.end(), rarer);
    std::printf("and the others in %d states, most often in the last of these:\n\n",
                size_of(others));
    draw_valleys(W, Tensor({25}, most->first));
}

}  // namespace remembering
