"""Tests of noiseprobe.py against loops over the samples in float64: /usr/bin/python3 -m unittest discover -s pytorch"""
import collections
import contextlib
import copy
import hashlib
import io
import itertools
import json
import os
import struct
import sys
import tempfile
import unittest
import warnings

try:
    import numpy as np
    import torch
except ImportError as error:
    raise unittest.SkipTest(f"needs PyTorch and NumPy: {error}")
import torch.nn.functional as F
import torch.nn.utils.parametrize
import torch.utils.checkpoint
from torch import nn

import noiseprobe

warnings.filterwarnings("ignore", message=".*(nested tensor|batching rule|vmap).*")


def read(path):
    """The arrays and the metadata of a file."""
    with open(path, "rb") as f:
        header = json.loads(f.read(struct.unpack("<Q", f.read(8))[0]))
        data = f.read()
    about = header.pop("__metadata__")
    types = {code: name for name, code in noiseprobe.DTYPES.items()}
    return {
        name: np.frombuffer(data[slice(*t["data_offsets"])], dtype=types[t["dtype"]]).reshape(t["shape"]) for name, t in header.items()
    }, about


def record(model, loss, x, y, **settings):
    """What record writes, and what it says on stderr."""
    said = io.StringIO()
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stderr(said):
        path = os.path.join(folder, "record.safetensors")
        noiseprobe.record(path, model, loss, x, y, **settings)
        assert os.listdir(folder) == ["record.safetensors"]
        return *read(path), said.getvalue()


def cross_entropy(output, y):
    return F.cross_entropy(output, y, reduction="none")


def token_loss(output, y):
    """The mean over the tokens of each sample; output [n, T, V]."""
    return F.cross_entropy(output.transpose(1, 2), y, reduction="none").mean(1)


def samples_of(tree, i):
    return noiseprobe._each(tree, lambda v: v[i : i + 1])


def loop_rows(model, loss, x, y):
    """The gradients of the samples by layer, [n, P] each, and the losses: one backward pass after the other."""
    named = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    rows, losses = {}, []
    for i in range(noiseprobe._count(x)):
        value = loss(model(samples_of(x, i)), samples_of(y, i))[0]
        losses.append(value.item())
        grads = torch.autograd.grad(value, [p for _, p in named], allow_unused=True)
        layers = {}
        for (name, p), g in zip(named, grads):
            layers.setdefault(noiseprobe._layer(name), []).append((torch.zeros_like(p) if g is None else g).flatten())
        for layer, parts in layers.items():
            rows.setdefault(layer, []).append(torch.cat(parts).double().numpy())
    return {layer: np.stack(r) for layer, r in rows.items()}, np.array(losses)


def float64_copy(model, x):
    """The model and its inputs in float64, for the loop."""
    return copy.deepcopy(model).double(), noiseprobe._each(x, lambda v: v.double() if v.is_floating_point() else v)


def factors_gram(arrays, about, layer):
    """The Gram matrix of a layer from its factors, by forming every gradient as the format says."""
    delta = arrays[layer + ".delta"].astype(np.float64)
    n = len(delta)
    if layer + ".ids" in arrays:
        ids = arrays[layer + ".ids"]
        rows = np.zeros((n, ids.max() + 1, delta.shape[2]))
        for i, t in np.ndindex(*ids.shape):
            rows[i, ids[i, t]] += delta[i, t]
        return rows.reshape(n, -1) @ rows.reshape(n, -1).T
    a = arrays[layer + ".a"].astype(np.float64)
    if a.ndim == 4:
        g = json.loads(about["geometry"])[layer]
        (kh, kw), (sh, sw), (dh, dw) = g["kernel"], g["stride"], g["dilation"]
        top, left, bottom, right = g["padding"]
        a = np.pad(a, [(0, 0), (top, bottom), (left, right), (0, 0)])
        oh, ow = delta.shape[1:3]
        a = np.stack([
            [a[:, i * sh : i * sh + dh * kh : dh, j * sw : j * sw + dw * kw : dw][:, :kh, :kw].reshape(n, -1) for j in range(ow)] for i in range(oh)
        ]).reshape(oh * ow, n, -1).transpose(1, 0, 2)
        delta = delta.reshape(n, oh * ow, -1)
    if a.ndim == 2:
        a, delta = a[:, None], delta[:, None]
    rows = np.einsum("nto,nti->noi", delta, a).reshape(n, -1)
    if json.loads(about["bias"])[layer]:
        rows = np.concatenate([rows, delta.sum(1)], 1)
    assert rows.shape[1] == json.loads(about["parameters"])[layer]
    return rows @ rows.T


def grams(arrays, about):
    """The Gram matrix of every layer of a file."""
    found = {}
    for name, a in arrays.items():
        layer, _, kind = name.rpartition(".")
        if kind == "gram":
            found[layer] = a
        elif kind == "gradient":
            rows = a.reshape(len(a), -1).astype(np.float64)
            found[layer] = rows @ rows.T
        elif kind == "delta":
            found[layer] = factors_gram(arrays, about, layer)
    return found


