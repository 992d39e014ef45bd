#include "training/halves.hpp"

#include "kit/checkpoint.hpp"
#include "kit/half.hpp"
#include "kit/places.hpp"

#include <stdexcept>

namespace training {

using Numbers = std::vector<std::uint64_t>;

static Numbers shapes_of(const Parameters& parameters) {
    Numbers all = {parameters.size()};
    for (const Variable& p : parameters) {
        all.push_back(p.shape().size());
        for (int axis : p.shape()) all.push_back(static_cast<std::uint64_t>(axis));
    }
    return all;
}

void save_halves(const std::string& path, const Parameters& parameters) {
    Numbers all = shapes_of(parameters);
    int place = 0;  // of the next half in its number
    for (const Variable& p : parameters)
        for (float number : p.value().data) {
            if (place == 0) all.push_back(0);
            all.back() |= std::uint64_t{half_of_float(number)} << 16 * place;
            place = (place + 1) % 4;
        }
    save_checkpoint(path, {all, {}});
}

void read_halves(const std::string& name, const Parameters& parameters) {
    const std::string path = std::string(places::root) + "/data/" + name + ".trained";
    const Numbers all = load_checkpoint(path).numbers, shapes = shapes_of(parameters);
    const std::size_t count = parameter_count(parameters);
    bool fits = all.size() == shapes.size() + (count + 3) / 4;
    for (std::size_t i = 0; fits && i < shapes.size(); ++i) fits = all[i] == shapes[i];
    if (!fits) throw std::runtime_error(path + " is of another model");
    std::size_t next = 4 * shapes.size();
    for (const Variable& p : parameters) {
        Tensor value(p.shape());
        for (float& number : value.data) {
            number = float_of_half(static_cast<std::uint16_t>(all[next / 4] >> next % 4 * 16));
            ++next;
        }
        p.set_value(value);
    }
}

}  // namespace training
