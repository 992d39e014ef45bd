#include "22_folding.hpp"

#include "grader/check.hpp"

#include <cmath>

namespace hidden_22 {

using Points = std::vector<std::pair<int, int>>;

Points laid_out(const std::string& turns) {
    Points points;
    for (const Place& place : places_of(turns)) points.emplace_back(place.x, place.y);
    return points;
}
CALLED(laid_out, "places_of");
PARTS(laid_out, "bead #0");

CHECK("22.2", "five thousand beads in a staircase") {
    std::string turns;
    for (int i = 0; i < 5000; ++i) turns += i % 2 == 0 ? 'L' : 'R';
    const Points points = ASK_UNRECORDED(laid_out, turns);
    expect(points.size() == 5002, "there is a place for each bead");
    expect(points.back() == std::make_pair(2501, 2500), "it ends at (2501, 2500)");
}

CHECK("22.3", "there are 5513 folds of eleven beads") {
    expect(ASK_UNRECORDED(all_folds, 11).size() == 5513, "there are 5513");
}

std::pair<int, double> best(const std::string& sequence) {
    const BestFold found = best_fold(sequence);
    return {found.energy, static_cast<double>(found.laid)};
}
CALLED(best, "best_fold");
PARTS(best, "energy", "laid");

CHECK("22.4", "chains of sixteen with a single best fold, read from both ends") {
    const std::vector<std::pair<std::string, int>> known = {{"HHHPPHHPPHPHHPHH", -8},
                                                            {"HHPHHPHPPHHPPHHH", -8},
                                                            {"HHHHPHPHPHPPHPHH", -8},
                                                            {"HHPHPPHPHPHPHHHH", -8}};
    for (const auto& [chain, wanted] : known)
        expect(ASK_UNRECORDED(best, chain).first == wanted,
               "the energy of " + chain + " is " + std::to_string(wanted));
}

CHECK("22.4", "a chain without an H needs no search: nothing can be better than the first fold") {
    const auto [energy, laid] = ASK_UNRECORDED(best, std::string("PPPPPPPPPPPPPPPPPPPPPPPP"));
    expect(energy == 0, "nothing touches that counts");
    expect(laid < 1000, "the bound says at once that 0 is all there is");
}

Tensor masked_loss(const Tensor& scores, const Tensor& targets, const Tensor& mask) {
    const Variable s = parameter(scores);
    const Variable loss = pair_loss(s, targets, mask);
    backward(loss);
    return s.gradient();
}
CALLED(masked_loss, "the gradient of pair_loss");

CHECK("22.5", "what the mask leaves out may be anything, NaN and infinite too") {
    const Tensor scores = row({0, NAN, INFINITY, -INFINITY});
    const Tensor targets = row({1, 0, 0, 1}), mask = row({1, 0, 0, 0});
    expect_near(ASK(masked_loss, scores, targets, mask), row({-0.5f, 0, 0, 0}), 1e-7);
}

CHECK("22.6", "infinite scores are the highest and the lowest, and nothing else") {
    const Tensor scores = row({-INFINITY, 0, INFINITY, 1}), all = row({1, 1, 1, 1});
    expect_near(ASK_UNRECORDED(precision_at, 2, scores, row({0, 0, 1, 1}), all), 1, 1e-9);
    expect_near(ASK_UNRECORDED(best_threshold, scores, row({0, 0, 1, 1}), all), 1, 0);
}

}  // namespace hidden_22
