// How a check is written. It reads as a sentence with straight code under it:
//
//     CHECK("1.6", "softmax of [2, 5, 1] is what you get by hand") {
//         const Tensor shares = ASK(softmax, row({2, 5, 1}));
//         expect_near(shares, row({0.0466f, 0.9362f, 0.0171f}), 5e-5);
//     }
//
// The body runs in the grader. ASK runs one function in a worker process, on arguments that are
// sent there, and returns what came back, after holding it against the recorded answer of the
// solution. The function may be a chapter's own or one that the checks define to bring several
// calls together, say a forward and a backward pass; it must not be overloaded. What travels:
// numbers, strings, tensors, and vectors, pairs and tuples of these.
//
// Each file of checks puts everything in a namespace of its own, such as `checks_01`.
#pragma once

#include "grader/process.hpp"
#include "kit/random.hpp"
#include "grader/value.hpp"

#include <string>
#include <typeinfo>
#include <utility>
#include <vector>

// ## Asking

// The answer of the student's function. A crash, a loop or a stub ends the check; after a wrong
// answer or an exception it may go on with the recorded one, for what comes later.
#define ASK(function, ...) ask<function>(#function, #__VA_ARGS__, Held::against_record, __VA_ARGS__)

// The same, not held against the recorded answer: for answers that are long, or that are right in
// more than one way. What makes them right must be expected in the lines that follow.
#define ASK_UNRECORDED(function, ...) \
    ask<function>(#function, #__VA_ARGS__, Held::by_check, __VA_ARGS__)

// The message of the exception that the function must throw on these arguments.
#define ASK_REFUSAL(function, ...) ask_refusal<function>(#function, #__VA_ARGS__, __VA_ARGS__)

// ## Expecting. The first of these that does not hold is told. What follows may still run, with the
// recorded answers in the place of the student's.

void expect(bool holds, const std::string& otherwise);
void expect_near(const Tensor& yours, const Tensor& expected, double tolerance);
void expect_near(double yours, double expected, double tolerance);
void expect_same_bits(const Tensor& yours, const Tensor& expected, const std::string& otherwise);
void expect_mentions(const std::string& message, const std::vector<std::string>& words);

// ## Telling what was asked

// What a message calls a function that only the checks know. A name with brackets stands alone, and
// others with the arguments behind them.
//
//     CALLED(written_down, "places_by_hand()");
#define CALLED(function, name) CALLED_LINE(__LINE__, function, name)

// What it calls the parts of an answer, in their order. `#1` or `#0` counts the parts from there
// on, from 1 or from 0, and `##1` or `##0` the items of this part, which is a list itself.
//
//     PARTS(clipped, "the norm", "gradient ##0");
#define PARTS(function, ...) PARTS_LINE(__LINE__, function, __VA_ARGS__)

// When one of these exercises is wrong, this one is wrong with it, for it calls what they answer:
//
//     RESTS_ON("2.5", "2.3", "2.4");
#define RESTS_ON(exercise, ...) RESTS_ON_LINE(__LINE__, exercise, __VA_ARGS__)

// What was said of an exercise by RESTS_ON, or nothing.
std::vector<std::string> rests_on(const std::string& exercise);

// ## Setting the scene

// Random numbers of this check, the same at every run unless another seed is asked for.
Random& random_numbers();

// Uniform in [−1, 1], rounded to hundredths so that a person can read them in a message.
Tensor random_tensor(const Shape& shape);

// A seed for what the student is to draw.
int random_seed();

// One of 1001 numbers, from the least to the most.
double random_between(double least, double most);

// What the product of a [M, K] and b [K, N] must be, each sum in double. It is here to be
// optimised, which checks are not.
Tensor exact_product(const Tensor& a, const Tensor& b);

// How many float32 roundings may stand between two right answers; 16 unless said otherwise.
// Recorded answers are compared to this many units of 2⁻²³ of the largest number in the answer.
void allow_roundings(double count);

// ## How it works

// Plain pointers: every worker makes the list of all checks when it starts.
struct CheckDefinition {
    const char* exercise;
    const char* rule;
    const char* file;  // as the compiler was given it
    void (*body)();

    // Hidden checks stay with the instructor; of one that fails, only its rule is told.
    bool hidden() const {
        const std::string path = file, folder = path.substr(0, path.rfind('/'));
        return folder.size() >= 7 && folder.compare(folder.size() - 7, 7, "/hidden") == 0;
    }
};

// In the order in which they stand in their files.
const std::vector<CheckDefinition>& all_checks();

struct CheckRegistration {
    CheckRegistration(const char* exercise, const char* rule, const char* file, void (*body)());
};

#define CHECK_JOIN(a, b) a##b
#define CHECK_NAMED(name, exercise, rule)                                                       \
    void name();                                                                                \
    static const CheckRegistration CHECK_JOIN(registration_of_, name)(exercise, rule, __FILE__, \
                                                                      name);                    \
    void name()
#define CHECK_LINE(line, exercise, rule) \
    CHECK_NAMED(CHECK_JOIN(check_at_line_, line), exercise, rule)
#define CHECK(exercise, rule) CHECK_LINE(__LINE__, exercise, rule)

enum class Held { against_record, by_check };

struct Call {
    std::string key;       // by which the worker knows the function
    std::string function;  // as the check wrote it
    std::string names;     // of the arguments, as the check wrote them
    std::vector<Value> arguments;
};

Value ask(const Call& call, Held held);
std::string ask_refusal(const Call& call);

// Everything that a function which can be asked for must be known by, on both sides of the pipe.
// The name of the type contains the name of the function, so it is the same in every program.
template <auto Function>
struct Remote;

template <class Result, class... Parameters, Result (*Function)(Parameters...)>
struct Remote<Function> {
    using Answer = std::decay_t<Result>;

    static const char* key() { return typeid(Remote).name(); }

    template <std::size_t... I>
    static Value call(const Value& arguments, std::index_sequence<I...>) {
        const std::tuple<std::decay_t<Parameters>...> values =
            FromValue<std::tuple<std::decay_t<Parameters>...>>::get(arguments);
        return to_value(Function(std::get<I>(values)...));
    }

    static std::string answer(const std::string& arguments) {
        return encode(call(decode(arguments), std::index_sequence_for<Parameters...>()),
                      Form::bits);
    }

    static std::vector<Value> arguments(const std::decay_t<Parameters>&... values) {
        return {to_value(values)...};
    }

    static inline const bool registered = register_function(key(), &answer);
};

// A name, or the parts, of the function with this key.
struct Telling {
    Telling(const char* key, const std::string& name);
    Telling(const char* key, const std::vector<std::string>& parts);
};

struct Resting {
    Resting(const std::string& exercise, const std::vector<std::string>& on);
};

#define RESTS_ON_LINE(line, exercise, ...) \
    static const Resting CHECK_JOIN(resting_at_line_, line)(exercise, {__VA_ARGS__})

#define TELLING(name, function, ...) static const Telling name(Remote<function>::key(), __VA_ARGS__)
#define CALLED_LINE(line, function, name) \
    TELLING(CHECK_JOIN(name_at_line_, line), function, std::string(name))
#define PARTS_LINE(line, function, ...) \
    TELLING(CHECK_JOIN(parts_at_line_, line), function, std::vector<std::string>{__VA_ARGS__})

template <auto Function, class... Arguments>
auto ask(const char* function, const char* names, Held held, const Arguments&... arguments) {
    using Here = Remote<Function>;
    (void)Here::registered;
    return FromValue<typename Here::Answer>::get(
        ask(Call{Here::key(), function, names, Here::arguments(arguments...)}, held));
}

template <auto Function, class... Arguments>
std::string ask_refusal(const char* function, const char* names, const Arguments&... arguments) {
    using Here = Remote<Function>;
    (void)Here::registered;
    return ask_refusal(Call{Here::key(), function, names, Here::arguments(arguments...)});
}
