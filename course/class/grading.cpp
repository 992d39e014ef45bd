#include "course/class/grading.hpp"

#include "course/class/command.hpp"
#include "course/class/pages.hpp"
#include "course/class/summary.hpp"
#include "course/hash.hpp"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <unistd.h>

namespace fs = std::filesystem;

Grading ClassGrading::grading() const {
    Grading result;
    result.recorded = root + "/tests/recorded";
    result.hidden_recorded = root + "/tests/hidden/recorded";
    result.seed = seed;
    result.solutions = build + "/course-solved";
    return result;
}

// ## Telling versions apart

static std::string content_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string fingerprint(const std::string& text) {
    char digits[20];
    std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(fnv1a(text)));
    return digits;
}

std::string fingerprint_of_course(const std::string& root, const std::string& build) {
    std::vector<fs::path> files = {build + "/instructor", build + "/course-solved",
                                   build + "/recipe.sh"};
    for (const char* folder : {"/tests/recorded", "/tests/hidden/recorded", "/course/scripts"})
        if (fs::is_directory(root + folder))
            for (const auto& entry : fs::recursive_directory_iterator(root + folder))
                if (entry.is_regular_file()) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    std::string all;
    for (const fs::path& file : files) all += fingerprint(content_of(file));
    return fingerprint(all);
}

// ## Building

static const std::vector<std::string> system_folders = {"/usr",   "/bin", "/lib",
                                                        "/lib64", "/opt", "/etc/ld.so.cache"};

static std::vector<std::string> system_and(const std::vector<std::string>& more) {
    std::vector<std::string> all = system_folders;
    for (const char* file : {"/sys/devices/system/cpu", "/proc/self", "/dev/null", "/dev/urandom"})
        all.push_back(file);
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

static std::string work_folder(const ClassGrading& all) {
    return all.build + "/class/" + std::to_string(getpid());
}

static bool build_workers(const ClassGrading& all, const std::string& chapters,
                          const std::string& work, double seconds) {
    const Allowed allowed = {
        system_and({all.root + "/course", all.root + "/chapters", all.build, chapters}),
        {work, "/dev/null"}};
    Command command;
    command.words = {
        "sh", all.root + "/course/scripts/submission.sh", all.root, all.build, chapters, work};
    command.seconds = seconds;
    if (all.confined) command.allowed = &allowed;
    return run(command).status == 0;
}

static void confine_workers_to(const ClassGrading& all) {
    if (all.confined) confine_workers({system_and({all.root + "/data"}), {"/dev/null"}});
}

bool confinement_works(const ClassGrading& all) {
    const std::string work = work_folder(all);
    fs::create_directories(work + "/chapters");
    std::ofstream(work + "/chapters/probe.cpp") << "int probe;\n";
    bool works =
        build_workers(all, work + "/chapters", work, 300) && fs::exists(work + "/own.worker");
    if (works) {
        confine_workers_to(all);
        try {
            Worker worker(work + "/own.worker");
            works = worker.call("is anybody there?", "", 5).kind == Reply::Kind::unknown;
        } catch (const std::exception&) {
            works = false;
        }
    }
    fs::remove_all(work);
    return works;
}

// ## Grading

static ChapterResult grade_chapter(const ClassGrading& all, const Chapter& chapter,
                                   const std::string& work, const Graded& graded) {
    const std::string file = "chapters/" + chapter.stem + ".cpp";
    const std::string stub = all.build + "/stubs/" + chapter.stem + ".cpp";
    const bool handed_in = fs::exists(file);
    const bool changed = handed_in && content_of(file) != content_of(stub);

    Grading with_solutions = all.grading(), own = all.grading();
    with_solutions.worker = changed ? work + "/" + chapter.stem + ".worker" : all.build + "/judge";
    own.worker = work + "/own.worker";
    own.no_compile = graded.no_compile;
    if (graded.no_compile.count(chapter.number) > 0) with_solutions.no_compile = own.no_compile;

    ChapterResult result{chapter, file, {}};
    for (const Exercise& exercise : chapter.exercises) {
        result.exercises.push_back(grade(exercise, handed_in ? file : stub, with_solutions));
        ExerciseResult& here = result.exercises.back();
        here.own_chapters = changed ? grade(exercise, file, own).verdict : here.verdict;
    }
    return result;
}

Graded grade_chapters(const ClassGrading& all, const std::string& folder) {
    const std::string work = work_folder(all);
    fs::remove_all(work);
    fs::create_directories(work);
    build_workers(all, folder + "/chapters", work,
                  120.0 * static_cast<double>(all.catalogue.size()));
    Graded graded;
    for (const Chapter& chapter : all.catalogue) {
        const std::string complaint = content_of(work + "/no-compile/" + chapter.stem + ".txt");
        if (!complaint.empty()) graded.no_compile[chapter.number] = complaint;
    }
    fs::current_path(folder);  // messages name chapters/01_tensors.cpp
    confine_workers_to(all);
    for (const Chapter& chapter : all.catalogue)
        graded.chapters.push_back(grade_chapter(all, chapter, work, graded));
    fs::remove_all(work);
    return graded;
}

void keep_chapters(const Taken& taken, const std::string& folder) {
    fs::remove_all(folder);
    fs::create_directories(folder);
    for (const auto& [name, text] : taken.chapters) {
        std::ofstream file(folder + "/" + name + ".cpp", std::ios::binary);
        file << text;
        if (!file.flush()) throw std::runtime_error("cannot write to " + folder);
    }
}

void grade_submission(const ClassGrading& all, const Submission& submission) {
    const Taken taken = take_chapters(submission, all.catalogue);
    std::string identity = all.course_build + " " + std::to_string(all.seed);
    for (const std::string& note : taken.notes) identity += "\n" + note;
    for (const auto& [name, text] : taken.chapters) identity += "\n" + name + fingerprint(text);
    const std::string key = fingerprint(identity);

    const std::string folder = all.out + "/" + submission.student;
    if (read_summary(folder).key == key && fs::exists(folder + "/results.json") &&
        fs::exists(folder + "/report.html"))
        return;
    fs::remove(summary_file(folder));
    keep_chapters(taken, folder + "/chapters");
    Graded graded = grade_chapters(all, folder);
    graded.notes = taken.notes;
    write_json(folder + "/results.json", submission.student, all.seed, graded.chapters);
    write_report(folder + "/report.html", submission.student, all.seed, graded);
    write_summary(folder, key, graded);
}
