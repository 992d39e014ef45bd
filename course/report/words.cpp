#include "report/words.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <sys/ioctl.h>
#include <unistd.h>

bool can_paint(int file) {
    const char* const terminal = std::getenv("TERM");
    return isatty(file) && terminal && *terminal && std::string(terminal) != "dumb";
}

bool colours() {
    static const bool use = can_paint(STDOUT_FILENO) && !std::getenv("NO_COLOR");
    return use;
}

int columns() {
    static int known = 80;
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        known = std::min(80, std::max<int>(30, size.ws_col));
    return known;
}

std::string painted(const std::string& text, const char* colour) {
    return colours() ? std::string("\x1b[") + colour + "m" + text + "\x1b[0m" : text;
}

const char* colour_of(const std::string& verdict) {
    if (verdict == "pass") return "32";
    if (verdict == "todo") return "2";
    return verdict == "blocked" || verdict == "changed" ? "33" : "31";
}

const char* colour_of(Verdict verdict) { return colour_of(std::string(word(verdict))); }

int width(const std::string& text) {
    return std::count_if(text.begin(), text.end(), [](char byte) { return (byte & 0xc0) != 0x80; });
}

std::string padded(const std::string& text, int columns) {
    return text + std::string(std::max(0, columns - width(text)), ' ');
}

std::string cut_to(const std::string& text, int columns) {
    std::size_t end = 0;
    for (int used = 0; end < text.size(); ++end)
        if ((text[end] & 0xc0) != 0x80 && ++used > columns) break;
    return text.substr(0, end);
}

void print_wrapped(const std::string& text, int indent, bool behind_margin) {
    const std::string full_margin(indent, ' ');
    std::string margin = behind_margin ? "" : full_margin;
    std::string line;
    const auto print_line = [&] {
        std::printf("%s%s\n", margin.c_str(), line.c_str());
        line.clear();
        margin = full_margin;
    };
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find_first_of(" \n", begin), text.size());
        const std::string word = text.substr(begin, end - begin);
        if (!line.empty() && indent + width(line) + 1 + width(word) > columns()) print_line();
        line += (line.empty() ? "" : " ") + word;
        if (end < text.size() && text[end] == '\n') print_line();
        begin = end + 1;
    }
    if (!line.empty()) print_line();
}
