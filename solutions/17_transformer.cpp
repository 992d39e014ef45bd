// # 17. The transformer
//
// Everything is on the table: attention, heads, positions, encoder, decoder. What is missing is the
// way in, from words to rows of numbers; the way out, from rows of numbers to words; and the craft
// of training. At the end of this chapter your transformer has learnt, from a dictionary, how
// English sounds. You type a word that it has never seen, and it tells you, sound by sound:
//
//             t  h  o  u  g  h  t
//        TH   ▒  ▒  ·  ·  ·  ·  ·
//        AO   ·  ·  ░  ░  ░  ·  ·
//        T    ·  ·  ·  ·  ·  ·  ▓
//
// Needs: chapters 4 and 13 to 16.
// Check: `make check CHAPTER=17`.
// Letters: B sentences, T words of the target and S of the source, D = d_model features, V words in
// the vocabulary, N rows, C classes, E the table of words, z logits. In code a word is a *token*,
// and so are letters, sounds and marks.

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

// ## From words to rows
//
// A network computes with numbers, and a word is none. So every word of the vocabulary gets a row
// of D numbers in a table E, its *embedding*. At first they are random; they are parameters and
// learn like all others. To embed a sentence is to look up its rows:
//
//     x_i = E_(w_i)                                                                       (17.1)
//
// And backwards? Row w of the table was used wherever word w stands, so by (3.2) it gets the sum of
// all that arrives there: dE_w = Σ_(i: w_i = w) dx_i. This is a *scatter-add*: each dx_i is carried
// to the row that it came from, and added. Rows of words that do not occur get zeros.
//
// The table is used a second time. The decoder ends with a row h of D numbers, and must say which
// word it means. Why not ask which row of the table it is most like? The logits are the dot
// products of h with all rows, h Eᵀ: the *same* table for reading and writing. (Press and Wolf,
// "Using the output embedding to improve language models", 2017.) If source and target share a
// vocabulary, as here, one table serves all three: a third of the numbers, and each word's row
// learns from three sides. Nothing special is needed for that: copies of a Variable are
// the same variable, and gradients add up.
//
// ## Exercise 17.1 — A table of words
// *About 10 lines · difficulty 2 of 3 · 20 minutes*
//
// Write (17.1) and its backward function; table.value().row(w) points to row w, which begins at
// number w · D. Then make the tables: one for all, or three in the order source, target, output.
Variable lookup(const Variable& table, const Sequence& tokens) {
    require_shapes("lookup", {{table.shape(), "V D"}});
    const int V = table.shape()[0], D = table.shape()[1], N = size_of(tokens);
    for (int token : tokens)
        if (token < 0 || token >= V)
            throw std::invalid_argument("lookup: token " + std::to_string(token) + " of a table " +
                                        to_string(table.shape()));
    Tensor x({N, D});
    //> 17.1: 1 line
    for (int i = 0; i < N; ++i) std::copy_n(table.value().row(tokens[i]), D, x.row(i));
    //<
    const auto backward = [=](const Tensor&, const Tensor& dx) {
        Tensor dtable(table.shape());
        //> 17.1: about 2 lines
        for (int i = 0; i < N; ++i)
            for (int k = 0; k < D; ++k) dtable.data[tokens[i] * D + k] += dx.data[i * D + k];
        //<
        return dtable;
    };
    return record("lookup", std::move(x), {table}, backward);
}

static Variable random_table(int V, int D, Random& random) {
    return parameter(normal_weights({V, D}, 1 / std::sqrt(1.0f * D), random), "E");
}

Tables make_tables(int V, int D, bool tied, Random& random) {
    //> 17.1: about 5 lines
    const Variable source = random_table(V, D, random);
    if (tied) return {source, source, source};
    const Variable target = random_table(V, D, random);
    const Variable output = random_table(V, D, random);
    return {source, target, output};
    //<
}

