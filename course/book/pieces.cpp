// A chapter's file, cut into pieces: comments in the first column are prose in a small markup, all
// else is code.
#include "book/pieces.hpp"

#include "kit/text.hpp"

#include <set>

namespace book {

static bool is_prose(const std::string& line) {
    return begins_with(line, "//") && (line.size() == 2 || line[2] == ' ');
}

static std::size_t indent_of(const std::string& text) {
    const std::size_t found = text.find_first_not_of(' ');
    return found == std::string::npos ? text.size() : found;
}

// The length of "1. " or "12. " at the front, or 0.
static std::size_t step_mark(const std::string& text) {
    const std::size_t digits = text.find_first_not_of("0123456789");
    return digits != 0 && digits < 3 && text.compare(digits, 2, ". ") == 0 ? digits + 2 : 0;
}

// What a line of prose would begin, at the start of a block.
static Kind kind_of(const std::string& text) {
    if (begins_with(text, "# ")) return Kind::title;
    if (begins_with(text, "## Exercise ")) return Kind::exercise;
    if (begins_with(text, "## ")) return Kind::section;
    if (begins_with(text, "    picture: ")) return Kind::picture;
    if (indent_of(text) == 4) return Kind::formulas;
    if (indent_of(text) > 4) return Kind::drawing;
    if (begins_with(text, "Needs: ")) return Kind::facts;
    if (begins_with(text, "> ")) return Kind::aside;
    if (begins_with(text, "- ")) return Kind::bullets;
    if (step_mark(text) > 0) return Kind::steps;
    return Kind::paragraph;
}

// Does a line go on with the block before it?
static bool continues(Kind block, const std::string& text) {
    if (block == Kind::drawing) return indent_of(text) >= 4;
    const Kind kind = kind_of(text);
    if (block == Kind::formulas || block == Kind::picture) return kind == Kind::formulas;
    if (block == Kind::exercise) return begins_with(text, "*");
    if (block == Kind::title || block == Kind::section) return false;
    if (block == Kind::aside || kind == Kind::aside) return block == kind;
    return kind != Kind::title && kind != Kind::section && kind != Kind::exercise &&
           indent_of(text) < 4;
}

std::string slug(const std::string& title) {
    std::string result;
    for (const char c : title)
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) result += c;
        else if (c >= 'A' && c <= 'Z') result += static_cast<char>(c - 'A' + 'a');
        else if (c == ' ' && !result.empty() && result.back() != '-') result += '-';
    while (!result.empty() && result.back() == '-') result.pop_back();
    return result;
}

static void add_code(std::vector<Piece>& pieces, const Line& line) {
    if (pieces.empty() || pieces.back().kind != Kind::code) {
        if (line.text.empty()) return;
        pieces.push_back({Kind::code, {}});
    }
    pieces.back().lines.push_back(line);
}

std::vector<Piece> cut_in_pieces(const std::vector<Line>& lines, const std::string& file,
                                 std::vector<Mistake>& mistakes) {
    std::vector<Piece> pieces;
    bool open = false;  // may the next line of prose go on with the last piece?
    for (Line line : lines) {
        const bool prose = is_prose(line.text) && line.text.size() > 3;
        if (begins_with(line.text, "//> answers")) pieces.push_back({Kind::answers, {line}});
        else if (line.text == "//<") pieces.push_back({Kind::answers_end, {line}});
        else if (prose) {
            line.text.erase(0, 3);
            if (open && continues(pieces.back().kind, line.text))
                pieces.back().lines.push_back(line);
            else pieces.push_back({kind_of(line.text), {line}});
        } else if (!is_prose(line.text)) add_code(pieces, line);
        open = prose;
    }
    std::set<std::string> ids;
    for (Piece& piece : pieces) {
        while (piece.lines.size() > 1 && piece.lines.back().text.empty()) piece.lines.pop_back();
        if (piece.kind != Kind::section) continue;
        piece.id = slug(piece.lines[0].text.substr(3));
        while (!ids.insert(piece.id).second) piece.id += "-again";
    }
    if (pieces.empty() || pieces.front().kind != Kind::title)
        mistakes.push_back({file, 1, "a chapter begins with its title, `// # 1. Tensors`"});
    return pieces;
}

}  // namespace book
