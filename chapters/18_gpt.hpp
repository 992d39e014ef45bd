// Chapter 18, GPT. The prose, the reasons and the exercises are in 18_gpt.cpp.
#pragma once

#include "12_multi_head_attention.hpp"
#include "13_positional_encoding.hpp"
#include "14_layer_parts.hpp"
#include "kit/tokens.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>
#include <stdexcept>
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
// `gelu` of chapter 3, by up to 0.0005, near |x| = 2.7.
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

    GptLayer(const GptSettings& s, Random& random)
        : attention_norm(s.d_model),
          feed_forward_norm(s.d_model),
          attention(s.d_model, s.num_heads, random),
          up(s.d_model, 4 * s.d_model, random),
          down(4 * s.d_model, s.d_model, random) {}
    Parameters parameters() const {
        Parameters all = attention_norm.parameters();
        append(all, attention.parameters());
        append(all, feed_forward_norm.parameters());
        append(all, up.parameters());
        append(all, down.parameters());
        return all;
    }

    // Both sublayers around any attention: `look` gets the normalised rows, and says what is added.
    using Look = std::function<Variable(const Variable&)>;
    Variable operator()(const Variable& x, const Look& look,
                        const Dropout& dropout = Dropout()) const;
};

// Every head's queries or keys, [B, n, D], turned by their places: row t by `first` + t.
inline Variable rotate_heads(const Variable& x, int first, int num_heads) {
    Times places = positions(x.shape().at(1));
    for (double& place : places) place += first;
    return merge_heads(rotate(split_heads(x, num_heads), places));
}

// The keys and values of all tokens that one sequence has so far, for each layer.
struct KeyValueCache {
    int length = 0;                    // S, tokens that have been read
    std::vector<Tensor> keys, values;  // of each layer, [1, S, D]

    static void append(Tensor& all, const Tensor& more) {  // [1, n, D] behind [1, S, D]
        if (all.rank() != 3) all = Tensor({1, 0, more.columns()});
        all.data.insert(all.data.end(), more.data.begin(), more.data.end());
        all.shape[1] += more.shape[1];
    }
};

struct Gpt {
    GptSettings settings;
    Variable tokens;     // [V, D]: what comes in is looked up in it, and it is the head as well
    Variable positions;  // [context, D]; empty when positions are rotary
    std::vector<GptLayer> layers;
    LayerNorm final_norm;

    Gpt(const GptSettings& s, Random& random) : settings(s), final_norm(s.d_model) {
        if (std::min({s.vocabulary, s.context, s.d_model, s.num_heads}) < 1 || s.num_layers < 0)
            throw std::invalid_argument("Gpt: a size is less than 1");
        tokens = parameter(Tensor({s.vocabulary, s.d_model}), "E");
        if (!s.rotary) positions = parameter(Tensor({s.context, s.d_model}), "positions");
        for (int i = 0; i < s.num_layers; ++i) layers.emplace_back(s, random);
        initialise(random);
    }
    void initialise(Random& random);  // GPT-2's first weights

    // The logits of what follows each token, [B, T, V], of B sequences that are equally long, from
    // 1 to `context`. No logit depends on a later token.
    Variable operator()(const Sequences& batch, const Dropout& dropout = Dropout()) const;

    // The same for the next n ≥ 1 tokens of one sequence, [n, V], when the cache holds those before
    // them; it then holds these too. Without a tape. Throws, and leaves the cache as it was, when
    // they do not fit the context.
    Tensor read_on(const Sequence& next, KeyValueCache& cache) const;

    Parameters parameters() const {
        Parameters all = {tokens};
        if (!settings.rotary) all.push_back(positions);
        for (const GptLayer& layer : layers) append(all, layer.parameters());
        append(all, final_norm.parameters());
        return all;
    }
    Parameters decaying() const;  // the matrices among them: all but biases, and gains of norms
};

// ## Training

// w ← (1 − amount) w: with rate · decay before a step of Adam, this is AdamW for these parameters.
inline void decay_weights(const Parameters& parameters, double amount) {
    for (const Variable& p : parameters) p.set_value(scale(p.value(), 1 - amount));
}

