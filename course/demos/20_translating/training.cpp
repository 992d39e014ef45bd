// Training on phrases, with samples while it learns.

#include "demos/20_translating/translating.hpp"

#include <cstdio>
#include <unistd.h>

namespace translating {

static Dataset<Phrases> read_with(int lists_of_four) {
    Dataset<Phrases> data = phrases::read();
    Phrases held_out;
    for (Phrase& phrase : data.held_out) {
        const bool learnt = phrase.kind == "lists" && lists_of_four-- > 0;
        (learnt ? data.training : held_out).push_back(std::move(phrase));
    }
    data.held_out = std::move(held_out);
    return data;
}

Task::Task(int lists_of_four)
    : data(read_with(lists_of_four)), vocabulary(phrases::vocabulary_of(data.training)) {}

static training::Pairs pairs_of(const Task& task, const Phrases& all, int every) {
    training::Pairs pairs;
    for (int i = 0; i < size_of(all); i += every) {
        pairs.sources.push_back(task.vocabulary.tokens(all[i].english));
        pairs.targets.push_back(task.vocabulary.tokens(all[i].german));
    }
    return pairs;
}

// ## Padding

static std::vector<Lengths> lengths_of_all(const training::Pairs& pairs) {
    std::vector<Lengths> lengths;
    for (int i = 0; i < size_of(pairs.sources); ++i)
        lengths.push_back({size_of(pairs.sources[i]), size_of(pairs.targets[i]) + 1});
    return lengths;
}

// In percent.
static double padding_of(const std::vector<Lengths>& lengths, const Batches& batches) {
    double real = 0, all = 0;
    for (const std::vector<int>& batch : batches) {
        for (int i : batch) real += lengths[i].source + lengths[i].target;
        all += padded_tokens(lengths, batch);
    }
    return 100 * (1 - real / all);
}

static void print_padding(const std::vector<Lengths>& lengths, int tokens) {
    Random any(1);
    const Batches sorted = batches_by_length(lengths, tokens, any);
    const int examples = size_of(lengths) / size_of(sorted);
    const Batches mixed = shuffled_batches(size_of(lengths), examples, any);
    std::printf("of a batch, %.1f %% are padding; of %d phrases at random, %.0f %%\n",
                padding_of(lengths, sorted), examples, padding_of(lengths, mixed));
}

// ## Samples

// A line of its own, also where the progress bar stands.
static void print_line(const char* form, int steps, const std::string& text) {
    if (isatty(STDOUT_FILENO)) std::printf("\r\033[K");
    std::printf(form, steps, text.c_str());
    std::fflush(stdout);
}

static void print_samples(const Transformer& net, const Task& task, int steps) {
    const Phrases some = {{phrases::words_of_text("one hundred eighty-three days ago"), {}, ""},
                          {phrases::words_of_text("June 22, 1972"), {}, ""}};
    std::string line;
    for (const Sequence& found : translated(net, task, some))
        line += (line.empty() ? "" : " · ") + phrases::text_of(said(task.vocabulary, found));
    const std::vector<std::string> characters = characters_of(line);
    if (characters.size() > 60) {
        line.clear();
        for (int i = 0; i < 58; ++i) line += characters[i];
        line += "…";
    }
    print_line("  after step %5d: %s\n", steps, line);
}

// ## Training

training::Outcome learn(const Transformer& net, const Task& task, const training::Plan& plan,
                        const Settings& settings, Random& random) {
    const training::Pairs pairs = pairs_of(task, task.data.training, 1),
                          unseen = pairs_of(task, task.data.held_out, 12);
    const std::vector<Lengths> lengths = lengths_of_all(pairs);
    std::printf("%d parameters, %d words, %zu phrases to learn from, %zu held out;\n",
                parameter_count(net.parameters()), task.vocabulary.size(),
                task.data.training.size(), task.data.held_out.size());
    print_padding(lengths, settings.tokens);
    std::printf("\none hundred eighty-three days ago · June 22, 1972\n");

    const auto look = [&](int steps) {
        print_samples(net, task, steps);
        return training::Look{training::loss_of(net, unseen, settings.learning.smoothing)};
    };
    const auto epoch = [&](Random& any) {
        return batches_by_length(lengths, settings.tokens, any);
    };
    const training::Outcome run =
        training::learn_pairs(net, plan, settings.learning, pairs, epoch, look, random);
    if (!run.complete) return run;
    std::printf("%d steps, %.0f s; loss per word %.3f, held out %.3f\n\n", run.steps, run.seconds,
                run.loss, run.curve.back().held_out);
    return run;
}

}  // namespace translating
