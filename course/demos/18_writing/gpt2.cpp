// GPT-2 itself, when its file is there: it proves that it is GPT-2, and writes.

#include "data/gpt2.hpp"
#include "data/pride.hpp"
#include "data/safetensors.hpp"
#include "demos/09_pieces/quick.hpp"
#include "demos/18_writing/gpt2_file.hpp"
#include "demos/18_writing/writing.hpp"
#include "kit/text.hpp"

#include <cstdio>
#include <memory>
#include <stdexcept>

namespace writing {

// ## The file

// Some files give all names a prefix, and some have the tied table a second time, as a head.
NamedTensors weights_of(const safetensors::File& file) {
    const std::string prefix = "transformer.", head = "lm_head.weight";
    const bool prefixed = file.has(prefix + "wte.weight");
    const std::string before = prefixed ? prefix : "";
    if (file.has(head) && file.read(head).data != file.read(before + "wte.weight").data)
        throw std::runtime_error(file.path() + ": tensor '" + head + "' is not wte.weight");
    NamedTensors all;
    for (const safetensors::Entry& entry : file.entries()) {
        if (entry.name == head) continue;
        if (!begins_with(entry.name, before))
            throw std::runtime_error(file.path() + ": tensor '" + entry.name + "' has no '" +
                                     before + "' in front");
        all.shapes[entry.name.substr(before.size())] = entry.shape;
    }
    all.read = [&file, before](const std::string& name) { return file.read(before + name).data; };
    return all;
}

static Gpt read(const std::string& path) {
    const safetensors::File file(path);
    try {
        return gpt2_of(weights_of(file));
    } catch (const std::invalid_argument& error) {
        throw std::runtime_error(path + ": " + error.what());
    }
}

// ## Is it GPT-2?

static void check_tokens(const Tokenizer& tokenizer) {
    const auto check = [&](const std::string& text, const Sequence& published) {
        std::printf("  %-24s →", ("\"" + text + "\"").c_str());
        for (int token : tokenizer.encode(text)) std::printf(" %d", token);
        std::printf(tokenizer.encode(text) == published ? "  as published\n"
                                                        : "  NOT as published\n");
    };
    check("My favourite movie is", {3666, 12507, 3807, 318});
    check("How are you?", {2437, 389, 345, 30});
}

static void check_continuation(const Gpt& net, const Tokenizer& tokenizer) {
    const std::string beginning = "I enjoy walking with my cute dog",
                      published =
                          ", but I'm not sure if I'll ever be able to walk with my dog.";
    Sampling greedy;
    greedy.temperature = 0;
    Random unused(1);
    std::string said;
    const int count = size_of(tokenizer.encode(published));
    for (int token : write_on(net, tokenizer.encode(beginning), count, greedy, unused))
        said += tokenizer.text_of(token);
    std::printf("\n  %s\n   → %s\n   %s\n", beginning.c_str(), shown(said).c_str(),
                said == published ? "as published"
                                  : "NOT as published of the smallest, with 124439808 parameters");
    std::fflush(stdout);
}

// Some held-out paragraphs, as much as fills a window twice.
static void print_bits(const Gpt& net, const Tokenizer& tokenizer) {
    std::string text;
    for (const std::string& paragraph : pride::read().held_out) text += paragraph + "\n";
    const int context = std::min(net.settings.context, 512);
    Sequence tokens = tokenizer.encode(text);
    tokens.resize(std::min(size_of(tokens), 2 * context));
    std::size_t characters = 0;
    for (int i = 1; i < size_of(tokens); ++i) characters += tokenizer.text_of(tokens[i]).size();
    const double nats = nats_of(model_of(net), tokens, 1, context, context / 2);
    std::printf("\n%.3f bits per byte of %zu from Pride and Prejudice, which it may have read\n",
                bits_per_character(nats, 1.0 * characters), characters);
}

void show_gpt2(const std::string& path) {
    const auto bytes = std::make_shared<BytePairs>(gpt2_byte_pairs(gpt2::read_merges()));
    const auto encoder = std::make_shared<quick::Encoder>(*bytes);
    const Tokenizer tokenizer = {[=](const std::string& text) { return encoder->encode(text); },
                                 [=](int token) { return bytes->text_of(token); }};
    const Gpt net = read(path);
    const GptSettings& s = net.settings;
    std::printf("%d parameters: %d tokens, a context of %d, %d features, %d heads, %d layers\n\n",
                parameter_count(net.parameters()), s.vocabulary, s.context, s.d_model, s.num_heads,
                s.num_layers);
    if (s.vocabulary != bytes->size())
        throw std::runtime_error(path + ": GPT-2 has 50257 tokens");
    check_tokens(tokenizer);
    check_continuation(net, tokenizer);
    print_bits(net, tokenizer);
    print_speed(measured_speed(net));
    prompt(net, tokenizer, "The spectral sequence of the stars is", 60);
}

}  // namespace writing
