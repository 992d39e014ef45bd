#include "19_bert.hpp"

#include "grader/check.hpp"
#include "grader/read_twice.hpp"
#include "grader/variations.hpp"

#include <algorithm>
#include <cmath>
#include <set>

namespace checks_19 {

using Tensors = std::vector<Tensor>;
using Variables = std::vector<Variable>;
using List = std::vector<int>;

// Numbers for parameters that are the same in every program: small, and none of them special.
static void fill(const Parameters& parameters) {
    Random random(19);
    for (const Variable& p : parameters) {
        Tensor value = p.value();
        for (float& number : value.data) number = random.uniform(-0.6f, 0.6f);
        p.set_value(value);
    }
}

// A vocabulary of 12, 5 of them marks, and a net of 4 features.
static BertSettings small_settings() {
    BertSettings settings;
    settings.stack = {4, 2, 6, 1};
    settings.vocabulary = 12;
    settings.longest = 9;
    return settings;
}

// ## 19.1 By hand

Tensor written_down(int) { return masked_by_hand(); }
CALLED(written_down, "masked_by_hand()");

static void expect_column(int column, float goes_in, float asked, const std::string& otherwise) {
    const Tensor rows = ASK_UNRECORDED(written_down, 0);
    expect(rows.shape == Shape{2, 10}, "two rows of ten numbers are asked for");
    expect(rows.data[column] == goes_in && rows.data[10 + column] == asked, otherwise);
}

CHECK("19.1", "0.62 is not below 0.15: `a` goes in as it is, and is not asked for") {
    expect_column(1, 5, -1, "of `a`, the second token, something is wrong");
}

CHECK("19.1", "0.08, and then 0.35: the mask stands in the place of `large`, which is asked for") {
    expect_column(2, 2, 8, "of `large`, the third token, something is wrong");
}

CHECK("19.1", "0.14, and then 0.93: `that` stays, and is asked for") {
    expect_column(4, 11, 11, "of `that`, the fifth token, something is wrong");
}

CHECK("19.1", "0.03, 0.85 and 4: `in` is exchanged for word number 4 of the words, and asked for") {
    expect_column(6, 9, 7, "of `in`, the seventh token, something is wrong");
}

CHECK("19.1", "0.15 is not below 0.15: `the` is not asked for; `sea` is the last that is") {
    expect_column(7, 12, -1, "of `the`, the eighth token, something is wrong");
    expect_column(8, 2, 10, "of `sea`, the ninth token, something is wrong");
}

CHECK("19.1", "marks take no number, and are never asked for; the rest goes in as it is") {
    const List goes_in = {3, 6, 9, 4}, columns = {0, 3, 5, 9};
    for (int i = 0; i < 4; ++i)
        expect_column(columns[i], goes_in[i], -1,
                      "of token " + std::to_string(columns[i] + 1) + " something is wrong");
}

// ## 19.2 Masking

RESTS_ON("19.2", "4.3", "4.4", "17.3");

// The numbers of a vocabulary: how many tokens, how many of them marks, and which is the mask.
struct Kind {
    int V = 12, marks = 5, mask = 2;
};

static BertSettings with_kind(const Kind& kind) {
    BertSettings settings = small_settings();
    settings.vocabulary = kind.V;
    settings.marks = kind.marks;
    settings.mask = kind.mask;
    return settings;
}

using MaskedText = std::tuple<Sequences, Sequences, double>;

// What goes in, what is asked, and the random number that is drawn next. `kind` is V, marks, mask.
MaskedText masked_text(const Sequences& tokens, const List& kind, double rate, int seed) {
    Random random(seed);
    const Masked masked =
        mask_tokens(tokens, with_kind({kind[0], kind[1], kind[2]}), rate, random);
    return {masked.read, masked.asked, random.uniform()};
}
CALLED(masked_text, "mask_tokens");
PARTS(masked_text, "what goes in, sequence ##0", "what is asked, sequence ##0",
      "the next random number");

static MaskedText exactly_masked(const Sequences& tokens, const Kind& kind, double rate, int seed) {
    Random random(seed);
    Sequences read = tokens, asked;
    for (Sequence& sequence : read) {
        asked.emplace_back();
        for (int& token : sequence) {
            asked.back().push_back(-1);
            if (token < kind.marks) continue;
            if (!(random.uniform() < rate)) continue;
            asked.back().back() = token;
            const float u = random.uniform();
            if (u < 0.8) token = kind.mask;
            else if (u < 0.9) token = kind.marks + random.below(kind.V - kind.marks);
        }
    }
    return {read, asked, random.uniform()};
}

static Sequence random_words(int count, const Kind& kind) {
    Sequence words;
    for (int i = 0; i < count; ++i)
        words.push_back(kind.marks + random_numbers().below(kind.V - kind.marks));
    return words;
}

static Sequence random_tokens(int count, int V) {
    Sequence tokens;
    for (int i = 0; i < count; ++i) tokens.push_back(random_numbers().below(V));
    return tokens;
}

static void expect_masked(const MaskedText& found, const MaskedText& exact) {
    expect(std::get<0>(found) == std::get<0>(exact), "something else must go in");
    expect(std::get<1>(found) == std::get<1>(exact), "something else must be asked");
    expect_near(std::get<2>(found), std::get<2>(exact), 0);
}

CHECK("19.2", "at the rate 1 every word is asked for, and every mark is left alone") {
    const Sequences tokens = {{3, 5, 8, 6, 11, 4}};
    const auto [read, asked, next] = ASK(masked_text, tokens, List{12, 5, 2}, 1.0, 19);
    expect(asked == Sequences{{-1, 5, 8, 6, 11, -1}}, "all four words must be asked for");
    expect(read.at(0).at(0) == 3 && read.at(0).at(5) == 4, "a mark was hidden");
}

CHECK("19.2", "at the rate 0 nothing is asked for, and what goes in is what is there") {
    const Sequences tokens = {{3, 5, 8, 4}, {3, 7, 4}};
    const auto [read, asked, next] = ASK(masked_text, tokens, List{12, 5, 2}, 0.0, 19);
    expect(read == tokens, "something was hidden");
    expect(asked == Sequences{{-1, -1, -1, -1}, {-1, -1, -1}}, "something is asked for");
}

CHECK("19.2", "of 20,000 words 15 % are asked for: 80 % masks, 10 % any words, 10 % as they are") {
    const Kind kind{1005, 5, 2};
    const Sequences tokens = {random_words(20000, kind)};
    const auto [read, asked, next] =
        ASK_UNRECORDED(masked_text, tokens, List{1005, 5, 2}, 0.15, random_seed());
    double count = 0, masks = 0, same = 0;
    for (int i = 0; i < 20000; ++i) {
        if (asked.at(0).at(i) == -1) {
            expect(read.at(0).at(i) == tokens[0][i], "a word that nobody asks for was changed");
            continue;
        }
        expect(asked.at(0).at(i) == tokens[0][i], "what is asked for is the word that stood there");
        ++count;
        masks += read.at(0).at(i) == 2;
        same += read.at(0).at(i) == tokens[0][i];
        expect(read.at(0).at(i) == 2 || read.at(0).at(i) >= 5, "a mark stands for a word");
    }
    expect(std::fabs(count / 20000 - 0.15) < 0.015, "15 % must be asked for");
    expect(std::fabs(masks / count - 0.8) < 0.04, "80 % of these must become masks");
    expect(std::fabs(same / count - 0.1) < 0.03, "10 % of these must stay");
}

CHECK("19.2", "a word is exchanged for any of the words, the first and the last among them") {
    const Sequences tokens = {Sequence(2000, 6)};
    const auto [read, asked, next] =
        ASK_UNRECORDED(masked_text, tokens, List{8, 5, 2}, 1.0, random_seed());
    const std::set<int> seen(read.at(0).begin(), read.at(0).end());
    std::string became;
    for (int token : seen) became += " " + std::to_string(token);
    expect(seen == std::set<int>{2, 5, 6, 7},
           "words are 5, 6 and 7 here, and 2 is the mask; yours became" + became);
}

CHECK("19.2", "random numbers are used in the order of 19.1, whatever the texts and the marks") {
    for (const Kind& kind : {Kind{12, 5, 2}, Kind{6, 5, 4}, Kind{30, 3, 0}, Kind{9, 8, 7}})
        for (double rate : {0.15, 0.5, 1.0}) {
            Sequences tokens;
            for (int length : {4, 0, 1, 17}) tokens.push_back(random_tokens(length, kind.V));
            const int seed = random_seed();
            const MaskedText exact = exactly_masked(tokens, kind, rate, seed);
            expect_masked(ASK_UNRECORDED(masked_text, tokens, List{kind.V, kind.marks, kind.mask},
                                         rate, seed),
                          exact);
        }
    const Sequences same = {Sequence(200, 6)};  // of two words: often exchanged for itself
    const int seed = random_seed();
    expect_masked(ASK_UNRECORDED(masked_text, same, List{7, 5, 2}, 1.0, seed),
                  exactly_masked(same, Kind{7, 5, 2}, 1.0, seed));
}

CHECK("19.2", "no texts, and a text without words") {
    const Sequences none, empty = {{}}, marks = {{3, 4}, {0, 1}};
    for (const Sequences& tokens : {none, empty, marks})
        expect_masked(ASK_UNRECORDED(masked_text, tokens, List{12, 5, 2}, 0.9, 7),
                      exactly_masked(tokens, Kind(), 0.9, 7));
}

// The same text, masked twice by one generator: what goes in each time.
std::vector<Sequences> masked_twice(const Sequences& tokens, double rate, int seed) {
    Random random(seed);
    std::vector<Sequences> read;
    for (int i = 0; i < 2; ++i)
        read.push_back(mask_tokens(tokens, small_settings(), rate, random).read);
    return read;
}
CALLED(masked_twice, "mask_tokens, twice, with one generator");
PARTS(masked_twice, "what goes in, time #1");

CHECK("19.2", "each time the same text is masked, other words are hidden") {
    const Sequences tokens = {random_words(40, Kind()), random_words(40, Kind())};
    const auto read = ASK(masked_twice, tokens, 0.3, 19);
    expect(read.at(0) != read.at(1), "the same words are hidden again");
    expect(read.at(0).at(0) != read.at(0).at(1), "two texts must not have the same gaps");
}

double loss_of(const Tensor& h, const Tensor& E, const Tensor& b, const Sequences& asked) {
    return masked_loss(h, E, b, asked).value().data[0];
}
CALLED(loss_of, "masked_loss");

// The loss and the gradients of h, E and b, those that are wanted.
Tensors loss_and_gradients(const Tensors& at, const Sequences& asked, int wanted) {
    Sequences passing = asked;
    const auto loss = [&](const Variables& x) {
        const Variable found = masked_loss(x[0], x[1], x[2], passing);
        passing.assign(passing.size(), Sequence(1, 0));  // as the next batch does it
        return found;
    };
    return with_constants<Variable>(loss, at, Tensor({}, {2.0f}), wanted);
}
CALLED(loss_and_gradients, "the gradients of masked_loss, times 2");
PARTS(loss_and_gradients, "the loss", "the gradient of h", "the gradient of E",
      "the gradient of b");

static double exact_masked_loss(const Tensor& h, const Tensor& E, const Tensor& b,
                                const Sequences& asked) {
    const int T = h.shape[1], D = h.shape[2], V = E.shape[0];
    double total = 0, M = 0;
    for (int s = 0; s < size_of(asked); ++s)
        for (int t = 0; t < size_of(asked[s]); ++t) {
            if (asked[s][t] < 0) continue;
            double sum = 0, wanted = 0;
            for (int v = 0; v < V; ++v) {
                double z = b.data[v];
                for (int k = 0; k < D; ++k)
                    z += double{h.data[(s * T + t) * D + k]} * E.data[v * D + k];
                sum += std::exp(z);
                if (v == asked[s][t]) wanted = z;
            }
            total += std::log(sum) - wanted;
            ++M;
        }
    return M == 0 ? 0 : total / M;
}

CHECK("19.2", "h = [1 2], rows [1 0], [0 1], bias [3 0]: logits [4 2], and token 1 costs 2.1269") {
    const Tensor h({1, 2, 2}, {5, 6, 1, 2});
    const Tensor E = matrix({{1, 0}, {0, 1}}), b = row({3, 0});
    expect_near(ASK(loss_of, h, E, b, Sequences{{-1, 1}}), 2.126928, 1e-5);
}

CHECK("19.2", "rows at which nothing is asked change nothing, and get no gradient") {
    const Tensors at = {random_tensor({2, 3, 4}), random_tensor({6, 4}), random_tensor({6})};
    const Sequences asked = {{-1, 5, -1}, {0, -1}};
    Tensor other = at[0];
    for (int place : {0, 2, 4, 5})
        for (int k = 0; k < 4; ++k) other.data[place * 4 + k] = 90.0f - 7 * k;
    allow_roundings(64);
    const Tensors found = ASK(loss_and_gradients, at, asked, 7);
    allow_roundings(64);
    const Tensors same = ASK(loss_and_gradients, Tensors{other, at[1], at[2]}, asked, 7);
    for (int i = 0; i < 4; ++i)
        expect_near(same.at(i), found.at(i), 1e-5);
    for (int place : {0, 2, 4, 5})
        for (int k = 0; k < 4; ++k)
            expect(found.at(1).data.at(place * 4 + k) == 0, "a row that is not asked learns");
}

CHECK("19.2", "token 0 may be asked for as any other, and the mean is over what is asked") {
    const Tensor h = random_tensor({2, 4, 3}), E = random_tensor({5, 3}), b = random_tensor({5});
    for (const Sequences& asked : std::vector<Sequences>{
             {{0, -1, -1, -1}, {-1}}, {{-1, 0, 0, 4}, {1, -1, 2}}, {{-1}, {-1, -1, -1, 3}}}) {
        allow_roundings(64);
        expect_near(ASK(loss_of, h, E, b, asked), exact_masked_loss(h, E, b, asked), 1e-5);
    }
}

CHECK("19.2", "when nothing is asked, the loss and every gradient are 0") {
    const Tensors at = {random_tensor({2, 2, 3}), random_tensor({4, 3}), random_tensor({4})};
    for (const Tensor& number : ASK(loss_and_gradients, at, Sequences{{-1, -1}, {-1}}, 7))
        expect_near(number, Tensor(number.shape), 0);
}

CHECK("19.2", "h, E and b learn from it, each of them also when the others are constants") {
    const Tensors at = {random_tensor({2, 3, 4}), random_tensor({6, 4}), random_tensor({6})};
    for (int wanted = 0; wanted < 8; ++wanted) {
        allow_roundings(128);
        ASK(loss_and_gradients, at, Sequences{{5, 2, -1}, {-1, 0, 5}}, wanted);
    }
}

CHECK("19.2", "batches, texts, widths and vocabularies of 1, 2, 9 and 17") {
    for (const Shape& sizes : std::vector<Shape>{{1, 1, 1, 1}, {1, 2, 1, 2}, {2, 1, 3, 2},
                                                 {3, 9, 2, 17}, {9, 3, 17, 9}, {1, 17, 4, 2}}) {
        const int B = sizes[0], T = sizes[1], D = sizes[2], V = sizes[3];
        const Tensor h = random_tensor({B, T, D}), E = random_tensor({V, D});
        const Tensor b = random_tensor({V});
        Sequences asked(B);
        for (Sequence& sequence : asked)
            for (int t = 0; t < T; ++t) sequence.push_back(random_numbers().below(V + 2) - 2);
        for (Sequence& sequence : asked)
            for (int& token : sequence) token = std::max(token, -1);
        expect_near(ASK_UNRECORDED(loss_of, h, E, b, asked), exact_masked_loss(h, E, b, asked),
                    2e-5);
    }
}

CHECK("19.2", "all places count that are asked for, were they 60 in one text") {
    const Tensor h = random_tensor({2, 60, 3}), E = random_tensor({5, 3}), b = random_tensor({5});
    Sequences asked = {random_tokens(60, 5), Sequence(60, -1)};
    asked[1][7] = 4;
    expect_near(ASK_UNRECORDED(loss_of, h, E, b, asked), exact_masked_loss(h, E, b, asked), 2e-5);
}

CHECK("19.2", "refused: h without a row for each token, E and b that do not fit") {
    const Sequences asked = {{-1, 1, 0}, {1}};
    const Tensor h({2, 3, 4}), E({2, 4}), b({2});
    ASK(loss_of, h, E, b, asked);
    const std::vector<Shape> others = {{2, 2, 4}, {2, 4, 4}, {1, 3, 4}, {3, 3, 4}, {6, 4}};
    for (const Shape& shape : others)
        ASK_REFUSAL(loss_of, Tensor(shape), E, b, asked);
    ASK_REFUSAL(loss_of, h, Tensor({2, 3}), b, asked);
    ASK_REFUSAL(loss_of, h, E, Tensor({1}), asked);
}

Tensors masked_loss_read_twice(const Tensors& at, const Sequences& asked) {
    Variables x;
    for (const Tensor& input : at) x.push_back(parameter(input));
    return read_twice(masked_loss(x[0], x[1], x[2], asked), Graph::kept, x);
}
PARTS(masked_loss_read_twice, "gradient #1 of h, E and b, read once and twice");

Tensor masked_loss_again(const Tensors& first, const Tensors& then, const Sequences& asked) {
    return after_a_step<Variable>(
        [&](const Variables& x) { return masked_loss(x[0], x[1], x[2], asked); }, first, then);
}
CALLED(masked_loss_again, "masked_loss, after its inputs have changed");

CHECK("19.2", "nothing is left over from the last call, and a kept graph gives as much again") {
    const Tensors first = {random_tensor({1, 2, 3}), random_tensor({4, 3}), random_tensor({4})};
    const Tensors then = {random_tensor({1, 2, 3}), random_tensor({4, 3}), random_tensor({4})};
    const Sequences asked = {{3, -1}};
    allow_roundings(64);
    ASK(masked_loss_again, first, then, asked);
    expect_doubled(ASK_UNRECORDED(masked_loss_read_twice, first, asked));
}

// ## 19.3 Pairs

RESTS_ON("19.3", "14.2", "17.3");

using Pieces = std::pair<Sequence, Sequence>;

// Tokens and segments, for other marks than the usual ones if asked.
Pieces one_input(const Sequence& first, const Sequence& second, int longest, bool usual) {
    BertSettings settings = small_settings();
    settings.longest = longest;
    if (!usual) settings.classification = 1, settings.separator = 0;
    const Input input = input_of(first, second, settings);
    return {input.tokens, input.segments};
}
CALLED(one_input, "input_of");
PARTS(one_input, "the tokens", "the segments");

static Pieces exact_input(const Sequence& first, const Sequence& second, int longest, bool usual) {
    int a = size_of(first), b = size_of(second);
    const int marks = b == 0 ? 2 : 3;
    while (a + b + marks > longest) (a > b ? a : b) -= 1;
    const int start = usual ? 3 : 1, separator = usual ? 4 : 0;
    Pieces exact;
    const auto put = [&](int token, int segment) {
        exact.first.push_back(token);
        exact.second.push_back(segment);
    };
    put(start, 0);
    for (int i = 0; i < a; ++i) put(first[i], 0);
    put(separator, 0);
    if (marks == 2) return exact;
    for (int i = 0; i < b; ++i) put(second[i], 1);
    put(separator, 1);
    return exact;
}

CHECK("19.3", "[class] 5 8 6 [separator] 11 [separator] has the segments 0 0 0 0 0 1 1") {
    const auto [tokens, segments] = ASK(one_input, Sequence{5, 8, 6}, Sequence{11}, 9, true);
    expect(tokens == Sequence{3, 5, 8, 6, 4, 11, 4}, "other tokens are needed");
    expect(segments == Sequence{0, 0, 0, 0, 0, 1, 1}, "other segments are needed");
}

CHECK("19.3", "without a second text there is one separator, and one segment") {
    const auto [tokens, segments] = ASK(one_input, Sequence{5, 8}, Sequence{}, 9, true);
    expect(tokens == Sequence{3, 5, 8, 4}, "other tokens are needed");
    expect(segments == Sequence(4, 0), "all of it is segment 0");
}

CHECK("19.3", "the longer text loses its last words, and of two that are equally long the second") {
    const Sequence five = {5, 6, 7, 8, 9}, two = {10, 11};
    expect(ASK(one_input, five, two, 9, true).first == Sequence{3, 5, 6, 7, 8, 4, 10, 11, 4},
           "the first text is the longer one, and loses a word");
    expect(ASK(one_input, two, five, 9, true).first == Sequence{3, 10, 11, 4, 5, 6, 7, 8, 4},
           "the second text is the longer one, and loses a word");
    expect(ASK(one_input, two, two, 6, true).first == Sequence{3, 10, 11, 4, 10, 4},
           "of equals the second loses a word");
}

CHECK("19.3", "texts and limits of all lengths, and other marks") {
    for (int longest : {4, 5, 9, 16, 40})
        for (int a : {0, 1, 3, 12})
            for (int b : {0, 1, 2, 3, 12})
                for (bool usual : {true, false}) {
                    const Sequence first = random_words(a, Kind());
                    const Sequence second = random_words(b, Kind());
                    expect(ASK_UNRECORDED(one_input, first, second, longest, usual) ==
                               exact_input(first, second, longest, usual),
                           "tokens or segments are wrong");
                }
}

CHECK("19.3", "a limit in which the marks have no room is refused") {
    ASK_REFUSAL(one_input, Sequence{5}, Sequence{6}, 2, true);
}

// The first words of the seconds, whether they follow, and the random number that is drawn next.
// Pair i has the texts {i} and {100 + i}.
std::tuple<Sequences, Sequences, List, double> drawn_pairs(int count, int seed) {
    Sequences firsts, seconds;
    for (int i = 0; i < count; ++i) firsts.push_back({i}), seconds.push_back({100 + i});
    Random random(seed);
    const Pairs pairs = next_sentences(firsts, seconds, random);
    return {pairs.firsts, pairs.seconds, pairs.follows, random.uniform()};
}
CALLED(drawn_pairs, "next_sentences");
PARTS(drawn_pairs, "first text ##0", "second text ##0", "follows", "the next random number");

CHECK("19.3", "who follows has its own second text, and who does not has another's") {
    for (int count : {2, 3, 50}) {
        const auto [firsts, seconds, follows, next] =
            ASK_UNRECORDED(drawn_pairs, count, random_seed());
        expect(size_of(follows) == count && size_of(seconds) == count && size_of(firsts) == count,
               "there must be as many pairs as before");
        for (int i = 0; i < count; ++i) {
            expect(firsts.at(i) == Sequence{i}, "the first texts stay as they are");
            expect(follows.at(i) == 0 || follows.at(i) == 1, "`follows` is 0 or 1");
            expect((seconds.at(i) == Sequence{100 + i}) == (follows.at(i) == 1),
                   "`follows` is 1 where the second text is the pair's own, and only there");
        }
    }
}

CHECK("19.3", "about half follow, and each of the others is as likely as the next") {
    std::vector<double> times(4);
    double follow = 0;
    const int rounds = 60;
    for (int round = 0; round < rounds; ++round) {
        const auto [firsts, seconds, follows, next] =
            ASK_UNRECORDED(drawn_pairs, 20, 1000 * round + random_numbers().below(1000));
        for (int i = 0; i < 20; ++i) {
            follow += follows.at(i);
            if (follows.at(i) == 0) ++times[(seconds.at(i).at(0) - 100) / 5];
        }
    }
    expect(std::fabs(follow / (20 * rounds) - 0.5) < 0.08, "half must follow");
    for (double count : times)
        expect(count > 90 && count < 210, "some second texts are drawn too often, or too rarely");
}

CHECK("19.3", "the random numbers are used in the promised order") {
    for (int count : {2, 3, 7, 20}) {
        const int seed = random_seed();
        Random random(seed);
        Sequences seconds;
        List follows;
        for (int i = 0; i < count; ++i) {
            follows.push_back(random.uniform() < 0.5f ? 1 : 0);
            int from = i;
            if (follows.back() == 0) {
                from = random.below(count - 1);
                if (from >= i) ++from;
            }
            seconds.push_back({100 + from});
        }
        const auto [firsts, found, labels, next] = ASK_UNRECORDED(drawn_pairs, count, seed);
        expect(labels == follows, "other pairs must follow");
        expect(found == seconds, "other second texts must be drawn");
        expect_near(next, random.uniform(), 0);
    }
}

// Whether they follow, when all second texts are the same.
List drawn_of_equals(int count, int seed) {
    Random random(seed);
    return next_sentences(Sequences(count, {5}), Sequences(count, {6}), random).follows;
}
CALLED(drawn_of_equals, "next_sentences of equal texts");
PARTS(drawn_of_equals, "whether pair #0 follows");

CHECK("19.3", "who was exchanged does not follow, may the other text be the same") {
    const int seed = random_seed();
    Random random(seed);
    List follows;
    for (int i = 0; i < 20; ++i) {
        follows.push_back(random.uniform() < 0.5f ? 1 : 0);
        if (follows.back() == 0) random.below(19);
    }
    expect(ASK_UNRECORDED(drawn_of_equals, 20, seed) == follows, "other pairs must follow");
}

CHECK("19.3", "no pairs make none; a single pair is refused, for there is no other") {
    ASK(drawn_pairs, 0, 3);
    ASK_REFUSAL(drawn_pairs, 1, 3);
}

struct Small {
    Random random{1};
    Bert net;
    explicit Small(const BertSettings& settings = small_settings()) : net(settings, random) {
        fill(net.parameters());
    }
};

// Rows of padding are nobody's business: they come back as zeros.
static Tensor real_rows(Tensor x, const Sequences& sequences) {
    const int T = x.shape[1], D = x.shape[2];
    for (int b = 0; b < size_of(sequences); ++b)
        for (int t = size_of(sequences[b]); t < T; ++t) std::fill_n(x.row(b * T + t), D, 0.0f);
    return x;
}

Tensor embedded(const Sequences& tokens, const Sequences& segments) {
    return real_rows(Small().net.embed({tokens, segments}).value(), tokens);
}
CALLED(embedded, "the rows of real tokens of embed");

// With tables, and a norm that only standardises.
Tensor embedded_by(const Tensor& words, const Tensor& segments, const Tensor& positions,
                   const Sequence& tokens, const Sequence& in) {
    BertSettings settings = small_settings();
    settings.stack = {words.shape[1], 1, 2, 1};
    settings.vocabulary = words.shape[0];
    settings.longest = positions.shape[0];
    Random random(1);
    const Bert net(settings, random);
    net.words.set_value(words);
    net.segments.set_value(segments);
    net.positions.set_value(positions);
    return net.embed({{tokens}, {in}}).value();
}
CALLED(embedded_by, "embed");

// The gradients of the three tables, the gain and the bias.
Tensors embedding_gradients(const Sequences& tokens, const Sequences& segments, const Tensor& dy) {
    const Small small;
    const Bert& net = small.net;
    backward(sum(net.embed({tokens, segments}) * real_rows(dy, tokens)));
    Tensors all;
    for (const Variable& p :
         {net.words, net.segments, net.positions, net.norm.gain, net.norm.bias})
        all.push_back(p.gradient());
    return all;
}
PARTS(embedding_gradients, "the gradient of the words", "the gradient of the segments",
      "the gradient of the positions", "the gradient of the gain", "the gradient of the bias");

// The rows under dropout, and the random number that is drawn next.
std::pair<Tensor, double> embedded_with_dropout(const Sequences& tokens, const Sequences& segments,
                                                double rate, int seed) {
    const Small small;
    Random random(seed);
    const Tensor x = small.net.embed({tokens, segments}, Dropout(rate, random)).value();
    return {real_rows(x, tokens), random.uniform()};
}
CALLED(embedded_with_dropout, "embed");
PARTS(embedded_with_dropout, "the rows", "the next random number");

CHECK("19.3", "words [4 0], segments [0 2], positions [1 0]: the sum [5 2] becomes [1 −1]") {
    const Tensor words = matrix({{0, 9}, {4, 0}}), segments = matrix({{9, 0}, {0, 2}});
    const Tensor positions = matrix({{1, 0}, {0, 30}});
    const Tensor x = ASK(embedded_by, words, segments, positions, Sequence{1, 1}, Sequence{1, 0});
    expect_near(x, Tensor({1, 2, 2}, {1, -1, -1, 1}), 1e-4);
}

CHECK("19.3", "each token has the row of its word, of its segment and of its place in its text") {
    const Sequences tokens = {{3, 5, 4, 11, 4}, {3, 4}, {3, 7, 7, 4}};
    const Sequences segments = {{0, 0, 0, 1, 1}, {0, 0}, {0, 0, 1, 1}};
    allow_roundings(128);
    ASK(embedded, tokens, segments);
    allow_roundings(128);
    ASK(embedded, Sequences{{3}}, Sequences{{0}});
}

CHECK("19.3", "tokens and segments that are not equally many are refused") {
    const Sequences tokens = {{3, 5, 4}, {3, 4}};
    ASK_REFUSAL(embedded, tokens, Sequences{{0, 0, 0}, {0, 0, 0}});
    ASK_REFUSAL(embedded, tokens, Sequences{{0, 0}, {0, 0}});
    ASK_REFUSAL(embedded, tokens, Sequences{{0, 0, 0}});
    ASK_REFUSAL(embedded, tokens, Sequences{});
}

CHECK("19.3", "a text that is longer than the table of positions is refused") {
    const Sequence ten = random_tokens(10, 12);
    ASK_REFUSAL(embedded, Sequences{ten}, Sequences{Sequence(10, 0)});
    ASK_REFUSAL(embedded, Sequences{{3, 4}, ten}, Sequences{{0, 0}, Sequence(10, 1)});
}

CHECK("19.3", "all three tables learn, and the norm") {
    const Sequences tokens = {{3, 5, 4, 5, 4}, {3, 4}}, segments = {{0, 0, 0, 1, 1}, {0, 0}};
    allow_roundings(512);
    ASK(embedding_gradients, tokens, segments, random_tensor({2, 5, 4}));
}

CHECK("19.3", "dropout comes last, behind the norm, and acts once on each number") {
    const Sequences tokens = {{3, 5, 4}, {3, 6, 4}}, segments = {{0, 0, 0}, {0, 0, 1}};
    const int seed = random_seed();
    Random random(seed);
    for (int i = 0; i < 2 * 3 * 4; ++i) random.uniform();
    allow_roundings(256);
    const auto [x, next] = ASK(embedded_with_dropout, tokens, segments, 0.5, seed);
    expect_near(next, random.uniform(), 0);
    allow_roundings(256);
    const Tensor plain = ASK(embedded, tokens, segments);
    for (int i = 0; i < plain.size(); ++i)
        expect(x.data.at(i) == 0 || std::fabs(x.data[i] - 2 * plain.data[i]) < 1e-4f,
               "each number is dropped, or twice what it is without dropout");
}

Tensor first_rows(const Tensor& h) { return class_rows(h).value(); }
CALLED(first_rows, "class_rows");

Tensors first_rows_with(const Tensor& h, const Tensor& dy, int wanted) {
    return with_constants<Variable>([](const Variables& x) { return class_rows(x[0]); }, {h}, dy,
                                    wanted);
}
CALLED(first_rows_with, "the gradient of class_rows");
PARTS(first_rows_with, "the rows", "the gradient of h");

CHECK("19.3", "class_rows of [1 2; 3 4] and [5 6; 7 8]: [1 2] and [5 6]") {
    const Tensor h({2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8});
    expect_near(ASK(first_rows, h), matrix({{1, 2}, {5, 6}}), 0);
}

CHECK("19.3", "class rows of any batch; their gradient goes to where they stood") {
    for (const Shape& shape : std::vector<Shape>{{1, 1, 1}, {3, 2, 4}, {2, 5, 1}, {17, 1, 3}}) {
        const Tensor h = random_tensor(shape), dy = random_tensor({shape[0], shape[2]});
        for (int wanted : {0, 1}) {
            const Tensors found = ASK(first_rows_with, h, dy, wanted);
            Tensor dh(shape);
            for (int b = 0; b < shape[0]; ++b)
                for (int k = 0; k < shape[2]; ++k)
                    dh.data[b * shape[1] * shape[2] + k] = wanted * dy.data[b * shape[2] + k];
            expect_near(found.at(1), dh, 0);
        }
    }
    ASK_REFUSAL(first_rows, Tensor({2, 0, 3}));
    ASK_REFUSAL(first_rows, Tensor({2, 3}));
}

// ## 19.4 Before and after

RESTS_ON("19.4", "15.3", "19.2", "19.3");

// The loss of pre-training, and the random number that is drawn next.
std::pair<double, double> pretrained(const Sequences& firsts, const Sequences& seconds, double rate,
                                     int seed) {
    const Small small;
    Random random(seed);
    const double loss =
        pretraining_loss(small.net, firsts, seconds, rate, random).value().data[0];
    return {loss, random.uniform()};
}
CALLED(pretrained, "pretraining_loss");
PARTS(pretrained, "the loss", "the next random number");

// The same with a dropout that has its own numbers, and how many it has used.
std::pair<double, double> pretrained_with_dropout(const Sequences& firsts,
                                                  const Sequences& seconds, double dropout,
                                                  int seed) {
    const Small small;
    Random random(seed), drops(seed + 1);
    const double loss =
        pretraining_loss(small.net, firsts, seconds, 0.5, random, Dropout(dropout, drops))
            .value()
            .data[0];
    return {loss, drops.uniform()};
}
CALLED(pretrained_with_dropout, "pretraining_loss");
PARTS(pretrained_with_dropout, "the loss", "the next random number of the dropout");

static Tensor all_gradients(const Parameters& parameters) {  // as one row
    std::vector<float> all;
    for (const Variable& p : parameters)
        all.insert(all.end(), p.gradient().data.begin(), p.gradient().data.end());
    return {{size_of(all)}, all};
}

// The gradients of all parameters, and of the head for pairs.
Tensors pretraining_gradients(const Sequences& firsts, const Sequences& seconds, double rate,
                              int seed) {
    const Small small;
    Random random(seed);
    backward(pretraining_loss(small.net, firsts, seconds, rate, random));
    return {all_gradients(small.net.parameters()), small.net.next.W.gradient(),
            small.net.word_bias.gradient()};
}
PARTS(pretraining_gradients, "the gradients of all parameters", "the gradient of next.W",
      "the gradient of the words' bias");

// The losses of two steps with one generator, in which nothing learns.
Tensor two_losses(const Sequences& firsts, const Sequences& seconds, double rate, int seed) {
    const Small small;
    Random random(seed);
    Tensor losses({2});
    for (float& loss : losses.data)
        loss = pretraining_loss(small.net, firsts, seconds, rate, random).value().data[0];
    return losses;
}
CALLED(two_losses, "the losses of two steps");

static const Sequences some_firsts = {{5, 8, 6}, {7, 9}, {10, 11, 5, 6}};
static const Sequences some_seconds = {{11}, {6, 6}, {9}};

CHECK("19.4", "the loss is that of the hidden words plus that of the pairs") {
    for (int seed : {1, 2, 3}) {
        allow_roundings(512);
        ASK(pretrained, some_firsts, some_seconds, 0.5, seed);
    }
}

CHECK("19.4", "with nothing hidden only the pairs are left, and their head learns") {
    allow_roundings(512);
    const auto [loss, next] = ASK(pretrained, some_firsts, some_seconds, 0.0, 5);
    expect(loss > 0.05, "the pairs alone have a loss");
    allow_roundings(2048);
    const Tensors found = ASK(pretraining_gradients, some_firsts, some_seconds, 0.0, 5);
    for (float g : found.at(2).data) expect(g == 0, "no word is asked for");
}

CHECK("19.4", "pairs are drawn first, and then the masks; nothing else is drawn") {
    for (double rate : {0.2, 1.0}) {
        const int seed = random_seed();
        Random random(seed);
        Sequences seconds = some_seconds;
        for (int i = 0; i < 3; ++i) {
            if (random.uniform() < 0.5f) continue;
            const int other = random.below(2);
            seconds[i] = some_seconds[other < i ? other : other + 1];
        }
        for (int i = 0; i < 3; ++i) {
            const int words = size_of(exact_input(some_firsts[i], seconds[i], 9, true).first) - 3;
            for (int w = 0; w < words; ++w) {
                if (!(random.uniform() < rate)) continue;
                const float u = random.uniform();
                if (u >= 0.8 && u < 0.9) random.below(7);
            }
        }
        allow_roundings(512);
        const auto [loss, next] = ASK(pretrained, some_firsts, some_seconds, rate, seed);
        expect_near(next, random.uniform(), 0);
    }
}

CHECK("19.4", "each time a batch is read, it has other gaps and other pairs") {
    const Tensor losses = ASK(two_losses, some_firsts, some_seconds, 0.4, 11);
    expect(losses.data.at(0) != losses.data.at(1), "the second time, the same is asked");
}

CHECK("19.4", "every parameter learns from the hidden words and the pairs") {
    for (int seed : {4, 9}) {
        allow_roundings(4096);
        ASK(pretraining_gradients, some_firsts, some_seconds, 0.6, seed);
    }
}

CHECK("19.4", "the dropout is handed on to the net") {
    const Sequences firsts = {{5}, {6}}, seconds = {{7}, {8}};
    const int seed = random_seed();
    Random drops(seed + 1);
    // Two texts of five tokens and four features: the embedding and two sublayers.
    for (int i = 0; i < 2 * 5 * 4 * 3; ++i) drops.uniform();
    allow_roundings(512);
    const auto [loss, next] = ASK(pretrained_with_dropout, firsts, seconds, 0.5, seed);
    expect_near(next, drops.uniform(), 0);
}

CHECK("19.4", "batches of two and of many texts, which are cut where they are too long") {
    for (int B : {2, 5, 17}) {
        Sequences firsts, seconds;
        for (int i = 0; i < B; ++i) {
            firsts.push_back(random_words(1 + random_numbers().below(9), Kind()));
            seconds.push_back(random_words(1 + random_numbers().below(4), Kind()));
        }
        allow_roundings(1024);
        ASK(pretrained, firsts, seconds, 0.3, random_seed());
    }
}

// How many parameters of the copy have the numbers of the net, are its own and want a gradient;
// how many numbers of the net have changed after each number of the copy has been made 7.
List copied(const List& sizes, bool frozen) {
    BertSettings settings = small_settings();
    settings.stack.num_layers = sizes[0];
    settings.vocabulary = sizes[1];
    const Small small(settings);
    if (frozen) freeze(small.net.parameters());
    const Bert copy = copy_of(small.net);
    const Parameters from = small.net.parameters(), to = copy.parameters();
    List counts = {size_of(from), size_of(to), 0, 0, 0, 0, copy.settings.vocabulary};
    Tensors before;
    for (const Variable& p : from) before.push_back(p.value());
    for (int i = 0; i < std::min(size_of(from), size_of(to)); ++i) {
        counts[2] += to[i].value().data == from[i].value().data;
        counts[3] += to[i].node() != from[i].node();
        counts[4] += to[i].needs_gradient();
        Tensor sevens(to[i].shape());
        for (float& number : sevens.data) number = 7;
        to[i].set_value(sevens);
    }
    for (int i = 0; i < size_of(from); ++i) counts[5] += from[i].value().data != before[i].data;
    return counts;
}
CALLED(copied, "copy_of");
PARTS(copied, "the net's parameters", "the copy's", "how many are equal", "how many are its own",
      "how many want a gradient", "how many of the net change with the copy",
      "the copy's vocabulary");

// Two copies of one net, of which one learns: does the other, and the net, stay?
Tensors logits_of_copies(const Sequences& tokens) {
    const Small small;
    const Inputs inputs{tokens, Sequences{Sequence(tokens.at(0).size(), 0)}};
    const Bert one = copy_of(small.net), two = copy_of(small.net);
    SGD sgd(one.parameters(), 0.5);
    train_step(sgd, [&] { return sum(class_rows(one(inputs)) * Tensor(row({1, -2, 3, 0.5f}))); });
    Tensors all;
    for (const Bert* net : {&small.net, &one, &two})
        all.push_back(class_rows((*net)(inputs)).value());
    return all;
}
CALLED(logits_of_copies, "class rows of a net and two copies, one of which has learnt");
PARTS(logits_of_copies, "the net's", "the first copy's, which has learnt", "the second copy's");

CHECK("19.4", "a copy has the same numbers, and parameters of its own") {
    for (const auto& [sizes, frozen] : std::vector<std::pair<List, bool>>{
             {{1, 12}, false}, {{2, 9}, false}, {{0, 6}, false}, {{1, 12}, true}}) {
        const List counts = ASK(copied, sizes, frozen);
        expect(counts.at(2) == counts.at(0), "some numbers were not copied");
        expect(counts.at(3) == counts.at(0), "a parameter of the copy is the net's own");
        expect(counts.at(4) == counts.at(0), "the copy must be able to learn");
        expect(counts.at(5) == 0, "the net changes when the copy does");
    }
}

CHECK("19.4", "what one copy learns, the net and another copy do not") {
    allow_roundings(1024);
    const Tensors found = ASK(logits_of_copies, Sequences{{3, 5, 4}});
    expect_same_bits(found.at(2), found.at(0), "the second copy is no longer the net");
    expect(found.at(1).data != found.at(0).data, "the first copy must learn");
}

// Steps of fine-tuning. The body is one matrix: c = dropout(x · body). Of `how`: how many steps, is
// it frozen, do gradients lie around before?
struct Tuned {
    Variable body = parameter(matrix({{0.5f, -1, 0.25f}, {1, 0.5f, -0.5f}}));
    Linear head;
    explicit Tuned(Random& random) : head(3, 2, random) { fill(head.parameters()); }
};

using After = std::tuple<Tensors, Tensor, double, int>;

After tuned(const Tensor& x, const List& kinds, const List& how, double body_rate,
            double head_rate) {
    Random random(3), drops(4);
    const Tuned net(random);
    SGD of_body({net.body}, 77), of_head(net.head.parameters(), 88);
    if (how[2] == 1) {
        net.body.add_gradient(matrix({{10, 20, 30}, {40, 50, 60}}));
        net.head.W.add_gradient(matrix({{10, 20}, {30, 40}, {50, 60}}));
    }
    int asked = 0;
    Tensor losses({how[0]});
    for (float& loss : losses.data)
        loss = fine_tune_step(
            [&](const Dropout& dropout) {
                ++asked;
                return dropout(matmul(Variable(x), net.body));
            },
            net.head, kinds, of_body, of_head, {how[1] == 1, body_rate, head_rate},
            Dropout(0.5, drops));
    return {{net.body.value(), net.head.W.value(), net.head.b.value()},
            losses,
            drops.uniform(),
            asked};
}
CALLED(tuned, "fine_tune_step");
PARTS(tuned, "the body's matrix, the head's W and b", "the losses",
      "the next random number of the dropout", "how often the features are asked");

// The same step without dropout, by hand: SGD on softmax(x body W + b).
static Tensors exactly_tuned(const Tensor& x, const List& kinds, bool frozen, int steps,
                             double body_rate, double head_rate) {
    Random random(19);  // as `fill` begins
    Tensors now = {Tensor({2, 3}, {0.5f, -1, 0.25f, 1, 0.5f, -0.5f}), Tensor({3, 2}), Tensor({2})};
    for (int i : {1, 2})
        for (float& number : now[i].data) number = random.uniform(-0.6f, 0.6f);
    const int N = x.shape[0], C = 2, D = 3;
    for (int step = 0; step < steps; ++step) {
        const Tensor c = exact_product(x, now[0]), z = exact_product(c, now[1]);
        Tensor dz({N, C});
        for (int i = 0; i < N; ++i) {
            double sum = 0;
            for (int j = 0; j < C; ++j) sum += std::exp(double{z.data[i * C + j]} + now[2].data[j]);
            for (int j = 0; j < C; ++j)
                dz.data[i * C + j] = static_cast<float>(
                    (std::exp(double{z.data[i * C + j]} + now[2].data[j]) / sum - (j == kinds[i])) /
                    N);
        }
        const Tensor dW = exact_product(transposed_copy(c), dz);
        const Tensor dbody =
            exact_product(transposed_copy(x), exact_product(dz, transposed_copy(now[1])));
        for (int i = 0; i < D * C; ++i)
            now[1].data[i] -= static_cast<float>(head_rate) * dW.data[i];
        for (int i = 0; i < N * C; ++i)
            now[2].data[i % C] -= static_cast<float>(head_rate) * dz.data[i];
        if (frozen) continue;
        for (int i = 0; i < now[0].size(); ++i)
            now[0].data[i] -= static_cast<float>(body_rate) * dbody.data[i];
    }
    return now;
}

// The same without dropout.
Tensors plainly_tuned(const Tensor& x, const List& kinds, int frozen, int steps, double body_rate,
                      double head_rate) {
    Random random(3);
    const Tuned net(random);
    SGD of_body({net.body}, 77), of_head(net.head.parameters(), 88);
    for (int i = 0; i < steps; ++i)
        fine_tune_step([&](const Dropout& d) { return d(matmul(Variable(x), net.body)); }, net.head,
                       kinds, of_body, of_head, {frozen == 1, body_rate, head_rate});
    return {net.body.value(), net.head.W.value(), net.head.b.value()};
}
CALLED(plainly_tuned, "fine_tune_step, without dropout");
PARTS(plainly_tuned, "the body's matrix", "the head's W", "the head's b");

CHECK("19.4", "body and head go down their gradients, each at its own rate") {
    const Tensor x = matrix({{1, 0.5f}, {-1, 2}, {0.25f, 1}});
    const Tensors found = ASK(plainly_tuned, x, List{1, 0, 1}, 0, 1, 0.25, 2.0);
    const Tensors exact = exactly_tuned(x, {1, 0, 1}, false, 1, 0.25, 2.0);
    for (int i = 0; i < 3; ++i) expect_near(found.at(i), exact[i], 1e-5);
}

CHECK("19.4", "frozen, the head learns and the body does not") {
    const Tensor x = matrix({{1, 0.5f}, {-1, 2}, {0.25f, 1}});
    const Tensors found = ASK(plainly_tuned, x, List{1, 0, 1}, 1, 2, 0.25, 2.0);
    const Tensors exact = exactly_tuned(x, {1, 0, 1}, true, 2, 0.25, 2.0);
    expect_same_bits(found.at(0), exact[0], "the body has changed");
    for (int i = 0; i < 3; ++i) expect_near(found.at(i), exact[i], 1e-5);
}

CHECK("19.4", "gradients of the step before are forgotten, the body's and the head's") {
    const Tensor x = random_tensor({4, 2});
    const List kinds = {0, 1, 1, 0};
    for (int frozen : {0, 1}) {
        const Tensors found = ASK_UNRECORDED(plainly_tuned, x, kinds, frozen, 3, 0.5, 0.125);
        const Tensors exact = exactly_tuned(x, kinds, frozen == 1, 3, 0.5, 0.125);
        for (int i = 0; i < 3; ++i) expect_near(found.at(i), exact[i], 2e-5);
        allow_roundings(64);
        ASK(tuned, x, kinds, List{1, frozen, 1}, 0.5, 0.125);
    }
}

CHECK("19.4", "with everything learning the dropout acts; frozen, nothing is dropped or drawn") {
    const Tensor x = random_tensor({2, 2});
    for (int frozen : {0, 1}) {
        allow_roundings(64);
        const auto [after, losses, next, asked] =
            ASK(tuned, x, List{1, 0}, List{2, frozen, 0}, 0.1, 0.2);
        Random drops(4);
        for (int i = 0; i < (frozen == 1 ? 0 : 2 * 2 * 3); ++i) drops.uniform();
        expect_near(next, drops.uniform(), 0);
        expect(asked == 2, "each step asks once for the features");
    }
}

// The body after a frozen step, after one in which all learns, and after one more at other rates.
Tensors tuned_in_turns(const Tensor& x, const List& kinds, const std::vector<double>& rates) {
    Random random(3);
    const Tuned net(random);
    SGD of_body({net.body}, 77), of_head(net.head.parameters(), 88);
    Tensors all;
    for (int i = 0; i < 3; ++i) {
        fine_tune_step([&](const Dropout& d) { return d(matmul(Variable(x), net.body)); }, net.head,
                       kinds, of_body, of_head, {i == 0, rates[2 * i], rates[2 * i + 1]});
        all.push_back(net.body.value());
        all.push_back(net.head.W.value());
    }
    return all;
}
CALLED(tuned_in_turns, "fine_tune_step: frozen, then with all learning, then at other rates");
PARTS(tuned_in_turns, "the body after the frozen step", "the head's W", "the body after the next",
      "the head's W", "the body after the third", "the head's W");

CHECK("19.4", "a body that was frozen can learn in the next step, and each step has its rates") {
    const Tensor x = random_tensor({4, 2});
    const std::vector<double> rates = {0.5, 0.25, 1.0, 0.5, 0.125, 2.0};
    allow_roundings(64);
    const Tensors found = ASK(tuned_in_turns, x, List{0, 1, 1, 0}, rates);
    expect(found.at(2).data != found.at(0).data, "the body must learn when it is not frozen");
}

// Frozen: does a gradient reach the body, has its optimiser counted a step?
List frozen_body(const Tensor& x, const List& kinds, int steps) {
    Random random(3);
    const Tuned net(random);
    Adam of_body({net.body}, 1), of_head(net.head.parameters(), 1);
    for (int i = 0; i < steps; ++i)
        fine_tune_step([&](const Dropout& d) { return d(matmul(Variable(x), net.body)); }, net.head,
                       kinds, of_body, of_head, {true, 0.5, 0.5});
    return {net.body.node()->has_gradient, of_body.state.steps, of_head.state.steps};
}
CALLED(frozen_body, "fine_tune_step, frozen");
PARTS(frozen_body, "whether the body has a gradient", "steps of the body's optimiser",
      "steps of the head's");

CHECK("19.4", "frozen, no gradient reaches the body, and its optimiser takes no step") {
    const List found = ASK(frozen_body, random_tensor({3, 2}), List{1, 0, 1}, 2);
    expect(found.at(0) == 0, "a gradient has reached the body");
    expect(found.at(1) == 0, "the body's optimiser has taken a step");
    expect(found.at(2) == 2, "the head's must take one each time");
}

// A step whose loss is not a number: was it refused, and did anything change?
std::string step_without_loss(int frozen) {
    Random random(3);
    const Tuned net(random);
    const Tensor before = net.body.value(), head = net.head.W.value();
    SGD of_body({net.body}, 1), of_head(net.head.parameters(), 1);
    try {
        fine_tune_step(
            [&](const Dropout&) { return matmul(Variable(matrix({{NAN, 1}})), net.body); },
            net.head, {1}, of_body, of_head, {frozen == 1, 0.5, 0.5});
    } catch (const std::runtime_error&) {
        const bool same = net.body.value().data == before.data &&
                          net.head.W.value().data == head.data && of_body.state.steps == 0;
        return same ? "refused" : "changed";
    }
    return "accepted";
}

CHECK("19.4", "a loss that is not a number is refused, and changes nothing") {
    for (int frozen : {0, 1})
        expect(ASK(step_without_loss, frozen) == "refused", "it must be refused");
}

// A frozen body whose features are constants, as when they were computed once for all steps.
Tensors tuned_on_constants(const Tensor& c, const List& kinds, int frozen) {
    Random random(3);
    const Tuned net(random);
    Adam of_body({}, 1);
    SGD of_head(net.head.parameters(), 1);
    fine_tune_step([&](const Dropout&) { return Variable(c); }, net.head, kinds, of_body, of_head,
                   {frozen == 1, 0.5, 0.5});
    return {net.head.W.value(), net.head.b.value()};
}
CALLED(tuned_on_constants, "fine_tune_step");
PARTS(tuned_on_constants, "the head's W", "the head's b");

CHECK("19.4", "features that are constants, a body without parameters, one text and many") {
    for (int N : {1, 2, 33}) {
        const Tensor c = random_tensor({N, 3});
        List kinds;
        for (int i = 0; i < N; ++i) kinds.push_back(random_numbers().below(2));
        for (int frozen : {0, 1}) {
            allow_roundings(64);
            ASK(tuned_on_constants, c, kinds, frozen);
        }
    }
}

// ## 19.5 Spans

RESTS_ON("19.5", "4.3", "4.4");

static std::vector<Span> spans_of(const List& ends) {  // first, last, first, last, …
    std::vector<Span> spans;
    for (int i = 0; i + 1 < size_of(ends); i += 2) spans.push_back({ends[i], ends[i + 1]});
    return spans;
}

double loss_of_spans(const Tensor& z, const Tensor& places, const List& ends) {
    return span_loss(z, places, spans_of(ends)).value().data[0];
}
CALLED(loss_of_spans, "span_loss");

Tensors span_gradients(const Tensor& z, const Tensor& places, const List& ends, int wanted) {
    return with_constants<Variable>(
        [&](const Variables& x) { return span_loss(x[0], places, spans_of(ends)); }, {z},
        Tensor({}, {3.0f}), wanted);
}
CALLED(span_gradients, "the gradient of span_loss, times 3");
PARTS(span_gradients, "the loss", "the gradient of z");

static double exact_span_loss(const Tensor& z, const Tensor& places, const List& ends) {
    const int B = z.shape[0], T = z.shape[1];
    double total = 0;
    for (int b = 0; b < B; ++b)
        for (int k = 0; k < 2; ++k) {
            double sum = 0;
            for (int t = 0; t < T; ++t)
                if (places.data[b * T + t] != 0)
                    sum += std::exp(double{z.data[(b * T + t) * 2 + k]});
            total += std::log(sum) - z.data[(b * T + ends[2 * b + k]) * 2 + k];
        }
    return total / (2 * B);
}

CHECK("19.5", "three places, logits 0 but for a 2 at the first start and at the last end: 0.2395") {
    const Tensor z({1, 3, 2}, {2, 0, 0, 0, 0, 2}), places = matrix({{1, 1, 1}});
    expect_near(ASK(loss_of_spans, z, places, List{0, 2}), 0.239545, 1e-5);
}

CHECK("19.5", "starts and ends are not exchanged") {
    const Tensor z({1, 3, 2}, {5, 1, 0, 2, -1, 7}), places = matrix({{1, 1, 1}});
    const double right = ASK(loss_of_spans, z, places, List{0, 2});
    const double other = ASK(loss_of_spans, z, places, List{2, 2});
    expect(right < 0.1 && other > 2, "the first of the two logits is that of the start");
}

CHECK("19.5", "what stands outside of the text changes nothing, and gets no gradient") {
    const Tensor z = random_tensor({2, 5, 2});
    const Tensor places = matrix({{0, 0, 1, 1, 0}, {0, 1, 1, 1, 0}});
    Tensor other = z;
    for (int place : {0, 1, 4, 5, 9})
        for (int k = 0; k < 2; ++k) other.data[2 * place + k] = 50.0f + place;
    const List ends = {2, 3, 1, 1};
    allow_roundings(64);
    const Tensors one = ASK(span_gradients, z, places, ends, 1);
    allow_roundings(64);
    const Tensors two = ASK(span_gradients, other, places, ends, 1);
    for (int i = 0; i < 2; ++i) expect_near(two.at(i), one.at(i), 1e-5);
    for (int place : {0, 1, 4, 5, 9})
        for (int k = 0; k < 2; ++k)
            expect(one.at(1).data.at(2 * place + k) == 0, "a place outside of the text learns");
}

CHECK("19.5", "outside of the text a logit may be a million, and nothing is left of it") {
    Tensor z = random_tensor({1, 4, 2});
    const Tensor places = matrix({{0, 1, 1, 0}});
    for (int k : {0, 1, 6, 7}) z.data[k] = 1e6f;
    expect_near(ASK_UNRECORDED(loss_of_spans, z, places, List{1, 2}),
                exact_span_loss(z, places, {1, 2}), 1e-5);
}

CHECK("19.5", "one text or many, of 1, 2, 9 and 17 tokens, and places with gaps") {
    for (int B : {1, 2, 5})
        for (int T : {1, 2, 9, 17}) {
            const Tensor z = random_tensor({B, T, 2});
            Tensor places({B, T});
            List ends;
            for (int b = 0; b < B; ++b) {
                for (int t = 0; t < T; ++t) places.data[b * T + t] = random_numbers().below(3) > 0;
                const int last = random_numbers().below(T);
                const int first = random_numbers().below(last + 1);
                places.data[b * T + first] = places.data[b * T + last] = 1;
                ends.insert(ends.end(), {first, last});
            }
            expect_near(ASK_UNRECORDED(loss_of_spans, z, places, ends),
                        exact_span_loss(z, places, ends), 1e-5);
            allow_roundings(64);
            ASK(span_gradients, z, places, ends, 1);
        }
}

Tensors span_loss_read_twice(const Tensor& z, const Tensor& places, const List& ends) {
    const Variable x = parameter(z);
    return read_twice(span_loss(x, places, spans_of(ends)), Graph::kept, Variables{x});
}

CHECK("19.5", "a constant learns nothing, a kept graph gives as much again, shapes must fit") {
    const Tensor z = random_tensor({2, 3, 2}), places = matrix({{1, 1, 1}, {0, 1, 1}});
    const List ends = {0, 1, 1, 2};
    ASK(span_gradients, z, places, ends, 0);
    expect_doubled(ASK_UNRECORDED(span_loss_read_twice, z, places, ends));
    ASK_REFUSAL(loss_of_spans, z, matrix({{1, 1, 1}}), ends);
    ASK_REFUSAL(loss_of_spans, z, places, List{0, 1});
}

List found_span(const Tensor& z, const Tensor& places) {
    const Span span = best_span(z, places);
    return {span.first, span.last};
}
CALLED(found_span, "best_span");
PARTS(found_span, "its first token", "its last token");

static List exact_span(const Tensor& z, const Tensor& places) {
    List best = {-1, -1};
    double largest = 0;
    for (int e = 0; e < z.shape[0]; ++e)
        for (int s = 0; s <= e; ++s) {
            if (places.data[s] == 0 || places.data[e] == 0) continue;
            const double sum = double{z.data[2 * s]} + z.data[2 * e + 1];
            if (best[0] < 0 || sum > largest) largest = sum, best = {s, e};
        }
    return best;
}

static Tensor everywhere(int T) { return Tensor({T}, std::vector<float>(T, 1.0f)); }

CHECK("19.5", "starts 1 5 2, ends 6 1 3: the best end stands in front of the best start") {
    const Tensor z = matrix({{1, 6}, {5, 1}, {2, 3}});
    expect(ASK(found_span, z, everywhere(3)) == List{1, 2}, "it is from 1 to 2, with 5 + 3");
}

CHECK("19.5", "an answer may be a single token") {
    const Tensor z = matrix({{1, 0}, {7, 7}, {2, 1}});
    expect(ASK(found_span, z, everywhere(3)) == List{1, 1}, "it is the token in the middle");
}

CHECK("19.5", "neither its first nor its last token stands outside of the text") {
    const Tensor z = matrix({{9, 9}, {1, 0}, {0, 1}, {-1, 0}, {9, 9}});
    expect(ASK(found_span, z, row({0, 1, 1, 1, 0})) == List{1, 2}, "only 1, 2 and 3 are places");
}

CHECK("19.5", "logits that are all negative have a best pair too") {
    const Tensor z = matrix({{-5, -9}, {-7, -2}, {-1, -8}});
    expect(ASK(found_span, z, everywhere(3)) == List{0, 1}, "it is −5 − 2, from 0 to 1");
    const Tensor low = matrix({{-3e12f, -2e12f}, {-1e12f, -4e12f}, {-5e12f, -3e12f}});
    expect(ASK(found_span, low, everywhere(3)) == List{1, 2}, "it is from 1 to 2");
}

CHECK("19.5", "of equals it is the one that ends first, and then the one that begins first") {
    const Tensor z({4, 2});
    expect(ASK(found_span, z, everywhere(4)) == List{0, 0}, "all are equal");
    expect(ASK(found_span, matrix({{2, 0}, {2, 1}, {0, 1}}), everywhere(3)) == List{0, 1},
           "it is from 0 to 1");
    const Tensor tiny = matrix({{1, 1e-9f}, {1, 1e-9f}, {1, 1e-9f}});
    expect(ASK(found_span, tiny, everywhere(3)) == List{0, 0}, "all sums are 1 and a little");
}

CHECK("19.5", "any logits, many of them equal, and any places") {
    for (int T : {1, 2, 3, 9, 40})
        for (int round = 0; round < 6; ++round) {
            Tensor z({T, 2}), places({T});
            for (float& logit : z.data)
                logit = static_cast<float>(random_numbers().below(round < 3 ? 4 : 1000)) - 2.0f;
            for (float& place : places.data) place = random_numbers().below(4) > 0;
            places.data[random_numbers().below(T)] = 1;
            expect(ASK_UNRECORDED(found_span, z, places) == exact_span(z, places),
                   "another pair is better, or comes first");
        }
}

CHECK("19.5", "a long text is no trouble; one without a place is refused") {
    const int T = 3000;
    const Tensor z = random_tensor({T, 2}), places = everywhere(T);
    expect(ASK_UNRECORDED(found_span, z, places) == exact_span(z, places), "another is better");
    ASK_REFUSAL(found_span, random_tensor({3, 2}), Tensor({3}));
    ASK_REFUSAL(found_span, random_tensor({3, 2}), Tensor({2}));
    ASK_REFUSAL(found_span, Tensor({0, 2}), Tensor({0}));
}

// ## 19.6 Low-rank changes

// A, B, the scale; whether both learn; and the random number that is drawn next.
std::tuple<Tensors, double, int, double> low_rank(int in, int out, int r, double alpha, int seed) {
    Random random(seed);
    const LowRank change(in, out, r, alpha, random);
    return {{change.A.value(), change.B.value()},
            change.scale,
            change.A.needs_gradient() + 2 * change.B.needs_gradient(),
            random.uniform()};
}
CALLED(low_rank, "LowRank");
PARTS(low_rank, "A and B", "the scale", "which of the two learn (3: both)",
      "the next random number");

CHECK("19.6", "A is [in, r], random with the deviation 1/√in; B is [r, out], zeros; both learn") {
    for (const Shape& size : std::vector<Shape>{{400, 3, 5}, {100, 30, 16}, {9, 2, 200}}) {
        const int in = size[0], out = size[1], r = size[2], seed = random_seed();
        const auto [matrices, scale, learn, next] =
            ASK_UNRECORDED(low_rank, in, out, r, 8.0, seed);
        expect(matrices.at(0).shape == Shape{in, r}, "A must be [in, r]");
        expect(matrices.at(1).shape == Shape{r, out}, "B must be [r, out]");
        double squares = 0, mean = 0, far = 0;
        for (float a : matrices.at(0).data) {
            squares += double{a} * a;
            mean += a;
            far += std::fabs(a) * std::sqrt(1.0 * in) > 1.9;
        }
        const double count = in * r;
        expect(std::fabs(mean / count * std::sqrt(1.0 * in)) < 0.12, "A's mean is 0");
        expect(far / count > 0.03 && far / count < 0.09, "A is not normal");
        expect(std::fabs(std::sqrt(squares / count * in) - 1) < 0.15, "A's deviation is 1/√in");
        for (float b : matrices.at(1).data) expect(b == 0, "B begins as zeros");
        expect(learn == 3, "A and B must learn");
        expect(next != Random(seed).uniform(), "`random` itself is to be used");
    }
}

CHECK("19.6", "the scale is α/r") {
    expect_near(std::get<1>(ASK_UNRECORDED(low_rank, 3, 2, 4, 8.0, 1)), 2, 1e-6);
    expect_near(std::get<1>(ASK_UNRECORDED(low_rank, 3, 2, 8, 2.0, 1)), 0.25, 1e-6);
    expect_near(std::get<1>(ASK_UNRECORDED(low_rank, 3, 2, 1, 0.5, 1)), 0.5, 1e-6);
    ASK_REFUSAL(low_rank, 3, 2, 0, 1.0, 1);
}

static Linear layer_of(const Tensor& W, const Tensor& b) {
    Random random(1);
    Linear layer(W.shape[0], W.shape[1], random);
    layer.W.set_value(W);
    layer.b.set_value(b);
    return layer;
}

static LowRank change_of(const Tensor& A, const Tensor& B, double alpha) {
    Random random(1);
    LowRank change(A.shape[0], B.shape[1], A.shape[1], alpha, random);
    change.A.set_value(A);
    change.B.set_value(B);
    return change;
}

Tensor adapted_output(const Tensor& x, const Tensors& at, double alpha) {
    return adapted(layer_of(at[0], at[1]), change_of(at[2], at[3], alpha))(x).value();
}
CALLED(adapted_output, "adapted(…)(x)");

// What arrives at x, A, B, W and b of Σ y dy, and whether the layer itself has changed.
std::pair<Tensors, int> adapted_gradients(const Tensor& x_at, const Tensors& at, double alpha,
                                          const Tensor& dy) {
    const Linear layer = layer_of(at[0], at[1]);
    const LowRank change = change_of(at[2], at[3], alpha);
    const Variable x = parameter(x_at);
    const Linear result = adapted(layer, change);
    backward(sum(result(x) * dy));
    Tensors all;
    for (const Variable& v : {x, change.A, change.B, layer.W, layer.b}) all.push_back(v.gradient());
    const bool same = layer.W.value().data == at[0].data && layer.b.value().data == at[1].data &&
                      layer.W.needs_gradient() && layer.b.needs_gradient();
    return {all, same};
}
PARTS(adapted_gradients, "the gradients of x, A, B, W and b", "whether the layer is as it was");

static Tensor exactly_adapted(const Tensor& x, const Tensors& at, double alpha) {
    const Tensor plain = exact_product(x, at[0]);
    const Tensor change = exact_product(exact_product(x, at[2]), at[3]);
    const double scale = alpha / at[2].shape[1];
    Tensor y = plain;
    for (int i = 0; i < y.size(); ++i)
        y.data[i] = static_cast<float>(plain.data[i] + at[1].data[i % at[1].size()] +
                                       scale * change.data[i]);
    return y;
}

// W, b, A and B.
static Tensors random_layer(int in, int out, int r) {
    Tensors all = {random_tensor({in, out})};
    all.push_back(random_tensor({out}));
    all.push_back(random_tensor({in, r}));
    all.push_back(random_tensor({r, out}));
    return all;
}

CHECK("19.6", "x = [1 2], W of ones, b = 0, A = [1; 1], B = [1 0], α = 2: y = [9 3]") {
    const Tensors at = {matrix({{1, 1}, {1, 1}}), row({0, 0}), matrix({{1}, {1}}),
                        matrix({{1, 0}})};
    expect_near(ASK(adapted_output, matrix({{1, 2}}), at, 2.0), matrix({{9, 3}}), 1e-5);
}

CHECK("19.6", "with B = 0 it is the layer that it was") {
    Tensors at = random_layer(3, 4, 2);
    at[3] = Tensor({2, 4});
    const Tensor x = random_tensor({5, 3});
    expect_near(ASK(adapted_output, x, at, 16.0), exactly_adapted(x, at, 0), 1e-5);
}

CHECK("19.6", "layers that are wide, narrow and of one number, and every rank") {
    for (const Shape& size :
         std::vector<Shape>{{1, 1, 1}, {2, 5, 1}, {5, 2, 3}, {9, 17, 4}, {17, 9, 20}})
        for (double alpha : {0.5, 8.0}) {
            const Tensors at = random_layer(size[0], size[1], size[2]);
            const Tensor x = random_tensor({3, size[0]});
            expect_near(ASK_UNRECORDED(adapted_output, x, at, alpha),
                        exactly_adapted(x, at, alpha), 2e-5 * (1 + alpha * size[0]));
        }
}

CHECK("19.6", "A and B learn, and what stands in front; W and b do not, and stay as they are") {
    const Tensors at = random_layer(3, 4, 2);
    const Tensor x = random_tensor({5, 3}), dy = random_tensor({5, 4});
    allow_roundings(128);
    const auto [gradients, same] = ASK(adapted_gradients, x, at, 8.0, dy);
    for (int i : {3, 4})
        for (float g : gradients.at(i).data) expect(g == 0, "W and b are constants");
    expect(same == 1, "the layer itself is not to be changed");
}

// As learnt: B of zeros, then steps; what has changed of A, B, W and b.
List learnt_changes(int steps) {
    Random random(2);
    const Linear layer(3, 2, random);
    const LowRank change(3, 2, 2, 4, random);
    const Tensors before = {change.A.value(), change.B.value(), layer.W.value(), layer.b.value()};
    SGD sgd(change.parameters(), 0.5);
    for (int i = 0; i < steps; ++i)
        train_step(sgd, [&] {
            return cross_entropy(adapted(layer, change)(matrix({{1, 2, 3}, {0, 1, -1}})), {0, 1});
        });
    List changed;
    const Variable* all[] = {&change.A, &change.B, &layer.W, &layer.b};
    for (int i = 0; i < 4; ++i) changed.push_back(all[i]->value().data != before[i].data);
    return changed;
}
CALLED(learnt_changes, "what steps of learning change");
PARTS(learnt_changes, "A", "B", "W", "b");

CHECK("19.6", "in the first step B learns, and A from the second on") {
    expect(ASK(learnt_changes, 1) == List{0, 1, 0, 0}, "after one step only B has changed");
    expect(ASK(learnt_changes, 2) == List{1, 1, 0, 0}, "after two, A and B");
}

// The output of the merged layer; again after A has changed; whether its W and b are parameters of
// its own; and whether the layer is as it was.
std::tuple<Tensors, int, int> merged_output(const Tensor& x, const Tensors& at, double alpha) {
    const Linear layer = layer_of(at[0], at[1]);
    const LowRank change = change_of(at[2], at[3], alpha);
    const Linear result = merged(layer, change);
    const Tensor once = result(x).value();
    change.A.set_value(Tensor(change.A.shape()));
    layer.b.set_value(row({9, 9, 9, 9}));
    const Tensor then = result(x).value();
    const bool own = result.W.needs_gradient() && result.b.needs_gradient() &&
                     result.W.node() != layer.W.node() && result.b.node() != layer.b.node();
    backward(sum(result(x)));
    const Tensor of_A = change.A.gradient(), of_B = change.B.gradient(),
                 of_W = layer.W.gradient();
    bool quiet = layer.W.value().data == at[0].data;
    for (const Tensor* gradient : {&of_A, &of_B, &of_W})
        for (float g : gradient->data) quiet = quiet && g == 0;
    return {{once, then, result.W.gradient(), result.b.gradient()}, own, quiet};
}
CALLED(merged_output, "merged(…)(x)");
PARTS(merged_output, "the output, once and when A and b have changed; the gradients of W and b",
      "whether its W and b are its own", "whether nothing else changes or learns");

CHECK("19.6", "merged, it is a plain layer that does the same, with parameters of its own") {
    const Tensors at = random_layer(3, 4, 2);
    const Tensor x = random_tensor({5, 3});
    allow_roundings(128);
    const auto [found, own, quiet] = ASK(merged_output, x, at, 6.0);
    expect_near(found.at(0), exactly_adapted(x, at, 6), 1e-4);
    expect_same_bits(found.at(1), found.at(0), "it changes with the layer or with A");
    expect(own == 1, "its W and b must be parameters of its own");
    expect(quiet == 1, "the layer, A and B have nothing to do with it any more");
    Tensors nothing = at;
    nothing[3] = Tensor({2, 4});
    allow_roundings(128);
    expect(std::get<1>(ASK(merged_output, x, nothing, 6.0)) == 1,
           "its W and b are its own, also when the change is nothing");
}

int merged_of_constants(const Tensors& at) {
    const Linear layer = layer_of(at[0], at[1]);
    const LowRank change = change_of(at[2], at[3], 2);
    freeze({layer.W, layer.b, change.A, change.B});
    const Linear result = merged(layer, change);
    return result.W.needs_gradient() + 2 * result.b.needs_gradient();
}
CALLED(merged_of_constants, "merged, of a frozen layer: which of W and b learn (3: both)");

CHECK("19.6", "a frozen layer and a frozen change, merged, make a layer that learns") {
    expect(ASK(merged_of_constants, random_layer(3, 4, 2)) == 3, "its W and b are parameters");
}

}  // namespace checks_19
