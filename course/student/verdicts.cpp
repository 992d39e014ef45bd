#include "student/verdicts.hpp"

#include "grader/check.hpp"
#include "kit/hash.hpp"
#include "kit/text.hpp"
#include "kit/whole_file.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <stdexcept>

namespace fs = std::filesystem;

Verdicts read_verdicts(const std::string& path) {
    Verdicts verdicts;
    for (const std::string& line : lines_of(file_text(path))) {
        std::istringstream words(line);
        std::string id;
        Remembered remembered;
        if (words >> id >> remembered.verdict >> remembered.points >> std::hex >> remembered.text)
            verdicts[id] = remembered;
    }
    return verdicts;
}

// The file of another chapter in the same folder.
static std::string beside(const std::string& chapter_file, int number) {
    const fs::path folder = fs::path(chapter_file).parent_path();
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(folder.empty() ? "." : folder, none)) {
        const std::string name = entry.path().filename().string();
        if (begins_with(name, two_digits(number) + "_") && entry.path().extension() == ".cpp")
            return entry.path().string();
    }
    return "";
}

static std::uint64_t text_of(const std::string& chapter_file, const std::string& id) {
    std::uint64_t text = fnv1a(exercise_text(chapter_file, id));
    std::map<int, std::string> files = {{std::atoi(id.c_str()), chapter_file}};
    for (const std::string& other : rests_on(id)) {
        std::string& file = files[std::atoi(other.c_str())];
        if (file.empty()) file = beside(chapter_file, std::atoi(other.c_str()));
        text = fnv1a(exercise_text(file, other), text);
    }
    return text;
}

Verdicts with(Verdicts verdicts, const std::string& chapter_file,
              const std::vector<ExerciseResult>& results) {
    for (const ExerciseResult& result : results) {
        const std::string id = result.exercise.id();
        verdicts[id] = {word(result.verdict), result.points, text_of(chapter_file, id)};
    }
    return verdicts;
}

void remember(const std::string& path, const std::string& chapter_file,
              const std::vector<ExerciseResult>& results) {
    const Verdicts verdicts = with(read_verdicts(path), chapter_file, results);
    std::ostringstream text;
    for (const auto& [id, remembered] : verdicts)
        text << id << ' ' << remembered.verdict << ' ' << std::dec << remembered.points << ' '
             << std::hex << remembered.text << '\n';
    try {
        write_file(path, text.str());
    } catch (const std::runtime_error&) {}  // a memory that cannot be kept is no reason to stop
}

std::string standing(const Exercise& exercise, const std::string& chapter_file,
                     const Verdicts& verdicts) {
    const std::string id = exercise.id();
    const auto found = verdicts.find(id);
    if (found != verdicts.end() && found->second.text == text_of(chapter_file, id))
        return found->second.verdict;
    return has_stub(chapter_file, id) ? "todo" : "changed";
}

Culprit wrong_foundation(const Exercise& exercise, const std::vector<Chapter>& chapters,
                         const std::string& folder, const Verdicts& verdicts) {
    const std::vector<std::string> on = rests_on(exercise.id());
    for (const Chapter& chapter : chapters)
        for (const Exercise& other : chapter.exercises) {
            if (std::find(on.begin(), on.end(), other.id()) == on.end()) continue;
            const std::string file = folder + "/" + chapter.stem + ".cpp";
            const std::string stands = standing(other, file, verdicts);
            if (stands == "fail" || stands == "crash" || stands == "timeout")
                return {other.id(), file + ":" + std::to_string(find_exercise(file, other.id()))};
        }
    return {};
}

Open next_open(const std::vector<Chapter>& chapters, const std::string& folder,
               const Verdicts& verdicts) {
    for (const bool begun : {true, false})
        for (const Chapter& chapter : chapters)
            for (const Exercise& exercise : chapter.exercises) {
                const std::string file = folder + "/" + chapter.stem + ".cpp";
                const std::string stands = standing(exercise, file, verdicts);
                if (stands != "pass" && stands != "blocked" && begun == (stands != "todo"))
                    return {chapter, exercise};
            }
    return {chapters.back(), chapters.back().exercises.back(), true};
}
