// Links back: an exercise says where it is used, a chapter who needs it.
#include "book/pieces.hpp"

#include "kit/text.hpp"

#include <set>

namespace book {

// "exercises 11.2 and 11.3", each a link; nothing when there is none.

static std::string listed(const std::string& what, const std::vector<std::string>& keys,
                          const Place& place) {
    std::string html;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        html += i == 0                 ? what + (keys.size() == 1 ? " " : "s ")
                : i + 1 == keys.size() ? " and "
                                       : ", ";
        html += place.link(keys[i], keys[i].substr(keys[i].find(' ') + 1));
    }
    return html;
}

static std::string exercise_mentions(const std::string& key, const Place& place) {
    std::vector<std::string> exercises, chapters;
    for (const std::string& from : place.links.mentions(key))
        if (from != "chapter " + std::to_string(place.chapter))
            (begins_with(from, "exercise") ? exercises : chapters).push_back(from);
    if (exercises.empty() && chapters.empty()) return "";
    return " Mentioned again in " + listed("exercise", exercises, place) +
           (exercises.empty() || chapters.empty() ? "" : " and ") +
           listed("chapter", chapters, place) + ".";
}

static std::string chapter_mentions(const std::string& key, const Place& place) {
    std::vector<std::string> chapters;
    std::set<std::string> seen = {key};
    for (const std::string& from : place.links.mentions(key)) {
        const std::size_t number = from.find(' ') + 1;
        const std::string chapter = "chapter " + from.substr(number, from.find('.') - number);
        if (seen.insert(chapter).second) chapters.push_back(chapter);
    }
    if (chapters.empty()) return "";
    return "<dt>Mentioned in</dt><dd>" + listed("chapter", chapters, place) + "</dd>\n";
}

std::string mentions_html(const std::string& key, const Place& place) {
    return begins_with(key, "exercise") ? exercise_mentions(key, place)
                                        : chapter_mentions(key, place);
}

}  // namespace book
