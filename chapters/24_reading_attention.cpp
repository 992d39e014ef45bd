// # 24. Reading attention
//
// An encoder can be asked what it looked at. It has the weights at hand, one for each pair of rows,
// in each head of each layer, and a picture of them is soon made. Such pictures have been printed
// as explanations. Are they? In this chapter you draw them, for the light curves of chapter 23, and
// then you do what a picture cannot: you cover a point, and see whether the answer changes. Here is
// a flare that was recognised; what the class token takes of some of its points, in the mean of the
// last layer's heads; and how much the answer changes without each of them:
//
//        day        5    22    96   101   103   113   159   173
//        flux    −.06  −.04   .00   .54   .42   .21  −.06   .07
//        look, %    8     7     4     1     1     1    11     2
//        effect    .7    .3    .2    .3    .2    .1   −.2   1.0
//
// A fair share would be 3 %. The flare itself is hardly looked at, and the point at which the
// network looks most speaks against its answer.
//
// Needs: chapters 12, 15, 21 and 23.
// Check: `make check CHAPTER=24`.
// Letters: B curves or sentences of R rows, of which row 0 is the class token and T = R − 1 are
// points; L layers of H heads of d features, D = H d; C kinds, z their logits.
// Minutes: about 145.

#include "24_reading_attention.hpp"

#include "demos/24_looking/looking.hpp"
#include "kit/chapter.hpp"
#include "kit/environment.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <string>

static void require(bool holds, const std::string& otherwise) {
    if (!holds) throw std::invalid_argument(otherwise);
}

// ## What one weight says
//
// Row i asks, and row j answers with the weight A(i, j): this share of what head h brings to row i
// is row j's *value*. So much is certain, and it is less than it seems. In the first layer, row j
// is point j. In the second, it is what the first layer made of it: point j, and whatever point j
// has taken from others. A weight on row j is one on everything that has arrived there.
//
// *Rollout* (21.6) follows what arrives where. Half of a row comes from where the heads look, and
// half from the row itself, along the residual path:
//
//     Ā = 1/2 (A + I),   R = Ā_L … Ā_2 Ā_1                                               (24.1)
//
// Row 0 of R says what the class token has from where. Its first number is what it has from itself,
// and that is of no curve in particular; without it, the rest is divided by its sum.
//
// ## Exercise 24.1 — By hand
// *About 1 line · difficulty 1 of 3 · 10 minutes*
//
// Take paper. There are a class token c and two points, a and b, and two layers of one head. These
// are A_1 and A_2; each row says where one looks:
//
//        first layer   c    a    b     second layer  c  a  b
//        c looks at   0.5  0.5   0     c looks at    0  1  0
//        a looks at    0   0.5  0.5    a looks at    1  0  0
//        b looks at    0    0    1     b looks at    0  0  1
//
// The class token never looks at b. Does anything of b arrive? Find row c of R, by (24.1): what it
// has from c, from a, and from b. Then the shares of a and of b among the points. Return the five.
Tensor arrived_by_hand() {
    // TODO 24.1: a row of five
    todo("24.1");
}

// ## Who looks where
//
// For pictures, chapter 21 asked each layer for its weights, and took the mean of the heads at
// once. That is not enough here. A batch of curves has a mask, and whoever asks without it gets
// weights that no layer ever used. And heads do different things, which a mean hides. So the
// weights of every head and layer are wanted, under the mask with which the encoder runs. Nothing
// about attention is to be written again: `attention.weights` of chapter 12 says where a layer
// looks, if it is asked what the layer is asked.
//
// Two things are then read from a stack of weights [B, H, R, R]. Of curves, row 0: what the class
// token takes of the points. Of text, diagonals: if a head always looks at the row before, its
// weights are large on the diagonal below the main one, where j = i − 1. The mean along a diagonal,
// from row f to row R − 1, over all sentences, says how far a head is of that kind. With the N =
// B (R − f) numbers of it, k rows back:
//
//     m_h = 1/N Σ_b Σ_i A_bh(i, i − k)                                                   (24.2)
//
// ## Exercise 24.2 — Weights of all heads
// *About 25 lines · difficulty 2 of 3 · 30 minutes*
//
// First the weights. The encoder's layers come one after the other; a layer's norm may stand in
// front of its sublayers, or behind them.
std::vector<Tensor> weights_of_layers(const Encoder& encoder, const Variable& x,
                                      const Tensor& mask) {
    require_shapes("weights_of_layers", {{x.shape(), "B R D"}});
    const NoTape no_tape_here;
    std::vector<Tensor> all;
    // TODO 24.2: about 7 lines
    todo("24.2");
}

