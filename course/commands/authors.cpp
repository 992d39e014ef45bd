// For authors: what the solutions answer, how other answers fare, right and wrong ones, and whether
// checks and records are in step.

#include "commands/commands.hpp"
#include "grader/authors.hpp"
#include "report/report.hpp"
#include "report/words.hpp"

#include <cstdio>
#include <iostream>
#include <sstream>

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

// ## Variants, on standard input: lines of EXERCISE, NAME, NUMBER and WORKER, and for recording
// PRINT and SENTENCE, with tabs between them (tests/variants/ask.sh)

static std::vector<std::string> fields_of(const std::string& line, std::size_t count) {
    std::vector<std::string> fields;
    std::istringstream text(line);
    for (std::string field; std::getline(text, field, '\t');) fields.push_back(field);
    if (fields.size() != count) throw UsageError("not a variant: " + line);
    return fields;
}

static Variant variant_of(const std::vector<std::string>& fields, const Arguments& arguments,
                          const std::vector<Chapter>& all) {
    const Chapter chapter = select(all, fields[0]).front();
    const std::string file = arguments.chapters + "/" + chapter.stem + ".cpp";
    return {chapter.exercises.front(), file, fields[1], fields[2], fields[3]};
}

static std::vector<Variant> read_variants(const Arguments& arguments,
                                          const std::vector<Chapter>& all) {
    std::vector<Variant> variants;
    for (std::string line; std::getline(std::cin, line);)
        variants.push_back(variant_of(fields_of(line, 4), arguments, all));
    return variants;
}

static int number_of_seeds(const Arguments& arguments) {
    const int seeds = whole_number(first_word(arguments));
    if (seeds < 1) throw UsageError(arguments.verb + " needs a number of seeds");
    return seeds;
}

// Of each variant a line `variant 11.2 NAME`, for each seed `seed 0 VERDICT MISCONCEPTION`, and
// what a student reads under the first seed.
static int variants(const Arguments& arguments) {
    const int seeds = number_of_seeds(arguments);
    const std::vector<Chapter> all = catalogue();
    const Grading grading = grading_for(arguments, all);
    for (const Variant& variant : read_variants(arguments, all)) {
        const std::string id = variant.exercise.id();
        show_progress(id + " " + variant.name);
        const std::vector<ExerciseResult> results = grade_under_seeds(variant, seeds, grading);
        std::printf("variant %s %s\n", id.c_str(), variant.name.c_str());
        for (std::size_t seed = 0; seed < results.size(); ++seed)
            std::printf("seed %zu %s %s\n", seed, word(results[seed].verdict),
                        results[seed].misconception.name.c_str());
        print_findings({select(all, id).front(), variant.file, {}}, results.front());
        std::fflush(stdout);
    }
    show_progress("");
    return 0;
}

// Asked under so many seeds, each comes out again with `pass`, or with what it does not pass.
static int alternatives(const Arguments& arguments) {
    const int seeds = number_of_seeds(arguments);
    const std::vector<Chapter> all = catalogue();
    std::vector<Alternative> alternatives;
    for (const Variant& variant : read_variants(arguments, all)) alternatives.push_back({variant});
    ask_alternatives(alternatives, seeds, grading_for(arguments, all));
    int status = 0;
    for (const Alternative& alternative : alternatives) {
        std::printf("%s %s %s\n", alternative.variant.exercise.id().c_str(),
                    alternative.variant.name.c_str(),
                    alternative.miss.empty() ? "pass" : alternative.miss.c_str());
        status |= !alternative.miss.empty();
    }
    return status;
}

static int record_misconceptions(const Arguments& arguments) {
    const std::vector<Chapter> all = catalogue();
    std::vector<Mistake> mistakes;
    for (std::string line; std::getline(std::cin, line);) {
        const std::vector<std::string> fields = fields_of(line, 6);
        mistakes.push_back({variant_of(fields, arguments, all), fields[4], fields[5]});
    }
    const std::vector<std::string> complaints =
        ::record_misconceptions(mistakes, grading_for(arguments, all));
    for (const std::string& complaint : complaints) std::printf("%s\n", complaint.c_str());
    std::printf("%zu misconceptions recorded\n", mistakes.size() - complaints.size());
    return complaints.empty() ? 0 : 3;
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
                                      {"variants", variants},
                                      {"alternatives", alternatives},
                                      {"record-misconceptions", record_misconceptions},
                                      {"audit", audit}};

}  // namespace commands
