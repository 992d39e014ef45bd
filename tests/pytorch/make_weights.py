#!/usr/bin/python3
"""A small file in the safetensors format, whose numbers PyTorch has rounded: tests/weights.sh reads it.

    /usr/bin/python3 tests/pytorch/make_weights.py > tests/pytorch/weights.safetensors

Needs Debian's python3-torch, and only here. Each type's numbers are there a second time, as floats."""
import json
import struct
import sys

import torch

torch.manual_seed(18)
special = torch.tensor([0.0, -0.0, 1.0, -2.0, 65504.0, 6e-8, -6.1e-5, 3.1415927, float("inf"), -float("inf"), 1e-7, 0.1])
numbers = torch.cat([special, torch.randn(60) * 0.02, torch.randn(48) * 1000]).reshape(2, 15, 4)

header, data = {"__metadata__": {"format": "pt"}}, b""
for name, dtype in [("F32", torch.float32), ("F16", torch.float16), ("BF16", torch.bfloat16)]:
    rounded = numbers.to(dtype)
    raw = rounded.view(torch.int16 if dtype != torch.float32 else torch.int32).numpy().tobytes()
    for entry, kind, part in [(name, name, raw), (name + " as F32", "F32", rounded.float().numpy().tobytes())]:
        header[entry] = {"dtype": kind, "shape": list(numbers.shape), "data_offsets": [len(data), len(data) + len(part)]}
        data += part
text = json.dumps(header).encode()
text += b" " * (-len(text) % 8)
sys.stdout.buffer.write(struct.pack("<Q", len(text)) + text + data)
