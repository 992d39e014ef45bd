// Chapter 25.

#include "25_physical_model.hpp"
#include "compare.hpp"

template <class Type>
static Type given(const Value& value) {
    return FromValue<Type>::get(value);
}

static Bounds bounds_of(const Value& value) {
    Bounds bounds;
    for (const std::vector<double>& one : given<std::vector<std::vector<double>>>(value))
        bounds.push_back({one.at(0), one.at(1), one.at(2) == 1});
    return bounds;
}

static Values model(const Values& in) {
    const Variable p = parameter(in[0].tensor);
    const Variable F = flare_model(p, in[1].tensor);
    backward(sum(F * in[2].tensor));
    return {to_value(F.value()), to_value(p.gradient())};
}

static Values inside(const Values& in) {
    const Bounds bounds = bounds_of(in[1]);
    const Variable z = parameter(in[0].tensor);
    const Variable p = bounded(z, bounds);
    backward(sum(p * in[2].tensor));
    return {to_value(p.value()), to_value(z.gradient()),
            to_value(unbounded(p.value(), bounds))};
}

static Values loss(const Values& in) {
    const Variable out = parameter(in[0].tensor);
    const Variable mean = gaussian_loss(out, in[1].tensor);
    backward(mean);
    return {to_value(mean.value()), to_value(out.gradient())};
}

static Values shares(const Values& in) {
    const Bounds bounds = bounds_of(in[1]);
    const Tensor ends = intervals(in[0].tensor, bounds, in[2].number);
    return {to_value(ends), to_value(coverage(ends, in[3].tensor)),
            to_value(explained(in[4].tensor, in[3].tensor))};
}

Answers answers_of_physical_model() {
    return {{"flare model", model}, {"bounded", inside}, {"gaussian", loss}, {"intervals", shares}};
}
