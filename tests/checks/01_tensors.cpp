#include "01_tensors.hpp"

#include "grader/check.hpp"
#include "grader/variations.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace checks_01 {

using Tensors = std::vector<Tensor>;

// ## 1.1 Where an element lives

CHECK("1.1", "in a [2, 3] matrix, element [1, 0] comes after the whole first row") {
    const Shape shape = {2, 3};
    expect_near(ASK(offset, shape, Index{0, 0}), 0, 0);
    expect_near(ASK(offset, shape, Index{0, 2}), 2, 0);
    expect_near(ASK(offset, shape, Index{1, 0}), 3, 0);
    expect_near(ASK(offset, shape, Index{1, 2}), 5, 0);
}

CHECK("1.1", "walking through all elements of a [2, 3, 4] tensor, the offsets are 0, 1, 2, …") {
    const Shape shape = {2, 3, 4};
    int expected = 0;
    for (int i = 0; i < 2; ++i)
        for (int j = 0; j < 3; ++j)
            for (int k = 0; k < 4; ++k)
                expect_near(ASK_UNRECORDED(offset, shape, Index{i, j, k}), expected++, 0);
}

// x(i, j) of the tensor as it was, and the tensor after x(i, j) was set.
std::pair<double, Tensor> read_and_written(const Tensor& x, int i, int j, double number) {
    Tensor y = x;
    y(i, j) = static_cast<float>(number);
    return {x(i, j), y};
}
PARTS(read_and_written, "x(i, j)", "the tensor with x(i, j) set");

CHECK("1.1", "x(1, 0) reads and writes the element that offset finds") {
    const Tensor x = matrix({{1, 2, 3}, {4, 5, 6}});
    const auto [read, written] = ASK(read_and_written, x, 1, 0, 9);
    expect_near(read, 4, 0);
    expect_near(written, matrix({{1, 2, 3}, {9, 5, 6}}), 0);
}

CHECK("1.1", "the only element of a tensor without axes is at 0") {
    expect_near(ASK(offset, Shape{}, Index{}), 0, 0);
}

CHECK("1.1", "an index outside the shape is refused") {
    const Shape shape = {2, 3};
    ASK_REFUSAL(offset, shape, Index{0, 3});
    ASK_REFUSAL(offset, shape, Index{2, 0});
    ASK_REFUSAL(offset, shape, Index{-1, 0});
    ASK_REFUSAL(offset, shape, Index{0, -1});
    ASK_REFUSAL(offset, Shape{2, 0, 3}, Index{0, 0, 0});
    const int largest = std::numeric_limits<int>::max();
    for (const Shape& any : {Shape{3}, Shape{2, 3, 4}, Shape{2, 1, 2, 3, 2}})
        for (int axis = 0; axis < size_of(any); ++axis)
            for (int outside : {any[axis], -1, -any[axis], largest, -largest}) {
                Index index(any.size());
                index[axis] = outside;
                ASK_REFUSAL(offset, any, index);
            }
    ASK_REFUSAL(offset, Shape{0}, Index{0});
}

CHECK("1.1", "an index with too few or too many entries is refused") {
    const Shape shape = {2, 3};
    ASK_REFUSAL(offset, shape, Index{1});
    ASK_REFUSAL(offset, shape, Index{1, 2, 0});
    ASK_REFUSAL(offset, shape, Index{});
    for (int axes : {0, 1, 4, 6})
        for (int entries : {axes - 1, axes + 1, axes + 2})
            if (entries >= 0) ASK_REFUSAL(offset, Shape(axes, 2), Index(entries, 0));
}

CHECK("1.1", "of any shape, of one axis or of five, every index finds its place") {
    for (int axes : {1, 2, 4, 5}) {
        Shape shape;
        Index index;
        int place = 0;
        for (int axis = 0; axis < axes; ++axis) {
            shape.push_back(2 + random_numbers().below(5));
            index.push_back(random_numbers().below(shape.back()));
            place = place * shape.back() + index.back();
        }
        expect_near(ASK(offset, shape, index), place, 0);
    }
    // One step along each of up to eight axes, and the last element of all.
    for (int axes = 1; axes <= 8; ++axes)
        for (int along = 0; along < axes; ++along) {
            Shape shape;
            for (int axis = 0; axis < axes; ++axis)
                shape.push_back(axis == along ? 2 : 1 + random_numbers().below(3));
            Index index(shape.size()), last = shape;
            index[along] = 1;
            for (int& entry : last) --entry;
            const int step = element_count(Shape(shape.begin() + along + 1, shape.end()));
            expect_near(ASK_UNRECORDED(offset, shape, index), step, 0);
            expect_near(ASK_UNRECORDED(offset, shape, last), element_count(shape) - 1, 0);
        }
}

