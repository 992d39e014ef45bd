// course-solved bench: measures speed.

#include "bench/bench.hpp"
#include "commands/commands.hpp"
#include "kit/figure.hpp"

#include <filesystem>

namespace fs = std::filesystem;

namespace commands {

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
    } else if (what == "chapter" && words.size() == 2) {
        const Chapter chapter = select(catalogue(), words[1]).front();
        figure::set_folder(build + "/tests/bench/figures");  // of nobody who has learnt
        bench_chapter(chapter.id(), arguments.program == "course-solved", step.threads);
    } else if (what == "profile" && words.size() > 1) {
        bench_profile({words.begin() + 1, words.end()});
    } else if (what == "growth" && words.size() == 1) {
        bench_growth(program);
    } else {
        throw UsageError(
            "bench knows: course bench, bench matmul M K N, bench step MODEL, bench chapter NN, "
            "bench profile MODEL …, bench growth; matmul, step and chapter take --threads T, and "
            "step takes --steps N, --seconds S, --length T, --width D, --layers L and --batch B");
    }
    return 0;
}

static const Command bench_command("bench", bench);

}  // namespace commands
