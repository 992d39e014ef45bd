// Links back: an exercise says where it is used, a chapter who needs it. That is known when all
// pages are woven; until then a mark keeps the place.
#include "book/pieces.hpp"

#include <set>

namespace book {

static const std::string mark_begin = "<!--mentions ", mark_end = "-->";

std::string mentions_mark(const std::string& key) { return mark_begin + key + mark_end; }

// "exercise 11.2" → a link that reads "11.2".
static std::string short_link(const std::string& key, const Place& place) {
    return "<a href=\"" + place.from_here(place.links.find(key)) + "\">" +
           key.substr(key.find(' ') + 1) + "</a>";
}

static std::string listed(const std::vector<std::string>& keys, const Place& place) {
    std::string html;
    for (std::size_t i = 0; i < keys.size(); ++i)
        html += (i == 0 ? "" : i + 1 == keys.size() ? " and " : ", ") + short_link(keys[i], place);
    return html;
}

static std::string exercise_mentions(const std::string& key, const Place& place) {
    std::vector<std::string> exercises, chapters;
    for (const std::string& from : place.links.mentions(key))
        if (from != "chapter " + std::to_string(place.chapter))
            (from.compare(0, 8, "exercise") == 0 ? exercises : chapters).push_back(from);
    std::string html;
    if (!exercises.empty())
        html += std::string(exercises.size() == 1 ? "exercise " : "exercises ") +
                listed(exercises, place);
    if (!chapters.empty())
        html += (html.empty() ? "" : " and ") +
                std::string(chapters.size() == 1 ? "chapter " : "chapters ") +
                listed(chapters, place);
    return html.empty() ? "" : " Mentioned again in " + html + ".";
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
    return std::string("<dt>Mentioned in</dt><dd>") +
           (chapters.size() == 1 ? "chapter " : "chapters ") + listed(chapters, place) + "</dd>\n";
}

std::string with_mentions(const std::string& html, const Place& place) {
    std::string result;
    std::size_t at = 0;
    for (std::size_t mark; (mark = html.find(mark_begin, at)) != std::string::npos;) {
        const std::size_t begin = mark + mark_begin.size(), end = html.find(mark_end, begin);
        const std::string key = html.substr(begin, end - begin);
        result += html.substr(at, mark - at) + (key.compare(0, 8, "exercise") == 0
                                                    ? exercise_mentions(key, place)
                                                    : chapter_mentions(key, place));
        at = end + mark_end.size();
    }
    return result + html.substr(at);
}

}  // namespace book
