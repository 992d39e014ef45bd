#include "bench/own_process.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

static std::vector<std::string> command(const std::string& program, const StepSettings& settings) {
    std::vector<std::string> words = {program, "bench", "step", settings.model};
    const auto option = [&](const std::string& name, int number) {
        if (number > 0) words.insert(words.end(), {name, std::to_string(number)});
    };
    option("--threads", settings.threads);
    option("--length", settings.length);
    option("--width", settings.width);
    option("--layers", settings.layers);
    words.insert(words.end(), {"--seconds", std::to_string(settings.seconds)});
    return words;
}

[[noreturn]] static void become(const std::vector<std::string>& words, int output) {
    std::vector<char*> arguments;
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    dup2(output, STDOUT_FILENO);
    execv(arguments[0], arguments.data());
    _exit(127);
}

// What a program prints, when it ends as it should.
static std::string output_of(const std::vector<std::string>& words) {
    int ends[2];
    if (pipe(ends) != 0) throw std::runtime_error(std::string("pipe: ") + std::strerror(errno));
    const pid_t process = fork();
    if (process < 0) throw std::runtime_error(std::string("fork: ") + std::strerror(errno));
    if (process == 0) become(words, ends[1]);
    close(ends[1]);
    std::string text;
    char buffer[4096];
    for (ssize_t count; (count = read(ends[0], buffer, sizeof buffer)) != 0;)
        if (count > 0) text.append(buffer, static_cast<std::size_t>(count));
        else if (errno != EINTR) break;
    close(ends[0]);
    int status = 0;
    while (waitpid(process, &status, 0) < 0 && errno == EINTR) continue;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return text;
    throw std::runtime_error(
        "bench step " + words[3] + " ended with " +
        (WIFSIGNALED(status) ? "signal " + std::to_string(WTERMSIG(status)) + ": is there memory?"
                             : "status " + std::to_string(WEXITSTATUS(status))));
}

static double number_of(const std::string& json, const std::string& name) {
    const std::size_t found = json.find("\"" + name + "\": ");
    if (found == std::string::npos) throw std::runtime_error("bench step said no " + name);
    return std::atof(json.c_str() + found + name.size() + 4);
}

StepTimes step_in_own_process(const std::string& program, const StepSettings& settings) {
    std::string json = output_of(command(program, settings));
    while (!json.empty() && json.back() == '\n') json.pop_back();
    return {number_of(json, "ms_per_step"), number_of(json, "fastest_ms"),
            number_of(json, "tokens_per_s"), number_of(json, "peak_mib"), json};
}
