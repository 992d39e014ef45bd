#include "@STEM@.hpp"

#include "grader/check.hpp"

namespace checks_@NN@ {

// ## @N@.1 By hand

Tensor numbers_by_hand(int) { return by_hand_@N@(); }

CHECK("@N@.1", "‹the rule that this check asks for, in words that a student reads›") {
    ASK(numbers_by_hand, 1);
}

}  // namespace checks_@NN@
