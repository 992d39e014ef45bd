// # 4. Neural networks
//
// A *network* is a formula with free numbers in it, its *parameters*. To train it is to ask, again
// and again: how wrong is it on a few examples, and how does that change with each parameter? The
// tape answers the second question. This chapter adds layers, a measure of being wrong, and four
// ways of taking a step. At the end, two networks tell the arms of a spiral apart. They have the
// same 603 parameters and the same training; the second has a ReLU in it:
//
//        linear stack  ███████████           55 % right
//        ReLU network  ████████████████████  99.7 % right
//
// Needs: chapters 1 to 3.
// Check: `make check CHAPTER=04`.
// Letters: N examples, C classes; x inputs, W and b the parameters of a layer; z logits, t targets;
// w any parameter, g its gradient, η the rate.

#include "04_neural_networks.hpp"

#include "02_fast_matmul.hpp"
#include "data/spiral.hpp"
#include "kit/chapter.hpp"
#include "kit/figure.hpp"
#include "training/trainer.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <stdexcept>

// ## A linear layer
//
// Each output of a layer, a *neuron*, is a weighted sum of all inputs, plus a number of its own.
// With an example in every row of x, and the weights of one output in every column of W, it is
//
//     y = x W + b                                                                         (4.1)
//
// Two such layers, one after the other, are (x W₁ + b₁) W₂ + b₂ = x (W₁ W₂) + (b₁ W₂ + b₂): again
// one linear layer. A hundred of them can say no more than one. So between two layers there must be
// something that is not linear, and ReLU is enough.
//
// What should W be at the start? Not zeros: all neurons would get the same gradients and stay alike
// for ever. Large numbers grow from layer to layer, small ones fade. The variance of a sum of n
// products is n times theirs; so to keep signals as large as they were, forwards with n = in and
// backwards with n = out, Glorot and Bengio chose the variance 2/(in + out) for the weights.
// Numbers that are uniform between −a and a have the variance a²/3, and so
//
//     a = √(6/(in + out))                                                                 (4.2)
//
// GPT and BERT take a short way: normal numbers with a deviation of 0.02. That is `normal_weights`,
// in the header; there is also `Linear`, which owns its W and b.
//
// ## Exercise 4.1 — A layer and its first weights
// *About 18 lines · difficulty 2 of 3 · 25 minutes*
//
// Write (4.1). With the operations of chapter 3 it is one line, matmul(x, W) + b, and that is a
// right answer. But it goes through y twice, forwards and backwards, and a transformer is mostly
// linear layers. The better answer is one operation: every row of y begins as b, and
// multiply_add(view(x.value()), view(W.value()), view(y)) of chapter 2 adds the product. Its
// backward function is (3.3), and for b, which was used in every row, the sum of the rows of dy.
//
// Then fill W with numbers from `random.uniform(low, high)`, bounded as in (4.2), one for each
// element in the order of memory.
Variable linear(const Variable& x, const Variable& W, const Variable& b) {
    require_shapes("linear", {{x.shape(), "... N in"}, {W.shape(), "in out"}, {b.shape(), "out"}});
    // TODO 4.1: 1 line, or about 14
    todo("4.1");
}

Tensor xavier_weights(int in, int out, Random& random) {
    Tensor W({in, out});
    // TODO 4.1: about 3 lines
    todo("4.1");
}

// ## How wrong?
//
// For each example the network gives C scores, called *logits*, and softmax turns them into shares.
// Cross-entropy is −log of the share of the right class: 0 for a share of 1, 0.69 for one half, and
// without limit as the share goes to 0. Being sure and wrong is expensive.
//
//     loss = −(1/n) Σ_i log softmax(z_i)_(t_i)                                            (4.3)
//
// Some rows do not count: where a sentence is shorter than the longest of its batch, there is
// nothing to predict. Their target is the number `ignore`; the sum leaves them out, and n is how
// many are left. Targets that are not classes are refused, before they read a number that belongs
// to somebody else.
static int counted_rows(const char* function, const Tensor& logits, const std::vector<int>& targets,
                        int ignore) {
    const int C = logits.rank() == 0 ? 0 : logits.columns();
    const std::string what = std::string(function) + ": logits " + to_string(logits.shape) + ": ";
    if (C == 0 || logits.size() != size_of(targets) * C)
        throw std::invalid_argument(what + std::to_string(targets.size()) + " targets");
    for (int i = 0; i < size_of(targets); ++i)
        if (targets[i] != ignore && (targets[i] < 0 || targets[i] >= C))
            throw std::invalid_argument(what + "target " + std::to_string(targets[i]) +
                                        " at position " + std::to_string(i) + " is none of the " +
                                        std::to_string(C) + " classes");
    return size_of(targets) - static_cast<int>(std::count(targets.begin(), targets.end(), ignore));
}

