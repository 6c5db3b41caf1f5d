"""Trains a small network with gradient accumulation and logs squared gradient norms for `noiseprobe noise-scale`.

python3 log_norms.py norms.csv, with pytorch/noiseprobe.py on the path. Prints what the per-sample gradients of all samples say at two steps.
"""

import sys

import torch
from functorch import grad, make_functional, vmap

import noiseprobe

SAMPLES, MICRO, MICRO_BATCHES = 4000, 16, 8


def norm_sq(model):
    return sum(p.grad.double().pow(2).sum() for p in model.parameters() if p.grad is not None).item()


def exact(model, x, y):
    """tr Sigma (divisor n - 1) and the squared norm of the mean gradient of all samples."""
    f, parameters = make_functional(model)
    loss = lambda p, x, y: torch.nn.functional.cross_entropy(f(p, x[None]), y[None])
    g = vmap(grad(loss), (None, 0, 0))(tuple(p.detach() for p in parameters), x, y)
    g = torch.cat([v.reshape(len(x), -1) for v in g], 1).double()
    mean = g.mean(0)
    return ((g - mean) ** 2).sum().item() / (len(x) - 1), (mean @ mean).item()


def main(path):
    torch.manual_seed(1)
    torch.set_num_threads(1)
    teacher = torch.randn(20, 5)
    x = torch.randn(SAMPLES, 20)
    y = (x @ teacher + 2 * torch.randn(SAMPLES, 5)).argmax(1)
    model = torch.nn.Sequential(torch.nn.Linear(20, 32), torch.nn.ReLU(), torch.nn.Linear(32, 5))
    loss = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    for step in range(400):
        if step % 100 == 0:
            trace, signal = exact(model, x, y)
            print(f"step {step}: tr Sigma {trace:.4g}, |grad L|^2 {signal:.4g}, noise scale {trace / signal:.4g}")
        index = torch.randint(SAMPLES, (MICRO_BATCHES, MICRO))
        optimizer.zero_grad()
        for j in range(MICRO_BATCHES):
            (loss(model(x[index[j]]), y[index[j]]) / MICRO_BATCHES).backward()
            if j == 0:
                small = MICRO_BATCHES**2 * norm_sq(model)
        noiseprobe.log(path, step, MICRO, small, MICRO * MICRO_BATCHES, norm_sq(model))
        optimizer.step()


if __name__ == "__main__":
    main(sys.argv[1])
