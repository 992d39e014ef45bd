#include "book/words.hpp"

#include <map>

namespace book {

// Small letters above and below the line, and the letters that they are.
static const Points above = U"⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿⁱᵀᵗʰᵏ′", raised_as = U"0123456789+−niTthk′";
static const Points below = U"₀₁₂₃₄₅₆₇₈₉₊₋ᵢⱼₖₙₘₜₛ", lowered_as = U"0123456789+−ijknmts";
static const Points signs = U"=+−·×<>≤≥≈≠←→∈";

Points run_of(const Points& text, std::size_t& at, bool (*belongs)(char32_t)) {
    const std::size_t from = at;
    while (at < text.size() && belongs(text[at])) ++at;
    return text.substr(from, at - from);
}

static bool in_name(char32_t c) { return is_letter(c) || is_accent(c); }

int letters_in(const Points& word) {
    int count = 0;
    for (const char32_t c : word) count += is_letter(c);
    return count;
}

static Token word_at(const Points& text, std::size_t& at) {
    Points word = run_of(text, at, in_name);
    while (at + 1 < text.size() && text[at] == U'-' && is_letter(text[at + 1])) {
        word += text[at++];
        word += run_of(text, at, in_name);
    }
    const bool gradient =
        letters_in(word) == 2 && word[0] == U'd' && word.find(U'-') == Points::npos;
    return {letters_in(word) == 1 || gradient ? Is::variable : Is::name, word};
}

static Token small_at(const Points& text, std::size_t& at, const Points& from, const Points& to,
                      Is is) {
    Token token{is};
    for (std::size_t k; at < text.size() && (k = from.find(text[at])) != Points::npos; ++at)
        token.text += to[k];
    return token;
}

static Token token_at(const Points& text, std::size_t& at) {
    static const std::map<char32_t, Is> single = {
        {U'(', Is::open},  {U'[', Is::open},   {U')', Is::close},   {U']', Is::close},
        {U'‖', Is::bar},   {U'_', Is::script}, {U'^', Is::script},  {U'√', Is::root},
        {U'Σ', Is::sum},   {U'/', Is::slash},  {U'∂', Is::partial}, {U',', Is::comma},
        {U':', Is::comma}, {U'…', Is::number}, {U'∞', Is::number}};
    const char32_t c = text[at];
    const auto found = single.find(c);
    if (found != single.end()) return {found->second, Points(1, text[at++])};
    if (is_letter(c)) return word_at(text, at);
    if (is_digit(c)) {
        Token number{Is::number, run_of(text, at, is_digit)};
        if (at + 1 < text.size() && text[at] == U'.' && is_digit(text[at + 1])) {
            number.text += text[at++];
            number.text += run_of(text, at, is_digit);
        }
        return number;
    }
    if (above.find(c) != Points::npos) return small_at(text, at, above, raised_as, Is::raised);
    if (below.find(c) != Points::npos) return small_at(text, at, below, lowered_as, Is::lowered);
    if (c == U'+' && at + 1 < text.size() && text[at + 1] == U'=')
        return at += 2, Token{Is::sign, U"+="};
    if (signs.find(c) != Points::npos) return {Is::sign, Points(1, text[at++])};
    if (c == U'-') throw std::invalid_argument("a minus sign is written −, not -");
    throw std::invalid_argument("'" + bytes(c) + "' has no meaning in a formula");
}

std::vector<Token> words_of(const Points& text) {
    std::vector<Token> tokens;
    for (std::size_t at = 0;;) {
        const bool spaced = at < text.size() && text[at] == U' ';
        while (at < text.size() && text[at] == U' ') ++at;
        if (at == text.size()) break;
        tokens.push_back(token_at(text, at));
        tokens.back().spaced = spaced;
    }
    tokens.push_back({});
    tokens.back().spaced = true;
    return tokens;
}

}  // namespace book