using Indices = std::vector<Index>;

// The places of several indices, one after the other. All shapes stand where the first one stood.
std::vector<int> places_in_turn(const std::vector<Shape>& shapes, const Indices& indices) {
    Shape shape;
    Index index;
    std::vector<int> places;
    for (int i = 0; i < size_of(shapes); ++i) {
        shape = shapes[i];
        index = indices[i];
        places.push_back(offset(shape, index));
    }
    return places;
}

CHECK("1.1", "nothing is left over from the last call: another shape of as many axes") {
    expect_near(ASK(offset, Shape{2, 3, 4}, Index{1, 2, 3}), 23, 0);
    expect_near(ASK(offset, Shape{2, 5, 6}, Index{1, 4, 5}), 59, 0);
    const std::vector<Shape> shapes = {{2, 3, 4}, {2, 4, 3}, {3, 2, 4}, {4, 3, 2}, {2, 3, 4}};
    const std::vector<int> found =
        ASK_UNRECORDED(places_in_turn, shapes, Indices(5, Index{1, 1, 1}));
    expect(found == std::vector<int>{17, 16, 13, 9, 17},
           "element (1, 1, 1) of a [2, 3, 4], of a [2, 4, 3], of a [3, 2, 4], of a [4, 3, 2] and "
           "again of a [2, 3, 4]: one of the five places is wrong");
}

CHECK("1.1", "place 399,999,998 of a [20000, 20000] matrix is found exactly") {
    expect_near(ASK(offset, Shape{20000, 20000}, Index{19999, 19998}), 399999998, 0);
}

Tensor written_down(int) { return places_by_hand(); }
CALLED(written_down, "places_by_hand()");

static Tensor places() {
    const Tensor found = ASK_UNRECORDED(written_down, 0);
    expect(found.shape == Shape{4}, "four numbers are asked for, row({…, …, …, …})");
    return found;
}

CHECK("1.1", "on paper: element (1, 0, 2) of a [2, 3, 4] tensor has its place") {
    const Tensor found = places();
    expect(found.data[0] == 1 * 3 * 4 + 0 * 4 + 2,
           "the first number is not what is passed on the way to (1, 0, 2): whole matrices, then "
           "whole rows, then single numbers");
}

CHECK("1.1", "on paper: the index of the element at place 19 leads there") {
    const Tensor found = places();
    const double i = found.data[1], j = found.data[2], k = found.data[3];
    expect((i * 3 + j) * 4 + k == 19, "these three indices do not lead to place 19");
    expect(i < 2 && j < 3 && k < 4 && j >= 0 && k >= 0, "one of the indices is outside its axis");
}

// ## 1.2 Rows become columns

CHECK("1.2", "the first row of a [2, 3] matrix becomes the first column") {
    const Tensor x = matrix({{1, 2, 3}, {4, 5, 6}});
    expect_near(ASK(transpose, x), matrix({{1, 4}, {2, 5}, {3, 6}}), 0);
}

CHECK("1.2", "each matrix of a stack is transposed in its place") {
    const Tensor x = random_tensor({3, 2, 4});
    const Tensor y = ASK(transpose, x);
    for (int m = 0; m < 3; ++m)
        for (int r = 0; r < 2; ++r)
            for (int c = 0; c < 4; ++c)
                expect(y.data[(m * 4 + c) * 2 + r] == x.data[(m * 2 + r) * 4 + c],
                       "element [" + std::to_string(m) + ", " + std::to_string(r) + ", " +
                           std::to_string(c) + "] is not where it belongs");
}

static Tensor exactly_transposed(const Tensor& x) {
    Shape shape = x.shape;
    const int R = x.shape[x.rank() - 2], C = x.columns();
    std::swap(shape[x.rank() - 2], shape[x.rank() - 1]);
    Tensor y(shape);
    for (int i = 0; i < x.size(); ++i)
        y.data[i / (R * C) * (R * C) + i % C * R + i / C % R] = x.data[i];
    return y;
}

CHECK("1.2", "transposing twice gives back the same tensor") {
    const Tensor x = random_tensor({2, 3, 2, 5});
    const Tensor once = ASK(transpose, x);
    expect_near(ASK(transpose, once), x, 0);
}

