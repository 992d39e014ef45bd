// # 17. The transformer
//
// Encoder and decoder are ready. What is missing is the way in, from tokens to rows of numbers; the
// way out, from rows to tokens; and the craft of training. At the end of this chapter your
// transformer has learnt from a dictionary how English sounds. You type a word that it has never
// seen, and it says it, sound by sound. Here is where it looks while it says `thought`:
//
//             t  h  o  u  g  h  t
//        TH   ░  ▒  .  ░  .  .  .
//        AO   .  .  ▒  ░  ░  .  .
//        T    .  .  .  .  .  .  █
//
// Needs: chapters 4 and 13 to 16.
// Check: `make check CHAPTER=17`.
// Letters: B sequences, T tokens of the target and S of the source, D = `d_model` features, V
// tokens in the vocabulary, N rows, C classes, E the table of the tokens' rows, z logits.
// Minutes: about 120.

#include "17_transformer.hpp"

#include "13_positional_encoding.hpp"
#include "demos/17_speaking/speaking.hpp"
#include "kit/chapter.hpp"
#include "kit/environment.hpp"
#include "training/training_state.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

// ## The likeliest sequence
//
// We begin where chapter 16 ended, with the search; it needs nothing else of this chapter. Greedy
// search takes the likeliest token, step after step. Does it find the likeliest *sequence*? Here
// are two sequences, with the probability of each token after what stands in front of it. (Others
// may follow A and B too, but each is less likely than what is drawn.)
//
//        begin ──── 0.6 ──── A ──── 0.3 ──── end
//          └─────── 0.4 ──── B ──── 0.9 ──── end
//
// By (16.1) the probability of a sequence is the product along its path. *Beam search* keeps the
// best `width` beginnings of each step, its *hypotheses*, and forgets the others. One that has said
// `end` is finished, and stays in the beam as it is while it is among the best. All others are
// extended by every token, and the best `width` of all are kept.
//
// The best by what? In logarithms, the probability of a sequence is a sum of negative numbers: each
// token makes it less. By probability alone, short sequences win too often. So one divides by
// something that grows with the length, for n tokens with the end mark:
//
//     score = log p / ((5 + n)/6)^α                                                      (17.1)
//
// This form is that of Wu and others (2016). With α = 0 it is log p itself. The first transformer
// (Vaswani and others, "Attention is all you need", 2017: "the paper" from here on) took α = 0.6
// and a beam of 4.
//
// ## Exercise 17.1 — By hand
// *About 1 line · difficulty 1 of 3 · 10 minutes*
//
// Take paper, and the two sequences above. Return four numbers: the probability of what greedy
// search writes; the probability of what a beam of width 2 finds; the score of the latter for α =
// 1, to three decimals; and how many beginnings, in all, that beam has asked what comes next.
Tensor search_by_hand() {
    // TODO 17.1: a row of four
    todo("17.1");
}

// ## Several at a time
//
// Not all V tokens must be tried behind each hypothesis. Of those that extend the *same* beginning,
// only the `width` likeliest can be among the best `width` of all:
static Sequence likeliest(const Tensor& log_p, int row, int count) {  // the likeliest first
    const float* p = log_p.row(row);
    Sequence tokens(log_p.columns());
    std::iota(tokens.begin(), tokens.end(), 0);
    std::stable_sort(tokens.begin(), tokens.end(), [&](int a, int b) { return p[a] > p[b]; });
    tokens.resize(std::min(count, size_of(tokens)));
    return tokens;
}

// ## Exercise 17.2 — Beam search
// *About 19 lines · difficulty 3 of 3 · 35 minutes*
//
// First (17.1), by which hypotheses are ranked.
double length_normalised(const Hypothesis& hypothesis, double alpha) {
    // TODO 17.2: about 2 lines
    todo("17.2");
}

// The best of a list are sorted to its front; among equals, the earlier stays in front.
static std::vector<Hypothesis> best_of(std::vector<Hypothesis> all, int width, double alpha) {
    std::stable_sort(all.begin(), all.end(), [&](const Hypothesis& a, const Hypothesis& b) {
        return length_normalised(a, alpha) > length_normalised(b, alpha);
    });
    all.resize(std::min(width, size_of(all)));
    return all;
}

// Then a hypothesis with one token more, of which `log_p` is the logarithm of its probability.
static Hypothesis extended(Hypothesis hypothesis, int token, double log_p, int end) {
    // TODO 17.2: about 4 lines
    todo("17.2");
}

