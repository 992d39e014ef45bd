#include "07_words.hpp"

#include "grader/check.hpp"

#include <algorithm>
#include <cmath>

namespace hidden_07 {

using Tensors = std::vector<Tensor>;

// A text to ids and back, and the ids of what came back.
using Through = std::tuple<Sequence, std::string, Sequence>;

Through through(const std::vector<std::string>& texts, const std::string& text, int most) {
    const Vocabulary vocabulary = vocabulary_of(texts, most);
    const Sequence ids = ids_of(text, vocabulary);
    const std::string back = text_of(ids, vocabulary);
    return {ids, back, ids_of(back, vocabulary)};
}
PARTS(through, "the ids", "the text of the ids", "the ids of that text");

CHECK("7.2", "what a vocabulary knows comes back from its ids, whatever the signs between") {
    const std::string text = "It's\ta dog's life:\nhe said, she said ('life')!";
    const auto [ids, back, again] =
        ASK(through, std::vector<std::string>{text, "a a dog"}, text, 50);
    expect(ids == again, "the text of the ids has other ids");
    ASK(through, std::vector<std::string>{text, "a dog"}, text, 3);
}

Tensor means(const Tensor& table, const Sequences& texts) {
    return average_of_words(table, texts, 0).value();
}

CHECK("7.3",
      "neither the order of the words, nor their number doubled, nor padding changes a mean") {
    const Tensor table = random_tensor({6, 3});
    const Sequence text = {1, 5, 2, 2}, turned = {2, 1, 2, 5}, doubled = joined(turned, text);
    const Tensor all = ASK(means, table, Sequences{text, turned, doubled, joined({0, 0}, text)});
    for (int b = 1; b < 4; ++b)
        for (int k = 0; k < 3; ++k) expect_near(all.data.at(b * 3 + k), all.data.at(k), 1e-6);
}

Tensors moved(Tensor words, Tensor contexts, int word, const Sequence& others, double rate) {
    skip_gram_step(words, contexts, word, others, static_cast<float>(rate));
    return {words, contexts};
}
PARTS(moved, "words", "contexts");

CHECK("7.4", "two tables that change places move in the same way, where word and neighbour do") {
    const Tensor a = random_tensor({3, 4}), b = random_tensor({3, 4});
    const Tensors one = ASK(moved, a, b, 2, Sequence{1}, 0.5);
    const Tensors other = ASK(moved, b, a, 1, Sequence{2}, 0.5);
    expect_near(other.at(0), one.at(1), 1e-6);
    expect_near(other.at(1), one.at(0), 1e-6);
}

Sequence ordered(const Tensor& table, int a, int b, int c) { return analogy(table, a, b, c, 9); }

CHECK("7.5",
      "longer and shorter rows have the same neighbours, and so do rows that are all turned") {
    Tensor table({9, 2});  // no two of the same direction
    for (int r = 0; r < 9; ++r) {
        const float angle = 0.6f * (r * 4 % 9) + random_numbers().uniform(0.05f, 0.4f);
        table.data[2 * r] = std::cos(angle);
        table.data[2 * r + 1] = std::sin(angle);
    }
    const Sequence before = ASK(ordered, table, 4, 0, 7);
    for (int r = 0; r < 9; ++r) {
        const float x = table.data[2 * r], y = table.data[2 * r + 1], size = 0.5f + r;
        table.data[2 * r] = size * (0.6f * x - 0.8f * y);
        table.data[2 * r + 1] = size * (0.8f * x + 0.6f * y);
    }
    expect(ASK(ordered, table, 4, 0, 7) == before, "the answers come in another order");
}

Tensors mapped(const Tensor& rows, int count) {
    const Tensor directions = principal_components(rows, count);
    return {directions, places_along(rows, directions)};
}

CHECK("7.6", "no direction spreads the rows more than the first, and all together hold the whole") {
    const Tensor rows = random_tensor({8, 3});
    const Tensors found = ASK_UNRECORDED(mapped, rows, 3);
    double spread[3] = {}, all = 0;
    for (int k = 0; k < 3; ++k) {
        double mean = 0;
        for (int r = 0; r < 8; ++r) mean += double{rows.data[r * 3 + k]} / 8;
        for (int r = 0; r < 8; ++r) all += std::pow(double{rows.data[r * 3 + k]} - mean, 2);
    }
    for (int r = 0; r < 8; ++r)
        for (int k = 0; k < 3; ++k)
            spread[k] += std::pow(double{found.at(1).data.at(r * 3 + k)}, 2);
    expect(spread[0] > spread[1] && spread[1] > spread[2], "a later direction spreads them more");
    expect_near((spread[0] + spread[1] + spread[2]) / all, 1, 1e-3);
}

}  // namespace hidden_07
