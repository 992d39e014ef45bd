// What a bag of words can tell: which kind of thing a definition defines. And what it cannot.

#include "data/reviews.hpp"
#include "data/wordnet.hpp"
#include "demos/07_meaning/meaning.hpp"
#include "kit/figure.hpp"
#include "kit/naive_bayes.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <memory>

namespace meaning {

// ## The task

namespace {

// Texts, and what each of them is.
struct Labelled {
    std::vector<std::string> texts;
    std::vector<int> kinds;
};

// The same with ids for words, each text of one length.
struct Task {
    Vocabulary vocabulary;
    int C;
    Sequences texts, held_out_texts;
    std::vector<int> kinds, held_out_kinds;

    Task(const Labelled& known, const Labelled& held_out, int C_, int most)
        : vocabulary(vocabulary_of(known.texts, most)),
          C(C_),
          kinds(known.kinds),
          held_out_kinds(held_out.kinds) {
        for (const std::string& text : known.texts) texts.push_back(ids_of(text, vocabulary));
        length = length_for(lengths_of(texts), 0.95);
        for (Sequence& text : texts) text = cut_or_filled(text, length, 0);
        for (const std::string& text : held_out.texts)
            held_out_texts.push_back(cut_or_filled(ids_of(text, vocabulary), length, 0));
    }

    // How many of the first so many texts to learn from.
    Task first(int count) const {
        Task task = *this;
        task.texts.resize(std::min(count, size_of(texts)));
        task.kinds.resize(task.texts.size());
        return task;
    }

    double right(const std::vector<int>& said) const {
        double right = 0;
        for (int i = 0; i < size_of(said); ++i) right += said[i] == held_out_kinds[i];
        return 100 * right / size_of(said);
    }

