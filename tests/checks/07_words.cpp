#include "07_words.hpp"

#include "grader/check.hpp"
#include "grader/variations.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace checks_07 {

using Tensors = std::vector<Tensor>;
using Texts = std::vector<std::string>;

// ## 7.1 By hand

Tensor written_down(int) { return ids_by_hand(); }
CALLED(written_down, "ids_by_hand()");

// Some numbers of the row of seven.
static void expect_written(const std::vector<int>& places, float expected,
                           const std::string& otherwise) {
    const Tensor yours = ASK_UNRECORDED(written_down, 0);
    expect(yours.shape == Shape{7}, "seven numbers are asked for, in a row");
    for (int place : places)
        expect(yours.data[place] == expected,
               "number " + std::to_string(place + 1) + " is " +
                   std::to_string(static_cast<int>(yours.data[place])) + ": " + otherwise);
}

CHECK("7.1", "the vocabulary has an entry for each word, once, and two for the marks") {
    expect_written({0}, 9, "the words are the . cat on sat dog mat");
}

CHECK("7.1", "the most frequent word has the lowest id behind the marks") {
    expect_written({1}, 2, "`the` occurs four times, also as `The`");
}

CHECK("7.1", "what is not in the vocabulary is unknown, and that has the id 1") {
    expect_written({3, 4}, 1, "neither `saw` nor `a` is in the text that we have");
}

CHECK("7.1", "of words that occur twice, the full stop comes first, then cat") {
    expect_written({5}, 4, "the words that occur twice are . cat on sat");
    expect_written({6}, 3, "the words that occur twice are . cat on sat");
}

CHECK("7.1", "behind them come the words that occur once") {
    expect_written({2}, 7, "seven entries stand in front of `dog`");
}

// ## 7.2 A vocabulary

PARTS(words_in, "word #1");

CHECK("7.2", "blanks separate, punctuation is a word of its own, and all is in lower case") {
    expect(ASK(words_in, "The cat, 3 Dogs.") == Words{"the", "cat", ",", "3", "dogs", "."},
           "the words are: the cat , 3 dogs .");
}

CHECK("7.2", "an apostrophe between letters belongs to the word, others stand alone") {
    expect(ASK(words_in, "Don't 'quote' it's") == Words{"don't", "'", "quote", "'", "it's"},
           "the words are: don't ' quote ' it's");
    ASK(words_in, "rock''n' 'a'b'c 5'6");
    ASK(words_in, "'");
}

CHECK("7.2", "runs of blanks, tabs and line ends make no words; every sign counts") {
    expect(ASK(words_in, " \t two \n\r lines\n") == Words{"two", "lines"}, "there are two words");
    expect(ASK(words_in, "").empty(), "an empty text has no words");
    expect(ASK(words_in, "a--b...") == Words{"a", "-", "-", "b", ".", ".", "."},
           "each - and each . is a word");
}

CHECK("7.2", "bytes beyond ASCII are letters that stay as they are") {
    ASK(words_in, "Caf\xC3\xA9 \xC3\x9Cn\xC3\x87't, na\xC3\xAFve");
    ASK(words_in, "voil\xC3\xA0 don\xE2\x80\x99t l'\xC3\xA9t\xC3\xA9");
}

CHECK("7.2", "any text") {
    const std::string pieces[] = {"a", "B", "z9", "'", "'", ".", " ", "\t", "-", "\xC3\xA9", "Q"};
    for (int call = 0; call < 6; ++call) {
        std::string text;
        for (int left = random_numbers().below(24); left > 0; --left)
            text += pieces[random_numbers().below(11)];
        ASK(words_in, text);
    }
}

// The names of the ids 0, 1, … of a vocabulary.
Words named(const Texts& texts, int most) {
    const Vocabulary vocabulary = vocabulary_of(texts, most);
    Words names;
    for (int id = 0; id < vocabulary.size(); ++id) names.push_back(vocabulary.name(id));
    return names;
}
CALLED(named, "the names in vocabulary_of(texts, most)");
PARTS(named, "the name of the id #0");

CHECK("7.2", "two marks, then the words: the more frequent has the lower id") {
    expect(
        ASK(named, Texts{"b a c c", "C a."}, 10) == Words{"padding", "unknown", "c", "a", ".", "b"},
        "the names are: padding unknown c a . b");
}

CHECK("7.2", "all texts are counted together, in lower case; equals stand in the order of ASCII") {
    const Texts texts = {"z z y", "Y x y", "10 9 'x"};
    expect(ASK(named, texts, 99) == Words{"padding", "unknown", "y", "x", "z", "'", "10", "9"},
           "the names are: padding unknown y x z ' 10 9");
    ASK(named, Texts{"e e d d c c b b a a", "E"}, 4);
    ASK(named, Texts{"\xC3\xA9 z a"}, 2);
}

CHECK("7.2", "only the most frequent words are kept, and all when there are fewer") {
    const Texts texts = {"a a a b b c"};
    expect(ASK(named, texts, 2) == Words{"padding", "unknown", "a", "b"}, "two words are kept");
    expect(ASK(named, texts, 3).size() == 5, "three words are kept");
    expect(ASK(named, texts, 0) == Words{"padding", "unknown"}, "only the marks are left");
    expect(ASK(named, Texts{}, 5) == Words{"padding", "unknown"},
           "without texts there are no words");
    expect(ASK(named, Texts{"", " "}, 5) == Words{"padding", "unknown"}, "there are no words");
    ASK(named, texts, std::numeric_limits<int>::max());
}

CHECK("7.2", "any texts") {
    const std::string words[] = {"oak", "Oak", "elm", "ash", "fir", ",", "yew", "it's"};
    for (int call = 0; call < 5; ++call) {
        Texts texts(1 + random_numbers().below(3));
        for (std::string& text : texts)
            for (int left = random_numbers().below(15); left > 0; --left)
                text += words[random_numbers().below(8)] + " ";
        ASK(named, texts, 1 + random_numbers().below(7));
    }
}

