// # 15. Encoder
//
// All parts are on the table: attention, heads, feed-forward, norm, residual. An encoder layer is
// two of them with a path around each, and an encoder is a pile of such layers. What goes in is a
// sentence, a row of numbers per word; what comes out has the same shape, and each row now knows
// about the others:
//
//        "the cat sat"  →  3 × D  →  │ attend │ think │  →  │ attend │ think │  →  3 × D
//                                        layer 1                layer 2
//
// At the end of this chapter an encoder reads sequences in which only two symbols and their *order*
// matter, and you see what it can do with and without positions.
//
// Needs: chapters 12, 13 and 14.
// Check: `make check CHAPTER=15`.
// Letters: B sentences of at most T words, D = d_model features, F = d_ff inner features, L layers.

#include "15_encoder.hpp"

#include "13_positional_encoding.hpp"
#include "data/temporal_order.hpp"
#include "kit/chapter.hpp"
#include "kit/tokens.hpp"
#include "training/trainer.hpp"

#include <cstdio>
#include <stdexcept>

// ## A layer
//
// Two things happen to a word. First it *looks around*: self-attention brings it what it asked for.
// Then it *thinks about it*: the feed-forward network works on what it has now, for every word by
// itself. Around each stands a residual path and a norm, the `sublayer` of chapter 14. With the
// norm in front (*pre-norm*), as most models have it today:
//
//     h = x + MultiHead(norm₁(x), norm₁(x))                                              (15.1)
//     y = h + FeedForward(norm₂(h))                                                      (15.2)
//
// With the norm behind (*post-norm*), as in the paper of 2017, it is norm₁(x + MultiHead(x, x)) and
// so on. Each sublayer has a norm of its own: what is a good scale for asking is not one for
// thinking.
EncoderLayer::EncoderLayer(const StackSettings& settings_, Random& random)
    : settings(settings_),
      attention(settings.d_model, settings.num_heads, random),
      feed_forward(settings.d_model, settings.d_ff, random, settings.activation),
      attention_norm(settings.d_model),
      feed_forward_norm(settings.d_model) {}

Parameters EncoderLayer::parameters() const {
    Parameters all = attention.parameters();
    append(all, feed_forward.parameters());
    append(all, attention_norm.parameters());
    append(all, feed_forward_norm.parameters());
    return all;
}

// ## Exercise 15.1 — An encoder layer
// *About 5 lines · difficulty 2 of 3 · 15 minutes*
//
// Write (15.1) and (15.2) with `sublayer(x, norm, place, f, dropout)` of chapter 14, which takes
// care of the norm's place, here `settings.norm_place`. f is a function of what comes out of the
// norm, or goes into it; in self-attention it is both who asks and who answers. The mask goes to
// the attention, the dropout to both sublayers.
Variable EncoderLayer::operator()(const Variable& x, const Tensor& mask,
                                  const Dropout& dropout) const {
    // TODO 15.1: about 5 lines
    todo("15.1");
}

// ## A stack
//
// The layers have the same form and numbers of their own. With pre-norm, nothing ever normalises
// the path in the middle: every sublayer adds to it, and it grows from layer to layer. So whoever
// reads the encoder's output needs one more norm at the end. With post-norm, the last layer ended
// with one.
//
//     Encoder(x) = norm(layer_L(… layer_1(x) …))                                         (15.3)
Encoder::Encoder(const StackSettings& settings_, Random& random)
    : settings(settings_), final_norm(settings.d_model) {
    for (int i = 0; i < settings.num_layers; ++i) layers.emplace_back(settings, random);
}

Parameters Encoder::parameters() const {
    Parameters all;
    for (const EncoderLayer& layer : layers) append(all, layer.parameters());
    if (settings.norm_place == NormPlace::before) append(all, final_norm.parameters());
    return all;
}

// ## Exercise 15.2 — The stack
// *About 3 lines · difficulty 1 of 3 · 10 minutes*
//
// Send x through all layers, with the same mask and dropout, and through the final norm where there
// is one.
Variable Encoder::operator()(const Variable& x, const Tensor& mask, const Dropout& dropout) const {
    // TODO 15.2: about 3 lines
    todo("15.2");
}