CHECK("1.2", "in a square matrix too, rows become columns; and in matrices of many rows") {
    expect_near(ASK(transpose, matrix({{1, 2}, {3, 4}})), matrix({{1, 3}, {2, 4}}), 0);
    for (const Shape& size : {Shape{9, 9}, Shape{65, 3}, Shape{3, 65}, Shape{33, 17}}) {
        const Tensor x = random_tensor(size);
        expect_near(ASK_UNRECORDED(transpose, x), exactly_transposed(x), 0);
    }
    for (int n : awkward_lengths(131))
        for (const Shape& size : {Shape{n, 2}, Shape{3, n}, Shape{n, n}}) {
            const Tensor x = random_tensor(size);
            expect_near(ASK_UNRECORDED(transpose, x), exactly_transposed(x), 0);
        }
}

CHECK("1.2", "every matrix of a stack, square ones too, whatever the axes in front of them") {
    for (const Shape& stack : {Shape{3}, Shape{2, 2}, Shape{2, 1, 3}, Shape{2, 2, 1, 2}, Shape{33}})
        for (const Shape& size : {Shape{3, 3}, Shape{1, 4}, Shape{4, 1}, Shape{2, 3}, Shape{1, 1},
                                  Shape{9, 17}, Shape{8, 8}}) {
            Shape shape = stack;
            shape.insert(shape.end(), size.begin(), size.end());
            Tensor x = random_tensor(shape);
            x.data[x.size() / 2] = NAN;
            x.data[x.size() - 1] = INFINITY;
            expect_near(ASK_UNRECORDED(transpose, x), exactly_transposed(x), 0);
        }
}

CHECK("1.2", "one row becomes one column, and a matrix without elements stays without") {
    ASK(transpose, matrix({{1, 2, 3}}));
    expect(ASK(transpose, Tensor({2, 0})).shape == Shape{0, 2}, "the shape must be [0, 2]");
    expect(ASK(transpose, Tensor({0, 2, 3})).shape == Shape{0, 3, 2},
           "the shape must be [0, 3, 2]");
}

Tensor transposed_again(const Tensors& first, const Tensors& then) {
    return in_the_same_place([](const Tensors& x) { return transpose(x[0]); }, first, then);
}

CHECK("1.2", "nothing is left over from the last call: other sizes, other numbers in one place") {
    ASK(transpose, random_tensor({3, 2}));
    ASK(transpose, random_tensor({2, 5}));
    const Tensors first = {random_tensor({4, 3})}, then = {random_tensor({4, 3})};
    ASK(transposed_again, first, then);
    const Tensors now = {one_changed(first[0])};
    expect_near(ASK_UNRECORDED(transposed_again, first, now), exactly_transposed(now[0]), 0);
}

// ## 1.3 One row for many

CHECK("1.3", "two matrices of one shape are added element by element") {
    const Tensor a = matrix({{1, 2, 3}, {4, 5, 6}});
    const Tensor b = matrix({{10, 20, 30}, {40, 50, 60}});
    expect_near(ASK(add, a, b), matrix({{11, 22, 33}, {44, 55, 66}}), 0);
}

CHECK("1.3", "a row is added to every row") {
    const Tensor a = matrix({{1, 2, 3}, {4, 5, 6}});
    const Tensor b = row({10, 20, 30});
    expect_near(ASK(add, a, b), matrix({{11, 22, 33}, {14, 25, 36}}), 0);
}

CHECK("1.3", "the first tensor stands first: a − b, not b − a") {
    const Tensor a = random_tensor({2, 3}), b = random_tensor({3});
    ASK(subtract, a, b);
    ASK(multiply, a, b);
}

CHECK("1.3", "a matrix is added to every matrix of a stack, a number to every number") {
    const Tensor a = random_tensor({2, 3, 2}), b = random_tensor({3, 2});
    ASK(add, a, b);
    ASK(add, a, Tensor({}, {0.5f}));
}

CHECK("1.3", "a number times 0 is 0, and plus 0 it stays") {
    const Tensor a = row({1, 2, 3}), b = row({0, 5, 0});
    expect_near(ASK(multiply, a, b), row({0, 10, 0}), 0);
    expect_near(ASK(add, a, b), row({1, 7, 3}), 0);
}

// a + b, a − b and a ∘ b, of which each element is one operation in float.
static Tensor combined(const Tensor& a, const Tensor& b, int operation) {
    Tensor c = a;
    for (int i = 0; i < a.size(); ++i) {
        const float q = b.data[i % b.size()];
        c.data[i] = operation == 0 ? a.data[i] + q : operation == 1 ? a.data[i] - q : a.data[i] * q;
    }
    return c;
}

