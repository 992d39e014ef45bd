#include "20_seq2seq.hpp"

#include "grader/check.hpp"

#include <set>

namespace hidden_20 {

using Sentences = std::vector<std::pair<std::string, std::string>>;

double bleu_of_pairs(const Sentences& pairs) {
    std::vector<Translation> corpus;
    for (const auto& [candidate, reference] : pairs)
        corpus.push_back({words_of(candidate), {words_of(reference)}});
    return bleu(corpus).score;
}

int batches_of(const std::vector<int>& sources, int limit, int seed) {
    std::vector<Lengths> lengths;
    for (int source : sources) lengths.push_back({source, 1});
    Random random(seed);
    std::set<int> seen;
    const Batches batches = batches_by_length(lengths, limit, random);
    for (const std::vector<int>& batch : batches) seen.insert(batch.begin(), batch.end());
    return seen.size() == sources.size() ? static_cast<int>(batches.size()) : -1;
}

CHECK("20.3", "two sentences in the other order have the same BLEU") {
    const std::string a = "it is on the left", b = "the house is on the right of it";
    const std::string c = "it stands on the left", d = "the house on the right of it";
    const double one = ASK(bleu_of_pairs, Sentences{{a, c}, {b, d}});
    const double two = ASK(bleu_of_pairs, Sentences{{b, d}, {a, c}});
    expect_near(one, two, 1e-9);
}

CHECK("20.4",
      "a thousand examples of a few lengths are all there, in no more batches than needed") {
    std::vector<int> sources;
    for (int i = 0; i < 1000; ++i) sources.push_back(1 + i % 4);
    const int seed = 1 + random_numbers().below(1000);
    expect(ASK(batches_of, sources, 60, seed) == 59, "59 batches have them all");
}

}  // namespace hidden_20
