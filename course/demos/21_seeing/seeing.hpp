// The demo of chapter 21: which motions help, chosen on a validation part; a contest of networks on
// digits and on clothes; what the class token looks at, and what was read wrongly.
#pragma once

#include "21_vision.hpp"
#include "training/trainer.hpp"

#include <functional>
#include <string>
#include <vector>

namespace seeing {

// ## What is seen

struct Examples {
    Tensor x;  // [B, R, C]
    std::vector<int> kinds;
};

struct Contest {
    std::string what;
    std::vector<std::string> kinds;
    Examples known, held_out;
    int side;

    Examples learning() const { return part(false); }   // of what is known, four in five
    Examples validation() const { return part(true); }  // and the fifth

private:
    Examples part(bool fifth) const;
};
Contest digits();
Contest clothes();

// ## Who learns: a network, and two twins of it, which share a batch

struct Pupil {
    std::string name;
    Parameters parameters;
    Classifier own;
    std::vector<Parameters> of_twins;
    std::function<Variable(int twin, const Tensor& pictures, const Dropout& dropout)> twin;
};
Pupil pupil_of(const std::string& name, const VisionTransformer& net, bool with_positions = true);
Pupil plain_network(const Contest& contest, int hidden);      // of chapter 4
Pupil convolution(const Contest& contest, int features);      // of 3 × 3, with one linear layer
Pupil shuffled(Pupil pupil, const Contest& contest, int P);  // sees patches in another order

// ## Learning and measuring

struct Settings {
    training::Plan plan;
    DrawMotion draw = nullptr;
    double rate = 0.003, smoothing = 0.05, dropout = 0.1;
};

training::Outcome learn(const Pupil& pupil, const Settings& settings, const Examples& from,
                        const Examples& looked_at, Random& random);

// Learns from what is known, so many steps with each way to move pictures, and prints how much of
// the validation part is right; one picture.
void compare_motions(const VisionSettings& net, const Contest& contest, int steps);

// A line of the contest: its parameters, and how many of what is held out it gets wrong. The share
// that is right, in percent.
double print_result(const Pupil& pupil, const Contest& contest);
void print_nearest(const Contest& contest);  // what the nearest known picture says

// Has the others learn, and prints their lines.
void show_others(const VisionSettings& net, const Contest& contest, int steps);

// ## Looking

void show_looks(const VisionTransformer& net, const Contest& contest);     // one of each kind
void show_misread(const VisionTransformer& net, const Contest& contest);

// ## Clothes

void show_clothes(bool briefly, bool full);

}  // namespace seeing
