#include "class/similar.hpp"

#include "kit/hash.hpp"
#include "kit/whole_file.hpp"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstdio>
#include <map>
#include <set>

static const std::size_t window = 18;        // tokens in a fingerprint: about two lines
static const std::size_t neighbourhood = 6;  // of which one fingerprint is kept
static const std::size_t least_shared = 4;   // fingerprints; fewer are chance
static const std::size_t most_pairs = 40;

// ## Tokens

namespace {

struct Token {
    std::string text;  // "x" for every name, "0" for every number
    int line = 0;
};

}  // namespace

static bool is_word(char letter) {
    return std::isalnum(static_cast<unsigned char>(letter)) || letter == '_';
}

// The end of a comment, a text or a name that begins at `at`.
static std::size_t end_of_text(const std::string& source, std::size_t at) {
    const char quote = source[at];
    for (++at; at < source.size() && source[at] != quote && source[at] != '\n'; ++at)
        if (source[at] == '\\') ++at;
    return std::min(at + 1, source.size());
}

static std::size_t end_of_comment(const std::string& source, std::size_t at) {
    const bool line = source[at + 1] == '/';
    const std::size_t end = source.find(line ? "\n" : "*/", at + 2);
    return end == std::string::npos ? source.size() : end + (line ? 0 : 2);
}

// Words of the language keep their meaning; every other word is a name.
static std::string kind_of_word(const std::string& word) {
    static const std::set<std::string> language = {
        "if",  "else",  "for",    "while", "do",     "return", "break", "continue", "throw",
        "try", "catch", "switch", "case",  "struct", "class",  "new",   "delete"};
    return language.count(word) > 0 ? word : "x";
}

static std::vector<Token> tokens_of(const std::string& source) {
    std::vector<Token> tokens;
    int line = 1;
    for (std::size_t at = 0; at < source.size();) {
        const char letter = source[at];
        std::size_t end = at + 1;
        std::string text;
        const bool comment = letter == '/' && at + 1 < source.size() &&
                             (source[at + 1] == '/' || source[at + 1] == '*');
        if (comment) end = end_of_comment(source, at);
        else if (letter == '"' || letter == '\'') text = "\"", end = end_of_text(source, at);
        else if (is_word(letter)) {
            while (end < source.size() && is_word(source[end])) ++end;
            const bool number = std::isdigit(static_cast<unsigned char>(letter));
            text = number ? "0" : kind_of_word(source.substr(at, end - at));
        } else if (!std::isspace(static_cast<unsigned char>(letter))) text = letter;
        if (!text.empty()) tokens.push_back({text, line});
        line += std::count(source.begin() + at, source.begin() + end, '\n');
        at = end;
    }
    return tokens;
}

// ## Fingerprints

// Fingerprint → the first and the last line of where it stands first.
using Fingerprints = std::map<std::uint64_t, std::pair<int, int>>;

static std::uint64_t hash_of(const std::vector<Token>& tokens, std::size_t first) {
    std::string text;
    for (std::size_t i = first; i < first + window; ++i) text += tokens[i].text + " ";
    const std::uint64_t hash = fnv1a(text);
    return hash ^ hash >> 29;
}

// With `all`, every fingerprint is kept: for what is taken out.
static Fingerprints fingerprints_of(const std::vector<Token>& tokens, bool all) {
    Fingerprints result;
    if (tokens.size() < window) return result;
    std::vector<std::uint64_t> hashes;
    for (std::size_t i = 0; i + window <= tokens.size(); ++i) hashes.push_back(hash_of(tokens, i));
    const auto keep = [&](std::size_t i) {
        result.emplace(hashes[i], std::make_pair(tokens[i].line, tokens[i + window - 1].line));
    };
    for (std::size_t i = 0; i < hashes.size(); ++i) {
        const std::size_t end = std::min(i + neighbourhood, hashes.size());
        const auto least = std::min_element(hashes.begin() + i, hashes.begin() + end);
        keep(all ? i : least - hashes.begin());
    }
    return result;
}

// ## Pairs

namespace {

struct Work {
    std::string student;
    Fingerprints fingerprints;  // of one chapter, without what is given
};

struct Pair {
    std::string chapter;
    const Work* one;
    const Work* other;
    std::vector<std::uint64_t> shared;
    long percent;  // of the smaller one's own fingerprints
};

}  // namespace

