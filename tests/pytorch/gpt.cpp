#include "18_gpt.hpp"
#include "compare.hpp"

#include <cmath>

// ## Chapter 18.

template <class Type>
static Type as(const Value& value) {
    return FromValue<Type>::get(value);
}

static Values small_gpt(const Values& in) {  // rotary?, tokens, weights, dz
    Random random(1);
    const Gpt net({11, 6, 8, 2, 2, in[0].number != 0}, random);
    const std::vector<Tensor> weights = as<std::vector<Tensor>>(in[2]);
    const Parameters parameters = net.parameters();
    for (int i = 0; i < size_of(parameters); ++i) parameters[i].set_value(weights.at(i));
    const Variable z = net(as<Sequences>(in[1]));
    backward(sum(z * in[3].tensor));
    Values out = {to_value(z.value())};
    for (const Variable& p : parameters) out.push_back(to_value(p.gradient()));
    return out;
}

static std::map<std::string, Shape> gpt2_shapes(int V, int context, int D, int L) {
    std::map<std::string, Shape> shapes = {{"wte.weight", {V, D}},
                                           {"wpe.weight", {context, D}},
                                           {"ln_f.weight", {D}},
                                           {"ln_f.bias", {D}}};
    for (int l = 0; l < L; ++l) {
        const std::string h = "h." + std::to_string(l) + ".";
        const auto linear = [&](const std::string& name, int in, int out) {
            shapes[h + name + ".weight"] = {in, out};
            shapes[h + name + ".bias"] = {out};
        };
        linear("attn.c_attn", D, 3 * D);
        linear("attn.c_proj", D, D);
        linear("mlp.c_fc", D, 4 * D);
        linear("mlp.c_proj", 4 * D, D);
        for (const char* norm : {"ln_1", "ln_2"})
            shapes[h + norm + ".weight"] = shapes[h + norm + ".bias"] = {D};
    }
    return shapes;
}

static Values gpt2_from_file(const Values& in) {  // V, context, D, L, tokens
    const auto shapes = gpt2_shapes(as<int>(in[0]), as<int>(in[1]), as<int>(in[2]), as<int>(in[3]));
    const auto read = [&](const std::string& name) {
        const auto found = shapes.find(name);
        const auto t = static_cast<double>(std::distance(shapes.begin(), found));
        const bool is_gain = name.find("ln_") != name.npos && name.find("weight") != name.npos;
        std::vector<float> numbers(element_count(found->second));
        for (int i = 0; i < size_of(numbers); ++i)
            numbers[i] = static_cast<float>(0.3 * std::sin(0.37 * i + t) + is_gain);
        return numbers;
    };
    const Gpt net = gpt2_of({shapes, read});
    const Sequence tokens = as<Sequence>(in[4]);
    KeyValueCache cache;
    const Tensor first = net.read_on({tokens[0], tokens[1]}, cache);
    Tensor z({size_of(tokens), net.settings.vocabulary});
    std::copy(first.data.begin(), first.data.end(), z.data.begin());
    for (int t = 2; t < size_of(tokens); ++t) {
        const Tensor row = net.read_on({tokens[t]}, cache);
        std::copy(row.data.begin(), row.data.end(), z.row(t));
    }
    return {to_value(z)};
}

static Values decay_of_groups(const Values& in) {  // weights, gradients, rate, decay
    const std::vector<Tensor> weights = as<std::vector<Tensor>>(in[0]);
    const std::vector<Tensor> arriving = as<std::vector<Tensor>>(in[1]);
    const Parameters both = {parameter(weights[0]), parameter(weights[1])};
    Adam adam(both, in[2].number);
    Values after;
    for (int step = 0; step < size_of(arriving) / 2; ++step) {
        adam.clear_gradients();
        for (int i = 0; i < 2; ++i) both[i].add_gradient(arriving[2 * step + i]);
        decay_weights({both[0]}, in[2].number * in[3].number);
        adam.step();
        for (const Variable& p : both) after.push_back(to_value(p.value()));
    }
    return after;
}

static Values cosine_rates(const Values& in) {  // steps, warm-up, highest, lowest
    const int steps = as<int>(in[0]);
    Tensor rates({steps});
    for (int step = 1; step <= steps; ++step)
        rates.data[step - 1] = static_cast<float>(
            cosine_rate(step, as<int>(in[1]), steps, in[2].number, in[3].number));
    return {to_value(rates)};
}

static Values sampling(const Values& in) {  // logits, temperature, top-k, top-p
    return {to_value(next_probabilities(in[0].tensor,
                                        {in[1].number, as<int>(in[2]), in[3].number}))};
}

static Values bits(const Values& in) {  // logits of 9 tokens; these, behind one that is given
    const Sequence text = joined({0}, as<Sequence>(in[1]));
    const LanguageModel model = [&](const Sequence&) { return in[0].tensor; };
    const double nats = nats_of(model, text, 1, 9, 9);
    return {to_value(nats), to_value(bits_per_character(nats, 20))};
}

Answers answers_of_gpt() {
    return {{"gelu tanh", gradients([](const auto& v) { return gelu_tanh(v[0]); })},
            {"gpt", small_gpt},
            {"gpt2", gpt2_from_file},
            {"decay of groups", decay_of_groups},
            {"cosine rate", cosine_rates},
            {"sampling", sampling},
            {"bits", bits}};
}
