// Chapter 17, The transformer: what it promises to the chapters that build on it.
// The prose, the reasons and the exercises are in 17_transformer.cpp.
#pragma once

#include "16_decoder.hpp"
#include "kit/checkpoint.hpp"
#include "kit/tokens.hpp"

#include <functional>
#include <string>
#include <vector>

// Letters: B sentences, T words of the target and S of the source, D = d_model features, V words in
// the vocabulary, N rows. What does not fit throws std::invalid_argument, with the function's name.

// ## The model: Vaswani et al., "Attention is all you need" (2017).

Variable lookup(const Variable& table, const std::vector<int>& words);  // [V, D] → [N, D]

struct Tables {  // of words, [V, D] each: one for the source, the target and the output, or three
    Variable source, target, output;
};
Tables make_tables(int V, int D, bool tied, Random& random);

struct TransformerSettings {
    StackSettings stack;
    int vocabulary = 0;                   // V
    int padding = 0, begin = 1, end = 2;  // words that are marks
    bool tied = true;                     // one table for all three?
};

struct Transformer {
    TransformerSettings settings;
    Tables tables;
    Encoder encoder;
    Decoder decoder;

    Transformer(const TransformerSettings& settings_, Random& random);

    Variable embed(const Variable& table, const Sequences& sentences,
                   const Dropout& dropout = Dropout()) const;  // → [B, T, D]
    Variable encode(const Sequences& sources,
                    const Dropout& dropout = Dropout()) const;  // the memory, [B, S, D]
    Variable decode(const Sequences& read, const Variable& memory,
                    const std::vector<int>& source_lengths,
                    const Dropout& dropout = Dropout()) const;  // logits [B, T, V]
    Parameters parameters() const;                              // a shared table once
};

int count_transformer_parameters(const TransformerSettings& settings);

// ## The loss: cross-entropy against targets of which a share of `epsilon` is spread over all
// classes, as in PyTorch's CrossEntropyLoss(label_smoothing, ignore_index); mean over what counts,
// and 0 when nothing does. 0 ≤ epsilon ≤ 1, finite logits.

double smoothed_loss(const Tensor& logits, const std::vector<int>& targets, double epsilon,
                     int ignore);
Tensor smoothed_gradient(const Tensor& logits, const std::vector<int>& targets, double epsilon,
                         int ignore);
Variable smoothed_cross_entropy(const Variable& logits, const std::vector<int>& targets,
                                double epsilon, int ignore);

// Teacher forcing: the loss of saying the targets, when these are the sources.
Variable teacher_forcing_loss(const Transformer& net, const Sequences& sources,
                              const Sequences& targets, double epsilon,
                              const Dropout& dropout = Dropout());

// ## Training

// The learning rate at a step, the first of which is 1: Vaswani et al. (2017), equation 3. Throws
// unless all three are 1 or more.
double warm_up_rate(int step, int d_model, int warm_up);

// Makes the norm of all gradients together `limit`, above 0, if it is larger. Returns what it was.
// Each parameter is listed once.
double clip_gradients(const Parameters& parameters, double limit);

struct TrainingSettings {
    int d_model, warm_up;
    double factor = 1.0;  // of the rate
    double limit = 1.0;   // of the gradient's norm
};

struct Microbatch {  // of a batch: how many words it has to say, and their mean loss
    int tokens;
    std::function<Variable()> loss;
};

// One update for all shares, as if they were a single batch, of one word at least. Returns the mean
// loss of their words; throws std::runtime_error when it is NaN or infinite, and then changes no
// parameter.
double accumulate_and_step(Optimiser& optimiser, const Parameters& parameters,
                           const std::vector<Microbatch>& shares, const TrainingSettings& settings);

// All that is needed to go on with training on another day, and back again, bit for bit. A
// checkpoint whose tensors have other shapes throws std::runtime_error and changes nothing.
Checkpoint checkpoint_of(const Parameters& parameters, const Optimiser& optimiser,
                         const Random& random);
void restore(const Checkpoint& from, const Parameters& parameters, Optimiser& optimiser,
             Random& random);

// ## Writing

// Given N beginnings of one length, each from the begin mark on, the log of each word's probability
// to be the next: [N, V].
using NextToken = std::function<Tensor(const Sequences& beginnings)>;

// What a transformer would say next, for sources that are translated side by side: beginning i
// belongs to source i. A single source may have any number of beginnings. The net must live on.
NextToken next_token(const Transformer& net, const Sequences& sources);

// Always the likeliest word, for `count` sentences side by side; without the end mark.
Sequences greedy_search(const NextToken& next, int count, int begin, int end, int longest);

struct Hypothesis {
    Sequence output;  // with the end mark, when finished
    double log_probability = 0.0;
    bool finished = false;
};

// By which hypotheses are ranked; alpha = 0 is plain probability. Wu et al., "Google's neural
// machine translation system" (2016), equation 14.
double length_normalised(const Hypothesis& hypothesis, double alpha);

// The best `width` sentences (1 or more) of at most `longest` words that a search of this width
// finds, the best first.
std::vector<Hypothesis> beam_search(const NextToken& next, int begin, int end, int longest,
                                    int width, double alpha = 0.0);
