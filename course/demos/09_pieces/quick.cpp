#include "demos/09_pieces/quick.hpp"

#include <algorithm>
#include <functional>
#include <queue>
#include <stdexcept>
#include <tuple>

namespace quick {

static std::uint64_t key_of(int left, int right) {
    return static_cast<std::uint64_t>(left) << 32 | static_cast<std::uint32_t>(right);
}

// ## Learning
//
// For each pair: how often it counts, and in which pieces it was seen. A merge then touches only
// the pieces with its pair. A count can only fall, and a pair is only ever seen later, for what is
// merged does not come back. So the queue may hold what was true of a pair some merges ago: when it
// comes to the front, it is looked at again, and goes back if it has become worse.

namespace {

struct Seen {
    long count = 0;
    std::vector<int> pieces;  // in rising order; some may have lost the pair since
};

struct Waiting {
    long count;
    int piece, place;  // where it is first seen: in which piece, and behind how many of its bytes
    TokenPair pair;

    auto order() const { return std::make_tuple(count, -piece, -place); }
    bool operator<(const Waiting& other) const { return order() < other.order(); }
};

class Learning {
public:
    explicit Learning(CountedPieces pieces) : pieces_(std::move(pieces)), bytes_(256, 1) {
        for (int p = 0; p < size_of(pieces_); ++p) count(p, 1, [](int, int) { return true; });
        for (const auto& [key, seen] : seen_)
            push({static_cast<int>(key >> 32), static_cast<int>(key & 0xffffffff)});
    }

    // The pair that counts most, or false when none counts 2.
    bool next(TokenPair& pair) {
        while (!queue_.empty()) {
            const Waiting first = queue_.top();
            queue_.pop();
            const Waiting now = look_at(first.pair);
            if (now.order() == first.order()) {
                pair = now.pair;
                return true;
            }
            if (now.count >= 2) queue_.push(now);
        }
        return false;
    }

    void merge(const TokenPair& pair, int token) {
        bytes_.push_back(bytes_[pair.first] + bytes_[pair.second]);
        const std::vector<int> touched = std::move(seen_[key_of(pair.first, pair.second)].pieces);
        std::vector<TokenPair> made;
        for (int p : touched) {
            const auto is_new = [&](int left, int right) {
                return left == token || right == token;
            };
            count(p, -1, [](int, int) { return false; });
            pieces_[p].tokens = merge_pair(pieces_[p].tokens, pair, token);
            count(p, 1, is_new);
            for (int i = 0; i + 1 < size_of(pieces_[p].tokens); ++i)
                if (is_new(pieces_[p].tokens[i], pieces_[p].tokens[i + 1]))
                    made.emplace_back(pieces_[p].tokens[i], pieces_[p].tokens[i + 1]);
        }
        std::sort(made.begin(), made.end());
        made.erase(std::unique(made.begin(), made.end()), made.end());
        for (const TokenPair& each : made) push(each);
    }

private:
    // Hands on the pairs of a piece that count, and where they begin: of `aaa` one, of `aaaa` two.
    template <class Take>
    void each_pair(const Sequence& tokens, const Take& take) const {
        int place = 0, run = 0;  // how many equal pairs stand directly in front
        for (int i = 0; i + 1 < size_of(tokens); place += bytes_[tokens[i++]]) {
            const bool goes_on = i > 0 && tokens[i - 1] == tokens[i] && tokens[i] == tokens[i + 1];
            run = goes_on ? run + 1 : 0;
            if (run % 2 == 0) take(tokens[i], tokens[i + 1], place);
        }
    }

    // Adds the pairs of a piece, or takes them away; those that are new there note the piece.
    template <class IsNew>
    void count(int p, int sign, const IsNew& is_new) {
        each_pair(pieces_[p].tokens, [&](int left, int right, int) {
            Seen& seen = seen_[key_of(left, right)];
            seen.count += sign * pieces_[p].count;
            if (is_new(left, right) && (seen.pieces.empty() || seen.pieces.back() != p))
                seen.pieces.push_back(p);
        });
    }