// Then the class token's own weight is left out of its row, and the rest divided by the sum of the
// rest. A curve of which no point may be seen has no rest: zeros.
Tensor shares_of_points(const Tensor& rows) {
    require_shapes("shares_of_points", {{rows.shape, "N R"}});
    const int N = rows.shape[0], T = rows.shape[1] - 1;
    require(T >= 0, "shares_of_points: there is no class token in " + to_string(rows.shape));
    Tensor shares({N, T});
    // TODO 24.2: about 6 lines
    todo("24.2");
}

// The same for each head of each curve: where does the class token's row stand?
Tensor looks_of_class(const Tensor& weights) {
    require_shapes("looks_of_class", {{weights.shape, "B H R R"}});
    const int B = weights.shape[0], H = weights.shape[1], R = weights.shape[2];
    require(R >= 1, "looks_of_class: there is no class token in " + to_string(weights.shape));
    // TODO 24.2: about 3 lines
    todo("24.2");
}

// And (24.2), with k = `back` and f = `first`.
Tensor weight_behind(const Tensor& weights, int back, int first) {
    require_shapes("weight_behind", {{weights.shape, "B H R R"}});
    const int B = weights.shape[0], H = weights.shape[1], R = weights.shape[2];
    require(back >= 0 && back <= first && first < R && B >= 1,
            "weight_behind: " + std::to_string(back) + " rows back, from row " +
                std::to_string(first) + " on, in " + to_string(weights.shape));
    Tensor means({H});
    // TODO 24.2: about 6 lines
    todo("24.2");
}

// ## What arrives
//
// (24.1) multiplies whole matrices, R³ products for each layer, and then reads one row. One row is
// enough. Begin with the class token above the last layer: all of it is its own, r = [1, 0, …, 0].
// What did it have below that layer? The share o that it brought along itself, by the residual
// path, and the rest from where it looked:
//
//     r ← o r + (1 − o) r A_l,   from l = L down to 1                                    (24.3)
//
// A is the mean of the heads of layer l, and o was 1/2 in (24.1). The row stands on the left of the
// matrix, and the last layer comes *first*. Why half? Nobody has measured it: how much of a row is
// its own depends on how long the vectors are that attention adds to it. With o as a number, you
// can ask whether it matters. At o = 0 the residual path is forgotten, at 1 nothing is ever taken.
//
// ## Exercise 24.3 — Rollout of one row
// *About 8 lines · difficulty 2 of 3 · 15 minutes*
//
// Write (24.3) for a batch of weights of all heads. What is returned are shares of points, as in
// 24.2. (`mean(x, axis)` and `matmul` do most of it.) Chapter 21's whole matrices say the same
// where o is a half. Use them to see whether yours is right, and not to answer.
Tensor arrived_at_class(const std::vector<Tensor>& weights, double own) {
    require(!weights.empty(), "arrived_at_class: there is no layer");
    require(own >= 0 && own <= 1, "arrived_at_class: a share of " + std::to_string(own));
    for (const Tensor& layer : weights)
        require_shapes("arrived_at_class",
                       {{weights[0].shape, "B H R R"}, {layer.shape, "B H R R"}});
    const int B = weights[0].shape[0], R = weights[0].shape[2];
    require(R >= 1, "arrived_at_class: there is no class token");
    // TODO 24.3: about 8 lines
    todo("24.3");
}

