#include "13_positional_encoding.hpp"
#include "17_transformer.hpp"
#include "compare.hpp"

// The result of a layer with parameters of its own, and the gradients of its inputs and parameters.
// The case gives so many inputs, then values for the parameters, then dy.
template <class Layer, class Forward>
static Answer layer_gradients(int inputs, Layer (*make)(), Forward forward) {
    return [=](const Values& in) {
        const Layer layer = make();
        const Parameters parameters = layer.parameters();
        std::vector<Variable> v;
        for (int i = 0; i < inputs; ++i) v.push_back(parameter(in.at(i).tensor));
        for (int i = 0; i < size_of(parameters); ++i)
            parameters[i].set_value(in.at(inputs + i).tensor);
        const Variable y = forward(layer, v);
        backward(sum(y * in.back().tensor));
        Values out = {to_value(y.value())};
        for (const Variable& x : v) out.push_back(to_value(x.gradient()));
        for (const Variable& p : parameters) out.push_back(to_value(p.gradient()));
        return out;
    };
}

static MultiHeadAttention heads() {
    Random random(1);
    return MultiHeadAttention(12, 3, random);
}

// Both stacks with all their masks: sources of 5 and 3 words, targets of 3 and 2.
struct Stacks {
    Encoder encoder;
    Decoder decoder;

    Parameters parameters() const {
        Parameters all = encoder.parameters();
        append(all, decoder.parameters());
        return all;
    }

    Variable operator()(const Variable& x, const Variable& y) const {
        const Tensor target = multiply(padding_mask({3, 2}, 3, 3), causal_mask(3));
        return decoder(y, encoder(x, padding_mask({5, 3}, 5, 5)), target,
                       padding_mask({5, 3}, 3, 5));
    }
};

static const StackSettings before{12, 3, 20, 2, NormPlace::before, Activation::relu};
static const StackSettings after{12, 3, 20, 2, NormPlace::after, Activation::relu};

template <class Made, const StackSettings& settings>
static Made make() {
    Random random(1);
    return Made(settings, random);
}

template <const StackSettings& settings>
static Stacks make_stacks() {
    Random random(1);
    return {Encoder(settings, random), Decoder(settings, random)};
}

static Variable encode_padded(const EncoderLayer& layer, const std::vector<Variable>& v) {
    return layer(v[0], padding_mask({5, 3}, 5, 5));
}

static Variable decode_padded(const DecoderLayer& layer, const std::vector<Variable>& v) {
    return layer(v[0], v[1], causal_mask(3), padding_mask({5, 3}, 3, 5));
}

static Variable through_both(const Stacks& stacks, const std::vector<Variable>& v) {
    return stacks(v[0], v[1]);
}

static Variable feed_forward(const std::vector<Variable>& v, Activation activation) {
    Random random(1);
    FeedForward f(1, 1, random, activation);
    f.first.W = v[1], f.first.b = v[2], f.second.W = v[3], f.second.b = v[4];
    return f(v[0]);
}

static Variable layer_around(const std::vector<Variable>& v, NormPlace place) {
    LayerNorm norm(1);
    norm.gain = v[1], norm.bias = v[2];
    const auto f = [&](const Variable& z) { return tanh(linear(z, v[3], v[4])); };
    return sublayer(v[0], norm, place, f);
}

// ## Chapter 17

template <class Type>
static Type as(const Value& value) {
    return FromValue<Type>::get(value);
}

static Values looked_up(const Values& in) {
    const Variable table = parameter(in[0].tensor);
    const Variable x = lookup(table, as<std::vector<int>>(in[1]));
    backward(sum(x * in[2].tensor));
    return {to_value(x.value()), to_value(table.gradient())};
}

static Values smoothed(const Values& in) {
    const Variable z = parameter(in[0].tensor);
    const Variable loss = smoothed_cross_entropy(z, as<std::vector<int>>(in[1]), in[2].number, 0);
    backward(loss * 3.0f);
    return {to_value(loss.value()), to_value(z.gradient())};
}

static Values rates(const Values& in) {
    std::vector<float> rates;
    for (int step : as<std::vector<int>>(in[0]))
        rates.push_back(warm_up_rate(step, as<int>(in[1]), as<int>(in[2])));
    return {to_value(Tensor({size_of(rates)}, rates))};
}

