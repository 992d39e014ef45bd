#include "data/reviews.hpp"

#include "kit/tokens.hpp"

namespace reviews {

static const std::string& one_of(const std::vector<std::string>& words, Random& random) {
    return words[random.below(static_cast<int>(words.size()))];
}

// A text with a gap, * for the word that is said and / for the one that is denied.
static std::string filled(const std::string& form, const std::string& said,
                          const std::string& denied) {
    std::string text;
    for (char c : form) text += c == '*' ? said : c == '/' ? denied : std::string(1, c);
    return text;
}

Dataset<Examples> draw(int training_pairs, int held_out_pairs, Random& random) {
    const auto things = words_of("soup film room hotel book song waiter car garden story");
    const auto good = words_of("good great fresh lovely clever warm quick kind bright honest");
    const auto bad = words_of("bad poor stale ugly dull cold slow rude dark false");
    const std::vector<std::string> forms = {" was * , not / .", " was not / , it was * .",
                                            " is never / and always * ."};
    Dataset<Examples> pairs;
    const auto room_in = [](const Examples& part, int count) {
        return static_cast<int>(part.texts.size()) < 2 * count;
    };
    while (room_in(pairs.training, training_pairs) || room_in(pairs.held_out, held_out_pairs)) {
        const std::string thing = one_of(things, random), form = one_of(forms, random);
        const std::string praise = one_of(good, random), blame = one_of(bad, random);
        const std::string start = "the " + thing + form;
        const bool out = is_held_out(start + praise + blame);
        Examples& part = out ? pairs.held_out : pairs.training;
        if (!room_in(part, out ? held_out_pairs : training_pairs)) continue;
        part.texts.push_back(filled(start, praise, blame)), part.kinds.push_back(1);
        part.texts.push_back(filled(start, blame, praise)), part.kinds.push_back(0);
    }
    return pairs;
}

}  // namespace reviews
