// # 16. Decoder
//
// The encoder reads. The decoder writes, one word after the other, and before each word it does
// three things: it looks at what it has written so far, it looks at what the encoder has read, and
// it thinks. At the end of this chapter an encoder and a decoder together turn a sequence of
// letters round, and you see the decoder do it: for its first letter it looks at the last of the
// source, for its last at the first.
//
//             s  t  o  p
//        p    ·  ·  ·  ▓
//        o    ·  ·  ▓  ·
//        t    ·  ▓  ·  ·
//        s    ▓  ·  ·  ·
//
// Needs: chapters 12 to 15.
// Check: `make check CHAPTER=16`.
// Letters: B sentences, T words of the target and S of the source, D = d_model features.

#include "16_decoder.hpp"

#include "13_positional_encoding.hpp"
#include "data/made_up_words.hpp"
#include "kit/chapter.hpp"
#include "kit/figure.hpp"
#include "training/trainer.hpp"

#include <algorithm>
#include <cstdio>
#include <stdexcept>

// ## A layer
//
// Three sublayers, each with a norm of its own, here with the norm in front:
//
//     a = x + MultiHead(norm₁(x), norm₁(x))          what have I written?               (16.1)
//     b = a + MultiHead(norm₂(a), M)                 what have I read?                  (16.2)
//     y = b + FeedForward(norm₃(b))                                                     (16.3)
//
// In (16.1) the words of the target ask each other, and the mask is *causal*: when the decoder
// learns to say word t + 1, it must not see it. In (16.2) they ask the *memory* M, the encoder's
// output, and may look anywhere in it except at padding: the source is all there before the first
// word is written. M comes as the encoder's last norm left it, so nothing normalises it again.
DecoderLayer::DecoderLayer(const StackSettings& settings_, Random& random)
    : settings(settings_),
      self_attention(settings.d_model, settings.num_heads, random),
      cross_attention(settings.d_model, settings.num_heads, random),
      feed_forward(settings.d_model, settings.d_ff, random, settings.activation),
      self_norm(settings.d_model),
      cross_norm(settings.d_model),
      feed_forward_norm(settings.d_model) {}

Parameters DecoderLayer::parameters() const {
    Parameters all = self_attention.parameters();
    append(all, cross_attention.parameters());
    append(all, feed_forward.parameters());
    for (const LayerNorm* norm : {&self_norm, &cross_norm, &feed_forward_norm})
        append(all, norm->parameters());
    return all;
}

// ## Exercise 16.1 — A decoder layer
// *About 7 lines · difficulty 2 of 3 · 20 minutes*
//
// Write (16.1) to (16.3) with three calls of `sublayer`. Mind who asks and who answers, which mask
// belongs to which attention, and which norm to which sublayer. All three get the dropout.
Variable DecoderLayer::operator()(const Variable& x, const Variable& memory,
                                  const Tensor& self_mask, const Tensor& memory_mask,
                                  const Dropout& dropout) const {
    // TODO 16.1: about 7 lines
    todo("16.1");
}

// ## A stack
//
// As in the encoder: layers in a row, and a last norm where nothing else has normalised. Every
// layer asks the *same* memory, the encoder's final output.
Decoder::Decoder(const StackSettings& settings_, Random& random)
    : settings(settings_), final_norm(settings.d_model) {
    for (int i = 0; i < settings.num_layers; ++i) layers.emplace_back(settings, random);
}

Parameters Decoder::parameters() const {
    Parameters all;
    for (const DecoderLayer& layer : layers) append(all, layer.parameters());
    if (settings.norm_place == NormPlace::before) append(all, final_norm.parameters());
    return all;
}

// ## Exercise 16.2 — The stack
// *About 4 lines · difficulty 1 of 3 · 10 minutes*
//
// Send x through all layers, with the same memory, masks and dropout, and through the final norm
// where there is one.
Variable Decoder::operator()(const Variable& x, const Variable& memory, const Tensor& self_mask,
                             const Tensor& memory_mask, const Dropout& dropout) const {
    // TODO 16.2: about 4 lines
    todo("16.2");
}

