// Words of 3 to 8 letters that mean nothing, to be written backwards. Made up, not read: what is held
// out is drawn first, and never drawn again.
#pragma once

#include "kit/random.hpp"
#include "kit/tokens.hpp"

namespace made_up_words {

const Vocabulary& letters();  // the marks padding, begin and end, then a to l

// None of them is one of the others.
Sequences words(int count, Random& random, const Sequences& others = {});

Sequences reversed(Sequences words);

}  // namespace made_up_words
