// The demo of chapter 26: what attention of a long text costs, with the weights and in tiles;
// models of many sizes that learn on many budgets; and one of them in 8 bits.
#pragma once

#include "18_gpt.hpp"

namespace growing {

// ## Long texts (lengths.cpp): time and room of one head, over the length; a table, two pictures.
void show_lengths();

// ## Budgets (budgets.cpp)

// A model of two layers that has learnt names, and what came of it.
struct Trained {
    Gpt net;
    double parameters, tokens, bits;  // bits per letter of the names that are held out
};

// Models of several sizes learn on several budgets; both laws are fitted to the best of each; and a
// model that the laws choose learns on so many times the largest budget. Tables and three pictures.
// FULL=1 adds larger budgets.
Trained show_laws(double times);

// With TRAINED=1: the same from data/budgets.txt, where what was learnt before is kept. False, and
// nothing is shown, when it was not asked for.
bool show_trained_laws();

// ## 8 bits (bytes.cpp): a model's bits per letter with rounded weights, and the speed of a row
// times a matrix that is no longer in the cache.
void show_bytes(const Trained& model);

// Of names that are held out.
double bits_of_names(const Gpt& net);

}  // namespace growing
