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

static double cosine(const float* a, const float* b, int n) {
    double ab = 0, aa = 0, bb = 0;
    for (int j = 0; j < n; ++j) {
        ab += double{a[j]} * b[j];
        aa += double{a[j]} * a[j];
        bb += double{b[j]} * b[j];
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
    const auto rows = [&](const std::string& word) {
        const Tensor x = scale(gather_rows(table.value(), cmudict::letters_of(word)), std::sqrt(D));
        return reshape(with_sinusoid(x), {1, size_of(word), D});
    };
    const std::vector<std::string> words = {"brought", "telegram", "daughter", "fingers", "dodger", "taught", "through", "tough", "eight", "strong", "enough"};
    for (char letter : std::string("tg"))
    for (const std::string& word : words) {
        const int at = std::string("thought").rfind(letter), there = word.find(letter);
        if (there < 0) continue;
        std::printf("%c %-10s", letter, word.c_str());
        Variable a = rows("thought"), b = rows(word);
        for (int layer = 0;; ++layer) {
            const Tensor m = a.value(), n = b.value();
            std::printf(" %5.2f", cosine(m.row(at), n.row(there), D));
            if (layer == settings.num_layers) break;
            a = encoder.layers[layer](a, no_mask);
            b = encoder.layers[layer](b, no_mask);
        }
        const Tensor m = encoder.final_norm(a).value(), n = encoder.final_norm(b).value();
        std::printf("  norm %5.2f\n", cosine(m.row(at), n.row(there), D));
    }
    Variable x = rows("thought");
    for (int layer = 0; layer < settings.num_layers; ++layer) {
        const EncoderLayer& l = encoder.layers[layer];
        const Variable z = l.attention_norm(x);
        const Tensor w = l.attention.weights(z, z).value();
        for (int h = -1; h < 4; ++h) {
        const figure::Names names = characters_of("thought");
        const Tensor m = h < 0 ? mean(w, 1) : Tensor({7, 7}, {w.row(7 * h), w.row(7 * h) + 49});
        std::printf("layer %d head %d\n%s\n", layer, h, figure::text_heatmap(names, names, figure::values(m.data)).c_str());
        }
        x = l(x, no_mask);
    }
}

// ## Encoders with parts missing

Task order() {
    Random random(1997);
    const auto data = temporal_order::draw(2000, 400, 10, 30, random);
    return {"order", temporal_order::symbols().size(), 4, false, 630,
            {data.training.sequences, data.training.kinds},
            {data.held_out.sequences, data.held_out.kinds}};
}

Task recall() {
    Random random(8);
    const auto data = recall::draw(8000, 400, random);
    const int V = recall::letters().size();
    return {"recall", V, V, true, 2000,
            {data.training.sequences, data.training.answers},
            {data.held_out.sequences, data.held_out.answers}};
}

// A sublayer whose last matrix is and stays 0 adds nothing.
static void silence(const Linear& output) {
    output.W.set_value(Tensor(output.W.shape()));
}

Reader::Reader(const Part& part_, const Task& task, Random& random)
    : part(part_),
      last(task.last),
      embedding(task.V, part.settings.d_model, random),
      answer(part.settings.d_model, task.C, random),
      encoder(part.settings, random) {
    for (const EncoderLayer& layer : encoder.layers) {
        if (!part.attention) silence(layer.attention.output);
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
        if (part.attention) append(all, layer.attention.parameters());
        if (part.feed_forward) append(all, layer.feed_forward.parameters());
        append(all, layer.attention_norm.parameters());
        append(all, layer.feed_forward_norm.parameters());
    }
    append(all, encoder.final_norm.parameters());
    return all;
}

}  // namespace reading
