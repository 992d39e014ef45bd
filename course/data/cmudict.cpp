#include "data/cmudict.hpp"

#include "data/split.hpp"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <numeric>
#include <sstream>
#include <stdexcept>

namespace pronunciation {

// ## Tokens

const Vocabulary& vocabulary() {
    static const Vocabulary all = [] {
        std::vector<std::string> names = characters_of("abcdefghijklmnopqrstuvwxyz'");
        const std::vector<std::string> sounds = words_of(
            "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH "
            "UH UW V W Y Z ZH");
        names.insert(names.end(), sounds.begin(), sounds.end());
        return Vocabulary({Mark::padding, Mark::begin, Mark::end}, names);
    }();
    return all;
}

Sequence letters_of(const std::string& word) {
    Sequence letters;
    for (char character : word) {
        const std::string letter(1, std::tolower(static_cast<unsigned char>(character)));
        if (!vocabulary().has(letter))
            throw std::invalid_argument("letters_of: '" + word +
                                        "' has something else than a to z and '");
        letters.push_back(vocabulary().token(letter));
    }
    return letters;
}

Sequence sounds_of(const std::string& text) {
    static const int first_sound = vocabulary().token("AA");
    Sequence sounds;
    for (const std::string& sound : words_of(text)) {
        if (!vocabulary().has(sound) || vocabulary().token(sound) < first_sound)
            throw std::invalid_argument("sounds_of: '" + sound + "' is no sound of ARPAbet");
        sounds.push_back(vocabulary().token(sound));
    }
    return sounds;
}

// ## The dictionary

std::string dictionary_path() { return std::string(COURSE_ROOT) + "/data/cmudict.txt"; }

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

Dictionary read_dictionary(const std::string& path) {
    std::ifstream file(path);
    if (!file)
        throw std::runtime_error("read_dictionary: cannot read " + path + ": " +
                                 std::strerror(errno));
    Dictionary dictionary;
    int number = 0;
    for (std::string line; std::getline(file, line);) {
        ++number;
        if (!line.empty() && line.back() == '\r') line.pop_back();
        try {
            Entry entry = entry_of(line);
            const bool kept_back = is_held_out(entry.word);
            (kept_back ? dictionary.held_out : dictionary.training).push_back(std::move(entry));
        } catch (const std::invalid_argument& error) {
            throw std::runtime_error("read_dictionary: " + path + ":" + std::to_string(number) +
                                     ": " + error.what());
        }
    }
    if (dictionary.training.empty())
        throw std::runtime_error("read_dictionary: " + path + " has no words to learn from");
    return dictionary;
}

// ## Examples

std::vector<Pair> pairs_of(const std::vector<Entry>& entries) {
    std::vector<Pair> pairs;
    for (const Entry& entry : entries)
        for (const Sequence& sounds : entry.sounds) pairs.push_back({entry.letters, sounds});
    return pairs;
}

static void shuffle(std::vector<int>& places, Random& random) {
    for (int last = static_cast<int>(places.size()) - 1; last > 0; --last)
        std::swap(places[last], places[random.below(last + 1)]);
}

std::vector<std::vector<int>> batches_of_like_length(const std::vector<Pair>& pairs, int size,
                                                     Random& random) {
    if (size < 1 || pairs.empty())
        throw std::invalid_argument("batches_of_like_length: size " + std::to_string(size) + ", " +
                                    std::to_string(pairs.size()) + " pairs");
    std::vector<int> order(pairs.size());
    std::iota(order.begin(), order.end(), 0);
    shuffle(order, random);
    const auto length = [&](int place) {
        return std::make_pair(pairs[place].letters.size(), pairs[place].sounds.size());
    };
    std::stable_sort(order.begin(), order.end(),
                     [&](int a, int b) { return length(a) < length(b); });
    const int count = order.size();
    std::vector<int> starts;
    for (int first = 0; first < count; first += size) starts.push_back(first);
    shuffle(starts, random);
    std::vector<std::vector<int>> batches;
    for (int first : starts)
        batches.emplace_back(order.begin() + first, order.begin() + std::min(first + size, count));
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

ErrorRates error_rates(const std::vector<Entry>& entries, const Sequences& said) {
    if (entries.size() != said.size() || entries.empty())
        throw std::invalid_argument("error_rates: " + std::to_string(entries.size()) +
                                    " words and " + std::to_string(said.size()) + " answers");
    double wrong = 0, edits = 0, sounds = 0;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        int nearest = -1;
        std::size_t length = 0;
        for (const Sequence& right : entries[i].sounds) {
            const int distance = edit_distance(said[i], right);
            if (nearest >= 0 && distance >= nearest) continue;
            nearest = distance;
            length = right.size();
        }
        wrong += nearest != 0;
        edits += nearest;
        sounds += length;
    }
    return {wrong / entries.size(), edits / sounds};
}

}  // namespace pronunciation
