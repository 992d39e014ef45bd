// The demo of chapter 9: what is learnt from a novel, what becomes of texts and words, and how
// fast.
#pragma once

#include "09_byte_pairs.hpp"

#include <string>

namespace cutting {

// Pride and Prejudice, a paragraph a line; one in ten is held out.
struct Novel {
    std::string training, held_out;
};
Novel read_novel();

// A vocabulary of V tokens, by quick::learn_merges; the chapter's learn_merges has to agree on the
// first of them.
BytePairs learn(const Novel& novel, int V);

// How many characters of the held-out text a token has, when the vocabulary has only so many
// tokens.
double characters_a_token(const Novel& novel, const BytePairs& learnt, int V);

void show_counts(const Novel& novel, const BytePairs& learnt, const BytePairs& gpt2);
void show_lengths(const Novel& novel, const BytePairs& learnt, const BytePairs& gpt2);
void show_words(const BytePairs& learnt, const BytePairs& gpt2);
void show_fixtures(const BytePairs& gpt2);
void show_speed(const Novel& novel, const BytePairs& learnt);

}  // namespace cutting
