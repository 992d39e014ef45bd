// What pre-training is worth: definitions are sorted into ten kinds of things.

#include "02_fast_matmul.hpp"
#include "07_words.hpp"
#include "data/wordnet.hpp"
#include "demos/19_understanding/adapters.hpp"
#include "demos/19_understanding/understanding.hpp"
#include "kit/environment.hpp"
#include "kit/figure.hpp"
#include "kit/naive_bayes.hpp"
#include "kit/progress.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <mutex>
#include <numeric>

namespace understanding {

static const int num_kinds = size_of(wordnet::common_categories());
static constexpr int num_seeds = 3, sizes[] = {50, 200, 1000, 5000};
static constexpr int num_sizes = 4, held_out_at_most = 1000;

// ## The task

namespace {

struct Labelled {
    Sequences texts;
    std::vector<int> kinds;

    Labelled some(const std::vector<int>& which) const {
        return {gather_rows(texts, which), gather_rows(kinds, which)};
    }
};

}  // namespace

static Labelled labelled(const wordnet::Entries& entries, const Vocabulary& vocabulary) {
    Labelled all;
    for (const wordnet::Entry& entry : entries) {
        const int kind = wordnet::common_category(entry);
        if (kind < 0) continue;
        all.texts.push_back(ids_of(entry.definition, vocabulary));
        all.kinds.push_back(kind);
    }
    return all;
}

// So many at random.
static Labelled drawn(const Labelled& all, int count, Random& random) {
    const int N = size_of(all.kinds);
    std::vector<int> order = shuffled_batches(N, N, random).at(0);
    order.resize(std::min(count, N));
    return all.some(order);
}

static double percent_right(const std::vector<int>& said, const Labelled& wanted) {
    double right = 0;
    for (int i = 0; i < size_of(said); ++i) right += said[i] == wanted.kinds[i];
    return 100 * right / size_of(said);
}

// ## Counting words

static double commonest(const Labelled& held_out) {
    std::vector<int> count(num_kinds);
    for (int kind : held_out.kinds) ++count[kind];
    return 100.0 * *std::max_element(count.begin(), count.end()) / size_of(held_out.kinds);
}

static double counting_words(const Labelled& known, const Labelled& held_out, int V) {
    return percent_right(naive_bayes(known.texts, known.kinds, num_kinds, V, held_out.texts),
                         held_out);
}

// ## Learning

enum class Way { scratch, frozen, adapters, all };
static const char* const ways[] = {"from scratch", "frozen", "low-rank changes", "all"};
static constexpr int num_ways = 4;

static Inputs inputs_of(const Sequences& texts, const BertSettings& settings) {
    return inputs_of(texts, Sequences(texts.size()), settings);
}

// The class rows of many texts, in parts of like length.
static Tensor features_of(const Bert& net, const Sequences& texts) {
    const NoTape no_tape;
    const int N = size_of(texts), D = net.settings.stack.d_model;
    std::vector<int> order(N);
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(),
                     [&](int a, int b) { return texts[a].size() < texts[b].size(); });
    Tensor all({N, D});
    for (int first = 0; first < N; first += 64) {
        const std::vector<int> part(order.begin() + first,
                                    order.begin() + std::min(first + 64, N));
        const Tensor rows =
            class_rows(net(inputs_of(gather_rows(texts, part), net.settings))).value();
        for (int i = 0; i < size_of(part); ++i) std::copy_n(rows.row(i), D, all.row(part[i]));
    }
    return all;
}

// One of the four ways, in so many steps of 32; returns the percentage that is right.
static double learnt(Way way, const Bert& pretrained, const Labelled& known,
                     const Labelled& held_out, int steps, FineTuning how, std::uint64_t seed) {
    Random random(seed);
    const BertSettings& settings = pretrained.settings;
    const Bert body = way == Way::scratch ? Bert(settings, random) : copy_of(pretrained);
    const Linear head(settings.stack.d_model, num_kinds, random);
    const Adapters adapters(settings.stack, 4, 8, random);
    if (way == Way::frozen || way == Way::adapters) freeze(body.parameters());
    how.frozen = way == Way::frozen;
    Adam of_body(way == Way::adapters ? adapters.parameters() : body.parameters(), 0);
    Adam of_head(head.parameters(), 0);
    const auto net = [&] { return way == Way::adapters ? adapters.applied(body) : body; };
    const Tensor ready = how.frozen ? features_of(body, known.texts) : Tensor();
    const FineTuning at_first = how;

    std::vector<std::vector<int>> batches;
    for (int step = 0; step < steps; ++step) {
        if (batches.empty())
            batches = shuffled_batches(size_of(known.kinds), std::min(32, size_of(known.kinds)),
                                       random);
        const std::vector<int> batch = batches.back();
        batches.pop_back();
        how.body_rate = at_first.body_rate * (1 - 1.0 * step / steps);
        how.head_rate = at_first.head_rate * (1 - 1.0 * step / steps);
        const Features features = [&](const Dropout& dropout) {
            if (how.frozen) return Variable(gather_rows(ready, batch));
            return class_rows(net()(inputs_of(gather_rows(known.texts, batch), settings), dropout));
        };
        fine_tune_step(features, head, gather_rows(known.kinds, batch), of_body, of_head, how,
                       Dropout(0.1, random));
    }
    return percent_right(argmax(head(features_of(net(), held_out.texts)).value()), held_out);
}

