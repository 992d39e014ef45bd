// The pieces of a chapter, woven into the inside of a page.
#include "book/math.hpp"
#include "book/pieces.hpp"
#include "book/unicode.hpp"

#include "kit/text.hpp"
#include <algorithm>
#include <set>
#include <stdexcept>

namespace book {

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
    void items(const Piece& piece);
    void formulas(const Piece& piece);
    void code(const Piece& piece);
    void picture(const Piece& piece);
    void aside(const Piece& piece);
    void show_demo();
    void require_pictures(const Piece& piece);
    void require_narrow(const Piece& piece);
    void end_exercise();
    void begin_beside();
    void end_beside();
    std::string text(const std::vector<Line>& lines, std::size_t cut = 0) const;

    const std::vector<Piece>& pieces_;
    Place& place_;
    const Demo& demo_;
    std::string html_, aside_;
    bool beside_ = false, in_exercise_ = false, at_demo_ = false, shown_ = false;
    std::set<std::string> placed_;  // the pictures that stand in the text
};

}  // namespace

std::string Weaver::text(const std::vector<Line>& lines, std::size_t cut) const {
    std::string text;
    for (const Line& line : lines) text += text.empty() ? line.text : "\n" + trimmed(line.text);
    return text_html(text.substr(cut), place_, lines.front().number);
}

static std::size_t indent_of(const std::vector<Line>& lines) {
    std::size_t indent = 100;
    for (const Line& line : lines) indent = std::min(indent, line.text.find_first_not_of(' '));
    return indent;
}

static std::size_t columns_of(const std::vector<Line>& lines) {
    std::size_t columns = 0;
    for (const Line& line : lines) columns = std::max(columns, points(line.text).size());
    return columns - indent_of(lines);
}

// As small as its widest line needs: the style sheet knows how wide the page is.
static std::string drawing(const std::vector<Line>& lines, const char* of_class) {
    const std::size_t indent = indent_of(lines);
    std::string inside;
    for (const Line& line : lines)
        inside += as_html(line.text.substr(std::min(indent, line.text.size()))) + "\n";
    return std::string("<div class=\"") + of_class +
           "\" style=\"--columns: " + std::to_string(columns_of(lines)) + "\"><pre>" + inside +
           "</pre></div>\n";
}

// "    picture: 13_table — The hands of the clock." → "13_table"
static std::string picture_in(const Line& line) {
    return line.text.substr(13, line.text.find(' ', 13) - 13);
}

// On a telephone, more columns than these would be too small to read.
void Weaver::require_narrow(const Piece& piece) {
    for (const Line& line : piece.lines)
        if (points(line.text).size() > indent_of(piece.lines) + 60)
            place_.complain(line.number, "a drawing has at most 60 columns");
}

