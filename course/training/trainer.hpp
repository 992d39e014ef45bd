// One way to learn, for every chapter that learns for longer than a moment: step after step over
// batches, with a progress bar, a look now and then at what was held out, and, for a run that is
// kept, a file from which it goes on another day as if it had never stopped.
//
// In the environment, DEMO_STEPS is another number of steps, and DEMO_SECONDS ends a run early.
#pragma once

#include "04_neural_networks.hpp"
#include "kit/figure.hpp"

#include <cmath>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace training {

using Batch = std::vector<int>;  // numbers of examples

// Batches without end, one epoch after another.
class Batches {
public:
    // How the examples of one epoch are cut into batches, given the random numbers.
    using Cut = std::function<std::vector<Batch>(Random&)>;

    Batches(Cut cut, Random& random);
    // All examples in a new random order each time: `shuffled_batches` of chapter 4.
    Batches(int count, int size, Random& random);

    Batch next();

private:
    friend class Run;

    Cut cut_;
    Random& random_;
    std::vector<Batch> epoch_;
    std::uint64_t before_epoch_ = 0;  // the random state from which the epoch was cut
    int place_ = 0;
};

struct Plan {
    std::string title;  // of the progress bar
    int steps = 0;
    int look_every = 0;        // so many steps between two looks; 0: only at the end
    std::string kept = "";     // under this name in build/checkpoints; without one, nothing is kept
    std::string command = "";  // that makes this run, for its log
};

// What is seen when the net is asked, without a tape, about examples that it does not learn from.
struct Look {
    double loss = NAN, right = NAN;  // the mean loss, and the share that is right
};

// How it went: an entry for each look.
struct Curves {
    std::vector<double> steps;     // done so far
    std::vector<double> training;  // the mean loss since the look before
    std::vector<double> held_out;  // loss
    std::vector<double> right;     // share of what was held out
};

struct Outcome {
    bool complete = false;  // false: it was interrupted, and kept
    int steps = 0;
    double loss = 0;  // of the last steps, on average
    double seconds = 0;
    Curves curves;
};

// Takes one step on a batch and returns its loss. `done` is the share of the plan that is behind
// it, from 0 to 1, for a rate that follows a schedule.
using Step = std::function<double(const Batch& batch, double done)>;

// Trains to the end of the plan. A run that is kept goes on where its file ends; it is saved every
// minute or so and when it is interrupted (Ctrl-C), which is then told. At the end the parameters
// alone are saved too, as NAME.trained, and NAME.log tells how it went, its command first. Throws
// std::runtime_error when the file belongs to another run; then nothing has changed.
Outcome train(const Plan& plan, Optimiser& optimiser, Batches& batches, const Step& step,
              const std::function<Look()>& look = nullptr);

// The losses as two curves of a picture, of what was learnt from and of what was held out.
std::vector<figure::Series> loss_curves(const std::string& name, const Curves& curves);

// Gives the parameters the values of data/NAME.trained, what a long run came to. Throws
// std::runtime_error when their shapes are those of another model.
void read_trained(const Parameters& parameters, const std::string& name);

}  // namespace training
