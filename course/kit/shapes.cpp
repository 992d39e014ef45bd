#include "kit/shapes.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>
#include <stdexcept>
#include <string_view>

std::string to_string(const Shape& shape) {
    std::string text = "[";
    for (std::size_t axis = 0; axis < shape.size(); ++axis)
        text += (axis > 0 ? ", " : "") + std::to_string(shape[axis]);
    return text + "]";
}

static std::string_view take_word(std::string_view& text) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    return word;
}

struct Known {
    std::map<std::string_view, int> lengths;
    std::optional<Shape> leading;  // what "..." stands for
};

static bool meets(const Shape& shape, std::string_view needed, Known& known) {
    const bool any = needed.substr(0, 3) == "...";
    if (any) take_word(needed);
    const int words = needed.empty() ? 0 : 1 + std::count(needed.begin(), needed.end(), ' ');
    const int before = static_cast<int>(shape.size()) - words;
    if (before < 0 || (before > 0 && !any)) return false;
    const Shape leading(shape.begin(), shape.begin() + before);
    if (any && known.leading.value_or(leading) != leading) return false;
    if (any) known.leading = leading;
    for (int axis = before; axis < static_cast<int>(shape.size()); ++axis) {
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
    for (const Required& each : all) fit = fit && meets(each.shape, each.needed, known);
    if (fit) return;
    for (const Required& each : all) {
        const std::string between = got.empty() ? "" : " and ";
        got += between + to_string(each.shape);
        needs += between + listed(each.needed);
    }
    throw std::invalid_argument(std::string(function) + ": got " + got + "; needs " + needs);
}
