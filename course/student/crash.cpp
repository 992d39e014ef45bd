#include "student/crash.hpp"

#include "student/complaint.hpp"
#include "grader/job.hpp"
#include "kit/text.hpp"
#include "kit/whole_file.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <unistd.h>

namespace fs = std::filesystem;

// ## Building with sanitizers

// Each process has a folder of its own.
static std::string folder_of(const CrashTools& tools) {
    return tools.build + "/crash/" + std::to_string(getpid());
}

// The worker, or nothing where the compiler has no sanitizers.
static std::string build_worker(const CrashTools& tools, const std::string& chapter_file) {
    const std::string folder = folder_of(tools), sanitizers = "-fsanitize=address,undefined";
    const int status = run_program(
        {"env", "MORE_FLAGS=-g -O1 -fno-omit-frame-pointer -D_GLIBCXX_ASSERTIONS " + sanitizers,
         "MORE_LINK_FLAGS=" + sanitizers, "COMPILE_SECONDS=60", "sh", "course/scripts/quick.sh",
         tools.build, folder, tools.others, chapter_file});
    return status == 0 ? folder + "/worker" : "";
}

// ## Running the check again

// Returns what was printed: one sanitizer writes there, the other to a file.
static std::string run_again(const CrashTools& tools, const std::string& worker,
                             const Exercise& exercise, const std::string& rule) {
    const std::string log = "log_path='" + folder_of(tools) + "/report'";
    const std::string memory = "hard_rss_limit_mb=4096:max_allocation_size_mb=4096:";
    setenv("ASAN_OPTIONS",
           ("detect_leaks=0:alloc_dealloc_mismatch=0:handle_abort=1:" + memory + log).c_str(), 1);
    setenv("UBSAN_OPTIONS", ("print_stacktrace=1:halt_on_error=1:" + log).c_str(), 1);
    limit_workers(false);  // sanitizers need room, and write their reports
    std::vector<std::string> answers;
    std::string printed;
    for (const CheckDefinition& check : all_checks())
        if (check.exercise == exercise.id() && check.rule == rule)
            printed = run_check(check, worker, tools.seed, Recording::replace, answers).output;
    limit_workers(true);
    return printed;
}

static std::string read_report(const std::string& folder) {
    std::string text;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(folder, none))
        if (begins_with(entry.path().filename().string(), "report."))
            text += file_text(entry.path().string());
    return text;
}

// ## Reading the report

// "heap-buffer-overflow: it writes outside its memory", from the line that names the error.
static std::string what_happened(const std::string& report) {
    const std::string undefined = "runtime error: ", address = "AddressSanitizer: ";
    std::size_t found = report.find(undefined);
    if (found != std::string::npos) {
        found += undefined.size();
        return report.substr(found, report.find('\n', found) - found);
    }
    found = report.find(address);
    if (found == std::string::npos) return "";
    found += address.size();
    const std::string kind = report.substr(found, report.find_first_of(" :\n", found) - found);
    const bool writes = report.find("WRITE") != std::string::npos;
    const std::string verb = writes ? "it writes" : "it reads";
    const bool null = report.find("zero page") != std::string::npos;
    if (kind == "SEGV")
        return kind + ": " + verb + (null ? " through a null pointer" : " far outside its memory");
    if (kind == "stack-overflow") return kind + ": the calls never end; it calls itself?";
    if (report.find("this->size()") != std::string::npos) return "an index outside its vector";
    if (kind == "ABRT") return "it was ended on purpose, or by an exception that nobody caught";
    if (kind.find("use-after") != std::string::npos)
        return kind + ": " + verb + " memory that was given back";
    return kind + ": " + verb + " outside its memory";
}

// The lines of the chapter that the report names, innermost call first.
static std::vector<int> lines_in_chapter(const std::string& report,
                                         const std::string& chapter_file) {
    const std::string name = "/" + fs::path(chapter_file).filename().string() + ":";
    std::vector<int> lines;
    for (std::size_t found = report.find(name); found != std::string::npos;
         found = report.find(name, found + 1))
        lines.push_back(std::atoi(report.c_str() + found + name.size()));
    return lines;
}

// The innermost one; when calls never end, the one that occurs again and again.
static int guilty_line(const std::string& report, const std::vector<int>& lines) {
    if (lines.empty()) return 0;
    int guilty = lines[0];
    const bool endless = report.find("stack-overflow") != std::string::npos;
    long most = endless ? 1 : lines.size();
    for (int line : lines) {
        const long times = std::count(lines.begin(), lines.end(), line);
        if (times > most) guilty = line, most = times;
    }
    return guilty;
}

static std::string source_line(const std::string& chapter_file, int number) {
    const std::vector<std::string> lines = lines_of(file_text(chapter_file));
    return number <= static_cast<int>(lines.size()) ? trimmed(lines[number - 1]) : "";
}

static std::string told(const std::string& chapter_file, int line, const std::string& what) {
    return chapter_file + ":" + std::to_string(line) + ": " + what + "\n" +
           source_line(chapter_file, line);
}

// With optimisation the compiler sees more: a sum that was never set to 0.
static std::string never_set(const std::string& folder, const std::string& chapter_file) {
    const std::string stem = fs::path(chapter_file).stem().string();
    for (const std::string& line : lines_of(file_text(folder + "/said/" + stem + ".txt"))) {
        if (line.find("uninitialized") == std::string::npos) continue;
        const Complaint warning = first_warning(line, chapter_file);
        const std::string name = warning.message.substr(0, warning.message.rfind('\'') + 1);
        const std::size_t quote = name.find('\'');
        if (warning.line > 0 && quote != std::string::npos)
            return told(chapter_file, warning.line,
                        name.substr(quote) + " is used before it was given a value");
    }
    return "";
}

static void look(const CrashTools& tools, const std::string& chapter_file, ExerciseResult& result) {
    Finding* miss = nullptr;  // the first crash, else the first that fails
    for (const Verdict kind : {Verdict::crash, Verdict::fail})
        for (Finding& finding : result.checks)
            if (!miss && finding.verdict == kind) miss = &finding;
    if (!miss) return;
    const bool crashed = miss->verdict == Verdict::crash;
    const std::string worker = build_worker(tools, chapter_file);
    if (worker.empty()) {
        if (crashed)
            miss->where =
                "(which line it was, this compiler cannot tell: it has no sanitizers; "
                "make doctor says more)";
        return;
    }
    const std::string printed = run_again(tools, worker, result.exercise, miss->rule);
    const std::string report = printed + "\n" + read_report(folder_of(tools));
    const int line = guilty_line(report, lines_in_chapter(report, chapter_file));
    const std::string what = what_happened(report);
    if (line > 0 && !what.empty()) {
        miss->where = told(chapter_file, line, what);
        miss->message = miss->message.substr(0, miss->message.find(", most often"));  // now known
    } else {
        miss->where = never_set(folder_of(tools), chapter_file);
    }
    if (crashed && miss->where.empty())
        miss->where = "(built again to find the line, it gave no place in this chapter)";
}

void look_closer(const CrashTools& tools, const std::string& chapter_file, ExerciseResult& result) {
    std::error_code none;
    fs::remove_all(folder_of(tools), none);
    look(tools, chapter_file, result);
    fs::remove_all(folder_of(tools), none);
}
