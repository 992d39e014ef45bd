// # 22. Folding
//
// A protein is a chain that folds, and how it folds decides what it does. Which parts of the chain
// touch each other when it lies in its best shape? In this chapter you find the best shape of small
// chains exactly, and prove it. Then a network reads only the chain, and says who will touch whom:
// attention between all pairs was made for such a question. This is the best that a chain of twenty
// beads can do, of 41,889,578 folds: nine pairs of ● touch.
//
//        ○─●─○ ○─○
//        │   │ │ │
//        ○─● ●─● ●
//          │     │
//          ○─● ●─○
//            │
//          ○─● ●
//          │   │
//          ○─●─○
//
// There is no real protein here. The chains are toys: two kinds of beads, on a lattice in the
// plane. What is real comes last: the same network learns who pairs with whom in transfer RNA.
//
// Needs: chapters 15 and 17.
// Check: `make check CHAPTER=22`.
// Letters: n beads of a chain; B chains of at most T beads, D = `d_model` features of a bead, d of
// a query and a key.
// Minutes: about 170.

#include "22_folding.hpp"

#include "demos/22_touching/touching.hpp"
#include "kit/chapter.hpp"
#include "kit/environment.hpp"
#include "training/trainer.hpp"
#include "training/training_state.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <stdexcept>

// ## Beads on a lattice
//
// Some amino acids shun water, and others do not mind it. In water, a chain folds so that the
// former lie inside, next to each other. The *HP model* (Lau and Dill, 1989) keeps this and nothing
// else. A bead is H, which shuns water, or P, which does not. The chain lies on a square lattice:
// neighbours in the chain are one step apart, and no place is taken twice. Two beads are in
// *contact* when they are one step apart and are *not* neighbours in the chain. The energy counts
// the contacts of H with H:
//
//     E = −Σ_(i + 1 < j) h_i h_j t_(i j)                                                 (22.1)
//
// where h_i is 1 for an H, and t_(i j) is 1 when the two touch. The lower, the better. A contact of
// H and P counts nothing, and neither do two H in a row, which touch in every fold.
//
// A fold is written down by its *turns*. The first two beads lie at (0, 0) and (1, 0). For each
// bead behind them one letter says where it lies, seen from the step before: S straight on, L to
// the left, R to the right. The fold on the left is LLR, the one on the right is LLL, and it is
// none: its last bead lies on its first.
//
//        4
//        │
//        3─2       3─2
//          │       │ │
//        0─1       0─1
//
// A fold that is turned as a whole is the same fold; that is why the first step always goes right.
// And its mirror image is the same too, for no contact changes. Of two images we keep the one whose
// first turn that is not S is L.
//
// ## Exercise 22.1 — By hand
// *About 2 lines · difficulty 1 of 3 · 10 minutes*
//
// Take paper. Draw all folds of five beads, three turns each, S before L before R: from SSS to LRR
// there are thirteen. Return the energies of the chain HPPHH in them, in this order. Which pairs of
// five beads can touch at all?
Tensor energies_by_hand() {
    //> 22.1: a row of thirteen
    return row({0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 0, 0, 0});
    //<
}

// ## Exercise 22.2 — A fold and its energy
// *About 17 lines · difficulty 1 of 3 · 15 minutes*
//
// First from turns to places. `turned(step, turn)` gives the next step, and refuses what is no
// turn. Then whether a place is taken twice.
Places places_of(const std::string& turns) {
    Places places = {{0, 0}, {1, 0}};
    Place step{1, 0};
    //> 22.2: about 5 lines
    for (const char turn : turns) {
        step = turned(step, turn);
        const Place last = places.back();
        places.push_back({last.x + step.x, last.y + step.y});
    }
    return places;
    //<
}

bool crosses(const Places& places) {
    //> 22.2: about 4 lines
    for (int i = 0; i < size_of(places); ++i)
        for (int j = 0; j < i; ++j)
            if (places[i] == places[j]) return true;
    return false;
    //<
}

// Then who touches whom, and (22.1). `steps_between` counts the steps from one place to another.
Contacts contacts_of(const Places& places) {
    //> 22.2: about 5 lines
    Contacts contacts;
    for (int i = 0; i < size_of(places); ++i)
        for (int j = i + 2; j < size_of(places); ++j)
            if (steps_between(places[i], places[j]) == 1) contacts.push_back({i, j});
    return contacts;
    //<
}

