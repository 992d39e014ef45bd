#include "demos/05_order/order.hpp"

#include "kit/figure.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace order {

using temporal_order::Examples;

static constexpr int seed = 9;
static const char* const kind_names[] = {"XX", "XY", "YX", "YY"};

static int V() { return temporal_order::symbols().size(); }

Kind plain_cell() {
    return {"plain cell",
            [](Random& random) { return std::make_unique<RnnCell>(V(), hidden, random); }};
}

Kind lstm(const std::string& name, float forget_bias) {
    return {name, [=](Random& random) {
                return std::make_unique<LstmCell>(V(), hidden, random, forget_bias);
            }};
}

const std::vector<Length>& lengths() {
    static const std::vector<Length> all = {{"7–8", {7, 8, {1, 2}, {3, 5}}},
                                            {"30–40", {30, 40, {2, 6}, {20, 28}}},
                                            {"60–80", {60, 80, {10, 20}, {45, 55}}},
                                            {"100–110", {100, 110, {10, 20}, {50, 60}}}};
    return all;
}

static Dataset<Examples> examples(const temporal_order::Level& level) {
    Random random(1997);
    return temporal_order::draw(8000, 400, level, random);
}

// ## Learning

Learnt::Learnt(const Kind& kind, Random& random)
    : cell(kind.make(random)), net(*cell, hidden, 4, random) {}

training::Outcome teach(const Read& read, const Parameters& parameters, const std::string& title,
                        const temporal_order::Level& level, int steps, double rate,
                        Random& random) {
    const Dataset<Examples> data = examples(level);
    const auto &known = data.training, &held_out = data.held_out;
    Adam adam(parameters, rate);
    const auto epoch = [&](Random& any) { return shuffled_batches(size_of(known.kinds), 32, any); };
    const auto step = [&](const training::Batch& batch, double) {
        return train_step(adam, [&] {
            return cross_entropy(read(gather_rows(known.sequences, batch)),
                                 gather_rows(known.kinds, batch));
        });
    };
    const auto look = [&] {
        const Tensor z = read(held_out.sequences).value();
        return training::Look{cross_entropy_loss(z, held_out.kinds), accuracy(z, held_out.kinds)};
    };
    return training::train({title, steps, 50}, {adam, random, epoch, step, look});
}

static Read reader(const Classifier& net) {
    return [&net](const Sequences& sequences) { return net(sequences, V()); };
}

std::unique_ptr<Learnt> learn(const Kind& kind, const Length& length, int steps) {
    Random random(seed);
    auto learnt = std::make_unique<Learnt>(kind, random);
    const Classifier& net = learnt->net;
    learnt->run = teach(reader(net), net.parameters(), kind.name + ", " + length.name, length.level,
                        steps, 0.004, random);
    return learnt;
}

// Who only counts the X knows XX and YY, and takes one of each for XY.
static double right_by_counting(const Examples& examples) {
    double right = 0;
    for (int i = 0; i < size_of(examples.kinds); ++i) {
        const Sequence& s = examples.sequences[i];
        const auto xs = std::count(s.begin(), s.end(), temporal_order::symbols().token("X"));
        right += examples.kinds[i] == (xs == 2 ? 0 : xs == 1 ? 1 : 3);
    }
    return right / examples.kinds.size();
}

void show_lengths(const std::vector<Line>& lines, const std::string& picture) {
    std::vector<Line> all = {{"counting the X", {}}};
    figure::Values middles;
    for (const Length& length : lengths()) {
        all[0].right.push_back(right_by_counting(examples(length.level).held_out));
        middles.push_back((length.level.shortest + length.level.longest) / 2.0);
    }
    all.insert(all.end(), lines.begin(), lines.end());
    std::printf("What is right of 400 held-out sequences, in percent, by their length:\n\n  %-20s",
                "");
    for (const Length& length : lengths()) std::printf(" %8s", length.name.c_str());
    std::vector<figure::Series> curves;
    for (const Line& line : all) {
        std::printf("\n  %-20s", line.name.c_str());
        for (double right : line.right) std::printf(" %7.1f", 100 * right);
        curves.push_back({line.name, line.right, middles});
    }
    const std::string svg = figure::lines(
        {"Right of the held-out sequences", "length of the sequences", "share"}, curves);
    std::printf("\n\npicture: %s\n", figure::save(picture, svg).c_str());
}

