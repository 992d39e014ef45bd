#include "demos/05_order/order.hpp"
#include "data/temporal_order.hpp"
#include "training/trainer.hpp"
#include "kit/environment.hpp"
#include <chrono>
#include <cstdio>
#include <cstdlib>
namespace order {
static double env(const char* n, double d) { const char* v = std::getenv(n); return v ? std::atof(v) : d; }
void show() {
    const int lo = env("LO", 100), hi = env("HI", 110), H = env("HH", 4), steps = env("NS", 1000);
    const int seed = env("SEED", 17), kind = env("KIND", 1);
    const double rate = env("RATE", 0.01), fb = env("FB", 4), clip = env("CLIP", 0);
    const int V = temporal_order::symbols().size();
    Random data_random(1997);
    const auto data = temporal_order::draw(env("NT", 4000), 400, temporal_order::Level{lo, hi, {int(env("F0",10)), int(env("F1",20))}, {int(env("S0",50)), int(env("S1",60))}}, data_random);
    Random random(seed);
    RnnCell rnn(V, H, random); LstmCell lstm(V, H, random, fb);
    const Cell& cell = kind ? static_cast<const Cell&>(lstm) : rnn;
    Classifier net(cell, H, 4, random);
    Adam adam(net.parameters(), rate);
    const auto t0 = std::chrono::steady_clock::now();
    double ms = 0;
    const training::Outcome o = training::train({"x", steps, steps / 20}, {adam, random,
        [&](Random& any) { return shuffled_batches(size_of(data.training.kinds), 32, any); },
        [&](const training::Batch& b, double) {
            const Variable loss = cross_entropy(net(gather_rows(data.training.sequences, b), V), gather_rows(data.training.kinds, b));
            const double v = loss.value().data[0];
            adam.clear_gradients(); backward(loss);
            if (clip > 0) {
                double s = 0;
                for (const Variable& p : net.parameters()) for (float g : p.gradient().data) s += g * g;
                s = std::sqrt(s);
                if (s > clip) for (const Variable& p : net.parameters()) p.scale_gradient(clip / s);
            }
            adam.step();
            return v; },
        [&] { const Tensor z = net(data.held_out.sequences, V).value();
              return training::Look{cross_entropy_loss(z, data.held_out.kinds), accuracy(z, data.held_out.kinds)}; }});
    ms = std::chrono::duration<double>(std::chrono::steady_clock::now() - t0).count() * 1000;
    std::printf("kind %d H %d len %d-%d seed %d rate %g fb %g: %.2f ms/step; ", kind, H, lo, hi, seed, rate, fb, ms / steps);
    for (auto& p : o.curve) std::printf("%.0f ", 100 * p.right);
    std::printf("\n");
}
}
