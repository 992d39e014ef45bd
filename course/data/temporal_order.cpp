#include "data/temporal_order.hpp"

namespace temporal_order {

const Vocabulary& symbols() {
    static const Vocabulary all({}, characters_of("BEXYabcd"));
    return all;
}

Examples examples(int count, int shortest, int longest, Random& random) {
    Examples all;
    for (int i = 0; i < count; ++i) {
        const int length = shortest + random.below(longest - shortest + 1), inner = length - 2;
        Sequence sequence(length);
        for (int& symbol : sequence) symbol = 4 + random.below(4);
        const int first = 1 + random.below(inner - 1);
        const int second = first + 1 + random.below(inner - first);
        const int kind = random.below(4);
        sequence.front() = 0, sequence.back() = 1;
        sequence[first] = 2 + kind / 2, sequence[second] = 2 + kind % 2;
        all.sequences.push_back(sequence);
        all.kinds.push_back(kind);
    }
    return all;
}

}  // namespace temporal_order
