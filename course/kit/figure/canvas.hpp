// The sheet on which a picture grows, its colours, and panels side by side. Private to this folder.
#pragma once

#include "kit/figure/words.hpp"

namespace figure {

const double page = 440, margin = 14, gap = 20;

// An element has its colour from its class: c0 to c5 for data, the others for what they say.
inline Text colour(size_t i) { return "c" + std::to_string(i % 6); }

inline Text style_sheet() {
    const char* const paints[][3] = {// class, in light, in dark
                                     {"page", "#fff", "#16181c"},    {"ink", "#1c1e21", "#eceef0"},
                                     {"soft", "#555b63", "#a9b0b9"}, {"grid", "#e1e4e8", "#32363c"},
                                     {"axis", "#8a9099", "#7d848d"}, {"hot", "#08498f", "#8cccff"},
                                     {"cold", "#a84300", "#ffa066"}, {"c0", "#0072b2", "#4aa8e8"},
                                     {"c1", "#d55e00", "#ff8a4c"},   {"c2", "#009e73", "#2fcf9f"},
                                     {"c3", "#b5579a", "#e08cc4"},   {"c4", "#d09000", "#f2c14e"},
                                     {"c5", "#70757d", "#b9bfc7"}};
    Text light, dark;
    for (const auto& p : paints) {
        light += Text(".drawn .") + p[0] + "{color:" + p[1] + "}";
        dark += Text(".drawn .") + p[0] + "{color:" + p[2] + "}";
    }
    return R"(.drawn{max-width:100%;height:auto;font:13px system-ui,-apple-system,'Segoe UI',Roboto,
'Helvetica Neue',Arial,sans-serif}.drawn text,.drawn rect,.drawn .tile{fill:currentColor}
.drawn path{fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
.drawn .title{font-size:16px}.drawn .title,.drawn .bold{font-weight:600}.drawn .dots{stroke-width:4}
.drawn .grid,.drawn .axis{stroke-width:1}.drawn .dashed{stroke-dasharray:6 5}
.drawn .fine{stroke-width:3}.drawn .tile{stroke:none}.drawn .crisp{shape-rendering:crispEdges}
.drawn .box{fill-opacity:.12;stroke:currentColor}
)" + light +
           "\n@media(prefers-color-scheme:dark){" + dark + "}";
}

inline Text xy(double x, double y) { return fixed(x) + ' ' + fixed(y); }
inline Text is(const char* name, double v) { return Text(" ") + name + "='" + fixed(v) + "'"; }

// A rectangle as a path. Neighbours round a common edge to the same number, and leave no gap.
inline Text tile(double x, double y, double w, double h) {
    const double tie = 1e-4;
    return 'M' + xy(x + tie, y + tie) + 'H' + fixed(x + w + tie) + 'V' + fixed(y + h + tie) + 'H' +
           fixed(x + tie) + 'z';
}

// A picture as it grows downwards; `y` is where the next thing goes.
struct Canvas {
    const Caption& caption;
    double width = page, y = margin;
    Text body = {};

    explicit Canvas(const Caption& c) : caption(c) {
        if (!c.title.empty()) y = heading(c.title, margin, page - 2 * margin, 16, "title ink") + 6;
    }

    void text(double x, double at, const Text& words, const Text& style = "soft",
              const char* anchor = "start", const Text& extra = "") {
        body += "<text" + is("x", x) + is("y", at) + " class='" + style + "' text-anchor='" +
                anchor + "'" + extra + ">" + escape(words) + "</text>\n";
    }

    void rect(double x, double at, double w, double h, const Text& style) {
        body += "<rect" + is("x", x) + is("y", at) + is("width", w) + is("height", h) + " class='" +
                style + "'/>\n";
    }

    void path(const Text& steps, const Text& style, double opacity = 1) {
        if (steps.empty()) return;
        body += "<path d='" + steps + "' class='" + style + "'" +
                (opacity < 1 ? " fill-opacity='" + fixed(opacity, 2) + "'" : "") + "/>\n";
    }

    void line(double x0, double y0, double x1, double y1, const Text& style) {
        path('M' + xy(x0, y0) + 'L' + xy(x1, y1), style);
    }

    // Write words in lines of this width; return where they end.
    double heading(const Text& words, double x, double w, double size, const char* style) {
        double at = y;
        Text row;
        for (size_t i = 0, end; i < words.size(); i = end + 1) {
            end = std::min(words.find(' ', i), words.size());
            const Text word = words.substr(i, end - i);
            const Text longer = row.empty() ? word : row + ' ' + word;
            const bool full = !row.empty() && width_of(longer, size) > w;
            if (full) text(x, at += size + 4, row, style);
            row = full ? word : longer;
        }
        text(x, at += size + 4, row, style);
        return at + 4;
    }

