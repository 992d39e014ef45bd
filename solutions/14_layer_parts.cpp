// # 14. The parts of a layer
//
// A transformer stacks layers: 6 in the first one (Vaswani and others, "Attention is all you need",
// 2017), 96 in GPT-3. Layers do not stack by themselves. Four small parts stand around every
// attention and make it possible: a path that leads past it, a normalisation in front of it, a
// little network behind it, and dropout. They look like trifles. Here are 64 blocks without
// attention, the same first weights, the same 200 steps, with the parts and without them:
//
//                           gradient     two inputs    share
//                         at the bottom  look alike    right
//        plain               1.4e-16       1.00         55 %
//        path and norm           5.2       0.54        100 %
//
// Needs: chapters 3 and 4.
// Check: `make check CHAPTER=14`.
// Letters: n numbers x_j in a row, mean μ; γ gain, β bias; dy short for ∂loss/∂y, likewise dx.
// Minutes: about 85.

#include "14_layer_parts.hpp"

#include "demos/14_depth/stack.hpp"
#include "kit/chapter.hpp"
#include "kit/vector_math.hpp"

#include <cmath>
#include <cstdio>
#include <stdexcept>

// ## Why layers do not stack
//
// Take one block of a deep network: a linear layer from 64 numbers to 256, ReLU, and a linear layer
// back to 64. Its first weights are those of chapter 4, with the variance 2/(in + out). How large
// is what comes out? Chapter 4, on first weights, has the two facts that answer this. A sum of `in`
// products with such weights has in · 2/(in + out) times the mean square of its inputs. ReLU then
// halves the mean square, for it lets one half of the numbers pass. So a block multiplies the mean
// square by
//
//     64 · 2/320 · 1/2 · 256 · 2/320 = 0.32                                              (14.1)
//
// The length of a row is the root of that, and on the way back the gradient meets the same factors.
// After 64 blocks the length is √0.32 to the power of 64, which is 0.32³², or 10⁻¹⁶: nothing is
// left. He and others (2015) cured exactly this. With the variance 2/in in front of a ReLU, and
// 1/in behind it, the factor of a block is 1, and the gradient arrives in its full length.
//
// It does not help. The demo has such a stack too, and it learns no better. Send two unrelated
// inputs through it, and the two outputs point the same way: after 64 blocks their *cosine*, the
// dot product divided by both lengths, is 1.00. Behind a ReLU no number is negative. Two rows of
// such numbers resemble each other, and each block makes them a little more alike: a plain stack
// *forgets its input*. Other first weights do not mend that. So let the next block have x itself,
// beside what f made of it:
//
//     y = x + f(x)                                                                       (14.2)
//
// This is a *residual connection*: f has to say only what should be *different*. The path from x to
// y forgets nothing, and carries gradients as well: dx = dy + (what comes back through f). But now
// the mean squares add up, x and f(x), and something new goes wrong. How fast does x grow?
//
// ## Exercise 14.1 — By hand
// *About 1 line · difficulty 1 of 3 · 10 minutes*
//
// Take paper. The block is the one of (14.1), but wider in the middle: 64 → 448 → 64. By what does
// it multiply the mean square? By what does y = x + f(x), when the two have nothing to do with each
// other, so that their mean squares add up? And with variances of 2/in before the ReLU and 1/in
// after it, by what does f? Return the three, with three decimals.
Tensor factors_by_hand() {
    //> 14.1: a row of three
    return row({0.219f, 1.219f, 1.0f});
    //<
}

