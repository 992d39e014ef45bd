// What can be pointed at in a chapter: sections, exercises and formulas.
#include "book/pieces.hpp"

#include "kit/text.hpp"

#include <cstdio>

namespace book {

ExerciseHeading heading_of(const Piece& piece) {
    ExerciseHeading heading;
    const std::string& first = piece.lines[0].text;
    const std::size_t begin = std::string("## Exercise ").size(), end = first.find(" — ", begin);
    if (end == std::string::npos || piece.lines.size() < 2) return heading;
    const std::string& second = piece.lines[1].text;
    const std::size_t dot = second.find(" · ");
    if (dot == std::string::npos) return heading;
    heading.number = first.substr(begin, end - begin);
    heading.title = first.substr(end + std::string(" — ").size());
    heading.length = second.substr(1, dot - 1);
    if (std::sscanf(second.c_str() + dot, " · difficulty %d of 3 · %d minutes", &heading.difficulty,
                    &heading.minutes) != 2)
        heading.number.clear();
    return heading;
}

bool cut_number(const std::string& line, std::string& formula, std::string& number) {
    const std::size_t open = line.rfind('('), last = line.size() - 1;
    if (open == std::string::npos || line[last] != ')') return false;
    number = line.substr(open + 1, last - open - 1);
    const std::size_t dot = number.find('.');
    if (dot == 0 || dot == std::string::npos || dot + 1 == number.size() ||
        number.find_first_not_of("0123456789.") != std::string::npos)
        return false;
    const std::size_t end = line.find_last_not_of(' ', open - 1);
    if (end == std::string::npos || end + 3 > open) return false;
    formula = line.substr(4, end - 3);
    return true;
}

void define_links(const std::vector<Piece>& pieces, Place& place) {
    const std::string page = place.stem + ".html#";
    std::string formula, number;
    for (const Piece& piece : pieces)
        if (piece.kind == Kind::exercise) {
            const std::string exercise = heading_of(piece).number;
            place.links.define("exercise " + exercise, page + "exercise-" + exercise);
        } else if (piece.kind == Kind::formulas) {
            for (const Line& line : piece.lines)
                if (cut_number(line.text, formula, number)) {
                    if (!place.links.find("formula " + number).empty())
                        place.complain(line.number, "there are two formulas (" + number + ")");
                    place.links.define("formula " + number, page + "formula-" + number);
                }
        } else if (piece.kind == Kind::code) {
            define_code(piece.lines, place);
        }
}

std::string contents_html(const std::vector<Piece>& pieces) {
    std::string html = "<nav class=\"contents\" aria-label=\"In this chapter\"><ol>\n";
    for (const Piece& piece : pieces)
        if (piece.kind == Kind::section) {
            html += "<li><a href=\"#" + piece.id + "\">" + as_html(piece.lines[0].text.substr(3)) +
                    "</a></li>\n";
        } else if (piece.kind == Kind::exercise) {
            const ExerciseHeading heading = heading_of(piece);
            html += "<li class=\"task\"><a href=\"#exercise-" + heading.number + "\"><b>" +
                    heading.number + "</b> " + as_html(heading.title) + "</a></li>\n";
        }
    return html + "</ol></nav>\n";
}

}  // namespace book
