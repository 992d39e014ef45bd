// What the demo prints and draws.

#include "demos/22_touching/touching.hpp"
#include "kit/figure.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>

namespace touching {

// ## Folds

void show_counts(int longest) {
    std::printf("Folds that do not cross, but for turns and mirrors:\n\n  beads");
    for (int n = 2; n <= longest; ++n) std::printf(" %6d", n);
    std::printf("\n  folds");
    for (int n = 2; n <= longest; ++n) std::printf(" %6d", size_of(all_folds(n)));
    std::printf("\n\n");
}

// A fold in lines of text: beads two columns and two lines apart, and the bonds between them.
static std::vector<std::string> drawing_of(const std::string& sequence, const std::string& turns) {
    const Places lying = places_of(turns);
    Place least{0, 0}, most{0, 0};
    for (const Place& p : lying) {
        least = {std::min(least.x, p.x), std::min(least.y, p.y)};
        most = {std::max(most.x, p.x), std::max(most.y, p.y)};
    }
    const int width = 2 * (most.x - least.x) + 1, height = 2 * (most.y - least.y) + 1;
    std::vector<std::vector<std::string>> cells(height, std::vector<std::string>(width, " "));
    const auto column = [&](const Place& p) { return 2 * (p.x - least.x); };
    const auto line = [&](const Place& p) { return 2 * (most.y - p.y); };
    for (int i = 0; i < size_of(lying); ++i) {
        const Place& p = lying[i];
        cells[line(p)][column(p)] = sequence[i] == 'H' ? "●" : "○";
        if (i == 0) continue;
        const Place& q = lying[i - 1];
        cells[(line(p) + line(q)) / 2][(column(p) + column(q)) / 2] = p.y == q.y ? "─" : "│";
    }
    std::vector<std::string> lines;
    for (const auto& row : cells) {
        lines.emplace_back();
        for (const std::string& cell : row) lines.back() += cell;
    }
    return lines;
}

// The same as a picture: the chain is a line, and its beads are dots.
static void draw_fold(const std::string& sequence, const std::string& turns) {
    figure::Series chain{"chain", {}, {}}, inside{"H", {}, {}, true}, outside{"P", {}, {}, true};
    const Places lying = places_of(turns);
    for (int i = 0; i < size_of(lying); ++i) {
        figure::Series& beads = sequence[i] == 'H' ? inside : outside;
        for (figure::Series* series : {&chain, &beads}) {
            series->x.push_back(lying[i].x);
            series->y.push_back(lying[i].y);
        }
    }
    const std::string svg =
        figure::lines({"The best fold of " + sequence, "", ""}, {chain, inside, outside});
    std::printf("picture: %s\n", figure::save("22_fold", svg).c_str());
}

void show_best(const std::string& sequence) {
    using Clock = std::chrono::steady_clock;
    const Clock::time_point begun = Clock::now();
    const BestFold best = best_fold(sequence);
    const double took = std::chrono::duration<double>(Clock::now() - begun).count();
    std::printf(
        "The best fold of %s has the energy %d.\nTo prove it, %ld beads were laid, in "
        "%.2f s:\n\n",
        sequence.c_str(), best.energy, best.laid, took);
    for (const std::string& line : drawing_of(sequence, best.turns))
        std::printf("    %s\n", line.c_str());
    std::printf("\n");
    draw_fold(sequence, best.turns);
}

// ## How good

static Examples first_chains(const Examples& all, int count) {
    Examples some = all;
    count = std::min(count, size_of(all.tokens));
    some.letters.resize(count);
    some.tokens.resize(count);
    some.contacts.resize(count);
    return some;
}

static void print_row(const char* name, const Grades& g) {
    std::printf("  %-24s %8.1f %8.1f %8.3f\n", name, g.precision, g.f1, g.area);
}

double show_grades(const Mapper& net, const Task& task, const Known& known) {
    const Examples some = first_chains(task.training, 400);
    const Maps truth = known_maps(task, known, task.held_out, Start::nothing);
    double pairs = 0, touching = 0;
    for (int i = 0; i < truth.mask.size(); ++i) {
        pairs += truth.mask.data[i];
        touching += truth.mask.data[i] * truth.targets.data[i];
    }
    const double p = touching / pairs;
    std::printf(
        "\n%s: %d chains are learnt from, and %d held out.\n"
        "Of %.0f pairs of these, %.0f touch.\n"
        "Precision at L/%d and F1, in percent, and the area under the curve:\n\n",
        task.title.c_str(), size_of(task.training.tokens), size_of(task.held_out.tokens), pairs,
        touching, task.part);
    print_row("chance", {100 * p, 100 * 2 * p / (1 + p), 0.5});
    const std::pair<const char*, Start> simple[] = {
        {"distance", Start::distances},
        {"average map", Start::average},
        {"average map and letters", Start::average_and_letters}};
    for (const auto& [name, start] : simple)
        print_row(name, grades(known_maps(task, known, some, start),
                               known_maps(task, known, task.held_out, start), task));
    const Grades best =
        grades(mapped(net, task, known, some), mapped(net, task, known, task.held_out), task);
    print_row("attention", best);
    std::printf("\n");
    return best.f1;
}

// ## Maps

static Tensor both_ways(const Tensor& maps, int b, int T, bool probability) {
    const int whole = maps.shape[1];
    Tensor map({T, T});
    for (int i = 0; i < T; ++i)
        for (int j = i + 1; j < T; ++j) {
            const float x = maps.data[(b * whole + i) * whole + j];
            map(i, j) = map(j, i) = probability ? 1 / (1 + std::exp(-x)) : x;
        }
    return map;
}

static Tensor masked(Tensor map, int nearest) {
    const int T = map.shape[0];
    for (int i = 0; i < T; ++i)
        for (int j = 0; j < T; ++j)
            if (std::abs(i - j) < nearest) map(i, j) = 0;
    return map;
}

// The number of a chain in the middle: half of the others are mapped better.
static int typical(const Maps& maps, int nearest, const Examples& examples) {
    std::vector<std::pair<double, int>> by_loss;
    for (int b = 0; b < size_of(examples.tokens); ++b) {
        const int T = size_of(examples.tokens[b]);
        const Tensor p = masked(both_ways(maps.scores, b, T, true), nearest);
        const Tensor y = both_ways(maps.targets, b, T, false);
        double common = 0, all = 0;
        for (int i = 0; i < p.size(); ++i)
            common += std::min(p.data[i], y.data[i]), all += std::max(p.data[i], y.data[i]);
        by_loss.emplace_back(common / all, b);
    }
    std::sort(by_loss.begin(), by_loss.end());
    return by_loss[by_loss.size() / 2].second;
}

static figure::Names names_of(const std::string& letters) {
    figure::Names names;
    for (const char letter : letters) names.emplace_back(1, letter);
    return names;
}

namespace {

// Where a head looks, on average over beads: by how far it is to there, and at whom it touches.
struct Looks {
    int steps = 0;  // to where it looks most, behind the bead if above 0
    double there = 0, touching = 0;
};

}  // namespace

static Looks looks_of(const Tensor& w, int h, const Examples& examples) {
    const int H = w.shape[1], T = w.shape[2];
    std::vector<double> sum(2 * T), count(2 * T);
    Looks looks;
    double beads = 0;
    for (int b = 0; b < size_of(examples.tokens); ++b) {
        const float* map = w.data.data() + (b * H + h) * T * T;
        const int length = size_of(examples.tokens[b]);
        for (int i = 0; i < length; ++i)
            for (int j = 0; j < length; ++j)
                sum[j - i + T] += map[i * T + j], count[j - i + T] += 1;
        for (const auto& [i, j] : examples.contacts[b]) {
            looks.touching += map[i * T + j] + map[j * T + i];
            beads += 2;
        }
    }
    looks.touching /= beads;
    for (int k = 0; k < 2 * T; ++k)
        if (count[k] > 8 * size_of(examples.tokens) && sum[k] / count[k] > looks.there) {
            looks.there = sum[k] / count[k];
            looks.steps = k - T;
        }
    return looks;
}

static void print_heads(const Mapper& net, const Examples& examples) {
    double alike = 0, touching = 0;
    for (int b = 0; b < size_of(examples.tokens); ++b) {
        alike += 1.0 * size_of(examples.contacts[b]) / size_of(examples.tokens[b]);
        touching += size_of(examples.contacts[b]);
    }
    std::printf(
        "Of the looks of a bead, how many percent fall on one that it touches (%.1f if it\n"
        "looked at all alike), and at which distance it looks most:\n\n",
        100 * alike / touching);
    for (int layer = 0; layer < net.stack.num_layers; ++layer) {
        const Tensor w = net.weights(examples.tokens, layer);
        for (int h = 0; h < net.stack.num_heads; ++h) {
            const Looks looks = looks_of(w, h, examples);
            std::printf("  layer %d, head %d %8.1f %8.1f at %+d\n", layer + 1, h + 1,
                        100 * looks.touching, 100 * looks.there, looks.steps);
        }
    }
    std::printf("\n");
}

// The head that looks most at what touches.
static Tensor best_head(const Mapper& net, const Examples& one, std::string& name) {
    Tensor best;
    double most = -1;
    const int T = size_of(one.tokens[0]);
    for (int layer = 0; layer < net.stack.num_layers; ++layer) {
        const Tensor w = net.weights(one.tokens, layer);
        for (int h = 0; h < net.stack.num_heads; ++h) {
            const Tensor own({T, T},
                             {w.data.begin() + h * T * T, w.data.begin() + (h + 1) * T * T});
            double on = 0;
            for (const auto& [i, j] : one.contacts[0]) on += own(i, j) + own(j, i);
            if (on <= most) continue;
            most = on;
            best = own;
            name = "head " + std::to_string(h + 1) + " of layer " + std::to_string(layer + 1);
        }
    }
    return best;
}

void show_maps(const Mapper& net, const Task& task, const Known& known) {
    const Maps maps = mapped(net, task, known, task.held_out);
    const int b = typical(maps, task.nearest, task.held_out);
    const Examples one = {
        {task.held_out.letters[b]}, {task.held_out.tokens[b]}, {task.held_out.contacts[b]}};
    print_heads(net, first_chains(task.held_out, 64));
    const int T = size_of(one.tokens[0]);
    const Maps simple = known_maps(task, known, one, Start::average);
    std::string head;
    const Tensor looks = best_head(net, one, head);
    const figure::Names names = names_of(one.letters[0]);
    const auto cells = [](const Tensor& map) { return figure::values(map.data); };
    const Tensor truth = both_ways(maps.targets, b, T, false);
    const Tensor found = masked(both_ways(maps.scores, b, T, true), task.nearest);
    const std::string path = figure::save(
        "22_" + task.name,
        figure::heatmaps({"Who touches whom: " + task.title, "", ""}, names, names,
                         {{"true", cells(truth)},
                          {"attention says", cells(found)},
                          {"the average map says",
                           cells(masked(both_ways(simple.scores, 0, T, true), task.nearest))},
                          {"where " + head + " looks", cells(looks)}}));
    std::printf("picture: %s\n", path.c_str());
}

}  // namespace touching
