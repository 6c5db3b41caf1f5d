"""Trains a small network on Fashion-MNIST with gradient accumulation and logs squared gradient norms for `noiseprobe noise-scale`:

    noiseprobe run -model '[64],[32]' -data embedded -optimizer sgd -lr 0.01 -batch 128 -alpha 1 -steps 400 -norms -out same
    python3 log_norms.py FASHION_MNIST_DIR same/checkpoints/000000/weights.safetensors norms.csv [SEED]

with pytorch/noiseprobe.py on the path. It does what the run did, from the same weights and on the same images, with other minibatches. Prints what the
per-sample gradients of all images say at four steps.
"""

import gzip
import os
import sys

import numpy as np
import torch
from functorch import grad, make_functional, vmap

import noiseprobe
from reference import read_safetensors

MICRO, MICRO_BATCHES, STEPS = 16, 8, 400


def read(folder, name, offset):
    with gzip.open(os.path.join(folder, name + ".gz"), "rb") as f:
        return np.frombuffer(f.read(), np.uint8, offset=offset)


def images(folder):
    """The first 1,000 training images of each class."""
    x, y = read(folder, "train-images-idx3-ubyte", 16).reshape(-1, 784), read(folder, "train-labels-idx1-ubyte", 8)
    first = np.sort(np.concatenate([np.flatnonzero(y == c)[:1000] for c in range(10)]))
    return torch.from_numpy(x[first].astype(np.float32) / 255), torch.from_numpy(y[first].astype(np.int64))


def network(weights):
    model = torch.nn.Sequential()
    for name, inputs, outputs in [("dense1", 784, 64), ("dense2", 64, 32), ("output", 32, 10)]:
        model.add_module(name, torch.nn.Linear(inputs, outputs))
        if name != "output":
            model.add_module(name + "_relu", torch.nn.ReLU())
    model.load_state_dict(read_safetensors(weights))
    return model


def norm_sq(model):
    return sum(p.grad.double().pow(2).sum() for p in model.parameters() if p.grad is not None).item()


def exact(model, x, y):
    """tr Sigma (divisor n - 1) and the squared norm of the mean gradient of all samples."""
    f, parameters = make_functional(model)
    parameters = tuple(p.detach() for p in parameters)
    gradients = vmap(grad(lambda p, x, y: torch.nn.functional.cross_entropy(f(p, x[None]), y[None])), (None, 0, 0))
    total, squares = 0, 0
    for part, labels in zip(x.split(100), y.split(100)):
        g = torch.cat([v.reshape(len(part), -1) for v in gradients(parameters, part, labels)], 1).double()
        total, squares = total + g.sum(0), squares + (g**2).sum().item()
    n, mean = len(x), total / len(x)
    signal = (mean @ mean).item()
    return (squares - n * signal) / (n - 1), signal


def main(folder, weights, path, seed=1):
    torch.manual_seed(int(seed))
    torch.set_num_threads(1)
    x, y = images(folder)
    model = network(weights)
    loss = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    batches, whole = iter(()), MICRO * MICRO_BATCHES
    for step in range(STEPS):
        if step % 100 == 0:
            trace, signal = exact(model, x, y)
            print(f"step {step}: tr Sigma {trace:.4g}, |grad L|^2 {signal:.4g}, noise scale {trace / signal:.4g}")
        index = next(batches, None)
        if index is None:  # a new epoch
            batches = iter(torch.randperm(len(x))[: len(x) // whole * whole].split(whole))
            index = next(batches)
        optimizer.zero_grad()
        for j, micro in enumerate(index.split(MICRO)):
            (loss(model(x[micro]), y[micro]) / MICRO_BATCHES).backward()
            if j == 0:
                small = MICRO_BATCHES**2 * norm_sq(model)
        noiseprobe.log(path, step, MICRO, small, whole, norm_sq(model))
        optimizer.step()


if __name__ == "__main__":
    main(*sys.argv[1:])
