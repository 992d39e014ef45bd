// What most chapters make of the standard library's templates. A file that includes this does not
// compile them anew: they are compiled once, in templates.cpp. Without optimisation, where every
// function of a template is a function to compile, that is a quarter of the work.
#pragma once

#include "03_autodiff.hpp"

#ifndef COMPILED_HERE
#define COMPILED_HERE extern
#endif

COMPILED_HERE template class std::function<void(const Tensor&, const Tensor&)>;
COMPILED_HERE template class std::shared_ptr<Node>;
COMPILED_HERE template class std::vector<bool>;
COMPILED_HERE template class std::vector<double>;
COMPILED_HERE template class std::vector<float>;
COMPILED_HERE template class std::vector<int>;
COMPILED_HERE template class std::vector<std::string>;
COMPILED_HERE template class std::vector<std::vector<int>>;
COMPILED_HERE template class std::vector<Tensor>;
COMPILED_HERE template class std::vector<Variable>;
