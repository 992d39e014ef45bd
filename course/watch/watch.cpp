#include "watch/watch.hpp"

#include "kit/hash.hpp"
#include "kit/interruption.hpp"
#include "report/report.hpp"
#include "report/words.hpp"
#include "student/complaint.hpp"
#include "student/crash.hpp"
#include "student/given.hpp"
#include "report/hints.hpp"
#include "report/standings.hpp"
#include "student/verdicts.hpp"
#include "watch/changes.hpp"
#include "grader/job.hpp"
#include "watch/saves.hpp"
#include "watch/terminal.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>
#include <stdexcept>
#include <sys/file.h>
#include <unistd.h>

namespace fs = std::filesystem;

// What a job ends with, beside the words of the contract.
static const int too_late = 3;      // as quick.sh does when there is no worker
static const int begin_again = 99;  // the judge that was built has checks that this one lacks

// What a save asks for.
struct Task {
    std::set<std::string> changed;  // stems of chapters to compile: "11_attention"
    bool everything = false;        // a header changed: build all anew
    Chapter chapter;                // to grade
    std::string exercise;           // to begin with
    std::string saved;              // the file that was saved last, and when, in seconds since 1970
    double when = 0;
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

// Without optimisation a chapter is compiled sooner, and the checks' inputs are small. Where they
// multiply or search much all the same, they would lose more than that.
static int run_script(const Chapter& chapter, std::vector<std::string> words) {
    const bool computes_much = chapter.number == 2 || chapter.number == 22 || chapter.number == 26;
    setenv("MORE_FLAGS", computes_much ? "-O1" : "-O0", 1);
    words.insert(words.begin(), "sh");
    return run_program(words);
}

static bool has_checks(const Chapter& chapter) {
    const std::vector<CheckDefinition>& all = all_checks();
    return std::any_of(all.begin(), all.end(), [&](const CheckDefinition& check) {
        return std::atoi(check.exercise) == chapter.number;
    });
}

static int build_changed(const Watching& plan, const Task& task) {
    if (task.everything) {
        fs::remove_all(plan.folder);
        const std::string target = plan.others == "own" ? "course" : "course-solved";
        const int status = run_program(
            {"sh", "-c",
             "{ sh course/scripts/begun.sh \"$1\" && sh course/scripts/stamps.sh \"$1\" && "
             "LC_ALL=C cmake --build \"$1\" --parallel $(getconf _NPROCESSORS_ONLN) --target "
             "\"$2\" judge; } > \"$1/watch.txt\" 2>&1",
             "sh", plan.build, target});
        return status != 0 ? too_late : has_checks(task.chapter) ? 0 : begin_again;
    }
    if (task.changed.empty()) return 0;
    std::vector<std::string> words = {"course/scripts/quick.sh", plan.build, plan.folder,
                                      plan.others};
    for (const std::string& stem : task.changed)
        words.push_back(plan.chapters + "/" + stem + ".cpp");
    return run_script(task.chapter, words);
}

// For the next save: a chapter's includes are most of the work, and the same each time. In a
// session of its own, where that can be had: it may outlive this job.
static void compile_headers(const Watching& plan, const Chapter& chapter) {
    const std::string quietly = " < /dev/null > /dev/null 2>&1 &";
    run_script(chapter, {"-c", "$(command -v setsid) sh course/scripts/headers.sh \"$@\"" + quietly,
                         "sh", plan.build, plan.folder, file_of(plan, chapter)});
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

static void print_first_warning(const Watching& plan, const Chapter& chapter) {
    const std::string said = read_text(plan.folder + "/said/" + chapter.stem + ".txt");
    const Complaint warning = first_warning(said, file_of(plan, chapter));
    if (warning.message.empty() || warning.line == 0) return;
    print_wrapped(
        file_of(plan, chapter) + ":" + std::to_string(warning.line) + ": " + warning.message, 1);
    print_wrapped(warning.advice, 1);
}

static void print_time(const Task& task) {
    if (task.saved.empty()) return;
    std::printf(" %.2f s after saving %s\n", seconds_now() - task.when, task.saved.c_str());
    std::fflush(stdout);
}

static std::string stub_of(const Watching& plan, const Chapter& chapter) {
    return plan.build + "/stubs/" + chapter.stem + ".cpp";
}

static bool is_wrong(const ExerciseResult& result) {
    const Verdict v = result.verdict;
    return v == Verdict::fail || v == Verdict::crash || v == Verdict::timeout;
}

static void tell_exercise(const Watching& plan, const ChapterResult& chapter,
                          const ExerciseResult& result) {
    const Culprit culprit =
        wrong_foundation(result.exercise, plan.all, plan.chapters, read_verdicts(plan.verdicts));
    const bool todo = result.verdict == Verdict::todo;
    if (todo && is_begun(stub_of(plan, chapter.chapter), chapter.file, result.exercise.id()))
        print_still_todo(chapter, result);
    else if (result.first_miss() && !todo) print_findings(chapter, result, culprit);
    else print_verdict(result);
    std::fflush(stdout);
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
            if (first) tell_exercise(plan, all, result);
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
        ChapterResult broken{chapter, file_of(plan, chapter), {ExerciseResult()}};
        broken.exercises[0].verdict = Verdict::no_compile;
        print_no_compile(broken, compiler->second);
        print_changed_line(broken, stub_of(plan, chapter));
        told = true;
    }
    if (told) print_time(task);
    return told;
}

// Where to go on: in the exercise in hand until it passes, then with what is next, and why that is
// wrong where it is.
static ExerciseResult* next_in(ChapterResult& all, const std::string& in_hand) {
    ExerciseResult* next = nullptr;
    for (ExerciseResult& result : all.exercises) {
        if (result.exercise.id() == in_hand && result.verdict != Verdict::pass) return &result;
        if (!next && is_wrong(result)) next = &result;
    }
    return next;
}

static void grade_and_tell(const Watching& plan, const Task& task, const Grading& grading) {
    const Verdicts before = read_verdicts(plan.verdicts);
    ChapterResult all = grade_chapter(plan, task, grading);
    remember(plan.verdicts, all.file, all.exercises);
    for (const ExerciseResult& result : all.exercises)
        if (result.exercise.id() == task.exercise && newly_passed(before, result))
            print_insight(plan.root + "/course/hints", task.chapter, result.exercise);
    ExerciseResult* const next = next_in(all, task.exercise);
    if (next && next->exercise.id() != task.exercise) tell_exercise(plan, all, *next);
    std::printf("\n");
    std::size_t lines = 0;
    for (const std::string& line : changes_since(plan.folder + "/checks.txt", all.exercises))
        if (++lines <= 6) {
            std::printf(" %s", line.substr(0, 2).c_str());
            print_wrapped(line.substr(2), 3, true);
        }
    print_standings(all.exercises);
    print_first_warning(plan, task.chapter);
    print_changed_line(all, stub_of(plan, task.chapter));
    if (next) print_place(all.file, next->exercise, next->verdict);
    else print_next_step({all}, plan.all);
    print_time(task);
    if (!next) return;

    // Where it went wrong takes seconds to find, and nobody waits for it.
    const bool crashed = next->verdict == Verdict::crash;
    const bool unnamed = next->verdict == Verdict::fail && next->misconception.name.empty();
    if (!crashed && !unnamed) return;
    if (crashed) std::printf(" looking for the line that did it …\n");
    std::fflush(stdout);
    look_closer({plan.build, plan.others, grading.seed}, all.file, *next);
    print_late_place(*next);
}

static int build_and_tell(const Watching& plan, const Task& task) {
    const int built = build_changed(plan, task);
    if (built == begin_again) return built;
    if (built != 0 && built != 2) {
        run_program({"sh", "course/scripts/unbuilt.sh",
                     task.everything ? plan.build + "/watch.txt" : plan.folder + "/link.txt"});
        print_time(task);
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

static void print_keys() { print_wrapped("keys: h hint, n next exercise, l list, q quit", 1); }

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
    void start_again();

    const Watching& plan_;
    Saves saves_;
    Terminal terminal_;
    Task task_;
    std::unique_ptr<ForkedJob> job_;
    bool fresh_page_ = false, at_first_ = true;
    std::string text_;
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
    columns();  // asked here for the job, as colours are
    terminal_.status(" … " + (task_.saved.empty() ? task_.exercise : task_.saved));
    job_ = std::make_unique<ForkedJob>([this] {
        const int status = build_and_tell(plan_, task_);
        compile_headers(plan_, task_.chapter);
        return status;
    });
}

void Watch::notice(const std::vector<std::string>& files) {
    std::string changed_exercise;
    std::vector<Chapter> look_in = plan_.all;
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
            task_.everything = task_.everything || !has_checks(chapter);  // it was begun just now
            task_.changed.insert(chapter.stem);
            task_.saved = file_of(plan_, chapter);
            task_.when = saves_.newest();
            const std::string first = note_texts(chapter);
            if (changed_exercise.empty()) {
                changed_exercise = first;
                look_in = {chapter};
            }
        }
    }
    if (!matters) return;
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

// In the judge that was built for a chapter that was begun just now, with the exercise in hand.
void Watch::start_again() {
    std::vector<char*> words;
    for (const std::string& word : plan_.command) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(const_cast<char*>(task_.exercise.c_str()));
    words.push_back(nullptr);
    terminal_.give_back();
    std::fflush(stdout);
    execv(words[0], words.data());
    throw std::runtime_error("cannot start " + plan_.command[0] + ": " + std::strerror(errno));
}

void Watch::finish() {
    const int status = job_->status();
    job_.reset();
    if (status == begin_again) start_again();
    task_.changed.clear();
    task_.everything = false;
    if (status >= 126)
        std::printf(" The grading stopped with status %d: make check says more.\n", status);
    if (!terminal_.present() && at_first_) std::printf(" waiting for a save; Ctrl-C ends\n");
    if (terminal_.present() && at_first_)
        print_wrapped("Write in " + file_of(plan_, task_.chapter) +
                          ", save it, and its verdict appears here.",
                      1);
    if (terminal_.present()) print_keys();
    at_first_ = false;
}

// The next exercise behind the one in hand that does not pass, or else the first in front of it.
void Watch::go_on() {
    const Verdicts verdicts = read_verdicts(plan_.verdicts);
    const std::string in_hand = task_.exercise;
    for (const bool wanted : {true, false}) {
        bool behind = false;
        for (const Chapter& chapter : plan_.all)
            for (const Exercise& exercise : chapter.exercises) {
                behind = behind || exercise.id() == in_hand;
                if (behind != wanted || exercise.id() == in_hand ||
                    standing(exercise, file_of(plan_, chapter), verdicts) == "pass")
                    continue;
                take_in_hand(exercise.id(), plan_.all);
                print_place(file_of(plan_, chapter), exercise);
                return;
            }
    }
    std::printf(" Nothing else is open.\n");
}

// False when it is time to go.
bool Watch::obey(char key) {
    if (key == 'q' || key == 4) return false;
    if (key == 'h')
        show_next_hint(plan_.root + "/course/hints", plan_.build + "/hints.txt", task_.chapter,
                       in_hand(), HintIn::watch);
    if (key == 'n') go_on();
    if (key == 'l') print_list(plan_.all, plan_.chapters, read_verdicts(plan_.verdicts));
    if (key != 0) print_keys();
    std::fflush(stdout);
    return true;
}

int Watch::run() {
    std::printf("Watching %s: save a chapter, and its verdict appears here.\n",
                plan_.chapters.c_str());
    start();
    while (!Interruption::asked() && !std::ferror(stdout)) {
        const std::vector<std::string> files = saves_.look();
        if (!files.empty()) notice(files);
        if (!obey(terminal_.wait(job_ ? job_->channel() : -1, 50))) break;
        listen();
    }
    job_.reset();
    terminal_.status("");
    return 0;
}

// Two that watch would build in the same place. The lock is held until the process ends.
static void be_the_only_one(const std::string& folder) {
    const int lock = open((folder + ".lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0666);
    if (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        throw std::runtime_error("another make watch is at work here; end it first");
}

int watch(const Watching& plan) {
    be_the_only_one(plan.folder);
    colours();  // asked here, where the terminal is: the job's output is a pipe
    const Interruption until;
    return Watch(plan).run();
}
