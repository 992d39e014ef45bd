// # 16. Decoder
//
// The encoder reads. The *decoder* writes, one token after the other, and before each it does three
// things: it looks at what it has written so far, it looks at what the encoder has read, and it
// thinks. At the end of this chapter an encoder and a decoder together turn words round that they
// have never seen, and you see where the decoder looks while it writes:
//
//              t h o u g h t
//        t     . . . . . . █
//        h     . . . . . ▓ .
//        g     . . . . ▓ ░ .
//        u     . . . ▓ ░ . .
//        o     . ░ ▓ . . . .
//        h     . █ . . . . .
//        t     █ . . . . . .
//        end   █ . . . . . .
//
// Needs: chapters 12 to 15.
// Check: `make check CHAPTER=16`.
// Letters: B sequences, T tokens of the target and S of the source, D = `d_model` features, H
// heads, V tokens in the vocabulary.
// Minutes: about 60.

#include "16_decoder.hpp"

#include "data/reversed_words.hpp"
#include "demos/16_reversing/reverser.hpp"
#include "kit/chapter.hpp"
#include "training/trainer.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <stdexcept>

// ## Learning to write
//
// How does one train a writer? We could let it write a whole word, and then tell it where it went
// wrong for the first time: one correction per word, for all behind the first mistake is lost.
// *Teacher forcing* gives a correction per token. Whatever the decoder would have said, it is shown
// the *right* beginning, and is asked for the next token. For the word `thought`, whose three
// sounds are `TH`, `AO` and `T`:
//
//        goes in          begin     TH     AO     T
//        is asked for      TH       AO     T     end
//
// What goes in is the target behind a *begin* mark; what is asked for is the target in front of an
// *end* mark. So both have one token more than the target, and the lower row is the upper one,
// shifted by one. The decoder answers all these questions in one pass, if it has a causal mask: at
// each position it sees what goes in up to there, and the answer stands one position further.
//
// Its answer at position t is a row of V logits. Softmax makes probabilities p_t of them, and the
// probability of the whole target is the product of those of its tokens. In logarithms, for the
// tokens y_0 … y_(n−1) and the end mark y_n,
//
//     log p(y) = Σ_(t=0)^n log p_t(y_t)                                                  (16.1)
//
// Cross-entropy with the shifted targets is the mean of the −log p_t(y_t). So one correction per
// token is exactly what makes the whole sequence likelier.
//
// > Leave out the shift, and the answer stands in the question. The loss falls to nothing within
// > minutes, and the network has learnt to copy. Many have celebrated that evening.
//
// ## Exercise 16.1 — By hand
// *About 4 lines · difficulty 1 of 3 · 10 minutes*
//
// Take paper. A batch has two targets: the sounds of `thought`, `TH AO T`, and of `though`, `DH
// OW`. As numbers, padding is 0, begin 1, end 2, `AO` 3, `DH` 4, `OW` 5, `T` 6 and `TH` 7. Rows
// of one batch are equally long: what is short is filled up with padding behind its end. Return
// four rows: what goes in for `thought`, what is asked for; what goes in for `though`, what is
// asked for.
Tensor shifted_by_hand() {
    //> 16.1: four rows, matrix({{…}, {…}, {…}, {…}})
    return matrix({{1, 7, 3, 6},
                   {7, 3, 6, 2},
                   {1, 4, 5, 0},
                   {4, 5, 2, 0}});
    //<
}

