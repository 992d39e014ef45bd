#include "class/gradescope.hpp"

#include "class/command.hpp"
#include "class/pages.hpp"
#include "kit/whole_file.hpp"

#include <filesystem>
#include <unistd.h>

// ## The service's format: a test for each exercise

static std::string output_of(const Graded& graded, const ChapterResult& chapter,
                             const ExerciseResult& result) {
    if (result.verdict == Verdict::pass) return "pass";
    if (result.verdict == Verdict::todo) return "not begun";
    return findings_text({{{chapter.chapter, chapter.file, {result}}}, {}, graded.no_compile});
}

static std::string test_of(const Graded& graded, const ChapterResult& chapter,
                           const ExerciseResult& result) {
    const Exercise& exercise = result.exercise;
    const bool passed = result.verdict == Verdict::pass;
    return "\n  {\"number\": " + quoted(exercise.id()) + ", \"name\": " + quoted(exercise.title) +
           ", \"score\": " + std::to_string(result.points) +
           ", \"max_score\": " + std::to_string(exercise.max_points) +
           ", \"status\": " + quoted(passed ? "passed" : "failed") +
           ", \"visibility\": \"visible\",\n   \"output\": " +
           quoted(output_of(graded, chapter, result)) + "}";
}

static std::string results(const ClassGrading& all, const Graded& graded) {
    int score = 0;
    std::string tests;
    for (const ChapterResult& chapter : graded.chapters)
        for (const ExerciseResult& result : chapter.exercises) {
            score += result.points;
            tests += (tests.empty() ? "" : ",") + test_of(graded, chapter, result);
        }
    std::string output = "Each chapter is graded with the solutions of those before it.";
    for (const std::string& note : graded.notes) output += "\n" + note;
    return "{\"score\": " + std::to_string(score) +
           ", \"output_format\": \"text\", \"output\": " + ::quoted(output) +
           ", \"stdout_visibility\": \"hidden\", \"extra_data\": {\"seed\": " +
           std::to_string(all.seed) + "},\n \"tests\": [" + tests + "\n]}\n";
}

int grade_for_gradescope(const ClassGrading& all, const std::string& submission,
                         const std::string& file) {
    const Taken taken = take_chapters({"", submission}, all.catalogue);
    const std::string folder = all.build + "/class/submission-" + std::to_string(getpid());
    keep_chapters(taken, folder + "/chapters");
    Graded graded = grade_chapters(all, folder);
    graded.notes = taken.notes;
    std::filesystem::current_path(all.root);
    std::filesystem::remove_all(folder);
    if (grader_failed(graded)) throw GraderFault("of some exercises it does not know the answer");
    write_file(file, results(all, graded));
    return 0;
}

void tell_gradescope(const std::string& file, const std::string& fault) {
    write_file(file, "{\"score\": 0, \"output_format\": \"text\", \"output\": " +
                         quoted("The grader itself failed, which is not your fault. Please tell "
                                "your instructor: " +
                                fault) +
                         "}\n");
}
