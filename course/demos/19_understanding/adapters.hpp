// Low-rank changes for a whole BERT.
#pragma once

#include "19_bert.hpp"

namespace understanding {

// As in the paper, queries and values get a change each, in every layer, and the rest gets none.
struct Adapters {
    std::vector<LowRank> changes;

    Adapters(const StackSettings& settings, int r, double alpha, Random& random) {
        const int D = settings.d_model;
        for (int i = 0; i < 2 * settings.num_layers; ++i)
            changes.emplace_back(D, D, r, alpha, random);
    }

    Bert applied(const Bert& net) const {  // shares all else with `net`, which is frozen
        Bert changed = net;
        for (int i = 0; i < size_of(net.encoder.layers); ++i) {
            MultiHeadAttention& attention = changed.encoder.layers[i].attention;
            attention.query = adapted(attention.query, changes.at(2 * i));
            attention.value = adapted(attention.value, changes.at(2 * i + 1));
        }
        return changed;
    }

    Parameters parameters() const {
        Parameters all;
        for (const LowRank& change : changes) append(all, change.parameters());
        return all;
    }
};

}  // namespace understanding
