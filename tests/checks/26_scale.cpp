#include "26_scale.hpp"

#include "grader/check.hpp"

namespace checks_26 {

// ## 26.1 By hand

Tensor numbers_by_hand(int) { return by_hand_26(); }

CHECK("26.1", "‹the rule that this check asks for, in words that a student reads›") {
    ASK(numbers_by_hand, 1);
}

}  // namespace checks_26
