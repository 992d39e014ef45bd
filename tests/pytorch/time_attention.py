#!/usr/bin/python3
"""How long PyTorch takes for what `course bench` measures under "Attention": softmax(Q Kᵀ/√d) V of 8
heads over 4,096 places with 512 features, and the same with the way back, in ms; the fastest of three.

    /usr/bin/python3 tests/pytorch/time_attention.py [THREADS]

How fast it is depends on the BLAS that stands behind it; `torch.__config__.show()` says which."""
import sys
import time

import torch

torch.set_num_threads(int(sys.argv[1]) if len(sys.argv) > 1 else 2)
torch.manual_seed(26)
H, T, d = 8, 4096, 64
q, k, v = (torch.randn(H, T, d).requires_grad_() for _ in range(3))
dy = torch.randn(H, T, d)


def attention():
    return torch.softmax(q @ k.transpose(-1, -2) / d**0.5, -1) @ v


def forward():
    with torch.no_grad():
        attention()


def both():
    q.grad = k.grad = v.grad = None
    attention().backward(dy)


for name, call in (("forward", forward), ("with the way back", both)):
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    print(f"{name:20} {1000 * min(seconds):8.0f}")
