#include "demos/08_remembering/remembering.hpp"

#include "data/digits.hpp"
#include "kit/figure.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <string>

namespace remembering {

static double overlap(const float* a, const float* b, int n) {
    double sum = 0;
    for (int i = 0; i < n; ++i) sum += double{a[i]} * b[i];
    return sum / n;
}

static Tensor pattern_of(const Tensor& patterns, int m) {
    const float* row = patterns.row(m);
    return Tensor({patterns.columns()}, {row, row + patterns.columns()});
}

// ## Three letters

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
    const Tensor cue = with_flips(pattern_of(patterns, 0), flips, random);
    const Settled settled = settle(W, cue);
    const std::vector<Tensor> states = states_on_the_way(W, cue, settled);
    std::printf("T, U and X are stored. A T with %d wrong pixels, change by change:\n\n", flips);
    for (int begin = 0; begin < size_of(states); begin += 6) {
        const int end = std::min(begin + 6, size_of(states));
        print_side_by_side({states.begin() + begin, states.begin() + end});
        std::printf("  ");
        for (int k = begin; k < end; ++k) std::printf("E = %-9.0f", settled.energies.at(k));
        std::printf("\n\n");
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
        ++ends[name_of(settle(W, with_flips(pattern_of(patterns, 0), flips, random)).state)];
    std::printf("Of a thousand T with %d wrong pixels come back as", flips);
    for (const auto& end : ends) std::printf("   %s %d", end.first.c_str(), end.second);
    std::printf("\n");
    return ends["T"] / 10.0;
}

static figure::HeatPanel panel(const std::string& title, const Tensor& state) {
    return {title, figure::values(state.data)};
}

void show_valleys() {
    const Tensor patterns = three_letters(), W = hebbian_weights(patterns);
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
    const auto most =
        std::max_element(others.begin(), others.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; });
    const Tensor mixture({25}, most->first);
    std::printf("and the others in %d states, most often in the last of these:\n\n",
                size_of(others));
    std::vector<Tensor> shown;
    for (int m = 0; m < 3; ++m) shown.push_back(pattern_of(patterns, m));
    shown.push_back(scale(shown[0], -1));
    shown.push_back(mixture);
    print_side_by_side(shown);
    std::printf("  ");
    for (const Tensor& state : shown) std::printf("E = %-9.0f", energy(W, state));
    const std::string picture =
        figure::heatmaps({"Five valleys, of which three were stored", "", "", ""},
                         figure::numbered(5), figure::numbered(5),
                         {panel("T", shown[0]), panel("U", shown[1]), panel("X", shown[2]),
                          panel("T, negative", shown[3]), panel("a mixture", mixture)},
                         {-1, 1});
    std::printf("\n\npicture: %s\n", figure::save("08_letters", picture).c_str());
}

// ## How much fits

static Tensor random_patterns(int M, int N, Random& random) {
    Tensor patterns({M, N});
    for (float& number : patterns.data) number = random.below(2) == 0 ? -1 : 1;
    return patterns;
}

// A cue for each of the first patterns: the pattern, with a tenth of its neurons turned over.
static Tensor cues_of(const Tensor& patterns, int cues, Random& random) {
    const int N = patterns.columns();
    Tensor all({cues, N});
    for (int m = 0; m < cues; ++m) {
        const Tensor cue = with_flips(pattern_of(patterns, m), N / 10, random);
        std::copy(cue.data.begin(), cue.data.end(), all.row(m));
    }
    return all;
}

// The share of the cues from which 95 % of a pattern or more come back.
static double share_of(const Tensor& found, const Tensor& patterns) {
    int right = 0;
    for (int m = 0; m < found.rows(); ++m) {
        int same = 0;
        for (int i = 0; i < found.columns(); ++i)
            same += (found.row(m)[i] > 0) == (patterns.row(m)[i] > 0);
        right += same >= 0.975 * found.columns();
    }
    return 1.0 * right / found.rows();
}

static Tensor settled(const Tensor& W, Tensor cues) {
    for (int m = 0; m < cues.rows(); ++m) {
        const Tensor end = settle(W, pattern_of(cues, m)).state;
        std::copy(end.data.begin(), end.data.end(), cues.row(m));
    }
    return cues;
}

