#include "watch/terminal.hpp"

#include "report/words.hpp"

#include <csignal>
#include <cstdio>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

static struct termios as_found, for_keys;

// Changing the terminal of somebody else's job would stop this one.
static void set(const struct termios& mode) {
    if (tcgetpgrp(STDIN_FILENO) == getpgrp()) tcsetattr(STDIN_FILENO, TCSADRAIN, &mode);
}

static void stopped(int) {  // by Ctrl-Z: give the terminal back, then stop indeed
    set(as_found);
    raise(SIGSTOP);
}

static void resumed(int) { set(for_keys); }

static void ended(int signal) {  // by Ctrl-\: give the terminal back, then end indeed
    set(as_found);
    std::signal(signal, SIG_DFL);
    raise(signal);
}

Terminal::Terminal() {
    present_ =
        isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && tcgetattr(STDIN_FILENO, &as_found) == 0;
    if (!present_) return;
    for_keys = as_found;
    for_keys.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    for_keys.c_cc[VMIN] = 1;
    for_keys.c_cc[VTIME] = 0;
    std::signal(SIGTSTP, stopped);
    std::signal(SIGCONT, resumed);
    std::signal(SIGQUIT, ended);
    set(for_keys);
}

Terminal::~Terminal() { give_back(); }

void Terminal::give_back() const {
    if (!present_) return;
    std::signal(SIGTSTP, SIG_DFL);
    std::signal(SIGCONT, SIG_DFL);
    std::signal(SIGQUIT, SIG_DFL);
    set(as_found);
}

char Terminal::wait(int channel, int milliseconds) const {
    struct pollfd sources[] = {{present_ ? STDIN_FILENO : -1, POLLIN, 0}, {channel, POLLIN, 0}};
    if (poll(sources, 2, milliseconds) <= 0 || sources[0].revents == 0) return 0;
    char key = 4;
    return read(STDIN_FILENO, &key, 1) == 1 ? key : 4;
}

void Terminal::clear() const {
    if (present_ && can_paint(STDOUT_FILENO)) std::printf("\x1b[H\x1b[2J");
}

void Terminal::status(const std::string& text) const {
    if (!present_ || !can_paint(STDOUT_FILENO)) return;
    std::printf("\r\x1b[K%s", cut_to(text, columns() - 1).c_str());
    std::fflush(stdout);
}
