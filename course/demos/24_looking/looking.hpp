// The demo of chapter 24: what a network that knows light curves looks at, what counts for its
// answers, and what the heads of two language models are good for.
#pragma once

#include "18_gpt.hpp"
#include "24_reading_attention.hpp"

#include <string>
#include <vector>

namespace looking {

// ## Light curves (curves.cpp)

// Chapter 23's network, with what it learnt in its long run.
CurveNet trained_net();

// Some curves; how all heads look at them, and what each point is worth for the answer.
struct Looked {
    Curves curves;
    CurveBatch batch;
    std::vector<Tensor> weights;  // of each layer, [B, H, R, R]
    Tensor effect;                // [B, T]
};
Looked look(const CurveNet& net, const Curves& curves);

// How far attention, rollout and some others put the points in the order of their effects, and what
// becomes of the answers when the first five of each order are hidden. Returns the mean rank
// correlation of the class token's look in the last layer.
double compare_orders(const CurveNet& net, const Looked& looked);

// A curve, and under it each head's look, rollout and occlusion.
void draw_curve(const Looked& looked, int number, const std::string& picture);

// A point of each curve is moved by so many of its errors. What do attention and occlusion make of
// it? Returns how many times a fair share of the last layer's look it has then.
double plant(const CurveNet& net, const Looked& was, int errors);

// What is lost without each head, and without each layer's attention.
void switch_off(CurveNet net, const CurveBatch& batch);

// ## A language model (novel.cpp)

// Where the heads of a GPT look, for sequences that are equally long: L times [B, H, T, T].
std::vector<Tensor> weights_of(const Gpt& net, const Sequences& batch);

// Two tables of numbers side by side, a line for each layer and a column for each head.
void print_tables(const std::string& left, const Tensor& a, const std::string& right,
                  const Tensor& b);

// Chapter 18's model of a novel, with what it learnt: which heads look one back, what they are
// worth, and whether anything in it copies.
void show_novel();

// ## Copying (copying.cpp)

// Two models learn to go on with random tokens that are repeated: one with a single layer, one with
// two. `steps` for each; at 0, what was learnt before is read.
void show_copying(int steps, bool kept);

}  // namespace looking
