// Pictures for the demos: words and numbers, scales, the canvas, the pictures, their twins for the
// terminal, saving. What each picture promises is said in figure.hpp.
#include "figure.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <stdexcept>

namespace figure {
namespace {

using std::size_t;

void require(bool holds, const char* function, const char* need) {
    if (!holds) throw std::invalid_argument(std::string("figure::") + function + ": " + need);
}

double real(size_t n) { return static_cast<double>(n); }

// ---- Words and numbers ----

// The characters of a UTF-8 text. A token may hold anything: a control character becomes its
// picture (␊), bytes that are no character become �.
Names characters(const std::string& text) {
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
        const bool valid = length == wanted && code >= least[wanted] && code <= 0x10FFFF &&
                           code >> 11 != 0x1B && (code | 1) != 0xFFFF;
        if (!valid) result.push_back("�");
        else if (code < 0x20) result.push_back("\xE2\x90" + std::string(1, char(0x80 + code)));
        else if (code >= 0x300 && code < 0x370 && !result.empty()) result.back() += text.substr(i, 2);
        else result.push_back(text.substr(i, length));
    }
    return result;
}

std::string escape(const std::string& text) {
    std::string result;
    for (const std::string& c : characters(text))
        result += c == "&" ? "&amp;" : c == "<" ? "&lt;" : c == ">" ? "&gt;"
                : c == "\"" ? "&quot;" : c == "'" ? "&#39;" : c;
    return result;
}

// The width of a text in a sans-serif font, on the generous side, for no font is known.
double width_of(const std::string& text, double size = 13) {
    double ems = 0;
    for (const std::string& c : characters(text))
        ems += std::string(" .,:;|!'()[]ijlt").find(c) != std::string::npos ? 0.36
             : std::string("mwMW%@").find(c) != std::string::npos || c >= "\xE2\xBA" ? 0.95 : 0.62;
    return ems * size;
}

double widest(const Names& names, double most = 1e9) {
    double result = 0;
    for (const std::string& name : names) result = std::max(result, width_of(name));
    return std::min(result, most);
}

std::string shorten(const std::string& text, double width) {
    std::string result;
    for (const std::string& c : characters(text))
        if (width_of(result + c) > width) return result + "…";
        else result += c;
    return result;
}

Names wrap(const std::string& text, double width, double size) {
    Names lines(1);
    for (size_t i = 0, end; i < text.size(); i = end + 1) {
        end = std::min(text.find(' ', i), text.size());
        const std::string word = text.substr(i, end - i), longer = lines.back() + ' ' + word;
        if (lines.back().empty()) lines.back() = word;
        else if (width_of(longer, size) <= width) lines.back() = longer;
        else lines.push_back(word);
    }
    return lines;
}

bool drawable(double v) { return std::fabs(v) < 1e300; }

std::string fixed(double v, int decimals = 1) {
    char text[400];
    std::snprintf(text, sizeof text, "%.*f", decimals, v);
    std::string result = text;
    if (decimals > 0) result.erase(result.find_last_not_of('0') + 1);
    if (result.back() == '.') result.pop_back();
    return result == "-0" ? "0" : result;
}

// A number for people: 0.0466, 12.5, 36.6k, 1.2×10⁻⁷. Numbers that stand together get the same unit
// if `like` is the largest of them.
std::string number(double v, double like = 0, int digits = 3) {
    if (std::isnan(v)) return "NaN";
    if (v < 0) return "−" + number(-v, like, digits);
    if (v == 0 || std::isinf(v)) return v == 0 ? "0" : "∞";
    like = like == 0 ? v : std::fabs(like);
    if (like < 1e-3 || like >= 1e15) {
        char text[40];
        std::snprintf(text, sizeof text, "%.1e", v);
        const std::string factor = fixed(std::atof(std::string(text, 3).c_str()));
        const char* const small[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
        std::string power = text[4] == '-' ? "⁻" : "";
        for (const char c : std::to_string(std::atoi(text + 5))) power += small[c - '0'];
        return (factor == "1" ? "10" : factor + "×10") + power;
    }
    size_t unit = 0;
    for (; like >= (unit == 0 ? 1e4 : 1e3) && unit < 4; ++unit) v /= 1000, like /= 1000;
    const int decimals = digits - 1 - static_cast<int>(std::floor(std::log10(v)));
    return fixed(v, std::clamp(decimals, 0, 9)) + (unit > 0 ? std::string(1, " kMGT"[unit]) : "");
}

// "a 1, b 2, …": the numbers of a picture, for those who cannot see it.
std::string listing(const Names& names, const Values& values) {
    std::string result;
    for (size_t i = 0; i < values.size() && i < 12; ++i)
        result += (i ? ", " : "") + (i < names.size() ? names[i] + ' ' : "") + number(values[i]);
    return result + (values.size() > 12 ? ", …" : "");
}

// ---- Scales ----

// Where the numbers lie that can be drawn; never empty, never a single point.
Range span(const Values& values, bool log = false) {
    Range r = {1e301, -1e301};
    for (const double v : values)
        if (drawable(v) && (!log || v > 0)) r = {std::min(r.lo, v), std::max(r.hi, v)};
    if (r.lo > r.hi) return log ? Range{1, 10} : Range{0, 1};
    const double size = std::max(std::fabs(r.lo), std::fabs(r.hi));
    if (r.hi - r.lo > 1e-9 * size) return r;
    return size == 0 ? Range{0, 1} : Range{r.lo - size / 2, r.hi + size / 2};
}

double step_for(double length, int wanted) {
    const double raw = length / wanted, power = std::pow(10, std::floor(std::log10(raw)));
    return power * (raw < 1.5 * power ? 1 : raw < 3 * power ? 2 : raw < 7 * power ? 5 : 10);
}

// Every how many labels one can be shown, if each needs this room?
size_t stride(double room, double step) {
    size_t every = 1;
    for (size_t i = 0; real(every) * step < room; ++i) every = every * (i % 3 == 1 ? 5 : 4) / 2;
    return every;
}

struct Axis {
    Range range;
    bool log;
    double from, to;  // in the picture

    bool shows(double v) const { return drawable(v) && (!log || v > 0); }

    double operator()(double v) const {
        const double part = log ? std::log(v / range.lo) / std::log(range.hi / range.lo)
                                : (v - range.lo) / (range.hi - range.lo);
        return from + part * (to - from);
    }

    Values ticks(int wanted) const {
        Values result;
        if (log) {
            const int first = static_cast<int>(std::floor(std::log10(range.lo)));
            const int last = static_cast<int>(std::floor(std::log10(range.hi)));
            for (int power = first; power <= last; power += std::max(1, (last - first) / wanted))
                for (const double factor : last - first <= 2 ? Values{1, 2, 5} : Values{1}) {
                    const double v = factor * std::pow(10, power);
                    if (v > range.lo * 0.999 && v < range.hi * 1.001) result.push_back(v);
                }
        }
        if (result.size() > 2) return result;
        const double step = step_for(range.hi - range.lo, wanted);
        const double first = std::ceil(range.lo / step - 1e-6), last = range.hi / step + 1e-6;
        result.clear();
        for (int k = 0; first + k <= last; ++k) result.push_back((first + k) * step);
        return result;
    }

    Names labels(const Values& ticks) const {
        Names result;
        const double like = log ? 0 : std::max(std::fabs(range.lo), std::fabs(range.hi));
        for (const double v : ticks) result.push_back(number(v, like, 5));
        return result;
    }
};

// ---- The canvas ----

const double page = 440, margin = 14, gap = 20;

// An element takes its colour from its class: c0 to c5 for data, the others for what they say.
std::string colour(size_t i) { return "c" + std::to_string(i % 6); }

const char* const paints[][3] = {
    {"page", "#fff", "#16181c"},  {"ink", "#1c1e21", "#eceef0"}, {"soft", "#555b63", "#a9b0b9"},
    {"grid", "#e1e4e8", "#32363c"}, {"axis", "#8a9099", "#7d848d"}, {"hot", "#08498f", "#8cccff"},
    {"cold", "#a84300", "#ffa066"}, {"c0", "#0072b2", "#4aa8e8"},  {"c1", "#d55e00", "#ff8a4c"},
    {"c2", "#009e73", "#2fcf9f"}, {"c3", "#b5579a", "#e08cc4"},  {"c4", "#d09000", "#f2c14e"},
    {"c5", "#70757d", "#b9bfc7"}};

std::string style_sheet() {
    std::string light, dark;
    for (const auto& p : paints) {
        light += std::string(".drawn .") + p[0] + "{color:" + p[1] + "}";
        dark += std::string(".drawn .") + p[0] + "{color:" + p[2] + "}";
    }
    return R"(.drawn{max-width:100%;height:auto;font:13px system-ui,-apple-system,'Segoe UI',Roboto,
'Helvetica Neue',Arial,sans-serif}.drawn text,.drawn rect,.drawn .area{fill:currentColor}
.drawn path{fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
.drawn .title{font-size:16px}.drawn .title,.drawn .bold{font-weight:600}.drawn .dots{stroke-width:4}
.drawn .grid,.drawn .axis{stroke-width:1}.drawn .dashed{stroke-dasharray:6 5}
.drawn .area{stroke:none;fill-opacity:.25}.drawn .box{fill-opacity:.12;stroke:currentColor}
)" + light + "\n@media(prefers-color-scheme:dark){" + dark + "}";
}

std::string xy(double x, double y) { return fixed(x) + ' ' + fixed(y); }
std::string is(const char* name, double v) { return std::string(" ") + name + "='" + fixed(v) + "'"; }

// A picture as it grows downwards; `y` is where the next thing goes.
struct Canvas {
    const Caption& caption;
    double width = page, y = margin;
    std::string body = {};

