// # 15. Encoder
//
// All parts are ready: attention with its heads, the little network, the norm and the path around
// them. An *encoder* is a stack of layers that are made of these. It reads a sequence, one row of
// numbers for each token, and returns as many rows. But now each row knows about the others. The
// encoder of chapter 17 has learnt to read English words; it stacks four layers. How alike does it
// find the `g` of `thought` and that of another word? Here is the cosine of the two rows:
//
//                     at first   layer 1      2        3        4
//        daughter       1.00       0.89      0.91     0.92     0.96
//        taught         1.00       0.91      0.93     0.94     0.98
//        telegram       1.00       0.99      0.90     0.60     0.25
//        fingers        1.00       0.90      0.82     0.61     0.21
//
// When they go in, all are the same letter at nearly the same position. When they come out, a `g`
// that is heard has hardly anything in common with one that is not. Nobody has told the encoder of
// silent letters.
//
// Needs: chapters 12, 13 and 14.
// Check: `make check CHAPTER=15`.
// Letters: B sequences of at most T tokens, D = `d_model` features, F = `d_ff` inner features, L
// layers.
// Minutes: about 40.

#include "15_encoder.hpp"

#include "demos/15_reading/reading.hpp"
#include "kit/chapter.hpp"
#include "training/trainer.hpp"

#include <cmath>
#include <cstdio>
#include <stdexcept>

// ## Looking twice
//
// In one layer of attention every token asks the others. But it asks as what it is, and they answer
// as what they are: a token at a position. Nobody has found anything yet. In a second layer, they
// ask and answer with what they found in the first. Is that worth anything?
//
// Somebody has read "the cat sat on the" and wonders how it goes on. A good guess is what came
// after the last `the`: `cat`. So the second `the` wants *the word after the word like mine*. One
// look does not find it. The second `the` can look for words like itself, and finds the first one.
// But the word it wants is the next, and nothing in the row of `cat` says that `the` stands in
// front of it. Two looks find it:
//
// - In layer 1, every word looks one position back, and notes the word that stands there.
// - In layer 2, every word looks for the row whose *note* is like itself, and takes the word there.
//
//        word                 the  cat  sat  on   the
//        layer 1: its note     –   the  cat  sat  on
//        layer 2: it takes    cat  sat  on   the  cat
//
// So the depth of a stack is the number of looks that build on each other. Two heads that work like
// these, one above the other, have been found in many trained language models (Olsson and others,
// 2022, who call the upper one an *induction head*). Nobody builds them in; they are learnt.
//
// > First note whom each one follows; then look for whoever follows the man in the hat. Detectives
// > call it procedure.
//
// ## Exercise 15.1 — By hand
// *About 1 line · difficulty 1 of 3 · 10 minutes*
//
// Take paper. The words are now numbers: 2, 5, 1, 2, 7, 2. Let the two layers above work on them.
// Nothing is masked: each position may look at all others, later ones too. The first has nobody in
// front of it, and so no note. When several notes are like a word, softmax gives them equal
// weights, and the word takes the *mean* of what it finds. What does each of the six take? Return
// the six numbers in their order.
Tensor taken_by_hand() {
    //> 15.1: a row of six
    return row({6, 1, 2, 6, 2, 6});
    //<
}

// ## A layer
//
// Two things happen to each row. First it *looks around*: self-attention brings it what it asked
// for. Then it *thinks about it*: the little network works on what the row now holds, for every
// position by itself. Around each stands a residual path and a norm, the `sublayer` of chapter 14.
// With the norm in front (*pre-norm*), as most models have it today:
//
//     h = x + MultiHead(norm₁(x), norm₁(x))                                              (15.1)
//     y = h + FeedForward(norm₂(h))                                                      (15.2)
//
// With the norm behind (*post-norm*), as in the first transformer (Vaswani and others, "Attention
// is all you need", 2017), h is norm₁(x + MultiHead(x, x)), and so on. Each sublayer has a norm of
// its own, for its gain and bias are learnt: what is a good scale for asking is not one for
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

