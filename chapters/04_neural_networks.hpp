// Chapter 4, Neural networks. The prose, the reasons and the exercises are in
// 04_neural_networks.cpp.
#pragma once

#include "03_autodiff.hpp"
#include "kit/random.hpp"

#include <functional>
#include <stdexcept>
#include <vector>

// Every function throws std::invalid_argument, with its name and what it got, when shapes do not
// fit.

// ## Layers

using Parameters = std::vector<Variable>;

// ## By hand: W₁ [2, 2], b₁ [2], W₂ [2, 1] and b₂ [1] of relu(x W₁ + b₁) W₂ + b₂, which is above 0
// if exactly one of two inputs is 1, and below 0 if none or both are.
std::vector<Tensor> exactly_one_by_hand();

// x W + b, for x [..., N, in], W [in, out] and b [out]; the result is [..., N, out]. The first is
// made of operations of chapter 3, the second is one operation.
Variable plain_linear(const Variable& x, const Variable& W, const Variable& b);
Variable linear(const Variable& x, const Variable& W, const Variable& b);

// First weights [in, out], uniform, with mean 0 and the variance 2/(in + out): Glorot and Bengio,
// "Understanding the difficulty of training deep feedforward neural networks" (2010), equation 16.
Tensor xavier_weights(int in, int out, Random& random);

// First weights of any shape, normal with mean 0. GPT and BERT use a deviation of 0.02: Radford et
// al., "Improving language understanding by generative pre-training" (2018), section 4.2.
inline Tensor normal_weights(const Shape& shape, float deviation, Random& random) {
    Tensor weights(shape);
    for (float& weight : weights.data) weight = deviation * random.normal();
    return weights;
}

// A linear layer with parameters of its own: Xavier weights, and a bias of zeros.
struct Linear {
    Variable W, b;  // [in, out] and [out]

    Linear(int in, int out, Random& random)
        : W(parameter(xavier_weights(in, out, random), "W")), b(parameter(Tensor({out}), "b")) {}
    Variable operator()(const Variable& x) const { return linear(x, W, b); }
    Parameters parameters() const { return {W, b}; }
};

inline void append(Parameters& all, const Parameters& more) {
    all.insert(all.end(), more.begin(), more.end());
}

inline int parameter_count(const Parameters& parameters) {
    int count = 0;
    for (const Variable& p : parameters) count += p.value().size();
    return count;
}

// ## Loss. Logits are [N, C], or [..., C] with N rows in all; there are N targets, each a class
// from 0 to C − 1 or `ignore`. Functions refuse another target, and another number of targets.

// The mean of −log softmax(logits)[target] over the targets that are not ignored, of shape []. When
// all are ignored, the loss and its gradient are 0.
Variable cross_entropy(const Variable& logits, const std::vector<int>& targets, int ignore = -1);

// Its two halves, without a tape: the loss, and ∂loss/∂logits.
double cross_entropy_loss(const Tensor& logits, const std::vector<int>& targets, int ignore = -1);
Tensor cross_entropy_gradient(const Tensor& logits, const std::vector<int>& targets,
                              int ignore = -1);

// For each row of [..., C], the class with the largest logit; the first, if there are several. None
// when C is 0.
std::vector<int> argmax(const Tensor& logits);

// The share of counted targets that are the largest of their row; 0 when all are ignored.
double accuracy(const Tensor& logits, const std::vector<int>& targets, int ignore = -1);

// ## Optimisers. They get each parameter once: copies of a Variable are the same, and threads would
// meet in it. Each is PyTorch's class of the same name, with the same defaults; only the rate has
// none. (One difference: steps are counted once for all parameters, also for one that had no
// gradient and was left alone.)

class Optimiser {
public:
    virtual ~Optimiser() = default;

    void clear_gradients() const {
        for (const Variable& p : parameters_) p.clear_gradient();
    }
    void step();  // one update of every parameter into which a gradient has flowed
    const Parameters& parameters() const { return parameters_; }

    double rate;  // may be changed between steps: a schedule

    // What must be kept, with the parameters, in order to go on another day.
    struct State {
        int steps = 0;                // completed so far
        std::vector<Tensor> running;  // `kinds` running sums or averages for each parameter
    };
    State state;

protected:
    using Numbers = std::vector<float>;

