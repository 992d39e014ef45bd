// # 6. Autoencoders
//
// Tell a friend over the telephone how to draw the 3 that lies before you: 64 pixels, in grey. You
// may say eight numbers, and no more. Which eight would you agree on beforehand? An *autoencoder*
// finds them. It is a network with a waist, which learns to give back what it gets. Nobody tells it
// what is right: the picture itself is the target. So it needs no labels. What gets through the
// waist, a few numbers, is called the *code*.
//
// In this chapter it learns handwritten digits, and gives back others that it has not learnt from.
// A pixel lies between 0 and 1. This is the mean of the squared errors of all pixels:
//
//        the mean picture         0.074  ████████████████████████
//        8 principal components   0.025  ████████
//        the nearest known digit  0.019  ██████
//        autoencoder, 8 numbers   0.011  ████
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
#include "demos/06_pictures/pictures.hpp"
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
// The first half is called the encoder, the second the decoder. Draw the pictures as points in a
// plane. Whatever h is, y lies on the line through 0 and (w₁, w₂). If w₁² + w₂² = 1, the pictures
// on this line come back as they were, and all others as the nearest point of it. If the pictures
// that we care for lie near a line, this costs little. To learn is to find that line.
//
// ## Exercise 6.1 — By hand
// *About 1 line · difficulty 1 of 3 · 10 minutes*
//
// Let w₁ = 0.6 and w₂ = 0.8; the sum of their squares is 1. Return five numbers: h, y₁ and y₂ for
// the picture x = (0.5, 1); then the mean of the two squared errors; and last the second pixel of
// the one picture that begins with 0.3 and comes back as it was.
Tensor autoencoder_by_hand() {
    //> 6.1: a row of five
    return row({1.1f, 0.66f, 0.88f, 0.02f, 0.4f});
    //<
}

// What line is best, for many points around 0? The one along which they spread most. It is their
// first *principal component*; a second one, at right angles to it, takes most of what is left, and
// so on. With straight lines nothing beats them: an autoencoder of linear layers and H numbers in
// the middle gets no smaller error than H principal components, as Baldi and Hornik show (1989). So
// these are what we have to beat. A network with a ReLU may bend its line. Digits do not lie along
// a straight one: half-way between two ways to write a 4 there is often no 4.
//
// ## Layers down, and the same layers up
//
// Our encoder is a stack of linear layers, say from 64 numbers to 128 and then to 8, with a ReLU
// between one layer and the next. There is none on the code, which may be below 0. The decoder goes
// the same way back. It has the *same* weights, as in (6.1): a layer that goes down by W goes up by
// Wᵀ. Weights that are used twice are called *tied*. They halve what must be learnt, and each
// column of the first W is a picture that can be looked at. Only the biases, d and u, are not
// shared. For two layers that is
//
//     code = relu(x W₁ + d₁) W₂ + d₂                                                      (6.2)
//     y = σ(relu(code W₂ᵀ + u₂) W₁ᵀ + u₁)                                                 (6.3)
//
// A pixel lies between 0 and 1, and so does a sigmoid σ: that is why it stands at the very end. How
// far y is from the picture is measured by the *mean square error*. It is a mean over all N P
// pixels and not a sum. So it says the same of ten pictures as of a thousand, and of large ones as
// of small ones:
//
//     loss = 1/(N P) Σ_(n p) (y_(n p) − x_(n p))²                                         (6.4)

// What does not fit is refused by these, which stand at the end of the file.
static void require_same(const char* function, const Tensor& y, const Tensor& target);
static void require_known(const char* function, const Tensor& x, const Tensor& known);
static void require_anything(const Tensor& known);
static void require_scores(const Tensor& scores);

// ## Exercise 6.2 — Down, up, and how far off
// *About 14 lines · difficulty 2 of 3 · 20 minutes*
//
// Write the encoder and the decoder for any number of layers, and (6.4) with its gradient ∂loss/∂y.
// Layer k, from 0 on, has the weights `W[k]` and the biases `down[k]` and `up[k]`, so W₁, d₁ and u₁
// are `W[0]`, `down[0]` and `up[0]`; the header has their shapes. Which layer does the decoder need
// first, and after which layer has it no ReLU? y and target may have any shape. Sum in double.
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

