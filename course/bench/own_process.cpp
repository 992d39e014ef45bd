#include "bench/parts.hpp"

#include "kit/text.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <sys/wait.h>

static std::vector<std::string> command(const std::string& program, const StepSettings& settings) {
    std::vector<std::string> words = {program, "bench", "step", settings.model};
    const auto option = [&](const std::string& name, int number) {
        if (number > 0) words.insert(words.end(), {name, std::to_string(number)});
    };
    option("--threads", settings.threads);
    option("--length", settings.length);
    option("--width", settings.width);
    option("--layers", settings.layers);
    option("--batch", settings.batch);
    words.insert(words.end(), {"--seconds", std::to_string(settings.seconds)});
    return words;
}

// What a program prints, when it ends as it should.
static std::string output_of(const std::vector<std::string>& words) {
    std::string command = "exec", text;
    for (const std::string& word : words) command += " " + as_shell_word(word);
    std::FILE* const output = popen(command.c_str(), "r");
    if (output == nullptr) throw std::runtime_error(std::string("popen: ") + std::strerror(errno));
    char buffer[4096];
    while (const std::size_t count = std::fread(buffer, 1, sizeof buffer, output))
        text.append(buffer, count);
    const int status = pclose(output);
    while (!text.empty() && text.back() == '\n') text.pop_back();
    if (status == 0) return text;
    throw std::runtime_error(
        "bench " + words[2] + " " + words[3] + " ended with " +
        (WIFSIGNALED(status) ? "signal " + std::to_string(WTERMSIG(status)) + ": is there memory?"
                             : "status " + std::to_string(WEXITSTATUS(status))));
}

static double number_of(const std::string& json, const std::string& name) {
    const std::size_t found = json.find("\"" + name + "\": ");
    if (found == std::string::npos) throw std::runtime_error("bench said no " + name);
    return std::atof(json.c_str() + found + name.size() + 4);
}

StepTimes step_in_own_process(const std::string& program, const StepSettings& settings) {
    const std::string json = output_of(command(program, settings));
    return {number_of(json, "ms_per_step"), number_of(json, "fastest_ms"),
            number_of(json, "tokens_per_s"), number_of(json, "peak_mib"), json};
}

ChapterTimes chapter_in_own_process(const std::string& program, const std::string& chapter,
                                    int threads) {
    const std::string json = output_of(
        {program, "bench", "chapter", chapter, "--threads", std::to_string(threads)});
    return {number_of(json, "ms_per_step"), number_of(json, "parameters"),
            number_of(json, "peak_mib"), json};
}
