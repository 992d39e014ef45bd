// Twins of the pictures for the terminal.
#include "kit/figure/words.hpp"

namespace figure {

namespace {

// A text in exactly so many columns, cut or filled at the right.
Text column(const Text& text, size_t width) {
    const Names all = characters(text);
    Text result;
    for (size_t i = 0; i < width; ++i) result += i < all.size() ? all[i] : " ";
    return result;
}

size_t longest(const Names& names, size_t most) {
    size_t result = 0;
    for (const Text& name : names) result = std::max(result, characters(name).size());
    return std::min(result, most);
}

}  // namespace

Text text_bars(const Names& names, const Values& values) {
    require(!names.empty(), "text_bars", "there is no bar");
    require(names.size() == values.size(), "text_bars", "each bar needs a name and a value");
    const size_t label = longest(names, 24), room = 50 - label;
    const char* const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    const Range range = span(values);
    Text result;
    for (size_t i = 0; i < names.size(); ++i) {
        const double part = std::fabs(values[i]) / std::max(-range.lo, range.hi) * real(8 * room);
        const size_t length = drawable(values[i]) ? static_cast<size_t>(std::lround(part)) : 0;
        result += column(names[i], label) + "  ";
        for (size_t k = 8; k <= length; k += 8) result += values[i] < 0 ? "░" : "█";
        if (values[i] > 0) result += eighths[length % 8];
        result += (length > 0 ? " " : "") + number(values[i]) + '\n';
    }
    return result;
}

Text text_heatmap(const Names& rows, const Names& columns, const Values& cells, Range range,
                  bool percent) {
    require(!rows.empty() && !columns.empty(), "text_heatmap", "there is no cell");
    require(cells.size() == rows.size() * columns.size(), "text_heatmap",
            "there must be a cell for each row and column");
    if (!proper(range)) range = span(cells);
    const size_t label = longest(rows, 16), letters = longest(columns, 10), wide = percent ? 4 : 2;
    const size_t shown = std::min(columns.size(), (79 - label) / wide);
    Text result;
    for (size_t i = 0; i < letters; ++i) {  // the names of the columns stand upright
        result += Text(label + 1, ' ');
        for (size_t c = 0; c < shown; ++c) {
            const Names name = characters(columns[c]);
            const size_t skip = letters - std::min(name.size(), letters);
            result += (percent ? "  " : "") + (i < skip ? " " : name[i - skip]) + ' ';
        }
        result += '\n';
    }
    const char* const shades[] = {"  ", "░░", "▒▒", "▓▓", "██"};
    for (size_t r = 0; r < rows.size(); ++r) {
        result += column(rows[r], label) + ' ';
        for (size_t c = 0; c < shown; ++c) {
            const double v = cells[r * columns.size() + c];
            const double part = std::clamp((v - range.lo) / (range.hi - range.lo), 0.0, 1.0);
            const Text words = drawable(v) ? fixed(100 * part, 0) : "";
            if (words.empty()) result += percent ? "  × " : "××";
            else if (percent) result += Text(3 - words.size(), ' ') + words + ' ';
            else result += shades[std::min(static_cast<int>(part * 5), 4)];
        }
        result += '\n';
    }
    result += Text(label + 1, ' ') + (percent ? "percent of the way" : " ░▒▓█") + " from " +
              number(range.lo) + " to " + number(range.hi);
    const size_t missing = columns.size() - shown;
    return result + (missing > 0 ? "; " + std::to_string(missing) + " columns cut off\n" : "\n");
}

}  // namespace figure
