#include "kit/interruption.hpp"

#include <csignal>

static volatile std::sig_atomic_t signalled = 0;
static struct sigaction before_int, before_term, before_hup;

static void remember(int) { signalled = 1; }

Interruption::Interruption() {
    signalled = 0;
    struct sigaction action = {};
    action.sa_handler = remember;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, &before_int);
    sigaction(SIGTERM, &action, &before_term);
    sigaction(SIGHUP, &action, &before_hup);
    if (before_hup.sa_handler == SIG_IGN) sigaction(SIGHUP, &before_hup, nullptr);  // nohup
}

Interruption::~Interruption() {
    sigaction(SIGINT, &before_int, nullptr);
    sigaction(SIGTERM, &before_term, nullptr);
    sigaction(SIGHUP, &before_hup, nullptr);
}

bool Interruption::asked() { return signalled != 0; }
