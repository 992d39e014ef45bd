// Chapter 23, Light curves. The prose, the reasons and the exercises are in 23_light_curves.cpp.
#pragma once

#include "13_positional_encoding.hpp"
#include "15_encoder.hpp"
#include "data/light_curves.hpp"

#include <vector>

// Letters: T points of a curve, B curves of a batch, W numbers that say when, F = 3 + W that go in
// for a point, D = d_model features, C kinds. Times and gaps are in days. Every function throws
// std::invalid_argument, with its name, when something does not fit.

using light_curves::Curve;
using light_curves::Curves;
using Flux = std::vector<double>;  // how bright, at each of some times

// ## By hand: what is kept over a gap of 10 days, the deviation of what is new, where the walk is
// then, and the deviation of what is new over 200 days, [4].
Tensor step_by_hand();

// ## What shines

// A damped random walk: Uhlenbeck and Ornstein, "On the theory of the Brownian motion" (1930); of
// quasars, Kelly, Bechtold and Siemiginowska, "Are the variations in quasar optical flux driven by
// thermal fluctuations?" (2009).
struct Walk {
    double sigma, tau;  // the deviation of the whole walk, ≥ 0; how long it remembers, > 0
};

// Where the walk is, a gap ≥ 0 after it was at x; z is normal, with mean 0 and variance 1.
double walk_step(double x, double gap, const Walk& walk, double z);

// The walk at each time. It draws one normal() for each: the first says where it begins, and is no
// step. The times must not go back.
Flux random_walk(const Times& times, const Walk& walk, Random& random);

// height · sin(2π (t/period + phase)), for a period > 0.
struct Wave {
    double height, period, phase;
};
Flux wave(const Times& times, const Wave& of);

// height · e^(−(t − start)/decay) from the start on, and 0 before it; decay > 0. As in a wave, the
// times may stand in any order.
struct Flare {
    double height, start, decay;
};
Flux flare(const Times& times, const Flare& of);

// The four kinds, from 0 to 3, with parameters that are drawn from `random`; what a
// light_curves::Survey then sees of it, light_curves::draw says.
inline const char* const curve_kinds[] = {"random walk", "periodic", "flare", "flare, dip"};
Flux brightness(int kind, const Times& times, Random& random);

// ## What goes in

enum class TimeCode {
    none,       // nothing says when
    raw,        // t itself, in the first of the W numbers; the others are 0
    position,   // PE(t)
    logarithm,  // PE(log(1 + t))
    gap         // PE(Δt), with the gap of t before each point; the first is 0
};

// t is (time − first time)/unit, with a unit > 0 of days.
struct Clock {
    TimeCode code = TimeCode::position;
    double unit = 1;
    int W = 16;  // 1 or more
};
Tensor time_features(const Times& times, const Clock& clock);  // [T, W], also for T = 0

// For each point that is seen (flux − mean)/s and error/s: the mean is that of the seen fluxes, and
// s² the mean of their squared distances from it, plus the mean of their squared errors, which are
// above 0. A point that is missing has two zeros, and its error counts nowhere. [T, 2]
Tensor flux_features(const Curve& curve);

// Row 0 is the class token: 1, and F − 1 zeros. Row 1 + i is point i: 0, its two numbers from
// flux_features, its W from time_features. Behind the last point of a shorter curve stand zeros; a
// curve without points has its class token, and no more.
struct CurveBatch {
    Tensor points;           // [B, 1 + T, F], for the longest, T
    Tensor seen;             // [B, 1 + T]: 1 for the class token and for what is seen, else 0
    std::vector<int> kinds;  // B
};
CurveBatch batch_of(const Curves& curves, const Clock& clock);  // of one curve or more

// 1 where a row may look: at what is seen, whoever asks. [B, R] → [B, R, R]
Tensor seen_mask(const Tensor& seen);

// ## The network

struct CurveNetSettings {
    StackSettings stack = {32, 4, 64, 2};
    Clock clock;
    int outputs = 4;  // C
};

// A linear layer makes rows of D features of the points; an encoder; a linear layer makes the
// outputs of the class token's row.
struct CurveNet {
    CurveNetSettings settings;
    Linear input;  // [F, D]: its row 0 is the class token
    Encoder encoder;
    Linear head;  // [D, C]

    CurveNet(const CurveNetSettings& of, Random& random)
        : settings(of),
          input(3 + of.clock.W, of.stack.d_model, random),
          encoder(of.stack, random),
          head(of.stack.d_model, of.outputs, random) {}

    Variable operator()(const CurveBatch& batch, const Dropout& dropout = Dropout()) const;
    Parameters parameters() const {
        Parameters all = {input.W, input.b};
        append(all, encoder.parameters());
        append(all, {head.W, head.b});
        return all;
    }
};

// ## How good is it, and does it know?

// How many of kind i, row i, were said to be j, column j: [C, C]. There are as many of both.
Tensor confusion(const std::vector<int>& kinds, const std::vector<int>& said, int C);

// Of each kind, the share that was recognised; 0 for a kind of which there is none. [C]
Tensor recalls(const Tensor& confusion);

// The two kinds, the smaller number first, that are taken most often for each other, both ways
// together; of equal pairs the one with the smaller first number, and then the smaller second. For
// two kinds or more.
std::pair<int, int> most_confused(const Tensor& confusion);

// The confidence of an answer is the largest of its probabilities. Bin b of `bins` has those from
// b/bins up to, not with, (b + 1)/bins; a confidence of 1 is in the last. For each bin: how many
// answers, their mean confidence, and the share that is right; three zeros when there is none, so
// without any answers the table is all zeros. Logits are [N, C] → [bins, 3]
Tensor calibration(const Tensor& logits, const std::vector<int>& kinds, int bins);

// The mean distance of confidence and share, over all answers: Naeini, Cooper and Hauskrecht,
// "Obtaining well calibrated probabilities using Bayesian binning" (2015). 0 without answers.
double calibration_error(const Tensor& calibration);  // [bins, 3]
