#include "course/report.hpp"

#include "course/student/complaint.hpp"
#include "course/student/given.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <stdexcept>
#include <sys/ioctl.h>
#include <tuple>
#include <unistd.h>

// ## Words on a terminal of 80 columns

bool can_paint(int file) {
    const char* const terminal = std::getenv("TERM");
    return isatty(file) && terminal && *terminal && std::string(terminal) != "dumb";
}

bool colours() {
    static const bool use = can_paint(STDOUT_FILENO) && !std::getenv("NO_COLOR");
    return use;
}

int columns() {
    static int known = 80;
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        known = std::min(80, std::max(30, static_cast<int>(size.ws_col)));
    return known;
}

static std::string painted(const std::string& text, const char* colour) {
    return colours() ? std::string("\x1b[") + colour + "m" + text + "\x1b[0m" : text;
}

static const char* colour_of(const std::string& verdict) {
    if (verdict == "pass") return "32";
    if (verdict == "todo") return "2";
    return verdict == "blocked" || verdict == "changed" ? "33" : "31";
}

static const char* colour_of(Verdict verdict) { return colour_of(std::string(word(verdict))); }

// How many columns a UTF-8 text takes, all its characters being one wide.
static int width(const std::string& text) {
    return static_cast<int>(
        std::count_if(text.begin(), text.end(), [](char byte) { return (byte & 0xc0) != 0x80; }));
}

static std::string padded(const std::string& text, int columns) {
    return text + std::string(static_cast<std::size_t>(std::max(0, columns - width(text))), ' ');
}

std::string cut_to(const std::string& text, int columns) {
    std::size_t end = 0;
    for (int used = 0; end < text.size(); ++end)
        if ((text[end] & 0xc0) != 0x80 && ++used > columns) break;
    return text.substr(0, end);
}

void print_wrapped(const std::string& text, int indent, bool behind_margin) {
    const std::string full_margin(static_cast<std::size_t>(indent), ' ');
    std::string margin = behind_margin ? "" : full_margin;
    std::string line;
    const auto print_line = [&] {
        std::printf("%s%s\n", margin.c_str(), line.c_str());
        line.clear();
        margin = full_margin;
    };
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find_first_of(" \n", begin), text.size());
        const std::string word = text.substr(begin, end - begin);
        if (!line.empty() && indent + width(line) + 1 + width(word) > columns()) print_line();
        line += (line.empty() ? "" : " ") + word;
        if (end < text.size() && text[end] == '\n') print_line();
        begin = end + 1;
    }
    if (!line.empty()) print_line();
}

// ## A failed check

static const int most_rows = 6;
static const int most_columns = 6;

static std::string format(double number) {
    if (std::isnan(number)) return "NaN";
    char buffer[40];
    const bool whole = std::fabs(number) < 1e6 && number == std::floor(number);
    const bool plain = std::fabs(number) >= 1e-3 && std::fabs(number) < 1e5;
    std::snprintf(buffer, sizeof buffer, whole ? "%.0f" : plain ? "%.5g" : "%.4g", number);
    return buffer;
}

static bool is_small(const Tensor& x) {
    const int columns = x.rank() == 0 ? 1 : x.shape.back();
    return columns <= most_columns && x.size() <= most_rows * columns;
}

// Whether a person would calculate with these numbers.
static bool is_handy(const Tensor& x) {
    const bool whole = std::all_of(x.data.begin(), x.data.end(),
                                   [](float number) { return number == std::floor(number); });
    return is_small(x) && x.size() > 0 && x.size() <= (whole ? 16 : 8);
}

// A value in one line: "[1 2; 3 4]" for a small matrix, its shape for a large one.
static std::string inline_text(const Value& value) {
    switch (value.kind) {
    case Value::Kind::number: return format(value.number);
    case Value::Kind::text: return '"' + value.text + '"';
    case Value::Kind::tensor: {
        const Tensor& x = value.tensor;
        if (x.rank() == 0) return format(static_cast<double>(x.data[0]));
        if (!is_handy(x)) return "a tensor " + to_string(x.shape);
        std::string text = "[";
        for (int i = 0; i < x.size(); ++i) {
            if (i > 0) text += i % x.shape.back() == 0 ? "; " : " ";
            text += format(static_cast<double>(x.data[i]));
        }
        return text + "]" + (x.rank() > 2 ? ", of shape " + to_string(x.shape) : "");
    }
    case Value::Kind::list: {
        std::string text = "{";
        for (const Value& item : value.list)
            text += (text.size() > 1 ? ", " : "") + inline_text(item);
        return text + "}";
    }
    }
    return "";
}