std::vector<Row> learn_all(const std::vector<Kind>& kinds) {
    std::vector<Row> rows;
    std::vector<Line> lines;
    for (const Kind& kind : kinds) lines.push_back({kind.name, {}});
    for (const Length& length : lengths()) {
        rows.emplace_back();
        for (int k = 0; k < size_of(kinds); ++k) {
            rows.back().push_back(learn(kinds[k], length, 500));
            lines[k].right.push_back(rows.back()[k]->right());
        }
    }
    show_lengths(lines, "05_length");
    std::vector<training::Outcome> at_the_longest;
    for (const auto& net : rows.back()) at_the_longest.push_back(net->run);
    training::draw_losses("05_training", at_the_longest);
    return rows;
}

// ## What was learnt

static std::vector<int> answers_of(const Learnt& net, const Sequences& sequences) {
    const NoTape no_tape;
    return argmax(net.net(sequences, V()).value());
}

void show_answers(const Learnt& plain, const Learnt& other) {
    const Examples asked = examples(lengths()[1].level).held_out;
    const std::vector<int> said = answers_of(plain, asked.sequences);
    const std::vector<int> better = answers_of(other, asked.sequences);
    int table[4][4] = {}, misread = -1;
    for (int i = 0; i < size_of(said); ++i) {
        ++table[asked.kinds[i]][said[i]];
        if (misread < 0 && said[i] != asked.kinds[i] && better[i] == asked.kinds[i]) misread = i;
    }
    std::printf("\nWhat the plain cell says of sequences of 30 to 40 symbols:\n\n  %-8s", "");
    for (const char* name : kind_names) std::printf(" %5s", name);
    std::printf("   right\n");
    for (int kind = 0; kind < 4; ++kind) {
        int all = 0;
        std::printf("  is %-5s", kind_names[kind]);
        for (int count : table[kind]) std::printf(" %5d", count), all += count;
        std::printf("  %4.0f %%\n", 100.0 * table[kind][kind] / std::max(1, all));
    }
    int mistakes = 0, first_only = 0;
    for (int kind = 0; kind < 4; ++kind)
        for (int answer = 0; answer < 4; ++answer) {
            if (answer == kind) continue;
            mistakes += table[kind][answer];
            first_only += answer % 2 == kind % 2 ? table[kind][answer] : 0;  // the second is right
        }
    std::printf("\n  Of %d mistakes, %d have the second symbol right and the first one wrong.\n",
                mistakes, first_only);
    if (misread < 0) return;
    std::printf("\n  %s\n  is %s; the plain cell says %s.\n",
                temporal_order::symbols().text(asked.sequences[misread]).c_str(),
                kind_names[asked.kinds[misread]], kind_names[said[misread]]);
}

// ## Longer and longer

static const temporal_order::Level longest = {300, 500, {10, 20}, {250, 290}};

static double right_of(const Learnt& net, const temporal_order::Level& level) {
    const NoTape no_tape;
    const Examples asked = examples(level).held_out;
    return accuracy(net.net(asked.sequences, V()).value(), asked.kinds);
}

void show_longer(const Learnt& net) {
    std::printf("\nThe last of them, asked at once about sequences of 300 to 500: %.1f %% right\n",
                100 * right_of(net, longest));
}

void show_stages(const Learnt& net) {
    const std::vector<Length> stages = {{"150–165", {150, 165, {10, 20}, {85, 95}}},
                                        {"200–220", {200, 220, {10, 20}, {120, 130}}},
                                        {"250–270", {250, 270, {10, 20}, {160, 180}}},
                                        {"300–350", {300, 350, {10, 20}, {200, 240}}},
                                        {"300–500", longest}};
    std::printf("\nThe last of them goes on, by stages:\n");
    Random random(seed);
    for (const Length& stage : stages) {
        const double before = 100 * right_of(net, stage.level);
        teach(reader(net.net), net.net.parameters(), stage.name, stage.level, 500, 0.004, random);
        std::printf("  500 steps at %s: from %.1f to %.1f %% right\n", stage.name.c_str(), before,
                    100 * right_of(net, stage.level));
    }
}

