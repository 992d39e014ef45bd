// The demo of chapter 22: which beads of a chain touch, and which bases of an RNA pair, read from
// the chain alone.
#pragma once

#include "22_folding.hpp"
#include "training/trainer.hpp"

#include <string>
#include <vector>

namespace touching {

// ## Chains in tokens, and which of their pairs touch

struct Examples {
    std::vector<std::string> letters;
    Sequences tokens;  // 0 is padding, 1 the first letter of the alphabet
    std::vector<Contacts> contacts;
};

struct Task {
    std::string name, title, alphabet;
    int nearest;  // of a pair that can touch
    int part;     // precision is asked at L/part, L beads long
    Examples training, held_out;

    int vocabulary() const { return static_cast<int>(alphabet.size()) + 1; }
};

// The chains of eighteen with a single best fold, each from both ends. Held out are whole folds, or
// else chains: then others that fold alike are learnt from.
Task lattice_task(bool whole_folds);

// Transfer RNA of 68 to 80 bases. Held out are whole families.
Task rna_task();

// ## What is known without a network: logarithms of odds, counted on what is learnt from

struct Known {
    Tensor average;    // [T, T]: that i and j touch
    Tensor distances;  // [T, T]: by j − i alone
    Tensor letters;    // [V, V]: what two letters add to that
};
Known known_of(const Task& task);

enum class Start { nothing, distances, average, average_and_letters };

// ## Maps: what there is to say of some chains, and what is true, [B, T, T] each

struct Maps {
    Tensor scores, targets, mask;
};
Maps known_maps(const Task& task, const Known& known, const Examples& examples, Start start);

// ## The net

struct Mapper {
    StackSettings stack;
    Variable table;  // [V, D]
    Encoder encoder;
    PairScores pairs;

    Mapper(const StackSettings& settings, int V, Random& random);

    // What the encoder makes of the chains, [B, T, D].
    Variable rows(const Sequences& tokens, const Dropout& dropout = Dropout()) const;

    // Where each head of a layer looks, [B, H, T, T].
    Tensor weights(const Sequences& tokens, int layer) const;
    Parameters parameters() const;
};

struct Pace {  // of learning
    double rate, dropout;
    int batch;
};

// Its scores are added to what is known from the start. Trains to the end of the plan; the share
// that is right is F1 on what is held out, with a threshold that was chosen on what is learnt from.
training::Outcome learn(const Mapper& net, const training::Plan& plan, const Pace& how,
                        const Task& task, const Known& known, Random& random);

Maps mapped(const Mapper& net, const Task& task, const Known& known, const Examples& examples);

// ## How good

struct Grades {
    double precision, f1, area;  // in percent, but for the area
};
Grades grades(const Maps& learnt, const Maps& held_out, const Task& task);

// ## What is shown

// How many folds there are of 2 beads, and so on to the longest.
void show_counts(int longest);

// The best fold of a chain, what it took to prove it, and how it lies.
void show_best(const std::string& sequence);

// The net on what is held out, beside what knows less. Returns its F1, in percent.
double show_grades(const Mapper& net, const Task& task, const Known& known);

// A held-out chain: who touches whom, what is said of it, and where the net looks.
void show_maps(const Mapper& net, const Task& task, const Known& known);

}  // namespace touching
