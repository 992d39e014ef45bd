#include "grader/grader.hpp"

#include "grader/answers.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>

Finding run_check(const CheckDefinition& check, const std::string& program, const Grading& grading,
                  Recording recording, std::vector<std::string>& answers) {
    static std::map<std::string, std::unique_ptr<Worker>> kept;
    std::unique_ptr<Worker> fresh;
    std::unique_ptr<Worker>& worker = grading.one_worker ? kept[program] : fresh;
    Finding finding = run_check(check, program, worker, grading.seed, recording, answers);
    if (finding.verdict != Verdict::pass) worker = nullptr;
    return finding;
}

static Finding run_safely(const CheckDefinition& check, const Grading& grading, int chapter) {
    try {
        std::vector<std::string> answers = right_answers(check, grading, chapter);
        return run_check(check, grading.worker, grading, Recording::compare, answers);
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

// The points are shared over the checks, and count up to the first that does not pass. With a new
// seed they are also shared over the checks that draw: what everybody may know earns nothing alone.
static int points_of(const ExerciseResult& result, const std::vector<CheckDefinition>& checks,
                     const Grading& grading) {
    const int all = static_cast<int>(checks.size()), passed = result.before_first_miss;
    int drawn = 0, drawn_and_passed = 0;
    for (int i = 0; i < all && grading.seed != 0; ++i) {
        const bool drew = asks_anew(checks[i], grading);
        drawn += drew;
        drawn_and_passed += drew && i < passed;
    }
    const int points = result.exercise.max_points * passed / all;
    if (drawn == 0) return points;
    return std::min(points, result.exercise.max_points * drawn_and_passed / drawn);
}

// Runs the checks of an exercise, in order. What was found `before`, under another seed, of a check
// that drew no random numbers is found again.
static ExerciseResult run_checks(const Exercise& exercise,
                                 const std::vector<CheckDefinition>& checks,
                                 const std::string& file, const Grading& grading,
                                 const std::vector<Finding>& before = {}) {
    ExerciseResult result;
    result.exercise = exercise;
    for (const CheckDefinition& check : checks) {
        const std::size_t place = result.checks.size();
        const bool known = place < before.size() && !before[place].drew;
        Finding finding = known ? before[place] : run_safely(check, grading, exercise.chapter);
        settle_todo(finding, result, file, grading);
        finding.hidden = check.hidden();
        if (result.before_first_miss == static_cast<int>(place) && finding.verdict == Verdict::pass)
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
        return result;
    }
    result.verdict = result.first_miss() ? result.first_miss()->verdict : Verdict::pass;
    result.points = points_of(result, checks, grading);
    return result;
}

bool is_wrong(Verdict verdict) {
    return verdict == Verdict::fail || verdict == Verdict::crash || verdict == Verdict::timeout;
}

ExerciseResult grade_visible(const Exercise& exercise, const std::string& file,
                             const Grading& grading) {
    std::vector<CheckDefinition> checks = checks_of(exercise.id());
    checks.erase(std::remove_if(checks.begin(), checks.end(),
                                [](const CheckDefinition& check) { return check.hidden(); }),
                 checks.end());
    return run_checks(exercise, checks, file, grading);
}

// What is known of misconceptions was asked with the seed 0, by the checks that students have too.
static Misconception named(const ExerciseResult& result, const std::string& file,
                           const Grading& grading) {
    if (!is_wrong(result.verdict) || grading.first_miss_only) return {};
    ExerciseResult asked = result;
    if (grading.seed != 0) {
        Grading again = grading;
        again.seed = 0;
        asked = grade_visible(result.exercise, file, again);
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
    result = run_checks(exercise, checks_of(exercise.id()), file, grading);
    result.misconception = named(result, file, grading);
    return result;
}

std::vector<ExerciseResult> grade_under_seeds(const Exercise& exercise, const std::string& file,
                                              Grading grading, int seeds) {
    grading.seed = 0;
    std::vector<ExerciseResult> results = {grade(exercise, file, grading)};
    grading.first_miss_only = true;
    while (static_cast<int>(results.size()) < seeds) {
        ++grading.seed;
        ExerciseResult result =
            run_checks(exercise, checks_of(exercise.id()), file, grading, results.front().checks);
        if (is_wrong(result.verdict)) result.misconception = results.front().misconception;
        results.push_back(result);
    }
    return results;
}
