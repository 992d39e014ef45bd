#include "grader/check.hpp"

#include "kit/chapter.hpp"
#include "grader/difference.hpp"
#include "grader/misconceptions.hpp"
#include "grader/run.hpp"
#include "kit/hash.hpp"
#include "grader/printable.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <stdexcept>

const char* word(Verdict verdict) {
    static const char* const words[] = {"pass",  "fail",    "todo",       "blocked",
                                        "crash", "timeout", "no-compile", "grader-error"};
    return words[static_cast<int>(verdict)];
}

// ## The list of checks

static std::vector<CheckDefinition>& checks() {
    static std::vector<CheckDefinition> all;
    return all;
}

const std::vector<CheckDefinition>& all_checks() { return checks(); }

CheckRegistration::CheckRegistration(const char* exercise, const char* rule, const char* file,
                                     void (*body)()) {
    checks().push_back({exercise, rule, file, body});
}

// ## What rests on what

static std::map<std::string, std::vector<std::string>>& foundations() {
    static std::map<std::string, std::vector<std::string>> all;
    return all;
}

Resting::Resting(const std::string& exercise, const std::vector<std::string>& on) {
    foundations()[exercise] = on;
}

std::vector<std::string> rests_on(const std::string& exercise) {
    const auto found = foundations().find(exercise);
    return found == foundations().end() ? std::vector<std::string>() : found->second;
}

// ## What functions and the parts of their answers are called

namespace {
struct Told {
    std::string name;
    std::vector<std::string> parts;
};
}  // namespace

static std::map<std::string, Told>& told() {
    static std::map<std::string, Told> all;
    return all;
}

Telling::Telling(const char* key, const std::string& name) { told()[key].name = name; }
Telling::Telling(const char* key, const std::vector<std::string>& parts) {
    told()[key].parts = parts;
}

// The name of item i of an answer; the last name is that of all behind it, too.
static const std::string& name_of_item(const std::vector<std::string>& parts, std::size_t i) {
    return parts[std::min(i, parts.size() - 1)];
}

static bool has(const std::string& name, const char* sign) {
    return name.find(sign) != std::string::npos;
}

// "gradient ##1" → "gradient 3", for the item 2.
static std::string counted(std::string name, int item) {
    const std::size_t begin = name.find('#'), digit = name.find_first_not_of('#', begin);
    const int number = name[digit] - '0' + item;
    return name.replace(begin, digit + 1 - begin, std::to_string(number));
}

// "dQ: ", "gradient 3: ".
static std::string name_of_part(const Call& call, const std::vector<int>& place) {
    if (place.empty()) return "";
    const std::vector<std::string>& parts = told()[call.key].parts;
    if (parts.empty()) return "part " + std::to_string(place[0] + 1) + " of the answer: ";
    const std::string& name = name_of_item(parts, static_cast<std::size_t>(place[0]));
    if (!has(name, "#")) return name + ": ";
    const int inside = place.size() > 1 ? place[1] : 0;
    return counted(name, has(name, "##") ? inside : place[0] + 1 - static_cast<int>(parts.size())) +
           ": ";
}

// Whether every part of this answer has a name.
static bool all_have_names(const Call& call, const Value& answer) {
    if (answer.list.empty() || is_short_row(answer)) return true;
    const std::vector<std::string>& parts = told()[call.key].parts;
    return !parts.empty() && (answer.list.size() <= parts.size() || has(parts.back(), "#"));
}

// ## The check that is running

namespace {

struct Ended {};  // thrown through the body of a check to end it

struct Running {
    const std::string& program;
    std::unique_ptr<Worker>& worker;  // started by the first question
    Recording recording;
    std::vector<std::string>& recorded;
    Random random;
    std::size_t questions = 0;  // that are held against the record
    int expectations = 0;
    double roundings = 16;
    Call call{};
    bool by_check = false;  // has there been an answer that was not held against the record?
    Finding finding{};      // a pass until something does not hold
};

Running* running = nullptr;

// What comes first is what there is to tell.
void miss(Verdict verdict, const std::string& message) {
    Finding& finding = running->finding;
    if (finding.verdict != Verdict::pass) return;
    finding.verdict = verdict;
    finding.message = message;
    finding.call = running->call;
    if (running->worker) finding.output = running->worker->output();
}

[[noreturn]] void end(Verdict verdict, const std::string& message) {
    miss(verdict, message);
    throw Ended();
}

// After its first wrong answer a check goes on, with the recorded answers in the place of the
// student's, so that everything that was asked of the solution is asked: by all their answers known
// misconceptions are told apart. It cannot go on where no answer was recorded.
void go_on_or_end() {
    if (running->recording == Recording::replace || running->by_check) throw Ended();
}

void hear(const std::string& how, bool right, const Value& answer = {}) {
    running->finding.heard.push_back({how, right, thinned(answer), running->roundings});
}

// An expectation does not hold. Behind a wrong answer, which was replaced, that means nothing.
void unmet(const std::string& message) {
    if (running->finding.verdict == Verdict::pass)
        hear("unmet " + std::to_string(running->expectations), false);
    miss(Verdict::fail, message);
    go_on_or_end();
}

// The two answers of the first miss, to be shown.
void show(const Value& expected, const Value& yours, double within) {
    Finding& finding = running->finding;
    if (finding.verdict != Verdict::pass) return;
    finding.compared = true;
    finding.expected = expected;
    finding.yours = yours;
    finding.within = within;
}

// An expectation about two answers does not hold.
void unmet(const std::string& message, const Value& expected, const Value& yours, double within) {
    show(expected, yours, within);
    unmet(message);
}

}  // namespace

