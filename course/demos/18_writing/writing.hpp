// The demo of chapter 18: a GPT learns to write names, sentences about the sky, and a novel; says
// how good it is beside what can be counted; and writes at a prompt.
#pragma once

#include "17_transformer.hpp"
#include "18_gpt.hpp"
#include "data/names.hpp"
#include "data/sky.hpp"
#include "demos/18_writing/ngrams.hpp"
#include "training/trainer.hpp"

#include <functional>
#include <string>
#include <vector>

namespace writing {

// ## Learning (learning.cpp)

struct Settings {
    int batch;    // sequences
    int warm_up;  // steps, to the highest rate; from there it falls along (18.6) to a hundredth
    double highest;
    double dropout = 0, decay = 0.1;
    int microbatches = 2;
};

// What a model learns from: sequences, all tokens of which but the first are asked for.
struct Corpus {
    std::function<std::vector<training::Batch>(Random&)> epoch;
    std::function<Sequences(const training::Batch&)> sequences;
    Sequences held_out;
};
Corpus of_sequences(const Dataset<Sequences>& sequences, int batch);  // of like length
Corpus of_text(const Dataset<Sequence>& text, int context, int batch);  // cut anew in each epoch

training::Outcome learn(const Gpt& net, const training::Plan& plan, const Settings& settings,
                        const Corpus& corpus, Random& random);

// ## How good? (scores.cpp)

// The nats of all tokens of some sequences but the first of each, and how many these are.
struct Score {
    double nats = 0, tokens = 0;
    double bits() const;  // per token
};
Score score_of(const LanguageModel& model, const Sequences& sequences);
LanguageModel model_of(const Gpt& net);

// A table of n-grams and the net, in bits per token; and the net's two curves beside them in one
// picture.
void compare_with_ngrams(const Gpt& net, const training::Outcome& run,
                         const Dataset<Sequences>& sequences, const std::string& picture);

// The curves of some runs in bits per character, and some levels beside them.
struct Curves {
    std::string name;
    const training::Outcome& run;
    double characters = 1;  // of a token
};
struct Level {
    std::string name;
    double bits;
};
void draw_bits(const std::string& picture, const std::vector<Curves>& runs,
               const std::vector<Level>& levels);

// ## Writing (writing.cpp)

// What the model says after a prompt of 1 token or more: at most `count` tokens, and nothing from
// an `end` on. When the context is full, it forgets the older half. `said` hears each at once.
Sequence write_on(const Gpt& net, const Sequence& prompt, int count, const Sampling& sampling,
                  Random& random, int end = -1, const std::function<void(int)>& said = {});

inline Tensor last_row(const Tensor& z) {
    const float* row = z.row(z.rows() - 1);
    return Tensor({z.columns()}, std::vector<float>(row, row + z.columns()));
}

// How tokens are made of a text, and a text of each token.
struct Tokenizer {
    std::function<Sequence(const std::string&)> encode;
    std::function<std::string(int)> text_of;
};

// A text as it can be shown: a model of bytes may say any.
std::string shown(const std::string& text);

// PROMPT, TEMPERATURE, TOP_K, TOP_P and SEED of the environment: what comes next, as bars, and then
// so many tokens more. On a terminal it goes on with whatever is typed.
void prompt(const Gpt& net, const Tokenizer& tokenizer, const std::string& text, int count);

// ## Names (naming.cpp)

Dataset<Sequences> tokens_of(const Dataset<names::Names>& all);

// Some names, and which share of 400 is a name that it knew, and is a name at all.
double write_names(const Gpt& net, const Dataset<names::Names>& all, double temperature);

// ## The sky (asking.cpp)

// What comes after three beginnings, where it looked, and what of the comparisons is right.
void ask_about_the_sky(const Gpt& net, const sky::Sky& sky);

// ## Speed (speed.cpp)

// Tokens per second with and without the cache, over the length of the text: a table, a picture.
void draw_speed();

// How near it comes to the limit that memory sets: each token needs every weight once.
struct Speed {
    int threads;
    double gigabytes;  // that so many threads read from memory in a second
    double bytes;      // that are read for each token
    double tokens;     // written in a second

    double limit() const { return 1e9 * gigabytes / bytes; }  // tokens per second
};
std::vector<Speed> measured_speed(const Gpt& net);  // on one thread, and on all
void print_speed(const std::vector<Speed>& speeds);
Gpt random_gpt2();  // in the sizes of GPT-2's smallest, 124 million parameters

// ## The novel (novel.cpp)

void learn_novel();         // FULL=1: by characters and by byte pairs
void show_trained_novel();  // TRAINED=1

// ## GPT-2 (gpt2.cpp)

void show_gpt2(const std::string& path);  // WEIGHTS=path

}  // namespace writing
