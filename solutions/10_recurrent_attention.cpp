// # 10. Attention in recurrent networks
//
// Somebody reads a telephone number to you, once, and you are to say it backwards. With four digits
// you can. With twelve you cannot, and trying harder does not help: your head is too small. Now
// the number lies before you on a piece of paper. Twelve digits are no harder than four, for you
// need not know the number any more. You need to know where to look.
//
// The networks of chapter 5 are the first kind of listener. All that they know of a sequence stands
// in their last state. In this chapter a network reads a word and a second one writes it backwards,
// first from the last state, and then with all states before it on the table. The looking is called
// *attention*. This is what is right of new words, in percent, by their length. None of those that
// were learnt from is longer than 20:
//
//                                2   4   8  12  16  20  24  28
//        from the last state   100  93  57  11   0   0   0   0
//        with attention        100 100 100 100 100  99   0   0
//
// Needs: chapters 1, 3, 4 and 5.
// Check: `make check CHAPTER=10`.
// Letters: B words, S symbols that are read and T that are written, V kinds of symbols, H of a
// hidden state, A of a comparison; h a state of the reader, s a state of the writer, y what it
// writes; e scores, α weights, c the context (the cell of chapter 5 had this letter, too).
// Minutes: about 90.

#include "10_recurrent_attention.hpp"

#include "demos/10_backwards/backwards.hpp"
#include "kit/chapter.hpp"
#include "kit/environment.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

// ## One reads, another writes
//
// A word goes in and a word comes out, and the two may differ in length: so it is with translating,
// with spelling and with summing up. Two recurrent networks share the work. The *encoder* reads the
// word, symbol by symbol. The *decoder* writes, and at each step it reads the symbol that it wrote
// before. It begins with the state in which the encoder ended. Cho and others, and Sutskever,
// Vinyals and Le, translated in this way in 2014.
//
//        c   a   t                    t   a   c   end
//        ↓   ↓   ↓                    ↑   ↑   ↑   ↑
//        h₁→ h₂→ h₃ ───────────────→  s₁→ s₂→ s₃→ s₄
//                                     ↑   ↑   ↑   ↑
//                                   begin t   a   c
//
// All that the decoder will ever know of the word is h₃. That is a *bottleneck*: the same H numbers
// hold a word of two letters and a sentence of fifty words. And the gradient has to go through it,
// too. What the encoder did with its first letter hears of the loss through all steps between.
//
// The other states were there all the time, h₁ and h₂. They were thrown away. Why not keep them?
//
// ## An average that chooses
//
// Bahdanau, Cho and Bengio kept them (2014). At each step the decoder gets one row more, the
// *context*. It is a weighted average of all states of the encoder, and the weights say where the
// decoder looks. Suppose that somebody has given each state a score e_i: how well it fits what is
// needed now. Softmax makes weights of the scores, and the context is
//
//     α_i = exp(e_i) / Σ_j exp(e_j),   c = Σ_i α_i h_i                                  (10.1)
//
// If one score is much larger than the others, c is nearly a copy of that state: the decoder looks
// at one place. If two are large, c lies between the two. Why not simply take the best state? The
// best one stays the best when a score changes a little. So the score would have no gradient, and
// nobody could learn to look.
//
// In a batch there is padding in front of the short words. Its state is zeros, by your 5.2, but its
// score is some number, and exp of any number is more than 0. It would take a share of the weights
// away. So both sums of (10.1) are over the real symbols alone, and padding has the weight 0.
//
// ## Exercise 10.1 — By hand
// *About 1 line · difficulty 1 of 3 · 10 minutes*
//
// A word of three symbols stands behind one step of padding. The scores of the four steps are 3, 1,
// 0 and 2, and the states are (0, 0), (2, 0), (0, 4) and (1, 1). Return six numbers, to three
// digits: the four weights, and the two numbers of the context. You need e = 2.718 and e² = 7.389.
Tensor context_by_hand() {
    //> 10.1: a row of six
    return row({0, 0.245f, 0.0900f, 0.665f, 1.155f, 1.025f});
    //<
}

