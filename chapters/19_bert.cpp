// # 19. BERT
//
// Labels are expensive, text is not. A dictionary explains thousands of words, and nobody has to
// label anything in it: hide a word, and the text itself knows the answer. A network that has
// filled in enough gaps knows a lot about words, and then learns a new task from a handful of
// examples. At the end of this chapter yours fills gaps in definitions that stand in no dictionary,
// here with its first three guesses:
//
//        a [mask] who writes books             person woman man
//        a tree with sweet [mask]              fruit leaves wood
//        the [mask] of being late              quality state property
//        a large [mask] that lives in the sea  tree animal mineral
//
// Needs: chapters 7, 14, 15 and 17.
// Check: `make check CHAPTER=19`.
// Letters: B sequences of T tokens, D = `d_model` features, V tokens in the vocabulary, M places
// that are asked for, C kinds, r the rank of a change.
// Minutes: about 140.

#include "19_bert.hpp"

#include "demos/19_understanding/understanding.hpp"
#include "kit/chapter.hpp"
#include "kit/environment.hpp"
#include "training/training_state.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

// ## Filling in
//
// A decoder learns by saying the next word, and sees only what stands in front. An encoder sees
// both sides, so that question would be none: the next word stands in plain sight. It is asked
// something else. Some words are *masked*, and it must say what stood there, from all that is left
// on both sides:
//
//        [class] a large [mask] that lives in the sea [separator]
//
// This is *masked language modelling*, and the encoder that learnt by it is called *BERT* (Devlin
// and others, 2019). Learning it is *pre-training*: it comes first, on text without labels, and
// what one really wants comes later, on few examples with labels.
//
// How many words should be hidden? BERT asks for 15 of 100. With fewer, little is learnt of a text;
// with more, little is left to go by. And what stands at such a place? If it were always the mask,
// the network could go to sleep wherever none is; and in the later task there are no masks at all.
// So of the words that are asked for,
//
// - 80 % become the mask,
// - 10 % are exchanged for any word, drawn at random,
// - 10 % stay as they are.
//
// They are all asked for, those that stay too. As no word can be trusted, each row must say what
// fits there. And it may not simply copy: what stands there may be wrong.
//
// Marks are not words: `[class]`, `[separator]`, padding and the unknown word are never hidden, and
// take no random number. For every other token one number is drawn, from 0 to 1: if it is below
// 0.15, the token is asked for. Then a second number is drawn: below 0.8 it is the mask, below 0.9
// any word, and else it stays. For any word, `below(n)` draws which of the n words, counted from 0.
//
// ## Exercise 19.1 — By hand
// *About 2 lines · difficulty 1 of 3 · 10 minutes*
//
// Take paper. The marks are 0 padding, 1 unknown, 2 mask, 3 class and 4 separator, and the words 5
// `a`, 6 `fish`, 7 `in`, 8 `large`, 9 `lives`, 10 `sea`, 11 `that` and 12 `the`. Ten tokens are to
// be masked, `[class] a large fish that lives in the sea [separator]`, and the generator gives, in
// this order,
//
//        0.62   0.08   0.35   0.91   0.14   0.93   0.55
//        0.03   0.85   4      0.15   0.12   0.79
//
// of which the 4 is what `below(8)` draws. Return two rows: what goes in, and what is asked for,
// with −1 where nothing is.
Tensor masked_by_hand() {
    // TODO 19.1: two rows, matrix({{…}, {…}})
    todo("19.1");
}

// ## Asked only where it was hidden
//
// The encoder makes a row h of D numbers for each token. As in chapter 17, its logits are the
// products with all rows of the table of words, h Eᵀ; here with a bias b besides, which soon knows
// which words are frequent. The loss is the cross-entropy at the M places m that are asked for,
// with the words w_m that stood there, and at no other:
//
//     loss = −1/M Σ_(m=1)^M log p_m(w_m),   p_m = softmax(h_m Eᵀ + b)                     (19.1)
//
// At the other places the answer stands in the question. A network that is asked there too soon
// gets a small loss by copying, and has nothing more to learn. There is a second reason. The
// product with Eᵀ is the largest of a small BERT: V is 4,005 and D is 64. So it should be made for
// the M rows that are needed, and not for all. How does one take rows out of a Variable? By
// `lookup` of chapter 17: any [N, D] is a table, and the places are the tokens.
static Variable rows_at(const Variable& h, const std::vector<int>& places) {  // [..., D] → [M, D]
    const int rows = h.value().rows(), D = h.value().columns();
    return lookup(reshape(h, {rows, D}), places);
}

