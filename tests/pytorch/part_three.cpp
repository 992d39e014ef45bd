#include "12_multi_head_attention.hpp"
#include "13_positional_encoding.hpp"
#include "tests/pytorch/compare.hpp"

// A layer of three heads whose parameters are v[2] and the seven that follow.
static Variable multi_head(const std::vector<Variable>& v, const Tensor& mask) {
    Random random(1);
    MultiHeadAttention layer(12, 3, random);
    std::size_t next = 2;
    for (Linear* part : {&layer.query, &layer.key, &layer.value, &layer.output}) {
        part->W = v[next++];
        part->b = v[next++];
    }
    return layer(v[0], v[1], mask);
}

Answers answers_of_part_three() {
    return {
        {"attention", gradients([](const auto& v) { return attention(v[0], v[1], v[2]); })},
        {"attention causal",
         gradients([](const auto& v) { return attention(v[0], v[1], v[2], causal_mask(5)); })},
        {"multi-head", gradients([](const auto& v) { return multi_head(v, no_mask); })},
        {"multi-head padded", gradients([](const auto& v) {
             return multi_head(v, padding_mask({5, 3}, 3, 5));
         })},
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
    };
}
