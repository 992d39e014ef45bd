#include "demos/16_reversing/reverser.hpp"

#include "13_positional_encoding.hpp"
#include "kit/figure.hpp"

#include <cstdio>

namespace reversing {

using reversed_words::letters;

static Variable embedded(const Sequences& words, const Linear& embedding) {
    const std::vector<int> tokens = padded(words, -1);
    const int B = size_of(words), T = size_of(tokens) / B, V = letters().size();
    return with_sinusoid(embedding(Tensor({B, T, V}, one_hot(tokens, V))));
}

Reverser::Reverser(const StackSettings& settings, Random& random)
    : source(letters().size(), settings.d_model, random),
      target(letters().size(), settings.d_model, random),
      answer(settings.d_model, letters().size(), random),
      encoder(settings, random),
      decoder(settings, random) {}

Variable Reverser::read(const Sequences& words) const {
    const Variable x = embedded(words, source);
    return encoder(x, padding_mask(lengths_of(words), x.shape()[1], x.shape()[1]));
}

Variable Reverser::write(const Sequences& so_far, const Variable& memory,
                         const Sequences& words) const {
    const Variable x = embedded(so_far, target);
    const int T = x.shape()[1];
    const Tensor in_words = padding_mask(lengths_of(words), T, memory.shape()[1]);
    return answer(decoder(x, memory, causal_mask(T), in_words));
}

Parameters Reverser::parameters() const {
    Parameters all = encoder.parameters();
    append(all, decoder.parameters());
    for (const Linear* layer : {&source, &target, &answer}) append(all, layer->parameters());
    return all;
}

Sequences write_backwards(const Reverser& net, const Sequences& words) {
    const NoTape no_tape;
    const Variable memory = net.read(words);
    const auto next = [&](const Sequences& beginnings) {
        const Tensor z = net.write(beginnings, memory, words).value();  // [B, T, V]
        const int B = z.shape[0], T = z.shape[1], V = z.shape[2];
        std::vector<int> last;
        for (int b = 0; b < B; ++b) last.push_back(b * T + T - 1);
        return gather_rows(reshape(z, {B * T, V}), last);
    };
    return greedy_search(next, size_of(words), letters().token(Mark::begin),
                         letters().token(Mark::end), 10);
}

void print_words(const Reverser& net, const Sequences& words) {
    const Sequences written = write_backwards(net, words);
    for (int i = 0; i < size_of(words); ++i)
        std::printf("  %-8s → %s\n", letters().text(words[i]).c_str(),
                    letters().text(written[i]).c_str());
    std::printf("\n");
}

void draw_attention(const Reverser& net, const std::string& word) {
    const Sequence read = letters().tokens(characters_of(word));
    const Sequence so_far = joined({letters().token(Mark::begin)}, {read.rbegin(), read.rend()});
    const NoTape no_tape;
    const Tensor weights = net.decoder.cross_weights(
        embedded({so_far}, net.target), net.read({read}), causal_mask(size_of(so_far)));
    const figure::Names columns = characters_of(word);
    figure::Names rows(columns.rbegin(), columns.rend());
    rows.push_back("end");
    const figure::Values cells = figure::values(weights.data);
    std::printf("%s\n", figure::text_heatmap(rows, columns, cells).c_str());
    const std::string picture =
        figure::heatmaps({"Where the decoder looks", "letter it reads from", "letter it writes"},
                         rows, columns, {{"", cells}});
    std::printf("picture: %s\n", figure::save("16_reversal", picture).c_str());
}

}  // namespace reversing