// And the search. Each step asks `next` once, for the logarithms of probabilities [N, V] behind the
// open hypotheses, each with the begin mark. It ends when none is open, or after `longest` steps.
std::vector<Hypothesis> beam_search(const NextToken& next, int begin, int end, int longest,
                                    int width, double alpha) {
    if (width < 1) throw std::invalid_argument("beam_search: width " + std::to_string(width));
    std::vector<Hypothesis> beam = {{}};  // one that has not said anything
    // TODO 17.2: about 13 lines
    todo("17.2");
}

// ## From tokens to rows
//
// Now the model. A network computes with numbers, but a token is not a number: 7 is not more than
// 3. So each token of the vocabulary gets a row of D numbers in a table E, its *embedding*. At
// first the rows are random; they are parameters and learn like all others. To embed a sequence is
// to look up its rows, for the token w_i at position i:
//
//     x_i = E_(w_i)                                                                       (17.2)
//
// And backwards? Row w of the table was used wherever the token w stands, so by (3.2) it gets the
// sum of all that arrives there. This is a *scatter-add*: each dx_i is carried to the row that it
// came from, and added. Rows of tokens that do not occur get zeros.
//
// The table is used a second time. The decoder ends with a row h of D numbers, and must say which
// token it means. Why not ask which row of the table it is most like? The logits are the dot
// products of h with all rows, h Eᵀ: the *same* table for reading and writing. Such tables are
// *tied* (Press and Wolf, 2017). If source and target share a vocabulary, as here, one table serves
// all three: a third of the numbers, and each row learns from three sides. Nothing special is
// needed for that. Copies of a Variable are the same variable, and gradients add up.
//
// ## Exercise 17.3 — A table of tokens
// *About 8 lines · difficulty 2 of 3 · 15 minutes*
//
// Write (17.2), and find its backward function; `table.value().row(w)` points to row w, from
// number w · D on. Then make the tables: one for all, or three in the order source, target, output.
Variable lookup(const Variable& table, const Sequence& tokens) {
    require_shapes("lookup", {{table.shape(), "V D"}});
    const int V = table.shape()[0], D = table.shape()[1], N = size_of(tokens);
    for (int token : tokens)
        if (token < 0 || token >= V)
            throw std::invalid_argument("lookup: token " + std::to_string(token) + " of a table " +
                                        to_string(table.shape()));
    Tensor x({N, D});
    // TODO 17.3: 1 line
    todo("17.3");
    const auto backward = [=](const Tensor&, const Tensor& dx) {
        Tensor dtable(table.shape());
        // TODO 17.3: about 2 lines
        todo("17.3");
        return dtable;
    };
    return record("lookup", std::move(x), {table}, backward);
}

static Variable random_table(int V, int D, Random& random) {
    return parameter(normal_weights({V, D}, 1 / std::sqrt(1.0f * D), random), "E");
}

Tables make_tables(int V, int D, bool tied, Random& random) {
    // TODO 17.3: about 5 lines
    todo("17.3");
}

// ## The whole
//
// Why a deviation of 1/√D? With it, a row has about length 1. The logits h Eᵀ of a normalised h,
// whose D entries have variance 1, then have variance 1 as well, and softmax begins undecided. But
// as input such a row is too small. The positions of chapter 13 are sines and cosines of size 1 and
// would drown it. So on the way *in*, and only there, it is made larger:
//
//     x = √D E_w + PE                                                                    (17.3)
//
// Then follow the encoder and the decoder, with three masks between them:
//
//        encoder, self-attention   padding of the source  [B, S, S]
//        decoder, self-attention   causal                 [T, T]
//        decoder, cross-attention  padding of the source  [B, T, S]
//
// The padding of the *target* needs no mask of its own: it stands behind all real tokens, and the
// causal mask hides it from them already.
Transformer::Transformer(const TransformerSettings& settings_, Random& random)
    : settings(settings_),
      tables(make_tables(settings.vocabulary, settings.stack.d_model, settings.tied, random)),
      encoder(settings.stack, random),
      decoder(settings.stack, random) {}

// A tied table is listed once, or the optimiser would update it three times per step.
Parameters Transformer::parameters() const {
    Parameters all = {tables.source};
    if (!settings.tied) all = {tables.source, tables.target, tables.output};
    append(all, encoder.parameters());
    append(all, decoder.parameters());
    return all;
}

