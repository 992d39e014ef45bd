// Chapter 21.

#include "21_vision.hpp"
#include "compare.hpp"

static Values cut_up(const Values& in) {
    const Tensor& x = in[0].tensor;
    const int P = static_cast<int>(in[1].number);
    const Tensor patches = patches_of(x, P);
    return {to_value(patches), to_value(pictures_of(patches, x.shape[1], x.shape[2], P))};
}

static Values moved_pictures(const Values& in) {
    const std::vector<float>& n = in[1].tensor.data;
    Motion motion;
    motion.yy = n[0], motion.yx = n[1], motion.xy = n[2], motion.xx = n[3];
    motion.down = n[4], motion.right = n[5];
    return {to_value(moved(in[0].tensor, motion))};
}

static Values seen(const Values& in) {
    const Tensor R = rollout(FromValue<std::vector<Tensor>>::get(in[0]));
    return {to_value(R), to_value(seen_by_class(R))};
}

static Values read_pictures(const Values& in) {
    const bool before = in[2].number != 0, mean = in[3].number != 0;
    VisionSettings settings;
    settings.stack = {12, 3, 20, 2, before ? NormPlace::before : NormPlace::after,
                      Activation::gelu};
    settings.rows = 4, settings.columns = 6, settings.kinds = 5;
    settings.summary = mean ? Summary::mean : Summary::class_token;
    Random random(1);
    const VisionTransformer net(settings, random);
    const Parameters parameters = net.parameters();
    const std::vector<Tensor> weights = FromValue<std::vector<Tensor>>::get(in[4]);
    for (int i = 0; i < size_of(parameters); ++i) parameters[i].set_value(weights.at(i));
    const Variable z = net(in[0].tensor);
    const Variable loss = cross_entropy(z, FromValue<std::vector<int>>::get(in[1]));
    backward(loss);
    Values out = {to_value(z.value()), to_value(loss.value())};
    for (const Variable& p : parameters) out.push_back(to_value(p.gradient()));
    return out;
}

Answers answers_of_vision() {
    return {{"patches", cut_up},
            {"motion", moved_pictures},
            {"rollout", seen},
            {"vision transformer", read_pictures}};
}
