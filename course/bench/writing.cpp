// A model of GPT-2's size writes token after token, beside what memory allows.

#include "bench/parts.hpp"
#include "demos/18_writing/writing.hpp"

#include <cstdio>

std::string writing_part() {
    Random random(2);
    const Gpt net = bench_quickly() ? Gpt({64, 64, 64, 2, 2}, random) : writing::random_gpt2();
    std::printf("\nWriting with %d parameters: each token reads all of them\n",
                parameter_count(net.parameters()));
    const std::vector<writing::Speed> speeds = writing::measured_speed(net);
    writing::print_speed(speeds);
    std::string rows;
    for (const writing::Speed& each : speeds)
        rows += formatted("%s{\"threads\": %d, \"bytes_per_token\": %.0f, "
                          "\"gigabytes_per_s\": %.2f, \"limit_tokens_per_s\": %.2f, "
                          "\"tokens_per_s\": %.2f}",
                          rows.empty() ? "\n  " : ",\n  ", each.threads, each.bytes, each.gigabytes,
                          each.limit(), each.tokens);
    return "\"writing\": [" + rows + "]";
}
