// # 4. Neural networks
//
// A *network* is a formula with free numbers in it, its parameters. To train it is to ask, again
// and again: how wrong is it on a few examples, and how does that change with each parameter? The
// tape answers the second question. This chapter adds layers, a measure of being wrong, ways of
// taking a step, and what to look at when nothing is learnt. At the end two networks tell the three
// arms of a spiral apart. They have the same 603 parameters and the same training. The second has a
// ReLU in it:
//
//        linear stack  ███████████           55 % right
//        ReLU network  ████████████████████  99.7 % right
//
// Needs: chapters 1 and 3.
// Check: `make check CHAPTER=04`.
// Letters: N examples, C classes; x inputs, W and b the parameters of a layer; z logits, t targets;
// w any parameter, g its gradient, η the learning rate.
// Minutes: about 80.

#include "04_neural_networks.hpp"

#include "02_fast_matmul.hpp"
#include "demos/04_curves/curves.hpp"
#include "kit/chapter.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

// ## A layer, and why one is not enough
//
// A *neuron* adds up its inputs, each times a *weight*, and a number of its own, the *bias*. A
// *linear layer* is a row of neurons with the same inputs. With an example in every row of x, and
// the weights of one neuron in every column of W, it is
//
//     y = x W + b                                                                         (4.1)
//
// What can one neuron say? Let y above 0 mean yes, and y below 0 no. With two inputs, y = 0 is a
// straight line in the plane, with yes on one side of it. Now ask whether exactly one of two inputs
// is 1 and the other 0. This question is the *exclusive or*, or XOR:
//
//        x₂ = 1    yes     no
//        x₂ = 0    no      yes
//                 x₁ = 0  x₁ = 1
//
// No line has both yes on one side and both no on the other. Add up the y of the two yes; then add
// up the y of the two no. Both sums are w₁ + w₂ + 2b, and one of them should be above 0, the other
// below. Do two layers help? (x W₁ + b₁) W₂ + b₂ = x (W₁ W₂) + (b₁ W₂ + b₂): that is one linear
// layer again. A hundred of them say no more than one.
//
// So between two layers there must be something that is not linear, an *activation function*. ReLU
// is enough. Each neuron is silent on one side of its line, and the next layer adds up what the
// others say. So borders can bend, at the line of every neuron.
//
// ## Exercise 4.1 — By hand: exactly one
// *About 2 lines · difficulty 2 of 3 · 10 minutes*
//
// Find a network that answers XOR: y = relu(x W₁ + b₁) W₂ + b₂, with two neurons in the middle,
// above 0 for yes and below 0 for no. There are many; small whole numbers will do. Return W₁ [2,
// 2], b₁ [2], W₂ [2, 1] and b₂ [1].
std::vector<Tensor> exactly_one_by_hand() {
    // TODO 4.1: two matrices and two rows, {matrix({{…}, {…}}), row({…}), …}
    todo("4.1");
}

// ## First weights
//
// What should W be at the start? Not zeros: all neurons would get the same gradients and stay alike
// for ever. So it is random, but how large? If the weights have the mean 0 and the variance v, a
// sum of `in` products has in · v times the mean square of the inputs, for the mixed terms cancel
// on average. A factor of 2 in each layer makes a billion in thirty layers. To keep the size, v
// must be 1/in. But on the way back a gradient is a sum over `out` weights, by (3.3), and there v
// must be 1/out. One cannot have both. Glorot and Bengio (2010) chose a compromise, *Xavier*
// weights:
//
//     variance = 2/(in + out)                                                             (4.2)
//
// They had tanh in mind. ReLU sets half of the numbers to 0, and so it halves the mean square. He
// and others (2015) make up for that: in front of a ReLU the variance is 2/in. For two layers this
// hardly matters; chapter 14 has 64 blocks. GPT and BERT take a shortcut: N(0, 0.02²), whatever the
// size. That is `normal_weights`, in the header, next to `Linear`, which owns its W and b.
//
// ## Exercise 4.2 — A layer and its first weights
// *About 4 lines · difficulty 1 of 3 · 10 minutes*
//
// Write (4.1) with the operations of chapter 3. Then fill W with numbers that are uniform between
// −a and a, from `random.uniform(low, high)`, one for each element in the order of memory. Such
// numbers have the variance a²/3. Which a makes it (4.2)?
Variable plain_linear(const Variable& x, const Variable& W, const Variable& b) {
    require_shapes("linear", {{x.shape(), "... N in"}, {W.shape(), "in out"}, {b.shape(), "out"}});
    // TODO 4.2: 1 line
    todo("4.2");
}

Tensor xavier_weights(int in, int out, Random& random) {
    Tensor W({in, out});
    // TODO 4.2: about 3 lines
    todo("4.2");
}