static void require_beads(const char* function, const std::string& sequence, int least = 0) {
    if (size_of(sequence) < least || sequence.find_first_not_of("HP") != std::string::npos)
        throw std::invalid_argument(std::string(function) + ": '" + sequence + "' is no chain");
}

int energy(const std::string& sequence, const Contacts& contacts) {
    require_beads("energy", sequence);
    for (const auto& [i, j] : contacts)
        if (std::min(i, j) < 0 || std::max(i, j) >= size_of(sequence))
            throw std::invalid_argument("energy: beads " + std::to_string(i) + " and " +
                                        std::to_string(j) + " of " + sequence);
    //> 22.2: about 3 lines
    int sum = 0;
    for (const auto& [i, j] : contacts) sum -= sequence[i] == 'H' && sequence[j] == 'H';
    return sum;
    //<
}

// ## All folds
//
// How many folds are there? If they might cross, n beads could turn in 3^(n − 2) ways. As they must
// not, nobody knows a formula; one has to count. Up to turns and mirrors there are, for 2, 3, 4 …
// beads,
//
//        1  2  5  13  36  98  272  740  2034  5513  15037
//
// and for twenty 41,889,578. Every bead more makes about 2.64 times as many. These are
// *self-avoiding walks*, and counting them is a sport of its own.
//
// They can be made bead by bead: a fold of n beads without its last is a fold of n − 1. So take
// each of those, and try the three turns. Two things can go wrong: it crosses itself, or it is the
// mirror image of one that you have. When is an R allowed?
//
// A chain has two ends. HPP and PPH are the same beads, read from the other end, and fold alike.
// Who learns from one and is tested on the other is tested on what was learnt. To notice that, the
// fold must be read from its other end too. Walk along the LLR of the drawing above, from 4 to 0:
// which turns do you take?
//
// ## Exercise 22.3 — All folds, and the other end
// *About 14 lines · difficulty 2 of 3 · 20 minutes*
Folds all_folds(int n) {
    if (n < 2) throw std::invalid_argument("all_folds: " + std::to_string(n) + " beads");
    //> 22.3: about 9 lines
    Folds folds = {""};
    for (int beads = 3; beads <= n; ++beads) {
        Folds longer;
        for (const std::string& turns : folds)
            for (const char turn : {'S', 'L', 'R'})
                if ((turn != 'R' || turns.find('L') != std::string::npos) &&
                    !crosses(places_of(turns + turn)))
                    longer.push_back(turns + turn);
        folds = longer;
    }
    return folds;
    //<
}

std::string from_the_other_end(const std::string& turns) {
    if (turns.find_first_not_of("SLR") != std::string::npos)
        throw std::invalid_argument("from_the_other_end: '" + turns + "' are no turns");
    //> 22.3: about 5 lines
    std::string back(turns.rbegin(), turns.rend());
    const std::size_t first = back.find_first_not_of('S');
    if (first != std::string::npos && back[first] == 'R')
        for (char& turn : back) turn = turn == 'R' ? 'L' : turn == 'L' ? 'R' : 'S';
    return back;
    //<
}

// ## The best fold, and a proof
//
// For sixteen beads there are 802,075 folds, and one can try them all. For twenty one has to wait,
// and for twenty-five beads it takes hours. *Branch and bound* finds the best fold without looking
// at all of them, and yet it is certain. The folds are a tree: its root is the first step, and
// every turn is a branch. Walk through it, depth first, and lay down bead after bead. Keep the best
// whole fold so far, with C contacts of H, say. Now i beads lie there, with c contacts. However the
// others are laid: when the bead j comes, its neighbour in front of it stands next to it, and its
// neighbour behind needs a place too. So there is room for *two* contacts with beads in front of
// it, and for three when it is the last. Hence the whole fold has at most
//
//     c + Σ_(j = i)^(n − 1) h_j m_j,   m_j = 2, and 3 for j = n − 1                      (22.2)
//
// contacts. If that is no more than C, no branch above this one can be better, and all of them are
// left out at once. Nothing is guessed: when the walk is over, every fold has been seen, or has
// been shown to be no better. The sum in (22.2) is called a *bound*. It must never be too small. It
// may be too large, which only costs time.
//
// > Whoever looks for a lost key leaves out the room that is locked. But not a drawer, because the
// > last three had nothing in them: that is guessing.
//
// ## Exercise 22.4 — Branch and bound, a design
// *About 32 lines · difficulty 3 of 3 · 55 minutes*
//
// First the bound, the sum of (22.2).
int most_to_come(const std::string& sequence, int i) {
    require_beads("most_to_come", sequence);
    const int n = size_of(sequence);
    if (i < 0 || i > n)
        throw std::invalid_argument("most_to_come: bead " + std::to_string(i) + " of " + sequence);
    //> 22.4: about 4 lines
    int most = 0;
    for (int j = i; j < n; ++j)
        if (sequence[j] == 'H') most += j == n - 1 ? 3 : 2;
    return most;
    //<
}

