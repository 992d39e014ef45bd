// What attention costs, over the length of the text: time, and room, with all weights and in tiles.

#include "demos/26_growing/growing.hpp"

#include "26_scale.hpp"
#include "kit/environment.hpp"
#include "kit/figure.hpp"
#include "kit/timing.hpp"

#include <cstdio>
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

namespace {

constexpr int features = 64;  // of the one head

struct Text {
    Variable q, k, v;
    Tensor dy;
};

using Way = void (*)(const Text&);  // forwards and backwards

}  // namespace

static Text random_text(int length) {
    Random random(26);
    const auto rows = [&] {
        Tensor x({1, length, features});
        for (float& number : x.data) number = random.normal();
        return x;
    };
    Text text;
    for (Variable* x : {&text.q, &text.k, &text.v}) *x = Variable(rows(), true);
    text.dy = rows();
    return text;
}

// What it needs beside the text. The system knows only the most that a process ever had, so a
// process of its own goes that way, and is gone.
static double mebibytes_of(Way way, int length) {
    int ends[2];
    if (pipe(ends) != 0) return NAN;
    std::fflush(nullptr);
    const pid_t child = fork();
    if (child == 0) {
        const Text text = random_text(length);
        const double before = peak_mebibytes();
        way(text);
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

static double milliseconds_of(Way way, const Text& text) {
    const auto more = [](double total, std::size_t calls) { return total < 0.1 || calls < 2; };
    return 1e3 * timed_calls([&] { way(text); }, more).front();
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
    std::vector<figure::Series> room(2), time(3);
    const char* const names[] = {"chapter 11", "in tiles", "in tiles, causal"};
    for (int i = 0; i < 3; ++i) time[i].name = names[i];
    for (int i = 0; i < 2; ++i) room[i].name = names[i];
    const int longest = asked_for("FULL") ? 16384 : 4096, fits = 4096;
    // All room first: what was used for times, and is free again, would be used once more.
    for (int length = 256; length <= longest; length *= 2) {
        room[0].y.push_back(length <= fits ? mebibytes_of(with_weights, length) : NAN);
        room[1].y.push_back(mebibytes_of(in_tiles, length));
    }
    std::printf("One head of %d features, forwards and backwards:\n\n"
                "  %8s %12s %10s %14s %10s %10s\n  %8s %12s %10s %14s %10s %10s\n",
                features, "", "MiB,", "MiB,", "ms,", "ms,", "ms, tiles,", "length", "chapter 11",
                "in tiles", "chapter 11", "in tiles", "causal");
    for (int length = 256, row = 0; length <= longest; length *= 2, ++row) {
        const Text text = random_text(length);
        time[0].y.push_back(length <= fits ? milliseconds_of(with_weights, text) : NAN);
        time[1].y.push_back(milliseconds_of(in_tiles, text));
        time[2].y.push_back(milliseconds_of(causal_in_tiles, text));
        for (figure::Series* each : {&room[0], &room[1], &time[0], &time[1], &time[2]})
            each->x.push_back(length);
        std::printf("  %8d %12s %10s %14s %10s %10s\n", length, cell(room[0].y[row]).c_str(),
                    cell(room[1].y[row]).c_str(), cell(time[0].y[row]).c_str(),
                    cell(time[1].y[row]).c_str(), cell(time[2].y[row]).c_str());
        std::fflush(stdout);
    }
    std::printf("\n");
    draw("26_room", {"The room that one head needs", "length", "MiB"}, room);
    draw("26_time", {"The time that one head takes", "length", "milliseconds"}, time);
}

}  // namespace growing