// ## Layer normalisation
//
// On the path x grows with every block, and f gets ever larger numbers. *Layer normalisation* gives
// f numbers of one size: from every row it subtracts the row's mean μ, and it divides by how far
// the row typically strays from that mean.
//
//     μ = 1/n Σ_(j=1)^n x_j,   s = √(1/n Σ_(j=1)^n (x_j − μ)² + ε)                       (14.3)
//     x̂_j = (x_j − μ)/s,   y_j = γ_j x̂_j + β_j                                           (14.4)
//
// The row 1, 2, 6 has the mean 3. What is left is −2, −1, 3, with the mean square 14/3 and s =
// 2.16: it becomes −0.93, −0.46, 1.39. That mean square is the *variance*. It is divided by n, not
// n − 1: we do not guess the variance of something larger, these n numbers are all there is. We add
// ε = 10⁻⁵ to it, so that a row of equal numbers is not divided by 0; ε stands inside the root,
// where it matters only when the variance itself is that small.
//
// A layer may well need another size than 1, or another mean than 0. So each feature j has a *gain*
// γ_j and a *bias* β_j, which are parameters like any other. They begin as 1 and 0.
//
// Which numbers belong together? One row: the features of one position of one sentence. An older
// way, *batch normalisation*, takes each feature by itself, with its mean over all examples of the
// batch. Then the answer for one sentence depends on which others happen to be in the batch, and
// padding takes part in the means. A batch of one would be all zeros, so at test time it must use
// averages that were stored in training. With rows, training and use are the same.
//
// ## Exercise 14.2 — Layer normalisation
// *About 13 lines · difficulty 2 of 3 · 20 minutes*
//
// Find x̂ and s for every row: (14.3) and the first half of (14.4). First the mean, then the
// variance from the differences. (The mean of the squares minus the square of the mean is the same
// on paper, but in float the two are large and what is left of them is rounding.) ε is
// `layer_norm_epsilon`. Then y, with the operations of chapter 1; a row serves all rows.
Standardised standardise(const Tensor& x) {
    require_shapes("layer_norm", {{x.shape, "... n"}});
    const int n = x.columns(), rows = x.rows();
    if (n == 0)
        throw std::invalid_argument("layer_norm: x " + to_string(x.shape) + " has empty rows");
    Standardised z{Tensor(x.shape), Tensor({rows})};
    //> 14.2: about 12 lines
    for (int row = 0; row < rows; ++row) {
        const float* in = x.row(row);
        float* out = z.x_hat.row(row);
        const double mu = lane_sum(n, [&](int i) { return double{in[i]}; }) / n;
        const double variance = lane_sum(n, [&](int i) { return (in[i] - mu) * (in[i] - mu); }) / n;
        const double s = std::sqrt(variance + layer_norm_epsilon);
        for (int i = 0; i < n; ++i) out[i] = (in[i] - mu) * (1.0 / s);
        z.s.data[row] = s;
    }
    return z;
    //<
}

static Tensor with_gain_and_bias(const Standardised& z, const Tensor& gain, const Tensor& bias) {
    require_shapes("layer_norm", {{z.x_hat.shape, "... n"}, {gain.shape, "n"}, {bias.shape, "n"}});
    //> 14.2: 1 line
    return add(multiply(z.x_hat, gain), bias);
    //<
}

// ## And back
//
// With a root and a quotient the tape could find the gradient itself, through a dozen operations,
// each with a tensor to keep. It is worth a backward function of its own. Gain and bias are easy:
// they are used in all rows, so by (3.2) their gradients are sums over all rows.
//
//     dβ_j = Σ_rows dy_j,   dγ_j = Σ_rows dy_j x̂_j                                       (14.5)
//
// Now x. What arrives at x̂_j is dx̂_j = γ_j dy_j. If μ and s were fixed, x_j would get dx̂_j/s.
// They are not: each number of a row moves both, and with them all of x̂.
//
// - Raise x_j, and the mean rises by 1/n of it, so every x̂ falls a little. That costs the mean of
//   all dx̂. (*The mean term.*)
// - Move x_j away from the mean, and s grows, by x̂_j/n of the move; so every x̂_k shrinks in
//   proportion to itself. That costs x̂_j times the mean of all dx̂_k x̂_k, which says how far the
//   arriving gradient and x̂ have the same pattern. (*The correlation term.*)
//
// The two means are numbers of the row, computed once for it; the second is then multiplied by each
// x̂_j.
//
//     dx_j = 1/s (dx̂_j − 1/n Σ_(k=1)^n dx̂_k − x̂_j 1/n Σ_(k=1)^n dx̂_k x̂_k)              (14.6)
//
// You can see that it must be so. Add the same to a whole row, and y does not change: dx has to sum
// to 0, and the mean term sees to that. Stretch a row, and y does not change (but for ε): dx must
// have nothing along x̂, and the correlation term takes that away.
//
// ## Exercise 14.3 — Layer normalisation, backwards
// *About 14 lines · difficulty 3 of 3 · 30 minutes*
//
// Write (14.5) and (14.6). `x_hat.row(r)` points to row r of x̂; its s is `z.s.data[r]`.
LayerNormGradients layer_norm_backward(const Standardised& z, const Tensor& gain,
                                       const Tensor& dy) {
    const Tensor& x_hat = z.x_hat;
    require_shapes("layer_norm_backward",
                   {{x_hat.shape, "... n"}, {gain.shape, "n"}, {dy.shape, "... n"}});
    const int n = gain.size(), rows = x_hat.rows();
    if (z.s.shape != Shape{rows})
        throw std::invalid_argument("layer_norm_backward: s " + to_string(z.s.shape) + " for the " +
                                    std::to_string(rows) + " rows of " + to_string(x_hat.shape));
    LayerNormGradients d{Tensor(dy.shape), Tensor({n}), Tensor({n})};  // zeros
    //> 14.3: about 14 lines
    const Tensor dx_hat = multiply(dy, gain);
    for (int row = 0; row < rows; ++row) {
        const float *row_dy = dy.row(row), *row_dx_hat = dx_hat.row(row);
        const float* row_x_hat = x_hat.row(row);
        float* row_dx = d.dx.row(row);
        for (int j = 0; j < n; ++j) d.dbias.data[j] += row_dy[j];
        for (int j = 0; j < n; ++j) d.dgain.data[j] += row_dy[j] * row_x_hat[j];
        const float mean = lane_sum(n, [&](int j) { return row_dx_hat[j]; }) / n;
        const float correlation =
            lane_sum(n, [&](int j) { return row_dx_hat[j] * row_x_hat[j]; }) / n;
        for (int j = 0; j < n; ++j)
            row_dx[j] = (row_dx_hat[j] - mean - row_x_hat[j] * correlation) / z.s.data[row];
    }
    return d;
    //<
}

