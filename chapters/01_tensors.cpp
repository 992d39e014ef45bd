// # 1. Tensors
//
// A transformer is made of numbers in boxes. It reads a sentence as *tokens*, which are words or
// pieces of words. Take a sentence of 5 tokens, each described by 64 numbers: a box of 5 × 64. A
// batch of 32 such sentences is a box of 32 × 5 × 64, and the network that reads them is a few
// hundred boxes more. Such a box is a *tensor*, and everything that this course builds is a way to
// make one tensor from others.
//
// > To a physicist a tensor is something stricter. She has our apologies.
//
// In this chapter you write the six pieces on which all the rest stands. The last of them, softmax,
// turns any row of scores into *probabilities*: numbers between 0 and 1 that sum to 1. That is how
// a transformer will decide where to look, and which word to say next:
//
//        scores        probabilities
//        2  ██         0.047  ██
//        5  █████      0.936  ███████████████████████████████████████
//        1  █          0.017  █
//
// Needs: nothing but C++.
// Check: `make check CHAPTER=01`.
// Letters: x, a, b tensors; M × K and K × N matrices; n the length of an axis. Indices count from
// 0, in the code and in the formulas.
// Minutes: about 80.

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
// `require_shapes`, in course/kit/shapes.hpp, does that in what follows: it holds each shape
// against words such as `"M K"`, where one word is one length.

// ## Where an element lives
//
// Memory is a line, a tensor is a box, so somebody must decide in which order the elements stand.
// Ours is *row-major*: the last axis is walked along first, as you read a page.
//
//        x = 1 2 3        x.data = 1 2 3 4 5 6
//            4 5 6
//
// In a `[2, 3]` matrix, a step to the next column passes 1 number, and a step to the next row 3. A
// step along an axis always passes as many numbers as all the axes after it hold together. With r
// axes of the lengths n_0, n_1 and so on,
//
//     offset(i_0, …, i_(r − 1)) = Σ_(a=0)^(r − 1) i_a s_a,   s_a = n_(a + 1) … n_(r − 1)     (1.1)
//
// The last axis has no axes after it, and its step is 1.
//
// ## Exercise 1.1 — Where an element lives
// *About 9 lines · difficulty 1 of 3 · 15 minutes*
//
// First take paper. In a `[2, 3, 4]` tensor, what is the place of element (1, 0, 2)? And which
// element stands at place 19? Return the place and the three indices in `places_by_hand` below.
//
// Then write (1.1) for any shape. It needs no table of steps: find a way to walk over the axes
// once, from the first to the last, with one running number. An index with too few or too many
// entries, or with an entry outside its axis, throws `std::invalid_argument`. An index that is
// quietly wrong is the hardest mistake to find in this course; refuse it where it is made.
int offset(const Shape& shape, const Index& index) {
    // TODO 1.1: about 8 lines
    todo("1.1");
}

Tensor places_by_hand() {
    // TODO 1.1: a row of four: the place, and the three indices
    todo("1.1");
}

// `x(i, j)` is your `offset` at work, for a tensor of any number of axes: it reads or writes
// `x.data[offset(x.shape, {i, j})]`. It looks at every index each time, and that takes longer than
// most arithmetic. Long loops go along the line of numbers themselves.

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
//        x = 1 2 3    reshape to [3, 2] = 1 2    transpose = 1 4
//            4 5 6                        3 4                2 5
//                                         5 6                3 6
//
// ## Exercise 1.2 — Rows become columns
// *About 8 lines · difficulty 2 of 3 · 15 minutes*
//
// Swap the *last two* axes; element (r, c) goes to (c, r). Axes before them are a stack of
// matrices, each of which is transposed in its place: `[B, R, C]` becomes `[B, C, R]`. A stack may
// hold no elements at all, and nothing can be divided by 0.
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
// Two tensors of one shape are added element by element. Very often, though, the same row must be
// added to every row of a matrix. To use a smaller tensor again and again is called *broadcasting*.
// We allow what transformers need: the shape of b may be the last axes of that of a.
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
// *About 6 lines · difficulty 2 of 3 · 10 minutes*
//
// For each block of a, combine its elements with those of b. `operation(p, q)` takes two numbers
// and returns one, so that sum, difference and product share your loop. Both tensors may have no
// elements. Does your loop end then?
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
// *About 5 lines · difficulty 2 of 3 · 10 minutes*
//
// The three lengths are given. Find the places of x[p, i, q] and of y[p, q], and add up.
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
// A transformer spends most of its time multiplying matrices. Element (i, j) of the product is row
// i of A times column j of B, summed:
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
// This is (1.3) as a colleague wrote it. She tested it with matrices of 3 × 3, and it was right:
//
//        for (int i = 0; i < M; ++i)
//            for (int j = 0; j < N; ++j)
//                for (int p = 0; p < K; ++p)
//                    c.data[i * N + j] +=
//                        a.data[i * N + p] * b.data[p * K + j];
//
// With most other sizes it is wrong. Find out why, and write it right. (Sizes that are all
// different make the best tests: a 2 × 3 times a 3 × 4 would have told her.)
//
// Chapter 2 makes the product a hundred times as fast. Yours stays: it is slow, and so simple that
// everybody believes it, and the fast ones are tested against it.
Tensor matmul_naive(const Tensor& a, const Tensor& b) {
    require_shapes("matmul_naive", {{a.shape, "M K"}, {b.shape, "K N"}});
    const int M = a.shape[0], K = a.shape[1], N = b.shape[1];
    Tensor c({M, N});
    // TODO 1.5: about 5 lines
    todo("1.5");
}

