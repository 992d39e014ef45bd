// Names with doubled letters are liked: GRPO, with a penalty and without.

#include "02_fast_matmul.hpp"
#include "data/names.hpp"
#include "demos/18_writing/writing.hpp"
#include "demos/19_understanding/understanding.hpp"
#include "kit/chapter.hpp"
#include "kit/environment.hpp"
#include "kit/figure.hpp"
#include "kit/progress.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <set>
#include <string>
#include <vector>

namespace understanding {

// ## What is liked

// How many letters are the same as the one before.
static double reward_of(const std::string& name) {
    double doubled = 0;
    for (std::size_t i = 1; i < name.size(); ++i) doubled += name[i] == name[i - 1];
    return doubled;
}

// (19.7) for one group. When all are alike, nothing is to be learnt from them.
static std::vector<double> advantages_of(const std::vector<double>& rewards) {
    const double G = size_of(rewards);
    double mean = 0, squares = 0;
    for (double r : rewards) mean += r / G;
    for (double r : rewards) squares += (r - mean) * (r - mean) / G;
    std::vector<double> advantages;
    for (double r : rewards) advantages.push_back((r - mean) / (std::sqrt(squares) + 1e-6));
    return advantages;
}

// ## What is written

namespace {

// Names from the mark in front to the mark behind, if there was room for it. So many tokens of each
// were given, and are not asked for.
struct Answers {
    int given;
    Sequences names;
    std::vector<double> advantages;

    // What the net reads: each without its last token, all as long as the longest.
    Sequences read() const {
        std::size_t longest = 1;
        for (const Sequence& name : names) longest = std::max(longest, name.size() - 1);
        Sequences all;
        for (const Sequence& name : names) {
            all.emplace_back(name.begin(), name.end() - 1);
            all.back().resize(longest, 0);
        }
        return all;
    }