// On the tape it is one operation. It keeps x̂ and s, which it has anyway.
Variable layer_norm(const Variable& x, const Variable& gain, const Variable& bias) {
    Standardised z = standardise(x.value());
    Tensor y = with_gain_and_bias(z, gain.value(), bias.value());
    const auto backward = [gain, z = std::move(z)](const Tensor&, const Tensor& dy) {
        LayerNormGradients d = layer_norm_backward(z, gain.value(), dy);
        return Gradients(std::move(d.dx), d.dgain, d.dbias);
    };
    return record("layer norm", std::move(y), {x, gain, bias}, backward);
}

// ## A network for each position
//
// Attention moves information between positions; then each position thinks about what it has got,
// by itself. For that it has two linear layers with an activation between them:
//
//     FFN(x) = relu(x W₁ + b₁) W₂ + b₂                                                   (14.7)
//
// or with GELU in the place of ReLU, as in BERT. Usually `d_ff`, the size in the middle, is 4
// times `d_model`, the length D of a row of x. W₁ and W₂ together have 8 D² weights, and the four
// products of attention (chapter 12) have 4 D²: two thirds of a layer's numbers are here.
// Geva and others (2021) looked at what they hold after training. A column of W₁ answers to some
// pattern in the text, and its row of W₂ pushes towards the words that follow such a pattern.
//
// It is the *same* network at each position, with the same weights. So (14.7) needs no loop: the
// rows of x are the positions, and `Linear` treats every row alike.
Variable FeedForward::operator()(const Variable& x) const {
    const Variable z = first(x);
    return second(activation == Activation::relu ? relu(z) : gelu(z));
}

// ## Dropout
//
// A large network can learn its examples by heart, with neurons that only make sense together.
// *Dropout* makes that hard: at every step of training it sets each number to 0 with probability p,
// so nothing can rely on one particular neighbour. What survives must make up for what does not, or
// the next layer gets less than it will when nothing is dropped:
//
//     y_i = m_i x_i,   m_i = 0 with probability p, else 1/(1 − p)                        (14.8)
//
// The mean of m_i is (1 − p) · 1/(1 − p) = 1. Because the survivors are enlarged in training,
// nothing is left to do when the network is used: it is the identity then. This form is called
// *inverted* dropout; the paper of 2014 did not enlarge, and shrank the weights afterwards.
//
// How does a gradient get back? Through the same mask: what was dropped had no influence, what
// survived had 1/(1 − p). A new mask would send it to places that were not even there.
//
// A rate of 1 would leave no survivor to enlarge.
Dropout::Dropout(double rate, Random& random) : rate_(rate), random_(&random) {
    if (!(rate >= 0.0 && rate < 1.0))
        throw std::invalid_argument("Dropout: a rate of " + std::to_string(rate) +
                                    " is not between 0 and 1 (0 is allowed, 1 is not)");
}

