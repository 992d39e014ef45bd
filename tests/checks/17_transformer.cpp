#include "17_transformer.hpp"

#include "grader/check.hpp"
#include "grader/read_twice.hpp"
#include "grader/variations.hpp"
#include "training/training_state.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace checks_17 {

// Numbers for parameters that are the same in every program: small, and none of them special.
static void fill(const Parameters& parameters) {
    Random random(17);
    for (const Variable& p : parameters) {
        Tensor value = p.value();
        for (float& number : value.data) number = random.uniform(-0.6f, 0.6f);
        p.set_value(value);
    }
}

using Tensors = std::vector<Tensor>;
using Variables = std::vector<Variable>;
using List = std::vector<int>;

// ## 17.1 By hand

Tensor written_down(int) { return search_by_hand(); }
CALLED(written_down, "search_by_hand()");

static void expect_number(int which, double wanted, double tolerance,
                          const std::string& otherwise) {
    const Tensor numbers = ASK_UNRECORDED(written_down, 0);
    expect(numbers.shape == Shape{4}, "four numbers are asked for, row({…, …, …, …})");
    expect(std::fabs(numbers.data[which] - wanted) < tolerance, otherwise);
}

CHECK("17.1", "greedy search takes the likelier first token, and what is likeliest behind it") {
    expect_number(0, 0.6 * 0.3, 1e-4,
                  "the first number is not the product along the path of greedy search");
}

CHECK("17.1", "a beam of 2 keeps both first tokens, and then the better sequence") {
    expect_number(1, 0.4 * 0.9, 1e-4, "the second number is not the product along the better path");
}

CHECK("17.1", "the score is (17.1), with the natural logarithm and the end mark counted") {
    expect_number(2, std::log(0.4 * 0.9) / (7.0 / 6), 0.0011,
                  "the third number is not log p divided by (5 + n)/6, where the end mark counts");
}

CHECK("17.1", "the beam asks for each open hypothesis, at each step") {
    expect_number(3, 3, 1e-4,
                  "the fourth number is not what is open at the first step and at the second");
}

// ## 17.2 Beam search, in languages of a few tokens that are written down as tables

// A square table forgets: row w holds the probabilities of what follows the token w. One with more
// rows remembers: its row is the sum of all tokens so far. It also counts what is asked.
struct Language {
    Tensor table;
    int asked = 0, finished_asked = 0, end = 0, calls = 0, begin = 0;

    Tensor operator()(const Sequences& beginnings) {
        ++calls;
        if (beginnings.empty()) throw std::runtime_error("asked how no beginning goes on");
        const int V = table.shape[1];
        Tensor log_p({size_of(beginnings), V});
        for (int i = 0; i < size_of(beginnings); ++i, ++asked) {
            const Sequence& b = beginnings[i];
            if (b.empty() || b.front() != begin) throw std::runtime_error("no begin mark in front");
            if (b.size() != beginnings[0].size())
                throw std::runtime_error("the beginnings are not of one length");
            finished_asked += std::count(b.begin(), b.end(), end) > 0;
            const int all = std::accumulate(b.begin(), b.end(), 0);
            const int row = table.shape[0] == V ? b.back() : all % table.shape[0];
            for (int w = 0; w < V; ++w) log_p(i, w) = std::log(table(row, w));
        }
        return log_p;
    }
};

double score_of(int tokens, double log_probability, double alpha) {
    return length_normalised({Sequence(tokens), log_probability, true}, alpha);
}

using Found = std::vector<std::tuple<Sequence, double, int>>;

Found searched_from(const Tensor& table, int begin, int end, int longest, int width, double alpha) {
    Language language{table, 0, 0, end, 0, begin};
    Found found;
    for (const Hypothesis& h : beam_search([&](const Sequences& b) { return language(b); }, begin,
                                           end, longest, width, alpha))
        found.emplace_back(h.output, h.log_probability, h.finished);
    return found;
}
CALLED(searched_from, "beam_search");
PARTS(searched_from, "hypothesis #0, its tokens, log p and end");

Found searched(const Tensor& table, int end, int longest, int width, double alpha) {
    return searched_from(table, 0, end, longest, width, alpha);
}
CALLED(searched, "beam_search");
PARTS(searched, "hypothesis #0, its tokens, log p and end");

// How many beginnings were asked for, how many of them had already said the end mark, and in how
// many calls.
std::vector<int> asked_for(const Tensor& table, int end, int longest, int width) {
    Language language{table, 0, 0, end};
    beam_search([&](const Sequences& b) { return language(b); }, 0, end, longest, width);
    return {language.asked, language.finished_asked, language.calls};
}

// The log p of what is found in a language of begin, end and one word, which knows the log p of the
// word at each step.
double log_p_of(const Tensor& steps) {
    const NextToken next = [&](const Sequences& beginnings) {
        return matrix({{-INFINITY, -1e30f, steps.data[beginnings.at(0).size() - 1]}});
    };
    return beam_search(next, 0, 1, steps.size(), 1).at(0).log_probability;
}
CALLED(log_p_of, "log p");

// begin, end, A, B: A is likelier at first, B is the better beginning, and the two likeliest tokens
// after A are not those after B.
static Tensor garden_path() {
    return matrix({{0, 0, 0.6f, 0.4f}, {0, 1, 0, 0}, {0, 0.3f, 0.36f, 0.34f}, {0, 0.9f, 0, 0.1f}});
}

// One in which an end is likely everywhere, so that short sequences win by probability.
static Tensor short_or_long() {
    return matrix({{0.001f, 0.4f, 0.59f, 0.009f},
                   {0, 1, 0, 0},
                   {0.0015f, 0.0025f, 0.007f, 0.989f},
                   {0.003f, 0.6f, 0.002f, 0.395f}});
}

// The begin mark is never said. A language of more rows remembers, and its ends come late.
static Tensor random_language(int V, int rows = 0) {
    Tensor table({rows > 0 ? rows : V, V});
    for (float& p : table.data) p = 0.05f + random_numbers().uniform();
    for (int i = 0; i < table.rows(); ++i) table.data[i * V] = 0.001f;
    for (int i = 0; i < rows; ++i) table.data[i * V + 1] = 0.01f;
    return table;
}

// One that remembers, in which ends are likely, and no two sequences equally probable: two that go
// the same steps in another order would be ranked at will.
static Tensor language_without_equals(int V, int rows) {
    Tensor table = random_language(V, rows);
    for (int i = 0; i < rows; ++i) {
        table.data[i * V] *= 1 + 1.0f * i / rows;
        table.data[i * V + 1] = 0.05f + random_numbers().uniform();
    }
    return table;
}

CHECK("17.2", "the score of log p = −6 and 7 tokens: −6 for α = 0, −3 for α = 1") {
    expect_near(ASK(score_of, 7, -6.0, 0.0), -6, 1e-9);
    expect_near(ASK(score_of, 7, -6.0, 1.0), -3, 1e-9);
    ASK(score_of, 1, -2.0, 0.6);
    ASK(score_of, 20, -2.0, 0.6);
}

CHECK("17.2", "A 0.6 then 0.3, or B 0.4 then 0.9: a beam of 2 finds B, with 0.36") {
    const Tensor table = garden_path();
    const int end = 1, longest = 5, width = 2;
    const double alpha = 0;
    const Found found = ASK(searched, table, end, longest, width, alpha);
    expect(std::get<0>(found.at(0)) == Sequence{3, 1}, "the best must be B and the end mark");
    expect_near(std::get<1>(found.at(0)), std::log(0.36), 1e-5);
    expect(std::get<2>(found.at(0)) == 1, "it is finished");
}

