#include "data/sky.hpp"

#include "kit/text.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace sky {

using Words = std::vector<std::string>;

namespace {

// What the comparisons follow from.
struct Facts {
    Words planets;                                           // from the Sun outwards
    Words classes;                                           // from hot to cool
    std::vector<std::pair<std::string, std::string>> stars;  // and their classes
};

}  // namespace

static Words behind(const std::string& beginning, const std::string& sentence) {
    Words words = words_of(sentence.substr(beginning.size()));
    words.pop_back();  // the full stop
    return words;
}

static void take(Facts& facts, const std::string& sentence) {
    const std::string planets = "the planets in order are ", classes = "the spectral sequence is ";
    if (begins_with(sentence, planets)) facts.planets = behind(planets, sentence);
    if (begins_with(sentence, classes)) facts.classes = behind(classes, sentence);
    const std::size_t place = sentence.find(" is a star of class ");
    if (place != std::string::npos && !begins_with(sentence, "The Sun"))
        facts.stars.emplace_back(sentence.substr(0, place), words_of(sentence).at(6));
}

// Both orders of a pair, and both questions, are held out together.
static void compare(Dataset<Words>& all, const std::string& first, const std::string& second,
                    const std::string& more, const std::string& less) {
    const bool out = is_held_out(std::min(first, second) + " " + std::max(first, second), 5);
    Words& part = out ? all.held_out : all.training;
    for (const std::string& pair : {first + " and " + second, second + " and " + first}) {
        part.push_back("of " + pair + " the " + more + " is " + first + " .");
        part.push_back("of " + pair + " the " + less + " is " + second + " .");
    }
}

static void add_comparisons(Dataset<Words>& all, const Facts& facts) {
    for (auto a = facts.planets.begin(); a != facts.planets.end(); ++a)
        for (auto b = a + 1; b != facts.planets.end(); ++b)
            compare(all, *a, *b, "nearer", "farther");
    const auto place = [&](const std::string& of_class) {
        return std::find(facts.classes.begin(), facts.classes.end(), of_class);
    };
    for (const auto& [hot, hot_class] : facts.stars)
        for (const auto& [cool, cool_class] : facts.stars)
            if (place(hot_class) < place(cool_class)) compare(all, hot, cool, "hotter", "cooler");
}

Sky read() {
    Dataset<Words> all;
    Facts facts;
    read_lines(
        "sky.txt",
        [&](const std::string& line) {
            const Words words = words_of(line);
            if (words.size() < 3 || words.back() != ".")
                throw std::invalid_argument("a sentence that ends in ' .' is needed");
            take(facts, line);
            all.training.push_back(line);
        },
        92);
    add_comparisons(all, facts);
    Words names;
    for (const std::string& sentence : all.training)
        for (const std::string& word : words_of(sentence))
            if (std::find(names.begin(), names.end(), word) == names.end()) names.push_back(word);
    Sky sky{Vocabulary({Mark::end}, names), {}};
    const Sequence end = {sky.vocabulary.token(Mark::end)};
    const auto tokens = [&](const std::string& sentence) {
        return joined(end, sky.vocabulary.tokens(words_of(sentence)));
    };
    for (const std::string& sentence : all.training)
        sky.sentences.training.push_back(tokens(sentence));
    for (const std::string& sentence : all.held_out)
        sky.sentences.held_out.push_back(tokens(sentence));
    return sky;
}

}  // namespace sky
