// # 9. Byte-pair encoding
//
// A network reads numbers. Which numbers should stand for a text? One for each letter makes long
// texts, and a network must first learn how `t`, `h` and `e` become a word. One for each word makes
// a list that is never complete: the next text has a name, a number or a slip that is not in it.
// GPT-2, and nearly all that came after it, takes neither. It begins with letters and joins what
// often stands together, until there are as many *tokens* as it wants. Frequent words become one
// token, rare ones a few, and nothing is unknown.
//
// Here are a verb, a name and a year. First they are cut by 512 tokens that were learnt from a
// novel, then by 4,096, and last by those of GPT-2. The blank belongs to the word behind it:
//
//        512    │ le│ar│n│ed│  │ │N│et│her│f│i│e│ld│  │ │1│8│1│3│
//        4,096  │ lear│ned│    │ Netherfield│         │ 1│8│1│3│
//        GPT-2  │ learned│     │ Nether│field│        │ 18│13│
//
// Needs: chapter 1.
// Check: `make check CHAPTER=09`.
// Letters: V tokens in the vocabulary, M merges; r the rank of a merge; N tokens of a text, c how
// often a pair is merged in it.
// Minutes: about 120.

#include "09_byte_pairs.hpp"

#include "data/gpt2.hpp"
#include "demos/09_pieces/showing.hpp"
#include "kit/chapter.hpp"
#include "kit/unicode.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <utility>

// ## The pair that occurs most often
//
// Begin with the letters as tokens. Count which two tokens most often stand side by side. Wherever
// they do, make one new token of them. This is a *merge*. Then count again, for the new token
// has neighbours, too. Do this until there are enough tokens. That is all of *byte-pair encoding*.
//
// Pairs are counted inside words only. "the end" has no pair of `e` and `e`, for which word follows
// which says nothing about words. When two pairs occur equally often, take the one that is seen
// first when the text is read from its beginning. Here is a text of eleven words (without their
// blanks, for now):
//
//        her other her these hers her other hers her other these
//
// In it `h` is followed by `e` eleven times: so the first new token is `he`. Now write the words
// with it, count again, and mind what has changed: `other` no longer has the pair `t h`, but `t
// he`.
//
// ## Exercise 9.1 — By hand
// *About 1 line · difficulty 1 of 3 · 10 minutes*
//
// Which three tokens are made first? Return their texts, in their order; `he` is the first.
std::vector<std::string> merges_by_hand() {
    // TODO 9.1: three texts, {"he", "…", "…"}
    todo("9.1");
}

// ## Pieces, and bytes
//
// To count inside words, a text must be cut into words first. Where? At the blanks, one would say;
// but then `end.` with its full stop is another word than `end`. And the blanks must not be lost,
// for the text has to come back as it was. GPT-2 has a rule that loses nothing. It cuts a text into
// *pieces*: each is a run of letters, of digits or of other signs, and one blank in front of it
// belongs to it. A piece is a whole word, say, and will be cut into tokens. `pieces_of` of
// course/kit/pieces.hpp does this, and says the rest:
//
//        │I│'ve│ read│ it│ twice│,│ in│ 1813│.│
//
// So `␣read`, as we write it where the blank must be seen, is another piece than `read`. That looks
// wasteful, but it is useful: a token with a blank begins a word. Sennrich, Haddow and Birch
// (2016), who brought byte pairs to networks, marked the end of a word instead, as `read</w>`.
//
// And what is a letter? Unicode has more than a hundred thousand characters, and a vocabulary that
// begins with all of them is full before anything is learnt. But a file consists of *bytes*,
// numbers from 0 to 255, and UTF-8 writes `a` as one, `é` as two, `日` as three and 🙂 as four of
// them. Begin with the bytes, and 256 tokens are enough for every text of the world. What stands
// together often, as the two bytes of `é`, will be merged soon enough. A byte that fits nowhere is
// a token as well. This is what the name means: *byte* pairs.
//
// ## Exercise 9.2 — Pieces and their bytes
// *About 9 lines · difficulty 1 of 3 · 10 minutes*
//
// Write the bytes of a text as numbers from 0 to 255. In C++ a `char` may be signed, and then the
// first byte of `é` is −61. Then list the pieces of a text: each once, as its bytes, with how often
// it stands there, in the order in which they first appear. Of the 131,000 pieces that the demo
// learns from, 6,865 are different: so all that follows has to be done only a nineteenth as often.
Sequence bytes_of(const std::string& text) {
    // TODO 9.2: about 3 lines
    todo("9.2");
}

CountedPieces counted_pieces(const std::string& text) {
    CountedPieces counted;
    // TODO 9.2: about 6 lines
    todo("9.2");
}

