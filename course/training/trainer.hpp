// One way to learn, for every chapter that learns for longer than a moment: step after step over
// batches, with a progress bar, a look now and then at what is held out, and, for a run that is
// kept, a file from which it goes on another day as if it had never stopped.
//
// In the environment, DEMO_STEPS is another number of steps, and DEMO_SECONDS ends a run early. A
// run whose end lies in the folder LEARNT is not made again; the end of another is left there.
#pragma once

#include "04_neural_networks.hpp"
#include "kit/figure.hpp"

#include <cmath>
#include <functional>
#include <string>
#include <vector>

namespace training {

struct Plan {
    std::string title;
    int steps;
    int look_every = 0;  // steps between two looks; the first is before step 1, the last at the end
    std::string kept = "";  // under this name in build/checkpoints; without a name nothing is kept
};

using Batch = std::vector<int>;  // numbers of examples

// What is seen when the network is asked, without a tape, about what it does not learn from.
struct Look {
    double loss = NAN, right = NAN;  // the mean loss, and the share that is right
};

// What learns, and how. All random numbers come from `random`, those of the functions too.
struct Learner {
    Optimiser& optimiser;
    Random& random;

    // The batches of one epoch: `shuffled_batches` of chapter 4, for example.
    std::function<std::vector<Batch>(Random& random)> epoch;

    // Takes one step on a batch and returns its loss. `done` is the share of the plan that lies
    // behind it, from 0 to 1, for a rate that follows a schedule.
    std::function<double(const Batch& batch, double done)> step;

    std::function<Look()> look;
};

struct Outcome {
    std::string title;
    bool complete = false;  // false: it was interrupted, and kept
    int steps = 0;
    float loss = NAN;  // the mean of the batches since the look before
    double seconds = 0;

    struct Point {
        double step, training, held_out, right;
    };
    std::vector<Point> curve;  // a point for each look
};

// Trains to the end of the plan. A run that is kept goes on where its file ends, with the same bits
// as if it had never stopped. It is saved every minute or so, and when it is interrupted (Ctrl-C),
// which is then told. NAME.log says how it goes, the command first; at the end, NAME.trained holds
// the parameters alone. Throws std::runtime_error when the file belongs to another run.
Outcome train(const Plan& plan, const Learner& learner);

// Who wants to know what a step costs, and nothing else, sets this: `course bench chapter NN`. Then
// `train` takes steps for half a second, looks at nothing, and tells the time of the middle one.
struct StepCost {
    std::string title;
    double seconds;
    int parameters;
};
extern std::function<void(const StepCost&)> tell_cost;

// Draws the losses of some runs, on what they learn from and on what is held out.
void draw_losses(const std::string& picture, const std::vector<Outcome>& runs);

// The same for the share of what is held out that is right.
void draw_right(const std::string& picture, const std::vector<Outcome>& runs);

}  // namespace training
