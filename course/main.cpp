// The command line. Three programs are made of this one source and differ in the chapters that they
// contain: `course` the student's, `course-solved` the solutions, `judge` the untouched stubs. The
// judge grades, so that no line of a student's code runs in the process that gives the verdict.

#include "course/bench.hpp"
#include "course/book.hpp"
#include "course/chapter.hpp"
#include "course/demo.hpp"
#include "course/figure.hpp"
#include "course/report.hpp"
#include "course/report/words.hpp"
#include "course/student/complaint.hpp"
#include "course/student/crash.hpp"
#include "course/student/given.hpp"
#include "course/student/hints.hpp"
#include "course/student/standings.hpp"
#include "course/watch.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <new>
#include <stdexcept>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace fs = std::filesystem;

static const std::string root = COURSE_ROOT;    // the folder of the course
static const std::string build = COURSE_BUILD;  // where its programs lie

static const std::string hints = root + "/course/hints", shown_hints = build + "/hints.txt";

// Something that the user typed cannot be done; what() says why and what can.
struct UsageError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// ## Arguments

// −1 for anything but a small whole number.
static int whole_number(const std::string& text) {
    return text.empty() || text.size() > 6 ||
                   text.find_first_not_of("0123456789") != std::string::npos
               ? -1
               : std::stoi(text);
}

struct Arguments {
    std::string program, verb;
    std::vector<std::string> words;
    std::string json, chapters = root + "/chapters", recorded = root + "/tests/recorded";
    std::string worker = build + "/course", complaints = build + "/no-compile";
    std::string figures = build + "/figures", edition = "student", course = root;
    std::string verdicts;  // what was graded last; empty: nothing is remembered
    std::uint64_t seed = 0;
    StepSettings step;  // for bench, and its threads
    bool strict = false, first_miss_only = false;
    std::string others;  // the objects beside a chapter that is built again: own, solved, stubs
};

// Only the student's own chapters are remembered; what others hand in is their business.
static bool is_own(const Arguments& arguments) {
    return arguments.worker == build + "/course" && arguments.chapters == root + "/chapters";
}

static double positive_number(const std::string& option, const std::string& text) {
    char* end = nullptr;
    const double number = std::strtod(text.c_str(), &end);
    if (text.empty() || *end != 0 || !(number > 0 && number < 1e4))
        throw UsageError(option + " needs a number above 0, got '" + text + "'");
    return number;
}

// Where the number of this option belongs, if it is one of those of bench.
static int* bench_option(StepSettings& step, const std::string& option) {
    if (option == "--threads") return &step.threads;
    if (option == "--steps") return &step.steps;
    if (option == "--length") return &step.length;
    if (option == "--width") return &step.width;
    if (option == "--layers") return &step.layers;
    return nullptr;
}

static Arguments parse(int argc, char** argv) {
    Arguments arguments;
    arguments.program = fs::path(argv[0]).filename().string();
    arguments.verb = argc > 1 ? argv[1] : "help";
    for (int i = 2; i < argc; ++i) {
        const std::string word = argv[i];
        const auto value = [&] {
            if (i + 1 >= argc) throw UsageError(word + " needs a value");
            return std::string(argv[++i]);
        };
        if (word == "--json") arguments.json = value();
        else if (word == "--worker") arguments.worker = value();
        else if (word == "--chapters") arguments.chapters = value();
        else if (word == "--complaints") arguments.complaints = value();
        else if (word == "--recorded") arguments.recorded = value();
        else if (word == "--others") arguments.others = value();
        else if (word == "--verdicts") arguments.verdicts = value();
        else if (word == "--figures") arguments.figures = value();
        else if (word == "--edition") arguments.edition = value();
        else if (word == "--course") arguments.course = value();
        else if (word == "--strict") arguments.strict = true;
        else if (word == "--first-miss-only") arguments.first_miss_only = true;
        else if (word == "--seed") {
            const std::string number = value();
            if (number.empty() || number.find_first_not_of("0123456789") != std::string::npos)
                throw UsageError("--seed needs a whole number, got '" + number + "'");
            arguments.seed = std::strtoull(number.c_str(), nullptr, 10);
        } else if (int* number = bench_option(arguments.step, word)) {
            *number = whole_number(value());
            if (*number < 0 || (*number == 0 && word != "--threads"))
                throw UsageError(word + " needs a whole number");
        } else if (word == "--seconds") {
            arguments.step.seconds = positive_number(word, value());
        } else if (word.compare(0, 2, "--") == 0) throw UsageError("no option " + word);
        else if (!word.empty()) arguments.words.push_back(word);
    }
    if (arguments.others.empty())
        arguments.others = arguments.worker == build + "/course-solved" ? "solved"
                           : is_own(arguments)                          ? "own"
                                                                        : "none";
    if (arguments.verdicts.empty() && is_own(arguments))
        arguments.verdicts = build + "/verdicts.txt";
    return arguments;
}