    explicit Canvas(const Caption& c) : caption(c) {
        if (!c.title.empty()) y = heading(c.title, margin, page - 2 * margin, 16, "title ink") + 6;
    }

    void text(double x, double at, const std::string& words, const std::string& style = "soft",
              const char* anchor = "start", int turn = 0) {
        body += "<text" + is("x", x) + is("y", at) + " class='" + style + "' text-anchor='" + anchor + "'";
        if (turn) body += " transform='rotate(" + std::to_string(turn) + ' ' + xy(x, at) + ")'";
        body += ">" + escape(words) + "</text>\n";
    }

    void rect(double x, double at, double w, double h, const std::string& style, double opacity = 1) {
        body += "<rect" + is("x", x) + is("y", at) + is("width", w) + is("height", h);
        if (opacity < 1) body += " fill-opacity='" + fixed(opacity, 2) + "'";
        body += " class='" + style + "'/>\n";
    }

    void path(const std::string& steps, const std::string& style) {
        if (!steps.empty()) body += "<path d='" + steps + "' class='" + style + "'/>\n";
    }

    void line(double x0, double y0, double x1, double y1, const std::string& style) {
        path('M' + xy(x0, y0) + 'L' + xy(x1, y1), style);
    }

    // Write words in lines of this width; return where they end.
    double heading(const std::string& words, double x, double w, double size, const char* style) {
        double at = y;
        for (const std::string& row : wrap(words, w, size + 1)) text(x, at += size + 4, row, style);
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
    void y_axis(const Axis& axis, const Values& ticks, double left, double right) {
        const Names labels = axis.labels(ticks);
        for (size_t i = 0; i < ticks.size(); ++i) {
            line(left, axis(ticks[i]), right, axis(ticks[i]), "grid");
            text(left - 6, axis(ticks[i]) + 4.5, labels[i], "soft", "end");
        }
    }

    // A line with ticks below the plot; a number that would touch the one before is left out.
    void x_axis(const Axis& axis, double bottom) {
        line(axis.from, bottom, axis.to, bottom, "axis");
        const Values ticks = axis.ticks(axis.to - axis.from > 250 ? 6 : 3);
        const Names labels = axis.labels(ticks);
        double free = 0;
        for (size_t i = 0; i < ticks.size(); ++i) {
            const double x = axis(ticks[i]), half = width_of(labels[i]) / 2;
            line(x, bottom, x, bottom + 4, "axis");
            if (x - half < free || x + half > width) continue;
            text(x, bottom + 18, labels[i], "soft", "middle");
            free = x + half + 4;
        }
    }

    std::string finish(const std::string& summary) const {
        const std::string size = is("width", width) + is("height", y + margin);
        return "<svg xmlns='http://www.w3.org/2000/svg' class='drawn' role='img'" + size +
               " viewBox='0 0 " + xy(width, y + margin) + "'>\n<title>" +
               escape(caption.title.empty() ? "Figure" : caption.title) + "</title>\n<desc>" +
               escape(caption.description.empty() ? summary : caption.description) +
               "</desc>\n<style>" + style_sheet() + "</style>\n<rect class='page'" + size + "/>\n" +
               body + "</svg>\n";
    }
};

// ---- Panels ----

struct Frame {
    double x, y, width;
};

// So many panels in a row, at most, that all rows are equally full.
size_t balanced(size_t count, double most) {
    const size_t fit = static_cast<size_t>(std::max(most, 1.0)), rows = (count + fit - 1) / fit;
    return (count + rows - 1) / rows;
}

double panel_width(size_t in_a_row, double gutter) {
    return (page - 2 * margin - gutter + gap) / real(in_a_row) - gap;
}

// Draw the titles of the panels and find a place for each, with room above and below it for labels,
// and a gutter at the left of each row.
template <typename Panel>
std::vector<Frame> lay_out(Canvas& canvas, const std::vector<Panel>& panels, size_t in_a_row,
                           double gutter, double above, double height, double below) {
    std::vector<Frame> frames;
    const double w = panel_width(in_a_row, gutter);
    for (size_t i = 0, end; i < panels.size(); i = end) {
        double top = canvas.y;
        end = std::min(i + in_a_row, panels.size());
        for (size_t j = i; j < end; ++j) {
            frames.push_back({margin + gutter + real(j - i) * (w + gap), 0, w});
            if (panels[j].title.empty()) continue;
            top = std::max(top, canvas.heading(panels[j].title, frames[j].x, w, 13, "bold ink"));
        }
        for (size_t j = i; j < end; ++j) frames[j].y = top + above;
        canvas.y = top + above + height + below;
    }
    return frames;
}

// Labels under columns: level where they fit, or where some can be left out; else slanted.
struct ColumnLabels {
    const Names& names;
    double step, wide, height;
    bool slanted;

