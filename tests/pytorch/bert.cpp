// Chapter 19.

#include "19_bert.hpp"
#include "compare.hpp"

template <class Type>
static Type as(const Value& value) {
    return FromValue<Type>::get(value);
}

static Values masked(const Values& in) {
    std::vector<Variable> v;
    for (int i = 0; i < 3; ++i) v.push_back(parameter(in[i].tensor));
    const Variable loss = masked_loss(v[0], v[1], v[2], as<Sequences>(in[3]));
    backward(loss * 3.0f);
    return {to_value(loss.value()), to_value(v[0].gradient()), to_value(v[1].gradient()),
            to_value(v[2].gradient())};
}

static Values spans(const Values& in) {
    const Variable z = parameter(in[0].tensor);
    const std::vector<int> ends = as<std::vector<int>>(in[2]);
    std::vector<Span> answers;
    for (int i = 0; i < size_of(ends); i += 2) answers.push_back({ends[i], ends[i + 1]});
    const Variable loss = span_loss(z, in[1].tensor, answers);
    backward(loss * 3.0f);
    return {to_value(loss.value()), to_value(z.gradient())};
}

static Values low_rank(const Values& in) {
    const Tensor &W = in[1].tensor, &A = in[3].tensor;
    Random random(1);
    const Linear layer(W.shape[0], W.shape[1], random);
    layer.W.set_value(W);
    layer.b.set_value(in[2].tensor);
    const LowRank change(A.shape[0], W.shape[1], A.shape[1], in[5].number, random);
    change.A.set_value(A);
    change.B.set_value(in[4].tensor);
    const Variable x = parameter(in[0].tensor), y = adapted(layer, change)(x);
    backward(sum(y * in[6].tensor));
    return {to_value(y.value()), to_value(x.gradient()), to_value(change.A.gradient()),
            to_value(change.B.gradient())};
}

static Values pretraining(const Values& in) {
    BertSettings settings;
    const NormPlace place = in[4].number != 0 ? NormPlace::before : NormPlace::after;
    settings.stack = {12, 3, 20, 2, place, Activation::gelu};
    settings.vocabulary = 11;
    settings.longest = 7;
    Random random(1);
    const Bert net(settings, random);
    const Parameters parameters = net.parameters();
    const std::vector<Tensor> weights = as<std::vector<Tensor>>(in[5]);
    for (int i = 0; i < size_of(parameters); ++i) parameters[i].set_value(weights.at(i));
    const Variable h = net({as<Sequences>(in[0]), as<Sequences>(in[1])});
    const Variable loss = masked_loss(h, net.words, net.word_bias, as<Sequences>(in[2])) +
                          cross_entropy(net.next(class_rows(h)), as<std::vector<int>>(in[3]));
    backward(loss);
    Values out = {to_value(loss.value())};
    for (const Variable& p : parameters) out.push_back(to_value(p.gradient()));
    return out;
}

Answers answers_of_bert() {
    return {{"masked loss", masked},
            {"span loss", spans},
            {"low-rank change", low_rank},
            {"pre-training", pretraining}};
}
