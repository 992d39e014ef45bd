// The demo of chapter 14: blocks one above the other, in four kinds.
#pragma once

#include "14_layer_parts.hpp"

#include <vector>

namespace depth {

struct Kind {
    const char* name;
    bool norm, residual;
};

inline const Kind kinds[] = {{"plain", false, false},
                             {"norm only", true, false},
                             {"residual only", false, true},
                             {"both", true, true}};

// Every kind has the same first weights.
class Stack {
public:
    Stack(Kind kind, int depth, int d_model);
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
// table, and a picture.
void show_gradients();

}  // namespace depth
