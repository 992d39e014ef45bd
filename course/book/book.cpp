// The book as a whole: reads the chapters, weaves each, makes the index, and writes all of it or,
// when there is a mistake in a source, nothing.
#include "book/book.hpp"

#include "book/pieces.hpp"
#include "grader/catalogue.hpp"

#include "kit/text.hpp"
#include "kit/whole_file.hpp"
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <stdexcept>

namespace fs = std::filesystem;

namespace book {

// The lines of a master, or of the stub that was cut from it, each with its place in the master:
// cutting leaves lines out and keeps the order of the others.
static std::vector<Line> source(const std::string& master, const std::string& stub) {
    if (!fs::exists(master)) throw std::runtime_error("cannot read " + master);
    std::vector<Line> result;
    const std::vector<std::string> all = lines_of(file_text(master));
    auto next = all.begin();
    for (const std::string& text : lines_of(file_text(stub))) {
        const auto found = std::find(next, all.end(), text);
        if (found != all.end()) next = found + 1;
        const int number = std::max(1, static_cast<int>(next - all.begin()));
        result.push_back({text, number, static_cast<int>(result.size()) + 1});
    }
    return result;
}

// ## Pages

struct Page {
    Chapter chapter;
    Place place;
    std::vector<Piece> pieces;
    std::vector<Line> header;
    Demo demo;
};

static std::string page_link(const Page& page, const char* relation) {
    return std::string("<a rel=\"") + relation + "\" href=\"" + page.chapter.stem + ".html\">" +
           std::to_string(page.chapter.number) + " " + as_html(page.chapter.title) + "</a>";
}

static std::string whole_page(const std::string& title, const std::string& top,
                              const std::string& inside, Edition edition) {
    const std::string whose =
        edition == Edition::instructor
            ? "<span class=\"edition\">Instructor’s edition, with answers</span>"
            : "";
    return R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>)" + as_html(title) +
           R"(</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="style.css">
</head>
<body>
<a class="skip" href="#text">To the text</a>
<nav class="top" aria-label="The book">
<a href="index.html">Transformer by Hand</a> <a href="glossary.html">Glossary</a>
)" + top + whose +
           "</nav>\n<main id=\"text\">\n" + inside + "</main>\n</body>\n</html>\n";
}

static std::string header_html(const Page& page) {
    return "<h2 id=\"header\">What this chapter promises to others</h2>\n<p><code "
           "class=\"long\">chapters/" +
           page.chapter.stem + ".hpp</code></p>\n<div class=\"code\"><pre tabindex=\"0\"><code>" +
           code_html(page.header, page.place) + "</code></pre></div>\n";
}

static std::string chapter_page(std::vector<Page>& pages, std::size_t at, Edition edition) {
    Page& page = pages[at];
    std::string bottom;
    if (at > 0) bottom += "<span>before: " + page_link(pages[at - 1], "prev") + "</span>";
    if (at + 1 < pages.size())
        bottom += "<span>next: " + page_link(pages[at + 1], "next") + "</span>";
    return whole_page(
        std::to_string(page.chapter.number) + ". " + page.chapter.title + " · Transformer by Hand",
        "<span>" + part_title(page.chapter.number) + "</span>",
        chapter_html(page.pieces, page.place, page.demo) + header_html(page) +
            "<nav class=\"bottom\" aria-label=\"Other chapters\">" + bottom + "</nav>\n",
        edition);
}

// ## The index

static int minutes_of(const Page& page) {
    int minutes = 0;
    for (const Exercise& exercise : page.chapter.exercises) minutes += exercise.minutes;
    return minutes;
}

static std::string chapter_entry(const Page& page) {
    std::string exercises;
    for (const Exercise& exercise : page.chapter.exercises)
        exercises += "<li><a href=\"" + page.chapter.stem + ".html#exercise-" + exercise.id() +
                     "\"><b>" + exercise.id() + "</b> " + text_html(exercise.title, page.place, 0) +
                     "</a></li>\n";
    return "<section class=\"chapter\">\n<h3><a href=\"" + page.chapter.stem +
           ".html\"><span class=\"number\">" + std::to_string(page.chapter.number) + "</span> " +
           as_html(page.chapter.title) + "</a></h3>\n<p class=\"effort\"><span>needs " +
           text_html(page.chapter.needs, page.place, 0) + "</span> <span>" +
           std::to_string(minutes_of(page)) + " minutes</span></p>\n<ol>\n" + exercises +
           "</ol>\n</section>\n";
}

