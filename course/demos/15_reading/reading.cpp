#include "demos/15_reading/reading.hpp"

#include "13_positional_encoding.hpp"
#include "data/cmudict.hpp"
#include "data/recall.hpp"
#include "data/temporal_order.hpp"
#include "kit/figure.hpp"
#include "training/training_state.hpp"

#include <cmath>
#include <cstdio>

namespace reading {

// ## What an encoder knows about a letter

// A decoder has the same parts; here they only take what the file holds for them.
static Parameters of_a_decoder(const StackSettings& settings, Random& random) {
    Parameters all;
    const int D = settings.d_model;
    for (int i = 0; i < settings.num_layers; ++i) {
        for (int k = 0; k < 2; ++k)
            append(all, MultiHeadAttention(D, settings.num_heads, random).parameters());
        append(all, FeedForward(D, settings.d_ff, random).parameters());
        for (int k = 0; k < 3; ++k) append(all, LayerNorm(D).parameters());
    }
    append(all, LayerNorm(D).parameters());
    return all;
}

static Tensor row_of(const Tensor& x, int token) {  // of the first sequence
    const int D = x.shape.back();
    return Tensor({D}, {x.data.begin() + token * D, x.data.begin() + (token + 1) * D});
}

static double cosine(const Tensor& a, const Tensor& b) {
    double ab = 0, aa = 0, bb = 0;
    for (int j = 0; j < a.size(); ++j) {
        ab += double{a.data[j]} * b.data[j];
        aa += double{a.data[j]} * a.data[j];
        bb += double{b.data[j]} * b.data[j];
    }
    return ab / std::sqrt(aa * bb);
}

void show_thought() {
    const NoTape no_tape;
    Random random(1);
    const StackSettings settings{128, 4, 512, 4};
    const int V = cmudict::vocabulary().size(), D = settings.d_model;
    const Variable table = parameter(Tensor({V, D}));
    const Encoder encoder(settings, random);
    Parameters all = {table};
    append(all, encoder.parameters());
    append(all, of_a_decoder(settings, random));
    training::read_trained("speaking", all);

    // The row of a word's first g as it goes in, and after each layer.
    const auto rows_of_g = [&](const std::string& word) {
        const Tensor x = scale(gather_rows(table.value(), cmudict::letters_of(word)), std::sqrt(D));
        Variable h = reshape(with_sinusoid(x), {1, size_of(word), D});
        const int at = word.find('g');
        std::vector<Tensor> rows = {h.value()};
        for (const EncoderLayer& layer : encoder.layers)
            rows.push_back((h = layer(h, no_mask)).value());
        for (Tensor& row : rows) row = row_of(row, at);
        return rows;
    };
    std::printf(
        "How alike are the g of `thought` and that of another word? The cosine of their\n"
        "rows:\n"
        "\n  %-10s %6s %7s %6s %6s %6s\n",
        "", "at first", "layer 1", "2", "3", "4");
    const std::vector<Tensor> thought = rows_of_g("thought");
    std::vector<figure::Series> lines;
    for (const std::string word :
         {"daughter", "taught", "eight", "telegram", "fingers", "strong"}) {
        const std::vector<Tensor> other = rows_of_g(word);
        figure::Series line{word, {}};
        for (int i = 0; i < size_of(other); ++i) line.y.push_back(cosine(thought[i], other[i]));
        std::printf("  %-10s %6.2f   %7.2f %6.2f %6.2f %6.2f\n", word.c_str(), line.y[0], line.y[1],
                    line.y[2], line.y[3], line.y[4]);
        lines.push_back(line);
    }
    const std::string picture =
        figure::lines({"How alike are the g of thought and another g?", "layer", "cosine"}, lines);
    std::printf("\npicture: %s\n\n", figure::save("15_thought", picture).c_str());
}

// ## Encoders with parts missing

Task order() {
    Random random(1997);
    const auto data = temporal_order::draw(2000, 400, 10, 30, random);
    return {"order",
            temporal_order::symbols().size(),
            4,
            false,
            440,
            {data.training.sequences, data.training.kinds},
            {data.held_out.sequences, data.held_out.kinds}};
}

Task recall() {
    Random random(8);
    const auto data = recall::draw(8000, 400, random);
    const int V = recall::letters().size();
    return {"recall",
            V,
            V,
            true,
            3000,
            {data.training.sequences, data.training.answers},
            {data.held_out.sequences, data.held_out.answers}};
}

// A sublayer whose last matrix is and stays 0 adds nothing, and to a query of 0 all keys are alike.
static void silence(const Linear& layer) { layer.W.set_value(Tensor(layer.W.shape())); }

Reader::Reader(const Part& part_, const Task& task, Random& random)
    : part(part_),
      last(task.last),
      embedding(task.V, part.settings.d_model, random),
      answer(part.settings.d_model, task.C, random),
      encoder(part.settings, random) {
    for (const EncoderLayer& layer : encoder.layers) {
        if (!part.attention) silence(layer.attention.output);
        if (!part.queries) silence(layer.attention.query);
        if (!part.feed_forward) silence(layer.feed_forward.second);
    }
}

Variable Reader::operator()(const Sequences& sequences) const {
    const std::vector<int> tokens = padded(sequences, -1), lengths = lengths_of(sequences);
    const int V = embedding.W.shape()[0], D = part.settings.d_model;
    const int B = size_of(sequences), T = size_of(tokens) / B;
    Variable x = embedding(Tensor({B, T, V}, one_hot(tokens, V)));
    if (part.positions) x = with_sinusoid(x);
    const Variable h = encoder(x, padding_mask(lengths, T, T));
    if (!last) return answer(mean_of_tokens(h, lengths));
    Tensor at_the_end({B, 1, T});
    for (int b = 0; b < B; ++b) at_the_end(b, 0, lengths[b] - 1) = 1.0f;
    return answer(reshape(matmul(at_the_end, h), {B, D}));
}

Parameters Reader::parameters() const {
    Parameters all = embedding.parameters();
    append(all, answer.parameters());
    for (const EncoderLayer& layer : encoder.layers) {
        const MultiHeadAttention& attention = layer.attention;
        if (part.queries && part.attention) append(all, attention.query.parameters());
        if (part.attention)
            for (const Linear& each : {attention.key, attention.value, attention.output})
                append(all, each.parameters());
        if (part.feed_forward) append(all, layer.feed_forward.parameters());
        append(all, layer.attention_norm.parameters());
        append(all, layer.feed_forward_norm.parameters());
    }
    append(all, encoder.final_norm.parameters());
    return all;
}

}  // namespace reading
