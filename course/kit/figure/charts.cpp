// Bars, curves, regions and heat maps.
#include "kit/figure/canvas.hpp"

namespace figure {

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

}  // namespace figure