// Do not compute (4.3) as it stands. With z = [0, 200] the share of the first class is exp(−200),
// which a float rounds to 0; its logarithm is −∞, and training is over. Simplify on paper first.
// With m the largest logit of a row,
//
//     −log softmax(z)_t = m − z_t + log(Σ_(j=1)^C exp(z_j − m))                           (4.4)
//
// and that is 200 for the example, as it should be. The sum is at least 1, its logarithm is safe.
//
// ## Exercise 4.2 — Cross-entropy
// *About 9 lines · difficulty 2 of 3 · 20 minutes*
//
// Write the mean of (4.4) over the rows that count. logits.row(i) points to row i.
double cross_entropy_loss(const Tensor& logits, const std::vector<int>& targets, int ignore) {
    const int counted = counted_rows("cross_entropy", logits, targets, ignore);
    const int N = size_of(targets), C = logits.columns();
    if (counted == 0) return 0.0;
    double total = 0.0;
    // TODO 4.2: about 9 lines
    todo("4.2");
}

// ## Its gradient
//
// Differentiate (4.4) by a logit z_j. The logarithm of the sum gives exp(z_j − m) over the sum,
// which is the share of j; and z_t itself gives −1 at j = t. (The m cancels.) That is all:
//
//     ∂loss/∂z_(i j) = (softmax(z_i)_j − δ_(j t_i))/n                                     (4.5)
//
// where δ is 1 for the right class and 0 for the others. A row that is ignored gets exactly 0,
// whatever stands in it.
//
// ## Exercise 4.3 — What it said minus what it should have said
// *About 9 lines · difficulty 2 of 3 · 20 minutes*
//
// Write (4.5). The softmax of chapter 1 takes all the rows at once.
Tensor cross_entropy_gradient(const Tensor& logits, const std::vector<int>& targets, int ignore) {
    const int counted = counted_rows("cross_entropy", logits, targets, ignore);
    const int N = size_of(targets), C = logits.columns();
    // TODO 4.3: about 9 lines
    todo("4.3");
}

// The two halves make one operation on the tape. Had we composed it of softmax, logarithm and mean,
// going back would multiply 1/share by the share: ∞ · 0 once the share is 0.
Variable cross_entropy(const Variable& logits, const std::vector<int>& targets, int ignore) {
    const double loss = cross_entropy_loss(logits.value(), targets, ignore);
    return record("cross-entropy", Tensor({}, {static_cast<float>(loss)}), {logits},
                  [logits, targets, ignore](const Tensor&, const Tensor& dloss) {
                      const Tensor d = cross_entropy_gradient(logits.value(), targets, ignore);
                      return scale(d, dloss.data[0]);
                  });
}

// A loss is for the optimiser; people ask how often the largest logit is that of the right class.
std::vector<int> argmax(const Tensor& logits) {
    std::vector<int> classes;
    for (int i = 0; i < logits.rows(); ++i) {
        const float* z = logits.row(i);
        classes.push_back(static_cast<int>(std::max_element(z, z + logits.columns()) - z));
    }
    return classes;
}

double accuracy(const Tensor& logits, const std::vector<int>& targets, int ignore) {
    const int counted = counted_rows("accuracy", logits, targets, ignore);
    const std::vector<int> answers = argmax(logits);
    double right = 0;
    for (int i = 0; i < size_of(answers); ++i)
        right += targets[i] != ignore && answers[i] == targets[i];
    return right / std::max(1, counted);
}

// ## Steps
//
// All optimisers go through the parameters and change each, given its gradient. They differ in what
// they remember from one step to the next: a few numbers for each weight, zeros at the start. A
// parameter that had no part in the loss has no gradient, and is left alone.
void Optimiser::step() {
    parallel_for(size_of(parameters_), [&](int i) {
        Node& node = *parameters_[i].node();
        if (node.has_gradient) update(i, node.value.data, node.gradient.data);
    });
    ++state.steps;
}