// ## Exercise 14.4 — Dropout
// *About 5 lines · difficulty 2 of 3 · 15 minutes*
//
// Write (14.8). Draw one number of `random_->uniform()` for each element, in the order of memory;
// it is dropped if the number is less than p. When the network is not training, or p is 0, return x
// and draw nothing. The way back needs nothing new: with the mask as a constant, chapter 3 has it.
Variable Dropout::operator()(const Variable& x) const {
    if (random_ == nullptr) return x;  // a Dropout() that was made to drop nothing
    const double p = rate_;
    Tensor mask(x.shape());
    //> 14.4: about 5 lines
    if (!training || p == 0.0) return x;
    const float survivor = 1.0 / (1.0 - p);
    for (float& m : mask.data) m = random_->uniform() < p ? 0.0f : survivor;
    return x * mask;
    //<
}

// ## The path, and where the norm stands
//
// Now the parts come together around f, which is attention or the little network. The path leads
// past it, as in (14.2); dropout acts on what f says, before it is added. Where does the norm go?
//
//     before: y = x + f(norm(x)),   after: y = norm(x + f(x))                            (14.9)
//
// The first transformer has it *after* the sum. There it sits on the path itself: every gradient
// has to pass every norm, and deep stacks learn only if the learning rate is warmed up with care.
// Most models since then have it *before* f, inside the block, and the path is free from the last
// norm down to the words. In that form we add x, not norm(x), or the path would lead through the
// norm after all. What the free path costs: x grows with every layer, so a stack of these needs one
// last norm at its end. An untrained block changes little, so hundreds of them can be trained.
//
// The result must have the shape of x: a sum would broadcast a smaller one without a word.
using Function = std::function<Variable(const Variable&)>;

static Variable apply_same_shape(const Function& f, const Variable& x) {
    const Variable result = f(x);
    if (result.shape() != x.shape())
        throw std::invalid_argument("sublayer: f made " + to_string(result.shape()) + " of " +
                                    to_string(x.shape()) + "; it must keep the shape");
    return result;
}

// ## Exercise 14.5 — The layer around f
// *About 3 lines · difficulty 2 of 3 · 10 minutes*
//
// Write (14.9), with dropout on what f returns. For `f(…)` write `apply_same_shape(f, …)`.
Variable sublayer(const Variable& x, const LayerNorm& norm, NormPlace place, const Function& f,
                  const Dropout& dropout) {
    //> 14.5: about 3 lines
    const bool before = place == NormPlace::before;
    const Variable y = x + dropout(apply_same_shape(f, before ? norm(x) : x));
    return before ? y : norm(y);
    //<
}

// ## See it
//
// The demo stacks 64 feed-forward blocks in five kinds: plain, f(x); plain with He's first weights;
// with a norm, f(norm(x)); with a path, x + f(x); and with both, x + f(norm(x)). At the top it
// sends in a random gradient dy and measures, in units of dy, what comes out below. On the way up
// it takes two inputs that have nothing to do with each other, and measures the cosine of their
// outputs. Then it trains each kind with 200 plain steps, to learn 64 points by heart. Last, an
// example is normalised by rows and by columns, in two batches that differ elsewhere. (What
// measures the gradients is in course/demos/14_depth/.)
//
// Before you run `make demo CHAPTER=14`, say for each of the five whether the gradient vanishes,
// explodes or keeps its size, and whether the stack can learn.
//
// ## Experiment
//
// By (14.1) a plain stack of 64 → 256 → 64 leaves 0.32³² of a gradient. Make the middle as narrow
// as the ends: set `d_ff` to 64. What is left then, on average? (64 random blocks stray from it by
// a factor of a few, and what is trained keeps its own size.) Write it down, and run the demo.
static const int d_ff = 256;
static const double predicted = NAN;  // your number, such as 1.4e-16