// ## How often, and where
//
// What do we gain by a merge? Wherever the pair stands, two tokens become one. The merges are
// numbered from 0. If c_r is the number of those places, and N_r the number of tokens of the whole
// text before merge r, then
//
//     N_(r+1) = N_r − c_r                                                                 (9.1)
//
// So the most frequent pair is simply the one that makes the text shortest. For (9.1) to hold, c
// must count what is really merged. In `aaa` the pair `a a` can be seen twice, but only one of them
// can be merged, and it gives `aa a`: a token that has been merged is used up. In `aaaa` two
// can be merged.
//
// ## Exercise 9.3 — Counting and merging a pair
// *About 18 lines · difficulty 2 of 3 · 25 minutes*
//
// Count all pairs of some pieces. A piece that stands in the text 40 times counts 40 times. List
// each pair once, in the order in which it is first seen: first by piece, then by place. Then write
// the merge of one pair in one sequence, from left to right.
std::vector<CountedPair> count_pairs(const CountedPieces& pieces) {
    std::vector<CountedPair> counted;
    // TODO 9.3: about 10 lines
    todo("9.3");
}

Sequence merge_pair(const Sequence& tokens, TokenPair pair, int token) {
    Sequence merged;
    // TODO 9.3: about 8 lines
    todo("9.3");
}

// ## A vocabulary is learnt
//
// The bytes are the tokens 0 … 255, and the merges are numbered from 0: merge r makes the token 256
// + r. Its number r is called its *rank*, and we shall need it. What training leaves behind is a
// list of pairs, and nothing else: no texts and no counts.
//
// A rule is needed for pairs that count the same, or the list depends on how somebody's table is
// sorted, and two programs that both do it right have two vocabularies. Ours is that of 9.1: the
// pair that is seen first, in the text as it is at that merge. Your `count_pairs` has just that
// order.
//
// What does not fit is refused by this, at the end of the file.
static void require_bytes(const CountedPieces& pieces, int M);

// ## Exercise 9.4 — Learning the merges
// *About 9 lines · difficulty 2 of 3 · 15 minutes*
//
// Learn M merges. Count, choose, merge in every piece, and begin again. Stop early when no pair
// counts 2 or more: a pair that stands there once says nothing about other texts.
std::vector<TokenPair> learn_merges(CountedPieces pieces, int M) {
    require_bytes(pieces, M);
    std::vector<TokenPair> merges;
    // TODO 9.4: about 9 lines
    todo("9.4");
}

// A model needs a few tokens that no text contains: one that ends a text, one that fills up a short
// one. They are called *special tokens*, or marks, and stand behind all others. So of V tokens 256
// are bytes and some are marks; the rest are merges:
BytePairs learn_byte_pairs(const std::string& text, int V, const std::vector<std::string>& marks) {
    const int M = V - 256 - size_of(marks);
    if (M < 0)
        throw std::invalid_argument("learn_byte_pairs: a vocabulary of " + std::to_string(V) +
                                    " has no room for 256 bytes and " +
                                    std::to_string(marks.size()) + " marks");
    return BytePairs(learn_merges(counted_pieces(text), M), marks);
}

// ## A text that nobody has seen
//
// Now the merges are known, and a new text comes. Its pieces are cut in the same way, and become
// bytes. Then we do what training would have done to them. In training, merge 0 came first, then
// merge 1. So of all pairs in the piece that are merges, take the one with the lowest rank, merge
// it, and look again, until no pair is a merge.
//
// Why not simply take the longest token that fits, from left to right? Say that merge 0 made `th`,
// and merge 1 `at`. In training the `ath` of `bath` became `a th`, for when merge 1 came, the `t`
// was used up. Who reads from the left finds `at h`. Both give the text back. But the network has
// never seen a `bath` that is cut like this, and to it these are other numbers.
//
// Here is how `␣learned` came together from its bytes, and in which order:
//
//     picture: 09_tree
//
// The way back is easy: a token is a byte, or it is two tokens, one behind the other. Their bytes,
// in a row, are the text. A mark gives its name. And a text that contains the name of a mark does
// not become the mark: otherwise anybody who writes to your model could end its text.
//
// ## Exercise 9.5 — Encoding and decoding
// *About 20 lines · difficulty 2 of 3 · 25 minutes*
//
// `encode_piece` gets the tokens of a piece's bytes and merges them. `rank(pair)` is a pair's place
// among the merges, or M when it is none. `encode` does this for all pieces of a text. Not every
// vocabulary gives byte b the token b, as you will see: its token is `byte_tokens[b]`. `text_of`
// says which bytes a token stands for, and `decode` does so for many.
Sequence BytePairs::encode_piece(Sequence tokens) const {
    // TODO 9.5: about 7 lines
    todo("9.5");
}

Sequence BytePairs::encode(const std::string& text) const {
    Sequence all;
    // TODO 9.5: about 6 lines
    todo("9.5");
}