// ## Softmax
//
// A row of scores says how much each thing matters, on no particular scale. We want probabilities
// instead: positive, summing to 1, the largest for the largest score. The exponential makes every
// score positive, and the division makes the sum 1:
//
//     softmax(x)_i = exp(x_i)/(Σ_(j=0)^(n − 1) exp(x_j))                                  (1.4)
//
// For the scores 2, 5, 1 the exponentials are 7.4, 148.4 and 2.7. They sum to 158.5, and 148.4 of
// 158.5 is 0.936.
//
// On paper this is finished. In a computer exp(89) no longer fits into a float and becomes
// infinity, and ∞/∞ is *NaN*, "not a number". Every sum with a NaN in it is NaN too: after one
// backward pass and one step of training, it is in every parameter of the network.
//
// > A NaN is not even equal to itself. That is how you find one: x != x.
//
// The cure costs nothing. Multiply above and below by exp(−m), and the fraction stays what it is:
//
//     softmax(x)_i = exp(x_i − m)/(Σ_(j=0)^(n − 1) exp(x_j − m))   for any m              (1.5)
//
// ## Exercise 1.6 — A softmax that cannot overflow
// *About 12 lines · difficulty 2 of 3 · 20 minutes*
//
// Write (1.5) for each row, with an m of the row's own. Which? Two things must never happen,
// whatever the scores are: an exponential that overflows, and a sum that is 0. (exp(−104) is 0 in a
// float.) Find an m that prevents both.
//
// A row runs along the last axis, whatever the axes before it. A tensor knows its rows: there are
// `x.rows()` of them, and `x.row(r)` points to the first of the n numbers of row r. (A row of
// nothing but −∞ has no probabilities; chapter 11 meets it.)
Tensor softmax(const Tensor& x) {
    require_shapes("softmax", {{x.shape, "... n"}});
    const int n = x.columns();
    Tensor result(x.shape);
    // TODO 1.6: about 12 lines; for each row: its m, the exponentials, the division
    todo("1.6");
}

// ## See it
//
// The demo puts three rows through your softmax: an ordinary one, a flat one, and one whose scores
// are in the thousands. Before you run `make demo CHAPTER=01`, write down:
//
// - The extreme row is the ordinary row plus 1000. Which of its probabilities will differ?
// - What are the probabilities of the flat row 3, 3, 3? To which value would you have to raise its
//   first score, to give it one half? (The logarithm of 2 is 0.69.)
//
// ## Experiment
//
// Lower the middle score of the ordinary row from 5 to 3. What is its probability then? You need
// paper, (1.5), and that exp(−1) is 0.368 and exp(−2) is 0.135. Write it down as `predicted`,
// change `middle`, and run the demo.
static const float middle = 5;
static const double predicted = NAN;  // your number, such as 0.94

static figure::BarPanel panel(const char* title, const Tensor& x, double highest) {
    return {title, figure::numbered(x.data.size()), {{"", figure::values(x.data)}}, {0, highest}};
}

static const Demo demo("01", [] {
    const std::vector<std::pair<const char*, Tensor>> examples = {
        {"ordinary", row({2, middle, 1})},
        {"flat", row({3, 3, 3})},
        {"extreme", row({1002, 1000 + middle, 1001})}};
    std::vector<figure::BarPanel> before, after;
    for (const auto& [name, scores] : examples) {
        const Tensor probabilities = softmax(scores);
        std::printf("%s: the scores %g %g %g have the probabilities\n%s", name, scores(0),
                    scores(1), scores(2),
                    figure::text_bars({"1", "2", "3"}, figure::values(probabilities.data)).c_str());
        before.push_back(panel(name, scores, 0));
        after.push_back(panel("probabilities", probabilities, 1));
    }
    const Tensor ordinary = softmax(examples[0].second);
    compare("the probability of the middle score", predicted, ordinary(1));
    before.insert(before.end(), after.begin(), after.end());
    const std::string picture =
        figure::bars({"Scores, and their probabilities after softmax"}, before);
    std::printf("\npicture: %s\n", figure::save("01_softmax", picture).c_str());
});

// ## Questions
//
// 1. How many multiplications does 1.5 make for two matrices of 1000 × 1000, and how many
//    additions? A core can do at least ten billion of both together in a second. How long should it
//    take? Time it.
// 2. What breaks if `offset` does not look at its index? Name one index of a `[2, 3]` matrix that
//    would then read a wrong number, and one that would read what is not there.
// 3. Look at the picture of the ordinary row. What would its probabilities look like if all scores
//    were *multiplied* by 10? By 0.1? (The factor has a name, the inverse temperature, and chapter
//    18 gives the user a knob for it.)
// 4. `add` accepts `[32, 5, 64]` and `[64]`, but not `[32, 5, 64]` and `[32, 1, 1]`. What would the
//    loop of 1.3 need in order to broadcast that too? Should it?
//
// ## Where it comes from
//
// - Iverson, "A programming language" (1962): arrays of any number of axes, and what one does with
//   whole arrays. Row-major is C's order, column-major the older one, of Fortran (1957).
// - Broadcasting as we have it: Harris and others, "Array programming with NumPy" (2020).
// - Boltzmann (1868) gave the states of a gas probabilities that fall exponentially with energy.
//   Bridle (1990) took the formula into neural networks and named it softmax.
//
// ## What you have now
//
// Tensors, and all that is done to them on the way through a network. Next come the slopes, in
// chapter 3. Chapter 2 makes the product fast, and may wait: skip it on a first reading, if you
// like. Until it is done, later chapters multiply with your loops of 1.5.
