// What the demos print and draw. They run in processes of their own, once for each program: what a
// program has said is kept beside it, under BUILD/demos, until the program changes.
#include "book/pieces.hpp"
#include "kit/hash.hpp"

#include "kit/text.hpp"
#include "kit/whole_file.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <set>
#include <stdexcept>
#include <thread>

namespace fs = std::filesystem;

namespace book {

// Demos that need a way of their own. One that trains for minutes shows in the book what was learnt
// at another time, and one that measures wants the machine for itself; the page says so.
struct Manner {
    std::string environment = "", remark = "";
    bool alone = false;  // on all threads; the others share the cores, on one thread each
};
static Manner manner_of(const std::string& chapter) {
    if (chapter == "02") return {"", ", on the machine that made this book", true};
    for (const char* each : {"05", "10", "15", "18"})
        if (chapter == each) return {"LEARNT=data/learnt ", ", with what was learnt before"};
    if (chapter == "19") return {"DEMO_STEPS=50 ", ", a part of its steps"};
    if (chapter == "17" || (chapter >= "20" && chapter <= "25"))
        return {"TRAINED=1 ", ", with parameters that were learnt before"};
    if (chapter == "26") return {"TRAINED=1 ", ", with models that learnt before", true};
    return {};
}

static std::string folder_of(const std::string& build, const std::string& chapter) {
    return build + "/demos/" + chapter;
}

// By what a demo's answers are known: the program's content and how it was run.
static std::string maker(const std::string& build, const std::string& chapter) {
    static const std::string program = std::to_string(fnv1a(file_text(build + "/course-solved")));
    return program + " " + manner_of(chapter).environment;
}

// Runs a demo in a new folder, which takes the old one's place when all went well.
static void run_demo(const std::string& build, const std::string& chapter) {
    const std::string folder = folder_of(build, chapter), draft = folder + ".new";
    const std::string said = draft + "/said.txt", errors = draft + "/errors.txt";
    fs::remove_all(draft);
    fs::create_directories(draft);
    const Manner manner = manner_of(chapter);
    const std::string command = "exec env " + manner.environment +
                                (manner.alone ? "" : "THREADS=1 ") +
                                as_shell_word(build + "/course-solved") + " demo " + chapter +
                                " --figures " + as_shell_word(draft) + " < /dev/null > " +
                                as_shell_word(said) + " 2> " + as_shell_word(errors);
    if (std::system(command.c_str()) != 0)
        throw std::runtime_error("the demo of chapter " + chapter + " did not run to its end\n" +
                                 file_text(errors) +
                                 " look: make demo SOLVED=1 CHAPTER=" + chapter);
    write_file(draft + "/made_by.txt", maker(build, chapter));
    fs::remove_all(folder);
    fs::rename(draft, folder);
}

void run_demos(const std::string& build, const std::vector<std::string>& chapters) {
    std::vector<std::string> together;
    for (const std::string& chapter : chapters) {
        const std::string made_by = file_text(folder_of(build, chapter) + "/made_by.txt");
        if (made_by == maker(build, chapter)) continue;
        if (manner_of(chapter).alone) run_demo(build, chapter);
        else together.push_back(chapter);
    }
    // Those that take longest come first, so that the end is not one of them alone.
    const auto takes_long = [](const std::string& chapter) {
        return std::set<std::string>{"10", "15", "18", "19"}.count(chapter) > 0;
    };
    std::stable_partition(together.begin(), together.end(), takes_long);
    std::atomic<std::size_t> next{0};
    const auto work = [&] {
        for (std::size_t i; (i = next++) < together.size();) run_demo(build, together[i]);
    };
    std::vector<std::future<void>> helpers;
    for (unsigned i = 0; i < std::max(1u, std::thread::hardware_concurrency()); ++i)
        helpers.push_back(std::async(std::launch::async, work));
    for (std::future<void>& helper : helpers) helper.get();
}

Demo demo_of(const std::string& build, const std::string& chapter) {
    const Manner manner = manner_of(chapter);
    Demo demo{manner.environment + "make demo CHAPTER=" + chapter,
              manner.remark,
              folder_of(build, chapter),
              {}};
    for (const std::string& line : lines_of(file_text(demo.folder + "/said.txt")))
        demo.output.push_back(
            begins_with(line, "picture: ") ? "picture: " + fs::path(line).stem().string() : line);
    return demo;
}

// ## Pictures

bool Demo::has_picture(const std::string& name) const {
    return fs::exists(folder + "/" + name + ".svg");
}

static std::string between(const std::string& text, const std::string& from,
                           const std::string& to) {
    const std::size_t begin = text.find(from);
    if (begin == std::string::npos) return "";
    const std::size_t end = text.find(to, begin + from.size());
    return text.substr(begin + from.size(), end - begin - from.size());
}

// What a picture says of itself is what a screen reader says.
std::string Demo::picture_html(const std::string& name, const std::string& caption) const {
    const std::string svg = file_text(folder + "/" + name + ".svg");
    const std::string alt =
        between(svg, "<title>", "</title>") + ". " + between(svg, "<desc>", "</desc>");
    const std::string start = svg.substr(0, svg.find('>'));
    return "<figure id=\"" + name + "\"><img src=\"" + name + ".svg\" alt=\"" + alt +
           "\" width=\"" + between(start, "width='", "'") + "\" height=\"" +
           between(start, "height='", "'") + "\">" +
           (caption.empty() ? "" : "<figcaption>" + caption + "</figcaption>") + "</figure>\n";
}

}  // namespace book
