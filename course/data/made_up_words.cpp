#include "data/made_up_words.hpp"

#include <algorithm>

namespace made_up_words {

const Vocabulary& letters() {
    static const Vocabulary all({Mark::padding, Mark::begin, Mark::end},
                                characters_of("abcdefghijkl"));
    return all;
}

Sequences words(int count, Random& random, const Sequences& others) {
    const int first = letters().token("a"), different = letters().size() - first;
    Sequences all;
    while (static_cast<int>(all.size()) < count) {
        Sequence word(3 + random.below(6));
        for (int& letter : word) letter = random.below(different) + first;
        if (std::find(others.begin(), others.end(), word) == others.end()) all.push_back(word);
    }
    return all;
}

Sequences reversed(Sequences words) {
    for (Sequence& word : words) std::reverse(word.begin(), word.end());
    return words;
}

}  // namespace made_up_words
