// Chapter 17, The transformer. The prose, the reasons and the exercises are in 17_transformer.cpp.
#pragma once

#include "16_decoder.hpp"
#include "kit/tokens.hpp"

#include <functional>
#include <vector>

// Letters: B sequences, T tokens of the target and S of the source, D = d_model features, V tokens
// in the vocabulary, N rows. Every function throws std::invalid_argument, with its name, when
// something does not fit.

// ## The model: Vaswani et al., "Attention is all you need" (2017).

Variable lookup(const Variable& table, const Sequence& tokens);  // [V, D] → [N, D]

struct Tables {  // of tokens, [V, D] each: one for the source, the target and the output, or three
    Variable source, target, output;
};
Tables make_tables(int V, int D, bool tied, Random& random);

struct TransformerSettings {
    StackSettings stack;
    int vocabulary = 0;                   // V
    int padding = 0, begin = 1, end = 2;  // tokens that are marks
    bool tied = true;                     // one table for all three?
};

struct Transformer {
    TransformerSettings settings;
    Tables tables;
    Encoder encoder;
    Decoder decoder;

    Transformer(const TransformerSettings& settings_, Random& random);

    Variable embed(const Variable& table, const Sequences& sequences,
                   const Dropout& dropout = Dropout()) const;  // → [B, T, D]
    Variable encode(const Sequences& sources,
                    const Dropout& dropout = Dropout()) const;  // the memory, [B, S, D]
    Variable decode(const Sequences& read, const Variable& memory,
                    const std::vector<int>& source_lengths,
                    const Dropout& dropout = Dropout()) const;  // logits [B, T, V]

    // The logits of what follows each token that it reads.
    Variable operator()(const Sequences& sources, const Sequences& read,
                        const Dropout& dropout = Dropout()) const {
        return decode(read, encode(sources, dropout), lengths_of(sources), dropout);
    }
    Parameters parameters() const;  // a shared table once
};

// ## The loss: cross-entropy against targets of which a part `epsilon` is spread over all
// classes, as in PyTorch's CrossEntropyLoss(label_smoothing, ignore_index); mean over what counts,
// and 0 when nothing does. 0 ≤ epsilon ≤ 1, finite logits; sums in double, for logits may be large.

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

struct Microbatch {  // a part of a batch: how many tokens it has to say, and their mean loss
    int tokens;
    std::function<Variable()> loss;
};

// One update for all microbatches, as if they were a single batch, of one token at least. Returns
// the mean loss of their tokens, each of which is asked once; throws std::runtime_error when it is
// NaN or infinite, and then changes no parameter.
double accumulate_and_step(Optimiser& optimiser, const Parameters& parameters,
                           const std::vector<Microbatch>& microbatches,
                           const TrainingSettings& settings);

// ## Writing

struct Hypothesis {
    Sequence output;  // with the end mark, when finished
    double log_probability = 0.0;
    bool finished = false;
};

// By which hypotheses are ranked, for the tokens that are in `output`, finished or not; alpha = 0
// is log p itself. Wu et al., "Google's neural machine translation system" (2016), equation 14.
double length_normalised(const Hypothesis& hypothesis, double alpha);

// The best `width` sequences (1 or more) of at most `longest` tokens that a search of this width
// finds, the best first.
std::vector<Hypothesis> beam_search(const NextToken& next, int begin, int end, int longest,
                                    int width, double alpha = 0.0);

// By hand: what greedy search finds, what a beam of 2 finds, its score, how often it asks, [4].
Tensor search_by_hand();
