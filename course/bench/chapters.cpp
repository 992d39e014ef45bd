// What a training step of a chapter's demo costs.

#include "bench/parts.hpp"

#include "02_fast_matmul.hpp"
#include "kit/demo.hpp"
#include "training/trainer.hpp"

#include <cstdio>
#include <fcntl.h>
#include <stdexcept>
#include <unistd.h>

// Nothing is printed while this lives: a demo would talk of networks that have learnt nothing.
namespace {
struct Silence {
    const int heard = dup(STDOUT_FILENO);

    Silence() {
        const int nobody = open("/dev/null", O_WRONLY);
        if (heard < 0 || nobody < 0) throw std::runtime_error("bench chapter: no file is left");
        std::fflush(stdout);
        dup2(nobody, STDOUT_FILENO);
        close(nobody);
    }
    ~Silence() {
        std::fflush(stdout);
        dup2(heard, STDOUT_FILENO);
        close(heard);
    }
    Silence(const Silence&) = delete;
    Silence& operator=(const Silence&) = delete;
};
}  // namespace

void bench_chapter(const std::string& chapter, bool solved, int threads) {
    set_threads(threads);
    training::StepCost dearest{"", 0, 0};
    training::tell_cost = [&](const training::StepCost& cost) {
        if (cost.seconds > dearest.seconds) dearest = cost;
    };
    bool built;
    {
        const Silence silence;
        built = run_demo(chapter, solved);
    }
    if (!built) throw std::invalid_argument("bench: chapter " + chapter + " is not built");
    if (dearest.parameters == 0)
        throw std::invalid_argument("bench: the demo of chapter " + chapter + " trains nothing");
    std::printf(
        "{\"chapter\": \"%s\", \"title\": \"%s\", \"threads\": %d, \"ms_per_step\": %.3f, "
        "\"parameters\": %d, \"peak_mib\": %.1f}\n",
        chapter.c_str(), dearest.title.c_str(), num_threads(), 1e3 * dearest.seconds,
        dearest.parameters, peak_mebibytes());
}
