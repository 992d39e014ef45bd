#include "training/trainer.hpp"

#include "kit/demo.hpp"
#include "kit/environment.hpp"
#include "kit/hash.hpp"
#include "kit/interruption.hpp"
#include "kit/places.hpp"
#include "kit/progress.hpp"
#include "kit/timing.hpp"
#include "training/training_state.hpp"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>

namespace training {

namespace fs = std::filesystem;

static std::string path_of(const std::string& name) {
    const char* folder = std::getenv("DEMO_CHECKPOINTS");
    return (folder ? folder : std::string(places::build) + "/checkpoints") + "/" + name;
}

// The points of a curve among the numbers of a checkpoint, with all of their bits.
using Curve = std::vector<Outcome::Point>;
using Numbers = std::vector<std::uint64_t>;
static_assert(sizeof(Outcome::Point) == 4 * sizeof(Numbers::value_type));

static void append(Numbers& all, const Curve& curve) {
    const std::size_t before = all.size();
    all.resize(before + 4 * curve.size());
    std::memcpy(&all[before], curve.data(), curve.size() * sizeof(Outcome::Point));
}

static Curve curve_behind(const Numbers& all, int before) {
    Curve curve((all.size() - before) / 4);
    std::memcpy(curve.data(), &all[before], curve.size() * sizeof(Outcome::Point));
    return curve;
}

// ## A run, in memory and in its files

namespace {

class Run {
public:
    Run(const Plan& plan, const Learner& learner)
        : plan_(plan), learner_(learner), path_(path_of(plan.kept)) {
        plan_.steps = static_cast<int>(from_environment("DEMO_STEPS", plan.steps));
        now_.title = plan.title;
        begin_epoch();
        if (kept() && fs::exists(path_)) resume();
        else begin();
    }

    bool kept() const { return !plan_.kept.empty(); }
    bool over() const { return now_.steps >= plan_.steps; }
    const Plan& plan() const { return plan_; }
    const Outcome& now() const { return now_; }

    void step() {
        if (next_ == size_of(batches_)) begin_epoch();
        const float loss = learner_.step(batches_.at(next_++), 1.0 * now_.steps / plan_.steps);
        const int since_look = ++now_.steps - now_.curve.back().step;
        now_.loss = since_look == 1 ? loss : now_.loss + (loss - now_.loss) / since_look;
        now_.seconds = std::chrono::duration<double>(Clock::now() - start_).count();
        if (plan_.look_every > 0 && now_.steps % plan_.look_every == 0) look();
        if (kept() && now_.seconds - saved_ > 60) save();
    }

    // Whether the end of this run lies in LEARNT; then it is here.
    bool was_learnt() {
        const std::string path = learnt_path();
        if (path.empty() || !fs::exists(path)) return false;
        const Checkpoint end = load_checkpoint(path);
        if (end.numbers.size() < 6 || end.numbers[0] != number()) return false;
        const Curve curve = curve_behind(end.numbers, 2);
        set_trained(learner_.optimiser.parameters(), end, path);
        learner_.random = Random(end.numbers[1]);
        const float loss = static_cast<float>(curve.back().training);
        now_ = {plan_.title, true, plan_.steps, loss, 0, curve};
        return true;
    }

    // One that is interrupted, and kept, is neither complete nor looked at: it goes on.
    Outcome end() {
        now_.complete = over() || !kept();
        if (now_.complete && now_.curve.back().step < now_.steps) look();
        if (kept()) save();
        if (kept() && now_.complete)
            save_trained(path_ + ".trained", learner_.optimiser.parameters());
        if (over() && !learnt_path().empty()) save_learnt();
        if (!now_.complete)
            tell("\nSaved " + place() + " in " + fs::proximate(path_).string() +
                 ".\nThe same command goes on from there, as if nothing had happened.");
        return now_;
    }

private:
    using Clock = std::chrono::steady_clock;

    void begin() {
        if (kept()) fs::create_directories(fs::path(path_).parent_path());
        if (kept()) std::ofstream(path_ + ".log") << demo_command() << '\n';
        look();
    }

    void begin_epoch() {
        before_batches_ = learner_.random.state();
        batches_ = learner_.epoch(learner_.random);
        next_ = 0;
    }

    void look() {
        const NoTape no_tape;
        const Look seen = learner_.look();
        now_.curve.push_back({1.0 * now_.steps, now_.loss, seen.loss, seen.right});
        std::string line = place() + ", " + duration_text(now_.seconds) + ": held out " +
                           std::to_string(seen.loss);
        if (now_.steps > 0) line += ", training " + std::to_string(now_.loss);
        log(line);
    }

    std::string place() const {
        return "after step " + std::to_string(now_.steps) + " of " + std::to_string(plan_.steps);
    }

    void log(const std::string& text) const {
        if (kept()) std::ofstream(path_ + ".log", std::ios::app) << text << '\n';
    }

    void tell(const std::string& text) const {
        std::printf("%s\n", text.c_str());
        std::fflush(stdout);
        log(text);
    }

    // Another plan, or another number of batches, must not go on with this run.
    std::uint64_t number() const {
        return fnv1a(plan_.title + " " + std::to_string(plan_.steps) + " " +
                     std::to_string(plan_.look_every) + " " + std::to_string(batches_.size()));
    }

