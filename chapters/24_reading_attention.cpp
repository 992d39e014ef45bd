// # 24. Reading attention
//
// ‹What one builds here, why it matters, and what can be seen at the end: three sentences, then a
// picture that the demo makes, or where we are in the transformer.›
//
// Needs: chapters ‹1 and 3›.
// Check: `make check CHAPTER=24`.
// Letters: ‹each letter that a formula uses, and what it counts›.
// Minutes: about ‹the sum that tests/minutes.awk prints›.

#include "24_reading_attention.hpp"

#include "kit/chapter.hpp"

#include <cstdio>

// ## ‹An idea›
//
// ‹The idea in words. The formula, on a line of its own, with its number. The code, with the letters of
// the formula. Why it is so. Then the exercise.›
//
// ## Exercise 24.1 — By hand
// *About 1 line · difficulty 1 of 3 · 10 minutes*
//
// ‹The smallest example that shows something: numbers that one works out on paper.›
Tensor by_hand_24() {
    // TODO 24.1: numbers, to three decimals
    todo("24.1");
}

// ## See it
//
// ‹What the demo does, what to guess before one runs it, and how many seconds it takes.›
static const Demo demo("24", [] {
    const Tensor numbers = by_hand_24();
    for (const float number : numbers.data) std::printf("  %.3f", number);
    std::printf("\n");
});

// ## Experiment
//
// ‹Change one number that is named here. What will come of it? Write it down, then run.›
//
// ## Questions
//
// 1. ‹One to count.›
// 2. ‹One: what breaks if?›
// 3. ‹One picture to read.›
// 4. ‹One to discuss.›
//
// ## Where it comes from
//
// ‹Who, what, when: five lines.›
//
// ## What you have now
//
// ‹What later chapters build on, in a sentence or two.›
