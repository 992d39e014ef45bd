#include "demos/10_backwards/backwards.hpp"

#include "kit/figure.hpp"

#include <algorithm>
#include <cstdio>

namespace backwards {

using reversed_words::letters;
using reversed_words::reversed;

static constexpr int seed = 2014;

static int begin_mark() { return letters().token(Mark::begin); }
static int end_mark() { return letters().token(Mark::end); }

// ## Learning

Learnt learn(const std::string& name, Looking looking) {
    Random random(seed), draws(seed + 1);
    const Dataset<Sequences> words =
        reversed_words::draw(12000, 200, draws, 2, longest_learnt);
    Learnt learnt{name, nullptr, {}};
    learnt.net =
        std::make_unique<EncoderDecoder>(letters().size(), hidden, hidden, looking, random);
    const EncoderDecoder& net = *learnt.net;
    const auto loss = [&](const Sequences& some) {
        return net.loss(some, reversed(some), begin_mark(), end_mark());
    };
    Adam adam(net.parameters(), 0.005);
    const auto epoch = [&](Random& any) {
        return shuffled_batches(size_of(words.training), 32, any);
    };
    const auto step = [&](const training::Batch& batch, double) {
        return train_step(adam, [&] { return loss(gather_rows(words.training, batch)); });
    };
    const auto look = [&] {
        const NoTape no_tape;
        const Sequences said = written(net, words.held_out), wanted = reversed(words.held_out);
        double right = 0;
        for (int i = 0; i < size_of(said); ++i) right += said[i] == wanted[i];
        return training::Look{double{loss(words.held_out).value().data[0]}, right / size_of(said)};
    };
    learnt.run = training::train({name, 1000, 100}, {adam, random, epoch, step, look});
    return learnt;
}

// ## Writing

Sequences written(const EncoderDecoder& net, const Sequences& words) {
    const NoTape no_tape;
    const Memory memory = net.read(words);
    Variable state = memory.last;
    std::vector<int> tokens(words.size(), begin_mark());
    Sequences all(words.size());
    for (int t = 0; t < longest_written; ++t) {
        const WrittenStep now = net.decoder.step(tokens, state, memory);
        state = now.state;
        tokens = argmax(now.logits.value());
        for (int i = 0; i < size_of(all); ++i) all[i].push_back(tokens[i]);
    }
    for (Sequence& word : all)
        word.erase(std::find(word.begin(), word.end(), end_mark()), word.end());
    return all;
}

static Sequences new_words(int count, int length) {
    Random draws(seed + 2);
    return reversed_words::draw(0, count, draws, length, length).held_out;
}

double percent_right(const Learnt& learnt, int length) {
    const Sequences words = new_words(200, length), wanted = reversed(words);
    const Sequences said = written(*learnt.net, words);
    int right = 0;
    for (int i = 0; i < size_of(words); ++i) right += said[i] == wanted[i];
    return 100.0 * right / size_of(words);
}

// ## Showing

void show_lengths(const std::vector<const Learnt*>& all) {
    const std::vector<int> lengths = {2, 4, 6, 8, 10, 12, 14, 16};
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
    for (int length : {4, 8, 12, 16}) words.push_back(new_words(1, length)[0]);
    const Sequences guessed = written(*blind.net, words), read = written(*sees.net, words);
    std::printf("\n  %-17s %-18s %s\n", "read", blind.name.c_str(), sees.name.c_str());
    for (int i = 0; i < size_of(words); ++i)
        std::printf("  %-17s %-19s %s\n", letters().text(words[i]).c_str(),
                    letters().text(guessed[i]).c_str(), letters().text(read[i]).c_str());
}

void draw_alignment(const Learnt& sees, const std::string& word) {
    const NoTape no_tape;
    const Sequence read = letters().tokens(characters_of(word));
    const Memory memory = sees.net->read({read});
    Variable state = memory.last;
    Sequence tokens = {begin_mark()};
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