// ## Exercise 15.2 — An encoder layer
// *About 5 lines · difficulty 2 of 3 · 10 minutes*
//
// Write both kinds with two calls of `sublayer(x, norm, place, f, dropout)`. It knows the norm's
// place, which is `settings.norm_place`, and calls f(z), where z has been normalised or not. In
// self-attention z is both: the queries' source and the memory. The mask goes to the attention, the
// dropout to both sublayers.
Variable EncoderLayer::operator()(const Variable& x, const Tensor& mask,
                                  const Dropout& dropout) const {
    //> 15.2: about 5 lines
    const auto look = [&](const Variable& z) { return attention(z, z, mask); };
    const auto think = [&](const Variable& z) { return feed_forward(z); };

    const Variable h = sublayer(x, attention_norm, settings.norm_place, look, dropout);
    return sublayer(h, feed_forward_norm, settings.norm_place, think, dropout);
    //<
}

// ## A stack
//
// The layers have the same form, and numbers of their own: layer 2 has other questions than layer
// 1. With pre-norm, nothing ever normalises the path in the middle. Every sublayer adds to it, and
// its rows grow from layer to layer. So whoever reads the encoder's output needs one more norm at
// the end. With post-norm, the last layer ended with one.
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

// ## Exercise 15.3 — A stack with faults
// *About 3 lines · difficulty 2 of 3 · 10 minutes*
//
// This stack compiles, and it learns. Three things are wrong with it, and no error message will
// ever say so.
//
//        Variable h = x;
//        for (int i = 0; i < settings.num_layers; ++i) {
//            h = layers[i](h, i == 0 ? mask : no_mask, dropout);
//            h = final_norm(h);
//        }
//        return h;
//
// Find the three, and write the stack as it should be. For each, ask yourself what would have gone
// wrong in training, and whether you would have noticed.
Variable Encoder::operator()(const Variable& x, const Tensor& mask, const Dropout& dropout) const {
    //> 15.3: about 3 lines
    Variable h = x;
    for (const EncoderLayer& layer : layers) h = layer(h, mask, dropout);
    return settings.norm_place == NormPlace::before ? final_norm(h) : h;
    //<
}

// ## What a layer costs, and what it replaces
//
// Before attention, sequences were read by *recurrent* networks (chapter 5), one token after the
// other: each step works on the token and on what the step before has handed on. Compare, for T
// tokens of D features, how many steps must wait for each other, through how many hands a message
// goes from the first token to the last, and how many multiplications it takes:
//
//                              steps in a row  hands  multiplications
//        a recurrent layer           T           T    ~ T D²
//        a layer of attention        1           1    ~ T D² + T² D
//
// A recurrent network cannot use a thousand cores, for its steps wait for each other, and over a
// hundred hands a message fades. Attention pays for that with T²: every token asks every other.
//
// The demo lets all three read the sequences of chapter 5, with X and Y far from the end: the cells
// for 350 steps, an encoder of two layers, with one head each, for 150. This is what is right then,
// in percent, as the sequences become longer:
//
//                       7–8  30–40  60–80 100–110
//        plain cell     100     48     23      29
//        LSTM           100    100    100     100
//        encoder        100    100    100     100
//
// The LSTM needs its own first bias for that, 4.05, and a seed that is good to it. The encoder
// needs neither: from any token to any other, it is one step.
//
// ## Padding, and one row for all
//
// The sequences of a batch have different lengths, and the rows behind a short one are *padding*:
// they hold any finite numbers. The padding mask sees to it that no real token looks at them. They
// are computed all the same and come out as something; nobody may read them. That is a promise, and
// the checks test it: change what stands in the padding, and not one bit of a real token's output
// changes, nor does a gradient reach it.
//
// To say something about a *whole* sequence, its rows must become one. The average over its real
// tokens will do. (An average over all rows would count the padding, and a sequence would mean
// something else in another batch.)
//
//     mean_b = 1/n_b Σ_(t=1)^(n_b) x_(b t)                                               (15.4)
//
// ## Exercise 15.4 — The average of the real tokens
// *About 4 lines · difficulty 2 of 3 · 10 minutes*
//
// Find (15.4), for n_b = `lengths[b]`, as *one product* with x. What must stand in front of x, with
// which shape, so that the tape does the rest?
Variable mean_of_tokens(const Variable& x, const std::vector<int>& lengths) {
    const int count = size_of(lengths);
    require_shapes("mean_of_tokens", {{x.shape(), "B T D"}, {{count}, "B"}});
    const int B = x.shape()[0], T = x.shape()[1], D = x.shape()[2];
    for (int n : lengths)
        if (n < 1 || n > T)
            throw std::invalid_argument("mean_of_tokens: length " + std::to_string(n) + " of " +
                                        std::to_string(T));
    //> 15.4: about 4 lines
    Tensor weights({B, 1, T});
    for (int b = 0; b < B; ++b)
        for (int t = 0; t < lengths[b]; ++t) weights(b, 0, t) = 1.0f / lengths[b];
    return reshape(matmul(weights, x), {B, D});
    //<
}

