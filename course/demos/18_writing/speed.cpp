// How fast it writes, with the cache and without.

#include "demos/18_writing/writing.hpp"

#include "02_fast_matmul.hpp"
#include "kit/figure.hpp"
#include "kit/timing.hpp"

#include <algorithm>
#include <cstdio>

namespace writing {

static Sequence some_tokens(int count, int V) {
    Random random(4);
    Sequence tokens;
    for (int i = 0; i < count; ++i) tokens.push_back(random.below(V));
    return tokens;
}

// The quickest of some calls, for others may be at work on the machine.
static double quickest(const std::function<void()>& call) {
    return seconds_of_calls(call, 0.1).front();
}

// For one token more behind so many. What is appended to a cache is taken away again.
static double seconds_with_cache(const Gpt& net, const Sequence& tokens) {
    KeyValueCache cache;
    net.read_on(Sequence(tokens.begin(), tokens.end() - 1), cache);
    const int length = cache.length, D = net.settings.d_model;
    return quickest([&] {
        net.read_on({tokens.back()}, cache);
        cache.length = length;
        for (auto* both : {&cache.keys, &cache.values})
            for (Tensor& rows : *both) {
                rows.data.resize(length * D);
                rows.shape = {1, length, D};
            }
    });
}

static double seconds_without(const Gpt& net, const Sequence& tokens) {
    const NoTape no_tape;
    return quickest([&] { net({tokens}); });
}

void draw_speed() {
    Random random(3);
    const Gpt net({512, 513, 128, 4, 4}, random);
    figure::Series with{"with the cache", {}}, without{"without", {}};
    std::printf("Tokens per second of a model with %d parameters, behind so many tokens:\n\n"
                "  %8s %14s %14s\n",
                parameter_count(net.parameters()), "", "with cache", "without");
    for (int length : {8, 16, 32, 64, 128, 256, 512}) {
        const Sequence tokens = some_tokens(length + 1, net.settings.vocabulary);
        const double fast = 1 / seconds_with_cache(net, tokens);
        const double slow = 1 / seconds_without(net, tokens);
        std::printf("  %8d %14.0f %14.0f\n", length, fast, slow);
        for (figure::Series* each : {&with, &without}) each->x.push_back(length);
        with.y.push_back(fast), without.y.push_back(slow);
    }
    const std::string svg =
        figure::lines({"How fast it writes", "tokens that it has read", "tokens per second"},
                      {with, without}, figure::Scale::log_log);
    std::printf("\npicture: %s\n", figure::save("18_speed", svg).c_str());
}

// ## The limit

// The sum of the numbers of 256 MiB, each thread its share, read at eight places at once: from one
// place alone, memory does not give all that it can.
static double bandwidth() {
    constexpr std::size_t streams = 8, line = 8;  // 64 bytes come together
    const int shares = num_threads();
    const std::vector<std::uint64_t> numbers(std::size_t{1} << 25, 1);
    const std::size_t length = numbers.size() / shares / streams / line * line;
    std::vector<std::uint64_t> sums(shares);
    const double seconds = quickest([&] {
        parallel_for(shares, [&](int i) {
            std::uint64_t sum[streams] = {};
            for (std::size_t k = 0; k < length; k += line)
                for (std::size_t s = 0; s < streams; ++s) {
                    const std::uint64_t* n = &numbers[(i * streams + s) * length + k];
                    sum[s] += n[0] + n[1] + n[2] + n[3] + n[4] + n[5] + n[6] + n[7];
                }
            for (std::uint64_t each : sum) sums[i] += each;
        });
    });
    volatile std::uint64_t used = sums[0];
    return 0 * used + 8e-9 * length * streams * shares / seconds;
}

std::vector<Speed> measured_speed(const Gpt& net) {
    const GptSettings& s = net.settings;
    constexpr int read = 32;
    const double all = parameter_count(net.parameters());
    const double weights = all - (s.rotary ? 0.0 : 1.0 * s.context * s.d_model);
    const double cache = 2.0 * s.num_layers * s.d_model * read;
    std::vector<Speed> speeds;
    set_threads(0);
    const int most = num_threads();
    for (int threads : {1, most}) {
        if (threads == 1 && !speeds.empty()) break;
        set_threads(threads);
        const double tokens =
            1 / seconds_with_cache(net, some_tokens(std::min(read, s.context), s.vocabulary));
        speeds.push_back({threads, bandwidth(), 4 * (weights + cache), tokens});
    }
    set_threads(0);
    return speeds;
}

void print_speed(const std::vector<Speed>& speeds) {
    std::printf("\n  %-8s %10s %10s %12s %14s %8s\n", "threads", "MB a token", "GB/s", "limit",
                "tokens/second", "");
    for (const Speed& each : speeds)
        std::printf("  %-8d %10.0f %10.1f %12.1f %14.1f %6.0f %%\n", each.threads, each.bytes / 1e6,
                    each.gigabytes, each.limit(), each.tokens, 100 * each.tokens / each.limit());
    std::fflush(stdout);
}

Gpt random_gpt2() {
    Random random(2);
    return Gpt({50257, 1024, 768, 12, 12}, random);
}

}  // namespace writing
