#include "demos/10_backwards/backwards.hpp"

#include "data/reversed_words.hpp"
#include "kit/figure.hpp"

#include <algorithm>
#include <cstdio>

namespace backwards {

using reversed_words::letters;
using reversed_words::reversed;

static constexpr int seed = 2014;

// ## Learning

training::Outcome teach(const EncoderDecoder& net, const training::Plan& plan,
                        const Dataset<Examples>& data, const Vocabulary& vocabulary, double rate,
                        Random& random) {
    const Examples &known = data.training, &held_out = data.held_out;
    const int begin = vocabulary.token(Mark::begin), end = vocabulary.token(Mark::end);
    Adam adam(net.parameters(), rate);
    const auto epoch = [&](Random& any) { return shuffled_batches(size_of(known.words), 32, any); };
    const auto step = [&](const training::Batch& batch, double done) {
        adam.rate = rate * std::min(1.0, 2.05 - 2 * done);  // small at the end, where it settles
        return train_step(adam, [&] {
            return net.loss(gather_rows(known.words, batch), gather_rows(known.targets, batch),
                            begin, end);
        });
    };
    const auto look = [&] {
        const NoTape no_tape;
        const Sequences said = written(net, held_out.words, vocabulary);
        double right = 0;
        for (int i = 0; i < size_of(said); ++i) right += said[i] == held_out.targets[i];
        const Variable loss = net.loss(held_out.words, held_out.targets, begin, end);
        return training::Look{double{loss.value().data[0]}, right / size_of(said)};
    };
    return training::train(plan, {adam, random, epoch, step, look});
}

Learnt learn(const std::string& name, Looking looking) {
    Random random(seed), draws(seed + 1);
    const Dataset<Sequences> words = reversed_words::draw(12000, 200, draws, 2, longest_learnt);
    Learnt learnt{name, nullptr, {}};
    learnt.net =
        std::make_unique<EncoderDecoder>(letters().size(), hidden, hidden, looking, random);
    learnt.run = teach(
        *learnt.net, {name, 1500, 100},
        {{words.training, reversed(words.training)}, {words.held_out, reversed(words.held_out)}},
        letters(), 0.005, random);
    return learnt;
}

// ## Writing

Sequences written(const EncoderDecoder& net, const Sequences& words, const Vocabulary& vocabulary) {
    const NoTape no_tape;
    const int end = vocabulary.token(Mark::end);
    const Memory memory = net.read(words);
    Variable state = memory.last;
    std::vector<int> tokens(words.size(), vocabulary.token(Mark::begin));
    Sequences all(words.size());
    for (int t = 0; t < longest_written; ++t) {
        const WrittenStep now = net.decoder.step(tokens, state, memory);
        state = now.state;
        tokens = argmax(now.logits.value());
        for (int i = 0; i < size_of(all); ++i) all[i].push_back(tokens[i]);
    }
    for (Sequence& word : all) word.erase(std::find(word.begin(), word.end(), end), word.end());
    return all;
}

static Sequences new_words(int count, int length) {
    Random draws(seed + 2);
    return reversed_words::draw(0, count, draws, length, length).held_out;
}

double percent_right(const Learnt& learnt, int length) {
    const Sequences words = new_words(200, length), wanted = reversed(words);
    const Sequences said = written(*learnt.net, words, letters());
    int right = 0;
    for (int i = 0; i < size_of(words); ++i) right += said[i] == wanted[i];
    return 100.0 * right / size_of(words);
}

// ## Showing

void show_lengths(const std::vector<const Learnt*>& all) {
    const std::vector<int> lengths = {2, 4, 8, 12, 16, 20, 24, 28};
    std::printf("Words that are right, of 200 new ones of each length, in percent:\n\n  %-20s", "");
    for (int length : lengths) std::printf(" %5d", length);
    std::vector<figure::Series> curves;
    std::vector<training::Outcome> runs;
    for (const Learnt* learnt : all) {
        figure::Series curve = {learnt->name, {}, figure::values(lengths)};
        std::printf("\n  %-20s", learnt->name.c_str());
        for (int length : lengths) {
            curve.y.push_back(percent_right(*learnt, length));
            std::printf(" %5.1f", curve.y.back());
        }
        curves.push_back(curve);
        runs.push_back(learnt->run);
    }
    for (const Learnt* learnt : all)
        std::printf("\n%s%s: %d parameters", learnt == all[0] ? "\n" : "", learnt->name.c_str(),
                    parameter_count(learnt->net->parameters()));
    const std::string svg = figure::lines(
        {"Words of each length that are written backwards", "letters", "percent right"}, curves);
    std::printf("\n\npicture: %s\n", figure::save("10_length", svg).c_str());
    training::draw_losses("10_training", runs);
}

void show_words(const Learnt& blind, const Learnt& sees) {
    Sequences words;
    for (int length : {4, 8, 12, 20}) words.push_back(new_words(1, length)[0]);
    const Sequences guessed = written(*blind.net, words, letters());
    const Sequences read = written(*sees.net, words, letters());
    std::printf("\n  %-21s %-22s %s\n", "read", blind.name.c_str(), sees.name.c_str());
    for (int i = 0; i < size_of(words); ++i)
        std::printf("  %-21s %-22s %s\n", letters().text(words[i]).c_str(),
                    letters().text(guessed[i]).c_str(), letters().text(read[i]).c_str());
}

void draw_alignment(const Learnt& sees, const std::string& word) {
    const NoTape no_tape;
    const Sequence read = letters().tokens(characters_of(word));
    const Memory memory = sees.net->read({read});
    Variable state = memory.last;
    Sequence tokens = {letters().token(Mark::begin)};
    figure::Names rows;
    figure::Values cells;
    for (int t = 0; t <= size_of(read); ++t) {
        const WrittenStep now = sees.net->decoder.step(tokens, state, memory);
        state = now.state;
        tokens = argmax(now.logits.value());
        rows.push_back(letters().name(tokens[0]));
        for (float weight : now.weights.value().data) cells.push_back(double{weight});
    }
    const figure::Names columns = characters_of(word);
    std::printf("\nWhere it looks, while it writes:\n\n%s\n",
                figure::text_heatmap(rows, columns, cells).c_str());
    const std::string picture =
        figure::heatmaps({"Where the decoder looks", "letter it reads", "letter it writes"}, rows,
                         columns, {{"", cells}});
    std::printf("picture: %s\n", figure::save("10_alignment", picture).c_str());
}

}  // namespace backwards
