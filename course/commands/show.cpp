// What is looked at rather than graded: demo, book and bench.

#include "bench/bench.hpp"
#include "book/book.hpp"
#include "kit/chapter.hpp"
#include "commands/commands.hpp"
#include "kit/demo.hpp"
#include "kit/figure.hpp"

#include <cstdio>
#include <filesystem>

namespace fs = std::filesystem;

namespace commands {

int demo(const Arguments& arguments) {
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

// Of this course, or of a copy with a build/ in it.
int book(const Arguments& arguments) {
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

int bench(const Arguments& arguments) {
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

}  // namespace commands
