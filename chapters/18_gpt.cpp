// # 18. GPT
//
// Chapter 17's transformer learnt from pairs: a word, and how it sounds. Most text has no partner.
// But every text asks a question at each of its places, and answers it at the next: what comes now?
// A network that learns nothing but that is a *language model*. It needs no encoder, for there is
// nothing to read but what has been written. At the end of this chapter yours writes names such as
// `dougy`, and knows what comes after Mercury, Venus and Earth. How good it is, you say in bits per
// letter of names that it has never seen:
//
//        every letter alike    ████████████████████████  4.75
//        pairs, counted        ██████████████████        3.52
//        triples, counted      ████████████████          3.15
//        fives, counted        ███████████████           2.92
//        your GPT              ██████████████            2.83
//
// Needs: chapters 12 to 14 and 17.
// Check: `make check CHAPTER=18`.
// Letters: B sequences of T tokens, n new tokens, S all that have been read, D = `d_model`
// features, H heads, L layers, V tokens in the vocabulary, N tokens of a text.
// Minutes: about 140.

#include "18_gpt.hpp"

#include "17_transformer.hpp"
#include "demos/18_writing/one_row.hpp"
#include "demos/18_writing/writing.hpp"
#include "kit/chapter.hpp"
#include "kit/environment.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <stdexcept>

static void require(bool holds, const std::string& otherwise) {
    if (!holds) throw std::invalid_argument(otherwise);
}

// ## What a language model says
//
// After `The Sun is a` a model gives every token of its vocabulary a probability. There are two
// things to do with these. One is to compare them with what did come. By (16.1) the text has the
// probability that is the product of those of its tokens; the logarithm to base 2, per character,
// says how surprising it was:
//
//     bits = −1/n_characters Σ_(i=1)^N log_2 p(w_i)                                      (18.1)
//
// One bit is a toss of a coin. A model that needs 2 bits per character is as unsure as one that
// chooses among 4 equally likely characters each time, and a program that packs texts could store
// them in 2 bits each. Cross-entropy is the same in another unit, for it has the natural logarithm:
// such numbers are *nats*, and 1 bit is log 2 = 0.693 of them. And why per character? A token may
// be a letter or a word. Who has longer tokens has fewer of them, and each is harder to guess.
//
// The other is to draw the next token by its probability, append it, and ask again. That writes
// text, and sooner or later nonsense. Ten thousand tokens that are unlikely each are likely
// together, and no text recovers from a token that nobody would have said. So one cuts them off:
// *top-k* keeps the k likeliest tokens; *top-p* the fewest that have the probability p together, so
// few where the model is sure, and many where it is not. What stays is divided by its sum.
//
// ## Exercise 18.1 — By hand
// *About 1 line · difficulty 1 of 3 · 10 minutes*
//
// Take paper. The next token is `star` with probability 0.40, `ball` 0.25, `hot` 0.20, `big` 0.10
// or `cat` 0.05. How many of the five stay with p = 0.8, and what is the probability of `star`
// then? What is it with k = 2? And a text of 16 characters is four tokens, whose probabilities were
// 1/2, 1/4, 1/16 and 1/32: how many bits are that per token, and per character? Return the five, to
// three decimals.
Tensor by_hand_18() {
    // TODO 18.1: a row of five
    todo("18.1");
}

// ## The model
//
// Take chapter 16's decoder layer, and strike out the attention to the encoder. What is left is an
// encoder layer under a causal mask. Radford and others stacked 12 to 48 of these, with D from 768
// to 1,600, trained them on eight million web pages, and called them GPT-2. For a token w at place
// t, and each of the layers:
//
//     x = E_w + P_t                                                                      (18.2)
//     a = x + MultiHead(norm(x)),   y = a + W₂ gelu(W₁ norm(a))                          (18.3)
//     z = norm(y) Eᵀ                                                                     (18.4)
//
// The table E makes the logits too, as in chapter 17; P is a table of learned positions (chapter
// 13). Both begin with a deviation of 0.02, so neither drowns the other, and nothing is multiplied
// by √D. Each layer *adds* two terms to the path, L layers 2L. Let them all have the variance 1,
// and the sum has 2L. So the weights that end a sublayer, `attention.output.W` and `down.W`, begin
// smaller by the factor 1/√(2L), and the path begins as a single layer's, however deep the stack.
//
// GELU is x Φ(x) in chapter 3. GPT-2 has another formula, which was quicker in its day:
//
//     gelu(x) = x/2 (1 + tanh(u)) = x σ(2u),   u = √(2/π)(x + 0.044715 x³)               (18.5)
//
// The two differ by up to 0.0005. That seems nothing, but weights that were learnt with one should
// be used with it. The form with the sigmoid σ is the one that we compute.
Variable gelu_tanh(const Variable& x) {
    const Tensor& in = x.value();
    Tensor y(in.shape), slope(in.shape);
    for (int i = 0; i < in.size(); ++i) {
        const float p = in.data[i], c = 1.5957691f;  // 2 √(2/π)
        const float s = 1.0f / (1.0f + fast_exp(-c * (p + 0.044715f * p * p * p)));
        y.data[i] = p * s;
        // TODO 18.2: slope.data[i], from p and s: about 2 lines
        todo("18.2");
    }
    return record("gelu", std::move(y), {x}, [slope](const Tensor&, const Tensor& dy) {
        return multiply(dy, slope);
    });
}