// ## Exercise 17.4 — The whole
// *About 10 lines · difficulty 2 of 3 · 15 minutes*
//
// `embed` is (17.3), then dropout; `tokens` are B sequences filled up to T tokens, row by row, and
// `with_sinusoid` adds the positions to [B, T, D]. `encode` and `decode` use it, each with its
// table, and make their masks with `padding_mask(lengths, queries, keys)` and `causal_mask`. Both
// hand the dropout on. `decode` ends with h Eᵀ.
Variable Transformer::embed(const Variable& table, const Sequences& sequences,
                            const Dropout& dropout) const {
    const Sequence tokens = padded(sequences, settings.padding);
    const int B = size_of(sequences), D = settings.stack.d_model;
    const int T = B == 0 ? 0 : size_of(tokens) / B;
    // TODO 17.4: about 2 lines
    todo("17.4");
}

Variable Transformer::encode(const Sequences& sources, const Dropout& dropout) const {
    // TODO 17.4: about 3 lines
    todo("17.4");
}

Variable Transformer::decode(const Sequences& read, const Variable& memory,
                             const std::vector<int>& source_lengths, const Dropout& dropout) const {
    // TODO 17.4: about 5 lines
    todo("17.4");
}

// ## What to expect at first
//
// How much is there to learn? A decoder layer has one attention and one norm more than an
// encoder's, and there is the table. The paper's base model has D = 512, F = 2048, 6 layers a side,
// norms behind the sublayers, and 37,000 tokens: 63,082,496 parameters, or 65 million as it says.
//
// How large is the loss before the first step? Chapter 4 said log V, for a network that knows
// nothing, and 4.2 for our 69 tokens. A tied network begins higher, and nothing is wrong with it.
// Its h was made of √D E_w + PE, for the token w just read. The numbers of √D E_w have the mean
// square 1 and those of PE ½, so the last norm divides by √1.5. Row w of the table has the length
// 1, so of all logits that of w itself is large: √D/√1.5, which is 6.5 for D = 64; the others are
// 0, give or take 1. An untrained tied network *says its token again*. That is almost never right,
// and costs log(e^6.5 + 68 e^0.5) = 6.7. (The mean of e^z is e^0.5 where z has the variance 1.) The
// layers' noise takes some of the echo away: the demo's network begins at 5.0.
//
// ## Not too sure
//
// Cross-entropy is never content. A probability of 0.99 for the right token could always be 0.999,
// and the logits grow without end. A network that has learnt to be so sure is badly wrong on new
// words, and leaves a search no alternatives. *Label smoothing* takes a little, ε, often 0.1, from
// the right token, and spreads it evenly over all C classes, the right one included (Szegedy and
// others, 2016). With δ as in (4.5), the targets are
//
//     q_(i j) = (1 − ε) δ_(j t_i) + ε/C                                                  (17.4)
//     loss = −1/n Σ_(i=1)^n Σ_(j=1)^C q_(i j) log p_(i j),   p_i = softmax(z_i)          (17.5)
//
// The normaliser log Σ exp(z_j) of the softmax is the same for every class, and the q of a row sum
// to 1. So compared with the plain cross-entropy, all that changes is which logits are rewarded: a
// part ε of the reward for z_t goes to the average of all z.
//
//     loss = cross-entropy + ε/n Σ_(i=1)^n (z_(i t_i) − 1/C Σ_(j=1)^C z_(i j))           (17.6)
//
// Rows to be ignored take no part in any of it, and n is the number of tokens that do count, in the
// whole batch: in a mean of the sequences' means, tokens of short sequences would weigh more.
static void check_epsilon(double epsilon) {
    if (!(epsilon >= 0 && epsilon <= 1))
        throw std::invalid_argument("smoothed_cross_entropy: epsilon " + std::to_string(epsilon) +
                                    " must be between 0 and 1");
}

static int count_tokens(const std::vector<int>& targets, int ignore) {
    return targets.size() - std::count(targets.begin(), targets.end(), ignore);
}

// ## Exercise 17.5 — Label smoothing
// *About 13 lines · difficulty 2 of 3 · 20 minutes*
//
// Write (17.6) and its gradient, beginning with those of chapter 4. By how much does the second
// part of (17.6) change with z_t, and by how much with any z_j? With n = 0 all is 0.
double smoothed_loss(const Tensor& logits, const std::vector<int>& targets, double epsilon,
                     int ignore) {
    check_epsilon(epsilon);
    const double plain = cross_entropy_loss(logits, targets, ignore);
    const int n = count_tokens(targets, ignore), C = logits.columns();
    double moved = 0.0;
    // TODO 17.5: about 6 lines
    todo("17.5");
}

