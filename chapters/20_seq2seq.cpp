// # 20. Sequence to sequence
//
// One sequence goes in, and another comes out: a sentence and its translation, a text and its
// summary. The network for it stands since chapter 17. What is missing is the craft around it: to
// say in one number how good a translation is, to waste no time on padding, to search well, and to
// know who is to blame when it is wrong. At the end of this chapter your transformer puts English
// phrases into German. There the `ago` stands in front, and eighty-three is three-and-eighty; you
// see its attention cross over:
//
//                 one  hundred  eighty-  three  weeks  ago
//        vor       .      .        .       .      .     ▓
//        ein|      █      .        .       .      .     .
//        hundert|  .      █        .       .      .     .
//        drei|     .      .        .       █      .     .
//        und|      .      ░        ▓       .      .     .
//        achtzig   .      .        █       .      .     .
//        Wochen    .      .        .       .      █     .
//
// Needs: chapters 16 and 17.
// Check: `make check CHAPTER=20`.
// Letters: n words of an n-gram, c and r words of all candidates and references, S words of a
// source and T of a target, P precision, R recall, F their mean.
// Minutes: about 155.

#include "20_seq2seq.hpp"

#include "demos/20_translating/translating.hpp"
#include "kit/chapter.hpp"
#include "kit/environment.hpp"
#include "training/training_state.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <stdexcept>

// ## How good is a translation?
//
// In chapter 17 a word was right or wrong. A sentence has many right translations, and a wrong one
// may still be nearly right. One can ask people, but not after every thousand steps. So Papineni
// and others (2002) asked what a machine can count: which pieces of the translation, the
// *candidate*, stand in one that a person wrote, the *reference*? A piece of n words in a row is an
// n-gram. The words themselves, its 1-grams, tell whether the right things are said; the longer
// ones, up to 4, whether they are said in the right order.
//
// The share of the candidate's n-grams that stand in the reference is the *precision*. But a
// candidate that says "the" seven times has seven words that stand in any reference. So each kind
// of n-gram is counted at most as often as it stands in the reference, or, if there are several
// references, in the one that has it most often: the counts are *clipped*. Say that the n-gram g
// stands k times in the candidate, and m times in that reference. For all sentences s of a *corpus*
// together,
//
//     p_n = (Σ_s Σ_g min(k, m))/(Σ_s Σ_g k)                                              (20.1)
//
// Precision alone is easy to please: say little, and only what is sure. Therefore there is a
// *brevity penalty*, for c words in all candidates and r in their references:
//
//     B = min(1, e^(1 − r/c))                                                            (20.2)
//
// A candidate that is too long needs no penalty, for its precision falls. The number is then the
// geometric mean of the four precisions, times the penalty. It is called *BLEU*, and is often given
// in percent:
//
//     BLEU = B exp(1/4 Σ_(n=1)^4 log p_n)                                                (20.3)
//
// ## Exercise 20.1 — By hand
// *About 1 line · difficulty 1 of 3 · 10 minutes*
//
// Take paper. (1) A candidate says "the the the the the the the", and there are two references:
// "the cat is on the mat" and "there is a cat on the mat". How large is p₁? (2) Another says "the
// cat the cat on the mat"; the reference is the first of the two alone. How large is p₂? (3) Two
// candidates have 8 and 4 words, and their references 6 and 9. How large is B? (4) With this B, and
// precisions of 0.8, 0.4, 0.2 and 0.1, how large is the BLEU? Three decimals each.
Tensor bleu_by_hand() {
    // TODO 20.1: a row of four
    todo("20.1");
}

// ## What was said
//
// A network writes tokens, and some of them are marks. None of those is a word. If the end mark
// were counted, it would be right in every sentence, and so would the padding behind it: numbers
// rise, and nothing has been learnt.
//
// ## Exercise 20.2 — Clipped counts
// *About 18 lines · difficulty 2 of 3 · 25 minutes*
//
// First the words that were said. `vocabulary.token(Mark::end)` is the number of a mark, and
// `vocabulary.name(token)` the word of a token; the contract in the header says what counts.
Words said(const Vocabulary& vocabulary, const Sequence& output) {
    Words words;
    // TODO 20.2: about 6 lines
    todo("20.2");
}

// A map holds each kind of n-gram of a sentence, and how often it stands there.
using Counts = std::map<Words, int>;

static Counts count_ngrams(const Words& words, int n) {
    Counts counts;
    // TODO 20.2: about 2 lines
    todo("20.2");
    return counts;
}

// Then the two sums of (20.1), of one sentence.
Matches clipped_matches(const Words& candidate, const std::vector<Words>& references, int n) {
    if (n < 1) throw std::invalid_argument("clipped_matches: n is " + std::to_string(n));
    Matches matches;
    // TODO 20.2: about 10 lines
    todo("20.2");
    return matches;
}

