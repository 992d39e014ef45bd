// Training on the dictionary, in a run that can be saved in the middle.

#include "kit/environment.hpp"
#include "kit/interruption.hpp"
#include "kit/progress.hpp"
#include "training/data_parallel.hpp"
#include "training/training_state.hpp"
#include "demos/17_speaking/speaking.hpp"

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <stdexcept>

namespace speaking {

using namespace pronunciation;
using Clock = std::chrono::steady_clock;

static double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

std::string checkpoint_path(const std::string& name) {
    const char* folder = std::getenv("DEMO_CHECKPOINTS");
    const std::string other = std::string(COURSE_BUILD) + "/checkpoints";
    return (folder == nullptr ? other : std::string(folder)) + "/" + name;
}

namespace {

constexpr int num_microbatches = 2;  // of a batch, on any machine

class Run {
public:
    Run(const Transformer& net, const Plan& plan, const Dictionary& dictionary, Random& random)
        : plan_(plan),
          random_(random),
          parameters_(net.parameters()),
          adam_(parameters_, 0.0, {0.9, 0.98, 1e-9}),
          pairs_(pairs_of(dictionary.training)) {
        plan_.steps = static_cast<int>(from_environment("DEMO_STEPS", plan_.steps));
        for (int k = 0; k < num_microbatches; ++k) {
            Random any(1);  // a copy has the values of `net` at every step
            nets_.emplace_back(net.settings, any);
            copies_.push_back(nets_.back().parameters());
        }
        begin_epoch();
    }

    int steps_done() const { return adam_.state.steps; }
    int steps() const { return plan_.steps; }
    double loss() const { return loss_; }
    double epochs() const {
        return static_cast<double>(plan_.batch) * steps_done() / static_cast<double>(pairs_.size());
    }
    double sounds() const { return sounds_; }

    void step() {
        if (next_ == batches_.size()) begin_epoch();
        const std::vector<Microbatch> microbatches = microbatches_of(batches_[next_++]);
        int tokens = 0;
        for (const Microbatch& each : microbatches) tokens += each.tokens;
        TrainingSettings settings = plan_.training;
        settings.factor *= 1.0 - static_cast<double>(steps_done()) / plan_.steps;
        const double loss = accumulate_and_step(
            adam_, parameters_,
            {{tokens, [&] { return parallel_loss(parameters_, copies_, microbatches); }}},
            settings);
        loss_ = steps_done() == 1 ? loss : 0.98 * loss_ + 0.02 * loss;
        sounds_ += tokens;
    }

    void save() const {
        if (plan_.checkpoint.empty()) return;
        Checkpoint all = checkpoint_of(parameters_, adam_, random_);
        std::uint64_t loss_bits = 0;
        std::memcpy(&loss_bits, &loss_, sizeof loss_bits);
        for (std::uint64_t number : {epoch_seed_, std::uint64_t{next_}, plan_numbers(), loss_bits})
            all.numbers.push_back(number);
        save_checkpoint(plan_.checkpoint, all);
    }

    // What it has learnt, without what only training needs.
    void save_trained() const {
        if (plan_.checkpoint.empty()) return;
        Checkpoint learnt;
        for (const Variable& p : parameters_) learnt.arrays.push_back({p.shape(), p.value().data});
        save_checkpoint(plan_.checkpoint + ".trained", learnt);
    }

    // From the plan's checkpoint, when there is one; what does not fit changes nothing.
    bool resume() {
        if (plan_.checkpoint.empty() || !std::filesystem::exists(plan_.checkpoint)) return false;
        const Checkpoint all = load_checkpoint(plan_.checkpoint);
        if (all.numbers.size() != 6 || all.numbers[4] != plan_numbers())
            throw std::runtime_error(plan_.checkpoint +
                                     " belongs to another run; move it away to begin anew");
        restore(all, parameters_, adam_, random_);
        Random then(all.numbers[2]);
        epoch_seed_ = all.numbers[2];
        batches_ = batches_of_like_length(pairs_, plan_.batch, then);
        next_ = std::min(static_cast<std::size_t>(all.numbers[3]), batches_.size());
        std::memcpy(&loss_, &all.numbers[5], sizeof loss_);
        return true;
    }

private:
    std::vector<Microbatch> microbatches_of(const std::vector<int>& batch) {
        std::vector<Microbatch> microbatches;
        for (std::size_t k = 0; k < num_microbatches; ++k) {
            Sequences letters, sounds;
            int tokens = 0;
            for (std::size_t i = batch.size() * k / num_microbatches;
                 i < batch.size() * (k + 1) / num_microbatches; ++i) {
                const Pair& pair = pairs_[static_cast<std::size_t>(batch[i])];
                letters.push_back(pair.letters);
                sounds.push_back(pair.sounds);
                tokens += size_of(pair.sounds) + 1;  // and the end
            }
            const std::uint64_t seed = random_.bits();
            microbatches.push_back({tokens, [=] {
                                        Random random(seed);
                                        const Dropout dropout(plan_.dropout, random);
                                        return teacher_forcing_loss(nets_[k], letters, sounds,
                                                                    plan_.smoothing, dropout);
                                    }});
        }
        return microbatches;
    }

