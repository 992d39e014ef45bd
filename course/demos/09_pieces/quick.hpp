// Byte pairs for texts of many megabytes: what chapter 9 does, with the same merges and the same
// tokens, from whatever its exercises come to.
#pragma once

#include "09_byte_pairs.hpp"

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace quick {

// The merges of ::learn_merges, without counting everything again after each.
std::vector<TokenPair> learn_merges(CountedPieces pieces, int M);

// The tokens of BytePairs::encode. A piece that has been seen is looked up; in a new one the places
// that can be merged wait in a queue, so that a word of 100,000 letters is soon done, too.
class Encoder {
public:
    explicit Encoder(const BytePairs& tokenizer);
    Sequence encode(const std::string& text);

private:
    Sequence encode_piece(const std::string& piece) const;
    int rank(int left, int right) const;

    Sequence byte_tokens_;
    std::unordered_map<std::uint64_t, int> ranks_;
    std::unordered_map<std::string, Sequence> known_;
};

}  // namespace quick
