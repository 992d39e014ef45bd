// An exercise that does not pass: which check says so, why, and what to do next.

#include "report/report.hpp"

#include "report/answers.hpp"
#include "report/words.hpp"
#include "student/complaint.hpp"
#include "student/given.hpp"

#include <algorithm>
#include <cstdio>

void print_verdict(const ExerciseResult& result) {
    const std::string title = " " + result.exercise.id() + "  " + result.exercise.title + " ";
    std::printf("\n%s%s\n", padded(title, columns() - 14).c_str(),
                painted(word(result.verdict), colour_of(result.verdict)).c_str());
}

static void print_rule(const char* mark, const char* colour, const std::string& rule) {
    std::printf("   %s ", painted(mark, colour).c_str());
    print_wrapped(rule, 5, true);
}

static void print_checks_after(const ExerciseResult& result) {
    const auto miss = result.checks.begin() + result.before_first_miss;
    const long after = result.checks.end() - miss - 1;
    const long pass = std::count_if(miss, result.checks.end(), [](const Finding& finding) {
        return finding.verdict == Verdict::pass;
    });
    if (after == 0) return;
    const std::string of_them = pass < after ? std::to_string(pass) + " of " : "all ";
    const std::string checks = std::to_string(after) + " later checks pass";
    if (pass > 0)
        print_rule("·", "0",
                   (after == 1 ? "the later check passes" : of_them + checks) +
                       "; points count up to the first ✗");
    else
        print_rule("·", "0",
                   std::to_string(after) + " later check" + (after == 1 ? " does" : "s do") +
                       " not pass either");
}

// Of a hidden check, what a student may know.
static void print_hidden(const Finding& finding, const ExerciseResult& result) {
    const bool says = finding.verdict == Verdict::crash || finding.verdict == Verdict::timeout;
    print_wrapped((says ? finding.message + ". " : "") +
                      "This check is hidden: its inputs stay with your instructor.",
                  6);
    print_wrapped("again: make check EXERCISE=" + result.exercise.id(), 3);
}

// The checks before the first that does not pass: one by its rule where that fits, or how many.
static void print_passed(const ExerciseResult& result) {
    const int passed = result.before_first_miss;
    if (passed == 0) return;
    const bool fits = passed == 1 && 5 + width(result.checks[0].rule) <= columns();
    print_rule("✓", "32",
               fits          ? result.checks[0].rule
               : passed == 1 ? "1 check passes"
                             : std::to_string(passed) + " checks pass");
}

static void print_output(const Finding& finding) {
    const std::string text = finding.output.substr(0, finding.output.find_last_not_of('\n') + 1);
    const std::size_t last = text.rfind('\n');
    const std::string line = text.substr(last == std::string::npos ? 0 : last + 1);
    const bool of_the_course = line.compare(0, 27, "a number was written behind") == 0;
    if (line.empty() || (of_the_course && !finding.where.empty())) return;
    print_wrapped((of_the_course ? "seen: " : "your output ends with: ") + cut_to(line, 100), 6);
}

static void print_where(const Finding& finding) {
    const std::size_t end = std::min(finding.where.find('\n'), finding.where.size());
    print_wrapped(finding.where.substr(0, end), 6);
    print_wrapped(finding.where.substr(std::min(end + 1, finding.where.size())), 10);
}

void print_late_place(const ExerciseResult& result) {
    for (const Finding& finding : result.checks) {
        if (finding.where.empty()) continue;
        std::printf("\n");
        print_wrapped(result.exercise.id() + "  " + result.exercise.title +
                          ": built once more, to see where it goes wrong",
                      1);
        print_where(finding);
    }
}

// "chapters/01_tensors.cpp:238: …" → its place, or that of the exercise.
static std::string place_of(const Finding& finding, const std::string& otherwise) {
    const bool known = !finding.where.empty() && finding.where[0] != '(';
    return known ? finding.where.substr(0, finding.where.find(": ")) : otherwise;
}