// ## Exercise 19.2 — Masking
// *About 16 lines · difficulty 2 of 3 · 25 minutes*
//
// Mask any sequences, with the numbers in the order of 19.1. `asked[i]` has as many tokens as
// sequence i, and is `not_asked` where nothing is. Words are the tokens from `settings.marks` on.
Masked mask_tokens(const Sequences& tokens, const BertSettings& settings, double rate,
                   Random& random) {
    Masked masked{tokens, {}};
    // TODO 19.2: about 10 lines
    todo("19.2");
}

// Then (19.1). `padded(asked, not_asked)` is one list for all rows of h [B, T, D], in their order.
Variable masked_loss(const Variable& h, const Variable& E, const Variable& b,
                     const Sequences& asked) {
    require_masked_rows(h, E, b, asked);
    const std::vector<int> all = padded(asked, not_asked);
    // TODO 19.2: about 6 lines
    todo("19.2");
}

// ## Two segments
//
// Many tasks are about two texts: a question and a text, a sentence and what follows from it. BERT
// gets both in one sequence. A *class token* stands in front, and a *separator* ends each of the
// two:
//
//        tokens     [class] a large fish [separator] tuna [separator]
//        segments      0    0   0    0        0       1       1
//        positions     0    1   2    3        4       5       6
//
// A row of numbers is looked up for each of the three; they are added, and go through a norm. All
// three tables learn:
//
//     x_t = norm(E_(w_t) + S_(s_t) + P_t)                                                (19.2)
//
// The *segment* s says which of the two texts a token stands in; without it, only the separator
// would tell. Positions are rows of a table too, and not the waves of chapter 13. The price is that
// there are only as many as the table has rows, so texts that are too long are cut. The rows begin
// small, with a deviation of 0.02, so that h Eᵀ begins undecided, without the echo of chapter 17;
// the norm brings their sum to the size that the layers expect.
//
// The class token means nothing by itself. Its row is free to gather what the whole sequence says,
// and whoever wants to know something about the sequence asks there. Before it is good for that, it
// needs a task. BERT's was *next sentence prediction*: of two sentences, does the second follow the
// first in the text, or is it from somewhere else? Half of the pairs are exchanged. (Later work,
// RoBERTa by Liu and others, 2019, found that one can do without.) Our dictionary has no sentences
// that follow each other. But it has definitions, and behind each, as the second segment, we put
// the word that it defines: is it the right one?
//
// ## Exercise 19.3 — Pairs
// *About 23 lines · difficulty 2 of 3 · 30 minutes*
//
// First one pair. Without a second text there is one separator and one segment. What is too long
// loses words and never marks: the longer text loses its last word, and of equals the second, until
// all fits into `settings.longest`.
Input input_of(const Sequence& first, const Sequence& second, const BertSettings& settings) {
    Sequence a = first, b = second;
    const int marks = second.empty() ? 2 : 3;
    if (settings.longest < 2 * marks - 2)
        throw std::invalid_argument("input_of: longest " + std::to_string(settings.longest));
    Input input;
    // TODO 19.3: about 9 lines
    todo("19.3");
}

// Then pairs that do not all belong together. For each, `random.uniform()` below ½ means that it
// stays. If not, it gets the second text of *another* pair, of the n − 1 others each as likely as
// the next: `random.below(n − 1)` draws which, counted without its own.
Pairs next_sentences(const Sequences& firsts, const Sequences& seconds, Random& random) {
    const int n = size_of(firsts);
    if (size_of(seconds) != n || n == 1)
        throw std::invalid_argument("next_sentences: " + std::to_string(n) + " and " +
                                    std::to_string(seconds.size()) + " texts");
    Pairs pairs{firsts, seconds, {}};
    // TODO 19.3: about 6 lines
    todo("19.3");
}

// Now (19.2), with three calls of `lookup` and the net's `norm`, and then dropout; `w` and `s` are
// the tokens and segments of B sequences, filled up to T. Then the class tokens' rows: `rows_at`.
Variable Bert::embed(const Inputs& inputs, const Dropout& dropout) const {
    const Sequence w = padded(inputs.tokens, settings.padding), s = padded(inputs.segments, 0);
    const int B = size_of(inputs.tokens), D = settings.stack.d_model;
    const int T = B == 0 ? 0 : size_of(w) / B;
    require_segments(inputs);
    // TODO 19.3: about 4 lines
    todo("19.3");
}

