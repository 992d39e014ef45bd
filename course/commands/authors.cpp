// For authors: what the solutions answer, what mistakes answer, and whether checks and records are
// in step.

#include "commands/commands.hpp"
#include "report/words.hpp"

#include <cstdio>
#include <iostream>

namespace commands {

static int record(const Arguments& arguments) {
    Grading grading;
    grading.worker = build + "/course-solved";
    grading.recorded = arguments.recorded;
    grading.hidden_recorded = root + "/tests/hidden/recorded";
    int failures = 0;
    for (const Chapter& chapter :
         select(catalogue(), arguments.words.empty() ? "" : arguments.words[0]))
        for (const Finding& finding : ::record(chapter, grading)) {
            std::printf("%s: %s: %s: %s\n", chapter.id().c_str(), word(finding.verdict),
                        finding.rule.c_str(), finding.message.c_str());
            ++failures;
        }
    std::printf("%d checks do not hold for the solutions\n", failures);
    return failures > 0 ? 3 : 0;
}

// Of a misconception of tests/misconceptions/, applied in the worker: its answers to the checks of
// an exercise, on standard output. `words` are the exercise, a name, a print and a sentence.
static int misconception(const Arguments& arguments) {
    const std::vector<std::string>& words = arguments.words;
    if (words.size() != 4) throw UsageError("misconception needs EXERCISE NAME PRINT SENTENCE");
    const Chapter chapter = select(catalogue(), words[0]).front();
    Grading grading;
    grading.worker = arguments.worker;
    grading.recorded = arguments.recorded;
    const std::string file = arguments.chapters + "/" + chapter.stem + ".cpp";
    std::printf("%s", misconception_record(chapter.exercises.front(), file, {words[1], words[3]},
                                           words[2], grading)
                          .c_str());
    return 0;
}

// Alternatives are lines `11.2 NAME WORKER` on standard input. Asked under so many seeds, each
// comes out again with `pass`, or with what it does not pass.
static int alternatives(const Arguments& arguments) {
    const int seeds = whole_number(first_word(arguments));
    if (seeds < 1) throw UsageError("alternatives needs a number of seeds");
    const std::vector<Chapter> all = catalogue();
    std::vector<Alternative> alternatives;
    for (std::string exercise, name, worker; std::cin >> exercise >> name >> worker;)
        alternatives.push_back({select(all, exercise)[0].exercises.at(0), name, worker});
    ask_alternatives(alternatives, seeds, grading_for(arguments, all));
    int status = 0;
    for (const Alternative& alternative : alternatives) {
        std::printf("%s %s %s\n", alternative.exercise.id().c_str(), alternative.name.c_str(),
                    alternative.miss.empty() ? "pass" : alternative.miss.c_str());
        status |= !alternative.miss.empty();
    }
    return status;
}

static int audit(const Arguments& arguments) {
    Grading grading;
    grading.recorded = arguments.recorded;
    grading.hidden_recorded = root + "/tests/hidden/recorded";
    const std::vector<std::string> mistakes = ::audit(catalogue(), grading);
    for (const std::string& mistake : mistakes) std::printf("%s\n", mistake.c_str());
    std::printf("%zu checks, %zu mistakes\n", all_checks().size(), mistakes.size());
    return mistakes.empty() ? 0 : 3;
}

static const Command for_authors[] = {{"record", record},
                                      {"misconception", misconception},
                                      {"alternatives", alternatives},
                                      {"audit", audit}};

}  // namespace commands
