// The net that reads a chain and scores its pairs, and how it learns.

#include "13_positional_encoding.hpp"
#include "demos/22_touching/touching.hpp"
#include "training/data_parallel.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace touching {

Mapper::Mapper(const StackSettings& settings, int V, Random& random)
    : stack(settings),
      table(parameter(normal_weights({V, settings.d_model}, 1, random), "E")),
      encoder(settings, random),
      pairs(settings.d_model, settings.d_model, random) {}

Parameters Mapper::parameters() const {
    Parameters all = {table};
    append(all, encoder.parameters());
    append(all, pairs.parameters());
    return all;
}

static Variable embedded(const Mapper& net, const Sequences& tokens) {
    const Sequence all = padded(tokens, 0);
    const int B = size_of(tokens), D = net.stack.d_model;
    return with_sinusoid(reshape(lookup(net.table, all), {B, size_of(all) / B, D}));
}

static Tensor mask_of(const Sequences& tokens) {
    const int T = size_of(padded(tokens, 0)) / size_of(tokens);
    return padding_mask(lengths_of(tokens), T, T);
}

Variable Mapper::rows(const Sequences& tokens, const Dropout& dropout) const {
    return encoder(dropout(embedded(*this, tokens)), mask_of(tokens), dropout);
}

Tensor Mapper::weights(const Sequences& tokens, int layer) const {
    const NoTape no_tape;
    const Tensor mask = mask_of(tokens);
    Variable h = embedded(*this, tokens);
    for (int i = 0; i < layer; ++i) h = encoder.layers[i](h, mask);
    const Variable z = encoder.layers[layer].attention_norm(h);
    return encoder.layers[layer].attention.weights(z, z, mask).value();
}

static Examples some_of(const Examples& all, const training::Batch& batch) {
    return {gather_rows(all.letters, batch), gather_rows(all.tokens, batch),
            gather_rows(all.contacts, batch)};
}

static Microbatch microbatch(const Mapper& net, const Task& task, const Known& known,
                             const Examples& examples, double dropout, std::uint64_t seed) {
    const Maps maps = known_maps(task, known, examples, Start::average_and_letters);
    const double asked = std::accumulate(maps.mask.data.begin(), maps.mask.data.end(), 0.0);
    return {static_cast<int>(asked), [=, &net] {
                Random drops(seed);
                const Variable h = net.rows(examples.tokens, Dropout(dropout, drops));
                return pair_loss(net.pairs(h) + maps.scores, maps.targets, maps.mask);
            }};
}

Maps mapped(const Mapper& net, const Task& task, const Known& known, const Examples& examples) {
    const NoTape no_tape;
    Maps all = known_maps(task, known, examples, Start::average_and_letters);
    const int B = size_of(examples.tokens), T = all.scores.shape[1], part = 32;
    for (int first = 0; first < B; first += part) {
        const Sequences tokens(examples.tokens.begin() + first,
                               examples.tokens.begin() + std::min(B, first + part));
        const Tensor S = net.pairs(net.rows(tokens)).value();
        const int t = S.shape[1];
        for (int b = 0; b < size_of(tokens); ++b)
            for (int i = 0; i < t; ++i)
                for (int j = 0; j < t; ++j)
                    all.scores.data[((first + b) * T + i) * T + j] += S.data[(b * t + i) * t + j];
    }
    return all;
}

// The chains that a threshold is chosen on: the first of what is learnt from.
static Examples first_of(const Examples& all, int count) {
    training::Batch batch(std::min(count, size_of(all.tokens)));
    std::iota(batch.begin(), batch.end(), 0);
    return some_of(all, batch);
}

training::Outcome learn(const Mapper& net, const training::Plan& plan, const Pace& how,
                        const Task& task, const Known& known, Random& random) {
    const Examples &from = task.training, chosen_on = first_of(from, 200);
    const Mapper copies[2] = {{net.stack, task.vocabulary(), random},
                              {net.stack, task.vocabulary(), random}};
    const Parameters own = net.parameters();
    Adam adam(own, how.rate);
    const auto epoch = [&](Random& any) {
        return shuffled_batches(size_of(from.tokens), how.batch, any);
    };
    const auto step = [&](const training::Batch& batch, double done) {
        adam.rate = how.rate * std::min(1.0, 2 * (1 - done));
        std::vector<Microbatch> parts;
        for (int k = 0; k < 2; ++k) {
            const int size = size_of(batch), first = size * k / 2, last = size * (k + 1) / 2;
            const training::Batch half(batch.begin() + first, batch.begin() + last);
            parts.push_back(microbatch(copies[k], task, known, some_of(from, half), how.dropout,
                                       random.bits()));
        }
        return train_step(adam, [&] {
            return parallel_loss(own, {copies[0].parameters(), copies[1].parameters()}, parts);
        });
    };
    const auto look = [&] {
        const Maps learnt = mapped(net, task, known, chosen_on);
        const Maps held_out = mapped(net, task, known, task.held_out);
        const float threshold = best_threshold(learnt.scores, learnt.targets, learnt.mask);
        return training::Look{
            pair_loss(held_out.scores, held_out.targets, held_out.mask).value().data[0],
            count_pairs(held_out.scores, held_out.targets, held_out.mask, threshold).f1()};
    };
    return training::train(plan, {adam, random, epoch, step, look});
}

// ## How good

// How often a contact has a higher score than a pair that is none; of equal scores, half count.
static double area(const Maps& maps) {
    std::vector<std::pair<float, bool>> pairs;
    for (int i = 0; i < maps.mask.size(); ++i)
        if (maps.mask.data[i] != 0)
            pairs.emplace_back(maps.scores.data[i], maps.targets.data[i] != 0);
    std::sort(pairs.begin(), pairs.end());
    double below = 0, won = 0, contacts = 0;
    for (std::size_t first = 0, next; first < pairs.size(); first = next) {
        double yes = 0, no = 0;
        for (next = first; next < pairs.size() && pairs[next].first == pairs[first].first; ++next)
            (pairs[next].second ? yes : no) += 1;
        won += yes * (below + no / 2);
        below += no;
        contacts += yes;
    }
    return won / (below * contacts);
}

static Tensor map_of(const Tensor& maps, int b) {
    const int T = maps.shape[1];
    return Tensor({T, T}, {maps.row(b * T), maps.row(b * T) + T * T});
}

Grades grades(const Maps& learnt, const Maps& held_out, const Task& task) {
    Grades all{0, 0, area(held_out)};
    const Examples& examples = task.held_out;
    const int B = size_of(examples.tokens);
    for (int b = 0; b < B; ++b)
        all.precision +=
            100.0 / B *
            precision_at(size_of(examples.tokens[b]) / task.part, map_of(held_out.scores, b),
                         map_of(held_out.targets, b), map_of(held_out.mask, b));
    const float threshold = best_threshold(learnt.scores, learnt.targets, learnt.mask);
    all.f1 = 100 * count_pairs(held_out.scores, held_out.targets, held_out.mask, threshold).f1();
    return all;
}

}  // namespace touching
