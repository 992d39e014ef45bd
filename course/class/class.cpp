#include "class/class.hpp"

#include "class/command.hpp"
#include "class/pages.hpp"
#include "grader/patience.hpp"
#include "grader/printable.hpp"
#include "kit/progress.hpp"
#include "kit/text.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

namespace fs = std::filesystem;

// ## One process per submission

// Those at work, for the signal handler.
static const int most_jobs = 64;
static volatile std::sig_atomic_t at_work[most_jobs];

static void interrupted(int) {
    for (volatile std::sig_atomic_t& process : at_work)
        if (process > 0) kill(process, SIGTERM);
    const char text[] = "\nStopped. What is graded is kept: the same command goes on from here.\n";
    (void)!write(STDERR_FILENO, text, sizeof text - 1);
    _exit(130);
}

static void stopped(int) {  // in one of them
    kill_running_worker();
    kill_running_command();
    _exit(130);
}

// What one process does, and the students of whom nothing is said if it fails.
struct Job {
    std::vector<std::string> students;
    std::function<void()> work;
};

// SIGTERM reaches a process also when its grader is killed.
static void become(const ClassGrading& all, const Job& job) {
    std::signal(SIGTERM, stopped);
    std::signal(SIGINT, stopped);
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    prctl(PR_SET_DUMPABLE, 0);  // nobody reads the answers from its memory
#endif
    try {
        job.work();
    } catch (const std::exception& error) {
        for (const std::string& student : job.students) {
            std::fprintf(stderr, "\n%s: %s\n", printable(student).c_str(),
                         printable(error.what()).c_str());
            write_fault(all.out + "/" + student, error.what());
        }
    }
    std::fflush(stderr);
    _exit(0);
}

static pid_t start(const ClassGrading& all, const Job& job) {
    std::fflush(stdout);
    const pid_t process = fork_patiently();
    if (process == 0) become(all, job);
    *std::find(at_work, at_work + most_jobs, 0) = process;
    return process;
}

// Waits for one to end. Of those whose process was killed no older mark is left.
static void finish_one(const ClassGrading& all, const std::map<pid_t, const Job*>& started) {
    int status = 0;
    const pid_t process = wait(&status);
    if (process < 0) return;
    std::error_code none;
    fs::remove_all(work_folder(all, process), none);
    if (status != 0)
        for (const std::string& student : started.at(process)->students)
            forget(all.out + "/" + student);
    std::replace(at_work, at_work + most_jobs, static_cast<std::sig_atomic_t>(process), 0);
}

static void do_all(const std::string& title, const ClassGrading& all, const std::vector<Job>& jobs,
                   std::size_t at_once) {
    Progress progress(title, jobs.size());
    std::map<pid_t, const Job*> started;
    std::size_t next = 0;
    for (std::size_t done = 0; done < jobs.size();) {
        if (next < jobs.size() && next - done < at_once) {
            const Job& job = jobs[next++];
            started[start(all, job)] = &job;
            continue;
        }
        finish_one(all, started);
        progress.show(++done, NAN);
    }
}

static void grade_all(const ClassGrading& all, const std::vector<Submission>& submissions,
                      int at_once) {
    std::vector<Job> jobs;
    for (const Submission& submission : submissions)
        jobs.push_back({{submission.student}, [&] { take_submission(all, submission); }});
    do_all("reading", all, jobs, at_once);
    jobs.clear();
    for (const std::vector<std::string>& students : students_to_grade(all, submissions))
        jobs.push_back({students, [&all, students] { grade_students(all, students); }});
    do_all("grading", all, jobs, at_once);
}

// ## Before and after

// What is graded is written over what was graded, and never over what was handed in.
static void require_two_folders(const ClassGrading& all, const fs::path& folder,
                                const std::vector<Submission>& submissions) {
    bool same = fs::weakly_canonical(all.out) == fs::weakly_canonical(folder);
    for (const Submission& submission : submissions)
        same |= fs::weakly_canonical(all.out + "/" + submission.student) ==
                fs::weakly_canonical(submission.path);
    if (same)
        throw std::runtime_error(
            "OUT has to be another folder than SUBMISSIONS, or the results "
            "would lie on what was handed in");
}

// What a run that was stopped has left in the folder of work: the names are those of its processes.
static void tidy(const ClassGrading& all) {
    const std::string works = works_of_this_machine(all);
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(all.build + "/class", none)) {
        const std::string path = entry.path().string();
        if (!begins_with(path, works)) continue;
        const pid_t process = std::atol(path.c_str() + works.size());
        if (process > 0 && kill(process, 0) != 0 && errno == ESRCH) fs::remove_all(entry.path());
    }
}

