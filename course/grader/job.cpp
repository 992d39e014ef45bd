#include "grader/job.hpp"

#include "grader/process.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

static void called_off(int) {
    kill_running_worker();
    _exit(128 + SIGTERM);
}

[[noreturn]] static void become_job(const std::function<int()>& work, int output) {
    setpgid(0, 0);
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGTERM);  // the work does not outlive whoever wanted it
#endif
    for (int signal : {SIGINT, SIGTERM, SIGHUP}) std::signal(signal, called_off);
    const int nothing = open("/dev/null", O_RDONLY);
    dup2(nothing, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    int status = 3;
    try {
        status = work();
    } catch (const std::exception& error) {
        std::printf("course: %s\n", error.what());
    }
    std::fflush(stdout);
    _exit(status);
}

ForkedJob::ForkedJob(const std::function<int()>& work) {
    int channel[2];
    if (pipe(channel) != 0) throw std::runtime_error(std::string("pipe: ") + std::strerror(errno));
    std::fflush(stdout);
    process_ = fork();
    if (process_ < 0) throw std::runtime_error(std::string("fork: ") + std::strerror(errno));
    if (process_ == 0) become_job(work, channel[1]);
    setpgid(process_, process_);
    close(channel[1]);
    output_ = channel[0];
    fcntl(output_, F_SETFL, O_NONBLOCK);
    fcntl(output_, F_SETFD, FD_CLOEXEC);
}

// A polite signal first: a compiler then takes its temporary files with it.
ForkedJob::~ForkedJob() {
    if (process_ > 0) {
        kill(-process_, SIGTERM);
        for (int patience = 0; patience < 200; ++patience) {
            if (waitpid(process_, nullptr, WNOHANG) != 0) break;
            poll(nullptr, 0, 5);
        }
        kill(-process_, SIGKILL);
        waitpid(process_, nullptr, WNOHANG);
    }
    close(output_);
}

void ForkedJob::wait_for_end() {
    int status = 0;
    while (waitpid(process_, &status, 0) < 0 && errno == EINTR) {}
    status_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    process_ = -1;
}

bool ForkedJob::read(std::string& text) {
    char buffer[16384];
    for (;;) {
        const ssize_t count = ::read(output_, buffer, sizeof buffer);
        if (count > 0) text.append(buffer, static_cast<std::size_t>(count));
        else if (count == 0) {
            if (process_ > 0) wait_for_end();
            return false;
        } else if (errno != EINTR) return true;
    }
}

int run_program(const std::vector<std::string>& words) {
    std::vector<char*> arguments;
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    std::fflush(stdout);
    const pid_t process = fork();
    if (process == 0) {
        for (int signal : {SIGINT, SIGTERM, SIGHUP}) std::signal(signal, SIG_DFL);
        execvp(arguments[0], arguments.data());
        _exit(127);
    }
    int status = 0;
    while (process > 0 && waitpid(process, &status, 0) < 0 && errno == EINTR) {}
    return process > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : 127;
}
