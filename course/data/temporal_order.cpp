#include "data/temporal_order.hpp"

namespace temporal_order {

const Vocabulary& symbols() {
    static const Vocabulary all({}, characters_of("BEXYabcd"));
    return all;
}

static Sequence sequence_of(int kind, int length, Random& random) {
    Sequence sequence(length);
    for (int& symbol : sequence) symbol = 4 + random.below(4);
    sequence.front() = 0;
    sequence.back() = 1;
    const int first = 1 + random.below(length - 3);
    const int second = first + 1 + random.below(length - 2 - first);
    sequence[first] = 2 + kind / 2;
    sequence[second] = 2 + kind % 2;
    return sequence;
}

Dataset<Examples> draw(int training, int held_out, int shortest, int longest, Random& random) {
    Dataset<Examples> all;
    const std::size_t count = training + held_out;
    while (all.training.kinds.size() + all.held_out.kinds.size() < count) {
        const int kind = random.below(4);
        const int length = shortest + random.below(longest - shortest + 1);
        const Sequence sequence = sequence_of(kind, length, random);
        const bool out = is_held_out(symbols().text(sequence));
        Examples& part = out ? all.held_out : all.training;
        if (static_cast<int>(part.kinds.size()) == (out ? held_out : training)) continue;
        part.sequences.push_back(sequence);
        part.kinds.push_back(kind);
    }
    return all;
}

}  // namespace temporal_order