// The plainest step is w − η g: down the slope, by a bit. In a narrow valley it bounces from wall
// to wall and hardly moves along the floor. *Momentum* adds up the gradients, so that what changes
// sign cancels out and what does not builds up:
//
//     v ← μ v + g + λ w,   w ← w − η v                                                    (4.6)
//
// μ, often 0.9, is how much of v is kept. λ w is the gradient of a penalty λ w²/2, by which weights
// that nothing needs shrink to 0; being part of the gradient, it goes into v.
//
// Nor does one rate fit all: weights whose gradients are a thousand times as large need one that is
// a thousand times smaller. *RMSprop* divides each gradient by its own usual size, the root of a
// running average of its square, in which ρ, often 0.99, is how much of the past is kept:
//
//     v ← ρ v + (1 − ρ) g²,   w ← w − η g/(√v + ε)                                        (4.7)
//
// The small ε is for weights whose gradients are all 0. It stands outside the root, as in PyTorch;
// inside it would act as its own square root: 10⁻⁸ would become 10⁻⁴.
//
// ## Exercise 4.4 — Momentum, and a rate for each weight
// *About 8 lines · difficulty 2 of 3 · 20 minutes*
//
// Write (4.6) and (4.7), each as one loop over the elements of w; η is `rate`. What you leave in v
// is there at the next step.
void SGD::update(int i, Numbers& w, const Numbers& g) {
    Numbers& v = running(i, 0);
    const double mu = momentum_, lambda = decay_;
    // TODO 4.4: about 4 lines
    todo("4.4");
}

void RMSprop::update(int i, Numbers& w, const Numbers& g) {
    Numbers& v = running(i, 0);
    const double rho = keep_, epsilon = epsilon_;
    // TODO 4.4: about 4 lines
    todo("4.4");
}

// ## Adam
//
// Adam has both: running averages m of the gradients and v of their squares. Both begin at 0, so at
// first they are too small: after t steps of equal gradients, m is not g but (1 − β₁ᵗ) g. Dividing
// by that makes it right from the start:
//
//     m ← β₁ m + (1 − β₁) g,   m̂ = m/(1 − β₁ᵗ)                                            (4.8)
//     v ← β₂ v + (1 − β₂) g²,   v̂ = v/(1 − β₂ᵗ)                                           (4.9)
//     w ← w − η (m̂/(√v̂ + ε) + λ w)                                                       (4.10)
//
// The first step has t = 1; for t = 0 we would divide by 0. The λ w now stands outside the
// fraction. As a part of g it would be divided by √v̂ too, and weights with large gradients would
// hardly decay. Decay that is *decoupled* in this way makes AdamW of Adam. It is multiplied by the
// rate: when a schedule lowers η, it fades as well.
//
// ## Exercise 4.5 — Adam
// *About 10 lines · difficulty 2 of 3 · 25 minutes*
//
// Write (4.8) to (4.10) in one loop. `state.steps` is how many steps are complete.
void Adam::update(int i, Numbers& w, const Numbers& g) {
    Numbers &m = running(i, 0), &v = running(i, 1);
    const double beta1 = settings_.beta1, beta2 = settings_.beta2;
    const double epsilon = settings_.epsilon, lambda = decay_;
    // TODO 4.5: about 10 lines
    todo("4.5");
}

// ## Batches, and a step of training
//
// The gradient of a loss over all examples is exact and expensive. Over a hundred of 3000 it is
// nearly as good, and there are thirty steps in the place of one. One walk through all examples is
// an *epoch*: each is used exactly once, in a new random order. To shuffle fairly, go from the last
// place to the second, and swap what stands there with one of those that stand at or before it.
// (Swapping with *any* place is not fair: for three, it has 27 equally likely ways to 6 orders.)
//
// A step is: clear the gradients, since they add up; compute the loss; make sure that it is a
// number; read the tape backwards; let the optimiser take its step. If the loss is NaN, so are its
// gradients, and one step later all parameters, with nothing left to look at. So stop *before*.
[[noreturn]] static void stop_training(int step, double loss) {
    throw std::runtime_error("train_step: the loss is " + std::to_string(loss) + " at step " +
                             std::to_string(step) + "; the parameters are as before it");
}

