// The demo of chapter 20: a transformer learns to put phrases into German, and another to say in a
// word or two what a dictionary explains. What they are measured by, and how they search, is the
// chapter's own code.
#pragma once

#include "20_seq2seq.hpp"
#include "data/phrases.hpp"
#include "training/pairs.hpp"

#include <string>
#include <vector>

namespace translating {

using phrases::Phrase;
using phrases::Phrases;

// What is learnt, and what is asked, with one vocabulary for both languages. So many lists of four
// names are learnt, and not held out.
struct Task {
    Dataset<Phrases> data;
    Vocabulary vocabulary;

    explicit Task(int lists_of_four = 0);
};

struct Settings {
    int tokens;  // of a batch, with its padding
    training::PairSettings learning;
};

// Trains to the end of the plan, shows now and then what becomes of two phrases, says how it went,
// and draws the losses. Not complete when it was interrupted.
training::Outcome learn(const Transformer& net, const Task& task, const training::Plan& plan,
                        const Settings& settings, Random& random);

// The German of these phrases: by greedy search, or by a beam that is wider than 1.
Sequences translated(const Transformer& net, const Task& task, const Phrases& some, int width = 1);

// For each kind of what is held out, which share is right to the last word, and the BLEU: of the
// dictionary that says, for each word, the one that most often comes with it; and of greedy search.
// Returns the share of the lists of four that are right.
double print_scores(const Transformer& net, const Task& task);

// Greedy search beside a beam of 4, on a sample, and whether the search or the model is to blame.
// With DEMO_WORDS in the environment, the sample has another size.
void print_search(const Transformer& net, const Task& task, int sample);

// What it makes of these phrases, which are held out, and of all that is held out some of what is
// wrong.
void print_translations(const Transformer& net, const Task& task,
                        const std::vector<std::string>& english);

// Where it looks in a phrase when it says each word: in the terminal and as a picture.
void draw_alignment(const Transformer& net, const Task& task, const std::string& english);

// ## Summaries: from a definition to what it defines a kind of

// Trains for so many steps, and prints how it does on held-out definitions beside two rules.
void summarise(int steps);

}  // namespace translating
