// Running text: *emphasis*, `code`, links to what it speaks of, and single letters as variables.
#include "book/pieces.hpp"
#include "book/unicode.hpp"

#include "kit/text.hpp"

#include <algorithm>
#include <cstdlib>

namespace book {

std::string Place::link(const std::string& key, const std::string& html,
                        const std::string& attributes) const {
    std::string href = links.find(key);
    if (href.empty()) return html;
    const std::string page = stem + ".html#";
    if (begins_with(href, page)) href.erase(0, page.size() - 1);  // it is on this page
    return "<a" + attributes + " href=\"" + href + "\">" + html + "</a>";
}

std::string code_key(const std::string& name, int chapter) {
    return "code " + name + " " + std::to_string(chapter);
}

// A name as it is meant in a chapter: its own, or the youngest of the chapters before.
static std::string key_of_name(const Place& place, const std::string& name) {
    for (int chapter = place.chapter; chapter > 0; --chapter)
        if (!place.links.find(code_key(name, chapter)).empty()) return code_key(name, chapter);
    return "";
}

namespace {

class Text {
public:
    Text(const std::string& text, const Place& place, int line)
        : text_(points(text)), place_(place), line_(line) {}

    std::string html() {
        while (at_ < text_.size()) step();
        return html_;
    }

private:
    char32_t here(std::size_t further = 0) const {
        return at_ + further < text_.size() ? text_[at_ + further] : U' ';
    }
    char32_t before() const { return at_ > 0 ? text_[at_ - 1] : U' '; }
    bool stands_here(const Points& word) const {
        return text_.compare(at_, word.size(), word) == 0;
    }
    bool starts_word() const {
        return !is_letter(before()) && !is_digit(before()) && before() != U'_' && before() != U'.';
    }
    int line() const {
        return line_ + static_cast<int>(std::count(text_.begin(), text_.begin() + at_, U'\n'));
    }
    std::string take(std::size_t count) {
        at_ += count;
        return as_html(bytes(text_.substr(at_ - count, count)));
    }
    void put(std::size_t count) { html_ += take(count); }
    void put_link(const std::string& key, std::size_t count);
    std::size_t number_length(std::size_t from) const;

    void step();
    bool joins_with_next() const;
    bool code();
    bool emphasis();
    std::size_t sentence_end(std::size_t from) const;
    std::string term_id(const std::string& name, std::size_t end) const;
    bool formula_number();
    bool reference();
    bool chapter_list();
    bool file_name();
    bool variable();
    void scripts();