// ## Padding
//
// The sentences of a batch have different lengths, and the rows behind a short one hold any finite
// numbers. The padding mask sees to it that no real word looks at them. They are computed all the
// same and come out as something; nobody may read them. That is a promise, and the checks test it:
// change what stands in the padding, and not one bit of a real word's output changes, nor does a
// gradient reach it.
//
// To say something about a *whole* sentence, its rows must become one. The average over its real
// words will do: an average over all rows would count the padding.
//
//     mean_b = (1/n_b) Σ_(t=1)^(n_b) x_(b t)                                             (15.4)
//
// ## Exercise 15.3 — The average of the real words
// *About 5 lines · difficulty 2 of 3 · 20 minutes*
//
// Write (15.4), for n_b = lengths[b], as a product: a [B, 1, T] tensor with 1/n_b for each real
// word and 0 for the others, times x. Then drop the axis of length 1. The tape does the rest.
Variable mean_of_tokens(const Variable& x, const std::vector<int>& lengths) {
    const int count = size_of(lengths);
    require_shapes("mean_of_tokens", {{x.shape(), "B T D"}, {{count}, "B"}});
    const int B = x.shape()[0], T = x.shape()[1], D = x.shape()[2];
    for (int n : lengths)
        if (n < 1 || n > T)
            throw std::invalid_argument("mean_of_tokens: length " + std::to_string(n) + " of " +
                                        std::to_string(T));
    // TODO 15.3: about 5 lines
    todo("15.3");
}

// ## What it costs
//
// ## Exercise 15.4 — Counting
// *About 3 lines · difficulty 1 of 3 · 10 minutes*
//
// How many numbers does an encoder learn? Four D × D matrices with their biases in the attention
// (chapter 12); D × F and F × D with biases F and D in the feed-forward network; a gain and a
// bias of D in each norm, of which a layer has two, and with pre-norm there is one at the end.
int count_encoder_parameters(const StackSettings& settings) {
    const int D = settings.d_model, F = settings.d_ff, L = settings.num_layers;
    // TODO 15.4: about 3 lines
    todo("15.4");
}

// ## See it
//
// A sequence begins with B and ends with E. Between them are the distractors a, b, c and d, and
// somewhere, far apart or near, two symbols that are X or Y. The task is to tell which of the four
// kinds it is: X then X, X then Y, Y then X, Y then Y. (Hochreiter and Schmidhuber, "Long
// short-term memory", 1997, experiment 6a, in a shorter form and other letters.)
//
// The demo trains the same encoder twice: with the positions of chapter 13 added to the symbols,
// and without. Before you run `make demo CHAPTER=15`: attention without positions sees a bag of
// symbols. Which of the four kinds can it still tell apart, and how many of the answers can it get
// right?
//
// Each symbol is a 1 at its own place among 8 numbers; a learnt matrix makes D features of them.
static training::Outcome learn(bool positions, const Dataset<temporal_order::Examples>& data) {
    const int V = temporal_order::symbols().size(), D = 32;
    Random random(15);
    const Linear embedding(V, D, random), answer(D, 4, random);
    const Encoder encoder({D, 4, 64, 2}, random);
    const auto network = [&](const Sequences& sequences) {
        const std::vector<int> symbols = padded(sequences, -1), lengths = lengths_of(sequences);
        const int B = size_of(sequences), T = size_of(symbols) / B;
        Variable x = embedding(Tensor({B, T, V}, one_hot(symbols, V)));
        if (positions) x = with_sinusoid(x);
        return answer(mean_of_tokens(encoder(x, padding_mask(lengths, T, T)), lengths));
    };
    Parameters parameters = encoder.parameters();
    for (const Linear& layer : {embedding, answer}) append(parameters, layer.parameters());
    Adam adam(parameters, 0.002);
    const auto epoch = [](Random& any) { return shuffled_batches(2000, 32, any); };
    const auto step = [&](const training::Batch& batch, double) {
        return train_step(adam, [&] {
            return cross_entropy(network(gather_rows(data.training.sequences, batch)),
                                 gather_rows(data.training.kinds, batch));
        });
    };
    const auto look = [&] {
        const Tensor z = network(data.held_out.sequences).value();
        return training::Look{cross_entropy_loss(z, data.held_out.kinds),
                              accuracy(z, data.held_out.kinds)};
    };
    const char* const name = positions ? "with positions" : "without positions";
    return training::train({name, 630, 63}, {adam, random, epoch, step, look});
}

static const Demo demo("15", [] {
    Random random(1997);
    const auto data = temporal_order::draw(2000, 400, 10, 30, random);
    std::printf("A sequence: %s, of kind %d\n",
                temporal_order::symbols().text(data.training.sequences[0]).c_str(),
                data.training.kinds[0]);
    const std::vector<training::Outcome> runs = {learn(false, data), learn(true, data)};
    for (const training::Outcome& run : runs)
        std::printf("%-18s %5.1f %% of the held-out sequences right\n", run.title.c_str(),
                    100 * run.curve.back().right);
    std::printf("\n");
    training::draw_right("15_order", runs);
    training::draw_losses("15_training", runs);
});

// ## Questions
//
// 1. How many multiplications does a layer need for T words, in attention and in the feed-forward
//    network with F = 4 D? From which T on does attention cost more?
// 2. Swap two layers of a trained encoder. Is it still the same function? And if you swap two words
//    of the input, without positions?
// 3. The rows behind a short sentence are computed in vain. What would you have to do in order not
//    to compute them?