    Optimiser(const Parameters& all, double learning_rate, int kinds)
        : rate(learning_rate), parameters_(all), kinds_(kinds) {
        for (const Variable& p : all)
            for (int kind = 0; kind < kinds; ++kind) state.running.emplace_back(p.shape());
    }

    // Changes the weights w of parameter number i, whose gradient is g, in one pass.
    virtual void update(int i, Numbers& w, const Numbers& g) = 0;
    Numbers& running(int i, int kind) { return state.running[i * kinds_ + kind].data; }

private:
    Parameters parameters_;
    int kinds_;
};

// Stochastic gradient descent with momentum, after Polyak, "Some methods of speeding up the
// convergence of iteration methods" (1964). The decay is an L2 penalty, added to the gradient. In
// PyTorch: SGD(lr, momentum, weight_decay), with neither dampening nor Nesterov.
class SGD : public Optimiser {
public:
    SGD(const Parameters& all, double learning_rate, double momentum = 0, double decay = 0)
        : Optimiser(all, learning_rate, 1), momentum_(momentum), decay_(decay) {}

private:
    void update(int i, Numbers& w, const Numbers& g) override;
    double momentum_, decay_;
};

// Tieleman and Hinton, lecture 6.5 of "Neural networks for machine learning" (2012). In PyTorch:
// RMSprop(lr, alpha, eps), neither centered nor with momentum.
class RMSprop : public Optimiser {
public:
    RMSprop(const Parameters& all, double learning_rate, double keep = 0.99, double epsilon = 1e-8)
        : Optimiser(all, learning_rate, 1), keep_(keep), epsilon_(epsilon) {}

private:
    void update(int i, Numbers& w, const Numbers& g) override;
    double keep_, epsilon_;
};

struct AdamSettings {
    double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
};

// Kingma and Ba, "Adam: a method for stochastic optimization" (2015), algorithm 1. In PyTorch:
// Adam(lr, betas, eps), without amsgrad.
class Adam : public Optimiser {
public:
    Adam(const Parameters& all, double learning_rate, AdamSettings settings = AdamSettings())
        : Adam(all, learning_rate, settings, 0) {}

protected:
    Adam(const Parameters& all, double learning_rate, AdamSettings settings, double decay)
        : Optimiser(all, learning_rate, 2), settings_(settings), decay_(decay) {}

private:
    void update(int i, Numbers& w, const Numbers& g) override;
    AdamSettings settings_;
    double decay_;
};

// Adam with a decay that is decoupled from the gradient: Loshchilov and Hutter, "Decoupled weight
// decay regularization" (2019), algorithm 2. There the decay is multiplied by the schedule alone;
// here, and in PyTorch's AdamW(lr, weight_decay, betas, eps), by the whole rate.
class AdamW : public Adam {
public:
    AdamW(const Parameters& all, double learning_rate, double decay = 0.01,
          AdamSettings settings = AdamSettings())
        : Adam(all, learning_rate, settings, decay) {}
};

// ## Training

// The numbers 0 … count − 1 in random order, cut into batches of `size`; the last may be shorter.
// Throws unless 1 ≤ size ≤ count.
std::vector<std::vector<int>> shuffled_batches(int count, int size, Random& random);

// The given rows of x [N, ...] → [rows, ...], and the given items of a list: a batch.
Tensor gather_rows(const Tensor& x, const std::vector<int>& rows);
template <class Item>
std::vector<Item> gather_rows(const std::vector<Item>& list, const std::vector<int>& places) {
    std::vector<Item> gathered;
    for (int place : places) {
        if (place < 0 || place >= size_of(list))
            throw std::invalid_argument("gather_rows: place " + std::to_string(place) + " of " +
                                        std::to_string(list.size()));
        gathered.push_back(list[place]);
    }
    return gathered;
}

// One step: computes the loss, once, its gradients and the update, and returns the loss. When the
// loss is NaN or infinite it throws std::runtime_error, with the number of the step, changes no
// parameter and counts no step.
double train_step(Optimiser& optimiser, const std::function<Variable()>& forward);
