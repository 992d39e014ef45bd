#include "demos/06_pictures/pictures.hpp"
#include "kit/figure.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>

namespace pictures {

// ## Sheets of pictures

// Pictures beside and below each other, with dark left out.
class Sheet {
public:
    Sheet(int rows, int columns, int side)
        : side_(side),
          width_(columns * (side + 1) - 1),
          names_(rows * (side + 2) - 2),
          cells_(names_.size() * width_, NAN) {}

    void put(int row, int column, const float* picture) {
        const int top = row * (side_ + 2), left = column * (side_ + 1);
        for (int i = 0; i < side_ * side_; ++i)
            if (std::fabs(picture[i]) > 0.02f)
                cells_[(top + i / side_) * width_ + left + i % side_] = picture[i];
    }
    void name(int row, const std::string& name) {
        names_[row * (side_ + 2) + side_ / 2 + 1] = name;
    }

    void save(const std::string& picture, const std::string& title, figure::Range range = {0, 1}) {
        const std::string svg =
            figure::heatmaps({title}, names_, figure::Names(width_), {{"", cells_}}, range);
        std::printf("picture: %s\n", figure::save(picture, svg).c_str());
    }

private:
    int side_, width_;
    figure::Names names_;
    figure::Values cells_;
};

static Tensor back(const Autoencoder& net, const Tensor& x) {
    const NoTape no_tape;
    return net(x).value();
}

static Tensor codes_of(const Autoencoder& net, const Tensor& x) {
    const NoTape no_tape;
    return net.encode(x).value();
}

static Tensor pictures_of(const Autoencoder& net, const Tensor& codes) {
    const NoTape no_tape;
    return net.decode(codes).value();
}

// The first picture of each label, by its place.
static std::vector<int> one_of_each(const Kind& kind) {
    std::vector<int> places;
    for (int label = 0; label < 10; ++label)
        places.push_back(static_cast<int>(std::find(kind.labels.begin(), kind.labels.end(), label) -
                                          kind.labels.begin()));
    return places;
}

// ## What comes back

static double labels_right(const Data& data, const Tensor& known, const Tensor& asked) {
    const std::vector<int> found = nearest(known, asked);
    double right = 0;
    for (int i = 0; i < size_of(found); ++i)
        right += data.known.labels[found[i]] == data.held_out.labels[i];
    return 100 * right / found.size();
}

void show_errors(const Data& data, const Autoencoder& net, const std::string& picture) {
    const Tensor &known = data.known.x, &asked = data.held_out.x;
    const int H = net.W.back().shape()[1];
    const Components components(known, H);
    const Tensor middle = mean(known, 0), straight = components(asked), bent = back(net, asked);
    const Tensor alike = gather_rows(known, nearest(known, asked));
    const Tensor means = add(Tensor(asked.shape), middle);
    std::printf(
        "\nThe error of %d pictures that were not learnt from, and how many of their\n"
        "labels are those of the nearest known one, in percent:\n\n",
        asked.shape[0]);
    std::printf("  %-28s %.4f\n", "the mean picture", mean_square_loss(means, asked));
    std::printf("  %-28s %.4f %7.1f\n", "the nearest known picture", mean_square_loss(alike, asked),
                labels_right(data, known, asked));
    std::printf("  %-28s %.4f %7.1f\n", (std::to_string(H) + " principal components").c_str(),
                mean_square_loss(straight, asked),
                labels_right(data, components.codes(known), components.codes(asked)));
    std::printf("  %-28s %.4f %7.1f\n\n", (std::to_string(H) + " numbers, autoencoder").c_str(),
                mean_square_loss(bent, asked),
                labels_right(data, codes_of(net, known), codes_of(net, asked)));
    Sheet sheet(3, 10, data.side);
    const std::vector<int> places = one_of_each(data.held_out);
    for (int i = 0; i < 10; ++i) {
        sheet.put(0, i, asked.row(places[i]));
        sheet.put(1, i, straight.row(places[i]));
        sheet.put(2, i, bent.row(places[i]));
    }
    sheet.name(0, "not learnt from"), sheet.name(1, "components"), sheet.name(2, "autoencoder");
    sheet.save(picture, "What comes back of pictures, through " + std::to_string(H) + " numbers");
}

// The q-th part of the numbers in column c lies below it.
static float quantile(const Tensor& x, int c, double q) {
    std::vector<float> numbers;
    for (int i = 0; i < x.shape[0]; ++i) numbers.push_back(x.row(i)[c]);
    std::sort(numbers.begin(), numbers.end());
    return numbers[static_cast<std::size_t>(q * (numbers.size() - 1))];
}

void show_plane(const Data& data, const Autoencoder& two) {
    const Tensor &known = data.known.x, &asked = data.held_out.x;
    const Components components(known, 2);
    const Tensor codes = codes_of(two, known), asked_codes = codes_of(two, asked);
    std::printf(
        "\nTwo numbers only: error %.4f with components, %.4f with an autoencoder;\n"
        "the nearest code has the right label in %.1f and %.1f %%\n\n",
        mean_square_loss(components(asked), asked), mean_square_loss(back(two, asked), asked),
        labels_right(data, components.codes(known), components.codes(asked)),
        labels_right(data, codes, asked_codes));
    const int n = 9;
    Sheet sheet(n, n, data.side);
    std::vector<figure::Series> dots;
    for (int i = 0; i < n * n; ++i) {
        const double right = 0.02 + 0.96 * (i % n) / (n - 1), up = 0.98 - 0.96 * (i / n) / (n - 1);
        const Tensor code = matrix({{quantile(codes, 0, right), quantile(codes, 1, up)}});
        sheet.put(i / n, i % n, pictures_of(two, code).row(0));
    }
    sheet.save("06_plane", "What the decoder makes of places in the plane of codes");
    for (int label = 0; label < 6; ++label) {
        figure::Series cloud{std::to_string(label), {}, {}, true};
        for (int i = 0; i < size_of(data.held_out.labels); ++i)
            if (data.held_out.labels[i] == label) {
                cloud.x.push_back(asked_codes.row(i)[0]);
                cloud.y.push_back(asked_codes.row(i)[1]);
            }
        dots.push_back(cloud);
    }
    const std::string svg = figure::lines(
        {"Held-out digits as codes of two numbers", "first number", "second number"}, dots);
    std::printf("picture: %s\n", figure::save("06_codes", svg).c_str());
}

// ## Holes

// Zeros in a square of 3×3 pixels, at a random place in each picture, and ones around it.
static Tensor squares(const Data& data, Random& random) {
    const int side = data.side;
    Tensor known(data.held_out.x.shape);
    for (int n = 0; n < known.shape[0]; ++n) {
        const int top = 1 + random.below(side - 4);
        const int left = 1 + random.below(side - 4);
        for (int i = 0; i < side * side; ++i) {
            const int r = i / side - top, c = i % side - left;
            known.row(n)[i] = r < 0 || r > 2 || c < 0 || c > 2;
        }
    }
    return known;
}

static Tensor diffused_all(const Tensor& x, const Tensor& known, int side) {
    Tensor y(x.shape);
    for (int n = 0; n < x.shape[0]; ++n) {
        const auto one = [&](const Tensor& all) {
            return Tensor({side, side}, std::vector<float>(all.row(n), all.row(n) + side * side));
        };
        const Tensor smooth = diffused(one(x), one(known));
        std::copy(smooth.data.begin(), smooth.data.end(), y.row(n));
    }
    return y;
}

// The mean over the pixels in holes alone.
static double error_in_holes(const Tensor& y, const Tensor& x, const Tensor& known) {
    double total = 0, count = 0;
    for (int i = 0; i < x.size(); ++i)
        if (known.data[i] == 0)
            total += std::pow(double{y.data[i]} - double{x.data[i]}, 2), ++count;
    return total / count;
}

double show_holes(const Data& data, const Autoencoder& net, const std::string& picture) {
    const Tensor& x = data.held_out.x;
    Random random(8);
    const Tensor half = with_holes(x, 0.5f, random), known = squares(data, random);
    const Tensor cleaned = back(net, half);
    std::printf("\nHalf of the pixels hidden: error %.4f as it is, %.4f after the network\n",
                mean_square_loss(half, x), mean_square_loss(cleaned, x));
    const Tensor holed = multiply(x, known), smooth = diffused_all(x, known, data.side);
    const Tensor filled = filled_in(net, x, known, 2);
    std::printf("\nA square of nine pixels hidden: the error of these nine\n\n");
    std::printf("  %-28s %.4f\n", "zeros", error_in_holes(holed, x, known));
    std::printf("  %-28s %.4f\n", "diffusion", error_in_holes(smooth, x, known));
    for (int passes : {1, 2, 4, 16})
        std::printf("  %-28s %.4f\n", ("network, passes: " + std::to_string(passes)).c_str(),
                    error_in_holes(filled_in(net, x, known, passes), x, known));
    std::printf("\n");
    Sheet sheet(4, 10, data.side);
    const std::vector<int> places = one_of_each(data.held_out);
    for (int i = 0; i < 10; ++i) {
        const Tensor* rows[] = {&holed, &smooth, &filled, &x};
        for (int r = 0; r < 4; ++r) sheet.put(r, i, rows[r]->row(places[i]));
    }
    sheet.name(0, "with a hole"), sheet.name(1, "diffusion"), sheet.name(2, "network");
    sheet.name(3, "as it was");
    sheet.save(picture, "A hole of nine pixels, and what fills it");
    return mean_square_loss(cleaned, x);
}

void draw_filters(const Autoencoder& net, int side, const std::string& picture) {
    const Tensor filters = transpose(net.W.front().value());  // a row for each neuron
    std::vector<int> order(filters.shape[0]);
    std::iota(order.begin(), order.end(), 0);
    const auto size = [&](int i) {
        float squares = 0;
        for (int p = 0; p < filters.shape[1]; ++p) squares += filters.row(i)[p] * filters.row(i)[p];
        return squares;
    };
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return size(a) > size(b); });
    Sheet sheet(4, 10, side);
    for (int i = 0; i < 40; ++i) {
        Tensor one({side * side});
        const float* filter = filters.row(order[i]);
        float most = 0;
        for (int p = 0; p < one.size(); ++p) most = std::max(most, std::fabs(filter[p]));
        for (int p = 0; p < one.size(); ++p) one.data[p] = filter[p] / most;
        sheet.put(i / 10, i % 10, one.row(0));
    }
    sheet.save(picture, "The filters of 40 neurons", {-1, 1});
}