// Chapter, exercise and rule choose the numbers, so that a new check changes no other's.
static std::uint64_t seed_of(const CheckDefinition& check, std::uint64_t seed) {
    return fnv1a(std::string(check.exercise) + " " + check.rule, seed);
}

Random& random_numbers() { return running->random; }

int random_seed() { return 1 + random_numbers().below(1000000); }

double random_between(double least, double most) {
    const double share = random_numbers().below(1001) / 1000.0;
    return least + (most - least) * share;
}

Tensor random_tensor(const Shape& shape) {
    Tensor x(shape);
    for (float& value : x.data)
        value = static_cast<float>(running->random.below(201) - 100) / 100.0f;
    return x;
}

Tensor exact_product(const Tensor& a, const Tensor& b) {
    const int M = a.shape[0], K = a.shape[1], N = b.shape[1];
    Tensor c({M, N});
    std::vector<double> totals(N);
    for (int i = 0; i < M; ++i) {
        std::fill(totals.begin(), totals.end(), 0.0);
        for (int p = 0; p < K; ++p) {
            const double factor = a.data[i * K + p];
            const float* in = b.data.data() + p * N;
            for (int j = 0; j < N; ++j) totals[j] += factor * in[j];
        }
        std::copy(totals.begin(), totals.end(), c.data.begin() + i * N);
    }
    return c;
}

void allow_roundings(double count) { running->roundings = count; }

// ## Asking

static const double answer_seconds = 5;  // for one question
#ifdef SANITIZED
static const double slowness = 20;  // sanitizers make everything slower
#else
static const double slowness = 1;
#endif

// What `.at` throws in libstdc++, in other words: index, and length of the vector.
static std::string plainly(const std::string& text) {
    const std::string range = "vector::_M_range_check: __n (which is ",
                      size = "this->size() (which is ";
    const std::size_t length = text.find(size);
    if (text.compare(0, range.size(), range) != 0 || length == std::string::npos) return text;
    const auto number = [&](std::size_t begin) {
        return text.substr(begin, text.find(')', begin) - begin);
    };
    return "index " + number(range.size()) + " is outside a vector of " +
           number(length + size.size()) + ": .at refuses it";
}

static Reply question(const Call& call) {
    ++running->finding.questions;
    running->call = call;
    const std::string& name = told()[call.key].name;
    if (!name.empty()) running->call.function = name;
    Value arguments;
    arguments.list = call.arguments;
    if (!running->worker) running->worker = std::make_unique<Worker>(running->program);
    const std::string asked = encode(arguments, Form::bits);
    Reply reply = running->worker->call(call.key, asked, slowness * answer_seconds);
    if (reply.kind != Reply::Kind::value)
        reply.text = plainly(printable(reply.text.substr(0, 1000)));
    const auto end_here = [&](Verdict verdict) {
        hear(word(verdict), false);
        end(verdict, reply.text);
    };
    if (reply.kind == Reply::Kind::crash) end_here(Verdict::crash);
    if (reply.kind == Reply::Kind::timeout) end_here(Verdict::timeout);
    if (reply.kind == Reply::Kind::todo) end_here(Verdict::todo);
    if (reply.kind == Reply::Kind::unknown)
        end(Verdict::crash, "it knows no such function: was it built before this check?");
    return reply;
}

static Value recorded_answer() {
    const std::size_t number = running->questions++;
    if (number >= running->recorded.size())
        end(Verdict::grader_error, "no recorded answer for question " + std::to_string(number + 1) +
                                       " of this check (authors: make record)");
    return decode(running->recorded[number]);
}

