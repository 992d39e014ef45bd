// Pre-training on definitions and the words that they define.

#include "07_words.hpp"
#include "data/wordnet.hpp"
#include "demos/19_understanding/understanding.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <numeric>
#include <unistd.h>

namespace understanding {

// ## Texts and tokens

namespace {

struct Texts {
    std::vector<std::string> definitions, words;
};

}  // namespace

static Texts texts_of(const wordnet::Entries& entries) {
    Texts all;
    for (const wordnet::Entry& entry : entries) {
        all.definitions.push_back(entry.definition);
        all.words.push_back(entry.word.substr(0, entry.word.find(',')));  // the first of several
    }
    return all;
}

// The marks of BERT, and the words of the dictionary's training part.
static Vocabulary vocabulary_for(const Texts& texts) {
    std::vector<std::string> all = texts.definitions, names;
    all.insert(all.end(), texts.words.begin(), texts.words.end());
    const Vocabulary words = vocabulary_of(all, 4000);
    for (int id = 2; id < words.size(); ++id) names.push_back(words.name(id));
    return Vocabulary(
        {Mark::padding, Mark::unknown, Mark::mask, Mark::classification, Mark::end}, names);
}

static Sequences tokens_of(const std::vector<std::string>& texts, const Vocabulary& vocabulary) {
    Sequences all;
    for (const std::string& text : texts) all.push_back(ids_of(text, vocabulary));
    return all;
}

static Library library_of(const wordnet::Entries& training) {
    const Dataset<wordnet::Entries> dictionary = wordnet::read();
    const Vocabulary vocabulary = vocabulary_for(texts_of(dictionary.training));
    const Texts known = texts_of(training.empty() ? dictionary.training : training);
    const Texts held_out = texts_of(dictionary.held_out);
    return {vocabulary, tokens_of(known.definitions, vocabulary),
            tokens_of(known.words, vocabulary), tokens_of(held_out.definitions, vocabulary),
            tokens_of(held_out.words, vocabulary)};
}

Library library() { return library_of({}); }

Library large_library(const std::string& folder) {
    return library_of(wordnet::read_all(folder).training);
}

Bert new_bert(const Vocabulary& vocabulary, Random& random) {
    BertSettings settings;
    settings.stack = {64, 4, 256, 2, NormPlace::before, Activation::gelu};
    settings.vocabulary = vocabulary.size();
    settings.longest = 24;
    return Bert(settings, random);
}

// ## Pre-training

// All in random order, in batches of like length, so that little padding is computed.
static std::vector<training::Batch> batches_of(const Library& from, int size, Random& random) {
    training::Batch order = shuffled_batches(size_of(from.definitions),
                                             size_of(from.definitions), random).at(0);
    std::vector<training::Batch> batches;
    const int stretch = 50 * size;
    for (int first = 0; first < size_of(order); first += stretch) {
        const int last = std::min(first + stretch, size_of(order));
        std::stable_sort(order.begin() + first, order.begin() + last, [&](int a, int b) {
            return from.definitions[a].size() < from.definitions[b].size();
        });
        for (int i = first; i + size <= last; i += size)
            batches.emplace_back(order.begin() + i, order.begin() + i + size);
    }
    for (int i = size_of(batches) - 1; i > 0; --i)
        std::swap(batches[i], batches[random.below(i + 1)]);
    return batches;
}

static Tensor logits_at(const Bert& net, const Tensor& h, const std::vector<int>& places) {
    const Variable rows = gather_rows(reshape(h, {h.rows(), h.columns()}), places);
    return (matmul(rows, transpose(net.words)) + net.word_bias).value();
}

// The words that are hidden in what is held out, always the same ones.
using TakeLook = std::function<void(const Inputs& read, const std::vector<int>& places,
                                    const std::vector<int>& tokens)>;

static void for_each_look(const Bert& net, const Library& from, const TakeLook& take) {
    Random random(2026);
    for (int first = 0; first + 64 <= std::min(768, size_of(from.held_out_words)); first += 64) {
        training::Batch part(64);
        std::iota(part.begin(), part.end(), first);
        const Inputs inputs = inputs_of(gather_rows(from.held_out_definitions, part),
                                        gather_rows(from.held_out_words, part), net.settings);
        const Masked masked = mask_tokens(inputs.tokens, net.settings, 0.15, random);
        const std::vector<int> all = padded(masked.asked, not_asked);
        std::vector<int> places, hidden;
        for (int i = 0; i < size_of(all); ++i)
            if (all[i] != not_asked) places.push_back(i), hidden.push_back(all[i]);
        take({masked.read, inputs.segments}, places, hidden);
    }
}

// Their loss, and the share that is the likeliest at its place.
static training::Look look_at(const Bert& net, const Library& from) {
    double loss = 0, right = 0, count = 0;
    for_each_look(net, from, [&](const Inputs& read, const std::vector<int>& places,
                                 const std::vector<int>& tokens) {
        const Tensor z = logits_at(net, net(read).value(), places);
        loss += size_of(tokens) * cross_entropy_loss(z, tokens);
        right += size_of(tokens) * accuracy(z, tokens);
        count += size_of(tokens);
    });
    return {loss / count, right / count};
}

training::Outcome pretrain(const Bert& net, const training::Plan& plan, const Library& from,
                           Random& random) {
    Adam adam(net.parameters(), 0.0, {0.9, 0.98, 1e-9});
    const auto epoch = [&](Random& any) { return batches_of(from, 64, any); };
    const auto step = [&](const training::Batch& batch, double done) {
        const int D = net.settings.stack.d_model, warm_up = std::max(1, plan.steps / 10);
        const double highest = 0.003 * std::sqrt(1.0 * D * warm_up);
        const auto loss = [&] {
            return pretraining_loss(net, gather_rows(from.definitions, batch),
                                    gather_rows(from.words, batch), 0.15, random);
        };
        return accumulate_and_step(adam, adam.parameters(), {{size_of(batch), loss}},
                                   {D, warm_up, highest * (1 - done)});
    };
    return training::train(plan, {adam, random, epoch, step, [&] { return look_at(net, from); }});
}

void print_sizes(const Bert& net, const Library& texts) {
    std::printf("%d parameters, %d words and marks; %zu definitions, and %zu held out\n",
                parameter_count(net.parameters()), texts.vocabulary.size(),
                texts.definitions.size(), texts.held_out_definitions.size());
    std::fflush(stdout);
}

// ## How good it is

static Tensor counts_of(const Library& texts) {  // one more for each, in logarithms
    Tensor counts({1, texts.vocabulary.size()});
    for (float& count : counts.data) count = 1;
    for (const Sequences* all : {&texts.definitions, &texts.words})
        for (const Sequence& text : *all)
            for (int token : text) ++counts.data[token];
    for (float& count : counts.data) count = std::log(count);
    return counts;
}

// The share of held-out definitions and words of which it knows whether they belong together.
static double pairs_right(const Bert& net, const Library& texts) {
    Random random(2026);
    const Pairs pairs = next_sentences(texts.held_out_definitions, texts.held_out_words, random);
    double right = 0, count = 0;
    for (int first = 0; first + 64 <= std::min(768, size_of(pairs.follows)); first += 64) {
        training::Batch part(64);
        std::iota(part.begin(), part.end(), first);
        const Inputs inputs = inputs_of(gather_rows(pairs.firsts, part),
                                        gather_rows(pairs.seconds, part), net.settings);
        right += 64 * accuracy(net.next(class_rows(net(inputs))).value(),
                               gather_rows(pairs.follows, part));
        count += 64;
    }
    return right / count;
}

void print_loss(const std::string& when, const Bert& net, const Library& texts) {
    const NoTape no_tape;
    const training::Look look = look_at(net, texts);
    const Tensor counts = counts_of(texts);
    double loss = 0, asked = 0;
    for_each_look(net, texts, [&](const Inputs&, const std::vector<int>&,
                                  const std::vector<int>& tokens) {
        for (int token : tokens) loss += cross_entropy_loss(counts, {token});
        asked += size_of(tokens);
    });
    std::printf("hidden words of what is held out, %s:\n"
                "  loss %.2f, %.1f %% right (by frequency alone %.2f);\n"
                "  pairs told apart %.1f %%\n",
                when.c_str(), look.loss, 100 * look.right, loss / asked,
                100 * pairs_right(net, texts));
    std::fflush(stdout);
}

// ## What it knows

static Sequence best_words(const Tensor& z, int count, int marks) {
    Sequence order(z.columns() - marks);
    std::iota(order.begin(), order.end(), marks);
    std::stable_sort(order.begin(), order.end(),
                     [&](int a, int b) { return z.data[a] > z.data[b]; });
    order.resize(count);
    return order;
}

// For each mask, the five likeliest words.
static std::string filled_in(const Bert& net, const Vocabulary& vocabulary, const Input& input) {
    const NoTape no_tape;
    const Tensor h = net({{input.tokens}, {input.segments}}).value();
    std::string all;
    for (int i = 0; i < size_of(input.tokens); ++i) {
        if (input.tokens[i] != net.settings.mask) continue;
        all += all.empty() ? "" : " / ";
        const Tensor z = logits_at(net, h, {i});
        for (int word : best_words(z, 5, net.settings.marks)) all += vocabulary.name(word) + " ";
    }
    return all;
}

static Sequence with_masks(const std::string& text, const BertSettings& settings,
                           const Vocabulary& vocabulary) {
    Sequence tokens;
    for (const std::string& word : words_of(text))
        tokens = joined(tokens, word == "[mask]" ? Sequence{settings.mask}
                                                 : ids_of(word, vocabulary));
    return tokens;
}

static std::string gaps_of(const Bert& net, const Vocabulary& vocabulary,
                           const std::string& text) {
    return filled_in(net, vocabulary,
                     input_of(with_masks(text, net.settings, vocabulary), {}, net.settings));
}

void print_gaps(const Bert& net, const Library& texts) {
    const Vocabulary& vocabulary = texts.vocabulary;
    std::printf("\nWhat it puts into a gap:\n\n");
    for (const char* text :
         {"a [mask] who writes books", "a tree with sweet [mask]", "the [mask] of being late",
          "a large [mask] that lives in the sea", "a room in which [mask] is prepared"})
        std::printf("  %-38s %s\n", text, gaps_of(net, vocabulary, text).c_str());
}

void prompt(const Bert& net, const Vocabulary& vocabulary) {
    if (!isatty(STDIN_FILENO)) return;
    std::printf("\nType a definition with [mask] in it, or nothing to leave.\n");
    for (std::string line; std::printf("> "), std::fflush(stdout), std::getline(std::cin, line);) {
        if (line.empty()) return;
        std::printf("  %s\n", gaps_of(net, vocabulary, line).c_str());
    }
    std::printf("\n");
}

}  // namespace understanding
