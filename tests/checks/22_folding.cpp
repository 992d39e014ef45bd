#include "22_folding.hpp"

#include "grader/check.hpp"

namespace checks_22 {

// ## 22.1 By hand

Tensor numbers_by_hand(int) { return by_hand_22(); }

CHECK("22.1", "‹the rule that this check asks for, in words that a student reads›") {
    ASK(numbers_by_hand, 1);
}

}  // namespace checks_22