// The names of a call's arguments as the check wrote them, split at the commas outside brackets.
static std::vector<std::string> argument_names(const std::string& text) {
    std::vector<std::string> names(1);
    int depth = 0;
    for (char letter : text) {
        if (letter == '(' || letter == '{') ++depth;
        if (letter == ')' || letter == '}') --depth;
        if (letter == ',' && depth == 0) names.emplace_back();
        else if (letter != ' ' || !names.back().empty()) names.back() += letter;
    }
    return names;
}

// The same, or what kind of value it is when it does not fit into a line.
static std::string short_text(const Value& value) {
    const std::string text = inline_text(value);
    if (width(text) <= 60) return text;
    return (value.kind == Value::Kind::tensor ? "a tensor " : "") + describe(value);
}

// "x = [1 2; 3 4]", "x of shape [3, 20]".
static std::string with_name(const std::string& name, const std::string& value) {
    const std::string large = "a tensor ";
    return name + (value.compare(0, large.size(), large) == 0
                       ? " of shape " + value.substr(large.size())
                       : " = " + value);
}

// "for softmax(x): 4 of 6 numbers differ." and, below it, each argument with its value.
static void print_call(const Call& call, const std::string& message) {
    const std::vector<std::string> names = argument_names(call.names);
    std::set<std::string> told = {"no_mask", "true", "false"};  // these need no explanation
    std::string title, details;
    int column = 0;
    for (std::size_t i = 0; i < call.arguments.size(); ++i) {
        const bool is_name = i < names.size() &&
                             names[i].find_first_of("(){}\"") == std::string::npos &&
                             std::isalpha(static_cast<unsigned char>(names[i][0]));
        const std::string value = short_text(call.arguments[i]);
        title += (i > 0 ? ", " : "") + (is_name ? names[i] : value);
        if (!is_name || !told.insert(names[i]).second) continue;
        const std::string detail = with_name(names[i], value);
        const bool fits = column > 0 && 10 + column + 3 + width(detail) <= columns();
        details += (fits ? "   " : column > 0 ? "\n" : "") + detail;
        column = (fits ? column + 3 : 0) + width(detail);
    }
    print_wrapped("for " + call.function + "(" + title + "): " + message, 6);
    print_wrapped(details, 10);
}

// The same form for all numbers of a table: whole, or with four decimals, or with an exponent.
static const char* common_format(const Tensor& a, const Tensor& b) {
    bool whole = true;
    double largest = 0;
    for (const Tensor* x : {&a, &b})
        for (double number : x->data) {
            if (!std::isfinite(number)) continue;
            whole = whole && number == std::floor(number);
            largest = std::max(largest, std::fabs(number));
        }
    if (whole && largest < 1e6) return "%9.0f";
    return largest >= 0.01 && largest < 1e4 ? "%9.4f" : "%11.3e";
}

static std::vector<std::string> table_rows(const Tensor& x, const char* form) {
    const int columns = x.rank() == 0 ? 1 : x.shape.back();
    std::vector<std::string> rows;
    for (int i = 0; i < x.size(); ++i) {
        char buffer[40];
        std::snprintf(buffer, sizeof buffer, form, static_cast<double>(x.data[i]));
        if (std::isnan(x.data[i])) std::snprintf(buffer, sizeof buffer, "%9s", "NaN");
        if (i % columns == 0) rows.emplace_back();
        rows.back() += buffer;
    }
    return rows;
}

