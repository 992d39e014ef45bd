#include "25_physical_model.hpp"

#include "grader/check.hpp"

namespace checks_25 {

// ## 25.1 By hand

Tensor numbers_by_hand(int) { return by_hand_25(); }

CHECK("25.1", "‹the rule that this check asks for, in words that a student reads›") {
    ASK(numbers_by_hand, 1);
}

}  // namespace checks_25
