#include "01_tensors.hpp"

#include "grader/check.hpp"
#include "grader/variations.hpp"

#include <algorithm>
#include <cmath>

namespace checks_01 {

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
}

CHECK("1.1", "an index with too few or too many entries is refused") {
    const Shape shape = {2, 3};
    ASK_REFUSAL(offset, shape, Index{1});
    ASK_REFUSAL(offset, shape, Index{1, 2, 0});
    ASK_REFUSAL(offset, shape, Index{});
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
}

CHECK("1.1", "nothing is left over from the last call: another shape of as many axes") {
    expect_near(ASK(offset, Shape{2, 3, 4}, Index{1, 2, 3}), 23, 0);
    expect_near(ASK(offset, Shape{2, 5, 6}, Index{1, 4, 5}), 59, 0);
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

CHECK("1.2", "transposing twice gives back the same tensor") {
    const Tensor x = random_tensor({2, 3, 2, 5});
    const Tensor once = ASK(transpose, x);
    expect_near(ASK(transpose, once), x, 0);
}

CHECK("1.2", "in a square matrix too, rows become columns; and in matrices of many rows") {
    expect_near(ASK(transpose, matrix({{1, 2}, {3, 4}})), matrix({{1, 3}, {2, 4}}), 0);
    for (const Shape& size : {Shape{9, 9}, Shape{65, 3}, Shape{3, 65}, Shape{33, 17}}) {
        const Tensor x = random_tensor(size);
        Tensor expected({size[1], size[0]});
        for (int i = 0; i < x.size(); ++i)
            expected.data[i % size[1] * size[0] + i / size[1]] = x.data[i];
        expect_near(ASK_UNRECORDED(transpose, x), expected, 0);
    }
}

CHECK("1.2", "one row becomes one column, and a matrix without elements stays without") {
    ASK(transpose, matrix({{1, 2, 3}}));
    expect(ASK(transpose, Tensor({2, 0})).shape == Shape{0, 2}, "the shape must be [0, 2]");
    expect(ASK(transpose, Tensor({0, 2, 3})).shape == Shape{0, 3, 2},
           "the shape must be [0, 3, 2]");
}

using Tensors = std::vector<Tensor>;

Tensor transposed_again(const Tensors& first, const Tensors& then) {
    return in_the_same_place([](const Tensors& x) { return transpose(x[0]); }, first, then);
}

CHECK("1.2", "nothing is left over from the last call: other sizes, other numbers in one place") {
    ASK(transpose, random_tensor({3, 2}));
    ASK(transpose, random_tensor({2, 5}));
    const Tensors first = {random_tensor({4, 3})}, then = {random_tensor({4, 3})};
    ASK(transposed_again, first, then);
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

CHECK("1.3", "of any sizes: a [1], as many rows as columns, long rows") {
    for (const Shape& size : {Shape{4, 1}, Shape{3, 3}, Shape{9, 17}, Shape{2, 65}}) {
        const Tensor a = random_tensor(size), b = random_tensor({size[1]});
        Tensor expected = a;
        for (int i = 0; i < a.size(); ++i) expected.data[i] += b.data[i % size[1]];
        expect_near(ASK_UNRECORDED(add, a, b), expected, 0);
    }
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
}

CHECK("1.6", "one score alone gets everything, and no scores at all give no probabilities") {
    expect_near(ASK(softmax, row({-7})), row({1}), 0);
    expect(ASK(softmax, Tensor({2, 0})).shape == Shape{2, 0}, "the shape must be [2, 0]");
    ASK_REFUSAL(softmax, Tensor());
}

}  // namespace checks_01