CHECK("17.2", "a beam of 1 is greedy search") {
    const Found found = ASK(searched, garden_path(), 1, 5, 1, 0.0);
    expect(std::get<0>(found.at(0)).at(0) == 2, "the likeliest first token is A");
    ASK(searched, random_language(5), 1, 6, 1, 0.0);
}

CHECK("17.2", "with a length penalty a longer sequence can win") {
    const Found plain = ASK(searched, short_or_long(), 1, 6, 3, 0.0);
    expect(std::get<0>(plain.at(0)) == Sequence{1}, "by probability, saying nothing is best");
    const Found fair = ASK(searched, short_or_long(), 1, 6, 3, 1.5);
    expect(std::get<0>(fair.at(0)).size() > 1, "with α = 1.5 a longer one is better");
}

CHECK("17.2", "finished hypotheses stay as they are, and nothing asks how they go on") {
    const std::vector<int> counts = ASK(asked_for, short_or_long(), 1, 6, 3);
    expect(counts.at(1) == 0, "a beginning with an end mark in it was extended");
    for (const auto& [output, log_p, finished] : ASK(searched, short_or_long(), 1, 6, 3, 0.0)) {
        expect(std::count(output.begin(), output.end(), 1) <= 1, "there are two end marks in one");
        expect((finished == 1) == (!output.empty() && output.back() == 1),
               "one that ends is finished");
    }
}

CHECK("17.2", "a beam as wide as the language finds the best sequence there is") {
    const Tensor table = language_without_equals(4, 7);
    const Found found = ASK(searched, table, 1, 3, 64, 0.0);
    double best = -INFINITY;
    for (int a = 0; a < 4; ++a)
        for (int b = 0; b < 4; ++b)
            for (int c = 0; c < 4; ++c) {
                double p = std::log(double{table.data[a]});
                if (a != 1) p += std::log(double{table.data[4 * a + b]});
                if (a != 1 && b != 1) p += std::log(double{table.data[4 * (a + b) + c]});
                best = std::max(best, p);
            }
    expect_near(std::get<1>(found.at(0)), best, 1e-5);
}

CHECK("17.2", "each step asks once, for all that are open, and nothing is asked behind the last") {
    expect(ASK(asked_for, garden_path(), 1, 1, 2).at(2) == 1, "one step, one question");
    const std::vector<int> counts = ASK(asked_for, garden_path(), 1, 2, 2);
    expect(counts.at(0) == 3, "first one beginning, then A and B");
    expect(counts.at(2) == 2, "two steps, two questions");
}

CHECK("17.2", "log p is a sum, in double, however improbable what is said becomes") {
    Tensor steps({40});
    std::fill(steps.data.begin(), steps.data.end(), -2.7f);
    steps.data[0] = -2000;
    const double expected = std::accumulate(steps.data.begin(), steps.data.end(), 0.0);
    expect_near(ASK(log_p_of, steps), expected, 1e-6);
}

CHECK("17.2", "any language, width and α; best first; with no tokens at most, one hypothesis") {
    const Tensor table = language_without_equals(6, 36);
    for (int width : {2, 4})
        for (double alpha : {0.0, 0.6}) ASK(searched, table, 1, 7, width, alpha);
    expect(ASK(searched, table, 1, 0, 3, 0.0).size() == 1, "the one that has not said anything");
    ASK_REFUSAL(searched, table, 1, 7, 0, 0.0);
}

CHECK("17.2", "the beam is pruned by the score, step by step, not by the probability") {
    const Tensor table = matrix({{.11f, .176f, .606f, .108f},
                                 {.414f, .354f, .102f, .13f},
                                 {.263f, .428f, .259f, .05f},
                                 {.204f, .161f, .278f, .356f}});
    const Found found = ASK(searched, table, 1, 5, 2, 1.0);
    expect(std::get<0>(found.at(1)) == Sequence{2, 0, 2, 1}, "the second must be 2 0 2 1");
}

CHECK("17.2", "any language in which what comes next depends on all that was written") {
    for (int width : {1, 3}) ASK(searched, random_language(5, 25), 1, 6, width, 0.6);
}

double score_of_open(int tokens, double log_probability, double alpha) {
    return length_normalised({Sequence(tokens), log_probability, false}, alpha);
}
CALLED(score_of_open, "the score of a hypothesis that is not finished");

CHECK("17.2", "n counts the tokens that are there, whether it is finished or not") {
    for (int tokens : {0, 1, 7, 19})
        for (double alpha : {0.0, 0.6, 1.0, 2.0}) {
            const double score = -6 / std::pow((5.0 + tokens) / 6, alpha);
            expect_near(ASK_UNRECORDED(score_of, tokens, -6.0, alpha), score, 1e-6);
            expect_near(ASK_UNRECORDED(score_of_open, tokens, -6.0, alpha), score, 1e-6);
        }
}

// The search once more: all that can be said goes on, the best are kept. Counts what is asked.
struct Searched {
    std::vector<Hypothesis> beam = {{}};
    int asked = 0, calls = 0;
};

static Searched exact_search(const Tensor& table, int begin, int end, int longest, int width,
                             double alpha) {
    Searched search;
    const int V = table.shape[1];
    const auto score = [&](const Hypothesis& h) {
        return h.log_probability / std::pow((5.0 + size_of(h.output)) / 6, alpha);
    };
    for (int t = 0; t < longest; ++t) {
        std::vector<Hypothesis> all;
        int open = 0;
        for (const Hypothesis& h : search.beam) {
            if (h.finished) {
                all.push_back(h);
                continue;
            }
            ++open;
            const int sum = std::accumulate(h.output.begin(), h.output.end(), begin);
            const int last = h.output.empty() ? begin : h.output.back();
            const int row = table.shape[0] == V ? last : sum % table.shape[0];
            for (int w = 0; w < V; ++w) {
                Hypothesis longer = h;
                longer.output.push_back(w);
                longer.log_probability += static_cast<float>(std::log(table.data[row * V + w]));
                longer.finished = w == end;
                all.push_back(longer);
            }
        }
        if (open == 0) break;
        search.asked += open;
        ++search.calls;
        std::stable_sort(all.begin(), all.end(), [&](const Hypothesis& a, const Hypothesis& b) {
            return score(a) > score(b);
        });
        all.resize(std::min(width, size_of(all)));
        search.beam = all;
    }
    return search;
}

CHECK("17.2",
      "whatever the language, the width, the length and α: what is found, and what is asked") {
    for (int V : {3, 4, 7})
        for (int width : {1, 2, 3, 4, 6})
            for (int longest : {1, 2, 4, 7}) {
                const double alpha = 0.5 * random_numbers().below(4);
                const Tensor table = language_without_equals(V, 2 * V * V + 1);
                const int begin = alpha == 0 ? 0 : random_numbers().below(V);
                const Searched exact = exact_search(table, begin, 1, longest, width, alpha);
                const Found found =
                    ASK_UNRECORDED(searched_from, table, begin, 1, longest, width, alpha);
                expect(found.size() == exact.beam.size(),
                       std::to_string(found.size()) + " hypotheses, where " +
                           std::to_string(exact.beam.size()) + " are to be found");
                for (int i = 0; i < size_of(exact.beam); ++i) {
                    const auto& [output, log_p, finished] = found.at(i);
                    expect(output == exact.beam[i].output,
                           "hypothesis " + std::to_string(i + 1) + " has other tokens");
                    expect_near(log_p, exact.beam[i].log_probability, 1e-4);
                    expect((finished == 1) == exact.beam[i].finished,
                           "hypothesis " + std::to_string(i + 1) + " is finished, or it is not");
                }
                if (alpha != 0) continue;
                const List counts = ASK_UNRECORDED(asked_for, table, 1, longest, width);
                expect(counts.at(0) == exact.asked && counts.at(2) == exact.calls,
                       "there must be " + std::to_string(exact.calls) + " questions, for " +
                           std::to_string(exact.asked) + " beginnings in all");
            }
}

