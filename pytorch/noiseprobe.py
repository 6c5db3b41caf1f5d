"""Per-sample gradients and gradient noise of any PyTorch model, for noiseprobe. Needs torch >= 1.13 and numpy alone: copy this file.

    import noiseprobe
    loss = torch.nn.CrossEntropyLoss(reduction="none")                     # loss(model(x), y) -> [n], one number a sample
    noiseprobe.record("step000100.safetensors", model, loss, x, y, step=100, population=50000)
    noiseprobe.draws("draws000100.safetensors", model, loss, lambda i: (X[i], Y[i]), alpha=1.5, batch=100, population=50000, step=100)
    noiseprobe.enhance(loss(model(x), y), loss(model(x2), y2), alpha=1.5).backward()
    noiseprobe.log("norms.csv", step, 16, small_norm_sq, 256, big_norm_sq)
    noiseprobe.optimizer("optimizer000100.safetensors", model, optimizer)  # for noiseprobe probe -optimizer-state

How record works. Forward hooks keep the input and the output of every layer and hand on a clone, so that in-place activations are
allowed; torch.autograd.grad(losses.sum(), outputs) gives delta, the derivative of each sample's loss by its layer's output. A rule for the
kind of layer makes of the two what the gradient of a parameter is for each sample: for nn.Linear the sum over positions t of
delta_t a_t' (Goodfellow, arXiv:1510.01799). No gradient of a weight is computed, but for three samples at the beginning: every rule's result is
compared with autograd there. A parameter that fails, or has no rule, gets a backward pass for every sample.

Notation: n samples, T positions (tokens, pixels), a layer of `in` inputs and `out` outputs. Shapes are in brackets.
"""
import contextlib
import functools
import hashlib
import json
import mmap
import os
import shutil
import struct
import sys
import tempfile
import time
import warnings
import weakref
from collections import namedtuple
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

try:
    from torch.func import functional_call, grad, vmap  # PyTorch 2
except ImportError:
    from torch.nn.utils.stateless import functional_call

    try:
        from functorch import grad, vmap
    except ImportError:  # the loop remains
        grad = vmap = None

SMALL_FILE = 128 << 20  # keep="auto" writes factors and rows up to this size, and Gram matrices beyond
BATCH_NORM = nn.modules.batchnorm._BatchNorm


# What is written: record, draws, enhance, log, optimizer.


def record(path, model, loss, x, y, step=0, population=None, keep="auto", *, index=None, chunk=None, memory=None, frozen=False):
    """Writes the gradients of the n samples x, y at the present weights to a .safetensors file for `noiseprobe analyze`.

    loss(model(x), y) -> [n] is each sample's own loss: reduction="none". x and y are tensors with a first axis of n, or tuples, lists or
    dictionaries of such. population is the number of samples that these were taken from.

    keep: "factors" (NAME.a and NAME.delta), "rows" (NAME.gradient [n, P]), "gram" (NAME.gram [n, n], inner products, with memory and a file
    that do not grow with the number of parameters P), or "auto": layer by layer the smaller of factors and rows, and gram where the
    file would exceed 128 MiB.
    index: numbers of the samples [n], for the report. chunk: samples in one forward pass. frozen: record with batch normalisation and dropout as in
    eval(). memory: bytes of factors and rows that gram may hold at a time, by default half of what is free on a GPU; where it is not enough, there
    are several passes over the samples. On a CPU the default is a temporary file in the folder of path instead.

    The model, its gradients, buffers and the state of the random numbers are afterwards as they were before.
    """
    if keep not in ("auto", "factors", "rows", "gram"):
        raise ValueError(f'keep={keep!r}: must be "auto", "factors", "rows" or "gram"')
    model = _unwrapped(model)
    with _undisturbed(model, frozen):
        recorder = _Recorder(model, loss, x, y, chunk, memory, os.path.dirname(os.path.abspath(path)))
        arrays, about = recorder.arrays(keep)
    n = recorder.n
    if population and population < n:
        raise ValueError(f"population={population} is below the {n} samples of x that were taken from it")
    arrays["index"] = np.arange(n) if index is None else np.asarray(index, dtype=np.int64)
    if arrays["index"].shape != (n,):
        raise ValueError(f"index has shape {arrays['index'].shape}, want [{n}], a number for each sample")
    arrays["loss"] = recorder.losses.numpy()
    _refuse_infinite({"loss": arrays["loss"], **arrays})
    about = {**about, "step": int(step), "population": int(population or 0), "unit": "sample", "unit_size": 1}
    write_safetensors(path, arrays, {key: v if isinstance(v, str) else json.dumps(v) for key, v in about.items()})


def draws(path, model, loss, sample, alpha, batch, draws=64, population=None, step=0, *, pairing="independent", seed=0):
    """Measures the noise of real minibatches of the size `batch` at the present weights, and writes it for `noiseprobe analyze`.

    sample(indices) -> x, y gives the samples with these numbers below population, a NumPy array. loss is that of record or its mean.
    Each of the draws takes two pairs of minibatches; a noise is the difference of their gradients over sqrt 2, which has the covariance of one and needs
    no full gradient. So at most four gradients are in memory. Batch normalisation and dropout stay as they are, as in training.

    pairing, of the two minibatches of noise enhancement: "independent", "disjoint", or "replacement" (both drawn with replacement).
    """
    if population is None:
        raise ValueError("draws: population is missing: the number of samples that sample(indices) knows")
    if pairing not in ("independent", "disjoint", "replacement"):
        raise ValueError(f'draws: pairing={pairing!r}: must be "independent", "disjoint" or "replacement"')
    if not 1 <= batch * (2 if pairing == "disjoint" else 1) <= population and pairing != "replacement":
        raise ValueError(f"draws: batch={batch} does not fit a population of {population}: take a smaller batch")
    if draws < 2:
        raise ValueError(f"draws={draws}: at least 2 are needed for a variance")
    effective = _effective_batch(pairing, population, batch, alpha)
    measured = {name: [] for name in ("norm_sq", "prime_norm_sq", "cross", "enhanced_norm_sq", "update_error", "effective_norm_sq")}
    model = _unwrapped(model)
    with _undisturbed(model):
        trainer = _Trainer(model, loss, sample, alpha)
        for k in range(draws):
            rng = np.random.default_rng([seed, k])
            values = trainer.pair(*[_draw(rng, pairing, population, batch, 2) for _ in range(2)])
            if effective:
                values["effective_norm_sq"] = trainer.single(*[_draw(rng, pairing, population, effective, 1)[0] for _ in range(2)])
            for name, value in values.items():
                measured[name].append(value)
    about = {
        "draws": draws, "batch": int(batch), "alpha": float(alpha), "pairing": pairing, "seed": seed, "population": int(population),
        "effective": effective, "directions": [], "differences": True, "step": int(step), "parameters": trainer.size,
    }
    arrays = {name: np.array(values, dtype=np.float64) for name, values in measured.items()}
    write_safetensors(path, arrays, {"schema": "noiseprobe/draws/1", "about": json.dumps(about)})


def enhance(losses, losses_prime, alpha):
    """The loss of noise enhancement, alpha L_B + (1 - alpha) L_B', of two minibatches of the same size (Mori and Ueda, Eq. 6).

    Its gradient has the mean of an ordinary minibatch's and alpha^2 + (1 - alpha)^2 times the covariance (Eq. 10). losses and losses_prime are
    [B] or means already.
    """
    return alpha * losses.mean() + (1 - alpha) * losses_prime.mean()