// ## The whole
//
// Why a deviation of 1/√D? With it, a row has about length 1, and the logits h Eᵀ of a normalised h
// (whose D entries have variance 1) have variance 1 as well. (Only the row just read is a part of
// h, so at first a network with tied tables says its word again.) But as input such a row is too
// small. The positions of chapter 13 are sines and cosines of size 1 and would drown it; so on the
// way *in*, and only there, it is made larger:
//
//     x = √D E_w + PE                                                                    (17.2)
//
// Then follow the encoder and the decoder, with three masks between them:
//
//        encoder, self-attention     padding of the source      [B, S, S]
//        decoder, self-attention     causal                     [T, T]
//        decoder, cross-attention    padding of the source      [B, T, S]
//
// The padding of the *target* needs no mask of its own: it stands behind all real words, and the
// causal mask hides it from them already.
Transformer::Transformer(const TransformerSettings& settings_, Random& random)
    : settings(settings_),
      tables(make_tables(settings.vocabulary, settings.stack.d_model, settings.tied, random)),
      encoder(settings.stack, random),
      decoder(settings.stack, random) {}

// A table that is tied must be in the list once: an optimiser would take three steps with it.
Parameters Transformer::parameters() const {
    Parameters all = {tables.source};
    if (!settings.tied) all = {tables.source, tables.target, tables.output};
    append(all, encoder.parameters());
    append(all, decoder.parameters());
    return all;
}

// ## Exercise 17.2 — The whole
// *About 14 lines · difficulty 2 of 3 · 25 minutes*
//
// `embed` is (17.2), then dropout; `tokens` are B sequences filled up to T tokens, row by row, and
// `with_sinusoid` adds the positions to [B, T, D]. `encode` and `decode` use it, each with its
// table, and make their masks with `padding_mask(lengths, queries, keys)` and `causal_mask`. Hand
// on the dropout. `decode` ends with h Eᵀ.
//
// Then count: what is learnt are the tables, of V · D numbers, the encoder of chapter 15, and a
// decoder whose layers have, beyond those of an encoder, one more attention and one more norm.
Variable Transformer::embed(const Variable& table, const Sequences& sequences,
                            const Dropout& dropout) const {
    const Sequence tokens = padded(sequences, settings.padding);
    const int B = size_of(sequences), D = settings.stack.d_model;
    const int T = B == 0 ? 0 : size_of(tokens) / B;
    //> 17.2: about 2 lines
    const Variable x = lookup(table, tokens) * std::sqrt(D);
    return dropout(with_sinusoid(reshape(x, {B, T, D})));
    //<
}

Variable Transformer::encode(const Sequences& sources, const Dropout& dropout) const {
    //> 17.2: about 3 lines
    const Variable x = embed(tables.source, sources, dropout);
    const int S = x.shape()[1];
    return encoder(x, padding_mask(lengths_of(sources), S, S), dropout);
    //<
}

Variable Transformer::decode(const Sequences& read, const Variable& memory,
                             const std::vector<int>& source_lengths, const Dropout& dropout) const {
    //> 17.2: about 5 lines
    const Variable x = embed(tables.target, read, dropout);
    const int T = x.shape()[1], S = memory.shape()[1];
    const Tensor real = padding_mask(source_lengths, T, S);
    const Variable h = decoder(x, memory, causal_mask(T), real, dropout);
    return matmul(h, transpose(tables.output));
    //<
}

int count_transformer_parameters(const TransformerSettings& settings) {
    const int V = settings.vocabulary, D = settings.stack.d_model, L = settings.stack.num_layers;
    //> 17.2: about 4 lines
    const int encoder = count_encoder_parameters(settings.stack);
    const int more = 4 * (D * D + D) + 2 * D;
    return (settings.tied ? 1 : 3) * V * D + encoder + encoder + L * more;
    //<
}