// ## 17.3 A table of tokens

RESTS_ON("17.3", "3.3");

Tensor looked_up(const Tensor& table, const Sequence& tokens) {
    return lookup(table, tokens).value();
}

Tensor gradient_of_table(const Tensor& at, const Sequence& tokens, const Tensor& dx) {
    const Variable table = parameter(at);
    Sequence passing = tokens;
    const Variable x = lookup(table, passing);
    std::fill(passing.begin(), passing.end(), 0);  // as the next batch does it
    backward(sum(x * dx));
    return table.gradient();
}

// How many different tables there are, their sizes, and the deviation of their numbers times √D.
std::tuple<int, std::vector<Tensor>, double> tables_of(int V, int D, bool tied) {
    Random random(17);
    const Tables tables = make_tables(V, D, tied, random);
    const Variable* all[] = {&tables.source, &tables.target, &tables.output};
    int different = 0;
    double squares = 0;
    std::vector<Tensor> values;
    for (int i = 0; i < 3; ++i) {
        bool seen = false;
        for (int k = 0; k < i; ++k) seen = seen || all[k]->node() == all[i]->node();
        different += !seen && all[i]->needs_gradient();
        values.push_back(all[i]->value());
        for (float number : all[i]->value().data) squares += double{number} * number;
    }
    return {different, values, std::sqrt(squares / (3.0 * V))};
}
CALLED(tables_of, "make_tables");
PARTS(tables_of, "the number of different tables", "table ##0", "the length of a row");

// A table that reads and writes, in the smallest model there is: logits = x Eᵀ.
Tensor gradient_of_both_uses(int V, int D, bool tied, const Sequence& tokens, const Tensor& dy) {
    Random random(17);
    const Tables tables = make_tables(V, D, tied, random);
    backward(sum(matmul(lookup(tables.source, tokens), transpose(tables.output)) * dy));
    return tables.source.gradient();
}

CHECK("17.3", "tokens 2 and 0 of the table [1 2; 3 4; 5 6] are its rows 5 6 and 1 2") {
    const Tensor table = matrix({{1, 2}, {3, 4}, {5, 6}});
    expect_near(ASK(looked_up, table, Sequence{2, 0}), matrix({{5, 6}, {1, 2}}), 0);
}

CHECK("17.3", "a token that stands at two positions gets the sum of both gradients") {
    const Tensor table = matrix({{1, 2}, {3, 4}, {5, 6}});
    const Tensor dx = matrix({{1, 10}, {2, 20}, {4, 40}});
    expect_near(ASK(gradient_of_table, table, Sequence{2, 0, 2}, dx),
                matrix({{2, 20}, {0, 0}, {5, 50}}), 0);
}

CHECK("17.3", "any tokens, in any order; none at all; and tokens that do not exist") {
    const Tensor table = random_tensor({7, 3});
    Sequence tokens;
    for (int i = 0; i < 20; ++i) tokens.push_back(random_numbers().below(7));
    ASK(looked_up, table, tokens);
    ASK(gradient_of_table, table, tokens, random_tensor({20, 3}));
    ASK(looked_up, table, Sequence{});
    expect_mentions(ASK_REFUSAL(looked_up, table, Sequence{7}), {"7", "[7, 3]"});
    ASK_REFUSAL(looked_up, table, Sequence{-1});
}

Tensor looked_up_again(const Tensors& first, const Tensors& then, const Sequence& tokens) {
    const auto look_up = [&](const Variables& x) { return lookup(x[0], tokens); };
    return after_a_step<Variable>(look_up, first, then);
}

CHECK("17.3", "nothing is left over from the last call: other tokens, other numbers in one place") {
    const Tensors first = {random_tensor({5, 3})}, then = {random_tensor({5, 3})};
    ASK(looked_up, first[0], Sequence{4, 1});
    ASK(looked_up, first[0], Sequence{0, 2, 3});
    ASK(looked_up_again, first, then, Sequence{3, 1, 1, 0});
}

CHECK("17.3", "tied is one table, untied are three, each with rows of length 1 or so") {
    for (bool tied : {true, false}) {
        const auto [different, values, length] = ASK(tables_of, 50, 16, tied);
        expect(different == (tied ? 1 : 3), std::to_string(different) + " different tables");
        expect(length > 0.9 && length < 1.1, "the rows must have about length 1");
    }
}

CHECK("17.3", "a tied table learns from reading and from writing") {
    const Tensor dy = random_tensor({3, 4});
    for (bool tied : {true, false}) ASK(gradient_of_both_uses, 4, 5, tied, Sequence{1, 3, 1}, dy);
}

CHECK("17.3", "tables and texts of 1, 2, 9, 17 and 33, each token once, never or often") {
    for (const Shape& VD :
         std::vector<Shape>{{1, 1}, {2, 1}, {3, 2}, {4, 4}, {9, 17}, {17, 9}, {33, 2}, {5, 65}})
        for (int N : {0, 1, 2, 9, 70}) {
            const int V = VD[0], D = VD[1];
            const Tensor table = random_tensor(VD), dx = random_tensor({N, D});
            Sequence tokens;
            Tensor x({N, D}), dtable(VD);
            for (int i = 0; i < N; ++i) {
                tokens.push_back(random_numbers().below(V));
                for (int k = 0; k < D; ++k) {
                    x.data[i * D + k] = table.data[tokens[i] * D + k];
                    dtable.data[tokens[i] * D + k] += dx.data[i * D + k];
                }
            }
            expect_near(ASK_UNRECORDED(looked_up, table, tokens), x, 0);
            expect_near(ASK_UNRECORDED(gradient_of_table, table, tokens, dx), dtable, 2e-5);
        }
}

// Two texts are looked up in one table, and one in another of the same size; read twice.
Tensors tables_read_twice(const Tensors& at, const Tensors& dx) {
    const Variable one = parameter(at[0]), two = parameter(at[1]);
    const Variable loss = sum(lookup(one, {2, 0}) * dx[0]) + sum(lookup(one, {0, 0}) * dx[1]) +
                          sum(lookup(two, {1, 2}) * dx[2]);
    return read_twice(loss, Graph::kept, {one, two});
}
PARTS(tables_read_twice, "the gradient of the first table", "the gradient of the second table",
      "the gradient of the first table, read twice",
      "the gradient of the second table, read twice");

CHECK("17.3", "what two texts teach a table adds up, and what a graph says that is read twice") {
    const Tensors at = {matrix({{1}, {2}, {3}}), matrix({{4}, {5}, {6}})};
    const Tensors dx = {matrix({{1}, {2}}), matrix({{10}, {20}}), matrix({{5}, {7}})};
    const Tensors found = ASK_UNRECORDED(tables_read_twice, at, dx);
    expect_near(found.at(0), matrix({{32}, {0}, {1}}), 0);
    expect_near(found.at(1), matrix({{0}, {5}, {7}}), 0);
    expect_doubled(found);
}

