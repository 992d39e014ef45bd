#!/usr/bin/python3
"""The independent judge: what PyTorch computes for the operations of the course, with gradients.

    /usr/bin/python3 tests/pytorch/make_numbers.py > tests/pytorch/numbers.txt

Needs Debian's python3-torch, and only here: tests/pytorch/compare.cpp reads the numbers and needs no
Python. A case is a line `case NAME` and lines `in VALUE` and `out VALUE`, in the form of
course/grader/value.cpp. Outputs are the result y and then the gradients of sum(y * dy), dy being the last
input, with respect to each of the other inputs."""
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(20261121)


def encode(x):
    if isinstance(x, (int, float)):
        return f"n {x!r}"
    if isinstance(x, (list, tuple)):
        return " ".join([f"l {len(x)}", *map(encode, x)])
    numbers = " ".join(f"{v:.9g}" for v in x.detach().flatten().tolist())
    return " ".join(f"x {x.dim()} {' '.join(map(str, x.shape))} {numbers}".split())


def case(name, inputs, outputs):
    print("case", name)
    for x in inputs:
        print("in", encode(x))
    for x in outputs:
        print("out", encode(x))


def gradients(name, function, *shapes, spread=1.0):
    """The case of a function of tensors of these shapes, drawn from a normal distribution."""
    inputs = [(torch.randn(*shape) * spread).requires_grad_() for shape in shapes]
    y = function(*inputs)
    dy = torch.randn_like(y)
    (y * dy).sum().backward()
    case(name, [*inputs, dy], [y, *(x.grad for x in inputs)])


def module(name, layer, function, *shapes):
    """The case of a layer: its inputs, then its parameters in the course's order and form."""
    inputs = [torch.randn(*shape).requires_grad_() for shape in shapes]
    layer.zero_grad(set_to_none=True)
    for p in layer.parameters():
        nn.init.normal_(p, std=0.4)
    y = function(*inputs)
    dy = torch.randn_like(y)
    (y * dy).sum().backward()
    values, grads = parameters(layer, lambda p: p), parameters(layer, lambda p: p.grad)
    case(name, [*inputs, *values, dy], [y, *(x.grad for x in inputs), *grads])


def parameters(layer, get):
    """Weights are [in, out] in the course, [out, in] in PyTorch, which keeps W^Q, W^K, W^V in one."""
    if isinstance(layer, nn.MultiheadAttention):
        weights, biases = get(layer.in_proj_weight).chunk(3), get(layer.in_proj_bias).chunk(3)
        pairs = [x for w, b in zip(weights, biases) for x in (w.t(), b)]
        return [*pairs, *parameters(layer.out_proj, get)]
    if isinstance(layer, nn.Linear):
        return [get(layer.weight).t(), get(layer.bias)]
    if isinstance(layer, nn.LayerNorm):
        return [get(layer.weight), get(layer.bias)]
    if isinstance(layer, nn.TransformerEncoderLayer):
        parts = [layer.self_attn, layer.linear1, layer.linear2, layer.norm1, layer.norm2]
    elif isinstance(layer, nn.TransformerDecoderLayer):
        parts = [layer.self_attn, layer.multihead_attn, layer.linear1, layer.linear2,
                 layer.norm1, layer.norm2, layer.norm3]
    elif isinstance(layer, (nn.TransformerEncoder, nn.TransformerDecoder)):
        parts = [*layer.layers, *([layer.norm] if layer.norm else [])]
    else:
        parts = [layer.encoder, layer.decoder]
    return [x for part in parts for x in parameters(part, get)]


# ## Chapter 3: operations

gradients("add", torch.add, (3, 4), (3, 4))
gradients("add", torch.add, (2, 3, 4), (4,))
gradients("subtract", torch.sub, (2, 3, 4), (3, 4))
gradients("multiply", torch.mul, (2, 3, 4), (4,))
gradients("matmul", torch.matmul, (7, 5), (5, 6))
gradients("matmul", torch.matmul, (3, 7, 5), (5, 6))
gradients("matmul", torch.matmul, (2, 3, 7, 5), (2, 3, 5, 6))
gradients("matmul", torch.matmul, (6, 300), (300, 5))
gradients("transpose", lambda x: x.transpose(-1, -2), (2, 3, 5))
gradients("sum 0", lambda x: x.sum(0), (3, 4, 5))
gradients("sum 1", lambda x: x.sum(1), (3, 4, 5))
gradients("mean 2", lambda x: x.mean(2), (3, 4, 5))
gradients("tanh", torch.tanh, (4, 9), spread=2.0)
gradients("sigmoid", torch.sigmoid, (4, 9), spread=4.0)
gradients("relu", torch.relu, (4, 9))
gradients("gelu", F.gelu, (4, 9), spread=2.0)
gradients("softmax", lambda x: F.softmax(x, -1), (3, 2, 8), spread=3.0)
gradients("softmax", lambda x: F.softmax(x, -1), (2, 50), spread=6.0)

# ## Chapter 4: a layer, the loss, the optimisers

gradients("linear", lambda x, W, b: F.linear(x, W.T, b), (7, 5), (5, 6), (6,))
gradients("linear", lambda x, W, b: F.linear(x, W.T, b), (2, 3, 40), (40, 9), (9,))


def cross_entropy(rows, classes, ignore, ignored=0, spread=1.0):
    """Inputs: logits, targets, the index to ignore. Outputs: the loss and its gradient."""
    logits = (torch.randn(rows, classes) * spread).requires_grad_()
    targets = torch.randint(classes, (rows,))
    targets[:ignored] = ignore
    loss = F.cross_entropy(logits, targets, ignore_index=ignore)
    loss.backward()
    case("cross_entropy", [logits, targets.tolist(), ignore], [loss.detach(), logits.grad])


cross_entropy(6, 5, -1)
cross_entropy(9, 4, -1, ignored=4)
cross_entropy(20, 3, 0, ignored=2)
cross_entropy(8, 6, -100, ignored=1, spread=60.0)
cross_entropy(4, 300, -1, ignored=1, spread=3.0)


def optimiser(name, settings, kind, steps=12, **more):
    """Inputs: two weights, their gradients step by step, the settings. Outputs: the weights after
    each step. The gradients of some weights are small, of others large."""
    weights = [torch.randn(3, 4), torch.randn(5)]
    gradients = [torch.randn_like(w) * 10.0 ** torch.randint(-3, 3, w.shape)
                 for _ in range(steps) for w in weights]
    parameters = [w.clone().requires_grad_() for w in weights]
    chosen = kind(parameters, **more)
    after = []
    for step in range(steps):
        for i, p in enumerate(parameters):
            p.grad = gradients[2 * step + i].clone()
        chosen.step()
        after += [p.detach().clone() for p in parameters]
    case(name, [weights, gradients, settings], after)


