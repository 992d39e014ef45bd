// The sky: what comes after a beginning, where the model looked, and what it can conclude.

#include "demos/18_writing/writing.hpp"

#include "kit/figure.hpp"

#include <cstdio>
#include <string>

namespace writing {

static Sequence beginning(const sky::Sky& sky, const std::string& text) {
    return joined({sky.vocabulary.token(Mark::end)}, sky.vocabulary.tokens(words_of(text)));
}

// Where the last of some tokens looks: a row for each head of each layer, a column for each token.
static figure::Values last_looks(const Gpt& net, const Sequence& tokens) {
    const NoTape no_tape;
    const int T = size_of(tokens), D = net.settings.d_model;
    const Tensor mask = causal_mask(T);
    Variable x = reshape(lookup(net.tokens, tokens), {1, T, D});
    if (!net.settings.rotary) x = x + learned_positions(net.positions, T);
    figure::Values all;
    for (const GptLayer& layer : net.layers) {
        const auto noting = [&](const Variable& z) {
            const Tensor weights = layer.attention.weights(z, z, mask).value();  // [1, H, T, T]
            for (int h = 0; h < net.settings.num_heads; ++h) {
                const float* row = weights.row(h * T + T - 1);
                all.insert(all.end(), row, row + T);
            }
            return layer.attention(z, z, mask);
        };
        x = layer(x, noting);
    }
    return all;
}

static void draw_looks(const Gpt& net, const sky::Sky& sky, const std::string& text,
                       const std::string& picture) {
    const Sequence tokens = beginning(sky, text);
    figure::Names rows, columns;
    for (int l = 0; l < net.settings.num_layers; ++l)
        for (int h = 0; h < net.settings.num_heads; ++h)
            rows.push_back("layer " + std::to_string(l) + ", head " + std::to_string(h));
    for (int token : tokens) columns.push_back(sky.vocabulary.name(token));
    columns[0] = "⊢";  // the mark
    const figure::Values cells = last_looks(net, tokens);
    std::printf("Where it looks behind \"%s\":\n\n%s\n", text.c_str(),
                figure::text_heatmap(rows, columns, cells).c_str());
    const std::string svg = figure::heatmaps({"Where it looks behind \"" + text + "\"",
                                              "word that it has read", "head"},
                                             rows, columns, {{"", cells}});
    std::printf("picture: %s\n\n", figure::save(picture, svg).c_str());
}

// The three likeliest words, with their probabilities in percent.
static void print_next(const Gpt& net, const sky::Sky& sky, const std::string& text) {
    KeyValueCache cache;
    const Tensor z = last_row(net.read_on(beginning(sky, text), cache));
    const Tensor p = next_probabilities(z, Sampling());
    std::printf("  %-34s →", text.c_str());
    for (int token : likeliest_first(z, 3))
        std::printf("  %s (%.0f %%)", sky.vocabulary.name(token).c_str(), 100 * p.data[token]);
    std::printf("\n");
}

// Of the comparisons that are held out: how often is the last word the likeliest?
static double percent_right(const LanguageModel& model, const Sequences& comparisons) {
    int right = 0;
    for (const Sequence& sentence : comparisons) {
        const Sequence read(sentence.begin(), sentence.end() - 2);  // without answer and full stop
        right += likeliest_first(last_row(model(read)), 1).at(0) == sentence[read.size()];
    }
    return 100.0 * right / size_of(comparisons);
}

void ask_about_the_sky(const Gpt& net, const sky::Sky& sky) {
    const std::string question = "of Rigel and Polaris the cooler is";  // held out
    std::printf("\nWhat comes next?\n\n");
    for (const std::string& text : {std::string("O B A F"), std::string("Mercury Venus Earth"),
                                    std::string("The Sun is a"), question})
        print_next(net, sky, text);
    const Sequences& held_out = sky.sentences.held_out;
    const NGrams five(5, sky.vocabulary.size(), sky.sentences.training);
    std::printf("\n%d questions such as the last, about pairs that it has not seen:\n"
                "right are %.0f %%, of a 5-gram's answers %.0f %%\n\n",
                size_of(held_out), percent_right(model_of(net), held_out),
                percent_right(five, held_out));
    draw_looks(net, sky, "O B A F", "18_letters");
    draw_looks(net, sky, question, "18_question");
}

}  // namespace writing
