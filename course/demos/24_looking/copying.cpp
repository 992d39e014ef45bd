// Two models that see random tokens again and again: what one layer of attention can do with them,
// and what two can.

#include "demos/24_looking/looking.hpp"

#include "02_fast_matmul.hpp"
#include "kit/figure.hpp"
#include "training/trainer.hpp"
#include "training/training_state.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace looking {

static constexpr int num_tokens = 32, total = 49, shortest = 4, longest = 24, asked_period = 16;

static Sequence repeated(int period, Random& random) {
    Sequence tokens;
    for (int i = 0; i < total; ++i)
        tokens.push_back(i < period ? random.below(num_tokens) : tokens[i - period]);
    return tokens;
}

namespace {

struct Task {
    Sequences read;
    std::vector<int> targets;  // −1 where nobody can know

    void add(const Sequence& tokens, int period) {
        read.emplace_back(tokens.begin(), tokens.end() - 1);
        for (int t = 1; t < total; ++t) targets.push_back(t < period ? -1 : tokens[t]);
    }
};

}  // namespace

// The first of what is repeated follows a token that it never followed; only from the second on it
// can be copied.
static Task random_task(int count, int period, Random& random) {
    Task task;
    for (int i = 0; i < count; ++i) {
        const int some = period > 0 ? period : shortest + random.below(longest - shortest + 1);
        task.add(repeated(some, random), some + 1);
    }
    return task;
}

static Task held_out() {
    Random random(241);
    return random_task(64, asked_period, random);
}

static training::Look asked(const Gpt& net) {
    const NoTape no_tape;
    const Task task = held_out();
    const Tensor z = net(task.read).value();
    const std::vector<int> guesses = argmax(z);
    double right = 0, count = 0;
    for (int i = 0; i < size_of(guesses); ++i) {
        if (task.targets[i] < 0) continue;
        ++count;
        right += guesses[i] == task.targets[i];
    }
    return {cross_entropy_loss(z, task.targets), right / count};
}

static training::Outcome learn(const Gpt& net, const training::Plan& plan) {
    Random random(24);
    Adam adam(net.parameters(), 0);
    const training::Batch some(32);
    const auto epoch = [&](Random&) { return std::vector<training::Batch>(100, some); };
    const auto step = [&](const training::Batch& batch, double done) {
        adam.rate = 0.003 * std::min({1.0, 0.01 + 10 * done, 1.5 * (1 - done)});
        const Task task = random_task(size_of(batch), 0, random);
        return train_step(adam, [&] { return cross_entropy(net(task.read), task.targets); });
    };
    return training::train(plan, {adam, random, epoch, step, [&] { return asked(net); }});
}

static Gpt new_net(int layers) {
    Random random(24);
    return Gpt({num_tokens, total, 32, 4, layers}, random);
}

// ## What is found

namespace {

struct Head {
    int layer, number;
    std::string name() const {
        return "layer " + std::to_string(layer + 1) + ", head " + std::to_string(number);
    }
};

}  // namespace

using Heads = std::vector<Head>;

// Those of more than `least`, and in any case the one that has most, which comes first.
static Heads heads_above(const Tensor& table, double least) {
    const float most = *std::max_element(table.data.begin(), table.data.end());
    Heads heads;
    for (int i = 0; i < table.size(); ++i) {
        const Head head{i / table.columns(), i % table.columns()};
        if (table.data[i] == most) heads.insert(heads.begin(), head);
        else if (table.data[i] > least) heads.push_back(head);
    }
    return heads;
}

static Tensor rows_of(const std::vector<Tensor>& rows) {
    Tensor table({size_of(rows), rows[0].size()});
    for (int l = 0; l < table.rows(); ++l)
        std::copy(rows[l].data.begin(), rows[l].data.end(), table.row(l));
    return table;
}

static figure::HeatPanel panel_of(const std::vector<Tensor>& weights, const Head& head,
                                  int tokens) {
    figure::HeatPanel panel{head.name(), {}};
    for (int i = 0; i < tokens; ++i)
        for (int j = 0; j < tokens; ++j)
            panel.cells.push_back(weights[head.layer](0, head.number, i, j));
    return panel;
}

static void draw_heads(const Gpt& net, const Head& before, const Head& copies) {
    Random random(242);
    Sequence tokens = repeated(8, random);
    tokens.resize(16);
    figure::Names names;
    for (int token : tokens) names.emplace_back(1, "abcdefghijklmnopqrstuvwxyz234567"[token]);
    const auto weights = weights_of(net, {tokens});
    const std::string svg =
        figure::heatmaps({"Eight random tokens, again and again", "who answers", "who asks"}, names,
                         names, {panel_of(weights, before, 16), panel_of(weights, copies, 16)});
    std::printf("picture: %s\n", figure::save("24_copying", svg).c_str());
}

