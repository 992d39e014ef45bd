#include "book/math.hpp"

#include "book/words.hpp"
#include "kit/text.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

namespace book {

// ## The grammar of a formula

namespace {

const char behind_comma = '\n', before_sign = '\v';  // in the HTML of a row: a line may end here

std::string without(char mark, std::string html) {
    html.erase(std::remove(html.begin(), html.end(), mark), html.end());
    return html;
}

struct Part {
    std::string html;
    std::string inside = {};  // of a part in parentheses: what stands between them
    bool tall = false;        // is there a fraction in it?
    bool word = false, function = false;
};

class Parser {
public:
    explicit Parser(const Points& text) : tokens_(words_of(text)) {}

    // The terms of which it consists: a line may end behind each.
    std::vector<std::string> whole() {
        const Part all = row();
        if (now().is != Is::end)
            throw std::invalid_argument("'" + bytes(now().text) + "' closes nothing");
        std::vector<std::string> terms;
        std::string html = all.html;
        std::replace(html.begin(), html.end(), before_sign, behind_comma);
        std::stringstream lines(html);
        for (std::string term; std::getline(lines, term, behind_comma);) terms.push_back(term);
        return terms;
    }

private:
    const Token& now() const { return tokens_[at_]; }
    const Token& next() const { return tokens_[at_ + 1]; }
    Token take() { return tokens_[at_++]; }

    bool starts_factor() const {
        static const std::set<Is> starts = {Is::number, Is::variable, Is::name,   Is::open,
                                            Is::root,   Is::sum,      Is::partial};
        return starts.count(now().is) > 0 || (now().is == Is::bar && !inside_bars_);
    }

    Part row();
    Part run();
    Part fraction();
    Part factor();
    Part base();
    Part bracketed();
    Part with_scripts(Part part, const Token& first);
    std::string script(bool indices);
    void require_operands(const Token& sign, bool first) const;