// Here is what comes back of ten digits that were not learnt from, through eight principal
// components and through eight numbers of the network:
//
//     picture: 06_digits
//
// With two numbers in the middle, a digit is a point in a plane. Every place in the plane is also a
// picture, for the decoder makes one of any code. Nobody told the network which digits are alike:
//
//     picture: 06_plane
//
// > The digits have labels, and nothing here learns from them. They are only read to judge.
//
// And half-way from a 0 to a 4? A mean of their pixels shows both at once, pale. The mean of their
// codes goes through the decoder and becomes something that was drawn with one pen, though it need
// not be a digit:
//
//     picture: 06_way
//
// ## Holes
//
// What if the waist is wider than the picture, with 128 or 500 numbers? Then the network could hand
// on every pixel as it is. The loss would go towards 0, and nothing would have been learnt about
// digits. Such a network needs another reason to learn: a task that copying cannot do. Vincent,
// Larochelle, Bengio and Manzagol (2008) give it one: they make *holes* in the picture. Pixels
// chosen at random are set to 0, and what the network is asked for is the picture *without* holes.
// Now it has to know how digits go on. This is a *denoising autoencoder*.
//
// Before you write it, ask what the network would learn from each of these three mistakes: the
// picture that it is asked for has the same holes; the holes are the same in every step; the pixels
// that stay are made brighter, to make up for those that are gone.
//
// Once it has learnt this, it can fill in what is missing. It sees a picture with zeros where
// nothing is known, and its answer is put there. That may be done again: the next answer is about a
// picture with fewer holes.
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
// each is a small picture, a *filter*, and the neuron says how well what it sees agrees with it.
// Blue pixels speak for it and orange ones against it:
//
//     picture: 06_filters
//
// ## What is unusual
//
// An autoencoder gives back well what is like the pictures that it learnt from. It turns anything
// else into the nearest thing that it knows, and the error is large. So the error of a picture is a
// score: how unusual is it? This needs no example of what is unusual, and whoever looks for a
// fault, a fraud or a new kind of star has none. It is called *anomaly detection*.
//
// From which score on is a picture unusual? With a low limit you find all and raise many false
// alarms; with a high one, the other way round. The *ROC curve* draws both, for every limit.
// Upwards stands the share of the unusual that is found, to the right the share of the usual that
// raises a false alarm. The area under it is one number for all limits together, the *AUC*. And it
// has a plain meaning. Take one usual and one unusual picture at random: the area is the
// probability that the unusual one has the larger score, with 1/2 for a draw. So 1 is perfect, 1/2
// is a coin, and 0 is a score with the wrong sign.
//
// There are N M such pairs, which are many. But sort all N + M scores together, and number them
// from 1 on. Their numbers are *ranks*; equal scores share the mean of theirs, so 2, 5, 5 and 9
// have the ranks 1, 2.5, 2.5 and 4. With S the sum of the ranks of the unusual ones, and a number
// that you will find,
//
//     AUC = (S − what S is at least) / (N M)                                              (6.5)
//
// ## Exercise 6.4 — How unusual?
// *About 16 lines · difficulty 3 of 3 · 30 minutes*
//
// Write the error of each picture by itself. Then the area: (6.5), or in any way you like that is
// right for equal scores. What is S if every unusual score lies below every usual one? `std::sort`
// sorts pairs by their first number, and by the second where the first are equal.
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
        ranks += found * (first + 1.0 + next) / 2;
    }
    return (ranks - M * (M + 1.0) / 2) / N / M;
    //<
}

// Four networks learn all digits but one kind each, and are then asked about that kind as well:
//
//     picture: 06_curve
//
// ## The rule to beat
//
// Is a network needed to fill a hole? Try the simplest rule that is not silly. Let the known pixels
// around the hole flow into it, as heat flows through a sheet of metal whose rim is held warm here
// and cold there. When nothing flows any more, each pixel of the hole is the mean of its
// neighbours:
//
//     y_(r c) = 1/4 (y_(r−1 c) + y_(r+1 c) + y_(r c−1) + y_(r c+1))                       (6.6)
//
// This is Laplace's equation on a grid, and it gives the smoothest picture there is. At the rim of
// the picture a pixel has three neighbours, in a corner two, and the mean is over those.
//
// How does one find it? Put anything into the hole, and then set each of its pixels to the mean of
// its neighbours, again and again. One pass does not do, for each pixel that changes spoils (6.6)
// for its neighbours. But they are spoilt less and less. When no pixel changes by more than a
// millionth in a whole pass, (6.6) holds well enough for us.
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
//     picture: 06_holes
//
// In numbers, for a hole of 3×3 pixels: the mean square error of the nine is 0.396 when they are
// left at 0, 0.133 after diffusion, and 0.058 after two passes of the network.
//
// ## See it
//
// Three networks learn from 1,425 digits, in 4,000 to 8,000 steps each: one with 8 numbers in the
// middle, one with 2, and one that sees only half of the pixels. Their errors are those on 372
// other digits. Then four more learn, each without one kind of digit, and are asked about it. (The
// code that prints and draws, and the three ways to compare with, are in
// course/demos/06_pictures/.)
//
// Most of its pictures stand above. This one is about the way from one digit to another, in sixteen
// steps, averaged over 200 pairs. Two ways lead there: the pixels are mixed, or the codes. How
// large is the error of what comes back at each step?
//
//     picture: 06_error
//
// Before you run `make demo CHAPTER=06` (about 5 seconds): which digit will be noticed least by a
// network that has never seen one, the 0, the 1, the 4 or the 8? And when a hole is filled in four
// passes in place of two, is that better?
//
// `FULL=1 make demo CHAPTER=06` adds half a minute of learning from another set: ten kinds of
// clothes, in 14×14 pixels. Through 30 numbers a piece comes back with an error of 0.004; with 30
// principal components it is
// 0.007. Then 500 neurons learn to fill holes, and there the rule of 6.5 wins: 0.031 against 0.037.
// Clothes are smooth. Where a simple rule does as well, take the rule.
//
// ## Experiment
//
// The network for holes learns with `hidden_share` of the pixels hidden. Then half of the pixels of
// new digits are hidden, which makes an error of 0.115. The network brings it down to 0.025. Set
// `hidden_share` to 0, so that it learns from whole pictures, which is easier. What error will be
// left of the 0.115? Write it down, and run the demo. Then try 0.3 and 0.8.
static const float hidden_share = 0.5f;
static const double predicted = NAN;  // your error, such as 0.05