static void print_side_by_side(const std::vector<std::string>& left,
                               const std::vector<std::string>& right) {
    const int room = std::max(9, width(left[0]));
    std::printf("      %s  yours\n", padded("expected", room).c_str());
    for (std::size_t r = 0; r < left.size(); ++r)
        std::printf("      %s  %s%s\n", padded(left[r], room).c_str(), right[r].c_str(),
                    left[r] == right[r] ? "" : "   <-");
}

// Wide rows stand one below the other: the first that differs.
static void print_one_below_the_other(const std::vector<std::string>& left,
                                      const std::vector<std::string>& right) {
    std::size_t r = 0;
    while (left[r] == right[r]) ++r;
    const std::string row = left.size() > 1 ? "row " + std::to_string(r) + ": " : "";
    std::printf("      %sexpected %s\n", row.c_str(), left[r].c_str());
    std::printf("      %syours    %s\n", padded("", width(row)).c_str(), right[r].c_str());
}

// Returns whether any difference can be seen.
static bool print_tensors(const Tensor& expected, const Tensor& yours) {
    const char* form = common_format(expected, yours);
    const std::vector<std::string> left = table_rows(expected, form),
                                   right = table_rows(yours, form);
    if (left == right) return false;
    if (2 * width(left[0]) < columns() - 16) print_side_by_side(left, right);
    else print_one_below_the_other(left, right);
    return true;
}

static std::string precise(double number, int digits) {
    char buffer[40];
    std::snprintf(buffer, sizeof buffer, "%.*g", digits, number);
    return std::isnan(number) ? "NaN" : buffer;
}

// As few digits as show that the two differ.
static std::pair<std::string, std::string> precise(double expected, double yours) {
    int digits = 4;
    while (digits < 17 && precise(expected, digits) == precise(yours, digits)) ++digits;
    return {precise(expected, digits), precise(yours, digits)};
}

// The element that is farthest off, with its index.
static void print_worst(const Tensor& expected, const Tensor& yours) {
    int worst = -1;
    double distance = -1;
    for (int i = 0; i < expected.size(); ++i) {
        const double d =
            std::fabs(static_cast<double>(yours.data[i]) - static_cast<double>(expected.data[i]));
        if (std::isnan(d) || d > distance) {
            worst = i;
            distance = std::isnan(d) ? HUGE_VAL : d;
        }
    }
    if (worst < 0) return;
    Shape index(expected.shape.size());
    for (int rest = worst, axis = expected.rank() - 1; axis >= 0; --axis) {
        index[axis] = rest % expected.shape[axis];
        rest /= expected.shape[axis];
    }
    const auto [right, wrong] = precise(expected.data[worst], yours.data[worst]);
    std::printf("      farthest off, at %s of %s: expected %s, yours %s\n",
                to_string(index).c_str(), to_string(expected.shape).c_str(), right.c_str(),
                wrong.c_str());
}

static void print_answers(const Value& expected, const Value& yours) {
    using Kind = Value::Kind;
    const bool same_shape = expected.kind == Kind::tensor && yours.kind == Kind::tensor &&
                            expected.tensor.shape == yours.tensor.shape;
    if (same_shape && expected.tensor.size() > 1) {
        if (!is_small(expected.tensor) || !print_tensors(expected.tensor, yours.tensor))
            print_worst(expected.tensor, yours.tensor);
        return;
    }
    auto [right, wrong] = std::make_pair(inline_text(expected), inline_text(yours));
    if (same_shape && right == wrong)
        std::tie(right, wrong) = precise(expected.tensor.data[0], yours.tensor.data[0]);
    if (expected.kind == Kind::number && right == wrong)
        std::tie(right, wrong) = precise(expected.number, yours.number);
    const bool short_enough = width(right) + width(wrong) < 50;
    print_wrapped("expected " + right + (short_enough ? ", yours " : "\nyours    ") + wrong, 6);
}

static std::string place(const std::string& file, const Exercise& exercise) {
    const int line = find_exercise(file, exercise.id());
    return file + (line > 0 ? ":" + std::to_string(line) : "");
}

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

