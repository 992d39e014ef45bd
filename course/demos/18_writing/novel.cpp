// A novel, by characters and by byte pairs: what the same steps come to.

#include "demos/09_pieces/quick.hpp"
#include "demos/09_pieces/showing.hpp"
#include "demos/18_writing/writing.hpp"
#include "training/training_state.hpp"

#include <algorithm>
#include <cstdio>
#include <memory>

namespace writing {

namespace {

struct Text {  // the novel as tokens
    int V;
    Dataset<Sequence> tokens;
    Tokenizer tokenizer;
    double characters;  // of a held-out token
};

}  // namespace

static Text text_of(const cutting::Novel& novel, int V, const Tokenizer& tokenizer) {
    Text text{V, {tokenizer.encode(novel.training), tokenizer.encode(novel.held_out)}, tokenizer,
              0};
    text.characters = 1.0 * size_of(characters_of(novel.held_out)) / size_of(text.tokens.held_out);
    return text;
}

static Text by_characters(const cutting::Novel& novel) {
    std::vector<std::string> names;
    for (const std::string& character : characters_of(novel.training))
        if (std::find(names.begin(), names.end(), character) == names.end())
            names.push_back(character);
    const auto all = std::make_shared<Vocabulary>(std::vector<Mark>{Mark::unknown}, names);
    return text_of(novel, all->size(),
                   {[all](const std::string& text) { return all->tokens(characters_of(text)); },
                    [all](int token) { return all->name(token); }});
}

static constexpr int novel_vocabulary = 1024;

static Text by_pairs(const cutting::Novel& novel) {
    const auto merges = quick::learn_merges(counted_pieces(novel.training), novel_vocabulary - 256);
    const auto all = std::make_shared<BytePairs>(merges);
    return text_of(novel, all->size(),
                   {[all](const std::string& text) { return quick::Encoder(*all).encode(text); },
                    [all](int token) { return all->text_of(token); }});
}

static constexpr int novel_context = 128;

static Gpt new_net(const Text& text) {
    Random random(18);
    return Gpt({text.V, novel_context, 128, 4, 4}, random);
}

// Bits per character of what is held out.
static double bits_of(const LanguageModel& model, const Text& text, int window, int stride) {
    const Sequence& tokens = text.tokens.held_out;
    const double nats = nats_of(model, tokens, 1, window, stride);
    return bits_per_character(nats, text.characters * (size_of(tokens) - 1));
}

static std::vector<Level> ngram_levels(const Text& characters) {
    std::vector<Level> levels;
    for (int n = 0; n <= 5; ++n) {
        const NGrams model(n, characters.V, {characters.tokens.training});
        levels.push_back({n == 0 ? "uniform" : std::to_string(n) + "-gram",
                          bits_of(model, characters, 1000, 995)});
    }
    return levels;
}

static void print_levels(const std::vector<Level>& levels) {
    std::printf("\nBits per character of the held-out paragraphs:\n\n");
    for (const Level& level : levels)
        std::printf("  %-26s %6.3f\n", level.name.c_str(), level.bits);
}

// ## The long run

static training::Outcome learn(const Gpt& net, const Text& text, const std::string& title,
                               const std::string& kept) {
    Random random(1813);
    const training::Plan plan{title, 2000, 100, kept};
    const Settings settings{16, 100, 3e-3, 0.1, 0.1, 4};
    std::printf("%s: %d tokens, %d parameters, %d tokens to learn from\n", title.c_str(), text.V,
                parameter_count(net.parameters()), size_of(text.tokens.training));
    std::fflush(stdout);
    return learn(net, plan, settings, of_text(text.tokens, novel_context, settings.batch), random);
}

void learn_novel() {
    const cutting::Novel novel = cutting::read_novel();
    const Text pairs = by_pairs(novel), characters = by_characters(novel);
    const Gpt by_pair = new_net(pairs), by_character = new_net(characters);
    const training::Outcome first = learn(by_pair, pairs, "by byte pairs", "writing");
    if (!first.complete) return;
    const training::Outcome second =
        learn(by_character, characters, "by characters", "writing_characters");
    if (!second.complete) return;
    std::vector<Level> levels = ngram_levels(characters);
    draw_bits("18_novel",
              {{"byte pairs", first, pairs.characters}, {"characters", second, 1}},
              {levels.begin() + 2, levels.end()});
    const auto add = [&](const std::string& name, const Gpt& net, const Text& text) {
        levels.push_back({name, bits_of(model_of(net), text, novel_context, novel_context / 2)});
    };
    add("GPT by characters", by_character, characters);
    add("GPT by byte pairs", by_pair, pairs);
    print_levels(levels);
    std::printf("\n%.0f s by byte pairs, %.0f s by characters, for %d steps each\n", first.seconds,
                second.seconds, first.steps);
    print_speed(measured_speed(random_gpt2()));
}

// ## What it came to

void show_trained_novel() {
    const cutting::Novel novel = cutting::read_novel();
    const Text pairs = by_pairs(novel), characters = by_characters(novel);
    const Gpt net = new_net(pairs);
    training::read_trained("writing", net.parameters());
    prompt(net, pairs.tokenizer, "Mr. Darcy", 150);
    std::vector<Level> levels = ngram_levels(characters);
    const double bits = bits_of(model_of(net), pairs, novel_context, novel_context / 2);
    levels.push_back({"GPT by byte pairs", bits});
    print_levels(levels);
}

}  // namespace writing