// Do the first two numbers of a point have the same sign? A stack with norms has one at its end.
static void train(depth::Kind kind, const Tensor& points, const std::vector<int>& same_sign) {
    const int d_model = points.columns();
    const depth::Stack stack(kind, 64, d_model, 4 * d_model);
    Random random(2);
    const LayerNorm last(d_model);
    const Linear output(d_model, 2, random);
    Parameters parameters = last.parameters();
    append(parameters, output.parameters());
    append(parameters, stack.parameters());
    const auto logits = [&] {
        const Variable y = stack(points, 64);
        return output(kind.norm ? last(y) : y);
    };
    const auto loss = [&] { return cross_entropy(logits(), same_sign); };
    SGD sgd(parameters, 0.02);
    std::printf("  %-17s %9.3f ", kind.name, cross_entropy_loss(logits().value(), same_sign));
    try {
        double now = 0.0;
        while (sgd.state.steps < 200) now = train_step(sgd, loss);
        std::printf("%11.3f %5.0f %%\n", now, 100 * accuracy(logits().value(), same_sign));
    } catch (const std::runtime_error&) {
        std::printf("  not a number at step %d\n", sgd.state.steps + 1);
    }
}

// Batch normalisation is layer normalisation of the columns.
static void show_batch(float other) {
    const Tensor x = matrix({{1, 2, 6}, {4, 0, 1}, {2, other, 5}});
    const Tensor ones = row({1, 1, 1}), zeros = row({0, 0, 0});
    const auto tell = [](const char* who, const Variable& y) {
        const float* example = y.value().row(0);
        std::printf("  %s %6.2f %6.2f %6.2f\n", who, example[0], example[1], example[2]);
    };
    tell("layer norm", layer_norm(x, ones, zeros));
    tell("batch norm", transpose(layer_norm(transpose(x), ones, zeros)));
}

static const Demo demo("14", [] {
    const double left = depth::show_gradients(d_ff);
    compare("what a plain stack leaves of a gradient", predicted, left);
    Random random(3);
    const Tensor points = normal_weights({64, 16}, 1.0f, random);
    std::vector<int> same_sign;
    for (int i = 0; i < 64; ++i) same_sign.push_back(points(i, 0) * points(i, 1) > 0);
    std::printf("\n64 blocks, 200 steps: the loss at first, at last, and the share right\n\n");
    for (depth::Kind kind : depth::kinds) train(kind, points, same_sign);
    std::printf("\nWhat becomes of the example [1, 2, 6], in two batches of three:\n\n");
    for (float other : {3.0f, 30.0f}) show_batch(other);
});

// ## Questions
//
// 1. How many numbers are the parameters of one block of the demo with a norm, and what share of
//    them are gains and biases of the norm?
// 2. What breaks if you take the residual connection of the *normalised* x, y = norm(x) +
//    f(norm(x))? Look at what reaches the first block of a hundred.
// 3. Look at the demo's picture. "Norm only" has gradients of a good length from bottom to top, and
//    yet it learns nothing. What do the cosines say about why?
// 4. Chapter 17 drops numbers once on the path itself, where the words come in. Why is that
//    harmless there, when it would do harm in every layer?
//> answers
//
// Answers.
//
// Prediction. 64 · 2/128 · 1/2 · 64 · 2/128 = 1/2, and (1/2)³² = 2.3 · 10⁻¹⁰. The narrow block
// loses less: with in = out the variance 2/(in + out) is exact both ways, and only ReLU takes half.
//
// 1. 64 · 256 + 256 + 256 · 64 + 64 = 33,088 of the network and 128 of the norm: 0.4 %.
// 2. The path leads through every norm: each divides the gradient by its s, as in the form "after".
//    The first block hears of the loss only through a hundred norms.
// 3. They go to 1: whatever goes in, the same comes out, in the right size. The loss can no longer
//    tell the examples apart, and its gradient says the same for each.
// 4. Once, at the entrance, it is noise in the input: the layers see a word with a tenth of its
//    numbers gone, and enlarged survivors, once. In every layer what is dropped would be lost for
//    all later ones, and the factors 1/(1 − p) would multiply up along the path.
//<
//
// ## Where it comes from
//
// - Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks"
//   (2010), and He, Zhang, Ren and Sun, "Delving deep into rectifiers" (2015): first weights.
// - The same four, "Deep residual learning for image recognition" (2016): the path.
// - Srivastava and others, "Dropout" (2014). Ba, Kiros and Hinton, "Layer normalization" (2016).
// - Xiong and others, "On layer normalization in the transformer architecture" (2020): before or
//   after. Geva and others, "Transformer feed-forward layers are key-value memories" (2021).
//
// ## What you have now
//
// Everything that stands around attention. Chapter 15 puts attention, the network and two of these
// sublayers into one layer, and stacks it.