static void expect_combined(const Tensor& a, const Tensor& b) {
    expect_near(ASK_UNRECORDED(add, a, b), combined(a, b, 0), 0);
    expect_near(ASK_UNRECORDED(subtract, a, b), combined(a, b, 1), 0);
    expect_near(ASK_UNRECORDED(multiply, a, b), combined(a, b, 2), 0);
}

CHECK("1.3", "of any sizes: a [1], as many rows as columns, long rows") {
    for (const Shape& size : {Shape{4, 1}, Shape{3, 3}, Shape{9, 17}, Shape{2, 65}}) {
        const Tensor a = random_tensor(size), b = random_tensor({size[1]});
        Tensor expected = a;
        for (int i = 0; i < a.size(); ++i) expected.data[i] += b.data[i % size[1]];
        expect_near(ASK_UNRECORDED(add, a, b), expected, 0);
    }
    for (int n : awkward_lengths(300))
        for (const Shape& size : {Shape{n, 2}, Shape{3, n}, Shape{n}}) {
            const Tensor b = random_tensor({size.back()}), a = random_tensor(size);
            expect_combined(a, b);
        }
}

// x with itself: the same tensor stands on both sides.
Tensors with_itself(const Tensor& x) { return {add(x, x), subtract(x, x), multiply(x, x)}; }

CHECK("1.3", "b may have any number of a's axes, from none to all, and may be a itself") {
    for (const Shape& shape : {Shape{2, 3, 4, 5}, Shape{3, 1, 2}, Shape{1, 1}, Shape{2, 1},
                               Shape{2, 2, 2, 2, 2}, Shape{5, 5, 5}})
        for (int left_out = 0; left_out <= size_of(shape); ++left_out) {
            const Tensor b = random_tensor(Shape(shape.begin() + left_out, shape.end()));
            const Tensor a = random_tensor(shape);
            expect_combined(a, b);
        }
    const Tensor x = random_tensor({3, 3});
    const Tensors found = ASK_UNRECORDED(with_itself, x);
    for (int i = 0; i < 3; ++i) expect_near(found.at(i), combined(x, x, i), 0);
}

CHECK("1.3", "NaN, ∞ and tiny numbers take part like all others") {
    const Tensor a = row({0, NAN, INFINITY, 1e30f, 1e-20f, 3, -INFINITY, 0, 1e-7f});
    const Tensor b = row({NAN, 1, 0, 1e30f, 1e-18f, INFINITY, INFINITY, -INFINITY, 0});
    expect_combined(a, b);
    expect_combined(a, Tensor({}, {1e-9f}));
    const Tensor small = random_tensor({4}), large = random_tensor({3, 4});
    expect_combined(scaled_copy(large, tiny), scaled_copy(small, tiny));
}

CHECK("1.3", "tensors without elements are combined without a crash") {
    expect(ASK(add, Tensor({0, 3}), row({1, 2, 3})).shape == Shape{0, 3},
           "the shape must be [0, 3]");
    expect(ASK(add, Tensor({2, 0}), Tensor({0})).shape == Shape{2, 0}, "the shape must be [2, 0]");
}

CHECK("1.3", "shapes that do not fit are refused, and the message names both") {
    expect_mentions(ASK_REFUSAL(add, Tensor({2, 3}), Tensor({2})), {"add", "[2, 3]", "[2]"});
    expect_mentions(ASK_REFUSAL(multiply, Tensor({3}), Tensor({2, 3})),
                    {"multiply", "[3]", "[2, 3]"});
}

Tensor added_again(const Tensors& first, const Tensors& then) {
    return in_the_same_place([](const Tensors& x) { return add(x[0], x[1]); }, first, then);
}

CHECK("1.3", "nothing is left over from the last call: other sizes, other numbers in one place") {
    const Tensors small = {random_tensor({3, 2}), random_tensor({2})};
    const Tensors large = {random_tensor({2, 4}), random_tensor({4})};
    ASK(multiply, small[0], small[1]);
    ASK(multiply, large[0], large[1]);
    const Tensors first = {random_tensor({3, 2}), random_tensor({2})};
    const Tensors then = {random_tensor({3, 2}), random_tensor({2})};
    ASK(added_again, first, then);
    for (int changed : {0, 1}) {
        Tensors now = first;
        now[changed] = one_changed(first[changed]);
        expect_near(ASK_UNRECORDED(added_again, first, now), combined(now[0], now[1], 0), 0);
    }
}

// ## 1.4 Sums over an axis

CHECK("1.4",
      "over axis 0 the columns of [1 2 3; 4 5 6] sum to 5 7 9, over axis 1 the rows to 6 15") {
    const Tensor x = matrix({{1, 2, 3}, {4, 5, 6}});
    expect_near(ASK(sum, x, 0), row({5, 7, 9}), 0);
    expect_near(ASK(sum, x, 1), row({6, 15}), 0);
}

