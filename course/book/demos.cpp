// What the demos print and draw. They run in processes of their own, once for each program: what a
// program has said is kept beside it, under BUILD/demos, until the program changes.
#include "course/book/pieces.hpp"
#include "course/book/unicode.hpp"
#include "course/hash.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

namespace fs = std::filesystem;

namespace book {

static std::string read(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error("cannot read " + path.string());
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

// A demo that trains for minutes is shortened for the book, and the page says so.
struct Shortened {
    const char *chapter, *environment, *remark;
};
static const Shortened shortened[] = {
    {"17", "DEMO_SECONDS=4 DEMO_WORDS=200",
     ", after seconds of training in the place of the minutes that it takes"}};

static Shortened shortening(const std::string& chapter) {
    for (const Shortened& each : shortened)
        if (chapter == each.chapter) return each;
    return {"", "", ""};
}

static int run(const std::string& command, const fs::path& folder) {
    const pid_t child = fork();
    if (child < 0)
        throw std::runtime_error(std::string("cannot start a demo: ") + std::strerror(errno));
    if (child == 0) {
        const std::string said = (folder / "said.txt").string(),
                          errors = (folder / "errors.txt").string();
        const int in = open("/dev/null", O_RDONLY);
        const int out = open(said.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
        const int complaints = open(errors.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
        dup2(in, STDIN_FILENO), dup2(out, STDOUT_FILENO), dup2(complaints, STDERR_FILENO);
        execl("/bin/sh", "sh", "-c", command.c_str(), static_cast<char*>(nullptr));
        _exit(127);
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
    return status;
}

static std::string quoted(const std::string& word) {
    std::string result = "'";
    for (const char c : word) result += c == '\'' ? "'\\''" : std::string(1, c);
    return result + "'";
}

// Runs a demo in a new folder, which takes the old one's place when all went well.
static void run_demo(const std::string& build, const std::string& chapter, const fs::path& folder,
                     const std::string& made_by) {
    const fs::path draft = folder.string() + ".new";
    fs::remove_all(draft);
    fs::create_directories(draft);
    if (isatty(STDERR_FILENO))
        std::fprintf(stderr, "\r\x1b[Kthe demo of chapter %s", chapter.c_str());
    const int status = run(std::string(shortening(chapter).environment) + " exec " +
                               quoted(build + "/course-solved") + " demo " + chapter +
                               " --figures " + quoted(draft.string()),
                           draft);
    if (isatty(STDERR_FILENO)) std::fprintf(stderr, "\r\x1b[K");
    if (status != 0) {
        const std::string errors = read(draft / "errors.txt"), said = read(draft / "said.txt");
        throw std::runtime_error("the demo of chapter " + chapter + " failed:\n" +
                                 (errors.empty() ? said : errors) +
                                 " look: make demo SOLVED=1 CHAPTER=" + chapter);
    }
    std::ofstream(draft / "made_by.txt") << made_by;
    fs::remove_all(folder);
    fs::rename(draft, folder);
}

Demo demo_of(const std::string& build, const std::string& chapter) {
    static const std::string program = std::to_string(fnv1a(read(build + "/course-solved")));
    const Shortened how = shortening(chapter);
    const fs::path folder = fs::path(build) / "demos" / chapter;
    const std::string made_by = program + " " + how.environment;
    const fs::path record = folder / "made_by.txt";
    if (!fs::exists(record) || read(record) != made_by) run_demo(build, chapter, folder, made_by);

    Demo demo;
    const std::string space = *how.environment == '\0' ? "" : " ";
    demo.command = how.environment + space + "make demo CHAPTER=" + chapter;
    demo.remark = how.remark;
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