// Here is (18.3) with any attention `look`, for we shall have two. `through(layer, x)` is the same
// as `layer(x)`.
using one_row::through;

Variable GptLayer::operator()(const Variable& x, const Look& look, const Dropout& dropout) const {
    const auto think = [&](const Variable& z) {
        return through(down, gelu_tanh(through(up, z)));
    };
    const Variable a = sublayer(x, attention_norm, NormPlace::before, look, dropout);
    return sublayer(a, feed_forward_norm, NormPlace::before, think, dropout);
}

// Positions may also be rotary (chapter 13), as in most models since. Then there is no P. Instead
// `rotate_heads(x, first, H)` turns each head's queries and keys, row t by the place `first` + t.
//
// ## Training
//
// Two habits come from GPT's makers. Weight decay (chapter 4) pulls weights to 0 that the loss does
// not hold. That is for matrices: a gain belongs near 1 rather than 0, and a bias multiplies
// nothing. With `decay_weights(net.decaying(), rate · decay)` in front of each of its steps, Adam
// is AdamW for these alone.
//
// And the rate warms up, as in chapter 17, but then falls along half a cosine, from a highest h to
// a lowest l: long near each of them, in a training whose end is known. With c the share that lies
// behind it, 0 at the end of the warm-up and 1 at the last step,
//
//     rate = l + (h − l) (1 + cos(π c))/2                                                (18.6)
//
// A batch is B stretches of T tokens from anywhere in a text; the targets are the same stretches,
// one token further: B · T questions, which the causal mask keeps apart.
//
// ## Exercise 18.2 — The model
// *About 20 lines · difficulty 2 of 3 · 30 minutes*
//
// The slope of (18.5) first, above. Then the first weights: all matrices are `normal_weights(shape,
// 0.02, random)`, but those that end a sublayer; norms and biases stay as they are. (`set_value`
// gives a parameter its value, and a matrix has two axes.)
void Gpt::initialise(Random& random) {
    // TODO 18.2: about 5 lines
    todo("18.2");
}

Parameters Gpt::decaying() const {
    Parameters matrices;
    // TODO 18.2: about 2 lines
    todo("18.2");
}

// The attention of (18.3) for all rows z at once, from place 0 on. `attend_in_heads(q, k, v, H,
// mask)` is chapter 12's, between the linear layers. What is turned, and what is hidden?
static Variable look_back(const MultiHeadAttention& a, const Variable& z, bool rotary) {
    // TODO 18.2: about 4 lines
    todo("18.2");
}

// Last the whole, (18.2) to (18.4). Dropout acts on the sum of (18.2), and in each layer.
Variable Gpt::operator()(const Sequences& batch, const Dropout& dropout) const {
    const int B = size_of(batch), T = B == 0 ? 0 : size_of(batch[0]), D = settings.d_model;
    for (const Sequence& sequence : batch)
        require(size_of(sequence) == T, "Gpt: the sequences of a batch are not equally long");
    require(T >= 1 && T <= settings.context, "Gpt: no tokens, or more than the context has");
    // TODO 18.2: about 6 lines
    todo("18.2");
}