// ## How wrong?
//
// For each example the network gives C scores, called *logits*, and softmax turns them into
// probabilities. *Cross-entropy* is −log of the probability of the right class, the *target*: 0 for
// a probability of 1, 0.69 for one half, and without limit as it goes to 0. Being sure and wrong is
// expensive.
//
//     loss = −1/n Σ_i log softmax(z_i)_(t_i)                                              (4.3)
//
// A network that knows nothing gives each class 1/C, and its loss is log C: 1.10 for three classes.
// Small first weights make small logits, so training should begin near there. A first loss far
// above asks for a reason. Mostly it is a fault; now and then a design, as in chapter 17.
//
// Some rows do not count: where a sentence is shorter than the longest of its batch, there is
// nothing to predict. Their target is the number `ignore`; the sum leaves them out, and n is how
// many are left. Targets that are not classes are refused before they index past the row.
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

// Do not compute (4.3) as it stands. With z = [0, 200] the probability of the first class is
// exp(−200), which a float rounds to 0; its logarithm is −∞, and training is over. Simplify on
// paper first. With m the largest logit of a row, and S a sum that is at least 1,
//
//     −log softmax(z)_t = m − z_t + log(S),   S = Σ_j exp(z_j − m)                        (4.4)
//
// and that is 200 for the example, as it should be.
//
// ## Exercise 4.3 — Cross-entropy
// *About 9 lines · difficulty 2 of 3 · 15 minutes*
//
// Write the mean of (4.4) over the rows that count. `logits.row(i)` points to row i.
double cross_entropy_loss(const Tensor& logits, const std::vector<int>& targets, int ignore) {
    const int counted = counted_rows("cross_entropy", logits, targets, ignore);
    const int N = size_of(targets), C = logits.columns();
    if (counted == 0) return 0.0;
    double total = 0.0;
    // TODO 4.3: about 9 lines
    todo("4.3");
}

// ## Its gradient
//
// How does (4.4) move with one logit z_j? Take m as a constant: it stands in front and in S, and
// these two effects cancel. z_t moves only if j is t. S moves by its own term, and log(S) has the
// slope 1/S:
//
//     ∂z_t/∂z_j = δ_(j t),   ∂S/∂z_j = exp(z_j − m)                                       (4.5)
//
// where δ is 1 for the right class, j = t, and 0 for the others.
//
// ## Exercise 4.4 — The gradient of cross-entropy
// *About 9 lines · difficulty 2 of 3 · 15 minutes*
//
// Put it together by the chain rule. Then look at it before you write: you have most of it from
// chapter 1. Each row that counts has its part in the mean. A row that is ignored gets exactly 0,
// whatever stands in it.
Tensor cross_entropy_gradient(const Tensor& logits, const std::vector<int>& targets, int ignore) {
    const int counted = counted_rows("cross_entropy", logits, targets, ignore);
    const int N = size_of(targets), C = logits.columns();
    // TODO 4.4: about 9 lines
    todo("4.4");
}

// The two halves make one operation on the tape. Had we composed it of softmax, logarithm and mean,
// going back would multiply 1/y by y, with y the probability: ∞ · 0 once y is 0.
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
// An *optimiser* goes through the parameters and changes each, given its gradient. Optimisers
// differ in what they remember from one step to the next: a few numbers for each weight, zeros at
// the start. A parameter that had no part in the loss has no gradient, and is left alone.
void Optimiser::step() {
    parallel_for(size_of(parameters_), [&](int i) {
        Node& node = *parameters_[i].node();
        if (node.has_gradient) update(i, node.value.data, node.gradient.data);
    });
    ++state.steps;
}

// The plainest step is w − η g: down the slope, by a bit. η is the *learning rate*, and the method
// *gradient descent*. In a narrow valley it bounces from wall to wall and hardly moves along the
// floor. *Momentum* adds up the gradients, so that what changes sign cancels out and what does not
// builds up:
//
//     v ← μ v + g + λ w,   w ← w − η v                                                    (4.6)
//
// μ, often 0.9, is how much of v is kept. λ w is the gradient of a penalty λ w²/2, by which weights
// that nothing needs shrink to 0: *weight decay*. It is a part of the gradient, and goes into v.
void SGD::update(int i, Numbers& w, const Numbers& g) {
    Numbers& v = running(i, 0);
    for (std::size_t k = 0; k < w.size(); ++k) {
        v[k] = momentum_ * v[k] + g[k] + decay_ * w[k];
        w[k] -= rate * v[k];
    }
}

