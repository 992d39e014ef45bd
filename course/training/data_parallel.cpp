#include "training/data_parallel.hpp"

#include "02_fast_matmul.hpp"
#include "kit/profile.hpp"

static void begin_with(const Parameters& own, const Parameters& copy) {
    for (std::size_t i = 0; i < own.size(); ++i) {
        copy[i].set_value(own[i].value());
        copy[i].clear_gradient();
    }
}

Variable loss_in_shares(const Parameters& own, const std::vector<Parameters>& copies,
                        const std::vector<Share>& shares) {
    float words = 0, mean_loss = 0;
    for (const Share& share : shares) words += static_cast<float>(share.words);
    std::vector<float> losses(shares.size());
    parallel_for(static_cast<int>(copies.size()), [&](int index) {
        const auto k = static_cast<std::size_t>(index);
        begin_with(own, copies[k]);
        charge("shares");
        for (std::size_t s = k; s < shares.size(); s += copies.size()) {
            if (shares[s].words == 0) continue;
            const Variable part = shares[s].loss() * (static_cast<float>(shares[s].words) / words);
            losses[s] = part.value().data[0];
            backward(part);
        }
    });
    for (const float loss : losses) mean_loss += loss;
    return record("shares", Tensor({}, {mean_loss}), own, [=](const Tensor&, const Tensor& dloss) {
        for (const Parameters& copy : copies)
            for (std::size_t i = 0; i < own.size(); ++i) {
                own[i].add_gradient(scale(copy[i].gradient(), dloss.data[0]));
                copy[i].clear_gradient();
            }
    });
}