class Residual(nn.Module):
    """A block of a ResNet, with activations in place and convolutions without bias."""

    def __init__(self, inputs, outputs, stride, norm):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.norm1 = norm(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.norm2 = norm(outputs)
        self.relu = nn.ReLU(inplace=True)
        self.short = nn.Conv2d(inputs, outputs, 1, stride, bias=False) if stride > 1 or inputs != outputs else nn.Identity()

    def forward(self, x):
        y = self.relu(self.norm1(self.conv1(x)))
        y = self.norm2(self.conv2(y))
        y += self.short(x)
        return self.relu(y)


def resnet(norm=nn.BatchNorm2d, width=4, classes=5):
    return nn.Sequential(
        nn.Conv2d(3, width, 3, 1, 1, bias=False), norm(width), nn.ReLU(inplace=True), Residual(width, width, 1, norm),
        Residual(width, 2 * width, 2, norm), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2 * width, classes),
    )  # fmt: skip


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.ln1, self.ln2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.proj = nn.Linear(width, 3 * width, bias=False), nn.Linear(width, width)
        self.fc, self.out = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        n, t, d = x.shape
        q, k, v = self.qkv(self.ln1(x)).view(n, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        mask = torch.full((t, t), float("-inf"), dtype=x.dtype).triu(1)
        weights = (q @ k.transpose(-2, -1) / (d // self.heads) ** 0.5 + mask).softmax(-1)
        x = x + self.proj((weights @ v).transpose(1, 2).reshape(n, t, d))
        return x + self.out(F.gelu(self.fc(self.ln2(x))))


class GPT(nn.Module):
    """As in nanoGPT: embeddings of tokens and positions, the first tied to the head."""

    def __init__(self, vocabulary=17, context=6, width=8, layers=2, heads=2, tied=True):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(vocabulary, width), nn.Embedding(context, width)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(layers))
        self.ln = nn.LayerNorm(width)
        self.head = nn.Linear(width, vocabulary, bias=False)
        if tied:
            self.head.weight = self.wte.weight

    def forward(self, ids):
        x = self.wte(ids) + self.wpe(torch.arange(ids.shape[1]))
        for block in self.blocks:
            x = block(x)
        return self.head(self.ln(x))


class RMSNorm(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x):
        return self.weight * x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6)


class ViT(nn.Module):
    """With a class token and embeddings of positions that are parameters of its own, and attention of nn.MultiheadAttention."""

    def __init__(self, width=8, classes=5):
        super().__init__()
        self.patches = nn.Conv2d(3, width, 4, 4)
        self.token = nn.Parameter(torch.randn(1, 1, width))
        self.positions = nn.Parameter(torch.randn(1, 5, width))
        self.norm = RMSNorm(width)
        self.attention = nn.MultiheadAttention(width, 2, batch_first=True)
        self.head = nn.Linear(width, classes)

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(len(x), -1, -1), x], 1) + self.positions
        y = self.norm(x)
        return self.head((x + self.attention(y, y, y)[0])[:, 0])


class Recurrent(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.embedding = nn.Embedding(11, 6, padding_idx=0)
        self.rnn = kind(6, 7, batch_first=True)
        self.head = nn.Linear(7, 5)

    def forward(self, ids):
        return self.head(self.rnn(self.embedding(ids))[0][:, -1])


class Odd(nn.Module):
    """A layer used twice, one called through F.linear, one over merged samples and tokens, one never used, one behind no_grad, and parameters of its
    own."""

    def __init__(self):
        super().__init__()
        self.twice, self.called, self.unused = nn.Linear(6, 6), nn.Linear(6, 6), nn.Linear(3, 3)
        self.merged = nn.Linear(6, 6, bias=False)
        self.scale, self.mixing = nn.Parameter(torch.tensor(1.5)), nn.Parameter(torch.randn(6, 6))
        self.half_frozen = nn.Linear(6, 5)
        self.half_frozen.weight.requires_grad = False

    def forward(self, x):
        x = torch.tanh(self.twice(torch.tanh(self.twice(x))))
        x = F.linear(x, self.called.weight, self.called.bias) @ self.mixing * self.scale
        n, t, d = x.shape
        x = self.merged(x.reshape(n * t, d)).relu_().view(n, t, d)
        return self.half_frozen(x.mean(1))


class TimeFirst(nn.Module):
    """PyTorch's own encoder with the tokens on the first axis."""

    def __init__(self):
        super().__init__()
        self.enter = nn.Linear(4, 8)
        self.encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, 0.0), 1)
        self.head = nn.Linear(8, 5)

    def forward(self, x):
        return self.head(self.encoder(self.enter(x.transpose(0, 1))).mean(0))


class Gate(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(8))

    def forward(self, x, y):
        return x * self.weight + y


class Gated(nn.Module):
    """Its gate has one parameter and two inputs, and its output no axis for one sample."""

    def __init__(self):
        super().__init__()
        self.enter, self.gate, self.head = nn.Linear(12, 8), Gate(), nn.Linear(8, 1)

    def forward(self, x):
        x = self.enter(x)
        return self.head(self.gate(x, x.tanh())).squeeze()


class FromDictionary(nn.Module):
    def __init__(self):
        super().__init__()
        self.words, self.numbers, self.head = nn.Embedding(9, 4), nn.Linear(3, 4), nn.Linear(4, 5)

    def forward(self, inputs):
        return self.head(self.words(inputs["ids"]).mean(1) * self.numbers(inputs["x"]).relu())


class Checkpoint(nn.Linear):
    """The checkpoint of earlier versions of PyTorch."""

    def __init__(self):
        super().__init__(12, 5)

    def forward(self, x):
        return torch.utils.checkpoint.checkpoint(super().forward, x.requires_grad_(), use_reentrant=True)


def mlp(width=16, **bias):
    return nn.Sequential(nn.Linear(12, width, **bias), nn.ReLU(inplace=True), nn.Linear(width, width), nn.Tanh(), nn.Linear(width, 5, **bias))


class Exponential(nn.Module):
    def forward(self, w):
        return w.exp()


def parametrize(layer):
    """A layer whose weight is computed from its parameter."""
    nn.utils.parametrize.register_parametrization(layer, "weight", Exponential())
    return layer


def settle(model):
    """Scales, biases and statistics of norms unlike their initial 1 and 0."""
    for m in model.modules():
        if isinstance(m, (noiseprobe.BATCH_NORM, nn.LayerNorm, nn.GroupNorm)):
            for p in m.parameters():
                p.data.normal_(0.5)
        if isinstance(m, noiseprobe.BATCH_NORM):
            m.running_mean.normal_()
            m.running_var.uniform_(0.5, 2)
    return model


