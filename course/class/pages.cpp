#include "class/pages.hpp"

#include "grader/printable.hpp"
#include "kit/text.hpp"
#include "kit/whole_file.hpp"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <map>
#include <stdexcept>
#include <unistd.h>

// ## Words that are printed, kept

std::string findings_text(const Graded& graded) {
    std::FILE* kept = std::tmpfile();
    if (!kept) throw std::runtime_error("no temporary file can be made");
    std::fflush(stdout);
    const int screen = dup(STDOUT_FILENO);
    dup2(fileno(kept), STDOUT_FILENO);
    for (const ChapterResult& chapter : graded.chapters) {
        const auto compiler = graded.no_compile.find(chapter.chapter.number);
        if (compiler != graded.no_compile.end())
            print_no_compile(chapter, compiler->second.substr(0, 2000) + "\n");
        for (const ExerciseResult& result : chapter.exercises)
            if (result.verdict != Verdict::todo && result.verdict != Verdict::pass)
                print_findings(chapter, result);
    }
    const bool whole = std::fflush(stdout) == 0;
    dup2(screen, STDOUT_FILENO);
    close(screen);
    if (!whole) throw std::runtime_error("no temporary file can be written: is the disk full?");

    std::string text(std::ftell(kept), '\0');
    std::rewind(kept);
    text.resize(std::fread(&text[0], 1, text.size(), kept));
    std::fclose(kept);
    return text;
}

// ## HTML

static std::string escaped(const std::string& text) { return as_html(printable(text)); }

static std::string cell(const std::string& text, const std::string& kind = "") {
    return (kind.empty() ? "<td>" : "<td class=\"" + kind + "\">") + escaped(text) + "</td>";
}

static std::string row_of_heads(const std::vector<std::string>& heads) {
    std::string row = "<tr>";
    for (const std::string& head : heads) row += "<th scope=\"col\">" + escaped(head) + "</th>";
    return row + "</tr>\n";
}

