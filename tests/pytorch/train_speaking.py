#!/usr/bin/python3
"""The judge of chapter 17's training: the same model, trained by PyTorch on the same words, with the same
batches, schedule and number of steps; only the random numbers differ.

    /usr/bin/python3 tests/pytorch/train_speaking.py demo|full [CHECKPOINT]

`demo` is what `make demo CHAPTER=17` trains, `full` what it trains with FULL=1. Needs Debian's
python3-torch, and only here. Saves to CHECKPOINT every few minutes and goes on from it."""
import os
import random
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

PLANS = {"demo": (20000, 64, 2, 2000, 1.8, 0.0), "full": (80000, 128, 4, 4000, 1.4, 0.1)}
if len(sys.argv) < 2 or sys.argv[1] not in PLANS:
    sys.exit(__doc__)
STEPS, D, LAYERS, WARM_UP, FACTOR, DROPOUT = PLANS[sys.argv[1]]
CHECKPOINT = sys.argv[2] if len(sys.argv) > 2 else ""
HEADS, INNER, BATCH, LIMIT, SMOOTHING = 4, 4 * D, 64, 1.0, 0.1
PADDING, BEGIN, END = 0, 1, 2
SOUNDS = ("AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V "
          "W Y Z ZH").split()
LETTERS = "abcdefghijklmnopqrstuvwxyz'"
NUMBER = {name: 3 + i for i, name in enumerate([*LETTERS, *SOUNDS])}
VOCABULARY = 3 + len(NUMBER)

torch.manual_seed(17)
random.seed(17)


def fnv1a(text):
    value = 0xcbf29ce484222325
    for byte in text.encode():
        value = (value ^ byte) * 0x100000001b3 % 2**64
    return value


def read_dictionary():
    training, held_out = [], []
    path = os.path.join(os.path.dirname(__file__), "../../data/cmudict.txt")
    for line in open(path, encoding="utf-8"):
        word, *spoken = line.rstrip("\n").split("\t")
        entry = ([NUMBER[c] for c in word], [[NUMBER[s] for s in p.split()] for p in spoken])
        (held_out if fnv1a(word) % 10 == 0 else training).append(entry)
    return training, held_out


def batches_of_like_length(pairs):
    random.shuffle(pairs)
    order = sorted(pairs, key=lambda pair: (len(pair[0]), len(pair[1])))
    batches = [order[i:i + BATCH] for i in range(0, len(order), BATCH)]
    random.shuffle(batches)
    return batches


def filled(sentences):
    return nn.utils.rnn.pad_sequence([torch.tensor(s) for s in sentences], True, PADDING)


class Speaker(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Parameter(torch.randn(VOCABULARY, D) / D**0.5)
        self.net = nn.Transformer(D, HEADS, LAYERS, LAYERS, INNER, DROPOUT, batch_first=True,
                                  norm_first=True)
        for layer in [*self.net.encoder.layers, *self.net.decoder.layers]:
            layer.dropout.p = layer.self_attn.dropout = 0.0  # only what a sublayer adds is dropped
        for layer in self.net.decoder.layers:
            layer.multihead_attn.dropout = 0.0
        for module in self.net.modules():  # the course's linear layers and biases begin so
            if isinstance(module, (nn.Linear, nn.MultiheadAttention)):
                for name, p in module.named_parameters(recurse=False):
                    if p.dim() == 1:
                        nn.init.zeros_(p)
                    elif name == "in_proj_weight":
                        for part in p.data.chunk(3):
                            nn.init.xavier_uniform_(part)
                    else:
                        nn.init.xavier_uniform_(p)
        angle = torch.arange(64.0)[:, None] / 10000 ** (torch.arange(0, D, 2) / D)
        self.positions = torch.stack([angle.sin(), angle.cos()], -1).flatten(1)

    def embed(self, words):
        x = F.embedding(words, self.table) * D**0.5 + self.positions[:words.shape[1]]
        return F.dropout(x, DROPOUT, self.training)

    def forward(self, source, read):
        ahead = self.net.generate_square_subsequent_mask(read.shape[1])
        hidden = source == PADDING
        h = self.net(self.embed(source), self.embed(read), tgt_mask=ahead,
                     src_key_padding_mask=hidden, memory_key_padding_mask=hidden)
        return h @ self.table.t()


def edit_distance(a, b):
    best = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        diagonal, best[0] = best[0], i
        for j, y in enumerate(b, 1):
            diagonal, best[j] = best[j], min(diagonal + (x != y), best[j] + 1, best[j - 1] + 1)
    return best[-1]


@torch.no_grad()
def error_rates(net, entries):
    net.eval()
    wrong = edits = sounds = 0
    entries = sorted(entries, key=lambda entry: len(entry[0]))
    for first in range(0, len(entries), 256):
        part = entries[first:first + 256]
        source = filled([letters for letters, _ in part])
        read = torch.full((len(part), 1), BEGIN)
        for _ in range(8 + 2 * source.shape[1]):
            read = torch.cat([read, net(source, read)[:, -1].argmax(-1)[:, None]], 1)
            if (read == END).any(1).all():
                break
        for (_, spoken), row in zip(part, read[:, 1:].tolist()):
            said = row[:row.index(END)] if END in row else row
            distance, length = min((edit_distance(said, right), len(right)) for right in spoken)
            wrong, edits, sounds = wrong + (distance > 0), edits + distance, sounds + length
    return wrong / len(entries), edits / sounds


def main():
    training, held_out = read_dictionary()
    pairs = [(letters, p) for letters, spoken in training for p in spoken]
    net, step, batches, started = Speaker(), 0, [], time.time()
    adam = torch.optim.Adam(net.parameters(), 0.0, (0.9, 0.98), 1e-9)
    if CHECKPOINT and os.path.exists(CHECKPOINT):
        kept = torch.load(CHECKPOINT)
        net.load_state_dict(kept["net"])
        adam.load_state_dict(kept["adam"])
        step = kept["step"]
        random.seed(step)
    print(sum(p.numel() for p in net.parameters()), "parameters,", len(training), "words,",
          len(held_out), "held out; from step", step, flush=True)
    while step < STEPS:
        batches = batches or batches_of_like_length(pairs)
        batch = batches.pop()
        step += 1
        rate = D**-0.5 * min(step**-0.5, step * WARM_UP**-1.5) * FACTOR * (1 - (step - 1) / STEPS)
        for group in adam.param_groups:
            group["lr"] = rate
        source = filled([letters for letters, _ in batch])
        read = filled([[BEGIN, *spoken] for _, spoken in batch])
        said = filled([[*spoken, END] for _, spoken in batch])
        loss = F.cross_entropy(net(source, read).flatten(0, 1), said.flatten(),
                               ignore_index=PADDING, label_smoothing=SMOOTHING)
        adam.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), LIMIT)
        adam.step()
        if step % 1000 == 0:
            print(f"step {step}  loss {loss.item():.4f}  {time.time() - started:.0f} s", flush=True)
        if CHECKPOINT and step % 2000 == 0:
            torch.save({"net": net.state_dict(), "adam": adam.state_dict(), "step": step},
                       CHECKPOINT + ".new")
            os.replace(CHECKPOINT + ".new", CHECKPOINT)
    words, sounds = error_rates(net, held_out)
    print(f"{len(held_out)} held-out words: {100 * words:.1f} % of the words and "
          f"{100 * sounds:.1f} % of the sounds are wrong; {time.time() - started:.0f} s")


main()
