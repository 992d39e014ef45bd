#include "training/trainer.hpp"

#include "kit/checkpoint.hpp"
#include "kit/environment.hpp"
#include "kit/hash.hpp"
#include "kit/interruption.hpp"
#include "kit/progress.hpp"
#include "training/training_state.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>

namespace training {

// ## Batches

Batches::Batches(Cut cut, Random& random) : cut_(std::move(cut)), random_(random) {}

Batches::Batches(int count, int size, Random& random)
    : Batches([=](Random& any) { return shuffled_batches(count, size, any); }, random) {}

Batch Batches::next() {
    if (place_ == size_of(epoch_)) {
        before_epoch_ = random_.state();
        epoch_ = cut_(random_);
        place_ = 0;
    }
    return epoch_.at(place_++);
}

// ## A run, in memory and as a file

static std::string path_of(const Plan& plan) {
    const char* folder = std::getenv("DEMO_CHECKPOINTS");
    const std::string other = std::string(COURSE_BUILD) + "/checkpoints";
    return (folder == nullptr ? other : std::string(folder)) + "/" + plan.kept;
}

static std::uint64_t bits_of(double number) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, &number, sizeof bits);
    return bits;
}

class Run {
public:
    Run(const Plan& plan, Optimiser& optimiser, Batches& batches, Outcome& outcome)
        : plan_(plan), optimiser_(optimiser), batches_(batches), outcome_(outcome) {}

    bool kept() const { return !plan_.kept.empty(); }
    bool over() const { return outcome_.steps >= plan_.steps; }

    void step(const Step& step) {
        const double loss = step(batches_.next(), 1.0 * outcome_.steps / plan_.steps);
        ++outcome_.steps;
        ++since_look_;
        sum_ += loss;
        outcome_.loss = outcome_.steps == 1 ? loss : 0.98 * outcome_.loss + 0.02 * loss;
    }

    bool is_time_to_look() const {
        return over() || (plan_.look_every > 0 && outcome_.steps % plan_.look_every == 0);
    }

    void add(const Look& look) {
        Curves& curves = outcome_.curves;
        curves.steps.push_back(outcome_.steps);
        curves.training.push_back(since_look_ > 0 ? sum_ / since_look_ : look.loss);
        curves.held_out.push_back(look.loss);
        curves.right.push_back(look.right);
        since_look_ = 0, sum_ = 0;
    }

    void save() const;
    bool resume();
    void log(double seconds) const;

private:
    // Another plan, or other batches, must not go on with this run.
    std::uint64_t plan_number() const {
        return fnv1a(plan_.kept + " " + std::to_string(plan_.steps) + " " +
                     std::to_string(plan_.look_every));
    }

    const Plan& plan_;
    Optimiser& optimiser_;
    Batches& batches_;
    Outcome& outcome_;
    double sum_ = 0;  // of the losses since the last look
    int since_look_ = 0;
};

static const int numbers_of_a_run = 6;

void Run::save() const {
    if (!kept()) return;
    Checkpoint all = checkpoint_of(optimiser_.parameters(), optimiser_, batches_.random_);
    const std::uint64_t place = static_cast<std::uint64_t>(batches_.place_);
    for (std::uint64_t number :
         {batches_.before_epoch_, place, plan_number(), bits_of(outcome_.loss), bits_of(sum_),
          static_cast<std::uint64_t>(since_look_)})
        all.numbers.push_back(number);
    const Curves& curves = outcome_.curves;
    for (const auto* curve : {&curves.steps, &curves.training, &curves.held_out, &curves.right})
        all.arrays.push_back({{size_of(*curve)}, {curve->begin(), curve->end()}});
    save_checkpoint(path_of(plan_), all);
}

bool Run::resume() {
    if (!kept() || !std::filesystem::exists(path_of(plan_))) return false;
    Checkpoint all = load_checkpoint(path_of(plan_));
    const int own = size_of(all.numbers) - numbers_of_a_run, curves = size_of(all.arrays) - 4;
    if (own < 2 || curves < 0 || all.numbers[own + 2] != plan_number())
        throw std::runtime_error(path_of(plan_) +
                                 " belongs to another run; move it away to begin anew");
    const std::vector<Array> seen(all.arrays.begin() + curves, all.arrays.end());
    all.arrays.resize(curves);
    restore(all, optimiser_.parameters(), optimiser_, batches_.random_);

    Random then(all.numbers[own]);
    batches_.before_epoch_ = all.numbers[own];
    batches_.epoch_ = batches_.cut_(then);
    batches_.place_ = std::min(static_cast<int>(all.numbers[own + 1]), size_of(batches_.epoch_));
    std::memcpy(&outcome_.loss, &all.numbers[own + 3], sizeof outcome_.loss);
    std::memcpy(&sum_, &all.numbers[own + 4], sizeof sum_);
    since_look_ = static_cast<int>(all.numbers[own + 5]);
    outcome_.steps = optimiser_.state.steps;
    std::size_t next = 0;
    for (auto* curve : {&outcome_.curves.steps, &outcome_.curves.training,
                        &outcome_.curves.held_out, &outcome_.curves.right}) {
        curve->assign(seen[next].data.begin(), seen[next].data.end());
        ++next;
    }
    return true;
}

