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
#include <set>
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
    grading.one_worker = arguments.one_worker;
    return grading;
}

// After a pass, what to take along: for the exercise that was asked for, or else for those that did
// not pass before; of more than three, for the last three.
static void tell_insights(const std::vector<ChapterResult>& results, const Verdicts& before) {
    std::vector<std::pair<const ChapterResult*, const ExerciseResult*>> passed;
    const bool one = results.size() == 1 && results[0].exercises.size() == 1;
    for (const ChapterResult& chapter : results)
        for (const ExerciseResult& result : chapter.exercises)
            if (result.verdict == Verdict::pass &&
                (one || (!before.empty() && newly_passed(before, result))))
                passed.push_back({&chapter, &result});
    const std::size_t untold = passed.size() > 3 ? passed.size() - 3 : 0;
    std::string others;
    for (std::size_t i = 0; i < passed.size(); ++i) {
        const auto& [chapter, result] = passed[i];
        if (i < untold) {
            others += " " + result->exercise.id();
            continue;
        }
        print_verdict(*result);
        print_insight(hints, chapter->chapter, result->exercise);
    }
    if (untold == 0) return;
    print_wrapped("new too:" + others + "; what to take along of one: make check EXERCISE=" +
                      passed[0].second->exercise.id(),
                  1);
}

// What is known, with what was graded now. Of what is wrong also the exercises that it rests on are
// graded, where nothing is known of them as they are.
static Verdicts all_verdicts(Verdicts known, const std::vector<Chapter>& all,
                             const Arguments& arguments, const Grading& grading,
                             const std::vector<ChapterResult>& results) {
    std::set<std::string> below;
    for (const ChapterResult& chapter : results) {
        known = with(known, chapter.file, chapter.exercises);
        for (const ExerciseResult& result : chapter.exercises)
            if (is_wrong(result.verdict))
                for (const std::string& id : rests_on(result.exercise.id())) below.insert(id);
    }
    for (const Chapter& chapter : all)
        for (const Exercise& exercise : chapter.exercises) {
            const std::string file = arguments.chapters + "/" + chapter.stem + ".cpp";
            if (below.count(exercise.id()) == 0 || standing(exercise, file, known) != "changed")
                continue;
            show_progress("checking " + exercise.id() + ", on which something rests");
            known = with(known, file, {grade(exercise, file, grading)});
        }
    show_progress("");
    return known;
}

// All that was found of what was begun. Of many that wait for others, two are told.
static void tell_findings(const std::vector<Chapter>& all, const Grading& grading,
                          const std::vector<ChapterResult>& results, const Verdicts& verdicts) {
    std::vector<std::string> waiting;
    for (const ChapterResult& chapter : results) {
        const auto compiler = grading.no_compile.find(chapter.chapter.number);
        if (compiler != grading.no_compile.end()) print_no_compile(chapter, compiler->second);
        const std::string stub = build + "/stubs/" + chapter.chapter.stem + ".cpp";
        for (const ExerciseResult& result : chapter.exercises) {
            if (result.verdict == Verdict::blocked) waiting.push_back(result.exercise.id());
            if (result.verdict == Verdict::todo) {
                if (is_begun(stub, chapter.file, result.exercise.id()))
                    print_still_todo(chapter, result);
            } else if (result.verdict == Verdict::blocked ? waiting.size() <= 2
                                                          : result.verdict != Verdict::pass) {
                const Culprit culprit =
                    is_wrong(result.verdict)
                        ? wrong_foundation(result.exercise, all,
                                           fs::path(chapter.file).parent_path().string(), verdicts)
                        : Culprit();
                print_findings(chapter, result, culprit);
            }
        }
        print_changed_line(chapter, stub);
    }
    if (waiting.size() <= 2) return;
    std::string more = waiting.size() == 3
                           ? "and 1 more is blocked:"
                           : "and " + std::to_string(waiting.size() - 2) + " more are blocked:";
    for (std::size_t i = 2; i < waiting.size(); ++i) more += " " + waiting[i];
    std::printf("\n");
    print_wrapped(more, 1);
}

// Looks where the first exercise with this verdict goes wrong, unless it fails for a reason that is
// known. Paths are those of the root then. True when there was one.
static bool look_closer_at_one(const Arguments& arguments, ChapterResult& chapter,
                               Verdict verdict) {
    if (arguments.others == "none") return false;
    for (ExerciseResult& result : chapter.exercises) {
        if (result.verdict != verdict) continue;
        if (verdict == Verdict::fail && !result.misconception.name.empty()) continue;
        show_progress("looking closer at " + result.exercise.id() + ": building " + chapter.file +
                      " with sanitizers");
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
            if (result.verdict == Verdict::fail) print_late_place(result);
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
    std::vector<Chapter> selected = select(all, word);
    if (arguments.seed != 0) ask_solutions(selected, grading);
    std::vector<ChapterResult> results = grade_all(arguments, selected, grading);

    tell_findings(all, grading, results, all_verdicts(before, all, arguments, grading, results));
    tell_insights(results, before);
    print_map(results, !word.empty() || results.size() <= 4);
    print_next_step(results, all);
    if (!arguments.json.empty()) write_json(arguments.json, "", arguments.seed, results);
    std::fflush(stdout);
    tell_first_place(arguments, results);
    return exit_status(results, arguments.strict);
}

static const Command check_command("check", check);

}  // namespace commands