CHECK("17.3", "of any size, the tables are random, and untied ones are not alike") {
    for (bool tied : {true, false})
        for (const Shape& VD : std::vector<Shape>{{400, 1}, {200, 4}, {30, 64}}) {
            const auto [different, values, length] = ASK_UNRECORDED(tables_of, VD[0], VD[1], tied);
            expect(different == (tied ? 1 : 3), std::to_string(different) + " different tables");
            expect(length > 0.85 && length < 1.15, "the rows must have about length 1");
            expect((values.at(0).data == values.at(1).data) == tied &&
                       (values.at(0).data == values.at(2).data) == tied &&
                       (values.at(1).data == values.at(2).data) == tied,
                   "tied tables have the same numbers, and others have not");
        }
}

// ## 17.4 The whole

RESTS_ON("17.4", "11.3", "13.2", "15.3", "16.3", "17.3");

static TransformerSettings settings_of(bool tied, bool before) {
    return {{4, 2, 6, 2, before ? NormPlace::before : NormPlace::after}, 8, 0, 1, 2, tied};
}

struct Small {
    Random random{1};
    Transformer net;
    explicit Small(bool tied = true, bool before = true) : net(settings_of(tied, before), random) {
        fill(net.parameters());
    }
};

Tensor embedded(const Tensor& table, const Sequences& sequences) {
    TransformerSettings settings = settings_of(true, true);
    settings.stack.d_model = table.shape[1];
    settings.vocabulary = table.shape[0];
    Random random(1);
    return Transformer(settings, random).embed(table, sequences).value();
}

// Rows of padding are nobody's business: they come back as zeros.
static Tensor real_rows(Tensor x, const Sequences& sequences) {
    const int T = x.shape[1], D = x.shape[2];
    for (int b = 0; b < size_of(sequences); ++b)
        for (int t = size_of(sequences[b]); t < T; ++t) std::fill_n(x.row(b * T + t), D, 0.0f);
    return x;
}

Tensor encoded(const Sequences& sources, bool before) {
    const Small small(true, before);
    return real_rows(small.net.encode(sources).value(), sources);
}

Tensor logits(const Sequences& sources, const Sequences& read, bool tied, bool before) {
    const Small small(tied, before);
    return real_rows(small.net(sources, read).value(), read);
}

// The logits for a memory that comes from elsewhere.
Tensor logits_from(const Tensor& memory, const std::vector<int>& lengths, const Sequences& read) {
    const Small small;
    return real_rows(small.net.decode(read, memory, lengths).value(), read);
}

// All gradients of a part of the net as one row: some are 0 but for rounding, a key's bias for
// instance, and are to be measured by the others.
static Tensor gradients_of(const Parameters& parameters) {
    std::vector<float> all;
    for (const Variable& p : parameters)
        all.insert(all.end(), p.gradient().data.begin(), p.gradient().data.end());
    return {{size_of(all)}, all};
}

static std::vector<Tensor> gradients_by_part(const Transformer& net) {
    const Tables& tables = net.tables;
    std::vector<Tensor> all = {tables.source.gradient()};
    if (!net.settings.tied) all = {all[0], tables.target.gradient(), tables.output.gradient()};
    all.push_back(gradients_of(net.encoder.parameters()));
    all.push_back(gradients_of(net.decoder.parameters()));
    return all;
}

// Of the tables, of the encoder and of the decoder.
std::vector<Tensor> gradients(const Sequences& sources, const Sequences& read, const Tensor& dy,
                              bool tied) {
    const Small small(tied);
    backward(sum(small.net(sources, read) * real_rows(dy, read)));
    return gradients_by_part(small.net);
}
PARTS(gradients, "gradient #1 of the tables, the encoder and the decoder");

// The logits under dropout, and the random number that is drawn next.
std::pair<Tensor, double> logits_and_dropout(const Sequences& sources, const Sequences& read,
                                             double rate, int seed) {
    const Small small;
    Random random(seed);
    const Tensor z = small.net(sources, read, Dropout(rate, random)).value();
    return {real_rows(z, read), random.uniform()};
}
PARTS(logits_and_dropout, "the logits", "the next random number");

// What a dropout of nearly all leaves: of the embedding nothing, of each stack its last norm alone.
std::tuple<int, int, int> silenced(const Sequences& sources, const Sequences& read) {
    const Small small;
    const Transformer& net = small.net;
    Random random(1);
    const Dropout most(0.999999, random);
    const Tensor x = net.embed(net.tables.source, sources, most).value();
    const Variable memory = net.encode(sources, most);
    const Variable z = net.decode(read, memory, lengths_of(sources), most);
    const Variable silent = net.encoder.final_norm(Tensor(memory.shape()));
    const Tensor nothing({z.shape()[0], z.shape()[1], memory.shape()[2]});
    const Variable mute = matmul(net.decoder.final_norm(nothing), transpose(net.tables.output));
    const auto same = [](const Tensor& a, const Tensor& b) { return a.data == b.data ? 1 : 0; };
    return {same(x, Tensor(x.shape)), same(memory.value(), silent.value()),
            same(z.value(), mute.value())};
}

CHECK("17.4", "the row 3 4 0 0 at position 0 becomes √4 (3 4 0 0) + (0 1 0 1)") {
    const Tensor table = matrix({{0, 0, 0, 0}, {3, 4, 0, 0}});
    const Sequences one = {{1}};
    expect_near(ASK(embedded, table, one), Tensor({1, 1, 4}, {6, 9, 0, 1}), 1e-6);
}

CHECK("17.4", "every position is added to every sequence; short ones are filled up") {
    const Tensor table = random_tensor({5, 6});
    const Sequences three = {{3, 1, 4}, {2, 2, 1}, {4}};
    ASK(embedded, table, three);
}

CHECK("17.4", "what the encoder makes of a source alone, with the norm before and after") {
    const Sequences alone = {{3, 4}};
    for (bool before : {true, false}) {
        allow_roundings(512);
        ASK(encoded, alone, before);
    }
}

CHECK("17.4", "the padding of the source changes no real token, with the norm before and after") {
    const Sequences alone = {{3, 4}}, beside = {{3, 4}, {5, 6, 7, 3}};
    for (bool before : {true, false}) {
        allow_roundings(512);
        const Tensor one = ASK(encoded, alone, before), two = ASK(encoded, beside, before);
        for (int i = 0; i < 8; ++i)
            expect(std::fabs(one.data[i] - two.data[i]) < 1e-4f,
                   "a longer sequence in the batch changes a shorter one");
    }
}

CHECK("17.4",
      "a logit is the decoder's output times a row of the output table: one token, one source") {
    const Tensor memory = random_tensor({1, 3, 4});
    allow_roundings(1024);
    ASK(logits_from, memory, List{3}, Sequences{{1}});
}

CHECK("17.4", "no logit depends on a later token of the target") {
    const Sequences source = {{3, 4, 5}}, read = {{1, 6, 7}}, other = {{1, 6, 3}};
    allow_roundings(1024);
    const Tensor one = ASK(logits, source, read, true, true);
    const Tensor two = ASK(logits, source, other, true, true);
    for (int i = 0; i < 16; ++i)
        expect(one.data[i] == two.data[i], "a logit depends on a later token");
    expect(one.data[16] != two.data[16], "the last logits must depend on the last token");
}