void print_still_todo(const ChapterResult& chapter, const ExerciseResult& result) {
    print_verdict(result);
    print_wrapped("There is code of yours, but it comes to the line todo(\"" +
                      result.exercise.id() + "\"); at " + place(chapter.file, result.exercise) +
                      ", which says that the exercise is not done. Delete that line: your code "
                      "takes its place.",
                  3);
}

void print_changed_line(const ChapterResult& chapter, const std::string& stub) {
    const GivenLine line = changed_line(stub, chapter.file);
    const bool fine = std::all_of(
        chapter.exercises.begin(), chapter.exercises.end(), [](const ExerciseResult& result) {
            const Verdict v = result.verdict;
            return v == Verdict::pass || v == Verdict::todo || v == Verdict::blocked;
        });
    if (line.number == 0 || (fine && !line.is_heading())) return;
    std::printf("\n");
    print_wrapped("A line that was given is changed or gone in " + chapter.file + ":", 3);
    print_wrapped(line.text, 6);
    print_wrapped("It was line " + std::to_string(line.number) + "; " +
                      (line.is_heading() ? "the course finds the exercise by it."
                                         : "if that was not meant, write it again."),
                  3);
}

static std::string with_capital(std::string text) {
    if (text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
    return text;
}

void print_findings(const ChapterResult& chapter, const ExerciseResult& result,
                    const Culprit& culprit) {
    if (!result.first_miss()) return;
    const Finding& finding = *result.first_miss();
    print_verdict(result);
    print_passed(result);
    print_rule("✗", "31", finding.rule);

    if (finding.hidden) return print_hidden(finding, result);
    std::string message =
        (finding.verdict == Verdict::timeout ? "it does not end: " : "") + finding.message;
    const char end = message.back();
    if (end != '.' && end != '?') message += ".";
    if (finding.verdict != Verdict::blocked && !finding.call.function.empty())
        print_call(finding.call, message);
    else print_wrapped(with_capital(message), 6);
    if (finding.compared) print_answers(finding.expected, finding.yours, finding.within);
    print_where(finding);
    if (finding.verdict != Verdict::blocked) print_output(finding);

    const bool named = !result.misconception.name.empty(), blamed = !culprit.exercise.empty();
    if (named) {
        std::printf("   likely: ");
        print_wrapped(result.misconception.sentence, 11, true);
    }
    if (blamed)
        print_wrapped("It rests on exercise " + culprit.exercise + ", which is wrong too: " +
                          (named ? "if you find nothing here, look there."
                                 : "mend that one first, this may be right."),
                      3);
    print_checks_after(result);
    const std::string id = result.exercise.id();
    const std::string look =
        blamed && !named ? culprit.place
                         : place_of(finding, place(chapter.file, result.exercise, finding.verdict));
    std::printf("   look: %s\n", look.c_str());
    const bool in_hand =
        finding.verdict != Verdict::blocked && finding.verdict != Verdict::grader_error;
    const std::string gap = columns() < 64 ? "\n" : "    ";
    print_wrapped("again: make check EXERCISE=" + id +
                      (in_hand ? gap + "hint: make hint EXERCISE=" + id : ""),
                  3);
}

void print_no_compile(const ChapterResult& chapter, const std::string& compiler) {
    std::printf("\n %s  %s\n",
                padded(chapter.chapter.id() + "  " + chapter.chapter.title, columns() - 16).c_str(),
                painted("no-compile", "31").c_str());
    const Complaint error = first_error(compiler, chapter.file);
    const std::string line = error.line > 0 ? ":" + std::to_string(error.line) : "";
    print_wrapped(chapter.file + line + ": " + error.message, 3);
    std::printf("%s", error.excerpt.c_str());
    print_wrapped(error.advice, 3);
    if (error.others > 0)
        print_wrapped("and " + std::to_string(error.others) +
                          " more; mend this one first, others often follow from it.",
                      3);
    print_wrapped("again: make check CHAPTER=" + chapter.chapter.id() +
                      " (until then it counts as not begun)",
                  3);
}