// ## See it
//
// The demo first loads what chapter 17 has learnt into an encoder of your layers. That makes the
// table at the top of this page.
//
// Then it trains small encoders, of two layers with 32 features, on two tasks:
//
// - *order*: 10 to 30 symbols, and somewhere among them two that are X or Y. Which of the four
//   kinds is it: X then X, X then Y, Y then X, Y then Y? The answer is read from the mean of all
//   rows. (Hochreiter and Schmidhuber, "Long short-term memory", 1997, experiment 6, shortened.)
// - *recall*: eight letters in any order, then one of them once more. Which letter came after it
//   before? This is 15.1, and the answer is read from the last row.
//
// Each is learnt six times: with everything, and with one part missing. Before you run `make demo
// CHAPTER=15`: without positions, an encoder sees a bag of tokens. How many of the four kinds can
// it still tell apart? And which parts does *recall* need? (The encoder with parts missing is in
// course/demos/15_reading/. Without queries all scores are 0, and each token gets the mean of all.)
//
// ## Experiment
//
// Are two looks really needed? Set `num_layers` to 1. By chance, *recall* would be right in one
// case of seven. What percentage will be right? Write it down, and run the demo.
static const int num_layers = 2;
static const double predicted = NAN;  // your percentage, such as 50

static training::Outcome learn(const reading::Part& part, const reading::Task& task) {
    Random random(15);
    const reading::Reader net(part, task, random);
    const auto &examples = task.training, &held_out = task.held_out;
    Adam adam(net.parameters(), 0.002);
    const auto epoch = [&](Random& any) {
        return shuffled_batches(size_of(examples.answers), 32, any);
    };
    const auto step = [&](const training::Batch& batch, double) {
        return train_step(adam, [&] {
            return cross_entropy(net(gather_rows(examples.sequences, batch)),
                                 gather_rows(examples.answers, batch));
        });
    };
    const auto look = [&] {
        const Tensor z = net(held_out.sequences).value();
        return training::Look{cross_entropy_loss(z, held_out.answers),
                              accuracy(z, held_out.answers)};
    };
    const std::string title = std::string(task.name) + ", " + part.name;
    return training::train({title, task.steps, task.steps / 10}, {adam, random, epoch, step, look});
}

static const Demo demo("15", [] {
    reading::show_thought();
    const StackSettings whole{32, 4, 64, num_layers}, one_head{32, 1, 64, num_layers};
    const reading::Part parts[] = {{"nothing", whole},
                                   {"heads but one", one_head},
                                   {"positions", whole, false},
                                   {"attention", whole, true, false},
                                   {"queries", whole, true, true, false},
                                   {"feed-forward", whole, true, true, true, false}};
    const reading::Task tasks[] = {reading::order(), reading::recall()};
    std::vector<training::Outcome> runs[2];
    for (int task = 0; task < 2; ++task)
        for (const reading::Part& part : parts) runs[task].push_back(learn(part, tasks[task]));
    std::printf("What is missing, and what is right of the held-out sequences:\n\n");
    std::printf("%22s %8s\n", "order", "recall");
    for (int part = 0; part < 6; ++part)
        std::printf("  %-14s %5.1f %% %6.1f %%\n", parts[part].name,
                    100 * runs[0][part].curve.back().right, 100 * runs[1][part].curve.back().right);
    std::printf("\n");
    compare("recall, percent right", predicted, 100 * runs[1][0].curve.back().right);
    training::draw_right("15_recall", runs[1]);
    training::draw_losses("15_training", {runs[0][0], runs[1][0]});
    reading::show_lengths();
});

