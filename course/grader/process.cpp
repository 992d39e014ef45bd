#include "grader/process.hpp"

#include "grader/patience.hpp"

#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <optional>
#include <random>
#include <stdexcept>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

// The worker finds its calls and leaves its answers on two channels of their own, so that whatever
// it prints is only print.
static const int request_channel = 3;
static const int reply_channel = 4;

static const std::size_t largest_reply = 4u << 20;  // twice the longest that is right
static const std::size_t largest_output = 1u << 20;
static const std::size_t shown_output = 2000;
static const std::size_t most_threads = 2000;  // twice as many as a check may ask for

static volatile std::sig_atomic_t running_worker = 0;

static void kill_all_of(pid_t process) {
    kill(-process, SIGKILL);
    kill(process, SIGKILL);
}

void kill_running_worker() {
    if (running_worker > 0) kill_all_of(running_worker);
}

static std::optional<Allowed> confinement;

bool confine_workers(const Allowed& allowed, const std::string& probe) {
    confinement = allowed;
    Reply reply{Reply::Kind::crash, ""};
    try {
        reply = Worker(probe).call("is anybody there?", "", 5);
    } catch (const std::runtime_error&) {}
    if (reply.kind != Reply::Kind::unknown) confinement.reset();
    return confinement.has_value();
}

// ## In the new process, before it becomes the worker
//
// It has the grader's memory still, and leaves it as it is.

namespace {

struct Start {
    std::string program;
    int requests, replies, prints;  // its ends of the channels
    std::optional<Allowed> allowed;
    SmallEnvironment environment;
};

}  // namespace

template <class Resource>
static void limit(Resource resource, rlim_t amount) {
    const struct rlimit both = {amount, amount};
    setrlimit(resource, &both);
}

// Sanitizers reserve terabytes of memory, write reports and start programs to read addresses.
#ifdef SANITIZED
static bool limited = false;
#else
static bool limited = true;
#endif

void limit_workers(bool yes) { limited = yes; }

static void set_limits(const Start& start) {
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_FSIZE, 16u << 20);  // bytes per file
    if (!limited) return;
    limit(RLIMIT_AS, rlim_t{4} << 30);  // bytes of memory
    limit(RLIMIT_NOFILE, 64);           // files that are open at once
    limit(RLIMIT_CPU, 60);              // seconds; the clock of a check is far shorter
    if (start.allowed && !confine(*start.allowed)) _exit(127);
    be_alone();
}

[[noreturn]] static void become_worker(const Start& start) {
    setsid();  // no terminal to write to, and a group of its own
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // the worker does not outlive its grader
#endif
    const int nothing = open("/dev/null", O_RDONLY);
    // Move the channels out of the way of each other before they take their places.
    const int high[] = {fcntl(nothing, F_DUPFD, 10), fcntl(start.prints, F_DUPFD, 10),
                        fcntl(start.requests, F_DUPFD, 10), fcntl(start.replies, F_DUPFD, 10)};
    dup2(high[0], STDIN_FILENO);
    dup2(high[1], STDOUT_FILENO);
    dup2(high[1], STDERR_FILENO);
    dup2(high[2], request_channel);
    dup2(high[3], reply_channel);
    for (int channel = 5; channel < 64; ++channel) close(channel);
    signal(SIGPIPE, SIG_DFL);
    set_limits(start);
    char role[] = "worker";
    char* const words[] = {const_cast<char*>(start.program.c_str()), role, nullptr};
    execve(words[0], words, start.environment.variables());
    _exit(127);
}

// ## In the grader

