// One check, run against one worker.
#pragma once

#include "grader/check.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

enum class Verdict { pass, fail, todo, blocked, crash, timeout, no_compile, grader_error };

const char* word(Verdict verdict);  // "pass", "no-compile", …: the words of the contract

// One answer, or how it came to none.
struct Heard {
    std::string how;        // "answer", "refused", "threw", "returned", "crash", …, "unmet 3"
    bool right = false;     // whether it is the recorded one, or the refusal that was asked for
    Value answer{};         // of "answer", thinned; of "threw" the message
    double roundings = 16;  // that may stand between it and another that is the same
};

// What there is to tell of a check.
struct Finding {
    Verdict verdict = Verdict::pass;
    std::string rule;
    std::string message;    // a sentence or a few, cause first; the exercise, for todo
    Call call;              // the last question that was asked; without a function, none was
    bool compared = false;  // whether two answers stand against each other:
    Value expected, yours;
    double within = 0;         // numbers that are closer to each other count as one
    std::string output;        // the last lines that the student's code printed
    std::string where;         // after a crash: the line that did it, where that is known
    bool hidden = false;       // only the rule and the verdict may be shown
    int questions = 0;         // that were asked
    bool drew = false;         // random numbers: under another seed other questions are asked
    std::vector<Heard> heard;  // all answers of a check that does not pass
};

enum class Recording { compare, replace };

// Runs the check with a fresh worker. `recorded` holds the solution's answers in the order of the
// questions, as text; when recording, it is filled.
Finding run_check(const CheckDefinition& check, const std::string& worker, std::uint64_t seed,
                  Recording recording, std::vector<std::string>& recorded);

// The same with a worker that stays for more questions. If there is none, the first starts it.
Finding run_check(const CheckDefinition& check, const std::string& program,
                  std::unique_ptr<Worker>& worker, std::uint64_t seed, Recording recording,
                  std::vector<std::string>& recorded);
