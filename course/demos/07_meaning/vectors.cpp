// Skip-gram over a text, and what was learnt in a file.

#include "data/wordnet.hpp"
#include "demos/07_meaning/meaning.hpp"
#include "kit/checkpoint.hpp"
#include "kit/environment.hpp"
#include "kit/places.hpp"
#include "kit/progress.hpp"
#include "kit/text.hpp"
#include "kit/whole_file.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <stdexcept>

namespace meaning {

// ## The texts

static std::vector<std::string> texts_of(const wordnet::Entries& entries) {
    std::vector<std::string> texts;
    for (const wordnet::Entry& entry : entries) {
        texts.push_back(entry.word + ": " + entry.definition);
        texts.insert(texts.end(), entry.examples.begin(), entry.examples.end());
    }
    return texts;
}

std::vector<std::string> dictionary_texts() { return texts_of(wordnet::read().training); }
std::vector<std::string> all_of_wordnet() { return texts_of(wordnet::read_all().training); }

// ## Learning

namespace {

// A text for the eyes of skip-gram: the ids of its words, and how often each word occurs.
struct Corpus {
    Sequences texts;
    std::vector<int> counts;
    double words = 0;

    Corpus(const std::vector<std::string>& all, const Vocabulary& vocabulary)
        : counts(vocabulary.size()) {
        const int first = 2;  // behind the marks
        for (const std::string& text : all) {
            texts.emplace_back();
            for (int id : ids_of(text, vocabulary))
                if (id >= first) texts.back().push_back(id), ++counts[id], ++words;
        }
    }