Variable class_rows(const Variable& h) {
    require_shapes("class_rows", {{h.shape(), "B T D"}});
    const int B = h.shape()[0], T = h.shape()[1];
    if (T < 1) throw std::invalid_argument("class_rows: " + to_string(h.shape()));
    // TODO 19.3: about 3 lines
    todo("19.3");
}

// ## Pre-trained once, used often
//
// What comes out of hours of pre-training is a list of numbers. Chapter 17 saved such a list and
// loaded it again, and so does this one: `training::read_trained` gives each of `parameters()` its
// numbers, in their order, from a file with 16 bits for each. Many nets can begin with it. Then a
// head, a fresh linear layer, is put on the row c of the class token, and the labelled examples
// decide what it says of the C kinds:
//
//     z = c W + b                                                                        (19.3)
//
// This is *fine-tuning*, and there are two ways. *Frozen*, the body stays as it is, and only W and
// b learn. That is quick, for c must be computed only once for each text, and a few examples cannot
// spoil it. Or all parameters learn. Then the body can attend to what this task needs; but a
// careless step destroys what took hours. Head and body want different rates: the head knows
// nothing yet and takes steps of 0.01, say, the body a tenth of that or less.
//
// ## Exercise 19.4 — Before and after
// *About 18 lines · difficulty 3 of 3 · 35 minutes*
//
// First the loss of pre-training: masked words (19.1) plus next sentences, of which `net.next` is
// the head on the class token. Masks are drawn anew each time a text is read. Who draws them once,
// and keeps them, shows the net the same few gaps in every epoch, and it learns them by heart.
Variable pretraining_loss(const Bert& net, const Sequences& firsts, const Sequences& seconds,
                          double rate, Random& random, const Dropout& dropout) {
    // TODO 19.4: about 6 lines
    todo("19.4");
}

// Every task begins with the same pre-trained net, so each needs a copy. `const Bert copy = net`
// does not make one: copies of a Variable are the same variable, and who fine-tunes the copy ruins
// the original. A new net is made, and gets the numbers.
Bert copy_of(const Bert& net) {
    Random any(1);
    const Bert copy(net.settings, any);
    // TODO 19.4: about 3 lines
    todo("19.4");
}

// And a step of fine-tuning. This one compiles, and it learns. Four things are wrong with it.
//
//        of_body.rate = how.head_rate;
//        of_head.rate = how.head_rate;
//        const double loss = train_step(of_head, [&] {
//            return cross_entropy(head(features(dropout)), kinds);
//        });
//        if (!how.frozen) of_body.step();
//        return loss;
//
// `features` makes the class rows of the batch, with this dropout. `train_step` clears the
// gradients of its optimiser, asks for the loss, goes back, and takes the step. Write it as it
// should be.
double fine_tune_step(const Features& features, const Linear& head, const std::vector<int>& kinds,
                      Optimiser& of_body, Optimiser& of_head, const FineTuning& how,
                      const Dropout& dropout) {
    // TODO 19.4: about 9 lines
    todo("19.4");
}

// ## Answers that stand in the text
//
// A question can be answered by pointing. The question is the first segment, a text the second, and
// the answer is a *span* of it: from one token to another. A linear layer with two outputs makes
// two logits of each row, a_t for "the answer begins here" and b_t for "it ends here". In training
// these are two questions of the usual kind, with the places of the text as the classes, and the
// loss is the mean of the two:
//
//     loss = −1/2 (log p_s + log q_e),   p = softmax(a),   q = softmax(b)                  (19.4)
//
// for an answer from s to e. Only places of the text count. The others, the question, the marks and
// the padding, get a logit so low that nothing is left of their probability.
//
// When answering, one may not simply take the largest of both. The likeliest end may stand in front
// of the likeliest start, and that is no span. Wanted is the best of all *valid* pairs:
//
//     best = max_(s ≤ e) (a_s + b_e)                                                     (19.5)
//
// There are T²/2 pairs. Must one try them all? For a given end, the best start is the largest a so
// far, which can be carried along.
//
// ## Exercise 19.5 — Spans
// *About 17 lines · difficulty 2 of 3 · 25 minutes*
//
// First the loss (19.4), for B answers, z [B, T, 2] and `places` [B, T], which are 1 where an
// answer may begin and end. Add −10⁹ where they may not.
Variable span_loss(const Variable& z, const Tensor& places, const std::vector<Span>& answers) {
    const int count = size_of(answers);
    require_shapes("span_loss", {{z.shape(), "B T 2"}, {places.shape, "B T"}, {{count}, "B"}});
    const int B = z.shape()[0], T = z.shape()[1];
    // TODO 19.5: about 8 lines
    todo("19.5");
}