    void begin_epoch() {
        epoch_seed_ = random_.state();
        batches_ = batches_of_like_length(pairs_, plan_.batch, random_);
        next_ = 0;
    }

    // Steps and batches belong together: another plan must not go on with this run.
    std::uint64_t plan_numbers() const {
        return static_cast<std::uint64_t>(plan_.steps) << 32 |
               static_cast<std::uint64_t>(plan_.batch);
    }

    Plan plan_;
    Random& random_;
    Parameters parameters_;
    std::vector<Transformer> nets_;  // for the microbatches
    std::vector<Parameters> copies_;
    Adam adam_;
    std::vector<Pair> pairs_;
    std::vector<std::vector<int>> batches_;
    std::size_t next_ = 0;
    std::uint64_t epoch_seed_ = 0;
    double loss_ = 0, sounds_ = 0;
};

}  // namespace

static void go_on_later(const Run& run, const Plan& plan) {
    std::printf(
        "\nSaved after step %d of %d in %s.\nThe same command goes on from there, as if nothing "
        "had "
        "happened.\n",
        run.steps_done(), run.steps(),
        std::filesystem::proximate(plan.checkpoint).string().c_str());
}

static void show(Progress& progress, const Run& run, Clock::time_point start) {
    char speed[40];
    std::snprintf(speed, sizeof speed, "%.0f sounds/s", run.sounds() / seconds_since(start));
    progress.show(run.steps_done(), run.loss(), NAN, speed);
}

// True when the run has come to its end, or as far as DEMO_SECONDS lets it.
static bool run_to_the_end(Run& run, const Plan& plan) {
    const bool kept = !plan.checkpoint.empty();
    const std::unique_ptr<Interruption> interruption(kept ? new Interruption : nullptr);
    const double limit = from_environment("DEMO_SECONDS", 1e9);
    const Clock::time_point start = Clock::now();
    Clock::time_point saved = start;
    Progress progress("learning", run.steps(), run.steps_done());
    while (run.steps_done() < run.steps()) {
        const bool late = seconds_since(start) > limit;
        if (late || (kept && Interruption::asked())) {
            run.save();
            return !kept;
        }
        run.step();
        show(progress, run, start);
        if (kept && seconds_since(saved) > 60) run.save(), saved = Clock::now();
    }
    run.save();
    run.save_trained();
    return true;
}

bool train(const Transformer& net, const Plan& plan, const Dictionary& dictionary, Random& random) {
    Run run(net, plan, dictionary, random);
    if (run.resume()) std::printf("Going on after step %d of %d.\n", run.steps_done(), run.steps());
    std::printf("%d parameters, %zu words to learn from, %zu held out\n",
                parameter_count(net.parameters()), dictionary.training.size(),
                dictionary.held_out.size());
    std::fflush(stdout);
    const Clock::time_point start = Clock::now();
    if (!run_to_the_end(run, plan)) {
        go_on_later(run, plan);
        return false;
    }
    std::printf("%d steps, %.1f times through the dictionary, %.0f s; loss per sound %.3f\n\n",
                run.steps_done(), run.epochs(), seconds_since(start), run.loss());
    return true;
}

void read_trained(const Transformer& net) {
    const std::string path = std::string(COURSE_ROOT) + "/data/speaking.trained";
    const std::vector<Array> learnt = load_checkpoint(path).arrays;
    const Parameters parameters = net.parameters();
    bool fits = learnt.size() == parameters.size();
    for (std::size_t i = 0; fits && i < learnt.size(); ++i)
        fits = learnt[i].shape == parameters[i].value().shape;
    if (!fits) throw std::runtime_error("read_trained: " + path + " is of another model");
    for (std::size_t i = 0; i < learnt.size(); ++i)
        parameters[i].set_value(Tensor(learnt[i].shape, learnt[i].data));
}

}  // namespace speaking