static const Demo demo("06", [] {
    using namespace pictures;
    const Data data = digits();
    const Learnt eight = learn("8 numbers", {64, 128, 8}, 0, 8000, data);
    show_errors(data, eight.net, "06_digits");
    const Learnt two = learn("2 numbers", {64, 128, 32, 2}, 0, 5000, data);
    show_plane(data, two.net);
    show_way(data, eight.net);
    const Learnt filler = learn("holes", {64, 256, 32}, hidden_share, 4000, data);
    compare("Error of what is left, when half of the pixels are hidden", predicted,
            show_holes(data, filler.net, "06_holes"));
    draw_filters(filler.net, data.side, "06_filters");
    show_unusual(data, eight.net);
    training::draw_losses("06_training", {eight.run, two.run, filler.run});
    if (asked_for("FULL")) show_clothes();
});

// ## Questions
//
// 1. How many numbers does the network with the sizes 64, 128 and 8 learn? How many would they be
//    if its weights were not tied?
// 2. What breaks if the error of what fills a hole is taken over the whole picture?
// 3. Look at the picture of the error along the way. Where is it largest, and why there? Is it fair
//    to compare the two curves?
// 4. The nearest known digit notices what is unusual at least as well as the network does. When
//    would you still take the network?
//> answers
//
// Answers.
//
// Predictions. See it: the 1. It is one stroke, and strokes are in all digits, so it comes back
// well although none was ever seen. Its area is 0.86; those of the others are 0.95 to 0.99. Four
// passes are not better: 0.065 against 0.058. The network never learnt to look at its own answers,
// and its small mistakes feed on themselves. After sixteen passes all that the second had won is
// lost. Experiment: with 0 it is 0.094. What can hand on each pixel hands on the holes. With 0.3 it
// is 0.028 and with 0.8 0.032: best is what it is then asked about.
//
// 1. 64 · 128 + 128 · 8 weights, 136 biases down and 192 up: 9,544. Without tying there are 9,216
//    more weights, 18,760 in all.
// 2. Nine of 64 pixels are in the hole, and the others are right in every way of filling. So all
//    errors become seven times smaller, and look alike: 0.056, 0.019 and 0.008 for zeros, diffusion
//    and the network. Measure where something was to be done.
// 3. Half-way, at step 8: there the mixed pixels are two digits at once, which no digit is. For
//    mixed codes it is not quite fair: the decoder made that picture, and it goes through the same
//    network once more. It cannot say what the decoder cannot draw. The pictures have to be looked
//    at.
// 4. When there are many. The nearest one is found by comparing with all 1,425, and a million would
//    have to be kept. The network has its 9,544 numbers, however many it has learnt from.
//<
//
// ## Where it comes from
//
// - Rumelhart, Hinton and Williams, "Learning internal representations by error propagation"
//   (1986): eight numbers through three. Baldi and Hornik, "Neural networks and principal component
//   analysis" (1989). Hinton and Salakhutdinov, "Reducing the dimensionality of data with neural
//   networks" (2006): deep ones.
// - Vincent, Larochelle, Bengio and Manzagol, "Extracting and composing robust features with
//   denoising autoencoders" (2008).
// - Mann and Whitney (1947) for the ranks. Hanley and McNeil, "The meaning and use of the area
//   under a receiver operating characteristic (ROC) curve" (1982).
// - Bertalmio, Sapiro, Caselles and Ballester, "Image inpainting" (2000): better rules for holes.
// - The digits: Alpaydin and Kaynak (1998). The clothes: Xiao, Rasul and Vollgraf, "Fashion-MNIST"
//   (2017).
//
// ## What you have now
//
// A network that learns from pictures without a label, what it has learnt about holes, and a
// measure for scores that needs no limit. Chapter 19 hides words in place of pixels, and that is
// how BERT learns.
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
