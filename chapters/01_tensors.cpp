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
#include <cctype>
#include <cmath>
#include <cstdio>
#include <limits>
#include <map>
#include <optional>
#include <stdexcept>
#include <string_view>

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

Tensor::Tensor(const Shape& lengths) : shape(lengths), data(element_count(lengths), 0.0f) {}

Tensor::Tensor(const Shape& lengths, std::vector<float> values)
    : shape(lengths), data(std::move(values)) {
    if (size() != element_count(shape))
        throw std::invalid_argument("Tensor: shape " + to_string(shape) + " needs " +
                                    std::to_string(element_count(shape)) + " numbers, got " +
                                    std::to_string(size()));
}

// Two shorthands keep small examples readable: `row({1, 2})` and `matrix({{1, 2}, {3, 4}})`.
Tensor row(std::initializer_list<float> values) { return Tensor({size_of(values)}, values); }

Tensor matrix(std::initializer_list<std::initializer_list<float>> rows) {
    std::vector<float> data;
    for (const auto& values : rows) {
        if (values.size() != rows.begin()->size())
            throw std::invalid_argument("matrix: its rows are not of one length");
        data.insert(data.end(), values);
    }
    const int columns = rows.size() == 0 ? 0 : size_of(*rows.begin());
    return Tensor({size_of(rows), columns}, data);
}

// A function whose shapes do not fit should say so itself, before something else goes wrong.
// `require_shapes` holds each shape against words such as "M K", where one word is one length.
static std::string_view take_word(std::string_view& text) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    return word;
}

struct Known {
    std::map<std::string_view, int> lengths;
    std::optional<Shape> leading;  // what "..." stands for
};

static bool fits(const Shape& shape, std::string_view needed, Known& known) {
    const bool any = needed.substr(0, 3) == "...";
    if (any) take_word(needed);
    const int words = needed.empty() ? 0 : 1 + std::count(needed.begin(), needed.end(), ' ');
    const int before = size_of(shape) - words;
    if (before < 0 || (before > 0 && !any)) return false;
    const Shape leading(shape.begin(), shape.begin() + before);
    if (any && known.leading.value_or(leading) != leading) return false;
    if (any) known.leading = leading;
    for (int axis = before; axis < size_of(shape); ++axis) {
        const std::string_view word = take_word(needed);
        const int length = shape[axis];
        const bool same = std::isdigit(word[0])
                              ? word == std::to_string(length)
                              : known.lengths.emplace(word, length).first->second == length;
        if (!same) return false;
    }
    return true;
}

static std::string listed(std::string_view needed) {  // "... T d" → "[..., T, d]"
    std::string text;
    while (!needed.empty()) text += (text.empty() ? "" : ", ") + std::string(take_word(needed));
    return "[" + text + "]";
}

void require_shapes(const char* function, std::initializer_list<Required> all) {
    Known known;
    std::string got, needs;
    bool fit = true;
    for (const Required& each : all) fit = fit && fits(each.shape, each.needed, known);
    if (fit) return;
    for (const Required& each : all) {
        const std::string between = got.empty() ? "" : " and ";
        got += between + to_string(each.shape);
        needs += between + listed(each.needed);
    }
    throw std::invalid_argument(std::string(function) + ": got " + got + "; needs " + needs);
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
// add the index. No table of strides is needed. `x(i, j)` is this formula at work, for a tensor of
// any number of axes: it reads or writes x.data[offset(x.shape, {i, j})].

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
    require_shapes("transpose", {{x.shape, "... R C"}});
    const int rows = x.shape[x.rank() - 2], columns = x.columns();

    Shape shape = x.shape;
    std::swap(shape[x.rank() - 2], shape[x.rank() - 1]);
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
    require_shapes("matmul_naive", {{a.shape, "M K"}, {b.shape, "K N"}});
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
// Write (1.5) for each row, where a row runs along the last axis whatever the axes before it. A
// tensor knows its rows: there are x.rows() of them, and x.row(r) points to the first of the n
// numbers of row r.
Tensor softmax(const Tensor& x) {
    require_shapes("softmax", {{x.shape, "... n"}});
    const int n = x.columns();
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
