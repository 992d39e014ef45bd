// Models of many sizes learn names, each for as long as its budget lasts.

#include "demos/26_growing/growing.hpp"

#include "26_scale.hpp"
#include "data/budgets.hpp"
#include "data/names.hpp"
#include "demos/18_writing/writing.hpp"
#include "kit/environment.hpp"
#include "kit/figure.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>

namespace growing {

namespace {

struct Budget {
    double budget;
    std::vector<double> sizes, bits;
};

}  // namespace

static const Dataset<Sequences>& letters() {
    static const Dataset<Sequences> all = writing::tokens_of(names::read());
    return all;
}

double bits_of_names(const Gpt& net) {
    return writing::score_of(writing::model_of(net), letters().held_out).bits();
}

static Gpt model_of_width(int width) {
    Random random(26);
    const int heads = width % 16 == 0 ? width / 16 : 1;
    return Gpt({names::vocabulary().size(), 16, width, heads, 2}, random);
}

static double parameters_of_width(int width) {
    return parameter_count(model_of_width(width).parameters());
}

// The even width whose model has the number of parameters that comes nearest, as a ratio.
static int width_for(double parameters) {
    int width = 4;
    while (width < 256 && std::sqrt(parameters_of_width(width) * parameters_of_width(width + 2)) <
                              parameters)
        width += 2;
    return width;
}

static double tokens_of_a_name() {
    double tokens = 0;
    for (const Sequence& name : letters().training) tokens += size_of(name) - 1;
    return tokens / letters().training.size();
}

static Trained learn_with_width(int width, double budget) {
    constexpr int batch = 32;
    const Gpt net = model_of_width(width);
    const double N = parameter_count(net.parameters()), each = batch * tokens_of_a_name();
    const int steps = std::max(10, static_cast<int>(std::lround(budget / (6 * N * each))));
    char title[40];
    std::snprintf(title, sizeof title, "%.0e, %.0f", budget, N);
    Random random(26);
    const double rate = 0.01 * std::sqrt(32.0 / width);
    writing::learn(net, {title, steps, steps}, {batch, std::max(1, steps / 10), rate},
                   writing::of_sequences(letters(), batch), random);
    return {net, N, steps * each, bits_of_names(net)};
}

// The widths that are tried grow with the budget, as the best one does.
static const std::vector<int> widths = {4, 6, 8, 12, 16, 24, 32, 48, 64};

static std::vector<Budget> learn_budgets() {
    std::vector<double> budgets = {3e8, 1e9, 3e9, 1e10, 3e10};
    std::vector<int> first = {0, 1, 1, 2, 3};
    if (asked_for("FULL")) {
        budgets.insert(budgets.end(), {1e11, 3e11});
        first.insert(first.end(), {4, 5});
    }
    std::printf("\nNames, in bits per letter held out, by the budget 6 N n:\n\n  %8s", "N");
    for (std::size_t i = 0; i < budgets.size(); ++i) std::printf(" %9.0e", budgets[i]);
    std::printf("\n");
    std::vector<Budget> all;
    for (double budget : budgets) all.push_back({budget, {}, {}});
    for (int w = 0; w < size_of(widths) && w < first.back() + 4; ++w) {
        std::printf("  %8.0f", parameters_of_width(widths[w]));
        for (std::size_t i = 0; i < budgets.size(); ++i) {
            if (w < first[i] || w >= first[i] + 4) {
                std::printf(" %9s", "");
                continue;
            }
            const Trained model = learn_with_width(widths[w], budgets[i]);
            all[i].sizes.push_back(model.parameters);
            all[i].bits.push_back(model.bits);
            std::printf(" %9.3f", model.bits);
            std::fflush(stdout);
        }
        std::printf("\n");
    }
    return all;
}

// A law from the first budget to the last one, and a little beyond.
static figure::Series line_of(const PowerLaw& law, double from, double to) {
    figure::Series line{"the law", {}};
    for (double x = from; x < 1.01 * to; x *= std::sqrt(10.0)) {
        line.x.push_back(x);
        line.y.push_back(law.at(x));
    }
    return line;
}

static void save(const char* name, const figure::Caption& caption,
                 const std::vector<figure::Series>& series) {
    const std::string svg = figure::lines(caption, series, figure::Scale::log_log);
    std::printf("picture: %s\n", figure::save(name, svg).c_str());
}

namespace {

struct Laws {
    PowerLaw size, loss;
};

}  // namespace

static double lowest_of(const Budget& each) {
    return *std::min_element(each.bits.begin(), each.bits.end());
}

// Fitted to the best of each budget, and what they say of another one.
static Laws fit_laws(const std::vector<Budget>& all, double budget) {
    std::vector<double> budgets, sizes, bits;
    for (const Budget& each : all) {
        budgets.push_back(each.budget);
        sizes.push_back(best_size(each.sizes, each.bits));
        bits.push_back(lowest_of(each));
    }
    const Laws laws{fit_power_law(budgets, sizes), fit_power_law(budgets, bits)};
    std::printf("\nThe best size is %.3f C^%.2f, and its bits per letter are %.2f C^%.4f.\n"
                "Held out, the budget %.0e: by the laws %.0f parameters and %.3f bits;\n",
                laws.size.factor, laws.size.exponent, laws.loss.factor, laws.loss.exponent, budget,
                laws.size.at(budget), laws.loss.at(budget));
    std::fflush(stdout);
    return laws;
}

static void draw_laws(const std::vector<Budget>& all, const Laws& laws, const budgets::Run& next) {
    figure::Series lowest{"best of each budget", {}, {}, true};
    figure::Series best{"best size", {}, {}, true};
    const figure::Series held{"held out", {next.bits}, {next.budget}, true};
    std::vector<figure::Series> valleys;
    for (const Budget& each : all) {
        lowest.x.push_back(each.budget), best.x.push_back(each.budget);
        lowest.y.push_back(lowest_of(each));
        best.y.push_back(best_size(each.sizes, each.bits));
        char name[32];
        std::snprintf(name, sizeof name, "budget %.0e", each.budget);
        valleys.push_back({name, each.bits, each.sizes});
    }
    valleys.push_back({"held out", {next.bits}, {next.parameters}, true});
    std::printf("\n");
    save("26_sizes", {"Each budget has a best size", "parameters N", "bits per letter"}, valleys);
    save("26_law", {"The best of each budget", "budget 6 N n", "bits per letter"},
         {lowest, held, line_of(laws.loss, all[0].budget, next.budget)});
    save("26_best", {"The best size grows", "budget 6 N n", "parameters N"},
         {best, line_of(laws.size, all[0].budget, next.budget)});
}

Trained show_laws(double times) {
    const std::vector<Budget> all = learn_budgets();
    const double budget = times * all.back().budget;
    const Laws laws = fit_laws(all, budget);
    const Trained next = learn_with_width(width_for(laws.size.at(budget)), budget);
    std::printf("trained, with %.0f parameters on %.0f letters, %.3f bits.\n", next.parameters,
                next.tokens, next.bits);
    draw_laws(all, laws, {budget, next.parameters, next.bits});
    return next;
}

bool show_trained_laws() {
    if (!asked_for("TRAINED")) return false;
    const auto runs = budgets::read();
    std::vector<Budget> all;
    for (const budgets::Run& run : runs.training) {
        if (all.empty() || all.back().budget != run.budget) all.push_back({run.budget, {}, {}});
        all.back().sizes.push_back(run.parameters);
        all.back().bits.push_back(run.bits);
    }
    std::printf("\nParameters and bits per letter held out, by the budget 6 N n:\n\n");
    for (const Budget& each : all) {
        std::printf("  %.0e", each.budget);
        for (std::size_t i = 0; i < each.sizes.size(); ++i)
            std::printf("  %6.0f: %.3f", each.sizes[i], each.bits[i]);
        std::printf("\n");
    }
    const budgets::Run next = runs.held_out.at(0);
    const Laws laws = fit_laws(all, next.budget);
    std::printf("trained before, with %.0f parameters, %.3f bits.\n", next.parameters, next.bits);
    draw_laws(all, laws, next);
    return true;
}

}  // namespace growing