    void legend(const std::vector<Series>& series) {
        double x = page;
        for (size_t i = 0; i < series.size(); ++i) {
            if (series[i].name.empty()) continue;
            const double w = 32 + width_of(series[i].name);
            if (x + w > page) x = margin, y += 19;
            rect(x, y - 10, 10, 10, colour(i));
            text(x + 15, y, series[i].name, "ink");
            x += w;
        }
        if (x < page) y += 8;
    }

    // Grid lines across the plot, with their numbers at the left.
    void y_axis(const Axis& axis, double left, double right) {
        for (const double v : axis.ticks(5)) {
            line(left, axis(v), right, axis(v), "grid");
            text(left - 6, axis(v) + 4.5, axis.label(v), "soft", "end");
        }
    }

    // A line with ticks below the plot; a number that would touch the one before is left out.
    void x_axis(const Axis& axis, double bottom) {
        line(axis.from, bottom, axis.to, bottom, "axis");
        double free = 0;
        for (const double v : axis.ticks(axis.to - axis.from > 250 ? 6 : 3)) {
            const double x = axis(v), half = width_of(axis.label(v)) / 2;
            line(x, bottom, x, bottom + 4, "axis");
            if (x - half < free || x + half > width) continue;
            text(x, bottom + 18, axis.label(v), "soft", "middle");
            free = x + half + 4;
        }
    }

    // Labels under columns: level where they fit or are so short that some can go, else slanted.
    static bool slanted(const Names& names, double step) {
        return widest(names) + 4 > step && widest(names) > 28;
    }

    static double label_height(const Names& names, double step) {
        return slanted(names, step) ? 0.71 * widest(names) + 18 : 20;
    }

    void column_labels(const Names& names, double left, double top, double step) {
        const bool slant = slanted(names, step);
        for (size_t i = 0; i < names.size(); i += stride(slant ? 14 : widest(names) + 4, step)) {
            const double x = left + (real(i) + 0.5) * step + (slant ? 4 : 0);
            text(x, top + (slant ? 12 : 15), shorten(names[i]), "soft", slant ? "end" : "middle",
                 slant ? " transform='rotate(-45 " + xy(x, top + 12) + ")'" : "");
        }
    }

    Text finish(const Text& summary) const {
        const Text size = is("width", width) + is("height", y + margin);
        return "<svg xmlns='http://www.w3.org/2000/svg' class='drawn' role='img'" + size +
               " viewBox='0 0 " + xy(width, y + margin) + "'>\n<title>" +
               escape(caption.title.empty() ? "Figure" : caption.title) + "</title>\n<desc>" +
               escape(caption.description.empty() ? summary : caption.description) +
               "</desc>\n<style>" + style_sheet() + "</style>\n<rect class='page'" + size + "/>\n" +
               body + "</svg>\n";
    }
};

// Panels side by side: so many in a row, right of a gutter for labels, rows equally full.
struct Rows {
    size_t count, in_a_row;
    double gutter, width;

    Rows(size_t panels, double need, double left = 0) : count(panels), in_a_row(1), gutter(left) {
        while (in_a_row < count && width_for(in_a_row + 1) >= need) ++in_a_row;
        const size_t rows = (count + in_a_row - 1) / in_a_row;
        in_a_row = (count + rows - 1) / rows;
        width = width_for(in_a_row);
    }

    double width_for(size_t n) const { return (page - 2 * margin - gutter + gap) / real(n) - gap; }
    double x(size_t i) const { return margin + gutter + real(i % in_a_row) * (width + gap); }

    // Write the titles and return the top of each panel; above and below it, there is room.
    template <typename Panels>
    Values tops(Canvas& canvas, const Panels& panels, double above, double height) const {
        Values result;
        for (size_t i = 0; i < count; i += in_a_row) {
            const size_t end = std::min(i + in_a_row, count);
            double top = canvas.y;
            for (size_t j = i; j < end; ++j)
                if (const Text& title = panels[j].title; !title.empty())
                    top = std::max(top, canvas.heading(title, x(j), width + 12, 13, "bold ink"));
            result.insert(result.end(), end - i, top + above);
            canvas.y = top + above + height;
        }
        return result;
    }
};

}  // namespace figure
