#include "data/cmudict.hpp"

#include <algorithm>
#include <cctype>
#include <numeric>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace cmudict {

// ## Tokens

const Vocabulary& vocabulary() {
    static const Vocabulary all = [] {
        std::vector<std::string> names = characters_of("abcdefghijklmnopqrstuvwxyz'");
        for (const std::string& sound :
             words_of("AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S "
                      "SH T TH UH UW V W Y Z ZH"))
            names.push_back(sound);
        return Vocabulary({Mark::padding, Mark::begin, Mark::end}, names);
    }();
    return all;
}

Sequence letters_of(const std::string& word) {
    Sequence letters;
    for (char character : word) {
        const std::string letter(1, std::tolower(static_cast<unsigned char>(character)));
        if (!vocabulary().has(letter))
            throw std::invalid_argument("'" + word + "' has something else than a to z and '");
        letters.push_back(vocabulary().token(letter));
    }
    return letters;
}

static Sequence sounds_of(const std::string& text) {
    static const int first_sound = vocabulary().token("AA");
    const Sequence sounds = vocabulary().tokens(words_of(text));
    for (int sound : sounds)
        if (sound < first_sound)
            throw std::invalid_argument("'" + vocabulary().name(sound) + "' is no sound");
    return sounds;
}

// ## The dictionary

static Entry entry_of(const std::string& line) {
    std::istringstream columns(line);
    Entry entry;
    std::getline(columns, entry.word, '\t');
    entry.letters = letters_of(entry.word);
    for (std::string column; std::getline(columns, column, '\t');)
        entry.sounds.push_back(sounds_of(column));
    if (entry.letters.empty() || entry.sounds.empty() || entry.sounds.back().empty())
        throw std::invalid_argument("a word, a tab and its sounds are needed");
    return entry;
}

Dataset<Entries> read() {
    Dataset<Entries> entries;
    read_lines("cmudict.txt", [&](const std::string& line) {
        Entry entry = entry_of(line);
        const bool out = is_held_out(entry.word);
        (out ? entries.held_out : entries.training).push_back(std::move(entry));
    });
    return entries;
}

// ## Examples

Pairs pairs_of(const Entries& entries) {
    Pairs pairs;
    for (const Entry& entry : entries)
        for (const Sequence& sounds : entry.sounds) pairs.push_back({entry.letters, sounds});
    return pairs;
}

template <class Item>
static void shuffle(std::vector<Item>& items, Random& random) {
    for (std::size_t left = items.size(); left > 1; --left)
        std::swap(items[left - 1], items[random.below(static_cast<int>(left))]);
}

std::vector<std::vector<int>> batches(const Pairs& pairs, int size, Random& random) {
    std::vector<int> order(pairs.size());
    std::iota(order.begin(), order.end(), 0);
    shuffle(order, random);
    const auto lengths = [&](int i) {
        return std::make_pair(pairs[i].letters.size(), pairs[i].sounds.size());
    };
    std::stable_sort(order.begin(), order.end(),
                     [&](int a, int b) { return lengths(a) < lengths(b); });
    std::vector<std::vector<int>> batches;
    for (auto first = order.begin(); first < order.end();) {
        const auto last = first + std::min<std::ptrdiff_t>(size, order.end() - first);
        batches.emplace_back(first, last);
        first = last;
    }
    shuffle(batches, random);
    return batches;
}

// ## Mistakes

// Row by row: best[j] is the distance from the first i of a to the first j of b.
int edit_distance(const Sequence& a, const Sequence& b) {
    std::vector<int> best(b.size() + 1);
    std::iota(best.begin(), best.end(), 0);
    for (std::size_t i = 1; i <= a.size(); ++i) {
        int diagonal = best[0];
        best[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const int replaced = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = best[j];
            best[j] = std::min({replaced, best[j] + 1, best[j - 1] + 1});
        }
    }
    return best[b.size()];
}

ErrorRates error_rates(const Entries& entries, const Sequences& said) {
    if (entries.size() != said.size() || entries.empty())
        throw std::invalid_argument("error_rates: " + std::to_string(entries.size()) +
                                    " words and " + std::to_string(said.size()) + " answers");
    double wrong = 0, edits = 0, sounds = 0;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const auto distance = [&](const Sequence& right) { return edit_distance(said[i], right); };
        const Sequence& nearest = *std::min_element(
            entries[i].sounds.begin(), entries[i].sounds.end(),
            [&](const Sequence& a, const Sequence& b) { return distance(a) < distance(b); });
        wrong += distance(nearest) > 0;
        edits += distance(nearest);
        sounds += nearest.size();
    }
    return {wrong / entries.size(), edits / sounds};
}

}  // namespace cmudict