// Nor does one learning rate fit all weights: where gradients are a thousand times as large, it
// should be a thousand times smaller. *RMSprop* divides each gradient by its own usual size, the
// root of a running average of its square. ρ, often 0.99, is how much of the past is kept:
//
//     v ← ρ v + (1 − ρ) g²,   w ← w − η g/(√v + ε)                                        (4.7)
//
// The small ε is for weights whose gradients are all 0. It stands outside the root, as in PyTorch;
// inside it would act as its own square root: 10⁻⁸ would become 10⁻⁴.
void RMSprop::update(int i, Numbers& w, const Numbers& g) {
    Numbers& v = running(i, 0);
    for (std::size_t k = 0; k < w.size(); ++k) {
        v[k] = keep_ * v[k] + (1 - keep_) * g[k] * g[k];
        w[k] -= rate * g[k] / (std::sqrt(v[k]) + epsilon_);
    }
}

// ## Adam
//
// *Adam* has both: running averages m of the gradients and v of their squares. Both begin at 0, so
// at first they are too small: after t steps of equal gradients, m is not g but (1 − β₁ᵗ) g.
// Dividing by that makes it right from the start:
//
//     m ← β₁ m + (1 − β₁) g,   m̂ = m/(1 − β₁ᵗ)                                            (4.8)
//     v ← β₂ v + (1 − β₂) g²,   v̂ = v/(1 − β₂ᵗ)                                           (4.9)
//     w ← w − η (m̂/(√v̂ + ε) + λ w)                                                       (4.10)
//
// The first step has t = 1; for t = 0 we would divide by 0. The λ w now stands outside the
// fraction. As a part of g it would be divided by √v̂ too, and weights with large gradients would
// hardly decay. Decay that is *decoupled* in this way makes *AdamW* of Adam. It is multiplied by
// the learning rate: when a schedule lowers η, it fades as well.
//
// ## Exercise 4.5 — Adam
// *About 8 lines · difficulty 2 of 3 · 15 minutes*
//
// Write (4.8) to (4.10) in one loop. `state.steps` is how many steps are complete.
void Adam::update(int i, Numbers& w, const Numbers& g) {
    Numbers &m = running(i, 0), &v = running(i, 1);
    const double beta1 = settings_.beta1, beta2 = settings_.beta2;
    const double epsilon = settings_.epsilon, lambda = decay_;
    // TODO 4.5: about 8 lines
    todo("4.5");
}

// ## Batches, and a step of training
//
// The gradient of a loss over all examples is exact and expensive. Over a *batch* of a hundred out
// of 3000 it is nearly as good, and there are thirty steps in the place of one: *stochastic*
// gradient descent, SGD. One walk through all examples is an *epoch*: each is used exactly once, in
// a new random order. All orders should be equally likely. To swap each place with *any* place is
// not fair: for three examples there are 27 equally likely ways to 6 orders, and 27/6 is no whole
// number. With 3 · 2 · 1 ways it would be.
//
// A step computes the loss, reads the tape backwards and lets the optimiser step. Two more things
// belong to it. Gradients add up, so old ones must be cleared. And when the loss is NaN, so are its
// gradients, and one step later all parameters: stop *before*, while there is something to look at.
// Where those two stand makes all the difference. The following step has run for an evening, and
// the loss has not moved at all.
[[noreturn]] static void stop_training(int step, double loss) {
    throw std::runtime_error("train_step: the loss is " + std::to_string(loss) + " at step " +
                             std::to_string(step) + "; the parameters are as before it");
}

static double faulty_step(Optimiser& optimiser, const std::function<Variable()>& forward) {
    const Variable loss = forward();
    const double value = loss.value().data.at(0);
    if (!std::isfinite(value)) stop_training(optimiser.state.steps + 1, value);
    backward(loss);
    optimiser.clear_gradients();
    optimiser.step();
    return value;
}

// ## Exercise 4.6 — A fair shuffle, and a faulty step
// *About 10 lines · difficulty 2 of 3 · 15 minutes*
//
// Shuffle `order` fairly, by swaps, and cut it into batches; `random.below(n)` is one of 0 … n − 1.
// Then find the fault of `faulty_step`, and write the step without it.
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
    const Variable loss = forward();
    const double value = loss.value().data.at(0);
    // TODO 4.6: about 5 lines
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