static std::string page(const std::string& title, const std::string& body) {
    return R"(<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>)" + escaped(title) +
           R"(</title>
<style>
body { font: 16px/1.5 sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
  overflow-wrap: anywhere }
table { border-collapse: collapse; display: block; overflow-x: auto }
td, th { padding: .15rem .7rem; text-align: left }
tr:nth-child(even) { background: #f3f3f3 } .number { text-align: right }
.pass { color: #176617 } .fail, .crash, .timeout, .no-compile, .grader-error { color: #a31515 }
pre { overflow-x: auto; background: #f8f8f8; padding: 1rem }
</style></head><body>
<h1>)" + escaped(title) +
           "</h1>\n" + body + "</body></html>\n";
}

static std::string list_of(const std::string& title, const std::vector<std::string>& items) {
    if (items.empty()) return "";
    std::string text = "<h2>" + escaped(title) + "</h2>\n<ul>\n";
    for (const std::string& item : items) text += "<li>" + escaped(item) + "</li>\n";
    return text + "</ul>\n";
}

// ## A student's report

static std::string report_rows(const Graded& graded, int& total, int& max) {
    std::string rows;
    for (const ChapterResult& chapter : graded.chapters)
        for (const ExerciseResult& result : chapter.exercises) {
            total += result.points, max += result.exercise.max_points;
            const std::string verdict = word(result.verdict);
            const std::string own = word(result.own_chapters.value_or(result.verdict));
            rows += "<tr>" + cell(result.exercise.id()) + cell(result.exercise.title) +
                    cell(verdict, verdict) +
                    cell(std::to_string(result.points) + " of " +
                             std::to_string(result.exercise.max_points),
                         "number") +
                    cell(own, own) + "</tr>\n";
        }
    return rows;
}

static std::string about_inputs(std::uint64_t seed) {
    return "Random inputs: seed " + std::to_string(seed) + "." +
           (seed == 0 ? "" : " What everybody may know, an exercise without inputs, is worth 0.");
}

void write_report(const std::string& path, const std::string& student, std::uint64_t seed,
                  const Graded& graded) {
    int total = 0, max = 0;
    const std::string rows = report_rows(graded, total, max);
    const std::string findings = findings_text(graded);
    write_file(
        path,
        page(student + ": " + std::to_string(total) + " of " + std::to_string(max),
             "<p>Each chapter was graded with the solutions of those before it, so that "
             "a mistake costs one chapter only; the last column says how the exercise "
             "does on your own chapters alone. " +
                 about_inputs(seed) + "</p>\n" + list_of("Not taken", graded.notes) + "<table>\n" +
                 row_of_heads({"exercise", "", "verdict", "points", "on your own"}) + rows +
                 "</table>\n" +
                 (findings.empty() ? "" : "<pre>" + escaped(findings) + "</pre>\n")));
}

// ## The class

static std::string percent(long part, long whole) {
    return whole == 0 ? "" : std::to_string(100 * part / whole) + " %";
}

static std::string exercise_rows(const std::vector<Chapter>& catalogue,
                                 const std::vector<ClassRow>& rows) {
    std::string text;
    for (const Chapter& chapter : catalogue)
        for (const Exercise& exercise : chapter.exercises) {
            std::map<std::string, long> verdicts;
            for (const auto& [student, summary] : rows)
                for (const SummaryLine& line : summary.exercises)
                    if (line.exercise == exercise.id()) ++verdicts[line.verdict];
            const long all = rows.size(), begun = all - verdicts["todo"];
            std::string others;
            for (const auto& [verdict, count] : verdicts)
                if (verdict != "pass" && verdict != "todo")
                    others += (others.empty() ? "" : ", ") + std::to_string(count) + " " + verdict;
            text += "<tr>" + cell(exercise.id()) + cell(exercise.title) +
                    cell(percent(verdicts["pass"], all), "number") +
                    cell(percent(verdicts["pass"], begun), "number") + cell(others) + "</tr>\n";
        }
    return text;
}

static std::vector<std::string> most_frequent_misconceptions(const std::vector<ClassRow>& rows) {
    std::map<std::string, int> counts;
    for (const auto& [student, summary] : rows)
        for (const SummaryLine& line : summary.exercises)
            if (line.misconception != "-") ++counts[line.exercise + " " + line.misconception];
    std::vector<std::pair<int, std::string>> sorted;
    for (const auto& [name, count] : counts) sorted.emplace_back(-count, name);
    std::sort(sorted.begin(), sorted.end());
    std::vector<std::string> items;
    for (const auto& [count, name] : sorted) items.push_back(name + ": " + std::to_string(-count));
    return items;
}

static std::string link_to(const std::string& student) {
    std::string address;
    for (char letter : student) {
        const unsigned char byte = letter;
        char code[8];
        std::snprintf(code, sizeof code, std::isalnum(byte) ? "%c" : "%%%02X", byte);
        address += code;
    }
    return "<td><a href=\"" + address + "/report.html\">" + escaped(student) + "</a></td>";
}

static std::string student_rows(const std::vector<ClassRow>& rows) {
    std::string text;
    for (const auto& [student, summary] : rows) {
        const long passed = std::count_if(summary.exercises.begin(), summary.exercises.end(),
                                          [](const auto& line) { return line.verdict == "pass"; });
        const bool fault = summary.key.empty(), mark = summary.has_mark();
        text += "<tr>" + (fault ? cell(student) : link_to(student)) +
                cell(mark ? std::to_string(summary.total) : "", "number") +
                cell(mark ? std::to_string(passed) : "", "number") +
                cell(std::to_string(summary.no_compile.size()), "number") +
                cell(mark    ? ""
                     : fault ? "could not be graded"
                             : "nothing to grade") +
                "</tr>\n";
    }
    return text;
}

void write_class_page(const std::string& path, const std::vector<Chapter>& catalogue,
                      std::uint64_t seed, const std::vector<ClassRow>& rows,
                      const std::vector<std::string>& others) {
    std::vector<std::string> compile, notes;
    for (const auto& [student, summary] : rows) {
        for (const std::string& each : summary.no_compile)
            compile.push_back(student + ", chapter " + each);
        for (const std::string& each : summary.notes) notes.push_back(student + ": " + each);
    }
    for (const std::string& name : others) notes.push_back(name + " is no folder and no archive");
    const std::string body =
        "<p>" + about_inputs(seed) + "</p>\n<h2>Exercises</h2>\n<table>\n" +
        row_of_heads({"exercise", "", "pass", "of those who began", "others"}) +
        exercise_rows(catalogue, rows) + "</table>\n" +
        list_of("Misconceptions met most", most_frequent_misconceptions(rows)) +
        list_of("Chapters that do not compile", compile) + list_of("Not taken", notes) +
        "<h2>Students</h2>\n<table>\n" +
        row_of_heads({"student", "points", "exercises that pass", "do not compile", ""}) +
        student_rows(rows) + "</table>\n";
    write_file(path, page("The class: " + std::to_string(rows.size()) + " submissions", body));
}

// ## The table

// What begins like a formula would be computed by a spreadsheet.
static std::string field(const std::string& raw) {
    const std::string shown = printable(raw);
    const bool formula = std::string("=+-@\t\r").find(shown[0]) != std::string::npos;
    const std::string text = (!shown.empty() && formula ? "'" : "") + shown;
    if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
    std::string result = "\"";
    for (char letter : text) result += letter == '"' ? "\"\"" : std::string(1, letter);
    return result + "\"";
}

static std::string note_on(const Summary& summary) {
    std::string all;
    for (const std::string& note : summary.notes) all += (all.empty() ? "" : "; ") + note;
    for (const std::string& chapter : summary.no_compile)
        all += (all.empty() ? "" : "; ") + ("chapter " + chapter);
    return all;
}

void write_table(const std::string& path, const std::vector<Chapter>& catalogue,
                 const std::vector<ClassRow>& rows) {
    int max = 0;
    std::string text = "\xEF\xBB\xBFstudent,total,max";  // the mark of UTF-8, for spreadsheets
    for (const Chapter& chapter : catalogue)
        for (const Exercise& exercise : chapter.exercises) {
            text += "," + exercise.id();
            max += exercise.max_points;
        }
    text += ",note";
    for (const auto& [student, summary] : rows) {
        const bool mark = summary.has_mark();  // if there is none, the cells are empty
        const auto number = [&](int count) { return mark ? std::to_string(count) : ""; };
        text += "\n" + field(student) + "," + number(summary.total) + "," + std::to_string(max);
        std::map<std::string, int> points;
        for (const SummaryLine& line : summary.exercises) points[line.exercise] = line.points;
        for (const Chapter& chapter : catalogue)
            for (const Exercise& exercise : chapter.exercises)
                text += "," + number(points[exercise.id()]);
        text += "," + field(note_on(summary));
    }
    write_file(path, text + "\n");
}