void print_where(const Finding& finding) {
    const std::size_t end = std::min(finding.where.find('\n'), finding.where.size());
    print_wrapped(finding.where.substr(0, end), 6);
    print_wrapped(finding.where.substr(std::min(end + 1, finding.where.size())), 10);
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

void print_findings(const ChapterResult& chapter, const ExerciseResult& result) {
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
    if (finding.compared) print_answers(finding.expected, finding.yours);
    print_where(finding);
    if (finding.verdict != Verdict::blocked) print_output(finding);

    if (!result.misconception.name.empty()) {
        std::printf("   likely: ");
        print_wrapped(result.misconception.sentence, 11, true);
    }
    print_checks_after(result);
    const std::string id = result.exercise.id();
    std::printf("   look: %s\n", place_of(finding, place(chapter.file, result.exercise)).c_str());
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

// ## The course map

static std::string bar(int part, int whole, int cells) {
    const int full = whole == 0 ? 0 : part * cells / whole;
    std::string text;
    for (int cell = 0; cell < cells; ++cell) text += cell < full ? "█" : "░";
    return text;
}

// A line for each exercise.
static void print_exercises(const ChapterResult& chapter) {
    for (const ExerciseResult& result : chapter.exercises) {
        const std::string line = "     " + padded(result.exercise.id(), 6) + result.exercise.title;
        const std::string verdict = padded(word(result.verdict), 15);
        std::printf("%s%s%3d/%d\n", padded(line, columns() - 22).c_str(),
                    painted(verdict, colour_of(result.verdict)).c_str(), result.points,
                    result.exercise.max_points);
    }
}

void print_part(const std::string& title) { std::printf("\n%s\n", painted(title, "1").c_str()); }

void print_chapter_line(const Chapter& chapter, int points, int max_points) {
    std::string name = " " + chapter.id() + "  " + chapter.title;
    if (columns() >= 80) name = padded(name, 42) + "needs " + chapter.needs;
    std::printf("%s%3d/%d\n", padded(name, columns() - 7).c_str(), points, max_points);
}

void print_standings(const std::vector<Standing>& standings) {
    int column = 3;
    std::printf("   ");
    for (const Standing& standing : standings) {
        const std::string text = standing.exercise + " " + standing.word;
        if (column + 2 + width(text) > columns()) {
            std::printf("\n   ");
            column = 3;
        }
        std::printf("  %s", painted(text, colour_of(standing.word)).c_str());
        column += 2 + width(text);
    }
    std::printf("\n");
}

void print_standings(const std::vector<ExerciseResult>& results) {
    std::vector<Standing> standings;
    for (const ExerciseResult& result : results)
        standings.push_back({result.exercise.id(), word(result.verdict)});
    print_standings(standings);
}

// What to go on with: first what was begun and is not right, then the first that is not begun.
static std::pair<const ChapterResult*, const ExerciseResult*> next_step(
    const std::vector<ChapterResult>& chapters) {
    for (const bool begun : {true, false})
        for (const ChapterResult& chapter : chapters)
            for (const ExerciseResult& result : chapter.exercises) {
                const Verdict v = result.verdict;
                if (v != Verdict::pass && v != Verdict::blocked && begun == (v != Verdict::todo))
                    return {&chapter, &result};
            }
    return {nullptr, nullptr};
}

void print_map(const std::vector<ChapterResult>& chapters, bool whole) {
    const ChapterResult* const in_hand = next_step(chapters).first;
    int points = 0, max_points = 0, passed = 0, exercises = 0;
    std::string part;
    for (const ChapterResult& chapter : chapters) {
        int here = 0, max_here = 0;
        for (const ExerciseResult& result : chapter.exercises) {
            here += result.points;
            max_here += result.exercise.max_points;
            passed += result.verdict == Verdict::pass;
            ++exercises;
        }
        points += here, max_points += max_here;

        if (part != part_title(chapter.chapter.number)) {
            part = part_title(chapter.chapter.number);
            print_part(part);
        }
        print_chapter_line(chapter.chapter, here, max_here);

        if (whole || &chapter == in_hand) print_exercises(chapter);
        else print_standings(chapter.exercises);
    }
    std::printf("\n %s  %d of %d points, %d of %d exercises pass\n",
                bar(points, max_points, columns() < 80 ? 8 : 24).c_str(), points, max_points,
                passed, exercises);
}

void print_place(const std::string& file, const Exercise& exercise) {
    const std::string text = "next: " + place(file, exercise) + ", exercise " + exercise.id() +
                             ", about " + std::to_string(exercise.minutes) + " minutes";
    if (columns() < 80) print_wrapped(text, 1);
    else std::printf(" %s\n", text.c_str());  // whole: a path may be long
}

void print_next_step(const std::vector<ChapterResult>& chapters, const std::vector<Chapter>& all) {
    const auto [chapter_in_hand, exercise_in_hand] = next_step(chapters);
    if (exercise_in_hand && exercise_in_hand->verdict == Verdict::no_compile) {
        std::printf(" next: mend %s, so that it compiles\n", chapter_in_hand->file.c_str());
        return;
    }
    if (exercise_in_hand) {
        print_place(chapter_in_hand->file, exercise_in_hand->exercise);
        return;
    }
    // All that was looked at passes: on to the exercise behind it, or to the chapter at work.
    const ChapterResult& last = chapters.back();
    for (const Chapter& chapter : all)
        for (const Exercise& exercise : chapter.exercises)
            if (chapter.number == last.chapter.number &&
                exercise.number == last.exercises.back().exercise.number + 1) {
                std::printf(" next: exercise %s, make check EXERCISE=%s\n", exercise.id().c_str(),
                            exercise.id().c_str());
                return;
            }
    std::printf(" next: see it at work, make demo CHAPTER=%s\n", last.chapter.id().c_str());
}

// ## For scripts

std::string quoted(const std::string& text) {
    std::string result = "\"";
    for (char letter : text) {
        char buffer[8];
        if (letter == '"' || letter == '\\') (result += '\\') += letter;
        else if (letter == '\n') result += "\\n";
        else if (static_cast<unsigned char>(letter) < 0x20) {
            std::snprintf(buffer, sizeof buffer, "\\u%04x", static_cast<unsigned>(letter));
            result += buffer;
        } else result += letter;
    }
    return result + "\"";
}

static std::string name_of(const Misconception& misconception) {
    return misconception.name.empty() ? "null" : quoted(misconception.name);
}

std::string message_of(const ExerciseResult& result) {
    if (result.verdict == Verdict::no_compile) return "the chapter does not compile";
    if (!result.first_miss() || result.verdict == Verdict::todo) return "";
    const Finding& miss = *result.first_miss();
    const bool ended = miss.verdict == Verdict::crash || miss.verdict == Verdict::timeout;
    return miss.rule + (miss.hidden && !ended ? "" : ": " + miss.message);
}

void write_json(const std::string& path, const std::string& student, std::uint64_t seed,
                const std::vector<ChapterResult>& chapters) {
    int total = 0, max = 0;
    std::string exercises;
    for (const ChapterResult& chapter : chapters)
        for (const ExerciseResult& result : chapter.exercises) {
            total += result.points, max += result.exercise.max_points;
            exercises += std::string(exercises.empty() ? "" : ",") +
                         "\n  {\"exercise\": " + quoted(result.exercise.id()) +
                         ", \"title\": " + quoted(result.exercise.title) +
                         ", \"verdict\": " + quoted(word(result.verdict)) +
                         ", \"points\": " + std::to_string(result.points) +
                         ", \"max_points\": " + std::to_string(result.exercise.max_points) +
                         ",\n   \"misconception\": " + name_of(result.misconception) +
                         ", \"message\": " + quoted(message_of(result)) + ", \"own_chapters\": " +
                         quoted(word(result.own_chapters.value_or(result.verdict))) + "}";
        }
    std::ofstream file(path + ".new");
    file << "{\"student\": " << quoted(student) << ", \"seed\": " << seed
         << ", \"total\": " << total << ", \"max\": " << max << ", \"exercises\": [" << exercises
         << "\n]}\n";
    file.close();
    std::error_code error;
    if (file) std::filesystem::rename(path + ".new", path, error);
    if (!file || error) throw std::runtime_error("cannot write " + path);
}