// The paper's base model has D = 512, F = 2048, 6 layers on each side, norms behind the sublayers,
// and a shared vocabulary of about 37,000 tokens. Your function says 63,082,496 for it; the paper
// says 65 million. Two fifths are the feed-forward networks, three tenths the attentions, the rest
// is the table.
//
// ## Not too sure
//
// Cross-entropy is never content. A share of 0.99 for the right word could always be 0.999, and the
// logits grow without end. Who learns to be that sure is badly surprised by new words, and leaves a
// search (below) no alternatives. *Label smoothing* takes a share ε, often 0.1, from the right word
// and spreads it over all C classes, the right one included. (Szegedy et al., "Rethinking the
// inception architecture for computer vision", 2016.) With δ as in (4.5), the targets are
//
//     q_(i j) = (1 − ε) δ_(j t_i) + ε/C                                                  (17.3)
//     loss = −(1/n) Σ_(i=1)^n Σ_(j=1)^C q_(i j) log softmax(z_i)_j                       (17.4)
//
// The normaliser log Σ exp(z_j) of the softmax is the same for every class, and the q of a row sum
// to 1: so compared with the plain cross-entropy, all that changes is which logits are rewarded. A
// share ε of the reward for z_t goes to the average of all z:
//
//     loss = cross-entropy + (ε/n) Σ_(i=1)^n (z_(i t_i) − (1/C) Σ_(j=1)^C z_(i j))       (17.5)
//
// Rows to be ignored take no part in any of it, and n is the number of words that do count, in the
// whole batch: in a mean of the sentences' means, words of short sentences would weigh more.
static void check_share(double epsilon) {
    if (!(epsilon >= 0 && epsilon <= 1))
        throw std::invalid_argument("smoothed_cross_entropy: epsilon " + std::to_string(epsilon) +
                                    " must be between 0 and 1");
}

static int count_tokens(const std::vector<int>& targets, int ignore) {
    return targets.size() - std::count(targets.begin(), targets.end(), ignore);
}

// ## Exercise 17.3 — Label smoothing
// *About 13 lines · difficulty 2 of 3 · 25 minutes*
//
// Write (17.5) and its gradient, beginning with those of chapter 4. By how much does the second
// part of (17.5) change with z_t, and by how much with any z_j? With n = 0 all is 0.
double smoothed_loss(const Tensor& logits, const std::vector<int>& targets, double epsilon,
                     int ignore) {
    check_share(epsilon);
    const double plain = cross_entropy_loss(logits, targets, ignore);
    const int n = count_tokens(targets, ignore), C = logits.columns();
    double moved = 0.0;
    //> 17.3: about 6 lines
    for (int i = 0; i < size_of(targets); ++i) {
        if (targets[i] == ignore) continue;
        const float* z = logits.row(i);
        moved += z[targets[i]] - std::accumulate(z, z + C, 0.0) / C;
    }
    return n == 0 ? 0.0 : plain + epsilon * moved / n;
    //<
}

