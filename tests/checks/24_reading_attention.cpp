#include "24_reading_attention.hpp"

#include "grader/check.hpp"

namespace checks_24 {

// ## 24.1 By hand

Tensor numbers_by_hand(int) { return by_hand_24(); }

CHECK("24.1", "‹the rule that this check asks for, in words that a student reads›") {
    ASK(numbers_by_hand, 1);
}

}  // namespace checks_24