// From ids to a text and from a text to ids, with marks in an order of the caller's.
static Vocabulary marked(const Words& names, int order) {
    if (order == 0) return Vocabulary({Mark::padding, Mark::unknown}, names);
    return Vocabulary({Mark::unknown, Mark::begin, Mark::padding}, names);
}

std::string written(const Sequence& ids, const Words& names, int order) {
    return text_of(ids, marked(names, order));
}
CALLED(written, "text_of(ids, a vocabulary of names)");

std::pair<Sequence, std::string> there_and_back(const std::string& text, const Words& names) {
    const Vocabulary vocabulary = marked(names, 0);
    const Sequence ids = ids_of(text, vocabulary);
    return {ids, text_of(ids, vocabulary)};
}
PARTS(there_and_back, "the ids", "the text of these ids");

CHECK("7.2", "back to a text: blanks between, padding left out, <unknown> for what is not known") {
    const Words names = {"cat", "sat"};
    expect(ASK(written, Sequence{0, 2, 1, 3, 0, 0}, names, 0) == "cat <unknown> sat",
           "it is: cat <unknown> sat");
    expect(ASK(written, Sequence{}, names, 0).empty(), "of no ids there is no text");
    expect(ASK(written, Sequence{0, 0}, names, 0).empty(), "padding makes no text");
    expect(ASK(written, Sequence{2, 3}, Words{"i", "am"}, 0) == "i am", "it is: i am");
}

CHECK("7.2", "the marks are asked for, wherever they stand; a word may be called like one") {
    ASK(written, Sequence{3, 2, 0, 1, 4, 5}, Words{"unknown", "padding", "end"}, 1);
    ASK(written, Sequence{2, 3, 1, 0, 2}, Words{"padding", "unknown"}, 0);
}

CHECK("7.2", "a text becomes ids and a text again; unknown words keep their place") {
    const auto [ids, text] = ASK(there_and_back, "The Cat SAW the dog.", Words{"the", "dog", "."});
    expect(ids == Sequence{2, 1, 1, 2, 3, 4}, "the ids are 2 1 1 2 3 4");
    expect(text == "the <unknown> <unknown> the dog .", "two words of the text are unknown");
}

CHECK("7.2", "of the lengths 3 1 2 9, half fit into 2, three quarters into 3, all into 9") {
    const std::vector<int> lengths = {3, 1, 2, 9};
    expect_near(ASK(length_for, lengths, 0.5), 2, 0);
    expect_near(ASK(length_for, lengths, 0.75), 3, 0);
    expect_near(ASK(length_for, lengths, 1.0), 9, 0);
    expect_near(ASK(length_for, lengths, 0.625), 3, 0);
    expect_near(ASK(length_for, lengths, 0.0625), 1, 0);
}

CHECK("7.2", "any lengths and shares, equal lengths and a single one among them") {
    for (int call = 0; call < 6; ++call) {
        std::vector<int> lengths(1 + random_numbers().below(9));
        for (int& length : lengths) length = random_numbers().below(6);
        ASK(length_for, lengths, (1 + random_numbers().below(16)) / 16.0);
    }
    std::vector<int> long_ones_first;
    for (int length = 100; length > 0; --length) long_ones_first.push_back(length);
    ASK(length_for, long_ones_first, 0.0625);
    ASK(length_for, std::vector<int>{0, 0}, 0.5);
}

Sequence fitted(const Sequence& ids, int length, int padding) {
    return cut_or_filled(ids, length, padding);
}
CALLED(fitted, "cut_or_filled(ids, length, padding)");

CHECK("7.2", "a long text keeps its beginning, a short one gets padding behind") {
    const Sequence ids = {5, 6, 7};
    expect(ASK(fitted, ids, 2, 0) == Sequence{5, 6}, "the first two are kept");
    expect(ASK(fitted, ids, 5, 9) == Sequence{5, 6, 7, 9, 9}, "two of the padding, 9, are added");
    expect(ASK(fitted, ids, 3, 0) == ids, "what fits stays as it is");
    expect(ASK(fitted, ids, 0, 0).empty(), "of length 0, nothing is left");
    expect(ASK(fitted, Sequence{}, 2, 1) == Sequence{1, 1}, "an empty text is all padding");
    const int length = random_numbers().below(6);
    ASK(fitted, ids, length, random_numbers().below(5));
    ASK(fitted, Sequence{5, 0, 7}, 3, 0);
}

CHECK("7.2", "what does not fit is refused, with what was got") {
    expect_mentions(ASK_REFUSAL(named, Texts{"a"}, -1), {"vocabulary_of", "-1"});
    expect_mentions(ASK_REFUSAL(length_for, std::vector<int>{1}, 1.5), {"length_for", "1.5"});
    ASK_REFUSAL(length_for, std::vector<int>{1}, 0.0);
    ASK_REFUSAL(length_for, std::vector<int>{}, 0.5);
    expect_mentions(ASK_REFUSAL(fitted, Sequence{1}, -2, 0), {"cut_or_filled", "-2"});
}

CHECK("7.2",
      "any other character is a word of its own: a point in a number, _ and -, a byte of 0") {
    expect(ASK(words_in, "3.14 a_b well-known exam-\nple") ==
               Words{"3", ".", "14", "a", "_", "b", "well", "-", "known", "exam", "-", "ple"},
           "the words are: 3 . 14 a _ b well - known exam - ple");
    const Words words = ASK_UNRECORDED(words_in, std::string("a\0b\1c", 5));
    expect(words == Words{"a", std::string(1, '\0'), "b", "\1", "c"},
           "the bytes 0 and 1 are words, as are a, b and c beside them");
}

CHECK("7.2", "an id that the vocabulary does not have is refused, not passed over") {
    ASK_REFUSAL(written, Sequence{999}, Words{"cat", "sat"}, 0);
    ASK_REFUSAL(written, Sequence{2, -1}, Words{"cat", "sat"}, 0);
}