// ## What goes back

static std::vector<double> norms(const Learnt& net, const Examples& examples) {
    const Sequences& sequences = examples.sequences;
    const Steps states = unroll(*net.cell, steps_of(sequences, V()), lengths_of(sequences));
    backward(cross_entropy(net.net.answer(net.cell->hidden(states.back())), examples.kinds),
             Graph::kept);
    std::vector<double> all;
    for (auto state = states.rbegin(); state != states.rend(); ++state) {
        double squares = 0;
        for (float g : state->gradient().data) squares += double{g} * g;
        all.push_back(std::sqrt(squares));
    }
    return all;
}

void show_gradients(const std::vector<Kind>& kinds, const Row& learnt) {
    Random draws(1997);
    const Examples asked =
        temporal_order::draw(32, 0, {110, 110, {10, 20}, {50, 60}}, draws).training;
    std::printf("\nHow much of the gradient is left, so many steps before the end:\n\n");
    std::printf("  %-24s %9d %9d %9d %9d\n", "", 10, 25, 50, 100);
    std::vector<figure::Series> lines;
    const auto show = [&](const std::string& name, const Learnt& net) {
        std::vector<double> norm = norms(net, asked);
        const double last = norm.front();
        for (double& n : norm) n /= last;
        std::printf("  %-24s %9.1e %9.1e %9.1e %9.1e\n", name.c_str(), norm.at(10), norm.at(25),
                    norm.at(50), norm.at(100));
        lines.push_back({name, norm});
    };
    Random random(seed);
    show(kinds[0].name + ", at first", Learnt(kinds[0], random));
    for (int k = 0; k < size_of(kinds); ++k) show(kinds[k].name, *learnt[k]);
    const std::string picture =
        figure::lines({"How much of the gradient is left", "steps before the end", "share"}, lines,
                      figure::Scale::log_y);
    std::printf("\npicture: %s\n", figure::save("05_gradient", picture).c_str());
}

void show_end(const Row& nets) {
    std::printf(
        "\nAt 100 to 110 symbols the plain cell is right in %.0f of 100 cases, an LSTM with\n"
        "bias 1 in %.0f, and one whose gates begin open in %.0f. The gradient has to arrive\n"
        "before anything can be learnt; once a little of it does, training opens the\n"
        "gates further.\n",
        100 * nets[0]->right(), 100 * nets[1]->right(), 100 * nets[2]->right());
}

// ## What stands in the cells

// B, two symbols far from each other, noise around them, and E, all at even places.
static Sequence with_first(const char* symbol) {
    Sequence sequence;
    for (const std::string& name : characters_of("BadbXcabdacbdaccabdcbaYdbcadcabdE"))
        sequence.push_back(temporal_order::symbols().token(name == "X" ? symbol : name));
    return sequence;
}

void draw_cells(const Learnt& lstm) {
    const NoTape no_tape;
    std::vector<figure::HeatPanel> cells, hiddens;
    figure::Names symbols;
    for (const char* first : {"X", "Y"}) {
        const Sequence sequence = with_first(first);
        const int T = size_of(sequence);
        const Steps states = unroll(*lstm.cell, steps_of({sequence}, V()), {T});
        figure::Values h(hidden * T), c(hidden * T);
        symbols.assign(T, "·");
        for (int t = 0; t < T; ++t)
            for (int j = 0; j < hidden; ++j) {
                h[j * T + t] = states[t].value()(0, j);
                c[j * T + t] = std::tanh(states[t].value()(0, hidden + j));
            }
        cells.push_back({std::string("tanh(c), ") + first + " first", c});
        hiddens.push_back({std::string("h, ") + first + " first", h});
        symbols.front() = "B", symbols[4] = "1", symbols[22] = "2", symbols.back() = "E";
    }
    cells.insert(cells.end(), hiddens.begin(), hiddens.end());
    const std::string picture =
        figure::heatmaps({"What an LSTM keeps along a sequence", "what it reads", "cell"},
                         figure::numbered(hidden), symbols, cells, {-1, 1});
    std::printf("picture: %s\n", figure::save("05_cells", picture).c_str());
}

}  // namespace order