Tensor smoothed_gradient(const Tensor& logits, const std::vector<int>& targets, double epsilon,
                         int ignore) {
    check_share(epsilon);
    Tensor dlogits = cross_entropy_gradient(logits, targets, ignore);
    const int n = count_tokens(targets, ignore), C = logits.columns();
    //> 17.3: about 7 lines
    const float moved = epsilon / n, to_each = epsilon / n / C;
    for (int i = 0; i < size_of(targets); ++i) {
        if (targets[i] == ignore) continue;
        float* d = dlogits.row(i);
        d[targets[i]] += moved;
        for (int j = 0; j < C; ++j) d[j] -= to_each;
    }
    return dlogits;
    //<
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
// Three things are added to the step of chapter 4.
//
// *Warm-up.* At first Adam's averages rest on a handful of gradients, and its steps are large and
// blind. So the rate begins near 0, grows evenly for some steps, and then falls as 1/√step:
//
//     rate = D^(−1/2) min(step^(−1/2), step · warm_up^(−3/2))                            (17.6)
//
// The two meet at step = warm_up, where the rate is highest: 0.0007 for the paper, with D = 512 and
// 4000 steps. The first step is number 1; at 0 the power would be infinite.
//
// *Clipping.* Now and then a batch has a gradient ten times as long as usual, and one step undoes
// the work of many. Take all gradients of all parameters as one long vector g, and if it is longer
// than a limit, shorten it without turning it. (Pascanu et al., "On the difficulty of training
// recurrent neural networks", 2013.)
//
//     g ← g · limit/‖g‖   if ‖g‖ > limit                                                 (17.7)
//
// *Accumulation.* Large batches need much memory. But gradients add up by themselves: send a batch
// through in parts, *microbatches*, one after the other, with `backward` after each, and take one
// step at the end. For the sum to be the gradient of the mean over all n tokens, the mean of each
// part m must count in proportion to its tokens:
//
//     loss = Σ_m (n_m/n) loss_m                                                          (17.8)
//
// ## Exercise 17.4 — A step of training
// *About 20 lines · difficulty 2 of 3 · 35 minutes*
//
// Write (17.6); then (17.7), where the gradient of p is p.gradient() (a parameter without one has
// zeros) and p.scale_gradient(factor) changes it; then the step: clear the gradients, go through
// the microbatches with (17.8) and `check_loss` each before its `backward`, clip, set the rate to
// settings.factor times (17.6), step. `optimiser.state.steps` is how many steps are complete.
double warm_up_rate(int step, int d_model, int warm_up) {
    if (step < 1 || d_model < 1 || warm_up < 1)
        throw std::invalid_argument("warm_up_rate: step " + std::to_string(step) + ", d_model " +
                                    std::to_string(d_model) + ", warm_up " +
                                    std::to_string(warm_up) + " must be 1 or more");
    //> 17.4: 1 line
    return std::min(std::pow(step, -0.5), step * std::pow(warm_up, -1.5)) / std::sqrt(d_model);
    //<
}

double clip_gradients(const Parameters& parameters, double limit) {
    double squares = 0.0;
    //> 17.4: about 7 lines
    for (const Variable& p : parameters)
        for (float g : p.gradient().data) squares += double{g} * g;
    const double norm = std::sqrt(squares);
    if (norm > limit)
        for (const Variable& p : parameters) p.scale_gradient(limit / norm);
    return norm;
    //<
}

static void check_loss(double loss, const Optimiser& optimiser) {
    if (!std::isfinite(loss))
        throw std::runtime_error("accumulate_and_step: the loss is " + std::to_string(loss) +
                                 " at step " + std::to_string(optimiser.state.steps + 1) +
                                 "; the parameters are as before it");
}

double accumulate_and_step(Optimiser& optimiser, const Parameters& parameters,
                           const std::vector<Microbatch>& microbatches,
                           const TrainingSettings& settings) {
    int n = 0;
    for (const Microbatch& part : microbatches) n += part.tokens;
    if (n < 1) throw std::invalid_argument("accumulate_and_step: " + std::to_string(n) + " tokens");
    double mean_loss = 0.0;
    //> 17.4: about 12 lines
    optimiser.clear_gradients();
    for (const Microbatch& part : microbatches) {
        const Variable loss = part.loss() * (1.0f * part.tokens / n);
        check_loss(loss.value().data[0], optimiser);
        mean_loss += loss.value().data[0];
        backward(loss);
    }
    clip_gradients(parameters, settings.limit);
    const int step = optimiser.state.steps + 1;
    optimiser.rate = settings.factor * warm_up_rate(step, settings.d_model, settings.warm_up);
    optimiser.step();
    return mean_loss;
    //<
}

// Hours of training must survive a power cut. What is kept of them is in
// course/training/training_state.hpp: an interrupted run ends with the same bits as one that was
// not, if your step depends on nothing else.
//
// ## Writing
//
// A trained transformer does not write sentences. It says how likely each word is to be the next,
// given the source and a beginning. To make sentences of that is a *search*, and a search does not
// care where the probabilities come from: it gets a function that takes N beginnings, each from the
// begin mark on, and returns the logarithms of the next word's probabilities, [N, V].
static Tensor log_softmax(const Tensor& z) {  // [N, V]
    Tensor log_p = z;
    for (int i = 0; i < z.rows(); ++i) {
        float *begin = log_p.row(i), *end = begin + z.columns();
        const float m = *std::max_element(begin, end);
        double sum = 0.0;
        for (const float* w = begin; w < end; ++w) sum += std::exp(double{*w - m});
        const float shift = m + static_cast<float>(std::log(sum));
        for (float* w = begin; w < end; ++w) *w -= shift;
    }
    return log_p;
}

// A transformer is such a function once its sources are encoded. It answers at every position; only
// the last one is new. When several beginnings have one source, they all ask the same memory.
NextToken next_token(const Transformer& net, const Sequences& sources) {
    const NoTape no_tape_here;
    const Tensor memory = net.encode(sources).value();
    const std::vector<int> lengths = lengths_of(sources);
    return [&net, memory, lengths](const Sequences& beginnings) {
        const NoTape no_tape;
        for (const Sequence& beginning : beginnings)
            if (beginning.size() != beginnings[0].size())
                throw std::invalid_argument("next_token: all beginnings must be of one length");
        const int N = size_of(beginnings), V = net.settings.vocabulary;
        std::vector<int> rows(N), last;
        if (size_of(lengths) > 1) std::iota(rows.begin(), rows.end(), 0);  // else 0, 0, 0, …
        const Tensor z =
            net.decode(beginnings, gather_rows(memory, rows), gather_rows(lengths, rows)).value();
        const int T = z.shape[1];
        for (int i = 0; i < N; ++i) last.push_back(i * T + T - 1);
        return log_softmax(gather_rows(reshape(z, {N * T, V}), last));
    };
}

// ## Exercise 17.5 — Always the likeliest
// *About 10 lines · difficulty 1 of 3 · 15 minutes*
//
// *Greedy search* appends the likeliest word, until that is `end` or there are `longest` words. All
// `count` sentences are written side by side: each step asks once for all of them. One that has
// ended is still asked, because all beginnings must be of one length, but nothing is written any
// more. `argmax` finds the largest of each row.
Sequences greedy_search(const NextToken& next, int count, int begin, int end, int longest) {
    Sequences beginnings(count, {begin}), written(count);
    std::vector<bool> ended(count);
    //> 17.5: about 10 lines
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

// ## Several at a time
//
// The likeliest first word need not begin the likeliest sentence. If A has 0.6 and whatever follows
// it 0.3, and B has 0.4 but is followed by a sure 0.9, then B's sentence has 0.36 and A's only
// 0.18. *Beam search* keeps the best `width` beginnings at each step, its *hypotheses*. Those that
// have said `end` are finished: they stay in the beam as they are, and have to hold their own
// against the others. All others are extended by every word; then the best `width` of all are kept.
// Of those that extend one beginning, only the `width` likeliest can be among them.
//
// The best by what? The probability of a sentence is the product of its words', and in logarithms a
// sum of negative numbers: every word makes it less. By probability alone, short sentences win too
// often. So one divides by a length, of n words with the end mark:
//
//     score = log p / ((5 + n)/6)^α                                                      (17.9)
//
// With α = 0 it is log p itself; the paper has α = 0.6 and width 4.
static Sequence likeliest(const Tensor& log_p, int row, int count) {  // the likeliest first
    const float* p = log_p.row(row);
    Sequence tokens(log_p.columns());
    std::iota(tokens.begin(), tokens.end(), 0);
    std::stable_sort(tokens.begin(), tokens.end(), [&](int a, int b) { return p[a] > p[b]; });
    tokens.resize(std::min(count, size_of(tokens)));
    return tokens;
}

// ## Exercise 17.6 — Beam search
// *About 22 lines · difficulty 3 of 3 · 40 minutes*
//
// Write (17.9), and the search. Stop when all are finished. `joined(a, b)` is one sequence behind
// the other; `likeliest(log_p, i, width)` are the tokens that may extend beginning i. Sort with
// `std::stable_sort`, the best score first: among equals, the earlier stays in front.
double length_normalised(const Hypothesis& hypothesis, double alpha) {
    //> 17.6: about 2 lines
    const double n = size_of(hypothesis.output);
    return hypothesis.log_probability / std::pow((5 + n) / 6, alpha);
    //<
}

std::vector<Hypothesis> beam_search(const NextToken& next, int begin, int end, int longest,
                                    int width, double alpha) {
    if (width < 1) throw std::invalid_argument("beam_search: width " + std::to_string(width));
    std::vector<Hypothesis> beam = {{}};  // one that has not said anything
    //> 17.6: about 20 lines
    const auto better = [&](const Hypothesis& a, const Hypothesis& b) {
        return length_normalised(a, alpha) > length_normalised(b, alpha);
    };
    for (int t = 0; t < longest; ++t) {
        std::vector<Hypothesis> candidates, open;
        for (const Hypothesis& h : beam) (h.finished ? candidates : open).push_back(h);
        if (open.empty()) break;
        Sequences beginnings;
        for (const Hypothesis& h : open) beginnings.push_back(joined({begin}, h.output));
        const Tensor log_p = next(beginnings);
        for (int i = 0; i < size_of(open); ++i)
            for (int token : likeliest(log_p, i, width)) {
                Hypothesis longer = open[i];
                longer.output.push_back(token);
                longer.log_probability += log_p(i, token);
                longer.finished = token == end;
                candidates.push_back(longer);
            }
        std::stable_sort(candidates.begin(), candidates.end(), better);
        candidates.resize(std::min(width, size_of(candidates)));
        beam = candidates;
    }
    return beam;
    //<
}

// ## See it
//
// The demo teaches a transformer of 64 features and 2 layers on each side to read English aloud,
// from nine tenths of a dictionary of 124,000 words: letters in, sounds out. That takes about two
// minutes on two cores. Then it is asked for the words that it has never seen, of which it gets two
// in three right to the last sound, and you for words of your own. A baseline says for each letter
// the sound that it most often has. What calls your `accumulate_and_step`, batch after batch, is in
// course/demos/17_speaking/.
//
// `FULL=1 make demo CHAPTER=17` trains one of 128 features and 4 layers, for about two hours, and
// goes on where it was stopped. `TRAINED=1 make demo CHAPTER=17` puts what it came to into your
// transformer, which then gets three words in four right. It shows ten words within seconds, and
// the error rates on a sample of 300; with FULL=1 beside it, those on all that were held out.
//
// Before you run `make demo CHAPTER=17`: in the picture of "thought", which letters should be
// looked at for the first sound, and which by none? And what will it make of your own name?
static const Demo demo("17", [] {
    const bool trained = asked_for("TRAINED"), full = asked_for("FULL"), large = trained || full;
    const int D = large ? 128 : 64;
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
        if (!speaking::learn(net, plan, settings, words, random)) return;
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
// 1. The letters and the sounds share a table here, although no letter is ever a sound. What does
//    the transformer lose by it, and what does it gain?
// 2. Some words are wrong, but not badly. Look at the ten: could *you* have known?
// 3. A beam search of width 1,000 finds likelier sentences than one of 4, and in translation they
//    are often worse. How can that be?
//> answers
//
// Answers.
//
// 1. It must learn that letters are never the answer, which takes some hundred steps, and (17.3)
//    goes on giving them 27/69 of ε; and it gains little, because the rows of letters and sounds
//    have nothing to teach each other. Between English and German, with their common names and
//    numbers, it gains much.
// 2. Often not: names keep the sounds of the language that they came from, and spelling does not
//    say which that was. And where the dictionary lists one of several good ways, it is chance.
// 3. The model is not right about unlikely sentences, and a wide search finds its errors: very
//    short sentences, or one phrase for ever. The search should be only as good as the model.
//<