static void prepare(ClassGrading& all) {
    all.confined = confinement_works(all);
    if (all.seed == 0) {
        std::printf("The inputs are those that students have; SEED=7 draws others.\n");
        return;
    }
    for (const std::string& complaint : ask_solutions(all.due, all.grading()))
        std::fprintf(stderr, "seed %s: %s\n", std::to_string(all.seed).c_str(), complaint.c_str());
}

static std::string plural(std::size_t count, const std::string& one) {
    return std::to_string(count) + " " + one + (count == 1 ? "" : "s");
}

// Of the table and the page there is one for the whole class.
static int report_share(const ClassGrading& all, const std::vector<Submission>& submissions,
                        double seconds) {
    std::size_t faults = 0;
    for (const Submission& submission : submissions)
        faults += read_summary(all.out + "/" + submission.student).key.empty();
    std::printf("Share %d of %d: %s; this run took %s.\n", all.share, all.shares,
                plural(submissions.size(), "submission").c_str(), duration_text(seconds).c_str());
    if (faults > 0)
        std::printf("The grader itself failed on %s: try again.\n",
                    plural(faults, "submission").c_str());
    std::printf(" next: when all shares are graded, grade without --share makes the table\n");
    return faults > 0 ? 3 : 0;
}

static int report(const ClassGrading& all, const std::vector<Submission>& submissions,
                  const std::vector<std::string>& others, double seconds) {
    std::vector<ClassRow> rows;
    std::vector<std::string> without;  // a chapter
    std::size_t faults = 0, no_compile = 0, marks = 0;
    double points = 0;
    for (const Submission& submission : submissions) {
        rows.emplace_back(submission.student, read_summary(all.out + "/" + submission.student));
        const Summary& summary = rows.back().second;
        points += summary.has_mark() ? summary.total : 0;
        marks += summary.has_mark();
        no_compile += !summary.no_compile.empty();
        faults += summary.key.empty();
        if (!summary.key.empty() && summary.taken == 0) without.push_back(submission.student);
    }
    write_table(all.out + "/grades.csv", all.due, rows);
    write_class_page(all.out + "/class.html", all.due, all.seed, rows, others);

    const std::string out = fs::proximate(all.out).string();
    std::printf("%s, %.1f points each on average; this run took %s.\n",
                plural(rows.size(), "submission").c_str(), marks == 0 ? 0 : points / marks,
                duration_text(seconds).c_str());
    if (no_compile > 0)
        std::printf("In %s a chapter does not compile.\n",
                    plural(no_compile, "submission").c_str());
    for (const std::string& student : without)
        std::printf("From %s no chapter was taken: class.html says why.\n",
                    printable(student).c_str());
    for (const std::string& name : others)
        std::printf("%s is no folder and no archive: not graded.\n", printable(name).c_str());
    if (faults > 0)
        std::printf("The grader itself failed on %s: see %s/class.html, then try again.\n",
                    plural(faults, "submission").c_str(), out.c_str());
    std::printf(" next: open %s/class.html, or %s/grades.csv\n", out.c_str(), out.c_str());
    return faults > 0 ? 3 : 0;
}

int grade_class(ClassGrading all, const std::string& folder, int jobs) {
    std::vector<std::string> others;
    std::vector<Submission> submissions = find_submissions(folder, all.catalogue, others);
    const auto is_out = [&](const Submission& submission) {
        return fs::weakly_canonical(submission.path) == fs::weakly_canonical(all.out);
    };
    submissions.erase(std::remove_if(submissions.begin(), submissions.end(), is_out),
                      submissions.end());
    if (submissions.empty())
        throw std::runtime_error("there is no submission in '" + folder +
                                 "': it needs one folder or archive per student");
    require_two_folders(all, folder, submissions);
    std::vector<Submission> mine;
    for (std::size_t i = all.share - 1; i < submissions.size(); i += all.shares)
        mine.push_back(submissions[i]);
    fs::create_directories(all.out);
    tidy(all);
    if (jobs < 1) jobs = std::max(1u, std::thread::hardware_concurrency());

    const auto begin = std::chrono::steady_clock::now();
    prepare(all);
    std::signal(SIGINT, interrupted);
    std::signal(SIGTERM, interrupted);
    grade_all(all, mine, std::min(jobs, most_jobs));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    return all.shares > 1 ? report_share(all, mine, took.count())
                          : report(all, submissions, others, took.count());
}