// ## Who compares?
//
// The decoder has a state s, which says what it needs. Each state h_i says what was read. Nobody
// knows beforehand what fits what, so a small network learns it. It has one layer that looks at
// both, a tanh, and one number as its answer:
//
//     e_i = tanh(s W + h_i U) v                                                         (10.2)
//
// Here s and h_i are rows of H numbers. W and U make A numbers of each, and v makes one number of
// the A. These are called *additive* scores, for the two are added up before they are compared.
//
// Look at (10.2) as one who has to pay for it. The decoder asks T times, and each time it asks all
// of S states. Which of the two products depends on the question, and which on the word alone?
//
// A batch has states [B, S, H], a word in each block and a symbol in each row of it. Of a matrix
// [B, A], the given `repeated(x, S)` makes [B, S, A], in which each row stands S times.
//
// ## Exercise 10.2 — Additive scores
// *About 4 lines · difficulty 2 of 3 · 10 minutes*
//
// Write (10.2) as two functions. What does not depend on s is made by `keys_of`, once a word. The
// rest is done by `additive_scores`, for each question anew. Mind the shapes: v is [A, 1], and the
// scores are wanted as [B, S]. What comes first, the product with W or the repeating?
Variable keys_of(const Variable& states, const Variable& U) {
    require_shapes("keys_of", {{states.shape(), "B S H"}, {U.shape(), "H A"}});
    //> 10.2: 1 line
    return matmul(states, U);
    //<
}

Variable additive_scores(const Variable& s, const Variable& keys, const Variable& W,
                         const Variable& v) {
    require_shapes("additive_scores", {{s.shape(), "B H"},
                                       {keys.shape(), "B S A"},
                                       {W.shape(), "H A"},
                                       {v.shape(), "A 1"}});
    //> 10.2: about 3 lines
    const int B = keys.shape()[0], S = keys.shape()[1];
    const Variable compared = tanh(repeated(matmul(s, W), S) + keys);  // [B, S, A]
    return reshape(matmul(compared, v), {B, S});
    //<
}

// ## Look, then read, then write
//
// In which order does a step happen? The decoder has the state s_(t−1) and the symbol y_(t−1) that
// it wrote last. First it looks, with the state that it has, for there is no other yet. Then its
// cell reads the symbol and the context side by side, and makes the next state. Then a linear layer
// makes logits, and it sees the context once more:
//
//     e_i = score(s_(t−1), h_i),   s_t = cell([y_(t−1)  c_t], s_(t−1))                  (10.3)
//     z_t = [s_t  c_t] W_o + b                                                          (10.4)
//
// Why give the context to the last layer, when the cell has read it? The cell must keep what it
// needs later, in few numbers, and through its gates. The letter that is to be written *now* need
// not go through there. With the context beside it, the last layer can read it straight from the
// state that was looked at.
//
// The cell is your LSTM of chapter 5, so its whole state is its hidden state and its cell side by
// side. What it shows to others, to the scores and to the last layer, is `cell.hidden(state)`.

// These refuse what does not fit, and stand at the end of the file.
static void require_lengths(const char* function, const std::vector<int>& lengths, int B, int S);
static void require_tokens(const char* function, const std::vector<int>& tokens, int V);

// ## Exercise 10.3 — A step that looks back
// *About 11 lines · difficulty 2 of 3 · 20 minutes*
//
// Write the two halves of (10.1), `weights_of` and `context_of`, and then the step, (10.3) and
// (10.4). `softmax` of chapter 3 goes over the rows of a matrix; which score gets a weight that
// is exactly 0? Weights times states is a product of matrices for each word, and `matmul`
// multiplies stacks. Who asks is given: `scores(hidden, memory)` makes the scores [B, S] for hidden
// states [B, H].
Variable weights_of(const Variable& scores, const std::vector<int>& lengths) {
    require_shapes("weights_of", {{scores.shape(), "B S"}});
    const int B = scores.shape()[0], S = scores.shape()[1];
    require_lengths("weights_of", lengths, B, S);
    //> 10.3: about 4 lines
    Tensor hidden({B, S});  // 0 where something was read, −∞ where nothing was
    for (int b = 0; b < B; ++b)
        for (int i = 0; i < S - lengths[b]; ++i) hidden.row(b)[i] = -INFINITY;
    return softmax(scores + hidden);
    //<
}

Variable context_of(const Variable& weights, const Variable& states) {
    require_shapes("context_of", {{weights.shape(), "B S"}, {states.shape(), "B S H"}});
    const int B = states.shape()[0], S = states.shape()[1], H = states.shape()[2];
    //> 10.3: 1 line
    return reshape(matmul(reshape(weights, {B, 1, S}), states), {B, H});
    //<
}

