// Questions about places, elements and stars, answered by a span of a short text. Texts and
// questions are made of facts; nothing that is asked in the end was learnt from.

#include "data/facts.hpp"
#include "demos/19_understanding/understanding.hpp"

#include <algorithm>
#include <cstdio>
#include <map>
#include <set>

namespace understanding {

using Words = std::vector<std::string>;
using facts::Fact;

// ## Sentences

namespace {

// Two ways to say a fact, S for its subject and O for its object, and two to ask for it.
struct Wording {
    const char *relation, *says[2], *asks[2];
};

struct Question {
    Words question, text;
    Sequence question_tokens, text_tokens;
    Span answer;  // in the text
};

}  // namespace

static const Wording wordings[] = {
    {"capital",
     {"the capital of S is O .", "S is governed from O ."},
     {"which city is the capital of S ?", "from where is S governed ?"}},
    {"continent",
     {"S lies in O .", "a part of O is S ."},
     {"on which continent is S ?", "where does S lie ?"}},
    {"language",
     {"people in S speak O .", "O is the language of S ."},
     {"what do people speak in S ?", "what is the language of S ?"}},
    {"German name",
     {"Germans call S O .", "the German name of S is O ."},
     {"what do Germans call S ?", "what is S in German ?"}},
    {"symbol",
     {"chemists write O for S .", "the symbol of S is O ."},
     {"what do chemists write for S ?", "what is the symbol of S ?"}},
    {"atomic number",
     {"S has O protons .", "the atomic number of S is O ."},
     {"how many protons has S ?", "what is the atomic number of S ?"}},
    {"constellation",
     {"S is a star in O .", "in the constellation O stands S ."},
     {"in which constellation is S ?", "where does S stand ?"}},
    {"magnitude",
     {"S has the magnitude O .", "as bright as O is S ."},
     {"how bright is S ?", "what is the magnitude of S ?"}},
    {"colour class",
     {"the colour of S is O .", "S shines in O ."},
     {"which colour has S ?", "in what does S shine ?"}},
};

static const Wording& wording_of(const std::string& relation) {
    return *std::find_if(std::begin(wordings), std::end(wordings),
                         [&](const Wording& w) { return w.relation == relation; });
}

// The words of a sentence, and where the object stands in them.
static Words filled(const char* form, const Fact& fact, Span* object = nullptr) {
    Words words;
    for (const std::string& word : words_of(form)) {
        const Words put = word == "S"   ? words_of(fact.subject)
                          : word == "O" ? words_of(fact.object)
                                        : Words{word};
        if (word == "O" && object != nullptr)
            *object = {size_of(words), size_of(words) + size_of(put) - 1};
        words.insert(words.end(), put.begin(), put.end());
    }
    return words;
}

// ## Tokens. Each name that stands in a text gets one of the numbered names, drawn anew for each
// text, the same wherever it stands. So no name can be learnt by heart, and new ones are no worse:
// Hermann and others, "Teaching machines to read and comprehend" (2015).

static constexpr int num_names = 20, longest = 60;

static const Vocabulary& vocabulary() {
    static const Vocabulary all = [] {
        std::set<std::string> known;
        for (const Wording& w : wordings)
            for (const char* form : {w.says[0], w.says[1], w.asks[0], w.asks[1]})
                for (const std::string& word : words_of(form)) known.insert(word);
        known.erase("S");
        known.erase("O");
        Words names(known.begin(), known.end());
        for (int i = 0; i < num_names; ++i) names.push_back("#" + std::to_string(i));
        return Vocabulary(
            {Mark::padding, Mark::unknown, Mark::mask, Mark::classification, Mark::end}, names);
    }();
    return all;
}

static bool is_name(int token) { return token >= vocabulary().size() - num_names; }

static void give_tokens(Question& q, Random& random) {
    Sequence numbers(num_names);
    for (int i = 0; i < num_names; ++i) numbers[i] = vocabulary().size() - 1 - i;
    for (int i = num_names - 1; i > 0; --i) std::swap(numbers[i], numbers[random.below(i + 1)]);
    std::map<std::string, int> given;
    const auto token = [&](const std::string& word) {
        if (vocabulary().has(word)) return vocabulary().token(word);
        const int next = size_of(given) % num_names;
        return numbers[given.emplace(word, next).first->second];
    };
    for (const std::string& word : q.question) q.question_tokens.push_back(token(word));
    for (const std::string& word : q.text) q.text_tokens.push_back(token(word));
}

// ## Texts

using Subjects = std::vector<std::vector<Fact>>;

// Those of which two things are known, or more; states are left out, for Georgia is a country too.
static Subjects subjects_of(const facts::Facts& facts) {
    std::map<std::string, std::vector<Fact>> by_subject;
    for (const Fact& fact : facts)
        if (fact.object != fact.subject && fact.relation != "state capital")
            by_subject[fact.subject].push_back(fact);
    Subjects all;
    for (const auto& [subject, known] : by_subject)
        if (size_of(known) > 1) all.push_back(known);
    return all;
}

// All that is known of a subject, in any order, and a question about one of it.
static Question draw_question(const Subjects& subjects, Random& random) {
    std::vector<Fact> said = subjects[random.below(size_of(subjects))];
    for (int i = size_of(said) - 1; i > 0; --i) std::swap(said[i], said[random.below(i + 1)]);

    Question q;
    const Fact& wanted = said[random.below(size_of(said))];
    q.question = filled(wording_of(wanted.relation).asks[random.below(2)], wanted);
    for (const Fact& fact : said) {
        Span object{};
        const Words words = filled(wording_of(fact.relation).says[random.below(2)], fact, &object);
        if (&fact == &wanted)
            q.answer = {size_of(q.text) + object.first, size_of(q.text) + object.last};
        q.text.insert(q.text.end(), words.begin(), words.end());
    }
    give_tokens(q, random);
    return q;
}

using Questions = std::vector<Question>;

static Questions draw_questions(const facts::Facts& facts, int count, Random& random) {
    const Subjects subjects = subjects_of(facts);
    Questions all;
    while (size_of(all) < count) {
        Question q = draw_question(subjects, random);
        if (q.question.size() + q.text.size() + 3 <= longest) all.push_back(std::move(q));
    }
    return all;
}

// ## The net

namespace {

struct Pointer {
    Bert body;
    Linear ends;  // [D, 2]

