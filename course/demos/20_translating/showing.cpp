// What a trained net says, how good that is, and where it looks.

#include "demos/20_translating/translating.hpp"

#include "02_fast_matmul.hpp"
#include "kit/environment.hpp"
#include "kit/figure.hpp"

#include <algorithm>
#include <cstdio>
#include <numeric>

namespace translating {

// ## Translating

// The German has about as many words as the English. An untrained net never ends.
static int longest_answer(const Sequence& source) { return 8 + 2 * size_of(source); }

static Sequence found_by_beam(const Transformer& net, const Sequence& source, int width) {
    const TransformerSettings& s = net.settings;
    return best_output(training::next_token(net, {source}), s.begin, s.end, longest_answer(source),
                       width, 0.6);
}

// Of phrases that are about equally long, the longest last.
static Sequences found_for(const Transformer& net, const Sequences& sources, int width) {
    if (width == 1)  // greedy search can write them side by side
        return greedy_search(training::next_token(net, sources), size_of(sources),
                             net.settings.begin, net.settings.end, longest_answer(sources.back()));
    Sequences all;
    for (const Sequence& source : sources) all.push_back(found_by_beam(net, source, width));
    return all;
}

Sequences translated(const Transformer& net, const Task& task, const Phrases& some, int width) {
    std::vector<int> order(some.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(),
                     [&](int a, int b) { return some[a].english.size() < some[b].english.size(); });
    const int count = size_of(some), together = count < 1000 ? 32 : 128;
    Sequences all(count);
    parallel_for((count + together - 1) / together, [&](int part) {
        const auto first = order.begin() + part * together,
                   last = order.begin() + std::min((part + 1) * together, count);
        Sequences sources;
        for (auto i = first; i < last; ++i)
            sources.push_back(task.vocabulary.tokens(some[*i].english));
        const Sequences found = found_for(net, sources, width);
        for (auto i = first; i < last; ++i) all[*i] = found[i - first];
    });
    return all;
}

// ## How good it is

namespace {

struct Score {
    double right = 0, bleu = 0;  // in percent
};

}  // namespace

static Score score_of(const Phrases& some, const std::vector<Words>& answers) {
    Score score;
    std::vector<Translation> corpus;
    for (int i = 0; i < size_of(some); ++i) {
        score.right += 100.0 * (answers[i] == some[i].german) / size_of(some);
        corpus.push_back({answers[i], {some[i].german}});
    }
    score.bleu = 100 * bleu(corpus).score;
    return score;
}

static std::vector<Words> words_of(const Task& task, const Sequences& all) {
    std::vector<Words> words;
    for (const Sequence& each : all) words.push_back(said(task.vocabulary, each));
    return words;
}

// A dictionary that was never told what a word means: the one that is oftenest with it, measured by
// how often they are together, of how often each of them is there (Dice, 1945).
static std::vector<Words> word_for_word(const Task& task, const Phrases& some) {
    const int V = task.vocabulary.size();
    std::vector<int> together(V * V), english(V), german(V), best(V);
    for (const Phrase& phrase : task.data.training) {
        Sequence e = task.vocabulary.tokens(phrase.english),
                 g = task.vocabulary.tokens(phrase.german);
        for (Sequence* words : {&e, &g}) {  // each once
            std::sort(words->begin(), words->end());
            words->erase(std::unique(words->begin(), words->end()), words->end());
        }
        for (int w : g) ++german[w];
        for (int v : e) ++english[v];
        for (int v : e)
            for (int w : g) ++together[v * V + w];
    }
    for (int v = 0; v < V; ++v)
        for (int w = 0; w < V; ++w) {
            const auto dice = [&](int g) {
                return 2.0 * together[v * V + g] / std::max(1, english[v] + german[g]);
            };
            if (dice(w) > dice(best[v])) best[v] = w;
        }
    std::vector<Words> all;
    for (const Phrase& phrase : some) {
        Words& words = all.emplace_back();
        for (int v : task.vocabulary.tokens(phrase.english))
            words.push_back(task.vocabulary.name(best[v]));
    }
    return all;
}

double print_scores(const Transformer& net, const Task& task) {
    std::printf("%-11s %8s %20s %19s\n", "held out", "phrases", "word for word", "greedy search");
    std::printf("%20s %14s %7s %9s %7s\n", "", "right", "BLEU", "right", "BLEU");
    double lists = 0;
    std::vector<std::string> names = phrases::kinds();
    names.push_back("all");
    for (const std::string& kind : names) {
        Phrases some;
        for (const Phrase& phrase : task.data.held_out)
            if (phrase.kind == kind || kind == "all") some.push_back(phrase);
        if (some.empty()) continue;
        const Score dictionary = score_of(some, word_for_word(task, some)),
                    found = score_of(some, words_of(task, translated(net, task, some)));
        std::printf("%-11s %8d %12.1f %% %7.1f %7.1f %% %7.1f\n", kind.c_str(), size_of(some),
                    dictionary.right, dictionary.bleu, found.right, found.bleu);
        if (kind == "lists") lists = found.right;
    }
    std::fflush(stdout);
    return lists;
}

// ## Search

static Phrases sample_of(const Phrases& all, int wanted) {
    const int count = std::clamp(wanted, 1, size_of(all));
    Phrases some;
    for (int i = 0; i < count; ++i)
        some.push_back(all[static_cast<std::size_t>(i) * all.size() / count]);
    return some;
}

static void print_blame(const Transformer& net, const Task& task, const Phrases& some,
                        const Sequences& found, const char* who) {
    std::vector<Blame> blames(some.size());
    parallel_for(size_of(some), [&](int i) {
        const Sequence source = task.vocabulary.tokens(some[i].english),
                       german = task.vocabulary.tokens(some[i].german);
        if (found[i] == german) return;
        blames[i] = blame(training::next_token(net, {source}), net.settings.begin, net.settings.end,
                          found[i], german, 0.6);
    });
    const auto count = [&](Blame b) { return std::count(blames.begin(), blames.end(), b); };
    const Score score = score_of(some, words_of(task, found));
    std::printf("%-16s %5.1f %% right, BLEU %5.1f; to blame: search %ld, model %ld\n", who,
                score.right, score.bleu, static_cast<long>(count(Blame::search)),
                static_cast<long>(count(Blame::model)));
    std::fflush(stdout);
}

void print_search(const Transformer& net, const Task& task, int sample) {
    const int wanted = static_cast<int>(from_environment("DEMO_WORDS", sample));
    const Phrases some = sample_of(task.data.held_out, wanted);
    std::printf("\nOf %d of them:\n", size_of(some));
    print_blame(net, task, some, translated(net, task, some), "greedy search");
    print_blame(net, task, some, translated(net, task, some, 4), "a beam of 4");
}

// ## What it says

static void print_translation(const Phrase& phrase, const Words& german) {
    const bool right = german == phrase.german;
    std::printf(" %s %s\n   %s\n", right ? "✓" : "✗", phrases::text_of(phrase.english).c_str(),
                phrases::text_of(german).c_str());
    if (!right) std::printf("   it is %s\n", phrases::text_of(phrase.german).c_str());
}

void print_translations(const Transformer& net, const Task& task,
                        const std::vector<std::string>& english) {
    Phrases some;
    for (const Phrase& phrase : task.data.held_out)
        if (std::count(english.begin(), english.end(), phrases::text_of(phrase.english)) > 0)
            some.push_back(phrase);
    const std::vector<Words> german = words_of(task, translated(net, task, some));
    std::printf("\n");
    for (int i = 0; i < size_of(some); ++i) print_translation(some[i], german[i]);
    std::printf("\n");
}

void draw_alignment(const Transformer& net, const Task& task, const std::string& english) {
    const NoTape no_tape_here;
    const Words words = phrases::words_of_text(english);
    const Sequence source = task.vocabulary.tokens(words),
                   found = translated(net, task, {{words, {}, ""}}).at(0);
    const Variable memory = net.encode({source});
    const Sequence read = joined({net.settings.begin}, found);
    const Tensor weights = net.decoder.cross_weights(net.embed(net.tables.target, {read}), memory,
                                                     causal_mask(size_of(read)));
    figure::Names rows = said(task.vocabulary, found);
    rows.push_back("end");
    const figure::Values cells = figure::values(weights.data);
    std::printf("Where it looks in \"%s\" when it says each word:\n\n%s\n", english.c_str(),
                figure::text_heatmap(rows, words, cells).c_str());
    const std::string picture = figure::heatmaps(
        {"Where it looks", "word it reads", "word it says"}, rows, words, {{"", cells}});
    std::printf("picture: %s\n", figure::save("20_alignment", picture).c_str());
}

}  // namespace translating
