// The demo of chapter 17: a transformer learns from the dictionary how English sounds, is tested on
// words that it has never seen, and answers at a prompt. What it is made of and trained with is the
// chapter's own code.
#pragma once

#include "17_transformer.hpp"
#include "data/cmudict.hpp"
#include "training/trainer.hpp"

#include <string>

namespace speaking {

using cmudict::Entries;

struct Settings {
    int batch;              // words
    TrainingSettings rate;  // times a factor that falls evenly to 0
    double smoothing = 0, dropout = 0;
};

// Trains to the end of the plan, says how it went, and draws the losses. Not complete when it was
// interrupted.
training::Outcome learn(const Transformer& net, const training::Plan& plan,
                        const Settings& settings, const Dataset<Entries>& words, Random& random);

// How many words are wrong, and how many of their sounds, in a sample of so many, evenly spread
// over the entries. A width of 1 is greedy search, and a larger one that of a beam. With DEMO_WORDS
// in the environment, the sample has another size.
void print_error_rates(const Transformer& net, const Entries& held_out, int width, int sample);

// The same for whoever says, for each letter, the sound that it most often has: a baseline.
void print_baseline(const Dataset<Entries>& words, int sample);

// Some held-out words: how they sound, and what beam search finds, likeliest first.
void print_words(const Transformer& net, const Entries& held_out, int count);

// Where it looks in a word when it says each sound: in the terminal and as a picture.
void draw_attention(const Transformer& net, const std::string& word);

// The learning rate of the paper's base model, and two others.
void draw_rates();

// Answers for words that someone types, until the input ends; nothing unless it is a terminal.
void prompt(const Transformer& net);

}  // namespace speaking
