// A text in pieces, as GPT-2 cuts it (Radford and others, 2019). Each piece is the first of these
// that fits where the last one ended:
//
//   's 't 're 've 'm 'll 'd                       the ends of English short forms
//   letters, or digits, or other signs            as many as there are, with a space in front if
//                                                 there is one
//   blanks                                        as many as there are; but when something follows,
//                                                 the last of several is left to it
//
// Letters, digits and blanks are those of Unicode. Nothing is lost: the pieces, one behind the
// other, are the text, whatever its bytes are.
#pragma once

#include <string>
#include <vector>

std::vector<std::string> pieces_of(const std::string& text);
