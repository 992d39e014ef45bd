#include "report/standings.hpp"

#include "report/report.hpp"

#include <cstdio>

void print_list(const std::vector<Chapter>& chapters, const std::string& folder,
                const Verdicts& verdicts) {
    int passed = 0, exercises = 0;
    bool changed = false;
    std::string part;
    for (const Chapter& chapter : chapters) {
        if (part != part_title(chapter.number)) print_part(part = part_title(chapter.number));
        std::vector<Standing> standings;
        int points = 0;
        for (const Exercise& exercise : chapter.exercises) {
            const std::string file = folder + "/" + chapter.stem + ".cpp";
            const std::string stands = standing(exercise, file, verdicts);
            const bool graded = stands != "todo" && stands != "changed";
            standings.push_back({exercise.id(), stands});
            points += graded ? verdicts.at(exercise.id()).points : 0;
            passed += stands == "pass";
            changed = changed || stands == "changed";
            ++exercises;
        }
        print_chapter_line(chapter, points);
        print_standings(standings);
    }
    std::printf("\n %d of %d exercises pass, as they were graded last%s\n", passed, exercises,
                changed ? "; changed: not graded since" : "");
    if (passed == 0 && chapters.size() > 1) print_short_way();
    std::printf(" next: make next, or grade them now: make check\n");
}

void print_next(const std::vector<Chapter>& chapters, const std::string& folder,
                const Verdicts& verdicts) {
    const Open open = next_open(chapters, folder, verdicts);
    const std::string id = open.exercise.id(), chapter = open.chapter.id();
    if (open.all_pass) {
        std::printf(" Every exercise passes. See it at work: make demo CHAPTER=%s\n",
                    chapter.c_str());
        return;
    }
    const std::string file = folder + "/" + open.chapter.stem + ".cpp";
    print_place(file, open.exercise);
    std::printf("   %s: %s (difficulty %d of 3; it stands at: %s)\n", id.c_str(),
                open.exercise.title.c_str(), open.exercise.difficulty,
                standing(open.exercise, file, verdicts).c_str());
    std::printf("   while you write: make watch EXERCISE=%s\n", id.c_str());
    std::printf("   when stuck:      make hint EXERCISE=%s\n", id.c_str());
}

bool newly_passed(const Verdicts& before, const ExerciseResult& result) {
    const auto found = before.find(result.exercise.id());
    return result.verdict == Verdict::pass &&
           (found == before.end() || found->second.verdict != "pass");
}
