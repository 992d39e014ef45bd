#include "19_bert.hpp"

#include "grader/check.hpp"

#include <cmath>

namespace hidden_19 {

Sequences read_without_marks(const Sequences& tokens, int seed) {
    BertSettings settings;
    settings.vocabulary = 9;
    settings.marks = 0;
    settings.mask = 8;
    Random random(seed);
    return mask_tokens(tokens, settings, 1.0, random).asked;
}
CALLED(read_without_marks, "mask_tokens");
PARTS(read_without_marks, "what is asked, sequence #0");

CHECK("19.2", "in a vocabulary without marks, 0 is a word like any other") {
    const Sequences tokens = {{0, 1, 0}, {8}};
    expect(ASK(read_without_marks, tokens, 3) == tokens, "every token is asked for");
}

Tensor rows_of_longest(int longest) {
    BertSettings settings;
    settings.stack = {2, 1, 2, 1};
    settings.vocabulary = 6;
    settings.longest = longest;
    Random random(4);
    const Bert net(settings, random);
    return net.embed({{Sequence(longest, 5)}, {Sequence(longest, 1)}}).value();
}

CHECK("19.3", "a text that is as long as there are positions has a row for each") {
    for (int longest : {1, 4, 50}) {
        allow_roundings(64);
        expect(ASK(rows_of_longest, longest).shape == Shape{1, longest, 2}, "a row for each token");
    }
}

std::vector<int> span_of(const Tensor& z, const Tensor& places) {
    const Span span = best_span(z, places);
    return {span.first, span.last};
}

CHECK("19.5", "logits of millions, and sums that differ by one") {
    const Tensor z = Tensor({3, 2}, {8e6f, 0, 8e6f + 1, 8e6f, 0, 8e6f + 1});
    expect(ASK(span_of, z, row({1, 1, 1})) == std::vector<int>{1, 2}, "it is from 1 to 2");
}

// The same change merged twice.
Tensor merged_twice(const Tensor& W, const Tensor& A, const Tensor& B, double alpha) {
    Random random(1);
    Linear layer(W.shape[0], W.shape[1], random);
    layer.W.set_value(W);
    LowRank change(A.shape[0], B.shape[1], A.shape[1], alpha, random);
    change.A.set_value(A);
    change.B.set_value(B);
    return merged(merged(layer, change), change).W.value();
}

CHECK("19.6", "a layer into which a change was merged takes another one") {
    const Tensor W = random_tensor({3, 2}), A = random_tensor({3, 1}), B = random_tensor({1, 2});
    const Tensor AB = exact_product(A, B), found = ASK(merged_twice, W, A, B, 3.0);
    for (int i = 0; i < 6; ++i)
        expect(std::fabs(found.data.at(i) - W.data[i] - 6 * AB.data[i]) < 1e-4f,
               "it must be W + 2 α/r A B");
}

}  // namespace hidden_19
