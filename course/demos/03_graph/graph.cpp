#include "demos/03_graph/graph.hpp"

#include "kit/figure.hpp"

#include <cstdio>
#include <map>

namespace graph {

static double number(const Tensor& x) { return x.data[0]; }

void check(const Expression& expression, const std::vector<Variable>& leaves) {
    std::printf("      value    exact ∂L   numeric ∂L   difference\n");
    for (std::size_t i = 0; i < leaves.size(); ++i) {
        const auto moved = [&](const Tensor& value) {
            std::vector<Variable> others = leaves;
            others[i] = value;
            return number(expression(others).value());
        };
        const double exact = number(leaves[i].gradient());
        const double numeric = number(numeric_gradient(moved, leaves[i].value()));
        std::printf("  %s  %6.2f  %10.6f   %10.6f   %10.1e\n", leaves[i].node()->name.c_str(),
                    number(leaves[i].value()), exact, numeric, exact - numeric);
    }
}

static std::string three_decimals(const Tensor& x) {
    char text[32];
    std::snprintf(text, sizeof text, "%.3f", number(x));
    return text;
}

void draw(const Variable& loss) {
    std::vector<const Node*> nodes = {loss.node().get()};
    std::map<const Node*, std::size_t> places = {{nodes[0], 0}};
    for (std::size_t next = 0; next < nodes.size(); ++next)
        for (const auto& input : nodes[next]->inputs)
            if (input->needs_gradient && places.emplace(input.get(), nodes.size()).second)
                nodes.push_back(input.get());

    std::vector<figure::Node> boxes;
    std::vector<figure::Edge> arrows;
    for (const Node* node : nodes) {
        boxes.push_back({node->name,
                         {three_decimals(node->value), "∂ " + three_decimals(node->gradient)}});
        for (const auto& input : node->inputs)
            if (input->needs_gradient) arrows.push_back({places[input.get()], places[node]});
    }
    const std::string picture =
        figure::graph({"L = tanh(x₁ w₁ + x₂ w₂ + b), with gradients ∂"}, boxes, arrows);
    std::printf("\npicture: %s\n", figure::save("03_graph", picture).c_str());
}

}  // namespace graph