// Rises evenly to `highest` at step `warm_up`, and falls along half a cosine to `lowest` at step
// `steps`; the first step is 1. Loshchilov and Hutter, "SGDR" (2017), equation 5, without restarts.
inline double cosine_rate(int step, int warm_up, int steps, double highest, double lowest) {
    if (step < 1 || step > steps || warm_up < 0)
        throw std::invalid_argument("cosine_rate: step " + std::to_string(step) + " of " +
                                    std::to_string(steps));
    if (step <= warm_up) return highest * step / warm_up;
    const double c = 1.0 * (step - warm_up) / (steps - warm_up);
    return lowest + (highest - lowest) * (1 + std::cos(3.14159265358979 * c)) / 2;
}

// ## Sampling

struct Sampling {
    double temperature = 1.0;  // 0 or more; at 0 only the likeliest token is left
    int top_k = 0;             // tokens that stay: 1 or more, or 0 for all
    double top_p = 1.0;        // what those that stay have together: above 0; 1 for all
};

inline void require_sampling(const Tensor& logits, const Sampling& s) {
    require_shapes("next_probabilities", {{logits.shape, "V"}});
    if (logits.size() == 0 || !(s.temperature >= 0) || s.top_k < 0 ||
        !(s.top_p > 0 && s.top_p <= 1))
        throw std::invalid_argument("next_probabilities: no logits, or a setting out of range");
}

// What may come next, [V], from logits [V]: softmax of what the temperature makes of them, then the
// top_k likeliest, and of these the fewest that have top_p together; what stays sums to 1. Among
// equals, the lower token comes first. Holtzman et al., "The curious case of neural text
// degeneration" (2020), section 3.1.
Tensor next_probabilities(const Tensor& logits, const Sampling& sampling);

// The `count` tokens of the largest logits, the largest first; of equals, the lower token first.
inline Sequence likeliest_first(const Tensor& logits, int count) {
    const std::vector<float>& z = logits.data;
    Sequence tokens(z.size());
    std::iota(tokens.begin(), tokens.end(), 0);
    std::partial_sort(tokens.begin(), tokens.begin() + count, tokens.end(), [&](int a, int b) {
        return z[a] != z[b] ? z[a] > z[b] : a < b;
    });
    tokens.resize(count);
    return tokens;
}

// The token into whose share of [0, 1) u falls, when the shares stand in the order of the tokens.
// Never one of probability 0.
int pick(const Tensor& probabilities, double u);

// ## How good is it?

// Any model of a language: for n tokens, the logits of what follows each, [n, V].
using LanguageModel = std::function<Tensor(const Sequence& tokens)>;

// Σ −log p, in nats, of all tokens but the first `given` (1 or more): each is asked for once, and
// the sum is in double. The model gets at most `context` tokens at a time. The first window begins
// with the first token or, if it asked for fewer than `stride` then, so far behind it that it asks
// for `stride`. Each further one ends `stride` tokens (1 to `context`) behind the one before, or
// fewer at the end of the text. What it asks for so has context − stride + 1 tokens or more in
// front of it, all of them in the window.
double nats_of(const LanguageModel& model, const Sequence& tokens, int given, int context,
               int stride);

double bits_per_character(double nats, double characters);  // or per byte; needs 1 or more

// ## GPT-2's weights

// What a file of weights offers: the name and shape of each tensor, and its numbers when asked.
struct NamedTensors {
    std::map<std::string, Shape> shapes;
    std::function<std::vector<float>(const std::string& name)> read;

    bool has(const std::string& name) const { return shapes.count(name) > 0; }

    // The shape of a matrix. Throws, with the name, when it is not there, is none, or has no rows.
    Shape matrix(const std::string& name) const {
        if (!has(name) || shapes.at(name).size() != 2 || shapes.at(name)[0] < 1)
            throw std::invalid_argument(name + " is no matrix, or not there");
        return shapes.at(name);
    }

    // Takes a tensor out, so that what is left is what nobody has asked for. Throws, with the name,
    // when it is not there or has another shape.
    Tensor take(const std::string& name, const Shape& shape) {
        const auto found = shapes.find(name);
        if (found == shapes.end()) throw std::invalid_argument(name + " is not there");
        if (found->second != shape)
            throw std::invalid_argument(name + " is " + to_string(found->second) + ", and not " +
                                        to_string(shape));
        shapes.erase(found);
        return Tensor(shape, read(name));
    }
};

// The model of which these are the weights; all of them are parameters. Heads have 64 features.
// Throws, with the name, when a tensor is missing, has another shape, or belongs to no GPT-2.
// Buffers that hold only masks, h.N.attn.bias and h.N.attn.masked_bias with digits N, are not read.
Gpt gpt2_of(NamedTensors file);
