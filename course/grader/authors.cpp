#include "grader/authors.hpp"

#include "grader/answers.hpp"
#include "kit/whole_file.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>

// Of the workers that are started from now on.
static void choose(const Variant& variant) { setenv("VARIANT", variant.number.c_str(), 1); }

std::vector<ExerciseResult> grade_under_seeds(const Variant& variant, int seeds, Grading grading) {
    choose(variant);
    grading.worker = variant.worker;
    return grade_under_seeds(variant.exercise, variant.file, grading, seeds);
}

// ## Alternatives

// One check, asked of the alternatives to its exercise, until ten questions for each seed that is
// wanted have been asked: one that goes through many sizes needs fewer seeds. A worker stays for a
// few of them only: the processor time of its whole life is limited.
static void ask_alternatives(const CheckDefinition& check,
                             const std::vector<Alternative*>& alternatives, int seeds,
                             const Grading& grading) {
    const int chapter = alternatives.front()->variant.exercise.chapter;
    std::vector<std::string> answers = right_answers(check, grading, chapter);
    const bool recorded = !answers.empty();  // a check may hold nothing against the record
    std::unique_ptr<Worker> solution;
    std::vector<std::unique_ptr<Worker>> workers(alternatives.size());
    bool drew = true;
    int questions = 0;
    for (int seed = 0; seed < seeds && drew && questions < 10 * seeds; ++seed) {
        if (seed > 0 && recorded) {
            answers.clear();
            const Finding finding =
                run_check(check, grading.solutions, solution, seed, Recording::replace, answers);
            if (finding.verdict != Verdict::pass)
                throw std::runtime_error(name_of(check) + ": the solution: " + finding.message);
        }
        const bool new_workers = seed % 50 == 0;
        if (new_workers) solution = nullptr;
        drew = false;
        int asked = 0;
        for (std::size_t i = 0; i < workers.size(); ++i) {
            Alternative& alternative = *alternatives[i];
            if (!alternative.miss.empty()) continue;
            choose(alternative.variant);
            if (new_workers) workers[i] = nullptr;
            const auto run = [&] {
                return run_check(check, alternative.variant.worker, workers[i], seed,
                                 Recording::compare, answers);
            };
            Finding finding = run();
            if (finding.verdict == Verdict::timeout) {  // among thousands of answers one comes late
                workers[i] = nullptr;
                finding = run();
            }
            drew = drew || finding.drew;
            asked = std::max(asked, finding.questions);
            if (finding.verdict != Verdict::pass)
                alternative.miss = std::string(word(finding.verdict)) + " under seed " +
                                   std::to_string(seed) + ": " + finding.rule + ": " +
                                   finding.message;
        }
        questions += asked;
    }
}

void ask_alternatives(std::vector<Alternative>& alternatives, int seeds, const Grading& grading) {
    std::map<std::string, std::vector<Alternative*>> of_exercise;
    for (Alternative& alternative : alternatives)
        of_exercise[alternative.variant.exercise.id()].push_back(&alternative);
    for (const auto& [exercise, answers] : of_exercise)
        for (const CheckDefinition& check : checks_of(exercise))
            ask_alternatives(check, answers, seeds, grading);
}

// ## Recording

// What the file of an exercise holds of a misconception, or is to hold now.
static std::string part_of(const Mistake& mistake, const std::string& folder, Grading grading) {
    const Variant& variant = mistake.variant;
    const std::string exercise = variant.exercise.id();
    const std::string kept = recorded_part(exercise, variant.name, mistake.print, folder);
    if (!kept.empty()) return kept;
    choose(variant);
    grading.worker = variant.worker;
    const ExerciseResult result = grade_visible(variant.exercise, variant.file, grading);
    if (!is_wrong(result.verdict))
        throw std::runtime_error(exercise + " " + variant.name +
                                 ": no check catches it: the verdict is " + word(result.verdict));
    return recorded_misconception({variant.name, mistake.sentence}, mistake.print, result.checks);
}

std::vector<std::string> record_misconceptions(const std::vector<Mistake>& mistakes,
                                               const Grading& grading) {
    const std::string folder = grading.recorded + "/misconceptions";
    std::vector<std::string> complaints;
    std::map<std::string, std::string> texts;  // exercise → its file
    for (const Mistake& mistake : mistakes) try {
            texts[mistake.variant.exercise.id()] += part_of(mistake, folder, grading);
        } catch (const std::exception& error) {
            complaints.push_back(error.what());
        }
    for (const auto& [exercise, text] : texts) write_misconceptions(exercise, text, folder);
    return complaints;
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
