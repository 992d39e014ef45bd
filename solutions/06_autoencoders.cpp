// # 6. Autoencoders
//
// Tell a friend over the telephone how to draw the 3 that lies before you: 64 pixels, in grey. You
// may say eight numbers, and no more. Which eight would you agree on beforehand? An *autoencoder*
// finds them. It is a network with a waist, which learns to give back what it gets. Nobody tells it
// what is right: the picture itself is the target. So it needs no labels. What gets through the
// waist, a few numbers, is called the *code*.
//
// In this chapter it learns handwritten digits. This is how far a digit that was not learnt from is
// from what comes back of it, as the mean of the squared errors of its pixels, from 0 to 1:
//
//        the mean picture           0.0741  ██████████████████████████████
//        the nearest known digit    0.02  ███████
//        8 principal components     0.0242  ██████████
//        8 numbers, autoencoder     0.0113  █████
//
// Then it fills in what was rubbed out, and notices what is no digit.
//
// Needs: chapters 1, 3 and 4.
// Check: `make check CHAPTER=06`.
// Letters: N pictures, P pixels of a picture, H numbers of a code; x pictures, y what comes back of
// them; R rows and C columns of one picture; in (6.5) N usual and M unusual scores.
// Minutes: about 100.

#include "06_autoencoders.hpp"

#include "02_fast_matmul.hpp"
#include "kit/chapter.hpp"
#include "kit/environment.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <utility>

// ## Two pixels through one number
//
// The smallest autoencoder has pictures of two pixels and a code of one number h. Two weights, w₁
// and w₂, make the code of the picture, and the same two make a picture of the code:
//
//     h = x₁ w₁ + x₂ w₂,   y₁ = h w₁,   y₂ = h w₂                                         (6.1)
//
// The first half is the *encoder*, the second the *decoder*. Draw the pictures as points in a plane.
// Whatever h is, y lies on the line through 0 and (w₁, w₂). So the pictures on this line can come
// back as they were, and all others have something taken away. If the pictures that we care for lie
// near a line, this costs little. To learn is to find that line.
//
// ## Exercise 6.1 — By hand
// *About 1 line · difficulty 1 of 3 · 10 minutes*
//
// Let w₁ = 0.6 and w₂ = 0.8. Return five numbers: h, y₁ and y₂ for the picture x = (0.5, 1); then
// the mean of the two squared errors; and last the second pixel of the one picture that begins with
// 0.3 and comes back as it was.
Tensor autoencoder_by_hand() {
    //> 6.1: a row of five
    return row({1.1f, 0.66f, 0.88f, 0.02f, 0.4f});
    //<
}

// What line is best, for many points around 0? The one along which they spread most. It is their
// *first principal component*; a second one, at right angles to it, takes most of what is left, and
// so on. With straight lines nothing beats them: an autoencoder of linear layers and H numbers in
// the middle ends where H principal components are, as Baldi and Hornik show (1989). So these are
// our baseline. A network with a ReLU may bend its line. Digits do not lie along a straight one:
// half-way between two ways to write a 4 there is often no 4.
//
// ## Layers down, and the same layers up
//
// Our encoder is a stack of linear layers that become narrower, say 64, 128 and 8 numbers, with a
// ReLU between any two. There is none on the code, which may be below 0. The decoder goes the same
// way back. It has the *same* weights, as in (6.1): a layer that goes down by W goes up by Wᵀ.
// Weights that are used twice are called *tied*. They halve what must be learnt, and each column of
// the first W is a picture that can be looked at. Only the biases, d and u, are not shared. For two
// layers that is
//
//     code = relu(x W₁ + d₁) W₂ + d₂                                                      (6.2)
//     y = σ(relu(code W₂ᵀ + u₂) W₁ᵀ + u₁)                                                 (6.3)
//
// A pixel lies between 0 and 1, and so does a sigmoid σ: that is why it stands at the very end. What
// is far from the target is measured by the *mean square error*. It is a mean over all N P pixels
// and not a sum. So it says the same of ten pictures as of a thousand, and of large ones as of
// small ones:
//
//     loss = 1/(N P) Σ_(n p) (y_(n p) − x_(n p))²                                         (6.4)
//
// ## Exercise 6.2 — Down, up, and how far off
// *About 14 lines · difficulty 2 of 3 · 25 minutes*
//
// Write the encoder and the decoder for any number of layers, and (6.4) with its gradient ∂loss/∂y.
// Layer k has the weights `W[k]` and the biases `down[k]` and `up[k]`; the header has their shapes.
// Which of them does the decoder need first, and after which has it no ReLU? y and target may have
// any shape. Sum in double.
//
// These refuse what does not fit, and stand at the end of the file.
static void require_same(const char* function, const Tensor& y, const Tensor& target);
static void require_known(const char* function, const Tensor& x, const Tensor& known);
static void require_anything(const Tensor& known);
static void require_scores(const Tensor& scores);