// To see where the decoder looks, we stop in the middle of the last layer and ask its
// cross-attention for its weights, averaged over the heads.
Tensor Decoder::cross_weights(const Variable& x, const Variable& memory, const Tensor& self_mask,
                              const Tensor& memory_mask) const {
    if (layers.empty()) throw std::invalid_argument("cross_weights: a decoder without layers");
    const NoTape no_tape_here;
    Variable h = x;
    for (int i = 0; i + 1 < size_of(layers); ++i) h = layers[i](h, memory, self_mask, memory_mask);
    const DecoderLayer& last = layers.back();
    const Variable a = sublayer(h, last.self_norm, settings.norm_place, [&](const Variable& z) {
        return last.self_attention(z, z, self_mask);
    });
    const Variable asking = settings.norm_place == NormPlace::before ? last.cross_norm(a) : a;
    return mean(last.cross_attention.weights(asking, memory, memory_mask).value(), 1);
}

// ## Learning to write
//
// How does one train a writer? Letting it write and telling it at the end that it went wrong at the
// second word is slow. *Teacher forcing* asks it at every place at once: here are the first t right
// words, what is the next? The decoder reads the target behind a *begin* mark and must say the same
// words followed by an *end* mark. What it reads is what it must say, shifted by one:
//
//        target            s  t  o  p
//        it reads   begin  s  t  o  p
//        it says           s  t  o  p  end
//
// Thanks to the causal mask all T questions are answered in one pass, and none can see its answer.
// Leave out the shift, and the answer stands right there at its own place: the loss falls to
// nothing within minutes, and the network has learnt to copy.
//
// ## Exercise 16.3 — Shifted targets
// *About 8 lines · difficulty 1 of 3 · 15 minutes*
//
// For each target of n words: what is read and the output, what is said, n + 1 words each, then
// padding up to the longest of the batch; and in `lengths`, its n + 1. `joined(a, b)` is the words
// of a and behind them those of b.
ShiftedTargets shift_targets(const Sequences& targets, int begin, int end, int padding) {
    int longest = 0;
    for (const Sequence& target : targets) longest = std::max(longest, size_of(target) + 1);
    ShiftedTargets shifted;
    // TODO 16.3: about 8 lines
    todo("16.3");
}

// ## See it
//
// The demo trains an encoder and a decoder of two layers each to write words of 3 to 8 letters
// backwards, then lets them write words that they have never seen: from `begin` on, the decoder's
// likeliest letter is appended to what it reads, until it says `end`. Before you run `make demo
// CHAPTER=16`: where must the decoder look when it has written everything and says `end`?
using made_up_words::letters;
static const int padding = letters().token(Mark::padding),
                 mark_begin = letters().token(Mark::begin), mark_end = letters().token(Mark::end);

struct Reverser {
    Linear source, target, answer;  // each letter is a 1 at its place among 15
    Encoder encoder;
    Decoder decoder;

    Reverser(const StackSettings& settings, Random& random)
        : source(letters().size(), settings.d_model, random),
          target(letters().size(), settings.d_model, random),
          answer(settings.d_model, letters().size(), random),
          encoder(settings, random),
          decoder(settings, random) {}

    Parameters parameters() const {
        Parameters all = encoder.parameters();
        append(all, decoder.parameters());
        for (const Linear* layer : {&source, &target, &answer}) append(all, layer->parameters());
        return all;
    }
};

// Symbols as rows of features, with their positions: [B, T, D].
static Variable embedded(const Sequences& words, const Linear& embedding) {
    const Sequence tokens = padded(words, padding);
    const int B = size_of(words), N = size_of(tokens), V = letters().size();
    Tensor one_hot({N, V});
    for (int i = 0; i < N; ++i) one_hot(i, tokens[i]) = 1;
    return with_sinusoid(reshape(embedding(one_hot), {B, N / B, embedding.W.shape()[1]}));
}

static Variable read_all(const Reverser& net, const Sequences& words) {
    const Variable x = embedded(words, net.source);
    return net.encoder(x, padding_mask(lengths_of(words), x.shape()[1], x.shape()[1]));
}

static Variable write_all(const Reverser& net, const Sequences& read, const Sequences& words,
                          const Variable& memory) {
    const Variable x = embedded(read, net.target);
    const int T = x.shape()[1], S = memory.shape()[1];
    return net.answer(
        net.decoder(x, memory, causal_mask(T), padding_mask(lengths_of(words), T, S)));
}

