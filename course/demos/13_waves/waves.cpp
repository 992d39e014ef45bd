#include "demos/13_waves/waves.hpp"

#include "02_fast_matmul.hpp"

#include <cstdio>
#include <utility>

namespace waves {

void print_table() {
    const Tensor table = sinusoid(4, 4);
    std::printf("position    sin n   cos n    sin n/100   cos n/100\n");
    for (int n = 0; n < 4; ++n)
        std::printf("   %d      %7.2f %7.2f      %7.2f     %7.2f\n", n, table(n, 0), table(n, 1),
                    table(n, 2), table(n, 3));
}

void show_words(const figure::Names& words, const Tensor& without, const Tensor& with) {
    std::printf("  `the` looks at  ");
    for (const std::string& word : words) std::printf(" %5s", word.c_str());
    std::printf("\n");
    for (int row : {0, 4})
        for (const auto& [name, w] : {std::pair("without", without), std::pair("with", with)}) {
            std::printf("  place %d, %-7s", row, name);
            for (int j = 0; j < 6; ++j) std::printf(" %5.2f", w(row, j));
            std::printf("\n");
        }
    const std::string picture = figure::heatmaps(
        {"Where each word looks", "key", "query"}, words, words,
        {{"no positions", figure::values(without.data)}, {"sinusoid", figure::values(with.data)}},
        {0, 1}, true);
    std::printf("\npicture: %s\n", figure::save("13_words", picture).c_str());
}

void draw_table() {
    const int T = 48, D = 32;
    const Tensor table = sinusoid(T, D);
    const std::string map =
        figure::heatmaps({"The table of 13.2", "feature", "position"}, figure::numbered(T),
                         figure::numbered(D), {{"", figure::values(table.data)}}, {-1, 1});
    std::printf("picture: %s\n", figure::save("13_table", map).c_str());

    std::vector<figure::Series> curves;
    for (int column : {0, 4, 8, 12}) {
        curves.push_back({"feature " + std::to_string(column), {}});
        for (int n = 0; n < T; ++n) curves.back().y.push_back(table(n, column));
    }
    const std::string picture = figure::lines({"The sines of four hands", "position"}, curves);
    std::printf("picture: %s\n", figure::save("13_curves", picture).c_str());
}

// The dot products of row n with the rows n … n + 39: of all columns, or of the sines alone.
static figure::Series products(const char* name, int n, int step) {  // a step of 2: sines alone
    const int D = 64;
    const Tensor table = sinusoid(100, D);
    figure::Series series{name, {}, {}, n > 0};  // dots for the later row, over the line of row 0
    for (int k = 0; k < 40; ++k) {
        double sum = 0;
        for (int c = 0; c < D; c += step) sum += table(n, c) * table(n + k, c);
        series.y.push_back(sum);
    }
    return series;
}

void draw_products() {
    const std::string picture = figure::lines(
        {"PE(n) · PE(n + k)", "distance k"},
        {products("n = 0", 0, 1), products("n = 50", 50, 1), products("n = 0, sines alone", 0, 2),
         products("n = 50, sines alone", 50, 2)});
    std::printf("picture: %s\n", figure::save("13_products", picture).c_str());
}

// Three seasons with four observations each, some three weeks apart, and nothing for ten months
// between them.
void show_gap() {
    Random random(13);
    Times days;
    for (int season = 0; season < 3; ++season)
        for (int j = 0; j < 4; ++j) days.push_back(365 * season + 20 * j + random.uniform(0, 12));
    const Times t = shift_and_scale(days, days[0], 20);
    std::printf("\nHow alike two observations are, by their times alone (16 is: the same):\n");
    std::printf("  %-10s neighbours  1st gap  2nd gap  seasons 1, 3\n", "");
    std::vector<figure::HeatPanel> panels;
    for (const auto& [name, times] :
         {std::pair("index", positions(12)), std::pair("t", t),
          std::pair("log(1 + t)", log_times(t)), std::pair("Δt", gaps(t))}) {
        const Tensor table = sinusoid_at(times, 32);
        const Tensor alike = matmul(table, transpose(table));
        const int width = std::string(name) == "Δt" ? 11 : 10;  // Δ has two bytes
        std::printf("  %-*s %10.1f  %7.1f  %7.1f  %12.1f\n", width, name, alike(2, 3), alike(3, 4),
                    alike(7, 8), alike(1, 9));
        panels.push_back({name, figure::values(alike.data)});
    }
    const figure::Names labels = figure::numbered(12);
    const std::string picture =
        figure::heatmaps({"Dot products of 12 encoded observations", "observation", "observation"},
                         labels, labels, panels, {});
    std::printf("picture: %s\n", figure::save("13_gap", picture).c_str());
}

}  // namespace waves
