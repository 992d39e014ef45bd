#include "20_seq2seq.hpp"

#include "grader/check.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

namespace checks_20 {

using List = std::vector<int>;
using Texts = std::vector<std::string>;

// ## 20.1 By hand

Tensor written_down(int) { return bleu_by_hand(); }
CALLED(written_down, "bleu_by_hand()");

static void expect_number(int which, double wanted, const std::string& otherwise) {
    const Tensor numbers = ASK_UNRECORDED(written_down, 0);
    expect(numbers.shape == Shape{4}, "four numbers are asked for, row({…, …, …, …})");
    expect(std::fabs(numbers.data[which] - wanted) < 0.0011, otherwise);
}

CHECK("20.1", "seven times \"the\", of which a reference has two: p₁") {
    expect_number(0, 2 / 7.0, "the first number is not the two that count, of the seven there are");
}

CHECK("20.1",
      "p₂ of \"the cat the cat on the mat\": a pair counts as often as the reference has it") {
    expect_number(1, 3 / 6.0, "the second number is not the pairs that count, of all pairs");
}

CHECK("20.1", "the brevity penalty is that of all words together") {
    expect_number(2, std::exp(1 - 15.0 / 12), "the third number is not (20.2)");
}

CHECK("20.1", "the BLEU is the geometric mean, times the penalty") {
    const double mean = std::pow(0.8 * 0.4 * 0.2 * 0.1, 0.25);
    expect_number(3, std::exp(1 - 15.0 / 12) * mean, "the fourth number is not (20.3)");
}

// ## 20.2 Clipped counts

// What a network writes, by the names of its tokens; the numbers of the marks are those of this
// list of names.
Words said_in(const Texts& marks, const Texts& output) {
    const std::map<std::string, Mark> all = {{"padding", Mark::padding},
                                             {"begin", Mark::begin},
                                             {"end", Mark::end},
                                             {"unknown", Mark::unknown}};
    std::vector<Mark> listed;
    for (const std::string& mark : marks) listed.push_back(all.at(mark));
    const Vocabulary vocabulary(listed, {"a", "cat", "on", "sat", "the"});
    Sequence tokens;
    for (const std::string& name : output)
        tokens.push_back(all.count(name) > 0 ? vocabulary.token(all.at(name))
                                             : vocabulary.token(name));
    return said(vocabulary, tokens);
}
CALLED(said_in, "said");
PARTS(said_in, "word #1");

std::pair<int, int> matches_of(const std::string& candidate, const Texts& references, int n) {
    std::vector<Words> all;
    for (const std::string& reference : references) all.push_back(words_of(reference));
    const Matches found = clipped_matches(words_of(candidate), all, n);
    return {found.found, found.all};
}
CALLED(matches_of, "clipped_matches");
PARTS(matches_of, "found", "all");

// The same of words that may have blanks in them.
std::pair<int, int> matches_of_words(const Words& candidate, const std::vector<Words>& references,
                                     int n) {
    const Matches found = clipped_matches(candidate, references, n);
    return {found.found, found.all};
}
CALLED(matches_of_words, "clipped_matches");
PARTS(matches_of_words, "found", "all");

// What these tokens say; 0, 1 and 2 are padding, begin and end, and the names begin with 3.
Words said_by_tokens(const Texts& names, const Sequence& tokens) {
    return said(Vocabulary({Mark::padding, Mark::begin, Mark::end}, names), tokens);
}
CALLED(said_by_tokens, "said");
PARTS(said_by_tokens, "word #1");

static const Texts usual_marks = {"padding", "begin", "end", "unknown"};

CHECK("20.2", "what stands in front of the end mark was said, without begin mark and padding") {
    const Texts output = {"begin", "the", "cat", "sat", "end", "padding", "padding"};
    expect(ASK(said_in, usual_marks, output) == Words{"the", "cat", "sat"},
           "three words were said: the cat sat");
}

CHECK("20.2", "nothing counts behind the first end mark; without one, all words do") {
    const Texts twice = {"the", "end", "cat", "end"}, never = {"a", "cat", "sat", "on"};
    expect(ASK(said_in, usual_marks, twice) == Words{"the"}, "one word was said: the");
    expect(ASK(said_in, usual_marks, never).size() == 4, "four words were said");
    const Texts at_once = {"begin", "end", "cat", "sat"};
    expect(ASK(said_in, usual_marks, at_once).empty(), "nothing was said");
}

CHECK("20.2", "an unknown word is a word; padding and begin marks are none, wherever they stand") {
    const Texts output = {"padding", "unknown", "begin", "on", "padding", "a", "end"};
    expect(ASK(said_in, usual_marks, output) == Words{"unknown", "on", "a"},
           "three words were said");
    ASK(said_in, usual_marks, Texts{});
    ASK(said_in, usual_marks, Texts{"end"});
}

CHECK("20.2", "the marks have the numbers that the vocabulary gives them") {
    const Texts output = {"begin", "cat", "padding", "on", "end", "sat"};
    for (const Texts& marks :
         {Texts{"end", "begin", "padding"}, Texts{"begin", "unknown", "padding", "end"},
          Texts{"padding", "end", "begin"}})
        expect(ASK(said_in, marks, output) == Words{"cat", "on"}, "two words were said: cat on");
    const Texts unknown_first = {"unknown", "begin", "end", "padding"};
    expect(ASK(said_in, unknown_first, Texts{"unknown", "on", "end"}) == Words{"unknown", "on"},
           "an unknown word is a word, whatever its number");
}

CHECK("20.2", "a text that says \"end\" means the word: a mark is known by its number") {
    const Texts names = {"end", "cat", "padding", "begin"};
    expect(ASK(said_by_tokens, names, Sequence{1, 5, 3, 0, 4, 6, 2, 4}) ==
               Words{"padding", "end", "cat", "begin"},
           "four words were said, of which three are called like a mark");
}

CHECK("20.2", "seven times \"the\" is found twice, where a reference has it twice") {
    const Texts references = {"the cat is on the mat", "there is a cat on the mat"};
    const auto [found, all] = ASK(matches_of, "the the the the the the the", references, 1);
    expect(found == 2 && all == 7, "2 of 7 are found");
}

CHECK("20.2", "of several references, the one that has it most often counts, not their sum") {
    const Texts references = {"a b a", "a a c", "a"};
    const auto [found, all] = ASK(matches_of, "a a a a b", references, 1);
    expect(found == 3 && all == 5, "a is found twice and b once, of 5");
    ASK(matches_of, "a a a", Texts{"a", "a", "a"}, 1);
    ASK(matches_of, "b a b a", Texts{"a b", "b a", "b a b"}, 2);
}

CHECK("20.2", "n words in a row are an n-gram, in their order; a text of T words has T − n + 1") {
    const Texts references = {"the cat sat on the mat"};
    expect(ASK(matches_of, "the mat sat on the cat", references, 2) == std::pair(4, 5),
           "of 5 pairs, all are found but \"mat sat\"");
    for (int n : {1, 2, 3, 4, 5, 6, 7}) ASK(matches_of, "on the cat sat on the", references, n);
}

CHECK("20.2", "words are compared whole: \"ab c\" is not \"a bc\"") {
    expect(ASK(matches_of, "ab c", Texts{"a bc"}, 2) == std::pair(0, 1), "none of one is found");
    expect(ASK(matches_of, "The cat", Texts{"the cat"}, 1) == std::pair(1, 2),
           "The and the are two words");
    const std::vector<Words> york = {{"New", "York x"}};
    expect(ASK(matches_of_words, Words{"New York", "x"}, york, 2) == std::pair(0, 1),
           "a blank may stand in a word");
}

CHECK("20.2", "texts that are empty or too short have no n-grams; n is 1 or more") {
    for (int n : {1, 4}) {
        expect(ASK(matches_of, "", Texts{"a b"}, n) == std::pair(0, 0), "there is nothing to find");
        ASK(matches_of, "a b c", Texts{""}, n);
        ASK(matches_of, "a b c", Texts{}, n);
    }
    ASK_REFUSAL(matches_of, "a b", Texts{"a b"}, 0);
    ASK_REFUSAL(matches_of, "a b", Texts{"a b"}, -1);
}

static std::string random_text(int words, int kinds) {
    std::string text;
    for (int i = 0; i < words; ++i)
        text += (i > 0 ? " " : "") + std::string(1, "abcdefg"[random_numbers().below(kinds)]);
    return text;
}

// The counts once more, by looking for each n-gram one after the other.
static std::pair<int, int> exact_matches(const Words& candidate, const std::vector<Words>& all,
                                         int n) {
    const auto at = [&](const Words& words, int i) {
        return Words(words.begin() + i, words.begin() + i + n);
    };
    const auto count = [&](const Words& words, const Words& ngram) {
        int times = 0;
        for (int i = 0; i + n <= size_of(words); ++i) times += at(words, i) == ngram;
        return times;
    };
    std::set<Words> kinds;
    std::pair<int, int> result = {0, 0};
    for (int i = 0; i + n <= size_of(candidate); ++i, ++result.second)
        kinds.insert(at(candidate, i));
    for (const Words& ngram : kinds) {
        int most = 0;
        for (const Words& reference : all) most = std::max(most, count(reference, ngram));
        result.first += std::min(most, count(candidate, ngram));
    }
    return result;
}

static std::vector<Words> words_of_all(const Texts& texts) {
    std::vector<Words> all;
    for (const std::string& text : texts) all.push_back(words_of(text));
    return all;
}

CHECK("20.2", "any texts, of one word or many, with one reference or several") {
    for (int words : {1, 2, 3, 5, 8, 13})
        for (int kinds : {1, 2, 4})
            for (int n : {1, 2, 3, 4}) {
                const std::string candidate = random_text(words, kinds);
                Texts references;
                for (int i = 0; i < 1 + words % 3; ++i)
                    references.push_back(random_text(1 + (words + 3 * i) % 9, kinds));
                const auto found = ASK_UNRECORDED(matches_of, candidate, references, n);
                expect(found == exact_matches(words_of(candidate), words_of_all(references), n),
                       "other n-grams are to be found");
            }
}

// ## 20.3 BLEU

RESTS_ON("20.3", "20.2");

using Sentences = std::vector<std::pair<std::string, Texts>>;  // candidate, references
using Told = std::tuple<double, double, std::vector<double>, int, int>;

Told bleu_of(const Sentences& corpus, bool fold) {
    std::vector<Translation> all;
    for (const auto& [candidate, references] : corpus)
        all.push_back({words_of(candidate), words_of_all(references)});
    const Bleu b = bleu(all, fold ? Case::folded : Case::kept);
    return {b.score, b.brevity, b.precisions, b.candidate_length, b.reference_length};
}
CALLED(bleu_of, "bleu");
PARTS(bleu_of, "the score", "the brevity penalty", "p ##1", "the words of the candidates",
      "the words of the references");

static Sentences one(const std::string& candidate, const Texts& references) {
    return {{candidate, references}};
}

CHECK("20.3", "what is right to the last word has a BLEU of 1, and so have its four precisions") {
    const Told told =
        ASK(bleu_of, one("the cat sat on the mat", {"the cat sat on the mat"}), false);
    expect_near(std::get<0>(told), 1, 1e-6);
    expect(std::get<2>(told).size() == 4, "there are four precisions");
}

CHECK("20.3",
      "one word of five is wrong: 4/5, 3/4, 2/3, 1/2, and the fourth root of their product") {
    const Told told = ASK(bleu_of, one("a b c d e", {"a b c d x"}), false);
    expect_near(std::get<0>(told), std::pow(0.2, 0.25), 1e-5);
    expect_near(std::get<2>(told).at(3), 0.5, 1e-5);
}

CHECK("20.3",
      "n-grams are counted over the corpus; a sentence without a right one is no disaster") {
    const Sentences two = {{"a b c d e", {"a b c d e"}}, {"f g h i j", {"f x g y h"}}};
    const Told told = ASK(bleu_of, two, false);
    expect(std::get<0>(told) > 0, "the BLEU of both together is not 0");
    expect_near(std::get<2>(told).at(3), 2.0 / 4, 1e-5);
    const Sentences same = {{"a b c d e", {"a b c d e"}}, {"a b c d e", {"a b x d e"}}};
    expect_near(std::get<2>(ASK(bleu_of, same, false)).at(0), 9.0 / 10, 1e-5);
}

CHECK("20.3", "a short and a long sentence make up for each other: the penalty is of the corpus") {
    const Sentences even = {{"a b c d e f", {"a b c d"}}, {"a b c d", {"a b c d e f"}}};
    expect_near(std::get<1>(ASK(bleu_of, even, false)), 1, 1e-6);
    const Sentences shorter = {{"a b c d e f g h", {"a b c d e f"}},
                               {"a b c d", {"a b c d e f g h i"}}};
    expect_near(std::get<1>(ASK(bleu_of, shorter, false)), std::exp(-0.25), 1e-5);
}

CHECK("20.3", "what is too long has no penalty, and no reward") {
    const Told told = ASK(bleu_of, one("a b c d e f g h", {"a b c d"}), false);
    expect_near(std::get<1>(told), 1, 1e-6);
}

CHECK("20.3", "no n-gram reaches from one sentence into the next") {
    const Sentences two = {{"a b c d e", {"a b c d x"}}, {"f g h i j", {"e f g h i"}}};
    const Told told = ASK(bleu_of, two, false);
    expect_near(std::get<2>(told).at(0), 0.8, 1e-5);
    expect_near(std::get<2>(told).at(1), 6.0 / 8, 1e-5);
}

CHECK("20.3", "of several references, the nearest in length counts; of two, the shorter") {
    const auto length = [&](const Texts& references) {
        return std::get<4>(ASK(bleu_of, one("a b c d e f", references), false));
    };
    expect(length({"a b", "a b c d e f g", "a b c"}) == 7, "7 words are nearest to 6");
    expect(length({"a b c d e f g h", "a b c d"}) == 4, "of 8 and 4, the shorter counts");
    expect(length({"a b c d", "a b c d e f g h"}) == 4, "of 4 and 8, the shorter counts");
    expect(length({"a", "a b c d e f g h i j k", "a b c d e f g h i j"}) == 10,
           "10 is nearer than 1 and 11");
}

CHECK("20.3", "folded, A to Z are a to z, in the candidates and in the references") {
    const Sentences capitals = {{"The CAT sat on The Mat", {"the cat sat on the mat"}},
                                {"a small dog ran away", {"A Small Dog ran AWAY"}}};
    expect_near(std::get<0>(ASK(bleu_of, capitals, true)), 1, 1e-6);
    ASK(bleu_of, capitals, false);
    const Sentences both = {{"An Ox and An Ass", {"an ox and An ass", "An Ox And an Ass"}}};
    for (bool fold : {false, true}) ASK(bleu_of, both, fold);
    const Sentences second = {{"the cat sat on it", {"a dog sat on it", "THE CAT SAT ON IT"}}};
    expect_near(std::get<0>(ASK(bleu_of, second, true)), 1, 1e-6);
    const Sentences loud = one("THE CAT SAT ON", {"the cat sat on"});
    expect_near(std::get<0>(ASK(bleu_of, loud, true)), 1, 1e-6);
}

CHECK("20.3", "a precision that is 0 makes the BLEU 0; without an n-gram the precision is 0") {
    for (const char* candidate : {"a b c", "a", "x y z w v", "a b c x d e f"}) {
        const Told told = ASK(bleu_of, one(candidate, {"a b c d e f"}), false);
        expect_near(std::get<0>(told), 0, 1e-12);
        for (double number : std::get<2>(told)) expect(std::isfinite(number), "a precision is NaN");
    }
    const Told nothing = ASK(bleu_of, one("", {"a b"}), false);
    expect_near(std::get<1>(nothing), 0, 1e-12);
    ASK(bleu_of, one("", {""}), false);
    ASK(bleu_of, Sentences{{"", {"a b c d e"}}, {"f g h i j", {"f g h i j"}}}, false);
}

CHECK("20.3", "a corpus without a sentence, and a sentence without a reference, are refused") {
    ASK_REFUSAL(bleu_of, Sentences{}, false);
    ASK_REFUSAL(bleu_of, one("a b c d", {}), false);
    ASK_REFUSAL(bleu_of, Sentences{{"a b c d", {"a b c d"}}, {"a", {}}}, false);
}

// What tests/sacrebleu/make_numbers.py writes: its corpora, and the BLEU in percent, with capitals
// and folded.
static std::vector<std::tuple<Sentences, double, double>> known_numbers() {
    return {
        {{{"the the the the the the the", {"the cat is on the mat", "there is a cat on the mat"}}},
         0,
         0},
        {{{"it is a guide to action which ensures that the army obeys",
           {"it is a guide to action that ensures that the army will forever heed the party"}},
          {"he read the book because he was interested in world history",
           {"he was interested in world history because he read the book"}}},
         57.533126,
         57.533126},
        {{{"a b c d e f", {"a b c d", "a b c d e f g h", "b c d e f"}},
          {"a a b b a a", {"a b a b a b a b", "a a b b", "c"}},
          {"x y z x y z w", {"x y z w", "z x y z w x y z x y"}}},
         89.253992,
         89.253992},
        {{{"one two three five six seven", {"one two three four five six"}}}, 0, 0},
        {{{"one two three", {"one two three"}}}, 0, 0},
        {{{"The cat sat on The Mat today", {"the cat sat on the mat today"}},
          {"a Small Dog ran away from us", {"A small dog ran away from Us all"}}},
         0,
         93.106278},
        {{{"", {"one two three four five"}},
          {"six seven eight nine ten", {"six seven eight nine ten"}}},
         36.787944,
         36.787944},
        {{{"a b c d e", {"a b c d x"}}, {"f g h i j", {"e f g h i"}}}, 66.874030, 66.874030}};
}

CHECK("20.3", "BLEU is that of sacreBLEU") {
    for (const auto& [corpus, kept, folded] : known_numbers()) {
        expect_near(100 * std::get<0>(ASK_UNRECORDED(bleu_of, corpus, false)), kept, 2e-4);
        expect_near(100 * std::get<0>(ASK_UNRECORDED(bleu_of, corpus, true)), folded, 2e-4);
    }
}

CHECK("20.3", "any corpus, of one sentence or many") {
    for (int sentences : {1, 2, 7, 20}) {
        Sentences corpus;
        for (int i = 0; i < sentences; ++i) {
            const std::string candidate = random_text(4 + random_numbers().below(9), 3);
            Texts references;
            for (int k = 0; k < 1 + i % 3; ++k)
                references.push_back(random_text(1 + random_numbers().below(14), 3));
            corpus.emplace_back(candidate, references);
        }
        ASK(bleu_of, corpus, false);
    }
}

// ## 20.4 Batches by length

using Pairs = std::vector<std::pair<int, int>>;  // a source's length and a target's

static std::vector<Lengths> lengths_from(const Pairs& pairs) {
    std::vector<Lengths> lengths;
    for (const auto& [source, target] : pairs) lengths.push_back({source, target});
    return lengths;
}

int padded_in(const Pairs& lengths, const List& batch) {
    return padded_tokens(lengths_from(lengths), batch);
}
CALLED(padded_in, "padded_tokens");

// The batches of so many epochs, one after the other from the same random numbers.
std::vector<std::vector<List>> epochs_of(const Pairs& lengths, int limit, int epochs, int seed) {
    Random random(seed);
    std::vector<std::vector<List>> all;
    for (int i = 0; i < epochs; ++i)
        all.push_back(batches_by_length(lengths_from(lengths), limit, random));
    return all;
}
CALLED(epochs_of, "batches_by_length");
PARTS(epochs_of, "epoch #1");

CHECK("20.4", "sources of 3 and 5, targets of 4 and 2: 2 (5 + 4) tokens") {
    const Pairs lengths = {{3, 4}, {9, 9}, {5, 2}};
    expect(ASK(padded_in, lengths, List{0, 2}) == 18, "it is 18");
    expect(ASK(padded_in, lengths, List{1}) == 18, "one alone has no padding");
    expect(ASK(padded_in, lengths, List{}) == 0, "an empty batch has no tokens");
    ASK(padded_in, lengths, List{2, 1, 0});
    ASK(padded_in, Pairs{{1, 1}, {7, 1}, {1, 9}}, List{0, 1, 2, 1});
}

// The lengths of the examples of each batch, sorted, for all batches, sorted.
static std::vector<Pairs> lengths_in(const std::vector<List>& batches, const Pairs& lengths) {
    std::vector<Pairs> all;
    for (const List& batch : batches) {
        Pairs here;
        for (int i : batch) here.push_back(lengths.at(i));
        std::sort(here.begin(), here.end());
        all.push_back(here);
    }
    std::sort(all.begin(), all.end());
    return all;
}

static std::vector<Pairs> exact_cut(Pairs sorted, int limit) {
    std::sort(sorted.begin(), sorted.end());
    std::vector<Pairs> all;
    int target = 0;
    for (const auto& each : sorted) {
        target = std::max(target, each.second);
        const int count = all.empty() ? 0 : size_of(all.back());
        if (count == 0 || (count + 1) * (each.first + target) > limit) {
            all.emplace_back();
            target = each.second;
        }
        all.back().push_back(each);
    }
    std::sort(all.begin(), all.end());
    return all;
}

static Pairs random_lengths(int count, int longest) {
    Pairs lengths;
    for (int i = 0; i < count; ++i) {
        const int source = 1 + random_numbers().below(longest);
        lengths.emplace_back(source, 1 + random_numbers().below(longest));
    }
    return lengths;
}

static void expect_each_once(const std::vector<List>& batches, int count) {
    List times(count);
    for (const List& batch : batches)
        for (int i : batch) {
            expect(i >= 0 && i < count, "there is no example " + std::to_string(i));
            if (i >= 0 && i < count) ++times[i];
        }
    for (int i = 0; i < count; ++i)
        expect(times[i] == 1,
               "example " + std::to_string(i) + " comes " + std::to_string(times[i]) + " times");
}

CHECK("20.4", "each example comes once in an epoch, and no batch is empty") {
    for (int count : {1, 2, 10, 57}) {
        const Pairs lengths = random_lengths(count, 9);
        for (const auto& batches : ASK_UNRECORDED(epochs_of, lengths, 40, 2, 1)) {
            expect_each_once(batches, count);
            for (const List& batch : batches) expect(!batch.empty(), "a batch is empty");
        }
    }
}

CHECK("20.4",
      "no batch of several has more padded tokens than the limit; a long one stands alone") {
    const Pairs lengths = random_lengths(60, 12);
    for (int limit : {1, 20, 37, 100}) {
        const auto epochs = ASK_UNRECORDED(epochs_of, lengths, limit, 1, 7);
        for (const List& batch : epochs.at(0)) {
            int source = 0, target = 0;
            for (int i : batch) {
                source = std::max(source, lengths.at(i).first);
                target = std::max(target, lengths.at(i).second);
            }
            expect(size_of(batch) == 1 || size_of(batch) * (source + target) <= limit,
                   "a batch has more than " + std::to_string(limit) + " tokens with its padding");
        }
    }
}

CHECK("20.4", "like stands with like, and each batch is as full as it can be") {
    for (int limit : {12, 40, 90})
        for (int count : {7, 40, 80}) {
            const Pairs lengths = random_lengths(count, 8);
            const auto epochs = ASK_UNRECORDED(epochs_of, lengths, limit, 1, 3);
            expect(lengths_in(epochs.at(0), lengths) == exact_cut(lengths, limit),
                   "sorted by source and target, and filled up to the limit, the batches have "
                   "examples of other lengths");
        }
}

CHECK("20.4", "a batch is as full as the limit allows, to the last token") {
    const Pairs lengths = {{2, 3}, {2, 3}, {2, 3}, {2, 3}, {2, 3}, {2, 3}};
    for (const auto& [limit, batches] : {std::pair(15, 2), {14, 3}, {30, 1}, {29, 2}, {5, 6}})
        expect(size_of(ASK_UNRECORDED(epochs_of, lengths, limit, 1, 1).at(0)) == batches,
               "six examples of 5 tokens with a limit of " + std::to_string(limit) + " make " +
                   std::to_string(batches) + " batches");
}

CHECK("20.4", "the batches come in random order, short ones no earlier than long ones") {
    Pairs lengths;
    for (int i = 0; i < 12; ++i) lengths.emplace_back(i + 1, 1);
    std::vector<List> times(12, List(12));  // that an example stood at a place
    int neighbours = 0;
    for (int seed = 1; seed <= 60; ++seed) {
        const auto epochs = ASK_UNRECORDED(epochs_of, lengths, 1, 1, seed);
        const auto& batches = epochs.at(0);
        expect(batches.size() == 12, "twelve long examples stand alone");
        for (int k = 0; k < size_of(batches); ++k)
            ++times.at(batches[k].at(0)).at(k);
        for (int k = 1; k < size_of(batches); ++k)
            neighbours += std::abs(batches[k].at(0) - batches[k - 1].at(0)) == 1;
    }
    for (int i = 0; i < 12; ++i) {
        const auto never = std::count(times[i].begin(), times[i].end(), 0);
        expect(never <= 4, "in 60 epochs, the batch of length " + std::to_string(i + 1) +
                               " stood at only " + std::to_string(12 - never) + " of 12 places");
    }
    expect(neighbours < 220, "of 660 batches with one in front, " + std::to_string(neighbours) +
                                 " stand beside the next shorter or longer one");
}

CHECK("20.4", "examples of one length meet others in each epoch") {
    const Pairs lengths(24, {3, 3});
    std::set<int> met;
    const auto epochs = ASK_UNRECORDED(epochs_of, lengths, 18, 40, 5);
    for (const auto& batches : epochs)
        for (const List& batch : batches)
            if (std::count(batch.begin(), batch.end(), 0) > 0)
                met.insert(batch.begin(), batch.end());
    expect(met.size() >= 18,
           "in 40 epochs, example 0 met only " + std::to_string(met.size() - 1) + " of 23 others");
}

CHECK("20.4",
      "all randomness is that of `random`: the same seed, the same batches; and it goes on") {
    const Pairs lengths = random_lengths(50, 6);
    const auto one = ASK_UNRECORDED(epochs_of, lengths, 30, 3, 11),
               two = ASK_UNRECORDED(epochs_of, lengths, 30, 3, 11),
               other = ASK_UNRECORDED(epochs_of, lengths, 30, 3, 12);
    expect(one == two, "the same seed gave other batches");
    expect(one.at(0) != one.at(1) && one.at(1) != one.at(2), "two epochs are the same");
    expect(one.at(0) != other.at(0), "another seed gave the same batches");
}

CHECK("20.4", "no examples, no batches; a limit below 1 is refused") {
    expect(ASK_UNRECORDED(epochs_of, Pairs{}, 10, 1, 1).at(0).empty(), "there is nothing to cut");
    ASK_REFUSAL(epochs_of, Pairs{{1, 1}}, 0, 1, 1);
    ASK_REFUSAL(epochs_of, Pairs{{1, 1}}, -5, 1, 1);
}

// ## 20.5 Beam against greedy, in languages that are written down as tables

RESTS_ON("20.5", "17.2");

// A square table forgets: row w holds the probabilities of what follows the token w. One with more
// rows remembers: its row is the sum of all tokens so far. It keeps what it was asked.
struct Language {
    Tensor table;
    mutable Sequences asked;
    mutable int calls = 0;