void Weaver::piece(const Piece& piece) {
    switch (piece.kind) {
    case Kind::title: return title(piece);
    case Kind::section: return section(piece);
    case Kind::exercise: return exercise(piece);
    case Kind::paragraph: html_ += "<p>" + text(piece.lines) + "</p>\n"; return;
    case Kind::facts: return facts(piece);
    case Kind::bullets:
    case Kind::steps: return items(piece);
    case Kind::formulas: return formulas(piece);
    case Kind::drawing:
        require_narrow(piece);
        html_ += drawing(piece.lines, "drawing");
        return;
    case Kind::picture: return picture(piece);
    case Kind::aside: return aside(piece);
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
        if (each.kind == Kind::picture) placed_.insert(picture_in(each.lines[0]));
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
    at_demo_ = name == "See it" && !shown_;
    if (at_demo_) begin_beside();
    in_exercise_ = name == "Experiment";
    if (in_exercise_)
        html_ += "<section class=\"exercise\" aria-labelledby=\"" + piece.id + "\">\n";
    html_ += "<h2 id=\"" + piece.id + "\">" + text_html(name, place_, piece.lines[0].number) +
             anchor(piece.id) + "</h2>\n";
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
             anchor(id) + "</h3>\n<p class=\"effort\"><span>" + as_html(heading.length) +
             "</span> <span>difficulty <span role=\"img\" aria-label=\"" + of_3 + " of 3\">" +
             dots + "</span></span> <span>" + std::to_string(heading.minutes) +
             " minutes</span></p>\n";
    place_.exercise = heading.number;
    in_exercise_ = true;
}

// The box ends with where to write, what to do then, and who will need the exercise.
void Weaver::end_exercise() {
    if (!in_exercise_) return;
    const std::string number = place_.exercise;
    const bool experiment = number.empty();
    const std::string key =
        experiment ? "prediction " + std::to_string(place_.chapter) : "answer " + number;
    html_ += "<p class=\"where\">";
    if (!place_.links.find(key).empty())
        html_ +=
            place_.link(key, experiment ? "The place for your prediction" : "The place for it") +
            " is " + place_.shown_file + ". ";
    if (!experiment)
        html_ += "Check it with <code>make check EXERCISE=" + number + "</code>." +
                 mentions_html("exercise " + number, place_);
    html_ += "</p>\n</section>\n";
    place_.exercise.clear();
    in_exercise_ = false;
}

// The lines in groups, each from one that begins it to the next.
static std::vector<std::vector<Line>> grouped(const std::vector<Line>& lines,
                                              bool (*begins)(const std::string& line)) {
    std::vector<std::vector<Line>> groups;
    for (const Line& line : lines) {
        if (groups.empty() || begins(line.text)) groups.emplace_back();
        groups.back().push_back(line);
    }
    return groups;
}

static bool begins_fact(const std::string& line) {
    return begins_with(line, "Check: ") || begins_with(line, "Letters: ") ||
           begins_with(line, "Minutes: ");
}
static bool begins_bullet(const std::string& line) { return begins_with(line, "- "); }
static bool begins_step(const std::string& line) { return line[0] >= '0' && line[0] <= '9'; }

// "Needs: chapter 1.", "Check: `make check`.", "Letters: …" and "Minutes: …", in the margin; and
// where we are in the transformer.
void Weaver::facts(const Piece& piece) {
    if (place_.chapter >= 11 && place_.chapter <= 17)
        html_ += diagram_html(place_.links, place_.chapter);
    aside_ += "<dl class=\"facts\">\n";
    for (const std::vector<Line>& lines : grouped(piece.lines, begins_fact)) {
        const std::size_t colon = lines[0].text.find(": ");
        aside_ += "<dt>" + lines[0].text.substr(0, colon) + "</dt><dd>" + text(lines, colon + 2) +
                  "</dd>\n";
    }
    aside_ += mentions_html("chapter " + std::to_string(place_.chapter), place_) + "</dl>\n" +
              contents_html(pieces_);
    if (!beside_) html_ += "<aside>" + aside_ + "</aside>\n", aside_.clear();
}

void Weaver::items(const Piece& piece) {
    const bool bullets = piece.kind == Kind::bullets;
    html_ += bullets ? "<ul>\n" : "<ol>\n";
    for (const std::vector<Line>& lines :
         grouped(piece.lines, bullets ? begins_bullet : begins_step))
        html_ += "<li>" + text(lines, lines[0].text.find(' ') + 1) + "</li>\n";
    html_ += bullets ? "</ul>\n" : "</ol>\n";
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
            html_ += "<div class=\"formula\" id=\"formula-" + number + "\"><div>" +
                     mathml(formula) + "</div> <a class=\"number\" href=\"#formula-" + number +
                     "\">(" + number + ")</a></div>\n";
        } catch (const std::invalid_argument& error) {
            place_.complain(line.number,
                            "formula (" + number + ") does not parse: " + error.what());
        }
    }
}

// ## Code

static bool only_includes(const Piece& piece) {
    return std::all_of(piece.lines.begin(), piece.lines.end(), [](const Line& line) {
        return line.text.empty() || begins_with(line.text, "#include ");
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
        const std::string text = trimmed(line.text);
        if (begins_with(text, "//> ")) {
            flush();
            html_ += "<details class=\"answer\" id=\"" + line_id(line) + "\"><summary>Answer " +
                     as_html(text.substr(4)) + "</summary>";
        } else if (text == "//<") {
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

void Weaver::picture(const Piece& piece) {
    const Line& line = piece.lines[0];
    const std::string name = picture_in(line), dash = " — ";
    const std::size_t caption = line.text.find(dash);
    if (demo_.has_picture(name))
        html_ += demo_.picture_html(
            name, (caption == std::string::npos ? "" : text(piece.lines, caption + dash.size())) +
                      " Drawn by <code>" + as_html(demo_.command) + "</code>.");
    else place_.complain(line.number, "no demo makes the picture " + name);
}

// "> A remark": in the margin where there is one, and quieter in the text where there is none.
void Weaver::aside(const Piece& piece) {
    std::vector<Line> lines = piece.lines;
    for (Line& line : lines) line.text.erase(0, 2);
    if (lines.size() > 3) place_.complain(lines[0].number, "an aside has at most three lines");
    (beside_ ? aside_ : html_) += "<aside class=\"note\">" + text(lines) + "</aside>\n";
}

// Pictures and narrow text go to the margin, text that is too wide for it below the prose.
void Weaver::show_demo() {
    shown_ = true;
    html_ += "<p class=\"command\">What <code>" + as_html(demo_.command) + "</code> says" +
             as_html(demo_.remark) + ":</p>\n";
    std::vector<Line> said;
    const auto flush = [&] {
        while (!said.empty() && said.back().text.empty()) said.pop_back();
        while (!said.empty() && said.front().text.empty()) said.erase(said.begin());
        if (!said.empty()) (columns_of(said) > 56 ? html_ : aside_) += drawing(said, "said");
        said.clear();
    };
    for (const std::string& line : demo_.output)
        if (begins_with(line, "picture: ")) {
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
