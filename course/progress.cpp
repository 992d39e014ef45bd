#include "course/progress.hpp"

#include <algorithm>
#include <cstdio>
#include <unistd.h>

std::string duration_text(double seconds) {
    const long s = std::lround(std::min(std::max(seconds, 0.0), 1e9));
    if (s < 60) return std::to_string(s) + " s";
    if (s < 3600) return std::to_string(s / 60) + " min " + std::to_string(s % 60) + " s";
    return std::to_string(s / 3600) + " h " + std::to_string(s / 60 % 60) + " min";
}

Progress::Progress(const std::string& title, int total)
    : title_(title), total_(std::max(1, total)), terminal_(isatty(STDERR_FILENO)) {}

Progress::~Progress() {
    if (drawn_) std::fputc('\n', stderr);
}

std::string Progress::line(int done, double loss, double accuracy) const {
    const int width = 20, filled = static_cast<int>(static_cast<long>(width) * done / total_);
    std::string bar;
    for (int i = 0; i < width; ++i) bar += i < filled ? "█" : "░";

    char numbers[80];
    int length =
        std::snprintf(numbers, sizeof numbers, " %3ld %%  loss %-7.4g", 100L * done / total_, loss);
    if (!std::isnan(accuracy))
        std::snprintf(numbers + length, sizeof numbers - static_cast<std::size_t>(length),
                      "  right %5.1f %%", 100 * accuracy);

    const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
    const std::string time = done < total_ && done > 0
                                 ? duration_text(seconds * (total_ - done) / done) + " left"
                                 : "took " + duration_text(seconds);
    return title_ + "  " + bar + numbers + "  " + time;
}

void Progress::show(int done, double loss, double accuracy) {
    done = std::min(std::max(done, 0), total_);
    if (!terminal_) {
        const int tenths = static_cast<int>(10L * done / total_);
        if (tenths == tenths_) return;
        tenths_ = tenths;
        std::fprintf(stderr, "%s\n", line(done, loss, accuracy).c_str());
        return;
    }
    // A terminal is redrawn ten times a second at most, and at the end.
    const Clock::time_point now = Clock::now();
    if (done < total_ && now - last_ < std::chrono::milliseconds(100)) return;
    last_ = now;
    drawn_ = done < total_;
    std::fprintf(stderr, "\r\x1b[K%s%s", line(done, loss, accuracy).c_str(), drawn_ ? "" : "\n");
    std::fflush(stderr);
}
