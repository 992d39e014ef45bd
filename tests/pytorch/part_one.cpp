#include "04_neural_networks.hpp"
#include "compare.hpp"

// A loss and its gradient. In: logits, targets, the target to ignore.
static Values cross_entropy_of(const Values& in) {
    const Variable logits = parameter(in[0].tensor);
    const Variable loss =
        cross_entropy(logits, FromValue<std::vector<int>>::get(in[1]), FromValue<int>::get(in[2]));
    backward(loss);
    return {to_value(loss.value()), to_value(logits.gradient())};
}

// The weights after each step. In: weights, gradients step by step, settings.
template <class Make>
static Answer steps_of(Make make) {
    return [make](const Values& in) {
        Parameters parameters;
        for (const Value& w : in[0].list) parameters.push_back(parameter(w.tensor));
        auto optimiser = make(parameters, FromValue<std::vector<double>>::get(in[2]));
        Values after;
        for (std::size_t next = 0; next < in[1].list.size();) {
            optimiser.clear_gradients();
            for (const Variable& p : parameters) p.add_gradient(in[1].list[next++].tensor);
            optimiser.step();
            for (const Variable& p : parameters) after.push_back(to_value(p.value()));
        }
        return after;
    };
}

Answers answers_of_part_one() {
    return {
        {"add", gradients([](const auto& v) { return add(v[0], v[1]); })},
        {"subtract", gradients([](const auto& v) { return subtract(v[0], v[1]); })},
        {"multiply", gradients([](const auto& v) { return multiply(v[0], v[1]); })},
        {"matmul", gradients([](const auto& v) { return matmul(v[0], v[1]); })},
        {"transpose", gradients([](const auto& v) { return transpose(v[0]); })},
        {"sum 0", gradients([](const auto& v) { return sum(v[0], 0); })},
        {"sum 1", gradients([](const auto& v) { return sum(v[0], 1); })},
        {"mean 2", gradients([](const auto& v) { return mean(v[0], 2); })},
        {"tanh", gradients([](const auto& v) { return tanh(v[0]); })},
        {"sigmoid", gradients([](const auto& v) { return sigmoid(v[0]); })},
        {"relu", gradients([](const auto& v) { return relu(v[0]); })},
        {"gelu", gradients([](const auto& v) { return gelu(v[0]); })},
        {"softmax", gradients([](const auto& v) { return softmax(v[0]); })},
        {"linear", gradients([](const auto& v) { return linear(v[0], v[1], v[2]); })},
        {"cross_entropy", cross_entropy_of},
        {"SGD", steps_of([](const auto& p, const auto& s) { return SGD(p, s[0], s[1], s[2]); })},
        {"RMSprop",
         steps_of([](const auto& p, const auto& s) { return RMSprop(p, s[0], s[1], s[2]); })},
        {"Adam", steps_of([](const auto& p, const auto& s) {
             return Adam(p, s[0], {s[1], s[2], s[3]});
         })},
        {"AdamW", steps_of([](const auto& p, const auto& s) {
             return AdamW(p, s[0], s[4], {s[1], s[2], s[3]});
         })},
    };
}
