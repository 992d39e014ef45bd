#pragma once
#include "05_recurrent.hpp"
namespace order { void show(); }
