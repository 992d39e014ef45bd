// What attention costs, over the length of the text: time, and room, with all weights and in tiles.

#include "demos/26_growing/growing.hpp"

#include "26_scale.hpp"
#include "kit/environment.hpp"
#include "kit/figure.hpp"
#include "kit/timing.hpp"

#include <cstdio>
#include <functional>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace growing {

static double peak_mebibytes() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
#ifdef __APPLE__
    return usage.ru_maxrss / 1048576.0;
#else
    return usage.ru_maxrss / 1024.0;
#endif
}

// What a function needs beside what is there already. The system knows only the most that a process
// ever had, so a process of its own makes the call, and is gone.
static double mebibytes_of(const std::function<void()>& function) {
    int ends[2];
    if (pipe(ends) != 0) return NAN;
    std::fflush(nullptr);
    const pid_t child = fork();
    if (child == 0) {
        const double before = peak_mebibytes();
        function();
        const double more = peak_mebibytes() - before;
        const bool written = write(ends[1], &more, sizeof more) == sizeof more;
        _exit(written ? 0 : 1);
    }
    close(ends[1]);
    double more = NAN;
    if (read(ends[0], &more, sizeof more) != sizeof more) more = NAN;
    close(ends[0]);
    if (child > 0) waitpid(child, nullptr, 0);
    return more;
}

namespace {

constexpr int features = 64;  // of the one head

struct Text {
    Variable q, k, v;
    Tensor dy;
};

using Way = std::function<void(const Text&)>;  // forwards and backwards

}  // namespace

static Text random_text(int length) {
    Random random(26);
    std::vector<Tensor> all(4, Tensor({1, length, features}));
    for (Tensor& x : all)
        for (float& number : x.data) number = random.normal();
    return {parameter(all[0]), parameter(all[1]), parameter(all[2]), all[3]};
}

static void back_through(const Text& text, const Variable& y) {
    for (const Variable& x : {text.q, text.k, text.v}) x.clear_gradient();
    backward(sum(y * text.dy));
}

static void with_weights(const Text& text) {
    back_through(text, split_attend_merge(text.q, text.k, text.v, 1, no_mask));
}

static void in_tiles(const Text& text) {
    back_through(text, attend_in_tiles(text.q, text.k, text.v, 1));
}

static void causal_in_tiles(const Text& text) {
    Tiles causal;
    causal.causal = true;
    back_through(text, attend_in_tiles(text.q, text.k, text.v, 1, causal));
}

static double milliseconds_of(const Way& way, const Text& text) {
    return 1e3 * seconds_of_calls([&] { way(text); }, 0.1).front();
}

// A number, or a stroke where nothing was measured.
static std::string cell(double number) {
    if (std::isnan(number)) return "-";
    char text[32];
    std::snprintf(text, sizeof text, number < 10 ? "%.1f" : "%.0f", number);
    return text;
}

static void draw(const char* name, const figure::Caption& caption,
                 const std::vector<figure::Series>& curves) {
    const std::string svg = figure::lines(caption, curves, figure::Scale::log_log);
    std::printf("picture: %s\n", figure::save(name, svg).c_str());
}

void show_lengths() {
    const bool full = asked_for("FULL");
    std::vector<figure::Series> room(2), time(3);
    const char* const names[] = {"chapter 11", "in tiles", "in tiles, causal"};
    for (int i = 0; i < 3; ++i) time[i].name = names[i];
    for (int i = 0; i < 2; ++i) room[i].name = names[i];
    std::printf("One head of %d features, forwards and backwards:\n\n"
                "  %8s %12s %10s %14s %10s %10s\n  %8s %12s %10s %14s %10s %10s\n",
                features, "", "MiB,", "MiB,", "ms,", "ms,", "ms, tiles,", "length", "chapter 11",
                "in tiles", "chapter 11", "in tiles", "causal");
    for (int length = 256; length <= (full ? 16384 : 4096); length *= 2) {
        const Text text = random_text(length);
        const bool fits = length <= 4096;
        const double all[] = {fits ? mebibytes_of([&] { with_weights(text); }) : NAN,
                              mebibytes_of([&] { in_tiles(text); }),
                              fits ? milliseconds_of(with_weights, text) : NAN,
                              milliseconds_of(in_tiles, text),
                              milliseconds_of(causal_in_tiles, text)};
        std::printf("  %8d %12s %10s %14s %10s %10s\n", length, cell(all[0]).c_str(),
                    cell(all[1]).c_str(), cell(all[2]).c_str(), cell(all[3]).c_str(),
                    cell(all[4]).c_str());
        std::fflush(stdout);
        for (int i = 0; i < 5; ++i) {
            figure::Series& curve = i < 2 ? room[i] : time[i - 2];
            curve.x.push_back(length), curve.y.push_back(all[i]);
        }
    }
    std::printf("\n");
    draw("26_room", {"The room that one head needs", "length", "MiB"}, room);
    draw("26_time", {"The time that one head takes", "length", "milliseconds"}, time);
}

}  // namespace growing
