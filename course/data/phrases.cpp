#include "data/phrases.hpp"

#include <algorithm>
#include <cctype>
#include <stdexcept>
#include <unordered_set>

namespace phrases {

// ## Words

static bool stands_alone(char c) {
    return std::isdigit(static_cast<unsigned char>(c)) || std::string("(),.").find(c) < 4;
}

Words words_of_text(const std::string& text) {
    Words words;
    bool goes_on = false;  // does the next letter belong to the last word?
    for (char c : text) {
        const bool alone = stands_alone(c);
        if (c != ' ' && (alone || !goes_on)) words.emplace_back();
        if (c != ' ') words.back() += c;
        goes_on = !alone && c != ' ' && c != '-' && c != '|';
    }
    return words;
}

// A blank stands between two words, but for these.
static bool without_blank(const std::string& left, const std::string& right) {
    const auto is_digit = [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; };
    const char last = left.back(), first = right.front();
    if (last == '-' || last == '|' || last == '(') return true;
    if (first == ',' || first == '.' || first == ')') return true;
    return is_digit(last) && is_digit(first);
}

std::string text_of(const Words& words) {
    std::string text;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0 && !without_blank(words[i - 1], words[i])) text += ' ';
        text += words[i];
    }
    text.erase(std::remove(text.begin(), text.end(), '|'), text.end());
    return text;
}

// ## Kinds

const std::vector<std::string>& kinds() {
    static const std::vector<std::string> all = {"alike", "numbers", "hours ago", "S", "lists"};
    return all;
}

static bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

static bool has_number(const std::string& text) {
    for (const char* number : {"thirty-seven", "forty-six", "eighty-three", "ninety-one"})
        if (has(text, number)) return true;
    return false;
}

// Two names, "Kenya and Chad".
static bool is_pair(const std::string& text) {
    return has(text, " and ") && !has(text, ",") &&
           std::isupper(static_cast<unsigned char>(text[0]));
}

static std::string kind_of(const std::string& english, const std::string& german) {
    if (has_number(english)) return "numbers";
    if (has(english, "hour ago") || has(english, "hours ago")) return "hours ago";
    if (has(english, "(S")) return "S";
    if (is_pair(english) && has(german, " und ") && is_held_out(english, 8)) return "lists";
    return is_held_out(english, 20) ? "alike" : "";
}

// ## The file

static Phrase phrase_of(const std::string& line) {
    const std::size_t tab = line.find('\t');
    if (tab == 0 || tab == std::string::npos || tab + 1 == line.size() ||
        line.find('\t', tab + 1) != std::string::npos)
        throw std::invalid_argument("an English phrase, a tab and a German one are needed");
    const std::string english = line.substr(0, tab), german = line.substr(tab + 1);
    return {words_of_text(english), words_of_text(german), kind_of(english, german)};
}

// "Kenya and Chad" and "Iran and Peru" are "Kenya, Chad, Iran, and Peru": in English there is a
// comma in front of the last, in German there is none.
static Words four(const Words& first, const Words& second, const std::string& last,
                  const Words& before_last) {
    const auto seam_of = [&](const Words& pair) {
        return std::find(pair.begin(), pair.end(), last);
    };
    Words all(first.begin(), seam_of(first));
    all.push_back(",");
    all.insert(all.end(), seam_of(first) + 1, first.end());
    all.push_back(",");
    all.insert(all.end(), second.begin(), seam_of(second));
    all.insert(all.end(), before_last.begin(), before_last.end());
    all.insert(all.end(), seam_of(second), second.end());
    return all;
}

static const int all_lines = 30000;

Dataset<Phrases> read() {
    Dataset<Phrases> all;
    Phrases pairs;
    read_lines(
        "phrases.txt",
        [&](const std::string& line) {
            Phrase phrase = phrase_of(line);
            Phrases& to = phrase.kind.empty()      ? all.training
                          : phrase.kind == "lists" ? pairs
                                                   : all.held_out;
            to.push_back(std::move(phrase));
        },
        all_lines);
    for (std::size_t i = 0; i + 1 < pairs.size(); i += 2)
        all.held_out.push_back({four(pairs[i].english, pairs[i + 1].english, "and", {","}),
                                four(pairs[i].german, pairs[i + 1].german, "und", {}), "lists"});
    return all;
}

Vocabulary vocabulary_of(const Phrases& training) {
    std::vector<std::string> names;
    std::unordered_set<std::string> known;
    for (const Phrase& phrase : training)
        for (const Words* words : {&phrase.english, &phrase.german})
            for (const std::string& word : *words)
                if (known.insert(word).second) names.push_back(word);
    return Vocabulary({Mark::padding, Mark::begin, Mark::end, Mark::unknown}, names);
}

}  // namespace phrases