    Points text_;
    const Place& place_;
    int line_;
    std::size_t at_ = 0;
    std::string html_;
};

}  // namespace

// Is this the slash of a quotient, and not that of a path or of two words?
bool Text::joins_with_next() const {
    const bool word = is_letter(here(1)) && is_letter(here(2));
    return here() == U'/' && here(1) != U' ' && here(1) != U'\n' && !word;
}

void Text::step() {
    if (code() || emphasis() || formula_number()) return;
    if (starts_word() && (chapter_list() || reference() || file_name() || variable())) return;
    if (is_digit(before()) && variable()) return;  // as in 2i
    if (joins_with_next()) {                       // ∞/∞ stays on one line
        html_ += "<span class=\"joined\">";
        put(1);
        step();
        html_ += "</span>";
    } else put(1);
}

void Text::put_link(const std::string& key, std::size_t count) {
    html_ += place_.link(key, take(count));
    const std::string from = place_.exercise.empty() ? "chapter " + std::to_string(place_.chapter)
                                                     : "exercise " + place_.exercise;
    if (from != key && !place_.links.find(key).empty()) place_.links.mention(key, from);
}

// The length of "11.2" at a place, or 0.
std::size_t Text::number_length(std::size_t from) const {
    std::size_t end = from, dot = 0;
    for (; end < text_.size(); ++end)
        if (text_[end] == U'.' && dot == 0 && end > from && end + 1 < text_.size() &&
            is_digit(text_[end + 1]))
            dot = end;
        else if (!is_digit(text_[end])) break;
    return dot > 0 ? end - from : 0;
}

// `softmax(x)`: a link to where softmax is defined, when it is a name of the course.
bool Text::code() {
    if (here() != U'`') return false;
    const std::size_t end = text_.find(U'`', at_ + 1);
    if (end == Points::npos) {
        place_.complain(line(), "a ` is not closed");
        return put(1), true;
    }
    const std::string inside = bytes(text_.substr(at_ + 1, end - at_ - 1));
    const std::size_t name_end =
        inside.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
    const std::string key = name_end == std::string::npos || inside[name_end] == '('
                                ? key_of_name(place_, inside.substr(0, name_end))
                                : "";
    const char* tag = inside.size() > 26 ? "<code class=\"long\">" : "<code>";
    html_ += place_.link(key, tag + as_html(inside) + "</code>", " class=\"name\"");
    at_ = end + 1;
    return true;
}

bool Text::emphasis() {
    if (here() != U'*' || !starts_word() || here(1) == U' ' || here(1) == U'*') return false;
    std::size_t end = at_ + 1;
    do end = text_.find(U'*', end + 1);
    while (end != Points::npos && text_[end - 1] == U' ');
    if (end == Points::npos) {
        place_.complain(line(), "an emphasis that begins with * is not closed");
        return put(1), true;
    }
    const std::string inside = bytes(text_.substr(at_ + 1, end - at_ - 1));
    const std::string id = term_id(inside, end + 1);
    html_ += id.empty() ? "<em>" : "<dfn id=\"" + id + "\">";
    html_ += Text(inside, place_, line()).html() + (id.empty() ? "</em>" : "</dfn>");
    at_ = end + 1;
    return true;
}

// Where a sentence ends: behind a full stop or question mark that no small letter follows.
std::size_t Text::sentence_end(std::size_t from) const {
    for (std::size_t i = from; i < text_.size(); ++i) {
        if (text_[i] != U'.' && text_[i] != U'?') continue;
        const std::size_t end = text_.find_first_not_of(U"*)\"", i + 1);
        if (end == Points::npos) break;
        const char32_t next = end + 1 < text_.size() ? text_[end + 1] : U' ';
        if ((text_[end] == U' ' || text_[end] == U'\n') && (next < U'a' || next > U'z')) return end;
    }
    return text_.size();
}

// The anchor of a term that is in italics from here to `end`, if it is here for the first time; the
// sentence around it goes to the glossary, with the one before if it points there, as "This is …".
std::string Text::term_id(const std::string& name, std::size_t end) const {
    Term* const term = place_.links.term(name);
    if (!term) return "";
    if (term->stem.empty()) {
        std::size_t before = 0, from = 0, to = sentence_end(0);
        while (to <= at_) before = from, from = to + 1, to = sentence_end(from);
        if (to <= end) to = sentence_end(sentence_end(to + 1) + 1);  // "*Clipping.* Now and then …"
        for (const Points word : {U"This", U"That", U"These", U"Such"})
            if (text_.compare(from, word.size(), word) == 0) from = before;
        if (term->sentence.empty()) term->sentence = bytes(text_.substr(from, to - from));
        if (term->sentence.back() == ':') term->sentence.back() = '.';
        term->stem = place_.stem, term->chapter = place_.chapter, term->line = line();
    }
    return term->stem == place_.stem && term->line == line() ? term->id() : "";
}

// (11.3), but not exp(2.45)
bool Text::formula_number() {
    const std::size_t length = here() == U'(' && !is_letter(before()) ? number_length(at_ + 1) : 0;
    if (length == 0 || here(length + 1) != U')') return false;
    const std::string number = bytes(text_.substr(at_ + 1, length)), key = "formula " + number;
    if (place_.links.find(key).empty() && place_.links.has_chapter(std::atoi(number.c_str())))
        place_.complain(line(), "there is no formula (" + number + ")");
    put_link(key, length + 2);
    return true;
}

// "exercise 1.5", where the number must be right, and "of 1.5", where it may be a plain number.
bool Text::reference() {
    for (const Points word : {U"exercise", U"Exercise", U"exercises", U"of", U"in", U"as"}) {
        const std::size_t size = word.size();
        if (!stands_here(word) || (here(size) != U' ' && here(size) != U'\n')) continue;
        const std::size_t length = number_length(at_ + size + 1);
        if (length == 0) continue;
        const std::string number = bytes(text_.substr(at_ + size + 1, length));
        const std::string key = "exercise " + number;
        if (!place_.links.find(key).empty()) {
            if (size == 2) put(size + 1), put_link(key, length);
            else put_link(key, size + 1 + length);
            return true;
        }
        if (size > 2 && place_.links.has_chapter(std::atoi(number.c_str())))
            place_.complain(line(), "there is no exercise " + number);
    }
    return false;
}

// "chapter 4", "chapters 12, 13 and 14": each number is a link.
bool Text::chapter_list() {
    if (!stands_here(U"chapter") && !stands_here(U"Chapter")) return false;
    const std::size_t size = here(7) == U's' ? 8 : 7;
    if (is_letter(here(size)) || !is_digit(here(size + 1))) return false;
    put(size + 1);
    for (;;) {
        std::size_t digits = 0;
        while (is_digit(here(digits))) ++digits;
        put_link("chapter " + bytes(text_.substr(at_, digits)), digits);
        std::size_t more = 0;
        for (const Points joint :
             {U", ", U" and ", U" to ", U"\nand ", U"\nto ", U" and\n", U" to\n"})
            if (stands_here(joint) && is_digit(here(joint.size()))) more = joint.size();
        if (more == 0 || number_length(at_ + more) > 0) return true;
        put(more);
    }
}

// 03_autodiff.hpp
bool Text::file_name() {
    std::size_t size = 0;
    while (is_letter(here(size)) || is_digit(here(size)) || here(size) == U'_') ++size;
    if (size == 0 || text_.compare(at_ + size, 4, U".hpp") != 0) return false;
    const std::string key = "header " + bytes(text_.substr(at_, size + 4));
    if (place_.links.find(key).empty()) return false;
    put_link(key, size + 4);
    return true;
}

// x, x_i, dx̂_j. The words `a`, `A` and `I` are left alone where they look like words.
bool Text::variable() {
    std::size_t end = 0, letters = 0;
    for (; is_letter(here(end)) || is_accent(here(end)); ++end) letters += is_letter(here(end));
    const bool gradient = letters == 2 && here() == U'd' && here(1) != U'o' && here(1) != U'e';
    if (end == 0 || (letters != 1 && !gradient)) return false;
    if (before() == U'\'' || before() == U'-' || here(end) == U'\'' || here(end) == U'+')
        return false;
    const bool space = here(end) == U' ' || here(end) == U'\n';
    const bool marked = Points(U"*`\"[").find(here(end + 1)) != Points::npos;
    const bool word_follows =
        space && (marked || (is_letter(here(end + 1)) && is_letter(here(end + 2))));
    const bool first =
        before() == U' ' || before() == U'\n' || before() == U'"' || before() == U'(';
    const bool counts = space && is_digit(here(end + 1));  // a 0, and not the product of two
    if (here() == U'I' || (here() == U'a' && (word_follows || counts))) return false;
    const bool new_sentence = at_ < 2 || before() == U'(' || before() == U'"' ||
                              text_[at_ - 2] == U'.' || text_[at_ - 2] == U':' ||
                              text_[at_ - 2] == U'?';
    if (here() == U'A' && word_follows && first && new_sentence) return false;
    if (gradient) html_ += "d", ++at_, --end;
    html_ += "<i>";
    put(end);
    html_ += "</i>";
    scripts();
    return true;
}

// _i, _(t − 1), ^2: what is longer than two letters is a name, as in c_step.
void Text::scripts() {
    while (here() == U'_' || here() == U'^') {
        std::size_t begin = 1, end = 1;
        if (here(1) == U'(') {
            ++begin;
            end = text_.find(U')', at_) - at_;
            if (end > text_.size()) return;
        } else {
            while (is_letter(here(end)) || is_digit(here(end))) ++end;
            if (end == 1 || end > 3 || here(end) == U'_') return;
            end = std::max(end, 1 + number_length(at_ + 1));  // e^6.5
        }
        const std::string tag = here() == U'_' ? "sub" : "sup";
        const Points index = text_.substr(at_ + begin, end - begin);
        const bool two = index.size() == 2 && is_letter(index[0]) && is_letter(index[1]);
        const std::string inside =
            two ? "<i>" + bytes(index) + "</i>" : text_html(bytes(index), place_, line());
        html_ += "<" + tag + ">" + inside + "</" + tag + ">";
        at_ += begin == 2 ? end + 1 : end;
    }
}

std::string text_html(const std::string& text, const Place& place, int line) {
    return Text(text, place, line).html();
}

}  // namespace book