// ## Exercise 16.2 — Shifted targets
// *About 8 lines · difficulty 1 of 3 · 10 minutes*
//
// Now for any targets: `read`, what goes in; `output`, what is asked for; both filled up to the
// longest of the batch. `lengths` tells how many tokens each row of `read` has before its padding.
// `joined(a, b)` is the tokens of `a` and behind them those of `b`.
ShiftedTargets shift_targets(const Sequences& targets, int begin, int end, int padding) {
    int longest = 0;
    for (const Sequence& target : targets) longest = std::max(longest, size_of(target) + 1);
    ShiftedTargets shifted;
    //> 16.2: about 8 lines
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

// ## A layer
//
// A decoder layer has three sublayers, each with a norm of its own. Here is the form with the norm
// in front:
//
//     a = x + MultiHead(norm₁(x), norm₁(x))          what have I written?               (16.2)
//     b = a + MultiHead(norm₂(a), M)                 what have I read?                  (16.3)
//     y = b + FeedForward(norm₃(b))                                                     (16.4)
//
// In (16.2) the tokens of the target ask each other, under the causal mask. In (16.3) they ask the
// *memory* M, the encoder's output. They may look anywhere in it except at padding: the source is
// all there before the first token is written. M comes as the encoder's last norm left it, so
// nothing normalises it again. (16.2) comes first, because the question to the source depends on
// what is written already: behind `TH`, the next sound is not in `th` any more.
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

// ## Exercise 16.3 — A decoder layer, and where it looks
// *About 12 lines · difficulty 2 of 3 · 20 minutes*
//
// Write the layer for both places of the norm, with three calls of `sublayer`. Decide who asks and
// who answers, which mask belongs to which attention, and which norm to which sublayer. All three
// get the dropout.
Variable DecoderLayer::operator()(const Variable& x, const Variable& memory,
                                  const Tensor& self_mask, const Tensor& memory_mask,
                                  const Dropout& dropout) const {
    //> 16.3: about 7 lines
    const auto written = [&](const Variable& z) { return self_attention(z, z, self_mask); };
    const auto read = [&](const Variable& z) { return cross_attention(z, memory, memory_mask); };
    const auto think = [&](const Variable& z) { return feed_forward(z); };

    const Variable a = sublayer(x, self_norm, settings.norm_place, written, dropout);
    const Variable b = sublayer(a, cross_norm, settings.norm_place, read, dropout);
    return sublayer(b, feed_forward_norm, settings.norm_place, think, dropout);
    //<
}

// Then let the layer say where its heads look in the memory. `cross_attention.weights(x, memory,
// mask)` of chapter 12 returns the weights [B, H, T, S], but for which x? It must be asked exactly
// what (16.3) asks, and the norm is not always in front.
Tensor DecoderLayer::weights(const Variable& x, const Variable& memory, const Tensor& self_mask,
                             const Tensor& memory_mask) const {
    const NoTape no_tape_here;
    //> 16.3: about 5 lines
    const Variable a = sublayer(x, self_norm, settings.norm_place, [&](const Variable& z) {
        return self_attention(z, z, self_mask);
    });
    const Variable asking = settings.norm_place == NormPlace::before ? cross_norm(a) : a;
    return cross_attention.weights(asking, memory, memory_mask).value();
    //<
}

// ## A stack
//
// As in the encoder: layers one above the other, and, with pre-norm, one final norm. Every layer
// asks the *same* memory, the encoder's final output, so the encoder runs once, however many tokens
// are written.
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

Variable Decoder::operator()(const Variable& x, const Variable& memory, const Tensor& self_mask,
                             const Tensor& memory_mask, const Dropout& dropout) const {
    Variable h = x;
    for (const DecoderLayer& layer : layers) h = layer(h, memory, self_mask, memory_mask, dropout);
    return settings.norm_place == NormPlace::before ? final_norm(h) : h;
}

// To see where the decoder looks, we stop below the last layer and ask it. (The mean is over its
// heads.)
Tensor Decoder::cross_weights(const Variable& x, const Variable& memory, const Tensor& self_mask,
                              const Tensor& memory_mask) const {
    if (layers.empty()) throw std::invalid_argument("cross_weights: a decoder without layers");
    const NoTape no_tape_here;
    Variable h = x;
    for (int i = 0; i + 1 < size_of(layers); ++i) h = layers[i](h, memory, self_mask, memory_mask);
    return mean(layers.back().weights(h, memory, self_mask, memory_mask), 1);
}

// ## Writing
//
// A trained decoder does not write sequences. It says how likely each token is to be the next, for
// a given source and a beginning. To make a sequence of that is a *search*. The simplest, *greedy
// search*, always appends the likeliest token to what goes in, and asks again:
//
//        goes in                  the likeliest next
//        begin                    TH
//        begin TH                 AO
//        begin TH AO              T
//        begin TH AO T            end
//
// A search does not care where the probabilities come from. So it gets a function, a `NextToken`:
// for N beginnings of one length, each from the begin mark on, it returns a row of V numbers each,
// of which the largest belongs to the likeliest next token.
//
// Thousands of words are to be written, and a processor is fast only with large batches. So we
// write all of them *side by side*: beginning i belongs to source i, and each step asks once, for
// all. But they do not end together. One that has ended must still be asked, for every step needs a
// beginning for every source; and nothing that is said then may be written.
//
// ## Exercise 16.4 — Greedy search, a design
// *About 12 lines · difficulty 2 of 3 · 20 minutes*
//
// Here is the promise, and no plan. What you keep of each sequence from step to step, in which
// vectors or in a struct of your own, is yours to decide.
//
// - The result has `count` sequences, without the begin mark in front and the end mark behind.
// - `next` gets exactly `count` beginnings of one length. `argmax(next(…))` is a token for each.
// - After an end mark nothing more is written for that sequence, whatever is said. Before it,
//   whatever is said is written.
// - When all have ended, or have `longest` tokens, nothing is asked any more.
Sequences greedy_search(const NextToken& next, int count, int begin, int end, int longest) {
    //> 16.4: about 12 lines
    Sequences beginnings(count, {begin}), written(count);
    std::vector<bool> ended(count);
    for (int t = 0; t < longest; ++t) {
        const Sequence tokens = argmax(next(beginnings));
        for (int i = 0; i < count; ++i) {
            ended[i] = ended[i] || tokens[i] == end;
            if (!ended[i]) written[i].push_back(tokens[i]);
            beginnings[i].push_back(tokens[i]);
        }
        if (std::count(ended.begin(), ended.end(), true) == count) break;
    }
    return written;
    //<
}

// ## See it
//
// The demo trains an encoder and a decoder of two layers each to write words backwards. The words
// have 3 to 8 letters of an alphabet of twelve, and mean nothing. Then your greedy search writes
// 500 words that were not among them, and `thought`. (What makes rows of letters for your decoder,
// and letters of its rows, is in course/demos/16_reversing/.)
//
// Before you run `make demo CHAPTER=16`: where must the decoder look when it has written everything
// and says `end`?
//
// ## Experiment
//
// Leave out the shift: set `shift` to 0, and what goes in is what is asked for. How many of the 500
// words will be right? And what becomes of the loss? Write the first down, and run the demo.
static const int shift = 1;
static const double predicted = NAN;  // your number of words, such as 250

static Variable loss_on(const reversing::Reverser& net, const Sequences& words) {
    const Vocabulary& letters = reversed_words::letters();
    const int padding = letters.token(Mark::padding);
    const ShiftedTargets shifted =
        shift_targets(reversed_words::reversed(words), letters.token(Mark::begin),
                      letters.token(Mark::end), padding);
    const Sequences& goes_in = shift == 1 ? shifted.read : shifted.output;
    return cross_entropy(net.write(goes_in, net.read(words), words),
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

    const int right = count_right();
    std::printf("%d of %zu new words are written backwards without a mistake; before, %d were\n",
                right, wanted.size(), before);
    compare("how many of them are right", predicted, right);
    reversing::print_words(net, {held_out[0], held_out[1], held_out[2]});
    reversing::draw_attention(net, "thought");
    training::draw_losses("16_training", {run});
});

// ## Questions
//
// 1. To write the seven letters of `thought` and its end, greedy search runs the decoder eight
//    times. How many rows does the decoder compute in all of its runs together? How many are new?
// 2. What breaks if only the first layer of the decoder gets the causal mask? What does the loss do
//    in training, and what happens when it writes?
// 3. Look at the demo's picture. In which row has the decoder nothing to copy, and what is it that
//    it looks for there?
// 4. Teacher forcing shows the network only right beginnings. What happens at its first mistake,
//    when it writes by itself? What could one do about it in training?
//> answers
//
// Answers.
//
// Prediction. See it: nowhere in particular, for `end` copies nothing; ours looks at the first
// letter once more, by which it knows that it is through. Experiment: none is right, and the loss
// is almost 0 at once. Asked for a token that it has just been given, the decoder learns to repeat
// it. When it writes by itself there is nothing to repeat but what it has written, and it says
// `hhhhhhhhhh`.
//
// 1. 1 + 2 + … + 8 = 36 rows, of which 8 are new. With a causal mask the rows of earlier positions
//    never change, so their keys and values could be kept. Chapter 18 keeps them.
// 2. A row of the second layer looks at later rows, and these hold the tokens that went in there:
//    the answer leaks back. In training the loss falls to almost 0. When it writes, later tokens do
//    not exist, and it has learnt nothing else.
// 3. In the row of `end`. It has to know whether anything is left. The letter that it copied last
//    is the first of the word, which says so: its place is 0.
// 4. It stands before a beginning that it has never seen, and may go from bad to worse. One can
//    show it some of its own tokens in training (Bengio and others, "Scheduled sampling", 2015), or
//    train longer on more data, which is what is done today.
//<
//
// ## Where it comes from
//
// - Williams and Zipser, "A learning algorithm for continually running fully recurrent neural
//   networks" (1989): teacher forcing.
// - Sutskever, Vinyals and Le, "Sequence to sequence learning with neural networks" (2014): one
//   network reads, another writes. They read the source backwards.
// - Bahdanau, Cho and Bengio, "Neural machine translation by jointly learning to align and
//   translate" (2014): the writer looks back at what was read.
// - Vaswani and others, "Attention is all you need" (2017): the layer of this chapter.
//
// ## What you have now
//
// A reader and a writer, a way to train them, and a search that writes. Chapter 17 gives them a
// vocabulary, trains them on a dictionary, and searches more widely.
