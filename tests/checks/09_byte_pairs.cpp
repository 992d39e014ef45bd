#include "09_byte_pairs.hpp"

#include "grader/check.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <set>

namespace checks_09 {

using Texts = std::vector<std::string>;
using Pieces = std::vector<std::pair<Sequence, long>>;
using Pairs = std::vector<std::tuple<int, int, long>>;
using Merges = std::vector<TokenPair>;

// ## 9.1 By hand

Texts written_down(int) { return merges_by_hand(); }
CALLED(written_down, "merges_by_hand()");

static void expect_written(int place, const std::string& expected, const std::string& otherwise) {
    const Texts yours = ASK_UNRECORDED(written_down, 0);
    expect(yours.size() == 3, "three texts are asked for");
    const std::string& text = yours.at(place);
    expect(text == expected,
           "text " + std::to_string(place + 1) + " is '" + text + "': " + otherwise);
}

CHECK("9.1", "the first token is made of the pair that stands in the most words") {
    expect_written(0, "he", "`h e` stands eleven times in the text, and no other pair does so");
}

CHECK("9.1", "the second is counted anew, in words in which `he` is one token") {
    expect_written(
        1, "her",
        "write the words with `he` as one token, and count again what stands beside what");
}

CHECK("9.1", "for the third, two pairs count the same, and the first seen is taken") {
    expect_written(2, "ot",
                   "write the words with `her` as one token, too: two pairs stand three times "
                   "each, and one of them begins further to the left");
}

// ## 9.2 Pieces and their bytes

PARTS(bytes_of, "byte #0");

Pieces counted(const std::string& text) {
    Pieces all;
    for (const CountedPiece& piece : counted_pieces(text))
        all.emplace_back(piece.tokens, piece.count);
    return all;
}
CALLED(counted, "counted_pieces(text)");
PARTS(counted, "piece #0, its bytes and its count");

static std::string random_text(const Texts& characters, int length) {
    std::string text;
    for (int i = 0; i < length; ++i) {
        const int choice = random_numbers().below(static_cast<int>(characters.size()));
        text += characters[choice];
    }
    return text;
}

static Sequence numbers(const std::string& text) {
    Sequence all;
    for (const char letter : text) all.push_back(static_cast<unsigned char>(letter));
    return all;
}

static std::string all_bytes() {
    std::string text;
    for (int byte = 0; byte < 256; ++byte) text += static_cast<char>(byte);
    return text;
}

CHECK("9.2", "the bytes of `ab ` are 97, 98 and 32, and an empty text has none") {
    const std::string text = "ab ";
    expect(ASK(bytes_of, text) == Sequence{97, 98, 32}, "they must be 97, 98 and 32");
    expect(ASK(bytes_of, std::string()).empty(), "of an empty text there are none");
}

CHECK("9.2", "`é` is two bytes, 195 and 169, and no byte is negative") {
    const std::string text = "é";
    expect(ASK(bytes_of, text) == Sequence{195, 169}, "they must be 195 and 169");
}

CHECK("9.2", "each of the 256 bytes is its own number, whatever stands around it") {
    ASK(bytes_of, all_bytes());
    std::string text;
    for (int i = 0; i < 40; ++i) text += static_cast<char>(random_numbers().below(256));
    ASK(bytes_of, text);
}

CHECK("9.2", "`a a b a` has the pieces `a` once, ` a` twice and ` b` once") {
    const std::string text = "a a b a";
    const Pieces pieces = ASK(counted, text);
    expect(pieces == Pieces{{{97}, 1}, {{32, 97}, 2}, {{32, 98}, 1}},
           "they must be 97 once, then 32 97 twice, then 32 98 once");
}

CHECK("9.2", "pieces stand in the order in which they first appear, not in that of the alphabet") {
    const std::string text = " zebra apple zebra apple mule apple";
    const Pieces pieces = ASK(counted, text);
    expect(pieces.size() == 3, "there must be three pieces");
    expect(pieces.at(0).first == numbers(" zebra"), "` zebra` is seen first");
}

CHECK("9.2", "signs, digits and blanks are pieces too, and nothing is lost or changed") {
    const std::string text = "I've read it twice, in 1813.\n\n  The  end,\tthe End.";
    ASK(counted, text);
}

CHECK("9.2", "any text, of whatever bytes, and an empty one") {
    const Texts characters = {"a", "b", " ", " ", "é", "日", "7", ".", "\n", "\xff"};
    for (int call = 0; call < 3; ++call) {
        const std::string text = random_text(characters, 30);
        ASK(counted, text);
    }
    expect(ASK(counted, std::string()).empty(), "an empty text has no pieces");
    ASK(counted, all_bytes());
}

// Of two texts one behind the other in one process: the second.
Pieces counted_after(const std::string& first, const std::string& text) {
    counted_pieces(first);
    return counted(text);
}
PARTS(counted_after, "piece #0, its bytes and its count");

CHECK("9.2", "what was counted in one text is not counted in the next") {
    const std::string first = random_text({"a", "b", " "}, 20);
    const std::string then = random_text({"a", "b", " "}, 20);
    ASK(counted_after, first, then);
}

CHECK("9.2", "two pieces are one if all their bytes are the same, in one order, and none is lost") {
    // The byte 0, and U+FEFF with which some programs begin a file, are pieces like others.
    const std::string zero(1, '\0');
    const Texts all = {"\ufeff", "on",        ".",        "no", " Aa", " BB", " xabcdefgh",
                       "7",      "yabcdefgh", "!" + zero, "a",  "!",   "\n"};
    std::string text;
    Pieces expected;
    for (const std::string& piece : all) {
        text += piece;
        expected.emplace_back(numbers(piece), 1);
    }
    expect(ASK(counted, text) == expected, "each of its thirteen pieces stands there once");
}

// ## 9.3 Counting and merging a pair

static CountedPieces pieces_from(const Pieces& all) {
    CountedPieces pieces;
    for (const auto& [tokens, count] : all) pieces.push_back({tokens, count});
    return pieces;
}

Pairs pairs_of(const Pieces& pieces) {
    Pairs all;
    for (const CountedPair& each : count_pairs(pieces_from(pieces)))
        all.emplace_back(each.pair.first, each.pair.second, each.count);
    return all;
}
CALLED(pairs_of, "count_pairs(pieces)");
PARTS(pairs_of, "pair #0, its two tokens and its count");

CHECK("9.3",
      "a piece 1 2 3 that stands there twice, and 2 3 once: `1 2` counts 2, `2 3` counts 3") {
    const Pieces pieces = {{{1, 2, 3}, 2}, {{2, 3}, 1}};
    expect(ASK(pairs_of, pieces) == Pairs{{1, 2, 2}, {2, 3, 3}}, "they must be 1 2: 2 and 2 3: 3");
}

CHECK("9.3", "the last token of a piece makes no pair with the first of the next") {
    const Pieces pieces = {{{1, 2}, 1}, {{3, 4}, 1}, {{5}, 9}, {{}, 3}, {{6, 1}, 1}};
    const Pairs pairs = ASK(pairs_of, pieces);
    expect(pairs.size() == 3, "there must be the pairs 1 2, 3 4 and 6 1 alone");
}

CHECK("9.3", "`1 2` and `2 1` are two pairs") {
    const Pieces pieces = {{{2, 1, 2}, 3}, {{1, 2}, 4}};
    expect(ASK(pairs_of, pieces) == Pairs{{2, 1, 3}, {1, 2, 7}}, "they must be 2 1: 3 and 1 2: 7");
}

CHECK("9.3", "in `1 1 1` one pair can be merged, in `1 1 1 1` two, and what follows counts") {
    for (int length = 2; length <= 6; ++length) {
        const Pieces pieces = {{Sequence(length, 1), 1}};
        const Pairs pairs = ASK(pairs_of, pieces);
        expect(pairs == Pairs{{1, 1, length / 2}},
               std::to_string(length) + " times the token 1: " + "the pair must count " +
                   std::to_string(length / 2));
    }
    const Pieces pieces = {{{1, 1, 1, 2, 2, 1, 1}, 5}, {{2, 1, 1, 1}, 1}};
    ASK(pairs_of, pieces);
    const Pieces equals = {{{1, 1}, 3}, {{1, 1}, 2}, {{2, 2}, 1}};
    expect(ASK(pairs_of, equals) == Pairs{{1, 1, 5}, {2, 2, 1}},
           "in each piece nothing is used up yet: they must be 1 1: 5 and 2 2: 1");
}

CHECK("9.3", "the pairs stand in the order in which they are first seen, each once") {
    const Pieces pieces = {{{9, 8, 7}, 1}, {{1, 2, 9, 8}, 5}, {{7, 9}, 2}};
    const Pairs pairs = ASK(pairs_of, pieces);
    expect(pairs.size() == 5, "there must be five pairs");
    expect(pairs.at(0) == std::make_tuple(9, 8, 6L), "the first must be 9 8, which counts 6");
    expect(pairs.at(1) == std::make_tuple(8, 7, 1L), "the second must be 8 7, which counts 1");
}

static Pieces random_pieces(int kinds, int count, int length) {
    Pieces pieces(count);
    for (auto& [tokens, often] : pieces) {
        tokens.resize(random_numbers().below(length + 1));
        for (int& token : tokens) token = 97 + random_numbers().below(kinds);
        often = 1 + random_numbers().below(5);
    }
    return pieces;
}

CHECK("9.3", "any pieces, with few kinds of tokens or many") {
    for (int kinds : {1, 2, 3, 30}) {
        const Pieces pieces = random_pieces(kinds, 5, 9);
        ASK(pairs_of, pieces);
    }
    expect(ASK(pairs_of, Pieces()).empty(), "of no pieces there are no pairs");
    const Pieces many = {{{50256, 300, 50256}, 3000000001}, {{300, 50256}, 2000000000}};
    expect(ASK(pairs_of, many) == Pairs{{50256, 300, 3000000001}, {300, 50256, 5000000001}},
           "they must be 50256 300: 3000000001 and 300 50256: 5000000001");
}

CHECK("9.3", "pairs of different tokens are different pairs, however large the tokens are") {
    Pieces pieces = {{{1, 2}, 1}, {{1, 4}, 1}, {{2, 3}, 1}, {{12, 3}, 1}, {{1, 23}, 1}};
    for (int width : {256, 1000, 1024, 4096, 10000, 32768, 50257, 65536, 100000, 1000000})
        for (const auto& [left, right] : Merges{{0, width + 2}, {1, width + 2}, {width + 1, 2}})
            pieces.push_back({{left, right}, 1});
    const Pairs pairs = ASK(pairs_of, pieces);
    expect(pairs.size() == pieces.size(), "no two of these pieces have the same pair");
}

// The pairs of the second, after those of the first were counted in the same process.
Pairs pairs_after(const Pieces& first, const Pieces& pieces) {
    count_pairs(pieces_from(first));
    return pairs_of(pieces);
}
PARTS(pairs_after, "pair #0, its two tokens and its count");

CHECK("9.3", "what was counted before is not counted again") {
    const Pieces first = random_pieces(3, 4, 6);
    const Pieces then = random_pieces(3, 4, 6);
    ASK(pairs_after, first, then);
}

Sequence merged(const Sequence& tokens, int left, int right, int token) {
    return merge_pair(tokens, {left, right}, token);
}
CALLED(merged, "merge_pair(tokens, {left, right}, token)");
PARTS(merged, "token #0");

CHECK("9.3", "in 1 2 3 1 2 the pair 1 2 becomes 9: 9 3 9") {
    expect(ASK(merged, Sequence{1, 2, 3, 1, 2}, 1, 2, 9) == Sequence{9, 3, 9}, "it must be 9 3 9");
    expect(ASK(merged, Sequence{2, 1, 3, 2}, 1, 2, 9) == Sequence{2, 1, 3, 2},
           "`2 1` is another pair: nothing is merged");
}

CHECK("9.3", "from the left, and what is merged is used up: 1 1 1 becomes 9 1") {
    expect(ASK(merged, Sequence{1, 1, 1}, 1, 1, 9) == Sequence{9, 1}, "it must be 9 1");
    expect(ASK(merged, Sequence{1, 1, 1, 1}, 1, 1, 9) == Sequence{9, 9}, "it must be 9 9");
    expect(ASK(merged, Sequence{1, 2, 1, 2, 1}, 1, 2, 9) == Sequence{9, 9, 1}, "it must be 9 9 1");
    expect(ASK(merged, Sequence{1, 2, 2}, 1, 2, 1) == Sequence{1, 2},
           "the new token is not merged");
}

CHECK("9.3", "any sequence: in the middle, at both ends, or nowhere; none, and one token") {
    for (int kinds : {1, 2, 3}) {
        Sequence tokens(12);
        for (int& token : tokens) token = random_numbers().below(kinds);
        const int left = random_numbers().below(kinds), right = random_numbers().below(kinds);
        const int token = 256 + random_numbers().below(50000);
        ASK(merged, tokens, left, right, token);
    }
    ASK(merged, Sequence{}, 1, 2, 9);
    ASK(merged, Sequence{1}, 1, 1, 9);
    ASK(merged, Sequence{1, 2}, 1, 2, 0);
}

// The same for a sequence that was longer: behind its end, in memory, the right token still stands.
Sequence merged_when_shorter(Sequence tokens, int left, int right, int token) {
    tokens.push_back(right);
    tokens.pop_back();
    return merge_pair(tokens, {left, right}, token);
}
CALLED(merged_when_shorter, "merge_pair(tokens, {left, right}, token)");
PARTS(merged_when_shorter, "token #0");

CHECK("9.3", "what stands behind the end of a sequence is no part of it") {
    Sequence tokens(5);
    for (int& token : tokens) token = random_numbers().below(3);
    tokens.push_back(1);
    ASK(merged_when_shorter, tokens, 1, 2, 9);
    expect(ASK(merged_when_shorter, Sequence{1}, 1, 2, 9) == Sequence{1}, "1 must stay as it is");
}

// ## 9.4 Learning the merges

RESTS_ON("9.4", "9.3");

Merges learned(const Pieces& pieces, int M) { return learn_merges(pieces_from(pieces), M); }
CALLED(learned, "learn_merges(pieces, M)");
PARTS(learned, "merge #0, its two tokens");

static Pieces words(const std::vector<std::pair<std::string, long>>& all) {
    Pieces pieces;
    for (const auto& [word, count] : all) pieces.emplace_back(numbers(word), count);
    return pieces;
}

CHECK("9.4", "the text of 9.1: `h e`, then `he r`, then `o t`") {
    const Pieces pieces = words({{"her", 4}, {"other", 3}, {"these", 2}, {"hers", 2}});
    const Merges merges = ASK(learned, pieces, 3);
    expect(merges.size() == 3, "there must be three merges");
    expect(merges.at(0) == TokenPair('h', 'e'), "merge 0 must be of 104 and 101");
    expect(merges.at(1) == TokenPair(256, 'r'), "merge 1 must be of 256 and 114");
    expect(merges.at(2) == TokenPair('o', 't'), "merge 2 must be of 111 and 116");
}

CHECK("9.4", "of pairs that count the same, the first seen comes first, whatever its numbers are") {
    const Pieces pieces = words({{"zy", 2}, {"ab", 2}, {"mn", 3}});
    const Merges merges = ASK(learned, pieces, 3);
    expect(merges == Merges{{'m', 'n'}, {'z', 'y'}, {'a', 'b'}},
           "they must be of 109 110, then 122 121, then 97 98");
}

CHECK("9.4", "first seen in the text as it is then: a new pair in front comes before an old one") {
    // After `b c`, both `a bc` and `e f` count 2.
    const Pieces pieces = words({{"abc", 2}, {"ef", 2}, {"bc", 2}});
    const Merges merges = ASK(learned, pieces, 3);
    expect(merges == Merges{{'b', 'c'}, {'a', 256}, {'e', 'f'}},
           "they must be of 98 99, then 97 256, then 101 102");
}

CHECK("9.4", "a pair that counts 1 is not merged, and a text without such pairs has fewer merges") {
    const Pieces pieces = words({{"abcd", 1}, {"ab", 1}});
    expect(ASK(learned, pieces, 5) == Merges{{'a', 'b'}}, "only 97 98 stands there twice");
    expect(ASK(learned, words({{"a", 9}, {"b", 7}}), 5).empty(), "there is no pair at all");
    expect(ASK(learned, words({{"abab", 1}}), 5) == Merges{{'a', 'b'}}, "`a b` counts 2");
    const int all = std::numeric_limits<int>::max();
    expect(ASK(learned, words({{"abab", 1}}), all) == Merges{{'a', 'b'}}, "`a b` counts 2");
}

CHECK("9.4", "M merges are learnt and no more; of M = 0, none") {
    const Pieces pieces = words({{"banana", 3}, {"bandana", 2}});
    expect(ASK(learned, pieces, 0).empty(), "with M = 0 there must be none");
    expect(ASK(learned, pieces, 1).size() == 1, "with M = 1 there must be one");
    expect(ASK(learned, pieces, 2).size() == 2, "with M = 2 there must be two");
}

CHECK("9.4", "equal tokens in a row: `aaaa` becomes two tokens, then one") {
    const Pieces pieces = words({{"aaaa", 2}, {"aaa", 1}});
    const Merges merges = ASK(learned, pieces, 9);
    expect(merges == Merges{{'a', 'a'}, {256, 256}}, "they must be of 97 97, then 256 256");
}

CHECK("9.4", "any pieces, to the end") {
    for (int kinds : {1, 2, 3, 6}) {
        const Pieces pieces = random_pieces(kinds, 8, 10);
        ASK(learned, pieces, 12);
    }
    const Pieces bytes = {{{255, 0, 255, 0}, 3}, {{0, 255}, 4}, {{}, 9}};
    ASK(learned, bytes, 9);
}

Merges learned_after(const Pieces& first, const Pieces& pieces, int M) {
    learn_merges(pieces_from(first), M);
    return learned(pieces, M);
}
PARTS(learned_after, "merge #0, its two tokens");

CHECK("9.4", "a text is learned from as if there had been no other before") {
    const Pieces first = random_pieces(2, 5, 8);
    const Pieces then = random_pieces(2, 5, 8);
    ASK(learned_after, first, then, 5);
}

CHECK("9.4", "of counts in millions and in billions the largest comes first, if only by one") {
    const Pieces pieces =
        words({{"ab", 3}, {"cd", 16777216}, {"ef", 16777217}, {"gh", 3000000000}});
    expect(ASK(learned, pieces, 4) == Merges{{'g', 'h'}, {'e', 'f'}, {'c', 'd'}, {'a', 'b'}},
           "they must be of 103 104, then 101 102, then 99 100, then 97 98");
}

CHECK("9.4",
      "a text of no pieces, tokens that are no bytes, and fewer than no merges are refused") {
    expect_mentions(ASK_REFUSAL(learned, Pieces(), 3), {"learn_merges", "no pieces"});
    const Pieces tokens = {{{97, 300}, 2}};
    expect_mentions(ASK_REFUSAL(learned, tokens, 3), {"learn_merges", "300"});
    const Pieces fine = words({{"ab", 2}});
    expect_mentions(ASK_REFUSAL(learned, fine, -1), {"learn_merges", "-1"});
}

Merges learned_from(const std::string& text, int V, const Texts& marks) {
    return learn_byte_pairs(text, V, marks).merges;
}
CALLED(learned_from, "learn_byte_pairs(text, V, marks)");
PARTS(learned_from, "merge #0, its two tokens");

CHECK("9.4",
      "a vocabulary of V has V − 256 merges less one for each mark, and cannot have fewer than "
      "none") {
    const std::string text = "banana bandana banana";
    expect(ASK(learned_from, text, 260, Texts{"<end>"}).size() == 3, "there must be three merges");
    expect(ASK(learned_from, text, 257, Texts{"<end>"}).empty(), "there is no room for a merge");
    expect_mentions(ASK_REFUSAL(learned_from, text, 256, Texts{"<end>"}), {"256", "1"});
    expect_mentions(ASK_REFUSAL(learned_from, std::string(), 300, Texts()), {"no pieces"});
}

// ## 9.5 Encoding and decoding

RESTS_ON("9.5", "9.2", "9.3");

// What a vocabulary is made of; without byte tokens, each byte is its own.
using Table = std::tuple<Merges, Sequence, Texts>;

static Table table_of(const Merges& merges, const Sequence& byte_tokens = {},
                      const Texts& marks = {}) {
    return {merges, byte_tokens, marks};
}

static BytePairs made_of(const Table& table) {
    const auto& [merges, byte_tokens, marks] = table;
    return BytePairs(merges, marks, byte_tokens);
}

Sequence encoded_piece(const Table& table, const Sequence& tokens) {
    return made_of(table).encode_piece(tokens);
}
CALLED(encoded_piece, "encode_piece(tokens)");
PARTS(encoded_piece, "token #0");

Sequence encoded(const Table& table, const std::string& text) {
    return made_of(table).encode(text);
}
CALLED(encoded, "encode(text)");
PARTS(encoded, "token #0");

Texts texts(const Table& table, const Sequence& tokens) {
    const BytePairs tokenizer = made_of(table);
    Texts all;
    for (int token : tokens) all.push_back(tokenizer.text_of(token));
    return all;
}
CALLED(texts, "text_of(token) of each of them");
PARTS(texts, "the text of token #0");

std::string decoded(const Table& table, const Sequence& tokens) {
    return made_of(table).decode(tokens);
}
CALLED(decoded, "decode(tokens)");

std::string there_and_back(const Table& table, const std::string& text) {
    const BytePairs tokenizer = made_of(table);
    return tokenizer.decode(tokenizer.encode(text));
}
CALLED(there_and_back, "decode(encode(text))");

// So many merges of some bytes and of what they have become, none twice.
static Merges random_merges(const Sequence& bytes, int M) {
    Sequence known = bytes;
    Merges merges;
    while (size_of(merges) < M) {
        const int left = known[random_numbers().below(size_of(known))];
        const int right = known[random_numbers().below(size_of(known))];
        if (std::count(merges.begin(), merges.end(), TokenPair(left, right)) > 0) continue;
        known.push_back(256 + size_of(merges));
        merges.emplace_back(left, right);
    }
    return merges;
}

// The 256 tokens of the bytes in a random order.
static Sequence shuffled_bytes() {
    Sequence bytes = numbers(all_bytes());
    for (int last = 255; last > 0; --last)
        std::swap(bytes[last], bytes[random_numbers().below(last + 1)]);
    return bytes;
}

CHECK("9.5", "merge 0 makes `th` and merge 1 `at`: `bath` is cut as b a th") {
    const Table table = table_of({{'t', 'h'}, {'a', 't'}});
    expect(ASK(encoded_piece, table, numbers("bath")) == Sequence{'b', 'a', 256},
           "it must be 98 97 256: the lower rank comes first");
    expect(ASK(encoded_piece, table, numbers("bat")) == Sequence{'b', 257}, "it must be 98 257");
}

CHECK("9.5", "a merge of merges: what a merge has made is merged again") {
    const Table table = table_of({{'h', 'e'}, {256, 'r'}, {'o', 't'}, {258, 257}});
    expect(ASK(encoded_piece, table, numbers("others")) == Sequence{259, 's'},
           "it must be 259 115");
    ASK(encoded_piece, table, numbers("hehertheothe"));
}

CHECK("9.5", "by rank, and not by length: a longer token waits until its time comes") {
    // abc is a token, of `ab c`; but `b c` is merged first, and then no pair is left.
    const Table table = table_of({{'b', 'c'}, {'a', 'b'}, {257, 'c'}});
    expect(ASK(encoded_piece, table, numbers("abc")) == Sequence{'a', 256}, "it must be 97 256");
    const std::string text = "abc abcd";
    expect(ASK(encoded, table, text) == Sequence{'a', 256, ' ', 'a', 256, 'd'},
           "it must be 97 256 32 97 256 100, though `abc` is a whole piece");
    const Table waiting = table_of({{'a', 'b'}, {256, 'c'}, {'c', 'd'}});
    expect(ASK(encoded_piece, waiting, numbers("abcd")) == Sequence{257, 'd'},
           "it must be 257 100: `ab c` has a lower rank than `c d`");
}

CHECK("9.5", "all places of a pair are merged, from the left: `aaaaa` becomes aaaa a") {
    const Table table = table_of({{'a', 'a'}, {256, 256}});
    expect(ASK(encoded_piece, table, numbers("aaaaa")) == Sequence{257, 'a'}, "it must be 257 97");
    expect(ASK(encoded_piece, table, numbers("aaa")) == Sequence{256, 'a'}, "it must be 256 97");
}

CHECK("9.5", "any piece; one byte, none, and a vocabulary without merges") {
    for (int kinds : {1, 2, 3}) {
        Sequence bytes;
        for (int i = 0; i < kinds; ++i) bytes.push_back('a' + i);
        const Table table = table_of(random_merges(bytes, 8));
        Sequence tokens(14);
        for (int& token : tokens) token = bytes[random_numbers().below(kinds)];
        ASK(encoded_piece, table, tokens);
    }
    const Table none;
    expect(ASK(encoded_piece, none, Sequence{}).empty(), "of no tokens there are none");
    expect(ASK(encoded_piece, none, Sequence{7}) == Sequence{7}, "without merges nothing changes");
    ASK(encoded_piece, none, Sequence{7, 7, 8});
}

CHECK("9.5", "a text is cut into pieces first, and nothing is merged from one into the next") {
    const Table table = table_of({{'a', ' '}, {' ', 'b'}, {'a', '.'}});
    const std::string text = "a b a.";
    expect(ASK(encoded, table, text) == Sequence{'a', 257, ' ', 'a', '.'},
           "`a `, which ends in a blank, is no piece, and neither is `a.`");
    const Table line_ends = table_of({{'\n', '\n'}});
    const std::string lines = "\ufeffa\n\n\nb\n";
    expect(ASK(encoded, line_ends, lines) == Sequence{239, 187, 191, 'a', 256, '\n', 'b', '\n'},
           "the first two line ends are one piece, and no byte is lost");
}

CHECK("9.5", "every byte finds its token in byte_tokens, also those above 127") {
    const Table table = table_of({}, shuffled_bytes());
    const std::string text = "é, 日 and 🙂";
    ASK(encoded, table, text);
    std::string bytes;
    for (int i = 0; i < 30; ++i) bytes += static_cast<char>(random_numbers().below(256));
    ASK(encoded, table, bytes);
}

CHECK("9.5", "a text that names a mark does not become the mark") {
    const Table table = table_of({{'a', 'b'}}, {}, {"<end>", "ab"});
    for (const char* const text : {"ab<end>ab", "<end>"})
        for (int token : ASK(encoded, table, std::string(text)))
            expect(token < 257,
                   "the token " + std::to_string(token) + " is a mark, or none at all");
}

CHECK("9.5", "any text of any vocabulary, and an empty text") {
    for (int call = 0; call < 3; ++call) {
        const Sequence byte_tokens = shuffled_bytes();
        Sequence used;
        for (char letter : std::string("ab \xc3\xa9")) {
            const int byte = static_cast<unsigned char>(letter);
            used.push_back(byte_tokens[byte]);
        }
        const Table table = table_of(random_merges(used, 12), byte_tokens, {"end"});
        const std::string text = random_text({"a", "b", "ab", " ", "é", "\n"}, 25);
        ASK(encoded, table, text);
    }
    expect(ASK(encoded, Table(), std::string()).empty(), "an empty text has no tokens");
}

CHECK("9.5", "the text of a byte, of a merge of merges, and of a mark") {
    const Table table =
        table_of({{'h', 'e'}, {256, 'r'}, {'o', 't'}, {258, 257}}, {}, {"<end>", "<begin>"});
    const Texts all = ASK(texts, table, Sequence{'h', 256, 257, 259, 260, 261});
    expect(all == Texts{"h", "he", "her", "other", "<end>", "<begin>"},
           "they must be h, he, her, other, <end> and <begin>");
}

CHECK("9.5", "the bytes of a token are those that byte_tokens gives it, in any order") {
    const Sequence byte_tokens = shuffled_bytes();
    Sequence used = byte_tokens;
    used.resize(4);
    const Table table = table_of(random_merges(used, 6), byte_tokens, {"m"});
    Sequence tokens = {256, 257, 258, 259, 260, 261, 262};
    for (int i = 0; i < 20; ++i) tokens.push_back(random_numbers().below(256));
    ASK(texts, table, tokens);
    ASK(decoded, table, tokens);
}

CHECK("9.5", "what is no token has no text") {
    const Table table = table_of({{'h', 'e'}}, {}, {"<end>"});
    expect_mentions(ASK_REFUSAL(texts, table, Sequence{258}), {"258"});
    expect_mentions(ASK_REFUSAL(texts, table, Sequence{-1}), {"-1"});
    expect_mentions(ASK_REFUSAL(decoded, table, Sequence{'h', 300}), {"300"});
}

CHECK("9.5", "there and back: every text comes back byte for byte, whatever its bytes are") {
    const Table table = table_of(random_merges({'a', ' ', 0xc3, 0xa9}, 10), {}, {"<end>"});
    const std::string blanks = "  a  lot\tof \n\n blanks  ";
    expect(ASK(there_and_back, table, blanks) == blanks, "the blanks must come back as they were");
    const std::string bytes = all_bytes() + all_bytes();
    expect(ASK(there_and_back, table, bytes) == bytes, "the bytes must come back as they were");
    const std::string text = random_text({"a", " ", "é", "\xc3", "\xa9", "<end>", "\n", "1"}, 40);
    expect(ASK(there_and_back, table, text) == text, "the text must come back as it was");
    expect(ASK(there_and_back, table, std::string()).empty(), "nothing must come back as nothing");
    expect(ASK(decoded, table, Sequence{}).empty(), "no tokens are an empty text");
}

CHECK("9.5", "a word of a thousand letters is a piece like any other") {
    const Table table = table_of(random_merges({'a', 'b'}, 20));
    const std::string word = random_text({"a", "b"}, 1000);
    ASK(encoded, table, word);
    const Table pairs = table_of({{'a', 'a'}});
    expect(ASK_UNRECORDED(encoded, pairs, std::string(1026, 'a')) == Sequence(513, 256),
           "of 1026 times `a`, 513 tokens must be left, all of them 256");
}

Sequence encoded_after(const Table& first, const Table& table, const std::string& text) {
    made_of(first).encode(text);
    return encoded(table, text);
}
PARTS(encoded_after, "token #0");

Texts texts_after(const Table& first, const Table& table, const Sequence& tokens) {
    texts(first, tokens);
    Texts all = texts(table, tokens);
    all.push_back(decoded(table, tokens));
    return all;
}
PARTS(texts_after, "text #0; the last is decode's");

CHECK("9.5", "each vocabulary cuts a text by its own merges, and has texts of its own") {
    const Merges before = random_merges({'a', 'b'}, 6), merges = random_merges({'a', 'b'}, 6);
    const Table first = table_of(before, {}, {"<a>"});
    const Table table = table_of(merges, shuffled_bytes(), {"<b>"});
    const std::string text = random_text({"a", "b", "b", " "}, 20);
    ASK(encoded_after, first, table, text);
    ASK(texts_after, first, table, Sequence{'a', 256, 257, 258, 261, 262, 'b'});
}

CHECK("9.5", "two merges may make one text, and yet they are two tokens") {
    const std::string text = "abc";
    const Table later = table_of({{'b', 'c'}, {'a', 'b'}, {257, 'c'}, {'a', 256}});
    expect(ASK(encoded, later, text) == Sequence{259}, "it must be 259, which is of `a bc`");
    const Table earlier = table_of({{'a', 'b'}, {'b', 'c'}, {256, 'c'}, {'a', 257}});
    expect(ASK(encoded, earlier, text) == Sequence{258}, "it must be 258, which is of `ab c`");
}

// ## 9.6 GPT-2's tokens

RESTS_ON("9.6", "9.2", "9.3", "9.5");

Sequence byte_tokens(int) { return gpt2_byte_tokens(); }
CALLED(byte_tokens, "gpt2_byte_tokens()");
PARTS(byte_tokens, "the token of byte #0");

static void expect_byte_token(int byte, int token) {
    const Sequence all = ASK_UNRECORDED(byte_tokens, 0);
    expect(all.size() == 256, "there must be a token for each of the 256 bytes");
    expect(all.at(byte) == token, "the byte " + std::to_string(byte) + " has the token " +
                                      std::to_string(all.at(byte)) + "; it must be " +
                                      std::to_string(token));
}

CHECK("9.6", "the bytes that are shown come first: 33 is 0, 126 is 93, 161 is 94, 255 is 187") {
    const int shown[][2] = {{33, 0},    {65, 32},   {126, 93}, {161, 94},
                            {172, 105}, {174, 106}, {255, 187}};
    for (const auto& [byte, token] : shown) expect_byte_token(byte, token);
}

CHECK("9.6", "the others follow: 0 is 188, the blank 220, 127 is 221, 160 is 254, 173 is 255") {
    const int hidden[][2] = {{0, 188}, {10, 198}, {32, 220}, {127, 221}, {160, 254}, {173, 255}};
    for (const auto& [byte, token] : hidden) expect_byte_token(byte, token);
    ASK(byte_tokens, 0);
}

using Lines = TableOfMerges;

Merges merges_of(const Lines& table) { return gpt2_byte_pairs(table).merges; }
CALLED(merges_of, "the merges of gpt2_byte_pairs(table)");
PARTS(merges_of, "merge #0, its two tokens");

Sequence by_table(const Lines& table, const std::string& text) {
    return gpt2_byte_pairs(table).encode(text);
}
CALLED(by_table, "gpt2_byte_pairs(table).encode(text)");
PARTS(by_table, "token #0");

std::string back_by_table(const Lines& table, const Sequence& tokens) {
    return gpt2_byte_pairs(table).decode(tokens);
}
CALLED(back_by_table, "gpt2_byte_pairs(table).decode(tokens)");

static const Lines beginning = {
    {"Ġ", "t"},  {"Ġ", "a"},  {"h", "e"},  {"i", "n"},  {"r", "e"},  {"o", "n"}, {"Ġt", "he"},
    {"e", "r"},  {"Ġ", "s"},  {"a", "t"},  {"Ġ", "w"},  {"Ġ", "o"},  {"e", "n"}, {"Ġ", "c"},
    {"i", "t"},  {"i", "s"},  {"a", "n"},  {"o", "r"},  {"e", "s"},  {"Ġ", "b"}, {"e", "d"},
    {"Ġ", "f"},  {"in", "g"}, {"Ġ", "p"},  {"o", "u"},  {"Ġa", "n"}, {"a", "l"}, {"a", "r"},
    {"Ġt", "o"}, {"Ġ", "m"},  {"Ġo", "f"}, {"Ġ", "in"}, {"Ġ", "d"},  {"Ġ", "h"}, {"Ġan", "d"}};

CHECK("9.6", "the first merges, Ġ t, Ġ a and h e, are of 220 and 83, 220 and 64, 71 and 68") {
    const Lines table(beginning.begin(), beginning.begin() + 7);
    const Merges merges = ASK(merges_of, table);
    expect(merges.size() == 7, "there must be a merge for each line");
    expect(merges.at(0) == TokenPair(220, 83), "merge 0 must be of 220 and 83");
    expect(merges.at(2) == TokenPair(71, 68), "merge 2 must be of 71 and 68");
    expect(merges.at(6) == TokenPair(256, 258), "merge 6 must be of 256 and 258");
}

CHECK("9.6", "with 35 lines of the table, ` the` is 262 as in GPT-2, and ` and` is 290") {
    const std::string text = " the and";
    expect(ASK(by_table, beginning, text) == Sequence{262, 290}, "they must be 262 and 290");
}

CHECK("9.6", "any text by these lines") {
    const Texts parts = {" the", "the", "in", "ing", " of", " and", "er",
                         "or",   " ",   ".",  "é",   "\n",  "7"};
    for (int call = 0; call < 3; ++call) {
        const std::string text = random_text(parts, 12);
        ASK(by_table, beginning, text);
    }
    ASK(by_table, beginning, std::string());
}

CHECK("9.6", "bytes that are shown are their own letters, and others those from 256 on") {
    // é is the bytes 195 and 169; a soft hyphen 194 and 173; a line's end 10; delete 127.
    const Lines table = {{"Ã", "©"}, {"Â", "Ń"}, {"Ċ", "Ċ"}, {"ġ", "ġ"}, {"Ā", "Ā"}, {"ÿ", "ł"}};
    const Merges merges = ASK(merges_of, table);
    expect(merges.size() == 6, "there must be a merge for each line");
    expect(merges.at(0) == TokenPair(127, 102), "Ã © must be 127 and 102");
    expect(merges.at(1) == TokenPair(126, 255), "Â Ń must be 126 and 255");
    const std::string text = "é\xc2\xad";
    ASK(by_table, table, text);
}

CHECK("9.6", "a table of any merges") {
    Lines table;
    Texts known = {"a", "b", "Ġ", "Ã", "©", "Ċ", "Ł", "Ġ"};
    std::set<std::string> made(known.begin(), known.end());
    while (table.size() < 12) {
        const std::string left = known[random_numbers().below(static_cast<int>(known.size()))];
        const std::string right = known[random_numbers().below(static_cast<int>(known.size()))];
        if (!made.insert(left + right).second) continue;
        table.emplace_back(left, right);
        known.push_back(left + right);
    }
    ASK(merges_of, table);
    const std::string text = random_text({"a", "b", " ", "é", "\n", "\x9f"}, 30);
    const Sequence tokens = ASK(by_table, table, text);
    expect(ASK(back_by_table, table, tokens) == text, "the text must come back as it was");
}

Merges merges_after(const Lines& first, const Lines& table) {
    gpt2_byte_pairs(first);
    return merges_of(table);
}
PARTS(merges_after, "merge #0, its two tokens");

CHECK("9.6", "of one table nothing is left when the next is read") {
    const Lines first = {{"a", "b"}, {"ab", "c"}}, table = {{"b", "c"}, {"a", "bc"}, {"abc", "a"}};
    ASK(merges_after, first, table);
    expect_mentions(ASK_REFUSAL(merges_after, first, Lines{{"ab", "a"}}), {"ab"});
}

CHECK("9.6", "the last token is the mark <|endoftext|>, behind all merges") {
    expect(ASK(back_by_table, Lines(), Sequence{256}) == "<|endoftext|>", "256 must be the mark");
    expect(ASK(back_by_table, beginning, Sequence{291}) == "<|endoftext|>", "291 must be the mark");
    const std::string text = "<|endoftext|>";
    ASK(by_table, beginning, text);
    expect(ASK(by_table, Lines(), std::string("!")) == Sequence{0}, "`!` must be the token 0");
}

CHECK("9.6", "a merge of what is no token before it is refused, and named") {
    const Lines late = {{"h", "er"}, {"e", "r"}};
    expect_mentions(ASK_REFUSAL(merges_of, late), {"er"});
    const Lines blank = {{" ", "t"}};
    ASK_REFUSAL(merges_of, blank);
    const Lines mark = {{"a", "b"}, {"<|endoftext|>", "c"}};
    expect_mentions(ASK_REFUSAL(merges_of, mark), {"endoftext"});
    const Lines version = {{"#version:", "0.2"}}, empty = {{"", ""}}, half = {{"a", ""}};
    for (const Lines& table : {version, empty, half}) ASK_REFUSAL(merges_of, table);
}

CHECK("9.6", "every line is a merge, also one of # and one whose text is there already") {
    const Lines table = {{"a", "b"}, {"b", "c"}, {"ab", "c"}, {"a", "bc"},
                         {"#", "#"}, {"d", "e"}, {"de", "f"}};
    const Merges expected = {{64, 65}, {65, 66}, {256, 66}, {64, 257}, {2, 2}, {67, 68}, {261, 69}};
    expect(ASK(merges_of, table) == expected, "merge 4 must be of 2 and 2, and merge 6 of 261");
}

}  // namespace checks_09
