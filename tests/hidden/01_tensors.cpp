// Hidden checks: they stay with the instructor, and of one that fails a student is told the rule.
#include "01_tensors.hpp"

#include "grader/check.hpp"

namespace hidden_01 {

CHECK("1.2", "a matrix with many rows is transposed like a small one") {
    const Tensor x = random_tensor({41, 19});
    const Tensor y = ASK_UNRECORDED(transpose, x);
    expect(y.shape == Shape{19, 41}, "the shape must be [19, 41]");
    for (int r = 0; r < 41; ++r)
        for (int c = 0; c < 19; ++c)
            expect(y.data[c * 41 + r] == x.data[r * 19 + c], "an element is misplaced");
}

CHECK("1.2", "a stack of columns becomes a stack of rows") {
    const Tensor x = random_tensor({4, 3, 1});
    expect_near(ASK(transpose, x), Tensor({4, 1, 3}, x.data), 0);
}

}  // namespace hidden_01