// ## 7.3 A bag of words

RESTS_ON("7.3", "3.3");

// The means, and the gradient of Σ means ∘ dy for the table.
Tensors averaged(const Tensor& table, const Sequences& texts, int padding, const Tensor& dy) {
    const Variable E = parameter(table);
    const Variable x = average_of_words(E, texts, padding);
    backward(sum(x * dy));
    return {x.value(), E.gradient()};
}
CALLED(averaged, "average_of_words(table, texts, padding)");
PARTS(averaged, "the means", "the gradient of the table");

static const Tensor small_table = matrix({{9, 9}, {1, 2}, {3, 4}, {5, 8}});

CHECK("7.3", "the mean of the rows 1 2 and 3 4 is 2 3") {
    const Tensors found = ASK(averaged, small_table, Sequences{{1, 2}}, 0, matrix({{1, 1}}));
    expect_near(found.at(0), matrix({{2, 3}}), 1e-6);
}

CHECK("7.3", "each of two words gets half of dy, the others nothing") {
    const Tensors found = ASK(averaged, small_table, Sequences{{1, 2}}, 0, matrix({{4, 2}}));
    expect_near(found.at(1), matrix({{0, 0}, {2, 1}, {2, 1}, {0, 0}}), 1e-6);
}

CHECK("7.3", "padding is no word, wherever it stands, and learns nothing") {
    const Sequences texts = {{0, 1, 0, 2, 0, 0}, {3, 0}};
    const Tensors found = ASK(averaged, small_table, texts, 0, matrix({{4, 2}, {1, 1}}));
    expect_near(found.at(0), matrix({{2, 3}, {5, 8}}), 1e-6);
    expect_near(found.at(1), matrix({{0, 0}, {2, 1}, {2, 1}, {1, 1}}), 1e-6);
    ASK(averaged, matrix({{1e10f, -1e10f}, {1, 2}, {3, 4}}), Sequences{{0, 1, 2}, {0}}, 0,
        matrix({{4, 2}, {1, 1}}));
}

CHECK("7.3", "a word that stands in a text three times counts three times, there and back") {
    const Tensors found = ASK(averaged, small_table, Sequences{{1, 1, 3, 1}}, 0, matrix({{4, 8}}));
    expect_near(found.at(0), matrix({{2, 3.5f}}), 1e-6);
    expect_near(found.at(1), matrix({{0, 0}, {3, 6}, {0, 0}, {1, 2}}), 1e-6);
}

CHECK("7.3", "a word of two texts learns from both, from each its part") {
    const Sequences texts = {{1}, {1, 2}};
    const Tensors found = ASK(averaged, small_table, texts, 0, matrix({{5, 1}, {2, 4}}));
    expect_near(found.at(1), matrix({{0, 0}, {6, 3}, {1, 2}, {0, 0}}), 1e-6);
    ASK(averaged, small_table, Sequences{{3}, {3}, {3}}, 0, matrix({{1, 2}, {3, 4}, {5, 6}}));
}

CHECK("7.3", "a text without a word has the mean 0, and teaches nothing") {
    const Sequences texts = {{}, {0, 0}, {2}};
    const Tensors found = ASK(averaged, small_table, texts, 0, matrix({{1, 1}, {1, 1}, {1, 1}}));
    expect_near(found.at(0), matrix({{0, 0}, {0, 0}, {3, 4}}), 1e-6);
    ASK(averaged, small_table, Sequences{}, 0, Tensor({0, 2}));
}

CHECK("7.3", "the padding may be any id, and 0 is then a word") {
    const Tensors found = ASK(averaged, small_table, Sequences{{0, 3, 2}}, 3, matrix({{2, 2}}));
    expect_near(found.at(0), matrix({{6, 6.5f}}), 1e-6);
    ASK(averaged, small_table, Sequences{{0, 3, 2}}, -1, matrix({{1, 2}}));
}

static Sequences random_texts(int B, int V) {
    Sequences texts(B);
    for (Sequence& text : texts) {
        text.resize(random_numbers().below(7));
        for (int& word : text) word = random_numbers().below(V);
    }
    return texts;
}

CHECK("7.3", "any texts, any table") {
    for (const Shape& size : {Shape{3, 5, 4}, Shape{1, 2, 1}, Shape{4, 9, 3}, Shape{2, 3, 6}}) {
        const Tensor table = random_tensor({size[1], size[2]});
        const Sequences texts = random_texts(size[0], size[1]);
        ASK(averaged, table, texts, size[0] % 2, random_tensor({size[0], size[2]}));
    }
    for (int D : {9, 12, 19}) {
        const Tensor table = random_tensor({4, D}), dy = random_tensor({2, D});
        ASK(averaged, table, Sequences{{1, 2}, {3}}, 0, dy);
    }
}

Tensor averaged_constant(const Tensor& table, const Sequences& texts) {
    return average_of_words(table, texts, 0).value();
}
CALLED(averaged_constant, "average_of_words(a constant table, texts, 0)");

// One table for two batches: what both say of it is added up, also when it is read twice.
Tensors used_twice(const Tensor& table, const Sequences& first, const Sequences& second,
                   const Tensor& dy) {
    const Variable E = parameter(table);
    const Variable loss =
        sum((average_of_words(E, first, 0) + average_of_words(E, second, 0) * 2.0f) * dy);
    backward(loss, Graph::kept);
    const Tensor once = E.gradient();
    backward(loss);
    return {once, E.gradient()};
}
PARTS(used_twice, "the gradient of the table", "the gradient when the graph is read twice");

CHECK("7.3", "a table may be a constant, or be used for two batches") {
    const Tensor table = random_tensor({4, 3});
    const Sequences first = random_texts(2, 4), second = {{1, 2, 0}, {3, 3}};
    ASK(averaged_constant, table, second);
    ASK(used_twice, table, first, second, random_tensor({2, 3}));
}

