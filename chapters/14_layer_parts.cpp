// # 14. The parts of a layer
//
// Layers do not stack by themselves. Put 64 blocks on top of each other, without any care, and the
// gradient that comes back to the first is 10⁻¹⁶ of what set out at the top. The care is in four
// small parts that stand around every attention: a normalisation, a little network for each
// position, dropout, and a path around it all. At the end of this chapter you see what fails
// without them. Of a gradient of length 1 at the top, this arrives at the bottom:
//
//        plain          0.0000000000000001
//        residual only  9300
//        both           5.2
//
// Needs: chapters 3 and 4.
// Check: `make check CHAPTER=14`.
// Letters: n numbers x_j in a row, mean μ; γ gain, β bias; dy short for ∂loss/∂y, likewise dx.

#include "14_layer_parts.hpp"

#include "demos/14_depth/stack.hpp"
#include "kit/chapter.hpp"
#include "kit/vector_math.hpp"

#include <cmath>
#include <cstdio>
#include <stdexcept>

// ## Layer normalisation
//
// The numbers that enter a layer should have a size that the layer is used to. *Layer
// normalisation* sees to it: of every row it takes the mean μ away, and divides by how far the row
// typically strays from its mean.
//
//     μ = 1/n Σ_(j=1)^n x_j,   s = √(1/n Σ_(j=1)^n (x_j − μ)² + ε)                       (14.1)
//     x̂_j = (x_j − μ)/s,   y_j = γ_j x̂_j + β_j                                           (14.2)
//
// Under the root stands the *variance*, the mean square of what is left. It is divided by n, not
// n − 1: we do not guess the variance of something larger, these n numbers are all there is. To it
// comes ε = 10⁻⁵, so that a row of equal numbers is not divided by 0; it stands inside the root,
// where it only matters when the variance itself is that small.
//
// A layer may well need another size than 1, or another mean than 0. So each feature j has a *gain*
// γ_j and a *bias* β_j, which are parameters like any other. They begin as 1 and 0.
//
// Which numbers belong together? One row: the features of one position of one sentence. An older
// way, *batch normalisation*, takes each feature by itself, with its mean over all examples of the
// batch. Then the answer for one sentence depends on which others happen to be in the batch, padded
// places have a say in it, and a batch of one is all zeros, so that another rule is needed once the
// network is in use. With rows there is nothing of the kind: training and use are the same.
//
// ## Exercise 14.1 — Layer normalisation
// *About 13 lines · difficulty 2 of 3 · 20 minutes*
//
// Find x̂ and s for every row: (14.1) and the first half of (14.2). First the mean, then the
// variance from the differences. (The mean of the squares minus the square of the mean is the same
// on paper, but in float the two are large and what is left of them is rounding.) ε is
// `layer_norm_epsilon`. Then y, with the operations of chapter 1; a row serves all rows.
Standardised standardise(const Tensor& x) {
    require_shapes("layer_norm", {{x.shape, "... n"}});
    const int n = x.columns(), rows = x.rows();
    if (n == 0)
        throw std::invalid_argument("layer_norm: x " + to_string(x.shape) + " has empty rows");
    Standardised z{Tensor(x.shape), Tensor({rows})};
    // TODO 14.1: about 12 lines
    todo("14.1");
}

static Tensor with_gain_and_bias(const Standardised& z, const Tensor& gain, const Tensor& bias) {
    require_shapes("layer_norm", {{z.x_hat.shape, "... n"}, {gain.shape, "n"}, {bias.shape, "n"}});
    // TODO 14.1: 1 line
    todo("14.1");
}

// ## And back
//
// With a root and a quotient the tape could find the gradient itself, through a dozen operations,
// each with a tensor to keep. It is worth a backward function of its own. Gain and bias are easy:
// they are used in all rows, so by (3.2) their gradients are sums over all rows.
//
//     dβ_j = Σ_rows dy_j,   dγ_j = Σ_rows dy_j x̂_j                                       (14.3)
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
//     dx_j = (dx̂_j − 1/n Σ_(k=1)^n dx̂_k − x̂_j 1/n Σ_(k=1)^n dx̂_k x̂_k)/s                (14.4)
//
// You can see that it must be so. Add the same to a whole row, and y does not change: dx has to sum
// to 0, and the mean term makes it. Stretch a row, and y does not change (but for ε): dx must have
// nothing along x̂, and the correlation term takes that away.
//
// ## Exercise 14.2 — Layer normalisation, backwards
// *About 14 lines · difficulty 3 of 3 · 35 minutes*
//
// Write (14.3) and (14.4). x_hat.row(r) points to row r of x̂; its s is z.s.data[r].
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
    // TODO 14.2: about 14 lines
    todo("14.2");
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
//     FFN(x) = relu(x W₁ + b₁) W₂ + b₂                                                   (14.5)
//
// or with GELU in the place of ReLU. Usually d_ff, the size in the middle, is 4 times d_model, the
// length of a row of x. W₁ and W₂ together have 8 d_model² weights and the four products of
// attention (chapter 12) have 4 d_model²: most of what a transformer knows by heart is kept here.
//
// It is the *same* network at each position, with the same weights. So (14.5) needs no loop: the
// rows of x are the positions, and `Linear` treats every row alike.
//
// ## Exercise 14.3 — Position-wise feed-forward
// *About 3 lines · difficulty 1 of 3 · 10 minutes*
//
// Write (14.5), with the activation that was asked for. The linear layers are `first` and `second`.
Variable FeedForward::operator()(const Variable& x) const {
    // TODO 14.3: about 3 lines
    todo("14.3");
}