static std::vector<Chapter> catalogue() { return read_catalogue(build + "/stubs"); }

// Keeps what a word names: "" everything, "11" or "11.2". Throws UsageError when there is no such.
static std::vector<Chapter> select(const std::vector<Chapter>& all, const std::string& word) {
    if (word.empty()) return all;
    const std::size_t dot = word.find('.');
    const int wanted = whole_number(word.substr(0, dot));
    for (Chapter chapter : all) {
        if (chapter.number != wanted) continue;
        if (dot == std::string::npos) return {chapter};
        const int number = whole_number(word.substr(dot + 1));
        const int count = static_cast<int>(chapter.exercises.size());
        if (number < 1 || number > count)
            throw UsageError("no exercise " + word + ": chapter " + chapter.id() +
                             " has exercises " + chapter.exercises.front().id() + " to " +
                             chapter.exercises.back().id());
        chapter.exercises = {chapter.exercises[static_cast<std::size_t>(number - 1)]};
        return {chapter};
    }
    std::string known;
    for (const Chapter& chapter : all) known += " " + chapter.id();
    throw UsageError("no chapter '" + word + "'; the chapters are" + known +
                     ", their exercises 1.1, 1.2, …");
}

// ## check

static void show_progress(const std::string& text) {
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

static std::string first_word(const Arguments& arguments) {
    return arguments.words.empty() ? "" : arguments.words.front();
}

// Where the system can, workers are confined as they are in class: what is right at home is right
// there, and an answer does not come from the recorded ones.
static Grading grading_for(const Arguments& arguments, const std::vector<Chapter>& all) {
    confine_workers({system_and({root + "/data"}), {"/dev/null"}}, build + "/judge");
    Grading grading;
    grading.worker = arguments.worker;
    grading.recorded = arguments.recorded;
    grading.hidden_recorded = root + "/tests/hidden/recorded";
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

// ## watch, hint, next, list

static int start_watch(const Arguments& arguments) {
    const std::string word = first_word(arguments);
    Watching plan;
    plan.all = catalogue();
    plan.wanted = select(plan.all, word);
    if (word.find('.') != std::string::npos) {
        plan.exercise = plan.wanted[0].exercises[0].id();
        plan.wanted = select(plan.all, plan.wanted[0].id());  // then the rest of its chapter
    }
    fs::current_path(root);
    plan.root = root;
    plan.build = build;
    plan.chapters = fs::proximate(arguments.chapters).string();
    plan.folder = build + (is_own(arguments) ? "/watch" : "/watch-elsewhere");
    plan.others = arguments.others == "none" ? "own" : arguments.others;
    plan.grading = grading_for(arguments, plan.all);
    plan.verdicts = arguments.verdicts.empty() ? build + "/watch-verdicts.txt" : arguments.verdicts;
    plan.complaints = arguments.complaints;
    return watch(plan);
}

static int hint(const Arguments& arguments) {
    const std::string word = first_word(arguments);
    const std::vector<Chapter> wanted = select(catalogue(), word);
    const Open open = next_open(wanted, arguments.chapters, read_verdicts(arguments.verdicts));
    const bool named = word.find('.') != std::string::npos;
    if (open.all_pass && !named) {
        std::printf(" Every exercise passes; there is nothing to hint at.\n");
        return 0;
    }
    show_next_hint(hints, shown_hints, open.chapter,
                   named ? wanted[0].exercises[0] : open.exercise);
    return 0;
}

static int next(const Arguments& arguments) {
    print_next(select(catalogue(), first_word(arguments)),
               fs::proximate(arguments.chapters).string(), read_verdicts(arguments.verdicts));
    return 0;
}

static int list(const Arguments& arguments) {
    print_list(select(catalogue(), first_word(arguments)), arguments.chapters,
               read_verdicts(arguments.verdicts));
    return 0;
}

// ## record and audit: for authors

static int record_answers(const Arguments& arguments) {
    Grading grading;
    grading.worker = build + "/course-solved";
    grading.recorded = arguments.recorded;
    grading.hidden_recorded = root + "/tests/hidden/recorded";
    int failures = 0;
    for (const Chapter& chapter :
         select(catalogue(), arguments.words.empty() ? "" : arguments.words[0]))
        for (const Finding& finding : record(chapter, grading)) {
            std::printf("%s: %s: %s: %s\n", chapter.id().c_str(), word(finding.verdict),
                        finding.rule.c_str(), finding.message.c_str());
            ++failures;
        }
    std::printf("%d checks do not hold for the solutions\n", failures);
    return failures > 0 ? 3 : 0;
}

// Of a misconception of tests/misconceptions/, applied in the worker: its answers to the checks of
// an exercise, on standard output. `words` are the exercise, a name, a print and a sentence.
static int record_misconception(const Arguments& arguments) {
    const std::vector<std::string>& words = arguments.words;
    if (words.size() != 4) throw UsageError("misconception needs EXERCISE NAME PRINT SENTENCE");
    const Chapter chapter = select(catalogue(), words[0]).front();
    Grading grading;
    grading.worker = arguments.worker;
    grading.recorded = arguments.recorded;
    const std::string file = arguments.chapters + "/" + chapter.stem + ".cpp";
    std::printf("%s", misconception_record(chapter.exercises.front(), file, {words[1], words[3]},
                                           words[2], grading)
                          .c_str());
    return 0;
}

// Alternatives are lines `11.2 NAME WORKER` on standard input. Asked under so many seeds, each
// comes out again with `pass`, or with what it does not pass.
static int ask_alternatives(const Arguments& arguments) {
    const int seeds = whole_number(first_word(arguments));
    if (seeds < 1) throw UsageError("alternatives needs a number of seeds");
    const std::vector<Chapter> all = catalogue();
    std::vector<Alternative> alternatives;
    for (std::string exercise, name, worker; std::cin >> exercise >> name >> worker;)
        alternatives.push_back({select(all, exercise)[0].exercises.at(0), name, worker});
    ask_alternatives(alternatives, seeds, grading_for(arguments, all));
    int status = 0;
    for (const Alternative& alternative : alternatives) {
        std::printf("%s %s %s\n", alternative.exercise.id().c_str(), alternative.name.c_str(),
                    alternative.miss.empty() ? "pass" : alternative.miss.c_str());
        status |= !alternative.miss.empty();
    }
    return status;
}

static int audit_checks(const Arguments& arguments) {
    Grading grading;
    grading.recorded = arguments.recorded;
    grading.hidden_recorded = root + "/tests/hidden/recorded";
    const std::vector<std::string> mistakes = audit(catalogue(), grading);
    for (const std::string& mistake : mistakes) std::printf("%s\n", mistake.c_str());
    std::printf("%zu checks, %zu mistakes\n", all_checks().size(), mistakes.size());
    return mistakes.empty() ? 0 : 3;
}

// ## demo

static int demo(const Arguments& arguments) {
    if (arguments.words.empty()) throw UsageError("which chapter? make demo CHAPTER=01");
    const Chapter chapter = select(catalogue(), arguments.words.front()).front();
    figure::set_folder(fs::proximate(arguments.figures).string());
    try {
        if (!run_demo(chapter.id())) throw UsageError("chapter " + chapter.id() + " has no demo");
        return 0;
    } catch (const Todo& exercise) {
        std::fflush(stdout);
        std::printf(
            "\nThis demo needs exercise %s, which is not done yet.\n"
            " next: make check EXERCISE=%s%s\n",
            exercise.what(), exercise.what(),
            fs::exists(root + "/solutions")
                ? (", or see it solved: make demo CHAPTER=" + chapter.id() + " SOLVED=1").c_str()
                : "");
        return 1;
    } catch (const UsageError&) {
        throw;
    } catch (const std::exception& error) {
        std::fflush(stdout);
        std::printf("\nThe demo stopped: %s\n next: make check CHAPTER=%s\n", error.what(),
                    chapter.id().c_str());
        return 1;
    }
}

// ## book

// Of this course, or of a copy with a build/ in it.
static int book_of(const Arguments& arguments) {
    const std::string& edition = arguments.edition;
    if (edition != "student" && edition != "instructor")
        throw UsageError("no edition '" + edition + "'; there are student and instructor");
    const bool own = arguments.course == root;
    const std::string programs = own ? build : arguments.course + "/build";
    if (!fs::exists(programs + "/course-solved"))
        throw UsageError("the book shows the solutions' demos; `make book` builds them first");
    return write_book({arguments.course, programs,
                       edition == "student" ? Edition::student : Edition::instructor});
}

// ## bench

static int bench(const Arguments& arguments) {
    const std::vector<std::string>& words = arguments.words;
    const std::string program = build + "/" + arguments.program;
    const std::string what = words.empty() ? "" : words[0];
    const fs::path folder = fs::proximate(bench_quickly() ? build + "/tests/bench" : build);
    figure::set_folder((folder / "figures").string());
    StepSettings step = arguments.step;
    if (words.empty()) {
        bench_all(program, (folder / "bench.json").string());
    } else if (what == "matmul" && words.size() == 4) {
        bench_matmul(whole_number(words[1]), whole_number(words[2]), whole_number(words[3]),
                     step.threads);
    } else if (what == "step" && words.size() == 2) {
        step.model = words[1];
        bench_step(step);
    } else if (what == "profile" && words.size() > 1) {
        bench_profile({words.begin() + 1, words.end()});
    } else if (what == "growth" && words.size() == 1) {
        bench_growth(program);
    } else {
        throw UsageError(
            "bench knows: course bench, bench matmul M K N, bench step MODEL, bench profile "
            "MODEL …, bench growth; matmul and step take --threads T, and step takes --steps "
            "N, --seconds S, --length T, --width D and --layers L");
    }
    return 0;
}

// ## main

static int help() {
    std::printf(
        "course check [CHAPTER or EXERCISE] [--json FILE] [--strict] [--seed N]\n"
        "course watch [CHAPTER or EXERCISE]\n"
        "course hint|next|list [CHAPTER or EXERCISE]\n"
        "course demo CHAPTER\n"
        "course book [--edition instructor]\n"
        "course record [CHAPTER]     for authors: what the solutions answer\n"
        "course audit                for authors: checks and records in step\n");
    return 0;
}

// `course check` and `course-solved check` hand over to the judge, which makes workers of them.
static int hand_to_judge(const Arguments& arguments, int argc, char** argv) {
    const std::string judge = build + "/judge", self = build + "/" + arguments.program;
    const std::string chapters = root + "/solutions", none = build + "/no-complaints";
    std::vector<const char*> words(argv, argv + argc);
    words[0] = judge.c_str();
    if (arguments.program == "course-solved")
        for (const char* word : {"--worker", self.c_str(), "--chapters", chapters.c_str(),
                                 "--complaints", none.c_str()})
            words.push_back(word);
    words.push_back(nullptr);
    execv(judge.c_str(), const_cast<char* const*>(words.data()));
    throw std::runtime_error("cannot start " + judge + ": " + std::strerror(errno));
}

static void interrupted(int) {
    kill_running_worker();
    const char newline = '\n';
    if (isatty(STDERR_FILENO)) (void)!write(STDERR_FILENO, &newline, 1);
    _exit(130);
}

// Tensors come and go in every step: what they leave is kept for the next, and not given back to
// the operating system, which would hand it out again page by page.
static void keep_freed_memory() {
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
#endif
}

int main(int argc, char** argv) {
    keep_freed_memory();
    try {
        const Arguments arguments = parse(argc, argv);
        if (arguments.verb == "worker") return run_worker();
        if (arguments.verb == "demo") return demo(arguments);
        if (arguments.verb == "book") return book_of(arguments);
        if (arguments.verb == "bench") return bench(arguments);
        if (arguments.verb == "help" || arguments.verb == "--help") return help();
        if (arguments.program != "judge") return hand_to_judge(arguments, argc, argv);
        std::signal(SIGPIPE, SIG_IGN);
        std::signal(SIGCHLD, SIG_DFL);
        std::signal(SIGINT, interrupted);
        std::signal(SIGTERM, interrupted);
        if (arguments.verb == "check") return check(arguments);
        if (arguments.verb == "watch") return start_watch(arguments);
        if (arguments.verb == "hint") return hint(arguments);
        if (arguments.verb == "next") return next(arguments);
        if (arguments.verb == "list") return list(arguments);
        if (arguments.verb == "record") return record_answers(arguments);
        if (arguments.verb == "misconception") return record_misconception(arguments);
        if (arguments.verb == "alternatives") return ask_alternatives(arguments);
        if (arguments.verb == "audit") return audit_checks(arguments);
        throw UsageError("no command '" + arguments.verb + "'; see course help");
    } catch (const Todo& exercise) {
        std::fprintf(stderr,
                     "course: this needs exercise %s, which is not done yet\n"
                     " next: make check EXERCISE=%s\n",
                     exercise.what(), exercise.what());
        return 1;
    } catch (const std::bad_alloc&) {
        std::fprintf(stderr, "course: there is not enough memory for this\n");
        return 3;
    } catch (const UsageError& error) {
        std::fprintf(stderr, "course: %s\n", error.what());
        return 3;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "course: %s\n", error.what());
        return 3;
    }
}
