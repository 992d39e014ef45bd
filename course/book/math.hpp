// Formulas: a line of plain Unicode becomes MathML. Private to this folder.
//
// - A letter is a variable, a run of letters the upright name of a function, or a word. `dx` and
//   `∂x` are the letter with a sign in front.
// - Scripts: x₁ x² Aᵀ, x_i, x^(i + 1). After a letter x_ij has two indices. Σ and max carry their
//   limits below and above: Σ_(j=1)^n.
// - a/b without spaces is a fraction; parentheses that only held it together vanish. `a / b` stays,
//   and so does a/b in a script.
// - √x and √(…), brackets ( ) [ ] ‖ ‖. A space between two things is a product.
// - Three spaces separate pieces that may stand on lines of their own. Within a piece, a line may
//   end before a sign and behind a comma, but not in a fraction, a script or short brackets.
#pragma once

#include <string>

namespace book {

// A <span> for each piece, with a <math> for each of its terms. Throws std::invalid_argument, with
// the reason, when it does not parse.
std::string mathml(const std::string& formula);

}  // namespace book
