#include "grader/grader.hpp"

#include "kit/whole_file.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <stdexcept>

// ## Recorded answers
//
// One file per chapter, tests/recorded/NN.txt: a line `check 1.2 the rule` and, indented by two
// spaces, the answers to its questions, one a line.

using Answers = std::map<std::string, std::vector<std::string>>;  // "1.2 the rule" → answers

static std::string record_file(const std::string& folder, int chapter) {
    return folder + "/" + two_digits(chapter) + ".txt";
}

static std::string name_of(const CheckDefinition& check) {
    return check.exercise + " " + check.rule;
}

static Answers read_answers(const std::string& path) {
    Answers answers;
    std::ifstream file(path);
    std::vector<std::string>* current = nullptr;
    for (std::string line; std::getline(file, line);) {
        if (line.compare(0, 6, "check ") == 0) current = &answers[line.substr(6)];
        else if (line.compare(0, 2, "  ") == 0 && current) current->push_back(line.substr(2));
        else if (!line.empty() && line[0] != '#') throw std::runtime_error(path + ": " + line);
    }
    return answers;
}

static const Answers& answers_of(const std::string& folder, int chapter) {
    static std::map<std::string, Answers> read;
    const std::string path = record_file(folder, chapter);
    const auto found = read.find(path);
    return found != read.end() ? found->second : read[path] = read_answers(path);
}

// Hidden checks have their records in a folder of their own, which is not handed out.
static const std::string& folder_of(const CheckDefinition& check, const Grading& grading) {
    return check.hidden() ? grading.hidden_recorded : grading.recorded;
}

static std::vector<CheckDefinition> checks_of(const std::string& exercise) {
    std::vector<CheckDefinition> result;
    for (const CheckDefinition& check : all_checks())
        if (check.exercise == exercise) result.push_back(check);
    return result;
}

// ## Grading

// What the solution answers to this check: from the record, or asked for, once, when the seed is
// new. Then the answers are in memory and nowhere else.
static const std::vector<std::string>& right_answers(const CheckDefinition& check,
                                                     const Grading& grading, int chapter) {
    if (grading.seed == 0) {
        const Answers& all = answers_of(folder_of(check, grading), chapter);
        const auto found = all.find(name_of(check));
        if (found == all.end())
            throw std::runtime_error("no recorded answers (authors: make record)");
        return found->second;
    }
    static std::map<std::pair<std::string, std::uint64_t>, std::vector<std::string>> asked;
    const auto key = std::make_pair(name_of(check), grading.seed);
    const auto found = asked.find(key);
    if (found != asked.end()) return found->second;
    std::vector<std::string> answers;
    const Finding finding =
        run_check(check, grading.solutions, grading.seed, Recording::replace, answers);
    if (finding.verdict != Verdict::pass)
        throw std::runtime_error("the solution does not pass: " + finding.message);
    return asked[key] = answers;
}

std::vector<std::string> ask_solutions(const std::vector<Chapter>& chapters,
                                       const Grading& grading) {
    std::vector<std::string> complaints;
    for (const Chapter& chapter : chapters)
        for (const Exercise& exercise : chapter.exercises)
            for (const CheckDefinition& check : checks_of(exercise.id())) try {
                    right_answers(check, grading, chapter.number);
                } catch (const std::exception& error) {
                    complaints.push_back(name_of(check) + ": " + error.what());
                }
    return complaints;
}

static Finding run_safely(const CheckDefinition& check, const Grading& grading, int chapter) {
    try {
        std::vector<std::string> answers = right_answers(check, grading, chapter);
        return run_check(check, grading.worker, grading.seed, Recording::compare, answers);
    } catch (const std::exception& error) {
        Finding finding;
        finding.verdict = Verdict::grader_error;
        finding.rule = check.rule;
        finding.message = error.what();
        return finding;
    }
}

// A stub says its own number: the exercise is not begun, unless some checks have passed already.
// The number of another exercise means that this one cannot be judged yet; if its own stub is still
// there, that is the shorter story.
static void settle_todo(Finding& finding, const ExerciseResult& result, const std::string& file,
                        const Grading& grading) {
    if (finding.verdict != Verdict::todo) return;
    if (finding.message == result.exercise.id()) {
        if (result.before_first_miss == 0) return;
        finding.verdict = Verdict::fail;
        finding.message = "for this input it still reaches todo(\"" + finding.message + "\")";
        return;
    }
    if (result.before_first_miss == 0 && has_stub(file, result.exercise.id())) return;
    finding.verdict = Verdict::blocked;
    const bool broken = grading.no_compile.count(std::atoi(finding.message.c_str())) > 0;
    finding.message = "it needs exercise " + finding.message +
                      (broken ? ", whose chapter does not compile" : ", which is not done yet");
}