// The answer with which the check goes on.
static Value hold_against_record(const Value& answer) {
    if (running->recording == Recording::replace) {
        ++running->questions;
        running->recorded.push_back(encode(answer));
        if (!all_have_names(running->call, answer))
            miss(Verdict::grader_error,
                 "PARTS is to name the parts of what " + running->call.function + " answers");
        return answer;
    }
    const Value expected = recorded_answer();
    const Difference found = difference(answer, expected, running->roundings);
    hear("answer", found.text.empty(), answer);
    if (found.text.empty()) return answer;
    show(found.expected, found.yours, found.within);
    miss(Verdict::fail, name_of_part(running->call, found.place) + found.text);
    go_on_or_end();
    return expected;
}

Value ask(const Call& call, Held held) {
    const Reply reply = question(call);
    if (held == Held::by_check) running->by_check = true;
    if (reply.kind != Reply::Kind::value) {
        hear("threw", false, to_value(reply.text));
        miss(Verdict::fail, "it threw: " + reply.text);
        go_on_or_end();
        return recorded_answer();
    }
    Value answer;
    try {
        answer = decode(reply.text);
    } catch (const std::runtime_error&) {
        end(Verdict::crash, "what came back is not an answer");
    }
    if (held == Held::against_record) return hold_against_record(answer);
    hear("answer", false, answer);
    return answer;
}

static std::string kind_of_answer(const std::string& text) {
    try {
        return describe(decode(text));
    } catch (const std::runtime_error&) {
        return "something";
    }
}

std::string ask_refusal(const Call& call) {
    const Reply reply = question(call);
    ++running->expectations;
    const bool refused = reply.kind == Reply::Kind::refusal;
    const bool threw = reply.kind == Reply::Kind::error;
    hear(refused ? "refused"
         : threw ? "threw"
                 : "returned",
         refused, to_value(threw ? reply.text : ""));
    if (refused) return reply.text;
    miss(Verdict::fail, (threw ? "it threw something else (" + reply.text + ")"
                               : "it returned " + kind_of_answer(reply.text)) +
                            "; it must throw std::invalid_argument");
    go_on_or_end();
    return "";
}

// ## Expecting

void expect(bool holds, const std::string& otherwise) {
    ++running->expectations;
    if (!holds) unmet(otherwise);
}

void expect_near(const Tensor& yours, const Tensor& expected, double tolerance) {
    ++running->expectations;
    const std::string found = difference(yours, expected, tolerance);
    if (!found.empty()) unmet(found, to_value(expected), to_value(yours), tolerance);
}

void expect_near(double yours, double expected, double tolerance) {
    ++running->expectations;
    if (!close(yours, expected, tolerance))
        unmet("the number differs", to_value(expected), to_value(yours), tolerance);
}

void expect_same_bits(const Tensor& yours, const Tensor& expected, const std::string& otherwise) {
    ++running->expectations;
    const bool same = yours.shape == expected.shape &&
                      (yours.size() == 0 || std::memcmp(yours.data.data(), expected.data.data(),
                                                        yours.data.size() * sizeof(float)) == 0);
    if (!same) unmet(otherwise, to_value(expected), to_value(yours), 0);
}

void expect_mentions(const std::string& message, const std::vector<std::string>& words) {
    for (const std::string& each : words)
        expect(message.find(each) != std::string::npos,
               "it threw, as it must, but its message does not mention " + each + ": " + message);
}

// ## Running

static bool asks_nothing(const Running& here) {
    return here.questions + static_cast<std::size_t>(here.expectations) == 0;
}

Finding run_check(const CheckDefinition& check, const std::string& program,
                  std::unique_ptr<Worker>& worker, std::uint64_t seed, Recording recording,
                  std::vector<std::string>& recorded) {
    Running here{program, worker, recording, recorded, Random(seed_of(check, seed))};
    const std::uint64_t at_first = here.random.state();
    running = &here;
    here.finding.rule = check.rule;
    try {
        check.body();
        if (asks_nothing(here)) end(Verdict::grader_error, "this check expects nothing");
        if (here.questions != recorded.size())
            end(Verdict::grader_error, "there are recorded answers that nothing was held against");
    } catch (const Ended&) {
    } catch (const Todo& exercise) {
        miss(Verdict::grader_error,
             std::string("the check itself calls exercise ") + exercise.what());
    } catch (const std::exception& error) {
        // The grader and the worker disagree on what was said.
        miss(here.worker ? Verdict::crash : Verdict::grader_error, error.what());
    }
    if (here.finding.verdict == Verdict::pass) {
        here.finding.call = here.call;
        here.finding.heard.clear();
    }
    here.finding.output = printable(here.finding.output);
    here.finding.drew = here.random.state() != at_first;
    running = nullptr;
    return here.finding;
}

Finding run_check(const CheckDefinition& check, const std::string& program, std::uint64_t seed,
                  Recording recording, std::vector<std::string>& recorded) {
    std::unique_ptr<Worker> worker;
    return run_check(check, program, worker, seed, recording, recorded);
}