Tensor smoothed_gradient(const Tensor& logits, const std::vector<int>& targets, double epsilon,
                         int ignore) {
    check_epsilon(epsilon);
    Tensor dlogits = cross_entropy_gradient(logits, targets, ignore);
    const int n = count_tokens(targets, ignore), C = logits.columns();
    // TODO 17.5: about 7 lines
    todo("17.5");
}

// Both halves make an operation; with shifted targets it is the loss of saying a batch of them.
Variable smoothed_cross_entropy(const Variable& logits, const std::vector<int>& targets,
                                double epsilon, int ignore) {
    const double loss = smoothed_loss(logits.value(), targets, epsilon, ignore);
    return record("smoothed", Tensor({}, {static_cast<float>(loss)}), {logits},
                  [=](const Tensor&, const Tensor& dloss) {
                      const Tensor d = smoothed_gradient(logits.value(), targets, epsilon, ignore);
                      return scale(d, dloss.data[0]);
                  });
}

Variable teacher_forcing_loss(const Transformer& net, const Sequences& sources,
                              const Sequences& targets, double epsilon, const Dropout& dropout) {
    const TransformerSettings& s = net.settings;
    const ShiftedTargets shifted = shift_targets(targets, s.begin, s.end, s.padding);
    const Variable z = net(sources, shifted.read, dropout);
    return smoothed_cross_entropy(z, padded(shifted.output, s.padding), epsilon, s.padding);
}

// ## A step of training
//
// Three things are added to the step of chapter 4. *Warm-up*: at first Adam's averages rest on a
// handful of gradients, and its steps are large and blind. So the learning rate begins near 0,
// grows evenly for some steps, and then falls as 1/√step:
//
//     rate = D^(−1/2) min(step^(−1/2), step · warm_up^(−3/2))                            (17.7)
//
// The two meet at `step` = `warm_up`, where the rate is highest: 0.0007 for the paper, with D = 512
// and 4000 steps. The first step is number 1; at 0 the power would be infinite.
double warm_up_rate(int step, int d_model, int warm_up) {
    if (std::min({step, d_model, warm_up}) < 1)
        throw std::invalid_argument("warm_up_rate: step, d_model and warm_up must be 1 or more");
    return std::min(std::pow(step, -0.5), step * std::pow(warm_up, -1.5)) / std::sqrt(d_model);
}

// *Clipping.* Now and then a batch has a gradient ten times as long as usual, and one step undoes
// the work of many. Take all gradients of all parameters as one long vector g. If it is longer than
// a limit, shorten it without turning it (Pascanu, Mikolov and Bengio, 2013).
//
//     g ← g · limit/‖g‖   if ‖g‖ > limit                                                 (17.8)
//
// *Accumulation.* Large batches need much memory. But gradients add up by themselves. So send a
// batch through in parts, *microbatches*, one after the other, with `backward` after each, and take
// one step at the end. For the sum to be the gradient of the mean over all n tokens, the mean of
// each part m must count in proportion to its tokens:
//
//     loss = Σ_m n_m/n loss_m                                                            (17.9)
//
// ## Exercise 17.6 — A step of training
// *About 17 lines · difficulty 2 of 3 · 25 minutes*
//
// Write (17.8) first. The gradient of p is `p.gradient()`, zeros for a parameter without one;
// `p.scale_gradient(factor)` changes it. Return ‖g‖ as it was.
double clip_gradients(const Parameters& parameters, double limit) {
    double squares = 0.0;
    // TODO 17.6: about 6 lines
    todo("17.6");
}

// In a step, these things happen, here in the order of the alphabet: `backward`; `check_loss`;
// `clear_gradients`; `clip_gradients`; the microbatch's loss, times its weight in (17.9); the rate,
// which is `settings.factor` times (17.7); `step`. Find the order, and what must be done for each
// microbatch. `optimiser.state.steps` is how many steps are complete. The result is the mean loss.
static void check_loss(double loss, const Optimiser& optimiser) {
    if (!std::isfinite(loss))
        throw std::runtime_error("accumulate_and_step: the loss is " + std::to_string(loss) +
                                 " at step " + std::to_string(optimiser.state.steps + 1));
}