// ## All sentences together
//
// Why are the sums taken over the corpus, and not the mean of each sentence's BLEU? A sentence that
// is nearly right often has no 4-gram right; then its log p₄ is −∞, and its BLEU is 0. In the sums
// of a corpus that is one sentence of many. For the same reason c and r are sums: one translation
// may be short when another is long. But n-grams never reach from one sentence into the next.
//
// Of several references, which one is r? The one that is nearest in length to the candidate, and of
// two the shorter. And are "The" and "the" the same word? That is a choice, to be told with every
// figure: what counts in both must be *folded* to small letters, candidates and references alike.
static Words folded(Words words) {
    for (std::string& word : words)
        for (char& c : word)
            if (c >= 'A' && c <= 'Z') c += 'a' - 'A';
    return words;
}

static double precision(const Matches& m) { return m.all == 0 ? 0.0 : 1.0 * m.found / m.all; }

// ## Exercise 20.3 — BLEU
// *About 20 lines · difficulty 2 of 3 · 25 minutes*
//
// Choose the length that counts; then write (20.1) to (20.3). What each of the numbers is for a
// corpus that says nothing, or has no 4-gram, stands in the header. (Log 0 is −∞, and e^(−∞) is 0.)
static int nearest_length(const Translation& t) {
    int nearest = size_of(t.references[0]);
    // TODO 20.3: about 5 lines
    todo("20.3");
    return nearest;
}

Bleu bleu(const std::vector<Translation>& corpus, Case letters) {
    if (corpus.empty()) throw std::invalid_argument("bleu: a corpus without a sentence");
    for (const Translation& t : corpus)
        if (t.references.empty()) throw std::invalid_argument("bleu: a sentence has no reference");
    Bleu result;
    std::vector<Matches> matches(4);
    // TODO 20.3: about 17 lines
    todo("20.3");
    return result;
}

// ## Batches of like length
//
// Now to the time that training takes. A batch is a block: each source is filled up to the longest
// source, and each target to the longest target. A batch of N examples costs
//
//     N (max S + max T)                                                                  (20.4)
//
// tokens, of which the padding teaches nothing. Sentences differ more in length than words do: the
// phrases of the demo have from 1 to 23 words, and in random batches six tokens in ten are padding.
// The way out is to put examples of like length together. Then a batch of short ones is done in no
// time, and can as well be larger. So one fixes the *tokens* of a batch, not the number of its
// sentences: the paper took 25,000 a side.
//
// But what is sorted is not random any more. If each epoch began with the shortest, the network
// would learn and forget in turn; and if the same examples always met, their gradients would err
// together. Two shuffles bring the chance back.
//
// ## Exercise 20.4 — Batches by length, an order to find
// *About 18 lines · difficulty 2 of 3 · 25 minutes*
//
// Write (20.4).
int padded_tokens(const std::vector<Lengths>& lengths, const std::vector<int>& batch) {
    // TODO 20.4: about 6 lines
    todo("20.4");
}

// What is shuffled comes in any order, each as likely as every other.
template <class Item>
static void shuffle(std::vector<Item>& items, Random& random) {
    for (int left = size_of(items); left > 1; --left)
        std::swap(items[left - 1], items[random.below(left)]);
}

// In an epoch, four things happen, here in the order of the alphabet: *cut* the list of examples
// into batches; *shuffle* the batches; *shuffle* the examples; *sort* the examples by length. Find
// the order. `std::stable_sort` leaves what is equal as it stood; pairs are compared by their first
// part, and then by their second: `std::pair(a, b) < std::pair(c, d)`.
Batches batches_by_length(const std::vector<Lengths>& lengths, int limit, Random& random) {
    if (limit < 1)
        throw std::invalid_argument("batches_by_length: limit is " + std::to_string(limit));
    std::vector<int> order(lengths.size());
    std::iota(order.begin(), order.end(), 0);
    Batches batches;
    // TODO 20.4: about 13 lines
    todo("20.4");
    return batches;
}

// ## Who is to blame?
//
// Greedy search takes the likeliest word, and a beam keeps several beginnings. Which is better, and
// how much is there to gain? The network itself can say. It gives every sentence a probability,
// (16.1), and so also the reference: one only has to lead it along. If the score (17.1) of the
// reference is higher than that of what was found, the network knew better, and the *search* missed
// it: a wider beam might help. If it is lower, the search did its work. The *model* prefers the
// wrong sentence, and no search will help; more training may.
//
// ## Exercise 20.5 — Beam against greedy
// *About 20 lines · difficulty 2 of 3 · 25 minutes*
//
// Write the probability of a sentence, then what a beam search is used for: its best sentence.
double log_probability(const NextToken& next, int begin, const Sequence& output) {
    double log_p = 0.0;
    // TODO 20.5: about 5 lines
    todo("20.5");
    return log_p;
}

