#include "course/speaking.hpp"

#include "02_fast_matmul.hpp"
#include "course/figure.hpp"
#include "course/interruption.hpp"
#include "course/progress.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <cstring>
#include <iostream>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <unistd.h>

namespace speaking {

using namespace pronunciation;
using Clock = std::chrono::steady_clock;

static double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

static double from_environment(const char* name, double otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : std::atof(text);
}

std::string checkpoint_path(const std::string& name) {
    const char* folder = std::getenv("DEMO_CHECKPOINTS");
    const std::string other = std::string(COURSE_BUILD) + "/checkpoints";
    return (folder == nullptr ? other : std::string(folder)) + "/" + name;
}

// ## A batch on two cores
//
// Nearly all operations of a small transformer are too small to be shared among threads. So the
// batch is shared: each half goes through a copy of the net on a thread of its own, and the copies'
// gradients are added in proportion to their words, as in (17.8). There are two halves on any
// machine, so the numbers are the same on any machine.

namespace {

struct Half {
    Sentences letters, sounds;
    int words = 0;  // to be said
    std::uint64_t seed = 0;
    double loss = 0;
};

class TwoCopies {
public:
    explicit TwoCopies(const Transformer& net) : own_(net.parameters()) {
        for (int k = 0; k < 2; ++k) {
            Random any(1);
            copies_.emplace_back(net.settings, any);
        }
    }

    // The loss of a batch; its rule brings the copies' gradients to the net's own parameters.
    Variable loss(const std::vector<Pair>& pairs, const std::vector<int>& batch, const Plan& plan,
                  Random& random) const {
        std::vector<Half> halves = halves_of(pairs, batch, random);
        parallel_for(2, [&](int k) { run(copies_[static_cast<std::size_t>(k)], halves[k], plan); });
        const double n = halves[0].words + halves[1].words;
        double mean_loss = 0;
        for (const Half& half : halves) mean_loss += half.loss * half.words / n;
        const Parameters all = own_;
        return record("two halves", Tensor({}, {static_cast<float>(mean_loss)}), all,
                      [this, halves, n](const Tensor&, const Tensor& dloss) {
                          for (std::size_t k = 0; k < 2; ++k)
                              bring(copies_[k].parameters(),
                                    dloss.data[0] * static_cast<float>(halves[k].words / n));
                      });
    }

private:
    static std::vector<Half> halves_of(const std::vector<Pair>& pairs,
                                       const std::vector<int>& batch, Random& random) {
        std::vector<Half> halves(2);
        for (std::size_t i = 0; i < batch.size(); ++i) {
            Half& half = halves[2 * i < batch.size() ? 0 : 1];
            const Pair& pair = pairs[static_cast<std::size_t>(batch[i])];
            half.letters.push_back(pair.letters);
            half.sounds.push_back(pair.sounds);
            half.words += static_cast<int>(pair.sounds.size()) + 1;
        }
        for (Half& half : halves) half.seed = random.bits();
        return halves;
    }

    void run(const Transformer& copy, Half& half, const Plan& plan) const {
        const Parameters mine = copy.parameters();
        for (std::size_t i = 0; i < own_.size(); ++i) {
            mine[i].set_value(own_[i].value());
            mine[i].clear_gradient();
        }
        if (half.words == 0) return;
        Random random(half.seed);
        const Dropout dropout(plan.dropout, random);
        const Variable loss = loss_of(copy, half.letters, half.sounds, plan.smoothing, dropout);
        half.loss = static_cast<double>(loss.value().data[0]);
        backward(loss);
    }

    void bring(const Parameters& from, float factor) const {
        for (std::size_t i = 0; i < own_.size(); ++i)
            own_[i].add_gradient(scale(from[i].gradient(), factor));
    }