CHECK("17.4", "the decoder looks at all real tokens of the memory, and at no padding") {
    const Tensor memory = random_tensor({1, 3, 4});
    const Sequences read = {{1, 5}};
    Tensor second = memory, third = memory;
    for (int i = 4; i < 8; ++i) second.data[i] += 1;
    for (int i = 8; i < 12; ++i) third.data[i] += 1;
    allow_roundings(1024);
    const Tensor one = ASK(logits_from, memory, List{2}, read);
    expect(one.data[0] != ASK(logits_from, second, List{2}, read).data[0],
           "the first token must see the second one of the source");
    expect_same_bits(ASK(logits_from, third, List{2}, read), one,
                     "a logit depends on the padding of the source");
}

CHECK("17.4", "sources and targets of all lengths, tied and untied, norms before and after") {
    const Sequences sources = {{3, 4, 5}, {6}, {7, 3}}, read = {{1, 5}, {1, 3, 4, 6}, {1}};
    for (bool tied : {true, false})
        for (bool before : {true, false}) {
            allow_roundings(1024);
            ASK(logits, sources, read, tied, before);
        }
}

CHECK("17.4", "gradients reach every parameter; a tied table's come from three sides") {
    const Sequences sources = {{3, 4, 5}, {6}}, read = {{1, 5}, {1, 3}};
    const Tensor dy = random_tensor({2, 2, 8});
    for (bool tied : {true, false}) {
        allow_roundings(1024);
        for (const Tensor& gradient : ASK(gradients, sources, read, dy, tied))
            for (float number : gradient.data)
                expect(std::isfinite(number), "a gradient is not finite");
    }
}

// What a decoder reads from a memory that is a parameter, or a constant.
Tensors decoded_with_constants(const Tensors& at, const Sequences& read, const Tensor& dy,
                               int wanted) {
    const Small small;
    const List lengths = {at[0].shape[1]};
    const auto say = [&](const Variables& x) { return small.net.decode(read, x[0], lengths); };
    Tensors all = with_constants<Variable>(say, at, dy, wanted);
    all.push_back(gradients_of(small.net.decoder.parameters()));
    return all;
}
PARTS(decoded_with_constants, "the logits", "the gradient of the memory",
      "the gradients of the decoder");

CHECK("17.4", "the decoder learns from a memory that is a constant; one that is none learns too") {
    const Tensors memory = {random_tensor({1, 3, 4})};
    const Sequences read = {{1, 5}};
    const Tensor dy = random_tensor({1, 2, 8});
    for (int wanted : {0, 1}) {
        allow_roundings(1024);
        ASK(decoded_with_constants, memory, read, dy, wanted);
    }
}

CHECK("17.4", "dropout reaches the embedding, the encoder and the decoder") {
    const Sequences sources = {{3, 4, 5}}, read = {{1, 5}};
    const auto [embedding, encoder, decoder] = ASK_UNRECORDED(silenced, sources, read);
    expect(embedding == 1, "the embedding, positions and all, goes through the dropout");
    expect(encoder == 1, "the dropout must be handed on to the encoder");
    expect(decoder == 1, "the dropout must be handed on to the decoder");
}

CHECK("17.4", "dropout acts once on each embedding, and once on what each sublayer says") {
    const Sequences sources = {{3, 4, 5}, {7, 6, 3}}, read = {{1, 5}, {1, 4}};
    const int source = 2 * 3 * 4, target = 2 * 2 * 4, seed = 1 + random_numbers().below(1000000);
    Random random(seed);
    for (int i = 0; i < source * (1 + 2 * 2) + target * (1 + 2 * 3); ++i) random.uniform();
    allow_roundings(2048);
    const auto [z, next] = ASK(logits_and_dropout, sources, read, 0.5, seed);
    expect_near(next, random.uniform(), 0);
    const Sequences other = {{3, 4, 5}, {7}}, short_read = {{1}, {1, 4}};
    allow_roundings(2048);
    ASK(logits_and_dropout, other, short_read, 0.5, seed);
}

// A net of some layers and heads; its embedding, its memory and its logits, with a dropout that
// evaluates, or with none.
Tensors parts_of_net(const Sequences& sources, const Sequences& read, const List& sizes,
                     const std::vector<bool>& tied_before_evaluating) {
    TransformerSettings settings =
        settings_of(tied_before_evaluating[0], tied_before_evaluating[1]);
    settings.stack.d_model = sizes[0];
    settings.stack.num_heads = sizes[1];
    settings.stack.num_layers = sizes[2];
    Random random(1), drops(2);
    const Transformer net(settings, random);
    fill(net.parameters());
    Dropout dropout(0.5, drops);
    dropout.training = false;
    if (!tied_before_evaluating[2]) dropout = Dropout();
    return {real_rows(net.embed(net.tables.target, read, dropout).value(), read),
            real_rows(net.encode(sources, dropout).value(), sources),
            real_rows(net(sources, read, dropout).value(), read)};
}
PARTS(parts_of_net, "the embedding", "the memory", "the logits");

CHECK("17.4",
      "one layer, head, sentence or token, and more of each; a dropout that evaluates drops "
      "nothing") {
    const std::vector<std::pair<Sequences, Sequences>> texts = {
        {{{3}}, {{1}}},
        {{{3, 4, 5}}, {{1}}},
        {{{6}}, {{1, 3, 4}}},
        {{{3}, {4, 5}}, {{1, 5, 3}, {1}}},
        {{{3, 3, 4}, {5}, {7, 6}}, {{1}, {1, 6}, {1, 4}}}};
    for (const auto& [sources, read] : texts)
        for (const List& sizes : std::vector<List>{{4, 1, 1}, {6, 2, 1}, {4, 2, 3}}) {
            std::vector<bool> kind = {random_numbers().below(2) == 0,
                                      random_numbers().below(2) == 0, false};
            allow_roundings(4096);
            const Tensors plain = ASK(parts_of_net, sources, read, sizes, kind);
            kind[2] = true;
            const Tensors evaluating = ASK_UNRECORDED(parts_of_net, sources, read, sizes, kind);
            for (int i = 0; i < 3; ++i) expect_near(evaluating.at(i), plain.at(i), 1e-4);
        }
}

// Two losses of one net, and a graph that is read twice.
Tensors net_read_twice(const Sequences& sources, const Sequences& read, const Tensor& dy,
                       bool tied) {
    const Small small(tied);
    return read_twice(sum(small.net(sources, read) * real_rows(dy, read)), Graph::kept,
                      small.net.parameters());
}
PARTS(net_read_twice, "gradient #1 of parameters(), read once and twice");

CHECK("17.4", "a graph that is kept can be read again, and gives as much") {
    const Sequences sources = {{3, 4, 5}, {6}}, read = {{1, 5}, {1, 3}};
    for (bool tied : {true, false})
        expect_doubled(
            ASK_UNRECORDED(net_read_twice, sources, read, random_tensor({2, 2, 8}), tied));
}

// ## 17.5 Label smoothing

RESTS_ON("17.5", "1.6", "4.3", "4.4");

CHECK("17.5", "logits [2 0], target 0, ε = 0.2: 0.9 · 0.1269 + 0.1 · 2.1269") {
    expect_near(ASK(smoothed_loss, matrix({{2, 0}}), List{0}, 0.2, -1), 0.326928, 1e-5);
}

CHECK("17.5", "its gradient: [0.8808 0.1192] − [0.9 0.1]") {
    allow_roundings(1000);  // what is subtracted is fifty times as large as what is left
    expect_near(ASK(smoothed_gradient, matrix({{2, 0}}), List{0}, 0.2, -1),
                matrix({{-0.019203f, 0.019203f}}), 1e-5);
}

