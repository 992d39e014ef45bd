// Chapter 26.

#include "26_scale.hpp"
#include "compare.hpp"

// In tiles of 2 queries and 3 keys, so that there are several, and a short one.
static Values tiled(const Values& in) {
    const int H = static_cast<int>(in[3].number);
    const Tiles tiles{in[4].number != 0, 2, 3};
    const Tensor &q = in[0].tensor, &k = in[1].tensor, &v = in[2].tensor;
    const TiledAttention forward = attend_in_tiles(q, k, v, H, tiles);
    const AttentionGradients d = tiles_backward(q, k, v, forward, in[5].tensor, H, tiles);
    Values out;
    for (const Tensor& x : {forward.y, forward.log_sums, d.dq, d.dk, d.dv})
        out.push_back(to_value(x));
    return out;
}

Answers answers_of_scale() { return {{"tiles", tiled}}; }
