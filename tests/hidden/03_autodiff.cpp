#include "03_autodiff.hpp"

#include "grader/check.hpp"

namespace hidden_03 {

// Each rung is the sum of the two below it, and the two lowest are x.
Tensor gradient_of_a_ladder(const Tensor& at, int rungs) {
    const Variable x = parameter(at);
    Variable below = x, rung = x;
    for (int i = 0; i < rungs; ++i) {
        const Variable next = below + rung;
        below = rung;
        rung = next;
    }
    backward(rung);
    return x.gradient();
}

CHECK("3.3", "on a ladder whose rungs are each the sum of two, the gradient counts all ways down") {
    const Tensor x = Tensor({}, {static_cast<float>(random_numbers().below(9))});
    expect_near(ASK(gradient_of_a_ladder, x, 4), Tensor({}, {8}), 0);
    expect_near(ASK(gradient_of_a_ladder, x, 10), Tensor({}, {144}), 0);
}

}  // namespace hidden_03
