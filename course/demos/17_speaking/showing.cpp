// What a trained net says: error rates, words, where it looks, and answers at a prompt.

#include "02_fast_matmul.hpp"
#include "kit/environment.hpp"
#include "kit/figure.hpp"
#include "demos/17_speaking/speaking.hpp"
#include "training/pairs.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>
#include <unistd.h>

namespace speaking {

using namespace cmudict;
using training::next_token;

static const int begin = vocabulary().token(Mark::begin), end = vocabulary().token(Mark::end);

// ## What it says

// "w" has six sounds, but no word has many more sounds than letters. An untrained net never ends.
static int longest_answer(const Sequence& letters) { return 8 + 2 * size_of(letters); }

static std::vector<Hypothesis> pronounce(const Transformer& net, const Sequence& letters,
                                         int width = 4) {
    return beam_search(next_token(net, {letters}), begin, end, longest_answer(letters), width, 0.6);
}

static Sequence without_end(Sequence said) {
    if (!said.empty() && said.back() == end) said.pop_back();
    return said;
}

// What it says to words that are about equally long.
static Sequences said_to(const Transformer& net, const Sequences& letters, int width) {
    if (width == 1)  // greedy search can write them side by side
        return greedy_search(next_token(net, letters), size_of(letters), begin, end,
                             longest_answer(letters.back()));
    Sequences all;
    for (const Sequence& word : letters)
        all.push_back(without_end(pronounce(net, word, width).at(0).output));
    return all;
}

static Sequences said_to_all(const Transformer& net, const Entries& entries, int width) {
    const int count = size_of(entries), together = count < 1000 ? 32 : 256;
    std::vector<Sequences> parts((count + together - 1) / together);
    parallel_for(size_of(parts), [&](int part) {
        Sequences letters;
        for (int i = part * together; i < std::min((part + 1) * together, count); ++i)
            letters.push_back(entries[i].letters);
        parts[part] = said_to(net, letters, width);
    });
    Sequences all;
    for (const Sequences& part : parts) all.insert(all.end(), part.begin(), part.end());
    return all;
}

using Answers = std::function<Sequences(const Entries& entries)>;

static void print_rates_of(const std::string& who, const Entries& held_out, int sample,
                           const Answers& answers) {
    const int all = size_of(held_out), wanted = from_environment("DEMO_WORDS", sample);
    const int count = std::clamp(wanted, 1, all), every = all / count;
    Entries entries;
    for (int i = 0; i < count; ++i) entries.push_back(held_out[i * every]);
    // By length, so that little padding is computed.
    std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
        return a.letters.size() < b.letters.size();
    });
    const ErrorRates rates = error_rates(entries, answers(entries));
    std::printf("%s, on ", who.c_str());
    if (count == all) std::printf("all %d held-out words", all);
    else std::printf("%d of the %d held-out words, one in %d", count, all, every);
    std::printf(":\n   %.1f %% are wrong, of the sounds %.1f %%\n", 100 * rates.words,
                100 * rates.sounds);
    std::fflush(stdout);
}

void print_error_rates(const Transformer& net, const Entries& held_out, int width, int sample) {
    const std::string who = width == 1 ? "greedy search" : "a beam of " + std::to_string(width);
    print_rates_of(who, held_out, sample,
                   [&](const Entries& entries) { return said_to_all(net, entries, width); });
}

// Which sound belongs to a letter, it learns from words that have as many sounds as letters.
void print_baseline(const Dataset<Entries>& words, int sample) {
    std::map<int, std::map<int, int>> count;
    for (const Entry& entry : words.training)
        for (int i = 0; i < size_of(entry.letters); ++i)
            if (entry.sounds[0].size() == entry.letters.size())
                ++count[entry.letters[i]][entry.sounds[0][i]];
    std::map<int, int> sound_of;
    for (const auto& [letter, counts] : count) {
        const auto rarer = [](const auto& a, const auto& b) { return a.second < b.second; };
        sound_of[letter] = std::max_element(counts.begin(), counts.end(), rarer)->first;
    }
    print_rates_of("letter by letter", words.held_out, sample, [&](const Entries& entries) {
        Sequences said;
        for (const Entry& entry : entries) {
            said.emplace_back();
            for (int letter : entry.letters) said.back().push_back(sound_of[letter]);
        }
        return said;
    });
}