// The mean of other texts of the same shape, after those of the first.
Tensors averaged_again(const Tensor& table, const Sequences& first, const Sequences& then) {
    const Variable E = parameter(table);
    Sequences texts = first;
    average_of_words(E, texts, 0);
    for (int b = 0; b < size_of(texts); ++b)
        std::copy(then[b].begin(), then[b].end(), texts[b].begin());
    const Variable x = average_of_words(E, texts, 0);
    Tensor doubled = table;
    for (float& number : doubled.data) number *= 2;
    E.set_value(doubled);
    return {x.value(), average_of_words(E, texts, 0).value()};
}
CALLED(averaged_again, "average_of_words, called again with other texts and another table");
PARTS(averaged_again, "the means of other texts", "and of another table");

CHECK("7.3", "nothing is left over from the last call") {
    const Tensor table = random_tensor({5, 2});
    ASK(averaged_again, table, Sequences{{1, 2}, {3, 4}}, Sequences{{4, 0}, {1, 1}});
}

CHECK("7.3", "ids that are no rows of the table are refused") {
    expect_mentions(ASK_REFUSAL(averaged_constant, small_table, Sequences{{1}, {4}}),
                    {"average_of_words", "4"});
    ASK_REFUSAL(averaged_constant, small_table, Sequences{{-1}});
    ASK_REFUSAL(averaged_constant, Tensor({4}), Sequences{{1}});
}

// ## 7.4 Skip-gram

PARTS(noise_up_to, "the sum up to word #0");

CHECK("7.4", "counts of 16, 1, 0 and 1 become 8, 1, 0 and 1 tenths: up to each .8 .9 .9 1") {
    const std::vector<double> up_to = ASK(noise_up_to, std::vector<int>{16, 1, 0, 1});
    expect(up_to.size() == 4, "there is an entry for each word");
    const double expected[] = {0.8, 0.9, 0.9, 1};
    for (int w = 0; w < 4; ++w) expect_near(up_to[w], expected[w], 1e-9);
}

CHECK("7.4", "any counts; marks have the count 0, and one word alone has it all") {
    for (int call = 0; call < 4; ++call) {
        std::vector<int> counts = {0, 0};
        for (int left = 1 + random_numbers().below(6); left > 0; --left)
            counts.push_back(1 + random_numbers().below(call == 3 ? 2000000000 : 500));
        ASK(noise_up_to, counts);
    }
    ASK(noise_up_to, std::vector<int>{0, 7});
    ASK(noise_up_to, std::vector<int>{3});
    ASK(noise_up_to, std::vector<int>{0, 2000000000, 3000000, 500});
}

// The words, and the random number behind those that were used.
std::pair<Sequence, double> drawn(const std::vector<double>& up_to, int count, int not_this,
                                  int seed) {
    Random random(seed);
    const Sequence noise = draw_noise(up_to, count, not_this, random);
    return {noise, static_cast<double>(random.uniform())};
}
CALLED(drawn, "draw_noise(up_to, count, not_this, random)");
PARTS(drawn, "the words", "the random number that comes next");

CHECK("7.4", "each random number finds the word in whose piece it lies") {
    const std::vector<double> up_to = {0, 0.25, 0.25, 0.875, 1};
    const int seed = random_numbers().below(1000);
    ASK(drawn, up_to, 12, -1, seed);
    ASK(drawn, std::vector<double>{0.5, 1}, 9, 7, seed);
    ASK(drawn, std::vector<double>{1}, 3, -1, seed);
    std::vector<double> many;
    for (int w = 1; w <= 64; ++w) many.push_back(w / 64.0);
    ASK(drawn, many, 64, -1, seed);
}

CHECK("7.4", "what must not be drawn is drawn again, until there are enough") {
    const std::vector<double> up_to = {0, 0.5, 0.75, 1};
    const int seed = random_numbers().below(1000);
    for (int not_this : {1, 2, 3}) {
        const auto [noise, next] = ASK(drawn, up_to, 8, not_this, seed);
        expect(noise.size() == 8, "eight words are asked for");
        expect(std::count(noise.begin(), noise.end(), not_this) == 0,
               "one of them is the neighbour");
    }
    ASK(drawn, up_to, 0, 1, seed);
    ASK(drawn, std::vector<double>{0.875, 1}, 8, 0, seed);
    ASK(drawn, std::vector<double>{0.001, 0.999, 1}, 4, 1, 1);
}

CHECK("7.4",
      "a number on the border of two pieces belongs to the upper one; 0 finds no empty piece") {
    const std::vector<double> up_to = {0, 0.25, 0.5, 1};
    const int zero = 5618432, quarter = 19109952;  // the seeds of these first numbers
    expect(ASK(drawn, up_to, 1, -1, zero).first == Sequence{1}, "0 lies in the piece of word 1");
    expect(ASK(drawn, up_to, 1, -1, quarter).first == Sequence{2}, "1/4 is where word 2 begins");
    const std::vector<double> short_piece = {0, 0.25, 0.250001, 1};
    expect(ASK(drawn, short_piece, 1, -1, quarter).first == Sequence{2},
           "1/4 lies in the piece of word 2, however short that is");
}

CHECK("7.4", "of many draws each word has its share, and a word of the share 0 none") {
    const std::vector<double> up_to = {0, 0.5, 0.5, 0.9, 1};
    const int seed = random_numbers().below(1000);
    const Sequence noise = ASK_UNRECORDED(drawn, up_to, 4000, -1, seed).first;
    const double shares[] = {0, 0.5, 0, 0.4, 0.1};
    for (int w = 0; w < 5; ++w)
        expect_near(std::count(noise.begin(), noise.end(), w) / 4000.0, shares[w],
                    shares[w] == 0 ? 0 : 0.04);
}

// The loss, and both tables after the step.
using Stepped = std::tuple<double, Tensor, Tensor>;

Stepped stepped(Tensor words, Tensor contexts, int word, const Sequence& others, double rate) {
    const double loss = skip_gram_step(words, contexts, word, others, static_cast<float>(rate));
    return {loss, words, contexts};
}
CALLED(stepped, "skip_gram_step(words, contexts, word, others, rate)");
PARTS(stepped, "the loss", "words after the step", "contexts after the step");

