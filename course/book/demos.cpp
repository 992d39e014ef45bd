// What the demos print and draw. They run in processes of their own, once for each program: what a
// program has said is kept beside it, under BUILD/demos, until the program changes.
#include "book/pieces.hpp"
#include "book/unicode.hpp"
#include "kit/hash.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace fs = std::filesystem;

namespace book {

static std::string read(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error("cannot read " + path.string());
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

// Demos that need a way of their own. One that trains for minutes is shortened for the book, and
// the page says so: a place to load what was learnt at another time. One that measures wants the
// machine for itself.
struct Manner {
    const char *chapter, *environment, *remark;
    bool alone;
};
static const Manner manners[] = {
    {"02", "", "", true},
    {"17", "DEMO_SECONDS=4 DEMO_WORDS=200",
     ", after seconds of training in the place of the minutes that it takes", false}};

static const Manner* manner_of(const std::string& chapter) {
    for (const Manner& manner : manners)
        if (chapter == manner.chapter) return &manner;
    return nullptr;
}

static std::string quoted(const std::string& word) {
    std::string result = "'";
    for (const char c : word) result += c == '\'' ? "'\\''" : std::string(1, c);
    return result + "'";
}

static fs::path folder_of(const std::string& build, const std::string& chapter) {
    return fs::path(build) / "demos" / chapter;
}

// By what a demo's answers are known: the program's content and how it was run.
static std::string maker(const std::string& build, const std::string& chapter) {
    static const std::string program = std::to_string(fnv1a(read(build + "/course-solved")));
    const Manner* const manner = manner_of(chapter);
    return program + " " + (manner ? manner->environment : "");
}

// Runs a demo in a new folder, which takes the old one's place when all went well.
static void run_demo(const std::string& build, const std::string& chapter) {
    const fs::path folder = folder_of(build, chapter), draft = folder.string() + ".new";
    const fs::path said = draft / "said.txt", errors = draft / "errors.txt";
    fs::remove_all(draft);
    fs::create_directories(draft);
    const Manner* const manner = manner_of(chapter);
    const std::string command = "exec env " + std::string(manner ? manner->environment : "") + " " +
                                quoted(build + "/course-solved") + " demo " + chapter +
                                " --figures " + quoted(draft.string()) + " < /dev/null > " +
                                quoted(said.string()) + " 2> " + quoted(errors.string());
    if (std::system(command.c_str()) != 0)
        throw std::runtime_error("the demo of chapter " + chapter + " did not run to its end\n" +
                                 read(errors) + " look: make demo SOLVED=1 CHAPTER=" + chapter);
    std::ofstream(draft / "made_by.txt") << maker(build, chapter);
    fs::remove_all(folder);
    fs::rename(draft, folder);
}

void run_demos(const std::string& build, const std::vector<std::string>& chapters) {
    std::vector<std::string> together;
    for (const std::string& chapter : chapters) {
        const fs::path record = folder_of(build, chapter) / "made_by.txt";
        if (fs::exists(record) && read(record) == maker(build, chapter)) continue;
        const Manner* const manner = manner_of(chapter);
        if (manner && manner->alone) run_demo(build, chapter);
        else together.push_back(chapter);
    }
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
    const fs::path folder = folder_of(build, chapter);
    const Manner* const manner = manner_of(chapter);
    Demo demo;
    demo.command = "make demo CHAPTER=" + chapter;
    if (manner && *manner->environment) demo.command = manner->environment + (" " + demo.command);
    demo.remark = manner ? manner->remark : "";
    demo.folder = folder.string();
    std::istringstream said(read(folder / "said.txt"));
    for (std::string line; std::getline(said, line);) {
        if (line.compare(0, 9, "picture: ") == 0)
            line = "picture: " + fs::path(line).stem().string();
        demo.output.push_back(line);
    }
    return demo;
}

// ## Pictures

bool Demo::has_picture(const std::string& name) const {
    return fs::exists(fs::path(folder) / (name + ".svg"));
}

static std::string between(const std::string& text, const std::string& from,
                           const std::string& to) {
    const std::size_t begin = text.find(from);
    if (begin == std::string::npos) return "";
    const std::size_t end = text.find(to, begin + from.size());
    return text.substr(begin + from.size(), end - begin - from.size());
}

// What a picture says of itself is what a screen reader says.
std::string Demo::picture_html(const std::string& name) const {
    const std::string svg = read(fs::path(folder) / (name + ".svg"));
    std::string alt =
        between(svg, "<title>", "</title>") + ". " + between(svg, "<desc>", "</desc>");
    for (char& c : alt)
        if (c == '"') c = '\'';
    const std::string start = svg.substr(0, svg.find('>'));
    return "<figure id=\"" + name + "\"><img src=\"" + name + ".svg\" alt=\"" + alt +
           "\" width=\"" + between(start, "width='", "'") + "\" height=\"" +
           between(start, "height='", "'") + "\"></figure>\n";
}

}  // namespace book
