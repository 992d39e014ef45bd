// Pictures for the demos: words and numbers, scales, the canvas, the pictures, their twins for the
// terminal, saving. What each picture promises is said in figure.hpp.
#include "figure.hpp"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <stdexcept>

namespace figure {
namespace {

using std::size_t;
using Text = std::string;

void require(bool holds, const char* function, const char* need) {
    if (!holds) throw std::invalid_argument(Text("figure::") + function + ": " + need);
}

double real(size_t n) { return static_cast<double>(n); }

// ---- Words and numbers ----

// The characters of a UTF-8 text. A token may hold anything: a control character becomes its
// picture (␊), bytes that are no character become �, an accent stays with its letter.
Names characters(const Text& text) {
    Names result;
    for (size_t i = 0, length; i < text.size(); i += length) {
        const unsigned lead = static_cast<unsigned char>(text[i]);
        const size_t wanted = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        unsigned code = wanted == 1 ? lead : lead & (0x7Fu >> wanted);
        for (length = 1; length < wanted && i + length < text.size(); ++length) {
            const unsigned next = static_cast<unsigned char>(text[i + length]);
            if (next >> 6 != 2) break;
            code = code << 6 | (next & 0x3Fu);
        }
        const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
        const bool valid = (lead < 0x80 || lead >= 0xC2) && lead < 0xF5 && length == wanted &&
                           code >= least[wanted] && code <= 0x10FFFF && code >> 11 != 0x1B &&
                           (code | 1) != 0xFFFF;
        if (!valid) result.push_back("�");
        else if (code < 0x20) result.push_back({'\xE2', '\x90', static_cast<char>(0x80 + code)});
        else if (code >> 4 >= 0x30 && code >> 4 < 0x37 && i > 0) result.back() += text.substr(i, 2);
        else result.push_back(text.substr(i, length));
    }
    return result;
}

Text escape(const Text& text) {
    Text result;
    for (const Text& character : characters(text))
        for (const char c : character)
            result += c == '&'    ? "&amp;"
                      : c == '<'  ? "&lt;"
                      : c == '>'  ? "&gt;"
                      : c == '"'  ? "&quot;"
                      : c == '\'' ? "&#39;"
                                  : Text(1, c);
    return result;
}

// The width of a text in a sans-serif font: generous, for nobody knows which font it will be.
double width_of(const Text& text, double size = 13) {
    double ems = 0;
    for (const Text& c : characters(text))
        ems += Text(" .,:;|!'()[]ijlt").find(c) != Text::npos            ? 0.36
               : Text("mwMW%@").find(c) != Text::npos || c >= "\xE2\xBA" ? 0.95
                                                                         : 0.62;
    return ems * size;
}

const double longest_label = 140;  // longer ones are cut

double widest(const Names& names) {
    double result = 0;
    for (const Text& name : names) result = std::max(result, width_of(name));
    return std::min(result, longest_label);
}

Text shorten(const Text& text) {
    Text result;
    for (const Text& c : characters(text))
        if (width_of(result + c) > longest_label) return result + "…";
        else result += c;
    return result;
}

const double largest = 1e150;  // beyond it, and below its inverse, differences and ratios go wrong
bool drawable(double v) { return std::fabs(v) < largest; }
bool on_log_axis(double v) { return drawable(v) && v > 1 / largest; }
bool proper(Range r) { return drawable(r.lo) && drawable(r.hi) && r.lo < r.hi; }

Text fixed(double v, int decimals = 1) {
    char digits[400];
    std::snprintf(digits, sizeof digits, "%.*f", decimals, v);
    Text result = digits;
    if (decimals > 0) result.erase(result.find_last_not_of('0') + 1);
    if (result.back() == '.') result.pop_back();
    return result == "-0" ? "0" : result;
}

// A number for people: 0.0466, 12.5, 36.6k, 1.2×10⁻⁷. Beside larger numbers (`like` is the largest)
// it has their unit, and says when it is almost nothing.
Text number(double v, double like = 0, int digits = 3) {
    if (std::isnan(v)) return "NaN";
    if (v < 0) return "−" + number(-v, like, digits);
    if (v == 0 || std::isinf(v)) return v == 0 ? "0" : "∞";
    like = like == 0 ? v : like;
    if (v < 5e-5 * like) return "≈0";
    if (like < 1e-3 || like >= 1e15) {
        const int power = static_cast<int>(std::floor(std::log10(v) + 0.0022));
        const Text factor = fixed(v / std::pow(10, power));
        const char* const small[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
        Text raised = power < 0 ? "⁻" : "";
        for (const char c : std::to_string(std::abs(power))) raised += small[c - '0'];
        return (factor == "1" ? "10" : factor + "×10") + raised;
    }
    size_t unit = 0;
    for (; like >= (unit == 0 ? 1e4 : 1e3) && unit < 4; ++unit) v /= 1000, like /= 1000;
    const int decimals = digits - 1 - static_cast<int>(std::floor(std::log10(v)));
    return fixed(v, std::clamp(decimals, 0, 9)) + (unit > 0 ? Text(1, " kMGT"[unit]) : "");
}

// "a 1, b 2, …": the numbers of a picture, for those who cannot see it.
Text listing(const Names& names, const Values& values) {
    Text result;
    for (size_t i = 0; i < std::min<size_t>(values.size(), 12); ++i)
        result += (i ? ", " : "") + names[i] + ' ' + number(values[i]);
    return result + (values.size() > 12 ? ", …" : "") + ". ";
}

// ---- Scales ----

// Where the numbers lie that can be drawn; never empty, never a single point.
Range span(const Values& values, bool log = false) {
    Range r = {largest, -largest};
    for (const double v : values)
        if (log ? on_log_axis(v) : drawable(v)) r = {std::min(r.lo, v), std::max(r.hi, v)};
    const double size = std::max(std::fabs(r.lo), std::fabs(r.hi));
    if (r.lo > r.hi || size < 1 / largest) return log ? Range{1, 10} : Range{0, 1};
    return r.hi - r.lo > 1e-9 * size ? r : Range{r.lo - size / 2, r.hi + size / 2};
}

double step_for(double length, int wanted) {
    const double raw = length / wanted, power = std::pow(10, std::floor(std::log10(raw)));
    return power * (raw < 1.5 * power ? 1 : raw < 3 * power ? 2 : raw < 7 * power ? 5 : 10);
}

// Every how many labels one can be shown, if each needs this room: 1, 2, 5, 10, …
size_t stride(double room, double step) {
    size_t every = 1;
    for (size_t i = 0; real(every) * step < room; ++i) every = every * (i % 3 == 1 ? 5 : 4) / 2;
    return every;
}

struct Axis {
    Range range;
    bool log;
    double from, to;  // in the picture

    bool shows(double v) const { return log ? on_log_axis(v) : drawable(v); }

    double operator()(double v) const {
        const double part = log ? std::log(v / range.lo) / std::log(range.hi / range.lo)
                                : (v - range.lo) / (range.hi - range.lo);
        return from + part * (to - from);
    }

    Values ticks(int wanted) const {
        Values result;
        const int low = log ? static_cast<int>(std::floor(std::log10(range.lo))) : 0;
        const int high = log ? static_cast<int>(std::floor(std::log10(range.hi))) : -1;
        for (int power = low; power <= high; power += std::max(1, (high - low) / wanted))
            for (const double factor : high - low <= 2 ? Values{1, 2, 5} : Values{1}) {
                const double v = factor * std::pow(10, power);
                if (v > range.lo * 0.999 && v < range.hi * 1.001) result.push_back(v);
            }
        if (result.size() > 2) return result;
        const double step = step_for(range.hi - range.lo, wanted);
        const double first = std::ceil(range.lo / step - 1e-6), last = range.hi / step + 1e-6;
        result.clear();
        for (int k = 0; first + k <= last; ++k) result.push_back((first + k) * step);
        return result;
    }

    Text label(double v) const {
        return number(v, log ? 0 : std::max(std::fabs(range.lo), std::fabs(range.hi)), 5);
    }
};

// ---- The canvas ----

const double page = 440, margin = 14, gap = 20;

// An element has its colour from its class: c0 to c5 for data, the others for what they say.
Text colour(size_t i) { return "c" + std::to_string(i % 6); }

Text style_sheet() {
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

Text xy(double x, double y) { return fixed(x) + ' ' + fixed(y); }
Text is(const char* name, double v) { return Text(" ") + name + "='" + fixed(v) + "'"; }

// A rectangle as a path. Neighbours round a common edge to the same number, and leave no gap.
Text tile(double x, double y, double w, double h) {
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

}  // namespace

// ---- The pictures ----

Names numbered(size_t count) {
    Names result(count);
    for (size_t i = 0; i < count; ++i) result[i] = std::to_string(i);
    return result;
}

Text bars(const Caption& caption, const std::vector<BarPanel>& panels) {
    require(!panels.empty(), "bars", "there is no panel");
    double need = 110, below = 0;
    Text summary;
    for (const BarPanel& p : panels) {
        require(!p.series.empty() && !p.labels.empty(), "bars", "a panel is empty");
        for (const Series& s : p.series) {
            require(s.y.size() == p.labels.size(), "bars", "a series needs a value for each label");
            summary += p.title + ' ' + s.name + ": " + listing(p.labels, s.y);
        }
        need = std::max(need, 26 * real(p.labels.size() * p.series.size()));
    }
    Canvas canvas(caption);
    canvas.legend(panels[0].series);
    const Rows rows(panels.size(), need);
    for (const BarPanel& p : panels)
        below = std::max(below, Canvas::label_height(p.labels, rows.width / real(p.labels.size())));
    const Values tops = rows.tops(canvas, panels, 20, 116 + below);
    for (size_t i = 0; i < panels.size(); ++i) {
        const BarPanel& p = panels[i];
        Values all = {0};
        for (const Series& s : p.series) all.insert(all.end(), s.y.begin(), s.y.end());
        const Range range = proper(p.range) ? p.range : span(all);
        const Axis axis = {range, false, tops[i] + (range.lo < 0 ? 94 : 110), tops[i]};
        const double base = axis(std::clamp(0.0, range.lo, range.hi)), n = real(p.series.size());
        const double slot = rows.width / real(p.labels.size());
        const double bar = std::min(slot * 0.84 / n, 40.0);
        for (size_t s = 0; s < p.series.size(); ++s)
            for (size_t k = 0; k < p.labels.size(); ++k) {
                const double v = p.series[s].y[k];
                const double x = rows.x(i) + (real(k) + 0.5) * slot + (real(s) - n / 2) * bar;
                const double end = drawable(v) ? axis(std::clamp(v, range.lo, range.hi)) : base;
                const double top = std::min(base, end), height = std::fabs(base - end);
                canvas.rect(x + 0.5, top, bar - 1, height, colour(s));
                const Text words = number(v, std::max(range.hi, -range.lo), 2);
                if (width_of(words, 11) < (n > 1 ? bar : slot))
                    canvas.text(x + bar / 2, end + (v < 0 ? 14 : -4), words, "soft", "middle");
            }
        canvas.line(rows.x(i), base, rows.x(i) + rows.width, base, "axis");
        canvas.column_labels(p.labels, rows.x(i), tops[i] + 110, slot);
    }
    return canvas.finish(summary);
}

Text horizontal_bars(const Caption& caption, const Names& names, const Values& values, double limit,
                     const Text& limit_name) {
    require(!names.empty(), "horizontal_bars", "there is no bar");
    require(names.size() == values.size(), "horizontal_bars", "each bar needs a name and a value");
    Canvas canvas(caption);
    Values all = values;
    all.insert(all.end(), {0, limit});
    const double left = margin + widest(names) + 8, step = 30;
    const Axis axis = {{0, std::max(span(all).hi, 1 / largest)}, false, left, page - margin - 52};
    const Text limit_words = limit_name + ' ' + number(limit) + ' ' + caption.x;
    double y = canvas.y + (drawable(limit) ? 26 : 4);
    canvas.y = y + step * real(values.size());
    if (drawable(limit)) {
        const double half = width_of(limit_words) / 2, x = axis(std::max(limit, 0.0));
        canvas.line(x, y - 6, x, canvas.y, "c1 dashed");
        const double inside = std::max(std::min(x, page - margin - half), margin + half);
        canvas.text(inside, y - 12, limit_words, "c1", "middle");
    }
    canvas.line(left, y - 2, left, canvas.y, "axis");
    for (size_t i = 0; i < values.size(); ++i, y += step) {
        const double end = axis(drawable(values[i]) ? std::max(values[i], 0.0) : 0);
        canvas.text(left - 8, y + 18, shorten(names[i]), "ink", "end");
        canvas.rect(left, y + 2, end - left, step - 7, "c0");
        canvas.rect(end + 3, y + 2, width_of(number(values[i])) + 5, step - 7, "page");
        canvas.text(end + 6, y + 18, number(values[i]), "ink");
    }
    if (!caption.x.empty()) canvas.text(left, canvas.y += 18, caption.x);
    return canvas.finish(caption.x + ": " + listing(names, values) +
                         (drawable(limit) ? limit_words : ""));
}

Text lines(const Caption& caption, const std::vector<Series>& series, Scale scale) {
    const bool log_x = scale == Scale::log_x || scale == Scale::log_log;
    const bool log_y = scale == Scale::log_y || scale == Scale::log_log;
    Values all_x, all_y;
    Text summary = caption.y + " over " + caption.x + '.';
    std::vector<Series> curves = series;
    for (Series& s : curves) {
        for (size_t i = 0, n = s.x.empty() ? s.y.size() : 0; i < n; ++i) s.x.push_back(real(i));
        require(s.x.size() == s.y.size(), "lines", "a series needs as many x as y");
        all_x.insert(all_x.end(), s.x.begin(), s.x.end());
        all_y.insert(all_y.end(), s.y.begin(), s.y.end());
        if (!s.y.empty())
            summary += ' ' + s.name + ", " + number(s.y[0]) + " to " + number(s.y.back()) + '.';
    }
    require(!all_y.empty(), "lines", "there is no point");
    Canvas canvas(caption);
    canvas.legend(series);
    if (!caption.y.empty()) canvas.text(margin, canvas.y += 14, caption.y);
    Axis y = {span(all_y, log_y), log_y, canvas.y + 232, canvas.y + 12};
    const double step = step_for(y.range.hi - y.range.lo, 5);
    const double slack = log_y ? std::pow(y.range.hi / y.range.lo, 0.04) : 1;
    if (log_y) y.range = {y.range.lo / slack, y.range.hi * slack};
    else y.range = {step * std::floor(y.range.lo / step), step * std::ceil(y.range.hi / step)};
    double left = 0;
    for (const double v : y.ticks(5)) left = std::max(left, margin + 8 + width_of(y.label(v)));
    const Axis x = {span(all_x, log_x), log_x, left, page - margin - 6};
    canvas.y_axis(y, left, x.to);
    canvas.x_axis(x, y.from);
    for (size_t k = 0; k < curves.size(); ++k) {
        Text steps, dots;
        bool pen_down = false;
        for (size_t i = 0; i < curves[k].y.size(); ++i) {
            const bool shown = x.shows(curves[k].x[i]) && y.shows(curves[k].y[i]);
            if (shown) {
                const Text at = xy(x(curves[k].x[i]), y(curves[k].y[i]));
                steps += pen_down ? 'L' + at : 'M' + at + "h0";
                dots += 'M' + at + "h0";
            }
            pen_down = shown;
        }
        if (!curves[k].dots) canvas.path(steps, colour(k) + (k >= 6 ? " dashed" : ""));
        if (curves[k].dots || curves[k].y.size() <= 24) canvas.path(dots, colour(k) + " dots");
    }
    canvas.y = y.from + 22;
    if (!caption.x.empty())
        canvas.text((left + x.to) / 2, canvas.y += 16, caption.x, "soft", "middle");
    return canvas.finish(summary);
}

Text regions(const Caption& caption, const std::vector<RegionPanel>& panels, Range x, Range y) {
    require(!panels.empty(), "regions", "there is no panel");
    require(proper(x) && proper(y), "regions", "a range is empty");
    const auto class_of = [](int kind) { return static_cast<size_t>((kind % 6 + 6) % 6); };
    Canvas canvas(caption);
    Text summary = "Where in the plane each class is decided, and the data: ";
    const Rows rows(panels.size(), 170, 34);
    const double size = std::min(rows.width, 320.0);
    if (!caption.y.empty()) canvas.text(margin, canvas.y += 14, caption.y);
    const Values tops = rows.tops(canvas, panels, 6, size + 24);
    for (size_t i = 0; i < panels.size(); ++i) {
        const std::vector<int>& kinds = panels[i].kinds;
        const size_t n = static_cast<size_t>(std::lround(std::sqrt(real(kinds.size()))));
        require(n > 0 && n * n == kinds.size(), "regions", "the class numbers must fill a square");
        const double left = rows.x(i), cell = size / real(n);
        const char* const size_of_dots = panels[i].points.size() > 300 ? " dots fine" : " dots";
        Text areas[6], dots[6];
        for (size_t from = 0, to; from < n * n; from = to) {  // a run of one class in one row
            const size_t k = class_of(kinds[from]), row = from / n;
            for (to = from; to < (row + 1) * n && class_of(kinds[to]) == k; ++to) {}
            areas[k] += tile(left + real(from % n) * cell, tops[i] + real(n - 1 - row) * cell,
                             real(to - from) * cell, cell);
        }
        const Axis across = {x, false, left, left + size}, up = {y, false, tops[i] + size, tops[i]};
        for (const Point& p : panels[i].points)
            if (p.x >= x.lo && p.x <= x.hi && p.y >= y.lo && p.y <= y.hi)
                dots[class_of(p.kind)] += 'M' + xy(across(p.x), up(p.y)) + "h0";
        for (size_t k = 0; k < 6; ++k) canvas.path(areas[k], colour(k) + " tile crisp", 0.25);
        for (size_t k = 0; k < 6; ++k) canvas.path(dots[k], colour(k) + size_of_dots);
        if (i % rows.in_a_row == 0) canvas.y_axis(up, left, left);
        canvas.x_axis(across, tops[i] + size);
        summary += panels[i].title + ". ";
    }
    if (!caption.x.empty()) canvas.text(page / 2, canvas.y += 14, caption.x, "soft", "middle");
    return canvas.finish(summary);
}

Text heatmaps(const Caption& caption, const Names& rows, const Names& columns,
              const std::vector<HeatPanel>& panels, Range range, bool print_values) {
    require(!rows.empty() && !columns.empty() && !panels.empty(), "heatmaps", "there is no cell");
    const size_t one = rows.size() * columns.size();
    Values all;
    Text summary = "Heat maps of " + std::to_string(rows.size()) + " rows and " +
                   std::to_string(columns.size()) + " columns: ";
    for (const HeatPanel& p : panels) {
        require(p.cells.size() == one, "heatmaps", "a panel needs a cell for each row and column");
        all.insert(all.end(), p.cells.begin(), p.cells.end());
        summary += p.title + ". ";
    }
    if (!proper(range)) range = span(all);
    // A shade is one of 33 strengths of one colour, or of two.
    const bool two_signs = range.lo < 0 && range.hi > 0;
    const double strongest = two_signs ? std::max(-range.lo, range.hi) : range.hi - range.lo;
    const auto strength = [&](double v) {
        const double part = (two_signs ? std::fabs(v) : v - range.lo) / strongest;
        return static_cast<size_t>(std::lround(32 * std::clamp(part, 0.0, 1.0)));
    };
    Canvas canvas(caption);
    Text shades[2][33];
    const auto cell = [&](double x, double y, double w, double h, double v) {
        shades[two_signs && v < 0][strength(v)] += tile(x, y, w, h);
    };
    // Say what the rows are, and what the shades mean.
    const double right = page - margin - width_of(number(range.hi)) - 6;
    for (size_t i = 0; i <= 8; ++i)
        cell(right - 108 + 12 * real(i), canvas.y + 4, 12, 10,
             range.lo + (range.hi - range.lo) * real(i) / 8);
    canvas.text(right - 114, canvas.y + 13, number(range.lo), "soft", "end");
    canvas.text(right + 6, canvas.y + 13, number(range.hi));
    if (!caption.y.empty()) canvas.text(margin, canvas.y + 13, caption.y + " ↓");
    canvas.y += 20;

    // Choose the size of a cell, then draw cell by cell.
    const double nr = real(rows.size()), nc = real(columns.size());
    const double slant = widest(columns) > 28 ? 0.71 * widest(columns) - 8 : 0;
    const double gutter = std::max(widest(rows) + 8, slant);
    const Rows place(panels.size(), std::max(nc * (print_values ? 32 : 13), 110.0), gutter);
    const double w = std::min(place.width / nc, 64.0);
    const double h = std::max(std::min({w, 36.0, 420 / nr}), nr <= 20 ? 14.0 : 3.0);
    const double seam = std::min(w, h) > 9 ? 1 : 0;
    const Values tops = place.tops(canvas, panels, 4, nr * h + Canvas::label_height(columns, w));
    for (size_t i = 0; i < panels.size(); ++i) {
        const double left = place.x(i), top = tops[i];
        canvas.path(tile(left, top, nc * w, nr * h), "axis");
        for (size_t r = 0; i % place.in_a_row == 0 && r < rows.size(); r += stride(14, h))
            canvas.text(left - 6, top + (real(r) + 0.5) * h + 4.5, shorten(rows[r]), "soft", "end");
        canvas.column_labels(columns, left, top + nr * h, w);
    }
    const Text kind = seam > 0 ? " tile" : " tile crisp";
    const auto left_of = [&](size_t k) { return place.x(k / one) + real(k % columns.size()) * w; };
    const auto top_of = [&](size_t k) {
        return tops[k / one] + real(k % one / columns.size()) * h;
    };
    for (size_t k = 0; k < all.size(); ++k)
        if (drawable(all[k])) cell(left_of(k), top_of(k), w - seam, h - seam, all[k]);
    for (size_t s = 0; s <= 32; ++s)
        for (const bool cold : {false, true})
            canvas.path(shades[cold][s], (cold ? "cold" : "hot") + kind, real(s) / 32);
    for (size_t k = 0; k < all.size() && seam > 0; ++k) {
        Text words = !drawable(all[k]) ? "×" : print_values ? fixed(all[k], 2) : "";
        if (words.find("0.") < 2) words.erase(words.find("0."), 1);
        if (words.empty()) continue;
        const char* const style = drawable(all[k]) && strength(all[k]) > 16 ? "page" : "ink";
        canvas.text(left_of(k) + w / 2, top_of(k) + h / 2 + 4, words, style, "middle");
    }
    if (!caption.x.empty()) canvas.text(place.x(0), canvas.y += 16, caption.x + " →");
    return canvas.finish(summary + "From " + number(range.lo) + " to " + number(range.hi) + '.');
}

namespace {

// A node in the layout of a graph; where an arrow passes through a layer, an empty box keeps room.
struct Box {
    size_t layer;
    double width, height, x, y;  // x: its left side; y: its middle
    std::vector<size_t> before = {}, after = {};
};

// Layers by longest path; then what needs nothing moves next to what needs it.
std::vector<size_t> layers_of(size_t count, const std::vector<Edge>& edges) {
    std::vector<size_t> layer(count, 0), nearest(count, count);
    bool moved = true;
    for (size_t round = 0; moved; ++round) {
        require(round <= count, "graph", "the arrows run in a circle");
        moved = false;
        for (const Edge& e : edges)
            if (layer[e.to] <= layer[e.from]) layer[e.to] = layer[e.from] + 1, moved = true;
    }
    for (const Edge& e : edges) nearest[e.from] = std::min(nearest[e.from], layer[e.to]);
    for (size_t i = 0; i < count; ++i)
        if (layer[i] == 0 && nearest[i] < count) layer[i] = nearest[i] - 1;
    return layer;
}

// Move each box to the mean height of its neighbours, then push apart what overlaps; many times.
void arrange(std::vector<Box>& boxes, std::vector<std::vector<size_t>>& layers) {
    for (size_t sweep = 0; sweep < 30; ++sweep)
        for (size_t l = 0; l < layers.size(); ++l) {
            std::vector<size_t>& layer = layers[sweep % 2 ? layers.size() - 1 - l : l];
            for (const size_t i : layer) {
                double sum = 0, n = real(boxes[i].before.size() + boxes[i].after.size());
                for (const size_t j : boxes[i].before) sum += boxes[j].y;
                for (const size_t j : boxes[i].after) sum += boxes[j].y;
                if (n > 0) boxes[i].y = sum / n;
            }
            std::stable_sort(layer.begin(), layer.end(),
                             [&](size_t a, size_t b) { return boxes[a].y < boxes[b].y; });
            double free = -1e9, excess = 0;
            for (const size_t i : layer) {
                const double y = std::max(boxes[i].y, free + boxes[i].height / 2);
                excess += (y - boxes[i].y) / real(layer.size());
                boxes[i].y = y;
                free = y + boxes[i].height / 2 + 16;
            }
            for (const size_t i : layer) boxes[i].y -= excess;
        }
}

}  // namespace

Text graph(const Caption& caption, const std::vector<Node>& nodes, const std::vector<Edge>& edges) {
    require(!nodes.empty(), "graph", "there is no node");
    for (const Edge& e : edges)
        require(e.from < nodes.size() && e.to < nodes.size(), "graph", "an arrow leads to no node");
    const std::vector<size_t> layer_of = layers_of(nodes.size(), edges);
    std::vector<std::vector<size_t>> layers(1 +
                                            *std::max_element(layer_of.begin(), layer_of.end()));
    std::vector<Box> boxes;
    const auto add = [&](size_t layer, double w, double h) {
        layers[layer].push_back(boxes.size());
        boxes.push_back({layer, w, h, 0, 60 * real(layers[layer].size())});
        return boxes.size() - 1;
    };
    for (size_t i = 0; i < nodes.size(); ++i)
        add(layer_of[i], std::max(widest(nodes[i].lines), width_of(nodes[i].label, 14)) + 12,
            25 + 16 * real(nodes[i].lines.size()));
    std::vector<std::vector<size_t>> routes;
    for (const Edge& e : edges) {
        std::vector<size_t> route = {e.from};
        for (size_t l = layer_of[e.from] + 1; l < layer_of[e.to]; ++l)
            route.push_back(add(l, 0, 8));
        route.push_back(e.to);
        for (size_t i = 1; i < route.size(); ++i) {
            boxes[route[i - 1]].after.push_back(route[i]);
            boxes[route[i]].before.push_back(route[i - 1]);
        }
        routes.push_back(route);
    }
    arrange(boxes, layers);

    // Place the layers side by side, on a wider page if they need it.
    Canvas canvas(caption);
    Values widths(layers.size(), 0);
    double total = 0, top = 1e9, bottom = -1e9;
    for (const Box& box : boxes) {
        widths[box.layer] = std::max(widths[box.layer], box.width);
        top = std::min(top, box.y - box.height / 2);
        bottom = std::max(bottom, box.y + box.height / 2);
    }
    for (const double w : widths) total += w;
    const double gaps = real(layers.size() - 1);
    const double apart = std::clamp((page - 2 * margin - total) / std::max(gaps, 1.0), 28.0, 70.0);
    total += gaps * apart;
    canvas.width = std::max(page, total + 2 * margin);
    double left = (canvas.width - total) / 2;
    for (size_t l = 0; l < layers.size(); left += widths[l++] + apart)
        for (const size_t i : layers[l]) {
            if (boxes[i].width == 0) boxes[i].width = widths[l];
            boxes[i].x = left + (widths[l] - boxes[i].width) / 2;
            boxes[i].y += canvas.y + 8 - top;
        }
    canvas.y += 8 + bottom - top;

    // Draw each arrow as curves from box to box; those that meet at a box arrive side by side.
    std::stable_sort(routes.begin(), routes.end(), [&](const auto& a, const auto& b) {
        return boxes[a[a.size() - 2]].y < boxes[b[b.size() - 2]].y;
    });
    Values arrived(nodes.size(), 0);
    for (const std::vector<size_t>& route : routes) {
        double x = boxes[route[0]].x + boxes[route[0]].width, y = boxes[route[0]].y;
        Text steps = 'M' + xy(x, y);
        for (size_t i = 1; i < route.size(); ++i) {
            const Box& box = boxes[route[i]];
            const bool ends = i + 1 == route.size();
            const double place = ends ? arrived[route[i]]++ - real(box.before.size() - 1) / 2 : 0;
            const double to = box.x - (ends ? 4 : 0), half = (x + to) / 2, at = box.y + 12 * place;
            steps += 'C' + xy(half, y) + ' ' + xy(half, at) + ' ' + xy(to, at);
            x = box.x + box.width, y = at;
            steps += ends ? Text("m-4 -4l4 4l-4 4") : 'H' + fixed(x);
        }
        canvas.path(steps, "axis");
    }
    Text summary = "A graph.";
    for (size_t i = 0; i < nodes.size(); ++i) {
        const Box& box = boxes[i];
        const double middle = box.x + box.width / 2;
        double y = box.y - box.height / 2;
        canvas.rect(box.x, y, box.width, box.height,
                    "box " + colour(box.before.empty()  ? 0
                                    : box.after.empty() ? 1
                                                        : 5));
        canvas.text(middle, y += 17, nodes[i].label, "bold ink", "middle");
        summary += ' ' + nodes[i].label;
        for (const Text& line : nodes[i].lines) {
            canvas.text(middle, y += 16, line, "soft", "middle");
            summary += ", " + line;
        }
        for (const Edge& e : edges)
            if (e.from == i) summary += ", leads to " + nodes[e.to].label;
        summary += '.';
    }
    return canvas.finish(summary);
}

// ---- Twins for the terminal ----

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
    const size_t label = longest(names, 24), room = 66 - label;
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

// ---- Saving ----

static Text folder = "build/figures";

void set_folder(const Text& path) { folder = path; }

Text save(const Text& name, const Text& svg) {
    std::timespec now = {};
    std::timespec_get(&now, TIME_UTC);
    const Text path = folder + '/' + name + ".svg";
    const Text draft = path + '.' + std::to_string(now.tv_nsec) + ".part";
    std::error_code error, ignored;
    std::filesystem::create_directories(folder, error);
    std::FILE* const file = error ? nullptr : std::fopen(draft.c_str(), "wb");
    bool written = file && std::fwrite(svg.data(), 1, svg.size(), file) == svg.size();
    if (file) written = std::fclose(file) == 0 && written;
    if (written) std::filesystem::rename(draft, path, error);
    if (written && !error) return path;
    if (file) std::filesystem::remove(draft, ignored);
    throw std::runtime_error("figure::save: cannot write " + path + ": " +
                             (error  ? error.message()
                              : file ? "the disk may be full"
                                     : "the folder is not writable"));
}

}  // namespace figure