CHECK("17.5", "with ε = 0 it is cross-entropy, with ε = 1 every class is as right as any") {
    const Tensor z = random_tensor({3, 4});
    for (double epsilon : {0.0, 1.0}) {
        const double one = ASK(smoothed_loss, z, List{0, 1, 2}, epsilon, -1);
        const double two = ASK(smoothed_loss, z, List{3, 3, 3}, epsilon, -1);
        expect((epsilon == 1.0) == (std::fabs(one - two) < 1e-6), "the targets count too much");
        ASK(smoothed_gradient, z, List{0, 1, 2}, epsilon, -1);
    }
}

CHECK("17.5", "rows to be ignored change nothing, whatever stands in them") {
    const Tensor z = random_tensor({5, 4});
    Tensor other = z;
    for (int i = 4; i < 8; ++i) other.data[i] = 50;
    const std::vector<int> targets = {2, 0, 3, 0, 1};
    const double one = ASK(smoothed_loss, z, targets, 0.3, 0);
    expect_near(ASK(smoothed_loss, other, targets, 0.3, 0), one, 1e-6);
    const Tensor d = ASK(smoothed_gradient, other, targets, 0.3, 0);
    for (int i : {1, 3})
        for (int j = 0; j < 4; ++j) expect(d.data[4 * i + j] == 0, "an ignored row has a gradient");
}

CHECK("17.5", "every token that counts weighs the same: the mean is over all of them") {
    const Tensor z = random_tensor({2, 3, 5});
    const std::vector<int> targets = {1, 2, 3, 4, 0, 0};
    allow_roundings(32);
    ASK(smoothed_loss, z, targets, 0.1, 0);
    ASK(smoothed_gradient, z, targets, 0.1, 0);
}

CHECK("17.5", "every row of the gradient sums to 0") {
    const Tensor d = ASK(smoothed_gradient, random_tensor({4, 6}), List{1, 5, 0, 3}, 0.4, -1);
    for (int i = 0; i < 4; ++i) {
        float total = 0;
        for (int j = 0; j < 6; ++j) total += d.data[6 * i + j];
        expect(std::fabs(total) < 1e-6f, "row " + std::to_string(i) + " does not");
    }
}

CHECK("17.5", "the gradient is the slope of the loss, by central differences") {
    const Tensor z = random_tensor({3, 4});
    const std::vector<int> targets = {1, 0, 3};
    const Tensor d = ASK(smoothed_gradient, z, targets, 0.2, 0);
    for (int i : {0, 1, 5, 11}) {
        Tensor more = z, less = z;
        more.data[i] += 0.02f, less.data[i] -= 0.02f;
        const double up = ASK_UNRECORDED(smoothed_loss, more, targets, 0.2, 0);
        const double down = ASK_UNRECORDED(smoothed_loss, less, targets, 0.2, 0);
        expect_near((up - down) / 0.04, double{d.data[i]}, 1e-4);
    }
}

CHECK("17.5", "adding 4096 to all logits of a row changes nothing, not even in the sixth digit") {
    Tensor z({3, 3});  // quarters, so that the sums are exact
    for (float& logit : z.data) logit = static_cast<float>(random_numbers().below(33)) / 4;
    for (int i = 0; i < 3; ++i)  // a mean that no float near 4096 holds
        while (static_cast<int>(4 * (z.row(i)[0] + z.row(i)[1] + z.row(i)[2])) % 3 != 1)
            z.row(i)[0] += 0.25f;
    Tensor shifted = z;
    for (float& logit : shifted.data) logit += 4096;
    const double plain = ASK(smoothed_loss, z, List{0, 2, 1}, 0.3, -1);
    expect_near(ASK(smoothed_loss, shifted, List{0, 2, 1}, 0.3, -1), plain, 2e-6);
}

CHECK("17.5", "1, 2, 9, 17, 33 and 65 classes, one row or many, and marks that are anywhere") {
    const std::vector<Shape> all = {{1}, {2}, {7}, {2, 3}, {1, 4}};
    for (int way = 0; way < 4; ++way)
        for (double epsilon : {0.0, 0.1, 1.0})
            for (int C : {1, 2, 9, 17, 33, 65})
                for (const Shape& before : all) {
                    const int ignore = List{-1, 0, C / 2, C + 5}[way];
                    Shape shape = before;
                    shape.push_back(C);
                    Tensor z = random_tensor(shape), slopes(shape);
                    for (float& logit : z.data) logit *= 4;
                    const int rows = z.size() / C;
                    List targets;
                    for (int i = 0; i < rows; ++i) targets.push_back(random_numbers().below(C));
                    const int n = rows - std::count(targets.begin(), targets.end(), ignore);
                    double loss = 0;
                    for (int i = 0; i < rows; ++i) {
                        if (targets[i] == ignore) continue;
                        double total = 0;
                        for (int j = 0; j < C; ++j) total += std::exp(double{z.data[i * C + j]});
                        for (int j = 0; j < C; ++j) {
                            const double wanted = epsilon / C + (j == targets[i] ? 1 - epsilon : 0);
                            const double log_p = z.data[i * C + j] - std::log(total);
                            loss -= wanted * log_p / n;
                            slopes.data[i * C + j] = (std::exp(log_p) - wanted) / n;
                        }
                    }
                    expect_near(ASK_UNRECORDED(smoothed_loss, z, targets, epsilon, ignore), loss,
                                1e-5);
                    expect_near(ASK_UNRECORDED(smoothed_gradient, z, targets, epsilon, ignore),
                                slopes, 2e-6);
                }
}

Tensor slopes_again(const Tensors& first, const Tensors& then, const List& targets) {
    return in_the_same_place(
        [&](const Tensors& z) { return smoothed_gradient(z[0], targets, 0.1, -1); }, first, then);
}

CHECK("17.5", "nothing is left over from the last call: other sizes, other numbers in one place") {
    ASK(smoothed_gradient, random_tensor({2, 3}), List{2, 0}, 0.1, -1);
    ASK(smoothed_gradient, random_tensor({3, 5}), List{4, 0, 1}, 0.1, -1);
    const Tensors first = {random_tensor({3, 4})}, then = {random_tensor({3, 4})};
    ASK(slopes_again, first, then, List{0, 3, 1});
}

CHECK("17.5", "when nothing counts all is 0; huge logits stay finite; ε is from 0 to 1") {
    const Tensor z = random_tensor({2, 3});
    expect_near(ASK(smoothed_loss, z, List{0, 0}, 0.1, 0), 0, 0);
    expect_near(ASK(smoothed_gradient, z, List{0, 0}, 0.1, 0), Tensor({2, 3}), 0);
    for (int target : {0, 1}) ASK(smoothed_loss, matrix({{0, 1000, -1000}}), List{target}, 0.1, -1);
    ASK_REFUSAL(smoothed_loss, z, List{0, 1}, 1.5, -1);
}

// ## 17.6 A step of training

RESTS_ON("17.6", "3.3", "4.6", "17.3", "17.4", "17.5");

// The norm before, and each gradient afterwards; an empty tensor is a parameter without one.
std::tuple<double, std::vector<Tensor>> clipped(const std::vector<Tensor>& gradients,
                                                double limit) {
    Parameters parameters;
    for (const Tensor& g : gradients) {
        parameters.push_back(parameter(g.size() == 0 ? Tensor({2}) : Tensor(g.shape)));
        if (g.size() > 0) parameters.back().add_gradient(g);
    }
    const double norm = clip_gradients(parameters, limit);
    std::vector<Tensor> after;
    for (const Variable& p : parameters) after.push_back(p.gradient());
    return {norm, after};
}
CALLED(clipped, "clip_gradients");
PARTS(clipped, "the norm", "gradient ##0");

