// What is learnt from, and what is known of it without a network.

#include "data/lattice.hpp"
#include "data/trna.hpp"
#include "demos/22_touching/touching.hpp"

#include <algorithm>
#include <cmath>

namespace touching {

static void take(Examples& to, const std::string& alphabet, const std::string& letters,
                 const Contacts& contacts) {
    Sequence tokens;
    for (const char letter : letters) tokens.push_back(static_cast<int>(alphabet.find(letter)) + 1);
    to.letters.push_back(letters);
    to.tokens.push_back(tokens);
    to.contacts.push_back(contacts);
}

static void take_both_ways(Examples& to, const lattice::Chain& chain) {
    const std::string other(chain.sequence.rbegin(), chain.sequence.rend());
    take(to, "HP", chain.sequence, contacts_of(places_of(chain.turns)));
    if (other == chain.sequence) return;
    take(to, "HP", other, contacts_of(places_of(from_the_other_end(chain.turns))));
}

Task lattice_task(bool whole_folds) {
    const Dataset<lattice::Chains> chains = lattice::read();
    Task task{"lattice", "the lattice", "HP", 3, 2, {}, {}};
    for (const lattice::Chains* part : {&chains.training, &chains.held_out})
        for (const lattice::Chain& chain : *part) {
            const bool out =
                whole_folds ? part == &chains.held_out : is_held_out(chain.sequence, 5);
            take_both_ways(out ? task.held_out : task.training, chain);
        }
    return task;
}

static void take_short(Examples& to, const trna::Molecules& molecules) {
    for (const trna::Molecule& each : molecules)
        if (each.bases.size() >= 68 && each.bases.size() <= 80)
            take(to, "ACGU", each.bases, each.pairs);
}

Task rna_task() {
    const Dataset<trna::Molecules> molecules = trna::read();
    Task task{"trna", "tRNA", "ACGU", 4, 4, {}, {}};
    take_short(task.training, molecules.training);
    take_short(task.held_out, molecules.held_out);
    return task;
}

static int longest_of(const Task& task) {
    int longest = 0;
    for (const Examples* part : {&task.training, &task.held_out})
        for (const Sequence& tokens : part->tokens) longest = std::max(longest, size_of(tokens));
    return longest;
}

// The logarithm of the odds of so many in so many; one in a thousand is put in for what was never
// seen.
static float log_odds(double touching, double all) {
    const double p = (touching + 0.001) / (all + 1);
    return static_cast<float>(std::log(p / (1 - p)));
}

namespace {

struct Tally {
    int T, V;
    std::vector<double> touching, all, near_touching, near_all, letters_touching, letters_all;

    Tally(int longest, int vocabulary)
        : T(longest),
          V(vocabulary),
          touching(T * T),
          all(T * T),
          near_touching(T),
          near_all(T),
          letters_touching(V * V),
          letters_all(V * V) {}

    void add(int i, int j, int a, int b, bool touches) {
        all[i * T + j] += 1;
        near_all[j - i] += 1;
        letters_all[a * V + b] += 1;
        if (!touches) return;
        touching[i * T + j] += 1;
        near_touching[j - i] += 1;
        letters_touching[a * V + b] += 1;
    }
};

}  // namespace

static Tally tally_of(const Task& task) {
    Tally tally(longest_of(task), task.vocabulary());
    const Examples& from = task.training;
    for (int n = 0; n < size_of(from.tokens); ++n) {
        const Sequence& tokens = from.tokens[n];
        for (int i = 0; i < size_of(tokens); ++i)
            for (int j = i + task.nearest; j < size_of(tokens); ++j)
                tally.add(i, j, tokens[i], tokens[j],
                          std::binary_search(from.contacts[n].begin(), from.contacts[n].end(),
                                             std::make_pair(i, j)));
    }
    return tally;
}

Known known_of(const Task& task) {
    const Tally tally = tally_of(task);
    const int T = tally.T, V = tally.V;
    Known known{Tensor({T, T}), Tensor({T, T}), Tensor({V, V})};
    for (int i = 0; i < T; ++i)
        for (int j = i; j < T; ++j) {
            known.average(i, j) = log_odds(tally.touching[i * T + j], tally.all[i * T + j]);
            known.distances(i, j) = log_odds(tally.near_touching[j - i], tally.near_all[j - i]);
        }
    double touching = 0, all = 0;
    for (const double n : tally.letters_touching) touching += n;
    for (const double n : tally.letters_all) all += n;
    for (int k = 0; k < V * V; ++k)
        known.letters.data[k] =
            log_odds(tally.letters_touching[k], tally.letters_all[k]) - log_odds(touching, all);
    return known;
}

Maps known_maps(const Task& task, const Known& known, const Examples& examples, Start start) {
    const int B = size_of(examples.tokens), whole = known.average.shape[0];
    int T = 0;
    for (const Sequence& tokens : examples.tokens) T = std::max(T, size_of(tokens));
    Maps maps{Tensor({B, T, T}), Tensor({B, T, T}),
              pair_mask(lengths_of(examples.tokens), T, task.nearest)};
    for (int b = 0; b < B; ++b) {
        const Sequence& tokens = examples.tokens[b];
        for (const auto& [i, j] : examples.contacts[b]) maps.targets(b, i, j) = 1;
        if (start == Start::nothing) continue;
        const Tensor& from = start == Start::distances ? known.distances : known.average;
        for (int i = 0; i < size_of(tokens); ++i)
            for (int j = i; j < size_of(tokens); ++j) {
                float& score = maps.scores.data[(b * T + i) * T + j];
                score = from.data[i * whole + j];
                if (start == Start::average_and_letters)
                    score += known.letters(tokens[i], tokens[j]);
            }
    }
    return maps;
}

}  // namespace touching
