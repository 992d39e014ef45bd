#include "training/training_state.hpp"

#include <stdexcept>

Checkpoint checkpoint_of(const Parameters& parameters, const Optimiser& optimiser,
                         const Random& random) {
    const std::uint64_t steps = optimiser.state.steps;
    Checkpoint all{{steps, random.state()}, {}};
    for (const Variable& p : parameters) all.arrays.push_back({p.shape(), p.value().data});
    for (const Tensor& x : optimiser.state.running) all.arrays.push_back({x.shape, x.data});
    return all;
}

void restore(const Checkpoint& from, const Parameters& parameters, Optimiser& optimiser,
             Random& random) {
    const Checkpoint mine = checkpoint_of(parameters, optimiser, random);
    bool fits = from.numbers.size() >= 2 && from.arrays.size() == mine.arrays.size();
    for (int i = 0; fits && i < size_of(mine.arrays); ++i)
        fits = from.arrays[i].shape == mine.arrays[i].shape;
    if (!fits) throw std::runtime_error("restore: this checkpoint is of another model");
    std::vector<Tensor> tensors;
    for (const Array& array : from.arrays) tensors.emplace_back(array.shape, array.data);
    for (int i = 0; i < size_of(parameters); ++i) parameters[i].set_value(tensors[i]);
    optimiser.state.running.assign(tensors.begin() + size_of(parameters), tensors.end());
    optimiser.state.steps = from.numbers[0];
    random = Random(from.numbers[1]);
}
