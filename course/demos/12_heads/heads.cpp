#include "demos/12_heads/heads.hpp"

#include "kit/figure.hpp"

#include <cstdio>

namespace heads {

void show_heads(const Tensor& weights) {
    const figure::Names words = {"the", "cat", "sat", "on", "the", "mat"};
    std::vector<figure::HeatPanel> panels;
    for (const char* title : {"head 0: the word before", "head 1: what I want"}) {
        const float* first = weights.row(6 * size_of(panels));
        panels.push_back({title, figure::Values(first, first + 36)});
        const std::string shades =
            figure::text_heatmap(words, words, panels.back().cells, {0, 1}, true);
        std::printf("\n%s, in percent\n%s", title, shades.c_str());
    }
    const std::string picture =
        figure::heatmaps({"Two heads, one sentence", "key", "query"}, words, words, panels);
    std::printf("\npicture: %s\n", figure::save("12_heads", picture).c_str());
}

}  // namespace heads
