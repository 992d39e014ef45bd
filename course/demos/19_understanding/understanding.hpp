// The demo of chapter 19: a small BERT that is pre-trained on what words mean, fills in what is
// hidden, is fine-tuned to say which kind of thing a definition defines, and, another one, answers
// questions by a span of a text; and a GPT that learns which names are liked.
#pragma once

#include "19_bert.hpp"
#include "kit/tokens.hpp"
#include "training/trainer.hpp"

#include <string>
#include <vector>

namespace understanding {

// ## What it reads: definitions, and the words that they define

// The dictionary of chapter 7: what is learnt from, and what is held out.
struct Library {
    Vocabulary vocabulary;
    Sequences definitions, words;                    // in tokens
    Sequences held_out_definitions, held_out_words;
};
Library library();
Library large_library(const std::string& folder = "/usr/share/wordnet");  // all of WordNet

Bert new_bert(const Vocabulary& vocabulary, Random& random);

// ## Pre-training

// Trains to the end of the plan, and says how it went. Not complete when it was interrupted.
training::Outcome pretrain(const Bert& net, const training::Plan& plan, const Library& from,
                           Random& random);

void print_sizes(const Bert& net, const Library& texts);

// How well it fills in what is held out, and how well someone who knows only how frequent each word
// is; and how many pairs it tells apart.
void print_loss(const std::string& when, const Bert& net, const Library& texts);

// Some gaps, and the words that it puts into them.
void print_gaps(const Bert& net, const Library& texts);

// The same for what someone types; nothing unless it is a terminal.
void prompt(const Bert& net, const Vocabulary& vocabulary);

// ## Fine-tuning

// Which of ten kinds does a definition define? Four ways to learn it from few labels and many, each
// three times, and naive Bayes beside them; one picture. Returns the percentage that is right when
// all learns, with 200 labels.
double show_kinds(const Bert& net, const Vocabulary& vocabulary, double body_rate,
                  double head_rate);

// ## Questions

// Another BERT, from scratch, learns in so many steps to answer questions by spans of a text.
void show_spans(int steps);

// ## Preferences

// A GPT of chapter 18 learns names. From there on it learns to write those that are liked, once
// with this penalty for leaving the start, and once without: numbers, names and a picture. When
// chapter 18 is not done, it says so.
void show_preferences(double penalty);

}  // namespace understanding