// A line for each look, below the command.
void Run::log(double seconds) const {
    if (!kept()) return;
    const std::string path = path_of(plan_) + ".log";
    const bool begins = !std::filesystem::exists(path);
    std::ofstream file(path, std::ios::app);
    if (begins) file << plan_.command << '\n';
    char line[160];
    const Curves& curves = outcome_.curves;
    std::snprintf(line, sizeof line, "step %d of %d: loss %.4f, held out %.4f, %.2f %% right, %s\n",
                  outcome_.steps, plan_.steps, curves.training.back(), curves.held_out.back(),
                  100 * curves.right.back(), duration_text(seconds).c_str());
    file << line;
}

static void save_trained(const Plan& plan, const Parameters& parameters) {
    Checkpoint learnt;
    for (const Variable& p : parameters) learnt.arrays.push_back({p.shape(), p.value().data});
    save_checkpoint(path_of(plan) + ".trained", learnt);
}

// ## Training

using Clock = std::chrono::steady_clock;

static double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

static void go_on_later(const Plan& plan, const Outcome& outcome) {
    std::printf(
        "\nSaved after step %d of %d in %s.\n"
        "The same command goes on from there, as if nothing had happened.\n",
        outcome.steps, plan.steps, std::filesystem::proximate(path_of(plan)).string().c_str());
}

static Look without_tape(const std::function<Look()>& look) {
    const NoTape no_tape;
    return look();
}

static void run_to_the_end(Run& run, const Plan& plan, Outcome& outcome, const Step& step,
                           const std::function<Look()>& look) {
    const std::unique_ptr<Interruption> interruption(run.kept() ? new Interruption : nullptr);
    const double limit = from_environment("DEMO_SECONDS", 1e9);
    const Clock::time_point start = Clock::now();
    Clock::time_point saved = start;
    Progress progress(plan.title, plan.steps, outcome.steps);
    const int before = outcome.steps;
    double right = NAN;
    while (!run.over() && seconds_since(start) < limit) {
        if (run.kept() && Interruption::asked()) break;
        run.step(step);
        if (run.is_time_to_look()) {
            run.add(look ? without_tape(look) : Look());
            run.log(seconds_since(start));
            right = outcome.curves.right.back();
        }
        char speed[40];
        std::snprintf(speed, sizeof speed, "%.0f steps/s",
                      (outcome.steps - before) / seconds_since(start));
        progress.show(outcome.steps, outcome.loss, right, speed);
        if (seconds_since(saved) > 60) run.save(), saved = Clock::now();
    }
    outcome.seconds = seconds_since(start);
}

Outcome train(const Plan& asked, Optimiser& optimiser, Batches& batches, const Step& step,
              const std::function<Look()>& look) {
    Plan plan = asked;
    plan.steps = static_cast<int>(from_environment("DEMO_STEPS", plan.steps));
    Outcome outcome;
    Run run(plan, optimiser, batches, outcome);
    if (run.resume()) std::printf("Going on after step %d of %d.\n", outcome.steps, plan.steps);
    else if (look && plan.look_every > 0) run.add(without_tape(look));
    std::fflush(stdout);
    run_to_the_end(run, plan, outcome, step, look);
    run.save();
    outcome.complete = !run.kept() || run.over();
    if (!outcome.complete) go_on_later(plan, outcome);
    else if (run.kept()) save_trained(plan, optimiser.parameters());
    return outcome;
}

std::vector<figure::Series> loss_curves(const std::string& name, const Curves& curves) {
    return {{name + ", training", curves.training, curves.steps},
            {name + ", held out", curves.held_out, curves.steps}};
}

void read_trained(const Parameters& parameters, const std::string& name) {
    const std::string path = std::string(COURSE_ROOT) + "/data/" + name + ".trained";
    const std::vector<Array> learnt = load_checkpoint(path).arrays;
    bool fits = learnt.size() == parameters.size();
    for (std::size_t i = 0; fits && i < learnt.size(); ++i)
        fits = learnt[i].shape == parameters[i].shape();
    if (!fits) throw std::runtime_error("read_trained: " + path + " is of another model");
    for (std::size_t i = 0; i < learnt.size(); ++i)
        parameters[i].set_value(Tensor(learnt[i].shape, learnt[i].data));
}

}  // namespace training
