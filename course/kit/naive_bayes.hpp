// *Naive Bayes*, the baseline of all who sort texts: each word speaks for a kind by how often it
// stands in the kind's texts, and one more, as if the words knew nothing of each other.
#pragma once

#include "kit/tokens.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

// Says of some texts which of C kinds they are, when the kinds of the known ones are given. V is
// the number of words; the id 0 is padding and counts for nothing.
inline std::vector<int> naive_bayes(const Sequences& known, const std::vector<int>& kinds, int C,
                                    int V, const Sequences& asked) {
    const int N = size_of(known);
    std::vector<std::vector<double>> count(V, std::vector<double>(C));
    std::vector<double> words(C), texts(C);
    for (int i = 0; i < N; ++i) {
        ++texts[kinds[i]];
        for (int word : known[i])
            if (word != 0) ++count[word][kinds[i]], ++words[kinds[i]];
    }
    std::vector<int> said;
    for (const Sequence& text : asked) {
        std::vector<double> score(C);
        for (int kind = 0; kind < C; ++kind) {
            score[kind] = std::log((texts[kind] + 1) / (N + C));
            for (int word : text)
                if (word != 0) score[kind] += std::log((count[word][kind] + 1) / (words[kind] + V));
        }
        const auto best = std::max_element(score.begin(), score.end());
        said.push_back(static_cast<int>(best - score.begin()));
    }
    return said;
}
