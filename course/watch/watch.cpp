#include "course/watch.hpp"

#include "course/watch/changes.hpp"
#include "course/student/complaint.hpp"
#include "course/student/crash.hpp"
#include "course/hash.hpp"
#include "course/student/hints.hpp"
#include "course/interruption.hpp"
#include "course/watch/job.hpp"
#include "course/report.hpp"
#include "course/watch/saves.hpp"
#include "course/student/standings.hpp"
#include "course/watch/terminal.hpp"
#include "course/student/verdicts.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>

namespace fs = std::filesystem;

static const int too_late = 3;  // the status of quick.sh when there is no worker

// What a save asks for.
struct Task {
    std::set<std::string> changed;  // stems of chapters to compile: "11_attention"
    bool everything = false;        // a header changed: build all anew
    Chapter chapter;                // to grade
    std::string exercise;           // to begin with
};

static std::string file_of(const Watching& plan, const Chapter& chapter) {
    return plan.chapters + "/" + chapter.stem + ".cpp";
}

static std::string read_text(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

// ## In the job: build, grade, tell

static int build_changed(const Watching& plan, const Task& task) {
    if (task.everything) {
        fs::remove_all(plan.folder);
        const std::string target = plan.others == "own" ? "course" : "course-solved";
        return run_program({"sh", "-c",
                            "cmake --build \"$1\" --target \"$2\" > \"$1/watch.txt\" 2>&1", "sh",
                            plan.build, target}) == 0
                   ? 0
                   : too_late;
    }
    if (task.changed.empty()) return 0;
    setenv("MORE_FLAGS", "-O0", 1);  // compiled sooner; the checks' inputs are small
    std::vector<std::string> words = {"sh", "course/scripts/quick.sh", plan.build, plan.folder,
                                      plan.others};
    for (const std::string& stem : task.changed)
        words.push_back(plan.chapters + "/" + stem + ".cpp");
    return run_program(words);
}

// The compiler's word on every chapter: that of the watch where it has compiled one.
static std::map<int, std::string> all_complaints(const Watching& plan) {
    std::map<int, std::string> complaints = compiler_complaints(plan.all, plan.complaints);
    for (const Chapter& chapter : plan.all)
        if (fs::exists(plan.folder + "/said/" + chapter.stem + ".txt"))
            complaints.erase(chapter.number);
    for (const auto& [number, said] : compiler_complaints(plan.all, plan.folder + "/no-compile"))
        complaints[number] = said;
    return complaints;
}

// A missing function is the one thing that a student can do to the linker.
static void print_no_worker(const Watching& plan, const Task& task) {
    const std::string said = read_text(plan.folder + "/link.txt"),
                      words = "undefined reference to ";
    const std::size_t found = said.find(words), begin = found + words.size();
    if (found == std::string::npos) {
        std::printf(" The course does not build: make check says why.\n");
        return;
    }
    const std::string function = said.substr(begin, said.find('\n', begin) - begin);
    print_wrapped("The function " + function + " is gone: a header promises it. Was it renamed?",
                  1);
    std::printf(" as it was: make reset CHAPTER=%s (what you wrote is kept)\n",
                task.changed.empty() ? task.chapter.id().c_str()
                                     : task.changed.begin()->substr(0, 2).c_str());
}

static void print_first_warning(const Watching& plan, const Chapter& chapter) {
    const std::string said = read_text(plan.folder + "/said/" + chapter.stem + ".txt");
    const Complaint warning = first_warning(said, chapter.stem + ".cpp");
    if (warning.message.empty() || warning.line == 0) return;
    print_wrapped(
        file_of(plan, chapter) + ":" + std::to_string(warning.line) + ": " + warning.message, 1);
}

// The exercise in hand is graded and told first; nobody waits for the others.
static ChapterResult grade_chapter(const Watching& plan, const Task& task, const Grading& grading) {
    ChapterResult all{task.chapter, file_of(plan, task.chapter), {}};
    const std::size_t count = task.chapter.exercises.size();
    all.exercises.resize(count);
    for (const bool first : {true, false})
        for (std::size_t i = 0; i < count; ++i) {
            const Exercise& exercise = task.chapter.exercises[i];
            if (first != (exercise.id() == task.exercise)) continue;
            ExerciseResult& result = all.exercises[i] = grade(exercise, all.file, grading);
            if (!first) continue;
            if (result.verdict == Verdict::crash)
                explain_crash({plan.build, plan.others, grading.seed}, all.file, result);
            if (result.first_miss() && result.verdict != Verdict::todo) print_findings(all, result);
            else print_verdict(result);
            std::fflush(stdout);
        }
    return all;
}

// The chapters at hand that do not compile. True when there is one.
static bool tell_errors(const Watching& plan, const Task& task, const Grading& grading) {
    bool told = false;
    for (const Chapter& chapter : plan.all) {
        const auto compiler = grading.no_compile.find(chapter.number);
        const bool at_hand =
            chapter.number == task.chapter.number || task.changed.count(chapter.stem) > 0;
        if (compiler == grading.no_compile.end() || !at_hand) continue;
        print_no_compile({chapter, file_of(plan, chapter), {}}, compiler->second);
        told = true;
    }
    return told;
}

static void grade_and_tell(const Watching& plan, const Task& task, const Grading& grading) {
    const Verdicts before = read_verdicts(plan.verdicts);
    const ChapterResult all = grade_chapter(plan, task, grading);
    remember(plan.verdicts, all.file, all.exercises);
    for (const ExerciseResult& result : all.exercises)
        if (result.exercise.id() == task.exercise && newly_passed(before, result))
            print_insight(plan.root + "/course/hints", task.chapter, result.exercise);
    std::printf("\n");
    std::size_t lines = 0;
    for (const std::string& line : changes_since(plan.folder + "/checks.txt", all.exercises))
        if (++lines <= 6) print_wrapped(line, 1);
    print_standings(all.exercises);
    print_first_warning(plan, task.chapter);
    print_next_step({all}, plan.all);
}

static int build_and_tell(const Watching& plan, const Task& task) {
    const int built = build_changed(plan, task);
    if (built != 0 && built != 2) {
        print_no_worker(plan, task);
        return built;
    }
    fs::create_directories(plan.folder);
    Grading grading = plan.grading;
    grading.no_compile = all_complaints(plan);
    const std::string worker = plan.folder + "/worker";
    if (fs::exists(worker)) grading.worker = worker;
    if (tell_errors(plan, task, grading)) return 2;
    grade_and_tell(plan, task, grading);
    return 0;
}

// ## In the watch itself

class Watch {
public:
    explicit Watch(const Watching& plan) : plan_(plan), saves_(plan.chapters) {
        fs::remove_all(plan.folder);
        fs::create_directories(plan.folder);
        for (const Chapter& chapter : plan.all) note_texts(chapter);
        take_in_hand(plan.exercise, plan.wanted);
    }

    int run();

private:
    std::string note_texts(const Chapter& chapter);
    void take_in_hand(const std::string& exercise, const std::vector<Chapter>& chapters);
    const Exercise& in_hand() const;
    void start();
    void notice(const std::vector<std::string>& files);
    void listen();
    bool obey(char key);
    void go_on();
    void finish();

    const Watching& plan_;
    Saves saves_;
    Terminal terminal_;
    Task task_;
    std::unique_ptr<Job> job_;
    bool saved_ = false, fresh_page_ = false;
    std::string text_, last_file_;
    std::map<std::string, std::uint64_t> texts_;  // "11.2" → hash
};

// Remembers the text of each exercise. Returns the first one that is new, and rather one that was
// begun than one that was reset.
std::string Watch::note_texts(const Chapter& chapter) {
    std::string first;
    bool first_is_todo = false;
    for (const Exercise& exercise : chapter.exercises) {
        const std::uint64_t now = fnv1a(exercise_text(file_of(plan_, chapter), exercise.id()));
        std::uint64_t& known = texts_[exercise.id()];
        const bool todo = has_stub(file_of(plan_, chapter), exercise.id());
        if (known != now && (first.empty() || (first_is_todo && !todo)))
            first = exercise.id(), first_is_todo = todo;
        known = now;
    }
    return first;
}

// This exercise, or without one the first of these chapters that is open.
void Watch::take_in_hand(const std::string& exercise, const std::vector<Chapter>& chapters) {
    task_.exercise = exercise;
    if (exercise.empty())
        task_.exercise =
            next_open(chapters, plan_.chapters, read_verdicts(plan_.verdicts)).exercise.id();
    const int number = std::atoi(task_.exercise.c_str());
    for (const Chapter& chapter : plan_.all)
        if (chapter.number == number) task_.chapter = chapter;
}

const Exercise& Watch::in_hand() const {
    for (const Exercise& exercise : task_.chapter.exercises)
        if (exercise.id() == task_.exercise) return exercise;
    return task_.chapter.exercises.front();
}

void Watch::start() {
    job_.reset();  // whatever was going on is called off
    text_.clear();
    fresh_page_ = true;
    terminal_.status(" … " + (last_file_.empty() ? task_.exercise : last_file_));
    job_ = std::make_unique<Job>([this] { return build_and_tell(plan_, task_); });
}

void Watch::notice(const std::vector<std::string>& files) {
    std::string changed_exercise;
    std::vector<Chapter> look_in = plan_.wanted;
    bool matters = false;
    for (const std::string& name : files) {
        task_.everything = task_.everything || fs::path(name).extension() == ".hpp";
        matters = matters || task_.everything;
        for (const Chapter& chapter : plan_.all) {
            if (name != chapter.stem + ".cpp") continue;
            if (!fs::exists(file_of(plan_, chapter))) {
                std::printf(" %s is gone; its stub: make reset CHAPTER=%s\n",
                            file_of(plan_, chapter).c_str(), chapter.id().c_str());
                std::fflush(stdout);
                continue;
            }
            matters = true;
            task_.changed.insert(chapter.stem);
            last_file_ = file_of(plan_, chapter);
            const std::string first = note_texts(chapter);
            for (const Chapter& wanted : plan_.wanted)
                if (wanted.number == chapter.number && changed_exercise.empty()) {
                    changed_exercise = first;
                    look_in = {wanted};
                }
        }
    }
    if (!matters) return;
    saved_ = true;
    take_in_hand(changed_exercise, look_in);
    start();
}

// Takes what the job has said. The old page stays until there is something to put in its place.
void Watch::listen() {
    if (!job_) return;
    const bool more = job_->read(text_);
    if (!text_.empty()) {
        if (fresh_page_) {
            terminal_.status("");
            terminal_.clear();
        }
        fresh_page_ = false;
        std::fwrite(text_.data(), 1, text_.size(), stdout);
        text_.clear();
    }
    if (!more) finish();
    std::fflush(stdout);
}

void Watch::finish() {
    const int status = job_->status();
    job_.reset();
    task_.changed.clear();
    task_.everything = false;
    if (status >= 126)
        std::printf(" The grading stopped with status %d: make check says more.\n", status);
    if (saved_) std::printf(" %.2f s after saving %s\n", saves_.age(), last_file_.c_str());
    else if (!terminal_.present()) std::printf(" waiting for a save; Ctrl-C ends\n");
    if (terminal_.present()) std::printf(" keys: h hint, n next exercise, l list, q quit\n");
    saved_ = false;
}

// The next exercise behind the one in hand that does not pass.
void Watch::go_on() {
    const Verdicts verdicts = read_verdicts(plan_.verdicts);
    bool behind = false;
    for (const Chapter& chapter : plan_.wanted)
        for (const Exercise& exercise : chapter.exercises) {
            if (behind && standing(exercise, file_of(plan_, chapter), verdicts) != "pass") {
                take_in_hand(exercise.id(), plan_.wanted);
                print_place(file_of(plan_, chapter), exercise);
                return;
            }
            behind = behind || exercise.id() == task_.exercise;
        }
    std::printf(" Nothing is open behind %s.\n", task_.exercise.c_str());
}

// False when it is time to go.
bool Watch::obey(char key) {
    if (key == 'q' || key == 4) return false;
    if (key == 'h')
        show_next_hint(plan_.root + "/course/hints", plan_.build + "/hints.txt", task_.chapter,
                       in_hand());
    if (key == 'n') go_on();
    if (key == 'l') print_list(plan_.all, plan_.chapters, read_verdicts(plan_.verdicts));
    std::fflush(stdout);
    return true;
}

int Watch::run() {
    std::printf("Watching %s: save a chapter, and its verdict appears here.\n",
                plan_.chapters.c_str());
    start();
    while (!Interruption::asked()) {
        const std::vector<std::string> files = saves_.look();
        if (!files.empty()) notice(files);
        if (!obey(terminal_.wait(job_ ? job_->channel() : -1, 50))) break;
        listen();
    }
    job_.reset();
    terminal_.status("");
    return 0;
}

int watch(const Watching& plan) {
    colours();  // asked here, where the terminal is: the job's output is a pipe
    const Interruption until;
    return Watch(plan).run();
}
