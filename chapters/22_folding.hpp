// Chapter 22, Folding. The prose, the reasons and the exercises are in 22_folding.cpp.
#pragma once

#include "17_transformer.hpp"

#include <string>
#include <utility>
#include <vector>

// Letters: n beads of a chain; B chains of at most T beads, D = d_model features of a bead, d of a
// query and a key. Every function throws std::invalid_argument, with its name, when something does
// not fit.

// ## Folds on a square lattice: Lau and Dill, "A lattice statistical mechanics model of the
// conformational and sequence spaces of proteins" (1989).

struct Place {
    int x, y;
};
using Places = std::vector<Place>;  // one for each bead

inline bool operator==(const Place& a, const Place& b) { return a.x == b.x && a.y == b.y; }
inline int steps_between(const Place& a, const Place& b) {
    return std::abs(a.x - b.x) + std::abs(a.y - b.y);
}

// A step that keeps its direction for 'S', and is turned to the left for 'L' and to the right for
// 'R'; throws for another letter.
inline Place turned(const Place& step, char turn) {
    if (turn == 'S') return step;
    if (turn == 'L') return {-step.y, step.x};
    if (turn == 'R') return {step.y, -step.x};
    throw std::invalid_argument(std::string("turned: '") + turn + "' is none of S, L and R");
}

using Folds = std::vector<std::string>;             // each by its turns: n − 2 letters
using Contacts = std::vector<std::pair<int, int>>;  // beads i and j, i < j, counted from 0

// By hand: the energies of HPPHH in all folds of five, S before L before R, [13].
Tensor energies_by_hand();

// The first two beads lie at (0, 0) and (1, 0); then each letter is a turn and a step. It may cross
// itself.
Places places_of(const std::string& turns);

bool crosses(const Places& places);  // is a place taken twice?

// Beads one step apart that are no neighbours in the chain: by i, and then by j.
Contacts contacts_of(const Places& places);

// −1 for each contact of two H. Throws for a letter that is neither H nor P, and a contact of a
// bead that is not there.
int energy(const std::string& sequence, const Contacts& contacts);

// All folds of n ≥ 2 beads that do not cross, S before L before R. Of those that are alike but for
// a turn of the whole or a mirror, one: its first turn that is not S is L.
Folds all_folds(int n);

// The same fold, when the chain is read from its last bead to the first. Of two mirror images the
// one of `all_folds`.
std::string from_the_other_end(const std::string& turns);

// ## The best fold

// The sum of (22.2): at most so many contacts can beads i, i + 1, … n − 1 still make with beads in
// front of them.
int most_to_come(const std::string& sequence, int i);

struct BestFold {
    std::string turns;  // one of those with the lowest energy, as in all_folds
    int energy;
    long laid;  // how often a bead was laid down, behind the first two
};
BestFold best_fold(const std::string& sequence);  // 2 beads or more, each H or P

// ## Pairs

// A score for each pair of beads, the same for i and j as for j and i.
struct PairScores {
    Linear query, key;  // [D, d]

    PairScores(int d_model, int d, Random& random)
        : query(d_model, d, random), key(d_model, d, random) {}
    Variable operator()(const Variable& h) const;  // [B, T, D] → [B, T, T]
    Parameters parameters() const { return {query.W, query.b, key.W, key.b}; }
};

// 1 for the pairs that are asked for, each once: i < j, j − i ≥ nearest ≥ 1, and both beads real.
// Lengths are from 0 to T. [B, T, T]
Tensor pair_mask(const std::vector<int>& lengths, int T, int nearest);

// The mean of −log p(y), where p(1) = σ(score), over the pairs; 0 when there are none. Its sum is
// made in double. Pairs are the places where the mask is not 0. There scores are finite and targets
// 0 or 1; elsewhere they may be anything. All three have one shape.
Variable pair_loss(const Variable& scores, const Tensor& targets, const Tensor& mask);

// ## How good is a map? Pairs are the places where the mask is not 0. Their scores may be infinite,
// and equal are those that do not differ at all.

// The share of true contacts among the k pairs with the highest scores, of equal scores the earlier
// in the data; of all pairs when there are fewer. k ≥ 1; 0 when there are no pairs.
double precision_at(int k, const Tensor& scores, const Tensor& targets, const Tensor& mask);

struct Counts {
    long right = 0, said = 0, wanted = 0;

    double precision() const { return said == 0 ? 0 : 1.0 * right / said; }
    double recall() const { return wanted == 0 ? 0 : 1.0 * right / wanted; }
    double f1() const { return said + wanted == 0 ? 0 : 2.0 * right / (said + wanted); }
};

// What comes of saying "contact" of all pairs with a score of the threshold or more.
Counts count_pairs(const Tensor& scores, const Tensor& targets, const Tensor& mask,
                   float threshold);

// The score with which, as a threshold, F1 is highest; of equals the highest. Throws when there are
// no pairs. Takes N log N steps for N pairs.
float best_threshold(const Tensor& scores, const Tensor& targets, const Tensor& mask);