// ## Writing
//
// Between the logits z and top-k and top-p stands one more number, the *temperature* τ:
//
//     p = softmax(z/τ)                                                                   (18.7)
//
// Below 1 it makes the likely likelier, and towards 0 only the likeliest token is left; above 1 all
// become more alike. It acts on logits. Dividing probabilities by τ would change nothing, for what
// stays is divided by its sum anyway.
//
// ## Exercise 18.3 — What may come next
// *About 17 lines · difficulty 2 of 3 · 25 minutes*
//
// First the temperature, then k, then p, each acting on what the one before has left: p is a share
// of that. A token stays if those that are likelier do not have p yet: the one that crosses p is
// still in. Sums are to be in double, for V may be 50,000, and logits may be large. What of τ = 0?
Tensor next_probabilities(const Tensor& logits, const Sampling& sampling) {
    require_sampling(logits, sampling);
    const int V = logits.size();
    Tensor result({V});
    // TODO 18.3: about 11 lines
    todo("18.3");
}

// Then draw. Lay the probabilities side by side, in the order of the tokens, from 0 to 1: into
// whose share does u, from 0 to 1, fall? Rounding may leave a gap before 1, and a share of length 0
// belongs to nobody.
int pick(const Tensor& probabilities, double u) {
    require_shapes("pick", {{probabilities.shape, "V"}});
    // TODO 18.3: about 6 lines
    todo("18.3");
}

// ## What need not be computed twice
//
// To write a thousandth token, the model reads 999 that it has read before. But by the causal mask
// no row of theirs depends on the new one: all layers make the same of them as the last time. What
// does the new row need of them? In each layer it asks their keys, and takes from their values, and
// nothing else. So these are kept: the *key–value cache*. A step then computes one row in the place
// of a thousand. It costs memory, 2 L D numbers for each token.
//
// A prompt may be read in one go, or in parts, or token by token, and the logits must not depend on
// that. With a cache two things change: row 0 of what is new stands at place S of the text, and the
// mask is not square any more.
//
// ## Exercise 18.4 — The cache
// *About 16 lines · difficulty 3 of 3 · 30 minutes*
//
// First the attention of n new rows z, which stand at `first` and behind it, when `keys` and
// `values` hold those of the rows before. Append theirs. Rotary keys are kept turned, so that each
// is turned once, by its own place. `through(a.query, z)` is `a.query(z)`, and `one_row::attend` is
// `attend_in_heads`; "Faster" says what is more in them.
static Variable look_back(const MultiHeadAttention& a, const Variable& z, bool rotary, int first,
                          Tensor& keys, Tensor& values) {
    const int n = z.shape()[1], H = a.num_heads;
    // TODO 18.4: about 8 lines
    todo("18.4");
}

// Then the whole, without dropout; `one_row::logits(h, E)` is h Eᵀ for all rows of h.
Tensor Gpt::read_on(const Sequence& next, KeyValueCache& cache) const {
    const NoTape no_tape_here;
    const int n = size_of(next), first = cache.length, D = settings.d_model;
    require(n >= 1 && n <= settings.context - first, "read_on: no tokens, or no room for them");
    Tensor x = reshape(lookup(tokens, next).value(), {1, n, D});
    cache.keys.resize(layers.size());
    cache.values.resize(layers.size());
    // TODO 18.4: about 8 lines
    todo("18.4");
}

// ## How good is it?
//
// (18.1) asks for every token of a held-out text once. But a model sees `context` tokens, and the
// text is longer. Cut into stretches of that size, each would begin in the dark, and its first
// tokens would cost more than they should. So let a *window* go over the text. It moves on by
// `stride` tokens, and asks only for what no window has asked for:
//
//        text      a b c d e f g h i j      context 4, stride 2
//        window 1  a b c d                  asks for b c d e
//        window 2      c d e f              asks for f g, of d e f g
//        window 3          e f g h          asks for h i
//        window 4            f g h i        asks for j
//
// A smaller stride costs more time, and fewer bits. What a prompt holds is not asked for at all:
// the first `given` tokens are there to be read. One always is, for nothing stands in front of it.
//
// ## Exercise 18.5 — Bits per character
// *About 12 lines · difficulty 2 of 3 · 20 minutes*
//
// Find the sum of −log p in nats. `cross_entropy_loss(z, targets, ignore)` of chapter 4 is the mean
// over those targets that are not `ignore`, −1 if nothing else is said. Which tokens does a window
// read, which of its targets count, and how many are these? Then make bits per character of it.
double nats_of(const LanguageModel& model, const Sequence& tokens, int given, int context,
               int stride) {
    const int N = size_of(tokens);
    require(given >= 1 && given <= N && stride >= 1 && stride <= context,
            "nats_of: `given` or `stride` is out of range");
    context = std::min(context, N), stride = std::min(stride, N);  // more would be no use
    double nats = 0;
    // TODO 18.5: about 9 lines
    todo("18.5");
}