static void require_token(int token, int V);

std::string BytePairs::text_of(int token) const {
    require_token(token, size());
    // TODO 9.5: about 5 lines
    todo("9.5");
}

std::string BytePairs::decode(const Sequence& tokens) const {
    // TODO 9.5: about 3 lines
    todo("9.5");
}

// ## GPT-2's own table
//
// OpenAI published what GPT-2 learnt from eight million web pages: a file with 50,000 merges, in
// the order of their ranks. Your algorithm with this table gives the numbers that the real GPT-2
// reads. The file is data/gpt2_merges.txt, and below a line with its version it begins like this:
//
//        Ġ t
//        Ġ a
//        h e
//        i n
//
// What is a `Ġ`? The file is a text, and its columns are divided by blanks, so a blank cannot stand
// in it as itself. Therefore each byte has a letter of its own. The bytes 33 … 126, 161 … 172 and
// 174 … 255 look like something in Unicode, and each is written as the character with its own
// number. These are 188. The other 68 bytes, blanks and control characters, are written in their
// order as the characters 256, 257, 258 and so on. Which byte is `Ġ`, the character 288?
//
// GPT-2 numbers the bytes in the same way: first those 188 in their order, as the tokens 0 … 187,
// then the other 68. So `!`, the byte 33, is the token 0. Merge r makes 256 + r, as with us. The
// token 50256 is the mark `<|endoftext|>`.
//
// `utf8_of(number)` is a character as a text. This finds the token with a text, or refuses it:
static int token_named(const std::map<std::string, int>& tokens, const std::string& name) {
    const auto found = tokens.find(name);
    if (found != tokens.end()) return found->second;
    throw std::invalid_argument("gpt2_byte_pairs: a merge of '" + name +
                                "', which is no token before it");
}

// ## Exercise 9.6 — GPT-2's tokens
// *About 18 lines · difficulty 3 of 3 · 35 minutes*
//
// Write the token of each byte. Then turn the table into merges: begin with the 256 letters and
// their tokens, and read the table from its first merge on. Each line joins two tokens that are
// there, and its own text is the text of both. `BytePairs` takes the merges, the mark and your
// tokens of the bytes.
Sequence gpt2_byte_tokens() {
    // TODO 9.6: about 9 lines
    todo("9.6");
}

BytePairs gpt2_byte_pairs(const TableOfMerges& table) {
    const Sequence byte_tokens = gpt2_byte_tokens();
    std::map<std::string, int> tokens;
    std::vector<TokenPair> merges;
    // TODO 9.6: about 9 lines
    todo("9.6");
}

// ## What a network sees then
//
// It never sees a letter. To GPT-2, `␣learned` is 4499, and without the blank it is 35720 276;
// nothing in these numbers says that they are one word. It has to learn that, from texts. Asked how
// often `r` stands in a word, it must remember how the word is spelled. The year 1984 is one token,
// and 1813 is 18 and 13: one reason why language models are bad at sums. And who writes in a
// language that was rare in training pays more. GPT-2 needs one token for 4.5 characters of the
// novel, and six for the three of 日本語.
//
// Others cut differently. *WordPiece*, which BERT uses, does not merge the pair that counts most;
// it divides the count by the product of those of the two tokens, and writes `##ed` for a token
// that goes on with a word. *SentencePiece* needs no blanks to cut at. It takes the blank as a
// letter, written `▁`, and so it can read languages that have none. Libraries such as Hugging
// Face's tokenizers read the very file that your code reads; tiktoken has the same merges in
// another form.
//
// ## See it
//
// The demo learns from nine tenths of the paragraphs of "Pride and Prejudice", and cuts the rest.
// The characters in a token grow with the vocabulary, more and more slowly, from 1 towards those of
// a word:
//
//     picture: 09_length
//
// Of the words in the held-out paragraphs, 2.0 % were never seen. A vocabulary of words can do
// nothing with them, though it has 6,865; byte pairs always find a way. Before you run
// `make demo CHAPTER=09` (about 3 seconds): which five tokens will be made first, and which are the
// longest? And how will the 4,096 cut `␣learner`, which is not in the novel, and 🙂? (What prints
// and draws is in course/demos/09_pieces/.)
//
// ## Experiment
//
// With 1,024 tokens, a token of the held-out paragraphs has 3.05 characters. How many will it have
// with 1,500 tokens? Write it down, set `vocabulary` to 1500, and run the demo. Then try 3000 and
// 6000. Does every doubling add as much as the one before?
static const int vocabulary = 1024;
static const double predicted = NAN;  // your number, such as 3