    int length = 0;
};

}  // namespace

static Labelled labelled(const wordnet::Entries& entries) {
    Labelled all;
    for (const wordnet::Entry& entry : entries) {
        const int kind = wordnet::common_category(entry);
        if (kind >= 0) all.texts.push_back(entry.definition), all.kinds.push_back(kind);
    }
    // In random order, for the dictionary stands in that of the alphabet.
    Random random(7);
    const std::vector<int> order =
        shuffled_batches(size_of(all.kinds), size_of(all.kinds), random).at(0);
    return {gather_rows(all.texts, order), gather_rows(all.kinds, order)};
}

// ## Who answers

static double commonest(const Task& task) {
    std::vector<int> count(task.C);
    for (int kind : task.kinds) ++count[kind];
    const int most = static_cast<int>(std::max_element(count.begin(), count.end()) - count.begin());
    return task.right(std::vector<int>(task.held_out_kinds.size(), most));
}

static double counting_words(const Task& task) {
    return task.right(naive_bayes(task.texts, task.kinds, task.C, task.vocabulary.size(),
                                  task.held_out_texts));
}

// Learns, in so many steps of 64 texts, whatever makes logits of texts.
using Read = std::function<Variable(const Sequences& texts)>;

static training::Outcome teach(const std::string& title, const Task& task, const Read& read,
                               const Parameters& parameters, int steps, double rate, double decay,
                               Random& random) {
    AdamW adam(parameters, rate, decay);
    const int N = size_of(task.texts), size = std::min(64, N);
    const auto epoch = [&](Random& any) { return shuffled_batches(N, size, any); };
    const auto step = [&](const training::Batch& batch, double) {
        return train_step(adam, [&] {
            return cross_entropy(read(gather_rows(task.texts, batch)),
                                 gather_rows(task.kinds, batch));
        });
    };
    const auto look = [&] {
        const Tensor z = read(task.held_out_texts).value();
        return training::Look{cross_entropy_loss(z, task.held_out_kinds),
                              accuracy(z, task.held_out_kinds)};
    };
    return training::train({title, steps, steps / 8}, {adam, random, epoch, step, look});
}

// Asks a net about texts that nobody has labelled.
static void show_new_texts(const BagOfWords& net, const Task& task) {
    const NoTape no_tape;
    std::printf("\n\nNew texts, and what a bag that has learnt from all of them says:\n\n");
    for (const char* text : {"a small bird that sings at night", "a saw with a long blade",
                             "a sweet cake with pieces of fruit", "someone who writes poems",
                             "a town on a river in Africa"}) {
        const Sequence ids = cut_or_filled(ids_of(text, task.vocabulary), task.length, 0);
        const Tensor shares = softmax(net({ids}).value());
        const int kind = argmax(shares).at(0);
        std::printf("  %-36s %s (%.0f %%)\n", text,
                    wordnet::common_categories()[kind].c_str(), 100 * shares(0, kind));
    }
}

using Then = std::function<void(const BagOfWords& net)>;

static training::Outcome bag(
    const Task& task, const std::string& title, int D, int steps,
    const Then& then = [](const BagOfWords&) {}) {
    Random random(7);
    const BagOfWords net(task.vocabulary.size(), D, task.C, random);
    const training::Outcome run =
        teach(title, task, net, net.parameters(), steps, 0.01, 0.0, random);
    then(net);
    return run;
}

// Vectors that stay as they are, for the words of a task. A word that they do not know is left out.
static Tensor frozen_table(const Vocabulary& vocabulary, const Vectors& vectors) {
    const int V = vocabulary.size(), D = vectors.table.columns();
    const Tensor units = unit_rows(vectors.table);
    Tensor table({V, D});
    for (int id = 2; id < V; ++id)
        if (vectors.knows(vocabulary.name(id)))
            std::copy_n(units.row(vectors.id(vocabulary.name(id))), D, table.row(id));
    for (float& number : table.data) number *= std::sqrt(1.0f * D);
    return table;
}

// Only the linear layer behind them learns.
static training::Outcome frozen(const Task& task, const std::string& title, const Vectors& vectors,
                                int steps) {
    Random random(7);
    const Tensor table = frozen_table(task.vocabulary, vectors);
    const Linear answer(table.columns(), task.C, random);
    const auto read = [&](const Sequences& texts) {
        return answer(average_of_words(table, texts, 0));
    };
    return teach(title, task, read, answer.parameters(), steps, 0.02, 0.0, random);
}

// Of texts of T words each, a row [3 D] for each word: its vector between those of its neighbours.
static Tensor windows_of(const Tensor& table, const Sequences& texts) {
    const int D = table.columns(), T = size_of(texts.at(0));
    Tensor windows({size_of(texts) * T, 3 * D});
    for (int row = 0; row < windows.shape[0]; ++row)
        for (int beside = -1; beside <= 1; ++beside) {
            const int t = row % T + beside;
            if (t < 0 || t >= T) continue;
            const float* vector = table.row(texts[row / T][t]);
            std::copy_n(vector, D, windows.row(row) + (beside + 1) * D);
        }
    return windows;
}

// [B T, F] → [B, F]: the mean of each T rows.
static Variable mean_of_each(const Variable& rows, int T) {
    const int B = rows.shape()[0] / T, F = rows.shape()[1];
    Tensor means({B, F});
    for (int row = 0; row < B * T; ++row)
        for (int k = 0; k < F; ++k) means.row(row / T)[k] += rows.value().row(row)[k] / T;
    return record("mean", std::move(means), {rows}, [=](const Tensor&, const Tensor& dmeans) {
        Tensor drows({B * T, F});
        for (int row = 0; row < B * T; ++row)
            for (int k = 0; k < F; ++k) drows.row(row)[k] = dmeans.row(row / T)[k] / T;
        return drows;
    });
}

// A convolution over the frozen vectors: the same small layer looks at each word and its two
// neighbours, and the mean of what it sees is what the answer is made from.
static training::Outcome convolution(const Task& task, const std::string& title,
                                     const Vectors& vectors, int steps) {
    constexpr int F = 64;
    Random random(7);
    const Tensor table = frozen_table(task.vocabulary, vectors);
    const Linear seen(3 * table.columns(), F, random), answer(F, task.C, random);
    const auto read = [&](const Sequences& texts) {
        const Variable windows = windows_of(table, texts);
        return answer(mean_of_each(relu(seen(windows)), task.length));
    };
    return teach(title, task, read, {seen.W, seen.b, answer.W, answer.b}, steps, 0.01, 0.0, random);
}

static double right(const training::Outcome& run) { return 100 * run.curve.back().right; }

double show_kinds(const Vectors& here, const Vectors& shipped, int D) {
    const Dataset<wordnet::Entries> dictionary = wordnet::read();
    const int C = size_of(wordnet::common_categories());
    const Task task(labelled(dictionary.training), labelled(dictionary.held_out), C, 6000);
    std::printf(
        "\nWhich of ten kinds does a definition define? %d to learn from, %d held out;\n"
        "95 %% of them have at most %d words. Right of the held-out ones, in percent,\n"
        "when so many definitions come with their kind:\n\n  %-26s",
        size_of(task.texts), size_of(task.held_out_texts), task.length, "");
    const int sizes[] = {100, 1000, size_of(task.texts)};
    for (int size : sizes) std::printf(" %7d", size);
    std::vector<training::Outcome> runs;
    const auto line = [&](const std::string& name, const auto& answer) {
        std::printf("\n  %-26s", name.c_str());
        double last = 0;
        for (int size : sizes) std::printf(" %7.1f", last = answer(task.first(size)));
        return last;
    };
    line("the commonest kind", commonest);
    line("naive Bayes", counting_words);
    const auto learnt = [&](const auto& learn) {
        return [&runs, learn](const Task& some) {
            const training::Outcome run = learn(some, size_of(some.texts) > 1000 ? 800 : 200);
            if (size_of(some.texts) > 1000) runs.push_back(run);
            return right(run);
        };
    };
    std::unique_ptr<BagOfWords> last;
    const auto keep = [&](const BagOfWords& net) { last = std::make_unique<BagOfWords>(net); };
    const double with_task = line("vectors learnt with it", learnt([&](const Task& some, int n) {
                                      return bag(some, "learnt with the task", D, n, keep);
                                  }));
    line("frozen, learnt here", learnt([&](const Task& some, int n) {
             return frozen(some, "frozen, learnt here", here, n);
         }));
    line("frozen, all of WordNet", learnt([&](const Task& some, int n) {
             return frozen(some, "frozen, all of WordNet", shipped, n);
         }));
    line("the same, three at a time", learnt([&](const Task& some, int n) {
             return convolution(some, "the same, three at a time", shipped, n);
         }));
    show_new_texts(*last, task);
    std::printf("\n");
    training::draw_right("07_right", runs);
    runs.pop_back();  // with its two curves more, nobody finds any
    training::draw_losses("07_training", runs);
    return with_task;
}

// ## What it cannot

// Each word together with the one before it, as one word.
static std::string in_pairs(const std::string& text) {
    std::string pairs, before = "begin";
    for (const std::string& word : words_in(text)) {
        pairs += before + "\xE2\x80\xA2" + word + " ";
        before = word;
    }
    return pairs;
}

void show_reviews(const Vectors& shipped) {
    Random random(7);
    Dataset<reviews::Examples> pairs = reviews::draw(400, 100, random);
    std::printf("\n%d reviews such as\n  %s\n  %s\nRight of %d held-out ones, in percent: ",
                size_of(pairs.training.texts), pairs.training.texts[0].c_str(),
                pairs.training.texts[1].c_str(), size_of(pairs.held_out.texts));
    const auto task = [&] {
        return Task({pairs.training.texts, pairs.training.kinds},
                    {pairs.held_out.texts, pairs.held_out.kinds}, 2, 6000);
    };
    std::printf("naive Bayes %.1f, ", counting_words(task()));
    std::printf("a bag of vectors %.1f;\n", right(bag(task(), "reviews", 16, 200)));
    std::printf("frozen vectors, three at a time: %.1f\n",
                right(convolution(task(), "reviews, three at a time", shipped, 200)));
    for (auto* part : {&pairs.training, &pairs.held_out})
        for (std::string& text : part->texts) text = in_pairs(text);
    std::printf("when each two neighbours count as one word: %.1f\n",
                right(bag(task(), "reviews, in pairs", 16, 200)));
}

}  // namespace meaning