WrittenStep RecurrentDecoder::step(const std::vector<int>& tokens, const Variable& state,
                                   const Memory& memory) const {
    const int V = answer.W.shape()[1];
    require_tokens("RecurrentDecoder::step", tokens, V);
    const Variable y = Tensor({size_of(tokens), V}, one_hot(tokens, V));
    //> 10.3: about 6 lines
    const Variable asked = scores(cell.hidden(state), memory);
    const Variable weights = weights_of(asked, memory.lengths);
    const Variable context = context_of(weights, memory.states);
    const Variable next = cell.step(beside(y, context), state);
    return {next, answer(beside(cell.hidden(next), context)), weights};
    //<
}

// To have something to compare with, the same decoder can also be kept from looking. All states but
// the last have a score of −∞ then, so that the context is h_S at every step. Nothing else changes.
Variable RecurrentDecoder::scores(const Variable& s, const Memory& memory) const {
    if (looking == Looking::additive) return additive_scores(s, memory.keys, W, v);
    if (looking == Looking::dot) return dot_scores(s, memory.keys);
    Tensor last({memory.states.shape()[0], memory.states.shape()[1]});
    for (int i = 0; i < last.size(); ++i)
        if ((i + 1) % last.shape[1] != 0) last.data[i] = -INFINITY;
    return last;
}

// ## Told the truth, step by step
//
// How does it learn to write? The decoder reads what it has written before. At first it writes
// nonsense; and after a wrong letter, what would be the right next one? So while it learns, it is
// told the truth: at each step it reads the symbol that it *should* have written before. This is
// *teacher forcing*. For the word `cat`, in one batch with `no`:
//
//        step          0     1    2    3
//        reads     begin     t    a    c
//        wants         t     a    c  end
//
//        reads     begin     o    n    ·
//        wants         o     n  end    ·
//
// What is read is the target, one step late. If it were not late, the decoder would read what it is
// asked for, copy it, and have learnt nothing on the day when nobody tells.
//
// All words of a batch begin to write at the same step, so the padding stands *behind* here.
// Nothing is asked for there, and nothing may be counted. The loss is the mean over all symbols
// that are asked for. A mean for each step, and then the mean of these, would be something else: at
// the last step only the longest words are left, and each of their letters would count as much as
// many others.
//
// ## Exercise 10.4 — Read, and be told
// *About 21 lines · difficulty 3 of 3 · 40 minutes*
//
// Three functions. `read` reads a batch of words with the tools of chapter 5, `steps_of` and
// `unroll`, and hands `memory_of` what the cell showed at each step, `stacked`, with the whole last
// state and the lengths. `forced_steps` makes the table above, in which a dot is −1. `loss` reads
// the words and then writes, step by step. `cross_entropy` takes logits [B, T, V] and B T targets,
// all those of the first word first, and leaves out those that are −1.
//
// Think of a test of `read`: a short word must have the same last state alone and beside a long
// one. What would an encoder learn that makes steps over the padding in front of a word?
Memory EncoderDecoder::read(const Sequences& words) const {
    for (const Sequence& word : words)
        if (word.empty()) throw std::invalid_argument("read: a word of 0 symbols");
    const int V = encoder.W.shape()[0];
    //> 10.4: about 4 lines
    const Steps states = unroll(encoder, steps_of(words, V), lengths_of(words));
    Steps shown;
    for (const Variable& state : states) shown.push_back(encoder.hidden(state));
    return decoder.memory_of(stacked(shown), states.back(), lengths_of(words));
    //<
}

ForcedSteps forced_steps(const Sequences& targets, int begin, int end) {
    ForcedSteps steps;
    //> 10.4: about 9 lines
    std::size_t longest = 0;
    for (const Sequence& target : targets) longest = std::max(longest, target.size());
    for (std::size_t t = 0; t <= longest && !targets.empty(); ++t) {
        std::vector<int> read, wanted;
        for (const Sequence& target : targets) {
            const std::size_t n = target.size();
            read.push_back(t == 0 ? begin : t <= n ? target[t - 1] : -1);
            wanted.push_back(t < n ? target[t] : t == n ? end : -1);
        }
        steps.read.push_back(read), steps.wanted.push_back(wanted);
    }
    return steps;
    //<
}

Variable EncoderDecoder::loss(const Sequences& words, const Sequences& targets, int begin,
                              int end) const {
    if (words.empty() || words.size() != targets.size())
        throw std::invalid_argument("loss: " + std::to_string(words.size()) + " words, " +
                                    std::to_string(targets.size()) + " targets");
    const Memory memory = read(words);
    const ForcedSteps steps = forced_steps(targets, begin, end);
    //> 10.4: about 8 lines
    Variable state = memory.last;
    Steps logits;
    for (const std::vector<int>& tokens : steps.read) {
        const WrittenStep now = decoder.step(tokens, state, memory);
        state = now.state;
        logits.push_back(now.logits);
    }
    std::vector<int> wanted;
    for (std::size_t b = 0; b < words.size(); ++b)
        for (const std::vector<int>& tokens : steps.wanted) wanted.push_back(tokens[b]);
    return cross_entropy(stacked(logits), wanted);
    //<
}

