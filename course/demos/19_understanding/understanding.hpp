// The demo of chapter 19: a small BERT that is pre-trained on what words mean, fills in what is
// hidden, is fine-tuned to say which kind of thing a definition defines, and, another one, answers
// questions by a span of a text.
#pragma once

#include "19_bert.hpp"
#include "kit/tokens.hpp"
#include "training/trainer.hpp"

#include <string>
#include <vector>

namespace understanding {

// ## What it reads: definitions, and the words that they define

struct Texts {
    std::vector<std::string> definitions, words;
};

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

// What is hidden in a text, as "a large [mask] that lives in the sea", and which words define it.
void fill_in(const Bert& net, const Vocabulary& vocabulary, const std::string& text);
void find_words(const Bert& net, const Vocabulary& vocabulary, const std::string& definition);

}  // namespace understanding