Sequence best_output(const NextToken& next, int begin, int end, int longest, int width,
                     double alpha) {
    // TODO 20.5: about 3 lines
    todo("20.5");
}

// And who is to blame. The score counts the end mark, on both sides.
Blame blame(const NextToken& next, int begin, int end, const Sequence& found,
            const Sequence& reference, double alpha) {
    // TODO 20.5: about 6 lines
    todo("20.5");
}

// ## Summaries
//
// A summary is a translation too, into fewer words. It must say what matters, so *recall* counts as
// much as precision: which share of the reference was said? *ROUGE-1* (Lin, 2004) takes the words
// that both share, clipped as above. *ROUGE-L* takes the longest *common subsequence*: words that
// stand in both in the same order, with gaps allowed. "the cat sat" and "the black cat has sat"
// have three such words, and "sat the cat" and the latter have two. With m words shared, of the t
// words of the summary and the u words of the reference,
//
//     F = (2 P R)/(P + R)   P = m/t   R = m/u                                            (20.5)
//
// The longest common subsequence is found in a table: for the first i words of the one and the
// first j of the other, it is one more than for i − 1 and j − 1 where the two words are the same,
// and otherwise the larger of those for (i − 1, j) and (i, j − 1).
//
// Writers of summaries have two bad habits. They *copy*, which is no fault where the words are well
// chosen. And they repeat themselves: once "the war and" is written, what followed it the last time
// is likely again, and a likely loop never ends. A plain cure is to forbid any n-gram to come
// twice, often with n = 3 (Paulus, Xiong and Socher, 2017). The search does not even notice. What
// it asks is only a little less sure of itself.
//
// ## Exercise 20.6 — Summaries
// *About 25 lines · difficulty 3 of 3 · 45 minutes*
//
// Write both measures. `f_measure` is for the two of them.
static double f_measure(int shared, const Words& summary, const Words& reference) {
    // TODO 20.6: about 4 lines
    todo("20.6");
}

double rouge_1(const Words& summary, const Words& reference) {
    // TODO 20.6: 1 line
    todo("20.6");
}

double rouge_l(const Words& summary, const Words& reference) {
    // TODO 20.6: about 9 lines
    todo("20.6");
}

// Then the cure. `next` is asked as always; of its answer, the tokens that would end an n-gram
// which the beginning has already get −∞. The last n − 1 tokens of a beginning are the front of the
// next n-gram.
NextToken without_repeats(const NextToken& next, int n) {
    if (n < 1) throw std::invalid_argument("without_repeats: n is " + std::to_string(n));
    return [next, n](const Sequences& beginnings) {
        Tensor log_p = next(beginnings);
        // TODO 20.6: about 6 lines
        todo("20.6");
        return log_p;
    };
}

// ## See it
//
// The demo first teaches a transformer of 64 features and 2 layers a side 27,000 phrases: numbers
// in words, dates, units, times, lists of names. (A number's seams are marked in the data, so that
// `drei|` and `achtzig` are words. The rest is in course/demos/20_translating/.) What is held out
// is so *by kind*: no phrase with a 37, 46, 83 or 91 in words is learnt, no `hours ago`, no
// language in a country with S, no list of four names. Knowing the words does not help there; one
// must have understood the grammar. Beside it stands a dictionary that says, word for word, what
// most often comes with it. While the network learns, you see what becomes of two phrases. Then it
// is asked for all that is held out, and the blame is found.
//
// A second transformer reads definitions in a dictionary, and says what kind of thing is defined,
// beside two rules: the first word, and the last one in front of a preposition. Here and there it
// says one word again and again, and not once when that is forbidden. All of it takes one to two
// minutes on two cores. `FULL=1` learns the phrases alone, for five thousand steps, goes on where
// it was stopped, and leaves a log. `TRAINED=1` loads what such a run has learnt.
//
// Before you run `make demo CHAPTER=20`: which kind will be the hardest? And where does it look
// when it says the first word of the German for "one hundred eighty-three weeks ago"?
//
// ## Experiment
//
// Of the lists with four names it gets none: it has never seen one, and ends too early. How many
// would it have to see? Let it learn half of the 261, beside 27,000 other phrases: set
// `lists_of_four` to 130. Which percentage of the other half will be right? Write it down, and run.
static const int lists_of_four = 0;
static const double predicted = NAN;  // in percent, such as 30