static const Demo demo("09", [] {
    const cutting::Novel novel = cutting::read_novel();
    const BytePairs learnt = cutting::learn(novel, 8192);
    const BytePairs gpt2 = gpt2_byte_pairs(gpt2::read_merges());
    cutting::show_counts(novel, learnt, gpt2);
    cutting::show_lengths(novel, learnt, gpt2);
    compare("Characters a token", predicted,
            cutting::characters_a_token(novel, learnt, vocabulary));
    cutting::show_words(learnt, gpt2);
    cutting::show_fixtures(gpt2);
    cutting::show_speed(novel, learnt);
});

// ## Questions
//
// 1. GPT-2 has 50,257 tokens: what are they? `␣Netherfield` has twelve bytes and is one token of
//    the 4,096: in how many places was something merged to make it? And how few different merges
//    could make a token of 16 bytes?
// 2. What breaks if somebody uses your trained model with another vocabulary of the same size? And
//    what if only the rule for pieces is another?
// 3. Look at the picture. Where do the lines of training and held out part, and what does that say
//    of the last thousands of merges? Why do both bend towards the line of words?
// 4. Would you cut every number into single digits, as some later models do? What is won and lost?
//
// ## Faster
//
// Your training counts everything again after each merge, although a merge changes only the few
// pieces in which its pair stands. `quick::learn_merges` in course/demos/09_pieces/quick.cpp keeps,
// for each pair, its count and a list of those pieces, and visits no others. The best pair stands
// in front of a queue. A count can only fall, for a pair that is gone never comes back. So the
// queue may hold old counts: what comes to its front is looked at again, and put back if it has
// become less. For a megabyte of text and 4,096 merges this takes 0.2 s; yours takes a minute.
//
// Encoding is slow for the same reason, and for a simpler one: most pieces were seen a moment ago.
// `quick::Encoder` remembers what became of each. In a new piece, the places that can be merged
// wait in a queue by rank, so that a word of 100,000 letters is done in 0.03 s; yours takes 20 s.
// The demo holds both against your plain code, which stays their reference.
//
// ## Where it comes from
//
// - Gage, "A new algorithm for data compression" (1994): pairs of bytes, to make files shorter.
// - Sennrich, Haddow and Birch, "Neural machine translation of rare words with subword units"
//   (2016): the same, to read words that nobody has seen.
// - Radford and others, "Language models are unsupervised multitask learners" (2019): GPT-2, with
//   bytes in the place of characters.
// - Schuster and Nakajima, "Japanese and Korean voice search" (2012): WordPiece. Kudo and
//   Richardson, "SentencePiece: a simple and language independent subword tokenizer and detokenizer
//   for neural text processing" (2018).
//
// ## What you have now
//
// Every text as numbers below V, and back again, byte for byte; and the very numbers that GPT-2
// reads.
//
// ## What is left: what does not fit
static Sequence bytes_in_order() {
    Sequence bytes(256);
    std::iota(bytes.begin(), bytes.end(), 0);
    return bytes;
}

BytePairs::BytePairs(std::vector<TokenPair> merges_, std::vector<std::string> marks_,
                     Sequence byte_tokens_)
    : merges(std::move(merges_)),
      marks(std::move(marks_)),
      byte_tokens(byte_tokens_.empty() ? bytes_in_order() : std::move(byte_tokens_)) {
    Sequence sorted = byte_tokens;
    std::sort(sorted.begin(), sorted.end());
    if (sorted != bytes_in_order())
        throw std::invalid_argument(
            "BytePairs: the tokens of the bytes are not 0 … 255, each once");
    for (int r = 0; r < size_of(merges); ++r) {
        const auto [left, right] = merges[r];
        const std::string what = "BytePairs: merge " + std::to_string(r) + " of " +
                                 std::to_string(left) + " and " + std::to_string(right) + ": ";
        if (std::min(left, right) < 0 || std::max(left, right) >= 256 + r)
            throw std::invalid_argument(what + "these are no tokens before it");
        if (!ranks_.emplace(merges[r], r).second)
            throw std::invalid_argument(what + "this pair is merged before");
    }
}

int BytePairs::rank(TokenPair pair) const {
    const auto found = ranks_.find(pair);
    return found == ranks_.end() ? size_of(merges) : found->second;
}

static void require_bytes(const CountedPieces& pieces, int M) {
    if (pieces.empty()) throw std::invalid_argument("learn_merges: a text of no pieces");
    if (M < 0) throw std::invalid_argument("learn_merges: " + std::to_string(M) + " merges");
    for (const CountedPiece& piece : pieces)
        for (int byte : piece.tokens)
            if (byte < 0 || byte > 255)
                throw std::invalid_argument("learn_merges: " + std::to_string(byte) +
                                            " is no byte");
}

static void require_token(int token, int V) {
    if (token < 0 || token >= V)
        throw std::invalid_argument("text_of: token " + std::to_string(token) + " of " +
                                    std::to_string(V));
}
