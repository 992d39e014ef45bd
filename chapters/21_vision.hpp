// Chapter 21, Vision transformer. The prose, the reasons and the exercises are in 21_vision.cpp.
#pragma once

#include "15_encoder.hpp"

#include <functional>
#include <vector>

// Letters: B pictures of R rows and C columns of greys; N patches of P × P pixels in each, and so
// T = N + 1 tokens; D = d_model features, K kinds. Every function throws std::invalid_argument,
// with its name, when something does not fit.

// ## By hand: the four patches of a picture of 4 × 4, a row each, [4, 4].
Tensor patches_by_hand();

// ## Patches: from left to right and then from top to bottom, and so are the pixels of each. P is 1
// or more, and divides R and C.

Tensor patches_of(const Tensor& pictures, int P);  // [B, R, C] → [B, N, P P]

// And back: what `patches_of` makes of the result is `patches`.
Tensor pictures_of(const Tensor& patches, int R, int C, int P);  // [B, N, P P] → [B, R, C]

// ## The model: Dosovitskiy and others, "An image is worth 16x16 words: transformers for image
// recognition at scale" (2021).

enum class Summary { class_token, mean };  // of which rows the kind is read

struct VisionSettings {
    StackSettings stack;
    int rows = 8, columns = 8;  // of a picture
    int patch = 2;              // P
    int kinds = 10;             // K
    Summary summary = Summary::class_token;
};

// The row c in front of the rows of each picture: [D] and [B, N, D] → [B, N + 1, D].
Variable in_front(const Variable& c, const Variable& x);

struct VisionTransformer {
    VisionSettings settings;
    Linear embedding;      // [P P, D]
    Variable class_token;  // [D]
    Variable positions;    // [T, D], a row for each token
    Encoder encoder;
    Linear head;  // [D, K]

    VisionTransformer(const VisionSettings& settings_, Random& random);

    // What the encoder reads, [B, T, D], for pictures [B, R, C] of the size in the settings.
    Variable embed(const Tensor& pictures, const Dropout& dropout = Dropout()) const;

    // Logits [B, K]: the head's, of the row of the class token, or of the mean of all the others.
    Variable operator()(const Tensor& pictures, const Dropout& dropout = Dropout()) const;

    Parameters parameters() const;
};

// ## Motions of pictures

// Where the pixel at row r and column c comes from: from (y, x) = m + G ((r, c) − m − s), where m
// is the middle of the picture and s = (down, right).
struct Motion {
    float yy = 1, yx = 0, xy = 0, xx = 1;  // G: y is yy times down and yx times right
    float down = 0, right = 0;
};

// The grey at row y and column x of a picture [R, C] of finite greys, between pixels too: the mean
// of the four around, each weighted by (1 − its distance in rows) (1 − its distance in columns).
// All around the picture it is dark, 0.
float grey_at(const Tensor& picture, float y, float x);

Tensor moved(const Tensor& picture, const Motion& motion);  // [R, C] → [R, C]

// Each picture by a motion that is drawn for it, in order: [B, R, C] → [B, R, C].
using DrawMotion = std::function<Motion(Random& random)>;
Tensor moved_each(const Tensor& pictures, const DrawMotion& draw, Random& random);

Motion whole_pixels(Random& random);  // up or down by a pixel or not, and left or right or not

// A turn (radians), a slant, a stretch both ways and a shift (pixels), none larger than this.
Motion turned(Random& random, float turn, float slant, float stretch, float shift);
Motion small_turns(Random& random);  // as far as digits bear it

// ## What a network is worth

using Classifier = std::function<Variable(const Tensor& pictures)>;  // → logits [B, K]

struct Measured {
    double loss, right;  // the mean cross-entropy, and the share that is right, of all pictures
};

// The pictures are asked as they are, in order, `batch` of them at once and what is left over at
// last; a batch may be far more than all. No tape runs, and behind it all is as before, even when
// the network throws. Labels are kinds, from 0 to K − 1. Sums are in double. Throws for no picture,
// and for a batch below 1.
Measured measure(const Classifier& net, const Tensor& pictures, const std::vector<int>& labels,
                 int batch);

// ## Where it looks

// For each layer, how much each token takes from each, the mean of its heads: [B, T, T]. No tape.
std::vector<Tensor> attention_of_layers(const Encoder& encoder, const Variable& x);

// What arrives where, through all layers, the first one first: Abnar and Zuidema, "Quantifying
// attention flow in transformers" (2020). Throws when there is no layer.
Tensor rollout(const std::vector<Tensor>& A);  // [B, T, T] each, rows of sum 1 → [B, T, T]

// The first row without its own first number, divided by its sum, which is above 0: [B, T, T] →
// [B, T − 1]; T ≥ 2.
Tensor seen_by_class(const Tensor& R);
