// Chapter 9, Byte-pair encoding. The prose, the reasons and the exercises are in 09_byte_pairs.cpp.
#pragma once

#include "01_tensors.hpp"
#include "kit/pieces.hpp"
#include "kit/tokens.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

// Letters: V tokens in the vocabulary, M merges, r the rank of a merge. Every function throws
// std::invalid_argument, with its name and what it got, when something does not fit.

// ## By hand: the texts of the three tokens that are made first.
std::vector<std::string> merges_by_hand();

// ## A text as pieces, and pieces as bytes. `pieces_of(text)` of kit/pieces.hpp cuts a text.

// The bytes of a text as numbers from 0 to 255.
Sequence bytes_of(const std::string& text);

struct CountedPiece {
    Sequence tokens;
    long count;  // how often it stands in the text
};
using CountedPieces = std::vector<CountedPiece>;

// The pieces of a text, each once and as bytes, in the order in which they first appear.
CountedPieces counted_pieces(const std::string& text);

// ## Pairs: two tokens that stand beside each other in one piece.

using TokenPair = std::pair<int, int>;

// The count says in how many places merge_pair would merge the pair, in all pieces together, each
// as often as it stands in the text.
struct CountedPair {
    TokenPair pair;
    long count;
};

// All pairs of some pieces, each once, in the order in which they are first seen.
std::vector<CountedPair> count_pairs(const CountedPieces& pieces);

// The sequence with `token` in the place of each such pair, from left to right; what is merged is
// not used again.
Sequence merge_pair(const Sequence& tokens, TokenPair pair, int token);

// ## Training

// The pairs to be merged, in their order; merge r makes the token 256 + r. Each is the pair that
// counts most after the merges before it, and of several the one that is first seen. M may be as
// large as INT_MAX: there are fewer when no pair counts 2. Throws when there are no pieces, when M
// is negative, and when the tokens of the pieces are no bytes.
std::vector<TokenPair> learn_merges(CountedPieces pieces, int M);

// ## Tokens of a text

// The tokens of the bytes, 0 … 255, then one for each merge, then the marks.
class BytePairs {
public:
    const std::vector<TokenPair> merges;   // merge r makes 256 + r of two tokens before it
    const std::vector<std::string> marks;  // tokens that no text contains, such as the end of one
    const Sequence byte_tokens;            // [256], the token of each byte

    // Without byte_tokens, each byte is its own token. Throws when a merge has a token that is not
    // there before it, when one is there twice, and when byte_tokens are not 256 different ones
    // from 0 to 255.
    explicit BytePairs(std::vector<TokenPair> merges_, std::vector<std::string> marks_ = {},
                       Sequence byte_tokens_ = {});

    int size() const { return 256 + size_of(merges) + size_of(marks); }  // V

    // The place of a pair among the merges, or M when it is none of them.
    int rank(TokenPair pair) const;

    // The tokens of one piece, given those of its bytes: of all pairs in it that are merges, the
    // one of the lowest rank is merged, until there is none.
    Sequence encode_piece(Sequence tokens) const;

    // The tokens of any text, piece by piece. A text never becomes a mark.
    Sequence encode(const std::string& text) const;

    // The bytes that a token stands for; of a mark, its name. Throws for what is no token.
    std::string text_of(int token) const;

    // The texts of some tokens, one behind the other. decode(encode(text)) is the text, whatever
    // its bytes are.
    std::string decode(const Sequence& tokens) const;

private:
    std::map<TokenPair, int> ranks_;
};

// What is learnt from a text: a vocabulary of V tokens, marks included, or fewer when the text has
// no more pairs. Throws when the text is empty, and when V is smaller than the bytes and the marks.
BytePairs learn_byte_pairs(const std::string& text, int V,
                           const std::vector<std::string>& marks = {});

// ## GPT-2

// The token of each byte in GPT-2, [256].
Sequence gpt2_byte_tokens();

// GPT-2's tokens, from its table of merges as gpt2::read_merges gives it, with the mark
// "<|endoftext|>". Each line is a merge. Throws when a part of a merge is the text of no token
// before it; the mark is none of these.
using TableOfMerges = std::vector<std::pair<std::string, std::string>>;
BytePairs gpt2_byte_pairs(const TableOfMerges& table);
