#include "21_vision.hpp"

#include "grader/check.hpp"

namespace checks_21 {

// ## 21.1 By hand

Tensor numbers_by_hand(int) { return by_hand_21(); }

CHECK("21.1", "‹the rule that this check asks for, in words that a student reads›") {
    ASK(numbers_by_hand, 1);
}

}  // namespace checks_21
