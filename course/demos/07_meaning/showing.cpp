// What vectors show: neighbours, analogies, a map, and answers at a prompt.

#include "demos/07_meaning/meaning.hpp"
#include "kit/environment.hpp"
#include "kit/figure.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <unistd.h>

namespace meaning {

// ## Neighbours

static std::string named(const Vectors& vectors, const Sequence& ids) {
    std::string text;
    for (int id : ids) text += (text.empty() ? "" : " ") + vectors.vocabulary.name(id);
    return text;
}

static std::string near(const Vectors& vectors, const std::string& word, int count) {
    if (!vectors.knows(word)) return "(unknown)";
    return named(vectors, neighbours(vectors.table, vectors.id(word), count));
}

void show_neighbours(const Named& sets) {
    for (const auto& [name, vectors] : sets) {
        std::printf("\nNearest, by vectors %s:\n\n", name.c_str());
        for (const char* word : {"king", "bread", "doctor", "war", "river", "quickly"})
            std::printf("  %-8s %s\n", word, near(*vectors, word, 5).c_str());
    }
}

// ## Analogies

struct Pairs {
    const char *name, *words;
};
static const Pairs lists[] = {
    {"man : woman",
     "man woman king queen boy girl father mother son daughter brother sister husband wife uncle "
     "aunt prince princess duke duchess actor actress he she his her himself herself male female "
     "men women boys girls grandfather grandmother nephew niece gentleman lady hero heroine god "
     "goddess host hostess widower widow emperor empress waiter waitress lord lady monk nun "
     "bridegroom bride bull cow stallion mare rooster hen wizard witch sons daughters him her"},
    {"one : many",
     "cat cats dog dogs tree trees house houses leaf leaves flower flowers bird birds child "
     "children country countries plant plants word words horse horses car cars ship ships animal "
     "animals bone bones book books church churches muscle muscles disease diseases river rivers"},
    {"now : then",
     "go went take took make made is was has had do did see saw come came give gave find found "
     "write wrote grow grew know knew hold held keep kept run ran lose lost win won"}};

struct Score {
    int questions = 0, first = 0, among_five = 0;
};

// For each two pairs a : b and c : d, is d nearest to b − a + c?
static Score score_of(const Vectors& vectors, const char* list) {
    const Words words = words_of(list);
    std::vector<std::pair<int, int>> pairs;
    for (int i = 0; i + 1 < size_of(words); i += 2)
        if (vectors.knows(words[i]) && vectors.knows(words[i + 1]))
            pairs.emplace_back(vectors.id(words[i]), vectors.id(words[i + 1]));
    Score score;
    for (const auto& [a, b] : pairs)
        for (const auto& [c, d] : pairs) {
            if (a == c || b == d) continue;
            const Sequence found = analogy(vectors.table, b, a, c, 5);
            ++score.questions;
            score.first += found.at(0) == d;
            score.among_five += std::count(found.begin(), found.end(), d) > 0;
        }
    return score;
}

static void show_question(const Vectors& vectors, const char* a, const char* b, const char* c,
                          const char* d) {
    const int V = vectors.table.shape[0];
    const Sequence found = analogy(vectors.table, vectors.id(a), vectors.id(b), vectors.id(c), V);
    const auto place = std::find(found.begin(), found.end(), vectors.id(d));
    std::printf("  %s − %s + %s: %s … %s is number %d\n", a, b, c,
                named(vectors, Sequence(found.begin(), found.begin() + 3)).c_str(), d,
                static_cast<int>(place - found.begin()) + 1);
}

void show_analogies(const Named& sets) {
    for (const auto& [name, vectors] : sets) {
        std::printf("\nAnalogies, by vectors %s:\n\n", name.c_str());
        for (const Pairs& list : lists) {
            const Score score = score_of(*vectors, list.words);
            std::printf("  %-12s %4d questions: %3.0f %% right, among five %3.0f %%\n", list.name,
                        score.questions, 100.0 * score.first / std::max(1, score.questions),
                        100.0 * score.among_five / std::max(1, score.questions));
        }
        show_question(*vectors, "mother", "father", "son", "daughter");
        show_question(*vectors, "king", "man", "woman", "queen");
    }
}

// ## A map

struct Group {
    const char *name, *words;
};
static const Group groups[] = {{"animals", "dog cat horse cow bird fish snake whale"},
                               {"food", "bread cheese soup meat sugar wine butter cake"},
                               {"places", "city river country island mountain sea town lake"},
                               {"people", "king doctor soldier teacher wife singer lawyer poet"},
                               {"time", "year month day week hour summer century night"}};

static double squares(const Tensor& x) {
    double sum = 0;
    for (float number : x.data) sum += double{number} * number;
    return sum;
}

void show_map(const Vectors& vectors) {
    Words words;
    std::vector<int> ids;
    std::vector<figure::Series> clouds;
    for (const Group& group : groups) {
        clouds.push_back({group.name, {}, {}, true});
        for (const std::string& word : words_of(group.words))
            words.push_back(word), ids.push_back(vectors.id(word));
    }
    const Tensor rows = gather_rows(unit_rows(vectors.table), ids);
    const Tensor places = places_along(rows, principal_components(rows, 2));
    float lo[2] = {1e9f, 1e9f}, hi[2] = {-1e9f, -1e9f};
    for (int i = 0; i < size_of(ids); ++i)
        for (int k = 0; k < 2; ++k) {
            lo[k] = std::min(lo[k], places.row(i)[k]);
            hi[k] = std::max(hi[k], places.row(i)[k]);
        }
    constexpr int width = 76, height = 22;
    std::vector<std::string> map(height, std::string(width, ' '));
    for (int i = 0; i < size_of(ids); ++i) {
        const float x = places.row(i)[0], y = places.row(i)[1];
        clouds[i / 8].x.push_back(double{x});
        clouds[i / 8].y.push_back(double{y});
        const int length = size_of(words[i]);
        const int column = static_cast<int>((x - lo[0]) / (hi[0] - lo[0]) * (width - length));
        int line = static_cast<int>((hi[1] - y) / (hi[1] - lo[1]) * (height - 1));
        // Where another word stands already, the next free line is nearly as true.
        const auto taken = [&](int at) {
            return map[at].find_first_not_of(' ', std::max(0, column - 1)) <
                   static_cast<std::size_t>(column + length + 1);
        };
        for (int tries = 0; tries < height && taken(line); ++tries) line = (line + 1) % height;
        map[line].replace(column, length, words[i]);
    }
    std::printf(
        "\nForty words along their first two principal components, which hold %.0f %% of\n"
        "their spread:\n\n",
        100 * squares(places) / squares(subtract(rows, mean(rows, 0))));
    for (const std::string& line : map)
        std::printf("  %s\n", line.substr(0, line.find_last_not_of(' ') + 1).c_str());
    const std::string picture =
        figure::lines({"Forty words", "first principal component", "second"}, clouds);
    std::printf("\npicture: %s\n", figure::save("07_map", picture).c_str());
}

// ## A prompt

void prompt(const Vectors& vectors) {
    if (!isatty(STDIN_FILENO)) return;
    std::printf("\nType a word, or three for a − b + c, or nothing to leave.\n");
    for (std::string line; std::printf("> "), std::fflush(stdout), std::getline(std::cin, line);) {
        const Words words = words_in(line);
        if (words.empty()) return;
        const bool known = std::all_of(words.begin(), words.end(), [&](const std::string& word) {
            return vectors.knows(word);
        });
        if (!known) std::printf("  There is a word that it does not know.\n");
        else if (words.size() == 3)
            std::printf("  %s\n",
                        named(vectors, analogy(vectors.table, vectors.id(words[0]),
                                               vectors.id(words[1]), vectors.id(words[2]), 8))
                            .c_str());
        else std::printf("  %s\n", near(vectors, words[0], 8).c_str());
    }
}

// ## All of it

double show_all(int D) {
    if (asked_for("FULL")) {
        learn_all_of_wordnet();
        return NAN;
    }
    const Vectors shipped = read_vectors();
    double right = NAN;
    if (!asked_for("TRAINED")) {
        Random random(7);
        const std::vector<std::string> texts = dictionary_texts();
        const Vectors here = learn(texts, vocabulary_of(texts, 6000), Plan(), random);
        const Named both = {{"learnt here", &here}, {"of all WordNet", &shipped}};
        show_neighbours(both);
        show_analogies(both);
        right = show_kinds(here, shipped, D);
        show_reviews(shipped);
    } else {
        const Named only = {{"of all WordNet", &shipped}};
        show_neighbours(only);
        show_analogies(only);
    }
    show_map(shipped);
    export_tsv(shipped, 2000);
    prompt(shipped);
    return right;
}

}  // namespace meaning
