#include "class/grading.hpp"

#include "class/command.hpp"
#include "class/pages.hpp"
#include "class/summary.hpp"
#include "grader/printable.hpp"
#include "grader/process.hpp"
#include "kit/hash.hpp"
#include "kit/whole_file.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
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

std::string fingerprint(const std::string& text) { return std::to_string(fnv1a(text)); }

std::string fingerprint_of_course(const std::string& root, const std::string& build) {
    std::vector<fs::path> files = {build + "/instructor", build + "/course-solved",
                                   build + "/recipe.sh", build + "/flags.rsp"};
    for (const char* folder : {"/tests/recorded", "/tests/hidden/recorded", "/course/scripts"})
        if (fs::is_directory(root + folder))
            for (const auto& entry : fs::recursive_directory_iterator(root + folder))
                if (entry.is_regular_file()) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    std::string all;
    for (const fs::path& file : files) all += fingerprint(file_text(file.string()));
    return fingerprint(all);
}

// ## Building

std::string works_of_this_machine(const ClassGrading& all) {
    char machine[256] = "";
    gethostname(machine, sizeof machine - 1);
    return all.build + "/class/" + machine + "-";
}

std::string work_folder(const ClassGrading& all, int process) {
    return works_of_this_machine(all) + std::to_string(process);
}

// One of the two steps of submission.sh. The compiler, at work on what was handed in, sees neither
// the solutions nor the work on other submissions; the linker does.
static bool build_step(const ClassGrading& all, const std::string& step,
                       const std::string& chapters, const std::string& work,
                       const std::vector<std::string>& more) {
    Allowed allowed = {system_and({all.root + "/course", all.root + "/chapters", chapters}),
                       {work, "/dev/null"}};
    for (const std::string& file : more) allowed.read.push_back(all.build + file);
    Command command;
    const std::string script = all.root + "/course/scripts/submission.sh";
    command.words = {"sh", script, step, all.root, all.build, chapters, work};
    command.seconds = 600.0 * all.catalogue.size();
    if (all.confined) command.allowed = &allowed;
    return run(command).status == 0;
}

static bool build_workers(const ClassGrading& all, const std::string& chapters,
                          const std::string& work) {
    return build_step(all, "compile", chapters, work,
                      {"/recipe.sh", "/compiler", "/flags.rsp", "/stubs", "/standard.hpp",
                       "/standard.hpp.gch"}) &&
           build_step(all, "link", chapters, work, {""});
}

static bool confine_workers_to(const ClassGrading& all, const std::string& probe) {
    return confine_workers({system_and({all.root + "/data"}), {"/dev/null"}}, probe);
}

// Does it lie among the system's programs, which everybody may read?
static bool lies_open(const std::string& path) {
    const auto inside = [](const std::string& name) { return fs::weakly_canonical(name) / ""; };
    for (const std::string& folder : system_and({}))
        if (inside(path).string().rfind(inside(folder).string(), 0) == 0) return true;
    return false;
}

// Can the kernel confine a program at all? Nothing that is built or read has a say in this.
static bool can_confine() {
    const Allowed system = {system_and({}), {"/dev/null"}};
    Command nothing;
    nothing.words = {"true"};
    nothing.allowed = &system;
    return run(nothing).status == 0;
}

bool confinement_works(ClassGrading all) {
    const bool open = lies_open(all.root) || lies_open(all.build) || lies_open(all.out);
    all.confined = !open && can_confine();
    const std::string work = work_folder(all, getpid());
    fs::create_directories(work + "/chapters");
    write_file(work + "/chapters/probe.cpp", "#include <vector>\nint probe;\n");
    const bool built = build_workers(all, work + "/chapters", work);
    const bool answers = built && (!all.confined || confine_workers_to(all, work + "/own.worker"));
    fs::remove_all(work);
    if (!answers)
        throw std::runtime_error(
            std::string(built ? "a worker does not answer" : "no worker can be built") +
            (all.confined ? " here, confined as it has to be" : " here") +
            " (is the disk full, or does the compiler "
            "need files of its own, as ccache does?)\n next: make doctor");
    if (!all.confined)
        std::fprintf(stderr, "%s:\nwhat is handed in can read whatever you can. See the README.\n",
                     open ? "The course or OUT lies where everybody may read, as in /usr/share"
                          : "This system cannot confine programs to their files (Linux can, from "
                            "5.13 on, with Landlock)");
    return all.confined;
}

// ## Grading

// Of a worker's own time, in seconds: for what earns points, in each chapter; and for all chapters
// as they do on the student's own, which earns nothing.
static const double chapter_seconds = 90, own_seconds = 60;

