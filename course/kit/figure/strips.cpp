#include "kit/strips.hpp"

#include "kit/figure/canvas.hpp"

namespace figure {

// Bars from a base line, which is where 0 is.
static void draw_strip(Canvas& canvas, const Strip& strip, const Axis& x, const Values& places,
                       double width, double height) {
    double up = 0, down = 0;
    for (const double v : strip.bars)
        if (drawable(v)) up = std::max(up, v), down = std::max(down, -v);
    const double whole = std::max(up + down, 1 / largest), base = canvas.y + height * up / whole;
    Text above, below;
    for (size_t i = 0; i < strip.bars.size(); ++i) {
        const double v = strip.bars[i];
        if (!drawable(v) || !drawable(places[i])) continue;
        const double left = x(places[i]) - width / 2, h = height * std::fabs(v) / whole;
        if (v < 0) below += tile(left, base, width, h);
        else above += tile(left, base - h, width, h);
    }
    canvas.line(x.from - 4, base, x.to + 4, base, "grid");
    canvas.path(above, "c0 tile");
    canvas.path(below, "c1 tile");
    canvas.text(x.from - 10, canvas.y + height / 2 + 5, shorten(strip.name), "ink", "end");
    canvas.y += height;
}

Text strips(const Caption& caption, const Series& curve, const std::vector<Strip>& below) {
    require(!curve.y.empty() && curve.x.size() == curve.y.size(), "strips",
            "a curve needs as many x as y, and one at least");
    Names names;
    Text summary = caption.y + " over " + caption.x + ".";
    for (const Strip& strip : below) {
        require(strip.bars.size() == curve.y.size(), "strips", "a bar is wanted for each point");
        names.push_back(strip.name);
        size_t most = 0;
        for (size_t i = 0; i < strip.bars.size(); ++i)
            if (!(strip.bars[i] <= strip.bars[most])) most = i;
        summary += ' ' + strip.name + ": largest at " + number(curve.x[most]) + ".";
    }
    Canvas canvas(caption);
    const Axis x = {span(curve.x), false, margin + widest(names) + 12, page - margin - 8};
    if (!caption.y.empty()) canvas.text(margin, canvas.y += 14, caption.y);
    const Axis y = {span(curve.y), false, canvas.y + 132, canvas.y + 14};
    canvas.y_axis(y, x.from - 4, x.to + 4);
    Text dots;
    for (size_t i = 0; i < curve.y.size(); ++i)
        if (x.shows(curve.x[i]) && y.shows(curve.y[i]))
            dots += 'M' + xy(x(curve.x[i]), y(curve.y[i])) + "h0";
    canvas.path(dots, "ink dots");
    canvas.y = y.from + 14;
    for (const Strip& strip : below) {
        draw_strip(canvas, strip, x, curve.x, 4, 26);
        canvas.y += 8;
    }
    canvas.x_axis(x, canvas.y);
    canvas.y += 22;
    if (!caption.x.empty())
        canvas.text((x.from + x.to) / 2, canvas.y += 16, caption.x, "soft", "middle");
    return canvas.finish(summary);
}

}  // namespace figure