// As course/scripts/begun.sh sees it, line by line; a file that is gone counts as its stub.
static bool is_untouched(const std::string& path, const Grading& grading) {
    std::ifstream file(path);
    std::ifstream stub(grading.stubs + "/" + std::filesystem::path(path).filename().string());
    if (!stub) return false;
    std::string own, given;
    while (file && std::getline(stub, given))
        if (!std::getline(file, own) || own != given) return false;
    return !std::getline(file, own);
}

// Runs the checks of an exercise, in order.
static void run_checks(ExerciseResult& result, const std::vector<CheckDefinition>& checks,
                       const std::string& file, const Grading& grading) {
    for (const CheckDefinition& check : checks) {
        Finding finding = run_safely(check, grading, result.exercise.chapter);
        settle_todo(finding, result, file, grading);
        finding.hidden = check.hidden();
        if (result.before_first_miss == static_cast<int>(result.checks.size()) &&
            finding.verdict == Verdict::pass)
            ++result.before_first_miss;
        else if (result.first_miss())  // of a later one the answers, maybe long, are not told
            finding.expected = finding.yours = Value();
        result.checks.push_back(finding);
        // One wait for a clock is enough, and a stub has nothing more to say.
        if (finding.verdict == Verdict::timeout || finding.verdict == Verdict::todo ||
            (grading.first_miss_only && finding.verdict != Verdict::pass))
            break;
    }
    if (checks.empty()) {  // nothing was checked: a grader-error, if there is anything to check
        if (is_untouched(file, grading)) result.verdict = Verdict::todo;
        return;
    }
    result.verdict = result.first_miss() ? result.first_miss()->verdict : Verdict::pass;
    result.points =
        result.exercise.max_points * result.before_first_miss / static_cast<int>(checks.size());
}

static bool is_wrong(Verdict verdict) {
    return verdict == Verdict::fail || verdict == Verdict::crash || verdict == Verdict::timeout;
}

// Misconceptions are told apart by the checks that students have too.
static std::vector<CheckDefinition> visible_checks_of(const std::string& exercise) {
    std::vector<CheckDefinition> checks = checks_of(exercise);
    checks.erase(std::remove_if(checks.begin(), checks.end(),
                                [](const CheckDefinition& check) { return check.hidden(); }),
                 checks.end());
    return checks;
}

// What is known of misconceptions was asked with the seed 0.
static Misconception named(const ExerciseResult& result, const std::string& file,
                           const Grading& grading) {
    if (!is_wrong(result.verdict) || grading.first_miss_only) return {};
    ExerciseResult asked = result;
    if (grading.seed != 0) {
        Grading again = grading;
        again.seed = 0;
        asked = ExerciseResult();
        asked.exercise = result.exercise;
        run_checks(asked, visible_checks_of(asked.exercise.id()), file, again);
    }
    asked.checks.erase(std::remove_if(asked.checks.begin(), asked.checks.end(),
                                      [](const Finding& finding) { return finding.hidden; }),
                       asked.checks.end());
    return look_up(asked.exercise.id(), asked.checks, grading.recorded + "/misconceptions");
}

ExerciseResult grade(const Exercise& exercise, const std::string& file, const Grading& grading) {
    ExerciseResult result;
    result.exercise = exercise;
    if (grading.no_compile.count(exercise.chapter) > 0) {
        result.verdict = Verdict::no_compile;
        return result;
    }
    run_checks(result, checks_of(exercise.id()), file, grading);
    result.misconception = named(result, file, grading);
    return result;
}

// ## Alternatives