Variable Autoencoder::encode(const Variable& x) const {
    require_shapes("encode", {{x.shape(), "N P"}, {W.front().shape(), "P n"}});
    const int layers = size_of(W);
    //> 6.2: about 6 lines
    Variable h = x;
    for (int k = 0; k < layers; ++k) {
        h = linear(h, W[k], down[k]);
        if (k + 1 < layers) h = relu(h);
    }
    return h;
    //<
}

Variable Autoencoder::decode(const Variable& code) const {
    require_shapes("decode", {{code.shape(), "N H"}, {W.back().shape(), "n H"}});
    const int layers = size_of(W);
    //> 6.2: about 6 lines
    Variable h = code;
    for (int k = layers - 1; k >= 0; --k) {
        h = linear(h, transpose(W[k]), up[k]);
        h = k > 0 ? relu(h) : sigmoid(h);
    }
    return h;
    //<
}

double mean_square_loss(const Tensor& y, const Tensor& target) {
    require_same("mean_square_loss", y, target);
    double total = 0;
    //> 6.2: about 5 lines
    for (int i = 0; i < y.size(); ++i) {
        const double error = y.data[i] - target.data[i];
        total += error * error;
    }
    return total / y.size();
    //<
}

Tensor mean_square_gradient(const Tensor& y, const Tensor& target) {
    require_same("mean_square_gradient", y, target);
    //> 6.2: 1 line
    return scale(subtract(y, target), 2.0f / y.size());
    //<
}

// As in chapter 4, the two halves make one operation on the tape. The target is a constant.
Variable mean_square_error(const Variable& y, const Tensor& target) {
    const double loss = mean_square_loss(y.value(), target);
    return record("mean square error", Tensor({}, {static_cast<float>(loss)}), {y},
                  [y, target](const Tensor&, const Tensor& dloss) {
                      return scale(mean_square_gradient(y.value(), target), dloss.data[0]);
                  });
}

// What comes back of a digit of each kind, which none of the three has seen before:
//
//     picture: 06_digits — Digits that were not learnt from, and what comes back of them
//
// ## Holes
//
// What if the waist is wider than the picture, with 128 or 500 numbers? Then the network could hand
// on every pixel as it is. The loss would be 0, and nothing would have been learnt about digits. Not
// a narrow waist is what makes it learn, but a task that copying cannot do. Vincent, Larochelle,
// Bengio and Manzagol (2008) give it one: they make *holes* in the picture. Numbers chosen at random
// are set to 0, and what the network is asked for is the picture *without* holes. Now it has to know
// how digits go on. This is a *denoising autoencoder*.
//
// Three things are easy to get wrong. The holes belong into what the network *sees*, not into the
// target: a network that is asked for holes learns to make holes. They must be new in every step,
// or it learns those. And pixels that stay are not made brighter to make up for the others, as
// dropout does in chapter 14, for here a 0 could be a true pixel.
//
// Once it has learnt this, it can fill in what is missing. It sees a picture with zeros where nothing
// is known, and its answer is put there. That may be done again: the next answer is about a picture
// with fewer holes.
//
// ## Exercise 6.3 — Holes, made and filled
// *About 9 lines · difficulty 2 of 3 · 15 minutes*
//
// Write the three functions; the header says exactly what they do. In `filled_in`, what stands in x
// where nothing is known must have no say, not even if it is NaN. And what is known is never
// changed: which of the network's numbers do you take over?
Tensor with_holes(const Tensor& x, float share, Random& random) {
    if (!(share >= 0 && share <= 1))
        throw std::invalid_argument("with_holes: a share of " + std::to_string(share));
    Tensor seen = x;
    //> 6.3: about 2 lines
    for (float& number : seen.data)
        if (random.uniform() < share) number = 0.0f;
    return seen;
    //<
}