    explicit Pointer(Random& random)
        : body(settings(), random), ends(settings().stack.d_model, 2, random) {}
    static BertSettings settings() {
        BertSettings s;
        s.stack = {32, 4, 64, 2, NormPlace::before, Activation::relu};
        s.vocabulary = vocabulary().size();
        s.longest = longest;
        return s;
    }
    Parameters parameters() const {
        Parameters all = body.parameters();
        append(all, ends.parameters());
        return all;
    }
};

struct Asked {
    Inputs inputs;
    Tensor places;
    std::vector<Span> answers;
};

}  // namespace

static Asked asked(const Questions& questions, const BertSettings& settings) {
    Sequences firsts, seconds;
    std::vector<Span> answers;
    for (const Question& q : questions) {
        firsts.push_back(q.question_tokens);
        seconds.push_back(q.text_tokens);
        const int before = size_of(q.question_tokens) + 2;
        answers.push_back({q.answer.first + before, q.answer.last + before});
    }
    const Inputs inputs = inputs_of(firsts, seconds, settings);
    return {inputs, answer_places(inputs, settings), answers};
}

// The spans that it finds, in the texts.
static std::vector<Span> answers_of(const Pointer& net, const Questions& questions) {
    const NoTape no_tape;
    const Asked all = asked(questions, net.body.settings);
    const Tensor z = net.ends(net.body(all.inputs)).value();
    const int T = z.shape[1];
    std::vector<Span> found;
    for (int b = 0; b < size_of(questions); ++b) {
        const Tensor own({T, 2}, {z.row(b * T), z.row(b * T) + 2 * T});
        const Tensor places({T}, {all.places.row(b), all.places.row(b) + T});
        const Span span = best_span(own, places);
        const int before = size_of(questions[b].question_tokens) + 2;
        found.push_back({span.first - before, span.last - before});
    }
    return found;
}

static double right(const std::vector<Span>& found, const Questions& questions) {
    double count = 0;
    for (int i = 0; i < size_of(found); ++i)
        count += found[i].first == questions[i].answer.first &&
                 found[i].last == questions[i].answer.last;
    return count / size_of(found);
}

// A baseline: of the sentence that has most words of the question, the first names that the
// question does not have.
static Span by_common_words(const Question& q) {
    const std::set<int> of_question(q.question_tokens.begin(), q.question_tokens.end());
    Span best{0, 0};
    int most = -1;
    for (int first = 0, t = 0; t < size_of(q.text); ++t) {
        if (q.text[t] != ".") continue;
        int common = 0, s = -1, e = -1;
        for (int i = first; i < t; ++i) {
            common += static_cast<int>(of_question.count(q.text_tokens[i]));
            const int token = q.text_tokens[i];
            const bool new_name = is_name(token) && of_question.count(token) == 0;
            if (new_name && s < 0) s = e = i;
            else if (new_name && e == i - 1) e = i;
        }
        if (common > most && s >= 0) most = common, best = {s, e};
        first = t + 1;
    }
    return best;
}

static std::string text_between(const Words& words, int first, int last) {
    std::string text;
    for (int i = first; i <= last; ++i)
        text += (i > first && words[i] != "." ? " " : "") + words[i];
    return text;
}

static void print_wrapped(const std::string& text) {
    std::string line = "   ";
    for (const std::string& word : words_of(text)) {
        if (line.size() + word.size() > 78) std::printf("%s\n", line.c_str()), line = "   ";
        line += " " + word;
    }
    std::printf("%s\n", line.c_str());
}

// Learns from questions about what is known, in so many steps.
static training::Outcome learn(const Pointer& net, const training::Plan& plan,
                               const Questions& known, const Questions& held_out, Random& random) {
    Adam adam(net.parameters(), 0);
    const auto epoch = [&](Random& any) { return shuffled_batches(size_of(known), 32, any); };
    const auto step = [&](const training::Batch& batch, double done) {
        adam.rate = 0.003 * std::min(1.0, 2 * (1 - done));
        const Asked all = asked(gather_rows(known, batch), net.body.settings);
        return train_step(adam, [&] {
            return span_loss(net.ends(net.body(all.inputs)), all.places, all.answers);
        });
    };
    const auto look = [&] {
        const Asked all = asked(held_out, net.body.settings);
        return training::Look{
            span_loss(net.ends(net.body(all.inputs)), all.places, all.answers).value().data[0],
            right(answers_of(net, held_out), held_out)};
    };
    return training::train(plan, {adam, random, epoch, step, look});
}

static void print_answers(const Pointer& net, const Questions& questions) {
    const std::vector<Span> found = answers_of(net, questions);
    for (int i = 0; i < size_of(questions); ++i) {
        const auto& [question, text, of_question, of_text, answer] = questions[i];
        print_wrapped(text_between(text, 0, size_of(text) - 1));
        std::printf("  %s %s  %s\n\n",
                    found[i].first == answer.first && found[i].last == answer.last ? "✓" : "✗",
                    text_between(question, 0, size_of(question) - 1).c_str(),
                    text_between(text, found[i].first, found[i].last).c_str());
    }
}

void show_spans(int steps) {
    Random random(19);
    const Dataset<facts::Facts> facts = facts::read();
    const Questions known = draw_questions(facts.training, 12800, random);
    const Questions held_out = draw_questions(facts.held_out, 500, random);
    const Pointer net(random);
    const training::Outcome run =
        learn(net, {"answering", steps, std::max(1, steps / 10)}, known, held_out, random);
    std::vector<Span> common;
    for (const Question& q : held_out) common.push_back(by_common_words(q));
    std::printf("\nAnswers by spans: %d questions about countries, elements and stars of which\n"
                "nothing was learnt. Right, in percent: by common words %.1f, by spans %.1f\n\n",
                size_of(held_out), 100 * right(common, held_out), 100 * run.curve.back().right);
    print_answers(net, Questions(held_out.begin(), held_out.begin() + 4));
    training::draw_right("19_spans", {run});
}

}  // namespace understanding
