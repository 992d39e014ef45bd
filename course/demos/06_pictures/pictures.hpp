// The demo of chapter 6: pictures that go through a few numbers. What comes back, what is put into
// holes, what lies half-way between two digits, and what is unusual; beside simpler ways.
#pragma once

#include "06_autoencoders.hpp"
#include "data/pictures.hpp"
#include "training/trainer.hpp"

#include <functional>
#include <string>
#include <vector>

namespace pictures {

struct Kind {  // pictures, one a row, and what each of them is
    Tensor x;  // [N, P]
    std::vector<int> labels;
};

struct Data {
    Kind known, held_out;
    int side;  // each picture has side × side pixels
};
Data digits();
Data clothes();
Kind only(const Kind& all, const std::function<bool(int label)>& wanted);

// ## Learning

struct Learnt {
    Autoencoder net;
    training::Outcome run;
};

// An autoencoder of these sizes, which learns from what is known with such a share of holes.
Learnt learn(const std::string& title, const std::vector<int>& sizes, float share, int steps,
             const Data& data);

// ## Simpler ways

// The mean of some pictures and the directions in which they differ most, by Jacobi's rotations.
class Components {
public:
    Components(const Tensor& x, int count);
    Tensor codes(const Tensor& x) const;         // [N, P] → [N, count]
    Tensor pictures(const Tensor& codes) const;  // and back
    Tensor operator()(const Tensor& x) const { return pictures(codes(x)); }

private:
    Tensor mean_, directions_;  // [P] and [P, count]
};

// For each row of x, the place of the nearest row of `known`.
std::vector<int> nearest(const Tensor& known, const Tensor& x);

// ## What is shown

// What is left of held-out pictures, and how many labels the nearest code gets right.
void show_errors(const Data& data, const Autoencoder& net, const std::string& picture);
void show_plane(const Data& data, const Autoencoder& two);  // a code of two numbers, as a map

// What becomes of holes; returns the error of held-out pictures of which half was hidden.
double show_holes(const Data& data, const Autoencoder& net, const std::string& picture);
void draw_filters(const Autoencoder& net, int side, const std::string& picture);

void show_way(const Data& data, const Autoencoder& net);      // from one digit to another
void show_unusual(const Data& data, const Autoencoder& net);  // beside simpler ways

void show_clothes();  // the long run: another set, a wider waist

}  // namespace pictures
