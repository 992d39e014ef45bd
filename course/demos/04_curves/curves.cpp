#include "demos/04_curves/curves.hpp"

#include "data/spiral.hpp"
#include "kit/figure.hpp"
#include "training/trainer.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace curves {

namespace {

struct Points {
    Tensor at;  // [N, 2]
    std::vector<int> arms;
};

struct Data {
    Points training, held_out;
};

// 2 inputs, some neurons, 3 logits.
struct Network {
    Linear hidden, output;
    bool bends;

    Network(int neurons, bool with_relu, Random& random)
        : hidden(2, neurons, random), output(neurons, 3, random), bends(with_relu) {}
    Variable operator()(const Variable& x) const {
        return output(bends ? relu(hidden(x)) : hidden(x));
    }
    Parameters parameters() const { return {hidden.W, hidden.b, output.W, output.b}; }
};

using Epoch = std::function<std::vector<training::Batch>(Random& random)>;

}  // namespace

static Points points_of(const spiral::Examples& examples) {
    return {Tensor({size_of(examples.arms), 2}, examples.points), examples.arms};
}

static Data drawn(int per_arm, int held_out_per_arm, Random& random) {
    return {points_of(spiral::some(per_arm, random)),
            points_of(spiral::some(held_out_per_arm, random))};
}

static Epoch shuffled(int count, int size) {
    return [=](Random& random) { return shuffled_batches(count, size, random); };
}

// Trains by these steps, in these batches, and looks at what is held out.
static training::Outcome trained(const training::Plan& plan, const Network& network,
                                 Optimiser& optimiser, const Data& data, const Epoch& epoch,
                                 Step step) {
    Random order(4);
    const auto one = [&](const training::Batch& batch, double) {
        return step(optimiser, [&] {
            return cross_entropy(network(gather_rows(data.training.at, batch)),
                                 gather_rows(data.training.arms, batch));
        });
    };
    const auto look = [&] {
        const Tensor z = network(data.held_out.at).value();
        return training::Look{cross_entropy_loss(z, data.held_out.arms),
                              accuracy(z, data.held_out.arms)};
    };
    return training::train(plan, {optimiser, order, epoch, one, look});
}

double show_spiral(int neurons) {
    Random random(1);
    const auto examples = spiral::draw(1000, random);
    const Data data = {points_of(examples.training), points_of(examples.held_out)};
    const Tensor plane({120 * 120, 2}, spiral::middles(120));
    std::vector<figure::RegionPanel> maps;
    std::vector<training::Outcome> runs;
    for (const std::string name : {"linear stack", "ReLU network"}) {
        Random weights(2);  // the same for both
        const Network network(neurons, name == "ReLU network", weights);
        Adam adam(network.parameters(), 0.01);
        runs.push_back(
            trained({name, 3000, 30}, network, adam, data, shuffled(3000, 100), train_step));
        std::printf("%s: %d parameters, %.1f %% of the held-out points right\n", name.c_str(),
                    parameter_count(network.parameters()), 100 * runs.back().curve.back().right);
        const NoTape no_tape;
        maps.push_back({name, argmax(network(plane).value()), spiral::dots(examples.held_out)});
    }
    const std::string map = figure::regions({"Which arm? Without and with ReLU"}, maps);
    std::printf("\npicture: %s\n", figure::save("04_regions", map).c_str());
    training::draw_losses("04_training", runs);
    return 100 * runs.back().curve.back().right;
}

void show_overfitting() {
    Random random(5), weights(2);
    const Data data = drawn(20, 1000, random);
    const Network network(100, true, weights);
    Adam adam(network.parameters(), 0.01);
    const training::Outcome run =
        trained({"60 points", 6000, 60}, network, adam, data, shuffled(60, 20), train_step);
    const auto lowest =
        std::min_element(run.curve.begin(), run.curve.end(),
                         [](const auto& a, const auto& b) { return a.held_out < b.held_out; });
    std::printf("\n60 points to learn from: the held-out loss is lowest, %.2f, after step %.0f.\n",
                lowest->held_out, lowest->step);
    std::printf("After step %d it is %.2f, and the loss in training %.4f.\n", run.steps,
                run.curve.back().held_out, run.curve.back().training);
    training::draw_losses("04_overfitting", {run});
}

// ## What goes wrong

// Gradients are never cleared: each step has all old ones in it.
static double piling_step(Optimiser& optimiser, const std::function<Variable()>& forward) {
    const Variable now = forward();
    backward(now);
    optimiser.step();
    return now.value().data[0];
}

static std::vector<training::Batch> in_order(Random&) {
    std::vector<training::Batch> batches(30);
    for (int i = 0; i < 3000; ++i) batches[i / 100].push_back(i);
    return batches;
}

void show_faults(Step faulty) {
    Random random(1);
    const Data right = drawn(1000, 1000, random);
    Data wrong = right;
    for (int last = 2999; last > 0; --last)
        std::swap(wrong.training.arms[last], wrong.training.arms[random.below(last + 1)]);

    struct Case {
        const char* name;
        double rate;
        Step step = train_step;
        bool targets_fit = true, in_random_order = true;
    };
    const std::vector<Case> cases = {{"as it should be", 0.1},
                                     {"rate too large", 3},
                                     {"rate too small", 0.001},
                                     {"faulty step", 0.1, faulty},
                                     {"never cleared", 0.1, piling_step},
                                     {"targets shuffled", 0.1, train_step, false},
                                     {"not shuffled", 0.1, train_step, true, false}};
    std::printf(
        "\nSeven trainings of 900 steps: the loss in training, in the first three steps\n"
        "and the last, and at last the loss and what is right of the held-out points\n\n");
    std::vector<figure::Series> lines;
    for (const Case& each : cases) {
        Random weights(2);
        const Network network(100, true, weights);
        SGD sgd(network.parameters(), each.rate, 0.9);
        const training::Outcome run =
            trained({each.name, 900, 3}, network, sgd, each.targets_fit ? right : wrong,
                    each.in_random_order ? shuffled(3000, 100) : Epoch(in_order), each.step);
        const auto &first = run.curve[1], &last = run.curve.back();
        std::printf("  %-18s %8.3f %8.3f %8.3f %6.1f %%\n", each.name, first.training,
                    last.training, last.held_out, 100 * last.right);
        figure::Series line{each.name, {}};
        for (const auto& point : run.curve) {
            if (!(point.training < 2.5))
                continue;  // none before the first step; some grow for ever
            line.x.push_back(point.step);
            line.y.push_back(point.training);
        }
        lines.push_back(line);
    }
    const std::string picture =
        figure::lines({"Seven trainings", "step", "loss in training"}, lines);
    std::printf("\npicture: %s\n", figure::save("04_faults", picture).c_str());
}

}  // namespace curves
