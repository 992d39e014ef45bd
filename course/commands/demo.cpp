// course demo: runs a chapter's demo.

#include "kit/chapter.hpp"
#include "commands/commands.hpp"
#include "kit/demo.hpp"
#include "kit/figure.hpp"

#include <cstdio>
#include <filesystem>

namespace fs = std::filesystem;

namespace commands {

static int demo(const Arguments& arguments) {
    if (arguments.words.empty()) throw UsageError("which chapter? make demo CHAPTER=01");
    const Chapter chapter = select(catalogue(), arguments.words.front()).front();
    figure::set_folder(fs::proximate(arguments.figures).string());
    try {
        if (!run_demo(chapter.id(), arguments.program == "course-solved"))
            throw UsageError("chapter " + chapter.id() +
                             " is not built: make demo CHAPTER=" + chapter.id());
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

static const Command demo_command("demo", demo);

}  // namespace commands