def cases():
    """Name, model, loss, x, y, and the layers that need a pass for every sample."""
    torch.manual_seed(0)
    n = 10
    y = torch.randint(5, (n,))
    image, ids, series = torch.randn(n, 3, 8, 8), torch.randint(17, (n, 6)), torch.randn(n, 3, 12)
    conv = nn.Sequential(
        nn.Conv2d(3, 6, (3, 2), (2, 1), (1, 1), (1, 2)), nn.ReLU(True), nn.Conv2d(6, 6, 3, padding="same", groups=3), nn.ReLU(True),
        nn.Conv2d(6, 4, 3, padding=1, padding_mode="circular"), nn.Flatten(), nn.LazyLinear(5),
    )  # fmt: skip
    conv(image)
    conv1d = nn.Sequential(
        nn.Conv1d(3, 6, 3, 2, 1), nn.GroupNorm(2, 6), nn.ReLU(True), nn.Conv1d(6, 4, 5, bias=False), nn.Flatten(), nn.Linear(8, 5)
    )
    yield "mlp", mlp(), cross_entropy, torch.randn(n, 12), y, []
    yield "mlp without bias", mlp(bias=False), cross_entropy, torch.randn(n, 12), y, []
    yield "convolutions", conv, cross_entropy, image, y, []
    yield "convolutions of one dimension", conv1d, cross_entropy, series, y, []
    yield "resnet", settle(resnet()).eval(), cross_entropy, image, y, []
    yield "resnet with group norm", settle(resnet(lambda c: nn.GroupNorm(2, c))), cross_entropy, image, y, []
    yield "gpt", settle(GPT()), token_loss, ids, ids.roll(-1, 1), []
    yield "gpt, not tied", settle(GPT(tied=False)), token_loss, ids, ids.roll(-1, 1), []
    yield "vit", ViT(), cross_entropy, image, y, ["attention", "attention.out_proj"]
    yield "gru", Recurrent(nn.GRU), cross_entropy, torch.randint(11, (n, 6)), y, ["rnn"]
    yield "lstm", Recurrent(nn.LSTM), cross_entropy, torch.randint(11, (n, 6)), y, ["rnn"]
    yield "odd uses", Odd(), cross_entropy, torch.randn(n, 3, 6), y, ["called", "model"]
    yield "tokens first", TimeFirst(), cross_entropy, torch.randn(n, 3, 4), y, ["encoder.layers.0.self_attn", "encoder.layers.0.self_attn.out_proj"]
    yield "dictionary", FromDictionary(), cross_entropy, {"ids": torch.randint(9, (n, 4)), "x": torch.randn(n, 3)}, y, []
    yield "a weight that is computed", nn.Sequential(parametrize(nn.Linear(12, 8)), nn.Linear(8, 5)), cross_entropy, torch.randn(n, 12), y, ["0.parametrizations.weight"]
    yield "one layer by two inputs", Gated(), lambda output, y: (output.reshape(-1) - y) ** 2, torch.randn(n, 12), torch.randn(n), ["gate"]
    yield "a bag of words", nn.Sequential(nn.EmbeddingBag(9, 4), nn.Linear(4, 5)), cross_entropy, torch.randint(9, (n, 6)), y, ["0"]
    yield "one layer", nn.Linear(4, 5), cross_entropy, torch.randn(n, 4), y, []


