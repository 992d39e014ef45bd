// # 1. Tensors
//
// A transformer is made of numbers in boxes. A sentence of 5 words, each described by 64 numbers,
// is a box of 5 × 64; a batch of 32 such sentences is a box of 32 × 5 × 64; the network that reads
// them is some hundred boxes more. Such a box is a *tensor*, and everything that this course builds
// is a way to make one tensor from others.
//
// In this chapter you write the six pieces on which all the rest stands. The last of them,
// softmax, turns any row of scores into shares of 1. That is how a transformer will decide where
// to look:
//
//        scores        shares
//        2  ██         .047  ▏
//        5  █████      .936  █████████
//        1  █          .017  ▏
//
// Needs: nothing but C++.
// Check: `make check CHAPTER=01`.
// Letters: x, a, b tensors; M × K and K × N matrices; n the length of an axis.

#include "01_tensors.hpp"

#include "kit/chapter.hpp"
#include "kit/figure.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <stdexcept>

// ## Shapes
//
// A tensor has a *shape*, one number per axis. `[5, 64]` has two axes: 5 rows of 64 columns. A row
// of numbers is `[64]`. A single number is `[]`: no axes, and one element, because the product of
// no numbers is 1. A shape with a 0 in it is allowed too, and has no elements.
int element_count(const Shape& shape) {
    long long count = std::count(shape.begin(), shape.end(), 0) > 0 ? 0 : 1;
    for (int length : shape) {
        count *= length;
        if (length < 0 || count > std::numeric_limits<int>::max())
            throw std::invalid_argument("element_count: shape " + to_string(shape) +
                                        (length < 0 ? " has a negative length" : " is too large"));
    }
    return static_cast<int>(count);
}

std::string to_string(const Shape& shape) {
    std::string text = "[";
    for (std::size_t axis = 0; axis < shape.size(); ++axis)
        text += (axis > 0 ? ", " : "") + std::to_string(shape[axis]);
    return text + "]";
}

Tensor::Tensor(const Shape& lengths)
    : shape(lengths), data(static_cast<std::size_t>(element_count(lengths)), 0.0f) {}

Tensor::Tensor(const Shape& lengths, std::vector<float> values)
    : shape(lengths), data(std::move(values)) {
    if (size() != element_count(shape))
        throw std::invalid_argument("Tensor: shape " + to_string(shape) + " needs " +
                                    std::to_string(element_count(shape)) + " numbers, got " +
                                    std::to_string(size()));
}

// Two shorthands keep small examples readable: `row({1, 2})` and `matrix({{1, 2}, {3, 4}})`.
Tensor row(std::initializer_list<float> values) {
    return Tensor({static_cast<int>(values.size())}, values);
}

Tensor matrix(std::initializer_list<std::initializer_list<float>> rows) {
    std::vector<float> data;
    for (const auto& values : rows) {
        if (values.size() != rows.begin()->size())
            throw std::invalid_argument("matrix: its rows are not of one length");
        data.insert(data.end(), values);
    }
    const int columns = rows.size() == 0 ? 0 : static_cast<int>(rows.begin()->size());
    return Tensor({static_cast<int>(rows.size()), columns}, data);
}

// ## Where an element lives
//
// Memory is a line, a tensor is a box, so somebody must decide in which order the elements stand.
// Ours is *row-major*: walk along the last axis first, as you read a page.
//
//        x = 1 2 3        x.data = 1 2 3 4 5 6
//            4 5 6
//
// To step one row down in a `[2, 3]` matrix you pass 3 numbers, to step one column you pass 1. In
// general a step along an axis passes as many numbers as all the axes after it hold together:
//
//     offset(i₁, …, i_r) = (…((i₁ n₂ + i₂) n₃ + i₃) …) n_r + i_r                          (1.1)
//
// The parentheses are the recipe: begin with 0 and, axis by axis, multiply by the axis's length and
// add the index. No table of strides is needed.

