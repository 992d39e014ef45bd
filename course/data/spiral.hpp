// Three arms that wind around each other, a little blurred: to which arm does a point belong?
#pragma once

#include "data/dataset.hpp"
#include "kit/figure.hpp"
#include "kit/random.hpp"

#include <cmath>
#include <vector>

namespace spiral {

struct Examples {
    std::vector<float> points;  // x and y of each
    std::vector<int> arms;      // 0, 1 or 2
};

inline Examples some(int per_arm, Random& random) {
    Examples all;
    for (int i = 0; i < 3 * per_arm; ++i) {
        const int arm = i / per_arm;
        const float radius = random.uniform();
        const float angle = 4 * (arm + radius) + 0.2f * random.normal();
        all.points.push_back(radius * std::sin(angle));
        all.points.push_back(radius * std::cos(angle));
        all.arms.push_back(arm);
    }
    return all;
}

// So many on each arm, and as many others to be held out.
inline Dataset<Examples> draw(int per_arm, Random& random) {
    return {some(per_arm, random), some(per_arm, random)};
}

// For a map of the plane: the middles of side × side squares, in the order of a
// figure::RegionPanel, and every tenth of the points.
inline std::vector<float> middles(int side) {
    std::vector<float> points;
    for (int i = 0; i < side * side; ++i)
        for (int place : {i % side, i / side}) points.push_back((2.0f * place + 1) / side - 1);
    return points;
}

inline std::vector<figure::Point> dots(const Examples& examples) {
    std::vector<figure::Point> dots;
    for (std::size_t i = 0; i < examples.arms.size(); i += 10)
        dots.push_back({examples.points[2 * i], examples.points[2 * i + 1], examples.arms[i]});
    return dots;
}

}  // namespace spiral