static Variable loss_on(const Reverser& net, const Sequences& words) {
    const ShiftedTargets shifted =
        shift_targets(made_up_words::reversed(words), mark_begin, mark_end, padding);
    return cross_entropy(write_all(net, shifted.read, words, read_all(net, words)),
                         padded(shifted.output, padding), padding);
}

// Letter by letter, always the likeliest, for all words at once.
static Sequences write_backwards(const Reverser& net, const Sequences& words) {
    const NoTape no_tape_here;
    const Variable memory = read_all(net, words);
    Sequences read(words.size(), {mark_begin}), written(words.size());
    std::vector<bool> done(words.size());
    for (int t = 0; t < 10; ++t) {
        const std::vector<int> likeliest = argmax(write_all(net, read, words, memory).value());
        for (std::size_t b = 0; b < words.size(); ++b) {
            const int letter = likeliest[b * (t + 1) + t];
            done[b] = done[b] || letter == mark_end;
            if (!done[b]) written[b].push_back(letter);
            read[b].push_back(letter);
        }
    }
    return written;
}

static int count_right(const Sequences& written, const Sequences& wanted) {
    int right = 0;
    for (int i = 0; i < size_of(wanted); ++i) right += written[i] == wanted[i];
    return right;
}

static void train(const Reverser& net, const Sequences& held_out, Random& random) {
    Adam adam(net.parameters(), 0.002);
    training::Batches new_words([](Random&) { return std::vector<training::Batch>(1); }, random);
    const auto step = [&](const training::Batch&, double done) {
        const Sequences words = made_up_words::words(32, random, held_out);
        adam.rate = 0.002 * std::min(1.0, 2 * (1 - done));
        return train_step(adam, [&] { return loss_on(net, words); });
    };
    const auto look = [&] { return training::Look{loss_on(net, held_out).value().data[0]}; };
    const training::Curves curves =
        training::train({"learning to reverse", 900, 50}, adam, new_words, step, look).curves;
    const std::string picture = figure::lines({"What it learns from, and held out", "step", "loss"},
                                              training::loss_curves("reversal", curves));
    std::printf("picture: %s\n", figure::save("16_training", picture).c_str());
}

static void draw(const Reverser& net) {
    const Sequence word = letters().tokens(characters_of("backgaid"));
    const NoTape no_tape_here;
    const Sequence read = joined({mark_begin}, {word.rbegin(), word.rend()});
    const Tensor weights = net.decoder.cross_weights(
        embedded({read}, net.target), read_all(net, {word}), causal_mask(size_of(read)));
    figure::Names rows, columns;
    for (int letter : word) columns.push_back(letters().name(letter));
    rows.assign(columns.rbegin(), columns.rend());
    rows.push_back("end");
    std::printf("%s\n", figure::text_heatmap(rows, columns, figure::values(weights.data)).c_str());
    const std::string picture =
        figure::heatmaps({"Where the decoder looks", "letter it reads from", "letter it writes"},
                         rows, columns, {{"", figure::values(weights.data)}});
    std::printf("picture: %s\n", figure::save("16_reversal", picture).c_str());
}

static const Demo demo("16", [] {
    Random random(16);
    const Reverser net({32, 4, 64, 2}, random);
    const Sequences held_out = made_up_words::words(500, random);
    train(net, held_out, random);
    const Sequences written = write_backwards(net, held_out),
                    wanted = made_up_words::reversed(held_out);
    for (int i = 0; i < 3; ++i)
        std::printf("  %-8s → %s\n", letters().text(held_out[i]).c_str(),
                    letters().text(written[i]).c_str());
    std::printf("%d of %zu new words are written backwards without a mistake\n\n",
                count_right(written, wanted), wanted.size());
    draw(net);
});

// ## Questions
//
// 1. Teacher forcing shows the network only right beginnings. What happens at the first mistake
//    when it writes by itself, and what could one do about it in training?
// 2. To write T words, `write_backwards` runs the decoder T times over all that it has written.
//    What is computed again and again, and could be kept?
// 3. Give the encoder a causal mask too. Which tasks would still be possible?