// ## Exercise 1.1 — Where an element lives
// *About 8 lines · difficulty 1 of 3 · 10 minutes*
//
// Write (1.1). An index with too few or too many entries, or with an entry outside its axis, throws
// `std::invalid_argument`. An index that is quietly wrong is the hardest mistake to find in
// this course; refuse it where it is made.
int offset(const Shape& shape, const Index& index) {
    // TODO 1.1: about 8 lines
    todo("1.1");
}

// ## The same numbers in another shape
//
// To *reshape* is to read the same line of numbers with other line breaks. Nothing moves.
Tensor reshape(const Tensor& x, const Shape& shape) {
    if (element_count(shape) != x.size())
        throw std::invalid_argument("reshape: " + to_string(x.shape) + " has " +
                                    std::to_string(x.size()) + " elements, " + to_string(shape) +
                                    " has " + std::to_string(element_count(shape)));
    return Tensor(shape, x.data);
}

// To *transpose* is to swap rows and columns, and almost every number moves. The two results can
// have the same shape, which is why one is so often taken for the other:
//
//        x = 1 2 3      reshape to [3, 2] = 1 2      transpose = 1 4
//            4 5 6                          3 4                  2 5
//                                           5 6                  3 6
//
// ## Exercise 1.2 — Rows become columns
// *About 8 lines · difficulty 2 of 3 · 15 minutes*
//
// Swap the *last two* axes; element (r, c) goes to (c, r). Axes before them are a stack of
// matrices, each of which is transposed in its place: `[B, R, C]` becomes `[B, C, R]`. A stack may
// hold no elements at all: mind what you divide by.
Tensor transpose(const Tensor& x) {
    if (x.rank() < 2)
        throw std::invalid_argument("transpose: " + to_string(x.shape) + " needs two axes or more");
    const int rows = x.shape[x.shape.size() - 2];
    const int columns = x.shape[x.shape.size() - 1];

    Shape shape = x.shape;
    std::swap(shape[shape.size() - 2], shape[shape.size() - 1]);
    Tensor result(shape);
    // TODO 1.2: about 8 lines; matrix m begins at element m · rows · columns
    todo("1.2");
}

// ## Element by element
//
// Adding two tensors of one shape needs no thought: element by element. Very often, though, the
// same row must be added to every row of a matrix, such as one bias for a whole batch. This is
// called *broadcasting*, and we allow one form of it, the one that transformers use: the shape of
// b may be the last axes of the shape of a.
//
//        1 2 3   +   10 20 30   =   11 22 33
//        4 5 6                      14 25 36
//
// In memory this is simple. The elements of a are several blocks, each as long as b.
static void require_broadcast(const char* function, const Tensor& a, const Tensor& b) {
    const bool fits =
        b.rank() <= a.rank() && std::equal(b.shape.rbegin(), b.shape.rend(), a.shape.rbegin());
    if (!fits)
        throw std::invalid_argument(std::string(function) + ": " + to_string(a.shape) + " and " +
                                    to_string(b.shape) +
                                    ": the second shape must be the last axes of the first");
}

// ## Exercise 1.3 — One row for many
// *About 6 lines · difficulty 2 of 3 · 15 minutes*
//
// For each block of a, combine its elements with those of b. `operation(p, q)` takes two numbers
// and returns one, so that sum, difference and product share your loop. Mind the tensor that has no
// elements.
template <class Operation>
static Tensor combine(const Tensor& a, const Tensor& b, Operation operation) {
    Tensor result(a.shape);
    // TODO 1.3: about 6 lines
    todo("1.3");
}

// With the loop in hand, each operation is one line of mathematics.
Tensor add(const Tensor& a, const Tensor& b) {
    require_broadcast("add", a, b);
    return combine(a, b, [](float p, float q) { return p + q; });
}