    // For "plain cell, 7–8", in 350 steps: plain_cell_7_8_350.trained.
    std::string learnt_path() const {
        const char* folder = std::getenv("LEARNT");  // from the course's own on, or from /
        if (!folder) return "";
        std::string name;
        for (unsigned char c : plan_.title + " " + std::to_string(plan_.steps))
            if (std::isalnum(c)) name += c;
            else if (name.back() != '_') name += '_';
        return (fs::path(places::root) / folder / (name + ".trained")).string();
    }

    void save_learnt() const {
        Checkpoint end = trained_of(learner_.optimiser.parameters());
        end.numbers = {number(), learner_.random.state()};
        append(end.numbers, now_.curve);
        fs::create_directories(fs::path(learnt_path()).parent_path());
        save_checkpoint(learnt_path(), end);
    }

    // Behind what restores the optimiser stand three numbers and the points of the curve, and one
    // more array, the loss.
    void save() {
        Checkpoint all = checkpoint_of(learner_.optimiser, learner_.random);
        for (std::uint64_t n : {number(), before_batches_, std::uint64_t(next_)})
            all.numbers.push_back(n);
        append(all.numbers, now_.curve);
        all.arrays.push_back({{}, {now_.loss}});
        save_checkpoint(path_, all);
        saved_ = now_.seconds;
    }

    void resume() {
        Checkpoint all = load_checkpoint(path_);
        if (all.numbers.size() < 9 || all.numbers[2] != number() || all.arrays.empty())
            throw std::runtime_error(path_ + " belongs to another run; move it away to begin anew");
        now_.loss = all.arrays.back().data.at(0);
        all.arrays.pop_back();
        now_.curve = curve_behind(all.numbers, 5);
        restore(all, learner_.optimiser, learner_.random);
        now_.steps = learner_.optimiser.state.steps;

        before_batches_ = all.numbers[3];
        Random then(before_batches_);
        batches_ = learner_.epoch(then);
        next_ = std::min(static_cast<int>(all.numbers[4]), size_of(batches_));
        tell("Going on " + place() + ".");
    }

    Plan plan_;
    const Learner& learner_;
    const std::string path_;
    Outcome now_;
    std::vector<Batch> batches_;        // of this epoch,
    std::uint64_t before_batches_ = 0;  // the random state that they were made from,
    int next_ = 0;                      // and which is next
    const Clock::time_point start_ = Clock::now();
    double saved_ = 0;  // after so many seconds
};

}  // namespace

std::function<void(const StepCost&)> tell_cost;

static Outcome measured(const Plan& plan, const Learner& learner) {
    const std::vector<Batch> batches = learner.epoch(learner.random);
    std::size_t next = 0;
    const double seconds = median_seconds(
        [&] { learner.step(batches.at(next++ % batches.size()), 0); }, 0.5);
    tell_cost({plan.title, seconds, parameter_count(learner.optimiser.parameters())});
    Outcome nothing;
    nothing.title = plan.title;
    nothing.complete = true;
    nothing.curve.push_back({0, 0, 0, 0});
    return nothing;
}

Outcome train(const Plan& plan, const Learner& learner) {
    if (tell_cost) return measured(plan, learner);
    const std::unique_ptr<Interruption> interruption(plan.kept.empty() ? nullptr
                                                                       : new Interruption);
    const double limit = from_environment("DEMO_SECONDS", 1e9);
    Run run(plan, learner);
    if (run.was_learnt()) return run.now();
    Progress progress(plan.title, run.plan().steps, run.now().steps);
    while (!run.over() && run.now().seconds < limit && !(interruption && Interruption::asked())) {
        run.step();
        progress.show(run.now().steps, run.now().loss, run.now().curve.back().right);
    }
    return run.end();
}

// ## Pictures

static figure::Series curve(const Outcome& run, const std::string& what,
                            double Outcome::Point::*y) {
    figure::Series series{run.title + what, {}};
    for (const Outcome::Point& point : run.curve) {
        if (std::isnan(point.*y)) continue;  // before the first step, no batch has had a loss
        series.x.push_back(point.step);
        series.y.push_back(point.*y);
    }
    return series;
}

static void draw(const std::string& picture, const figure::Caption& caption,
                 const std::vector<figure::Series>& curves) {
    std::printf("picture: %s\n", figure::save(picture, figure::lines(caption, curves)).c_str());
}

void draw_losses(const std::string& picture, const std::vector<Outcome>& runs) {
    std::vector<figure::Series> curves;
    for (const Outcome& run : runs) {
        curves.push_back(curve(run, ", training", &Outcome::Point::training));
        curves.push_back(curve(run, ", held out", &Outcome::Point::held_out));
    }
    draw(picture, {"Loss, in training and held out", "step", "loss"}, curves);
}

void draw_right(const std::string& picture, const std::vector<Outcome>& runs) {
    std::vector<figure::Series> curves;
    for (const Outcome& run : runs) curves.push_back(curve(run, "", &Outcome::Point::right));
    draw(picture, {"What is right of what is held out", "step", "share"}, curves);
}

}  // namespace training
