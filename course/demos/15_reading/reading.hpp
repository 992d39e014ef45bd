// The demo of chapter 15: what an encoder that has learnt to read knows about a letter, and what
// encoders with a part missing still learn.
#pragma once

#include "15_encoder.hpp"
#include "kit/tokens.hpp"

#include <string>
#include <vector>

namespace reading {

// How like the g of `thought` is to that of other words, from layer to layer, in the encoder that
// chapter 17 has trained: a table and a picture.
void show_thought();

// ## Encoders with parts missing, and two tasks for them

struct Part {
    const char* name;
    StackSettings settings;
    bool positions = true, attention = true, queries = true, feed_forward = true;
};

struct Examples {
    Sequences sequences;
    std::vector<int> answers;  // from 0 to C − 1
};

struct Task {
    const char* name;
    int V, C;   // kinds of tokens, and of answers
    bool last;  // is the answer read from the last row, or from the mean of all?
    int steps;
    Examples training, held_out;
};

Task order();   // X and Y, which came first?
Task recall();  // the last letter stands there once more: what came after it?

// The encoder beside the cells of chapter 5, as the sequences of *order* become longer. The cells
// take part when that chapter is done.
void show_lengths();

// Each token is a 1 at its own place among V numbers, of which a learnt matrix makes D features.
struct Reader {
    Part part;
    bool last;
    Linear embedding, answer;
    Encoder encoder;

    Reader(const Part& part_, const Task& task, Random& random);
    Variable operator()(const Sequences& sequences) const;  // logits [B, C]
    Parameters parameters() const;                          // without those that are missing
};

}  // namespace reading