// What more than a tenth of a class of twenty or more writes is what the exercise asks for.
static std::set<std::uint64_t> common(const std::vector<Work>& works) {
    std::map<std::uint64_t, std::size_t> counts;
    for (const Work& work : works)
        for (const auto& [hash, lines] : work.fingerprints) ++counts[hash];
    std::set<std::uint64_t> result;
    for (const auto& [hash, count] : counts)
        if (works.size() >= 20 && count > works.size() / 10) result.insert(hash);
    return result;
}

static void find_pairs(const std::string& chapter, const std::vector<Work>& works,
                       std::vector<Pair>& pairs) {
    const std::set<std::uint64_t> everybodys = common(works);
    for (std::size_t i = 0; i < works.size(); ++i)
        for (std::size_t k = i + 1; k < works.size(); ++k) {
            Pair pair{chapter, &works[i], &works[k], {}, 0};
            for (const auto& [hash, lines] : works[i].fingerprints)
                if (works[k].fingerprints.count(hash) > 0 && everybodys.count(hash) == 0)
                    pair.shared.push_back(hash);
            if (pair.shared.size() < least_shared) continue;
            pair.percent = 100 * pair.shared.size() /
                           std::min(works[i].fingerprints.size(), works[k].fingerprints.size());
            pairs.push_back(pair);
        }
}

static void take_out(const Fingerprints& given, std::vector<Work>& works) {
    for (Work& work : works)
        for (const auto& [hash, lines] : given) work.fingerprints.erase(hash);
}

// "12-20, 31-33": the lines of one side, neighbours joined.
static std::string ranges(const Work& work, const std::vector<std::uint64_t>& shared) {
    std::vector<std::pair<int, int>> lines;
    for (std::uint64_t hash : shared) lines.push_back(work.fingerprints.at(hash));
    std::sort(lines.begin(), lines.end());
    std::vector<std::pair<int, int>> joined;
    for (const auto& [first, last] : lines) {
        if (!joined.empty() && first <= joined.back().second + 1)
            joined.back().second = std::max(joined.back().second, last);
        else joined.push_back({first, last});
    }
    std::string text;
    for (const auto& [first, last] : joined)
        text += (text.empty() ? "" : ", ") + std::to_string(first) + "-" + std::to_string(last);
    return text;
}

static void print(std::vector<Pair>& pairs) {
    std::stable_sort(pairs.begin(), pairs.end(), [](const Pair& a, const Pair& b) {
        return a.shared.size() > b.shared.size();
    });
    for (std::size_t i = 0; i < std::min(pairs.size(), most_pairs); ++i) {
        const Pair& pair = pairs[i];
        std::printf("%s.cpp: %zu passages alike, %ld %% of what the shorter one added\n",
                    pair.chapter.c_str(), pair.shared.size(), pair.percent);
        for (const Work* work : {pair.one, pair.other})
            std::printf("   %s: lines %s\n", work->student.c_str(),
                        ranges(*work, pair.shared).c_str());
    }
    if (pairs.size() > most_pairs)
        std::printf("and %zu pairs more, less alike\n", pairs.size() - most_pairs);
}

int show_similar(const std::string& root, const std::string& build, const std::string& submissions,
                 const std::vector<Chapter>& catalogue) {
    std::vector<std::string> others;
    std::map<std::string, std::vector<Work>> works;  // of each chapter
    const std::vector<Submission> all = find_submissions(submissions, catalogue, others);
    for (const Submission& submission : all)
        for (const auto& [chapter, text] : take_chapters(submission, catalogue).chapters)
            works[chapter].push_back({submission.student, fingerprints_of(tokens_of(text), false)});

    std::vector<Pair> pairs;
    for (auto& [chapter, of_students] : works) {
        for (const std::string& given : {build + "/stubs/", root + "/solutions/"})
            take_out(fingerprints_of(tokens_of(file_text(given + chapter + ".cpp")), true),
                     of_students);
        find_pairs(chapter, of_students, pairs);
    }
    print(pairs);
    std::printf(
        "%zu pairs among %zu submissions share passages that neither stub nor solution has.\n"
        "That two are alike does not say why: read both before you say anything to anyone.\n"
        " next: diff them side by side; the lines are those of what was handed in\n",
        pairs.size(), all.size());
    return 0;
}
