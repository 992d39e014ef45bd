// Measurements, a model with its band, and residuals below.
#include "kit/fits.hpp"

#include "kit/figure/canvas.hpp"

namespace figure {

static void require_fit(const Fit& fit) {
    const size_t n = fit.x.size(), m = fit.model_x.size();
    require(n > 0 && fit.y.size() == n && fit.errors.size() == n && fit.left.size() == n, "fits",
            "as many x as y, errors and residuals are needed, one or more");
    require(m > 1 && fit.model.size() == m && fit.low.size() == m && fit.high.size() == m, "fits",
            "as many x of the model as values and ends are needed, two or more");
}

// A closed path along the lower ends, and back along the upper ones.
static Text band_of(const Fit& fit, const Axis& x, const Axis& y) {
    Text steps;
    const size_t m = fit.model_x.size();
    for (size_t i = 0; i < 2 * m; ++i) {
        const size_t at = i < m ? i : 2 * m - 1 - i;
        steps += (i == 0 ? 'M' : 'L') + xy(x(fit.model_x[at]), y((i < m ? fit.low : fit.high)[at]));
    }
    return steps + 'z';
}

static void draw_data(Canvas& canvas, const Fit& fit, const Axis& x, const Axis& y) {
    canvas.path(band_of(fit, x, y), "c1 tile", 0.25);
    Text line, bars, dots;
    for (size_t i = 0; i < fit.model_x.size(); ++i)
        line += (i == 0 ? 'M' : 'L') + xy(x(fit.model_x[i]), y(fit.model[i]));
    for (size_t i = 0; i < fit.x.size(); ++i) {
        if (!drawable(fit.y[i])) continue;
        const double at = x(fit.x[i]), e = fit.errors[i];
        bars += 'M' + xy(at, y(fit.y[i] - e)) + 'L' + xy(at, y(fit.y[i] + e));
        dots += 'M' + xy(at, y(fit.y[i])) + "h0";
    }
    canvas.path(line, "c1");
    canvas.path(bars, "c0 axis");
    canvas.path(dots, "c0 dots");
}

static void draw_left(Canvas& canvas, const Fit& fit, const Axis& x, const Axis& r) {
    canvas.path(tile(x.from, r(1), x.to - x.from, r(-1) - r(1)), "c5 tile", 0.2);
    for (const double v : r.ticks(2)) {
        canvas.line(x.from, r(v), x.to, r(v), "grid");
        canvas.text(x.from - 6, r(v) + 4.5, r.label(v), "soft", "end");
    }
    Text bars, dots;
    for (size_t i = 0; i < fit.x.size(); ++i) {
        if (!drawable(fit.left[i])) continue;
        const double at = x(fit.x[i]), to = std::clamp(fit.left[i], r.range.lo, r.range.hi);
        bars += 'M' + xy(at, r(0)) + 'L' + xy(at, r(to));
        dots += 'M' + xy(at, r(to)) + "h0";
    }
    canvas.path(bars, "c2 axis");
    canvas.path(dots, "c2 dots");
}

Text fits(const Caption& caption, const std::vector<Fit>& panels) {
    require(!panels.empty(), "fits", "there is no panel");
    Values all_x;
    Text summary = "Measurements, a model with its band, and residuals: ";
    for (const Fit& fit : panels) {
        require_fit(fit);
        all_x.insert(all_x.end(), fit.x.begin(), fit.x.end());
        all_x.insert(all_x.end(), fit.model_x.begin(), fit.model_x.end());
        summary += fit.title + ". ";
    }
    Canvas canvas(caption);
    canvas.y += 4;
    canvas.legend({{"measured", {}}, {"model, band of 68 %", {}}, {"left over, in errors", {}}});
    const Axis x = {span(all_x), false, margin + 46, page - margin - 6};
    for (const Fit& fit : panels) {
        if (!fit.title.empty())
            canvas.y = canvas.heading(fit.title, margin, page - 2 * margin, 13, "bold ink");
        Values all_y = fit.model, left = {-2.5, 2.5};
        for (size_t i = 0; i < fit.x.size(); ++i) {
            if (!drawable(fit.y[i])) continue;
            all_y.insert(all_y.end(), {fit.y[i] - fit.errors[i], fit.y[i] + fit.errors[i]});
            left.push_back(std::clamp(fit.left[i], -10.0, 10.0));
        }
        all_y.insert(all_y.end(), fit.low.begin(), fit.low.end());
        all_y.insert(all_y.end(), fit.high.begin(), fit.high.end());
        const Axis y = {span(all_y), false, canvas.y + 128, canvas.y + 8};
        canvas.y_axis(y, x.from, x.to);
        draw_data(canvas, fit, x, y);
        draw_left(canvas, fit, x, {span(left), false, y.from + 64, y.from + 12});
        canvas.y = y.from + 64;
        canvas.x_axis(x, canvas.y);
        canvas.y += 26;
    }
    if (!caption.x.empty())
        canvas.text((x.from + x.to) / 2, canvas.y += 10, caption.x, "soft", "middle");
    return canvas.finish(summary);
}

}  // namespace figure
