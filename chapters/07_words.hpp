// Chapter 7, Words as vectors. The prose, the reasons and the exercises are in 07_words.cpp.
#pragma once

#include "04_neural_networks.hpp"
#include "kit/tokens.hpp"

#include <string>
#include <vector>

// Letters: V words in a vocabulary, its marks counted; D numbers in a word's vector; B texts; N
// rows; C classes. Every function throws std::invalid_argument, with its name and what it got, when
// shapes or numbers do not fit.

// ## By hand: how many entries a vocabulary has, and the ids of six words, [7].
Tensor ids_by_hand();

// ## From a text to ids

using Words = std::vector<std::string>;

// The words of a text, in lower case. A word is a run of letters and digits, and of single
// apostrophes between them, as in "don't"; a byte that is not ASCII counts as a letter and stays as
// it is. White space (`std::isspace`) separates; any other character is a word of its own.
Words words_in(const std::string& text);

// The marks padding and unknown, with the ids 0 and 1, and then the `most` most frequent words of
// the texts, or all when there are fewer. The more frequent has the lower id; of equally frequent
// words, the one that comes first by the < of std::string. Throws when `most` is below 0.
Vocabulary vocabulary_of(const std::vector<std::string>& texts, int most);

// A word that is not in the vocabulary has the id of the unknown mark.
Sequence ids_of(const std::string& text, const Vocabulary& vocabulary);

// The words with a blank between them. Padding is left out; the unknown mark is "<unknown>". Throws
// for an id that is not in the vocabulary.
std::string text_of(const Sequence& ids, const Vocabulary& vocabulary);

// The smallest length at which at least this share of the texts is not cut. Throws when there are
// no lengths, and unless 0 < share ≤ 1.
int length_for(const std::vector<int>& lengths, double share);

// The first `length` ids, with padding behind them where there are fewer. Throws when `length` is
// below 0.
Sequence cut_or_filled(const Sequence& ids, int length, int padding);

// ## A bag of words

// For each text the mean of the rows of its words in a table [V, D] → [B, D]. Padding is no word,
// wherever it stands; without a word the mean is zeros. Throws for an id that is none of the
// table's rows.
Variable average_of_words(const Variable& table, const Sequences& texts, int padding);

// The average of a text's words goes through a linear layer and becomes logits [B, C]. Padding has
// the id 0, as vocabulary_of makes it.
struct BagOfWords {
    Variable table;  // [V, D]
    Linear answer;   // [D, C]

    BagOfWords(int V, int D, int C, Random& random)
        : table(parameter(normal_weights({V, D}, 0.1f, random), "E")), answer(D, C, random) {}
    Variable operator()(const Sequences& texts) const {
        return answer(average_of_words(table, texts, 0));
    }
    Parameters parameters() const { return {table, answer.W, answer.b}; }
};

// ## Vectors from neighbours: Mikolov, Sutskever, Chen, Corrado and Dean, "Distributed
// representations of words and phrases and their compositionality" (2013): skip-gram with negative
// sampling.

// The probability that noise is one of the words 0 to w, for each w [V]. That of a word alone is in
// proportion to its count to the power of ¾. Throws when a count is below 0, or none is above it.
std::vector<double> noise_up_to(const std::vector<int>& counts);

// `count` words of noise, drawn by these probabilities; none of them is `not_this`. Each is found
// by one random.uniform(): it is the first word whose entry in `up_to` lies above that number. When
// it is `not_this`, it is drawn again. Throws unless another word can be drawn.
Sequence draw_noise(const std::vector<double>& up_to, int count, int not_this, Random& random);

// One step down the gradient of (7.3) for the row `word` of `words`, and for the rows of `contexts`
// that are listed: others[0] stands near the word in a text, and the rest is noise. Each number
// moves by its slope times `rate`, downwards. A row may be listed several times. All gradients are
// those of the numbers before the step. Returns the loss before the step. Throws for ids that are
// no rows, and without others.
double skip_gram_step(Tensor& words, Tensor& contexts,  // two tables, [N, D] and [V, D]
                      int word, const Sequence& others, float rate);

// ## Near and far

// Each row divided by its length, [N, D]; a row of zeros stays as it is.
Tensor unit_rows(const Tensor& rows);

// The `count` rows of a table [V, D] whose cosines with the direction [D] are largest, or fewer if
// there are not so many: their numbers, the largest first, and of equals the lower number first.
// Those of `without` are left out. A row of zeros has the cosine 0 with everything. Throws when
// `count` is below 0, as the next two do.
Sequence nearest(const Tensor& table, const Tensor& direction, int count, const Sequence& without);

// The words nearest to a word, without itself; and those nearest to a − b + c, each of the three
// taken at length 1, without the three.
Sequence neighbours(const Tensor& table, int word, int count);
Sequence analogy(const Tensor& table, int a, int b, int c, int count);

// ## A map

// The directions along which the rows [N, D] differ most from their mean, [count, D]: each of
// length 1, each at a right angle to those before it. Its largest number, whatever its sign, is
// made positive. Where the rows differ in fewer directions than that, the others are left open.
// Throws unless 1 ≤ count ≤ D, and when there are no rows.
Tensor principal_components(const Tensor& rows, int count);

// Where each row stands along each direction, as seen from the mean of all rows: [N, count].
Tensor places_along(const Tensor& rows, const Tensor& directions);
