#include "course/check.hpp"

#include "course/chapter.hpp"
#include "course/grader/run.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
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

// ## The check that is running

namespace {

struct Running {
    const std::string& program;
    Recording recording;
    std::vector<std::string>& recorded;
    Random random;
    std::unique_ptr<Worker> worker{};  // started by the first question
    std::size_t questions = 0;         // that are held against the record
    int expectations = 0;
    double roundings = 16;
    double seconds = 5;
    Call call{};
    Value answer{};
};

Running* running = nullptr;

// Thrown through the body of a check to end it.
struct Ended {
    Verdict verdict;
    std::string message;
    bool compared;
    Value expected, yours;
};

[[noreturn]] void end(Verdict verdict, const std::string& message) {
    throw Ended{verdict, message, false, {}, {}};
}

[[noreturn]] void end(const std::string& message, const Value& expected, const Value& yours) {
    throw Ended{Verdict::fail, message, true, expected, yours};
}

}  // namespace

// Chapter, exercise and rule choose the numbers, so that a new check changes no other's (FNV-1a).
static std::uint64_t seed_of(const CheckDefinition& check, std::uint64_t seed) {
    std::uint64_t hash = 14695981039346656037u ^ seed;
    for (char letter : check.exercise + " " + check.rule)
        hash = (hash ^ static_cast<unsigned char>(letter)) * 1099511628211u;
    return hash;
}

Random& random_numbers() { return running->random; }

Tensor random_tensor(const Shape& shape) {
    Tensor x(shape);
    for (float& value : x.data)
        value = static_cast<float>(running->random.below(201) - 100) / 100.0f;
    return x;
}

void allow_roundings(double count) { running->roundings = count; }

void allow_seconds(double seconds) { running->seconds = seconds; }

// ## Holding one answer against another

static bool close(double yours, double expected, double tolerance) {
    if (std::isnan(expected) || std::isnan(yours)) return std::isnan(expected) && std::isnan(yours);
    if (std::isinf(expected) || std::isinf(yours)) return expected == yours;
    return std::fabs(yours - expected) <= tolerance;
}

static double largest(const Tensor& x) {
    double result = 0;
    for (float value : x.data)
        if (std::isfinite(value)) result = std::max(result, std::fabs(static_cast<double>(value)));
    return result;
}

static const double unit = 1.0 / 8388608.0;  // 2⁻²³: the gap between 1 and the next float

// Say in words how two answers differ, or nothing when they are the same but for rounding.
static std::string difference(const Tensor& yours, const Tensor& expected, double tolerance) {
    if (yours.shape != expected.shape)
        return "the shape is " + to_string(yours.shape) + "; it must be " +
               to_string(expected.shape);
    int wrong = 0;
    for (int i = 0; i < expected.size(); ++i)
        wrong += !close(yours.data[i], expected.data[i], tolerance);
    return wrong == 0 ? ""
                      : std::to_string(wrong) + " of " + std::to_string(expected.size()) +
                            (expected.size() == 1 ? " number differs" : " numbers differ");
}

// The largest number of an answer, whatever it consists of.
static double largest(const Value& value) {
    double result = value.kind == Value::Kind::number ? std::fabs(value.number) : 0;
    if (value.kind == Value::Kind::tensor) result = largest(value.tensor);
    for (const Value& item : value.list) result = std::max(result, largest(item));
    return result;
}

struct Difference {
    std::string text;  // empty when the two are the same but for rounding
    Value yours, expected;
};

// In a list, the first item that differs. A gradient that is 0 but for rounding cannot be held
// against its own size; `floor`, a twentieth of the largest number in the whole answer, is the
// least that counts as one.
static Difference difference(const Value& yours, const Value& expected, double roundings,
                             double floor = 0) {
    std::string text;
    if (yours.kind != expected.kind) {
        text = "the answer is " + describe(yours) + "; it must be " + describe(expected);
    } else if (expected.kind == Value::Kind::number) {
        const double size = std::max(floor, std::fabs(expected.number));
        if (!close(yours.number, expected.number, roundings * unit * size))
            text = "the number differs";
    } else if (expected.kind == Value::Kind::text) {
        if (yours.text != expected.text) text = "the text differs";
    } else if (expected.kind == Value::Kind::tensor) {
        const double size = std::max(floor, largest(expected.tensor));
        text = difference(yours.tensor, expected.tensor, roundings * unit * size);
    } else if (yours.list.size() != expected.list.size()) {
        text = "the list has " + std::to_string(yours.list.size()) + " items; it must have " +
               std::to_string(expected.list.size());
    } else {
        floor = std::max(floor, 0.05 * largest(expected));
        for (std::size_t i = 0; i < expected.list.size(); ++i) {
            Difference inside = difference(yours.list[i], expected.list[i], roundings, floor);
            if (inside.text.empty()) continue;
            inside.text = "item " + std::to_string(i + 1) + ": " + inside.text;
            return inside;
        }
    }
    return {text, yours, expected};
}

// ## Asking