CHECK("1.4", "the middle axis of a [2, 3, 4] tensor is summed for each of the others") {
    const Tensor x = random_tensor({2, 3, 4});
    ASK(sum, x, 0);
    ASK(sum, x, 1);
    ASK(sum, x, 2);
}

CHECK("1.4", "a row sums to a single number, of shape []") {
    expect(ASK(sum, row({1, 2, 3, 4}), 0).shape.empty(), "the shape must be []");
}

CHECK("1.4", "an axis of one number disappears too; of 65 numbers, all are summed") {
    expect_near(ASK(sum, matrix({{1, 2, 3}}), 0), row({1, 2, 3}), 0);
    for (int n : {9, 17, 33, 65}) {
        const Tensor x = random_tensor({n});
        double expected = 0;
        for (float term : x.data) expected += static_cast<double>(term);
        expect_near(ASK_UNRECORDED(sum, x, 0), Tensor({}, {static_cast<float>(expected)}), 1e-4);
    }
}

// (1.2), each sum in double.
static Tensor exact_sums(const Tensor& x, int axis) {
    Shape shape = x.shape;
    shape.erase(shape.begin() + axis);
    Tensor y(shape);
    const int after = element_count(Shape(x.shape.begin() + axis + 1, x.shape.end()));
    for (int i = 0; i < y.size(); ++i)
        y.data[i] = static_cast<float>(
            exact_sum(x, i / after * x.shape[axis] * after + i % after, x.shape[axis], after));
    return y;
}

static void expect_sums(const Tensor& x, double tolerance) {
    for (int axis = 0; axis < x.rank(); ++axis)
        expect_near(ASK_UNRECORDED(sum, x, axis), exact_sums(x, axis), tolerance);
}

CHECK("1.4", "each axis of any shape: of one number, of many, the first or the last of five") {
    for (const Shape& shape : {Shape{2, 3, 1}, Shape{1, 3, 1}, Shape{1, 1, 3}, Shape{3, 3, 3},
                               Shape{2, 1, 3, 1}, Shape{2, 3, 2, 3, 2}, Shape{1}, Shape{1, 1}})
        expect_sums(random_tensor(shape), 1e-5);
    for (int n : awkward_lengths(1001))
        for (const Shape& shape : {Shape{n}, Shape{n, 2}, Shape{2, n}, Shape{2, n, 3}})
            expect_sums(random_tensor(shape), 1e-4);
    expect_near(ASK_UNRECORDED(sum, Tensor({0, 3}), 0), Tensor({3}), 0);
    expect_near(ASK_UNRECORDED(sum, Tensor({2, 0, 3}), 1), Tensor({2, 3}), 0);
    expect_near(ASK_UNRECORDED(sum, Tensor({0, 3}), 1), Tensor({0}), 0);
}

CHECK("1.4", "a sum with a NaN in it is NaN, and tiny numbers have a sum as well") {
    expect_sums(matrix({{NAN, 1, 2}, {3, 4, 5}, {6, 7, NAN}, {INFINITY, -INFINITY, 1}}), 0);
    expect_sums(scaled_copy(random_tensor({3, 4, 2}), tiny), 1e-11);
}

CHECK("1.4", "the mean of 1 2 is 1.5, not 1 and not 0") {
    const Tensor x = matrix({{1, 2}, {3, 4}});
    expect_near(ASK(mean, x, 1), row({1.5f, 3.5f}), 0);
}

CHECK("1.4", "the sum of nothing is 0") {
    expect_near(ASK(sum, Tensor({2, 0}), 1), row({0, 0}), 0);
    expect_mentions(ASK_REFUSAL(sum, Tensor({2, 3}), 2), {"sum", "axis 2", "[2, 3]"});
}

CHECK("1.4", "a huge or an infinite number stays in its own sum") {
    Tensor x = random_tensor({3, 2});
    x.data[0] = 1e30f, x.data[2] = 2;
    ASK(sum, x, 0);
    const float small = x.data[2] + x.data[3];
    const Tensor y = ASK(sum, x, 1);
    expect_near(row({y.data[1]}), row({small}), 1e-6);
    ASK(sum, matrix({{INFINITY, 1}, {2, 3}, {4, 5}, {6, 7}}), 1);
}

Tensor summed_again(const Tensors& first, const Tensors& then) {
    return in_the_same_place([](const Tensors& x) { return sum(x[0], 1); }, first, then);
}

