#include "data/temporal_order.hpp"

#include <functional>

namespace temporal_order {

const Vocabulary& symbols() {
    static const Vocabulary all({}, characters_of("BEXYabcd"));
    return all;
}

// A sequence with its two symbols at these places.
static Sequence sequence_of(int kind, Sequence distractors, int first, int second) {
    distractors.front() = 0;
    distractors.back() = 1;
    distractors[first] = 2 + kind / 2;
    distractors[second] = 2 + kind % 2;
    return distractors;
}

static Sequence distractors(int length, Random& random) {
    Sequence sequence(length);
    for (int& symbol : sequence) symbol = 4 + random.below(4);
    return sequence;
}

// One of the numbers from `from` to `to`.
static int one_of(int from, int to, Random& random) { return from + random.below(to - from + 1); }

using Draw = std::function<Sequence(int kind)>;

static Dataset<Examples> draw(int training, int held_out, Random& random, const Draw& sequence_of) {
    Dataset<Examples> all;
    const std::size_t count = training + held_out;
    while (all.training.kinds.size() + all.held_out.kinds.size() < count) {
        const int kind = random.below(4);
        const Sequence sequence = sequence_of(kind);
        const bool out = is_held_out(symbols().text(sequence));
        Examples& part = out ? all.held_out : all.training;
        if (static_cast<int>(part.kinds.size()) == (out ? held_out : training)) continue;
        part.sequences.push_back(sequence);
        part.kinds.push_back(kind);
    }
    return all;
}

Dataset<Examples> draw(int training, int held_out, int shortest, int longest, Random& random) {
    return draw(training, held_out, random, [&](int kind) {
        const int length = one_of(shortest, longest, random);
        const Sequence noise = distractors(length, random);
        const int first = one_of(1, length - 3, random);
        return sequence_of(kind, noise, first, one_of(first + 1, length - 2, random));
    });
}

Dataset<Examples> draw(int training, int held_out, const Level& level, Random& random) {
    return draw(training, held_out, random, [&](int kind) {
        const int length = one_of(level.shortest, level.longest, random);
        const Sequence noise = distractors(length, random);
        const int first = one_of(level.first[0], level.first[1], random);
        return sequence_of(kind, noise, first, one_of(level.second[0], level.second[1], random));
    });
}

}  // namespace temporal_order
