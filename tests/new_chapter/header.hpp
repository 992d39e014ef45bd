// Chapter @N@, @TITLE@. The prose, the reasons and the exercises are in @STEM@.cpp.
#pragma once

#include "01_tensors.hpp"

// ‹The letters, and what every function throws when shapes do not fit.›

// ## By hand: what exercise @N@.1 asks for, [‹3›].
Tensor by_hand_@N@();
