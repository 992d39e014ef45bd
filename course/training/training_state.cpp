#include "training/training_state.hpp"
#include "kit/places.hpp"

#include <stdexcept>

namespace training {

using Arrays = std::vector<Array>;

static Arrays arrays_of(const Parameters& parameters) {
    Arrays all;
    for (const Variable& p : parameters) all.push_back({p.shape(), p.value().data});
    return all;
}

static void refuse_another_model(const Arrays& mine, const Arrays& from, const std::string& name) {
    bool fits = from.size() == mine.size();
    for (int i = 0; fits && i < size_of(mine); ++i) fits = from[i].shape == mine[i].shape;
    if (!fits) throw std::runtime_error(name + " is of another model");
}

static void set_values(const Parameters& parameters, const Arrays& from) {
    for (int i = 0; i < size_of(parameters); ++i)
        parameters[i].set_value(Tensor(from[i].shape, from[i].data));
}

Checkpoint checkpoint_of(const Optimiser& optimiser, const Random& random) {
    const std::uint64_t steps = optimiser.state.steps;
    Checkpoint all{{steps, random.state()}, arrays_of(optimiser.parameters())};
    for (const Tensor& x : optimiser.state.running) all.arrays.push_back({x.shape, x.data});
    return all;
}

void restore(const Checkpoint& from, Optimiser& optimiser, Random& random) {
    refuse_another_model(checkpoint_of(optimiser, random).arrays, from.arrays, "this checkpoint");
    const std::uint64_t steps = from.numbers.at(0), state = from.numbers.at(1);
    set_values(optimiser.parameters(), from.arrays);
    int next = size_of(optimiser.parameters());
    for (Tensor& x : optimiser.state.running) x.data = from.arrays[next++].data;
    optimiser.state.steps = steps;
    random = Random(state);
}

Checkpoint trained_of(const Parameters& parameters) { return {{}, arrays_of(parameters)}; }

void set_trained(const Parameters& parameters, const Checkpoint& from, const std::string& path) {
    refuse_another_model(arrays_of(parameters), from.arrays, path);
    set_values(parameters, from.arrays);
}

void save_trained(const std::string& path, const Parameters& parameters) {
    save_checkpoint(path, trained_of(parameters), Width::halves);
}

void read_trained(const std::string& name, const Parameters& parameters) {
    const std::string path = std::string(places::root) + "/data/" + name + ".trained";
    set_trained(parameters, load_checkpoint(path), path);
}

}  // namespace training
