#!/usr/bin/python3
"""The BLEU of a few small corpora, as Post's sacreBLEU computes it: the numbers of the check "BLEU is
that of sacreBLEU" in tests/checks/20_seq2seq.cpp.

    /usr/bin/python3 tests/sacrebleu/make_numbers.py CHECKOUT > tests/sacrebleu/numbers.txt

CHECKOUT is one of https://github.com/mjpost/sacrebleu, here f615c72 of 2026-01-12; what it only needs
for its tables and downloads is left out. Each line: case kept or folded, the four precisions, the
brevity penalty, both lengths, the BLEU, all in percent as sacreBLEU has them.
"""
import sys
import types

sys.path.insert(0, sys.argv[1])
for name in ["portalocker", "tabulate", "lxml", "lxml.etree", "sacrebleu.version"]:
    try:
        if name != "sacrebleu.version":
            __import__(name)
            continue
    except ImportError:
        pass
    if name not in sys.modules:
        sys.modules[name] = types.ModuleType(name)
        sys.modules[name].tabulate = sys.modules[name].__version__ = None

from sacrebleu.metrics import BLEU  # noqa: E402

CORPORA = [
    # one sentence, right
    [("the cat sat on the mat", ["the cat sat on the mat"])],
    # seven times the same, two references
    [("the the the the the the the",
      ["the cat is on the mat", "there is a cat on the mat"])],
    # two sentences, of which one is short: the penalty is of both together
    [("it is a guide to action which ensures that the army obeys",
      ["it is a guide to action that ensures that the army will forever heed the party"]),
     ("he read the book because he was interested in world history",
      ["he was interested in world history because he read the book"])],
    # two references each, of unlike lengths; the nearest counts, of two the shorter
    [("a b c d e f", ["a b c d", "a b c d e f g h", "b c d e f"]),
     ("a a b b a a", ["a b a b a b a b", "a a b b", "c"]),
     ("x y z x y z w", ["x y z w", "z x y z w x y z x y"])],
    # no 4-gram is right
    [("one two three five six seven", ["one two three four five six"])],
    # shorter than four words
    [("one two three", ["one two three"])],
    # with capitals
    [("The cat sat on The Mat today", ["the cat sat on the mat today"]),
     ("a Small Dog ran away from us", ["A small dog ran away from Us all"])],
    # one sentence is empty
    [("", ["one two three four five"]), ("six seven eight nine ten", ["six seven eight nine ten"])],
    # an n-gram that would reach across the sentence's end
    [("a b c d e", ["a b c d x"]), ("f g h i j", ["e f g h i"])],
]

for corpus in CORPORA:
    width = max(len(references) for _, references in corpus)
    streams = [[(r + [None] * width)[k] for _, r in corpus] for k in range(width)]
    for fold in (False, True):
        score = BLEU(tokenize="none", smooth_method="none", lowercase=fold).corpus_score(
            [candidate for candidate, _ in corpus], streams)
        print("folded" if fold else "kept  ", *("%.6f" % p for p in score.precisions),
              "%.6f" % (100 * score.bp), score.sys_len, score.ref_len, "%.6f" % score.score)
