// The command line, and which chapters its words name.

#include "commands/commands.hpp"

#include <cstdlib>
#include <filesystem>

namespace commands {

int whole_number(const std::string& text) {
    return text.empty() || text.size() > 6 ||
                   text.find_first_not_of("0123456789") != std::string::npos
               ? -1
               : std::stoi(text);
}

bool is_own(const Arguments& arguments) {
    return arguments.worker == build + "/course" && arguments.chapters == root + "/chapters";
}

std::string first_word(const Arguments& arguments) {
    if (arguments.words.size() > 1)
        throw UsageError("one at a time: make " + arguments.verb + " CHAPTER=11");
    return arguments.words.empty() ? "" : arguments.words.front();
}

static double positive_number(const std::string& option, const std::string& text) {
    char* end = nullptr;
    const double number = std::strtod(text.c_str(), &end);
    if (text.empty() || *end != 0 || !(number > 0 && number < 1e4))
        throw UsageError(option + " needs a number above 0, got '" + text + "'");
    return number;
}

// Where the number of this option belongs, if it is one of those of bench.
static int* bench_option(StepSettings& step, const std::string& option) {
    if (option == "--threads") return &step.threads;
    if (option == "--steps") return &step.steps;
    if (option == "--length") return &step.length;
    if (option == "--width") return &step.width;
    if (option == "--layers") return &step.layers;
    if (option == "--batch") return &step.batch;
    return nullptr;
}

Arguments parse(int argc, char** argv) {
    Arguments arguments;
    arguments.program = std::filesystem::path(argv[0]).filename().string();
    arguments.verb = argc > 1 ? argv[1] : "help";
    for (int i = 2; i < argc; ++i) {
        const std::string word = argv[i];
        const auto value = [&] {
            if (i + 1 >= argc) throw UsageError(word + " needs a value");
            return std::string(argv[++i]);
        };
        if (word == "--json") arguments.json = value();
        else if (word == "--worker") arguments.worker = value();
        else if (word == "--chapters") arguments.chapters = value();
        else if (word == "--complaints") arguments.complaints = value();
        else if (word == "--recorded") arguments.recorded = value();
        else if (word == "--others") arguments.others = value();
        else if (word == "--verdicts") arguments.verdicts = value();
        else if (word == "--figures") arguments.figures = value();
        else if (word == "--edition") arguments.edition = value();
        else if (word == "--course") arguments.course = value();
        else if (word == "--strict") arguments.strict = true;
        else if (word == "--first-miss-only") arguments.first_miss_only = true;
        else if (word == "--one-worker") arguments.one_worker = true;
        else if (word == "--seed") {
            const std::string number = value();
            if (number.empty() || number.find_first_not_of("0123456789") != std::string::npos)
                throw UsageError("--seed needs a whole number, got '" + number + "'");
            arguments.seed = std::strtoull(number.c_str(), nullptr, 10);
        } else if (int* number = bench_option(arguments.step, word)) {
            *number = whole_number(value());
            if (*number < 0 || (*number == 0 && word != "--threads"))
                throw UsageError(word + " needs a whole number");
        } else if (word == "--seconds") {
            arguments.step.seconds = positive_number(word, value());
        } else if (word.compare(0, 2, "--") == 0) throw UsageError("no option " + word);
        else if (!word.empty()) arguments.words.push_back(word);
    }
    if (arguments.others.empty())
        arguments.others = arguments.worker == build + "/course-solved" ? "solved"
                           : is_own(arguments)                          ? "own"
                                                                        : "none";
    if (arguments.verdicts.empty() && is_own(arguments))
        arguments.verdicts = build + "/verdicts.txt";
    return arguments;
}

std::vector<Chapter> catalogue() { return read_catalogue(build + "/stubs"); }

std::vector<Chapter> select(const std::vector<Chapter>& all, const std::string& word) {
    if (word.empty()) return all;
    const std::size_t dot = word.find('.');
    const int wanted = whole_number(word.substr(0, dot));
    for (Chapter chapter : all) {
        if (chapter.number != wanted) continue;
        if (dot == std::string::npos) return {chapter};
        const int number = whole_number(word.substr(dot + 1));
        const int count = static_cast<int>(chapter.exercises.size());
        if (number < 1 || number > count)
            throw UsageError("no exercise " + word + ": chapter " + chapter.id() +
                             " has exercises " + chapter.exercises.front().id() + " to " +
                             chapter.exercises.back().id());
        chapter.exercises = {chapter.exercises[static_cast<std::size_t>(number - 1)]};
        return {chapter};
    }
    std::string known;
    for (const Chapter& chapter : all) known += " " + chapter.id();
    throw UsageError("no chapter '" + word.substr(0, dot) + "'; there are" + known);
}

}  // namespace commands