double bits_per_character(double nats, double characters) {
    require(characters >= 1, "bits_per_character: no characters");
    // TODO 18.5: 1 line
    todo("18.5");
}

// ## Reading GPT-2
//
// The weights of GPT-2 are public. The file `model.safetensors` has a list of names and shapes, and
// then the numbers. Here are all the names for 12 layers, D = 768 and a context of 1,024:
//
//        wte.weight           [50257, 768]  wpe.weight [1024, 768]
//        h.0.ln_1.weight, h.0.ln_2.weight    [768]  and .bias [768]
//        h.0.attn.c_attn.weight       [768, 2304]  and .bias [2304]
//        h.0.attn.c_proj.weight       [768, 768]   and .bias [768]
//        h.0.mlp.c_fc.weight          [768, 3072]  and .bias [3072]
//        h.0.mlp.c_proj.weight        [3072, 768]  and .bias [768]
//        h.0.attn.bias        [1, 1, 1024, 1024]
//        h.1.…                ln_f.weight [768]  and .bias [768]
//
// Three things are odd. `c_attn` is three layers in one: its columns are those of the queries, then
// of the keys, then of the values. `attn.bias` is no bias but the causal mask, which was kept by
// accident (in some files with an `attn.masked_bias`). And wte makes the logits, too.
//
// A file that comes from somewhere may hold anything. `file.take(name, shape)` takes a tensor out
// of it if it is there and has this shape, and else throws, with the name. What is left in the end
// has not been asked for: masks, or something that belongs to another model.
static void take_into(Variable& p, NamedTensors& file, const std::string& name) {
    p = parameter(file.take(name, p.shape()), name);
}

// ## Exercise 18.6 — GPT-2's weights
// *About 20 lines · difficulty 2 of 3 · 25 minutes*
//
// Take layer number l. `columns_of` cuts some columns out of [R, C] or [C].
static Tensor columns_of(const Tensor& x, int first, int count) {
    Shape shape = x.shape;
    shape.back() = count;
    Tensor part(shape);
    for (int r = 0; r < x.rows(); ++r) std::copy_n(x.row(r) + first, count, part.row(r));
    return part;
}

static void take_layer(NamedTensors& file, int l, GptLayer& layer) {
    const std::string h = "h." + std::to_string(l) + ".";
    const int D = layer.attention_norm.gain.shape()[0];
    // TODO 18.6: about 16 lines
    todo("18.6");
}

// Which names may be in the file without being taken?
static bool is_mask(const std::string& name) {
    // TODO 18.6: about 4 lines
    todo("18.6");
}

// The sizes are those of the tables, and a layer is there if its first norm is.
Gpt gpt2_of(NamedTensors file) {
    const Shape E = file.matrix("wte.weight"), P = file.matrix("wpe.weight");
    require(E[1] >= 64 && E[1] % 64 == 0, "wte.weight " + to_string(E) + " has no whole heads");
    Random random(18);  // for first weights, which are replaced
    Gpt net({1, 1, E[1], E[1] / 64, 0}, random);
    int& l = net.settings.num_layers;
    for (; file.has("h." + std::to_string(l) + ".ln_1.weight"); ++l) {
        net.layers.emplace_back(net.settings, random);
        take_layer(file, l, net.layers.back());
    }
    net.settings.vocabulary = E[0], net.settings.context = P[0];
    net.tokens = parameter(file.take("wte.weight", {E[0], E[1]}), "E");
    net.positions = parameter(file.take("wpe.weight", {P[0], E[1]}), "positions");
    take_into(net.final_norm.gain, file, "ln_f.weight");
    take_into(net.final_norm.bias, file, "ln_f.bias");
    for (const auto& [name, shape] : file.shapes)
        require(is_mask(name), name + " belongs to no GPT-2");
    return net;
}

