// Three arms that wind around each other, a little blurred: to which arm does a point belong? Made
// up, not read: two spirals of different random numbers have no point in common.
#pragma once

#include "kit/random.hpp"

#include <cmath>
#include <vector>

struct Spiral {
    std::vector<float> points;  // x and y of each, both between −1.1 and 1.1
    std::vector<int> arms;      // 0, 1 or 2
};

inline Spiral spiral(int per_arm, Random& random) {
    Spiral all;
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