double accumulate_and_step(Optimiser& optimiser, const Parameters& parameters,
                           const std::vector<Microbatch>& microbatches,
                           const TrainingSettings& settings) {
    int n = 0;
    for (const Microbatch& part : microbatches) n += part.tokens;
    if (n < 1) throw std::invalid_argument("accumulate_and_step: " + std::to_string(n) + " tokens");
    double mean_loss = 0.0;
    // TODO 17.6: about 11 lines
    todo("17.6");
}

// ## See it
//
// The demo teaches a transformer of 64 features and 2 layers a side to read English aloud, from
// nine tenths of a dictionary of 124,000 words, in minutes on two cores. Then it is asked for words
// that it has never seen, and gets about two in three right to the last sound. A *baseline* says
// for each letter its most frequent sound. (The rest is in course/demos/17_speaking/.)
//
// `FULL=1 make demo CHAPTER=17` trains one of 128 features and 4 layers, for about two hours, and
// goes on with the same bits where it was stopped. `TRAINED=1 make demo CHAPTER=17` loads what such
// a run has learnt into your transformer, which then gets three words in four right: in seconds for
// a sample of 300 words, and with FULL=1 beside it, for all.
//
// Before you run `make demo CHAPTER=17`: in the picture of `thought`, which letters should be
// looked at for the first sound, and which for no sound at all? And what will it make of your own
// name?
//
// ## Experiment
//
// An untrained network says its token again, the louder the more features it has. With a `d_model`
// of 16, what is its loss before the first step? Write it down, and run `DEMO_STEPS=1
// DEMO_WORDS=100 make demo CHAPTER=17`, which takes seconds.
static const int d_model = 64;
static const double predicted = NAN;  // your loss, such as 4.2

static const Demo demo("17", [] {
    const bool trained = asked_for("TRAINED"), full = asked_for("FULL"), large = trained || full;
    const int D = large ? 128 : d_model;
    Random random(17);
    const Transformer net({{D, 4, 4 * D, large ? 4 : 2}, cmudict::vocabulary().size()}, random);
    const auto words = cmudict::read();

    if (trained) {
        training::read_trained("speaking", net.parameters());
    } else {
        training::Plan plan{"reading aloud", 20000, 500};
        speaking::Settings settings{64, {D, 2000, 1.8}, 0.1};
        if (full) plan = {"reading aloud", 80000, 1000, "17"};
        if (full) settings = {64, {D, 4000, 1.4}, 0.1, 0.1};
        const training::Outcome run = speaking::learn(net, plan, settings, words, random);
        if (!run.complete) return;
        compare("the loss before the first step", predicted, run.curve[0].held_out);
    }

    speaking::print_words(net, words.held_out, 10);
    const int sample = trained && !full ? 300 : size_of(words.held_out);
    speaking::print_baseline(words, sample);
    speaking::print_error_rates(net, words.held_out, 1, sample);
    if (large) speaking::print_error_rates(net, words.held_out, 4, sample);
    speaking::draw_attention(net, "thought");
    speaking::draw_rates();
    speaking::prompt(net);
});

// ## Questions
//
// 1. How many parameters has the transformer of the demo, with D = 64, F = 256, two layers on each
//    side, pre-norm and 69 tokens? How many more with three tables in the place of one?
// 2. What breaks if a tied table is listed three times among the parameters?
// 3. Look at the picture of `thought`. No sound looks at the second h, which is silent. How can the
//    decoder know that, when it has not looked at it?
// 4. A beam search of width 1,000 finds likelier sequences than one of 4, and in translation they
//    are often worse. How can that be?
//
// ## Where it comes from
//
// The model, the learning rate and the smoothing are the paper's. Beam search is Lowerre's, "The
// HARPY speech recognition system" (1976); the length in (17.1) is that of Wu and others, "Google's
// neural machine translation system" (2016). Tied tables: Press and Wolf, "Using the output
// embedding to improve language models" (2017). Label smoothing: Szegedy and others, "Rethinking
// the inception architecture for computer vision" (2016). Clipping: Pascanu, Mikolov and Bengio,
// "On the difficulty of training recurrent neural networks" (2013).
//
// ## What you have now
//
// A transformer, whole and trained, and not one line of it is a secret. Part IV asks what such a
// thing is good for; chapter 18 leaves the encoder away, and calls the rest GPT.