def log(path, step, small_batch, small_norm_sq, big_batch, big_norm_sq):
    """Appends a line for `noiseprobe noise-scale`: squared norms of the mean gradient of small_batch and of big_batch samples.

    CSV, or JSON lines where path ends in .jsonl.
    """
    row = {
        "step": int(step), "small_batch": int(small_batch), "small_norm_sq": float(small_norm_sq),
        "big_batch": int(big_batch), "big_norm_sq": float(big_norm_sq),
    }
    with open(path, "a", encoding="ascii") as f:
        if str(path).endswith(".jsonl"):
            f.write(json.dumps(row) + "\n")
            return
        if f.tell() == 0:
            f.write(",".join(row) + "\n")
        f.write(",".join(repr(v) for v in row.values()) + "\n")


def optimizer(path, model, optimizer, step=None, *, gradient=None):
    """Writes the moments of torch.optim.Adam or AdamW at the present weights for `noiseprobe probe -optimizer-state`.

    optimizer is the optimizer, or its state_dict() where it was made with model.parameters(). step is the number of its updates, by default what it says
    itself. gradient, a dictionary of tensors by the names of the parameters, is the gradient over the whole training set: with it the report
    says what the noise of the updates is once the moments have settled. Nothing is changed.
    """
    parameters = dict(_unwrapped(model).named_parameters())
    name, groups, state = _optimizer_state(optimizer, parameters)
    settings = {_settings(g) for g in groups}
    if len(settings) != 1:
        raise ValueError("optimizer: its groups of parameters differ in learning rate, betas or eps: one of each can be written")
    if any(g.get("amsgrad") for g in groups):
        raise ValueError("optimizer: amsgrad divides by the largest moments so far: only Adam and AdamW without it can be written")
    missing = [n for n in parameters if "exp_avg_sq" not in state.get(n, {})]
    if missing:
        raise ValueError(f"optimizer: has no moments of {missing[0]}: call it after an update, of an Adam or AdamW that has all parameters of the model")
    steps = {int(state[n]["step"]) for n in parameters}
    if len(steps) != 1 and step is None:
        raise ValueError(f"optimizer: its parameters have had {min(steps)} to {max(steps)} updates: step= says how many to write")
    arrays = {f"{k}.{n}": state[n][key] for k, key in (("m", "exp_avg"), ("v", "exp_avg_sq")) for n in parameters}
    if gradient is not None:
        arrays.update({f"g.{n}": gradient[n] for n in parameters})
    rate, beta1, beta2, eps = settings.pop()
    about = {
        "schema": "noiseprobe/optimizer/1", "optimizer": name, "step": str(min(steps) if step is None else int(step)),
        "learning_rate": repr(rate), "beta1": repr(beta1), "beta2": repr(beta2), "eps": repr(eps),
    }
    write_safetensors(path, {n: a.detach().float().cpu().numpy() for n, a in arrays.items()}, about)


def _optimizer_state(optimizer, parameters):
    """The name of an Adam or AdamW, its groups, and its state by the names of the parameters."""
    if isinstance(optimizer, Mapping):
        groups = optimizer["param_groups"]
        order = [i for g in groups for i in g["params"]]
        if len(order) != len(parameters):
            raise ValueError(f"optimizer: the state_dict has {len(order)} parameters and the model {len(parameters)}: pass the optimizer itself")
        decoupled = groups[0].get("decoupled_weight_decay", False)
        return ("adamw" if decoupled else "adam"), groups, {n: optimizer["state"].get(i, {}) for n, i in zip(parameters, order)}
    if not isinstance(optimizer, (torch.optim.Adam, torch.optim.AdamW)):
        raise ValueError(f"optimizer: is a {type(optimizer).__name__}: want torch.optim.Adam or AdamW")
    name = "adamw" if isinstance(optimizer, torch.optim.AdamW) else "adam"
    return name, optimizer.param_groups, {n: optimizer.state.get(p, {}) for n, p in parameters.items()}


def _settings(group):
    return (float(group["lr"]), *map(float, group["betas"]), float(group["eps"]))


# Pieces: what is known of a parameter's gradient for each of n samples. A parameter that is used several times has several, and its gradient
# is their sum. rows(lo, hi) forms the gradient [n, hi - lo, ...] of the part lo:hi of the parameter's first axis.


@dataclass
class Outer:
    """sum_t delta_t a_t', a [n, T, in], delta [n, T, out]."""

    a: torch.Tensor
    delta: torch.Tensor

    def rows(self, lo, hi):
        return self.delta[:, :, lo:hi].transpose(1, 2) @ self.a

    def factors(self):
        return self.a, self.delta


@dataclass
class Turned(Outer):
    """An Outer whose weight is stored as [in, out]: a and delta have changed places."""


@dataclass
class Patches(Outer):
    """An Outer of a convolution of k images: a_t is what the kernel reads at position t. a [n, k, in, H, W], delta [n, k, out, h, w]."""

    geometry: dict

    def rows(self, lo, hi):
        return _convolution_rows(self.a, self.delta[:, :, lo:hi], self.geometry, 1)

    def factors(self):
        g = self.geometry
        patches = F.unfold(self.a.flatten(0, 1), g["kernel"], g["dilation"], g["padding"], g["stride"]).unflatten(0, self.a.shape[:2])
        return (v.transpose(2, 3).flatten(1, 2) for v in (patches, self.delta.flatten(3)))


@dataclass
class OneHot:
    """An embedding: delta_t [n, T, out] belongs to row ids_t [n, T]."""

    ids: torch.Tensor
    delta: torch.Tensor

    def rows(self, lo, hi):
        n, _, out = self.delta.shape
        inside = (self.ids >= lo) & (self.ids < hi)
        first = (hi - lo) * torch.arange(n, device=self.ids.device)[:, None]
        rows = self.delta.new_zeros(n * (hi - lo), out)
        return rows.index_add_(0, (first + self.ids - lo)[inside], self.delta[inside]).view(n, hi - lo, out)


@dataclass
class Rows:
    """The gradient itself, [n, ...]."""

    gradient: torch.Tensor

    def rows(self, lo, hi):
        return self.gradient.view(len(self.gradient), -1) if self.gradient.dim() == 1 else self.gradient[:, lo:hi]


def _tensors(piece):
    return [v for v in vars(piece).values() if torch.is_tensor(v)]


def _map(piece, do):
    """The piece with do applied to its tensors."""
    return replace(piece, **{name: do(v) for name, v in vars(piece).items() if torch.is_tensor(v)})


def _numbers(pieces):
    """How many numbers the pieces hold."""
    return sum(v.numel() for piece in pieces for v in _tensors(piece))


def _sum_rows(pieces, lo, hi):
    """[n, (hi - lo) ...], all uses together."""
    return functools.reduce(torch.add, (piece.rows(lo, hi).flatten(1) for piece in pieces))


def _length(p):
    """The length of the first axis of a parameter; a number has one element."""
    return p.shape[0] if p.dim() else 1


# Rules: the pieces of a module's parameters for one call. x and d are input and delta, [n, k, ...] where the module saw [n k, ...].


def _linear(m, x, d):
    a, delta = x.reshape(len(x), -1, x.shape[-1]), d.reshape(len(d), -1, d.shape[-1])
    return [(m.weight, Outer(a, delta)), (m.bias, Rows(delta.sum(1)))]


def _turned_linear(m, x, d):
    """Conv1D of Hugging Face's GPT-2."""
    (weight, outer), bias = _linear(m, x, d)
    return [(weight, Turned(outer.delta, outer.a)), bias]


