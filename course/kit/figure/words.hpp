// Words, numbers and scales, as all pictures write them. Private to this folder.
#pragma once

#include "kit/figure.hpp"
#include "kit/text.hpp"

#include <algorithm>
#include <cstdio>
#include <stdexcept>

namespace figure {

using std::size_t;
using Text = std::string;

inline void require(bool holds, const char* function, const char* need) {
    if (!holds) throw std::invalid_argument(Text("figure::") + function + ": " + need);
}

inline double real(size_t n) { return static_cast<double>(n); }

// ## Words and numbers

// The characters of a UTF-8 text. A token may hold anything: a control character becomes its
// picture (␊), bytes that are no character become �, an accent stays with its letter.
inline Names characters(const Text& text) {
    Names result;
    for (size_t i = 0, length; i < text.size(); i += length) {
        const unsigned lead = static_cast<unsigned char>(text[i]);
        const size_t wanted = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        unsigned code = wanted == 1 ? lead : lead & (0x7Fu >> wanted);
        for (length = 1; length < wanted && i + length < text.size(); ++length) {
            const unsigned next = static_cast<unsigned char>(text[i + length]);
            if (next >> 6 != 2) break;
            code = code << 6 | (next & 0x3Fu);
        }
        const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
        const bool valid = (lead < 0x80 || lead >= 0xC2) && lead < 0xF5 && length == wanted &&
                           code >= least[wanted] && code <= 0x10FFFF && code >> 11 != 0x1B &&
                           (code | 1) != 0xFFFF;
        if (!valid) result.push_back("�");
        else if (code < 0x20) result.push_back({'\xE2', '\x90', static_cast<char>(0x80 + code)});
        else if (code >> 4 >= 0x30 && code >> 4 < 0x37 && i > 0) result.back() += text.substr(i, 2);
        else result.push_back(text.substr(i, length));
    }
    return result;
}

inline Text escape(const Text& text) {
    Text result;
    for (const Text& character : characters(text)) result += as_html(character);
    return result;
}

// The width of a text in a sans-serif font: generous, for nobody knows which font it will be.
inline double width_of(const Text& text, double size = 13) {
    double ems = 0;
    for (const Text& c : characters(text))
        ems += Text(" .,:;|!'()[]ijlt").find(c) != Text::npos            ? 0.36
               : Text("mwMW%@").find(c) != Text::npos || c >= "\xE2\xBA" ? 0.95
                                                                         : 0.62;
    return ems * size;
}

const double longest_label = 140;  // longer ones are cut

inline double widest(const Names& names) {
    double result = 0;
    for (const Text& name : names) result = std::max(result, width_of(name));
    return std::min(result, longest_label);
}

inline Text shorten(const Text& text) {
    Text result;
    for (const Text& c : characters(text))
        if (width_of(result + c) > longest_label) return result + "…";
        else result += c;
    return result;
}

const double largest = 1e150;  // beyond it, and below its inverse, differences and ratios go wrong
inline bool drawable(double v) { return std::fabs(v) < largest; }
inline bool on_log_axis(double v) { return drawable(v) && v > 1 / largest; }
inline bool proper(Range r) { return drawable(r.lo) && drawable(r.hi) && r.lo < r.hi; }

inline Text fixed(double v, int decimals = 1) {
    char digits[400];
    std::snprintf(digits, sizeof digits, "%.*f", decimals, v);
    Text result = digits;
    if (decimals > 0) result.erase(result.find_last_not_of('0') + 1);
    if (result.back() == '.') result.pop_back();
    return result == "-0" ? "0" : result;
}

// A number for people: 0.0466, 12.5, 36.6k, 1.2×10⁻⁷. Beside larger numbers (`like` is the largest)
// it has their unit, and says when it is almost nothing.
inline Text number(double v, double like = 0, int digits = 3) {
    if (std::isnan(v)) return "NaN";
    if (v < 0) return "−" + number(-v, like, digits);
    if (v == 0 || std::isinf(v)) return v == 0 ? "0" : "∞";
    like = like == 0 ? v : like;
    if (v < 5e-5 * like) return "≈0";
    if (like < 1e-3 || like >= 1e15) {
        const int power = static_cast<int>(std::floor(std::log10(v) + 0.0022));
        const Text factor = fixed(v / std::pow(10, power));
        const char* const small[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
        Text raised = power < 0 ? "⁻" : "";
        for (const char c : std::to_string(std::abs(power))) raised += small[c - '0'];
        return (factor == "1" ? "10" : factor + "×10") + raised;
    }
    size_t unit = 0;
    for (; like >= (unit == 0 ? 1e4 : 1e3) && unit < 4; ++unit) v /= 1000, like /= 1000;
    const int decimals = digits - 1 - static_cast<int>(std::floor(std::log10(v)));
    return fixed(v, std::clamp(decimals, 0, 9)) + (unit > 0 ? Text(1, " kMGT"[unit]) : "");
}

// "a 1, b 2, …": the numbers of a picture, for those who cannot see it.
inline Text listing(const Names& names, const Values& values) {
    Text result;
    for (size_t i = 0; i < std::min<size_t>(values.size(), 12); ++i)
        result += (i ? ", " : "") + names[i] + ' ' + number(values[i]);
    return result + (values.size() > 12 ? ", …" : "") + ". ";
}

// ## Scales

// Where the numbers lie that can be drawn; never empty, never a single point.
inline Range span(const Values& values, bool log = false) {
    Range r = {largest, -largest};
    for (const double v : values)
        if (log ? on_log_axis(v) : drawable(v)) r = {std::min(r.lo, v), std::max(r.hi, v)};
    const double size = std::max(std::fabs(r.lo), std::fabs(r.hi));
    if (r.lo > r.hi || size < 1 / largest) return log ? Range{1, 10} : Range{0, 1};
    return r.hi - r.lo > 1e-9 * size ? r : Range{r.lo - size / 2, r.hi + size / 2};
}

inline double step_for(double length, int wanted) {
    const double raw = length / wanted, power = std::pow(10, std::floor(std::log10(raw)));
    return power * (raw < 1.5 * power ? 1 : raw < 3 * power ? 2 : raw < 7 * power ? 5 : 10);
}

// Every how many labels one can be shown, if each needs this room: 1, 2, 5, 10, …
inline size_t stride(double room, double step) {
    size_t every = 1;
    for (size_t i = 0; real(every) * step < room; ++i) every = every * (i % 3 == 1 ? 5 : 4) / 2;
    return every;
}

struct Axis {
    Range range;
    bool log;
    double from, to;  // in the picture

    bool shows(double v) const { return log ? on_log_axis(v) : drawable(v); }

    double operator()(double v) const {
        const double part = log ? std::log(v / range.lo) / std::log(range.hi / range.lo)
                                : (v - range.lo) / (range.hi - range.lo);
        return from + part * (to - from);
    }

    Values ticks(int wanted) const {
        Values result;
        const int low = log ? static_cast<int>(std::floor(std::log10(range.lo))) : 0;
        const int high = log ? static_cast<int>(std::floor(std::log10(range.hi))) : -1;
        for (int power = low; power <= high; power += std::max(1, (high - low) / wanted))
            for (const double factor : high - low <= 2 ? Values{1, 2, 5} : Values{1}) {
                const double v = factor * std::pow(10, power);
                if (v > range.lo * 0.999 && v < range.hi * 1.001) result.push_back(v);
            }
        if (result.size() > 2) return result;
        const double step = step_for(range.hi - range.lo, wanted);
        const double first = std::ceil(range.lo / step - 1e-6), last = range.hi / step + 1e-6;
        result.clear();
        for (int k = 0; first + k <= last; ++k) result.push_back((first + k) * step);
        return result;
    }

    Text label(double v) const {
        return number(v, log ? 0 : std::max(std::fabs(range.lo), std::fabs(range.hi)), 5);
    }
};

}  // namespace figure
