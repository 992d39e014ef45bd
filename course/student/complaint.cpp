#include "student/complaint.hpp"

#include "grader/printable.hpp"
#include "kit/text.hpp"
#include "kit/whole_file.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <initializer_list>

// Are some of these words in it?
static bool has(const std::string& text, std::initializer_list<const char*> some) {
    return std::any_of(some.begin(), some.end(),
                       [&](const char* words) { return text.find(words) != std::string::npos; });
}

// ## The compiler's words, made shorter

static std::string replaced(std::string text, const std::string& from, const std::string& to) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
        text.replace(at, from.size(), to);
    return text;
}

// Of "'A' {aka 'B'}", two names of one type, the shorter.
static std::string with_short_types(std::string text) {
    for (const char* const also : {"' {aka '", "' (aka '"})
        for (std::size_t at; (at = text.find(also)) != std::string::npos;) {
            const std::size_t first = text.rfind('\'', at - 1), second = at + 8;
            const std::size_t end = text.find('\'', second);
            if (at == 0 || first == std::string::npos || end == std::string::npos) return text;
            const std::string name = at - first - 1 <= end - second
                                         ? text.substr(first + 1, at - first - 1)
                                         : text.substr(second, end - second);
            text.replace(first, end + 2 - first, "'" + name + "'");
        }
    return text;
}

// "std::vector<int, std::allocator<int> >" → "std::vector<int>".
static std::string without_allocators(std::string text) {
    const std::string allocator = ", std::allocator<";
    for (std::size_t at; (at = text.find(allocator)) != std::string::npos;) {
        std::size_t end = at + allocator.size();
        for (int depth = 1; depth > 0 && end < text.size(); ++end)
            depth += (text[end] == '<') - (text[end] == '>');
        text.erase(at, end - at + (text[end] == ' '));
    }
    return text;
}

static std::string tidy(std::string text) {
    text = replaced(replaced(text, "‘", "'"), "’", "'");
    const std::size_t flag = text.rfind(" [-W");
    if (flag != std::string::npos) text.erase(flag);
    return without_allocators(with_short_types(replaced(text, "[abi:cxx11]", "")));
}

// ## Where it is, and what the code is there

// The line number in "…/01_tensors.cpp:103:5: …", 0 where the file is not named.
static int line_in(const std::string& text, const std::string& file_name) {
    const std::size_t place = text.find(file_name + ":");
    return place == std::string::npos ? 0 : std::atoi(text.c_str() + place + file_name.size() + 1);
}

// Below a message stand the code and a mark under it, indented; notes and what follows do not.
static std::vector<std::string> excerpt_below(const std::vector<std::string>& lines,
                                              std::size_t message) {
    std::vector<std::string> excerpt;
    for (std::size_t i = message + 1; i < lines.size() && i <= message + 3; ++i) {
        if (lines[i].empty() || lines[i][0] != ' ') break;
        excerpt.push_back(lines[i]);
    }
    return excerpt;
}

// The last line of code above this one, and the exercise in which that stands.
struct Above {
    std::string code, exercise;
};
static Above above(const std::string& file, int line) {
    std::vector<std::string> lines = lines_of(file_text(file));
    lines.resize(std::min<std::size_t>(lines.size(), std::max(0, line - 1)));
    const std::string heading = "// ## Exercise ";
    Above found;
    while (!lines.empty() && (found.code.empty() || found.exercise.empty())) {
        const std::string code = trimmed(lines.back());
        if (found.code.empty() && !begins_with(code, "//")) found.code = code;
        if (!found.code.empty() && begins_with(code, heading))
            found.exercise =
                code.substr(heading.size(), code.find(' ', heading.size()) - heading.size());
        lines.pop_back();
    }
    return found;
}

// ## What to do

// The compiler may know the header: "note: 'std::cout' is defined in header '<iostream>'".
static std::string header_in_note(const std::vector<std::string>& lines, std::size_t message) {
    for (std::size_t i = message; i < lines.size() && i < message + 8; ++i) {
        if (i > message && has(lines[i], {"error: "})) break;
        const std::size_t note = lines[i].find("is defined in header"),
                          begin = lines[i].find('<', note);
        if (note != std::string::npos && begin != std::string::npos)
            return lines[i].substr(begin, lines[i].find('>', begin) + 1 - begin);
    }
    return "";
}

