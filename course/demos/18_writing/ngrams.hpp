// The baseline: how often did which token stand behind the last n − 1? For n = 1 to 5 that is all
// that was known of language models before networks learnt, and it is hard to beat where data are
// few.
#pragma once

#include "01_tensors.hpp"
#include "kit/tokens.hpp"

#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

namespace writing {

// Probabilities by Witten and Bell's rule, as Chen and Goodman write it ("An empirical study of
// smoothing techniques for language modeling", 1998): behind a context h, which stood there c
// times, with t different tokens behind it,
//
//     p(w | h) = (c(h w) + t p(w | h without its first token))/(c + t)
//
// and with no context left, the last p is 1/V.
class NGrams {
public:
    // Counts all contexts of up to n − 1 tokens, n from 0 to 5, within each text.
    NGrams(int n, int V, const Sequences& texts);

    // log p of every token behind each of these, [N, V]: a LanguageModel of chapter 18. The first
    // of the tokens has nothing in front of it.
    Tensor operator()(const Sequence& tokens) const;

private:
    struct Followers {
        double count = 0;
        std::unordered_map<int, int> tokens;  // how often each one followed
    };

    static std::uint64_t key(const Sequence& tokens, int end, int length);

    int n_, V_;
    std::unordered_map<std::uint64_t, Followers> seen_;
};

}  // namespace writing