    // Without some of the most frequent words.
    Sequence thinned(const Sequence& text, double frequent, Random& random) const {
        Sequence kept;
        for (int id : text)
            if (random.uniform() < std::sqrt(frequent * words / counts[id])) kept.push_back(id);
        return kept;
    }
};

}  // namespace

Vectors learn(const std::vector<std::string>& texts, const Vocabulary& vocabulary, const Plan& plan,
              Random& random) {
    const Corpus corpus(texts, vocabulary);
    const std::vector<double> up_to = noise_up_to(corpus.counts);
    const int V = vocabulary.size(), all = size_of(corpus.texts);
    Tensor words({V, plan.D}), contexts({V, plan.D});
    for (float& number : words.data) number = random.uniform(-0.5f, 0.5f) / plan.D;
    Progress progress("skip-gram", plan.passes * all);
    double loss = 0, steps = 0;
    for (int pass = 0, done = 0; pass < plan.passes; ++pass) {
        const std::vector<int> order = shuffled_batches(all, all, random).at(0);
        for (int i : order) {
            const Sequence text = corpus.thinned(corpus.texts[i], plan.frequent, random);
            const float rate = plan.rate * (1 - 1.0f * done++ / (plan.passes * all));
            for (int at = 0; at < size_of(text); ++at) {
                const int window = 1 + random.below(plan.window);  // the nearer, the more often
                const int last = std::min(size_of(text) - 1, at + window);
                for (int near = std::max(0, at - window); near <= last; ++near) {
                    if (near == at) continue;
                    const Sequence others =
                        joined({text[near]}, draw_noise(up_to, plan.noise, text[near], random));
                    loss += skip_gram_step(words, contexts, text[at], others, rate);
                    ++steps;
                }
            }
            if (done % 256 == 0) progress.show(done, loss / steps), loss = steps = 0;
        }
    }
    return {vocabulary, words};
}

void learn_all_of_wordnet() {
    const std::vector<std::string> texts = all_of_wordnet();
    const Vocabulary all_words = vocabulary_of(texts, 1000000);
    const Corpus corpus(texts, all_words);
    // Our dictionary leaves out some entries; so we take no word that it does not have.
    const Vocabulary ours = vocabulary_of(dictionary_texts(), 1000000);
    std::vector<std::pair<int, int>> frequent;  // the count below 0, and the id in our dictionary
    for (int id = 2; id < ours.size(); ++id) {
        const int count = corpus.counts[all_words.token(ours.name(id))];
        if (count >= 20) frequent.emplace_back(-count, id);
    }
    std::sort(frequent.begin(), frequent.end());
    Words names;
    for (const auto& [count, id] : frequent) names.push_back(ours.name(id));
    Random random(7);
    Plan plan;
    plan.D = 64, plan.rate = 0.04f;
    plan.passes = static_cast<int>(from_environment("DEMO_STEPS", 15));
    const Vectors vectors =
        learn(texts, Vocabulary({Mark::padding, Mark::unknown}, names), plan, random);
    std::printf("%d texts of all WordNet, %d words, %d numbers each, %d passes\n", size_of(texts),
                size_of(names), plan.D, plan.passes);
    const Named all = {{"of all WordNet", &vectors}};
    show_neighbours(all);
    show_analogies(all);
    save_vectors(std::string(places::build) + "/checkpoints/words.trained", vectors);
}

// ## In a file. A checkpoint's numbers are whole and have eight bytes each: V and D, then the names
// with line ends between, then a byte for each number of the table, 127 for the largest of its row.

static void pack(const std::string& bytes, std::vector<std::uint64_t>& numbers) {
    numbers.push_back(bytes.size());
    for (std::size_t i = 0; i < bytes.size(); i += 8) {
        std::uint64_t number = 0;
        for (std::size_t k = 0; k < 8 && i + k < bytes.size(); ++k)
            number |= std::uint64_t{static_cast<unsigned char>(bytes[i + k])} << 8 * k;
        numbers.push_back(number);
    }
}

static std::string unpack(const std::vector<std::uint64_t>& numbers, std::size_t& at) {
    std::string bytes(numbers.at(at++), ' ');
    for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes[i] = static_cast<char>(numbers.at(at + i / 8) >> 8 * (i % 8) & 0xff);
    at += (bytes.size() + 7) / 8;
    return bytes;
}

void save_vectors(const std::string& path, const Vectors& vectors) {
    const int V = vectors.table.shape[0], D = vectors.table.shape[1];
    std::string names, bytes;
    for (int id = 2; id < V; ++id) names += vectors.vocabulary.name(id) + "\n";
    for (int id = 0; id < V; ++id) {
        const float* v = vectors.table.row(id);
        float most = 1e-30f;
        for (int k = 0; k < D; ++k) most = std::max(most, std::fabs(v[k]));
        for (int k = 0; k < D; ++k) bytes += static_cast<char>(std::lround(127 * v[k] / most));
    }
    Checkpoint file{{static_cast<std::uint64_t>(V), static_cast<std::uint64_t>(D)}, {}};
    pack(names, file.numbers);
    pack(bytes, file.numbers);
    save_checkpoint(path, file);
}

Vectors read_vectors() {
    const std::string path = std::string(places::root) + "/data/words.trained";
    const std::vector<std::uint64_t> numbers = load_checkpoint(path).numbers;
    if (numbers.size() < 4) throw std::runtime_error(path + " holds no vectors");
    const int V = static_cast<int>(numbers[0]), D = static_cast<int>(numbers[1]);
    std::size_t at = 2;
    const Words names = lines_of(unpack(numbers, at));
    const std::string bytes = unpack(numbers, at);
    if (size_of(names) != V - 2 || size_of(bytes) != V * D)
        throw std::runtime_error(path + " holds no vectors of its words");
    Tensor table({V, D});
    for (int i = 0; i < V * D; ++i) table.data[i] = static_cast<signed char>(bytes[i]);
    return {Vocabulary({Mark::padding, Mark::unknown}, names), unit_rows(table)};
}

void export_tsv(const Vectors& vectors, int most) {
    const std::string folder = std::string(places::build) + "/words";
    std::filesystem::create_directories(folder);
    std::string numbers, names;
    for (int id = 2; id < std::min(most + 2, vectors.table.shape[0]); ++id) {
        names += vectors.vocabulary.name(id) + "\n";
        for (int k = 0; k < vectors.table.columns(); ++k) {
            char number[32];
            std::snprintf(number, sizeof number, "%s%.4f", k == 0 ? "" : "\t",
                          double{vectors.table.row(id)[k]});
            numbers += number;
        }
        numbers += "\n";
    }
    write_file(folder + "/vectors.tsv", numbers);
    write_file(folder + "/names.tsv", names);
    std::printf("\nFor a projector: %s/vectors.tsv and names.tsv\n",
                std::filesystem::proximate(folder).c_str());
}

}  // namespace meaning