// Then the best valid pair (19.5), for one text: z [T, 2] and places [T].
Span best_span(const Tensor& z, const Tensor& places) {
    require_shapes("best_span", {{z.shape, "T 2"}, {places.shape, "T"}});
    Span best{-1, -1};
    // TODO 19.5: about 9 lines
    todo("19.5");
}

// ## A small change
//
// Who fine-tunes all parameters must keep a whole net for each task. *LoRA* (Hu and others, 2022)
// keeps W as it is and learns only its change, as a product of two slim matrices, A [in, r] and B
// [r, out]:
//
//     y = x W + b + α/r x A B                                                            (19.6)
//
// Their rank r is small, such as 4. For a W of 64 × 64 these are 512 numbers and not 4,096; for one
// of 4,096 × 4,096, 32,768 and not 17 million. At first the change must be nothing, so that the net
// begins as it was pre-trained. So one of the two begins with zeros: B. If both did, neither would
// ever learn, for the gradient of each is a product with the other. And α/r? With it, a larger r
// can be tried without another rate.
//
// When all is learnt, the change can be added to W. Then it costs nothing any more.
//
// ## Exercise 19.6 — Low-rank changes
// *About 10 lines · difficulty 2 of 3 · 15 minutes*
//
// Make the two matrices, A normal with a deviation of 1/√in. Then `adapted`: a layer that computes
// (19.6), in which W and b are constants, while A and B learn. Since a layer is only its W and b,
// it is enough to find the W of the sum: W goes in as a value, A and B as they are, anew in each
// step. And `merged`: an ordinary layer that does the same, with parameters of its own.
LowRank::LowRank(int in, int out, int r, double alpha, Random& random) {
    if (r < 1) throw std::invalid_argument("LowRank: rank " + std::to_string(r));
    // TODO 19.6: 3 lines
    todo("19.6");
}

Linear adapted(const Linear& layer, const LowRank& change) {
    Linear result = layer;
    // TODO 19.6: about 3 lines
    todo("19.6");
}

Linear merged(const Linear& layer, const LowRank& change) {
    Linear result = layer;
    // TODO 19.6: about 4 lines
    todo("19.6");
}

// ## Learning from preferences
//
// Which of two answers is better? People can say which they prefer even where none is right. From
// many such *preferences* a *reward* r can be learnt, so that σ(r(x) − r(y)) is the probability
// that x is preferred to y (Christiano and others, 2017). Then a language model, as a *policy* π,
// learns to write what is rewarded: so GPT-3 was taught to follow instructions (Ouyang and others,
// 2022). Take a GPT that writes the names of chapter 18. We like doubled letters, as in `anna` and
// `emma`, and r counts them.
//
// The policy answers each question several times: here it writes 16 names that begin alike. What
// counts is how much better an answer is than the others of its group, its *advantage*. This is
// *GRPO* (Shao and others, 2024):
//
//     A_i = (r_i − mean(r))/sd(r)                                                        (19.7)
//     J = 1/n Σ_w (A π(w)/q(w) − β k),   k = ρ − log ρ − 1,   ρ = π₀(w)/π(w)             (19.8)
//
// J is to grow. It is a mean over all n tokens w that were written, each with the advantage of its
// answer; q is the policy as it was when it wrote them, and π₀ as it was at the start. We take one
// step for each set of answers: there π/q is 1, and its gradient that of log π. (Who takes more
// clips it to 1 ± ε.) The mean of k, over what π writes, is the *KL divergence* of π from the
// start, Σ π log(π/π₀). So is that of −log ρ, but k is never below 0 (Schulman, 2020). What is left
// is cross-entropy on its own words, where each token's gradient has a weight:
//
//     weight = A + β (ρ − 1)                                                             (19.9)
//
// The advantage draws a token up or down; the penalty draws up what was likelier at the start, and
// down what was not. Without it, 40 steps are enough for names like `bnnnnnnnnnnnnnn`: what we
// asked for, and not what we meant. This is *reward hacking*. With β = 0.8 it writes names like
// `berrell` and `melanda`, and the reward rises from 0.24 to 0.8. What does that cost? Names that
// are held out now need 3.20 bits per letter and not 3.10, for all that is not liked has become
// less likely.
//
// ## See it
//
// The demo pre-trains a BERT of 64 features and two layers on a dictionary, for seconds only, so
// that you see the loss begin to fall. The rest takes longer: what some 6,000 steps on all of
// WordNet came to is loaded into your net, in half precision. It fills in. Then comes the question
// of this chapter: what is pre-training worth? Definitions are to be sorted into ten kinds of
// things, by nets that learn from 50, 200, 1,000 or 5,000 labelled ones: from scratch; with the
// pre-trained body frozen; with low-rank changes of its queries and values; with everything
// learning. Each does so three times, with other labels and another head. Beside them stands *naive
// Bayes*, which only counts words. At last another BERT, from scratch, answers questions about
// countries, elements and stars by spans, with names that it has never seen; and a GPT learns which
// names we like. (The rest is in course/demos/19_understanding/.)
//
// `FULL=1 make demo CHAPTER=19` is the long pre-training, for which Debian's wordnet-base is
// needed. `TRAINED=1 make demo CHAPTER=19` shows in seconds what it has learnt, and then you may
// type gaps of your own.
//
// Before you run `make demo CHAPTER=19`: with how many labels are the four ways furthest apart, and
// where do they meet?
//
// ## Experiment
//
// The body learns at a tenth of the head's rate. What if both have the head's? Set `body_rate` to
// 0.01. With 200 labels and everything learning, 52 % are right otherwise. How many will it be
// then? Write it down, and run the demo.
static const double head_rate = 0.01, body_rate = 0.001, penalty = 0.8;
static const double predicted = NAN;  // your percentage, such as 50

