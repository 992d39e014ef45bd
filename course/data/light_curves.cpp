#include "data/light_curves.hpp"

#include "kit/text.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <set>
#include <sstream>
#include <stdexcept>

namespace light_curves {

// ## What is made up

double days_of(const Survey& survey) { return 3 * survey.season + 2 * survey.between; }

Numbers nights(const Survey& survey, Random& random) {
    const int count = survey.fewest + random.below(survey.most - survey.fewest + 1);
    Numbers times(count);
    for (double& time : times) {
        const int season = random.below(3);
        const double day = survey.season * random.uniform();
        time = survey.first_day + season * (survey.season + survey.between) + day;
    }
    std::sort(times.begin(), times.end());
    return times;
}

Curve observe(const Nature& nature, int kind, const Survey& survey, Random& random) {
    Curve curve;
    curve.kind = kind;
    curve.times = nights(survey, random);
    curve.flux = nature(kind, curve.times, random);
    for (double& flux : curve.flux) {
        const double error = survey.least + (survey.largest - survey.least) * random.uniform();
        flux += error * random.normal();
        if (random.uniform() < survey.missing) flux = NAN;
        curve.errors.push_back(error);
    }
    return curve;
}

// Makes curves of random seeds until there are enough of both parts.
static Dataset<Curves> drawn(int training, int held_out, int kinds, Random& random,
                             const std::function<Curve(int kind, Random& random)>& make) {
    Dataset<Curves> all;
    while (all.training.size() + all.held_out.size() <
           static_cast<std::size_t>(training + held_out)) {
        const std::uint64_t seed = random.bits();
        const bool out = is_held_out(std::to_string(seed), 4);
        Curves& part = out ? all.held_out : all.training;
        const int count = static_cast<int>(part.size());
        if (count == (out ? held_out : training)) continue;
        Random own(seed);
        part.push_back(make(count % kinds, own));
    }
    return all;
}

Dataset<Curves> draw(int training, int held_out, int kinds, const Nature& nature, Random& random,
                     const Survey& survey) {
    return drawn(training, held_out, kinds, random, [&](int kind, Random& own) {
        return observe(nature, kind, survey, own);
    });
}

Dataset<Curves> draw_periods(int training, int held_out, Random& random) {
    return drawn(training, held_out, 2, random, [](int kind, Random& own) {
        const double period = two_periods[kind], error = 0.05, turn = 6.283185307179586;
        const int cycles = static_cast<int>(120 / period);
        std::vector<std::pair<double, double>> points;
        for (int i = 0; i < 40; ++i) {
            const double phase = own.uniform();
            const double flux = std::sin(turn * phase) + error * own.normal();
            points.emplace_back(period * (own.below(cycles) + phase), flux);
        }
        std::sort(points.begin(), points.end());
        Curve curve;
        curve.kind = kind;
        for (const auto& [time, flux] : points) {
            curve.times.push_back(59000 + time);
            curve.flux.push_back(flux);
            curve.errors.push_back(error);
        }
        return curve;
    });
}

// ## What is read

static double number_of(const std::string& text, const char* what) {
    const std::string word = trimmed(text);
    std::istringstream stream(word);
    double number = 0;
    if (!(stream >> number) || !(stream >> std::ws).eof() || !std::isfinite(number))
        throw std::invalid_argument(std::string(what) + " '" + word + "' is no number");
    return number;
}

static std::vector<std::string> fields_of(const std::string& line) {
    std::vector<std::string> fields = {""};
    for (const char c : line)
        if (c == ',') fields.emplace_back();
        else fields.back() += c;
    return fields;
}

static void append_point(Curve& curve, const std::vector<std::string>& fields) {
    const double time = number_of(fields[1], "the time");
    const bool missing = trimmed(fields[2]).empty();
    const double flux = missing ? NAN : number_of(fields[2], "the flux");
    const double error = number_of(fields[3], "the error");
    if (error <= 0) throw std::invalid_argument("the error must be above 0");
    if (!curve.times.empty() && time < curve.times.back())
        throw std::invalid_argument("the time goes back");
    curve.times.push_back(time);
    curve.flux.push_back(flux);
    curve.errors.push_back(error);
}

Curves read(const std::string& path) {
    Curves curves;
    std::set<std::string> names;
    std::vector<int> first_lines;
    int lines = 0;
    read_lines_of(path, [&](const std::string& line) {
        if (++lines == 1) {
            if (line != "curve,time,flux,error")
                throw std::invalid_argument("the first line must be: curve,time,flux,error");
            return;
        }
        const std::vector<std::string> fields = fields_of(line);
        if (fields.size() != 4 || trimmed(fields[0]).empty())
            throw std::invalid_argument("a curve's name, a time, a flux and an error are needed");
        const std::string name = trimmed(fields[0]);
        if (curves.empty() || curves.back().name != name) {
            if (!names.insert(name).second)
                throw std::invalid_argument("the lines of " + name + " do not stand together");
            curves.emplace_back();
            curves.back().name = name;
            first_lines.push_back(lines);
        }
        append_point(curves.back(), fields);
    });
    if (curves.empty()) throw std::runtime_error(path + ":1: there is no curve");
    for (std::size_t i = 0; i < curves.size(); ++i) {
        const Numbers& flux = curves[i].flux;
        if (std::all_of(flux.begin(), flux.end(), [](double f) { return f != f; }))
            throw std::runtime_error(path + ":" + std::to_string(first_lines[i]) +
                                     ": all points of " + curves[i].name + " are missing");
    }
    return curves;
}

}  // namespace light_curves