void show_capacity() {
    const int N = 200;
    std::printf(
        "\n%d neurons, and of each pattern a tenth is wrong. Percent that come back:\n\n"
        "  patterns   per neuron   Hebb   softmax     stable at the first look: counted, "
        "predicted\n",
        N);
    figure::Values at, old_ones, modern_ones;
    for (int M : {4, 10, 16, 20, 24, 28, 32, 40, 60, 200, 2000, 10000}) {
        Random random(1982);
        double old = 0, stable = 0, modern = 0;
        const int networks = M <= 60 ? std::max(1, 80 / M) : 1;
        for (int network = 0; network < networks; ++network) {
            const Tensor patterns = random_patterns(M, N, random);
            const Tensor cues = cues_of(patterns, std::min(M, M <= 60 ? M : 20), random);
            if (M <= 60) {
                const Tensor W = hebbian_weights(patterns);
                old += share_of(settled(W, cues), patterns) / networks;
                stable += stable_share(W, patterns) / networks;
            }
            const double beta = sharpness_for(M, 80, 0.99);
            modern += share_of(modern_update(patterns, cues, beta), patterns) / networks;
        }
        std::printf("  %8d   %10.2f", M, 1.0 * M / N);
        if (M <= 60) std::printf("   %4.0f", 100 * old);
        else std::printf("      ");
        std::printf("   %7.0f", 100 * modern);
        if (M <= 60) std::printf("     %26.4f    %.4f", stable, expected_stable_share(N, M));
        std::printf("\n");
        at.push_back(1.0 * M / N);
        old_ones.push_back(M <= 60 ? old : NAN);
        modern_ones.push_back(modern);
    }
    const std::string picture = figure::lines(
        {"What comes back of patterns with a tenth of mistakes", "patterns per neuron", "share"},
        {{"Hebb's weights", old_ones, at}, {"softmax, one update", modern_ones, at}},
        figure::Scale::log_x);
    std::printf("\npicture: %s\n", figure::save("08_capacity", picture).c_str());
}

// ## Digits

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

static Tensor repeated(const Tensor& row, int times) {
    Tensor all({times, row.size()});
    return add(all, row);
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

void show_digits() {
    const Dataset<Pictures> data = digits::read();
    const Tensor stored = signs_of(data.training, size_of(data.training.labels));
    const Tensor asked = signs_of(data.held_out, 200), cues = lower_half_hidden(asked);
    const Tensor ten = one_of_each(data.training, stored), W = hebbian_weights(ten);
    const Tensor ends = settled(W, ten);
    int at_rest = 0;
    for (int m = 0; m < 10; ++m) at_rest += overlap(ends.row(m), ten.row(m), pixels) == 1;
    std::printf(
        "\nOf ten digits that are stored with Hebb's rule, %d are at rest; %.1f %% of their pixels "
        "are "
        "stable.\nOf 200 others the lower half is hidden. What is wrong of the hidden pixels, in "
        "percent:\n\n",
        at_rest, 100 * stable_share(W, ten));
    const double by_mean = wrong(repeated(mean(stored, 0), 200), asked);
    const Tensor hebb = settled(W, cues), neighbour = nearest(stored, cues);
    const double by_hebb = wrong(hebb, asked), by_neighbour = wrong(neighbour, asked);
    std::printf("  the mean of all %d            %5.1f\n", stored.rows(), by_mean);
    std::printf("  Hebb's weights, ten digits      %5.1f\n", by_hebb);
    std::printf("  the nearest neighbour           %5.1f\n", by_neighbour);
    figure::Values betas, errors;
    std::vector<figure::HeatPanel> panels;
    const auto show = [&](const char* name, const Tensor& all) {
        panels.push_back({name, figure::values(pattern_of(all, 3).data)});
    };
    show("a digit", asked), show("the cue", cues), show("Hebb's weights", hebb);
    for (double beta : {0.05, 0.125, 0.25, 0.5, 0.75, 1.0, 2.0, 4.0}) {
        const Tensor found = modern_update(stored, cues, beta);
        betas.push_back(beta);
        errors.push_back(wrong(found, asked));
        std::printf("  one update, β = %-5.3g           %5.1f\n", beta, errors.back());
        if (beta == 0.05) show("β = 0.05", found);
        if (beta == 0.75) show("β = 0.75", found);
        if (beta == 4) show("β = 4", found);
    }
    const auto level = [&](const char* name, double y) {
        return figure::Series{name, figure::Values(betas.size(), y), betas};
    };
    const std::string curves =
        figure::lines({"How much of the hidden half is wrong", "β", "percent"},
                      {{"one update", errors, betas},
                       level("the mean of all", by_mean),
                       level("Hebb's weights", by_hebb),
                       level("the nearest neighbour", by_neighbour)},
                      figure::Scale::log_x);
    const std::string picture =
        figure::heatmaps({"What comes back of half a digit"}, figure::numbered(side),
                         figure::numbered(side), panels, {-1, 1});
    std::printf("\npicture: %s\n", figure::save("08_digits", picture).c_str());
    std::printf("picture: %s\n", figure::save("08_sharpness", curves).c_str());
}

}  // namespace remembering