optimiser("SGD", [0.01, 0.0, 0.0], torch.optim.SGD, lr=0.01)
optimiser("SGD", [0.003, 0.9, 0.0], torch.optim.SGD, lr=0.003, momentum=0.9)
optimiser("SGD", [0.02, 0.5, 0.1], torch.optim.SGD, lr=0.02, momentum=0.5, weight_decay=0.1)
optimiser("RMSprop", [0.01, 0.99, 1e-8], torch.optim.RMSprop, lr=0.01)
optimiser("RMSprop", [0.003, 0.9, 0.01], torch.optim.RMSprop, lr=0.003, alpha=0.9, eps=0.01)
optimiser("Adam", [0.01, 0.9, 0.999, 1e-8], torch.optim.Adam, lr=0.01)
optimiser("Adam", [0.03, 0.5, 0.9, 0.1], torch.optim.Adam, lr=0.03, betas=(0.5, 0.9), eps=0.1)
optimiser("AdamW", [0.01, 0.9, 0.999, 1e-8, 0.01], torch.optim.AdamW, lr=0.01)
optimiser("AdamW", [0.02, 0.8, 0.95, 1e-4, 0.3], torch.optim.AdamW, lr=0.02, betas=(0.8, 0.95),
          eps=1e-4, weight_decay=0.3)

# ## Chapter 11: attention


def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5
    if mask is not None:
        scores = scores.masked_fill(mask == 0, float("-inf"))
    return F.softmax(scores, -1) @ v


causal = torch.ones(5, 5).tril()
padding = torch.tensor([[1.0, 1, 1, 0], [1, 1, 1, 1]])[:, None, :].expand(2, 3, 4)
gradients("attention", attention, (3, 8), (5, 8), (5, 2))
gradients("attention", attention, (2, 3, 4, 16), (2, 3, 5, 16), (2, 3, 5, 7))
gradients("attention causal", lambda q, k, v: attention(q, k, v, causal), (2, 5, 8), (2, 5, 8), (2, 5, 3))
gradients("attention padded", lambda q, k, v: attention(q, k, v, padding[:, None]),
          (2, 2, 3, 8), (2, 2, 4, 8), (2, 2, 4, 3))

# ## Chapter 12: multi-head attention

several = nn.MultiheadAttention(12, 3, batch_first=True)
hidden = torch.tensor([[False] * 5, [False] * 3 + [True] * 2])  # PyTorch marks what is *not* seen
module("multi-head", several, lambda x, m: several(x, m, m)[0], (2, 3, 12), (2, 5, 12))
module("multi-head padded", several, lambda x, m: several(x, m, m, key_padding_mask=hidden)[0],
       (2, 3, 12), (2, 5, 12))

# ## Chapter 13: positional encoding


def sinusoid_at(times, D):
    times = torch.tensor(times, dtype=torch.float64)
    rates = torch.exp(-torch.arange(0, D + D % 2, 2, dtype=torch.float64) / D * torch.log(torch.tensor(10000.0, dtype=torch.float64)))
    angles = times[:, None] * rates
    return torch.stack([angles.sin(), angles.cos()], -1).flatten(1)[:, :D]