Tensor subtract(const Tensor& a, const Tensor& b) {
    require_broadcast("subtract", a, b);
    return combine(a, b, [](float p, float q) { return p - q; });
}

Tensor multiply(const Tensor& a, const Tensor& b) {
    require_broadcast("multiply", a, b);
    return combine(a, b, [](float p, float q) { return p * q; });
}

Tensor scale(const Tensor& x, float factor) {
    Tensor result = x;
    for (float& value : result.data) value *= factor;
    return result;
}

// ## Sums over an axis
//
// "Sum over axis 0" of a `[2, 3]` matrix leaves the 3 columns: the axis that is summed *disappears*
// from the shape. Over axis 1 it leaves the 2 rows.
//
//        1 2 3      over axis 0:  5 7 9      over axis 1:  6 15
//        4 5 6
//
// Whatever the number of axes, only three lengths matter: how much stands *before* the axis (all
// earlier axes multiplied), its own n, and how much stands *after* it.
//
//     y[p, q] = Σ_(i=0)^(n − 1) x[p, i, q]                                                (1.2)
//
// So every tensor can be looked at as `[before, n, after]`, with p below `before` and q below
// `after`, and element (p, i, q) of that view is found by (1.1).
//
// ## Exercise 1.4 — Sums over an axis
// *About 5 lines · difficulty 2 of 3 · 20 minutes*
//
// The three lengths are given. Add up.
Tensor sum(const Tensor& x, int axis) {
    if (axis < 0 || axis >= x.rank())
        throw std::invalid_argument("sum: axis " + std::to_string(axis) + " of shape " +
                                    to_string(x.shape));
    const auto split = x.shape.begin() + axis;
    const int before = element_count(Shape(x.shape.begin(), split));
    const int n = *split;
    const int after = element_count(Shape(split + 1, x.shape.end()));

    Shape shape = x.shape;
    shape.erase(shape.begin() + axis);
    Tensor result(shape);
    // TODO 1.4: about 5 lines
    todo("1.4");
}

// The mean divides by n. Both n and 1 are whole numbers in C++, and `1 / n` of whole numbers is 0
// for every n above 1; the `1.0f` is not decoration.
Tensor mean(const Tensor& x, int axis) {
    const Tensor total = sum(x, axis);
    const int n = x.shape[axis];
    if (n == 0)
        throw std::invalid_argument("mean: axis " + std::to_string(axis) + " of shape " +
                                    to_string(x.shape) + " is empty");
    return scale(total, 1.0f / n);
}

// ## The product of two matrices
//
// A transformer spends most of its time multiplying matrices. Element (i, j) of the
// product is row i of A times column j of B, summed:
//
//     C[i, j] = Σ_(p=0)^(K − 1) A[i, p] B[p, j]                                           (1.3)
//
//                             5 6
//                             7 8
//        for example   1 2   19 22      19 = 1·5 + 2·7
//                      3 4   43 50
//
// ## Exercise 1.5 — The obvious product
// *About 5 lines · difficulty 1 of 3 · 10 minutes*
//
// Three loops, straight from (1.3). Chapter 2 makes it a hundred times as fast; this one stays for
// ever, as the slow twin in which everybody believes and against which the fast one is tested.
Tensor matmul_naive(const Tensor& a, const Tensor& b) {
    if (a.rank() != 2 || b.rank() != 2)
        throw std::invalid_argument("matmul_naive: " + to_string(a.shape) + " × " +
                                    to_string(b.shape) + ": both must be matrices");
    if (a.shape[1] != b.shape[0])
        throw std::invalid_argument("matmul_naive: " + to_string(a.shape) + " × " +
                                    to_string(b.shape) + ": inner dimensions " +
                                    std::to_string(a.shape[1]) + " and " +
                                    std::to_string(b.shape[0]) + " differ");
    const int M = a.shape[0], K = a.shape[1], N = b.shape[1];
    Tensor c({M, N});
    // TODO 1.5: about 5 lines
    todo("1.5");
}