CHECK("7.4", "a neighbour with the score 0 costs log 2, and both move half of each other closer") {
    const auto [loss, words, contexts] =
        ASK(stepped, matrix({{1, 0}}), matrix({{0, 1}}), 0, Sequence{0}, 1.0);
    expect_near(loss, std::log(2.0), 1e-6);
    expect_near(words, matrix({{1, 0.5f}}), 1e-6);
    expect_near(contexts, matrix({{0.5f, 1}}), 1e-6);
}

CHECK("7.4", "noise with the score 0 costs log 2 as well, and is pushed away") {
    const Tensor first = matrix({{0, 0}, {0, 1}});
    const auto [loss, words, contexts] =
        ASK(stepped, matrix({{1, 0}}), first, 0, Sequence{0, 1}, 1.0);
    expect_near(loss, 2 * std::log(2.0), 1e-6);
    expect_near(words, matrix({{1, -0.5f}}), 1e-6);
    expect_near(contexts, matrix({{0.5f, 0}, {-0.5f, 1}}), 1e-6);
}

CHECK("7.4", "noise that was drawn twice is pushed twice, by the slope before the step") {
    const Tensor first = matrix({{0, 0}, {0, 1}});
    const auto [loss, words, contexts] =
        ASK(stepped, matrix({{1, 0}}), first, 0, Sequence{0, 1, 1}, 1.0);
    expect_near(words, matrix({{1, -1}}), 1e-6);
    expect_near(contexts, matrix({{0.5f, 0}, {-1, 1}}), 1e-6);
    expect_near(loss, 3 * std::log(2.0), 1e-6);
}

CHECK("7.4", "any step: both move by gradients of the old numbers, and no other row moves") {
    for (const Shape& size : {Shape{4, 5, 3}, Shape{2, 3, 1}, Shape{6, 6, 8}, Shape{3, 4, 17}}) {
        const Tensor words = random_tensor({size[0], size[2]});
        const Tensor contexts = random_tensor({size[1], size[2]});
        const int word = random_numbers().below(size[0]);
        Sequence others(1 + random_numbers().below(6));
        for (int& other : others) other = random_numbers().below(size[1]);
        allow_roundings(64);
        ASK(stepped, words, contexts, word, others, 0.5);
    }
}

CHECK("7.4", "a word that is neighbour and noise at once stays where it is, and so does v") {
    const Tensor words = random_tensor({1, 3});
    Tensor contexts({2, 3});
    ASK(stepped, words, contexts, 0, Sequence{1, 1}, 0.5);
    contexts = random_tensor({2, 3});
    for (float& number : contexts.data) number *= 0.01f;
    ASK(stepped, words, contexts, 0, Sequence{0, 1, 0, 1, 1}, 0.25);
}

CHECK("7.4", "scores of 200 and more cost what they should, and nothing is infinite") {
    const Tensor contexts = matrix({{-2}, {2}, {-20}});
    expect_near(std::get<0>(ASK(stepped, matrix({{100}}), contexts, 0, Sequence{0}, 0.1)), 200,
                1e-3);
    expect_near(std::get<0>(ASK(stepped, matrix({{100}}), contexts, 0, Sequence{1, 1}, 0.1)), 200,
                1e-3);
    expect_near(std::get<0>(ASK(stepped, matrix({{100}}), contexts, 0, Sequence{1, 0, 2}, 0.1)), 0,
                1e-6);
    ASK(stepped, matrix({{100}}), contexts, 0, Sequence{2, 1}, 0.1);
}

CHECK("7.4", "with the rate 0 nothing moves; with another the move is in proportion") {
    const Tensor words = random_tensor({2, 3});
    const Tensor contexts = random_tensor({3, 3});
    const auto [loss, same_words, same_contexts] =
        ASK(stepped, words, contexts, 1, Sequence{2, 0}, 0.0);
    expect_same_bits(same_words, words, "a step of 0 moves a word");
    expect_same_bits(same_contexts, contexts, "a step of 0 moves a neighbour");
    ASK(stepped, words, contexts, 1, Sequence{2, 0}, 0.125);
    ASK(stepped, words, contexts, 1, Sequence{2, 0}, 4.0);
}

// The losses of some steps, one after the other, on the same words.
std::vector<double> learnt(Tensor words, Tensor contexts, const Sequence& others, int steps) {
    std::vector<double> losses;
    for (int step = 0; step < steps; ++step)
        losses.push_back(skip_gram_step(words, contexts, step % words.shape[0], others, 0.5f));
    return losses;
}
PARTS(learnt, "the loss at step #1");

CHECK("7.4", "step after step the loss falls, and each begins where the last one ended") {
    const Tensor words = random_tensor({1, 4});
    const Tensor contexts = random_tensor({3, 4});
    allow_roundings(512);
    const std::vector<double> losses = ASK(learnt, words, contexts, Sequence{1, 0, 2}, 12);
    expect(losses.size() == 12 && losses.back() < losses.front(), "the loss does not fall");
    const Tensor two = random_tensor({2, 4});
    allow_roundings(512);
    ASK(learnt, two, contexts, Sequence{0, 2}, 5);
}

double on_one_table(Tensor table) { return skip_gram_step(table, table, 0, {0}, 0.1f); }

