#include "class/command.hpp"

#include "grader/patience.hpp"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

extern char** environ;  // POSIX wants it declared by whoever uses it

static volatile std::sig_atomic_t running_command = 0;

void kill_running_command() {
    if (running_command > 0) kill(-running_command, SIGKILL);
}

static double now() {
    using namespace std::chrono;
    return duration<double>(steady_clock::now().time_since_epoch()).count();
}

[[noreturn]] static void become(const Command& command, int output) {
    setsid();  // no terminal to read from, and a group of its own
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
    const int nothing = open("/dev/null", O_RDWR);
    dup2(nothing, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    dup2(nothing, STDERR_FILENO);
    for (int channel = 3; channel < 64; ++channel) close(channel);
    for (int each : {SIGPIPE, SIGINT, SIGTERM}) signal(each, SIG_DFL);
    if (command.allowed) {
        static const SmallEnvironment small({"COMPILE_SECONDS", "MORE_FLAGS"});
        environ = const_cast<char**>(small.variables());
        if (!confine(*command.allowed)) _exit(127);
    }

    std::vector<char*> words;
    for (const std::string& word : command.words) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    execvp(words[0], words.data());
    _exit(127);
}

static void read_all(int channel, const Command& command, Outcome& outcome) {
    const double deadline = now() + command.seconds;
    for (;;) {
        const double left = deadline - now();
        if (left <= 0) outcome.too_long = true;
        if (outcome.output.size() > command.largest_output) outcome.too_much = true;
        if (outcome.too_long || outcome.too_much) return;

        struct pollfd waiting = {channel, POLLIN, 0};
        if (poll(&waiting, 1, static_cast<int>(left * 1000) + 1) <= 0) continue;
        char buffer[65536];
        const ssize_t count = read(channel, buffer, sizeof buffer);
        if (count == 0 || (count < 0 && errno != EINTR)) return;
        if (count > 0) outcome.output.append(buffer, count);
    }
}

static pid_t new_process() {
    try {
        return fork_patiently();
    } catch (const std::runtime_error& error) {
        throw GraderFault(error.what());
    }
}

Outcome run(const Command& command) {
    int output[2];
    if (pipe(output) != 0) throw GraderFault("no pipe is left");
    const pid_t process = new_process();
    if (process == 0) become(command, output[1]);
    running_command = process;
    close(output[1]);
    fcntl(output[0], F_SETFD, FD_CLOEXEC);

    Outcome outcome;
    read_all(output[0], command, outcome);
    close(output[0]);
    if (outcome.too_long || outcome.too_much) kill(-process, SIGKILL);
    int status = 0;
    while (waitpid(process, &status, 0) < 0 && errno == EINTR) {}
    kill(-process, SIGKILL);  // whatever it left behind
    running_command = 0;
    if (WIFEXITED(status) && !outcome.too_long && !outcome.too_much)
        outcome.status = WEXITSTATUS(status);
    return outcome;
}
