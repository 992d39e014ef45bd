// From a definition to what it defines a kind of: "a large wild ox of Africa" is an ox.

#include "02_fast_matmul.hpp"
#include "data/wordnet.hpp"
#include "demos/20_translating/translating.hpp"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <functional>
#include <map>
#include <set>

namespace translating {

namespace {

struct Definition {
    Words text, kind;
};
using Definitions = std::vector<Definition>;

}  // namespace

// ## Reading

// In small letters; whatever is no letter stands between words.
static Words small_words_of(const std::string& text, int at_most) {
    Words words;
    bool goes_on = false;
    for (char c : text) {
        const bool letter = std::isalpha(static_cast<unsigned char>(c)) || c == '\'' || c == '-';
        if (letter && !goes_on) words.emplace_back();
        if (letter) words.back() += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        goes_on = letter;
    }
    if (size_of(words) > at_most) words.resize(at_most);
    return words;
}

static Definitions nouns_of(const wordnet::Entries& entries) {
    Definitions nouns;
    for (const wordnet::Entry& entry : entries) {
        const Words text = small_words_of(entry.definition, 16),
                    kind = small_words_of(entry.kind, 4);
        if (entry.category.rfind("noun.", 0) == 0 && !text.empty() && !kind.empty())
            nouns.push_back({text, kind});
    }
    return nouns;
}

// What stands there three times or more; the rest is unknown, and cannot be said.
static Vocabulary vocabulary_of(const Definitions& learnt) {
    std::map<std::string, int> seen;
    for (const Definition& each : learnt)
        for (const Words* words : {&each.text, &each.kind})
            for (const std::string& word : *words) ++seen[word];
    std::vector<std::string> names;
    for (const auto& [word, times] : seen)
        if (times >= 3) names.push_back(word);
    return Vocabulary({Mark::padding, Mark::begin, Mark::end, Mark::unknown}, names);
}

static training::Pairs pairs_of(const Vocabulary& vocabulary, const Definitions& all, int every) {
    training::Pairs pairs;
    for (int i = 0; i < size_of(all); i += every) {
        pairs.sources.push_back(vocabulary.tokens(all[i].text));
        pairs.targets.push_back(vocabulary.tokens(all[i].kind));
    }
    return pairs;
}

// ## Rules. An article is left out.

static bool is_one_of(const std::set<std::string>& words, const std::string& word) {
    return words.count(word) > 0;
}

static Words first_word(const Words& text) {
    for (const std::string& word : text)
        if (!is_one_of({"a", "an", "the"}, word)) return {word};
    return {};
}

static Words last_before_preposition(const Words& text) {
    static const std::set<std::string> ends = {
        "of",   "in",    "on",   "for",   "to",      "with",    "by",    "from",   "at",
        "that", "which", "who",  "used",  "as",      "or",      "and",   "having", "made",
        "into", "where", "when", "whose", "between", "without", "under", "over",   "through"};
    Words last;
    for (const std::string& word : text) {
        if (is_one_of(ends, word)) break;
        last = {word};
    }
    return last;
}

// ## Writing

using Summarise = std::function<Words(int i)>;

static std::vector<Words> summaries_by(const Transformer& net, const Vocabulary& vocabulary,
                                       const Definitions& all, int no_repeat) {
    const int count = size_of(all), together = 64;
    std::vector<Words> answers(count);
    parallel_for((count + together - 1) / together, [&](int part) {
        const int first = part * together, last = std::min(first + together, count);
        Sequences sources;
        for (int i = first; i < last; ++i) sources.push_back(vocabulary.tokens(all[i].text));
        NextToken next = training::next_token(net, sources);
        if (no_repeat > 0) next = without_repeats(next, no_repeat);
        const Sequences found =
            greedy_search(next, last - first, net.settings.begin, net.settings.end, 6);
        for (int i = first; i < last; ++i) answers[i] = said(vocabulary, found[i - first]);
    });
    return answers;
}

static void print_row(const char* who, const Definitions& all, const Summarise& answer) {
    double right = 0, one = 0, subsequence = 0, copied = 0, words = 0, repeats = 0;
    const int N = size_of(all);
    for (int i = 0; i < N; ++i) {
        const Words summary = answer(i);
        right += summary == all[i].kind;
        one += rouge_1(summary, all[i].kind);
        subsequence += rouge_l(summary, all[i].kind);
        for (const std::string& word : summary)
            copied += std::count(all[i].text.begin(), all[i].text.end(), word) > 0;
        words += size_of(summary);
        repeats += std::set<std::string>(summary.begin(), summary.end()).size() < summary.size();
    }
    const double percent = 100.0 / size_of(all);
    std::printf("%-28s %5.1f %% %8.1f %8.1f %7.0f %% %8.0f\n", who, percent * right, percent * one,
                percent * subsequence, 100 * copied / std::max(1.0, words), repeats);
}

static std::string text_of(const Words& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
    return text;
}

static void print_rows(const Transformer& net, const Vocabulary& vocabulary,
                       const Definitions& held_out) {
    const std::vector<Words> plain = summaries_by(net, vocabulary, held_out, 0),
                             cured = summaries_by(net, vocabulary, held_out, 1);
    std::printf("%-28s %7s %8s %8s %9s %8s\n", "kinds of things", "right", "ROUGE-1", "ROUGE-L",
                "copied", "repeats");
    print_row("the first word", held_out, [&](int i) { return first_word(held_out[i].text); });
    print_row("the last before \"of\", \"in\" …", held_out,
              [&](int i) { return last_before_preposition(held_out[i].text); });
    print_row("the transformer", held_out, [&](int i) { return plain[i]; });
    print_row("the same, no word twice", held_out, [&](int i) { return cured[i]; });
    std::printf("\n");
    for (int i = 0; i < size_of(held_out) && i < 60; i += 12)
        std::printf("  %.70s\n      %s; it is %s\n", text_of(held_out[i].text).c_str(),
                    text_of(cured[i]).c_str(), text_of(held_out[i].kind).c_str());
}

void summarise(int steps) {
    const Dataset<wordnet::Entries> dictionary = wordnet::read();
    const Definitions learnt = nouns_of(dictionary.training),
                      held_out = nouns_of(dictionary.held_out);
    const Vocabulary vocabulary = vocabulary_of(learnt);
    const training::Pairs pairs = pairs_of(vocabulary, learnt, 1),
                          unseen = pairs_of(vocabulary, held_out, 8);
    std::vector<Lengths> lengths;
    for (int i = 0; i < size_of(pairs.sources); ++i)
        lengths.push_back({size_of(pairs.sources[i]), size_of(pairs.targets[i]) + 1});

    Random random(21);
    const int D = 48;
    const Transformer net({{D, 4, 2 * D, 1}, vocabulary.size()}, random);
    std::printf("\n%d parameters, %d words, %zu definitions to learn from, %zu held out\n",
                parameter_count(net.parameters()), vocabulary.size(), learnt.size(),
                held_out.size());
    std::fflush(stdout);
    const auto epoch = [&](Random& any) { return batches_by_length(lengths, 1500, any); };
    const auto look = [&](int) { return training::Look{training::loss_of(net, unseen, 0.1)}; };
    const training::Outcome run =
        training::learn_pairs(net, {"definitions", steps, steps / 4}, {{D, 300, 1.5}, 0.1, 0.1},
                              pairs, epoch, look, random);
    std::printf("%d steps, %.0f s; loss per word %.3f, held out %.3f\n\n", run.steps, run.seconds,
                run.loss, run.curve.back().held_out);
    print_rows(net, vocabulary, held_out);
}

}  // namespace translating
