#include "kit/progress.hpp"

#include <algorithm>
#include <cstdio>
#include <unistd.h>

std::string duration_text(double seconds) {
    const long s = seconds > 0 ? std::lround(std::min(seconds, 1e9)) : 0;  // NaN is 0 too
    if (s < 60) return std::to_string(s) + " s";
    if (s < 600) return std::to_string(s / 60) + " min " + std::to_string(s % 60) + " s";
    if (s < 3600) return std::to_string(s / 60) + " min";
    return std::to_string(s / 3600) + " h " + std::to_string(s / 60 % 60) + " min";
}

Progress::Progress(const std::string& title, int total, int already)
    : title_(title),
      total_(std::max(1, total)),
      already_(already),
      terminal_(isatty(STDERR_FILENO)) {}

Progress::~Progress() {
    if (drawn_) std::fputc('\n', stderr);
}

// At most 79 columns, so that no terminal breaks it: a long title is paid for by the bar.
std::string Progress::line(int done, double loss, double accuracy, const std::string& note) const {
    const int width = std::max(4, 24 - static_cast<int>(title_.size()));
    const int filled = static_cast<int>(static_cast<long>(width) * done / total_);
    std::string text = title_ + "  ";
    for (int i = 0; i < width; ++i) text += i < filled ? "█" : "░";

    char numbers[80];
    std::snprintf(numbers, sizeof numbers, " %3ld %%", 100L * done / total_);
    text += numbers;
    if (!std::isnan(loss)) {
        std::snprintf(numbers, sizeof numbers, "  loss %-8.4g", loss);
        text += numbers;
    }
    if (!std::isnan(accuracy)) {
        std::snprintf(numbers, sizeof numbers, "  %5.1f %% right", 100 * accuracy);
        text += numbers;
    }
    if (!note.empty()) text += "  " + note;
    const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
    if (done == total_) text += "  took " + duration_text(seconds);
    else if (done > already_)
        text += "  " + duration_text(seconds * (total_ - done) / (done - already_)) + " left";
    return text;
}

void Progress::show(int done, double loss, double accuracy, const std::string& note) {
    done = std::min(std::max(done, 0), total_);
    if (!terminal_) {
        const int tenths = static_cast<int>(10L * done / total_);
        if (tenths == tenths_) return;
        tenths_ = tenths;
        std::fprintf(stderr, "%s\n", line(done, loss, accuracy, note).c_str());
        return;
    }
    // A terminal is redrawn ten times a second at most, and at the end.
    const Clock::time_point now = Clock::now();
    if (done < total_ && now - last_ < std::chrono::milliseconds(100)) return;
    last_ = now;
    drawn_ = done < total_;
    std::fprintf(stderr, "\r\x1b[K%s%s", line(done, loss, accuracy, note).c_str(),
                 drawn_ ? "" : "\n");
    std::fflush(stderr);
}