// ## Four ways, four sizes, three seeds

namespace {

struct Job {
    int way, size, seed;
    int cost() const { return way == static_cast<int>(Way::frozen) ? 0 : sizes[size]; }
};

struct Figures {
    double of[num_ways + 1][num_sizes][num_seeds];  // the last way is naive Bayes

    double mean(int way, int size) const {
        return std::accumulate(of[way][size], of[way][size] + num_seeds, 0.0) / num_seeds;
    }
    double deviation(int way, int size) const {
        double squares = 0;
        for (double x : of[way][size]) squares += (x - mean(way, size)) * (x - mean(way, size));
        return std::sqrt(squares / (num_seeds - 1));
    }
};

}  // namespace

static void print(const Figures& figures, double commonest) {
    std::printf("\n  %-18s", "labelled");
    for (int size : sizes) std::printf(" %12d", size);
    std::printf("\n  %-18s %9.1f\n", "the commonest kind", commonest);
    for (int way : {num_ways, 0, 1, 2, 3}) {
        std::printf("  %-18s", way == num_ways ? "naive Bayes" : ways[way]);
        for (int size = 0; size < num_sizes; ++size)
            std::printf("  %5.1f ± %3.1f", figures.mean(way, size), figures.deviation(way, size));
        std::printf("\n");
    }
    std::printf("\n");
}

static void draw(const Figures& figures) {
    std::vector<figure::Series> curves;
    figure::Series each{"each of three", {}, {}, true};
    for (int way = 0; way <= num_ways; ++way) {
        figure::Series curve{way == num_ways ? "naive Bayes" : ways[way], {}};
        for (int size = 0; size < num_sizes; ++size) {
            curve.x.push_back(sizes[size]);
            curve.y.push_back(figures.mean(way, size));
            for (double one : figures.of[way][size]) {
                each.x.push_back(sizes[size]);
                each.y.push_back(one);
            }
        }
        curves.push_back(curve);
    }
    curves.push_back(each);
    const std::string picture =
        figure::lines({"What pre-training is worth", "labelled definitions",
                       "percent right of what is held out"},
                      curves, figure::Scale::log_x);
    std::printf("picture: %s\n", figure::save("19_labels", picture).c_str());
}

double show_kinds(const Bert& net, const Vocabulary& vocabulary, double body_rate,
                  double head_rate) {
    const Dataset<wordnet::Entries> dictionary = wordnet::read();
    Random random(19);
    const Labelled all = labelled(dictionary.training, vocabulary);
    const Labelled held_out =
        drawn(labelled(dictionary.held_out, vocabulary), held_out_at_most, random);
    std::printf("\nWhich of ten kinds does a definition define? %d held out, %d to draw from.\n",
                size_of(held_out.kinds), size_of(all.kinds));
    std::fflush(stdout);

    std::vector<Labelled> known;  // of each size and seed
    for (int size : sizes)
        for (int seed = 0; seed < num_seeds; ++seed) known.push_back(drawn(all, size, random));
    std::vector<Job> jobs;
    for (int way = 0; way < num_ways; ++way)
        for (int size = 0; size < num_sizes; ++size)
            for (int seed = 0; seed < num_seeds; ++seed) jobs.push_back({way, size, seed});
    std::stable_sort(jobs.begin(), jobs.end(),
                     [](const Job& a, const Job& b) { return a.cost() > b.cost(); });

    Figures figures{};
    Progress progress("fine-tuning", size_of(jobs), 0);
    std::mutex one_at_a_time;
    int done = 0;
    const double share = std::min(1.0, from_environment("DEMO_STEPS", 1e9) / 400);
    parallel_for(size_of(jobs), [&](int i) {
        const auto [way, size, seed] = jobs[i];
        const Labelled& mine = known[size * num_seeds + seed];
        const int steps_of[] = {60, 100, 200, 400};
        const int steps = std::max(1, static_cast<int>(share * steps_of[size]));
        FineTuning how{false, body_rate, head_rate};
        if (way == static_cast<int>(Way::scratch)) how.body_rate = 0.002;
        if (way == static_cast<int>(Way::adapters)) how.body_rate = 0.01;
        figures.of[way][size][seed] =
            learnt(static_cast<Way>(way), net, mine, held_out,
                   way == static_cast<int>(Way::frozen) ? 3 * steps : steps, how, seed + 1);
        const std::lock_guard<std::mutex> lock(one_at_a_time);
        progress.show(++done, NAN, NAN);
    });
    for (int size = 0; size < num_sizes; ++size)
        for (int seed = 0; seed < num_seeds; ++seed)
            figures.of[num_ways][size][seed] =
                counting_words(known[size * num_seeds + seed], held_out, vocabulary.size());
    print(figures, commonest(held_out));
    std::printf("  naive Bayes, with all %d: %.1f\n\n", size_of(all.kinds),
                counting_words(all, held_out, vocabulary.size()));
    draw(figures);
    return figures.mean(static_cast<int>(Way::all), 1);
}

}  // namespace understanding
