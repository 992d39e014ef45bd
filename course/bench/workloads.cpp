#include "bench/workloads.hpp"

#include "13_positional_encoding.hpp"

#include <memory>
#include <stdexcept>

using Make = Workload (*)(const Sizes& sizes, int batch);

static Sequences random_sequences(const Sizes& sizes, int batch, int length) {
    Random random(6);
    Sequences all(batch, Sequence(length));
    for (Sequence& sequence : all)
        for (int& token : sequence)
            token = 3 + random.below(sizes.vocabulary - 3);  // 0, 1 and 2 are marks
    return all;
}

// Targets are one token shorter than sources: with the begin mark, or the end mark, they fill it.
static Workload translation(const Sizes& sizes, int batch) {
    Random random(5);
    const TransformerSettings settings{sizes.stack, sizes.vocabulary, 0, 1, 2, false};
    const auto net = std::make_shared<Transformer>(settings, random);
    const Sequences sources = random_sequences(sizes, batch, sizes.length);
    const Sequences targets = random_sequences(sizes, batch, sizes.length - 1);
    const auto loss = [=] {
        const ShiftedTargets shifted = shift_targets(targets, 1, 2, 0);
        const Variable z = (*net)(sources, shifted.read);
        return cross_entropy(z, padded(shifted.output, 0), 0);
    };
    return {net->parameters(), {batch * sizes.length, loss}};
}

// A decoder alone: the encoder's layers with a causal mask, learned positions and a tied table.
static Workload language_model(const Sizes& sizes, int batch) {
    Random random(5);
    const int D = sizes.stack.d_model, T = sizes.length;
    const Variable table = parameter(normal_weights({sizes.vocabulary, D}, 0.02f, random));
    const Variable positions = parameter(normal_weights({T, D}, 0.02f, random));
    const auto stack = std::make_shared<Encoder>(sizes.stack, random);
    const Sequence read = padded(random_sequences(sizes, batch, T), 0);
    const Sequence output = padded(random_sequences(sizes, batch, T), 0);
    Parameters all = {table, positions};
    append(all, stack->parameters());
    const auto loss = [=] {
        const Variable x = reshape(lookup(table, read), {batch, T, D}) + positions;
        return cross_entropy(matmul((*stack)(x, causal_mask(T)), transpose(table)), output);
    };
    return {all, {batch * T, loss}};
}

static std::pair<Make, Sizes> model_of(const std::string& name) {
    const NormPlace after = NormPlace::after, before = NormPlace::before;
    const Activation relu = Activation::relu, gelu = Activation::gelu;
    if (name == "a") return {translation, {{64, 4, 256, 2, after, relu}, 32, 16, 64, 8}};
    if (name == "b") return {translation, {{256, 8, 1024, 3, after, relu}, 16, 32, 1000, 2}};
    if (name == "c") return {translation, {{512, 8, 2048, 6, after, relu}, 8, 64, 8000}};
    if (name == "gpt") return {language_model, {{128, 4, 512, 4, before, gelu}, 12, 64, 65, 4}};
    throw std::invalid_argument("bench: '" + name + "' is none of the models a, b, c and gpt");
}

Sizes sizes_of(const StepSettings& settings) {
    Sizes sizes = model_of(settings.model).second;
    StackSettings& stack = sizes.stack;
    if (settings.length > 0) sizes.length = settings.length;
    if (settings.layers > 0) stack.num_layers = settings.layers;
    if (settings.batch > 0) sizes.batch = settings.batch;
    if (sizes.batch % sizes.microbatches != 0)
        throw std::invalid_argument("bench: " + settings.model + " shares a batch in " +
                                    std::to_string(sizes.microbatches) + ", and got one of " +
                                    std::to_string(sizes.batch));
    if (settings.width > 0) {
        stack.d_ff = stack.d_ff / stack.d_model * settings.width;
        stack.d_model = settings.width;
    }
    return sizes;
}

// A network for the whole batch or, in microbatches, two that share them and one that is trained.
Workload workload(const StepSettings& settings) {
    const Make make = model_of(settings.model).first;
    const Sizes sizes = sizes_of(settings);
    if (sizes.microbatches == 1) return make(sizes, sizes.batch);
    const Parameters own = make(sizes, 1).parameters;
    std::vector<Parameters> copies;
    std::vector<Microbatch> microbatches;
    int tokens = 0;
    for (int k = 0; k < 2; ++k) {
        const Workload part = make(sizes, sizes.batch / sizes.microbatches);
        copies.push_back(part.parameters);
        microbatches.push_back(part.batch);
    }
    for (int m = 0; m < sizes.microbatches; ++m) {
        if (m > 1) microbatches.push_back(microbatches[m % 2]);
        tokens += microbatches.back().tokens;
    }
    return {own, {tokens, [=] { return parallel_loss(own, copies, microbatches); }}};
}