static const Demo demo("19", [] {
    const bool full = asked_for("FULL"), trained = asked_for("TRAINED");
    Random random(19);
    const auto texts = full ? understanding::large_library() : understanding::library();
    const Bert net = understanding::new_bert(texts.vocabulary, random);
    understanding::print_sizes(net, texts);
    if (!trained) {
        training::Plan plan{"pre-training", 150, 15};
        if (full) plan = {"pre-training", 8000, 200, "bert"};
        const training::Outcome run = understanding::pretrain(net, plan, texts, random);
        if (!run.complete) return;
        training::draw_losses("19_training", {run});
        understanding::print_loss("after so many steps", net, texts);
    }
    if (!full) training::read_trained("bert", net.parameters());
    understanding::print_loss("after the long run", net, texts);
    understanding::print_gaps(net, texts);

    if (trained) return understanding::prompt(net, texts.vocabulary);

    const double right = understanding::show_kinds(net, texts.vocabulary, body_rate, head_rate);
    compare("percent right, 200 labels, everything learning", predicted, right);
    understanding::show_spans(1200);
    understanding::show_preferences(penalty);
});

// ## Questions
//
// 1. How many parameters has the BERT of the demo, with V = 4,005, D = 64, F = 256, two layers with
//    the norm in front, and 24 positions? How many of them are in the table of words, and how many
//    numbers do the low-rank changes of rank 4 have?
// 2. What breaks if the loss is asked for at every token, hidden or not?
// 3. Look at the picture of labels. The frozen body is as good as any with 50 labels, and far
//    behind with 5,000. Why? And why can a net from scratch, and even counting, catch up?
// 4. Someone downloads a large BERT that has read the web, fine-tunes it, and reports 95 % on a
//    test that has been public for years. What would you ask?
// 5. Look at the picture of rewards. Without a penalty the reward stops at about 13, and then
//    nothing is learnt any more. Why there, and why not? (The context has 16 places.)
//
// ## Where it comes from
//
// Gaps are an old test of readers: Taylor, "Cloze procedure" (1953). BERT: Devlin, Chang, Lee and
// Toutanova (2019); the body's smaller rate: Howard and Ruder, "Universal language model
// fine-tuning for text classification" (2018); spans as answers: Rajpurkar and others, "SQuAD"
// (2016). Small changes of a large net: Houlsby and others, "Parameter-efficient transfer learning
// for NLP" (2019), and Hu and others, "LoRA" (2022). Preferences: Christiano and others, "Deep
// reinforcement learning from human preferences" (2017); GRPO: Shao and others, "DeepSeekMath"
// (2024). BERT also puts a layer with tanh between class row and head, and one more in front of the
// logits of words; ours leaves both out.
//
// ## What you have now
//
// An encoder that has read a dictionary, and four ways to teach it what you want to know. Chapter
// 20 goes on with both halves of the transformer.
