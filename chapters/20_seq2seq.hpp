// Chapter 20, Sequence to sequence. The prose, the reasons and the exercises are in
// 20_seq2seq.cpp.
#pragma once

#include "17_transformer.hpp"
#include "kit/tokens.hpp"

#include <string>
#include <vector>

// Every function throws std::invalid_argument, with its name, when something does not fit.

using Words = std::vector<std::string>;

// By hand: two clipped precisions, a brevity penalty and a BLEU, [4].
Tensor bleu_by_hand();

// ## BLEU: Papineni and others, "BLEU: a method for automatic evaluation of machine translation"
// (2002), for n = 1 … 4, with equal weights and without smoothing. The numbers are those of Post's
// sacreBLEU (2018) with its options `tok none` and `smooth none`, divided by 100.

// What a network has said, in words: what stands in front of the first end mark, or all if there is
// none. A begin mark and padding are not words, wherever they stand.
Words said(const Vocabulary& vocabulary, const Sequence& output);

struct Matches {
    int found = 0, all = 0;
};

// How many n-grams a candidate has, and how many of them are found in the references: each kind of
// n-gram at most as often as in the one reference that has it most often. n is 1 or more.
Matches clipped_matches(const Words& candidate, const std::vector<Words>& references, int n);

struct Translation {
    Words candidate;
    std::vector<Words> references;  // one or more
};

struct Bleu {
    double score = 0;  // from 0 to 1; 0 when a precision is 0
    double brevity = 0;  // 1 where the candidates are as long as the references, or longer
    std::vector<double> precisions;  // of 1-grams to 4-grams; 0 where there are none
    int candidate_length = 0, reference_length = 0;  // of all sentences together
};

// Of a corpus: all sentences together, of which there is one at least. Of a sentence's references,
// the one whose length is nearest to the candidate's counts as its length, and the shorter of two.
// With `Case::folded`, A to Z count as a to z.
enum class Case { kept, folded };
Bleu bleu(const std::vector<Translation>& corpus, Case letters = Case::kept);

// ## Batches

struct Lengths {  // of an example, in tokens
    int source, target;
};
using Batches = std::vector<std::vector<int>>;  // numbers of examples

// How many tokens a batch has when its sources are filled up to the longest source, and its targets
// to the longest target. An empty batch has none.
int padded_tokens(const std::vector<Lengths>& lengths, const std::vector<int>& batch);

// Each example once, in batches of like length, in random order. Examples are sorted by their
// source's length, then by their target's, in random order where both are equal; a batch takes the
// next one as long as it then has at most `limit` padded tokens. One that is longer by itself
// stands alone. Limit is 1 or more.
Batches batches_by_length(const std::vector<Lengths>& lengths, int limit, Random& random);

// ## Search

// log p of all that is said, as beam search counts it: Σ log p of each token. The output has its
// end mark. `next` is asked for each token once, with one beginning.
double log_probability(const NextToken& next, int begin, const Sequence& output);

// The sentence that beam search finds, without the end mark. Width 1 is greedy search.
Sequence best_output(const NextToken& next, int begin, int end, int longest, int width,
                     double alpha);

// Why is what was found not the reference? Neither has its end mark. `search`: (17.1) ranks the
// reference, with its end, above what was found, with its end. `model`: it does not.
enum class Blame { nobody, search, model };
Blame blame(const NextToken& next, int begin, int end, const Sequence& found,
            const Sequence& reference, double alpha);

// ## Summaries

// F, the harmonic mean of precision and recall; 0 when nothing is shared. Lin, "ROUGE: a package
// for automatic evaluation of summaries" (2004), with β = 1: of single words, each counted as often
// as in both; and of the longest sequence of words that both have in this order, with gaps.
double rouge_1(const Words& summary, const Words& reference);
double rouge_l(const Words& summary, const Words& reference);

// The same function, but for tokens that would end an n-gram which stands in the beginning already:
// their log p is −∞. n is 1 or more; the begin mark is a token like all others.
NextToken without_repeats(const NextToken& next, int n);
