// The demo of chapter 10: words that mean nothing are read, and written backwards, from the last
// state alone or with all of them on the table.
#pragma once

#include "10_recurrent_attention.hpp"
#include "data/dataset.hpp"
#include "kit/tokens.hpp"
#include "training/trainer.hpp"

#include <memory>
#include <string>
#include <vector>

namespace backwards {

constexpr int hidden = 32;           // H and A
constexpr int longest_learnt = 20;   // letters of a word, from 2 on
constexpr int longest_written = 29;  // letters, before it must end

// A network that has learnt, and how that went.
struct Learnt {
    std::string name;
    std::unique_ptr<EncoderDecoder> net;
    training::Outcome run;
};
Learnt learn(const std::string& name, Looking looking);

// Of some words, what the network is to write.
struct Examples {
    Sequences words, targets;
};
training::Outcome teach(const EncoderDecoder& net, const training::Plan& plan,
                        const Dataset<Examples>& data, const Vocabulary& vocabulary, double rate,
                        Random& random);

// What the network writes by itself, always the likeliest symbol, until it says that it ends.
Sequences written(const EncoderDecoder& net, const Sequences& words, const Vocabulary& vocabulary);

// Of new words of one length, those in which every letter is right.
double percent_right(const Learnt& learnt, int length);

// The same for all lengths, also beyond the longest that was learnt from: a table and a picture.
void show_lengths(const std::vector<const Learnt*>& all);

// A few words, as each of the two writes them.
void show_words(const Learnt& blind, const Learnt& sees);

// Where it looks while it writes a word: in the terminal and as a picture.
void draw_alignment(const Learnt& sees, const std::string& word);

// FULL=1: with attention, it learns how English words of 3 to 8 letters sound.
void learn_sounds();

}  // namespace backwards
