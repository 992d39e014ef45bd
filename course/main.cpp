// Three programs have this one entrance and differ in their chapters and commands: `course` runs
// the student's chapters, `course-solved` the solutions, and `judge`, which holds untouched stubs,
// grades: no line of a student's code runs in the process that gives the verdict.

#include "kit/chapter.hpp"
#include "commands/commands.hpp"
#include "grader/process.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <map>
#include <new>
#include <stdexcept>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

using commands::Arguments;
using commands::UsageError;

static int help(const Arguments&) {
    std::printf(
        "course check [CHAPTER or EXERCISE] [--json FILE] [--strict] [--seed N]\n"
        "course watch [CHAPTER or EXERCISE]\n"
        "course hint|next|list [CHAPTER or EXERCISE]\n"
        "course demo CHAPTER\n"
        "course-solved book [--edition instructor]\n"
        "course-solved bench [matmul M K N, or step MODEL, or profile MODEL]\n"
        "course record [CHAPTER]     for authors: what the solutions answer\n"
        "course audit                for authors: checks and records in step\n");
    return 0;
}

// `course check` and `course-solved check` hand over to the judge, which makes workers of them.
static int hand_to_judge(const Arguments& arguments, int argc, char** argv) {
    const std::string judge = commands::build + "/judge";
    const std::string self = commands::build + "/" + arguments.program;
    const std::string chapters = commands::root + "/solutions";
    const std::string none = commands::build + "/no-complaints";
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

static std::map<std::string, commands::Command::Function>& all_commands() {
    static std::map<std::string, commands::Command::Function> all;
    return all;
}

commands::Command::Command(const char* verb, Function run) { all_commands()[verb] = run; }

static const commands::Command of_every_program[] = {
    {"worker", [](const Arguments&) { return run_worker(); }}, {"help", help}, {"--help", help}};

static int run(const Arguments& arguments, int argc, char** argv) {
    const bool grades = arguments.program == "judge" && arguments.verb != "worker";
    const auto command = all_commands().find(arguments.verb);
    if (command == all_commands().end()) {
        if (!grades) return hand_to_judge(arguments, argc, argv);
        throw UsageError("no command '" + arguments.verb + "'; see course help, and make help");
    }
    if (grades) {
        std::signal(SIGPIPE, SIG_IGN);
        std::signal(SIGCHLD, SIG_DFL);
        std::signal(SIGINT, interrupted);
        std::signal(SIGTERM, interrupted);
    }
    return command->second(arguments);
}

int main(int argc, char** argv) {
    keep_freed_memory();
    try {
        return run(commands::parse(argc, argv), argc, argv);
    } catch (const Todo& exercise) {
        std::fprintf(stderr,
                     "course: this needs exercise %s, which is not done yet\n"
                     " next: make check EXERCISE=%s\n",
                     exercise.what(), exercise.what());
        return 1;
    } catch (const std::bad_alloc&) {
        std::fprintf(stderr, "course: there is not enough memory for this\n");
        return 3;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "course: %s\n", error.what());
        return 3;
    }
}