// What is left of w after some steps of SGD, and the last loss; each row of `rows` is a token whose
// loss is its dot product with w, and parts[m] says how many tokens microbatch m has.
static std::tuple<Tensor, double> steps_by(const Tensor& rows, const std::vector<int>& parts,
                                           int steps, const TrainingSettings& settings) {
    const Variable w = parameter(Tensor({rows.shape[1], 1}));
    SGD sgd({w}, 100.0);
    std::vector<Microbatch> all;
    int first = 0;
    for (int n : parts) {
        std::vector<int> mine;
        for (int i = 0; i < n; ++i) mine.push_back(first + i);
        first += n;
        all.push_back(
            {n, [=] { return mean(reshape(matmul(gather_rows(rows, mine), w), {n}), 0); }});
    }
    double loss = 0;
    for (int i = 0; i < steps; ++i) loss = accumulate_and_step(sgd, {w}, all, settings);
    return {w.value(), loss};
}

std::tuple<Tensor, double> steps_on(const Tensor& rows, const List& parts, int steps, double limit,
                                    double factor) {
    return steps_by(rows, parts, steps, {4, 10, factor, limit});
}
CALLED(steps_on, "accumulate_and_step");
PARTS(steps_on, "w", "the mean loss");

// Tries a step in which microbatch number `bad` has the loss ∞ or NaN; was anything changed?
std::string step_with_bad_microbatch(int bad, double loss) {
    const Variable w = parameter(row({1, 2}));
    SGD sgd({w}, 1.0);
    std::vector<Microbatch> all;
    for (int m = 0; m < 3; ++m)
        all.push_back({2, [=] { return sum(w) * (m == bad ? float(loss) : 1.0f); }});
    try {
        accumulate_and_step(sgd, {w}, all, {4, 10});
    } catch (const std::runtime_error&) {
        return w.value().data == row({1, 2}).data && sgd.state.steps == 0 ? "refused" : "changed";
    }
    return "accepted";
}

// To say the targets, and their ends, when these are the sources. The net must live on.
static Microbatch microbatch(const Transformer& net, const Sequences& sources,
                             const Sequences& targets, const Dropout& dropout = Dropout()) {
    int tokens = 0;
    for (const Sequence& target : targets) tokens += size_of(target) + 1;
    return {tokens,
            [=, &net] { return teacher_forcing_loss(net, sources, targets, 0.1, dropout); }};
}

std::vector<Tensor> gradients_in_microbatches(int count) {
    const Small small;
    Adam adam(small.net.parameters(), 0.0);
    const TrainingSettings no_limit{4, 4, 1.0, 1e9};
    const Sequences sources = {{3, 4}, {5, 6, 7}}, targets = {{4, 3, 7, 5, 5}, {7}};
    std::vector<Microbatch> all;
    if (count == 1) all = {microbatch(small.net, sources, targets)};
    else
        for (int b : {0, 1}) all.push_back(microbatch(small.net, {sources[b]}, {targets[b]}));
    accumulate_and_step(adam, small.net.parameters(), all, no_limit);
    return gradients_by_part(small.net);
}
PARTS(gradients_in_microbatches, "the gradient of the table", "the gradients of the encoder",
      "the gradients of the decoder");

static void learn(const Transformer& net, Adam& adam, Random& random, int steps) {
    const Sequences sources = {{3, 4}, {5, 6, 7}, {4}, {3, 3, 5}};
    const Sequences targets = {{4, 3, 7}, {7}, {4, 4}, {5, 6, 3, 3}};
    const Microbatch all = microbatch(net, sources, targets, Dropout(0.1, random));
    for (int i = 0; i < steps; ++i)
        accumulate_and_step(adam, net.parameters(), {all}, {4, 4, 1.0, 1.0});
}

static std::vector<Tensor> tensors_of(const Checkpoint& kept) {
    std::vector<Tensor> all;
    for (const Array& array : kept.arrays) all.push_back(Tensor(array.shape, array.data));
    return all;
}

// A small transformer after some steps; interrupted after `pause` of them, with everything but a
// checkpoint forgotten, when pause > 0.
std::vector<Tensor> parameters_after(int steps, int pause) {
    Small first;
    Random random(5);
    Adam adam(first.net.parameters(), 0.0);
    learn(first.net, adam, random, pause > 0 ? pause : steps);
    const Checkpoint kept = training::checkpoint_of(adam, random);
    if (pause == 0) return tensors_of(kept);
    Small second;
    Random other(99);
    Adam fresh(second.net.parameters(), 0.0);
    training::restore(kept, fresh, other);
    learn(second.net, fresh, other, steps - pause);
    return tensors_of(training::checkpoint_of(fresh, other));
}
PARTS(parameters_after, "array #0 of the checkpoint");

CHECK("17.6", "gradients [3] and [4 0] have the norm 5; with the limit 1 they are 0.6 and 0.8") {
    const std::vector<Tensor> g = {row({3}), row({4, 0})};
    const auto [norm, after] = ASK(clipped, g, 1.0);
    expect_near(norm, 5, 1e-6);
    expect_near(after.at(0), row({0.6f}), 1e-6);
    expect_near(after.at(1), row({0.8f, 0}), 1e-6);
}

CHECK("17.6", "a norm below the limit is left alone, to the last bit") {
    const std::vector<Tensor> g = {row({0.3f}), row({0.4f, 0.1f})};
    const auto [norm, after] = ASK(clipped, g, 1.0);
    for (int i = 0; i < size_of(g); ++i)
        expect_same_bits(after.at(i), g[i], "it need not be shorter");
    const std::vector<Tensor> of_5 = {row({3}), row({4, 0})};  // whose squares sum to 25
    expect_same_bits(std::get<1>(ASK(clipped, of_5, 6.0)).at(0), of_5[0], "the norm 5 is below 6");
}

CHECK("17.6", "gradients of zero, and parameters without one, are no trouble") {
    const std::vector<Tensor> zeros = {Tensor({2}), Tensor({0})},
                              some = {row({30, 40}), Tensor({0})},
                              first_without = {Tensor({0}), row({30, 40})};
    ASK(clipped, zeros, 1.0);
    ASK(clipped, some, 1.0);
    ASK(clipped, first_without, 1.0);
}

CHECK("17.6", "small norms are clipped as exactly as large ones: .000003 and .000004 to .000001") {
    const Tensors g = {row({3e-6f}), row({4e-6f, 0})};
    const auto [norm, after] = ASK(clipped, g, 1e-6);
    expect_near(norm, 5e-6, 1e-11);
    expect_near(after.at(0), row({0.6e-6f}), 1e-11);
    expect_near(after.at(1), row({0.8e-6f, 0}), 1e-11);
}