// Often the compiler notices a mistake later than it was made, or says it in its own terms.
static std::string advice(const Complaint& complaint, const std::string& file, bool has_cure) {
    const std::string& message = complaint.message;
    const Above before = above(file, complaint.line);
    if (has(message, {"function-definition is not allowed", "function definition is not allowed",
                      "qualified-id in declaration", "at end of input", "expected '}'"}))
        return "A } is missing somewhere above" +
               (before.exercise.empty() ? "" : ", most often in exercise " + before.exercise) + ".";
    if (before.code == "}" &&
        has(message, {"unqualified-id", "expected declaration", "extraneous closing brace"}))
        return "There is one } too many above: this line stands outside of its function.";
    if (has(message,
            {"no return statement", "control reaches end of non-void", "does not return a value"}))
        return "The function promises a value: every way through it has to end in a `return`.";
    if (has(message, {"different signedness", "of different signs"}))
        return "One of the two can never be below 0; give both one type, such as std::size_t.";
    if (has(message, {"unsigned"}) && has(message, {"always true"}))
        return "An unsigned number, such as std::size_t, is never below 0: count down with an int.";
    if (has(message, {"Permission denied"}))
        return "A chapter may include the standard library, the headers of chapters/ and those of "
               "course/.";
    if (has(message, {"No such file", "file not found"}))
        return "Is the name behind #include spelt right?";
    if (has(message, {"stray '\\377'", "stray '\\376'", "UTF-16"}))
        return "The file was saved as UTF-16, which no compiler reads: save it as UTF-8.";
    if (has(message, {"may take one for the other"}))
        return "Give it another name, or put it between `namespace {` and `}`: then it is its "
               "chapter's own.";
    if (has(message, {"a header promises it"}))
        return "Others call it as it was handed out: with this name and these parameters.";
    const std::string code = complaint.excerpt.substr(0, complaint.excerpt.find('\n'));
    if (has(message, {"expected"}) &&
        std::count(code.begin(), code.end(), '(') > std::count(code.begin(), code.end(), ')'))
        return "This line opens more parentheses than it closes.";
    const bool ended = before.code.find_last_of(";{}") + 1 == before.code.size();
    if (has(message, {"expected"}) && has(message, {"before"}) && !has_cure && !ended)
        return "Often something is missing at the end of the line above: " + before.code;
    return "";
}

static Complaint first(const std::string& said, const std::string& file, const char* kind) {
    const std::string file_name = std::filesystem::path(file).filename().string();
    const std::vector<std::string> lines = lines_of(said);
    Complaint complaint;
    std::size_t place = lines.size();
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const std::size_t found = lines[i].find(kind);
        if (found == std::string::npos) continue;
        if (place < lines.size()) {
            ++complaint.others;
            continue;
        }
        place = i;
        const std::size_t word = lines[i].rfind(": ", found);  // "fatal error" begins earlier
        complaint.message = tidy(lines[i].substr(word == std::string::npos ? found : word + 2));
    }
    // Not in the chapter itself: which line of the chapter led there? It is named close by.
    std::vector<std::string> excerpt;
    for (std::size_t near = 0; place < lines.size() && near < 12 && complaint.line == 0; ++near)
        for (const std::size_t i : {place + near, place - near}) {
            if (i >= lines.size() || complaint.line > 0) continue;
            complaint.line = line_in(lines[i], file_name);
            if (complaint.line > 0) excerpt = excerpt_below(lines, i);
        }
    for (const std::string& line : excerpt) complaint.excerpt += line + "\n";
    const std::string header = header_in_note(lines, place);
    complaint.advice = header.empty() ? advice(complaint, file, excerpt.size() > 2)
                                      : "At the top of the file: #include " + header;
    return complaint;
}

Complaint first_error(const std::string& said, const std::string& file) {
    Complaint complaint = first(said, file, "error: ");
    if (complaint.message.empty()) complaint.message = said.substr(0, said.find('\n'));
    return complaint;
}

Complaint first_warning(const std::string& said, const std::string& file) {
    return first(said, file, "warning: ");
}

std::map<int, std::string> compiler_complaints(const std::vector<Chapter>& chapters,
                                               const std::string& folder) {
    std::map<int, std::string> complaints;
    for (const Chapter& chapter : chapters) {
        const std::string text = file_text(folder + "/" + chapter.stem + ".txt");
        if (!text.empty()) complaints[chapter.number] = printable(text);
    }
    return complaints;
}
