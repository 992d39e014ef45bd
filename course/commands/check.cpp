// course check: grades, tells what it found, and where a wrong answer leaves its memory.

#include "grader/catalogue.hpp"
#include "commands/commands.hpp"
#include "report/report.hpp"
#include "report/words.hpp"
#include "student/complaint.hpp"
#include "student/crash.hpp"
#include "student/given.hpp"
#include "report/hints.hpp"
#include "report/standings.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <unistd.h>

namespace fs = std::filesystem;

namespace commands {

void show_progress(const std::string& text) {
    if (!can_paint(STDERR_FILENO)) return;
    std::fprintf(stderr, "\r\x1b[K%s", cut_to(text, columns() - 1).c_str());
    std::fflush(stderr);
}

static int exit_status(const std::vector<ChapterResult>& results, bool strict) {
    int status = 0;
    for (const ChapterResult& chapter : results)
        for (const ExerciseResult& result : chapter.exercises) {
            const Verdict v = result.verdict;
            const bool open = v == Verdict::todo || v == Verdict::blocked;
            const int here = v == Verdict::grader_error                ? 3
                             : v == Verdict::no_compile                ? 2
                             : v == Verdict::pass || (open && !strict) ? 0
                                                                       : 1;
            status = std::max(status, here);
        }
    return status;
}

Grading grading_for(const Arguments& arguments, const std::vector<Chapter>& all) {
    confine_workers({system_and({root + "/data"}), {"/dev/null"}}, build + "/judge");
    Grading grading;
    grading.worker = arguments.worker;
    grading.recorded = arguments.recorded;
    grading.hidden_recorded = root + "/tests/hidden/recorded";
    grading.stubs = build + "/stubs";
    grading.seed = arguments.seed;
    grading.solutions = build + "/course-solved";
    grading.no_compile = compiler_complaints(all, arguments.complaints);
    grading.first_miss_only = arguments.first_miss_only;
    return grading;
}

// After a pass, what to take along: for the exercise that was asked for, or else the last one that
// did not pass before.
static void tell_insight(const Arguments& arguments, const std::vector<ChapterResult>& results,
                         const Verdicts& before) {
    const ChapterResult* chapter = nullptr;
    const ExerciseResult* passed = nullptr;
    const bool one = results.size() == 1 && results[0].exercises.size() == 1;
    for (const ChapterResult& each : results)
        for (const ExerciseResult& result : each.exercises)
            if (result.verdict == Verdict::pass &&
                (one || (!before.empty() && newly_passed(before, result))))
                chapter = &each, passed = &result;
    if (!passed) return;
    print_verdict(*passed);
    print_insight(hints, chapter->chapter, passed->exercise);
}

// Looks where the first exercise with this verdict goes wrong, unless it fails for a reason that is
// known. Paths are those of the root then. True when there was one.
static bool look_closer_at_one(const Arguments& arguments, ChapterResult& chapter,
                               Verdict verdict) {
    if (arguments.others == "none") return false;
    for (ExerciseResult& result : chapter.exercises) {
        if (result.verdict != verdict) continue;
        if (verdict == Verdict::fail && !result.misconception.name.empty()) continue;
        show_progress("looking closer at " + chapter.file);
        const fs::path here = fs::current_path();
        const std::string file = fs::absolute(chapter.file).string();
        fs::current_path(root);
        look_closer({build, arguments.others, arguments.seed}, fs::proximate(file).string(),
                    result);
        fs::current_path(here);
        return true;
    }
    return false;
}

static std::vector<ChapterResult> grade_all(const Arguments& arguments,
                                            const std::vector<Chapter>& wanted,
                                            const Grading& grading) {
    std::vector<ChapterResult> results;
    for (const Chapter& chapter : wanted) {
        const fs::path file = fs::path(arguments.chapters) / (chapter.stem + ".cpp");
        results.push_back({chapter, fs::proximate(file).string(), {}});
        for (const Exercise& exercise : chapter.exercises) {
            show_progress("checking " + exercise.id() + "  " + exercise.title);
            results.back().exercises.push_back(grade(exercise, results.back().file, grading));
        }
        look_closer_at_one(arguments, results.back(), Verdict::crash);
        if (!arguments.verdicts.empty())
            remember(arguments.verdicts, results.back().file, results.back().exercises);
    }
    show_progress("");
    return results;
}

// Where the first wrong answer goes outside its memory, if it does: that takes seconds to find, so
// all else is told before.
static void tell_first_place(const Arguments& arguments, std::vector<ChapterResult>& results) {
    for (ChapterResult& chapter : results) {
        if (!look_closer_at_one(arguments, chapter, Verdict::fail)) continue;
        show_progress("");
        for (const ExerciseResult& result : chapter.exercises)
            if (result.verdict == Verdict::fail)
                for (const Finding& finding : result.checks) print_where(finding);
        return;
    }
}

static int check(const Arguments& arguments) {
    const std::string word = first_word(arguments);
    if (arguments.seed != 0 && !fs::exists(build + "/course-solved"))
        throw UsageError("new random inputs need the solutions: make check SEED=7 where they are");
    const std::vector<Chapter> all = catalogue();
    const Grading grading = grading_for(arguments, all);
    const Verdicts before = read_verdicts(arguments.verdicts);
    std::vector<ChapterResult> results = grade_all(arguments, select(all, word), grading);

    for (const ChapterResult& chapter : results) {
        const auto compiler = grading.no_compile.find(chapter.chapter.number);
        if (compiler != grading.no_compile.end()) print_no_compile(chapter, compiler->second);
        const std::string stub = build + "/stubs/" + chapter.chapter.stem + ".cpp";
        for (const ExerciseResult& result : chapter.exercises)
            if (result.verdict != Verdict::todo && result.verdict != Verdict::pass)
                print_findings(chapter, result);
            else if (result.verdict == Verdict::todo &&
                     is_begun(stub, chapter.file, result.exercise.id()))
                print_still_todo(chapter, result);
        print_changed_line(chapter, stub);
    }
    tell_insight(arguments, results, before);
    print_map(results, !word.empty() || results.size() <= 4);
    print_next_step(results, all);
    if (!arguments.json.empty()) write_json(arguments.json, "", arguments.seed, results);
    std::fflush(stdout);
    tell_first_place(arguments, results);
    return exit_status(results, arguments.strict);
}

static const Command check_command("check", check);

}  // namespace commands