CHECK("17.6", "it is the norm of all numbers together that is held against the limit") {
    const Tensors g = {row({3, 4})};  // no number is above 4.5, and their mean square is 3.54²
    const auto [norm, after] = ASK(clipped, g, 4.5);
    expect_near(norm, 5, 1e-6);
    expect_near(after.at(0), row({2.7f, 3.6f}), 1e-5);
    for (const std::vector<Shape>& shapes : std::vector<std::vector<Shape>>{
             {{1}}, {{2}, {2}}, {{3, 2}, {2}, {3, 2}}, {{33}, {}, {2, 1, 2}}, {{9, 17}}})
        for (double part : {0.02, 0.6, 0.9, 0.999, 1.001, 1.5})
            for (double unit : {1.0, 1e6, 1e-6}) {
                Tensors gradients, expected;
                double squares = 0;
                for (const Shape& shape : shapes) {
                    gradients.push_back(random_tensor(shape));
                    gradients.back().data[0] = 0.5f;
                    for (float& number : gradients.back().data) {
                        number *= static_cast<float>(unit);
                        squares += double{number} * number;
                    }
                }
                const double exact = std::sqrt(squares), limit = part * exact;
                expected = gradients;
                for (Tensor& e : expected)
                    for (float& number : e.data) number *= std::min(1.0, part);
                const auto [found, now] = ASK_UNRECORDED(clipped, gradients, limit);
                expect_near(found, exact, exact * 1e-5);
                for (int i = 0; i < size_of(expected); ++i)
                    expect_near(now.at(i), expected[i], unit * 1e-5);
            }
}

CHECK("17.6", "one microbatch, rows [2 0 0] and [0 4 0]: w goes by −rate times the mean [1 2 0]") {
    const Tensor rows = matrix({{2, 0, 0}, {0, 4, 0}});
    const auto [w, loss] = ASK(steps_on, rows, List{2}, 1, 100.0, 1.0);
    const float rate = 0.0158114f;  // 4^−0.5 · 10^−1.5
    expect_near(w, Tensor({3, 1}, {-rate, -2 * rate, 0}), 1e-6);
    expect_near(loss, 0, 0);
}

CHECK("17.6", "the settings' factor multiplies the rate: with 0.5, w goes half as far") {
    const Tensor rows = matrix({{2, 0, 0}, {0, 4, 0}});
    const auto [w, loss] = ASK(steps_on, rows, List{2}, 1, 100.0, 0.5);
    const float rate = 0.0079057f;  // 0.5 · 4^−0.5 · 10^−1.5
    expect_near(w, Tensor({3, 1}, {-rate, -2 * rate, 0}), 1e-6);
}

CHECK("17.6", "the same tokens in microbatches of 1 and 3, or of 4, give the same step") {
    const Tensor rows = random_tensor({4, 3});
    const auto [one, one_loss] = ASK(steps_on, rows, List{4}, 3, 100.0, 1.0);
    const auto [two, two_loss] = ASK(steps_on, rows, List{1, 3}, 3, 100.0, 1.0);
    const auto [three, three_loss] = ASK(steps_on, rows, List{2, 1, 1}, 3, 100.0, 1.0);
    expect_near(two, one, 1e-6);
    expect_near(three, one, 1e-6);
    expect_near(two_loss, one_loss, 1e-6);
}

CHECK("17.6", "gradients are cleared before and clipped after all microbatches, at every step") {
    const Tensor rows = matrix({{30, 0}, {0, 40}});
    const auto [w, loss] = ASK(steps_on, rows, List{1, 1}, 1, 1.0, 1.0);
    const float rate = 0.0158114f;
    expect_near(w, Tensor({2, 1}, {-0.6f * rate, -0.8f * rate}), 1e-6);
    ASK(steps_on, rows, List{1, 1}, 12, 1.0, 1.0);
}

std::tuple<Tensor, double> steps_with(const Tensor& rows, const List& parts, const List& sizes,
                                      double limit, double factor) {
    return steps_by(rows, parts, sizes[0], {sizes[1], sizes[2], factor, limit});
}
CALLED(steps_with, "accumulate_and_step");
PARTS(steps_with, "w", "the mean loss");

CHECK("17.6",
      "one microbatch or many, of one token or many: each step is that of one large batch") {
    for (const List& parts :
         std::vector<List>{{1}, {4}, {1, 1}, {2, 2}, {1, 3}, {3, 1}, {1, 1, 1, 1}, {5, 2}})
        for (double limit : {100.0, 0.5, 0.05})
            for (int steps : {1, 2, 13}) {
                const int d_model = 1 << random_numbers().below(4), warm_up = steps % 5 + 1;
                const int n = std::accumulate(parts.begin(), parts.end(), 0);
                const double factor = 0.25 * (1 + random_numbers().below(6));
                const Tensor rows = random_tensor({n, 3});
                std::vector<double> mean(3), w(3);
                double squares = 0, loss = 0;
                for (int i = 0; i < rows.size(); ++i) mean[i % 3] += double{rows.data[i]} / n;
                for (double m : mean) squares += m * m;
                const double shorter = std::min(1.0, limit / std::sqrt(squares));
                for (int step = 1; step <= steps; ++step) {
                    const double rate =
                        factor * std::min(std::pow(step, -0.5), step * std::pow(warm_up, -1.5)) /
                        std::sqrt(d_model);
                    loss = 0;
                    for (int k = 0; k < 3; ++k) loss += mean[k] * w[k];
                    for (int k = 0; k < 3; ++k) w[k] -= rate * shorter * mean[k];
                }
                const auto [found, last] = ASK_UNRECORDED(
                    steps_with, rows, parts, List{steps, d_model, warm_up}, limit, factor);
                expect_near(found, Tensor({3, 1}, {w.begin(), w.end()}), 1e-5);
                expect_near(last, loss, 1e-5);
            }
}

// How often each microbatch is asked for its loss in a step, when they have so many tokens.
List times_asked(const List& tokens) {
    const Variable w = parameter(row({1, 2}));
    SGD sgd({w}, 1.0);
    List times(tokens.size());
    std::vector<Microbatch> all;
    for (int m = 0; m < size_of(tokens); ++m)
        all.push_back({tokens[m], [&times, w, m] { return ++times[m], sum(w); }});
    accumulate_and_step(sgd, {w}, all, {4, 10});
    return times;
}
CALLED(times_asked, "the calls of loss, microbatch by microbatch,");

CHECK("17.6", "each loss is asked once: under dropout a second answer would be another") {
    for (const List& tokens : std::vector<List>{{3}, {1, 2}, {2, 2, 2, 1}})
        expect(ASK_UNRECORDED(times_asked, tokens) == List(tokens.size(), 1),
               "each microbatch must be asked once");
}

CHECK("17.6", "a transformer's gradients are those of one large batch, for any microbatches") {
    allow_roundings(1024);
    const std::vector<Tensor> one = ASK(gradients_in_microbatches, 1);
    allow_roundings(1024);
    const std::vector<Tensor> two = ASK(gradients_in_microbatches, 2);
    for (int i = 0; i < size_of(one); ++i) expect_near(two.at(i), one[i], 1e-4);
}

CHECK("17.6", "a loss that is not finite stops the step before anything changes") {
    for (double loss : {double{INFINITY}, double{NAN}})
        for (int bad : {0, 2}) {
            const std::string result = ASK(step_with_bad_microbatch, bad, loss);
            expect(result == "refused", "the step was " + result);
        }
    ASK_REFUSAL(steps_on, Tensor({0, 3}), List{0}, 1, 100.0, 1.0);  // no tokens, no mean
}

CHECK("17.6", "from a checkpoint it goes on with the same bits, dropout and all") {
    allow_roundings(1 << 20);  // a wrong step differs by so much from one compiler to the next
    const std::vector<Tensor> one = ASK_UNRECORDED(parameters_after, 6, 0);
    const std::vector<Tensor> two = ASK_UNRECORDED(parameters_after, 6, 2);
    expect(one.size() == two.size() && !one.empty(), "the checkpoints differ in size");
    for (int i = 0; i < size_of(one); ++i)
        expect_same_bits(two[i], one[i], "after the interruption it went another way");
}

}  // namespace checks_17
