#include "class/submission.hpp"

#include "class/archive.hpp"
#include "class/command.hpp"

#include <algorithm>
#include <cctype>
#include <set>
#include <stdexcept>
#include <tuple>

namespace fs = std::filesystem;

static const std::size_t largest_chapter = 1u << 20;  // bytes; the longest of ours has 30 000
static const std::size_t most_copies = 8;             // of a chapter that are looked at
static const std::size_t most_notes = 60;

// ## Names that resemble a chapter's

static std::string small_letters(std::string text) {
    for (char& letter : text) letter = std::tolower(static_cast<unsigned char>(letter));
    return text;
}

static std::string plain_name(std::string text) {  // "01-Tensors" is 01_tensors
    for (char& letter : text)
        if (letter == '-' || letter == ' ') letter = '_';
    return small_letters(text);
}

// Where a chapter's name stands in "doejane_1001_20001_01_Tensors (1).cpp"; npos if it does not.
static std::size_t place_of(const std::string& stem, const std::string& name) {
    const std::size_t place = plain_name(name).find(plain_name(stem));
    const bool inside = place != std::string::npos && place > 0 &&
                        std::isdigit(static_cast<unsigned char>(name[place - 1]));
    return inside ? std::string::npos : place;
}

static const Chapter* chapter_named(const std::string& file, const std::vector<Chapter>& all) {
    for (const Chapter& chapter : all)
        if (file[0] != '.' && place_of(chapter.stem, file) != std::string::npos) return &chapter;
    return nullptr;
}

// "01_tensors (1).cpp", "01_tensors.cpp.txt", "01_TENSORS.CPP", but no header and no backup.
static bool is_source(const std::string& file) {
    std::string name = small_letters(file);
    const auto ends = [&](const std::string& end) {
        return name.size() > end.size() && name.substr(name.size() - end.size()) == end;
    };
    if (ends(".txt")) name.resize(name.size() - 4);
    return ends(".cpp") || ends(".cc") || ends(".cxx");
}

// ## Whose is it?

// Canvas hands out files alone, with the student's name and two numbers in front: the second is
// the file's. Empty when there is nothing in front.
static std::string student_before(std::string name) {
    const auto trim = [&](const std::string& what) {
        name.resize(name.find_last_not_of(what) + 1);  // npos + 1 is 0
    };
    trim("_-. ");
    const std::size_t file = name.rfind('_');
    const auto is_number = [](const std::string& text) {
        return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
    };
    if (file != std::string::npos && is_number(name.substr(file + 1))) {
        const std::size_t student = name.rfind('_', file - 1);
        if (student != std::string::npos && is_number(name.substr(student + 1, file - student - 1)))
            name.resize(file);
    }
    return name;
}

std::vector<Submission> find_submissions(const fs::path& folder,
                                         const std::vector<Chapter>& catalogue,
                                         std::vector<std::string>& others) {
    if (!fs::is_directory(folder))
        throw std::runtime_error(
            "no folder '" + folder.string() +
            "'; SUBMISSIONS is a folder with one folder or archive per student");
    std::vector<fs::path> paths;
    for (const auto& entry : fs::directory_iterator(folder)) paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end());

    std::vector<Submission> submissions;
    std::map<std::string, std::vector<std::string>> alone;       // student → files
    std::set<std::string> names = {"grades.csv", "class.html"};  // files beside the students'
    const auto add = [&](std::string student, const fs::path& path, const std::string& more,
                         const std::vector<std::string>& files) {
        while (!names.insert(student).second) student += more;
        submissions.push_back({student, path, files});
    };
    for (const fs::path& path : paths) {
        const std::string name = path.filename().string(), ending = archive_ending(name);
        const fs::file_status status = fs::symlink_status(path);
        const bool file = fs::is_regular_file(status), archive = file && !ending.empty();
        const Chapter* chapter = file ? chapter_named(name, catalogue) : nullptr;
        const std::string student =
            chapter ? student_before(name.substr(0, place_of(chapter->stem, name))) : "";
        if (name[0] == '.' && !archive) continue;
        if (fs::is_directory(status)) add(name, path, "-2", {});
        else if (archive && name[0] != '.')
            add(name.substr(0, name.size() - ending.size()), path, ending, {});
        else if (!student.empty()) alone[student].push_back(name);
        else others.push_back(name);
    }
    for (const auto& [student, files] : alone) add(student, folder, "-2", files);
    std::sort(submissions.begin(), submissions.end(),
              [](const Submission& a, const Submission& b) { return a.student < b.student; });
    return submissions;
}

