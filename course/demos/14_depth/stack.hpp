// The demo of chapter 14: blocks one above the other, in five kinds.
#pragma once

#include "14_layer_parts.hpp"

#include <vector>

namespace depth {

struct Kind {
    const char* name;
    bool he, norm, residual;  // he: first weights for ReLU, as He and others (2015) have them
};

inline const Kind kinds[] = {{"plain", false, false, false},
                             {"plain, He", true, false, false},
                             {"norm only", false, true, false},
                             {"path only", false, false, true},
                             {"path and norm", false, true, true}};

// Every kind has the same first weights.
class Stack {
public:
    Stack(Kind kind, int depth, int d_model, int d_ff);
    Variable operator()(Variable x, int blocks) const;  // through the first of them
    Parameters parameters() const;

private:
    struct Block {
        LayerNorm norm;
        FeedForward f;
    };
    Kind kind_;
    std::vector<Block> blocks_;
};

// What comes out below of a gradient that is sent in at the top, and how alike two outputs are: a
// table, and a picture. Returns what a plain stack of 64 leaves of the gradient.
double show_gradients(int d_ff);

}  // namespace depth
