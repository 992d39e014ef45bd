// The course map, and the next step in it.

#include "report/report.hpp"

#include "report/words.hpp"

#include <algorithm>
#include <cstdio>

static std::string bar(int part, int whole, int cells) {
    const int full = whole == 0 ? 0 : part * cells / whole;
    std::string text;
    for (int cell = 0; cell < cells; ++cell) text += cell < full ? "█" : "░";
    return text;
}

// A line for each exercise.
static void print_exercises(const ChapterResult& chapter) {
    for (const ExerciseResult& result : chapter.exercises) {
        const std::string line = "     " + padded(result.exercise.id(), 6) + result.exercise.title;
        const std::string verdict = padded(word(result.verdict), 15);
        std::printf("%s%s%3d/%d\n", padded(line, columns() - 22).c_str(),
                    painted(verdict, colour_of(result.verdict)).c_str(), result.points,
                    result.exercise.max_points);
    }
}

void print_part(const std::string& title) { std::printf("\n%s\n", painted(title, "1").c_str()); }

void print_chapter_line(const Chapter& chapter, int points) {
    int max_points = 0;
    for (const Exercise& exercise : chapter.exercises) max_points += exercise.max_points;
    std::string name = " " + chapter.id() + "  " + chapter.title;
    if (columns() >= 80) name = padded(name, 42) + "needs " + chapter.needs;
    std::printf("%s%3d/%d\n", padded(name, columns() - 7).c_str(), points, max_points);
}

void print_standings(const std::vector<Standing>& standings) {
    int column = 3;
    std::printf("   ");
    for (const Standing& standing : standings) {
        const std::string text = standing.exercise + " " + standing.word;
        if (column + 2 + width(text) > columns()) {
            std::printf("\n   ");
            column = 3;
        }
        std::printf("  %s", painted(text, colour_of(standing.word)).c_str());
        column += 2 + width(text);
    }
    std::printf("\n");
}

void print_standings(const std::vector<ExerciseResult>& results) {
    std::vector<Standing> standings;
    for (const ExerciseResult& result : results)
        standings.push_back({result.exercise.id(), word(result.verdict)});
    print_standings(standings);
}

// What to go on with: first what was begun and is not right, then the first that is not begun.
static std::pair<const ChapterResult*, const ExerciseResult*> next_step(
    const std::vector<ChapterResult>& chapters) {
    for (const bool begun : {true, false})
        for (const ChapterResult& chapter : chapters)
            for (const ExerciseResult& result : chapter.exercises) {
                const Verdict v = result.verdict;
                if (v != Verdict::pass && v != Verdict::blocked && begun == (v != Verdict::todo))
                    return {&chapter, &result};
            }
    return {nullptr, nullptr};
}

void print_map(const std::vector<ChapterResult>& chapters, bool whole) {
    const ChapterResult* const in_hand = next_step(chapters).first;
    int points = 0, max_points = 0, passed = 0, exercises = 0;
    std::string part;
    for (const ChapterResult& chapter : chapters) {
        int here = 0;
        for (const ExerciseResult& result : chapter.exercises) {
            here += result.points;
            max_points += result.exercise.max_points;
            passed += result.verdict == Verdict::pass;
            ++exercises;
        }
        points += here;

        const std::string title = part_title(chapter.chapter.number);
        if (part != title) print_part(part = title);
        print_chapter_line(chapter.chapter, here);
        if (whole || &chapter == in_hand) print_exercises(chapter);
        else print_standings(chapter.exercises);
    }
    std::printf("\n %s  %d of %d points, %d of %d exercises pass\n",
                bar(points, max_points, columns() < 80 ? 8 : 24).c_str(), points, max_points,
                passed, exercises);
    if (passed == 0 && chapters.size() > 1) print_short_way();
}

void print_short_way() {
    std::printf(" in a hurry: chapters 1, 3, 4 and 11, from a tensor to attention\n");
}

std::string place(const std::string& file, const Exercise& exercise, Verdict verdict) {
    const int line =
        is_wrong(verdict) ? find_heading(file, exercise.id()) : find_exercise(file, exercise.id());
    return file + (line > 0 ? ":" + std::to_string(line) : "");
}

void print_place(const std::string& file, const Exercise& exercise, Verdict verdict) {
    const std::string text = "next: " + place(file, exercise, verdict) + ", exercise " +
                             exercise.id() + ", about " + std::to_string(exercise.minutes) +
                             " minutes";
    if (columns() < 80) print_wrapped(text, 1);
    else std::printf(" %s\n", text.c_str());  // whole: a path may be long
}

void print_next_step(const std::vector<ChapterResult>& chapters, const std::vector<Chapter>& all) {
    const auto [chapter_in_hand, exercise_in_hand] = next_step(chapters);
    if (exercise_in_hand && exercise_in_hand->verdict == Verdict::no_compile) {
        std::printf(" next: mend %s, so that it compiles\n", chapter_in_hand->file.c_str());
        return;
    }
    if (exercise_in_hand) {
        print_place(chapter_in_hand->file, exercise_in_hand->exercise, exercise_in_hand->verdict);
        return;
    }
    // All that was looked at passes: on to the exercise behind it, or to the chapter at work.
    const ChapterResult& last = chapters.back();
    for (const Chapter& chapter : all)
        for (const Exercise& exercise : chapter.exercises)
            if (chapter.number == last.chapter.number &&
                exercise.number == last.exercises.back().exercise.number + 1) {
                std::printf(" next: exercise %s, make check EXERCISE=%s\n", exercise.id().c_str(),
                            exercise.id().c_str());
                return;
            }
    std::printf(" next: see it at work, make demo CHAPTER=%s\n", last.chapter.id().c_str());
}
