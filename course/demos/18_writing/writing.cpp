// Writing: token after token with the cache, and an answer to whoever types.

#include "demos/18_writing/writing.hpp"

#include "kit/figure.hpp"
#include "kit/text.hpp"

#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <map>
#include <stdexcept>
#include <unistd.h>

namespace writing {

// ## Token after token

// The last `most` tokens of a text.
static Sequence end_of(const Sequence& tokens, int most) {
    return Sequence(tokens.end() - std::min(most, size_of(tokens)), tokens.end());
}

Sequence write_on(const Gpt& net, const Sequence& prompt, int count, const Sampling& sampling,
                  Random& random, int end, const std::function<void(int)>& said) {
    if (prompt.empty()) throw std::invalid_argument("write_on: the prompt has no token");
    const int context = net.settings.context;
    KeyValueCache cache;
    Sequence written, next = end_of(prompt, context), text = next;
    while (size_of(written) < count) {
        if (cache.length + size_of(next) > context) {
            cache = KeyValueCache();
            next = text = end_of(text, (context + 1) / 2);
        }
        const Tensor z = last_row(net.read_on(next, cache));
        const int token = pick(next_probabilities(z, sampling), random.uniform());
        if (token == end) break;
        next = {token};
        text.push_back(token);
        written.push_back(token);
        if (said) said(token);
    }
    return written;
}

// ## At a prompt

namespace {

// What may be set, in the environment or by typing NAME=VALUE.
class Asked {
public:
    Asked() {
        for (const char* name : {"PROMPT", "TEMPERATURE", "TOP_K", "TOP_P", "SEED"})
            if (const char* value = std::getenv(name)) set(name, value);
    }

    void set(const std::string& name, const std::string& value) {
        if (name == "PROMPT") {
            prompt = value;
            return;
        }
        char* behind = nullptr;
        const double number = std::strtod(value.c_str(), &behind);
        const bool whole = number == static_cast<int>(number);
        if (value.empty() || *behind != '\0') refuse(name, value, "is no number");
        if (name == "TEMPERATURE" && !(number >= 0)) refuse(name, value, "is not 0 or more");
        if (name == "TOP_P" && !(number > 0 && number <= 1))
            refuse(name, value, "is not above 0 and at most 1");
        if (name == "TOP_K" && !(number >= 0 && whole)) refuse(name, value, "is no whole number");
        if (name == "TEMPERATURE") sampling.temperature = number;
        if (name == "TOP_K") sampling.top_k = static_cast<int>(number);
        if (name == "TOP_P") sampling.top_p = number;
        if (name == "SEED") random = Random(seed = std::strtoull(value.c_str(), nullptr, 10));
    }

    // "TOP_K=5" sets it; a line that sets nothing is false.
    bool set(const std::string& line) {
        const std::size_t equals = line.find('=');
        const std::string name = line.substr(0, equals);
        if (equals == std::string::npos ||
            (name != "TEMPERATURE" && name != "TOP_K" && name != "TOP_P" && name != "SEED"))
            return false;
        set(name, trimmed(line.substr(equals + 1)));
        return true;
    }

    void print() const {
        std::printf("TEMPERATURE=%g ", sampling.temperature);
        if (sampling.top_k > 0) std::printf("TOP_K=%d ", sampling.top_k);
        std::printf("TOP_P=%g SEED=%llu\n", sampling.top_p, seed);
    }

    std::string prompt;
    Sampling sampling{0.8, 0, 1.0};
    unsigned long long seed = 18;
    Random random{seed};

private:
    [[noreturn]] static void refuse(const std::string& name, const std::string& value,
                                    const std::string& why) {
        throw std::invalid_argument(name + "=" + value + " " + why);
    }
};

}  // namespace

std::string shown(const std::string& text) {
    std::string all;
    for (const char c : text) {
        const unsigned char byte = static_cast<unsigned char>(c);
        all += (byte < 32 && c != '\n') || byte == 127 ? '?' : c;
    }
    return all;
}

static std::string label_of(std::string text) {
    for (std::size_t i = 0; i < text.size(); ++i)
        if (text[i] == '\n') text.replace(i, 1, "↵");
        else if (text[i] == ' ') text.replace(i, 1, "␣");
    return shown(text);
}

static void draw_likeliest(const Gpt& net, const Tokenizer& tokenizer, const Sequence& prompt,
                           const Sampling& sampling) {
    KeyValueCache cache;
    const Tensor z = last_row(net.read_on(end_of(prompt, net.settings.context), cache));
    const Tensor p = next_probabilities(z, sampling);
    figure::Names names;
    figure::Values values;
    for (int token : likeliest_first(z, std::min(5, z.size()))) {
        names.push_back(label_of(tokenizer.text_of(token)));
        values.push_back(p.data[token]);
    }
    std::printf("What comes next, with its probability:\n\n%s\n",
                figure::text_bars(names, values).c_str());
}

static void answer(const Gpt& net, const Tokenizer& tokenizer, Asked& asked,
                   const std::string& text, int count) {
    const Sequence prompt = tokenizer.encode(text.empty() ? "\n" : text);
    std::printf("\n");
    asked.print();
    draw_likeliest(net, tokenizer, prompt, asked.sampling);
    std::printf("%s", shown(text).c_str());
    std::fflush(stdout);
    write_on(net, prompt, count, asked.sampling, asked.random, -1, [&](int token) {
        std::printf("%s", shown(tokenizer.text_of(token)).c_str());
        std::fflush(stdout);
    });
    std::printf("\n\n");
}

void prompt(const Gpt& net, const Tokenizer& tokenizer, const std::string& text, int count) {
    Asked asked;
    answer(net, tokenizer, asked, asked.prompt.empty() ? text : asked.prompt, count);
    if (!isatty(STDIN_FILENO)) return;
    std::printf("Type a beginning, or TEMPERATURE=0.5, TOP_K=10, TOP_P=0.9 or SEED=1, or nothing "
                "to leave.\n");
    for (std::string line; std::printf("> "), std::fflush(stdout), std::getline(std::cin, line);) {
        if (line.empty()) return;
        try {
            if (!asked.set(line)) answer(net, tokenizer, asked, line, count);
        } catch (const std::invalid_argument& error) {
            std::printf("  %s\n", error.what());
        }
    }
    std::printf("\n");
}

}  // namespace writing