static ChapterResult grade_chapter(const ClassGrading& all, const Chapter& chapter,
                                   const std::string& work, const Graded& graded,
                                   double& own_left) {
    const std::string file = "chapters/" + chapter.stem + ".cpp";
    const std::string stub = all.build + "/stubs/" + chapter.stem + ".cpp";
    const bool handed_in = fs::exists(file);
    const bool changed = handed_in && file_text(file) != file_text(stub);

    Grading with_solutions = all.grading(), own = all.grading();
    with_solutions.worker = changed ? work + "/" + chapter.stem + ".worker" : all.build + "/judge";
    own.worker = work + "/own.worker";
    own.first_miss_only = true;
    own.no_compile = graded.no_compile;
    if (!fs::exists(own.worker)) own.no_compile[chapter.number] = "two chapters are at odds";
    if (graded.no_compile.count(chapter.number) > 0) with_solutions.no_compile = own.no_compile;

    ChapterResult result{chapter, file, {}};
    allot_time(chapter_seconds);
    for (const Exercise& exercise : chapter.exercises)
        result.exercises.push_back(grade(exercise, handed_in ? file : stub, with_solutions));
    allot_time(own_left);
    std::error_code none;
    const bool differs = changed && !fs::equivalent(with_solutions.worker, own.worker, none);
    for (ExerciseResult& here : result.exercises)
        here.own_chapters = differs ? grade(here.exercise, file, own).verdict : here.verdict;
    own_left = allot_time(INFINITY);
    return result;
}

Graded grade_chapters(const ClassGrading& all, const std::string& folder) {
    const std::string work = work_folder(all, getpid());
    fs::remove_all(work);
    fs::create_directories(work);
    if (!build_workers(all, folder + "/chapters", work))
        throw GraderFault("cannot compile here: is the disk full, or the memory?");
    Graded graded;
    for (const Chapter& chapter : all.catalogue) {
        const std::string complaint =
            printable(file_text(work + "/no-compile/" + chapter.stem + ".txt"));
        if (!complaint.empty()) graded.no_compile[chapter.number] = complaint;
    }
    fs::current_path(folder);  // messages name chapters/01_tensors.cpp
    if (all.confined && !confine_workers_to(all, all.build + "/judge"))
        throw std::runtime_error("workers cannot be confined any more");
    double own_left = own_seconds;
    for (const Chapter& chapter : all.due)
        graded.chapters.push_back(grade_chapter(all, chapter, work, graded, own_left));
    fs::remove_all(work);
    return graded;
}

bool grader_failed(const Graded& graded) {
    for (const ChapterResult& chapter : graded.chapters)
        for (const ExerciseResult& result : chapter.exercises)
            if (result.verdict == Verdict::grader_error) return true;
    return false;
}

void keep_chapters(const Taken& taken, const std::string& folder) {
    fs::remove_all(folder);
    fs::create_directories(folder);
    for (const auto& [name, text] : taken.chapters) write_file(folder + "/" + name + ".cpp", text);
}

void take_submission(const ClassGrading& all, const Submission& submission) {
    const Taken taken = take_chapters(submission, all.catalogue);
    std::string identity = all.course_build + " " + std::to_string(all.seed);
    for (const Chapter& chapter : all.due) identity += " " + chapter.id();
    for (const auto& [name, text] : taken.chapters) identity += "\n" + name + fingerprint(text);
    std::string with_notes = identity;
    for (const std::string& note : taken.notes) with_notes += "\n" + note;

    const std::string folder = all.out + "/" + submission.student;
    const std::string key = fingerprint(identity) + "." + fingerprint(with_notes);
    if (read_summary(folder).key == key && fs::exists(folder + "/results.json") &&
        fs::exists(folder + "/report.html"))
        return;
    forget(folder);
    keep_chapters(taken, folder + "/chapters");
    write_taken(folder, key, taken);
}

// To be sure that it is no other text with the same print.
static bool same_chapters(const ClassGrading& all, const std::string& one,
                          const std::string& other) {
    for (const Chapter& chapter : all.catalogue) {
        const std::string file = "/chapters/" + chapter.stem + ".cpp";
        if (file_text(all.out + "/" + one + file) != file_text(all.out + "/" + other + file))
            return false;
    }
    return true;
}

std::vector<std::vector<std::string>> students_to_grade(
    const ClassGrading& all, const std::vector<Submission>& submissions) {
    std::vector<std::vector<std::string>> groups;
    std::map<std::string, std::size_t> found;  // print → group
    for (const Submission& submission : submissions) {
        const std::string& student = submission.student;
        const std::string taken = read_taken(all.out + "/" + student).key;
        if (taken.empty()) continue;
        const std::size_t group =
            found.emplace(taken.substr(0, taken.find('.')), groups.size()).first->second;
        if (group < groups.size() && same_chapters(all, groups[group].front(), student))
            groups[group].push_back(student);
        else groups.push_back({student});
    }
    return groups;
}

void grade_students(const ClassGrading& all, const std::vector<std::string>& students) {
    Graded graded = grade_chapters(all, all.out + "/" + students.front());
    for (const std::string& student : students) {
        const std::string folder = all.out + "/" + student;
        const Summary taken = read_taken(folder);
        graded.taken = taken.taken;
        graded.notes = taken.notes;
        write_json(folder + "/results.json", student, all.seed, graded.chapters);
        write_report(folder + "/report.html", student, all.seed, graded);
        write_summary(folder, grader_failed(graded) ? "" : taken.key, graded);
    }
}
