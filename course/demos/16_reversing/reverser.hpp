// The demo of chapter 16: an encoder reads a word, and a decoder writes it backwards.
#pragma once

#include "16_decoder.hpp"
#include "data/reversed_words.hpp"

#include <string>

namespace reversing {

// Letters: B words, T letters that are written and S that are read, V letters and marks. Each is a
// 1 at its own place among V numbers, of which a learnt matrix makes D features.
struct Reverser {
    Linear source, target, answer;
    Encoder encoder;
    Decoder decoder;

    Reverser(const StackSettings& settings, Random& random);
    Variable read(const Sequences& words) const;  // the memory [B, S, D]

    // The logits of what follows each letter that is written so far: [B, T, V].
    Variable write(const Sequences& so_far, const Variable& memory, const Sequences& words) const;
    Parameters parameters() const;
};

// What the chapter's greedy search makes of the words.
Sequences write_backwards(const Reverser& net, const Sequences& words);

void print_words(const Reverser& net, const Sequences& words);

// Where the decoder looks in a word: in the terminal and as a picture.
void draw_attention(const Reverser& net, const std::string& word);

}  // namespace reversing