// ## Which of several copies?

namespace {

struct Copy {
    fs::path source;  // the folder or archive that it is in
    Entry entry;
    std::string text{};
    int done = 0;  // twice the number of exercises without their TODO; 1: this cannot be told

    fs::path name() const { return entry.name; }
    std::string shown(const fs::path& top) const {
        return (source == top ? "" : source.filename().string() + ": ") + entry.name;
    }
};

}  // namespace

static bool leads_out(const fs::path& name) {
    return name.is_absolute() || std::find(name.begin(), name.end(), "..") != name.end();
}

// What the course itself has put there, or the system of whoever packed it.
static bool is_aside(const fs::path& name) {
    static const std::set<std::string> aside = {"build", "backups", "course", "tests", "__MACOSX"};
    return std::any_of(name.begin(), name.end(), [](const fs::path& part) {
        return aside.count(part.string()) > 0 || (part.string()[0] == '.' && part != ".");
    });
}

static int exercises_done(const Chapter& chapter, const std::string& text) {
    int done = 0, there = 0;
    for (const Exercise& exercise : chapter.exercises) {
        if (text.find("## Exercise " + exercise.id() + " ") == std::string::npos) continue;
        ++there;
        done += text.find("todo(\"" + exercise.id() + "\")") == std::string::npos;
    }
    return there == 0 ? 1 : 2 * done;
}

// The best first: what most is done in, then the very name, a folder called chapters, what lies
// least deep, and the name with the highest number.
static void sort_copies(const Chapter& chapter, std::vector<Copy>& copies) {
    const auto rank = [&](const Copy& copy) {
        const fs::path name = copy.name();
        return std::make_tuple(is_aside(name), -copy.done, name.filename() != chapter.stem + ".cpp",
                               name.parent_path().filename() != "chapters",
                               std::distance(name.begin(), name.end()), -int(name.string().size()));
    };
    std::stable_sort(copies.begin(), copies.end(), [&](const Copy& a, const Copy& b) {
        const auto left = rank(a), right = rank(b);
        return left != right ? left < right : b.entry.name < a.entry.name;
    });
}

// ## What is taken

static std::string why_not(const Copy& copy) {
    if (copy.entry.kind != Kind::file) return "it is a link or a device, not a file";
    if (copy.entry.encrypted) return "it is encrypted";
    if (copy.text.size() > largest_chapter) return "it is larger than a megabyte";
    if (copy.text.empty()) return "it is empty or cannot be read";
    if (copy.text.find('\0') == std::string::npos) return "";
    const bool wide = copy.text[0] == '\xff' || copy.text[0] == '\xfe' ||
                      (copy.text[0] == '\0') != (copy.text[1] == '\0');
    return wide ? "it is saved as UTF-16; save it as UTF-8" : "it is not a text";
}

static void take(const Chapter& chapter, std::vector<Copy> copies, const fs::path& top,
                 Taken& taken) {
    const auto note = [&](const Copy& copy, const std::string& why) {
        taken.notes.push_back(copy.shown(top) + " is not taken: " + why);
    };
    sort_copies(chapter, copies);
    for (std::size_t i = most_copies; i < copies.size(); ++i)
        note(copies[i], "there are too many of its name");
    if (copies.size() > most_copies) copies.resize(most_copies);
    std::vector<Copy> good;
    for (Copy& copy : copies) {
        if (copy.entry.kind == Kind::file && !copy.entry.encrypted)
            copy.text = text_of(copy.source, copy.entry, largest_chapter);
        copy.done = exercises_done(chapter, copy.text);
        const std::string why = why_not(copy);
        if (why.empty()) good.push_back(copy);
        else note(copy, why);
    }
    if (good.empty()) return;
    sort_copies(chapter, good);
    const Copy& best = good.front();
    taken.chapters[chapter.stem] = best.text;
    if (best.name().filename() != chapter.stem + ".cpp")
        taken.notes.push_back(best.shown(top) + " is taken as " + chapter.stem + ".cpp");
    for (const Copy& copy : good)
        if (copy.text != best.text && !is_aside(copy.name()))
            note(copy, best.shown(top) + " is, in which " +
                           (copy.done < best.done ? "more is done" : "as much is done"));
}

