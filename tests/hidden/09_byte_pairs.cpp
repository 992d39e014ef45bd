#include "09_byte_pairs.hpp"

#include "grader/check.hpp"

#include <algorithm>

namespace hidden_09 {

using Merges = std::vector<TokenPair>;

static std::string random_text(const std::vector<std::string>& parts, int length) {
    std::string text;
    for (int i = 0; i < length; ++i) {
        const int choice = random_numbers().below(static_cast<int>(parts.size()));
        text += parts[choice];
    }
    return text;
}

// The bytes of all pieces, each as often as it stands in the text, and the text's own.
std::pair<long, long> counted_bytes(const std::string& text) {
    long all = 0;
    for (const CountedPiece& piece : counted_pieces(text))
        all += piece.count * size_of(piece.tokens);
    return {all, static_cast<long>(text.size())};
}
PARTS(counted_bytes, "the bytes of all pieces", "the bytes of the text");

CHECK("9.2", "the pieces, each as often as it counts, have as many bytes as the text") {
    const std::vector<std::string> parts = {"ab", "ç", " ", "\xfe", "12", "?", "'s", "\r\n"};
    const std::string text = random_text(parts, 40);
    const auto [pieces, whole] = ASK(counted_bytes, text);
    expect(pieces == whole, "these are not the bytes of the text");
}

// By how many tokens each of the pairs makes the pieces shorter, and what it counts.
std::vector<std::pair<long, long>> saved_and_counted(const std::string& text) {
    const CountedPieces pieces = counted_pieces(text);
    std::vector<std::pair<long, long>> all;
    for (const CountedPair& each : count_pairs(pieces)) {
        long saved = 0;
        for (const CountedPiece& piece : pieces)
            saved += piece.count *
                     (size_of(piece.tokens) - size_of(merge_pair(piece.tokens, each.pair, 256)));
        all.emplace_back(saved, each.count);
    }
    return all;
}
PARTS(saved_and_counted, "what pair #0 saves, and its count");

CHECK("9.3", "a pair counts as many tokens as its merge saves") {
    const std::string text = random_text({"a", "a", "aa", "b", " "}, 40);
    for (const auto& [saved, count] : ASK(saved_and_counted, text))
        expect(saved == count, "a merge does not save what its pair counts");
}

std::pair<Merges, Merges> few_and_many(const std::string& text) {
    const CountedPieces pieces = counted_pieces(text);
    return {learn_merges(pieces, 4), learn_merges(pieces, 40)};
}
PARTS(few_and_many, "four merges", "forty merges of the same text");

CHECK("9.4", "who learns more merges learns the same ones first") {
    const std::string text = random_text({"a", "ba", "b", "ca", " ", " "}, 80);
    const auto [few, many] = ASK(few_and_many, text);
    expect(few.size() <= many.size() && std::equal(few.begin(), few.end(), many.begin()),
           "the first four are not the four");
}

// The tokens of the text by its own vocabulary, and what training has made of its pieces.
std::pair<Sequence, Sequence> own_text(const std::string& text, int M) {
    const BytePairs learnt(learn_merges(counted_pieces(text), M));
    Sequence trained;
    for (const std::string& piece : pieces_of(text)) {
        Sequence tokens = bytes_of(piece);
        for (int r = 0; r < size_of(learnt.merges); ++r)
            tokens = merge_pair(tokens, learnt.merges[r], 256 + r);
        for (int token : tokens) trained.push_back(token);
    }
    return {learnt.encode(text), trained};
}
PARTS(own_text, "the tokens of the text", "what training has made of it");

CHECK("9.5", "the text that was learnt from is cut as in training") {
    for (int M : {3, 30}) {
        const std::string text = random_text({"a", "ba", "b", "abc", " ", "é", "."}, 80);
        const auto [tokens, trained] = ASK(own_text, text, M);
        expect(tokens == trained, "the cut is not that of training");
    }
}

std::string back(const std::string& learned_from, const std::string& text) {
    const BytePairs learnt = learn_byte_pairs(learned_from, 300, {"end"});
    return learnt.decode(learnt.encode(text));
}

CHECK("9.5", "bytes in any order come back, in a vocabulary that has never seen them") {
    const std::string learned_from = random_text({"ab", "a", " b", "é"}, 30);
    std::string bytes;
    for (int i = 0; i < 200; ++i) bytes += static_cast<char>(random_numbers().below(256));
    expect(ASK(back, learned_from, bytes) == bytes, "the bytes do not come back");
}

// GPT-2's table when a text was its only source: the texts of all its tokens, bytes first.
std::vector<std::string> texts_of_table(const TableOfMerges& table) {
    const BytePairs tokenizer = gpt2_byte_pairs(table);
    std::vector<std::string> all;
    for (int token = 0; token < tokenizer.size(); ++token) all.push_back(tokenizer.text_of(token));
    return all;
}
PARTS(texts_of_table, "the text of token #0");

CHECK("9.6", "each token of a table has the bytes of its letters") {
    const std::vector<std::string> letters = {"Ġ", "Ā", "ġ", "Ł", "Ń", "é", "Ã", "~", "!", "z"};
    TableOfMerges table;
    std::vector<std::string> known = letters;
    for (int r = 0; r < 12; ++r) {
        const std::string left = known[random_numbers().below(static_cast<int>(known.size()))];
        const std::string right = letters[random_numbers().below(10)];
        if (std::count(known.begin(), known.end(), left + right) > 0) continue;
        table.emplace_back(left, right);
        known.push_back(left + right);
    }
    ASK(texts_of_table, table);
}

}  // namespace hidden_09
