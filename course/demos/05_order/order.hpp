// The demo of chapter 5: which came first, X or Y? Cells that read sequences of several lengths,
// what they have learnt, and what their gradients and their states look like.
#pragma once

#include "05_recurrent.hpp"
#include "data/temporal_order.hpp"
#include "training/trainer.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace order {

constexpr int hidden = 8;  // H of every cell

// What kind of cell, and how one is made.
struct Kind {
    std::string name;
    std::function<std::unique_ptr<Cell>(Random& random)> make;
};
Kind plain_cell();
Kind lstm(const std::string& name, float forget_bias);

// Four lengths of sequences, from 7–8 to 100–110, with the two symbols far from the end.
struct Length {
    std::string name;
    temporal_order::Level level;
};
const std::vector<Length>& lengths();

// A network that has learnt from sequences of one length, and how that went.
struct Learnt {
    std::unique_ptr<Cell> cell;
    Classifier net;
    training::Outcome run;

    Learnt(const Kind& kind, Random& random);
    double right() const { return run.curve.back().right; }
};
using Row = std::vector<std::unique_ptr<Learnt>>;  // one of each kind

std::unique_ptr<Learnt> learn(const Kind& kind, const Length& length, int steps);

// Trains whatever makes logits of sequences, for so many steps, on sequences of one length.
using Read = std::function<Variable(const Sequences& sequences)>;
training::Outcome teach(const Read& read, const Parameters& parameters, const std::string& title,
                        const temporal_order::Level& level, int steps, double rate, Random& random);

// What is right at each length, as a table and as a picture, beside counting.
struct Line {
    std::string name;
    std::vector<double> right;
};
void show_lengths(const std::vector<Line>& lines, const std::string& picture);

// Trains one of each kind for each length: a row for each length, with a table and pictures.
std::vector<Row> learn_all(const std::vector<Kind>& kinds);

void show_answers(const Learnt& plain, const Learnt& other);  // what was taken for what, at 30–40
void show_longer(const Learnt& net);                          // asked about 300 to 500 symbols
void show_stages(const Learnt& net);                          // led there by stages

// The gradient's norm over the distance from the end: of the first kind before it has learnt, and
// of those that have.
void show_gradients(const std::vector<Kind>& kinds, const Row& learnt);

void show_end(const Row& nets);  // of 100 to 110 symbols, what each kind came to
void draw_cells(const Learnt& lstm);  // along one sequence of 30 to 40 symbols

}  // namespace order