CHECK("1.4", "nothing is left over from the last call: other sizes, other numbers in one place") {
    ASK(sum, random_tensor({3, 2}), 0);
    ASK(sum, random_tensor({2, 4}), 0);
    const Tensors first = {random_tensor({3, 4})}, then = {random_tensor({3, 4})};
    ASK(summed_again, first, then);
    const Tensors now = {one_changed(first[0])};
    expect_near(ASK_UNRECORDED(summed_again, first, now), exact_sums(now[0], 1), 1e-5);
}

// ## 1.5 The obvious product

CHECK("1.5", "[1 2; 3 4] × [5 6; 7 8] = [19 22; 43 50]") {
    const Tensor a = matrix({{1, 2}, {3, 4}}), b = matrix({{5, 6}, {7, 8}});
    expect_near(ASK(matmul_naive, a, b), matrix({{19, 22}, {43, 50}}), 0);
}

CHECK("1.5", "a [2, 3] times a [3, 4] is a [2, 4]: rows of 3 numbers in A, of 4 in B and C") {
    const Tensor a = random_tensor({2, 3}), b = random_tensor({3, 4});
    ASK(matmul_naive, a, b);
}

CHECK("1.5", "a row times a column is one number, a column times a row a whole matrix") {
    Tensor line = random_tensor({1, 4}), column = random_tensor({4, 1});
    for (Tensor* x : {&line, &column})  // where terms cancel, rounding is most of what is left
        for (float& value : x->data) value = std::fabs(value);
    ASK(matmul_naive, line, column);
    ASK(matmul_naive, column, line);
}

CHECK("1.5", "of any sizes: a matrix times a column, a row times a matrix, 33 terms") {
    for (const Shape& size : {Shape{1, 3, 1}, Shape{3, 2, 1}, Shape{1, 4, 4}, Shape{2, 33, 2},
                              Shape{9, 9, 9}, Shape{3, 65, 17}}) {
        const Tensor a = random_tensor({size[0], size[1]}), b = random_tensor({size[1], size[2]});
        expect_near(ASK_UNRECORDED(matmul_naive, a, b), exact_product(a, b), 1e-4);
    }
    for (const Shape& size : awkward_products(300)) {
        const Tensor a = random_tensor({size[0], size[1]}), b = random_tensor({size[1], size[2]});
        expect_near(ASK_UNRECORDED(matmul_naive, a, b), exact_product(a, b), 1e-4);
    }
}

std::pair<double, int> last_of_a_large_product(int M, int K, int N) {
    return last_of_a_product(matmul_naive, M, K, N);
}

CHECK("1.5", "places above 65,536 are found in all three matrices") {
    for (const Shape& size : large_products()) {
        const auto [last, others] =
            ASK_UNRECORDED(last_of_a_large_product, size[0], size[1], size[2]);
        expect_near(last, 15, 0);
        expect_near(others, 0, 0);
    }
}

// x x, where the same tensor stands on both sides.
Tensor square(const Tensor& x) { return matmul_naive(x, x); }

CHECK("1.5", "0 times NaN is NaN, tiny numbers count, and a matrix may be multiplied by itself") {
    for (const auto& [a, b] : zeros_and_nans())
        expect_near(ASK_UNRECORDED(matmul_naive, a, b), exact_product(a, b), 0);
    const Tensor x = random_tensor({3, 3});
    expect_near(ASK_UNRECORDED(square, x), exact_product(x, x), 1e-6);
    const Tensor small = scaled_copy(x, tiny);
    expect_near(ASK_UNRECORDED(matmul_naive, small, x), exact_product(small, x), 1e-12);
    expect_near(ASK_UNRECORDED(matmul_naive, x, small), exact_product(x, small), 1e-12);
}

CHECK("1.5", "longer sums lose nothing: [3, 200] × [200, 3]") {
    const Tensor a = random_tensor({3, 200}), b = random_tensor({200, 3});
    const Tensor c = ASK(matmul_naive, a, b);
    for (int i = 0; i < 3; ++i)
        for (int j = 0; j < 3; ++j) {
            double expected = 0;
            for (int p = 0; p < 200; ++p)
                expected += static_cast<double>(a.data[i * 200 + p]) * b.data[p * 3 + j];
            expect(std::fabs(c.data[i * 3 + j] - expected) < 1e-4,
                   "the sum over K is not complete");
        }
}

Tensor multiplied_again(const Tensors& first, const Tensors& then) {
    return in_the_same_place([](const Tensors& x) { return matmul_naive(x[0], x[1]); }, first,
                             then);
}