    Parameters own_;
    std::vector<Transformer> copies_;
};

// ## A run, which can be saved in the middle

class Run {
public:
    Run(const Transformer& net, const Plan& plan, const Dictionary& dictionary, Random& random)
        : plan_(plan),
          random_(random),
          parameters_(net.parameters()),
          copies_(net),
          adam_(parameters_, 0.0, {0.9, 0.98, 1e-9}),
          pairs_(pairs_of(dictionary.training)) {
        plan_.steps = static_cast<int>(from_environment("DEMO_STEPS", plan_.steps));
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
        const std::vector<int>& batch = batches_[next_++];
        int words = 0;
        for (int i : batch)
            words += static_cast<int>(pairs_[static_cast<std::size_t>(i)].sounds.size()) + 1;
        TrainingSettings settings = plan_.training;
        settings.factor *= 1.0 - static_cast<double>(steps_done()) / plan_.steps;
        const double loss = training_step(
            adam_, parameters_,
            {{words, [&] { return copies_.loss(pairs_, batch, plan_, random_); }}}, settings);
        loss_ = steps_done() == 1 ? loss : 0.98 * loss_ + 0.02 * loss;
        sounds_ += words;
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
    TwoCopies copies_;
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

// ## Showing

// "w" has six sounds, but no word has many more sounds than letters. An untrained net never ends.
static int longest_answer(const Sentence& letters) {
    return 8 + 2 * static_cast<int>(letters.size());
}

void print_error_rates(const Transformer& net, const std::vector<Entry>& entries) {
    const double most = from_environment("DEMO_WORDS", static_cast<double>(entries.size()));
    const auto count = std::min(entries.size(), static_cast<std::size_t>(std::max(1.0, most)));
    std::vector<Entry> sorted(entries.begin(), entries.begin() + static_cast<long>(count));
    // By length, so that little padding is computed.
    std::stable_sort(sorted.begin(), sorted.end(), [](const Entry& a, const Entry& b) {
        return a.letters.size() < b.letters.size();
    });
    const std::size_t together = 256;
    std::vector<Sentences> said((sorted.size() + together - 1) / together);
    parallel_for(static_cast<int>(said.size()), [&](int part) {
        Sentences letters;
        const std::size_t first = static_cast<std::size_t>(part) * together;
        for (std::size_t i = first; i < std::min(first + together, sorted.size()); ++i)
            letters.push_back(sorted[i].letters);
        said[static_cast<std::size_t>(part)] =
            greedy_search(next_word(net, letters), static_cast<int>(letters.size()), begin, end,
                          longest_answer(letters.back()));
    });
    Sentences all;
    for (const Sentences& part : said) all.insert(all.end(), part.begin(), part.end());
    const ErrorRates rates = error_rates(sorted, all);
    std::printf("%zu held-out words: %.1f %% of the words and %.1f %% of the sounds are wrong\n\n",
                sorted.size(), 100 * rates.words, 100 * rates.sounds);
}

static std::vector<Hypothesis> pronounce(const Transformer& net, const std::string& word) {
    return beam_search(next_word(net, {letters_of(word)}), begin, end,
                       longest_answer(letters_of(word)), 4, 0.6);
}

static Sentence without_end(Sentence said) {
    if (!said.empty() && said.back() == end) said.pop_back();
    return said;
}

// The best, then those that are at least a fifth as likely, each with its probability.
static std::string alternatives(const std::vector<Hypothesis>& found) {
    std::string text;
    for (const Hypothesis& h : found) {
        if (h.log_probability < found[0].log_probability - std::log(5.0)) continue;
        char percent[16];
        std::snprintf(percent, sizeof percent, " (%.0f %%)", 100 * std::exp(h.log_probability));
        text += (text.empty() ? "" : ",  ") + text_of(without_end(h.said)) + percent;
    }
    return text;
}

void print_words(const Transformer& net, const std::vector<Entry>& entries, int count) {
    Random random(2026);
    for (int i = 0; i < count && !entries.empty(); ++i) {
        const Entry& entry =
            entries[static_cast<std::size_t>(random.below(static_cast<int>(entries.size())))];
        const std::vector<Hypothesis> found = pronounce(net, entry.word);
        const bool right =
            std::count(entry.sounds.begin(), entry.sounds.end(), without_end(found.at(0).said)) > 0;
        std::printf(" %s %-14s %s\n", right ? "✓" : "✗", entry.word.c_str(),
                    alternatives(found).c_str());
        if (!right) std::printf("   %-14s %s\n", "  it is", text_of(entry.sounds[0]).c_str());
    }
    std::printf("\n");
}

void draw_attention(const Transformer& net, const std::string& word) {
    const NoTape no_tape_here;
    const Sentence letters = letters_of(word), said = pronounce(net, word).at(0).said;
    Sentence read = {begin};
    read.insert(read.end(), said.begin(), said.end() - (said.empty() ? 0 : 1));
    const Variable memory = net.encode({letters});
    const Tensor weights = net.decoder.cross_weights(net.embed(net.tables.target, {read}), memory,
                                                     causal_mask(static_cast<int>(read.size())));
    figure::Names rows, columns;
    for (int letter : letters) columns.push_back(name_of(letter));
    for (int sound : said) rows.push_back(name_of(sound));
    const figure::Values cells = figure::values(weights.data);
    std::printf("Where it looks in \"%s\" when it says each sound:\n\n%s\n", word.c_str(),
                figure::text_heatmap(rows, columns, cells).c_str());
    const std::string picture = figure::heatmaps(
        {"Where it looks", "letter it reads", "sound it says"}, rows, columns, {{"", cells}});
    std::printf("picture: %s\n", figure::save("17_attention", picture).c_str());
}

void draw_rates() {
    std::vector<figure::Series> curves;
    for (const auto& [D, warm_up] :
         {std::pair(512, 4000), std::pair(512, 8000), std::pair(256, 4000)}) {
        figure::Series curve{"D = " + std::to_string(D) + ", warm-up " + std::to_string(warm_up),
                             {}};
        for (int step = 1; step <= 20000; step += step < 100 ? 1 : 50) {
            curve.x.push_back(step);
            curve.y.push_back(warm_up_rate(step, D, warm_up));
        }
        curves.push_back(curve);
    }
    const std::string picture = figure::lines({"The learning rate (17.6)", "step", "rate"}, curves);
    std::printf("The paper's base model: %d parameters; its rate is highest at step 4000: %.6f\n",
                count_transformer_parameters(
                    {{512, 8, 2048, 6, NormPlace::after, Activation::relu}, 37000, 0, 1, 2, true}),
                warm_up_rate(4000, 512, 4000));
    std::printf("picture: %s\n\n", figure::save("17_rates", picture).c_str());
}

void prompt(const Transformer& net) {
    if (!isatty(STDIN_FILENO)) return;
    std::printf("\nType a word, or nothing to leave.\n");
    for (std::string line; std::printf("> "), std::fflush(stdout), std::getline(std::cin, line);) {
        if (line.empty()) return;
        try {
            const Sentence letters = letters_of(line);
            if (letters.size() > 40) throw std::invalid_argument("that is more than 40 letters");
            std::printf("  %s\n\n", alternatives(pronounce(net, line)).c_str());
            draw_attention(net, line);
        } catch (const std::invalid_argument& error) {
            std::printf("  %s\n", error.what());
        }
    }
    std::printf("\n");
}

}  // namespace speaking
