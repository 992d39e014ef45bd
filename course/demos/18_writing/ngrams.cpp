#include "demos/18_writing/ngrams.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace writing {

// The `length` tokens in front of `end`, as one number: 16 bits for each, which are never 0.
std::uint64_t NGrams::key(const Sequence& tokens, int end, int length) {
    std::uint64_t number = 0;
    for (int i = end - length; i < end; ++i) number = number << 16 | (tokens[i] + 1u);
    return number;
}

NGrams::NGrams(int n, int V, const Sequences& texts) : n_(n), V_(V) {
    if (n < 0 || n > 5 || V < 1 || V > 65535)
        throw std::invalid_argument("NGrams: n = " + std::to_string(n) + ", V = " +
                                    std::to_string(V));
    for (const Sequence& text : texts)
        for (int i = 1; i < size_of(text); ++i)
            for (int length = 0; length < n && length <= i; ++length) {
                Followers& behind = seen_[key(text, i, length)];
                ++behind.count;
                ++behind.tokens[text[i]];
            }
}

Tensor NGrams::operator()(const Sequence& tokens) const {
    const int N = size_of(tokens);
    Tensor log_p({N, V_});
    std::vector<double> p(V_);
    for (int i = 0; i < N; ++i) {
        std::fill(p.begin(), p.end(), 1.0 / V_);
        for (int length = 0; length < n_ && length <= i + 1; ++length) {
            const auto found = seen_.find(key(tokens, i + 1, length));
            if (found == seen_.end()) break;
            const auto& [count, followers] = found->second;
            const double kinds = static_cast<double>(followers.size()), all = count + kinds;
            for (double& each : p) each *= kinds / all;
            for (const auto& [token, times] : followers) p[token] += times / all;
        }
        float* row = log_p.row(i);
        for (int w = 0; w < V_; ++w) row[w] = static_cast<float>(std::log(p[w]));
    }
    return log_p;
}

}  // namespace writing