// Then the search. Here is the promise, and no plan.
//
// - `turns` is a fold of `all_folds`, and no other has a lower energy.
// - `laid` counts the beads that were laid down, each as often as it was, without the first two. A
//   place that is taken does not count.
// - Fewer than a million are laid for HPHPPHHPHPPHPHHPPHPH, the demo's chain of twenty, and fewer
//   than ten million for HHPPHPPHPPHPPHPPHPPHPPHH. (Whole trees: 67 and 3,444 million. For HPHP…,
//   where no H can touch another, hardly anything is left out.)
//
// Where no two H can touch, any fold is the best.
BestFold best_fold(const std::string& sequence) {
    require_beads("best_fold", sequence, 2);
    const int n = size_of(sequence);
    //> 22.4: about 28 lines
    BestFold best{"", 1, 0};
    Places places = {{0, 0}, {1, 0}};
    std::string turns;
    const std::function<void(const Place&, int)> go_on = [&](const Place& step, int contacts) {
        const int i = size_of(places);
        if (contacts + most_to_come(sequence, i) <= -best.energy) return;
        if (i == n) {
            best.turns = turns;
            best.energy = -contacts;
            return;
        }
        for (const char turn : {'S', 'L', 'R'}) {
            if (turn == 'R' && turns.find('L') == std::string::npos) continue;
            const Place next_step = turned(step, turn), last = places.back();
            const Place next{last.x + next_step.x, last.y + next_step.y};
            if (std::find(places.begin(), places.end(), next) != places.end()) continue;
            int more = 0;
            for (int j = 0; j < i - 1; ++j)
                more +=
                    sequence[i] == 'H' && sequence[j] == 'H' && steps_between(places[j], next) == 1;
            ++best.laid;
            places.push_back(next);
            turns.push_back(turn);
            go_on(next_step, contacts + more);
            places.pop_back();
            turns.pop_back();
        }
    };
    go_on({1, 0}, 0);
    return best;
    //<
}

// ## From a chain to its contacts
//
// Most chains have many best folds. Of the 262,144 chains of eighteen beads only 6,349 have a
// single one. These are like proteins: they have *a* shape. They, and their folds, are what our
// network learns from. What it must find is a *contact map*: for each pair of beads, do they touch?
//
// Attention asks for all pairs already. Its scores Q Kᵀ say how much bead i wants to know of bead
// j. So a last layer of the same form may say who touches whom. But j touches i when i touches j.
// The scores of attention are not symmetric, and need not be; a map must be. So the product is
// taken both ways. For the rows h that the encoder makes of a chain,
//
//     S = (Q Kᵀ + K Qᵀ)/(2 √d)                                                           (22.3)
//
// where Q = h W_q + b_q and K = h W_k + b_k, and p = σ(S_(i j)) is the probability of a contact.
// Each pair is a yes-or-no question, so the loss is the cross-entropy of two classes, over the M
// pairs that are asked for:
//
//     loss = −1/M Σ_(i < j) (y log p + (1 − y) log(1 − p))                               (22.4)
//
// Which pairs are asked for? Each once, so i < j. Only real beads, no padding. And no *near* pairs:
// neighbours in the chain touch always, and a network that is asked for them looks much better than
// it is. On the lattice the nearest that can touch are i and i + 3; RNA makes no tighter loop than
// i and i + 4.
//
// A score of 100 is no reason to compute log(1 − p) of a p that has become 1. In (22.4), −log p is
// log(1 + e^(−S)), and −log(1 − p) is log(1 + e^S). Of each, take out what is large.
//
// ## Exercise 22.5 — Pairs
// *About 20 lines · difficulty 2 of 3 · 30 minutes*
//
// First (22.3), with operations of the tape.
Variable PairScores::operator()(const Variable& h) const {
    require_shapes("PairScores", {{h.shape(), "B T D"}});
    //> 22.5: about 4 lines
    const Variable Q = query(h), K = key(h);
    const Variable one_way = matmul(Q, transpose(K));
    return (one_way + transpose(one_way)) * (0.5f / std::sqrt(1.0f * Q.shape()[2]));
    //<
}