static void take_from(const std::vector<std::pair<fs::path, std::vector<Entry>>>& sources,
                      const std::vector<Chapter>& catalogue, const fs::path& top, Taken& taken) {
    std::map<const Chapter*, std::vector<Copy>> copies;
    std::map<const Chapter*, std::string> resembling;
    for (const auto& [source, entries] : sources)
        for (const Entry& entry : entries) {
            const std::string name = fs::path(entry.name).filename().string();
            const Chapter* chapter =
                entry.kind == Kind::folder ? nullptr : chapter_named(name, catalogue);
            if (!chapter) continue;
            if (!is_source(name)) {
                const bool header = name.find(".hpp") != std::string::npos;
                if (!header && !is_aside(entry.name)) resembling[chapter] = entry.name;
            } else if (leads_out(entry.name)) {
                taken.notes.push_back(entry.name + " is not taken: it leads out of the submission");
            } else {
                copies[chapter].push_back({source, entry});
            }
        }
    for (const auto& [chapter, of_it] : copies) take(*chapter, of_it, top, taken);
    for (const auto& [chapter, name] : resembling)
        if (copies.count(chapter) == 0)
            taken.notes.push_back(name + " is not taken: its name does not end in .cpp");
    if (copies.empty()) taken.notes.push_back("there is no chapter in it");
}

// ## Archives in a folder

static std::string hint_of_archives(const std::vector<Entry>& entries) {
    for (const Entry& entry : entries)
        if (entry.kind == Kind::file && !archive_ending(entry.name).empty())
            return " (" + entry.name + " is an archive in an archive, and is not opened)";
    return "";
}

// Moodle lays each student's archive into a folder.
static std::vector<fs::path> archives_in(const fs::path& folder,
                                         const std::vector<Entry>& entries) {
    std::vector<fs::path> archives;
    for (const Entry& entry : entries)
        if (entry.kind == Kind::file && !archive_ending(entry.name).empty() &&
            !is_aside(entry.name) && archives.size() < most_copies)
            archives.push_back(folder / entry.name);
    return archives;
}

static std::vector<Entry> listed(const Submission& submission) {
    if (submission.files.empty()) return entries_of(submission.path);
    std::vector<Entry> entries;
    for (const std::string& name : submission.files) entries.push_back({name, Kind::file, name});
    return entries;
}

Taken take_chapters(const Submission& submission, const std::vector<Chapter>& catalogue) {
    Taken taken;
    std::vector<std::pair<fs::path, std::vector<Entry>>> sources;
    const auto look_into = [&](const fs::path& path, const auto& entries_there) {
        try {
            sources.emplace_back(path, entries_there());
            if (sources.back().second.size() >= most_entries)
                taken.notes.push_back("there are too many files in it; not all were looked at");
        } catch (const GraderFault&) {
            throw;
        } catch (const std::exception& error) {
            taken.notes.push_back(path.filename().string() + " " + error.what());
        }
    };
    look_into(submission.path, [&] { return listed(submission); });
    const bool folder = fs::is_directory(submission.path);
    if (folder && submission.files.empty() && !sources.empty())
        for (const fs::path& archive : archives_in(submission.path, sources[0].second))
            look_into(archive, [&] { return entries_of(archive); });
    if (!sources.empty()) take_from(sources, catalogue, submission.path, taken);
    if (taken.chapters.empty() && !folder && !sources.empty())
        taken.notes.back() += hint_of_archives(sources[0].second);
    if (taken.notes.size() > most_notes) {
        taken.notes.resize(most_notes);
        taken.notes.push_back("and more");
    }
    return taken;
}