// What a student's code says is shown on terminals and in pages: anything but printable UTF-8
// becomes a question mark.
static std::string printable(const std::string& text) {
    std::string result;
    for (std::size_t i = 0; i < text.size();) {
        const unsigned char first = static_cast<unsigned char>(text[i]);
        const std::size_t length = first < 0x80                    ? 1
                                   : first >= 0xc2 && first < 0xe0 ? 2
                                   : first >= 0xe0 && first < 0xf0 ? 3
                                   : first >= 0xf0 && first < 0xf5 ? 4
                                                                   : 0;
        bool fine = length > 0 && i + length <= text.size() && first != 0x7f &&
                    (first >= 0x20 || first == '\n' || first == '\t');
        for (std::size_t k = 1; fine && k < length; ++k)
            fine = (static_cast<unsigned char>(text[i + k]) & 0xc0) == 0x80;
        result += fine ? text.substr(i, length) : "?";
        i += fine ? length : 1;
    }
    return result;
}

#ifdef SANITIZED
static const double patience = 20;  // sanitizers make everything slower
#else
static const double patience = 1;
#endif

static Reply question(const Call& call) {
    running->call = call;
    running->answer = Value();
    Value arguments;
    arguments.list = call.arguments;
    if (!running->worker) running->worker = std::make_unique<Worker>(running->program);
    Reply reply = running->worker->call(call.key, encode(arguments), patience * running->seconds);
    if (reply.kind != Reply::Kind::value) reply.text = printable(reply.text);
    if (reply.kind == Reply::Kind::crash) end(Verdict::crash, reply.text);
    if (reply.kind == Reply::Kind::timeout) end(Verdict::timeout, reply.text);
    if (reply.kind == Reply::Kind::todo) end(Verdict::todo, reply.text);
    if (reply.kind == Reply::Kind::unknown)
        end(Verdict::grader_error, "the worker was built before this check: make it again");
    return reply;
}

static void hold_against_record(const std::string& answer) {
    const std::size_t number = running->questions++;
    if (running->recording == Recording::replace) {
        running->recorded.push_back(answer);
        return;
    }
    if (number >= running->recorded.size())
        end(Verdict::grader_error, "no recorded answer for question " + std::to_string(number + 1) +
                                       " of this check (authors: make record)");
    const Value expected = decode(running->recorded[number]);
    const Difference found = difference(running->answer, expected, running->roundings);
    if (!found.text.empty()) end(found.text, found.expected, found.yours);
}

Value ask(const Call& call, Held held) {
    const Reply reply = question(call);
    if (reply.kind != Reply::Kind::value) end(Verdict::fail, "it threw: " + reply.text);
    try {
        running->answer = decode(reply.text);
    } catch (const std::runtime_error&) {
        end(Verdict::crash, "what came back is not an answer");
    }
    if (held == Held::against_record) hold_against_record(encode(running->answer));
    return running->answer;
}

std::string ask_refusal(const Call& call) {
    const Reply reply = question(call);
    ++running->expectations;
    if (reply.kind == Reply::Kind::refusal) return reply.text;
    if (reply.kind == Reply::Kind::error)
        end(Verdict::fail,
            "it threw something else (" + reply.text + "); it must throw std::invalid_argument");
    std::string returned = "something";
    try {
        returned = describe(decode(reply.text));
    } catch (const std::runtime_error&) {}
    end(Verdict::fail, "it returned " + returned + "; it must throw std::invalid_argument");
}

// ## Expecting

void expect(bool holds, const std::string& otherwise) {
    ++running->expectations;
    if (!holds) end(Verdict::fail, otherwise);
}

void expect_near(const Tensor& yours, const Tensor& expected, double tolerance) {
    ++running->expectations;
    const std::string found = difference(yours, expected, tolerance);
    if (!found.empty()) end(found, to_value(expected), to_value(yours));
}

void expect_near(double yours, double expected, double tolerance) {
    ++running->expectations;
    if (!close(yours, expected, tolerance))
        end("the number differs", to_value(expected), to_value(yours));
}

void expect_same_bits(const Tensor& yours, const Tensor& expected, const std::string& otherwise) {
    ++running->expectations;
    const bool same = yours.shape == expected.shape &&
                      (yours.size() == 0 || std::memcmp(yours.data.data(), expected.data.data(),
                                                        yours.data.size() * sizeof(float)) == 0);
    if (!same) end(otherwise, to_value(expected), to_value(yours));
}

void expect_mentions(const std::string& message, const std::vector<std::string>& words) {
    for (const std::string& each : words)
        expect(message.find(each) != std::string::npos,
               "it threw, as it must, but its message does not mention " + each + ": " + message);
}

// ## Running

Finding run_check(const CheckDefinition& check, const std::string& program, std::uint64_t seed,
                  Recording recording, std::vector<std::string>& recorded) {
    Running here{program, recording, recorded, Random(seed_of(check, seed))};
    running = &here;
    Finding finding;
    finding.rule = check.rule;
    try {
        check.body();
        if (here.questions + static_cast<std::size_t>(here.expectations) == 0)
            end(Verdict::grader_error, "this check expects nothing");
        if (here.questions != recorded.size())
            end(Verdict::grader_error, "there are recorded answers that nothing was held against");
    } catch (const Ended& ended) {
        finding.verdict = ended.verdict;
        finding.message = ended.message;
        finding.compared = ended.compared;
        finding.expected = ended.expected;
        finding.yours = ended.yours;
    } catch (const Todo& exercise) {
        finding.verdict = Verdict::grader_error;
        finding.message = std::string("the check itself calls exercise ") + exercise.what();
    } catch (const std::exception& error) {
        // The grader and the worker disagree on what was said.
        finding.verdict = here.worker ? Verdict::crash : Verdict::grader_error;
        finding.message = error.what();
    }
    finding.call = here.call;
    if (here.worker) finding.output = printable(here.worker->output());
    running = nullptr;
    return finding;
}
