// Chapter 24.

#include "24_reading_attention.hpp"
#include "compare.hpp"

template <class Type>
static Type given(const Value& value) {
    return FromValue<Type>::get(value);
}

static Values reading(const Values& in) {
    CurveNetSettings settings;
    const NormPlace place = in[2].number != 0 ? NormPlace::before : NormPlace::after;
    settings.stack = {12, 3, 20, 2, place};
    settings.clock.W = 4;
    Random random(1);
    const CurveNet net(settings, random);
    const Parameters parameters = net.parameters();
    const std::vector<Tensor> numbers = given<std::vector<Tensor>>(in[4]);
    for (int i = 0; i < size_of(parameters); ++i) parameters[i].set_value(numbers.at(i));
    const CurveBatch batch{in[0].tensor, in[1].tensor, {}};
    const std::vector<Tensor> weights =
        weights_of_layers(net.encoder, net.input(batch.points), seen_mask(batch.seen));
    const auto read = [&](const CurveBatch& some) { return net(some); };
    Values out;
    for (const Tensor& layer : weights) out.push_back(to_value(layer));
    out.push_back(to_value(looks_of_class(weights.back())));
    out.push_back(to_value(arrived_at_class(weights, in[3].number)));
    out.push_back(to_value(occlusion(read, batch)));
    return out;
}

static Values ranked(const Values& in) {
    const auto x = given<std::vector<double>>(in[0]), y = given<std::vector<double>>(in[1]);
    const std::vector<double> ranks = ranks_of(x);
    const Tensor all({size_of(ranks)}, std::vector<float>(ranks.begin(), ranks.end()));
    return {to_value(all), to_value(rank_correlation(x, y))};
}

Answers answers_of_reading() {
    return {{"reading", reading}, {"rank correlation", ranked}};
}