// ## By heart, or understood?
//
// A network with many parameters can learn its examples *by heart*. Then it knows these examples
// and nothing about new ones: this is *overfitting*, and the loss in training does not show it. So
// keep some examples *held out*: the network never learns from them, and now and then you look at
// its loss on them. (Such a set is also called a *validation* set.) The demo gives the ReLU network
// only 60 points of the spiral:
//
//     picture: 04_overfitting
//
// At first both curves fall: what is learnt holds for all points. Then the held-out curve turns and
// rises, while the other goes to 0: from there on it is learnt by heart. Stop where it turns, or
// get more examples; weight decay and dropout (chapter 14) help as well.
//
// ## What a training that goes wrong looks like
//
// A fault in a training loop rarely stops it. It shows in the curves, if you know what to look for.
// These are seven runs of the demo, the same network on the same 3000 points. All but the first
// have one fault.
//
//     picture: 04_faults
//
// - *As it should be*: it begins near log 3 = 1.10, falls fast, then slowly.
// - *Rate too large*: up and down, or flat after one great leap, or NaN. Divide the rate by ten.
// - *Rate too small*: falls like a good one, but as if in slow motion. Multiply it by ten.
// - *Faulty step*, that of 4.6: flat. Nothing reaches the weights, and only the batches differ.
//   Dead neurons and first weights of 0 look almost alike.
// - *Never cleared*: leaves the picture. Each step takes all old ones again, and goes ever further.
// - *Targets shuffled*: stays near log 3. What it learns from does not fit together; with few
//   points it would learn them by heart. Look at ten examples before you look at the code.
// - *Not shuffled*: saw teeth. Each batch has a single arm, and the network says what came last.
//
// ## See it
//
// Three arms wind around each other, a thousand points each, a little blurred. Which arm does a
// point belong to? Both networks go from 2 inputs through 100 neurons to 3 logits, with the same
// first weights, batches and Adam. Before you run `make demo CHAPTER=04`, draw: how can a network
// without ReLU divide the plane, and how much can it get right? What are the borders of the other
// made of, if you look closely? (The demo is in course/demos/04_curves/; what goes round, epoch
// after epoch, in course/training/.)
//
// ## Experiment
//
// Each neuron can bend the borders once. Give the network 3 `neurons` in the place of 100. What
// percentage of the held-out points does the one with ReLU get right? Guess, and write it down.
static const int neurons = 100;
static const double predicted = NAN;  // your number, such as 90

static const Demo demo("04", [] {
    compare("Percent right, with ReLU", predicted, curves::show_spiral(neurons));
    curves::show_overfitting();
    curves::show_faults(faulty_step);
});

// ## Questions
//
// 1. How many of the 603 parameters are weights, and how many biases? How many does the network of
//    exercise 4.1 have, and how many numbers does Adam keep for it?
// 2. What breaks in the ReLU network if all its first weights are 0?
// 3. Look at the two maps of the demo. Both networks are wrong about some points. Where are they,
//    and what would it take to get them right?
// 4. Multiply the loss by 1000. Which optimisers take nearly the same steps as before, and is that
//    always a good thing?
//
// ## Where it comes from
//
// - Rosenblatt, "The perceptron" (1958); Minsky and Papert, "Perceptrons" (1969): exactly one.
// - Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks"
//   (2010); He and others, "Delving deep into rectifiers" (2015).
// - Polyak (1964): momentum. Tieleman and Hinton (2012): RMSprop. Kingma and Ba, "Adam: a method
//   for stochastic optimization" (2015). Loshchilov and Hutter, "Decoupled weight decay
//   regularization" (2019).
//
// ## What you have now
//
// All that it takes to train a network, and to see when it does not work. From here the networks
// change; the training stays.
//
// ## Faster
//
// `plain_linear` goes through y twice, forwards and backwards: once for the product and once for
// the bias. A transformer is mostly linear layers, so `Linear` calls this one. Every row of y
// begins as b, and the product is added to it. Its backward function is that of `matmul`, and for b
// the sum of the rows of dy. A check of 4.2 compares the two.
Variable linear(const Variable& x, const Variable& W, const Variable& b) {
    require_shapes("linear", {{x.shape(), "... N in"}, {W.shape(), "in out"}, {b.shape(), "out"}});
    Shape shape = x.shape();
    shape.back() = b.value().size();
    Tensor y(shape);
    for (int r = 0; r < y.rows(); ++r)
        std::copy(b.value().data.begin(), b.value().data.end(), y.row(r));
    multiply_add(view(x.value()), view(W.value()), view(y));
    return record("linear", std::move(y), {x, W, b}, [x, W](const Tensor&, const Tensor& dy) {
        Tensor dx(x.shape()), dW(W.shape()), db({dy.columns()});
        if (x.needs_gradient()) multiply_add(view(dy), transposed(view(W.value())), view(dx));
        multiply_add(transposed(view(x.value())), view(dy), view(dW));
        for (int r = 0; r < dy.rows(); ++r)
            for (int j = 0; j < dy.columns(); ++j) db.data[j] += dy.row(r)[j];
        return Gradients(std::move(dx), std::move(dW), std::move(db));
    });
}
