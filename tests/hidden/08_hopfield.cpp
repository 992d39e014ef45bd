#include "08_hopfield.hpp"

#include "grader/check.hpp"

#include <algorithm>
#include <cmath>

namespace hidden_08 {

static Tensor random_signs(const Shape& shape) {
    Tensor signs(shape);
    for (float& number : signs.data) number = random_numbers().below(2) == 0 ? -1 : 1;
    return signs;
}

static Tensor random_network(int N) {
    Tensor W({N, N});
    for (int i = 0; i < N; ++i)
        for (int j = 0; j < i; ++j)
            W.data[i * N + j] = W.data[j * N + i] = random_numbers().below(7) - 3;
    return W;
}

static Tensor negative(Tensor x) {
    for (float& number : x.data) number = 0 - number;
    return x;
}

Tensor stored(const Tensor& patterns) { return hebbian_weights(patterns); }

CHECK("8.2", "what is stored later is added to what was stored before") {
    const Tensor first = random_signs({3, 6}), second = random_signs({2, 6});
    Tensor all({5, 6});
    std::copy(second.data.begin(), second.data.end(),
              std::copy(first.data.begin(), first.data.end(), all.data.begin()));
    const Tensor together = ASK(stored, all), one = ASK(stored, first), two = ASK(stored, second);
    for (int i = 0; i < 36; ++i) expect_near(together.data[i], one.data.at(i) + two.data.at(i), 0);
}

std::pair<Tensor, std::vector<double>> at_rest(const Tensor& W, const Tensor& cue) {
    const Settled end = settle(W, cue);
    return {end.state, end.energies};
}
PARTS(at_rest, "the state", "the energies");

CHECK("8.3", "the negative of a cue ends in the negative of its valley, by the same energies") {
    for (int N : {3, 6, 10}) {
        const Tensor W = random_network(N);
        Tensor cue = random_signs({N});
        cue.data[random_numbers().below(N)] = 0;
        const auto [state, energies] = ASK(at_rest, W, cue);
        const auto [other, same] = ASK(at_rest, W, negative(cue));
        expect_near(other, negative(state), 0);
        expect(same == energies, "the energies of a cue and of its negative differ");
    }
}

double share_at_rest(const Tensor& W, const Tensor& patterns) { return stable_share(W, patterns); }

CHECK("8.4", "the negatives of all patterns are as stable as the patterns") {
    const Tensor W = random_network(7), patterns = random_signs({6, 7});
    const double share = ASK(share_at_rest, W, patterns);
    expect_near(ASK(share_at_rest, W, negative(patterns)), share, 1e-6);
}

Tensor next_states(const Tensor& patterns, const Tensor& states, double beta) {
    return modern_update(patterns, states, static_cast<float>(beta));
}

double energy_there(const Tensor& patterns, const Tensor& state, double beta) {
    return modern_energy(patterns, state, beta);
}

CHECK("8.5", "an update is a step down the slope of the energy") {
    const Tensor patterns = random_tensor({5, 3}), state = random_tensor({3});
    const Tensor next = ASK(next_states, patterns, Tensor({1, 3}, state.data), 2.0);
    const float step = 1.0f / 128;
    for (int i = 0; i < 3; ++i) {
        Tensor left = state, right = state;
        left.data[i] -= step, right.data[i] += step;
        const double up = ASK_UNRECORDED(energy_there, patterns, right, 2.0);
        const double slope =
            (up - ASK_UNRECORDED(energy_there, patterns, left, 2.0)) / (2 * double{step});
        expect_near(state.data[i] - slope, double{next.data.at(i)}, 1e-3);
    }
}

CHECK("8.5", "the order of the patterns changes nothing") {
    Tensor patterns = random_tensor({4, 3});
    const Tensor states = random_tensor({2, 3});
    const Tensor before = ASK(next_states, patterns, states, 1.5);
    std::rotate(patterns.data.begin(), patterns.data.begin() + 3, patterns.data.end());
    expect_near(ASK(next_states, patterns, states, 1.5), before, 1e-6);
}

}  // namespace hidden_08