def rotate(x, times):
    """A turn of a pair is the product of a complex number with one of length 1."""
    times = torch.tensor(times, dtype=torch.float64)
    d = x.shape[-1]
    angles = times[:, None] * 10000.0 ** (-torch.arange(0, d, 2, dtype=torch.float64) / d)
    hands = torch.polar(torch.ones_like(angles), angles)
    pairs = torch.view_as_complex(x.double().unflatten(-1, (d // 2, 2)))
    return torch.view_as_real(pairs * hands).flatten(-2).float()


def rotary_attention(q, k, v, mask=None):
    return attention(rotate(q, [*range(q.shape[-2])]), rotate(k, [*range(k.shape[-2])]), v, mask)


def first_rows(table, x):
    return x + F.embedding(torch.arange(x.shape[-2]), table)


for times, D in [([*range(50)], 32), ([0, 3, 7], 5), ([0.25, -3.5, 1000.75, 59000.125], 12)]:
    times = [float(t) for t in times]
    case("sinusoid", [times, D], [sinusoid_at(times, D)])
irregular = [-1.5, 0.0, 2.25, 40.0]
gradients("rotate", lambda x: rotate(x, irregular), (2, 3, 4, 6))
gradients("rotary attention", rotary_attention, (3, 8), (5, 8), (5, 3))
gradients("rotary attention", rotary_attention, (2, 2, 4, 16), (2, 2, 6, 16), (2, 2, 6, 4))
gradients("rotary attention causal", lambda q, k, v: rotary_attention(q, k, v, causal),
          (2, 5, 8), (2, 5, 8), (2, 5, 4))
gradients("learned positions", first_rows, (7, 6), (2, 4, 6))

# ## Chapter 14: the parts of a layer


def norm(x, gain, bias):
    return F.layer_norm(x, x.shape[-1:], gain, bias, 1e-5)


def feed_forward(activation):
    return lambda x, W1, b1, W2, b2: activation(x @ W1 + b1) @ W2 + b2


gradients("layer norm", norm, (4, 8), (8,), (8,), spread=2.0)
gradients("layer norm", norm, (2, 3, 50), (50,), (50,))
gradients("layer norm", norm, (3, 16), (16,), (16,), spread=0.003)
gradients("feed-forward relu", feed_forward(F.relu), (2, 3, 4), (4, 16), (16,), (16, 4), (4,))
gradients("feed-forward gelu", feed_forward(F.gelu), (2, 3, 4), (4, 16), (16,), (16, 4), (4,))
gradients("sublayer before", lambda x, gain, bias, W, b: x + torch.tanh(norm(x, gain, bias) @ W + b),
          (2, 3, 6), (6,), (6,), (6, 6), (6,))
gradients("sublayer after", lambda x, gain, bias, W, b: norm(x + torch.tanh(x @ W + b), gain, bias),
          (2, 3, 6), (6,), (6,), (6, 6), (6,))

# ## Chapters 15 and 16: encoder and decoder


def stacks(before):
    """Layers of 12 features, 3 heads and 20 inner features, without dropout; two of each in a stack."""
    settings = dict(d_model=12, nhead=3, dim_feedforward=20, dropout=0.0, batch_first=True,
                    norm_first=before)
    encoder, decoder = nn.TransformerEncoderLayer(**settings), nn.TransformerDecoderLayer(**settings)
    norms = [nn.LayerNorm(12) if before else None for _ in range(2)]
    return (encoder, decoder, nn.TransformerEncoder(encoder, 2, norms[0]),
            nn.TransformerDecoder(decoder, 2, norms[1]))


class EncoderDecoder(nn.Module):
    """Both stacks, the source and the target padded, the target causal."""

    def __init__(self, encoder, decoder):
        super().__init__()
        self.encoder, self.decoder = encoder, decoder

    def forward(self, x, y):
        memory = self.encoder(x, src_key_padding_mask=hidden)
        return self.decoder(y, memory, tgt_mask=ahead, tgt_key_padding_mask=hidden_target,
                            memory_key_padding_mask=hidden)


ahead = torch.ones(3, 3).triu(1).bool()
hidden_target = torch.tensor([[False, False, False], [False, False, True]])
for before, place in [(True, "pre-norm"), (False, "post-norm")]:
    encoder_layer, decoder_layer, encoder, decoder = stacks(before)
    module(f"encoder layer {place}", encoder_layer,
           lambda x: encoder_layer(x, src_key_padding_mask=hidden), (2, 5, 12))
    module(f"decoder layer {place}", decoder_layer,
           lambda y, m: decoder_layer(y, m, tgt_mask=ahead, memory_key_padding_mask=hidden),
           (2, 3, 12), (2, 5, 12))
    both = EncoderDecoder(encoder, decoder)
    module(f"encoder-decoder {place}", both, both, (2, 5, 12), (2, 3, 12))

# ## Chapter 17: the transformer

for words in ([2, 0, 2, 6, 2], [3]):
    table = torch.randn(7, 5, requires_grad=True)
    x = F.embedding(torch.tensor(words), table)
    dx = torch.randn_like(x)
    (x * dx).sum().backward()
    case("lookup", [table, words, dx], [x, table.grad])

for epsilon, shape, targets in [(0.1, (6, 9), [4, 0, 8, 1, 0, 0]), (0.3, (4, 69), [1, 2, 68, 5]),
                                (0.0, (3, 4), [0, 3, 1]), (0.1, (2, 3), [0, 2])]:
    z = (torch.randn(*shape) * 3).requires_grad_()
    loss = F.cross_entropy(z, torch.tensor(targets), label_smoothing=epsilon, ignore_index=0)
    (3 * loss).backward()
    case("smoothed cross-entropy", [z, targets, epsilon], [loss, z.grad])

for d_model, warm_up in [(512, 4000), (64, 100)]:
    steps = [1, 2, 50, 99, 100, 101, 3999, 4000, 4001, 20000]
    optimiser = torch.optim.SGD([torch.zeros(1, requires_grad=True)], d_model**-0.5)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(max(step, 1)**-0.5, step * warm_up**-1.5))
    optimiser.step()
    rates = [schedule.get_last_lr()[0]] + [schedule.step() or schedule.get_last_lr()[0]
                                           for _ in range(max(steps))]
    case("warm-up rate", [steps, d_model, warm_up], [torch.tensor([rates[s] for s in steps])])

for limit in (1.0, 100.0):  # PyTorch divides by the norm + 1e-6: no difference at this precision
    both = [torch.zeros(shape, requires_grad=True) for shape in ((3, 4), (5,))]
    for p in both:
        p.grad = torch.randn_like(p) * 4
    before = [p.grad.clone() for p in both]
    norm_before = nn.utils.clip_grad_norm_(both, limit)
    case("clip gradients", [*before, limit], [norm_before, *(p.grad for p in both)])


def whole(pre_norm, tied):
    """nn.Transformer with an embedding in front and a table behind; its masks on, no dropout. What
    stands at the target's padding is nobody's business and set to 0."""
    V, D, H, inner, layers = 11, 12, 3, 20, 2
    net = nn.Transformer(D, H, layers, layers, inner, dropout=0.0, batch_first=True,
                         norm_first=pre_norm)
    if not pre_norm:  # it has a last norm in any case; the paper and the course have none here
        net.encoder.norm = net.decoder.norm = None
    for p in net.parameters():
        nn.init.normal_(p, std=0.4)
    tables = [(torch.randn(V, D) * 0.4).requires_grad_() for _ in range(1 if tied else 3)]
    source, target, output = tables * 3 if tied else tables
    sources, read = [[3, 4, 5, 9, 3], [6, 10], [7, 3, 4]], [[1, 5], [1, 3, 4, 6], [1, 8, 8]]
    s, t = (nn.utils.rnn.pad_sequence([torch.tensor(words) for words in sentences], True)
            for sentences in (sources, read))
    ahead = net.generate_square_subsequent_mask(t.shape[1])

    def embed(table, words):
        positions = sinusoid_at([float(i) for i in range(words.shape[1])], D)
        return F.embedding(words, table) * D**0.5 + positions.float()

    h = net(embed(source, s), embed(target, t), tgt_mask=ahead, src_key_padding_mask=s == 0,
            tgt_key_padding_mask=t == 0, memory_key_padding_mask=s == 0)
    real = (t != 0)[..., None]
    z = h @ output.t() * real
    dz = torch.randn_like(z) * real
    (z * dz).sum().backward()
    case("transformer", [sources, read, int(pre_norm), [*tables, *parameters(net, lambda p: p)], dz],
         [z, *(table.grad for table in tables), *parameters(net, lambda p: p.grad)])


for pre_norm in (True, False):
    for tied in (True, False):
        whole(pre_norm, tied)

# ## Chapter 5: recurrent networks. Inputs: x step by step, W, U, and the two biases, W and U as the
# course keeps them. y is the last state.

torch.manual_seed(5)


def recurrent(kind):
    def function(*v):
        *xs, W, U, b_ih, b_hh = v
        x, B, H = torch.stack(xs), xs[0].shape[0], U.shape[0]
        weights, zeros = [W.t(), U.t(), b_ih, b_hh], torch.zeros(1, B, H)
        if kind == "RNN":
            return torch._VF.rnn_tanh(x, zeros, weights, True, 1, 0.0, False, False, False)[1][0]
        _, h, c = torch._VF.lstm(x, (zeros, zeros), weights, True, 1, 0.0, False, False, False)
        return torch.cat([h[0], c[0]], 1)
    return function


for name, gates in [("RNN", 1), ("RNN by hand", 1), ("LSTM", 4)]:
    for T, B, D, H in [(5, 3, 4, 6), (1, 2, 3, 2), (12, 1, 2, 3)]:
        gradients(name, recurrent(name.split()[0]), *[(B, D)] * T, (D, gates * H), (H, gates * H),
                  (gates * H,), (gates * H,), spread=0.7)

# ## Chapter 6: autoencoders. Inputs: x, and of each layer W as the course keeps it, the biases down and
# up. Then the loss and its gradient, a hole filled by solving (6.6) as linear equations, and the area.

torch.manual_seed(6)


def autoencoder(x, *layers):
    layers = [layers[k:k + 3] for k in range(0, len(layers), 3)]
    for k, (W, down, _) in enumerate(layers):
        x = F.linear(x, W.t(), down)
        x = F.relu(x) if k + 1 < len(layers) else x
    for k, (W, _, up) in reversed(list(enumerate(layers))):
        x = F.linear(x, W, up)
        x = F.relu(x) if k > 0 else torch.sigmoid(x)
    return x


for N, sizes in [(3, (6, 4, 2)), (2, (3, 5)), (4, (5, 5, 5, 5)), (1, (1, 1))]:
    layers = [shape for a, b in zip(sizes, sizes[1:]) for shape in ((a, b), (b,), (a,))]
    gradients("autoencoder", autoencoder, (N, sizes[0]), *layers, spread=0.5)

for shape in [(3, 4), (1, 1), (2, 3, 2), ()]:
    y, target = torch.randn(shape).requires_grad_(), torch.randn(shape)
    loss = F.mse_loss(y, target)
    loss.backward()
    case("mean square error", [y, target], [loss, y.grad])


def diffusion(x, known):
    R, C = x.shape
    A, b = torch.eye(R * C, dtype=torch.float64), x.flatten().double()
    for i in range(R * C):
        r, c = divmod(i, C)
        if known[r, c] == 0:
            near = [(r + a, c + d) for a, d in ((-1, 0), (1, 0), (0, -1), (0, 1))]
            near = [a * C + d for a, d in near if 0 <= a < R and 0 <= d < C]
            A[i, near], A[i, i], b[i] = -1.0, float(len(near)), 0.0
    return torch.linalg.solve(A, b).float().reshape(R, C)


for R, C in [(3, 3), (4, 5), (1, 6)]:
    x, known = torch.randn(R, C), torch.bernoulli(torch.full((R, C), 0.6))
    known[0, 0] = 1
    case("diffusion", [x, known], [diffusion(x, known)])

for N, M, kinds in [(5, 4, 3), (1, 7, 4), (30, 20, 1000)]:
    a, b = torch.randint(kinds, (N,)).float(), torch.randint(kinds, (M,)).float()
    won = (b[:, None] > a).double() + 0.5 * (b[:, None] == a).double()
    case("area", [a, b], [won.mean().item()])

# ## Chapter 8: Hopfield networks. PyTorch's attention is the update of the modern one, and the slope
# of its energy leads there, too.

torch.manual_seed(8)

for M, N in [(1, 4), (3, 25), (7, 5)]:
    x = torch.randint(0, 2, (M, N)) * 2.0 - 1
    W = torch.einsum("mi,mj->ij", x, x).fill_diagonal_(0)
    stable = x * (x @ W) >= 0
    case("Hopfield", [x], [W, (-x[0] @ W @ x[0] / 2).item(), stable.float().mean().item()])

for M, N, T, beta in [(5, 4, 3, 0.7), (1, 3, 2, 2.0), (40, 6, 2, 0.125), (4, 4, 4, 9.0)]:
    x, s = torch.randn(M, N).double(), torch.randn(T, N).double().requires_grad_()
    energy = (s * s).sum(1) / 2 - torch.logsumexp(beta * s @ x.t(), 1) / beta
    energy.sum().backward()
    scaled = (beta * N**0.5 * s)[None]  # it divides by the root of N
    y = F._scaled_dot_product_attention(scaled, x[None], x[None])[0][0]
    case("modern Hopfield", [x, s, beta], [y, s - s.grad, energy[0].item()])

for N, M in [(200, 28), (200, 60), (2, 2), (5, 1), (30, 100)]:
    z = ((N - 1) / (M - 1))**0.5 if M > 1 else float("inf")
    case("stable share", [N, M], [torch.distributions.Normal(0, 1).cdf(torch.tensor(z).double()).item()])
# ## Chapter 7: words as vectors.

torch.manual_seed(7)


def average_of_words(V, D, padding, texts):
    table = torch.randn(V, D).requires_grad_()
    ids = torch.tensor([w for text in texts for w in text])
    starts = torch.tensor([sum(map(len, texts[:b])) for b in range(len(texts))])
    y = F.embedding_bag(ids, table, starts, mode="mean", padding_idx=padding)
    dy = torch.randn_like(y)
    (y * dy).sum().backward()
    case("average of words", [table, texts, padding, dy], [y, table.grad])


average_of_words(6, 4, 0, [[1, 2, 0, 0], [5], [0, 3, 3, 1, 3], [0, 0]])
average_of_words(3, 7, 2, [[0, 1, 0, 0], [1, 2]])

for counts in [[0, 0, 500, 120, 33, 1, 1], [7], [3, 0, 100000]]:
    shares = torch.tensor(counts, dtype=torch.float64) ** 0.75
    case("noise", [counts], [torch.cumsum(shares / shares.sum(), 0)])


def skip_gram(V, D, word, others, rate, spread=1.0):
    words, contexts = ((torch.randn(V, D) * spread).requires_grad_() for _ in range(2))
    scores = contexts[torch.tensor(others)] @ words[word]
    loss = -F.logsigmoid(scores[0]) - F.logsigmoid(-scores[1:]).sum()
    loss.backward()
    case("skip-gram", [words, contexts, word, others, rate],
         [loss.item(), words - rate * words.grad, contexts - rate * contexts.grad])


skip_gram(5, 8, 2, [4, 0, 1, 0, 2], 0.05)
skip_gram(3, 48, 0, [1], 1.0, spread=0.2)
skip_gram(4, 16, 3, [3, 3, 1], 0.25, spread=3.0)

for V, D in [(9, 5), (4, 20)]:
    table, direction = torch.randn(V, D), torch.randn(D)
    order = F.cosine_similarity(table, direction[None], dim=1).argsort(descending=True)
    case("cosines", [table, direction], [F.normalize(table, dim=1), order.float()])

for N, D, count in [(20, 4, 2), (7, 3, 3), (40, 8, 2)]:
    rows = torch.randn(N, D) * (1.0 / torch.arange(1, D + 1)) ** 1.5 @ torch.randn(D, D) + 1
    _, _, directions = torch.linalg.svd((rows - rows.mean(0)).double(), full_matrices=False)
    directions = directions[:count]
    largest = directions.abs().argmax(1)
    directions = directions * directions[torch.arange(count), largest].sign()[:, None]
    case("principal components", [rows, count],
         [directions, (rows - rows.mean(0)).double() @ directions.t()])

# ## Chapter 10: attention in recurrent networks. Each word by itself, so that nothing is padded.

torch.manual_seed(10)


def looking(score):
    def function(s, states, *parameters):
        rows, S = [], states.shape[1]
        for b, memory in enumerate(states):
            alpha = torch.softmax(score(s[b], memory[b:], *parameters), 0)
            rows.append(torch.cat([torch.zeros(b), alpha, alpha @ memory[b:]]))
        return torch.stack(rows)
    return function


def additive(s, memory, W, U, v):
    return (torch.tanh(s @ W + memory @ U) @ v)[:, 0]


for B, S, H, A in [(3, 5, 4, 6), (1, 1, 2, 3), (2, 2, 3, 3)]:
    gradients("additive attention", looking(additive), (B, H), (B, S, H), (H, A), (H, A), (A, 1))
    gradients("dot attention", looking(lambda s, memory: memory @ s), (B, H), (B, S, H))


def writing(V):
    def function(rW, rU, rb, wW, wU, wb, aW, ab, W, U, v):
        H = rU.shape[0]

        def step(x, h, c, W, U, b):
            return torch.lstm_cell(x, [h, c], W.t(), U.t(), b, torch.zeros(4 * H))

        logits, wanted = [], []
        for b in range(3):
            word = [(b + 2 * i) % V for i in range(b + 1)]
            target = [(2 * b + 3 * i) % V for i in range(3 - b)]
            h = c = torch.zeros(1, H)
            states = []
            for token in word:
                h, c = step(torch.eye(V)[token][None], h, c, rW, rU, rb)
                states.append(h)
            memory = torch.cat(states)
            for read, want in zip([0] + target, target + [1]):
                context = torch.softmax(additive(h, memory, W, U, v), 0)[None] @ memory
                h, c = step(torch.cat([torch.eye(V)[read][None], context], 1), h, c, wW, wU, wb)
                logits.append(torch.cat([h, context], 1) @ aW + ab)
                wanted.append(want)
        return F.cross_entropy(torch.cat(logits), torch.tensor(wanted))
    return function


for V, H, A in [(5, 4, 3), (3, 2, 2)]:
    gradients("writing", writing(V), (V, 4 * H), (H, 4 * H), (4 * H,), (V + H, 4 * H), (H, 4 * H),
              (4 * H,), (2 * H, V), (V,), (H, A), (H, A), (A, 1), spread=0.7)

# ## Chapter 18: GPT. Its numbers do not depend on those above.

torch.manual_seed(18)
gradients("gelu tanh", lambda x: F.gelu(x, approximate="tanh"), (4, 9), spread=2.0)


class SmallGpt:
    """V = 11, context 6, D = 8, 2 heads, 2 layers; parameters in the course's order."""

    V, context, D, H, L = 11, 6, 8, 2, 2

    def __init__(self, rotary):
        D = self.D
        layer = [(D,), (D,), *[(D, D), (D,)] * 4, (D,), (D,), (D, 4 * D), (4 * D,), (4 * D, D), (D,)]
        tables = [(self.V, D)] if rotary else [(self.V, D), (self.context, D)]
        self.rotary = rotary
        self.weights = [(torch.randn(*shape) * 0.4).requires_grad_()
                        for shape in [*tables, *layer * self.L, (D,), (D,)]]

    def __call__(self, tokens):
        left = iter(self.weights)
        table = next(left)
        B, T = tokens.shape
        x = F.embedding(tokens, table)
        if not self.rotary:
            x = x + next(left)[:T]
        for _ in range(self.L):
            z = F.layer_norm(x, (self.D,), next(left), next(left))
            q, k, v = ((z @ next(left) + next(left)).view(B, T, self.H, -1).transpose(1, 2)
                       for _ in range(3))
            if self.rotary:
                q, k = rotate(q, [*range(T)]), rotate(k, [*range(T)])
            scores = q @ k.transpose(-1, -2) / (self.D // self.H)**0.5
            scores = scores.masked_fill(torch.ones(T, T).triu(1).bool(), -torch.inf)
            heads = (scores.softmax(-1) @ v).transpose(1, 2).reshape(B, T, self.D)
            x = x + heads @ next(left) + next(left)
            z = F.layer_norm(x, (self.D,), next(left), next(left))
            up = F.gelu(z @ next(left) + next(left), approximate="tanh")
            x = x + up @ next(left) + next(left)
        return F.layer_norm(x, (self.D,), next(left), next(left)) @ table.T


for rotary in (False, True):
    net, tokens = SmallGpt(rotary), [[3, 1, 4, 1, 5], [9, 2, 6, 5, 3], [0, 10, 0, 10, 7]]
    z = net(torch.tensor(tokens))
    dz = torch.randn_like(z)
    (z * dz).sum().backward()
    case("gpt", [int(rotary), tokens, list(net.weights), dz], [z, *(w.grad for w in net.weights)])


def gpt2(V, context, D, L, tokens):
    """GPT-2's own form: c_attn is one product, cut afterwards. Number i of tensor t, in the order of
    the names, is 0.3 sin(0.37 i + t); a gain is that much above 1."""
    shapes = {"wte.weight": (V, D), "wpe.weight": (context, D), "ln_f.weight": (D,), "ln_f.bias": (D,)}
    for l in range(L):
        for part, into, out in [("attn.c_attn", D, 3 * D), ("attn.c_proj", D, D),
                                ("mlp.c_fc", D, 4 * D), ("mlp.c_proj", 4 * D, D)]:
            shapes[f"h.{l}.{part}.weight"] = (into, out)
            shapes[f"h.{l}.{part}.bias"] = (out,)
        for norm in ("ln_1", "ln_2"):
            shapes[f"h.{l}.{norm}.weight"] = shapes[f"h.{l}.{norm}.bias"] = (D,)
    weights = {}
    for t, name in enumerate(sorted(shapes)):
        size = int(torch.tensor(shapes[name]).prod())
        numbers = 0.3 * torch.sin(0.37 * torch.arange(size, dtype=torch.double) + t)
        is_gain = "ln_" in name and name.endswith("weight")
        weights[name] = (numbers + is_gain).float().view(shapes[name])

    def linear(x, name):
        return x @ weights[name + ".weight"] + weights[name + ".bias"]

    def norm(x, name):
        return F.layer_norm(x, (D,), weights[name + ".weight"], weights[name + ".bias"])

    T = len(tokens)
    x = weights["wte.weight"][tokens] + weights["wpe.weight"][:T]
    for l in range(L):
        h = f"h.{l}."
        q, k, v = (part.view(T, D // 64, 64).transpose(0, 1)
                   for part in linear(norm(x, h + "ln_1"), h + "attn.c_attn").split(D, -1))
        scores = q @ k.transpose(-1, -2) / 8
        scores = scores.masked_fill(torch.ones(T, T).triu(1).bool(), -torch.inf)
        x = x + linear((scores.softmax(-1) @ v).transpose(0, 1).reshape(T, D), h + "attn.c_proj")
        up = F.gelu(linear(norm(x, h + "ln_2"), h + "mlp.c_fc"), approximate="tanh")
        x = x + linear(up, h + "mlp.c_proj")
    case("gpt2", [V, context, D, L, tokens], [norm(x, "ln_f") @ weights["wte.weight"].T])


gpt2(7, 6, 128, 2, [3, 1, 4, 1, 5])

# Adam whose matrix decays and whose bias does not, by groups of AdamW.
matrix, bias = torch.randn(3, 4).requires_grad_(), torch.randn(4).requires_grad_()
begun = [matrix.detach().clone(), bias.detach().clone()]
optimiser = torch.optim.AdamW([{"params": [matrix], "weight_decay": 0.1},
                               {"params": [bias], "weight_decay": 0.0}], lr=0.05)
arriving, after = [], []
for step in range(4):
    for p in (matrix, bias):
        p.grad = torch.randn_like(p)
        arriving.append(p.grad.clone())
    optimiser.step()
    after += [matrix.detach().clone(), bias.detach().clone()]
case("decay of groups", [begun, arriving, 0.05, 0.1], after)

warm_up, steps, highest, lowest = 4, 20, 0.3, 0.03
p = torch.zeros(1, requires_grad=True)
optimiser = torch.optim.SGD([p], highest)
cosine = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps - warm_up, eta_min=lowest)
rates = [highest * (step + 1) / warm_up for step in range(warm_up)]
optimiser.step()
for _ in range(steps - warm_up):
    cosine.step()
    rates.append(cosine.get_last_lr()[0])
case("cosine rate", [steps, warm_up, highest, lowest], [torch.tensor(rates)])

for temperature, top_k, top_p in [(1.0, 0, 1.0), (0.7, 0, 0.8), (1.5, 5, 0.6), (0.2, 40, 0.99)]:
    z = torch.randn(40, dtype=torch.double) * 3
    logits = z.float()
    scores = logits.double() / temperature
    if top_k > 0:
        scores[scores < torch.topk(scores, top_k).values[-1]] = -torch.inf
    p, order = scores.softmax(-1).sort(descending=True)
    p[p.cumsum(-1) - p >= top_p] = 0
    probabilities = torch.zeros(40, dtype=torch.double)
    probabilities[order] = p / p.sum()
    case("sampling", [logits, temperature, top_k, top_p], [probabilities.float()])

z, text = torch.randn(9, 6) * 2, torch.randint(6, (9,)).tolist()
nats = F.cross_entropy(z, torch.tensor(text), reduction="sum").item()
case("bits", [z, text], [nats, nats / torch.tensor(2.0).double().log().item() / 20])

# ## Chapter 19: BERT. −1 is what is not asked.

torch.manual_seed(19)


def asked_rows(h, E, b, asked):
    asked = torch.tensor(asked)
    return F.cross_entropy((h @ E.t() + b)[asked >= 0], asked[asked >= 0])


for B, T, D, V, asked in [(2, 3, 5, 7, [[-1, 4, 0], [6, -1, -1]]), (1, 1, 2, 3, [[0]]),
                          (2, 2, 16, 40, [[39, 3], [-1, 17]])]:
    inputs = [torch.randn(*shape).requires_grad_() for shape in ((B, T, D), (V, D), (V,))]
    loss = asked_rows(*inputs, asked)
    (3 * loss).backward()
    case("masked loss", [*inputs, asked], [loss, *(x.grad for x in inputs)])

for B, T, places, ends in [(2, 5, [[0, 1, 1, 1, 0], [0, 0, 1, 1, 0]], [1, 3, 2, 2]),
                           (1, 3, [[1, 1, 1]], [0, 2])]:
    z, shown = (torch.randn(B, T, 2) * 2).requires_grad_(), torch.tensor(places).bool()
    hidden = z.masked_fill(~shown[..., None], float("-inf"))
    loss = (F.cross_entropy(hidden[..., 0], torch.tensor(ends[0::2]))
            + F.cross_entropy(hidden[..., 1], torch.tensor(ends[1::2]))) / 2
    (3 * loss).backward()
    case("span loss", [z, torch.tensor(places).float(), ends], [loss, z.grad])

for N, inner, outer, r, alpha in [(5, 4, 6, 2, 8.0), (3, 16, 9, 1, 0.5), (2, 3, 3, 7, 4.0)]:
    W, b = torch.randn(inner, outer), torch.randn(outer)
    x, A, B = (torch.randn(*shape).requires_grad_()
               for shape in ((N, inner), (inner, r), (r, outer)))
    y = x @ W + b + alpha / r * (x @ A @ B)
    dy = torch.randn_like(y)
    (y * dy).sum().backward()
    case("low-rank change", [x, W, b, A, B, alpha, dy], [y, x.grad, A.grad, B.grad])


def pretraining(pre_norm):
    """Tables of words, segments and positions, nn.TransformerEncoder with GELU, and both heads."""
    V, D, longest = 11, 12, 7
    layer = nn.TransformerEncoderLayer(D, 3, 20, 0.0, "gelu", batch_first=True, norm_first=pre_norm)
    encoder = nn.TransformerEncoder(layer, 2, nn.LayerNorm(D) if pre_norm else None)
    words, segments, positions = (torch.randn(n, D).requires_grad_() for n in (V, 2, longest))
    norm_of_sum, head, bias = nn.LayerNorm(D), nn.Linear(D, 2), torch.randn(V).requires_grad_()
    for layer in (norm_of_sum, encoder, head):
        for p in layer.parameters():
            nn.init.normal_(p, std=0.4)
    read, of, asked, follows = ([[3, 2, 6, 4, 9, 4], [3, 8, 4, 2, 4]],
                                [[0, 0, 0, 0, 1, 1], [0, 0, 0, 1, 1]],
                                [[-1, 5, 6, -1, -1, -1], [-1, -1, -1, 10, -1]], [1, 0])
    w, s, a = (nn.utils.rnn.pad_sequence([torch.tensor(x) for x in rows], True, empty)
               for rows, empty in ((read, 0), (of, 0), (asked, -1)))
    x = (F.embedding(w, words) + F.embedding(s, segments) + positions[:w.shape[1]])
    h = encoder(norm_of_sum(x), src_key_padding_mask=w == 0)
    loss = (asked_rows(h, words, bias, a.tolist())
            + F.cross_entropy(head(h[:, 0]), torch.tensor(follows)))
    loss.backward()

    def all_of(get):
        return [*map(get, (words, segments, positions)), *parameters(norm_of_sum, get),
                *parameters(encoder, get), get(bias), *parameters(head, get)]

    case("pre-training", [read, of, asked, follows, int(pre_norm), all_of(lambda p: p)],
         [loss, *all_of(lambda p: p.grad)])


pretraining(True)
pretraining(False)

# ## Chapter 21: pictures. Numbers of their own, whatever is drawn before.
torch.manual_seed(21)

for B, R, C, P in [(2, 4, 6, 2), (1, 9, 3, 3), (3, 5, 5, 1)]:
    x = torch.randn(B, R, C)
    patches = F.unfold(x[:, None], P, stride=P)
    case("patches", [x, P], [patches.transpose(1, 2), F.fold(patches, (R, C), P, stride=P)[:, 0]])


def motion(R, C, numbers):
    """(y, x) = m + G ((r, c) - m - s), and grid_sample wants them from -1 to 1, x first."""
    x, n = torch.randn(R, C), torch.tensor(numbers)
    r, c = torch.meshgrid(torch.arange(R) - (R - 1) / 2 - n[4],
                          torch.arange(C) - (C - 1) / 2 - n[5], indexing="ij")
    y_to, x_to = n[0] * r + n[1] * c, n[2] * r + n[3] * c
    grid = torch.stack([2 * x_to / (C - 1), 2 * y_to / (R - 1)], -1)
    moved = F.grid_sample(x[None, None], grid[None], "bilinear", "zeros", align_corners=True)
    case("motion", [x, n], [moved[0, 0]])


motion(8, 8, [0.98, 0.2, -0.2, 0.98, 0.4, -0.3])
motion(5, 7, [1.2, -0.1, 0.3, 0.8, -1.0, 0.5])
motion(4, 3, [0.0, 1.0, -1.0, 0.0, 0.0, 0.0])

for B, L, T in [(2, 3, 5), (1, 1, 2), (3, 2, 17)]:
    A = [torch.randn(B, T, T).mul(2).softmax(-1) for _ in range(L)]
    R = torch.eye(T)
    for layer in A:
        R = (layer + torch.eye(T)) / 2 @ R
    case("rollout", [A], [R, R[:, 0, 1:] / R[:, 0, 1:].sum(-1, keepdim=True)])


def vision(pre_norm, mean):
    """A convolution that moves on by its own width, a class token, positions, encoder and head."""
    B, R, C, P, D, K = 3, 4, 6, 2, 12, 5
    layer = nn.TransformerEncoderLayer(D, 3, 20, 0.0, "gelu", batch_first=True, norm_first=pre_norm)
    encoder = nn.TransformerEncoder(layer, 2, nn.LayerNorm(D) if pre_norm else None)
    conv, head = nn.Conv2d(1, D, P, stride=P), nn.Linear(D, K)
    token, positions = (torch.randn(*s).requires_grad_() for s in ((D,), (R * C // P ** 2 + 1, D)))
    for layer in (conv, encoder, head):
        for p in layer.parameters():
            nn.init.normal_(p, std=0.4)
    x, kinds = torch.randn(B, R, C), [4, 0, 2]
    patches = conv(x[:, None]).flatten(2).transpose(1, 2)
    h = encoder(torch.cat([token.expand(B, 1, D), patches], 1) + positions)
    z = head(h[:, 1:].mean(1) if mean else h[:, 0])
    loss = F.cross_entropy(z, torch.tensor(kinds))
    loss.backward()

    def all_of(get):
        return [get(conv.weight).reshape(D, P * P).t(), get(conv.bias), get(token), get(positions),
                *parameters(encoder, get), *parameters(head, get)]

    case("vision transformer", [x, kinds, int(pre_norm), int(mean), all_of(lambda p: p)],
         [z, loss, *all_of(lambda p: p.grad)])


vision(True, False)
vision(True, True)
vision(False, False)


# Chapter 22
torch.manual_seed(22)


def pair_scores(h, Wq, bq, Wk, bk):
    scores = torch.einsum("bid,bjd->bij", h @ Wq + bq, h @ Wk + bk)
    return (scores + scores.transpose(1, 2)) / (2 * Wq.shape[1] ** 0.5)


for B, T, D, d in [(2, 4, 3, 5), (1, 1, 2, 1), (3, 6, 8, 4)]:
    gradients("pair scores", pair_scores, (B, T, D), (D, d), (d,), (D, d), (d,))

for shape, spread in [((2, 4, 4), 2.0), ((5, 5), 30.0), ((1, 3, 3), 0.1)]:
    s = (torch.randn(*shape) * spread).requires_grad_()
    y, mask = (torch.rand(*shape) < 0.3).float(), (torch.rand(*shape) < 0.6).float()
    loss = F.binary_cross_entropy_with_logits(s[mask > 0], y[mask > 0])
    (3 * loss).backward()
    case("pair loss", [s, y, mask], [loss, s.grad])

# ## Chapter 23: light curves

torch.manual_seed(23)


def curve_net(pre_norm):
    """Points of which some are hidden, nn.TransformerEncoder, and a head on the class token's row."""
    B, R, inner, D, C = 3, 6, 7, 12, 4
    layer = nn.TransformerEncoderLayer(D, 3, 20, 0.0, "relu", batch_first=True, norm_first=pre_norm)
    encoder = nn.TransformerEncoder(layer, 2, nn.LayerNorm(D) if pre_norm else None)
    into, head = nn.Linear(inner, D), nn.Linear(D, C)
    for layer in (into, encoder, head):
        for p in layer.parameters():
            nn.init.normal_(p, std=0.4)
    points, kinds = torch.randn(B, R, inner), [2, 0, 3]
    points[:, :, 0] = torch.tensor([1.0] + [0.0] * (R - 1))
    seen = torch.tensor([[1, 1, 1, 1, 1, 1], [1, 0, 1, 1, 0, 0], [1, 1, 0, 0, 1, 1]])
    z = head(encoder(into(points), src_key_padding_mask=seen == 0)[:, 0])
    loss = F.cross_entropy(z, torch.tensor(kinds))
    loss.backward()

    def all_of(get):
        return [x for layer in (into, encoder, head) for x in parameters(layer, get)]

    case("curve net", [points, seen.float(), kinds, int(pre_norm), all_of(lambda p: p)],
         [z, loss, *all_of(lambda p: p.grad)])


curve_net(True)
curve_net(False)

flux = torch.tensor([15000.2, 15001.7, 14999.5, 15000.9, 15003.1], dtype=torch.double)
errors = torch.tensor([0.3, 0.2, 0.9, 0.4, 0.5], dtype=torch.double)
s = (flux.var(unbiased=False) + (errors ** 2).mean()).sqrt()
case("flux features", [flux.tolist(), errors.tolist()],
     [torch.stack([(flux - flux.mean()) / s, errors / s], 1).float()])

z, kinds, bins = torch.randn(200, 4) * 2, torch.randint(4, (200,)), 8
p, said = z.double().softmax(1).max(1)
table = torch.zeros(bins, 3, dtype=torch.double)
for b in range(bins):
    inside = (p * bins).floor().clamp(max=bins - 1) == b
    if inside.any():
        table[b] = torch.stack([inside.sum().double(), p[inside].mean(),
                                (said == kinds)[inside].double().mean()])
counts = torch.zeros(4, 4)
counts.index_put_((kinds, said), torch.ones(200), accumulate=True)
case("calibration", [z, kinds.tolist(), bins],
     [table.float(), (table[:, 0] / 200 * (table[:, 1] - table[:, 2]).abs()).sum().item(),
      counts, counts.diagonal() / counts.sum(1)])


# ## Chapter 24: where it looks, and what counts

torch.manual_seed(24)


def reading(pre_norm, own):
    """What PyTorch's layers say of their weights, rollout of them, and points hidden one by one."""
    B, R, inner, D, C = 3, 6, 7, 12, 4
    layers = [nn.TransformerEncoderLayer(D, 3, 20, 0.0, "relu", batch_first=True,
                                         norm_first=pre_norm) for _ in range(2)]
    norms = [nn.LayerNorm(D)] if pre_norm else []
    into, head = nn.Linear(inner, D), nn.Linear(D, C)
    parts = [into, *layers, *norms, head]
    for part in parts:
        for p in part.parameters():
            nn.init.normal_(p, std=0.25)
    points = torch.randn(B, R, inner)
    seen = torch.tensor([[1, 1, 1, 1, 1, 1], [1, 0, 1, 1, 0, 0], [1, 1, 0, 0, 1, 1]])

    @torch.no_grad()
    def asked(shown):
        h, hidden, weights = into(points), shown == 0, []
        for layer in layers:
            z = layer.norm1(h) if pre_norm else h
            weights.append(layer.self_attn(z, z, z, key_padding_mask=hidden,
                                           average_attn_weights=False)[1])
            h = layer(h, src_key_padding_mask=hidden)
        for norm in norms:
            h = norm(h)
        return weights, head(h[:, 0])

    weights, logits = asked(seen)
    flow = torch.eye(R)
    for A in weights:
        flow = (own * torch.eye(R) + (1 - own) * A.mean(1)) @ flow
    said = logits.argmax(1)

    def odds(z):
        p = z.double().log_softmax(1).gather(1, said[:, None])[:, 0]
        return p - (1 - p.exp()).log()

    effects = torch.zeros(B, R - 1, dtype=torch.double)
    for i in range(1, R):
        less = seen.clone()
        less[:, i] = 0
        effects[:, i - 1] = odds(logits) - odds(asked(less)[1])
    looks = weights[1][:, :, 0, 1:]
    arrived = flow[:, 0, 1:]
    case("reading", [points, seen.float(), int(pre_norm), own,
                     [x for part in parts for x in parameters(part, lambda p: p)]],
         [*weights, looks / looks.sum(-1, keepdim=True), arrived / arrived.sum(-1, keepdim=True),
          effects.float()])


reading(True, 0.5)
reading(False, 0.3)


def ranks(x):
    _, inverse, counts = x.unique(return_inverse=True, return_counts=True)
    return (counts.cumsum(0) - (counts - 1) / 2)[inverse].double()


for most in (1000, 6):
    x, y = torch.randint(most, (25,)), torch.randint(most, (25,))
    case("rank correlation", [x.double().tolist(), y.double().tolist()],
         [ranks(x).float(), torch.corrcoef(torch.stack([ranks(x), ranks(y)]))[0, 1].item()])
# ## Chapter 25: a flare on the tape, bounds, and a mean with its variance

torch.manual_seed(25)


def flare_model(B, T):
    """Gradients by autograd; torch.where keeps what lies before the start out of them."""
    parameters = torch.stack([torch.randn(B), 20 * torch.rand(B), 2 + 9 * torch.rand(B)], 1)
    parameters.requires_grad_()
    days, dF = 60 * torch.rand(B, T), torch.randn(B, T)
    A, start, decay = (parameters[:, k:k + 1] for k in range(3))
    since = days - start
    light = torch.where(since < 0, torch.zeros(()), A * torch.exp(-since.clamp(min=0) / decay))
    (light * dF).sum().backward()
    case("flare model", [parameters, days, dF], [light, parameters.grad])


flare_model(4, 9)
flare_model(1, 30)

some_bounds = [[0.25, 4.0, 1], [-20.0, 70.0, 0], [1.5, 60.0, 1]]


def between(z):
    columns = []
    for k, (least, most, factor) in enumerate(some_bounds):
        share = torch.sigmoid(z[..., k])
        least, most = torch.tensor(least).double(), torch.tensor(most).double()
        if factor:
            columns.append(torch.exp(torch.lerp(least.log(), most.log(), share)))
        else:
            columns.append(torch.lerp(least, most, share))
    return torch.stack(columns, -1)


z, dp = (2 * torch.randn(2, 5, 3)).requires_grad_(), torch.randn(2, 5, 3)
p = between(z.double())
(p * dp).sum().backward()
case("bounded", [z, some_bounds, dp], [p.float(), z.grad, z])

out, wanted = torch.randn(7, 6).requires_grad_(), torch.randn(7, 3)
loss = F.gaussian_nll_loss(out[:, :3], wanted, out[:, 3:].exp(), full=True, eps=1e-12)
loss.backward()
case("gaussian", [out, wanted], [loss, out.grad])

out, truth = torch.randn(50, 6), between(torch.randn(50, 3).double())
m, sigma, k = out[:, :3].double(), out[:, 3:].double().exp().sqrt(), 1.5
ends = torch.stack([between(m - k * sigma), between(m + k * sigma)], -1)
inside = ((ends[..., 0] <= truth) & (truth <= ends[..., 1])).double().mean(0)
said = between(m)
r2 = 1 - ((said - truth) ** 2).sum(0) / ((truth - truth.mean(0)) ** 2).sum(0)
case("intervals", [out, some_bounds, k, truth.float(), said.float()],
     [ends.float(), inside.float(), r2.float()])


# ## Chapter 26: attention in tiles, and its log-sum-exps

torch.manual_seed(26)


def heads_of(x, H):
    return x.unflatten(-1, (H, -1)).transpose(1, 2)


def tiled(B, T, S, D, H, causal):
    q, k, v = (torch.randn(B, n, D).requires_grad_() for n in (T, S, S))
    z = heads_of(q, H) @ heads_of(k, H).transpose(-1, -2) / (D // H) ** 0.5
    if causal:
        z = z.masked_fill(~torch.ones(T, S).tril(S - T).bool(), float("-inf"))
    y = (z.softmax(-1) @ heads_of(v, H)).transpose(1, 2).flatten(2)
    dy = torch.randn_like(y)
    (y * dy).sum().backward()
    case("tiles", [q, k, v, H, int(causal), dy], [y, z.logsumexp(-1), q.grad, k.grad, v.grad])


for sizes in [(1, 5, 7, 4, 2, False), (2, 6, 6, 6, 3, True), (1, 3, 9, 8, 1, True)]:
    tiled(*sizes)