// ## Softmax
//
// A row of scores says how much each thing matters, on no particular scale. We want shares instead:
// positive, summing to 1, the largest score with the largest share. The exponential makes every
// score positive and the division makes the sum 1:
//
//     softmax(x)_i = exp(x_i)/(Σ_(j=1)^n exp(x_j))                                        (1.4)
//
// On paper this is finished. In a computer exp(89) no longer fits a float, becomes infinity, and
// ∞/∞ is not a number. One *NaN* in a network spreads to everything within two layers. The cure
// costs nothing: multiply above and below by exp(−m), for any m you like.
//
//     softmax(x)_i = exp(x_i − m)/(Σ_(j=1)^n exp(x_j − m)),   m = max_j x_j               (1.5)
//
// With m the largest score of the row no exponent is above 0, the largest term is exactly 1, and
// the sum is at least 1. Nothing can overflow, and nothing is divided by 0. (A row of nothing but
// −∞ has no shares; chapter 11 meets it.) It must be the *row's* own maximum: a huge number in one
// row would push all of another down to 0, and 0/0 is not a number.
//
// ## Exercise 1.6 — A softmax that cannot overflow
// *About 12 lines · difficulty 2 of 3 · 20 minutes*
//
// Write (1.5) for each row, where a row runs along the last axis whatever the axes before it.
Tensor softmax(const Tensor& x) {
    if (x.rank() == 0) throw std::invalid_argument("softmax: [] needs at least one axis");
    const int n = x.shape.back();
    Tensor result(x.shape);
    // TODO 1.6: about 12 lines; for each row: the maximum, the exponentials, the division
    todo("1.6");
}

// ## See it
//
// The demo below puts three rows through your softmax: an ordinary one, a flat one, and one whose
// scores are in the thousands. Before you run it with `make demo CHAPTER=01`, write down:
//
// - The extreme row is the ordinary row plus 1000. Which of its shares will differ, and by how
//   much?
// - What are the shares of the flat row, and which score would you have to change, to which value,
//   to give its first entry half of everything?
static figure::BarPanel panel(const char* title, const Tensor& x, double highest) {
    return {title, figure::numbered(x.data.size()), {{"", figure::values(x.data)}}, {0, highest}};
}

static const Demo demo("01", [] {
    const std::vector<std::pair<const char*, Tensor>> examples = {
        {"ordinary", row({2, 5, 1})},
        {"flat", row({3, 3, 3})},
        {"extreme", row({1002, 1005, 1001})}};
    std::vector<figure::BarPanel> before, after;
    for (const auto& [name, scores] : examples) {
        const Tensor shares = softmax(scores);
        std::printf("%s: the shares of %g %g %g\n%s", name, scores.data[0], scores.data[1],
                    scores.data[2],
                    figure::text_bars({"1", "2", "3"}, figure::values(shares.data)).c_str());
        before.push_back(panel(name, scores, 0));
        after.push_back(panel("its shares", shares, 1));
    }
    before.insert(before.end(), after.begin(), after.end());
    const std::string picture = figure::bars({"Scores, and their shares after softmax"}, before);
    std::printf("\npicture: %s\n", figure::save("01_softmax", picture).c_str());
});

// ## Questions
//
// 1. Softmax does not change when the same number is added to all scores. What happens when all
//    scores are *multiplied* by 10? By 0.1? (The factor has a name, the inverse temperature, and
//    chapter 18 gives the user a knob for it.)
// 2. `add` accepts `[32, 5, 64]` and `[64]`, but not `[32, 5, 64]` and `[32, 1, 1]`. What would the
//    loop of 1.3 need in order to broadcast that too?
// 3. How many multiplications does 1.5 make for two matrices of 1000 × 1000? Your machine can do
//    at least ten thousand million a second on one core. How long should it take? Time it.
