#include "demos/09_pieces/showing.hpp"

#include "data/gpt2.hpp"
#include "data/pride.hpp"
#include "demos/09_pieces/quick.hpp"
#include "kit/figure.hpp"
#include "kit/timing.hpp"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <set>
#include <stdexcept>

namespace cutting {

Novel read_novel() {
    const Dataset<pride::Paragraphs> paragraphs = pride::read();
    Novel novel;
    for (const std::string& paragraph : paragraphs.training) novel.training += paragraph + "\n";
    for (const std::string& paragraph : paragraphs.held_out) novel.held_out += paragraph + "\n";
    return novel;
}

static double characters(const std::string& text) {
    return static_cast<double>(characters_of(text).size());
}

// The same vocabulary, before it had more than V tokens.
static BytePairs first_of(const BytePairs& learnt, int V) {
    const int M = std::clamp(V - 256, 0, size_of(learnt.merges));
    return BytePairs({learnt.merges.begin(), learnt.merges.begin() + M});
}

static double characters_a_token(const std::string& text, const BytePairs& tokenizer) {
    return characters(text) / quick::Encoder(tokenizer).encode(text).size();
}

double characters_a_token(const Novel& novel, const BytePairs& learnt, int V) {
    return characters_a_token(novel.held_out, first_of(learnt, V));
}

// ## Learning

static constexpr int compared = 100;  // merges

BytePairs learn(const Novel& novel, int V) {
    const CountedPieces pieces = counted_pieces(novel.training);
    const BytePairs learnt(quick::learn_merges(pieces, V - 256));
    const std::vector<TokenPair> plain = learn_merges(pieces, compared);
    if (!std::equal(plain.begin(), plain.end(), learnt.merges.begin()))
        throw std::logic_error("learn_merges and quick::learn_merges have come to other merges");
    std::printf("The first merges of the novel:\n\n ");
    for (int r = 0; r < 20; ++r) std::printf("%s│", learnt.text_of(256 + r).c_str());
    std::printf("\n\nThe longest tokens of %d:\n\n ", learnt.size());
    std::vector<std::string> texts;
    for (int token = 256; token < learnt.size(); ++token) texts.push_back(learnt.text_of(token));
    std::stable_sort(texts.begin(), texts.end(), [](const std::string& a, const std::string& b) {
        return a.size() > b.size();
    });
    for (int i = 0; i < 4; ++i) std::printf("%s│", texts[i].c_str());
    std::printf("\n");
    return learnt;
}

// ## Characters, words and something between

void show_counts(const Novel& novel, const BytePairs& learnt, const BytePairs& gpt2) {
    const std::vector<std::string> known = pieces_of(novel.training);
    const std::vector<std::string> asked = pieces_of(novel.held_out);
    const std::set<std::string> words(known.begin(), known.end());
    const auto is_unknown = [&](const std::string& word) { return words.count(word) == 0; };
    const double unknown = std::count_if(asked.begin(), asked.end(), is_unknown);
    const std::vector<std::string> all = characters_of(novel.training);
    const double count = characters(novel.held_out);
    std::printf("\nWhat becomes of the %.0f characters of the held-out paragraphs:\n\n", count);
    std::printf("  %-22s %10s %10s %14s\n", "", "vocabulary", "tokens", "char./token");
    const auto row = [&](const std::string& name, std::size_t V, double tokens) {
        std::printf("  %-22s %10zu %10.0f %14.2f\n", name.c_str(), V, tokens, count / tokens);
    };
    row("characters", std::set<std::string>(all.begin(), all.end()).size(), count);
    for (int V : {512, 4096}) {
        const BytePairs some = first_of(learnt, V);
        row("byte pairs", V, quick::Encoder(some).encode(novel.held_out).size());
    }
    row("GPT-2", gpt2.size(), quick::Encoder(gpt2).encode(novel.held_out).size());
    row("words", words.size(), asked.size());
    std::printf("\n  Of the words, %.1f %% were never seen in training.\n",
                100 * unknown / asked.size());
}

void show_lengths(const Novel& novel, const BytePairs& learnt, const BytePairs& gpt2) {
    figure::Values sizes, training, held_out, other, words;
    const double by_words = characters(novel.held_out) / pieces_of(novel.held_out).size();
    std::printf("\nCharacters a token, by the size of the vocabulary:\n\n");
    std::printf("  %10s %10s %10s\n", "V", "training", "held out");
    for (int V : {256, 512, 1024, 2048, 4096, learnt.size()}) {
        const BytePairs some = first_of(learnt, V);
        sizes.push_back(V);
        training.push_back(characters_a_token(novel.training, some));
        held_out.push_back(characters_a_token(novel.held_out, some));
        std::printf("  %10d %10.2f %10.2f\n", V, training.back(), held_out.back());
    }
    const double by_gpt2 = characters_a_token(novel.held_out, gpt2);
    std::printf("  %10d %10s %10.2f  GPT-2\n", gpt2.size(), "", by_gpt2);
    const std::string svg =
        figure::lines({"What a vocabulary buys", "tokens in the vocabulary", "characters a token"},
                      {{"training", training, sizes},
                       {"held out", held_out, sizes},
                       {"GPT-2, held out", {by_gpt2, by_gpt2}, {sizes.front(), sizes.back()}},
                       {"words", {by_words, by_words}, {sizes.front(), sizes.back()}}},
                      figure::Scale::log_x);
    std::printf("\npicture: %s\n", figure::save("09_length", svg).c_str());
}

// ## Words

// What stands between two bars. A byte that is no letter by itself is shown as a number.
static std::string cut(const BytePairs& tokenizer, const std::string& text) {
    std::string all;
    for (int token : tokenizer.encode(text)) {
        const std::string part = tokenizer.text_of(token);
        for (const unsigned char byte : part)
            if (byte < 128) all += static_cast<char>(byte);
            else all += "<" + std::to_string(byte) + ">";
        all += "│";
    }
    return all;
}

static void draw_tree(const BytePairs& learnt, const std::string& word);

void show_words(const BytePairs& learnt, const BytePairs& gpt2) {
    std::printf("\nThe same words, cut by 512 tokens, by 4,096, and by GPT-2:\n");
    const BytePairs few = first_of(learnt, 512), more = first_of(learnt, 4096);
    for (const char* word : {" learn", " learned", " learner", " Netherfield", " unbelievable",
                             " 1813", " naïve", " 🙂"}) {
        const std::string space(14 - characters_of(word).size(), ' ');
        std::printf("\n  %s%s│%s\n  %-14s│%s\n  %-14s│%s\n", word, space.c_str(),
                    cut(few, word).c_str(), "", cut(more, word).c_str(), "",
                    cut(gpt2, word).c_str());
    }
    draw_tree(learnt, " learned");
}

// How a token came together: a box for each token, with its rank.
static void draw_tree(const BytePairs& learnt, const std::string& word) {
    std::vector<figure::Node> nodes;
    std::vector<figure::Edge> edges;
    const std::function<std::size_t(int)> add = [&](int token) {
        std::vector<std::size_t> parts;
        if (token >= 256)
            for (int part : {learnt.merges[token - 256].first, learnt.merges[token - 256].second})
                parts.push_back(add(part));
        std::string text = learnt.text_of(token);
        if (text[0] == ' ') text.replace(0, 1, "␣");
        nodes.push_back({text, {token < 256 ? "a byte" : "merge " + std::to_string(token - 256)}});
        for (std::size_t part : parts) edges.push_back({part, nodes.size() - 1});
        return nodes.size() - 1;
    };
    for (int token : learnt.encode(word)) add(token);
    const std::string svg = figure::graph({"How '" + word + "' came together"}, nodes, edges);
    std::printf("\npicture: %s\n", figure::save("09_tree", svg).c_str());
}

// ## GPT-2, and the time it takes

void show_fixtures(const BytePairs& gpt2) {
    const std::vector<gpt2::Fixture> fixtures = gpt2::read_fixtures();
    int same = 0, back = 0;
    for (const gpt2::Fixture& fixture : fixtures) {
        const Sequence tokens = gpt2.encode(fixture.text);
        same += tokens == fixture.tokens;
        back += gpt2.decode(tokens) == fixture.text;
    }
    std::printf("\nGPT-2's own numbers for %d texts: %d are the same, %d come back as they were\n",
                size_of(fixtures), same, back);
    std::printf("  My favourite movie is →");
    for (int token : gpt2.encode("My favourite movie is")) std::printf(" %d", token);
    std::printf("\n");
}

static double seconds_of(const std::function<void()>& work) {
    return timed_calls(work, [](double, std::size_t calls) { return calls < 1; })[0];
}

void show_speed(const Novel& novel, const BytePairs& learnt) {
    const CountedPieces pieces = counted_pieces(novel.training);
    const double plain = seconds_of([&] { learn_merges(pieces, compared); });
    const double fast = seconds_of([&] { quick::learn_merges(pieces, size_of(learnt.merges)); });
    std::printf("\nLearning from %.1f MB: %d merges in %.2f s, all %d by the quick way in %.2f s\n",
                novel.training.size() / 1e6, compared, plain, size_of(learnt.merges), fast);
    const std::string some = novel.held_out.substr(0, 10000);
    Sequence plain_tokens;
    const double slowly = seconds_of([&] { plain_tokens = learnt.encode(some); });
    if (quick::Encoder(learnt).encode(some) != plain_tokens)
        throw std::logic_error("BytePairs::encode and quick::Encoder have come to other tokens");
    const double quickly = seconds_of([&] { quick::Encoder(learnt).encode(novel.training); });
    std::printf("Encoding: %.2f MB/s, by the quick way %.1f MB/s\n", some.size() / slowly / 1e6,
                novel.training.size() / quickly / 1e6);
}

}  // namespace cutting