// The best, then those that are at least a fifth as likely, each with its probability, as many as
// have room in a line.
static std::string alternatives(const std::vector<Hypothesis>& found) {
    std::string text;
    for (const Hypothesis& h : found) {
        if (h.log_probability < found[0].log_probability - std::log(5.0)) continue;
        char percent[16];
        std::snprintf(percent, sizeof percent, " (%.0f %%)", 100 * std::exp(h.log_probability));
        const std::string next = vocabulary().text(without_end(h.output), " ") + percent;
        if (text.empty()) text = next;
        else if (text.size() + next.size() < 60) text += ",  " + next;
    }
    return text;
}

void print_words(const Transformer& net, const Entries& entries, int count) {
    Random random(2026);
    std::printf("\n");
    for (int i = 0; i < count && !entries.empty(); ++i) {
        const Entry& entry = entries[random.below(size_of(entries))];
        const std::vector<Hypothesis> found = pronounce(net, entry.letters);
        const bool right = std::count(entry.sounds.begin(), entry.sounds.end(),
                                      without_end(found.at(0).output)) > 0;
        std::printf(" %s %-14s %s\n", right ? "✓" : "✗", entry.word.c_str(),
                    alternatives(found).c_str());
        if (!right)
            std::printf("   %-14s %s\n", "  it is",
                        vocabulary().text(entry.sounds[0], " ").c_str());
    }
    std::printf("\n");
}

void draw_attention(const Transformer& net, const std::string& word) {
    const NoTape no_tape_here;
    const Sequence letters = letters_of(word), said = pronounce(net, letters).at(0).output;
    Sequence read = {begin};
    read.insert(read.end(), said.begin(), said.end() - (said.empty() ? 0 : 1));
    const Variable memory = net.encode({letters});
    const Tensor weights = net.decoder.cross_weights(net.embed(net.tables.target, {read}), memory,
                                                     causal_mask(size_of(read)));
    figure::Names rows, columns;
    for (int letter : letters) columns.push_back(vocabulary().name(letter));
    for (int sound : said) rows.push_back(vocabulary().name(sound));
    const figure::Values cells = figure::values(weights.data);
    std::printf("Where it looks in \"%s\" when it says each sound:\n\n%s\n", word.c_str(),
                figure::text_heatmap(rows, columns, cells).c_str());
    const std::string picture = figure::heatmaps(
        {"Where it looks", "letter it reads", "sound it says"}, rows, columns, {{"", cells}});
    std::printf("picture: %s\n", figure::save("17_attention", picture).c_str());
}

static int count_transformer_parameters(const TransformerSettings& settings) {
    const auto [D, heads, F, L, place, activation] = settings.stack;
    const int attention = 4 * (D * D + D), network = D * F + F + F * D + D, norm = 2 * D;
    const int encoder = L * (attention + network + 2 * norm);
    const int decoder = L * (2 * attention + network + 3 * norm);
    const int last = place == NormPlace::before ? 2 * norm : 0;
    return (settings.tied ? 1 : 3) * settings.vocabulary * D + encoder + decoder + last;
}

void draw_rates() {
    std::vector<figure::Series> curves;
    for (const auto& [D, warm_up] :
         {std::pair(512, 4000), std::pair(512, 8000), std::pair(256, 4000)}) {
        figure::Series curve{"D = " + std::to_string(D) + ", warm-up " + std::to_string(warm_up),
                             {}};
        for (int step = 1; step <= 20000; step += step < 100 ? 1 : 50) {
            curve.x.push_back(step);
            curve.y.push_back(warm_up_rate(step, D, warm_up));
        }
        curves.push_back(curve);
    }
    const std::string picture = figure::lines({"The learning rate (17.7)", "step", "rate"}, curves);
    std::printf("The paper's base model: %d parameters; highest rate (step 4000): %.6f\n",
                count_transformer_parameters(
                    {{512, 8, 2048, 6, NormPlace::after, Activation::relu}, 37000, 0, 1, 2, true}),
                warm_up_rate(4000, 512, 4000));
    std::printf("picture: %s\n\n", figure::save("17_rates", picture).c_str());
}

void prompt(const Transformer& net) {
    if (!isatty(STDIN_FILENO)) return;
    std::printf("\nType a word, or nothing to leave.\n");
    for (std::string line; std::printf("> "), std::fflush(stdout), std::getline(std::cin, line);) {
        if (line.empty()) return;
        try {
            const Sequence letters = letters_of(line);
            if (letters.size() > 40) throw std::invalid_argument("that is more than 40 letters");
            std::printf("  %s\n\n", alternatives(pronounce(net, letters)).c_str());
            draw_attention(net, line);
        } catch (const std::invalid_argument& error) {
            std::printf("  %s\n", error.what());
        }
    }
    std::printf("\n");
}

}  // namespace speaking
