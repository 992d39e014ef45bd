// What the parts of the weaver hand to each other. Private to this folder.
#pragma once

#include <algorithm>

#include <map>
#include <string>
#include <vector>

namespace book {

// ## Sources and mistakes in them

struct Line {
    std::string text;
    int number;  // in the master, where an author mends it
    int shown;   // in the file that the reader has
};

struct Mistake {
    std::string file;
    int line;
    std::string what;
};

// ## A chapter in pieces

enum class Kind {
    title,
    section,
    exercise,
    paragraph,
    aside,
    facts,
    bullets,
    steps,
    formulas,
    drawing,
    picture,
    code,
    answers,
    answers_end
};

struct Piece {
    Kind kind;
    std::vector<Line> lines;  // without the comment signs, unless it is code
    std::string id = {};      // of a section: "Why it is so" → "why-it-is-so"
};

// Throws nothing: what has no meaning is reported.
std::vector<Piece> cut_in_pieces(const std::vector<Line>& lines, const std::string& file,
                                 std::vector<Mistake>& mistakes);

struct ExerciseHeading {
    std::string number, title, length;
    int difficulty = 0, minutes = 0;
};

// "## Exercise 1.2 — Title" and "*About 8 lines · difficulty 2 of 3 · 15 minutes*"; without a
// number when it is not written so.
ExerciseHeading heading_of(const Piece& piece);

// A line of a group of formulas: "y = x W   (4.1)" is cut into formula and number.
bool cut_number(const std::string& line, std::string& formula, std::string& number);

// ## Links

// A word of the glossary, the sentence that explains it, and where it is in *italics* first.
struct Term {
    std::string name;  // as course/book/glossary.txt has it
    int listed;        // there, in which line
    std::string sentence = {}, stem = {};
    int chapter = 0, line = 0;

    std::string id() const;  // "term-layer-normalisation"
};

std::string slug(const std::string& title);  // "Why it is so" → "why-it-is-so"

// Everything in the book that can be pointed at, by keys such as "chapter 11", "exercise 11.2",
// "answer 11.2", "formula 11.3", "code softmax 3" and "header 11_attention.hpp", and who does.
class Links {
public:
    void define(const std::string& key, const std::string& href) { targets_.emplace(key, href); }
    std::string find(const std::string& key) const {  // "" when there is none
        const auto found = targets_.find(key);
        return found == targets_.end() ? "" : found->second;
    }
    // Chapters that are in the book; a number of another one is a promise, and no dead link.
    bool has_chapter(int number) const {
        return !find("chapter " + std::to_string(number)).empty();
    }

    void mention(const std::string& key, const std::string& from) {
        std::vector<std::string>& all = mentions_[key];
        if (std::find(all.begin(), all.end(), from) == all.end()) all.push_back(from);
    }
    const std::vector<std::string>& mentions(const std::string& key) { return mentions_[key]; }

    // The term that is written so, in capitals or not, one or many; null when it is none.
    Term* term(const std::string& written);
    std::map<std::string, Term> terms;  // by their names in small letters

private:
    std::map<std::string, std::string> targets_;
    std::map<std::string, std::vector<std::string>> mentions_;
};

// Where we are while a page is written.
struct Place {
    Links& links;
    std::vector<Mistake>& mistakes;
    std::string file, stem;  // "solutions/11_attention.cpp" and "11_attention"
    std::string shown_file;  // "chapters/11_attention.cpp"
    int chapter = 0;
    std::string exercise = "";  // "11.2" inside its box

    void complain(int line, const std::string& what) const {
        mistakes.push_back({file, line, what});
    }

    // A link to what the key names; the text alone when that is not in the book.
    std::string link(const std::string& key, const std::string& html,
                     const std::string& attributes = "") const;
};

std::string code_key(const std::string& name, int chapter);  // "code softmax 3"
std::string line_id(const Line& line);

// Puts what can be pointed at into place.links: functions, types, and the places for answers.
void define_code(const std::vector<Line>& lines, const Place& place);
void define_links(const std::vector<Piece>& pieces, Place& place);

// ## HTML

// Running text, with *emphasis*, `code`, links, scripts and letters that are variables.
std::string text_html(const std::string& text, const Place& place, int line);

// Code, coloured, with an anchor at each function and type that begins in the first column.
std::string code_html(const std::vector<Line>& lines, const Place& place);

// The sections and exercises of a chapter, as links.
std::string contents_html(const std::vector<Piece>& pieces);

// Who mentions an exercise or a chapter, as far as that is known: when all pages
// were woven once.
std::string mentions_html(const std::string& key, const Place& place);

// What a chapter's demo says and draws.
struct Demo {
    std::string command, remark;      // as a reader would type it, and what to know about it
    std::string folder;               // where its pictures are
    std::vector<std::string> output;  // lines; a picture's is "picture: 11_words"

    bool has_picture(const std::string& name) const;
    std::string picture_html(const std::string& name, const std::string& caption = "") const;
};

// Runs the demos of BUILD/course-solved, except those that this very program has run before.
void run_demos(const std::string& build, const std::vector<std::string>& chapters);
Demo demo_of(const std::string& build, const std::string& chapter);

// The transformer, each block a link to its chapter: filled if that one is not behind `chapter`,
// and marked if it is the same; with 0 all that the book has is filled.
std::string diagram_html(const Links& links, int chapter);

// Reads the words of the glossary, one a line, some with a sentence; and, when all pages were woven
// once, explains them.
void read_terms(const std::string& file, Links& links);
std::string glossary_html(Links& links, std::vector<Mistake>& mistakes);

// A chapter as the inside of its page.
std::string chapter_html(const std::vector<Piece>& pieces, Place& place, const Demo& demo);

}  // namespace book
