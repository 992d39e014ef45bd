#include "data/recall.hpp"

#include <numeric>
#include <utility>

namespace recall {

const Vocabulary& letters() {
    static const Vocabulary all({}, characters_of("abcdefgh"));
    return all;
}

Dataset<Examples> draw(int training, int held_out, Random& random) {
    Dataset<Examples> all;
    const int V = letters().size();
    const std::size_t count = training + held_out;
    while (all.training.answers.size() + all.held_out.answers.size() < count) {
        Sequence sequence(V);
        std::iota(sequence.begin(), sequence.end(), 0);
        for (int i = V - 1; i > 0; --i) std::swap(sequence[i], sequence[random.below(i + 1)]);
        const int place = random.below(V - 1);
        sequence.push_back(sequence[place]);
        const bool out = is_held_out(letters().text(sequence));
        Examples& part = out ? all.held_out : all.training;
        if (static_cast<int>(part.answers.size()) == (out ? held_out : training)) continue;
        part.sequences.push_back(sequence);
        part.answers.push_back(sequence[place + 1]);
    }
    return all;
}

}  // namespace recall