CHECK("7.4", "what does not fit is refused, with what was got") {
    ASK_REFUSAL(on_one_table, Tensor({2, 2}));
    expect_mentions(ASK_REFUSAL(noise_up_to, std::vector<int>{3, -1}), {"noise_up_to", "-1"});
    ASK_REFUSAL(noise_up_to, std::vector<int>{0, 0});
    ASK_REFUSAL(noise_up_to, std::vector<int>{});
    expect_mentions(ASK_REFUSAL(drawn, std::vector<double>{0, 1, 1}, 2, 1, 1), {"draw_noise", "1"});
    ASK_REFUSAL(drawn, std::vector<double>{1}, -1, 3, 1);
    const Tensor two = Tensor({2, 3});
    expect_mentions(ASK_REFUSAL(stepped, two, two, 2, Sequence{0}, 0.1), {"skip_gram_step", "2"});
    ASK_REFUSAL(stepped, two, two, 0, Sequence{0, 2}, 0.1);
    ASK_REFUSAL(stepped, two, two, 0, Sequence{}, 0.1);
    ASK_REFUSAL(stepped, two, Tensor({2, 4}), 0, Sequence{0}, 0.1);
}

CHECK("7.4", "scores of 6.5 and 10.5, right or wrong: what is nearly sure still costs and moves") {
    const double rate = 1000;
    for (double score : {6.5, -6.5, 10.5, -10.5}) {  // of the neighbour; the noise has −score
        const Tensor contexts = matrix({{static_cast<float>(score)}, {static_cast<float>(-score)}});
        const auto [loss, v, u] =
            ASK_UNRECORDED(stepped, matrix({{1}}), contexts, 0, Sequence{0, 1}, rate);
        const double wrong = 1 / (1 + std::exp(score));  // the probability of either
        expect_near(loss, -2 * std::log1p(-wrong), 1e-5);
        expect_near(double{v.data.at(0)} / rate, 1 / rate + 2 * wrong * score, 1e-5);
        expect_near(double{u.data.at(0)} / rate, score / rate + wrong, 1e-6);
        expect_near(double{u.data.at(1)} / rate, -score / rate - wrong, 1e-6);
    }
}

// ## 7.5 Neighbours and analogies

CHECK("7.5", "3 4 has the length 5, and becomes .6 .8; a row of zeros stays") {
    expect_near(ASK(unit_rows, matrix({{3, 4}, {0, 0}, {-2, 0}})),
                matrix({{0.6f, 0.8f}, {0, 0}, {-1, 0}}), 1e-6);
    expect_near(ASK(unit_rows, matrix({{3e-12f, -4e-12f}})), matrix({{0.6f, -0.8f}}), 1e-6);
    ASK(unit_rows, matrix({{3, -3}}));
}

CHECK("7.5", "any rows") {
    for (const Shape& shape : {Shape{3, 4}, Shape{1, 1}, Shape{5, 2}, Shape{2, 19}, Shape{0, 3}})
        ASK(unit_rows, random_tensor(shape));
}

CHECK("7.5", "the nearest has the same direction, however long it is") {
    const Tensor table = matrix({{5, 5}, {1, 0.1f}, {0, 3}, {-9, 0}, {0.1f, 0}});
    expect(ASK(nearest, table, row({1, 0}), 5, Sequence{}) == Sequence{4, 1, 0, 2, 3},
           "the rows from near to far are 4 1 0 2 3");
    expect(ASK(nearest, table, row({-0.01f, 0}), 2, Sequence{}) == Sequence{3, 2},
           "the length of the direction says nothing: 3 2");
    expect(ASK(nearest, matrix({{0.8f, 0.6f}, {1e-6f, 0}}), row({1, 0}), 2, Sequence{}) ==
               Sequence{1, 0},
           "a row of the same direction is nearest, however short it is: 1 0");
}

CHECK("7.5", "so many as are asked for, and all when there are fewer; some are left out") {
    const Tensor table = matrix({{1, 0}, {1, 1}, {0, 1}});
    ASK(nearest, table, row({3, 1}), 0, Sequence{});
    ASK(nearest, table, row({3, 1}), 9, Sequence{});
    ASK(nearest, table, row({3, 1}), 2, Sequence{0});
    ASK(nearest, table, row({3, 1}), 3, Sequence{2, 1, 2});
    ASK(nearest, table, row({3, 1}), 1, Sequence{0, 1, 2});
    ASK(nearest, table, row({3, 1}), std::numeric_limits<int>::max(), Sequence{0});
}

CHECK("7.5", "of equals the lower number comes first; a row of zeros has the cosine 0") {
    const Tensor table = matrix({{-1, 0}, {0, 0}, {0, 1}, {2, 0}, {1, 0}, {0, 0}});
    expect(ASK(nearest, table, row({1, 0}), 6, Sequence{}) == Sequence{3, 4, 1, 2, 5, 0},
           "the rows from near to far are 3 4 1 2 5 0");
    ASK(nearest, table, row({0, 0}), 4, Sequence{1});
    ASK(nearest, matrix({{1, 0.02f}, {1, 0}}), row({1, 0}), 2, Sequence{});
}

CHECK("7.5", "any table and direction") {
    for (const Shape& shape : {Shape{6, 3}, Shape{1, 2}, Shape{9, 5}, Shape{4, 20}}) {
        const Tensor table = random_tensor(shape);
        const Tensor direction = random_tensor({shape[1]});
        ASK(nearest, table, direction, 5, Sequence{shape[0] - 1});
    }
}

CHECK("7.5", "a word is no neighbour of itself, but another with the same row is") {
    const Tensor table = matrix({{1, 2}, {2, 1}, {1, 2}, {-1, 1}});
    expect(ASK(neighbours, table, 0, 3) == Sequence{2, 1, 3}, "the neighbours of 0 are 2 1 3");
    expect(ASK(neighbours, table, 2, 1) == Sequence{0}, "the neighbour of 2 is 0");
    const Tensor more = random_tensor({7, 3});
    const int word = random_numbers().below(7);
    ASK(neighbours, more, word, 6);
    expect(ASK(neighbours, matrix({{1, 2}, {1, 2}, {1, 2}}), 2, 1) == Sequence{0},
           "of three equal rows, the one neighbour of 2 is 0");
    ASK(neighbours, table, 1, 0);
}