static std::string index_page(const std::vector<Page>& pages, Edition edition) {
    int in_a_hurry = 0;
    for (const Page& page : pages)
        for (const int chapter : {1, 3, 4, 11})
            if (page.chapter.number == chapter) in_a_hurry += minutes_of(page);
    const Place& place = pages.front().place;
    std::string html =
        "<h1>Transformer by Hand</h1>\n<p>A course in C++17 in which you build a transformer "
        "yourself, from the product of two matrices to a trained encoder–decoder. A chapter is one "
        "file that is prose, exercises and program at once; these pages are woven from the files, "
        "and what they show is what the programs said. Read a chapter here or in your editor, "
        "replace a <code>TODO</code>, and let <code>make check</code> look at it. A block of the "
        "picture leads to the chapter that builds it.</p>\n<p>" +
        text_html("In a hurry, take chapters 1, 3, 4 and 11: about ", place, 0) +
        std::to_string(in_a_hurry) + " minutes.</p>\n<div class=\"whole\">\n" +
        diagram_html(place.links, 0) + "<div>\n";
    std::string part;
    for (const Page& page : pages) {
        if (part_title(page.chapter.number) != part) {
            html += (part.empty() ? "<h2>" : "</div>\n<h2>");
            part = part_title(page.chapter.number);
            html += part + "</h2>\n<div class=\"map\">\n";
        }
        html += chapter_entry(page);
    }
    return whole_page("Transformer by Hand", "", html + "</div>\n</div>\n</div>\n", edition);
}

// ## Reading, weaving, writing

static std::vector<Page> read_pages(const BookOrder& order, Links& links,
                                    std::vector<Mistake>& mistakes) {
    std::vector<Page> pages;
    for (const Chapter& chapter : read_catalogue(order.build + "/stubs")) {
        const std::string name = chapter.stem + ".cpp", header = chapter.stem + ".hpp";
        const std::string master = order.root + "/solutions/" + name;
        const bool student = order.edition == Edition::student;
        Place place{links,
                    mistakes,
                    "solutions/" + name,
                    chapter.stem,
                    (student ? "chapters/" : "solutions/") + name,
                    chapter.number};
        const std::vector<Line> lines =
            source(master, student ? order.build + "/stubs/" + name : master);
        Page page{chapter, place, cut_in_pieces(lines, place.file, mistakes), {}, {}};
        const fs::path promised = order.root + "/chapters/" + header;
        if (fs::exists(promised)) page.header = source(promised, promised);
        for (Line& line : page.header) line.shown += 10000;  // ids apart from those of the chapter
        links.define("chapter " + std::to_string(chapter.number), chapter.stem + ".html");
        links.define("header " + header, chapter.stem + ".html#header");
        define_links(page.pieces, page.place);
        define_code(page.header, page.place);
        pages.push_back(page);
    }
    return pages;
}

static int report(const std::vector<Mistake>& mistakes) {
    for (const Mistake& mistake : mistakes)
        std::fprintf(stderr, "%s:%d: %s\n", mistake.file.c_str(), mistake.line,
                     mistake.what.c_str());
    std::fprintf(stderr,
                 "%zu %s in the book's sources; the book was not changed\n next: mend them, then "
                 "make book\n",
                 mistakes.size(), mistakes.size() == 1 ? "mistake" : "mistakes");
    return 1;
}

}  // namespace book

using namespace book;

int write_book(const BookOrder& order) {
    Links links;
    std::vector<Mistake> mistakes;
    std::vector<Page> pages = read_pages(order, links, mistakes);
    read_terms(order.root + "/course/book/glossary.txt", links);
    const std::string book = order.build + "/book", draft = book + ".new";
    fs::remove_all(draft);
    fs::create_directories(draft);
    std::vector<std::string> chapters;
    for (const Page& page : pages) chapters.push_back(page.chapter.id());
    run_demos(order.build, chapters);
    for (Page& page : pages) {
        page.demo = demo_of(order.build, page.chapter.id());
        chapter_html(page.pieces, page.place, page.demo);  // for its mistakes and mentions
        for (const auto& file : fs::directory_iterator(page.demo.folder))
            if (file.path().extension() == ".svg") fs::copy(file.path(), draft);
    }
    const std::string glossary = glossary_html(links, mistakes);
    if (!mistakes.empty()) return report(mistakes);

    for (std::size_t i = 0; i < pages.size(); ++i)
        write_file(draft + "/" + pages[i].chapter.stem + ".html",
                   chapter_page(pages, i, order.edition));
    write_file(draft + "/index.html", index_page(pages, order.edition));
    write_file(draft + "/glossary.html",
               whole_page("Glossary · Transformer by Hand", "", glossary, order.edition));
    fs::copy(order.root + "/course/book/style.css", draft);
    fs::remove_all(book);
    fs::rename(draft, book);
    std::printf("%zu chapters: %s\n", pages.size(),
                fs::proximate(book + "/index.html").string().c_str());
    return 0;
}
