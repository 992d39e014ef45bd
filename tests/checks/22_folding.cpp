#include "22_folding.hpp"

#include "grader/check.hpp"
#include "grader/read_twice.hpp"
#include "grader/variations.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <stdexcept>

namespace checks_22 {

using List = std::vector<int>;
using Points = std::vector<std::pair<int, int>>;
using Tensors = std::vector<Tensor>;
using Variables = std::vector<Variable>;

// ## 22.1 By hand

Tensor written_down(int) { return energies_by_hand(); }
CALLED(written_down, "energies_by_hand()");

static void expect_energies(const List& folds, float wanted, const std::string& otherwise) {
    const Tensor energies = ASK_UNRECORDED(written_down, 0);
    expect(energies.shape == Shape({13}), "thirteen energies are asked for");
    for (const int fold : folds) expect(energies.data[fold] == wanted, otherwise);
}

CHECK("22.1", "in LLS and LLR, the ninth and the tenth, bead 0 touches bead 3: both are H") {
    expect_energies({8, 9}, -1, "one contact of H with H has the energy −1");
}

CHECK("22.1", "in SLL and LRR, the fourth and the last, bead 1 touches bead 4: a P and an H") {
    expect_energies({3, 12}, 0, "a P counts nothing, whatever touches it");
}

CHECK("22.1",
      "in the other folds nothing touches but neighbours in the chain, which do not count") {
    expect_energies({0, 1, 2, 4, 5, 6, 7, 10, 11}, 0, "their energy is 0");
}

// ## 22.2 A fold and its energy

static Points as_points(const Places& places) {
    Points points;
    for (const Place& place : places) points.emplace_back(place.x, place.y);
    return points;
}

static Places as_places(const Points& points) {
    Places places;
    for (const auto& [x, y] : points) places.push_back({x, y});
    return places;
}

Points laid_out(const std::string& turns) { return as_points(places_of(turns)); }
CALLED(laid_out, "places_of");
PARTS(laid_out, "bead #0");

bool crossing(const Points& points) { return crosses(as_places(points)); }
CALLED(crossing, "crosses");

Contacts touching(const Points& points) { return contacts_of(as_places(points)); }
CALLED(touching, "contacts_of");
PARTS(touching, "contact ##0");

static Points exact_points(const std::string& turns) {
    const int x[] = {1, 0, -1, 0}, y[] = {0, 1, 0, -1};
    Points points = {{0, 0}, {1, 0}};
    int towards = 0;
    for (const char turn : turns) {
        towards = (towards + (turn == 'L' ? 1 : turn == 'R' ? 3 : 0)) % 4;
        points.emplace_back(points.back().first + x[towards], points.back().second + y[towards]);
    }
    return points;
}

static bool twice(const Points& points) {
    return std::set<std::pair<int, int>>(points.begin(), points.end()).size() < points.size();
}

static Contacts exact_contacts(const Points& points) {
    Contacts contacts;
    for (int i = 0; i < size_of(points); ++i)
        for (int j = i + 3; j < size_of(points); ++j)
            if (std::abs(points[i].first - points[j].first) +
                    std::abs(points[i].second - points[j].second) ==
                1)
                contacts.emplace_back(i, j);
    return contacts;
}

static std::string random_turns(int count) {
    std::string turns;
    for (int i = 0; i < count; ++i) turns += "SLR"[random_numbers().below(3)];
    return turns;
}

// A random fold that does not cross: where a turn would, another is tried; stuck, it begins anew.
static std::string random_fold(int beads) {
    std::string turns;
    for (int tries = 0; size_of(turns) < beads - 2;) {
        const char turn = "SLR"[random_numbers().below(3)];
        if (turn == 'R' && turns.find('L') == std::string::npos) continue;
        if (!twice(exact_points(turns + turn))) turns += turn;
        else if (++tries % 20 == 0) turns.clear();
    }
    return turns;
}

static std::string random_chain(int beads) {
    std::string chain;
    for (int i = 0; i < beads; ++i) chain += random_numbers().below(2) == 0 ? 'H' : 'P';
    return chain;
}

CHECK("22.2", "LLR lies as in the drawing: (0, 0), (1, 0), (1, 1), (0, 1), (0, 2)") {
    const Points places = ASK(laid_out, std::string("LLR"));
    expect(places == Points{{0, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 2}}, "it lies elsewhere");
}

CHECK("22.2", "S goes on as before, also behind a turn; without turns there are two beads") {
    expect(ASK(laid_out, std::string("SLSRS")) ==
               Points{{0, 0}, {1, 0}, {2, 0}, {2, 1}, {2, 2}, {3, 2}, {4, 2}},
           "it lies elsewhere");
    expect(ASK(laid_out, std::string("")) == Points{{0, 0}, {1, 0}}, "the first bond is there");
}

CHECK("22.2", "any turns, right ones first too, crossing or not") {
    for (const std::string turns : {"R", "RR", "RRRR", "LLLL", "SSSSS", "RSRSL"})
        expect(ASK(laid_out, turns) == exact_points(turns), "a bead lies elsewhere");
    for (const int count : {1, 5, 12, 60}) {
        const std::string turns = random_turns(count);
        expect(ASK_UNRECORDED(laid_out, turns) == exact_points(turns), "a bead lies elsewhere");
    }
}

CHECK("22.2", "a letter that is no turn is refused") {
    for (const std::string turns : {"X", "SLs", "L R"}) ASK_REFUSAL(laid_out, turns);
}

CHECK("22.2", "LLL takes a place twice; LLR does not") {
    expect(ASK(crossing, exact_points("LLL")), "the last bead lies on the first");
    expect(!ASK(crossing, exact_points("LLR")), "no place is taken twice");
}

CHECK("22.2", "a fold crosses wherever it does: in its middle, at its end, at its beginning") {
    for (const std::string turns : {"LLLSS", "SSLLL", "SSSLLLSSS", "LLLL", "SRRRSS"})
        expect(ASK(crossing, exact_points(turns)), "a place is taken twice");
    for (const std::string turns : {"", "S", "L", "SSSS", "LLSSSS", "LLSRRSLL", "LRLRLR"})
        expect(!ASK(crossing, exact_points(turns)), "no place is taken twice");
}

CHECK("22.2",
      "places that share only one number are two places; one bead, or none, crosses nothing") {
    for (const Points& points :
         std::vector<Points>{{}, {{3, 3}}, {{1, 2}, {2, 1}}, {{0, 5}, {0, -5}}, {{-1, 0}, {1, 0}}})
        expect(!ASK(crossing, points), "no place is taken twice");
    expect(ASK(crossing, Points{{7, -2}, {3, 3}, {4, 4}, {7, -2}}), "the last is the first");
    expect(ASK(crossing, Points{{5, 5}, {5, 5}}), "these two are one place");
}

CHECK("22.2", "places that are far away are places of their own") {
    expect(!ASK(crossing, Points{{1, 0}, {0, 10}, {0, 100}, {0, 1000}, {0, 10000}, {0, 100000}}),
           "no place is taken twice");
    expect(!ASK(crossing, Points{{1, 0}, {0, 64}, {0, 128}, {0, 256}, {0, 1024}, {0, 65536}}),
           "no place is taken twice");
}

// The place (1, 0) beside the places (0, y), with y from −size to size but 0; or x and y exchanged.
bool crossing_of_line(int size, bool upright) {
    Points points = {upright ? std::pair(1, 0) : std::pair(0, 1)};
    for (int at = -size; at <= size; ++at)
        if (at != 0) points.push_back(upright ? std::pair(0, at) : std::pair(at, 0));
    return crossing(points);
}
CALLED(crossing_of_line, "crosses, of a line of so many places up and down and one beside it,");

CHECK("22.2", "no place of a line is the one beside it: each is two numbers, not their sum") {
    for (const bool upright : {true, false})
        expect(!ASK(crossing_of_line, 1100, upright), "no place is taken twice");
}

CHECK("22.2", "in LLR beads 0 and 3 are in contact, and nothing else") {
    expect(ASK(touching, exact_points("LLR")) == Contacts{{0, 3}}, "there is one contact");
}

CHECK("22.2", "neighbours in the chain are in no contact, and neither are beads across a corner") {
    for (const std::string turns : {"", "SSSS", "LRLRLR", "LSSLSS"})
        expect(ASK(touching, exact_points(turns)).empty(), "nothing touches but neighbours");
}

CHECK("22.2", "all contacts of a fold, by the first bead, and then by the second") {
    for (const std::string turns : {"LLSRRSLLS", "LLSSLSSLSSS", "SLLSSLLSLR", "SLLRRLLS"}) {
        const Points points = exact_points(turns);
        expect(ASK(touching, points) == exact_contacts(points), "the contacts are not right");
    }
    for (const int beads : {7, 12, 18, 30}) {
        const Points points = exact_points(random_fold(beads));
        expect(ASK_UNRECORDED(touching, points) == exact_contacts(points),
               "the contacts are not right");
    }
}

CHECK("22.2", "a fold may lie anywhere; one bead, or none, touches nothing") {
    Points points = exact_points("LLSRRS");
    for (auto& [x, y] : points) x -= 40, y += 7;
    expect(ASK(touching, points) == exact_contacts(points), "the contacts are not right");
    expect(ASK(touching, Points{}).empty(), "there is nothing");
    expect(ASK(touching, Points{{2, 2}}).empty(), "there is nobody to touch");
}

CHECK("22.2", "HPPH with a contact of 0 and 3 has the energy −1; with a P at one of them, 0") {
    const Contacts contacts = {{0, 3}};
    expect(ASK(energy, std::string("HPPH"), contacts) == -1, "both are H");
    for (const std::string chain : {"HHHP", "PHHH", "PHHP", "PPPP"})
        expect(ASK(energy, chain, contacts) == 0, "the contact is not one of H with H");
}

CHECK("22.2", "every contact of two H counts one; H in a row count nothing by themselves") {
    expect(ASK(energy, std::string("HHHHHH"), Contacts{}) == 0, "no contact, no energy");
    expect(ASK(energy, std::string("HHHHHH"), Contacts{{0, 3}, {0, 5}, {2, 5}}) == -3,
           "three contacts");
    for (const int beads : {6, 12, 25}) {
        const std::string chain = random_chain(beads), turns = random_fold(beads);
        const Contacts contacts = exact_contacts(exact_points(turns));
        int wanted = 0;
        for (const auto& [i, j] : contacts) wanted -= chain[i] == 'H' && chain[j] == 'H';
        expect(ASK_UNRECORDED(energy, chain, contacts) == wanted, "the energy is not right");
    }
}

int energy_of_many(int contacts) {
    Contacts all;
    for (int i = 0; i < contacts; ++i) all.emplace_back(i, i + 3);
    return energy(std::string(contacts + 3, 'H'), all);
}
CALLED(energy_of_many, "the energy of so many contacts of H and H");

CHECK("22.2", "forty thousand contacts have the energy −40,000") {
    expect(ASK(energy_of_many, 40000) == -40000, "each counts one");
}

CHECK("22.2", "a bead that is neither H nor P is refused, and one that is not there") {
    ASK_REFUSAL(energy, std::string("HPXH"), Contacts{{0, 3}});
    ASK_REFUSAL(energy, std::string("HPPH"), Contacts{{0, 5}});
    ASK_REFUSAL(energy, std::string("HPPH"), Contacts{{-1, 2}});
}

// ## 22.3 All folds, and the other end

RESTS_ON("22.3", "22.2");
CALLED(all_folds, "all_folds");
PARTS(all_folds, "fold #0");
CALLED(from_the_other_end, "from_the_other_end");

CHECK("22.3", "two beads have one fold, three have two, and four have SS, SL, LS, LL and LR") {
    expect(ASK(all_folds, 2) == Folds{""}, "two beads are one bond, without turns");
    expect(ASK(all_folds, 3) == Folds{"S", "L"}, "R is the mirror image of L");
    expect(ASK(all_folds, 4) == Folds{"SS", "SL", "LS", "LL", "LR"}, "these five are asked for");
}

CHECK("22.3", "five beads have the thirteen folds of 22.1, S before L before R") {
    expect(ASK(all_folds, 5) == Folds{"SSS", "SSL", "SLS", "SLL", "SLR", "LSS", "LSL", "LSR", "LLS",
                                      "LLR", "LRS", "LRL", "LRR"},
           "these thirteen are asked for");
}

static void expect_folds(const Folds& folds, int n, int count) {
    expect(size_of(folds) == count, std::to_string(n) + " beads have " + std::to_string(count) +
                                        " folds; yours are " + std::to_string(folds.size()));
    for (const std::string& turns : folds) {
        expect(size_of(turns) == n - 2, "a fold of n beads has n − 2 turns");
        expect(!twice(exact_points(turns)), turns + " crosses itself");
        const std::size_t first = turns.find_first_not_of('S');
        expect(first == std::string::npos || turns[first] == 'L',
               turns + " is the mirror image of a fold that begins with L");
    }
}

CHECK("22.3", "36, 98, 272, 740 and 2034 folds for 6 to 10 beads: none crosses, none is a mirror") {
    const int counts[] = {36, 98, 272, 740, 2034};
    for (int n = 6; n <= 10; ++n) expect_folds(ASK_UNRECORDED(all_folds, n), n, counts[n - 6]);
}

CHECK("22.3", "thirteen beads have 40,617 folds: none begins with a ring of twelve") {
    const int count = size_of(ASK_UNRECORDED(all_folds, 13));
    expect(count == 40617, "there are 40617 folds; yours are " + std::to_string(count));
}

CHECK("22.3", "no fold comes twice, and they come S before L before R") {
    for (const int n : {6, 8}) {
        const Folds folds = ASK_UNRECORDED(all_folds, n);
        const auto earlier = [](const std::string& a, const std::string& b) {
            const std::string order = "SLR";
            return std::lexicographical_compare(
                a.begin(), a.end(), b.begin(), b.end(),
                [&](char x, char y) { return order.find(x) < order.find(y); });
        };
        for (int i = 1; i < size_of(folds); ++i)
            expect(earlier(folds[i - 1], folds[i]),
                   folds[i] + " must not stand behind " + folds[i - 1]);
    }
}

CHECK("22.3", "asked twice, the folds are the same; fewer than two beads are refused") {
    const Folds once = ASK_UNRECORDED(all_folds, 6);
    expect(ASK_UNRECORDED(all_folds, 6) == once, "the second time, they are others");
    ASK_REFUSAL(all_folds, 1);
    ASK_REFUSAL(all_folds, -3);
}

CHECK("22.3", "after the folds of nine beads, those of four are asked for, and of eight") {
    ASK_UNRECORDED(all_folds, 9);
    expect(ASK(all_folds, 4) == Folds{"SS", "SL", "LS", "LL", "LR"}, "these five are asked for");
    expect_folds(ASK_UNRECORDED(all_folds, 8), 8, 272);
}

CHECK("22.3", "LLR, read from its other end, is LRR; SSL is LSS, and SLR is LRS") {
    expect(ASK(from_the_other_end, std::string("LLR")) == "LRR", "it is LRR");
    expect(ASK(from_the_other_end, std::string("SSL")) == "LSS", "it is LSS");
    expect(ASK(from_the_other_end, std::string("SLR")) == "LRS", "it is LRS");
    expect(ASK(from_the_other_end, std::string("LRS")) == "SLR", "it is SLR");
}

CHECK("22.3", "a straight fold is its own other end, and so is one without turns") {
    for (const std::string turns : {"", "S", "SSSS", "L", "LSR", "LRLRL"})
        expect(ASK(from_the_other_end, turns) == turns, "it stays " + turns);
}

CHECK("22.3", "of two mirror images it is the one that turns to the left first") {
    expect(ASK(from_the_other_end, std::string("R")) == "L", "R is the mirror image of L");
    expect(ASK(from_the_other_end, std::string("RRL")) == "LRR", "RRL is the mirror of LLR");
    expect(ASK(from_the_other_end, std::string("LSSR")) == "LSSR",
           "its other end is like this one");
}

CHECK("22.3", "read from the other end, bead i is bead n − 1 − i: contacts stay contacts") {
    for (const int beads : {5, 8, 9, 13, 20}) {
        const std::string turns = random_fold(beads);
        const std::string back = ASK_UNRECORDED(from_the_other_end, turns);
        Contacts wanted;
        for (const auto& [i, j] : exact_contacts(exact_points(turns)))
            wanted.emplace_back(beads - 1 - j, beads - 1 - i);
        std::sort(wanted.begin(), wanted.end());
        expect(size_of(back) == beads - 2 && back.find_first_not_of("SLR") == std::string::npos,
               back + " are not as many turns");
        expect(exact_contacts(exact_points(back)) == wanted, back + " has other contacts");
        const std::size_t first = back.find_first_not_of('S');
        expect(first == std::string::npos || back[first] == 'L', back + " turns right first");
        expect(ASK_UNRECORDED(from_the_other_end, back) == turns,
               "read from its other end twice, a fold must be what it was");
    }
}

CHECK("22.3", "letters that are no turns are refused, wherever they stand") {
    ASK_REFUSAL(from_the_other_end, std::string("LXR"));
    ASK_REFUSAL(from_the_other_end, std::string("l"));
}

// ## 22.4 Branch and bound

RESTS_ON("22.4", "22.2");
CALLED(most_to_come, "most_to_come");

std::tuple<std::string, int, double> best(const std::string& sequence) {
    const BestFold found = best_fold(sequence);
    return {found.turns, found.energy, static_cast<double>(found.laid)};
}
CALLED(best, "best_fold");
PARTS(best, "turns", "energy", "laid");

CHECK("22.4", "of HHPH, from bead 0 on: 2 and 2 and 3; from bead 3 on: 3; behind the last: 0") {
    const std::string chain = "HHPH";
    expect(ASK(most_to_come, chain, 0) == 7, "the last H may have three contacts, others two");
    expect(ASK(most_to_come, chain, 3) == 3, "the last bead has no neighbour behind it");
    expect(ASK(most_to_come, chain, 4) == 0, "nothing is left");
}

CHECK("22.4", "a P brings nothing, also when it is the last") {
    expect(ASK(most_to_come, std::string("HHP"), 0) == 4, "two and two");
    expect(ASK(most_to_come, std::string("HHP"), 2) == 0, "the last is a P");
    expect(ASK(most_to_come, std::string("PPPP"), 0) == 0, "there is no H");
}

CHECK("22.4", "any chain, from each of its beads on") {
    for (const int beads : {1, 2, 9, 40}) {
        const std::string chain = random_chain(beads);
        for (int i = 0; i <= beads; ++i) {
            int wanted = 0;
            for (int j = i; j < beads; ++j)
                if (chain[j] == 'H') wanted += 2 + (j + 1 == beads);
            expect(ASK_UNRECORDED(most_to_come, chain, i) == wanted,
                   "of " + chain + ", from bead " + std::to_string(i) +
                       " on: " + std::to_string(wanted));
        }
    }
}

CHECK("22.4", "a bead that is not there is refused, and a chain of other letters") {
    ASK_REFUSAL(most_to_come, std::string("HPH"), 4);
    ASK_REFUSAL(most_to_come, std::string("HPH"), -1);
    ASK_REFUSAL(most_to_come, std::string("HAH"), 0);
    ASK_REFUSAL(best, std::string("HHBH"));
    ASK_REFUSAL(best, std::string("H"));
}

int lowest(const std::string& sequence) { return best_fold(sequence).energy; }
CALLED(lowest, "the energy of best_fold");

static int exact_energy(const std::string& chain, const std::string& turns) {
    int sum = 0;
    for (const auto& [i, j] : exact_contacts(exact_points(turns)))
        sum -= chain[i] == 'H' && chain[j] == 'H';
    return sum;
}

// What must be true of any answer, whichever of the best folds it is.
static void expect_best(const std::string& chain, int wanted, double most_laid) {
    const int n = size_of(chain);
    const auto [turns, found, laid] = ASK_UNRECORDED(best, chain);
    expect(found == wanted, "the lowest energy of " + chain + " is " + std::to_string(wanted) +
                                "; yours is " + std::to_string(found));
    expect(size_of(turns) == n - 2 && turns.find_first_not_of("SLR") == std::string::npos,
           "'" + turns + "' is no fold of " + std::to_string(n) + " beads");
    expect(!twice(exact_points(turns)), turns + " crosses itself");
    const std::size_t first = turns.find_first_not_of('S');
    expect(first == std::string::npos || turns[first] == 'L',
           turns + " is the mirror image of a fold of all_folds");
    expect(exact_energy(chain, turns) == wanted, turns + " has another energy than yours says");
    // Who begins with a straight fold need lay none when nothing can touch.
    expect(laid >= (wanted == 0 ? 0 : n - 2), "a whole fold was laid: `laid` is too small");
    expect(laid <= most_laid, "too many beads were laid: what does (22.2) leave out?");
}

CHECK("22.4", "HPPH has the best fold LL, of energy −1") {
    const auto [turns, found, laid] = ASK_UNRECORDED(best, std::string("HPPH"));
    expect(found == -1, "the two H can touch");
    expect(turns == "LL", "in one fold only");
    expect(laid >= 2 && laid <= 7, "four beads have 2 + 5 places to be laid");
}

CHECK("22.4", "a chain that cannot touch itself has the energy 0, and some fold") {
    for (const std::string chain : {"HH", "PP", "HHH", "PPPPPP", "HPHPHPPP"})
        expect_best(chain, chain == "HPHPHPPP" ? 0 : 0, 1000);
}

CHECK("22.4", "of short chains the best fold is as good as the best of all") {
    Folds folds = {""};
    for (int n = 2; n <= 9; ++n) {
        if (n > 2) {
            Folds longer;
            for (const std::string& turns : folds)
                for (const char turn : {'S', 'L', 'R'})
                    if ((turn != 'R' || turns.find('L') != std::string::npos) &&
                        !twice(exact_points(turns + turn)))
                        longer.push_back(turns + turn);
            folds = longer;
        }
        if (n < 4) continue;
        std::vector<Contacts> maps;
        for (const std::string& turns : folds) maps.push_back(exact_contacts(exact_points(turns)));
        for (int i = 0; i < 3; ++i) {
            const std::string chain = i == 0 ? std::string(n, 'H') : random_chain(n);
            int wanted = 0;
            for (const Contacts& contacts : maps) {
                int sum = 0;
                for (const auto& [a, b] : contacts) sum -= chain[a] == 'H' && chain[b] == 'H';
                wanted = std::min(wanted, sum);
            }
            expect_best(chain, wanted, 20.0 * size_of(folds));
        }
    }
}

CHECK("22.4", "chains of twelve to sixteen, whose best folds are known") {
    const std::vector<std::pair<std::string, int>> known = {
        {"PHPPHPPHPPHP", -4},     {"HHPPHHPHPPPHPH", -5},   {"HHPPHHPPHPPHPH", -6},
        {"HHPPHPPHPPPPHHPH", -6}, {"HHHPPHHPPHPHHPHH", -8}, {"HHHHHHHHPHHHHPHH", -9}};
    for (const auto& [chain, wanted] : known)
        expect(ASK(lowest, chain) == wanted, "the lowest energy is " + std::to_string(wanted));
    for (const auto& [chain, wanted] : known) expect_best(chain, wanted, 1e6);
}

CHECK("22.4", "HPHPPHHPHPPHPHHPPHPH, the chain of twenty, has the energy −9, and it is proven") {
    expect_best("HPHPPHHPHPPHPHHPPHPH", -9, 1e6);
}

CHECK("22.4", "a chain of twenty-two: −8, with fewer than two million beads laid") {
    expect_best("HHPPHPPHPPHPPHPPHPPHPH", -8, 2e6);
}

// ## 22.5 Pairs

RESTS_ON("22.5", "3.4", "4.2");

static PairScores pairs_with(const Tensors& numbers) {  // W and b of the query, then of the key
    Random random(1);
    const PairScores pairs(numbers[0].shape[0], numbers[0].shape[1], random);
    const Parameters own = pairs.parameters();
    for (int i = 0; i < 4; ++i) own[i].set_value(numbers[i]);
    return pairs;
}

static Tensors random_pairs(int D, int d) {
    Tensors numbers;
    for (const Shape& shape : {Shape{D, d}, Shape{d}, Shape{D, d}, Shape{d}})
        numbers.push_back(random_tensor(shape));
    return numbers;
}

Tensor scores_of(const Tensor& h, const Tensors& numbers) { return pairs_with(numbers)(h).value(); }
CALLED(scores_of, "the scores of pairs");

// Which of h and the four parameters are on the tape: a bit each.
Tensors scores_with_constants(const Tensor& h, const Tensors& numbers, const Tensor& dy,
                              int wanted) {
    Tensors all = numbers;
    all.insert(all.begin(), h);
    const auto score = [&](const Variables& v) {
        PairScores pairs = pairs_with(numbers);
        pairs.query.W = v[1];
        pairs.query.b = v[2];
        pairs.key.W = v[3];
        pairs.key.b = v[4];
        return pairs(v[0]);
    };
    return with_constants<Variable>(score, all, dy, wanted);
}
CALLED(scores_with_constants, "the scores of pairs");
PARTS(scores_with_constants, "the scores", "the gradient of h", "of W_q", "of b_q", "of W_k",
      "of b_k");

static Tensor exact_scores(const Tensor& h, const Tensors& numbers) {
    const int B = h.shape[0], T = h.shape[1], D = h.shape[2], d = numbers[1].shape[0];
    std::vector<std::vector<double>> q, k;
    for (int r = 0; r < B * T; ++r)
        for (int which : {0, 2}) {
            std::vector<double> made(d);
            for (int c = 0; c < d; ++c) {
                made[c] = numbers[which + 1].data[c];
                for (int i = 0; i < D; ++i)
                    made[c] += double{h.data[r * D + i]} * numbers[which].data[i * d + c];
            }
            (which == 0 ? q : k).push_back(made);
        }
    Tensor S({B, T, T});
    for (int b = 0; b < B; ++b)
        for (int i = 0; i < T; ++i)
            for (int j = 0; j < T; ++j) {
                double sum = 0;
                for (int c = 0; c < d; ++c)
                    sum += q[b * T + i][c] * k[b * T + j][c] + k[b * T + i][c] * q[b * T + j][c];
                S.data[(b * T + i) * T + j] = static_cast<float>(sum / (2 * std::sqrt(1.0 * d)));
            }
    return S;
}

CHECK("22.5", "by hand: two beads, of which the query asks with (2, 0) and (0, 4)") {
    const Tensor h({1, 2, 2}, {1, 0, 0, 1});
    const Tensors numbers = {matrix({{2, 0, 0, 0}, {0, 4, 0, 0}}), row({0, 0, 0, 0}),
                             matrix({{0, 3, 0, 0}, {1, 0, 0, 0}}), row({0, 0, 0, 0})};
    // q₀ · k₁ = 2, q₁ · k₀ = 12; both ways, through 2 √4
    expect_near(ASK(scores_of, h, numbers), Tensor({1, 2, 2}, {0, 3.5f, 3.5f, 0}), 1e-6);
}

CHECK("22.5", "the score of i and j is that of j and i, in every chain of a batch") {
    for (const Shape& shape : {Shape{1, 4, 3}, Shape{3, 5, 2}, Shape{2, 1, 4}}) {
        const Tensor h = random_tensor(shape);
        const Tensors numbers = random_pairs(shape[2], 3);
        allow_roundings(64);
        const Tensor S = ASK(scores_of, h, numbers);
        expect(S.shape == Shape({shape[0], shape[1], shape[1]}), "there is a score for each pair");
        for (int b = 0, T = shape[1]; b < shape[0]; ++b)
            for (int i = 0; i < T * T; ++i)
                expect(std::fabs(S.data[b * T * T + i] - S.data[b * T * T + i % T * T + i / T]) <
                           2e-6f,
                       "the score of i and j is another than that of j and i");
    }
}

CHECK("22.5", "(22.3) for any sizes, d larger or smaller than D, with biases") {
    for (const Shape& shape : {Shape{1, 3, 2}, Shape{2, 4, 5}, Shape{3, 2, 1}, Shape{2, 7, 4}})
        for (const int d : {1, 3, 6}) {
            const Tensor h = random_tensor(shape);
            const Tensors numbers = random_pairs(shape[2], d);
            allow_roundings(64);
            expect_near(ASK(scores_of, h, numbers), exact_scores(h, numbers), 2e-5);
        }
}

CHECK("22.5", "gradients reach the rows and all four parameters, whichever are on the tape") {
    const Tensor h = random_tensor({2, 3, 4}), dy = random_tensor({2, 3, 3});
    const Tensors numbers = random_pairs(4, 2);
    for (const int wanted : {31, 1, 2, 4, 8, 16, 0, 30}) {
        allow_roundings(128);
        ASK(scores_with_constants, h, numbers, dy, wanted);
    }
}

CHECK("22.5", "rows that are no [B, T, D] are refused, and D that does not fit") {
    const Tensors numbers = random_pairs(4, 2);
    ASK_REFUSAL(scores_of, Tensor({3, 4}), numbers);
    ASK_REFUSAL(scores_of, Tensor({1, 3, 5}), numbers);
}

CALLED(pair_mask, "pair_mask");

CHECK("22.5", "of five beads, three apart or more: 0 and 3, 0 and 4, 1 and 4, each once") {
    Tensor wanted({1, 5, 5});
    for (const int place : {3, 4, 9}) wanted.data[place] = 1;
    expect_near(ASK(pair_mask, List{5}, 5, 3), wanted, 0);
}

CHECK("22.5", "padding is in no pair, and each chain of a batch has its own length") {
    for (const List& lengths : std::vector<List>{{3, 6, 4}, {6}, {0, 1, 2}, {2, 6}})
        for (const int nearest : {1, 2, 4}) {
            const Tensor mask = ASK(pair_mask, lengths, 6, nearest);
            Tensor wanted({size_of(lengths), 6, 6});
            for (int b = 0; b < size_of(lengths); ++b)
                for (int i = 0; i < 6; ++i)
                    for (int j = 0; j < 6; ++j)
                        if (j - i >= nearest && j < lengths[b])
                            wanted.data[(b * 6 + i) * 6 + j] = 1;
            expect_near(mask, wanted, 0);
        }
}

CHECK("22.5", "chains too short for a pair have none; no chains, no pairs") {
    expect_near(ASK(pair_mask, List{3, 2}, 3, 3), Tensor({2, 3, 3}), 0);
    expect_near(ASK(pair_mask, List{}, 4, 1), Tensor({0, 4, 4}), 0);
    expect_near(ASK(pair_mask, List{0}, 0, 1), Tensor({1, 0, 0}), 0);
    expect_near(ASK(pair_mask, List{3}, 3, 2147483647), Tensor({1, 3, 3}), 0);
}

CHECK("22.5", "a length beyond T is refused, one below 0, and nearest below 1") {
    ASK_REFUSAL(pair_mask, List{5}, 4, 3);
    ASK_REFUSAL(pair_mask, List{2, -1}, 4, 3);
    ASK_REFUSAL(pair_mask, List{4}, 4, 0);
}

Tensors loss_of_pairs(const Tensor& scores, const Tensor& targets, const Tensor& mask,
                      double factor) {
    const Variable s = parameter(scores);
    const Variable loss = pair_loss(s, targets, mask);
    backward(loss * static_cast<float>(factor));
    return {loss.value(), s.gradient()};
}
CALLED(loss_of_pairs, "pair_loss");
PARTS(loss_of_pairs, "the loss", "the gradient of the scores");

static Tensor random_ones(const Shape& shape, int one_in) {
    Tensor x(shape);
    for (float& value : x.data) value = random_numbers().below(one_in) == 0;
    return x;
}

static Tensors exact_loss(const Tensor& scores, const Tensor& targets, const Tensor& mask,
                          double factor) {
    double M = 0, sum = 0;
    for (const float m : mask.data) M += m != 0;
    Tensor gradient(scores.shape);
    for (int i = 0; i < scores.size(); ++i) {
        if (mask.data[i] == 0) continue;
        const double s = scores.data[i], y = targets.data[i];
        sum += (s > 0 ? s : 0) - s * y + std::log1p(std::exp(-std::fabs(s)));
        gradient.data[i] = static_cast<float>(factor * (1 / (1 + std::exp(-s)) - y) / M);
    }
    return {Tensor({}, {static_cast<float>(M == 0 ? 0 : sum / M)}), gradient};
}

static void expect_loss(const Tensors& found, const Tensors& wanted, double tolerance) {
    expect_near(found[0], wanted[0], tolerance);
    expect_near(found[1], wanted[1], tolerance);
}

CHECK("22.5", "a score of 0 costs log 2 = 0.693, and pulls with ½, up or down") {
    const Tensor scores({1, 2, 2}), mask({1, 2, 2}, {0, 1, 0, 0});
    const Tensors yes = ASK(loss_of_pairs, scores, Tensor({1, 2, 2}, {0, 1, 0, 0}), mask, 1.0);
    expect_loss(yes, {Tensor({}, {0.693147f}), Tensor({1, 2, 2}, {0, -0.5f, 0, 0})}, 1e-6);
    const Tensors no = ASK(loss_of_pairs, scores, Tensor({1, 2, 2}), mask, 1.0);
    expect_loss(no, {Tensor({}, {0.693147f}), Tensor({1, 2, 2}, {0, 0.5f, 0, 0})}, 1e-6);
}

CHECK("22.5", "only the pairs of the mask count, and their mean is taken: not of all places") {
    const Tensor scores({2, 2}, {5, 1, 7, -2}), targets({2, 2}, {1, 1, 0, 1});
    const Tensor mask({2, 2}, {0, 1, 0, 1});
    const Tensors found = ASK(loss_of_pairs, scores, targets, mask, 1.0);
    expect_loss(found, exact_loss(scores, targets, mask, 1), 1e-6);
    Tensor other = scores;
    other.data[0] = -90, other.data[2] = 90;
    expect_loss(ASK(loss_of_pairs, other, targets, mask, 1.0), found, 0);
}

CHECK("22.5", "a mask of 2, −1 or 0.1 asks for a pair as 1 does, and gives it no weight") {
    const Tensor scores = row({1, -2, 0.5f, 3}), targets = row({1, 0, 0, 1});
    const Tensors wanted = exact_loss(scores, targets, row({1, 1, 1, 0}), 1);
    expect_loss(ASK(loss_of_pairs, scores, targets, row({2, -1, 0.1f, 0}), 1.0), wanted, 1e-6);
}

CHECK("22.5", "what the mask leaves out may be infinite, and costs nothing") {
    const Tensor scores = row({0, INFINITY, -INFINITY}), targets = row({1, 0, 1});
    const Tensors found = ASK_UNRECORDED(loss_of_pairs, scores, targets, row({1, 0, 0}), 1.0);
    expect_loss(found, {Tensor({}, {0.693147f}), row({-0.5f, 0, 0})}, 1e-6);
}

CHECK("22.5", "any scores in any shape, and what comes after the loss is passed on") {
    for (const Shape& shape : {Shape{3, 4, 4}, Shape{5, 5}, Shape{7}, Shape{2, 2, 3, 3}})
        for (const double factor : {1.0, -2.5}) {
            const Tensor scores = scaled_copy(random_tensor(shape), 4);
            const Tensor targets = random_ones(shape, 3);
            const Tensor mask = random_ones(shape, 2);
            const Tensors found = ASK(loss_of_pairs, scores, targets, mask, factor);
            expect_loss(found, exact_loss(scores, targets, mask, factor), 3e-6);
        }
}

CHECK("22.5", "scores of a hundred, of a thousand: the loss is large, or 0, and never infinite") {
    const Tensor scores = row({100, -100, 1000, -1000, 40, -40});
    const Tensor mask = row({1, 1, 1, 1, 1, 1});
    for (const Tensor& targets : {row({1, 0, 1, 0, 1, 0}), row({0, 1, 0, 1, 0, 1})}) {
        const Tensors found = ASK_UNRECORDED(loss_of_pairs, scores, targets, mask, 1.0);
        const Tensors wanted = exact_loss(scores, targets, mask, 1);
        expect_near(found[0], wanted[0], 1e-4);
        expect_near(found[1], wanted[1], 1e-6);
    }
}

CHECK("22.5", "a score of −20 that is right costs 2·10⁻⁹, and not 0") {
    const Tensors found = ASK(loss_of_pairs, row({-20}), row({0}), row({1}), 1.0);
    expect(found[0].data[0] > 1.9e-9f && found[0].data[0] < 2.2e-9f,
           "log(1 + x) of a small x is x: std::log1p knows it");
    const Tensors other = ASK(loss_of_pairs, row({20}), row({1}), row({1}), 1.0);
    expect(other[0].data[0] > 1.9e-9f && other[0].data[0] < 2.2e-9f,
           "log(1 + x) of a small x is x: std::log1p knows it");
}

CHECK("22.5", "no pairs: the loss is 0, and so is every gradient") {
    const Tensor scores = random_tensor({2, 3, 3});
    const Tensors found = ASK(loss_of_pairs, scores, Tensor({2, 3, 3}), Tensor({2, 3, 3}), 1.0);
    expect_loss(found, {Tensor({}, {0.0f}), Tensor({2, 3, 3})}, 0);
    ASK(loss_of_pairs, Tensor({0, 3, 3}), Tensor({0, 3, 3}), Tensor({0, 3, 3}), 1.0);
}

double loss_twice(const Tensor& first, const Tensor& second, const Tensor& targets) {
    Tensor mask(first.shape);
    for (float& m : mask.data) m = 1;
    const Variable s = parameter(first);
    const Variable one = pair_loss(s, targets, mask);
    const Variable two = pair_loss(parameter(second), targets, mask);
    backward(one + two);
    return two.value().data[0] + s.gradient().data[0];
}
CALLED(loss_twice, "the second of two pair_loss, and a gradient of the first");

CHECK("22.5", "two losses of one graph do not disturb each other") {
    const Tensor first = random_tensor({2, 3}), second = random_tensor({2, 3});
    const Tensor targets = random_ones({2, 3}, 2);
    ASK(loss_twice, first, second, targets);
}

Tensors loss_read_twice(const Tensor& scores, const Tensor& targets, const Tensor& mask) {
    const Variable s = parameter(scores);
    return read_twice(pair_loss(s, targets, mask) * 3, Graph::kept, {s});
}
CALLED(loss_read_twice, "the gradients of 3 pair_loss");
PARTS(loss_read_twice, "the gradient of the scores", "the gradient of the scores, read twice");

CHECK("22.5", "a graph that is kept can be read again, and gives as much") {
    const Tensor scores = random_tensor({2, 4}), targets = random_ones({2, 4}, 2);
    Tensor mask = random_ones({2, 4}, 2);
    mask.data[0] = 1;
    expect_doubled(ASK_UNRECORDED(loss_read_twice, scores, targets, mask));
}

// As many pairs as are asked for, each with the score 2, of which none is a contact.
double loss_of_many(int count) {
    Tensor scores({count}), mask({count});
    for (int i = 0; i < count; ++i) scores.data[i] = 2, mask.data[i] = 1;
    return pair_loss(parameter(scores), Tensor({count}), mask).value().data[0];
}
CALLED(loss_of_many, "the pair_loss of so many pairs, each with the score 2, none a contact");

CHECK("22.5", "200,000 pairs cost as much as one, in the mean: the sum is made in double") {
    expect_near(ASK_UNRECORDED(loss_of_many, 200000), std::log1p(std::exp(2.0)), 1e-6);
}

CHECK("22.5", "shapes that differ are refused") {
    ASK_REFUSAL(loss_of_pairs, Tensor({2, 3}), Tensor({3, 2}), Tensor({2, 3}), 1.0);
    ASK_REFUSAL(loss_of_pairs, Tensor({2, 3}), Tensor({2, 3}), Tensor({6}), 1.0);
}

// ## 22.6 Honest measures

CALLED(precision_at, "precision_at");

CHECK("22.6", "scores 3, 1, 2, of which 3 and 1 are contacts: 1 at 1, ½ at 2, ⅔ at 3") {
    const Tensor scores = row({3, 1, 2}), targets = row({1, 1, 0}), mask = row({1, 1, 1});
    expect_near(ASK(precision_at, 1, scores, targets, mask), 1, 1e-9);
    expect_near(ASK(precision_at, 2, scores, targets, mask), 0.5, 1e-9);
    expect_near(ASK(precision_at, 3, scores, targets, mask), 2.0 / 3, 1e-9);
}

CHECK("22.6", "what the mask leaves out is neither right nor wrong, however high its score") {
    const Tensor scores = row({9, 3, 8, 1, 2}), targets = row({1, 1, 0, 1, 0});
    const Tensor mask = row({0, 1, 0, 1, 1});
    expect_near(ASK(precision_at, 1, scores, targets, mask), 1, 1e-9);
    expect_near(ASK(precision_at, 2, scores, targets, mask), 0.5, 1e-9);
}

CHECK("22.6", "of equal scores the earlier pair comes first, whatever is true of it") {
    const Tensor scores = row({1, 1, 1, 1}), mask = row({1, 1, 1, 1});
    expect_near(ASK(precision_at, 2, scores, row({0, 0, 1, 1}), mask), 0, 1e-9);
    expect_near(ASK(precision_at, 2, scores, row({1, 1, 0, 0}), mask), 1, 1e-9);
    expect_near(ASK(precision_at, 2, scores, row({0, 1, 0, 1}), mask), 0.5, 1e-9);
    Tensor many({300}), targets({300}), all({300});
    for (int i = 0; i < 300; ++i) {
        many.data[i] = i % 3 == 0 ? 1.0f : 0.0f;
        targets.data[i] = i > 200;
        all.data[i] = 1;
    }
    expect_near(ASK(precision_at, 50, many, targets, all), 0, 1e-9);
}

// Two hundred equal scores, the first 29 of them contacts, and behind them 21 higher ones.
double precision_of_late_ones(int k) {
    Tensor scores({221}), targets({221}), all({221});
    for (int i = 0; i < 221; ++i) {
        scores.data[i] = i < 200 ? 1.0f : 2.0f;
        targets.data[i] = i < 29;
        all.data[i] = 1;
    }
    return precision_at(k, scores, targets, all);
}
CALLED(precision_of_late_ones, "precision_at, of 200 equal scores and 21 higher ones behind them,");

CHECK("22.6", "a higher score that comes late displaces the last of the equal ones, and no other") {
    expect_near(ASK(precision_of_late_ones, 50), 0.58, 1e-9);
    expect_near(ASK(precision_of_late_ones, 21), 0, 1e-9);
}

CHECK("22.6", "scores that hardly differ are not equal") {
    const float more = std::nextafter(1.0f, 2.0f);
    for (const Tensor& scores : {row({1, more}), row({1e-30f, 2e-30f}), row({-more, -1})})
        expect_near(ASK_UNRECORDED(precision_at, 1, scores, row({0, 1}), row({1, 1})), 1, 0);
}

CHECK("22.6", "from the lowest score to the highest, mixed, for every k") {
    const Tensor targets = row({0, 1, 0, 1, 0, 0}), all = row({1, 1, 1, 1, 1, 1});
    for (const Tensor& scores : {row({1, 2, 3, 4, 5, 6}), row({6, 5, 4, 3, 2, 1}),
                                 row({1, 4, 2, 5, 3, 0}), row({2, 6, 1, 5, 3, 4})})
        for (int k = 1; k <= 6; ++k) {
            int right = 0;
            for (int i = 0; i < 6; ++i) {
                int higher = 0;
                for (const float other : scores.data) higher += other > scores.data[i];
                right += higher < k && targets.data[i] != 0;
            }
            expect_near(ASK_UNRECORDED(precision_at, k, scores, targets, all), 1.0 * right / k,
                        1e-9);
        }
}

CHECK("22.6", "with fewer than k pairs it is the share of all; with none it is 0") {
    const Tensor scores = row({3, 1, 2}), targets = row({1, 0, 0}), mask = row({1, 0, 1});
    expect_near(ASK(precision_at, 10, scores, targets, mask), 0.5, 1e-9);
    expect_near(ASK(precision_at, 3, scores, targets, Tensor({3})), 0, 1e-9);
}

CHECK("22.6", "a pair with the score −∞ is a pair, and the last of all") {
    const Tensor scores = row({-INFINITY, 2, -INFINITY, 1}), all = row({1, 1, 1, 1});
    expect_near(ASK(precision_at, 4, scores, row({0, 1, 0, 0}), all), 0.25, 1e-9);
    expect_near(ASK(precision_at, 3, scores, row({1, 0, 0, 0}), all), 1.0 / 3, 1e-9);
}

CHECK("22.6", "maps of several chains, scores below 0, any k") {
    const Shape shape = {2, 6, 6};
    const Tensor scores = random_tensor(shape);
    const Tensor targets = random_ones(shape, 3);
    const Tensor mask = random_ones(shape, 2);
    std::vector<std::pair<float, int>> pairs;
    for (int i = 0; i < 72; ++i)
        if (mask.data[i] != 0) pairs.emplace_back(-scores.data[i], i);
    std::sort(pairs.begin(), pairs.end());
    for (const int k : {1, 4, 9, 20}) {
        const int count = std::min(k, size_of(pairs));
        double right = 0;
        for (int n = 0; n < count; ++n) right += targets.data[pairs[n].second];
        expect_near(ASK_UNRECORDED(precision_at, k, scores, targets, mask),
                    count == 0 ? 0 : right / count, 1e-9);
    }
}

CHECK("22.6", "k below 1 is refused, and shapes that differ") {
    ASK_REFUSAL(precision_at, 0, row({1, 2}), row({1, 0}), row({1, 1}));
    ASK_REFUSAL(precision_at, 1, row({1, 2}), row({1}), row({1, 1}));
    ASK_REFUSAL(precision_at, 1, row({1, 2}), row({1, 0}), row({1}));
}

List counted(const Tensor& scores, const Tensor& targets, const Tensor& mask, double threshold) {
    const Counts counts = count_pairs(scores, targets, mask, static_cast<float>(threshold));
    return {static_cast<int>(counts.right), static_cast<int>(counts.said),
            static_cast<int>(counts.wanted)};
}
CALLED(counted, "count_pairs");
PARTS(counted, "right", "said", "wanted");

CALLED(best_threshold, "best_threshold");

CHECK("22.6", "with a threshold of 2, the scores 3, 2 and 1 say two contacts") {
    const Tensor scores = row({3, 2, 1, 5}), mask = row({1, 1, 1, 0});
    expect(ASK(counted, scores, row({1, 0, 1, 1}), mask, 2.0) == List{1, 2, 2},
           "one is right, two are said, two are wanted: a score of 2 is enough");
}

CHECK("22.6", "no pair, no contact wanted, none said, all said") {
    const Tensor scores = row({3, 2, 1}), all = row({1, 1, 1}), targets = row({0, 1, 1});
    expect(ASK(counted, scores, targets, Tensor({3}), 0.0) == List{0, 0, 0}, "nothing is asked");
    expect(ASK(counted, scores, Tensor({3}), all, 2.0) == List{0, 2, 0}, "nothing is wanted");
    expect(ASK(counted, scores, targets, all, 4.0) == List{0, 0, 2}, "nothing is said");
    expect(ASK(counted, scores, targets, all, -4.0) == List{2, 3, 2}, "everything is said");
}

CHECK("22.6", "the threshold may be infinite, and a score that is as infinite reaches it") {
    const Tensor scores = row({INFINITY, 3, -INFINITY}), all = row({1, 1, 1});
    const Tensor targets = row({1, 0, 1});
    expect(ASK(counted, scores, targets, all, 1.0 * INFINITY) == List{1, 1, 2}, "one is said");
    expect(ASK(counted, scores, targets, all, -1.0 * INFINITY) == List{2, 3, 2}, "all are said");
}

static List exact_counts(const Tensor& scores, const Tensor& targets, const Tensor& mask,
                         float threshold) {
    List counts(3);
    for (int i = 0; i < scores.size(); ++i) {
        if (mask.data[i] == 0) continue;
        counts[0] += scores.data[i] >= threshold && targets.data[i] != 0;
        counts[1] += scores.data[i] >= threshold;
        counts[2] += targets.data[i] != 0;
    }
    return counts;
}

CHECK("22.6", "any maps and any threshold") {
    for (const Shape& shape : {Shape{2, 5, 5}, Shape{9}, Shape{4, 4}}) {
        const Tensor scores = random_tensor(shape);
        const Tensor targets = random_ones(shape, 3);
        const Tensor mask = random_ones(shape, 2);
        for (const double threshold : {-0.5, 0.0, 0.25})
            expect(ASK_UNRECORDED(counted, scores, targets, mask, threshold) ==
                       exact_counts(scores, targets, mask, static_cast<float>(threshold)),
                   "right, said and wanted are not these");
    }
}

CHECK("22.6", "contacts with the scores 4 and 2, others with 3 and 1: the best threshold is 2") {
    const Tensor all = row({1, 1, 1, 1});
    expect_near(ASK(best_threshold, row({4, 3, 2, 1}), row({1, 0, 1, 0}), all), 2, 0);
    expect_near(ASK(best_threshold, row({1, 4, 3, 2}), row({0, 1, 0, 0}), all), 4, 0);
    expect_near(ASK(best_threshold, row({1, 4, 3, 2}), row({1, 1, 1, 1}), all), 1, 0);
}

CHECK("22.6", "equal scores are said together, or not at all") {
    const Tensor all = row({1, 1, 1, 1});
    expect_near(ASK(best_threshold, row({3, 2, 2, 2}), row({1, 1, 0, 0}), all), 3, 0);
    expect_near(ASK(best_threshold, row({2, 2, 2, 5}), row({1, 0, 1, 0}), all), 2, 0);
    expect_near(ASK(best_threshold, row({2, 2, 2, 2}), row({1, 0, 0, 0}), all), 2, 0);
}

CHECK("22.6",
      "of thresholds with the same F1 it is the highest; without contacts, the highest of all") {
    const Tensor all = row({1, 1, 1, 1});
    expect_near(ASK(best_threshold, row({4, 3, 2, 1}), row({1, 0, 0, 1}), all), 4, 0);
    expect_near(ASK(best_threshold, row({-4, -3, -2, -1}), row({0, 0, 0, 0}), all), -1, 0);
}

CHECK("22.6", "thresholds that hardly differ are two, and so are values of F1") {
    const float more = std::nextafter(1.0f, 2.0f);
    for (const Tensor& scores : {row({1, more}), row({1e-30f, 2e-30f}), row({-more, -1})})
        expect_near(ASK_UNRECORDED(best_threshold, scores, row({0, 1}), row({1, 1})),
                    scores.data[1], 0);
    // With the threshold 2, F1 is 40000/40001; with 1 it is 40002/40003.
    Tensor many({20002}), targets({20002}), all({20002});
    for (int i = 0; i < 20002; ++i) {
        many.data[i] = i < 20000 ? 2.0f : 1.0f;
        targets.data[i] = i <= 20000;
        all.data[i] = 1;
    }
    expect_near(ASK_UNRECORDED(best_threshold, many, targets, all), 1, 0);
}

CHECK("22.6", "infinite scores may be equal too") {
    const Tensor scores = row({INFINITY, INFINITY, 3, 3, 3}), all = row({1, 1, 1, 1, 1});
    expect_near(ASK_UNRECORDED(best_threshold, scores, row({1, 0, 1, 0, 0}), all), 3, 0);
}

CHECK("22.6", "what the mask leaves out has no say in the threshold") {
    expect_near(
        ASK(best_threshold, row({9, 4, 3, 8, 1}), row({0, 1, 1, 1, 0}), row({0, 1, 1, 0, 1})), 3,
        0);
    expect_near(ASK(best_threshold, row({4, 3, 2, 1, 9, 9, 9}), row({1, 0, 0, 1, 1, 1, 1}),
                    row({1, 1, 1, 1, 0, 0, 0})),
                4, 0);
    expect_near(ASK(best_threshold, row({9, 4}), row({1, 0}), row({0, 1})), 4, 0);
    ASK_REFUSAL(best_threshold, row({9, 4}), row({1, 0}), row({0, 0}));
}

CHECK("22.6", "no other threshold is better, for any maps") {
    for (const Shape& shape : {Shape{1}, Shape{3, 4, 4}, Shape{40}}) {
        Tensor scores = random_tensor(shape);
        for (float& score : scores.data) score = std::round(score * 8) / 8;
        const Tensor targets = random_ones(shape, 3);
        Tensor mask = random_ones(shape, 2);
        mask.data[0] = 1;
        double highest = -1;
        float wanted = 0;
        for (int i = 0; i < scores.size(); ++i) {
            if (mask.data[i] == 0) continue;
            const List c = exact_counts(scores, targets, mask, scores.data[i]);
            const double f1 = 2.0 * c[0] / (c[1] + c[2]);
            if (f1 > highest || (f1 == highest && scores.data[i] > wanted))
                highest = f1, wanted = scores.data[i];
        }
        expect_near(ASK_UNRECORDED(best_threshold, scores, targets, mask), wanted, 0);
    }
}

// A million pairs, made where they are needed: half of the contacts have scores above all others.
double threshold_of_many(int count) {
    Tensor scores({count}), targets({count}), mask({count});
    for (int i = 0; i < count; ++i) {
        const int place = static_cast<int>(static_cast<long>(i) * 7919 % count);
        scores.data[i] = static_cast<float>(place);
        targets.data[i] = place >= count - 100;
        mask.data[i] = 1;
    }
    return count - best_threshold(scores, targets, mask);
}
CALLED(threshold_of_many, "the place of the best threshold among so many scores");

CHECK("22.6", "300,000 pairs, each with a score of its own, take no time") {
    expect_near(ASK(threshold_of_many, 300000), 100, 0);
}

}  // namespace checks_22