    std::vector<Token> tokens_;
    std::size_t at_ = 0;
    bool inside_bars_ = false, in_script_ = false;
};

}  // namespace

// What is in a row of its own stays on one line.
static std::string mrow(const std::string& html) {
    return "<mrow>" + without(behind_comma, without(before_sign, html)) + "</mrow>";
}
static std::string mo(const std::string& text, const char* extra = "") {
    return std::string("<mo") + extra + ">" + as_html(text) + "</mo>";
}
static std::string gap(const char* width) {
    return std::string("<mspace width=\"") + width + "\"/>";
}

// A row: factors and fractions, signs and commas, up to whatever closes it.
Part Parser::row() {
    Part all;
    bool operand = false, word = false;  // what came last?
    for (;;) {
        if (starts_factor()) {
            const bool spaced = now().spaced;
            const Part part = fraction();
            if (operand && spaced) all.html += gap((word || part.word) ? ".3em" : ".17em");
            all.html += part.html;
            all.tall = all.tall || part.tall;
            operand = true;
            word = part.word;
        } else if (now().is == Is::sign || (now().is == Is::slash && now().spaced)) {
            const Token sign = take();
            require_operands(sign, !operand);
            if (operand) all.html += before_sign;
            all.html += mo(bytes(sign.text), operand ? " form=\"infix\"" : " form=\"prefix\"");
            operand = false;
        } else if (now().is == Is::comma) {
            if (!operand)
                throw std::invalid_argument("nothing stands before '" + bytes(now().text) + "'");
            all.html += mo(bytes(take().text), " separator=\"true\" lspace=\"0\" rspace=\".3em\"");
            all.html += behind_comma;
            operand = false;
        } else break;
    }
    if (all.html.empty()) {
        const bool at_end = now().is == Is::end;
        throw std::invalid_argument(at_end ? "something is missing at the end"
                                           : "nothing stands before '" + bytes(now().text) + "'");
    }
    return all;
}

// A sign needs something on both sides; − and + may begin a row, and · may stand for "any".
void Parser::require_operands(const Token& sign, bool first) const {
    const std::string text = bytes(sign.text);
    if (text == "·" && first) return;
    if (first && text != "−" && text != "+")
        throw std::invalid_argument("nothing stands before '" + text + "'");
    if (!starts_factor() && !(now().is == Is::sign && now().text == U"−"))
        throw std::invalid_argument("nothing stands behind '" + text + "'");
}

// Factors that stand close together, as x_i or f(x).
Part Parser::run() {
    if (!starts_factor()) throw std::invalid_argument("a fraction lacks its lower half");
    Part all = factor();
    while (starts_factor() && !now().spaced) {
        const Part more = factor();
        all = {all.html + more.html, "", all.tall || more.tall, false, all.function};
    }
    return all;
}

Part Parser::fraction() {
    Part upper = run();
    while (now().is == Is::slash && !now().spaced) {
        take();
        if (now().spaced) throw std::invalid_argument("a fraction is written a/b, a slash a / b");
        const Part lower = run();
        if (in_script_) {  // too small for two storeys
            upper = {upper.html + mo("/", " lspace=\"0\" rspace=\"0\"") + lower.html};
            continue;
        }
        const auto half = [](const Part& p) { return mrow(p.inside.empty() ? p.html : p.inside); };
        upper = {"<mfrac>" + half(upper) + half(lower) + "</mfrac>", "", true};
    }
    return upper;
}

Part Parser::factor() {
    const Token first = now();
    return with_scripts(base(), first);
}

// One letter, perhaps with something over it.
static std::string letter(const Points& text) {
    static const std::map<char32_t, const char*> accents = {
        {0x302, "\u02c6"}, {0x303, "\u02dc"}, {0x304, "\u00af"}, {0x307, "\u02d9"}};
    const std::string alone = "<mi>" + bytes(text[0]) + "</mi>";
    if (text.size() == 1) return alone;
    const auto accent = accents.find(text[1]);
    if (accent == accents.end() || text.size() > 2)
        throw std::invalid_argument("'" + bytes(text) + "' has an accent without a meaning");
    return "<mover accent=\"true\">" + alone + mo(accent->second, " stretchy=\"false\"") +
           "</mover>";
}

static Part named(const Token& token) {
    static const std::set<Points> functions = {U"sin", U"cos", U"log", U"exp", U"max", U"min"};
    const Points& text = token.text;
    if (token.is == Is::name) {
        const bool function = functions.count(text) > 0;
        return {"<mi>" + bytes(text) + "</mi>", "", false, !function, function};
    }
    if (letters_in(text) == 1) return {letter(text)};
    return {mrow("<mi mathvariant=\"normal\">d</mi>" + letter(text.substr(1)))};
}

Part Parser::base() {
    if (now().is == Is::open || now().is == Is::bar) return bracketed();
    const Token token = take();
    switch (token.is) {
    case Is::number: return {"<mn>" + bytes(token.text) + "</mn>"};
    case Is::sum: return {mo("∑", " movablelimits=\"false\"")};
    case Is::root: {
        if (!starts_factor() || now().spaced) throw std::invalid_argument("√ has nothing under it");
        const Part under = factor();
        return {"<msqrt>" + mrow(under.inside.empty() ? under.html : under.inside) + "</msqrt>", "",
                under.tall};
    }
    case Is::partial: {
        if (!starts_factor() || now().spaced)
            throw std::invalid_argument("∂ has nothing behind it");
        return {mrow(mo("∂", " lspace=\"0\" rspace=\"0\"") + factor().html)};
    }
    default: return named(token);
    }
}

Part Parser::bracketed() {
    const Token open = take();
    const bool bars = open.is == Is::bar, outer = inside_bars_;
    const std::string closing = bars ? "‖" : open.text == U"(" ? ")" : "]";
    inside_bars_ = bars;
    const std::size_t from = at_;
    const Part all = row();
    const bool breaks = at_ - from > 8 && !in_script_;  // may it be broken?
    inside_bars_ = outer;
    if (bytes(now().text) != closing)
        throw std::invalid_argument("'" + bytes(open.text) + "' is not closed");
    take();
    const std::string shape = !all.tall ? " stretchy=\"false\""
                              : breaks  ? " stretchy=\"true\" minsize=\"2.6em\""
                                        : " stretchy=\"true\"";
    const auto fence = [&](const std::string& text, const char* form) {
        return mo(text, (shape + " form=\"" + form + "\"").c_str());
    };
    Part part{fence(bytes(open.text), "prefix") + all.html + fence(closing, "postfix")};
    if (!breaks) part.html = mrow(part.html);
    if (part.html.find(behind_comma) != std::string::npos)
        part.html = without(before_sign, part.html);
    if (closing == ")") part.inside = all.html;
    part.tall = all.tall;
    return part;
}

// What follows _ or ^: a group in parentheses, or one thing.
std::string Parser::script(bool indices) {
    const Token mark = take();
    if (now().spaced || now().is == Is::end)
        throw std::invalid_argument("'" + bytes(mark.text) + "' has nothing behind it");
    if (now().is == Is::open) {
        const bool outer = in_script_;
        in_script_ = true;
        const Part group = bracketed();
        in_script_ = outer;
        return mrow(group.inside.empty() ? group.html : group.inside);
    }
    if (!starts_factor())
        throw std::invalid_argument("'" + bytes(mark.text) + "' has nothing behind it");
    if (indices && letters_in(now().text) == 2) {
        std::string both;
        for (const char32_t letter : take().text) both += "<mi>" + bytes(letter) + "</mi>";
        return mrow(both);
    }
    return base().html;
}

static std::string small(const Points& text) {
    std::string html;
    for (const char32_t c : text)
        html += is_digit(c)    ? "<mn>" + bytes(c) + "</mn>"
                : is_letter(c) ? "<mi>" + bytes(c) + "</mi>"
                               : mo(bytes(c), " form=\"prefix\"");
    return mrow(html);
}

Part Parser::with_scripts(Part part, const Token& first) {
    std::string lower, upper;
    for (;;) {
        const Token& mark = now();
        if (mark.spaced) break;
        const bool down = mark.is == Is::lowered || (mark.is == Is::script && mark.text == U"_");
        const bool up = mark.is == Is::raised || (mark.is == Is::script && mark.text == U"^");
        if (!down && !up) break;
        std::string& place = down ? lower : upper;
        if (!place.empty()) throw std::invalid_argument("two scripts stand in one place");
        place = mark.is == Is::script ? script(first.is == Is::variable) : small(take().text);
    }
    if (lower.empty() && upper.empty()) return part;
    const bool limits = first.is == Is::sum || first.text == U"max" || first.text == U"min";
    const std::string under = limits ? "munder" : "msub", over = limits ? "mover" : "msup";
    const std::string tag = upper.empty() ? under : lower.empty() ? over : under + over.substr(1);
    if (part.html.find_first_of("\n\v") != std::string::npos) part.html = mrow(part.html);
    return {"<" + tag + ">" + part.html + lower + upper + "</" + tag + ">", "", part.tall,
            part.word && lower.empty(), part.function};
}

// ## Pieces

// A piece that says something in words, such as "for all p". Its letters are still variables,
// except for the words `a` and `I`.
static bool is_remark(const Points& piece) {
    bool word = false;
    for (std::size_t at = 0; at < piece.size(); ++at) {
        const char32_t c = piece[at];
        if (!is_letter(c) && c != U' ' && c != U',' && c != U'?' && c != U'.') return false;
        word = word || (at > 0 && is_letter(c) && is_letter(piece[at - 1]));
    }
    return word && piece.find(U' ') != Points::npos;
}

static std::string remark(const Points& piece) {
    std::string html, text;
    const auto flush = [&] {
        if (!text.empty()) html += "<mtext>" + text + "</mtext>";
        text.clear();
    };
    for (std::size_t at = 0; at < piece.size();) {
        const Points word = run_of(piece, at, is_letter);
        const bool variable = word.size() == 1 && word != U"a" && word != U"I";
        if (variable) flush(), html += "<mi>" + bytes(word) + "</mi>";
        else text += bytes(word);
        for (; at < piece.size() && !is_letter(piece[at]); ++at)
            text += piece[at] == U' ' ? "\u00a0" : bytes(piece[at]);
    }
    flush();
    return html;
}

std::string mathml(const std::string& formula) {
    const Points text = points(formula);
    std::string html;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find(U"   ", at), text.size());
        const Points piece = text.substr(at, end - at);
        html += "<span role=\"math\" aria-label=\"" + as_html(bytes(piece)) + "\">";
        const bool words = is_remark(piece);
        for (const std::string& term : words ? std::vector{remark(piece)} : Parser(piece).whole())
            html += "<math displaystyle=\"true\">" + mrow(term) + "</math>";
        html += "</span>";
        at = std::min(text.find_first_not_of(U' ', end), text.size());
    }
    if (html.empty()) throw std::invalid_argument("the formula is empty");
    return html;
}

}  // namespace book
