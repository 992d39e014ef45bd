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

#include "data/reversed_words.hpp"
#include "demos/16_reversing/reverser.hpp"
#include "kit/chapter.hpp"
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
    //> 16.1: about 7 lines
    const auto written = [&](const Variable& z) { return self_attention(z, z, self_mask); };
    const auto read = [&](const Variable& z) { return cross_attention(z, memory, memory_mask); };
    const auto think = [&](const Variable& z) { return feed_forward(z); };

    const Variable a = sublayer(x, self_norm, settings.norm_place, written, dropout);
    const Variable b = sublayer(a, cross_norm, settings.norm_place, read, dropout);
    return sublayer(b, feed_forward_norm, settings.norm_place, think, dropout);
    //<
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
    //> 16.2: about 4 lines
    Variable h = x;
    for (const DecoderLayer& layer : layers) h = layer(h, memory, self_mask, memory_mask, dropout);
    return settings.norm_place == NormPlace::before ? final_norm(h) : h;
    //<
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
    //> 16.3: about 8 lines
    for (const Sequence& target : targets) {
        Sequence read = joined({begin}, target), output = joined(target, {end});
        shifted.lengths.push_back(size_of(output));
        read.resize(longest, padding);
        output.resize(longest, padding);
        shifted.read.push_back(read);
        shifted.output.push_back(output);
    }
    return shifted;
    //<
}

// ## See it
//
// The demo trains an encoder and a decoder of two layers each to write words of 3 to 8 letters
// backwards, then lets them write words that they have never seen: from `begin` on, the decoder's
// likeliest letter is appended to what it reads, until it says `end`. Before you run `make demo
// CHAPTER=16`: where must the decoder look when it has written everything and says `end`? (What
// makes numbers of letters for your decoder, and letters of its numbers, is in
// course/demos/16_reversing/.)
static Variable loss_on(const reversing::Reverser& net, const Sequences& words) {
    const Vocabulary& letters = reversed_words::letters();
    const int padding = letters.token(Mark::padding);
    const ShiftedTargets shifted =
        shift_targets(reversed_words::reversed(words), letters.token(Mark::begin),
                      letters.token(Mark::end), padding);
    return cross_entropy(net.write(shifted.read, net.read(words), words),
                         padded(shifted.output, padding), padding);
}

static const Demo demo("16", [] {
    Random random(16);
    const reversing::Reverser net({32, 4, 64, 2}, random);
    const Dataset<Sequences> words = reversed_words::draw(28800, 500, random);
    const Sequences &held_out = words.held_out, wanted = reversed_words::reversed(held_out);
    const auto count_right = [&] {
        const Sequences written = reversing::write_backwards(net, held_out);
        int right = 0;
        for (int i = 0; i < size_of(wanted); ++i) right += written[i] == wanted[i];
        return right;
    };
    const int before = count_right();
    Adam adam(net.parameters(), 0.002);
    const auto epoch = [](Random& any) { return shuffled_batches(28800, 32, any); };
    const auto step = [&](const training::Batch& batch, double done) {
        adam.rate = 0.002 * std::min(1.0, 2 * (1 - done));
        return train_step(adam, [&] { return loss_on(net, gather_rows(words.training, batch)); });
    };
    const auto look = [&] { return training::Look{loss_on(net, held_out).value().data[0]}; };
    const training::Outcome run =
        training::train({"writing backwards", 900, 50}, {adam, random, epoch, step, look});

    const Sequences written = reversing::write_backwards(net, held_out);
    for (int i = 0; i < 3; ++i)
        std::printf("  %-8s → %s\n", reversed_words::letters().text(held_out[i]).c_str(),
                    reversed_words::letters().text(written[i]).c_str());
    std::printf("%d of %zu new words are written backwards without a mistake; before, %d were\n\n",
                count_right(), wanted.size(), before);
    reversing::draw_attention(net, "backgaid");
    training::draw_losses("16_training", {run});
});

// ## Questions
//
// 1. Teacher forcing shows the network only right beginnings. What happens at the first mistake
//    when it writes by itself, and what could one do about it in training?
// 2. To write T words, `write_backwards` runs the decoder T times over all that it has written.
//    What is computed again and again, and could be kept?
// 3. Give the encoder a causal mask too. Which tasks would still be possible?
//> answers
//
// Answers.
//
// 1. It stands before a beginning that it has never seen, and may go from bad to worse. One can
//    show it some of its own words in training, or train longer on more data, which is what is done
//    today.
// 2. The keys and values of the memory, which never change; and those of the words already written,
//    because they cannot see later ones. Chapter 18 keeps them.
// 3. All of them, for the last row has read everything, and the decoder may ask it. But the first
//    row no longer knows what follows: what `bank` means here, the decoder must find out. Where
//    each row is an answer, when every word gets a label, it is a real loss.
//<