CHECK("1.5", "nothing is left over from the last call: other sizes, other numbers in one place") {
    const Tensors small = {random_tensor({2, 2}), random_tensor({2, 3})};
    const Tensors large = {random_tensor({3, 5}), random_tensor({5, 2})};
    ASK(matmul_naive, small[0], small[1]);
    ASK(matmul_naive, large[0], large[1]);
    const Tensors first = {random_tensor({3, 4}), random_tensor({4, 2})};
    const Tensors then = {random_tensor({3, 4}), random_tensor({4, 2})};
    ASK(multiplied_again, first, then);
    for (int changed : {0, 1}) {
        Tensors now = first;
        now[changed] = one_changed(first[changed]);
        expect_near(ASK_UNRECORDED(multiplied_again, first, now), exact_product(now[0], now[1]),
                    1e-6);
    }
}

CHECK("1.5", "with K = 0 the product is all zeros; shapes that do not fit are refused") {
    expect_near(ASK(matmul_naive, Tensor({2, 0}), Tensor({0, 2})), Tensor({2, 2}), 0);
    expect_mentions(ASK_REFUSAL(matmul_naive, Tensor({2, 3}), Tensor({4, 5})),
                    {"matmul", "[2, 3]", "[4, 5]"});
    expect_mentions(ASK_REFUSAL(matmul_naive, Tensor({70000, 0}), Tensor({0, 70000})),
                    {"[70000, 70000]"});  // 4.9 billion zeros
}

// ## 1.6 A softmax that cannot overflow

CHECK("1.6", "softmax of 2 5 1 is .0466 .9362 .0171, which you can do by hand") {
    const Tensor x = row({2, 5, 1});
    expect_near(ASK(softmax, x), row({0.0466f, 0.9362f, 0.0171f}), 6e-5);
}

CHECK("1.6", "each row of a matrix is divided by its own sum") {
    const Tensor x = matrix({{0, 1}, {3, 0}});
    ASK(softmax, x);
}

CHECK("1.6", "all rows sum to 1, whatever the axes before the last") {
    const Tensor x = random_tensor({2, 3, 4});
    const Tensor y = ASK(softmax, x);
    for (int r = 0; r < 6; ++r) {
        double total = 0;
        for (int i = 0; i < 4; ++i) total += static_cast<double>(y.data[r * 4 + i]);
        expect(std::fabs(total - 1) < 1e-6,
               "row " + std::to_string(r) + " sums to " + std::to_string(total));
    }
}

CHECK("1.6", "adding 1000 to all scores of a row changes nothing") {
    const Tensor x = row({1002, 1005, 1001});
    expect_near(ASK(softmax, x), row({0.0466f, 0.9362f, 0.0171f}), 6e-5);
}

CHECK("1.6", "a row of huge scores does not disturb a row of small ones") {
    const Tensor x = matrix({{500, 501}, {-500, -501}});
    ASK(softmax, x);
    expect_near(ASK(softmax, row({-500, -501})), row({0.731059f, 0.268941f}), 1e-5);
    expect_near(ASK(softmax, row({0, 200, 201})), row({0, 0.268941f, 0.731059f}), 1e-5);
    expect_near(ASK(softmax, row({0, 0, 0, 400})), row({0, 0, 0, 1}), 1e-6);
    expect_near(ASK(softmax, row({3e9f, 1})), row({1, 0}), 0);
    expect_near(ASK(softmax, row({-2e9f, -2e9f, -4e9f})), row({0.5f, 0.5f, 0}), 1e-6);
    for (float huge : {-2e30f, -3e38f, 3e38f})
        expect_near(ASK_UNRECORDED(softmax, row({huge, huge})), row({0.5f, 0.5f}), 1e-6);
}

CHECK("1.6", "in rows of 9 to 65 scores, the largest may stand at the end") {
    for (int n : {9, 17, 33, 65}) {
        Tensor x = random_tensor({n}), expected({n});
        double total = 0;
        for (float score : x.data) total += std::exp(static_cast<double>(score));
        for (int i = 0; i < n; ++i)
            expected.data[i] = static_cast<float>(std::exp(static_cast<double>(x.data[i])) / total);
        expect_near(ASK_UNRECORDED(softmax, x), expected, 1e-6);
        x.data[n - 1] += 200;
        std::fill(expected.data.begin(), expected.data.end(), 0.0f);
        expected.data[n - 1] = 1;
        expect_near(ASK_UNRECORDED(softmax, x), expected, 1e-6);
    }
}