class TestRecord(unittest.TestCase):
    def check(self, model, loss, x, y, **settings):
        """Compares a record with the loop: a tolerance of 1e-4 of the largest entry, for float32."""
        rows, losses = loop_rows(*((m := float64_copy(model, x))[0], loss, m[1], y))
        arrays, about, said = record(model, loss, x, y, **settings)
        found = grams(arrays, about)
        self.assertEqual(sorted(found), sorted(rows))
        for layer, r in rows.items():
            want = r @ r.T
            np.testing.assert_allclose(found[layer], want, rtol=0, atol=1e-4 * np.abs(want).max(), err_msg=layer)
        self.assertEqual(json.loads(about["parameters"]), {layer: r.shape[1] for layer, r in rows.items()})
        np.testing.assert_allclose(arrays["loss"], losses, rtol=1e-5)
        np.testing.assert_array_equal(arrays["index"], np.arange(len(losses)))
        return arrays, about, said

    def test_models_in_every_form(self):
        for name, model, loss, x, y, by_pass in cases():
            for settings in [{}, {"keep": "factors"}, {"keep": "rows"}, {"keep": "gram"}, {"keep": "gram", "chunk": 3, "memory": 30000}]:
                with self.subTest(name, **settings):
                    _, _, said = self.check(model, loss, x, y, **settings)
                    lines = said.splitlines()
                    self.assertEqual(len(lines), 1 if by_pass else 0, said)
                    for layer in by_pass:
                        self.assertIn(f"{layer} (", lines[0])
                    self.assertEqual(said.count("("), len(by_pass), said)

    def test_gram_in_float64(self):
        for name, model, loss, x, y, _ in cases():
            with self.subTest(name):
                model, x = float64_copy(model, x)
                rows, _ = loop_rows(model, loss, x, y)
                arrays, _, _ = record(model, loss, x, y, keep="gram", chunk=4)
                for layer, r in rows.items():
                    np.testing.assert_allclose(arrays[layer + ".gram"], r @ r.T, rtol=0, atol=1e-12 * np.abs(r @ r.T).max() + 1e-300)

    def test_auto_writes_the_smaller_form(self):
        """A wide layer of one position as factors, a norm and the few weights of a convolution over many positions as rows, an embedding as ids."""
        model = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.GroupNorm(2, 4), nn.Flatten(), nn.Linear(256, 64), nn.Linear(64, 5))
        arrays, about, _ = record(model, cross_entropy, torch.randn(4, 3, 8, 8), torch.arange(4))
        self.assertEqual(
            sorted(arrays), ["0.gradient", "1.gradient", "3.a", "3.delta", "4.a", "4.delta", "index", "loss"],
        )  # fmt: skip
        self.assertEqual({name: a.shape for name, a in arrays.items() if name[0] == "3"}, {"3.a": (4, 256), "3.delta": (4, 64)})
        model, ids = GPT(vocabulary=500, tied=False), torch.randint(500, (4, 6))
        arrays, about, _ = record(model, token_loss, ids, ids)
        self.assertEqual((arrays["wte.ids"].shape, arrays["wte.delta"].shape, arrays["wte.ids"].dtype.name), ((4, 6), (4, 6, 8), "int64"))
        self.assertEqual(json.loads(about["parameters"])["wte"], 4000)
        self.assertEqual(json.loads(about["bias"]), {f"blocks.{i}.{name}": True for i in range(2) for name in ("fc", "out")} | {"head": False})
        size = noiseprobe.SMALL_FILE
        try:
            noiseprobe.SMALL_FILE = 1000
            arrays, _, _ = record(model, token_loss, ids, ids)
        finally:
            noiseprobe.SMALL_FILE = size
        self.assertTrue(all(name.endswith(".gram") or name in ("index", "loss") for name in arrays), sorted(arrays))

    def test_metadata(self):
        x, y = torch.randn(4, 12), torch.arange(4)
        arrays, about, _ = record(mlp(), cross_entropy, x, y, step=7, population=50, index=[9, 4, 2, 3])
        self.assertEqual({k: about[k] for k in ("step", "population", "unit", "unit_size")}, {"step": "7", "population": "50", "unit": "sample", "unit_size": "1"})
        self.assertEqual(arrays["index"].tolist(), [9, 4, 2, 3])

    def test_frozen_parameters_are_left_out(self):
        model = mlp()
        for p in model[2].parameters():
            p.requires_grad = False
        self.check(model, cross_entropy, torch.randn(6, 12), torch.arange(6) % 5)

    def test_the_model_is_as_before(self):
        """Outputs, gradients, hooks, buffers, modes, .grad and random numbers, bit by bit, after a record and after one that failed."""
        torch.manual_seed(1)
        model = settle(resnet())
        x, y = torch.randn(6, 3, 8, 8), torch.arange(6) % 5
        model.eval()
        cross_entropy(model(x), y).sum().backward()
        model[0].train()

        def state():
            output = model(x)
            own = torch.autograd.grad(cross_entropy(output, y).sum(), model.parameters())
            kept = [p.grad.clone() for p in model.parameters()] + [b.clone() for b in model.buffers()] + [torch.get_rng_state()]
            modes = torch.tensor([m.training for m in model.modules()])
            hooks = torch.tensor([len(m._forward_hooks) + len(m._backward_hooks) for m in model.modules()])
            return [output, *own, *kept, modes, hooks]

        def failing(output, y):
            if len(y) == 3:
                raise KeyError("a mistake in the loss")
            return cross_entropy(output, y)

        before = state()
        record(model, cross_entropy, x, y, keep="gram")
        record(model, cross_entropy, x, y, frozen=True)
        with self.assertRaises(KeyError):
            record(model, failing, x, y)
        noiseprobe_draws(model, cross_entropy, lambda i: (x[i], y[i]), 1.5, 2, draws=2, population=6)
        self.assertTrue(all(torch.equal(a, b) for a, b in zip(before, state())))

    def test_frozen(self):
        """Batch normalisation and dropout that are on, as in eval()."""
        model = settle(resnet())
        model.insert(7, nn.Dropout(0.5))
        x, y = torch.randn(6, 3, 8, 8), torch.arange(6) % 5
        want, _, _ = record(copy.deepcopy(model).eval(), cross_entropy, x, y, keep="rows")
        found, _, _ = record(model, cross_entropy, x, y, keep="rows", frozen=True)
        self.assertTrue(all(np.array_equal(found[name], want[name]) for name in want))
        self.assertTrue(all(m.training for m in model.modules()))

    def test_without_gradients_around(self):
        x, y = torch.randn(4, 12), torch.arange(4)
        model = mlp()
        want, _, _ = record(model, cross_entropy, x, y)
        for mode in (torch.no_grad, torch.inference_mode):
            with mode():
                found, _, _ = record(model, cross_entropy, x, y)
            self.assertTrue(all(np.array_equal(found[name], want[name]) for name in want))

    def test_sparse_gradients(self):
        ids, y = torch.randint(9, (6, 4)), torch.arange(6) % 5
        for kind in (nn.Embedding, nn.EmbeddingBag):
            torch.manual_seed(8)
            dense = nn.Sequential(kind(9, 5), nn.Flatten(), nn.LazyLinear(5))
            dense(ids)
            want, _, _ = record(dense, cross_entropy, ids, y, keep="gram")
            dense[0].sparse = True
            found, _, _ = record(dense, cross_entropy, ids, y, keep="gram")
            self.assertEqual(np.abs(found["0.gram"] - want["0.gram"]).max(), 0)

    def test_named_tuples(self):
        pair = collections.namedtuple("Pair", "ids x")(torch.randint(9, (6, 4)), torch.randn(6, 3))
        model = FromDictionary()
        forward, model.forward = model.forward, lambda pair: forward(pair._asdict())
        want, _, _ = record(FromDictionary(), cross_entropy, pair._asdict(), torch.arange(6) % 5)
        self.assertEqual(record(model, cross_entropy, pair, torch.arange(6) % 5)[0].keys(), want.keys())

    def test_tensors_that_the_model_replaces(self):
        """A buffer and an attribute that each forward pass sets anew are the same objects afterwards."""

        class Remembering(nn.Linear):
            def forward(self, x):
                self.mean, self.last = 0.9 * self.mean + 0.1 * x.mean().detach(), x
                return super().forward(x)

        model = Remembering(4, 5)
        model.register_buffer("mean", torch.zeros(()))
        model(torch.randn(2, 4))
        before = model.mean, model.last
        record(model, cross_entropy, torch.randn(6, 4), torch.arange(6) % 5)
        noiseprobe_draws(model, cross_entropy, lambda i: (torch.randn(len(i), 4), torch.zeros(len(i)).long()), 1.5, 2, draws=2, population=6)
        self.assertTrue(model.mean is before[0] and model.last is before[1])

    def test_autocast_multiplies_in_float32(self):
        """The Gram matrix of what was recorded in bfloat16 has the digits of float32: it is that of the recorded factors to 1e-5."""
        torch.manual_seed(2)
        model, x, y = mlp(64), torch.randn(8, 12), torch.arange(8) % 5
        with torch.autocast("cpu", dtype=torch.bfloat16):
            grams_, _, _ = record(model, cross_entropy, x, y, keep="gram")
            factors, about, _ = record(model, cross_entropy, x, y, keep="factors")
        for layer, want in grams(factors, about).items():
            np.testing.assert_allclose(grams_[layer + ".gram"], want, rtol=0, atol=1e-5 * np.abs(want).max())

    def test_parameters_without_elements(self):
        model = nn.Linear(4, 5)
        model.empty = nn.Parameter(torch.zeros(0))
        self.check(model, cross_entropy, torch.randn(6, 4), torch.arange(6) % 5)

    def test_kernels_get_the_shapes_that_they_trust(self):
        """That of weight norm on a CPU writes beyond its memory where g has another shape, and that of LSTM does so in PyTorch 2."""
        made = sys.modules["torch.nn.utils.weight_norm"]
        shapes, kernel = set(), made._weight_norm

        def remember(v, g, axis):
            shapes.add((v.shape, g.shape))
            return kernel(v, g, axis)

        made._weight_norm = remember
        try:
            model = nn.Sequential(nn.utils.weight_norm(nn.Linear(12, 8)), nn.Linear(8, 5))
            record(model, cross_entropy, torch.randn(6, 12), torch.arange(6) % 5)
        finally:
            made._weight_norm = kernel
        self.assertEqual(shapes, {((8, 12), (8, 1))})
        for own in Recurrent(nn.LSTM).rnn, ViT().attention, nn.utils.weight_norm(Gate()), parametrize(nn.Linear(3, 2)).parametrizations.weight:
            self.assertTrue(noiseprobe._trusts_shapes(own))

    def test_torchscript(self):
        """A part that TorchScript compiles once more after some calls."""
        model = nn.Sequential(nn.Linear(12, 8), torch.jit.script(nn.Sequential(nn.Linear(8, 8), nn.ReLU())), nn.Linear(8, 5))
        x, y = torch.randn(6, 12), torch.arange(6) % 5
        first, _, said = record(model, cross_entropy, x, y, keep="rows")
        self.assertIn("1.0 (RecursiveScriptModule): a pass for every sample by a loop", said)
        for _ in range(3):
            again, _, _ = record(model, cross_entropy, x, y, keep="rows")
            np.testing.assert_allclose(again["1.0.gradient"], first["1.0.gradient"], rtol=1e-4, atol=1e-6)

    def test_wrappers(self):
        """torch.compile around a DataParallel and the reverse; _orig_mod is where torch.compile keeps its module."""
        model = mlp()
        compiled = nn.Module()
        compiled._orig_mod = nn.DataParallel(model)
        self.assertIs(noiseprobe._unwrapped(compiled), model)
        inside = nn.Module()
        inside._orig_mod = model
        self.assertIs(noiseprobe._unwrapped(nn.DataParallel(inside)), model)

    def test_devices_without_autocast(self):
        with noiseprobe._exact_products(torch.device("mps")):
            pass

    def test_errors_in_one_line(self):
        x, y = torch.randn(6, 12), torch.arange(6) % 5
        normal = nn.Sequential(nn.Linear(12, 8), nn.BatchNorm1d(8), nn.Linear(8, 5))
        forgetful = nn.Sequential(nn.Linear(12, 8), nn.BatchNorm1d(8, track_running_stats=False), nn.Linear(8, 5)).eval()
        contrast = lambda output, y: F.cross_entropy(output @ output.T, torch.arange(len(y)), reduction="none")
        beside = lambda output, y: cross_entropy(output - output.mean(0), y)
        divided = lambda output, y: cross_entropy(output, y) / len(y)
        silent = nn.Sequential(nn.Linear(12, 64), nn.Dropout(0.5), nn.Linear(64, 5))
        nn.init.zeros_(silent[2].weight)
        for about, model, loss, want in [
            ("a mean", mlp(), F.cross_entropy, r'shape \[\], want one number a sample: take reduction="none"'),
            ("a loss of tokens", mlp(), lambda output, y: output, r"shape \[3, 5\], want one number a sample"),
            ("batch normalisation", normal, cross_entropy, "1: batch normalisation over the minibatch.*frozen=True"),
            ("without statistics", forgetful, cross_entropy, "1: batch normalisation over the minibatch.*GroupNorm"),
            ("dropout", nn.Sequential(mlp(), nn.Dropout(0.5)), cross_entropy, r"dropout.*eval\(\)"),
            ("a contrastive loss", mlp(), contrast, "changes with the other samples"),
            ("a centred loss", mlp(), beside, "changes with the other samples"),
            ("a loss divided by the batch", mlp(), divided, "not divided by the batch size"),
            ("no parameters", nn.ReLU(), cross_entropy, "nothing to record"),
            ("dropout before a head of zeros", silent, cross_entropy, r"dropout.*eval\(\)"),
            ("dropout of small effect", nn.Sequential(nn.Linear(12, 64), nn.Dropout(0.01), nn.Linear(64, 5)), cross_entropy, r"dropout.*eval\(\)"),
            ("weights that every pass changes", nn.utils.spectral_norm(nn.Linear(12, 5)), cross_entropy, r"spectral norm.*eval\(\)"),
            ("noise of the loss", mlp(), lambda output, y: cross_entropy(output + torch.randn_like(output), y), "as a part of x or y"),
            ("a loss coupled weakly", mlp(), lambda output, y: cross_entropy(output, y) + 0.001 * output.mean(), "changes with the other samples"),
            ("a loss without gradient", mlp(), lambda output, y: cross_entropy(output.detach(), y), "do not depend on a parameter"),
            ("complex weights", nn.ParameterList([nn.Parameter(torch.ones(2, dtype=torch.complex64))]), cross_entropy, "0: a complex parameter"),
            ("lazy layers", nn.LazyLinear(5), cross_entropy, "weight: has no shape yet"),
            ("renormalised embeddings", nn.Sequential(nn.Embedding(3, 4, max_norm=1.0), nn.Linear(4, 5)), cross_entropy, "0: max_norm"),
            ("activation checkpoints", Checkpoint(), cross_entropy, "use_reentrant=False"),
        ]:
            with self.subTest(about), self.assertRaisesRegex(ValueError, want) as raised:
                record(model, loss, x, y)
            self.assertNotIn("\n", str(raised.exception))
        with self.assertRaisesRegex(ValueError, r"different lengths \([56], [56]\)"):
            record(mlp(), cross_entropy, x, y[:5])
        with self.assertRaisesRegex(ValueError, "at least 2"):
            record(mlp(), cross_entropy, x[:1], y[:1])
        with self.assertRaisesRegex(ValueError, "keep="):
            record(mlp(), cross_entropy, x, y, keep="all")
        with self.assertRaisesRegex(ValueError, "population=5 is below the 6 samples"):
            record(mlp(), cross_entropy, x, y, population=5)
        with self.assertRaisesRegex(ValueError, "index has shape"):
            record(mlp(), cross_entropy, x, y, index=[1, 2])

    def test_a_loss_that_couples_two_samples_only_one_way(self):
        """The loss of each sample holds the output of the one before it: neither losses alone nor gradients alone would show it for all."""

        def loss(output, y):
            before = torch.cat([output[:1].detach(), output[:-1]])
            return cross_entropy(output + 0 * before + before - before.detach(), y)

        with self.assertRaisesRegex(ValueError, "changes with the other samples"):
            record(mlp(), loss, torch.randn(6, 12), torch.arange(6) % 5)


