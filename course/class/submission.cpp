#include "class/submission.hpp"

#include "class/command.hpp"
#include "kit/text.hpp"

#include <algorithm>
#include <fstream>
#include <set>
#include <stdexcept>

namespace fs = std::filesystem;

static const std::size_t largest_chapter = 1u << 20;  // bytes; the longest of ours has 30 000
static const std::size_t most_entries = 20000;
static const int deepest_folder = 5;

// ## Whose is it?

static bool ends_with(const std::string& text, const std::string& end) {
    return text.size() > end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

static std::string archive_ending(const std::string& name) {
    for (const char* ending : {".zip", ".tar.gz", ".tgz", ".tar"})
        if (ends_with(name, ending)) return ending;
    return "";
}

std::vector<Submission> find_submissions(const fs::path& folder, std::vector<std::string>& others) {
    if (!fs::is_directory(folder))
        throw std::runtime_error(
            "no folder '" + folder.string() +
            "'; SUBMISSIONS is a folder with one folder or archive per student");
    std::vector<fs::path> paths;
    for (const auto& entry : fs::directory_iterator(folder)) paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end());

    std::vector<Submission> submissions;
    std::set<std::string> names = {"grades.csv", "class.html"};  // files beside the students'
    for (const fs::path& path : paths) {
        const std::string name = path.filename().string(), ending = archive_ending(name);
        if (name[0] == '.') continue;
        const fs::file_status status = fs::symlink_status(path);
        const bool archive = fs::is_regular_file(status) && !ending.empty();
        if (!archive && !fs::is_directory(status)) {
            others.push_back(name);
            continue;
        }
        std::string student = archive ? name.substr(0, name.size() - ending.size()) : name;
        while (!names.insert(student).second) student += archive ? ending : "-2";
        submissions.push_back({student, path});
    }
    return submissions;
}

// ## A folder and an archive look the same from here

namespace {

enum class Kind { file, folder, link };

struct Entry {
    std::string name;  // with its folders, "homework/chapters/01_tensors.cpp"
    Kind kind;
};

}  // namespace

static std::vector<Entry> entries_of_folder(const fs::path& folder) {
    std::vector<Entry> entries;
    std::error_code error;
    const fs::directory_iterator top(folder, error);  // may it be read at all?
    if (error) throw GraderFault(folder.string() + " cannot be read: " + error.message());
    const auto options = fs::directory_options::skip_permission_denied;
    fs::recursive_directory_iterator at(folder, options, error), end;
    for (; !error && at != end && entries.size() < most_entries; at.increment(error)) {
        std::error_code unknown;
        const fs::file_status status = at->symlink_status(unknown);
        if (at.depth() >= deepest_folder) at.disable_recursion_pending();
        const Kind kind = fs::is_directory(status)      ? Kind::folder
                          : fs::is_regular_file(status) ? Kind::file
                                                        : Kind::link;
        entries.push_back({at->path().lexically_relative(folder).string(), kind});
    }
    if (error) throw GraderFault(folder.string() + " cannot be read: " + error.message());
    return entries;
}

static bool is_zip(const Submission& submission) { return submission.path.extension() == ".zip"; }

// unzip takes the last part of an archive's name for a pattern, where a letter in brackets stands
// for itself.
static std::string for_unzip(const fs::path& path) {
    std::string pattern;
    for (char letter : path.filename().string()) {
        const bool special = std::string("*?[\\").find(letter) != std::string::npos;
        const std::string once = letter == '\\' ? "\\\\" : std::string(1, letter);
        pattern += special ? "[" + once + "]" : once;
    }
    return (path.parent_path() / pattern).string();
}

static bool gnu_tar() {
    static const bool gnu = run({{"tar", "--version"}}).output.find("GNU") != std::string::npos;
    return gnu;
}

static std::vector<std::string> listing_of(const std::vector<std::string>& words) {
    const Outcome listing = run({words, 60, 16u << 20, nullptr});
    if (listing.status == 127)
        throw GraderFault(words[0] + " is not installed: make doctor says how to install it");
    if (listing.too_long)
        throw std::runtime_error("cannot be opened: " + words[0] + " did not end within a minute");
    const bool warned = words[0] == "unzip" && listing.status == 1;
    if (listing.status != 0 && !warned)
        throw std::runtime_error("cannot be opened: " + words[0] + " cannot read it");
    return lines_of(listing.output);
}

// Of names that have line breaks in them, only GNU's tar can make one line.
static std::vector<std::string> listing_of_tar(const std::string& style, const std::string& option,
                                               const std::string& path) {
    if (!gnu_tar()) return listing_of({"tar", option, path});
    return listing_of({"tar", "--quoting-style=" + style, option, path});
}