Worker::Worker(const std::string& program) {
    int request[2], reply[2], print[2];
    if (access(program.c_str(), X_OK) != 0 || pipe(request) != 0 || pipe(reply) != 0 ||
        pipe(print) != 0)
        throw std::runtime_error(program + ": " + std::strerror(errno));

    Start start{program,
                request[0],
                reply[1],
                print[1],
                confinement,
                SmallEnvironment(
                    {"ASAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS", "VARIANT"})};
    if (start.allowed) start.allowed->read.push_back(program);
    process_ = start_patiently([&] { become_worker(start); });

    running_worker = process_;
    close(request[0]), close(reply[1]), close(print[1]);
    requests_ = request[1], replies_ = reply[0], prints_ = print[0];
    for (int channel : {requests_, replies_, prints_}) {
        fcntl(channel, F_SETFL, O_NONBLOCK);
        fcntl(channel, F_SETFD, FD_CLOEXEC);
    }
}

Worker::~Worker() {
    end(Reply::Kind::crash, "ended");
    for (int channel : {requests_, replies_, prints_}) close(channel);
}

// Kills the worker and all that it started, once, and remembers why.
Reply Worker::end(Reply::Kind kind, const std::string& what) {
    if (process_ > 0) {
        kill_all_of(process_);
        while (waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {}
        while (printed_ < largest_output && read_output()) {}
        process_ = running_worker = 0;
        last_words_ = {kind, what};
    }
    return last_words_;
}

// What a signal most often means in a chapter.
static std::string meaning(int signal) {
    const std::string name = "signal " + std::to_string(signal) + " (" + strsignal(signal) + ")";
    switch (signal) {
    case SIGFPE: return "it divided a whole number by 0: " + name;
    case SIGSEGV:
    case SIGBUS:
    case SIGABRT:
        return "it crashed: " + name +
               ", most often an element outside its tensor, or "
               "what is used after it is gone";
    default: return "it crashed: " + name;
    }
}

// No answer will come: say how the process ended.
Reply Worker::died() {
    int status = 0;
    pid_t ended = 0;
    for (Patience patience(process_, 0.5); ended == 0 && !patience.is_over();) {
        ended = waitpid(process_, &status, WNOHANG);
        if (ended == 0) poll(nullptr, 0, 1);
    }
    if (ended <= 0) return end(Reply::Kind::crash, "it closed its channel to the grader");
    const std::string what = WIFSIGNALED(status)
                                 ? meaning(WTERMSIG(status))
                                 : "it left with exit(" + std::to_string(WEXITSTATUS(status)) +
                                       ") in place of an answer";
    kill(-process_, SIGKILL);
    while (printed_ < largest_output && read_output()) {}
    process_ = running_worker = 0;
    return last_words_ = {Reply::Kind::crash, what};
}

// The clock has run out. (A worker that left a child behind, holding its channels, has ended.)
Reply Worker::waited(double seconds) {
    int status = 0;
    if (waitpid(process_, &status, WNOHANG) == process_) {
        kill(-process_, SIGKILL);
        process_ = running_worker = 0;
        return last_words_ = {Reply::Kind::crash, "it ended and left another process behind"};
    }
    return end(Reply::Kind::timeout,
               "no answer after " + std::to_string(static_cast<int>(seconds + 0.5)) + " s");
}

bool Worker::send(const std::string& message, Patience& patience) {
    std::size_t sent = 0;
    while (sent < message.size() && !patience.is_over()) {
        const ssize_t count = write(requests_, message.data() + sent, message.size() - sent);
        if (count > 0) sent += static_cast<std::size_t>(count);
        else if (errno == EAGAIN) {
            struct pollfd room = {requests_, POLLOUT, 0};
            poll(&room, 1, 100);
        } else if (errno != EINTR) return false;
    }
    return sent == message.size();
}

// Keeps the tail of what was printed. True when there may be more.
bool Worker::read_output() {
    char buffer[65536];
    const ssize_t count = read(prints_, buffer, sizeof buffer);
    if (count <= 0) return count < 0 && errno == EINTR;
    printed_ += static_cast<std::size_t>(count);
    output_.append(buffer, static_cast<std::size_t>(count));
    if (output_.size() > shown_output) output_.erase(0, output_.size() - shown_output);
    return true;
}

// The text of a message that has arrived whole: its length, a line break, then so many bytes.
static bool take_message(std::string& received, std::string& message) {
    const std::size_t line = received.find('\n');
    if (line == std::string::npos || line > 20) return false;
    const double length = std::strtod(received.c_str(), nullptr);
    if (!(length >= 0) || static_cast<double>(received.size() - line - 1) < length) return false;
    message = received.substr(line + 1, static_cast<std::size_t>(length));
    received.erase(0, line + 1 + message.size());
    return true;
}

static std::string framed(const std::string& message) {
    return std::to_string(message.size()) + "\n" + message;
}

// Every call has a number that nobody can know before, and its reply begins with it: what a chapter
// writes on the reply channel by itself is no answer.
static std::string call_number() {
    static std::random_device random;
    return std::to_string(random()) + "." + std::to_string(random()) + "\n";
}

static Reply parse(const std::string& message) {
    const std::size_t line = message.find('\n');
    const std::string kind = message.substr(0, line);
    const std::string text = line == std::string::npos ? "" : message.substr(line + 1);
    if (kind == "value") return {Reply::Kind::value, text};
    if (kind == "todo") return {Reply::Kind::todo, text};
    if (kind == "unknown") return {Reply::Kind::unknown, text};
    if (kind == "refusal") return {Reply::Kind::refusal, text};
    return {Reply::Kind::error, text};
}

static double time_left = INFINITY;  // for the answers of all workers

double allot_time(double seconds) {
    const double left = time_left;
    time_left = seconds;
    return left;
}

// Linux counts a process's threads as the folders of /proc/PROCESS/task.
static bool has_too_many_threads(pid_t process) {
    struct stat threads;
    const std::string path = "/proc/" + std::to_string(process) + "/task";
    return stat(path.c_str(), &threads) == 0 && threads.st_nlink > most_threads;
}

Reply Worker::call(const std::string& function, const std::string& arguments, double seconds) {
    if (process_ <= 0) return last_words_;
    if (time_left <= 0)
        return end(Reply::Kind::timeout, "the time for the answers of this chapter is used up");
    Patience patience(process_, seconds);
    const Reply reply = answer_to(function, arguments, seconds, patience);
    time_left -= patience.spent();
    return reply;
}

Reply Worker::answer_to(const std::string& function, const std::string& arguments, double seconds,
                        Patience& patience) {
    const std::string number = call_number();
    if (!send(framed(number + function + "\n" + arguments), patience))
        return patience.is_over() ? waited(seconds) : died();

    std::string message;
    for (bool late = false;;) {
        if (has_too_many_threads(process_))
            return end(Reply::Kind::crash,
                       "it runs more than " + std::to_string(most_threads) + " threads");
        if (take_message(received_, message))
            return message.compare(0, number.size(), number) == 0
                       ? parse(message.substr(number.size()))
                       : end(Reply::Kind::crash, "what came back does not answer the question");
        if (late) return waited(seconds);
        late = patience.is_over();  // what has arrived until now is read still

        struct pollfd channels[] = {{replies_, POLLIN, 0}, {prints_, POLLIN, 0}};
        poll(channels, 2, late ? 0 : 100);
        if (channels[1].revents & POLLIN) read_output();
        else if (channels[1].revents) poll(nullptr, 0, 1);  // printing was closed: no busy wait
        if (printed_ > largest_output)
            return end(Reply::Kind::crash, "it printed more than a megabyte");

        if (channels[0].revents) {
            char buffer[65536];
            const ssize_t count = read(replies_, buffer, sizeof buffer);
            if (count == 0) return died();
            if (count > 0) received_.append(buffer, static_cast<std::size_t>(count));
            if (received_.size() > largest_reply)
                return end(Reply::Kind::crash, "its answer is larger than 4 MiB");
        }
    }
}