// Then which pairs count.
Tensor pair_mask(const std::vector<int>& lengths, int T, int nearest) {
    for (const int length : lengths)
        if (length < 0 || length > T)
            throw std::invalid_argument("pair_mask: length " + std::to_string(length) + " of " +
                                        std::to_string(T));
    if (nearest < 1) throw std::invalid_argument("pair_mask: nearest " + std::to_string(nearest));
    nearest = std::min(nearest, T);  // none of the chain are further apart
    Tensor mask({size_of(lengths), T, T});
    //> 22.5: about 4 lines
    for (int b = 0; b < size_of(lengths); ++b)
        for (int i = 0; i < lengths[b]; ++i)
            for (int j = i + nearest; j < lengths[b]; ++j) mask(b, i, j) = 1;
    return mask;
    //<
}

// And (22.4), as one operation of the tape: its value, in double, and its gradient by the scores.
// `record` of chapter 3 wants a backward function, which gets dy, the gradient of the loss.
static void require_maps(const char* function, const Tensor& scores, const Tensor& targets,
                         const Tensor& mask) {
    require_shapes(function, {{scores.shape, "..."}, {targets.shape, "..."}, {mask.shape, "..."}});
}

Variable pair_loss(const Variable& scores, const Tensor& targets, const Tensor& mask) {
    require_maps("pair_loss", scores.value(), targets, mask);
    const Tensor& s = scores.value();
    double M = 0, sum = 0;
    for (const float m : mask.data) M += m != 0;
    //> 22.5: about 12 lines
    Tensor gradient(s.shape);
    for (int i = 0; i < s.size(); ++i) {
        if (mask.data[i] == 0) continue;
        const double x = s.data[i], y = targets.data[i];
        sum += std::max(x, 0.0) - x * y + std::log1p(std::exp(-std::fabs(x)));
        gradient.data[i] = static_cast<float>((1 / (1 + std::exp(-x)) - y) / M);
    }
    const float loss = static_cast<float>(M == 0 ? 0 : sum / M);
    const auto backward = [gradient](const Tensor&, const Tensor& dy) {
        return scale(gradient, dy.data[0]);
    };
    return record("pair loss", Tensor({}, {loss}), {scores}, backward);
    //<
}

// ## How good is a map?
//
// Of the 120 pairs of a chain of eighteen that are asked for, nine touch. Who always says "no" is
// right in 92 of 100 cases. So the share that is right says nothing; one must ask for contacts.
// Sort the pairs by their scores. *Precision at k* is the share of contacts among the k highest;
// for proteins k is often L, the length of the chain, or a part of it. With a threshold in the
// place of k, one counts what is said, what is wanted, and what is both, and so right. *Precision*
// is right/said, *recall* is right/wanted, and
//
//     F1 = 2 right/(said + wanted)                                                       (22.5)
//
// *F1* is between precision and recall, nearer to the smaller of the two: who says little is
// precise, and who says everything forgets nothing. The threshold is a parameter like any other. It
// is chosen on what was learnt from, never on what is tested.
//
// A third measure is often given, the *area under the curve*: how often does a contact have a
// higher score than a pair that is none? It flatters. Of the 2,400 pairs of an RNA, 20 are wanted.
// Who ranks 70 wrong ones in front of each right one still gets 0.97.
//
// And what is good? Something simple has to be beaten. *Chance* knows nothing. A *distance
// baseline* knows how often beads touch that are 3, 5, 7 … apart. The *average map* knows how often
// beads 2 and 9 touch, over all chains: it says the same of all.
//
// ## Exercise 22.6 — Honest measures
// *About 20 lines · difficulty 3 of 3 · 40 minutes*
//
// A colleague is proud of a precision of 1.00, with this. It compiles. Five things are wrong with
// it.
//
//        std::vector<std::pair<float, bool>> pairs;
//        for (int i = 0; i < scores.size(); ++i)
//            pairs.push_back({scores.data[i], targets.data[i] != 0});
//        std::sort(pairs.begin(), pairs.end());
//        int right = 0;
//        for (int n = 0; n < k; ++n) right += pairs[n].second;
//        return right / k;
//
// Ask yourself of each what it does to the number. One of them shows only when many scores are
// equal, and then it cheats. Write it as it should be. `asked_pairs` gives the places of the pairs
// that count.
static std::vector<int> asked_pairs(const Tensor& mask) {
    std::vector<int> places;
    for (int i = 0; i < mask.size(); ++i)
        if (mask.data[i] != 0) places.push_back(i);
    return places;
}

