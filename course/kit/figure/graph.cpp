// Boxes and arrows.
#include "kit/figure/canvas.hpp"

namespace figure {

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

}  // namespace figure
