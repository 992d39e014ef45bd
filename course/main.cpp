// The command line. Three programs are made of this one source and differ in the chapters that they
// contain: `course` the student's, `course-solved` the solutions, `judge` the untouched stubs. The
// judge grades, so that no line of a student's code runs in the process that gives the verdict.

#include "course/bench.hpp"
#include "course/chapter.hpp"
#include "course/demo.hpp"
#include "course/figure.hpp"
#include "course/report.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <stdexcept>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace fs = std::filesystem;

static const std::string root = COURSE_ROOT;    // the folder of the course
static const std::string build = COURSE_BUILD;  // where its programs lie

// Something that the user typed cannot be done; what() says why and what can.
struct UsageError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// ## Arguments

// −1 for anything but a small whole number.
static int whole_number(const std::string& text) {
    return text.empty() || text.size() > 4 ||
                   text.find_first_not_of("0123456789") != std::string::npos
               ? -1
               : std::stoi(text);
}

struct Arguments {
    std::string program, verb;
    std::vector<std::string> words;
    std::string json, chapters = root + "/chapters", recorded = root + "/tests/recorded";
    std::string worker = build + "/course", complaints = build + "/no-compile";
    std::uint64_t seed = 0;
    int threads = 0;  // 0: as many as the machine has
    bool strict = false;
};

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
        else if (word == "--strict") arguments.strict = true;
        else if (word == "--seed") {
            const std::string number = value();
            if (number.empty() || number.find_first_not_of("0123456789") != std::string::npos)
                throw UsageError("--seed needs a whole number, got '" + number + "'");
            arguments.seed = std::strtoull(number.c_str(), nullptr, 10);
        } else if (word == "--threads") {
            arguments.threads = whole_number(value());
            if (arguments.threads < 0) throw UsageError("--threads needs a whole number");
        } else if (word.compare(0, 2, "--") == 0) throw UsageError("no option " + word);
        else if (!word.empty()) arguments.words.push_back(word);
    }
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
    throw UsageError("no chapter '" + word + "'; the chapters are" + known);
}

// ## check

// The compiler's complaints about chapters that were built with their stub in place.
static std::map<int, std::string> compiler_complaints(const std::vector<Chapter>& chapters,
                                                      const std::string& folder) {
    std::map<int, std::string> complaints;
    for (const Chapter& chapter : chapters) {
        std::ifstream file(folder + "/" + chapter.stem + ".txt");
        std::string line, text;
        for (int lines = 0; lines < 8 && std::getline(file, line); ++lines) text += line + "\n";
        if (!text.empty()) complaints[chapter.number] = text;
    }
    return complaints;
}

static void show_progress(const std::string& text) {
    if (!isatty(STDERR_FILENO)) return;
    std::fprintf(stderr, "\r\x1b[K%s", text.c_str());
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

static int check(const Arguments& arguments) {
    const std::string word = arguments.words.empty() ? "" : arguments.words.front();
    const std::vector<Chapter> all = catalogue();
    const std::vector<Chapter> wanted = select(all, word);
    if (arguments.seed != 0 && !fs::exists(build + "/course-solved"))
        throw UsageError("new random inputs need the solutions: make check SEED=7 where they are");

    Grading grading;
    grading.worker = arguments.worker;
    grading.recorded = arguments.recorded;
    grading.hidden_recorded = root + "/tests/hidden/recorded";
    grading.seed = arguments.seed;
    grading.solutions = build + "/course-solved";
    grading.no_compile = compiler_complaints(all, arguments.complaints);

    std::vector<ChapterResult> results;
    for (const Chapter& chapter : wanted) {
        const fs::path file = fs::path(arguments.chapters) / (chapter.stem + ".cpp");
        results.push_back({chapter, fs::proximate(file).string(), {}});
        for (const Exercise& exercise : chapter.exercises) {
            show_progress("checking " + exercise.id() + "  " + exercise.title);
            results.back().exercises.push_back(grade(exercise, results.back().file, grading));
        }
    }
    show_progress("");

    for (const ChapterResult& chapter : results) {
        const auto compiler = grading.no_compile.find(chapter.chapter.number);
        if (compiler != grading.no_compile.end()) print_no_compile(chapter, compiler->second);
        for (const ExerciseResult& result : chapter.exercises)
            if (result.verdict != Verdict::todo && result.verdict != Verdict::pass)
                print_findings(chapter, result);
    }
    print_map(results, !word.empty() || results.size() <= 4);
    print_next_step(results, all);
    if (!arguments.json.empty()) write_json(arguments.json, "", arguments.seed, results);
    return exit_status(results, arguments.strict);
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
    figure::set_folder(fs::proximate(build + "/figures").string());
    try {
        if (!run_demo(chapter.id())) throw UsageError("chapter " + chapter.id() + " has no demo");
        return 0;
    } catch (const Todo& exercise) {
        std::fflush(stdout);
        std::printf(
            "\nThis demo needs exercise %s, which is not done yet.\n"
            " next: make check EXERCISE=%s, or see it solved: make demo CHAPTER=%s SOLVED=1\n",
            exercise.what(), exercise.what(), chapter.id().c_str());
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

// ## bench

static int bench(const Arguments& arguments) {
    const std::vector<std::string>& words = arguments.words;
    if (words.empty()) {
        bench_all(fs::proximate(build + "/bench.json").string());
    } else if (words[0] == "matmul" && words.size() == 4) {
        bench_matmul(whole_number(words[1]), whole_number(words[2]), whole_number(words[3]),
                     arguments.threads);
    } else if (words[0] == "step" && words.size() == 2) {
        bench_step(words[1], arguments.threads);
    } else {
        throw UsageError("bench knows: course bench, and with --threads T: course bench matmul M K N, "
                         "course bench step CONFIG");
    }
    return 0;
}

// ## main

static int help() {
    std::printf(
        "course check [CHAPTER or EXERCISE] [--json FILE] [--strict] [--seed N]\n"
        "course demo CHAPTER\n"
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

// Tensors come and go in every step: what they leave is kept for the next, and not given back to the
// operating system, which would hand it out again page by page.
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
        if (arguments.verb == "bench") return bench(arguments);
        if (arguments.verb == "help" || arguments.verb == "--help") return help();
        if (arguments.program != "judge") return hand_to_judge(arguments, argc, argv);
        std::signal(SIGPIPE, SIG_IGN);
        std::signal(SIGCHLD, SIG_DFL);
        std::signal(SIGINT, interrupted);
        std::signal(SIGTERM, interrupted);
        if (arguments.verb == "check") return check(arguments);
        if (arguments.verb == "record") return record_answers(arguments);
        if (arguments.verb == "audit") return audit_checks(arguments);
        throw UsageError("no command '" + arguments.verb + "'; see course help");
    } catch (const UsageError& error) {
        std::fprintf(stderr, "course: %s\n", error.what());
        return 3;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "course: %s\n", error.what());
        return 3;
    }
}
