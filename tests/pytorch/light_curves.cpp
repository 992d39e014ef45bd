// Chapter 23.

#include "23_light_curves.hpp"
#include "compare.hpp"

template <class Type>
static Type given(const Value& value) {
    return FromValue<Type>::get(value);
}

static Values curve_net(const Values& in) {
    const std::vector<int> kinds = given<std::vector<int>>(in[2]);
    CurveNetSettings settings;
    const NormPlace place = in[3].number != 0 ? NormPlace::before : NormPlace::after;
    settings.stack = {12, 3, 20, 2, place};
    settings.clock.W = 4;
    Random random(1);
    const CurveNet net(settings, random);
    const Parameters parameters = net.parameters();
    const std::vector<Tensor> weights = given<std::vector<Tensor>>(in[4]);
    for (int i = 0; i < size_of(parameters); ++i) parameters[i].set_value(weights.at(i));
    const Variable z = net({in[0].tensor, in[1].tensor, kinds});
    const Variable loss = cross_entropy(z, kinds);
    backward(loss);
    Values out = {to_value(z.value()), to_value(loss.value())};
    for (const Variable& p : parameters) out.push_back(to_value(p.gradient()));
    return out;
}

static Values features(const Values& in) {
    Curve curve;
    curve.flux = given<Flux>(in[0]);
    curve.errors = given<Flux>(in[1]);
    curve.times = Times(curve.flux.size());
    return {to_value(flux_features(curve))};
}

static Values confidence(const Values& in) {
    const std::vector<int> kinds = given<std::vector<int>>(in[1]);
    const Tensor table = calibration(in[0].tensor, kinds, static_cast<int>(in[2].number));
    const Tensor counts = confusion(kinds, argmax(in[0].tensor), in[0].tensor.columns());
    return {to_value(table), to_value(calibration_error(table)), to_value(counts),
            to_value(recalls(counts))};
}

Answers answers_of_light_curves() {
    return {{"curve net", curve_net}, {"flux features", features}, {"calibration", confidence}};
}