CHECK("7.5", "a − b + c: from b to a is the step that leads from c to the answer") {
    // man, woman, king, queen: the first number is who, the second is what
    const Tensor table = matrix({{1, 0}, {-1, 0}, {1, 2}, {-1, 2}, {0, -1}});
    expect(ASK(analogy, table, 2, 0, 1, 1) == Sequence{3}, "king − man + woman is queen");
    ASK(analogy, table, 3, 2, 0, 5);
}

CHECK("7.5", "each of the three counts with the length 1") {
    const Tensor table = matrix({{10, 0}, {0, 0.1f}, {3, 3}, {9, -1}, {1, 0.05f}, {1, 9}});
    ASK(analogy, table, 0, 1, 2, 3);
    ASK(analogy, table, 2, 0, 1, 3);
}

CHECK("7.5", "none of the three is an answer; any words") {
    for (int call = 0; call < 4; ++call) {
        const Tensor table = random_tensor({6 + call, 3});
        const int a = random_numbers().below(6), b = random_numbers().below(6);
        const int c = random_numbers().below(6);
        const Sequence found = ASK(analogy, table, a, b, c, 9);
        for (int word : {a, b, c})
            expect(std::count(found.begin(), found.end(), word) == 0, "one of the three is there");
    }
}

CHECK("7.5", "what does not fit is refused, with what was got") {
    const Tensor table = Tensor({2, 3});
    expect_mentions(ASK_REFUSAL(nearest, table, Tensor({2}), 1, Sequence{}), {"[2, 3]", "[2]"});
    expect_mentions(ASK_REFUSAL(nearest, table, Tensor({3}), -1, Sequence{}), {"nearest", "-1"});
    expect_mentions(ASK_REFUSAL(neighbours, table, 2, 1), {"neighbours", "2"});
    expect_mentions(ASK_REFUSAL(analogy, table, 0, 1, -1, 1), {"analogy", "-1"});
    ASK_REFUSAL(unit_rows, Tensor({3}));
}

CHECK("7.5",
      "the row with the direction itself is nearest, though its cosine may come out above 1") {
    expect(ASK(nearest, matrix({{5, -3}, {3, 5}}), row({3, 5}), 1, Sequence{}) == Sequence{1},
           "3 5 is nearest to 3 5");
    expect(ASK(nearest, matrix({{4, -1}, {1, 4}}), row({1, 4}), 1, Sequence{}) == Sequence{1},
           "1 4 is nearest to 1 4");
}

CHECK("7.5",
      "zeros have neighbours and analogies like other rows; a may be b; a copy may be the answer") {
    const Tensor table = matrix({{0, 0}, {2, 0}, {0, 1}, {1, 3}, {0, 1}, {3, 1}});
    expect(ASK(neighbours, table, 0, 2) == Sequence{1, 2},
           "all are equally near to zeros, and the lowest numbers are 1 2");
    ASK(analogy, table, 0, 1, 2, 3);
    expect(ASK(analogy, table, 3, 3, 2, 2) == Sequence{4, 5}, "3 − 3 + 2 is near 4, then 5");
    expect(ASK(analogy, table, 2, 1, 2, 1) == Sequence{4},
           "row 4 is a copy of row 2, but none of the three");
}

CHECK("7.5", "fewer than no neighbours are refused, and fewer than no answers") {
    ASK_REFUSAL(neighbours, Tensor({2, 3}), 1, -1);
    ASK_REFUSAL(analogy, Tensor({2, 3}), 0, 1, 1, -1);
}

// ## 7.6 Principal components

RESTS_ON("7.6", "1.2", "1.3", "1.4", "7.5");

CHECK("7.6", "0 0, 2 1 and 4 2 differ along 2 1, which has the length √5: .894 .447") {
    expect_near(ASK_UNRECORDED(principal_components, matrix({{0, 0}, {2, 1}, {4, 2}}), 1),
                matrix({{0.894427f, 0.447214f}}), 1e-4);
}

CHECK("7.6", "what is the same in all rows does not count, however large it is") {
    expect_near(ASK_UNRECORDED(principal_components, matrix({{50, 0}, {50, 1}, {50, 2}}), 1),
                matrix({{0, 1}}), 1e-4);
}

CHECK("7.6", "the corners of a rectangle: first along the longer side, then along the other") {
    const Tensor corners = matrix({{-3, 1}, {3, 1}, {-3, 2}, {3, 2}});
    expect_near(ASK_UNRECORDED(principal_components, corners, 2), matrix({{1, 0}, {0, 1}}), 1e-4);
}

// D directions at right angles, of which no two numbers are alike in size, as rows: [D, D].
static Tensor random_directions(int D) {
    for (;;) {
        Tensor q({D, D});
        for (int i = 0; i < D; ++i) q.data[i * D + i] = 1;
        for (int i = 0; i < D; ++i)
            for (int j = 0; j < i; ++j) {  // turn the columns i and j
                const float turn = random_numbers().uniform(0.3f, 1.2f);
                for (int r = 0; r < D; ++r) {
                    float &a = q.data[r * D + i], &b = q.data[r * D + j];
                    const float turned = std::cos(turn) * a - std::sin(turn) * b;
                    b = std::sin(turn) * a + std::cos(turn) * b;
                    a = turned;
                }
            }
        bool clear = true;  // is it clear which number of each row is the largest?
        for (int r = 0; r < D; ++r) {
            std::vector<float> sizes;
            for (int k = 0; k < D; ++k) sizes.push_back(std::fabs(q.data[r * D + k]));
            std::sort(sizes.rbegin(), sizes.rend());
            clear = clear && (D == 1 || sizes[0] - sizes[1] > 0.05f);
        }
        if (!clear) continue;
        for (int r = 0; r < D; ++r) {
            float* p = q.row(r);
            const float* most = std::max_element(
                p, p + D, [](float a, float b) { return std::fabs(a) < std::fabs(b); });
            if (*most < 0)
                for (int k = 0; k < D; ++k) p[k] = -p[k];
        }
        return q;
    }
}

