// Light curves: how bright something in the sky was, at times that clouds and seasons chose. What
// shines is made up by a chapter; how it is looked at is made up here. And a reader of your own
// curves, from a table of text.
#pragma once

#include "data/dataset.hpp"
#include "kit/random.hpp"

#include <functional>
#include <string>
#include <vector>

namespace light_curves {

using Numbers = std::vector<double>;

struct Curve {
    Numbers times;   // in days, of any calendar; none goes back
    Numbers flux;    // NaN where a point is missing
    Numbers errors;  // of each flux, one standard deviation, above 0
    int kind = -1;   // −1: nobody knows
    std::string name = "";

    bool seen(int i) const { return flux[i] == flux[i]; }  // a NaN is not even like itself
};
using Curves = std::vector<Curve>;

// How a survey looks: so many nights, at random within three seasons with nothing between them; of
// these, some are lost to clouds. The errors are told, and are right.
struct Survey {
    double first_day = 59000;            // modified Julian date: the 31st of May, 2020
    double season = 60, between = 20;    // days
    int fewest = 30, most = 40;          // nights
    double missing = 0.1;                // the share that is lost
    double least = 0.02, largest = 0.05; // error
};

double days_of(const Survey& survey);  // from the first moment to the last
Numbers nights(const Survey& survey, Random& random);

// The true brightness of something of a kind, at these times.
using Nature = std::function<Numbers(int kind, const Numbers& times, Random& random)>;

// What a survey sees of it.
Curve observe(const Nature& nature, int kind, const Survey& survey, Random& random);

// So many of each, of all kinds alike. Each curve is made from a seed of its own, and a hash of
// this seed says where it belongs: what is held out has nothing in common with what is learnt from.
Dataset<Curves> draw(int training, int held_out, int kinds, const Nature& nature, Random& random,
                     const Survey& survey = Survey());

// Sines of two periods, kinds 0 and 1, in which only the times say which: for both kinds, 40 points
// have any phases, and with them their fluxes, and then any of the cycles within 120 days. So the
// same fluxes come with the one period as with the other, and over the same time.
inline constexpr double two_periods[] = {6, 10};  // days
Dataset<Curves> draw_periods(int training, int held_out, Random& random);

// Curves of a file: a line `curve,time,flux,error` first, and then one for each point, in the order
// of the times; a curve's lines stand together. The flux may be of any unit, and is empty where it
// is missing. Throws std::runtime_error with file and line when something is wrong.
Curves read(const std::string& path);

}  // namespace light_curves