// What the last layer's heads write when all their weight is on one token, held against all tokens:
// for how many of them is it the token itself that becomes likelier than any other?
static int says_itself(const Gpt& net, const Tensor& written) {
    const Tensor E = net.tokens.value();
    const std::vector<int> first = argmax(matmul(Tensor(E.shape, written.data), transpose(E)));
    int itself = 0;
    for (int token = 0; token < num_tokens; ++token) itself += first[token] == token;
    return itself;
}

static void print_what_is_written(const Gpt& net) {
    const NoTape no_tape;
    const GptLayer& layer = net.layers.back();
    const Tensor E = net.tokens.value();
    const Variable x = layer.attention_norm(Tensor({num_tokens, 1, E.columns()}, E.data));
    std::printf("A head of layer 2 whose weight is all on one token says this token before all\n"
                "others. For how many of %d? The four:",
                num_tokens);
    for (int h = 0; h < net.settings.num_heads; ++h) {
        const Variable written = contribution_of_head(layer.attention, h, x, x);
        std::printf(" %d", says_itself(net, written.value()));
    }
    std::printf("; together: %d\n\n", says_itself(net, layer.attention(x, x).value()));
}

static void print_without(const std::string& what, Gpt net, const Heads& heads) {
    for (const Head& head : heads) {
        MultiHeadAttention& layer = net.layers[head.layer].attention;
        layer = without_head(layer, head.number);
    }
    const training::Look look = asked(net);
    std::printf("  %-50s %6.2f %8.1f %%\n", what.c_str(), look.loss, 100 * look.right);
}

// The last norm and the table of tokens, as if the layers above were not there.
static void print_after_layers(Gpt net) {
    std::printf("Right, if read");
    const std::vector<GptLayer> layers = net.layers;
    for (int l = 0; l <= size_of(layers); ++l) {
        net.layers.assign(layers.begin(), layers.begin() + l);
        std::printf("%s after %d layer%s %.1f %%", l == 0 ? "" : ",", l, l == 1 ? "" : "s",
                    100 * asked(net).right);
    }
    std::printf("\n\n");
}

static void show_heads(const Gpt& net) {
    const auto weights = weights_of(net, held_out().read);
    std::vector<Tensor> before, copied;
    for (const Tensor& layer : weights) {
        before.push_back(weight_behind(layer, 1, 1));
        copied.push_back(weight_behind(layer, asked_period - 1, asked_period));
    }
    const Tensor one_back = rows_of(before), next = rows_of(copied);
    print_tables("weight on the token before", one_back, "on what followed the last time", next);
    if (size_of(weights) < 2) return;
    const Heads back = heads_above(one_back, 0.15), copies = heads_above(next, 0.15);
    Heads second;
    for (int h = 0; h < net.settings.num_heads; ++h) second.push_back({1, h});
    std::printf("  %-50s %6s %10s\n", "two layers", "nats", "right");
    print_without("as they are", net, {});
    print_without("without " + back[0].name() + ", which looks one back", net, {back[0]});
    print_without("without all " + std::to_string(back.size()) + " that look one back", net, back);
    print_without("without " + copies[0].name() + ", which copies", net, {copies[0]});
    print_without("without all heads of layer 2", net, second);
    std::printf("\n");
    print_what_is_written(net);
    print_after_layers(net);
    draw_heads(net, back[0], copies[0]);
}

void show_copying(int steps, bool kept) {
    std::vector<training::Outcome> runs;
    for (int layers : {1, 2}) {
        const std::string name = layers == 1 ? "looking_one" : "looking";
        const Gpt net = new_net(layers);
        if (steps > 0) {
            const char* title = layers == 1 ? "one layer" : "two layers";
            const int look_every = std::max(1, steps / 30);
            runs.push_back(learn(net, {title, steps, look_every, kept ? name : ""}));
            if (!runs.back().complete) return;
        } else {
            training::read_trained(name, net.parameters());
        }
        const training::Look look = asked(net);
        std::printf("Random tokens of %d kinds, again and again. Layers: %d, parameters: %d. Of\n"
                    "what can be copied %.1f %% is right, %.2f nats; by chance %.2f\n\n",
                    num_tokens, layers, parameter_count(net.parameters()), 100 * look.right,
                    look.loss, std::log(1.0 * num_tokens));
        show_heads(net);
    }
    if (!runs.empty()) training::draw_right("24_learning", runs);
}

}  // namespace looking
