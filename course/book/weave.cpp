// The pieces of a chapter, woven into the inside of a page.
#include "book/marks.hpp"
#include "book/math.hpp"
#include "book/pieces.hpp"
#include "book/unicode.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

namespace book {

static std::string joined(const std::vector<Line>& lines) {
    std::string text;
    for (const Line& line : lines) text += (text.empty() ? "" : "\n") + line.text;
    return text;
}

// ## Weaving

namespace {

class Weaver {
public:
    Weaver(const std::vector<Piece>& pieces, Place& place, const Demo& demo)
        : pieces_(pieces), place_(place), demo_(demo) {}
    std::string html();

private:
    void piece(const Piece& piece);
    void title(const Piece& piece);
    void section(const Piece& piece);
    void exercise(const Piece& piece);
    void facts(const Piece& piece);
    void items(const Piece& piece, const char* tag);
    void formulas(const Piece& piece);
    void code(const Piece& piece);
    void picture(const std::string& name, const Line& line);
    void show_demo();
    void require_pictures(const Piece& piece);
    void end_exercise();
    void begin_beside();
    void end_beside();
    std::string text(const std::vector<Line>& lines, std::size_t cut = 0) const;

    const std::vector<Piece>& pieces_;
    Place& place_;
    const Demo& demo_;
    std::string html_, aside_;
    bool beside_ = false, in_exercise_ = false, at_demo_ = false, shown_ = false;
    std::set<std::string> placed_, ids_;
};

}  // namespace

std::string Weaver::text(const std::vector<Line>& lines, std::size_t cut) const {
    return text_html(joined(lines).substr(cut), place_, lines.front().number);
}

static std::string drawing(const std::vector<Line>& lines, const char* of_class) {
    std::size_t indent = 100;
    for (const Line& line : lines) indent = std::min(indent, line.text.find_first_not_of(' '));
    std::string inside;
    for (const Line& line : lines)
        inside += escaped(line.text.substr(std::min(indent, line.text.size()))) + "\n";
    return std::string("<pre class=\"") + of_class + "\" tabindex=\"0\">" + inside + "</pre>\n";
}

void Weaver::piece(const Piece& piece) {
    switch (piece.kind) {
    case Kind::title: return title(piece);
    case Kind::section: return section(piece);
    case Kind::exercise: return exercise(piece);
    case Kind::paragraph: html_ += "<p>" + text(piece.lines) + "</p>\n"; return;
    case Kind::facts: return facts(piece);
    case Kind::bullets: return items(piece, "ul");
    case Kind::steps: return items(piece, "ol");
    case Kind::formulas: return formulas(piece);
    case Kind::drawing: html_ += drawing(piece.lines, "drawing"); return;
    case Kind::picture: return picture(piece.lines[0].text.substr(13), piece.lines[0]);
    case Kind::code: return code(piece);
    case Kind::answers:
        end_exercise();
        html_ += "<details class=\"answer\"><summary>Answers</summary>\n";
        return;
    case Kind::answers_end: html_ += "</details>\n"; return;
    }
}

std::string Weaver::html() {
    for (const Piece& each : pieces_) {
        if (each.kind == Kind::code) require_pictures(each);
        if (each.kind == Kind::picture) placed_.insert(each.lines[0].text.substr(13));
    }
    for (const Piece& each : pieces_) piece(each);
    end_exercise();
    end_beside();
    if (!shown_) {
        begin_beside();
        at_demo_ = true;
        end_beside();
    }
    return html_;
}

// Text with a margin: what is in `aside_` at its end stands beside it, or below on a small screen.
void Weaver::begin_beside() {
    html_ += "<div class=\"beside\"><div>\n";
    beside_ = true;
}

void Weaver::end_beside() {
    if (at_demo_) show_demo();
    at_demo_ = false;
    if (beside_) html_ += "</div><aside>\n" + aside_ + "</aside></div>\n";
    beside_ = false;
    aside_.clear();
}

void Weaver::title(const Piece& piece) {
    const std::string& line = piece.lines[0].text;  // "# 11. Attention"
    const std::size_t dot = line.find(". ");
    if (dot == std::string::npos) {
        place_.complain(piece.lines[0].number, "a title has a number, as in `# 1. Tensors`");
        return;
    }
    begin_beside();
    html_ += "<h1><span class=\"number\">" + line.substr(2, dot - 2) + "</span> " +
             text_html(line.substr(dot + 2), place_, piece.lines[0].number) + "</h1>\n";
}

static std::string anchor(const std::string& id) {
    return " <a class=\"anchor\" href=\"#" + id + "\" aria-label=\"link to this place\">#</a>";
}

void Weaver::section(const Piece& piece) {
    end_exercise();
    end_beside();
    const std::string name = piece.lines[0].text.substr(3);
    std::string id = slug(name);
    while (!ids_.insert(id).second) id += "-again";
    at_demo_ = name == "See it" && !shown_;
    if (at_demo_) begin_beside();
    html_ += "<h2 id=\"" + id + "\">" + text_html(name, place_, piece.lines[0].number) +
             anchor(id) + "</h2>\n";
}

void Weaver::exercise(const Piece& piece) {
    end_exercise();
    end_beside();
    const ExerciseHeading heading = heading_of(piece);
    if (heading.number.empty()) {
        place_.complain(piece.lines[0].number,
                        "an exercise begins `## Exercise 1.2 — Title` and, on the next line, "
                        "`*About 8 lines · difficulty 2 of 3 · 15 minutes*`");
        return;
    }
    const std::string id = "exercise-" + heading.number, of_3 = std::to_string(heading.difficulty);
    std::string dots;
    for (int i = 1; i <= 3; ++i) dots += i <= heading.difficulty ? "●" : "○";
    html_ += "<section class=\"exercise\" id=\"" + id + "\" aria-labelledby=\"" + id +
             "-title\">\n" + "<h3 id=\"" + id + "-title\"><span class=\"number\">Exercise " +
             heading.number + "</span> " + text_html(heading.title, place_, piece.lines[0].number) +
             anchor(id) + "</h3>\n<p class=\"effort\"><span>" + escaped(heading.length) +
             "</span> <span>difficulty <span role=\"img\" aria-label=\"" + of_3 + " of 3\">" +
             dots + "</span></span> <span>" + std::to_string(heading.minutes) +
             " minutes</span></p>\n";
    place_.exercise = heading.number;
    in_exercise_ = true;
}

// The box ends with where to write, how to check, and who will need the exercise.
void Weaver::end_exercise() {
    if (!in_exercise_) return;
    const std::string number = place_.exercise, key = "answer " + number;
    html_ += "<p class=\"where\">";
    if (!place_.links.find(key).empty())
        html_ += "<a href=\"" + place_.from_here(place_.links.find(key)) +
                 "\">The place for it</a> is " + place_.shown_file + ". ";
    html_ += "Check it with <code>make check EXERCISE=" + number + "</code>." +
             mentions_mark("exercise " + number) + "</p>\n</section>\n";
    place_.exercise.clear();
    in_exercise_ = false;
}

// "Needs: chapter 1.", "Check: `make check`." and "Letters: …", in the margin.
void Weaver::facts(const Piece& piece) {
    std::string html;
    for (std::size_t i = 0, end; i < piece.lines.size(); i = end) {
        end = i + 1;
        const auto starts = [](const std::string& line, const char* word) {
            return line.compare(0, std::string(word).size(), word) == 0;
        };
        while (end < piece.lines.size() && !starts(piece.lines[end].text, "Check: ") &&
               !starts(piece.lines[end].text, "Letters: "))
            ++end;
        const std::vector<Line> lines(piece.lines.begin() + i, piece.lines.begin() + end);
        const std::size_t colon = lines[0].text.find(": ");
        html += "<dt>" + lines[0].text.substr(0, colon) + "</dt><dd>" + text(lines, colon + 2) +
                "</dd>\n";
    }
    html += mentions_mark("chapter " + std::to_string(place_.chapter));
    aside_ += "<dl class=\"facts\">\n" + html + "</dl>\n" + contents_html(pieces_);
    if (!beside_) html_ += "<aside>" + aside_ + "</aside>\n", aside_.clear();
}

void Weaver::items(const Piece& piece, const char* tag) {
    html_ += std::string("<") + tag + ">\n";
    const auto begins = [&](const Line& line) {
        return std::string(tag) == "ul" ? line.text.compare(0, 2, "- ") == 0
                                        : line.text[0] >= '0' && line.text[0] <= '9';
    };
    for (std::size_t i = 0, end; i < piece.lines.size(); i = end) {
        end = i + 1;
        while (end < piece.lines.size() && !begins(piece.lines[end])) ++end;
        const std::vector<Line> lines(piece.lines.begin() + i, piece.lines.begin() + end);
        html_ += "<li>" + text(lines, lines[0].text.find(' ') + 1) + "</li>\n";
    }
    html_ += std::string("</") + tag + ">\n";
}

void Weaver::formulas(const Piece& piece) {
    for (const Line& line : piece.lines) {
        std::string formula, number;
        if (!cut_number(line.text, formula, number)) {
            place_.complain(line.number,
                            "a formula, indented by 4, ends in its number, as in `   (1.1)`; a "
                            "drawing is indented by 8");
            continue;
        }
        try {
            html_ += "<div class=\"formula\" id=\"formula-" + number + "\" tabindex=\"0\"><div>" +
                     mathml(formula) + "</div> <a class=\"number\" href=\"#formula-" + number +
                     "\">(" + number + ")</a></div>\n";
        } catch (const std::invalid_argument& error) {
            place_.complain(line.number,
                            "formula (" + number + ") does not parse: " + error.what());
        }
    }
}

// ## Code

// "    //> 1.1: about 8 lines" → "1.1: about 8 lines".
static std::string answer_mark(const std::string& line) {
    const std::size_t begin = line.find_first_not_of(' ');
    return begin != std::string::npos && line.compare(begin, 4, "//> ") == 0
               ? line.substr(begin + 4)
               : "";
}

static bool only_includes(const Piece& piece) {
    return std::all_of(piece.lines.begin(), piece.lines.end(), [](const Line& line) {
        return line.text.empty() || line.text.compare(0, 9, "#include ") == 0;
    });
}

void Weaver::code(const Piece& piece) {
    end_exercise();
    end_beside();
    const bool fold = only_includes(piece);
    html_ += "<div class=\"code\">";
    if (fold) html_ += "<details class=\"includes\"><summary>What it includes</summary>";
    std::vector<Line> lines;
    const auto flush = [&] {
        if (!lines.empty())
            html_ += "<pre tabindex=\"0\">\n<code>" + code_html(lines, place_) + "</code></pre>";
        lines.clear();
    };
    for (const Line& line : piece.lines) {
        const std::string mark = answer_mark(line.text);
        if (!mark.empty()) {
            flush();
            html_ += "<details class=\"answer\" id=\"" + line_id(line) + "\"><summary>Answer " +
                     escaped(mark) + "</summary>";
        } else if (line.text.find_first_not_of(' ') != std::string::npos &&
                   line.text.substr(line.text.find_first_not_of(' ')) == "//<") {
            flush();
            html_ += "</details>";
        } else lines.push_back(line);
    }
    flush();
    html_ += fold ? "</details></div>\n" : "</div>\n";
}

// ## The demo

// A demo must make every picture that its chapter's code saves.
void Weaver::require_pictures(const Piece& piece) {
    const std::string save = "figure::save(\"";
    for (const Line& line : piece.lines) {
        const std::size_t at = line.text.find(save);
        if (at == std::string::npos) continue;
        const std::size_t begin = at + save.size();
        const std::string name = line.text.substr(begin, line.text.find('"', begin) - begin);
        if (!demo_.has_picture(name))
            place_.complain(line.number, "the demo does not make the picture " + name);
    }
}

void Weaver::picture(const std::string& name, const Line& line) {
    if (demo_.has_picture(name)) html_ += demo_.picture_html(name);
    else place_.complain(line.number, "no demo makes the picture " + name);
}

static std::size_t columns_of(const std::vector<Line>& lines) {
    std::size_t most = 0;
    for (const Line& line : lines) most = std::max(most, points(line.text).size());
    return most;
}

// Pictures and narrow text go to the margin, text that is too wide for it below the prose.
void Weaver::show_demo() {
    shown_ = true;
    html_ += "<p class=\"command\">What <code>" + escaped(demo_.command) + "</code> says" +
             escaped(demo_.remark) + ":</p>\n";
    std::vector<Line> said;
    const auto flush = [&] {
        while (!said.empty() && said.back().text.empty()) said.pop_back();
        while (!said.empty() && said.front().text.empty()) said.erase(said.begin());
        if (!said.empty()) (columns_of(said) > 56 ? html_ : aside_) += drawing(said, "said");
        said.clear();
    };
    for (const std::string& line : demo_.output)
        if (line.compare(0, 9, "picture: ") == 0) {
            flush();
            const std::string name = line.substr(9);
            if (placed_.count(name) == 0) aside_ += demo_.picture_html(name);
        } else said.push_back({line, 0, 0});
    flush();
}

std::string chapter_html(const std::vector<Piece>& pieces, Place& place, const Demo& demo) {
    return Weaver(pieces, place, demo).html();
}

}  // namespace book