// ## What counts
//
// There is a way to find out whether a point matters that needs no weights at all: hide it, and ask
// again. This is *occlusion*. What is compared is one and the same answer, the one that is given
// when all may be seen. Its probability is a poor measure, for a network that is sure says 0.9999
// with a point and 0.9998 without. The *log odds* do not end at 1. For the answer k they are
//
//     log(p_k/(1 − p_k)) = z_k − log Σ_(j≠k) e^(z_j)                                     (24.4)
//
// The effect of a point is (24.4) with all points, minus (24.4) without this one. Above 0, the
// point speaks for the answer, and below 0 against it. No weight of attention has a sign: a row
// that says "this is no flare" is looked at as much as one that says that it is.
//
// And how does one take a point away? Setting its numbers to zero does not do it. That is a point
// too, one with a mean flux, no error, and no time, which is like nothing that the network knows;
// and it is looked at. Taking it out of the curve, before the batch is made, is not quite it
// either: then the mean flux and s of (23.5) are others, and *all* points are changed. What may not
// be seen is said by the mask, and there the point is to be hidden.
//
// Here is a function that compiles, and draws beautiful pictures. Five things are wrong with it.
//
//        const Tensor y = net(batch).value();
//        const Tensor with = log_odds(y, batch.kinds);
//        CurveBatch less = batch;
//        for (int i = 0; i < T; ++i) {
//            for (int b = 0; b < B; ++b)
//                std::fill_n(&less.points(b, i, 0), F, 0.0f);
//            const Tensor z = net(less).value();
//            const Tensor without = log_odds(z, argmax(z));
//            for (int b = 0; b < B; ++b)
//                changes(b, i) = with.data[b] - without.data[b];
//        }
//
// Find them. Two concern the answer, and three the points; and of the two that concern the answer,
// one shows only where the network is wrong, and the other only where it changes its mind.
//
// ## Exercise 24.4 — Occlusion
// *About 20 lines · difficulty 3 of 3 · 40 minutes*
//
// First (24.4). Logits may be thousands, so the largest of the others is subtracted before e; sums
// in double. (log p − log(1 − p) would be −log 0 where the network is sure.)
Tensor log_odds(const Tensor& logits, const std::vector<int>& answers) {
    require_shapes("log_odds", {{logits.shape, "B C"}, {{size_of(answers)}, "B"}});
    const int B = logits.shape[0], C = logits.shape[1];
    require(C >= 2, "log_odds: of " + std::to_string(C) + " kinds");
    for (int k : answers) require(k >= 0 && k < C, "log_odds: kind " + std::to_string(k));
    Tensor ahead({B});
    // TODO 24.4: about 9 lines
    todo("24.4");
}

// Then the function above, as it should be. `argmax` of chapter 4 takes the first of equals. All
// curves of the batch can lose their point i at once.
Tensor occlusion(const CurveReader& net, const CurveBatch& batch) {
    require_shapes("occlusion", {{batch.points.shape, "B R F"}, {batch.seen.shape, "B R"}});
    const int B = batch.seen.shape[0], T = batch.seen.shape[1] - 1;
    require(T >= 0, "occlusion: there is no class token");
    const NoTape no_tape_here;
    Tensor changes({B, T});
    // TODO 24.4: about 9 lines
    todo("24.4");
}

// ## Do they agree?
//
// Shares and log odds are numbers of two kinds, and nobody has said that one should be twice as
// large where the other is. What can be asked is whether they put the points in the same order.
// Give each value its *rank*, 1 for the smallest; values that are equal share the mean of their
// places. With a_i and b_i for the ranks of point i, and m for their mean, the *rank correlation*
// is
//
//     ρ = Σ_i (a_i − m)(b_i − m)/√(Σ_i (a_i − m)² Σ_i (b_i − m)²)                        (24.5)
//
// It is 1 for the same order, −1 for the opposite one, and near 0 for two that know nothing of each
// other. Two things are easily overlooked. When all values are equal there is no order, and (24.5)
// is 0/0; let it be 0 then. And points that are missing have a share of 0 and an effect of 0. Two
// lists with twenty common zeros agree splendidly, and about nothing.
//
// ## Exercise 24.5 — Ranks
// *About 25 lines · difficulty 2 of 3 · 30 minutes*
//
// First the ranks, then (24.5), then both for each curve of a batch. In double.
std::vector<double> ranks_of(const std::vector<double>& values) {
    std::vector<double> ranks;
    // TODO 24.5: about 5 lines
    todo("24.5");
}

double rank_correlation(const std::vector<double>& x, const std::vector<double>& y) {
    require(x.size() == y.size(), "rank_correlation: " + std::to_string(x.size()) + " values and " +
                                      std::to_string(y.size()));
    // TODO 24.5: about 9 lines
    todo("24.5");
}

std::vector<double> agreement(const Tensor& x, const Tensor& y, const Tensor& seen) {
    require_shapes("agreement", {{x.shape, "B T"}, {y.shape, "B T"}, {seen.shape, "B R"}});
    const int B = x.shape[0], T = x.shape[1];
    require(seen.shape[1] == 1 + T, "agreement: " + to_string(seen.shape) + " rows are seen of " +
                                        to_string(x.shape) + " points");
    std::vector<double> all;
    // TODO 24.5: about 9 lines
    todo("24.5");
}

