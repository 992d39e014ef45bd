#include "data/reversed_words.hpp"

#include <algorithm>

namespace reversed_words {

const Vocabulary& letters() {
    static const Vocabulary all({Mark::padding, Mark::begin, Mark::end},
                                characters_of("abcdeghilotu"));
    return all;
}

Dataset<Sequences> draw(int training, int held_out, Random& random, int shortest, int longest) {
    const int first = letters().token("a"), count = letters().size() - first;
    Dataset<Sequences> words;
    const std::size_t all = training + held_out;
    while (words.training.size() + words.held_out.size() < all) {
        Sequence word(shortest + random.below(longest - shortest + 1));
        for (int& letter : word) letter = first + random.below(count);
        const bool out = is_held_out(letters().text(word));
        Sequences& part = out ? words.held_out : words.training;
        if (static_cast<int>(part.size()) < (out ? held_out : training)) part.push_back(word);
    }
    return words;
}

Sequences reversed(Sequences words) {
    for (Sequence& word : words) std::reverse(word.begin(), word.end());
    return words;
}

}  // namespace reversed_words