    ColumnLabels(const Names& labels, double between) : names(labels), step(between),
        wide(widest(labels, 110)), slanted(wide + 4 > step && wide > 28) {
        height = names.empty() ? 2 : slanted ? 0.71 * wide + 18 : 20;
    }

    void draw(Canvas& canvas, double x, double y) const {
        for (size_t i = 0; i < names.size(); i += stride(slanted ? 14 : wide + 4, step)) {
            const double middle = x + (real(i) + 0.5) * step;
            if (slanted) canvas.text(middle + 4, y + 12, shorten(names[i], 110), "soft", "end", -45);
            else canvas.text(middle, y + 15, names[i], "soft", "middle");
        }
    }
};

}  // namespace

// ---- The pictures ----

Names numbered(size_t count) {
    Names result(count);
    for (size_t i = 0; i < count; ++i) result[i] = std::to_string(i);
    return result;
}

std::string bars(const Caption& caption, const std::vector<BarPanel>& panels, size_t in_a_row) {
    require(!panels.empty(), "bars", "there is no panel");
    double most = 1, below = 0;
    for (const BarPanel& p : panels) {
        require(!p.series.empty() && !p.labels.empty(), "bars", "a panel is empty");
        most = std::max(most, real(p.labels.size() * p.series.size()));
        for (const Series& s : p.series)
            require(s.y.size() == p.labels.size(), "bars", "a series needs a value for each label");
    }
    Canvas canvas(caption);
    canvas.legend(panels[0].series);
    const double need = std::max(110.0, 26 * most);
    if (in_a_row == 0) in_a_row = balanced(panels.size(), (page - 2 * margin + gap) / (need + gap));
    const double width = panel_width(in_a_row, 0);
    for (const BarPanel& p : panels)
        below = std::max(below, ColumnLabels(p.labels, width / real(p.labels.size())).height);
    const std::vector<Frame> frames = lay_out(canvas, panels, in_a_row, 0, 20, 110, below + 6);

    std::string summary = "Bar charts.";
    for (size_t i = 0; i < panels.size(); ++i) {
        const BarPanel& p = panels[i];
        const Frame& f = frames[i];
        Values all = {0};
        for (const Series& s : p.series) {
            all.insert(all.end(), s.y.begin(), s.y.end());
            summary += ' ' + p.title + ' ' + s.name + ": " + listing(p.labels, s.y) + '.';
        }
        const Range range = p.range.lo < p.range.hi ? p.range : span(all);
        const Axis axis = {range, false, f.y + (range.lo < 0 ? 94 : 110), f.y};
        const double base = axis(std::clamp(0.0, range.lo, range.hi)), n = real(p.series.size());
        const double slot = f.width / real(p.labels.size()), bar = std::min(slot * 0.84 / n, 40.0);
        for (size_t s = 0; s < p.series.size(); ++s)
            for (size_t k = 0; k < p.labels.size(); ++k) {
                const double v = p.series[s].y[k];
                const double x = f.x + (real(k) + 0.5) * slot + (real(s) - n / 2) * bar;
                const double end = drawable(v) ? axis(std::clamp(v, range.lo, range.hi)) : base;
                canvas.rect(x + 0.5, std::min(base, end), bar - 1, std::fabs(base - end), colour(s));
                const bool tiny = v != 0 && std::fabs(v) < 5e-4 * (range.hi - range.lo);
                const std::string words = tiny ? "≈0" : number(v, 0, 2);
                if (width_of(words, 11) < (n > 1 ? bar : slot))
                    canvas.text(x + bar / 2, end + (v < 0 ? 14 : -4), words, "soft", "middle");
            }
        canvas.line(f.x, base, f.x + f.width, base, "axis");
        ColumnLabels(p.labels, slot).draw(canvas, f.x, f.y + 110);
    }
    return canvas.finish(summary);
}

std::string horizontal_bars(const Caption& caption, const Names& names, const Values& values,
                            double limit, const std::string& limit_name) {
    require(!names.empty(), "horizontal_bars", "there is no bar");
    require(names.size() == values.size(), "horizontal_bars", "each bar needs a name and a value");
    Canvas canvas(caption);
    Values all = values;
    all.insert(all.end(), {0, limit});
    const Range range = span(all);
    const double left = margin + widest(names, 150) + 8, step = 30;
    const Axis axis = {range, false, left + (range.lo < 0 ? 52 : 0), page - margin - 52};
    double y = canvas.y + (drawable(limit) ? 26 : 4);
    canvas.y = y + step * real(values.size());
    if (drawable(limit)) {
        const std::string words = limit_name + ' ' + number(limit) + ' ' + caption.x;
        const double half = width_of(words) / 2, x = axis(limit);
        canvas.line(x, y - 6, x, canvas.y, "c1 dashed");
        canvas.text(std::clamp(x, half + margin, page - margin - half), y - 12, words, "c1", "middle");
    }
    canvas.line(axis(0), y - 2, axis(0), canvas.y, "axis");
    for (size_t i = 0; i < values.size(); ++i, y += step) {
        const double v = values[i], end = axis(drawable(v) ? v : 0), wide = width_of(number(v));
        canvas.text(left - 8, y + 18, shorten(names[i], 150), "ink", "end");
        canvas.rect(std::min(axis(0), end), y + 2, std::fabs(end - axis(0)), step - 7, "c0");
        canvas.rect(v < 0 ? end - 8 - wide : end + 3, y + 2, wide + 5, step - 7, "page");
        canvas.text(end + (v < 0 ? -6 : 6), y + 18, number(v), "ink", v < 0 ? "end" : "start");
    }
    if (!caption.x.empty()) canvas.text(axis(0), canvas.y += 18, caption.x);
    return canvas.finish("Horizontal bars, " + caption.x + ": " + listing(names, values) +
                         (drawable(limit) ? "; " + limit_name + ' ' + number(limit) : "") + '.');
}

std::string lines(const Caption& caption, const std::vector<Series>& series, Scale scale) {
    const bool log_x = scale == Scale::log_x || scale == Scale::log_log;
    const bool log_y = scale == Scale::log_y || scale == Scale::log_log;
    Values all_x, all_y;
    std::string summary = caption.y + " over " + caption.x + '.';
    std::vector<Series> curves = series;
    for (Series& s : curves) {
        for (size_t i = 0; s.x.size() < s.y.size() && series.size(); ++i) s.x.push_back(real(i));
        require(s.x.size() == s.y.size(), "lines", "a series needs as many x as y");
        all_x.insert(all_x.end(), s.x.begin(), s.x.end());
        all_y.insert(all_y.end(), s.y.begin(), s.y.end());
        if (!s.y.empty())
            summary += ' ' + s.name + " from " + number(s.y[0]) + " to " + number(s.y.back()) + '.';
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
    const Values ticks = y.ticks(5);
    const double left = margin + widest(y.labels(ticks)) + 8;
    const Axis x = {span(all_x, log_x), log_x, left, page - margin - 6};
    canvas.y_axis(y, ticks, left, x.to);
    canvas.x_axis(x, y.from);
    for (size_t k = 0; k < curves.size(); ++k) {
        std::string steps, dots;
        bool pen_down = false;
        for (size_t i = 0; i < curves[k].y.size(); ++i) {
            const bool shown = x.shows(curves[k].x[i]) && y.shows(curves[k].y[i]);
            if (shown) {
                const std::string at = xy(x(curves[k].x[i]), y(curves[k].y[i]));
                steps += pen_down ? 'L' + at : 'M' + at + "h0";
                dots += 'M' + at + "h0";
            }
            pen_down = shown;
        }
        if (!curves[k].dots) canvas.path(steps, colour(k) + (k >= 6 ? " dashed" : ""));
        if (curves[k].dots || curves[k].y.size() <= 24) canvas.path(dots, colour(k) + " dots");
    }
    canvas.y = y.from + 22;
    if (!caption.x.empty()) canvas.text((left + x.to) / 2, canvas.y += 16, caption.x, "soft", "middle");
    return canvas.finish(summary);
}

std::string regions(const Caption& caption, const std::vector<RegionPanel>& panels, Range x, Range y) {
    require(!panels.empty(), "regions", "there is no panel");
    require(x.lo < x.hi && y.lo < y.hi, "regions", "a range is empty");
    const auto class_of = [](int kind) { return static_cast<size_t>((kind % 6 + 6) % 6); };
    Canvas canvas(caption);
    const size_t in_a_row = balanced(panels.size(), 2);
    const double gutter = 34, size = std::min(panel_width(in_a_row, gutter), 320.0);
    if (!caption.y.empty()) canvas.text(margin, canvas.y += 14, caption.y);
    const std::vector<Frame> frames = lay_out(canvas, panels, in_a_row, gutter, 6, size, 24);
    for (size_t i = 0; i < panels.size(); ++i) {
        const std::vector<int>& kinds = panels[i].kinds;
        const size_t n = static_cast<size_t>(std::lround(std::sqrt(real(kinds.size()))));
        require(n > 0 && n * n == kinds.size(), "regions", "the class numbers must fill a square");
        const Frame& f = frames[i];
        const double cell = size / real(n);
        std::string areas[6], dots[6];
        for (size_t from = 0, to; from < n * n; from = to) {  // runs of one class in one row
            const size_t k = class_of(kinds[from]), row = from / n;
            for (to = from; to < (row + 1) * n && class_of(kinds[to]) == k; ++to) {}
            const std::string wide = fixed(real(to - from) * cell, 2), high = fixed(cell, 2);
            areas[k] += 'M' + xy(f.x + real(from % n) * cell, f.y + real(n - 1 - row) * cell) + 'h' +
                        wide + 'v' + high + "h-" + wide + 'z';
        }
        const Axis across = {x, false, f.x, f.x + size}, up = {y, false, f.y + size, f.y};
        for (const Point& p : panels[i].points)
            if (p.x >= x.lo && p.x <= x.hi && p.y >= y.lo && p.y <= y.hi)
                dots[class_of(p.kind)] += 'M' + xy(across(p.x), up(p.y)) + "h0";
        for (size_t k = 0; k < 6; ++k) canvas.path(areas[k], colour(k) + " area");
        for (size_t k = 0; k < 6; ++k) canvas.path(dots[k], colour(k) + " dots");
        if (i % in_a_row == 0) canvas.y_axis(up, up.ticks(4), f.x, f.x);
        canvas.x_axis(across, f.y + size);
    }
    if (!caption.x.empty()) canvas.text(page / 2, canvas.y += 14, caption.x, "soft", "middle");
    return canvas.finish("The plane, coloured by the class that is decided there, and the data.");
}

std::string heatmaps(const Caption& caption, const Names& rows, const Names& columns,
                     const std::vector<HeatPanel>& panels, Range range, bool print_values) {
    require(!rows.empty() && !columns.empty() && !panels.empty(), "heatmaps", "there is no cell");
    Values all;
    for (const HeatPanel& p : panels) {
        require(p.cells.size() == rows.size() * columns.size(), "heatmaps",
                "a panel needs a cell for each row and column");
        all.insert(all.end(), p.cells.begin(), p.cells.end());
    }
    if (!(range.lo < range.hi)) range = span(all);
    const bool two_signs = range.lo < 0 && range.hi > 0;
    const auto strength = [&](double v) {
        const double part = two_signs ? std::fabs(v) / std::max(-range.lo, range.hi)
                                      : (v - range.lo) / (range.hi - range.lo);
        return std::clamp(part, 0.0, 1.0);
    };
    Canvas canvas(caption);
    const auto cell = [&](double x, double y, double w, double h, double v) {
        canvas.rect(x, y, w, h, two_signs && v < 0 ? "cold" : "hot", strength(v));
    };
    // Say what the rows are, and what the shades mean.
    const double right = page - margin - widest({number(range.hi)}) - 6;
    for (size_t i = 0; i <= 8; ++i)
        cell(right - 108 + 12 * real(i), canvas.y + 4, 12, 10, range.lo + (range.hi - range.lo) * real(i) / 8);
    canvas.text(right - 114, canvas.y + 13, number(range.lo), "soft", "end");
    canvas.text(right + 6, canvas.y + 13, number(range.hi));
    if (!caption.y.empty()) canvas.text(margin, canvas.y + 13, caption.y + " ↓");
    canvas.y += 20;

    // Choose the size of a cell, and how many panels stand in a row.
    const double nr = real(rows.size()), nc = real(columns.size()), wide = widest(columns, 110);
    const double gutter = std::max(widest(rows, 110) + 8, wide > 28 ? 0.71 * wide - 8 : 0);
    const double need = std::max(nc * (print_values ? 32 : 13), 110.0);
    const size_t in_a_row =
        balanced(panels.size(), (page - 2 * margin - gutter + gap) / (need + gap));
    const double w = std::min(panel_width(in_a_row, gutter) / nc, 64.0);
    const double h = std::max(std::min({w, 36.0, 420 / nr}), nr <= 20 ? 14.0 : 3.0);
    const double seam = std::min(w, h) > 9 ? 1 : 0;
    const ColumnLabels labels(columns, w);
    const std::vector<Frame> frames =
        lay_out(canvas, panels, in_a_row, gutter, 4, nr * h, labels.height);
    for (size_t i = 0; i < panels.size(); ++i) {
        const Frame& f = frames[i];
        for (size_t k = 0; k < panels[i].cells.size(); ++k) {
            const double v = panels[i].cells[k];
            const double x = f.x + real(k % columns.size()) * w, y = f.y + real(k / columns.size()) * h;
            if (drawable(v)) cell(x, y, w - seam, h - seam, v);
            std::string words = !drawable(v) ? "×" : print_values ? fixed(v, 2) : "";
            const size_t zero = words.find("0.");
            if (zero < 2) words.erase(zero, 1);
            if (seam > 0 && !words.empty())
                canvas.text(x + w / 2, y + h / 2 + 4, words, strength(v) > 0.5 ? "page" : "ink", "middle");
        }
        canvas.path('M' + xy(f.x, f.y) + 'h' + fixed(nc * w) + 'v' + fixed(nr * h) + 'h' +
                    fixed(-nc * w) + 'z', "axis");
        for (size_t r = 0; i % in_a_row == 0 && r < rows.size(); r += stride(14, h))
            canvas.text(f.x - 6, f.y + (real(r) + 0.5) * h + 4.5, shorten(rows[r], 110), "soft", "end");
        labels.draw(canvas, f.x, f.y + nr * h);
    }
    if (!caption.x.empty()) canvas.text(frames[0].x, canvas.y += 16, caption.x + " →");
    return canvas.finish("Heat maps of " + std::to_string(rows.size()) + " rows and " +
                         std::to_string(columns.size()) + " columns, from " + number(range.lo) +
                         " to " + number(range.hi) + '.');
}

namespace {

// A node in the layout of a graph; where an arrow passes through a layer, an empty box keeps room.
struct Box {
    size_t layer;
    double width, height;
    double x, y;  // the middle of its left side
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
                std::vector<size_t> near = boxes[i].before;
                near.insert(near.end(), boxes[i].after.begin(), boxes[i].after.end());
                double sum = 0;
                for (const size_t j : near) sum += boxes[j].y;
                if (!near.empty()) boxes[i].y = sum / real(near.size());
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

std::string graph(const Caption& caption, const std::vector<Node>& nodes, const std::vector<Edge>& edges) {
    require(!nodes.empty(), "graph", "there is no node");
    for (const Edge& e : edges)
        require(e.from < nodes.size() && e.to < nodes.size(), "graph", "an arrow leads to no node");
    const std::vector<size_t> layer_of = layers_of(nodes.size(), edges);
    std::vector<std::vector<size_t>> layers(1 + *std::max_element(layer_of.begin(), layer_of.end()));
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
        for (size_t l = layer_of[e.from] + 1; l < layer_of[e.to]; ++l) route.push_back(add(l, 0, 8));
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
    canvas.width = std::max(page, total + gaps * apart + 2 * margin);
    double left = (canvas.width - total - gaps * apart) / 2;
    for (size_t l = 0; l < layers.size(); left += widths[l++] + apart)
        for (const size_t i : layers[l]) {
            if (boxes[i].width == 0) boxes[i].width = widths[l];
            boxes[i].x = left + (widths[l] - boxes[i].width) / 2;
            boxes[i].y += canvas.y + 8 - top;
        }
    canvas.y += 8 + bottom - top;

    // Draw each arrow as curves from box to box; those that meet at a box arrive side by side.
    for (size_t k = 0; k < routes.size(); ++k) {
        const std::vector<size_t>& route = routes[k];
        const Box &source = boxes[route[0]], &target = boxes[route.back()];
        const size_t last = route[route.size() - 2];
        double place = 0;
        for (const size_t other : target.before) place += boxes[other].y < boxes[last].y ? 1 : 0;
        for (size_t j = 0; j < k; ++j)
            if (routes[j].back() == route.back() && routes[j][routes[j].size() - 2] == last) place += 1;
        double x = source.x + source.width, y = source.y;
        std::string steps = 'M' + xy(x, y);
        for (size_t i = 1; i < route.size(); ++i) {
            const Box& box = boxes[route[i]];
            const bool ends = i + 1 == route.size();
            const double to = box.x - (ends ? 4 : 0), half = (x + to) / 2;
            const double at = box.y + (ends ? 12 * (place - real(target.before.size() - 1) / 2) : 0);
            steps += 'C' + xy(half, y) + ' ' + xy(half, at) + ' ' + xy(to, at);
            x = box.x + box.width, y = at;
            steps += ends ? std::string("m-4 -4l4 4l-4 4") : 'H' + fixed(x);
        }
        canvas.path(steps, "axis");
    }
    std::string summary = "A graph.";
    for (size_t i = 0; i < nodes.size(); ++i) {
        const Box& box = boxes[i];
        const size_t tint = box.before.empty() ? 0 : box.after.empty() ? 1 : 5;
        double y = box.y - box.height / 2;
        canvas.rect(box.x, y, box.width, box.height, "box " + colour(tint));
        canvas.text(box.x + box.width / 2, y += 17, nodes[i].label, "bold ink", "middle");
        summary += ' ' + nodes[i].label;
        for (const std::string& line : nodes[i].lines) {
            canvas.text(box.x + box.width / 2, y += 16, line, "soft", "middle");
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
std::string column(const std::string& text, size_t width) {
    const Names all = characters(text);
    std::string result;
    for (size_t i = 0; i < width; ++i) result += i < all.size() ? all[i] : " ";
    return result;
}

size_t longest(const Names& names, size_t most) {
    size_t result = 0;
    for (const std::string& name : names) result = std::max(result, characters(name).size());
    return std::min(result, most);
}

}  // namespace

std::string text_bars(const Names& names, const Values& values) {
    require(!names.empty(), "text_bars", "there is no bar");
    require(names.size() == values.size(), "text_bars", "each bar needs a name and a value");
    const size_t label = longest(names, 24), room = 66 - label;
    const char* const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    const Range range = span(values);
    const double largest = std::max(-range.lo, range.hi);
    std::string result;
    for (size_t i = 0; i < names.size(); ++i) {
        const double part = drawable(values[i]) ? std::fabs(values[i]) / largest : 0;
        const size_t length = static_cast<size_t>(std::lround(part * real(8 * room)));
        result += column(names[i], label) + "  ";
        for (size_t k = 8; k <= length; k += 8) result += values[i] < 0 ? "░" : "█";
        if (values[i] > 0) result += eighths[length % 8];
        result += (length > 0 ? " " : "") + number(values[i]) + '\n';
    }
    return result;
}

std::string text_heatmap(const Names& rows, const Names& columns, const Values& cells, Range range,
                         bool percent) {
    require(!rows.empty() && !columns.empty(), "text_heatmap", "there is no cell");
    require(cells.size() == rows.size() * columns.size(), "text_heatmap",
            "there must be a cell for each row and column");
    if (!(range.lo < range.hi)) range = span(cells);
    const size_t label = longest(rows, 16), letters = longest(columns, 10), wide = percent ? 4 : 2;
    const size_t shown = std::min(columns.size(), (79 - label) / wide);
    std::string result;
    for (size_t i = 0; i < letters; ++i) {  // the names of the columns stand upright
        result += column("", label + 1);
        for (size_t c = 0; c < shown; ++c) {
            const size_t skip = letters - std::min(characters(columns[c]).size(), letters);
            const std::string name = column(std::string(skip, ' ') + columns[c], letters);
            result += (percent ? "  " : "") + characters(name)[i] + ' ';
        }
        result += '\n';
    }
    const char* const shades[] = {"  ", "░░", "▒▒", "▓▓", "██"};
    for (size_t r = 0; r < rows.size(); ++r) {
        result += column(rows[r], label) + ' ';
        for (size_t c = 0; c < shown; ++c) {
            const double v = cells[r * columns.size() + c];
            const double part = std::clamp((v - range.lo) / (range.hi - range.lo), 0.0, 1.0);
            const std::string words = fixed(100 * part, 0);
            if (!drawable(v)) result += percent ? "  × " : "××";
            else if (percent) result += std::string(3 - words.size(), ' ') + words + ' ';
            else result += shades[std::min(static_cast<int>(part * 5), 4)];
        }
        result += '\n';
    }
    result += column("", label + 1) + (percent ? "percent of the way" : "░▒▓█") + " from " +
              number(range.lo) + " to " + number(range.hi);
    if (shown < columns.size())
        result += "; " + std::to_string(columns.size() - shown) + " columns cut off";
    return result + '\n';
}

// ---- Saving ----

static std::string folder = "build/figures";

void set_folder(const std::string& path) { folder = path; }

std::string save(const std::string& name, const std::string& svg) {
    std::timespec now = {};
    std::timespec_get(&now, TIME_UTC);
    const std::string path = folder + '/' + name + ".svg";
    const std::string draft = path + '.' + std::to_string(now.tv_nsec) + ".part";
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    std::FILE* const file = error ? nullptr : std::fopen(draft.c_str(), "wb");
    bool written = file && std::fwrite(svg.data(), 1, svg.size(), file) == svg.size();
    if (file) written = std::fclose(file) == 0 && written;
    if (written) std::filesystem::rename(draft, path, error);
    if (written && !error) return path;
    const std::string reason = error ? error.message()
                               : file ? "the disk may be full" : "the folder is not writable";
    std::filesystem::remove(draft, error);
    throw std::runtime_error("figure::save: cannot write " + path + ": " + reason);
}

}  // namespace figure