double precision_at(int k, const Tensor& scores, const Tensor& targets, const Tensor& mask) {
    require_maps("precision_at", scores, targets, mask);
    if (k < 1) throw std::invalid_argument("precision_at: the first " + std::to_string(k));
    std::vector<int> pairs = asked_pairs(mask);
    //> 22.6: about 8 lines
    std::stable_sort(pairs.begin(), pairs.end(),
                     [&](int a, int b) { return scores.data[a] > scores.data[b]; });
    const int count = std::min(k, size_of(pairs));
    int right = 0;
    for (int n = 0; n < count; ++n) right += targets.data[pairs[n]] != 0;
    return count == 0 ? 0 : 1.0 * right / count;
    //<
}

// `Counts` knows (22.5). Count with a threshold, and find the best. There may be a million pairs,
// each with a score of its own: counting anew for every threshold takes for ever. What changes from
// one threshold to the next?
Counts count_pairs(const Tensor& scores, const Tensor& targets, const Tensor& mask,
                   float threshold) {
    require_maps("count_pairs", scores, targets, mask);
    //> 22.6: about 7 lines
    Counts counts;
    for (const int i : asked_pairs(mask)) {
        const bool said = scores.data[i] >= threshold, wanted = targets.data[i] != 0;
        counts.said += said;
        counts.wanted += wanted;
        counts.right += said && wanted;
    }
    return counts;
    //<
}

float best_threshold(const Tensor& scores, const Tensor& targets, const Tensor& mask) {
    require_maps("best_threshold", scores, targets, mask);
    std::vector<int> pairs = asked_pairs(mask);
    if (pairs.empty()) throw std::invalid_argument("best_threshold: no pairs");
    //> 22.6: about 14 lines
    std::sort(pairs.begin(), pairs.end(),
              [&](int a, int b) { return scores.data[a] > scores.data[b]; });
    Counts counts;
    for (const int i : pairs) counts.wanted += targets.data[i] != 0;
    float best = scores.data[pairs[0]];
    double highest = -1;
    for (int n = 0; n < size_of(pairs); ++n) {
        ++counts.said;
        counts.right += targets.data[pairs[n]] != 0;
        const float score = scores.data[pairs[n]];
        const bool last = n + 1 == size_of(pairs) || scores.data[pairs[n + 1]] != score;
        if (!last || counts.f1() <= highest) continue;
        highest = counts.f1();
        best = score;
    }
    return best;
    //<
}

// ## What AlphaFold does more
//
// *AlphaFold* (Jumper and others, 2021) finds the shapes of real proteins from their chains, often
// as well as an experiment does. It asks for pairs too, but not once at the end. It keeps a row of
// numbers for every pair, in all its 48 blocks, in which pairs (i, j) look at (i, k) and (k, j): if
// i is near k, and k near j, then i is not far from j. It reads not one chain but hundreds of
// relatives, one below the other: what changes together in all of them touches. Then it lays every
// atom into space, in three dimensions, says how sure it is, and goes through all of it again three
// times. It learnt from some 170,000 shapes that people had measured in fifty years. Ours reads one
// chain, scores its pairs once, and lays nothing into space.
//
// ## See it
//
// The demo counts folds, and finds the best of the chain at the top of this page. Then a network of
// two layers learns the contact maps of chains of eighteen beads. (All 3,189 with a single best
// fold are in data/lattice.txt, as branch and bound found them.) What is held out are whole
// *folds*: no chain that it is tested on lies like one that it has learnt from. Its scores (22.3)
// are added to the average map's, so that it only has to learn what that does not know.
//
// Then the same network reads nature's data. *Transfer RNA* is a chain of some 75 bases, A, C, G
// and U, that carries one amino acid to where proteins are made. Its bases pair, A with U and G
// with C above all, and nearly all of them fold into the same cloverleaf. 972 real ones, from many
// species, are learnt from and tested on, and the families of four amino acids are held out whole.
// (The rest is in course/demos/22_touching/.) `FULL=1 make demo CHAPTER=22` takes four times as
// many steps, and `TRAINED=1` shows at once what that has come to.
//
// Before you run `make demo CHAPTER=22`: the average map says the same of every chain. For which of
// the two tasks is it the better guess, and why? And will the heads of the encoder look at the
// beads that touch?
//
// ## Experiment
//
// Hold out chains in the place of folds: set `whole_folds` to false. Then five of six held-out
// chains have a twin among those that were learnt from, with a single bead changed and the same
// fold. F1 is 72 otherwise. What will it be? Write it down, and run the demo.
static const bool whole_folds = true;
static const double predicted = NAN;  // your F1 in percent, such as 50

