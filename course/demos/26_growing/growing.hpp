// The demo of chapter 26: what attention of a long text costs, with the weights and in tiles; models
// of many sizes that learn on many budgets; and one of them in 8 bits.
#pragma once

#include "18_gpt.hpp"
#include "26_scale.hpp"

#include <vector>

namespace growing {

// ## Long texts (lengths.cpp): time and room of one head, over the length; a table, two pictures.
void show_lengths();

// ## Budgets (budgets.cpp)

// A model of two layers that has learnt names, and what came of it.
struct Trained {
    Gpt net;
    double parameters, tokens, bits;  // bits per letter of the names that are held out
};

// About so many parameters learn for as long as the budget of multiplications and additions lasts.
Trained learn_names(double parameters, double budget);

struct Budget {
    double budget;
    std::vector<double> sizes, bits;
};

// Several sizes on each budget, as a table; FULL=1 adds larger budgets.
std::vector<Budget> learn_budgets();

// Both laws with what they were fitted to, and one model beside them that was not.
void draw_laws(const std::vector<Budget>& all, const PowerLaw& loss, const PowerLaw& size,
               const Trained& next, double budget);

// ## 8 bits (bytes.cpp): a model's bits per letter with rounded weights, and the speed of a row
// times a matrix that is no longer in the cache.
void show_bytes(const Trained& model);

// Of names that are held out.
double bits_of_names(const Gpt& net);

}  // namespace growing
