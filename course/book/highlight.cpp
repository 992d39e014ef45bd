// C++ as coloured HTML, with an anchor where a function or a type begins, and links from a TODO to
// its exercise and from a formula's number to the formula.
#include "book/pieces.hpp"
#include "kit/text.hpp"

#include <cctype>
#include <set>

namespace book {

static bool in_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

static std::string name_before(const std::string& text, std::size_t end) {
    std::size_t begin = end;
    while (begin > 0 && (in_name(text[begin - 1]) || text[begin - 1] == ':')) --begin;
    return text.substr(begin, end - begin);
}

// What a line in the first column defines: "softmax", "ThreadPool", "Tensor::Tensor" or nothing.
static std::string name_defined(const std::string& line) {
    static const std::set<std::string> no_definition = {"using",         "return",   "namespace",
                                                        "static_assert", "template", "public"};
    if (line.empty() || !std::isalpha(static_cast<unsigned char>(line[0]))) return "";
    const std::string first = line.substr(0, line.find_first_of(" (:"));
    if (no_definition.count(first) > 0) return "";
    if (first == "struct" || first == "class" || first == "enum") {
        const std::size_t end =
            line.find_first_of(" :{;", line.find("class ") == 5 ? 11 : first.size() + 1);
        const bool defined = line.find('{') != std::string::npos;
        return defined ? name_before(line, std::min(end, line.size())) : "";
    }
    const std::size_t open = line.find('('), equals = line.find('=');
    if (open == std::string::npos || equals < open) return "";
    return name_before(line, open);
}

// The exercise that a line leaves to the reader: "// TODO 11.2: …", in the master "//> 11.2: …".
static std::string answer_asked(const std::string& line) {
    const std::string text = trimmed(line);
    for (const std::string mark : {"// TODO ", "//> "})
        if (begins_with(text, mark)) return text.substr(mark.size(), text.find(':') - mark.size());
    return "";
}

// Where a reader writes down what an experiment will show.
static bool asks_prediction(const std::string& line) {
    return begins_with(line, "static const double predicted");
}

std::string line_id(const Line& line) { return "line-" + std::to_string(line.shown); }

void define_code(const std::vector<Line>& lines, const Place& place) {
    for (const Line& line : lines) {
        const std::string name = name_defined(line.text), asked = answer_asked(line.text);
        const std::string href = place.stem + ".html#" + line_id(line);
        if (!name.empty()) place.links.define(code_key(name, place.chapter), href);
        if (!asked.empty()) place.links.define("answer " + asked, href);
        if (asks_prediction(line.text))
            place.links.define("prediction " + std::to_string(place.chapter), href);
    }
}

// ## Colours

static std::string span(const char* of_class, const std::string& text) {
    return std::string("<span class=\"") + of_class + "\">" + text + "</span>";
}

// A comment; "TODO 11.2" and "(11.3)" lead to what they name.
static std::string comment_html(const std::string& text, const Place& place) {
    std::string html;
    for (std::size_t at = 0; at < text.size();) {
        const bool todo = text.compare(at, 5, "TODO ") == 0;
        if (todo || text[at] == '(') {
            const std::size_t begin = at + (todo ? 5 : 1);
            const std::size_t end =
                std::min(text.find_first_not_of("0123456789.", begin), text.size());
            const std::string number = text.substr(begin, end - begin);
            if (number.find('.') != std::string::npos && (todo || text[end] == ')')) {
                const std::size_t behind = end + (todo ? 0 : 1);
                html += place.link((todo ? "exercise " : "formula ") + number,
                                   as_html(text.substr(at, behind - at)));
                at = behind;
                continue;
            }
        }
        html += as_html(text.substr(at++, 1));
    }
    return span("comment", html);
}

static bool is_keyword(const std::string& word) {
    static const std::string keywords =
        " alignas auto bool break case catch char class const constexpr continue default delete do "
        "double else enum explicit false float for if inline int long mutable namespace new "
        "noexcept nullptr operator override private public return short signed sizeof static "
        "static_assert static_cast struct switch template this thread_local throw true try "
        "typename unsigned using void volatile while ";
    return keywords.find(" " + word + " ") != std::string::npos;
}

static std::size_t end_of_string(const std::string& line, std::size_t at) {
    const char quote = line[at++];
    while (at < line.size() && line[at] != quote) at += line[at] == '\\' ? 2 : 1;
    return std::min(at + 1, line.size());
}

static std::string line_html(const std::string& line, const Place& place,
                             const std::string& defined) {
    if (!line.empty() && line[0] == '#') return span("directive", as_html(line));
    std::string html;
    for (std::size_t at = 0, end; at < line.size(); at = end) {
        if (line.compare(at, 2, "//") == 0) return html + comment_html(line.substr(at), place);
        const bool digit = std::isdigit(static_cast<unsigned char>(line[at])) != 0;
        end = at + 1;
        if (line[at] == '"' || line[at] == '\'') {
            end = end_of_string(line, at);
            html += span("string", as_html(line.substr(at, end - at)));
        } else if (digit || in_name(line[at])) {
            while (end < line.size() &&
                   (in_name(line[end]) || (digit && (line[end] == '.' || line[end] == '\''))))
                ++end;
            const std::string word = line.substr(at, end - at);
            const std::size_t tail = defined.rfind(':') + 1;
            if (!defined.empty() && word == defined.substr(tail)) html += span("defined", word);
            else if (digit) html += span("number", word);
            else html += is_keyword(word) ? span("keyword", word) : word;
        } else html += as_html(line.substr(at, 1));
    }
    return html;
}

std::string code_html(const std::vector<Line>& lines, const Place& place) {
    std::string html;
    for (const Line& line : lines) {
        const std::string name = name_defined(line.text);
        const std::string text = line_html(line.text, place, name);
        const bool target =
            !name.empty() || text.find("TODO ") != std::string::npos || asks_prediction(line.text);
        html += target ? "<span id=\"" + line_id(line) + "\">" + text + "</span>" : text;
        html += "\n";
    }
    return html;
}

}  // namespace book