    Waiting look_at(const TokenPair& pair) {
        Seen& seen = seen_[key_of(pair.first, pair.second)];
        int place = -1;
        std::size_t gone = 0;
        for (; gone < seen.pieces.size() && seen.count > 0; ++gone) {
            each_pair(pieces_[seen.pieces[gone]].tokens, [&](int left, int right, int at) {
                if (place < 0 && TokenPair(left, right) == pair) place = at;
            });
            if (place >= 0) break;
        }
        seen.pieces.erase(seen.pieces.begin(), seen.pieces.begin() + gone);
        return {seen.count, seen.pieces.empty() ? 0 : seen.pieces[0], place, pair};
    }

    void push(const TokenPair& pair) {
        const Waiting now = look_at(pair);
        if (now.count >= 2) queue_.push(now);
    }

    CountedPieces pieces_;
    std::vector<int> bytes_;  // of each token
    std::unordered_map<std::uint64_t, Seen> seen_;
    std::priority_queue<Waiting> queue_;
};

}  // namespace

std::vector<TokenPair> learn_merges(CountedPieces pieces, int M) {
    if (pieces.empty() || M < 0)
        throw std::invalid_argument("quick::learn_merges: " + std::to_string(M) + " merges of " +
                                    std::to_string(pieces.size()) + " pieces");
    Learning learning(std::move(pieces));
    std::vector<TokenPair> merges;
    for (TokenPair pair; size_of(merges) < M && learning.next(pair); merges.push_back(pair))
        learning.merge(pair, 256 + size_of(merges));
    return merges;
}

// ## Encoding

Encoder::Encoder(const BytePairs& tokenizer) : byte_tokens_(tokenizer.byte_tokens) {
    ranks_.reserve(2 * tokenizer.merges.size());
    for (int r = 0; r < size_of(tokenizer.merges); ++r)
        ranks_[key_of(tokenizer.merges[r].first, tokenizer.merges[r].second)] = r;
}

int Encoder::rank(int left, int right) const {
    const auto found = ranks_.find(key_of(left, right));
    return found == ranks_.end() ? -1 : found->second;
}

// The tokens that are left form a chain: each knows the place of the one behind it and in front.
Sequence Encoder::encode_piece(const std::string& piece) const {
    const int n = static_cast<int>(piece.size());
    Sequence tokens(n), behind(n), before(n);
    using Place = std::pair<int, int>;  // the rank of a merge, and where its left token stands
    std::priority_queue<Place, std::vector<Place>, std::greater<Place>> queue;
    const auto wait = [&](int i) {
        if (i < 0 || behind[i] >= n) return;
        const int r = rank(tokens[i], tokens[behind[i]]);
        if (r >= 0) queue.emplace(r, i);
    };
    for (int i = 0; i < n; ++i) {
        tokens[i] = byte_tokens_[static_cast<unsigned char>(piece[i])];
        behind[i] = i + 1, before[i] = i - 1;
    }
    for (int i = 0; i < n; ++i) wait(i);
    for (; !queue.empty();) {
        const auto [r, i] = queue.top();
        queue.pop();
        const int next = tokens[i] < 0 ? n : behind[i];
        if (next >= n || rank(tokens[i], tokens[next]) != r) continue;  // merged in the meantime
        tokens[i] = 256 + r;
        tokens[next] = -1;
        behind[i] = behind[next];
        if (behind[i] < n) before[behind[i]] = i;
        wait(before[i]);
        wait(i);
    }
    tokens.erase(std::remove(tokens.begin(), tokens.end(), -1), tokens.end());
    return tokens;
}

Sequence Encoder::encode(const std::string& text) {
    Sequence all;
    const std::vector<std::string> pieces = pieces_of(text);
    for (const std::string& piece : pieces) {
        const auto found = known_.find(piece);
        if (found != known_.end()) {
            all.insert(all.end(), found->second.begin(), found->second.end());
            continue;
        }
        const Sequence tokens = encode_piece(piece);
        all.insert(all.end(), tokens.begin(), tokens.end());
        if (piece.size() < 64 && known_.size() < 1000000) known_.emplace(piece, tokens);
    }
    return all;
}

}  // namespace quick