// ## A cheaper way to compare
//
// Luong, Pham and Manning asked whether a comparison needs a network (2015). The dot product of two
// rows is large when they point in one direction. So let the encoder learn to write what will be
// asked for, and the decoder to ask for what was written:
//
//     e_i = s · h_i                                                                     (10.5)
//
// It has no parameters, and the two states must have the same length. What does it save? Count for
// a whole word: S states are read, and the decoder asks T times. Count multiplications of two
// numbers in (10.2) and (10.5), and count the tanh by themselves, for each of them costs as much as
// several products. Softmax and context are the same for both, and are left out.
//
// ## Exercise 10.5 — What comparing costs
// *About 4 lines · difficulty 2 of 3 · 10 minutes*
//
// Write `dot_scores`, with a product of matrices for each word. Then write the two counts. In
// `additive_cost`, what is made once a word must be counted once. (With 3,000 words and A = 1,000
// the counts pass 2³¹, so they are `long long`.)
Variable dot_scores(const Variable& s, const Variable& keys) {
    require_shapes("dot_scores", {{s.shape(), "B H"}, {keys.shape(), "B S H"}});
    const int B = keys.shape()[0], S = keys.shape()[1], H = keys.shape()[2];
    //> 10.5: 1 line
    return reshape(matmul(keys, reshape(s, {B, H, 1})), {B, S});
    //<
}

ScoreCost additive_cost(int S, int T, int H, int A) {
    const long long pairs = 1LL * S * T;
    //> 10.5: 1 line
    return {1LL * (S + T) * H * A + pairs * A, pairs * A};
    //<
}

ScoreCost dot_cost(int S, int T, int H) {
    const long long pairs = 1LL * S * T;
    //> 10.5: 1 line
    return {pairs * H, 0};
    //<
}

// With S = T = 12 and H = A = 32, additive scores take 29,184 products and 4,608 tanh, and dot
// products 4,608 and none. There is a larger saving that no count shows. A dot product of all
// questions with all keys is one product of matrices, and chapter 2 has shown what that is worth.
// But here the questions come one by one: s_t is made from c_t, and so it must wait for it.
//
// ## See it
//
// Words of 2 to 20 letters of an alphabet of twelve, which mean nothing, are written backwards. Two
// networks with H = 32 learn it in the same number of steps. They have the same encoder, the same
// decoder and the same first numbers; one has W, U and v besides, and looks. Asked about new words,
// each writes alone, and a word counts when all of its letters are right:
//
//     picture: 10_length
//
// And this is where it looks while it writes `thguoht`. Each row is a step, and each column a
// letter that was read:
//
//     picture: 10_alignment
//
// Before you run `make demo CHAPTER=10` (about half a minute): what shape do you expect in the
// second picture? Where will the decoder look when it writes the end mark? And will it be able to
// write words of 24 letters, when it never saw one of more than 20? (What trains and draws is in
// course/demos/10_backwards/. With FULL=1 the network with attention then learns how English words
// sound, from the dictionary of chapter 17, in some minutes.)
//
// ## Experiment
//
// Set `looking` to Looking::dot. The decoder then compares without a network of its own. What
// percentage of the words of 20 letters will be right? Write it down, and run the demo.
static const Looking looking = Looking::additive;
static const double predicted = NAN;  // your percentage, such as 50

static const Demo demo("10", [] {
    const backwards::Learnt blind = backwards::learn("from the last state", Looking::at_the_last);
    const backwards::Learnt sees = backwards::learn("with attention", looking);
    backwards::show_lengths({&blind, &sees});
    compare("Percent right of 20 letters", predicted, backwards::percent_right(sees, 20));
    backwards::show_words(blind, sees);
    backwards::draw_alignment(sees, "thought");
    if (asked_for("FULL")) backwards::learn_sounds();
});