// One check, asked of the alternatives to its exercise. Workers stay from one seed to the next.
static void ask_alternatives(const CheckDefinition& check,
                             const std::vector<Alternative*>& alternatives, int seeds,
                             const Grading& grading) {
    const int chapter = alternatives.front()->exercise.chapter;
    std::vector<std::string> answers = right_answers(check, grading, chapter);
    const bool recorded = !answers.empty();  // a check may hold nothing against the record
    std::unique_ptr<Worker> solution;
    std::vector<std::unique_ptr<Worker>> workers(alternatives.size());
    bool drew = true;
    for (int seed = 0; seed < seeds && drew; ++seed) {
        if (seed > 0 && recorded) {
            answers.clear();
            const Finding finding =
                run_check(check, grading.solutions, solution, seed, Recording::replace, answers);
            if (finding.verdict != Verdict::pass)
                throw std::runtime_error(name_of(check) + ": the solution: " + finding.message);
        }
        drew = false;
        for (std::size_t i = 0; i < workers.size(); ++i) {
            Alternative& alternative = *alternatives[i];
            if (!alternative.miss.empty()) continue;
            const auto run = [&] {
                return run_check(check, alternative.worker, workers[i], seed, Recording::compare,
                                 answers);
            };
            Finding finding = run();
            if (finding.verdict == Verdict::timeout) {  // among thousands of answers one comes late
                workers[i] = nullptr;
                finding = run();
            }
            drew = drew || finding.drew;
            if (finding.verdict != Verdict::pass)
                alternative.miss = std::string(word(finding.verdict)) + " under seed " +
                                   std::to_string(seed) + ": " + finding.rule + ": " +
                                   finding.message;
        }
    }
}

void ask_alternatives(std::vector<Alternative>& alternatives, int seeds, const Grading& grading) {
    std::map<std::string, std::vector<Alternative*>> of_exercise;
    for (Alternative& alternative : alternatives)
        of_exercise[alternative.exercise.id()].push_back(&alternative);
    for (const auto& [exercise, answers] : of_exercise)
        for (const CheckDefinition& check : checks_of(exercise))
            ask_alternatives(check, answers, seeds, grading);
}

// ## Recording

std::string misconception_record(const Exercise& exercise, const std::string& file,
                                 const Misconception& misconception, const std::string& print,
                                 const Grading& grading) {
    ExerciseResult result;
    result.exercise = exercise;
    run_checks(result, visible_checks_of(exercise.id()), file, grading);
    if (!is_wrong(result.verdict))
        throw std::runtime_error("no check of " + exercise.id() + " catches " + misconception.name +
                                 ": the verdict is " + word(result.verdict));
    return recorded_misconception(misconception, print, result.checks);
}

static void write_record(const std::string& path, const Chapter& chapter, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    write_file(path,
               "# What the solutions answer to the checks of chapter " + chapter.id() +
                   ".\n# Written by `make record`; see course/grader/value.cpp for the form.\n" +
                   text);
}

std::vector<Finding> record(const Chapter& chapter, const Grading& grading) {
    std::map<std::string, std::string> texts;  // folder → what belongs there
    texts[grading.recorded] = "";              // there even when every check is hidden
    std::vector<Finding> findings;
    for (const Exercise& exercise : chapter.exercises)
        for (const CheckDefinition& check : checks_of(exercise.id())) {
            std::vector<std::string> answers;
            const Finding finding =
                run_check(check, grading.worker, grading.seed, Recording::replace, answers);
            if (finding.verdict != Verdict::pass) findings.push_back(finding);
            std::string& text = texts[folder_of(check, grading)];
            text += "check " + name_of(check) + "\n";
            for (const std::string& answer : answers) text += "  " + answer + "\n";
        }
    if (findings.empty())
        for (const auto& [folder, text] : texts)
            write_record(record_file(folder, chapter.number), chapter, text);
    return findings;
}

std::vector<std::string> audit(const std::vector<Chapter>& chapters, const Grading& grading) {
    std::vector<std::string> mistakes;
    std::set<std::string> exercises, names;
    for (const Chapter& chapter : chapters)
        for (const Exercise& exercise : chapter.exercises) {
            exercises.insert(exercise.id());
            if (checks_of(exercise.id()).empty())
                mistakes.push_back("exercise " + exercise.id() + " has no check");
        }
    for (const CheckDefinition& check : all_checks()) {
        if (!names.insert(name_of(check)).second)
            mistakes.push_back("two checks are called " + name_of(check));
        if (exercises.count(check.exercise) == 0)
            mistakes.push_back("a check without an exercise: " + name_of(check));
    }
    for (const Chapter& chapter : chapters)
        for (const std::string& folder : {grading.recorded, grading.hidden_recorded})
            for (const auto& [name, answers] : answers_of(folder, chapter.number))
                if (names.count(name) == 0)
                    mistakes.push_back("recorded answers without a check: " + name);
    return mistakes;
}