// ## From one digit to another

void show_way(const Data& data, const Autoencoder& net) {
    const Tensor& x = data.held_out.x;
    const int steps = 16, pairs = 200;
    std::vector<int> from, to;
    Random random(6);
    while (size_of(from) < pairs) {
        const int a = random.below(x.shape[0]);
        const int b = random.below(x.shape[0]);
        if (data.held_out.labels[a] == data.held_out.labels[b]) continue;
        from.push_back(a), to.push_back(b);
    }
    const Tensor a = gather_rows(x, from), b = gather_rows(x, to);
    const Tensor code_a = codes_of(net, a), code_b = codes_of(net, b);
    const auto between = [](const Tensor& u, const Tensor& v, float part) {
        return add(scale(u, 1 - part), scale(v, part));
    };
    figure::Series errors[] = {{"pixels mixed", {}}, {"codes mixed", {}}};
    for (int step = 0; step <= steps; ++step) {
        const float part = static_cast<float>(step) / steps;
        const Tensor ways[] = {between(a, b, part),
                               pictures_of(net, between(code_a, code_b, part))};
        for (int way = 0; way < 2; ++way)
            errors[way].y.push_back(mean_square_loss(back(net, ways[way]), ways[way]));
    }
    std::printf(
        "\nFrom one digit to another in sixteen steps, %d pairs: the error of what comes\n"
        "back, at the ends and half-way\n\n",
        pairs);
    for (const figure::Series& s : errors)
        std::printf("  %-28s %.4f %.4f %.4f\n", s.name.c_str(), s.y[0], s.y[steps / 2], s.y[steps]);
    std::printf("\n");
    Sheet sheet(4, 9, data.side);
    const std::vector<int> places = one_of_each(data.held_out);
    for (int row = 0; row < 4; ++row) {
        const std::vector<int> ends = row < 2 ? std::vector<int>{places[0], places[4]}
                                              : std::vector<int>{places[3], places[6]};
        const Tensor two = gather_rows(x, ends), codes = codes_of(net, two);
        const Tensor& mixed = row % 2 == 0 ? two : codes;
        const auto end = [&](int i) { return gather_rows(mixed, {i}); };
        for (int i = 0; i < 9; ++i) {
            const Tensor one = between(end(0), end(1), static_cast<float>(i) / 8);
            sheet.put(row, i, (row % 2 == 0 ? one : pictures_of(net, one)).row(0));
        }
        sheet.name(row, row % 2 == 0 ? "pixels mixed" : "codes mixed");
    }
    sheet.save("06_way", "From one digit to another");
    const std::string svg =
        figure::lines({"How far from a digit, along the way", "step", "error of what comes back"},
                      {errors[0], errors[1]});
    std::printf("picture: %s\n", figure::save("06_error", svg).c_str());
}

// ## The long run

void show_clothes() {
    const Data data = clothes();
    const Learnt narrow = learn("30 numbers", {196, 128, 30}, 0, 15000, data);
    show_errors(data, narrow.net, "06_clothes");
    const Learnt wide = learn("500 numbers, holes", {196, 500}, 0.5f, 10000, data);
    show_holes(data, wide.net, "06_clothes_holes");
    draw_filters(wide.net, data.side, "06_clothes_filters");
    training::draw_losses("06_clothes_training", {narrow.run, wide.run});
}

}  // namespace pictures