// ## Dropout
//
// A large network can learn its examples by heart, with neurons that only make sense together.
// *Dropout* makes that hard: at every step of training it sets each number to 0 with probability p,
// so nothing can rely on one particular neighbour. What survives must make up for what does not, or
// the next layer gets less than it will when nothing is dropped:
//
//     y_i = m_i x_i,   m_i = 0 with probability p, else 1/(1 − p)                        (14.6)
//
// The mean of m_i is (1 − p) · 1/(1 − p) = 1. Because the survivors are enlarged in training,
// nothing is left to do when the network is used: it is the identity then. (This is called
// *inverted* dropout. The first papers did not enlarge, and shrank the weights afterwards.)
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
// *About 5 lines · difficulty 2 of 3 · 20 minutes*
//
// Write (14.6). Draw one number of random_->uniform() for each element, in the order of memory; it
// is dropped if the number is less than p. When the network is not training, or p is 0, return x
// and draw nothing. The way back needs nothing new: with the mask as a constant, chapter 3 has it.
Variable Dropout::operator()(const Variable& x) const {
    if (random_ == nullptr) return x;  // a Dropout() that was made to drop nothing
    const double p = rate_;
    Tensor mask(x.shape());
    // TODO 14.4: about 5 lines
    todo("14.4");
}

// ## A path around it
//
// If a block computes f(x), let the layer be x + f(x): the block has only to say what should be
// *different*. This is a *residual connection*. Its gradient is dx = dy + (what comes through f),
// so however badly f passes gradients on, dy itself arrives. A block that knows nothing yet does
// little harm, and a hundred of them can be trained.
//
// Where does the normalisation go? The paper of 2017 has it *after* the sum. Then it sits on the
// path itself, and every gradient has to pass every normalisation; deep stacks learn only if the
// learning rate is warmed up with care. Most models since have it *before* f, inside the block, and
// the path is free from the loss down to the words:
//
//     before: y = x + f(norm(x)),   after: y = norm(x + f(x))                            (14.7)
//
// Mind what is added in the first: it is x, not norm(x), or the path leads through the norm again.
// The price of the free path is that x grows with every layer, so a stack of these needs one last
// norm at its end. Dropout acts on the result of f, before it is added.
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
// *About 3 lines · difficulty 2 of 3 · 15 minutes*
//
// Write (14.7), with dropout on f's result. For f(…) write apply_same_shape(f, …).
Variable sublayer(const Variable& x, const LayerNorm& norm, NormPlace place, const Function& f,
                  const Dropout& dropout) {
    // TODO 14.5: about 3 lines
    todo("14.5");
}

// ## See it
//
// The demo stacks 64 feed-forward blocks, in four kinds: plain, f(x); with a norm, f(norm(x)); with
// a residual connection, x + f(x); and with both, x + f(norm(x)). At the top it sends in a random
// gradient dy, and measures the gradient that comes out below, in units of dy. It also looks at the
// way up: do two inputs that have nothing to do with each other still give different outputs? Their
// *cosine*, the dot product divided by both lengths, is near 0 for the inputs, and 1 when the
// outputs point the same way. Then it trains each kind with 200 plain steps, to learn 64 points by
// heart. Last, an example is normalised in both ways of 14.1, in two batches that differ elsewhere.
//
// Before you run `make demo CHAPTER=14`, say for each of the four whether the gradient vanishes,
// explodes or keeps its size, and whether it can learn. Will two of them do equally well? (The
// stack of blocks, and what measures its gradients, are in course/demos/14_depth/.)
//
// Do the first two numbers of a point have the same sign? A stack with norms has one at its end.
static void train(depth::Kind kind, const Tensor& points, const std::vector<int>& same_sign) {
    const int d_model = points.columns();
    const depth::Stack stack(kind, 64, d_model);
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
    depth::show_gradients();
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
// 1. In the demo the gradients of "norm only" have a good length from bottom to top, and yet it
//    learns nothing. What do the cosines say about why?
// 2. Take the gain and the bias away from the norm in front of a linear layer. Which functions can
//    the two together no longer compute?
// 3. A stack begins with x and adds the results of L blocks with norms before them, each with
//    variance 1 and all independent. How large is x at the end? What does that say about how much
//    the last block can change?
// 4. Why is there no dropout on x itself, along the path?