def noiseprobe_draws(*args, **settings):
    """What draws writes."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "draws.safetensors")
        noiseprobe.draws(path, *args, **settings)
        return read(path)


class Experts(nn.Module):
    """Two layers, of which each sample goes through one."""

    def __init__(self):
        super().__init__()
        self.experts, self.head = nn.ModuleList([nn.Linear(4, 4), nn.Linear(4, 4)]), nn.Linear(4, 5)

    def forward(self, x):
        y = torch.zeros_like(x)
        for k, expert in enumerate(self.experts):
            chosen = (x[:, 0] > 0) == bool(k)
            if chosen.any():
                y[chosen] = expert(x[chosen])
        return self.head(y)


class OwnExperts(nn.Module):
    """The same with parameters of its own."""

    def __init__(self):
        super().__init__()
        self.experts, self.head = nn.ParameterList([nn.Parameter(torch.randn(4, 4)) for _ in range(2)]), nn.Linear(4, 5)

    def forward(self, x):
        y = torch.zeros_like(x)
        for k in range(2):
            chosen = (x[:, 0] > 0) == bool(k)
            if chosen.any():
                y[chosen] = x[chosen] @ self.experts[k]
        return self.head(y)


class Steps(nn.Module):
    """As many steps as the sample with the most needs."""

    def __init__(self):
        super().__init__()
        self.step, self.head = nn.Linear(4, 4), nn.Linear(4, 5)

    def forward(self, x):
        steps = 1 + (x[:, 0] > 0).long()
        for k in range(int(steps.max())):
            x = torch.where((k < steps)[:, None], torch.tanh(self.step(x)), x)
        return self.head(x)


class Words(nn.Module):
    """Sentences that end with zeros: the model leaves these out, cuts its minibatch to the longest, or sorts it."""

    def __init__(self, how):
        super().__init__()
        self.how, self.embedding, self.linear, self.head = how, nn.Embedding(9, 4), nn.Linear(4, 4), nn.Linear(4, 5)

    def forward(self, ids):
        inside = ids != 0
        order = torch.arange(len(ids))
        if self.how == "cut":
            ids = ids[:, : int(inside.sum(1).max())]
        if self.how == "sort":
            order = inside.sum(1).sort(descending=True, stable=True)[1]
        inside = (ids != 0)[order]
        words = self.embedding(ids[order][inside] if self.how == "leave out" else ids[order])
        words = torch.tanh(self.linear(words))
        if self.how == "leave out":
            words = words.new_zeros(*inside.shape, 4).masked_scatter(inside.unsqueeze(2), words)
        return self.head((words * inside.unsqueeze(2)).sum(1)[order.argsort()])


class TestUsesThatDiffer(unittest.TestCase):
    """A layer whose use depends on the data, also where the first three samples do not show it, gets a pass for every sample."""

    def check(self, model, x, layers):
        _, _, said = TestRecord().check(model, cross_entropy, x, torch.arange(len(x)) % 5, keep="gram", chunk=4)
        self.assertIn(f"no rule for {layers}: a pass", said.splitlines()[-1] if said else "")

    def test_samples_choose_their_layers(self):
        torch.manual_seed(5)
        x = torch.randn(8, 4)
        for first in ([1, -1, 1], [1, 1, 1]):
            x[:, 0] = torch.tensor(first + [-1, -1, 1, 1, -1])
            self.check(Experts(), x, "experts.0 (Linear), experts.1 (Linear)")
            self.check(OwnExperts(), x, "experts (ParameterList)")

    def test_more_and_fewer_steps(self):
        torch.manual_seed(6)
        x = torch.randn(8, 4)
        for later in (1.0, -1.0):
            x[:, 0] = torch.tensor([-later] * 4 + [later] * 4)
            self.check(Steps(), x, "step (Linear)")

    def test_sentences(self):
        torch.manual_seed(7)
        ids = torch.randint(1, 9, (8, 6))
        ids[4, 3:], ids[5:, 5:] = 0, 0
        layers = "embedding (Embedding), linear (Linear)"
        self.check(Words("leave out"), ids, layers)
        self.check(Words("sort"), ids, layers)
        self.check(Words("sort"), ids.roll(-4, 0), layers)
        ids[4:, 1:] = 0
        self.check(Words("cut"), ids, layers)


class TestNotFinite(unittest.TestCase):
    def test_a_loss_that_is_not_finite(self):
        with self.assertRaisesRegex(ValueError, "not finite"):
            record(mlp(), cross_entropy, torch.full((4, 12), float("nan")), torch.arange(4))

    def test_the_gradient_of_one_sample(self):
        """The square root has no finite derivative at zero."""
        root = lambda output, y: output.sum(1).mul(0).add(y).sqrt()
        y = torch.tensor([1.0, 1, 1, 0, 1])
        for keep, name in (("rows", "model.gradient"), ("gram", "model.gram")):
            with self.assertRaisesRegex(ValueError, rf"sample 3 of x, from 0: its {name} is not finite \(1 such of 5\)"):
                record(nn.Linear(3, 2), root, torch.randn(5, 3), y, keep=keep)


class TestDraws(unittest.TestCase):
    def test_against_enumeration(self):
        """The means of all pairs of minibatches of 2 of 6 samples, by enumeration; the bar is 5 standard errors of 300 draws."""
        torch.manual_seed(3)
        model, x, y = nn.Linear(3, 4), torch.randn(6, 3), torch.arange(6) % 4
        rows, _ = loop_rows(model, cross_entropy, x, y)
        noise = np.array([rows["model"][list(b)].mean(0) for b in itertools.combinations(range(6), 2)]) - rows["model"].mean(0)
        variance = (noise**2).sum(1).mean()
        disjoint = np.mean([
            a @ b for (i, a), (j, b) in itertools.product(zip(itertools.combinations(range(6), 2), noise), repeat=2) if not set(i) & set(j)
        ])  # fmt: skip
        replacement = ((rows["model"] - rows["model"].mean(0)) ** 2).sum(1).mean() / 2
        alpha, f = 1.5, 2.5
        for pairing, size, cross in [("independent", variance, 0), ("disjoint", variance, disjoint), ("replacement", replacement, 0)]:
            arrays, about = noiseprobe_draws(model, cross_entropy, lambda i: (x[i], y[i]), alpha, 2, draws=300, population=6, step=9, pairing=pairing)
            self.assertEqual(about["schema"], "noiseprobe/draws/1")
            said = json.loads(about["about"])
            self.assertEqual([said[key] for key in ("draws", "batch", "alpha", "pairing", "population", "step", "parameters", "differences")], [300, 2, 1.5, pairing, 6, 9, 16, True])
            self.assertLess(arrays["update_error"].max(), 1e-5)
            enhanced = f * size + 2 * alpha * (1 - alpha) * cross
            for name, want in [("norm_sq", size), ("prime_norm_sq", size), ("cross", cross), ("enhanced_norm_sq", enhanced)]:
                with self.subTest(pairing, of=name):
                    error = arrays[name].std() / len(arrays[name]) ** 0.5
                    self.assertLess(abs(arrays[name].mean() - want), 5 * error)
                    self.assertLess(error, 0.1 * size * f)
            self.assertEqual(len(arrays["effective_norm_sq"]), 300)
            self.assertEqual(said["effective"], 1)

    def test_the_effective_batch(self):
        """Eqs. 10 and 11: f = 2.5 at alpha 1.5; with 50 of 1000 samples B_eff = 1000 / (1 + 2.5 (20 - 1)), and 0 where it is below a half."""
        self.assertEqual(noiseprobe._effective_batch("independent", 1000, 50, 1.5), round(1000 / 48.5))
        self.assertEqual(noiseprobe._effective_batch("disjoint", 1000, 50, 1.5), 20)
        x, y = torch.randn(6, 3), torch.arange(6) % 4
        arrays, _ = noiseprobe_draws(nn.Linear(3, 4), cross_entropy, lambda i: (x[i], y[i]), 3, 1, draws=2, population=6, pairing="replacement")
        self.assertEqual(arrays["effective_norm_sq"].shape, (0,))

    def test_dropout_and_batch_norm_as_in_training(self):
        """Each minibatch has its own mask of dropout, the same in both passes: the trainer's gradient is the combination."""
        x, y = torch.randn(20, 12), torch.arange(20) % 5
        model = nn.Sequential(nn.Linear(12, 8), nn.BatchNorm1d(8), nn.ReLU(inplace=True), nn.Dropout(0.5), nn.Linear(8, 5))
        arrays, _ = noiseprobe_draws(model, nn.CrossEntropyLoss(), lambda i: (x[i], y[i]), 1.5, 8, draws=3, population=20)
        self.assertLess(arrays["update_error"].max(), 1e-5)
        self.assertTrue(np.isfinite(arrays["norm_sq"]).all())

    def test_errors(self):
        for settings, want in [
            (dict(batch=4), "population is missing"), (dict(batch=7, population=6), "take a smaller batch"), (dict(batch=2, population=6, draws=1), "at least 2"),
            (dict(batch=2, population=6, pairing="random"), "pairing"),
        ]:  # fmt: skip
            with self.subTest(want), self.assertRaisesRegex(ValueError, want):
                noiseprobe_draws(mlp(), cross_entropy, None, 1.5, **settings)
        with self.assertRaisesRegex(ValueError, "nothing to record"):
            noiseprobe_draws(mlp().requires_grad_(False), cross_entropy, None, 1.5, 2, population=6)

    def test_checksum(self):
        """That of a file with one array, from the definition in internal/safetensors/checksum.go."""
        a = {"x": np.array([1.0, 2.0])}
        size = lambda n: struct.pack("<Q", n)
        content = size(1) + size(6) + b"schema" + size(1) + b"s" + size(1) + size(1) + b"x" + size(3) + b"F64" + size(1) + size(2) + a["x"].tobytes()
        self.assertEqual(noiseprobe._checksum(a, {"schema": "s"}), "sha256:" + hashlib.sha256(content).hexdigest())