// ## Since GPT-2
//
// The models of today are GPT-2 with four parts exchanged. Rotary positions you have. *RMSNorm*
// (Zhang and Sennrich, 2019) leaves out the mean and the bias of (14.4): what matters is the size.
// *SwiGLU* (Shazeer, 2020) lets one half of the network in the middle open and close gates for the
// other, number by number, and learns a little faster for the same number of weights. With *grouped
// queries* (Ainslie and others, 2023), g heads share the keys and values of one, and the cache is g
// times smaller; on it depends how many texts a machine can write at once.
//
//     RMSNorm(x) = γ x/√(1/D Σ_(j=1)^D x_j² + ε)                                         (18.8)
//     SwiGLU(x) = (swish(x W₁) · (x W₃)) W₂,   swish(z) = z σ(z)                         (18.9)
//
// ## See it
//
// The demo learns to write first names, from 7,600 of them, beside *n-grams*: tables that count
// what came behind each n − 1 letters. They are hard to beat. Then a second model reads 92 lines
// about the sky. It is asked what comes after three beginnings, says where its heads looked, and
// compares stars that it has never seen compared: nine times in ten it is right. Last come the
// speeds, with the cache and without. All this takes about a minute on two cores.
//
// `FULL=1 make demo CHAPTER=18` learns a novel, by characters and by the byte pairs of chapter 9.
// With these it comes to 1.57 bits per character of held-out pages; fives, counted, need 1.76.
// `TRAINED=1` shows that at once, and writes on behind whatever you type.
// `WEIGHTS=model.safetensors` runs GPT-2 itself, once you have its file, and proves it on published
// sentences. How a prompt is put decides a lot: ask it `Q: … A:`, or show it three examples and
// begin a fourth.
//
// Before you run `make demo CHAPTER=18`: where must the model look to say what comes after `O B A
// F`?
//
// ## Experiment
//
// At temperature 1 the model writes names that exist, and others that only might. How many percent
// of 400 exist at a temperature of 0.5? Write it down, change the number, and run.
static const double temperature = 1.0;
static const double predicted = NAN;  // percent, such as 50

static const Demo demo("18", [] {
    if (const char* weights = std::getenv("WEIGHTS")) return writing::show_gpt2(weights);
    if (asked_for("TRAINED")) return writing::show_trained_novel();
    if (asked_for("FULL")) return writing::learn_novel();

    Random random(18);
    const auto all = names::read();
    const Dataset<Sequences> letters = writing::tokens_of(all);
    const Gpt net({names::vocabulary().size(), 16, 64, 4, 3}, random);
    const training::Outcome run =
        writing::learn(net, {"names", 4500, 250}, {64, 100, 0.004, 0.1},
                       writing::of_sequences(letters, 64), random);
    writing::compare_with_ngrams(net, run, letters, "18_names");
    const double percent = writing::write_names(net, all, temperature);
    compare("percent of the names that exist", predicted, percent);

    const sky::Sky sky = sky::read();
    const Gpt astronomer({sky.vocabulary.size(), 16, 64, 4, 2}, random);
    writing::learn(astronomer, {"the sky", 2500, 100}, {64, 50, 0.004, 0, 1},
                   writing::of_sequences(sky.sentences, 64), random);
    writing::ask_about_the_sky(astronomer, sky);
    writing::draw_speed();
});

// ## Faster
//
// One row uses each weight once. The product of chapter 2 first copies the weights into a better
// order, which pays when many rows use them, and here takes longer than the product. So with a
// single row the functions of course/demos/18_writing/one_row.hpp go another way: they read each
// weight, key and value once, where it lies. Then only the memory sets a limit. A model of 500 MB,
// on a machine that reads 10 GB in a second, writes at most 20 tokens per second.
//
// ## Questions
//
// 1. How many parameters has GPT-2 with V = 50,257, a context of 1,024, D = 768 and 12 layers? How
//    many megabytes does its cache have when the context is full, with 4 bytes for each number?
// 2. When the cache is full, one could throw away its older half, and go on without reading the
//    other half again. What breaks with a table of positions, and what with rotary ones?
// 3. Look at the picture of the speeds. Why does one curve fall so much faster with the length of
//    the text than the other?
// 4. After `Mercury Venus Earth` your model says `Mars`. Does it know that Mars comes next?
//
// ## Where it comes from
//
// - Shannon, "Prediction and entropy of printed English" (1951): bits per character, of people who
//   guess the next letter: between 0.6 and 1.3.
// - Radford and others, "Improving language understanding by generative pre-training" (2018), and
//   "Language models are unsupervised multitask learners" (2019): GPT and GPT-2.
// - Holtzman and others, "The curious case of neural text degeneration" (2020): top-p. Loshchilov
//   and Hutter, "SGDR: stochastic gradient descent with warm restarts" (2017): the cosine.
//
// ## What you have now
//
// A language model that learns from any text, says how good it is, and writes; and in the same code
// one that others have trained for weeks. Chapter 19 takes the mask away, and reads in both
// directions.
