#include "18_gpt.hpp"

#include "grader/check.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

namespace hidden_18 {

// ## 18.3

Tensor left_of(const Tensor& logits, double temperature, int top_k, double top_p) {
    return next_probabilities(logits, {temperature, top_k, top_p});
}
CALLED(left_of, "next_probabilities");

CHECK("18.3", "one token that stays has all the probability, by whichever cut") {
    const Tensor z = row({0.5f, 2, 1.5f, -3});
    for (double temperature : {0.0, 0.25, 4.0})
        expect_near(ASK(left_of, z, temperature, 1, 0.9), row({0, 1, 0, 0}), 0);
    expect_near(ASK(left_of, z, 1.0, 0, 1e-9), row({0, 1, 0, 0}), 0);
}

// ## 18.4

// The largest difference between a text read at once and in parts of so many tokens.
double difference_in_parts(int part, int context, bool rotary) {
    Random random(4);
    const Gpt net({9, context, 12, 3, 3, rotary}, random);
    for (const Variable& p : net.parameters()) {
        Tensor value = p.value();
        for (float& number : value.data) number = random.uniform(-0.5f, 0.5f);
        p.set_value(value);
    }
    Sequence text;
    for (int i = 0; i < context; ++i) text.push_back(random.below(9));
    const Tensor expected = net({text}).value();
    KeyValueCache cache;
    double largest = 0;
    for (int first = 0; first < context; first += part) {
        const int end = std::min(context, first + part);
        const Tensor z = net.read_on({text.begin() + first, text.begin() + end}, cache);
        for (int i = 0; i < z.size(); ++i)
            largest = std::max(
                largest, std::fabs(double{z.data[i]} - expected.data[first * 9 + i]));
    }
    return largest;
}
CALLED(difference_in_parts, "the full pass and read_on differ by");

CHECK("18.4", "a text of 40 tokens, in parts of 1, 7, 39 or 40: the logits of the full pass") {
    for (bool rotary : {false, true})
        for (int part : {1, 7, 39, 40}) {
            const double difference = ASK_UNRECORDED(difference_in_parts, part, 40, rotary);
            expect(difference < 1e-3, "the logits of a text in parts are others");
        }
}

// ## 18.5

// A model whose logits depend on all that it has read, in their order.
double nats_with_memory(const Sequence& tokens, int given, int context, int stride) {
    const LanguageModel model = [](const Sequence& read) {
        Tensor z({size_of(read), 5});
        float state = 0;
        for (int i = 0; i < size_of(read); ++i) {
            state = 0.5f * state + read[i] + 1;
            for (int w = 0; w < 5; ++w) z.data[i * 5 + w] = std::sin(state * (w + 1));
        }
        return z;
    };
    return nats_of(model, tokens, given, context, stride);
}
CALLED(nats_with_memory, "nats_of");

CHECK("18.5", "when the whole text fits, the stride does not matter; when not, it does") {
    Sequence tokens;
    for (int i = 0; i < 20; ++i) tokens.push_back(random_numbers().below(5));
    const double whole = ASK(nats_with_memory, tokens, 1, 30, 30);
    for (int stride : {1, 5, 19})
        expect_near(ASK_UNRECORDED(nats_with_memory, tokens, 1, 30, stride), whole, 1e-5);
    for (int stride : {1, 3, 4}) ASK(nats_with_memory, tokens, 6, 4, stride);
}

// ## 18.6

// Whether layer 10 of eleven got what the file has for it, and none of layer 1's.
std::vector<int> eleven_layers(int D) {
    std::map<std::string, Shape> shapes = {{"wte.weight", {2, D}},
                                           {"wpe.weight", {2, D}},
                                           {"ln_f.weight", {D}},
                                           {"ln_f.bias", {D}}};
    for (int l = 0; l < 11; ++l) {
        const std::string h = "h." + std::to_string(l) + ".";
        shapes[h + "attn.bias"] = {1, 1, 2, 2};
        shapes[h + "attn.masked_bias"] = {};
        for (const char* norm : {"ln_1", "ln_2"})
            shapes[h + norm + ".weight"] = shapes[h + norm + ".bias"] = {D};
        shapes[h + "attn.c_attn.weight"] = {D, 3 * D};
        shapes[h + "attn.c_attn.bias"] = {3 * D};
        shapes[h + "attn.c_proj.weight"] = {D, D};
        shapes[h + "attn.c_proj.bias"] = {D};
        shapes[h + "mlp.c_fc.weight"] = {D, 4 * D};
        shapes[h + "mlp.c_fc.bias"] = {4 * D};
        shapes[h + "mlp.c_proj.weight"] = {4 * D, D};
        shapes[h + "mlp.c_proj.bias"] = {D};
    }
    const auto read = [&](const std::string& name) {  // each layer has its number in all places
        const float number = name[0] == 'h' ? std::stof(name.substr(2)) : -1.0f;
        return std::vector<float>(element_count(shapes.at(name)), number);
    };
    const Gpt net = gpt2_of({shapes, read});
    std::vector<int> numbers = {size_of(net.layers)};
    for (const GptLayer& layer : net.layers)
        for (const Variable& p : layer.parameters())
            numbers.push_back(static_cast<int>(p.value().data.back()));
    return numbers;
}
CALLED(eleven_layers, "gpt2_of eleven layers");
PARTS(eleven_layers, "number #0");

CHECK("18.6", "eleven layers, with their masks: each gets what is its own") {
    const std::vector<int> numbers = ASK_UNRECORDED(eleven_layers, 64);
    expect(numbers.size() == 1 + 11 * 16 && numbers[0] == 11, "there must be eleven layers");
    for (int i = 1; i < size_of(numbers); ++i)
        expect(numbers[i] == (i - 1) / 16, "a layer got what belongs to another");
}

}  // namespace hidden_18