Variable denoising_loss(const Autoencoder& net, const Tensor& x, float share, Random& random) {
    require_shapes("denoising_loss", {{x.shape, "N P"}, {net.W.front().shape(), "P n"}});
    //> 6.3: 1 line
    return mean_square_error(net(with_holes(x, share, random)), x);
    //<
}

Tensor filled_in(const Autoencoder& net, const Tensor& x, const Tensor& known, int passes) {
    require_known("filled_in", x, known);
    if (passes < 1) throw std::invalid_argument("filled_in: " + std::to_string(passes) + " passes");
    const NoTape no_tape;
    Tensor seen(x.shape);
    //> 6.3: about 7 lines
    for (int i = 0; i < x.size(); ++i)
        if (known.data[i] != 0) seen.data[i] = x.data[i];
    for (int pass = 0; pass < passes; ++pass) {
        const Tensor y = net(seen).value();
        for (int i = 0; i < x.size(); ++i)
            if (known.data[i] == 0) seen.data[i] = y.data[i];
    }
    return seen;
    //<
}

// What does a network look for that has learnt to fill holes? The columns of its first W show it:
// each is a small picture, and the neuron says how well what it sees agrees with it. These are
// *filters*. Nobody has told them where a stroke is:
//
//     picture: 06_filters
//
// ## What is unusual
//
// An autoencoder gives back well what is like the pictures that it learnt from. Of anything else it
// makes the nearest thing that it knows, and the error is large. So the error of a picture is a
// score: how unusual is it? This needs no example of what is unusual, and who looks for a fault, a
// fraud or a new kind of star has none. It is called *anomaly detection*.
//
// From which score on is a picture unusual? With a low limit you find all and raise many false
// alarms; with a high one, the other way round. The *ROC curve* draws both, for every limit: the
// share that is found over the share of false alarms. The area under it is one number for all limits
// together, the *AUC*. And it has a plain meaning. Take one usual and one unusual picture at random:
// the area is the probability that the unusual one has the larger score, with 1/2 for a draw. So 1
// is perfect, 1/2 is a coin, and 0 is a score with the wrong sign.
//
// There are N M such pairs, which are many. But sort all N + M scores together, and number them from
// 1 on. Their numbers are *ranks*; equal scores share the mean of theirs. With R the sum of the
// ranks of the unusual ones, and a number that you will find,
//
//     AUC = (R − what R is at least) / (N M)                                              (6.5)
//
// ## Exercise 6.4 — How unusual?
// *About 16 lines · difficulty 3 of 3 · 25 minutes*
//
// Write the error of each picture by itself. Then the area: (6.5), or in any way you like that is
// right for equal scores. What is R if every unusual score lies below every usual one? `std::sort`
// puts pairs in order, the first of each pair before the second.
Tensor picture_errors(const Tensor& y, const Tensor& x) {
    require_shapes("picture_errors", {{y.shape, "N P"}, {x.shape, "N P"}});
    //> 6.4: about 2 lines
    const Tensor error = subtract(y, x);
    return mean(multiply(error, error), 1);
    //<
}

double area_under_curve(const Tensor& usual, const Tensor& unusual) {
    require_scores(usual);
    require_scores(unusual);
    const int N = usual.size(), M = unusual.size();
    //> 6.4: about 14 lines
    std::vector<std::pair<float, int>> all;  // each score, and 1 if it is an unusual one
    for (float score : usual.data) all.push_back({score, 0});
    for (float score : unusual.data) all.push_back({score, 1});
    std::sort(all.begin(), all.end());
    double ranks = 0;
    for (int first = 0, next = 0; first < N + M; first = next) {
        int found = 0;  // unusual ones among equal scores, whose places are first + 1 to next
        for (; next < N + M && all[next].first == all[first].first; ++next)
            found += all[next].second;
        ranks += found * (first + 1 + next) / 2.0;
    }
    return (ranks - M * (M + 1.0) / 2) / N / M;
    //<
}

