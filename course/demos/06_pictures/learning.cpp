#include "data/clothes.hpp"
#include "data/digits.hpp"
#include "demos/06_pictures/pictures.hpp"

#include <algorithm>

namespace pictures {

static Kind kind_of(const Pictures& pictures) {
    const int N = size_of(pictures.labels);
    return {Tensor({N, size_of(pictures.pixels) / N}, pictures.pixels), pictures.labels};
}

static Data data_of(const Dataset<Pictures>& all, int side) {
    return {kind_of(all.training), kind_of(all.held_out), side};
}

Data digits() { return data_of(::digits::read(), ::digits::side); }
Data clothes() { return data_of(::clothes::read(), ::clothes::side); }

Kind only(const Kind& all, const std::function<bool(int label)>& wanted) {
    std::vector<int> rows;
    for (int i = 0; i < size_of(all.labels); ++i)
        if (wanted(all.labels[i])) rows.push_back(i);
    return {gather_rows(all.x, rows), gather_rows(all.labels, rows)};
}

Learnt learn(const std::string& title, const std::vector<int>& sizes, float share, int steps,
             const Data& data) {
    Random random(6), holes(8);
    Autoencoder net(sizes, random);
    const Tensor &x = data.known.x, &asked = data.held_out.x;
    const Tensor seen = with_holes(asked, share, holes);
    const double rate = 0.003;
    Adam adam(net.parameters(), rate);
    const auto epoch = [&](Random& any) { return shuffled_batches(x.shape[0], 32, any); };
    const auto step = [&](const training::Batch& batch, double done) {
        adam.rate = rate * std::min(1.0, 2.05 - 2 * done);
        return train_step(
            adam, [&] { return denoising_loss(net, gather_rows(x, batch), share, random); });
    };
    const auto look = [&] { return training::Look{mean_square_loss(net(seen).value(), asked)}; };
    return {net, training::train({title, steps, std::max(1, steps / 10)},
                                 {adam, random, epoch, step, look})};
}

}  // namespace pictures
