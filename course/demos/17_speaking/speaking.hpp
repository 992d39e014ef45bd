// The demo of chapter 17: a transformer learns from the dictionary how English sounds, is tested on
// words that it has never seen, and answers at a prompt. What it is made of and trained with is the
// chapter's own code.
#pragma once

#include "17_transformer.hpp"
#include "data/cmudict.hpp"

#include <string>

namespace speaking {

struct Plan {
    int steps, batch;  // how many, and how many words in each
    TrainingSettings training;
    double smoothing = 0, dropout = 0;
    std::string checkpoint = "";  // where to save it; without a path nothing is saved
};

// The file in which this run is kept, under build/checkpoints.
std::string checkpoint_path(const std::string& name);

// Trains to the end of the plan: the rate follows the chapter's schedule times a factor that falls
// evenly to 0. With a checkpoint it goes on where that ends, saves one every minute or so and when
// it is interrupted; at the end, the parameters alone go to the same path + ".trained". True when
// it has come to the end; false when it was interrupted, after saying how to go on. In the
// environment, DEMO_SECONDS ends training early, and DEMO_STEPS is another number of steps.
bool train(const Transformer& net, const Plan& plan, const pronunciation::Dictionary& dictionary,
           Random& random);

// Gives it the parameters of data/speaking.trained: what training in full came to. Throws
// std::runtime_error when their shapes are those of another model.
void read_trained(const Transformer& net);

// How many held-out words are wrong, and sounds, with a beam of that width; a width of 1 is greedy
// search. With DEMO_WORDS in the environment, only so many are tried.
void print_error_rates(const Transformer& net, const std::vector<pronunciation::Entry>& entries,
                       int width);

// Some held-out words: how they sound, and what beam search finds, likeliest first.
void print_words(const Transformer& net, const std::vector<pronunciation::Entry>& entries,
                 int count);

// Where it looks in a word when it says each sound: in the terminal and as a picture.
void draw_attention(const Transformer& net, const std::string& word);

// The learning rate of the paper's base model, and two others.
void draw_rates();

// Answers for words that someone types, until the input ends; nothing unless it is a terminal.
void prompt(const Transformer& net);

}  // namespace speaking
