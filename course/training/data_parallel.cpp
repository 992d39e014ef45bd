#include "training/data_parallel.hpp"

#include "02_fast_matmul.hpp"
#include "kit/profile.hpp"

static void begin_with(const Parameters& own, const Parameters& copy) {
    for (int i = 0; i < size_of(own); ++i) {
        copy[i].set_value(own[i].value());
        copy[i].clear_gradient();
    }
}

// Takes what has arrived at the copies of parameter number i.
static Tensor sum_of_gradients(const std::vector<Parameters>& copies, int i, float factor) {
    Tensor sum(copies[0][i].shape());
    for (const Parameters& copy : copies) {
        const Tensor& gradient = copy[i].gradient();
        for (int k = 0; k < sum.size(); ++k) sum.data[k] += factor * gradient.data[k];
        copy[i].clear_gradient();
    }
    return sum;
}

Variable parallel_loss(const Parameters& own, const std::vector<Parameters>& copies,
                       const std::vector<Microbatch>& microbatches) {
    float tokens = 0, mean_loss = 0;
    for (const Microbatch& each : microbatches) tokens += each.tokens;
    std::vector<float> losses(microbatches.size());
    parallel_for(size_of(copies), [&](int k) {
        begin_with(own, copies[k]);
        charge_time("microbatches");
        for (int m = k; m < size_of(microbatches); m += size_of(copies)) {
            if (microbatches[m].tokens == 0) continue;
            const Variable part = microbatches[m].loss() * (microbatches[m].tokens / tokens);
            losses[m] = part.value().data[0];
            backward(part);
        }
    });
    for (float loss : losses) mean_loss += loss;
    const auto backward = [=](const Tensor&, const Tensor& dloss) {
        std::vector<Tensor> gradients(own.size());
        parallel_for(size_of(own), [&](int i) {
            gradients[i] = sum_of_gradients(copies, i, dloss.data[0]);
        });
        return Gradients(std::move(gradients));
    };
    return record("microbatches", Tensor({}, {mean_loss}), own, backward);
}