// ## What fails without each part
//
// Every part of the transformer so far has been left out once, in the demo of this chapter or of
// the one in brackets. This was measured then:
//
//        without          what is right           with it
//        positions        order 74.5, recall 16   99, 100 %
//        attention        order 74.5, recall 14   99, 100 %
//        queries          order 80,   recall 14   99, 100 %
//        heads but one    order 100,  recall 100  99, 100 %
//        feed-forward     order 99.5, recall 100  99, 100 %
//        norm             not a number at step 2  100 %   (14)
//        residual path    55                      100 %   (14)
//        non-linearity    55                      99.7 %  (4)
//
// To guess is right in 25 % of *order*, in 14 % of *recall*, and in 50 % in chapter 14. (Another
// compiler rounds differently, and your last digits may differ.) Two parts are not missed here: the
// tasks ask for one thing at a time, which one head can find, and for nothing that would have to be
// known by heart, which large models keep in their feed-forward networks. And the embedding is not
// in the table: without it, a word is no row of numbers, and there is nothing to begin with.
//
// ## Questions
//
// 1. How many parameters has an encoder of four layers with D = 128 and F = 512, pre-norm? What
//    share of a layer is its feed-forward network?
// 2. What breaks if you swap two layers of a trained encoder? And if you swap two tokens of the
//    input, without positions?
// 3. Look at the curves of *recall*. For more than a thousand steps hardly anything happens, and
//    then it is learnt at once. What is a look in layer 2 worth before layer 1 has its notes? And a
//    note before anybody looks for it?
// 4. The rows behind a short sequence are computed in vain. What would you have to do in order not
//    to compute them?
//> answers
//
// Answers.
//
// Prediction. See it: without positions it sees two X, or two Y, or one of each. It has to guess
// the order of the last, and is right in three of four cases. *Recall* needs positions, attention
// and queries; a single head learns it too, and so does an encoder without the little networks.
// Experiment: 41 %, much less than two layers reach, but more than one in seven. One look can do a
// bit of it. Say a head looks at place 3, unless the letter there is its own, and then at place 4.
// Four heads can settle a few of the seven places like this.
//
// 1. Attention has 4 · (128² + 128) = 66,048 parameters, the network 2 · 128 · 512 + 512 + 128 =
//    131,712, the two norms 512: 198,272 in a layer, of which the network has two thirds. Four
//    layers and the last norm have 793,344.
// 2. Everything: layer 2 asks with what layer 1 has found, and now runs before it. Swapped tokens
//    swap their rows of the output, and nothing else happens: without positions, order is no input.
// 3. Nothing: neither half is of any use without the other, so neither gets a clear gradient. Once
//    chance has made a little of both, each makes the other worth more, and they rise together.
//    Language models show the same sudden bend when they learn to look back like this.
// 4. Put sequences of like length into a batch. Or lay them one behind the other in one long row,
//    and let the mask keep them apart: then the scores between sequences are computed in vain,
//    unless attention takes them one by one.
//<
//
// ## Where it comes from
//
// - Hochreiter and Schmidhuber, "Long short-term memory" (1997): the order task, and the way to
//   carry a message over a hundred steps before there was attention.
// - Vaswani and others, "Attention is all you need" (2017): the layer, the stack, and the table of
//   what layers cost.
// - Olsson and others, "In-context learning and induction heads" (2022): two looks in language
//   models.
//
// ## What you have now
//
// An encoder: it reads a sequence, and each row that comes out knows the others. Chapter 16 writes.
