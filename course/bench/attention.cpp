// Attention of a long text: chapter 11's, chapter 12's, and chapter 26's in tiles.

#include "bench/parts.hpp"

#include "02_fast_matmul.hpp"
#include "26_scale.hpp"
#include "kit/timing.hpp"

#include <cstdio>

namespace {

struct LongText {
    int heads, length, width;
    Variable q, k, v;
    Tensor dy;

    LongText(int H, int T, int D) : heads(H), length(T), width(D) {
        Random random(26);
        for (Variable* x : {&q, &k, &v}) *x = parameter(random_rows(random));
        dy = random_rows(random);
    }
    Tensor random_rows(Random& random) const {
        Tensor x({1, length, width});
        for (float& number : x.data) number = random.normal();
        return x;
    }
};

using Attend = Variable (*)(const LongText& text);

struct Way {
    const char *name, *key;
    Attend attend;
};

}  // namespace

static Variable as_in_11(const LongText& t) {
    return split_attend_merge(t.q, t.k, t.v, t.heads, no_mask);
}
static Variable as_in_12(const LongText& t) {
    return attend_in_heads(t.q, t.k, t.v, t.heads, no_mask);
}
static Variable in_tiles(const LongText& t) { return attend_in_tiles(t.q, t.k, t.v, t.heads); }
static Variable causal_in_tiles(const LongText& t) {
    Tiles causal;
    causal.causal = true;
    return attend_in_tiles(t.q, t.k, t.v, t.heads, causal);
}

// The fastest of three calls, in seconds.
template <class Call>
static double fastest_of_three(const Call& call) {
    return timed_calls(call, [](double, std::size_t calls) { return calls < 3; }).front();
}

static std::string measured(const LongText& text, const Way& way) {
    const double forward = fastest_of_three([&] {
        const NoTape no_tape;
        way.attend(text);
    });
    const double both = fastest_of_three([&] {
        for (const Variable& x : {text.q, text.k, text.v}) x.clear_gradient();
        backward(sum(way.attend(text) * text.dy));
    });
    std::printf("  %-16s %10.0f %16.0f\n", way.name, 1e3 * forward, 1e3 * both);
    std::fflush(stdout);
    return formatted("{\"way\": \"%s\", \"forward_ms\": %.1f, \"both_ms\": %.1f}", way.key,
                     1e3 * forward, 1e3 * both);
}

std::string attention_part() {
    set_threads(0);
    const LongText text(8, bench_quickly() ? 64 : 4096, bench_quickly() ? 64 : 512);
    std::printf("\nAttention of %d heads over %d places with %d features, on %d threads, in ms\n\n"
                "  %-16s %10s %16s\n",
                text.heads, text.length, text.width, num_threads(), "", "forward",
                "with the way back");
    std::string rows;
    for (const Way& way : {Way{"chapter 11", "weights", as_in_11},
                           Way{"chapter 12", "in_heads", as_in_12},
                           Way{"in tiles", "in_tiles", in_tiles},
                           Way{"in tiles, causal", "causal_in_tiles", causal_in_tiles}})
        rows += (rows.empty() ? "\n  " : ",\n  ") + measured(text, way);
    return formatted("\"attention\": {\"heads\": %d, \"length\": %d, \"width\": %d, \"ways\": [",
                     text.heads, text.length, text.width) +
           rows + "]}";
}