// ## Questions
//
// 1. How many parameters does the demo's network have without attention, and how many more with it?
//    (V = 15, H = A = 32.)
// 2. What breaks in (10.2) if you leave out the tanh? Put α into the question: which of the two
//    products has an influence on the weights then?
// 3. Look at the picture of the alignment. Which letters occur twice in `thought`, and how does the
//    decoder know which of the two it must look at?
// 4. The decoder looks at h_i, the state of the encoder after symbol i. What does h_i know of the
//    symbols behind i? Is that a loss when one translates, and what would you do?
//> answers
//
// Answers.
//
// Predictions. See it: a diagonal from the upper right to the lower left, for the last letter is
// written first. At the end mark there is no letter to be found, and it looks a little at the first
// one, to see that all is written. It does not write words of 24 letters: the decoder has learnt to
// find places up to 20, and where a letter stands is something that its states must count.
// Attention does away with the bottleneck, but nothing learns what it was never shown. Experiment:
// 94 %, where additive scores come to 99. The dot product does nearly as well, with 2,080
// parameters less.
//
// 1. The encoder has 4 · 32 (15 + 32 + 1) = 6,144. The decoder's cell reads 15 + 32 numbers, so it
//    has 4 · 32 (47 + 32 + 1) = 10,240, and the last layer 64 · 15 + 15 = 975: 17,359 in all. W, U
//    and v are 1,024 + 1,024 + 32 = 2,080 more.
// 2. The score becomes s W v + h_i U v. The first is the same number for all states, and softmax
//    takes no notice of what is added to all scores. So the decoder would look at the same place at
//    every step, whatever its state. The tanh is what makes the two meet.
// 3. t and h occur twice. What stands in a state is the letter and where it came, for the
//    encoder's state changes with each symbol. And the decoder's state tells how much is written
//    already.
// 4. Nothing: the encoder has not read them yet. But a word may mean this or that by what follows.
//    Bahdanau, Cho and Bengio read each sentence in both directions, with two encoders, and put the
//    two states side by side. In chapter 15 every word sees all others.
//<
//
// ## Where it comes from
//
// - Cho and others, "Learning phrase representations using RNN encoder–decoder for statistical
//   machine translation" (2014), and Sutskever, Vinyals and Le, "Sequence to sequence learning with
//   neural networks" (2014): one network reads, another writes. The latter read their sentences
//   backwards, so that the first words are near to each other, and it helped.
// - Bahdanau, Cho and Bengio, "Neural machine translation by jointly learning to align and
//   translate" (2014): the additive score, and the name *alignment*.
// - Williams and Zipser, "A learning algorithm for continually running fully recurrent neural
//   networks" (1989): teacher forcing.
// - Luong, Pham and Manning, "Effective approaches to attention-based neural machine translation"
//   (2015): the dot product.
//
// ## What you have now
//
// A network that reads, one that writes, and a way to look back that is nearly as good over twenty
// letters as over two. What still has to wait is the reading, step by step. Chapter 11 keeps the
// looking and leaves out the rest.
//
// ## What is left: first numbers, and what does not fit
RecurrentDecoder::RecurrentDecoder(int V, int H, int A, Looking where, Random& random)
    : cell(V + H, H, random),
      answer(2 * H, V, random),
      W(parameter(xavier_weights(H, A, random), "W")),
      U(parameter(xavier_weights(H, A, random), "U")),
      v(parameter(xavier_weights(A, 1, random), "v")),
      looking(where) {}

Memory RecurrentDecoder::memory_of(const Variable& states, const Variable& last,
                                   const std::vector<int>& lengths) const {
    const Variable keys = looking == Looking::additive ? keys_of(states, U) : states;
    return {states, keys, last, lengths};
}

Parameters RecurrentDecoder::parameters() const {
    Parameters all = cell.parameters();
    append(all, answer.parameters());
    if (looking == Looking::additive) append(all, {W, U, v});
    return all;
}

EncoderDecoder::EncoderDecoder(int V, int H, int A, Looking where, Random& random)
    : encoder(V, H, random), decoder(V, H, A, where, random) {}

Parameters EncoderDecoder::parameters() const {
    Parameters all = encoder.parameters();
    append(all, decoder.parameters());
    return all;
}

static void require_lengths(const char* function, const std::vector<int>& lengths, int B, int S) {
    if (size_of(lengths) != B)
        throw std::invalid_argument(std::string(function) + ": " + std::to_string(lengths.size()) +
                                    " lengths for " + std::to_string(B) + " words");
    for (int length : lengths)
        if (length < 1 || length > S)
            throw std::invalid_argument(std::string(function) + ": length " +
                                        std::to_string(length) + " of " + std::to_string(S));
}

static void require_tokens(const char* function, const std::vector<int>& tokens, int V) {
    for (int token : tokens)
        if (token < -1 || token >= V)
            throw std::invalid_argument(std::string(function) + ": token " +
                                        std::to_string(token) + " is none of " +
                                        std::to_string(V));
}
