// The glossary: the words of course/book/glossary.txt, each with a sentence. That is the one around
// its first use; or, where that needs others to be understood, the one behind the dash in the list.
#include "book/pieces.hpp"

#include "kit/text.hpp"
#include "kit/whole_file.hpp"

#include <algorithm>
#include <cctype>

namespace book {

std::string Term::id() const { return "term-" + slug(name); }

// "Layer\nnormalisation." → "layer normalisation"
static std::string key_of(const std::string& written) {
    std::string key;
    for (const char c : written)
        key += c == '\n' ? ' ' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (!key.empty() && key.back() == '.') key.pop_back();
    return key;
}

Term* Links::term(const std::string& written) {
    std::string key = key_of(written);
    auto found = terms.find(key);
    if (found == terms.end() && !key.empty() && key.back() == 's') {
        key.pop_back();
        found = terms.find(key);
    }
    return found == terms.end() ? nullptr : &found->second;
}

void read_terms(const std::string& file, Links& links) {
    const std::string dash = " — ";
    int number = 0;
    for (const std::string& line : lines_of(file_text(file))) {
        const std::size_t end = std::min(line.find(dash), line.size());
        Term term{line.substr(0, end), ++number};
        if (end < line.size()) term.sentence = line.substr(end + dash.size());
        links.terms.insert({key_of(term.name), term});
    }
}

std::string glossary_html(Links& links, std::vector<Mistake>& mistakes) {
    std::string html = "<h1>Glossary</h1>\n<dl class=\"glossary\">\n";
    for (const auto& [key, term] : links.terms) {
        if (term.stem.empty()) {
            mistakes.push_back({"course/book/glossary.txt", term.listed,
                                "no chapter has *" + term.name + "* in italics"});
            continue;
        }
        const Place place{links, mistakes, "", "glossary", "", term.chapter};
        const std::string chapter = std::to_string(term.chapter);
        html += "<dt id=\"" + term.id() + "\"><a href=\"" + term.stem + ".html#" + term.id() +
                "\">" + as_html(term.name) + "</a></dt>\n<dd>" +
                text_html(term.sentence, place, 0) + " <span class=\"effort\">" +
                place.link("chapter " + chapter, "chapter " + chapter) + "</span></dd>\n";
    }
    return html + "</dl>\n";
}

}  // namespace book