static Values clipped(const Values& in) {
    Parameters both;
    for (const Value& gradient : {in[0], in[1]}) {
        both.push_back(parameter(Tensor(gradient.tensor.shape)));
        both.back().add_gradient(gradient.tensor);
    }
    const double norm = clip_gradients(both, in[2].number);
    return {to_value(Tensor({}, {static_cast<float>(norm)})), to_value(both[0].gradient()),
            to_value(both[1].gradient())};
}

// [B, T, V]: 1 where a sequence has a token, 0 behind its end.
static Tensor real_tokens(const Sequences& sequences, const Shape& shape) {
    Tensor real(shape);
    const int T = shape[1], V = shape[2];
    for (int b = 0; b < size_of(sequences); ++b)
        std::fill_n(real.row(b * T), size_of(sequences[b]) * V, 1.0f);
    return real;
}

static Values whole(const Values& in) {
    const Sequences sources = as<Sequences>(in[0]), read = as<Sequences>(in[1]);
    const std::vector<Tensor> weights = as<std::vector<Tensor>>(in[3]);
    Random random(1);
    const bool tied = weights[1].shape != weights[0].shape;
    const Transformer net({in[2].number != 0 ? before : after, 11, 0, 1, 2, tied}, random);
    const Parameters parameters = net.parameters();
    for (int i = 0; i < size_of(parameters); ++i) parameters[i].set_value(weights.at(i));
    const Variable z = net(sources, read);
    const Variable real = z * real_tokens(read, z.shape());
    backward(sum(real * in[4].tensor));
    Values out = {to_value(real.value())};
    for (const Variable& p : parameters) out.push_back(to_value(p.gradient()));
    return out;
}

Answers answers_of_part_three() {
    return {
        {"lookup", looked_up},
        {"smoothed cross-entropy", smoothed},
        {"warm-up rate", rates},
        {"clip gradients", clipped},
        {"transformer", whole},
        {"attention", gradients([](const auto& v) { return attention(v[0], v[1], v[2]); })},
        {"attention causal",
         gradients([](const auto& v) { return attention(v[0], v[1], v[2], causal_mask(5)); })},
        {"multi-head",
         layer_gradients(2, heads,
                         [](const auto& layer, const auto& v) { return layer(v[0], v[1]); })},
        {"multi-head padded",
         layer_gradients(2, heads,
                         [](const auto& layer, const auto& v) {
                             return layer(v[0], v[1], padding_mask({5, 3}, 3, 5));
                         })},
        {"encoder layer pre-norm", layer_gradients(1, make<EncoderLayer, before>, encode_padded)},
        {"encoder layer post-norm", layer_gradients(1, make<EncoderLayer, after>, encode_padded)},
        {"decoder layer pre-norm", layer_gradients(2, make<DecoderLayer, before>, decode_padded)},
        {"decoder layer post-norm", layer_gradients(2, make<DecoderLayer, after>, decode_padded)},
        {"encoder-decoder pre-norm", layer_gradients(2, make_stacks<before>, through_both)},
        {"encoder-decoder post-norm", layer_gradients(2, make_stacks<after>, through_both)},
        {"attention padded", gradients([](const auto& v) {
             return attention(v[0], v[1], v[2], padding_mask({3, 4}, 3, 4));
         })},
        {"sinusoid",
         [](const Values& in) {
             const Times times = FromValue<Times>::get(in[0]);
             return Values{to_value(sinusoid_at(times, static_cast<int>(in[1].number)))};
         }},
        {"rotate", gradients([](const auto& v) {
             return rotate(v[0], {-1.5, 0.0, 2.25, 40.0});
         })},
        {"rotary attention",
         gradients([](const auto& v) { return rotary_attention(v[0], v[1], v[2]); })},
        {"rotary attention causal", gradients([](const auto& v) {
             return rotary_attention(v[0], v[1], v[2], causal_mask(5));
         })},
        {"learned positions",
         gradients([](const auto& v) { return v[1] + learned_positions(v[0], v[1].shape()[1]); })},
        {"layer norm", gradients([](const auto& v) { return layer_norm(v[0], v[1], v[2]); })},
        {"feed-forward relu",
         gradients([](const auto& v) { return feed_forward(v, Activation::relu); })},
        {"feed-forward gelu",
         gradients([](const auto& v) { return feed_forward(v, Activation::gelu); })},
        {"sublayer before",
         gradients([](const auto& v) { return layer_around(v, NormPlace::before); })},
        {"sublayer after",
         gradients([](const auto& v) { return layer_around(v, NormPlace::after); })},
    };
}