// ## The rule to beat
//
// Is a network needed to fill a hole? Try the simplest rule that is not silly. Let the known pixels
// around the hole flow into it, as heat flows through a sheet of metal whose rim is held warm here
// and cold there. When nothing flows any more, each pixel of the hole is the mean of its neighbours:
//
//     y_(r c) = 1/4 (y_(r−1 c) + y_(r+1 c) + y_(r c−1) + y_(r c+1))                       (6.6)
//
// This is Laplace's equation on a grid, and it gives the smoothest picture there is. At the rim of
// the picture a pixel has three neighbours, in a corner two, and the mean is over those.
//
// How does one find it? Put anything into the hole, and then set each of its pixels to the mean of
// its neighbours, again and again. One pass does not do, for each pixel that changes spoils (6.6)
// for its neighbours. But they are spoilt less and less. When no pixel changes by more than a
// millionth in a whole pass, you are there.
//
// ## Exercise 6.5 — Diffusion
// *About 18 lines · difficulty 2 of 3 · 25 minutes*
//
// Write it. `y(r, c)` is a pixel. What stands in x where nothing is known must have no say here,
// either.
Tensor diffused(const Tensor& x, const Tensor& known) {
    require_known("diffused", x, known);
    require_anything(known);
    const int R = x.shape[0], C = x.shape[1];
    Tensor y(x.shape);
    //> 6.5: about 18 lines
    for (int i = 0; i < y.size(); ++i)
        if (known.data[i] != 0) y.data[i] = x.data[i];
    float change = 1;
    while (change > 1e-6f) {
        change = 0;
        for (int r = 0; r < R; ++r)
            for (int c = 0; c < C; ++c) {
                if (known(r, c) != 0) continue;
                float total = 0, count = 0;
                if (r > 0) total += y(r - 1, c), ++count;
                if (r + 1 < R) total += y(r + 1, c), ++count;
                if (c > 0) total += y(r, c - 1), ++count;
                if (c + 1 < C) total += y(r, c + 1), ++count;
                change = std::max(change, std::fabs(total / count - y(r, c)));
                y(r, c) = total / count;
            }
    }
    return y;
    //<
}

// Smooth is not right: a digit is not smooth. In the middle of a hole the rule knows only the rim,
// and the network knows digits.
//
//     picture: 06_holes — A hole of nine pixels, and what two ways make of it
//
// ## See it
//
static const Demo demo("06", [] {
    for (float number : autoencoder_by_hand().data) std::printf("  %.3f", number);
    std::printf("\n");
});
//
// ## What is left: first numbers, and what does not fit
Autoencoder::Autoencoder(const std::vector<int>& sizes, Random& random) {
    if (size_of(sizes) < 2 || *std::min_element(sizes.begin(), sizes.end()) < 1)
        throw std::invalid_argument("Autoencoder: sizes " + to_string(sizes));
    for (int k = 0; k + 1 < size_of(sizes); ++k) {
        W.push_back(parameter(xavier_weights(sizes[k], sizes[k + 1], random), "W"));
        down.push_back(parameter(Tensor({sizes[k + 1]}), "down"));
        up.push_back(parameter(Tensor({sizes[k]}), "up"));
    }
}

Parameters Autoencoder::parameters() const {
    Parameters all = W;
    append(all, down);
    append(all, up);
    return all;
}

static void require_same(const char* function, const Tensor& y, const Tensor& target) {
    if (y.shape != target.shape || y.size() == 0)
        throw std::invalid_argument(std::string(function) + ": " + to_string(y.shape) + " and " +
                                    to_string(target.shape));
}

static void require_known(const char* function, const Tensor& x, const Tensor& known) {
    require_shapes(function, {{x.shape, "R C"}, {known.shape, "R C"}});
}

static void require_anything(const Tensor& known) {
    const auto is_known = [](float number) { return number != 0; };
    if (std::none_of(known.data.begin(), known.data.end(), is_known))
        throw std::invalid_argument("diffused: nothing is known of " + to_string(known.shape));
}

static void require_scores(const Tensor& scores) {
    if (scores.rank() != 1 || scores.size() == 0)
        throw std::invalid_argument("area_under_curve: scores " + to_string(scores.shape));
    for (float score : scores.data)
        if (std::isnan(score)) throw std::invalid_argument("area_under_curve: a score is NaN");
}
