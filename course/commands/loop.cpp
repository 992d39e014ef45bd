// Between two checks: watch, hint, next and list.

#include "commands/commands.hpp"
#include "report/hints.hpp"
#include "report/standings.hpp"
#include "watch/watch.hpp"

#include <cstdio>
#include <filesystem>

namespace fs = std::filesystem;

namespace commands {

static int watch(const Arguments& arguments) {
    const std::string word = first_word(arguments);
    Watching plan;
    plan.all = catalogue();
    plan.wanted = select(plan.all, word);
    if (word.find('.') != std::string::npos) plan.exercise = plan.wanted[0].exercises[0].id();
    fs::current_path(root);
    plan.root = root;
    plan.build = build;
    plan.chapters = fs::proximate(arguments.chapters).string();
    plan.folder = build + (is_own(arguments) ? "/watch" : "/watch-elsewhere");
    plan.others = arguments.others == "none" ? "own" : arguments.others;
    plan.grading = grading_for(arguments, plan.all);
    plan.verdicts = arguments.verdicts.empty() ? build + "/watch-verdicts.txt" : arguments.verdicts;
    plan.complaints = arguments.complaints;
    plan.command = {build + "/judge",     "watch",      "--chapters",
                    arguments.chapters,   "--worker",   arguments.worker,
                    "--others",           plan.others,  "--complaints",
                    arguments.complaints, "--verdicts", plan.verdicts};
    return ::watch(plan);
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
    show_next_hint(hints, build + "/hints.txt", open.chapter,
                   named ? wanted[0].exercises[0] : open.exercise, HintIn::command);
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

static const Command loop[] = {{"watch", watch}, {"hint", hint}, {"next", next}, {"list", list}};

}  // namespace commands
