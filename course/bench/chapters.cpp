// What a training step of a chapter's demo costs.

#include "bench/parts.hpp"

#include "02_fast_matmul.hpp"
#include "kit/demo.hpp"
#include "training/trainer.hpp"

#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <stdexcept>
#include <unistd.h>

// Nothing is printed while this lives: a demo would talk of networks that have learnt nothing.
namespace {
class Silence {
public:
    Silence() {
        const int nobody = open("/dev/null", O_WRONLY);
        for (const int stream : {STDOUT_FILENO, STDERR_FILENO}) heard_[stream] = dup(stream);
        if (nobody < 0 || heard_[STDOUT_FILENO] < 0 || heard_[STDERR_FILENO] < 0)
            throw std::runtime_error("bench chapter: no file is left");
        std::fflush(stdout);
        for (const int stream : {STDOUT_FILENO, STDERR_FILENO}) dup2(nobody, stream);
        close(nobody);
    }
    ~Silence() {
        std::fflush(stdout);
        for (const int stream : {STDOUT_FILENO, STDERR_FILENO}) {
            dup2(heard_[stream], stream);
            close(heard_[stream]);
        }
    }
    Silence(const Silence&) = delete;
    Silence& operator=(const Silence&) = delete;

private:
    int heard_[3] = {};
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

std::string chapters_part(const std::string& program) {
    std::printf(
        "\nTraining steps of the demos: the dearest of each, on all threads\n\n"
        "  chapter    ms a step  parameters      MiB\n");
    setenv("DEMO_STEPS", "1", 0);  // of what is not measured, and what comes after it,
    setenv("DEMO_WORDS", "5", 0);  // as little as a demo can do
    std::string rows;
    for (const char* chapter : {"04", "05", "06", "07", "10", "15", "16", "17", "18", "19", "20",
                                "21", "22", "23", "24", "25", "26"}) {
        const ChapterTimes times = chapter_in_own_process(program, chapter, 0);
        std::printf("  %-7s %12.3f %11.0f %8.1f\n", chapter, times.milliseconds, times.parameters,
                    times.mebibytes);
        std::fflush(stdout);
        rows += (rows.empty() ? "\n  " : ",\n  ") + times.json;
        if (bench_quickly()) break;
    }
    unsetenv("DEMO_STEPS");
    unsetenv("DEMO_WORDS");
    return "\"chapters\": [" + rows + "]";
}