    // What comes behind each token that is read, row by row.
    std::vector<int> targets() const {
        Sequences all;
        for (const Sequence& name : names) {
            all.emplace_back(name.begin() + 1, name.end());
            std::fill_n(all.back().begin(), given - 1, not_asked);
        }
        return padded(all, not_asked);
    }
};

}  // namespace

// The first letters of names, drawn as often as names begin with them, `copies` times each.
static Sequences drawn_prompts(const Sequences& known, int count, int copies, Random& random) {
    Sequences prompts;
    for (int i = 0; i < count; ++i) {
        const Sequence& name = known[random.below(size_of(known))];
        prompts.insert(prompts.end(), copies, Sequence(name.begin(), name.begin() + 2));
    }
    return prompts;
}

// Goes on behind each prompt. Each name has random numbers of its own, whatever thread writes it.
static Answers written(const Gpt& net, const Sequences& prompts, Random& random) {
    const int mark = names::vocabulary().token(Mark::end);
    Answers answers{size_of(prompts.at(0)), prompts, {}};
    std::vector<Random> own;
    for (int i = 0; i < size_of(prompts); ++i) own.emplace_back(random.bits());
    parallel_for(size_of(prompts), [&](int i) {
        Sequence& name = answers.names[i];
        const int room = net.settings.context - answers.given;
        name = joined(name, writing::write_on(net, name, room, Sampling(), own[i], mark));
        if (size_of(name) < net.settings.context) name.push_back(mark);
    });
    return answers;
}

// ## Learning

static std::vector<double> log_probabilities(const float* z, int V) {
    const double largest = *std::max_element(z, z + V);
    double sum = 0;
    for (int v = 0; v < V; ++v) sum += std::exp(z[v] - largest);
    std::vector<double> log_p;
    for (int v = 0; v < V; ++v) log_p.push_back(z[v] - largest - std::log(sum));
    return log_p;
}

// −J of (19.8), in which what was written is given: of its gradient (19.9) the logits get those of
// cross-entropy, times a weight for each token. With a penalty of 0 and advantages of 1 it is
// cross-entropy. (In the paper each answer first takes its own mean over its tokens.)
static Variable policy_loss(const Variable& z, const Tensor& start, const Answers& answers,
                            double penalty) {
    const std::vector<int> w = answers.targets();
    const int V = start.columns(), T = size_of(w) / size_of(answers.names);
    const double n = size_of(w) - std::count(w.begin(), w.end(), not_asked);
    Tensor slope(z.shape());
    double J = 0;
    for (int i = 0; i < size_of(w); ++i) {
        if (w[i] == not_asked) continue;
        const auto log_p = log_probabilities(z.value().row(i), V);
        const double log_rho = log_probabilities(start.row(i), V)[w[i]] - log_p[w[i]];
        const double A = answers.advantages[i / T], rho = std::exp(log_rho);
        J += (A * log_p[w[i]] - penalty * (rho - log_rho - 1)) / n;
        const double weight = (A + penalty * (rho - 1)) / n;
        for (int v = 0; v < V; ++v) slope.row(i)[v] = weight * (std::exp(log_p[v]) - (v == w[i]));
    }
    return record("policy", Tensor({}, {static_cast<float>(-J)}), {z},
                  [slope](const Tensor&, const Tensor& d) { return scale(slope, d.data[0]); });
}

// Without a start, the net itself is taken for it.
static void policy_step(const Gpt& net, Adam& adam, const Tensor& start, const Answers& answers,
                        double penalty) {
    adam.clear_gradients();
    const Variable z = net(answers.read());
    backward(policy_loss(z, start.rank() == 0 ? z.value() : start, answers, penalty));
    clip_gradients(adam.parameters(), 1.0);
    adam.step();
}

static Tensor logits_of(const Gpt& net, const Answers& answers) {
    const NoTape no_tape;
    return net(answers.read()).value();
}

// The KL divergence from the start, in nats per name: behind what was written it is summed over all
// tokens, so it is no estimate like that in the loss.
static double divergence(const Gpt& net, const Tensor& start, const Answers& answers) {
    const std::vector<int> w = answers.targets();
    const Tensor z = logits_of(net, answers);
    const int V = z.columns();
    double sum = 0;
    for (int i = 0; i < size_of(w); ++i) {
        if (w[i] == not_asked) continue;
        const auto log_p = log_probabilities(z.row(i), V);
        const auto log_start = log_probabilities(start.row(i), V);
        for (int v = 0; v < V; ++v) sum += std::exp(log_p[v]) * (log_p[v] - log_start[v]);
    }
    return sum / size_of(answers.names);
}

// The names as they are: each is as good as any other.
static void imitate(const Gpt& net, const Dataset<Sequences>& letters, int steps, Random& random) {
    const writing::Corpus corpus = writing::of_sequences(letters, 64);
    Adam adam(net.parameters(), 0, {0.9, 0.99, 1e-8});
    Progress progress("names", steps);
    std::vector<training::Batch> batches;
    for (int step = 1; step <= steps; ++step) {
        if (batches.empty()) batches = corpus.epoch(random);
        const Sequences names = corpus.sequences(batches.back());
        batches.pop_back();
        adam.rate = cosine_rate(step, std::min(50, steps), steps, 0.01, 0.0001);
        policy_step(net, adam, Tensor(), {1, names, std::vector<double>(names.size(), 1.0)}, 0);
        progress.show(step, NAN);
    }
}

namespace {

struct Learnt {
    std::string name;
    Gpt net;
    std::vector<double> reward, divergence;  // of the names that each step has learnt from
};

}  // namespace

static constexpr int num_groups = 8, group = 16;  // G

// The mean reward of the names; each gets its advantage within its group.
static double judge(Answers& answers) {
    double mean = 0;
    for (int first = 0; first < size_of(answers.names); first += group) {
        std::vector<double> rewards;
        for (int i = first; i < first + group; ++i)
            rewards.push_back(reward_of(names::text_of(answers.names[i])));
        for (double r : rewards) mean += r / size_of(answers.names);
        for (double A : advantages_of(rewards)) answers.advantages.push_back(A);
    }
    return mean;
}

static void learn_what_is_liked(Learnt& to, const Gpt& start, const Sequences& known,
                                double penalty, int steps) {
    Random random(19);
    Adam adam(to.net.parameters(), 0);
    Progress progress(to.name, steps);
    for (int step = 0; step < steps; ++step) {
        const Sequences prompts = drawn_prompts(known, num_groups, group, random);
        Answers answers = written(to.net, prompts, random);
        to.reward.push_back(judge(answers));
        const Tensor z = logits_of(start, answers);
        to.divergence.push_back(divergence(to.net, z, answers));
        adam.rate = 0.003 * std::min(1.0, 2.0 * (steps - step) / steps);
        policy_step(to.net, adam, z, answers, penalty);
        progress.show(step + 1, NAN);
    }
}

// ## What has become of it

namespace {

struct Judged {
    double reward = 0, liked = 0, divergence, bits, distinct, exist = 0;
    names::Names some;
};

}  // namespace

static Judged judged(const Gpt& net, const Gpt& start, const Dataset<Sequences>& letters) {
    constexpr int count = 400;
    Random random(2026);
    const Sequences prompts = drawn_prompts(letters.training, count, 1, random);
    const Answers answers = written(net, prompts, random);
    std::set<Sequence> known(letters.training.begin(), letters.training.end());
    known.insert(letters.held_out.begin(), letters.held_out.end());
    Judged all;
    for (const Sequence& name : answers.names) {
        const std::string text = names::text_of(name);
        all.reward += reward_of(text) / count;
        all.liked += reward_of(text) > 0 ? 100.0 / count : 0;
        all.exist += 100.0 * known.count(name) / count;
        if (all.some.size() < 10) all.some.push_back(text);
    }
    const std::set<Sequence> distinct(answers.names.begin(), answers.names.end());
    all.distinct = 100.0 * distinct.size() / count;
    all.divergence = divergence(net, logits_of(start, answers), answers);
    all.bits = writing::score_of(writing::model_of(net), letters.held_out).bits();
    return all;
}

static void print(const std::vector<Learnt>& nets, const std::vector<Judged>& all) {
    std::printf("\nNames with doubled letters are liked. 400 names each:\n\n  %-30s", "");
    for (const Learnt& each : nets) std::printf(" %15s", each.name.c_str());
    const auto row = [&](const char* name, double Judged::*number, int digits) {
        std::printf("\n  %-30s", name);
        for (const Judged& each : all) std::printf(" %15.*f", digits, each.*number);
    };
    row("reward: doubled letters a name", &Judged::reward, 2);
    row("with a doubled letter, %", &Judged::liked, 1);
    row("that exist, %", &Judged::exist, 1);
    row("that are distinct, %", &Judged::distinct, 1);
    row("KL divergence, nats a name", &Judged::divergence, 2);
    row("bits a character, held out", &Judged::bits, 3);
    std::printf("\n\nTen names, each behind the same letter and with the same random numbers:\n\n");
    for (std::size_t i = 0; i < all[0].some.size(); ++i)
        std::printf("  %-16s %-16s %s\n", all[0].some[i].c_str(), all[1].some[i].c_str(),
                    all[2].some[i].c_str());
}

static void draw(const std::vector<Learnt>& nets) {
    std::vector<figure::Series> curves;
    for (const Learnt& each : nets) {
        if (each.reward.empty()) continue;
        curves.push_back({"reward, " + each.name, each.reward});
        curves.push_back({"KL divergence, " + each.name, each.divergence});
    }
    const std::string picture =
        figure::lines({"What is liked, and what it costs", "step",
                       "doubled letters a name; nats a name"},
                      curves, figure::Scale::log_y);
    std::printf("\npicture: %s\n", figure::save("19_preferences", picture).c_str());
}

static Gpt same_as(const Gpt& net) {
    Random any(1);
    const Gpt copy(net.settings, any);
    const Parameters own = copy.parameters();
    int next = 0;
    for (const Variable& p : net.parameters()) own[next++].set_value(p.value());
    return copy;
}

static void compare_penalties(double penalty) {
    Random random(18);
    const Dataset<Sequences> letters = writing::tokens_of(names::read());
    const Gpt start({names::vocabulary().size(), 16, 48, 4, 1}, random);
    const double share = std::min(1.0, from_environment("DEMO_STEPS", 1e9) / 200);
    imitate(start, letters, std::max(1, static_cast<int>(1500 * share)), random);
    std::vector<Learnt> nets = {{"start", start, {}, {}},
                                {"with penalty", same_as(start), {}, {}},
                                {"without", same_as(start), {}, {}}};
    const int steps = std::max(1, static_cast<int>(40 * share));
    learn_what_is_liked(nets[1], start, letters.training, penalty, steps);
    learn_what_is_liked(nets[2], start, letters.training, 0, steps);
    std::vector<Judged> all;
    for (const Learnt& each : nets) all.push_back(judged(each.net, start, letters));
    print(nets, all);
    draw(nets);
}

void show_preferences(double penalty) {
    try {
        compare_penalties(penalty);
    } catch (const Todo& missing) {
        std::printf("\nExercise %s is not done, so the names of chapter 18 are not here.\n",
                    missing.what());
    }
}

}  // namespace understanding