class TestEnhance(unittest.TestCase):
    def test_training_has_enhanced_noise(self):
        """A small network is trained with noise enhancement; then the covariance of its gradient is f = 2.5 times that of plain minibatches at the
        same weights, within 5 standard errors of 800 draws."""
        torch.manual_seed(4)
        x = torch.randn(400, 4)
        y = (x @ torch.randn(4, 3)).argmax(1)
        model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(inplace=True), nn.Linear(8, 3))
        loss, optimizer, alpha, batch = nn.CrossEntropyLoss(reduction="none"), torch.optim.SGD(model.parameters(), 0.3), 1.5, 10

        def enhanced(alpha):
            b, prime = torch.randint(400, (2, batch))
            return noiseprobe.enhance(loss(model(x[b]), y[b]), loss(model(x[prime]), y[prime]), alpha)

        first = loss(model(x), y).mean().item()
        for _ in range(150):
            optimizer.zero_grad()
            enhanced(alpha).backward()
            optimizer.step()
        self.assertLess(loss(model(x), y).mean().item(), 0.5 * first)

        def noise(alpha):
            """|g - mean|^2 of 800 draws."""
            g = torch.stack([torch.cat([v.flatten() for v in torch.autograd.grad(enhanced(alpha), model.parameters())]) for _ in range(800)])
            return (g - g.mean(0)).square().sum(1)

        with_, without = noise(alpha), noise(1.0)
        ratio = (with_.mean() / without.mean()).item()
        error = ratio * sum((v.std() / v.mean()).item() ** 2 / len(v) for v in (with_, without)) ** 0.5
        self.assertLess(abs(ratio - 2.5), 5 * error)
        self.assertLess(error, 0.2)

    def test_means_and_losses(self):
        a, b = torch.tensor([1.0, 3.0]), torch.tensor([5.0, 7.0])
        self.assertEqual(noiseprobe.enhance(a, b, 1.5).item(), 1.5 * 2 - 0.5 * 6)
        self.assertEqual(noiseprobe.enhance(a.mean(), b.mean(), 1.5).item(), 0)