def _convolution(m, x, d):
    line = [1] * isinstance(m, nn.Conv1d)  # an image of one line
    padding = [0 for _ in line] + list(m.padding)
    if m.padding_mode != "zeros" or isinstance(m.padding, str):  # as a part of the image
        mode = m.padding_mode.replace("zeros", "constant")
        x = F.pad(x.flatten(0, 1), m._reversed_padding_repeated_twice, mode=mode).unflatten(0, x.shape[:2])
        padding = [0, 0]
    x, delta = (v.reshape(*v.shape[:3], *line, *v.shape[3:]) for v in (x, d))
    geometry = {"kernel": [*line, *m.kernel_size], "stride": [*line, *m.stride], "dilation": [*line, *m.dilation], "padding": padding}
    if m.groups == 1:
        weight = Patches(x, delta, geometry)
    else:
        weight = Rows(_convolution_rows(x, delta, geometry, m.groups))
    return [(m.weight, weight), (m.bias, Rows(delta.sum((1, 3, 4))))]


def _convolution_rows(x, delta, geometry, groups):
    """The gradients [n, out, ...] of convolutions of x [n, k, in, H, W]: the gradient of one convolution whose groups are the samples."""
    n, k = x.shape[:2]
    x, delta = (v.transpose(0, 1).flatten(1, 2) for v in (x, delta))
    shape = (delta.shape[1], x.shape[1] // (n * groups), *geometry["kernel"])
    weight = nn.grad.conv2d_weight(x, shape, delta, geometry["stride"], geometry["padding"], geometry["dilation"], n * groups)
    return weight.unflatten(0, (n, -1))


def _embedding(m, x, d):
    ids, delta = x.reshape(len(x), -1), d.reshape(len(d), -1, d.shape[-1])
    if m.padding_idx is not None:
        delta = delta * (ids != m.padding_idx).unsqueeze(2)
    return [(m.weight, OneHot(ids, delta))]


def _layer_norm(m, x, d):
    normal = F.layer_norm(x, m.normalized_shape, None, None, m.eps)
    return [(p, Rows(_sum_to(v, p))) for p, v in ((m.weight, normal * d), (getattr(m, "bias", None), d)) if p is not None]


def _group_norm(m, x, d):
    normal = F.group_norm(x.flatten(0, 1), m.num_groups, None, None, m.eps).view_as(x)
    return [(p, Rows(v.transpose(1, 2).flatten(2).sum(2))) for p, v in ((m.weight, normal * d), (m.bias, d))]


def _batch_norm(m, x, d):
    """With running statistics: sums over the positions of (x - mean) / deviation times d, without an array of that size."""
    x, d = (v.transpose(1, 2).flatten(2) for v in (x, d))
    total, along = d.sum(2), (x.unsqueeze(2) @ d.unsqueeze(3)).flatten(1)
    return [(m.weight, Rows((along - m.running_mean * total) * torch.rsqrt(m.running_var + m.eps))), (m.bias, Rows(total))]


def _scale(m, x, d):
    """A module with one parameter w and output w h(x) + c(x), element by element, such as RMSNorm. Others fail the comparison with autograd."""
    ((name, w),) = m._parameters.items()
    one, zero = (functional_call(m, {name: torch.full_like(w, v)}, (x.flatten(0, 1),)) for v in (1.0, 0.0))
    return [(w, Rows(_sum_to((one - zero).reshape(d.shape) * d, w)))]


def _sum_to(values, p):
    """values [n, ...] summed to [n, *p.shape], where p was broadcast to each of values."""
    shape = (1,) * (values.dim() - 1 - p.dim()) + tuple(p.shape)
    axes = [i for i, size in enumerate(shape, 1) if size == 1]
    return (values.sum(axes) if axes else values).reshape(len(values), *p.shape)


RULES = {
    nn.Linear: _linear,
    nn.Conv1d: _convolution,
    nn.Conv2d: _convolution,
    nn.Embedding: _embedding,
    nn.LayerNorm: _layer_norm,
    nn.GroupNorm: _group_norm,
    BATCH_NORM: _batch_norm,
}


def _rule(m):
    """The rule for a module, None if there is none. A subclass with a forward of its own is another kind of layer."""
    for kind, rule in RULES.items():
        if isinstance(m, kind) and type(m).forward is kind.forward:
            return rule
    if type(m).__name__ == "Conv1D" and hasattr(m, "nf"):
        return _turned_linear
    return _scale if len(m._parameters) == 1 and not list(m.children()) else None


# Forward passes with hooks, and the axis of the samples.

Call = namedtuple("Call", "key module input output")  # key: the module and the number of its call, from 0


@contextlib.contextmanager
def _hooked(modules, samples, spread):
    """The calls of modules by their keys. The output of a call is spread over the samples where its key is in spread."""
    calls, hooks, active = {}, [], True

    def keep(module, inputs, output):
        if not active or not inputs or not torch.is_tensor(output) or not output.requires_grad:
            return None
        key = module, sum(call.module is module for call in calls.values())
        if key in spread:
            output = _spread(output, samples)
        calls[key] = Call(key, module, inputs[0].detach(), output)
        return output.clone()

    try:
        hooks += [m.register_forward_hook(keep) for m in modules]
        yield calls
    finally:
        active = False  # an activation checkpoint calls its modules again in the backward pass
        for hook in hooks:
            hook.remove()


def _trusts_shapes(m):
    """Whether a module may read memory that is not its own where a parameter has another shape: kernels of PyTorch for LSTM and for weight norm do."""
    own = isinstance(m, (nn.ParameterList, nn.ParameterDict)) or not type(m).__module__.startswith("torch.")
    return not own or isinstance(m, nn.RNNBase) or len(m._forward_pre_hooks) > 0


def _spread(value, samples):
    """[n, ...] of a value that all samples share, [1, ...] or without an axis for them."""
    shape = value.shape[1:] if value.dim() and value.shape[0] == 1 else value.shape
    return value.expand(samples, *shape)


def _by_sample(value, axis, samples):
    """[n, k, ...] of a value with n k entries along axis, those of a sample together; where axis is None, all samples share it."""
    if axis is None:
        return _spread(value, samples).unsqueeze(1)
    value = value.movedim(axis, 0)
    return value.reshape(samples, -1, *value.shape[1:])


def _sample_axis(two, three):
    """The axis that grows with the number of samples, given the shapes for two and for three; None if none does, -1 if it is not clear."""
    grown = [i for i, (a, b) in enumerate(zip(two, three)) if a != b]
    if len(two) != len(three) or len(grown) > 1 or grown and 3 * two[grown[0]] != 2 * three[grown[0]]:
        return -1
    return grown[0] if grown else None


# The recorder. It plans with three samples, then goes through all of them, a chunk at a time, once or several times. Where a chunk shows that
# a parameter is used otherwise than by the three, it begins again, with a pass for every sample for this one.

Side = namedtuple("Side", "axis shape")  # the input or output of a call: the axis of the samples, None if all share it, and its shape for three
Job = namedtuple("Job", "name parameter lo hi whole")  # keeps the pieces of a parameter (whole), or the rows of its part lo:hi
REJECTED = (RuntimeError, TypeError, ValueError, IndexError, AttributeError)  # by a model for a value that it does not expect

RANDOM = (
    "the same samples give other losses or gradients the second time (dropout, random numbers, spectral norm?): call model.eval(), or record with "
    "frozen=True; draw other noise beforehand, as a part of x or y"
)
COUPLED = (
    "the loss of a sample, or its gradient, changes with the other samples of the minibatch: it needs a loss of each sample alone, "
    "not divided by the batch size, and no statistics over the minibatch"
)


class _Irregular(Exception):
    """A set of ids of parameters without a rule that holds for all samples."""


class _Recorder:
    """The gradients of n samples of one model at its present weights."""

    def __init__(self, model, loss, x, y, chunk, memory, folder):
        self.model, self.loss, self.x, self.y, self.n = model, loss, x, y, _count(x, y)
        self.parameters = _parameters(model)
        if self.n < 2:
            raise ValueError(f"{self.n} sample: a covariance needs at least 2")
        self.device = next(iter(self.parameters.values())).device
        self.scratch = _Scratch(folder) if memory is None and self.device.type == "cpu" else None
        self.memory = memory or (self.scratch.limit if self.scratch else _half_of_free(self.device))
        self.block = min(self.memory, 1 << 30 if self.scratch else self.memory) // 64  # bytes of gradients or products at a time
        self.ids = {id(p) for p in self.parameters.values()}
        self.rules = {m: _rule(m) for m in model.modules() if self.ids & _ids(m) and _rule(m)}
        self.layout = {}  # for every call of a module: the sides of its input and output
        self.spread_calls, self.spread_parameters = set(), []  # what is shared by all samples and becomes one for each
        self.unused, self.irregular = [], set()  # parameters that three samples do not use, and ids of those without a rule that holds
        self.one, self.by_pass = {}, []  # the pieces of one sample by id of the parameter; names of parameters without
        self.losses = torch.zeros(self.n, dtype=torch.float64)
        _refuse_modules(model, self.parameters)
        self._plan(chunk)

    # Running the model.

    def _losses(self, index):
        """The losses [len(index)] of samples."""
        x, y = _take(self.x, index, self.device), _take(self.y, index, self.device)
        self.spread_values = [_spread(self.parameters[name], len(index)).clone() for name in self.spread_parameters]
        if self.spread_parameters:
            output = functional_call(self.model, dict(zip(self.spread_parameters, self.spread_values)), (x,))
        else:
            output = self.model(x)
        losses = self.loss(output, y)
        if losses.shape != (len(index),):
            raise ValueError(
                f"the loss of {len(index)} samples has the shape {list(losses.shape)}, want one number a sample: "
                'take reduction="none", and the mean over all axes but the first'
            )
        return losses

    def _forward(self, index):
        """The calls of the modules that have a rule, by their keys, and the losses."""
        with _hooked(self.rules, len(index), self.spread_calls) as calls:
            losses = self._losses(index)
        return calls, losses

    def _pieces(self, index, wanted, planning=False):
        """The pieces of parameters by their ids, those in wanted at least, and the losses."""
        try:
            calls, losses = self._forward(index)
        except REJECTED:
            if not self.spread_parameters:
                raise
            raise _Irregular({id(self.parameters[name]) for name in self.spread_parameters})
        calls = {key: call for key, call in calls.items() if wanted & _ids(call.module)}
        self._check_uses(calls, losses, wanted)
        if planning:
            self._check_mixing(calls, losses)
        outputs = [call.output for call in calls.values()] + self.spread_values
        deltas = torch.autograd.grad(losses.sum(), outputs, allow_unused=True, retain_graph=planning) if outputs else []
        names = [name for name, d in zip(self.spread_parameters, deltas[len(calls) :]) if d is not None or not planning]
        deltas = dict(zip([*calls, *self.spread_parameters], (_dense(d, v) for d, v in zip(deltas, outputs))))
        pieces, failed = {}, set()
        with torch.no_grad(), _exact_products(self.device):
            for key, call in calls.items():
                try:
                    for p, piece in self._apply(call, deltas[key], len(index)):
                        pieces.setdefault(id(p), []).append(piece)
                except REJECTED:  # the layer is not what it seems
                    if not planning:
                        raise
                    failed |= wanted & _ids(call.module)
            for name in names:
                p = self.parameters[name]
                pieces[id(p)] = [Rows(_widened(deltas[name]).reshape(len(index), *p.shape))]
        if failed:
            raise _Irregular(failed)
        return pieces, losses

    def _apply(self, call, delta, samples):
        """What the rule says of one call, for the parameters that are recorded."""
        x, d = (_by_sample(_widened(v), side.axis, samples) for v, side in zip((call.input, delta), self.layout[call.key]))
        return [(p, piece) for p, piece in self.rules[call.module](call.module, x, d) if id(p) in self.ids]

    def _check_uses(self, calls, losses, wanted):
        """Raises _Irregular for parameters that are used otherwise than by three samples: in other calls, for other shapes, or at all."""
        changed = self.layout.keys() - calls.keys() | {key for key, call in calls.items() if not self._as_planned(call, len(losses))}
        unused = [p for p in self.unused if id(p) in wanted]
        found = {id(p) for p, g in zip(unused, _derivatives(losses.sum(), unused)) if g is not None}
        found = wanted & found.union(*(_ids(module) for module, _ in changed))
        if found:
            raise _Irregular(found)

    def _as_planned(self, call, samples):
        """Whether a sample's part of the input and of the output has the shape that it had among three."""
        planned = []
        for axis, shape in self.layout.get(call.key, []):
            planned.append([size * samples // 3 if i == axis else size for i, size in enumerate(shape)])
        return planned == [list(call.input.shape), list(call.output.shape)]

    def _check_mixing(self, calls, losses):
        """Refuses a loss that depends on what a layer makes of several of three samples."""
        for call, delta in zip(calls.values(), _derivatives(losses[1], [call.output for call in calls.values()])):
            axis, shape = self.layout[call.key][1]
            if delta is not None and axis is not None and shape[axis] == 3:
                of_samples = delta.movedim(axis, 0).reshape(3, -1).abs().amax(1)
                self._refuse_coupled((of_samples > 1e-6 * of_samples.max()).sum() <= 1)  # of another one if the layer changes the order

    def _verify(self, pieces, names):
        """Raises _Irregular where the pieces of the last sample are far from its gradient: a model may have changed the order."""
        wrong, _ = self._wrong(names, pieces, slice(-1, None), self._losses(np.array([self.n - 1] * 2))[0], factor=10)
        if wrong:
            raise _Irregular(wrong)

    def _wrong(self, names, pieces, sample, alone, beside=None, factor=1):
        """The ids of parameters whose pieces of a sample are not the derivatives of its loss alone; and whether those of its loss beside others differ."""
        table = []  # of parameters: the id, the error of the rule, what the other samples change, the largest value
        for group in _groups([self.parameters[name] for name in names], lambda p: 4 * p.numel(), self.block):
            own = _derivatives(alone, group)
            for p, *pair in zip(group, own, own if beside is None else _derivatives(beside, group)):
                want, other = (_dense(g, p) for g in pair)
                error = 0 if pair == [None, None] else float("inf")
                if id(p) in pieces:
                    found = _sum_rows([_map(piece, lambda v: v[sample]) for piece in pieces[id(p)]], 0, _length(p))
                    error = _largest(found.reshape(p.shape) - want)
                table.append((id(p), error, _largest(other - want), _largest(want)))
        tolerance, rounding = _tolerances(alone)
        rounding *= max((size for *_, size in table), default=0)
        wrong = {p for p, error, _, size in table if not error <= factor * (tolerance * size + rounding)}
        return wrong, any(change > tolerance * size + rounding for _, _, change, size in table)

    def _refuse_coupled(self, same):
        """same: whether a loss or its gradient is that of the sample alone."""
        if not same:
            raise ValueError(RANDOM if self.random else COUPLED)

    # Planning.

    def _plan(self, chunk):
        three = np.arange(3) % self.n
        reference, state = self._losses(three), _random_state(self.device)
        if not reference.requires_grad:
            raise ValueError("the losses do not depend on a parameter that requires a gradient: is there a detach(), no_grad() or argmax()?")
        _refuse_checkpoints(reference)
        reference, again = reference.detach(), self._losses(three).detach()
        self.random = not torch.equal(state, _random_state(self.device))
        if not reference.isfinite().all():
            raise ValueError("the loss of the first three samples is not finite: there is no gradient to record")
        if not _largest(again - reference) <= (1e-3 if _is_half(reference) else 1e-5) * _largest(reference):
            raise ValueError(RANDOM)
        shapes = self._shapes(three)
        self._find_axes(self._shapes(three[:2]), shapes)
        self._try_spreading(three, reference)
        per_sample = 4 * sum(shape.numel() for call in shapes.values() for shape in call) // 3
        self.chunk = min(self.n, chunk or max(1, 4 * self.block // max(1, per_sample)))
        self._compare(three)

    def _shapes(self, index):
        """The shapes of input and output of every call."""
        return {key: (call.input.shape, call.output.shape) for key, call in self._forward(index)[0].items()}

    def _find_axes(self, two, three):
        """Fills in layout, given the shapes for two and for three samples."""
        for key in two.keys() & three.keys():
            axes = [_sample_axis(*pair) for pair in zip(two[key], three[key])]
            if -1 not in axes:
                self.layout[key] = [Side(axis, shape) for axis, shape in zip(axes, three[key])]

    def _try_spreading(self, three, reference):
        """Makes what samples share, such as embeddings of positions or a class token, one for each of them where that changes no loss."""
        self.spread_calls = {key for key, (_, output) in self.layout.items() if output.axis is None}
        if self.spread_calls and not self._same_losses(three, reference):
            self.layout = {key: sides for key, sides in self.layout.items() if key not in self.spread_calls}
            self.spread_calls = set()
        shapes = self._shapes(three) if self.spread_calls else {}
        for key in self.spread_calls:
            self.layout[key][1] = Side(0, shapes[key][1])
        fixed = set().union(*(_ids(m) for m in self.model.modules() if m in self.rules or _trusts_shapes(m)))
        for name, p in self.parameters.items():
            if id(p) not in fixed:
                self.spread_parameters.append(name)
                if not self._same_losses(three, reference):
                    self.spread_parameters.pop()

    def _same_losses(self, index, reference):
        try:
            return _close(self._forward(index)[1].detach(), reference)
        except REJECTED:
            return False

    def _compare(self, three):
        """Compares the pieces of the middle one of three samples with autograd, and leaves what differs to a pass for every sample."""
        while True:
            try:
                pieces, losses = self._pieces(three, self.ids - self.irregular, planning=True)
                break
            except _Irregular as e:
                self.irregular |= e.args[0]
                self.spread_parameters = [name for name in self.spread_parameters if id(self.parameters[name]) not in self.irregular]
        alone = self._losses(three[[1, 1]])[0]  # beside itself: a model may squeeze() one sample
        self._refuse_coupled(_close(losses[1].detach(), alone.detach()))
        wrong, coupled = self._wrong(self.parameters, pieces, slice(1, 2), alone, losses[1])
        self._refuse_coupled(not coupled)
        self.by_pass = [name for name, p in self.parameters.items() if id(p) in wrong | self.irregular]
        used = {name for name, p in self.parameters.items() if id(p) in pieces and name not in self.by_pass}
        self.spread_parameters = [name for name in self.spread_parameters if name in used]
        self.unused = [p for name, p in self.parameters.items() if name not in used and name not in self.by_pass]
        self.one = {id(p): [Rows(p.new_zeros(()).expand(1, *p.shape))] for p in self.unused}
        for name in used:
            p = id(self.parameters[name])
            self.one[p] = [_map(piece, lambda v: v[1:2].clone()) for piece in pieces[p]]
        if self.by_pass:
            self._choose_pass(three, _gradients(alone, [self.parameters[name] for name in self.by_pass]))

    # A pass for every sample, for parameters without a rule.

    def _choose_pass(self, three, truth):
        """Takes vmap if it gives the right gradients, or else a loop, and says what it costs."""
        scripted = any(isinstance(m, torch.jit.ScriptModule) for m in self.model.modules())  # compiled later, for tensors that are not those of vmap
        ways = [("vmap", self._rows_by_vmap), ("a loop", self._rows_by_loop)]
        for kind, rows in ways[scripted:]:
            start = time.perf_counter()
            try:
                found = rows(three, self.by_pass)
            except Exception:  # whatever vmap does not support
                continue
            if all(_close(found[name][1], want) for name, want in zip(self.by_pass, truth)):
                break
        self.rows_by_pass = rows
        seconds = (time.perf_counter() - start) / 3 * self.n
        layers = {_layer(name): 0 for name in self.by_pass}
        modules = dict(self.model.named_modules())
        names = ", ".join(f"{layer} ({type(modules.get(layer, self.model)).__name__})" for layer in layers)
        print(f"noiseprobe: no rule for {names}: a pass for every sample by {kind}, at most {seconds:.2g} s for {self.n}", file=sys.stderr)

    def _rows_by_vmap(self, index, names):
        wanted = {name: self.parameters[name].detach() for name in names}

        def sample_loss(wanted, x, y):
            x, y = (_each(v, lambda t: t.unsqueeze(0)) for v in (x, y))
            return self.loss(functional_call(self.model, wanted, (x,)), y)[0]

        size = 4 * sum(p.numel() for p in wanted.values())
        rows = []
        with torch.no_grad(), _same_attributes(self.model), warnings.catch_warnings():  # no gradients of the other parameters, no tensors of vmap in the model
            warnings.filterwarnings("ignore", message=".*batching rule")  # that it takes a loop for an operation
            for at in _parts(len(index), self.block // max(1, size)):
                x, y = (_take(v, index[at], self.device) for v in (self.x, self.y))
                rows.append(vmap(grad(sample_loss), (None, 0, 0))(wanted, x, y))
        torch.clear_autocast_cache()  # which now holds weights without a graph
        return {name: torch.cat([r[name] for r in rows]) for name in names}

    def _rows_by_loop(self, index, names):
        parameters = [self.parameters[name] for name in names]
        rows = [_gradients(self._losses(index[i : i + 1])[0], parameters) for i in range(len(index))]
        return {name: torch.stack(of) for name, of in zip(names, zip(*rows))}

    # Going through all samples.

    def _run(self, jobs, empty):
        """What the jobs keep of all samples: pieces for each, in tensors that empty(shape, like) makes."""
        kept = [None] * len(jobs)
        names = [job.name for job in jobs if job.name in self.by_pass]
        hooked = {id(job.parameter) for job in jobs if job.name not in self.by_pass}
        for at in _parts(self.n, self.chunk):
            index = np.arange(self.n)[at]
            pieces, losses = self._pieces(index, hooked)
            self.losses[at] = losses.detach().cpu().double()
            if at.stop == self.n:
                self._verify(pieces, {job.name for job in jobs}.difference(names))
            for name, rows in (self.rows_by_pass(index, names) if names else {}).items():
                pieces[id(self.parameters[name])] = [Rows(_widened(rows))]
            with torch.no_grad(), _exact_products(self.device):
                for j, job in enumerate(jobs):
                    kept[j] = self._put(kept[j], at, _of_job(job, pieces, len(index)), empty)
            self._release()
        return kept

    def _put(self, kept, at, pieces, empty):
        """Stores the pieces of the samples `at`."""
        if kept is None:
            kept = [_map(piece, lambda v: empty((self.n, *v.shape[1:]), v)) for piece in pieces]
        for to, piece in zip(kept, pieces):
            for stored, v in zip(_tensors(to), _tensors(piece)):
                stored[at] = v
        return kept

    def _release(self):
        if self.scratch:
            self.scratch.release()

    def arrays(self, keep):
        """The arrays of the file and its metadata."""
        while True:
            try:
                return self._arrays(keep)
            except _Irregular as e:
                self.irregular |= e.args[0]
            self._compare(np.arange(3) % self.n)

    def _arrays(self, keep):
        layers = {}
        for name, p in self.parameters.items():
            layers.setdefault(_layer(name), []).append((name, p))
        factored = {layer for layer, own in layers.items() if keep in ("auto", "factors") and self._factored(own, keep == "factors")}
        size = sum(_numbers(self.one[id(own[0][1])]) if layer in factored else sum(p.numel() for _, p in own) for layer, own in layers.items())
        if keep == "gram" or keep == "auto" and 4 * self.n * size > SMALL_FILE:
            arrays, about = self._gram_arrays(layers), {}
        else:
            arrays, about = self._gradient_arrays(layers, factored)
        about["parameters"] = {layer: sum(p.numel() for _, p in own) for layer, own in layers.items()}
        about["source"] = f"noiseprobe.py, torch {torch.__version__}"
        return arrays, about

    def _factored(self, own, anyway):
        """Whether the factors of a layer's weight say all about it, and are smaller than rows or wanted anyway."""
        (_, weight), *others = own
        pieces = self.one.get(id(weight), [])
        kinds = {type(piece) for piece in pieces}
        biases = [self.one.get(id(p), []) for _, p in others]
        once = len(pieces) == 1 and (kinds == {OneHot} or kinds == {Patches} and pieces[0].a.shape[1] == 1)
        complete = once or kinds == {Outer}
        biased = not others or len(others) == 1 and len(biases[0]) == len(pieces) and others[0][0].endswith("bias") and kinds != {OneHot}
        return complete and biased and (anyway or _numbers(pieces) < sum(p.numel() for _, p in own))

    def _gradient_arrays(self, layers, factored):
        """Factors and rows."""
        jobs = [Job(name, p, 0, _length(p), layer in factored) for layer, own in layers.items() for name, p in own[: 1 if layer in factored else None]]
        kept = dict(zip((job.name for job in jobs), self._run(jobs, lambda shape, like: torch.empty(shape, dtype=like.dtype))))
        arrays, about = {}, {"bias": {}, "geometry": {}}
        for layer, own in layers.items():
            if layer not in factored:
                rows = [kept[name][0].gradient.reshape(self.n, -1) for name, _ in own]
                arrays[layer + ".gradient"] = torch.cat(rows, 1).float().numpy()
                continue
            pieces = kept[own[0][0]]
            if not isinstance(pieces[0], OneHot):
                about["bias"][layer] = len(own) == 2
            if isinstance(pieces[0], Patches):
                about["geometry"][layer] = {**pieces[0].geometry, "padding": 2 * pieces[0].geometry["padding"]}  # top, left, bottom, right
            arrays.update({f"{layer}.{name}": v for name, v in _factors(pieces).items()})
        return arrays, about

    def _gram_arrays(self, layers):
        """Gram matrices [n, n] in float64."""
        home = torch.device("cpu") if self.device.type == "mps" else self.device  # mps has no float64
        grams = {layer: torch.zeros(self.n, self.n, dtype=torch.float64, device=home) for layer in layers}
        for jobs in _groups(self._jobs(), self._job_bytes, self.memory):
            kept = self._run(jobs, self.scratch.empty if self.scratch else lambda shape, like: like.new_empty(shape))
            with torch.no_grad(), _exact_products(self.device):
                for job, pieces in zip(jobs, kept):
                    length = job.hi if job.whole else pieces[0].gradient.shape[1]
                    _add_gram(grams[_layer(job.name)], pieces, length, self.block, self._release)
            del kept, pieces
        return {layer + ".gram": (g.tril() + g.tril(-1).T).cpu().numpy() for layer, g in grams.items()}

    def _jobs(self):
        """One for each parameter, or several for one whose rows exceed the memory; those that need the hooks first."""
        for name, p in sorted(self.parameters.items(), key=lambda item: item[0] in self.by_pass):
            pieces = self.one.get(id(p))
            whole = pieces is not None and _numbers(pieces) <= p.numel()
            if whole and 4 * self.n * _numbers(pieces) <= self.memory:
                yield Job(name, p, 0, _length(p), True)
                continue
            row = max(1, p.numel() // _length(p))
            for part in _parts(_length(p), self.memory // (4 * self.n * row)):
                yield Job(name, p, part.start, part.stop, False)

    def _job_bytes(self, job):
        """What a job keeps."""
        numbers = _numbers(self.one[id(job.parameter)]) if job.whole else job.parameter.numel() * (job.hi - job.lo) // _length(job.parameter)
        return self.n * numbers * job.parameter.element_size()


def _of_job(job, pieces, samples):
    """The part of the pieces that a job keeps."""
    own = pieces.get(id(job.parameter)) or [Rows(job.parameter.new_zeros(samples, *job.parameter.shape))]
    return own if job.whole else [Rows(_sum_rows(own, job.lo, job.hi))]  # [n, elements of the part]


def _factors(pieces):
    """The arrays of a layer's factors by their suffixes; the positions of several uses follow each other."""
    first = pieces[0]
    if isinstance(first, OneHot):
        found = {"ids": first.ids.long(), "delta": first.delta}
    elif isinstance(first, Patches):
        found = {name: v.squeeze(1).permute(0, 2, 3, 1) for name, v in (("a", first.a), ("delta", first.delta))}
    else:
        found = {name: torch.cat([getattr(piece, name) for piece in pieces], 1) for name in ("a", "delta")}
        found = {name: v.squeeze(1) if v.shape[1] == 1 else v for name, v in found.items()}
    return {name: (v.float() if v.is_floating_point() else v).numpy() for name, v in found.items()}


def _all_factors(pieces):
    """a [n, T, in] and delta [n, T, out] of all uses together."""
    return (torch.cat(v, 1) for v in zip(*(piece.factors() for piece in pieces)))


# Gram matrices, of which only the lower triangle is computed.


def _add_gram(total, pieces, length, budget, release):
    """Adds the inner products of the gradients of n samples to total [n, n]; a block takes up to `budget` bytes, and release() ends it."""
    if len(pieces) == 1 and isinstance(pieces[0], OneHot):
        used, ids = torch.unique(pieces[0].ids, return_inverse=True)
        pieces, length = [OneHot(ids, pieces[0].delta)], len(used)
    one = [_map(piece, lambda v: v[:1]) for piece in pieces]
    if all(isinstance(piece, Outer) for piece in pieces):
        a, delta = _all_factors(one)
        if a.shape[1] ** 2 * (a.shape[2] + delta.shape[2]) <= a.shape[2] * delta.shape[2]:
            return _add_gram_of_positions(total, pieces, a.shape[1], budget)
    n = len(total)
    row = 4 * n * _sum_rows(one, 0, 1).shape[1]
    for part in _parts(length, budget // row):
        rows = _sum_rows(pieces, part.start, part.stop)
        for block in _parts(n, 64):
            total[block.start :, block] += _products(rows[block.start :], rows[block]).to(total)
        release()


def _products(a, b):
    """a b'. On a CPU as a convolution with one position, whose kernels in oneDNN are two or three times as fast as those of a plain BLAS."""
    if a.device.type == "cpu" and a.dtype == torch.float32 and torch.backends.mkldnn.is_available():
        width = 1 if a.shape[1] % 32 else 32
        return F.conv1d(b.unflatten(1, (-1, width)), a.unflatten(1, (-1, width))).squeeze(2).T
    return a @ b.T


def _add_gram_of_positions(total, pieces, positions, budget):
    """The same without forming a gradient: sum over t and u of (a_it . a_ju) (delta_it . delta_ju), for few positions."""
    blocks = _parts(len(total), max(1, int((budget / 8) ** 0.5) // positions))
    for k, i in enumerate(blocks):
        a, delta = (v.flatten(0, 1) for v in _all_factors(_map(piece, lambda v: v[i]) for piece in pieces))
        for j in blocks[: k + 1]:
            b, epsilon = (v.flatten(0, 1) for v in _all_factors(_map(piece, lambda v: v[j]) for piece in pieces))
            products = (a @ b.T).mul_(delta @ epsilon.T)
            total[i, j] += products.view(i.stop - i.start, positions, -1, positions).sum((1, 3)).to(total)


# Draws.

Minibatch = namedtuple("Minibatch", "index seed")  # the seed is that of dropout


def _draw(rng, pairing, population, batch, count):
    """`count` minibatches: one, or the two of noise enhancement."""
    if pairing == "replacement":
        indices = rng.integers(population, size=(count, batch))
    elif pairing == "disjoint":
        indices = rng.choice(population, count * batch, replace=False).reshape(count, batch)
    else:
        indices = [rng.choice(population, batch, replace=False) for _ in range(count)]
    return [Minibatch(index, int(rng.integers(2**31))) for index in indices]


def _effective_batch(pairing, population, batch, alpha):
    """B_eff, the batch of an ordinary minibatch with the covariance of noise enhancement, rounded to samples."""
    f = alpha**2 + (1 - alpha) ** 2
    if pairing == "independent":
        return round(population / (1 + f * (population / batch - 1)))
    return round(batch / f)


class _Trainer:
    """Gradients of minibatches, as lists of tensors."""

    def __init__(self, model, loss, sample, alpha):
        self.model, self.loss, self.sample, self.alpha = model, loss, sample, alpha
        self.parameters = list(_parameters(model).values())
        self.device = self.parameters[0].device
        self.size = sum(p.numel() for p in self.parameters)

    def _losses(self, minibatch):
        torch.manual_seed(minibatch.seed)
        x, y = (_each(v, lambda t: t.to(self.device)) for v in self.sample(minibatch.index))
        return self.loss(self.model(x), y).mean()

    def gradient(self, minibatch):
        return _gradients(self._losses(minibatch), self.parameters)

    def enhanced(self, pair):
        return _gradients(enhance(*map(self._losses, pair), self.alpha), self.parameters)

    def pair(self, first, second):
        """The squared norms of the noises of B, of B' and of both enhanced, from two pairs of minibatches. At most four gradients are held."""
        x, prime, enhanced = self.gradient(first[0]), self.gradient(first[1]), self.enhanced(first)
        error = self._update_error(x, prime, enhanced)
        _subtract(x, self.gradient(second[0]))
        _subtract(prime, self.gradient(second[1]))
        _subtract(enhanced, self.enhanced(second))
        return {
            "norm_sq": _dot(x, x) / 2, "prime_norm_sq": _dot(prime, prime) / 2, "cross": _dot(x, prime) / 2,
            "enhanced_norm_sq": _dot(enhanced, enhanced) / 2, "update_error": error,
        }

    def single(self, first, second):
        """The squared norm of the noise of one minibatch, from two."""
        x = self.gradient(first)
        _subtract(x, self.gradient(second))
        return _dot(x, x) / 2

    def _update_error(self, x, prime, enhanced):
        """|got - want| / |want| of the trainer's gradient, want = alpha g + (1 - alpha) g'."""
        difference = norm = 0.0
        for g, h, got in zip(x, prime, enhanced):
            want = self.alpha * _double(g) + (1 - self.alpha) * _double(h)
            difference += (_double(got) - want).square().sum().item()
            norm += want.square().sum().item()
        return (difference / norm) ** 0.5 if difference else 0.0


def _subtract(x, other):
    for v, w in zip(x, other):
        v.sub_(w)


def _dot(x, y):
    """The inner product, in float64."""
    return sum((_double(v) * _double(w)).sum().item() for v, w in zip(x, y))


def _double(v):
    """As float64, which Apple's GPUs do not have."""
    return (v.cpu() if v.device.type == "mps" else v).double()


# The model as it was, and errors.


def _unwrapped(model):
    """The model inside of DataParallel, DistributedDataParallel and torch.compile, in any order."""
    if isinstance(model, (nn.DataParallel, nn.parallel.DistributedDataParallel)):
        return _unwrapped(model.module)
    return _unwrapped(model._orig_mod) if hasattr(model, "_orig_mod") else model


@contextlib.contextmanager
def _undisturbed(model, frozen=False):
    """Leaves modes, buffers, attributes and the state of the random numbers as they are now; frozen is eval() meanwhile."""
    values = [(b, b.detach().clone()) for b in model.buffers()]
    devices = range(torch.cuda.device_count()) if torch.cuda.is_initialized() else []
    try:
        with torch.random.fork_rng(devices), torch.inference_mode(False), torch.enable_grad(), _kernels(model), _same_attributes(model):
            torch.clear_autocast_cache()
            if frozen:
                model.eval()
            yield
    finally:
        torch.clear_autocast_cache()
        with torch.no_grad():
            for b, value in values:
                if not torch.equal(b, value):
                    b.copy_(value)


@contextlib.contextmanager
def _kernels(model):
    """Without cuDNN for recurrent layers, which has no backward pass for them in eval(), and with modules that torch.compile has compiled as they are
    written, since they call no hooks."""
    with contextlib.ExitStack() as stack:
        if any(isinstance(m, nn.RNNBase) for m in model.modules()):
            stack.enter_context(torch.backends.cudnn.flags(enabled=False))
        if hasattr(torch, "compiler") and hasattr(torch.compiler, "set_stance"):
            stack.enter_context(torch.compiler.set_stance("force_eager"))
        yield


@contextlib.contextmanager
def _same_attributes(model):
    """Leaves modes, buffers and attributes of all modules the objects that they are now."""
    before = [(m, m.training, dict(m._buffers), dict(vars(m))) for m in model.modules()]
    try:
        yield
    finally:
        for m, training, buffers, attributes in before:
            vars(m).clear()
            vars(m).update(attributes)
            m.training = training
            for name, b in buffers.items():
                m._buffers[name] = b


def _refuse_modules(model, parameters):
    for name, p in parameters.items():
        if nn.parameter.is_lazy(p):
            raise ValueError(f"{name}: has no shape yet: call the model on some samples first")
        if p.is_complex():
            raise ValueError(f"{name}: a complex parameter: keep its real and imaginary part, torch.view_as_real(p), as the parameter")
    for name, m in model.named_modules():
        if isinstance(m, BATCH_NORM) and (m.training or m.running_mean is None):
            remedy = "call model.eval(), or record with frozen=True" if m.running_mean is not None else "it has no running statistics: use GroupNorm"
            raise ValueError(f"{name}: batch normalisation over the minibatch, in which a sample has no gradient of its own: {remedy}")
        if getattr(m, "max_norm", None) is not None or getattr(m, "scale_grad_by_freq", False):
            raise ValueError(f"{name}: max_norm changes weights in a forward pass, and scale_grad_by_freq couples samples: set None and False meanwhile")


def _refuse_checkpoints(losses):
    """Refuses torch.utils.checkpoint as it was at first, which keeps the parameters inside from torch.autograd.grad."""
    seen, nodes = set(), [losses.grad_fn]
    while nodes:
        node = nodes.pop()
        if node is not None and node not in seen:
            seen.add(node)
            nodes += [before for before, _ in node.next_functions]
            if node.name().startswith("CheckpointFunction"):
                raise ValueError("activation checkpoints: call torch.utils.checkpoint with use_reentrant=False, or record without them")


def _refuse_infinite(arrays):
    """Refuses samples whose loss or gradient is not finite."""
    for name, a in arrays.items():
        numbers = np.diagonal(a)[:, None] if name.endswith(".gram") else a.reshape(len(a), -1)
        bad = np.flatnonzero(~np.isfinite(numbers).all(1))
        if len(bad):
            raise ValueError(f"sample {bad[0]} of x, from 0: its {name} is not finite ({len(bad)} such of {len(a)}): leave these samples out")


def _is_half(value):
    return torch.is_autocast_enabled() or torch.is_autocast_cpu_enabled() or value.dtype in (torch.float16, torch.bfloat16)


def _tolerances(value):
    """What tells a wrong number from one that is rounded: a part of itself, and a part of the largest number in the sums that lead to it."""
    return (0.1, 1e-3) if _is_half(value) else (0.01, 1e-6)


def _close(got, want):
    return got.shape == want.shape and _largest(got - want) <= _tolerances(want)[0] * _largest(want)


def _largest(value):
    return value.abs().max().item()


# Tensors and trees of tensors.


def _derivatives(loss, tensors):
    """The derivatives of one number, None by what it does not depend on. The graph can be used again."""
    return torch.autograd.grad(loss, tensors, allow_unused=True, retain_graph=True) if tensors else []


def _dense(g, v):
    """The derivative by v, zero for None."""
    return torch.zeros_like(v) if g is None else g.to_dense() if g.is_sparse else g


def _gradients(loss, parameters):
    return [_dense(g, p) for g, p in zip(_derivatives(loss, parameters), parameters)]


def _widened(value):
    """Half precision as float32; other dtypes as they are."""
    return value.float() if value.dtype in (torch.float16, torch.bfloat16) else value


@contextlib.contextmanager
def _exact_products(device):
    """No autocast, and no TensorFloat-32."""
    precision, cudnn = torch.get_float32_matmul_precision(), torch.backends.cudnn
    flags = {name: getattr(cudnn, name) for name in ("enabled", "benchmark", "deterministic")}
    torch.set_float32_matmul_precision("highest")
    try:
        with _without_autocast(device), cudnn.flags(**flags, allow_tf32=False):
            yield
    finally:
        torch.set_float32_matmul_precision(precision)


def _without_autocast(device):
    try:
        return torch.autocast(device.type, enabled=False)
    except RuntimeError:  # this version has none for the device, such as "mps"
        return contextlib.nullcontext()


def _half_of_free(device):
    return torch.cuda.mem_get_info(device)[0] // 2 if device.type == "cuda" else 1 << 30


class _Scratch:
    """Tensors in temporary files, whose pages leave the memory of the process when they are released."""

    def __init__(self, folder):
        self.folder, self.limit = folder, max(1 << 30, shutil.disk_usage(folder).free // 2)
        self.maps = weakref.WeakSet()

    def empty(self, shape, like):
        size = int(np.prod(shape)) * like.element_size()
        if size < 1 << 20:
            return like.new_empty(shape)
        with tempfile.TemporaryFile(dir=self.folder) as f:
            f.truncate(size)
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(f.fileno(), 0, size)  # a full disk is an error here, and not a crash later
            pages = mmap.mmap(f.fileno(), size)
        self.maps.add(pages)
        return torch.frombuffer(pages, dtype=like.dtype).view(shape)

    def release(self):
        for pages in self.maps if hasattr(mmap, "MADV_DONTNEED") else []:
            pages.madvise(mmap.MADV_DONTNEED)


def _each(tree, do):
    """A tensor, or a tuple, list or dictionary of tensors, with do applied to each. Arrays become tensors; other values stay."""
    if isinstance(tree, Mapping):
        return {key: _each(v, do) for key, v in tree.items()}
    if isinstance(tree, (tuple, list)):
        parts = [_each(v, do) for v in tree]
        return type(tree)(*parts) if hasattr(tree, "_fields") else type(tree)(parts)
    if isinstance(tree, np.ndarray):
        tree = torch.from_numpy(tree)
    return do(tree) if torch.is_tensor(tree) else tree


def _take(tree, index, device):
    """Samples of every tensor."""
    return _each(tree, lambda v: v[torch.from_numpy(index).to(v.device)].to(device))


def _count(*trees):
    """The number of samples."""
    counts = set()
    _each(trees, lambda v: counts.add(v.shape[0] if v.dim() else None))
    if not counts:
        raise ValueError("x holds no tensor: its first axis is the samples")
    if len(counts) > 1 or None in counts:
        raise ValueError(f"x and y hold tensors of different lengths ({', '.join(map(str, counts))}): the first axis of each is the samples")
    return counts.pop()


def _parameters(model):
    """The parameters that are trained, by their names; not those without elements."""
    found = {name: p for name, p in model.named_parameters() if p.requires_grad and (nn.parameter.is_lazy(p) or p.numel())}
    if not found:
        raise ValueError("the model has no parameters with requires_grad: there is nothing to record")
    return found


def _ids(module):
    """The ids of a module's own parameters."""
    return {id(p) for p in module._parameters.values()}


def _random_state(device):
    return torch.cuda.get_rng_state(device) if device.type == "cuda" else torch.get_rng_state()


def _layer(name):
    """The layer of a parameter, that is the module that owns it."""
    return name.rpartition(".")[0] or "model"


def _groups(items, size, limit):
    """Lists of successive items of at most `limit` together; an item beyond it is alone."""
    group, total = [], 0
    for item in items:
        if group and total + size(item) > limit:
            yield group
            group, total = [], 0
        group.append(item)
        total += size(item)
    if group:
        yield group


def _parts(length, step):
    """Slices of 0:length of at most `step`, and as equal as they can be."""
    count = -(-length // max(1, step))
    bounds = [length * i // max(1, count) for i in range(count + 1)]
    return [slice(lo, hi) for lo, hi in zip(bounds, bounds[1:])]


# Files.

DTYPES = {"float32": "F32", "float64": "F64", "int64": "I64"}


def write_safetensors(path, arrays, metadata):
    """Writes NumPy arrays by name, and metadata, strings by name: eight bytes of length, a JSON header, the data. The file appears whole or not at all."""
    arrays = {name: np.ascontiguousarray(a, dtype=a.dtype.newbyteorder("<")) for name, a in arrays.items()}
    arrays = dict(sorted(arrays.items(), key=lambda item: -item[1].itemsize))  # each aligned to its elements
    if "schema" in metadata:
        metadata = {**metadata, "checksum": _checksum(arrays, metadata)}
    header, at = {"__metadata__": metadata}, 0
    for name, a in arrays.items():
        header[name] = {"dtype": DTYPES[a.dtype.name], "shape": list(a.shape), "data_offsets": [at, at + a.nbytes]}
        at += a.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    temporary = f"{path}.{os.getpid()}.tmp"
    try:
        with open(temporary, "wb") as f:
            f.write(struct.pack("<Q", len(text)) + text)
            for a in arrays.values():
                f.write(memoryview(a).cast("B") if a.size else b"")
            f.flush()
            os.fsync(f.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.remove(temporary)
        raise


def _checksum(arrays, metadata):
    """That of noiseprobe's own files: SHA-256 of the contents, sorted by name and with every length before what it measures."""
    h = hashlib.sha256()

    def number(n):
        h.update(struct.pack("<Q", n))

    def text(s):
        number(len(s.encode()))
        h.update(s.encode())

    number(len(metadata))
    for key in sorted(metadata):
        text(key)
        text(metadata[key])
    number(len(arrays))
    for name in sorted(arrays):
        text(name)
        text(DTYPES[arrays[name].dtype.name])
        number(arrays[name].ndim)
        for size in arrays[name].shape:
            number(size)
        h.update(arrays[name].tobytes())
    return "sha256:" + h.hexdigest()
