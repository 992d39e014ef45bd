// What the same network makes of real words: their sounds, from the dictionary of chapter 17.
#include "data/cmudict.hpp"
#include "demos/10_backwards/backwards.hpp"

#include <cstdio>

namespace backwards {

static bool is_short(const cmudict::Entry& entry) {
    return entry.letters.size() >= 3 && entry.letters.size() <= 8;
}

static Examples examples_of(const cmudict::Entries& entries) {
    Examples examples;
    for (const cmudict::Entry& entry : entries) {
        examples.words.push_back(entry.letters);
        examples.targets.push_back(entry.sounds[0]);
    }
    return examples;
}

static cmudict::Entries short_ones(const cmudict::Entries& all, std::size_t most) {
    cmudict::Entries some;
    for (const cmudict::Entry& entry : all)
        if (is_short(entry) && some.size() < most) some.push_back(entry);
    return some;
}

void learn_sounds() {
    const Dataset<cmudict::Entries> words = cmudict::read();
    const Vocabulary& vocabulary = cmudict::vocabulary();
    const cmudict::Entries asked = short_ones(words.held_out, 1000);
    const Dataset<Examples> data = {examples_of(short_ones(words.training, words.training.size())),
                                    examples_of(asked)};
    Random random(17);
    const EncoderDecoder net(vocabulary.size(), 64, 64, Looking::additive, random);
    const training::Plan plan = {"sounds of English words", 8000, 500, "10_sounds"};
    teach(net, plan, data, vocabulary, 0.003, random);
    const Sequences said = written(net, data.held_out.words, vocabulary);
    const cmudict::ErrorRates wrong = cmudict::error_rates(asked, said);
    std::printf("\nOf 1,000 new English words, %.1f %% are wrong, of their sounds %.1f %%.\n\n",
                100 * wrong.words, 100 * wrong.sounds);
    for (int i = 0; i < 8; ++i)
        std::printf("  %-10s %s\n", asked[i].word.c_str(), vocabulary.text(said[i], " ").c_str());
}

}  // namespace backwards