// Two rows for each direction, as far from the mean on both sides.
static Tensor rows_around(const Tensor& mean, const Tensor& directions,
                          const std::vector<float>& far) {
    const int count = directions.shape[0], D = directions.shape[1];
    Tensor rows({2 * count, D});
    for (int i = 0; i < count; ++i)
        for (int k = 0; k < D; ++k) {
            const float away = far[i] * directions.data[i * D + k];
            rows.data[i * D + k] = mean.data[k] + away;
            rows.data[(2 * count - 1 - i) * D + k] = mean.data[k] - away;
        }
    return rows;
}

// The first directions furthest.
static Tensor rows_along(const Tensor& directions, float size) {
    const int D = directions.shape[0];
    std::vector<float> far;
    for (int i = 0; i < D; ++i) far.push_back(size * (D - i));
    return rows_around(scaled_copy(random_tensor({D}), size), directions, far);
}

static Tensor first_rows(const Tensor& x, int count) {
    const int D = x.shape[1];
    return Tensor({count, D}, {x.data.begin(), x.data.begin() + count * D});
}

CHECK("7.6", "any rows: the directions of the largest spread, in their order") {
    for (const Shape& size : {Shape{2, 2}, Shape{3, 2}, Shape{4, 4}, Shape{5, 1}, Shape{1, 1}}) {
        const Tensor directions = random_directions(size[0]);
        const Tensor rows = rows_along(directions, 1.0f);
        expect_near(ASK_UNRECORDED(principal_components, rows, size[1]),
                    first_rows(directions, size[1]), 5e-4);
    }
}

CHECK("7.6", "rows that are ten or a thousand times as large have the same directions") {
    const Tensor directions = random_directions(3);
    for (float size : {10.0f, 1000.0f, 0.01f, 1e-4f}) {
        const Tensor rows = rows_along(directions, size);
        expect_near(ASK_UNRECORDED(principal_components, rows, 2), first_rows(directions, 2), 5e-4);
    }
}

CHECK("7.6", "each has the length 1, and stands at a right angle to the others") {
    const Tensor rows = random_tensor({9, 4});
    const Tensor found = ASK_UNRECORDED(principal_components, rows, 3);
    expect(found.shape == Shape{3, 4}, "three directions of four numbers are asked for");
    for (int a = 0; a < 3; ++a)
        for (int b = 0; b <= a; ++b) {
            double dot = 0;
            for (int k = 0; k < 4; ++k)
                dot += double{found.data[a * 4 + k]} * found.data[b * 4 + k];
            expect_near(dot, a == b ? 1 : 0, 1e-3);
        }
}

CHECK("7.6", "places are measured from the mean: 1 2 and 3 4 along 1 0 stand at −1 and 1") {
    expect_near(ASK(places_along, matrix({{1, 2}, {3, 4}}), matrix({{1, 0}})), matrix({{-1}, {1}}),
                1e-6);
}

CHECK("7.6", "a row for each row, a column for each direction") {
    for (const Shape& size : {Shape{5, 3, 2}, Shape{1, 2, 1}, Shape{3, 3, 3}, Shape{2, 1, 1}}) {
        Tensor rows = random_tensor({size[0], size[1]});
        rows.data.front() = 2;  // so that rows are not nearly alike
        const Tensor directions = random_tensor({size[2], size[1]});
        allow_roundings(128);
        ASK(places_along, rows, directions);
    }
}

Tensors found_again(const Tensors& first, const Tensors& then) {
    const auto both = [](const Tensors& rows) {
        const Tensor directions = principal_components(rows[0], 1);
        return Tensors{directions, places_along(rows[0], directions)};
    };
    return in_the_same_place(both, first, then);
}
CALLED(found_again, "principal_components and places_along, called again with other rows");
PARTS(found_again, "the direction", "the places");

CHECK("7.6", "nothing is left over from the last call") {
    const Tensor directions = random_directions(2), others = random_directions(2);
    const Tensor first = rows_along(directions, 1.0f), then = rows_along(others, 2.0f);
    const Tensors found = ASK_UNRECORDED(found_again, Tensors{first}, Tensors{then});
    expect_near(found.at(0), first_rows(others, 1), 5e-4);
    expect_near(found.at(1), matrix({{4}, {0}, {0}, {-4}}), 5e-3);
}

CHECK("7.6", "what does not fit is refused, with what was got") {
    const Tensor rows = Tensor({3, 2});
    expect_mentions(ASK_REFUSAL(principal_components, rows, 3), {"principal_components", "3"});
    ASK_REFUSAL(principal_components, rows, 0);
    ASK_REFUSAL(principal_components, Tensor({0, 2}), 1);
    expect_mentions(ASK_REFUSAL(places_along, rows, Tensor({1, 3})), {"places_along", "[1, 3]"});
}

CHECK("7.6", "spreads that are nearly alike need all the rounds, for each direction") {
    const Tensor sevenths = matrix({{6, -2, -3}, {2, -3, 6}, {3, 6, 2}});  // each 7 long
    const Tensor rows = rows_around(row({1, 2, 3}), sevenths, {1, 0.994f, 0.988f});
    expect_near(ASK_UNRECORDED(principal_components, rows, 3), scaled_copy(sevenths, 1.0f / 7),
                3e-4);
}

CHECK("7.6", "beside a mean of 10000 small spreads are found as well: along .8 .6 and −.6 .8") {
    const Tensor rows = matrix({{10004, 10003}, {9996, 9997}, {10001.5f, 9998}, {9998.5f, 10002}});
    expect_near(ASK_UNRECORDED(principal_components, rows, 2),
                matrix({{0.8f, 0.6f}, {-0.6f, 0.8f}}), 1e-3);
}

CHECK("7.6", "2 −1 −1 is found as well, to which a beginning of ones is at a right angle") {
    const Tensor rows = matrix({{2, -1, -1}, {-2, 1, 1}, {0, 0, 0}});
    expect_near(ASK_UNRECORDED(principal_components, rows, 1),
                matrix({{0.816497f, -0.408248f, -0.408248f}}), 1e-4);
}

}  // namespace checks_07