// (1.5) for every row, in double.
static Tensor exact_softmax(const Tensor& x) {
    Tensor y(x.shape);
    for (int r = 0; r < x.rows(); ++r) {
        const float* scores = x.row(r);
        const double m = static_cast<double>(*std::max_element(scores, scores + x.columns()));
        double total = 0;
        for (int i = 0; i < x.columns(); ++i) total += std::exp(scores[i] - m);
        for (int i = 0; i < x.columns(); ++i)
            y.row(r)[i] = static_cast<float>(std::exp(scores[i] - m) / total);
    }
    return y;
}

CHECK("1.6", "of any number of scores, and of rows; equal ones share, and any may be the largest") {
    for (int n : awkward_lengths(1001))
        for (const Shape& shape : {Shape{n}, Shape{3, n}, Shape{n, 3}, Shape{n, 1, 2}}) {
            const Tensor x = scaled_copy(random_tensor(shape), 4);
            expect_near(ASK_UNRECORDED(softmax, x), exact_softmax(x), 2e-6);
        }
    for (int n : {2, 5, 17, 40}) {
        const Tensor equal({n}, std::vector<float>(n, 7.0f));
        expect_near(ASK_UNRECORDED(softmax, equal), exact_softmax(equal), 1e-7);
        Tensor x = random_tensor({n, n});  // in each row another one is the largest
        for (int r = 0; r < n; ++r) x.row(r)[r] = 300;
        expect_near(ASK_UNRECORDED(softmax, x), exact_softmax(x), 1e-6);
    }
}

CHECK("1.6", "small probabilities are small and not 0: e⁻⁵ beside 1, and e⁻²⁰, and e⁻⁷⁰") {
    const Tensor x = matrix({{0, -3, -5, -7}, {-10, 0, -15, -20}, {-30, -50, 0, -70}});
    const Tensor found = ASK_UNRECORDED(softmax, x), exact = exact_softmax(x);
    expect_near(found, exact, 1e-6);
    Tensor ratios({3, 4}), ones({3, 4}, std::vector<float>(12, 1.0f));
    for (int i = 0; i < 12; ++i) ratios.data[i] = found.data[i] / exact.data[i];
    expect_near(ratios, ones, 1e-4);
    const Tensor close = row({0, 1e-4f, -1e-4f});
    expect_near(ASK_UNRECORDED(softmax, close), exact_softmax(close), 2e-7);
}

CHECK("1.6", "a score that is NaN makes its row NaN, and no other") {
    for (int place : {0, 1, 2, 11}) {
        Tensor x = random_tensor({2, 12 + place});
        x.row(1)[place] = NAN;
        Tensor expected = exact_softmax(x);
        std::fill(expected.row(1), expected.row(2), NAN);
        expect_near(ASK_UNRECORDED(softmax, x), expected, 1e-6);
    }
}

CHECK("1.6", "a score of −∞ gets a probability of exactly 0") {
    const Tensor x = row({0, -INFINITY, 0});
    expect_near(ASK(softmax, x), row({0.5f, 0, 0.5f}), 0);
}

CHECK("1.6", "−∞ may come first; +∞, and nothing but −∞, make a row of NaN and disturb no other") {
    expect_near(ASK(softmax, row({-INFINITY, 0, 0})), row({0, 0.5f, 0.5f}), 1e-6);
    const Tensor x = matrix({{0, INFINITY}, {1, 1}, {-INFINITY, -INFINITY}});
    expect_near(ASK(softmax, x), matrix({{NAN, NAN}, {0.5f, 0.5f}, {NAN, NAN}}), 1e-6);
    const Tensor alone = matrix({{0}, {INFINITY}, {-INFINITY}});
    expect_near(ASK(softmax, alone), matrix({{1}, {NAN}, {NAN}}), 0);
}

Tensor softmax_again(const Tensors& first, const Tensors& then) {
    return in_the_same_place([](const Tensors& x) { return softmax(x[0]); }, first, then);
}

CHECK("1.6", "nothing is left over from the last call: other sizes, other numbers in one place") {
    ASK(softmax, random_tensor({3, 2}));
    ASK(softmax, random_tensor({2, 5}));
    const Tensors first = {random_tensor({3, 4})}, then = {random_tensor({3, 4})};
    ASK(softmax_again, first, then);
    const Tensors now = {one_changed(first[0])};
    expect_near(ASK_UNRECORDED(softmax_again, first, now), exact_softmax(now[0]), 1e-6);
}

CHECK("1.6", "one score alone gets everything, and no scores at all give no probabilities") {
    expect_near(ASK(softmax, row({-7})), row({1}), 0);
    expect(ASK(softmax, Tensor({2, 0})).shape == Shape{2, 0}, "the shape must be [2, 0]");
    ASK_REFUSAL(softmax, Tensor());
}

}  // namespace checks_01
