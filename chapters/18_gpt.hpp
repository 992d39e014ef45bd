// Chapter 18, GPT. The prose, the reasons and the exercises are in 18_gpt.cpp.
#pragma once

#include "15_encoder.hpp"
#include "kit/tokens.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

// Letters: B sequences of T tokens, n tokens that are new, S all that have been read, D = d_model
// features, H heads, L layers, V tokens in the vocabulary. Every function throws
// std::invalid_argument, with its name, when something does not fit.

// ## By hand: how many of five words stay, the first one's probability under top-p and under top-k,
// the bits per token and the bits per character of a text, [5].
Tensor by_hand_18();

// ## The model: Radford et al., "Language models are unsupervised multitask learners" (2019),
// known as GPT-2. Weights are normal with a deviation of 0.02.

// GELU as GPT-2 has it: x/2 (1 + tanh(√(2/π)(x + 0.044715 x³))). It differs from x Φ(x), which is
// `gelu` of chapter 3, by up to 0.0005, near |x| = 2.3.
Variable gelu_tanh(const Variable& x);

struct GptSettings {
    int vocabulary = 0;   // V
    int context = 0;      // tokens that it can see at most
    int d_model = 64;     // D; the network in a layer has 4 D in the middle
    int num_heads = 4;    // H divides D
    int num_layers = 2;   // L
    bool rotary = false;  // queries and keys turned, and no table of positions; then D/H is even
};

// One layer: masked self-attention and a feed-forward network, each with a norm in front.
struct GptLayer {
    LayerNorm attention_norm, feed_forward_norm;
    MultiHeadAttention attention;
    Linear up, down;  // D → 4 D → D

    GptLayer(const GptSettings& settings, Random& random);
    Parameters parameters() const;

    // Both sublayers around any attention: `look` gets the normalised rows, and says what is added.
    using Look = std::function<Variable(const Variable&)>;
    Variable operator()(const Variable& x, const Look& look,
                        const Dropout& dropout = Dropout()) const;
};

// The keys and values of all tokens that one sequence has so far, for each layer.
struct KeyValueCache {
    int length = 0;                    // S, tokens that have been read
    std::vector<Tensor> keys, values;  // of each layer, [1, S, D]
};

struct Gpt {
    GptSettings settings;
    Variable tokens;     // [V, D]: what comes in is looked up in it, and it is the head as well
    Variable positions;  // [context, D]; empty when positions are rotary
    std::vector<GptLayer> layers;
    LayerNorm final_norm;

    Gpt(const GptSettings& settings_, Random& random);
    void initialise(Random& random);  // GPT-2's first weights

    // The logits of what follows each token, [B, T, V], of B sequences that are equally long, from
    // 1 to `context`. No logit depends on a later token.
    Variable operator()(const Sequences& batch, const Dropout& dropout = Dropout()) const;

    // The same for the next n ≥ 1 tokens of one sequence, [n, V], when the cache holds those before
    // them; it then holds these too. Without a tape. Throws, and leaves the cache as it was, when
    // they do not fit the context.
    Tensor read_on(const Sequence& next, KeyValueCache& cache) const;

    Parameters parameters() const;
    Parameters decaying() const;  // those that decay: all but biases, and gains of norms
};

// ## Training

// w ← (1 − amount) w: with rate · decay before a step of Adam, this is AdamW for these parameters.
void decay_weights(const Parameters& parameters, double amount);

// Rises evenly to `highest` at step `warm_up`, and falls along half a cosine to `lowest` at step
// `steps`; the first step is 1. Loshchilov and Hutter, "SGDR" (2017), equation 5, without restarts.
double cosine_rate(int step, int warm_up, int steps, double highest, double lowest);

// ## Sampling

struct Sampling {
    double temperature = 1.0;  // 0 or more; at 0 only the likeliest token is left
    int top_k = 0;             // tokens that stay: 1 or more, or 0 for all
    double top_p = 1.0;        // what those that stay have together: above 0; 1 for all
};

// What may come next, [V], from logits [V]: softmax of what the temperature makes of them, then the
// top_k likeliest, and of these the fewest that have top_p together; what stays sums to 1. Among
// equals, the lower token comes first. Holtzman et al., "The curious case of neural text
// degeneration" (2020), section 3.1.
Tensor next_probabilities(const Tensor& logits, const Sampling& sampling);

// The token into whose share of [0, 1) u falls, when the shares stand in the order of the tokens.
// Never one of probability 0.
int pick(const Tensor& probabilities, double u);

// What the model says after a prompt of 1 token or more: at most `count` tokens, and nothing from
// an `end` on. When the context is full, it forgets the older half.
Sequence write_on(const Gpt& net, const Sequence& prompt, int count, const Sampling& sampling,
                  Random& random, int end = -1);

// ## How good is it?

// Any model of a language: for n tokens, the logits of what follows each, [n, V].
using LanguageModel = std::function<Tensor(const Sequence& tokens)>;

// Σ −log p, in nats, of all tokens but the first `given` (1 or more): each is asked once. The model
// sees at most `context` tokens at a time. A window as large as that begins at the first token; each
// later one ends `stride` tokens further (from 1 to `context`), so what it asks for has context −
// stride tokens in front of it, or more.
double nats_of(const LanguageModel& model, const Sequence& tokens, int given, int context,
               int stride);

double bits_per_character(double nats, double characters);  // or per byte; needs 1 or more

// ## GPT-2's weights

// What a file of weights offers: the name and shape of each tensor, and its numbers when asked.
struct NamedTensors {
    std::map<std::string, Shape> shapes;
    std::function<std::vector<float>(const std::string& name)> read;
};

// The model of which these are the weights. Heads have 64 features. Throws, with the name, when a
// tensor is missing, has another shape, or belongs to no GPT-2. Buffers that hold only masks,
// h.N.attn.bias and h.N.attn.masked_bias, are not read.
Gpt gpt2_of(const NamedTensors& file);