// Learns the maps of one kind of chain, and shows them; returns F1 in percent.
static double map_chains(const touching::Task& task, const StackSettings& stack, int steps,
                         const touching::Pace& how) {
    const touching::Known known = touching::known_of(task);
    Random random(22);
    const touching::Mapper net(stack, task.vocabulary(), random);
    if (asked_for("TRAINED")) training::read_trained(task.name, net.parameters());
    else {
        training::Plan plan{task.name, steps, steps / 10};
        if (asked_for("FULL")) plan = {task.name, 4 * steps, steps / 5, task.name};
        const training::Outcome run = touching::learn(net, plan, how, task, known, random);
        if (!run.complete) return NAN;
        training::draw_losses("22_" + task.name + "_training", {run});
    }
    const double f1 = touching::show_grades(net, task, known);
    touching::show_maps(net, task, known);
    return f1;
}

static const Demo demo("22", [] {
    touching::show_counts(10);
    touching::show_best("HPHPPHHPHPPHPHHPPHPH");

    const touching::Task lattice = touching::lattice_task(whole_folds);
    const double f1 = map_chains(lattice, {32, 4, 64, 2}, 3000, {0.003, 0.05, 64});
    if (std::isnan(f1)) return;
    compare("F1 on the lattice, in percent", predicted, f1);
    map_chains(touching::rna_task(), {48, 4, 96, 3}, 1000, {0.002, 0.1, 16});
});

// ## Questions
//
// 1. In `all_folds`, folds that are alike but for a turn or a mirror are counted once. How many
//    folds of five beads are there if all are counted, from a fixed first place? And how many are
//    left if the two ends of the chain are not told apart either?
// 2. What breaks if the bound of (22.2) allows only one contact for each H? And if it allows three
//    for all?
// 3. Look at the picture of RNA. In each half, the true pairs lie on four short lines, from the
//    lower left to the upper right. Why do they run like this? What would a line in the other
//    direction mean?
// 4. A network is trained on all known protein shapes, and tested on shapes that were measured last
//    year. Is that held out? What would you ask?
//> answers
//
// Answers.
//
// Prediction. See it: for RNA. Nearly all fold into one cloverleaf, while the lattice's folds have
// little in common. The heads hardly look at beads that touch. On the lattice most look a few
// places before or behind, and gather what stands around; who touches whom is said by (22.3), at
// the end. Experiment: 78, six more. A part of what the network knows is which folds there are, and
// that is no folding. But most of it holds for folds that it never saw.
//
// 1. The straight one turns into 4, each of the others into 8: 4 + 12 · 8 = 100. From the other
//    end, SSL and LSS are the same, and so are SLL and LLS, LLR and LRR, SLR and LRS; the other
//    five are their own: nine.
// 2. With one, the best fold may be left out. For the chain of twenty 634 beads are laid, and the
//    energy is −8: a fold, and no proof. With three for all it stays exact, and lays 768,314 beads
//    in the place of 236,471.
// 3. A stem: i pairs with j, i + 1 with j − 1, and so on, for the chain runs back beside itself. In
//    the other direction, two strands would lie side by side and run the same way.
// 4. Most new shapes have relatives among the old ones. One asks how alike the most similar trained
//    chain is, and looks at those without any; contests hold out shapes that nobody has seen yet.
//<
//
// ## Where it comes from
//
// - Lau and Dill, "A lattice statistical mechanics model of the conformational and sequence spaces
//   of proteins" (1989): the HP model. That finding the best fold is hard in general: Crescenzi and
//   others, "On the complexity of protein folding" (1998).
// - Land and Doig, "An automatic method of solving discrete programming problems" (1960): branch
//   and bound. The chain of twenty: Unger and Moult, "Genetic algorithms for protein folding
//   simulations" (1993).
// - Jumper and others, "Highly accurate protein structure prediction with AlphaFold" (2021). That
//   attention of a language model of proteins finds contacts: Rao and others (2021).
// - The tRNA: Sprinzl and others' compilation, as Infernal by Nawrocki and Eddy has it.
//
// ## What you have now
//
// A way to find what is best and to prove it, scores for pairs, and measures that do not flatter.
// Chapter 23 leaves chains of letters, and reads the light of stars.