static const Demo demo("20", [] {
    const bool trained = asked_for("TRAINED"), full = asked_for("FULL"), quick = !trained && !full;
    const translating::Task task(quick ? lists_of_four : 0);
    Random random(20);
    const Transformer net({{64, 4, 256, 2}, task.vocabulary.size()}, random);
    training::Outcome run;
    if (trained) {
        training::read_trained("translating", net.parameters());
    } else {
        training::Plan plan{"translating", 1500, 150};
        translating::Settings settings{1000, {{64, 300, 1.5}, 0.1}};
        if (full) plan = {"translating", 5000, 500, "translating"};
        if (full) settings = {1000, {{64, 600, 1.5}, 0.1, 0.1}};
        run = translating::learn(net, task, plan, settings, random);
        if (!run.complete) return;
    }

    const double lists = translating::print_scores(net, task);
    if (quick) compare("percent of the lists of four that are right", predicted, lists);
    translating::print_search(net, task, 300);
    translating::print_translations(
        net, task,
        {"seven hundred eighty-three days ago", "four hundred hours ago", "Nauru (Samoa)",
         "Gujarati, Welsh, Mongolia, and Djibouti"});
    if (quick) translating::summarise(600);
    if (!trained) training::draw_losses("20_training", {run});
    translating::draw_alignment(net, task, "one hundred eighty-three weeks ago");
});

// ## Where it goes wrong
//
// Read the four sentences that the demo prints. "Seven hundred eighty-three days ago" is right,
// although no 83 was ever learnt: it has found out how such numbers are made. In "four hundred
// hours ago" it says `hundert|`, as if the number went on, for nearly every number does; what comes
// then is anything, another four, a digit, or the hours glued on. Nauru is a language and a
// country, and German has two words for them; only the brackets can say which. And of four names it
// says three, without any doubt: it has learnt that `und` comes in front of the third at the
// latest. There even the dictionary has a higher BLEU, for it leaves nothing out. Who learns from
// examples learns what they have in common, also what nobody meant to teach.
//
// More training cures what it has seen too seldom. After the 5,000 steps of `FULL=1`, 99 of a
// hundred phrases are right in every kind but the lists, and of those still none.
//
// For these the model is to blame, and hardly ever the search. A beam of 4 finds what greedy search
// finds: the network is so sure of every word that there is nothing to choose. Searching pays where
// it is in doubt, as about the sounds of chapter 17.
//
// ## Three families
//
// Since 2017 the transformer has come apart into three families, and you have built one of each:
//
//                     GPT-2         BERT          T5
//        half         decoder       encoder       both
//        who looks    back          everywhere    everywhere; back
//        learns to    go on         fill gaps     write what is cut
//        used to      write         sort, find    rewrite
//        layers       12            12            12 and 12
//        d_model      768           768           768
//        heads, d_ff  12, 3,072     12, 3,072     12, 3,072
//        context      1,024         512           512
//        vocabulary   50,257        30,522        32,128
//        parameters   124 million   110 million   220 million
//
// The sizes are those of the first GPT-2, and of BERT and T5 (Raffel and others, 2020) in the size
// called base. Nearly all is the same; what differs is who may look at whom, and what is asked.
// Each can do what the others do. Yet most of what is built today is a GPT, for it needs no head
// and no fine-tuning: a prompt says what is wanted, with a few examples or with none, *zero-shot*.
//
// ## Questions
//
// 1. A candidate has as many words as its reference, 20. Three of them are wrong, far from each
//    other and from both ends. How many of its 2-, 3- and 4-grams are right, and what is its BLEU?
// 2. What breaks if batches of like length are never shuffled, and each epoch goes from the short
//    ones to the long ones?
// 3. Look at the picture of "one hundred eighty-three weeks ago". Which rows cross, and what does
//    the row of `und|` look at, for which there is no English word?
// 4. On news, from one language into another, a BLEU of 30 to 40 is good. Here it is above 90. Is
//    this network better? And what may a BLEU of 97 hide?
//
// ## Where it comes from
//
// BLEU: Papineni, Roukos, Ward and Zhu, "BLEU: a method for automatic evaluation of machine
// translation" (2002); how to state it: Post, "A call for clarity in reporting BLEU scores" (2018).
// ROUGE: Lin (2004). Sequences to sequences with networks: Sutskever, Vinyals and Le (2014). No
// trigram twice: Paulus, Xiong and Socher, "A deep reinforced model for abstractive summarization"
// (2017). The phrases are spelled by the rules of Unicode's CLDR, the definitions are WordNet's.
//
// ## What you have now
//
// A translator with a figure that can be compared, and the habit to ask who is to blame. The next
// chapters give the encoder other things to read: pictures, proteins, the light of stars.
