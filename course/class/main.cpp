// The instructor's program: grades a class. It is a judge, made of the same rooms and stubs, with
// no line of a student's code in it; it is not part of what students get.

#include "class/class.hpp"
#include "class/gradescope.hpp"
#include "class/similar.hpp"
#include "kit/places.hpp"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <sstream>
#include <stdexcept>

namespace fs = std::filesystem;

namespace {

struct Arguments {
    std::string verb, submissions, out, chapters, share, seed = "0";
    int jobs = 0;
};

}  // namespace

static Arguments parse(int argc, char** argv) {
    Arguments arguments;
    arguments.verb = argc > 1 ? argv[1] : "help";
    for (int i = 2; i < argc; ++i) {
        const std::string word = argv[i];
        const bool option = word.compare(0, 2, "--") == 0;
        if (option && i + 1 >= argc) throw std::runtime_error(word + " needs a value");
        if (word == "--out") arguments.out = argv[++i];
        else if (word == "--seed") arguments.seed = argv[++i];
        else if (word == "--chapters") arguments.chapters = argv[++i];
        else if (word == "--share") arguments.share = argv[++i];
        else if (word == "--jobs") arguments.jobs = std::atoi(argv[++i]);
        else if (option) throw std::runtime_error("no option " + word);
        else arguments.submissions = word;
    }
    return arguments;
}

// "11 12" → those chapters; all, when none is named.
static std::vector<Chapter> chapters_named(std::string numbers,
                                           const std::vector<Chapter>& catalogue) {
    std::replace(numbers.begin(), numbers.end(), ',', ' ');
    std::set<int> wanted;
    std::istringstream words(numbers);
    for (std::string word; words >> word;) {
        std::string known;
        bool found = false;
        for (const Chapter& chapter : catalogue) {
            known += " " + std::to_string(chapter.number);
            if (word != chapter.id() && word != std::to_string(chapter.number)) continue;
            wanted.insert(chapter.number);
            found = true;
        }
        if (!found)
            throw std::runtime_error("CHAPTER: there is no chapter '" + word + "', but" + known);
    }
    std::vector<Chapter> named;
    for (const Chapter& chapter : catalogue)
        if (wanted.empty() || wanted.count(chapter.number) > 0) named.push_back(chapter);
    return named;
}

static ClassGrading settings(const Arguments& arguments) {
    ClassGrading all;
    all.root = places::root;
    all.build = places::build;
    const std::string& seed = arguments.seed;
    if (seed.empty() || seed.size() > 18 ||
        seed.find_first_not_of("0123456789") != std::string::npos)
        throw std::runtime_error("SEED is a whole number, got '" + seed + "'");
    all.seed = std::strtoull(seed.c_str(), nullptr, 10);
    all.catalogue = read_catalogue(all.build + "/stubs");
    all.due = chapters_named(arguments.chapters, all.catalogue);
    all.course_build = fingerprint_of_course(all.root, all.build);
    return all;
}

// "2/4": the second of four.
static void take_share(const std::string& share, ClassGrading& all) {
    char rest = 0;
    const bool two = std::sscanf(share.c_str(), "%d/%d%c", &all.share, &all.shares, &rest) == 2;
    if (!two || all.share < 1 || all.share > all.shares)
        throw std::runtime_error("a share is one of some, as in --share 2/4, got '" + share + "'");
}

static int grade(const Arguments& arguments) {
    if (arguments.submissions.empty())
        throw std::runtime_error("whose work? make grade SUBMISSIONS=folder");
    ClassGrading all = settings(arguments);
    all.out = fs::absolute(arguments.out.empty() ? all.build + "/grades" : arguments.out).string();
    if (!arguments.share.empty()) take_share(arguments.share, all);
    return grade_class(all, arguments.submissions, arguments.jobs);
}

// Gradescope waits for its file even when nothing can be graded.
static int gradescope(const Arguments& arguments) {
    if (arguments.submissions.empty() || arguments.out.empty())
        throw std::runtime_error("gradescope needs a submission and --out results.json");
    const std::string submission = fs::absolute(arguments.submissions).string();
    const std::string file = fs::absolute(arguments.out).string();
    try {
        ClassGrading all = settings(arguments);
        all.confined = confinement_works(all);
        if (all.seed != 0) ask_solutions(all.due, all.grading());
        return grade_for_gradescope(all, submission, file);
    } catch (const std::exception& error) {
        tell_gradescope(file, error.what());
        return 3;
    }
}

static int similar(const Arguments& arguments) {
    if (arguments.submissions.empty())
        throw std::runtime_error("whose work? make similar SUBMISSIONS=folder");
    const std::string build = places::build;
    return show_similar(places::root, build, arguments.submissions,
                        read_catalogue(build + "/stubs"));
}

static int help() {
    std::printf(
        "instructor grade SUBMISSIONS [--out FOLDER] [--seed N] [--chapters \"1 2\"]\n"
        "                 [--jobs N] [--share 2/4]\n"
        "    grades a folder with one folder or archive per student\n"
        "instructor similar SUBMISSIONS\n"
        "    shows pairs of submissions that share passages of their own\n"
        "instructor gradescope SUBMISSION --out results.json [--seed N] [--chapters \"1 2\"]\n"
        "    grades one folder for that service\n");
    return 0;
}

int main(int argc, char** argv) {
    try {
        const Arguments arguments = parse(argc, argv);
        std::signal(SIGPIPE, SIG_IGN);
        std::signal(SIGCHLD, SIG_DFL);
        if (arguments.verb == "help" || arguments.verb == "--help") return help();
        if (arguments.verb == "grade") return grade(arguments);
        if (arguments.verb == "similar") return similar(arguments);
        if (arguments.verb == "gradescope") return gradescope(arguments);
        throw std::runtime_error("no command '" + arguments.verb + "'; see instructor help");
    } catch (const std::exception& error) {
        std::fprintf(stderr, "instructor: %s\n", error.what());
        return 3;
    }
}
