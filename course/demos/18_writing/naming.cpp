// First names: what it writes, and what of that exists.

#include "demos/18_writing/writing.hpp"

#include <cstdio>
#include <set>
#include <string>

namespace writing {

static Sequences tokens_of(const names::Names& some) {
    Sequences all;
    for (const std::string& name : some) all.push_back(names::tokens_of(name));
    return all;
}

Dataset<Sequences> tokens_of(const Dataset<names::Names>& all) {
    return {tokens_of(all.training), tokens_of(all.held_out)};
}

double write_names(const Gpt& net, const Dataset<names::Names>& all, double temperature) {
    constexpr int count = 400;
    const int mark = names::vocabulary().token(Mark::end);
    const std::set<std::string> known(all.training.begin(), all.training.end());
    const std::set<std::string> held_out(all.held_out.begin(), all.held_out.end());
    Sampling sampling;
    sampling.temperature = temperature;
    Random random(2026);
    int learnt = 0, guessed = 0;
    std::string some = "  ";
    for (int i = 0; i < count; ++i) {
        const Sequence letters = write_on(net, {mark}, net.settings.context - 1, sampling, random,
                                          mark);
        const std::string name = names::text_of(letters);
        learnt += known.count(name) > 0;
        guessed += held_out.count(name) > 0;
        if (some.size() < 70) some += name + " ";
    }
    const double percent = 100.0 * (learnt + guessed) / count;
    std::printf("\nNames written at temperature %.1f:\n\n%s\n\n", temperature, some.c_str());
    std::printf("Of %d, %.1f %% exist: %d are names that it learnt from, %d were held out.\n",
                count, percent, learnt, guessed);
    return percent;
}

}  // namespace writing
