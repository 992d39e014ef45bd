// Chapter 14, The parts of a layer. The prose, the reasons and the exercises are in
// 14_layer_parts.cpp.
#pragma once

#include "04_neural_networks.hpp"

#include <algorithm>
#include <functional>

// Letters: n numbers in a row, the last axis; the axes before it are any. Every function throws
// std::invalid_argument, with its name, when shapes or settings do not fit.

// ## By hand: by what one block multiplies the mean square of what goes in, [3]: plain, with a
// residual connection, and with the first weights of He and others.
Tensor factors_by_hand();

// ## Layer normalisation: Ba, Kiros and Hinton, "Layer normalization" (2016).

inline constexpr double layer_norm_epsilon = 1e-5;

// Every row shifted to mean 0 and divided by its s = √(variance + epsilon).
struct Standardised {
    Tensor x_hat;  // [..., n]
    Tensor s;      // [rows]
};
Standardised standardise(const Tensor& x);

// gain x̂ + bias: one operation of the tape, for x [..., n], gain [n] and bias [n].
Variable layer_norm(const Variable& x, const Variable& gain, const Variable& bias);

// Its gradients, given dy = ∂loss/∂y, without a tape.
struct LayerNormGradients {
    Tensor dx;            // [..., n]
    Tensor dgain, dbias;  // [n]
};
LayerNormGradients layer_norm_backward(const Standardised& z, const Tensor& gain, const Tensor& dy);

struct LayerNorm {
    Variable gain, bias;  // [n], ones and zeros at first

    explicit LayerNorm(int n)
        : gain(parameter(Tensor({n}, std::vector<float>(std::max(n, 0), 1.0f)), "gain")),
          bias(parameter(Tensor({n}), "bias")) {}
    Variable operator()(const Variable& x) const { return layer_norm(x, gain, bias); }
    Parameters parameters() const { return {gain, bias}; }
};

// ## The position-wise feed-forward network: Vaswani et al., "Attention is all you need" (2017),
// section 3.3. ReLU is theirs. GELU is Hendrycks and Gimpel's (2016), in its exact form, as in
// BERT; GPT-2 has a formula with tanh in its place, which differs by less than 0.0005.

enum class Activation { relu, gelu };

struct FeedForward {
    Linear first, second;  // d_model → d_ff → d_model
    Activation activation;

    FeedForward(int d_model, int d_ff, Random& random, Activation kind = Activation::relu)
        : first(d_model, d_ff, random), second(d_ff, d_model, random), activation(kind) {}
    Variable operator()(const Variable& x) const;  // [..., d_model] → [..., d_model]
    Parameters parameters() const { return {first.W, first.b, second.W, second.b}; }
};

// ## Dropout: Srivastava et al., "Dropout: a simple way to prevent neural networks from
// overfitting" (2014); here the inverted kind, which leaves evaluation alone.

// Hand one to a layer when it is called; without arguments it drops nothing.
class Dropout {
public:
    Dropout() = default;
    Dropout(double rate, Random& random);  // throws unless 0 ≤ rate < 1; `random` must live on
    Variable operator()(const Variable& x) const;

    bool training = true;  // when evaluating, nothing is dropped and no random number is used

private:
    double rate_ = 0.0;
    Random* random_ = nullptr;
};

// ## A layer around f, which is asked once, and must keep the shape of what it gets.

enum class NormPlace {
    before,  // x + dropout(f(norm(x))): Xiong et al., "On layer normalization in the transformer
             // architecture" (2020)
    after    // norm(x + dropout(f(x))): Vaswani et al. (2017)
};

Variable sublayer(const Variable& x, const LayerNorm& norm, NormPlace place,
                  const std::function<Variable(const Variable&)>& f,
                  const Dropout& dropout = Dropout());
