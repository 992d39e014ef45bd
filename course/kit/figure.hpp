// Pictures for the demos. Each function returns one complete SVG: it adapts to light and dark, can
// be read on a phone and by a screen reader, and is the same text whenever the numbers are. A value
// that is NaN or infinite is marked or left out; with nothing to draw, or sizes that do not fit
// together, std::invalid_argument names the function.
#pragma once

#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

namespace figure {

using Names = std::vector<std::string>;
using Values = std::vector<double>;

// What stands around a picture; write as much as you need: {"Loss", "step", "nats"}. Without a
// description, a screen reader gets a summary of the numbers.
struct Caption {
    std::string title, x = "", y = "", description = "";
};

struct Range {  // when both ends are the same, the data decide
    double lo = 0, hi = 0;
};

struct Series {  // one curve, or one colour of bars
    std::string name;
    Values y, x = {};   // without x: 0, 1, 2, …
    bool dots = false;  // a cloud of dots, no line?
};

struct BarPanel {  // over each label, one bar of each series
    std::string title;
    Names labels;
    std::vector<Series> series;
    Range range = {};  // give it to panels whose heights are to be compared
};

struct Point {
    double x, y;
    int kind;  // its class, and so its colour
};

struct RegionPanel {  // a square of class numbers, row by row from the lowest y, under the points
    std::string title;
    std::vector<int> kinds;
    std::vector<Point> points = {};
};

struct HeatPanel {  // one matrix, row by row from the top
    std::string title;
    Values cells;
};

struct Node {  // a box: its name, and lines of text under it
    std::string label;
    Names lines = {};
};

struct Edge {  // an arrow between two nodes, by their places in the list
    std::size_t from, to;
};

enum class Scale { linear, log_x, log_y, log_log };

// The numbers of any container, as doubles: values(tensor.data).
template <typename Numbers>
Values values(const Numbers& numbers) {
    return Values(numbers.begin(), numbers.end());
}

// The labels "0", "1", …, for rows and columns that have no better name.
Names numbered(std::size_t count);

// Small bar charts, as many side by side as fit.
std::string bars(const Caption&, const std::vector<BarPanel>& panels);

// A bar for each name, from left to right, its value at the end (below zero: the value alone). A
// limit that is not NaN becomes a dashed line across all bars. The caption's x is the unit.
std::string horizontal_bars(const Caption&, const Names& names, const Values& values,
                            double limit = NAN, const std::string& limit_name = "limit");

// Curves over common axes. NaN leaves a gap; on a logarithmic axis, so does what is not positive.
std::string lines(const Caption&, const std::vector<Series>& series, Scale scale = Scale::linear);

// Which class is decided where in the plane. Points outside the two ranges, of which none may be
// empty, are left out.
std::string regions(const Caption&, const std::vector<RegionPanel>& panels, Range x = {-1, 1},
                    Range y = {-1, 1});

// Matrices as shades from lo to hi, all with the same names of rows and columns; two colours if
// lo < 0 < hi. The caption's y says what the rows are, its x what the columns are.
std::string heatmaps(const Caption&, const Names& rows, const Names& columns,
                     const std::vector<HeatPanel>& panels, Range range = {0, 1},
                     bool print_values = false);

// Boxes, each right of all that point to it. Arrows in a circle are an std::invalid_argument.
std::string graph(const Caption&, const std::vector<Node>& nodes, const std::vector<Edge>& edges);

// For the terminal: a line for each bar, with name, bar and value. Negative bars are grey.
std::string text_bars(const Names& names, const Values& values);

// For the terminal: a matrix as shades " ░▒▓█" or as percent of the way from lo to hi. Columns that
// would pass the 80th character are cut off, and the last line says so.
std::string text_heatmap(const Names& rows, const Names& columns, const Values& cells,
                         Range range = {0, 1}, bool percent = false);

// From now on, pictures go into this folder; until then, into build/figures.
void set_folder(const std::string& path);

// Writes FOLDER/name.svg, wholly or not at all, and returns its path. Throws std::runtime_error,
// with the reason, when it cannot.
std::string save(const std::string& name, const std::string& svg);

}  // namespace figure