class TestOptimizer(unittest.TestCase):
    def trained(self, kind=torch.optim.Adam, steps=3, **settings):
        torch.manual_seed(1)
        model = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))
        optimizer = kind(model.parameters(), lr=0.01, **settings)
        x, y = torch.randn(8, 4), torch.randint(2, (8,))
        for _ in range(steps):
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
        return model, optimizer

    def written(self, *args, **settings):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "optimizer.safetensors")
            noiseprobe.optimizer(path, *args, **settings)
            return read(path)

    def test_moments(self):
        for kind, name in (torch.optim.Adam, "adam"), (torch.optim.AdamW, "adamw"):
            model, optimizer = self.trained(kind, betas=(0.8, 0.99), eps=1e-7)
            arrays, about = self.written(model, optimizer, gradient={n: p.grad for n, p in model.named_parameters()})
            self.assertEqual([about[k] for k in ("optimizer", "step", "learning_rate", "beta1", "beta2", "eps")], [name, "3", "0.01", "0.8", "0.99", "1e-07"])
            self.assertEqual(len(arrays), 12)
            for n, p in model.named_parameters():
                np.testing.assert_array_equal(arrays["m." + n], optimizer.state[p]["exp_avg"].numpy())
                np.testing.assert_array_equal(arrays["v." + n], optimizer.state[p]["exp_avg_sq"].numpy())
                np.testing.assert_array_equal(arrays["g." + n], p.grad.numpy())
            same, _ = self.written(model, optimizer.state_dict(), 3)
            for n, a in same.items():
                np.testing.assert_array_equal(a, arrays[n])

    def test_errors(self):
        model, adam = self.trained()
        groups = torch.optim.Adam([{"params": model[0].parameters()}, {"params": model[2].parameters(), "lr": 1.0}])
        for args, words in [
            (self.trained(steps=0), "after an update"),
            (self.trained(amsgrad=True), "amsgrad"),
            (self.trained(torch.optim.SGD), "want torch.optim.Adam"),
            ((model, groups), "groups of parameters differ"),
            ((nn.Sequential(*model, nn.Linear(2, 2)), adam), "no moments of 3.weight"),
            ((nn.Sequential(*model, nn.Linear(2, 2)), adam.state_dict()), "pass the optimizer itself"),
        ]:
            with self.assertRaisesRegex(ValueError, words) as caught:
                self.written(*args)
            self.assertNotIn("\n", str(caught.exception))


class TestLog(unittest.TestCase):
    def test_both_formats(self):
        with tempfile.TemporaryDirectory() as folder:
            for name, want in [
                ("a.csv", "step,small_batch,small_norm_sq,big_batch,big_norm_sq\n1,16,0.5,256,0.25\n2,16,0.5,256,0.25\n"),
                ("a.jsonl", "".join(f'{{"step": {i}, "small_batch": 16, "small_norm_sq": 0.5, "big_batch": 256, "big_norm_sq": 0.25}}\n' for i in (1, 2))),
            ]:
                path = os.path.join(folder, name)
                for step in (1, 2):
                    noiseprobe.log(path, step, 16, torch.tensor(0.5), 256, np.float32(0.25))
                with open(path) as f:
                    self.assertEqual(f.read(), want)


if __name__ == "__main__":
    unittest.main()