// Two lists of the same entries: their names, and lines that begin with a letter for their kind.
static std::vector<Entry> entries_of_archive(const Submission& submission) {
    const std::string path = fs::absolute(submission.path).string();
    std::vector<std::string> names, kinds;
    if (is_zip(submission)) {
        names = listing_of({"unzip", "-Z1", for_unzip(path)});
        for (const std::string& line : listing_of({"unzip", "-Zs", for_unzip(path)}))
            if (line.size() > 10 && std::string("-dl?").find(line[0]) != std::string::npos)
                kinds.push_back(line);
    } else {
        names = listing_of_tar("literal", "-tf", path);
        kinds = listing_of_tar("escape", "-tvf", path);
    }
    if (names.size() != kinds.size())
        throw std::runtime_error("has names in it that no file should have");
    std::vector<Entry> entries;
    for (std::size_t i = 0; i < names.size(); ++i)
        entries.push_back({names[i], kinds[i][0] == 'd'                         ? Kind::folder
                                     : kinds[i][0] == '-' || kinds[i][0] == '?' ? Kind::file
                                                                                : Kind::link});
    return entries;
}

// At most one byte more than a chapter may have. Of a name that stands in an archive `times` times,
// as after tar -r, the last file counts.
static std::string text_of(const Submission& submission, const std::string& name, long times) {
    if (archive_ending(submission.path.filename().string()).empty() ||
        fs::is_directory(submission.path)) {
        std::string text(largest_chapter + 1, '\0');
        std::ifstream file(submission.path / name, std::ios::binary);
        file.read(&text[0], text.size());
        text.resize(file.gcount());
        return text;
    }
    const std::string path = fs::absolute(submission.path).string();
    std::string pattern = name;  // unzip takes its names for patterns
    for (char& letter : pattern)
        if (std::string("*?[]\\").find(letter) != std::string::npos) letter = '?';
    std::vector<std::string> words = {"tar", "-xOf", path, "--", name};
    if (is_zip(submission)) words = {"unzip", "-p", for_unzip(path), pattern};
    else if (times > 1 && gnu_tar())
        words.insert(words.begin() + 1, "--occurrence=" + std::to_string(times));
    const Outcome read = run({words, 60, largest_chapter, nullptr});
    const bool whole = read.status == 0 || (is_zip(submission) && read.status == 1);  // a warning
    return whole || read.too_much ? read.output : "";
}

// ## What is taken

static bool leads_out(const fs::path& name) {
    return name.is_absolute() || std::find(name.begin(), name.end(), "..") != name.end();
}

// The folder that the chapters are taken from: one called chapters before others, then the least
// deep, then the first by name.
static std::string folder_of_chapters(const std::vector<fs::path>& files) {
    std::string best;
    long best_rank = -1;
    for (const fs::path& file : files) {
        const fs::path folder = file.parent_path();
        const long depth = std::distance(folder.begin(), folder.end());
        const long rank = depth + (folder.filename() == "chapters" ? 0 : 1000);
        if (best_rank < 0 || rank < best_rank || (rank == best_rank && folder.string() < best)) {
            best = folder.string();
            best_rank = rank;
        }
    }
    return best;
}

static void take(const Submission& submission, const fs::path& name, Kind kind, long times,
                 Taken& taken) {
    const auto refuse = [&](const std::string& why) {
        taken.notes.push_back(name.string() + " is not taken: " + why);
    };
    if (kind != Kind::file) return refuse("it is a link or a device, not a file");
    const std::string text = text_of(submission, name.string(), times);
    if (text.size() > largest_chapter) return refuse("it is larger than a megabyte");
    if (text.empty()) return refuse("it is empty or cannot be read");
    if (text.find('\0') != std::string::npos) return refuse("it is not a text");
    taken.chapters[name.stem().string()] = text;
}

static void take_from(const Submission& submission, const std::vector<Entry>& entries,
                      const std::set<std::string>& known, Taken& taken) {
    std::vector<fs::path> files;
    std::map<fs::path, Kind> kinds;
    for (const Entry& entry : entries) {
        const fs::path name = entry.name;
        if (entry.kind == Kind::folder || known.count(name.filename().string()) == 0) continue;
        if (leads_out(name)) {
            taken.notes.push_back(entry.name + " is not taken: it leads out of the submission");
            continue;
        }
        files.push_back(name);
        kinds[name] = entry.kind;
    }
    const std::string folder = folder_of_chapters(files);
    for (const fs::path& name : files)
        if (name.parent_path() == folder)
            take(submission, name, kinds[name], std::count(files.begin(), files.end(), name),
                 taken);
        else
            taken.notes.push_back(name.string() + " is not taken: the chapters of " +
                                  (folder.empty() ? "the top folder" : folder) + " are");
    if (files.empty()) taken.notes.push_back("there is no chapter in it");
}

Taken take_chapters(const Submission& submission, const std::vector<Chapter>& catalogue) {
    std::set<std::string> known;
    for (const Chapter& chapter : catalogue) known.insert(chapter.stem + ".cpp");
    Taken taken;
    try {
        const std::vector<Entry> entries = fs::is_directory(submission.path)
                                               ? entries_of_folder(submission.path)
                                               : entries_of_archive(submission);
        if (entries.size() >= most_entries)
            taken.notes.push_back("there are too many files in it; not all were looked at");
        take_from(submission, entries, known, taken);
    } catch (const GraderFault&) {
        throw;
    } catch (const std::exception& error) {
        taken.notes.push_back(submission.path.filename().string() + " " + error.what());
    }
    return taken;
}
