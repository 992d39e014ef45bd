// Pre-training on definitions and the words that they define.

#include "07_words.hpp"
#include "data/wordnet.hpp"
#include "demos/19_understanding/understanding.hpp"
#include "training/data_parallel.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>

namespace understanding {

// ## Texts and tokens

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
    const Vocabulary words = vocabulary_of(all, 6000);
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

// ## Pre-training, each batch on two cores

static constexpr int num_parts = 2;

namespace {

struct Copies {
    std::vector<Bert> nets;
    std::vector<Parameters> parameters;

    explicit Copies(const Bert& net) {
        for (int k = 0; k < num_parts; ++k) nets.push_back(copy_of(net));
        for (const Bert& copy : nets) parameters.push_back(copy.parameters());
    }
};

}  // namespace

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

// The words that are hidden in what is held out, always the same ones: their loss, and the share
// that is the likeliest at its place.
static training::Look look_at(const Bert& net, const Library& from) {
    Random random(2026);
    double loss = 0, right = 0, count = 0;
    for (int first = 0; first + 64 <= std::min(768, size_of(from.held_out_words)); first += 64) {
        training::Batch part(64);
        std::iota(part.begin(), part.end(), first);
        const Inputs inputs = inputs_of(gather_rows(from.held_out_definitions, part),
                                        gather_rows(from.held_out_words, part), net.settings);
        const Masked masked = mask_tokens(inputs.tokens, net.settings, 0.15, random);
        const Tensor h = net({masked.read, inputs.segments}).value();
        const std::vector<int> all = padded(masked.asked, not_asked);
        std::vector<int> places, tokens;
        for (int i = 0; i < size_of(all); ++i)
            if (all[i] != not_asked) places.push_back(i), tokens.push_back(all[i]);
        const Tensor z = logits_at(net, h, places);
        loss += size_of(tokens) * cross_entropy_loss(z, tokens);
        right += size_of(tokens) * accuracy(z, tokens);
        count += size_of(tokens);
    }
    return {loss / count, right / count};
}

training::Outcome pretrain(const Bert& net, const training::Plan& plan, const Library& from,
                           Random& random) {
    Adam adam(net.parameters(), 0.0, {0.9, 0.98, 1e-9});
    const Copies copies(net);
    const auto epoch = [&](Random& any) { return batches_of(from, 64, any); };
    const auto step = [&](const training::Batch& batch, double done) {
        std::vector<Microbatch> parts;
        for (int k = 0; k < num_parts; ++k) {
            const int first = size_of(batch) * k / num_parts,
                      last = size_of(batch) * (k + 1) / num_parts;
            const training::Batch part(batch.begin() + first, batch.begin() + last);
            const std::uint64_t seed = random.bits();
            parts.push_back({last - first, [&, part, seed, k] {
                                 Random own(seed);
                                 return pretraining_loss(
                                     copies.nets[k], gather_rows(from.definitions, part),
                                     gather_rows(from.words, part), 0.15, own);
                             }});
        }
        const int D = net.settings.stack.d_model, warm_up = std::max(1, plan.steps / 10);
        const double factor = 0.003 * std::sqrt(1.0 * D * warm_up) * (1 - done);
        const auto loss = [&] {
            return parallel_loss(adam.parameters(), copies.parameters, parts);
        };
        return accumulate_and_step(adam, adam.parameters(), {{size_of(batch), loss}},
                                   {D, warm_up, factor});
    };
    return training::train(plan, {adam, random, epoch, step, [&] { return look_at(net, from); }});
}

// ## What it knows

static void print_best(const Bert& net, const Vocabulary& vocabulary, const Inputs& inputs) {
    const NoTape no_tape;
    const Tensor h = net(inputs).value();
    for (int i = 0; i < size_of(inputs.tokens[0]); ++i) {
        if (inputs.tokens[0][i] != net.settings.mask) continue;
        const Tensor p = softmax(logits_at(net, h, {i}));
        Sequence order(p.columns());
        std::iota(order.begin(), order.end(), 0);
        std::stable_sort(order.begin(), order.end(),
                         [&](int a, int b) { return p.data[a] > p.data[b]; });
        std::printf("   ");
        for (int k = 0, told = 0; told < 5; ++k) {
            if (order[k] < net.settings.marks) continue;
            std::printf(" %s (%.0f %%)", vocabulary.name(order[k]).c_str(), 100 * p.data[order[k]]);
            ++told;
        }
        std::printf("\n");
    }
}

static Sequence with_masks(const std::string& text, const BertSettings& settings,
                           const Vocabulary& vocabulary) {
    Sequence tokens;
    for (const std::string& word : words_of(text))
        tokens = joined(tokens, word == "[mask]" ? Sequence{settings.mask}
                                                 : ids_of(word, vocabulary));
    return tokens;
}

void fill_in(const Bert& net, const Vocabulary& vocabulary, const std::string& text) {
    std::printf("  %s\n", text.c_str());
    print_best(net, vocabulary,
               inputs_of({with_masks(text, net.settings, vocabulary)}, {{}}, net.settings));
}

void find_words(const Bert& net, const Vocabulary& vocabulary, const std::string& definition) {
    std::printf("  %s\n", definition.c_str());
    print_best(net, vocabulary,
               inputs_of({ids_of(definition, vocabulary)}, {{net.settings.mask}}, net.settings));
}

}  // namespace understanding