    NextToken next() const {
        return [this](const Sequences& beginnings) {
            ++calls;
            const int V = table.shape[1];
            Tensor log_p({size_of(beginnings), V});
            for (int i = 0; i < size_of(beginnings); ++i) {
                const Sequence& b = beginnings[i];
                if (b.empty()) throw std::runtime_error("asked how an empty beginning goes on");
                asked.push_back(b);
                const int all = std::accumulate(b.begin(), b.end(), 0);
                const int row = table.shape[0] == V ? b.back() : all % table.shape[0];
                for (int w = 0; w < V; ++w) log_p(i, w) = std::log(table(row, w));
            }
            return log_p;
        };
    }
};

double log_p_in(const Tensor& table, int begin, const Sequence& output) {
    const Language language{table, {}, 0};
    return log_probability(language.next(), begin, output);
}
CALLED(log_p_in, "log_probability");

std::pair<int, Sequences> asked_in(const Tensor& table, int begin, const Sequence& output) {
    const Language language{table, {}, 0};
    log_probability(language.next(), begin, output);
    return {language.calls, language.asked};
}
CALLED(asked_in, "what log_probability asks");
PARTS(asked_in, "the number of questions", "beginning ##1");

Sequence best_in(const Tensor& table, const List& begin_end_longest_width, double alpha) {
    const Language language{table, {}, 0};
    const List& n = begin_end_longest_width;
    return best_output(language.next(), n.at(0), n.at(1), n.at(2), n.at(3), alpha);
}
CALLED(best_in, "best_output");

std::string blamed_in(const Tensor& table, const List& begin_end, const Sequence& found,
                      const Sequence& reference, double alpha) {
    const Language language{table, {}, 0};
    switch (blame(language.next(), begin_end.at(0), begin_end.at(1), found, reference, alpha)) {
    case Blame::nobody: return "nobody";
    case Blame::search: return "search";
    default: return "model";
    }
}
CALLED(blamed_in, "blame");

// begin, end, A, B of chapter 17: A is likelier at first, B is the better beginning.
static Tensor garden_path() {
    return matrix({{0, 0, 0.6f, 0.4f}, {0, 1, 0, 0}, {0, 0.3f, 0.36f, 0.34f}, {0, 0.9f, 0, 0.1f}});
}

static Tensor random_language(int V, int rows) {
    Tensor table({rows, V});
    for (float& p : table.data) p = 0.05f + 0.9f * random_numbers().uniform();
    return table;
}

static double exact_log_p(const Tensor& table, int begin, const Sequence& output) {
    double log_p = 0;
    int all = begin, last = begin;
    const int V = table.shape[1];
    for (int w : output) {
        const int row = table.shape[0] == V ? last : all % table.shape[0];
        log_p += static_cast<float>(std::log(table.data[row * V + w]));
        all += w;
        last = w;
    }
    return log_p;
}

CHECK("20.5", "A 0.6 then the end 0.3: log p is that of their product, 0.18") {
    expect_near(ASK(log_p_in, garden_path(), 0, Sequence{2, 1}), std::log(0.18), 1e-5);
    expect_near(ASK(log_p_in, garden_path(), 0, Sequence{3, 1}), std::log(0.36), 1e-5);
    expect_near(ASK(log_p_in, garden_path(), 0, Sequence{2}), std::log(0.6), 1e-5);
    expect_near(ASK(log_p_in, garden_path(), 0, Sequence{}), 0, 1e-12);
}

CHECK("20.5", "each token is asked for once, behind the right beginning, the begin mark in front") {
    const auto [calls, asked] = ASK(asked_in, random_language(5, 11), 3, Sequence{4, 2, 2, 1});
    expect(calls == 4, "four tokens, four questions");
    expect(asked == Sequences{{3}, {3, 4}, {3, 4, 2}, {3, 4, 2, 2}}, "they are other beginnings");
}

CHECK("20.5", "log p is a sum in double, however improbable what is said becomes") {
    const Tensor table = matrix({{0.1f, 0.1f, 1e-30f}, {1, 0, 0}, {0.005f, 0.005f, 0.99f}});
    const Sequence output(200, 2);
    const double exact = exact_log_p(table, 0, output);
    expect_near(ASK_UNRECORDED(log_p_in, table, 0, output), exact, 1e-6);
    const Tensor rare = matrix({{0.001f, 0.999f}, {0.5f, 0.5f}});
    const Sequence zeros(200, 0);
    expect_near(ASK_UNRECORDED(log_p_in, rare, 0, zeros), exact_log_p(rare, 0, zeros), 1e-6);
}

CHECK("20.5", "what cannot come has a log p of −∞, whatever else is said") {
    for (const Sequence& output : {Sequence{0}, Sequence{2, 0, 3}, Sequence{2, 1, 0}})
        expect(ASK(log_p_in, garden_path(), 0, output) == -INFINITY, "the begin mark never comes");
}

CHECK("20.5", "any sentence in any language") {
    for (int length : {1, 2, 7, 60}) {
        const Tensor table = random_language(6, 37);
        Sequence output;
        for (int i = 0; i < length; ++i) output.push_back(random_numbers().below(6));
        const double exact = exact_log_p(table, 4, output);
        expect_near(ASK_UNRECORDED(log_p_in, table, 4, output), exact, 1e-5);
    }
}

CHECK("20.5", "the best sentence has no end mark: greedy search finds A, a beam of 2 finds B") {
    expect(ASK(best_in, garden_path(), List{0, 1, 5, 2}, 0.0) == Sequence{3}, "the best is B");
    const Sequence greedy = ASK(best_in, garden_path(), List{0, 1, 5, 1}, 0.0);
    expect(!greedy.empty() && greedy[0] == 2, "greedy search begins with A");
}

CHECK("20.5", "what has not ended is said to its last token") {
    const Tensor never = matrix({{0.1f, 0.01f, 0.89f}, {0.4f, 0.3f, 0.3f}, {0.8f, 0.05f, 0.15f}});
    expect(ASK(best_in, never, List{0, 1, 4, 2}, 0.0).size() == 4, "four tokens at most are said");
    expect(ASK(best_in, never, List{0, 1, 0, 2}, 0.0).empty(), "with no tokens at most, none is");
    ASK(best_in, never, List{2, 1, 3, 1}, 0.6);
}

CHECK("20.5", "any language, any marks, widths and α") {
    for (int width : {1, 2, 5})
        for (double alpha : {0.0, 0.6, 1.5}) {
            const Tensor table = random_language(5, 53);
            ASK(best_in, table, List{4, 2, 6, width}, alpha);
        }
}

CHECK("20.5", "what is the reference is nobody's fault") {
    expect(ASK(blamed_in, garden_path(), List{0, 1}, Sequence{2}, Sequence{2}, 0.0) == "nobody",
           "there is nothing wrong with it");
    ASK(blamed_in, garden_path(), List{0, 1}, Sequence{}, Sequence{}, 0.0);
}

CHECK("20.5", "B is likelier than A: who finds A and should find B has searched badly") {
    expect(ASK(blamed_in, garden_path(), List{0, 1}, Sequence{2}, Sequence{3}, 0.0) == "search",
           "the search is to blame");
    expect(ASK(blamed_in, garden_path(), List{0, 1}, Sequence{3}, Sequence{2}, 0.0) == "model",
           "the model is to blame");
}

CHECK("20.5", "each of the two is what it is to its last digit, and in its order") {
    const List marks = {0, 1};
    const Tensor table = matrix({{0.1f, 0.1f, 0.3f, 0.3000002f},
                                 {0.2f, 0.4f, 0.2f, 0.2f},
                                 {0.2f, 0.4f, 0.05f, 0.35f},
                                 {0.2f, 0.4f, 0.05f, 0.35f}});
    const Sequence rest(200, 2);
    const Sequence A = joined({2}, rest), B = joined({3}, rest);
    expect(ASK(blamed_in, table, marks, A, B, 0.6) == "search", "B is a little likelier");
    expect(ASK(blamed_in, table, marks, B, A, 0.6) == "model", "B is a little likelier");
    expect(ASK(blamed_in, table, marks, Sequence{2, 3}, Sequence{3, 2}, 0.0) == "model",
           "the same words in another order are another sentence");
}

CHECK("20.5", "of two that are equal, the search found one: the model is to blame") {
    const Tensor even = matrix({{0.2f, 0.2f, 0.3f, 0.3f},
                                {0.2f, 0.4f, 0.2f, 0.2f},
                                {0.2f, 0.4f, 0.2f, 0.2f},
                                {0.2f, 0.4f, 0.2f, 0.2f}});
    expect(ASK(blamed_in, even, List{0, 1}, Sequence{2}, Sequence{3}, 0.6) == "model",
           "neither is ranked above the other");
}

CHECK("20.5", "they are ranked by the score, with their end: α decides between short and long") {
    const Tensor table = matrix({{0.1f, 0.4f, 0.5f}, {0.1f, 0.8f, 0.1f}, {0.1f, 0.5f, 0.4f}});
    const Sequence nothing = {}, long_one = {2, 2};
    expect(ASK(blamed_in, table, List{0, 1}, nothing, long_one, 0.0) == "model",
           "by probability, nothing is better than 2 2");
    expect(ASK(blamed_in, table, List{0, 1}, nothing, long_one, 9.0) == "search",
           "with α = 9, 2 2 is better than nothing");
    for (double alpha : {0.5, 1.0, 2.0, 3.0, 4.0, 5.0})
        ASK(blamed_in, table, List{0, 1}, nothing, long_one, alpha);
}

CHECK("20.5", "any language, any two sentences, any α") {
    for (int round = 0; round < 60; ++round) {
        const int begin = random_numbers().below(5), end = random_numbers().below(5);
        const double alpha = 0.5 * random_numbers().below(5);
        const Tensor table = random_language(5, 41);
        Sequence texts[2];
        for (Sequence& text : texts)
            for (int i = random_numbers().below(5); i > 0; --i)
                text.push_back((end + 1 + random_numbers().below(4)) % 5);
        double score[2];
        for (int k : {0, 1}) {
            const Sequence output = joined(texts[k], {end});
            score[k] =
                exact_log_p(table, begin, output) / std::pow((5.0 + output.size()) / 6, alpha);
        }
        if (std::fabs(score[0] - score[1]) < 1e-4 && texts[0] != texts[1]) continue;
        const std::string wanted = texts[0] == texts[1]  ? "nobody"
                                   : score[1] > score[0] ? "search"
                                                         : "model";
        expect(
            ASK_UNRECORDED(blamed_in, table, List{begin, end}, texts[0], texts[1], alpha) == wanted,
            "to blame is " + wanted);
    }
}

// ## 20.6 Summaries

RESTS_ON("20.6", "20.2");

double rouge_1_of(const std::string& summary, const std::string& reference) {
    return rouge_1(words_of(summary), words_of(reference));
}
CALLED(rouge_1_of, "rouge_1");

double rouge_l_of(const std::string& summary, const std::string& reference) {
    return rouge_l(words_of(summary), words_of(reference));
}
CALLED(rouge_l_of, "rouge_l");

// What without_repeats makes of these logarithms of probabilities.
Tensor cured(const Tensor& log_p, const Sequences& beginnings, int n) {
    return without_repeats([&](const Sequences&) { return log_p; }, n)(beginnings);
}
CALLED(cured, "what without_repeats makes of log p");

// What the function inside is asked, and how often.
std::pair<int, Sequences> asked_inside(const Sequences& beginnings, int n) {
    int calls = 0;
    Sequences asked;
    NextToken careful;
    {
        const NextToken next = [&](const Sequences& b) {
            ++calls;
            asked = b;
            return Tensor({size_of(b), 9});
        };
        careful = without_repeats(next, n);
    }
    careful(beginnings);
    return {calls, asked};
}
CALLED(asked_inside, "what is asked inside without_repeats");
PARTS(asked_inside, "the number of questions", "beginning ##1");

CHECK("20.6", "\"the cat sat\" of \"the black cat has sat\": P = 3/3, R = 3/5, F = 3/4") {
    expect_near(ASK(rouge_1_of, "the cat sat", "the black cat has sat"), 0.75, 1e-6);
    expect_near(ASK(rouge_l_of, "the cat sat", "the black cat has sat"), 0.75, 1e-6);
    expect_near(ASK(rouge_1_of, "the black cat has sat", "the cat sat"), 0.75, 1e-6);
}

CHECK("20.6", "in another order, ROUGE-1 is the same, and ROUGE-L is not") {
    expect_near(ASK(rouge_1_of, "sat the cat", "the black cat has sat"), 0.75, 1e-6);
    expect_near(ASK(rouge_l_of, "sat the cat", "the black cat has sat"), 0.5, 1e-6);
    expect_near(ASK(rouge_l_of, "c b a", "a b c"), 1.0 / 3, 1e-6);
}

CHECK("20.6", "words are clipped: \"the the the\" of \"the cat\" shares one") {
    expect_near(ASK(rouge_1_of, "the the the", "the cat"), 0.4, 1e-6);
    expect_near(ASK(rouge_l_of, "the the the", "the cat"), 0.4, 1e-6);
    ASK(rouge_1_of, "a b a b", "b a a a a c");
    ASK(rouge_l_of, "a b a b", "b a a a a c");
}

CHECK("20.6", "\"a\" is the first and the last word of \"a b a\", and stands in both once") {
    expect_near(ASK(rouge_l_of, "a", "a b a"), 0.5, 1e-6);
    expect_near(ASK(rouge_l_of, "a b a", "a b c b a"), 0.75, 1e-6);
    ASK(rouge_l_of, "a b a b a", "a b a");
}

CHECK("20.6", "nothing shared is 0, and so is nothing said, or nothing to be said") {
    const std::vector<std::pair<std::string, std::string>> pairs = {
        {"a b", "c d"}, {"", "c d"}, {"a b", ""}, {"", ""}};
    for (const auto& [summary, reference] : pairs) {
        expect_near(ASK(rouge_1_of, summary, reference), 0, 1e-12);
        expect_near(ASK(rouge_l_of, summary, reference), 0, 1e-12);
    }
}

static double exact_f(int shared, const Words& a, const Words& b) {
    return shared == 0 ? 0 : 2.0 * shared / (a.size() + b.size());
}

// By the table of all beginnings, from the ends.
static int exact_subsequence(const Words& a, const Words& b) {
    std::vector<List> longest(a.size() + 1, List(b.size() + 1));
    for (int i = size_of(a) - 1; i >= 0; --i)
        for (int j = size_of(b) - 1; j >= 0; --j)
            longest[i][j] = a[i] == b[j] ? longest[i + 1][j + 1] + 1
                                         : std::max(longest[i + 1][j], longest[i][j + 1]);
    return longest[0][0];
}

CHECK("20.6", "any two texts, of one word or many") {
    for (int words : {1, 2, 5, 9, 20})
        for (int kinds : {2, 5}) {
            const std::string a = random_text(words, kinds),
                              b = random_text(1 + random_numbers().below(12), kinds);
            const Words s = words_of(a), r = words_of(b);
            expect_near(ASK_UNRECORDED(rouge_1_of, a, b),
                        exact_f(exact_matches(s, {r}, 1).first, s, r), 1e-6);
            expect_near(ASK_UNRECORDED(rouge_l_of, a, b), exact_f(exact_subsequence(s, r), s, r),
                        1e-6);
        }
}

CHECK("20.6", "texts of two hundred words, and the last of them counts") {
    const std::string a = random_text(190, 7), b = random_text(210, 7);
    const Words s = words_of(a), r = words_of(b);
    expect_near(ASK_UNRECORDED(rouge_1_of, a, b), exact_f(exact_matches(s, {r}, 1).first, s, r),
                1e-6);
    expect_near(ASK_UNRECORDED(rouge_l_of, a, b), exact_f(exact_subsequence(s, r), s, r), 1e-6);
}

static const Tensor five_log_p = matrix({{-1, -2, -3, -4, -5}});

CHECK("20.6", "behind 3 4 2 3, with n = 2, only 4 is forbidden: 3 4 was said") {
    const Tensor log_p = ASK(cured, five_log_p, Sequences{{3, 4, 2, 3}}, 2);
    expect_near(log_p, matrix({{-1, -2, -3, -4, -INFINITY}}), 0);
}

CHECK("20.6", "with n = 3 the last two must fit, in their order") {
    const Tensor log_p = ASK(cured, five_log_p, Sequences{{1, 2, 4, 2, 1, 3, 1, 2}}, 3);
    expect_near(log_p, matrix({{-1, -2, -3, -4, -INFINITY}}), 0);
    ASK(cured, five_log_p, Sequences{{2, 1, 3, 1, 2}}, 3);
    ASK(cured, five_log_p, Sequences{{2, 1, 3, 2, 1, 4, 2, 1}}, 3);
}

CHECK("20.6", "with n = 1 no token comes twice; a beginning that is too short forbids nothing") {
    const Tensor once = ASK(cured, five_log_p, Sequences{{0, 3, 3}}, 1);
    expect_near(once, matrix({{-INFINITY, -2, -3, -INFINITY, -5}}), 0);
    for (int n : {2, 3, 4, 50})
        expect_near(ASK(cured, five_log_p, Sequences{{2}}, n), five_log_p, 0);
    expect_near(ASK(cured, five_log_p, Sequences{{2, 3}}, 3), five_log_p, 0);
    expect_near(ASK(cured, five_log_p, Sequences{{2, 2}}, 2), matrix({{-1, -2, -INFINITY, -4, -5}}),
                0);
}

CHECK("20.6", "of several beginnings, each has its own") {
    const Tensor log_p = random_tensor({3, 6});
    const Sequences three = {{0, 1, 2, 1}, {0, 2, 2, 2}, {0, 5, 4, 0}};
    for (int n : {1, 2, 3}) ASK(cured, log_p, three, n);
    ASK(cured, Tensor({0, 6}), Sequences{}, 2);
}

CHECK("20.6", "the function inside is asked once, for the same beginnings; n is 1 or more") {
    const Sequences two = {{0, 1, 2, 1}, {0, 2, 2, 2}};
    const auto [calls, asked] = ASK(asked_inside, two, 2);
    expect(calls == 1, "one question, one answer");
    expect(asked == two, "it is asked for other beginnings");
    ASK_REFUSAL(cured, five_log_p, two, 0);
}

CHECK("20.6", "any beginnings and any n") {
    for (int n : {1, 2, 3, 4})
        for (int length : {1, 2, 5, 12, 30}) {
            const Tensor log_p = random_tensor({2, 3});
            Sequences beginnings(2);
            for (Sequence& b : beginnings)
                for (int i = 0; i < length; ++i) b.push_back(random_numbers().below(3));
            Tensor wanted = log_p;
            for (int i : {0, 1})
                for (int w = 0; w < 3; ++w) {
                    Sequence longer = beginnings[i];
                    longer.push_back(w);
                    bool seen = false;
                    for (int at = 0; at + n < size_of(longer); ++at)
                        seen =
                            seen || std::equal(longer.end() - n, longer.end(), longer.begin() + at);
                    if (seen && size_of(longer) > n) wanted.data[i * 3 + w] = -INFINITY;
                }
            expect_near(ASK_UNRECORDED(cured, log_p, beginnings, n), wanted, 0);
        }
}

}  // namespace checks_20