// ## Exercise 4.6 — Batches and steps
// *About 12 lines · difficulty 2 of 3 · 25 minutes*
//
// Shuffle `order` and cut it into batches; `random.below(n)` is one of 0 … n − 1. Then write the
// step. `forward()` computes the loss; the first step has the number 1.
std::vector<std::vector<int>> shuffled_batches(int count, int size, Random& random) {
    if (size < 1 || size > count)
        throw std::invalid_argument("shuffled_batches: size " + std::to_string(size) + ", but " +
                                    std::to_string(count) + " examples");
    std::vector<int> order(count);
    std::iota(order.begin(), order.end(), 0);  // 0, 1, 2, …
    std::vector<std::vector<int>> batches;
    // TODO 4.6: about 5 lines
    todo("4.6");
}

double train_step(Optimiser& optimiser, const std::function<Variable()>& forward) {
    // TODO 4.6: about 7 lines
    todo("4.6");
}

// The rows of a batch, one below the other.
Tensor gather_rows(const Tensor& x, const std::vector<int>& rows) {
    if (x.rank() == 0) throw std::invalid_argument("gather_rows: [] has no rows");
    Shape shape = x.shape;
    shape[0] = size_of(rows);
    Tensor gathered(shape);
    const int length = gathered.size() / std::max(1, shape[0]);
    for (int i = 0; i < shape[0]; ++i) {
        if (rows[i] < 0 || rows[i] >= x.shape[0])
            throw std::invalid_argument("gather_rows: row " + std::to_string(rows[i]) + " of " +
                                        to_string(x.shape));
        std::copy_n(x.data.begin() + rows[i] * length, length, gathered.data.begin() + i * length);
    }
    return gathered;
}

// ## See it
//
// Three arms wind around each other, a thousand points each, a little blurred. Which arm does a
// point belong to? Both networks go from 2 inputs through 100 neurons to 3 logits, with the same
// first weights, batches and Adam; only the ReLU differs. Before you run `make demo CHAPTER=04`,
// draw: how can a network without ReLU divide the plane, and how much can it get right? What are
// the borders of the other made of, if you look closely?
//
// What goes round here, epoch after epoch, is in course/training/: it takes a `step` on one batch
// after the other, and stops now and then for a `look` at points that are *held out*, from which
// the networks never learn.
static const Demo demo("04", [] {
    Random random(1);
    const auto data = spiral::draw(1000, random);
    const std::vector<int>&arms = data.training.arms, &held_out_arms = data.held_out.arms;
    const Tensor points({3000, 2}, data.training.points), held_out({3000, 2}, data.held_out.points);
    const Tensor plane({120 * 120, 2}, spiral::middles(120));
    std::vector<figure::RegionPanel> maps;
    std::vector<training::Outcome> runs;
    for (const std::string name : {"linear stack", "ReLU network"}) {
        Random weights(2), order(4);  // the same for both
        const Linear hidden(2, 100, weights), output(100, 3, weights);
        const auto network = [&](const Variable& x) {
            return output(name == "ReLU network" ? relu(hidden(x)) : hidden(x));
        };
        const Parameters parameters = {hidden.W, hidden.b, output.W, output.b};
        Adam adam(parameters, 0.01);
        const auto epoch = [](Random& any) { return shuffled_batches(3000, 100, any); };
        const auto step = [&](const training::Batch& batch, double) {
            return train_step(adam, [&] {
                return cross_entropy(network(gather_rows(points, batch)), gather_rows(arms, batch));
            });
        };
        const auto look = [&] {
            const Tensor z = network(held_out).value();
            return training::Look{cross_entropy_loss(z, held_out_arms), accuracy(z, held_out_arms)};
        };
        runs.push_back(training::train({name, 3000, 30}, {adam, order, epoch, step, look}));
        std::printf("%s: %d parameters, %.1f %% of the held-out points right\n", name.c_str(),
                    parameter_count(parameters), 100 * runs.back().curve.back().right);
        const NoTape no_tape;
        maps.push_back({name, argmax(network(plane).value()), spiral::dots(data.held_out)});
    }
    const std::string map = figure::regions({"Which arm? Without and with ReLU"}, maps);
    std::printf("\npicture: %s\n", figure::save("04_regions", map).c_str());
    training::draw_losses("04_training", runs);
});

// ## Questions
//
// 1. What is the loss of a network that knows nothing about C classes? Compare the first point of
//    the curve. (A first loss far above it means that something is wrong.)
// 2. What becomes of the ReLU network if all its first weights are 0?
// 3. Multiply the loss by 1000. Which of the four optimisers take nearly the same steps as before?
// 4. Both networks are wrong about some points. Where in the plane are they, and what would it take
//    to get them right?