// ## What a head is worth
//
// What can be done to a point can be done to a head. By (12.3) each head adds something of its own
// to the layer's output: what it found, times its d rows of W^O. When these rows are 0, it adds
// nothing, whatever it looks at, and no other head is touched.
//
// There is one trap, and it is in C++. A `MultiHeadAttention` is a few `Variable`s, and these are
// pointers: a copy of a layer has the *same* parameters. Whoever makes a copy, and sets the values
// of its W^O, has switched the head off in the network itself, for ever.
//
// The *worth* of a head is what the loss is without it, minus what it was. One head at a time: the
// next one is tried with all others back in place.
//
// ## Exercise 24.6 — A head switched off
// *About 16 lines · difficulty 2 of 3 · 20 minutes*
//
// First the layer without head h. A new `parameter(W)` is nobody else's.
MultiHeadAttention without_head(const MultiHeadAttention& layer, int h) {
    require(h >= 0 && h < layer.num_heads, "without_head: head " + std::to_string(h) + " of " +
                                               std::to_string(layer.num_heads));
    // TODO 24.6: about 5 lines
    todo("24.6");
}

// Then the worth of all heads of some layers, which stand in a network that `loss` asks. They are
// given as pointers, so that one can be exchanged, `*layers[l] = …`, and put back. (A copy that was
// made before has the old W^O.)
Tensor worth_of_heads(const std::vector<MultiHeadAttention*>& layers,
                      const std::function<double()>& loss) {
    require(!layers.empty(), "worth_of_heads: there is no layer");
    const int L = size_of(layers), H = layers[0]->num_heads;
    for (const MultiHeadAttention* layer : layers)
        require(layer->num_heads == H, "worth_of_heads: layers have different numbers of heads");
    Tensor worth({L, H});
    // TODO 24.6: about 9 lines
    todo("24.6");
}

// ## See it
//
// The demo has the network of chapter 23, with what it learnt in its long run, so there is nothing
// to wait for. It hides each point of 120 curves that the network has not seen, and says which
// orders of the points agree with what was found: the weights of single heads, of layers, rollout.
// It draws a curve with all of these, moves one point far off, and switches heads off. Then it
// turns to the model of a novel of chapter 18; and at last two small models learn to go on with
// random tokens that are repeated, one of a single layer, and one of two. (The rest is in
// course/demos/24_looking/.)
//
// `TRAINED=1 make demo CHAPTER=24` shows these two as they are after a longer training, at once.
//
// Before you run `make demo CHAPTER=24`: which agrees better with occlusion, the weights of the
// last layer or rollout? And can one layer copy?
//
// ## Experiment
//
// One point of each curve is moved by 30 of its errors. The last layer then gives it 3.7 times a
// fair share. Set `errors` to 5, which is far off still, but no more than curves really move. How
// many times will it be then? Write it down, and run the demo.
static const int errors = 30;
static const double predicted = NAN;  // such as 1

static const Demo demo("24", [] {
    const bool full = asked_for("FULL"), trained = asked_for("TRAINED");
    const CurveNet net = looking::trained_net();
    Random random(24);
    const Curves curves = light_curves::draw(4, 120, 4, brightness, random).held_out;
    const looking::Looked looked = looking::look(net, curves);
    looking::compare_orders(net, looked);
    looking::draw_curve(looked, 26, "24_flare");
    looking::switch_off(net, looked.batch);
    const double share = looking::plant(net, looked, errors);
    compare("times a fair share", predicted, share);
    looking::show_novel();
    looking::show_copying(trained ? 0 : full ? 8000 : 1000, full);
});

