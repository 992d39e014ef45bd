#include "course/shares.hpp"

#include "02_fast_matmul.hpp"

static double loss_and_gradients(const Parameters& own, const Parameters& copy,
                                 const Share& share) {
    for (std::size_t i = 0; i < own.size(); ++i) {
        copy[i].set_value(own[i].value());
        copy[i].clear_gradient();
    }
    if (share.words == 0) return 0;
    const Variable loss = share.loss();
    backward(loss);
    return static_cast<double>(loss.value().data[0]);
}

Variable loss_in_shares(const Parameters& own, const std::vector<Parameters>& copies,
                        const std::vector<Share>& shares) {
    std::vector<double> losses(shares.size()), parts;
    parallel_for(static_cast<int>(shares.size()), [&](int index) {
        const auto k = static_cast<std::size_t>(index);
        losses[k] = loss_and_gradients(own, copies.at(k), shares[k]);
    });
    double words = 0, mean_loss = 0;
    for (const Share& share : shares) words += share.words;
    for (std::size_t k = 0; k < shares.size(); ++k) {
        parts.push_back(shares[k].words / words);
        mean_loss += losses[k] * parts[k];
    }
    return record("shares", Tensor({}, {static_cast<float>(mean_loss)}), own,
                  [=](const Tensor&, const Tensor& dloss) {
                      for (std::size_t k = 0; k < copies.size(); ++k)
                          for (std::size_t i = 0; i < own.size(); ++i)
                              own[i].add_gradient(
                                  scale(copies[k][i].gradient(),
                                        dloss.data[0] * static_cast<float>(parts[k])));
                  });
}
