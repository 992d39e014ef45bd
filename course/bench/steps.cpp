// Training steps of whole models, each with clear_gradients, forward, cross-entropy, backward and
// Adam.

#include "bench/parts.hpp"
#include "bench/workloads.hpp"

#include "02_fast_matmul.hpp"
#include "kit/timing.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sys/resource.h>

// Linux says it in /proc; elsewhere getrusage does, which on Linux would count what the process was
// before it became this program.
double peak_mebibytes() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.compare(0, 6, "VmHWM:") == 0) return std::atof(line.c_str() + 6) / 1024;
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss / 1024.0;
}

// In rising order.
static std::vector<double> seconds_of_steps(Adam& adam, const Microbatch& batch,
                                            const StepSettings& settings) {
    const auto step = [&] { train_step(adam, batch.loss); };
    if (settings.steps == 0) return seconds_of_calls(step, settings.seconds);
    const std::size_t most = settings.steps;
    return timed_calls(step, [&](double, std::size_t calls) { return calls < most; });
}

void bench_step(const StepSettings& settings) {
    set_threads(settings.threads);
    const Workload work = workload(settings);
    Adam adam(work.parameters, 1e-4);
    const auto times = seconds_of_steps(adam, work.batch, settings);
    const double median = times[times.size() / 2];
    std::printf(
        "{\"config\": \"%s\", \"threads\": %d, \"ms_per_step\": %.3f, \"fastest_ms\": %.3f, "
        "\"steps\": %d, \"tokens_per_s\": %.0f, \"peak_mib\": %.1f, \"parameters\": %d}\n",
        settings.model.c_str(), num_threads(), 1e3 * median, 1e3 * times.front(), adam.state.steps,
        work.batch.tokens / median, peak_mebibytes(), parameter_count(work.parameters));
}

std::string steps_part(const std::string& program) {
    set_threads(0);
    const int all = num_threads();
    std::printf(
        "\nTraining steps, each model in a process of its own\n\n"
        "  model  threads    ms a step    tokens/s      MiB\n");
    std::string rows;
    for (const char* model : {"a", "b", "c", "gpt"}) {
        for (const int threads : {1, all}) {
            StepSettings settings;
            settings.model = model;
            settings.threads = threads;
            settings.seconds = bench_quickly() ? 0.01 : 2;
            const StepTimes times = step_in_own_process(program, settings);
            std::printf("  %-5s %8d %12.2f %11.0f %8.1f\n", model, threads, times.milliseconds,
                        times.tokens_per_second, times.mebibytes);
            std::fflush(stdout);
            rows += (rows.empty() ? "\n  " : ",\n  ") + times.json;
            if (all == 1) break;
        }
        if (bench_quickly()) break;
    }
    return "\"steps\": [" + rows + "]";
}