// ## What came of it
//
// The weights of the last layer say next to nothing about what counts: the mean rank correlation
// with the size of the effect is 0.11, and those of single heads are around 0. In the first layer
// each head looks at a part of the time that is its own, whatever shines. It has to: there the
// class token knows nothing of the curve yet, and asks all curves the same. Rollout comes to 0.50.
// But which order is best depends on the question. Hide the five points that rollout puts first,
// and 3 % of the answers change; with head 0 of the second layer, 9 %; with occlusion, 13 %. And
// without the five that are farthest from the mean flux, 14 % change. No single point of a flare is
// missed, for its neighbours say the same; all together they are.
//
//     picture: 24_flare — A flare: what each head looks at, rollout, and occlusion
//
// A point that is far off draws the eyes. The last layer gives it 3.7 times a fair share; in 43 %
// of the curves its heads, in the mean, look at no other point as much, and in 70 % no other has as
// large an effect. That is of use: with one such point in each curve, 71 % of the answers are
// right, and 95 % when the point of the largest effect is hidden, whichever that is. With rollout
// in the place of the effect it is 82 %. But 95 % is also what is left when nothing was planted,
// and a good point is hidden in each curve.
//
// Of eight heads, two could be spared. Without all of the second layer's, 30 % more of the answers
// are wrong, which is far more than what the single ones are worth together.
//
// ## Heads that copy
//
// Language models have heads that can be named. There are *previous-token heads*, which look one
// back. In the model of the novel two heads of the first layer do so more than others, with a
// weight of 0.2, and one of them is worth more than any other head. Others have been found in
// larger models: *induction heads*, which look for the place where this token stood before, and
// then at what followed. They can copy what was never seen in training. One tells by random tokens
// that are repeated: the second time, such a model knows what comes. The model of the novel does
// not. It was trained for 2,000 steps, and it has never seen text without sense.
//
// So the demo trains two models on nothing else. To copy, one must find an earlier place by what
// stands *before* it, for what stands there is what is wanted. A layer of attention compares rows,
// and the row of that place knows only itself. It takes two layers: a head of the first writes into
// each row what stands before it, and a head of the second finds it there. One layer has 18 % right
// of what can be copied, after 8,000 steps: it looks at all tokens alike. Two layers have 99.5 %.
// That does not come slowly, as you see from the curves, but at once, when both layers have found
// each other.
//
//     picture: 24_copying — A head that looks one back, and a head that copies
//
// Then switch heads off. All four heads of the second layer copy, and without one of them nothing
// is lost. Two of the first look one back, and without one of them 92 % are still right. Whoever
// had tried heads one by one would have said that none of them matters. Without all of the second
// layer, nothing is left.
//
// ## What attention is not
//
// It is no explanation of an answer. Jain and Wallace (2019) found what you have found: weights
// hardly agree with what is missed when a word is left out, and with quite other weights a network
// may say the same. Wiegreffe and Pinter (2019) answered that it depends on what one calls an
// explanation, and on whether those other weights could have been learnt. Both are read best side
// by side. Weights are true of one thing: how rows were mixed, in this head. They say nothing of
// what the values are that were mixed (Kobayashi and others, 2020, multiply by their lengths),
// nothing of what later layers made of them, and nothing of what else would have led to the same
// answer.
//
// Nor is what a head does told by what it looks at. Clark and others (2019) found heads in BERT
// that go from a verb to its object, and many that look at the separator, which means nothing: that
// is where a head looks when it has nothing to say. A weight has to go somewhere, for its row sums
// to 1.
//
// What helps is to do something and see what changes, as 24.4 and 24.6 do. That has limits of its
// own, as you saw: what is there twice is not missed once. And a network with a point less, or a
// head less, is one that was never trained.
//
// ## Questions
//
// 1. A curve has 40 points, and all are seen. How many weights has the network of the demo for it,
//    of two layers with four heads? How often does `occlusion` ask it? How often would it have to
//    be asked for every pair of points?
// 2. What breaks if you hide a point by a NaN in its flux, and then make the batch? Think of a
//    point that was planted.
// 3. Look at the picture of the flare. Which heads look at the flare itself? Where does occlusion
//    see the largest effects, and why not there?
// 4. A bank must say why it has refused a loan. It prints the three lines of the application that
//    have the largest weights. What do you say, and what would you ask for?
//
// ## Where it comes from
//
// - Jain and Wallace, "Attention is not explanation", and Wiegreffe and Pinter, "Attention is not
//   not explanation" (both 2019).
// - Clark, Khandelwal, Levy and Manning, "What does BERT look at?" (2019).
// - Abnar and Zuidema, "Quantifying attention flow in transformers" (2020): rollout.
// - Michel, Levy and Neubig, "Are sixteen heads really better than one?" (2019): heads switched
//   off.
// - Elhage and others, "A mathematical framework for transformer circuits" (2021), and Olsson and
//   others, "In-context learning and induction heads" (2022).
// - Kobayashi and others, "Attention is not only a weight" (2020): weights times lengths of values.
//
// ## What you have now
//
// Pictures of attention, and a way to test what they seem to say. Chapter 25 asks a network for
// numbers that have a meaning of their own, and there one can simply measure whether it is right.
